"""What do the neighbours of each row tell in one pass over the edges, without an array of their size?

Compiled when this module is imported, which only its callers do, inside functions.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def joined_countries(indptr, indices, country, count):  # type: ignore[no-untyped-def]
    """Tell which countries an edge joins: from, to."""
    joined = np.zeros((count, count), np.bool_)
    for i in range(len(country)):
        for e in range(indptr[i], indptr[i + 1]):
            joined[country[i], country[indices[e]]] = True
    return joined


@njit(cache=True, nogil=True)
def count_neighbours(indptr, indices, country, strata):  # type: ignore[no-untyped-def]
    """Count each row's neighbours and those abroad, and tell whether any can be redrawn; without itself."""
    n = len(country)
    degree, abroad, moves = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.bool_)
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if j != i:
                degree[i] += 1
                abroad[i] += country[j] != country[i]
                moves[i] |= strata[j] >= 0
    return degree, abroad, moves


@njit(cache=True, nogil=True)
def weigh_neighbours(indptr, indices, data, country):  # type: ignore[no-untyped-def]
    """Sum weights within and across, and their squares; find the heaviest, and what a row weighs on itself."""
    n = len(country)
    total, squares = np.zeros((n, 2)), np.zeros(n)
    heaviest, own = np.zeros(n), np.zeros(n)
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            j, w = indices[e], data[e]
            total[i, np.int64(country[j] != country[i])] += w
            squares[i] += w * w
            heaviest[i] = max(heaviest[i], w)
            if j == i:
                own[i] += w
    return total, squares, heaviest, own


@njit(cache=True, nogil=True)
def mean_abroad(indptr, indices, data, country, values):  # type: ignore[no-untyped-def]
    """Give each row the weighted mean of its neighbours abroad; NaN without any."""
    n = len(country)
    found = np.full(n, np.nan)
    for i in range(n):
        total, lag = 0.0, 0.0
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if country[j] != country[i]:
                total += data[e]
                lag += data[e] * values[j]
        if total > 0:
            found[i] = lag / total
    return found
