"""Which points bear which label, 64 points a word?

Kinds are relabelled within each country: Bernoulli words first, then labels are
set or cleared one by one at random until each country holds its number. Given its
number a Bernoulli draw is uniform, and stays so: this is exactly a random
relabelling, without a shuffle.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WORD = 64
FINE_BITS = 10
"""Binary digits of the share with which labels are first drawn; the rest is repaired."""


def pack(slots: NDArray[np.int64], leaves: int) -> NDArray[np.uint64]:
    """Set the bits of some slots.

    Examples
    --------
    >>> pack(np.array([0, 2, 65]), 2).tolist()
    [5, 2]
    """
    words = np.zeros(leaves, dtype=np.uint64)
    np.bitwise_or.at(words, slots // WORD, np.uint64(1) << (slots % WORD).astype(np.uint64))
    return words


def relabel(
    keys: NDArray[np.uint64],
    free: NDArray[np.uint64],
    first_leaf: NDArray[np.int64],
    wanted: NDArray[np.int64],
) -> NDArray[np.uint64]:
    """Draw labels of several kinds among the free slots of each country, none of which gets two.

    Parameters
    ----------
    keys : ndarray of uint64, shape (draws,)
        A draw depends on its own key alone, not on the thread that makes it.
    free : ndarray of uint64, shape (leaves,)
        Slots that may get a label.
    first_leaf : ndarray of int, shape (k + 1,)
    wanted : ndarray of int, shape (kinds, k)
        Labels of each kind in each country; together at most its free slots.

    Returns
    -------
    ndarray of uint64, shape (kinds, leaves, draws)

    Examples
    --------
    >>> free = np.array([255], dtype=np.uint64)
    >>> words = relabel(np.arange(9, dtype=np.uint64), free, np.array([0, 1]), np.array([[3], [4]]))
    >>> {bin(word).count("1") for word in words[0].ravel().tolist()}, bool((words[0] & words[1]).any())
    ({3}, False)
    """
    words = np.zeros((len(wanted), len(free), len(keys)), dtype=np.uint64)
    kernels()["relabel"](keys, free, first_leaf, wanted, words)
    return words


def count_ranges(words: NDArray[np.uint64], ends: NDArray[np.int64]) -> NDArray[np.int32]:
    """Count the labels in ranges of slots.

    Parameters
    ----------
    words : ndarray of uint64, shape (leaves, draws)
    ends : ndarray of int, shape (2, ranges)
        First slot, and the one after the last.

    Returns
    -------
    ndarray of int32, shape (ranges, draws)
    """
    counts = np.zeros((ends.shape[1], words.shape[1]), dtype=np.int32)
    kernels()["count_ranges"](words, ends[0], ends[1], counts)
    return counts


@cache
def kernels() -> dict[str, Callable[..., Any]]:
    """Compile what works on words when first needed: numba is slow to import."""
    from numba import njit, types
    from numba.extending import intrinsic

    @intrinsic
    def popcount(typing_context, word):  # type: ignore[no-untyped-def]  # noqa: ARG001
        def build(context, builder, signature, arguments):  # type: ignore[no-untyped-def]  # noqa: ARG001
            return builder.ctpop(arguments[0])

        return types.int64(types.uint64), build

    @njit(nogil=True, cache=True, inline="always")
    def mix(state):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Output of splitmix64 (Steele, Lea & Flood 2014)."""
        z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    @njit(nogil=True, cache=True)
    def below(state, limit):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Draw a whole number below `limit` without bias (Lemire 2019); also the state after it."""
        step, low32 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFFFFFFFF)
        floor = (np.uint64(1 << 32) - limit) % limit
        while True:
            state += step
            product = (mix(state) >> np.uint64(32)) * limit
            if (product & low32) >= floor:
                return product >> np.uint64(32), state

    @njit(nogil=True, cache=True)
    def relabel(keys, free, first_leaf, wanted, words):  # type: ignore[no-untyped-def]  # pragma: no cover
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
    def count_ranges(words, first, end, counts):  # type: ignore[no-untyped-def]  # pragma: no cover
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

    return {"relabel": relabel, "count_ranges": count_ranges, "popcount": popcount}
