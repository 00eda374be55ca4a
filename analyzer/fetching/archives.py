"""The archives that can be fetched: which files each has, where they are, and what days they cover.

=============  ===================================================  ================================================
archive        known by its URL                                     what is fetched
=============  ===================================================  ================================================
pipermail      anything else; its page links the files              ``2024-March.txt.gz``, or ``.txt`` until packed;
(Mailman 2)                                                         also weekly, quarterly and yearly ones
HyperKitty     ``…/list/NAME@HOST/``                                ``…/export/2024-03.mbox.gz?start=…&end=…``
(Mailman 3)
groups.io      ``…/g/GROUP``, on groups.io or a community's host    ``/api/v1/downloadarchives``: one zip of all,
                                                                    then zips of what is new
=============  ===================================================  ================================================
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import unquote, urljoin, urlsplit

from analyzer.errors import UserError
from analyzer.fetching.folder import Folder
from analyzer.fetching.web import Failed, Web, is_safe

Kind = Literal["pipermail", "hyperkitty", "groupsio"]

#: The environment variable with the API key for groups.io.
TOKEN = "GROUPSIO_TOKEN"
# The first zip of a group; the later ones are named after the message that they come after.
WHOLE = "messages.zip"
# Groups that a person can be subscribed to, in pages of 100.
MAX_PAGES = 100

_MONTHS = """January February March April May June July August September October November
    December""".split()  # noqa: SIM905
_VOLUME = re.compile(
    r"""(?P<year>\d{4})(?:-(?P<month>[A-Z][a-z]+)|q(?P<quarter>[1-4])|(?P<day>\d{4}))?
        | Week-of-Mon-(?P<week>\d{8})""",
    re.VERBOSE,
)
_ENDINGS = (".txt.gz", ".mbox.gz", ".txt", ".mbox")
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,120}", re.ASCII)
_HYPERKITTY = re.compile(r"(?P<home>.*/list/[^/@]+@[^/@]+)(?:/.*)?")
_GROUP = re.compile(r"(?P<host>.*)/g/(?P<group>[^/]+)(?:/.*)?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch.

    Attributes
    ----------
    name : in the folder.
    last : the last day it covers, where that is known.
    replaces : what it makes superfluous, if that was fetched earlier.
    problem : why it cannot be fetched after all.
    """

    name: str
    url: str
    params: dict[str, str] | None = None
    last: date | None = None
    replaces: str | None = None
    problem: str | None = None


