"""Which outlines lie over the ground besides the clusters: claimed windows, the study area?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.maps.claims import circle_ring
from geocluster.maps.shapes import add_line
from geocluster.style import COLOUR, DASH_AREA, DOTS_WINDOW, WIDTH_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.base import Ground
    from geocluster.maps.claims import Claim
    from geocluster.maps.frame import Frame

AREA_FROM_BORDER_MM = 1.2
"""Nearer to a border or coast than that, the edge of the study area only doubles it."""
AREA_LEAST_MM = 12.0


def draw_windows(ax: Axes, claims: Sequence[Claim], frame: Frame) -> dict[str, BaseGeometry]:
    """Draw claimed windows as thin dotted circles; return those in the frame by their sign, in metres of the plane.

    True kilometres, so they bend as the projection bends.

    Parameters
    ----------
    ax : Axes
        In metres.
    claims : sequence of Claim
    frame : Frame
    """
    from shapely import box

    view = box(*frame.bounds_m)
    held: dict[str, BaseGeometry] = {}
    for claim in claims:
        circle = project_circle(claim, frame)
        if circle is None or not circle.intersects(view):
            continue
        artist = add_line(
            ax, circle, gid=f"window:{claim.sign}", color=COLOUR["crimson"], linewidth=WIDTH_PT["window"],
            zorder=ZORDER["window"], dashes=DOTS_WINDOW,
        )  # fmt: skip
        artist.set_capstyle("round")
        held[claim.sign] = circle
    return held


def project_circle(claim: Claim, frame: Frame) -> BaseGeometry | None:
    """Take a claim's circle to the plane, m; None where the projection does not reach."""
    from shapely import LineString

    ring = circle_ring(claim.longitude, claim.latitude, claim.r_km)
    xy = np.column_stack(frame.projection.transformer().transform(ring[:, 0], ring[:, 1]))
    return LineString(xy) if np.isfinite(xy).all() else None


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
