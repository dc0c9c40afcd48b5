"""How many of a row's neighbours are of a kind, and how often would chance alone make it so? Exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.graph.threads import in_threads
from geocluster.splitting.conditional import Conditional

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array


def is_countable(weights: csr_array, values: NDArray[np.float64]) -> bool:
    """Tell whether sums are counts: values 0 and 1, and equal weights within each row.

    Examples
    --------
    >>> from scipy import sparse
    >>> is_countable(sparse.csr_array([[0, 0.5, 0.5], [0, 0, 0], [1, 0, 0]]), np.array([0.0, 1.0, 1.0]))
    True
    """
    from geocluster.splitting.count_kernels import equal_rows

    return bool(((values == 0) | (values == 1)).all() and equal_rows(weights.indptr, weights.data))


def count_exactly(
    weights: csr_array,
    values: NDArray[np.float64],
    strata: NDArray[np.int64],
    country: NDArray[np.int64],
    *,
    asked: NDArray[np.bool_] | None = None,
    workers: int = 1,
) -> Conditional:
    """Give what conditional permutation within strata converges to, for counts: no draws.

    Of m neighbours in a stratum with N others of whom K are of the kind, the number of the kind
    is hypergeometric; over strata these are convolved. p is two-sided: the chance of a count at
    least as far from the expected one (Anselin & Li 2019 draw it; the law is that of R. A. Fisher
    1935).

    Parameters
    ----------
    weights : csr_array, shape (n, n)
        Equal within each row, nothing on the diagonal.
    values : ndarray, shape (n,)
        0 or 1.
    strata : ndarray of int, shape (n,)
        -1 is held fixed.
    country : ndarray of int, shape (n,)
    asked : ndarray of bool, shape (n,), optional
        Rows whose neighbours are counted; the others hold 0 and have no p. All, if not given.
    workers : int, default 1
        Threads; the numbers do not depend on it.

    Returns
    -------
    Conditional

    Examples
    --------
    >>> from scipy import sparse
    >>> one = np.array([1.0, 1.0, 1.0, 0.0, 0.0])
    >>> zero = np.zeros(5, dtype=np.int64)
    >>> pair = sparse.csr_array(([1.0, 1.0], ([0, 0], [1, 2])), shape=(5, 5))
    >>> found = count_exactly(pair, one, zero, zero)
    >>> found.observed[0, 0], found.expected[0, 0], found.p[0, 0].round(6)  # both of 2 in 4: 1 in 6, and so is none
    (np.float64(2.0), np.float64(1.0), np.float64(0.333333))
    """
    from geocluster.splitting.count_kernels import count_rows, tags

    n = len(values)
    largest = 2 * (int(strata.max(initial=-1)) + 2) * (int(country.max(initial=0)) + 1)
    tag = np.empty(n, dtype=np.int32 if largest < np.iinfo(np.int32).max else np.int64)
    rows, kind = tags(values, strata, country, tag)
    asked = np.ones(n, dtype=np.bool_) if asked is None else asked
    out = np.full((13, n), np.nan).T
    given = (weights.indptr, weights.indices, weights.data, tag, strata, country, rows, kind, asked, out)
    in_threads(count_rows, n, workers, *given)
    return Conditional(out[:, 0:3], out[:, 3:6], out[:, 6:9], out[:, 9:12], out[:, 12])
