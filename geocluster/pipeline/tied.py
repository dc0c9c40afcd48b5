"""Which rows do ties mean that name organisations by a column of the table?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.errors import Fault, SchemaError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

ENDS = ("origin", "destination")
_SHOWN = 5


def ties_by_row(ties: DataFrame, table: GeoDataFrame, by: str | None) -> DataFrame:
    """Give ties whose ends are labels of the table's index; unknown ends are empty.

    Parameters
    ----------
    ties : DataFrame
        One row a tie, with origin and destination.
    table : GeoDataFrame
    by : str or None
        Column of the table that ties name; None: they name its index already.

    Raises
    ------
    SchemaError
        With all faults: no such column, or a name that several rows bear.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"name": ["Roche", "CNRS"]}, index=[7, 8])
    >>> ties_by_row(pd.DataFrame({"origin": ["Roche"], "destination": ["CNRS "]}), table, "name").values.tolist()
    [[7, 8]]
    """
    import pandas as pd

    if by is None or not hasattr(ties, "columns") or not set(ENDS) <= set(ties.columns):
        return ties
    if by not in table.columns:
        has = ", ".join(map(str, table.columns[:20]))
        raise SchemaError("the ties cannot be used", [Fault(by, "the table has no such column.", f"It has {has}.")])
    names, ends = _plain(table[by]), {end: _plain(ties[end]) for end in ENDS}
    asked = set(ends["origin"]) | set(ends["destination"])
    held = names[names.isin(asked) & (names != "")]
    twice = list(dict.fromkeys(held[held.duplicated()]))
    if twice:
        said = f"several rows are called {', '.join(map(repr, twice[:_SHOWN]))}{' …' * (len(twice) > _SHOWN)}."
        mend = "Name a column of identifiers, or merge_duplicates(table) first."
        raise SchemaError("the ties cannot be used", [Fault(by, said, mend)])
    row = dict(zip(held, held.index, strict=True))
    told = ties.copy()
    for end, values in ends.items():
        told[end] = pd.Series([row.get(name) for name in values], index=ties.index, dtype=object)
    return told


def tie_notes(ties: DataFrame, table: GeoDataFrame) -> list[str]:
    """Say how many ties were used, why others were not, and whether any crosses a border.

    Raises
    ------
    SchemaError
        If none can be used.
    """
    import numpy as np

    from geocluster.clusters.ties import read_ties, tie_countries

    read = read_ties(table, ties)
    return [*read.facts(), *tie_countries(read, table["country"].astype(str).to_numpy(dtype=np.object_))]


def _plain(values: Series[Any]) -> Series[Any]:
    return values.astype("string").fillna("").str.strip()
