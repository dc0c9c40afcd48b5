"""How does a table become a tested map, in one call?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from geocluster.errors import GraphSizeError, OptionError
from geocluster.permutation import Seed, make_generator
from geocluster.results import Provenance, Result
from geocluster.schema import KINDS, MAX_RADIUS_KM, check, split_placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from geocluster.autocorrelation import GlobalResult
    from geocluster.clusters import ClusterResult
    from geocluster.colocation import ColocationResult
    from geocluster.spanning import SpanningResult

NEIGHBOURS = 8
ExampleName = Literal["upper-rhine", "oresund", "meuse-rhine"]
EXAMPLES: dict[str, tuple[str, str]] = {
    "upper-rhine": ("Upper Rhine", "life sciences in Switzerland, France and Germany"),
    "oresund": ("Øresund", "medicine and biotech in Denmark and Sweden"),
    "meuse-rhine": ("Meuse-Rhine", "materials, chips and health in Belgium, Germany and the Netherlands"),
}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Analysis(Result):
    """A table, its clusters, and what was shown of them.

    Attributes
    ----------
    title : str
    table : GeoDataFrame
        The rows placed, with `cluster`.
    set_aside : GeoDataFrame
        The rows not placed, each with its reason.
    clusters : ClusterResult
    spanning : SpanningResult
    autocorrelation : GlobalResult or None
    colocation : ColocationResult or None
    notes : tuple of str
        What was refused or left out, and why.
    study_area : polygon or None
    chosen : bool
        The table is a chosen list, no sample: its summary says so.
    provenance : Provenance
    """

    title: str
    table: GeoDataFrame
    set_aside: GeoDataFrame
    clusters: ClusterResult
    spanning: SpanningResult
    autocorrelation: GlobalResult | None
    colocation: ColocationResult | None
    notes: tuple[str, ...]
    study_area: Any
    chosen: bool
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a cluster: name, verdict, p and radius by reading, members."""
        return cluster_table(self.clusters, self.spanning)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a quick map on the given axes."""
        from geocluster.maps import plot_groups

        return plot_groups(
            self.table, self.to_frame(), windows=self.spanning.windows, study_area=self.study_area, ax=ax
        )

    def figure(self, *, language: str = "en") -> Figure:
        """Draw the map for print."""
        from geocluster.maps import draw_map

        return draw_map(
            self.table,
            self.to_frame(),
            self.spanning.windows,
            study_area=self.study_area,
            title=self.title,
            subtitle=self._placed_words(),
            sources=list(self.provenance.sources),
            method=self._method_words(),
            language=language,
        )

    def sentence(self) -> str:
        """Say how many stakeholders, clusters, and how many span."""
        spans = int(self.to_frame()["verdict"].astype(str).str.startswith("spans").sum())
        return f"{len(self.table)} stakeholders placed, {self._cluster_words()}, {spans} shown to span"

    def facts(self) -> list[str]:
        """Say the summary's lines and what made them."""
        return [*self.summary().splitlines(), *self.provenance.facts()]

    def summary(self) -> str:
        """Say what a person can act on."""
        from geocluster.summary import summary_lines

        return "\n".join(summary_lines(self))

    def _placed_words(self) -> str:
        aside = f", {len(self.set_aside)} set aside" if len(self.set_aside) else ""
        return f"{len(self.table)} stakeholders placed{aside}; {self._cluster_words()}"

    def _cluster_words(self) -> str:
        n = len(self.clusters.frame)
        return f"{n} cluster{'' if n == 1 else 's'}"

    def _method_words(self) -> str:
        p = self.provenance.parameters
        version = self.provenance.versions.get("geocluster", "")
        return (
            f"DBSCAN within {p['radius_km']:g} km, at least {p['minimum']}; spanning: {self.spanning.null}, "
            f"circles up to {p['r_max_km']:g} km, seed {self.provenance.seed}; geocluster {version}"
        )


def cluster_table(clusters: ClusterResult, spanning: SpanningResult) -> DataFrame:
    """Put clusters and verdicts side by side: one row a cluster."""
    frame = clusters.frame.copy()
    frame["verdict"] = spanning.clusters["verdict"].reindex(frame.index)
    for reading in spanning.asked:
        rows = spanning.readings[spanning.readings["reading"] == reading].set_index("cluster")
        word = reading.replace(" ", "_")
        frame[f"p_{word}"] = rows["p"].reindex(frame.index)
        frame[f"r_km_{word}"] = rows["r_km"].where(rows["claimed"]).reindex(frame.index)
    widths = [f"r_km_{reading.replace(' ', '_')}" for reading in spanning.asked]
    frame["r_km"] = frame[widths].min(axis=1)
    return frame


def load_example(name: ExampleName) -> GeoDataFrame:
    """Give an embedded table of real organisations, geocoded and assigned.

    Parameters
    ----------
    name : {"upper-rhine", "oresund", "meuse-rhine"}

    Raises
    ------
    OptionError
        If there is no such table.

    Examples
    --------
    >>> table = load_example("oresund")
    >>> sorted(table["country"].unique())
    ['DK', 'SE']
    """
    from geocluster.countries import assign_countries
    from geocluster.datasets import data_path
    from geocluster.geocoders import geocode
    from geocluster.readers import read_table

    _check_example(name)
    return assign_countries(geocode(read_table(data_path(f"stakeholders/{name.replace('-', '_')}.csv"))))


