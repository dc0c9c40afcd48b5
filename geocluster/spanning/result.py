"""What does the spanning test answer?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geocluster.results import Provenance, Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from pandas import DataFrame

    from geocluster.spanning.evidence import Evidence
    from geocluster.spanning.explaining import Explanation

SPANS = "spans"
NOT_SHOWN = "in two countries, spanning not shown"
ONE_COUNTRY = "in one country"


def verdict_of(passed: list[str], asked: list[str], *, countries: int) -> str:
    """Say in words what was shown: no verdict without its reading.

    Examples
    --------
    >>> verdict_of(["per head"], ["per head", "beyond city size"], countries=2)
    'spans per head'
    >>> verdict_of([], ["per head"], countries=2)
    'in two countries, spanning not shown'
    """
    if countries < 2:
        return ONE_COUNTRY
    if not passed:
        return NOT_SHOWN if countries == 2 else "in several countries, spanning not shown"
    if passed == asked and len(asked) > 1:
        return SPANS
    return {
        "per head": "spans per head",
        "beyond city size": "spans beyond city size",
        "controls": "spans against the controls",
        "flat": "spans on a flat background",
    }[passed[0]]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SpanningResult(Result):
    """Which clusters, and which circles, hold more than their share on both sides of a border.

    Attributes
    ----------
    clusters : DataFrame
        Index `cluster`; verdict, n, countries (members'), a reason where nothing was shown or one must doubt,
        reach (regional, cross-border, transnational, or not shown), at_least (countries shown in excess together).
    readings : DataFrame
        One row a cluster and reading: p, claimed, r_km, lon, lat (of the circle), excess, family, p_adjusted,
        at_least; with ``null="lgcp"`` p_lgcp and robust ("not robust to clustering of the background").
    windows : DataFrame
        One row a claim (a maximal set of overlapping claimed circles) and reading, clusters or not; at_least is
        the largest number of countries shown there.
    conjunctions : DataFrame
        One row a claim, reading and number u of countries: "at least u countries hold more than their share", p, the
        smallest circle, the countries. Each u has the level for itself, so all of them together have not; claim 0
        stands where only more countries than asked for are shown.
    counts : DataFrame
        One row a cluster or claim, reading and country: observed, expected, ratio, p.
    families : DataFrame
        One row a family (the region, or a border) and reading: p, p_adjusted, level; the circle nearest to a claim
        with r_km, lon, lat, observed, expected; draws made, all countries together.
    background : DataFrame
        One row a reading and country: organisations, places, gamma, fitted_on; sigma2 and rho_km of the clustering.
    set_aside : DataFrame
        On the table's index: reason.
    null : str
        What was redrawn, in words.
    study_area : str
    alpha : float
    permutations : int
    provenance : Provenance
    evidence : mapping of reading to Evidence
        The circles searched, for `explain`.
    """

    clusters: DataFrame
    readings: DataFrame
    windows: DataFrame
    conjunctions: DataFrame
    counts: DataFrame
    families: DataFrame
    background: DataFrame
    set_aside: DataFrame
    null: str
    study_area: str
    alpha: float
    permutations: int
    provenance: Provenance
    evidence: Mapping[str, Evidence] = field(default_factory=dict)

    @property
    def asked(self) -> list[str]:
        """Readings that were asked for, in order."""
        return list(dict.fromkeys(self.background["reading"]))

    def to_frame(self) -> DataFrame:
        """One row a cluster and reading, with the verdict."""
        return self.readings.join(self.clusters[["verdict"]], on="cluster")

    def in_excess(self, cluster: int) -> DataFrame:
        """O, E and p of each country about one cluster, by reading."""
        rows = self.counts[(self.counts["of"] == "cluster") & (self.counts["number"] == cluster)]
        return rows.drop(columns=["of", "number"]).reset_index(drop=True)

    def explain(
        self,
        centre: tuple[float, float],
        *,
        radius_km: float = 25.0,
        countries: Sequence[str] | None = None,
        at_least: int | None = None,
    ) -> Explanation:
        """Say why a region is claimed, or is not.

        Parameters
        ----------
        centre : (float, float)
            Longitude and latitude of the region's middle, degrees.
        radius_km : float, default 25
            Circles centred so near are looked at.
        countries : sequence of str, optional
            Only these, two or more; all whose places lie in reach if not given.
        at_least : int, optional
            Countries that must be in excess together; as the test asked, if not given.

        Returns
        -------
        Explanation
            By reading and border: the circle nearest to a claim, O, E, π and p of each country, and
            what stands in the way.

        Raises
        ------
        OptionError
            With all faults of the question.

        Examples
        --------
        >>> from geocluster.pipeline import load_example
        >>> from geocluster.spanning import spanning_test
        >>> result = spanning_test(load_example("oresund"), rng=1)
        >>> told = result.explain((12.85, 55.65), countries=["DK", "SE"])
        >>> told.frame[["reading", "family", "claimed"]].values.tolist()
        [['per head', 'DK SE', False], ['beyond city size', 'DK SE', False]]
        """
        from geocluster.spanning.explaining import explain_region

        return explain_region(self, centre, radius_km=radius_km, countries=countries, at_least=at_least)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw O/E of each country about each cluster, with 1 marked."""
        from geocluster.charts import plot_excess

        rows = self.counts[self.counts["of"] == "cluster"]
        if rows.empty:
            rows = self.counts
        return plot_excess(rows, ax=ax)

    def sentence(self) -> str:
        """Say how many clusters span, and how many circles are claimed."""
        spans = sum(str(verdict).startswith("spans") for verdict in self.clusters["verdict"])
        circles = len(self.windows)
        if self.families.empty:
            return "nothing to span: no two countries of 5 organisations have places of the background near each other"
        said = f"{spans} of {len(self.clusters)} clusters span a border" if len(self.clusters) else "no clusters asked"
        return f"{said}; {circles} circle{'' if circles == 1 else 's'} claimed at {self.alpha:g}"

    def facts(self) -> list[str]:
        """Say each claim with its figures, then what was assumed."""
        lines = []
        for row in self.windows.itertuples(index=False):
            counts = self.counts[
                (self.counts["of"] == "window")
                & (self.counts["number"] == row.claim)
                & (self.counts["reading"] == row.reading)
            ]
            where = f"circle of {row.r_km:g} km at {row.lat:.2f}, {row.lon:.2f}"
            line = f"{where}: {say_counts(counts)}; p {row.p:.2g} {row.reading}"
            if row.robust:
                line += f"; p {row.p_lgcp:.2g} on a clustered background: {row.robust!s}"
            lines.append(line)
        lines += [
            f"at least {row.at_least} countries ({row.countries}) within {row.r_km:g} km "
            f"of {row.lat:.2f}, {row.lon:.2f}: p {row.p:.2g} {row.reading}, at a level of its own"
            for row in self.conjunctions.itertuples(index=False)
            if row.at_least > self.provenance.parameters["at_least"]
        ]
        lines += [f"null: {self.null}", f"study area: {self.study_area}"]
        lines += sorted(
            f"γ of {row.country} {row.gamma:.2f}, fitted on {row.fitted_on} ({row.fitted_organisations} organisations)"
            for row in self.background.itertuples(index=False)
            if row.reading == "beyond city size"
        )
        if len(self.set_aside):
            reasons = self.set_aside["reason"].value_counts()
            lines += [f"{n} set aside: {reason}" for reason, n in reasons.items()]
        return lines + self.provenance.facts()


def say_counts(counts: DataFrame) -> str:
    """Say O and E by country: 'CH 33 (14.2 expected), DE 15 (4.1)'.

    Examples
    --------
    >>> import pandas as pd
    >>> say_counts(pd.DataFrame({"country": ["CH", "DE"], "observed": [33, 15], "expected": [14.2, 4.13]}))
    'CH 33 (14.2 expected), DE 15 (4.1)'
    """
    words = [
        f"{row.country} {row.observed:.0f} ({row.expected:.1f}{' expected' if first else ''})"
        for first, row in zip([True] + [False] * len(counts), counts.itertuples(index=False), strict=False)
    ]
    return ", ".join(words)


def empty_frame(columns: dict[str, Any]) -> DataFrame:
    """Make a table without rows that keeps its columns and their kinds."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
