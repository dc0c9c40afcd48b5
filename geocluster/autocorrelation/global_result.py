"""What does a global statistic of autocorrelation answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.autocorrelation.joins import UNLIKE
from geocluster.errors import OptionError
from geocluster.labels import check_language, number, p_value, text
from geocluster.splitting import SplitResult, say_sum

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from geocluster.autocorrelation.global_figure import NullDraws


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
        whole = self.moments.xs(UNLIKE, level="kinds") if len(self.joins) else self.moments
        told = [
            f"whole, {name}: expected {row['expected']:.3g}, z {row['z']:.2f} (a map without countries)"
            for name, row in whole.iterrows()
            if np.isfinite(row["variance"])
        ]
        return [lines[0], *told, *lines[1:]]

    def plot_scatter(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw Moran's scatter: each row against its neighbours at home, and against those abroad.

        The lines have the slopes of I over these pairs. Across the border values are standardised
        within each country, so that a difference in level is no likeness.

        Raises
        ------
        OptionError
            If the statistic is none of Moran's.
        """
        from geocluster.autocorrelation.global_figure import plot_scatter

        if not len(self.scatter):
            raise OptionError(f"statistic={self.statistic!r} has no scatter. Ask for 'moran' or 'bivariate_moran'.")
        column, other = self._columns()
        return plot_scatter(self.scatter, self._slopes(), ax, column=column, other=other, language=language)

    def plot_null(self, ax: Axes | None = None, *, part: str = "within", language: str = "en") -> Axes:
        """Draw where a part lies among the values that the null gives.

        Parameters
        ----------
        ax : Axes, optional
        part : {"whole", "within", "across"}
            Across: the standard form in the direction that decides.
        language : {"en", "ru"}
        """
        from geocluster.autocorrelation.global_figure import NAMES, plot_null

        if part not in ("whole", "within", "across"):
            raise OptionError(f"part must be 'whole', 'within' or 'across', got {part!r}.")
        letter = {"moran": "I", "bivariate_moran": "I", "geary": "C", "getis_ord": "G", "lee": "L"}.get(
            self.statistic, "J"
        )
        label = text("over_these_pairs", language)
        if letter != "I":
            label = f"{text(NAMES[self.statistic], language)}: {' × '.join(one for one in self._columns() if one)}"
        return plot_null(self._null_of(part, language), ax, label=label, letter=letter, language=language)

    def figure(self, *, language: str = "en") -> Figure:
        """Draw for print: the scatter beside the permutations, or the parts where there is no scatter."""
        from geocluster.autocorrelation.global_figure import plot_page

        if not len(self.scatter):
            return SplitResult.figure(self, language=language)
        check_language(language)
        column, other = self._columns()
        return plot_page(
            self.scatter,
            self._slopes(),
            (self._null_of("within", language), self._null_of("across", language)),
            column=column,
            other=other,
            seed=str(self.provenance.seed),
            version=self.provenance.versions["geocluster"],
            language=language,
        )

    def _columns(self) -> tuple[str, str | None]:
        asked = self.provenance.parameters
        return str(asked["column"]), asked.get("other_column")

    def _slopes(self) -> dict[str, float]:
        """I over the pairs at home, and the standard form over those abroad."""
        within: Any = self.parts.loc["within"]
        return {
            "within": float(within["value"] / within["share"]) if within["share"] > 0 else np.nan,
            "across": float(self.parts["standard"].to_dict()["across"]),
        }

    def _null_of(self, part: str, language: str) -> NullDraws:
        """Give a part over its own pairs, its draws and p; across, those of the direction that decides."""
        from geocluster.autocorrelation.global_figure import NullDraws

        asked = self.provenance.parameters
        draws = number(len(self.simulated), language)
        row: Any = self.parts.loc[part]
        share, p = float(row["share"]), float(row["p"])
        if part != "across":
            scale = share if "moran" in self.statistic and share > 0 else 1.0
            column = ("whole", "within", "across").index(part)
            words = text(f"drawn_{asked['null']}", language, draws=draws)
            return NullDraws(part, float(row["value"]) / scale, p, self.simulated[:, column] / scale, share, words)
        tested = self.cross.dropna(subset="p")
        if not len(tested):
            words = text("not_tested", language)
            return NullDraws(part, float(row["standard"]), p, np.empty(0), share, words)
        pair = tested.groupby("pair")["p"].max().astype(float).idxmin()
        way: Any = tested.loc[tested["pair"] == pair, "p"].astype(float).idxmax()
        told: Any = self.cross.loc[way]
        words = text(f"drawn_{asked['cross_null']}", language, draws=draws, held=told["held"], redrawn=told["redrawn"])
        pairs = tested["pair"].nunique()
        if pairs > 1:
            words += "\n" + text("holm_over", language, pairs=pairs, p=p_value(p, language))
        return NullDraws(part, float(told["value"]), float(told["p"]), self.cross_simulated[:, way], share, words)
