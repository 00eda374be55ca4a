"""List archives in the dialects of the programs that write them: what is a message, and what is known of it."""

from __future__ import annotations

import gzip
import io
import mailbox
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from analyzer.errors import SourceError
from analyzer.records import Skipped
from analyzer.sources import read
from analyzer.sources.message import Message
from analyzer.statements import Statement, from_messages

SEPARATOR = "From tilda@wharf.example Tue Jun  4 09:00:00 2024"


def parse(data: str | bytes) -> list[Message]:
    data = data.encode() if isinstance(data, str) else data
    items = list(read(["-"], stdin=io.BytesIO(data)))
    assert not [item for item in items if isinstance(item, Skipped)]
    return [item for item in items if isinstance(item, Message)]


def entry(subject: str, body: str, separator: str = SEPARATOR, **fields: str) -> str:
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return (
        f"{separator}\nFrom: Tilda Reeve <tilda@wharf.example>\nSubject: {subject}\n"
        f"Date: Tue, 4 Jun 2024 11:00:00 +0200\nMessage-ID: <{subject}@wharf.example>\n{more}\n{body}\n"
    )


# --- what Python's mailbox gets wrong ------------------------------------------------------------------


def by_mailbox(tmp_path: Path, data: bytes) -> list[mailbox.mboxMessage]:
    (tmp_path / "box").write_bytes(data)
    return list(mailbox.mbox(tmp_path / "box"))


def test_a_body_line_with_from_is_no_border(tmp_path: Path) -> None:
    data = entry("one", "Dear all,\n\nFrom here on it is easy.\n\nTilda") + "\n" + entry("two", "Thanks.")
    assert len(by_mailbox(tmp_path, data.encode())) == 3
    assert [message.body for message in parse(data)] == ["Dear all,\n\nFrom here on it is easy.\n\nTilda", "Thanks."]


def test_a_byte_order_mark_or_blank_line_ahead_hides_no_message(tmp_path: Path) -> None:
    data = (entry("one", "First.") + "\n" + entry("two", "Second.")).encode()
    assert len(by_mailbox(tmp_path, b"\xef\xbb\xbf" + data)) == 1
    for ahead in (b"\xef\xbb\xbf", b"\n", b"\r\n\r\n"):
        assert [message.subject for message in parse(ahead + data)] == ["one", "two"]


def test_quoting_of_from_is_undone(tmp_path: Path) -> None:
    data = entry("one", ">From now on.\n>>From him.").encode()
    [theirs] = by_mailbox(tmp_path, data)
    assert ">From now" in theirs.get_payload()
    assert parse(data)[0].body == "From now on.\n>From him."


def test_a_content_length_that_is_right_spans_whatever_is_in_it(tmp_path: Path) -> None:
    inner = entry("inner", "Look, a whole mailbox.") + "\n" + entry("inner-too", "And more.")
    body = f"See this:\n\n{inner}\nTilda\n"
    data = entry("one", body.rstrip("\n"), Content_Length=str(len(body))) + "\n" + entry("two", "Second.")
    assert len(by_mailbox(tmp_path, data.encode())) == 4
    first, second = parse(data)
    assert first.body == body.strip("\n")
    assert second.subject == "two"
    alone = entry("one", body.rstrip("\n"), Content_Length=str(len(body)))
    assert [message.body for message in parse(alone)] == [body.strip("\n")]


@pytest.mark.parametrize("lie", ["0", "7", "40", "99999", "999999999999", "-3", "many"])
def test_a_content_length_that_lies_is_not_believed(lie: str) -> None:
    data = entry("one", "First.", Content_Length=lie) + "\n" + entry("two", "Second.", Content_Length=lie)
    assert [(message.subject, message.body) for message in parse(data)] == [("one", "First."), ("two", "Second.")]


