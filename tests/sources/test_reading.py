"""Files, folders and standard input: what is read, what is left out, and what is the user's mistake."""

from __future__ import annotations

import gzip
import io
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import SourceError
from analyzer.records import Skipped
from analyzer.sources import opening, read
from analyzer.sources.message import Message

STATEMENT = "Hello all,\n\nI stand for the council of the Kettle project.\n\nRosa Lindqvist\n"
MAIL = (
    "From: Rosa Lindqvist <rosa@kettle.example>\n"
    "Date: Mon, 6 May 2024 10:00:00 +0200\n"
    "Subject: Candidacy\n"
    "Message-ID: <one@kettle.example>\n"
    "\n"
    "I stand for the council.\n"
)
MBOX = f"From rosa@kettle.example Mon May  6 08:00:00 2024\n{MAIL}\n"


def messages(*sources: str | Path) -> list[Message]:
    return [item for item in read(sources) if isinstance(item, Message)]


def skipped(*sources: str | Path) -> dict[str, str]:
    return {item.path: item.code for item in read(sources) if isinstance(item, Skipped)}


def test_a_named_text_is_a_statement_and_its_path_is_its_name(tmp_path: Path) -> None:
    file = tmp_path / "rosa.txt"
    file.write_text(STATEMENT)
    [message] = messages(file)
    assert (message.path, message.folder, message.named, message.format) == ("rosa.txt", None, True, "text")
    assert message.body == STATEMENT.strip("\n")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("one.eml", MAIL, "eml"),
        ("all.mbox", MBOX, "mbox"),
        ("page.html", "<!doctype html><html><body><p>I stand for the council.</p></body></html>", "html"),
    ],
)
def test_mail_and_web_pages_are_no_statements_by_being_named(
    tmp_path: Path, name: str, content: str, kind: str
) -> None:
    (tmp_path / name).write_text(content)
    [message] = messages(tmp_path / name)
    assert (message.format, message.named) == (kind, False)


@pytest.mark.parametrize("name", ["mail.txt", "notes.md", "noname", "page.html", "data.yaml"])
@pytest.mark.parametrize(("content", "kind"), [(MAIL, "eml"), (MBOX, "mbox")])
def test_the_format_is_recognised_from_content_not_from_the_name(
    tmp_path: Path, name: str, content: str, kind: str
) -> None:
    (tmp_path / name).write_text(content)
    assert [message.format for message in messages(tmp_path / name)] == [kind]


def test_files_of_a_folder_are_not_named_and_know_their_folder(tmp_path: Path) -> None:
    folder = tmp_path / "council"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024" / "rosa.txt").write_text(STATEMENT)
    [message] = messages(folder)
    assert (message.path, message.folder, message.named) == ("2024/rosa.txt", "council", False)


def test_a_folder_is_walked_in_sorted_order_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    for name in ["b/2.txt", "b/10.txt", "a.txt", "c.txt", ".git/config.txt", ".hidden.txt"]:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(STATEMENT)
    assert [message.path for message in messages(tmp_path)] == ["a.txt", "c.txt", "b/10.txt", "b/2.txt"]
    assert skipped(tmp_path) == {}


