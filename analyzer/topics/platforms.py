"""What became of a platform: one person's goals in an earlier candidacy and in a later one.

Goals and interests of both are compared as any two sides are (`comparison`): kept, changed, dropped, new. A goal may
also come back as something else than a goal: the later statement speaks of it as done or under way. That is looked
for in its experience areas and in every sentence, of which the verbs tell the time (`pipeline.stances`). What is found
is what the candidate says, and not whether it is so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from analyzer.directory import Directory
from analyzer.embeddings import Embedder
from analyzer.errors import UserError
from analyzer.records import Record, Span, StatementRecord
from analyzer.sentences import sentences
from analyzer.topics import phrases
from analyzer.topics.comparison import Comparison, Voices, candidacies, compare_sides
from analyzer.views import Evidence, Phrase, Score, Who, evidence

How = Literal["done", "under-way", "experience"]

#: What is so like a goal speaks of it: more is asked than of two wishes, for nothing less than a promise is said to be
#: kept (of 52 such pairs that were read, 45 held; of those below, half).
REPORTED = 0.6


class Reported(Record):
    """An earlier goal, and the words of the later statement that speak of it.

    `how` is ``done``, ``under-way`` or ``experience``; `similarity` is that of the two, 0 to 1.
    """

    goal: Phrase
    said: Evidence
    sentence: Evidence
    how: How
    similarity: Score


class PlatformDiff(Record):
    """A person's platform in two candidacies; `reported` stands in the order of the earlier goals."""

    person: Who
    comparison: Comparison
    reported: list[Reported]


def diff(
    person: str,
    records: Sequence[StatementRecord],
    embedder: Embedder,
    directory: Directory,
    *,
    earlier: str | None = None,
    later: str | None = None,
    every: bool = False,
) -> list[PlatformDiff]:
    """Return what became of a person's platform between candidacies.

    Parameters
    ----------
    earlier, later : elections (ids); by default the last two in which the person stood.
    every : each candidacy and the next one, instead.

    Raises
    ------
    UserError
        If there are fewer than two candidacies, or these are not two of them in their order.
    """
    sides = candidacies(person, records, directory, ("goal", "interest"))
    name = sides[0].candidates(sides[0].whos)[0].name
    if len(sides) < 2:
        raise UserError(f"{name}: has a single candidacy here, and nothing to compare it with: name another candidate")
    places = {side.id: place for place, side in enumerate(sides)}
    for id_ in (earlier, later):
        if id_ is not None and id_ not in places:
            raise UserError(f"{name}: did not stand in {id_}: choose among {', '.join(places)}")
    if every:
        pairs = [(place, place + 1) for place in range(len(sides) - 1)]
    else:
        last = places[later] if later else len(sides) - 1
        first = places[earlier] if earlier else last - 1
        if not 0 <= first < last:
            raise UserError(f"{name}: no candidacy before {sides[last].id}: choose a later one with --to")
        pairs = [(first, last)]
    found = []
    for first, last in pairs:
        one, other = sides[first], sides[last]
        found.append(
            PlatformDiff(
                person=one.candidates(one.whos)[0],
                comparison=compare_sides("over-time", [one, other], records, embedder),
                reported=_reported(one, other, embedder),
            )
        )
    return found


def _reported(one: Voices, other: Voices, embedder: Embedder) -> list[Reported]:
    """Return the earlier goals of which the later statements speak as done or under way, each at its best match."""
    import numpy as np

    goals = [item for item in one.items if item.kind == "goal"]
    told = list(_told(other.records))
    if not goals or not told:
        return []
    texts = [item.plain for item in goals] + [phrases.plain(said.text, record) for record, said, _, _ in told]
    around = [item.around for item in goals] + [sentence.text for _, _, sentence, _ in told]
    rows = phrases.joined(phrases.mixed(texts, around, embedder), texts)
    alike = (rows[: len(goals)] @ rows[len(goals) :].T).toarray().round(5)
    # Who speaks of "charms" has not done all that somebody wanted of them.
    words = np.array([len(phrases.content(text).split()) for text in texts])
    alike[(words[: len(goals), None] > 1) & (words[None, len(goals) :] < 2)] = 0
    found = []
    for item, row in zip(goals, alike, strict=True):
        best = int(row.argmax())
        if row[best] >= REPORTED:
            record, said, sentence, how = told[best]
            found.append(
                Reported(
                    goal=item.view(),
                    said=evidence(record, said),
                    sentence=evidence(record, sentence),
                    how=how,
                    similarity=float(row[best]),
                )
            )
    return found


def _told(records: Sequence[StatementRecord]) -> Iterator[tuple[StatementRecord, Span, Span, How]]:
    """Yield what statements tell as done or under way: record, words, sentence, how. What has a time stands first."""
    from analyzer.pipeline import stances

    nlp = stances.reader()
    for record in records:
        goals = [area.evidence for area in record.focus_areas if area.kind == "goal" and area.evidence]
        for sentence in sentences(record):
            for span, time in stances.told(nlp(sentence.text)):
                start = sentence.start + span.start_char
                end = sentence.start + span.end_char
                # What is read as a goal may be begun, but is not done.
                if time == "done" and any(start < goal.end and goal.start < end for goal in goals):
                    continue
                yield record, Span(start=start, end=end, text=record.text[start:end]), sentence, time
    for record in records:
        for area in record.focus_areas:
            if area.kind == "experience" and area.evidence and area.sentence:
                yield record, area.evidence, area.sentence, "experience"
