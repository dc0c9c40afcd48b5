"""How unlikely is what each circle, or cylinder, holds? The compiled loops.

Log-likelihood ratios, high rates only (Kulldorff 1997). With several strata that of a
window is the sum over the strata in excess (Kulldorff et al. 2007). A window that grows
without a further case grows less unlikely: redraws are looked at only where one enters.
"""

import numpy as np
from numba import njit

_CLEAR = 1 + 1e-12


@njit(nogil=True, cache=True)
def steepness(held, whole, n_c, bernoulli):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Give s such that the ratio is at most s (O - E)², as ln x <= x - 1; 0 where no excess is possible."""
    if n_c == 0 or held >= whole * (1 - 1e-12):
        return 0.0
    inside = n_c * held / whole
    if inside <= 0 or (bernoulli and n_c >= whole):
        return np.inf
    outside = n_c - inside
    result = 1 / inside + 1 / outside
    if bernoulli:
        result += 1 / (held - inside) + 1 / (whole - held - outside)
    return result


@njit(nogil=True, cache=True)
def ratio_of(o, expected, n_c, held, whole, bernoulli, log_in, log_out, xlnx):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Log-likelihood ratio of a window in one stratum; xlnx[x] is x ln x."""
    if o <= expected * _CLEAR or held >= whole * (1 - 1e-12):
        return 0.0
    if bernoulli:
        n, w = int(held + 0.5), int(whole + 0.5)
        base = xlnx[n] + xlnx[w - n] + xlnx[n_c] + xlnx[w - n_c] - xlnx[w]
        return xlnx[o] + xlnx[n - o] + xlnx[n_c - o] + xlnx[w - n - n_c + o] - base
    return xlnx[o] - o * log_in + xlnx[n_c - o] - (n_c - o) * log_out


