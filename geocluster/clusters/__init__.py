"""Where are the clusters?

`find_clusters` finds dense groups of stakeholders in true kilometres, whatever
country they are in. That a group lies in two countries proves nothing: what spans
a border is for `spanning_test` to say.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from geocluster.clusters.density import find_dense
from geocluster.clusters.dependence import border_dependence
from geocluster.clusters.result import ClusterResult, describe
from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph import coordinates_of, distinct_points, say_rows
from geocluster.results import Provenance
from geocluster.schema import check

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

__all__ = ["ClusterResult", "find_clusters"]

Method = Literal["dbscan"]
RADIUS_KM = 10.0
UNSTATED = "unstated"
"""The word for a kind that is not given."""


def find_clusters(
    table: GeoDataFrame, *, radius_km: float | None = None, minimum: int = 5, method: Method = "dbscan"
) -> ClusterResult:
    """Find dense groups of stakeholders, whatever country they are in.

    Parameters
    ----------
    table : GeoDataFrame
        An assigned table, every row with a point and a country.
    radius_km : float, optional
        How near is near; 10 if not given.
    minimum : int, default 5
        Stakeholders around a dense one, itself counted.
    method : {"dbscan"}
        DBSCAN (Ester et al. 1996), the same clusters whatever the order of rows.

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
    import pandas as pd

    radius_km, minimum = _checked_options(radius_km, minimum, method)
    check(table, "assigned")
    longitude, latitude = coordinates_of(table)
    country = _countries_of(table)
    found = find_dense(longitude, latitude, radius_km=radius_km, minimum=minimum)
    code = np.unique(country.astype(str), return_inverse=True)[1].astype(np.int64)
    dependence = border_dependence(found, code, longitude, latitude, radius_km=radius_km, minimum=minimum)
    kind = _kinds_of(table)
    labels = pd.Series(found.label, index=table.index, name="cluster").astype("Int64")
    labels = labels.mask(found.label == 0)
    points = table[[table.geometry.name]].copy()
    points["country"], points["cluster"] = country, labels
    points["kind"] = "other" if kind is None else kind
    return ClusterResult(
        labels=labels,
        core=pd.Series(found.core, index=table.index, name="core"),
        frame=describe(found, dependence, country, kind, longitude, latitude),
        points=points,
        shared=distinct_points(longitude, latitude).shared,
        provenance=Provenance(
            {"method": method, "radius_km": radius_km, "minimum": minimum}, sources=["places GeoNames (CC BY 4.0)"]
        ),
    )


def _checked_options(radius_km: float | None, minimum: int, method: str) -> tuple[float, int]:
    """Return the options, or raise one error with all that is wrong with them."""
    faults = []
    try:
        radius = RADIUS_KM if radius_km is None else float(radius_km)
    except (TypeError, ValueError):
        radius = float("nan")
    if not 0 < radius < np.inf:
        faults.append(f"radius_km must be a number of kilometres above 0, got {radius_km!r}. 10 is usual.")
    try:
        count = operator.index(minimum)
    except TypeError:
        count = 0
    if count < 1:
        faults.append(f"minimum must be a whole number from 1 up, got {minimum!r}. 5 is usual.")
    if method not in get_args(Method):
        faults.append(f"method must be one of {', '.join(map(repr, get_args(Method)))}, got {method!r}.")
    if faults:
        raise OptionError("\n".join(faults))
    return radius, count


def _countries_of(table: GeoDataFrame) -> NDArray[np.object_]:
    """Return the country of every row as text, or raise an error that names the rows without one."""
    words = table["country"].astype("string").fillna("").str.strip()
    missing = (words == "").to_numpy(dtype=bool)
    if missing.any():
        raise SchemaError(
            "the table cannot be clustered",
            [Fault("country", f"{say_rows(table.index[missing])} without one.", "Run split_placed(table) first.")],
        )
    return words.str.replace(r"\s+", "_", regex=True).to_numpy(dtype=object)


def _kinds_of(table: GeoDataFrame) -> NDArray[np.object_] | None:
    """Return the kind of every row as text, or None where the table has no such column."""
    if "kind" not in table.columns:
        return None
    words = table["kind"].astype("string").fillna("").str.strip()
    return words.mask(words == "", UNSTATED).to_numpy(dtype=object)
