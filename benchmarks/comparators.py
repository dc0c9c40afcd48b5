"""Tests one might take instead of the spanning test, made of its own circles and redraws.

All ask the circles of 5, 10 and 15 km about places that hold background of two countries,
whole countries, per head; none is part of the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from geocluster.background.ground import stand_on_background
from geocluster.distance import to_ecef
from geocluster.spanning.redraw import CountryNull, log_likelihood_ratio, simulated_maxima
from geocluster.spanning.screening import Measured, conjoin, measure_windows
from geocluster.spanning.windows import Windows, build_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scenarios import Scene

R_MAX_KM = 15.0
_TIE = 1e-9


@dataclass(frozen=True)
class Laid:
    """Circles, what they hold, and each country's null."""

    windows: Windows
    counts: dict[int, NDArray[np.int64]]
    nulls: dict[int, CountryNull]
    base: Measured


def lay(scene: Scene) -> Laid | None:
    """Lay the circles and count; None where no circle holds two countries."""
    ground = stand_on_background(scene.organisations, scene.places, "countries")
    places = ground.places
    nulls, counts = {}, {}
    for c in ground.enough:
        own = ground.country == c
        weight = np.where(own, places.population, 0.0)
        nulls[c] = CountryNull(int(ground.count[own].sum()), weight / weight.sum())
        counts[c] = np.where(own, ground.count, 0)
    windows = build_windows(
        to_ecef(places.longitude, places.latitude),
        places.longitude,
        places.latitude,
        ground.country,
        r_max_km=R_MAX_KM,
        among=list(nulls),
        midpoints=False,
    )
    base = measure_windows(windows, counts, nulls)
    return None if base is None else Laid(windows, counts, nulls, base)


def pooled_scan(laid: Laid, *, permutations: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Give p of each circle by a scan that knows no border; 1 where it holds no organisation of a second country.

    All organisations together against all places (Kulldorff 1997), E added over the countries, so
    that a difference in level between them is no cluster.
    """
    n = sum(null.organisations for null in laid.nulls.values())
    share = sum(null.organisations * null.share for null in laid.nulls.values()) / n
    base = laid.base
    observed, expected = base.observed.sum(axis=0), base.expected.sum(axis=0)
    maxima = simulated_maxima(
        laid.windows, base.kept, CountryNull(n, np.asarray(share)), permutations=permutations, rng=rng
    )
    p = _rank(log_likelihood_ratio(observed, expected, n), maxima)
    return np.where(base.kept & ((base.observed > 0).sum(axis=0) >= 2), p, 1.0)


def plain_conjunction(laid: Laid, *, permutations: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Give p_(2) of each circle, each country tested on *all* circles (Benjamini & Heller 2008).

    With two countries p_(2) needs no factor K: a claim that is false needs p_c ≤ α of one that holds its null.
    """
    everywhere = np.zeros_like(laid.base.observed)  # tails of 0: each country selects all
    screen = conjoin(
        laid.windows,
        laid.base,
        everywhere,
        laid.nulls,
        permutations=permutations,
        streams=rng.spawn(len(laid.base.countries)),
        at_least=2,
        workers=1,
    )
    return np.where(laid.base.kept, np.sort(screen.p_country, axis=0)[1], 1.0)


def second_largest(laid: Laid, *, permutations: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Give p of each circle by its second-largest LLR, under the complete null: *all* countries redrawn together."""
    base, windows = laid.base, laid.windows
    z = np.flatnonzero(base.kept)
    holds = _membership(windows, len(laid.counts[base.countries[0]]))[z]

    def second(observed: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        each = [
            log_likelihood_ratio(rows, base.expected[k].ravel()[z, None], laid.nulls[c].organisations)
            for k, (c, rows) in enumerate(zip(base.countries, observed, strict=True))
        ]
        return np.asarray(np.sort(each, axis=0)[-2])

    drawn = []
    for c in base.countries:
        null = laid.nulls[c]
        used = np.unique(windows.entry_place[null.share[windows.entry_place] > 0])
        share = null.share[used]  # what falls elsewhere is counted in the last column only
        chance = np.append(share, max(1 - share.sum(), 0.0))
        amounts = rng.multinomial(null.organisations, chance / chance.sum(), size=permutations)
        drawn.append(holds[:, used] @ amounts[:, :-1].T)
    height = second([base.observed[k].ravel()[z, None] for k in range(len(base.countries))])
    p = np.ones(base.kept.size)
    p[z] = _rank(height[:, 0], second(drawn).max(axis=0))
    return p.reshape(base.kept.shape)


def _membership(windows: Windows, places: int) -> csr_array:
    """Say which places each window holds: one row a centre and radius."""
    centres, radii = windows.shape
    parts = [windows.entry_radius <= j for j in range(radii)]
    rows = np.concatenate([windows.entry_centre[part].astype(np.int64) * radii + j for j, part in enumerate(parts)])
    columns = np.concatenate([windows.entry_place[part] for part in parts])
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(centres * radii, places))


def _rank(height: NDArray[np.float64], maxima: NDArray[np.float64]) -> NDArray[np.float64]:
    below = np.searchsorted(np.sort(maxima), height * (1 - _TIE), side="left")
    return np.asarray((1 + len(maxima) - below) / (len(maxima) + 1))
