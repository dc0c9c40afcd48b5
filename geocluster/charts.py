"""How do numbers look: observed against what chance gives, a whole against its parts?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.labels import number, p_value, text
from geocluster.style import COLOUR, FONTS, TYPE_PT, WIDTH_PT, register_fonts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike
    from pandas import DataFrame

_ACROSS = frozenset({"across"})


def plot_permutations(
    simulated: ArrayLike,
    observed: float,
    *,
    expected: float,
    label: str,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw where an observed value lies among those of the redraws.

    Parameters
    ----------
    simulated : array_like, shape (P,)
        Values under the null; those that are not finite are left out.
    observed : float
    expected : float
        Under the null.
    label : str
        What is measured.
    ax : Axes, optional
        Drawn on if given, else made.
    language : {"en", "ru"}

    Returns
    -------
    Axes

    Examples
    --------
    >>> ax = plot_permutations(np.linspace(-0.1, 0.1, 99), 0.12, expected=-0.01, label="Moran's I of founded")
    >>> ax.get_xlabel()
    "Moran's I of founded"
    """
    ax = ax if ax is not None else _make_axes(4.2, 2.6)
    drawn = np.asarray(simulated, dtype=float).ravel()
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn):
        low, high = min(drawn.min(), observed), max(drawn.max(), observed)
        bins = int(np.clip(np.sqrt(len(drawn)), 5, 40))
        edges = np.linspace(low, high, bins + 1) if high > low else np.array([low - 0.5, low + 0.5])
        ax.hist(drawn, bins=edges.tolist(), color=COLOUR["null"], edgecolor="white", linewidth=0.3, gid="null")
    top = ax.get_ylim()[1] * 1.22
    ax.set_ylim(0, top)
    _upright(ax, expected, top * 0.86, COLOUR["grey"], text("expected", language), dashed=True, gid="expected")
    words = text("observed", language, value=_value(observed, language))
    _upright(ax, observed, top * 0.95, COLOUR["ink"], words, dashed=False, gid="observed")
    ax.set_xlabel(label, parse_math=False)
    ax.set_ylabel(text("redraws", language))
    _tidy(ax)
    return ax


def plot_parts(frame: DataFrame, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Draw a statistic and its parts, each against what the null expects of it.

    Parameters
    ----------
    frame : DataFrame
        Index: whole, within, across, then pairs such as DE-FR; columns value, expected, sd, p.
    ax : Axes, optional
        Drawn on if given, else made.
    language : {"en", "ru"}

    Returns
    -------
    Axes
        One row a part, the first on top: a dot for the value, a grey bar for expected ± 2 sd.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"value": [0.12, 0.11, 0.01], "expected": 0.0, "sd": 0.02, "p": [0.001, 0.001, 0.31]},
    ...     index=["whole", "within", "across"],
    ... )
    >>> [words.get_text() for words in plot_parts(frame).get_yticklabels()]
    ['whole', 'within countries', 'across the border']
    """
    ax = ax if ax is not None else _make_axes(4.2, 0.9 + 0.32 * max(len(frame), 2))
    names = [str(name) for name in frame.index]
    places = -np.arange(len(names), dtype=float)
    shown = [text(name, language) if name in ("whole", "within", "across", "mixed") else name for name in names]
    values = frame["value"].to_numpy(dtype=float)
    expected = frame["expected"].to_numpy(dtype=float)
    sd = np.nan_to_num(frame["sd"].to_numpy(dtype=float))
    ax.barh(
        places, 4 * sd, left=expected - 2 * sd, height=0.42, color=COLOUR["null"], label=text("expected_band", language)
    )
    for place, middle in zip(places, expected, strict=True):
        ax.plot([middle, middle], [place - 0.21, place + 0.21], color="white", linewidth=0.9)
    for name, place, value, p in zip(names, places, values, frame["p"].to_numpy(dtype=float), strict=True):
        crosses = name in _ACROSS or "-" in name
        dot = ax.plot(
            [value], [place], marker="D" if crosses else "o", markersize=5.5, linestyle="none",
            color=COLOUR["crimson" if crosses else "ink"], markeredgecolor="white", markeredgewidth=0.5,
        )[0]  # fmt: skip
        dot.set_gid(f"value:{name}")
        words = f"{_value(value, language)}  (p {p_value(float(p), language)})"
        ax.annotate(
            words, (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=TYPE_PT["axis"],
            color=COLOUR["ink"], annotation_clip=False,
        )  # fmt: skip
    ax.axvline(0, color=COLOUR["rule"], linewidth=WIDTH_PT["frame"], zorder=0)
    ax.set_yticks(places, shown, parse_math=False)
    ax.set_ylim(places[-1] - 0.6 if len(places) else -1, 0.6)
    ax.set_xlabel(text("expected_band", language), color=COLOUR["grey"])
    _tidy(ax)
    ax.tick_params(axis="y", length=0)
    return ax


def plot_split(values: Mapping[str, float], ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Draw how a whole is made of the part within countries and the part across the border.

    Parameters
    ----------
    values : mapping
        With within and across, which add up to the whole; either may be below nought.
    ax : Axes, optional
        Drawn on if given, else made.
    language : {"en", "ru"}

    Examples
    --------
    >>> ax = plot_split({"within": 0.11, "across": 0.01})
    >>> sorted(bar.get_gid() for bar in ax.patches)
    ['across', 'within']
    """
    ax = ax if ax is not None else _make_axes(4.2, 1.1)
    ends = {1.0: 0.0, -1.0: 0.0}
    for name, colour in (("within", COLOUR["national"]), ("across", COLOUR["crimson"])):
        value = float(values[name])
        side = 1.0 if value >= 0 else -1.0
        bar = ax.barh(0, value, left=ends[side], height=0.5, color=colour, edgecolor="white", linewidth=0.5)[0]
        bar.set_gid(name)
        ax.annotate(
            f"{text(name, language)} {_value(value, language)}", (ends[side] + value / 2, 0.34), ha="center",
            va="bottom", fontsize=TYPE_PT["axis"], color=COLOUR["ink"],
        )  # fmt: skip
        ends[side] += value
    ax.axvline(0, color=COLOUR["ink"], linewidth=WIDTH_PT["frame"])
    ax.set_yticks([])
    ax.set_ylim(-0.4, 0.8)
    _tidy(ax)
    ax.spines["left"].set_visible(False)
    return ax


