"""Do ties make one cluster of several?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.chameleon import merge_clusters
from geocluster.clusters.choices import MAX_DIAMETER_KM
from geocluster.clusters.given import find_given
from geocluster.clusters.partition import Partition, rank_groups
from geocluster.clusters.telling import rows_of, tell_clusters
from geocluster.clusters.ties import Ties, read_ties, tie_countries
from geocluster.errors import OptionError
from geocluster.graph import to_number

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

    from geocluster.clusters.result import ClusterResult
    from geocluster.clusters.telling import Rows


def merge_by_ties(
    table: GeoDataFrame,
    labels: str | Series[Any],
    ties: DataFrame,
    *,
    origin: str = "origin",
    destination: str = "destination",
    weight: str | None = None,
    identifier: str | None = None,
    least_interconnection: float = 1.0,
    least_closeness: float = 1.0,
    alpha: float = 2.0,
    max_diameter_km: float = MAX_DIAMETER_KM,
) -> ClusterResult:
    """Merge clusters that ties hold together as firmly as each of them.

    CHAMELEON's second phase (Karypis, Han & Kumar 1999, IEEE Computer 32:68-75): the
    pair with the largest RI·RC^alpha is merged, while RI and RC reach their thresholds.
    RI = EC(A,B)/(½(EC_A + EC_B)), RC = S̄(A,B)/(|A|/(|A|+|B|)·S̄_A + |B|/(|A|+|B|)·S̄_B), with
    EC_A the min-cut bisection of A. Where it is 0, as in a cluster of one or one whose
    ties fall into halves, nothing is merged. Distance plays no part: what is merged may
    lie far apart, and is then flagged as a chain.

    Parameters
    ----------
    table : GeoDataFrame
        An assigned table.
    labels : str or Series
        A column of clusters, or the `labels` of a result.
    ties : DataFrame
        One row a tie; direction does not matter, several of one pair add up.
    origin, destination : str
        Columns of `ties` that name rows.
    weight : str, optional
        Column of `ties` with weights above 0; each weighs 1 if not given.
    identifier : str, optional
        Column of the table by which ties name its rows; its index if not given.
    least_interconnection, least_closeness : float, default 1
        Thresholds of RI and RC; at 1 the ties between weigh as much as those within.
    alpha : float, default 2
        Weight of closeness against interconnection.
    max_diameter_km : float, default 150
        What is wider is flagged as a chain.

    Returns
    -------
    ClusterResult
        `steps` lists the merges; `merged` in its frame counts the clusters that each was.

    Raises
    ------
    SchemaError
        If clusters or ties cannot be used: it lists all faults.
    OptionError
        If a threshold is no number from 0 up.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> table = gpd.GeoDataFrame(
    ...     {"country": ["CH", "CH", "DE", "DE"], "own": ["a", "a", "b", "b"]},
    ...     geometry=gpd.points_from_xy([7.58, 7.59, 7.85, 7.86], [47.56, 47.55, 47.99, 48.0]),
    ...     crs="EPSG:4326",
    ... )
    >>> ties = pd.DataFrame({"origin": [0, 2, 0, 1], "destination": [1, 3, 2, 3]})
    >>> merge_by_ties(table, "own", ties).frame[["name", "n", "merged"]].values.tolist()
    [['Basel – Freiburg', 4, 2]]
    """
    wrong = [
        f"{name} must be a number from 0 up, got {given!r}."
        for name, given in (
            ("least_interconnection", least_interconnection),
            ("least_closeness", least_closeness),
            ("alpha", alpha),
        )
        if not 0 <= to_number(given) < np.inf
    ]
    if not to_number(max_diameter_km) > 0:
        wrong.append(f"max_diameter_km must be a number of kilometres above 0, got {max_diameter_km!r}. 150 is usual.")
    if wrong:
        raise OptionError("\n".join(wrong))
    rows = rows_of(table)
    longitude, latitude = rows[:2]
    found = find_given(table, labels, longitude, latitude, minimum=1)
    read = read_ties(table, ties, origin=origin, destination=destination, weight=weight, identifier=identifier)
    names = None if identifier is None else table[identifier].astype(str).to_numpy(dtype=object)
    merged = merge_partition(
        table, rows, found, read, names=names, least_interconnection=float(least_interconnection),
        least_closeness=float(least_closeness), alpha=float(alpha),
    )  # fmt: skip
    parameters = {
        "method": "chameleon",
        "least_interconnection": least_interconnection,
        "least_closeness": least_closeness,
        "alpha": alpha,
    }
    return tell_clusters(table, rows, merged, parameters, max_diameter_km=float(max_diameter_km))


def merge_partition(
    table: GeoDataFrame,
    rows: Rows,
    found: Partition,
    ties: Ties,
    *,
    names: Any = None,
    least_interconnection: float = 1.0,
    least_closeness: float = 1.0,
    alpha: float = 2.0,
) -> Partition:
    """Merge the clusters of a partition; see `merge_by_ties`."""
    import pandas as pd

    longitude, latitude, country, _ = rows
    group, steps, loose = merge_clusters(
        found.label, ties.weights, longitude, latitude,
        names=np.asarray(table.index.astype(str)) if names is None else names,
        least_interconnection=least_interconnection, least_closeness=least_closeness, alpha=alpha,
    )  # fmt: skip
    label, given = rank_groups(group - 1, longitude, latitude)
    before = np.unique(np.column_stack([label, found.label])[label > 0], axis=0)
    merged = np.bincount(before[:, 0], minlength=len(given) + 1)[1:]
    notes = [*found.notes, *ties.facts(), *tie_countries(ties, country)]
    notes.append(f"{len(steps):,} merge{'' if len(steps) == 1 else 's'} by ties")
    if loose:
        notes.append(f"{loose:,} clusters fall into halves without cutting a tie: nothing is merged with them")
    columns = {"merged": merged}
    frame = pd.DataFrame(steps, columns=["one", "other", "RI", "RC"])
    core = found.core & (label > 0)
    return Partition(label, core, found.stays, columns, found.strength, notes, found.sources, found.seed, frame)
