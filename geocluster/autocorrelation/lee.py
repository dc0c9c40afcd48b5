"""How do Lee's L, which smooths both values, and its three parts add up?

L = n Σ_i (Σ_j w_ij z^x_j)(Σ_j w_ij z^y_j) / (Σ_i W_i² · √(Σ(z^x)² Σ(z^y)²)) (Lee 2001). Each smoothed value
is what comes from home plus what comes from abroad, so that the product has a part within
countries, one across borders, and a mixed one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geocluster.splitting import Strata, Workbench

THREE = "three countries"
"""A row's neighbours in two different countries abroad."""


@dataclass(frozen=True, slots=True, eq=False)
class LeeParts:
    """The products of smoothed values, by where they come from.

    Attributes
    ----------
    index : list of str
        whole, within, across, mixed, then pairs of countries, `DE-FR mixed`, `three countries`.
    gather : csr_array, shape (runs, n)
        A run is the weights of one row's neighbours in one country.
    one, other : ndarray of int, shape (products,)
        The two runs of each product, of the same row.
    add : csr_array, shape (parts, products)
    """

    index: list[str]
    gather: csr_array
    one: NDArray[np.intp]
    other: NDArray[np.intp]
    add: csr_array

    def expected(self, strata: Strata, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the mean of the parts over all permutations of the pairs (x_i, y_i) within strata.

        E[x_j y_j] = x̄ȳ + cov, and for two rows of one stratum x̄ȳ - cov/(n - 1).
        """
        from scipy import sparse

        result = lee_of(self, strata.mean(x)[:, None], strata.mean(y)[:, None])[:, 0]
        spread = strata.spread(x, y)
        less = spread / strata.others()
        square = self.gather.copy()
        square.data = square.data**2
        itself = square @ (spread + less)
        codes = sparse.csr_array((np.ones(len(x)), (np.arange(len(x)), strata.code)), shape=(len(x), len(strata.count)))
        alike = np.zeros(len(self.one))
        alike[self.one == self.other] += itself[self.one[self.one == self.other]]
        of_stratum = np.zeros(len(strata.count))
        of_stratum[strata.code] = less
        weight = sparse.csr_array(self.gather @ codes)  # of each run in each stratum
        both = weight[self.one].multiply(weight[self.other])
        alike -= np.asarray(both @ of_stratum).ravel()
        total: NDArray[np.float64] = result + self.add @ alike
        return total


def lee_parts(bench: Workbench) -> LeeParts:
    """Lay out the products of a graph."""
    from scipy import sparse

    countries, sums = bench.countries, bench.sums
    row, away = sums.row, sums.country
    # each row's runs stand together: pair each with each
    runs = np.bincount(row, minlength=bench.n)
    first = np.cumsum(runs) - runs
    times = runs[row]
    one = np.repeat(np.arange(len(row)), times)
    start = np.cumsum(times) - times
    other = np.arange(len(one)) - np.repeat(start, times) + np.repeat(first[row], times)
    home, a, b = countries.code[row[one]], away[one], away[other]
    names = np.array(countries.names, dtype=object)
    within = (a == home) & (b == home)
    mixed = (a == home) ^ (b == home)
    three = (a != home) & (b != home) & (a != b)
    abroad = np.where(a == home, b, a)
    key = np.where(three, -1, (np.minimum(home, abroad) * len(names) + np.maximum(home, abroad)) * 2 + mixed)
    found, position = np.unique(key, return_inverse=True)
    sort = sorted(range(len(found)), key=lambda i: (found[i] < 0, found[i] % 2 == 1, found[i]))
    rank = np.empty(len(found), dtype=np.intp)
    rank[sort] = np.arange(len(found))
    told = []
    for i in sort:
        low, high = divmod(int(found[i]) // 2, len(names))
        told.append(THREE if found[i] < 0 else f"{names[low]}-{names[high]}" + " mixed" * int(found[i] % 2))
    masks = [np.ones(len(one), dtype=bool), within, ~within & ~mixed, mixed]
    rows = np.concatenate([*(np.full(mask.sum(), i) for i, mask in enumerate(masks)), 4 + rank[position]])
    columns = np.concatenate([*(np.flatnonzero(mask) for mask in masks), np.arange(len(one))])
    add = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(4 + len(found), len(one)))
    return LeeParts(["whole", "within", "across", "mixed", *told], sums.gather, one, other, add)


def lee_of(parts: LeeParts, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum the products of smoothed columns: arrays of shape (n, draws) give one of shape (parts, draws)."""
    left, right = parts.gather @ x, parts.gather @ y
    result: NDArray[np.float64] = np.asarray(parts.add @ (left[parts.one] * right[parts.other]))
    result[0] = result[1:4].sum(axis=0)
    return result
