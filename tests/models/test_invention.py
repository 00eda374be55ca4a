"""Invented mail: every class, whole sentences, and parts that share none."""

import random
import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "models" / "scripts"))

import invention

from analyzer.sources.message import Message
from analyzer.statements.cleaning import clean
from analyzer.statements.decision import LABELS, decide, hopeless

KINDS = invention.kinds()


def test_every_class_has_sentences() -> None:
    assert {kind.label for kind in KINDS} == set(LABELS)
    assert all(kind.sections["opening"] and kind.sections["middle"] for kind in KINDS)


def test_every_slot_is_filled() -> None:
    chance = random.Random(0)
    for kind in KINDS:
        for _ in range(40):
            made = invention.write(kind, chance, range(invention.PARTS))
            assert made is not None
            # Blank forms keep their places to fill in.
            assert not re.search(r"\{\w+\}", made[1]) and " / " not in made[1], made[1]


def test_parts_share_no_sentence() -> None:
    for kind in KINDS:
        seen = [line for part in range(invention.PARTS) for line in kind.choose("opening", [part])]
        assert len(seen) == len(set(seen)) == len(kind.choose("opening", range(invention.PARTS)))


def test_the_same_seed_writes_the_same() -> None:
    one, other = (invention.write(KINDS[0], random.Random(7), range(invention.PARTS)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("seed", range(3))
def test_candidacies_are_found_in_an_invented_month(seed: int) -> None:
    """A small month: no proof of how good the weights are, but that they do what they have learned."""
    chance = random.Random(f"month {seed}")
    found = lost = false = 0
    for kind in KINDS:
        if kind.label == "document":
            continue
        for number in range(12):
            subject, body, _ = invention.write(kind, chance, range(invention.PARTS)) or (None, "", "")
            answers = kind.label == "reply" or subject is None
            message = Message(
                path="a.mbox", format="mbox", index=number, sha256="", body=body,
                subject=subject or "Re: [orrery-dev] council nominations are open",
                in_reply_to="<1@example.org>" if answers else None,
            )  # fmt: skip
            decision = hopeless(message) or decide(message, clean(body))
            stands, said = kind.label == "candidacy", decision.label == "candidacy"
            found, lost, false = found + (stands and said), lost + (stands and not said), false + (said and not stands)
    assert found >= 0.95 * (found + lost)
    assert false <= 0.05 * found
