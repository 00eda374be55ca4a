"""One message: its fields, and which of its parts is what the sender wrote."""

from __future__ import annotations

import base64
import io
import quopri
from datetime import UTC, datetime

import pytest

from analyzer.records import Skipped
from analyzer.sources import read
from analyzer.sources.message import Message

HEAD = "From: Noor Haddad <noor@prism.example>\nDate: Wed, 5 Mar 2025 10:00:00 +0100\nSubject: Candidacy\n"


def item(text: str | bytes) -> Message | Skipped:
    data = text.encode() if isinstance(text, str) else text
    [one] = read(["-"], stdin=io.BytesIO(data))
    return one


def mail(text: str | bytes) -> Message:
    one = item(text)
    assert isinstance(one, Message)
    return one


def test_the_fields_of_a_message() -> None:
    message = mail(
        "From: =?utf-8?q?No=C3=B6r?= Haddad <noor@prism.example>\n"
        'To: council at prism.example, "Board, the" <board@prism.example>\n'
        "Cc: <board@prism.example>\n"
        "Date: Wed, 5 Mar 2025 10:00:00 +0100\n"
        "Subject: =?iso-8859-1?Q?Kandidatur_f=FCr?=\n =?utf-8?b?IGRlbiBSYXQ=?=\n"
        "Message-ID: <1@prism.example>\n"
        "In-Reply-To: <0@prism.example>\n"
        "References: <a@prism.example>\n\t<0@prism.example>\n"
        "List-Id: The Prism developers <prism-dev.lists.prism.example>\n"
        "\n"
        "I stand.\n"
    )
    assert message.format == "eml"
    assert (message.sender_name, message.sender_address) == ("Noör Haddad", "noor@prism.example")
    assert message.subject == "Kandidatur für den Rat"
    assert message.date == datetime(2025, 3, 5, 9, tzinfo=UTC)
    assert (message.message_id, message.in_reply_to) == ("1@prism.example", "0@prism.example")
    assert message.references == ("a@prism.example", "0@prism.example")
    assert message.list_name == "prism-dev"
    assert message.to == ("council@prism.example", "board@prism.example")
    assert (message.body, message.body_format, message.defects) == ("I stand.", "plain", ())


def test_a_message_id_without_brackets_is_kept() -> None:
    message = mail(HEAD + "Message-ID: 1741.22@prism.example\nIn-Reply-To: Your message of Tuesday\n\nI stand.\n")
    assert (message.message_id, message.in_reply_to) == ("1741.22@prism.example", None)


def test_a_writer_behind_a_list_s_own_address_is_found() -> None:
    via = (
        "From: Noor Haddad via Prism-dev <prism-dev@lists.prism.example>\n{}Date: Wed, 5 Mar 2025 10:00:00 +0100\n"
        "Subject: Candidacy\nList-Post: <mailto:prism-dev@lists.prism.example>\n\nI stand.\n"
    )
    message = mail(via.format("Reply-To: Noor Haddad <noor@prism.example>\n"))
    assert (message.sender_name, message.sender_address) == ("Noor Haddad", "noor@prism.example")
    assert message.list_name == "prism-dev"
    message = mail(via.format("X-Original-From: Noor Haddad <noor@prism.example>\n"))
    assert message.sender_address == "noor@prism.example"
    message = mail(via.format("Reply-To: prism-dev@lists.prism.example\n"))
    assert (message.sender_name, message.sender_address) == ("Noor Haddad", None)


@pytest.mark.parametrize(
    ("fields", "subject", "name"),
    [
        ("List-Id: <prism-dev.lists.prism.example>\n", "x", "prism-dev"),
        ("List-Post: <mailto:Prism-Dev@lists.prism.example>\n", "x", "prism-dev"),
        ("X-BeenThere: prism@lists.prism.example\n", "x", "prism"),
        ("Mailing-List: list prism@googlegroups.example; contact x@y.example\n", "x", "prism"),
        ("To: prism@lists.prism.example\n", "[Prism] x", "prism"),
        ("", "Re: [prism-dev] x", "prism-dev"),
        ("", "[tc] x", None),
        ("", "[self-nomination] x", None),
    ],
)
def test_the_list_is_named_where_it_is_evident(fields: str, subject: str, name: str | None) -> None:
    assert mail(HEAD.replace("Candidacy", subject) + fields + "\nI stand.\n").list_name == name


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("", "plain"),
        ("; format=flowed", "flowed"),
        ("; charset=utf-8; format=Flowed; DelSp=Yes", "delsp"),
        ("; format=fixed; delsp=yes", "plain"),
    ],
)
def test_soft_breaks_are_left_for_the_next_room_and_said(parameters: str, expected: str) -> None:
    message = mail(HEAD + f"Content-Type: text/plain{parameters}\n\nI stand \nfor the council.\n-- \nNoor\n")
    assert message.body_format == expected
    assert message.body == "I stand \nfor the council.\n-- \nNoor"


