"""The records: what they refuse, and that whatever they hold can be written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import full, span, statement
from pydantic import ValidationError

from analyzer.records import Decision, Export, Generator, Role, Skipped, Span, StatementRecord, writable

SURROGATES = st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)


def test_a_record_comes_back_from_its_json_as_it_was() -> None:
    record = StatementRecord.model_validate_json(full().model_dump_json())
    assert StatementRecord.model_validate_json(record.model_dump_json()) == record


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="txet"):
        Span.model_validate({"start": 0, "end": 1, "text": "a", "txet": "a"})


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (0, -2)])
def test_offsets_are_not_negative(start: int, end: int) -> None:
    with pytest.raises(ValidationError):
        Span(start=start, end=end, text="a")


@pytest.mark.parametrize("status", ["former", "", None])
def test_a_status_is_one_of_three(status: str | None) -> None:
    with pytest.raises(ValidationError):
        Role.model_validate({"title": "lead", "status": status, "confidence": 1, "evidence": span("lead", "lead")})


@pytest.mark.parametrize("score", [-0.1, 1.01])
def test_confidence_is_a_share(score: float) -> None:
    with pytest.raises(ValidationError):
        Decision(label="candidacy", score=score)


@given(st.floats(0, 1))
def test_confidence_is_written_with_three_decimals(score: float) -> None:
    written = json.loads(Decision(label="candidacy", score=score).model_dump_json())["score"]
    assert written == round(score, 3)


def test_what_is_unknown_is_written_as_null() -> None:
    written = json.loads(statement(None, election_id=None, submitted=None, language=None).model_dump_json())
    assert written["submitted"] is written["language"] is written["candidate"]["name"] is None
    assert written["election"]["id"] is written["election"]["office"] is None


def test_the_core_of_the_document() -> None:
    written = json.loads(Export(generator=Generator(version="1"), statements=[full()]).model_dump_json())
    assert list(written) == [
        "schema_version", "generator", "statements", "elections", "people", "topics", "skipped",
    ]  # fmt: skip
    [record] = written["statements"]
    assert {
        "id", "source", "submitted", "language", "decision", "text", "blocks", "candidate", "election", "roles",
        "affiliations", "focus_areas", "summary", "warnings",
    } <= set(record)  # fmt: skip
    assert set(record["roles"][0]) >= {
        "title",
        "organization",
        "status",
        "confidence",
        "evidence",
        "organization_evidence",
    }
    assert set(record["focus_areas"][0]) >= {"phrase", "kind", "confidence", "topic", "evidence", "sentence"}


@given(st.text(alphabet=st.one_of(SURROGATES, st.characters()), max_size=30), SURROGATES)
def test_lone_surrogates_become_writable_and_offsets_stay(text: str, lone: str) -> None:
    record = statement(lone, f"{text}{lone}end", path=f"{lone}.txt", handles={"irc": lone})
    made = writable(record)
    made.model_dump_json()
    assert len(made.text) == len(record.text)
    assert made.text.endswith("\ufffdend")
    assert (made.candidate.name, made.source.path, made.candidate.handles) == (
        "\ufffd",
        "\ufffd.txt",
        {"irc": "\ufffd"},
    )


def test_what_is_writable_stays_the_same_object() -> None:
    item = Skipped(path="naïve.txt", code="empty", message="nothing in it")
    assert writable(item) is item
