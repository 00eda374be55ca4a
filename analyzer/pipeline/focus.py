"""`candidacy_focus`: what a statement is about, phrase by phrase.

`candidacy_reader` holds many phrases possible, several in one place that differ in where they begin and end. Here each
place is judged first, whether it names a focus area at all, then which phrase names it best. What speaks for a phrase
is what the network says of it (`analyzer.pipeline.reading.FocusReading`), where it stands among the others, whether its
subject comes up again, and the words in and around it, learned from annotated statements (``models/scripts/focus.py``).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from spacy.attrs import SENT_START
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.language import Language
from spacy.tokens import Doc, Span

from analyzer.pipeline.blocks import kinds_of
from analyzer.pipeline.linear import (
    SCALE,
    Array,
    LinearComponent,
    log_odds,
    nearest,
    probability,
    sides,
    spelled,
    with_products,
)
from analyzer.pipeline.reader import FOCUS_AREAS, FocusMention, write_focus_areas
from analyzer.records import BlockKind

#: Probability from which a place names a focus area.
LEAST = 0.42
#: Words of a text that is as long as any.
LONG = 2000
#: Words that count before and after a phrase.
BEFORE, AFTER = 6, 4
#: Where it stands in a phrase's evidence whether its tags alone make it a focus area, and where its rating.
SURE, RATING = 0, 2
KINDS: tuple[BlockKind, ...] = get_args(BlockKind)


@dataclass(slots=True)
class Phrase:
    """A phrase that may name a focus area: the words in and around it, what speaks for it, and what it overlaps."""

    words: set[str]
    evidence: list[float]
    kind: BlockKind
    over: list[int]


def phrases_of(doc: Doc) -> list[Phrase]:
    """All phrases of a statement that may name focus areas, in the order of their group."""
    group = doc.spans.get(FOCUS_AREAS)
    if not group:
        return []
    spans, evidence = list(group), group.attrs["evidence"]
    words, kinds = spelled(doc), kinds_of(doc)
    starts = [*np.flatnonzero(doc.to_array(SENT_START) == 1).tolist(), len(doc)]
    number = np.cumsum(doc.to_array(SENT_START) == 1).tolist()
    over = _overlaps(spans)
    sure = sorted((s.start, at) for at, s in enumerate(spans) if evidence[at][SURE])
    in_sentence: dict[int, int] = {}
    for start, _ in sure:
        in_sentence[number[start]] = in_sentence.get(number[start], 0) + 1
    again = _again([frozenset(words[s.start : s.end]) - STOP_WORDS for s in spans], over, evidence)
    found = []
    for at, span in enumerate(spans):
        first, end = starts[number[span.start] - 1], starts[number[span.start]]
        rating = evidence[at][RATING]
        rivals = [evidence[k][RATING] for k in over[at]]
        found.append(
            Phrase(
                _features(words, span, first, max(end, span.end)),
                [
                    *evidence[at],
                    log_odds(rating),
                    math.log(evidence[at][RATING + 1] + 1e-4) / SCALE,
                    math.log(len(span)),
                    math.log1p(len(rivals)),
                    max(rivals, default=0.0),
                    rating - max(rivals, default=0.0),
                    sum(rivals),
                    *again[at],
                    span.start / len(doc),
                    math.log(min(len(doc), LONG)) / SCALE,
                    SCALE * len(spans) / max(len(doc), 20),
                    *_neighbours(span, sure, spans, evidence),
                    math.log1p(span.start - first) / 3,
                    math.log1p(max(0, end - span.end)) / 3,
                    math.log1p(in_sentence.get(number[span.start], 0)) / 2,
                    float(span.text[0].isupper()),
                ],
                kinds[span.start],
                over[at],
            )
        )
    return found


def _overlaps(spans: Sequence[Span]) -> list[list[int]]:
    """Of each span the indices of those that share words with it."""
    over: list[list[int]] = [[] for _ in spans]
    order = sorted(range(len(spans)), key=lambda at: spans[at].start)
    for place, at in enumerate(order):
        for other in order[place + 1 :]:
            if spans[other].start >= spans[at].end:
                break
            over[at].append(other)
            over[other].append(at)
    return over


def _again(
    subjects: Sequence[frozenset[str]], over: Sequence[Sequence[int]], evidence: Sequence[Sequence[float]]
) -> list[tuple[float, float]]:
    """How much of each phrase's words the likest other place shares (Jaccard), and that times its rating."""
    holding: dict[str, list[int]] = {}
    for at, subject in enumerate(subjects):
        for word in subject:
            holding.setdefault(word, []).append(at)
    found = []
    for at, subject in enumerate(subjects):
        likest = (0.0, 0.0)
        beside = {at, *over[at]}
        for other in {k for word in subject for k in holding[word]} - beside:
            shared = len(subject & subjects[other]) / len(subject | subjects[other])
            likest = max(likest, (shared, shared * evidence[other][RATING]))
        found.append(likest)
    return found


