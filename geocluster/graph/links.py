"""How does a table of weights, or of travel times, become a graph?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph.conversion import standardise_rows, to_graph
from geocluster.graph.neighbours import to_number
from geocluster.graph.points import say_rows

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from pandas import DataFrame


def graph_from_table(
    links: DataFrame,
    table: DataFrame,
    *,
    origin: str = "origin",
    destination: str = "destination",
    weight: str | None = None,
    minutes: str | None = None,
    within_minutes: float | None = None,
    decay_minutes: float | None = None,
    both_ways: bool = False,
    row_standardise: bool = False,
) -> tuple[Graph, DataFrame]:
    """Make a graph of a table with one row a link: its weight, or its travel time.

    Parameters
    ----------
    links : DataFrame
    table : DataFrame
        The places: links name them by its index. Who is in no link stays, as an isolate.
    origin, destination : str
        Columns of `links`.
    weight : str, optional
        Column with weights from 0 up. Give it, or `minutes`.
    minutes : str, optional
        Column with travel times from 0 up.
    within_minutes : float, optional
        Longer journeys are no links; w = 1 for the others if there is no decay.
    decay_minutes : float, optional
        w = exp(-minutes / decay_minutes).
    both_ways : bool, default False
        Whether a link counts both ways; where both are given they must be equal.
    row_standardise : bool, default False
        Whether each row is made to sum to 1.

    Returns
    -------
    graph : Graph
        On the table's index.
    set_aside : DataFrame
        The rows of `links` that could not be used, each with its `reason`: a place
        that is not in the table, no number, a number below 0, a place with itself.

    Raises
    ------
    SchemaError
        If columns lack, or a pair stands twice with different numbers.
    OptionError
        If the options do not go together.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(index=["Basel", "Freiburg", "Mulhouse"])
    >>> rows = [("Basel", "Freiburg", 45), ("Basel", "Mulhouse", 25), ("Paris", "Basel", 180)]
    >>> links = pd.DataFrame(rows, columns=["origin", "destination", "min"])
    >>> graph, set_aside = graph_from_table(links, table, minutes="min", within_minutes=30, both_ways=True)
    >>> graph["Basel"].to_dict(), set_aside["reason"].tolist()
    ({'Mulhouse': 1.0}, ['Paris is not in the table'])
    """
    import pandas as pd
    from scipy import sparse

    number = _check(links, table, origin, destination, weight, minutes, within_minutes, decay_minutes)
    value = pd.to_numeric(links[number], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    start, end = (table.index.get_indexer(pd.Index(links[name])) for name in (origin, destination))
    reasons = _reasons(links, origin, destination, number, start, end, value)
    used = np.array([not reason for reason in reasons], dtype=bool)
    set_aside = links[~used].copy()
    set_aside["reason"] = pd.Series([reason for reason in reasons if reason], index=set_aside.index, dtype="object")
    start, end, value = start[used], end[used], value[used]
    if both_ways:
        start, end, value = np.append(start, end), np.append(end, start), np.append(value, value)
    start, end, value = _once(start, end, value, table)
    if minutes is not None:
        near = value <= (np.inf if within_minutes is None else within_minutes)
        start, end, value = start[near], end[near], value[near]
        value = np.ones(len(value)) if decay_minutes is None else np.exp(-value / decay_minutes)
    held = value > 0
    matrix = sparse.csr_array((value[held], (start[held], end[held])), shape=(len(table), len(table)))
    matrix.sort_indices()
    if row_standardise:
        matrix = standardise_rows(matrix)
    return to_graph(matrix, table.index, row_standardised=row_standardise), set_aside


def _check(
    links: DataFrame,
    table: DataFrame,
    origin: str,
    destination: str,
    weight: str | None,
    minutes: str | None,
    within_minutes: float | None,
    decay_minutes: float | None,
) -> str:
    """Raise one error with all that is wrong; else name the column of numbers."""
    faults = []
    if (weight is None) == (minutes is None):
        faults.append(f"give one of weight and minutes, got weight={weight!r} and minutes={minutes!r}.")
    if minutes is None and not (within_minutes is None and decay_minutes is None):
        faults.append("within_minutes and decay_minutes go with minutes, which is not given.")
    if minutes is not None and within_minutes is None and decay_minutes is None:
        faults.append("with minutes give within_minutes, decay_minutes or both. 60 minutes are usual.")
    for name, given in (("within_minutes", within_minutes), ("decay_minutes", decay_minutes)):
        if given is not None and not 0 < to_number(given) < np.inf:
            faults.append(f"{name} must be a number above 0, got {given!r}.")
    if faults:
        raise OptionError("\n".join(faults))
    number = str(weight if weight is not None else minutes)
    lacking = [name for name in (origin, destination, number) if name not in links.columns]
    columns = [
        Fault(name, "there is no such column.", f"The links have {', '.join(map(str, links.columns))}.")
        for name in lacking
    ]
    if not table.index.is_unique or table.index.nlevels > 1:
        columns.append(Fault("index", "the table's labels are not single and unique.", "Run table.reset_index()."))
    if columns:
        raise SchemaError("the links cannot be used", columns)
    return number


def _reasons(
    links: DataFrame,
    origin: str,
    destination: str,
    number: str,
    start: NDArray[Any],
    end: NDArray[Any],
    value: NDArray[np.float64],
) -> list[str]:
    """Say of each link why it cannot be used; nothing where it can."""
    reasons = []
    names = zip(links[origin].tolist(), links[destination].tolist(), strict=True)
    for (here, there), i, j, x in zip(names, start.tolist(), end.tolist(), value.tolist(), strict=True):
        unknown = [str(name) for name, at in ((here, i), (there, j)) if at < 0]
        if unknown:
            verb = "are" if len(unknown) > 1 else "is"
            reasons.append(f"{' and '.join(unknown)} {verb} not in the table")
        elif i == j:
            reasons.append("a place with itself")
        elif not np.isfinite(x):
            reasons.append(f"no number in {number}")
        else:
            reasons.append(f"{number} is below 0" if x < 0 else "")
    return reasons


def _once(
    start: NDArray[Any], end: NDArray[Any], value: NDArray[np.float64], table: DataFrame
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]]:
    """Keep each pair once; refuse pairs that stand twice with different numbers."""
    order = np.lexsort((value, end, start))
    start, end, value = start[order], end[order], value[order]
    again = np.append(False, (np.diff(start) == 0) & (np.diff(end) == 0)) if len(start) else np.zeros(0, dtype=bool)
    odd = np.flatnonzero(again & np.append(False, np.diff(value) != 0)) if len(start) else np.array([], dtype=int)
    if len(odd):
        pairs = [f"{table.index[start[i]]} → {table.index[end[i]]}" for i in odd.tolist()]
        raise SchemaError(
            "the links cannot be used",
            [Fault("links", f"pairs stand twice with different numbers: {say_rows(pairs)}.", "Keep one of each.")],
        )
    return start[~again], end[~again], value[~again]
