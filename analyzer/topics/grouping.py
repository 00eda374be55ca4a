"""Focus areas to topics, over a whole workspace: what are all these statements about?"""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.directory import Directory
from analyzer.embeddings import Embedder
from analyzer.records import Confidence, Record, StatementRecord, Topic
from analyzer.topics import filing as filing_
from analyzer.topics import phrases
from analyzer.topics.filing import OTHER, Filing, Heading
from analyzer.views import Phrase, Score, Who


class FiledPhrase(Record):
    """A phrase of a topic: how often it is said, and the confidence with which it belongs there.

    `pinned` says that a user put it there. `said` is where it stands, in the view of a single topic.
    """

    phrase: str
    count: int
    confidence: Confidence
    pinned: bool
    said: list[Phrase]


class TopicEntry(Record):
    """A topic; `named` says that a user named it, `terms` are the words that tell it from the others."""

    id: str
    label: str
    area: str | None
    named: bool
    terms: list[str]
    statements: int
    candidates: list[Who]
    phrases: list[FiledPhrase]


class TopicListing(Record):
    """Topics by area, those of most statements first; `other` is the share of focus areas that no topic holds."""

    statements: int
    focus_areas: int
    other: Score
    topics: list[TopicEntry]


def topics(
    records: Sequence[StatementRecord], embedder: Embedder, filing: Filing | None = None
) -> tuple[list[Topic], list[StatementRecord]]:
    """Return the topics of statements, and copies of the statements whose focus areas name their topic.

    Phrases that differ only in case, number or articles are one. Every focus area has a topic, and the confidence
    with which it belongs there; those that are like no others have the topic `filing.OTHER`.

    Parameters
    ----------
    filing : what is filed already, and stays so.

    Returns
    -------
    topics : those of most statements first, ``other`` last. A topic's phrases stand with the commonest first.
    records : in the order given.
    """
    filing = filing_.filed(records, embedder, filing)
    found = filing_.entries(records)
    statements: dict[str, set[str]] = {}
    filled = []
    for record in records:
        areas = []
        for area in record.focus_areas:
            place = filing.phrases[filing_.key_of(phrases.plain(area.phrase, record))]
            statements.setdefault(place.topic, set()).add(record.id)
            areas.append(
                area.model_copy(update={"topic": place.topic, "topic_confidence": place.confidence})
            )
        filled.append(record.model_copy(update={"focus_areas": areas}))
    said: dict[str, list[str]] = {}
    for entry in found:
        said.setdefault(filing.phrases[entry.key].topic, []).append(entry.written)
    headings = dict(filing.topics) | {OTHER: Heading(OTHER, OTHER)}
    made = [
        Topic(
            id=id_,
            label=headings[id_].label,
            area=headings[id_].area if id_ != OTHER else None,
            phrases=said[id_],
            statements=len(statements[id_]),
        )
        for id_ in said
    ]
    return sorted(made, key=lambda topic: (topic.id == OTHER, -topic.statements, topic.label, topic.id)), filled


def listing(
    records: Sequence[StatementRecord],
    embedder: Embedder,
    filing: Filing,
    directory: Directory,
    *,
    within: Sequence[StatementRecord] | None = None,
    topic: str | None = None,
) -> TopicListing:
    """Return the topics of statements, and what each holds.

    Parameters
    ----------
    records : all statements of the workspace, by which topics are told from each other.
    within : only count and show what these say; by default all.
    topic : only this one (its id), with every place where it is said.
    """
    from analyzer.topics.terms import terms

    found, filled = topics(records, embedder, filing)
    shown = {record.id for record in (records if within is None else within)}
    said: dict[str, list[tuple[phrases.Mention, float]]] = {}
    words: dict[str, list[tuple[str, str]]] = {}
    for record in filled:
        for item in phrases.mentions([record]):
            area = record.focus_areas[item.index]
            words.setdefault(area.topic or OTHER, []).append((item.plain, item.around))
            if record.id in shown:
                said.setdefault(area.topic or OTHER, []).append((item, area.topic_confidence or 0.0))
    telling = terms({id_: pairs for id_, pairs in words.items() if id_ != OTHER}, [record.text for record in records])
    lowered = phrases.Labeller(records)
    entries = []
    for one in found:
        if one.id not in said or (topic is not None and one.id != topic):
            continue
        by_key: dict[str, list[tuple[phrases.Mention, float]]] = {}
        for item, confidence in said[one.id]:
            by_key.setdefault(filing_.key_of(item.plain), []).append((item, confidence))
        held = [
            FiledPhrase(
                phrase=lowered(items[0][0].phrase),
                count=len(items),
                confidence=items[0][1],
                pinned=key in filing.phrases and filing.phrases[key].pinned,
                said=[item.view() for item, _ in items] if topic is not None else [],
            )
            for key, items in sorted(by_key.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        ]
        whos = {who.id: who for who in (directory.who(item.record) for item, _ in said[one.id])}
        entries.append(
            TopicEntry(
                id=one.id,
                label=one.label,
                area=one.area,
                named=one.id in filing.topics and filing.topics[one.id].given,
                terms=telling.get(one.id, []),
                statements=len({item.record.id for item, _ in said[one.id]}),
                candidates=[whos[id_] for id_ in sorted(whos)],
                phrases=held,
            )
        )
    total = sum(len(items) for items in said.values())
    size: dict[str | None, int] = {}
    for entry in entries:
        size[entry.area] = size.get(entry.area, 0) + entry.statements
    return TopicListing(
        statements=len(shown),
        focus_areas=total,
        other=len(said.get(OTHER, [])) / total if total else 0.0,
        topics=sorted(
            entries,
            key=lambda e: (e.id == OTHER, -size[e.area], e.area or "", -e.statements, e.label, e.id),
        ),
    )
