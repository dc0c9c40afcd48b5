"""How are all redraws of a row judged, by one pass over its neighbours?

Compiled when this module is imported, which only its caller does, inside a function.
"""

from __future__ import annotations

import numpy as np
from numba import njit

TIE = 1e-9  # as in `permutation.p_value`


@njit(cache=True, nogil=True)
def below(ordered, limit):  # type: ignore[no-untyped-def]
    """Count those of a sorted array below a limit, by halving without a branch."""
    start, size = 0, len(ordered)
    while size > 1:
        half = size // 2
        start += half * (ordered[start + half - 1] < limit)
        size -= half
    return start + (ordered[start] < limit)


@njit(cache=True, nogil=True)
def up_to(ordered, limit):  # type: ignore[no-untyped-def]
    """Count those of a sorted array up to a limit, itself included."""
    start, size = 0, len(ordered)
    while size > 1:
        half = size // 2
        start += half * (ordered[start + half - 1] <= limit)
        size -= half
    return start + (ordered[start] <= limit)


@njit(cache=True, nogil=True)
def add_scaled(target, source, weight):  # type: ignore[no-untyped-def]
    """Add a weight times what is drawn: in a function of its own it is done many at a time."""
    for b in range(len(target)):
        target[b] += weight * source[b]


@njit(cache=True, nogil=True)
def add_squares(target, source, weight, x):  # type: ignore[no-untyped-def]
    """Add a weight times the squared difference from x."""
    for b in range(len(target)):
        target[b] += weight * (x - source[b]) * (x - source[b])


@njit(cache=True, nogil=True, fastmath={"reassoc", "nnan", "ninf", "nsz"})
def survey(draws):  # type: ignore[no-untyped-def]
    """Mean, sd, least and largest; sums in any order, many at a time."""
    total, low, high = 0.0, draws[0], draws[0]
    for b in range(len(draws)):
        total += draws[b]
        low = min(low, draws[b])
        high = max(high, draws[b])
    mean, square = total / len(draws), 0.0
    for b in range(len(draws)):
        square += (draws[b] - mean) * (draws[b] - mean)
    return mean, np.sqrt(square / len(draws)), low, high


@njit(cache=True, nogil=True)
def count_far(draws, mean, far):  # type: ignore[no-untyped-def]
    """Count the draws at least so far from their mean."""
    extreme = 0
    for b in range(len(draws)):
        extreme += abs(draws[b] - mean) >= far
    return extreme


@njit(cache=True, nogil=True)
def judge(draws, fixed, observed, out, i, part):  # type: ignore[no-untyped-def]
    """Write mean, sd and p of one part, of which `fixed` was held; return the mean and the reach of its draws."""
    mean, sd, low, high = survey(draws)
    largest = max(abs(low + fixed), abs(high + fixed), abs(observed))
    out[i, 3 + part], out[i, 6 + part] = mean + fixed, sd
    if sd > 1e-12 * largest:
        extreme = count_far(draws, mean, abs(observed - fixed - mean) - TIE * largest)
        out[i, 9 + part] = (extreme + 1) / (len(draws) + 1)
    return mean, largest


@njit(cache=True, nogil=True, inline="always")
def look_up(  # type: ignore[no-untyped-def]
    i, m, weight, total, own, size, base, table, sums, raw, centre, square, inverse, draw, place, was, now, out,
):  # fmt: skip
    """Judge a row with equal weights on neighbours of its own stratum: two binary searches in sorted sums."""
    count, shift, change = 0, 0.0, 0.0
    for e in range(inverse[i], inverse[i + 1]):  # the draws that hold the row itself
        if place[e] < m:
            b = draw[e]
            before = raw[b]
            after = before - table[base + place[e] * size + b] + table[base + m * size + b]
            was[count], now[count] = before, after
            count += 1
            shift += after - before
            change += (after - centre) ** 2 - (before - centre) ** 2
    mean = centre + shift / size
    sd = np.sqrt(max((square + change) / size - (mean - centre) ** 2, 0.0))
    largest = max(abs(total), abs(sums[0]), abs(sums[size - 1]))
    far = abs(total - mean) - TIE * largest
    extreme = size
    if far > 0:
        high, low = mean + far, mean - far
        extreme = size - below(sums, high) + up_to(sums, low)
        for e in range(count):
            extreme -= was[e] >= high or was[e] <= low
            extreme += now[e] >= high or now[e] <= low
    for part in range(2):
        out[i, part] = own + weight * total
        out[i, 3 + part], out[i, 6 + part] = own + weight * mean, weight * sd
        if sd > 1e-12 * largest:
            out[i, 9 + part] = (extreme + 1) / (size + 1)
    out[i, 2] = 0.0
    out[i, 12] = out[i, 9]


