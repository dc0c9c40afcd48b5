"""How does a table become a tested map, in one call?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from geocluster.errors import GraphSizeError, OptionError
from geocluster.labels import text
from geocluster.permutation import Seed, make_generator
from geocluster.pipeline.analysis import SOURCES, Analysis
from geocluster.pipeline.notes import table_notes, value_notes
from geocluster.pipeline.options import NEIGHBOURS, check_options
from geocluster.pipeline.placing import assign, check_value, filled, named, nothing_placed
from geocluster.results import Provenance
from geocluster.schema import MAX_RADIUS_KM, split_placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from geocluster.autocorrelation import GlobalResult
    from geocluster.colocation import ColocationResult
    from geocluster.spanning import SpanningResult


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
    check_value(table, value)
    assigned = assign(table, progress, "geocoding")
    if "cluster" in assigned.columns:
        assigned = assigned.rename(columns={"cluster": "cluster_original"})
        value = "cluster_original" if value == "cluster" else value
    placed, set_aside = split_placed(assigned, max_radius_km=max_radius_km)
    if placed.empty:
        raise nothing_placed(table, set_aside)
    placed = filled(placed)
    clusters = find_clusters(placed, radius_km=radius_km, minimum=minimum)
    placed = placed.assign(cluster=clusters.labels)
    spanning = spanning_test(
        placed,
        clusters.labels,
        r_max_km=r_max_km,
        study_area=study_area,
        controls=None if controls is None else assign(controls, progress, "geocoding controls"),
        max_radius_km=max_radius_km,
        permutations=permutations,
        rng=for_spanning,
        workers=workers,
        progress=named(progress, "spanning test"),
    )
    _check_inside(placed, spanning)
    notes = table_notes(placed)
    moran, quotient = None, None
    options: dict[str, Any] = {"permutations": permutations or 999, "workers": workers}
    notes += value_notes(placed, value)
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
