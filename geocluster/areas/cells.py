"""Which cells cover an area, cut so that none holds two countries?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.areas.grids import cover_with_hexagons, cover_with_squares, polygon_parts
from geocluster.distance import area_km2
from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph import polygons_of, to_number

if TYPE_CHECKING:
    from geopandas import GeoDataFrame, GeoSeries
    from numpy.typing import NDArray
    from shapely import MultiPolygon, Polygon

_RESOLUTIONS = 15
_LEAST_KM2 = 1e-6
"""A square metre: less is what rounding leaves."""


def build_cells(
    area: Polygon | MultiPolygon | GeoDataFrame | GeoSeries,
    *,
    side_km: float | None = None,
    resolution: int | None = None,
    sea: bool = False,
) -> GeoDataFrame:
    """Cover an area with cells of a grid on the globe, cut at national borders.

    Give exactly one of `side_km` and `resolution`. The cells are those of one grid for
    the whole globe: the same ones come again for another area. They are whole at the
    rim of the area.

    Parameters
    ----------
    area : Polygon, MultiPolygon, GeoDataFrame or GeoSeries
        What is covered; frames of polygons, EPSG:4326.
    side_km : float, optional
        Squares: rows of this height, each cut into equal cells of nearly this width, all
        of nearly the same area.
    resolution : int, optional
        Hexagons of H3, resolution 0 to 15 (5: 253 km² in the mean, 6: 36, 7: 5). Needs
        the library h3: ``pip install 'geocluster-borders[cells]'``.
    sea : bool, default False
        Whether cells without land are kept.

    Returns
    -------
    GeoDataFrame
        A row a part of a cell that lies in one country: index `area` such as
        10km-1531-2049-FR, cell, country (ISO alpha-2), share (of the whole cell),
        area_km2 and geometry. Parts on the high seas are left out.

    Raises
    ------
    OptionError
        If not exactly one option is given, it cannot be used, or h3 is not installed.
    SchemaError
        If the area is no polygon.

    Examples
    --------
    >>> from shapely import box
    >>> cells = build_cells(box(7.5, 47.5, 7.7, 47.7), side_km=20)
    >>> sorted(cells["country"].unique()), bool(cells["area_km2"].max() < 401)
    (['CH', 'DE', 'FR'], True)
    """
    faults = []
    if (side_km is None) == (resolution is None):
        faults.append(f"give one of side_km and resolution, got {side_km!r} and {resolution!r}. 20 km is usual.")
    if side_km is not None and not 0.01 <= to_number(side_km) <= 2000:
        faults.append(f"side_km must be a number of kilometres from 0.01 to 2000, got {side_km!r}.")
    if resolution is not None and not (to_number(resolution).is_integer() and 0 <= resolution <= _RESOLUTIONS):
        faults.append(f"resolution must be a whole number from 0 to {_RESOLUTIONS}, got {resolution!r}.")
    if faults:
        raise OptionError("\n".join(faults))
    ground = _one_area(area)
    if side_km is not None:
        names, cells = cover_with_squares(ground, float(side_km))
    else:
        names, cells = cover_with_hexagons(ground, int(resolution or 0))
    return _cut(names, cells, sea=sea)


def cut_at_borders(areas: GeoDataFrame, *, sea: bool = False) -> GeoDataFrame:
    """Cut areas at national borders, so that none holds two countries.

    Areas that follow a border of another source, such as NUTS regions, leave slivers
    along it: see `share`. For those set the country yourself instead.

    Parameters
    ----------
    areas : GeoDataFrame
        Polygons, EPSG:4326.
    sea : bool, default False
        Whether parts without land are kept.

    Returns
    -------
    GeoDataFrame
        As of `build_cells`; `cell` holds the label of the area.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> areas = gpd.GeoDataFrame(geometry=[box(7.5, 47.5, 7.7, 47.7)], index=["Basel"], crs="EPSG:4326")
    >>> cut_at_borders(areas).index.tolist()
    ['Basel-CH', 'Basel-DE', 'Basel-FR']
    """
    polygons = polygons_of(areas)
    return _cut([str(label) for label in areas.index], polygons, sea=sea)


def _one_area(area: Any) -> Any:
    """Read an area as one polygon."""
    import geopandas as gpd
    import shapely

    if isinstance(area, gpd.GeoSeries):
        area = gpd.GeoDataFrame(geometry=area)
    if isinstance(area, gpd.GeoDataFrame):
        return shapely.union_all(polygons_of(area))
    if getattr(area, "geom_type", None) not in ("Polygon", "MultiPolygon"):
        word = getattr(area, "geom_type", type(area).__name__)
        fault = Fault("area", f"it is a {word}.", "Give a polygon, e.g. shapely.box(west, south, east, north).")
        raise SchemaError("there is no area to cover", [fault])
    return shapely.union_all(polygons_of(gpd.GeoDataFrame(geometry=[area], crs="EPSG:4326")))


def _cut(names: list[str], cells: NDArray[np.object_], *, sea: bool) -> GeoDataFrame:
    """Part cells among the countries that they lie in."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    from geocluster.datasets import load_countries, load_land

    countries = load_countries()
    tree = shapely.STRtree(cells)
    rows: list[tuple[int, str, Any]] = []
    for code, land in zip(countries["country"], countries.geometry, strict=True):
        shapely.prepare(land)
        inside = set(tree.query(land, predicate="contains").tolist())
        for i in sorted(tree.query(land, predicate="intersects").tolist()):
            if i in inside:
                rows.append((i, code, cells[i]))
                continue
            parts = polygon_parts(shapely.intersection(cells[i], land))
            if parts:
                rows.append((i, code, shapely.multipolygons(parts) if len(parts) > 1 else parts[0]))
    rows.sort(key=lambda row: (names[row[0]], row[1]))
    shapes = np.array([row[2] for row in rows], dtype=object)
    size = area_km2(shapes)
    keep = size > _LEAST_KM2
    if not sea and len(shapes):
        ground: Any = load_land().geometry.to_numpy()
        dry = np.unique(shapely.STRtree(ground).query(shapes, predicate="intersects")[0])
        keep &= np.isin(np.arange(len(shapes)), dry)
    held = np.flatnonzero(keep).tolist()
    of_cell = [rows[k][0] for k in held]
    whole = area_km2(cells)
    frame = pd.DataFrame(
        {
            "cell": pd.Series([names[i] for i in of_cell], dtype="object"),
            "country": pd.Series([rows[k][1] for k in held], dtype="object"),
            "share": size[held] / whole[of_cell],
            "area_km2": size[held],
        }
    )
    labels = [f"{cell}-{code}" for cell, code in zip(frame["cell"], frame["country"], strict=True)]
    frame.index = pd.Index(labels, name="area", dtype="object")
    return gpd.GeoDataFrame(frame, geometry=list(shapes[held]), crs="EPSG:4326")
