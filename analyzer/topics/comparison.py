"""What two or more sides have in common and on what they differ: candidates, elections, or one person over time.

Each side's focus areas become subjects. Subjects of different sides are matched one to one, so that the summed
similarity above a threshold is as high as can be: first those that are the same (mean similarity of their phrases
at least `phrases.SAME`), then, of what is left, those that are similar (at least `phrases.SIMILAR`). More than two
sides are matched one after the other, each against what those before it have put together.

The overall agreement adds up from its parts. Each side has an equal weight, shared out among its subjects by kind
(a goal counts double) and, in an election, by how many candidates raise them; all weights together are 1. A matched
subject adds its sides' weights times the share of the other sides it is matched on, and half of that if it is
similar only; a subject of one side adds nothing. So 1 means that every side says the same, 0 that none does.

References
----------
Optimal assignment: Kuhn (1955), Nav. Res. Logist. Q. 2; Crouse (2016), IEEE Trans. Aerosp. Electron. Syst. 52.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from analyzer.chronology import in_time
from analyzer.directory import Directory
from analyzer.embeddings import Embedder
from analyzer.errors import UnknownNameError, UserError
from analyzer.records import Affiliation, ElectionRecord, FocusKind, Record, Role, StatementRecord
from analyzer.topics import phrases
from analyzer.views import Evidence, Phrase, Score, Who, affiliation_key, election_name, evidence, role_key

Match = Literal["all", "some", "similar", "unique"]
Change = Literal["kept", "changed", "dropped", "new"]

MATCHES: tuple[Match, ...] = ("all", "some", "similar", "unique")
CHANGES: tuple[Change, ...] = ("kept", "changed", "new", "dropped")
# Weights are whole ten-thousandths, so that the printed parts add up exactly.
WHOLE = 10_000


class Side(Record):
    """What is compared: a candidate, an election, or one candidacy of a person."""

    id: str
    name: str
    election: str | None
    submitted: str | None
    statements: list[str]
    candidates: list[Who]
    subjects: int


class SideSubject(Record):
    """A subject as one side (its index in `Comparison.sides`) puts it.

    `candidates` are those who raise it, `share` their part of the side's candidates.
    """

    side: int
    label: str
    kinds: list[FocusKind]
    candidates: list[Who]
    share: Score
    phrases: list[Phrase]


class ComparedSubject(Record):
    """A subject of one side, or those of several sides that are the same or similar.

    Attributes
    ----------
    match : ``all`` sides say the same, ``some`` do, sides say something ``similar``, or it is ``unique`` to one.
    change : over time only: ``kept`` (in the last candidacy and before), ``changed`` (something similar was said
        before), ``new`` (in the last only), ``dropped`` (not in the last).
    similarity : the lowest mean similarity at which a side was matched; null for a single side.
    weight : the part of everything said that this is; all weights together are 1.
    agreement : what this adds to the overall agreement, at most its weight.
    """

    label: str
    match: Match
    change: Change | None
    similarity: Score | None
    weight: Score
    agreement: Score
    sides: list[SideSubject]


class Parts(Record):
    """The weight of all subjects of each match; together 1."""

    all: Score
    some: Score
    similar: Score
    unique: Score


class HeldBy(Record):
    """Who of a side holds a role or affiliation, and the words that say so."""

    side: int
    candidates: list[Who]
    evidence: list[Evidence]


class ComparedRole(Record):
    title: str
    organization: str | None
    status: str
    sides: list[HeldBy]


class ComparedAffiliation(Record):
    organization: str
    relation: str
    status: str
    sides: list[HeldBy]


class Comparison(Record):
    """Sides, and what they share; subjects of most weight first within each kind of match (or change).

    `agreement` and `parts` are null where a side has no subjects: that is silence, and not disagreement.
    """

    kind: Literal["candidates", "elections", "over-time"]
    sides: list[Side]
    agreement: Score | None
    parts: Parts | None
    subjects: list[ComparedSubject]
    roles: list[ComparedRole]
    affiliations: list[ComparedAffiliation]


def compare_candidates(
    people: Sequence[str],
    records: Sequence[StatementRecord],
    embedder: Embedder,
    directory: Directory | None = None,
) -> Comparison:
    """Compare what two or more people say in these statements.

    Parameters
    ----------
    people : ids of people (`Directory.find_person`).
    records : the statements of interest (`Directory.in_scope`).
    directory : who is who; by default, as these records alone tell.

    Raises
    ------
    UserError
        If there are fewer than two, one is named twice, or one has no statement among these.
    """
    directory = directory or Directory(records)
    if len(people) < 2:
        raise UserError("a comparison needs two candidates or more: name another one")
    for person in people:
        if list(people).count(person) > 1:
            raise UserError(f"{person}: named twice, and nobody differs from themselves: name another candidate")
    theirs = directory.by_person(records)
    sides = []
    for person in people:
        if person not in theirs:
            raise UnknownNameError(f"{person}: has no statement here: choose another election, or leave it out")
        who = directory.who(theirs[person][0])
        sides.append(Voices(who.id, who.name, theirs[person], directory))
    return compare_sides("candidates", sides, records, embedder)


def compare_elections(
    a: str,
    b: str,
    records: Sequence[StatementRecord],
    embedder: Embedder,
    directory: Directory | None = None,
) -> Comparison:
    """Compare what the candidates of two elections (or contests) say.

    Raises
    ------
    UserError
        If they are the same, one is part of the other, or one has no statements.
    """
    directory = directory or Directory(records)
    if a == b:
        raise UserError(f"{a}: named twice, and no election differs from itself: name another one")
    sides = []
    for id_ in (a, b):
        members = [record for record in records if id_ in (record.election.id, record.election.contest_id)]
        if not members:
            raise UnknownNameError(f"{id_}: no such election: 'candidacy list' shows what is there")
        sides.append(Voices(id_, election_name(id_, members[0]), members, directory))
    if {record.id for record in sides[0].records} & {record.id for record in sides[1].records}:
        raise UserError(f"{a} and {b}: one is part of the other: name two that share no statement")
    return compare_sides("elections", sides, records, embedder)


def compare_over_time(
    person: str,
    records: Sequence[StatementRecord],
    embedder: Embedder,
    directory: Directory | None = None,
) -> Comparison:
    """Compare one person's candidacies, in the order of time.

    Statements of one election are one candidacy; a statement of no known election is one of its own.

    Raises
    ------
    UserError
        If the person has no candidacy here, or a single one.
    """
    sides = candidacies(person, records, directory or Directory(records))
    if len(sides) < 2:
        name = sides[0].candidates(sides[0].whos)[0].name
        raise UserError(f"{name}: has a single candidacy here, and nothing to compare it with: name another candidate")
    return compare_sides("over-time", sides, records, embedder)


def candidacies(
    person: str,
    records: Sequence[StatementRecord],
    directory: Directory,
    kinds: Sequence[FocusKind] = phrases.KINDS,
) -> list[Voices]:
    """Return one person's candidacies, in the order of time, with their focus areas of these kinds.

    Statements of one election are one candidacy; a statement of no known election is one of its own.

    Raises
    ------
    UnknownNameError
        If the person has none here.
    """
    members = directory.by_person(records).get(person)
    if not members:
        raise UnknownNameError(f"{person}: has no statement here: 'candidacy list' shows who is there")
    found: dict[str, list[StatementRecord]] = {}
    for record in members:
        found.setdefault(record.election.id or record.id, []).append(record)

    known = {election.id: election for election in directory.elections}
    elections = [
        known.get(id_) or ElectionRecord(id=id_, first_submitted=own[0].submitted, statements=len(own))
        for id_, own in found.items()
    ]
    ordered, undated = in_time(elections)
    return [
        Voices(election.id, election_name(election.id, found[election.id][0]), found[election.id], directory, kinds)
        for election in [*ordered, *undated]
    ]


class Voices:
    """A side's statements, and the focus areas of theirs that are compared."""

    def __init__(
        self,
        id_: str,
        name: str,
        records: Sequence[StatementRecord],
        directory: Directory,
        kinds: Sequence[FocusKind] = phrases.KINDS,
    ) -> None:
        self.id = id_
        self.name = name
        self.records = sorted(records, key=lambda record: (record.submitted or "", record.id))
        self.whos = {record.id: directory.who(record) for record in self.records}
        self.items = [item for item in phrases.mentions(self.records) if item.kind in kinds]

    def candidates(self, ids: Iterable[str]) -> list[Who]:
        """Return who wrote statements, each once, by id."""
        found = {self.whos[id_].id: self.whos[id_] for id_ in ids}
        return [found[id_] for id_ in sorted(found)]

    def view(self, subjects: int) -> Side:
        elections = {record.election.id for record in self.records}
        return Side(
            id=self.id,
            name=self.name,
            election=next(iter(elections)) if len(elections) == 1 else None,
            submitted=min((record.submitted for record in self.records if record.submitted), default=None),
            statements=[record.id for record in self.records],
            candidates=self.candidates(self.whos),
            subjects=subjects,
        )


