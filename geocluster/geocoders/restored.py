"""Was this table geocoded before, and written to a file since?"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from geocluster.geocoders.place import Precision, Status

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

COLUMNS = (
    "precision",
    "radius_km",
    "radius68_km",
    "reason",
    "geo_status",
    "geo_confidence",
    "geo_country",
    "geo_place",
    "geo_place_id",
    "geo_admin1",
    "geo_method",
    "geo_candidates",
    "geo_conflict",
    "near_border",
    "geo_source",
)
"""What `geocode` adds, besides the geometry."""
POINTLESS = ("none", "country")
"""Precisions without a point."""
_KINDS = {
    "geo_place_id": "Int64",
    "near_border": "bool",
    "radius_km": "float64",
    "radius68_km": "float64",
    "geo_confidence": "float64",
    "border_km": "float64",
}


def column_kind(name: str) -> str:
    """Give the dtype of a column that `geocode` or `assign_countries` adds.

    Examples
    --------
    >>> column_kind("radius_km"), column_kind("geo_place_id")
    ('float64', 'Int64')
    """
    import pandas as pd

    return _KINDS.get(name, "str" if int(pd.__version__.partition(".")[0]) >= 3 else "object")


def find_located(table: DataFrame) -> NDArray[np.bool_]:
    """Tell which rows were geocoded before: they stay as they are."""
    if getattr(table, "active_geometry_name", None) is None or not {*COLUMNS} <= set(table.columns):
        return np.zeros(len(table), dtype=bool)
    held = ~(table.geometry.isna() | table.geometry.is_empty) & table["geo_method"].notna()
    located: NDArray[np.bool_] = held.to_numpy(dtype=bool)
    return located


def restore_points(table: DataFrame | GeoDataFrame) -> DataFrame | GeoDataFrame:
    """Give the points back to a table that was geocoded and written, and read again from a file.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Any table; one with a geometry, or without lon, lat and all columns of
        `geocode`, is given back as it is.

    Returns
    -------
    GeoDataFrame or DataFrame
        With its geometry, EPSG:4326, empty where no point was found, and the
        columns of `geocode` in their dtypes.

    Examples
    --------
    >>> import pandas as pd
    >>> from geocluster.geocoders import geocode
    >>> once = geocode(pd.DataFrame({"city": ["Basel"], "country": ["CH"]}))
    >>> written = pd.DataFrame(once.drop(columns="geometry")).assign(lon=once.geometry.x, lat=once.geometry.y)
    >>> restore_points(written.astype(str)).geometry.iloc[0] == once.geometry.iloc[0]
    True
    """
    import geopandas as gpd
    import pandas as pd

    names = [str(name) for name in getattr(table, "columns", ())]
    wanted = {"lon", "lat", *COLUMNS}
    if getattr(table, "active_geometry_name", None) is not None or "geometry" in names or not wanted <= set(names):
        return table
    if any(names.count(name) > 1 for name in wanted):
        return table
    for name, known in (("geo_status", get_args(Status)), ("precision", get_args(Precision))):
        if not set(table[name].dropna()) <= set(known):
            return table  # somebody else's columns of these names
    result = pd.DataFrame(table).copy()
    for name in {*COLUMNS, "border_km"} & set(names):
        kind = column_kind(name)
        if kind == "bool":
            result[name] = table[name].astype("object").map(lambda value: str(value).casefold() in ("true", "1", "1.0"))
        elif kind in ("float64", "Int64"):
            result[name] = pd.to_numeric(table[name], errors="coerce").astype(
                np.float64 if kind == "float64" else pd.Int64Dtype()
            )
    lon, lat = (pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    held = table["precision"].notna() & ~table["precision"].isin(POINTLESS)
    held &= (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), index=table.index, crs="EPSG:4326").where(held)
    return gpd.GeoDataFrame(result, geometry=points, crs="EPSG:4326")
