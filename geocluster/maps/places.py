"""Where does each badge and each label go?

All in millimetres of the page. A label is tried in 12 directions and at some
gaps about its place; what breaks a hard rule is out, the least cost wins; a
label that finds no place is dropped with its ring, and told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geocluster.style import COLOUR, POINT_MM, RING_MM, TYPE_PT, WIDTH_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.frame import Frame
    from geocluster.maps.page import Style

GAPS_MM = (0.45, 1.2, 2.1, 3.0)
FAR_GAPS_MM = (*GAPS_MM, 4.0, 5.2, 6.6, 8.0)
LEADER_FROM_MM = 0.8
EDGE_MM = 0.7
CLEAR_MM = 0.3
RING_EDGE_MM = WIDTH_PT["ring"] * POINT_MM
TOWN_CLEAR_MM = 0.62
"""From a place without a ring to its name."""
ASCENT, DESCENT = 0.76, 0.22
"""Of the box of a label about its baseline, em."""
_ANGLES = np.radians(np.arange(0, 360, 30))
_LIKED = np.array([0, 0.05, 0.2, 0.3, 0.25, 0.15, 0.12, 0.3, 0.4, 0.42, 0.35, 0.2])
"""The right is liked best, then upper right, then the left."""
_FINE_ANGLES = np.radians(np.arange(0, 360, 7.5))
_FINE_LIKED = np.interp(_FINE_ANGLES, np.append(_ANGLES, 2 * np.pi), np.append(_LIKED, _LIKED[0]))


@dataclass(slots=True, eq=False)
class Placer:
    """What stands already in a frame, and where more can stand.

    Parameters
    ----------
    page : Axes
        In mm.
    frame : Frame
    borders : geometry
        No label stands on them; page, mm.
    outlines : geometry
        Of hulls: better not crossed; page, mm.
    points : ndarray, shape (n, 2)
        Better not hidden; page, mm.
    prefix : str
        Before the gids of an inset.
    edges : list of geometry
        No label stands on them, but leaders may cross them; page, mm.
    """

    page: Axes
    frame: Frame
    borders: BaseGeometry
    outlines: BaseGeometry
    points: NDArray[np.float64]
    prefix: str = ""
    edges: list[BaseGeometry] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    discs: list[tuple[float, float, float]] = field(default_factory=list)
    leaders: list[BaseGeometry] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def block(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Keep a rectangle free."""
        self.boxes.append((x0, y0, x1, y1))

    def place_badge(
        self,
        hull: BaseGeometry,
        words: str,
        *,
        look: str,
        radius: float,
        keep: Sequence[tuple[float, float]] = (),
        role: str = "badge",
    ) -> bool:
        """Set a badge on the outline of a hull where it hides fewest points, off the places to `keep` free.

        Its gid begins with its role, 'badge' of a cluster or 'claim' of a circle.
        """
        from scipy.spatial import cKDTree
        from shapely import distance, line_interpolate_point, points

        from geocluster.maps.page import put_badge

        rings = max(getattr(hull, "geoms", [hull]), key=lambda part: part.area).exterior
        steps = np.arange(0.0, rings.length, 0.7)
        on = np.array([(p.x, p.y) for p in line_interpolate_point(rings, steps)])
        centre = np.array(hull.centroid.coords[0])
        away = on - centre
        away /= np.maximum(np.hypot(*away.T), 1e-9)[:, None]
        tries = np.concatenate([on + away * shift for shift in (0.0, 0.5 * radius, 1.1 * radius)])
        moved = np.repeat([0.0, 0.4, 1.0], len(on))
        good = self._inside(tries, radius + EDGE_MM)
        for x, y, r in self.discs:
            good &= np.hypot(tries[:, 0] - x, tries[:, 1] - y) > radius + r + 0.35
        for x0, y0, x1, y1 in self.boxes:
            dx = np.maximum(np.maximum(x0 - tries[:, 0], tries[:, 0] - x1), 0)
            dy = np.maximum(np.maximum(y0 - tries[:, 1], tries[:, 1] - y1), 0)
            good &= np.hypot(dx, dy) > radius + CLEAR_MM
        for x, y in keep:
            clear = np.hypot(tries[:, 0] - x, tries[:, 1] - y) > radius + RING_MM + CLEAR_MM
            good = good & clear if (good & clear).any() else good
        if not good.any():
            return False
        cost = moved.copy()
        if len(self.points):
            held = cKDTree(self.points).query_ball_point(tries, radius + 0.45, return_length=True)
            cost += 1.5 * np.asarray(held, dtype=float)
        for line in (self.borders, *self.edges):
            if not line.is_empty:
                cost += 1.2 * (distance(points(tries), line) < radius + 0.3)
        cost += 0.05 * np.hypot(*(tries - (centre + np.array([3.0, 8.0]))).T)  # upper right, if nothing else tells
        best = int(np.where(good, cost, np.inf).argmin())
        x, y = (float(value) for value in tries[best])
        self.discs.append((x, y, radius))
        put_badge(self.page, x, y, words, look=look, radius=radius, gid=f"{self.prefix}{role}:{words}")
        return True

    def place_label(
        self,
        name: str,
        x: float,
        y: float,
        role: str,
        *,
        ring: bool = True,
        clear: float = TOWN_CLEAR_MM,
        far: bool = False,
        fine: bool = False,
        weight: str = "normal",
        style: Style = "normal",
        colour: str = COLOUR["ink"],
        may_hide: float = np.inf,
    ) -> bool:
        """Set a label at its place, with a ring and, if need be, a leader; tell whether it found one.

        `far` lets it stand up to 8 mm off, `fine` tries more directions; the first does both.
        """
        from geocluster.maps.page import put, width_mm

        em = TYPE_PT[role] * POINT_MM
        wide, tall = width_mm(name, TYPE_PT[role], weight, style), (ASCENT + DESCENT) * em
        start = RING_MM + RING_EDGE_MM / 2 if ring else clear
        place = np.array([x, y])
        angles, liked = (_FINE_ANGLES, _FINE_LIKED) if far or fine else (_ANGLES, _LIKED)
        gaps = np.repeat(FAR_GAPS_MM if far else GAPS_MM, len(angles))
        angle = np.tile(angles, len(gaps) // len(angles))
        turn = np.column_stack([np.cos(angle), np.sin(angle)])
        half = np.column_stack([wide / 2 + gaps + start, tall / 2 + gaps + start])
        centre = place + turn * half / np.abs(turn).max(axis=1)[:, None]
        low, high = centre - np.array([wide, tall]) / 2, centre + np.array([wide, tall]) / 2
        near = np.clip(place, low, high)
        toward = near - place
        reach = np.maximum(np.hypot(*toward.T), 1e-9)
        foot = place + toward * (start / reach)[:, None]
        has_leader = reach - start > LEADER_FROM_MM
        clear_leader = self._free_leader(foot, near, has_leader)
        good = self.free(low, high) & clear_leader
        if far:
            good &= ~(self._over_edges(foot, near) & has_leader)
            if not good.any() and self._in_zoom(x, y):  # better over its edge than the name lost
                good = self.free(low, high, edges=False) & clear_leader
        good &= reach - start <= gaps.max() + 1e-9  # from a corner it is further
        cost = 0.55 * gaps + np.tile(liked, len(gaps) // len(angles)) + 0.25 * has_leader
        hidden = np.zeros(len(gaps))
        if len(self.points):
            near_by = self.points[(np.abs(self.points - place) < gaps.max() + np.array([wide, tall]) + 2.0).all(axis=1)]
            inside = (near_by[None] > low[:, None] - 0.4) & (near_by[None] < high[:, None] + 0.4)
            hidden = inside.all(axis=2).sum(axis=1).astype(float)
        cost += 2.2 * hidden + 0.22 * self._on_outlines(low, high)
        good &= hidden <= may_hide
        if not good.any() or (ring and not self._free_ring(x, y)):
            self.dropped.append(name)
            return False
        best = int(np.where(good, cost, np.inf).argmin())
        left, base = float(low[best, 0]), float(low[best, 1])
        self.boxes.append((left, base, float(high[best, 0]), float(high[best, 1])))
        if has_leader[best]:
            self._draw_leader(foot[best], near[best], name)
        if ring:
            self._draw_ring(x, y, name)
        else:
            self.discs.append((x, y, RING_MM))
        put(
            self.page, left, base + DESCENT * em, name, role, gid=f"{self.prefix}label:{name}",
            colour=colour, weight=weight, style=style, halo=COLOUR["focus"],
        )  # fmt: skip
        return True

    def _inside(self, centre: NDArray[np.float64], margin: float) -> NDArray[np.bool_]:
        frame = self.frame
        low, high = np.array([frame.left, frame.bottom]), np.array([frame.right, frame.top])
        return np.asarray(((centre >= low + margin) & (centre <= high - margin)).all(axis=1), dtype=bool)

    def _free_ring(self, x: float, y: float) -> bool:
        """Tell whether a ring hits no label, no badge and no other ring."""
        reach = RING_MM + RING_EDGE_MM
        return all(
            np.hypot(max(x0 - x, 0, x - x1), max(y0 - y, 0, y - y1)) > reach for x0, y0, x1, y1 in self.boxes
        ) and all(np.hypot(x - x0, y - y0) > reach + r for x0, y0, r in self.discs)

    def free(self, low: NDArray[np.float64], high: NDArray[np.float64], *, edges: bool = True) -> NDArray[np.bool_]:
        """Tell which boxes break no hard rule; without `edges` they may lie on those."""
        from shapely import box, intersects, prepare

        free = self._inside(low, EDGE_MM) & self._inside(high, EDGE_MM)
        for x0, y0, x1, y1 in self.boxes:
            free &= (
                (low[:, 0] > x1 + CLEAR_MM)
                | (high[:, 0] < x0 - CLEAR_MM)
                | (low[:, 1] > y1 + 0.1)
                | (high[:, 1] < y0 - 0.1)
            )
        for x, y, radius in self.discs:
            dx = np.maximum(np.maximum(low[:, 0] - x, x - high[:, 0]), 0)
            dy = np.maximum(np.maximum(low[:, 1] - y, y - high[:, 1]), 0)
            free &= np.hypot(dx, dy) > radius + CLEAR_MM
        boxes = box(low[:, 0] - 0.25, low[:, 1] - 0.1, high[:, 0] + 0.25, high[:, 1] + 0.1)
        if not self.borders.is_empty:
            prepare(self.borders)
            free &= ~intersects(self.borders, boxes)
        for line in (*self.leaders, *(self.edges if edges else ())):
            free &= ~intersects(line, boxes)
        return free

    def _free_leader(
        self, foot: NDArray[np.float64], near: NDArray[np.float64], has: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Tell which leaders run off borders, labels and badges."""
        from shapely import box, distance, intersects, linestrings, points

        lines = linestrings(np.stack([foot, near], axis=1))
        free = np.ones(len(foot), dtype=bool)
        if not self.borders.is_empty:
            free &= ~intersects(self.borders, lines)
        for x0, y0, x1, y1 in self.boxes:
            free &= ~intersects(box(x0, y0, x1, y1), lines)
        for x, y, radius in self.discs:
            free &= distance(points(x, y), lines) > radius + 0.1
        return np.asarray(free | ~has, dtype=bool)

    def _in_zoom(self, x: float, y: float) -> bool:
        bounds = [line.bounds for line in self.edges]
        return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in bounds)

    def _over_edges(self, foot: NDArray[np.float64], near: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which leaders run over the edge of a zoom."""
        from shapely import intersects, linestrings

        lines = linestrings(np.stack([foot, near], axis=1))
        over = np.zeros(len(foot), dtype=bool)
        for line in self.edges:
            over |= intersects(line, lines)
        return over

    def _on_outlines(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
        """Measure how much of the outlines of hulls each box covers, mm."""
        from shapely import box, intersection, length

        if self.outlines.is_empty:
            return np.zeros(len(low))
        covered: NDArray[np.float64] = length(
            intersection(self.outlines, box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
        )
        return covered

    def _draw_ring(self, x: float, y: float, name: str) -> None:
        from matplotlib.patches import Circle

        ring = Circle(
            (x, y), RING_MM, facecolor="white", edgecolor=COLOUR["ink"], linewidth=WIDTH_PT["ring"],
            zorder=ZORDER["ring"],
        )  # fmt: skip
        ring.set_gid(f"{self.prefix}ring:{name}")
        self.page.add_patch(ring)
        self.discs.append((x, y, RING_MM))

    def _draw_leader(self, foot: NDArray[np.float64], near: NDArray[np.float64], name: str) -> None:
        from matplotlib.lines import Line2D
        from shapely import LineString

        line = Line2D(
            [foot[0], near[0]],
            [foot[1], near[1]],
            color=COLOUR["ink"],
            linewidth=WIDTH_PT["leader"],
            zorder=ZORDER["leader"],
        )
        line.set_gid(f"{self.prefix}leader:{name}")
        self.page.add_line(line)
        self.leaders.append(LineString([foot, near]))
