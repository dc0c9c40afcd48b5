"""What does one search say of the clusters of its table, whichever they are?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocluster.errors import OptionError
from geocluster.graph import to_number
from geocluster.spanning.telling import best_findings, members_of, tell_result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

    from geocluster.background.ground import Ground
    from geocluster.background.places import Exponent
    from geocluster.results import Provenance
    from geocluster.spanning.cases import Divided
    from geocluster.spanning.families import Family, Pattern
    from geocluster.spanning.result import SpanningResult


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """A search that is done: circles and redraws do not hang on clusters, so any may be asked about.

    Attributes
    ----------
    table, placed : GeoDataFrame
        The cases; those of them that entered.
    divided : Divided or None
        Where cases were taken out of a larger table.
    aside : DataFrame
    ground : Ground
    found : mapping of reading to Pattern and families
    exponents : mapping
    options : mapping
        Of `tell_result`.
    provenance : Provenance
    """

    table: GeoDataFrame
    placed: GeoDataFrame
    divided: Divided | None
    aside: DataFrame
    ground: Ground
    found: Mapping[str, tuple[Pattern, list[Family]]]
    exponents: Mapping[str, Exponent]
    options: Mapping[str, Any]
    provenance: Provenance

    def tell(self, labels: Series[Any] | None) -> SpanningResult:
        """Say what was shown, of these clusters.

        Raises
        ------
        OptionError
            If the labels stand on another index.
        """
        return tell_result(
            self.table,
            self.placed,
            self.aside,
            labels_of_cases(labels, self.table, self.divided),
            self.ground,
            self.found,
            self.exponents,
            **self.options,
            provenance=self.provenance,
        )

    def spanning_labels(self, labels: Series[Any]) -> list[int]:
        """Give the labels that are shown to span in any reading: what `tell` says, without its tables."""
        own = labels_of_cases(labels, self.table, self.divided)
        members = members_of(self.placed, own, self.ground)
        asked = {"r_max_km": self.options["r_max_km"], "at_least": self.options["at_least"]}
        found: set[int] = set()
        for pattern, families in self.found.values():
            best = best_findings(pattern, families, members, **asked)
            found |= {label for label, (finding, _) in best.items() if finding.claimed}
        return sorted(found)


def labels_of_cases(labels: Series[Any] | None, cases: GeoDataFrame, divided: Divided | None) -> Series[Any] | None:
    """Give the labels of the cases, or refuse labels of other rows.

    Parameters
    ----------
    labels : Series or None
        On all rows, or on the cases.
    cases : GeoDataFrame
    divided : Divided or None

    Raises
    ------
    OptionError
        Also where they are no numbers of clusters: nothing would be found under them.
    """
    if labels is None:
        return None
    if not (hasattr(labels, "index") and hasattr(labels, "dropna")):
        raise OptionError(f"labels must be a Series on the table's index, got {type(labels).__name__}.")
    if divided is not None and labels.index.equals(divided.index):
        labels = labels[divided.is_case]
    if not labels.index.equals(cases.index):
        raise OptionError("labels do not stand on the table's index. Give result.labels of the same table.")
    strange = [value for value in labels.dropna().unique() if not (to_number(value) >= 0 and float(value).is_integer())]
    if strange:
        raise OptionError(
            f"labels must be whole numbers from 0 up, <NA> outside clusters; got {', '.join(map(repr, strange[:5]))}. "
            "Give result.labels, or number your own: find_clusters(table, method='column', labels=...)."
        )
    return labels