def plot_excess(frame: DataFrame, ax: Axes | None = None, *, language: str = "en") -> Axes:
    """Draw how many times its expectation each country holds in a circle, with 1 marked.

    Parameters
    ----------
    frame : DataFrame
        Rows with of, number, reading, country, observed, expected, ratio.
    ax : Axes, optional
        Drawn on if given, else made.
    language : {"en", "ru"}

    Returns
    -------
    Axes
        One row a circle and reading, the first on top: a dot for each country's observed/expected.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"of": "cluster", "number": 1, "reading": "per head", "country": ["CH", "FR"],
    ...      "observed": [33, 10], "expected": [14.2, 2.9], "ratio": [2.3, 3.4]}
    ... )
    >>> [words.get_text() for words in plot_excess(frame).get_yticklabels()]
    ['1, per head']
    """
    rows = frame.assign(row=frame["number"].astype(str) + ", " + frame["reading"].astype(str))
    names = list(dict.fromkeys(rows["row"]))
    ax = ax if ax is not None else _make_axes(4.2, 0.8 + 0.34 * max(len(names), 2))
    ax.axvline(1, color=COLOUR["border"], linewidth=WIDTH_PT["frame"], zorder=0)
    for place, name in enumerate(names):
        told = rows[rows["row"] == name].sort_values("ratio")
        for step, (country, ratio) in enumerate(zip(told["country"], told["ratio"], strict=True)):
            if not np.isfinite(ratio):
                continue
            dot = ax.plot([ratio], [-place], marker="o", markersize=5, linestyle="none", color=COLOUR["ink"])[0]
            dot.set_gid(f"excess:{name}:{country}")
            ax.annotate(
                str(country), (float(ratio), -place), xytext=(0, 4 if step % 2 == 0 else -9),
                textcoords="offset points", ha="center", fontsize=TYPE_PT["axis"],
            )  # fmt: skip
    ax.set_yticks([-place for place in range(len(names))], names, parse_math=False)
    ax.set_ylim(-len(names) + 0.3, 0.7)
    ax.set_xlim(left=0)
    ax.set_xlabel(text("observed_over_expected", language))
    _tidy(ax)
    ax.tick_params(axis="y", length=0)
    return ax


