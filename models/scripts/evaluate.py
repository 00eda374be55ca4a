"""Measure weights of the domain layers on statements they were not trained on, from file to record.

usage: evaluate.py READER.json GOLD_DIR FIGURES.json --part K/N=WEIGHTS.pt... --without SOURCE=WEIGHTS.pt... [--fast]

Each `--part 0/5=fold0.pt` names the weights that `domain.py --hold-out 0/5` left that part out of, each
`--without kata=nokata.pt` those of `domain.py --without kata`. Beside weights such as fold0.pt lie those of the linear
components, fold0.positions.npz and the like, and, for `--fast`, those of the small network, fold0.small.pt. Figures are
pooled over the parts, and over the communities. FIGURES.json gets them and, from the parts, how far confidence and the
share that is right differ.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spacy
import torch
from annotations import index
from training import is_held_out

from analyzer.elections import settle
from analyzer.evaluation import Annotation, Case, evaluate, pair, same_organization, same_role, same_subject, stated
from analyzer.extraction import extract
from analyzer.pipeline import community, employment, focus, incumbency, positions  # noqa: F401  (registers the factories)
from analyzer.pipeline.linear import LinearComponent
from analyzer.pipeline.reader import CandidacyReader
from analyzer.sources import read
from analyzer.statements import from_messages
from analyzer.statements.statement import Statement

BINS = 10
#: The linear components above the domain layers, in the order they run.
LINEAR = ("community", "positions", "employment", "incumbency", "focus")


def pipeline(
    weights: Path, reader: dict[str, Any], fast: bool, linear: Sequence[str] = LINEAR
) -> spacy.Language:
    """The pipeline with weights of the domain layers, and with what stands above them where it lies beside them."""
    nlp = spacy.blank("en")
    nlp.add_pipe("candidacy_blocks")
    network = nlp.add_pipe("candidacy_reader", config=reader)
    assert isinstance(network, CandidacyReader)
    network.install(halves(weights), halves(weights.with_suffix(".small.pt")) if fast else None)
    if fast:
        network.hurry()
    for name in linear:
        file = weights.with_suffix(f".{name}.npz")
        if file.exists():
            component = nlp.add_pipe(f"candidacy_{name}")
            assert isinstance(component, LinearComponent)
            component.from_bytes(file.read_bytes())
    return nlp


def halves(weights: Path) -> dict[str, torch.Tensor]:
    """Weights as they are shipped: in half precision."""
    return {name: value.half() for name, value in torch.load(weights, weights_only=True).items()}


def read_cases(nlp: spacy.Language, gold: Path, rows: Iterable[dict[str, Any]]) -> list[Case]:
    """Extract the statements of some rows of a gold folder's index, each beside its annotation."""
    chosen = {row["id"]: row["source"] for row in rows}
    files = sorted(gold / f"{id_}.txt" for id_ in chosen)
    statements = [s for s in from_messages(read(files), keep_all=True) if isinstance(s, Statement)]
    records = {Path(r.source.path).stem: r for r in settle(extract(statements, nlp))}
    return [
        Case(
            id_,
            source,
            (gold / f"{id_}.txt").read_text("utf-8", "replace"),
            Annotation.model_validate_json((gold / f"{id_}.json").read_bytes()),
            records.get(id_),
        )
        for id_, source in chosen.items()
    ]


def sureness(case: Case) -> dict[str, list[tuple[float, bool]]]:
    """Confidence of each extraction of a statement, and whether it is right."""
    record, gold = case.record, case.annotation
    if record is None:
        return {}

    named = stated(record)
    kinds = {
        "roles": pair(record.roles, gold.roles, same_role),
        "affiliations": pair(
            named, gold.affiliations, lambda a, b: same_organization(a.organization, b.organization)
        ),
        "focus_areas": pair(record.focus_areas, gold.focus_areas, lambda a, b: same_subject(a.phrase, b.span)),
    }
    found = {"roles": record.roles, "affiliations": named, "focus_areas": record.focus_areas}
    right = {kind: {id(one) for one, _, _ in pairs} for kind, pairs in kinds.items()}
    return {kind: [(x.confidence, id(x) in right[kind]) for x in items] for kind, items in found.items()}  # type: ignore[attr-defined]


def reliability(confidence: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Expected calibration error over bins of equal width (Guo et al., 2017), and the bins."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows = [
        {
            "from": k / BINS,
            "count": int((bins == k).sum()),
            "confidence": round(float(confidence[bins == k].mean()), 3),
            "right": round(float(right[bins == k].mean()), 3),
        }
        for k in range(BINS)
        if (bins == k).any()
    ]
    error = sum(row["count"] * abs(row["confidence"] - row["right"]) for row in rows) / len(confidence)
    return {"expected_calibration_error": round(float(error), 4), "bins": rows}


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("reader", type=Path)
    ap.add_argument("gold", type=Path)
    ap.add_argument("figures", type=Path)
    ap.add_argument("--part", action="append", default=[], metavar="K/N=WEIGHTS")
    ap.add_argument("--without", action="append", default=[], metavar="SOURCE=WEIGHTS")
    ap.add_argument("--fast", action="store_true", help="read with the small network")
    a = ap.parse_args()
    reader = json.loads(a.reader.read_text(encoding="utf-8"))
    figures = json.loads(a.figures.read_text(encoding="utf-8")) if a.figures.exists() else {}

    def measured(pairs: Sequence[str], option: str) -> list[list[Case]]:
        out = []
        for part in pairs:
            name, weights = part.split("=", 1)
            left = {"part": None, "without": None} | {option: name}
            rows = [r for r in index(a.gold) if is_held_out(r["source"], r["group"], **left)]
            out.append(read_cases(pipeline(Path(weights), reader, a.fast), a.gold, rows))
        return out

    if a.part:
        whole = [case for part in measured(a.part, "part") for case in part]
        figures["cross_validation"] = shown(f"{len(a.part)} parts", whole)
        figures["reliability"] = {}
        for kind in ("roles", "affiliations", "focus_areas"):
            values = np.array([x for case in whole for x in sureness(case).get(kind, ())], dtype=float)
            found = figures["reliability"][kind] = reliability(values[:, 0], values[:, 1])
            print(f"{kind}: calibration error {found['expected_calibration_error']}")
    if a.without:
        figures["leave_one_community_out"] = shown(
            "communities left out", [case for part in measured(a.without, "without") for case in part]
        )
    a.figures.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def shown(title: str, cases: Sequence[Case]) -> list[dict[str, Any]]:
    evaluations = evaluate(cases)
    print(f"{title}: {len(cases)} statements")
    for figure in evaluations[0].figures:
        print(f"  {figure.name:24s}{figure.value:.4f}  p={figure.precision} r={figure.recall} n={figure.gold}")
    return [e.model_dump(mode="json", exclude_none=True) for e in evaluations]


if __name__ == "__main__":
    main()
