"""How do several rows of one organisation become one?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.results import Provenance
from geocluster.spelling import spelling_key
from geocluster.units.cells import cell_text, rank_labels, rank_rows, table_faults, weight_names
from geocluster.units.folding import COUNT as UNIT_COUNT
from geocluster.units.folding import count_faults, part_rows
from geocluster.units.result import DuplicatesResult, MergeResult, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

Keep = Literal["fullest", "first"]
Combine = Literal["max", "sum"]
COUNT = "duplicate_count"
_OF_A_POINT = frozenset(
    [
        *("geometry", "lat", "lon", "precision", "radius_km", "radius68_km", "reason", "near_border"),
        *("border_km", "border_country", "country_source"),
    ]
)
"""Columns that go with the point: they come from one row together, as does all that begins with geo_."""


def merge_duplicates(
    table: DataFrame | GeoDataFrame,
    duplicates: DuplicatesResult | Series[Any],
    *,
    keep: Keep = "fullest",
    least_score: float = 100.0,
    weights: str | Sequence[str] | None = None,
    combine: Combine = "max",
) -> MergeResult:
    """Make one row of several that name the same organisation.

    One row of each group is kept and its gaps are filled from the others, the fullest
    first; its point and all that goes with it come from one row. What the others say
    otherwise is listed, never mixed in.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
    duplicates : DuplicatesResult or Series
        What `find_duplicates` found, or labels on the table's index: rows with the same
        label are one, rows with <NA> stand alone.
    keep : {"fullest", "first"}
        Which row of a group is kept: the one with the fewest gaps, or the first.
    least_score : float, default 100
        Of a DuplicatesResult, what is merged: near names only if asked, since most near
        names of a clean table are others' names. Labels are merged as they are.
    weights : str or sequence of str, optional
        Columns of numbers to combine; if not given, the row kept keeps its own.
    combine : {"max", "sum"}
        The same organisation told twice has its employees once: the largest number.

    Returns
    -------
    MergeResult
        `table` and `set_aside` hold all rows together, with their labels.

    Raises
    ------
    SchemaError
        With all that the table lacks.
    OptionError
        If an option cannot be used, or the duplicates are those of another table.

    Examples
    --------
    >>> import pandas as pd
    >>> from geocluster.units import find_duplicates
    >>> table = pd.DataFrame(
    ...     {"name": ["Novartis AG", "NOVARTIS"], "city": "Basel", "country": "CH", "site": [None, "novartis.com"]}
    ... )
    >>> merged = merge_duplicates(table, find_duplicates(table))
    >>> merged
    <1 of 2 rows merged into 1 that names the same organisation>
    >>> merged.table.values.tolist()
    [['NOVARTIS', 'Basel', 'CH', 'novartis.com', 1]]
    >>> merged.conflicts[["column", "kept", "other"]].values.tolist()
    [['name', 'NOVARTIS', 'Novartis AG']]
    """
    if keep not in get_args(Keep):
        raise OptionError(f"keep must be 'fullest' or 'first', got {keep!r}.")
    if combine not in get_args(Combine):
        raise OptionError(f"combine must be 'max' or 'sum', got {combine!r}.")
    names = [weights] if isinstance(weights, str) else [str(name) for name in weights or ()]
    faults = table_faults(table, names) + count_faults(table, COUNT)
    faults += [
        Fault(repr(name), "there is such a column already.", "Rename it.") for name in ("into", "into_name")
        if name in getattr(table, "columns", ())
    ]  # fmt: skip
    faults += weight_names(table, weights)[1]
    if faults:
        raise SchemaError("duplicates cannot be merged", faults)
    group = _groups(table, duplicates, least_score)
    rank = rank_rows(table)
    into = _kept_of(group, rank if keep == "fullest" else np.arange(len(table)))
    summed = [UNIT_COUNT] if UNIT_COUNT in table.columns and not count_faults(table, UNIT_COUNT) else []
    kept, aside, gone = part_rows(table, into, COUNT, names, combine)
    if summed:
        kept[UNIT_COUNT] = part_rows(table, into, COUNT, summed, "sum")[0][UNIT_COUNT]
    source, filled, conflicts = _compare(table, into, rank, {*names, *summed, COUNT})
    for column, rows in source.items():
        kept[column] = table[column].iloc[rows[~gone]].set_axis(kept.index)
    aside["reason"] = [f"merged into {short(name)}" for name in aside["into_name"]]
    parameters = {
        "keep": keep,
        "least_score": least_score if isinstance(duplicates, DuplicatesResult) else "labels as given",
        "weights": f"{', '.join(names)} ({combine})" if names else "as the row kept has them",
        "left unmerged below that score": _left(duplicates, least_score),
    }
    return MergeResult(
        table=kept, set_aside=aside, filled=filled, conflicts=conflicts, provenance=Provenance(parameters)
    )


def _left(duplicates: Any, least_score: float) -> int:
    if not isinstance(duplicates, DuplicatesResult):
        return 0
    return int((duplicates.frame["score"] < least_score).sum())


def _groups(table: DataFrame, duplicates: Any, least_score: float) -> NDArray[np.int64]:
    """Give each row the number of its group; -1 for a row that stands alone."""
    import pandas as pd

    if isinstance(duplicates, DuplicatesResult):
        labels = duplicates.labels
    elif isinstance(duplicates, pd.Series):
        labels = duplicates
    else:
        what = type(duplicates).__name__
        raise OptionError(f"duplicates must be what find_duplicates(table) gave, or a Series of labels, got {what}.")
    if not labels.index.is_unique or len(labels) != len(table) or not labels.index.isin(table.index).all():
        raise OptionError("duplicates do not stand on the table's index: they were found in another table.")
    if isinstance(duplicates, DuplicatesResult):
        try:
            least = float(least_score)
        except (TypeError, ValueError):
            least = float("nan")
        if not 0 <= least <= 100:
            raise OptionError(f"least_score must lie between 0 and 100, got {least_score!r}.")
        frame = duplicates.frame[duplicates.frame["score"] >= least]
        alone = labels.index.difference(frame.index.union(pd.Index(frame["into"])), sort=False)
        labels = labels.mask(labels.index.isin(alone))
    code: NDArray[np.int64] = pd.factorize(labels.reindex(table.index))[0].astype(np.int64)
    return code


def _kept_of(group: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each row the row of its group that is kept: the first by rank; itself where it stands alone."""
    into = np.arange(len(group))
    order = np.argsort(rank, kind="stable")
    order = order[group[order] >= 0]
    _, first = np.unique(group[order], return_index=True)
    into[group >= 0] = order[first][group[group >= 0]] if len(first) else into[group >= 0]
    return into


