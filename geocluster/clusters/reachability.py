"""At which distance does each point become part of its surroundings?

Core distances, and the minimum spanning tree of mutual reachability (Campello,
Moulavi & Sander 2013, definitions 3 to 5), on distinct points with counts: few points
by Prim's rule, many by Borůvka's on a pyramid of boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.distance import to_arc_km
from geocluster.graph.descent import LEAF
from geocluster.graph.pyramid import Pyramid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.graph import Points

FEW_POINTS = 1000
"""Up to so many distinct points Prim's rule is faster than starting compiled code."""


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A minimum spanning tree of mutual reachability.

    Attributes
    ----------
    one, other : ndarray of int, shape (points - 1,)
    km : ndarray, shape (points - 1,)
    core_km : ndarray, shape (points,)
        How far each point must look for `samples` rows, itself among them.
    """

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    km: NDArray[np.float64]
    core_km: NDArray[np.float64]


def core_distances(points: Points, samples: int, *, floor_km: float = 0.0) -> NDArray[np.float64]:
    """Measure how far each point must look for `samples` rows, those on it among them.

    Parameters
    ----------
    points : Points
    samples : int
        From 1 up; infinitely far where there are not so many rows.
    floor_km : float, default 0
        Shorter distances count as this one.

    Returns
    -------
    ndarray, shape (points,)
        Kilometres.

    Examples
    --------
    >>> from geocluster.graph import distinct_points
    >>> core_distances(distinct_points([7.0, 7.0, 7.1], [47.0, 47.0, 47.0]), 2).round(3).tolist()
    [0.0, 7.606]
    """
    return _to_km(np.sqrt(_core2(points, None, samples)), floor_km)


def _to_km(chord: NDArray[np.float64], floor_km: float) -> NDArray[np.float64]:
    return np.where(np.isinf(chord), np.inf, np.maximum(to_arc_km(np.where(np.isinf(chord), 0, chord)), floor_km))


def _core2(points: Points, pyramid: Pyramid | None, samples: int) -> NDArray[np.float64]:
    """Squared chord of each point to its `samples`-th row."""
    total = len(points.count)
    result = np.where(points.count >= samples, 0.0, np.inf)
    asked = min(samples - 1, total - 1)
    if asked < 1 or not np.isinf(result).any():
        return result
    if pyramid is None and total > FEW_POINTS:
        pyramid = Pyramid.of(points)
    if pyramid is None:
        from scipy.spatial import cKDTree

        apart, which = cKDTree(points.xyz).query(points.xyz, k=asked + 1)
        # a point's own place in the list is the one at distance 0: distinct points are apart
        chord, near = np.asarray(apart)[:, 1:], np.asarray(which)[:, 1:]
    else:
        chord, at = pyramid.nearest(asked)
        chord, near = chord[pyramid.position], pyramid.order[at][pyramid.position]
    around = points.count[:, None] + np.cumsum(points.count[near], axis=1)
    reached = around >= samples
    first = np.argmax(reached, axis=1)
    found = np.take_along_axis(chord, first[:, None], axis=1)[:, 0] ** 2
    return np.where(np.isinf(result) & reached.any(axis=1), found, result)


def spanning_tree(points: Points, samples: int, *, floor_km: float) -> Tree:
    """Join all points by the shortest edges of mutual reachability.

    The mutual reachability of two points is the largest of their core distances and
    their distance.

    Parameters
    ----------
    points : Points
        At least one, with `samples` rows or more in all.
    samples : int
    floor_km : float
        Shorter distances count as this one.

    Examples
    --------
    >>> from geocluster.graph import distinct_points
    >>> tree = spanning_tree(distinct_points([7.0, 7.1, 7.3], [47.0, 47.0, 47.0]), 2, floor_km=0.001)
    >>> tree.km.round(1).tolist(), tree.core_km.round(1).tolist()
    ([7.6, 15.2], [7.6, 7.6, 15.2])
    """
    from geocluster.distance import to_chord_km

    few = len(points.count) <= FEW_POINTS
    pyramid = None if few else Pyramid.of(points)
    floor2 = float(to_chord_km(floor_km)) ** 2
    core2 = np.maximum(_core2(points, pyramid, samples), floor2)
    if pyramid is None:
        one, other, apart2 = _prim(points.xyz, core2)
    else:
        by_position = np.ascontiguousarray(core2[pyramid.order])
        one, other, apart2 = _boruvka()(pyramid.xyz, by_position, pyramid.lower, pyramid.upper)
        one, other = pyramid.order[one], pyramid.order[other]
    return Tree(one, other, _to_km(np.sqrt(apart2), floor_km), _to_km(np.sqrt(core2), floor_km))


def _prim(
    xyz: NDArray[np.float64], core2: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Grow one tree, always by the nearest point outside it."""
    total = len(xyz)
    best, source = np.full(total, np.inf), np.zeros(total, dtype=np.int64)
    outside = np.ones(total, dtype=bool)
    one, other = np.zeros(total - 1, dtype=np.int64), np.zeros(total - 1, dtype=np.int64)
    apart2 = np.zeros(total - 1)
    here = 0
    for step in range(total - 1):
        outside[here] = False
        reach = np.maximum(((xyz - xyz[here]) ** 2).sum(axis=1), np.maximum(core2, core2[here]))
        nearer = reach < best
        best[nearer], source[nearer] = reach[nearer], here
        following = int(np.argmin(np.where(outside, best, np.inf)))
        one[step], other[step], apart2[step] = source[following], following, best[following]
        here = following
    return one, other, apart2


