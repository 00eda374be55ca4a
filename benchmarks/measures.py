"""What the benchmark of topics measures: coherence and diversity of words, and intervals of paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import adjusted_mutual_info_score as ami

from analyzer.topics.terms import TERMS, WORD

Floats = NDArray[np.float64]
Labels = NDArray[Any]


class Reference:
    """Which words stand together in texts: what coherence is measured on.

    Parameters
    ----------
    texts : sentences, or whole statements.
    vocabulary : the words looked for; by default those of two texts and more that are no stop words.
    """

    def __init__(self, texts: Sequence[str], vocabulary: Sequence[str] | None = None) -> None:
        counter = CountVectorizer(
            binary=True,
            token_pattern=WORD,
            vocabulary=vocabulary,
            **({} if vocabulary is not None else {"stop_words": "english", "min_df": 2}),
        )
        self._present = counter.fit_transform(texts).astype(np.float64).tocsc()
        self.words: list[str] = counter.get_feature_names_out().tolist()
        self._column = {word: place for place, word in enumerate(self.words)}
        self._share = np.asarray(self._present.mean(axis=0)).ravel()

    def known(self, words: Sequence[str]) -> list[str]:
        """Return those words that stand in the texts."""
        return [word for word in words if word in self._column]

    def coherence(self, topics: Sequence[Sequence[str]]) -> float:
        """Return the mean NPMI of the pairs of a topic's words, mean over topics; -1 for words never together.

        References
        ----------
        Bouma (2009), Normalized (pointwise) mutual information in collocation extraction; Lau, Newman and Baldwin
        (2014), Machine reading tea leaves, EACL.
        """
        means = []
        for words in topics:
            at = [self._column[word] for word in self.known(words)]
            if len(at) < 2:
                continue
            some = self._present[:, at]
            together = (some.T @ some).toarray() / some.shape[0]
            single = self._share[at]
            values = []
            for i, j in zip(*np.triu_indices(len(at), 1), strict=True):
                both = together[i, j]
                values.append(-1.0 if both == 0 else np.log(both / (single[i] * single[j])) / -np.log(both))
            means.append(float(np.mean(values)))
        return float(np.mean(means))


def diversity(topics: Sequence[Sequence[str]]) -> float:
    """Return the share of distinct words among those of all topics (Dieng, Ruiz and Blei, 2020, TACL 8)."""
    words = [word for topic in topics for word in topic]
    return len(set(words)) / len(words)


def class_words(labels: Sequence[Any], texts: Sequence[str], vocabulary: Sequence[str]) -> list[list[str]]:
    """Return the heaviest words of each label's texts by class-based TF-IDF (Grootendorst, 2022, arXiv:2203.05794)."""
    names, owners = np.unique(np.asarray(labels), return_inverse=True)
    counts = CountVectorizer(token_pattern=WORD, vocabulary=vocabulary).fit_transform(texts)
    member = sparse.csr_matrix((np.ones(len(owners)), (owners, np.arange(len(owners)))), (len(names), len(texts)))
    held = (member @ counts).toarray().astype(float)
    shares = held / np.maximum(held.sum(axis=1, keepdims=True), 1)
    weights = shares * np.log1p(held.sum(axis=1).mean() / np.maximum(held.sum(axis=0), 1))
    return [
        [vocabulary[place] for place in np.argsort(-row, kind="stable")[:TERMS] if row[place] > 0] for row in weights
    ]


def interval(values: Floats, count: int = 10_000, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of a mean by the percentiles of resamples (Efron, 1979, Ann. Stat. 7)."""
    chance = np.random.default_rng(seed)
    means = values[chance.integers(len(values), size=(count, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def interval_over_rows(
    truths: Sequence[Labels], ours: Sequence[Labels], theirs: Sequence[Labels], count: int = 1_000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of the mean difference in adjusted mutual information when rows are resampled.

    Row i is the same person and team in every draw. Each resample takes the same rows of five draws.
    """
    chance = np.random.default_rng(seed)
    means = []
    for number in range(count):
        rows = chance.integers(len(truths[0]), size=len(truths[0]))
        some = [(number + step) % len(truths) for step in range(min(5, len(truths)))]
        gains = [ami(truths[i][rows], ours[i][rows]) - ami(truths[i][rows], theirs[i][rows]) for i in some]
        means.append(np.mean(gains))
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
