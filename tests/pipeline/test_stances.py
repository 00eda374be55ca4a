"""Whether a sentence speaks of something as done, under way, wanted or not wanted."""

import pytest

from analyzer.pipeline import stances


def told(sentence: str) -> dict[str, str]:
    return {span.text: time for span, time in stances.told(stances.reader()(sentence))}


def about(sentence: str) -> object:
    """The words in brackets, as a span of the sentence."""
    before, _, rest = sentence.partition("[")
    inside, _, after = rest.partition("]")
    doc = stances.reader()(before + inside + after)
    return doc.char_span(len(before), len(before) + len(inside), alignment_mode="expand")


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("We merged the new scheduler last cycle.", "scheduler"),
        ("I have added rolling upgrades.", "upgrades"),
        ("During the spring the team delivered a travel fund.", "fund"),
    ],
)
def test_what_is_done_is_told_with_what_it_was_done_to(sentence: str, words: str) -> None:
    assert any(words in span and time == "done" for span, time in told(sentence).items())


@pytest.mark.parametrize(
    "sentence",
    [
        "I would like to improve the documentation.",
        "I want rolling upgrades.",
        "We did not finish rolling upgrades.",
        "I plan to merge the new scheduler.",
        "My goal is to build and distribute a handbook.",
    ],
)
def test_what_is_wanted_or_denied_is_not_told_as_done(sentence: str) -> None:
    assert "done" not in told(sentence).values()


@pytest.mark.parametrize(
    ("sentence", "will"),
    [
        ("I am against [mandatory meetings].", "against"),
        ("We should drop support for [old releases].", "against"),
        ("I want better [documentation].", None),
        ("We must not neglect [documentation].", None),
        ("I have no time for [documentation].", "unclear"),
        ("There is no doubt about [documentation].", None),
    ],
)
def test_what_is_not_wanted_is_told_from_what_is(sentence: str, will: str | None) -> None:
    assert stances.will(about(sentence)) == will


def test_what_something_was_done_for_is_not_done_by_that() -> None:
    found = told("We published a handbook to help newcomers.")
    assert found.get("handbook to help newcomers") == "done" and "newcomers" not in found
    assert told("We worked to improve the gate.").get("gate") == "done"
