"""Groups of like-minded candidates, by their platforms.

Two candidates are as alike as what they say: for each thing that one says, the thing the other says that is most
like it; the mean of both directions. A thing is a focus phrase, goals counting double and best met by goals, or,
with a quarter of a goal's weight, a sentence, for what no phrase says. From each best match the mean of the best
matches among all other candidates is taken away, so that what everybody says makes nobody alike. Groups are cut
from an average-linkage tree where the silhouette is highest, and hold only if candidates to whom all this is
dealt out at random hardly ever make as good ones.

Over all elections candidates are grouped by the subjects of their statements instead: by the words that few use, those
of focus phrases first (`wording`), along short paths from statement to statement (`estimators.DiffusionMap`).

The map of a grouping places candidates so that distances on it are as near to those between platforms as two
dimensions allow (metric multidimensional scaling); its trustworthiness says how far neighbours on it are neighbours.

References
----------
Matching of best pairs: Zhang et al. (2020), BERTScore, ICLR. Test against shuffled data: Tibshirani and Walther
(2005), J. Comput. Graph. Stat. 14; Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9 for its level.
Scaling: Torgerson (1952), Psychometrika 17, as the start of SMACOF, de Leeuw (1977). Trustworthiness: Venna and Kaski
(2001), ICANN.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from pydantic import Field

from analyzer.directory import Directory
from analyzer.embeddings import Embedder
from analyzer.records import FocusKind, Record, StatementRecord, Topic
from analyzer.sentences import sentences
from analyzer.topics import phrases
from analyzer.views import Phrase, Score, Subject, Who, election_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SENTENCE_WEIGHT = 0.25  # where a goal has 1
SHORTEST = 5  # words of a sentence that says something by itself
ACROSS = 0.9  # of a similarity where one wants what the other likes or has done
FEWEST = 4  # candidates with focus areas that can make two groups
LEVEL = 0.05  # share of shuffled platforms whose groups may be as good as the real ones
SHUFFLES = 99
LARGE = 2_000  # things said, beyond which the fewest shuffles are made that can show this level
MOST = 8_000  # things compared at once (their similarities take 4 bytes times its square)
PAIRS = 5


class Member(Record):
    """A candidate in a group: mean likeness to its other members (0 to 1), and silhouette (-1 to 1)."""

    candidate: Who
    closeness: Score
    silhouette: Score


class Bond(Record):
    """A subject that two or more members of a group raise, and how many candidates outside it do."""

    label: str
    kinds: list[FocusKind]
    members: list[Who]
    outside: int
    phrases: list[Phrase]


class CandidateGroup(Record):
    """Like-minded candidates, the closest first; subjects that mark the group out before others."""

    number: int
    members: list[Member]
    typical: Who
    silhouette: Score
    subjects: list[Bond]


class Pair(Record):
    """Two candidates, how alike their platforms are (0 to 1), and the subjects both raise."""

    candidates: list[Who]
    likeness: Score
    subjects: list[str]


class MapPlace(Record):
    """Where a candidate stands on the map; `group` is its number, or null."""

    candidate: Who
    x: Score
    y: Score
    group: int | None


class Clustering(Record):
    """The groups of an election or contest, or of all, or why there are none.

    Attributes
    ----------
    scope, name : the contest or election all these statements belong to, if there is one.
    groups : largest first. `alone` are those whom no group takes; without groups it is empty.
    without_focus_areas : candidates of whose platform nothing is known.
    silhouette : of the best grouping, also where it does not hold; null if there is none at all.
    threshold : the silhouette that shuffled platforms reach in 5 of 100 cases; groups hold from there.
    reason : why there are no groups; null if there are.
    closest : the most alike pairs of candidates, grouped or not.
    map : candidates in two dimensions, and `trustworthiness` of that (0 to 1); empty and null below four candidates.
    """

    scope: str | None
    name: str | None
    candidates: int
    groups: list[CandidateGroup] = Field(default_factory=list)
    alone: list[Who] = Field(default_factory=list)
    without_focus_areas: list[Who]
    silhouette: Score | None = None
    threshold: Score | None = None
    reason: str | None = None
    closest: list[Pair] = Field(default_factory=list)
    map: list[MapPlace] = Field(default_factory=list)
    trustworthiness: Score | None = None


def cluster(
    records: Sequence[StatementRecord],
    embedder: Embedder,
    directory: Directory | None = None,
    *,
    seed: int = 0,
) -> Clustering:
    """Return groups of like-minded candidates; all statements of a person count as one platform.

    Parameters
    ----------
    records : the statements of an election or contest (`Directory.in_scope`).
    directory : who is who; by default, as these records alone tell.
    seed : of the shuffles that the groups must beat.
    """
    directory = directory or Directory(records)
    people = directory.by_person(records)
    whos = {id_: directory.who(members[0]) for id_, members in people.items()}
    platforms = {id_: phrases.mentions(members) for id_, members in people.items()}
    silent = [whos[id_] for id_, items in platforms.items() if not items]
    speaking = [id_ for id_, items in platforms.items() if items]
    scope = _scope(records)
    result = Clustering(
        scope=scope,
        name=election_name(scope, records[0]) if scope else None,
        candidates=len(people),
        without_focus_areas=silent,
    )
    if len(speaking) < 2:
        result.reason = _too_few(len(speaking))
        return result
    share = max(3, MOST // len(speaking))
    items: list[phrases.Mention] = []
    said: list[str] = []
    owners: list[int] = []
    speakers: list[int] = []
    for place, id_ in enumerate(speaking):
        # Goals first, so that a long record of work never crowds out a platform.
        kept = sorted(platforms[id_], key=lambda item: phrases.KINDS.index(item.kind))[:share]
        around = _sentences(people[id_])[: share - len(kept)]
        items += kept
        said += around
        owners += [place] * len(kept)
        speakers += [place] * len(around)
    found = [whos[id_] for id_ in speaking]
    analysis = _Analysis(items, owners, said, speakers, embedder)
    subjects = _subjects(items, owners, embedder, phrases.Labeller(records))
    result.closest = analysis.pairs(found, subjects)
    if len(speaking) < FEWEST:
        result.reason = _too_few(len(speaking))
        return result

    best, chance = analysis.fit(seed)
    if best.silhouette_ > -1:
        result.silhouette = best.silhouette_
    result.threshold = chance
    if best.silhouette_ <= max(chance, 0):
        result.reason = (
            f"no groups here: the best grouping has a silhouette of {best.silhouette_:.3f}, and platforms dealt "
            f"out at random reach {chance:.3f}"
            if best.silhouette_ > -1
            else "no groups here: no two pairs of candidates stand apart from the others"
        )
    else:
        _group(result, best, found, analysis.likeness, subjects)
    _draw(result, _distances(analysis.contrasted), found)
    return result


def over_all(
    records: Sequence[StatementRecord], topics: Sequence[Topic], directory: Directory, *, seed: int = 0
) -> Clustering:
    """Return the groups of all candidates by the subjects of their statements, whatever elections they stood in.

    Parameters
    ----------
    records : statements whose focus areas name their topic (`grouping.topics`), and `topics` all of these.
    """
    import numpy as np

    from analyzer.topics.estimators import DiffusionMap, SilhouetteLinkage
    from analyzer.topics.filing import OTHER
    from analyzer.topics.wording import wording

    people = directory.by_person(records)
    whos = {id_: directory.who(members[0]) for id_, members in people.items()}
    speaking = [id_ for id_, members in people.items() if any(record.focus_areas for record in members)]
    found = [whos[id_] for id_ in speaking]
    silent = [who for id_, who in whos.items() if id_ not in set(speaking)]
    result = Clustering(scope=None, name=None, candidates=len(people), without_focus_areas=silent)
    if len(speaking) < FEWEST:
        result.reason = _too_few(len(speaking))
        return result
    rows = wording(*_wholes([people[id_] for id_ in speaking]))
    places = DiffusionMap().fit_transform(rows)
    # Rounded: coordinates may turn from run to run, and the last bits of what is between them with that.
    alike = (places @ places.T).round(6)
    best = SilhouetteLinkage().fit(_distances(alike))
    random = np.random.default_rng(seed)
    by_chance = []
    for _ in range(round(1 / LEVEL) - 1):
        dealt = rows.copy()
        # Each word goes to as many candidates as before, but to any.
        dealt.indices = random.permutation(dealt.indices)
        dealt.sum_duplicates()
        apart = DiffusionMap().fit_transform(dealt)
        by_chance.append(float(SilhouetteLinkage().fit(_distances((apart @ apart.T).round(6))).silhouette_))
    result.threshold = max(by_chance)
    if best.silhouette_ > -1:
        result.silhouette = best.silhouette_
    if best.silhouette_ <= max(result.threshold, 0):
        result.reason = (
            f"no groups here: the best grouping has a silhouette of {best.silhouette_:.3f}, and words dealt out at "
            f"random reach {result.threshold:.3f}"
        )
    else:
        labels = {topic.id: topic.label for topic in topics if topic.id != OTHER}
        place = {id_: number for number, id_ in enumerate(speaking)}
        raised: dict[str, dict[int, list[Phrase]]] = {id_: {} for id_ in labels}
        kinds: dict[str, set[FocusKind]] = {id_: set() for id_ in labels}
        for id_, members in people.items():
            for item in phrases.mentions(members):
                topic = item.record.focus_areas[item.index].topic
                if topic in labels:
                    raised[topic].setdefault(place[id_], []).append(item.view())
                    kinds[topic].add(item.kind)
        subjects = [
            _Raised.of(labels[id_], [kind for kind in phrases.KINDS if kind in kinds[id_]], by)
            for id_, by in raised.items()
            if len(by) > 1
        ]
        _group(result, best, found, np.clip(alike, 0, 1), subjects)
    _draw(result, _distances(alike), found)
    return result


def _wholes(people: Sequence[Sequence[StatementRecord]]) -> tuple[list[str], list[list[tuple[int, int]]]]:
    """Return all that each candidate wrote as one text, and where its focus phrases are."""
    texts, focus = [], []
    for members in people:
        text, spans = "", []
        for record in members:
            spans += [
                (len(text) + area.evidence.start, len(text) + area.evidence.end)
                for area in record.focus_areas
                if area.evidence
            ]
            text += record.text + "\n\n"
        texts.append(text)
        focus.append(spans)
    return texts, focus


def _group(
    result: Clustering, best: Any, found: Sequence[Who], likeness: Floats, subjects: Sequence[_Raised]
) -> None:
    """Fill in the groups of a clustering, what binds each, and who is in none."""
    labels = best.labels_.tolist()
    for label in range(best.n_clusters_):
        members = [place for place, other in enumerate(labels) if other == label]
        if len(members) < 2:
            result.alone += [found[place] for place in members]
            continue
        closeness = _closeness(members, likeness)
        order = sorted(members, key=lambda place: (-closeness[place], found[place].id))
        result.groups.append(
            CandidateGroup(
                number=0,
                members=[
                    Member(
                        candidate=found[place],
                        closeness=closeness[place],
                        silhouette=float(best.silhouettes_[place]),
                    )
                    for place in order
                ],
                typical=found[order[0]],
                silhouette=float(best.silhouettes_[members].mean()),
                subjects=_bonds(members, subjects, found),
            )
        )
    result.groups.sort(key=lambda group: (-len(group.members), -round(group.silhouette, 4), group.typical.id))
    for number, group in enumerate(result.groups, 1):
        group.number = number


def _draw(result: Clustering, distances: Floats, found: Sequence[Who]) -> None:
    """Fill in the map of a clustering, and how far it can be trusted."""
    import numpy as np
    from sklearn.manifold import smacof, trustworthiness

    count = len(distances)
    centred = np.eye(count) - 1 / count
    values, axes = np.linalg.eigh(-centred @ distances**2 @ centred / 2)
    start = axes[:, -2:] * np.sqrt(np.clip(values[-2:], 0, None))
    # An axis has no direction of its own: the first candidate off it stands on its positive side.
    for axis in start.T:
        off = np.flatnonzero(np.abs(axis) > 1e-6)
        axis *= -1 if len(off) and axis[off[0]] < 0 else 1
    # Candidates who are all the same stand on one point already.
    places = smacof(distances, n_components=2, init=start, n_init=1, random_state=0)[0] if distances.any() else start
    groups = {member.candidate.id: group.number for group in result.groups for member in group.members}
    result.map = [
        MapPlace(candidate=who, x=round(float(x), 3), y=round(float(y), 3), group=groups.get(who.id))
        for who, (x, y) in zip(found, places, strict=True)
    ]
    near = max(1, min(5, (count - 1) // 2))
    result.trustworthiness = float(trustworthiness(distances, places, n_neighbors=near, metric="precomputed"))


def _closeness(members: Sequence[int], likeness: Floats) -> dict[int, float]:
    """Return the mean likeness of each member to the others."""
    return {
        place: float(sum(likeness[place, other] for other in members if other != place) / (len(members) - 1))
        for place in members
    }


class _Analysis:
    """The likeness of candidates, as their phrases (of `owners`) and sentences (of `speakers`) make it."""

    def __init__(
        self,
        items: Sequence[phrases.Mention],
        owners: Sequence[int],
        said: Sequence[str],
        speakers: Sequence[int],
        embedder: Embedder,
    ) -> None:
        import numpy as np

        self.owners = np.array([*owners, *speakers])
        self.weights = np.array([*(phrases.WEIGHTS[item.kind] for item in items), *[SENTENCE_WEIGHT] * len(said)])
        points = [phrases.scaled(phrases.vectors(items, embedder), contrast=True)]
        if said:
            points.append(phrases.scaled(embedder.encode(said), contrast=True))
        every = np.concatenate(points)
        self.alike = every @ every.T
        # Rounded, so that the last bits of a matrix product decide nothing.
        np.clip(self.alike, 0, 1, out=self.alike).round(5, out=self.alike)
        between = phrases.similarity(items, embedder, contrast=True)
        goals = np.array([item.kind == "goal" for item in items])
        np.multiply(between, ACROSS, out=between, where=goals[:, None] != goals)
        self.alike[: len(items), : len(items)] = between
        self.count = int(self.owners.max()) + 1
        self.likeness, self.contrasted = self._likeness(self.owners)

    def _likeness(self, owners: Integers) -> tuple[Floats, Floats]:
        """Return how alike candidates are, shape (candidates, candidates): outright, and beyond what all share."""
        import numpy as np

        order = np.argsort(owners, kind="stable")
        starts = np.searchsorted(owners[order], np.arange(self.count))
        best = np.concatenate(
            [
                np.maximum.reduceat(self.alike[start : start + phrases.BLOCK][:, order], starts, axis=1)
                for start in range(0, len(owners), phrases.BLOCK)
            ]
        ).astype(np.float64)
        # The mean over other candidates; one's own phrases match themselves.
        own = best[np.arange(len(owners)), owners]
        common = (best.sum(axis=1) - own) / (self.count - 1)
        shares = np.zeros((self.count, len(owners)))
        shares[owners, np.arange(len(owners))] = self.weights
        shares /= shares.sum(axis=1, keepdims=True)
        outright = shares @ best
        contrasted = shares @ (best - common[:, None])
        return (outright + outright.T) / 2, (contrasted + contrasted.T) / 2

    def fit(self, seed: int) -> tuple[Any, float]:
        """Return the best grouping, and the silhouette that shuffled platforms reach in `LEVEL` of all cases."""
        import numpy as np

        from analyzer.topics.estimators import SilhouetteLinkage

        random = np.random.default_rng(seed)
        shuffles = SHUFFLES if len(self.owners) <= LARGE else round(1 / LEVEL) - 1
        by_chance = []
        for _ in range(shuffles):
            _, contrasted = self._likeness(random.permutation(self.owners))
            by_chance.append(float(SilhouetteLinkage().fit(_distances(contrasted)).silhouette_))
        # The real platforms are one of the shuffles, too: the level is exact (Phipson and Smyth).
        rank = int(LEVEL * (shuffles + 1))
        return SilhouetteLinkage().fit(_distances(self.contrasted)), sorted(by_chance)[-rank]

    def pairs(self, whos: Sequence[Who], subjects: Sequence[_Raised]) -> list[Pair]:
        """Return the most alike pairs of candidates."""
        ranked = sorted(
            combinations(range(self.count), 2), key=lambda pair: (-round(float(self.contrasted[pair]), 6), pair)
        )
        return [
            Pair(
                candidates=[whos[one], whos[other]],
                likeness=float(self.likeness[one, other]),
                subjects=[raised.subject.label for raised in subjects if {one, other} <= raised.by.keys()],
            )
            for one, other in ranked[:PAIRS]
        ]


class _Raised:
    """A subject, and the phrases of it under each candidate's place."""

    def __init__(self, subject: Subject, owners: Sequence[int]) -> None:
        self.subject = subject
        self.by: dict[int, list[Phrase]] = {}
        for phrase, owner in zip(subject.phrases, owners, strict=True):
            self.by.setdefault(owner, []).append(phrase)

    @classmethod
    def of(cls, label: str, kinds: Sequence[FocusKind], by: dict[int, list[Phrase]]) -> _Raised:
        owners = [owner for owner in by for _ in by[owner]]
        said = [phrase for owner in by for phrase in by[owner]]
        return cls(Subject(label=label, kinds=list(kinds), phrases=said), owners)


