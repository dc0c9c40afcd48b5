"""How do comparisons, intervals and ranges of clusters look?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.dependence import NATIONAL
from geocluster.labels import check_language, number, text
from geocluster.style import COLOUR, MM_PER_INCH, PAGE_WIDTH_MM, TYPE_PT

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

MOST = 25
"""Clusters drawn; the table has them all."""
_LONGEST = 42


def draw_matches(frame: DataFrame, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Draw a bar for each cluster of the first result: how alike it is to its match.

    Examples
    --------
    >>> import pandas as pd
    >>> draw_matches(pd.DataFrame({"a": [1], "b": [1], "name_a": ["Basel"], "jaccard": [0.8]})).get_xlabel()
    'Jaccard similarity'
    """
    held = frame[frame["a"].notna()].head(MOST)
    ax = _axes(ax, len(held))
    rows = -np.arange(len(held))
    ax.barh(rows, held["jaccard"], height=0.62, color=COLOUR["national"], gid="match")
    for row, value in zip(rows.tolist(), held["jaccard"], strict=True):
        words = number(value, language, decimals=2) if value else "–"
        ax.annotate(words, (value, row), xytext=(3, 0), textcoords="offset points", va="center")
    ax.set_xlim(0, 1.12)
    ax.set_xlabel(text("jaccard", language))
    return _finish(ax, held["name_a"].tolist(), language)


