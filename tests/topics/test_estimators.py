"""The clusterings behave as scikit-learn estimators, and cut where they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import WordEmbedder
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.base import clone
from sklearn.metrics import silhouette_score

from analyzer.topics import phrases
from analyzer.topics.estimators import PhraseLinkage, SilhouetteLinkage


def distances(*places: float) -> np.ndarray:
    values = np.array(places)
    return np.abs(values[:, None] - values)


@pytest.mark.parametrize("estimator", [SilhouetteLinkage(method="complete", max_clusters=3), PhraseLinkage(0.7, 5)])
def test_arguments_are_stored_untouched_and_survive_a_clone(estimator: SilhouetteLinkage | PhraseLinkage) -> None:
    copy = clone(estimator)
    assert copy is not estimator
    assert copy.get_params() == estimator.get_params()
    assert not [name for name in vars(copy) if name.endswith("_")]


def test_groups_that_stand_apart_are_found() -> None:
    model = SilhouetteLinkage().fit(distances(0, 1, 2, 20, 21, 50, 51))
    assert model.labels_.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert model.n_clusters_ == 3
    assert model.silhouette_ == pytest.approx(
        silhouette_score(distances(0, 1, 2, 20, 21, 50, 51), model.labels_, metric="precomputed")
    )
    assert model.silhouettes_.mean() == pytest.approx(model.silhouette_)


def test_one_that_stands_apart_from_all_others_makes_no_groups() -> None:
    model = SilhouetteLinkage(max_clusters=2).fit(distances(0, 1, 2, 3, 90))
    assert model.silhouette_ == -1
    assert model.labels_.tolist() == [0] * 5


@pytest.mark.parametrize("count", [1, 2, 3])
def test_fewer_than_four_make_no_groups(count: int) -> None:
    assert SilhouetteLinkage().fit(distances(*range(count))).labels_.tolist() == [0] * count


def test_distances_must_be_square() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        SilhouetteLinkage().fit(np.zeros((2, 3)))


@given(st.lists(st.integers(0, 40), min_size=4, max_size=14), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_labels_are_numbered_by_first_member_and_follow_a_permutation(places: list[int], random: st.DataObject) -> None:
    # Powers make all distances different: no ties for the order to break.
    values = [place + 1.7**i / 100 for i, place in enumerate(places)]
    labels = SilhouetteLinkage().fit_predict(distances(*values))
    firsts = [labels.tolist().index(label) for label in sorted(set(labels.tolist()))]
    assert firsts == sorted(firsts) and labels[0] == 0
    order = list(range(len(values)))
    random.shuffle(order)
    again = SilhouetteLinkage().fit_predict(distances(*(values[i] for i in order)))
    together = labels[order][:, None] == labels[order]
    assert (together == (again[:, None] == again)).all()


def rows(count: int, seed: int = 0, kinds: int = 5) -> sparse.csr_matrix:
    """Rows around a few directions, of length one, none negative."""
    random = np.random.default_rng(seed)
    centres = random.random((kinds, 12)) ** 4
    points = centres[np.arange(count) % kinds] + 0.15 * random.random((count, 12))
    return sparse.csr_matrix((points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32))


@pytest.mark.parametrize("block", [3, 1024])
def test_phrases_are_linked_as_scipy_links_the_whole_matrix(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases, "BLOCK", block)
    points = rows(40)
    alike = np.clip((points @ points.T).toarray(), 0, 1).round(5)
    np.fill_diagonal(alike, 1)
    expected = fcluster(linkage(squareform(1 - alike, checks=False), "average"), 0.1, "distance")
    found = PhraseLinkage(threshold=0.9).fit(points).labels_
    assert ((found[:, None] == found) == (expected[:, None] == expected)).all()


def test_portions_join_what_is_there_and_link_what_is_new() -> None:
    points = rows(60)
    whole = PhraseLinkage(threshold=0.9).fit(points).labels_
    parts = PhraseLinkage(threshold=0.9, portion=20).fit(points).labels_
    assert ((whole[:, None] == whole) == (parts[:, None] == parts)).all()
    # Sorted by kind, every portion is of kinds not met before.
    order = np.argsort(np.arange(60) % 5, kind="stable")
    new = PhraseLinkage(threshold=0.9, portion=12).fit(points[order]).labels_
    assert ((whole[order][:, None] == whole[order]) == (new[:, None] == new)).all()


@given(st.integers(1, 30), st.integers(0, 50), st.integers(1, 40))
@settings(deadline=None, max_examples=40)
def test_every_row_has_a_cluster(count: int, seed: int, portion: int) -> None:
    model = PhraseLinkage(portion=portion).fit(rows(count, seed))
    assert model.labels_.shape == (count,)
    assert sorted(set(model.labels_.tolist())) == list(range(model.labels_.max() + 1))
    assert ((model.centrality_ > 0) & (model.centrality_ <= 1.0001)).all()


def test_weights_draw_the_centre() -> None:
    texts = ["fast builds", "fast builds now", "now fast"]
    points = phrases.joined(WordEmbedder().encode(texts), texts)
    plain = PhraseLinkage(threshold=0.1).fit(points).centrality_
    heavy = PhraseLinkage(threshold=0.1).fit(points, sample_weight=[1, 1, 50]).centrality_
    assert plain.argmax() == 1
    assert heavy.argmax() == 2
