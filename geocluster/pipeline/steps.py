"""How does a table become a tested map, in one call?"""

from __future__ import annotations

import os
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Literal

from geocluster.clusters import compare_clusters, find_clusters
from geocluster.clusters.choices import RADIUS_KM
from geocluster.errors import GraphSizeError, OptionError
from geocluster.labels import text
from geocluster.permutation import Seed, make_generator
from geocluster.pipeline.analysis import SOURCES, Analysis
from geocluster.pipeline.asking import check_asked
from geocluster.pipeline.finding import find_dependence, finding_options, other_options
from geocluster.pipeline.fragility import R_MAX_KM, spanning_fragility
from geocluster.pipeline.notes import table_notes, value_notes
from geocluster.pipeline.options import NEIGHBOURS
from geocluster.pipeline.placing import named
from geocluster.pipeline.preparing import check_asked_columns, prepare_table
from geocluster.results import Provenance
from geocluster.schema import MAX_RADIUS_KM
from geocluster.spanning import spanning_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

    from geocluster.autocorrelation import GlobalResult
    from geocluster.clusters.choices import Method
    from geocluster.colocation import ColocationResult
    from geocluster.spanning import SpanningResult


def analyse(
    table: DataFrame | GeoDataFrame,
    *,
    radius_km: float | None = None,
    minimum: int | None = None,
    method: Method = "dbscan",
    method_options: Mapping[str, Any] | None = None,
    r_max_km: float = 25.0,
    study_area: Any = "extent",
    controls: DataFrame | GeoDataFrame | None = None,
    cases: Mapping[str, Any] | Series[Any] | None = None,
    background: DataFrame | GeoDataFrame | Literal["flat"] | None = None,
    at_least: int = 2,
    unit: Literal["region", "border"] | None = None,
    null: Literal["redraw", "lgcp"] = "redraw",
    alpha: float = 0.05,
    ties: DataFrame | None = None,
    ties_by: str | None = None,
    resamples: int = 200,
    fragility: bool = False,
    compare: Method | None = None,
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
        Density clusters: how near is near; 10 if not given. Other methods: the radius by
        which border dependence is asked.
    minimum : int, optional
        Of a cluster, as in `find_clusters`: DBSCAN and HDBSCAN 5 if not given.
    method : str, default "dbscan"
        As in `find_clusters`.
    method_options : mapping, optional
        What only the method knows, by its names in `find_clusters`: ``{"labels": "district"}``.
    r_max_km : float, default 25
        Spanning test: the largest circle.
    study_area : {"extent", "countries"} or polygon
        What the table covers.
    controls : DataFrame or GeoDataFrame, optional
        All other stakeholders, for the spanning test and the scan.
    cases : mapping or Series of bool, optional
        One sector against all others of the table: ``{"kind": "firm"}``. Clusters are those
        of the cases, the other rows are the controls.
    background : DataFrame, GeoDataFrame or "flat", optional
        Places with country and population instead of the embedded ones.
    at_least, unit, null, alpha
        As in `spanning_test`.
    ties : DataFrame, optional
        origin and destination: for reach, and for CHAMELEON.
    ties_by : str, optional
        Column of the table that ties name, e.g. "name"; its index if not given.
    resamples : int, default 200
        For the interval of border dependence; 0 leaves it out.
    fragility : bool, default False
        Ask DBSCAN over radius, minimum and largest circle too (`spanning_fragility`).
    compare : str, optional
        Another method, to compare with (`compare_clusters`).
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
        With all faults of the table, or of the ties; or with the reasons why no row can be placed.
    OptionError
        With all faults of the options; or if the study area holds no stakeholder.

    Examples
    --------
    >>> from geocluster.pipeline import load_example
    >>> analysis = analyse(load_example("oresund"), rng=1)
    >>> analysis.table["country"].nunique()
    2
    """
    own = dict(method_options or {})
    shared: dict[str, Any] = {
        "radius_km": radius_km, "minimum": minimum, "controls": controls, "background": background,
        "ties": ties, "alpha": alpha,
    }  # fmt: skip
    check_asked(
        {
            **shared, "method": method, "method_options": own, "r_max_km": r_max_km, "study_area": study_area,
            "cases": cases, "at_least": at_least, "unit": unit, "null": null, "ties_by": ties_by,
            "resamples": resamples, "fragility": fragility, "compare": compare, "max_radius_km": max_radius_km,
            "permutations": permutations, "rng": rng, "workers": workers,
        }
    )  # fmt: skip
    check_asked_columns(table, method, own, value=value, cases=cases, ties_by=ties_by)
    generator, seed = make_generator(rng)
    for_spanning, for_values, for_kinds, for_clusters, for_resamples, for_others = generator.spawn(6)
    for_fragility = deepcopy(for_spanning)
    workers = workers or os.cpu_count() or 1
    ground = prepare_table(
        table, controls=controls, background=background, cases=cases, ties=ties, ties_by=ties_by,
        max_radius_km=max_radius_km, progress=progress,
    )  # fmt: skip
    own, value = ground.renamed(own), "cluster_original" if value == "cluster" else value
    shared |= {
        "controls": ground.controls, "background": ground.background, "ties": ground.ties, "study_area": study_area,
        "permutations": permutations, "rng": for_clusters,
    }  # fmt: skip
    clusters = find_clusters(ground.members, **finding_options(method, own, shared), workers=workers)
    placed = ground.placed.assign(cluster=clusters.labels.reindex(ground.placed.index))
    asked: dict[str, Any] = {
        "study_area": study_area, "cases": ground.cases, "controls": None if cases is not None else ground.controls,
        "background": ground.background, "at_least": at_least, "unit": unit, "null": null, "alpha": alpha,
        "max_radius_km": max_radius_km, "permutations": permutations, "workers": workers,
    }  # fmt: skip
    spanning = spanning_test(
        placed, placed["cluster"], r_max_km=r_max_km, ties=ground.ties, rng=for_spanning,
        progress=named(progress, "spanning test"), **asked,
    )  # fmt: skip
    _check_inside(ground.members, spanning)
    dependence, notes = find_dependence(
        ground.members, clusters, radius_km=radius_km or RADIUS_KM, resamples=resamples, rng=for_resamples,
        workers=workers,
    )  # fmt: skip
    notes = [*table_notes(placed), *ground.notes, *notes, *value_notes(placed, value)]
    lasting = comparison = moran = quotient = None
    if fragility:
        settings: dict[str, Any] = {"radius_km": radius_km or RADIUS_KM, "minimum": minimum or 5}
        settings |= {name: width for name, width in own.items() if name == "max_diameter_km"}
        lasting = spanning_fragility(
            placed, r_max_km=(r_max_km, *(r for r in sorted(R_MAX_KM) if r != r_max_km)), rng=for_fragility,
            progress=progress, **settings, **asked,
        )  # fmt: skip
    if compare is not None:
        shared["rng"] = for_others
        told = finding_options(*other_options(compare, method, own, shared))
        comparison = compare_clusters(clusters, find_clusters(ground.members, **told, workers=workers))
    if value is not None or {kind, near_kind} <= set(placed["kind"]):
        options: dict[str, Any] = {"permutations": permutations or 999, "workers": workers}
        try:
            moran, quotient = _graph_statistics(
                placed, value, kind, near_kind, for_values=for_values, for_kinds=for_kinds, options=options
            )
        except GraphSizeError as error:
            notes.append(f"no statistics of neighbours: {error}")
    found = dict(clusters.provenance.parameters)
    parameters = {
        "method": found.pop("method"),
        "radius_km": found.pop("radius_km", None),
        "minimum": found.pop("minimum"),
        "method_options": found,
        "r_max_km": r_max_km,
        "study_area": spanning.study_area,
        "controls": None if controls is None else len(controls),
        "cases": spanning.provenance.parameters.get("cases"),
        "at_least": at_least,
        "unit": spanning.provenance.parameters["unit"],
        "null": null,
        "alpha": alpha,
        "ties": None if ties is None else len(ties),
        "fragility": fragility,
        "compare": compare,
        "resamples": 0 if dependence is None else resamples,
        "max_radius_km": max_radius_km,
        "value": value,
        "nearest": NEIGHBOURS,
        "permutations": spanning.permutations,
    }
    return Analysis(
        title=" ".join(str(title).split()),
        table=placed,
        set_aside=ground.set_aside,
        clusters=clusters,
        spanning=spanning,
        autocorrelation=moran,
        colocation=quotient,
        notes=tuple(dict.fromkeys(notes)),
        study_area=None if isinstance(study_area, str) else study_area,
        chosen=chosen,
        provenance=Provenance(parameters, seed, [text(key) for key in SOURCES]),
        dependence=dependence,
        fragility=lasting,
        comparison=comparison,
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
