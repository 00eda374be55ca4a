"""Who and which elections a set of records speaks of, and finding either by what somebody types."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from itertools import chain, count

from analyzer import identity
from analyzer.errors import UnknownNameError
from analyzer.records import Contest, ElectionRecord, PersonRecord, Record, StatementRecord
from analyzer.views import Who

# Similarity (0-100) of what was typed to a name, from which it is taken for a misspelling, and by how
# much it must beat the second best. One wrong letter is 100; two in a name of twelve are 83.
TYPO = 84.0
CLEAR = 6.0


class ContestEntry(Record):
    id: str
    unit: str | None
    office: str | None
    candidates: list[Who]


class ElectionEntry(Record):
    id: str
    community: str | None
    cycle: str | None
    begins: str | None
    ends: str | None
    first_submitted: str | None
    last_submitted: str | None
    statements: int
    candidates: list[Who]
    contests: list[ContestEntry]


class Listing(Record):
    """What a workspace holds."""

    statements: int
    people: int
    skipped: int
    without_election: int
    elections: list[ElectionEntry]


class Directory:
    """The people and elections of some statements.

    Who wrote which statement is told by `analyzer.identity`.

    Parameters
    ----------
    same, different : pairs of statements that a user says are, or are not, by one person.
    """

    def __init__(
        self,
        records: Iterable[StatementRecord],
        same: Iterable[tuple[str, str]] = (),
        different: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._set(records, lambda ordered: _people(ordered, same, different))

    def within(self, records: Iterable[StatementRecord]) -> Directory:
        """Return a directory of some of the records, in which everybody is who they are here."""
        part = Directory.__new__(Directory)
        part._set(records, self._those)
        return part

    def _set(
        self, records: Iterable[StatementRecord], who: Callable[[list[StatementRecord]], list[PersonRecord]]
    ) -> None:
        self.records = sorted(records, key=lambda record: (record.submitted or "", record.id))
        self._people = who(self.records)
        self._person = {id_: person for person in self._people for id_ in person.statements}
        # What means a person and nobody else: their id, addresses and handles.
        self._words: dict[str, set[str]] = {person.id: {person.id} for person in self._people}
        for record in self.records:
            words = self._words[self._person[record.id].id]
            words |= {email.address.casefold() for email in record.candidate.emails}
            words |= {handle.casefold().removeprefix("@") for handle in record.candidate.handles.values()}

    def _those(self, records: Sequence[StatementRecord]) -> list[PersonRecord]:
        """Return the people of some of the records, with these statements of theirs alone."""
        here = {record.id for record in records}
        found = []
        for person in self._people:
            ids = [id_ for id_ in person.statements if id_ in here]
            links = [link for link in person.evidence if here.issuperset(link.statements)]
            if ids:
                found.append(person.model_copy(update={"statements": ids, "evidence": links}))
        return found

    @property
    def people(self) -> list[PersonRecord]:
        """Everybody of whom a name, a handle or an address is known, by id."""
        return [person for person in self._people if person.name]

    @property
    def elections(self) -> list[ElectionRecord]:
        """All elections with their contests, by id."""
        found = []
        for id_, records in _grouped(self.records, lambda record: record.election.id):
            contests = [
                Contest(
                    id=contest,
                    unit=_first(record.election.unit for record in members),
                    office=_first(r.election.office_canonical or r.election.office for r in members),
                    candidates=len({self.person(record).id for record in members}),
                )
                for contest, members in _grouped(records, lambda record: record.election.contest_id)
            ]
            dates = sorted(record.submitted for record in records if record.submitted)
            found.append(
                ElectionRecord(
                    id=id_,
                    community=_first(r.election.community_canonical or r.election.community for r in records),
                    cycle=_first(record.election.cycle for record in records),
                    begins=min((r.election.begins for r in records if r.election.begins), default=None),
                    ends=max((r.election.ends for r in records if r.election.ends), default=None),
                    first_submitted=dates[0] if dates else None,
                    last_submitted=dates[-1] if dates else None,
                    statements=len(records),
                    contests=contests,
                )
            )
        return found

    def person(self, record: StatementRecord) -> PersonRecord:
        """Return whose statement this is; somebody of whom nothing is known has the empty name."""
        return self._person[record.id]

    def who(self, record: StatementRecord) -> Who:
        """Return whose statement this is, for a view."""
        person = self.person(record)
        return Who(id=person.id, name=person.name or "unnamed")

    def by_person(self, records: Iterable[StatementRecord]) -> dict[str, list[StatementRecord]]:
        """Return records under the id of their person, ids in order."""
        groups: dict[str, list[StatementRecord]] = defaultdict(list)
        for record in sorted(records, key=lambda record: (record.submitted or "", record.id)):
            groups[self.person(record).id].append(record)
        return dict(sorted(groups.items()))

    def in_scope(self, scope: str | None = None, person: str | None = None) -> list[StatementRecord]:
        """Return the records of an election or contest (by id) and of a person (by id)."""
        return [
            record
            for record in self.records
            if (scope is None or scope in (record.election.id, record.election.contest_id))
            and (person is None or self.person(record).id == person)
        ]

    def listing(self, scope: str | None = None, person: str | None = None, skipped: int = 0) -> Listing:
        """Return what is there: elections, contests, candidates and counts."""
        records = self.in_scope(scope, person)
        by_election = dict(_grouped(records, lambda record: record.election.id))
        entries = []
        for election in self.within(records).elections:
            here = by_election[election.id]
            by_contest = dict(_grouped(here, lambda record: record.election.contest_id))
            contests = [
                ContestEntry(
                    id=contest.id,
                    unit=contest.unit,
                    office=contest.office,
                    candidates=self._whos(by_contest[contest.id]),
                )
                for contest in election.contests
            ]
            entries.append(
                ElectionEntry(
                    **election.model_dump(exclude={"contests"}),
                    candidates=self._whos(here),
                    contests=contests,
                )
            )
        return Listing(
            statements=len(records),
            people=len({self.person(record).id for record in records}),
            skipped=skipped,
            without_election=sum(record.election.id is None for record in records),
            elections=entries,
        )

    def find_person(self, text: str) -> PersonRecord:
        """Return the person somebody means by a name, part of one, an address, a handle or an id.

        Raises
        ------
        UnknownNameError
            If nobody fits, with the nearest names, or several do, with their names.
        """
        people = self.people
        exact = [p for p in people if text.strip().casefold().removeprefix("@") in self._words[p.id]]
        typed = name_key(text)
        same = [p for p in people if typed and any(name_key(name) == typed for name in [p.name, *p.names])]
        part = [p for p in people if any(_covers(typed, name_key(name)) for name in [p.name, *p.names])]
        for found in (exact, same, part):
            if len(found) == 1:
                return found[0]
            if found:
                raise UnknownNameError(
                    f"{text}: several candidates fit: {_listed(p.name + ' (' + p.id + ')' for p in found)}: "
                    "give more of the name, or the id in brackets"
                )
        scored = sorted(((_likeness(text, p), p.id, p) for p in people), key=lambda item: (-item[0], item[1]))
        scored = scored if typed else []
        if scored and scored[0][0] >= TYPO and (len(scored) == 1 or scored[0][0] - scored[1][0] >= CLEAR):
            return scored[0][2]
        near = [p.name for score, _, p in scored[:3] if score >= 60]
        hint = f"did you mean {_listed(near)}?" if near else "'candidacy list' shows who is there"
        raise UnknownNameError(f"{text or '(nothing)'}: no such candidate: {hint}")

    def find_election(self, text: str) -> str:
        """Return the id of the election, else of the contest, that somebody means by an id or words of it.

        Raises
        ------
        UnknownNameError
            If none fits, with the nearest, or several do, with their ids.
        """
        elections = self.elections
        contests = [contest for election in elections for contest in election.contests]
        ids = [election.id for election in elections] + [contest.id for contest in contests]
        if text in ids:
            return text
        typed = name_key(text)
        names = [(e.id, f"{e.id} {e.community or ''} {e.cycle or ''}") for e in elections]
        more = [(c.id, f"{c.id} {c.unit or ''} {c.office or ''}") for c in contests]
        same = [id_ for id_ in dict.fromkeys(ids) if typed and name_key(id_) == typed]
        # "2025" is the election of 2025, though the words of "2025-10" hold it too.
        same = same or [election.id for election in elections if typed and name_key(election.cycle or "") == typed]
        if len(same) == 1:
            return same[0]
        for pool in (names, more):
            for fits in (_includes, _covers):
                found = [id_ for id_, name in pool if typed and fits(typed, name_key(name))]
                if len(found) == 1:
                    return found[0]
                if found:
                    raise UnknownNameError(f"{text}: several elections fit: {_listed(found)}: give one of these")
        from rapidfuzz import process

        near = [match[0] for match in process.extract(text, sorted(set(ids)), limit=3, score_cutoff=60)]
        hint = f"did you mean {_listed(near)}?" if near else "'candidacy list' shows what is there"
        raise UnknownNameError(f"{text or '(nothing)'}: no such election: {hint}")

    def find_community(self, text: str) -> str:
        """Return the community somebody means by its name or part of it, as the first part of its elections' ids.

        Raises
        ------
        UnknownNameError
            If none fits, with those that there are, or several do.
        """
        names: dict[str, str] = {}
        for election in self.elections:
            names.setdefault(election.id.partition("/")[0], election.community or "")
        names = dict(sorted(names.items()))
        typed = name_key(text)
        for fits in (lambda typed, name: set(typed) == set(name), _includes, _covers):
            found = [id_ for id_, name in names.items() if typed and fits(typed, name_key(f"{id_} {name}"))]
            if len(found) == 1:
                return found[0]
            if found:
                raise UnknownNameError(f"{text}: several communities fit: {_listed(found)}: give one of these")
        hint = f"there are {_listed(names)}" if names else "no election is known"
        raise UnknownNameError(f"{text or '(nothing)'}: no such community: {hint}")

    def _whos(self, records: Iterable[StatementRecord]) -> list[Who]:
        found = {who.id: who for who in map(self.who, records)}
        return [found[id_] for id_ in sorted(found)]


def name_key(name: str) -> tuple[str, ...]:
    """Return the words of a name in Latin letters and lower case, sorted: equal for equal names."""
    return tuple(sorted(identity.words(name)))


def slug(name: str) -> str:
    """Return a name as an id: ``Tao Peng`` and ``Peng, Tao`` become ``tao-peng``."""
    from anyascii import anyascii

    last, comma, first = name.partition(",")
    written = f"{first} {last}" if comma else name
    return "-".join(re.findall(r"[a-z0-9]+", anyascii(written).lower().replace("'", "")))


def _people(
    records: Sequence[StatementRecord], same: Iterable[tuple[str, str]], different: Iterable[tuple[str, str]]
) -> list[PersonRecord]:
    """Join statements into people and name them; ids go by the first statement of each."""
    found = identity.resolve(records, same, different)
    by_id = {record.id: record for record in records}
    people: list[PersonRecord] = []
    taken: set[str] = set()
    for ids, links in zip(found.groups, found.links, strict=True):
        members = [by_id[id_] for id_ in ids]
        label, names = _called(members, found.misread)
        base = slug(label) or f"person-{members[0].id[:8]}"
        numbered = (f"{base}-{number}" for number in count(2))
        id_ = next(name for name in chain([base], numbered) if name not in taken)
        taken.add(id_)
        people.append(PersonRecord(id=id_, name=label, names=names, statements=ids, evidence=links))
    return sorted(people, key=lambda person: person.id)


def _called(records: Sequence[StatementRecord], misread: Set[str]) -> tuple[str, list[str]]:
    """Return what to call somebody, and their names, the usual one first.

    Parameters
    ----------
    misread : statements whose name is somebody else's.
    """
    counts = Counter(r.candidate.name.strip() for r in records if r.candidate.name and r.id not in misread)
    longest = max((len(identity.words(name)) for name in counts), default=0)
    # "Ines Moreau" says more than "Ines", however often she signs so.
    names = sorted(
        counts, key=lambda name: (longest > 1 and len(identity.words(name)) < 2, "," in name, -counts[name], name)
    )
    return (names[0] if names else _label(records)), names


def _label(records: Sequence[StatementRecord]) -> str:
    """Return what to call somebody whom no statement names: a handle, or an address up to the @."""
    for record in records:
        for _, handle in sorted(record.candidate.handles.items()):
            return handle
        for email in record.candidate.emails:
            return email.address.partition("@")[0]
    return ""


def _covers(typed: Sequence[str], name: Sequence[str]) -> bool:
    """Whether every typed word begins a word of the name, each a word of its own."""
    left = list(name)
    # Longest first: "an anna" must not let "an" take the only word that "anna" fits.
    for word in sorted(typed, key=len, reverse=True):
        match = next((other for other in left if other.startswith(word)), None)
        if match is None:
            return False
        left.remove(match)
    return bool(typed)


def _includes(typed: Sequence[str], name: Sequence[str]) -> bool:
    return set(typed) <= set(name)


def _likeness(text: str, person: PersonRecord) -> float:
    """Return how alike a typed name and a person's are, 0-100; one word is held against each word.

    One slip (a letter that is wrong, missing, doubled, or in its neighbour's place) is as good as none.
    """
    from rapidfuzz import fuzz
    from rapidfuzz.distance import OSA

    typed = name_key(text)
    best = 0.0
    for name in [person.name, *person.names]:
        words = name_key(name)
        # In order of the alphabet and as written: a wrong first letter moves a word in the former.
        pairs = [(" ".join(typed), " ".join(words)), (slug(text), slug(name))]
        if len(typed) == 1 and len(typed[0]) >= 4:
            pairs += [(typed[0], word) for word in words]
        for one, other in pairs:
            slip = bool(one and other) and OSA.distance(one, other) <= 1
            best = max(best, 100.0 if slip else fuzz.ratio(one, other))
    return best


def _grouped(
    records: Iterable[StatementRecord], key: Callable[[StatementRecord], str | None]
) -> list[tuple[str, list[StatementRecord]]]:
    groups: dict[str, list[StatementRecord]] = defaultdict(list)
    for record in records:
        value = key(record)
        if value is not None:
            groups[value].append(record)
    return sorted(groups.items())


def _first(values: Iterable[str | None]) -> str | None:
    """Return the commonest value, the smallest of equally common ones, or None."""
    counts = Counter(value for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def _listed(values: Iterable[str]) -> str:
    shown = list(values)
    return ", ".join(shown[:8]) + (f" and {len(shown) - 8} more" if len(shown) > 8 else "")
