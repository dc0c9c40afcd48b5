"""What does a statistic that is split at the border answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.results import Provenance, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SplitResult(Result):
    """A statistic of neighbours: the whole, and its parts within and across countries, which add up to it.

    Attributes
    ----------
    label : str
        What was measured, in words.
    parts : DataFrame
        Index `part`: whole, within, across, then pairs such as DE-FR (DE-DE: inside Germany).
        `value`; `expected`, `excess` and `sd` when what the rows hold is permuted within
        countries; `z` and `p`, two-sided. In the cross rows `standard` is the standard form,
        and z and p are those of its test (`cross`), `p_adjusted` after Holm over pairs.
    cross : DataFrame
        One row a pair and direction (`held`, `redrawn`): the standard form, its null and p, or
        the reason why it is not defined.
    undefined : str
        Why there is no cross part at all; empty if there is.
    simulated : ndarray, shape (permutations,)
        The whole, permuted within countries.
    set_aside : DataFrame
        On the table's index: the rows that could not enter, with `reason`.
    n, islands : int
        Rows that entered; those of them without a neighbour.
    shared : float
        Share of the rows that stand on a point with others.
    null : str
        What was redrawn, in words.
    notes : tuple of str
        What a reader should know.
    provenance : Provenance
    """

    label: str
    parts: DataFrame
    cross: DataFrame
    undefined: str
    simulated: NDArray[np.float64]
    set_aside: DataFrame
    n: int
    islands: int
    shared: float
    null: str
    notes: tuple[str, ...]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a part: value, expected, excess, sd, z, p, standard, p_adjusted."""
        return self.parts.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw whole, within, across and the cross pairs, each against its null."""
        from geocluster.charts import plot_parts

        crossing = list(dict.fromkeys(self.cross["pair"]))
        ax = plot_parts(self.parts.loc[["whole", "within", "across", *crossing]], ax)
        ax.set_title(self.label, fontsize=7, loc="left", parse_math=False)
        return ax

    def cross_words(self) -> str:
        """Say the p of the cross part, or why there is none."""
        p = float(self.parts.loc["across", "p"])  # type: ignore[arg-type]
        if np.isfinite(p):
            return f"p {say_p(p)}"
        reasons = self.cross["reason"].unique().tolist()
        return self.undefined or (str(reasons[0]) if len(reasons) == 1 else "p not defined")

    def facts(self) -> list[str]:
        """Say the null, the parts, each direction of the cross test, and what was left out."""
        lines = [f"null: {self.null}"]
        for part, row in self.parts.iloc[:3].to_dict("index").items():
            standard = f"; standard form {_say(row['standard'])}" if np.isfinite(row["standard"]) else ""
            lines.append(
                f"{part}: {_say(row['value'])}, expected {_say(row['expected'])}{standard}; p {say_p(row['p'])}"
            )
        for way in self.cross.to_dict("records"):
            numbers = f"{_say(way['value'])}, p {say_p(way['p'])}" if np.isfinite(way["p"]) else ""
            said = ": ".join(word for word in (numbers, way["reason"]) if word)
            lines.append(f"{way['pair']}, {way['held']} held, {way['redrawn']} redrawn: {said}")
        lines += [f"across: {self.undefined}"] * bool(self.undefined)
        lines.append(f"{self.n:,} rows, {self.islands:,} of them without a neighbour")
        if len(self.set_aside):
            told = self.set_aside["reason"].value_counts()
            lines += [f"set aside {count:,}: {reason}" for reason, count in told.items()]
        lines += self.notes
        return [*lines, *self.provenance.facts()]


def _say(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "not defined"


def say_p(p: float) -> str:
    """Say a p-value, or that there is none.

    Examples
    --------
    >>> say_p(0.3123), say_p(0.0002), say_p(float("nan"))
    ('0.31', '0.0002', 'not defined')
    """
    if not np.isfinite(p):
        return "not defined"
    return f"{p:.2f}" if p >= 0.095 else f"{p:.3f}" if p >= 0.001 else f"{p:.1g}"
