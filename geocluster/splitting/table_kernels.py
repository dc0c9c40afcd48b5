"""How are tables of draws measured, filled, added up and inverted?

Compiled when this module is imported, which only its caller does, inside a function.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def measure(indptr, indices, data, strata, country, strata_count):  # type: ignore[no-untyped-def]
    """Find the width of each stratum, each row's neighbours, and whether they are alike."""
    n = len(strata)
    width, met = np.zeros(strata_count, np.int64), np.zeros(strata_count, np.int64)
    most, equal = np.zeros(n, np.int64), np.ones(n, np.bool_)
    for i in range(n):
        home, weight = strata[i], -1.0
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if j == i:
                continue
            s = strata[j]
            if s < 0:
                equal[i] = False
                continue
            met[s] += 1
            width[s] = max(width[s], met[s] + (s == home))
            most[i] += 1
            if weight < 0:
                weight = data[e]
            equal[i] &= s == home and country[j] == country[i] and data[e] == weight
        for e in range(indptr[i], indptr[i + 1]):
            if strata[indices[e]] >= 0:
                met[strata[indices[e]]] = 0
    return width, most, equal


@njit(cache=True, nogil=True)
def shuffle(step, rows, values, table, held):  # type: ignore[no-untyped-def]
    """Fill the table of a stratum, and who is drawn."""
    size, k = step.shape
    order = np.arange(len(rows))
    for b in range(size):
        for q in range(k):
            r = step[b, q]
            order[q], order[r] = order[r], order[q]
            row = rows[order[q]]
            table[q * size + b] = values[row]
            held[q * size + b] = row
        for q in range(k - 1, -1, -1):  # and back, for the next draw
            r = step[b, q]
            order[q], order[r] = order[r], order[q]


@njit(cache=True, nogil=True)
def add_up(asked, table, start, sums, raw, centre, square):  # type: ignore[no-untyped-def]
    """Sum the first m places of each draw, and sort."""
    size = sums.shape[1]
    for r in range(len(asked)):
        at, m = start[asked[r, 0]], asked[r, 1]
        for b in range(size):
            raw[r, b] = 0.0
        for q in range(m):
            for b in range(size):
                raw[r, b] += table[at + q * size + b]
        sums[r] = np.sort(raw[r])
        total = 0.0
        for b in range(size):
            total += sums[r, b]
        centre[r] = total / size
        square[r] = 0.0
        for b in range(size):
            square[r] += (sums[r, b] - centre[r]) ** 2


@njit(cache=True, nogil=True)
def invert(held, width, start, size, free, draw, place):  # type: ignore[no-untyped-def]
    """List for each row the draws that hold it, and where."""
    for s in range(len(width)):
        for q in range(width[s]):
            for b in range(size):
                row = held[start[s] + q * size + b]
                draw[free[row]], place[free[row]] = b, q
                free[row] += 1
