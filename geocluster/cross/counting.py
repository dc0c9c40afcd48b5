"""How many pairs stand at each distance, under every labelling at once?

Two engines give the same counts. *Bits*: leaves of 64 points, a word a leaf and
labelling, pairs counted by population counts. *Rows*: points on which many rows
stand, a row of numbers a point, one number a labelling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocluster.cross.leaves import Leaves

TASKS = 16
"""Shares of the work: as many on any number of threads, so that sums do not depend on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Distances asked, and the pairs of countries that come so near.

    Attributes
    ----------
    limits : ndarray, shape (distances,)
        Squared chords, km²; rising.
    cells : list of (int, int)
        Ordered pairs of countries: of the first kind, of the second.
    cell_of : ndarray of int, shape (k, k)
        Index into `cells`; -1: never so near, or not asked.
    """

    limits: NDArray[np.float64]
    cells: list[tuple[int, int]]
    cell_of: NDArray[np.int64]

    def crossing(self) -> Reach:
        """Leave out pairs within a country; cells keep their numbers."""
        cell_of = self.cell_of.copy()
        np.fill_diagonal(cell_of, -1)
        return Reach(self.limits, self.cells, cell_of)


def find_reach(leaves: Leaves, limits: NDArray[np.float64]) -> Reach:
    """Find the pairs of countries some of whose blocks come within the last limit."""
    from geocluster.cross.pair_kernels import find_near

    k = len(leaves.first_leaf) - 1
    near = np.zeros((k, k), dtype=bool)
    if len(leaves):
        find_near(leaves.block_low, leaves.block_high, leaves.country[leaves.block_first[:-1]], limits[-1], near)
    cells = [(int(a), int(b)) for a, b in np.argwhere(near)]
    cell_of = np.full((k, k), -1, dtype=np.int64)
    for number, cell in enumerate(cells):
        cell_of[cell] = number
    return Reach(np.asarray(limits, dtype=np.float64), cells, cell_of)


def count_words(
    leaves: Leaves,
    reach: Reach,
    left: NDArray[np.uint64],
    right: NDArray[np.uint64],
    *,
    workers: int = 1,
) -> NDArray[np.int64]:
    """Count pairs (i, j), i ≠ j, of a left and a right label, by distance.

    Parameters
    ----------
    leaves : Leaves
        Of 64 slots.
    reach : Reach
    left, right : ndarray of uint64, shape (leaves, draws)
    workers : int

    Returns
    -------
    ndarray of int64, shape (cells, distances, draws)
        Pairs beyond the last limit and up to this one.
    """
    from geocluster.cross.pair_kernels import count_word_pairs

    shape = (len(reach.cells), len(reach.limits), left.shape[1])

    def work(task: int, tasks: int, found: NDArray[np.int64]) -> None:
        count_word_pairs(task, tasks, *_tree(leaves), leaves.filled, reach.limits, reach.cell_of, left, right, found)

    return _add(work, shape, np.int64, workers)


def count_rows(
    leaves: Leaves,
    reach: Reach,
    left: NDArray[Any],
    right: NDArray[Any],
    *,
    workers: int = 1,
) -> NDArray[Any]:
    """Sum left_i · right_j over pairs of points, each point with itself too, by distance.

    Parameters
    ----------
    leaves : Leaves
    reach : Reach
    left, right : ndarray of int32 or float64, shape (leaves · size, draws)
        By slot.
    workers : int

    Returns
    -------
    ndarray of int64 or float64, shape (cells, distances, draws)
    """
    from geocluster.cross.pair_kernels import count_row_pairs

    kind = np.int64 if left.dtype == np.int32 else np.float64
    shape = (len(reach.cells), len(reach.limits), left.shape[1])
    sums = right.reshape(len(leaves), leaves.size, -1).sum(axis=1, dtype=right.dtype)

    def work(task: int, tasks: int, found: NDArray[Any]) -> None:
        count_row_pairs(
            task, tasks, *_tree(leaves), leaves.filled, reach.limits, reach.cell_of, left, right, sums, found
        )

    return _add(work, shape, kind, workers)


def weigh_rows(
    leaves: Leaves,
    reach: Reach,
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    *,
    at_km: NDArray[np.float64],
    bandwidth_km: float,
    workers: int = 1,
) -> NDArray[np.float64]:
    """Sum left_i · right_j · k_h(r - d_ij) instead: Epanechnikov's kernel, reflected at 0.

    `reach` must hold one limit, the last distance and a bandwidth beyond.

    Returns
    -------
    ndarray, shape (cells, distances, draws)
        Per kilometre.
    """
    from geocluster.cross.pair_kernels import weigh_row_pairs

    shape = (len(reach.cells), len(at_km), left.shape[1])

    def work(task: int, tasks: int, found: NDArray[np.float64]) -> None:
        weigh_row_pairs(
            task, tasks, *_tree(leaves), leaves.filled, reach.limits, reach.cell_of, left, right, at_km,
            bandwidth_km, found,
        )  # fmt: skip

    return _add(work, shape, np.float64, workers)


def _tree(leaves: Leaves) -> tuple[NDArray[Any], ...]:
    return (
        *leaves.xyz, leaves.low, leaves.high, leaves.country, leaves.block_first, leaves.block_low, leaves.block_high
    )  # fmt: skip


def _add(
    work: Callable[[int, int, NDArray[Any]], None], shape: tuple[int, ...], kind: Any, workers: int
) -> NDArray[Any]:
    """Share the work; sums of whole numbers are the same in any order, others are added in one order."""
    tasks = workers if kind is np.int64 else TASKS
    found = [np.zeros(shape, dtype=kind) for _ in range(min(tasks, max(workers, 1)))]
    total = found[0] if tasks == workers else np.zeros(shape, dtype=kind)
    for first in range(0, tasks, len(found)):
        now = range(first, min(first + len(found), tasks))
        if len(now) > 1:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(len(now)) as pool:
                list(pool.map(lambda task, first=first: work(task, tasks, found[task - first]), now))
        else:
            work(first, tasks, found[0])
        for part in found[: len(now)]:
            if part is not total:
                total += part
                part[...] = 0
    return total
