"""How focus phrases are filed under topics: found in the phrases at first, kept as the collection grows.

A filing says of every phrase it has met, by its key (`phrases.key`), which topic it belongs to. What is filed stays
where it is. A new phrase goes where most of its nearest phrases are, by the weight of the edges to them; what is near
nothing is grouped among itself into new topics, and a phrase that is said once and is like no other goes under
`OTHER`, until something like it is said. Once there are twice as many phrases as when topics were found, they are found
anew: topics that are still there keep their ids and labels, and what a user has filed stays there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from analyzer.embeddings import Embedder
from analyzer.errors import UnknownNameError, UserError
from analyzer.records import StatementRecord
from analyzer.topics import phrases

if TYPE_CHECKING:
    from analyzer.topics.estimators import PhraseCommunities

#: Where phrases go that are like no others.
OTHER = "other"
#: Topics are found anew when so many times as many phrases are known.
GROWN = 2
# What makes a phrase a label, beside its mean similarity to the topic's phrases: that it is met often (for each
# doubling), and against it that it is long (for each word beyond three), says whose it is, or leaves a name out.
OFTEN = 0.05
LONG = 0.04
PERSONAL = 0.15
_PERSONAL = frozenset(
    {"i", "me", "my", "we", "us", "our", "you", "your", "they", "them", "their", "it", "its", "he", "she", "his", "her"}
    | {"this", "that", "these", "those"}
)
#: Labels so alike are one to a reader.
TWIN = 0.8
#: Part of an old topic's phrases that a new one must share to be the same: more than any other can.
SHARED = 0.5
#: Share of the n-grams in the similarity here: with less of them than in a comparison of two candidates, the
#: annotated subjects of 5,843 phrases are met best (adjusted mutual information 0.44; 0.43 at 0.3).
LEXICAL = 0.15


@dataclass(frozen=True, slots=True)
class Heading:
    """A topic's name, its area, and whether a user gave the name."""

    label: str
    area: str
    given: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The topic of a phrase; the part of its nearest phrases that are there; and whether a user put it there."""

    topic: str
    confidence: float
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Filing:
    """Topics by id, and phrases by key.

    `fitted` counts the phrases topics were found in; `listed` says that they are those of a user's list.
    """

    topics: Mapping[str, Heading] = field(default_factory=dict)
    phrases: Mapping[str, Place] = field(default_factory=dict)
    fitted: int = 0
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase under its key: how it is compared and written, how often it is met, and the sentences around it."""

    key: str
    compared: str
    written: str
    count: int
    sentences: Sequence[str]


def entries(records: Sequence[StatementRecord]) -> list[Entry]:
    """Return the distinct phrases of statements, the commonest first; the order of the statements does not matter."""
    lowered = phrases.Labeller(records)
    compared: dict[str, Counter[str]] = {}
    written: dict[str, Counter[str]] = {}
    around: dict[str, set[str]] = {}
    for record in records:
        for area in record.focus_areas:
            text = phrases.plain(area.phrase, record)
            key = key_of(text)
            compared.setdefault(key, Counter())[text] += 1
            written.setdefault(key, Counter())[lowered(area.phrase)] += 1
            around.setdefault(key, set()).add(phrases.around(area))
    ordered = sorted(compared, key=lambda key: (-compared[key].total(), key))
    return [
        Entry(key, _commonest(compared[key]), _commonest(written[key]), compared[key].total(), sorted(around[key]))
        for key in ordered
    ]


def key_of(text: str) -> str:
    """Return the key under which a phrase, as it is compared, is filed."""
    return phrases.key(text) or text.casefold()