@dataclass
class _Row:
    """Subjects of different sides that belong together: the places of each one's phrases among all."""

    members: dict[int, list[int]]
    similarity: float | None = None
    similar: bool = False
    weights: dict[int, float] = field(default_factory=dict)

    @property
    def places(self) -> list[int]:
        return [place for group in self.members.values() for place in group]


def compare_sides(
    kind: Literal["candidates", "elections", "over-time"],
    sides: Sequence[Voices],
    records: Sequence[StatementRecord],
    embedder: Embedder,
) -> Comparison:
    """Compare sides of any kind: see `Comparison`."""
    items = [item for side in sides for item in side.items]
    alike = phrases.similarity(items, embedder)
    labeller = phrases.Labeller(records)
    subjects: list[list[list[int]]] = []
    start = 0
    for side in sides:
        end = start + len(side.items)
        subjects.append([[start + i for i in group] for group in phrases.groups(alike[start:end, start:end])])
        start = end
    rows = _matched([_Row({number: group}) for number, own in enumerate(subjects) for group in own], alike)

    for number, side in enumerate(sides):
        heard = {id(row): _loudness(row.members[number], items, side) for row in rows if number in row.members}
        for row in rows:
            if number in row.members:
                row.weights[number] = heard[id(row)] / sum(heard.values()) / len(sides)
    complete = all(subjects)
    weights = _apportioned([sum(row.weights.values()) for row in rows]) if complete else [0] * len(rows)
    found = []
    for row, weight in zip(rows, weights, strict=True):
        match = _match(row, len(sides))
        credit = (len(row.members) - 1) / (len(sides) - 1) * (0.5 if row.similar else 1)
        found.append(
            ComparedSubject(
                label=labeller(items[phrases.central(row.places, alike)].phrase),
                match=match,
                change=_change(row, len(sides)) if kind == "over-time" else None,
                similarity=row.similarity,
                weight=weight / WHOLE,
                agreement=round(weight * credit) / WHOLE,
                sides=[
                    _side_subject(number, row.members[number], items, alike, sides[number], labeller)
                    for number in sorted(row.members)
                ],
            )
        )
    first = {id_: place for place, id_ in enumerate(MATCHES)} | {id_: place for place, id_ in enumerate(CHANGES)}
    order = sorted(
        range(len(found)),
        key=lambda place: (
            first[found[place].change or found[place].match],
            found[place].sides[0].side if found[place].match == "unique" else 0,
            -sum(rows[place].weights.values()),
            min(rows[place].places),
        ),
    )
    found = [found[place] for place in order]
    return Comparison(
        kind=kind,
        sides=[side.view(len(own)) for side, own in zip(sides, subjects, strict=True)],
        agreement=round(sum(subject.agreement for subject in found), 4) if complete else None,
        parts=_parts(found) if complete else None,
        subjects=found,
        roles=_roles(sides),
        affiliations=_affiliations(sides),
    )


