"""Of many tests, which hold when false discoveries are counted over all of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Fdr = Literal["bh", "by"]
FDRS: dict[str, str] = {
    "bh": "false discoveries after Benjamini & Hochberg",
    "by": "false discoveries after Benjamini & Yekutieli",
}


def adjust_for_discovery(p: ArrayLike, *, fdr: Fdr = "bh") -> NDArray[np.float64]:
    """Adjust p-values so that those up to α hold a share of false discoveries of at most α.

    Benjamini & Hochberg (1995), for independent tests and for many that depend positively;
    ``fdr="by"`` times Σ 1/i, whatever the dependence (Benjamini & Yekutieli 2001). The tests
    are *all* that were made in one call (Caldas de Castro & Singer 2006).

    Parameters
    ----------
    p : array_like, shape (n,)
        NaN: not tested, and not counted.
    fdr : {"bh", "by"}

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> adjust_for_discovery([0.01, float("nan"), 0.04, 0.03]).round(3).tolist()
    [0.03, nan, 0.04, 0.04]
    """
    given = np.asarray(p, dtype=np.float64)
    result = np.full(len(given), np.nan)
    m = len(given) - int(np.isnan(given).sum())
    if m:
        order = np.argsort(given)[:m]  # equal ones become equal, whatever their order; NaN comes last
        scaled = given[order]
        scaled *= m
        scaled /= np.arange(1, m + 1)
        if fdr == "by":
            scaled *= (1 / np.arange(1, m + 1)).sum()
        np.minimum.accumulate(scaled[::-1], out=scaled[::-1])
        result[order] = np.minimum(scaled, 1.0, out=scaled)
    return result
