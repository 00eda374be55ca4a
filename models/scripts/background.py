"""What the vectors of all focus areas share, whatever they are about: taken away before they are compared.

usage: background.py WORKSPACE OUT.npz

WORKSPACE holds analysed statements. Written are the mean of the vectors of their focus phrases and of the sentences
around these, the directions in which they spread most, and the SHA-256 of the embedding model that they are of.

References
----------
Mu and Viswanath (2018), All-but-the-top: simple and effective postprocessing for word representations, ICLR.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from analyzer.embeddings import Embedder
from analyzer.store import Workspace
from analyzer.topics import phrases

#: Directions taken away, a hundredth of the vectors' components as the paper has it.
AXES = 3


def main(db: Path, out: Path) -> None:
    with Workspace.open(db) as workspace:
        items = phrases.mentions(workspace.records())
        embedder = Embedder(cache=workspace)
        workspace.set_model(embedder.model)
        vectors = embedder.encode([*(item.plain for item in items), *(item.around for item in items)])
    mean = vectors.mean(axis=0, dtype=np.float64)
    values, axes = np.linalg.eigh(np.cov(vectors, rowvar=False, dtype=np.float64))
    np.savez_compressed(
        out,
        mean=mean.astype("<f2"),
        axes=axes[:, : -AXES - 1 : -1].T.astype("<f2"),  # they come by rising spread
        sha256=np.array(embedder.sha256),
    )
    print(f"{out}: {len(items)} focus areas; {AXES} directions hold {values[-AXES:].sum() / values.sum():.1%}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
