"""Measure weights of the domain layers on annotated statements, through the whole way from file to record.

usage: evaluate.py DOMAIN.pt READER.json GOLD_DIR SCORER.py [--hold-out K/N | --without SOURCE]
                   [--per-source] [--errors N] [--json FILE]

GOLD_DIR holds ID.txt, ID.json and index.jsonl; SCORER.py offers ``score(pairs, errors)`` over
(id, text, exported statement, annotation). With `--hold-out`/`--without`, only what `domain.py` left out with the
same option is measured.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from pathlib import Path
from typing import Any

import spacy
import torch
from domain import held_out

from analyzer.elections import settle
from analyzer.extraction import extract
from analyzer.pipeline.reader import CandidacyReader
from analyzer.sources import read
from analyzer.statements import from_messages
from analyzer.statements.statement import Statement


def pipeline(weights: Path, reader: Path) -> spacy.Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("candidacy_blocks")
    component = nlp.add_pipe("candidacy_reader", config=json.loads(reader.read_text(encoding="utf-8")))
    assert isinstance(component, CandidacyReader)
    # As shipped: in half precision.
    component.install({k: v.half() for k, v in torch.load(weights, weights_only=True).items()})
    return nlp


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("weights", type=Path)
    ap.add_argument("reader", type=Path)
    ap.add_argument("gold", type=Path)
    ap.add_argument("scorer", type=Path)
    ap.add_argument("--hold-out")
    ap.add_argument("--without")
    ap.add_argument("--per-source", action="store_true")
    ap.add_argument("--errors", type=int, default=0)
    ap.add_argument("--json", type=Path)
    a = ap.parse_args()
    spec = importlib.util.spec_from_file_location("scorer", a.scorer)
    assert spec and spec.loader
    scorer: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)

    index = [json.loads(line) for line in (a.gold / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    ids = held_out(index, a.hold_out, a.without) if a.hold_out or a.without else {r["id"] for r in index}
    sources = {r["id"]: r["source"] for r in index}
    nlp = pipeline(a.weights, a.reader)
    files = sorted(a.gold / f"{id_}.txt" for id_ in ids)
    statements = [s for s in from_messages(read(files), keep_all=True) if isinstance(s, Statement)]
    pairs = []
    for record in settle(extract(statements, nlp)):
        id_ = Path(record.source.path).stem
        text = (a.gold / f"{id_}.txt").read_text(encoding="utf-8")
        gold = json.loads((a.gold / f"{id_}.json").read_text(encoding="utf-8"))
        pairs.append((id_, text, record.model_dump(mode="json"), gold))
    figures = {"all": scorer.score(pairs, a.errors)}
    if a.per_source:
        for source in sorted({sources[p[0]] for p in pairs}):
            figures[source] = scorer.score([p for p in pairs if sources[p[0]] == source])
    for name, out in figures.items():
        scorer.show(out, f"{name}: {len([p for p in pairs if name in ('all', sources[p[0]])])} statements")
    if a.json:
        a.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
