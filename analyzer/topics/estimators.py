"""What finds groups in this room, as scikit-learn estimators: of candidates, of phrases, and of whole statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
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


class PhraseCommunities(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Communities in the graph of each row's most similar others; a coarser level of these; and where new rows belong.

    An edge joins each row to its `neighbours` most similar others that it is at least `floor` like. Communities are
    those of highest modularity at `resolution`, and areas the communities of communities at a half. A row that is like
    no other is in none.

    Parameters
    ----------
    neighbours : int, default=10
    floor : float, default=0.3
        Similarity, 0 to 1, below which two rows say nothing about each other.
    resolution : float or None, default=None
        Higher makes more, narrower communities. By default a twelfth of the square root of the number of rows, at
        least 1: their number grows as that of subjects does in a growing collection.
    random_state : int, default=0

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,)
        The community of each row, numbered by first member; -1 for none.
    areas_ : ndarray of shape (n_communities,)
        The area of each community, numbered by first community.
    confidence_ : ndarray of shape (n_samples,)
        The part of a row's edges, by weight, that stay in its community; 0 where there is none.
    n_features_in_ : int

    References
    ----------
    Modularity with a resolution: Reichardt and Bornholdt (2006), Phys. Rev. E 74. Its search: Blondel et al. (2008),
    J. Stat. Mech. P10008.
    """

    def __init__(
        self, neighbours: int = 10, floor: float = 0.3, resolution: float | None = None, random_state: int = 0
    ) -> None:
        self.neighbours = neighbours
        self.floor = floor
        self.resolution = resolution
        self.random_state = random_state

    def fit(self, X: Any, y: None = None) -> PhraseCommunities:
        """Find communities.

        Parameters
        ----------
        X : sparse matrix of shape (n_samples, n_features)
            Rows whose dot products are similarities (`phrases.joined`).
        """
        X = _rows(X)
        count = X.shape[0]
        self.n_features_in_ = X.shape[1]
        edges = nearest(X, None, self.neighbours, self.floor)
        graph = edges.maximum(edges.T)
        resolution = self.resolution or max(1.0, np.sqrt(count) / 12)
        self.labels_: Labels = _communities(graph, resolution, self.random_state)
        self.labels_[np.diff(graph.indptr) == 0] = -1
        self.labels_[self.labels_ >= 0] = _numbered(self.labels_[self.labels_ >= 0])
        self.confidence_: Floats = _kept(graph, self.labels_)
        member = _membership(self.labels_)
        between = (member.T @ graph @ member).tocsr()
        self.areas_: Labels = _communities(between, 0.5, self.random_state)
        return self


def nearest(rows: Any, others: Any, neighbours: int, floor: float) -> Any:
    """Return the edges from rows to the most similar others, CSR matrix of shape (rows, others).

    Parameters
    ----------
    others : None for the same rows, which are not their own neighbours.
    floor : edges of lower similarity are left out. An edge weighs the square of its similarity beyond three quarters
        of that, as a part of the most it can be.
    """
    base = 0.75 * floor
    shape = (rows.shape[0], (rows if others is None else others).shape[0])
    found: list[tuple[Any, Any, Any]] = []
    for start, block in phrases.blocks(rows, others):
        if others is None:
            block[np.arange(len(block)), np.arange(start, start + len(block))] = -1
        most = min(neighbours, shape[1])
        order = np.argpartition(-block, most - 1, axis=1)[:, :most]
        values = np.take_along_axis(block, order, axis=1)
        at, place = np.nonzero(values >= floor)
        found.append((at + start, order[at, place], ((values[at, place] - base) / (1 - base)) ** 2))
    if not found:
        return sparse.csr_matrix(shape)
    first, second, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return sparse.csr_matrix((weights.astype(np.float64), (first, second)), shape=shape)


