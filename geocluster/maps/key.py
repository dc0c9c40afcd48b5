"""What do the signs mean? Only of what is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocluster.labels import text
from geocluster.maps.page import put, wrap
from geocluster.style import (
    COLOUR,
    DASH_AREA,
    DASH_NATIONAL,
    DASH_SEA,
    DASH_UNSHOWN,
    DOTS_WINDOW,
    KIND,
    POINT_MM,
    TYPE_PT,
    WIDTH_PT,
    ZORDER,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Collection

    from matplotlib.axes import Axes

PITCH_MM = 3.95
NOTE_MM = 2.8
NOTES = ("key_spread", "key_delta")
"""In words only, below the signs."""
LINES = (
    "key_spans",
    "key_not_shown",
    "key_not_shown_many",
    "key_national",
    "key_window",
    "key_crossed",
    "key_focus_border",
    "key_border",
    "key_sea_border",
    "key_area",
)


def _entries(drawn: Collection[str]) -> tuple[list[str], list[str]]:
    drawn = set(drawn)
    if {"key_focus_border", "key_border"} <= drawn:  # one of the two is enough: both are borders of a state
        drawn.remove("key_border")
    left = [kind for kind in KIND if kind in drawn or f"lone:{kind}" in drawn]
    if any(key.startswith("lone:") for key in drawn):
        left.append("in_no_cluster")
    if "stack" in drawn:
        left.append("key_stack")
    return left, [key for key in LINES if key in drawn]


def key_height(drawn: Collection[str]) -> float:
    """Room that the key needs, mm."""
    left, right = _entries(drawn)
    notes = sum(key in drawn for key in NOTES)
    return max(len(left), len(right)) * PITCH_MM + 0.6 + NOTE_MM * notes


def draw_key(page: Axes, drawn: Collection[str], x0: float, x1: float, top: float, language: str) -> None:
    """Draw the key down from `top` in two columns: kinds of points, then outlines and lines."""
    left, right = _entries(drawn)
    second = x0 + 30.5
    for i, key in enumerate(left):
        y = top - 2.2 - i * PITCH_MM
        _point_sample(page, x0 + 2.1, y, key, drawn)
        words = text(key, language, count="n") if key == "key_stack" else text(key, language)
        put(page, x0 + 5.7, y - 0.75, words, "key", gid=f"key:{key}")
    for i, key in enumerate(right):
        y = top - 2.2 - i * PITCH_MM
        draw_line_sample(page, second, y, key)
        words = wrap(
            text("key_border" if key == "key_focus_border" else key, language),
            x1 - second - 7.8,
            TYPE_PT["key"],
            lines=1,
        )[0]
        put(page, second + 7.8, y - 0.75, words, "key", gid=f"key:{key}")
    y = top - 2.0 - max(len(left), len(right)) * PITCH_MM
    for key in NOTES:
        if key in drawn:
            gid = key.replace("key_", "key:")
            put(page, x0 + 5.7, y, text(key, language), "source", gid=gid, colour=COLOUR["grey"])
            y -= NOTE_MM


def _point_sample(page: Axes, x: float, y: float, key: str, drawn: Collection[str]) -> None:
    if key == "key_stack":
        from matplotlib.patches import Circle

        disc = Circle((x, y), 1.35, facecolor=KIND["other"].colour, edgecolor="white", zorder=ZORDER["label"])
        disc.set_gid("sample:stack")
        page.add_patch(disc)
        sign = put(page, x, y - 0.65, "n", "table_header", gid="key:stack", colour="white", weight="bold", ha="center")
        sign.set_zorder(ZORDER["badge"])
        return
    if key != "in_no_cluster":
        mark = KIND[key]
        page.scatter(
            [x], [y], s=(mark.size_mm / POINT_MM) ** 2, marker=mark.marker, facecolors=mark.colour, edgecolors="white",
            linewidths=WIDTH_PT["edge"], zorder=ZORDER["label"], gid=f"sample:{key}",
        )  # fmt: skip
        return
    lone = [kind for kind in KIND if f"lone:{kind}" in drawn][:2]
    for i, kind in enumerate(lone):
        mark = KIND[kind]
        page.scatter(
            [x + (i - (len(lone) - 1) / 2) * 1.7], [y], s=(0.78 * mark.size_mm / POINT_MM) ** 2, marker=mark.marker,
            facecolors="none", edgecolors=mark.colour, linewidths=WIDTH_PT["hollow"], zorder=ZORDER["label"],
            gid=f"sample:lone:{kind}",
        )  # fmt: skip


def draw_line_sample(page: Axes, x: float, y: float, key: str) -> None:
    """Draw a sample of an outline or a line, 5.7 mm wide, from x on."""
    from matplotlib.colors import to_rgba
    from matplotlib.lines import Line2D
    from matplotlib.patches import FancyBboxPatch

    wide = 5.7
    if key in ("key_spans", "key_not_shown", "key_not_shown_many", "key_national"):
        national = key == "key_national"
        colour = COLOUR["national" if national else "crimson"]
        fill = {"key_spans": 0.09, "key_national": 0.07}.get(key, 0.0)
        box = FancyBboxPatch(
            (x + 0.9, y - 0.25), wide - 1.8, 0.5, boxstyle="round,pad=0.85,rounding_size=0.9",
            facecolor=to_rgba(colour, fill), edgecolor=colour, linewidth=WIDTH_PT["national" if national else "hull"],
            zorder=ZORDER["label"],
        )  # fmt: skip
        if key != "key_spans":
            box.set_linestyle((0, DASH_NATIONAL if national else DASH_UNSHOWN))
        box.set_gid(f"sample:{key}")
        page.add_patch(box)
        return
    colour, width, dashes = {
        "key_window": (COLOUR["crimson"], WIDTH_PT["window"], DOTS_WINDOW),
        "key_crossed": (COLOUR["crimson"], WIDTH_PT["crossed"], None),
        "key_focus_border": (COLOUR["focus_border"], WIDTH_PT["focus_border"], None),
        "key_border": (COLOUR["border"], WIDTH_PT["border"], None),
        "key_sea_border": (COLOUR["focus_border"], WIDTH_PT["focus_border"], DASH_SEA),
        "key_area": (COLOUR["grey"], WIDTH_PT["area"], DASH_AREA),
    }[key]
    line = Line2D([x, x + wide], [y, y], color=colour, linewidth=width, zorder=ZORDER["label"])
    if dashes is None:
        line.set_solid_capstyle("butt")
    else:
        line.set_linestyle((0, dashes))
        line.set_dash_capstyle("round" if key == "key_window" else "butt")
    line.set_gid(f"sample:{key}")
    page.add_line(line)
