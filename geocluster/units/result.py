"""What was folded or merged, and what became of each row?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocluster.results import Provenance, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from pandas import DataFrame, Series

_TOLD = 10


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class UnitsResult(Result):
    """Units folded into their organisations.

    Attributes
    ----------
    table : DataFrame or GeoDataFrame
        The rows that remain, in their order and with their labels, and `unit_count`:
        how many rows were folded into each.
    set_aside : DataFrame or GeoDataFrame
        The rows folded, as they were, with `into` (label), `into_name` and `reason`.
    frame : DataFrame
        One row for each row with a parent stated: name, folded, into, into_name, steps,
        km, reason (why it stands on its own, or what it is a unit of).
    counts : mapping
        What was found in the statements.
    within_km : float or None
        How near is the same place.
    provenance : Provenance
    """

    table: DataFrame
    set_aside: DataFrame
    frame: DataFrame
    counts: Mapping[str, int]
    within_km: float | None
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row for each row with a parent stated."""
        return self.frame.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ten organisations with the most units."""
        from geocluster.charts import plot_named_counts
        from geocluster.labels import text

        held = self.set_aside.groupby("into", sort=False)["into_name"].agg(["first", "size"])
        return plot_named_counts(_largest(held), label=text("units_folded"), ax=ax)

    def sentence(self) -> str:
        """Say how many rows were folded into how many."""
        rows, folded = len(self.table) + len(self.set_aside), len(self.set_aside)
        if not folded:
            return f"no units to fold among {_rows(rows)}"
        into = self.set_aside["into"].nunique()
        return (
            f"{folded:,} of {_rows(rows)} folded into {into:,} organisation{'s' * (into > 1)} they are units of; "
            f"{len(self.table):,} remain"
        )

    def facts(self) -> list[str]:
        """Say which organisations hold most, why units stand on their own, what the statements were."""
        lines = []
        if len(self.set_aside):
            held = self.set_aside.groupby("into", sort=False)["into_name"].agg(["first", "size"])
            most = ", ".join(f"{name} {n:,}" for name, n in list(_largest(held))[:3])
            lines.append(f"most units: {most}")
        stands = self.frame.loc[~self.frame["folded"], "reason"].value_counts()
        lines += [f"{n:,} with a parent stand on their own: {reason}" for reason, n in sorted_counts(stands)]
        lines += [f"{n:,} {what}" for what, n in self.counts.items() if n]
        return [*lines, *self.provenance.facts()]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class DuplicatesResult(Result):
    """Rows that name one organisation.

    Attributes
    ----------
    labels : Series of Int64
        On the table's index: 1 for the largest group, <NA> for a row that stands once.
    frame : DataFrame
        One row for each row that another says better, on its label: name, `into` (label of
        the row it would be merged into), into_name, group, score (0 to 100), why, km.
    counts : mapping
        What was not compared.
    provenance : Provenance
    """

    labels: Series[Any]
    frame: DataFrame
    counts: Mapping[str, int]
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row for each row that another says better."""
        return self.frame.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many rows were found for which reason."""
        from geocluster.charts import plot_named_counts
        from geocluster.labels import text

        found = sorted_counts(self.frame["why"].value_counts())
        return plot_named_counts(
            [(text(why) if why in WHY else why, n) for why, n in found], label=text("rows_found"), ax=ax
        )

    def sentence(self) -> str:
        """Say how many rows are how many organisations."""
        if self.frame.empty:
            return f"no duplicates among {_rows(len(self.labels))}"
        groups, rows = int(self.labels.max()), int(self.labels.notna().sum())
        return (
            f"{rows:,} of {_rows(len(self.labels))} name {groups:,} organisation{'s' * (groups > 1)} more than once; "
            f"{len(self.frame):,} could be merged"
        )

    def facts(self) -> list[str]:
        """Say how many for which reason, the least sure, and what was not compared."""
        lines = [f"{n:,}: {why}" for why, n in sorted_counts(self.frame["why"].value_counts())]
        unsure = self.frame[self.frame["score"] < 100].sort_values("score", kind="stable")
        for name, into, score in unsure[["name", "into_name", "score"]].head(3).itertuples(index=False):
            lines.append(f"least sure: {short(name)} – {short(into)} (score {score:.0f})")
        lines += [f"{n:,} {what}" for what, n in self.counts.items() if n]
        return [*lines, *self.provenance.facts()]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MergeResult(Result):
    """Duplicates merged.

    Attributes
    ----------
    table : DataFrame or GeoDataFrame
        The rows that remain, in their order and with their labels, gaps filled, and
        `duplicate_count`: how many rows were merged into each.
    set_aside : DataFrame or GeoDataFrame
        The rows merged, as they were, with `into` (label), `into_name` and `reason`.
    filled : DataFrame
        One row for each gap filled: row, column, value, source (label).
    conflicts : DataFrame
        One row for each cell that says otherwise: row, column, kept, other, source (label).
    provenance : Provenance
    """

    table: DataFrame
    set_aside: DataFrame
    filled: DataFrame
    conflicts: DataFrame
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row for each row merged: into, into_name, reason."""
        return self.set_aside[["into", "into_name", "reason"]].copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw in which columns the rows merged said otherwise."""
        from geocluster.charts import plot_named_counts
        from geocluster.labels import text

        found = sorted_counts(self.conflicts["column"].value_counts())
        return plot_named_counts(found[:_TOLD], label=text("cells_conflicting"), ax=ax)

    def sentence(self) -> str:
        """Say how many rows were merged into how many."""
        rows, merged = len(self.table) + len(self.set_aside), len(self.set_aside)
        if not merged:
            return f"nothing to merge among {_rows(rows)}"
        into = self.set_aside["into"].nunique()
        return f"{merged:,} of {_rows(rows)} merged into {into:,} that name{'s' * (into == 1)} the same organisation"

    def facts(self) -> list[str]:
        """Say what was filled, and what conflicts, by column."""
        lines = [f"{n:,} gaps filled in {column}" for column, n in sorted_counts(self.filled["column"].value_counts())]
        conflicts = sorted_counts(self.conflicts["column"].value_counts())
        lines += [f"{n:,} cells of {column} say otherwise than the row kept" for column, n in conflicts]
        return [*lines, *self.provenance.facts()]


WHY = (
    "same name",
    "same name, legal form aside",
    "same words",
    "same letters",
    "same name, other legal form",
    "near name",
)
"""Why two rows are one organisation, the surest first; else `same <column>`."""


def sorted_counts(counts: Series[Any]) -> list[tuple[str, int]]:
    """Order counts, the largest first, equal ones by name."""
    return sorted(((str(name), int(n)) for name, n in counts.items()), key=lambda item: (-item[1], item[0]))


def _largest(held: DataFrame) -> list[tuple[str, int]]:
    """Give the ten organisations with the most rows."""
    pairs = [(short(name), int(n)) for name, n in held.itertuples(index=False)]
    return sorted(pairs, key=lambda item: (-item[1], item[0]))[:_TOLD]


def short(word: object) -> str:
    """Put a stranger's words on one line."""
    line = " ".join(str(word).split())
    return line if len(line) <= 48 else f"{line[:47]}…"


def _rows(n: int) -> str:
    return f"{n:,} row{'' if n == 1 else 's'}"
