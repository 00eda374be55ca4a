"""What finds groups behaves as scikit-learn estimators do, and finds what it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import adjusted_rand_score, silhouette_score

from analyzer.topics import phrases
from analyzer.topics.estimators import DiffusionMap, PhraseCommunities, SilhouetteLinkage, nearest


def distances(*places: float) -> np.ndarray:
    values = np.array(places)
    return np.abs(values[:, None] - values)


@pytest.mark.parametrize(
    "estimator",
    [
        SilhouetteLinkage(method="complete", max_clusters=3),
        PhraseCommunities(neighbours=4, floor=0.3, resolution=2.0, random_state=5),
        DiffusionMap(n_components=3, neighbours=4),
    ],
)
def test_arguments_are_stored_untouched_and_survive_a_clone(estimator: BaseEstimator) -> None:
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


def rows(count: int, seed: int = 0, kinds: int = 5, noise: float = 0.15) -> sparse.csr_matrix:
    """Rows around a few directions that have nothing in common, of length one, none negative."""
    random = np.random.default_rng(seed)
    points = np.zeros((count, 3 * kinds))
    for row in range(count):
        points[row, 3 * (row % kinds) : 3 * (row % kinds) + 3] = 1
    points += noise * random.random(points.shape)
    return sparse.csr_matrix((points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32))


@pytest.mark.parametrize("block", [3, 1024])
def test_edges_lead_to_the_most_similar_others_above_the_floor(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases, "BLOCK", block)
    points = rows(20, noise=0.4)
    alike = np.clip((points @ points.T).toarray(), 0, 1).round(5)
    np.fill_diagonal(alike, -1)
    edges = nearest(points, None, 3, 0.6)
    for row in range(20):
        expected = {int(place) for place in np.argsort(-alike[row])[:3] if alike[row, place] >= 0.6}
        assert set(edges[row].indices.tolist()) == expected
    assert edges.data.min() > 0 and edges.data.max() <= 1


def test_edges_to_others_may_lead_anywhere() -> None:
    points = rows(10)
    edges = nearest(points[:2], points, 2, 0.5)
    assert edges.shape == (2, 10)
    assert {0, 5} == set(edges[0].indices.tolist())


def test_communities_are_what_lies_together_and_areas_hold_whole_communities() -> None:
    model = PhraseCommunities(floor=0.5).fit(rows(60))
    assert adjusted_rand_score(np.arange(60) % 5, model.labels_) == 1
    assert model.areas_.tolist() == [0, 1, 2, 3, 4]
    assert (model.confidence_ == 1).all()


def test_a_row_that_is_like_no_other_is_in_no_community() -> None:
    points = sparse.block_diag([rows(20, kinds=2), np.ones((1, 1))], format="csr")
    model = PhraseCommunities().fit(points)
    assert model.labels_[-1] == -1 and model.confidence_[-1] == 0
    assert (model.labels_[:-1] >= 0).all()


def test_a_row_between_two_communities_is_less_sure() -> None:
    points = rows(40, kinds=2).toarray()
    points[0] = (points[0] + points[1]) / np.linalg.norm(points[0] + points[1])
    model = PhraseCommunities(neighbours=40, floor=0.3).fit(points)
    assert model.confidence_[0] < model.confidence_[1:].min()


@given(st.integers(1, 30), st.integers(0, 50))
@settings(deadline=None, max_examples=30)
def test_labels_are_numbered_by_first_member_and_every_community_has_an_area(count: int, seed: int) -> None:
    model = PhraseCommunities().fit(rows(count, seed, noise=1.0))
    labels = [label for label in model.labels_.tolist() if label >= 0]
    firsts = list(dict.fromkeys(labels))
    assert firsts == list(range(len(firsts)))
    assert len(model.areas_) == len(firsts)
    assert ((model.confidence_ >= 0) & (model.confidence_ <= 1)).all()
    again = PhraseCommunities().fit(rows(count, seed, noise=1.0))
    assert (again.labels_ == model.labels_).all() and (again.areas_ == model.areas_).all()


def chain(links: int) -> sparse.csr_matrix:
    """Rows each of which shares a feature with the next one only."""
    points = np.zeros((links, links + 1))
    for row in range(links):
        points[row, row : row + 2] = 1
    return sparse.csr_matrix(points / np.sqrt(2))


def test_rows_joined_by_short_paths_are_near_though_they_share_nothing() -> None:
    two = sparse.block_diag([chain(6), chain(6)], format="csr")
    places = DiffusionMap(n_components=2).fit_transform(two)
    near = places @ places.T
    assert near[0, 5] > 0.9 > 0.1 > near[0, 6]
    assert two[0].multiply(two[5]).nnz == 0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_rows_have_coordinates_too(count: int) -> None:
    places = DiffusionMap().fit_transform(rows(count))
    assert places.shape[0] == count and np.isfinite(places).all()
