"""What does a global statistic of autocorrelation answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.errors import OptionError
from geocluster.splitting import SplitResult, say_sum

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class GlobalResult(SplitResult):
    """A global statistic of autocorrelation and its parts, which add up to it.

    See `SplitResult` for its other attributes. Lee's L has a third part, `mixed`.

    Attributes
    ----------
    statistic : str
        The word by which it was asked for.
    moments : DataFrame
        Of the whole, index `assumption` (`randomisation`, `normality`; join counts: `non-free`,
        `free`), with `kinds` before it for join counts: `expected`, `variance`, `z` and two-sided
        `p` on a map without countries. Islands count in n. Empty where theory gives none.
    joins : DataFrame
        Join counts by pair of kinds: `parts` with `kinds` before `part`; `parts` itself then is
        all unlike joins. Empty for other statistics.
    cross_joins : DataFrame
        The same of `cross`.
    scatter : DataFrame
        Of Moran's I: on the rows that entered, `value` (standard score), `within` (mean of it over
        the neighbours at home), `value_at_home` (standard score within the country), `across`
        (mean of that over the neighbours abroad). Empty for other statistics.
    """

    statistic: str
    moments: DataFrame
    joins: DataFrame
    cross_joins: DataFrame
    scatter: DataFrame

    def to_frame(self) -> DataFrame:
        """One row a part; of join counts one row a pair of kinds and part."""
        return (self.joins if len(self.joins) else self.parts).copy()

    def sentence(self) -> str:
        """Say the whole, its parts, and the p of the cross part."""
        value = self.parts["value"]
        if not np.isfinite(value["whole"]):
            return f"{self.label} is not defined: {self.notes[-1]}"
        told = {name: float(value[name]) for name in ("within", "across", "mixed") if name in value.index}
        return f"{self.label} {say_sum(float(value['whole']), **told)} ({self.cross_words()})"

    def facts(self) -> list[str]:
        """Say what `SplitResult` does, and the theoretical moments."""
        lines = SplitResult.facts(self)
        told = []
        for name, row in self.moments.iterrows():
            words = name if isinstance(name, str) else ", ".join(map(str, name))
            if np.isfinite(row["variance"]):
                told.append(f"whole, {words}: expected {row['expected']:.3g}, z {row['z']:.2f} (no countries)")
        return [lines[0], *told[:4], *lines[1:]]

    def plot_scatter(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw Moran's scatter: each row against its neighbours at home, and against those abroad.

        The lines have the slopes of I over these pairs. Across the border values are standardised
        within each country, so that a difference in level is no likeness.

        Raises
        ------
        OptionError
            If the statistic is none of Moran's.
        """
        from geocluster.charts import plot_scatter

        if not len(self.scatter):
            raise OptionError(f"statistic={self.statistic!r} has no scatter. Ask for 'moran' or 'bivariate_moran'.")
        return plot_scatter(self.scatter, self._slopes(), ax, language=language)

    def plot_null(self, ax: Axes | None = None, *, part: str = "within", language: str = "en") -> Axes:
        """Draw where a part lies among the values that the null gives.

        Parameters
        ----------
        ax : Axes, optional
        part : {"whole", "within", "across"}
            Across: the standard form in the direction that decides.
        language : {"en", "ru"}
        """
        from geocluster.charts import plot_null

        if part not in ("whole", "within", "across"):
            raise OptionError(f"part must be 'whole', 'within' or 'across', got {part!r}.")
        value, draws, p = self._null_of(part)
        return plot_null(draws, value, part=part, p=p, label=self.label, ax=ax, language=language)

    def figure(self, *, language: str = "en") -> Figure:
        """Draw for print: the scatter beside the permutations, or the parts where there is no scatter."""
        from geocluster.charts import plot_split_figure

        if not len(self.scatter):
            return SplitResult.figure(self, language=language)
        return plot_split_figure(
            self.scatter,
            self._slopes(),
            {part: self._null_of(part) for part in ("within", "across")},
            label=self.label,
            null=self.null,
            seed=str(self.provenance.seed),
            version=self.provenance.versions["geocluster"],
            undefined=self.cross_words() if not np.isfinite(self._null_of("across")[2]) else "",
            language=language,
        )

    def _slopes(self) -> dict[str, float]:
        """I over the pairs at home, and the standard form over those abroad."""
        within = self.parts.loc["within"]
        return {
            "within": float(within["value"] / within["share"]) if within["share"] > 0 else np.nan,
            "across": float(self.parts["standard"].loc["across"]),
        }

    def _null_of(self, part: str) -> tuple[float, np.ndarray, float]:
        """Give the value of a part over its own pairs, its draws, and its p."""
        row = self.parts.loc[part]
        if part != "across":
            share = float(row["share"]) if np.isfinite(row["share"]) and row["share"] > 0 else 1.0
            column = ("whole", "within", "across").index(part)
            return float(row["value"]) / share, self.simulated[:, column] / share, float(row["p"])
        tested = self.cross["p"].dropna()
        if not len(tested):
            return float("nan"), np.empty(0), float("nan")
        of_pair = self.cross.loc[tested.index].groupby("pair")["p"].max()
        told = self.cross.loc[tested.index]
        deciding = int(told[told["pair"] == of_pair.idxmin()]["p"].astype(float).idxmax())
        return float(self.cross.loc[deciding, "value"]), self.cross_simulated[:, deciding], float(row["p"])
