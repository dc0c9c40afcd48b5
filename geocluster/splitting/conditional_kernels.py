"""How are all redraws of a row judged, by one pass over its neighbours?

Compiled when this module is imported, which only its caller does, inside a function.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geocluster.splitting.table_kernels import GENERAL, HOME

TIE = 1e-9  # as in `permutation.p_value`
LARGEST = np.int64(0x7FFFFFFFFFFFFFFF)


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


@njit(cache=True, nogil=True)
def extent(draws):  # type: ignore[no-untyped-def]
    """Least and largest, by their bits: as whole numbers they are compared many at a time."""
    bits, ends = draws.view(np.int64), np.empty(2)
    low, high = LARGEST, ~LARGEST
    for b in range(len(bits)):
        turned = bits[b] ^ ((bits[b] >> 63) & LARGEST)  # in the order of the numbers
        low, high = min(low, turned), max(high, turned)
    whole = ends.view(np.int64)
    whole[0], whole[1] = low ^ ((low >> 63) & LARGEST), high ^ ((high >> 63) & LARGEST)
    return ends[0], ends[1]


@njit(cache=True, nogil=True, fastmath={"reassoc", "nnan", "ninf", "nsz"})
def spread(draws):  # type: ignore[no-untyped-def]
    """Mean and sd; sums in any order, many at a time."""
    total, square = 0.0, 0.0
    for b in range(len(draws)):
        total += draws[b]
    mean = total / len(draws)
    for b in range(len(draws)):
        square += (draws[b] - mean) * (draws[b] - mean)
    return mean, np.sqrt(square / len(draws))


@njit(cache=True, nogil=True)
def survey(draws):  # type: ignore[no-untyped-def]
    """Mean, sd, least and largest."""
    mean, sd = spread(draws)
    low, high = extent(draws)
    return mean, sd, low, high


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


@njit(cache=True, nogil=True)
def look_up(  # type: ignore[no-untyped-def]
    i, m, total, home, size, raw, beyond, sums, centre, square, value, inverse, draw, place, was, now,
):  # fmt: skip
    """Judge a sum over m neighbours of one stratum by two binary searches: mean, sd, extreme draws, reach.

    `raw` holds the sums by draw, `sums` sorted. At home draws that hold the row itself take the place to spare for
    it: `beyond` holds the sums with that place.
    """
    count, shift, change = 0, 0.0, 0.0
    if home:
        for e in range(inverse[i], inverse[i + 1]):
            if place[e] < m:
                b = draw[e]
                before = raw[b]
                after = beyond[b] - value
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
    return mean, sd, extreme, largest


@njit(cache=True, nogil=True)
def add_drawn(acc, fresh, i, m, s, home, size, start, prefix, value, inverse, draw, place):  # type: ignore[no-untyped-def]
    """Add the sums over m neighbours of a stratum to what is drawn; at home without the row itself."""
    at = start[s] + (m - 1) * size
    raw = prefix[at : at + size]
    if fresh:
        for b in range(size):
            acc[b] = raw[b]
    else:
        for b in range(size):
            acc[b] += raw[b]
    if home:
        spare = start[s] + m * size
        for e in range(inverse[i], inverse[i + 1]):
            if place[e] < m:
                acc[draw[e]] += prefix[spare + draw[e]] - raw[draw[e]] - value


@njit(cache=True, nogil=True)
def count_two(draws, mean, far, other):  # type: ignore[no-untyped-def]
    """Count the draws at least so far from their mean, for two distances."""
    one, two = 0, 0
    for b in range(len(draws)):
        apart = abs(draws[b] - mean)
        one += apart >= far
        two += apart >= other
    return one, two


@njit(cache=True, nogil=True)
def drawn(table, prefix, first, place, size, scratch):  # type: ignore[no-untyped-def]
    """Give what a stratum's draws hold at a place; where only sums are kept it is their difference."""
    at = first + place * size
    if len(table) > 0:
        return table[at : at + size]
    if place == 0:
        return prefix[at : at + size]
    for b in range(size):
        scratch[b] = prefix[at + b] - prefix[at - size + b]
    return scratch


