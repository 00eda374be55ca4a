"""Addresses, dates, encoded words and charsets, as they come."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.sources import charsets, headers
from analyzer.sources.addresses import address, addresses, mailbox
from analyzer.sources.dates import parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mei@orbit.example", "mei@orbit.example"),
        ("<mei@orbit.example>", "mei@orbit.example"),
        ("mei at orbit.example", "mei@orbit.example"),
        ("mei (at) orbit (dot) example", "mei@orbit.example"),
        ("mei [at] orbit [dot] example", "mei@orbit.example"),
        ("mei AT orbit DOT example", "mei@orbit.example"),
        ("mei(a)orbit.example", "mei@orbit.example"),
        ("mailto:mei@orbit.example", "mei@orbit.example"),
        ("root@localhost", "root@localhost"),
        ("look at me", None),
        ("mei at home", None),
        ("Mei Tan", None),
        ("", None),
        ("a@b@c.example", None),
    ],
)
def test_an_address_however_it_is_hidden(text: str, expected: str | None) -> None:
    assert address(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mei Tan <mei@orbit.example>", ("Mei Tan", "mei@orbit.example")),
        ('"Tan, Mei" <mei@orbit.example>', ("Tan, Mei", "mei@orbit.example")),
        ('"Mei \\"M\\" Tan" <mei@orbit.example>', ('Mei "M" Tan', "mei@orbit.example")),
        ("Mei (IRC: mt) Tan <mei@orbit.example>", ("Mei (IRC: mt) Tan", "mei@orbit.example")),
        ("mei at orbit.example (Mei Tan)", ("Mei Tan", "mei@orbit.example")),
        ("mei@orbit.example (Mei (M) Tan)", ("Mei (M) Tan", "mei@orbit.example")),
        ("mei@orbit.example ()", (None, "mei@orbit.example")),
        ("mei at orbit.example (mei at orbit.example)", (None, "mei@orbit.example")),
        ("Mei (mei@orbit.example)", ("Mei", "mei@orbit.example")),
        ("Mei Tan <mei at orbit.example>", ("Mei Tan", "mei@orbit.example")),
        ("Mei Tan mei at orbit.example", ("Mei Tan", "mei@orbit.example")),
        ("Mei Tan mei@orbit.example", ("Mei Tan", "mei@orbit.example")),
        ("mei@orbit.example", (None, "mei@orbit.example")),
        ("Mei Tan", ("Mei Tan", None)),
        ("Mei <mei@orbit.example>, Bo <bo@orbit.example>", ("Mei", "mei@orbit.example")),
        ("Look at this <mei@orbit.example>", ("Look at this", "mei@orbit.example")),
        ("", (None, None)),
        ("<>", ("<>", None)),
    ],
)
def test_name_and_address_of_a_mailbox(text: str, expected: tuple[str | None, str | None]) -> None:
    assert mailbox(text) == expected


def test_recipients_are_listed_once() -> None:
    text = "Mei <mei@orbit.example>, bo at orbit.example; MEI2@orbit.example, mei@orbit.example, undisclosed: ;"
    assert addresses(text) == ("mei@orbit.example", "bo@orbit.example", "MEI2@orbit.example")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fri, 11 Mar 2022 15:41:53 +0100", datetime(2022, 3, 11, 14, 41, 53, tzinfo=UTC)),
        ("Fri, 11 Mar 2022 15:41:53 -0000", datetime(2022, 3, 11, 15, 41, 53, tzinfo=UTC)),
        ("11 Mar 22 15:41 EST", datetime(2022, 3, 11, 20, 41, tzinfo=UTC)),
        ("Fri Mar 11 15:41:53 UTC 2022", datetime(2022, 3, 11, 15, 41, 53, tzinfo=UTC)),
        ("Fri Mar 11 15:41:53 CET 2022", datetime(2022, 3, 11, 14, 41, 53, tzinfo=UTC)),
        ("Fri Mar 11 15:41:53 2022", datetime(2022, 3, 11, 15, 41, 53, tzinfo=UTC)),
        ("Fri, 11 Mar 2022 15:41:53 +0100 (CET)", datetime(2022, 3, 11, 14, 41, 53, tzinfo=UTC)),
        ("2022-03-11T15:41:53+01:00", datetime(2022, 3, 11, 14, 41, 53, tzinfo=UTC)),
        ("2022-03-11 15:41:53", datetime(2022, 3, 11, 15, 41, 53, tzinfo=UTC)),
        ("March 11, 2022, 3:41 pm", datetime(2022, 3, 11, 15, 41, tzinfo=UTC)),
        ("Fri,11 Mar\n 2022 15:41:53 +0000", datetime(2022, 3, 11, 15, 41, 53, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("Friday", None),
        ("15:41", None),
        ("11 March", None),
        ("2022", None),
        ("Fri, 11 Mar 1899 15:41:53 +0000", None),
        ("Fri, 11 Mar 9999 23:59:59 -2300", None),
        ("Fri, 31 Feb 2022 15:41:53 +0000", None),
    ],
)
def test_dates_as_mail_and_archives_write_them(text: str, expected: datetime | None) -> None:
    assert parse_date(text) == expected


@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_a_date_that_is_written_out_is_read_back(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    for form in ("%a, %d %b %Y %H:%M:%S +0000", "%a %b %d %H:%M:%S %Y", "%Y-%m-%dT%H:%M:%SZ"):
        assert parse_date(moment.strftime(form)) == moment


@given(st.text(max_size=60))
def test_no_date_and_no_address_is_an_exception(text: str) -> None:
    parse_date(text)
    mailbox(text)
    addresses(text)
    headers.text_of(text)
    headers.message_id(text)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8?b?Y2Fmw6?= x", "caf\ufffd x"),
        ("=?utf-8?q?one?= =?utf-8?q?_two?=", "one two"),
        ("=?utf-8?q?caf=C3?=\n =?utf-8?q?=A9?=", "café"),
        ("=?utf-8?q?a?= and =?iso-8859-1?q?=E9?=", "a and é"),
        ("x=?utf-8?q?y?=z", "xyz"),
        ("=?utf-8?q?with spaces?=", "with spaces"),
        ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?no-such?q?caf=C3=A9?=", "café"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?q?open", "=?utf-8?q?open"),
        ("folded\n\tline", "folded line"),
        ("tab\there\x00\x07", "tab here"),
        ("na\udcefve", "naïve"),
    ],
)
def test_encoded_words(raw: str, expected: str) -> None:
    assert headers.text_of(raw)[0] == expected


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), max_size=60))
def test_what_the_standard_library_encodes_is_decoded(text: str) -> None:
    from email.header import Header

    assert headers.text_of(Header(text, "utf-8").encode()) == (text, None)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Привет всем, меня зовут Иван, и я хочу стать членом совета проекта.", "koi8-r"),
        ("Привет всем, меня зовут Иван, и я хочу стать членом совета проекта.", "cp1251"),
        ("皆さん、こんにちは。評議会に立候補します。", "iso2022_jp"),
        ("I’m running – again… for the “council”", "cp1252"),
        ("José Núñez stands for the council", "latin-1"),
    ],
)
def test_a_charset_nobody_declared_is_guessed(text: str, encoding: str) -> None:
    assert charsets.decode(text.encode(encoding)) == (
        text,
        None if encoding == "nothing" else "guessed-charset",
    )


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    assert charsets.decode("Grüße aus Köln, schöne Bücher".encode() + b"\xff") == (
        "Grüße aus Köln, schöne Bücher\ufffd",
        "guessed-charset",
    )


@given(
    st.binary(max_size=300),
    st.sampled_from([None, "utf-8", "ascii", "latin-1", "utf-7", "gb2312", "utf-16", "hz", "idna", "base64"]),
)
def test_any_bytes_in_any_charset_are_clean_text(data: bytes, declared: str | None) -> None:
    text, _ = charsets.decode(data, declared)
    text.encode("utf-8")
    assert "\r" not in text
    assert "\0" not in text
