"""Fetching archives, from a server on loopback that does what servers do: also late, halfway, and wrongly.

The clock is a fake: nothing here waits, and how long it would have waited is told by the clock.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import __version__
from analyzer.__main__ import program
from analyzer.errors import FetchError, UserError
from analyzer.exporting import schema
from analyzer.fetching import Fetched, fetch
from analyzer.fetching.archives import _covered, archive
from analyzer.fetching.folder import STATE
from analyzer.fetching.web import TRIES, Clock, Failed, Web, same_site
from analyzer.records import Skipped
from analyzer.sources import read

for missing in ("requests", "tenacity"):
    pytest.importorskip(missing, reason="what fetching needs is not installed: pip install '.[fetch]'")

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)


class FakeClock:
    """Time that passes only by waiting."""

    def __init__(self, now: datetime = NOW) -> None:
        self.start = now
        self.waits: list[float] = []

    @property
    def seconds(self) -> float:
        return sum(self.waits)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.start + timedelta(seconds=self.seconds), lambda: self.seconds, self.waits.append)


@dataclass
class Reply:
    """An answer: `cut` sends so many bytes of the body and hangs up; `hold` waits for an event in the middle."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    length: int | None = None
    chunked: bool = False
    hold: threading.Event | None = None


@dataclass
class Asked:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    at: float


class Server(ThreadingHTTPServer):
    """A server that does not mind who hangs up on it; its other errors are printed, as ever."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Site:
    """A server on loopback; `answers` by path, either one or those for one request after the other."""

    def __init__(self) -> None:
        self.answers: dict[str, Reply | list[Reply] | Callable[[Asked], Reply]] = {}
        self.asked: list[Asked] = []
        self.time: Callable[[], float] = lambda: 0.0
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                asked = Asked(parts.path, query, dict(self.headers), site.time())
                site.asked.append(asked)
                site.answer(self, asked)

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        known = self.answers.get(asked.path, Reply(b"<html>Not Found</html>", 404))
        if callable(known):
            reply = known(asked)
        elif isinstance(known, list):
            reply = known.pop(0) if len(known) > 1 else known[0]
        else:
            reply = known
        etag = reply.headers.get("ETag")
        if etag and asked.headers.get("If-None-Match") == etag:
            reply = Reply(b"", 304, reply.headers)
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.chunked:
            handler.send_header("Transfer-Encoding", "chunked")
        elif reply.status != 304:
            handler.send_header("Content-Length", str(reply.length or len(reply.body)))
        handler.end_headers()
        sent = reply.body if reply.cut is None else reply.body[: reply.cut]
        try:
            if reply.hold:
                handler.wfile.write(sent[:1])
                handler.wfile.flush()
                reply.hold.wait(30)
                sent = sent[1:]
            if reply.chunked:
                for start in range(0, len(sent), 1000):
                    piece = sent[start : start + 1000]
                    handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                if reply.cut is None:
                    handler.wfile.write(b"0\r\n\r\n")
            else:
                handler.wfile.write(sent)
            handler.wfile.flush()
        except OSError:
            pass
        if reply.cut is not None or reply.hold or reply.length:
            handler.close_connection = True

    def paths(self) -> list[str]:
        return [asked.path.rpartition("/")[2] or asked.path for asked in self.asked]


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def clock(site: Site) -> FakeClock:
    made = FakeClock()
    site.time = lambda: made.seconds
    return made


def mail(day: str, number: int, text: str = "Nothing much.") -> str:
    """A message as pipermail writes it, by an invented person."""
    when = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    return (
        f"From orla at venn.example  {when:%a %b %d %H:%M:%S %Y}\n"
        f"From: orla at venn.example (Orla Venn)\nDate: {format_datetime(when)}\n"
        f"Subject: [lumber-dev] Letter {number}\nMessage-ID: <{number}@venn.example>\n\n{text}\n\n"
    )


def month(day: str, number: int = 1) -> bytes:
    # What does not compress well, so that a cut is a cut.
    noise = "\n".join(hashlib.sha256(f"{day}{n}".encode()).hexdigest() for n in range(40))
    return (mail(day, number) + mail(day, number + 1, noise)).encode()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


MARCH, APRIL, MAY = packed(month("2024-03-04", 1)), packed(month("2024-04-02", 3)), month("2024-05-06", 5)
HOME = "/pipermail/lumber-dev/"


def index(*names: str) -> bytes:
    """A pipermail archive's first page."""
    rows = "".join(
        f'<tr><td>{name}</td><td><A href="{name.partition(".")[0]}/thread.html">[ Thread ]</a></td>'
        f'<td><A href="{name}">[ Text 2 KB ]</a></td></tr>\n'
        for name in names
    )
    return (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN"><HTML><title>The lumber-dev Archives</title>'
        '<a href="../../mailman/listinfo/lumber-dev">more information about this list</a>'
        '<a href="../lumber-dev.mbox/lumber-dev.mbox">download the full raw archive</a>'
        f"<table border=3>{rows}</table></HTML>"
    ).encode()


