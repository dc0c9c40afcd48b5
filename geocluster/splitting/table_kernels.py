"""How are tables of draws measured, filled, added up and inverted?

Compiled when this module is imported, which only its caller does, inside a function.
"""

from __future__ import annotations

import numpy as np
from numba import njit

GENERAL, HOME, SEVERAL = -1, 0, 1


@njit(cache=True, nogil=True)
def group(strata, strata_count):  # type: ignore[no-untyped-def]
    """List rows by stratum, ascending; those of none (-1) are left out."""
    begin = np.zeros(strata_count + 1, np.int64)
    for i in range(len(strata)):
        if strata[i] >= 0:
            begin[strata[i] + 1] += 1
    for s in range(strata_count):
        begin[s + 1] += begin[s]
    order, free = np.empty(begin[strata_count], np.int32), begin[:-1].copy()
    for i in range(len(strata)):
        if strata[i] >= 0:
            order[free[strata[i]]] = i
            free[strata[i]] += 1
    return begin, order


@njit(cache=True, nogil=True)
def measure(first, last, indptr, indices, data, strata, country, longest, row, count):  # type: ignore[no-untyped-def]
    """Find the width of each stratum, how each row can be answered, and how many rows ask which sums.

    HOME: its neighbours weigh alike, and are all of its own stratum and country. SEVERAL: they
    weigh alike, each can be redrawn, and those of one stratum are all at home or all abroad.
    """
    met, side, asked = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros((count, longest + 1), np.int32)
    wide = np.zeros(count, np.int64)
    for i in range(first, last):
        lo, hi, home = indptr[i], indptr[i + 1], strata[i]
        if lo == hi:
            continue
        here, apart, weight = country[i], 0, data[lo]
        for e in range(lo, hi):
            j = indices[e]
            apart += (strata[j] != home) + (country[j] != here) + (data[e] != weight) + (j == i)
        m = hi - lo
        if apart == 0 and home >= 0:
            row[i] = HOME
            asked[home, m] += 1
            wide[home] = max(wide[home], m + 1)
            continue
        several, weight, m = True, -1.0, 0
        for e in range(lo, hi):
            j = indices[e]
            s = strata[j]
            if j == i:
                continue
            if s < 0:
                several = False
                continue
            abroad = 1 if country[j] != here else 0
            several &= met[s] == 0 or side[s] == abroad
            several &= weight < 0 or data[e] == weight
            weight, side[s] = data[e], abroad
            met[s] += 1
            wide[s] = max(wide[s], met[s] + (s == home))
            m += 1
        if several and m > 0:
            row[i] = HOME if home >= 0 and met[home] == m and side[home] == 0 else SEVERAL
        for e in range(lo, hi):
            s = strata[indices[e]]
            if s >= 0:
                if several and met[s] > 0:
                    asked[s, met[s]] += 1
                met[s] = 0
    return wide, asked


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
def add_up(width, start, size, prefix):  # type: ignore[no-untyped-def]
    """Sum the first m places of each draw, m = 1 … width, in place."""
    for s in range(len(width)):
        for q in range(1, width[s]):
            at = start[s] + q * size
            for b in range(size):
                prefix[at + b] += prefix[at - size + b]


@njit(cache=True, nogil=True)
def invert(held, width, start, size, free, draw, place):  # type: ignore[no-untyped-def]
    """List for each row the draws that hold it, and where."""
    for s in range(len(width)):
        for q in range(width[s]):
            for b in range(size):
                row = held[start[s] + q * size + b]
                draw[free[row]], place[free[row]] = b, q
                free[row] += 1
