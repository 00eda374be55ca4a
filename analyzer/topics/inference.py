"""How sure shares and differences of few candidates are: intervals and tests, on plain numbers.

Whoever stood in an election is all there is to count; an interval says how far the share could be from that of
other people who might have stood. All intervals are for 95 %.

References
----------
Interval of a share: Wilson (1927), J. Am. Stat. Assoc. 22. Of a difference: Newcombe (1998), Stat. Med. 17, method
10; over strata: Yan and Su (2010), Stat. Biopharm. Res. 2. Trend of shares: Cochran (1954), Biometrics 10; Armitage
(1955), Biometrics 11; with standard errors by clusters: Boos (1992), Am. Stat. 46; by permutation of such a
studentized statistic: Chung and Romano (2013), Ann. Stat. 41; its level: Phipson and Smyth (2010), Stat. Appl. Genet.
Mol. Biol. 9.
Strata of fourfold tables: Mantel and Haenszel (1959), J. Natl. Cancer Inst. 22; the exact test: Mehta, Patel and Gray
(1985), J. Am. Stat. Assoc. 80. Many tests: Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Z = NormalDist().inv_cdf(0.975)
DRAWS = 19_999
# Permutations whose statistics are calculated at once.
BLOCK = 1_000
# Topics of sizes less than this apart are drawn together.
RATIO = 1.5
# Nobody is surer to raise a topic.
SUREST = 0.95
# Sums that differ by less are the same, but for the last bits.
CLOSE = 1e-9


class Interval(NamedTuple):
    """A share or difference, and the interval around it."""

    value: float
    low: float
    high: float


class Table(NamedTuple):
    """A fourfold table: how many of two groups have something."""

    one: int
    of_one: int
    other: int
    of_other: int


def wilson(share: float, of: float) -> Interval:
    """Return the score interval of a share of `of` people, which may be fractional; of nobody, 0 to 1.

    Examples
    --------
    >>> [round(value, 3) for value in wilson(0.0, 20)]
    [0.0, 0.0, 0.161]
    """
    if not of:
        return Interval(0.0, 0.0, 1.0)
    middle = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    width = Z / (1 + Z * Z / of) * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    # Rounding must not leave the share outside.
    return Interval(share, max(0.0, min(middle - width, share)), min(1.0, max(middle + width, share)))


def difference(one: Interval, other: Interval) -> Interval:
    """Return a share less another with Newcombe's interval, made of the intervals of both."""
    value = one.value - other.value
    low = value - sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    high = value + sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Interval(value, low, high)


