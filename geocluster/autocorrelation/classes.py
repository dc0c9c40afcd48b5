"""What is each place called, and does a hot spot need its neighbours abroad?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.splitting.dependence import DEPENDENCE, DESCRIPTIVE, dependence

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import Categorical

__all__ = ["DEPENDENCE", "DESCRIPTIVE", "KINDS", "QUIET", "UNTESTED", "VERDICTS", "dependence", "verdicts"]

KINDS = "kinds"
"""In the place of a statistic: join counts of several kinds."""
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
    one, other = {"geary": ("unlike", "alike"), KINDS: ("alike", "unlike")}.get(statistic, ("hot", "cold"))
    if statistic in ("moran", "bivariate_moran"):
        code = _choose(high == more, _choose(more, "high-high", "low-low"), _choose(high, "high-low", "low-high"))
    else:
        code = _choose(more, one, other)
    code[~(p <= alpha)] = VERDICTS.index(QUIET)
    code[np.isnan(p)] = VERDICTS.index(UNTESTED)
    return pd.Categorical.from_codes(code, categories=pd.Index(VERDICTS))


def _choose(which: NDArray[np.bool_], one: str | NDArray[np.int8], other: str | NDArray[np.int8]) -> NDArray[np.int8]:
    """Give the codes of words."""
    codes = [np.int8(VERDICTS.index(word)) if isinstance(word, str) else word for word in (one, other)]
    return np.where(which, *codes)
