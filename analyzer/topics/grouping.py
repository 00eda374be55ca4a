"""Focus areas to topics, over a whole workspace: what are all these statements about?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from analyzer.embeddings import Embedder
from analyzer.records import StatementRecord, Topic
from analyzer.topics import phrases

# Mean similarity that holds a topic together. Lower makes fewer, wider topics: on 5,840 annotated phrases 1,122
# of them here, 7 % of the phrases alike to no other; at `phrases.SAME` 2,457 and 24 %.
ALIKE = 0.40
# Of the phrases nearly as central as the most central one, the commonest and shortest is the label.
NEARLY = 0.9


def topics(records: Sequence[StatementRecord], embedder: Embedder) -> tuple[list[Topic], list[StatementRecord]]:
    """Return the topics of statements, and copies of the statements whose focus areas name their topic.

    Phrases that differ only in case, number or articles are one; the rest are grouped by average linkage as
    long as the mean similarity is at least `ALIKE`. Every focus area has a topic: what is like
    nothing else is a topic of its own.

    Returns
    -------
    topics : those of most statements first. A topic's phrases stand with the commonest first, and its id is
        made of its label.
    records : in the order given.
    """
    areas = [(record, area) for record in records for area in record.focus_areas]
    if not areas:
        return [], list(records)
    compared = [phrases.plain(area.phrase, record) for record, area in areas]
    keys = [phrases.key(text) or text.casefold() for text in compared]
    counts = Counter(keys)
    # In an order of their own, so that the order of the statements does not matter.
    distinct = sorted(counts, key=lambda key: (-counts[key], key))
    spelt = _commonest(keys, compared)
    found = _labels(distinct, [spelt[key] for key in distinct], counts, embedder)

    lowered = phrases.Labeller(records)
    written = _commonest(keys, [lowered(area.phrase) for _, area in areas])
    members: dict[int, list[int]] = {}
    for place, (label, _) in enumerate(found):
        members.setdefault(label, []).append(place)
    statements: dict[int, set[str]] = {label: set() for label in members}
    topic_of = {key: label for key, (label, _) in zip(distinct, found, strict=True)}
    for (record, _), key in zip(areas, keys, strict=True):
        statements[topic_of[key]].add(record.id)

    made: dict[int, Topic] = {}
    taken: set[str] = set()
    for label in sorted(members, key=lambda label: (-len(statements[label]), distinct[members[label][0]])):
        most = max(found[place][1] for place in members[label])
        ranked = sorted(
            members[label],
            key=lambda place: (
                found[place][1] < NEARLY * most,
                -counts[distinct[place]],
                len(distinct[place].split()),
                distinct[place],
            ),
        )
        names = [written[distinct[place]] for place in ranked]
        name = next((name for name in names if slug(name) not in taken), None)
        id_ = slug(name or names[0])
        number = 2
        while id_ in taken:
            id_, number = f"{slug(names[0])}-{number}", number + 1
        taken.add(id_)
        by_count = sorted(
            members[label], key=lambda place: (-counts[distinct[place]], -found[place][1], distinct[place])
        )
        made[label] = Topic(
            id=id_,
            label=name or names[0],
            phrases=[written[distinct[place]] for place in by_count],
            statements=len(statements[label]),
        )
    return list(made.values()), [_filled(record, topic_of, made) for record in records]


def slug(label: str) -> str:
    """Return a label as an id: ``C++ bindings`` becomes ``c++-bindings``."""
    from anyascii import anyascii

    return "-".join(re.findall(r"[a-z0-9]+[+#]*", anyascii(label).lower())) or "topic"


def _labels(
    distinct: Sequence[str], texts: Sequence[str], counts: Counter[str], embedder: Embedder
) -> list[tuple[int, float]]:
    """Return the cluster of each phrase, and how central to it the phrase is."""
    from analyzer.topics.estimators import PhraseLinkage

    rows = phrases.joined(embedder.encode(texts), texts)
    model = PhraseLinkage(threshold=ALIKE).fit(rows, sample_weight=[counts[key] for key in distinct])
    return list(zip(model.labels_.tolist(), model.centrality_.tolist(), strict=True))


def _commonest(keys: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    """Return the commonest spelling of each key, the shortest and first of equals."""
    spellings: dict[str, Counter[str]] = {}
    for key, text in zip(keys, texts, strict=True):
        spellings.setdefault(key, Counter())[text] += 1
    return {key: min(found, key=lambda text: (-found[text], len(text), text)) for key, found in spellings.items()}


def _filled(record: StatementRecord, topic_of: dict[str, int], made: dict[int, Topic]) -> StatementRecord:
    areas = []
    for area in record.focus_areas:
        text = phrases.plain(area.phrase, record)
        areas.append(area.model_copy(update={"topic": made[topic_of[phrases.key(text) or text.casefold()]].id}))
    return record.model_copy(update={"focus_areas": areas})