@njit(cache=True, nogil=True)
def judge_alike(  # type: ignore[no-untyped-def]
    i, lo, hi, indices, data, values, strata, country, sum_of, size, prefix, start, sums, centre, square,
    inverse, draw, place, met, near, acc, was, now, out,
):  # fmt: skip
    """Judge a row whose neighbours weigh alike by sums that are added up already; see `Plan.row`."""
    own, weight, found, home = 0.0, 0.0, 0, strata[i]
    total, mean, parts, last = np.zeros(2), np.zeros(2), np.zeros(2, np.int64), np.zeros(2, np.int64)
    for e in range(lo, hi):
        j = indices[e]
        if j == i:
            own += data[e] * values[i]
            continue
        s, weight = strata[j], data[e]
        part = 1 if country[j] != country[i] else 0
        if met[s] == 0:
            met[s] = found + 1
            near[found, 0], near[found, 1], near[found, 2] = s, part, 0
            parts[part] += 1
            last[part] = found
            found += 1
        near[met[s] - 1, 2] += 1
        total[part] += values[j]
    for q in range(found):
        met[near[q, 0]] = 0
    out[i, 0], out[i, 1], out[i, 2] = own + weight * (total[0] + total[1]), own + weight * total[0], weight * total[1]
    for part in range(2):
        if parts[part] == 0:
            continue
        s, m = near[last[part], 0], near[last[part], 2]
        r = sum_of[s, m] if parts[part] == 1 else -1
        if r >= 0:
            at, spare = start[s] + (m - 1) * size, start[s] + m * size
            mean[part], sd, extreme, largest = look_up(
                i, m, total[part], np.int64(s == home), size, prefix[at : at + size], prefix[spare : spare + size],
                sums[r], centre[r], square[r], values[i], inverse, draw, place, was, now,
            )  # fmt: skip
        else:
            fresh = True
            for q in range(found):
                if near[q, 1] == part:
                    add_drawn(
                        acc, fresh, i, near[q, 2], near[q, 0], near[q, 0] == home, size, start, prefix,
                        values[i], inverse, draw, place,
                    )  # fmt: skip
                    fresh = False
            mean[part], sd, low, high = survey(acc)
            largest = max(abs(low), abs(high), abs(total[part]))
            extreme = count_far(acc, mean[part], abs(total[part] - mean[part]) - TIE * largest)
        fixed, p = own if part == 0 else 0.0, np.nan
        if sd > 1e-12 * largest:
            p = (extreme + 1) / (size + 1)
        out[i, 4 + part], out[i, 7 + part], out[i, 10 + part] = fixed + weight * mean[part], weight * sd, p
        if parts[1 - part] == 0:  # it is the whole
            out[i, 3], out[i, 6], out[i, 9] = own + weight * mean[part], weight * sd, p
            out[i, 12] = p if part == 0 or p != p else 1.0
    if parts[0] == 0 or parts[1] == 0:
        return
    for q in range(found):
        add_drawn(
            acc, q == 0, i, near[q, 2], near[q, 0], near[q, 0] == home, size, start, prefix, values[i],
            inverse, draw, place,
        )  # fmt: skip
    whole, sd, low, high = survey(acc)
    seen = total[0] + total[1]
    largest = max(abs(low), abs(high), abs(seen))
    out[i, 3], out[i, 6] = own + weight * whole, weight * sd
    if sd > 1e-12 * largest:  # at home as it is, abroad at its mean: closed
        slack = TIE * largest
        extreme, closed = count_two(acc, whole, abs(seen - whole) - slack, abs(total[0] + mean[1] - whole) - slack)
        out[i, 9], out[i, 12] = (extreme + 1) / (size + 1), (closed + 1) / (size + 1)


@njit(cache=True, nogil=True)
def redraw(  # type: ignore[no-untyped-def]
    first, last, indptr, indices, data, values, strata, country, focal, squared, row, sum_of,
    size, table, prefix, start, sums, centre, square, inverse, draw, place, out,
):  # fmt: skip
    """Judge the rows from `first` to `last`; see `redraw_conditionally`."""
    acc = np.empty((3, size))
    was, now = np.empty(size), np.empty(size)
    met, near = np.zeros(len(start), np.int64), np.empty((sum_of.shape[1], 3), np.int64)
    for i in range(first, last):
        lo, hi = indptr[i], indptr[i + 1]
        if lo == hi:
            continue
        if row[i] == HOME:
            total, own, weight, m, home = 0.0, 0.0, 0.0, 0, strata[i]
            for e in range(lo, hi):
                if indices[e] == i:
                    own += data[e] * values[i]
                else:
                    total += values[indices[e]]
                    weight = data[e]
                    m += 1
            r = sum_of[home, m]
            if r >= 0:
                at, spare = start[home] + (m - 1) * size, start[home] + m * size
                mean, sd, extreme, largest = look_up(
                    i, m, total, 1, size, prefix[at : at + size], prefix[spare : spare + size], sums[r],
                    centre[r], square[r], values[i], inverse, draw, place, was, now,
                )  # fmt: skip
                p = (extreme + 1) / (size + 1) if sd > 1e-12 * largest else np.nan
                for part in range(2):
                    out[i, part], out[i, 3 + part] = own + weight * total, own + weight * mean
                    out[i, 6 + part], out[i, 9 + part] = weight * sd, p
                out[i, 2], out[i, 12] = 0.0, p
                continue
        if row[i] != GENERAL:
            judge_alike(
                i, lo, hi, indices, data, values, strata, country, sum_of, size, prefix, start, sums, centre,
                square, inverse, draw, place, met, near, acc[0], was, now, out,
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
            fresh = drawn(table, prefix, start[s], met[s], size, was)
            met[s] += 1
            moves[part] += 1
            if moves[part] == 1:
                acc[part] = 0.0
            if squared:
                add_squares(acc[part], fresh, w, focal[i])
            else:
                add_scaled(acc[part], fresh, w)
        if home >= 0 and met[home] > 0:
            spare = drawn(table, prefix, start[home], met[home], size, was)
            for f in range(inverse[i], inverse[i + 1]):
                if place[f] < met[home]:
                    e, b = edge[place[f]], draw[f]
                    part = 1 if country[indices[e]] != country[i] else 0
                    old, new = values[i], spare[b]
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
