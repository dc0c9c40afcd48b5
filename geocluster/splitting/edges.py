"""Between which countries does each edge run, and what do the edges of a pair add up to?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geocluster.splitting.parts import Countries

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The edges of a graph, one by one, with the pair of countries of each.

    Attributes
    ----------
    first : ndarray of int, shape (n + 1,)
        Where the edges of each row begin.
    neighbour : ndarray of int, shape (edges,)
    weight : ndarray, shape (edges,)
    pair : ndarray of int, shape (edges,)
        Position in `pairs`.
    pairs : list of (int, int)
        Codes of countries, the smaller one first.
    names : list of str
        Such as CH-FR.
    own : ndarray of bool, shape (pairs,)
        Whether both are one country.

    Examples
    --------
    >>> from scipy import sparse
    >>> from geocluster.splitting.parts import Countries
    >>> edges = Edges.of(sparse.csr_array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), Countries.of(["CH", "CH", "FR"]))
    >>> edges.names, edges.sums(edges.weight).tolist(), edges.parts(edges.weight).tolist()
    (['CH-CH', 'CH-FR'], [2.0, 2.0], [4.0, 2.0, 2.0, 2.0, 2.0])
    """

    first: NDArray[np.integer]
    neighbour: NDArray[np.int32]
    weight: NDArray[np.float64]
    pair: NDArray[np.integer]
    pairs: list[tuple[int, int]]
    names: list[str]
    own: NDArray[np.bool_]

    @classmethod
    def of(cls, weights: csr_array, countries: Countries) -> Edges:
        """List the edges of a matrix of weights."""
        k = len(countries.names)
        row = np.repeat(np.arange(weights.shape[0], dtype=np.int32), np.diff(weights.indptr))
        neighbour = weights.indices.astype(np.int32, copy=False)
        code = countries.code.astype(np.int32)
        key, there = code[row], code[neighbour]
        low = np.minimum(key, there)
        np.maximum(key, there, out=key)
        del there
        low *= k
        key += low
        del low
        count = sum(np.bincount(key[at : at + _CHUNK], minlength=k * k) for at in range(0, len(key), _CHUNK))
        found = np.flatnonzero(count)
        position = np.zeros(k * k, dtype=np.min_scalar_type(max(len(found), 1)))
        position[found] = np.arange(len(found))
        pairs = [(int(one // k), int(one % k)) for one in found]
        names = [f"{countries.names[a]}-{countries.names[b]}" for a, b in pairs]
        own = np.array([a == b for a, b in pairs], dtype=bool)
        return cls(
            weights.indptr, neighbour, weights.data.astype(np.float64, copy=False), position[key], pairs, names, own
        )

    @property
    def row(self) -> NDArray[np.int32]:
        """The row of each edge."""
        return np.repeat(np.arange(len(self.first) - 1, dtype=np.int32), np.diff(self.first))

    def products(self, values: NDArray[np.float64], *, square: bool = False) -> NDArray[np.float64]:
        """Sum Σ w v_i v_j, or Σ w (v_i - v_j)²: whole, within, across, then pairs; some edges at a time."""
        total, row = np.zeros(len(self.pairs)), self.row
        for low in range(0, len(row), _CHUNK):
            some = slice(low, low + _CHUNK)
            one, other = values[row[some]], values[self.neighbour[some]]
            term = (one - other) ** 2 if square else one * other
            total += np.bincount(self.pair[some], weights=self.weight[some] * term, minlength=len(self.pairs))
        return with_parts(total[:, None], self.own)[:, 0]

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up what each edge holds, by pair of countries."""
        found: NDArray[np.float64] = np.bincount(self.pair, weights=values, minlength=len(self.pairs)).astype(
            np.float64
        )
        return found

    def powers(self, power: int) -> NDArray[np.float64]:
        """Sum Σ w^power: whole, within, across, then pairs; power 0 counts edges."""
        total = np.zeros(len(self.pairs))
        for low in range(0, len(self.weight), _CHUNK):
            some = slice(low, low + _CHUNK)
            total += np.bincount(self.pair[some], weights=self.weight[some] ** power, minlength=len(self.pairs))
        return with_parts(total[:, None], self.own)[:, 0]

    def parts(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Put whole, within and across before the sums by pair: shape (3 + pairs,)."""
        return with_parts(self.sums(values)[:, None], self.own)[:, 0]


def with_parts(sums: NDArray[np.float64], own: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Put whole, within and across before sums by pair of countries: shape (3 + pairs, draws).

    Examples
    --------
    >>> with_parts(np.array([[1.0], [2.0]]), np.array([True, False])).ravel().tolist()
    [3.0, 1.0, 2.0, 1.0, 2.0]
    """
    within, across = sums[own].sum(axis=0), sums[~own].sum(axis=0)
    return np.concatenate([np.stack([within + across, within, across]), sums])
