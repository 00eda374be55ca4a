"""The field of candidates, election by election: who is new, who returns, for whom they work.

"New" and "before" mean: in this community's earlier elections, as far as their statements are known here.

References
----------
Concentration: Herfindahl's and Hirschman's index, the sum of squared shares; Hirschman (1964), Am. Econ. Rev. 54.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from analyzer.directory import Directory
from analyzer.records import ElectionRecord, Record, StatementRecord
from analyzer.views import Score, Who


class Employer(Record):
    """An organization by its canonical name, and the candidates who work for it now.

    `by_address` counts those of whom only the domain of an e-mail address says so.
    """

    organization: str
    candidates: list[Who]
    by_address: int


class Employers(Record):
    """For whom the candidates of an election work, the largest employer first.

    Attributes
    ----------
    known, unknown : candidates of whom an employer is known, and the others.
    largest : part of the known candidates who work for the largest employer; null if none is known.
    concentration : Herfindahl-Hirschman index over the known candidates: 1 if all work for one employer, ``1 / known``
        if each works for another; null if none is known. Whoever has two employers is half of each.
    """

    known: int
    unknown: int
    largest: Score | None
    concentration: Score | None
    employers: list[Employer]


class ElectionField(Record):
    """Who stood in an election.

    Attributes
    ----------
    begins : the first day of voting, else that of the first statement.
    speaking, platforms : candidates of whose statements any subject is known, and any goal. Shares of statements and
        platforms are shares of these: of the others it is not known what they say.
    subjects : topics that one of the speaking candidates raises, on average.
    newcomers, returners : who had not stood here before, and who had; null in the first known election, and where it
        is not known when it was.
    elected : null if no outcome is known.
    elected_before : those who had been elected to an office for which they stand, in their unit, in an earlier
        election; null if no outcome of one is known.
    elected_again : those of them who were elected; null if either is not known.
    """

    election: str
    cycle: str | None
    begins: str | None
    candidates: int
    speaking: int
    platforms: int
    subjects: Score
    newcomers: list[Who] | None
    returners: list[Who] | None
    elected: list[Who] | None
    elected_before: list[Who] | None
    elected_again: list[Who] | None
    employers: Employers


def fields(
    elections: Sequence[ElectionRecord],
    placed: int,
    held: Mapping[str, Sequence[StatementRecord]],
    directory: Directory,
) -> list[ElectionField]:
    """Return the field of each election of a community.

    Parameters
    ----------
    elections : in their order in time; the time of those after the first `placed` is not known.
    held : the statements of each election, by its id.
    """
    known: set[str] = set()
    winners: set[tuple[str, str]] = set()
    outcomes = False  # of an earlier election
    found = []
    for number, election in enumerate(elections):
        people = directory.by_person(held[election.id])
        whos = {id_: directory.who(records[0]) for id_, records in people.items()}
        won = {
            (id_, seat(record))
            for id_, records in people.items()
            for record in records
            if record.election.outcome == "elected"
        }
        sought = {(id_, seat(record)) for id_, records in people.items() for record in records}
        before = {id_ for id_, _ in sought & winners}
        again = {id_ for id_, _ in won & winners}
        decided = any(record.election.outcome for record in held[election.id])
        compared = 0 < number < placed

        def those(chosen: Iterable[str], whos: Mapping[str, Who] = whos) -> list[Who]:
            return [whos[id_] for id_ in sorted(chosen)]

        found.append(
            ElectionField(
                election=election.id,
                cycle=election.cycle,
                begins=election.begins or (election.first_submitted or "")[:10] or None,
                candidates=len(people),
                speaking=sum(any(r.focus_areas for r in records) for records in people.values()),
                platforms=sum(
                    any(area.kind == "goal" for r in records for area in r.focus_areas) for records in people.values()
                ),
                subjects=_subjects(people),
                newcomers=those(people.keys() - known) if compared else None,
                returners=those(people.keys() & known) if compared else None,
                elected=those({id_ for id_, _ in won}) if decided else None,
                elected_before=those(before) if compared and outcomes else None,
                elected_again=those(again) if compared and outcomes and decided else None,
                employers=employers(people, whos),
            )
        )
        if number < placed:
            known |= set(people)
            winners |= won
            outcomes = outcomes or decided
    return found


def employers(people: Mapping[str, Sequence[StatementRecord]], whos: Mapping[str, Who]) -> Employers:
    """Return for whom people work now, by their statements of one election.

    What they say counts; of whom nothing is said, the domain of the e-mail address does, if the lexicon knows whose
    it is.
    """
    staff: dict[str, dict[str, float]] = defaultdict(dict)
    guessed: dict[str, set[str]] = defaultdict(set)
    for id_, records in people.items():
        current = [item for record in records for item in record.affiliations if item.status == "current"]
        said = {item.canonical for item in current if item.relation == "employer"}
        # A domain that nobody knows stands for itself.
        named = {i.canonical for i in current if i.source == "email-domain" and i.canonical != i.organization}
        for name in said or named:
            staff[name][id_] = 1 / len(said or named)
            if not said:
                guessed[name].add(id_)
    ranked = sorted(staff, key=lambda name: (-sum(staff[name].values()), name.casefold(), name))
    known = len({id_ for held in staff.values() for id_ in held})
    shares = [sum(staff[name].values()) / known for name in ranked]
    return Employers(
        known=known,
        unknown=len(people) - known,
        largest=shares[0] if shares else None,
        concentration=sum(share * share for share in shares) if shares else None,
        employers=[
            Employer(
                organization=name,
                candidates=[whos[id_] for id_ in sorted(staff[name])],
                by_address=len(guessed[name]),
            )
            for name in ranked
        ],
    )


def seat(record: StatementRecord) -> str:
    """Return the office and unit somebody stands for, the same in every election; empty if it is not known."""
    election = record.election
    return (election.contest_id or "").removeprefix(election.id or "")


def _subjects(people: Mapping[str, Sequence[StatementRecord]]) -> float:
    """Return how many topics a candidate raises of whom any is known, on average."""
    raised = [{area.topic for record in records for area in record.focus_areas} for records in people.values()]
    speaking = [len(topics) for topics in raised if topics]
    return sum(speaking) / len(speaking) if speaking else 0.0