def test_mboxcl_is_quoted_and_mboxcl2_is_not() -> None:
    quoted = ">From now on.\n"
    [message] = parse(entry("one", quoted.rstrip("\n"), Content_Length=str(len(quoted))))
    assert message.body == "From now on."
    bare = f"{SEPARATOR}\nSubject: x\n\n>From as it was written.\n"
    [message] = parse(entry("one", bare.rstrip("\n"), Content_Length=str(len(bare))))
    assert message.body == bare.strip("\n")


def test_a_missing_blank_line_and_windows_line_ends_lose_no_border_and_leave_no_trace() -> None:
    text = entry("one", "First.") + entry("two", "Second.")
    for data in (text, text.replace("\n", "\r\n")):
        assert [message.body for message in parse(data)] == ["First.", "Second."]


def test_an_unknown_charset_and_bare_bytes_are_no_end_of_the_run(tmp_path: Path) -> None:
    data = entry("one", "Grüße", Content_Type="text/plain; charset=no-such").encode("cp1252")
    [theirs] = by_mailbox(tmp_path, data)
    with pytest.raises(LookupError):
        theirs.get_payload(decode=True).decode(theirs.get_content_charset())
    assert parse(data)[0].body == "Grüße"
    named = entry("one", "Text.").replace("Tilda Reeve", "Tildä Reeve").encode("latin-1")
    assert parse(named)[0].sender_name == "Tildä Reeve"


