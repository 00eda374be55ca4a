"""Fetching list archives: what the server sent, byte for byte, into a folder that `candidacy analyze` reads.

Why not Perceval, which fetches the same archives and could be run as its own process: measured with its version
1.6.1 on a server of ours, one month that broke off ended the run, left an empty file under the month's own name
and the exit code 0; every run fetched every month anew (it sends no validators); its pipermail and groups.io
backends send one request right after the other, with no retry and no regard for ``Retry-After``; and the password
for groups.io goes on the command line and into the URL. What is left to do is asking for files, which `requests`
and `tenacity` do well.

`robots.txt` is not consulted: it speaks to programs that wander, and this one asks for the files of one archive
that a person named, one at a time, under its own name.
"""

from __future__ import annotations

import contextlib
import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

from analyzer.errors import FetchError, UserError
from analyzer.fetching.archives import TOKEN, Archive, Kind, Wanted, archive, checked_token
from analyzer.fetching.folder import Folder, Kept, finished
from analyzer.fetching.web import BLOCK, LONGEST_WAIT, TIMEOUT, Clock, Failed, Web
from analyzer.records import Record

__all__ = ["RATE", "TOKEN", "Clock", "Failure", "Fetched", "fetch"]

#: Requests a second.
RATE = 1.0
# A month that has been over for so long gets no more mail, where the server cannot say whether it changed.
SETTLED = timedelta(days=7)
# After so many files in a row that a server did not give although it was asked time and again, it is left alone.
PATIENCE = 3
MAX_UNPACKED = 8 << 30

_GZIP = b"\x1f\x8b"
_ZIP = b"PK"
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]{1,80})", re.IGNORECASE)
_NUMBER = re.compile(rb"X-Groupsio-MsgNum: *(\d{1,12})\s*", re.IGNORECASE)


class Failure(Record):
    """A file that did not come, and why."""

    name: str
    url: str
    reason: str


class Fetched(Record):
    """What became of every file of an archive: names in `folder`.

    `fetched` came now, `bytes` together; `present` were here already and have not changed; for `empty` the server
    has no mail.
    """

    archive: str
    kind: Kind
    folder: str
    fetched: list[str]
    bytes: int
    present: list[str]
    empty: list[str]
    failed: list[Failure]


Observer = Callable[[str], None]


def fetch(
    url: str,
    folder: Path,
    *,
    since: date | None = None,
    rate: float = RATE,
    token: str | None = None,
    clock: Clock | None = None,
    timeout: tuple[float, float] = TIMEOUT,
    progress: Callable[[str, int, int | None], None] = lambda step, done, total: None,
    observe: Observer | None = None,
) -> Fetched:
    """Fetch an archive into a folder, or what is new of it.

    Parameters
    ----------
    url : any page of the archive.
    since : leave out what is wholly before this day; files stay whole.
    rate : requests a second, at most.
    token : for groups.io, an API key.
    observe : is told in one line what became of each file, as soon as that is known.

    Raises
    ------
    UserError
        If the URL is of no archive, the folder is of another one or cannot be written, or a library is missing.
    FetchError
        If the archive's own page does not come. A file that does not come is reported in what is returned.
    """
    try:
        import requests  # noqa: F401
        import tenacity  # noqa: F401
    except ImportError as error:
        raise UserError(
            f"fetching needs {error.name}, which is not installed: pip install 'candidacy-analyzer[fetch]'"
        ) from None
    found = archive(url)
    clock = clock or Clock()
    web = Web(found.home, rate=rate, clock=clock, token=checked_token(found, token), timeout=timeout)
    room = Folder(folder, found.home)
    progress("asking what there is", 0, None)
    try:
        wanted = found.wanted(web, room, since, clock.now().date())
    except Failed as error:
        raise FetchError(f"{found.home}: {error.reason}") from error
    result = Fetched(
        archive=found.home, kind=found.kind, folder=str(folder), fetched=[], bytes=0, present=[], empty=[], failed=[]
    )
    given_up: str | None = None
    in_a_row = 0
    for index, item in enumerate(wanted):
        progress("fetching", index, len(wanted))
        try:
            if given_up:
                raise Failed(given_up)
            with room.writing():
                line = _fetched(item, found, web, room, clock, result)
            in_a_row = 0
        except Failed as error:
            in_a_row = in_a_row + 1 if error.again else 0
            if error.wait > LONGEST_WAIT:
                given_up = "not asked for, since the server wants to be left alone"
            elif in_a_row == PATIENCE:
                given_up = f"not asked for, since {PATIENCE} files in a row did not come"
            result.failed.append(Failure(name=item.name, url=item.url, reason=error.reason))
            line = f"failed: {error.reason}"
        if observe:
            observe(f"{item.name}: {line}")
    return result