def test_every_file_of_a_folder_that_is_not_read_is_accounted_for(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "blank.txt").write_text("\n \n")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (tmp_path / "nul.txt").write_bytes(b"some\0bytes")
    (tmp_path / "paper.txt").write_bytes(b"%PDF-1.7 ...")
    (tmp_path / "packed.txt").write_bytes(b"PK\x03\x04...")
    (tmp_path / "results.txt").write_text('{"winner": "Rosa"}')
    (tmp_path / "torn.gz").write_bytes(gzip.compress(STATEMENT.encode())[:-9])
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "again").symlink_to(tmp_path)
    assert messages(tmp_path) == []
    assert skipped(tmp_path) == {
        "empty.txt": "empty",
        "blank.txt": "no-text",
        "picture.txt": "binary",
        "nul.txt": "binary",
        "paper.txt": "binary",
        "packed.txt": "corrupt-archive",
        "results.txt": "data-file",
        "torn.gz": "corrupt-gzip",
        "pipe": "not-a-file",
        "gone.txt": "unreadable",
        "again": "not-a-file",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_skipped_in_a_folder_and_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(STATEMENT)
    (tmp_path / "secret.txt").chmod(0)
    assert skipped(tmp_path) == {"secret.txt": "unreadable"}
    with pytest.raises(SourceError, match="permission"):
        read([tmp_path / "secret.txt"])


def test_a_file_name_that_is_no_utf8_does_no_harm(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/r\xf6sa.txt")).write_text(STATEMENT)
    [message] = messages(tmp_path)
    assert message.path == "r\ufffdsa.txt"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "blank"),
        (b"some\0bytes", "binary"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "zip"),
        (b'{"winner": "Rosa"}', "JSON"),
        (b"\x1f\x8b\x08nonsense", "gzip"),
        (b"<html><title>The Kettle Archives</title><body></body></html>", "index"),
        (b"x" * (opening.MAX_DOCUMENT + 1), "larger"),
    ],
)
def test_a_named_file_without_text_is_an_error_of_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "named"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=words) as error:
        read([file])
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_mistakes_are_told_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "rosa.txt").write_text(STATEMENT)
    with pytest.raises(SourceError, match="no such file"):
        read([tmp_path / "rosa.txt", tmp_path / "missing.txt"])
    (tmp_path / "nothing").mkdir()
    with pytest.raises(SourceError, match="folder is empty"):
        read([tmp_path / "rosa.txt", tmp_path / "nothing"])
    with pytest.raises(SourceError, match="cannot be read"):
        read(["bad\0name"])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="pipe"):
        read([tmp_path / "pipe"])


def test_links_that_lead_in_circles_and_devices_are_refused_by_name_and_left_out_of_folders(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(SourceError, match="symbolic links"):
        read([tmp_path / "one"])
    assert skipped(tmp_path) == {"one": "unreadable", "two": "unreadable"}
    if Path("/dev/zero").exists():
        with pytest.raises(SourceError, match="device"):
            read(["/dev/zero"])
        (tmp_path / "zero").symlink_to("/dev/zero")
        assert skipped(tmp_path)["zero"] == "not-a-file"


def test_a_damaged_gzip_that_is_named_is_an_error_before_its_messages(tmp_path: Path) -> None:
    file = tmp_path / "month.gz"
    file.write_bytes(gzip.compress((MBOX * 2000).encode())[:-100])
    with pytest.raises(SourceError, match="damaged gzip"):
        read([file])


def test_a_gzip_is_read_as_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "month").write_bytes(gzip.compress((MBOX + MBOX).encode()))
    (tmp_path / "rosa.txt.gz").write_bytes(gzip.compress(STATEMENT.encode()))
    (tmp_path / "plain.txt").write_text(STATEMENT)
    by_path = {message.path: message for message in messages(tmp_path)}
    assert (by_path["month"].format, by_path["month"].index) == ("mbox", 1)
    assert by_path["rosa.txt.gz"].sha256 == by_path["plain.txt"].sha256


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_UNPACKED", 1 << 20)
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(MBOX.encode() + b"all work and no play\n" * 100_000))
    with pytest.raises(SourceError, match="unpacks to more than"):
        read([bomb])
    assert skipped(tmp_path) == {"bomb.gz": "too-large"}


def test_gzip_within_gzip_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "twice.gz").write_bytes(gzip.compress(gzip.compress(MBOX.encode())))
    assert skipped(tmp_path) == {"twice.gz": "binary"}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_read_like_a_file(pack: object) -> None:
    data = pack(MBOX.encode())  # type: ignore[operator]
    [item] = read(["-"], stdin=io.BytesIO(data))
    assert isinstance(item, Message)
    assert (item.path, item.index, item.format, item.named) == ("-", 0, "mbox", False)
    [text] = read(["-"], stdin=io.BytesIO(STATEMENT.encode()))
    assert isinstance(text, Message)
    assert text.named


