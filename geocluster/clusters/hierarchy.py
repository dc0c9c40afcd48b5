"""Which clusters last longest while the distance shrinks?

HDBSCAN (Campello, Moulavi & Sander 2013): the tree of mutual reachability is read as
a hierarchy, small parts are dropped from it, and of what is left the parts with the
greatest excess of mass are chosen. Edges of equal length are *one* merge, so that a
node may have many children and nothing hangs on which of them came first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.density import exact_sums, rank_components
from geocluster.clusters.reachability import FEW_POINTS, core_distances, spanning_tree
from geocluster.graph import TIE_KM, distinct_points

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

RESOLUTION_KM = 0.001
"""Shorter distances count as a metre: rows on one point would be infinitely dense."""
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """Clusters that HDBSCAN chooses, row by row.

    Attributes
    ----------
    label : ndarray of int, shape (n,)
        1 for the largest cluster; 0 outside.
    strength : ndarray, shape (n,)
        How long each row stays in its cluster, 0 to 1; 0 outside.
    birth_km : ndarray, shape (clusters,)
        The distance below which the cluster stands alone.
    stability : ndarray, shape (clusters,)
        Excess of mass, rows/km.
    """

    label: NDArray[np.int64]
    strength: NDArray[np.float64]
    birth_km: NDArray[np.float64]
    stability: NDArray[np.float64]


def find_hierarchy(
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    minimum: int,
    samples: int | None = None,
    weight: NDArray[np.float64] | None = None,
    least_weight: float = 0.0,
    resolution_km: float = RESOLUTION_KM,
) -> Hierarchy:
    """Find the clusters of HDBSCAN, the same ones whatever the order of rows.

    Parameters
    ----------
    longitude, latitude : array_like, shape (n,)
        Degrees, EPSG:4326.
    minimum : int
        Rows of the smallest cluster, from 2 up.
    samples : int, optional
        Rows, itself counted, within the core distance of a row; `minimum` if not given.
    weight : ndarray, shape (n,), optional
        With `least_weight`: what a cluster must hold of it besides.
    least_weight : float, default 0
    resolution_km : float, default 0.001
        Shorter distances count as this one.

    Examples
    --------
    >>> lon = [7.0, 7.01, 7.02, 7.5, 7.51, 7.52, 7.53, 9.0]
    >>> find_hierarchy(lon, [47.0] * 8, minimum=3, samples=2).label.tolist()
    [2, 2, 2, 1, 1, 1, 1, 0]
    """
    points = distinct_points(longitude, latitude)
    rows, total = len(points.of_row), len(points.count)
    samples = minimum if samples is None else samples
    nothing = Hierarchy(np.zeros(rows, dtype=np.int64), np.zeros(rows), np.zeros(0), np.zeros(0))
    if rows < max(minimum, samples, 2):
        return nothing
    heft = points.count.astype(np.float64)
    if weight is not None:
        heft = exact_sums(points.of_row, weight, total)
    tree = spanning_tree(points, samples, floor_km=resolution_km)
    many = np.flatnonzero(points.count > 1)  # rows on one point join each other at its core distance
    one, other = np.append(many, tree.one), np.append(many, tree.other)
    km = np.append(tree.core_km[many], tree.km)
    order = np.argsort(km, kind="stable")
    one, other, km = one[order], other[order], km[order]
    level = np.cumsum(np.append(False, np.diff(km) > TIE_KM)) if len(km) else np.zeros(0, dtype=np.int64)
    # one length a level, or those of rounding would make a difference
    km = km[np.searchsorted(level, level)]
    grow, condense = (_grow, _condense) if total <= FEW_POINTS else _compiled()
    leaf, above, height = grow(one, other, level, km, total)
    cluster, left_km, born_km, upper, stability, longest = condense(
        leaf, above, height, points.count, heft, minimum, least_weight
    )
    chosen = _choose(upper, stability)
    home = chosen[cluster]
    label = rank_components(points, home)
    clusters = int(label.max(initial=0))
    birth, mass = np.zeros(clusters), np.zeros(clusters)
    inside = home >= 0
    birth[label[inside] - 1], mass[label[inside] - 1] = born_km[home[inside]], stability[home[inside]]
    strength = np.zeros(total)
    top = longest[home[inside]]
    strength[inside] = np.minimum(1 / left_km[inside], top) / top
    return Hierarchy(label[points.of_row], strength[points.of_row], birth, mass)


def own_country_cores(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], country: NDArray[np.int64], samples: int
) -> NDArray[np.float64]:
    """Core distance of each row among those of its own country, km; what `border_dependence` asks.

    Examples
    --------
    >>> at = np.array([7.0, 7.0, 7.1])
    >>> own_country_cores(at, np.array([47.0] * 3), np.array([0, 1, 0]), 2).round(1).tolist()
    [7.6, inf, 7.6]
    """
    result = np.full(len(country), np.inf)
    for code in np.unique(country):
        rows = np.flatnonzero(country == code)
        points = distinct_points(longitude[rows], latitude[rows])
        result[rows] = core_distances(points, samples, floor_km=RESOLUTION_KM)[points.of_row]
    return result


def _choose(upper: NDArray[np.int64], stability: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give each cluster the chosen one that holds it, -1 if none; the whole table is never one."""
    total = len(upper)
    kept, below = np.zeros(total, dtype=bool), np.zeros(total)
    for c in range(total - 1, 0, -1):  # a cluster stands behind the one it is part of
        kept[c] = below[c] <= stability[c] * (1 + _EQUAL)
        below[upper[c]] += max(below[c], stability[c])
    home = np.full(total, -1, dtype=np.int64)
    for c in range(1, total):
        home[c] = home[upper[c]] if home[upper[c]] >= 0 else (c if kept[c] else -1)
    return home


