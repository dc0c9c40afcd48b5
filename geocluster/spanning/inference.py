"""Does a cluster truly span the border, or only lie across it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.background.clustering import fit_clustering
from geocluster.background.ground import Ground, countries_in_reach, stand_on_background, stand_on_controls
from geocluster.background.places import Exponent, StudyArea, fit_exponents
from geocluster.distance import to_ecef
from geocluster.errors import OptionError
from geocluster.permutation import Seed, make_generator
from geocluster.results import Provenance
from geocluster.schema import MAX_RADIUS_KM, split_placed
from geocluster.spanning.cases import divide_table
from geocluster.spanning.families import Family, Pattern, Search, border_pairs, search_borders, search_region
from geocluster.spanning.options import check_depth, check_options, check_permutations, is_flat
from geocluster.spanning.reach import check_ties
from geocluster.spanning.redraw import CountryNull
from geocluster.spanning.screening import least_permutations
from geocluster.spanning.searched import Searched, labels_of_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from geocluster.spanning.fields import Order
    from geocluster.spanning.result import SpanningResult
    from geocluster.spanning.windows import Windows

MANY_BORDERS = 4
Unit = Literal["region", "border"]
Null = Literal["redraw", "lgcp"]


def spanning_test(
    table: GeoDataFrame,
    labels: Series[Any] | None = None,
    *,
    r_max_km: float = 25.0,
    study_area: StudyArea = "extent",
    controls: GeoDataFrame | None = None,
    cases: Mapping[str, Any] | Series[Any] | None = None,
    background: GeoDataFrame | Literal["flat"] | None = None,
    at_least: int = 2,
    unit: Unit | None = None,
    null: Null = "redraw",
    midpoints: bool = True,
    sequential: bool = True,
    ties: DataFrame | None = None,
    apart_km: float = 10.0,
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
    cases : mapping or Series of bool, optional
        One sector against all others of the same table: ``{"kind": "firm"}``, or a
        mask. The other rows are the controls; `labels` may stand on all rows or on
        the cases. Rows whose column is empty are set aside.
    background : GeoDataFrame or "flat", optional
        Places with country and population instead of the embedded gazetteer.
    at_least : int, default 2
        Countries that must be in excess in one circle. In a region every larger
        number, up to all K, is asked too, each at a level of its own (`conjunctions`).
    unit : {"region", "border"}, optional
        One family of circles, or one a border with Benjamini–Hochberg over the
        borders (default beyond four countries).
    null : {"redraw", "lgcp"}, default "redraw"
        "lgcp": beside the plain redraw, a second p where the background clusters by
        itself: a log-Gaussian Cox process fitted to each country's interior. Where
        they disagree the result says "not robust to clustering of the background".
    midpoints : bool, default True
        Circles also about midpoints between places of two countries, not only about places.
    sequential : bool, default True
        Stop redrawing a country once nothing can be claimed in it any more: no claim
        changes, and a p that is none is less sharp (Besag & Clifford 1991).
    ties : DataFrame, optional
        A row a tie: origin and destination, by the table's index. Parts of a cluster
        in two countries that are tied, but further apart than `apart_km`, are called
        transnational (`clusters["reach"]`).
    apart_km : float, default 10
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
        Wraps the borders, or the countries of a region, as tqdm does.

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
    return search_spanning(
        table, labels, r_max_km=r_max_km, study_area=study_area, controls=controls, cases=cases, background=background,
        at_least=at_least, unit=unit, null=null, midpoints=midpoints, sequential=sequential, ties=ties,
        apart_km=apart_km, max_radius_km=max_radius_km, alpha=alpha, permutations=permutations, rng=rng,
        workers=workers, progress=progress,
    ).tell(labels)  # fmt: skip


def search_spanning(
    table: GeoDataFrame,
    labels: Series[Any] | None = None,
    *,
    r_max_km: float = 25.0,
    study_area: StudyArea = "extent",
    controls: GeoDataFrame | None = None,
    cases: Mapping[str, Any] | Series[Any] | None = None,
    background: GeoDataFrame | Literal["flat"] | None = None,
    at_least: int = 2,
    unit: Unit | None = None,
    null: Null = "redraw",
    midpoints: bool = True,
    sequential: bool = True,
    ties: DataFrame | None = None,
    apart_km: float = 10.0,
    max_radius_km: float = MAX_RADIUS_KM,
    alpha: float = 0.05,
    permutations: int | None = None,
    rng: Seed = None,
    workers: int = 1,
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> Searched:
    """Search once; ask about as many clusterings of the table as you like. See `spanning_test`."""
    check_options(r_max_km, at_least, unit, alpha, permutations, controls, cases, background, null, workers, apart_km)
    tied = {} if ties is None else check_ties(ties, table)
    generator, seed = make_generator(rng)
    whole = table
    divided = None if cases is None else divide_table(table, cases)
    if divided is not None:
        table, controls = divided.cases, divided.controls
    labels_of_cases(labels, table, divided)
    placed, aside = split_placed(table, max_radius_km=max_radius_km)
    others, others_aside = (None, None) if controls is None else split_placed(controls, max_radius_km=max_radius_km)
    ground = (
        stand_on_controls(placed, others, study_area)
        if others is not None
        else stand_on_background(placed, background, study_area)
    )
    near = countries_in_reach(ground, r_max_km)
    unit = unit or ("border" if len(near) > MANY_BORDERS else "region")
    if unit == "border" and at_least > 2:
        raise OptionError("at_least beyond 2 needs unit='region': a border has two sides.")
    check_depth(at_least, [str(ground.codes[c]) for c in near])
    border_km = _border_km(ground) if controls is None and (not is_flat(background) or null == "lgcp") else None
    exponents = (
        {}
        if border_km is None or is_flat(background) or not len(border_km)
        else fit_exponents(ground.count, ground.places.population, ground.places.country, border_km)
    )
    names = (
        ["controls"]
        if controls is not None
        else (["flat"] if is_flat(background) else ["per head", "beyond city size"])
    )
    found: dict[str, tuple[Pattern, list[Family]]] = {}
    planned = permutations or 0
    laid: dict[tuple[int, ...], Windows] = {}
    ordered: dict[tuple[tuple[int, ...], int], Order] = {}
    for name, child in zip(names, generator.spawn(len(names)), strict=True):
        pattern = _pattern(ground, name, exponents, border_km if null == "lgcp" else None)
        pairs = border_pairs(pattern, r_max_km=r_max_km) if unit == "border" else []
        need = max(len(pairs), 1) if unit == "border" else 1
        own = permutations or least_permutations(need, max(len(near), 2), alpha)
        check_permutations(own, len(pairs) if unit == "border" else 0, len(near), alpha)
        planned = max(planned, own)
        search = Search(r_max_km, own, alpha, at_least, midpoints, sequential, workers, progress, laid, ordered)
        families: list[Family] = []
        if unit == "border" and pairs:
            families = search_borders(pattern, pairs, search, rng=child)
        elif unit == "region" and len(near) >= 2:
            families = search_region(pattern, search, rng=child)
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
    parameters |= tied
    if null != "redraw":
        parameters["null"] = null
    if others is not None and others_aside is not None:
        outside = ground.controls_outside
        parameters |= {"controls": len(others) - outside, "controls left out": len(others_aside) + outside}
    aside_rows: DataFrame = aside[["reason"]].astype(object)
    if divided is not None:
        parameters |= {
            "cases": f"{divided.words}: {len(whole):,} rows = {len(divided.cases):,} cases"
            f" + {len(divided.controls):,} controls + {len(divided.unknown):,} unknown"
        }
        aside_rows = _all_aside(aside, others_aside, divided.unknown)
    source = (
        "the user's controls"
        if controls is not None
        else (
            "GeoNames population, CC BY 4.0"
            if background is None or isinstance(background, str)
            else "the user's background"
        )
    )
    options = {
        "r_max_km": r_max_km, "at_least": at_least, "alpha": alpha, "permutations": planned, "ties": ties,
        "apart_km": apart_km,
    }  # fmt: skip
    made = Provenance(parameters, seed, [source])
    return Searched(table, placed, divided, aside_rows, ground, found, exponents, options, made)


def _all_aside(aside: GeoDataFrame, controls: GeoDataFrame | None, unknown: GeoDataFrame) -> DataFrame:
    """Set aside cases, controls and rows that are neither, of one table."""
    import pandas as pd

    parts: list[DataFrame] = [aside[["reason"]].astype(object)]
    if controls is not None:
        parts.append(("control: " + controls["reason"].astype("string")).astype(object).to_frame("reason"))
    parts.append(
        pd.DataFrame({"reason": "neither case nor control: the column is empty"}, index=unknown.index, dtype=object)
    )
    return pd.concat(parts)


def _border_km(ground: Ground) -> NDArray[np.float64]:
    places = ground.places
    if places.border_km is not None or not len(places.longitude):
        return np.empty(0) if places.border_km is None else places.border_km
    from geocluster.countries import border_distance_any_km

    return np.asarray(border_distance_any_km(places.longitude, places.latitude))


def _pattern(
    ground: Ground, reading: str, exponents: dict[str, Exponent], border_km: NDArray[np.float64] | None
) -> Pattern:
    """Weigh the places as one reading does; fit how they cluster, if asked (then `border_km` is given)."""
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
    xyz = to_ecef(places.longitude, places.latitude)
    fits = (
        {}
        if border_km is None or not len(border_km)
        else fit_clustering(ground.count, weight, places.country, border_km, xyz)
    )
    return Pattern(
        xyz,
        places.longitude,
        places.latitude,
        ground.country,
        ground.count,
        tuple(map(str, ground.codes)),
        nulls,
        {c: fits[str(ground.codes[c])] for c in nulls} if fits else {},
    )
