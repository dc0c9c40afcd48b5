"""How do curves of pairs look, split by the border?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.labels import WORDS, number, p_value, text
from geocluster.style import (
    COLOUR,
    FONTS,
    KIND,
    MM_PER_INCH,
    PAGE_WIDTH_MM,
    TYPE_PT,
    WIDTH_PT,
    parameters,
    register_fonts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.cross.result import CurveResult

PAGE_HEIGHT_MM = 88.0
LEFT_MM = (12.5, 72.5, 132.5)
PANEL_MM = 45.0
NULLS = {
    "background": "curve_background",
    "labelling": "curve_labelling",
    "controls": "curve_controls",
    "shift": "curve_shift",
}
AXES = {
    "K": "curve_pairs_within",
    "L": "curve_pairs_within",
    "g": "curve_pairs_at",
    "nearest": "curve_nearest_within",
    "M": "curve_M",
    "m": "curve_m",
    "Kd": "curve_Kd",
    "mark_connection": "curve_mark_connection",
}
DASH_PT = (4.0, 2.0)


def plot_curves(
    curves: DataFrame,
    ax: Axes | None = None,
    *,
    parts: Sequence[str] = ("within", "across"),
    language: str = "en",
    named: bool = True,
) -> Axes:
    """Draw observed over expected by distance, each part over its global envelope.

    Parameters
    ----------
    curves : DataFrame
        Part, distance_km, ratio, low, high, resolved.
    ax : Axes, optional
        Drawn on if given, else made.
    parts : sequence of str
        Crimson is for what crosses a border.
    language : {"en", "ru"}
    named : bool
        Write the names of the parts beside the lines.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"part": "across", "distance_km": [5.0, 10.0], "ratio": [2.0, 1.1], "low": 0.6, "high": [1.6, 1.3],
    ...      "resolved": True}
    ... )
    >>> sorted(line.get_gid() for line in plot_curves(frame, parts=["across"]).lines)
    ['casing:across', 'curve:across', 'expected', 'outside:across']
    """
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(4.2, 2.9), layout="constrained").add_subplot()
    drawn = [part for part in parts if (curves["part"] == part).any()]
    values = curves[curves["part"].isin(drawn)]
    top = np.nanmax([*values["ratio"].replace(np.inf, np.nan), *values["high"], 1.0]) * 1.12
    last = float(curves["distance_km"].max())
    ax.set_xlim(0, last * 1.02)
    ax.set_ylim(0, float(top))
    ax.axhline(1, color=COLOUR["focus_border"], linewidth=0.8, dashes=DASH_PT, zorder=3, gid="expected")
    for step, part in enumerate(drawn):
        frame = values[values["part"] == part]
        _draw_part(ax, frame, part, step, edged=len(drawn) > 1)
        if named and len(drawn) == 1:
            _label_line(ax, frame, part, language)
    if named and len(drawn) > 1:
        _label_ends(ax, values, drawn, language)
    _draw_unresolved(ax, curves, language)
    ax.set_xlabel(text("curve_distance", language))
    ax.set_ylabel(text("observed_over_expected", language))
    _tidy(ax)
    return ax


def _crosses(part: str) -> bool:
    return part in ("across", "across/within") or "→" in part or ("-" in part and len(set(part.split("-"))) > 1)


def _label_ends(ax: Axes, values: DataFrame, parts: Sequence[str], language: str) -> None:
    """Write the names of several lines at their ends, one above the other where they meet."""
    ends = {part: values.loc[(values["part"] == part) & values["ratio"].notna(), "ratio"] for part in parts}
    last, top = float(values["distance_km"].max()), ax.get_ylim()[1]
    height = -np.inf
    for part in sorted((part for part in parts if len(ends[part])), key=lambda part: float(ends[part].iloc[-1])):
        height = max(float(ends[part].iloc[-1]), height + 0.07 * top)
        ax.annotate(
            text(part, language) if part in WORDS else part, (last, height), xytext=(6, 0),
            textcoords="offset points", ha="left", va="center", fontweight="bold", annotation_clip=False,
            color=_colour(part), gid=f"label:{part}",
        )  # fmt: skip


def _free_place(at: NDArray[np.float64], ratio: NDArray[np.float64]) -> tuple[float, float]:
    """Find where words can stand above a line: about its flattest stretch, as high as it is there."""
    half = 0.2 * float(at[-1])
    middles = at[(at >= at[0] + half) & (at <= at[-1] - half)]
    stretches = [ratio[np.abs(at - x) <= half] for x in middles]
    if not stretches:
        return float(at.mean()), float(ratio.max())
    flattest = int(np.argmin([np.ptp(stretch) for stretch in stretches]))
    return float(middles[flattest]), float(stretches[flattest].max())


def _draw_unresolved(ax: Axes, curves: DataFrame, language: str) -> None:
    """Hatch the distances below the precision of the positions."""
    sharp = curves["resolved"].astype(bool)
    if sharp.all():
        return
    end = float(curves.loc[sharp, "distance_km"].min()) if sharp.any() else float(curves["distance_km"].max())
    ax.axvspan(
        0, end, facecolor="none", edgecolor=COLOUR["rule"], hatch="////", linewidth=0, zorder=0.5, gid="unresolved"
    )
    ax.text(
        end / 2, 1.02, text("curve_unresolved", language), transform=ax.get_xaxis_transform(), ha="center", va="bottom",
        color=COLOUR["grey"], zorder=6, gid="label:unresolved",
    )  # fmt: skip


def _label_line(ax: Axes, frame: DataFrame, part: str, language: str) -> None:
    """Write the name of a line where there is room."""
    frame = frame[np.isfinite(frame["ratio"])]
    if frame.empty:
        return
    x, y = _free_place(frame["distance_km"].to_numpy(dtype=float), frame["ratio"].to_numpy(dtype=float))
    y = max(y, 1.0) if y + 0.09 * ax.get_ylim()[1] > 1 else y  # off the line of what is expected
    ax.annotate(
        text(part, language) if part in WORDS else part, (x, y), xytext=(0, 3), textcoords="offset points",
        ha="center", va="bottom", color=_colour(part), fontweight="bold", zorder=7, gid=f"label:{part}",
    )  # fmt: skip


def _colour(part: str) -> str:
    return COLOUR["crimson" if _crosses(part) else "focus_border"]


def _draw_part(ax: Axes, frame: DataFrame, part: str, step: int, *, edged: bool) -> None:
    """Draw one part: envelope, line, and where it leaves the envelope."""
    colour = _colour(part)
    at, ratio = frame["distance_km"].to_numpy(dtype=float), frame["ratio"].to_numpy(dtype=float)
    low, high = frame["low"].to_numpy(dtype=float), frame["high"].to_numpy(dtype=float)
    ax.fill_between(
        at, low, high, facecolor=COLOUR["null"], edgecolor=colour if edged else "none", alpha=0.5,
        linewidth=WIDTH_PT["area"] if edged else 0, zorder=1, gid=f"envelope:{part}",
    )  # fmt: skip
    if not edged and "null_low" in frame.columns:
        near, far = (np.where(np.isfinite(low), frame[name], np.nan) for name in ("null_low", "null_high"))
        ax.fill_between(
            at, near, far, facecolor=COLOUR["null"], edgecolor="none", linewidth=0, zorder=1.1, gid=f"local:{part}"
        )
    ax.plot(at, ratio, color="white", linewidth=2.8, zorder=4, gid=f"casing:{part}")
    ax.plot(at, ratio, color=colour, linewidth=1.5, zorder=5, gid=f"curve:{part}")
    outside = np.isfinite(low) & ((ratio < low) | (ratio > high))
    if outside.any():
        foot = 0.02 + 0.05 * step
        ax.plot(
            at[outside], np.full(int(outside.sum()), foot), linestyle="none", marker="|", markersize=5,
            markeredgewidth=1.6, color=colour, transform=ax.get_xaxis_transform(), zorder=6, gid=f"outside:{part}",
        )  # fmt: skip


def draw_curve_page(result: CurveResult, *, language: str = "en") -> Figure:
    """Draw a page: within countries | across the border, on one scale, | the second over the first."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from geocluster.datasets import data_folder

    register_fonts(data_folder() / "fonts")
    asked = result.provenance.parameters
    with rc_context(parameters()):
        page = Figure(figsize=(PAGE_WIDTH_MM / MM_PER_INCH, PAGE_HEIGHT_MM / MM_PER_INCH))
        wide, high = PAGE_WIDTH_MM, PAGE_HEIGHT_MM
        drawn = []
        for letter, part, left in zip("abc", ("within", "across", "across/within"), LEFT_MM, strict=True):
            ax = page.add_axes((left / wide, 16 / high, PANEL_MM / wide, 45 / high))
            plot_curves(result.curves, ax, parts=[part], language=language, named=False)
            ax.set_ylabel("" if part == "across" else ax.get_ylabel())
            _say(page, left - 10.5, 71.5, letter, TYPE_PT["panel"], weight="bold")
            name, words = _heading(result, part, language)
            _say(page, left - 6, 71.5, name, TYPE_PT["axis"], colour=_colour(part), weight="bold")
            _say(page, left - 6, 68.4, words, TYPE_PT["axis"], colour=COLOUR["grey"])
            drawn.append(ax)
        top = max(ax.get_ylim()[1] for ax in drawn[:2])
        for ax in drawn[:2]:
            ax.set_ylim(0, top)
        drawn[2].set_ylabel(text("across/within", language))
        kinds = [_kind(str(asked[name]), language) for name in ("kind", "near_kind")]
        title = text(AXES[result.function], language, first=kinds[0], second=kinds[1].lower())
        _say(page, 2, 83, title, TYPE_PT["title"], weight="bold")
        draws = number(float(asked["permutations"]), language)
        said = f"{text(NULLS[str(asked['null'])], language, draws=draws)}. {text('curve_band', language)}"
        _say(page, 2, 77.5, said, TYPE_PT["subtitle"], colour=COLOUR["grey"])
        _say(page, 2, 3.5, _source(result, language), TYPE_PT["source"], colour=COLOUR["grey"])
    return page


