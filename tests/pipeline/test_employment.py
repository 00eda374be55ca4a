"""Which named organizations are affiliations: by all their mentions and the words around them."""

from itertools import pairwise

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, Span, SpanGroup

import analyzer
from analyzer.errors import ModelError
from analyzer.pipeline.employment import FORM, LEAST, WORD, Employment, Surroundings, named, of_name, stacked
from analyzer.pipeline.reader import AFFILIATIONS
from analyzer.records import Block

BLANK = spacy.blank("en")
BLANK.add_pipe("candidacy_blocks")
NAMES = st.sampled_from(["Quillon", "Brightwell Systems", "Ostara Labs GmbH", "IBM"])


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    return analyzer.load(exclude=list(analyzer.pipeline.GENERAL))


def span(text: str, words: str) -> Span:
    doc = BLANK(text)
    found = doc.char_span(text.index(words), text.index(words) + len(words))
    assert found is not None
    return found


def around(name: Span) -> set[str]:
    return {feature for feature in Surroundings(name.doc)(name) if not feature.startswith((WORD, FORM))}


@given(NAMES, NAMES)
def test_the_name_itself_is_unknown(one: str, other: str) -> None:
    sentence = "I've worked for {} since 2014 , and like it."
    a, b = (around(span(sentence.format(name), name)) for name in (one, other))
    assert a == b
    assert {"<for", "<worked for", "<have worked for", ">since", ">since {number}", "for<>since"} <= a


def test_a_name_tells_of_its_words_and_its_form() -> None:
    told = {"name has quillon", "name has university", "name ends university", "form title title", "form 2"}
    assert of_name("Quillon University") == told
    name = span("I left Quillon University.", "Quillon University")
    assert told < Surroundings(name.doc)(name)
    assert "form upper lower mixed other" in of_name("NVTC for openQuill 3")
    assert {"form title title title title", "form 4"} < of_name("Royal Fisheries College Of The North")


def test_other_sentences_and_lines_say_nothing_of_a_name() -> None:
    doc = span("I was employed for years.\nOstara\nI work on builds.", "Ostara").doc
    doc._.blocks = (Block(kind="signature", start=doc.text.index("Ostara"), end=doc.text.index("Ostara") + 6),)
    start = next(token.i for token in doc if token.text == "Ostara")
    edges = {"<{edge}", "<{edge} {edge}", "<{edge} {edge} {edge}", ">{edge}", ">{edge} {edge}", "{edge}<>{edge}"}
    assert around(doc[start : start + 1]) == edges | {"alone in signature"}


def test_mentions_of_a_name_are_one_whatever_their_case() -> None:
    doc = BLANK("Quillon, QUILLON and Brell")
    assert named([doc[0:1], doc[2:3], doc[4:5]]) == [[0, 1], [2]]


def trained() -> Employment:
    """Whoever works for something is employed there; the network's word counts as well."""
    component = Employment(BLANK.vocab, "trained")
    component.install(["<for", "<about"], np.array([[4.0], [-4.0]]), np.array([1, 0, 0, 0, 0, 0, 1, 0, -2])[:, None])
    return component


def possible(doc: Doc, *found: tuple[str, float]) -> Doc:
    spans = []
    for words, _ in found:
        at = doc.text.index(words)
        made = doc.char_span(at, at + len(words), label="employer")
        assert made is not None
        spans.append(made)
    attrs = {"statuses": ["current"] * len(found), "evidence": [[e, 0.0, 0.0, 0.0, 0.0, 0.0] for _, e in found]}
    doc.spans[AFFILIATIONS] = SpanGroup(doc, name=AFFILIATIONS, spans=spans, attrs=attrs)
    return doc


def test_words_and_network_decide_together() -> None:
    doc = BLANK("I work for Quillon and read about Brell, with Ostara.")
    possible(doc, ("Quillon", 0), ("Brell", 0), ("Ostara", 5))
    found = trained()(doc)._.affiliations
    assert [a.organization.text for a in found] == ["Quillon", "Ostara"]
    assert all(LEAST <= a.confidence < 1 for a in found)


def test_of_two_that_overlap_the_surer_stays_and_of_two_mentions_the_first() -> None:
    text = "I work for Quillon Labs. Before, too, I worked for Quillon Labs. A talk about Quillon Labs."
    doc = possible(BLANK(text), ("Quillon Labs", 1.0), ("Labs", 0.5))
    assert [a.organization.text for a in trained()(doc)._.affiliations] == ["Quillon Labs"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I write for SIG Docs.", "SIG Docs"),
        ("I teach for School of Computing.", "School of Computing"),
        ("I work for university.", "university"),
        ("I worked for a Tarnfold oriented company.", "Tarnfold oriented company"),
        ("I work for silicon company.", "silicon"),
        ("Email: ada for quillon.example", "quillon.example"),
        ("Ask for @ada", "@ada"),
    ],
)
def test_what_no_organization_is_called_is_none(text: str, name: str) -> None:
    assert trained()(possible(BLANK(text), (name, 5.0)))._.affiliations == []


def test_nothing_possible_asks_for_no_weights_and_something_does() -> None:
    untrained = Employment(BLANK.vocab, "untrained")
    assert untrained(BLANK("I want faster builds."))._.affiliations == []
    with pytest.raises(ModelError, match="load a trained pipeline"):
        untrained(possible(BLANK("I work for Quillon."), ("Quillon", 0)))


def test_weights_survive_disk_and_damage_is_told(tmp_path) -> None:  # type: ignore[no-untyped-def]
    component = trained()
    component.to_disk(tmp_path)
    again = Employment(BLANK.vocab, "again").from_disk(tmp_path)
    assert again.to_bytes() == component.to_bytes() and len(again) == 2
    (tmp_path / "weights.npz").write_bytes(b"PK nothing")
    with pytest.raises(ModelError, match=r"weights\.npz: damaged model"):
        again.from_disk(tmp_path)


def test_what_the_probability_is_made_of() -> None:
    assert stacked(np.array([1.0, 2.0]), -3.0).tolist() == [1, 2, -3, 0, 1]
    assert stacked(np.array([1.0, 2.0]), 3.0).tolist() == [1, 2, 3, 3, 1]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("At Quillon I worked on the storage engine, and I joined Ostara Labs last year.", ["Quillon", "Ostara Labs"]),
        ("My employer, Brightwell Systems, supports this work.", ["Brightwell Systems"]),
        ("I am a release engineer in Quillon's Linux Technology Center.", ["Quillon"]),
        ("Companies such as Quillon use it, and Mira of Ostara reviews a lot.", []),
        ("I joined SIG Docs two years ago and co-founded SIG Testing.", []),
    ],
)
def test_the_shipped_weights_tell_employers_from_what_is_mentioned(
    nlp: spacy.Language, text: str, names: list[str]
) -> None:
    doc = nlp(f"Hello,\n\nI am Ada Voss and stand for the Orrery council.\n\n{text}\n\nI want faster builds.")
    found = doc._.affiliations
    assert [a.organization.text for a in found] == names
    assert all(one.organization.end <= two.organization.start for one, two in pairwise(found))
