"""How are the neighbours of many points found fast?

Points in Morton order are cut into leaves of eight; boxes over the leaves make a
binary pyramid. Each leaf walks down it once for all its points, and writes to places
of its own, so that nothing depends on the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.graph.descent import LEAF, nearest_kernel, within_kernels
from geocluster.graph.threads import in_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.graph.points import Points


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """Boxes over distinct points, in an order in which near points mostly follow each other.

    Attributes
    ----------
    order : ndarray of int, shape (points,)
        The point at each position.
    position : ndarray of int, shape (points,)
        The position of each point.
    xyz : ndarray, shape (points, 3)
        By position; kilometres.
    lower, upper : ndarray, shape (2 * leaves, 3)
        Boxes; node i has the children 2i and 2i + 1.
    workers : int
        Threads.
    """

    order: NDArray[np.int64]
    position: NDArray[np.int64]
    xyz: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    workers: int = 1

    @classmethod
    def of(cls, points: Points, *, workers: int = 1) -> Pyramid:
        """Build it.

        Examples
        --------
        >>> from geocluster.graph.points import distinct_points
        >>> Pyramid.of(distinct_points([7.0, 8.0], [47.0, 47.0])).order.tolist()
        [0, 1]
        """
        code, boxes = _building()
        order = np.argsort(code(points.xyz), kind="stable")
        position = np.empty(len(order), dtype=np.int64)
        position[order] = np.arange(len(order))
        xyz = np.ascontiguousarray(points.xyz[order])
        lower, upper = boxes(xyz)
        return cls(order, position, xyz, lower, upper, workers)

    @property
    def _leaves(self) -> int:
        return -(-len(self.xyz) // LEAF)

    def nearest(self, asked: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Find the so many nearest other points of each, by position, the nearest first: chords and positions.

        Examples
        --------
        >>> from geocluster.graph.points import distinct_points
        >>> Pyramid.of(distinct_points([0.0, 1.0, 3.0], [0.0, 0.0, 0.0])).nearest(1)[1].ravel().tolist()
        [1, 0, 1]
        """
        chord = np.full((len(self.xyz), asked), np.inf)
        at = np.zeros((len(self.xyz), asked), dtype=np.int32)
        x, y, z = (_padded(axis) for axis in self.xyz.T)
        in_threads(nearest_kernel(), self._leaves, self.workers, x, y, z, self.lower, self.upper, chord, at)
        return chord, at

    def within(
        self, chord: NDArray[np.float64], most: int = np.iinfo(np.int64).max
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]] | None:
        """List all points within a chord of each, itself too, by position: starts and positions.

        None if they are more than `most`: then `count_within` tells how many.

        Examples
        --------
        >>> from geocluster.graph.points import distinct_points
        >>> pyramid = Pyramid.of(distinct_points([0.0, 1.0, 3.0], [0.0, 0.0, 0.0]))
        >>> start, at = pyramid.within(np.full(3, 112.0))
        >>> start.tolist(), at.tolist()
        ([0, 2, 4, 5], [0, 1, 0, 1, 2])
        >>> pyramid.within(np.full(3, 112.0), most=4)
        """
        start = np.zeros(len(self.xyz) + 1, dtype=np.int64)
        given = (self.xyz, self.lower, self.upper, chord, start, most)
        found = in_threads(within_kernels()[1], self._leaves, self.workers, *given)
        np.cumsum(start, out=start)
        at: NDArray[np.int32] = found[0] if len(found) == 1 else np.concatenate(found)
        return (start, at) if len(at) == start[-1] <= most else None

    def count_within(self, chord: NDArray[np.float64], weight: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum the weights of all points within a chord of each, itself too; both by position.

        Examples
        --------
        >>> from geocluster.graph.points import distinct_points
        >>> pyramid = Pyramid.of(distinct_points([0.0, 1.0, 3.0], [0.0, 0.0, 0.0]))
        >>> pyramid.count_within(np.full(3, 112.0), np.array([1, 2, 4])).tolist()
        [3, 3, 4]
        """
        start = np.zeros(len(self.xyz) + 1, dtype=np.int64)
        given = (self.xyz, self.lower, self.upper, chord, np.append(0, np.cumsum(weight)), start)
        in_threads(within_kernels()[0], self._leaves, self.workers, *given)
        return start[1:]


def _padded(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill the last leaf with points that are infinitely far."""
    return np.append(axis, np.full(-len(axis) % LEAF, np.inf))


@cache
def _building() -> tuple[Any, Any]:
    """Compile the order and the boxes: numba is slow to import."""
    from numba import njit

    leaf = LEAF

    @njit(cache=True, nogil=True)
    def code(xyz):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Interleave 21 bits of each axis."""
        result = np.empty(len(xyz), np.uint64)
        for i in range(len(xyz)):
            packed = np.uint64(0)
            for axis in range(3):
                v = np.uint64((xyz[i, axis] + 6400.0) * (2097152.0 / 12800.0))
                v = (v | (v << np.uint64(32))) & np.uint64(0x1F00000000FFFF)
                v = (v | (v << np.uint64(16))) & np.uint64(0x1F0000FF0000FF)
                v = (v | (v << np.uint64(8))) & np.uint64(0x100F00F00F00F00F)
                v = (v | (v << np.uint64(4))) & np.uint64(0x10C30C30C30C30C3)
                v = (v | (v << np.uint64(2))) & np.uint64(0x1249249249249249)
                packed |= v << np.uint64(axis)
            result[i] = packed
        return result

    @njit(cache=True, nogil=True)
    def boxes(xyz):  # type: ignore[no-untyped-def]  # pragma: no cover
        leaves = 1
        while leaves * leaf < len(xyz):
            leaves *= 2
        lower, upper = np.full((2 * leaves, 3), np.inf), np.full((2 * leaves, 3), -np.inf)
        for i in range(len(xyz)):
            node = leaves + i // leaf
            for axis in range(3):
                lower[node, axis] = min(lower[node, axis], xyz[i, axis])
                upper[node, axis] = max(upper[node, axis], xyz[i, axis])
        for node in range(leaves - 1, 0, -1):
            for axis in range(3):
                lower[node, axis] = min(lower[2 * node, axis], lower[2 * node + 1, axis])
                upper[node, axis] = max(upper[2 * node, axis], upper[2 * node + 1, axis])
        return lower, upper

    return code, boxes
