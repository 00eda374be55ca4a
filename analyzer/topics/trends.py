"""Topics across the elections of a community: how many raise them, what rises and falls, what winners say.

The unit is a candidate in an election: who wrote two statements there counts once. A topic is raised by a statement
that has any focus area of it, and by a platform that has a goal of it. Candidates of whose statements nothing is
known raise nothing and pass over nothing: they are left out of every share.

A topic rises or falls if its trend over the numbered elections stands out from chance (`inference.trends`) at a
q-value of `LEVEL` over all topics tested. Where statements grow shorter, all topics are raised by fewer: that is
allowed for, and only what loses more than the others falls. It is told by two shares, of the earlier and of the later
half of the elections (of an odd number the middle one is in neither), each with the interval of as many people as
stood there: who stands five times does not give five answers.

Winners are set against the others of their own contests only, for contests differ in what they are about and in how
many are elected. Each contest where both are known is a stratum of an exact test. Here the same people count as
different ones in another contest: if they say the same there with a correlation of 0.7, of topics that tell nothing
4 to 8 % have a probability up to 0.05 (OpenStack, 133 candidacies of 97 people; Kubernetes, 80 of 58).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import PlainSerializer

from analyzer.chronology import in_time
from analyzer.directory import Directory
from analyzer.field import ElectionField, fields, seat
from analyzer.records import ElectionRecord, Record, StatementRecord, Topic
from analyzer.topics import inference, phrases
from analyzer.topics.filing import OTHER
from analyzer.views import Phrase, Score, Who

Measure = Literal["statements", "platforms"]
Change = Literal["rose", "fell"]

MEASURES: tuple[Measure, ...] = ("statements", "platforms")

#: The part of all findings that may be chance.
LEVEL = 0.05
#: People who raise a topic, below which no test could tell a trend from chance.
FEWEST = 5

Chance = Annotated[float, PlainSerializer(lambda value: round(value, 6), return_type=float)]


class Share(Record):
    """How many of how many, their share, and its interval (95 %)."""

    count: int
    of: int
    share: Score
    low: Score
    high: Score


class Raised(Record):
    """A candidate who raises a topic in an election, and the words that do."""

    candidate: Who
    phrases: list[Phrase]


class Cell(Record):
    """A topic in an election: the shares of statements and platforms that raise it, and whose they are."""

    election: str
    statements: Share
    platforms: Share
    raised: list[Raised]


class Difference(Record):
    """A share less another, -1 to 1, and its interval (95 %)."""

    value: Score
    low: Score
    high: Score


class Trend(Record):
    """How the share of a topic changed.

    Attributes
    ----------
    change : null if the trend does not stand out from chance.
    earlier, later : shares in the two halves of the elections (`CommunityTrends.halves`).
    difference : later less earlier.
    p, q : the chance of as strong a trend without one, and the same corrected for all topics tested.
    """

    change: Change | None
    earlier: Share
    later: Share
    difference: Difference
    p: Chance
    q: Chance


class Half(Record):
    """The earlier or the later half of the elections, by its first and last.

    `breadth` is how many topics a candidate raises there on average, in a statement or platform.
    """

    first: str
    last: str
    candidacies: int
    breadth: Score


class TopicTrend(Record):
    """A topic across elections.

    Attributes
    ----------
    area : the wider field it belongs to.
    candidates : different people who raise it.
    first, last : the elections in which it is raised first and last; null if it is not known when they were.
    cells : for every election, in order.
    trend : null if the topic is raised by too few, or there are too few elections.
    """

    id: str
    label: str
    area: str | None
    candidates: int
    first: str | None
    last: str | None
    cells: list[Cell]
    trend: Trend | None


class WinnersTopic(Record):
    """A topic among winners and among the others of their contests.

    Attributes
    ----------
    elected, others : shares over all contests counted.
    difference : of both, within contests.
    p, q : the chance of as large a difference without one, and the same corrected for all topics tested.
    """

    id: str
    label: str
    elected: Share
    others: Share
    difference: Difference
    p: Chance
    q: Chance


class Winners(Record):
    """Winners against the rest, over the contests that have both.

    Attributes
    ----------
    contests : that are counted.
    uncontested : in which all were elected, so that nothing can be learned from them.
    unclear : of which no outcome is known, or no subject of the winners or of the others.
    elected, others : candidacies in the contests counted.
    topics : those tested, the surest first.
    too_rare : topics raised by too few of these to be tested.
    """

    contests: int
    uncontested: int
    unclear: int
    elected: int
    others: int
    topics: list[WinnersTopic]
    too_rare: int


class CommunityTrends(Record):
    """A community's elections, their topics and their candidates.

    Attributes
    ----------
    office : of the contest asked for, and its unit; null for all.
    by : whether statements or platforms were counted for tests and order.
    elections : in their order in time; those of `undated` last, for their time is not known.
    total : topics raised by any statement (or platform) here.
    topics : all of them, or the one asked for; those that most people raise first.
    tested, too_rare : how many topics were tested for a trend, and how many were not because fewer than 5 people raise
        them.
    halves : the earlier and the later half of the elections, between which a change is told; none if no trends can be
        seen.
    reason : why no trends can be seen; null if they can.
    winners : null if no outcome is known.
    topic : the topic asked for, if one was.
    """

    community: str
    office: str | None
    by: Measure
    elections: list[ElectionField]
    undated: list[str]
    total: int
    topics: list[TopicTrend]
    tested: int
    too_rare: int
    halves: list[Half]
    reason: str | None
    winners: Winners | None
    topic: Topic | None


def trends(
    records: Sequence[StatementRecord],
    topics: Sequence[Topic],
    directory: Directory | None = None,
    *,
    by: Measure = "statements",
    scope: str | None = None,
    community: str | None = None,
    topic: str | None = None,
    seed: int = 0,
) -> list[CommunityTrends]:
    """Return the topics and the field of candidates across the elections of each community, communities in order.

    Parameters
    ----------
    records : statements whose focus areas have their topics; those of no known election are left out.
    topics : what these topics are.
    directory : who is who; by default, as these records alone tell.
    by : whether tests and order go by statements, or by platforms.
    scope : an election or contest by its id: as things stood then, with its community's elections before it (of a
        contest, those for the same office and unit).
    community : only this one, as the first part of its elections' ids.
    topic : only this topic, by its id, and communities in which it is raised. Tests are corrected for all topics all
        the same.
    seed : of the permutations.
    """
    directory = directory or Directory(records)
    wanted = next((item for item in topics if item.id == topic), None)
    office = _office(scope, records)
    found = []
    for held in _communities(records, scope, community).values():
        elections, undated = in_time(Directory(r for own in held.values() for r in own).elections)
        if scope is not None:
            elections, undated = _until(scope, elections, undated)
        if elections or undated:
            found.append(_Community(elections, undated, held, directory, topics).view(by, wanted, office, seed))
    return [view for view in found if view.topics] or found if wanted else found


@dataclass
class _Candidacy:
    """Somebody in an election, all statements together: topics by measure, none where there is nothing to count."""

    person: str
    time: int
    topics: dict[Measure, set[str] | None]

    def counts(self, by: Measure) -> bool:
        return self.topics[by] is not None

    def of(self, by: Measure) -> set[str]:
        return self.topics[by] or set()


class _Community:
    """The candidacies of a community, and what can be said about its topics."""

    def __init__(
        self,
        elections: Sequence[ElectionRecord],
        undated: Sequence[ElectionRecord],
        held: Mapping[str, Sequence[StatementRecord]],
        directory: Directory,
        topics: Sequence[Topic],
    ) -> None:
        self.placed = len(elections)
        self.elections = [*elections, *undated]
        self.held = held
        self.directory = directory
        self.topics = topics
        self.candidacies = [
            _candidacy(person, number, records)
            for number, election in enumerate(self.elections)
            for person, records in directory.by_person(held[election.id]).items()
        ]

    def view(self, by: Measure, wanted: Topic | None, office: str | None, seed: int) -> CommunityTrends:
        people: dict[str, set[str]] = {}
        for candidacy in self.candidacies:
            for id_ in candidacy.of(by):
                people.setdefault(id_, set()).add(candidacy.person)
        ranked = sorted(
            (topic for topic in self.topics if topic.id in people and topic.id != OTHER),
            key=lambda topic: (-len(people[topic.id]), topic.label.casefold(), topic.id),
        )
        timed = [c for c in self.candidacies if c.time < self.placed and c.counts(by)]
        times = sorted({candidacy.time for candidacy in timed})
        heard = Counter(id_ for _, id_ in {(c.person, id_) for c in timed for id_ in c.of(by)})
        tested = [topic for topic in ranked if heard[topic.id] >= FEWEST] if len(times) > 1 else []
        half = len(times) // 2
        halves = [[c for c in timed if c.time in part] for part in (times[:half], times[-half:])] if half else []
        changes = self._changes(timed, halves, [topic.id for topic in tested], by, seed)
        shown = ranked if wanted is None else [topic for topic in ranked if topic.id == wanted.id]
        names = Counter(election.community for election in self.elections if election.community)
        first = self.elections[0]
        return CommunityTrends(
            community=min(names, key=lambda name: (-names[name], name)) if names else first.id.partition("/")[0],
            office=office,
            by=by,
            elections=fields(self.elections, self.placed, self.held, self.directory),
            undated=[election.id for election in self.elections[self.placed :]],
            total=len(ranked),
            topics=self._views(shown, {id_: len(who) for id_, who in people.items()}, changes, by),
            tested=len(tested),
            too_rare=len(ranked) - len(tested) if len(times) > 1 else 0,
            halves=[self._half(part, by) for part in halves],
            reason=self._reason(times, by),
            winners=self._winners(by, wanted),
            topic=wanted,
        )

    def _reason(self, times: Sequence[int], by: Measure) -> str | None:
        if len(times) > 1:
            return None
        if len(self.elections) == 1:
            return "one election only: no trend to see"
        if self.placed < 2:
            return "it is not known when these elections were: no trend to see"
        return f"the {by} of fewer than two elections say anything: no trend to see"

    def _half(self, candidacies: Sequence[_Candidacy], by: Measure) -> Half:
        times = [candidacy.time for candidacy in candidacies]
        return Half(
            first=self.elections[min(times)].id,
            last=self.elections[max(times)].id,
            candidacies=len(candidacies),
            breadth=sum(len(candidacy.of(by)) for candidacy in candidacies) / len(candidacies),
        )

    def _changes(
        self,
        timed: Sequence[_Candidacy],
        halves: Sequence[Sequence[_Candidacy]],
        ids: Sequence[str],
        by: Measure,
        seed: int,
    ) -> dict[str, Trend]:
        """Return how the shares of topics changed."""
        if not ids:
            return {}
        import numpy as np

        number = {time: place for place, time in enumerate(sorted({candidacy.time for candidacy in timed}))}
        raised = np.array([[id_ in candidacy.of(by) for id_ in ids] for candidacy in timed], dtype=np.int64)
        tests = inference.trends(
            [number[candidacy.time] for candidacy in timed],
            [candidacy.person for candidacy in timed],
            raised,
            [max(1, len(candidacy.of(by))) for candidacy in timed],
            seed=seed,
        )
        qs = inference.corrected([p for _, p in tests])
        found = {}
        for id_, (slope, p), q in zip(ids, tests, qs, strict=True):
            earlier, later = (_pooled(part, id_, by) for part in halves)
            gap = inference.difference(_interval(later), _interval(earlier))
            change: Change | None = None
            # A trend that its own two shares do not show would be told in vain.
            if q <= LEVEL and slope * gap.value > 0:
                change = "rose" if slope > 0 else "fell"
            found[id_] = Trend(
                change=change,
                earlier=earlier,
                later=later,
                difference=_difference(gap),
                p=p,
                q=q,
            )
        return found

    def _views(
        self, shown: Sequence[Topic], people: Mapping[str, int], changes: Mapping[str, Trend], by: Measure
    ) -> list[TopicTrend]:
        chosen = {topic.id for topic in shown}
        words = [self._words(election, chosen) for election in self.elections]
        counts = [self._counts(measure) for measure in MEASURES]

        def cell(number: int, id_: str) -> Cell:
            statements, platforms = (_share(raised[number][id_], of[number]) for raised, of in counts)
            return Cell(
                election=self.elections[number].id,
                statements=statements,
                platforms=platforms,
                raised=words[number].get(id_, []),
            )

        found = []
        for topic in shown:
            cells = [cell(number, topic.id) for number in range(len(self.elections))]
            seen = [cell.election for cell in cells[: self.placed] if getattr(cell, by).count]
            found.append(
                TopicTrend(
                    id=topic.id,
                    label=topic.label,
                    area=topic.area,
                    candidates=people[topic.id],
                    first=seen[0] if seen else None,
                    last=seen[-1] if seen else None,
                    cells=cells,
                    trend=changes.get(topic.id),
                )
            )
        return found

    def _outcomes(self) -> Iterator[tuple[_Candidacy, str, bool | None]]:
        """Yield every candidacy of a contest: its topics, the contest, and whether it was won, if that is known."""
        for number, election in enumerate(self.elections):
            for person, records in self.directory.by_person(self.held[election.id]).items():
                contests: dict[str, list[StatementRecord]] = {}
                for record in records:
                    contests.setdefault(record.election.contest_id or election.id, []).append(record)
                for id_, own in contests.items():
                    outcomes = {record.election.outcome for record in own}
                    # Who withdrew has not lost.
                    if outcomes != {"withdrawn"}:
                        won = True if "elected" in outcomes else False if "not_elected" in outcomes else None
                        yield _candidacy(person, number, own), id_, won

    def _counts(self, by: Measure) -> tuple[list[Counter[str]], list[int]]:
        """Return for each election how many candidates raise each topic, and how many there are to count."""
        raised: list[Counter[str]] = [Counter() for _ in self.elections]
        counted = [0] * len(self.elections)
        for candidacy in self.candidacies:
            raised[candidacy.time].update(candidacy.of(by))
            counted[candidacy.time] += candidacy.counts(by)
        return raised, counted

    def _words(self, election: ElectionRecord, topics: set[str]) -> dict[str, list[Raised]]:
        """Return who raises each topic in an election, and in which words."""
        found: dict[str, list[Raised]] = {}
        for records in self.directory.by_person(self.held[election.id]).values():
            said: dict[str, list[Phrase]] = {}
            for mention in phrases.mentions(records):
                id_ = mention.record.focus_areas[mention.index].topic
                if id_ in topics:
                    said.setdefault(id_, []).append(mention.view())
            for id_, own in said.items():
                found.setdefault(id_, []).append(Raised(candidate=self.directory.who(records[0]), phrases=own))
        return found

    def _winners(self, by: Measure, wanted: Topic | None) -> Winners | None:
        """Return winners against the rest, contest by contest."""
        outcomes: dict[str, set[bool | None]] = {}
        contests: dict[str, list[tuple[bool, set[str]]]] = {}
        for candidacy, id_, outcome in self._outcomes():
            outcomes.setdefault(id_, set()).add(outcome)
            candidacies = contests.setdefault(id_, [])
            if outcome is not None and candidacy.counts(by):
                candidacies.append((outcome, candidacy.of(by)))
        if not any({True, False} & found for found in outcomes.values()):
            return None
        used = [candidacies for candidacies in contests.values() if len({won for won, _ in candidacies}) == 2]
        uncontested = sum(found == {True} for found in outcomes.values())
        rows = [(number, won, topics) for number, own in enumerate(used) for won, topics in own]
        sizes = Counter((number, won) for number, won, _ in rows)
        having = Counter((id_, number, won) for number, won, topics in rows for id_ in topics)
        raised = Counter(id_ for _, _, topics in rows for id_ in topics)
        known = [topic for topic in self.topics if raised[topic.id] and topic.id != OTHER]
        tested = [topic for topic in known if raised[topic.id] >= FEWEST]
        tables = [
            [
                inference.Table(
                    having[topic.id, number, True],
                    sizes[number, True],
                    having[topic.id, number, False],
                    sizes[number, False],
                )
                for number in range(len(used))
            ]
            for topic in tested
        ]
        chances = [inference.exact(strata) for strata in tables]
        found = [
            WinnersTopic(
                id=topic.id,
                label=topic.label,
                elected=_share(sum(t.one for t in strata), sum(t.of_one for t in strata)),
                others=_share(sum(t.other for t in strata), sum(t.of_other for t in strata)),
                difference=_difference(inference.adjusted_difference(strata)),
                p=p,
                q=q,
            )
            for topic, strata, p, q in zip(tested, tables, chances, inference.corrected(chances), strict=True)
        ]
        found.sort(key=lambda item: (item.p, -abs(item.difference.value), item.label.casefold(), item.id))
        return Winners(
            contests=len(used),
            uncontested=uncontested,
            unclear=len(contests) - len(used) - uncontested,
            elected=sum(won for _, won, _ in rows),
            others=sum(not won for _, won, _ in rows),
            topics=[item for item in found if wanted is None or item.id == wanted.id],
            too_rare=len(known) - len(tested),
        )


def _communities(
    records: Iterable[StatementRecord], scope: str | None, community: str | None
) -> dict[str, dict[str, list[StatementRecord]]]:
    """Return the records of each election, by its id, of each community; in the order of their ids."""
    chosen = list(records)
    if scope is not None:
        community = scope.partition("/")[0]
        offices = {seat(record) for record in chosen if record.election.contest_id == scope}
        chosen = [record for record in chosen if not offices or seat(record) in offices]
    found: dict[str, dict[str, list[StatementRecord]]] = {}
    for record in sorted(chosen, key=lambda record: record.election.id or ""):
        id_ = record.election.id
        name = (id_ or "").partition("/")[0]
        if id_ is not None and community in (None, name):
            found.setdefault(name, {}).setdefault(id_, []).append(record)
    return dict(sorted(found.items()))


def _office(scope: str | None, records: Iterable[StatementRecord]) -> str | None:
    """Return the office and unit of a contest."""
    election = next((record.election for record in records if scope and record.election.contest_id == scope), None)
    if election is None:
        return None
    parts = [election.office_canonical or election.office, election.unit]
    return " of ".join(part for part in parts if part) or None


def _until(
    scope: str, elections: list[ElectionRecord], undated: list[ElectionRecord]
) -> tuple[list[ElectionRecord], list[ElectionRecord]]:
    """Return the elections up to one, or it alone if it is not known when it was."""

    def meant(election: ElectionRecord) -> bool:
        return scope == election.id or any(contest.id == scope for contest in election.contests)

    place = next((number for number, election in enumerate(elections) if meant(election)), None)
    if place is None:
        return [], [election for election in undated if meant(election)]
    return elections[: place + 1], []


def _candidacy(person: str, time: int, records: Sequence[StatementRecord]) -> _Candidacy:
    areas = [area for record in records for area in record.focus_areas]
    goals = [area for area in areas if area.kind == "goal"]
    topics: dict[Measure, set[str] | None] = {
        measure: {area.topic for area in kept if area.topic} if kept else None
        for measure, kept in zip(MEASURES, (areas, goals), strict=True)
    }
    return _Candidacy(person, time, topics)


def _share(count: int, of: int) -> Share:
    share, low, high = inference.wilson(count / of if of else 0.0, of)
    return Share(count=count, of=of, share=share, low=low, high=high)


def _pooled(candidacies: Sequence[_Candidacy], id_: str, by: Measure) -> Share:
    """Return the share of candidacies that raise a topic, with the interval of as many people as stood."""
    count = sum(id_ in candidacy.of(by) for candidacy in candidacies)
    people = len({candidacy.person for candidacy in candidacies})
    share, low, high = inference.wilson(count / len(candidacies), people)
    return Share(count=count, of=len(candidacies), share=share, low=low, high=high)


def _interval(share: Share) -> inference.Interval:
    return inference.Interval(share.share, share.low, share.high)


def _difference(interval: inference.Interval) -> Difference:
    return Difference(value=interval.value, low=interval.low, high=interval.high)
