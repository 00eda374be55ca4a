"""What reading a statement costs beside one pass of the sentence encoder over the same sentences.

usage: python benchmarks/extraction.py [SOURCE...] [--repeat N] [--rounds N]

The statements of SOURCE (by default the sample's) are taken N times; each round encodes all their sentences with
sentence-transformers (all-MiniLM-L6-v2, float32, its default batches), then runs the whole pipeline of extraction over
the texts, as float32 and as int8. Printed are the medians of the rounds, and their ratios to the encoder's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from sentence_transformers import SentenceTransformer

import analyzer
from analyzer.embeddings import default_model_path
from analyzer.pipeline import GENERAL
from analyzer.statements.statement import Statement

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="*", default=[SAMPLE])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()

    found = [s for s in analyzer.from_messages(analyzer.read(args.source)) if isinstance(s, Statement)]
    best = analyzer.load(exclude=list(GENERAL))
    fast = analyzer.load(exclude=list(GENERAL), fast=True)
    sentences = [s.text for doc in best.pipe(s.text for s in found) for s in doc.sents if s.text.strip()]
    sentences *= args.repeat
    statements = found * args.repeat
    encoder = SentenceTransformer(str(default_model_path()), device="cpu").float()
    times: dict[str, list[float]] = {"encode": [], "float32": [], "int8": []}
    for _ in range(args.rounds):
        times["encode"].append(seconds(lambda: encoder.encode(sentences)))
        times["float32"].append(seconds(lambda: list(analyzer.extract(statements, best))))
        times["int8"].append(seconds(lambda: list(analyzer.extract(statements, fast))))
    words = sum(len(s.text.split()) for s in statements)
    print(f"{len(statements)} statements, {words} words, {len(sentences)} sentences")
    whole = statistics.median(times["encode"])
    for name, taken in times.items():
        middle = statistics.median(taken)
        print(f"{name:8s} {middle:7.2f} s  {words / middle:8.0f} words/s  {middle / whole:5.2f} of the encoder's pass")


if __name__ == "__main__":
    main()
