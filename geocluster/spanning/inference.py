"""Does a cluster truly span the border, or only lie across it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.background.ground import Ground, countries_in_reach, stand_on_background, stand_on_controls
from geocluster.background.places import Exponent, StudyArea, fit_exponents
from geocluster.distance import to_ecef
from geocluster.errors import Fault, OptionError
from geocluster.permutation import Seed, make_generator
from geocluster.results import Provenance
from geocluster.schema import MAX_RADIUS_KM, split_placed
from geocluster.spanning.families import Family, Pattern, border_pairs, search_borders, search_region
from geocluster.spanning.redraw import CountryNull
from geocluster.spanning.screening import least_permutations
from geocluster.spanning.telling import tell_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geopandas import GeoDataFrame
    from pandas import Series

    from geocluster.spanning.result import SpanningResult

MANY_BORDERS = 4
Unit = Literal["region", "border"]


def spanning_test(
    table: GeoDataFrame,
    labels: Series[Any] | None = None,
    *,
    r_max_km: float = 25.0,
    study_area: StudyArea = "extent",
    controls: GeoDataFrame | None = None,
    background: GeoDataFrame | Literal["flat"] | None = None,
    at_least: int = 2,
    unit: Unit | None = None,
    midpoints: bool = True,
    max_radius_km: float = MAX_RADIUS_KM,
    alpha: float = 0.05,
    permutations: int | None = None,
    rng: Seed = None,
    workers: int = 1,
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> SpanningResult:
    """Test where at least two countries hold more stakeholders than their share.

    The cross-screened partial conjunction: circles are fixed beforehand; a country
    is tested on the circles that *other* countries select, each against redraws of
    its own organisations on its own background; the second-smallest p, times the
    number of countries, is the p of the circle. It holds the chance of any false
    claim at `alpha`, whatever the other country does.

    Parameters
    ----------
    table : GeoDataFrame
        An assigned table (points in EPSG:4326, country).
    labels : Series, optional
        Cluster of each row, on the table's index; <NA> outside clusters.
    r_max_km : float, default 25
        Largest circle: "spans" means within a circle of at most this radius.
    study_area : {"extent", "countries"} or polygon, default "extent"
        What the table covers: places within 10 km of an organisation of the same
        country; whole countries; or a polygon in EPSG:4326.
    controls : GeoDataFrame, optional
        Assigned table of control organisations (all other stakeholders); then
        labels are permuted within countries, and no population is needed.
    background : GeoDataFrame or "flat", optional
        Places with country and population instead of the embedded gazetteer.
    at_least : int, default 2
        Countries that must be in excess in one circle.
    unit : {"region", "border"}, optional
        One family of circles, or one a border with Benjamini–Hochberg over the
        borders (default beyond four countries).
    midpoints : bool, default True
        Circles also about midpoints between places of two countries, not only about places.
    max_radius_km : float, default 30
        Rows, and controls, whose position is less certain (95 % radius) are left out.
    alpha : float, default 0.05
        The level of a claim.
    permutations : int, optional
        P; by default the least of 999, 9,999 and 99,999 that can show a claim.
    rng : Generator, int or None
        Seed.
    workers : int, default 1
        Threads; results do not depend on it.
    progress : callable, optional
        Wraps the borders as tqdm does.

    Returns
    -------
    SpanningResult
        Two readings, per head and beyond city size; one with controls.

    Raises
    ------
    OptionError
        With all faults of the options.
    SchemaError
        If the table is not assigned.

    Notes
    -----
    After Bogomolov & Heller (2018) and Benjamini & Heller (2008); the statistic is
    Kulldorff's (1997) log-likelihood ratio; borders after Benjamini & Bogomolov (2014).

    Examples
    --------
    >>> import geopandas as gpd
    >>> import numpy as np
    >>> side = np.r_[np.full(30, 0), np.full(30, 1)]
    >>> places = gpd.GeoDataFrame(
    ...     {"country": np.where(np.arange(40) < 20, "AA", "BB"), "population": np.arange(40) * 500 + 1000},
    ...     geometry=gpd.points_from_xy(np.linspace(5, 9, 40), np.full(40, 47.0)),
    ...     crs="EPSG:4326",
    ... )
    >>> firms = gpd.GeoDataFrame(
    ...     {"country": np.where(side == 0, "AA", "BB")},
    ...     geometry=gpd.points_from_xy(np.where(side == 0, 6.95, 7.05), np.full(60, 47.0)),
    ...     crs="EPSG:4326",
    ... )
    >>> spanning_test(firms, background=places, study_area="countries", rng=1)
    <no clusters asked; 2 circles claimed at 0.05>
    """
    _check_options(r_max_km, at_least, unit, alpha, permutations, controls, background, workers)
    generator, seed = make_generator(rng)
    placed, aside = split_placed(table, max_radius_km=max_radius_km)
    others, others_aside = (None, ()) if controls is None else split_placed(controls, max_radius_km=max_radius_km)
    if labels is not None and not labels.index.equals(table.index):
        raise OptionError("labels do not stand on the table's index. Give result.labels of the same table.")
    ground = (
        stand_on_controls(placed, others, study_area)
        if others is not None
        else stand_on_background(placed, background, study_area)
    )
    near = countries_in_reach(ground, r_max_km)
    unit = unit or ("border" if len(near) > MANY_BORDERS else "region")
    if unit == "border" and at_least > 2:
        raise OptionError("at_least beyond 2 needs unit='region': a border has two sides.")
    exponents = _exponents(ground) if controls is None and not _is_flat(background) else {}
    names = (
        ["controls"]
        if controls is not None
        else (["flat"] if _is_flat(background) else ["per head", "beyond city size"])
    )
    found: dict[str, tuple[Pattern, list[Family]]] = {}
    planned = permutations or 0
    for name, child in zip(names, generator.spawn(len(names)), strict=True):
        pattern = _pattern(ground, name, exponents)
        pairs = border_pairs(pattern, r_max_km=r_max_km) if unit == "border" else []
        need = max(len(pairs), 1) if unit == "border" else 1
        own = permutations or least_permutations(need, max(len(near), 2), alpha)
        _check_permutations(own, len(pairs) if unit == "border" else 0, len(near), alpha)
        planned = max(planned, own)
        if unit == "border":
            families = (
                search_borders(
                    pattern,
                    pairs,
                    r_max_km=r_max_km,
                    midpoints=midpoints,
                    permutations=own,
                    rng=child,
                    alpha=alpha,
                    workers=workers,
                    progress=progress,
                )
                if pairs
                else []
            )
        else:
            families = (
                search_region(
                    pattern,
                    r_max_km=r_max_km,
                    midpoints=midpoints,
                    permutations=own,
                    rng=child,
                    alpha=alpha,
                    at_least=at_least,
                    workers=workers,
                )
                if len(near) >= 2
                else []
            )
        found[name] = (pattern, families)
    parameters = {
        "r_max_km": r_max_km,
        "study_area": ground.area,
        "unit": unit,
        "midpoints": midpoints,
        "at_least": at_least,
        "max_radius_km": max_radius_km,
        "alpha": alpha,
        "permutations": planned,
    }
    if others is not None:
        parameters |= {"controls": len(others), "controls left out": len(others_aside)}
    source = (
        "the user's controls"
        if controls is not None
        else (
            "GeoNames population, CC BY 4.0"
            if background is None or isinstance(background, str)
            else "the user's background"
        )
    )
    return tell_result(
        table,
        placed,
        aside,
        labels,
        ground,
        found,
        exponents,
        r_max_km=r_max_km,
        at_least=at_least,
        alpha=alpha,
        permutations=planned,
        provenance=Provenance(parameters, seed, [source]),
    )


def _is_flat(background: object) -> bool:
    return isinstance(background, str)


def _check_options(
    r_max_km: float,
    at_least: int,
    unit: object,
    alpha: float,
    permutations: int | None,
    controls: object,
    background: object,
    workers: int,
) -> None:
    faults = []
    if not 0 < r_max_km <= 500:
        faults.append(Fault("r_max_km", f"must lie in (0, 500], got {r_max_km}.", "25 is usual."))
    if at_least < 2:
        faults.append(Fault("at_least", f"must be at least 2, got {at_least}.", "2 asks for any two countries."))
    if unit not in (None, "region", "border"):
        faults.append(Fault("unit", f"must be 'region' or 'border', got {unit!r}.", ""))
    if not 0 < alpha < 1:
        faults.append(Fault("alpha", f"must lie between 0 and 1, got {alpha}.", "0.05 is usual."))
    if permutations is not None and permutations < 1:
        faults.append(Fault("permutations", f"must be at least 1, got {permutations}.", "Leave it out: it is chosen."))
    if workers < 1:
        faults.append(Fault("workers", f"must be at least 1, got {workers}.", ""))
    if controls is not None and background is not None:
        faults.append(Fault("background", "is not used beside controls.", "Give one of the two."))
    if isinstance(background, str) and background != "flat":
        faults.append(Fault("background", f"must be a table or 'flat', got {background!r}.", ""))
    if faults:
        raise OptionError("the options cannot be used:\n  " + "\n  ".join(map(str, faults)))


def _check_permutations(permutations: int, borders: int, countries: int, alpha: float) -> None:
    need = 2 * borders / alpha if borders else countries / alpha
    if permutations + 1 < need:
        raise OptionError(
            f"with permutations={permutations} the smallest p cannot reach {alpha:g} after the correction: "
            f"nothing could be claimed. Give at least {int(np.ceil(need)) - 1}, or leave it out."
        )


def _exponents(ground: Ground) -> dict[str, Exponent]:
    places = ground.places
    if not len(places.longitude):
        return {}
    border = places.border_km
    if border is None:
        from geocluster.countries import border_distance_any_km

        border = border_distance_any_km(places.longitude, places.latitude)
    return fit_exponents(ground.count, places.population, places.country, border)


def _pattern(ground: Ground, reading: str, exponents: dict[str, Exponent]) -> Pattern:
    """Weigh the places as one reading does."""
    weight = ground.places.population
    if reading == "beyond city size":
        gamma = np.array([exponents[str(code)].gamma for code in ground.codes])
        weight = weight ** gamma[ground.country]
    nulls = {}
    for c in ground.enough:
        own = ground.country == c
        units = None if ground.units is None else np.where(own, ground.units, 0)
        nulls[c] = CountryNull(
            organisations=int(ground.count[own].sum()),
            share=np.where(own, weight, 0.0) / weight[own].sum(),
            units=units,
            total_units=0 if units is None else int(units.sum()),
        )
    places = ground.places
    return Pattern(
        to_ecef(places.longitude, places.latitude),
        places.longitude,
        places.latitude,
        ground.country,
        ground.count,
        tuple(map(str, ground.codes)),
        nulls,
    )
