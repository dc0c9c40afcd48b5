"""On which points do the rows stand?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.distance import to_ecef
from geocluster.errors import Fault, SchemaError
from geocluster.schema import check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geopandas import GeoDataFrame
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Distinct points, sorted by (longitude, latitude), and the rows that stand on them.

    Attributes
    ----------
    longitude, latitude : ndarray, shape (points,)
    xyz : ndarray, shape (points, 3)
        Earth-centred kilometres.
    of_row : ndarray of int, shape (rows,)
        The point of each row.
    count : ndarray of int, shape (points,)
        Rows on each point.
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    xyz: NDArray[np.float64]
    of_row: NDArray[np.int64]
    count: NDArray[np.int64]

    @property
    def shared(self) -> float:
        """Share of rows that stand on a point with others; NaN without rows."""
        if not len(self.of_row):
            return float("nan")
        return float(self.count[self.count > 1].sum() / len(self.of_row))


def distinct_points(longitude: ArrayLike, latitude: ArrayLike) -> Points:
    """Gather rows that stand on one point.

    Parameters
    ----------
    longitude, latitude : array_like, shape (rows,)
        Degrees, EPSG:4326. A pole has one longitude, the antimeridian one sign;
        differences below 1e-9 degrees (a tenth of a millimetre) are none.

    Examples
    --------
    >>> distinct_points([180.0, -180.0, 7.6], [10.0, 10.0, 47.6]).count.tolist()
    [1, 2]
    """
    lon, lat = _told_apart(longitude, latitude)
    order = _by_both(lon, lat)
    lon, lat = lon[order], lat[order]
    fresh = np.ones(len(lon), dtype=bool)
    fresh[1:] = (lon[1:] != lon[:-1]) | (lat[1:] != lat[:-1])
    of_row = np.empty(len(lon), dtype=np.int64)
    of_row[order] = np.cumsum(fresh) - 1
    count = np.diff(np.append(np.flatnonzero(fresh), len(lon))).astype(np.int64)
    return Points(lon[fresh], lat[fresh], to_ecef(lon[fresh], lat[fresh]), of_row, count)


def _told_apart(longitude: ArrayLike, latitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Round coordinates so that one point has one pair."""
    lon: NDArray[np.float64] = np.asarray(longitude, dtype=np.float64).round(9) + 0.0  # no negative zero
    lat: NDArray[np.float64] = np.asarray(latitude, dtype=np.float64).round(9) + 0.0
    return np.where(np.abs(lat) == 90, 0.0, np.where(lon == -180, 180.0, lon)), lat


def shared_among(longitude: ArrayLike, latitude: ArrayLike) -> float:
    """Give `Points.shared` without making the points.

    Examples
    --------
    >>> shared_among([180.0, -180.0, 7.6, 7.7], [10.0, 10.0, 47.6, 47.6])
    0.5
    """
    from geocluster.graph.sharing import rows_on_shared

    lon, lat = _told_apart(longitude, latitude)
    return rows_on_shared(lon, lat) / len(lon) if len(lon) else float("nan")


def _by_both(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Sort by longitude, and by latitude only those of one longitude; rows on one point in any order."""
    order = np.argsort(lon)
    same = lon[order][1:] == lon[order][:-1]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    rows = order[tied]
    order[tied] = rows[np.lexsort((lat[rows], lon[rows]))]
    return order


def coordinates_of(table: GeoDataFrame, *, areas: bool = False) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of every row.

    Parameters
    ----------
    table : GeoDataFrame
        Located.
    areas : bool, default False
        Whether it may hold polygons: each stands for a point that lies in it
        (shapely's representative point).

    Raises
    ------
    SchemaError
        If the table is not located, or rows lack a point on the globe: it names them.
    """
    import shapely

    check(table, "located", areas=areas)
    geometry = np.asarray(table.geometry.array)
    empty = shapely.is_empty(geometry)
    if empty.any():
        geometry = np.where(empty, np.array(None, dtype=object), geometry)
    if areas and (shapely.get_type_id(geometry) > 0).any():
        geometry = shapely.point_on_surface(geometry)
    lon, lat = shapely.get_x(geometry), shapely.get_y(geometry)
    empty = ~(np.isfinite(lon) & np.isfinite(lat))
    with np.errstate(invalid="ignore"):
        beyond = ~empty & ((np.abs(lat) > 90) | (np.abs(lon) > 180))
    faults = []
    if empty.any():
        faults.append(
            Fault("geometry", f"{say_rows(table.index[empty])} without a point.", "Run split_placed(table) first.")
        )
    if beyond.any():
        faults.append(
            Fault(
                "geometry",
                f"{say_rows(table.index[beyond])} beyond ±180, ±90 degrees.",
                "Are latitude and longitude swapped?",
            )
        )
    if faults:
        raise SchemaError("the table cannot be measured", faults)
    return lon, lat


def say_rows(labels: Iterable[Any], *, most: int = 5) -> str:
    """Name rows in an error: '7 rows (3, 5, 8, 9, 11, …)'.

    Examples
    --------
    >>> say_rows([4])
    '1 row (4)'
    """
    rows = list(labels)
    named = ", ".join(map(str, rows[:most])) + (", …" if len(rows) > most else "")
    return f"{len(rows):,} row{'' if len(rows) == 1 else 's'} ({named})"


def share_of_shared_points(table: GeoDataFrame) -> float:
    """Share of rows that stand on the same point as another row; NaN for an empty table.

    Examples
    --------
    >>> import geopandas as gpd
    >>> share_of_shared_points(gpd.GeoDataFrame(geometry=gpd.points_from_xy([1, 1, 2], [0, 0, 0]), crs=4326))
    0.6666666666666666
    """
    return shared_among(*coordinates_of(table))
