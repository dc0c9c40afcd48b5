"""Which loops order points, and find the nearest? Import it late: numba is slow to start."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numba import njit

TIE_KM = 1e-6


@njit(nogil=True, cache=True)
def select(key, order, low, high, nth):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Part order[low:high] at `nth`: none before it has a larger key than any after it."""
    left, right = low, high - 1
    while left < right:
        pivot = key[order[(left + right) // 2]]
        i, j = left, right
        while i <= j:
            while key[order[i]] < pivot:
                i += 1
            while key[order[j]] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if nth <= j:
            right = j
        elif nth >= i:
            left = i
        else:
            return


@njit(nogil=True, cache=True)
def split_points(xyz, order, start, end, size):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Order the points from `start` to `end` so that each leaf of `size` lies together."""
    lows, highs = [start], [end]
    while len(lows):
        low, high = lows.pop(), highs.pop()
        if high - low <= size:
            continue
        axis, widest = 0, -1.0
        for a in range(3):
            least, most = np.inf, -np.inf
            for i in range(low, high):
                value = xyz[order[i], a]
                least = min(least, value)
                most = max(most, value)
            if most - least > widest:
                axis, widest = a, most - least
        leaves = (high - low + size - 1) // size
        middle = low + (leaves // 2) * size
        select(xyz[:, axis], order, low, high, middle)
        lows += [low, middle]
        highs += [middle, high]


@njit(nogil=True, cache=True)
def count_nearest(  # type: ignore[no-untyped-def]
    chord, near, xyz, country, left, right, chords, cell_of, same, found
):  # pragma: no cover
    """Count by distance and country of the nearest; ties share."""
    k, sites, many = cell_of.shape[0], near.shape[0], near.shape[1]
    share = np.zeros(k)
    for b in range(left.shape[0]):
        for i in range(sites):
            number = left[b, i]
            if number == 0:
                continue
            best = np.inf
            whole = 0.0
            for m in range(many):
                j = near[i, m]
                there = right[b, j] - (1.0 if same and j == i else 0.0)
                if there > 0:
                    if best == np.inf:
                        best = chord[i, m]
                    if chord[i, m] > best + TIE_KM:
                        break
                    share[country[j]] += there
                    whole += there
                elif chord[i, m] > min(best + TIE_KM, chords[-1]):
                    break
            else:  # the list ended first: look at all
                if many < sites:
                    whole = 0.0
                    share[:] = 0.0
                    best = np.inf
                    for turn in range(2):
                        for j in range(sites):
                            there = right[b, j] - (1.0 if same and j == i else 0.0)
                            if there > 0:
                                dx, dy = xyz[j, 0] - xyz[i, 0], xyz[j, 1] - xyz[i, 1]
                                dz = xyz[j, 2] - xyz[i, 2]
                                d = sqrt(dx * dx + dy * dy + dz * dz)
                                if turn == 0:
                                    best = min(best, d)
                                elif d <= best + TIE_KM:
                                    share[country[j]] += there
                                    whole += there
            bin_number = 0
            while bin_number < len(chords) and best > chords[bin_number]:
                bin_number += 1
            for c in range(k):
                if share[c] > 0:
                    if bin_number < len(chords):
                        cell = cell_of[country[i], c]
                        if cell >= 0:
                            found[cell, bin_number, b] += number * share[c] / whole
                    share[c] = 0.0
