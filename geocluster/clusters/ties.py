"""Who is tied to whom, and which ties cannot be used?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault, SchemaError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """Usable ties between the rows of a table.

    Attributes
    ----------
    weights : csr_array, shape (n, n)
        Symmetrical; several ties of a pair add up.
    set_aside : DataFrame
        Ties that cannot be used, each with its `reason`.
    used : int
    """

    weights: csr_array
    set_aside: DataFrame
    used: int

    def facts(self) -> list[str]:
        """Say how many were used, and how many not and why."""
        lines = [f"{self.used:,} ties used"]
        for reason, count in self.set_aside["reason"].value_counts().sort_index().items():
            lines.append(f"{count:,} ties set aside: {reason}")
        return lines


def read_ties(
    table: GeoDataFrame,
    ties: Any,
    *,
    origin: str = "origin",
    destination: str = "destination",
    weight: str | None = None,
    identifier: str | None = None,
) -> Ties:
    """Read ties; their direction does not matter.

    Parameters
    ----------
    table : GeoDataFrame
    ties : DataFrame
        One row a tie.
    origin, destination : str
        Columns of `ties` that name rows of the table.
    weight : str, optional
        Column with weights above 0; each tie weighs 1 if not given.
    identifier : str, optional
        Column of the table by which ties name its rows; its index if not given.

    Raises
    ------
    SchemaError
        If there are no ties, columns lack, names stand twice, or no tie can be used.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"country": ["CH", "DE"]}, index=["a", "b"])
    >>> told = read_ties(table, pd.DataFrame({"origin": ["a", "a"], "destination": ["b", "x"]}))
    >>> told.weights.toarray().tolist(), told.facts()
    ([[0.0, 1.0], [1.0, 0.0]], ['1 ties used', '1 ties set aside: an organisation that is not in the table'])
    """
    import pandas as pd
    from scipy import sparse

    if not hasattr(ties, "columns"):
        raise SchemaError(f"ties must be a DataFrame with one row a tie, not {type(ties).__name__}.")
    faults = [
        Fault(name, "there is no such column.", f"The ties have {', '.join(map(str, ties.columns))}.")
        for name in (origin, destination, *([weight] if weight is not None else []))
        if name not in ties.columns
    ]
    if not len(ties):
        faults.append(Fault("ties", "there are none.", "Merging by ties needs some; leave it out otherwise."))
    if identifier is not None and identifier not in table.columns:
        faults.append(Fault(identifier, "the table has no such column.", "Name the one by which ties know its rows."))
    if faults:
        raise SchemaError("the ties cannot be used", faults)
    names = pd.Index(table.index if identifier is None else table[identifier])
    known = names[~names.isna()]
    if not known.is_unique:
        twice = ", ".join(map(str, known[known.duplicated()].unique()[:5]))
        raise SchemaError(
            "the ties cannot be used",
            [Fault(str(identifier or "index"), f"stands twice: {twice}.", "Ties must know which.")],
        )
    rows = pd.Series(np.flatnonzero(~names.isna()), index=known)
    one, other = (ties[name].map(rows).to_numpy(dtype=np.float64, na_value=np.nan) for name in (origin, destination))
    value = np.ones(len(ties))
    if weight is not None:
        value = pd.to_numeric(ties[weight], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    reason = np.select(
        [np.isnan(one) | np.isnan(other), one == other, ~np.isfinite(value), value <= 0],
        [
            "an organisation that is not in the table",
            "a tie with itself",
            f"no number in {weight}",
            "no weight above 0",
        ],
        "",
    ).astype(object)
    held = reason == ""
    aside = ties[~held].assign(reason=reason[~held])
    if not held.any():
        mend = "Name both ends as the table does."
        told = ", ".join(f"{word} ({int((reason == word).sum()):,})" for word in sorted(set(reason.tolist())))
        raise SchemaError("the ties cannot be used", [Fault("ties", f"none of {len(ties):,} is usable: {told}.", mend)])
    i, j, v = one[held].astype(np.int64), other[held].astype(np.int64), value[held]
    i, j = np.minimum(i, j), np.maximum(i, j)
    order = np.lexsort((v, j, i))
    i, j, v = i[order], j[order], v[order]
    shape = (len(table), len(table))
    weights = sparse.coo_array((np.append(v, v), (np.append(i, j), np.append(j, i))), shape=shape).tocsr()
    weights.sum_duplicates()
    return Ties(weights, aside, int(held.sum()))


def tie_countries(ties: Ties, country: NDArray[np.object_]) -> list[str]:
    """Say it where no tie crosses a border: such ties can merge nothing across it.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> import pandas as pd
    >>> ties = Ties(csr_array([[0.0, 1], [1, 0]]), pd.DataFrame({"reason": []}), 1)
    >>> tie_countries(ties, np.array(["CH", "CH"], dtype=object))
    ['all ties are inside CH: they say nothing about other countries']
    """
    edges = ties.weights.tocoo()
    one, other = edges.coords
    if (country[one] != country[other]).any():
        return []
    lands = sorted(set(country[one].astype(str).tolist()))
    if len(lands) == 1:
        return [f"all ties are inside {lands[0]}: they say nothing about other countries"]
    return ["no tie crosses a border: nothing can be merged across one"]
