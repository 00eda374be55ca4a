"""Zip and tar archives: their members are read, and what would harm the reader is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.errors import SourceError
from analyzer.records import Skipped
from analyzer.sources import opening, packed, read
from analyzer.sources.message import Message

MAIL = (
    "From: Odile Marsh <odile@anvil.example>\nDate: Mon, 6 May 2024 10:00:00 +0200\nSubject: {0}\n"
    "Message-ID: <{0}@anvil.example>\n\nI stand for the council, {0}.\n"
)
SEPARATOR = "From odile@anvil.example Mon May  6 08:00:00 2024\n"


def mail(name: str) -> bytes:
    return MAIL.format(name).encode()


def box(*names: str) -> bytes:
    return "\n".join(SEPARATOR + MAIL.format(name) for name in names).encode() + b"\n"


def zip_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tar_of(files: dict[str, bytes], *others: tarfile.TarInfo, mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for other in others:
            archive.addfile(other)
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def found(data: bytes) -> list[Message | Skipped]:
    return list(read(["-"], stdin=io.BytesIO(data)))


FILES = {"list/2024-May.mbox": box("one", "two"), "one.eml": mail("three"), "notes/results.json": b'{"winner": "x"}'}
PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zip_of,
    "tar": tar_of,
    "tar.gz": lambda files: tar_of(files, mode="w:gz"),
    "tar.bz2": lambda files: tar_of(files, mode="w:bz2"),
    "tar.xz": lambda files: tar_of(files, mode="w:xz"),
}


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("way", ["named", "folder", "stdin"])
def test_an_archive_is_its_members_whichever_way_it_comes(tmp_path: Path, kind: str, way: str) -> None:
    data = PACKERS[kind](FILES)
    file = tmp_path / "in" / "download"
    file.parent.mkdir()
    file.write_bytes(data)
    items = found(data) if way == "stdin" else list(read([file if way == "named" else file.parent]))
    path = "-" if way == "stdin" else "download"
    assert [(item.path, item.member, item.index) for item in items] == [
        (path, "list/2024-May.mbox", 0),
        (path, "list/2024-May.mbox", 1),
        (path, "one.eml", None),
        (path, "notes/results.json", None),
    ]
    messages = [item for item in items if isinstance(item, Message)]
    assert [message.subject for message in messages] == ["one", "two", "three"]
    assert [message.format for message in messages] == ["mbox", "mbox", "eml"]
    assert not any(message.named for message in messages)
    assert [item.code for item in items if isinstance(item, Skipped)] == ["data-file"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_file_is_what_is_in_it(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "month").write_bytes(pack(box("one", "two")))
    assert [item.index for item in read([tmp_path / "month"])] == [0, 1]
    [item] = found(zip_of({"month.gz": pack(mail("one"))}))
    assert isinstance(item, Message)
    assert (item.member, item.subject) == ("month.gz", "one")


@pytest.mark.parametrize("inner", PACKERS)
@pytest.mark.parametrize("outer", PACKERS)
def test_an_archive_in_an_archive_is_read_and_one_in_that_is_not(outer: str, inner: str) -> None:
    once = PACKERS[outer]({"a/in": PACKERS[inner]({"b/m.eml": mail("one")}), "c.eml": mail("two")})
    items = found(once)
    assert [(item.member, getattr(item, "subject", "")) for item in items] == [
        ("a/in/b/m.eml", "one"),
        ("c.eml", "two"),
    ]
    twice = found(PACKERS[outer]({"a": PACKERS[inner]({"b": PACKERS[outer]({"c.eml": mail("x")})}), "d": mail("y")}))
    assert [(item.member, getattr(item, "code", "read")) for item in twice] == [
        ("a/b", "nested-archive"),
        ("d", "read"),
    ]
    assert "unpack" in twice[0].message  # type: ignore[union-attr]


def test_hidden_files_are_left_out_and_a_maildir_is_one() -> None:
    items = found(
        tar_of(
            {
                "./Mail/cur/1714982400.M1P2.host:2,S": mail("one"),
                "./Mail/.Sent/new/1714982401.M1P2.host": mail("two"),
                "./.git/config.txt": b"some text\n",
                "__MACOSX/._m.eml": b"\0\5\x16\7",
            }
        )
    )
    assert [(item.member, getattr(item, "format", "")) for item in items] == [
        ("Mail/cur/1714982400.M1P2.host:2,S", "maildir"),
        ("Mail/.Sent/new/1714982401.M1P2.host", "maildir"),
    ]


def test_downloads_of_google_groups_and_groups_io_are_mailboxes_among_other_files() -> None:
    takeout = zip_of(
        {
            "Takeout/archive_browser.html": b"<html><title>Takeout</title><body><p>Your files</p></body></html>",
            "Takeout/Groups/anvil-dev@googlegroups.example/topics.mbox": box("one").replace(
                SEPARATOR.encode(), b"From 1798765432101234567@xxx Mon May 06 08:00:00 +0000 2024\n"
            ),
            "Takeout/Groups/anvil-dev@googlegroups.example/members.csv": b"Email,Nickname,Role\na@x,a,m\nb@x,b,m\n",
        }
    )
    items = found(takeout)
    assert [item.subject for item in items if isinstance(item, Message) and item.format == "mbox"] == ["one"]
    groups = found(zip_of({"messages.mbox": box("one", "two"), "members.json": b"[]"}))
    assert [item.index for item in groups if isinstance(item, Message)] == [0, 1]


@pytest.mark.parametrize(
    "name", ["../escape.eml", "a/../../escape.eml", "/etc/escape.eml", "C:\\escape.eml", "..\\x.eml"]
)
@pytest.mark.parametrize("kind", PACKERS)
def test_an_archive_whose_names_lead_out_of_it_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    file = tmp_path / "evil"
    file.write_bytes(PACKERS[kind]({"good.eml": mail("one"), name: mail("two")}))
    with pytest.raises(SourceError, match="leads out of it") as error:
        read([file])
    assert "\n" not in str(error.value)
    assert [(item.path, getattr(item, "code", "")) for item in read([tmp_path])] == [("evil", "unsafe-archive")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil"]


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def test_links_and_devices_in_a_tar_are_left_out() -> None:
    data = tar_of(
        {"m.eml": mail("one")},
        special("loop", tarfile.SYMTYPE, "loop"),
        special("passwd", tarfile.SYMTYPE, "/etc/passwd"),
        special("hard", tarfile.LNKTYPE, "m.eml"),
        special("pipe", tarfile.FIFOTYPE),
        special("disk", tarfile.BLKTYPE),
        special("folder", tarfile.DIRTYPE),
    )
    items = found(data)
    assert [(item.member, getattr(item, "code", "read")) for item in items] == [
        ("loop", "not-a-file"),
        ("passwd", "not-a-file"),
        ("hard", "not-a-file"),
        ("pipe", "not-a-file"),
        ("disk", "not-a-file"),
        ("m.eml", "read"),
    ]


def test_links_and_encrypted_files_in_a_zip_are_left_out() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("passwd")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("secret.eml", mail("two"))
        archive.writestr("m.eml", mail("one"))
    data = bytearray(out.getvalue())
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):  # say of the second that it is encrypted
        at = data.index(mark, data.index(mark) + 1)
        data[at + flags] |= 1
    assert [(item.member, getattr(item, "code", "read")) for item in found(bytes(data))] == [
        ("passwd", "not-a-file"),
        ("secret.eml", "unreadable"),
        ("m.eml", "read"),
    ]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test can exceed in no time."""
    monkeypatch.setattr(opening, "MAX_UNPACKED", 4 << 20)
    monkeypatch.setattr(opening, "_HARMLESS", 1 << 20)
    monkeypatch.setattr(packed, "MAX_MEMBERS", 20)