def _fetched(
    item: Wanted, found: Archive, web: Web, room: Folder, clock: Clock, result: Fetched
) -> str:
    """Fetch a file, unless it is here and unchanged; add it to the result, and say what became of it."""
    if item.problem:
        raise Failed(item.problem)
    held = room.held(item.name)
    if held and not (held.etag or held.last_modified) and item.last and (held.fetched.date() - item.last) >= SETTLED:
        (result.present if held.sha256 else result.empty).append(item.name)
        return "here already"
    with room.part() as (path, stream):

        def once() -> tuple[Kept, bool]:
            stream.seek(0)
            stream.truncate()
            answer = web.download(item.url, stream, params=item.params, known=held.answer if held else None)
            if answer.unchanged and held:
                return held, False
            sha256 = finished(stream)
            try:
                holds, highest = _inspected(path, found.kind)
            except Failed as error:
                # Damaged on its way, or on the server? Where the way is sure, it is not asked for again.
                error.again = not answer.framed
                raise
            kept = Kept(
                url=item.url,
                etag=answer.etag,
                last_modified=answer.last_modified,
                sha256=sha256 if holds else None,
                fetched=clock.now(),
                highest=highest,
            )
            return kept, True

        kept, came = web.tried(once)
        if not came:
            (result.present if kept.sha256 else result.empty).append(item.name)
            return "unchanged"
        if kept.sha256 is None:
            # What came earlier stays, should a month have lost its mail since.
            if held is None or held.sha256 is None:
                room.keep(item.name, kept, None)
            (result.present if held and held.sha256 else result.empty).append(item.name)
            return "no mail"
        if room.is_foreign(item.name, kept.sha256):
            raise Failed(f"another file of this name lies in {room.path}: move it away")
        same = held is not None and held.sha256 == kept.sha256
        size = path.stat().st_size
        room.keep(item.name, kept, path)
        if item.replaces:
            room.drop(item.replaces)
        if same:
            result.present.append(item.name)
            return "unchanged"
        result.fetched.append(item.name)
        result.bytes += size
        return f"{size:,} bytes"


def _inspected(path: Path, kind: Kind) -> tuple[bool, int | None]:
    """Look at a file that came: whether mail is in it, and the highest number of a message if they have any.

    Raises
    ------
    Failed
        If it is no mailbox, or not whole.
    """
    with path.open("rb") as stream:
        head = stream.read(1024)
        stream.seek(0)
        if not head:
            raise Failed("an empty answer")
        if kind == "groupsio":
            if not head.startswith(_ZIP):
                raise Failed(_instead(head, "a zip file"))
            return _inspected_zip(stream)
        packed = head.startswith(_GZIP)
        try:
            with _unpacked(stream, packed) as mailbox:
                size = 0
                start = b""
                while block := mailbox.read(BLOCK):
                    start = start or block.lstrip()[:1024]
                    size += len(block)
                    if size > MAX_UNPACKED:
                        raise Failed(f"unpacks to more than {MAX_UNPACKED >> 30} GiB")
        except (OSError, EOFError, zlib.error) as error:
            raise Failed(f"a damaged gzip file ({error})") from error
    if start and not start.startswith(b"From "):
        raise Failed(_instead(start, "a mailbox"))
    if not start and not packed:
        raise Failed("an empty answer")
    return bool(start), None


@contextlib.contextmanager
def _unpacked(stream: BinaryIO, packed: bool) -> Iterator[BinaryIO | gzip.GzipFile]:
    if packed:
        with gzip.GzipFile(fileobj=stream, mode="rb") as unpacked:
            yield unpacked
    else:
        yield stream


def _inspected_zip(stream: BinaryIO) -> tuple[bool, int | None]:
    """Read a zip to its end, which compares its checksums, and return the highest message number in it."""
    holds = False
    highest = 0
    try:
        with zipfile.ZipFile(stream) as packed:
            if sum(member.file_size for member in packed.infolist()) > MAX_UNPACKED:
                raise Failed(f"unpacks to more than {MAX_UNPACKED >> 30} GiB")
            for member in packed.infolist():
                with packed.open(member) as mailbox:
                    while line := mailbox.readline(BLOCK):
                        holds = holds or not line.isspace()
                        if match := _NUMBER.fullmatch(line):
                            highest = max(highest, int(match[1]))
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise Failed(f"a damaged zip file ({error})") from error
    except (NotImplementedError, RuntimeError) as error:
        raise Failed(f"a zip file that cannot be read ({error})") from error
    return holds, highest or None


def _instead(head: bytes, wanted: str) -> str:
    """Say what came instead of a mailbox."""
    if head.lstrip()[:1] == b"<":
        title = _TITLE.search(head)
        named = f" (“{' '.join(title[1].decode('utf-8', 'replace').split())}”)" if title else ""
        return f"a web page{named} instead of {wanted}"
    return f"something else instead of {wanted}"
