"""Weights of `candidacy_positions`: which titles are the candidate's, and in which organizations.

usage: positions.py READER.json GOLD_DIR OUT_DIR --part K/N=WEIGHTS.pt...

Statements are read with weights of the domain layers that have not seen them (`domain.py --hold-out K/N`), as readily
as READER.json says. The words around titles and links are learned from them; what the network says, and how much these
words say on statements that they were not learned from, is weighed then. OUT_DIR gets domain.positions.npz, which has
seen everything, and for figures partK.positions.npz and no-SOURCE.positions.npz, which have not seen that part or
community.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import spacy
from sklearn.linear_model import LogisticRegression
from training import PARTS, part_of
from unseen import Words, learn

from analyzer.evaluation import Annotation, pair, same_organization, same_title
from analyzer.organizations import canonical
from analyzer.pipeline.positions import RATING, Positions, Title, position_rows, title_rows, titles_of
from analyzer.pipeline.reader import ORGANIZATIONS, TITLES

#: Inverse of the strength of the penalties of the words' weights and of what is above them.
WORDS, ABOVE = 0.3, 0.3
#: A feature is in at least so many statements' titles or positions.
LEAST = 3


@dataclass(slots=True)
class Read:
    """The titles of a statement, whether each is right, and whether each of its positions is."""

    source: str
    part: int
    titles: list[Title]
    right: list[bool]
    held: list[list[bool]]


def compared(doc: Any, row: dict[str, Any], annotation: Annotation) -> Read:
    """What may be titles of a statement beside its annotation; each annotated thing is found at most once."""
    titles = titles_of(doc)
    spans, organizations = list(doc.spans.get(TITLES, ())), list(doc.spans.get(ORGANIZATIONS, ()))
    community = doc._.community.text if doc._.community is not None else None

    def likeness(a: tuple[int, str, float], b: str) -> float:
        same = same_title(a[1], b)
        return same + 0.3 * a[2] if same else 0.0

    mentions = [(k, spans[t.mention].text, t.evidence[RATING]) for k, t in enumerate(titles)]
    named = {one[0] for one, _, _ in pair(mentions, sorted({r.title for r in annotation.roles}), likeness)}

    positions = []
    for k, title in enumerate(titles):
        for n, position in enumerate(title.positions):
            at = position.link.organization
            organization = organizations[at].text if at >= 0 else community if position.organization else None
            positions.append((k, n, spans[position.link.title].text, organization, position.evidence[0]))

    def closeness(a: tuple[int, int, str, str | None, float], b: tuple[str, str | None]) -> float:
        same = same_title(a[2], b[0])
        if not same or (a[3] is None) != (b[1] is None):
            return 0.0
        if a[3] is None or b[1] is None:
            return same + 1.0 + 0.2 * a[4]
        if not same_organization(a[3], b[1]):
            return 0.0
        exact = canonical(a[3]).casefold() == canonical(b[1]).casefold()
        return same + (1.0 if exact else 0.8) + 0.2 * a[4]

    annotated = sorted({(r.title, r.organization) for r in annotation.roles}, key=repr)
    found = {one[:2] for one, _, _ in pair(positions, annotated, closeness)}
    held = [[(k, n) in found for n in range(len(t.positions))] for k, t in enumerate(titles)]
    return Read(row["source"], part_of(row["group"], PARTS), titles, [k in named for k in range(len(titles))], held)


class Around:
    """What the words around titles and links say."""

    def __init__(self, reads: Sequence[Read]) -> None:
        titles = [(r.source, t.words, right) for r in reads for t, right in zip(r.titles, r.right, strict=True)]
        links = [
            (r.source, position.words, held)
            for r in reads
            for title, right, of_title in zip(r.titles, r.right, r.held, strict=True)
            for position, held in zip(title.positions, of_title, strict=True)
            if right
        ]
        self.titles, self.links = (
            Words(
                [(source, words) for source, words, _ in texts],
                [right for *_, right in texts],
                [1.0] * len(texts),
                penalty=WORDS,
                least=LEAST,
            )
            for texts in (titles, links)
        )


def trained(reads: Sequence[Read]) -> Positions:
    rows: tuple[list[Any], list[Any]] = ([], [])
    right: tuple[list[bool], list[bool]] = ([], [])
    for part in sorted({read.part for read in reads}):
        around = Around([read for read in reads if read.part != part])
        for read in reads:
            if read.part != part:
                continue
            for title, is_right, held in zip(read.titles, read.right, read.held, strict=True):
                rows[0].append(title_rows([title], [around.titles(title.words)]))
                right[0].append(is_right)
                if is_right:  # what else a title would be held in is not asked of those that are none
                    words = [around.links(position.words) for position in title.positions]
                    rows[1].append(position_rows([title], [words]))
                    right[1].extend(held)
    above = [
        LogisticRegression(C=ABOVE, max_iter=5000, fit_intercept=False).fit(np.concatenate(r), y).coef_[0]
        for r, y in zip(rows, right, strict=True)
    ]
    top = np.zeros((max(map(len, above)), 2))
    for k, weights in enumerate(above):
        top[: len(weights), k] = weights
    around = Around(reads)
    component = Positions(spacy.blank("en").vocab, "candidacy_positions")
    known = [*around.titles.known, *around.links.known]
    component.install(known, np.concatenate([around.titles.weights, around.links.weights]), top)
    return component


if __name__ == "__main__":
    learn(__doc__, "positions", compared, trained)