ZEROS = bytes(2 << 20)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar.bz2", "tar.xz"])
def test_a_bomb_is_refused_by_name_and_left_out_of_a_folder(tmp_path: Path, kind: str) -> None:
    (tmp_path / "bomb").write_bytes(PACKERS[kind]({"zeros": ZEROS}))
    with pytest.raises(SourceError, match="bomb"):
        read([tmp_path / "bomb"])
    with pytest.raises(SourceError, match="bomb"):
        found((tmp_path / "bomb").read_bytes())
    (tmp_path / "m.eml").write_bytes(mail("one"))
    assert [getattr(item, "code", "read") for item in read([tmp_path])] == ["too-large", "read"]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_may_neither_be_too_large_nor_hold_too_many_files(tmp_path: Path, kind: str) -> None:
    noise = os.urandom(3 << 20)
    (tmp_path / "large").write_bytes(PACKERS[kind]({"a": noise, "b": noise}))
    with pytest.raises(SourceError, match="unpacks to more than"):
        read([tmp_path / "large"])
    (tmp_path / "many").write_bytes(PACKERS[kind]({f"{n}.eml": mail(str(n)) for n in range(21)}))
    with pytest.raises(SourceError, match="more than 20 files"):
        read([tmp_path / "many"])


@pytest.mark.usefixtures("small")
def test_what_archives_in_an_archive_unpack_to_is_counted_together() -> None:
    inner = zip_of({"noise": os.urandom(1 << 20)})
    with pytest.raises(SourceError, match="unpacks to more than"):
        found(zip_of({f"{n}.zip": inner for n in range(3)}))
    few = {f"{n}.zip": zip_of({f"{m}.eml": mail(f"{n}{m}") for m in range(9)}) for n in range(3)}
    with pytest.raises(SourceError, match="more than 20 files"):
        found(zip_of(few))


