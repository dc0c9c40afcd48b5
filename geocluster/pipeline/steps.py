"""How does a table become a tested map, in one call?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from geocluster.errors import Fault, GraphSizeError, OptionError, SchemaError
from geocluster.labels import text
from geocluster.permutation import Seed, make_generator
from geocluster.pipeline.analysis import SOURCES, Analysis
from geocluster.pipeline.options import check_options
from geocluster.results import Provenance
from geocluster.schema import KINDS, MAX_RADIUS_KM, check, split_placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from geocluster.autocorrelation import GlobalResult
    from geocluster.colocation import ColocationResult
    from geocluster.spanning import SpanningResult

NEIGHBOURS = 8
_PLACES = ("city", "address", "postcode", "region", "country")
_TOLD = 5


def analyse(
    table: DataFrame | GeoDataFrame,
    *,
    radius_km: float | None = None,
    minimum: int = 5,
    r_max_km: float = 25.0,
    study_area: Any = "extent",
    controls: DataFrame | GeoDataFrame | None = None,
    value: str | None = None,
    kind: str = "firm",
    near_kind: str = "university",
    max_radius_km: float = MAX_RADIUS_KM,
    permutations: int | None = None,
    rng: Seed = None,
    workers: int | None = None,
    title: str = "Clusters of stakeholders",
    chosen: bool = False,
    progress: Callable[..., Iterable[Any]] | None = None,
) -> Analysis:
    """Find clusters, test which span a border, and make ready to map them.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Read, located or assigned: what is missing is done first. Without `name`
        a row goes by its label, without `kind` it is 'other'.
    radius_km : float, optional
        Density clusters: how near is near; 10 if not given.
    minimum : int, default 5
        Density clusters: stakeholders around a dense one, itself counted.
    r_max_km : float, default 25
        Spanning test: the largest circle.
    study_area : {"extent", "countries"} or polygon
        What the table covers.
    controls : DataFrame or GeoDataFrame, optional
        All other stakeholders, for the spanning test.
    value : str, optional
        A column of numbers for Moran's I. A column `cluster` of the table is kept
        as `cluster_original`.
    kind, near_kind : str
        For the colocation quotient, where both kinds are there.
    max_radius_km : float, default 30
        Rows placed less certainly are set aside.
    permutations : int, optional
        For all tests, at least 39; by default each chooses its own.
    rng : Generator, int or None
        Seed.
    workers : int, optional
        Threads; all cores if not given. Results do not depend on it.
    title : str
        Of map and summary.
    chosen : bool, default False
        Say in the summary that the table is a chosen list, no sample.
    progress : callable, optional
        Wraps what lasts, as tqdm does; told what it is as `desc`.

    Returns
    -------
    Analysis

    Raises
    ------
    SchemaError
        With all faults of the table; or with the reasons why no row can be placed.
    OptionError
        With all faults of the options; or if the study area holds no stakeholder.

    Examples
    --------
    >>> from geocluster.pipeline import load_example
    >>> analysis = analyse(load_example("oresund"), rng=1)
    >>> analysis.table["country"].nunique()
    2
    """
    from geocluster.clusters import find_clusters
    from geocluster.spanning import spanning_test

    check_options(
        radius_km=radius_km,
        minimum=minimum,
        r_max_km=r_max_km,
        study_area=study_area,
        max_radius_km=max_radius_km,
        permutations=permutations,
        rng=rng,
        workers=workers,
    )
    generator, seed = make_generator(rng)
    for_spanning, for_values, for_kinds = generator.spawn(3)
    workers = workers or os.cpu_count() or 1
    _check_value(table, value)
    assigned = _assigned(table, progress, "geocoding")
    if "cluster" in assigned.columns:
        assigned = assigned.rename(columns={"cluster": "cluster_original"})
        value = "cluster_original" if value == "cluster" else value
    placed, set_aside = split_placed(assigned, max_radius_km=max_radius_km)
    if placed.empty:
        raise _nothing_placed(table, set_aside)
    placed = _filled(placed)
    clusters = find_clusters(placed, radius_km=radius_km, minimum=minimum)
    placed = placed.assign(cluster=clusters.labels)
    spanning = spanning_test(
        placed,
        clusters.labels,
        r_max_km=r_max_km,
        study_area=study_area,
        controls=None if controls is None else _assigned(controls, progress, "geocoding controls"),
        max_radius_km=max_radius_km,
        permutations=permutations,
        rng=for_spanning,
        workers=workers,
        progress=_named(progress, "spanning test"),
    )
    _check_inside(placed, spanning)
    notes = _table_notes(placed)
    moran, quotient = None, None
    options: dict[str, Any] = {"permutations": permutations or 999, "workers": workers}
    notes += _value_notes(placed, value)
    if value is not None or {kind, near_kind} <= set(placed["kind"] if "kind" in placed.columns else []):
        try:
            moran, quotient = _graph_statistics(
                placed, value, kind, near_kind, for_values=for_values, for_kinds=for_kinds, options=options
            )
        except GraphSizeError as error:
            notes.append(f"no statistics of neighbours: {error}")
    parameters = {
        "radius_km": clusters.provenance.parameters["radius_km"],
        "minimum": minimum,
        "r_max_km": r_max_km,
        "study_area": spanning.study_area,
        "controls": None if controls is None else len(controls),
        "max_radius_km": max_radius_km,
        "value": value,
        "nearest": NEIGHBOURS,
        "permutations": spanning.permutations,
    }
    return Analysis(
        title=" ".join(str(title).split()),
        table=placed,
        set_aside=set_aside,
        clusters=clusters,
        spanning=spanning,
        autocorrelation=moran,
        colocation=quotient,
        notes=tuple(notes),
        study_area=None if isinstance(study_area, str) else study_area,
        chosen=chosen,
        provenance=Provenance(parameters, seed, [text(key) for key in SOURCES]),
    )


def _check_value(table: DataFrame | GeoDataFrame, value: str | None) -> None:
    """Refuse a column that is not there or holds words, before anything is computed."""
    if value is None or not hasattr(table, "columns"):
        return
    if value not in table.columns:
        from difflib import get_close_matches

        names = [str(name) for name in table.columns]
        near = get_close_matches(value, names, n=1)
        hint = f" Is it {near[0]!r}?" if near else ""
        raise OptionError(f"value: the table has no column {value!r}.{hint} It has {', '.join(names)}.")
    from geocluster.autocorrelation import is_number

    is_number(table, value)  # type: ignore[arg-type]


def _named(progress: Callable[..., Iterable[Any]] | None, what: str) -> Callable[..., Iterable[Any]] | None:
    """Let what shows progress say of what."""
    if progress is None:
        return None

    def wrap(items: Iterable[Any]) -> Iterable[Any]:
        try:
            return progress(items, desc=what)
        except TypeError:  # a plain wrapper
            return progress(items)

    return wrap


def _assigned(table: DataFrame | GeoDataFrame, progress: Any, what: str) -> GeoDataFrame:
    """Do what a table still lacks: geocode it, find its countries."""
    from geocluster.countries import assign_countries
    from geocluster.geocoders import geocode, postcode_geocoder
    from geocluster.geocoders.restored import restore_points

    table = restore_points(table)
    located = hasattr(table, "active_geometry_name") and table.active_geometry_name is not None
    if located and "border_km" in table.columns and "country" in table.columns:
        check(table, "assigned")
        return table  # type: ignore[return-value]
    if not located or "geo_status" not in table.columns:
        table = geocode(table, geocoder=postcode_geocoder(), progress=_named(progress, what))
    return assign_countries(table)  # type: ignore[arg-type]


def _filled(placed: GeoDataFrame) -> GeoDataFrame:
    """Give what the map asks for to a table without it: the row's label for a name, 'other' for a kind."""
    if "kind" not in placed.columns:
        placed = placed.assign(kind="other")
    return placed if "name" in placed.columns else placed.assign(name=[str(label) for label in placed.index])


