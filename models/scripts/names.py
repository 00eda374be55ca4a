"""Teach the encoder of the domain layers what names are, before it sees a statement.

usage: names.py NER-TRAIN.spacy OUT.pt [--words N] [--epochs N] [--seed N]

Employers and people are rare among annotated statements, and the domain layers are to know them in communities
that none of the statements is from. OUT.pt is what `domain.py --start` goes on from; the tag layer of this step
is left behind.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from pathlib import Path

import spacy
import torch
from spacy.tokens import Doc, DocBin
from torch import nn
from torch.nn import functional

from analyzer.pipeline.network import KINDS, Window, assemble, collate, trained, windows, word_pieces

LABELS = ("PERSON", "ORG", "LOC")
RATE, HEAD_RATE = 1.5e-4, 1.5e-3
BATCH_PIECES = 2400
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
        ids = [e.ids for e in pieces.encode_batch(words, add_special_tokens=False)]
        kinds = [KINDS.index("paragraph")] * len(words)
        tags = targets(doc)
        for w in windows(words, ids, kinds, *([0] * len(words) for _ in range(3))):
            pool.append((w, tags[w.start : w.start + len(w)]))
    print(f"{used} words in {len(pool)} windows", flush=True)

    net = assemble().train()
    head = nn.Linear(next(iter(net.tags.values())).in_features, 1 + 2 * len(LABELS))
    inside = [p for n, p in net.named_parameters() if n.startswith("encoder.") and p.requires_grad]
    above = [p for n, p in net.named_parameters() if not n.startswith("encoder.")]
    optimizer = torch.optim.AdamW(
        [{"params": inside, "lr": RATE}, {"params": [*above, *head.parameters()], "lr": HEAD_RATE}], weight_decay=0.01
    )
    total = sum(len(p) for w, _ in pool for p in w.pieces)
    steps = math.ceil(total / BATCH_PIECES * 1.1) * a.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1.0, (s + 1) / (0.08 * steps)) * max(0.02, 1 - s / steps)
    )
    for epoch in range(a.epochs):
        started, losses = time.time(), []
        rng.shuffle(pool)
        for batch in batches(pool):
            arrays = collate([w for w, _ in batch], *special)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                hidden = net.encoder(input_ids=arrays.ids, attention_mask=arrays.mask).last_hidden_state
            scores = head(net.above(hidden.float(), arrays))
            target = torch.full(scores.shape[:2], -100)
            for i, (_, tags) in enumerate(batch):
                target[i, : len(tags)] = torch.tensor(tags)
            loss = functional.cross_entropy(scores.transpose(1, 2), target, ignore_index=-100)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}, {time.time() - started:.0f} s", flush=True)
        torch.save({k: v for k, v in trained(net).items() if k.startswith(SHARED)}, a.out)


def batches(pool: list[tuple[Window, list[int]]], stretch: int = 200) -> list[list[tuple[Window, list[int]]]]:
    """Batches of like length out of stretches of a shuffled pool, each of at most `BATCH_PIECES` padded pieces."""
    out: list[list[tuple[Window, list[int]]]] = []
    for at in range(0, len(pool), stretch):
        batch: list[tuple[Window, list[int]]] = []
        for item in sorted(pool[at : at + stretch], key=lambda p: sum(map(len, p[0].pieces))):
            longest = sum(map(len, item[0].pieces))
            if batch and longest * (len(batch) + 1) > BATCH_PIECES:
                out.append(batch)
                batch = []
            batch.append(item)
        out.append(batch)
    return out


if __name__ == "__main__":
    main()
