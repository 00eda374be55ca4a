"""Broken messages of every kind: none raises, none is lost without an account, and none takes its neighbours along.

In the suite this tries a hundred mutations of each; ``HYPOTHESIS_PROFILE=thorough`` tries ten thousand.
"""

from __future__ import annotations

import base64
import io
import re
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import SourceError
from analyzer.records import Skipped
from analyzer.sources import read
from analyzer.statements import Statement, from_messages

SEPARATOR = b"From mira@flint.example Tue Jun  4 09:00:00 2024\n"
HEAD = b"From: Mira Stroud <mira@flint.example>\nDate: Tue, 4 Jun 2024 11:00:00 +0200\nSubject: Candidacy\n"
BODY = b"I announce my candidacy for the council of Flint.\n\nIf elected, I will mend the stove.\n\nMira Stroud\n"
GOOD = SEPARATOR + HEAD.replace(b"Candidacy", b"Tea is ready") + b"Message-ID: <tea@flint.example>\n\nIt is cold.\n"

Item = Statement | Skipped


def account(data: bytes, *, keep_all: bool = False) -> list[Item]:
    """Read and decide; everything must come out as a statement or with the reason why not, in one line of UTF-8."""
    try:
        items = list(from_messages(read(["-"], stdin=io.BytesIO(data)), keep_all=keep_all))
    except SourceError as error:
        assert "\n" not in str(error)
        str(error).encode()
        return []
    assert items
    for item in items:
        if isinstance(item, Skipped):
            assert item.code and item.message and "\n" not in item.message
            item.model_dump_json().encode()
        else:
            item.text.encode()
            item.source.model_dump_json().encode()
            assert all(item.text[block.start : block.end].strip() for block in item.blocks)
    return items


def among_others(message: bytes, *, keep_all: bool = False) -> list[Item]:
    """Read a message between two good ones, which must come out whatever it is.

    What does not begin with a field is no message, but more text of the one before it.
    """
    items = account(GOOD + b"\n" + SEPARATOR + message + b"\n\n" + GOOD, keep_all=keep_all)
    places = [item.index if isinstance(item, Skipped) else item.source.index for item in items]
    assert places == list(range(len(items)))
    apart = re.match(rb"[A-Za-z][A-Za-z0-9_-]{0,75}[ \t]*:", message) is not None
    assert len(items) >= 2 + apart
    for item in (items[0], items[-1]) if apart else items[-1:]:
        if keep_all:
            assert isinstance(item, Statement) or item.code == "duplicate"
        else:
            assert isinstance(item, Skipped) and item.code == "traffic"
    return items[1:-1]


def multipart(kind: bytes, inner: bytes, boundary: bytes = b"b") -> bytes:
    return HEAD + b"Content-Type: multipart/" + kind + b'; boundary="' + boundary + b'"\n\n' + inner


def typed(value: bytes, body: bytes = BODY, encoding: bytes = b"8bit") -> bytes:
    return HEAD + b"Content-Type: " + value + b"\nContent-Transfer-Encoding: " + encoding + b"\n\n" + body


