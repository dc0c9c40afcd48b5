"""Where does the name of a country go?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.style import COLOUR, POINT_MM, TYPE_PT, ZORDER

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.places import Placer


def place_country(placer: Placer, name: str, ground: BaseGeometry, keep_off: BaseGeometry) -> bool:
    """Set the name of a country in spaced capitals where its land is emptiest; tell whether it found a place.

    Parameters
    ----------
    placer : Placer
    name : str
    ground : geometry
        Its land; page, mm.
    keep_off : geometry
        Better far away; page, mm.
    """
    from shapely import STRtree, box, contains, distance, points, prepare

    from geocluster.maps.page import put, width_mm

    inner = ground.buffer(-0.7)
    if inner.is_empty:
        return False
    prepare(inner)
    for size, gap in (("country", "\u2009\u2009"), ("country", "\u200a"), ("country_small", "\u200a")):
        words = gap.join(name.upper())
        em = TYPE_PT[size] * POINT_MM
        wide, tall = width_mm(words, TYPE_PT[size]), 0.74 * em
        west, south, east, north = (
            placer.frame.left + 2,
            placer.frame.bottom + 2,
            placer.frame.right - 2,
            placer.frame.top - 2,
        )
        if east - west <= wide:
            continue
        xs, ys = np.meshgrid(np.linspace(west, east - wide, 36), np.linspace(south, north - tall, 48))
        low = np.column_stack([xs.ravel(), ys.ravel()])
        high = low + np.array([wide, tall])
        good = contains(inner, box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])) & placer.free(low - 0.8, high + 0.8)
        if not good.any():
            continue
        low, high = low[good], high[good]
        rooms = box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
        room = np.full(len(low), 9.0)
        if not keep_off.is_empty:
            room = np.minimum(distance(rooms, keep_off), room)
        if len(placer.points):
            dots: Any = points(placer.points)
            tree = STRtree(dots)
            nearest, apart = tree.query_nearest(rooms, return_distance=True, all_matches=False)
            room[nearest[0]] = np.minimum(room[nearest[0]], apart)
        for x0, y0, x1, y1 in (*placer.boxes, *((x - r, y - r, x + r, y + r) for x, y, r in placer.discs)):
            dx = np.maximum(np.maximum(low[:, 0] - x1, x0 - high[:, 0]), 0)
            dy = np.maximum(np.maximum(low[:, 1] - y1, y0 - high[:, 1]), 0)
            room = np.minimum(room, np.hypot(dx, dy))
        room = np.minimum(room, 0.7 * distance(rooms, ground.boundary))
        spread = distance(points((low + high) / 2), ground.centroid)
        best = int((room - 0.02 * spread).argmax())
        # an inset can do without: the map around it names the country
        if room[best] < 0.3 and (size == "country" or placer.prefix):
            continue
        left, base = float(low[best, 0]), float(low[best, 1])
        placer.boxes.append((left - 0.5, base - 0.5, left + wide + 0.5, base + tall + 0.5))
        put(
            placer.page,
            left,
            base,
            words,
            size,
            gid=f"{placer.prefix}country:{name}",
            colour=COLOUR["country"],
            zorder=ZORDER["country"],
        )
        return True
    return False
