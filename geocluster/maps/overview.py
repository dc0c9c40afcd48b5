"""How does a map look on which a cluster is smaller than its badge: a continent, the world?

Circles instead of hulls: their area grows with the number of members. Those
that cross a border and those of the table carry a sign, are pushed apart where
they would overlap, and a line leads to the true place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geocluster.labels import number, text
from geocluster.maps.base import cut_ground, draw_globe, draw_ground
from geocluster.maps.claims import claim_mm, draw_claims, fit_claims
from geocluster.maps.frame import Frame, fit_frame
from geocluster.maps.furniture import MAP_MAX_KM, draw_locator, draw_north, draw_scale_bar, draw_sources, reach_km
from geocluster.maps.outlines import project_circle
from geocluster.maps.page import add_map, badge_mm, make_page, put, put_badge, put_disc, put_frame, width_mm
from geocluster.maps.panels import draw_table
from geocluster.maps.places import Placer
from geocluster.maps.rows import SIDE_MM, Row, fit_table, heading, split_table
from geocluster.maps.sheet import HEAD_MM, Words, foot_height, tell_figure
from geocluster.style import COLOUR, DOTS_WINDOW, PAGE_HEIGHT_MM, PAGE_WIDTH_MM, TYPE_PT, WIDTH_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.patches import Patch
    from numpy.typing import NDArray

    from geocluster.maps.frame import Projection
    from geocluster.maps.page import MapFigure
    from geocluster.maps.panel import Content

FROM_KM_PER_MM = 8.0
"""From this scale on, 10 km are about a millimetre."""
LARGEST_MM = 3.4
LEAST_MM, LEAST_SIGN_MM = 0.4, 1.55
"""No circle is smaller than that, without and with a sign of one digit."""
LEAST_WINDOW_MM = 2.4
STRIP_MM = 13.5
CLAIMS_SHARE = 0.3
"""Of the free height, for what is said of the claimed circles."""
WIDE = 1.3
"""Width to height from which the table stands below the map."""
MM2_PER_NAME = 420.0
FARTHEST_MM = 14.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A cluster as a circle: true place and place of the badge on the page, mm."""

    row: Row
    signed: bool
    radius: float
    x: float
    y: float
    at: tuple[float, float] | None


def circle_mm(n: int, largest: int, *, least: float = LEAST_MM) -> float:
    """Give the radius for so many members: the area is in proportion to them, down to the least radius.

    Examples
    --------
    >>> circle_mm(100, 100), circle_mm(25, 100), circle_mm(1, 10_000, least=1.55)
    (3.4, 1.7, 1.55)
    """
    return float(max(LARGEST_MM * np.sqrt(n / max(largest, 1)), least))


def least_badge_mm(rows: Sequence[Row]) -> float:
    """Give the least radius of circles with a sign: one for all, so that none looks larger for its number's length."""
    return max((badge_mm(row.badge, LEAST_SIGN_MM) for row in rows), default=LEAST_SIGN_MM)


def compose_overview(content: Content, projection: Projection, columns: Sequence[str], words: Words) -> MapFigure:
    """Lay out and draw the page."""
    language = content.language
    lines = words.foot(projection, language)
    foot = foot_height(lines)
    held = content.xy[np.isfinite(content.xy).all(axis=1)]
    span = np.maximum(np.ptp(held, axis=0), 1.0)
    wide = bool(span[0] > WIDE * span[1])
    width = PAGE_WIDTH_MM - 0.5 if wide else PAGE_WIDTH_MM - SIDE_MM - 4.2
    free = PAGE_HEIGHT_MM - HEAD_MM - STRIP_MM - foot
    by_extent = (width - 8.0) * float(span[1] / span[0]) + 8.0
    told = fit_claims(content.claims, content.rows, CLAIMS_SHARE * free, SIDE_MM, language)
    content.told = told
    asked = bool(columns or content.claims)
    below_table = told.height if asked else 0.0
    if wide:
        tall = float(np.clip(by_extent, 58.0, 92.0))
        rows = [replace(row, compact=True, extra=PAGE_WIDTH_MM / 2 - 4.0 - SIDE_MM) for row in content.rows]
        room = free - tall - 2.0
        tables = split_table(rows, (room, room - below_table))
        below = max(tables[0].height, tables[1].height + below_table) + 2.0
        places = [(0.0, PAGE_WIDTH_MM / 2 - 4.0), (PAGE_WIDTH_MM / 2 + 4.0, PAGE_WIDTH_MM - 0.1)]
    else:
        least = fit_table([row for row in content.rows if row.look != "national"] or content.rows, free).height
        tall = float(np.clip(max(by_extent, least + below_table), 78.0, free))
        locator = 29.0 if _small(projection, held, width, tall) else 0.0
        tables = split_table(content.rows, (tall - locator - below_table,))
        below = 0.0
        places = [(width + 4.4, PAGE_WIDTH_MM - 0.1)]
    frame = fit_frame(projection, held, left=0.25, bottom=foot + below + STRIP_MM, width=width, height=tall, pad_mm=4.0)
    rows_drawn = [row for table in tables for row in table.rows]
    content.rows = rows_drawn
    size = (PAGE_WIDTH_MM, frame.top + HEAD_MM)
    figure, page = make_page(*size)
    title = words.write_head(page, size[1])
    dropped = _draw_map(figure, page, content, frame, size)
    top = frame.bottom - STRIP_MM + 1.2 if wide else frame.top
    end = top
    for table, (x0, x1) in zip(tables, places, strict=True):
        has_rows = bool(table.rows) or table is tables[0]
        end = draw_table(page, table, columns, x0, x1, top, language) if has_rows else top
    if asked:
        x0, x1 = places[-1]
        shift = max((row.extra for table in tables for row in table.rows), default=0.0)
        draw_claims(page, told, columns, x0, x1, end, language, shift=shift)
    if not wide and reach_km(frame) < MAP_MAX_KM:
        draw_locator(figure, page, frame, content.base, content.focus(), (154.2, frame.bottom, 25.5), size)
    draw_scale_bar(page, frame, language)
    draw_north(page, 50.0, frame.bottom - 3.7, frame.north_degrees(), language)
    _draw_key(page, content, 60.0, frame.bottom)
    draw_sources(page, lines, foot)
    return tell_figure(figure, content, title, dropped)


