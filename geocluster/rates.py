"""How many for how many: shares, rates, quotients of areas?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph import say_rows, to_number, to_sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.graph import Neighbours

Frame = TypeVar("Frame", bound="DataFrame")


def add_rates(table: Frame, *, count: str, base: str, graph: Neighbours | None = None, per: float = 1.0) -> Frame:
    """Add the rate count / base, and the rate smoothed by empirical Bayes.

    A rate of few says little: smoothing draws it towards the rate of all, or of the
    neighbours, the more the smaller its base. θ_i = m + C_i (r_i - m) with
    r_i = x_i/n_i, m = Σx/Σn, s² = Σ n_i (r_i - m)²/Σn, A = max(s² - m/n̄, 0),
    C_i = A/(A + m/n_i) (Marshall 1991). With a graph m, s² and n̄ are those of the
    area and its neighbours, each counted once whatever its weight (Marshall's local
    form); an area without any keeps its rate, as one area has no variance between.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        A row an area.
    count, base : str
        Columns of numbers from 0 up: what is counted, and among how many.
    graph : Graph, W or sparse matrix, optional
        Neighbours on the table's index; give ``split_graph(...)[0]`` to smooth within
        countries only.
    per : float, default 1
        Rates are told per so many, e.g. 100_000.

    Returns
    -------
    DataFrame or GeoDataFrame
        The table with `rate` (NaN where base is 0) and `rate_smoothed` (there m).

    Raises
    ------
    SchemaError
        If columns lack, hold no numbers or such below 0, or count exceeds 0 where base is 0.
    OptionError
        If `per` is not above 0, or the graph stands on other rows.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"cases": [1, 30, 90, 0], "people": [10, 1000, 1000, 0]})
    >>> add_rates(table, count="cases", base="people", per=100)[["rate", "rate_smoothed"]].round(2).values.tolist()
    [[10.0, 6.49], [3.0, 3.21], [9.0, 8.79], [nan, 6.02]]
    """
    if not 0 < to_number(per) < np.inf:
        raise OptionError(f"per must be a number above 0, got {per!r}.")
    x, n = _columns(table, [count, base], new=["rate", "rate_smoothed"]).T
    lost = (n == 0) & (x > 0)
    if lost.any():
        fault = Fault(count, f"{say_rows(table.index[lost])} with a count where {base} is 0.", "Mend or drop them.")
        raise SchemaError("there are no rates", [fault])
    rate = np.divide(x, n, out=np.full(len(x), np.nan), where=n > 0)
    smoothed = _smooth(x, n, rate) if graph is None else _smooth_locally(x, n, rate, to_sparse(graph, table.index))
    result = table.copy()
    result["rate"], result["rate_smoothed"] = rate * per, smoothed * per
    return result


def _smooth(x: NDArray[np.float64], n: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw rates towards that of all."""
    everyone = n.sum()
    if everyone == 0:
        return np.full(len(x), np.nan)
    mean = x.sum() / everyone
    held = n > 0
    between = (n[held] * (rate[held] - mean) ** 2).sum() / everyone - mean / n[held].mean()
    return _drawn(rate, n, np.full(len(x), mean), np.full(len(x), max(between, 0.0)))


