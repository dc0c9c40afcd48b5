"""How far, which way is north, where on the continent, and whence?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.labels import number, text
from geocluster.maps.page import add_map, put
from geocluster.style import COLOUR, TYPE_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.base import Base
    from geocluster.maps.frame import Frame
    from geocluster.maps.page import MapFigure

MAX_BAR_MM = 32.0
LOCATOR_KM = 2_000.0
LOCATOR_MAX_KM = 7_000.0
MAP_MAX_KM = 3_000.0
"""A map wider than that shows itself where it lies."""


def bar_length_km(km_per_mm: float, room_mm: float = MAX_BAR_MM) -> float:
    """Choose the longest 1-2-5 length that fits.

    Examples
    --------
    >>> bar_length_km(1.3), bar_length_km(0.3, 20)
    (20.0, 5.0)
    """
    longest = km_per_mm * room_mm
    power = 10.0 ** np.floor(np.log10(longest))
    return float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= longest))


def draw_scale_bar(page: Axes, frame: Frame, language: str, *, prefix: str = "") -> None:
    """Draw a bar of four parts below the left corner of a frame."""
    from matplotlib.patches import Rectangle

    scale = frame.km_per_mm()
    km = bar_length_km(scale, min(MAX_BAR_MM, frame.width * 0.45))
    wide, x, y = km / scale, frame.left + 2.0, frame.bottom - 5.1
    for i in range(4):
        part = Rectangle(
            (x + i * wide / 4, y), wide / 4, 1.05, facecolor=COLOUR["ink"] if i % 2 == 0 else "white",
            edgecolor=COLOUR["ink"], linewidth=0.5, zorder=ZORDER["label"],
        )  # fmt: skip
        part.set_gid(f"{prefix}scale-bar")
        page.add_patch(part)
    unit = text("kilometre", language)
    marks = [(0.0, "0"), (1.0, f"{_number(km, language)} {unit}")]
    if wide > 12:
        marks.insert(1, (0.5, _number(km / 2, language)))
    for share, words in marks:
        place = x + share * wide
        sign = put(
            page,
            place,
            y + 1.9,
            words,
            "scale",
            gid=f"{prefix}scale-bar:{share:g}",
            ha="left" if share == 1.0 else "center",
        )
        if share == 1.0:  # the number stands on its mark, the unit runs on
            sign.set_x(place - _width(_number(km, language)) / 2)


def _number(km: float, language: str) -> str:
    return number(km, language, decimals=0 if km == int(km) else 1 if km * 10 == int(km * 10) else 2)


def _width(words: str) -> float:
    from geocluster.maps.page import width_mm

    return width_mm(words, TYPE_PT["scale"])


def draw_north(page: Axes, x: float, y: float, degrees: float, language: str) -> None:
    """Draw an arrow to true north, its middle at x, y."""
    from matplotlib.patches import Polygon

    turn = np.radians(degrees)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    for side, fill in ((-1, COLOUR["ink"]), (1, "white")):
        shape = np.array([(0, 2.5), (side * 1.25, -2.5), (0, -1.35)]) @ spin + [x, y]
        half = Polygon(
            shape,
            closed=True,
            facecolor=fill,
            edgecolor=COLOUR["ink"],
            linewidth=0.55,
            joinstyle="round",
            zorder=ZORDER["label"],
        )
        half.set_gid("north-arrow")
        page.add_patch(half)
    put(page, x + 2.3, y - 0.9, text("north", language), "panel", gid="north", weight="bold")


def reach_km(frame: Frame) -> float:
    """Tell how many kilometres the longer side of a frame holds."""
    return frame.km_per_mm() * max(frame.width, frame.height)


def draw_locator(
    figure: MapFigure,
    page: Axes,
    frame: Frame,
    base: Base,
    focus: Collection[str],
    place: tuple[float, float, float],
    size: tuple[float, float],
) -> None:
    """Draw where on the continent the map lies.

    Parameters
    ----------
    place : left, bottom, width (and height), mm
    size : of the page, mm
    """
    from matplotlib.patches import Rectangle
    from pyproj import CRS, Transformer
    from shapely import box, clip_by_rect, make_valid

    from geocluster.maps.frame import Frame, Projection
    from geocluster.maps.page import put_frame
    from geocluster.maps.shapes import add_area

    lon, lat = frame.centre_degrees()
    crs = CRS.from_proj4(f"+proj=laea +lat_0={lat:.3f} +lon_0={lon:.3f} +datum=WGS84 +units=m")
    left, bottom, wide = place
    x0, y0, x1, y1 = frame.bounds_m
    reach = 1000 * min(max(LOCATOR_KM, 5 * reach_km(frame)), LOCATOR_MAX_KM)
    small = Frame(Projection(crs, "laea"), -reach / 2, -reach / 2, reach / wide, left, bottom, wide, wide)
    ax = add_map(figure, small, label="locator", width=size[0], height=size[1])
    ax.set_facecolor(COLOUR["sea"])
    window = box(*small.bounds_m)
    if len(base.land):
        for bounds in small.boxes_degrees():
            for i in sorted(base.land.sindex.query(box(*bounds)).tolist()):
                country = str(base.land["country"].iloc[i])
                shape = clip_by_rect(base.land.geometry.iloc[i].simplify(0.03), *bounds)
                if shape.is_empty:
                    continue
                plane = make_valid(small.projection.project(shape)).intersection(window)
                if not plane.is_empty:
                    fill, layer = ("locator", "focus") if country in focus else ("land", "land")
                    add_area(
                        ax, plane, gid=f"locator:{country}", facecolor=COLOUR[fill], edgecolor="white", linewidth=0.3,
                        zorder=ZORDER[layer],
                    )  # fmt: skip
    change = Transformer.from_crs(frame.projection.crs, crs, always_xy=True)
    west, south, east, north = change.transform_bounds(x0, y0, x1, y1, densify_pts=11)
    low, high = small.to_mm([(west, south), (east, north)])
    span = np.maximum(high - low, 1.3)
    corner = (low + high - span) / 2
    here = Rectangle(
        (float(corner[0]), float(corner[1])),
        float(span[0]),
        float(span[1]),
        facecolor=(0.698, 0.094, 0.169, 0.12),
        edgecolor=COLOUR["crimson"],
        linewidth=1.0,
        zorder=ZORDER["zoom"],
    )
    here.set_gid("locator:frame")
    page.add_patch(here)
    put_frame(page, small, gid="frame:locator")


def draw_zoom(page: Axes, frame: Frame, inset: Frame, letter: str) -> BaseGeometry:
    """Draw on a map where its inset lies; return the edge, mm, for labels to keep off."""
    from matplotlib.patches import Rectangle
    from shapely import box

    x0, y0, x1, y1 = inset.bounds_m
    (left, low), (right, high) = frame.to_mm([(x0, y0), (x1, y1)])
    rectangle = Rectangle(
        (left, low),
        right - left,
        high - low,
        fill=False,
        edgecolor=COLOUR["ink"],
        linewidth=0.7,
        linestyle=(0, (3.6, 1.6)),
        zorder=ZORDER["zoom"],
    )
    rectangle.set_gid(f"zoom:{letter}")
    page.add_patch(rectangle)
    edge: BaseGeometry = box(left, low, right, high).boundary
    return edge


def draw_sources(page: Axes, lines: Sequence[str], top: float) -> None:
    """Write the source lines down from `top`."""
    for i, line in enumerate(lines):
        put(page, 0.0, top - 2.0 - 3.1 * i, line, "source", gid="source", colour=COLOUR["grey"])