def draw_dependence(frame: DataFrame, level: float, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Draw δ of each cluster that lies across a border, with its interval.

    Examples
    --------
    >>> import pandas as pd
    >>> told = {"name": ["Basel"], "dependence": ["bridged"], "delta": [0.2], "low": [0.1], "high": [0.4]}
    >>> draw_dependence(pd.DataFrame(told), 0.95).get_xlabel()
    'Border dependence δ, 95 % interval'
    """
    held = frame[frame["dependence"] != NATIONAL].head(MOST)
    ax = _axes(ax, len(held))
    rows = -np.arange(len(held))
    ax.hlines(rows, held["low"], held["high"], color=COLOUR["crimson"], linewidth=1.6)
    dots = ax.scatter(held["delta"], rows, s=18, color=COLOUR["crimson"], zorder=3)
    dots.set_gid("delta")
    ax.set_xlim(-0.03, 1.03)
    ax.set_xlabel(text("delta", language, level=f"{level * 100:g} %"))
    return _finish(ax, held["name"].tolist(), language)


def draw_fragility(
    frame: DataFrame,
    grid: DataFrame,
    reference: tuple[float, int],
    suggested_km: float,
    ax: Axes | None = None,
    *,
    language: str = "en",
) -> Axes:
    """Draw the radii at which each cluster exists, lies in two countries, and spans.

    Parameters
    ----------
    frame, grid : DataFrame
        Those of a `FragilityResult`.
    reference : tuple of float and int
        Radius and minimum; the minimum is held.
    suggested_km : float
        NaN: none.
    ax : Axes, optional
    language : {"en", "ru"}

    Examples
    --------
    >>> import pandas as pd
    >>> grid = pd.DataFrame({"cluster": 1, "radius_km": [5.0, 10.0], "minimum": 5, "r_max_km": float("nan"),
    ...     "exists": [False, True], "in_two": [False, False], "spans": pd.array([None, None], dtype="boolean")})
    >>> ax = draw_fragility(pd.DataFrame({"name": ["Basel"]}, index=[1]), grid, (10.0, 5), 10.0)
    >>> [words.get_text() for words in ax.get_legend().get_texts()]
    ['exists']
    """
    from matplotlib.lines import Line2D

    held = frame.head(MOST)
    ax = _axes(ax, len(held), room=0.55)
    radii = np.sort(grid["radius_km"].unique())
    place = {float(radius): k for k, radius in enumerate(radii.tolist())}
    chosen = grid[grid["minimum"] == reference[1]]
    held_at = text("radius_axis", language, minimum=reference[1])
    if chosen["r_max_km"].notna().any():
        largest = float(chosen["r_max_km"].iloc[0])
        chosen = chosen[chosen["r_max_km"] == largest]
        held_at = text("radius_axis_circles", language, minimum=reference[1], largest=number(largest, language))
    row_of = {label: -row for row, label in enumerate(held.index)}
    drawn = []
    looks: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("exists", "fragile_exists", {"color": COLOUR["national"], "markersize": 6.5}),
        ("in_two", "fragile_two", {"color": "white", "markersize": 4.2, "markeredgecolor": COLOUR["crimson"]}),
        ("spans", "fragile_spans", {"color": COLOUR["crimson"], "markersize": 4.6}),
    )
    for what, key, look in looks:
        marks = chosen[chosen[what].fillna(value=False).astype(bool) & chosen["cluster"].isin(list(row_of))]
        if not len(marks):
            continue
        x = [place[radius] for radius in marks["radius_km"]]
        y = [row_of[label] for label in marks["cluster"]]
        shape = "s" if what == "exists" else "o"
        line = ax.plot(x, y, linestyle="none", marker=shape, clip_on=False, gid=what, zorder=3, **look)[0]
        line.set_markeredgewidth(0.9 if what == "in_two" else 0)
        drawn.append(Line2D([], [], linestyle="none", marker=shape, label=text(key, language), **look))
    top = 0.72
    marks_at = [(reference[0], "fragile_reference", ":"), (suggested_km, "fragile_suggested", "-")]
    for radius, key, style in marks_at:
        if radius not in place:
            continue
        ax.axvline(place[radius], color=COLOUR["rule"], linewidth=1.0, linestyle=style, zorder=1, gid=key)
        both = reference[0] == suggested_km
        if both and key == "fragile_suggested":
            continue
        words = text(key, language) + (", " + text("fragile_suggested", language) if both else "")
        right = place[radius] < len(radii) / 2
        ax.annotate(
            words, (place[radius], top), xytext=(3 if right else -3, 0), textcoords="offset points",
            ha="left" if right else "right", va="center",
        )  # fmt: skip
    ax.set_xticks(range(len(radii)), [number(r, language, decimals=0 if float(r).is_integer() else 1) for r in radii])
    ax.set_xlim(-0.6, len(radii) - 0.4)
    ax.set_xlabel(held_at)
    _finish(ax, held["name"].tolist(), language, top=1.1, shares=False)
    if drawn:
        ax.legend(
            handles=drawn, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, borderaxespad=0.1,
            handletextpad=0.2, columnspacing=1.2, prop={"size": TYPE_PT["axis"], "family": _fonts()},
        )  # fmt: skip
    return ax


def on_page(draw: Callable[[Axes], Axes], rows: int, language: str) -> Figure:
    """Draw on a page as wide as print, and as high as its rows need.

    Examples
    --------
    >>> float(round(on_page(lambda ax: ax, 3, "en").get_figwidth(), 2))
    7.09
    """
    from matplotlib.figure import Figure

    check_language(language)
    height = 0.9 + 0.22 * min(max(rows, 2), MOST + 2)
    page = Figure(figsize=(PAGE_WIDTH_MM / MM_PER_INCH, height), layout="constrained")
    draw(page.add_subplot())
    return page


def _axes(ax: Axes | None, rows: int, *, room: float = 0.25) -> Axes:
    from matplotlib.figure import Figure

    if ax is not None:
        return ax
    return Figure(figsize=(6.0, 0.7 + room + 0.22 * max(rows, 2)), layout="constrained").add_subplot()


def _fonts() -> list[str]:
    from geocluster.datasets import data_folder
    from geocluster.style import FONTS, register_fonts

    return list(register_fonts(data_folder() / "fonts")) or [FONTS[-1]]


def _finish(ax: Axes, names: list[str], language: str, *, top: float = 0.6, shares: bool = True) -> Axes:
    """Name the rows, and make it plain; `shares` run from 0 to 1."""
    if shares:
        ax.xaxis.set_major_formatter(lambda value, _: number(value, language, decimals=1))
    short = [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…" for name in names]
    ax.set_yticks([-row for row in range(len(names))], short, parse_math=False)
    ax.set_ylim(min(-len(names), -1) + 0.4, top)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(COLOUR["border"])
    ax.tick_params(axis="y", length=0)
    ax.tick_params(labelsize=TYPE_PT["axis"], color=COLOUR["border"])
    for words in (*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, *ax.texts):
        words.set_fontfamily(_fonts())
        words.set_fontsize(TYPE_PT["axis"])
        words.set_color(COLOUR["ink"])
    return ax
