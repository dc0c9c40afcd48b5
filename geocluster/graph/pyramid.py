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

from geocluster.graph.threads import in_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.graph.points import Points

LEAF = 8
_DEEP = 128


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
        in_threads(_search(), self._leaves, self.workers, x, y, z, self.lower, self.upper, chord, at)
        return chord, at

    def within(
        self, chord: NDArray[np.float64], start: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """List all points within a chord of each, itself too, by position: starts (if not known) and positions.

        Examples
        --------
        >>> from geocluster.graph.points import distinct_points
        >>> start, at = Pyramid.of(distinct_points([0.0, 1.0, 3.0], [0.0, 0.0, 0.0])).within(np.full(3, 112.0))
        >>> start.tolist(), at.tolist()
        ([0, 2, 4, 5], [0, 1, 0, 1, 2])
        """
        if start is None:
            start = np.append(0, np.cumsum(self.count_within(chord, np.ones(len(self.xyz), dtype=np.int64))))
        at = np.empty(int(start[-1]), dtype=np.int32)
        in_threads(_walk(), self._leaves, self.workers, self.xyz, self.lower, self.upper, chord, start[:1], start, at)
        return start, at

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
        sums = np.append(0, np.cumsum(weight))
        in_threads(
            _walk(),
            self._leaves,
            self.workers,
            self.xyz,
            self.lower,
            self.upper,
            chord,
            sums,
            start,
            np.empty(0, dtype=np.int32),
        )
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


@cache
def _search() -> Any:
    """Compile the search for the nearest."""
    from numba import njit

    leaf, deep = LEAF, _DEEP

    @njit(cache=True, nogil=True)
    def nearest(low_leaf, high_leaf, xs, ys, zs, lower, upper, chord, at):  # type: ignore[no-untyped-def]  # pragma: no cover
        total, asked = chord.shape
        leaves = lower.shape[0] // 2
        used = (total + leaf - 1) // leaf
        nodes, gaps, apart = np.empty(deep, np.int64), np.empty(deep), np.empty(leaf)
        for mine in range(low_leaf, high_leaf):
            first, last = mine * leaf, min((mine + 1) * leaf, total)
            own = leaves + mine
            x0, y0, z0 = lower[own, 0], lower[own, 1], lower[own, 2]
            x1, y1, z1 = upper[own, 0], upper[own, 1], upper[own, 2]
            bound = np.inf
            nodes[0], gaps[0], held = 1, 0.0, 1
            before = 3  # its own leaf and the two beside it come first
            while held or before:
                if before:
                    before -= 1
                    node = own + (0, 1, -1)[2 - before]
                    if node < leaves or node >= leaves + used:
                        continue
                    gap = 0.0
                else:
                    held -= 1
                    node, gap = nodes[held], gaps[held]
                    if gap > bound:
                        continue
                    if node >= leaves and abs(node - own) <= 1:
                        continue
                if node >= leaves:
                    bound, low = 0.0, (node - leaves) * leaf
                    for i in range(first, last):
                        worst = chord[i, asked - 1]
                        x, y, z = xs[i], ys[i], zs[i]
                        dx = max(lower[node, 0] - x, x - upper[node, 0], 0.0)
                        dy = max(lower[node, 1] - y, y - upper[node, 1], 0.0)
                        dz = max(lower[node, 2] - z, z - upper[node, 2], 0.0)
                        if dx * dx + dy * dy + dz * dz > worst:
                            bound = max(bound, worst)
                            continue
                        for j in range(leaf):
                            dx, dy, dz = x - xs[low + j], y - ys[low + j], z - zs[low + j]
                            apart[j] = dx * dx + dy * dy + dz * dz
                        for j in range(leaf):
                            if apart[j] < worst and low + j != i:
                                k = asked - 1
                                while k > 0 and chord[i, k - 1] > apart[j]:
                                    chord[i, k], at[i, k] = chord[i, k - 1], at[i, k - 1]
                                    k -= 1
                                chord[i, k], at[i, k] = apart[j], low + j
                                worst = chord[i, asked - 1]
                        bound = max(bound, worst)
                    continue
                left = 2 * node
                dx = max(lower[left, 0] - x1, x0 - upper[left, 0], 0.0)
                dy = max(lower[left, 1] - y1, y0 - upper[left, 1], 0.0)
                dz = max(lower[left, 2] - z1, z0 - upper[left, 2], 0.0)
                near = dx * dx + dy * dy + dz * dz
                right = left + 1
                dx = max(lower[right, 0] - x1, x0 - upper[right, 0], 0.0)
                dy = max(lower[right, 1] - y1, y0 - upper[right, 1], 0.0)
                dz = max(lower[right, 2] - z1, z0 - upper[right, 2], 0.0)
                far = dx * dx + dy * dy + dz * dz
                if far < near:
                    near, far, left, right = far, near, right, left
                if far <= bound:
                    nodes[held], gaps[held] = right, far
                    held += 1
                if near <= bound:
                    nodes[held], gaps[held] = left, near
                    held += 1
            for i in range(first, last):
                for k in range(asked):
                    chord[i, k] = np.sqrt(chord[i, k])

    return nearest


@cache
def _walk() -> Any:
    """Compile the walk that counts, or lists, what lies within a chord."""
    from numba import njit

    leaf, deep = LEAF, _DEEP

    @njit(cache=True, nogil=True)
    def walk(low_leaf, high_leaf, xyz, lower, upper, chord, sums, start, at):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Count into start[1:] when `at` is empty; else fill `at` from each start on."""
        total = len(xyz)
        counting = len(at) == 0
        leaves = lower.shape[0] // 2
        nodes, cursor = np.empty(deep, np.int64), np.empty(leaf, np.int64)
        for mine in range(low_leaf, high_leaf):
            first, last = mine * leaf, min((mine + 1) * leaf, total)
            own = leaves + mine
            reach, least = 0.0, np.inf
            for i in range(first, last):
                reach, least = max(reach, chord[i]), min(least, chord[i])
                cursor[i - first] = 0 if counting else start[i]
            reach, least = reach * reach, least * least
            nodes[0], held = 1, 1
            while held:
                held -= 1
                node = nodes[held]
                gap, width = 0.0, 0.0
                for axis in range(3):
                    out = max(lower[node, axis] - upper[own, axis], lower[own, axis] - upper[node, axis], 0.0)
                    gap += out * out
                    out = max(upper[node, axis] - lower[own, axis], upper[own, axis] - lower[node, axis])
                    width += out * out
                if not gap <= reach:  # an empty box is infinitely far
                    continue
                if width <= least or node >= leaves:
                    low, high = node, node
                    while low < leaves:
                        low, high = 2 * low, 2 * high + 1
                    low, high = (low - leaves) * leaf, min((high - leaves + 1) * leaf, total)
                    for i in range(first, last):
                        c = cursor[i - first]
                        if width <= least:
                            if counting:
                                c += sums[high] - sums[low]
                            else:
                                for j in range(low, high):
                                    at[c] = j
                                    c += 1
                        else:
                            limit = chord[i] * chord[i]
                            for j in range(low, high):
                                dx, dy = xyz[i, 0] - xyz[j, 0], xyz[i, 1] - xyz[j, 1]
                                dz = xyz[i, 2] - xyz[j, 2]
                                if dx * dx + dy * dy + dz * dz <= limit:
                                    if counting:
                                        c += sums[j + 1] - sums[j]
                                    else:
                                        at[c] = j
                                        c += 1
                        cursor[i - first] = c
                    continue
                nodes[held], nodes[held + 1] = 2 * node + 1, 2 * node
                held += 2
            if counting:
                for i in range(first, last):
                    start[i + 1] = cursor[i - first]

    return walk
