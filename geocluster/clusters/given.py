"""Which clusters has the user found already?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.partition import Partition, rank_groups
from geocluster.errors import Fault, SchemaError
from geocluster.graph import say_rows

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray


def read_groups(table: GeoDataFrame, labels: Any) -> tuple[NDArray[np.int64], list[str]]:
    """Read clusters from a column, or a Series on the table's index.

    Parameters
    ----------
    table : GeoDataFrame
    labels : str or Series
        Missing or empty: in no cluster. Names may be of any kind; they are compared as text.

    Returns
    -------
    group : ndarray of int, shape (n,)
        From 0 up in the order of the names; -1 outside.
    names : list of str

    Raises
    ------
    SchemaError
        If there is no such column, the index is another, or no row has a cluster.

    Examples
    --------
    >>> import pandas as pd
    >>> group, names = read_groups(pd.DataFrame({"own": ["b", None, "a", " b "]}), "own")
    >>> group.tolist(), names
    ([1, -1, 0, 1], ['a', 'b'])
    """
    import pandas as pd

    if isinstance(labels, pd.Series):
        where, values = "labels" if labels.name is None else str(labels.name), labels
        faults = []
        if not values.index.is_unique:
            faults.append(Fault(where, "some labels stand twice in its index.", "Give one cluster a row."))
        else:
            unknown, absent = values.index.difference(table.index), table.index.difference(values.index)
            if len(unknown):
                faults.append(
                    Fault(where, f"{say_rows(unknown)} not in the table.", "Use labels.reindex(table.index).")
                )
            if len(absent):
                faults.append(
                    Fault(where, f"{say_rows(absent)} of the table lacking.", "Use labels.reindex(table.index).")
                )
        if faults:
            raise SchemaError("the clusters cannot be used", faults)
        values = values.reindex(table.index)
    elif isinstance(labels, str) and labels in table.columns:
        where, values = labels, table[labels]
    else:
        columns = ", ".join(map(str, table.columns))
        fault = Fault(str(labels), "there is no such column.", f"The table has {columns}.")
        raise SchemaError("the clusters cannot be used", [fault])
    if pd.api.types.is_float_dtype(values) and bool((values.dropna() % 1 == 0).all()):
        values = values.astype("Int64")
    words = values.map(lambda value: "" if value is None or value is pd.NA or value != value else str(value).strip())
    told = words.fillna("").astype(str).to_numpy(dtype=object)
    held = told != ""
    if len(told) and not held.any():
        fault = Fault(where, "no row has a cluster.", "Name the column that holds the clusters.")
        raise SchemaError("the clusters cannot be used", [fault])
    names, of_row = np.unique(told[held].astype(str), return_inverse=True)
    group = np.full(len(told), -1, dtype=np.int64)
    group[held] = of_row
    return group, [str(name) for name in names]


def find_given(
    table: GeoDataFrame, labels: Any, longitude: NDArray[np.float64], latitude: NDArray[np.float64], *, minimum: int
) -> Partition:
    """Take the user's clusters; those with fewer rows than `minimum` are left out, and counted."""
    group, names = read_groups(table, labels)
    size = np.bincount(group[group >= 0], minlength=len(names))
    small = size < minimum
    notes = []
    if small.any():
        notes.append(
            f"{int(small.sum()):,} clusters with fewer than {minimum} rows left out, {size[small].sum():,} rows"
        )
    alone = int(((size == 1) & ~small).sum())
    if alone:
        notes.append(f"{alone:,} cluster{' has' if alone == 1 else 's have'} one member")
    group = np.where((group >= 0) & ~small[np.maximum(group, 0)] if len(names) else False, group, -1)
    label, kept = rank_groups(group, longitude, latitude)
    columns = {"given": np.array(names, dtype=object)[kept]} if len(names) else {"given": np.zeros(0, dtype=object)}
    return Partition(label, label > 0, columns=columns, notes=notes)