@njit(cache=True, nogil=True)
def redraw(  # type: ignore[no-untyped-def]
    first, last, indptr, indices, data, values, strata, country, focal, squared, row,
    size, table, start, sums, raw, centre, square, inverse, draw, place, out,
):  # fmt: skip
    """Judge the rows from `first` to `last`; see `redraw_conditionally`."""
    acc = np.empty((3, size))
    was, now = np.empty(size), np.empty(size)
    met = np.zeros(len(start), np.int64)
    for i in range(first, last):
        lo, hi = indptr[i], indptr[i + 1]
        if lo == hi:
            continue
        if row[i] >= 0:
            total, own, weight, m = 0.0, 0.0, 0.0, 0
            for e in range(lo, hi):
                if indices[e] == i:
                    own += data[e] * values[i]
                else:
                    total += values[indices[e]]
                    weight = data[e]
                    m += 1
            r = row[i]
            look_up(
                i, m, weight, total, own, size, start[strata[i]], table, sums[r], raw[r], centre[r], square[r],
                inverse, draw, place, was, now, out,
            )  # fmt: skip
            continue
        fixed, seen, moves = np.zeros(2), np.zeros(2), np.zeros(2, np.int64)
        edge = np.empty(hi - lo, np.int64)  # by place in the own stratum: which edge stands there
        home = strata[i]
        for e in range(lo, hi):
            j, w = indices[e], data[e]
            part = 1 if country[j] != country[i] else 0
            worth = (focal[i] - values[j]) ** 2 if squared else values[j]
            seen[part] += w * worth
            s = strata[j]
            if s < 0 or j == i:
                fixed[part] += w * worth
                continue
            if s == home:
                edge[met[s]] = e
            at = start[s] + met[s] * size
            met[s] += 1
            moves[part] += 1
            if moves[part] == 1:
                acc[part] = 0.0
            if squared:
                add_squares(acc[part], table[at : at + size], w, focal[i])
            else:
                add_scaled(acc[part], table[at : at + size], w)
        if home >= 0 and met[home] > 0:
            spare = start[home] + met[home] * size
            for f in range(inverse[i], inverse[i + 1]):
                if place[f] < met[home]:
                    e, b = edge[place[f]], draw[f]
                    part = 1 if country[indices[e]] != country[i] else 0
                    old, new = table[start[home] + place[f] * size + b], table[spare + b]
                    if squared:
                        old, new = (focal[i] - old) ** 2, (focal[i] - new) ** 2
                    acc[part, b] += data[e] * (new - old)
        for e in range(lo, hi):
            if strata[indices[e]] >= 0:
                met[strata[indices[e]]] = 0
        out[i, 0], out[i, 1], out[i, 2] = seen[0] + seen[1], seen[0], seen[1]
        middle = np.zeros(2)
        for part in range(2):
            if moves[part] > 0:
                middle[part], largest = judge(acc[part], fixed[part], seen[part], out, i, 1 + part)
        if moves[0] > 0 and moves[1] > 0:
            for b in range(size):
                acc[2, b] = acc[0, b] + acc[1, b]
            whole = acc[2]
            mean, largest = judge(whole, fixed[0] + fixed[1], seen[0] + seen[1], out, i, 0)
        elif moves[0] + moves[1] > 0:  # the other part is held as a whole
            moved = 0 if moves[0] > 0 else 1
            whole = acc[moved]
            mean, largest = judge(whole, fixed[0] + fixed[1], seen[0] + seen[1], out, i, 0)
        if out[i, 9] == out[i, 9]:
            # at home as it is, abroad at its mean
            far = abs(seen[0] - fixed[0] + middle[1] - mean) - TIE * largest
            out[i, 12] = (count_far(whole, mean, far) + 1) / (size + 1)
