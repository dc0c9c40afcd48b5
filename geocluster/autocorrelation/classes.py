"""What is each place called, and does a hot spot need its neighbours abroad?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.splitting.dependence import DEPENDENCE, DESCRIPTIVE, dependence

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import Categorical

__all__ = ["DEPENDENCE", "DESCRIPTIVE", "QUIET", "UNTESTED", "VERDICTS", "dependence", "verdicts"]

QUIET = "not significant"
UNTESTED = "not tested"
VERDICTS = ("high-high", "low-low", "high-low", "low-high", "hot", "cold", "alike", "unlike", QUIET, UNTESTED)


def verdicts(
    statistic: str,
    own: NDArray[np.float64],
    excess: NDArray[np.float64],
    p: NDArray[np.float64],
    *,
    alpha: float,
) -> Categorical[str]:
    """Call each place by what it holds and by what its neighbours hold more or less than redraws.

    Parameters
    ----------
    statistic : str
    own : ndarray, shape (n,)
        The place's value less what redraws give it: the mean of its country, or of all.
    excess : ndarray, shape (n,)
        The sum over neighbours less its mean over redraws.
    p : ndarray, shape (n,)
        Adjusted; NaN: not tested.
    alpha : float

    Examples
    --------
    >>> verdicts("moran", np.array([1.0, -1.0]), np.array([2.0, 2.0]), np.array([0.01, 0.2]), alpha=0.05).tolist()
    ['high-high', 'not significant']
    """
    import pandas as pd

    high, more = own > 0, excess > 0
    if statistic in ("getis_ord", "getis_ord_star", "join_count"):
        code = np.where(more, VERDICTS.index("hot"), VERDICTS.index("cold"))
    elif statistic == "geary":
        code = np.where(more, VERDICTS.index("unlike"), VERDICTS.index("alike"))
    else:  # high-high, low-low, high-low, low-high
        code = np.where(high == more, np.where(more, 0, 1), np.where(high, 2, 3))
    code[~(p <= alpha)] = VERDICTS.index(QUIET)
    code[np.isnan(p)] = VERDICTS.index(UNTESTED)
    return pd.Categorical.from_codes(code, categories=pd.Index(VERDICTS))