def _small(projection: Projection, xy: np.ndarray, width: float, tall: float) -> bool:
    frame = fit_frame(projection, xy, left=0, bottom=0, width=width, height=tall, pad_mm=4.0)
    return reach_km(frame) < MAP_MAX_KM


def _draw_map(figure: MapFigure, page: Axes, content: Content, frame: Frame, size: tuple[float, float]) -> list[str]:
    """Draw ground, circles, badges and names; return the names that found no place."""
    from shapely.geometry import GeometryCollection

    ax = add_map(figure, frame, label="map", width=size[0], height=size[1])
    draw_ground(ax, cut_ground(content.base, frame), content.focus(), strong=False)
    draw_globe(ax, frame)
    put_frame(page, frame, gid="frame:map")
    circles = _circles(content, frame)
    points = np.array([(circle.x, circle.y) for circle in circles if not circle.signed]).reshape(-1, 2)
    nothing = GeometryCollection()
    placer = Placer(page, frame, nothing, nothing, points)
    for circle in circles:
        gid = f"circle:{circle.row.label}"
        if not circle.signed:
            put_disc(page, circle.x, circle.y, look=circle.row.look, radius=circle.radius, gid=gid)
        elif circle.at is not None:
            if circle.at != (circle.x, circle.y):
                _draw_line(page, circle)
            put_badge(
                page, *circle.at, circle.row.badge, look=circle.row.look, radius=circle.radius,
                gid=f"badge:{circle.row.badge}",
            )  # fmt: skip
            placer.discs.append((*circle.at, circle.radius))
        else:
            placer.dropped.append(circle.row.badge)
    _draw_windows(page, content, frame, placer)
    limit = frame.width * frame.height / MM2_PER_NAME
    order = sorted(circles, key=lambda one: (not one.signed, one.row.look == "national", -one.row.n))
    for circle in order[: max(int(limit), 1)]:
        national = circle.row.look == "national"
        if circle.signed and circle.at is None:
            continue
        x, y = circle.at or (circle.x, circle.y)
        placer.place_label(
            circle.row.name, x, y, "town", ring=False, clear=circle.radius + 0.1,
            weight="normal" if national else "bold", colour=COLOUR["grey" if national else "crimson"], may_hide=6.5,
        )  # fmt: skip
    return placer.dropped


def _circles(content: Content, frame: Frame) -> list[Spot]:
    """Size the circles, the largest first, and push those with a sign apart."""
    largest = max(row.n for row in content.every)
    least = least_badge_mm(content.rows)
    signed = {row.label for row in content.rows}
    taken: list[tuple[float, float, float]] = []
    circles = []
    for row in sorted(content.every, key=lambda row: (-row.n, row.label)):
        centre = content.centres.get(row.label)
        if centre is None or not np.isfinite(centre).all():
            continue
        x, y = (float(value) for value in frame.to_mm([centre])[0])
        sign = row.label in signed
        radius = circle_mm(row.n, largest, least=least if sign else LEAST_MM)
        at = _push(x, y, radius, taken, frame) if sign else None
        if at is not None:
            taken.append((*at, radius))
        circles.append(Spot(row, sign, radius, x, y, at))
    return circles