@pytest.fixture
def lumber(site: Site) -> Site:
    """A pipermail archive of three months; the last is not packed yet."""
    site.answers |= {
        HOME: Reply(index("2024-May.txt", "2024-April.txt.gz", "2024-March.txt.gz")),
        f"{HOME}2024-March.txt.gz": Reply(MARCH, headers={"ETag": '"m1"', "Content-Type": "application/x-gzip"}),
        f"{HOME}2024-April.txt.gz": Reply(APRIL, headers={"ETag": '"a1"', "Content-Type": "application/x-gzip"}),
        f"{HOME}2024-May.txt": Reply(MAY, headers={"Last-Modified": format_datetime(NOW)}),
    }
    return site


def files(folder: Path) -> dict[str, bytes]:
    """What a reader of the folder sees."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".") and path.name != STATE]


def reasons(found: Fetched) -> dict[str, str]:
    return {item.name: item.reason for item in found.failed}


# --- pipermail ----------------------------------------------------------------------------------------


def test_the_months_of_an_archive_are_kept_byte_for_byte(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    found = fetch(lumber.url + HOME, tmp_path / "new" / "mail", clock=clock.clock)
    assert found.kind == "pipermail" and not found.failed and not found.present
    assert found.fetched == ["2024-March.txt.gz", "2024-April.txt.gz", "2024-May.txt"], "oldest first"
    assert files(tmp_path / "new" / "mail") == {
        "2024-March.txt.gz": MARCH,
        "2024-April.txt.gz": APRIL,
        "2024-May.txt": MAY,
    }
    assert found.bytes == len(MARCH) + len(APRIL) + len(MAY)


def test_what_was_fetched_is_what_is_read(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    items = list(read([tmp_path]))
    assert not [item for item in items if isinstance(item, Skipped)]
    assert len(items) == 6
    assert {item.path for item in items} == {"2024-March.txt.gz", "2024-April.txt.gz", "2024-May.txt"}


def test_what_has_not_changed_is_not_sent_again(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    longer = MAY + mail("2024-05-20", 9).encode()
    lumber.answers[f"{HOME}2024-May.txt"] = Reply(longer)
    lumber.asked.clear()
    again = fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert (again.fetched, again.present) == (["2024-May.txt"], ["2024-March.txt.gz", "2024-April.txt.gz"])
    assert [asked.headers.get("If-None-Match") for asked in lumber.asked] == [None, '"m1"', '"a1"', None]
    assert lumber.asked[-1].headers["If-Modified-Since"] == format_datetime(NOW)
    assert files(tmp_path)["2024-May.txt"] == longer


def test_a_month_that_is_packed_by_now_takes_the_place_of_its_text(
    lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    lumber.answers[HOME] = Reply(index("2024-May.txt.gz", "2024-April.txt.gz", "2024-March.txt.gz"))
    lumber.answers[f"{HOME}2024-May.txt.gz"] = Reply(packed(MAY))
    again = fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert again.fetched == ["2024-May.txt.gz"]
    assert set(files(tmp_path)) == {"2024-March.txt.gz", "2024-April.txt.gz", "2024-May.txt.gz"}, "no mail twice"


@pytest.mark.parametrize("damage", [None, b"", b"From mars"])
def test_what_was_lost_or_damaged_here_is_fetched_again(
    damage: bytes | None, lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    victim = tmp_path / "2024-April.txt.gz"
    victim.unlink() if damage is None else victim.write_bytes(damage)
    again = fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert again.fetched == ["2024-April.txt.gz"]
    assert victim.read_bytes() == APRIL


@pytest.mark.parametrize(
    ("since", "names"),
    [
        (date(2024, 4, 1), ["2024-April.txt.gz", "2024-May.txt"]),
        (date(2024, 4, 30), ["2024-April.txt.gz", "2024-May.txt"]),
        (date(2024, 5, 1), ["2024-May.txt"]),
        (date(2030, 1, 1), []),
    ],
)
def test_months_that_were_over_are_left_out(
    since: date, names: list[str], lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    assert fetch(lumber.url + HOME, tmp_path, since=since, clock=clock.clock).fetched == names
    assert len(lumber.asked) == 1 + len(names)


@pytest.mark.parametrize(
    "page", ["", "index.html", "2024-March/thread.html", "2024-March/000123.html", "2024-March.txt.gz", "2024-March/"]
)
def test_any_page_of_the_archive_names_it(page: str) -> None:
    assert archive(f"https://lists.lumber.example{HOME}{page}").home == f"https://lists.lumber.example{HOME}"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2024-February", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024q4", date(2024, 10, 1), date(2024, 12, 31)),
        ("1999", date(1999, 1, 1), date(1999, 12, 31)),
        ("Week-of-Mon-20240226", date(2024, 2, 26), date(2024, 3, 3)),
        ("20240304", date(2024, 3, 4), date(2024, 3, 4)),
    ],
)
def test_the_days_that_a_volume_covers_are_told_from_its_name(name: str, first: date, last: date) -> None:
    assert _covered(name) == (first, last)


@given(st.dates(date(1985, 1, 1), date(2100, 12, 31)))
def test_a_day_is_covered_by_each_of_its_volumes(day: date) -> None:
    monday = day - timedelta(days=day.weekday())
    quarter = f"{day.year}q{(day.month + 2) // 3}"
    lengths = []
    for name in (f"{day:%Y%m%d}", f"Week-of-Mon-{monday:%Y%m%d}", f"{day:%Y-%B}", quarter, f"{day:%Y}"):
        days = _covered(name)
        assert days is not None and days[0] <= day <= days[1]
        lengths.append((days[1] - days[0]).days)
    assert lengths == sorted(lengths) and lengths[:2] == [0, 6]


@pytest.mark.parametrize("name", ["", "about", "2024-Brumaire", "2024q5", "20241301", "Week-of-Mon-20240230", "0000"])
def test_any_other_name_covers_no_days_that_are_known(name: str) -> None:
    assert _covered(name) is None


def test_a_page_without_months_is_no_archive(site: Site, clock: FakeClock, tmp_path: Path) -> None:
    site.answers["/about/"] = Reply(b"<html><a href='robots.txt'>robots</a> <a href='notes.txt'>notes</a></html>")
    with pytest.raises(UserError, match="links no monthly mailboxes"):
        fetch(site.url + "/about/", tmp_path, clock=clock.clock)


# --- HyperKitty ---------------------------------------------------------------------------------------

LIST = "/archives/list/lumber-dev@lists.lumber.example/"


@pytest.fixture
def kitty(site: Site) -> Site:
    """A HyperKitty list that began in March 2024 and was silent in April."""
    bodies = {"2024-03": MARCH, "2024-04": packed(b""), "2024-05": packed(MAY)}
    links = "".join(f'<a href="{LIST}2024/{n}/">{n}</a>' for n in (3, 4, 5))
    site.answers[f"{LIST}2024/5/"] = Reply(f"<html>{links}</html>".encode())
    for name, body in bodies.items():
        # Streamed, without a length, as HyperKitty does.
        headers = {"Content-Type": "application/gzip"}
        site.answers[f"{LIST}export/{name}.mbox.gz"] = Reply(body, headers=headers, chunked=True)
    return site


def test_every_month_since_the_list_began_is_exported(kitty: Site, clock: FakeClock, tmp_path: Path) -> None:
    found = fetch(kitty.url + LIST, tmp_path, clock=clock.clock)
    assert found.kind == "hyperkitty"
    assert (found.fetched, found.empty) == (["2024-03.mbox.gz", "2024-05.mbox.gz"], ["2024-04.mbox.gz"])
    assert kitty.asked[1].query == {"start": "2024-03-01", "end": "2024-04-01"}, "the end is exclusive"
    assert files(tmp_path) == {"2024-03.mbox.gz": MARCH, "2024-05.mbox.gz": packed(MAY)}
    assert len(list(read([tmp_path]))) == 4


def test_months_long_over_are_not_asked_for_again(kitty: Site, clock: FakeClock, tmp_path: Path) -> None:
    fetch(kitty.url + LIST, tmp_path, clock=clock.clock)
    kitty.asked.clear()
    again = fetch(kitty.url + LIST, tmp_path, clock=clock.clock)
    assert [name for name in kitty.paths() if name.endswith("gz")] == ["2024-05.mbox.gz"]
    assert (again.fetched, again.empty) == ([], ["2024-04.mbox.gz"])
    assert again.present == ["2024-03.mbox.gz", "2024-05.mbox.gz"], "sent again, and the same"


def test_a_month_that_was_just_over_is_asked_for_again(kitty: Site, tmp_path: Path) -> None:
    kitty.answers[f"{LIST}2024/4/"] = kitty.answers[f"{LIST}2024/5/"]
    early = FakeClock(datetime(2024, 4, 2, tzinfo=UTC))
    fetch(kitty.url + LIST, tmp_path, clock=early.clock)
    kitty.asked.clear()
    fetch(kitty.url + LIST, tmp_path, clock=FakeClock(datetime(2024, 4, 20, tzinfo=UTC)).clock)
    assert "2024-03.mbox.gz" in kitty.paths(), "mail of March may have come in on 3 April"
    kitty.asked.clear()
    fetch(kitty.url + LIST, tmp_path, clock=FakeClock(datetime(2024, 4, 21, tzinfo=UTC)).clock)
    assert "2024-03.mbox.gz" not in kitty.paths()


def test_with_since_no_page_is_needed(kitty: Site, clock: FakeClock, tmp_path: Path) -> None:
    found = fetch(f"{kitty.url}{LIST}thread/ABCDEF/", tmp_path, since=date(2024, 4, 20), clock=clock.clock)
    assert kitty.paths() == ["2024-04.mbox.gz", "2024-05.mbox.gz"] and found.fetched == ["2024-05.mbox.gz"]


def test_a_list_that_does_not_say_when_it_began_needs_since(kitty: Site, clock: FakeClock, tmp_path: Path) -> None:
    # As new versions' first page does: a link to this month alone.
    kitty.answers[LIST] = Reply(f'<a href="{LIST}2024/5/">this month</a>'.encode())
    del kitty.answers[f"{LIST}2024/5/"]
    with pytest.raises(UserError, match="--since"):
        fetch(kitty.url + LIST, tmp_path, clock=clock.clock)


# --- groups.io ----------------------------------------------------------------------------------------

API = "/api/v1/"
KEY = "a-key-of-nobody"


def zipped(*numbers: int) -> bytes:
    """The zip that groups.io sends: one mbox, each message with its number."""
    mbox = "".join(
        mail("2024-05-06", number).replace("Message-ID:", f"X-Groupsio-MsgNum: {number}\nMessage-ID:")
        for number in numbers
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("messages.mbox", (2024, 5, 6, 0, 0, 0)), mbox)
    return target.getvalue()


def subscriptions(*groups: tuple[str, int], **more: Any) -> Reply:
    data = [{"group_name": name, "group_id": id_, "perms": {"download_archives": id_ != 13}} for name, id_ in groups]
    return Reply(json.dumps({"object": "list", "data": data, "has_more": False} | more).encode())


@pytest.fixture
def group(site: Site) -> Site:
    """A group of three messages, found on the second page of subscriptions."""

    def pages(asked: Asked) -> Reply:
        if "page_token" not in asked.query:
            return subscriptions(("lumber+builds", 6), has_more=True, next_page_token=77)
        return subscriptions(("lumber+dev", 7), ("lumber+secret", 13))

    site.answers[f"{API}getsubs"] = pages
    site.answers[f"{API}downloadarchives"] = Reply(zipped(1, 2, 3))
    return site


def test_a_group_is_one_zip_as_it_was_sent(group: Site, clock: FakeClock, tmp_path: Path) -> None:
    found = fetch(f"{group.url}/g/dev/topics", tmp_path, token=KEY, clock=clock.clock, since=date(2024, 5, 1))
    assert (found.kind, found.fetched, found.archive) == ("groupsio", ["messages.zip"], f"{group.url}/g/dev")
    assert files(tmp_path) == {"messages.zip": zipped(1, 2, 3)}
    assert group.asked[-1].query == {"group_id": "7", "start_time": "2024-05-01T00:00:00Z"}
    assert {asked.headers["Authorization"] for asked in group.asked} == {f"Bearer {KEY}"}


def test_the_zips_of_a_group_are_read_as_they_are(group: Site, clock: FakeClock, tmp_path: Path) -> None:
    fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock)
    items = list(read([tmp_path]))
    assert not [item for item in items if isinstance(item, Skipped)]
    assert [item.subject for item in items] == [f"[lumber-dev] Letter {number}" for number in (1, 2, 3)]


def test_later_only_newer_messages_are_asked_for(group: Site, clock: FakeClock, tmp_path: Path) -> None:
    fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock)
    group.answers[f"{API}downloadarchives"] = Reply(zipped(4, 5))
    assert fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock).fetched == ["messages-after-3.zip"]
    assert group.asked[-1].query == {"group_id": "7", "start_msg_num": "3"}
    group.answers[f"{API}downloadarchives"] = Reply(zipped())
    again = fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock)
    assert group.asked[-1].query["start_msg_num"] == "5" and again.empty == ["messages-after-5.zip"]
    assert set(files(tmp_path)) == {"messages.zip", "messages-after-3.zip"}


def test_an_earlier_since_fetches_all_again(group: Site, clock: FakeClock, tmp_path: Path) -> None:
    group.answers[f"{API}downloadarchives"] = Reply(zipped(3))
    fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock, since=date(2024, 5, 1))
    group.answers[f"{API}downloadarchives"] = Reply(zipped(1, 2, 3))
    assert fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock).fetched == ["messages.zip"]
    assert files(tmp_path)["messages.zip"] == zipped(1, 2, 3)


@pytest.mark.parametrize(
    ("name", "token", "words"),
    [
        ("dev", None, "GROUPSIO_TOKEN"),
        ("dev", "two words", "GROUPSIO_TOKEN"),
        ("timber", KEY, "no group of this name"),
        ("secret", KEY, "does not let its members download"),
    ],
)
def test_a_group_that_is_not_open_to_the_user_is_one_line(
    name: str, token: str | None, words: str, group: Site, clock: FakeClock, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=words) as caught:
        fetch(f"{group.url}/g/{name}", tmp_path, token=token, clock=clock.clock)
    assert "\n" not in str(caught.value) and KEY not in str(caught.value)


def test_what_the_interface_minds_is_said(group: Site, clock: FakeClock, tmp_path: Path) -> None:
    complaint = json.dumps({"object": "error", "type": "inadequate_permissions"}).encode()
    group.answers[f"{API}downloadarchives"] = Reply(complaint, 400, {"Content-Type": "application/json"})
    found = fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock)
    assert reasons(found) == {"messages.zip": "400 Bad Request (inadequate_permissions)"}


def test_a_key_is_never_kept_and_never_sent_in_the_clear(group: Site, clock: FakeClock, tmp_path: Path) -> None:
    fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock)
    assert not [path for path in tmp_path.iterdir() if KEY.encode() in path.read_bytes()]
    assert all(KEY not in str(asked.query) for asked in group.asked)
    with pytest.raises(UserError, match="https"):
        fetch("http://groups.example/g/dev", tmp_path, token=KEY, clock=clock.clock)


def test_a_key_is_not_sent_to_another_port_of_the_host(group: Site, clock: FakeClock, tmp_path: Path) -> None:
    other = Site()
    try:
        other.answers["/file"] = Reply(zipped(1))
        group.answers[f"{API}downloadarchives"] = Reply(b"", 302, {"Location": f"{other.url}/file"})
        assert fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock).fetched == ["messages.zip"]
        assert "Authorization" not in other.asked[0].headers
    finally:
        other.server.shutdown()
        other.server.server_close()


# --- politeness ---------------------------------------------------------------------------------------


def test_requests_keep_their_distance_and_say_who_asks(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    fetch(lumber.url + HOME, tmp_path, rate=0.25, clock=clock.clock)
    assert [asked.at for asked in lumber.asked] == [0, 4, 8, 12]
    assert {asked.headers["User-Agent"].split()[0] for asked in lumber.asked} == {f"candidacy-analyzer/{__version__}"}


def test_retries_and_redirects_keep_their_distance_too(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    lumber.answers["/list/"] = Reply(b"", 301, {"Location": HOME})
    lumber.answers[f"{HOME}2024-March.txt.gz"] = [Reply(b"", 500), Reply(MARCH)]
    fetch(lumber.url + "/list/", tmp_path, rate=0.1, clock=clock.clock)
    times = [asked.at for asked in lumber.asked]
    assert len(times) == 6 and all(later - earlier >= 10 for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_busy_server_is_left_alone_as_long_as_it_says(
    status: int, form: str, lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    wish = "90" if form == "seconds" else format_datetime(NOW + timedelta(seconds=91), usegmt=True)
    lumber.answers[f"{HOME}2024-March.txt.gz"] = [Reply(b"busy", status, {"Retry-After": wish}), Reply(MARCH)]
    found = fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert len(found.fetched) == 3 and not found.failed
    first, second = [asked.at for asked in lumber.asked if "March" in asked.path]
    assert 89 <= second - first <= 92


def test_without_a_word_from_the_server_each_wait_is_longer(
    lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    lumber.answers[f"{HOME}2024-March.txt.gz"] = Reply(b"", 502)
    found = fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    times = [asked.at for asked in lumber.asked if "March" in asked.path]
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(times) == TRIES and waits == sorted(waits) and waits[-1] >= 2 * waits[0]
    assert reasons(found) == {"2024-March.txt.gz": "502 Bad Gateway"}
    assert len(found.fetched) == 2, "the others came"


def test_a_server_that_wants_peace_gets_it(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    lumber.answers[f"{HOME}2024-March.txt.gz"] = Reply(b"", 429, {"Retry-After": "86400"})
    found = fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert lumber.paths() == [HOME, "2024-March.txt.gz"] and clock.seconds < 10
    assert "86400 seconds" in reasons(found)["2024-March.txt.gz"]
    assert [item.reason.split(",")[0] for item in found.failed[1:]] == ["not asked for"] * 2


def test_after_three_failures_in_a_row_the_rest_is_not_asked_for(
    site: Site, clock: FakeClock, tmp_path: Path
) -> None:
    names = [f"2024-{name}.txt.gz" for name in ("January", "February", "March", "April", "May")]
    site.answers[HOME] = Reply(index(*names))
    site.answers |= {HOME + name: Reply(b"", 503) for name in names}
    found = fetch(site.url + HOME, tmp_path, clock=clock.clock)
    assert [item.name for item in found.failed] == names
    assert set(site.paths()) == {HOME, *names[:3]}


# --- wrong answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "reason", "tries"),
    [
        (Reply(b"<html><title>Not here</title></html>", 404), "404 Not Found", 1),
        (Reply(b"", 410), "410 Gone", 1),
        (Reply(b"", 403), "403 Forbidden", 1),
        (Reply(b"<!DOCTYPE html><title>Log\n in</title>"), "a web page (“Log in”) instead of a mailbox", 1),
        (Reply(packed(b"<html><title>Checking</title>")), "a web page (“Checking”) instead of a mailbox", 1),
        (Reply(b"\x00\x01\x02\x03"), "something else instead of a mailbox", 1),
        (Reply(b""), "an empty answer", 1),
        (Reply(APRIL[:-9]), "a damaged gzip file", 1),
        (Reply(APRIL[:500] + b"\xff\xff" + APRIL[502:]), "a damaged gzip file", 1),
        (Reply(APRIL, length=len(APRIL) - 20), "a damaged gzip file", 1),
        (Reply(APRIL, length=len(APRIL) + 20, cut=len(APRIL)), "the answer broke off", TRIES),
        (Reply(APRIL, cut=700), "the answer broke off", TRIES),
        (Reply(APRIL, cut=700, chunked=True), "the answer broke off", TRIES),
        (Reply(b"", length=3 << 30, cut=0), "3,221,225,472 bytes, more than 1024 MiB", 1),
        (Reply(b"", 302, {"Location": "https://timber.example/x.gz"}), "leads to another site, timber.example", 1),
        (Reply(b"", 302, {"Location": "ftp://127.0.0.1/x.gz"}), "leads to ftp:", 1),
        (Reply(b"", 302, {"Location": "file:///etc/passwd"}), "leads to file:", 1),
        (Reply(b"", 302, {"Location": f"{HOME}2024-April.txt.gz"}), "more than 5 redirects", 6),
        (Reply(b"", 304), "304 Not Modified", 1),
        (Reply(b"", 206), "206 Partial Content", 1),
    ],
    ids=lambda value: value[:30].replace(" ", "-") if isinstance(value, str) else "",
)
def test_a_wrong_answer_is_one_line_and_the_rest_comes(
    reply: Reply, reason: str, tries: int, lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    lumber.answers[f"{HOME}2024-April.txt.gz"] = reply
    lines: list[str] = []
    found = fetch(lumber.url + HOME, tmp_path, clock=clock.clock, observe=lines.append)
    assert found.fetched == ["2024-March.txt.gz", "2024-May.txt"]
    (failure,) = found.failed
    assert failure.name == "2024-April.txt.gz" and failure.reason.startswith(reason)
    assert "\n" not in failure.reason and lines[1] == f"2024-April.txt.gz: failed: {failure.reason}"
    assert sum("April" in asked.path for asked in lumber.asked) == tries
    assert "2024-April.txt.gz" not in files(tmp_path) and leftovers(tmp_path) == []


def test_what_broke_off_once_is_whole_after_all(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    lumber.answers[f"{HOME}2024-April.txt.gz"] = [Reply(APRIL, cut=900), Reply(APRIL, cut=3), Reply(APRIL)]
    found = fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert not found.failed and files(tmp_path)["2024-April.txt.gz"] == APRIL


def test_nothing_is_left_of_a_longer_answer_that_broke_off(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    longer = APRIL + MARCH
    lumber.answers[f"{HOME}2024-April.txt.gz"] = [Reply(longer, cut=len(longer) - 9), Reply(APRIL)]
    fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert files(tmp_path)["2024-April.txt.gz"] == APRIL


@pytest.mark.parametrize("coding", ["gzip", "x-gzip"])
def test_a_packed_file_is_kept_packed_though_the_server_calls_that_a_coding(
    coding: str, lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    headers = {"Content-Type": "text/plain", "Content-Encoding": coding}
    lumber.answers[f"{HOME}2024-April.txt.gz"] = Reply(APRIL, headers=headers)
    fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert files(tmp_path)["2024-April.txt.gz"] == APRIL


def test_from_https_nothing_leads_to_http(clock: FakeClock) -> None:
    web = Web("https://lists.lumber.example/", rate=1, clock=clock.clock)
    with pytest.raises(Failed, match="leads from https to http"):
        web.download("http://lists.lumber.example/2024-March.txt.gz", io.BytesIO())


def test_a_server_that_falls_silent_in_the_middle_is_not_waited_for(
    lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    hold = threading.Event()
    lumber.answers[f"{HOME}2024-April.txt.gz"] = Reply(APRIL, hold=hold)
    try:
        found = fetch(lumber.url + HOME, tmp_path, clock=clock.clock, timeout=(5, 0.05))
    finally:
        hold.set()
    assert list(reasons(found)) == ["2024-April.txt.gz"] and "broke off" in reasons(found)["2024-April.txt.gz"]
    assert found.fetched == ["2024-March.txt.gz", "2024-May.txt"]


def test_a_server_that_sends_for_ever_slowly_is_given_up(lumber: Site, tmp_path: Path) -> None:
    looks = itertools.count(step=2000.0)
    slow = Clock(lambda: NOW, lambda: next(looks), lambda seconds: None)
    with pytest.raises(FetchError, match="not all of it in 30 minutes"):
        fetch(lumber.url + HOME, tmp_path, clock=slow)


def test_a_changed_file_that_does_not_come_leaves_the_old_one(
    lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    lumber.answers[f"{HOME}2024-April.txt.gz"] = Reply(APRIL + APRIL, cut=800)
    assert list(reasons(fetch(lumber.url + HOME, tmp_path, clock=clock.clock))) == ["2024-April.txt.gz"]
    assert files(tmp_path)["2024-April.txt.gz"] == APRIL


def test_a_zip_that_is_damaged_or_none_is_not_kept(group: Site, clock: FakeClock, tmp_path: Path) -> None:
    whole = zipped(1, 2, 3)
    for body, reason in [
        (whole[:-30], "a damaged zip file"),
        (whole[:60] + b"\xff\xff\xff" + whole[63:], "a damaged zip file"),
        (b"<html><title>Sign in</title>", "a web page (“Sign in”) instead of a zip file"),
    ]:
        group.answers[f"{API}downloadarchives"] = Reply(body)
        found = fetch(f"{group.url}/g/dev", tmp_path, token=KEY, clock=clock.clock)
        assert reasons(found)["messages.zip"].startswith(reason)
        assert files(tmp_path) == {}


def test_an_archive_whose_page_does_not_come_is_one_error(site: Site, clock: FakeClock, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="404 Not Found"):
        fetch(site.url + "/gone/", tmp_path, clock=clock.clock)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(FetchError, match="no connection") as caught:
            fetch(f"http://127.0.0.1:{unused.getsockname()[1]}/list/", tmp_path, clock=clock.clock)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("https://elsewhere.example/2024-April.txt.gz", "leads to another site"),
        ("..%2f..%2f.bashrc.txt.gz", "a name that no mailbox"),
        ("..%2f..%2fsecrets.txt.gz", "404"),
        ("%2e%2e%5cx-2024.txt.gz", "a name that no mailbox"),
        (".hidden.txt.gz", "a name that no mailbox"),
    ],
)
def test_a_page_cannot_send_us_elsewhere_nor_name_files_at_will(
    link: str, reason: str, lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    lumber.answers[HOME] = Reply(index("2024-March.txt.gz", link))
    folder = tmp_path / "a" / "b"
    found = fetch(lumber.url + HOME, folder, clock=clock.clock)
    assert found.fetched == ["2024-March.txt.gz"]
    (failure,) = found.failed
    assert reason in failure.reason
    assert {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()} == {
        Path("a/b", STATE),
        Path("a/b/2024-March.txt.gz"),
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("lumber.example", "lists.lumber.example", True),
        ("LISTS.lumber.example", "lists.lumber.example", True),
        ("lists.lumber.example", "lists.timber.example", False),
        ("lumber.example", "notlumber.example", False),
        ("example", "lumber.example", False),
        ("0.0.1", "127.0.0.1", False),
    ],
)
def test_a_site_is_a_host_and_what_is_below_it(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same and same_site(other, one) is same


# --- interruptions ------------------------------------------------------------------------------------


class Killed(BaseException):
    """What a kill is to a program, as far as a test can have it."""


@pytest.mark.parametrize(("place", "name"), [(Path, "replace"), (os, "fsync")])
@pytest.mark.parametrize("after", range(8))
def test_a_run_that_is_killed_goes_on_where_it_was(
    place: Any, name: str, after: int, lumber: Site, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(place, name)
    left = itertools.count(after, -1)

    def dying(*args: Any) -> Any:
        if next(left) <= 0:
            raise Killed
        return real(*args)

    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        patch.setattr(place, name, dying)
        fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    whole = {"2024-March.txt.gz": MARCH, "2024-April.txt.gz": APRIL, "2024-May.txt": MAY}
    before = files(tmp_path)
    assert before.items() <= whole.items(), "no name stands for half a file"
    again = fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert set(before) <= set(again.present), "nothing that was here is fetched again"
    assert files(tmp_path) == whole and not again.failed


def test_a_process_that_is_killed_leaves_no_half_file(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    hold = threading.Event()
    lumber.answers[f"{HOME}2024-April.txt.gz"] = Reply(APRIL, hold=hold)
    script = f"""
