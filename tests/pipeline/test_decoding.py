"""From tags to spans: what is joined, and what is kept apart."""

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from analyzer.pipeline.blocks import glued_of
from analyzer.pipeline.network import KINDS, Window
from analyzer.pipeline.reading import Tagged, _enumerated, _group, _hyphenated, _rejoined, _trimmed, _whole

NLP = spacy.blank("en")


def window(text: str) -> Window:
    doc = NLP(text)
    words = [t.text for t in doc]
    zeros = [0] * len(words)
    return Window(0, words, [[1]] * len(words), [KINDS.index("paragraph")] * len(words), zeros, zeros, glued_of(doc))


def tagged(here: Window, words: str) -> Tagged:
    """Return the first place of some words, given as the tokenizer cuts them."""
    wanted = words.split()
    start = next(i for i in range(len(here)) if list(here.words[i : i + len(wanted)]) == wanted)
    return Tagged(start, start + len(wanted), "X", 0.9)


def text(here: Window, span: Tagged) -> str:
    return " ".join(here.words[span.start : span.end])


@pytest.mark.parametrize(
    ("sentence", "found", "whole"),
    [
        ("I organize wg-reliability now", "wg", "wg - reliability"),
        ("I organize wg-reliability now", "reliability", "wg - reliability"),
        ("our sig-api-machinery work", "api", "sig - api - machinery"),
        ("a co-chair of it", "chair", "co - chair"),
        ("sig-auth - tech lead", "lead", "lead"),
        ("sig-auth - tech lead", "tech", "tech"),
        ("2019 - 2021", "2019", "2019"),
    ],
)
def test_a_hyphenated_word_is_taken_whole_and_a_dash_joins_nothing(sentence: str, found: str, whole: str) -> None:
    here = window(sentence)
    assert text(here, _hyphenated(here, tagged(here, found))) == whole


@pytest.mark.parametrize(
    ("sentence", "titles", "whole"),
    [
        ("Active in SIG Contributor Experience since 2019", ["Contributor"], "SIG Contributor Experience"),
        ("I am SIG Apps Lead there", ["Lead"], "SIG Apps"),
        ("I am in a SIG for docs", [], "SIG"),
        ("The SIG", [], "SIG"),
    ],
)
def test_a_groups_prefix_takes_its_name_along_and_leaves_the_title(
    sentence: str, titles: list[str], whole: str
) -> None:
    here = window(sentence)
    assert text(here, _group(here, tagged(here, "SIG"), [tagged(here, t) for t in titles])) == whole


@pytest.mark.parametrize(
    ("sentence", "parts", "whole"),
    [
        ("at Fenn Labs (Ostmark) Co. now", ["Fenn Labs", "Ostmark ) Co."], ["Fenn Labs ( Ostmark ) Co."]),
        ("at Fenn Technology (Ostmark) now", ["Fenn Technology", "Ostmark"], ["Fenn Technology", "Ostmark"]),
        ("at Fenn and Ostmark) Co. now", ["Fenn", "Ostmark ) Co."], ["Fenn", "Ostmark ) Co."]),
    ],
)  # fmt: skip
def test_a_name_with_a_place_in_brackets_is_one(sentence: str, parts: list[str], whole: list[str]) -> None:
    here = window(sentence)
    found = [(t.start, t.end, 0, 0.9) for t in (tagged(here, part) for part in parts)]
    assert [" ".join(here.words[a:b]) for a, b, _, _ in _rejoined(here, found)] == whole


@pytest.mark.parametrize(
    ("sentence", "found", "whole"),
    [
        ("I work at Fenn Silver Systems today", "Fenn", "Fenn Silver Systems"),
        ("I work at Fenn Inc. This is mine", "Fenn Inc.", "Fenn Inc."),
    ],
)
def test_a_name_ends_with_its_capitals_or_a_full_stop(sentence: str, found: str, whole: str) -> None:
    here = window(sentence)
    assert text(here, _whole(here, tagged(here, found), set())) == whole


def test_an_enumeration_of_groups_is_several_groups() -> None:
    here = window("member of the review team, the release team and the build team since May")
    first = tagged(here, "review team")
    assert [" ".join(here.words[a:b]) for a, b in _enumerated(here.words, (first.start, first.end))] == [
        "release team",
        "build team",
    ]


@given(st.lists(st.sampled_from(["the", "of", "and", ",", "docs", "C", "#", "(", ")"]), max_size=8))
def test_trimming_keeps_an_inner_stretch_that_neither_begins_nor_ends_loose(words: list[str]) -> None:
    a, b = _trimmed(words, 0, len(words))
    assert 0 <= a <= b <= len(words)
    assert a == b or not {words[a], words[b - 1]} & {"the", "of", "and", ","}


def test_no_span_ends_within_a_contracted_word() -> None:
    assert _trimmed(["work", "that", "does", "n't", "show"], 0, 3) == (0, 1)
