"""The words that tell a topic from the others: often said in it, seldom elsewhere, and said together.

A word weighs its share of the words of a topic's phrases and their sentences, times the logarithm of how rare it is
over all topics (class-based TF-IDF). It may stand for the few topics in which it weighs most. Of the heaviest words of
a topic those are taken, one after the other, that also keep company with the ones taken: by normalised pointwise
mutual information over sentences.

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
POOL = 100
#: A word stands for so many topics at most, and only where it weighs at least this part of the most anywhere.
TOPICS, NEAR = 3, 0.35
#: Weight of the company that a word keeps, where 1 is that of its own.
COMPANY = 1.5
#: Words of letters; "c++", "third-party" and "c#" are some.
WORD = r"(?u)\b[^\W\d_][\w+#-]+"


def terms(said: Mapping[str, Sequence[tuple[str, str]]], count: int = TERMS) -> dict[str, list[str]]:
    """Return the words of each topic, the most telling first.

    Parameters
    ----------
    said : of each topic, its phrases, each with its sentence.
    """
    import numpy as np
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer

    topics = sorted(topic for topic in said if said[topic])
    phrases = [phrase for topic in topics for phrase, _ in said[topic]]
    sentences = [sentence for topic in topics for _, sentence in said[topic]]
    owners = np.repeat(np.arange(len(topics)), [len(said[topic]) for topic in topics])
    try:
        counter = CountVectorizer(stop_words="english", token_pattern=WORD, min_df=2 if len(sentences) > 100 else 1)
        around = counter.fit_transform(sentences)
    except ValueError:  # nothing but stop words
        return {topic: [] for topic in said}
    member = sparse.csr_matrix((np.ones(len(owners)), (owners, np.arange(len(owners)))))
    counts = (member @ (counter.transform(phrases) + around)).toarray()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    weights = shares * np.log1p(counts.sum(axis=1).mean() / np.maximum(counts.sum(axis=0), 1))
    rank = np.argsort(np.argsort(-weights, axis=0, kind="stable"), axis=0, kind="stable")
    weights = np.where((rank < TOPICS) & (weights >= NEAR * weights.max(axis=0, keepdims=True)), weights, 0)
    names = counter.get_feature_names_out()
    present = (counter.transform(sorted(set(sentences))) > 0).astype(np.float64).tocsc()
    found: dict[str, list[str]] = {topic: [] for topic in said}
    for topic, row in zip(topics, weights, strict=True):
        pool = [int(place) for place in np.argsort(-row, kind="stable")[:POOL] if row[place] > 0]
        found[topic] = [str(names[place]) for place in _chosen(pool, row, present, count)]
    return found


def _chosen(pool: Sequence[int], weights: Floats, present: Any, count: int) -> list[int]:
    """Return the heaviest word and, one by one, those that weigh most and keep company with the ones before."""
    import numpy as np

    if not pool:
        return []
    company = _company(present[:, list(pool)])
    heavy = weights[list(pool)] / weights[pool[0]]
    taken = [0]
    while len(taken) < min(count, len(pool)):
        score = (heavy + COMPANY * company[:, taken].mean(axis=1)).round(6)
        score[taken] = -np.inf
        taken.append(int(score.argmax()))
    return [pool[place] for place in taken]


def _company(present: Any) -> Floats:
    """Return the normalised pointwise mutual information of words, -1 (never together) to 1, shape (words, words)."""
    import numpy as np

    together = (present.T @ present).toarray() / present.shape[0]
    single = np.maximum(together.diagonal(), 1e-12)
    met = np.clip(together, 1e-12, 1 - 1e-12)
    values = np.log(met / np.outer(single, single)) / -np.log(met)
    return np.where(together > 0, np.clip(values, -1, 1), -1.0)