def _smooth_locally(
    x: NDArray[np.float64], n: NDArray[np.float64], rate: NDArray[np.float64], weights: Any
) -> NDArray[np.float64]:
    """Draw rates towards that of the area and its neighbours."""
    from scipy import sparse

    near = weights.copy()
    near.data = np.ones(len(near.data))
    near.setdiag(0)
    near.eliminate_zeros()
    near = sparse.csr_array(near + sparse.eye_array(len(x)))
    base = near @ n
    mean = np.divide(near @ x, base, out=np.full(len(x), np.nan), where=base > 0)
    known = np.nan_to_num(rate)
    # Σ n_j (r_j - m_i)² = Σ n_j r_j² - 2 m_i Σ n_j r_j + m_i² Σ n_j would cancel: edge by edge
    row = np.repeat(np.arange(len(x)), np.diff(near.indptr))
    squares = np.bincount(row, n[near.indices] * (known[near.indices] - mean[row]) ** 2, minlength=len(x))
    people = near @ (n > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = squares / base - mean * people / base
    alone = np.diff(near.indptr) == 1
    drawn = _drawn(rate, n, mean, np.maximum(np.nan_to_num(between), 0.0))
    return np.where(alone, rate, drawn)


def _drawn(
    rate: NDArray[np.float64], n: NDArray[np.float64], mean: NDArray[np.float64], between: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mix each rate with the mean; where all rates are 0 there is nothing to mix."""
    own = between * n
    total = own + mean
    weight = np.divide(own, total, out=np.zeros(len(rate)), where=total > 0)
    return np.where(n > 0, mean + weight * (np.nan_to_num(rate) - mean), mean)


def add_location_quotients(table: Frame, *, columns: Sequence[str]) -> Frame:
    """Add each kind's share of the area, and how many times the share it has over all areas.

    LQ_ik = (x_ik / x_i.) / (x_.k / x_..) (Isard 1960; as an index of specialisation
    Balassa 1965).

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        A row an area.
    columns : sequence of str
        Counts from 0 up, one column a kind, together all that is in the area: see
        `aggregate_points` with ``kind=``.

    Returns
    -------
    DataFrame or GeoDataFrame
        The table with share_<column> and lq_<column>: NaN in an empty area, and for a kind
        that is nowhere.

    Raises
    ------
    OptionError
        If there are fewer than two columns.
    SchemaError
        If columns lack, or hold no numbers or such below 0.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"firm": [30, 10], "university": [0, 10]})
    >>> added = add_location_quotients(table, columns=["firm", "university"])
    >>> added[["share_firm", "lq_firm"]].round(3).values.tolist()
    [[1.0, 1.25], [0.5, 0.625]]
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    if len(set(names)) < 2 or len(set(names)) != len(names):
        raise OptionError(f"columns must be two or more different ones, got {columns!r}.")
    x = _columns(table, names, new=[f"{word}_{name}" for name in names for word in ("share", "lq")])
    here, kinds = x.sum(axis=1), x.sum(axis=0)
    share = np.divide(x, here[:, None], out=np.full(x.shape, np.nan), where=here[:, None] > 0)
    overall = kinds / kinds.sum() if kinds.sum() > 0 else np.zeros(len(names))
    quotient = np.divide(share, overall, out=np.full(x.shape, np.nan), where=overall > 0)
    result = table.copy()
    for k, name in enumerate(names):
        result[f"share_{name}"], result[f"lq_{name}"] = share[:, k], quotient[:, k]
    return result


def _columns(table: DataFrame, names: Sequence[str], *, new: Sequence[str]) -> NDArray[np.float64]:
    """Read columns of numbers from 0 up, shape (rows, columns); tell all faults at once."""
    import pandas as pd

    lacking = [name for name in names if name not in table.columns]
    told = f"The table has {', '.join(map(str, table.columns))}."
    faults = [Fault(name, "there is no such column.", told) for name in lacking]
    faults += [Fault(name, "the table has it already.", "Rename or drop it.") for name in new if name in table.columns]
    read = []
    for name in names:
        if name in lacking:
            continue
        numbers = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        odd, low = ~np.isfinite(numbers), numbers < 0
        if odd.any():
            faults.append(Fault(name, f"{say_rows(table.index[odd])} without a finite number.", "Fill or drop them."))
        if low.any():
            faults.append(Fault(name, f"{say_rows(table.index[low])} below 0.", "Give numbers from 0 up."))
        read.append(numbers)
    if faults:
        raise SchemaError("there is nothing to divide", faults)
    return np.column_stack(read)
