"""How often the test of trends finds one where there is none, on the candidacies of a workspace.

usage: python benchmarks/trends.py [WORKSPACE] [--topics N] [--seed N]

Topics are dealt out at random over the people who really stood, each raised by a share of them, more often by those who
really raised more subjects; whoever is inclined to a topic says it again with the correlation given. No topic has a
trend. Printed is, for each community with people
who stood in several elections, the part of the topics whose probability is at most 0.05, 0.01 and 0.001: by the test of
Cochran and Armitage, which takes every candidacy for another person's, and by `analyzer.topics.inference.trends`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import norm

from analyzer.chronology import in_time
from analyzer.directory import Directory
from analyzer.store import Workspace
from analyzer.topics import inference
from analyzer.topics.trends import FEWEST

SHARES = (0.01, 0.03, 0.1, 0.3)
CORRELATIONS = (0.0, 0.7)
LEVELS = (0.05, 0.01, 0.001)
DRAWS = 9_999
# Fewer topics that could be tested say nothing.
LEAST = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", nargs="?", type=Path, default=Path("candidacy.duckdb"))
    parser.add_argument("--topics", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    random = np.random.default_rng(arguments.seed)
    with Workspace.open(arguments.workspace, read_only=True) as workspace:
        directory = Directory(workspace.records())
    for community in sorted({election.id.partition("/")[0] for election in directory.elections}):
        placed, _ = in_time([one for one in directory.elections if one.id.partition("/")[0] == community])
        people_of = [directory.by_person(directory.in_scope(one.id)) for one in placed]
        stood = [
            (time, id_, max(1, sum(len(record.focus_areas) for record in records)))
            for time, own in enumerate(people_of)
            for id_, records in own.items()
        ]
        if not stood or len({id_ for _, id_, _ in stood}) == len(stood):
            continue
        times, people, breadths = zip(*stood, strict=True)
        for correlation in CORRELATIONS:
            for share in SHARES:
                measure(community, times, people, breadths, share, correlation, arguments.topics, random)


def measure(
    community: str,
    times: tuple[int, ...],
    people: tuple[str, ...],
    breadths: tuple[int, ...],
    share: float,
    correlation: float,
    topics: int,
    random: np.random.Generator,
) -> None:
    """Print the levels that both tests reach on topics without a trend."""
    names = sorted(set(people))
    place = [names.index(name) for name in people]
    if correlation:
        spread = (1 - correlation) / correlation
        inclined = random.beta(share * spread, (1 - share) * spread, (len(names), topics))
    else:
        inclined = np.full((len(names), topics), share)
    relative = np.array(breadths) / np.mean(breadths)
    raised = (random.random((len(people), topics)) < inclined[place] * relative[:, None]).astype(np.int64)
    heard = np.zeros((len(names), topics), dtype=np.int64)
    np.add.at(heard, place, raised)
    raised = raised[:, (heard > 0).sum(axis=0) >= FEWEST]
    if raised.shape[1] < LEAST:
        return
    centred = np.array(times) - np.mean(times)
    mean = raised.mean(axis=0)
    plain = 2 * norm.sf(np.abs(centred @ raised) / np.sqrt(mean * (1 - mean) * (centred @ centred)))
    ours = np.array([chance for _, chance in inference.trends(times, people, raised, breadths, draws=DRAWS)])
    figures = (f"{(chances <= level).mean():6.3f}" for chances in (plain, ours) for level in LEVELS)
    print(
        f"{community:16} {len(people):5} candidacies, {raised.shape[1]:5} topics of {share:4.0%}, "
        f"correlation {correlation:.1f}: " + " ".join(figures),
        flush=True,
    )


if __name__ == "__main__":
    main()
