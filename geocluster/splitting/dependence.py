"""Does a significant place need its neighbours abroad?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import Categorical

NATIONAL, JOINT, BORDER_MADE = "national", "joint", "border-made"
DEPENDENCE = (NATIONAL, JOINT, BORDER_MADE)
DESCRIPTIVE = (
    "national, joint and border-made are descriptive: permutation rejects too often where values are "
    "autocorrelated inside a country, and spectral surrogates have no power at single places"
)


def dependence(
    p: NDArray[np.float64],
    adjusted: NDArray[np.float64],
    across: NDArray[np.float64],
    closed: NDArray[np.float64],
    excess: NDArray[np.float64],
    across_excess: NDArray[np.float64],
    *,
    alpha: float,
) -> Categorical[str]:
    """Say of each significant place whether it needs its neighbours abroad. Descriptive.

    What is tested is the difference that they make: their values are redrawn from their own
    country, the place and its neighbours at home held. *national*: no difference is shown, or it
    goes the other way. Else the place is asked again with its neighbours abroad at what redraws
    give on average, weights and number of neighbours kept: *joint*, it stays among those called
    significant; *border-made*, it does not.

    Parameters
    ----------
    p, adjusted : ndarray, shape (n,)
        Of the whole.
    across : ndarray, shape (n,)
        Of the part abroad, adjusted over all places that have one.
    closed : ndarray, shape (n,)
        Of the whole with neighbours abroad at their average.
    excess, across_excess : ndarray, shape (n,)
        Whole and part abroad less what redraws give on average.
    alpha : float

    Examples
    --------
    >>> one = np.ones(3)
    >>> p, across, closed = np.full(3, 0.01), np.array([0.5, 0.01, 0.01]), np.array([0.01, 0.01, 0.2])
    >>> dependence(p, p, across, closed, one, one, alpha=0.05).tolist()
    ['national', 'joint', 'border-made']
    """
    import pandas as pd

    called = adjusted <= alpha
    code = called.astype(np.int64)
    if called.any():
        adds = called & (across <= alpha) & (np.sign(across_excess) == np.sign(excess))
        code[adds] = np.where(closed[adds] <= p[called].max(), 2, 3)
    return pd.Categorical.from_codes(code, categories=pd.Index(["", *DEPENDENCE]))