def trends(
    times: Sequence[int],
    people: Sequence[Hashable],
    raised: Integers,
    breadths: Sequence[float] | None = None,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> list[tuple[float, float]]:
    """Return for each topic its trend, above 0 if it rises, and how probable as strong a trend is by chance.

    The trend is the score of Cochran's and Armitage's test: the summed times of those who raise the topic, less what
    is to be expected. Its probability is that among random permutations of the candidacies. Two things are allowed for.
    Where statements grow shorter, every topic is raised by fewer: a candidacy is expected to raise the topic in
    proportion to its breadth, and is drawn so. And who stands again says much the same again, so the same is asked
    of the score in standard errors that take all candidacies of a person as one; the larger of the two
    probabilities counts. Where all are equally broad and nobody stands twice the first is the exact test.

    Of topics without a trend, dealt out over the candidacies of 23 OpenStack elections, 1 to 7 % have a probability
    up to 0.05, whether 1 or 30 % raise them and whether people repeat themselves or not; by the test that allows for
    neither, 10 to 100 % (``benchmarks/trends.py``).

    Parameters
    ----------
    times : of each candidacy, the number of its election.
    people : of each candidacy, who stood.
    raised : shape (candidacies, topics), 1 where a topic is raised and 0 elsewhere.
    breadths : of each candidacy, how many topics it raises; by default all are equal.
    seed : of the permutations.

    Returns
    -------
    For each topic the score, and a two-sided probability (the smaller tail twice), at least ``2 / (draws + 1)``.
    """
    import numpy as np

    count = len(times)
    breadth = np.ones(count) if breadths is None else np.asarray(breadths, dtype=float)
    sizes = raised.sum(axis=0)
    scores = _Scores(times, people, breadth)
    chosen = [np.flatnonzero(column) for column in raised.T]
    observed = [scores.of(places[None, :], {len(places)})[len(places)] for places in chosen]
    alike = _alike({int(size) for size in sizes})
    random = np.random.default_rng(seed)
    tails = np.zeros((len(chosen), 2, 2), dtype=np.int64)
    for start in range(0, draws, BLOCK):
        waiting = random.exponential(size=(min(BLOCK, draws - start), count))
        for group in alike:
            most = max(group)
            # Whoever is first is drawn: the broad more often, with about the probability that is expected of them.
            likely = np.minimum((min(group) + most) / 2 * breadth / breadth.sum(), SUREST)
            keys = waiting / -np.log1p(-likely)
            order = np.argpartition(keys, most - 1, axis=1)[:, :most] if most < count else np.argsort(keys, axis=1)
            order = np.take_along_axis(order, np.take_along_axis(keys, order, axis=1).argsort(axis=1), axis=1)
            drawn = scores.of(order, group)
            for topic in np.flatnonzero(np.isin(sizes, list(group))):
                found, own = drawn[int(sizes[topic])], observed[topic]
                tails[topic, 0] += (found >= own - CLOSE).sum(axis=1)
                tails[topic, 1] += (found <= own + CLOSE).sum(axis=1)
    tails[sizes == 0] = draws
    smaller = (tails.min(axis=1, initial=draws) + 1) / (draws + 1)
    chances = np.minimum(1.0, 2 * smaller.max(axis=1, initial=0.0))
    return [(float(own[0, 0]), float(chance)) for own, chance in zip(observed, chances, strict=True)]


def _alike(sizes: set[int]) -> list[set[int]]:
    """Return sizes above 0 in groups, those within one less than `RATIO` apart."""
    groups: list[set[int]] = []
    for size in sorted(sizes - {0}):
        if groups and size < RATIO * min(groups[-1]):
            groups[-1].add(size)
        else:
            groups.append({size})
    return groups


class _Scores:
    """The trend of some candidacies among all."""

    def __init__(self, times: Sequence[int], people: Sequence[Hashable], breadth: Floats) -> None:
        import numpy as np

        numbers = {one: number for number, one in enumerate(dict.fromkeys(people))}
        self.person = np.array([numbers[one] for one in people])
        self.time = np.asarray(times, dtype=float)
        self.time -= np.average(self.time, weights=breadth)
        # Of each person, what is to be expected of somebody who raises one topic among all.
        self.expected = np.bincount(self.person, weights=self.time * breadth / breadth.sum())

    def of(self, order: Integers, sizes: set[int]) -> dict[int, Floats]:
        """Return the scores of the first so many candidacies, for each size: outright, and in standard errors.

        Parameters
        ----------
        order : shape (draws, at least the largest size), places of candidacies, none twice in a row.

        Returns
        -------
        Under each size, shape (2, draws).
        """
        import numpy as np

        draws = len(order)
        rows = np.arange(draws)
        held = np.zeros((draws, len(self.expected)))  # of each person, the summed times of those among the first
        total, squares, joint = np.zeros(draws), np.zeros(draws), np.zeros(draws)
        whole = float(self.expected @ self.expected)
        found = {0: np.zeros((2, draws))}
        for size in range(1, max(sizes, default=0) + 1):
            time, person = self.time[order[:, size - 1]], self.person[order[:, size - 1]]
            before = held[rows, person]
            held[rows, person] = before + time
            total += time
            squares += time * (2 * before + time)
            joint += time * self.expected[person]
            if size in sizes:
                # The summed squares of each person's times here less what is to be expected of them.
                spread = squares - 2 * size * joint + size * size * whole
                scaled = np.zeros(draws)
                np.divide(total, np.sqrt(np.maximum(spread, CLOSE)), out=scaled, where=spread > CLOSE)
                found[size] = np.stack([total, scaled])
        return found


def adjusted_difference(tables: Sequence[Table]) -> Interval:
    """Return the difference of two shares within strata, each weighted as Mantel and Haenszel do.

    Strata that lack one of the groups say nothing. The interval is Newcombe's, with as many people in each group as
    the weights leave effective; with one stratum it is Newcombe's own.
    """
    full = [table for table in tables if table.of_one and table.of_other]
    weights = [t.of_one * t.of_other / (t.of_one + t.of_other) for t in full]
    whole = sum(weights)
    if not whole:
        return Interval(0.0, -1.0, 1.0)
    shares = (
        [(table.one / table.of_one, table.of_one) for table in full],
        [(table.other / table.of_other, table.of_other) for table in full],
    )
    pooled = []
    for group in shares:
        share = sum(weight * share for weight, (share, _) in zip(weights, group, strict=True)) / whole
        spread = sum(weight * weight / of for weight, (_, of) in zip(weights, group, strict=True))
        pooled.append(wilson(min(share, 1.0), whole * whole / spread))
    return difference(pooled[0], pooled[1])


def exact(tables: Sequence[Table]) -> float:
    """Return the two-sided probability of fourfold tables without a common difference of the two groups.

    The margins of each stratum are kept. Cases are as extreme as the observed one if they are not more probable, so
    with one stratum this is Fisher's exact test.
    """
    import numpy as np
    from scipy.stats import hypergeom

    chances = np.ones(1)
    observed = 0
    for table in tables:
        whole, having = table.of_one + table.of_other, table.one + table.other
        least = max(0, having - table.of_other)
        cases = np.arange(least, min(having, table.of_one) + 1)
        chances = np.convolve(chances, hypergeom.pmf(cases, whole, having, table.of_one))
        observed += table.one - least
    # Equally probable cases differ in their last bits.
    return float(min(1.0, chances[chances <= chances[observed] * (1 + 1e-7)].sum()))


def corrected(chances: Sequence[float]) -> list[float]:
    """Return the probabilities of many tests as q-values (Benjamini and Hochberg), in their order.

    Of the findings with a q-value up to 0.05, about 5 % are chance.
    """
    if not chances:
        return []
    from scipy.stats import false_discovery_control

    return [float(value) for value in false_discovery_control(chances)]
