"""Weights of `candidacy_focus`: which of the phrases that might name focus areas do.

usage: focus.py READER.json GOLD_DIR OUT_DIR --part K/N=WEIGHTS.pt...

Statements are read with weights of the domain layers that have not seen them (`domain.py --hold-out K/N`), as readily
as READER.json says. The words in and around phrases are learned from them; what the network says, and how much these
words say on statements that they were not learned from, is weighed then. OUT_DIR gets domain.focus.npz, which has seen
everything, and for figures partK.focus.npz and no-SOURCE.focus.npz, which have not seen that part or community.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import spacy
from sklearn.linear_model import LogisticRegression
from spacy.tokens import Doc
from training import PARTS, part_of
from unseen import Words, learn

from analyzer.evaluation import Annotation, pair, same_subject
from analyzer.pipeline.focus import RATING, Focus, Phrase, phrases_of, rows
from analyzer.pipeline.reader import FOCUS_AREAS

#: Inverse of the strength of the penalties of the words' weights and of what is above them.
WORDS, ABOVE = 0.1, 0.03
#: A feature is of at least so many phrases.
LEAST = 4
STEPS = 300


@dataclass(slots=True)
class Read:
    """The phrases of a statement, and whether each names a focus area better than others do."""

    source: str
    part: int
    phrases: list[Phrase]
    right: list[bool]


def compared(doc: Doc, row: dict[str, Any], annotation: Annotation) -> Read:
    """What may be focus areas of a statement beside its annotation, each of which is found in one wording at most."""
    phrases = phrases_of(doc)
    texts = [(at, span.text, phrases[at].evidence[RATING]) for at, span in enumerate(doc.spans.get(FOCUS_AREAS, ()))]

    def likeness(a: tuple[int, str, float], b: str) -> float:
        same = same_subject(a[1], b)
        return same + 0.05 * a[2] if same else 0.0

    pairs = pair(texts, [area.span for area in annotation.focus_areas], likeness)
    # A subject that is named twice in the same words is right in both places: only one of them will be kept.
    found = {one[1].casefold() for one, _, _ in pairs}
    right = [text.casefold() in found for _, text, _ in texts]
    return Read(row["source"], part_of(row["group"], PARTS), phrases, right)


def words_of(reads: Sequence[Read]) -> Words:
    """What the words in and around phrases say."""
    texts = [(r.source, [phrase.words]) for r in reads for phrase in r.phrases]
    right = [right for r in reads for right in r.right]
    return Words(texts, right, [1.0] * len(texts), penalty=WORDS, least=LEAST)


def trained(reads: Sequence[Read]) -> Focus:
    parts = sorted({read.part for read in reads})
    of_part = {part: words_of([read for read in reads if read.part != part]) for part in parts}
    matrix, places, right = [], [], []
    for read in reads:
        if read.phrases:
            words = of_part[read.part]
            matrix.append(rows(read.phrases, [words([phrase.words]) for phrase in read.phrases]).astype(np.float32))
            right += read.right
            places += [
                own or any(read.right[k] for k in phrase.over)
                for phrase, own in zip(read.phrases, read.right, strict=True)
            ]
    whole = np.concatenate(matrix)
    model = LogisticRegression(C=ABOVE, max_iter=STEPS, fit_intercept=False)
    above = [model.fit(whole, target).coef_[0] for target in (places, right)]
    words = words_of(reads)
    component = Focus(spacy.blank("en").vocab, "candidacy_focus")
    component.install(words.known, words.weights, np.stack(above, axis=1))
    return component


if __name__ == "__main__":
    learn(__doc__, "focus", compared, trained)
