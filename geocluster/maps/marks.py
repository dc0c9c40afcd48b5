"""Where do points stand that share one place, and how are they drawn?

Many organisations are known by their town only and share its point. They are
set side by side around it in a spiral (H. Vogel 1979), in millimetres of the
page, in their own country, off the points of other towns; singles stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.style import COLOUR, KIND, POINT_MM, POINT_STEP_MM, WIDTH_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.frame import Frame

MAX_SIDE_BY_SIDE = 60
"""More than so many at one place become one disc with their number."""
MAX_RADIUS_MM = 5.5
MAX_POINTS = 2_500
"""More points than so many in a frame stay where they are, small."""
_GOLDEN = np.pi * (3 - np.sqrt(5))


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Points of one frame as they are drawn.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Page, mm.
    disc : ndarray, shape (n,)
        Number of the disc that stands for the point, or -1.
    discs : list of (x, y, count, radius)
        Page, mm.
    moved : bool
        Whether any point was moved.
    """

    xy: NDArray[np.float64]
    disc: NDArray[np.int64]
    discs: list[tuple[float, float, int, float]]
    moved: bool


def spread_points(
    xy: ArrayLike,
    order: ArrayLike,
    countries: Sequence[str],
    land: Mapping[str, BaseGeometry],
    *,
    apart: ArrayLike | None = None,
) -> Spread:
    """Set points that share a place side by side.

    Parameters
    ----------
    xy : array_like, shape (n, 2)
        True places on the page, mm.
    order : array_like, shape (n,)
        Rank among the points of a place, the lowest next to it; ties by position in the table.
    countries : sequence of str
    land : mapping
        Country → its land on the page: points of one place do not leave it.
    apart : array_like of bool, shape (n,), optional
        Points that are drawn (inside the frame); others stay.

    Examples
    --------
    >>> spread = spread_points(np.zeros((3, 2)), [0, 1, 2], ["CH"] * 3, {})
    >>> bool(np.hypot(*np.diff(spread.xy, axis=0).T).min() > 1)
    True
    """
    from scipy.spatial import cKDTree

    true = np.asarray(xy, dtype=float).reshape(-1, 2)
    out = true.copy()
    disc = np.full(len(true), -1, dtype=np.int64)
    discs: list[tuple[float, float, int, float]] = []
    active = np.ones(len(true), dtype=bool) if apart is None else np.asarray(apart, dtype=bool)
    rows = np.flatnonzero(active & np.isfinite(true).all(axis=1))
    if not len(rows):
        return Spread(out, disc, discs, moved=False)
    keys = np.round(true[rows] / 0.05).astype(np.int64)
    _, group, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    together = np.split(rows[np.argsort(group.reshape(-1), kind="stable")], np.cumsum(counts)[:-1])
    rank = np.asarray(order)
    placed: list[tuple[float, float]] = []
    crowded = len(rows) > MAX_POINTS
    moved = False
    for one in np.lexsort((np.arange(len(counts)), counts)).tolist():
        members = together[one]
        if crowded and len(members) <= MAX_SIDE_BY_SIDE:
            continue
        centre = true[members].mean(axis=0)
        if len(members) > MAX_SIDE_BY_SIDE:
            disc[members] = len(discs)
            discs.append(
                (float(centre[0]), float(centre[1]), len(members), min(1.1 + 0.19 * np.sqrt(len(members)), 4.5))
            )
            continue
        if len(members) == 1:
            placed += [(float(x), float(y)) for x, y in true[members]]
            continue
        members = members[np.lexsort((members, rank[members]))]
        own = {countries[i] for i in members.tolist()}
        ground = land.get(next(iter(own))) if len(own) == 1 else None
        tree = cKDTree(np.array(placed)) if placed else None
        out[members] = _spiral(centre, len(members), tree, ground)
        placed += [(float(x), float(y)) for x, y in out[members]]
        moved = True
    return Spread(out, disc, discs, moved=moved)


