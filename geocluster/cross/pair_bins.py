"""How many pairs of each labelling stand at each distance, if every distance is measured once?

Rows stand by country; a tile is a stretch of rows against another. Its pairs are put in order of
their distance, to the nearest point of a lattice, and all labellings are counted along them, 64 a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.cross.words import WORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Tile = tuple[int, int, int, int]
    Sorted = tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint16]]

TILE = 2_048
KEPT_PAIRS = 16_000_000
"""So many pairs in order are kept from one block of labellings to the next: 64 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class PairBins:
    """Rows by country, and the pairs of countries that are told apart.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Rows in order of their country.
    xyz : ndarray, shape (n, 3)
        In that order.
    start : ndarray of int, shape (k + 1,)
        Where each country starts.
    weight : ndarray, shape (n,) or None
        In that order.
    cell_of : ndarray of int, shape (k, k)
    cells, bins : int
    step : float
        Of the lattice.
    flat : bool
        Distances are those of a plane.
    workers : int
    kept : dict
        Tiles in order, if they are few.
    """

    order: NDArray[np.int64]
    xyz: NDArray[np.float64]
    start: NDArray[np.int64]
    weight: NDArray[np.float64] | None
    cell_of: NDArray[np.int64]
    cells: int
    bins: int
    step: float
    flat: bool
    workers: int
    kept: dict[Tile, Sorted]

    @classmethod
    def of(
        cls,
        xyz: NDArray[np.float64],
        country: NDArray[np.int64],
        weight: NDArray[np.float64] | None,
        cell_of: NDArray[np.int64],
        *,
        bins: int,
        step: float,
        flat: bool,
        workers: int,
    ) -> PairBins:
        """Put rows in order of their country."""
        order = np.argsort(country, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(country, minlength=len(cell_of)))])
        return cls(
            order, np.ascontiguousarray(xyz[order]), start, None if weight is None else weight[order], cell_of,
            int(cell_of.max(initial=-1)) + 1, bins, step, flat, workers, {},
        )  # fmt: skip

    def count(
        self, left: NDArray[np.bool_], right: NDArray[np.bool_], *, same: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sum the weights of pairs by labelling, pair of countries and distance, and count the pairs.

        Parameters
        ----------
        left, right : ndarray of bool, shape (n, draws)
            In the order that the rows were given.
        same : bool
            Both are one set: a pair counts in both orders, but once in `number`.

        Returns
        -------
        sums : ndarray, shape (draws, cells, bins)
        number : ndarray, shape (draws, bins)
        """
        from geocluster.cross.density_kernels import add_counts, add_weights

        draws = left.shape[1]
        ones, others = _words(left[self.order]), _words(right[self.order])
        wide = len(ones) * WORD
        counts = np.zeros((self.cells, self.bins, wide), dtype=np.int64)
        sums = np.zeros(counts.shape if self.weight is not None else (0, 0, 0))
        for c, d, (low, high, other_low, other_high), (ends, i, j) in self._tiles():
            # a pair is met once: it counts from either end
            ways = [(ones, others, c, d, low, high, other_low, other_high, i, j)]
            ways += [(ones, others, d, c, other_low, other_high, low, high, j, i)]

            def add(word: int, ways: Any = ways, ends: Any = ends) -> None:
                for here, there, a, b, here_low, here_high, there_low, there_high, at, near in ways:
                    cell, now = self.cell_of[a, b], slice(word * WORD, (word + 1) * WORD)
                    if cell < 0:
                        continue
                    mine, theirs = here[word, here_low:here_high], there[word, there_low:there_high]
                    add_counts(ends, at, near, mine, theirs, counts[cell, :, now])
                    if self.weight is not None:
                        one, other = self.weight[here_low:here_high], self.weight[there_low:there_high]
                        add_weights(ends, at, near, mine, theirs, one, other, sums[cell, :, now])

            _each(add, len(ones), self.workers)
        number = counts.sum(axis=0)[:, :draws].T / (2 if same else 1)
        whole = counts if self.weight is None else sums
        return np.ascontiguousarray(np.moveaxis(whole, 2, 0)[:draws], dtype=np.float64), number

    def _tiles(self) -> Iterator[tuple[int, int, Tile, Sorted]]:
        """Give each pair of rows once, tile by tile, in order of distance."""
        from geocluster.cross.density_kernels import sort_pairs

        n = len(self.order)
        keep = n * (n - 1) // 2 <= KEPT_PAIRS
        stretches = [
            (c, low, high)
            for c, (first, end) in enumerate(pairwise(self.start.tolist()))
            for low, high in pairwise([*range(first, end, TILE), end])
        ]
        for at, (c, low, high) in enumerate(stretches):
            for d, other_low, other_high in stretches[at:]:
                if self.cell_of[c, d] < 0 and self.cell_of[d, c] < 0:
                    continue
                tile = (low, high, other_low, other_high)
                found = self.kept.get(tile)
                if found is None:
                    found = sort_pairs(self.xyz, *tile, self.flat, self.step, self.bins)
                    if keep:
                        self.kept[tile] = found
                yield c, d, tile, found


def _words(labels: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Pack labels, shape (n, draws), 64 draws a word: shape (words, n)."""
    wide = -(-labels.shape[1] // WORD) * WORD
    packed = np.packbits(labels, axis=1, bitorder="little")
    filled = np.zeros((len(labels), wide // 8), dtype=np.uint8)
    filled[:, : packed.shape[1]] = packed
    return np.ascontiguousarray(filled.view(np.uint64).T)


def _each(run: Any, number: int, workers: int) -> None:
    """Run for each number; each writes to places of its own."""
    if workers < 2 or number < 2:
        for one in range(number):
            run(one)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run, range(number)))
