"""What does a test of every place answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.autocorrelation.classes import DEPENDENCE, DESCRIPTIVE, QUIET, UNTESTED, VERDICTS
from geocluster.autocorrelation.moments import conditional_moments, quadrants, total_moments
from geocluster.errors import OptionError
from geocluster.permutation import Seed, make_generator, whole_number_faults
from geocluster.results import Provenance, Result

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.autocorrelation.measures import Measure
    from geocluster.maps.hotspots import Told
    from geocluster.splitting import Countries


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class LocalResult(Result):
    """A local statistic at every place, its parts, and what each place is called.

    Attributes
    ----------
    label : str
        What was measured, in words.
    frame : DataFrame
        On the table's index, one row a place; rows set aside hold NaN and their `reason`.

        - `country`, `neighbours`, `neighbours_abroad`
        - `value` = `within` + `across`: the statistic and its parts at home and abroad (z for G
          and G*); `expected`, `sd`, `z`, `p` over redraws, `p_adjusted` over all places tested
        - `verdict`: high-high, low-low, high-low, low-high (the place against its country's mean,
          its neighbours against what redraws give them), hot, cold, alike, unlike (Geary; of
          several kinds: more or fewer of its own); 'not significant' or 'not tested'
        - `p_within`, `p_across`: of the part at home, of the part abroad; `p_across_adjusted`;
          `p_across_surrogate`: the part abroad against spectral surrogates of those countries;
          `p_closed`: of the whole, had the neighbours abroad what redraws give on average
        - `dependence`: national, joint or border-made, of significant places. *Descriptive.*
        - `across_standard`: for Moran, z^c_i Σ w^X_ij z^c_j / W^X_i, z^c standardised by country
        - `reason`: why there is no p
    undefined : str
        Why there is no part across at all; empty if there is.
    places : GeoDataFrame
        Country and geometry of the rows that entered.
    set_aside : DataFrame
        On the table's index: the rows that could not enter, with `reason`.
    n, islands : int
        Rows that entered; those of them without a neighbour.
    shared : float
        Share of the rows that stand on a point with others.
    null, fdr : str
        What was redrawn, how p was adjusted, in words.
    alpha : float
    measure : Measure
        The statistic as a sum over neighbours.
    countries : Countries
    strata : ndarray of int
        What was redrawn together; -1 held fixed.
    notes : tuple of str
    provenance : Provenance
    """

    label: str
    frame: DataFrame
    undefined: str
    places: GeoDataFrame
    set_aside: DataFrame
    n: int
    islands: int
    shared: float
    null: str
    fdr: str
    alpha: float
    measure: Measure
    countries: Countries
    strata: NDArray[np.int64]
    notes: tuple[str, ...]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a place, on the table's index."""
        return self.frame.copy()

    def by_country(self) -> DataFrame:
        """Part each place's value by the country of its neighbours: columns place, country, neighbour_country, value.

        The values of a place add up to its `value`.
        """
        import pandas as pd

        measure, names = self.measure, np.array(self.countries.names, dtype=object)
        weights, n, k = measure.weights, self.n, len(names)
        row = np.repeat(np.arange(n), np.diff(weights.indptr))
        there = self.countries.code[weights.indices]
        worth = measure.near[weights.indices]
        if measure.squared:
            worth = (measure.own[row] - worth) ** 2
        if measure.kinds is not None:
            worth = (measure.kinds.code[weights.indices] == measure.kinds.code[row]).astype(np.float64)
        key, sums = row * k + there, weights.data * worth
        if measure.statistic == "getis_ord_star":  # the row's own term is its country's
            own = np.flatnonzero(np.diff(weights.indptr) > 0)
            key = np.concatenate([key, own * k + self.countries.code[own]])
            sums = np.concatenate([sums, measure.offset[own, 0]])
        else:  # what parts are offset by goes with the weights
            mine = (there != self.countries.code[row]).astype(int)
            held = np.bincount(row * 2 + mine, weights=weights.data, minlength=2 * n)
            sums = sums + measure.offset[row, mine] * weights.data / held[row * 2 + mine]
        key, at = np.unique(key, return_inverse=True)
        i, country = key // k, key % k
        value = measure.factor[i] * np.bincount(at, weights=sums)
        entered = self.places.index
        return pd.DataFrame(
            {
                "place": entered[i],
                "country": names[self.countries.code[i]],
                "neighbour_country": names[country],
                "value": value,
            }
        )

    def by_kind(self, *, permutations: int = 999, rng: Seed = 0, workers: int = 1) -> DataFrame:
        """Count each place's neighbours of each kind, its own and the others: for join counts of several kinds.

        Columns place, kind, neighbour_kind, value = within + across, expected, sd, p, p_within,
        p_across, p_adjusted over all places and kinds tested; the place and its kind are held. p is
        exact where the weights of each row are equal; else `permutations`, `rng` and `workers` are
        as in `hotspot_test`.

        Raises
        ------
        OptionError
            If the result is of another statistic, or of 0 and 1, or an option cannot be used.
        """
        from geocluster.autocorrelation.local_kinds import pairs_of_kinds

        if self.measure.kinds is None:
            raise OptionError("by_kind is for statistic='join_count' of a column of words, e.g. column='kind'.")
        faults = whole_number_faults(permutations=permutations, workers=workers)
        if faults:
            raise OptionError("\n  ".join(faults))
        return pairs_of_kinds(
            self.measure, self.strata, self.countries.code, self.places.index,
            fdr=self.provenance.parameters["fdr"], permutations=permutations, rng=make_generator(rng)[0],
            workers=workers,
        )  # fmt: skip

    def moments(self) -> DataFrame:
        """Give what theory expects, without draws, on the rows that entered.

        Columns `expected`, `sd`, `z` under the null of the test; `…_complete` when values are
        redrawn from all other rows, the place held (Sokal, Oden & Thomson 1998; Ord & Getis 1995);
        for Moran also `…_total`, when all are shuffled (Anselin 1995), and `quadrant` about the
        overall mean.
        """
        import pandas as pd

        value = self.frame["value"].reindex(self.places.index).to_numpy()
        ways = {"": self._moments(self.strata), "_complete": self._moments(np.zeros_like(self.strata))}
        if self.measure.statistic == "moran":
            ways["_total"] = total_moments(self.measure)
        columns: dict[str, Any] = {}
        for suffix, (expected, sd) in ways.items():
            columns[f"expected{suffix}"], columns[f"sd{suffix}"] = expected, sd
            columns[f"z{suffix}"] = np.divide(value - expected, sd, out=np.full(self.n, np.nan), where=sd > 0)
        if self.measure.statistic == "moran":
            columns["quadrant"] = quadrants(self.measure)
        return pd.DataFrame(columns, index=self.places.index)

    def _moments(self, strata: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give mean and sd of each place's statistic; of several kinds that of its own."""
        from geocluster.autocorrelation.local_kinds import one_kind

        kinds = self.measure.kinds
        if kinds is None:
            return conditional_moments(self.measure, strata)
        of = [conditional_moments(one_kind(self.measure, kind), strata) for kind in range(len(kinds.names))]
        expected, sd = np.array(of)[kinds.code, :, np.arange(self.n)].T
        return expected, sd

    def counts(self) -> DataFrame:
        """Count places by verdict (rows) and dependence on the border (columns)."""
        import pandas as pd

        shown = self.frame[~self.frame["verdict"].isin([QUIET, UNTESTED])]
        table = pd.crosstab(shown["verdict"].astype(str), shown["dependence"].astype(str))
        return table.reindex(
            index=[word for word in VERDICTS if word in table.index], columns=list(DEPENDENCE), fill_value=0
        )

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the places and the border, on given axes if any; what is not significant is hollow."""
        from geocluster.maps.hotspots import plot_hotspots

        return plot_hotspots(self._drawn(), self._told(), language=language, ax=ax)

    def figure(self, *, language: str = "en", title: str | None = None) -> Figure:
        """Draw the map for print, under a title of its own if one is given."""
        from geocluster.maps.hotspots import draw_hotspots

        return draw_hotspots(self._drawn(), self._told(title), language=language)

    def _told(self, title: str | None = None) -> Told:
        """Gather what the map says in words."""
        from geocluster.maps.hotspots import Told

        asked = self.provenance.parameters
        draws = asked["permutations"]
        return Told(
            statistic=asked["statistic"], column=asked["column"], other_column=asked["other_column"],
            seed=str(self.provenance.seed), alpha=self.alpha, rule=asked["fdr"],
            draws=None if draws == "exact" else draws, null=asked["null"], title=title,
        )  # fmt: skip

    def sentence(self) -> str:
        """Say how many places are significant, of which verdict, and how many need their neighbours abroad."""
        tested = int(self.frame["p"].notna().sum())
        if not tested:
            return f"{self.label}: no place could be tested ({self._first_reason()})"
        table = self.counts()
        found = int(table.to_numpy().sum())
        words = ", ".join(f"{int(count):,} {word}" for word, count in table.sum(axis=1).items())
        said = f"{self.label}: {found:,} of {tested:,} places significant" + (f" ({words})" if found else "")
        if self.undefined or not found:
            return said + (f"; across: {self.undefined}" if self.undefined else "")
        needing = [f"{int(table[word].sum()):,} {word}" for word in DEPENDENCE[1:]]
        return f"{said}; with neighbours abroad {' and '.join(needing)} (descriptive)"

    def facts(self) -> list[str]:
        """Say the null, what was adjusted, the classes, and what was left out."""
        p = self.frame["p"]
        lines = [f"null: {self.null}", f"p over {int(p.notna().sum()):,} places: {self.fdr}, at {self.alpha:g}"]
        lines += [
            f"{verdict}: " + ", ".join(f"{int(row[word])} {word}" for word in DEPENDENCE)
            for verdict, row in self.counts().iterrows()
        ]
        lines.append(DESCRIPTIVE)
        lines += [f"across: {self.undefined}"] * bool(self.undefined)
        lines.append(f"{self.n:,} rows, {self.islands:,} of them without a neighbour")
        told = self.frame.loc[p.isna(), "reason"].value_counts()
        lines += [f"not tested {count:,}: {reason}" for reason, count in told.items() if count]
        lines += self.notes
        return [*lines, *self.provenance.facts()]

    def _first_reason(self) -> str:
        reasons = self.frame["reason"]
        held = reasons[reasons != ""].astype(str)
        return str(held.mode().iloc[0]) if len(held) else "no rows"

    def _drawn(self) -> GeoDataFrame:
        """Join places with verdict and dependence."""
        told = self.frame.loc[self.places.index, ["verdict", "dependence"]]
        return self.places.assign(verdict=told["verdict"], dependence=told["dependence"])
