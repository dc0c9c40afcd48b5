"""What do sums over edges come to when values are shuffled, a thousand times over many rows?

Rows are laid out by country and then along a curve that keeps near ones near; each pair of rows
is visited once. Values are kept in single precision; `ties` mends what that might decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.permutation import BLOCK, block_sizes
from geocluster.splitting import loops
from geocluster.splitting.loops import WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geocluster.splitting.edges import Edges
    from geocluster.splitting.parts import Countries

FAST_FROM = 2_000
"""Rows from which the compiled loops repay their start."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Rows and edges in the order of the loops.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        The row at each place.
    of_run, first, slot : ndarray
        A run is the edges of one place into one country: the place, its first edge, its pair of countries.
    neighbour, weight : ndarray, shape (edges,)
        Weights in units.
    unit : float
        Of the weights: such that they are whole numbers, if there is one; then sums of 0 and 1 are exact.
    merged : bool
        Whether w_ij and w_ji are one edge.
    own : ndarray of bool, shape (pairs,)
    names : list of str
    """

    order: NDArray[np.int64]
    of_run: NDArray[np.int32]
    first: NDArray[np.int64]
    slot: NDArray[np.int32]
    neighbour: NDArray[np.int32]
    weight: NDArray[np.float64]
    unit: float
    merged: bool
    own: NDArray[np.bool_]
    names: list[str]

    @classmethod
    def of(
        cls, weights: csr_array, edges: Edges, countries: Countries, xyz: NDArray[np.float64], *, merge: bool
    ) -> Layout:
        """Lay rows out by country and place.

        Parameters
        ----------
        weights : csr_array, shape (n, n)
        edges : Edges
            Of the same weights.
        countries : Countries
        xyz : ndarray, shape (n, 3)
        merge : bool
            Whether w_ij and w_ji are one edge: right where i and j may be swapped.
        """
        k = len(countries.names)
        order = np.lexsort((along_curve(xyz), countries.code))
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        pointer, neighbour, weight = loops.runs_loop()(
            weights.indptr, weights.indices, weights.data.astype(np.float64, copy=False), place, merge
        )
        code = countries.code[order].astype(np.int32)
        row = np.repeat(np.arange(len(order), dtype=np.int32), np.diff(pointer))
        there = code[neighbour]
        fresh = np.ones(len(row), dtype=bool)
        fresh[1:] = (row[1:] != row[:-1]) | (there[1:] != there[:-1])
        start = np.flatnonzero(fresh)
        of_run = row[start]
        position = np.zeros(k * k, dtype=np.int32)
        for slot, (a, b) in enumerate(edges.pairs):
            position[a * k + b] = position[b * k + a] = slot
        slots = position[code[of_run] * k + there[start]]
        first = np.append(start, len(row))
        del row, there, fresh
        unit = _unit_of(weight)
        weight /= unit
        return cls(order, of_run, first, slots, neighbour, weight, unit, merge, edges.own, edges.names)

    @property
    def exact(self) -> bool:
        """Whether weights are small whole numbers."""
        return self.unit != 1.0 or _whole(self.weight)


def _unit_of(weight: NDArray[np.float64]) -> float:
    """Find a unit in which all weights are small whole numbers; 1 if there is none."""
    least = float(weight[weight > 0].min()) if (weight > 0).any() else 1.0
    return least if _whole(weight, least) else 1.0


def _whole(weight: NDArray[np.float64], unit: float = 1.0) -> bool:
    """Tell whether weights are small whole numbers of a unit; some at a time, to spare memory."""
    for low in range(0, len(weight), 1 << 16):
        some = weight[low : low + (1 << 16)] / unit
        if some.max() >= 4096 or (np.abs(some - some.round()) > 1e-9).any():
            return False
    return True


def along_curve(xyz: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Give points numbers along a curve that keeps near ones near (Morton 1966).

    Examples
    --------
    >>> along_curve(np.array([[0.0, 0, 0], [9, 9, 9], [1, 0, 0]])).argsort().tolist()
    [0, 2, 1]
    """
    low = xyz.min(axis=0)
    width = float((xyz.max(axis=0) - low).max()) or 1.0
    cells = ((xyz - low) * (1_048_575 / width)).astype(np.uint64)
    result = np.zeros(len(xyz), dtype=np.uint64)
    steps = ((32, 0x1F00000000FFFF), (16, 0x1F0000FF0000FF), (8, 0x100F00F00F00F00F), (4, 0x10C30C30C30C30C3))
    for axis in range(3):
        bits = cells[:, axis]
        for shift, mask in (*steps, (2, 0x1249249249249249)):
            bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
        result |= bits << np.uint64(axis)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Shuffles:
    """Shuffles of the places of a layout within strata, which can be had again.

    Attributes
    ----------
    layout : Layout
    low, high : ndarray of int, shape (segments,)
        First place of each stratum, and the one behind its last.
    states : list of ndarray of uint64, shape (segments, 4)
        A stream for each block of 64 draws and each stratum: threads cannot change results.
    sizes : list of int
        Draws in each block.
    """

    layout: Layout
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    states: list[NDArray[np.uint64]]
    sizes: list[int]

    @classmethod
    def of(cls, layout: Layout, strata: NDArray[np.int64], *, permutations: int, rng: np.random.Generator) -> Shuffles:
        """Seed the shuffles; each stratum of the rows stands together in the layout."""
        there = strata[layout.order]
        edge = np.flatnonzero(np.diff(there)) + 1
        low, high = np.r_[0, edge], np.r_[edge, len(there)]
        wide = high - low > 1
        sizes = block_sizes(permutations)
        states = [child.integers(1, 2**64, (int(wide.sum()), 4), np.uint64) for child in rng.spawn(len(sizes))]
        return cls(layout, low[wide].astype(np.int64), high[wide].astype(np.int64), states, sizes)

    def rows(self, block: int, size: int, start: NDArray[Any]) -> Iterator[tuple[NDArray[Any], int]]:
        """Shuffle eight at a time, each going on from where the last eight stood."""
        shuffle = loops.shuffle_loop()
        state = self.states[block].copy()
        rows = np.repeat(start[None, :], loops.COLUMNS, axis=0)
        for done in range(0, size, loops.COLUMNS):
            count = min(loops.COLUMNS, size - done)
            shuffle(state, self.low, self.high, rows, count + count % 2)
            yield rows, count

    def sums(
        self,
        values: NDArray[Any],
        form: Literal["product", "square", "joins"],
        *,
        joins: Sequence[tuple[int, int]] = (),
        workers: int = 1,
    ) -> NDArray[np.float64]:
        """Sum over edges with the values shuffled.

        Parameters
        ----------
        values : ndarray, shape (n,)
            Of the rows: numbers, or codes of kinds.
        form : {"product", "square", "joins"}
            Σ w v_i v_j, Σ w (v_i - v_j)², or Σ w 1[v_i = a] 1[v_j = b] for each (a, b) of `joins`.
        joins : sequence of (int, int)
        workers : int

        Returns
        -------
        ndarray, shape (permutations, pairs) or (permutations, pairs, joins)
        """
        layout = self.layout
        start = values[layout.order].astype(np.float32)
        slots, kinds = len(layout.names), max(len(joins), 1)
        sort = sorted(range(len(joins)), key=lambda k: joins[k][1])
        here, there = (np.array([joins[k][side] for k in sort], dtype=np.float32) for side in (0, 1))
        graph = (layout.of_run, layout.first, layout.neighbour, layout.weight, layout.slot)
        spread = loops.spread_loop()
        made: dict[str, Any] = {
            "product": loops.product_loop,
            "square": loops.square_loop,
            "joins": loops.joins_loop,
        }
        loop = made[form]()

        def draw(number: int) -> NDArray[np.float64]:
            size = self.sizes[number]
            result = np.empty((size, slots, kinds))
            block = np.empty((len(start), WIDTH), dtype=np.float32)
            done = used = 0
            for rows, count in self.rows(number, size, start):
                spread(rows, count, block, used)
                done, used = done + count, used + count
                if used == WIDTH or done == size:
                    total = np.zeros((slots, kinds, WIDTH))
                    if form == "joins":
                        loop(*graph, block, total, here, there)
                    else:
                        loop(*graph, block, total.reshape(slots, WIDTH))
                    result[done - used : done] = np.moveaxis(total[:, :, :used], 2, 0)
                    used = 0
            return result

        found = np.concatenate(_by_threads(draw, len(self.sizes), workers)) * layout.unit
        if not joins:
            return found[:, :, 0]
        result = np.empty_like(found)
        result[:, :, sort] = found
        return result

    def dots(self, values: NDArray[np.float64], factors: csr_array, *, workers: int = 1) -> NDArray[np.float64]:
        """Sum ``factors @ values`` with the values shuffled: shape (permutations, rows of factors)."""
        ordered = factors[:, self.layout.order]

        def draw(number: int) -> NDArray[np.float64]:
            size = self.sizes[number]
            rows = self.rows(number, size, values[self.layout.order])
            return np.concatenate([(ordered @ shuffled[:count].T).T for shuffled, count in rows])

        return np.concatenate(_by_threads(draw, len(self.sizes), workers))

    def orders(self, draws: NDArray[np.int64]) -> NDArray[np.int64]:
        """Say of some draws, ascending, which row's value each row then holds: shape (n, len(draws))."""
        order = self.layout.order
        places = np.arange(len(order), dtype=np.int32)
        result = np.empty((len(order), len(draws)), dtype=np.int64)
        for block in np.unique(draws // BLOCK):
            wanted = np.flatnonzero(draws // BLOCK == block)
            within = draws[wanted] % BLOCK
            for step, (rows, _) in enumerate(self.rows(int(block), int(within.max()) + 1, places)):
                for column, position in zip(wanted, within, strict=True):
                    if position // loops.COLUMNS == step:
                        result[order, column] = order[rows[position % loops.COLUMNS]]
        return result


def _by_threads(draw: Callable[[int], NDArray[np.float64]], blocks: int, workers: int) -> list[NDArray[np.float64]]:
    if workers < 2 or blocks < 2:
        return [draw(number) for number in range(blocks)]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(draw, range(blocks)))
