"""What do the marks of a hot-spot map mean, and how many are there? Only of what is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.labels import number, text
from geocluster.maps.hotmarks import EDGE, EDGE_PT, FILL, HATCH, LOOKS, MARKER, place_mark, quiet_mark, signs_of
from geocluster.maps.key import draw_line_sample
from geocluster.maps.page import put, put_rule, wrap
from geocluster.style import COLOUR, TYPE_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Collection

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

TALL_MM, SHORT_MM = 7.6, 4.1
MOST_COUNTRIES = 6
BARS_MM = 28.0
SAMPLE = 1.35
"""Marks of the key are larger than those of the map by that."""


def _held(places: GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_]]:
    """Signs, looks and verdicts as arrays of words."""
    verdict = places["verdict"].astype(str).to_numpy(dtype=object)
    return signs_of(verdict), places["dependence"].astype(str).to_numpy(dtype=object), verdict


def draw_legend(ax: Axes, places: GeoDataFrame, language: str) -> None:
    """Put a key on axes of a quick look."""
    from matplotlib.lines import Line2D

    sign, look, verdict = _held(places)
    entries = [
        (text(f"hot_{name}", language), "o", FILL[name], EDGE[name], int((look == name).sum()))
        for name in LOOKS
        if (look == name).any()
    ]
    entries += [
        (text(f"hot_{kind}", language), MARKER[kind], COLOUR["national"], "white", int((sign == kind).sum()))
        for kind in MARKER
        if (sign == kind).any()
    ]
    for word, marker in (("not significant", "o"), ("not tested", "x")):
        if (verdict == word).any():
            count = int((verdict == word).sum())
            entries.append((text(f"hot_{word}", language), marker, "white", COLOUR["national"], count))
    handles = [
        Line2D(
            [], [], linestyle="none", marker=marker, markerfacecolor=fill, markersize=5, markeredgewidth=0.7,
            markeredgecolor=edge if edge != "white" else fill, label=f"{words} ({number(count, language)})",
        )
        for words, marker, fill, edge, count in entries
    ]  # fmt: skip
    legend = ax.legend(
        handles=handles, fontsize=6, loc="best", framealpha=0.9, title="\n".join(
            wrap(text("hot_descriptive", language), 62.0, 5.4, lines=2)
        ),
    )  # fmt: skip
    legend.get_title().set_fontsize(5.4)
    legend.set_alignment("left")
    legend.set_zorder(ZORDER["label"])
    legend.set_gid("key")


def draw_side(
    page: Axes,
    places: GeoDataFrame,
    top: float,
    bottom: float,
    side: tuple[float, float],
    language: str,
    *,
    cells: bool,
    drawn: Collection[str],
    locator_mm: float,
) -> None:
    """Draw the column beside the map: key with counts, the caption, bars by country.

    Parameters
    ----------
    page : Axes
        In mm.
    places : GeoDataFrame
    top, bottom : float
        Of the map.
    side : left, right, mm
    language : {"en", "ru"}
    cells : bool
        Areas are drawn, no points.
    drawn : collection of str
        Keys of the borders that are drawn.
    locator_mm : float
        Room left free at the bottom, on the left.
    """
    x0, x1 = side
    sign, look, verdict = _held(places)
    y = top - 2.6
    put(page, x0, y, text("hot_shapes", language), "big_town", gid="key:heading", weight="bold")
    put_rule(page, x0, x1, y - 1.6, 0.9)
    y -= 5.6
    for name in LOOKS:
        if (look == name).any():
            _sample(page, x0 + 2.2, y + 0.4, name, "o", cells=cells)
            words = wrap(text(f"hot_{name}", language), x1 - x0 - 16.0, TYPE_PT["table"], lines=1)[0]
            put(page, x0 + 6.2, y, words, "table", gid=f"key:{name}")
            note = wrap(text(f"hot_{name}_note", language), x1 - x0 - 16.0, TYPE_PT["source"], lines=1)[0]
            put(page, x0 + 6.2, y - 2.9, note, "source", gid=f"key:{name}:note", colour=COLOUR["grey"])
            _count(page, x1, y, int((look == name).sum()), language, f"key:{name}:n", bold=True)
            y -= TALL_MM
    put_rule(page, x0, x1, y + 2.6, 0.3, COLOUR["rule"])
    y -= 0.9
    kinds = [kind for kind in MARKER if (sign == kind).any()]
    for kind in kinds:
        _sample(page, x0 + 2.2, y + 0.7, "any", MARKER[kind], cells=cells)
        put(page, x0 + 6.2, y, text(f"hot_{kind}", language), "key", gid=f"key:{kind}")
        _count(page, x1, y, int((sign == kind).sum()), language, f"key:{kind}:n")
        y -= SHORT_MM
    for word, marker in (("not significant", "o"), ("not tested", "x")):
        if (verdict == word).any():
            if cells:
                _box(page, x0 + 2.2, y + 0.7, COLOUR["cell"] if marker == "o" else "white", COLOUR["rule"], 0.5)
            else:
                quiet_mark(page, np.array([(x0 + 2.2, y + 0.7)]), marker, scale=SAMPLE)
            put(page, x0 + 6.2, y, text(f"hot_{word}", language), "key", gid=f"key:{word}")
            _count(page, x1, y, int((verdict == word).sum()), language, f"key:{word}:n")
            y -= SHORT_MM
    for key in ("key_focus_border", "key_border", "key_sea_border"):
        if key in drawn and not (key == "key_border" and "key_focus_border" in drawn):
            draw_line_sample(page, x0 - 0.1, y + 0.7, key)
            words = text("key_border" if key == "key_focus_border" else key, language)
            put(page, x0 + 6.2, y, words, "key", gid=f"key:{key}")
            y -= SHORT_MM
    put_rule(page, x0, x1, y + 2.2, 0.3, COLOUR["rule"])
    y -= 1.2
    for i, line in enumerate(wrap(text("hot_descriptive", language), x1 - x0, TYPE_PT["source"], lines=3)):
        put(page, x0, y, line, "source", gid=f"caption:{i}", colour=COLOUR["grey"])
        y -= 2.7
    if not (sign != "").any():
        return
    free = y - bottom - locator_mm
    if free > BARS_MM + 6.0:  # a tall map: the bars stand over the whole column
        _bars(page, places, side, y - 3.0 - BARS_MM, BARS_MM, language)
    else:
        _bars(page, places, (x0 + locator_mm + 4.0, x1), bottom + 0.5, min(locator_mm, y - bottom - 3.0), language)


def _count(page: Axes, x: float, y: float, count: int, language: str, gid: str, *, bold: bool = False) -> None:
    put(page, x, y, number(count, language), "table", gid=gid, weight="bold" if bold else "normal", ha="right")


def _sample(page: Axes, x: float, y: float, look: str, marker: str, *, cells: bool) -> None:
    """Draw a sample of a mark, or of an area."""
    if not cells:
        place_mark(page, np.array([(x, y)]), look, marker, scale=SAMPLE, gid=f"sample:{look}:{marker}")
        return
    _box(page, x, y, FILL[look], EDGE[look], EDGE_PT[look], HATCH.get(marker))
    if look in ("joint", "border-made"):
        page.scatter([x], [y], s=3.0, facecolors="white", edgecolors="none", zorder=ZORDER["label"] + 1)


def _box(page: Axes, x: float, y: float, fill: str, edge: str, width: float, hatch: str | None = None) -> None:
    from matplotlib.patches import RegularPolygon

    box = RegularPolygon(
        (x, y), 6, radius=1.65, facecolor=fill, edgecolor=edge, linewidth=width, hatch=hatch, zorder=ZORDER["label"]
    )
    box.set_gid("sample:cell")
    page.add_patch(box)


def _bars(page: Axes, places: GeoDataFrame, side: tuple[float, float], low: float, room: float, language: str) -> None:
    """Draw how many significant places each country has: on its own, and by neighbours abroad."""
    from matplotlib.patches import Rectangle

    sign, look, _ = _held(places)
    country = places["country"].astype(str).to_numpy(dtype=object)
    found = sign != ""
    names, counts = np.unique(country[found], return_counts=True)
    names = names[np.argsort(-counts, kind="stable")][:MOST_COUNTRIES]
    left, right = side
    heading = wrap(text("hot_by_country", language), right - left, TYPE_PT["key"], lines=2)
    room -= 2.7 * len(heading) + 3.2
    if room < 6.0:
        return
    for i, line in enumerate(heading):
        put(page, left, low + 3.2 + room + 2.7 * (len(heading) - i) - 1.6, line, "key", gid=f"bars:heading:{i}")
    step = min((right - left) / len(names), 9.0)
    series = [
        ("home", COLOUR["hot"], [int((found & (country == name) & (look == "national")).sum()) for name in names]),
        (
            "abroad",
            COLOUR["crimson"],
            [int((found & (country == name) & (look != "national")).sum()) for name in names],
        ),
    ]
    most = max(max(values) for _, _, values in series)
    wide, high = 0.38 * step, (room - 3.4) / max(most, 1)
    for i, name in enumerate(names):
        middle = left + (i + 0.5) * step
        put(page, middle, low + 0.2, name, "key", gid=f"bars:{name}", ha="center")
        for k, (key, colour, values) in enumerate(series):
            x, count = middle + (k - 1) * wide, values[i]
            if not count:
                continue
            bar = Rectangle(
                (x, low + 3.2), wide, count * high, facecolor=colour, edgecolor="none", zorder=ZORDER["label"]
            )
            bar.set_gid(f"bar:{key}:{name}")
            page.add_patch(bar)
            put(
                page, x + wide / 2, low + 3.2 + count * high + 0.5, number(count, language), "table_header",
                gid=f"bar:{key}:{name}:n", ha="center", colour=COLOUR["crimson"] if k else COLOUR["ink"],
            )  # fmt: skip
    put_rule(page, left, left + step * len(names), low + 3.2, 0.5)
