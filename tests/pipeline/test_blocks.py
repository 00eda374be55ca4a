"""Sentence borders come from the statement's structure."""

import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from analyzer.pipeline import blocks
from analyzer.records import Block

NLP = spacy.blank("en")
NLP.add_pipe("candidacy_blocks")


def sentences(text: str, *of: Block) -> list[str]:
    doc = NLP.make_doc(text)
    if of:
        doc._.blocks = of
    return [s.text.strip() for s in NLP(doc).sents]


def test_a_line_break_ends_a_sentence_without_punctuation() -> None:
    assert sentences("My goals\n\nBetter docs\nFaster builds") == ["My goals", "Better docs", "Faster builds"]


def test_punctuation_ends_a_sentence_only_before_a_word_that_can_begin_one() -> None:
    text = 'I maintain e.g. the parser. I said "yes." Then I left! 3 years ago.'
    assert sentences(text) == ["I maintain e.g. the parser.", 'I said "yes."', "Then I left!", "3 years ago."]


def test_blocks_nobody_gave_are_the_lines() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("candidacy_blocks")
    doc = nlp("One.\n\nTwo.")
    assert [(b.kind, b.start, b.end) for b in doc._.blocks] == [("paragraph", 0, 4), ("paragraph", 6, 10)]


def test_tokens_know_the_kind_of_their_block() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("candidacy_blocks")
    doc = nlp.make_doc("Goals\nDocs first.")
    doc._.blocks = (Block(kind="heading", start=0, end=5), Block(kind="item", start=6, end=17))
    kinds = dict(zip([t.text for t in doc], blocks.kinds_of(doc), strict=True))
    assert (kinds["Goals"], kinds["Docs"], kinds["."]) == ("heading", "item", "item")


def test_a_document_with_blocks_survives_bytes() -> None:
    nlp = spacy.blank("en")
    doc = nlp.make_doc("Goals")
    doc._.blocks = (Block(kind="heading", start=0, end=5),)
    assert Doc(nlp.vocab).from_bytes(doc.to_bytes())._.blocks == doc._.blocks


@given(st.text(alphabet=st.sampled_from("ab .!?\n\"'(A1"), max_size=60))
def test_no_sentence_crosses_a_line(text: str) -> None:
    assert all("\n" not in sentence for sentence in sentences(text))
