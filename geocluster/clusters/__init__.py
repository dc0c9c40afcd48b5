"""Where are the clusters?

`find_clusters` finds dense groups of stakeholders in true kilometres, whatever
country they are in. That a group lies in two countries proves nothing: what spans
a border is for `spanning_test` to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.clusters.chains import split_chains
from geocluster.clusters.choices import MAX_DIAMETER_KM, Chains, Choices, Method, Null, choose, said
from geocluster.clusters.comparison import ComparisonResult, compare_clusters
from geocluster.clusters.density import find_dense
from geocluster.clusters.dependence import stay_core
from geocluster.clusters.given import find_given
from geocluster.clusters.hierarchy import find_hierarchy, own_country_cores
from geocluster.clusters.merging import merge_by_ties, merge_partition
from geocluster.clusters.partition import Partition
from geocluster.clusters.resampling import DependenceResult, dependence_bootstrap
from geocluster.clusters.result import ClusterResult
from geocluster.clusters.settings import FragilityResult, fragility
from geocluster.clusters.telling import rows_of, tell_clusters, weights_of
from geocluster.clusters.ties import read_ties
from geocluster.graph import Points, distinct_points

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from geocluster.background import StudyArea
    from geocluster.clusters.telling import Rows
    from geocluster.permutation import Seed

__all__ = [
    "ClusterResult",
    "ComparisonResult",
    "DependenceResult",
    "FragilityResult",
    "compare_clusters",
    "dependence_bootstrap",
    "find_clusters",
    "fragility",
    "merge_by_ties",
]


def find_clusters(
    table: GeoDataFrame,
    *,
    radius_km: float | None = None,
    minimum: int | None = None,
    method: Method = "dbscan",
    weight: str | None = None,
    minimum_weight: float | None = None,
    samples: int | None = None,
    labels: str | Series[Any] | None = None,
    ties: DataFrame | None = None,
    controls: GeoDataFrame | None = None,
    background: GeoDataFrame | Literal["flat"] | None = None,
    exponent: float | Literal["fitted"] | None = None,
    study_area: StudyArea | None = None,
    years: str | None = None,
    period_years: int | None = None,
    max_radius_km: float | None = None,
    null: Null | None = None,
    alpha: float | None = None,
    permutations: int | None = None,
    rng: Seed = None,
    max_diameter_km: float = MAX_DIAMETER_KM,
    chains: Chains = "flag",
    workers: int = 1,
) -> ClusterResult:
    """Find groups of stakeholders, whatever country they are in.

    Parameters
    ----------
    table : GeoDataFrame
        An assigned table, every row with a point and a country.
    radius_km : float, optional
        How near is near, for DBSCAN and CHAMELEON; 10 if not given.
    minimum : int, optional
        DBSCAN: stakeholders around a dense one, itself counted. HDBSCAN: of the smallest
        cluster. Both 5 if not given. Scans: cases in a window, 2. A column: 1.
    method : {"dbscan", "hdbscan", "scan", "space-time", "column", "chameleon"}
        *dbscan* (Ester et al. 1996). *hdbscan* (Campello, Moulavi & Sander 2013): no radius,
        clusters of different density. *scan* (Kulldorff 1997): circles that hold more than
        their share, against `controls` or the population. *space-time* (Kulldorff et al.
        2005): circles and spells in which more were founded. *column*: clusters that you
        give. *chameleon*: those of DBSCAN, merged by ties (see `merge_by_ties`). All give
        the same clusters whatever the order of rows.
    weight, minimum_weight : str, float, optional
        Column, e.g. of employees, and how much of it must stand around a dense stakeholder
        (HDBSCAN: in a cluster) besides `minimum`, which is then 1 (HDBSCAN: 5) if not given.
    samples : int, optional
        HDBSCAN: stakeholders within the core distance, itself counted; `minimum` if not given.
    labels : str or Series, optional
        The column, or a Series on the table's index.
    ties : DataFrame, optional
        CHAMELEON: columns origin and destination name rows by the table's index.
    controls : GeoDataFrame, optional
        Scan: those who are no cases, assigned; else the population is the measure.
    background : GeoDataFrame or "flat", optional
        Scan: places with country and population; those of GeoNames if not given.
    exponent : float or "fitted", optional
        Scan: the power of population that a place weighs, "fitted" if not given.
    study_area : {"extent", "countries"} or polygon, optional
        Scan: "extent" if not given, as in `spanning_test`.
    years : str, optional
        Space-time: the column of years; "founded" if not given.
    period_years : int, optional
        Space-time: length of a period; 5 if not given.
    max_radius_km : float, optional
        Scans: no larger circles. None holds more than half of the population.
    null : {"countries", "pooled"}, optional
        Scans: cases redrawn inside each country, the default, or over all together.
    alpha : float, optional
        Scans: windows with a larger p are no clusters; 0.05 if not given.
    permutations : int, optional
        Scans: redraws; 999 if not given.
    rng : int, Generator or None
        Scans: seed.
    max_diameter_km : float, default 150
        A wider cluster is a chain.
    chains : {"flag", "split"}
        Whether a chain is flagged as one, or cut again by HDBSCAN until its parts are not.
    workers : int, default 1
        Threads of scans; results do not depend on it.

    Returns
    -------
    ClusterResult
        Labels count from 1, the largest first; a lone one has <NA>.

    Raises
    ------
    OptionError
        With all faults of the options.
    SchemaError
        If the table is not assigned, or rows lack a point or a country: it names them.

    Examples
    --------
    >>> import geopandas as gpd
    >>> table = gpd.GeoDataFrame(
    ...     {"country": ["BG", "BG", "RO", "RO", "AT", "AT", "AT", "SK"]},
    ...     geometry=gpd.points_from_xy(
    ...         [25.95, 25.97, 25.97, 25.96, 16.37, 16.38, 16.36, 17.11],
    ...         [43.85, 43.86, 43.90, 43.89, 48.21, 48.2, 48.2, 48.15],
    ...     ),
    ...     crs="EPSG:4326",
    ... )
    >>> found = find_clusters(table, radius_km=25, minimum=3)
    >>> found
    <2 clusters of 7 stakeholders, 1 in two countries>
    >>> found.labels.tolist()
    [1, 1, 1, 1, 2, 2, 2, <NA>]
    >>> found.frame[["name", "countries", "counts", "dependence"]].values.tolist()
    [['Ruse – Giurgiu', 'BG RO', '2 2', 'border-made'], ['Vienna', 'AT', '3', 'national']]
    """
    given: dict[str, Any] = {
        "radius_km": radius_km, "minimum": minimum, "weight": weight, "minimum_weight": minimum_weight,
        "samples": samples, "labels": labels, "ties": ties, "controls": controls, "background": background,
        "exponent": exponent, "study_area": study_area, "years": years, "period_years": period_years,
        "max_radius_km": max_radius_km, "null": null, "alpha": alpha, "permutations": permutations, "rng": rng,
    }  # fmt: skip
    choices = choose(given, max_diameter_km=max_diameter_km, chains=chains, method=method, workers=workers)
    rows = rows_of(table)
    heft = weights_of(table, choices.weight)
    distinct = distinct_points(rows[0], rows[1])
    found = _find(table, rows, distinct, heft, choices)
    if choices.chains == "split":
        longitude, latitude, _, code = rows
        found = split_chains(
            found, code, longitude, latitude, max_diameter_km=choices.max_diameter_km, minimum=choices.minimum
        )
    parameters = said(choices, given)
    return tell_clusters(
        table, rows, found, parameters, max_diameter_km=choices.max_diameter_km, weight=heft, distinct=distinct
    )


def _find(
    table: GeoDataFrame, rows: Rows, distinct: Points, heft: NDArray[np.float64] | None, choices: Choices
) -> Partition:
    """Let the method speak."""
    longitude, latitude, country, _ = rows
    if choices.method == "column":
        return find_given(table, choices.labels, longitude, latitude, minimum=choices.minimum)
    if choices.method == "scan":
        from geocluster.clusters.scan import find_by_scan

        return find_by_scan(table, longitude, latitude, country, choices)
    if choices.method == "space-time":
        from geocluster.clusters.space_time import find_by_cylinders

        return find_by_cylinders(table, longitude, latitude, country, choices)
    if choices.method == "hdbscan":
        return _hierarchical(rows, heft, choices)
    read = read_ties(table, choices.ties) if choices.method == "chameleon" else None
    found = _dense(rows, distinct, heft, choices)
    return found if read is None else merge_partition(table, rows, found, read)


def _few(rows: int, minimum: int) -> list[str]:
    """Say it where there can be no cluster."""
    return [f"minimum {minimum} is more than the {rows:,} rows: there can be no cluster"] if 0 < rows < minimum else []


def _dense(rows: Rows, distinct: Points, heft: NDArray[np.float64] | None, choices: Choices) -> Partition:
    longitude, latitude, _, code = rows
    rule: dict[str, Any] = {"radius_km": choices.radius_km, "minimum": choices.minimum}
    rule |= {"weight": heft, "least_weight": choices.minimum_weight}
    found = find_dense(longitude, latitude, points=distinct, **rule)
    stays = stay_core(found, code, longitude, latitude, **rule)
    return Partition(found.label, found.core, stays, notes=_few(len(code), choices.minimum))


def _hierarchical(rows: Rows, heft: NDArray[np.float64] | None, choices: Choices) -> Partition:
    """Members are cores at the distance at which their cluster is born: there it is one of DBSCAN's."""
    longitude, latitude, _, code = rows
    samples = choices.minimum if choices.samples is None else choices.samples
    found = find_hierarchy(
        longitude, latitude, minimum=choices.minimum, samples=samples, weight=heft, least_weight=choices.minimum_weight
    )
    core = found.label > 0
    stays = np.zeros(len(core), dtype=bool)
    if core.any():
        own = own_country_cores(longitude, latitude, code, samples)
        stays[core] = own[core] <= found.birth_km[found.label[core] - 1]
    columns = {"birth_km": found.birth_km, "stability": found.stability}
    return Partition(found.label, core, stays, columns, found.strength, _few(len(code), choices.minimum))