def _communities(graph: Any, resolution: float, seed: int) -> Labels:
    """Return the community of each node of a weighted graph, numbered by first member."""
    import networkx

    whole = networkx.from_scipy_sparse_array(graph)
    labels = np.zeros(graph.shape[0], dtype=np.int64)
    parts = networkx.community.louvain_communities(whole, weight="weight", resolution=resolution, seed=seed)
    for number, members in enumerate(parts):
        labels[sorted(members)] = number
    return _numbered(labels)


def _kept(graph: Any, labels: Labels) -> Floats:
    """Return the part of each node's edges, by weight, that lead to nodes of its own label."""
    coupled = graph.tocoo()
    inside = labels[coupled.row] == labels[coupled.col]
    total = np.bincount(coupled.row, weights=coupled.data, minlength=len(labels))
    own = np.bincount(coupled.row[inside], weights=coupled.data[inside], minlength=len(labels))
    return np.where(labels >= 0, own / np.where(total == 0, 1, total), 0.0)


def _membership(labels: Labels) -> Any:
    """Return which row is in which community, CSR matrix of shape (rows, communities)."""
    rows = np.flatnonzero(labels >= 0)
    count = int(labels.max()) + 1 if len(labels) else 0
    return sparse.csr_matrix((np.ones(len(rows)), (rows, labels[rows])), shape=(len(labels), count))


class DiffusionMap(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Coordinates in which rows are near that many short paths join, in the graph of each row's nearest others.

    Rows that share few words lie near each other where others stand between them, which share words with both.

    Parameters
    ----------
    n_components : int, default=60
    neighbours : int, default=10

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, n_components)
        Rows of length one; of zeros where a row has no neighbour.

    References
    ----------
    Coifman and Lafon (2006), Diffusion maps, Appl. Comput. Harmon. Anal. 21.
    """

    def __init__(self, n_components: int = 60, neighbours: int = 10) -> None:
        self.n_components = n_components
        self.neighbours = neighbours

    def fit(self, X: Any, y: None = None) -> DiffusionMap:
        """Find coordinates.

        Parameters
        ----------
        X : sparse matrix of shape (n_samples, n_features)
            Rows of length one, none negative.
        """
        from scipy.sparse.linalg import eigsh

        X = _rows(X)
        count = X.shape[0]
        self.n_features_in_ = X.shape[1]
        alike = (X @ X.T).toarray().astype(np.float64)
        np.fill_diagonal(alike, 0)
        order = np.argsort(-alike.round(6), axis=1, kind="stable")[:, : self.neighbours]
        first = np.repeat(np.arange(count), order.shape[1])
        edges = sparse.csr_matrix((alike[first, order.ravel()], (first, order.ravel())), shape=(count, count))
        graph = edges.maximum(edges.T)
        degrees = np.asarray(graph.sum(axis=1)).ravel()
        scale = sparse.diags(np.where(degrees > 0, 1 / np.sqrt(np.where(degrees > 0, degrees, 1)), 0))
        wanted = min(self.n_components, count - 1)
        self.embedding_: Floats = np.zeros((count, max(1, wanted)))
        if wanted >= 1 and graph.nnz:
            # Always from the same start: the search for eigenvectors begins with a random one otherwise.
            values, found = eigsh(scale @ graph @ scale, k=wanted, which="LA", v0=np.ones(count))
            places = (scale @ found) * np.clip(values, 0, None)
            norms = np.linalg.norm(places, axis=1, keepdims=True)
            self.embedding_ = places / np.where(norms < 1e-12, 1, norms)
        return self

    def fit_transform(self, X: Any, y: None = None) -> Floats:
        """Return the coordinates of rows, shape (n_samples, n_components)."""
        return self.fit(X).embedding_


def _rows(X: Any) -> Any:
    X = check_array(X, accept_sparse="csr", dtype=np.float32)
    return X if sparse.issparse(X) else sparse.csr_matrix(X)


def _numbered(labels: Any) -> Labels:
    """Return labels numbered from 0 in the order of their first samples."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[inverse], dtype=np.int64)
