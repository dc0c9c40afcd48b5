"""How does an index look that stands side by side in the whole and in each country?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocluster.style import COLOUR, TYPE_PT, WIDTH_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

WHOLE = "whole"


def plot_agglomeration(kinds: DataFrame, ax: Axes | None = None) -> Axes:
    """Draw γ of each kind: a diamond over all regions, rings with their names by country.

    Parameters
    ----------
    kinds : DataFrame
        Columns country, kind, gamma.
    ax : Axes, optional
        Drawn on if given, else made.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"country": ["whole", "CH"], "kind": "firm", "gamma": [0.1, 0.2]})
    >>> [line.get_gid() for line in plot_agglomeration(frame).lines]
    ['nought', 'gamma:firm:whole', 'gamma:firm:CH']
    """
    names = list(dict.fromkeys(kinds["kind"]))
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(4.2, 0.8 + 0.34 * max(len(names), 2)), layout="constrained").add_subplot()
    ax.axvline(0, color=COLOUR["border"], linewidth=WIDTH_PT["frame"], zorder=0, gid="nought")
    for place, name in enumerate(names):
        told = kinds[(kinds["kind"] == name) & kinds["gamma"].notna()].sort_values("gamma")
        for step, (country, gamma) in enumerate(zip(told["country"], told["gamma"], strict=True)):
            whole = country == WHOLE
            dot = ax.plot([gamma], [-place], marker="D" if whole else "o", markersize=5, linestyle="none")[0]
            dot.set(color=COLOUR["ink"], markerfacecolor=COLOUR["ink"] if whole else "white", zorder=3 if whole else 2)
            dot.set_gid(f"gamma:{name}:{country}")
            if not whole:
                ax.annotate(
                    str(country), (gamma, -place), xytext=(0, 4 if step % 2 else -9), textcoords="offset points",
                    ha="center", fontsize=TYPE_PT["axis"], color=COLOUR["grey"],
                )  # fmt: skip
    ax.set_yticks([-place for place in range(len(names))], names, parse_math=False)
    ax.set_ylim(-len(names) + 0.3, 0.7)
    ax.set_xlabel("γ")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.tick_params(labelsize=TYPE_PT["axis"])
    return ax
