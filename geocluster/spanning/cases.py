"""Which rows of a table are the cases, and which the controls?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import Index, Series

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Divided:
    """A table in three: rows in = cases + controls + unknown.

    Attributes
    ----------
    cases, controls, unknown : GeoDataFrame
        Unknown: the column that should tell is empty.
    is_case : ndarray of bool, shape (rows,)
    words : str
        How they were told apart.
    index : Index
        Of all rows.
    """

    cases: GeoDataFrame
    controls: GeoDataFrame
    unknown: GeoDataFrame
    is_case: NDArray[np.bool_]
    words: str
    index: Index[Any]


def divide_table(table: GeoDataFrame, cases: Mapping[str, Any] | Series[Any]) -> Divided:
    """Divide a table into one sector and all others.

    Parameters
    ----------
    table : GeoDataFrame
    cases : mapping of column to value or values, or Series of bool
        ``{"kind": "firm"}``, ``{"kind": ["firm", "institute"]}`` (several columns:
        all must hold), or a mask on the table's index.

    Raises
    ------
    SchemaError
        If a column lacks, or no row, or every row, is a case.
    OptionError
        If `cases` is neither, or not on the table's index.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([7.0, 7.1, 7.2], [47.5, 47.5, 47.5], crs="EPSG:4326")
    >>> table = gpd.GeoDataFrame({"kind": ["firm", "university", None]}, geometry=points)
    >>> told = divide_table(table, {"kind": "firm"})
    >>> len(told.cases), len(told.controls), len(told.unknown), told.words
    (1, 1, 1, "kind is 'firm'")
    """
    if hasattr(cases, "items") and not hasattr(cases, "index"):
        chosen, known, words = _by_columns(table, cases)
    else:
        chosen, known, words = _by_mask(table, cases)
    faults = []
    if not chosen.any():
        faults.append(Fault("cases", f"no row is one ({words}).", _values(table, cases)))
    elif chosen[known].all():
        faults.append(Fault("cases", f"every row is one ({words}): no controls are left.", _values(table, cases)))
    if faults:
        raise SchemaError("the table cannot be divided into cases and controls", faults)
    return Divided(table[chosen & known], table[~chosen & known], table[~known], chosen & known, words, table.index)


def _by_columns(table: GeoDataFrame, cases: Mapping[str, Any]) -> tuple[NDArray[np.bool_], NDArray[np.bool_], str]:
    missing = [str(column) for column in cases if column not in table.columns]
    if missing or not cases:
        have = ", ".join(map(str, table.columns[:20]))
        faults = [Fault(column, "is no column of the table.", f"It has {have}.") for column in missing]
        raise SchemaError("cases cannot be told", faults or [Fault("cases", "names no column.", f"It has {have}.")])
    chosen, known, words = np.ones(len(table), dtype=bool), np.ones(len(table), dtype=bool), []
    for column, value in cases.items():
        several = isinstance(value, (list, tuple, set, frozenset))
        values = sorted(value, key=str) if several else [value]
        chosen &= table[column].isin(values).to_numpy(dtype=bool)
        known &= table[column].notna().to_numpy(dtype=bool)
        words.append(f"{column} is {' or '.join(map(repr, values))}")
    return chosen, known, " and ".join(words)


def _by_mask(table: GeoDataFrame, cases: Any) -> tuple[NDArray[np.bool_], NDArray[np.bool_], str]:
    import pandas as pd

    if not isinstance(cases, pd.Series) or not pd.api.types.is_bool_dtype(cases.dropna().infer_objects()):
        raise OptionError(
            f"cases must be a mapping such as {{'kind': 'firm'}} or a Series of bool, got {type(cases).__name__}."
        )
    if not cases.index.equals(table.index):
        raise OptionError("cases do not stand on the table's index. Give a mask such as table['kind'] == 'firm'.")
    known = cases.notna().to_numpy(dtype=bool)
    return cases.fillna(value=False).to_numpy(dtype=bool), known, "a given mask"


def _values(table: GeoDataFrame, cases: Any) -> str:
    """Say which values there are."""
    if hasattr(cases, "index"):
        return "Look at the mask."
    said = []
    for column in cases:
        counts = table[column].value_counts()
        more = f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
        said.append(f"{column} holds {', '.join(f'{v!r} ({n})' for v, n in counts.head(_SHOWN).items())}{more}")
    return "; ".join(said) + "."
