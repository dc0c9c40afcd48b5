"""How do counts of neighbouring kinds vary if labels fall at random, and how far off is a whole table of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

ROUNDING = 1e-9
"""Of the largest variance: directions that vary less do not vary."""


def label_moments(weights: csr_array, number: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give mean and covariance of N_ab = Σ w_ij 1[i of a] 1[j of b] with all labels permuted.

    Sums over pairs of edges by which of their ends are one, times the chance of the labels. With one
    nearest neighbour each (w 0 or 1) these are the moments of Dixon (1994; of several kinds 2002):
    Σ w_ij w_ji is his R, the pairs of edges with one end his Q. Here equally near ones may share.

    Parameters
    ----------
    weights : csr_array, shape (n, n)
        Nothing on the diagonal.
    number : ndarray of int, shape (kinds,)
        Rows of each kind; rows of other kinds may be among the n.

    Returns
    -------
    mean : ndarray, shape (kinds²,)
        Pair by pair, the first kind first.
    covariance : ndarray, shape (kinds², kinds²)

    Examples
    --------
    >>> from scipy import sparse
    >>> ring = sparse.csr_array(np.roll(np.eye(6), 1, axis=1))
    >>> mean, covariance = label_moments(ring, np.array([3, 3]))
    >>> mean.round(2).tolist(), covariance[0].round(2).tolist()
    ([1.2, 1.8, 1.8, 1.2], [0.36, -0.36, -0.36, 0.36])
    """
    n, k = weights.shape[0], len(number)
    out, into = (np.asarray(weights.sum(axis=axis)).ravel() for axis in (1, 0))
    total, squares = float(out.sum()), float((weights.data**2).sum())
    both_ways = float((weights * weights.T).sum())
    from_one, to_one = float((out**2).sum()) - squares, float((into**2).sum()) - squares
    through = float((out * into).sum()) - both_ways
    apart = total**2 - squares - both_ways - from_one - to_one - 2 * through
    first, second = (cells.ravel() for cells in np.meshgrid(np.arange(k), np.arange(k), indexing="ij"))
    a, b, c, d = first[:, None], second[:, None], first[None, :], second[None, :]
    count = number.astype(np.float64)

    def chance(*kinds: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the chance that so many distinct rows bear these labels."""
        found = np.ones(np.broadcast_shapes(*(kind.shape for kind in kinds)))
        for at, kind in enumerate(kinds):
            taken = sum((kind == other for other in kinds[:at]), start=np.zeros(1))
            found = found * (count[kind] - taken) / max(n - at, 1)
        return found

    mean = total * chance(first, second)
    pair, four = chance(a, b), chance(a, b, c, d)
    with_c, with_d = chance(a, b, c), chance(a, b, d)
    second_moment = (
        squares * ((a == c) & (b == d)) * pair
        + both_ways * ((a == d) & (b == c)) * pair
        + from_one * (a == c) * with_d
        + to_one * (b == d) * with_c
        + through * ((a == d) * with_c + (b == c) * with_d)
        + apart * four
    )
    return mean, second_moment - np.outer(mean, mean)


def chi_square(off: NDArray[np.float64], covariance: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """Give the squared length of deviations in units of their covariance, and its degrees of freedom.

    Parameters
    ----------
    off : ndarray, shape (..., cells)
    covariance : ndarray, shape (cells, cells)
        May be singular: rows of a table have fixed sums.

    Examples
    --------
    >>> found, freedom = chi_square(np.array([2.0, -2.0]), np.array([[1.0, -1.0], [-1.0, 1.0]]))
    >>> round(float(found), 6), freedom
    (4.0, 1)
    """
    value, vector = np.linalg.eigh(covariance)
    kept = value > ROUNDING * max(float(value.max(initial=0.0)), 1e-300)
    along = off @ vector[:, kept]
    return np.asarray((along**2 / value[kept]).sum(axis=-1)), int(kept.sum())
