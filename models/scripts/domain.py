"""Training of the domain layers: examples, augmentation, loss, and one run.

usage: domain.py ANNOTATIONS.jsonl OUT.pt [--epochs N] [--hold-out K/N | --without SOURCE] [--seed N]
                 [--start WEIGHTS.pt] [--rate X] [--stop N]

`--hold-out 0/5` leaves out the first of five parts (grouped by `group`: the same person or a near copy is
never on both sides); `--without kata` leaves out a community. `evaluate.py` measures on what was left out.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spacy
import torch
from torch.nn import functional

from analyzer.pipeline.blocks import kinds_of, lines_of
from analyzer.pipeline.network import (
    KINDS,
    LAYERS,
    RELATIONS,
    STATUSES,
    CandidacyNet,
    Window,
    assemble,
    collate,
    runs,
    trained,
    windows,
    word_pieces,
)
from analyzer.records import Block

SYLLABLES = [
    "ar",
    "bel",
    "cor",
    "dan",
    "el",
    "fen",
    "gal",
    "hor",
    "in",
    "jo",
    "kal",
    "lum",
    "mer",
    "nor",
    "ol",
    "pra",
    "quin",
    "ros",
    "sil",
    "tan",
    "ul",
    "ver",
    "wen",
    "xan",
    "yor",
    "zen",
]
SUFFIXES = ["", "", "", " Labs", " Inc", " Systems", " Cloud", " GmbH", " Technologies", " University", " Ltd"]


@dataclass(slots=True)
class Example:
    """A statement ready for the network: its windows, and the targets in word indices of the statement."""

    row: dict[str, Any]
    windows: list[Window]
    doc: Any
    tags: dict[str, torch.Tensor]
    roles: list[tuple[tuple[int, int], tuple[int, int] | None, str]]
    organizations: list[tuple[int, int]]
    affiliations: list[tuple[int, int, str, str]]
    keys: dict[int, float]


class Preparer:
    """Turns annotated statements into examples, as the pipeline will see them."""

    def __init__(self) -> None:
        self.nlp = spacy.blank("en")
        self.nlp.add_pipe("candidacy_blocks")
        self.pieces, self.special = word_pieces()

    def __call__(self, row: dict[str, Any]) -> Example:
        doc = self.nlp.make_doc(row["text"])
        doc._.blocks = tuple(Block(**b) for b in row["blocks"])
        for _, pipe in self.nlp.pipeline:
            doc = pipe(doc)
        words = [t.text for t in doc]
        kinds = [KINDS.index(k) for k in kinds_of(doc)]
        sentences = [i for i, s in enumerate(doc.sents) for _ in s]
        encoded = self.pieces.encode_batch(words, add_special_tokens=False) if words else []
        pieces = [e.ids for e in encoded]
        cut = windows(words, pieces, kinds, sentences, lines_of(doc))

        def span(a: int, b: int) -> tuple[int, int] | None:
            found = doc.char_span(a, b, alignment_mode="expand")
            return (found.start, found.end) if found is not None else None

        tags = {name: torch.zeros(len(doc), dtype=torch.long) for name in LAYERS}

        def mark(layer: str, bounds: tuple[int, int] | None, label: str | None) -> None:
            if bounds is None:
                return
            a, b = bounds
            if label is None:
                tags[layer][a:b][tags[layer][a:b] == 0] = -100
                return
            k = LAYERS[layer].index(label)
            tags[layer][a] = 1 + 2 * k
            tags[layer][a + 1 : b] = 2 + 2 * k

        spans, roles = row["spans"], []
        for layer in ("candidate", "office", "community", "focus_areas"):
            # Longer ones first, so that of two that overlap the shorter stays whole.
            for a, b, label in sorted(spans[layer], key=lambda s: s[0] - s[1]):
                mark(layer, span(a, b), label)
        affiliations = []
        for a, b, relation, status in spans["affiliations"]:
            mark("affiliations", span(a, b), "ORG")
            bounds = span(a, b)
            if bounds:
                affiliations.append((*bounds, relation, status))
        organizations = {a[:2] for a in affiliations} | {
            bounds for s in spans["community"] if (bounds := span(s[0], s[1]))
        }
        for role in row["roles"]:
            title = span(*role["title"])
            organization = span(*role["organization"]) if role["organization"] else None
            if title is None:
                continue
            mark("titles", title, "TITLE")
            if organization:
                mark("organizations", organization, "ORG")
                organizations.add(organization)
            roles.append((title, organization, role["status"]))
        for layer, mentions in row["ignore"].items():
            for a, b in mentions:
                mark(layer, span(a, b), None)
        keys: dict[int, float] = {}
        for at, rank in row["key_sentences"]:
            bounds = span(at, at + 1)
            if bounds:
                keys[sentences[bounds[0]]] = (1.0, 0.9, 0.8)[min(rank, 2)]
        return Example(row, cut, doc, tags, roles, sorted(organizations), affiliations, keys)


def invented_name(rng: random.Random, organization: bool) -> str:
    def word() -> str:
        return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize()

    if organization:
        return word() + rng.choice(SUFFIXES)
    return f"{word()} {word()}"


def swap_names(
    row: dict[str, Any], rng: random.Random, names: Sequence[str], organizations: Sequence[str]
) -> dict[str, Any]:
    """The same statement by another person of another company and community, so that no name is learned."""
    text = row["text"]
    changes: dict[tuple[int, int], str] = {}

    def propose(bounds: tuple[int, int], new: str) -> None:
        if not any(bounds[0] < b and a < bounds[1] for a, b in changes):
            changes[bounds] = new

    mapping: dict[str, str] = {}

    def other(old: str, organization: bool) -> str:
        if old not in mapping:
            pool = organizations if organization else names
            mapping[old] = rng.choice(pool) if pool and rng.random() < 0.5 else invented_name(rng, organization)
        return mapping[old]

    for a, b, _ in row["spans"]["candidate"]:
        new = other(text[a:b], False).split()
        propose((a, b), " ".join(new))
        for part, (c, d) in (
            (p, m) for p in text[a:b].split() for m in row["ignore"]["candidate"] if text[m[0] : m[1]] == p
        ):
            propose((c, d), new[0] if part == text[a:b].split()[0] else new[-1])
    for a, b, *_ in row["spans"]["affiliations"]:
        for c, d in [(a, b), *row["ignore"]["affiliations"]]:
            if text[c:d] == text[a:b]:
                propose((c, d), other(text[a:b], True))
    if rng.random() < 0.5:
        known = [(r["organization"][0], r["organization"][1]) for r in row["roles"] if r["organization"]]
        known += [(s[0], s[1]) for s in row["spans"]["community"]]
        for a, b in known:
            # Only proper names of one word: "Release Team" says what it is.
            if text[a:b][:1].isupper() and " " not in text[a:b] and not text[a:b].isupper():
                new = invented_name(rng, True).split()[0]
                mapping.setdefault(text[a:b], new)
                for c, d in [(a, b), *row["ignore"]["organizations"], *row["ignore"]["community"]]:
                    if text[c:d] == text[a:b]:
                        propose((c, d), mapping[text[a:b]])
    if not changes:
        return row
    edits = sorted((a, b, new) for (a, b), new in changes.items())
    out, at = [], 0
    for a, b, new in edits:
        out += [text[at:a], new]
        at = b
    out.append(text[at:])

    def moved(position: int, end: bool) -> int:
        shift = 0
        for a, b, new in edits:
            if position >= b and (end or position > b or a == b or position == b):
                shift += len(new) - (b - a)
            elif a < position < b:
                return a + shift + (len(new) if end else 0)
        return position + shift

    def move(a: int, b: int) -> list[int]:
        return [moved(a, False), moved(b, True)]

    return {
        **row,
        "text": "".join(out),
        "blocks": [{**k, "start": moved(k["start"], False), "end": moved(k["end"], True)} for k in row["blocks"]],
        "spans": {k: [[*move(s[0], s[1]), *s[2:]] for s in v] for k, v in row["spans"].items()},
        "ignore": {k: [move(*m) for m in v] for k, v in row["ignore"].items()},
        "roles": [
            {**r, "title": move(*r["title"]), "organization": move(*r["organization"]) if r["organization"] else None}
            for r in row["roles"]
        ],
        "key_sentences": [[moved(a, False), rank] for a, rank in row["key_sentences"]],
    }


def loss_of(
    net: CandidacyNet, examples: Sequence[tuple[Example, Window]], special: tuple[int, int, int], rng: random.Random
) -> torch.Tensor:
    batch = collate([w for _, w in examples], *special)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = net.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
    words = net.above(hidden.float(), batch)
    loss = words.new_zeros(())
    for name, logits in net.tag_scores(words).items():
        target = torch.full(logits.shape[:2], -100)
        for i, (example, window) in enumerate(examples):
            target[i, : len(window)] = example.tags[name][window.start : window.start + len(window)]
        if (target >= 0).any():
            loss = loss + functional.cross_entropy(logits.transpose(1, 2), target, ignore_index=-100)
    pairs, relations, sentences = [], [], []
    for i, (example, window) in enumerate(examples):
        a, b = window.start, window.start + len(window)

        def local(bounds: tuple[int, int], a: int = a, b: int = b) -> tuple[int, int] | None:
            return (bounds[0] - a, bounds[1] - a) if a <= bounds[0] and bounds[1] <= b else None

        organizations = [o for x in example.organizations if (o := local(x))]
        titles = sorted({t for r in example.roles if (t := local(r[0]))})
        if titles:
            target = torch.zeros(len(titles), 1 + len(organizations), len(STATUSES))
            for title, organization, status in example.roles:
                t, o = local(title), local(organization) if organization else None
                if t and (o or not organization):
                    target[titles.index(t), 1 + organizations.index(o) if o else 0, STATUSES.index(status)] = 1
            scores = net.pair_scores(words[i], titles, organizations, window)
            pairs.append(functional.binary_cross_entropy_with_logits(scores, target, reduction="sum") / len(titles))
        affiliations = [(o, x[2], x[3]) for x in example.affiliations if (o := local((x[0], x[1])))]
        if affiliations:
            vectors = net.spans(words[i], [o for o, _, _ in affiliations])
            kind = torch.tensor([RELATIONS.index(r) for _, r, _ in affiliations])
            past = torch.tensor([int(s == "past") for _, _, s in affiliations])
            relations.append(
                functional.cross_entropy(net.relation(vectors), kind)
                + functional.cross_entropy(net.affiliation_status(vectors), past)
            )
        starts = [window.sentences[x] for x, _ in runs(window.sentences)]
        target = torch.tensor([example.keys.get(s, 0.0) for s in starts])
        scores = net.sentence_scores(words[i], window, len(example.doc))
        sentences.append(functional.binary_cross_entropy_with_logits(scores, target, pos_weight=torch.tensor(3.0)))
    for parts, weight in ((pairs, 0.3), (relations, 0.2), (sentences, 0.3)):
        if parts:
            loss = loss + weight * torch.stack(parts).mean()
    return loss


def train(
    rows: Sequence[dict[str, Any]],
    out: Path,
    *,
    epochs: int,
    seed: int,
    stop: int = 0,
    start: Path | None = None,
    rate: float = 1.0,
    encoder_rate: float = 1.5e-4,
    head_rate: float = 1.5e-3,
    batch_pieces: int = 2400,
    swap: float = 0.5,
) -> CandidacyNet:
    """Train on annotated statements; the network is written to `out` after every epoch.

    `start` names weights to go on from, `rate` multiplies both learning rates, and `stop` ends after so many of the
    epochs that the rates are scheduled for.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    prepare = Preparer()
    net = assemble(torch.load(start, weights_only=True) if start else None)
    inside = [p for n, p in net.named_parameters() if n.startswith("encoder.") and p.requires_grad]
    heads = [p for n, p in net.named_parameters() if not n.startswith("encoder.")]
    groups = [
        {"params": inside, "lr": rate * encoder_rate, "weight_decay": 0.01},
        {"params": heads, "lr": rate * head_rate, "weight_decay": 0.01},
    ]
    optimizer = torch.optim.AdamW(groups)
    names = [r["text"][a:b] for r in rows for a, b, _ in r["spans"]["candidate"][:1]]
    organizations = [r["text"][s[0] : s[1]] for r in rows for s in r["spans"]["affiliations"]]
    plain = [prepare(r) for r in rows]
    pieces_total = sum(len(p) for e in plain for w in e.windows for p in w.pieces)
    steps = math.ceil(pieces_total / batch_pieces * 1.08) * epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1.0, (s + 1) / (0.08 * steps)) * max(0.02, 1 - s / steps)
    )
    for epoch in range(stop or epochs):
        started = time.time()
        net.train()
        examples = [
            prepare(swap_names(r, rng, names, organizations)) if rng.random() < swap else e
            for r, e in zip(rows, plain, strict=True)
        ]
        pool = [(e, w) for e in examples for w in e.windows]
        rng.shuffle(pool)
        # Sorting within stretches of the shuffled pool keeps batches of like length, yet random.
        size = 64
        stretches = [
            sorted(pool[i : i + size], key=lambda p: sum(map(len, p[1].pieces))) for i in range(0, len(pool), size)
        ]
        batches: list[list[tuple[Example, Window]]] = []
        for stretch in stretches:
            batch: list[tuple[Example, Window]] = []
            for item in stretch:
                longest = max(sum(map(len, w.pieces)) for _, w in [*batch, item])
                if batch and longest * (len(batch) + 1) > batch_pieces:
                    batches.append(batch)
                    batch = []
                batch.append(item)
            batches.append(batch)
        rng.shuffle(batches)
        total = 0.0
        for batch in batches:
            loss = loss_of(net, batch, prepare.special, rng)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        torch.save(trained(net), out)
        seconds = time.time() - started
        print(f"epoch {epoch + 1}: loss {total / len(batches):.4f}, {len(batches)} steps, {seconds:.0f} s", flush=True)
    return net


