"""What the steps of training share: examples, what is left out, rates, batches, and a pass of the encoder."""

from __future__ import annotations

import lzma
import math
import pickle
import random
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from marking import SOURCE as INVENTED
from torch import nn

from analyzer.pipeline.network import Batch, CandidacyNet, Window

ENCODER_RATE, HEAD_RATE = 1.5e-4, 1.5e-3
WARM_UP = 0.08
#: Padded word pieces of a batch.
BATCH_PIECES = 2400
#: Batches hold so much more padding than none, on average.
PADDING = 1.08

#: Parts of the cross-validation.
PARTS = 5
#: Tag of a word that is neither right nor wrong.
IGNORED = -1

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")

Item = TypeVar("Item")
Bounds = tuple[int, int]


@dataclass(slots=True)
class Example:
    """A statement ready for the network: its windows, and the targets in word indices of the statement.

    `tags` are those of each layer, `IGNORED` where a mention is neither right nor wrong; `roles` hold the title, the
    mentions of its organization and the status; `keys` how good a key sentence each sentence is.
    """

    id: str
    windows: list[Window]
    words: int
    tags: dict[str, np.ndarray[Any, Any]]
    roles: list[tuple[Bounds, list[Bounds], str]]
    organizations: list[Bounds]
    affiliations: list[tuple[int, int, str, str]]
    keys: dict[int, float]


@dataclass(slots=True)
class Versions:
    """A statement as it is, and as it could have been written, all of them examples."""

    id: str
    source: str
    group: str
    examples: list[Example]


def write_examples(path: Path, versions: Sequence[Versions]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wb", preset=1) as out:
        pickle.dump(list(versions), out)


def read_examples(path: Path) -> list[Versions]:
    """Read what `write_examples` wrote; only files of one's own, since what is read is run."""
    with lzma.open(path, "rb") as held:
        found: list[Versions] = pickle.load(held)
    return found


def part_of(group: str, parts: int) -> int:
    """The part of a cross-validation a group falls in; the same on every machine."""
    return zlib.crc32(group.encode()) % parts


def is_held_out(source: str, group: str, part: str | None, without: str | None) -> bool:
    """Whether a statement is of a part ("0/5", by group) or of a community that is left out; no invented one is."""
    if source == INVENTED:
        return False
    if part:
        k, n = map(int, part.split("/"))
        return part_of(group, n) == k
    return source == without


def length(window: Window) -> int:
    """Word pieces of a window."""
    return sum(map(len, window.pieces))


def optimizer_of(
    net: CandidacyNet, pieces: float, epochs: int, *, rate: float = 1.0, more: Iterable[nn.Parameter] = ()
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return AdamW (Loshchilov & Hutter, 2019) and its schedule: a warm-up, then linear decay.

    Parameters
    ----------
    pieces : word pieces of an epoch, from which the number of steps follows.
    rate : multiplies the rates of the encoder and of what stands on it.
    more : parameters beside those of the network.
    """
    inside = [p for n, p in net.named_parameters() if n.startswith("encoder.") and p.requires_grad]
    above = [*(p for n, p in net.named_parameters() if not n.startswith("encoder.")), *more]
    groups = [{"params": inside, "lr": rate * ENCODER_RATE}, {"params": above, "lr": rate * HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=DEVICE.type == "cuda")
    steps = math.ceil(pieces / BATCH_PIECES * PADDING) * epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1.0, (s + 1) / (WARM_UP * steps)) * max(0.02, 1 - s / steps)
    )
    return optimizer, schedule


def batches(
    pool: Sequence[Item], window: Callable[[Item], Window], rng: random.Random, stretch: int
) -> list[list[Item]]:
    """Return batches of like length in random order, each of at most `BATCH_PIECES` padded pieces.

    The pool is shuffled; sorting within stretches of it keeps batches random, yet with little padding.
    """
    shuffled = rng.sample(pool, len(pool))
    out: list[list[Item]] = []
    for at in range(0, len(shuffled), stretch):
        batch: list[Item] = []
        for item in sorted(shuffled[at : at + stretch], key=lambda item: length(window(item))):
            if batch and length(window(item)) * (len(batch) + 1) > BATCH_PIECES:
                out.append(batch)
                batch = []
            batch.append(item)
        out.append(batch)
    rng.shuffle(out)
    return out


def encoded(net: CandidacyNet, batch: Batch) -> torch.Tensor:
    """Word vectors of a batch, the encoder's part in bfloat16 where the device has instructions for that.

    Where a processor has none, PyTorch imitates them: a step of 1.6 s takes 37 s.
    """
    half = DEVICE.type == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    batch = batch.to(DEVICE)
    with torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=half):
        hidden = net.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
    return net.above(hidden.float(), batch)


def step(net: CandidacyNet, loss: torch.Tensor, optimizer: Any, schedule: Any) -> float:
    """Take one step down a loss; return it."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    return loss.item()
