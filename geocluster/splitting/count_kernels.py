"""What is the law of a row's count, as a loop over rows?

Compiled when this module is imported, which only its caller does, inside a function.
"""

from __future__ import annotations

from math import exp, lgamma

import numpy as np
from numba import njit

TIE = 1e-9


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
def write(chance, m, shift, seen, closed, weight, out, i, part):  # type: ignore[no-untyped-def]
    """Write mean, sd and p of one part; return its mean, what is held included."""
    mean, square = 0.0, 0.0
    for k in range(m + 1):
        mean += k * chance[k]
    for k in range(m + 1):
        square += (k - mean) ** 2 * chance[k]
    out[i, 3 + part], out[i, 6 + part] = weight * (mean + shift), weight * np.sqrt(square)
    if square > 1e-12:
        out[i, 9 + part] = tail(chance, m, mean, seen - shift)
        if part == 0:
            out[i, 12] = tail(chance, m, mean, closed - shift)
    return mean + shift


@njit(cache=True, nogil=True)
def fold(one, m, other, k, into):  # type: ignore[no-untyped-def]
    """Convolve two laws."""
    into[: m + k + 1] = 0.0
    for a in range(m + 1):
        for b in range(k + 1):
            into[a + b] += one[a] * other[b]


@njit(cache=True, nogil=True)
def count_rows(indptr, indices, data, values, strata, country, rows, kind, asked, out):  # type: ignore[no-untyped-def]
    """Judge all rows; see `count_exactly`."""
    met, stamp = np.zeros((len(rows), 2), np.int64), np.full(len(rows), -1)
    n, longest = len(strata), 0
    for i in range(n):
        longest = max(longest, indptr[i + 1] - indptr[i])
    one, two, three = np.empty(longest + 1), np.empty(longest + 1), np.empty(longest + 1)
    # rows of one country ask the same few questions: the answers are kept
    span = min(longest, 32) + 1
    known = np.full((len(rows), 2, span, span, 3), np.nan)
    for i in range(n):
        lo, hi = indptr[i], indptr[i + 1]
        if lo == hi:
            continue
        if not asked[i]:
            out[i, 0], out[i, 1], out[i, 2] = 0.0, 0.0, 0.0
            continue
        weight, home, mine, m = data[lo], strata[i], int(values[i]), hi - lo
        hits, alike = 0, home >= 0
        for e in range(lo, hi):
            j = indices[e]
            if strata[j] != home or country[j] != country[i]:
                alike = False
                break
            hits += values[j] > 0
        if alike:
            out[i, 0], out[i, 1], out[i, 2] = weight * hits, weight * hits, 0.0
            kept = m < span
            if kept and known[home, mine, m, hits, 1] == known[home, mine, m, hits, 1]:
                for part in range(2):
                    out[i, 3 + part] = weight * known[home, mine, m, hits, 1]
                    out[i, 6 + part] = weight * known[home, mine, m, hits, 2]
                    out[i, 9 + part] = known[home, mine, m, hits, 0]
                out[i, 12] = out[i, 9]
                continue
            law(rows[home] - 1, kind[home] - mine, m, one)
            write(one, m, 0.0, float(hits), float(hits), weight, out, i, 0)
            out[i, 4], out[i, 7], out[i, 10] = out[i, 3], out[i, 6], out[i, 9]
            if kept:
                known[home, mine, m, hits, 0] = out[i, 9]
                known[home, mine, m, hits, 1] = out[i, 3] / weight
                known[home, mine, m, hits, 2] = out[i, 6] / weight
            continue
        seen, shift, moves = np.zeros(3), np.zeros(3), np.zeros(3, np.int64)
        for e in range(lo, hi):
            j = indices[e]
            part = 2 if country[j] != country[i] else 1
            seen[part] += values[j]
            if strata[j] < 0:
                shift[part] += values[j]
            else:
                met[strata[j], part - 1] += 1
                moves[part] += 1
        seen[0], shift[0], moves[0] = seen[1] + seen[2], shift[1] + shift[2], moves[1] + moves[2]
        for part in range(3):
            out[i, part] = weight * seen[part]
        average = shift[2]
        for part in (1, 2, 0):  # the whole last: it asks for the average of what lies across
            if moves[part] == 0:
                continue
            two[0], reach = 1.0, 0
            for e in range(lo, hi):
                s = strata[indices[e]]
                if s < 0 or stamp[s] == 3 * i + part:
                    continue
                stamp[s] = 3 * i + part
                k = met[s, 0] + met[s, 1] if part == 0 else met[s, part - 1]
                own = 1 if s == home else 0
                law(rows[s] - own, kind[s] - own * mine, k, one)
                fold(one, k, two, reach, three)
                reach += k
                two[: reach + 1] = three[: reach + 1]
            mean = write(two, reach, shift[part], seen[part], seen[1] + average, weight, out, i, part)
            if part == 2:
                average = mean
        for e in range(lo, hi):
            if strata[indices[e]] >= 0:
                met[strata[indices[e]]] = 0