def filed(records: Sequence[StatementRecord], embedder: Embedder, filing: Filing | None = None) -> Filing:
    """Return a filing of all phrases of statements, which keeps what is filed already."""
    filing = filing or Filing()
    found = entries(records)
    known = {entry.key for entry in found}
    # What a user filed counts though nobody says it (any more): a list's own words are such.
    unsaid = sorted(key for key, place in filing.phrases.items() if place.pinned and key not in known)
    found += [Entry(key, key, key, 0, ()) for key in unsaid]
    missing = [e for e in found if e.key not in filing.phrases or _loose(filing.phrases[e.key])]
    grown = len(known) >= max(1, GROWN * filing.fitted)
    if not found or not (grown or any(entry.key not in filing.phrases or entry.count > 1 for entry in missing)):
        return filing
    rows = _rows(found, embedder)
    if grown and not filing.listed:
        return _found(found, rows, filing)
    if grown:
        fixed = {key: place for key, place in filing.phrases.items() if place.pinned}
        filing = replace(filing, phrases=fixed, fitted=len(known))
    return _extended(found, rows, filing)


def without(filing: Filing, records: Sequence[StatementRecord]) -> Filing:
    """Return a filing without the phrases that nobody says (any more), but for those that a user filed."""
    said = {entry.key for entry in entries(records)}
    kept = {key: place for key, place in filing.phrases.items() if place.pinned or key in said}
    alive = {place.topic for place in kept.values()}
    return replace(filing, phrases=kept, topics={id_: h for id_, h in filing.topics.items() if id_ in alive})


def _loose(place: Place) -> bool:
    return place.topic == OTHER and not place.pinned


def _rows(found: Sequence[Entry], embedder: Embedder) -> Any:
    """Return phrases as rows whose dot products are similarities, each with a little of the sentences around it."""
    import numpy as np

    vectors = phrases.PHRASE_SHARE * phrases.telling([entry.compared for entry in found], embedder)
    around = [text for entry in found for text in entry.sentences]
    if around:
        owners = np.repeat(np.arange(len(found)), [len(entry.sentences) for entry in found])
        shares = (1 - phrases.PHRASE_SHARE) / np.array([max(1, len(entry.sentences)) for entry in found])
        np.add.at(vectors, owners, shares[owners, None].astype(np.float32) * phrases.telling(around, embedder))
    return phrases.joined(vectors, [entry.compared for entry in found], lexical=LEXICAL)


def _found(found: Sequence[Entry], rows: Any, old: Filing) -> Filing:
    """Find topics in phrases; those of an old filing keep their ids, and what a user has filed stays there."""
    from analyzer.topics.estimators import PhraseCommunities

    model = PhraseCommunities().fit(rows)
    groups = _groups(model, found)
    same = _same(groups, found, old)
    names = _Names(old.topics)
    weight = {label: sum(found[place].count for place in groups[label]) for label in groups}
    ids: dict[int, str] = {}
    topics: dict[str, Heading] = {}
    for label in sorted(groups, key=lambda label: (-weight[label], groups[label][0])):
        known = same.get(label)
        if known is None:
            ids[label], name = names.new(groups[label], found, rows)
            topics[ids[label]] = Heading(name, "")
        else:
            ids[label] = known
            topics[known] = old.topics[known]
    areas: dict[int, list[int]] = {}
    for label in groups:
        alone = label >= len(model.areas_)
        areas.setdefault(-label if alone else int(model.areas_[label]), []).append(label)
    for labels in areas.values():
        first = min(labels, key=lambda label: (-weight[label], groups[label][0]))
        for label in labels:
            topics[ids[label]] = replace(topics[ids[label]], area=topics[ids[first]].label)
    made = {entry.key: Place(OTHER, 0.0) for entry in found}
    made |= _places(groups, ids, model, found)
    fixed = {key: place for key, place in old.phrases.items() if place.pinned}
    for id_ in {place.topic for place in fixed.values()} - {OTHER}:
        topics.setdefault(id_, old.topics[id_])
    made |= fixed
    alive = {place.topic for place in made.values()}
    return Filing({id_: topics[id_] for id_ in sorted(topics) if id_ in alive}, made, len(found))


