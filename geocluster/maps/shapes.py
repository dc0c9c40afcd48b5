"""How does a geometry become an artist?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection, PathCollection
    from matplotlib.path import Path
    from shapely.geometry.base import BaseGeometry


def to_path(geometry: BaseGeometry) -> Path:
    """Make one path of a polygon with its holes, or of many.

    Examples
    --------
    >>> from shapely import box
    >>> len(to_path(box(0, 0, 1, 1)).vertices)
    5
    """
    from matplotlib.path import Path
    from shapely import get_parts
    from shapely.geometry.polygon import orient

    vertices, codes = [np.zeros((0, 2))], [np.zeros(0, dtype=np.uint8)]
    for part in get_parts(geometry):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        shape = orient(part)
        for ring in (shape.exterior, *shape.interiors):
            xy = np.asarray(ring.coords)[:, :2]
            code = np.full(len(xy), Path.LINETO, dtype=np.uint8)
            code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
            vertices.append(xy)
            codes.append(code)
    return Path(np.concatenate(vertices), np.concatenate(codes))


def add_area(ax: Axes, geometry: BaseGeometry, *, gid: str, **options: Any) -> PathCollection:
    """Draw a polygon, or many, as one artist."""
    from matplotlib.collections import PathCollection

    artist = PathCollection([to_path(geometry)], **options)
    artist.set_gid(gid)
    artist.set_transform(ax.transData)
    ax.add_collection(artist, autolim=False)
    return artist


def add_line(
    ax: Axes,
    geometry: BaseGeometry,
    *,
    gid: str,
    dashes: tuple[float, float] | None = None,
    round_ends: bool = True,
    **options: Any,
) -> LineCollection:
    """Draw a line, or many, as one artist; dashes are given in line widths and have butt ends."""
    from matplotlib.collections import LineCollection
    from shapely import get_parts

    parts = [
        np.asarray(part.coords)[:, :2] for part in get_parts(geometry) if part.geom_type in ("LineString", "LinearRing")
    ]
    artist = LineCollection(
        parts,
        linestyle="solid" if dashes is None else (0, dashes),
        capstyle="round" if dashes is None and round_ends else "butt",
        joinstyle="round",
        **options,
    )
    artist.set_gid(gid)
    ax.add_collection(artist, autolim=False)
    return artist