def load_study_area(name: ExampleName) -> Any:
    """Give the polygon that an embedded table covers.

    Examples
    --------
    >>> load_study_area("oresund").geom_type
    'Polygon'
    """
    import json

    from shapely.geometry import shape

    from geocluster.datasets import data_path

    _check_example(name)
    text = data_path(f"stakeholders/{name.replace('-', '_')}_area.geojson").read_text(encoding="utf-8")
    return shape(json.loads(text)["features"][0]["geometry"])


def _check_example(name: str) -> None:
    if name not in EXAMPLES:
        raise OptionError(f"there is no example {name!r}. There are {', '.join(map(repr, EXAMPLES))}.")


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
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> Analysis:
    """Find clusters, test which span a border, and make ready to map them.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Read, located or assigned: what is missing is done first.
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
        A column of numbers for Moran's I.
    kind, near_kind : str
        For the colocation quotient, where both kinds are there.
    max_radius_km : float, default 30
        Rows placed less certainly are set aside.
    permutations : int, optional
        For all tests; by default each chooses its own.
    rng : Generator, int or None
        Seed.
    workers : int, optional
        Threads; all cores if not given. Results do not depend on it.
    title : str
        Of map and summary.
    chosen : bool, default False
        Say in the summary that the table is a chosen list, no sample.
    progress : callable, optional
        Wraps what lasts, as tqdm does.

    Returns
    -------
    Analysis

    Raises
    ------
    SchemaError
        With all faults of the table.
    OptionError
        With all faults of the options.

    Examples
    --------
    >>> analysis = analyse(load_example("oresund"), rng=1)
    >>> analysis.table["country"].nunique()
    2
    """
    from geocluster.clusters import find_clusters
    from geocluster.spanning import spanning_test

    generator, seed = make_generator(rng)
    for_spanning, for_values, for_kinds = generator.spawn(3)
    workers = workers or os.cpu_count() or 1
    assigned = _assigned(table, progress)
    placed, set_aside = split_placed(assigned, max_radius_km=max_radius_km)
    clusters = find_clusters(placed, radius_km=radius_km, minimum=minimum)
    placed = placed.assign(cluster=clusters.labels)
    spanning = spanning_test(
        placed,
        clusters.labels,
        r_max_km=r_max_km,
        study_area=study_area,
        controls=None if controls is None else _assigned(controls, progress),
        permutations=permutations,
        rng=for_spanning,
        workers=workers,
        progress=progress,
    )
    notes = _table_notes(placed)
    moran, quotient = None, None
    options: dict[str, Any] = {"permutations": permutations or 999, "workers": workers}
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
        "max_radius_km": max_radius_km,
        "value": value,
        "nearest": NEIGHBOURS,
        "permutations": spanning.permutations,
    }
    sources = [
        "places and population GeoNames (CC BY 4.0)",
        "borders country-coder (ISC)",
        "coast and lakes Natural Earth (public domain)",
    ]
    return Analysis(
        title=title,
        table=placed,
        set_aside=set_aside,
        clusters=clusters,
        spanning=spanning,
        autocorrelation=moran,
        colocation=quotient,
        notes=tuple(notes),
        study_area=None if isinstance(study_area, str) else study_area,
        chosen=chosen,
        provenance=Provenance(parameters, seed, sources),
    )


def _assigned(table: DataFrame | GeoDataFrame, progress: Any) -> GeoDataFrame:
    """Do what a table still lacks: geocode it, find its countries."""
    from geocluster.countries import assign_countries
    from geocluster.geocoders import geocode

    located = hasattr(table, "active_geometry_name") and table.active_geometry_name is not None
    if located and "border_km" in table.columns and "country" in table.columns:
        check(table, "assigned")
        return table  # type: ignore[return-value]
    if not located or "geo_status" not in table.columns:
        table = geocode(table, progress=progress)
    return assign_countries(table)


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
    from geocluster.autocorrelation import autocorrelation_test
    from geocluster.colocation import colocation_test
    from geocluster.graph import build_graph

    if len(placed) <= NEIGHBOURS:
        return None, None
    graph = build_graph(placed, nearest=NEIGHBOURS)
    moran = quotient = None
    if value is not None:
        moran = autocorrelation_test(placed, graph, column=value, rng=for_values, **options)
    if "kind" in placed.columns and {kind, near_kind} <= set(placed["kind"]):
        quotient = colocation_test(placed, graph, kind=kind, near_kind=near_kind, rng=for_kinds, **options)
    return moran, quotient


def _table_notes(placed: GeoDataFrame) -> list[str]:
    """Say what a reader should know of the rows: same twice, unknown kinds, shared points."""
    notes = []
    same = [column for column in ("name", "city", "country") if column in placed.columns]
    if "name" in same:
        names = placed[same].astype("string").apply(lambda column: column.str.casefold().str.strip())
        twice = placed.index[names.duplicated(keep=False) & placed["name"].notna().to_numpy()]
        if len(twice):
            first = ", ".join(map(str, dict.fromkeys(placed.loc[twice, "name"].tolist()[:3])))
            notes.append(
                f"{len(twice)} rows name the same organisation twice (same name and city), all kept: {first} …"
            )
    if "kind" in placed.columns:
        others = placed["kind"][~placed["kind"].isin([*KINDS, "other"])].value_counts()
        if len(others):
            words = ", ".join(f"{word} ({n})" for word, n in others.head(5).items())
            notes.append(f"{len(others)} other word{'s' * (len(others) > 1)} for kind, drawn as 'other': {words}")
    return notes