def test_a_separator_at_the_border_of_two_blocks_is_seen() -> None:
    one, two = entry("one", "First.") + "\n", entry("two", "Second.") + "\n"
    for size in (1 << 18, 1 << 19):
        for shift in range(-8, 9):
            filler = "x" * 70 + "\n"
            wanted = size + shift - len(one) - len(entry("fill", "")) - 1
            body = filler * (wanted // 71) + "y" * (wanted % 71)
            found = parse(one + entry("fill", body) + "\n" + two)
            assert [message.subject for message in found] == ["one", "fill", "two"]
            assert found[1].body == body.strip("\n")


# --- archives as web pages -----------------------------------------------------------------------------

MHONARC = """<!-- MHonArc v2.6.19+ -->
<!--X-Subject: [wharf] Candidacy for the board &#45;&#45; T. Reeve -->
<!--X-From-R13: Fvyqn Dsrir &#60;gvyqnNjunes.rknzcyr> -->
<!--X-Date: Tue, 4 Jun 2024 11:00:00 &#43;0200 (CEST) -->
<!--X-Message-Id: 42@wharf.example -->
<!--X-Content-Type: text/plain -->
<!--X-Reference: 40@wharf.example -->
<!--X-Reference: 41@wharf.example -->
<!--X-Head-End-->
<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">
<html><head><title>[wharf] Candidacy for the board -- T. Reeve</title></head><body>
<!--X-Body-Begin-->
<!--X-User-Header-->
<!--X-User-Header-End-->
<!--X-TopPNI-->
[<a href="msg00041.html">Date Prev</a>][<a href="msg00043.html">Date Next</a>]
<!--X-TopPNI-End-->
<!--X-MsgBody-->
<!--X-Subject-Header-Begin-->
<h1>[wharf] Candidacy for the board -- T. Reeve</h1>
<!--X-Subject-Header-End-->
<!--X-Head-of-Message-->
<ul>
<li><em>From</em>: Tilda Reeve &lt;<a href="mailto:tilda@DOMAIN.HIDDEN">tilda@xxxxxxxxxxxxx</a>&gt;</li>
<li><em>To</em>: <a href="mailto:wharf@DOMAIN.HIDDEN">wharf@lists.wharf.example</a></li>
<li><em>Date</em>: Tue, 4 Jun 2024 11:00:00 +0200</li>
</ul>
<!--X-Head-of-Message-End-->
<!--X-Head-Body-Sep-Begin-->
<hr>
<!--X-Head-Body-Sep-End-->
<!--X-Body-of-Message-->
<pre>I stand for the board, x &lt; y.

From now on, tides first.
</pre>
<!--X-Body-of-Message-End-->
<!--X-MsgBody-End-->
<!--X-Follow-Ups-->
<ul><li><strong>Follow-Ups</strong>: <a href="msg00044.html">Re: Candidacy</a></li></ul>
<!--X-Follow-Ups-End-->
<!--X-BotPNI-->
</body></html>
"""


def rot13(text: str) -> str:
    """MHonArc's: 28 capitals, of which "@" is the first and "[" the last."""
    turned = {}
    for letters in ("@ABCDEFGHIJKLMNOPQRSTUVWXYZ[", "abcdefghijklmnopqrstuvwxyz"):
        half = len(letters) // 2
        turned |= dict(zip(letters, letters[half:] + letters[:half], strict=True))
    return "".join(turned.get(letter, letter) for letter in text)


def mhonarc(sender: str = "Tilda Reeve <tilda@wharf.example>", text: str = MHONARC) -> str:
    hidden = rot13(sender).replace("<", "&#60;").replace("-", "&#45;")
    return text.replace("Fvyqn Dsrir &#60;gvyqnNjunes.rknzcyr>", hidden)


def test_mhonarc_s_page_is_its_message_and_its_comments_are_the_fields() -> None:
    [message] = parse(mhonarc())
    assert (message.format, message.body_format) == ("archive-html", "plain")
    assert message.subject == "[wharf] Candidacy for the board -- T. Reeve"
    assert (message.sender_name, message.sender_address) == ("Tilda Reeve", "tilda@wharf.example")
    assert message.date == datetime(2024, 6, 4, 9, tzinfo=UTC)
    assert message.message_id == "42@wharf.example"
    assert message.references == ("40@wharf.example", "41@wharf.example")
    assert message.in_reply_to == "41@wharf.example"
    assert (message.list_name, message.to) == ("wharf", ("wharf@lists.wharf.example",))
    assert message.body == "I stand for the board, x < y.\n\nFrom now on, tides first."


def test_mhonarc_s_page_in_html_and_without_comments_is_read_by_what_it_shows() -> None:
    text = mhonarc().replace("<pre>I stand", "<p>I <b>stand</b>").replace("</pre>", "</p>")
    [message] = parse(text)
    assert message.body_format == "markdown"
    assert message.body.startswith("I **stand** for the board")
    bare = text[text.index("<!DOCTYPE") :].replace("tilda@xxxxxxxxxxxxx", "tilda@wharf.example")
    [message] = parse(bare)
    assert (message.sender_name, message.sender_address) == ("Tilda Reeve", "tilda@wharf.example")
    assert message.date == datetime(2024, 6, 4, 9, tzinfo=UTC)


PIPERMAIL_INDEX = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN">
<HTML><HEAD><title>Das Wharf Juni 2024 Archiv nach Thema</title></HEAD><BODY><ul>
<!--0 01717491600/42@wharf.example- -->
<LI><A HREF="000042.html">[wharf] Candidacy for the board
</A><A NAME="42">&nbsp;</A>
<I>Tilda Reeve
</I>
</ul></BODY></HTML>"""


@pytest.mark.parametrize(
    "text",
    [
        "<!-- MHonArc v2.6.19 -->\n<html><head><title>wharf: by date</title></head><body><h1>wharf</h1>\n"
        "<ul><li><a href='msg00042.html'>Candidacy</a>, Tilda Reeve</li></ul></body></html>",
        PIPERMAIL_INDEX,
        PIPERMAIL_INDEX.replace("<!--0 01717491600/42@wharf.example- -->\n", ""),
    ],
)
def test_an_index_is_no_message_in_any_language(text: str) -> None:
    with pytest.raises(SourceError, match="index of an archive"):
        parse(text)


PAGE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN">
<HTML><HEAD><TITLE> [wharf] {subject}
   </TITLE></HEAD><BODY BGCOLOR="#ffffff">
   <H1>[wharf] {subject}</H1>
    <B>Tilda Reeve</B>
    <A HREF="mailto:wharf%40lists.wharf.example?Subject=x&In-Reply-To=%3C{subject}%40wharf.example%3E"
       TITLE="[wharf] {subject}">tilda at wharf.example
       </A><BR>
    <I>Tue Jun  4 09:00:00 UTC 2024</I>
    <HR>
<!--beginarticle-->
<PRE>{body}
</PRE>
<!--endarticle-->
</BODY></HTML>"""
STATEMENT = (
    "I announce my candidacy for the board of Wharf.\n\nIf elected, I will mend the pier. I want tides first,\n"
    "and I will serve all who come by ship. My name is Tilda Reeve, and you reach me at "
)


def test_a_site_s_dump_has_its_messages_once_though_it_has_them_as_text_and_as_pages(tmp_path: Path) -> None:
    month = (
        "From tilda at wharf.example  Tue Jun  4 09:00:00 2024\nFrom: tilda at wharf.example (Tilda Reeve)\n"
        "Date: Tue, 4 Jun 2024 09:00:00 +0000\nSubject: [wharf] {0}\nMessage-ID: <{0}@wharf.example>\n\n{1}\n\n"
    )
    (tmp_path / "2024-June").mkdir()
    # The page hides the address in the text; the month does not.
    (tmp_path / "2024-June.txt.gz").write_bytes(
        gzip.compress(
            (
                month.format("Candidacy", STATEMENT + "tilda@wharf.example.") + month.format("Tea", "It is cold.")
            ).encode()
        )
    )
    for number, subject, body in (
        (1, "Candidacy", STATEMENT + "tilda at wharf.example."),
        (2, "Tea", "It is cold."),
    ):
        (tmp_path / "2024-June" / f"{number:06}.html").write_text(PAGE.format(subject=subject, body=body))
    for name in ("thread", "date", "author", "subject"):
        (tmp_path / "2024-June" / f"{name}.html").write_text(PIPERMAIL_INDEX)
    (tmp_path / "index.html").write_text("<HTML><HEAD><title>The Wharf Archives</title></HEAD><BODY>June</BODY></HTML>")
    items = list(from_messages(read([tmp_path])))
    [statement] = [item for item in items if isinstance(item, Statement)]
    assert statement.source.message_id == "Candidacy@wharf.example"
    assert sorted((item.code, item.path) for item in items if isinstance(item, Skipped)) == [
        ("duplicate", "2024-June/000001.html"),
        ("index-page", "2024-June/author.html"),
        ("index-page", "2024-June/date.html"),
        ("index-page", "2024-June/subject.html"),
        ("index-page", "2024-June/thread.html"),
        ("index-page", "index.html"),
        ("traffic", "2024-June.txt.gz"),
        ("traffic", "2024-June/000002.html"),
    ]


# --- LISTSERV ------------------------------------------------------------------------------------------

RULE = "=" * 73
LOG = f"""{RULE}
Date:         Tue, 4 Jun 2024 11:00:00 +0200
Reply-To:     The harbour masters of Wharf
              <WHARF-L@LISTSERV.WHARF.EXAMPLE>
Sender:       The harbour masters of Wharf
              <WHARF-L@LISTSERV.WHARF.EXAMPLE>
From:         Tilda Reeve <tilda@WHARF.EXAMPLE>
Subject:      Candidacy
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

Grüße!

{RULE}
Aims
{RULE}
Day: to be found.

================
Date:         and more.
{RULE}
Date:         Wed, 5 Jun 2024 11:00:00 +0200
Sender:       The harbour masters of Wharf <WHARF-L@LISTSERV.WHARF.EXAMPLE>
From:         Ulf Brack <ulf@WHARF.EXAMPLE>
Subject:      Re: Candidacy
In-Reply-To:  Message of "Tue, 4 Jun 2024 11:00:00 +0200" from <tilda@WHARF.EXAMPLE>

Good luck!
"""


def test_listserv_s_log_is_its_messages() -> None:
    for text in (LOG, LOG.replace("\n", "\r\n")):
        first, second = parse(text.encode("latin-1"))
        assert (first.format, first.index, second.index) == ("listserv", 0, 1)
        assert (first.subject, first.sender_name, first.sender_address) == (
            "Candidacy",
            "Tilda Reeve",
            "tilda@WHARF.EXAMPLE",
        )
        assert first.date == datetime(2024, 6, 4, 9, tzinfo=UTC)
        assert first.list_name == second.list_name == "wharf-l"
        assert first.body.startswith(f"Grüße!\n\n{RULE}\nAims\n{RULE}\nDay: to be found.\n\n================\nDate:")
        assert second.body == "Good luck!"


@pytest.mark.parametrize("text", [f"{RULE}\nMinutes\n{RULE}\n\nWe met.\n", f"{RULE}\nDate: 4 June\n\nWe met.\n"])
def test_a_text_under_a_rule_is_no_log(text: str) -> None:
    assert parse(text)[0].format == "text"


# --- the program's own exports -------------------------------------------------------------------------


def test_hyperkitty_s_export_is_a_packed_mailbox(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"] = "Tilda Reeve <tilda@wharf.example>"
    mail["Subject"] = "Candidacy"
    mail["Date"] = "Tue, 04 Jun 2024 11:00:00 +0200"
    mail["Message-ID"] = "<42@wharf.example>"
    mail["List-Id"] = "<wharf.lists.wharf.example>"
    mail.set_content("I stand.\nFrom now on.\n")
    text = f"From tilda@wharf.example Tue Jun  4 09:00:00 2024\n{mail.as_string(unixfrom=False)}\n"
    (tmp_path / "wharf@lists.wharf.example-2024-06.mbox.gz").write_bytes(gzip.compress(text.encode() * 2))
    found = [item for item in read([tmp_path]) if isinstance(item, Message)]
    assert [(message.index, message.list_name, message.body) for message in found] == [
        (0, "wharf", "I stand.\nFrom now on."),
        (1, "wharf", "I stand.\nFrom now on."),
    ]


def test_a_folder_of_numbered_mails_is_their_messages(tmp_path: Path) -> None:
    for number in range(3):
        mail = entry(str(number), f"Text {number}.").partition("\n")[2]
        (tmp_path / str(number)).write_text(mail if number else f"{SEPARATOR}\n{mail}")
    assert sorted(message.body for message in read([tmp_path]) if isinstance(message, Message)) == [
        "Text 0.",
        "Text 1.",
        "Text 2.",
    ]


# --- memory --------------------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A mailbox that is made while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if not self._left:
            self._left = next(self._pieces, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def peak(pieces: Iterator[bytes]) -> tuple[int, list[str]]:
    """Read all that is made; return the most memory that took, and what became of each message."""
    import tracemalloc

    tracemalloc.start()
    codes = [
        getattr(item, "code", "read")
        for item in read(["-"], stdin=Endless(pieces))  # type: ignore[arg-type]
    ]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most, codes


def test_memory_does_not_grow_with_the_mailbox() -> None:
    mail = entry("one", "line\n" * 2000).encode() + b"\n"
    few, _ = peak(iter([mail] * 50))
    many, codes = peak(iter([mail] * 2000))
    assert codes == ["read"] * 2000
    assert many < few + (1 << 20)


def test_a_line_of_300_megabytes_is_skipped_in_bounded_memory() -> None:
    head, last = entry("one", "First.").encode() + b"\n", entry("three", "Third.").encode()
    endless = [head, entry("two", "x").encode().rstrip(b"\n"), *[b"x" * (1 << 20)] * 300, b"\n\n", last]
    most, codes = peak(iter(endless))
    assert codes == ["read", "too-large", "read"]
    assert most < 250 << 20
    with pytest.raises(SourceError, match="larger than"):
        peak(iter([b"x" * (1 << 20)] * 300))
