"""The two clusterings of this room as scikit-learn estimators: of candidates, and of phrases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.metrics import silhouette_samples
from sklearn.utils.validation import check_array

from analyzer.topics import phrases

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]


class SilhouetteLinkage(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Agglomerative clustering of precomputed distances, cut where the mean silhouette is highest.

    Only cuts that leave at least two clusters of two or more samples count: one sample set apart from all
    others makes no groups. Samples that no cluster takes keep a label of their own and a silhouette of 0.

    Parameters
    ----------
    method : {"average", "complete", "single"}, default="average"
        How the distance of two clusters follows from those of their members.
    max_clusters : int or None, default=None
        The largest number of clusters tried; by default 1.5 times the square root of the number of samples,
        rounded up.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,)
        The cluster of each sample, numbered by first member; all 0 where no cut counts.
    n_clusters_ : int
        Clusters of any size.
    silhouette_ : float
        The mean silhouette of the cut; -1 where none counts.
    silhouettes_ : ndarray of shape (n_samples,)
        The silhouette of each sample.

    References
    ----------
    Average linkage: Sokal and Michener (1958), Univ. Kansas Sci. Bull. 38. Silhouettes: Rousseeuw (1987),
    J. Comput. Appl. Math. 20.

    Examples
    --------
    >>> import numpy as np
    >>> places = np.array([0.0, 1.0, 10.0, 11.0])
    >>> SilhouetteLinkage().fit_predict(abs(places[:, None] - places))
    array([0, 0, 1, 1])
    """

    def __init__(self, method: str = "average", max_clusters: int | None = None) -> None:
        self.method = method
        self.max_clusters = max_clusters

    def fit(self, X: Any, y: None = None) -> SilhouetteLinkage:
        """Cluster samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_samples)
            Distances: symmetric, zeros on the diagonal.
        """
        X = check_array(X, dtype=np.float64, ensure_min_samples=1)
        count = len(X)
        if X.shape != (count, count):
            raise ValueError(f"distances must be square, and these have the shape {X.shape}")
        self.n_features_in_ = count
        self.labels_: Labels = np.zeros(count, dtype=np.int64)
        self.n_clusters_ = 1
        self.silhouette_ = -1.0
        self.silhouettes_: Floats = np.zeros(count)
        if count < 4:
            return self
        tree = linkage(squareform(X, checks=False), method=self.method)
        most = self.max_clusters or int(np.ceil(1.5 * np.sqrt(count)))
        for wanted in range(2, min(most, count - 1) + 1):
            labels = _numbered(fcluster(tree, wanted, criterion="maxclust"))
            sizes = np.bincount(labels)
            if (sizes >= 2).sum() < 2:
                continue
            values = silhouette_samples(X, labels, metric="precomputed")
            # Rounded, so that the last bits of a mean do not choose between cuts: the fewest clusters win.
            if round(float(values.mean()), 6) > round(self.silhouette_, 6):
                self.silhouette_ = float(values.mean())
                self.silhouettes_ = values
                self.labels_ = labels
                self.n_clusters_ = len(sizes)
        return self


class PhraseLinkage(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Average-linkage clustering of many sparse rows by their dot products, in bounded memory.

    The first `portion` rows are linked as long as the mean similarity of two clusters is at least `threshold`.
    Further rows, a portion at a time, join the cluster they are most alike to (mean similarity to its members)
    if that is at least `threshold`, and are else linked among themselves. Every row is in a cluster.

    Parameters
    ----------
    threshold : float, default=0.4
        Mean similarity, 0 to 1, below which clusters stay apart.
    portion : int, default=8000
        Rows linked at once; they take about 8 bytes times its square.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,)
        The cluster of each row, numbered by first member.
    centrality_ : ndarray of shape (n_samples,)
        Mean similarity of each row to the members of its cluster, itself among them, by weight.
    n_features_in_ : int

    References
    ----------
    Average linkage: Sokal and Michener (1958), Univ. Kansas Sci. Bull. 38. Nearest-neighbour chains: Müllner
    (2011), arXiv:1109.2378.
    """

    def __init__(self, threshold: float = 0.4, portion: int = 8_000) -> None:
        self.threshold = threshold
        self.portion = portion

    def fit(self, X: Any, y: None = None, sample_weight: Any = None) -> PhraseLinkage:
        """Cluster rows.

        Parameters
        ----------
        X : sparse matrix of shape (n_samples, n_features)
            Rows whose dot products are similarities (`phrases.features`); what matters most stands first.
        sample_weight : array-like of shape (n_samples,), optional
            How often each row was met: its weight in `centrality_`.
        """
        X = check_array(X, accept_sparse="csr", dtype=np.float32)
        X = X if sparse.issparse(X) else sparse.csr_matrix(X)
        count = X.shape[0]
        weights = np.ones(count) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        self.n_features_in_ = X.shape[1]
        labels = np.empty(0, dtype=np.int64)
        for start in range(0, count, self.portion):
            rows = X[start : start + self.portion]
            known = np.full(rows.shape[0], -1, dtype=np.int64)
            if start:
                means = _means(rows, X[:start], labels)
                near = means.argmax(axis=1)
                joins = means[np.arange(len(near)), near] >= self.threshold
                known[joins] = near[joins]
            rest = np.flatnonzero(known < 0)
            if len(rest):
                known[rest] = self._linked(rows[rest]) + (labels.max() + 1 if start else 0)
            labels = np.concatenate([labels, known])
        self.labels_: Labels = _numbered(labels)
        self.centrality_: Floats = _centrality(X, self.labels_, weights)
        return self

    def _linked(self, rows: Any) -> Labels:
        count = rows.shape[0]
        if count < 2:
            return np.zeros(count, dtype=np.int64)
        # Straight into SciPy's condensed form: a square matrix beside it would double the memory.
        distances = np.empty(count * (count - 1) // 2)
        at = 0
        for start, block in phrases.blocks(rows):
            for index, row in enumerate(block, start):
                distances[at : at + count - 1 - index] = 1 - row[index + 1 :]
                at += count - 1 - index
        tree = linkage(distances, method="average")
        # Rounded, as distances were: sums of float32 numbers must not part what is exactly at the threshold.
        return np.asarray(fcluster(tree, round(1 - self.threshold, 6) + 1e-9, criterion="distance") - 1, dtype=np.int64)


def _means(rows: Any, others: Any, labels: Labels) -> Floats:
    """Return the mean similarity of rows to the members of each cluster, shape (rows, clusters)."""
    member = sparse.csr_matrix(
        (np.ones(len(labels)), (np.arange(len(labels)), labels)), shape=(len(labels), labels.max() + 1)
    )
    sizes = np.bincount(labels)
    return np.concatenate([(block @ member) / sizes for _, block in phrases.blocks(rows, others)])


def _centrality(X: Any, labels: Labels, weights: Floats) -> Floats:
    """Return the weighted mean similarity of each row to the members of its cluster."""
    found = np.ones(len(labels))
    order = np.argsort(labels, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if len(members) > 1:
            for start, block in phrases.blocks(X[members]):
                means = block @ weights[members] / weights[members].sum()
                found[members[start : start + len(block)]] = means.round(4)
    return found


def _numbered(labels: Any) -> Labels:
    """Return labels numbered from 0 in the order of their first samples."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[inverse], dtype=np.int64)
