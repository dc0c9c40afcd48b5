"""What does a statistic that is split at the border answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from geocluster.results import Provenance, Result
from geocluster.splitting.cross import join_cross

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.splitting.cross import CrossTest
    from geocluster.splitting.rows import Rows

AnySplit = TypeVar("AnySplit", bound="SplitResult")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SplitResult(Result):
    """A statistic of neighbours: the whole, and its parts within and across countries, which add up to it.

    Attributes
    ----------
    label : str
        What was measured, in words.
    parts : DataFrame
        Index `part`: whole, within, across, then pairs such as DE-FR (DE-DE: inside Germany).
        `value`; `share` of the weights; `expected`, `excess` and `sd` when what the rows hold is
        permuted, `exact` what that gives on average where it is known without draws; `z` and
        `p`, two-sided. In the cross rows `standard` is the standard form, and z and p are those
        of its test (`cross`), `p_adjusted` after Holm over pairs.
    cross : DataFrame
        One row a pair and direction (`held`, `redrawn`): the standard form, its null and p, or
        the reason why it is not defined.
    undefined : str
        Why there is no cross part at all; empty if there is.
    simulated : ndarray, shape (permutations, 3)
        Whole, within and across, permuted.
    cross_simulated : ndarray, shape (permutations, directions)
        The standard form, redrawn, for each row of `cross`; NaN where nothing was asked.
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
    cross_simulated: NDArray[np.float64]
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
        first = [name for name in ("whole", "within", "across", "mixed") if name in self.parts.index]
        ax = plot_parts(self.parts.loc[[*first, *crossing]], ax)
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
        first = [name for name in ("whole", "within", "across", "mixed") if name in self.parts.index]
        for part, row in self.parts.loc[first].to_dict("index").items():
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


def build_split(
    kind: type[AnySplit],
    rows: Rows,
    parts: DataFrame,
    cross: CrossTest,
    *,
    label: str,
    simulated: NDArray[np.float64],
    null: str,
    notes: Sequence[str] = (),
    parameters: Mapping[str, Any],
    seed: str,
    **more: Any,
) -> AnySplit:
    """Put a result together from the rows that entered, the parts and the cross test.

    Parameters
    ----------
    kind : type
        `SplitResult`, or what is made of it.
    rows : Rows
    parts : DataFrame
        Of `lay_out`.
    cross : CrossTest
    label, null, notes, simulated
        As in `SplitResult`; the notes come behind those of the rows.
    parameters, seed
        Of the provenance.
    **more
        What `kind` has besides.
    """
    return kind(
        label=label,
        parts=join_cross(parts, cross.frame, cross.standard),
        cross=cross.frame,
        undefined=rows.undefined(),
        simulated=simulated,
        cross_simulated=cross.simulated,
        set_aside=rows.set_aside,
        n=rows.n,
        islands=rows.islands,
        shared=rows.shared,
        null=null,
        notes=(*rows.notes, *notes),
        provenance=Provenance({**parameters, "edges": rows.weights.nnz}, seed),
        **more,
    )


def _say(value: float) -> str:
    if not np.isfinite(value):
        return "not defined"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.3g}"


def say_sum(whole: float, **parts: float) -> str:
    """Say a whole and its parts, to the digits that tell them from nought.

    Examples
    --------
    >>> say_sum(0.5, within=0.5041, across=-0.0041)
    '0.50 = 0.50 within - 0.004 across'
    >>> say_sum(0.00213, within=0.00203, across=0.0001)
    '0.0021 = 0.0020 within + 0.0001 across'
    """
    size = max(abs(whole), *map(abs, parts.values()))
    decimals = 2 if size >= 0.095 or size == 0 else int(np.ceil(-np.log10(size))) + 1

    def say(value: float) -> str:
        shown = f"{abs(value):.{decimals}f}"
        return f"{abs(value):.1g}" if value and not float(shown) else shown

    words = "-" * (whole < 0) + say(whole) + " ="
    for position, (name, value) in enumerate(parts.items()):
        sign = "-" if value < 0 else "+"
        words += f" {'-' * (value < 0)}{say(value)} {name}" if position == 0 else f" {sign} {say(value)} {name}"
    return words


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
