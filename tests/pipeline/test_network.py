"""Windows and decoding: what the network reads at once, and the best legal reading of its scores."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.pipeline.network import CLEAR, LAYERS, Window, detections, runs, viterbi, windows

costs = st.lists(st.integers(0, 6), max_size=60)


@st.composite
def statement(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[int]]:
    pieces = [list(range(n)) for n in draw(costs)]
    lines, sentences = [], []
    line = sentence = 0
    for _ in pieces:
        lines.append(line)
        sentences.append(sentence)
        if draw(st.booleans()) and draw(st.booleans()):
            sentence += 1
            line += draw(st.integers(0, 1))
    return pieces, sentences, lines


def cut(pieces: list[list[int]], sentences: list[int], lines: list[int], limit: int) -> list[Window]:
    words = [str(i) for i in range(len(pieces))]
    return windows(words, pieces, [0] * len(pieces), sentences, lines, [False] * len(pieces), limit)


@given(statement(), st.integers(6, 40))
def test_windows_hold_every_word_once_and_in_order(made, limit: int) -> None:  # type: ignore[no-untyped-def]
    found = cut(*made, limit)
    assert [word for window in found for word in window.words] == [str(i) for i in range(len(made[0]))]
    assert [window.start for window in found] == [int(window.words[0]) for window in found]


@given(statement(), st.integers(6, 40))
def test_no_window_is_longer_than_the_encoder_reads(made, limit: int) -> None:  # type: ignore[no-untyped-def]
    assert all(sum(map(len, window.pieces)) <= limit for window in cut(*made, limit))


def test_a_window_ends_with_a_line_if_it_can() -> None:
    pieces = [[1]] * 10
    found = cut(pieces, [0, 0, 0, 1, 1, 1, 2, 2, 2, 2], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1], 8)
    assert [len(window) for window in found] == [6, 4]


@given(st.lists(st.integers(0, 2), max_size=30))
def test_runs_are_of_equal_values_and_cover_all(values: list[int]) -> None:
    found = runs(values)
    assert [v for a, b in found for v in values[a:b]] == values
    assert all(len(set(values[a:b])) == 1 for a, b in found)
    assert all(values[a] != values[c] for (a, _), (c, _) in pairwise(found))


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**31))
def test_viterbi_finds_the_best_of_all_legal_sequences(length: int, seed: int) -> None:
    scores = np.log(np.random.default_rng(seed).dirichlet(np.ones(3), size=length))

    def legal(tags: tuple[int, ...]) -> bool:
        # 0 is O, 1 begins a span, 2 goes on with one.
        return all(tag != 2 or (i and tags[i - 1]) for i, tag in enumerate(tags))

    best = max(
        filter(legal, product(range(3), repeat=length)), key=lambda t: sum(scores[i, x] for i, x in enumerate(t))
    )
    expected = [
        (i, next((j for j in range(i + 1, length) if best[j] != 2), length)) for i, tag in enumerate(best) if tag == 1
    ]
    assert [span[:2] for span in viterbi(scores)] == expected


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(2, 5), st.integers(0, 2**31))
def test_what_is_clearly_apart_is_decided_each_for_itself(one: int, other: int, between: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = (np.log(rng.dirichlet(np.ones(3), size=length)) for length in (one, other))
    apart = np.tile([-1e-6, -CLEAR - 1, -CLEAR - 2], (between, 1))
    whole = viterbi(np.concatenate([first, apart, second]))
    assert whole == [*viterbi(first), *((a + one + between, b + one + between, c) for a, b, c in viterbi(second))]


def test_confidence_is_the_geometric_mean_of_the_tags() -> None:
    scores = np.log(np.array([[0.1, 0.9, 0.0], [0.3, 0.1, 0.6]]) + 1e-12)
    assert viterbi(scores) == [(0, 2, pytest.approx((0.9 * 0.6) ** 0.5))]


def test_nothing_gives_nothing() -> None:
    assert viterbi(np.zeros((0, 3))) == []


@settings(deadline=None)
@given(st.integers(0, 6), st.integers(0, 2**31))
def test_where_focus_areas_are_is_decided_over_all_their_kinds(length: int, seed: int) -> None:
    kinds = len(LAYERS["focus_areas"])
    scores = np.log(np.random.default_rng(seed).dirichlet(np.ones(1 + 2 * kinds), size=length))
    merged = np.stack([scores[:, 0], *(np.logaddexp.reduce(scores[:, k::2], axis=1) for k in (1, 2))], axis=1)
    found = detections("focus_areas", scores, 0.0)
    assert [(a, b) for a, b, _, _ in found] == [(a, b) for a, b, _ in viterbi(merged)]
    assert all(0 <= kind < kinds and 0 < confidence <= 1 for _, _, kind, confidence in found)


def test_two_kinds_that_are_each_unlikely_are_a_focus_area_together() -> None:
    scores = np.log(np.array([[0.4, 0.35, 1e-9, 0.25, 1e-9, 1e-9, 1e-9]]))
    assert viterbi(scores[:, :3]) == []
    assert [(a, b, kind) for a, b, kind, _ in detections("focus_areas", scores, 0.0)] == [(0, 1, 0)]