def nested(depth: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    closed = b"".join(b"--b%d--\n" % n for n in reversed(range(depth)))
    return HEAD + opened + b"Content-Type: text/plain\n\n" + BODY + closed


PACKED = base64.encodebytes(BODY)
PART = b"--b\nContent-Type: text/plain\n\n" + BODY
LABELS = (
    b"no-such", b"unicode-escape", b"idna", b"punycode", b"rot13", b"hex", b"zlib", b"utf-7", b"utf-16", b"utf-32",
    b"undefined", b"mbcs", b"", b"=?utf-8?q?x?=", b"\xff\xfe", b"x" * 5000, b"us-ascii'en'x", b"8bit", b"iso-2022-jp",
)  # fmt: skip
DATES = (
    b"", b"yesterday", b"Tue, 99 Jun 2024 11:00:00 +0200", b"Tue, 4 Jun 2024 99:99:99 +9999", b"4 Jun 0000 00:00",
    b"Tue, 4 Jun 99999999999 11:00:00 +0200", b"Mon, 1 Jan 1900 00:00:00 GMT", b"\xff\xfe", b"1" * 10_000,
    b"Tue, 4 Jun 2024 11:00:00 +99999999999999999999", b"0", b"-1 -1 -1 -1", b"Jun", b"T", b"(((((", b"\0",
)  # fmt: skip
WORDS = (
    b"=?", b"=?=", b"=?utf-8?q?", b"=?utf-8?q?=?=", b"=?utf-8?q?=c3?=", b"=?utf-8?b?w?=", b"=?utf-8?b?=====?=",
    b"=?no-such?b?AAAA?=", b"=?utf-8?x?abc?=", b"=??q?abc?=", b"=?utf-8?q?abc", b"=?utf-8?b?" + b"A" * 100_000 + b"?=",
    b"=?utf-8?q?a?= " * 20_000, b"=?unicode-escape?q?=5Cud800?=", b"=?utf-16?b?/////w==?=", b"=?hex?q?61?=",
    b"=?utf-8?q?a\n b?=", b"=?iso-2022-jp?b?GyRC?=", b"=?" * 50_000, b"?=" * 50_000, b"=?utf-8*en?q?=C3=BC?=",
)  # fmt: skip

MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "no header": BODY,
    "no body": HEAD,
    "no blank line": HEAD + b"I announce my candidacy.\n",
    "only colons": b":\n::\n: : :\n\n" + BODY,
    "a field without a name": HEAD + b": empty\n\n" + BODY,
    "a continuation first": b" folded\n" + HEAD + b"\n" + BODY,
    "endless folding": HEAD + b"X-Fold: a\n" + b" b\n" * 50_000 + b"\n" + BODY,
    "a huge header": HEAD + b"X-Huge: " + b"x" * (2 << 20) + b"\n\n" + BODY,
    "a huge subject": HEAD.replace(b"Candidacy", b"Candidacy " * 200_000) + b"\n" + BODY,
    "a huge sender": HEAD.replace(b"Mira Stroud", b'"Mira, ' * 50_000) + b"\n" + BODY,
    "many fields": HEAD + b"X-Many: x\n" * 50_000 + b"\n" + BODY,
    "many recipients": HEAD + b"To: " + b"a@flint.example, " * 50_000 + b"\n\n" + BODY,
    "many references": HEAD + b"References: " + b"<a@flint.example> " * 50_000 + b"\n\n" + BODY,
    "many angles": HEAD + b"References: " + b"<" * 100_000 + b"\nFrom: " + b"<" * 100_000 + b"\n\n" + BODY,
    "everything twice": HEAD + HEAD + b"\n" + BODY,
    "carriage returns": (HEAD + b"\n" + BODY).replace(b"\n", b"\r"),
    "mixed line ends": (HEAD + b"\n" + BODY).replace(b"\n", b"\r\n", 2).replace(b"elected", b"elec\rted"),
    "zeros": HEAD.replace(b"Candidacy", b"Cand\0idacy") + b"X-\0: \0\n\n" + BODY.replace(b" ", b"\0"),
    "control characters": HEAD + b"\n" + bytes(range(32)) + BODY + bytes(range(127, 256)),
    "surrogates": HEAD.replace(b"Mira", b"\xed\xa0\x80Mira") + b"\n\xed\xa0\x80" + BODY,
    "an overlong encoding": typed(b"text/plain; charset=utf-8", b"\xc0\xaf\xf8\x88\x80\x80\x80" + BODY),
    "another mark": typed(b"text/plain; charset=utf-8", b"\xff\xfe" + BODY),
    "base64 of nothing": typed(b"text/plain", b"", b"base64"),
    "base64 of text": typed(b"text/plain", BODY, b"base64"),
    "base64 cut": typed(b"text/plain", PACKED[:-7], b"base64"),
    "base64 with holes": typed(b"text/plain", PACKED.replace(b"a", b"!"), b"base64"),
    "base64 of one letter": typed(b"text/plain", b"A", b"base64"),
    "base64 padded early": typed(b"text/plain", b"QQ==" + PACKED, b"base64"),
    "quoted-printable broken": typed(b"text/plain", BODY.replace(b"e", b"=") + b"=", b"quoted-printable"),
    "uuencode broken": typed(b"text/plain", b"begin 644 x\n#9$%4\n!!!!\xff\nend\n", b"x-uuencode"),
    "uuencode without end": typed(b"text/plain", b"begin 644 x\n" + BODY, b"uue"),
    "an unknown encoding": typed(b"text/plain", BODY, b"x-rot13, base64; really"),
    "a type without a kind": typed(b"text"),
    "a type of nothing": typed(b""),
    "a type of signs": typed(b"/;;=;=\"\";'"),
    "a type with everything": typed(b"text/plain; charset*0*=utf-8''a; charset*1=b; charset=\"x; format=flowed; delsp"),
    "flowed without end": typed(b"text/plain; format=flowed; delsp=yes", b"> " * 20_000 + b" \n" + b"word \n" * 5000),
    "a boundary of nothing": multipart(b"mixed", b"--\n\n" + BODY + b"----\n", b""),
    "no boundary": HEAD + b"Content-Type: multipart/mixed\n\n" + PART,
    "a boundary that never comes": multipart(b"mixed", BODY),
    "a boundary without end": multipart(b"mixed", PART),
    "a boundary of patterns": multipart(b"mixed", PART.replace(b"--b", b"--(.*)+$"), b"(.*)+$"),
    "a huge boundary": multipart(b"mixed", PART, b"b" * 70_000),
    "a boundary in itself": multipart(b"mixed", PART + b"--bb\n\n" + BODY + b"--b--\n--b--\n--b\n\n" + BODY),
    "many parts": multipart(b"mixed", PART * 2000),
    "many alternatives": multipart(b"alternative", PART * 2000),
    "parts of nothing": multipart(b"alternative", b"--b\n" * 20_000 + b"--b--\n"),
    "parts with broken headers": multipart(b"related", b"--b\nnonsense\n: x\n\xff\n\n" + BODY + b"--b--"),
    "related of pictures": multipart(b"related", b"--b\nContent-Type: image/png\n\n\x89PNG\n" + PART + b"--b--"),
    "signed by nobody": multipart(b"signed", b"--b\n--b--\n"),
    "nested 200 deep": nested(200),
    "nested 90 deep": nested(90),
    "mails in mails 200 deep": HEAD + b"Content-Type: message/rfc822\n\n" * 200 + HEAD + b"\n" + BODY,
    "mails in mails 5000 deep": (HEAD + b"Content-Type: message/rfc822\n\n") * 5000 + BODY,
    "digests in digests": (HEAD + b"Content-Type: multipart/digest; boundary=b\n\n--b\n\n") * 90 + BODY,
    "a delivery status": HEAD + b"Content-Type: message/delivery-status\n\n" + b"a: b\n\n" * 5000,
    "a part of a mail": HEAD + b"Content-Type: message/partial; number=1\n\n" + BODY,
    "a mail elsewhere": HEAD + b"Content-Type: message/external-body\n\nContent-Type: text/plain\n\n" + BODY,
    "html of tags": typed(b"text/html", b"<b>" * 3000 + BODY),
    "html of angles": typed(b"text/html", b"<" * 50_000 + BODY),
    "html of comments": typed(b"text/html", b"<!--" * 20_000 + BODY),
    "html of styles": typed(b"text/html", b"<style>" * 20_000 + BODY),
    "html of entities": typed(b"text/html", b"&#x110000;&#0;&#xd800;&nosuch;&" * 5000 + BODY),
    "html of attributes that never end": typed(b"text/html", b"<a href='" * 10_000 + BODY),
    "html of titles in titles": typed(b"text/html", b"<title>" * 5000 + BODY),
    "html of drawings in drawings": typed(b"text/html", b"<svg><" * 5000 + BODY),
    "html that never ends": typed(b"text/html", b"<p title='" + BODY * 500),
    "html in a table in a table": typed(b"text/html", b"<table><tr><td>" * 300 + BODY),
    "armour without end": HEAD + b"\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: x\n" + BODY,
    "quotes without end": HEAD + b"\n" + b">" * 50_000 + b" " + BODY,
    "one endless line": HEAD + b"\n" + BODY.replace(b"\n", b" ") * 5000,
    "lines without end": HEAD + b"\n" + b"\n" * 200_000 + BODY,
    "front matter without end": HEAD + b"\n---\n" + b"a: &a [*a, *a]\n" * 500 + BODY,
    "bullets": HEAD + b"\n" + b"- " * 20_000 + b"\n" + b"* a\n" * 5000 + BODY,
    "separators": b"From x Tue Jun  4 09:00:00 2024\n" * 5 + HEAD + b"\n" + BODY,
    "a forged length": HEAD + b"Content-Length: 18446744073709551616\n\n" + BODY,
    **{f"charset {label[:20]!r}": typed(b"text/plain; charset=" + label) for label in LABELS},
    **{f"charset {label[:20]!r} of foreign text": typed(b"text/plain; charset=" + label, b"\x80\xff" + BODY)
       for label in LABELS},
    **{f"date {date[:20]!r}": HEAD.replace(b"Tue, 4 Jun 2024 11:00:00 +0200", date) + b"\n" + BODY for date in DATES},
    **{f"subject {word[:20]!r}": HEAD.replace(b"Candidacy", word) + b"\n" + BODY for word in WORDS},
    **{f"sender {word[:20]!r}": HEAD.replace(b"Mira Stroud", word) + b"\n" + BODY for word in WORDS},
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_message_is_read_or_refused_and_its_neighbours_are_read(name: str) -> None:
    among_others(MALFORMED[name])
    account(MALFORMED[name])


MENDED = [
    "base64 of text",
    "a boundary that never comes",
    "a boundary without end",
    "many parts",
    "html of comments",
    *(f"charset {label[:20]!r}" for label in LABELS if label not in (b"utf-16", b"utf-32")),
    *(f"date {date[:20]!r}" for date in DATES),
    *(f"subject {word[:20]!r}" for word in WORDS),
]


@pytest.mark.parametrize("name", MENDED)
def test_what_can_be_mended_is(name: str) -> None:
    assert any(isinstance(item, Statement) for item in account(MALFORMED[name]))


# --- mutations -----------------------------------------------------------------------------------------


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.mbox", data)
        archive.writestr("m.eml", HEAD + b"\n" + BODY)
    return out.getvalue()


def tarred(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("list.mbox")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


MAILS = [
    HEAD + b"Message-ID: <1@flint.example>\nList-Id: <flint.lists.example>\n\n" + BODY,
    typed(b"text/plain; charset=utf-8; format=flowed", BODY.replace(b"stove", b"st\xc3\xb6ve"), b"8bit"),
    typed(b"text/plain; charset=iso-8859-1", PACKED, b"base64"),
    HEAD.replace(b"Candidacy", b"=?utf-8?q?Candidacy_f=C3=BCr?=\n =?utf-8?b?IGRlbiBSYXQ=?=") + b"\n" + BODY,
    multipart(
        b"alternative",
        PART + b"--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"<html><body><p>I announce my <b>candidacy</b> f=C3=BCr</p><blockquote>who?</blockquote></body>\n--b--\n",
    ),
    multipart(b"mixed", b"--b\nContent-Type: message/rfc822\n\n" + HEAD + b"\n" + BODY + b"--b--\n"),
    nested(3),
    HEAD + b"In-Reply-To: <0@flint.example>\n\nOn Mon, Bo wrote:\n> Who stands?\n\nI do.\n\n-- \nMira\n" + BODY,
    HEAD + b"\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + BODY + b"-----BEGIN PGP SIGNATURE-----\n\nx\n"
    b"-----END PGP SIGNATURE-----\n",
]
PAGE = (
    b'<html><head><title>Candidacy</title></head><body><h1>Candidacy</h1><b>Mira Stroud</b>\n<a href="mailto:'
    b'flint%40lists.example?In-Reply-To=%3C1%40flint.example%3E">mira at flint.example</a><br>'
    b"<i>Tue Jun  4 09:00:00 UTC 2024</i>"
    b"<!--beginarticle--><pre>" + BODY + b"</pre><!--endarticle--></body></html>"
)
MHONARC = (
    b"<!-- MHonArc v2.6.19 -->\n<!--X-Subject: Candidacy -->\n<!--X-From-R13: Zven Fgebhq &#60;zvenNsyvag.rknzcyr> -->"
    b"\n<!--X-Date: Tue, 4 Jun 2024 11:00:00 &#43;0200 -->\n<!--X-Message-Id: 1@flint.example -->\n<html><body>\n"
    b"<!--X-Body-of-Message-->\n<pre>" + BODY + b"</pre>\n<!--X-Body-of-Message-End-->\n</body></html>\n"
)
RULE = b"=" * 73 + b"\n"
FILES = [
    GOOD + b"\n" + SEPARATOR + MAILS[0] + b"\n" + SEPARATOR + MAILS[4],
    RULE
    + HEAD[HEAD.index(b"Date") :]
    + b"From: Mira Stroud <mira@flint.example>\n\n"
    + BODY
    + RULE
    + b"Date: x\n\n"
    + BODY,
    PAGE,
    MHONARC,
    b"---\nname: Mira Stroud\n---\n\n# Candidacy\n\n" + BODY,
    zipped(GOOD + b"\n" + SEPARATOR + MAILS[0]),
    tarred(GOOD + b"\n" + SEPARATOR + MAILS[0]),
]
TOKENS = [
    b"\n", b"\n\n", b"\r\n", b"\r", b"\0", b" ", b"\t", b"--b\n", b"--b--\n", b"=?utf-8?q?", b"?=", b"=", b"=\n",
    b"From ", b">From ", SEPARATOR, RULE, b"Content-Type: ", b"multipart/mixed; boundary=b\n", b"message/rfc822\n",
    b"charset=utf-16", b"Content-Transfer-Encoding: base64\n", b"Content-Length: 99\n", b"<", b">", b"<!--",
    b"-->", b"<pre>", b"</pre>", b"&#", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\x1b$B", b"> ", b"-- \n",
    b"---\n", b"begin 644 x\n", b"@", b" at ", b"x" * 2000, b"(" * 200, b'"', b";", b":", b"PK\x03\x04", b"PK\x01\x02",
    b"\x1f\x8b\x08", b"BZh9", b"../",
]  # fmt: skip


def _flip(data: bytes, at: int, token: bytes) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << (len(token) % 8))]) + data[at + 1 :] if data else data


