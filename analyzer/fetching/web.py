"""Asking a server, politely: one request at a time, not too often, again after a while where it is busy.

Retries are `tenacity`'s, around the whole answer and not only its headers, for an answer may also break off in
the middle. Bodies are taken as they come over the wire, with no content coding undone, so that what is kept is
what the server sent.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar
from urllib.parse import urljoin, urlsplit

from analyzer import __version__

if TYPE_CHECKING:
    import requests
    from tenacity import RetryCallState

AGENT = f"candidacy-analyzer/{__version__} (reads one mailing-list archive that its user names)"
# How often one file is asked for, and the seconds of patience between: 2, 4, 8, 16, unless the server says more.
TRIES = 5
BACKOFF = 2.0
LONGEST_BACKOFF = 120.0
# A server that wants to be left alone for longer is left alone; the user runs the command again.
LONGEST_WAIT = 600.0
TIMEOUT = (20.0, 60.0)  # seconds to connect, and between two pieces of an answer
LONGEST_ANSWER = 1800.0
REDIRECTS = 5
MAX_PAGE = 8 << 20
MAX_FILE = 1 << 30
BLOCK = 1 << 16

_BUSY = frozenset([408, 425, 429, 500, 502, 503, 504])
_ELSEWHERE = frozenset([301, 302, 303, 307, 308])
_LOOPBACK = frozenset(["localhost", "127.0.0.1", "::1"])

T = TypeVar("T")


class Failed(Exception):
    """Something that could not be fetched: `reason` is one line.

    Attributes
    ----------
    again : whether asking again may help.
    wait : for how many seconds the server wants to be left alone.
    """

    def __init__(self, reason: str, *, again: bool = False, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, and how to wait."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: `url` after redirects, and what tells whether a file changed since (RFC 9110, section 8.8).

    `framed` says that the server told where the body ends, so that a body cut short would have been noticed.
    """

    url: str
    unchanged: bool = False
    etag: str | None = None
    last_modified: str | None = None
    framed: bool = True