def _matched(rows: list[_Row], alike: phrases.Matrix) -> list[_Row]:
    """Return rows joined one to one: what is the same, then what is similar among those left single."""
    same = _assigned(rows, alike, phrases.SAME)
    single = [row for row in same if len(row.members) == 1]
    similar = _assigned(single, alike, phrases.SIMILAR)
    for row in similar:
        row.similar = len(row.members) > 1
    return [row for row in same if len(row.members) > 1] + similar


def _assigned(rows: Sequence[_Row], alike: phrases.Matrix, threshold: float) -> list[_Row]:
    """Join rows of different sides, side after side, by the assignment of most similarity above a threshold."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    sides = sorted({number for row in rows for number in row.members})
    joined: list[_Row] = []
    for number in sides:
        own = [row for row in rows if number in row.members]
        gain = np.zeros((len(joined), len(own)))
        for i, one in enumerate(joined):
            for j, other in enumerate(own):
                gain[i, j] = alike[np.ix_(one.places, other.places)].mean(dtype=float)
        # What just reaches the threshold is still better than nothing.
        excess = np.where(gain.round(5) >= threshold, gain - threshold + 1e-6, 0)
        fresh = set(range(len(own)))
        for i, j in zip(*linear_sum_assignment(excess, maximize=True), strict=True):
            if excess[i, j] > 0:
                one, other = joined[i], own[j]
                lowest = min(value for value in (one.similarity, float(gain[i, j])) if value is not None)
                joined[i] = _Row(one.members | other.members, lowest)
                fresh.discard(int(j))
        joined += [own[j] for j in sorted(fresh)]
    return joined


def _loudness(group: Sequence[int], items: Sequence[phrases.Mention], side: Voices) -> float:
    """Return the weight of a subject within its side: each candidate who raises it counts by their best kind."""
    best: dict[str, float] = {}
    for place in group:
        who = side.whos[items[place].record.id].id
        best[who] = max(best.get(who, 0.0), phrases.WEIGHTS[items[place].kind])
    return sum(best.values())


def _apportioned(weights: Sequence[float]) -> list[int]:
    """Return weights as whole parts of `WHOLE`, by largest remainders."""
    exact = [weight * WHOLE for weight in weights]
    parts = [int(value) for value in exact]
    missing = round(sum(exact)) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (round(parts[i] - exact[i], 9), i))
    for place in by_remainder[:missing]:
        parts[place] += 1
    return parts


def _match(row: _Row, sides: int) -> Match:
    if len(row.members) == 1:
        return "unique"
    if row.similar:
        return "similar"
    return "all" if len(row.members) == sides else "some"


def _change(row: _Row, sides: int) -> Change:
    if sides - 1 not in row.members:
        return "dropped"
    if len(row.members) == 1:
        return "new"
    return "changed" if row.similar else "kept"


def _parts(found: Sequence[ComparedSubject]) -> Parts:
    sums = {match: sum(round(s.weight * WHOLE) for s in found if s.match == match) / WHOLE for match in MATCHES}
    return Parts(**sums)


def _side_subject(
    number: int,
    group: Sequence[int],
    items: Sequence[phrases.Mention],
    alike: phrases.Matrix,
    side: Voices,
    labeller: phrases.Labeller,
) -> SideSubject:
    subject = phrases.subject(group, items, alike, labeller)
    candidates = side.candidates(items[place].record.id for place in group)
    return SideSubject(
        side=number,
        label=subject.label,
        kinds=subject.kinds,
        candidates=candidates,
        share=len(candidates) / len(side.candidates(side.whos)),
        phrases=subject.phrases,
    )


T = TypeVar("T", Role, Affiliation)


def _roles(sides: Sequence[Voices]) -> list[ComparedRole]:
    """Return all roles, those that more sides and more people hold first; sought, current and past ones."""
    found = _held(sides, lambda record: record.roles, role_key)
    rows = [
        ComparedRole(
            title=role.title,
            organization=role.organization_canonical or role.organization,
            status=role.status,
            sides=held,
        )
        for role, held in found
    ]
    return sorted(rows, key=lambda row: (*_breadth(row.sides), ("sought", "current", "past").index(row.status)))


def _affiliations(sides: Sequence[Voices]) -> list[ComparedAffiliation]:
    """Return all affiliations, those that more sides and more people share first, current before past ones."""
    found = _held(sides, lambda record: record.affiliations, affiliation_key)
    rows = [
        ComparedAffiliation(organization=item.canonical, relation=item.relation, status=item.status, sides=held)
        for item, held in found
    ]
    return sorted(rows, key=lambda row: (*_breadth(row.sides), row.status != "current"))


def _breadth(held: Sequence[HeldBy]) -> tuple[int, int, int]:
    return -len(held), -sum(len(item.candidates) for item in held), held[0].side


def _held(
    sides: Sequence[Voices], of: Callable[[StatementRecord], Sequence[T]], key: Callable[[T], Hashable]
) -> list[tuple[T, list[HeldBy]]]:
    """Return roles or affiliations, equal ones once, with who of each side holds them."""
    first: dict[Hashable, T] = {}
    where: dict[Hashable, dict[int, list[tuple[StatementRecord, T]]]] = {}
    for number, side in enumerate(sides):
        for record in side.records:
            for item in of(record):
                first.setdefault(key(item), item)
                where.setdefault(key(item), {}).setdefault(number, []).append((record, item))
    return [
        (
            item,
            [
                HeldBy(
                    side=number,
                    candidates=sides[number].candidates(record.id for record, _ in members),
                    evidence=[evidence(record, one.evidence) for record, one in members if one.evidence],
                )
                for number, members in where[id_].items()
            ],
        )
        for id_, item in first.items()
    ]
