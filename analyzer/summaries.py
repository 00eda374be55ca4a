"""What each candidate says, in their own words: who, roles, affiliations, subjects, key sentences."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.directory import Directory
from analyzer.embeddings import Embedder
from analyzer.records import Outcome, Record, StatementRecord
from analyzer.topics import phrases
from analyzer.views import (
    Evidence,
    HeldAffiliation,
    HeldRole,
    Subject,
    Who,
    affiliations,
    election_name,
    evidence,
    roles,
)


class CandidateSummary(Record):
    """One candidate in one election: all they wrote there.

    Attributes
    ----------
    election, contests, name : ids, and what to call it in print (the contest, if it is a single one).
    submitted : when the first of the statements was.
    subjects : goals first, then interests, then experience; those with more phrases before others.
    sentences : at most five that say best what the candidate stands for, best first.
    """

    candidate: Who
    election: str | None
    contests: list[str]
    name: str
    submitted: str | None
    outcome: Outcome | None
    statements: list[str]
    roles: list[HeldRole]
    affiliations: list[HeldAffiliation]
    subjects: list[Subject]
    sentences: list[Evidence]


def summarize(
    records: Sequence[StatementRecord], embedder: Embedder, directory: Directory | None = None
) -> list[CandidateSummary]:
    """Return one summary per candidate and election.

    Parameters
    ----------
    records : the statements of interest (`Directory.in_scope`).
    directory : who is who; by default, as these records alone tell.
    """
    directory = directory or Directory(records)
    parts: dict[tuple[str, str], list[StatementRecord]] = {}
    for person, members in directory.by_person(records).items():
        for record in members:
            # Without an election, each statement stands for itself, and after all others.
            alone = f"\uffff{record.submitted or ''} {record.id}"
            parts.setdefault((record.election.id or alone, person), []).append(record)
    labeller = phrases.Labeller(records)
    return [_summary(parts[key], embedder, directory, labeller) for key in sorted(parts)]


def _summary(
    records: list[StatementRecord], embedder: Embedder, directory: Directory, labeller: phrases.Labeller
) -> CandidateSummary:
    items = phrases.mentions(records)
    alike = phrases.similarity(items, embedder)
    subjects = [phrases.subject(group, items, alike, labeller) for group in phrases.groups(alike)]
    # A resent statement says its sentences twice; they are shown once.
    ranked = sorted((s.rank, record.id, s.start) for record in records for s in record.summary.sentences)
    by_place = {(record.id, s.start): (record, s) for record in records for s in record.summary.sentences}
    sentences: dict[str, Evidence] = {}
    for _, id_, start in ranked:
        record, sentence = by_place[id_, start]
        sentences.setdefault(sentence.text, evidence(record, sentence))
    contests = sorted({record.election.contest_id for record in records if record.election.contest_id})
    return CandidateSummary(
        candidate=directory.who(records[0]),
        election=records[0].election.id,
        contests=contests,
        name=election_name(contests[0] if len(contests) == 1 else records[0].election.id, records[0]),
        submitted=min((record.submitted for record in records if record.submitted), default=None),
        outcome=next((record.election.outcome for record in records if record.election.outcome), None),
        statements=[record.id for record in records],
        roles=roles(records),
        affiliations=affiliations(records),
        subjects=sorted(subjects, key=lambda s: (phrases.KINDS.index(s.kinds[0]), -len(s.phrases))),
        sentences=list(sentences.values())[:5],
    )