@njit(nogil=True, cache=True)
def logarithms(expected, n_c, held, whole):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Logarithms of the expected number inside and outside."""
    inside = np.log(expected) if expected > 0 else 0.0
    outside = np.log(n_c - expected) if held < whole * (1 - 1e-12) and n_c > 0 else 0.0
    return inside, outside


@njit(nogil=True, cache=True)
def circle_ratios(  # type: ignore[no-untyped-def]
    start, place, closed, stratum, size, total, drawn, minimum, bernoulli, xlnx, cases
):  # pragma: no cover
    """Give the ratio of each circle; 0 where it holds too few cases."""
    strata, keep = len(total), np.zeros(len(place))
    inside, part, held = np.zeros(strata, np.int64), np.zeros(strata), np.zeros(strata)
    for centre in range(len(start) - 1):
        inside[:], part[:], held[:] = 0, 0.0, 0.0
        every, ratio = 0, 0.0
        for step in range(start[centre], start[centre + 1]):
            j = place[step]
            c = stratum[j]
            held[c] += size[j]
            inside[c] += cases[j]
            every += cases[j]
            expected = drawn[c] * held[c] / total[c]
            log_in, log_out = logarithms(expected, drawn[c], held[c], total[c])
            value = ratio_of(inside[c], expected, drawn[c], held[c], total[c], bernoulli, log_in, log_out, xlnx)
            ratio += value - part[c]
            part[c] = value
            if closed[step] and every >= minimum:
                keep[step] = ratio
    return keep


@njit(nogil=True, cache=True)
def largest_in_circles(  # type: ignore[no-untyped-def]
    start, place, closed, stratum, size, total, drawn, minimum, bernoulli, xlnx, first, draw, number, draws
):  # pragma: no cover
    """Give the largest ratio of each redraw; `draw` and `number` list the redraws with cases at each place."""
    strata, best = len(total), np.zeros(draws)
    inside, every = np.zeros((draws, strata), np.int64), np.zeros(draws, np.int64)
    held, expected, steep = np.zeros(strata), np.zeros(strata), np.zeros(strata)
    log_in, log_out = np.zeros(strata), np.zeros(strata)
    seen, present = np.zeros(strata, np.bool_), np.zeros(strata, np.int64)
    fresh, logged = np.zeros(strata, np.bool_), np.zeros(strata, np.bool_)
    entered, touched = np.zeros(draws, np.bool_), np.zeros(draws, np.int64)
    for centre in range(len(start) - 1):
        seen[:], every[:] = False, 0
        count, n_touched, alone = 0, 0, True
        for step in range(start[centre], start[centre + 1]):
            j = place[step]
            c = stratum[j]
            if not seen[c]:
                seen[c], present[count], held[c] = True, c, 0.0
                count += 1
                for b in range(draws):
                    inside[b, c] = 0
            held[c] += size[j]
            fresh[c] = False
            alone = alone and closed[step]  # no place equally far
            for e in range(first[j], first[j + 1]):
                b = draw[e]
                inside[b, c] += number[e]
                every[b] += number[e]
                if not entered[b]:
                    entered[b] = not alone
                    touched[n_touched] = b
                    n_touched += 1
            if not closed[step]:
                continue
            if n_touched:
                for k in range(count):
                    d = present[k]
                    if not fresh[d]:
                        fresh[d], logged[d] = True, False
                        expected[d] = drawn[d] * held[d] / total[d]
                        steep[d] = steepness(held[d], total[d], drawn[d], bernoulli)
            for t in range(n_touched):
                b = touched[t]
                entered[b] = False
                if every[b] < minimum:
                    continue
                # no excess where it entered: the circle before was as unlikely, if it was one
                if alone and inside[b, c] <= expected[c] and every[b] - number[first[j] + t] >= minimum:
                    continue
                bound = 0.0
                for k in range(count):
                    gap = inside[b, present[k]] - expected[present[k]]
                    if gap > 0:
                        bound += gap * gap * steep[present[k]]
                if bound <= best[b]:
                    continue
                ratio = 0.0
                for k in range(count):
                    d = present[k]
                    if not logged[d]:
                        logged[d] = True
                        log_in[d], log_out[d] = logarithms(expected[d], drawn[d], held[d], total[d])
                    ratio += ratio_of(
                        inside[b, d], expected[d], drawn[d], held[d], total[d], bernoulli, log_in[d], log_out[d], xlnx
                    )
                best[b] = max(best[b], ratio)
            n_touched, alone = 0, True
    return best


@njit(nogil=True, cache=True)
def filled_periods(by_period):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Which periods hold any row: a spell that begins or ends in an empty one is a shorter one."""
    filled = np.zeros(by_period.shape[1] - 1, np.bool_)
    for a in range(len(filled)):
        for c in range(by_period.shape[0]):
            if by_period[c, a + 1] > by_period[c, a]:
                filled[a] = True
    return filled


@njit(nogil=True, cache=True)
def spell_ratio(a, z, count, present, held, until, by_period, minimum, least):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Give the ratio of a spell in the present circle; 0 where it cannot be above `least`."""
    last = by_period.shape[1] - 1
    every, bound = 0, 0.0
    for k in range(count):  # ln x <= x - 1: most spells need no logarithm
        c = present[k]
        n = by_period[c, last]
        o = until[c, z] - until[c, a]
        every += o
        expected = held[c] * (by_period[c, z] - by_period[c, a]) / n
        if o > expected and expected < n * (1 - 1e-12):
            bound += (o - expected) ** 2 * n / (expected * (n - expected))
    if every < minimum or bound <= least:
        return 0.0
    ratio = 0.0
    for k in range(count):
        c = present[k]
        n = by_period[c, last]
        o = until[c, z] - until[c, a]
        expected = held[c] * (by_period[c, z] - by_period[c, a]) / n
        if o > expected * _CLEAR and expected < n * (1 - 1e-12):
            ratio += o * np.log(o / expected)
            if o < n:
                ratio += (n - o) * np.log((n - o) / (n - expected))
    return ratio


@njit(nogil=True, cache=True)
def enter(row, stratum, period, seen, present, count, held, until):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Take a row into the present circle; return how many strata it holds."""
    c = stratum[row]
    if not seen[c]:
        seen[c], present[count], held[c] = True, c, 0
        count += 1
        for t in range(until.shape[1]):
            until[c, t] = 0
    held[c] += 1
    for t in range(period[row] + 1, until.shape[1]):
        until[c, t] += 1
    return count