def _subjects(
    items: Sequence[phrases.Mention], owners: Sequence[int], embedder: Embedder, labeller: phrases.Labeller
) -> list[_Raised]:
    """Return what two or more candidates raise, what most raise first."""
    alike = phrases.similarity(items, embedder)
    found = []
    for members in phrases.groups(alike):
        if len({owners[index] for index in members}) > 1:
            subject = phrases.subject(members, items, alike, labeller)
            found.append(_Raised(subject, [owners[index] for index in members]))
    return sorted(found, key=lambda raised: (-len(raised.by), raised.subject.label.casefold(), raised.subject.label))


def _bonds(members: Sequence[int], subjects: Sequence[_Raised], whos: Sequence[Who]) -> list[Bond]:
    """Return what binds a group: those subjects first that it raises more often than others do."""
    rest = max(1, len(whos) - len(members))
    found = []
    for raised in subjects:
        inside = [place for place in members if place in raised.by]
        if len(inside) < 2:
            continue
        outside = len(raised.by) - len(inside)
        said = [phrase for place in inside for phrase in raised.by[place]]
        kinds = {phrase.kind for phrase in said}
        bond = Bond(
            label=raised.subject.label,
            kinds=[kind for kind in phrases.KINDS if kind in kinds],
            members=[whos[place] for place in inside],
            outside=outside,
            phrases=said,
        )
        found.append((outside / rest - len(inside) / len(members), bond))
    return [bond for _, bond in sorted(found, key=lambda item: (round(item[0], 6), item[1].label.casefold()))]


def _distances(likeness: Floats) -> Floats:
    """Return likeness as distances, none below zero."""
    import numpy as np

    distances = np.clip(1 - likeness, 0, None).round(6)
    np.fill_diagonal(distances, 0)
    return distances


def _sentences(records: Sequence[StatementRecord]) -> list[str]:
    """Return the sentences of one candidate that say something, each once."""
    texts = [span.text for record in records for span in sentences(record)]
    return [text for text in dict.fromkeys(texts) if len(text.split()) >= SHORTEST]


def _scope(records: Sequence[StatementRecord]) -> str | None:
    """Return the contest, else the election, that all records belong to."""
    for ids in ({record.election.contest_id for record in records}, {record.election.id for record in records}):
        if len(ids) == 1:
            (id_,) = ids
            if id_:
                return id_
    return None


def _too_few(count: int) -> str:
    return f"no groups here: {count} candidate{'' if count == 1 else 's'} with focus areas, and groups need {FEWEST}"
