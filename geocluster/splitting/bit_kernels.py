"""Which loops label rows 64 times at once, and count joins? Import it late: numba is slow to start."""

from __future__ import annotations

import numpy as np
from numba import njit

DIGITS = 10
"""Binary digits of the share with which labels are first drawn; the rest is repaired."""
PLANES = 40


@njit(nogil=True, cache=True)
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
def draw_labels(state, low, high, number, taken, words):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Give `number` of the places from `low` to `high` the label, in each of 64 columns, where none is `taken`.

    Each free place gets it with about the right chance; then labels are cleared, or set, at places
    drawn at random until each column holds its number. Given its number a first draw is uniform,
    and stays so.
    """
    step, one, none = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(0)
    size = high - low
    columns = np.zeros(64, np.int64)
    free = np.zeros(64, np.int64)
    count_columns(taken, low, high, free)
    # all columns have the same number taken
    left = size - free[0]
    if number == 0:
        for i in range(low, high):
            words[i] = none
        return state
    share = int((number << DIGITS) / left + 0.5)
    for i in range(low, high):
        word = none
        if share >= 1 << DIGITS:
            word = ~none
        elif share > 0:
            for digit in range(DIGITS):
                if (share >> digit) & 1:
                    state += step
                    word |= mix(state)
                elif word != none:
                    state += step
                    word &= mix(state)
        words[i] = word & ~taken[i]
    count_columns(words, low, high, columns)
    span = np.uint64(size)
    for b in range(64):
        bit = one << np.uint64(b)
        excess = columns[b] - number
        while excess > 0:
            at, state = below(state, span)
            i = low + np.int64(at)
            if words[i] & bit:
                words[i] &= ~bit
                excess -= 1
        while excess < 0:
            at, state = below(state, span)
            i = low + np.int64(at)
            if not ((words[i] | taken[i]) & bit):
                words[i] |= bit
                excess += 1
    return state


@njit(nogil=True, cache=True)
def count_columns(words, low, high, count):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count the bits of each of 64 columns."""
    planes = np.zeros(PLANES, np.uint64)
    for i in range(low, high):
        carry, k = words[i], 0
        while carry:
            both = planes[k] & carry
            planes[k] ^= carry
            carry = both
            k += 1
    for b in range(64):
        total = np.int64(0)
        for k in range(PLANES):
            total += np.int64((planes[k] >> np.uint64(b)) & np.uint64(1)) << k
        count[b] = total


@njit(nogil=True, cache=True)
def count_joins(  # type: ignore[no-untyped-def]
    keys, low, high, first_number, second_number, same, first, second, none, of_run, start, neighbour, slot, found
):  # fmt: skip  # pragma: no cover
    """Label 64 times, and count the edges from a first to a second label, by pair of countries.

    first, second : the labels of places that stay; others are 0 and drawn here. found (slots, 64).
    """
    for s in range(len(low)):
        state = draw_labels(keys[s], low[s], high[s], first_number[s], none, first)
        if not same:
            draw_labels(state, low[s], high[s], second_number[s], first, second)
    there = first if same else second
    planes = np.zeros((found.shape[0], PLANES), np.uint64)
    count = np.zeros(PLANES, np.uint64)
    for run in range(len(of_run)):
        mine = first[of_run[run]]
        if not mine:
            continue
        top = 0
        for e in range(start[run], start[run + 1]):
            carry, k = there[neighbour[e]] & mine, 0
            while carry:
                both = count[k] & carry
                count[k] ^= carry
                carry = both
                k += 1
            top = max(top, k)
        into = planes[slot[run]]
        carry = np.uint64(0)
        k = 0
        while k < top or carry:
            a, b = into[k], count[k]
            into[k] = a ^ b ^ carry
            carry = (a & b) | (carry & (a ^ b))
            count[k] = 0
            k += 1
    for pair in range(found.shape[0]):
        for b in range(64):
            total = np.int64(0)
            for k in range(PLANES):
                total += np.int64((planes[pair, k] >> np.uint64(b)) & np.uint64(1)) << k
            found[pair, b] = total


@njit(nogil=True, cache=True)
def count_tables(  # type: ignore[no-untyped-def]
    keys, low, high, number, words, stays, of_run, start, neighbour, slot, found
):  # fmt: skip  # pragma: no cover
    """Label 64 times with several kinds, none of which meet, and count the edges of every ordered pair of them.

    number (strata, kinds). words (places, kinds): the labels of places that stay; others are 0 and drawn
    here. stays (places): all bits where a place stays. found (slots, kinds, kinds, 64).
    """
    places, kinds = words.shape
    taken = stays.copy()
    drawn = np.zeros(places, np.uint64)
    for s in range(len(low)):
        state = keys[s]
        for kind in range(kinds):
            state = draw_labels(state, low[s], high[s], number[s, kind], taken, drawn)
            for i in range(low[s], high[s]):
                words[i, kind] |= drawn[i]
                taken[i] |= drawn[i]
    planes = np.zeros((found.shape[0], kinds, kinds, PLANES), np.uint64)
    count = np.zeros((kinds, PLANES), np.uint64)
    for run in range(len(of_run)):
        top = 0
        for e in range(start[run], start[run + 1]):
            near = words[neighbour[e]]
            for b in range(kinds):
                carry, k = near[b], 0
                while carry:
                    both = count[b, k] & carry
                    count[b, k] ^= carry
                    carry = both
                    k += 1
                top = max(top, k)
        for a in range(kinds):
            mine = words[of_run[run], a]
            if not mine:
                continue
            for b in range(kinds):
                into = planes[slot[run], a, b]
                carry = np.uint64(0)
                k = 0
                while k < top or carry:
                    one, other = into[k], count[b, k] & mine
                    into[k] = one ^ other ^ carry
                    carry = (one & other) | (carry & (one ^ other))
                    k += 1
        for b in range(kinds):
            for k in range(top):
                count[b, k] = 0
    for pair in range(found.shape[0]):
        for a in range(kinds):
            for b in range(kinds):
                for column in range(64):
                    total = np.int64(0)
                    for k in range(PLANES):
                        total += np.int64((planes[pair, a, b, k] >> np.uint64(column)) & np.uint64(1)) << k
                    found[pair, a, b, column] = total