def _nothing_placed(table: DataFrame | GeoDataFrame, set_aside: GeoDataFrame) -> SchemaError:
    """Say why there is no row to work with."""
    if not len(table):
        return SchemaError("the table has no rows")
    reasons = set_aside["reason"].value_counts()
    faults = [Fault(f"{n:,} row{'s' * (n > 1)}", f"{why}.", "") for why, n in reasons.head(_TOLD).items()]
    if len(reasons) > _TOLD:
        faults.append(Fault(f"{reasons[_TOLD:].sum():,} rows", "for other reasons.", ""))
    names = [str(name) for name in table.columns]
    if not set(_PLACES) & set(names) and not {"lat", "lon"} <= set(names):
        mend = f"Name city, country, or lat and lon; it has {', '.join(names[:20])}."
        faults.append(Fault("columns", "none tells a place.", mend))
    what = f"none of {len(table):,} rows can be placed" if len(table) > 1 else "the only row cannot be placed"
    return SchemaError(what, faults)


def _check_inside(placed: GeoDataFrame, spanning: SpanningResult) -> None:
    """Refuse a study area that none of the rows placed lies in: it is the wrong one."""
    out = spanning.set_aside["reason"] == "outside the study area"
    if int(out.sum()) == len(placed):
        west, south, east, north = placed.total_bounds
        raise OptionError(
            f"study_area holds none of the {len(placed):,} stakeholders placed, which lie from {west:.2f}, {south:.2f} "
            f"to {east:.2f}, {north:.2f} (lon, lat). Is it the right one?"
        )