MUTATIONS: list[Callable[[bytes, int, int, bytes], bytes]] = [
    lambda data, at, size, token: _flip(data, at, token),
    lambda data, at, size, token: data[:at] + token + data[at:],
    lambda data, at, size, token: data[:at] + token + data[at + size :],
    lambda data, at, size, token: data[:at] + data[at + size :],
    lambda data, at, size, token: data[:at] + data[at : at + size] * 3 + data[at + size :],
    lambda data, at, size, token: data[at : at + size] + data[:at] + data[at + size :],
    lambda data, at, size, token: data[:at],
    lambda data, at, size, token: data[at:],
    lambda data, at, size, token: data.replace(b"\n", b"\r\n"),
    lambda data, at, size, token: data.replace(b" ", token, 2),
]
PLACES = st.floats(0, 1, exclude_max=True)
CHANGES = st.lists(
    st.tuples(st.sampled_from(MUTATIONS), PLACES, st.integers(1, 80), st.sampled_from(TOKENS)), min_size=1, max_size=6
)


def mutated(data: bytes, changes: list[tuple[Callable[[bytes, int, int, bytes], bytes], float, int, bytes]]) -> bytes:
    for change, place, size, token in changes:
        data = change(data, int(place * len(data)), size, token)
    return data


@given(st.sampled_from(MAILS), CHANGES, st.booleans())
def test_a_mutated_message_is_accounted_for_and_so_are_its_neighbours(
    mail: bytes, changes: list[tuple[Callable[[bytes, int, int, bytes], bytes], float, int, bytes]], keep_all: bool
) -> None:
    among_others(mutated(mail, changes), keep_all=keep_all)


@given(st.sampled_from(FILES + MAILS), CHANGES, st.booleans())
def test_a_mutated_file_is_read_or_refused(
    file: bytes, changes: list[tuple[Callable[[bytes, int, int, bytes], bytes], float, int, bytes]], keep_all: bool
) -> None:
    account(mutated(file, changes), keep_all=keep_all)