def _grow(one, other, level, km, total):  # type: ignore[no-untyped-def]
    """Merge upwards, all edges of a level at once: node of each point's rows, node above each, and heights."""
    most = len(one) + 1
    leaf, parent = np.full(total, -1, np.int64), np.arange(total)
    node_of = np.full(total, -1, np.int64)  # of a part's root: its latest node
    above, same = np.full(most, -1, np.int64), np.arange(most)
    height, made_at = np.empty(most), np.full(most, -1, np.int64)
    made = 0
    for e in range(len(one)):
        a, b = one[e], other[e]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        na, nb = node_of[a], node_of[b]
        while na >= 0 and same[na] != na:
            na = same[na]
        while nb >= 0 and same[nb] != nb:
            nb = same[nb]
        fresh_a = na >= 0 and made_at[na] == level[e]
        fresh_b = nb >= 0 and made_at[nb] == level[e]
        if fresh_a:
            node = na
        elif fresh_b:
            node = nb
        else:
            node = made
            height[node], made_at[node] = km[e], level[e]
            made += 1
        if fresh_a and fresh_b and na != nb:
            same[nb] = na
        if not fresh_a:
            if na >= 0:
                above[na] = node
            elif leaf[a] < 0:
                leaf[a] = node
        if not fresh_b and a != b:
            if nb >= 0:
                above[nb] = node
            elif leaf[b] < 0:
                leaf[b] = node
        if a != b:
            parent[max(a, b)] = min(a, b)
        node_of[min(a, b)] = node
    for p in range(total):
        node = leaf[p]
        while node >= 0 and same[node] != node:
            node = same[node]
        leaf[p] = node
    for v in range(made):
        node = above[v]
        while node >= 0 and same[node] != node:
            node = same[node]
        above[v] = -2 if same[v] != v else node  # -2: another name for a node of its level
    return leaf, above[:made], height[:made]


def _condense(leaf, above, height, count, heft, minimum, least):  # type: ignore[no-untyped-def]
    """Go downwards, drop parts that are too small: each point's cluster and where it leaves, then the clusters."""
    nodes, total = len(above), len(leaf)
    size, mass = np.zeros(nodes, np.int64), np.zeros(nodes)
    for p in range(total):
        size[leaf[p]] += count[p]
        mass[leaf[p]] += heft[p]
    large = np.zeros(nodes, np.int64)
    need = least * (1 - 1e-12)
    for v in range(nodes):  # those above were made later
        if above[v] >= 0:
            size[above[v]] += size[v]
            mass[above[v]] += mass[v]
            if size[v] >= minimum and mass[v] >= need:
                large[above[v]] += 1
    cluster, fallen = np.zeros(nodes, np.int64), np.full(nodes, -1.0)
    upper, born = np.full(nodes + 1, -1, np.int64), np.full(nodes + 1, np.inf)
    stability, longest = np.zeros(nodes + 1), np.zeros(nodes + 1)
    clusters = 1
    for v in range(nodes - 1, -1, -1):
        u = above[v]
        if u < 0:
            continue
        cluster[v] = cluster[u]
        if fallen[u] >= 0:
            fallen[v] = fallen[u]
        elif size[v] < minimum or mass[v] < need:
            fallen[v] = height[u]
        elif large[u] > 1:
            c = cluster[u]
            upper[clusters], born[clusters] = c, height[u]
            stability[c] += size[v] * (1 / height[u] - 1 / born[c])
            longest[c] = max(longest[c], 1 / height[u])
            cluster[v] = clusters
            clusters += 1
    of_point, left = np.zeros(total, np.int64), np.empty(total)
    for p in range(total):
        v = leaf[p]
        c = cluster[v]
        of_point[p] = c
        left[p] = fallen[v] if fallen[v] >= 0 else height[v]
        stability[c] += count[p] * (1 / left[p] - 1 / born[c])
        longest[c] = max(longest[c], 1 / left[p])
    return of_point, left, born[:clusters], upper[:clusters], stability[:clusters], longest[:clusters]


@cache
def _compiled() -> tuple[Any, Any]:
    """Compile both walks, for many points."""
    from numba import njit

    return njit(cache=True, nogil=True)(_grow), njit(cache=True, nogil=True)(_condense)
