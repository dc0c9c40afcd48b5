"""How does a file become a study area?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocluster.errors import MissingFileError, ReadError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

_MEND = "Give extent, countries, or a file with polygons, e.g. GeoJSON."


def read_area(path: str | Path) -> Any:
    """Read a study area from a file of polygons.

    Parameters
    ----------
    path : str or Path
        GeoJSON, GeoPackage, shapefile or what else GDAL reads, in any CRS.

    Returns
    -------
    Polygon or MultiPolygon
        All of them as one, in EPSG:4326.

    Raises
    ------
    MissingFileError
        If there is no such file.
    ReadError
        If it holds no polygons, or they cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "area.geojson"
    >>> _ = file.write_text(
    ...     '{"type": "Polygon", "coordinates": [[[7, 47], [8, 47], [8, 48], [7, 47]]]}'
    ... )
    >>> read_area(file).bounds
    (7.0, 47.0, 8.0, 48.0)
    """
    path = Path(path)
    if path.is_dir():
        raise ReadError(f"study area: {path} is a folder. {_MEND}")
    if not path.exists():
        raise MissingFileError(f"study area: there is no file {path}. {_MEND}")
    frame = _read(path)
    shapes = sorted(set(frame.geom_type.dropna()) - {"Polygon", "MultiPolygon"})
    held = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if shapes or held.empty:
        raise ReadError(f"study area: {path.name} holds {', '.join(shapes) or 'no polygon'}. {_MEND}")
    if held.crs is None:
        raise ReadError(f"study area: {path.name} has no CRS. Save it with one, or as GeoJSON in EPSG:4326.")
    broken = held[~held.is_valid]
    if len(broken):
        why = broken.geometry.is_valid_reason().iloc[0]
        raise ReadError(f"study area: {path.name} has a polygon that is not valid: {why}. Mend it, e.g. in QGIS.")
    west, south, east, north = (area := held.to_crs("EPSG:4326").union_all()).bounds
    if not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
        raise ReadError(
            f"study area: {path.name} lies outside the globe in {held.crs.name}: {west:.6g}, {south:.6g} to "
            f"{east:.6g}, {north:.6g}. Is its CRS right?"
        )
    return area


def _read(path: Path) -> GeoDataFrame:
    import warnings

    import geopandas as gpd
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL says of odd files what the faults here say better
            frame = gpd.read_file(path)
    except (DataSourceError, DataLayerError, FieldError, GeometryError, ValueError, OSError) as error:
        raise ReadError(f"study area: {path.name} cannot be read as polygons. {_MEND}") from error
    if getattr(frame, "active_geometry_name", None) is None:
        raise ReadError(f"study area: {path.name} holds no polygon. {_MEND}")
    return frame
