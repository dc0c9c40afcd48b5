"""How do Moran's scatter and the values under the null look, with home and abroad told apart?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.labels import number, p_value, text
from geocluster.maps.page import shorten
from geocluster.style import COLOUR, FONTS, MM_PER_INCH, PAGE_WIDTH_MM, TYPE_PT, WIDTH_PT, parameters, register_fonts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from pandas import DataFrame

HEIGHT_MM = 92.0
MANY = 5_000
"""More points than these are drawn as a picture, in files of lines too."""
NAMES = {
    "moran": "morans_i", "geary": "gearys_c", "getis_ord": "general_g", "join_count": "unlike_joins",
    "bivariate_moran": "bivariate_morans_i", "lee": "lees_l",
}  # fmt: skip
"""What a statistic is called, as a key of the labels."""
COLOURS = {"whole": COLOUR["focus_border"], "within": COLOUR["focus_border"], "across": COLOUR["crimson"]}
TINTS = {"whole": COLOUR["null"], "within": COLOUR["null"], "across": COLOUR["crimson_pale"]}


@dataclass(frozen=True, slots=True, eq=False)
class NullDraws:
    """A part over its own pairs, and what the null gives.

    Attributes
    ----------
    part : {"whole", "within", "across"}
    value, p : float
    draws : ndarray, shape (permutations,)
        Empty where nothing was asked.
    share : float
        Of the weights.
    words : str
        What was redrawn, or why nothing was.
    """

    part: str
    value: float
    p: float
    draws: NDArray[np.float64]
    share: float
    words: str


def plot_scatter(
    scatter: DataFrame,
    slopes: Mapping[str, float],
    ax: Axes | None = None,
    *,
    column: str,
    other: str | None = None,
    language: str = "en",
) -> Axes:
    """Draw each row against the mean of its neighbours at home and of those abroad.

    Parameters
    ----------
    scatter : DataFrame
        value, within, value_at_home, across; NaN where there is no such neighbour.
    slopes : mapping
        within, across: Moran's I over these pairs, the slopes of the lines.
    ax : Axes, optional
        Drawn on if given, else made.
    column, other : str
        What stands on the axes.
    language : {"en", "ru"}

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"value": [0.5, -1], "within": [0.2, -0.5], "value_at_home": [1, 0], "across": [0.3, None]}
    ... )
    >>> ax = plot_scatter(frame, {"within": 0.4, "across": 0.3}, column="founded")
    >>> [line.get_gid() for line in ax.lines if line.get_gid()]
    ['points:within', 'points:across', 'slope:within', 'slope:across']
    """
    ax = ax if ax is not None else _own_axes(90, 82)
    ax.axhline(0, color=COLOUR["rule"], linewidth=WIDTH_PT["frame"], zorder=0)
    ax.axvline(0, color=COLOUR["rule"], linewidth=WIDTH_PT["frame"], zorder=0)
    handles = []
    for part, x, marker in (("within", "value", "o"), ("across", "value_at_home", "D")):
        shown = scatter[[x, part]].astype(float).dropna().to_numpy()
        colour = COLOURS[part]
        abroad = part == "across"
        ax.plot(
            shown[:, 0], shown[:, 1], linestyle="none", marker=marker, markersize=3.2 if abroad else 3.0,
            markerfacecolor=colour if abroad else "none", markeredgecolor="white" if abroad else COLOUR["border"],
            markeredgewidth=WIDTH_PT["edge"] if abroad else WIDTH_PT["hollow"], rasterized=len(shown) > MANY,
            zorder=2 + abroad, gid=f"points:{part}",
        )  # fmt: skip
        words = text(f"scatter_{part}", language, n=number(len(shown), language))
        handles.append((part, words, len(shown)))
    width = 1.12 * max(float(np.abs(ax.get_xlim()).max()), 1.0)
    height = 1.2 * max(float(np.abs(ax.get_ylim()).max()), 1.0)
    for part, _, count in handles:
        slope = slopes[part]
        if count and np.isfinite(slope):
            ends = np.array([-0.8, 0.8]) * width
            ax.plot(ends, slope * ends, color="white", linewidth=3.2, zorder=4)
            ax.plot(
                ends, slope * ends, color=COLOURS[part], linewidth=2.0, zorder=4.1, gid=f"slope:{part}",
                linestyle=(0, (4, 1.6)) if part == "across" else "-",
            )  # fmt: skip
    ax.set_xlim(-width, width)
    ax.set_ylim(-height, height)
    corners = ((0.02, 0.98, "low_high"), (0.98, 0.98, "high_high"), (0.02, 0.02, "low_low"), (0.98, 0.02, "high_low"))
    for left, low, key in corners:
        ax.text(
            left, low, text(key, language), transform=ax.transAxes, ha="left" if left < 0.5 else "right",
            va="top" if low > 0.5 else "bottom", style="italic", color=COLOUR["grey"], gid=f"quadrant:{key}", zorder=5,
        )  # fmt: skip
    short = shorten(column, 0.38 * PAGE_WIDTH_MM - 20, TYPE_PT["axis"])
    ax.set_xlabel(text("scatter_value", language, column=short), parse_math=False)
    other = None if other is None else shorten(other, 25, TYPE_PT["axis"])
    near = text("scatter_near", language) if other is None else text("scatter_other", language, other=other)
    ax.set_ylabel(near, parse_math=False)
    _dress(ax, language)
    _key(ax, [(part, words) for part, words, _ in handles])
    return ax


def _key(ax: Axes, told: list[tuple[str, str]]) -> None:
    """Tell mark and line of each part, above the axes."""
    from matplotlib.legend_handler import HandlerTuple
    from matplotlib.lines import Line2D

    marks = []
    for part, _ in told:
        abroad = part == "across"
        point = Line2D(
            [], [], linestyle="none", marker="D" if abroad else "o", markersize=3.4,
            markerfacecolor=COLOURS[part] if abroad else "white",
            markeredgecolor=COLOURS[part] if abroad else COLOUR["border"],
        )  # fmt: skip
        line = Line2D([], [], color=COLOURS[part], linewidth=2.0, linestyle=(0, (2.6, 1.2)) if abroad else "-")
        marks.append((point, line))
    ax.legend(
        marks, [words for _, words in told], loc="lower left", bbox_to_anchor=(0, 1.01), frameon=False,
        handlelength=4.2, borderaxespad=0, labelspacing=0.35, borderpad=0.1,
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0.4)}, prop={"family": _families(), "size": TYPE_PT["axis"]},
    )  # fmt: skip


def plot_null(
    told: NullDraws,
    ax: Axes | None = None,
    *,
    label: str,
    limits: tuple[float, float] | None = None,
    letter: str = "I",
    language: str = "en",
) -> Axes:
    """Draw where a part lies among the values that the null gives, with the central 95 % of these.

    Parameters
    ----------
    told : NullDraws
    ax : Axes, optional
        Drawn on if given, else made.
    label : str
        What is measured.
    limits : (float, float), optional
        Of the axis, so that two parts can be compared.
    letter : str
        The sign of the statistic.
    language : {"en", "ru"}

    Examples
    --------
    >>> told = NullDraws("within", 0.7, 0.001, np.linspace(-0.1, 0.3, 99), 0.9, "99 permutations")
    >>> ax = plot_null(told, label="Moran's I over these pairs")
    >>> sorted({bar.get_gid() for bar in ax.patches})
    ['central', 'null']
    """
    ax = ax if ax is not None else _own_axes(90, 48)
    colour = COLOURS[told.part]
    draws = told.draws[np.isfinite(told.draws)]
    low, high = limits or null_limits([told])
    ax.set_xlim(low, high)
    top = 1.0
    if len(draws) and np.ptp(draws) > 0:
        step = max(float(np.ptp(draws)) / np.clip(np.sqrt(len(draws)), 5, 30), 0.014 * (high - low))
        count, edges = np.histogram(draws, bins=draws.min() - step / 2 + step * np.arange(np.ptp(draws) / step + 2))
        top = float(count.max())
        ax.bar(
            edges[:-1], count, width=np.diff(edges), align="edge", color=TINTS[told.part], edgecolor="white",
            linewidth=0.4, gid="null",
        )  # fmt: skip
        left, right = np.quantile(draws, [0.025, 0.975])
        ax.barh(-0.06 * top, right - left, left=left, height=0.05 * top, color=COLOUR["ink"], gid="central")
    ax.set_ylim(-0.11 * top, 1.7 * top)
    if np.isfinite(told.value):
        ax.plot([told.value] * 2, [0, 1.0 * top], color=colour, linewidth=2.2, solid_capstyle="butt", gid="observed")
        size = abs(told.value)
        digits = 2 if size < 100 else 1
        if 0 < size < 0.095:
            digits = max(3, min(1 - int(np.floor(np.log10(size))), 9))
        words = f"{letter} = {number(told.value, language, decimals=digits)}"
        if np.isfinite(told.p):
            words += f"\n{text('p_is', language, value=p_value(told.p, language))}"
        right_half = told.value > low + 0.86 * (high - low)
        left_half = told.value < low + 0.14 * (high - low)
        ax.text(
            told.value, 1.05 * top, words, color=colour, weight="bold", va="bottom", linespacing=1.3,
            ha="right" if right_half else "left" if left_half else "center", gid="value",
        )  # fmt: skip
    head = text(f"part_{told.part}", language)
    ax.annotate(
        head, (0, 1), xycoords="axes fraction", xytext=(0, 0), textcoords="offset points", va="top", weight="bold",
        color=colour, gid="part",
    )  # fmt: skip
    lines = [text("share_of_weights", language, share=number(100 * told.share, language))] * bool(
        np.isfinite(told.share)
    )
    ax.annotate(
        "\n".join([*lines, told.words]), (0, 1), xycoords="axes fraction", xytext=(0, -9.5), textcoords="offset points",
        va="top", color=COLOUR["grey"], linespacing=1.25, gid="words", parse_math=False,
    )  # fmt: skip
    ax.set_yticks([])
    ax.set_xlabel(label, parse_math=False)
    _dress(ax, language)
    ax.spines["left"].set_visible(False)
    return ax


def null_limits(told: list[NullDraws]) -> tuple[float, float]:
    """Give limits that hold all values and draws, with room for words on the left."""
    held = np.concatenate([np.r_[one.value, one.draws] for one in told])
    held = held[np.isfinite(held)]
    if not len(held):
        return -1.0, 1.0
    low, high = float(held.min()), float(held.max())
    width = (high - low) or 1.0
    return low - 0.5 * width, high + 0.1 * width


def plot_page(
    scatter: DataFrame,
    slopes: Mapping[str, float],
    nulls: tuple[NullDraws, NullDraws],
    *,
    column: str,
    other: str | None,
    seed: str,
    version: str,
    language: str = "en",
) -> Figure:
    """Lay out scatter and permutations on a page: 180 mm wide."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    register = _families()
    with mpl.rc_context({**parameters(), "font.family": register}):
        figure = Figure(figsize=(PAGE_WIDTH_MM / MM_PER_INCH, HEIGHT_MM / MM_PER_INCH))

        def place(left: float, bottom: float, width: float, height: float) -> Axes:
            return figure.add_axes(
                (left / PAGE_WIDTH_MM, bottom / HEIGHT_MM, width / PAGE_WIDTH_MM, height / HEIGHT_MM)
            )

        def write(x: float, y: float, words: str, size: str, **style: Any) -> None:
            figure.text(
                x / PAGE_WIDTH_MM, y / HEIGHT_MM, words, fontsize=TYPE_PT[size], va="top", parse_math=False,
                fontfamily=register, **style,
            )  # fmt: skip

        held = {"column": column} if other is None else {"column": column, "other": other}
        held = {name: shorten(one, 90 / len(held), TYPE_PT["title"], "bold") for name, one in held.items()}
        title = text("moran_title" if other is None else "bivariate_moran_title", language, **held)
        write(1, HEIGHT_MM - 1.5, title, "title", weight="bold", color=COLOUR["ink"], gid="title")
        write(1, HEIGHT_MM - 6.6, text("moran_subtitle", language), "subtitle", color=COLOUR["grey"], gid="subtitle")
        write(1, HEIGHT_MM - 12.5, "a", "panel", weight="bold", gid="panel:a")
        write(88, HEIGHT_MM - 12.5, "b", "panel", weight="bold", gid="panel:b")
        plot_scatter(scatter, slopes, place(12, 15, 66, 55), column=column, other=other, language=language)
        limits = null_limits(list(nulls))
        for told, bottom in zip(nulls, (48, 15), strict=True):
            ax = place(95, bottom, 83, 28)
            plot_null(told, ax, label=text("over_these_pairs", language), limits=limits, language=language)
            if told.part == "within":
                ax.set_xlabel("")
        words = text(
            "moran_method", language, n=number(len(scatter), language), seed=seed, version=f"geocluster {version}"
        )
        write(1, 4.2, words, "source", color=COLOUR["grey"], gid="source")
    return figure


def _families() -> list[str]:
    from geocluster.datasets import data_folder

    return list(register_fonts(data_folder() / "fonts")) or [FONTS[-1]]


def _own_axes(width_mm: float, height_mm: float) -> Axes:
    from matplotlib.figure import Figure

    return Figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH), layout="constrained").add_subplot()


def _dress(ax: Axes, language: str) -> None:
    """Give axes the dress of the house, and ticks the language's decimal sign."""
    if language != "en":
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:g}".replace(".", ",").replace("-", "\N{MINUS SIGN}"))
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(COLOUR["focus_border"])
        spine.set_linewidth(WIDTH_PT["frame"])
    ax.tick_params(color=COLOUR["focus_border"], width=WIDTH_PT["frame"], length=2.5)
    for words in (*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label, *ax.texts):
        words.set_fontfamily(_families())
        words.set_fontsize(TYPE_PT["axis"])
