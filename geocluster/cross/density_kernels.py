"""Which loops lay out all distances between pairs? Import it late: numba is slow to start."""

from __future__ import annotations

from math import exp, pi, sqrt

import numpy as np
from numba import njit

from geocluster.cross.word_kernels import popcount

RADIUS_KM = 6371.0088


@njit(nogil=True, cache=True)
def apart(xyz, i, j, flat):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Distance of two rows, in the plane or along the Earth."""
    dx, dy, dz = xyz[i, 0] - xyz[j, 0], xyz[i, 1] - xyz[j, 1], xyz[i, 2] - xyz[j, 2]
    chord = sqrt(dx * dx + dy * dy + dz * dz)
    if flat:
        return chord
    return 2 * RADIUS_KM * np.arcsin(min(chord / (2 * RADIUS_KM), 1.0))


@njit(nogil=True, cache=True)
def list_distances(xyz, first, second, same, flat, distance):  # type: ignore[no-untyped-def]  # pragma: no cover
    """All distances between two sets of rows, none of a row with itself; each pair once if both are one set."""
    count = 0
    for p in range(len(first)):
        for q in range(p + 1 if same else 0, len(second)):
            if first[p] != second[q]:
                distance[count] = apart(xyz, first[p], second[q], flat)
                count += 1
    return count


@njit(nogil=True, cache=True)
def sort_pairs(xyz, low, high, other_low, other_high, flat, step, bins):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Put the pairs of two stretches of rows in order of distance: ends of each bin, and both rows of each pair.

    Of a stretch against itself each pair comes once.
    """
    itself = low == other_low
    wide = other_high - other_low
    number = (high - low) * (high - low - 1) // 2 if itself else (high - low) * wide
    bin_at = np.empty(number, dtype=np.uint16)
    ends = np.zeros(bins + 1, dtype=np.int64)
    most, p = bins - 1, 0
    for i in range(low, high):
        for j in range(i + 1 if itself else other_low, other_high):
            at = min(int(apart(xyz, i, j, flat) / step + 0.5), most) if step > 0 else 0
            bin_at[p] = at
            ends[at + 1] += 1
            p += 1
    for at in range(bins):
        ends[at + 1] += ends[at]
    free = ends[:-1].copy()
    one, other = np.empty(number, dtype=np.uint16), np.empty(number, dtype=np.uint16)
    p = 0
    for i in range(low, high):
        for j in range(i + 1 if itself else other_low, other_high):
            at = bin_at[p]
            one[free[at]], other[free[at]] = i - low, j - other_low
            free[at] += 1
            p += 1
    return ends, one, other


@njit(nogil=True, cache=True)
def add3(a, b, c):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add three bits in each of 64 columns: carry and sum."""
    half = a ^ b
    return (a & b) | (half & c), half ^ c


@njit(nogil=True, cache=True)
def add_counts(ends, one, other, left, right, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count, in each bin and each of 64 labellings, the pairs whose ends bear the labels.

    Carry-save addition, eight pairs at a time (Harley and Seal, in Warren 2012, section 5-1).
    left, right : words of the rows; into (bins, 64).
    """
    none = np.uint64(0)
    planes = np.zeros(40, np.uint64)
    for at in range(len(ends) - 1):
        p, end = ends[at], ends[at + 1]
        if p == end:
            continue
        ones, twos, fours, top = none, none, none, 0
        while p < end:
            eights = none
            if p + 8 <= end:
                a, ones = add3(ones, left[one[p]] & right[other[p]], left[one[p + 1]] & right[other[p + 1]])
                b, ones = add3(ones, left[one[p + 2]] & right[other[p + 2]], left[one[p + 3]] & right[other[p + 3]])
                c, twos = add3(twos, a, b)
                a, ones = add3(ones, left[one[p + 4]] & right[other[p + 4]], left[one[p + 5]] & right[other[p + 5]])
                b, ones = add3(ones, left[one[p + 6]] & right[other[p + 6]], left[one[p + 7]] & right[other[p + 7]])
                d, twos = add3(twos, a, b)
                eights, fours = add3(fours, c, d)
                p += 8
            else:
                a = ones & (left[one[p]] & right[other[p]])
                ones ^= left[one[p]] & right[other[p]]
                b = twos & a
                twos ^= a
                eights = fours & b
                fours ^= b
                p += 1
            k = 3
            while eights:
                both = planes[k] & eights
                planes[k] ^= eights
                eights = both
                k += 1
            top = max(top, k)
        planes[0], planes[1], planes[2] = ones, twos, fours
        row = into[at]
        for k in range(max(top, 3)):
            plane, unit = planes[k], np.int64(1) << k
            planes[k] = none
            if plane:
                for b in range(64):
                    row[b] += np.int64((plane >> np.uint64(b)) & np.uint64(1)) * unit


@njit(nogil=True, cache=True)
def add_weights(ends, one, other, left, right, weight, other_weight, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Sum the products of the weights of the same pairs."""
    for at in range(len(ends) - 1):
        row = into[at]
        for p in range(ends[at], ends[at + 1]):
            word = left[one[p]] & right[other[p]]
            both = weight[one[p]] * other_weight[other[p]]
            while word:
                lowest = word & (~word + np.uint64(1))
                row[popcount(lowest - np.uint64(1))] += both
                word ^= lowest


@njit(nogil=True, cache=True)
def smooth_lattice(sums, step, at, h, tail, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Sum the Gaussian kernel, reflected at 0, over a lattice of distances: sums (cells, bins), into (cells, at).

    Neighbouring values of a Gaussian differ by a factor that itself changes by a constant one.
    """
    cells, bins = sums.shape
    fine, scale = step / h, 1 / (h * sqrt(2 * pi))
    change = exp(-fine * fine)
    for r in range(len(at)):
        middle = min(int(at[r] / step), bins - 1)
        for way in range(3):  # up and down from the distance, and up from 0 for what is reflected
            place = middle if way == 0 else (middle - 1 if way == 1 else 0)
            move = -1 if way == 1 else 1
            u = (at[r] + place * step) / h if way == 2 else (place * step - at[r]) / h
            value = exp(-u * u / 2)
            coarse = fine > 0.1  # the lattice is too coarse for steps that follow one from another
            factor = 0.0 if coarse else exp(-move * u * fine - fine * fine / 2)
            while 0 <= place < bins and move * u <= tail:
                for c in range(cells):
                    into[c, r] += value * scale * sums[c, place]
                place += move
                u += move * fine
                value = exp(-u * u / 2) if coarse else value * factor
                factor *= change


@njit(nogil=True, cache=True)
def exact_density(  # type: ignore[no-untyped-def]
    xyz, country, weight, first, second, same, flat, at, h, cell_of, found
):  # fmt: skip  # pragma: no cover
    """Sum the Gaussian kernel, reflected at 0, over all ordered pairs, by cell; return the sum of weights."""
    total, scale = 0.0, 1 / (h * sqrt(2 * pi))
    for p in range(len(first)):
        i = first[p]
        for q in range(p + 1 if same else 0, len(second)):
            j = second[q]
            if i == j:
                continue
            d, both = apart(xyz, i, j, flat), weight[i] * weight[j]
            total += both * (2 if same else 1)
            one, other = cell_of[country[i], country[j]], cell_of[country[j], country[i]]
            for r in range(len(at)):
                u, v = (at[r] - d) / h, (at[r] + d) / h
                k = both * scale * (exp(-u * u / 2) + exp(-v * v / 2))
                if one >= 0:
                    found[one, r] += k
                if same and other >= 0:
                    found[other, r] += k
    return total
