"""Write the figures of figures.json into the model card, between its markers.

usage: card.py FIGURES.json README.md
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: Fewer statements say nothing of a community.
LEAST = 5


def table(evaluations: list[dict[str, Any]]) -> Iterator[str]:
    """Lines of a table: a row for each figure, a column for all statements and for each community of some size."""
    whole, *communities = evaluations
    shown = sorted((c for c in communities if c["statements"] >= LEAST), key=lambda c: -c["statements"])
    heads = [f"all ({whole['statements']})", *(f"{c['community']} ({c['statements']})" for c in shown)]
    yield "| figure | " + " | ".join(heads) + " |"
    yield "|---" * (1 + len(heads)) + "|"
    for i, figure in enumerate(whole["figures"]):
        cells = [e["figures"][i] for e in (whole, *shown)]
        values = [f"{c['value']:.2f}" if c["gold"] else "–" for c in cells]
        yield f"| {figure['name']} | " + " | ".join(values) + " |"


def calibration(kinds: dict[str, Any]) -> Iterator[str]:
    """Lines of a table: for each kind of thing, the share that is right by confidence."""
    edges = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    yield "| confidence from | " + " | ".join(map(str, edges)) + " | calibration error |"
    yield "|---" * (len(edges) + 2) + "|"
    for kind, found in kinds.items():
        right = {row["from"]: row for row in found["bins"]}
        cells = [f"{right[e]['right']:.2f} of {right[e]['count']}" if e in right else "–" for e in edges]
        yield f"| {kind} | " + " | ".join(cells) + f" | {found['expected_calibration_error']:.3f} |"


def main() -> None:
    figures, card = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2])
    text = card.read_text(encoding="utf-8")
    for key, lines in (
        ("cross_validation", table),
        ("leave_one_community_out", table),
        ("reliability", calibration),
    ):
        if key in figures:
            block = f"<!-- {key} -->\n" + "\n".join(lines(figures[key])) + f"\n<!-- end {key} -->"
            text = re.sub(f"<!-- {key} -->.*?<!-- end {key} -->", lambda _, b=block: b, text, flags=re.DOTALL)
    card.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