TEXT = "Größe zählt: façade, naïve, œuvre, and so on.\n" * 3


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-15", "cp1252", "utf-16"])
@pytest.mark.parametrize("transfer", ["base64", "quoted-printable"])
def test_declared_charsets_and_transfer_encodings(encoding: str, transfer: str) -> None:
    data = TEXT.encode(encoding)
    packed = base64.encodebytes(data) if transfer == "base64" else quopri.encodestring(data)
    head = HEAD + f"Content-Type: text/plain; charset={encoding}\nContent-Transfer-Encoding: {transfer}\n\n"
    message = mail(head.encode() + packed)
    assert message.body == TEXT.strip("\n")
    assert message.defects == ()


@pytest.mark.parametrize(
    ("declared", "actual", "defect"),
    [
        ("; charset=us-ascii", "utf-8", "wrong-charset"),
        ("; charset=iso-8859-1", "utf-8", "wrong-charset"),
        ("; charset=utf-8", "cp1252", "wrong-charset"),
        ("; charset=no-such-thing", "utf-8", "unknown-charset"),
        ("; charset=unicode-escape", "utf-8", "unknown-charset"),
        ("", "cp1252", "guessed-charset"),
    ],
)
def test_wrong_and_missing_charsets_are_mended_and_said(declared: str, actual: str, defect: str) -> None:
    message = mail((HEAD + f"Content-Type: text/plain{declared}\n\n").encode() + TEXT.encode(actual))
    assert message.body == TEXT.strip("\n")
    assert message.defects == (defect,)


def test_undeclared_utf8_is_no_defect() -> None:
    message = mail(HEAD.encode() + b"\n" + TEXT.encode())
    assert (message.body, message.defects) == (TEXT.strip("\n"), ())


def test_bare_bytes_in_header_fields_are_decoded() -> None:
    for encoding in ("utf-8", "cp1252"):
        message = mail(
            HEAD.replace("Noor Haddad", "Noör Hâddad").replace("Candidacy", "Für alle").encode(encoding) + b"\nHi\n"
        )
        assert (message.sender_name, message.subject) == ("Noör Hâddad", "Für alle")


def test_a_footer_below_base64_does_not_garble_it() -> None:
    packed = base64.encodebytes(b"I stand for the council of Prism.\n").decode()
    footer = "_______________________________________________\nprism-dev mailing list\n"
    message = mail(HEAD + f"Content-Transfer-Encoding: base64\n\n{packed}{footer}")
    assert message.body == f"I stand for the council of Prism.\n\n{footer}".strip("\n")
    assert message.defects == ("broken-base64",)


def test_text_that_only_claims_to_be_base64_stays() -> None:
    message = mail(HEAD + "Content-Transfer-Encoding: base64\n\nI stand, really.\n")
    assert (message.body, message.defects) == ("I stand, really.", ("broken-base64",))


def test_broken_quoted_printable_keeps_what_it_can() -> None:
    message = mail(HEAD + "Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe, 1=1, =ZZ, wrap=\nped=")
    assert message.body == "Grüße, 1=1, =ZZ, wrapped"


def test_quoted_printable_whose_header_was_lost_is_undone() -> None:
    text = "Für den Rat von Prism möchte ich mehr als nur schöne Worte und große Pläne vorlegen. " * 4
    message = mail(HEAD.encode() + b"\n" + quopri.encodestring(text.encode()) + b"\n")
    assert message.body == text.strip("\n")
    assert "undeclared-quoted-printable" in message.defects


def parts(kind: str, *bodies: tuple[str, str]) -> str:
    inner = "".join(f"--b\nContent-Type: {type_}\n\n{body}\n" for type_, body in bodies)
    return HEAD + f"MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=b\n\n{inner}--b--\n"


HTML = (
    "<html><head><style>p {color: red}</style></head>"
    "<body><p>I stand for the <b>council</b> of Prism.</p></body></html>"
)


def test_plain_text_is_preferred_to_html() -> None:
    message = mail(parts("alternative", ("text/plain", "I stand for the council."), ("text/html", HTML)))
    assert (message.body, message.body_format) == ("I stand for the council.", "plain")
    message = mail(parts("alternative", ("text/html", HTML), ("text/plain", "I stand for the council.")))
    assert message.body_format == "plain"


@pytest.mark.parametrize(
    "stub",
    [
        "",
        " \n",
        "This message is in HTML; please use a mail reader that can show it.",
        "To view this message, open it in your browser.",
        "Your client does not support HTML messages.",
    ],
)
def test_html_is_taken_where_the_plain_text_says_nothing(stub: str) -> None:
    message = mail(parts("alternative", ("text/plain", stub), ("text/html", HTML * 3)))
    assert message.body_format == "markdown"
    assert message.body.startswith("I stand for the **council** of Prism.")