@cache
def _boruvka() -> Any:
    """Compile the tree of many points."""
    from numba import njit

    leaf = LEAF

    @njit(cache=True, nogil=True)
    def boruvka(xyz, core2, lower, upper):  # type: ignore[no-untyped-def]  # pragma: no cover
        """In rounds, let each part of the forest take its shortest edge outwards."""
        total, leaves = len(xyz), lower.shape[0] // 2
        least = np.full(2 * leaves, np.inf)  # the smallest core distance below each node
        for i in range(total):
            node = leaves + i // leaf
            least[node] = min(least[node], core2[i])
        for node in range(leaves - 1, 0, -1):
            least[node] = min(least[2 * node], least[2 * node + 1])
        one, other, apart2 = np.empty(total - 1, np.int64), np.empty(total - 1, np.int64), np.empty(total - 1)
        parent, part = np.arange(total), np.arange(total)
        whole = np.full(2 * leaves, -1, np.int64)  # the part that all points below a node are of
        bound = core2.copy()  # no edge of a point outwards is shorter
        partner = np.full(total, -1, np.int64)  # at the end of an edge of just that length
        best, source, target = np.empty(total), np.empty(total, np.int64), np.empty(total, np.int64)
        nodes, gaps = np.empty(128, np.int64), np.empty(128)
        made = 0
        while made < total - 1:
            for i in range(total):
                best[i], source[i] = np.inf, -1
            for node in range(2 * leaves - 1, 0, -1):
                if node >= leaves:
                    low = (node - leaves) * leaf
                    whole[node] = -2 if low >= total else part[low]
                    for i in range(low + 1, min(low + leaf, total)):
                        if part[i] != whole[node]:
                            whole[node] = -1
                else:
                    left, right = whole[2 * node], whole[2 * node + 1]
                    whole[node] = left if right == -2 or left == right else -1
            for i in range(total):
                j = partner[i]
                if j >= 0 and part[j] != part[i] and bound[i] < best[part[i]]:
                    best[part[i]], source[part[i]], target[part[i]] = bound[i], i, j
            for i in range(total):
                mine = part[i]
                if bound[i] >= best[mine] or (partner[i] >= 0 and part[partner[i]] != mine):
                    continue
                x, y, z, own = xyz[i, 0], xyz[i, 1], xyz[i, 2], core2[i]
                limit, found = best[mine], -1
                nodes[0], gaps[0], held = 1, 0.0, 1
                climbing = leaves + i // leaf  # its own leaf first: a near partner prunes the rest
                while held or climbing:
                    if climbing:
                        node, gap, climbing = climbing, 0.0, 0
                    else:
                        held -= 1
                        node, gap = nodes[held], gaps[held]
                    if gap >= limit or whole[node] == mine:
                        continue
                    if node >= leaves:
                        low = (node - leaves) * leaf
                        for j in range(low, min(low + leaf, total)):
                            if part[j] == mine:
                                continue
                            dx, dy, dz = x - xyz[j, 0], y - xyz[j, 1], z - xyz[j, 2]
                            reach = max(dx * dx + dy * dy + dz * dz, own, core2[j])
                            if reach < limit:
                                limit, found = reach, j
                        if limit <= own:
                            break
                        continue
                    for side in range(2):
                        # the nearer child is pushed last, so that it is taken first
                        child = 2 * node + side
                        gap = own if own > least[child] else least[child]
                        dx = max(lower[child, 0] - x, x - upper[child, 0], 0.0)
                        dy = max(lower[child, 1] - y, y - upper[child, 1], 0.0)
                        dz = max(lower[child, 2] - z, z - upper[child, 2], 0.0)
                        apart = dx * dx + dy * dy + dz * dz
                        gap = max(gap, apart)
                        if gap < limit and whole[child] != mine:
                            nodes[held], gaps[held] = child, gap
                            held += 1
                            if side == 1 and held > 1 and nodes[held - 2] == child - 1 and gaps[held - 2] < gap:
                                nodes[held - 2], nodes[held - 1] = child, child - 1
                                gaps[held - 2], gaps[held - 1] = gap, gaps[held - 2]
                if found >= 0:
                    bound[i], partner[i] = limit, found
                    best[mine], source[mine], target[mine] = limit, i, found
                else:
                    bound[i], partner[i] = max(bound[i], limit), -1
            for c in range(total):
                if source[c] < 0:
                    continue
                a, b = source[c], target[c]
                while parent[a] != a:
                    parent[a] = parent[parent[a]]
                    a = parent[a]
                while parent[b] != b:
                    parent[b] = parent[parent[b]]
                    b = parent[b]
                if a == b:  # equal edges would close a ring
                    continue
                parent[max(a, b)] = min(a, b)
                one[made], other[made], apart2[made] = source[c], target[c], best[c]
                made += 1
            for i in range(total):
                root = i
                while parent[root] != root:
                    root = parent[root]
                parent[i] = part[i] = root
        return one, other, apart2

    return boruvka
