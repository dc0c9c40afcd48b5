"""Which loops lay out all distances between pairs? Import it late: numba is slow to start."""

from __future__ import annotations

from math import exp, pi, sqrt

import numpy as np
from numba import njit

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
def lattice_counts(  # type: ignore[no-untyped-def]
    xyz, country, weight, first, second, same, flat, step, cell_of, number, counts
):  # fmt: skip  # pragma: no cover
    """Count the pairs by distance, to the nearest point of a lattice: all, and their weights by cell."""
    most, total = len(number) - 1, 0.0
    for p in range(len(first)):
        i = first[p]
        for q in range(p + 1 if same else 0, len(second)):
            j = second[q]
            if i == j:
                continue
            at = min(int(apart(xyz, i, j, flat) / step + 0.5), most)
            both = weight[i] * weight[j]
            number[at] += 1
            total += both
            cell = cell_of[country[i], country[j]]
            if cell >= 0:
                counts[cell, at] += both
            if same:
                total += both
                cell = cell_of[country[j], country[i]]
                if cell >= 0:
                    counts[cell, at] += both
    return total


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
