"""How is one frame of the map drawn, the main one or an inset?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geocluster.country_names import country_name as english_name
from geocluster.labels import country_name
from geocluster.maps.base import cut_ground, draw_ground
from geocluster.maps.hulls import build_hull, crossed_border, draw_hull
from geocluster.maps.marks import Spread, draw_discs, draw_points, spread_points
from geocluster.maps.page import add_map, clean, put_frame, width_mm
from geocluster.maps.places import Placer
from geocluster.style import (
    BADGE_MM,
    BADGE_NATIONAL_MM,
    COLOUR,
    DOTS_WINDOW,
    KIND,
    TYPE_PT,
    WIDTH_PT,
    ZORDER,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.base import Base, Ground
    from geocluster.maps.frame import Frame
    from geocluster.maps.page import MapFigure
    from geocluster.maps.panels import Row

BIG_TOWN = 100_000
TOWNS_APART_KM = 9.0
TOWNS_APART_MM = 7.0
MM2_PER_TOWN = 800.0


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
    rows : sequence of Row
        Of the table; further clusters have a hull but no badge.
    looks : dict
        Label → look, of all clusters.
    """

    xy: NDArray[np.float64]
    kinds: list[str]
    countries: list[str]
    labels: NDArray[np.int64]
    names: list[str]
    rows: Sequence[Row]
    looks: dict[int, str]
    centres: dict[int, tuple[float, float]]
    windows: DataFrame
    study_area: BaseGeometry | None
    base: Base
    language: str

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
    _draw_area(ax, content, panel)
    _draw_windows(ax, content, panel)
    for label, hull in panel.hulls.items():
        look = content.looks[label]
        draw_hull(ax, hull, panel.crossed.get(label), look=look, label=label)
        panel.drawn.add(f"key_{look}")
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


def label_panel(content: Content, panel: Panel, placer: Placer, *, zoomed: Frame | None = None) -> None:
    """Set badges, towns of clusters, members, countries, other towns: in this order.

    Of a cluster that an inset shows, the map itself names the first town only.
    """
    from shapely import union_all

    frame = panel.frame
    for row in content.rows:
        if row.label in panel.hulls:
            hull = frame.to_page(panel.hulls[row.label])
            radius = BADGE_NATIONAL_MM if row.look == "national" else BADGE_MM
            if not placer.place_badge(hull, row.badge, look=row.look, radius=radius):
                placer.dropped.append(row.badge)
    towns = _towns(content, frame)
    done: set[str] = set()
    at: list[tuple[float, float]] = []
    for row in content.rows:
        if row.label not in panel.hulls:
            continue
        cx, cy = frame.to_mm([content.centres[row.label]])[0] if row.label in content.centres else (0.0, 0.0)
        parts = row.name.split(" – ")
        held = (
            zoomed is not None
            and content.centres.get(row.label) is not None
            and zoomed.holds(content.centres[row.label])
        )
        for part in parts[:1] if held else parts:
            known = [town for town in towns if town[0] == part and part not in done]
            if known:
                town = min(known, key=lambda it: float(np.hypot(it[1] - cx, it[2] - cy)) - 0.00001 * it[3])
                if np.hypot(town[1] - cx, town[2] - cy) * frame.km_per_mm() <= 80:
                    done.add(part)
                    at.append(town[1:3])
                    _put_town(placer, panel, town, far=True)
    _put_members(content, panel, placer)
    hulls = union_all([frame.to_page(hull) for hull in panel.hulls.values()] + panel.further)
    for country, ground in sorted(panel.ground.land.items(), key=lambda item: -item[1].area):
        shape = frame.to_page(ground)
        if shape.area > 60:
            placer.place_country(
                country_name(country, content.language, english=english_name(country)),
                max(getattr(shape, "geoms", [shape]), key=lambda part: part.area),
                hulls,
            )
    limit = int(frame.width * frame.height / MM2_PER_TOWN)
    apart = max(TOWNS_APART_KM / frame.km_per_mm() if not placer.prefix else 0.0, TOWNS_APART_MM)
    tried = 0
    for town in towns:
        if limit <= 0 or tried > 80:
            break
        if town[0] in done or any(np.hypot(town[1] - x, town[2] - y) < apart for x, y in at):
            continue
        tried += 1
        done.add(town[0])
        if _put_town(placer, panel, town, may_hide=0.5):
            at.append(town[1:3])
            limit -= 1


