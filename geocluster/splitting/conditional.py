"""What would a row's neighbours hold, each redrawn from its own country while the row is held?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.graph.threads import in_threads
from geocluster.splitting.tables import draw_tables, row_plan

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class Conditional:
    """What conditional redraws say of each row.

    Arrays of shape (n, 3) hold whole, within and across. NaN: nothing was redrawn, or it did not vary.

    Attributes
    ----------
    observed : ndarray, shape (n, 3)
        Σ w_ij y_j, or Σ w_ij (x_i - y_j)².
    expected, sd, p : ndarray, shape (n, 3)
        Of the redraws; p two-sided.
    p_closed : ndarray, shape (n,)
        Of the whole, had the neighbours abroad what redraws give on average.
    """

    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    sd: NDArray[np.float64]
    p: NDArray[np.float64]
    p_closed: NDArray[np.float64]


def redraw_conditionally(
    weights: csr_array,
    values: NDArray[np.float64],
    strata: NDArray[np.int64],
    country: NDArray[np.int64],
    *,
    focal: NDArray[np.float64] | None = None,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> Conditional:
    """Hold each row and redraw its neighbours' values from their strata, the row itself left out.

    Conditional permutation (Anselin 1995) within strata. All rows share one table of draws a
    stratum: P draws of as many different rows as any row has neighbours there, and one to
    spare, which takes the place of the held row in the draws where it occurs. So each row's
    draws are exactly those of a shuffle of all others; rows depend on each other jointly.

    Parameters
    ----------
    weights : csr_array, shape (n, n)
        A weight on the diagonal is a row's own term, and is held.
    values : ndarray, shape (n,)
        y, what neighbours hold.
    strata : ndarray of int, shape (n,)
        What is redrawn together; -1 is held fixed.
    country : ndarray of int, shape (n,)
        Tells within from across.
    focal : ndarray, shape (n,), optional
        x: squared differences Σ w_ij (x_i - y_j)² instead of sums.
    permutations : int
    rng : Generator
        Each stratum gets a child of it.
    workers : int
        Threads; the numbers do not depend on it.

    Returns
    -------
    Conditional

    Examples
    --------
    >>> from scipy import sparse
    >>> ring = sparse.csr_array(np.roll(np.eye(8), 1, axis=1) + np.roll(np.eye(8), -1, axis=1))
    >>> zero = np.zeros(8, dtype=np.int64)
    >>> found = redraw_conditionally(
    ...     ring, np.arange(8.0), zero, zero, permutations=9_999, rng=np.random.default_rng(1)
    ... )
    >>> found.expected[0, 0].round(1)  # two of 1 … 7
    np.float64(8.0)
    """
    from geocluster.splitting.conditional_kernels import redraw

    n = weights.shape[0]
    plan = row_plan(weights, strata, country, fast=focal is None, workers=workers)
    tables = draw_tables(plan, values, strata, permutations=permutations, rng=rng, workers=workers)
    out = np.full((13, n), np.nan).T
    fixed = (
        weights.indptr, weights.indices, weights.data, values, strata, country,
        values if focal is None else focal, focal is not None, plan.row, plan.sum_of, *tables.arrays(),
    )  # fmt: skip

    in_threads(redraw, n, workers, *fixed, out)
    return Conditional(out[:, 0:3], out[:, 3:6], out[:, 6:9], out[:, 9:12], out[:, 12])