def _neighbours(
    span: Span, sure: Sequence[tuple[int, int]], spans: Sequence[Span], evidence: Sequence[Sequence[float]]
) -> list[float]:
    """Distance (its logarithm) and rating of the two nearest other phrases that are sure."""
    here = bisect_left(sure, (span.start, -1))
    near = []
    for start, at in sure[max(0, here - 3) : here + 4]:
        if spans[at].end <= span.start or start >= span.end:
            near.append((abs(start - span.start), evidence[at][RATING]))
    near = [*sorted(near)[:2], (99, 0.0), (99, 0.0)][:2]
    return [x for distance, rating in near for x in (math.log1p(distance) / 3, rating)]


def _features(words: Sequence[str], span: Span, first: int, end: int) -> set[str]:
    """The words at a phrase's sides, at its own edges, and in it."""
    own = words[span.start : span.end]
    before = words[max(first, span.start - BEFORE) : span.start][::-1]
    after = words[span.end : min(end, span.end + AFTER)]
    found = sides(before, after) | {f"{nearest(before)}|{own[0]}", f"{own[-1]}|{nearest(after)}"}
    found |= {f"first {own[0]}", f"last {own[-1]}", f"whole {' '.join(own)}", f"{len(own)} words"}
    if len(own) > 1:
        found |= {f"first {own[0]} {own[1]}", f"last {own[-2]} {own[-1]}"}
    return found | {f"before {word}" for word in before} | {f"own {word}" for word in own}


class Focus(LinearComponent):
    """Takes focus areas from what is possible, with the probability that their place names one as their confidence.

    The one output says how the words speak for a phrase. Above it stand the weights of what `rows` gives, shape
    (rows, 2): for the place to name a focus area, and for the phrase to be the one that names it.
    """

    def __call__(self, doc: Doc) -> Doc:
        group = doc.spans.get(FOCUS_AREAS)
        if not group:
            return doc
        spans, phrases = list(group), phrases_of(doc)
        likely = self.likely(phrases)
        chosen: dict[str, int] = {}
        taken: set[int] = set()
        for at in sorted(range(len(spans)), key=lambda k: (-likely[k, 1], spans[k].start)):
            name = spans[at].text.casefold()
            if likely[at, 0] >= LEAST and at not in taken and name not in chosen:
                chosen[name] = at
                taken.update(phrases[at].over)
        write_focus_areas(
            doc,
            [
                FocusMention(spans[at], spans[at].label_, float(likely[at, 0]))
                for at in sorted(chosen.values(), key=lambda k: spans[k].start)
            ],
        )
        return doc

    def likely(self, phrases: Sequence[Phrase]) -> Array:
        """Probability of each phrase's place to name a focus area, and of the phrase to name it, (phrases, 2).

        Raises
        ------
        ModelError
            If the component holds no weights.
        """
        words = [float(self._sum(phrase.words)[0]) for phrase in phrases]
        return probability(rows(phrases, words) @ self._top)


def rows(phrases: Sequence[Phrase], words: Sequence[float]) -> Array:
    """What probabilities are made of, shape (phrases, features); `words` is how they speak for each phrase."""
    values = []
    for at, phrase in enumerate(phrases):
        rival = max((words[k] for k in phrase.over), default=-SCALE)
        values.append([*phrase.evidence, words[at] / 3, (words[at] - rival) / 3, max(words[at], rival) / 3])
    kinds = np.array([[float(kind == phrase.kind) for kind in KINDS] for phrase in phrases])
    return np.concatenate([with_products(np.array(values)), kinds], axis=1)


@Language.factory("candidacy_focus", requires=["doc.spans", "token.is_sent_start"], assigns=["doc.spans"])
def make_focus(nlp: Language, name: str) -> Focus:
    return Focus(nlp.vocab, name)
