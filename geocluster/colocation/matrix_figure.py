"""How does a matrix of kinds look, within countries beside across the border?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.labels import check_language, number, text
from geocluster.style import COLOUR, KIND, PAGE_WIDTH_MM, TYPE_PT, WIDTH_PT, parameters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geocluster.colocation.matrix_result import ColocationMatrix

SIDE_MM = 56.0
LABEL_MM = 27.0
MOST_CELL_MM = 13.0
HEAD_MM = 21.5
FOOT_MM = 15.5
COLOURS = {"whole": COLOUR["focus_border"], "within": COLOUR["focus_border"], "across": COLOUR["crimson"]}
TINTS = {"whole": COLOUR["null_disc"], "within": COLOUR["null_disc"], "across": COLOUR["crimson_tint"]}
"""Of pairs that are not shown to differ from chance."""
MOST_FOLDS = 2.0
"""Twofold twice: a disc is full from a ratio of 4, or a quarter, on."""


def plot_matrix(result: ColocationMatrix, part: str, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Draw one part as discs: full where there are more than chance gives, rings where fewer.

    Parameters
    ----------
    result : ColocationMatrix
    part : {"whole", "within", "across"}
    ax : Axes, optional
        Drawn on if given, else made.
    language : {"en", "ru"}

    Returns
    -------
    Axes
        The first kind down, the one near it along; under each disc its ratio, bold where it is significant.
    """
    check_language(language)
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(4.2, 4.2), layout="constrained").add_subplot()
    k = len(result.kinds)
    _cells(ax, result, part, language, cell_mm=min(SIDE_MM / k, MOST_CELL_MM))
    names = [_name(kind, language) for kind in result.kinds]
    ax.set_xticks(np.arange(k) + 0.5, names, rotation=45, ha="left", parse_math=False)
    ax.set_yticks(np.arange(k) + 0.5, names, parse_math=False)
    ax.tick_params(length=0, labelsize=TYPE_PT["axis"], top=False, labeltop=True, labelbottom=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel(text(part, language), fontsize=TYPE_PT["axis"])
    return ax


def draw_matrix_page(result: ColocationMatrix, *, language: str = "en", title: str | None = None) -> Figure:
    """Draw the page for print: within countries | across the border.

    Parameters
    ----------
    result : ColocationMatrix
    language : {"en", "ru"}
    title : str, optional
    """
    import matplotlib as mpl

    check_language(language)
    with mpl.rc_context(parameters()):
        return _compose(result, language, title)


def _compose(result: ColocationMatrix, language: str, title: str | None) -> Figure:
    from geocluster.maps.page import make_page, put, shorten, width_mm, wrap

    k = len(result.kinds)
    cell = min(SIDE_MM / k, MOST_CELL_MM)
    size = cell * k
    names = [_name(kind, language) for kind in result.kinds]
    long = max(width_mm(name, TYPE_PT["table"]) for name in names)
    long = min(long, LABEL_MM - 2.0)
    slanted = 92.3 + LABEL_MM + (k - 0.58) * cell + 0.71 * long < PAGE_WIDTH_MM - 0.5
    above = long * (0.71 if slanted else 1.0) + 4.0
    height = FOOT_MM + size + above + HEAD_MM
    page_figure, page = make_page(PAGE_WIDTH_MM, height)
    asked = result.provenance.parameters
    heading = title or text("matrix_title", language)
    put(page, 0.3, height - 5.0, shorten(heading, 178, TYPE_PT["title"], "bold"), "title", gid="title", weight="bold")
    draws = number(float(asked["permutations"]), language)
    percent = 100 * result.alpha
    under = text(
        "matrix_subtitle", language, n=number(result.n, language), draws=draws,
        alpha=number(percent, language, decimals=0 if percent == round(percent) else 1),
    )  # fmt: skip
    for i, line in enumerate(wrap(under, 178, TYPE_PT["subtitle"], lines=2)):
        put(page, 0.3, height - 9.2 - 3.2 * i, line, "subtitle", gid=f"subtitle:{i}", colour=COLOUR["grey"])
    for letter, part, left in (("a", "within", 0.3), ("b", "across", 92.0)):
        x0, y0 = left + LABEL_MM, FOOT_MM
        ax = page_figure.add_axes(
            (x0 / PAGE_WIDTH_MM, y0 / height, size / PAGE_WIDTH_MM, size / height), zorder=1, label=part
        )
        _cells(ax, result, part, language, cell_mm=cell)
        ax.set_axis_off()
        y = height - HEAD_MM + 3.0
        put(page, left, y, letter, "panel", gid=f"panel:{letter}", weight="bold")
        put(page, left + 4.5, y, _heading(result, part, language), "key", gid=f"heading:{part}", colour=COLOUR["grey"])
        for at, name in enumerate(names):
            words = shorten(name, LABEL_MM - 2, TYPE_PT["table"])
            middle = y0 + size - (at + 0.5) * cell - 0.8
            put(page, x0 - 1.5, middle, words, "table", gid=f"row:{part}:{at}", ha="right")
            across = (at + 0.42) * cell if slanted else (at + 0.5) * cell
            turn, ha = (45.0, "left") if slanted else (90.0, "center")
            put(page, x0 + across, y0 + size + 1.2, words, "table", gid=f"column:{part}:{at}", rotation=turn, ha=ha)
    _key(page, language)
    put(page, 0.3, 1.6, _source(result, language), "source", gid="source", colour=COLOUR["grey"])
    page_figure.title_text = heading
    told = [
        f"{row['kind']} → {row['near_kind']} {row['ratio']:.2f}" for row in result.found("across").to_dict("records")
    ]
    page_figure.alt_text = text("matrix_alt", language, title=heading, found=", ".join(told) or "–")
    return page_figure


def _cells(ax: Axes, result: ColocationMatrix, part: str, language: str, *, cell_mm: float) -> None:
    """Draw the grid, a disc or ring in each cell, and its ratio."""
    from matplotlib.patches import Circle

    k = len(result.kinds)
    ratio = result.matrix(part).to_numpy(dtype=float)
    adjusted = result.matrix(part, "p_adjusted").to_numpy(dtype=float)
    small = cell_mm < 7.0
    ax.set_xlim(0, k)
    ax.set_ylim(k, 0)
    ax.set_aspect("equal")
    for line in range(k + 1):
        for one in (ax.plot([line, line], [0, k]), ax.plot([0, k], [line, line])):
            one[0].set(color=COLOUR["rule"], linewidth=WIDTH_PT["edge"], zorder=0, clip_on=False)
            one[0].set_gid("grid")
    for a, first in enumerate(result.kinds):
        for b, second in enumerate(result.kinds):
            value, p = ratio[a, b], adjusted[a, b]
            gid = f"{part}:{first}:{second}"
            y = a + (0.5 if small else 0.40)
            if not np.isfinite(p):
                ax.plot(
                    [b + 0.42, b + 0.58], [a + 0.5, a + 0.5], color=COLOUR["border"], linewidth=0.8, gid=f"none:{gid}"
                )
                continue
            sure = p <= result.alpha
            folds = MOST_FOLDS if value <= 0 else min(abs(float(np.log2(value))), MOST_FOLDS)
            radius = 0.06 + (0.36 if small else 0.24) * float(np.sqrt(folds / MOST_FOLDS))
            colour = COLOURS[part] if sure else TINTS[part]
            more = value >= 1
            disc = Circle(
                (b + 0.5, y), radius, facecolor=colour if more else "white", edgecolor=colour,
                linewidth=0.0 if more else 1.1, zorder=2,
            )  # fmt: skip
            disc.set_gid(f"disc:{gid}")
            ax.add_patch(disc)
            if not small:
                ax.text(
                    b + 0.5, a + 0.95, number(value, language, decimals=2), ha="center", va="bottom", parse_math=False,
                    fontsize=TYPE_PT["table_small"], color=COLOUR["ink"] if sure else COLOUR["grey"],
                    fontweight="bold" if sure else "normal", gid=f"ratio:{gid}",
                )  # fmt: skip


def _key(page: Axes, language: str) -> None:
    """Tell what discs, rings and dashes mean."""
    from matplotlib.patches import Circle

    from geocluster.maps.page import put, width_mm

    x, y = 1.6, 7.6
    for key, full, sure in (("matrix_more", True, True), ("matrix_fewer", False, True), ("matrix_unsure", True, False)):
        for part, shift in (("within", 0.0), ("across", 2.6)):
            colour = COLOURS[part] if sure else TINTS[part]
            disc = Circle(
                (x + shift, y + 0.75), 1.0, facecolor=colour if full else "white", edgecolor=colour,
                linewidth=0.0 if full else 1.1, zorder=30,
            )  # fmt: skip
            disc.set_gid(f"key:{key}:{part}")
            page.add_patch(disc)
        words = text(key, language)
        put(page, x + 4.6, y, words, "key", gid=f"key:{key}")
        x += 4.6 + width_mm(words, TYPE_PT["key"]) + 5.0
    page.plot([x - 1.2, x + 0.8], [y + 0.75, y + 0.75], color=COLOUR["border"], linewidth=0.8, gid="key:none")
    put(page, x + 2.4, y, text("matrix_none", language), "key", gid="key:none:words")


def _heading(result: ColocationMatrix, part: str, language: str) -> str:
    tested = int(result.pairs.loc[result.pairs["part"] == part, "p"].notna().sum())
    found = text(
        "matrix_found", language, found=number(len(result.found(part)), language), tested=number(tested, language)
    )
    return f"{text(part, language)}: {found}"


def _source(result: ColocationMatrix, language: str) -> str:
    made = result.provenance
    return text("matrix_source", language, seed=made.seed, version=made.versions["geocluster"])


def _name(kind: str, language: str) -> str:
    return text(kind, language) if kind in KIND and kind != "other" else kind
