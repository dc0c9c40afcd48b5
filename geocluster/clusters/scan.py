"""Where are there more than chance would put there?

The spatial scan statistic (Kulldorff 1997) as a detector: cases against controls
(Bernoulli), or against the population (Poisson). By default cases are redrawn *inside
each country*, so that a difference between countries is no cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.background import fit_exponents, stand_on_background, stand_on_controls
from geocluster.clusters.circles import Circles, lay_circles
from geocluster.clusters.partition import Partition
from geocluster.clusters.significance import COLUMNS, gather_windows, significant
from geocluster.distance import to_ecef
from geocluster.permutation import make_generator, simulate

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from geocluster.clusters.choices import Choices


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Places with cases and what they are measured against, in strata.

    Attributes
    ----------
    xyz : ndarray, shape (places, 3)
    stratum : ndarray of int, shape (places,)
    size : ndarray, shape (places,)
        Population, or cases and controls.
    cases : ndarray of int, shape (places,)
    bernoulli : bool
        Whether `size` counts cases and controls.
    """

    xyz: NDArray[np.float64]
    stratum: NDArray[np.int64]
    size: NDArray[np.float64]
    cases: NDArray[np.int64]
    bernoulli: bool

    def totals(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Size and cases of each stratum."""
        strata = int(self.stratum.max(initial=-1)) + 1
        return (
            np.bincount(self.stratum, weights=self.size, minlength=strata).astype(np.float64),
            np.bincount(self.stratum, weights=self.cases, minlength=strata).astype(np.int64),
        )


def circle_ratios(cells: Cells, circles: Circles, minimum: int) -> NDArray[np.float64]:
    """Log-likelihood ratio of each circle; 0 where it holds too few cases or no excess.

    Examples
    --------
    >>> xyz, cases = to_ecef([7.0, 7.1, 9.0], [47.0] * 3), np.array([5, 1, 0])
    >>> cells = Cells(xyz, np.zeros(3, int), np.ones(3) * 10, cases, bernoulli=False)
    >>> circle_ratios(cells, lay_circles(cells.xyz, cells.size), 1).round(3).tolist()
    [3.195, 0.0, 0.0]
    """
    from geocluster.clusters import scan_kernels  # numba is slow to import

    ratio: NDArray[np.float64] = scan_kernels.circle_ratios(*_laid(cells, circles, minimum), cells.cases)
    return ratio


def _laid(cells: Cells, circles: Circles, minimum: int) -> tuple[Any, ...]:
    """Give what all scans of these circles need."""
    total, drawn = cells.totals()
    most = np.arange(int(np.rint(np.max(total if cells.bernoulli else drawn, initial=0.0))) + 1, dtype=np.float64)
    xlnx = most * np.log(np.maximum(most, 1.0))
    return (
        circles.start, circles.place, circles.closed, cells.stratum, cells.size, total, drawn, minimum,
        cells.bernoulli, xlnx,
    )  # fmt: skip


def draw_largest(
    cells: Cells,
    circles: Circles,
    *,
    minimum: int,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> NDArray[np.float64]:
    """Draw the largest ratio under the null: cases redrawn inside each stratum.

    Cases against a population are multinomial over a stratum's places; labels of cases
    and controls are permuted.

    Returns
    -------
    ndarray, shape (permutations,)
    """
    from geocluster.clusters.scan_kernels import largest_in_circles

    strata = int(cells.stratum.max(initial=-1)) + 1
    places = [np.flatnonzero(cells.stratum == c) for c in range(strata)]
    _, drawn = cells.totals()
    laid = _laid(cells, circles, minimum)

    def draw(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        cases = np.zeros((len(cells.size), size), dtype=np.int64)
        for c, own in enumerate(places):
            n = int(drawn[c])
            if n == 0:
                continue
            if cells.bernoulli:
                units = np.rint(cells.size[own]).astype(np.int64)
                cases[own] = generator.multivariate_hypergeometric(units, n, size=size, method="marginals").T
            else:
                cases[own] = generator.multinomial(n, cells.size[own] / cells.size[own].sum(), size=size).T
        place, draw = np.nonzero(cases)
        first = np.searchsorted(place, np.arange(len(cases) + 1))
        largest: NDArray[np.float64] = largest_in_circles(*laid, first, draw, cases[place, draw], size)
        return largest

    return simulate(draw, permutations=permutations, rng=rng, workers=workers)


def find_by_scan(
    table: GeoDataFrame,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    country: NDArray[np.object_],
    choices: Choices,
) -> Partition:
    """Find the circles that hold significantly more than their share, most likely first, none overlapping.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned.
    longitude, latitude, country : ndarray, shape (n,)
    choices : Choices
    """
    rows = len(table)
    bare = table[[table.geometry.name]].assign(country=country)
    notes, sources = [], []
    if choices.controls is not None:
        others = choices.controls
        ground = stand_on_controls(bare, others, choices.study_area)
        size = np.asarray(ground.units, dtype=np.float64)
        notes.append(f"Bernoulli: against {int(size.sum()) - int(ground.count.sum()):,} controls")
    else:
        ground = stand_on_background(bare, choices.background, choices.study_area)
        size, words = ground.places.population, "population per head"
        if isinstance(choices.background, str):
            words = "a flat background, asked for by name"
        elif choices.exponent == "fitted":
            size, words = _fitted(ground) if len(size) else (size, "population^γ")
        elif choices.exponent != 1:
            size = size**choices.exponent
            words = f"population^{choices.exponent:g}"
        notes.append(f"Poisson: against {words}; study area: {ground.area}")
        if choices.background is None:
            sources.append("populations GeoNames (CC BY 4.0)")
    reasons = sorted({str(word) for word in ground.reason if word})
    notes += [f"set aside, {reason}: {int((ground.reason == reason).sum()):,}" for reason in reasons]
    pooled = choices.null == "pooled"
    stratum = np.zeros(len(size), dtype=np.int64) if pooled else ground.country.astype(np.int64)
    cells = Cells(
        to_ecef(ground.places.longitude, ground.places.latitude),
        stratum,
        size,
        ground.count.astype(np.int64),
        choices.controls is not None,
    )
    notes.append(
        "null: cases redrawn over all countries together: a difference between countries is a cluster"
        if pooled
        else "null: cases redrawn inside each country"
    )
    rng, seed = make_generator(choices.rng)
    if not ground.count.sum():
        return Partition(
            np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=bool), notes=notes, sources=sources, seed=seed,
            columns={},
        )  # fmt: skip
    circles = lay_circles(cells.xyz, size, max_radius_km=choices.max_radius_km)
    ratio = circle_ratios(cells, circles, choices.minimum)
    null = draw_largest(
        cells, circles, minimum=choices.minimum, permutations=choices.permutations, rng=rng, workers=choices.workers
    )
    chosen, p, word = significant(circles, ratio, null, choices.alpha, places=len(size))
    notes.append(word)
    total, drawn = cells.totals()
    rate = np.where(total > 0, drawn / np.where(total > 0, total, 1), 0)
    windows = []
    for step, chance in zip(chosen, p, strict=True):
        members, centre = circles.members(step), circles.centre(step)
        expected = (rate[stratum[members]] * size[members]).sum()
        at = (ground.places.longitude[centre], ground.places.latitude[centre])
        windows.append((np.isin(ground.stands, members), (ratio[step], chance, expected, circles.km[step], *at)))
    return gather_windows(windows, COLUMNS, longitude, latitude, notes=notes, sources=sources, seed=seed)


def _fitted(ground: Any) -> tuple[NDArray[np.float64], str]:
    """Weigh places by population to a fitted power, one a country."""
    from geocluster.countries import border_distance_any_km

    places = ground.places
    border = places.border_km
    if border is None:
        border = border_distance_any_km(places.longitude, places.latitude)
    fitted = fit_exponents(ground.count, places.population, places.country, border)
    gamma = np.array([fitted[str(code)].gamma for code in ground.codes])
    powers = " ".join(f"{code} {value:.2f}" for code, value in zip(ground.codes, gamma, strict=True))
    where = sorted({exponent.fitted_on for exponent in fitted.values()})
    weight = places.population ** gamma[ground.country]
    # each country by itself, or the power of one would weigh on another
    share = np.bincount(ground.country, weights=weight)
    people = np.bincount(ground.country, weights=places.population)
    return weight * (people / share)[ground.country], f"population^γ, γ fitted on {', '.join(where)}: {powers}"
