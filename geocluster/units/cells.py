"""What does a stranger's cell say?

Cells hold text, numbers, nothing, or the words for nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault
from geocluster.spelling import LONGEST, hash_key, is_nothing, spelling_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame, Series

TOLD = 5
"""Rows that a fault names."""
_ADDRESS = re.compile(r"^(?:https?://)?(?:www\.)?(?:ror\.org/)?")


def cell_text(value: Any) -> str:
    """Give the text of a cell; empty where it holds nothing.

    Examples
    --------
    >>> cell_text(" 00pg6eq24 "), cell_text(12.0), cell_text(float("nan")), cell_text("n/a")
    ('00pg6eq24', '12', '', '')
    """
    if isinstance(value, str):
        told = value.strip()
    elif isinstance(value, (float, np.floating)):
        told = str(int(value)) if np.isfinite(value) and value == int(value) else "" if value != value else str(value)
    elif isinstance(value, (int, np.integer)):
        told = str(int(value))
    else:
        import pandas as pd

        told = "" if value is None or value is pd.NA or value is pd.NaT else str(value).strip()
    return "" if len(told) <= LONGEST and is_nothing(told) and told.casefold() not in _NAMED else told


# letters that stand for nothing as a name, and for something as an identifier or a country
_NAMED = frozenset({"na", "x", "xx", "xxx"})


def cell_texts(column: Series[Any]) -> list[str]:
    """Give the text of each cell of a column, each distinct one read once."""
    known: dict[Any, str] = {}
    told = []
    for value in column.tolist():
        try:
            held = known.get(value)
        except TypeError:  # a list or a dict in a cell
            told.append(cell_text(str(value)))
            continue
        if held is None:
            held = known[value] = cell_text(value)
        told.append(held)
    return told


def identifier(text: str) -> str:
    """Fold an identifier or a web address to what it shares with its other spellings.

    Examples
    --------
    >>> identifier("https://ror.org/00PG6EQ24"), identifier("http://www.unistra.fr/")
    ('00pg6eq24', 'unistra.fr')
    """
    return _ADDRESS.sub("", text.strip().casefold()).rstrip("/")


def name_key(text: str) -> str:
    """Fold a name to its key; of longer text than `spelling_key` reads, the rest counts too.

    Examples
    --------
    >>> name_key("Universität Basel"), name_key("a" * 300) == name_key("a" * 301)
    ('universitat basel', False)
    """
    key = spelling_key(text)
    return f"{key} {hash_key(text[LONGEST:])}" if len(text) > LONGEST else key


def positions(values: Iterable[str]) -> dict[str, list[int]]:
    """Give the positions of each value that is not empty."""
    found: dict[str, list[int]] = {}
    for i, value in enumerate(values):
        if value:
            found.setdefault(value, []).append(i)
    return found


def table_faults(table: Any, columns: Sequence[str]) -> list[Fault]:
    """Find the columns that a table lacks or has twice, and labels that stand twice."""
    if not hasattr(table, "columns"):
        return [Fault("table", f"it is a {type(table).__name__}, not a DataFrame.", "Run read_table(path).")]
    told = ", ".join([str(name) for name in table.columns[:20]]) + (" …" if len(table.columns) > 20 else "")
    faults = [
        Fault(repr(column), "there is no such column.", f"The table has {told}.")
        for column in dict.fromkeys(columns)
        if column not in table.columns
    ]
    twice = table.columns[table.columns.duplicated()].unique()
    faults += [Fault(repr(name), "it stands more than once.", "Rename the columns.") for name in twice[:TOLD]]
    if not table.index.is_unique:
        faults.append(Fault("index", "some labels stand twice.", "Run table.reset_index(drop=True)."))
    return faults


def weight_names(table: DataFrame, weights: str | Sequence[str] | None) -> tuple[list[str], list[Fault]]:
    """Give the columns of numbers to combine, and what is wrong with them."""
    import pandas as pd

    names = [weights] if isinstance(weights, str) else [str(name) for name in weights or ()]
    faults = []
    for name in names if is_plain(table) else ():
        if name not in table.columns:
            continue  # told by table_faults
        held = table[name]
        if pd.api.types.is_bool_dtype(held) or not pd.api.types.is_numeric_dtype(held):
            faults.append(Fault(repr(name), f"it holds {held.dtype}, no numbers.", "Run pandas.to_numeric on it."))
    return names, faults


def is_plain(table: Any) -> bool:
    """Tell whether a table is one, each of its columns once: only then its cells can be looked at."""
    return hasattr(table, "columns") and bool(table.columns.is_unique)


def combine_weights(weights: Series[Any], group: NDArray[np.int64], combine: str) -> Series[Any]:
    """Add up the numbers of each group, or take the largest; nothing where none is known."""
    grouped = weights.groupby(group)
    return grouped.sum(min_count=1) if combine == "sum" else grouped.max()


def rank_labels(table: DataFrame) -> NDArray[np.int64]:
    """Give each row's rank by its label, which travels with it whatever the order of rows."""
    labels = table.index
    try:
        order = labels.argsort()
    except TypeError:  # labels of several kinds
        order = np.array(sorted(range(len(labels)), key=lambda i: (type(labels[i]).__name__, str(labels[i]))), int)
    rank = np.empty(len(labels), dtype=np.int64)
    rank[np.asarray(order, dtype=np.int64)] = np.arange(len(labels))
    return rank


def rank_rows(table: DataFrame) -> NDArray[np.int64]:
    """Rank rows: the fullest first, those with a point before those without; equal ones by label."""
    full = np.zeros(len(table), dtype=np.int64)
    for i, name in enumerate(table.columns):
        column = table.iloc[:, i]
        held = column.notna().to_numpy()
        if name == getattr(table, "active_geometry_name", None):
            full += (held & ~column.is_empty.to_numpy()) * len(table.columns)
        elif column.dtype == object or str(column.dtype) in ("str", "string"):
            full += held & np.array([not isinstance(value, str) or bool(value.strip()) for value in column], dtype=bool)
        else:
            full += held
    rank = np.empty(len(table), dtype=np.int64)
    rank[np.lexsort((rank_labels(table), -full))] = np.arange(len(table))
    return rank


def say_labels(table: DataFrame, at: Sequence[int]) -> str:
    """Name the first rows of several."""
    words = ", ".join(str(table.index[i])[:40] for i in at[:TOLD])
    return words + (" …" if len(at) > TOLD else "")
