"""What does a matrix of kinds answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geocluster.errors import OptionError
from geocluster.results import Provenance, Result
from geocluster.splitting import say_p

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ColocationMatrix(Result):
    """Colocation quotients of all ordered pairs of kinds, within countries and across.

    Attributes
    ----------
    kinds : tuple of str
    pairs : DataFrame
        One row a pair and part: `kind` near `near_kind`; `part` whole, within, across; `value`,
        of which within + across = whole; `expected` and `sd` with kinds permuted within countries;
        `ratio`, 1 where it is as chance gives it (whole and within: value/expected; across: the
        standard form); `z`, `p`, `p_adjusted` over all pairs; `reason` why nothing is claimed.
    counts : DataFrame
        Rows of each kind by country.
    undefined : str
        Why there is no part across at all; empty if there is.
    set_aside : DataFrame
        On the table's index: the rows that could not enter, with `reason`.
    n, islands : int
        Rows that entered; those of them without a neighbour.
    shared : float
        Share of the rows that stand on a point with others.
    null, fdr : str
        What was redrawn, how p was adjusted, in words.
    alpha : float
    notes : tuple of str
    provenance : Provenance
    """

    kinds: tuple[str, ...]
    pairs: DataFrame
    counts: DataFrame
    undefined: str
    set_aside: DataFrame
    n: int
    islands: int
    shared: float
    null: str
    fdr: str
    alpha: float
    notes: tuple[str, ...]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a pair and part."""
        return self.pairs.copy()

    def matrix(self, part: str, column: str = "ratio") -> DataFrame:
        """Give one part as a matrix: the first kind down, the one near it along.

        Parameters
        ----------
        part : {"whole", "within", "across"}
        column : str
            Of `pairs`.

        Raises
        ------
        OptionError
            If there is no such part or column.
        """
        told = self.pairs[self.pairs["part"] == part]
        if told.empty or column not in self.pairs.columns[3:]:
            words = ", ".join(map(str, self.pairs.columns[3:]))
            raise OptionError(f"there are whole, within and across of {words}; got {part!r}, {column!r}.")
        laid = told.pivot(index="kind", columns="near_kind", values=column)
        return laid.loc[list(self.kinds), list(self.kinds)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the part across the border."""
        from geocluster.colocation.matrix_figure import plot_matrix

        return plot_matrix(self, "across", ax)

    def figure(self, *, language: str = "en", title: str | None = None) -> Figure:
        """Draw for print: within countries | across the border, side by side."""
        from geocluster.colocation.matrix_figure import draw_matrix_page

        return draw_matrix_page(self, language=language, title=title)

    def found(self, part: str) -> DataFrame:
        """Give the pairs of a part that are significant after adjustment, the surest first."""
        told = self.pairs[(self.pairs["part"] == part) & (self.pairs["p_adjusted"] <= self.alpha)]
        return told.sort_values(["p_adjusted", "p", "kind", "near_kind"], kind="stable")

    def sentence(self) -> str:
        """Say which pairs meet more, and less, than chance across the border."""
        tested = int(self.pairs.loc[self.pairs["part"] == "across", "p"].notna().sum())
        of = f"{len(self.kinds)} kinds, {len(self.kinds) ** 2} pairs"
        if self.undefined:
            return f"{of}: across the border {self.undefined}"
        told = self.found("across")
        if told.empty:
            return f"{of}: of {tested} tested across the border, none is more or less than chance"
        words = [f"{row['kind']} → {row['near_kind']} {row['ratio']:.2f}" for row in told.to_dict("records")]
        return f"{of}: of {tested} tested across the border {len(told)} are not chance ({', '.join(words)})"

    def facts(self) -> list[str]:
        """Say the null, what was found, of which pairs nothing is claimed, and what was left out."""
        lines = [f"null: {self.null}", f"p over all pairs, each part for itself: {self.fdr}, at {self.alpha:g}"]
        for part in ("within", "across"):
            lines += [
                f"{part}: {row['kind']} → {row['near_kind']} {row['ratio']:.2f} times chance, "
                f"p {say_p(row['p'])}, adjusted {say_p(row['p_adjusted'])}"
                for row in self.found(part).to_dict("records")
            ]
        quiet = self.pairs[(self.pairs["part"] == "across") & self.pairs["p"].isna()]
        lines += [f"across, {row['kind']} → {row['near_kind']}: {row['reason']}" for row in quiet.to_dict("records")]
        lines += [f"{name}: " + ", ".join(f"{n} {kind}" for kind, n in row.items()) for name, row in
                  self.counts.to_dict("index").items()]  # fmt: skip
        lines.append(f"{self.n:,} rows, {self.islands:,} of them without a neighbour")
        if len(self.set_aside):
            lines += [f"set aside {n:,}: {words}" for words, n in self.set_aside["reason"].value_counts().items()]
        return [*lines, *self.notes, *self.provenance.facts()]
