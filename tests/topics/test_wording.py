"""Statements by their words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.topics.wording import wording

TEXTS = [
    "I run for the council: snapshots of volumes.",
    "I run for the council: faster snapshots.",
    "I run for the council: translations.",
    "I run for the council: better translations.",
]


def test_what_everybody_says_weighs_little_and_what_one_says_alone_nothing() -> None:
    rows = wording([*TEXTS, *(f"I run for the council, number {i}." for i in range(20))], [[]] * 24)
    assert rows.shape[1] == 5, "run, council, number, snapshots and translations"
    alike = (rows @ rows.T).toarray()
    assert alike[0, 1] == pytest.approx(1) and alike[2, 3] == pytest.approx(1)
    assert alike[0, 2] < 0.1


def test_focus_phrases_weigh_more() -> None:
    texts = ["snapshots and replication", "snapshots", "replication"]
    plain = (wording(texts, [[]] * 3) @ wording(texts, [[]] * 3).T).toarray()
    stressed = wording(texts, [[(0, 9)], [], []])
    after = (stressed @ stressed.T).toarray()
    assert after[0, 1] > plain[0, 1] and after[0, 2] < plain[0, 2]


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_rows_have_length_one_or_none_and_follow_the_order(texts: list[str], random: st.DataObject) -> None:
    rows = wording(texts, [[]] * len(texts)).toarray()
    assert rows.shape[0] == len(texts)
    assert set(np.linalg.norm(rows, axis=1).round(6)) <= {0.0, 1.0}
    order = list(range(len(texts)))
    random.shuffle(order)
    assert np.allclose(wording([texts[i] for i in order], [[]] * len(texts)).toarray(), rows[order])