def plot_named_counts(
    counts: Sequence[tuple[str, int]], *, label: str, ax: Axes | None = None, language: str = "en"
) -> Axes:
    """Draw how many of each: a bar a name, the first on top, its number at its end.

    Parameters
    ----------
    counts : sequence of (str, int)
    label : str
        What is counted.
    ax : Axes, optional
        Drawn on if given, else made.
    language : {"en", "ru"}

    Examples
    --------
    >>> ax = plot_named_counts([("Université de Strasbourg", 64), ("ENGEES", 1)], label="Units folded in")
    >>> [int(bar.get_width()) for bar in ax.patches]
    [64, 1]
    """
    from matplotlib.ticker import MaxNLocator

    ax = ax if ax is not None else _make_axes(6.0, 0.7 + 0.26 * max(len(counts), 2))
    places = [-place for place in range(len(counts))]
    ax.barh(places, [n for _, n in counts], height=0.62, color=COLOUR["national"], gid="count")
    for place, (_, n) in zip(places, counts, strict=True):
        ax.annotate(
            number(n, language), (n, place), xytext=(3, 0), textcoords="offset points", va="center", color=COLOUR["ink"]
        )
    ax.set_yticks(places, [name for name, _ in counts], parse_math=False)
    ax.set_ylim(min(-len(counts), -1) + 0.3, 0.7)
    ax.set_xlim(0, 1.12 * max([n for _, n in counts], default=1))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.set_xlabel(label, parse_math=False)
    _tidy(ax)
    ax.tick_params(axis="y", length=0)
    return ax


def plot_counts(
    counts: Mapping[str, int], ax: Axes | None = None, *, muted: Collection[str] = (), language: str = "en"
) -> Axes:
    """Draw how many there are of each kind, one bar a kind, the first on top.

    Parameters
    ----------
    counts : mapping
        Key of the words of each kind (`labels.WORDS`) to its number.
    ax : Axes, optional
        Drawn on if given, else made.
    muted : collection of str
        Kinds drawn lighter.
    language : {"en", "ru"}

    Returns
    -------
    Axes
        Beside each bar the number, and its share of all.

    Examples
    --------
    >>> ax = plot_counts({"outcome_city": 97, "outcome_not_found": 3}, muted={"outcome_not_found"})
    >>> [words.get_text() for words in ax.texts]
    ['97  (97.0 %)', '3  (3.0 %)']
    """
    ax = ax if ax is not None else _make_axes(4.2, 0.7 + 0.26 * max(len(counts), 2))
    total = sum(counts.values())
    for place, (key, count) in enumerate(counts.items()):
        colour = COLOUR["disc" if key in muted else "grey"]
        ax.barh(-place, count, height=0.62, color=colour, gid=f"count:{key}")
        share = f"  ({number(100 * count / total, language, decimals=1)} %)" if total else ""
        ax.annotate(
            f"{number(count, language)}{share}", (count, -place), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=TYPE_PT["axis"], color=COLOUR["ink"], annotation_clip=False,
        )  # fmt: skip
    ax.set_yticks([-place for place in range(len(counts))], [text(key, language) for key in counts])
    ax.set_ylim(-len(counts) + 0.4, 0.6)
    ax.set_xlim(0, 1.22 * max([1, *counts.values()]))
    ax.locator_params(axis="x", integer=True, nbins=5)
    ax.set_xlabel(text("rows", language))
    ax.xaxis.set_major_formatter(lambda value, _: number(value, language))
    _tidy(ax)
    ax.tick_params(axis="y", length=0)
    return ax


def _upright(ax: Axes, value: float, top: float, colour: str, words: str, *, dashed: bool, gid: str) -> None:
    """Draw an upright line with its words at its head, on the side where there is room."""
    if not np.isfinite(value):
        return
    line = ax.plot([value, value], [0, top], color=colour, linewidth=1.1, linestyle="--" if dashed else "-")[0]
    line.set_gid(gid)
    low, high = ax.get_xlim()
    right = value < low + 0.6 * (high - low)
    ax.annotate(
        words, (value, top), xytext=(3 if right else -3, 0), textcoords="offset points", va="top",
        ha="left" if right else "right", fontsize=TYPE_PT["axis"], color=colour,
    )  # fmt: skip


def _value(value: float, language: str) -> str:
    return number(value, language, decimals=2 if abs(value) >= 0.095 else 3)


def _make_axes(width: float, height: float) -> Axes:
    """Make axes of their own, inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def _tidy(ax: Axes) -> None:
    from geocluster.datasets import data_folder

    families = list(register_fonts(data_folder() / "fonts")) or [FONTS[-1]]
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(COLOUR["border"])
    ax.tick_params(labelsize=TYPE_PT["axis"], color=COLOUR["border"])
    for words in (*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label, *ax.texts):
        words.set_fontfamily(families)
        words.set_fontsize(TYPE_PT["axis"])
