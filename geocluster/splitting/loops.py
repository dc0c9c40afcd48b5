"""How are values shuffled, and their products summed over edges, without a moment lost?

The compiled loops of `engine`. Eight draws are shuffled one beside the other, each in a row
of its own that stays in the cache, and then laid side by side in a block, where the values of a
place under all draws are next to each other and are added as one.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

WIDTH = 16
"""Draws summed as one; `lanes` is written for it."""
COLUMNS = 8
"""Draws shuffled before they are laid side by side. Another number would change every result."""


@cache
def shuffle_loop() -> Any:
    """Compile the shuffle: Fisher & Yates (1938) after Durstenfeld (1964), in segments.

    Each segment has a stream of its own, xoshiro256++ (Blackman & Vigna 2021); a word of it gives
    two draws a place each, by Lemire's (2019) multiplication, with rejection: no place is favoured.
    """
    from numba import njit

    u = np.uint64

    @njit(cache=True, nogil=True)
    def shuffle(state, low, high, rows, count):  # type: ignore[no-untyped-def]
        """Shuffle each of the first `count` rows (even) between low and high of each segment."""
        half, mask = u(32), u(0xFFFFFFFF)
        for q in range(0, count, 2):
            for c in range(len(low)):
                one, other = rows[q, low[c] : high[c]], rows[q + 1, low[c] : high[c]]
                s0, s1, s2, s3 = state[c, 0], state[c, 1], state[c, 2], state[c, 3]
                i = u(len(one) - 1)
                while i > u(0):
                    bound = i + u(1)
                    while True:
                        word = s0 + s3
                        word = ((word << u(23)) | (word >> u(41))) + s0
                        turned = s1 << u(17)
                        s2 ^= s0
                        s3 ^= s1
                        s1 ^= s2
                        s0 ^= s3
                        s2 ^= turned
                        s3 = (s3 << u(45)) | (s3 >> u(19))
                        a, b = (word & mask) * bound, (word >> half) * bound
                        if (a & mask) < bound or (b & mask) < bound:
                            least = (u(0x100000000) - bound) % bound
                            if (a & mask) < least or (b & mask) < least:
                                continue
                        break
                    j, k = a >> half, b >> half
                    one[i], one[j] = one[j], one[i]
                    other[i], other[k] = other[k], other[i]
                    i -= u(1)
                state[c, 0], state[c, 1], state[c, 2], state[c, 3] = s0, s1, s2, s3

    return shuffle


@cache
def spread_loop() -> Any:
    """Compile the step from rows of draws to a block of places."""
    from numba import njit

    u = np.uint64

    @njit(cache=True, nogil=True)
    def spread(rows, count, block, first):  # type: ignore[no-untyped-def]
        """Lay rows side by side: block[i, first + q] = rows[q, i]."""
        n, most, start = u(rows.shape[1]), u(count), u(first)
        i = u(0)
        while i < n:
            q = u(0)
            while q < most:
                block[i, start + q] = rows[q, i]
                q += u(1)
            i += u(1)

    return spread


def product_loop() -> Any:
    """Give Σ w v_i v_j by slot."""
    from geocluster.splitting.lanes import product

    return product


def square_loop() -> Any:
    """Give Σ w (v_i - v_j)² by slot."""
    from geocluster.splitting.lanes import square

    return square


@cache
def joins_loop() -> Any:
    """Compile Σ w 1[v_i = a] 1[v_j = b] by slot, for pairs of kinds (a, b)."""
    from numba import njit

    @njit(cache=True, nogil=True, fastmath={"contract"})
    def joins(of_run, first, neighbour, weight, slot, block, total, here, there):  # type: ignore[no-untyped-def]
        """Add over the runs; `total` has the shape (slots, pairs of kinds, lanes), pairs sorted by `there`."""
        lanes = block.shape[1]
        near = np.zeros(lanes, np.float32)
        for r in range(len(of_run)):
            own = block[of_run[r]]
            for k in range(len(there)):
                b = there[k]
                if k == 0 or there[k - 1] != b:
                    for m in range(lanes):
                        near[m] = 0
                    for e in range(first[r], first[r + 1]):
                        other, w = block[neighbour[e]], np.float32(weight[e])
                        for m in range(lanes):
                            near[m] += w if other[m] == b else np.float32(0)
                a, sums = here[k], total[slot[r], k]
                for m in range(lanes):
                    sums[m] += np.float64(near[m]) if own[m] == a else 0.0

    return joins


@cache
def runs_loop() -> Any:
    """Compile the layout of the edges: by row in the new order, sorted, each pair of rows once if asked."""
    from numba import njit

    @njit(cache=True, nogil=True)
    def lay(indptr, indices, data, place, merge):  # type: ignore[no-untyped-def]
        """Give the edges anew: pointers, neighbours, weights."""
        n = len(indptr) - 1
        count = np.zeros(n + 1, np.int64)
        for i in range(n):
            for e in range(indptr[i], indptr[i + 1]):
                one, other = place[i], place[indices[e]]
                count[(min(one, other) if merge else one) + 1] += 1
        for i in range(n):
            count[i + 1] += count[i]
        at = count[:-1].copy()
        neighbour = np.empty(count[n], np.int32)
        weight = np.empty(count[n], np.float64)
        for i in range(n):
            for e in range(indptr[i], indptr[i + 1]):
                one, other = place[i], place[indices[e]]
                if merge and other < one:
                    one, other = other, one
                neighbour[at[one]] = other
                weight[at[one]] = data[e]
                at[one] += 1
        pointer = np.zeros(n + 1, np.int64)
        kept = 0
        for i in range(n):
            low, high = count[i], count[i + 1]
            if high - low <= 32:  # a few neighbours are sorted in place
                for k in range(low + 1, high):
                    held, heavy, m = neighbour[k], weight[k], k
                    while m > low and neighbour[m - 1] > held:
                        neighbour[m], weight[m] = neighbour[m - 1], weight[m - 1]
                        m -= 1
                    neighbour[m], weight[m] = held, heavy
            else:
                order = np.argsort(neighbour[low:high], kind="mergesort")
                neighbour[low:high], weight[low:high] = neighbour[low:high][order], weight[low:high][order]
            for k in range(low, high):
                if k > low and neighbour[k] == neighbour[kept - 1]:
                    weight[kept - 1] += weight[k]
                else:
                    neighbour[kept], weight[kept] = neighbour[k], weight[k]
                    kept += 1
            pointer[i + 1] = kept
        return pointer, neighbour[:kept].copy(), weight[:kept].copy()

    return lay
