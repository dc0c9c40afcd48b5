"""What outline holds the members of a cluster, and which border runs inside it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.style import COLOUR, DASH_NATIONAL, DASH_UNSHOWN, WIDTH_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Collection

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.base import Ground

RATIO = 0.45
BUFFER_MM = 1.35
ROUND_MM = 0.9


def build_hull(
    xy: ArrayLike, m_per_mm: float, *, elsewhere: BaseGeometry | None = None, radii: ArrayLike | None = None
) -> BaseGeometry:
    """Build a concave hull about points, buffered, its corners rounded.

    Parameters
    ----------
    xy : array_like, shape (n, 2)
        m.
    m_per_mm : float
        Metres in a millimetre of the page: buffer and corners are as wide on every map.
    elsewhere : geometry, optional
        Land of countries without a member: the hull leaves it out where it can.
    radii : array_like, shape (n,), optional
        Further room about each point, m.

    Examples
    --------
    >>> hull = build_hull([(0, 0), (4000, 0), (0, 4000)], 1000.0)
    >>> hull.is_valid, hull.geom_type
    (True, 'Polygon')
    """
    from shapely import MultiPoint, concave_hull, get_parts, points, union_all

    place = np.asarray(xy, dtype=float).reshape(-1, 2)
    wide = np.zeros(len(place)) if radii is None else np.asarray(radii, dtype=float)
    place, wide = _once(place, wide)
    members: Any = points(place)
    hull: BaseGeometry = concave_hull(MultiPoint(place), ratio=RATIO).buffer(BUFFER_MM * m_per_mm)
    if (wide > 0).any():
        from shapely import buffer

        hull = union_all([hull, *buffer(members[wide > 0], wide[wide > 0] + 0.6 * m_per_mm)])
    turn = ROUND_MM * m_per_mm
    hull = hull.buffer(turn).buffer(-2 * turn).buffer(turn)
    if elsewhere is None or elsewhere.is_empty:
        return hull
    cut = hull.difference(elsewhere.buffer(0.45 * m_per_mm))
    held = [part for part in get_parts(cut) if part.geom_type == "Polygon" and part.intersects(MultiPoint(place))]
    if len(held) != 1:
        return hull
    soft = 0.35 * m_per_mm
    rounded = held[0].buffer(-soft).buffer(soft)
    return rounded if rounded.geom_type == "Polygon" and rounded.covers(MultiPoint(place)) else hull


def _once(place: NDArray[np.float64], wide: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Keep each point once, with the widest room about it: a whole city may stand on one."""
    order = np.lexsort((-wide, place[:, 1], place[:, 0]))
    place, wide = place[order], wide[order]
    fresh = np.ones(len(place), dtype=bool)
    fresh[1:] = (place[1:] != place[:-1]).any(axis=1)
    return place[fresh], wide[fresh]


def crossed_border(ground: Ground, hull: BaseGeometry, countries: Collection[str]) -> BaseGeometry:
    """Cut the border between the countries of a cluster to its hull."""
    return ground.between(countries).intersection(hull)


def draw_hull(ax: Axes, hull: BaseGeometry, crossed: BaseGeometry | None, *, look: str, label: object) -> None:
    """Draw a hull as its verdict asks, and the border inside it.

    Parameters
    ----------
    ax : Axes
        In metres.
    look : {"spans", "not_shown", "national"}
    label : object
        Of the cluster: its gid is ``hull:<label>``.
    """
    from matplotlib.colors import to_rgba

    from geocluster.maps.shapes import add_area, add_line

    colour = COLOUR["national"] if look == "national" else COLOUR["crimson"]
    alpha = {"spans": 0.09, "not_shown": 0.0, "national": 0.07}[look]
    dashes = {"spans": None, "not_shown": DASH_UNSHOWN, "national": DASH_NATIONAL}[look]
    layer = ZORDER["national"] if look == "national" else ZORDER["hull"]
    area = add_area(
        ax,
        hull,
        gid=f"hull:{label}",
        facecolor=to_rgba(colour, alpha) if alpha else "none",
        edgecolor=colour,
        linewidth=WIDTH_PT["national" if look == "national" else "hull"],
        zorder=layer,
    )
    if dashes is not None:
        area.set_linestyle((0, dashes))
    if crossed is not None and not crossed.is_empty:
        add_line(
            ax,
            crossed,
            gid=f"crossed-casing:{label}",
            color="white",
            linewidth=WIDTH_PT["crossed_casing"],
            zorder=ZORDER["crossed"],
        )
        add_line(
            ax,
            crossed,
            gid=f"crossed-border:{label}",
            color=COLOUR["crimson"],
            linewidth=WIDTH_PT["crossed"],
            zorder=ZORDER["crossed"] + 0.1,
        )