def test_a_short_plain_text_about_html_is_no_stub_if_it_says_as_much() -> None:
    text = "I want to see the HTML version of our manual finished."
    message = mail(parts("alternative", ("text/plain", text), ("text/html", f"<p>{text}</p>")))
    assert message.body == text


def test_html_alone_becomes_markdown_without_what_is_not_shown() -> None:
    html = (
        "<title>Spam</title><script>evil()</script><p style='display:none'>preview</p><h2>Goals</h2>"
        "<ul><li>Docs<li>A <i>calm</i> queue</ul><!-- hidden -->"
        "<p>See <a href='https://prism.example'>Prism</a>, C# &amp; x_y.</p>"
        "<p>Noor</p>--&nbsp;<br>Prism Ltd<blockquote>Old text</blockquote>"
    )
    message = mail(HEAD + f"Content-Type: text/html; charset=utf-8\n\n{html}")
    assert message.body_format == "markdown"
    assert message.body.split("\n") == [
        "## Goals",
        "",
        "- Docs",
        "- A *calm* queue",
        "",
        "See [Prism](https://prism.example), C# \\& x\\_y.",
        "",
        "Noor",
        "",
        "-- ",
        "Prism Ltd",
        "> Old text",
    ]


def test_attachments_are_left_out_and_footers_of_lists_joined() -> None:
    message = mail(
        parts(
            "mixed",
            ("text/plain", "I stand for the council."),
            (
                "text/plain; name=plan.txt\nContent-Disposition: attachment; filename=plan.txt",
                "The long plan.",
            ),
            ("text/x-patch", "--- a\n+++ b"),
            ("image/png\nContent-Transfer-Encoding: base64", "iVBORw0KGgo="),
            ("text/plain", "prism-dev mailing list"),
        )
    )
    assert message.body == "I stand for the council.\n\nprism-dev mailing list"


def test_a_signed_message_is_what_was_signed() -> None:
    message = mail(parts("signed", ("text/plain", "I stand."), ("application/pgp-signature", "-----BEGIN PGP")))
    assert message.body == "I stand."


INNER = "From: Bo Falk <bo@prism.example>\nSubject: My platform\nDate: Tue, 4 Mar 2025 10:00:00 +0100\n\nVote for me.\n"


def test_a_forwarded_message_is_an_attachment_where_there_is_other_text() -> None:
    message = mail(parts("mixed", ("text/plain", "See below."), ("message/rfc822", INNER)))
    assert message.body == "See below."


def test_a_forwarded_message_alone_is_the_body_under_its_own_header() -> None:
    message = mail(parts("mixed", ("text/plain", ""), ("message/rfc822", INNER)))
    assert message.sender_name == "Noor Haddad"
    assert message.body.split("\n") == [
        "-------- Forwarded Message --------",
        "From: Bo Falk <bo@prism.example>",
        "Date: Tue, 4 Mar 2025 10:00:00 +0100",
        "Subject: My platform",
        "",
        "Vote for me.",
    ]


def test_a_multipart_whose_boundary_never_comes_is_its_text() -> None:
    message = mail(HEAD + "Content-Type: multipart/mixed; boundary=lost\n\nI stand.\n")
    assert (message.body, message.defects) == ("I stand.", ("broken-multipart",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD + "\n\n", "no-text"),
        (parts("mixed", ("image/png", "iVBORw0KGgo=")), "no-text"),
        (
            HEAD + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(200)),
            "broken-message",
        ),
    ],
)
def test_a_message_without_text_or_without_end_is_skipped(text: str, code: str) -> None:
    one = item(text)
    assert isinstance(one, Skipped)
    assert one.code == code


def test_a_message_may_be_dated_by_its_delivery() -> None:
    text = HEAD.replace(
        "Date: Wed, 5 Mar 2025 10:00:00 +0100\n", "Received: from a by b;\n\tWed, 5 Mar 2025 10:00:02 +0100\n"
    )
    message = mail(text + "\nI stand.\n")
    assert (message.date, message.defects) == (datetime(2025, 3, 5, 9, 0, 2, tzinfo=UTC), ("missing-date",))


def test_a_statement_with_labelled_lines_is_no_mail() -> None:
    [one] = read(
        ["-"],
        stdin=io.BytesIO(b"Name: Noor Haddad\nEmail: noor@prism.example\nDate: 2025-03-05\n\nI stand.\n"),
    )
    assert isinstance(one, Message)
    assert (one.format, one.named) == ("text", True)


def test_html_without_end_or_sense_is_cut_not_waited_for() -> None:
    for html in (
        "<div>" * 30_000 + "deep",
        "<i>" * 900 + "</b>x" * 30_000,
        "<" * 100_000 + "x",
        "<p>" + " " * 100_000 + "x",
    ):
        assert mail(HEAD + f"Content-Type: text/html\n\n{html}").body
