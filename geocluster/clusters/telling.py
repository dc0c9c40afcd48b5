"""How do clusters of rows become a result?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.result import ClusterResult, describe
from geocluster.errors import Fault, SchemaError
from geocluster.graph import coordinates_of, distinct_points, say_rows
from geocluster.results import Provenance
from geocluster.schema import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import Series

    from geocluster.clusters.partition import Partition
    from geocluster.graph import Points

UNSTATED = "unstated"
"""The word for a kind that is not given."""

Rows = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.object_]", "NDArray[np.int64]"]


def rows_of(table: GeoDataFrame) -> Rows:
    """Read longitude, latitude, country and its number of every row, or raise an error that names those without.

    Examples
    --------
    >>> import geopandas as gpd
    >>> table = gpd.GeoDataFrame({"country": ["CH"]}, geometry=gpd.points_from_xy([7.6], [47.6]), crs="EPSG:4326")
    >>> [column.tolist() for column in rows_of(table)]
    [[7.6], [47.6], ['CH'], [0]]
    """
    check(table, "assigned")
    longitude, latitude = coordinates_of(table)
    words, of_row = _words(table["country"])
    missing = (words == "")[of_row]
    if missing.any():
        raise SchemaError(
            "the table cannot be clustered",
            [Fault("country", f"{say_rows(table.index[missing])} without one.", "Run split_placed(table) first.")],
        )
    names, of_word = np.unique(["_".join(word.split()) for word in words.tolist()], return_inverse=True)
    code = of_word[of_row].astype(np.int64)
    country = names.astype(object)[code]
    return longitude, latitude, country, code


def weights_of(table: GeoDataFrame, column: str | None) -> NDArray[np.float64] | None:
    """Read a column of weights, e.g. employees; None where none is asked for.

    Raises
    ------
    SchemaError
        If there is no such column, or a value is no number from 0 up: it names the rows.

    Examples
    --------
    >>> import pandas as pd
    >>> weights_of(pd.DataFrame({"employees": ["3", 5]}), "employees").tolist()
    [3.0, 5.0]
    """
    import pandas as pd

    if column is None:
        return None
    if column not in table.columns:
        told = f"The table has {', '.join(map(str, table.columns))}."
        raise SchemaError("the table cannot be weighed", [Fault(str(column), "there is no such column.", told)])
    value = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    bad = ~(np.isfinite(value) & (value >= 0))
    if bad.any():
        fault = Fault(column, f"{say_rows(table.index[bad])} without a number from 0 up.", "Fill or drop those rows.")
        raise SchemaError("the table cannot be weighed", [fault])
    return value


def tell_clusters(
    table: GeoDataFrame,
    rows: Rows,
    found: Partition,
    parameters: Mapping[str, Any],
    *,
    max_diameter_km: float,
    weight: NDArray[np.float64] | None = None,
    distinct: Points | None = None,
) -> ClusterResult:
    """Put a result together.

    Parameters
    ----------
    table : GeoDataFrame
    rows : tuple
        As `rows_of` gives it.
    found : Partition
    parameters : mapping
        What made it.
    max_diameter_km : float
    weight : ndarray, shape (n,), optional
    distinct : Points, optional
        The distinct points of the rows, if they are known.
    """
    import pandas as pd

    longitude, latitude, country, code = rows
    distinct = distinct or distinct_points(longitude, latitude)
    kind = _kinds_of(table)
    labels = pd.Series(found.label, index=table.index, name="cluster").astype("Int64")
    labels = labels.mask(found.label == 0)
    points = table[[table.geometry.name]].copy()
    points["country"], points["cluster"] = country, labels
    points["kind"] = "other" if kind is None else kind
    if found.strength is not None:
        points["strength"] = found.strength
    return ClusterResult(
        labels=labels,
        core=pd.Series(found.core, index=table.index, name="core"),
        frame=describe(
            found,
            country,
            code,
            kind,
            longitude,
            latitude,
            points=distinct,
            weight=weight,
            max_diameter_km=max_diameter_km,
        ),
        points=points,
        shared=distinct.shared,
        provenance=Provenance(
            dict(parameters), seed=found.seed, sources=["places GeoNames (CC BY 4.0)", *found.sources]
        ),
        notes=tuple(found.notes),
        steps=found.steps,
    )


def _kinds_of(table: GeoDataFrame) -> NDArray[np.object_] | None:
    """Return the kind of every row as text, or None where the table has no such column."""
    if "kind" not in table.columns:
        return None
    words, of_row = _words(table["kind"])
    return np.where(words == "", UNSTATED, words)[of_row]


def _words(column: Series[Any]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give the distinct words of a column, stripped, "" where there is none, and which each row has."""
    import pandas as pd

    of_row, distinct = pd.factorize(column, use_na_sentinel=False)
    words = pd.Series(distinct).astype("string").fillna("").str.strip().to_numpy(dtype=object)
    return words, of_row.astype(np.int64)
