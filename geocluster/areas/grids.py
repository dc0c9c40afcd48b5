"""Which squares, or hexagons, of a grid on the globe cover an area?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.distance import zone_km2
from geocluster.errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MERIDIAN_KM = 20_003.93
"""From pole to pole."""
MAX_CELLS = 1_000_000


def cover_with_squares(area: Any, side_km: float) -> tuple[list[str], NDArray[np.object_]]:
    """Give the squares that meet an area, of a grid that is the same for all areas.

    Rows of equal height from pole to pole; each is cut into as many equal cells, from
    180° W on, as bring their area on the ellipsoid nearest to the square of the side.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        EPSG:4326.
    side_km : float

    Returns
    -------
    names : list of str
        Such as 10km-1530-0750 (side, row from the south, column from the west).
    cells : ndarray of Polygon

    Raises
    ------
    OptionError
        If there would be more than a million.

    Examples
    --------
    >>> from shapely import box
    >>> names, cells = cover_with_squares(box(7.5, 47.5, 7.6, 47.55), 50)
    >>> names
    ['50km-305-282']
    """
    import shapely

    rows = max(round(MERIDIAN_KM / side_km), 1)
    height = 180.0 / rows
    west, south, east, north = shapely.bounds(area)
    first, last = (int(np.clip((edge + 90) // height, 0, rows - 1)) for edge in (south, north))
    row = np.arange(first, last + 1)
    low, high = row * height - 90, (row + 1) * height - 90
    columns = np.maximum(np.rint(zone_km2(low, high) / side_km**2), 1).astype(np.int64)
    width = 360.0 / columns
    start = np.clip((west + 180) // width, 0, columns - 1).astype(np.int64)
    end = np.clip((east + 180) // width, 0, columns - 1).astype(np.int64)
    _refuse_many(int((end - start + 1).sum()), f"side_km={side_km:g}")
    at = np.repeat(np.arange(len(row)), end - start + 1)
    column = np.arange(len(at)) - np.repeat(np.cumsum(end - start + 1) - (end - start + 1), end - start + 1) + start[at]
    # a corner comes from one formula for all its cells, so that they meet to the bit
    cells: Any = shapely.box(
        column * width[at] - 180,
        row[at] * height - 90,
        np.minimum((column + 1) * width[at] - 180, 180),
        np.minimum((row[at] + 1) * height - 90, 90),
    )
    held = _that_meet(area, cells)
    digits, wide = len(str(rows)), len(str(2 * rows + 1))  # the same for all areas
    names = [f"{side_km:g}km-{row[at[i]]:0{digits}d}-{column[i]:0{wide}d}" for i in held.tolist()]
    return names, cells[held]


def cover_with_hexagons(area: Any, resolution: int) -> tuple[list[str], NDArray[np.object_]]:
    """Give the cells of Uber's H3 that meet an area: hexagons, and twelve pentagons.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        EPSG:4326.
    resolution : int
        0 to 15; 5 has 253 km² a cell in the mean, 6 has 36, 7 has 5.

    Returns
    -------
    names : list of str
        H3's, sorted.
    cells : ndarray of Polygon or MultiPolygon
        Cut at ±180°.

    Raises
    ------
    OptionError
        If h3 is not installed, or there would be more than a million.

    Examples
    --------
    >>> from shapely import box
    >>> cover_with_hexagons(box(7.5, 47.5, 7.51, 47.51), 4)[0]
    ['841f839ffffffff']
    """
    import shapely

    try:
        import h3
    except ImportError:
        raise OptionError("hexagons need the library h3. Run pip install 'geocluster-borders[cells]'.") from None
    size = h3.average_hexagon_area(resolution, unit="km^2")
    west, south, east, north = shapely.bounds(area)
    _refuse_many(int(zone_km2(south, north) * (east - west) / 360 / size), f"resolution={resolution}")
    found: set[str] = set()
    for part in shapely.get_parts(area):
        # h3 takes the shorter way round, so wide parts are cut
        for left in np.arange(-180.0, 180.0, 60.0):
            piece = shapely.clip_by_rect(part, left, -90, left + 60, 90)
            for one in shapely.get_parts(piece):
                if one.geom_type == "Polygon" and not one.is_empty:
                    shape = h3.geo_to_h3shape(one)
                    found.update(h3.h3shape_to_cells_experimental(shape, resolution, contain="overlap"))
    names = sorted(found)
    rings = [np.array(h3.cell_to_boundary(name))[:, ::-1] for name in names]
    cells = np.array([on_the_map(ring) for ring in rings], dtype=object)
    held = _that_meet(area, cells)
    return [names[i] for i in held.tolist()], cells[held]


def on_the_map(ring: NDArray[np.float64]) -> Any:
    """Make a polygon of a small ring on the globe, cut at ±180°, filled to a pole that it holds.

    Examples
    --------
    >>> on_the_map(np.array([[179.0, 0.0], [-179.0, 0.0], [-179.0, 1.0], [179.0, 1.0]])).geom_type
    'MultiPolygon'
    """
    import shapely

    step = (np.diff(np.append(ring[:, 0], ring[0, 0])) + 180) % 360 - 180
    longitude = ring[0, 0] + np.append(0, np.cumsum(step))
    latitude = np.append(ring[:, 1], ring[0, 1])
    if abs(longitude[-1] - longitude[0]) > 180:  # once round: a pole lies in it
        pole = np.sign(latitude.mean()) * 90
        longitude = np.append(longitude, [longitude[-1], longitude[0]])
        latitude = np.append(latitude, [pole, pole])
    whole = shapely.polygons(np.column_stack([longitude, latitude]))
    west, east = longitude.min(), longitude.max()
    if west >= -180 and east <= 180:
        return whole
    parts = []
    for turn in (-360.0, 0.0, 360.0):
        moved = shapely.transform(whole, lambda xy, turn=turn: xy + np.array([turn, 0.0]))
        parts += polygon_parts(shapely.intersection(moved, shapely.box(-180, -90, 180, 90)))
    return shapely.multipolygons(parts) if len(parts) > 1 else parts[0]


def polygon_parts(shape: Any) -> list[Any]:
    """List the polygons of a shape; what has no width is left out.

    Examples
    --------
    >>> from shapely import GeometryCollection, Point, box
    >>> len(polygon_parts(GeometryCollection([Point(0, 0), box(0, 0, 1, 1)])))
    1
    """
    import shapely

    flat = shapely.get_parts(shapely.get_parts(shape))
    return [one for one in flat if one.geom_type == "Polygon" and not one.is_empty]


def _that_meet(area: Any, cells: NDArray[np.object_]) -> NDArray[np.int64]:
    """Give the places of the cells that have ground in common with an area."""
    import shapely

    shapely.prepare(area)
    tree = shapely.STRtree(cells)
    near = np.sort(tree.query(area, predicate="intersects"))
    touching = set(tree.query(area, predicate="touches").tolist())
    return np.array([i for i in near.tolist() if i not in touching], dtype=np.int64)


def _refuse_many(count: int, option: str) -> None:
    if count > MAX_CELLS:
        raise OptionError(f"{option} makes about {count:,} cells here, more than {MAX_CELLS:,}. Give larger cells.")
