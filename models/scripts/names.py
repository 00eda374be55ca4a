"""Teach the encoder of the domain layers what names are, before it sees a statement.

usage: names.py NER-TRAIN.spacy OUT.pt [--words N] [--epochs N] [--seed N]

Employers and people are rare among annotated statements, and the domain layers are to know them in communities
that none of the statements is from. OUT.pt is what `domain.py --start` goes on from; the tag layer of this step
is left behind.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import spacy
import torch
from spacy.tokens import Doc, DocBin
from torch import nn
from torch.nn import functional
from training import DEVICE, batches, encoded, length, optimizer_of, step

from analyzer.pipeline.network import KINDS, Window, assemble, collate, trained, windows, word_pieces

LABELS = ("PERSON", "ORG", "LOC")
#: Windows of a stretch of which batches of like length are made: these are short.
STRETCH = 200
#: What the layers of the network stand on.
SHARED = ("encoder.", "lstm.", "shape_embedding.", "kind_embedding.")


def targets(doc: Doc) -> list[int]:
    """BIO tags of a document's names: O, then B and I of each label."""
    tags = [0] * len(doc)
    for entity in doc.ents:
        k = LABELS.index(entity.label_)
        tags[entity.start : entity.end] = [1 + 2 * k] + [2 + 2 * k] * (len(entity) - 1)
    return tags


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("corpus", type=Path)
    ap.add_argument("out", type=Path)
    ap.add_argument("--words", type=int, default=150_000, help="of the corpus; its posts come last")
    ap.add_argument("--epochs", type=int, default=2)
    ap.add_argument("--seed", type=int, default=13)
    a = ap.parse_args()
    torch.manual_seed(a.seed)
    rng = random.Random(a.seed)
    pieces, special = word_pieces()
    pool: list[tuple[Window, list[int]]] = []
    used = 0
    for doc in DocBin().from_disk(a.corpus).get_docs(spacy.blank("en").vocab):
        if used > a.words:
            break
        used += len(doc)
        words = [t.text for t in doc]
        kinds = [KINDS.index("paragraph")] * len(words)
        tags = targets(doc)
        for w in windows(words, pieces(words), kinds, *([0] * len(words) for _ in range(3))):
            pool.append((w, tags[w.start : w.start + len(w)]))
    print(f"{used} words in {len(pool)} windows", flush=True)

    net = assemble().train().to(DEVICE)
    head = nn.Linear(next(iter(net.tags.values())).in_features, 1 + 2 * len(LABELS)).to(DEVICE)
    optimizer, schedule = optimizer_of(net, sum(length(w) for w, _ in pool), a.epochs, more=head.parameters())
    for epoch in range(a.epochs):
        started, losses = time.time(), []
        for batch in batches(pool, lambda item: item[0], rng, STRETCH):
            arrays = collate([w for w, _ in batch], *special)
            scores = head(encoded(net, arrays))
            target = torch.full(scores.shape[:2], -100)
            for i, (_, tags) in enumerate(batch):
                target[i, : len(tags)] = torch.tensor(tags)
            loss = functional.cross_entropy(scores.transpose(1, 2), target.to(DEVICE), ignore_index=-100)
            losses.append(step(net, loss, optimizer, schedule))
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}, {time.time() - started:.0f} s", flush=True)
        torch.save({k: v.cpu() for k, v in trained(net).items() if k.startswith(SHARED)}, a.out)


if __name__ == "__main__":
    main()
