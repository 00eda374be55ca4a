"""The sentences of a statement, as spans of its text."""

from __future__ import annotations

from functools import cache
from typing import Any

from analyzer.records import Span, StatementRecord

# What is said in these is said to somebody or by somebody else.
SILENT = frozenset({"greeting", "signature", "question"})


def sentences(record: StatementRecord) -> list[Span]:
    """Return the sentences of a statement in order: paragraphs and items split, other blocks whole.

    Greetings, signatures and quoted questions are left out: they are not the candidate's platform.
    """
    found = []
    for block in record.blocks:
        if block.kind in SILENT:
            continue
        bounds = [(block.start, block.end)]
        if block.kind in ("paragraph", "item"):
            doc = _splitter()(record.text[block.start : block.end])
            bounds = [(block.start + s.start_char, block.start + s.end_char) for s in doc.sents]
        for start, end in bounds:
            text = record.text[start:end]
            start += len(text) - len(text.lstrip())
            end -= len(text) - len(text.rstrip())
            if end > start:
                found.append(Span(start=start, end=end, text=record.text[start:end]))
    return found


@cache
def _splitter() -> Any:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.max_length = 10**9  # the limit guards the memory of a parser, and there is none here
    return nlp
