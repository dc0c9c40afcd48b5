"""How hard is it to cut a network into halves?

The min-cut bisection of a weighted graph: exact for small graphs and where halves need
no cut at all, else by swaps (Kernighan & Lin 1970) from several starts that hang on the
graph alone.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

EXACT = 12
"""Up to so many members all bisections are tried."""
_SPECTRAL = 600
_EQUAL = 1e-9


def bisect(weights: csr_array) -> tuple[float, int]:
    """Cut into halves, whose sizes differ by at most one, at the least weight.

    Parameters
    ----------
    weights : csr_array, shape (n, n)
        Symmetrical, from 0 up, nothing on the diagonal.

    Returns
    -------
    cut : float
        Weight of the edges between the halves; exact up to 12 members and where it is 0,
        else the least that was found.
    edges : int
        How many they are.

    References
    ----------
    Kernighan & Lin 1970, Bell System Technical Journal 49:291-307.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> bisect(csr_array([[0.0, 3, 0, 0], [3, 0, 1, 0], [0, 1, 0, 3], [0, 0, 3, 0]]))
    (1.0, 1)
    """
    total = weights.shape[0]
    if total < 2 or weights.nnz == 0 or _halves_without_cut(weights):
        return 0.0, 0
    if total <= EXACT:
        best = _all_halves(weights.toarray())
        return _measure(weights, best)
    found = [_measure(weights, _swapped(weights, side)) for side in _starts(weights)]
    return min(found)


def _measure(weights: csr_array, side: NDArray[np.bool_]) -> tuple[float, int]:
    """Weight and number of the edges between the sides."""
    edges = weights.tocoo()
    one, other = edges.coords
    between = (side[one] != side[other]) & (one < other) & (edges.data > 0)
    return float(np.sort(edges.data[between]).sum()), int(between.sum())


def _halves_without_cut(weights: csr_array) -> bool:
    """Tell whether connected parts can be dealt out to two halves: sums of their sizes, as bits."""
    from scipy.sparse.csgraph import connected_components

    sizes = np.bincount(connected_components(weights, directed=False)[1])
    sums = 1
    for size in sizes.tolist():
        sums |= sums << size
    return bool(sums >> (weights.shape[0] // 2) & 1)


def _all_halves(dense: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Try every half of a few members; of equal cuts the one with fewer edges."""
    total = len(dense)
    sides = np.array(
        [np.isin(np.arange(total), half) for half in combinations(range(total), total // 2)], dtype=np.float64
    )
    cut = np.einsum("hi,ij,hj->h", sides, dense, 1 - sides)
    edges = np.einsum("hi,ij,hj->h", sides, (dense > 0).astype(np.float64), 1 - sides)
    least = cut <= cut.min() * (1 + _EQUAL)
    best: NDArray[np.bool_] = sides[np.flatnonzero(least)[np.argmin(edges[least])]] > 0
    return best


def _starts(weights: csr_array) -> list[NDArray[np.bool_]]:
    """Halve along several orders: the second eigenvector, and walks from far ends."""
    from scipy.sparse.csgraph import breadth_first_order

    total = weights.shape[0]
    orders = [np.arange(total)]
    if total <= _SPECTRAL:
        dense = weights.toarray()
        _, vectors = np.linalg.eigh(np.diag(dense.sum(axis=1)) - dense)
        orders += [np.argsort(vectors[:, k].round(9), kind="stable") for k in range(1, min(4, total))]
    for seed in (0, total - 1, int(np.argmax(weights.sum(axis=1)))):
        walk = breadth_first_order(weights, seed, directed=False, return_predecessors=False)
        far = breadth_first_order(weights, int(walk[-1]), directed=False, return_predecessors=False)
        orders.append(np.append(far, np.setdiff1d(np.arange(total), far)))
    sides = []
    for order in orders:
        side = np.zeros(total, dtype=bool)
        side[order[: total // 2]] = True
        sides.append(side)
    return sides


def _swapped(weights: csr_array, side: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Swap pairs across the cut, keep the best prefix of each pass, until nothing is gained."""
    start, at, weight = weights.indptr, weights.indices, weights.data
    side = side.copy()
    while True:
        opposite = weights @ np.where(side, -1.0, 1.0)
        gain = np.where(side, opposite, -opposite)  # weight to the other side less that to its own
        free, trial = np.ones(len(side), dtype=bool), side.copy()
        swaps, total, best, kept = [], 0.0, 0.0, 0
        for _ in range(min(int(side.sum()), int((~side).sum()))):
            a = int(np.argmax(np.where(free & trial, gain, -np.inf)))
            own = slice(start[a], start[a + 1])
            to_a = np.zeros(len(side))
            to_a[at[own]] = weight[own]
            b = int(np.argmax(np.where(free & ~trial, gain - 2 * to_a, -np.inf)))
            total += float(gain[a] + gain[b] - 2 * to_a[b])
            for moved in (a, b):
                own = slice(start[moved], start[moved + 1])
                near = at[own]
                same = trial[near] == trial[moved]
                gain[near] += np.where(same, 2.0, -2.0) * weight[own]
                trial[moved] = not trial[moved]
                free[moved] = False
            swaps.append((a, b))
            if total > best * (1 + _EQUAL) + 1e-12:
                best, kept = total, len(swaps)
        if not kept:
            return side
        for a, b in swaps[:kept]:
            side[a], side[b] = side[b], side[a]
