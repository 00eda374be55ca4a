"""What both trainings of the network share: rates, batches, and a pass of the encoder."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import torch
from torch import nn

from analyzer.pipeline.network import Batch, CandidacyNet, Window

ENCODER_RATE, HEAD_RATE = 1.5e-4, 1.5e-3
WARM_UP = 0.08
#: Padded word pieces of a batch.
BATCH_PIECES = 2400
#: Batches hold so much more padding than none, on average.
PADDING = 1.08

#: Whether matrices are multiplied in half the bits.
HALF = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()

Item = TypeVar("Item")


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
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
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
    """Word vectors of a batch, the encoder's part in bfloat16 where the processor has instructions for that.

    Where it has none, PyTorch imitates them: a step of 1.6 s takes 37 s.
    """
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
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
