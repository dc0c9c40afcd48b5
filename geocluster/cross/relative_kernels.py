"""Which loops sum what stands about each row, under all labellings at once? Import it late: numba is slow to start."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
from numba import njit

RADIUS_KM = 6371.0088
CUT = 4.0
"""Where the Gaussian ends, in bandwidths."""


@njit(nogil=True, cache=True)
def ring_of(limits, square):  # type: ignore[no-untyped-def]  # pragma: no cover
    """First limit that is not below; as many as there are limits if all are."""
    low, high = 0, len(limits)
    while low < high:
        middle = (low + high) // 2
        if limits[middle] < square:
            low = middle + 1
        else:
            high = middle
    return low


@njit(nogil=True, cache=True)
def gaps(x, y, z, low, high):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Squared distance to the nearest and to the farthest corner of a box."""
    near = far = 0.0
    for a in range(3):
        v = x if a == 0 else (y if a == 1 else z)
        under, over = low[a] - v, v - high[a]
        gap = max(under, over, 0.0)
        near += gap * gap
        wide = max(-under, -over)
        far += wide * wide
    return near, far


@njit(nogil=True, cache=True)
def add_row(into, values):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add a row of numbers to another."""
    for w in range(into.shape[0]):
        into[w] += values[w]


@njit(nogil=True, cache=True)
def gather(  # type: ignore[no-untyped-def]
    first_leaf, last_leaf, leaf_country, xyz, filled, low, high, block_first, block_low, block_high,
    limits, cell_of, left, right, leaf_sum, block_sum, self_value, inverse, found,
):  # fmt: skip  # pragma: no cover
    """For each row: sum the columns of all rows in each ring, cumulate, weigh, and add by cell where the row counts.

    inverse (slots, distances): 1 / V_i(r), 0 without a neighbour. left (slots, draws): A.
    self_value (slots, draws): what the row itself adds to the ring of distance 0, taken away again.
    """
    size, draws, rings = xyz.shape[2], right.shape[1], len(limits)
    acc = np.zeros((rings, draws), right.dtype)
    last = limits[rings - 1]
    for leaf in range(first_leaf, last_leaf):
        a = leaf_country[leaf]
        for s in range(filled[leaf]):
            i = leaf * size + s
            if inverse[i, rings - 1] == 0:
                continue
            x, y, z = xyz[0, leaf, s], xyz[1, leaf, s], xyz[2, leaf, s]
            for block in range(len(block_first) - 1):
                b = leaf_country[block_first[block]]
                cell = cell_of[a, b]
                if cell >= 0:
                    near, far = gaps(x, y, z, block_low[block], block_high[block])
                    if near <= last:
                        ring = ring_of(limits, near)
                        if far <= limits[ring]:
                            add_row(acc[ring], block_sum[block])
                        else:
                            for other in range(block_first[block], block_first[block + 1]):
                                near, far = gaps(x, y, z, low[other], high[other])
                                if near > last:
                                    continue
                                ring = ring_of(limits, near)
                                if far <= limits[ring]:
                                    add_row(acc[ring], leaf_sum[other])
                                    continue
                                for t in range(filled[other]):
                                    dx = xyz[0, other, t] - x
                                    dy = xyz[1, other, t] - y
                                    dz = xyz[2, other, t] - z
                                    ring = ring_of(limits, dx * dx + dy * dy + dz * dz)
                                    if ring < rings:
                                        add_row(acc[ring], right[other * size + t])
                done = block + 2 == len(block_first) or leaf_country[block_first[block + 1]] != b
                if not (done and cell >= 0):
                    continue
                if a == b:
                    for w in range(draws):
                        acc[0, w] -= self_value[i, w]
                for r in range(rings):
                    if r > 0:
                        add_row(acc[r], acc[r - 1])
                    share = inverse[i, r]
                    if share > 0:
                        row, into = acc[r], found[cell, r]
                        for w in range(draws):
                            into[w] += left[i, w] * row[w] * share
                for r in range(rings):
                    for w in range(draws):
                        acc[r, w] = 0


@njit(nogil=True, cache=True)
def totals(first_leaf, last_leaf, xyz, filled, low, high, limits, weight, total):  # type: ignore[no-untyped-def]  # pragma: no cover
    """V_i(r): what stands within each distance of each row, itself left out."""
    size, rings, last = xyz.shape[2], len(limits), limits[-1]
    leaf_sum = np.zeros(len(filled))
    for other in range(len(filled)):
        for t in range(filled[other]):
            leaf_sum[other] += weight[other * size + t]
    for leaf in range(first_leaf, last_leaf):
        for s in range(filled[leaf]):
            i = leaf * size + s
            x, y, z = xyz[0, leaf, s], xyz[1, leaf, s], xyz[2, leaf, s]
            for other in range(len(filled)):
                near, far = gaps(x, y, z, low[other], high[other])
                if near > last:
                    continue
                ring = ring_of(limits, near)
                if other != leaf and far <= limits[ring]:
                    total[i, ring] += leaf_sum[other]
                    continue
                for t in range(filled[other]):
                    if other == leaf and t == s:
                        continue
                    dx, dy, dz = xyz[0, other, t] - x, xyz[1, other, t] - y, xyz[2, other, t] - z
                    ring = ring_of(limits, dx * dx + dy * dy + dz * dz)
                    if ring < rings:
                        total[i, ring] += weight[other * size + t]
            for r in range(1, rings):
                total[i, r] += total[i, r - 1]


@njit(nogil=True, cache=True)
def arc(square):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Kilometres along the Earth for a squared chord."""
    half = min(sqrt(square) / (2 * RADIUS_KM), 1.0)
    return 2 * RADIUS_KM * np.arcsin(half)