def _towns(content: Content, frame: Frame) -> list[tuple[str, float, float, float]]:
    """List the places in a frame, the most populous first: name, page x, page y, population."""
    from shapely import get_x, get_y

    table = content.base.places
    if not len(table):
        return []
    lon, lat = get_x(table.geometry.to_numpy()), get_y(table.geometry.to_numpy())
    inside = np.zeros(len(table), dtype=bool)
    for west, south, east, north in frame.boxes_degrees(0.0):
        inside |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    if "district" in table.columns:
        inside &= ~table["district"].fillna(value=False).to_numpy(dtype=bool)
    near = table[inside]
    x, y = frame.projection.transformer().transform(lon[inside], lat[inside])
    place = frame.to_mm(np.column_stack([x, y]))
    people = near["population"].fillna(0).to_numpy(dtype=float)
    names = near["name"].astype(str).to_numpy()
    order = np.lexsort((names, -people))
    return [
        (clean(names[i]), float(place[i, 0]), float(place[i, 1]), float(people[i]))
        for i in order.tolist()
        if frame.left + 0.8 < place[i, 0] < frame.right - 0.8 and frame.bottom + 0.8 < place[i, 1] < frame.top - 0.8
    ]


def _put_town(
    placer: Placer, panel: Panel, town: tuple[str, float, float, float], *, far: bool = False, may_hide: float = np.inf
) -> bool:
    name, x, y, people = town
    big = people >= BIG_TOWN
    shown = panel.spread.xy[panel.show]
    alone = len(shown) > 0 and float(np.hypot(shown[:, 0] - x, shown[:, 1] - y).min()) < 0.5
    return placer.place_label(
        name,
        x,
        y,
        "big_town" if big else "town",
        ring=not alone,
        far=far,
        weight="bold" if big else "normal",
        may_hide=may_hide,
    )


def _put_members(content: Content, panel: Panel, placer: Placer) -> None:
    """Name one university a cluster, where a short name finds an easy place."""
    for row in content.rows:
        chosen = [
            i
            for i in np.flatnonzero((content.labels == row.label) & panel.show & (panel.spread.disc < 0))
            if content.kinds[i] == "university"
            and width_mm(content.names[i], TYPE_PT["member"], "normal", "italic") <= 22
        ]
        for i in chosen[:1]:
            x, y = (float(value) for value in panel.spread.xy[i])
            placed = placer.place_label(
                content.names[i],
                x,
                y,
                "member",
                ring=False,
                style="italic",
                colour=KIND["university"].dark,
                may_hide=0.5,
            )
            if not placed:
                placer.dropped.pop()


def _draw_windows(ax: Axes, content: Content, panel: Panel) -> None:
    """Draw claimed windows as thin dotted circles: true kilometres, so bent as the projection bends."""
    from pyproj import Geod
    from shapely import LineString

    from geocluster.maps.shapes import add_line

    seen: set[tuple[float, float, float]] = set()
    for i, window in enumerate(content.windows.to_dict("records")):
        key = (round(float(window["lon"]), 4), round(float(window["lat"]), 4), round(float(window["r_km"]), 2))
        if not np.isfinite(key).all() or key[2] <= 0 or key in seen:
            continue
        seen.add(key)
        turn = np.linspace(0, 360, 145)
        lon, lat, _ = Geod(ellps="WGS84").fwd(
            np.full(145, key[0]), np.full(145, key[1]), turn, np.full(145, key[2] * 1000)
        )
        circle = LineString(np.column_stack(panel.frame.projection.transformer().transform(lon, lat)))
        artist = add_line(
            ax,
            circle,
            gid=f"window:{i + 1}",
            color=COLOUR["crimson"],
            linewidth=WIDTH_PT["window"],
            zorder=ZORDER["window"],
            dashes=DOTS_WINDOW,
        )
        artist.set_capstyle("round")
        panel.further.append(panel.frame.to_page(circle))
        panel.drawn.add("key_window")


def _draw_area(ax: Axes, content: Content, panel: Panel) -> None:
    """Draw the edge of the study area where it is neither border nor coast."""
    from shapely import box, union_all

    from geocluster.maps.shapes import add_line

    if content.study_area is None or content.study_area.is_empty:
        return
    frame = panel.frame
    window = box(*frame.bounds_m).buffer(-0.3 * frame.m_per_mm)
    near = content.study_area
    if near.bounds[2] - near.bounds[0] > 3:
        from shapely import clip_by_rect

        west, south, east, north = next(iter(frame.boxes_degrees(0.5)))
        near = clip_by_rect(near, west, south, east, north)
    edge = frame.projection.project(near).boundary.intersection(window)
    known = union_all([panel.ground.all_borders(), panel.ground.coast]).buffer(1.2 * frame.m_per_mm)
    edge = edge.difference(known)
    if edge.length > 12 * frame.m_per_mm:
        add_line(
            ax,
            edge,
            gid="study-area",
            color=COLOUR["grey"],
            linewidth=WIDTH_PT["area"],
            zorder=ZORDER["area"],
            dashes=(1.5, 2.5),
        )
        panel.further.append(frame.to_page(edge))
        panel.drawn.add("key_area")
