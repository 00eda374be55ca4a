"""How sure shares and differences of few candidates are: intervals and tests, on plain numbers.

Whoever stood in an election is all there is to count; an interval says how far the share could be from that of
other people who might have stood. All intervals are for 95 %.

References
----------
Interval of a share: Wilson (1927), J. Am. Stat. Assoc. 22. Of a difference: Newcombe (1998), Stat. Med. 17, method
10; over strata: Yan and Su (2010), Stat. Biopharm. Res. 2. Trend of shares: Cochran (1954), Biometrics 10; Armitage
(1955), Biometrics 11; by permutation, at an exact level: Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9.
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
DRAWS = 9_999
# Permutations whose statistics are calculated at once.
BLOCK = 500
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
    times: Sequence[int], people: Sequence[Hashable], raised: Integers, *, seed: int = 0, draws: int = DRAWS
) -> list[tuple[float, float]]:
    """Return for each topic whether it rises (above 0) or falls (below), and how probable as strong a trend is by chance.

    The statistic is Cochran's and Armitage's: the summed times of those who raise the topic, less what is to be
    expected. The same people stand again and say much the same again, so theirs are not independent
    observations; all times at which somebody stood are therefore dealt out together, among those who stood as
    often. With nobody twice this is the exact test of the trend.

    Parameters
    ----------
    times : of each candidacy, the number of its election.
    people : of each candidacy, who stood; nobody twice at one time.
    raised : shape (candidacies, topics), 1 where a topic is raised and 0 elsewhere.
    seed : of the permutations.

    Returns
    -------
    For each topic the statistic, and a two-sided probability, at least ``1 / (draws + 1)``.
    """
    import numpy as np

    own: dict[Hashable, list[int]] = {}
    for place in sorted(range(len(times)), key=lambda place: times[place]):
        own.setdefault(people[place], []).append(place)
    strata: dict[int, list[list[int]]] = {}
    for places in own.values():
        strata.setdefault(len(places), []).append(places)
    random = np.random.default_rng(seed)
    when = np.asarray(times, dtype=float)
    observed = np.zeros(raised.shape[1])
    drawn = np.zeros((draws, raised.shape[1]))
    for _, members in sorted(strata.items()):
        chosen = np.array(members)
        time = when[chosen] - when[chosen].mean(axis=0)
        said = raised[chosen].reshape(-1, raised.shape[1]).astype(float)
        observed += time.ravel() @ said
        for start in range(0, draws, BLOCK):
            some = drawn[start : start + BLOCK]
            order = random.random((len(some), len(members))).argsort(axis=1)
            some += time[order].reshape(len(some), -1) @ said
    beyond = (np.abs(drawn) >= np.abs(observed) - CLOSE).sum(axis=0)
    return [
        (float(value), float((count + 1) / (draws + 1))) for value, count in zip(observed, beyond, strict=True)
    ]


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
