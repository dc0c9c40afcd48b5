"""Where is the point of this geometry, in degrees?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

NOT_POINTS = "polygons and lines stand for a point inside them"


def points_of(name: str, shapes: Any, crs: Any) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """Give latitude and longitude of geometries in any CRS.

    Parameters
    ----------
    name : str
        What faults call the file.
    shapes : array of shapely geometries, shape (n,)
    crs : anything pyproj knows, or None

    Returns
    -------
    lat, lon : arrays, shape (n,)
        In degrees; NaN where there is no geometry, or none on the globe.
    others : bool
        Whether some are no points: a point inside stands for them.

    Examples
    --------
    >>> import shapely
    >>> lat, lon, others = points_of("a", shapely.points([[7.6, 47.6]]), "EPSG:4326")
    >>> float(lat[0]), float(lon[0]), others
    (47.6, 7.6, False)
    """
    import geopandas as gpd
    import numpy as np
    import shapely
    from pyproj.exceptions import ProjError

    if crs is None:
        raise ReadError(f"{name} has no CRS. Set it, e.g. frame.set_crs('EPSG:4326'), or save it with one.")
    shapes = np.asarray(shapes, dtype=object)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    others = there & (shapely.get_type_id(shapes) != shapely.GeometryType.POINT)
    shapes = np.where(there, shapes, None)
    if others.any():
        try:
            shapes[others] = shapely.point_on_surface(shapely.force_2d(shapes[others]))
        except shapely.errors.GEOSException as error:
            raise ReadError(f"{name} has a geometry that cannot be used: {error}. Mend it, e.g. in QGIS.") from error
    try:
        held = gpd.GeoSeries(shapes, crs=crs).to_crs("EPSG:4326")
    except (ProjError, ValueError, RuntimeError) as error:
        raise ReadError(f"{name} has a CRS that cannot be used: {error}. Save it in EPSG:4326.") from error
    lat, lon = held.y.to_numpy(dtype=float), held.x.to_numpy(dtype=float)
    off = ~(np.isfinite(lat) & np.isfinite(lon))
    return np.where(off, np.nan, lat), np.where(off, np.nan, lon), bool(others.any())


def make_room(header: Sequence[str]) -> list[str]:
    """Rename columns called lat or lon: the geometry is asked for those.

    Examples
    --------
    >>> make_room(["name", "lat"])
    ['name', 'lat_original']
    """
    return [f"{cell}_original" if cell in ("lat", "lon") else cell for cell in header]
