"""Which outlines lie over the ground besides the clusters: claimed windows, the study area?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.maps.shapes import add_line
from geocluster.style import COLOUR, DASH_AREA, DOTS_WINDOW, WIDTH_PT, ZORDER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.base import Ground
    from geocluster.maps.frame import Frame

AREA_FROM_BORDER_MM = 1.2
"""Nearer to a border or coast than that, the edge of the study area only doubles it."""
AREA_LEAST_MM = 12.0


def draw_windows(ax: Axes, windows: DataFrame, frame: Frame) -> BaseGeometry | None:
    """Draw claimed windows as thin dotted circles; return them in metres of the plane, if any.

    True kilometres, so they bend as the projection bends.

    Parameters
    ----------
    ax : Axes
        In metres.
    windows : DataFrame
        Columns lon, lat in degrees, r_km. The same circle of two readings is drawn once.
    frame : Frame
    """
    from pyproj import Geod
    from shapely import LineString, box, union_all

    seen: set[tuple[float, float, float]] = set()
    held: list[BaseGeometry] = []
    view = box(*frame.bounds_m)
    for i, window in enumerate(windows.to_dict("records")):
        key = (round(float(window["lon"]), 4), round(float(window["lat"]), 4), round(float(window["r_km"]), 2))
        if not np.isfinite(key).all() or key[2] <= 0 or key in seen:
            continue
        seen.add(key)
        turn = np.linspace(0, 360, 145)
        lon, lat, _ = Geod(ellps="WGS84").fwd(
            np.full(145, key[0]), np.full(145, key[1]), turn, np.full(145, key[2] * 1000)
        )
        xy = np.column_stack(frame.projection.transformer().transform(lon, lat))
        circle = LineString(xy) if np.isfinite(xy).all() else None
        if circle is None or not circle.intersects(view):
            continue
        artist = add_line(
            ax, circle, gid=f"window:{i + 1}", color=COLOUR["crimson"], linewidth=WIDTH_PT["window"],
            zorder=ZORDER["window"], dashes=DOTS_WINDOW,
        )  # fmt: skip
        artist.set_capstyle("round")
        held.append(circle)
    return union_all(held) if held else None


def draw_area(ax: Axes, area: BaseGeometry | None, frame: Frame, ground: Ground) -> BaseGeometry | None:
    """Draw the edge of the study area where it is neither border nor coast; return it in metres, if drawn.

    Parameters
    ----------
    ax : Axes
        In metres.
    area : geometry or None
        EPSG:4326.
    """
    from shapely import box, clip_by_rect, union_all

    if area is None or area.is_empty:
        return None
    window = box(*frame.bounds_m).buffer(-0.3 * frame.m_per_mm)
    near = area
    if near.bounds[2] - near.bounds[0] > 3:
        west, south, east, north = next(iter(frame.boxes_degrees(0.5)))
        near = clip_by_rect(near, west, south, east, north)
    edge = frame.projection.project(near).boundary.intersection(window)
    known = union_all([ground.all_borders(), ground.coast]).buffer(AREA_FROM_BORDER_MM * frame.m_per_mm)
    edge = edge.difference(known)
    if edge.length <= AREA_LEAST_MM * frame.m_per_mm:
        return None
    add_line(
        ax, edge, gid="study-area", color=COLOUR["grey"], linewidth=WIDTH_PT["area"], zorder=ZORDER["area"],
        dashes=DASH_AREA,
    )  # fmt: skip
    return edge
