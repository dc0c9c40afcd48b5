"""What is the law of a row's count, as a loop over rows?

Compiled when this module is imported, which only its caller does, inside a function.
"""

from __future__ import annotations

from math import exp, lgamma

import numpy as np
from numba import njit

TIE = 1e-9
ROOM = 1 << 16


@njit(cache=True, nogil=True)
def choose(n, k):  # type: ignore[no-untyped-def]
    """Logarithm of n over k."""
    return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0)


@njit(cache=True, nogil=True)
def law(others, kind, m, into):  # type: ignore[no-untyped-def]
    """Write P(k of the kind among m drawn), k = 0 … m, growing from its mode so that nothing underflows."""
    into[: m + 1] = 0.0
    low, high = max(0, m - (others - kind)), min(m, kind)
    mode = min(max((m + 1) * (kind + 1) // (others + 2), low), high)
    into[mode] = exp(choose(kind, mode) + choose(others - kind, m - mode) - choose(others, m))
    for k in range(mode, high):
        into[k + 1] = into[k] * (kind - k) * (m - k) / ((k + 1.0) * (others - kind - m + k + 1))
    for k in range(mode, low, -1):
        into[k - 1] = into[k] * k * (others - kind - m + k) / ((kind - k + 1.0) * (m - k + 1))


@njit(cache=True, nogil=True)
def tail(chance, m, mean, observed):  # type: ignore[no-untyped-def]
    """Chance of a count at least as far from the mean."""
    far, total = abs(observed - mean) - TIE * (m + 1), 0.0
    for k in range(m + 1):
        if abs(k - mean) >= far:
            total += chance[k]
    return min(total, 1.0)


@njit(cache=True, nogil=True)
def spread(chance, m):  # type: ignore[no-untyped-def]
    """Mean and variance of a law."""
    mean, square = 0.0, 0.0
    for k in range(m + 1):
        mean += k * chance[k]
    for k in range(m + 1):
        square += (k - mean) ** 2 * chance[k]
    return mean, square


@njit(cache=True, nogil=True)
def fold(one, m, other, k, into):  # type: ignore[no-untyped-def]
    """Convolve two laws."""
    into[: m + k + 1] = 0.0
    for a in range(m + 1):
        for b in range(k + 1):
            into[a + b] += one[a] * other[b]


@njit(cache=True, nogil=True)
def equal_rows(indptr, data):  # type: ignore[no-untyped-def]
    """Tell whether the weights of each row are equal."""
    for i in range(len(indptr) - 1):
        for e in range(indptr[i] + 1, indptr[i + 1]):
            if data[e] != data[indptr[i]]:
                return False
    return True


@njit(cache=True, nogil=True)
def tags(values, strata, country, tag):  # type: ignore[no-untyped-def]
    """Put stratum, country and value of each row in one number, to be met at once; count strata and their kind."""
    count = country.max() + 1
    strata_count = strata.max() + 1
    rows, kind = np.zeros(strata_count, np.int64), np.zeros(strata_count, np.int64)
    for i in range(len(strata)):
        tag[i] = ((strata[i] + 1) * count + country[i]) * 2 + (values[i] > 0)
        if strata[i] >= 0:
            rows[strata[i]] += 1
            kind[strata[i]] += values[i] > 0
    return rows, kind


@njit(cache=True, nogil=True)
def make_room(strata_count, longest):  # type: ignore[no-untyped-def]
    """Make room for the laws of few neighbours, and for the answers: rows ask the same few things.

    By stratum, whether the row asking is of it (1: and not of the kind, 2: and of the kind), neighbours,
    hits; answers, in one row each: p, mean, sd.
    """
    span = min(longest, 32) + 1
    while span > 2 and strata_count * span * span > ROOM:
        span -= 1
    cells = strata_count * 3 * span * span
    return np.full((strata_count, 3, span, span), np.nan), np.full((cells, 3), np.nan)


@njit(cache=True, nogil=True)
def law_of(s, asks, k, rows, kind, laws, into):  # type: ignore[no-untyped-def]
    """Give the law of k neighbours of a stratum, kept or worked out."""
    others, of_kind = rows[s] - (asks > 0), kind[s] - (asks == 2)
    if k >= laws.shape[2]:
        law(others, of_kind, k, into)
        return into
    kept = laws[s, asks, k]
    if kept[0] != kept[0]:
        law(others, of_kind, k, kept)
    return kept


@njit(cache=True, nogil=True)
def answer(s, asks, k, hits, rows, kind, laws, answers, into):  # type: ignore[no-untyped-def]
    """Give p, mean and sd of so many hits among k neighbours of one stratum, kept or worked out."""
    few = laws.shape[2]
    at = ((s * 3 + asks) * few + k) * few + hits
    if k < few and answers[at, 1] == answers[at, 1]:
        return answers[at, 0], answers[at, 1], answers[at, 2]
    chance = law_of(s, asks, k, rows, kind, laws, into)
    mean, square = spread(chance, k)
    p = tail(chance, k, mean, float(hits)) if square > 1e-12 else np.nan
    if k < few:
        answers[at, 0], answers[at, 1], answers[at, 2] = p, mean, np.sqrt(square)
    return p, mean, np.sqrt(square)


@njit(cache=True, nogil=True)
def count_rows(first, last, indptr, indices, data, tag, strata, country, rows, kind, asked, out):  # type: ignore[no-untyped-def]
    """Judge the rows from `first` to `last`; see `count_exactly`."""
    longest = 0
    for i in range(first, last):
        if asked[i]:
            longest = max(longest, indptr[i + 1] - indptr[i])
    laws, answers = make_room(len(rows), longest)
    # slices, so that the loop counts from 0: else each place is first asked whether it is below 0
    apart = count_at_home(
        indptr[first : last + 1], indices, data, tag, tag[first:last], strata[first:last], rows, kind,
        asked[first:last], laws, answers, out[first:last], longest,
    )  # fmt: skip
    count_apart(apart + first, indptr, indices, data, tag, strata, country, rows, kind, laws, answers, out, longest)


@njit(cache=True, nogil=True)
def count_at_home(indptr, indices, data, tag, own, home, rows, kind, asked, laws, answers, out, longest):  # type: ignore[no-untyped-def]
    """Judge the rows whose neighbours are all of their own stratum and country; return the others."""
    apart, found, few, into = np.empty(len(asked), np.int32), 0, laws.shape[2], np.empty(longest + 1)
    for i in range(len(asked)):
        lo, hi = indptr[i], indptr[i + 1]
        if lo == hi:
            continue
        if not asked[i]:
            out[i, 0], out[i, 1], out[i, 2] = 0.0, 0.0, 0.0
            continue
        mine, hits, other = own[i], 0, 0
        for e in range(lo, hi):
            there = tag[indices[e]]
            other |= (there ^ mine) >> 1
            hits += there & 1
        if other != 0 or home[i] < 0:
            apart[found] = i
            found += 1
            continue
        weight, m, asks = data[lo], hi - lo, 1 + (mine & 1)
        at = ((home[i] * 3 + asks) * few + m) * few + hits
        p, mean, sd = np.nan, np.nan, np.nan
        if m < few:  # as in `answer`, which is not asked: this loop is the whole time
            p, mean, sd = answers[at, 0], answers[at, 1], answers[at, 2]
        if mean != mean:
            p, mean, sd = answer(home[i], asks, m, hits, rows, kind, laws, answers, into)
        for part in range(2):
            out[i, part], out[i, 3 + part], out[i, 6 + part], out[i, 9 + part] = (
                weight * hits, weight * mean, weight * sd, p,
            )  # fmt: skip
        out[i, 2], out[i, 12] = 0.0, p
    return apart[:found]


@njit(cache=True, nogil=True)
def count_apart(which, indptr, indices, data, tag, strata, country, rows, kind, laws, answers, out, longest):  # type: ignore[no-untyped-def]
    """Judge rows with neighbours of several strata or countries."""
    met, held = np.zeros((len(rows), 2), np.int64), np.zeros((len(rows), 2), np.int64)
    one, two, three = np.empty(longest + 1), np.empty(longest + 1), np.empty(longest + 1)
    seen, shift, moves = np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3, np.int64)
    near = np.empty(longest + 1, np.int64)
    for i in which:
        seen[:], shift[:], moves[:] = 0, 0, 0
        weight, own, strata_met = data[indptr[i]], 1 + (tag[i] & 1), 0
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            side, value, s = 1 if country[j] != country[i] else 0, tag[j] & 1, strata[j]
            seen[1 + side] += value
            if s < 0:
                shift[1 + side] += value
                continue
            if met[s, 0] + met[s, 1] == 0:
                near[strata_met] = s
                strata_met += 1
            met[s, side] += 1
            held[s, side] += value
            moves[1 + side] += 1
        seen[0], shift[0], moves[0] = seen[1] + seen[2], shift[1] + shift[2], moves[1] + moves[2]
        for part in range(3):
            out[i, part] = weight * seen[part]
        average = float(shift[2])
        for part in (1, 2, 0):  # the whole last: it asks for the average of what lies across
            if moves[part] == 0:
                continue
            two[0], reach, mean, sd, p = 1.0, 0, np.nan, np.nan, np.nan
            for q in range(strata_met):
                s = near[q]
                k = met[s, 0] + met[s, 1] if part == 0 else met[s, part - 1]
                asks = own if s == strata[i] else 0
                if part > 0 and k == moves[part]:
                    p, mean, sd = answer(s, asks, k, held[s, part - 1], rows, kind, laws, answers, one)
                elif k > 0:
                    fold(law_of(s, asks, k, rows, kind, laws, one), k, two, reach, three)
                    reach += k
                    two[: reach + 1] = three[: reach + 1]
            if reach > 0:
                mean, square = spread(two, reach)
                sd = np.sqrt(square)
                if square > 1e-12:
                    p = tail(two, reach, mean, float(seen[part] - shift[part]))
                    if part == 0:
                        out[i, 12] = tail(two, reach, mean, seen[1] + average - shift[0])
            out[i, 3 + part], out[i, 6 + part], out[i, 9 + part] = weight * (mean + shift[part]), weight * sd, p
            if part == 2:
                average = mean + shift[2]
        for q in range(strata_met):
            s = near[q]
            met[s, 0], met[s, 1], held[s, 0], held[s, 1] = 0, 0, 0, 0
