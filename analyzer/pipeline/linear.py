"""What the linear components share: weights of features that are named by words, kept in one file."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from spacy.attrs import LOWER

from analyzer.errors import ModelError

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

Array = np.ndarray[Any, Any]

#: Contracted words as the tokenizer cuts them, written out, so that features do not depend on it.
CONTRACTED = {"'ve": "have", "'m": "am", "'d": "would", "'ll": "will", "'re": "are", "n't": "not"}
#: What features have for line breaks, and for other space.
LINE, SPACE = BLANK = ("{line}", "{space}")
#: What features have for the word before the first and after the last.
EDGE = "{edge}"
#: Log-odds and logarithms are divided by it, so that all that stands above words is of like size.
SCALE = 5.0


def spelled(doc: Doc) -> list[str]:
    """Words of a document in the spelling that features have: numbers are all one, and a line break is a word."""
    # As an array, since a loop over tokens would make an object of each.
    return [_spelled(doc.vocab.strings[key]) for key in doc.to_array(LOWER).tolist()]


@lru_cache(maxsize=100_000)
def _spelled(word: str) -> str:
    if word.isdigit():
        return "{number}"
    if word.isspace():
        return LINE if "\n" in word else SPACE
    word = word.replace("’", "'")
    return CONTRACTED.get(word, word)


def sides(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Features of the words at a stretch's sides, up to three before it (the nearest first) and two after it."""
    a, b, c = (*before[:3], EDGE, EDGE, EDGE)[:3]
    x, y = (*after[:2], EDGE, EDGE)[:2]
    return {f"<{a}", f"<{b} {a}", f"<{c} {b} {a}", f">{x}", f">{x} {y}"}


def nearest(words: Sequence[str]) -> str:
    """The first of the words at a side."""
    return words[0] if words else EDGE


@cache
def _pairs(count: int) -> tuple[Array, Array]:
    return np.triu_indices(count)


def with_products(values: Array) -> Array:
    """Rows of values, an intercept before and all products of two of them after, (rows, 1 + n + n(n + 1) / 2)."""
    first, second = _pairs(values.shape[1])
    return np.concatenate([np.ones((len(values), 1)), values, values[:, first] * values[:, second]], axis=1)


def probability(score: Array) -> Array:
    """The logistic function."""
    likely: Array = 1 / (1 + np.exp(-score))
    return likely


def log_odds(share: float) -> float:
    """Log-odds of a probability, of like size as other evidence; a certain one counts as nearly certain."""
    clipped = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(clipped / (1 - clipped)) / SCALE


class LinearComponent:
    """Holds the features that are known, their weights, shape (features, outputs), and what else the model needs.

    Parameters
    ----------
    vocab : of the pipeline.
    """

    def __init__(self, vocab: Vocab, name: str) -> None:
        self.vocab = vocab
        self.name = name
        self._known: dict[str, int] = {}
        self._weights: Array = np.zeros((0, 0), np.float32)
        self._top: Array = np.zeros((0, 0), np.float32)

    def install(self, known: Sequence[str], weights: Array, top: Array) -> None:
        """Take trained weights; `top` is what comes above the features' sums, as the component defines it."""
        self._known = {feature: place for place, feature in enumerate(known)}
        self._weights, self._top = weights.astype(np.float32), top.astype(np.float32)

    def __len__(self) -> int:
        """Number of features that are known."""
        return len(self._known)

    def _sum(self, features: Iterable[str], *, shared: bool = False) -> Array:
        """Sum of the weights of features, shape (outputs,).

        Parameters
        ----------
        shared : divide it by the root of how many are known: each of many says less.

        Raises
        ------
        ModelError
            If the component holds no weights.
        """
        if not self._known:
            raise ModelError(f"{self.name} has no weights: load a trained pipeline with analyzer.load()")
        places = sorted(self._known[feature] for feature in features if feature in self._known)
        total: Array = self._weights[places].sum(0)
        return total / max(1, len(places)) ** 0.5 if shared else total

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        held = io.BytesIO()
        known = np.array([*self._known], dtype=np.str_)
        np.savez_compressed(held, known=known, weights=self._weights.astype(np.float16), top=self._top)
        return held.getvalue()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Self:
        with np.load(io.BytesIO(data), allow_pickle=False) as held:
            self.install(held["known"].tolist(), held["weights"], held["top"])
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "weights.npz").write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Self:
        file = Path(path) / "weights.npz"
        try:
            return self.from_bytes(file.read_bytes())
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{file}: damaged model: {error}: reinstall candidacy-analyzer") from error
