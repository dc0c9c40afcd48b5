"""How is the answer for every place laid out?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.autocorrelation.classes import UNTESTED, dependence, verdicts
from geocluster.splitting import FEWEST
from geocluster.splitting.discovery import Fdr, adjust_for_discovery

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame, Index

    from geocluster.autocorrelation.measures import Measure
    from geocluster.splitting import Rows
    from geocluster.splitting.conditional import Conditional


def lay_out(
    rows: Rows,
    measured: Measure,
    found: Conditional,
    strata: NDArray[np.int64],
    x: NDArray[np.float64],
    *,
    fdr: Fdr,
    alpha: float,
) -> DataFrame:
    """Lay out the answer for the rows that entered: the columns of `LocalResult.frame`.

    Parameters
    ----------
    rows : Rows
    measured : Measure
    found : Conditional
        Of its weights.
    strata : ndarray of int, shape (n,)
    x : ndarray, shape (n,)
        What the rows hold.
    fdr : {"bh", "by"}
    alpha : float
    """
    import pandas as pd

    weights, code, n = measured.weights, rows.countries.code, rows.n
    row = np.repeat(np.arange(n), np.diff(weights.indptr))
    other = weights.indices != row
    row, column, weight = row[other], weights.indices[other], weights.data[other]
    abroad = code[row] != code[column]
    degree, foreign = np.bincount(row, minlength=n), np.bincount(row[abroad], minlength=n)
    value = measured.parts(found.observed)
    expected = measured.factor * (found.expected[:, 0] + measured.offset.sum(axis=1))
    sd = np.abs(measured.factor) * found.sd[:, 0]
    reason, words = _reasons(measured, found, strata, degree)
    p = np.where((reason == 0)[:, None], np.column_stack([found.p, found.p_closed]), np.nan)
    if measured.statistic in ("moran", "bivariate_moran"):  # 0 whatever its neighbours hold: all draws tie
        p = np.where((measured.factor == 0)[:, None] & np.isfinite(p), 1.0, p)
    excess = found.observed - found.expected
    adjusted, across = (adjust_for_discovery(p[:, part], fdr=fdr) for part in (0, 2))
    complete = len(rows.countries.names) > 1 and not strata.any()
    centre = np.full(n, x.mean()) if complete else (np.bincount(code, weights=x) / rows.countries.count)[code]
    columns: dict[str, Any] = {
        "country": pd.Categorical.from_codes(code, categories=pd.Index(rows.countries.names)),
        "neighbours": degree,
        "neighbours_abroad": foreign,
        "value": value[:, 0],
        "within": value[:, 1],
        "across": value[:, 2],
        "expected": expected,
        "sd": sd,
        "z": np.divide(value[:, 0] - expected, sd, out=np.full(n, np.nan), where=sd > 0),
        "p": p[:, 0],
        "p_adjusted": adjusted,
        "verdict": verdicts(measured.statistic, x - centre, excess[:, 0], adjusted, alpha=alpha),
        "p_within": p[:, 1],
        "p_across": p[:, 2],
        "p_across_adjusted": across,
        "p_across_surrogate": np.full(n, np.nan),
        "p_closed": p[:, 3],
        "dependence": dependence(
            p[:, 0], adjusted, across, p[:, 3], excess[:, 0], excess[:, 2], alpha=alpha
        ),
    }  # fmt: skip
    if measured.statistic == "moran":
        columns["across_standard"] = _standard_form(rows, x, row[abroad], column[abroad], weight[abroad])
    columns["reason"] = pd.Categorical.from_codes(reason, categories=pd.Index(words))
    return pd.DataFrame(columns)


def _reasons(
    measured: Measure, found: Conditional, strata: NDArray[np.int64], degree: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[str]]:
    """Say why a row has no p, as codes of words; the first is empty: it has one."""
    weights, n = measured.weights, len(degree)
    bad = np.isnan(measured.factor)
    reason = np.isnan(found.p[:, 0]).astype(np.int64)
    if (strata < 0).any():
        row = np.repeat(np.arange(n), np.diff(weights.indptr))
        moves = (strata[weights.indices] >= 0) & (weights.indices != row)
        reason[np.bincount(row[moves], minlength=n) == 0] = 2
    if measured.statistic == "join_count":
        reason[measured.own == 0] = 3
    reason[bad] = 4
    reason[degree == 0] = 5
    return reason, [
        "",
        "the redraws do not vary",
        f"its neighbours are in countries with fewer than {FEWEST} organisations, held fixed",
        "not of the kind",
        "all values are equal"
        if not (np.ptp(measured.own) and np.ptp(measured.near))
        else "not defined: all other rows are its neighbours",
        "no neighbour",
    ]


def _standard_form(
    rows: Rows,
    x: NDArray[np.float64],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    """z^c_i Σ w^X_ij z^c_j / W^X_i, z^c standardised within its country; NaN without a neighbour abroad."""
    code, count, n = rows.countries.code, rows.countries.count, rows.n
    mean = np.bincount(code, weights=x) / count
    sd = np.sqrt(np.bincount(code, weights=(x - mean[code]) ** 2) / count)
    z = np.divide(x - mean[code], sd[code], out=np.full(n, np.nan), where=sd[code] > 0)
    total = np.bincount(row, weights=weight, minlength=n)
    lag = np.bincount(row, weights=weight * z[column], minlength=n)
    return np.asarray(z * np.divide(lag, total, out=np.full(n, np.nan), where=total > 0))


def whole_table(frame: DataFrame, index: Index[Any], rows: Rows) -> DataFrame:
    """Put the answer on the table's index: rows set aside hold NaN and their reason."""
    frame = frame.set_index(index[rows.keep])
    if rows.keep.all():
        return frame
    words = ["country", "verdict", "dependence", "reason"]
    told = frame.astype(dict.fromkeys(words, object)).reindex(index)
    aside = index[~rows.keep]
    told.loc[aside, ["country", "dependence"]] = ""
    told.loc[aside, "verdict"] = UNTESTED
    told.loc[aside, ["neighbours", "neighbours_abroad"]] = 0
    told.loc[aside, "reason"] = rows.set_aside["reason"].astype(object)
    return told.astype({"neighbours": np.int64, "neighbours_abroad": np.int64} | dict.fromkeys(words, "category"))
