"""Statements by the words they use: what a whole statement is about, beyond its own turns of phrase.

A word counts once where it stands, once more in a focus phrase, and by the square of how rare it is: a word both
statements share weighs by its rarity in each. Words of a single statement are left out. So boilerplate has hardly any
weight, and what a candidate wants to work on has most.

References
----------
Spärck Jones (1972), A statistical interpretation of term specificity, J. Doc. 28.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

#: How often a word of a focus phrase counts.
EMPHASIS = 2
WORD = re.compile(r"(?u)\b\w\w+\b")


def wording(texts: Sequence[str], focus: Sequence[Sequence[tuple[int, int]]]) -> Any:
    """Return statements as rows of words, CSR matrix of shape (statements, words); rows of length one.

    Parameters
    ----------
    texts : the statements.
    focus : of each, [start, end) of its focus phrases.
    """
    import numpy as np
    from scipy import sparse
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    from sklearn.preprocessing import normalize

    column: dict[str, int] = {}
    rows, columns, counts = [], [], []
    for row, (text, spans) in enumerate(zip(texts, focus, strict=True)):
        marked = np.ones(len(text) + 1)
        for start, end in spans:
            marked[start:end] = EMPHASIS
        for match in WORD.finditer(text):
            word = match.group().casefold()
            if word not in ENGLISH_STOP_WORDS:
                rows.append(row)
                columns.append(column.setdefault(word, len(column)))
                counts.append(marked[match.start()])
    shape = (len(texts), max(1, len(column)))
    found = sparse.csr_matrix((counts, (rows, columns)), shape=shape)
    found.sum_duplicates()
    spread = np.bincount(found.indices, minlength=shape[1])
    telling = np.flatnonzero(spread >= 2)
    if not len(telling):
        return sparse.csr_matrix((len(texts), 1))
    # In the order of the alphabet, so that the order of statements does not matter.
    names = list(column)
    telling = np.array(sorted(telling, key=lambda place: names[place]), dtype=np.int64)
    found = found[:, telling]
    found.data = np.log1p(found.data)
    rarity = np.log((1 + len(texts)) / (1 + spread[telling])) + 1
    return normalize(found @ sparse.diags(rarity**2), copy=False).tocsr()
