"""Where do stakeholders stand densely?

DBSCAN (Ester et al. 1996) on distinct points with counts, independent of row
order: few points by a k-d tree, many by a hash of cells so small that all of a
cell are neighbours of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.graph import TIE_KM, Points, distinct_points, reach_km

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FEW_POINTS = 3000
"""Below so many distinct points a k-d tree is faster than starting compiled code."""
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """Clusters and cores, row by row.

    Attributes
    ----------
    label : ndarray of int, shape (n,)
        1 for the largest cluster; 0 outside.
    core : ndarray of bool, shape (n,)
    """

    label: NDArray[np.int64]
    core: NDArray[np.bool_]


def find_dense(
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    radius_km: float,
    minimum: int,
    weight: NDArray[np.float64] | None = None,
    least_weight: float = 0.0,
    points: Points | None = None,
) -> Density:
    """Find the clusters of DBSCAN, the same ones whatever the order of rows.

    A row is core when at least `minimum` rows, itself among them, stand within
    `radius_km` (Schubert et al. 2017). Cores within the radius of each other are
    of one cluster; another row near a core goes to its nearest core, of equally
    near ones to that with the smaller (longitude, latitude). Labels go by size,
    then by the smallest (longitude, latitude) of the cluster.

    Parameters
    ----------
    longitude, latitude : array_like, shape (n,)
        Degrees, EPSG:4326.
    radius_km : float
        Above 0.
    minimum : int
        From 1 up.
    weight : ndarray, shape (n,), optional
        With `least_weight`: what must stand within the radius of a core besides, e.g. employees.
    least_weight : float, default 0
    points : Points, optional
        The distinct points of the rows, if they are known.

    Examples
    --------
    >>> find_dense([7.58, 7.59, 7.58, 9.0], [47.5, 47.5, 47.6, 47.5], radius_km=12, minimum=3).label.tolist()
    [1, 1, 1, 0]
    """
    points = points or distinct_points(longitude, latitude)
    if len(points.of_row) < minimum:
        return Density(np.zeros(len(points.of_row), dtype=np.int64), np.zeros(len(points.of_row), dtype=bool))
    reach = reach_km(radius_km)
    heft = None if weight is None else exact_sums(points.of_row, weight, len(points.count))
    way = _by_tree if len(points.count) < FEW_POINTS else _by_cells
    core, component = way(points, reach, minimum, heft, least_weight * (1 - _ROUNDING))
    return Density(rank_components(points, component)[points.of_row], core[points.of_row])


def rank_components(points: Points, component: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank the components by rows, then by their first point: points are sorted by (longitude, latitude)."""
    inside = np.flatnonzero(component >= 0)
    _, first, of_point = np.unique(component[inside], return_index=True, return_inverse=True)
    size = np.bincount(of_point, weights=points.count[inside], minlength=len(first))
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.lexsort((first, -size))] = np.arange(1, len(first) + 1)
    label = np.zeros(len(component), dtype=np.int64)
    label[inside] = rank[of_point]
    return label


