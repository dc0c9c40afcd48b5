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


@njit(nogil=True, cache=True)
def draw_field(  # type: ignore[no-untyped-def]
    rng, organisations, weight, neighbour, factor, spread, tested, outside, z, total, count, touched
):  # pragma: no cover
    """Draw a log-Gaussian field on the places, then organisations on them; return how many places are touched.

    Places stand in the order in which the field is drawn, each given its earlier
    neighbours. `tested` holds their number among the places of windows, or -1.
    """
    places, near = neighbour.shape
    mass, inside = outside, 0.0
    n_inside = len(total)
    for i in range(places):
        value = spread[i] * rng.standard_normal()
        for j in range(near):
            other = neighbour[i, j]
            if other < 0:
                break
            value += factor[i, j] * z[other]
        z[i] = value
        here = weight[i] * np.exp(value)
        mass += here
        if tested[i] >= 0:
            total[tested[i]] = here
    for k in range(n_inside):
        inside += total[k]
        total[k] = inside
    n_touched = 0
    for _ in range(organisations):
        x = rng.random() * mass
        if x >= inside:
            continue
        low, high = 0, n_inside - 1
        while low < high:
            middle = (low + high) // 2
            if total[middle] > x:
                high = middle
            else:
                low = middle + 1
        if count[low] == 0:
            touched[n_touched] = low
            n_touched += 1
        count[low] += 1
    return n_touched


@njit(nogil=True, cache=True)
def from_field(  # type: ignore[no-untyped-def]
    rng,
    size,
    organisations,
    weight,
    neighbour,
    factor,
    spread,
    tested,
    outside,
    places,
    pointer,
    entry_centre,
    entry_radius,
    barrier,
    log_e,
    log_rest,
    logs,
):  # pragma: no cover
    """Give the largest LLR of each redraw of a country on a log-Gaussian field."""
    z, total = np.empty(len(weight)), np.empty(places)
    count = np.zeros(places, dtype=np.int64)
    touched = np.empty(places, dtype=np.int32)
    tally = np.zeros(barrier.shape, dtype=np.int64)
    seen = np.zeros(barrier.shape[0], dtype=np.uint8)
    maxima = np.empty(size)
    for b in range(size):
        n_touched = draw_field(
            rng, organisations, weight, neighbour, factor, spread, tested, outside, z, total, count, touched
        )
        maxima[b] = rise(
            count, touched, n_touched, tally, seen, pointer, entry_centre, entry_radius, barrier, log_e, log_rest, logs
        )
    return maxima


@njit(nogil=True, cache=True)
def reach_on_field(  # type: ignore[no-untyped-def]
    rng,
    size,
    organisations,
    weight,
    neighbour,
    factor,
    spread,
    tested,
    outside,
    places,
    pointer,
    entry_centre,
    entry_radius,
    target,
):  # pragma: no cover
    """Count the redraws on a log-Gaussian field in which a window holds at least its target."""
    z, total = np.empty(len(weight)), np.empty(places)
    count = np.zeros(places, dtype=np.int64)
    touched = np.empty(places, dtype=np.int32)
    tally = np.zeros(target.shape, dtype=np.int64)
    reached = np.zeros(target.shape, dtype=np.int64)
    seen = np.zeros(target.shape[0], dtype=np.uint8)
    centres = np.empty(target.shape[0], dtype=np.int32)
    for _ in range(size):
        n_touched = draw_field(
            rng, organisations, weight, neighbour, factor, spread, tested, outside, z, total, count, touched
        )
        n_centres = 0
        for k in range(n_touched):
            place = touched[k]
            for e in range(pointer[place], pointer[place + 1]):
                centre = entry_centre[e]
                if seen[centre] == 0:
                    seen[centre] = 1
                    centres[n_centres] = centre
                    n_centres += 1
                tally[centre, entry_radius[e]] += count[place]
            count[place] = 0
        for k in range(n_centres):
            centre = centres[k]
            seen[centre] = 0
            held = 0
            for r in range(target.shape[1]):
                held += tally[centre, r]
                tally[centre, r] = 0
                if held >= target[centre, r]:
                    reached[centre, r] += 1
    return reached