def _graph_statistics(
    placed: GeoDataFrame,
    value: str | None,
    kind: str,
    near_kind: str,
    *,
    for_values: Any,
    for_kinds: Any,
    options: dict[str, Any],
) -> tuple[GlobalResult | None, ColocationResult | None]:
    """Ask Moran's I and the colocation quotient on the eight nearest neighbours."""
    from geocluster.autocorrelation import autocorrelation_test, is_number
    from geocluster.colocation import colocation_test
    from geocluster.graph import build_graph

    moran = quotient = None
    if value is not None:
        told = placed[is_number(placed, value)]  # neighbours are searched among those that have a value
        if len(told) > NEIGHBOURS:
            graph = build_graph(told, nearest=NEIGHBOURS)
            moran = autocorrelation_test(told, graph, column=value, rng=for_values, **options)
    if "kind" in placed.columns and {kind, near_kind} <= set(placed["kind"]):
        told = placed[placed["kind"].notna()]
        if len(told) > NEIGHBOURS:
            graph = build_graph(told, nearest=NEIGHBOURS)
            quotient = colocation_test(told, graph, kind=kind, near_kind=near_kind, rng=for_kinds, **options)
    return moran, quotient


def _value_notes(placed: GeoDataFrame, value: str | None) -> list[str]:
    """Say why there is no Moran's I, where it was asked for."""
    if value is None:
        return []
    from geocluster.autocorrelation import is_number

    n = int(is_number(placed, value).sum())
    if n > NEIGHBOURS:
        return []
    return [f"no Moran's I of {value}: {n} of the rows placed have a number, {NEIGHBOURS + 1} are needed"]


def _table_notes(placed: GeoDataFrame) -> list[str]:
    """Say what a reader should know of the rows: same twice, unknown kinds, shared points."""
    notes = []
    same = [column for column in ("name", "city", "country") if column in placed.columns]
    if "name" in same:
        names = placed[same].astype("string").apply(lambda column: column.str.casefold().str.strip())
        twice = placed.index[names.duplicated(keep=False) & placed["name"].notna().to_numpy()]
        if len(twice):
            told = [_short(name) for name in dict.fromkeys(placed.loc[twice, "name"].tolist())]
            first = ", ".join(told[:3]) + (" …" if len(told) > 3 else "")
            notes.append(
                f"{len(twice):,} rows name an organisation more than once (same {', '.join(same)}), all kept: {first}"
            )
    if "kind" in placed.columns:
        others = placed["kind"][~placed["kind"].isin([*KINDS, "other"])].value_counts()
        if len(others):
            words = ", ".join(f"{_short(word)} ({n:,})" for word, n in others.head(5).items())
            more = " …" if len(others) > 5 else ""
            notes.append(
                f"{len(others):,} other word{'s' * (len(others) > 1)} for kind, drawn as 'other': {words}{more}"
            )
    return notes


def _short(word: object) -> str:
    """Put a stranger's word on one line of a summary."""
    line = " ".join(str(word).split())
    return line if len(line) <= 40 else f"{line[:39]}…"
