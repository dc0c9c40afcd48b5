"""What does a sum over edges come to on average, when values are permuted within strata?

Exact, in one pass over the edges: the simulated mean must agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.splitting.edges import Edges


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """What is permuted together.

    Attributes
    ----------
    code : ndarray of int, shape (n,)
        From 0 up.
    count : ndarray of int, shape (strata,)

    Examples
    --------
    >>> strata = Strata.of(np.array([7, 7, 3]))
    >>> strata.mean(np.array([1.0, 2.0, 9.0])).tolist()
    [1.5, 1.5, 9.0]
    """

    code: NDArray[np.intp]
    count: NDArray[np.int64]

    @classmethod
    def of(cls, strata: NDArray[np.int64]) -> Strata:
        """Give strata numbers from 0 up."""
        _, code, count = np.unique(strata, return_inverse=True, return_counts=True)
        return cls(code, count)

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give each row the mean of its stratum."""
        return (np.bincount(self.code, weights=values) / self.count)[self.code]

    def spread(self, left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give each row its stratum's Σ (a - ā)(b - b̄)/n: 0 where a row is alone."""
        product = (left - self.mean(left)) * (right - self.mean(right))
        return np.where(self.count[self.code] > 1, self.mean(product), 0.0)

    def others(self) -> NDArray[np.int64]:
        """Give each row the number of others in its stratum, 1 at least."""
        return np.maximum(self.count - 1, 1)[self.code]


def expected_products(
    edges: Edges, strata: Strata, left: NDArray[np.float64], right: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give E[a_i b_j] of each edge, rows permuted within strata with all that they hold.

    In different strata ā b̄; in one, ā b̄ - cov(a, b)/(n - 1): two rows never hold the same.

    Examples
    --------
    >>> from scipy import sparse
    >>> from geocluster.splitting import Countries, Edges
    >>> edges = Edges.of(sparse.csr_array(np.ones((3, 3)) - np.eye(3)), Countries.of(["FR"] * 3))
    >>> x = np.array([1.0, 2.0, 6.0])
    >>> expected_products(edges, Strata.of(np.zeros(3, dtype=int)), x, x).round(9).tolist()[0]  # (2 + 6 + 12)/3
    6.666666667
    """
    one, other = edges.row, edges.neighbour
    together = strata.code[one] == strata.code[other]
    less = strata.spread(left, right) / strata.others()
    return strata.mean(left)[one] * strata.mean(right)[other] - np.where(together, less[one], 0.0)


def expected_squares(edges: Edges, strata: Strata, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give E[(v_i - v_j)²] of each edge."""
    square = strata.mean(values**2)
    return square[edges.row] + square[edges.neighbour] - 2 * expected_products(edges, strata, values, values)