@njit(nogil=True, cache=True)
def cylinder_ratios(  # type: ignore[no-untyped-def]
    start, place, closed, first, of_row, stratum, by_period, longest, minimum, period
):  # pragma: no cover
    """Give of each circle the largest ratio over spells, and its spell.

    `first` and `of_row` list the rows of each place, `period` is the one of each row,
    `by_period` counts each stratum's rows up to each period.
    """
    strata, periods = by_period.shape[0], by_period.shape[1] - 1
    keep, spell = np.zeros(len(place)), np.zeros((len(place), 2), np.int64)
    until, held = np.zeros((strata, periods + 1), np.int64), np.zeros(strata, np.int64)
    seen, present = np.zeros(strata, np.bool_), np.zeros(strata, np.int64)
    filled = filled_periods(by_period)
    for centre in range(len(start) - 1):
        seen[:] = False
        count = 0
        for step in range(start[centre], start[centre + 1]):
            for k in range(first[place[step]], first[place[step] + 1]):
                count = enter(of_row[k], stratum, period, seen, present, count, held, until)
            if not closed[step]:
                continue
            for a in range(periods):
                if not filled[a]:
                    continue
                for z in range(a + 1, min(a + longest, periods) + 1):
                    if not filled[z - 1]:
                        continue
                    ratio = spell_ratio(a, z, count, present, held, until, by_period, minimum, keep[step])
                    if ratio > keep[step]:
                        keep[step], spell[step, 0], spell[step, 1] = ratio, a, z
    return keep, spell


@njit(nogil=True, cache=True)
def largest_in_cylinders(  # type: ignore[no-untyped-def]
    start, place, closed, first, of_row, stratum, by_period, longest, minimum, shuffled
):  # pragma: no cover
    """Give the largest ratio of each redraw: row b of `shuffled` holds the periods of all rows in it.

    Only spells that begin and end with a case of the circle, and hold one that entered
    last: any other has a better one within it, or was met before.
    """
    strata, periods = by_period.shape[0], by_period.shape[1] - 1
    best = np.zeros(len(shuffled))
    until, held = np.zeros((strata, periods + 1), np.int64), np.zeros(strata, np.int64)
    seen, present = np.zeros(strata, np.bool_), np.zeros(strata, np.int64)
    rows_in, occupied = np.zeros(periods, np.int64), np.zeros(periods, np.int64)
    # of each stratum in the circle: cases and expected ones before, and up to the end of, each occupied period
    cases, foreseen = np.zeros((2, periods, strata)), np.zeros((2, periods, strata))
    rows = np.zeros(strata)
    for b in range(len(shuffled)):
        period = shuffled[b]
        for centre in range(len(start) - 1):
            seen[:], rows_in[:] = False, 0
            count, earliest, latest = 0, periods, -1
            for step in range(start[centre], start[centre + 1]):
                for k in range(first[place[step]], first[place[step] + 1]):
                    row = of_row[k]
                    count = enter(row, stratum, period, seen, present, count, held, until)
                    rows_in[period[row]] += 1
                    earliest, latest = min(earliest, period[row]), max(latest, period[row])
                if not closed[step]:
                    continue
                many = 0
                for t in range(periods):
                    if rows_in[t] > 0:
                        occupied[many] = t
                        many += 1
                for k in range(count):
                    c = present[k]
                    rows[k] = by_period[c, periods]
                    share = held[c] / rows[k]
                    for i in range(many):
                        for end in range(2):
                            cases[end, i, k] = until[c, occupied[i] + end]
                            foreseen[end, i, k] = share * by_period[c, occupied[i] + end]
                for i in range(many):
                    a = occupied[i]
                    if a > latest:
                        break
                    for j in range(i, many):
                        z = occupied[j] + 1
                        if z > a + longest:
                            break
                        if z <= earliest:
                            continue
                        bound = 0.0
                        for k in range(count):
                            expected = foreseen[1, j, k] - foreseen[0, i, k]
                            gap = cases[1, j, k] - cases[0, i, k] - expected
                            if gap > 0:
                                bound += gap * gap * rows[k] / (expected * (rows[k] - expected))
                        if bound > best[b] * (1 - 1e-9):
                            ratio = spell_ratio(a, z, count, present, held, until, by_period, minimum, best[b])
                            best[b] = max(best[b], ratio)
                earliest, latest = periods, -1
    return best
