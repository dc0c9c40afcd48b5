"""How is the answer for every place laid out?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.autocorrelation.classes import KINDS, UNTESTED, dependence, verdicts
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
    surrogate: NDArray[np.float64] | None = None,
    fdr: Fdr,
    alpha: float,
) -> DataFrame:
    """Lay out the answer for the rows that entered: the columns of `LocalResult.frame`.

    Parameters
    ----------
    rows : Rows
    measured : Measure
    found : Conditional
        Of its weights. Its arrays become those of the answer.
    strata : ndarray of int, shape (n,)
    x : ndarray, shape (n,)
        What the rows hold.
    surrogate : ndarray, shape (n,), optional
        p of the part abroad against surrogates.
    fdr : {"bh", "by"}
    alpha : float
    """
    import pandas as pd

    from geocluster.splitting.row_kernels import count_neighbours

    weights, code = measured.weights, rows.countries.code
    degree, foreign, moves = count_neighbours(weights.indptr, weights.indices, code, strata)
    reason, words = _reasons(measured, found, degree, moves)
    observed, expected, sd, p, closed = found.observed, found.expected, found.sd, found.p, found.p_closed
    untold = reason != 0
    p[untold], closed[untold] = np.nan, np.nan
    if measured.statistic in ("moran", "bivariate_moran"):  # 0 whatever its neighbours hold: all draws tie
        still = measured.factor == 0
        for each in (*p.T, closed):
            each[still & np.isfinite(each)] = 1.0
    excess, excess_across = (observed[:, part] - expected[:, part] for part in (0, 2))
    # what is not asked any more gives its place to what is: the answer is as large as the draws
    z, adjusted, adjusted_across, by_surrogates = sd[:, 1], sd[:, 2], expected[:, 1], expected[:, 2]
    _scale(measured, observed, expected[:, 0], sd[:, 0])
    z[:] = np.nan
    np.divide(observed[:, 0] - expected[:, 0], sd[:, 0], out=z, where=sd[:, 0] > 0)
    adjusted[:] = adjust_for_discovery(p[:, 0], fdr=fdr)
    adjusted_across[:] = adjust_for_discovery(p[:, 2], fdr=fdr)
    by_surrogates[:] = np.nan if surrogate is None else surrogate
    called = measured.statistic if measured.kinds is None else KINDS
    columns: dict[str, Any] = {
        "country": pd.Categorical.from_codes(code, categories=pd.Index(rows.countries.names)),
        "neighbours": degree,
        "neighbours_abroad": foreign,
        "value": observed[:, 0],
        "within": observed[:, 1],
        "across": observed[:, 2],
        "expected": expected[:, 0],
        "sd": sd[:, 0],
        "z": z,
        "p": p[:, 0],
        "p_adjusted": adjusted,
        "verdict": verdicts(called, x - _centre(rows, strata, x), excess, adjusted, alpha=alpha),
        "p_within": p[:, 1],
        "p_across": p[:, 2],
        "p_across_adjusted": adjusted_across,
        "p_across_surrogate": by_surrogates,
        "p_closed": closed,
        "dependence": dependence(p[:, 0], adjusted, adjusted_across, closed, excess, excess_across, alpha=alpha),
    }  # fmt: skip
    if measured.statistic == "moran":
        columns["across_standard"] = _standard_form(rows, x)
    columns["reason"] = pd.Categorical.from_codes(reason, categories=pd.Index(words))
    return pd.DataFrame(columns, copy=False)


def _scale(
    measured: Measure, observed: NDArray[np.float64], expected: NDArray[np.float64], sd: NDArray[np.float64]
) -> None:
    """Turn sums over neighbours into the statistic, in place; as `Measure.parts` does."""
    factor, offset = measured.factor, measured.offset
    expected += offset.sum(axis=1)
    expected *= factor
    sd *= np.abs(factor)
    for part in (1, 2):
        observed[:, part] += offset[:, part - 1]
        observed[:, part] *= factor
    np.add(observed[:, 1], observed[:, 2], out=observed[:, 0])


def _centre(rows: Rows, strata: NDArray[np.int64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each row what redraws put in its place on average: the mean of its country, or of all."""
    code, count = rows.countries.code, rows.countries.count
    if len(count) > 1 and not strata.any():  # over all rows
        return np.broadcast_to(x.mean(), len(x))
    return (np.bincount(code, weights=x) / count)[code]


def _reasons(
    measured: Measure, found: Conditional, degree: NDArray[np.int64], moves: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], list[str]]:
    """Say why a row has no p, as codes of words; the first is empty: it has one."""
    reason = np.isnan(found.p[:, 0]).astype(np.int8)
    reason[~moves] = 2
    if measured.statistic == "join_count":
        reason[measured.own == 0] = 3
    reason[np.isnan(measured.factor)] = 4
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


def _standard_form(rows: Rows, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """z^c_i Σ w^X_ij z^c_j / W^X_i, z^c standardised within its country; NaN without a neighbour abroad."""
    from geocluster.splitting.row_kernels import mean_abroad

    code, count, weights = rows.countries.code, rows.countries.count, rows.weights
    mean = np.bincount(code, weights=x) / count
    sd = np.sqrt(np.bincount(code, weights=(x - mean[code]) ** 2) / count)
    z = np.divide(x - mean[code], sd[code], out=np.full(rows.n, np.nan), where=sd[code] > 0)
    return np.asarray(z * mean_abroad(weights.indptr, weights.indices, weights.data, code, z))


def whole_table(frame: DataFrame, index: Index[Any], rows: Rows) -> DataFrame:
    """Put the answer on the table's index: rows set aside hold NaN and their reason."""
    if rows.keep.all():
        frame.index = index
        return frame
    frame = frame.set_index(index[rows.keep])
    words = ["country", "verdict", "dependence", "reason"]
    told = frame.astype(dict.fromkeys(words, object)).reindex(index)
    aside = index[~rows.keep]
    told.loc[aside, ["country", "dependence"]] = ""
    told.loc[aside, "verdict"] = UNTESTED
    told.loc[aside, ["neighbours", "neighbours_abroad"]] = 0
    told.loc[aside, "reason"] = rows.set_aside["reason"].astype(object)
    return told.astype({"neighbours": np.int64, "neighbours_abroad": np.int64} | dict.fromkeys(words, "category"))