def _compare(
    table: DataFrame, into: NDArray[np.int64], rank: NDArray[np.int64], combined: set[str]
) -> tuple[dict[Any, NDArray[np.int64]], DataFrame, DataFrame]:
    """Decide from which row each cell of the rows kept comes; list the gaps filled and what says otherwise."""
    import pandas as pd

    others: dict[int, list[int]] = {}
    for i in np.argsort(rank, kind="stable").tolist():
        if into[i] != i:
            others.setdefault(int(into[i]), []).append(i)
    leaders = sorted(others, key=rank_labels(table).__getitem__)
    point = getattr(table, "active_geometry_name", None) or ("lat" if "lat" in table.columns else None)
    source: dict[Any, NDArray[np.int64]] = {}
    filled: list[tuple[Any, ...]] = []
    conflicts: list[tuple[Any, ...]] = []
    pointed = _held(table, point) if point else np.ones(len(table), dtype=bool)
    of_point = {
        leader: next((i for i in others[leader] if pointed[i]), leader) for leader in leaders if not pointed[leader]
    }
    for column in table.columns:
        if column in combined:
            continue
        whence = np.arange(len(table))
        if point and (column in _OF_A_POINT or column == point or str(column).startswith("geo_")):
            for leader, i in of_point.items():
                whence[leader] = i
                if column == point and i != leader:
                    filled.append((leader, column, table[column].iloc[i], i))
            if of_point:
                source[column] = whence
            continue
        held = _held(table, column)
        values = table[column].tolist()
        for leader in leaders:
            for i in others[leader]:
                if not held[i]:
                    continue
                if not held[whence[leader]]:
                    whence[leader] = i
                    filled.append((leader, column, values[i], i))
                elif not _agree(values[whence[leader]], values[i]):
                    conflicts.append((leader, column, values[whence[leader]], values[i], i))
        if (whence != np.arange(len(table))).any():
            source[column] = whence
    label = table.index
    fills = [(label[row], column, value, label[i]) for row, column, value, i in filled]
    fights = [(label[row], column, one, other, label[i]) for row, column, one, other, i in conflicts]
    return (
        source,
        pd.DataFrame(fills, columns=["row", "column", "value", "source"]),
        pd.DataFrame(fights, columns=["row", "column", "kept", "other", "source"]),
    )


def _held(table: DataFrame, column: Any) -> NDArray[np.bool_]:
    """Tell which cells of a column hold something."""
    values: Any = table[column]
    held: NDArray[np.bool_] = np.asarray(values.notna(), dtype=bool)
    if hasattr(values, "is_empty"):
        held = np.logical_and(held, ~np.asarray(values.is_empty, dtype=bool))
    if values.dtype == object or str(values.dtype) in ("str", "string"):
        text = [there and bool(cell_text(value)) for there, value in zip(held, values, strict=True)]
        return np.array(text, dtype=bool)
    return held


def _agree(one: Any, other: Any) -> bool:
    """Tell whether two cells say the same."""
    first, second = cell_text(one), cell_text(other)
    return first == second or (spelling_key(first) == spelling_key(second) and max(len(first), len(second)) < 200)
