"""Which loops count pairs of points by distance? Import it late: numba is slow to start."""

from __future__ import annotations

from math import asin, sqrt

import numpy as np
from numba import njit

from geocluster.cross.word_kernels import popcount
from geocluster.distance import RADIUS_KM

# a box is sure only with room for rounding: at the limit itself the pair decides
LESS, MORE = 1 - 1e-12, 1 + 1e-12


@njit(nogil=True, cache=True)
def gap2(low, high, other_low, other_high):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Least squared distance of two boxes."""
    total = 0.0
    for a in range(3):
        gap = max(0.0, low[a] - other_high[a], other_low[a] - high[a])
        total += gap * gap
    return total


@njit(nogil=True, cache=True)
def span2(low, high, other_low, other_high):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Largest squared distance of two boxes."""
    total = 0.0
    for a in range(3):
        gap = max(high[a] - other_low[a], other_high[a] - low[a])
        total += gap * gap
    return total


@njit(nogil=True, cache=True)
def bin_of(squared, limits):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count the limits below a squared distance: its bin."""
    k = 0
    while k < len(limits) and squared > limits[k]:
        k += 1
    return k


@njit(nogil=True, cache=True)
def find_near(low, high, country, limit, found):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Mark the pairs of countries some of whose boxes come so near."""
    for i in range(len(country)):
        for j in range(len(country)):
            a, b = country[i], country[j]
            if not found[a, b] and gap2(low[i], high[i], low[j], high[j]) <= limit:
                found[a, b] = True


@njit(nogil=True, cache=True)
def count_word_pairs(  # type: ignore[no-untyped-def]
    task, tasks, x, y, z, low, high, country, block_first, block_low, block_high, filled, limits, cell_of,
    left, right, found,
):  # fmt: skip  # pragma: no cover
    """Count pairs of labels in words; every `tasks`-th leaf, from `task` on."""
    bins, draws = len(limits), left.shape[1]
    row_masks = np.zeros(bins + 1, dtype=np.uint64)
    squared = np.empty(64)
    at_low, at_high = np.empty(3), np.empty(3)
    for one in range(task, len(filled), tasks):
        mine = left[one]
        for block in range(len(block_first) - 1):
            cell = cell_of[country[one], country[block_first[block]]]
            if cell < 0 or gap2(low[one], high[one], block_low[block], block_high[block]) > limits[-1] * MORE:
                continue
            for other in range(block_first[block], block_first[block + 1]):
                least = gap2(low[one], high[one], low[other], high[other])
                if least > limits[-1] * MORE:
                    continue
                theirs = right[other]
                first = bin_of(least * LESS, limits)
                last = bin_of(span2(low[one], high[one], low[other], high[other]) * MORE, limits)
                if first == last and one != other:
                    if first < bins:
                        row = found[cell, first]
                        for b in range(draws):
                            row[b] += popcount(mine[b]) * popcount(theirs[b])
                    continue
                for k in range(bins + 1):
                    row_masks[k] = 0
                for i in range(filled[one]):
                    at_low[0] = at_high[0] = px = x[one, i]
                    at_low[1] = at_high[1] = py = y[one, i]
                    at_low[2] = at_high[2] = pz = z[one, i]
                    bit = np.uint64(1) << np.uint64(i)
                    nearest = gap2(at_low, at_high, low[other], high[other])
                    k0 = bin_of(nearest * LESS, limits)
                    if k0 >= bins:
                        continue
                    k1 = bin_of(span2(at_low, at_high, low[other], high[other]) * MORE, limits)
                    if k0 == k1 and one != other:
                        row_masks[k0] |= bit
                        continue
                    ox, oy, oz = x[other], y[other], z[other]
                    for j in range(64):
                        dx, dy, dz = ox[j] - px, oy[j] - py, oz[j] - pz
                        squared[j] = dx * dx + dy * dy + dz * dz
                    before = np.uint64(0)
                    for k in range(k0, min(k1 + 1, bins)):
                        limit = limits[k]
                        mask = np.uint64(0)
                        for j in range(64):
                            if squared[j] <= limit:
                                mask |= np.uint64(1) << np.uint64(j)
                        new = mask & ~before
                        before = mask
                        if one == other:
                            new &= ~bit
                        if new == 0:
                            continue
                        row = found[cell, k]
                        shift = np.uint64(i)
                        for b in range(draws):
                            row[b] += popcount(theirs[b] & new) * np.int64((mine[b] >> shift) & np.uint64(1))
                for k in range(bins):
                    mask = row_masks[k]
                    if mask:
                        row = found[cell, k]
                        for b in range(draws):
                            row[b] += popcount(mine[b] & mask) * popcount(theirs[b])


