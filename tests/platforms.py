"""Invented candidates and what they want: statements in a small markup, for the tests of topics and summaries."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from analyzer.embeddings import Embedder
from analyzer.records import (
    Affiliation,
    Block,
    Candidate,
    Decision,
    Election,
    FocusArea,
    Role,
    Source,
    Span,
    StatementRecord,
    SummarySentence,
)
from analyzer.sentences import sentences

if TYPE_CHECKING:
    from analyzer.embeddings import Vectors

MARK = re.compile(r"\[([^\]]+)\]\((goal|interest|experience)\)")


def statement(name: str | None, *paragraphs: str, **changes: Any) -> StatementRecord:
    """Return a record of paragraphs in which focus areas are marked: ``I want [faster builds](goal).``

    Keywords: `election`, `contest`, `community`, `cycle`, `unit`, `submitted`, `outcome`; `headings`, texts that
    stand before the paragraphs; `roles` as (title, organization, status) and `employers` as names, words of the
    text; `best`, the index of the sentence that sums the statement up; anything else replaces a field.
    """
    text = ""
    blocks, marks = [], []
    for kind, paragraph in [
        *(("heading", heading) for heading in changes.pop("headings", ())),
        *(("paragraph", paragraph) for paragraph in paragraphs),
    ]:
        text += "\n\n" if text else ""
        start, at = len(text), 0
        for match in MARK.finditer(paragraph):
            text += paragraph[at : match.start()]
            marks.append((len(text), len(text) + len(match[1]), match[2]))
            text += match[1]
            at = match.end()
        text += paragraph[at:]
        blocks.append(Block.model_validate({"kind": kind, "start": start, "end": len(text)}))

    def span(words: str) -> Span:
        return Span(start=text.index(words), end=text.index(words) + len(words), text=words)

    election: str | None = changes.pop("election", "tarnfold/2025")
    contest: str | None = changes.pop("contest", f"{election}/council" if election else None)
    roles: Sequence[tuple[str, str | None, str]] = changes.pop("roles", ())
    employers: Sequence[str] = changes.pop("employers", ())
    best: int | None = changes.pop("best", None)
    digest = hashlib.sha256(f"{name} {election} {contest} {text} {changes.get('submitted')}".encode()).hexdigest()
    record = StatementRecord(
        id=changes.pop("id", digest[:12]),
        source=Source(path="tarnfold.mbox", format="mbox", sha256=digest),
        submitted=changes.pop("submitted", "2025-03-04T10:00:00Z"),
        language="en",
        decision=Decision(label="candidacy", score=1),
        text=text,
        blocks=blocks,
        candidate=Candidate(name=name, source="header" if name else None),
        election=Election(
            id=election,
            contest_id=contest,
            community=changes.pop("community", "Tarnfold"),
            unit=changes.pop("unit", None),
            office="Council",
            office_canonical="Council",
            cycle=changes.pop("cycle", election.rpartition("/")[2] if election else None),
            outcome=changes.pop("outcome", None),
        ),
        roles=[
            Role.model_validate(
                {
                    "title": title,
                    "organization": organization,
                    "status": status,
                    "confidence": 0.9,
                    "evidence": span(title),
                    "organization_evidence": span(organization) if organization else None,
                }
            )
            for title, organization, status in roles
        ],
        affiliations=[
            Affiliation(
                organization=employer,
                canonical=employer,
                relation="employer",
                status="current",
                source="text",
                confidence=0.9,
                evidence=span(employer),
            )
            for employer in employers
        ],
    )
    found = sentences(record)
    record.focus_areas = [
        FocusArea.model_validate(
            {
                "phrase": text[start:end],
                "kind": kind,
                "confidence": 0.9,
                "evidence": Span(start=start, end=end, text=text[start:end]),
                "sentence": next(s for s in found if s.start <= start < s.end),
            }
        )
        for start, end, kind in marks
    ]
    if best is not None:
        record.summary.sentences = [SummarySentence(rank=1, **found[best].model_dump())]
    return record.model_copy(update=changes)


def wishes(name: str, *phrases: str, **changes: Any) -> StatementRecord:
    """Return a record of somebody who wants these things, one sentence each."""
    return statement(name, " ".join(f"I want [{phrase}](goal)." for phrase in phrases), **changes)


class WordEmbedder(Embedder):
    """Stands in for a model: texts are alike if they share words. Needs no weights, and counts what it was asked."""

    SIZE = 512
    sha256 = ""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def encode(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        self.asked.update(texts)
        rows = np.zeros((len(texts), self.SIZE), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[int(hashlib.sha256(word.encode()).hexdigest(), 16) % self.SIZE] += 1
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(norms == 0, 1, norms), dtype=np.float32)


@cache
def model() -> Embedder:
    """Return the real default model, loaded once."""
    return Embedder()
