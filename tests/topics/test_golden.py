"""What a voter is shown of invented platforms, word for word: to be read by whoever changes how they are compared.

Where a change is meant, delete the file in `golden` and run this once: it is written anew, to be read before it is
committed.
"""

import io
from pathlib import Path

import pytest
from platforms import model, statement
from rich.console import Console, RenderableType

from analyzer import display
from analyzer.directory import Directory
from analyzer.topics.comparison import compare_candidates, compare_elections
from analyzer.topics.platforms import diff

GOLDEN = Path(__file__).parent / "golden"

ADA = statement(
    "Ada Moor",
    "I work for Brightwell Systems and lead the storage team of Tarnfold. For three years I have been "
    "[reviewing changes to the replication code](experience).",
    "My first goal is [rolling upgrades without downtime](goal): nobody should have to plan a weekend for a minor "
    "release. I also want [handbooks that newcomers can follow](goal), and [a network checker](goal) before "
    "installation. [Term limits for the council](goal) would do us good.",
    "[Mentoring](interest) is what I enjoy most.",
    roles=[("lead", "storage team", "current")],
    employers=["Brightwell Systems"],
)
BEN = statement(
    "Ben Tarr",
    "As a maintainer of the translation team I have [translated the handbook into two languages](experience).",
    "I would like [upgrades without downtime](goal), and I want to [mentor newcomers](goal). The council should "
    "[publish its minutes](goal). A [scheduler that knows the network topology](goal) is overdue.",
    "Last year we started [handbooks in plain words](experience).",
    roles=[("maintainer", "translation team", "current")],
)
CLEO = statement(
    "Cleo Vance",
    "I want [a travel fund for speakers](goal) and [open minutes of the council](goal). "
    "[Documentation for newcomers](goal) comes next.",
    election="tarnfold/2026",
)
DOV = statement(
    "Dov Lindt",
    "I stand for [funds for travel](goal), [zero-downtime upgrades](goal) and [a security team](goal).",
    election="tarnfold/2026",
)
EARLIER = statement(
    "Eda Finn",
    "I want [rolling upgrades without downtime](goal), [better documentation for newcomers](goal) and "
    "[a travel fund](goal). We also need [charms for every service](goal) and [faster reviews](goal).",
    "My goal is to make Tarnfold a [reference for distributed storage](goal), to build and distribute images for it.",
    election="tarnfold/2025",
    submitted="2025-03-04T10:00:00Z",
)
LATER = statement(
    "Eda Finn",
    "We have finished the rolling upgrades without downtime. We renamed our charms, and wrote a script to help "
    "reviewers.",
    "I still want [documentation that newcomers understand](goal) and [quicker code reviews](goal). My goal is to "
    "make Tarnfold a [reference for distributed storage](goal), to build and distribute images for it.",
    "New on my list is [a security audit](goal). I have no time for the travel fund.",
    election="tarnfold/2026",
    submitted="2026-03-04T10:00:00Z",
)


def candidates() -> RenderableType:
    return display.comparisons([compare_candidates(["ada-moor", "ben-tarr"], [ADA, BEN], model())])


def elections() -> RenderableType:
    return display.comparisons([compare_elections("tarnfold/2025", "tarnfold/2026", [ADA, BEN, CLEO, DOV], model())])


def candidacies() -> RenderableType:
    records = [EARLIER, LATER]
    return display.diffs(diff("eda-finn", records, model(), Directory(records)))


@pytest.mark.parametrize("view", [candidates, elections, candidacies])
def test_a_voter_is_shown(view) -> None:  # type: ignore[no-untyped-def]
    target = io.StringIO()
    Console(file=target, highlight=False, width=100).print(view())
    shown = "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"
    path = GOLDEN / f"{view.__name__}.txt"
    if not path.exists():
        path.write_text(shown, "utf-8")
        pytest.fail(f"{path} is new: read it")
    assert shown == path.read_text("utf-8")
