"""Training of the domain layers: examples, loss, and one run.

usage: domain.py ANNOTATIONS.jsonl OUT.pt [--epochs N] [--hold-out K/N | --without SOURCE] [--seed N]
                 [--start WEIGHTS.pt] [--rate X] [--names NER-TRAIN.spacy]

`--hold-out 0/5` leaves out the first of five parts (grouped by `group`: the same person or a near copy is
never on both sides); `--without kata` leaves out a community. `evaluate.py` measures on what was left out.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spacy
import torch
from augmentation import add_employer, swap_names
from spacy.tokens import DocBin
from torch.nn import functional
from training import batches, encoded, length, optimizer_of, step

from analyzer.pipeline.blocks import sentences_of
from analyzer.pipeline.network import (
    LAYERS,
    RATED,
    RELATIONS,
    STATUSES,
    CandidacyNet,
    Window,
    assemble,
    collate,
    detections,
    runs,
    trained,
    word_pieces,
)
from analyzer.pipeline.reader import windows_of
from analyzer.records import Block

#: What is added to the score of "nothing" where spans are proposed that are then rated: more than are right.
PROPOSED = -1.0
#: Windows of a stretch of which batches of like length are made.
STRETCH = 64
#: Weight of a layer's loss: what is rare would drown beside the focus areas.
WEIGHTS = {"titles": 2.0, "organizations": 2.0, "affiliations": 3.0}


@dataclass(slots=True)
class Example:
    """A statement ready for the network: its windows, and the targets in word indices of the statement."""

    row: dict[str, Any]
    windows: list[Window]
    doc: Any
    tags: dict[str, torch.Tensor]
    roles: list[tuple[tuple[int, int], list[tuple[int, int]], str]]
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
        sentences = sentences_of(doc)
        cut = windows_of(doc, self.pieces)

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
        fixed = {a[:2] for a in affiliations} | {
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
                fixed.add(organization)
            named = role["organization"] and row["text"][slice(*role["organization"])].casefold()
            roles.append((title, named, role["status"]))
        for layer, mentions in row["ignore"].items():
            for a, b in mentions:
                # A title elsewhere is none: it is the clearest mention that counts.
                if layer != "titles":
                    mark(layer, span(a, b), None)
        # A title is linked to any mention of its organization.
        repeated = {
            bounds
            for key in ("organizations", "affiliations", "community")
            for m in row["ignore"][key]
            if (bounds := span(*m))
        }
        mentions = sorted(repeated | fixed, key=lambda m: (m not in fixed, m[0] - m[1], m))
        linkable: list[tuple[int, int]] = []
        for a, b in mentions:
            if (a, b) in fixed or not any(a < d and c < b for c, d in linkable):
                linkable.append((a, b))
        roles = [
            (title, [m for m in linkable if doc[m[0] : m[1]].text.casefold() == named] if named else [], status)
            for title, named, status in roles
        ]
        keys: dict[int, float] = {}
        for at, rank in row["key_sentences"]:
            bounds = span(at, at + 1)
            if bounds:
                keys[sentences[bounds[0]]] = (1.0, 0.9, 0.8)[min(rank, 2)]
        return Example(row, cut, doc, tags, roles, sorted(linkable), affiliations, keys)


def proposals(layer: str, scores: Any, tags: Sequence[int]) -> list[tuple[tuple[int, int, float], bool]]:
    """Spans that the network proposes, with its confidence, and whether each is right.

    A span is right if it shares at least half of its words with an annotated one. Those where another mention of an
    annotated thing stands are neither right nor wrong.
    """
    gold = []
    for a, tag in enumerate(tags):
        if tag > 0 and tag % 2 == 1:
            b = a + 1
            while b < len(tags) and tags[b] == tag + 1:
                b += 1
            gold.append((a, b))
    judged = []
    for a, b, _, confidence in detections(layer, scores, PROPOSED):
        if any(tag < 0 for tag in tags[a:b]):
            continue
        shared = max((min(b, d) - max(a, c)) / (max(b, d) - min(a, c)) for c, d in gold) if gold else 0.0
        judged.append(((a, b, confidence), shared >= 0.5))
    return judged


def loss_of(
    net: CandidacyNet, examples: Sequence[tuple[Example, Window]], special: tuple[int, int, int]
) -> torch.Tensor:
    batch = collate([w for _, w in examples], *special)
    words = encoded(net, batch)
    loss = words.new_zeros(())
    tag_scores = net.tag_scores(words)
    for name, logits in tag_scores.items():
        target = torch.full(logits.shape[:2], -100)
        for i, (example, window) in enumerate(examples):
            target[i, : len(window)] = example.tags[name][window.start : window.start + len(window)]
        if (target >= 0).any():
            entropy = functional.cross_entropy(logits.transpose(1, 2), target, ignore_index=-100)
            loss = loss + WEIGHTS.get(name, 1.0) * entropy
    pairs, relations, sentences, ratings = [], [], [], []
    scores = {name: logits.detach().log_softmax(-1).numpy() for name, logits in tag_scores.items()}
    for i, (example, window) in enumerate(examples):
        a, b = window.start, window.start + len(window)

        def local(bounds: tuple[int, int], a: int = a, b: int = b) -> tuple[int, int] | None:
            return (bounds[0] - a, bounds[1] - a) if a <= bounds[0] and bounds[1] <= b else None

        organizations = [o for x in example.organizations if (o := local(x))]
        # What looks like an organization stands to choice, too, as it will when nobody has annotated any.
        for c, d, _, _ in detections("organizations", scores["organizations"][i, : len(window)], PROPOSED):
            if not any(c < f and e < d for e, f in organizations):
                organizations.append((c, d))
        titles = sorted({t for r in example.roles if (t := local(r[0]))})
        if titles:
            linked = torch.zeros(len(titles), 1 + len(organizations), dtype=torch.bool)
            held = torch.zeros(len(titles), 1 + len(organizations), len(STATUSES))
            for title, named, status in example.roles:
                t = local(title)
                columns = [1 + organizations.index(o) for x in named if (o := local(x))] if named else [0]
                if t and columns:
                    linked[titles.index(t), columns] = True
                    held[titles.index(t), columns, STATUSES.index(status)] = 1
            links, statuses = net.pair_scores(words[i], titles, organizations, window)
            known = linked.any(-1)
            if known.any():
                chosen = links.masked_fill(~linked, -1e9).logsumexp(-1) - links.logsumexp(-1)
                pairs.append(
                    -chosen[known].mean() + functional.binary_cross_entropy_with_logits(statuses[linked], held[linked])
                )
        affiliations = [(o, x[2], x[3]) for x in example.affiliations if (o := local((x[0], x[1])))]
        if affiliations:
            vectors = net.spans(words[i], [o for o, _, _ in affiliations])
            kind = torch.tensor([RELATIONS.index(r) for _, r, _ in affiliations])
            past = torch.tensor([int(s == "past") for _, _, s in affiliations])
            relations.append(
                functional.cross_entropy(net.relation(vectors), kind)
                + functional.cross_entropy(net.affiliation_status(vectors), past)
            )
        for name in RATED:
            tags = example.tags[name][a:b].tolist()
            judged = proposals(name, scores[name][i, : len(window)], tags)
            if judged:
                right = torch.tensor([float(r) for _, r in judged])
                rated = net.ratings(words[i], [span for span, _ in judged], window, name)
                ratings.append(functional.binary_cross_entropy_with_logits(rated, right))
        starts = [window.sentences[x] for x, _ in runs(window.sentences)]
        target = torch.tensor([example.keys.get(s, 0.0) for s in starts])
        keys = net.sentence_scores(words[i], window, len(example.doc))
        sentences.append(functional.binary_cross_entropy_with_logits(keys, target, pos_weight=torch.tensor(3.0)))
    for parts, weight in ((pairs, 0.6), (relations, 0.2), (sentences, 0.3), (ratings, 0.3)):
        if parts:
            loss = loss + weight * torch.stack(parts).mean()
    return loss


def train(
    rows: Sequence[dict[str, Any]],
    out: Path,
    *,
    epochs: int,
    seed: int,
    start: Path | None = None,
    rate: float = 1.0,
    swap: float = 0.5,
    share: float = 0.6,
    averaged: int = 3,
    added: float = 0.25,
    known_organizations: Sequence[str] = (),
) -> None:
    """Train on annotated statements; the weights are written to `out` after every epoch.

    What is written is the mean of the weights at the ends of the last `averaged` epochs, which generalises better than
    the last ones alone (Izmailov et al., 2018, "Averaging weights leads to wider optima and better generalization").

    `start` names weights to go on from, `rate` multiplies the learning rates. An epoch draws `share` of the statements
    of the commonest community, so that its ways do not become everybody's. In `swap` of them the names are others, and
    `added` of them say in one sentence more for whom somebody works: one of the annotated or of the
    `known_organizations`, or an invented one.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    prepare = Preparer()
    net = assemble()
    if start:
        net.load_state_dict(torch.load(start, weights_only=True), strict=False)
    names = [r["text"][a:b] for r in rows for a, b, _ in r["spans"]["candidate"][:1]]
    organizations = [r["text"][s[0] : s[1]] for r in rows for s in r["spans"]["affiliations"]]
    employers = [*organizations, *known_organizations]
    plain = [prepare(r) for r in rows]
    commonest = Counter(r["source"] for r in rows).most_common(1)[0][0]
    pieces = sum(
        (share if e.row["source"] == commonest else 1) * length(w) for e in plain for w in e.windows
    )
    optimizer, schedule = optimizer_of(net, pieces, epochs, rate=rate)
    ends: list[dict[str, torch.Tensor]] = []
    for epoch in range(epochs):
        started = time.time()
        net.train()
        examples = []
        for row, example in zip(rows, plain, strict=True):
            if row["source"] == commonest and rng.random() >= share:
                continue
            other = swap_names(row, rng, names, organizations) if rng.random() < swap else row
            other = add_employer(other, rng, employers) if rng.random() < added else other
            examples.append(example if other is row else prepare(other))
        pool = [(e, w) for e in examples for w in e.windows]
        losses = [
            step(net, loss_of(net, batch, prepare.special), optimizer, schedule)
            for batch in batches(pool, lambda item: item[1], rng, STRETCH)
        ]
        ends = [*ends, {name: value.clone() for name, value in trained(net).items()}][-averaged:]
        torch.save({name: torch.stack([end[name] for end in ends]).mean(0) for name in ends[0]}, out)
        mean, seconds = sum(losses) / len(losses), time.time() - started
        print(f"epoch {epoch + 1}: loss {mean:.4f}, {len(losses)} steps, {seconds:.0f} s", flush=True)


def organizations_of(corpus: Path) -> list[str]:
    """Names of organizations in a corpus of names, each once."""
    docs = DocBin().from_disk(corpus).get_docs(spacy.blank("en").vocab)
    found = {e.text for doc in docs for e in doc.ents if e.label_ == "ORG" and e.text[:1].isupper() and len(e) < 5}
    return sorted(name for name in found if "\n" not in name)


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
    ap.add_argument("--added", type=float, default=0.25)
    ap.add_argument("--names", type=Path, help="corpus whose organizations are lent to statements")
    ap.add_argument("--share", type=float, default=0.6)
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
        share=a.share,
        added=a.added,
        known_organizations=organizations_of(a.names) if a.names else (),
        start=a.start,
        rate=a.rate,
    )


if __name__ == "__main__":
    main()
