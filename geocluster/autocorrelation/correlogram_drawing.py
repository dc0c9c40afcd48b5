"""How does a correlogram look, split at the border?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.autocorrelation.global_figure import NAMES
from geocluster.labels import number, text
from geocluster.maps.page import shorten
from geocluster.style import (
    COLOUR,
    FONTS,
    MM_PER_INCH,
    PAGE_WIDTH_MM,
    TYPE_PT,
    WIDTH_PT,
    parameters,
    register_fonts,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from geocluster.autocorrelation.correlograms import CorrelogramResult

_HEIGHT_MM = 92.0
_INK = {"whole": COLOUR["ink"], "within": COLOUR["border"], "across": COLOUR["crimson"], "mixed": COLOUR["grey"]}
_MARK = {"whole": "o", "within": "s", "across": "D", "mixed": "^"}
_DASH = {"whole": (), "within": (), "across": (4.0, 1.6), "mixed": (1.2, 1.2)}
_AXES = {"within_km": "correlogram_within_km", "bins_km": "correlogram_bins_km", "nearest": "correlogram_nearest"}
_LEVEL = 0.05
_APART = 0.075


def plot_correlogram(result: CorrelogramResult, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Draw the statistic over the pairs of each part, Lee's L as it adds up: filled where p ≤ 0.05 after Holm.

    Parameters
    ----------
    result : CorrelogramResult
    ax : Axes, optional
        Drawn on if given, else made.
    language : {"en", "ru"}

    Returns
    -------
    Axes
        Grey: the 95 % global envelope of the whole when values are permuted within countries.
    """
    ax = ax if ax is not None else _make_axes()
    curve = result.curve
    whole = curve[curve["part"] == "whole"]
    if whole["low"].notna().any():
        ax.fill_between(
            whole["at"], whole["low"], whole["high"], color=COLOUR["null"], alpha=0.55, linewidth=0, zorder=1,
            gid="envelope:whole",
        )  # fmt: skip
    ax.axhline(0, color=COLOUR["rule"], linewidth=WIDTH_PT["frame"], zorder=0.5)
    told, column = _statistic(result, language), "value"
    if curve["over_pairs"].notna().any():  # the parts of Lee's L have no pairs of their own
        told, column = text("correlogram_over_pairs", language, statistic=told), "over_pairs"
    for part in ("within", "whole", "across", "mixed"):
        rows = curve[(curve["part"] == part) & curve[column].notna()]
        if rows.empty:
            continue
        _line(ax, rows, part, column)
    _name_ends(ax, curve, column, language)
    ax.set_ylabel(told, parse_math=False)
    _finish(ax, result, language)
    return ax


def _line(ax: Axes, rows: DataFrame, part: str, column: str) -> None:
    """Draw one part: line on a white casing, and a mark a step."""
    at, value = rows["at"].to_numpy(dtype=float), rows[column].to_numpy(dtype=float)
    shown = (rows["p_adjusted"] <= _LEVEL).to_numpy()
    ax.plot(at, value, color="white", linewidth=2.6, zorder=3, gid=f"casing:{part}")
    line = ax.plot(at, value, color=_INK[part], linewidth=1.3, zorder=4, gid=f"curve:{part}")[0]
    if _DASH[part]:
        line.set_dashes(_DASH[part])
    for held, fill in ((shown, _INK[part]), (~shown, "white")):
        if held.any():
            word = "shown" if fill != "white" else "not-shown"
            ax.plot(
                at[held], value[held], linestyle="none", marker=_MARK[part], markersize=4, markerfacecolor=fill,
                markeredgecolor=_INK[part], markeredgewidth=0.8, zorder=5, gid=f"{word}:{part}",
            )  # fmt: skip


