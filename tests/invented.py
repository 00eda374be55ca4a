"""Invented statements, and how to make more: what the tests of records, workspace and export share."""

from __future__ import annotations

import hashlib
from typing import Any

from analyzer.records import (
    Affiliation,
    Block,
    Candidate,
    Decision,
    Election,
    Email,
    FocusArea,
    Model,
    Provenance,
    Role,
    Source,
    Span,
    StatementRecord,
    Summary,
    SummarySentence,
)

PIPELINE = Model(role="pipeline", name="en_candidacy", sha256="a" * 64, precision="float32")
EMBEDDINGS = Model(role="embeddings", name="some-model", sha256="b" * 64, precision="float32")


def span(text: str, words: str) -> Span:
    """Return where words stand in a text, for the first time."""
    start = text.index(words)
    return Span(start=start, end=start + len(words), text=words)


def statement(
    name: str | None = "Ines Moreau",
    text: str = "I keep the build farm of Tarnfold running. I want reviews within a day.",
    **changes: Any,
) -> StatementRecord:
    """Return a record of somebody's statement; keywords replace its fields, or those of its parts."""
    emails: list[str] = changes.pop("emails", [])
    handles: dict[str, str] = changes.pop("handles", {})
    election: str | None = changes.pop("election_id", "tarnfold/2025-03")
    contest: str | None = changes.pop("contest_id", f"{election}/council" if election else None)
    path: str = changes.pop("path", "tarnfold/2025-March.txt")
    index: int | None = changes.pop("index", 0)
    digest = hashlib.sha256(f"{path} {index} {name} {text} {contest}".encode("utf-8", "replace")).hexdigest()
    fields: dict[str, Any] = {
        "id": digest[:16],
        "source": Source(path=path, index=index, format="mbox", list="tarnfold-dev", sha256=digest),
        "submitted": "2025-03-04T10:00:00Z",
        "language": "en",
        "decision": Decision(label="candidacy", score=0.98765, reasons=["subject says candidacy"]),
        "text": text,
        "blocks": [Block(kind="paragraph", start=0, end=len(text))] if text else [],
        "candidate": Candidate(
            name=name,
            source="header" if name else None,
            emails=[Email(address=address, source="header") for address in emails],
            handles=handles,
        ),
        "election": Election(
            id=election,
            contest_id=contest,
            community="Tarnfold" if election else None,
            office="Council" if election else None,
            office_canonical="Council" if election else None,
            cycle="2025-03" if election else None,
            provenance={"office": Provenance(source="subject")} if election else {},
        ),
    }
    return StatementRecord(**(fields | changes))


def full(name: str = "Ines Moreau", **changes: Any) -> StatementRecord:
    """Return a record in which everything is filled."""
    text = (
        f"Name: {name}\nI am a build engineer at Quillworks and keep the build farm of Tarnfold running. "
        "I want reviews within a day."
    )
    goal = "I want reviews within a day."
    made = {
        "blocks": [
            Block(kind="field", start=0, end=text.index("\n")),
            Block(kind="paragraph", start=text.index("\n") + 1, end=len(text)),
        ],
        "roles": [
            Role(
                title="build engineer",
                organization="Quillworks",
                organization_canonical="Quillworks",
                status="current",
                confidence=0.91234,
                evidence=span(text, "build engineer"),
                organization_evidence=span(text, "Quillworks"),
            )
        ],
        "affiliations": [
            Affiliation(
                organization="Quillworks",
                canonical="Quillworks",
                relation="employer",
                status="current",
                source="text",
                confidence=0.95,
                evidence=span(text, "Quillworks"),
            ),
            Affiliation(
                organization="moreau.example",
                canonical="moreau.example",
                relation="other",
                status="current",
                source="email-domain",
                confidence=0.3,
            ),
        ],
        "focus_areas": [
            FocusArea(
                phrase="reviews within a day",
                kind="goal",
                confidence=0.9,
                evidence=span(text, "reviews within a day"),
                sentence=span(text, goal),
            )
        ],
        "summary": Summary(text=goal, sentences=[SummarySentence(rank=1, **span(text, goal).model_dump())]),
    }
    return statement(name, text, **(made | changes))
