"""Training of the domain layers: loss, and one run.

usage: domain.py EXAMPLES OUT.pt [--epochs N] [--hold-out K/N | --without SOURCE] [--seed N]
                 [--start WEIGHTS.pt] [--rate X] [--layers N]

EXAMPLES is what `examples.py` wrote. `--hold-out 0/5` leaves out the first of five parts (grouped by `group`: the same
person or a near copy is never on both sides); `--without kata` leaves out a community. `evaluate.py` measures on what
was left out. Where there is a GPU it is used.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from marking import SOURCE as INVENTED
from torch.nn import functional
from training import (
    DEVICE,
    IGNORED,
    Bounds,
    Example,
    Versions,
    batches,
    encoded,
    is_held_out,
    length,
    optimizer_of,
    read_examples,
    step,
)

from analyzer.pipeline.network import (
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

#: What is added to the score of "nothing" where spans are proposed that are then rated: more than are right.
PROPOSED = -1.0
#: Windows of a stretch of which batches of like length are made.
STRETCH = 64
#: Weight of a layer's loss: what is rare would drown beside the focus areas.
WEIGHTS = {"titles": 2.0, "organizations": 2.0, "affiliations": 3.0}


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
    height = words.shape[1]
    for name, logits in tag_scores.items():
        target = np.full((len(examples), height), IGNORED, dtype=np.int64)
        for i, (example, window) in enumerate(examples):
            target[i, : len(window)] = example.tags[name][window.start : window.start + len(window)]
        if (target >= 0).any():
            entropy = functional.cross_entropy(
                logits.transpose(1, 2), torch.from_numpy(target).to(DEVICE), ignore_index=IGNORED
            )
            loss = loss + WEIGHTS.get(name, 1.0) * entropy
    # All windows of the batch as one, in which no sentence or line is in two: what is asked of spans is asked once.
    flat = torch.cat([words[i, : len(window)] for i, (_, window) in enumerate(examples)])
    whose = [i for i, (_, window) in enumerate(examples) for _ in range(len(window))]
    joined = Window(
        0, (), (), (), *(distinct(getattr(w, name) for _, w in examples) for name in ("sentences", "lines")), ()
    )
    widths = [logits.shape[-1] for logits in tag_scores.values()]
    logs = torch.cat([logits.detach().log_softmax(-1) for logits in tag_scores.values()], -1).cpu().numpy()
    scores = dict(zip(tag_scores, np.split(logs, np.cumsum(widths)[:-1], axis=-1), strict=True))
    titles: list[Bounds] = []
    organizations: list[Bounds] = []
    roles: list[tuple[Bounds, list[Bounds], str, bool]] = []
    relations: list[tuple[Bounds, str, str]] = []
    judged: dict[str, list[tuple[tuple[int, int, float], bool]]] = {name: [] for name in RATED}
    keys: list[float] = []
    offset = 0
    for i, (example, window) in enumerate(examples):
        a, b = window.start, window.start + len(window)

        def local(bounds: Bounds, a: int = a, b: int = b, offset: int = offset) -> Bounds | None:
            inside = a <= bounds[0] and bounds[1] <= b
            return (bounds[0] - a + offset, bounds[1] - a + offset) if inside else None

        near = [o for x in example.organizations if (o := local(x))]
        # What looks like an organization stands to choice, too, as it will when nobody has annotated any.
        for c, d, _, _ in detections("organizations", scores["organizations"][i, : len(window)], PROPOSED):
            if not any(c + offset < f and e < d + offset for e, f in near):
                near.append((c + offset, d + offset))
        organizations += near
        for title, named, status in example.roles:
            if t := local(title):
                roles.append((t, [o for x in named if (o := local(x))], status, bool(named)))
        titles += sorted({t for r in example.roles if (t := local(r[0]))})
        for c, d, relation, status in example.affiliations:
            if o := local((c, d)):
                relations.append((o, relation, status))
        for name in RATED:
            proposed = proposals(name, scores[name][i, : len(window)], example.tags[name][a:b].tolist())
            judged[name] += [((c + offset, d + offset, confidence), right) for (c, d, confidence), right in proposed]
        keys += [example.keys.get(window.sentences[x], 0.0) for x, _ in runs(window.sentences)]
        offset += len(window)

    if titles:
        linked = torch.zeros(len(titles), 1 + len(organizations), dtype=torch.bool)
        held = torch.zeros(len(titles), 1 + len(organizations), len(STATUSES))
        for t, near, status, named in roles:
            columns = [1 + organizations.index(o) for o in near] if named else [0]
            linked[titles.index(t), columns] = True
            held[titles.index(t), columns, STATUSES.index(status)] = 1
        at = torch.tensor([whose[o] for o, _ in organizations])
        elsewhere = torch.tensor([whose[t] for t, _ in titles]).unsqueeze(1) != at.unsqueeze(0)
        elsewhere = torch.cat([torch.zeros(len(titles), 1, dtype=torch.bool), elsewhere], 1).to(DEVICE)
        known = linked.any(-1)
        if known.any():
            linked, held, known = linked.to(DEVICE), held.to(DEVICE), known.to(DEVICE)
            links, statuses = net.pair_scores(flat, titles, organizations, joined)
            links = links.masked_fill(elsewhere, -1e9)
            chosen = links.masked_fill(~linked, -1e9).logsumexp(-1) - links.logsumexp(-1)
            status_loss = functional.binary_cross_entropy_with_logits(statuses[linked], held[linked])
            loss = loss + 0.6 * (status_loss - chosen[known].mean())
    if relations:
        vectors = net.spans(flat, [span for span, _, _ in relations])
        kind = torch.tensor([RELATIONS.index(r) for _, r, _ in relations], device=DEVICE)
        past = torch.tensor([int(s == "past") for _, _, s in relations], device=DEVICE)
        loss = loss + 0.2 * functional.cross_entropy(net.relation(vectors), kind)
        loss = loss + 0.2 * functional.cross_entropy(net.affiliation_status(vectors), past)
    for name, proposed in judged.items():
        if proposed:
            right = torch.tensor([float(r) for _, r in proposed], device=DEVICE)
            rated = net.ratings(flat, [span for span, _ in proposed], joined, name)
            loss = loss + 0.1 * functional.binary_cross_entropy_with_logits(rated, right)
    key = torch.tensor(keys, device=DEVICE)
    found = net.sentence_scores(flat, [w for _, w in examples], [e.words for e, _ in examples])
    return loss + 0.3 * functional.binary_cross_entropy_with_logits(found, key, pos_weight=key.new_tensor(3.0))


def distinct(numbers: Iterable[Sequence[int]]) -> list[int]:
    """The numbers of several windows one after the other, those of each moved on so that none is in two."""
    out: list[int] = []
    for of_window in numbers:
        on = out[-1] + 1 - of_window[0] if out else 0
        out += [number + on for number in of_window]
    return out


def train(
    statements: Sequence[Versions],
    out: Path,
    *,
    epochs: int,
    seed: int,
    start: Path | None = None,
    rate: float = 1.0,
    share: float = 0.5,
    averaged: int = 3,
    plain: float = 0.3,
    layers: int | None = None,
) -> None:
    """Train on annotated statements; the weights are written to `out` after every epoch.

    What is written is the mean of the weights at the ends of the last `averaged` epochs, which generalises better than
    the last ones alone (Izmailov et al., 2018, "Averaging weights leads to wider optima and better generalization").

    `start` names weights to go on from, `rate` multiplies the learning rates. An epoch draws `share` of the statements
    of the commonest community, so that its ways do not become everybody's; `plain` of all are read as they are, the
    others in one of their other versions. The encoder has so many `layers` from below, or all.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    _, special = word_pieces()
    net = assemble(layers=layers)
    if start:
        net.load_state_dict(torch.load(start, weights_only=True), strict=False)
    net.to(DEVICE)
    commonest = Counter(v.source for v in statements if v.source != INVENTED).most_common(1)[0][0]
    pieces = sum(
        (share if v.source == commonest else 1) * length(w) for v in statements for w in v.examples[0].windows
    )
    optimizer, schedule = optimizer_of(net, pieces, epochs, rate=rate)
    ends: list[dict[str, torch.Tensor]] = []
    for epoch in range(epochs):
        started = time.time()
        net.train()
        pool: list[tuple[Example, Window]] = []
        for version in statements:
            if version.source == commonest and rng.random() >= share:
                continue
            example = version.examples[0] if rng.random() < plain else rng.choice(version.examples[1:])
            pool += [(example, window) for window in example.windows]
        losses = [
            step(net, loss_of(net, batch, special), optimizer, schedule)
            for batch in batches(pool, lambda item: item[1], rng, STRETCH)
        ]
        ends = [*ends, {name: value.cpu().clone() for name, value in trained(net).items()}][-averaged:]
        torch.save({name: torch.stack([end[name] for end in ends]).mean(0) for name in ends[0]}, out)
        mean, seconds = sum(losses) / len(losses), time.time() - started
        print(f"epoch {epoch + 1}: loss {mean:.4f}, {len(losses)} steps, {seconds:.0f} s", flush=True)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("examples", type=Path)
    ap.add_argument("out", type=Path)
    ap.add_argument("--epochs", type=int, default=12)
    ap.add_argument("--seed", type=int, default=13)
    ap.add_argument("--share", type=float, default=0.5, help="of the commonest community's statements an epoch draws")
    ap.add_argument("--start", type=Path)
    ap.add_argument("--rate", type=float, default=1.0)
    ap.add_argument("--layers", type=int, help="of the encoder, from below; all by default")
    ap.add_argument("--hold-out")
    ap.add_argument("--without")
    a = ap.parse_args()
    found = read_examples(a.examples)
    kept = [v for v in found if not is_held_out(v.source, v.group, a.hold_out, a.without)]
    print(f"training on {len(kept)} on {DEVICE}, left out {len(found) - len(kept)}", flush=True)
    train(kept, a.out, epochs=a.epochs, seed=a.seed, share=a.share, start=a.start, rate=a.rate, layers=a.layers)


if __name__ == "__main__":
    main()
