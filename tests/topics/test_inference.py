"""Intervals and tests on plain numbers: known results of the literature, exact enumeration, and laws."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import comb, isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, fisher_exact, norm

from analyzer.topics.inference import (
    Table,
    adjusted_difference,
    corrected,
    difference,
    exact,
    trends,
    wilson,
)

# --- intervals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Newcombe (1998), Stat. Med. 17, 857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_of_shares_are_those_of_the_literature(count: int, of: int, low: float, high: float) -> None:
    found = wilson(count / of, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    # Newcombe (1998), Stat. Med. 17, 873-890, table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_intervals_of_differences_are_those_of_the_literature(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    table = Table(*one, *other)
    found = adjusted_difference([table])
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    whole = difference(wilson(one[0] / one[1], one[1]), wilson(other[0] / other[1], other[1]))
    assert found == pytest.approx(whole), "one stratum is no stratum"


SHARES = st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(SHARES)
@settings(deadline=None)
def test_an_interval_holds_its_share_within_0_and_1(counts: tuple[int, int]) -> None:
    count, of = counts
    found = wilson(count / of, of)
    assert 0 <= found.low <= found.value <= found.high <= 1 and found.low < found.high
    more = wilson(count / of, 2 * of)
    assert more.high - more.low < found.high - found.low, "more people are surer"


def test_of_nobody_nothing_is_known() -> None:
    assert wilson(0.0, 0) == (0.0, 0.0, 1.0)
    assert adjusted_difference([]) == adjusted_difference([Table(1, 2, 0, 0)]) == (0.0, -1.0, 1.0)


@given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=6))
@settings(deadline=None)
def test_a_difference_within_strata_lies_between_those_of_the_strata(
    strata: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    tables = [Table(*one, *other) for one, other in strata]
    gaps = [one[0] / one[1] - other[0] / other[1] for one, other in strata]
    found = adjusted_difference(tables)
    assert min(gaps) - 1e-9 <= found.value <= max(gaps) + 1e-9
    assert -1 - 1e-9 <= found.low <= found.value <= found.high <= 1 + 1e-9
    turned = adjusted_difference([Table(t.other, t.of_other, t.one, t.of_one) for t in tables])
    assert turned == pytest.approx((-found.value, -found.high, -found.low))


def test_strata_keep_a_difference_that_pooling_would_turn_round() -> None:
    # Simpson's paradox: in each contest winners say it less often.
    tables = [Table(18, 20, 5, 5), Table(0, 5, 4, 20)]
    assert adjusted_difference(tables).value < 0 < 18 / 25 - 9 / 25


# --- fourfold tables ----------------------------------------------------------------------------------


@given(SHARES, SHARES)
@settings(deadline=None)
def test_one_stratum_is_fishers_exact_test(one: tuple[int, int], other: tuple[int, int]) -> None:
    table = [[one[0], one[1] - one[0]], [other[0], other[1] - other[0]]]
    assert exact([Table(*one, *other)]) == pytest.approx(fisher_exact(table).pvalue, rel=1e-6)


def test_strata_are_enumerated() -> None:
    tables = [Table(2, 3, 1, 4), Table(1, 2, 0, 3)]
    # Every way to deal out, in each contest, who of all raises the topic.
    chances: dict[int, float] = {}
    for first in range(4):
        for second in range(2):
            ways = comb(3, first) * comb(4, 3 - first) / comb(7, 3) * comb(2, second) * comb(3, 1 - second) / comb(5, 1)
            chances[first + second] = chances.get(first + second, 0.0) + ways
    expected = sum(chance for chance in chances.values() if chance <= chances[3] + 1e-12)
    assert exact(tables) == pytest.approx(expected)


def test_large_strata_agree_with_mantel_and_haenszel() -> None:
    tables = [Table(34, 80, 50, 90), Table(16, 60, 35, 100), Table(46, 70, 60, 80)]
    gap, spread = 0.0, 0.0
    for one, of_one, other, of_other in tables:
        whole, having = of_one + of_other, one + other
        gap += one - of_one * having / whole
        spread += of_one * of_other * having * (whole - having) / (whole**2 * (whole - 1))
    # Their test without and with a correction for continuity.
    assert chi2.sf(gap**2 / spread, 1) < exact(tables) < chi2.sf((abs(gap) - 0.5) ** 2 / spread, 1)


def test_strata_in_which_all_agree_say_nothing() -> None:
    told = [Table(3, 4, 1, 6)]
    assert exact([*told, Table(5, 5, 5, 5), Table(0, 3, 0, 9)]) == pytest.approx(exact(told))
    assert exact([]) == exact([Table(0, 5, 0, 5)]) == 1.0


# --- trends -------------------------------------------------------------------------------------------


def column(values: list[int]) -> np.ndarray:
    return np.array([values]).T


def test_without_repetition_the_trend_is_that_of_all_permutations() -> None:
    times = [0, 0, 0, 1, 1, 2, 2, 2]
    raised = [0, 0, 0, 0, 1, 1, 0, 1]
    middle = sum(times) / len(times)
    sums = [abs(sum(times[place] - middle for place in places)) for places in combinations(range(8), 3)]
    own = abs(sum(time - middle for time, one in zip(times, raised, strict=True) if one))
    # Both probabilities are asked for, of the score and of the score in standard errors; the larger counts.
    errors = []
    for places in combinations(range(8), 3):
        parts = [(time - middle) * ((place in places) - 3 / 8) for place, time in enumerate(times)]
        errors.append(abs(sum(parts)) / sum(part * part for part in parts) ** 0.5)
    scaled = errors[list(combinations(range(8), 3)).index((4, 5, 7))]
    expected = max(
        sum(value >= own - 1e-9 for value in sums) / len(sums),
        sum(value >= scaled - 1e-9 for value in errors) / len(errors),
    )
    [(score, chance)] = trends(times, range(8), column(raised))
    assert score > 0
    assert chance == pytest.approx(expected, abs=0.01)


def test_many_candidacies_agree_with_cochran_and_armitage() -> None:
    random = np.random.default_rng(5)
    times = np.repeat(np.arange(6), 60)
    raised = (random.random(360) < 0.15 + 0.025 * times).astype(np.int64)
    share, centred = raised.mean(), times - times.mean()
    deviate = centred @ raised / np.sqrt(share * (1 - share) * (centred @ centred))
    [(score, chance)] = trends(times.tolist(), range(360), column(raised.tolist()))
    assert np.sign(score) == np.sign(deviate)
    assert 0.8 < chance / (2 * norm.sf(abs(deviate))) < 1.5


def test_one_person_who_keeps_saying_it_is_no_trend() -> None:
    # Fourteen elections of six people each; in the last seven one of them, always the same, raises the topic.
    times = [time for time in range(14) for _ in range(6)]
    strangers = list(range(84))
    again = [-1 if time >= 7 and place == 0 else time * 6 + place for time in range(14) for place in range(6)]
    raised = column([int(person == -1) for person in again])
    [(_, by_many)] = trends(times, strangers, raised)
    [(_, by_one)] = trends(times, again, raised)
    assert by_many < 0.05 < by_one


def test_the_level_holds_although_people_repeat_themselves() -> None:
    # A hundred people stand in four of twelve elections running, and say all their life what they said first.
    random = np.random.default_rng(11)
    times, people = [], []
    for person in range(100):
        first = int(random.integers(0, 9))
        times += range(first, first + 4)
        people += [person] * 4
    held = random.random((100, 300)) < 0.2
    raised = held[people].astype(np.int64)
    found = np.array([chance for _, chance in trends(times, people, raised, draws=499)])
    alone = np.array([chance for _, chance in trends(times, range(400), raised, draws=499)])
    assert (found <= 0.05).mean() < 0.08, "but for chance, 5 % at most"
    assert (alone <= 0.05).mean() > 0.2, "which a test without regard to people misses by far"


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.booleans()), min_size=1, max_size=20), st.randoms())
@settings(deadline=None, max_examples=50)
def test_a_trend_is_a_chance_and_turns_round_with_time(
    rows: list[tuple[int, int, bool]], shuffled: st.DataObject
) -> None:
    rows = list({(time, person): (time, person, raised) for time, person, raised in rows}.values())
    times, people, raised = zip(*rows, strict=True)
    [(score, chance)] = trends(times, people, column([int(one) for one in raised]), draws=99)
    assert 0 < chance <= 1
    [(turned, _)] = trends([-time for time in times], people, column([int(one) for one in raised]), draws=99)
    assert isclose(turned, -score, abs_tol=1e-9)
    [(opposite, _)] = trends(times, people, column([1 - one for one in raised]), draws=99)
    assert isclose(opposite, -score, abs_tol=1e-9)


def test_who_raises_many_topics_is_expected_to_raise_each() -> None:
    # In the first two elections everybody raises six topics, in the last two three; this one half as many, too.
    times = [time for time in range(4) for _ in range(90)]
    breadths = [6 if time < 2 else 3 for time in times]
    raised = column([int(place % 90 < 6 * breadth) for place, breadth in enumerate(breadths)])
    [(score, chance)] = trends(times, range(360), raised)
    [(allowed, likely)] = trends(times, range(360), raised, breadths)
    assert score < 0 and chance < 0.01
    assert abs(allowed) < abs(score) and likely > 0.5


def test_the_same_seed_gives_the_same_probabilities() -> None:
    rows = ([0, 0, 1, 1, 2, 2], range(6), column([0, 1, 0, 1, 1, 1]))
    assert trends(*rows, seed=3) == trends(*rows, seed=3)


def test_what_all_or_none_raise_has_no_trend() -> None:
    raised = np.array([[1, 0]] * 6)
    assert [chance for _, chance in trends([0, 0, 1, 1, 2, 2], range(6), raised)] == [1.0, 1.0]
    assert trends([0, 1], range(2), np.zeros((2, 0), dtype=np.int64)) == []


# --- many tests ---------------------------------------------------------------------------------------


def test_correction_is_that_of_benjamini_and_hochberg() -> None:
    assert corrected([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert corrected([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(deadline=None)
def test_correction_keeps_the_order_and_makes_nothing_surer(chances: list[float]) -> None:
    found = corrected(chances)
    assert all(p <= q + 1e-12 and q <= 1 for p, q in zip(chances, found, strict=True))
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    assert all(found[one] <= found[other] + 1e-12 for one, other in pairwise(order))