def _spiral(centre: NDArray[np.float64], count: int, taken: object, ground: BaseGeometry | None) -> NDArray[np.float64]:
    """Find free places about a centre, the nearest first; the middle stays free for the town's ring."""
    from shapely import contains_xy, prepare

    step = POINT_STEP_MM / 1.66
    k = np.arange(1, int((MAX_RADIUS_MM / step) ** 2) + count + 1)
    # one turn for all, so that the same town looks the same in every figure
    angle = k * _GOLDEN + 0.6
    spiral = centre + np.column_stack([np.cos(angle), np.sin(angle)]) * (step * np.sqrt(k))[:, None]
    home = np.ones(len(k), dtype=bool)
    if ground is not None and not ground.is_empty:
        inner = ground.buffer(-0.62)
        prepare(inner)
        home = contains_xy(inner, spiral[:, 0], spiral[:, 1])
    free = np.ones(len(k), dtype=bool)
    if taken is not None:
        free = taken.query(spiral)[0] >= 0.85 * POINT_STEP_MM  # type: ignore[attr-defined]
    near = k <= (MAX_RADIUS_MM / step) ** 2
    for allowed in (home & free & near, home & near, np.ones(len(k), dtype=bool)):
        if allowed.sum() >= count:
            return spiral[allowed][:count]
    raise AssertionError("the spiral holds count places")


def draw_points(
    ax: Axes,
    frame: Frame,
    spread: Spread,
    kinds: Sequence[str],
    member: ArrayLike,
    *,
    show: ArrayLike,
) -> set[str]:
    """Draw points by kind, hollow and small where in no cluster; return the keys of what was drawn.

    Parameters
    ----------
    ax : Axes
        In metres.
    kinds : sequence of str
        Of `KIND`.
    member, show : array_like of bool
        In a cluster; inside the frame.
    """
    drawn: set[str] = set()
    inside = np.asarray(member, dtype=bool)
    single = np.asarray(show, dtype=bool) & (spread.disc < 0)
    names = np.asarray(kinds, dtype=object)
    plane = (spread.xy - (frame.left, frame.bottom)) * frame.m_per_mm + (frame.x, frame.y)
    small = 0.62 if single.sum() > MAX_POINTS else 1.0
    for kind, mark in KIND.items():
        for within in (False, True):
            chosen = plane[single & (names == kind) & (inside == within)]
            if not len(chosen):
                continue
            size = mark.size_mm * small * (1.0 if within else 0.78) / POINT_MM
            points = ax.scatter(
                chosen[:, 0],
                chosen[:, 1],
                s=size**2,
                marker=mark.marker,
                facecolors=mark.colour if within else "none",
                edgecolors="white" if within else mark.colour,
                linewidths=WIDTH_PT["edge"] if within else WIDTH_PT["hollow"],
                zorder=ZORDER["point" if within else "hollow"],
            )
            points.set_gid(f"{'point' if within else 'lone'}:{kind}")
            drawn.add(kind if within else f"lone:{kind}")
    return drawn


def draw_discs(page: Axes, spread: Spread) -> bool:
    """Draw a disc with the number of those who stand at one place; tell whether any was."""
    from matplotlib.patches import Circle

    from geocluster.maps.page import CAP, font

    for x, y, count, radius in spread.discs:
        disc = Circle(
            (x, y),
            radius,
            facecolor=KIND["other"].colour,
            edgecolor="white",
            linewidth=0.6,
            zorder=ZORDER["ring"] - 0.5,
        )
        disc.set_gid(f"stack:{count}")
        page.add_patch(disc)
        words = page.text(
            x, y - CAP * 5.6 * POINT_MM, str(count), ha="center", va="baseline", color=COLOUR["white"],
            fontproperties=font(5.6, "bold"), zorder=ZORDER["ring"] - 0.4, parse_math=False,
        )  # fmt: skip
        words.set_gid(f"stack:{count}:sign")
    return bool(spread.discs)
