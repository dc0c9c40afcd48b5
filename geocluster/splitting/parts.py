"""How much lies within countries, how much across, and how much of it is chance?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.permutation import TIE, p_value, permute_within, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame
    from scipy.sparse import csr_array

FEWEST = 5
"""A country with fewer organisations is held fixed, and nothing is tested against it."""


@dataclass(frozen=True, slots=True, eq=False)
class Countries:
    """The countries of the rows, as codes.

    Attributes
    ----------
    names : list of str
        Sorted.
    code : ndarray of int, shape (n,)
    count : ndarray of int, shape (k,)
    """

    names: list[str]
    code: NDArray[np.int64]
    count: NDArray[np.int64]

    @classmethod
    def of(cls, values: Any) -> Countries:
        """Make codes of words.

        Examples
        --------
        >>> Countries.of(["FR", "CH", "FR"]).code.tolist()
        [1, 0, 1]
        """
        import pandas as pd

        code, names = pd.factorize(values if isinstance(values, pd.Series) else np.asarray(values, dtype=object))
        return cls.of_codes(code.astype(np.int64), np.asarray(names, dtype=object))

    @classmethod
    def of_codes(cls, code: NDArray[np.int64], names: NDArray[Any]) -> Countries:
        """Sort codes of names by name, and drop names that no row has.

        Examples
        --------
        >>> Countries.of_codes(np.array([1, 1]), np.array(["FR", "CH"])).names
        ['CH']
        """
        import pandas as pd

        held = np.flatnonzero(np.bincount(code, minlength=len(names)))
        rank, words = pd.factorize(np.asarray(names, dtype=object)[held], sort=True)
        told = np.zeros(len(names), dtype=np.int64)
        told[held] = rank
        code = told[code]
        return cls([str(word) for word in words], code, np.bincount(code, minlength=len(words)))

    def strata(self) -> NDArray[np.int64]:
        """Give what is permuted together: a country, or one row alone in a country of fewer than five."""
        small = self.count[self.code] < FEWEST
        return np.where(small, len(self.names) + np.arange(len(self.code)), self.code)


class PairSums:
    """Sums over the edges of a graph by pair of countries: Σ w_ij a_i b_j.

    Parameters
    ----------
    weights : csr_array, shape (n, n)
    countries : Countries

    Examples
    --------
    >>> from scipy import sparse
    >>> sums = PairSums(sparse.csr_array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), Countries.of(["CH", "CH", "FR"]))
    >>> sums.names, sums.of(np.ones((3, 1)), np.array([[1.0], [2.0], [4.0]])).ravel().tolist()
    (['CH-CH', 'CH-FR'], [3.0, 5.0])
    """

    def __init__(self, weights: csr_array, countries: Countries) -> None:
        from scipy import sparse

        k, n = len(countries.names), weights.shape[0]
        row = np.repeat(np.arange(n), np.diff(weights.indptr))
        there = countries.code[weights.indices]
        key, at = np.unique(row * k + there, return_inverse=True)
        self.row, self.country = key // k, key % k  # a run: the neighbours of one row in one country
        self.gather = sparse.csr_array((weights.data, (at, weights.indices)), shape=(len(key), n))
        here, abroad = countries.code[self.row], self.country
        low, high = np.minimum(here, abroad), np.maximum(here, abroad)
        codes, pair = np.unique(low * k + high, return_inverse=True)
        self.pairs: list[tuple[int, int]] = [(int(code // k), int(code % k)) for code in codes]
        self.names = [f"{countries.names[a]}-{countries.names[b]}" for a, b in self.pairs]
        self.own = np.array([a == b for a, b in self.pairs], dtype=bool)
        self._add = sparse.csr_array((np.ones(len(key)), (pair, np.arange(len(key)))), shape=(len(codes), len(key)))

    def of(self, left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum by pair: arrays of shape (n, draws) give one of shape (pairs, draws)."""
        return self.add(left[self.row] * (self.gather @ right))

    def add(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum what the runs hold by pair: shape (runs, draws) gives (pairs, draws)."""
        result: NDArray[np.float64] = np.asarray(self._add @ values)
        return result

    def parts(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Put whole, within and across before the pairs: shape (3 + pairs, draws)."""
        within, across = sums[self.own].sum(axis=0), sums[~self.own].sum(axis=0)
        return np.concatenate([np.stack([within + across, within, across]), sums])


def permuted_parts(
    sums: PairSums,
    strata: NDArray[np.int64],
    columns: Callable[[NDArray[np.int64]], tuple[NDArray[np.float64], NDArray[np.float64]]],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> NDArray[np.float64]:
    """Sum again with what the rows hold shuffled within strata.

    Parameters
    ----------
    sums : PairSums
    strata : ndarray of int, shape (n,)
    columns : callable
        ``columns(order)`` with `order` of shape (n, draws) gives left and right.
    permutations : int
    rng : Generator
    workers : int

    Returns
    -------
    ndarray, shape (permutations, 3 + pairs)
    """

    def draw(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        order = np.ascontiguousarray(permute_within(strata, generator, size).T)
        return sums.parts(sums.of(*columns(order))).T

    return simulate(draw, permutations=permutations, rng=rng, workers=workers)


def parts_frame(sums: PairSums, value: NDArray[np.float64], draws: NDArray[np.float64]) -> DataFrame:
    """Lay out whole, within, across and the pairs: value, expected, excess, sd, z, p."""
    return lay_out(["whole", "within", "across", *sums.names], value, draws)


def lay_out(
    index: Sequence[str],
    value: NDArray[np.float64],
    draws: NDArray[np.float64],
    *,
    exact: NDArray[np.float64] | None = None,
    share: NDArray[np.float64] | None = None,
) -> DataFrame:
    """Lay out the parts of a statistic against their draws.

    Parameters
    ----------
    index : sequence of str
        Names of the parts.
    value : ndarray, shape (parts,)
    draws : ndarray, shape (permutations, parts)
    exact : ndarray, shape (parts,), optional
        What the permutations give on average, if that is known.
    share : ndarray, shape (parts,), optional
        Of the weights.

    Returns
    -------
    DataFrame
        Index part: value, share, expected, exact, excess, sd, z, p, standard.
    """
    import pandas as pd

    expected, sd = draws.mean(axis=0), draws.std(axis=0)
    p = p_value(value, draws)
    varies = sd > 10 * TIE * np.abs(draws).max(axis=0)  # else draws are ties that are none
    nothing = np.full(len(value), np.nan)
    return pd.DataFrame(
        {
            "value": value,
            "share": nothing if share is None else share,
            "expected": expected,
            "exact": nothing if exact is None else exact,
            "excess": value - expected,
            "sd": sd,
            "z": np.where(varies, (value - expected) / np.where(varies, sd, 1.0), np.nan),
            "p": np.where(varies, p, np.nan),
            "standard": nothing,
        },
        index=pd.Index(list(index), name="part"),
    )