def exact_sums(group: NDArray[np.int64], weight: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    """Sum weights by group, to the same bits whatever the order of rows.

    Examples
    --------
    >>> exact_sums(np.array([0, 1, 0]), np.array([0.5, 2.0, 0.25]), 2).tolist()
    [0.75, 2.0]
    """
    order = np.lexsort((weight, group))
    return np.bincount(group[order], weights=weight[order], minlength=groups).astype(np.float64)


def _by_tree(
    points: Points, reach: float, minimum: int, heft: NDArray[np.float64] | None = None, least: float = 0.0
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Find core points and components from all pairs of near points."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    total = len(points.count)
    pairs = cKDTree(points.xyz).query_pairs(reach, output_type="ndarray")
    one, other = pairs[:, 0], pairs[:, 1]
    around = points.count + np.bincount(one, weights=points.count[other], minlength=total)
    around += np.bincount(other, weights=points.count[one], minlength=total)
    core = around >= minimum
    if heft is not None:
        heavy = heft + np.bincount(one, weights=heft[other], minlength=total)
        core &= heavy + np.bincount(other, weights=heft[one], minlength=total) >= least
    both = core[one] & core[other]
    links = sparse.coo_array((np.ones(both.sum()), (one[both], other[both])), shape=(total, total))
    component = np.where(core, connected_components(links, directed=False)[1].astype(np.int64), -1)
    mixed = core[one] != core[other]
    fringe = np.where(core[one], other, one)[mixed]
    centre = np.where(core[one], one, other)[mixed]
    apart = np.sqrt(((points.xyz[fringe] - points.xyz[centre]) ** 2).sum(axis=1))
    nearest = np.full(total, np.inf)
    np.minimum.at(nearest, fringe, apart)
    tied = apart <= nearest[fringe] + TIE_KM
    chosen = np.full(total, total)
    np.minimum.at(chosen, fringe[tied], centre[tied])
    reached = chosen < total
    component[reached] = component[chosen[reached]]
    return core, component


def _by_cells(
    points: Points, reach: float, minimum: int, heft: NDArray[np.float64] | None = None, least: float = 0.0
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Find core points and components cell by cell; a cell's diagonal is the radius."""
    adjacent, join = _kernels()
    cell = np.floor(points.xyz / (reach * (1 - 1e-12) / np.sqrt(3))).astype(np.int64)
    cell -= cell.min(axis=0)
    if sum(_bits(cell)) > 62:  # a tiny radius on a large globe: gaps need not be wider than adjacency reaches
        cell = np.stack([_without_gaps(axis) for axis in cell.T], axis=-1)
    _, y_bits, z_bits = _bits(cell)
    packed = (((cell[:, 0] << y_bits) + cell[:, 1]) << z_bits) + cell[:, 2]
    order = np.argsort(packed, kind="stable")
    packed = packed[order]
    fresh = np.append(True, packed[1:] != packed[:-1])
    start = np.append(np.flatnonzero(fresh), len(packed))
    first, beside = adjacent(packed[fresh], 1 << (y_bits + z_bits), 1 << z_bits)
    xyz, count = np.ascontiguousarray(points.xyz[order]), points.count[order]
    weighed = np.zeros(len(count)) if heft is None else heft[order]
    least = -1.0 if heft is None else least
    core, component = join(xyz, count, weighed, order, start, first, beside, reach, TIE_KM, minimum, least)
    placed_core, placed = np.empty_like(core), np.empty_like(component)
    placed_core[order], placed[order] = core, component
    return placed_core, placed


def _bits(cell: NDArray[np.int64]) -> list[int]:
    """Count the bits of each axis, with room for two cells beyond its ends."""
    return [int(width + 5).bit_length() for width in cell.max(axis=0)]


def _without_gaps(axis: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shorten steps longer than three cells to three: who was two away stays so, and no one else comes."""
    values, of_row = np.unique(axis, return_inverse=True)
    return np.append(0, np.cumsum(np.minimum(np.diff(values), 3)))[of_row]


@cache
def _kernels() -> tuple[Any, Any]:
    """Compile the two loops, once; neither calls another, so that the copy on disk is found again."""
    from numba import njit

    @njit(cache=True, nogil=True)
    def adjacent(packed, x_step, y_step):  # type: ignore[no-untyped-def]
        """List for each cell the occupied ones up to two away; cells are sorted, so each column is one walk."""
        total = len(packed)
        first = np.zeros(total + 1, np.int64)
        at = first
        beside = np.empty(0, np.int32)
        for fill in range(2):
            if fill == 1:
                for i in range(total):
                    first[i + 1] += first[i]
                beside = np.empty(first[total], np.int32)
                at = first[:-1].copy()
            for column in range(13):  # the half that lies ahead; the other half is its mirror
                dx, dy = (column + 2) // 5, (column + 2) % 5 - 2
                low = 0
                for i in range(total):
                    target = packed[i] + dx * x_step + dy * y_step
                    while low < total and (packed[low] < target - 2 or low <= i):
                        low += 1
                    j = low
                    while j < total and packed[j] <= target + 2:
                        if fill == 1:
                            beside[at[i]], beside[at[j]] = j, i
                            at[i] += 1
                            at[j] += 1
                        else:
                            first[i + 1] += 1
                            first[j + 1] += 1
                        j += 1
        return first, beside

    @njit(cache=True, nogil=True)
    def join(xyz, count, heft, order, start, first, beside, reach, tie, minimum, least):  # type: ignore[no-untyped-def]
        """Find cores, join their cells, and send the fringe to its nearest core."""
        total, cells, reach2 = len(xyz), len(start) - 1, reach * reach
        core = np.zeros(total, np.bool_)
        cores = np.zeros(cells, np.int64)
        box = np.empty((cells, 6))
        for c in range(cells):  # a full cell is all core, without a distance
            inside, heavy_inside = 0, 0.0
            for axis in range(3):
                box[c, axis], box[c, axis + 3] = np.inf, -np.inf
            for p in range(start[c], start[c + 1]):
                inside += count[p]
                heavy_inside += heft[p]
                for axis in range(3):
                    at = xyz[p, axis]
                    box[c, axis], box[c, axis + 3] = min(box[c, axis], at), max(box[c, axis + 3], at)
            for p in range(start[c], start[c + 1]):
                around, heavy = inside, heavy_inside
                k = first[c]
                while (around < minimum or heavy < least) and k < first[c + 1]:
                    for q in range(start[beside[k]], start[beside[k] + 1]):
                        x, y, z = xyz[p, 0] - xyz[q, 0], xyz[p, 1] - xyz[q, 1], xyz[p, 2] - xyz[q, 2]
                        if x * x + y * y + z * z <= reach2:
                            around += count[q]
                            heavy += heft[q]
                    k += 1
                core[p] = around >= minimum and heavy >= least
                cores[c] += core[p]
        parent = np.arange(cells)
        for c in range(cells):
            for k in range(first[c], first[c + 1]):
                d = beside[k]
                if d < c or cores[c] == 0 or cores[d] == 0:
                    continue
                one, other = c, np.int64(d)
                while parent[one] != one:
                    parent[one] = parent[parent[one]]
                    one = parent[one]
                while parent[other] != other:
                    parent[other] = parent[parent[other]]
                    other = parent[other]
                if one == other:
                    continue
                joined = False
                for p in range(start[c], start[c + 1]):
                    if not core[p]:
                        continue
                    gap2 = 0.0
                    for axis in range(3):
                        gap = max(box[d, axis] - xyz[p, axis], xyz[p, axis] - box[d, axis + 3], 0.0)
                        gap2 += gap * gap
                    if gap2 > reach2:
                        continue
                    for q in range(start[d], start[d + 1]):
                        x, y, z = xyz[p, 0] - xyz[q, 0], xyz[p, 1] - xyz[q, 1], xyz[p, 2] - xyz[q, 2]
                        if core[q] and x * x + y * y + z * z <= reach2:
                            joined = True
                            break
                    if joined:
                        if one < other:
                            parent[other] = one
                        else:
                            parent[one] = other
                        break
        component = np.full(total, -1, np.int64)
        for c in range(cells):
            root = c
            while parent[root] != root:
                root = parent[root]
            parent[c] = root
        for c in range(cells):
            for p in range(start[c], start[c + 1]):
                if core[p]:
                    component[p] = parent[c]
                    continue
                nearest, chosen = np.inf, total
                for look in range(2):  # the least distance, then the first point at it
                    for k in range(first[c] - 1, first[c + 1]):
                        d = np.int64(beside[k]) if k >= first[c] else c
                        if cores[d] == 0:
                            continue
                        for q in range(start[d], start[d + 1]):
                            if not core[q]:
                                continue
                            x, y, z = xyz[p, 0] - xyz[q, 0], xyz[p, 1] - xyz[q, 1], xyz[p, 2] - xyz[q, 2]
                            apart2 = x * x + y * y + z * z
                            if apart2 > reach2:
                                continue
                            apart = np.sqrt(apart2)
                            if look == 0:
                                nearest = min(nearest, apart)
                            elif apart <= nearest + tie and order[q] < chosen:
                                chosen = order[q]
                                component[p] = parent[d]
                    if nearest == np.inf:
                        break
        return core, component

    return adjacent, join
