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
from geocluster.clusters.partition import Partition, rank_groups
from geocluster.clusters.scan_kernels import circle_kernel
from geocluster.distance import to_ecef
from geocluster.permutation import make_generator, simulate

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from geocluster.clusters.choices import Choices

_TIE = 1e-9


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
    keep = np.zeros(len(circles.place))
    _best(cells, circles, cells.cases[:, None], minimum, keep)
    return keep


def _best(
    cells: Cells, circles: Circles, cases: NDArray[np.int64], minimum: int, keep: NDArray[np.float64]
) -> NDArray[np.float64]:
    total, drawn = cells.totals()
    best = np.zeros(cases.shape[1])
    circle_kernel()(
        circles.start, circles.place, circles.closed, cells.stratum, cells.size, total,
        np.ascontiguousarray(cases, dtype=np.int32), drawn, minimum, cells.bernoulli, best, keep,
    )  # fmt: skip
    return best


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
    strata = int(cells.stratum.max(initial=-1)) + 1
    places = [np.flatnonzero(cells.stratum == c) for c in range(strata)]
    _, drawn = cells.totals()

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
        return _best(cells, circles, cases, minimum, np.zeros(0))

    return simulate(draw, permutations=permutations, rng=rng, workers=workers)


def apart(circles: Circles, ratio: NDArray[np.float64], least: float, *, places: int) -> list[int]:
    """Choose circles above `least`, the highest first, that share no place; equal ones by fewer places.

    Returns
    -------
    list of int
        Steps at which the circles end.
    """
    high = np.flatnonzero((ratio > 0) & (ratio >= least))
    centre = np.searchsorted(circles.start, high, side="right") - 1
    grown = high - circles.start[centre]
    # ratios that differ by rounding alone are equal: on maps that are symmetrical it must not decide
    order = np.lexsort((centre, grown, -ratio[high].round(9)))
    used, chosen = np.zeros(places, dtype=bool), []
    for step in high[order].tolist():
        members = circles.members(step)
        if not used[members].any():
            used[members] = True
            chosen.append(step)
    return chosen


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
    group = np.full(rows, -1, dtype=np.int64)
    columns: dict[str, list[float]] = {name: [] for name in ("llr", "p", "expected", "r_km", "at_lon", "at_lat")}
    for number, step in enumerate(chosen):
        members, centre = circles.members(step), circles.centre(step)
        group[np.isin(ground.stands, members)] = number
        found = (ratio[step], p[number], (rate[stratum[members]] * size[members]).sum(), circles.km[step])
        at = (ground.places.longitude[centre], ground.places.latitude[centre])
        for name, value in zip(columns, (*found, *at), strict=True):
            columns[name].append(float(value))
    label, given = rank_groups(group, longitude, latitude)
    return Partition(
        label,
        label > 0,
        columns={name: np.asarray(values)[given] for name, values in columns.items()},
        notes=notes,
        sources=sources,
        seed=seed,
    )


def significant(
    circles: Circles, ratio: NDArray[np.float64], null: NDArray[np.float64], alpha: float, *, places: int
) -> tuple[list[int], list[float], str]:
    """Choose the windows with p <= alpha; secondary ones by the largest ratio of each draw (Kulldorff 1997).

    Returns
    -------
    chosen : list of int
    p : list of float
    words : str
        How many, or the most likely one's p.
    """
    ordered = np.sort(null)

    def p_of(value: float) -> float:
        extreme = len(null) - int(np.searchsorted(ordered, value * (1 - _TIE), side="left"))
        return (extreme + 1) / (len(null) + 1)

    allowed = int(np.floor(alpha * (len(null) + 1) * (1 + 1e-12))) - 1
    if allowed < 0:
        return [], [], f"{len(null):,} permutations cannot give p <= {alpha:g}: nothing could be claimed"
    least = ordered[len(null) - allowed - 1] if allowed < len(null) else 0.0
    chosen = [
        step for step in apart(circles, ratio, float(least) * (1 - _TIE), places=places) if p_of(ratio[step]) <= alpha
    ]
    if chosen:
        return chosen, [p_of(ratio[step]) for step in chosen], f"{len(chosen):,} with p <= {alpha:g}"
    top = float(ratio.max(initial=0.0))
    words = f"no circle has p <= {alpha:g}; the most likely one: log-likelihood ratio {top:.3g}, p {p_of(top):.3g}"
    return [], [], words if top > 0 else "no circle holds more than its share"


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
