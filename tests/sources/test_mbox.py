"""Mailboxes: where one message ends and the next begins."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.records import Skipped
from analyzer.sources import read
from analyzer.sources.message import Message


def parse(text: str | bytes) -> list[Message]:
    data = text.encode() if isinstance(text, str) else text
    items = list(read(["-"], stdin=io.BytesIO(data)))
    assert not [item for item in items if isinstance(item, Skipped)]
    return [item for item in items if isinstance(item, Message)]


def entry(subject: str, body: str, separator: str = "From ida@loom.example Tue Jun  4 09:00:00 2024") -> str:
    return (
        f"{separator}\nFrom: Ida Brandt <ida@loom.example>\nSubject: {subject}\n"
        f"Date: Tue, 4 Jun 2024 11:00:00 +0200\nMessage-ID: <{subject}@loom.example>\n\n{body}\n"
    )


def test_a_sentence_that_starts_with_from_does_not_split_a_message() -> None:
    body = "I have three aims.\n\nFrom my first day I wanted them.\n\nFrom: here to there\nFrom 2019 on, all was well."
    first, second = parse(entry("one", body) + "\n" + entry("two", "Thanks.") + "\n")
    assert first.body == body
    assert second.subject == "two"


@pytest.mark.parametrize(
    "line",
    [
        "From the list, on Tue Jun  4 09:00:00 2024",
        "From ida@loom.example",
        "From 123456789",
        "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001",
    ],
)
def test_a_separator_needs_a_header_below_it_and_a_patch_is_none(line: str) -> None:
    body = f"Look at this:\n\n{line}\nand this."
    if "Sep 17" in line:
        body = f"Look at this:\n\n{line}\nFrom: Ida <ida@loom.example>\nSubject: [PATCH] x"
    [message] = parse(entry("one", body) + "\n")
    assert message.body == body


@pytest.mark.parametrize(
    "separator",
    [
        "From ida@loom.example Tue Jun  4 09:00:00 2024",
        "From ida at loom.example  Tue Jun  4 09:00:00 2024",
        "From ida@loom.example Tue Jun 04 09:00 2024",
        "From ida@loom.example Tue Jun  4 09:00:00 UTC 2024",
        "From ida@loom.example Tue Jun  4 09:00:00 2024 +0000",
        "From ida@loom.example Tue Jun  4 09:00:00 +0000 2024",
        "From ida@loom.example Tue, 4 Jun 2024 09:00:00 +0000",
        "From ida@loom.example 2024-06-04 09:00:00",
        "From - Tue Jun 04 09:00:00 2024",
        "From Ida  Tue Jun  4 09:00:00 2024",
        'From "Ida Brandt" <ida@loom.example> Tue Jun  4 09:00:00 2024',
        "From ???@??? Tue Jun 04 09:00:00 2024",
        "From 1712345678901234567@xxx Tue Jun 04 09:00:00 +0000 2024",
        "From ida@loom.example Tue Jun  4 09:00:00 2024 remote from loom",
        "From -1712345678901234567",
        "From ida@loom.example",
    ],
)
def test_separators_as_programs_write_them(separator: str) -> None:
    found = parse(entry("one", "First.", separator) + "\n" + entry("two", "Second.", separator) + "\n")
    assert [message.body for message in found] == ["First.", "Second."]


def test_a_missing_blank_line_before_a_separator_does_not_join_messages() -> None:
    found = parse(entry("one", "First.") + entry("two", "Second."))
    assert [(message.subject, message.body) for message in found] == [("one", "First."), ("two", "Second.")]


def test_windows_line_ends_a_byte_order_mark_and_blank_lines_ahead_are_no_hindrance() -> None:
    text = entry("one", "First.\n\nStill first.") + "\n" + entry("two", "Second.") + "\n"
    for data in (
        text.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + text.encode(),
        b"\n\n" + text.encode(),
    ):
        assert [message.body for message in parse(data)] == ["First.\n\nStill first.", "Second."]


def test_a_message_torn_off_in_its_body_is_read_as_far_as_it_goes() -> None:
    text = entry("one", "First.") + "\n" + entry("two", "Second, and the")
    assert [message.body for message in parse(text.rstrip("\n"))] == ["First.", "Second, and the"]


def test_what_is_torn_off_before_its_body_is_accounted_for() -> None:
    text = entry("one", "First.") + "\n" + entry("two", "Second.")
    for cut in ("Subject: two", "From ida@loom.example Tue Jun  4 09:00:00 2024\nFrom: Ida"):
        end = text.rindex(cut) + len(cut)
        items = list(read(["-"], stdin=io.BytesIO(text[:end].encode())))
        assert [getattr(item, "code", "read") for item in items] == ["read", "no-text"]
    end = text.rindex("2024\nFrom:") + 4
    items = list(read(["-"], stdin=io.BytesIO(text[:end].encode())))
    assert [getattr(item, "code", "read") for item in items] == ["read", "empty"]


def test_from_quoting_is_undone_by_one_level() -> None:
    [message] = parse(entry("one", ">From then on.\n>>From what I see\n> From a reply\n>from lower case") + "\n")
    assert message.body == "From then on.\n>From what I see\n> From a reply\n>from lower case"


def test_pipermail_months_are_told_from_other_mailboxes() -> None:
    month = (
        "From ida at loom.example  Tue Jun  4 09:00:00 2024\nFrom: ida at loom.example (=?utf-8?q?Ida_Br=C3=A4ndt?=)\n"
        "Date: Tue, 4 Jun 2024 11:00:00 +0200\nSubject: [Loom] Candidacy\nMessage-ID: <1@loom.example>\n\nI stand.\n\n"
    )
    [message] = parse(month)
    assert message.format == "pipermail"
    assert (message.sender_name, message.sender_address) == ("Ida Brändt", "ida@loom.example")
    assert parse(entry("one", "Text."))[0].format == "mbox"


def test_the_list_of_a_month_is_the_prefix_its_subjects_share() -> None:
    text = "".join(entry(f"[Loom] {n}", "Text.") + "\n" for n in range(3)) + entry("other", "Text.")
    assert {message.list_name for message in parse(text)} == {"loom"}
    mixed = "".join(entry(f"[topic{n}] x", "Text.") + "\n" for n in range(3))
    assert {message.list_name for message in parse(mixed)} == {None}
    votes = "".join(entry(f"[VOTE] {n}", "Text.") + "\n" for n in range(3))
    assert {message.list_name for message in parse(votes)} == {None}


def test_the_separator_dates_a_message_without_a_date() -> None:
    text = entry("one", "Text.").replace("Date: Tue, 4 Jun 2024 11:00:00 +0200\n", "")
    [missing] = parse(text)
    assert missing.date == datetime(2024, 6, 4, 9, tzinfo=UTC)
    assert missing.defects == ("missing-date",)
    [broken] = parse(entry("one", "Text.").replace("Tue, 4 Jun 2024 11:00:00 +0200", "next week"))
    assert broken.date == datetime(2024, 6, 4, 9, tzinfo=UTC)
    assert broken.defects == ("broken-date",)


def test_a_broken_message_is_named_by_its_index_and_the_rest_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from analyzer.sources import bodies

    real = bodies.simple_body

    def fail(data: bytes, content_type: str, encoding: str) -> bodies.Body | None:
        if b"two" in data:
            raise RecursionError("too deep\nto follow")
        return real(data, content_type, encoding)

    monkeypatch.setattr(bodies, "simple_body", fail)
    text = "".join(entry(subject, f"Text {subject}.") + "\n" for subject in ("one", "two", "three"))
    first, broken, third = read(["-"], stdin=io.BytesIO(text.encode()))
    assert isinstance(broken, Skipped)
    assert (broken.code, broken.index) == ("broken-message", 1)
    assert "\n" not in broken.message
    assert isinstance(first, Message) and isinstance(third, Message)
    assert (first.index, third.index, third.subject) == (0, 2, "three")


def test_the_hash_is_the_message_s_own_wherever_it_stands() -> None:
    twice = entry("one", "Text.")
    first, second = parse(twice + "\n" + twice)
    assert first.sha256 == second.sha256
    assert first.sha256 == hashlib.sha256(twice.partition("\n")[2].encode()).hexdigest()


LINES = st.one_of(
    st.sampled_from(
        [
            "",
            "From me",
            "From: ida@loom.example",
            ">From me",
            ">>From me",
            "-- ",
            "Subject: no",
            "From ",
            "From time to time, Mon 4 June",
            "Dear all,",
            "> quoted",
            ".",
            "--b",
            "From x@y.example",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40),
)
BODIES = st.lists(LINES, min_size=1, max_size=8).map("\n".join).filter(lambda body: body.strip() != "")
SUBJECTS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=30)


@given(st.lists(st.tuples(SUBJECTS, BODIES), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_as_many_messages_come_out_as_went_in_with_the_same_text(
    letters: list[tuple[str, str]], windows: bool, blank: bool
) -> None:
    import re

    text = ""
    for subject, body in letters:
        quoted = re.sub(r"^(>*From )", r">\1", body, flags=re.MULTILINE)  # as mboxrd does
        text += entry(subject, quoted) + "\n" * blank
    data = text.replace("\n", "\r\n").encode() if windows else text.encode()
    found = parse(data)
    assert [message.index for message in found] == list(range(len(letters)))
    assert [message.subject for message in found] == [subject for subject, _ in letters]
    assert [message.body for message in found] == [body.strip("\n") for _, body in letters]
