"""Statements as weights of the domain layers read them that have not seen them, and a regression over words."""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from annotations import index
from evaluate import pipeline
from marking import SOURCE as INVENTED
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from spacy.language import Language
from spacy.tokens import Doc
from training import is_held_out

from analyzer.evaluation import Annotation
from analyzer.pipeline.linear import LinearComponent
from analyzer.sources import read
from analyzer.statements import from_messages
from analyzer.statements.statement import Statement


def read_unseen(
    reader: dict[str, Any], gold: Path, parts: Sequence[str], linear: Sequence[str] = ("community",)
) -> Iterator[tuple[Doc, dict[str, Any], Annotation]]:
    """The statements of parts, each with its row of the index and its annotation.

    Parameters
    ----------
    reader : how readily the domain layers are read.
    parts : of the form K/N=WEIGHTS.pt, the weights being those that the part was left out of.
    linear : the linear components that read, too, their weights lying beside these.
    """
    for part in parts:
        name, weights = part.split("=", 1)
        rows = [row for row in index(gold) if is_held_out(row["source"], row["group"], name, None)]
        yield from read_rows(pipeline(Path(weights), reader, False, linear), gold, rows)


def read_rows(
    nlp: Language, gold: Path, rows: Iterable[dict[str, Any]]
) -> Iterator[tuple[Doc, dict[str, Any], Annotation]]:
    """The statements of some rows of the index as a pipeline reads them, each with its row and its annotation."""
    chosen = {row["id"]: row for row in rows}
    for statement in from_messages(read(sorted(gold / f"{id_}.txt" for id_ in chosen)), keep_all=True):
        if isinstance(statement, Statement) and statement.language in (None, "en"):
            id_ = Path(statement.source.path).stem
            doc = nlp.make_doc(statement.text)
            doc._.blocks = statement.blocks
            yield nlp(doc), chosen[id_], Annotation.model_validate_json((gold / f"{id_}.json").read_bytes())


class Found(Protocol):
    """What was read of a statement: its community, and its part of the cross-validation."""

    source: str
    part: int


F = TypeVar("F", bound=Found)


def save_all(out: Path, name: str, found: Sequence[F], trained: Callable[[Sequence[F]], LinearComponent]) -> None:
    """Write the weights of a linear component that has seen everything, and of those that a part or community is kept
    from, as domain.NAME.npz, partK.NAME.npz and no-SOURCE.NAME.npz.
    """
    left: dict[str, Sequence[F]] = {"domain": found}
    for part in sorted({x.part for x in found}):
        left[f"part{part}"] = [x for x in found if x.part != part]
    for source in sorted({x.source for x in found}):
        left[f"no-{source}"] = [x for x in found if x.source != source]
    out.mkdir(parents=True, exist_ok=True)
    for stem, kept in left.items():
        component = trained(kept)
        (out / f"{stem}.{name}.npz").write_bytes(component.to_bytes())
        print(f"{stem}: {len(component)} features", flush=True)


def arguments(usage: str | None, *more: str) -> argparse.Namespace:
    """What a component's script is told: `reader`, parsed, folders `gold`, `more` and `out`, and parts."""
    ap = argparse.ArgumentParser(description=usage, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("reader", type=lambda path: json.loads(Path(path).read_text(encoding="utf-8")))
    for folder in ("gold", *more, "out"):
        ap.add_argument(folder, type=Path)
    ap.add_argument("--part", action="append", required=True, metavar="K/N=WEIGHTS")
    a = ap.parse_args()
    if len(a.part) < 3:
        ap.error("name three parts or more: without one, the others are still learned from without each other")
    return a


def learn(
    usage: str | None,
    name: str,
    compared: Callable[[Doc, dict[str, Any], Annotation], F],
    trained: Callable[[Sequence[F]], LinearComponent],
) -> None:
    """The command of a component that learns from statements alone: read those of all parts, and write all weights."""
    a = arguments(usage)
    found = [compared(*read) for read in read_unseen(a.reader, a.gold, a.part)]
    print(f"{len(found)} statements", flush=True)
    save_all(a.out, name, found, trained)


def vocabulary(texts: Iterable[tuple[str, Sequence[set[str]]]], least: int) -> list[str]:
    """Features that at least so many texts have, an invented one among them or two of different sources.

    So that no project's or person's name is one.

    Parameters
    ----------
    texts : source of each, and the features of its parts.
    """
    counts: Counter[str] = Counter()
    sources = defaultdict(set)
    for source, parts in texts:
        for feature in set().union(*parts):
            counts[feature] += 1
            sources[feature].add(source)
    return sorted(
        f for f, count in counts.items() if count >= least and (len(sources[f]) > 1 or INVENTED in sources[f])
    )


class Words:
    """A logistic regression over sets of features.

    Parameters
    ----------
    texts : source of each, and the features of its parts, each of which is learned by itself.
    right : whether each text is what is looked for.
    weight : how much each counts.
    penalty : inverse of the strength of the weights' penalty.
    least : a feature is in at least so many texts.
    """

    def __init__(
        self,
        texts: Sequence[tuple[str, Sequence[set[str]]]],
        right: Sequence[bool],
        weight: Sequence[float],
        *,
        penalty: float,
        least: int,
    ) -> None:
        self.known = vocabulary(texts, least)
        self.place = {feature: i for i, feature in enumerate(self.known)}
        parts = [(p, r, w) for (_, ps), r, w in zip(texts, right, weight, strict=True) for p in ps]
        model = LogisticRegression(C=penalty, max_iter=1000)
        model.fit(self.matrix([p for p, _, _ in parts]), [r for _, r, _ in parts], sample_weight=[w for *_, w in parts])
        # The intercept has no place among the features; what stands above them has one.
        self.weights = model.coef_.T

    def matrix(self, parts: Sequence[set[str]]) -> csr_matrix:
        rows = [sorted(self.place[f] for f in p if f in self.place) for p in parts]
        columns = np.concatenate([np.array(row, dtype=int) for row in rows])
        pointers = np.cumsum([0, *map(len, rows)])
        return csr_matrix((np.ones(len(columns)), columns, pointers), shape=(len(rows), len(self.known)))

    def __call__(self, parts: Sequence[set[str]]) -> float:
        """How the features speak for a text: the most that one of its parts says."""
        return float((self.matrix(parts) @ self.weights).max())
