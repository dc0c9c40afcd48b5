"""Which loops work on 64 labels at once? Import it late: numba is slow to start."""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from geocluster.splitting.bit_kernels import below, mix

FINE_BITS = 10
"""Binary digits of the share with which labels are first drawn; the rest is repaired."""


@intrinsic
def popcount(typing_context, word):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """Count the bits of a word."""

    def build(context, builder, signature, arguments):  # type: ignore[no-untyped-def]  # noqa: ARG001
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), build


@njit(nogil=True, cache=True)
def relabel_words(keys, free, first_leaf, wanted, words):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Draw labels by key, country and kind into words."""
    step, one, fine = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), 1 << FINE_BITS
    open_slots = np.empty(len(free), dtype=np.uint64)
    drawn = np.empty(len(free), dtype=np.uint64)
    for b in range(len(keys)):
        state = keys[b]
        for c in range(len(first_leaf) - 1):
            start, end = first_leaf[c], first_leaf[c + 1]
            left = np.int64(0)
            for leaf in range(start, end):
                open_slots[leaf] = free[leaf]
                left += popcount(free[leaf])
            for kind in range(wanted.shape[0]):
                number = wanted[kind, c]
                if number == 0:
                    continue
                share = np.int64(np.round(number / left * fine))
                count = np.int64(0)
                for leaf in range(start, end):
                    word = np.uint64(0)
                    if share >= fine:
                        word = ~word
                    else:
                        for bit in range(FINE_BITS):  # a Bernoulli draw of share / fine, 64 at a time
                            if (share >> bit) & 1:
                                state += step
                                word |= mix(state)
                            elif share & ((1 << bit) - 1):
                                state += step
                                word &= mix(state)
                    word &= open_slots[leaf]
                    drawn[leaf] = word
                    count += popcount(word)
                slots = np.uint64((end - start) * 64)
                while count != number:
                    at, state = below(state, slots)
                    leaf = start + np.int64(at >> np.uint64(6))
                    bit = one << (at & np.uint64(63))
                    if count > number:
                        if drawn[leaf] & bit:
                            drawn[leaf] ^= bit
                            count -= 1
                    elif open_slots[leaf] & ~drawn[leaf] & bit:
                        drawn[leaf] |= bit
                        count += 1
                left -= number
                for leaf in range(start, end):
                    words[kind, leaf, b] = drawn[leaf]
                    open_slots[leaf] &= ~drawn[leaf]


@njit(nogil=True, cache=True)
def count_slots(words, first, end, counts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count the bits of ranges of slots."""
    every = ~np.uint64(0)
    for r in range(len(first)):
        row = counts[r]
        slot = first[r]
        while slot < end[r]:
            leaf = slot >> 6
            stop = min(end[r], (leaf + 1) << 6)
            width = np.uint64(stop - slot)
            mask = every if width == np.uint64(64) else (np.uint64(1) << width) - np.uint64(1)
            mask = mask << np.uint64(slot & 63)
            source = words[leaf]
            for b in range(len(row)):
                row[b] += np.int32(popcount(source[b] & mask))
            slot = stop
