"""How is a Gaussian field drawn place by place, many at a time? The compiled loops."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def explain(xyz, neighbour, rho_km, nugget):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Predict each place from its earlier neighbours under exp(-r/ρ): factors, and the share of variance explained."""
    places, most = neighbour.shape
    factor, explained = np.zeros((places, most)), np.zeros(places)
    root, towards = np.empty((most, most)), np.empty(most)
    for i in range(places):
        known = 0
        while known < most and neighbour[i, known] >= 0:
            known += 1
        for j in range(known):
            a = neighbour[i, j]
            gap = np.sqrt((xyz[i, 0] - xyz[a, 0]) ** 2 + (xyz[i, 1] - xyz[a, 1]) ** 2 + (xyz[i, 2] - xyz[a, 2]) ** 2)
            towards[j] = np.exp(-gap / rho_km)
            for k in range(j + 1):  # Cholesky, row by row
                if k == j:
                    value = 1.0 + nugget
                else:
                    b = neighbour[i, k]
                    gap2 = (xyz[a, 0] - xyz[b, 0]) ** 2 + (xyz[a, 1] - xyz[b, 1]) ** 2 + (xyz[a, 2] - xyz[b, 2]) ** 2
                    value = np.exp(-np.sqrt(gap2) / rho_km)
                for m in range(k):
                    value -= root[j, m] * root[k, m]
                root[j, k] = np.sqrt(value) if k == j else value / root[k, k]
        for j in range(known):
            value = towards[j]
            for m in range(j):
                value -= root[j, m] * factor[i, m]
            factor[i, j] = value / root[j, j]
        for j in range(known - 1, -1, -1):
            value = factor[i, j]
            for m in range(j + 1, known):
                value -= root[m, j] * factor[i, m]
            factor[i, j] = value / root[j, j]
        for j in range(known):
            explained[i] += factor[i, j] * towards[j]
    return factor, explained


@njit(nogil=True, cache=True)
def correlate(noise, neighbour, factor, spread):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Turn independent noise, shape (places, draws), into fields, in place: each place given its earlier neighbours."""
    places, most = neighbour.shape
    for i in range(places):
        own = noise[i]
        scale = spread[i]
        for b in range(len(own)):
            own[b] *= scale
        for j in range(most):
            if neighbour[i, j] < 0:
                break
            other, weight = noise[neighbour[i, j]], factor[i, j]
            for b in range(len(own)):
                own[b] += weight * other[b]


@njit(nogil=True, cache=True)
def cumulate(lift, weight, tested, outside):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Cumulate the lifted weights of the tested places draw by draw, and add up all: (draws, tested), (draws,)."""
    places, draws = lift.shape
    total, mass = np.empty((draws, len(tested))), np.zeros(draws)
    for k in range(len(tested)):
        own, heavy = lift[tested[k]], weight[tested[k]]
        for b in range(draws):
            mass[b] += heavy * own[b]
            total[b, k] = mass[b]
    counted = np.zeros(places, dtype=np.bool_)
    counted[tested] = True
    for i in range(places):
        if counted[i]:
            continue
        own, heavy = lift[i], weight[i]
        for b in range(draws):
            mass[b] += heavy * own[b]
    for b in range(draws):
        mass[b] += outside
    return total, mass