from pathlib import Path
from analyzer.fetching import fetch
fetch({lumber.url + HOME!r}, Path("mail"), rate=1000)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )
    folder = tmp_path / "mail"
    arrived = threading.Event()
    while not (any("April" in asked.path for asked in lumber.asked) and folder.is_dir() and leftovers(folder)):
        assert process.poll() is None
        arrived.wait(0.01)
    process.kill()
    process.wait()
    hold.set()
    assert files(folder) == {"2024-March.txt.gz": MARCH} and leftovers(folder)
    lumber.answers[f"{HOME}2024-April.txt.gz"] = Reply(APRIL)
    again = fetch(lumber.url + HOME, folder, clock=clock.clock)
    assert again.present == ["2024-March.txt.gz"] and len(again.fetched) == 2 and leftovers(folder) == []


def test_a_file_that_is_not_ours_is_left_alone_and_an_equal_one_taken_over(
    lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    (tmp_path / "2024-March.txt.gz").write_bytes(b"a letter to keep")
    (tmp_path / "2024-April.txt.gz").write_bytes(APRIL)
    found = fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    assert list(reasons(found)) == ["2024-March.txt.gz"] and "another file" in found.failed[0].reason
    assert (tmp_path / "2024-March.txt.gz").read_bytes() == b"a letter to keep"
    assert "2024-April.txt.gz" in found.fetched


def test_a_folder_holds_one_archive(lumber: Site, clock: FakeClock, tmp_path: Path) -> None:
    fetch(lumber.url + HOME, tmp_path, clock=clock.clock)
    with pytest.raises(UserError, match="holds another archive"):
        fetch(lumber.url + "/pipermail/timber-dev/", tmp_path, clock=clock.clock)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 1}'])
