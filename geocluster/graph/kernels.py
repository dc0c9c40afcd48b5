"""How does a neighbour's weight fall with its distance?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from geocluster.distance import to_arc_km
from geocluster.graph.assembly import balls_of_many, chords_of_edges
from geocluster.graph.neighbours import MANY_POINTS, check_size, on_rows, reach_km, sparse_neighbours
from geocluster.graph.points import Points, distinct_points

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array

Kernel = Literal["triangular", "epanechnikov", "gaussian", "bisquare"]
KERNELS: tuple[str, ...] = get_args(Kernel)
CUT = 3.0
"""Where the Gaussian ends, in bandwidths; the others end at 1."""
LEAST_KM = 0.001
"""Bandwidths that follow the neighbours are at least a metre: many rows share a point."""


def kernel_weight(u: ArrayLike, kernel: Kernel) -> NDArray[np.float64]:
    """Weight at a distance of u bandwidths, without the cut.

    Triangular 1 - u, Epanechnikov ¾ (1 - u²), bisquare (1 - u²)², each for u ≤ 1;
    Gaussian exp(-u²/2).

    Examples
    --------
    >>> kernel_weight([0.0, 0.5, 2.0], "bisquare").tolist()
    [1.0, 0.5625, 0.0]
    """
    at = np.asarray(u, dtype=np.float64)
    if kernel == "gaussian":
        return np.exp(-(at**2) / 2)
    inside = np.minimum(at, 1.0)
    if kernel == "triangular":
        return 1 - inside
    return (1 - inside**2) ** 2 if kernel == "bisquare" else 0.75 * (1 - inside**2)


def sparse_kernel(
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    kernel: Kernel,
    bandwidth_km: float | None = None,
    nearest: int | None = None,
    cut: float = CUT,
    workers: int = 1,
) -> csr_array:
    """Weights that fall with distance, as a sparse matrix: `build_graph` with a kernel, without the table.

    Parameters
    ----------
    longitude, latitude : array_like, shape (n,)
        Degrees, EPSG:4326.
    kernel, bandwidth_km, nearest, cut, workers
        As in `build_graph`.

    Returns
    -------
    csr_array, shape (n, n)
        Sorted indices, nothing on the diagonal; weights of 0 are no edges.

    Examples
    --------
    >>> weights = sparse_kernel([0.0, 0.1, 0.3], [0.0, 0.0, 0.0], kernel="triangular", bandwidth_km=22.264)
    >>> weights.toarray()[0].round(2).tolist()
    [0.0, 0.5, 0.0]
    """
    ends = cut if kernel == "gaussian" else 1.0
    points = distinct_points(longitude, latitude)
    xyz = points.xyz[points.of_row]
    if bandwidth_km is not None:
        # at the very end a kernel's weight is 0, whatever was rounded
        matrix = sparse_neighbours(longitude, latitude, within_km=min(ends * bandwidth_km, 1e5), workers=workers)
        width = np.full(len(xyz), float(bandwidth_km))
    else:
        near = sparse_neighbours(longitude, latitude, nearest=nearest, workers=workers)
        width = np.maximum(to_arc_km(np.maximum.reduceat(chords_of_edges(near, xyz), near.indptr[:-1])), LEAST_KM)
        matrix = _balls(points, width, ends, workers)
    arc = to_arc_km(chords_of_edges(matrix, xyz))
    matrix.data = kernel_weight(arc / np.repeat(width, np.diff(matrix.indptr)), kernel)
    matrix.eliminate_zeros()
    return matrix


def _balls(points: Points, width: NDArray[np.float64], ends: float, workers: int) -> csr_array:
    """Join each row with all rows within so many of its own bandwidths."""
    from scipy import sparse
    from scipy.spatial import cKDTree

    of_point = np.empty(len(points.count))
    of_point[points.of_row] = width
    chord = np.array([reach_km(ends * one) for one in of_point.tolist()])

    def check(edges: int) -> None:
        check_size(edges, points, "a kernel to the neighbours", "Give fewer neighbours, or a smaller cut.")

    if len(points.count) >= MANY_POINTS:
        return balls_of_many(points, chord, check, workers=workers)
    tree = cKDTree(points.xyz)
    found = tree.query_ball_point(points.xyz, chord)
    start = np.append(0, np.cumsum([len(one) for one in found]))
    at = np.concatenate([np.asarray(one, dtype=np.int64) for one in found])
    around = np.add.reduceat(points.count[at], start[:-1]) - 1
    check(int(around @ points.count))
    total = len(points.count)
    return on_rows(sparse.csr_array((np.ones(len(at)), at, start), shape=(total, total)), points)