def part_of(group: str, parts: int) -> int:
    """The part of a cross-validation a group falls in; the same on every machine."""
    return zlib.crc32(group.encode()) % parts


def held_out(rows: Sequence[dict[str, Any]], part: str | None, source: str | None) -> set[str]:
    """Ids of the statements of a part ("0/5", by group) or of a community."""
    if part:
        k, n = map(int, part.split("/"))
        return {r["id"] for r in rows if part_of(r["group"], n) == k}
    return {r["id"] for r in rows if source and r["source"] == source}


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("annotations", type=Path)
    ap.add_argument("out", type=Path)
    ap.add_argument("--epochs", type=int, default=10)
    ap.add_argument("--seed", type=int, default=13)
    ap.add_argument("--swap", type=float, default=0.5)
    ap.add_argument("--stop", type=int, default=0)
    ap.add_argument("--start", type=Path)
    ap.add_argument("--rate", type=float, default=1.0)
    ap.add_argument("--hold-out")
    ap.add_argument("--without")
    a = ap.parse_args()
    rows = [json.loads(line) for line in a.annotations.read_text(encoding="utf-8").splitlines()]
    ids = held_out(rows, a.hold_out, a.without)
    print(f"training on {len(rows) - len(ids)}, left out {len(ids)}", flush=True)
    train(
        [r for r in rows if r["id"] not in ids],
        a.out,
        epochs=a.epochs,
        seed=a.seed,
        swap=a.swap,
        stop=a.stop,
        start=a.start,
        rate=a.rate,
    )


if __name__ == "__main__":
    main()
