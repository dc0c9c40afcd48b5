"""Of all that stands about each of one kind, how much is of another: Marcon and Puech's M and m?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.cross.counting import TASKS, Reach, find_reach
from geocluster.cross.leaves import Leaves, grow_leaves
from geocluster.cross.measuring import Measured
from geocluster.cross.words import WORD, pack, relabel, unpack
from geocluster.permutation import block_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from geocluster.cross.scene import Kinds

LEAF = 8
SHARE = 64
"""Leaves that are worth a share of their own."""
AT_ONCE = 4
"""Blocks of 64 labellings that are summed together."""
MANY_ROWS = 200_000
"""With more rows one block at a time: a block holds about half a kilobyte a row."""


@dataclass(frozen=True, slots=True, eq=False)
class Relative:
    """Rows in leaves, and what stands about each.

    Attributes
    ----------
    kinds : Kinds
        Every row that takes part, of whatever kind.
    leaves : Leaves
    reach : Reach
    inverse : ndarray, shape (slots, distances)
        1 / V_i(r), V_i what stands within r of row i, itself left out; 0 where nobody does.
    at : ndarray, shape (distances,)
        For m: distances asked.
    bandwidth : float
        For m; 0 for M.
    flat : bool
        Distances are those of a plane.
    """

    kinds: Kinds
    leaves: Leaves
    reach: Reach
    inverse: NDArray[np.float64]
    at: NDArray[np.float64]
    bandwidth: float
    flat: bool
    workers: int

    @classmethod
    def of(
        cls,
        kinds: Kinds,
        xyz: NDArray[np.float64],
        chords: NDArray[np.float64],
        *,
        at: NDArray[np.float64] | None = None,
        bandwidth: float = 0.0,
        flat: bool = False,
        workers: int = 1,
    ) -> Relative:
        """Lay out the rows.

        Parameters
        ----------
        kinds : Kinds
        xyz : ndarray, shape (rows, 3)
        chords : ndarray, shape (distances,)
            Below which a pair is within each distance; for m the last one tells how far the kernel reaches.
        at : ndarray, shape (distances,), optional
            For m.
        bandwidth : float
            Of a Gaussian kernel, for m; 0 asks for M.
        flat : bool
            Whether distances are those of a plane, not arcs of the globe.
        workers : int
        """
        from geocluster.cross.relative_kernels import smooth, totals

        leaves = grow_leaves(xyz, kinds.country, countries=len(kinds.names), size=LEAF)
        reach = find_reach(leaves, (chords if not bandwidth else chords[-1:]) ** 2)
        where = np.asarray(at if at is not None else chords, dtype=np.float64)
        total = np.zeros((len(leaves) * LEAF, len(where)))
        weight = _on_slots(leaves, _weight(kinds)[:, None])[:, 0]
        boxes = (leaves.xyz, leaves.filled, leaves.low, leaves.high)
        if not bandwidth:
            _in_shares(lambda a, b: totals(a, b, *boxes, reach.limits, weight, total), len(leaves), workers)
        else:
            none = np.zeros((0, 1))
            _in_shares(
                lambda a, b: smooth(
                    a, b, leaves.country, *boxes, where, float(chords[-1]), bandwidth, flat, reach.cell_of, none, none,
                    weight, none, np.zeros((0, 0, 0)), total,
                ),
                len(leaves),
                workers,
            )  # fmt: skip
        inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
        return cls(kinds, leaves, reach, inverse, where, bandwidth, flat, workers)

    def sums(self, left: NDArray[np.bool_], right: NDArray[np.bool_], *, crossing: bool = False) -> NDArray[np.float64]:
        """Sum Σ_{i of A} Σ_{j of B} v_j 1[d ≤ r] / V_i(r) by cell: shape (draws, cells, distances).

        Parameters
        ----------
        left, right : ndarray of bool, shape (rows, draws)
        crossing : bool
            Leave out pairs within a country.
        """
        from geocluster.cross.relative_kernels import gather, smooth

        leaves = self.leaves
        reach = self.reach.crossing() if crossing else self.reach
        plain = self.kinds.weight is None
        kind: Any = np.float32 if plain and not self.bandwidth else np.float64  # counts are whole numbers
        ones = _on_slots(leaves, left, kind)
        others = _on_slots(leaves, right if plain else right * _weight(self.kinds)[:, None], kind)
        draws = right.shape[1]
        shape = (len(reach.cells), len(self.at), draws)
        boxes = (leaves.country, leaves.xyz, leaves.filled, leaves.low, leaves.high)
        if not self.bandwidth:
            by_leaf = others.reshape(len(leaves), LEAF, draws).sum(axis=1)
            by_block = np.add.reduceat(by_leaf, leaves.block_first[:-1], axis=0)
            blocks = (leaves.block_first, leaves.block_low, leaves.block_high)

            def run(first: int, last: int, found: NDArray[np.float64]) -> None:
                gather(
                    first, last, *boxes, *blocks, reach.limits, reach.cell_of, ones, others, by_leaf, by_block,
                    others, self.inverse, found,
                )  # fmt: skip
        else:
            none = np.zeros((0, 1))

            def run(first: int, last: int, found: NDArray[np.float64]) -> None:
                smooth(
                    first, last, *boxes, self.at, float(np.sqrt(reach.limits[-1])), self.bandwidth, self.flat,
                    reach.cell_of, ones, others, none[:0, 0], self.inverse, found, none,
                )  # fmt: skip

        shares = _in_shares_of(run, len(leaves), shape, self.workers)
        return np.moveaxis(shares, 2, 0)

    def below(self, left: NDArray[np.bool_], right: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Sum Σ_{i of A} (V_B - 1[A = B] v_i) / (V - v_i) over i with neighbours: shape (draws, distances)."""
        if self.kinds.weight is None:
            alone = self.inverse[self.leaves.slot].T == 0  # few, mostly
            heads = left.sum(axis=0) - np.array([left[rows].sum(axis=0) for rows in alone])
            others = (right.sum(axis=0) - self.kinds.same) / max(len(left) - 1, 1)
            return np.asarray((heads * others).T, dtype=np.float64)
        weight = _weight(self.kinds)
        rest = weight.sum() - weight
        counts = (self.inverse[self.leaves.slot] > 0) / np.where(rest > 0, rest, np.inf)[:, None]
        ones = left.T.astype(np.float64)
        result = (right.T @ weight)[:, None] * (ones @ counts)
        if self.kinds.same:
            result -= ones @ (counts * weight[:, None])
        return np.asarray(result)

    def observed(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Numerators by cell, and the denominator, as the rows are."""
        first, second = self.kinds.first[:, None], self.kinds.second[:, None]
        return self.sums(first, second)[0], self.below(first, second)[0]

    def measure(self, *, permutations: int, rng: np.random.Generator) -> Measured:
        """Measure, and again with kinds permuted within countries; weights stay where they are.

        Parameters
        ----------
        permutations : int
        rng : Generator
            Each block of 64 draws gets a child of it.
        """
        kinds = self.kinds
        above, below = self.observed()
        simulated = np.empty((permutations, *above.shape))
        held = np.full((2, *simulated.shape), np.nan)
        across = np.array([a != b for a, b in self.reach.cells], dtype=bool)
        first, second, done = kinds.first[:, None], kinds.second[:, None], 0
        for left, right in labellings(kinds, permutations, rng):
            now = slice(done, done + left.shape[1])
            simulated[now] = _divide(self.sums(left, right), self.below(left, right)[:, None])
            if across.any():
                ones = np.broadcast_to(first, left.shape)
                others = np.broadcast_to(second, right.shape)
                for way, (a, b) in enumerate(((ones, right), (left, others))):
                    # of a pair only the labels of its two countries count: the denominator stays
                    found = _divide(self.sums(a, b, crossing=True), below)
                    held[way, now][:, across] = found[:, across]
            done += left.shape[1]
        return Measured(self.reach.cells, _divide(above, below), simulated.mean(axis=0), simulated, held)


def labellings(
    kinds: Kinds, permutations: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Relabel within countries, some blocks of 64 at once; a kind held fixed in a country stays: (rows, draws) each."""
    held, k = kinds.held(), len(kinds.names)
    fixed = [rows & held[i, kinds.country] for i, rows in enumerate((kinds.first, kinds.second))]
    number = np.bincount(kinds.country, minlength=k)
    first_word = np.concatenate([[0], np.cumsum(-(-number // WORD))])
    order = np.argsort(kinds.country, kind="stable")
    slot = np.empty(len(order), dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(number)])[:-1]
    of = kinds.country[order]
    slot[order] = first_word[of] * WORD + np.arange(len(order)) - start[of]
    free = pack(slot[~(fixed[0] | fixed[1])], int(first_word[-1]))
    wanted = np.where(held, 0, kinds.number())[: 1 if kinds.same else 2]
    sizes = block_sizes(permutations)
    blocks = list(zip(rng.spawn(len(sizes)), sizes, strict=True))
    at_once = AT_ONCE if len(kinds.country) <= MANY_ROWS else 1
    for at in range(0, len(blocks), at_once):
        keys = [child.integers(0, 2**64, size=size, dtype=np.uint64) for child, size in blocks[at : at + at_once]]
        words = relabel(np.concatenate(keys), free, first_word, wanted)
        drawn = [unpack(one)[slot] | stays[:, None] for one, stays in zip(words, fixed, strict=False)]
        yield drawn[0], drawn[-1]


def _weight(kinds: Kinds) -> NDArray[np.float64]:
    return np.ones(len(kinds.country)) if kinds.weight is None else kinds.weight


def _on_slots(leaves: Leaves, values: NDArray[Any], kind: Any = np.float64) -> NDArray[Any]:
    column = np.zeros((len(leaves) * leaves.size, values.shape[1]), dtype=kind)
    column[leaves.slot] = values
    return column


def _divide(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    below = np.broadcast_to(below, above.shape)
    result: NDArray[np.float64] = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return result


def _shares(leaves: int) -> list[tuple[int, int]]:
    edges = np.linspace(0, leaves, min(TASKS, max(leaves // SHARE, 1)) + 1).astype(int).tolist()
    return list(pairwise(edges))


def _in_shares(run: Callable[[int, int], None], leaves: int, workers: int) -> None:
    """Run over shares of the leaves, each of which writes to its own rows."""
    if workers < 2:
        for one in _shares(leaves):
            run(*one)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda one: run(*one), _shares(leaves)))


def _in_shares_of(
    run: Callable[[int, int, NDArray[np.float64]], None], leaves: int, shape: tuple[int, int, int], workers: int
) -> NDArray[np.float64]:
    """Sum what shares of the leaves give, in the same order on any number of threads."""

    def one(share: tuple[int, int]) -> NDArray[np.float64]:
        found = np.zeros(shape)
        run(*share, found)
        return found

    if workers < 2:
        parts: Any = map(one, _shares(leaves))
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(one, _shares(leaves)))
    total = np.zeros(shape)
    for part in parts:
        total += part
    return total
