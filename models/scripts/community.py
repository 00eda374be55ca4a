"""Weights of `candidacy_community`: which of the names in a statement is the community's.

usage: community.py READER.json GOLD_DIR OUT_DIR --part K/N=WEIGHTS.pt...

Statements are read with weights of the domain layers that have not seen them (`domain.py --hold-out K/N`), as readily
as READER.json says. Invented statements, which all of these weights have seen, are read with the first and without what
the network says; they are of hundreds of communities, so that how a community is named counts and not which. A name is
preferred to each other one of its statement (Joachims, 2002, "Optimizing search engines using clickthrough data").
OUT_DIR gets domain.community.npz, which has seen everything, and for figures partK.community.npz and
no-SOURCE.community.npz, which have not seen that part or community.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from annotations import index
from evaluate import pipeline
from marking import SOURCE as INVENTED
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.linear_model import LogisticRegression
from spacy.tokens import Doc
from training import PARTS, part_of
from unseen import arguments, read_rows, read_unseen, save_all, vocabulary

from analyzer.evaluation import Annotation, same_organization
from analyzer.pipeline.community import NETWORK, Community, Name, names_of, stacked

#: Inverse of the strength of the penalty.
PENALTY = 4.0
#: A feature is of at least so many names.
LEAST = 4
#: A community counts for at most so many statements.
MOST = 150
STEPS = 300


@dataclass(slots=True)
class Read:
    """The names of a statement as rows of evidence, with the words around each, and whether each is the community's."""

    source: str
    part: int
    words: list[set[str]]
    rows: np.ndarray[Any, Any]
    right: list[bool]


def compared(doc: Doc, row: dict[str, Any], annotation: Annotation) -> Read:
    names = names_of(doc)

    def evidence(name: Name) -> list[float]:
        if row["source"] == INVENTED:
            return [0.0] * NETWORK + name.evidence[NETWORK:]
        return name.evidence

    return Read(
        row["source"],
        part_of(row["group"], PARTS),
        [name.words for name in names],
        np.array([stacked(evidence(name), doc._.office) for name in names]),
        _right([name.mentions[0].text for name in names], annotation.sought.community),
    )


def _right(names: Sequence[str], community: str | None) -> list[bool]:
    """Whether each name is the community's: as annotated, or, where none is, one that means the same."""
    if community is None:
        return [False] * len(names)
    exact = [name.casefold() == community.casefold() for name in names]
    return exact if any(exact) else [bool(same_organization(name, community)) for name in names]


def trained(reads: Sequence[Read]) -> Community:
    """Learn from all pairs of a name that is the community's and one that is not."""
    reads = [read for read in reads if any(read.right) and not all(read.right)]
    known = vocabulary([(read.source, [words]) for read in reads for words in read.words], LEAST)
    place = {feature: at for at, feature in enumerate(known)}
    counts = Counter(read.source for read in reads)
    differences, weights = [], []
    for read in reads:
        found = [sorted(place[f] for f in words if f in place) for words in read.words]
        columns = np.concatenate([np.array(row, dtype=int) for row in found])
        values = np.concatenate([np.full(len(row), max(1, len(row)) ** -0.5) for row in found])
        words = csr_matrix((values, columns, np.cumsum([0, *map(len, found)])), shape=(len(found), len(known)))
        whole = hstack([words, csr_matrix(read.rows)]).tocsr()
        right = np.array(read.right)
        better, worse = (np.repeat(np.flatnonzero(right), (~right).sum()), np.tile(np.flatnonzero(~right), right.sum()))
        differences.append(whole[better] - whole[worse])
        share = 1.0 if read.source == INVENTED else min(1.0, MOST / counts[read.source])
        weights += [share / len(better)] * len(better)
    # Every other pair the other way round, so that there are two classes.
    sign = np.where(np.arange(len(weights)) % 2, 1.0, -1.0)
    model = LogisticRegression(C=PENALTY, max_iter=STEPS, tol=1e-3, fit_intercept=False)
    learned = model.fit(diags(sign) @ vstack(differences), sign, sample_weight=weights).coef_.T
    component = Community(spacy.blank("en").vocab, "candidacy_community")
    component.install(known, learned[: len(known)], learned[len(known) :])
    return component


def main() -> None:
    a = arguments(__doc__)
    found = [compared(*read) for read in read_unseen(a.reader, a.gold, a.part, linear=())]
    nlp = pipeline(Path(a.part[0].split("=", 1)[1]), a.reader, False, linear=())
    rows = [row for row in index(a.gold) if row["source"] == INVENTED]
    invented = [compared(*read) for read in read_rows(nlp, a.gold, rows)]
    print(f"{len(found)} statements, {len(invented)} invented ones", flush=True)
    save_all(a.out, "community", found, lambda kept: trained([*kept, *invented]))


if __name__ == "__main__":
    main()
