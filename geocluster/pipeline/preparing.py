"""What of a table enters an analysis: which rows are clustered, which are controls, which ties are known?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocluster.pipeline.finding import check_columns
from geocluster.pipeline.placing import assign, check_value, filled, rows_placed
from geocluster.pipeline.tied import tie_notes, ties_by_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A table that is ready to be asked.

    Attributes
    ----------
    placed, set_aside : GeoDataFrame
        Together all rows.
    members : GeoDataFrame
        The rows that are clustered: the cases, or all placed.
    cases : mapping, Series of bool or None
        As `spanning_test` takes it, on the rows placed.
    controls : GeoDataFrame or None
        Given, or the other rows of the table.
    background : GeoDataFrame, "flat" or None
    ties : DataFrame or None
        By the table's index.
    notes : list of str
    renamed_cluster : bool
        A column `cluster` stands as `cluster_original` now.
    """

    placed: GeoDataFrame
    set_aside: GeoDataFrame
    members: GeoDataFrame
    cases: Mapping[str, Any] | Series[Any] | None
    controls: GeoDataFrame | None
    background: Any
    ties: DataFrame | None
    notes: list[str]
    renamed_cluster: bool

    def renamed(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Give the options of a method with the columns and rows that stand here."""
        told = dict(options)
        for name in ("labels", "weight", "years"):
            if self.renamed_cluster and isinstance(told.get(name), str) and told[name] == "cluster":
                told[name] = "cluster_original"
        labels: Any = told.get("labels")
        if hasattr(labels, "reindex") and self.members.index.isin(labels.index).all():
            told["labels"] = labels.reindex(self.members.index)
        return told


def check_asked_columns(
    table: DataFrame, method: str, options: Mapping[str, Any], *, value: str | None, cases: Any, ties_by: str | None
) -> None:
    """Refuse columns that are asked for and not there, before anything is computed.

    Raises
    ------
    SchemaError
        With all that lack, but for `value`, which has an error of its own.
    """
    years = options.get("years", "founded") if method == "space-time" else None
    columns: list[tuple[str, object]] = [("years", years), ("ties_by", ties_by)]
    columns += [(name, options.get(name)) for name in ("labels", "weight")]
    if hasattr(cases, "items") and not hasattr(cases, "index"):
        columns += [("cases", name) for name in cases if name != "country"]
    check_columns(table, columns)
    check_value(table, value)


def prepare_table(
    table: DataFrame | GeoDataFrame,
    *,
    controls: DataFrame | GeoDataFrame | None,
    background: Any,
    cases: Any,
    ties: DataFrame | None,
    ties_by: str | None,
    max_radius_km: float,
    progress: Callable[..., Iterable[Any]] | None,
) -> Prepared:
    """Place the rows, part cases and controls, and find whom ties mean.

    Raises
    ------
    SchemaError
        With all faults of the table or of the ties.
    OptionError
        If the cases do not stand on the table's index.
    """
    from geocluster.errors import OptionError
    from geocluster.spanning.cases import divide_table

    placed, set_aside = rows_placed(table, max_radius_km=max_radius_km, progress=progress)
    renamed = "cluster" in placed.columns
    if renamed:
        placed, set_aside = (part.rename(columns={"cluster": "cluster_original"}) for part in (placed, set_aside))
    placed = filled(placed)
    members, others = placed, None
    notes: list[str] = []
    if controls is not None:
        others = assign(controls, progress, "geocoding controls")
    if hasattr(background, "columns"):
        background, aside = rows_placed(background, max_radius_km=max_radius_km, progress=progress)
        if len(aside):
            reasons = ", ".join(f"{why} ({n:,})" for why, n in aside["reason"].value_counts().head(3).items())
            notes.append(f"{len(aside):,} places of the background left out: {reasons}")
    if cases is not None:
        if hasattr(cases, "index"):
            if not cases.index.equals(table.index):
                raise OptionError(
                    "cases do not stand on the table's index. Give a mask such as table['kind'] == 'firm'."
                )
            cases = cases.reindex(placed.index)
        elif renamed and "cluster" in cases:
            cases = {"cluster_original" if name == "cluster" else name: held for name, held in cases.items()}
        divided = divide_table(placed, cases)
        members, others = divided.cases, divided.controls
    known = None
    if ties is not None:
        known = ties_by_row(ties, members, ties_by)
        notes += tie_notes(known, members)
    return Prepared(placed, set_aside, members, cases, others, background, known, notes, renamed)
