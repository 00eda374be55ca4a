"""Who holds the office they stand for: what sentences are to the model, and what the shipped weights say."""

import random
import sys
from pathlib import Path

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, Span

sys.path.append(str(Path(__file__).parents[2] / "models" / "scripts"))

from incumbency import INVENTED, Text, fit
from unseen import vocabulary

import analyzer
from analyzer.errors import ModelError
from analyzer.pipeline.incumbency import (
    GROUP,
    OFFICE,
    STANDINGS,
    Incumbency,
    features,
    mentions,
    pooled,
    sentences,
)
from analyzer.pipeline.reader import RoleMention, write_roles


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    return analyzer.load(exclude=list(analyzer.pipeline.GENERAL))


@pytest.fixture(scope="module")
def blank() -> spacy.Language:
    made = spacy.blank("en")
    made.add_pipe("candidacy_blocks")
    return made


def with_office(blank: spacy.Language, text: str, title: str, group: str) -> tuple[Doc, RoleMention]:
    doc = blank(text)
    spans: list[Span] = []
    for words in (title, group):
        span = doc.char_span(text.index(words), text.index(words) + len(words))
        assert span is not None
        spans.append(span)
    office = RoleMention(spans[0], spans[1], "sought", 0.9)
    write_roles(doc, [office])
    return doc, office


def test_the_names_of_office_and_group_are_masked_wherever_they_stand(blank: spacy.Language) -> None:
    text = "I stand for steward of Orrery. As a Steward I've kept Orrery's diary for 3 years, my second term."
    doc, office = with_office(blank, text, "steward", "Orrery")
    said = sentences(doc, *mentions(doc, office))
    assert said[0] == ["i", "stand", "for", OFFICE, "of", GROUP]
    assert said[1][:6] == ["as", "a", OFFICE, "i", "have", "kept"]
    assert "{number}" in said[1] and "{nth}" in said[1]
    assert not {"steward", "orrery"} & {word for words in said for word in words}


def test_features_are_runs_and_pairs_and_what_stands_with_the_office() -> None:
    found = features(["another", "term", "as", OFFICE])
    assert {"another", "another term", "another term as", "another~as", f"term~{OFFICE}", f"{OFFICE}:term"} <= found
    assert f"another term as {OFFICE}" not in found


@given(
    st.lists(st.lists(st.floats(-30, 30), min_size=3, max_size=3), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_pooling_is_a_smooth_maximum_in_any_order(rows: list[list[float]], rng: random.Random) -> None:
    scores = np.array(rows)
    whole = pooled(scores, [0])[0]
    assert (whole >= scores.max(0) - 1e-9).all()
    assert (whole <= scores.max(0) + np.log(len(rows)) + 1e-9).all()
    rng.shuffle(rows)
    assert pooled(np.array(rows), [0])[0] == pytest.approx(whole)


def test_runs_are_pooled_by_themselves() -> None:
    scores = np.array([[1.0, 0, 0], [2, 0, 0], [5, 0, 0]])
    apart = np.concatenate([pooled(scores[:2], [0]), pooled(scores[2:], [0])])
    assert pooled(scores, [0, 2]) == pytest.approx(apart)


def statuses(nlp: spacy.Language, text: str) -> set[str]:
    return {role.status for role in nlp(text)._.roles if role.title.text == "PTL"}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("I am running for re-election as PTL of Orrery. I want faster builds.", "current"),
        ("I would like to continue as PTL of Orrery for another cycle. I want faster builds.", "current"),
        ("I'd like to nominate myself as PTL of Orrery. If elected, this will be my third term in a row.", "current"),
        ("I would like to announce my candidacy for PTL of Orrery. This would be my first time as PTL.", None),
        ("I would like to announce my candidacy for PTL of Orrery.\n\nMira, our PTL, is stepping down.", None),
        ("Hello,\n\nI am Ada Voss and I would like to serve as PTL of Orrery.\n\nI want faster builds.", None),
        ("I nominate myself for PTL of Orrery.\n\nI will continue to review patches and fix the gate.", None),
    ],
)
def test_what_is_said_anywhere_tells_an_incumbent(nlp: spacy.Language, text: str, held: str | None) -> None:
    assert statuses(nlp, text) == {"sought", *([held] if held else [])}


def test_a_held_office_points_at_its_characters_and_names_its_group(nlp: spacy.Language) -> None:
    doc = nlp("I would like to serve another term as PTL of Orrery.\n\nI want faster builds and better documentation.")
    held = [role for role in doc._.roles if role.status == "current"]
    assert [(role.title.text, role.organization and role.organization.text) for role in held] == [("PTL", "Orrery")]
    assert 0 < held[0].confidence < 1


def test_who_seeks_nothing_is_left_as_read(blank: spacy.Language) -> None:
    doc = blank("I am a steward of Orrery.")
    write_roles(doc, [RoleMention(doc[3:4], doc[5:6], "current", 0.9)])
    assert [r.status for r in Incumbency(blank.vocab, "untrained")(doc)._.roles] == ["current"]


def test_without_weights_the_remedy_is_named(blank: spacy.Language) -> None:
    doc, _ = with_office(blank, "I stand for steward of Orrery.", "steward", "Orrery")
    with pytest.raises(ModelError, match="load a trained pipeline"):
        Incumbency(blank.vocab, "untrained")(doc)


def test_training_learns_what_a_sentence_says_within_a_long_text() -> None:
    neutral = [features(words.split()) for words in ("i like tests", "we fixed the gate", "docs need work")]
    said = {"current": "for another term", "past": "i once was", "none": "my first time"}
    texts = [
        Text(source, "", STANDINGS.index(standing), [*neutral, features(words.split())])
        for standing, words in said.items()
        for source in ("one", "two", "three")
    ]
    known = vocabulary([(t.source, t.sentences) for t in texts], 3)
    weights, bias = fit(texts, known)
    component = Incumbency(spacy.blank("en").vocab, "trained")
    component.install(known, weights, bias)
    again = Incumbency(spacy.blank("en").vocab, "again").from_bytes(component.to_bytes())
    for standing, words in said.items():
        rows = np.array([again._sum(s, shared=True) + again._top[0] for s in (*neutral, features(words.split()))])
        assert STANDINGS[int((pooled(rows, [0])[0] + again._top[1]).argmax())] == standing


def test_a_word_of_one_community_alone_is_no_feature() -> None:
    texts = [("orrery", [{"term", "quillon"}]), ("orrery", [{"term", "quillon"}]), ("brell", [{"term"}])]
    assert vocabulary(texts, 2) == ["term"]
    assert vocabulary([*texts, (INVENTED, [{"quillon"}])], 2) == ["quillon", "term"]