class Trickle(io.RawIOBase):
    """A pipe that gives few bytes at a time and cannot be rewound."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        size = min(7, len(buffer), len(self._data))
        buffer[:size] = self._data[:size]
        self._data = self._data[size:]
        return size


def test_standard_input_may_be_a_slow_pipe() -> None:
    items = list(read(["-"], stdin=Trickle((MBOX * 5).encode())))  # type: ignore[arg-type]
    assert [item.index for item in items] == [0, 1, 2, 3, 4]


def test_empty_standard_input_and_standard_input_given_twice_are_mistakes() -> None:
    with pytest.raises(SourceError, match="standard input"):
        read(["-"], stdin=io.BytesIO(b""))
    with pytest.raises(SourceError, match="twice"):
        read(["-", "-"], stdin=io.BytesIO(MBOX.encode()))


def test_sources_are_read_in_the_order_they_are_given(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "f.txt").write_text(STATEMENT)
    (tmp_path / "z.txt").write_text(STATEMENT)
    items = list(read([str(tmp_path / "z.txt"), "-", tmp_path / "folder"], stdin=io.BytesIO(MBOX.encode())))
    assert [item.path for item in items] == ["z.txt", "-", "f.txt"]


def test_a_maildir_is_its_messages(tmp_path: Path) -> None:
    box = tmp_path / "Mail"
    for folder in ["cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"]:
        (box / folder).mkdir(parents=True)
    (box / "cur" / "1714982400.M1P2.host:2,S").write_text(MAIL)
    (box / "new" / "1714982401.M1P2.host").write_text(MAIL.replace("Candidacy", "New"))
    (box / "tmp" / "1714982402.M1P2.host").write_text(MAIL)
    (box / ".Sent" / "cur" / "1714982403.M1P2.host:2,S").write_text(MAIL)
    (box / "dovecot-uidlist").write_text("3 V1714982400 N3\n")
    found = messages(tmp_path)
    assert [(message.path, message.format, message.subject) for message in found] == [
        ("Mail/.Sent/cur/1714982403.M1P2.host:2,S", "maildir", "Candidacy"),
        ("Mail/cur/1714982400.M1P2.host:2,S", "maildir", "Candidacy"),
        ("Mail/new/1714982401.M1P2.host", "maildir", "New"),
    ]
    assert skipped(tmp_path) == {"Mail/dovecot-uidlist": "data-file"}
    assert [message.path for message in messages(box)][1:] == [
        "cur/1714982400.M1P2.host:2,S",
        "new/1714982401.M1P2.host",
    ]


def test_a_message_of_endless_length_is_skipped_and_the_next_one_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analyzer.sources import cutting

    monkeypatch.setattr(cutting, "MAX_MESSAGE", 3 << 20)
    huge = MBOX.rstrip("\n") + "From one end to the other, " * 300_000 + "\n\n"
    (tmp_path / "list.mbox").write_text(MBOX + huge + MBOX)
    items = list(read([tmp_path / "list.mbox"]))
    assert [(item.index, getattr(item, "code", "read")) for item in items] == [
        (0, "read"),
        (1, "too-large"),
        (2, "read"),
    ]


def test_a_page_no_parser_can_take_is_skipped_in_a_folder_and_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analyzer.sources import webpage

    def fail(opened: opening.Opened) -> list[opening.Item]:
        raise RecursionError("too deep")

    monkeypatch.setattr(webpage, "messages", fail)
    (tmp_path / "page.html").write_text("<html><body><p>I stand.</p></body></html>")
    (tmp_path / "rosa.txt").write_text(STATEMENT)
    assert skipped(tmp_path) == {"page.html": "broken-message"}
    assert [message.path for message in messages(tmp_path)] == ["rosa.txt"]
    with pytest.raises(SourceError, match="RecursionError: too deep"):
        list(read([tmp_path / "page.html"]))


def utf8(message: Message | Skipped) -> None:
    """Fail if any text of an item cannot be written as UTF-8."""
    repr(message).encode()
    if isinstance(message, Message):
        "".join(
            [message.path, message.body, *message.to, *message.references]
            + [
                text or ""
                for text in (
                    message.subject,
                    message.sender_name,
                    message.sender_address,
                    message.message_id,
                    message.in_reply_to,
                    message.list_name,
                )
            ]
        ).encode()


def read_all(data: bytes) -> list[Message | Skipped]:
    try:
        items = list(read(["-"], stdin=io.BytesIO(data)))
    except SourceError as error:
        assert "\n" not in str(error)
        return []
    for item in items:
        utf8(item)
    return items


@given(st.binary(max_size=2000))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    read_all(data)


@given(st.binary(max_size=500), st.binary(max_size=500))
def test_random_bytes_behind_a_mailbox_s_beginning_are_accounted_for(head: bytes, body: bytes) -> None:
    items = read_all(MBOX.encode() + MBOX.encode().split(b"Message-ID")[0] + b"X-Any: " + head + b"\n\n" + body)
    assert items[0].index == 0
    assert len(items) >= 2


PIECES = st.sampled_from(
    [
        "From: ",
        "Subject: ",
        "Date: ",
        "To: ",
        "List-Id: <",
        "References: <",
        "Content-Type: text/html",
        "; charset=",
        "Content-Type: multipart/mixed; boundary=b",
        "--b",
        "--b--",
        "Content-Transfer-Encoding: base64",
        "=?utf-8?q?=c3",
        "Content-Transfer-Encoding: quoted-printable",
        "=?gb2312?b?////?=",
        "message/rfc822",
        "multipart/alternative",
        "\n",
        "\n\n",
        "\r\n",
        " ",
        "\t",
        "=C3=",
        "\xe9",
        "\udce9",
        "\0",
        "<",
        ">",
        "(",
        ")",
        "@",
        " at ",
        "unicode-escape",
        "Mon, 6 May 2024 10:00:00 +0200",
        "99999999999",
        "<html><body><p>x",
        "<!--beginarticle-->",
        "<pre>",
        ">From ",
        "-- ",
        "From a@b.example Mon May  6 08:00:00 2024",
        "---",
        "a: b",
        "- ",
        "{",
        "x" * 100,
    ]
)


@given(st.lists(PIECES, max_size=40))
def test_malformed_mail_pages_and_data_are_read_or_refused(pieces: list[str]) -> None:
    data = "".join(pieces).encode("utf-8", "surrogateescape")
    read_all(data)
    read_all(MBOX.partition("\n\n")[0].encode() + b"\n" + data)
    read_all(b"<html><head></head><body>" + data)


def test_a_torn_and_garbled_message_is_read_or_refused_wherever_it_is_torn() -> None:
    original = (
        b"From: =?utf-8?q?Ros=C3=A1?= <rosa@kettle.example>\nDate: Mon, 6 May 2024 10:00:00 +0200\nSubject: "
        b"=?iso-8859-1?b?S2FuZGlkYXR1cg==?=\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n"
        b"--b\nContent-Type: text/plain; charset=utf-8; format=flowed\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"Gr=C3=BC=C3=9Fe =\nan alle\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n"
        b"PHA+R3LDvMOfZTwvcD4=\n--b--\n"
    )
    dice = random.Random(3)
    for end in range(0, len(original), 7):
        read_all(original[:end])
        garbled = bytearray(original)
        for _ in range(12):
            garbled[dice.randrange(len(garbled))] = dice.randrange(256)
        read_all(bytes(garbled))