@njit(nogil=True, cache=True)
def smooth(  # type: ignore[no-untyped-def]
    first_leaf, last_leaf, leaf_country, xyz, filled, low, high, at, reach, bandwidth, flat, cell_of, left, right,
    weight, inverse, found, total,
):  # fmt: skip  # pragma: no cover
    """Do the same with a Gaussian kernel at each distance, reflected at 0; with `total` given, only V_i(r)."""
    size, draws, rings = xyz.shape[2], right.shape[1], len(at)
    only_total = total.shape[0] > 0
    acc = np.zeros((rings, draws))
    limit = reach * reach
    for leaf in range(first_leaf, last_leaf):
        a = leaf_country[leaf]
        for s in range(filled[leaf]):
            i = leaf * size + s
            x, y, z = xyz[0, leaf, s], xyz[1, leaf, s], xyz[2, leaf, s]
            for other in range(len(filled)):
                b = leaf_country[other]
                cell = cell_of[a, b]
                if only_total or cell >= 0:
                    near, _ = gaps(x, y, z, low[other], high[other])
                    if near <= limit:
                        for t in range(filled[other]):
                            j = other * size + t
                            if i == j:
                                continue
                            dx, dy, dz = xyz[0, other, t] - x, xyz[1, other, t] - y, xyz[2, other, t] - z
                            square = dx * dx + dy * dy + dz * dz
                            if square > limit:
                                continue
                            d = sqrt(square) if flat else arc(square)
                            for r in range(rings):
                                u, v = (at[r] - d) / bandwidth, (at[r] + d) / bandwidth
                                if abs(u) > CUT:
                                    continue
                                k = exp(-u * u / 2) + (exp(-v * v / 2) if v <= CUT else 0.0)
                                if only_total:
                                    total[i, r] += k * weight[j]
                                else:
                                    row, into = right[j], acc[r]
                                    for w in range(draws):
                                        into[w] += k * row[w]
                done = other + 1 == len(filled) or leaf_country[other + 1] != b
                if not done or only_total or cell < 0:
                    continue
                for r in range(rings):
                    share = inverse[i, r]
                    for w in range(draws):
                        if share > 0:
                            found[cell, r, w] += left[i, w] * acc[r, w] * share
                        acc[r, w] = 0
