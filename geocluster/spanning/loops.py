"""How large does the largest excess grow in one redraw of a country? The compiled loops.

A redraw is a list of places, one for each organisation that fell in a window; three
ways of drawing it, one of measuring it. Functions of a module, not of a function:
numba's cache knows them again in the next process.
"""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def draw_by_alias(rng, amounts, threshold, alias):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Draw so many organisations for each redraw on places, by an alias table."""
    places = len(threshold)
    drawn = np.empty(amounts.sum(), dtype=np.int32)
    for i in range(len(drawn)):
        x = rng.random() * places
        place = int(x)
        drawn[i] = place if x - place < threshold[place] else alias[place]
    return drawn


@njit(nogil=True, cache=True)
def draw_units(rng, amounts, units):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Draw so many cases for each redraw among units on places, without replacement; units are left shuffled."""
    drawn = np.empty(amounts.sum(), dtype=np.int32)
    at = 0
    for b in range(len(amounts)):
        for i in range(amounts[b]):
            j = i + int(rng.random() * (len(units) - i))
            place = units[j]
            units[j] = units[i]
            units[i] = place
            drawn[at] = place
            at += 1
    return drawn


@njit(nogil=True, cache=True)
def draw_by_totals(rng, amounts, total):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Draw so many organisations for each redraw by the places' cumulated weights in it: total[redraw, place]."""
    drawn = np.empty(amounts.sum(), dtype=np.int32)
    at, last = 0, total.shape[1] - 1
    for b in range(len(amounts)):
        for _ in range(amounts[b]):
            x = rng.random() * total[b, last]
            low, high = 0, last
            while low < high:
                middle = (low + high) // 2
                if total[b, middle] > x:
                    high = middle
                else:
                    low = middle + 1
            drawn[at] = low
            at += 1
    return drawn


@njit(nogil=True, cache=True)
def gather(drawn, count, touched):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count organisations by place; return how many places hold any."""
    n_touched = 0
    for place in drawn:
        if count[place] == 0:
            touched[n_touched] = place
            n_touched += 1
        count[place] += 1
    return n_touched


@njit(nogil=True, cache=True)
def spread(  # type: ignore[no-untyped-def]
    count, touched, n_touched, tally, seen, reached, pointer, entry_centre, entry_radius
):  # pragma: no cover
    """Spread the counts of places over the rings of centres, leave them at 0; return how many centres are reached."""
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
    return n_reached


@njit(nogil=True, cache=True)
def largest_ratios(  # type: ignore[no-untyped-def]
    drawn, amounts, pointer, entry_centre, entry_radius, barrier, log_e, log_rest, logs
):  # pragma: no cover
    """Give the largest LLR of each redraw over the windows above whose barrier it rises."""
    places, organisations = len(pointer) - 1, len(logs) - 1
    count = np.zeros(places, dtype=np.int64)
    touched = np.empty(places, dtype=np.int32)
    tally = np.zeros(barrier.shape, dtype=np.int64)
    seen = np.zeros(barrier.shape[0], dtype=np.uint8)
    reached = np.empty(barrier.shape[0], dtype=np.int32)
    maxima = np.zeros(len(amounts))
    at = 0
    for b in range(len(amounts)):
        n_touched = gather(drawn[at : at + amounts[b]], count, touched)
        at += amounts[b]
        n_reached = spread(count, touched, n_touched, tally, seen, reached, pointer, entry_centre, entry_radius)
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
        maxima[b] = best
    return maxima


@njit(nogil=True, cache=True)
def count_reached(  # type: ignore[no-untyped-def]
    drawn, amounts, pointer, entry_centre, entry_radius, target
):  # pragma: no cover
    """Count the redraws in which a window holds at least its target."""
    places = len(pointer) - 1
    count = np.zeros(places, dtype=np.int64)
    touched = np.empty(places, dtype=np.int32)
    tally = np.zeros(target.shape, dtype=np.int64)
    often = np.zeros(target.shape, dtype=np.int64)
    seen = np.zeros(target.shape[0], dtype=np.uint8)
    reached = np.empty(target.shape[0], dtype=np.int32)
    at = 0
    for b in range(len(amounts)):
        n_touched = gather(drawn[at : at + amounts[b]], count, touched)
        at += amounts[b]
        n_reached = spread(count, touched, n_touched, tally, seen, reached, pointer, entry_centre, entry_radius)
        for k in range(n_reached):
            centre = reached[k]
            seen[centre] = 0
            held = 0
            for r in range(target.shape[1]):
                held += tally[centre, r]
                tally[centre, r] = 0
                if held >= target[centre, r]:
                    often[centre, r] += 1
    return often