def _name_ends(ax: Axes, curve: DataFrame, column: str, language: str) -> None:
    """Write the names of the lines at their ends, one above the other where they meet."""
    ends: dict[str, float] = {}
    for part in _INK:
        values = curve.loc[(curve["part"] == part) & curve[column].notna(), column]
        if len(values):
            ends[part] = float(values.iloc[-1])
    low, high = ax.get_ylim()
    last, height = float(curve["at"].max()), -np.inf
    for part in sorted(ends, key=lambda one: ends[one]):
        height = max(ends[part], height + _APART * (high - low))
        ax.annotate(
            text(part, language), (last, height), xytext=(7, 0), textcoords="offset points", va="center", ha="left",
            color=_INK[part] if part != "within" else COLOUR["grey"], annotation_clip=False, gid=f"label:{part}",
        )  # fmt: skip


def _finish(ax: Axes, result: CorrelogramResult, language: str) -> None:
    """Write the axis, and mark its steps."""
    steps = np.unique(result.curve["at"].to_numpy(dtype=float))
    if len(steps) <= 8 and (np.diff(steps) > 0.06 * (steps[-1] - steps[0])).all():
        ax.set_xticks(steps, [number(step, language, decimals=0 if step.is_integer() else 1) for step in steps])
    pad = 0.03 * (steps[-1] - steps[0])
    ax.set_xlim(steps[0] - pad if result.by == "nearest" else min(0.0, steps[0] - pad), steps[-1] + pad)
    ax.set_xlabel(text(_AXES[result.by], language))
    _tidy(ax, language)


def _plot_sum(result: CorrelogramResult, ax: Axes, language: str) -> None:
    """Draw how the parts add up to the whole, step by step."""
    curve = result.curve
    steps = curve.loc[curve["part"] == "whole", "at"].to_numpy(dtype=float)
    places = np.arange(len(steps))
    value = {
        str(part): np.nan_to_num(rows["value"].to_numpy(dtype=float))
        for part, rows in curve.groupby("part", sort=False)
    }
    piled = {sign: np.zeros(len(steps)) for sign in (1, -1)}
    for part, colour in (("within", COLOUR["null"]), ("across", COLOUR["crimson"]), ("mixed", COLOUR["grey"])):
        if part not in value:
            continue
        # on the others' top where they have its sign, else from nought
        foot = np.where(value[part] < 0, piled[-1], piled[1])
        ax.bar(
            places, value[part], bottom=foot, width=0.62, color=colour, gid=f"bar:{part}", label=text(part, language)
        )
        for sign in piled:
            piled[sign] = piled[sign] + np.where(sign * value[part] > 0, value[part], 0.0)
    ax.plot(places, value["whole"], linestyle="none", marker="_", markersize=13, markeredgewidth=1.4,
            color=COLOUR["ink"], gid="mark:whole", label=text("whole", language))  # fmt: skip
    ax.axhline(0, color=COLOUR["border"], linewidth=WIDTH_PT["frame"])
    ax.set_xticks(places, [number(step, language, decimals=0 if step.is_integer() else 1) for step in steps])
    ax.set_xlabel(text(_AXES[result.by], language))
    ax.set_ylabel(_statistic(result, language), parse_math=False)
    ax.legend(
        frameon=False, loc="lower left", bbox_to_anchor=(-0.1, 1.0), ncols=3 if "mixed" not in value else 2,
        fontsize=TYPE_PT["axis"], handlelength=0.9, handletextpad=0.5, markerscale=0.6, columnspacing=0.9,
        borderaxespad=0.2,
    )  # fmt: skip
    _tidy(ax, language)


