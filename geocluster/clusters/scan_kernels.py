"""How unlikely is what each circle, or cylinder, holds?

Log-likelihood ratios, high rates only (Kulldorff 1997). With several strata that of a
window is the sum over the strata in excess (Kulldorff et al. 2007).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np


@cache
def circle_kernel() -> Any:
    """Compile the scan of circles, of many tables of cases at once.

    Examples
    --------
    >>> circle_kernel().__name__
    'scan'
    """
    from numba import njit

    @njit(cache=True, nogil=True)
    def scan(start, place, closed, stratum, size, total, cases, drawn, minimum, bernoulli, best, keep):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Write the largest ratio of each draw to `best`; with `keep`, that of each circle of the first one."""
        strata, draws = len(total), cases.shape[1]
        most = 2
        for c in range(strata):
            most = max(most, int(total[c]) + 1, drawn[c] + 1)
        xlnx = np.zeros(most + 1)
        for x in range(1, most + 1):
            xlnx[x] = x * np.log(x)
        inside, part = np.zeros((strata, draws), np.int64), np.zeros((strata, draws))
        every, ratio = np.zeros(draws, np.int64), np.zeros(draws)
        held, seen = np.zeros(strata), np.zeros(strata, np.bool_)
        for b in range(draws):
            best[b] = 0.0
        for centre in range(len(start) - 1):
            seen[:] = False
            for b in range(draws):
                every[b], ratio[b] = 0, 0.0
            for step in range(start[centre], start[centre + 1]):
                j = place[step]
                c = stratum[j]
                if not seen[c]:
                    seen[c], held[c] = True, 0.0
                    for b in range(draws):
                        inside[c, b], part[c, b] = 0, 0.0
                held[c] += size[j]
                n_c, whole = drawn[c], total[c]
                expected = n_c * held[c] / whole
                full = held[c] >= whole * (1 - 1e-12)
                if bernoulli:
                    n = int(held[c] + 0.5)
                    w = int(whole + 0.5)
                    base = xlnx[n] + xlnx[w - n] + xlnx[n_c] + xlnx[w - n_c] - xlnx[w]
                    for b in range(draws):
                        inside[c, b] += cases[j, b]
                        every[b] += cases[j, b]
                        o = inside[c, b]
                        value = 0.0
                        if o > expected * (1 + 1e-12) and not full:
                            value = xlnx[o] + xlnx[n - o] + xlnx[n_c - o] + xlnx[w - n - n_c + o] - base
                        ratio[b] += value - part[c, b]
                        part[c, b] = value
                else:
                    log_in = np.log(expected) if expected > 0 else 0.0
                    log_out = np.log(n_c - expected) if not full and n_c > 0 else 0.0
                    for b in range(draws):
                        inside[c, b] += cases[j, b]
                        every[b] += cases[j, b]
                        o = inside[c, b]
                        value = 0.0
                        if o > expected * (1 + 1e-12) and not full:
                            value = xlnx[o] - o * log_in + xlnx[n_c - o] - (n_c - o) * log_out
                        ratio[b] += value - part[c, b]
                        part[c, b] = value
                if closed[step]:
                    for b in range(draws):
                        if ratio[b] > best[b] and every[b] >= minimum:
                            best[b] = ratio[b]
                    if len(keep) and every[0] >= minimum:
                        keep[step] = ratio[0]

    return scan


@cache
def cylinder_kernel() -> Any:
    """Compile the scan of cylinders: circles times spells.

    Examples
    --------
    >>> cylinder_kernel().__name__
    'scan'
    """
    from numba import njit

    @njit(cache=True, nogil=True)
    def scan(start, place, closed, first, of_row, stratum, period, by_period, longest, minimum, keep, spell):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Return the largest ratio; with `keep`, also that of each circle and the spell that gives it.

        `first` and `of_row` list the rows of each place, `period` is the one of each row,
        `by_period` counts each stratum's rows up to each period.
        """
        strata, periods = by_period.shape[0], by_period.shape[1] - 1
        until = np.zeros((strata, periods + 1), np.int64)
        seen, present = np.zeros(strata, np.bool_), np.zeros(strata, np.int64)
        held = np.zeros(strata, np.int64)
        filled = np.zeros(periods, np.bool_)  # a spell that begins or ends in an empty period is a shorter one
        for a in range(periods):
            for c in range(strata):
                if by_period[c, a + 1] > by_period[c, a]:
                    filled[a] = True
        best = 0.0
        for centre in range(len(start) - 1):
            seen[:] = False
            count = 0
            for step in range(start[centre], start[centre + 1]):
                for k in range(first[place[step]], first[place[step] + 1]):
                    row = of_row[k]
                    c = stratum[row]
                    if not seen[c]:
                        seen[c], present[count], held[c] = True, c, 0
                        count += 1
                        for t in range(periods + 1):
                            until[c, t] = 0
                    held[c] += 1
                    for t in range(period[row] + 1, periods + 1):
                        until[c, t] += 1
                if not closed[step]:
                    continue
                here, here_from, here_to = 0.0, 0, 0
                for a in range(periods):
                    if not filled[a]:
                        continue
                    for z in range(a + 1, min(a + longest, periods) + 1):
                        if not filled[z - 1]:
                            continue
                        every, bound = 0, 0.0
                        for k in range(count):  # ln x <= x - 1: most spells need no logarithm
                            c = present[k]
                            n = by_period[c, periods]
                            o = until[c, z] - until[c, a]
                            every += o
                            expected = held[c] * (by_period[c, z] - by_period[c, a]) / n
                            if o > expected and expected < n * (1 - 1e-12):
                                bound += (o - expected) ** 2 * n / (expected * (n - expected))
                        if every < minimum or bound <= (here if len(keep) else best):
                            continue
                        ratio = 0.0
                        for k in range(count):
                            c = present[k]
                            n = by_period[c, periods]
                            o = until[c, z] - until[c, a]
                            expected = held[c] * (by_period[c, z] - by_period[c, a]) / n
                            if o > expected * (1 + 1e-12) and expected < n * (1 - 1e-12):
                                ratio += o * np.log(o / expected)
                                if o < n:
                                    ratio += (n - o) * np.log((n - o) / (n - expected))
                        if ratio > here:
                            here, here_from, here_to = ratio, a, z
                if len(keep):
                    keep[step], spell[step, 0], spell[step, 1] = here, here_from, here_to
                best = max(best, here)
        return best

    return scan
