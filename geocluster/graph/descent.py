"""How does a leaf walk down the pyramid, and find what is near all its points?"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

LEAF = 8
"""Points in a leaf."""
_DEEP = 128


@cache
def nearest_kernel() -> Any:
    """Compile the search for the nearest."""
    from numba import njit

    leaf, deep = LEAF, _DEEP

    @njit(cache=True, nogil=True)
    def nearest(low_leaf, high_leaf, xs, ys, zs, lower, upper, chord, at):  # type: ignore[no-untyped-def]  # pragma: no cover
        total, asked = chord.shape
        leaves = lower.shape[0] // 2
        used = (total + leaf - 1) // leaf
        nodes, gaps, apart = np.empty(deep, np.int64), np.empty(deep), np.empty(leaf)
        for mine in range(low_leaf, high_leaf):
            first, last = mine * leaf, min((mine + 1) * leaf, total)
            own = leaves + mine
            x0, y0, z0 = lower[own, 0], lower[own, 1], lower[own, 2]
            x1, y1, z1 = upper[own, 0], upper[own, 1], upper[own, 2]
            bound = np.inf
            nodes[0], gaps[0], held = 1, 0.0, 1
            before = 3  # its own leaf and the two beside it come first
            while held or before:
                if before:
                    before -= 1
                    node = own + (0, 1, -1)[2 - before]
                    if node < leaves or node >= leaves + used:
                        continue
                    gap = 0.0
                else:
                    held -= 1
                    node, gap = nodes[held], gaps[held]
                    if gap > bound:
                        continue
                    if node >= leaves and abs(node - own) <= 1:
                        continue
                if node >= leaves:
                    bound, low = 0.0, (node - leaves) * leaf
                    for i in range(first, last):
                        worst = chord[i, asked - 1]
                        x, y, z = xs[i], ys[i], zs[i]
                        dx = max(lower[node, 0] - x, x - upper[node, 0], 0.0)
                        dy = max(lower[node, 1] - y, y - upper[node, 1], 0.0)
                        dz = max(lower[node, 2] - z, z - upper[node, 2], 0.0)
                        if dx * dx + dy * dy + dz * dz > worst:
                            bound = max(bound, worst)
                            continue
                        for j in range(leaf):
                            dx, dy, dz = x - xs[low + j], y - ys[low + j], z - zs[low + j]
                            apart[j] = dx * dx + dy * dy + dz * dz
                        for j in range(leaf):
                            if apart[j] < worst and low + j != i:
                                k = asked - 1
                                while k > 0 and chord[i, k - 1] > apart[j]:
                                    chord[i, k], at[i, k] = chord[i, k - 1], at[i, k - 1]
                                    k -= 1
                                chord[i, k], at[i, k] = apart[j], low + j
                                worst = chord[i, asked - 1]
                        bound = max(bound, worst)
                    continue
                left = 2 * node
                dx = max(lower[left, 0] - x1, x0 - upper[left, 0], 0.0)
                dy = max(lower[left, 1] - y1, y0 - upper[left, 1], 0.0)
                dz = max(lower[left, 2] - z1, z0 - upper[left, 2], 0.0)
                near = dx * dx + dy * dy + dz * dz
                right = left + 1
                dx = max(lower[right, 0] - x1, x0 - upper[right, 0], 0.0)
                dy = max(lower[right, 1] - y1, y0 - upper[right, 1], 0.0)
                dz = max(lower[right, 2] - z1, z0 - upper[right, 2], 0.0)
                far = dx * dx + dy * dy + dz * dz
                if far < near:
                    near, far, left, right = far, near, right, left
                if far <= bound:
                    nodes[held], gaps[held] = right, far
                    held += 1
                if near <= bound:
                    nodes[held], gaps[held] = left, near
                    held += 1
            for i in range(first, last):
                for k in range(asked):
                    chord[i, k] = np.sqrt(chord[i, k])

    return nearest


@cache
def within_kernels() -> tuple[Any, Any]:
    """Compile the walks that count, or list, what lies within a chord."""
    from numba import njit

    leaf, deep = LEAF, _DEEP

    @njit(cache=True, nogil=True)
    def meet(own, lower, upper, reach, least, nodes, met):  # type: ignore[no-untyped-def]  # pragma: no cover
        """List the nodes that a leaf must look at, those wholly within reach as -node."""
        leaves = lower.shape[0] // 2
        number = 0
        nodes[0], held = 1, 1
        while held:
            held -= 1
            node = nodes[held]
            gap, width = 0.0, 0.0
            for axis in range(3):
                out = max(lower[node, axis] - upper[own, axis], lower[own, axis] - upper[node, axis], 0.0)
                gap += out * out
                out = max(upper[node, axis] - lower[own, axis], upper[own, axis] - lower[node, axis])
                width += out * out
            if not gap <= reach:  # an empty box is infinitely far
                continue
            if width <= least:
                met[number] = -node
                number += 1
            elif node >= leaves:
                met[number] = node
                number += 1
            else:
                nodes[held], nodes[held + 1] = 2 * node + 1, 2 * node
                held += 2
        return number

    @njit(cache=True, nogil=True)
    def span(node, leaves, total):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Give the first position below a node, and the one after the last."""
        low, high = node, node
        while low < leaves:
            low, high = 2 * low, 2 * high + 1
        return (low - leaves) * leaf, min((high - leaves + 1) * leaf, total)

    @njit(cache=True, nogil=True)
    def count(low_leaf, high_leaf, xyz, lower, upper, chord, sums, start):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Count into start[1:] by the running sums of the weights."""
        total, leaves = len(xyz), lower.shape[0] // 2
        nodes, met = np.empty(deep, np.int64), np.empty(2 * leaves, np.int64)
        for mine in range(low_leaf, high_leaf):
            first, last = mine * leaf, min((mine + 1) * leaf, total)
            reach, least = chord[first:last].max() ** 2, chord[first:last].min() ** 2
            number = meet(leaves + mine, lower, upper, reach, least, nodes, met)
            for i in range(first, last):
                limit, c = chord[i] * chord[i], 0
                for k in range(number):
                    low, high = span(abs(met[k]), leaves, total)
                    if met[k] < 0:
                        c += sums[high] - sums[low]
                        continue
                    for j in range(low, high):
                        dx, dy, dz = xyz[i, 0] - xyz[j, 0], xyz[i, 1] - xyz[j, 1], xyz[i, 2] - xyz[j, 2]
                        if dx * dx + dy * dy + dz * dz <= limit:
                            c += sums[j + 1] - sums[j]
                start[i + 1] = c

    @njit(cache=True, nogil=True)
    def gather(low_leaf, high_leaf, xyz, lower, upper, chord, start, most):  # type: ignore[no-untyped-def]  # pragma: no cover
        """List the positions, count them into start[1:], and stop where they are too many."""
        total, leaves = len(xyz), lower.shape[0] // 2
        nodes, met = np.empty(deep, np.int64), np.empty(2 * leaves, np.int64)
        found = np.empty(32 * leaf * max(high_leaf - low_leaf, 1), np.int32)
        c = 0
        for mine in range(low_leaf, high_leaf):
            first, last = mine * leaf, min((mine + 1) * leaf, total)
            reach, least = chord[first:last].max() ** 2, chord[first:last].min() ** 2
            number = meet(leaves + mine, lower, upper, reach, least, nodes, met)
            for i in range(first, last):
                limit, before = chord[i] * chord[i], c
                x, y, z = xyz[i, 0], xyz[i, 1], xyz[i, 2]
                for k in range(number):
                    low, high = span(abs(met[k]), leaves, total)
                    if c + high - low > len(found):
                        wider = np.empty(2 * (c + high - low), np.int32)
                        wider[:c] = found[:c]
                        found = wider
                    for j in range(low, high):
                        dx, dy, dz = x - xyz[j, 0], y - xyz[j, 1], z - xyz[j, 2]
                        found[c] = j  # written over by the next one if it is too far
                        c += met[k] < 0 or dx * dx + dy * dy + dz * dz <= limit
                start[i + 1] = c - before
                if c > most:
                    return found[:0]
        return found[:c]

    return count, gather