def draw_page(result: CorrelogramResult, *, language: str = "en") -> Figure:
    """Draw a page: the statistic over the pairs of each part | how the parts add up.

    Parameters
    ----------
    result : CorrelogramResult
    language : {"en", "ru"}
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from geocluster.datasets import data_folder

    families = register_fonts(data_folder() / "fonts")
    with rc_context({**parameters(), "font.family": list(families)}):
        page = Figure(figsize=(PAGE_WIDTH_MM / MM_PER_INCH, _HEIGHT_MM / MM_PER_INCH))
        left, right = (
            page.add_axes((start / PAGE_WIDTH_MM, 18 / _HEIGHT_MM, width / PAGE_WIDTH_MM, 50 / _HEIGHT_MM))
            for start, width in ((14.0, 66.0), (119.0, 58.0))
        )
        plot_correlogram(result, left, language=language)
        _plot_sum(result, right, language)
        _say(page, 2, 71.5, "a", TYPE_PT["panel"], weight="bold")
        _say(page, 105, 71.5, "b", TYPE_PT["panel"], weight="bold")
        _say(page, 14, 71.5, text("correlogram_key", language), TYPE_PT["axis"], colour=COLOUR["grey"])
        key = "correlogram_title_nearest" if result.by == "nearest" else "correlogram_title"
        column = shorten(str(result.provenance.parameters["column"]), 75, TYPE_PT["title"], "bold")
        title = text(key, language, statistic=_statistic(result, language), column=column)
        _say(page, 2, 87, title, TYPE_PT["title"], weight="bold")
        draws = number(float(result.provenance.parameters["permutations"]), language)
        said = text("correlogram_subtitle", language, draws=draws, n=number(result.n, language))
        _say(page, 2, 81, said, TYPE_PT["subtitle"], colour=COLOUR["grey"])
        seed, version = result.provenance.seed, result.provenance.versions["geocluster"]
        source = text("correlogram_source", language, seed=seed, version=version)
        _say(page, 2, 4, source, TYPE_PT["source"], colour=COLOUR["grey"])
    return page


def _statistic(result: CorrelogramResult, language: str) -> str:
    """Name what was measured, without the column."""
    return text(NAMES[result.provenance.parameters["statistic"]], language)


def _say(page: Figure, x_mm: float, y_mm: float, words: str, size: float, **how: Any) -> None:
    """Write words at millimetres of the page."""
    page.text(
        x_mm / PAGE_WIDTH_MM, y_mm / _HEIGHT_MM, words, fontsize=size, fontweight=how.get("weight", "normal"),
        color=how.get("colour", COLOUR["ink"]), ha="left", va="center", parse_math=False,
    )  # fmt: skip


def _make_axes() -> Axes:
    from matplotlib.figure import Figure

    return Figure(figsize=(4.2, 2.8), layout="constrained").add_subplot()


def _decimals(ticks: Any) -> int:
    """Count the decimals that tell ticks apart without rounding them.

    Examples
    --------
    >>> _decimals([0.0, 0.025, 0.05]), _decimals([0, 100]), _decimals([0.0, 0.2, 0.4])
    (3, 0, 1)
    """
    held = np.asarray(ticks, dtype=float)
    size = float(np.abs(held).max(initial=0.0))
    return next((places for places in range(9) if (np.abs(held - held.round(places)) <= 1e-6 * size).all()), 9)


def _tidy(ax: Axes, language: str) -> None:
    from matplotlib.ticker import FuncFormatter

    from geocluster.datasets import data_folder

    def tick(value: float, _: int | None = None) -> str:
        return number(value, language, decimals=_decimals(ax.get_yticks())).replace("-", "\u2212")

    ax.yaxis.set_major_formatter(FuncFormatter(tick))

    families = list(register_fonts(data_folder() / "fonts")) or [FONTS[-1]]
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(COLOUR["border"])
        ax.spines[side].set_linewidth(WIDTH_PT["frame"])
    ax.tick_params(labelsize=TYPE_PT["axis"], color=COLOUR["border"], width=WIDTH_PT["frame"])
    legend = ax.get_legend()
    words = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label, *ax.texts]
    for one in [*words, *(legend.get_texts() if legend else ())]:
        one.set_fontfamily(families)
        one.set_fontsize(TYPE_PT["axis"])