class Web:
    """One site, asked at most `rate` times a second.

    Parameters
    ----------
    home : the URL the user named; only its site is ever asked.
    token : is sent to the very host of `home`, and to no other.
    timeout : seconds to connect, and between two pieces of an answer.
    """

    def __init__(
        self,
        home: str,
        *,
        rate: float,
        clock: Clock,
        token: str | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        import requests

        self._home = home
        self._interval = 1 / rate
        self._clock = clock
        self._token = token
        self._timeout = timeout
        self._next = clock.monotonic()
        self._session = requests.Session()
        # No coding that would have to be undone: a file is to come as it lies there.
        self._session.headers.update({"User-Agent": AGENT, "Accept-Encoding": "identity"})

    def tried(self, action: Callable[[], T]) -> T:
        """Do something that asks the server, again while that may help; raises the last `Failed`."""
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

        backoff = wait_exponential(multiplier=BACKOFF, max=LONGEST_BACKOFF)

        def patience(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            return max(backoff(state), error.wait if isinstance(error, Failed) else 0.0)

        retrying = Retrying(
            sleep=self._clock.sleep,
            stop=stop_after_attempt(TRIES),
            wait=patience,
            retry=retry_if_exception(lambda error: isinstance(error, Failed) and error.again),
            reraise=True,
        )
        return retrying(action)

    def page(self, url: str, params: Mapping[str, str] | None = None) -> tuple[bytes, str]:
        """Return a page and its URL after redirects."""

        def once() -> tuple[bytes, str]:
            body = io.BytesIO()
            answer = self.download(url, body, params=params, limit=MAX_PAGE)
            return body.getvalue(), answer.url

        return self.tried(once)

    def json(self, url: str, params: Mapping[str, str] | None = None) -> Any:
        """Return what a page of JSON says."""
        body, _ = self.page(url, params)
        try:
            return json.loads(body)
        except ValueError:
            raise Failed("no JSON in the answer") from None

    def download(
        self,
        url: str,
        into: BinaryIO,
        *,
        params: Mapping[str, str] | None = None,
        known: Answer | None = None,
        limit: int = MAX_FILE,
    ) -> Answer:
        """Ask once, following redirects within the site, and write the body, byte for byte.

        Parameters
        ----------
        known : what came the last time; the server is asked to send the file only if it changed.
        limit : bytes.

        Raises
        ------
        Failed
            If nothing came, or not all of it, or too much.
        """
        import requests
        from urllib3.exceptions import HTTPError

        headers = {}
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        if known and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        try:
            for _ in range(REDIRECTS + 1):
                self._check(url)
                self._pause()
                with self._session.get(
                    url,
                    params=params,
                    headers=headers,
                    auth=self._signed,
                    stream=True,
                    allow_redirects=False,
                    timeout=self._timeout,
                ) as response:
                    location = response.headers.get("Location")
                    if response.status_code in _ELSEWHERE and location:
                        url, params = self._followed(response.url, location), None
                        continue
                    return self._received(response, into, limit, conditional=bool(headers))
            raise Failed(f"more than {REDIRECTS} redirects")
        except requests.exceptions.SSLError as error:
            raise Failed(f"no secure connection: {_short(error)}") from error
        except requests.exceptions.Timeout as error:
            raise Failed("no answer in time", again=True) from error
        except requests.exceptions.ConnectionError as error:
            raise Failed(f"no connection: {_short(error)}", again=True) from error
        except HTTPError as error:
            raise Failed(f"the answer broke off: {_short(error)}", again=True) from error
        except (requests.exceptions.RequestException, ValueError) as error:
            raise Failed(f"cannot be asked for: {_short(error)}") from error

    def _received(
        self, response: requests.Response, into: BinaryIO, limit: int, *, conditional: bool
    ) -> Answer:
        status = response.status_code
        headers = response.headers
        etag, last_modified = headers.get("ETag"), headers.get("Last-Modified")
        if status == HTTPStatus.NOT_MODIFIED and conditional:
            return Answer(response.url, True, etag, last_modified)
        if status != HTTPStatus.OK:
            raise self._refusal(response)
        length = headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > limit:
            raise Failed(f"{int(length):,} bytes, more than {limit >> 20} MiB")
        size = 0
        ends = self._clock.monotonic() + LONGEST_ANSWER
        while block := response.raw.read1(BLOCK, decode_content=False):
            size += len(block)
            if size > limit:
                raise Failed(f"more than {limit >> 20} MiB")
            if self._clock.monotonic() > ends:
                raise Failed(f"not all of it in {LONGEST_ANSWER / 60:.0f} minutes")
            into.write(block)
        framed = bool(length) or "chunked" in headers.get("Transfer-Encoding", "").lower()
        return Answer(response.url, False, etag, last_modified, framed)

    def _refusal(self, response: requests.Response) -> Failed:
        status = response.status_code
        reason = f"{status} {response.reason or ''}".rstrip()
        if "json" in response.headers.get("Content-Type", ""):
            # The interfaces of list servers say in a word what they mind.
            try:
                said = json.loads(response.raw.read(BLOCK, decode_content=True))
                reason += f" ({said['type']})" if isinstance(said["type"], str) else ""
            except (ValueError, LookupError, TypeError):
                pass
        if status not in _BUSY:
            return Failed(reason)
        wait = self._wish(response.headers.get("Retry-After"))
        if wait > LONGEST_WAIT:
            return Failed(f"{reason}: the server wants to be left alone for {wait:.0f} seconds", wait=wait)
        return Failed(reason, again=True, wait=wait)

    def _wish(self, value: str | None) -> float:
        """Return the seconds that a Retry-After asks for (RFC 9110, section 10.2.3): a number, or a date."""
        if not value:
            return 0.0
        if value.strip().isdecimal():
            return float(value)
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return 0.0
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - self._clock.now()).total_seconds())

    def _pause(self) -> None:
        left = self._next - self._clock.monotonic()
        if left > 0:
            self._clock.sleep(left)
        self._next = self._clock.monotonic() + self._interval

    def _signed(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Said for every request, so that no password of a .netrc file is sent in its place.
        if self._token and urlsplit(request.url or "").netloc == urlsplit(self._home).netloc:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _check(self, url: str) -> None:
        there, home = urlsplit(url), urlsplit(self._home)
        if there.scheme not in ("http", "https"):
            raise Failed(f"leads to {there.scheme or 'nowhere'}:, which is not fetched")
        if home.scheme == "https" and there.scheme == "http":
            raise Failed(f"leads from https to http, to {url}")
        if not same_site(there.hostname or "", home.hostname or ""):
            raise Failed(f"leads to another site, {there.hostname}: name its URL if you trust it")

    def _followed(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        self._check(target)
        return target


def same_site(one: str, other: str) -> bool:
    """Return whether two host names are the same, or one is below the other.

    Examples
    --------
    >>> same_site("lists.tarnfold.example", "tarnfold.example"), same_site("tarnfold.example", "example")
    (True, False)
    """
    short, long = sorted([one.lower(), other.lower()], key=len)
    return short == long or ("." in short and not short[-1].isdecimal() and long.endswith("." + short))


def is_safe(url: str) -> bool:
    """Return whether what is sent there cannot be overheard."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in _LOOPBACK


def _short(error: BaseException) -> str:
    """Return the innermost reason of a library's error, in one line."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__ or next(iter(error.args), None)
        if not isinstance(inner, BaseException):
            break
        error = inner
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:159] + "…"
