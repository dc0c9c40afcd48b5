"""How large does the largest excess grow in one redraw of a country? The compiled loops.

Functions of a module, not of a function: numba's cache knows them again in the next process.
"""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def rise(  # type: ignore[no-untyped-def]
    count, touched, n_touched, tally, seen, pointer, entry_centre, entry_radius, barrier, log_e, log_rest, logs
):  # pragma: no cover
    """Spread the counts of places over windows; return the largest LLR; leave all counts at 0."""
    organisations = len(logs) - 1
    reached = np.empty(len(seen), dtype=np.int32)
    n_reached = 0
    for k in range(n_touched):
        place = touched[k]
        number = count[place]
        count[place] = 0
        for e in range(pointer[place], pointer[place + 1]):
            centre = entry_centre[e]
            if seen[centre] == 0:
                seen[centre] = 1
                reached[n_reached] = centre
                n_reached += 1
            tally[centre, entry_radius[e]] += number
    best = 0.0
    for k in range(n_reached):
        centre = reached[k]
        seen[centre] = 0
        observed = 0
        for r in range(tally.shape[1]):
            observed += tally[centre, r]
            tally[centre, r] = 0
            if observed > barrier[centre, r]:
                first = observed * (logs[observed] - log_e[centre, r])
                if first > best:  # the second term is never positive
                    rest = organisations - observed
                    value = first + rest * (logs[rest] - log_rest[centre, r])
                    best = max(best, value)
    return best


@njit(nogil=True, cache=True)
def from_alias(  # type: ignore[no-untyped-def]
    rng, amounts, threshold, alias, pointer, entry_centre, entry_radius, barrier, log_e, log_rest, logs
):  # pragma: no cover
    """Give the largest LLR of each redraw: so many organisations on places, drawn by an alias table."""
    places = len(threshold)
    count = np.zeros(places, dtype=np.int64)
    touched = np.empty(places, dtype=np.int32)
    tally = np.zeros(barrier.shape, dtype=np.int64)
    seen = np.zeros(barrier.shape[0], dtype=np.uint8)
    maxima = np.empty(len(amounts))
    for b in range(len(amounts)):
        n_touched = 0
        for _ in range(amounts[b]):
            x = rng.random() * places
            place = int(x)
            if x - place >= threshold[place]:
                place = alias[place]
            if count[place] == 0:
                touched[n_touched] = place
                n_touched += 1
            count[place] += 1
        maxima[b] = rise(
            count,
            touched,
            n_touched,
            tally,
            seen,
            pointer,
            entry_centre,
            entry_radius,
            barrier,
            log_e,
            log_rest,
            logs,
        )
    return maxima


@njit(nogil=True, cache=True)
def from_units(  # type: ignore[no-untyped-def]
    rng, amounts, units, places, pointer, entry_centre, entry_radius, barrier, log_e, log_rest, logs
):  # pragma: no cover
    """Give the largest LLR of each redraw: so many cases among the units on places, without replacement."""
    count = np.zeros(places, dtype=np.int64)
    touched = np.empty(places, dtype=np.int32)
    tally = np.zeros(barrier.shape, dtype=np.int64)
    seen = np.zeros(barrier.shape[0], dtype=np.uint8)
    maxima = np.empty(len(amounts))
    for b in range(len(amounts)):
        n_touched = 0
        for i in range(amounts[b]):
            j = i + int(rng.random() * (len(units) - i))
            place = units[j]
            units[j] = units[i]
            units[i] = place
            if count[place] == 0:
                touched[n_touched] = place
                n_touched += 1
            count[place] += 1
        maxima[b] = rise(
            count,
            touched,
            n_touched,
            tally,
            seen,
            pointer,
            entry_centre,
            entry_radius,
            barrier,
            log_e,
            log_rest,
            logs,
        )
    return maxima