def _groups(model: PhraseCommunities, found: Sequence[Entry]) -> dict[int, list[int]]:
    """Return communities of phrases, and as one of its own each phrase that is said twice but like no other."""
    groups: dict[int, list[int]] = {}
    alone = len(model.areas_)
    for place, label in enumerate(model.labels_.tolist()):
        if label < 0 and found[place].count > 1:
            label, alone = alone, alone + 1
        if label >= 0:
            groups.setdefault(label, []).append(place)
    return groups


def _places(
    groups: Mapping[int, Sequence[int]], ids: Mapping[int, str], model: PhraseCommunities, found: Sequence[Entry]
) -> dict[str, Place]:
    return {
        found[place].key: Place(
            ids[label], 1.0 if model.labels_[place] < 0 else round(float(model.confidence_[place]), 3)
        )
        for label, members in groups.items()
        for place in members
    }


def _same(groups: Mapping[int, Sequence[int]], found: Sequence[Entry], old: Filing) -> dict[int, str]:
    """Return the old topics that groups of phrases are, each at most once (optimal assignment)."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    ids = sorted(old.topics)
    if not ids or not groups:
        return {}
    column = {id_: place for place, id_ in enumerate(ids)}
    labels = sorted(groups)
    shared = np.zeros((len(labels), len(ids)))
    sizes = np.zeros(len(ids))
    for row, label in enumerate(labels):
        for place in groups[label]:
            filed_at = old.phrases.get(found[place].key)
            if filed_at is not None and filed_at.topic in column:
                shared[row, column[filed_at.topic]] += 1
                sizes[column[filed_at.topic]] += 1
    parts = shared / np.where(sizes == 0, 1, sizes)
    kept = zip(*linear_sum_assignment(parts, maximize=True), strict=True)
    return {labels[row]: ids[at] for row, at in kept if parts[row, at] >= SHARED}


def _extended(found: Sequence[Entry], rows: Any, filing: Filing) -> Filing:
    """File what is new beside what is filed, and leave that as it is."""
    import numpy as np

    from analyzer.topics.estimators import PhraseCommunities, nearest

    settled = [i for i, e in enumerate(found) if e.key in filing.phrases and not _loose(filing.phrases[e.key])]
    fresh = [i for i, e in enumerate(found) if e.key not in filing.phrases or _loose(filing.phrases[e.key])]
    topics, places = dict(filing.topics), dict(filing.phrases)
    ids = sorted(topics)
    votes = np.zeros((len(fresh), len(ids)))
    model = PhraseCommunities()
    if settled and ids:
        edges = nearest(rows[fresh], rows[settled], model.neighbours, model.floor).tocoo()
        column = {id_: place for place, id_ in enumerate(ids)}
        at = [column.get(filing.phrases[found[i].key].topic, -1) for i in settled]
        for row, col, weight in zip(edges.row, edges.col, edges.data, strict=True):
            if at[col] >= 0:
                votes[row, at[col]] += weight
    left = []
    for row, place in enumerate(fresh):
        total = votes[row].sum() if ids else 0.0
        if total > 0:
            best = int(votes[row].argmax())
            places[found[place].key] = Place(ids[best], round(float(votes[row, best] / total), 3))
        else:
            left.append(place)
    if left:
        rest = [found[place] for place in left]
        model.fit(rows[left])
        groups = _groups(model, rest)
        names = _Names(topics)
        made = {label: names.new(members, rest, rows[left]) for label, members in sorted(groups.items())}
        topics |= {id_: Heading(name, name) for id_, name in made.values()}
        places |= {entry.key: Place(OTHER, 0.0) for entry in rest}
        places |= _places(groups, {label: id_ for label, (id_, _) in made.items()}, model, rest)
    return replace(filing, topics=topics, phrases=places, fitted=filing.fitted or len(found))


class _Names:
    """Gives topics ids and labels that no other topic has."""

    def __init__(self, topics: Mapping[str, Heading]) -> None:
        self._ids = {*topics, OTHER}
        self._keys = {key_of(heading.label) for heading in topics.values()}
        self._chosen: list[int] = []

    def new(self, members: Sequence[int], found: Sequence[Entry], rows: Any) -> tuple[str, str]:
        """Return the id and label of a topic: the aptest of its phrases that no label resembles."""
        import numpy as np

        own = rows[list(members)]
        weights = np.array([max(1, found[place].count) for place in members], dtype=float)
        alike = np.clip((own @ own.T).toarray(), 0, 1).round(4)
        centrality = (alike @ weights / weights.sum()).round(4)
        scores = [
            round(float(value) + _aptness(found[place]), 4) for value, place in zip(centrality, members, strict=True)
        ]
        ranked = sorted(range(len(members)), key=lambda i: (-scores[i], found[members[i]].key))
        best = ranked[0]
        for i in ranked:
            entry = found[members[i]]
            if key_of(entry.written) in self._keys or slug(entry.written) in self._ids:
                continue
            others = rows[self._chosen] if self._chosen else None
            if others is None or float((rows[members[i]] @ others.T).max()) < TWIN:
                best = i
                break
        label = found[members[best]].written
        id_, number = slug(label), 2
        while id_ in self._ids:
            id_, number = f"{slug(label)}-{number}", number + 1
        if key_of(label) in self._keys:
            label = f"{label} ({number - 1})"
        self._ids.add(id_)
        self._keys.add(key_of(label))
        self._chosen.append(members[best])
        return id_, label


def _aptness(entry: Entry) -> float:
    """Return how well a phrase reads as a label, whatever the topic."""
    from math import log2

    words = entry.written.casefold().split()
    against = LONG * max(0, len(words) - 3) + PERSONAL * any(word.strip("’'") in _PERSONAL for word in words)
    # "Kata docs" is compared as "documentation": a label for all names no community.
    against += PERSONAL * (key_of(phrases.spelt_out(entry.written)) != entry.key)
    return OFTEN * log2(max(1, entry.count)) - against


def slug(label: str) -> str:
    """Return a label as an id: ``C++ bindings`` becomes ``c++-bindings``."""
    from anyascii import anyascii

    return "-".join(re.findall(r"[a-z0-9]+[+#]*", anyascii(label).lower())) or "topic"


# --- what users change ---------------------------------------------------------------------------------


def find_topic(filing: Filing, text: str) -> str:
    """Return the id of the topic that somebody means by its id or label.

    Raises
    ------
    UnknownNameError
        If there is none, with the nearest.
    """
    if text in filing.topics:
        return text
    wanted = key_of(" ".join(text.split()))
    same = [id_ for id_, heading in filing.topics.items() if key_of(heading.label) == wanted]
    part = [id_ for id_, h in filing.topics.items() if wanted and set(wanted.split()) <= set(key_of(h.label).split())]
    for found in (same, part):
        if len(found) == 1:
            return found[0]
    from rapidfuzz import process

    names = {id_: heading.label for id_, heading in filing.topics.items()}
    near = part[:8] or [match[2] for match in process.extract(text, names, limit=3, score_cutoff=60)]
    hint = f"did you mean {', '.join(near)}?" if near else "'candidacy topics' shows what is there"
    raise UnknownNameError(f"{text or '(nothing)'}: no such topic: {hint}")


def renamed(filing: Filing, topic: str, label: str) -> Filing:
    """Return a filing in which a topic has another label; its id stays."""
    label = _label(label)
    for id_, heading in filing.topics.items():
        if id_ != topic and key_of(heading.label) == key_of(label):
            raise UserError(f"{label}: is the label of {id_}: choose another, or merge the two")
    topics = dict(filing.topics) | {topic: replace(filing.topics[topic], label=label, given=True)}
    return replace(filing, topics=topics)


def merged(filing: Filing, topics: Sequence[str]) -> Filing:
    """Return a filing in which the phrases of several topics are filed under the first of them, for good."""
    into, *rest = topics
    if not rest or len(set(topics)) < len(topics):
        raise UserError("a merge needs two topics or more, each named once")
    places = {
        key: Place(into, place.confidence, True) if place.topic in topics else place
        for key, place in filing.phrases.items()
    }
    headings = {id_: heading for id_, heading in filing.topics.items() if id_ not in rest}
    return replace(filing, topics=headings, phrases=places)


def split(filing: Filing, topic: str, said: Iterable[str], label: str) -> Filing:
    """Return a filing in which some phrases of a topic are a topic of their own, for good.

    Raises
    ------
    UnknownNameError
        If a phrase is not of this topic.
    UserError
        If no phrase would be left, or the label is another topic's.
    """
    label = _label(label)
    keys = {_member(filing, topic, phrase) for phrase in said}
    if not keys:
        raise UserError(f"{topic}: name the phrases that are to be a topic of their own")
    if all(key in keys for key, place in filing.phrases.items() if place.topic == topic):
        raise UserError(f"{topic}: no phrase of it would be left: rename it instead")
    if any(key_of(heading.label) == key_of(label) for heading in filing.topics.values()):
        raise UserError(f"{label}: is another topic's label: choose another one")
    id_, number = slug(label), 2
    while id_ in filing.topics or id_ == OTHER:
        id_, number = f"{slug(label)}-{number}", number + 1
    topics = dict(filing.topics) | {id_: Heading(label, filing.topics[topic].area, True)}
    places = {
        key: Place(id_ if key in keys else topic, place.confidence, True) if place.topic == topic else place
        for key, place in filing.phrases.items()
    }
    return replace(filing, topics=topics, phrases=places)


def pinned(filing: Filing, phrase: str, topic: str) -> Filing:
    """Return a filing in which a phrase is filed under a topic, for good."""
    key = key_of(phrases.spelt_out(" ".join(phrase.split())))
    return replace(filing, phrases=dict(filing.phrases) | {key: Place(topic, 1.0, True)})


def listed(lines: Iterable[str], where: str) -> Filing:
    """Return a filing of a user's own topics, read from lines ``label`` or ``label: phrase; phrase``.

    Empty lines and what follows a ``#`` at the beginning of a line say nothing.

    Raises
    ------
    UserError
        If a line has no label, or one that a line before it has.
    """
    topics: dict[str, Heading] = {}
    places: dict[str, Place] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, more = line.partition(":")
        if not re.search(r"\w", name):
            raise UserError(f"{where}:{number}: no label: write 'label' or 'label: phrase; phrase'")
        label = " ".join(name.split())
        id_ = slug(label)
        if id_ in topics or id_ == OTHER:
            raise UserError(f"{where}:{number}: {label}: is there already: give each topic one line")
        topics[id_] = Heading(label, label, True)
        for text in (label, *more.split(";")):
            if re.search(r"\w", text):
                places.setdefault(key_of(phrases.spelt_out(" ".join(text.split()))), Place(id_, 1.0, True))
    if not topics:
        raise UserError(f"{where}: holds no topic: write one a line")
    return Filing(topics, places, 0, True)


def _label(label: str) -> str:
    label = " ".join(label.split())
    if not re.search(r"\w", label):
        raise UserError("a label needs a word: say what to call the topic")
    return label


def _member(filing: Filing, topic: str, phrase: str) -> str:
    key = key_of(phrases.spelt_out(" ".join(phrase.split())))
    place = filing.phrases.get(key)
    if place is None or place.topic != topic:
        where = f"it is filed under {place.topic}" if place else "nobody says so"
        raise UnknownNameError(f"{phrase}: no phrase of {topic}: {where}: 'candidacy topics {topic}' shows its phrases")
    return key


def _commonest(spellings: Counter[str]) -> str:
    """Return the commonest spelling, the shortest and first of equals."""
    return min(spellings, key=lambda text: (-spellings[text], len(text), text))