@pytest.mark.usefixtures("small")
def test_a_bomb_within_an_archive_is_left_out_and_the_rest_is_read() -> None:
    items = found(zip_of({"bomb.gz": gzip.compress(box("one") + ZEROS), "m.eml": mail("two")}))
    assert [(item.member, getattr(item, "code", "read")) for item in items] == [
        ("bomb.gz", "too-large"),
        ("m.eml", "read"),
    ]


def test_members_of_a_zip_that_share_their_bytes_are_counted_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_HARMLESS", 1 << 20)
    kernel = zip_of({"a": os.urandom(100) + bytes(200_000)})
    end = kernel.index(b"PK\x05\x06")
    start = kernel.index(b"PK\x01\x02")
    entries = b"".join(kernel[start : end - 1] + bytes([97 + n]) for n in range(20))  # twenty names, one content
    tail = bytearray(kernel[end:])
    tail[8:10] = tail[10:12] = (20).to_bytes(2, "little")
    tail[12:16] = len(entries).to_bytes(4, "little")
    (tmp_path / "shared.zip").write_bytes(kernel[:start] + entries + tail)
    with pytest.raises(SourceError, match="bomb"):
        read([tmp_path / "shared.zip"])


@pytest.mark.parametrize("kind", PACKERS)
def test_a_damaged_archive_is_refused(tmp_path: Path, kind: str) -> None:
    data = PACKERS[kind]({"a.mbox": box(*map(str, range(200))), "b.mbox": os.urandom(5000)})
    (tmp_path / "torn").write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(SourceError, match="damaged") as error:
        read([tmp_path / "torn"])
    assert "\n" not in str(error.value)


def test_a_tar_with_a_garbled_header_in_its_midst_is_refused() -> None:
    data = bytearray(tar_of({"a.eml": mail("one"), "b.eml": mail("two")}))
    data[1024 + 148] ^= 7  # the checksum of the second header
    with pytest.raises(SourceError, match="damaged"):
        found(bytes(data))


def test_a_member_that_is_damaged_is_told_and_the_others_are_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.eml", mail("one"))
        archive.writestr("b.eml", mail("two"))
    data = out.getvalue().replace(b"council, one", b"COUNCIL, one")
    assert [(item.member, getattr(item, "code", "read")) for item in found(data)] == [
        ("a.eml", "corrupt-archive"),
        ("b.eml", "read"),
    ]


def test_a_tar_s_name_may_not_be_a_gigabyte() -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    with pytest.raises(SourceError, match="damaged"):
        found(info.tobuf(tarfile.GNU_FORMAT) + bytes(4096))


def test_an_empty_archive_and_an_office_document_are_none_to_read() -> None:
    with pytest.raises(SourceError, match="without files"):
        found(zip_of({}))
    with pytest.raises(SourceError, match="office document"):
        found(zip_of({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}))
