"""Which rows are units of another, at the same place?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.results import Provenance
from geocluster.units.cells import (
    cell_texts,
    combine_weights,
    is_plain,
    rank_labels,
    table_faults,
    weight_names,
)
from geocluster.units.hierarchy import (
    Hierarchy,
    from_parents,
    from_relationships,
    identifier_faults,
    relationship_faults,
)
from geocluster.units.places import ABROAD, ELSEWHERE, SAME, Places, check_within, place_faults
from geocluster.units.result import UnitsResult, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

Combine = Literal["sum", "max"]
WITHIN_KM = 25.0
"""A unit farther from its parent is a location of its own: wider than a great city, less than the way to the next."""
COUNT = "unit_count"
MOST_ABOVE = 64
"""Remaining organisations above a unit that are looked at, the nearest first; real registries have few."""


def fold_units(
    table: DataFrame | GeoDataFrame,
    *,
    relationships: DataFrame | None = None,
    parent: str = "parent",
    identifier: str | None = None,
    within_km: float | None = WITHIN_KM,
    keep: Series[Any] | Sequence[bool] | None = None,
    weights: str | Sequence[str] | None = None,
    combine: Combine = "sum",
) -> UnitsResult:
    """Fold laboratories into the organisation they belong to, where a relationship says so.

    A university with seventy laboratories in the registry is one stakeholder, not a
    cluster. Each unit is folded into the nearest organisation above it, by steps, that
    itself remains and stands at the same place; of several equally near, into the one
    with the most units. A unit at another place than its parent is a location of
    its own and remains, and so does one abroad: a national agency does not swallow its
    institutes.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Read, located or assigned. The place of a row is its point (geometry, else lat and
        lon), else its city; its country is `country`, else `geo_country`.
    relationships : DataFrame, optional
        ror_id, related_id, type: "parent" says that related_id stands above ror_id,
        "child" that it stands below; other types are not used. Given from both ends or
        one. If not given, the column `parent` says it.
    parent : str, default "parent"
        The column with the identifier or the name of each row's parent; several are
        parted by | or ;.
    identifier : str, optional
        The column of identifiers; "ror_id", else "id", if not given. Rows without one
        remain.
    within_km : float or None, default 25
        How near is the same place, along the globe; for rows without points the same city
        of the same country. None folds units wherever in the country they are.
    keep : Series of bool, optional
        Rows that remain whatever is stated, on the table's index: universities, say, whose
        board or ministry stands in the same city. Units are folded into them as into others.
    weights : str or sequence of str, optional
        Columns of numbers to combine; if not given, the row kept keeps its own, since what
        an organisation says of itself mostly includes its units.
    combine : {"sum", "max"}
        How `weights` are combined.

    Returns
    -------
    UnitsResult
        `table` and `set_aside` hold all rows together, with their labels.

    Raises
    ------
    SchemaError
        With all that the table or the relationships lack.
    OptionError
        If an option cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {
    ...         "name": ["Université de Strasbourg", "Institut Charles Sadron", "CNRS"],
    ...         "parent": [None, "CNRS|Universite de Strasbourg", None],
    ...         "city": ["Strasbourg", "Strasbourg", "Paris"],
    ...         "country": "FR",
    ...     }
    ... )
    >>> folded = fold_units(table)
    >>> folded
    <1 of 3 rows folded into 1 organisation they are units of; 2 remain>
    >>> folded.table[["name", "unit_count"]].values.tolist()
    [['Université de Strasbourg', 1], ['CNRS', 0]]
    >>> folded.set_aside["reason"].tolist()
    ['unit of Université de Strasbourg']
    """
    within_km = check_within(within_km)
    if combine not in get_args(Combine):
        raise OptionError(f"combine must be 'sum' or 'max', got {combine!r}.")
    if identifier is None:
        identifier = next((name for name in ("ror_id", "id") if name in getattr(table, "columns", ())), None)
    names, kind = _check(table, relationships, parent, identifier, within_km, weights)
    if relationships is not None:
        found = from_relationships(table, relationships, kind, str(identifier))
    else:
        found = from_parents(table, parent, identifier)
    fold = _fold(found, Places(table, within_km), rank_labels(table), _kept(table, keep))
    parameters = {
        "parents": "relationships" if relationships is not None else f"column {parent!r}",
        "within_km": within_km,
        "kept as told": 0 if keep is None else int(_kept(table, keep).sum()),
        "weights": f"{', '.join(names)} ({combine})" if names else "as the row kept has them",
    }
    return _result(table, found, fold, names, combine, Provenance(parameters))


def _check(
    table: Any, relationships: Any, parent: str, identifier: str | None, within_km: float | None, weights: Any
) -> tuple[list[str], str]:
    """Raise one error with all that is missing; return the columns to combine and that of the relationship."""
    names = [weights] if isinstance(weights, str) else [str(name) for name in weights or ()]
    asked = [*([parent] if relationships is None else []), *([identifier] if identifier else []), *names]
    faults = table_faults(table, asked)
    columns = set(getattr(table, "columns", ()))
    kind = ""
    if relationships is not None:
        kind, more = relationship_faults(relationships)
        faults += more
        if identifier is None:
            faults.append(Fault("identifier", "the table has no column ror_id or id.", "Give identifier=COLUMN."))
    elif hasattr(table, "columns") and identifier is None and "name" not in columns:
        faults.append(Fault("name", "there is no such column, nor one of identifiers.", "Parents are found by either."))
    faults += [
        Fault(repr(name), "there is such a column already.", "Rename it.") for name in ("into", "into_name")
        if name in columns
    ]  # fmt: skip
    faults += count_faults(table, COUNT) + place_faults(table, within_km)
    faults += weight_names(table, weights)[1]
    if is_plain(table) and identifier in columns:
        faults += identifier_faults(table, str(identifier))
    if faults:
        raise SchemaError("units cannot be folded", faults)
    return names, kind


def _kept(table: DataFrame, keep: Any) -> NDArray[np.bool_]:
    """Read which rows remain whatever is stated."""
    import pandas as pd

    if keep is None:
        return np.zeros(len(table), dtype=bool)
    mend = "e.g. keep=table['kind'] == 'university'."
    if isinstance(keep, pd.Series):
        if not keep.index.is_unique or set(keep.index) != set(table.index):
            raise OptionError(f"keep does not stand on the table's index; {mend}")
        keep = keep.reindex(table.index)
    said = [keep] if isinstance(keep, str) or not hasattr(keep, "__iter__") else list(keep)
    if len(said) != len(table) or not all(isinstance(one, (bool, np.bool_)) or pd.isna(one) for one in said):
        raise OptionError(f"keep must say true or false of each of {len(table):,} rows; {mend}")
    return np.array([isinstance(one, (bool, np.bool_)) and bool(one) for one in said], dtype=bool)


def count_faults(table: Any, name: str) -> list[Fault]:
    """Say if a column that counts rows already holds something else."""
    import pandas as pd

    if not is_plain(table) or name not in table.columns:
        return []
    held = pd.to_numeric(table[name], errors="coerce")
    if pd.api.types.is_integer_dtype(table[name]) and bool((held >= 0).all()):
        return []
    return [Fault(repr(name), "it holds no counts of an earlier call.", "Rename it.")]


@dataclass(frozen=True, slots=True, eq=False)
class _Fold:
    """What each row is folded into (itself if it remains), how many steps and km up, and why it remains."""

    into: NDArray[np.int64]
    steps: NDArray[np.int64]
    km: NDArray[np.float64]
    reasons: list[str]


def _fold(found: Hierarchy, places: Places, rank: NDArray[np.int64], kept: NDArray[np.bool_]) -> _Fold:
    """Decide of each row, those above it first, whether it is folded, and into what."""
    n = found.rows
    fold = _Fold(np.arange(n), np.zeros(n, dtype=np.int64), np.full(n, np.nan), [""] * n)
    remaining: dict[int, dict[int, int]] = {}  # of each ring: the rows above it that remain, and the steps to them
    for ring, members in found.members.items():
        steps: dict[int, int] = {}
        for one in found.up.get(ring, ()):
            for row in found.members[one]:
                if row < n and fold.into[row] == row:
                    steps[row] = 1
            for row, far in remaining[one].items():
                steps[row] = min(far + 1, steps.get(row, far + 1))
        nearest = sorted(steps, key=lambda row: (steps[row], -found.units.get(row, 0), rank[row]))
        remaining[ring] = {row: steps[row] for row in nearest[:MOST_ABOVE]}
        for i in members:
            if i >= n or not found.parents.get(i):
                continue
            above = list(remaining[ring])
            where = [places.compare_one(i, row) for row in above]
            fit = [row for row, at in zip(above, where, strict=True) if at == SAME]
            direct = [row for row in found.parents[i] if row < n and row not in members]
            if fit and not kept[i]:
                fold.into[i] = fit[0]
            else:
                where += [places.compare_one(i, row) for row in direct]
                fold.reasons[i] = "kept as told" if fit else _why_it_remains(where, cyclic=len(members) > 1)
            best = (fit or above or direct or [i])[0]
            fold.steps[i] = steps.get(best, int(best != i))
            fold.km[i] = places.km(i, np.array([best]))[0] if best != i else np.nan
    return fold


def _why_it_remains(where: list[int], *, cyclic: bool) -> str:
    """Say why a row with a parent remains, from where its parents are."""
    if not where:
        return "its parents stand in a cycle" if cyclic else "the parent is no row of the table"
    if SAME in where:
        return "the parent went into an organisation at another place"
    if ELSEWHERE in where:
        return "the parent is at another place"
    return "the parent is in another country" if ABROAD in where else "a place is not known"


def _result(
    table: DataFrame, found: Hierarchy, fold: _Fold, weights: list[str], combine: str, provenance: Provenance
) -> UnitsResult:
    import pandas as pd

    into, reasons = fold.into, fold.reasons
    names = names_of(table)
    kept, aside, folded = part_rows(table, into, COUNT, weights, combine)
    aside["reason"] = [f"unit of {short(name)}" for name in aside["into_name"]]
    told = np.array([*map(bool, reasons)], dtype=bool) | folded
    at = np.flatnonzero(told)
    frame = pd.DataFrame(
        {
            "name": [names[i] for i in at],
            "folded": folded[at],
            "into": pd.Series([table.index[into[i]] if folded[i] else None for i in at], dtype="object").tolist(),
            "into_name": [names[into[i]] if folded[i] else None for i in at],
            "steps": fold.steps[at],
            "km": fold.km[at],
            "reason": [reasons[i] or f"unit of {short(names[into[i]])}" for i in at],
        },
        index=table.index[at],
    )
    return UnitsResult(
        table=kept,
        set_aside=aside,
        frame=frame,
        counts=found.counts,
        within_km=provenance.parameters["within_km"],
        provenance=provenance,
    )


def names_of(table: DataFrame) -> list[str]:
    """Name each row; by its label where it has no name."""
    texts = cell_texts(table["name"]) if "name" in table.columns else [""] * len(table)
    return [text or str(label) for text, label in zip(texts, table.index, strict=True)]


def part_rows(
    table: DataFrame, into: NDArray[np.int64], count: str, weights: Sequence[str], combine: str
) -> tuple[DataFrame, DataFrame, NDArray[np.bool_]]:
    """Part the rows that remain, with counts and combined numbers, from those set aside, with `into`."""
    import pandas as pd

    gone = into != np.arange(len(table))
    names = names_of(table)
    own = np.zeros(len(table), dtype=np.int64) if count not in table.columns else table[count].to_numpy(dtype=np.int64)
    counted = np.zeros(len(table), dtype=np.int64)
    np.add.at(counted, into, own + gone)
    kept = table[~gone].copy()
    kept[count] = counted[~gone]
    order = np.argsort(rank_labels(table), kind="stable")  # sums of floats, whatever the order of rows
    for name in weights:
        combined = combine_weights(table[name].iloc[order].reset_index(drop=True), into[order], combine)
        kept[name] = combined.reindex(np.flatnonzero(~gone)).to_numpy()
    aside = table[gone].copy()
    at = into[gone]
    aside["into"] = pd.Series(table.index[at], index=aside.index)
    aside["into_name"] = pd.Series([names[i] for i in at], index=aside.index, dtype="object")
    return kept, aside, gone
