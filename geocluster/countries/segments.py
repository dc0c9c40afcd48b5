"""How far is a point from the nearest of many lines on the globe?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.distance import to_arc_km, to_ecef

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

PIECE_DEGREES = 0.05
"""Edges are cut to this before they are measured by chords, which then run at most 0.7 m below the ground."""
_LEAF = 4
_MORTON_BITS = 16


def count_pieces(edges: NDArray[np.float64], longest_degrees: float) -> NDArray[np.int64]:
    """Count the pieces into which `cut_edges` cuts each edge.

    Examples
    --------
    >>> count_pieces(np.array([[0.0, 0.0, 0.4, 0.0]]), 0.25).tolist()
    [2]
    """
    length = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
    return np.maximum(np.ceil(length / longest_degrees), 1).astype(np.int64)


def cut_edges(edges: NDArray[np.float64], longest_degrees: float) -> NDArray[np.float64]:
    """Cut edges, straight in longitude and latitude, into pieces that are not longer.

    Parameters
    ----------
    edges : ndarray, shape (n, 4)
        Longitude and latitude of both ends, degrees.
    longest_degrees : float

    Returns
    -------
    ndarray, shape (m, 4)
        The pieces of an edge follow each other.

    Examples
    --------
    >>> cut_edges(np.array([[0.0, 0.0, 0.4, 0.0]]), 0.25).tolist()
    [[0.0, 0.0, 0.2, 0.0], [0.2, 0.0, 0.4, 0.0]]
    """
    count = count_pieces(edges, longest_degrees)
    which = np.repeat(np.arange(len(edges)), count)
    step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    start, along = edges[which, :2], edges[which, 2:] - edges[which, :2]
    first = start + along * (step / count[which])[:, None]
    # the last end is the edge's own, to the bit, so that pieces of neighbours meet
    last = np.where(
        (step + 1 == count[which])[:, None], edges[which, 2:], start + along * ((step + 1) / count[which])[:, None]
    )
    return np.hstack([first, last])


class SegmentTree:
    """A pyramid of boxes over segments, asked for the distance to the nearest one.

    Parameters
    ----------
    edges : ndarray, shape (n, 4)
        Longitude and latitude of both ends, degrees, EPSG:4326; straight in
        longitude and latitude.

    Examples
    --------
    >>> tree = SegmentTree(np.array([[0.0, -1.0, 0.0, 1.0]]))
    >>> tree.distance_km([1.0, 0.0], [0.0, 0.5]).round(1).tolist()
    [111.3, 0.0]
    """

    def __init__(self, edges: NDArray[np.float64]) -> None:
        edges = edges.reshape(-1, 4)
        pieces = cut_edges(edges, PIECE_DEGREES)
        edge = np.repeat(np.arange(len(edges)), count_pieces(edges, PIECE_DEGREES))
        start, end = to_ecef(pieces[:, 0], pieces[:, 1]), to_ecef(pieces[:, 2], pieces[:, 3])
        order = np.argsort(_morton((start + end) / 2), kind="stable")
        self.size = len(order)
        self._edge = edge[order]
        self._start, self._along = start[order], (end - start)[order]
        self._lower, self._upper = _boxes(np.minimum(start, end)[order], np.maximum(start, end)[order])

    def distance_km(self, longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.float64]:
        """Measure kilometres on the globe from each point to its nearest segment.

        Parameters
        ----------
        longitude, latitude : array_like, shape (n,)
            Degrees, EPSG:4326.

        Returns
        -------
        ndarray, shape (n,)
            NaN where a coordinate is not finite, or there is no segment.
        """
        return self.nearest(longitude, latitude)[0]

    def nearest(self, longitude: ArrayLike, latitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Find the nearest segment of each point: kilometres, and its row in `edges`.

        Parameters
        ----------
        longitude, latitude : array_like, shape (n,)
            Degrees, EPSG:4326.

        Returns
        -------
        distance_km : ndarray, shape (n,)
            NaN where a coordinate is not finite, or there is no segment.
        edge : ndarray of int, shape (n,)
            -1 there.
        """
        lon, lat = np.broadcast_arrays(np.asarray(longitude, np.float64), np.asarray(latitude, np.float64))
        points = to_ecef(lon.ravel(), lat.ravel())
        result, edge = np.full(len(points), np.nan), np.full(len(points), -1, dtype=np.int64)
        usable = np.flatnonzero(np.isfinite(points).all(axis=1)) if self.size else np.array([], dtype=np.int64)
        if len(usable):
            # neighbours in a row find their boxes still at hand
            usable = usable[np.argsort(_morton(points[usable]), kind="stable")]
            squares, which = _kernel()(points[usable], self._start, self._along, self._lower, self._upper)
            result[usable] = to_arc_km(np.sqrt(squares))
            edge[usable] = self._edge[which]
        return result.reshape(lon.shape), edge.reshape(lon.shape)


