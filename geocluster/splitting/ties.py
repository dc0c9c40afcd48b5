"""Where single precision might decide whether a draw is as far out as what was observed, what holds?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocluster.splitting.edges import Edges

NEAR = 1e-6
"""Ten times the rounding of single precision."""
MOST = 32
"""More near-ties than these come of values that repeat: they are ties."""
FEW_EDGES = 1_000


def settle_ties(
    observed: NDArray[np.float64],
    draws: NDArray[np.float64],
    reach: NDArray[np.float64],
    again: Callable[[NDArray[np.int64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Sum near-ties again in double precision; where there are many, values repeat, and they are ties.

    Parameters
    ----------
    observed : ndarray, shape (slots,)
    draws : ndarray, shape (permutations, slots)
    reach : ndarray, shape (slots,)
        How far single precision may lead astray.
    again : callable
        Gives some draws in double precision, shape (len(which), slots).

    Returns
    -------
    ndarray, shape (permutations, slots)

    Examples
    --------
    >>> draws = np.array([[0.0], [2.0], [2.00000001], [4.0]])
    >>> settle_ties(np.array([3.0]), draws, np.array([1e-6]), lambda which: draws[which] + 1).ravel().tolist()
    [0.0, 2.0, 2.00000001, 4.0]
    >>> settle_ties(np.array([4.0]), draws, np.array([1e-6]), lambda which: draws[which].round(6)).ravel().tolist()
    [0.0, 2.0, 2.00000001, 4.0]
    """
    mean = draws.mean(axis=0)
    near = np.abs(np.abs(draws - mean) - np.abs(observed - mean)) <= reach
    result = draws.copy()
    many = near.sum(axis=0) > MOST
    for slot in np.flatnonzero(many):
        which = near[:, slot]
        side = np.where(draws[which, slot] >= mean[slot], 1.0, -1.0)
        result[which, slot] = mean[slot] + side * abs(observed[slot] - mean[slot])
    which = np.flatnonzero(near[:, ~many].any(axis=1))
    if len(which):
        single = np.flatnonzero(~many)
        result[np.ix_(which, single)] = again(which)[:, single]
    return result


def reach_of(edges: Edges, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give how far single precision may lead sums of products astray: of whole, within, across, each pair.

    Rounding errors have either sign, so that over many edges they grow as √Σ w²: forty of their
    standard deviations. Over few edges one pair of values may count: ten times its rounding.

    Parameters
    ----------
    edges : Edges
    values : ndarray, shape (n,)
    """
    many = np.sqrt(edges.powers(2) * np.mean(values**4))
    few = edges.powers(1) * np.max(values**2)
    return NEAR * np.where(edges.powers(0) > FEW_EDGES, 4 * many, few)