def test_a_damaged_state_is_one_line_with_the_remedy(
    content: bytes, lumber: Site, clock: FakeClock, tmp_path: Path
) -> None:
    (tmp_path / STATE).write_bytes(content)
    with pytest.raises(UserError, match="remove it"):
        fetch(lumber.url + HOME, tmp_path, clock=clock.clock)


def test_a_folder_that_cannot_be_written_is_one_line(
    lumber: Site, clock: FakeClock, locked: Path
) -> None:
    for folder in (locked / "file", locked / "mail", locked):
        with pytest.raises(UserError, match="cannot be written"):
            fetch(lumber.url + HOME, folder, clock=clock.clock)
    assert lumber.paths() == [HOME], "no month is asked for that could not be kept"


# --- what is no archive -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail/", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("ftp://lists.lumber.example/pipermail/dev/", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://me:secret@lists.lumber.example/pipermail/dev/", "leave the part before '@' out"),
        ("https://lists.lumber.example:x/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://lists.lumber.example/mailman/listinfo/dev", "/pipermail/dev/"),
    ],
)
def test_a_url_that_cannot_be_fetched_is_one_line(url: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        fetch(url, tmp_path / "mail")
    assert words in str(caught.value) and "\n" not in str(caught.value) and "secret" not in str(caught.value)
    assert not (tmp_path / "mail").exists()


def test_without_its_libraries_fetching_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tenacity", None)
    with pytest.raises(UserError, match=r"tenacity.*pip install 'candidacy-analyzer\[fetch\]'"):
        fetch("https://lists.lumber.example/pipermail/dev/", tmp_path)


# --- the command --------------------------------------------------------------------------------------


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Run the program in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GROUPSIO_TOKEN", raising=False)

    def run_(*args: str) -> tuple[int, str, str]:
        code = program().main(["fetch", *args])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return run_


def test_the_command_fetches_and_says_what_came(lumber: Site, run: Callable[..., Any]) -> None:
    code, out, err = run(lumber.url + HOME, "-o", "mail", "--rate", "10")
    assert (code, err) == (0, "") and "fetched: 3 files" in out
    code, out, err = run(lumber.url + HOME, "-o", "mail", "--rate", "10", "--since", "2024-04", "-v")
    assert code == 0 and "fetched: 0 files" in out and "here already, unchanged: 2 files" in out
    assert err.splitlines() == ["2024-April.txt.gz: unchanged", "2024-May.txt: unchanged"]


def test_the_command_tells_by_its_exit_code_that_something_is_missing(lumber: Site, run: Callable[..., Any]) -> None:
    del lumber.answers[f"{HOME}2024-April.txt.gz"]
    code, out, err = run(lumber.url + HOME, "-o", "mail", "--rate", "10")
    assert code == 3 and "2024-April.txt.gz: 404 Not Found" in out
    assert err == "candidacy: 1 of its files did not come: run the same command again for them\n"
    code, out, err = run(lumber.url + "/gone/", "-o", "other")
    assert (code, out) == (3, "") and err.startswith("candidacy: ") and err.count("\n") == 1
    code, out, err = run("mail/", "-o", "other")
    assert (code, out) == (2, "") and err.count("\n") == 1


def test_the_command_answers_in_json_of_its_schema(lumber: Site, run: Callable[..., Any]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    del lumber.answers[f"{HOME}2024-April.txt.gz"]
    _, out, _ = run(lumber.url + HOME, "-o", "mail", "--rate", "10", "--format", "json")
    jsonschema.Draft202012Validator(schema("fetch")).validate(json.loads(out))
    assert json.loads(out)["failed"][0]["reason"] == "404 Not Found"


def test_the_command_takes_the_key_from_the_environment_alone(
    group: Site, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run(f"{group.url}/g/dev", "-o", "mail")
    assert code == 2 and "GROUPSIO_TOKEN" in err
    monkeypatch.setenv("GROUPSIO_TOKEN", KEY)
    code, out, err = run(f"{group.url}/g/dev", "-o", "mail", "--rate", "10", "-v", "--debug")
    assert code == 0 and Path("mail/messages.zip").is_file() and KEY not in out + err


def test_redacted_output_leaves_the_address_of_the_list_out(
    kitty: Site, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for form in ("text", "json"):
        code, out, err = run(
            kitty.url + LIST, "-o", "mail", "--since", "2030-01", "--redact", "-v", "--format", form
        )
        assert code == 0 and "lumber-dev@" not in out + err
