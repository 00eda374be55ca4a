"""Which phrases name what a statement is about: place by place, and in each place the one that names it best."""

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, SpanGroup

import analyzer
from analyzer.errors import ModelError
from analyzer.pipeline.focus import KINDS, LEAST, Focus, phrases_of, rows
from analyzer.pipeline.reader import FOCUS_AREAS

BLANK = spacy.blank("en")
BLANK.add_pipe("candidacy_blocks")
#: Values of evidence that the network gives of a phrase, and that there are with what its words say.
GIVEN, ALL = 11, 34
TEXT = "I want faster builds, better documentation for newcomers and a calmer list."


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    return analyzer.load(exclude=list(analyzer.pipeline.GENERAL))


def possible(text: str, *found: tuple[str, float]) -> Doc:
    """A document with phrases that may name focus areas, and their ratings."""
    doc = BLANK(text)
    spans, at = [], 0
    for words, _ in found:
        at = text.find(words, at) if text.find(words, at) >= 0 else text.index(words)
        span = doc.char_span(at, at + len(words), label="goal")
        assert span is not None
        spans.append(span)
    evidence = [[1.0, 0.0, rating, 0.5, *[0.5] * (GIVEN - 4)] for _, rating in found]
    doc.spans[FOCUS_AREAS] = SpanGroup(doc, name=FOCUS_AREAS, spans=spans, attrs={"evidence": evidence})
    return doc


def by_rating() -> Focus:
    component = Focus(BLANK.vocab, "by rating")
    top = np.zeros((1 + ALL + ALL * (ALL + 1) // 2 + len(KINDS), 2))
    top[0], top[3] = -4.0, 8.0
    component.install(["nothing"], np.zeros((1, 1)), top)
    return component


def test_in_one_place_the_likeliest_phrase_stands_and_unlikely_places_name_nothing() -> None:
    doc = possible(
        TEXT, ("builds", 0.6), ("faster builds", 0.9), ("better documentation", 0.7), ("a calmer list", 0.3)
    )  # fmt: skip
    areas = by_rating()(doc)._.focus_areas
    assert [(a.phrase.text, a.kind) for a in areas] == [("faster builds", "goal"), ("better documentation", "goal")]
    assert all(LEAST <= a.confidence < 1 for a in areas)


def test_a_subject_is_named_once_in_whatever_case() -> None:
    doc = possible("Faster builds! I want faster builds.", ("Faster builds", 0.7), ("faster builds", 0.9))
    assert [a.phrase.start for a in by_rating()(doc)._.focus_areas] == [5]


def test_what_speaks_for_a_phrase() -> None:
    doc = possible(TEXT, ("builds", 0.6), ("faster builds", 0.9), ("better documentation", 0.7))
    builds, faster, documentation = phrases_of(doc)
    assert (builds.over, faster.over, documentation.over) == ([1], [0], [])
    assert {len(p.evidence) for p in (builds, faster, documentation)} == {ALL - 3}
    assert {"first faster", "last builds", "<want", "want|faster", "whole faster builds", "2 words"} <= faster.words
    assert rows([builds, faster], [0.0, 1.0]).shape == (2, 1 + ALL + ALL * (ALL + 1) // 2 + len(KINDS))


def test_whether_a_subject_comes_up_again_is_known_of_other_places_only() -> None:
    again = possible("Fast builds. We need fast builds.", ("Fast builds", 0.8), ("builds", 0.6), ("fast builds", 0.5))
    once = possible("Fast builds. We need calm lists.", ("Fast builds", 0.8), ("builds", 0.6), ("calm lists", 0.5))
    at = GIVEN + 7
    assert phrases_of(again)[0].evidence[at : at + 2] == [1.0, 0.5]
    assert phrases_of(once)[0].evidence[at : at + 2] == [0.0, 0.0]


@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3))
def test_no_two_focus_areas_share_a_word(ratings: list[float]) -> None:
    names = ("faster builds", "builds, better documentation", "documentation for newcomers")
    areas = by_rating()(possible(TEXT, *zip(names, ratings, strict=True)))._.focus_areas
    taken = [token.i for area in areas for token in area.phrase]
    assert len(taken) == len(set(taken))


def test_nothing_possible_asks_for_no_weights_and_something_does() -> None:
    untrained = Focus(BLANK.vocab, "untrained")
    assert untrained(BLANK("Hello."))._.focus_areas == []
    with pytest.raises(ModelError, match="load a trained pipeline"):
        untrained(possible(TEXT, ("faster builds", 0.9)))


def test_the_shipped_weights_name_each_subject_of_a_list(nlp: spacy.Language) -> None:
    doc = nlp("Hello,\n\nI am Ada Voss.\n\nIf elected I will work on:\n\n- faster builds\n- translated documentation\n")
    assert {a.phrase.text for a in doc._.focus_areas} == {"faster builds", "translated documentation"}
    assert {a.kind for a in doc._.focus_areas} == {"goal"}


def test_thanks_and_greetings_are_no_subjects(nlp: spacy.Language) -> None:
    assert nlp("Hello everyone,\n\nthank you for your time.\n\nBest regards,\nAda Voss")._.focus_areas == []
