"""What is known of a table, once it has been through all of it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocluster.clusters.dependence import UNDEFINED
from geocluster.labels import number, text
from geocluster.results import Provenance, Result
from geocluster.summary.methods import kilometres, method_words, null_words

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame, Series

    from geocluster.autocorrelation import GlobalResult
    from geocluster.clusters import ClusterResult, ComparisonResult, DependenceResult, FragilityResult
    from geocluster.colocation import ColocationResult
    from geocluster.spanning import SpanningResult

SOURCES = ("source_places", "source_borders", "source_coast")
"""The data behind every analysis, as keys of their words."""

SCAN_COLUMNS = {
    "llr": "scan_llr",
    "p": "scan_p",
    "expected": "scan_expected",
    "r_km": "scan_r_km",
    "at_lon": "scan_lon",
    "at_lat": "scan_lat",
    "from_year": "scan_from_year",
    "to_year": "scan_to_year",
}
"""What a scan says of its own circles, kept apart from what the spanning test says."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Analysis(Result):
    """A table, its clusters, and what was shown of them.

    Attributes
    ----------
    title : str
    table : GeoDataFrame
        The rows placed, with `cluster`.
    set_aside : GeoDataFrame
        The rows not placed, each with its reason.
    clusters : ClusterResult
    spanning : SpanningResult
    autocorrelation : GlobalResult or None
    colocation : ColocationResult or None
    notes : tuple of str
        What was refused or left out, and why.
    study_area : polygon or None
    chosen : bool
        The table is a chosen list, no sample: its summary says so.
    provenance : Provenance
    dependence : DependenceResult or None
        Border dependence of the clusters, with intervals; None where none lies in two countries.
    fragility : FragilityResult or None
    comparison : ComparisonResult or None
        With the clusters of another method.
    """

    title: str
    table: GeoDataFrame
    set_aside: GeoDataFrame
    clusters: ClusterResult
    spanning: SpanningResult
    autocorrelation: GlobalResult | None
    colocation: ColocationResult | None
    notes: tuple[str, ...]
    study_area: Any
    chosen: bool
    provenance: Provenance
    dependence: DependenceResult | None = None
    fragility: FragilityResult | None = None
    comparison: ComparisonResult | None = None

    def to_frame(self) -> DataFrame:
        """One row a cluster: name, verdict, p and radius by reading, members."""
        return cluster_table(self.clusters, self.spanning, self.dependence)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a quick map on the given axes."""
        from geocluster.maps import plot_groups

        return plot_groups(
            self.table, self.to_frame(), windows=self.spanning.windows, study_area=self.study_area, ax=ax
        )

    def figure(self, *, language: str = "en", title: str | None = None) -> Figure:
        """Draw the map for print, under a title of its own if one is given."""
        from geocluster.maps import draw_map

        return draw_map(
            self.table,
            self.to_frame(),
            self.spanning.windows,
            counts=self.spanning.counts,
            conjunctions=self.spanning.conjunctions,
            study_area=self.study_area,
            title=self.title if title is None else title,
            subtitle=self._placed_words(language),
            sources=[text(key, language) for key in SOURCES],
            method=self._method_words(language),
            language=language,
        )

    def sentence(self) -> str:
        """Say how many stakeholders, clusters, and how many span."""
        spans = int(self.to_frame()["verdict"].astype(str).str.startswith("spans").sum())
        placed, clusters = len(self.table), len(self.clusters.frame)
        return (
            f"{placed:,} stakeholder{'s' * (placed != 1)} placed, {clusters:,} cluster{'s' * (clusters != 1)}, "
            f"{spans:,} shown to span"
        )

    def facts(self) -> list[str]:
        """Say the summary's lines and what made them."""
        return [*self.summary().splitlines(), *self.provenance.facts()]

    def summary(self) -> str:
        """Say what a person can act on."""
        from geocluster.summary import summary_lines

        return "\n".join(summary_lines(self))

    def _placed_words(self, language: str) -> str:
        import re

        key = "placed_and_aside" if len(self.set_aside) else "placed"
        counts = {"placed": len(self.table), "aside": len(self.set_aside), "clusters": len(self.clusters.frame)}
        words = text(key, language, **{name: number(count, language, decimals=0) for name, count in counts.items()})
        return re.sub(r"(?<!\w)1 (stakeholder|cluster)s", r"1 \1", words)

    def _method_words(self, language: str) -> str:
        told = self.provenance.parameters
        found = method_words(told, language)
        return text(
            "method",
            language,
            found=found[:1].upper() + found[1:],
            null=null_words(self.spanning, language),
            largest=kilometres(told["r_max_km"], language),
            seed=self.provenance.seed,
            version=f"geocluster {self.provenance.versions.get('geocluster', '')}",
        )


def cluster_table(
    clusters: ClusterResult, spanning: SpanningResult, dependence: DependenceResult | None = None
) -> DataFrame:
    """Put clusters, verdicts and intervals side by side: one row a cluster."""
    frame = clusters.frame.rename(columns=SCAN_COLUMNS)
    for column in ("verdict", "reach", "at_least", "reason"):
        frame[column] = spanning.clusters[column].reindex(frame.index)
    frame["robust"] = robustness(spanning).reindex(frame.index, fill_value="")
    for reading in spanning.asked:
        rows = spanning.readings[spanning.readings["reading"] == reading].set_index("cluster")
        word = reading.replace(" ", "_")
        frame[f"p_{word}"] = rows["p"].reindex(frame.index)
        frame[f"r_km_{word}"] = rows["r_km"].where(rows["claimed"]).reindex(frame.index)
    widths = [f"r_km_{reading.replace(' ', '_')}" for reading in spanning.asked]
    frame["r_km"] = frame[widths].min(axis=1)
    if dependence is not None:
        told = dependence.frame
        frame["delta_low"], frame["delta_high"] = told["low"], told["high"]
        frame["class_share"] = told["class_share"]
        # a method without a rule of density is told by that of the resamples, where it makes cores
        open_ = (frame["dependence"] == UNDEFINED) & told["low"].notna()
        frame.loc[open_, "dependence"], frame.loc[open_, "delta"] = told["dependence"], told["delta"]
    return frame


def robustness(spanning: SpanningResult) -> Series[Any]:
    """Say of each cluster whether a background that clusters by itself changes its claim; '' where not asked."""
    rows = spanning.readings[spanning.readings["robust"].astype(str) != ""]
    return rows.groupby("cluster")["robust"].agg(lambda words: "; ".join(dict.fromkeys(sorted(words)))).astype(object)
