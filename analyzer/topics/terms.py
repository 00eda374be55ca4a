"""The words that tell a topic from the others: often said in it, seldom elsewhere, and said together.

A word weighs its share of the words of a topic's phrases and their sentences, times the logarithm of how rare it is
over all topics (class-based TF-IDF). It must be said twice in a topic, and may stand for the few in which it weighs
most. Of the heaviest words of a topic those are taken that also keep company with each other: by normalised pointwise
mutual information over sentences and over whole statements.

References
----------
Grootendorst (2022), BERTopic, arXiv:2203.05794, on class-based TF-IDF. Bouma (2009), Normalized (pointwise) mutual
information in collocation extraction, on the latter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TERMS = 10
#: Words of a topic among which those are chosen.
POOL = 80
#: A word stands for so many topics at most, and only where it weighs at least this part of the most anywhere.
TOPICS, NEAR = 3, 0.15
#: Weight of the company that a word keeps, where 1 is that of its own; and the part of whole statements in it, the rest
#: being that of sentences.
COMPANY, STATEMENTS = 3, 0.3
#: Words of letters; "c++", "third-party" and "c#" are some.
WORD = r"(?u)\b[^\W\d_][\w+#-]+"


def terms(
    said: Mapping[str, Sequence[tuple[str, str]]], statements: Sequence[str], count: int = TERMS
) -> dict[str, list[str]]:
    """Return the words of each topic, the most telling first.

    Parameters
    ----------
    said : of each topic, its phrases, each with its sentence.
    statements : the texts that these are from.
    """
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer

    topics = sorted(topic for topic in said if said[topic])
    apart = sorted({sentence for topic in topics for _, sentence in said[topic]})
    least = 2 if len(apart) > 100 else 1
    counter = CountVectorizer(stop_words="english", token_pattern=WORD, binary=True, min_df=least)
    try:
        counter.fit(apart)
    except ValueError:  # nothing but stop words
        return {topic: [] for topic in said}
    counts = np.array(
        [
            sum(np.asarray(counter.transform(set(texts)).sum(axis=0))[0] for texts in zip(*said[topic], strict=True))
            for topic in topics
        ]
    )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    weights = shares * np.log1p(counts.sum(axis=1).mean() / np.maximum(counts.sum(axis=0), 1))
    rank = np.argsort(np.argsort(-weights, axis=0, kind="stable"), axis=0, kind="stable")
    told = (counts > 1) & (rank < TOPICS) & (weights >= NEAR * weights.max(axis=0, keepdims=True))
    weights = np.where(told, weights, 0)
    names = counter.get_feature_names_out()
    present = [counter.transform(texts).astype(np.float64).tocsc() for texts in (apart, statements)]
    found: dict[str, list[str]] = {topic: [] for topic in said}
    for topic, row in zip(topics, weights, strict=True):
        pool = [int(place) for place in np.argsort(-row, kind="stable")[:POOL] if row[place] > 0]
        company = [_company(texts[:, pool]) for texts in present]
        chosen = _chosen(row[pool], (1 - STATEMENTS) * company[0] + STATEMENTS * company[1], count)
        found[topic] = [str(names[pool[place]]) for place in chosen]
    return found


def _chosen(weights: Floats, company: Floats, count: int) -> list[int]:
    """Return the places of the heaviest word and of those that weigh most and keep company with the ones before."""
    import numpy as np

    taken: list[int] = []
    while len(taken) < min(count, len(weights)):
        score = (weights / weights[0] + (COMPANY * company[:, taken].mean(axis=1) if taken else 0)).round(6)
        score[taken] = -np.inf
        taken.append(int(score.argmax()))
    # By weight again: in the order of company, a rare word would stand before a common one.
    return sorted(taken)


def _company(present: Any) -> Floats:
    """Return the normalised pointwise mutual information of words, -1 (never together) to 1, shape (words, words)."""
    import numpy as np

    together = (present.T @ present).toarray() / present.shape[0]
    single = np.maximum(together.diagonal(), 1e-12)
    met = np.clip(together, 1e-12, 1 - 1e-12)
    values = np.log(met / np.outer(single, single)) / -np.log(met)
    return np.where(together > 0, np.clip(values, -1, 1), -1.0)