def _morton(points: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Give points numbers along a Morton curve: near ones mostly have near numbers."""
    scaled = ((points + 6400.0) / 12800.0 * (1 << _MORTON_BITS)).astype(np.uint64)
    code = np.zeros(len(points), dtype=np.uint64)
    for bit in range(_MORTON_BITS):
        for axis in range(3):
            code |= ((scaled[:, axis] >> np.uint64(bit)) & np.uint64(1)) << np.uint64(3 * bit + axis)
    return code


def _boxes(lower: NDArray[np.float64], upper: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Build the boxes of a complete binary tree: node i has the children 2i and 2i + 1."""
    leaves = 1
    while leaves * _LEAF < len(lower):
        leaves *= 2
    low = np.full((leaves * _LEAF, 3), np.inf)
    high = np.full((leaves * _LEAF, 3), -np.inf)
    low[: len(lower)], high[: len(upper)] = lower, upper
    node_low, node_high = np.full((2 * leaves, 3), np.inf), np.full((2 * leaves, 3), -np.inf)
    node_low[leaves:] = low.reshape(leaves, _LEAF, 3).min(axis=1)
    node_high[leaves:] = high.reshape(leaves, _LEAF, 3).max(axis=1)
    level = leaves // 2
    while level:
        node_low[level : 2 * level] = node_low[2 * level : 4 * level].reshape(level, 2, 3).min(axis=1)
        node_high[level : 2 * level] = node_high[2 * level : 4 * level].reshape(level, 2, 3).max(axis=1)
        level //= 2
    return node_low, node_high


@cache
def _kernel() -> Any:
    """Compile the search when it is first needed: numba is slow to import.

    One function that calls no other compiled one: numba's cache takes those for new in each process.
    """
    from numba import njit

    leaf = _LEAF

    @njit(cache=True, nogil=True)
    def nearest(points, start, along, lower, upper):  # type: ignore[no-untyped-def]  # pragma: no cover
        leaves = lower.shape[0] // 2
        result, which = np.empty(len(points)), np.empty(len(points), dtype=np.int64)
        nodes = np.empty(128, dtype=np.int64)
        gaps = np.empty(128)
        for i in range(len(points)):
            point = points[i]
            best, found = np.inf, 0
            nodes[0], gaps[0], held = 1, 0.0, 1
            while held:
                held -= 1
                node = nodes[held]
                if gaps[held] >= best:
                    continue
                if node >= leaves:
                    first = (node - leaves) * leaf
                    for s in range(first, min(first + leaf, len(start))):
                        dot, square = 0.0, 0.0
                        for axis in range(3):
                            dot += (point[axis] - start[s, axis]) * along[s, axis]
                            square += along[s, axis] * along[s, axis]
                        t = min(max(dot / square, 0.0), 1.0) if square > 0.0 else 0.0
                        distance = 0.0
                        for axis in range(3):
                            out = point[axis] - start[s, axis] - t * along[s, axis]
                            distance += out * out
                        if distance < best:
                            best, found = distance, s
                    continue
                left, right = 0.0, 0.0
                for axis in range(3):
                    one = max(lower[2 * node, axis] - point[axis], point[axis] - upper[2 * node, axis], 0.0)
                    two = max(lower[2 * node + 1, axis] - point[axis], point[axis] - upper[2 * node + 1, axis], 0.0)
                    left += one * one
                    right += two * two
                if left <= right:
                    near, far, near_gap, far_gap = 2 * node, 2 * node + 1, left, right
                else:
                    near, far, near_gap, far_gap = 2 * node + 1, 2 * node, right, left
                if far_gap < best:
                    nodes[held], gaps[held] = far, far_gap
                    held += 1
                if near_gap < best:
                    nodes[held], gaps[held] = near, near_gap
                    held += 1
            result[i], which[i] = best, found
        return result, which

    return nearest