@njit(nogil=True, cache=True)
def count_row_pairs(  # type: ignore[no-untyped-def]
    task, tasks, x, y, z, low, high, country, block_first, block_low, block_high, filled, limits, cell_of,
    left, right, sums, found,
):  # fmt: skip  # pragma: no cover
    """Sum products of rows of numbers over pairs of sites; every `tasks`-th leaf, from `task` on."""
    bins, draws, size = len(limits), left.shape[1], x.shape[1]
    near_by = np.zeros((bins, draws), dtype=right.dtype)
    used = np.zeros(bins, dtype=np.bool_)
    at = np.empty(3)
    near_blocks = np.empty(len(block_first), dtype=np.int64)
    for one in range(task, len(filled), tasks):
        blocks = 0
        for block in range(len(block_first) - 1):
            if (
                cell_of[country[one], country[block_first[block]]] >= 0
                and gap2(low[one], high[one], block_low[block], block_high[block]) <= limits[-1] * MORE
            ):
                near_blocks[blocks] = block
                blocks += 1
        for i in range(filled[one]):
            at[0], at[1], at[2] = px, py, pz = x[one, i], y[one, i], z[one, i]
            mine = left[one * size + i]
            for turn in range(blocks):
                block = near_blocks[turn]
                there = country[block_first[block]]
                cell = cell_of[country[one], there]
                if gap2(at, at, block_low[block], block_high[block]) <= limits[-1] * MORE:
                    for other in range(block_first[block], block_first[block + 1]):
                        k0 = bin_of(gap2(at, at, low[other], high[other]) * LESS, limits)
                        if k0 >= bins:
                            continue
                        k1 = bin_of(span2(at, at, low[other], high[other]) * MORE, limits)
                        if k0 == k1:
                            used[k0] = True
                            row, theirs = near_by[k0], sums[other]
                            for b in range(draws):
                                row[b] += theirs[b]
                            continue
                        for j in range(filled[other]):
                            dx, dy, dz = x[other, j] - px, y[other, j] - py, z[other, j] - pz
                            squared = dx * dx + dy * dy + dz * dz
                            k = k0
                            while k < bins and squared > limits[k]:
                                k += 1
                            if k < bins:
                                used[k] = True
                                row, theirs = near_by[k], right[other * size + j]
                                for b in range(draws):
                                    row[b] += theirs[b]
                if turn + 1 == blocks or country[block_first[near_blocks[turn + 1]]] != there:
                    for k in range(bins):
                        if used[k]:
                            used[k] = False
                            row, total = near_by[k], found[cell, k]
                            for b in range(draws):
                                total[b] += mine[b] * row[b]
                                row[b] = 0


@njit(nogil=True, cache=True)
def weigh_row_pairs(  # type: ignore[no-untyped-def]
    task, tasks, x, y, z, low, high, country, block_first, block_low, block_high, filled, limits, cell_of,
    left, right, at_km, bandwidth, found,
):  # fmt: skip  # pragma: no cover
    """Sum products of rows weighted by Epanechnikov's kernel; every `tasks`-th leaf, from `task` on."""
    draws, size, diameter = left.shape[1], x.shape[1], 2 * RADIUS_KM
    near_by = np.zeros((len(at_km), draws))
    at = np.empty(3)
    near_blocks = np.empty(len(block_first), dtype=np.int64)
    for one in range(task, len(filled), tasks):
        blocks = 0
        for block in range(len(block_first) - 1):
            if (
                cell_of[country[one], country[block_first[block]]] >= 0
                and gap2(low[one], high[one], block_low[block], block_high[block]) <= limits[0] * MORE
            ):
                near_blocks[blocks] = block
                blocks += 1
        for i in range(filled[one]):
            at[0], at[1], at[2] = px, py, pz = x[one, i], y[one, i], z[one, i]
            mine = left[one * size + i]
            used = False
            for turn in range(blocks):
                block = near_blocks[turn]
                there = country[block_first[block]]
                cell = cell_of[country[one], there]
                if gap2(at, at, block_low[block], block_high[block]) <= limits[0] * MORE:
                    for other in range(block_first[block], block_first[block + 1]):
                        if gap2(at, at, low[other], high[other]) > limits[0] * MORE:
                            continue
                        for j in range(filled[other]):
                            dx, dy, dz = x[other, j] - px, y[other, j] - py, z[other, j] - pz
                            d = diameter * asin(min(1.0, sqrt(dx * dx + dy * dy + dz * dz) / diameter))
                            theirs = right[other * size + j]
                            for m in range(len(at_km)):
                                u, v = (at_km[m] - d) / bandwidth, (at_km[m] + d) / bandwidth
                                if abs(u) >= 1 and v >= 1:
                                    continue
                                weight = 0.75 / bandwidth * (max(0.0, 1 - u * u) + max(0.0, 1 - v * v))
                                used = True
                                row = near_by[m]
                                for b in range(draws):
                                    row[b] += weight * theirs[b]
                if used and (turn + 1 == blocks or country[block_first[near_blocks[turn + 1]]] != there):
                    used = False
                    for m in range(len(at_km)):
                        row, total = near_by[m], found[cell, m]
                        for b in range(draws):
                            total[b] += mine[b] * row[b]
                            row[b] = 0
