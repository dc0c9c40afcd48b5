"""What does a colocation quotient of every member answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geocluster.results import Provenance, Result
from geocluster.splitting.dependence import DEPENDENCE, DESCRIPTIVE

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from geocluster.maps.hotspots import Told


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class LocalColocationResult(Result):
    """The local colocation quotient at every member of one kind, its parts, and what each is called.

    Attributes
    ----------
    label : str
        Which kind near which.
    frame : DataFrame
        On the table's index, one row a member of the first kind.

        - `country`, `neighbours`, `neighbours_abroad`
        - `value` = `within` + `across`: the quotient and its parts at home and abroad; `expected`,
          `sd`, `z`, `p` under redraws, `p_adjusted` over all members tested
        - `verdict`: hot (more of the second kind about it than chance gives), cold (fewer),
          'not significant' or 'not tested'
        - `p_within`, `p_across`, `p_across_adjusted`: of the parts; `p_closed`: of the whole, had
          the neighbours abroad what redraws give on average
        - `dependence`: national, joint or border-made, of significant members. *Descriptive.*
        - `across_standard`: Σ w^X_ij 1[j of B] / Σ w^X_ij π_B(c_j), 1 where the neighbours abroad
          are an average of their country; NaN without one
        - `reason`: why there is no p
    undefined : str
        Why there is no part across at all; empty if there is.
    places : GeoDataFrame
        Country and geometry of the members.
    set_aside : DataFrame
        On the table's index: the rows that could not enter, with `reason`.
    n : int
        Rows that entered, of whatever kind.
    shared : float
        Share of the rows that stand on a point with others.
    null, fdr : str
        What was redrawn, how p was adjusted, in words.
    alpha : float
    notes : tuple of str
    provenance : Provenance
    """

    label: str
    frame: DataFrame
    undefined: str
    places: GeoDataFrame
    set_aside: DataFrame
    n: int
    shared: float
    null: str
    fdr: str
    alpha: float
    notes: tuple[str, ...]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a member of the first kind, on the table's index."""
        return self.frame.copy()

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the members and the border, on given axes if any; what is not significant is hollow."""
        from geocluster.maps.hotspots import plot_hotspots

        return plot_hotspots(self._drawn(), self._told(), language=language, ax=ax)

    def figure(self, *, language: str = "en", title: str | None = None) -> Figure:
        """Draw the map for print, under a title of its own if one is given."""
        from geocluster.maps.hotspots import draw_hotspots

        return draw_hotspots(self._drawn(), self._told(title), language=language)

    def sentence(self) -> str:
        """Say at how many members it is more or less than chance, and how many need those abroad."""
        tested = int(self.frame["p"].notna().sum())
        if not tested:
            reasons = self.frame["reason"][self.frame["reason"] != ""]
            return f"{self.label}: no member could be tested ({reasons.mode().iloc[0] if len(reasons) else 'none'})"
        counts = self.frame["verdict"].value_counts()
        said = f"{self.label}: {counts['hot']:,} of {tested:,} members have more about them than chance gives"
        said += f", {counts['cold']:,} fewer"
        if self.undefined:
            return f"{said}; across: {self.undefined}"
        needs = self.frame["dependence"].value_counts()
        words = " and ".join(f"{needs[word]:,} {word}" for word in DEPENDENCE[1:])
        return f"{said}; with neighbours abroad {words} (descriptive)"

    def facts(self) -> list[str]:
        """Say the null, what was adjusted, and what was left out."""
        p, reason = self.frame["p"], self.frame["reason"]
        lines = [f"null: {self.null}", f"p over {int(p.notna().sum()):,} members: {self.fdr}, at {self.alpha:g}"]
        lines.append(DESCRIPTIVE)
        lines += [f"across: {self.undefined}"] * bool(self.undefined)
        lines.append(f"{self.n:,} rows of all kinds, {len(self.frame):,} members")
        told = reason[p.isna()].astype(str).value_counts()
        lines += [f"not tested {count:,}: {words}" for words, count in told.items()]
        if len(self.set_aside):
            lines += [f"set aside {n:,}: {words}" for words, n in self.set_aside["reason"].value_counts().items()]
        return [*lines, *self.notes, *self.provenance.facts()]

    def _told(self, title: str | None = None) -> Told:
        """Gather what the map says in words."""
        from geocluster.maps.hotspots import Told

        asked = self.provenance.parameters
        draws = asked["permutations"]
        return Told(
            statistic="quotient", column=asked["kind"], other_column=asked["near_kind"],
            seed=str(self.provenance.seed), alpha=self.alpha, rule=asked["fdr"],
            draws=None if draws == "exact" else draws, null="stratified", title=title,
        )  # fmt: skip

    def _drawn(self) -> GeoDataFrame:
        """Join places with verdict and dependence."""
        return self.places.assign(verdict=self.frame["verdict"], dependence=self.frame["dependence"])