def _heading(result: CurveResult, part: str, language: str) -> tuple[str, str]:
    """Name a part, and under it say its p, or that nothing is claimed."""
    row = result.parts.loc[part]
    name = text(part, language)
    if row["reason"]:
        return name, text("curve_nothing", language)
    words = text("curve_p", language, p=p_value(float(str(row["p"])), language))
    if np.isfinite(float(str(row["p_adjusted"]))):
        words += f"; {text('curve_attraction', language, p=p_value(float(str(row['p_adjusted'])), language))}"
    return name, words


def _source(result: CurveResult, language: str) -> str:
    words = [*result.provenance.sources]
    crs = str(result.provenance.parameters.get("planar", "WGS 84 (EPSG:4326)"))
    words.append(text("curve_crs", language, name=crs))
    if result.precision_km:
        words.append(text("curve_precision", language, km=number(result.precision_km, language, decimals=1)))
    seed, version = result.provenance.seed, result.provenance.versions["geocluster"]
    words.append(text("curve_seed", language, seed=seed, version=version))
    return "; ".join(words) + "."


def _kind(kind: str, language: str) -> str:
    return text(kind, language) if kind in KIND and kind != "other" else kind


def _say(
    page: Figure,
    x_mm: float,
    y_mm: float,
    words: str,
    size: float,
    *,
    weight: str = "normal",
    colour: str = COLOUR["ink"],
) -> None:
    page.text(
        x_mm / PAGE_WIDTH_MM, y_mm / PAGE_HEIGHT_MM, words, fontsize=size, fontweight=weight, color=colour,
        ha="left", va="center", parse_math=False,
    )  # fmt: skip


def _tidy(ax: Axes) -> None:
    from geocluster.datasets import data_folder

    families = list(register_fonts(data_folder() / "fonts")) or [FONTS[-1]]
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(COLOUR["focus_border"])
        ax.spines[side].set_linewidth(WIDTH_PT["frame"])
    ax.tick_params(labelsize=TYPE_PT["axis"], color=COLOUR["focus_border"], width=WIDTH_PT["frame"])
    for words in (*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label, *ax.texts):
        words.set_fontfamily(families)
        words.set_fontsize(TYPE_PT["axis"])