def _push(
    x: float, y: float, radius: float, taken: Sequence[tuple[float, float, float]], frame: Frame
) -> tuple[float, float] | None:
    """Find the free place next to a true one; None if there is none in reach."""
    turn = np.radians(np.arange(0, 360, 15))
    for away in np.arange(0.0, FARTHEST_MM, 0.4):
        tries = np.array([x, y]) + away * np.column_stack([np.cos(turn), np.sin(turn)])[: 1 if away == 0 else None]
        low, high = np.array([frame.left, frame.bottom]), np.array([frame.right, frame.top])
        good = ((tries > low + radius + 0.3) & (tries < high - radius - 0.3)).all(axis=1)
        for x0, y0, r in taken:
            good &= np.hypot(tries[:, 0] - x0, tries[:, 1] - y0) > radius + r + 0.3
        if good.any():
            best = tries[int(good.argmax())]
            return float(best[0]), float(best[1])
    return None


def _draw_windows(page: Axes, content: Content, frame: Frame, placer: Placer) -> None:
    """Draw claimed windows as dotted circles, no smaller than can be seen, with their numerals."""
    from shapely import Polygon

    signs = {claim.sign for claim, _ in content.told.claims} if content.told is not None else set()
    change = frame.projection.transformer()
    for claim in content.claims:
        place = change.transform(claim.longitude, claim.latitude)
        circle = project_circle(claim, frame)
        if circle is None or not np.isfinite(place).all() or not frame.holds(place):
            continue
        middle = frame.to_mm([place])[0]
        ring = frame.to_mm(np.asarray(circle.coords)) - middle
        ring *= max(LEAST_WINDOW_MM / float(np.hypot(*ring.T).mean()), 1.0)
        page.add_patch(_window(middle + ring, gid=f"window:{claim.sign}"))
        if claim.sign in signs:
            outline, radius = Polygon(middle + ring), claim_mm(claim.sign, LEAST_SIGN_MM)
            if not placer.place_badge(outline, claim.sign, look="claim", radius=radius, role="claim"):
                placer.dropped.append(claim.sign)


def _window(ring: NDArray[np.float64], *, gid: str) -> Patch:
    from matplotlib.patches import Polygon

    patch = Polygon(
        ring, closed=True, fill=False, edgecolor=COLOUR["crimson"], linewidth=WIDTH_PT["window"],
        linestyle=(0, DOTS_WINDOW), capstyle="round", zorder=ZORDER["badge"] - 0.1,
    )  # fmt: skip
    patch.set_gid(gid)
    return patch


def _draw_line(page: Axes, circle: Spot) -> None:
    """Draw the line from a moved badge to its true place, with a dot there."""
    from matplotlib.lines import Line2D

    if circle.at is None:
        return
    line = Line2D(
        [circle.x, circle.at[0]], [circle.y, circle.at[1]], color=COLOUR["ink"], linewidth=WIDTH_PT["leader"],
        marker="o", markersize=1.4, markevery=[0], markeredgewidth=0, zorder=ZORDER["leader"],
    )  # fmt: skip
    line.set_gid(f"badge-leader:{circle.row.badge}")
    page.add_line(line)


def _draw_key(page: Axes, content: Content, x: float, top: float) -> None:
    """Draw the key below the map: sizes of the circles, then what their colours mean."""
    language, size = content.language, TYPE_PT["key"]
    largest = max(row.n for row in content.every)
    power = 10 ** int(np.floor(np.log10(largest)))
    first = max(step * power for step in (1, 2, 5) if step * power <= largest)
    shown = list(dict.fromkeys(n for n in (first, first // 4, first // 20) if n >= 1))[::-1]
    y = top - 3.9
    at = x
    for n in shown:
        radius = circle_mm(n, largest)
        put_disc(page, at + radius, y, look="size", radius=radius, gid=f"key:size:{n}")
        words = number(n, language)
        put(page, at + 2 * radius + 0.9, y - 0.75, words, "key", gid="key:size")
        at += 2 * radius + width_mm(words, size) + 3.2
    as_many = int(np.ceil(largest * (least_badge_mm(content.rows) / LARGEST_MM) ** 2))
    words = text("key_size", language, n=number(min(as_many, largest), language))
    put(page, at, y - 0.75, words, "key", gid="key:size")
    at, y = 2.0, top - 9.3
    for look in ("national", "not_shown", "spans"):
        if not any(row.look == look for row in content.every):
            continue
        put_disc(page, at + 1.3, y, look=look, radius=1.3, gid=f"key:disc:{look}")
        words = text(heading(look, content.every, "key"), language)
        put(page, at + 3.6, y - 0.75, words, "key", gid=f"key:{look}")
        at += 3.6 + width_mm(words, size) + 4.0
    if any(str(patch.get_gid()).startswith("window:") for patch in page.patches):
        turn = np.linspace(0, 2 * np.pi, 60)
        ring = np.column_stack([at + 1.3 + 1.3 * np.cos(turn), y + 1.3 * np.sin(turn)])
        page.add_patch(_window(ring, gid="sample:window"))
        put(page, at + 3.6, y - 0.75, text("key_window", language), "key", gid="key:key_window")


def is_overview(frame: Frame, rows: Sequence[Row]) -> bool:
    """Tell whether a frame is too small in scale for hulls, and there are clusters to show."""
    return bool(rows) and frame.km_per_mm() > FROM_KM_PER_MM
