"""How is one frame of the map drawn, the main one or an inset?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geocluster.maps.base import cut_ground, draw_ground
from geocluster.maps.hulls import build_hull, crossed_border, draw_hull
from geocluster.maps.marks import Spread, draw_discs, draw_points, spread_points
from geocluster.maps.outlines import draw_area, draw_windows
from geocluster.maps.page import add_map, put_frame
from geocluster.maps.places import Placer
from geocluster.maps.rows import heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.base import Base, Ground
    from geocluster.maps.claims import Claim, ClaimBlock
    from geocluster.maps.frame import Frame
    from geocluster.maps.page import MapFigure
    from geocluster.maps.rows import Row


@dataclass(slots=True, eq=False)
class Content:
    """What every frame shows.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Points in metres of the projection.
    kinds : list of str
        As drawn.
    countries : list of str
    labels : ndarray, shape (n,)
        Of the cluster; 0 = in none.
    names : list of str
    every, rows : sequence of Row
        Of all clusters; of those in the table: further ones have a hull but no badge.
    looks : dict
        Label → look, of all clusters.
    claims : sequence of Claim
        Circles shown to span.
    """

    xy: NDArray[np.float64]
    kinds: list[str]
    countries: list[str]
    labels: NDArray[np.int64]
    names: list[str]
    every: Sequence[Row]
    rows: Sequence[Row]
    looks: dict[int, str]
    centres: dict[int, tuple[float, float]]
    claims: Sequence[Claim]
    study_area: BaseGeometry | None
    base: Base
    language: str
    told: ClaimBlock | None = None
    """The claims that have a row."""

    def focus(self) -> set[str]:
        """Countries that hold points."""
        return set(self.countries)


@dataclass(slots=True, eq=False)
class Panel:
    """One frame, laid out."""

    frame: Frame
    ground: Ground
    spread: Spread
    show: NDArray[np.bool_]
    hulls: dict[int, BaseGeometry]
    crossed: dict[int, BaseGeometry]
    further: list[BaseGeometry] = field(default_factory=list)
    circles: dict[str, BaseGeometry] = field(default_factory=dict)
    """Of the claims, in metres, by their sign."""
    drawn: set[str] = field(default_factory=set)


def lay_out(content: Content, frame: Frame) -> Panel:
    """Cut the ground, set points side by side, build hulls."""
    from shapely import union_all
    from shapely.geometry import GeometryCollection

    ground = cut_ground(content.base, frame)
    place = frame.to_mm(content.xy)
    low, high = np.array([frame.left, frame.bottom]), np.array([frame.right, frame.top])
    show = np.asarray(((place > low + 0.3) & (place < high - 0.3)).all(axis=1), dtype=bool)
    land = {country: frame.to_page(shape) for country, shape in ground.land.items() if country in content.focus()}
    kind_rank = {"public body": 0, "university": 1, "institute": 2, "other": 3, "firm": 4}
    rank = np.array([kind_rank[kind] for kind in content.kinds], dtype=np.int64)
    spread = spread_points(place, rank, content.countries, land, apart=show)
    plane = (spread.xy - low) * frame.m_per_mm + (frame.x, frame.y)
    radii = np.array([spread.discs[i][3] if i >= 0 else 0.0 for i in spread.disc]) * frame.m_per_mm
    hulls: dict[int, BaseGeometry] = {}
    crossed: dict[int, BaseGeometry] = {}
    for label, look in content.looks.items():
        held = content.labels == label
        if not (held & show).any():
            continue
        own = {content.countries[i] for i in np.flatnonzero(held)}
        others = [shape for country, shape in ground.land.items() if country not in own]
        elsewhere = union_all(others) if others else GeometryCollection()
        hulls[label] = build_hull(plane[held], frame.m_per_mm, elsewhere=elsewhere, radii=radii[held])
        if look != "national":
            crossed[label] = crossed_border(ground, hulls[label], own)
    return Panel(frame, ground, spread, show, hulls, crossed)


def draw_panel(
    figure: MapFigure,
    page: Axes,
    content: Content,
    panel: Panel,
    size: tuple[float, float],
    *,
    name: str,
    letter: str = "",
) -> Placer:
    """Draw a frame that is laid out; return its placer, which knows what was dropped."""
    from shapely import union_all

    frame, ground = panel.frame, panel.ground
    prefix = f"{letter}:" if letter else ""
    ax = add_map(figure, frame, label=name, width=size[0], height=size[1])
    panel.drawn |= draw_ground(ax, ground, content.focus())
    area = draw_area(ax, content.study_area, frame, ground)
    if area is not None:
        panel.further.append(frame.to_page(area))
        panel.drawn.add("key_area")
    panel.circles = draw_windows(ax, content.claims, frame)
    if panel.circles:
        panel.further += [frame.to_page(circle) for circle in panel.circles.values()]
        panel.drawn.add("key_window")
    for label, hull in panel.hulls.items():
        look = content.looks[label]
        draw_hull(ax, hull, panel.crossed.get(label), look=look, label=label)
        panel.drawn.add(heading(look, content.rows, "key"))
        if label in panel.crossed and not panel.crossed[label].is_empty:
            panel.drawn.add("key_crossed")
    panel.drawn |= draw_points(ax, frame, panel.spread, content.kinds, content.labels > 0, show=panel.show)
    if panel.spread.moved:
        panel.drawn.add("key_spread")
    if draw_discs(page, panel.spread):
        panel.drawn.add("stack")
    put_frame(page, frame, gid=f"frame:{name}")
    outlines = union_all([frame.to_page(hull).boundary for hull in panel.hulls.values()] + panel.further)
    placer = Placer(
        page,
        frame,
        frame.to_page(ground.all_borders()),
        outlines,
        panel.spread.xy[panel.show & (panel.spread.disc < 0)],
        prefix,
    )
    for x, y, _, radius in panel.spread.discs:
        placer.discs.append((x, y, radius))
    return placer
