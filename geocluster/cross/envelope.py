"""How far does a whole curve lie from those of chance?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Side = Literal["two-sided", "greater"]


def rank_curves(curves: ArrayLike, *, alternative: Side = "two-sided") -> NDArray[np.int64]:
    """Order curves by extremeness: extreme rank lengths (Myllymäki et al. 2017, §3.2).

    At each distance a curve has a rank from below and one from above (ties share
    their mean), of which the smaller counts; a curve's ranks are sorted, and curves
    compared by the smallest, then the second smallest, and so on.

    Parameters
    ----------
    curves : array_like, shape (curves, distances)
    alternative : {"two-sided", "greater"}
        Greater: the rank from above only.

    Returns
    -------
    ndarray of int, shape (curves,)
        How many curves are at least as extreme, itself included: 1 is the most extreme.

    Examples
    --------
    >>> rank_curves([[0, 0], [1, 2], [2, 1], [9, 9]], alternative="greater").tolist()
    [4, 3, 3, 1]
    """
    from scipy.stats import rankdata

    values = np.asarray(curves, dtype=np.float64)
    # sums that differ in rounding alone are ties
    scale = np.abs(values).max(axis=0, initial=0.0)
    values = np.round(values / np.where(scale > 0, scale, 1.0), 10)
    above = rankdata(-values, method="average", axis=0)
    ranks = above if alternative == "greater" else np.minimum(above, len(values) + 1 - above)
    ranks = np.sort(ranks, axis=1)
    order = np.lexsort(ranks.T[::-1])
    ordered = ranks[order]
    last = np.append((ordered[1:] != ordered[:-1]).any(axis=1), True)
    # ties count as extreme: all of a group get the number of its last
    group = np.concatenate([[0], np.cumsum(last)[:-1]])
    result = np.empty(len(values), dtype=np.int64)
    result[order] = (np.flatnonzero(last) + 1)[group]
    return result


def curve_p(observed: ArrayLike, simulated: ArrayLike, *, alternative: Side = "two-sided") -> float:
    """Give one p for a whole curve: (r + 1)/(P + 1), r curves of chance at least as extreme.

    Parameters
    ----------
    observed : array_like, shape (distances,)
    simulated : array_like, shape (P, distances)
    alternative : {"two-sided", "greater"}

    Examples
    --------
    >>> curve_p([5.0, 5.0], [[0.0, 1.0], [1.0, 0.0], [2.0, 3.0]], alternative="greater")
    0.25
    """
    curves = np.vstack([np.asarray(observed, dtype=np.float64), simulated])
    return float(rank_curves(curves, alternative=alternative)[0] / len(curves))


def global_envelope(
    observed: ArrayLike, simulated: ArrayLike, *, alpha: float = 0.05
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest of the curves that are not among the alpha most extreme.

    A curve outside it at any distance has p ≤ alpha, and the reverse (Myllymäki
    et al. 2017, theorem 1), but for ties.

    Parameters
    ----------
    observed, simulated : array_like, shapes (distances,), (P, distances)
    alpha : float

    Returns
    -------
    low, high : ndarray, shape (distances,)

    Examples
    --------
    >>> low, high = global_envelope([3.0], np.arange(19.0)[:, None], alpha=0.1)
    >>> low.tolist(), high.tolist()
    ([1.0], [17.0])
    """
    curves = np.vstack([np.asarray(observed, dtype=np.float64), simulated])
    kept = curves[rank_curves(curves) > alpha * len(curves)]
    if not len(kept):
        kept = curves
    return kept.min(axis=0), kept.max(axis=0)
