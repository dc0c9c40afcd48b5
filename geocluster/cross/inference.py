"""Is one kind found near another more than by chance, at which distance, and across the border?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.background import Ground, StudyArea, area_polygon, fit_exponents, stand_on_background
from geocluster.cross.choices import Choices, Chosen, choose_rows, precision_rows, weight_words
from geocluster.cross.distances import check_distances, extent_km, position_precision
from geocluster.cross.labelled import LABELLED, measure_labelled
from geocluster.cross.leaves import grow_leaves
from geocluster.cross.measuring import Counter, measure
from geocluster.cross.parts import list_parts, sphere_area
from geocluster.cross.scene import FEW_PLACES, ROW_LEAF, BackgroundScene, Kinds, LabelScene
from geocluster.cross.telling import tell_result
from geocluster.cross.words import WORD
from geocluster.distance import to_ecef
from geocluster.errors import OptionError
from geocluster.graph import distinct_points, reach_km
from geocluster.permutation import make_generator
from geocluster.schema import kind_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from geocluster.cross.choices import Correction, Null, Reading
    from geocluster.cross.distances import Distances
    from geocluster.cross.measuring import Function
    from geocluster.cross.result import CurveResult
    from geocluster.cross.scene import Scene
    from geocluster.permutation import Seed

NULLS = {
    "background": "both kinds redrawn over their country's background ({area}; {reading})",
    "labelling": "kinds permuted among all rows of their country",
    "controls": "labels permuted among cases and controls of their country",
}


def cross_test(
    table: GeoDataFrame,
    *,
    kind: str,
    near_kind: str | None = None,
    at_km: Sequence[float] | None = None,
    function: Function = "K",
    null: Null | None = None,
    study_area: StudyArea = "extent",
    background: GeoDataFrame | None = None,
    reading: Reading = "per head",
    controls: GeoDataFrame | None = None,
    planar: str | None = None,
    correction: Correction | None = None,
    weight: str | None = None,
    bandwidth_km: float | None = None,
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
) -> CurveResult:
    """Test at which distances one kind is found near another, within countries and across borders.

    O_ab(r) counts pairs (i of the first kind in country a, j of the second in b, i ≠ j) with
    d_ij ≤ r. Against the background E_ab(r) = n_a n_b Σ β_j β_l 1[d_jl ≤ r], β_c the shares of
    the places of country c, on which the rows then stand; K = O/E · 2πR²(1 - cos(r/R)), the
    globally reweighted inhomogeneous K (Baddeley, Møller & Waagepetersen 2000; Shaw, Møller &
    Waagepetersen 2021). Under relabelling E is its exact mean. O and E add up over pairs of
    countries; a part's own density makes its ratio O/E. g is the same with Epanechnikov's
    kernel at r (Stoyan & Stoyan 1994); L = sqrt(K/π) of each part by itself; *nearest* counts
    those of the first kind whose nearest of the second is within r, by whose it is.

    Given where all rows stand, and tested by relabelling only: *M* (Marcon & Puech 2010, eq. 3-5),
    Σ_{i of A} (share of B in the weight within r of i, i left out) over the same share of all,
    those without a neighbour left out of both; *m*, the same at r with a Gaussian kernel (Lang,
    Marcon & Puech 2020); *Kd* (Duranton & Overman 2005, eq. 1-2), the density of distances between
    members, Gaussian with Silverman's bandwidth, reflected at 0; *mark_connection*, the share of
    pairs A, B among all ordered pairs at r (Stoyan & Stoyan 1994). Their parts add up too.

    One p for each curve, two-sided, by extreme rank lengths (Myllymäki et al. 2017), with the
    global envelope. Attraction across a border is a partial conjunction, one-sided:
    p = max(p | a held, b redrawn; p | b held, a redrawn); Holm (1979) over pairs of countries.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, with a column `kind`. Rows that cannot enter are set aside with a reason.
    kind, near_kind : str
        First and second kind; the second is the first if it is left out.
    at_km : sequence of float, optional
        Rising. Default: twenty from the precision of the positions (the median of
        `radius_km`) to a quarter of the extent.
    function : {"K", "L", "g", "nearest", "M", "m", "Kd", "mark_connection"}
    null : {"background", "labelling", "controls", "shift"}, optional
        What is redrawn, always inside countries. *background* (default on the globe): places
        of both kinds; *labelling* (default in the plane, and of M, m, Kd and mark connection):
        kinds among all rows of the table;
        *controls*: the two kinds' labels among cases and controls; *shift* (planar only): the
        second pattern on a torus (Lotwick & Silverman 1982).
    study_area : "extent", "countries" or polygon
        What the table covers; the background must cover no more.
    background : GeoDataFrame, optional
        Places with country and population. Default: the gazetteer's.
    reading : {"per head", "beyond city size"}
        Weight of a place: population, or population^γ with γ fitted to both kinds.
    controls : GeoDataFrame, optional
        Assigned: other stakeholders.
    planar : str, optional
        A projected CRS such as "EPSG:32632": distances in its plane, d < r, edges of the
        polygon corrected for. Default: the globe, without edge correction.
    correction : {"none", "border", "translation"}, optional
        In the plane, as spatstat defines them. Default translation (nearest: border).
    weight : str, optional
        A column such as employees: pairs count v_i v_j. On the globe; not for *nearest*.
    bandwidth_km : float, optional
        Of g and mark connection: 0.15 · sqrt(area / n of the second kind) by default; of m and
        Kd: 0.9 · min(sd, IQR/1.34) · N_pairs^(-1/5) (Silverman 1986).
    permutations : int, default 999
        Fewer make a rough envelope, which the result then says.
    rng : Generator, int or None
        Seed.
    workers : int, default 1
        Threads. Results do not depend on it.

    Returns
    -------
    CurveResult

    Raises
    ------
    SchemaError
        If the table is not assigned or lacks a column.
    OptionError
        With all that is wrong with the options.

    Examples
    --------
    >>> import geopandas as gpd
    >>> x = np.arange(40)
    >>> table = gpd.GeoDataFrame(
    ...     {"country": np.where(x < 20, "CH", "FR"), "kind": np.where(x % 2, "firm", "university")},
    ...     geometry=gpd.points_from_xy(7.5 + x / 100, 47.5 + x % 7 / 100),
    ...     crs="EPSG:4326",
    ... )
    >>> result = cross_test(table, kind="firm", near_kind="university", at_km=[2, 5], null="labelling", rng=1)
    >>> pairs = result.to_frame().pivot(index="part", columns="distance_km", values="observed")
    >>> bool((pairs.loc["within"] + pairs.loc["across"] == pairs.loc["whole"]).all())
    True
    """
    chosen_null: Null = null or ("background" if planar is None and function not in LABELLED else "labelling")
    kind, near_kind = kind_word(kind), kind_word(near_kind if near_kind is not None else kind)
    choices = Choices(
        kind, near_kind, function, chosen_null, reading, planar, correction, weight, bandwidth_km, permutations, workers
    )
    polygon = None if isinstance(study_area, str) else area_polygon(study_area)
    faults = choices.faults(
        controls=controls is not None,
        background=background is not None,
        study_area=study_area,
        polygon=polygon is not None,
    )
    chosen = choose_rows(table, choices, controls, faults)
    if planar is not None:
        from geocluster.cross.plane import planar_test

        return planar_test(chosen, choices, polygon, at_km=at_km, rng=rng)
    generator, seed = make_generator(rng)
    scene, distances, extra, sources = _build(chosen, choices, at_km, study_area, polygon, background)
    bandwidth = 0.0
    if function == "g":
        bandwidth = bandwidth_km or _stoyan(scene, extra["xyz"])
    notes = [*extra["notes"], *([f"bandwidth {bandwidth:.3g} km"] if bandwidth else [])]
    if function in LABELLED:
        measured, more = measure_labelled(
            function, scene, extra["xyz"], distances, bandwidth_km=bandwidth_km,
            default_km=_stoyan(scene, extra["xyz"]), permutations=permutations, rng=generator, workers=workers,
        )  # fmt: skip
        notes += more
    else:
        chords = np.array([reach_km(r) for r in distances.at_km + bandwidth])
        counter = Counter(scene, function, distances.at_km, chords, bandwidth_km=bandwidth, workers=workers)
        measured = measure(counter, permutations=permutations, rng=generator)
    return tell_result(
        measured,
        list_parts(measured, scene.kinds, (choices.kind, choices.near_kind)),
        scene.kinds,
        distances,
        choices,
        first_total=float(scene.kinds.total()[0].sum()),
        area=sphere_area(distances.at_km),
        null=NULLS[chosen_null].format(area=extra["area"], reading=reading) + weight_words(choices),
        study_area=extra["area"],
        set_aside=extra["set_aside"],
        shared=extra["shared"],
        notes=notes,
        seed=seed,
        sources=sources,
    )


def _stoyan(scene: Scene, xyz: NDArray[np.float64]) -> float:
    """Bandwidth 0.15 · sqrt(area / n), the area that of the ellipse about the points (Stoyan & Stoyan 1994)."""
    length, width = extent_km(xyz)
    n = max(int(scene.kinds.second.sum()), 1)
    return 0.15 * float(np.sqrt(np.pi / 4 * length * max(width, 0.01 * length) / n))


def _build(
    chosen: Chosen,
    choices: Choices,
    at_km: Sequence[float] | None,
    study_area: StudyArea,
    polygon: Any,
    background: GeoDataFrame | None,
) -> tuple[Scene, Distances, dict[str, Any], list[str]]:
    """Put the rows on their sites, and choose the distances."""
    import pandas as pd

    table = chosen.table
    longitude, latitude = np.asarray(table.geometry.x, dtype=np.float64), np.asarray(table.geometry.y, dtype=np.float64)
    inside, reason = np.ones(len(table), dtype=bool), np.asarray("outside the study area", dtype=object)
    ground: Ground | None = None
    area = "all rows"
    if choices.null == "background":
        ground = stand_on_background(table, background, study_area)
        inside, area = ground.stands >= 0, ground.area
        reason = ground.reason
    elif polygon is not None:
        import shapely

        inside, area = shapely.intersects_xy(polygon, longitude, latitude), "a given polygon"
    more, notes = chosen.leave_out(~inside, reason)
    if not (chosen.first & inside).any() or not (chosen.second & inside).any():
        told = pd.concat([chosen.set_aside["reason"], more]).value_counts()
        words = "; ".join(f"{count:,}: {reason}" for reason, count in told.items())
        raise OptionError(f"no {choices.kind} or no {choices.near_kind} is left; set aside {words}.")
    longitude, latitude = longitude[inside], latitude[inside]
    names, country = np.unique(table["country"].astype(str).to_numpy(dtype=str)[inside], return_inverse=True)
    weight = None if chosen.weight is None else chosen.weight[inside]
    kinds = Kinds(names.tolist(), country.astype(np.int64), chosen.first[inside], chosen.second[inside], weight)
    of_kinds = kinds.first | kinds.second
    points = distinct_points(longitude[of_kinds], latitude[of_kinds])
    xyz = to_ecef(longitude, latitude)
    where = xyz
    if ground is not None:
        where = to_ecef(ground.places.longitude[ground.stands[inside]], ground.places.latitude[ground.stands[inside]])
    precision = position_precision(precision_rows(chosen))
    distances = check_distances(at_km, precision, extent_km(where))
    extra: dict[str, Any] = {"xyz": where, "area": area, "shared": points.shared, "notes": notes}
    extra["set_aside"] = pd.concat([chosen.set_aside["reason"], more]).rename("reason").to_frame()
    if ground is not None:
        extra["notes"].append("each row stands at the nearest place of its own country's background")
        source = "GeoNames population, CC BY 4.0" if background is None else "the user's background"
        return _background_scene(kinds, ground, inside, choices), distances, extra, [source]
    return label_scene(kinds, xyz, longitude, latitude, choices.function), distances, extra, []


def label_scene(
    kinds: Kinds,
    xyz: NDArray[np.float64],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    function: Function,
) -> LabelScene:
    """Lay out rows, or the sites they share: what counts faster, or can count at all.

    Parameters
    ----------
    kinds : Kinds
    xyz : ndarray, shape (rows, 3)
    longitude, latitude : ndarray, shape (rows,)
    function : {"K", "L", "g", "nearest"}
    """
    points = distinct_points(longitude, latitude)
    k = len(kinds.names)
    key, site = np.unique(kinds.country * len(points.count) + points.of_row, return_inverse=True)
    bits = function in ("K", "L") and kinds.weight is None
    if bits and len(key) >= FEW_PLACES * len(xyz):
        return LabelScene.of(kinds, grow_leaves(xyz, kinds.country, countries=k, size=WORD))
    at = points.xyz[key % len(points.count)]
    leaves = grow_leaves(at, key // len(points.count), countries=k, size=ROW_LEAF)
    return LabelScene.of(kinds, leaves, site.astype(np.int64))


def _background_scene(kinds: Kinds, ground: Ground, inside: NDArray[np.bool_], choices: Choices) -> BackgroundScene:
    """Weigh the places as the reading does, and number them by the table's countries."""
    places = ground.places
    code = np.searchsorted(kinds.names, places.country)
    known = np.isin(places.country, kinds.names)
    weight = places.population.astype(np.float64)
    if choices.reading == "beyond city size":
        border = places.border_km
        if border is None:
            from geocluster.countries import border_distance_any_km

            border = border_distance_any_km(places.longitude, places.latitude)
        fitted = fit_exponents(ground.count, places.population, places.country, border)
        weight = weight ** np.array([fitted[str(c)].gamma for c in places.country])
    code, weight = code[known], weight[known]
    number = np.cumsum(known) - 1
    share = weight / np.bincount(code, weights=weight, minlength=len(kinds.names))[code]
    at = to_ecef(places.longitude[known], places.latitude[known])
    leaves = grow_leaves(at, code, countries=len(kinds.names), size=ROW_LEAF)
    return BackgroundScene(kinds, leaves, number[ground.stands[inside]], share, code)