def archive(url: str) -> Pipermail | HyperKitty | GroupsIo:
    """Return the archive a URL belongs to, whichever of its pages that is.

    Raises
    ------
    UserError
        If it is no URL of the web.

    Examples
    --------
    >>> archive("https://lists.tarnfold.example/archives/list/dev@tarnfold.example/thread/ABC/").home
    'https://lists.tarnfold.example/archives/list/dev@tarnfold.example/'
    >>> archive("https://lists.tarnfold.example/pipermail/dev/2024-March/thread.html").home
    'https://lists.tarnfold.example/pipermail/dev/'
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UserError(f"{url}: no URL: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise UserError(f"{url}: only archives on the web can be fetched: give a URL that begins with https://")
    if "@" in parts.netloc:
        raise UserError(f"{host}: a URL with a password in it is not fetched: leave the part before '@' out")
    path = unquote(parts.path)
    root = f"{parts.scheme}://{parts.netloc.lower()}"
    if match := _HYPERKITTY.fullmatch(path):
        return HyperKitty(f"{root}{match['home']}/")
    if match := _GROUP.fullmatch(path):
        return GroupsIo(f"{root}{match['host']}/g/{match['group']}", f"{root}{match['host']}", match["group"])
    if match := re.search(r"/mailman/(?:listinfo|admin|private)/([^/]+)", path):
        raise UserError(f"{url}: is not the archive itself: try {root}/pipermail/{match[1]}/")
    home = parts.path.rstrip("/")
    is_file = home.endswith((".html", *_ENDINGS))
    home = home.rpartition("/")[0] if is_file else home
    volume = home.rpartition("/")[2]
    # A list may be called 2024, a folder of a list's months hardly is.
    if _covered(volume) and (is_file or not volume.isdecimal()):
        home = home.rpartition("/")[0]
    return Pipermail(f"{root}{home}/")


@dataclass(frozen=True, slots=True)
class Pipermail:
    """Mailman 2: a page with links to one text file for each month, week, quarter or year.

    Of this archive as of the others, `home` tells it from all others, and `wanted` returns the files to fetch,
    oldest first. It raises `Failed` if the archive does not answer, and `UserError` if it is none.
    """

    home: str
    kind: Kind = "pipermail"

    def wanted(self, web: Web, folder: Folder, since: date | None, today: date) -> list[Wanted]:
        page, base = web.page(self.home)
        files = dict(self._volumes(page, base))
        if not files:
            raise UserError(
                f"{self.home}: links no monthly mailboxes: give the URL of a pipermail archive's first page, of a "
                "HyperKitty list (…/list/NAME@HOST/) or of a group (…/g/GROUP)"
            )
        found = [item for item in files.values() if since is None or (item.last and item.last >= since)]
        # A month that has been packed since is linked under its packed name alone, so both are never here.
        return sorted(found, key=lambda item: (item.last or date.max, item.name))

    def _volumes(self, page: bytes, base: str) -> Iterator[tuple[str, Wanted]]:
        from bs4 import BeautifulSoup

        links = [str(link["href"]) for link in BeautifulSoup(page, "html.parser").find_all("a", href=True)]
        # Where a month is linked twice, packed and not, the packed one comes last and stays.
        for link in sorted(links, key=lambda link: link.endswith(".gz")):
            try:
                url = urljoin(base, link)
                name = unquote(urlsplit(url).path).rpartition("/")[2]
            except ValueError:
                continue
            ending = next((ending for ending in _ENDINGS if name.endswith(ending)), None)
            if ending is None:
                continue
            stem = name.removesuffix(ending)
            days = _covered(stem)
            if days is None and not ending.endswith(".gz"):
                continue  # robots.txt, or the raw archive of all months once more
            problem = None if _NAME.fullmatch(name) else "a name that no mailbox of an archive has"
            plain = name.removesuffix(".gz") if ending.endswith(".gz") else None
            yield stem, Wanted(name, url, last=days and days[1], replaces=plain, problem=problem)


@dataclass(frozen=True, slots=True)
class HyperKitty:
    """Mailman 3: any range of days can be exported; whole months are asked for."""

    home: str
    kind: Kind = "hyperkitty"

    def wanted(self, web: Web, folder: Folder, since: date | None, today: date) -> list[Wanted]:
        first = since or self._first(web, today)
        return [
            Wanted(
                name := f"{start:%Y-%m}.mbox.gz",
                urljoin(self.home, f"export/{name}"),
                # The end is exclusive.
                {"start": start.isoformat(), "end": _next_month(start).isoformat()},
                last=_next_month(start) - timedelta(days=1),
            )
            for start in _months(first, today)
        ]

    def _first(self, web: Web, today: date) -> date:
        """Return the first month of the list, which only some pages tell: a month's, or in old versions the first."""
        for page in (f"{today.year}/{today.month}/", ""):
            try:
                body, _ = web.page(urljoin(self.home, page))
            except Failed:
                if not page:
                    raise
                continue
            links = re.findall(rb"/list/[^/\"'<>\s]+/((?:19|20)\d\d)/(1[0-2]|0?[1-9])/", body)
            months = {date(int(year), int(month), 1) for year, month in links}
            # New versions' first page links this month alone: that tells nothing.
            if earlier := months - {today.replace(day=1)}:
                return min(earlier)
        raise UserError(f"{self.home}: does not say when the list began: say from when to fetch with --since YYYY-MM")


