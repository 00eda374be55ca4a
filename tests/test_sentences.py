"""The sentences of a statement, as spans of its text."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import statement

from analyzer.records import Block
from analyzer.sentences import SILENT, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One thing. Another one! A third?", ["One thing.", "Another one!", "A third?"]),
        ("I use v1.14, e.g. on disks. Yes.", ["I use v1.14, e.g. on disks.", "Yes."]),
        ("No full stop", ["No full stop"]),
        ("Wait... what?", ["Wait... what?"]),
        ("  ", []),
        ("", []),
    ],
)
def test_paragraphs_are_split(text: str, expected: list[str]) -> None:
    assert [span.text for span in sentences(statement("Ada", text))] == expected


@pytest.mark.parametrize("kind", ["heading", "field"])
def test_headings_and_fields_stay_whole(kind: str) -> None:
    record = statement("Ada", "Goals. And more!")
    record.blocks = [Block.model_validate({"kind": kind, "start": 0, "end": len(record.text)})]
    assert [span.text for span in sentences(record)] == ["Goals. And more!"]


@pytest.mark.parametrize("kind", sorted(SILENT))
def test_what_is_no_platform_is_left_out(kind: str) -> None:
    record = statement("Ada", "Dear all.")
    record.blocks = [Block.model_validate({"kind": kind, "start": 0, "end": len(record.text)})]
    assert sentences(record) == []


@given(st.lists(st.text("aé.! ?\u00a0文…", max_size=20), max_size=4))
@settings(deadline=None)
def test_spans_are_stretches_of_the_text_in_order_and_do_not_overlap(paragraphs: list[str]) -> None:
    record = statement("Ada", *paragraphs)
    found = sentences(record)
    for span in found:
        assert record.text[span.start : span.end] == span.text
        assert span.text == span.text.strip() != ""
    assert all(one.end <= other.start for one, other in pairwise(found))
    # Nothing but white space is lost.
    assert "".join("".join(s.text.split()) for s in found) == "".join(record.text.split())