@dataclass(frozen=True, slots=True)
class GroupsIo:
    """groups.io: one zip of all messages, and later zips of those with higher numbers."""

    home: str
    root: str
    group: str
    kind: Kind = "groupsio"

    def wanted(self, web: Web, folder: Folder, since: date | None, today: date) -> list[Wanted]:
        params = {"group_id": str(self._id(web))}
        held = {name: kept for name in folder.state.files if (kept := folder.held(name)) and kept.highest}
        covered = folder.state.since
        reaches = WHOLE in held and (covered is None or (since is not None and since >= covered))
        highest = max((kept.highest or 0 for kept in held.values()), default=0)
        name = WHOLE
        if reaches:
            # "Use that number for start_msg_num next time, and you'll only get newer messages" (the makers, 2020).
            name = f"messages-after-{highest}.zip"
            params["start_msg_num"] = str(highest)
        else:
            folder.state.since = since
            if since:
                params["start_time"] = f"{since.isoformat()}T00:00:00Z"
        return [Wanted(name, f"{self.root}/api/v1/downloadarchives", params)]

    def _id(self, web: Web) -> int:
        """Return the number of the group among those the token's owner is subscribed to."""
        found: dict[str, dict[str, Any]] = {}
        params = {"limit": "100"}
        for _ in range(MAX_PAGES):
            answer = web.json(f"{self.root}/api/v1/getsubs", params)
            try:
                found |= {str(item["group_name"]): item for item in answer["data"]}
                if not answer.get("has_more"):
                    break
                params = {"limit": "100", "page_token": str(answer["next_page_token"])}
            except (TypeError, LookupError, AttributeError):
                raise Failed("its interface answers something else than subscriptions") from None
        # On a community's own host the group "dev" is "community+dev".
        names = [name for name in found if name == self.group] or [
            name for name in found if name.endswith(f"+{self.group}")
        ]
        if len(names) != 1:
            raise UserError(
                f"{self.home}: {'several groups' if names else 'no group'} of this name among those that the owner of "
                f"{TOKEN} is subscribed to"
            )
        group = found[names[0]]
        perms = group.get("perms")
        if isinstance(perms, dict) and perms.get("download_archives") is False:
            raise UserError(f"{self.home}: does not let its members download the archive: ask its owners")
        number = group.get("group_id")
        if not isinstance(number, int):
            raise Failed("its interface gives the group no number")
        return number


Archive = Pipermail | HyperKitty | GroupsIo


def checked_token(archive: Archive, token: str | None) -> str | None:
    """Return the token to send, if the archive needs one.

    Raises
    ------
    UserError
        If it is missing, or would be sent in the clear.
    """
    if archive.kind != "groupsio":
        return None
    if not token:
        raise UserError(
            f"{archive.home}: groups.io gives archives to members only: put an API key of your account into the "
            f"environment variable {TOKEN}"
        )
    if not re.fullmatch(r"[!-~]+", token):
        raise UserError(f"{TOKEN}: holds spaces or other characters that no API key has")
    if not is_safe(archive.home):
        raise UserError(f"{archive.home}: the API key is not sent over http: give the URL with https")
    return token


def _covered(name: str) -> tuple[date, date] | None:
    """Return the first and last day that a pipermail volume covers, as its name tells.

    The five kinds of names are those of Mailman 2's ``HyperArch``.

    Examples
    --------
    >>> _covered("2024-February")
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))
    >>> _covered("Week-of-Mon-20240304")[1], _covered("2024q2")[0], _covered("about")
    (datetime.date(2024, 3, 10), datetime.date(2024, 4, 1), None)
    """
    match = _VOLUME.fullmatch(name)
    if match is None:
        return None
    try:
        if match["week"]:
            start = _day(match["week"])
            return start, start + timedelta(days=6)
        if match["day"]:
            return _day(name), _day(name)
        year = int(match["year"])
        if match["month"]:
            month = _MONTHS.index(match["month"]) + 1
            return _span(year, month, month)
        if match["quarter"]:
            return _span(year, 3 * int(match["quarter"]) - 2, 3 * int(match["quarter"]))
        return _span(year, 1, 12)
    except ValueError:
        return None


def _day(digits: str) -> date:
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def _span(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _months(first: date, last: date) -> Iterable[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _next_month(month)
