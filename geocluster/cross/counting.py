"""How many pairs stand at each distance, under every labelling at once?

Two engines give the same counts. *Bits*: leaves of 64 points, a word a leaf and
labelling, pairs counted by population counts. *Rows*: points on which many rows
stand, a row of numbers a point, one number a labelling.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.cross.words import kernels as word_kernels

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
    k = len(leaves.first_leaf) - 1
    near = np.zeros((k, k), dtype=bool)
    if len(leaves):
        _kernels()["near"](
            leaves.block_low, leaves.block_high, leaves.country[leaves.block_first[:-1]], limits[-1], near
        )
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
    shape = (len(reach.cells), len(reach.limits), left.shape[1])

    def work(task: int, tasks: int, found: NDArray[np.int64]) -> None:
        _kernels()["words"](task, tasks, *_tree(leaves), leaves.filled, reach.limits, reach.cell_of, left, right, found)

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
    kind = np.int64 if left.dtype == np.int32 else np.float64
    shape = (len(reach.cells), len(reach.limits), left.shape[1])
    sums = right.reshape(len(leaves), leaves.size, -1).sum(axis=1, dtype=right.dtype)

    def work(task: int, tasks: int, found: NDArray[Any]) -> None:
        _kernels()["rows"](
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
    shape = (len(reach.cells), len(at_km), left.shape[1])

    def work(task: int, tasks: int, found: NDArray[np.float64]) -> None:
        _kernels()["weigh"](
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
                list(pool.map(lambda task, first=first: work(task, tasks, found[task - first]), now))  # type: ignore[misc]
        else:
            work(first, tasks, found[0])
        for part in found[: len(now)]:
            if part is not total:
                total += part
                part[...] = 0
    return total


@cache
def _kernels() -> dict[str, Callable[..., Any]]:
    """Compile the loops when first needed: numba is slow to import."""
    from math import asin, sqrt

    from numba import njit

    from geocluster.distance import RADIUS_KM

    popcount = word_kernels()["popcount"]

    @njit(nogil=True, cache=True, inline="always")
    def gap2(low, high, other_low, other_high):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Least squared distance of two boxes."""
        total = 0.0
        for a in range(3):
            gap = max(0.0, low[a] - other_high[a], other_low[a] - high[a])
            total += gap * gap
        return total

    @njit(nogil=True, cache=True, inline="always")
    def span2(low, high, other_low, other_high):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Largest squared distance of two boxes."""
        total = 0.0
        for a in range(3):
            gap = max(high[a] - other_low[a], other_high[a] - low[a])
            total += gap * gap
        return total

    @njit(nogil=True, cache=True, inline="always")
    def bin_of(squared, limits):  # type: ignore[no-untyped-def]  # pragma: no cover
        k = 0
        while k < len(limits) and squared > limits[k]:
            k += 1
        return k

    @njit(nogil=True, cache=True)
    def near(low, high, country, limit, found):  # type: ignore[no-untyped-def]  # pragma: no cover
        for i in range(len(country)):
            for j in range(len(country)):
                a, b = country[i], country[j]
                if not found[a, b] and gap2(low[i], high[i], low[j], high[j]) <= limit:
                    found[a, b] = True

    # sure of a box only with room for rounding: at the limit itself the pair decides
    less, more = 1 - 1e-12, 1 + 1e-12

    @njit(nogil=True, cache=True)
    def words(  # type: ignore[no-untyped-def]
        task, tasks, x, y, z, low, high, country, block_first, block_low, block_high, filled, limits, cell_of,
        left, right, found,
    ):  # fmt: skip  # pragma: no cover
        bins, draws = len(limits), left.shape[1]
        masks = np.zeros(bins + 1, dtype=np.uint64)
        row_masks = np.zeros(bins + 1, dtype=np.uint64)
        squared = np.empty(64)
        at_low, at_high = np.empty(3), np.empty(3)
        for one in range(task, len(filled), tasks):
            mine = left[one]
            for block in range(len(block_first) - 1):
                cell = cell_of[country[one], country[block_first[block]]]
                if cell < 0 or gap2(low[one], high[one], block_low[block], block_high[block]) > limits[-1] * more:
                    continue
                for other in range(block_first[block], block_first[block + 1]):
                    least = gap2(low[one], high[one], low[other], high[other])
                    if least > limits[-1] * more:
                        continue
                    theirs = right[other]
                    first = bin_of(least * less, limits)
                    last = bin_of(span2(low[one], high[one], low[other], high[other]) * more, limits)
                    if first == last and one != other:
                        if first < bins:
                            row = found[cell, first]
                            for b in range(draws):
                                row[b] += popcount(mine[b]) * popcount(theirs[b])
                        continue
                    for k in range(bins + 1):
                        row_masks[k] = 0
                    for i in range(filled[one]):
                        at_low[0] = at_high[0] = px = x[one, i]
                        at_low[1] = at_high[1] = py = y[one, i]
                        at_low[2] = at_high[2] = pz = z[one, i]
                        bit = np.uint64(1) << np.uint64(i)
                        nearest = gap2(at_low, at_high, low[other], high[other])
                        k0 = bin_of(nearest * less, limits)
                        if k0 >= bins:
                            continue
                        k1 = bin_of(span2(at_low, at_high, low[other], high[other]) * more, limits)
                        if k0 == k1 and one != other:
                            row_masks[k0] |= bit
                            continue
                        ox, oy, oz = x[other], y[other], z[other]
                        for j in range(64):
                            dx, dy, dz = ox[j] - px, oy[j] - py, oz[j] - pz
                            squared[j] = dx * dx + dy * dy + dz * dz
                        before = np.uint64(0)
                        for k in range(k0, min(k1 + 1, bins)):
                            limit = limits[k]
                            mask = np.uint64(0)
                            for j in range(64):
                                if squared[j] <= limit:
                                    mask |= np.uint64(1) << np.uint64(j)
                            new = mask & ~before
                            before = mask
                            if one == other:
                                new &= ~bit
                            if new == 0:
                                continue
                            row = found[cell, k]
                            shift = np.uint64(i)
                            for b in range(draws):
                                row[b] += popcount(theirs[b] & new) * np.int64((mine[b] >> shift) & np.uint64(1))
                    for k in range(bins):
                        mask = row_masks[k]
                        if mask:
                            row = found[cell, k]
                            for b in range(draws):
                                row[b] += popcount(mine[b] & mask) * popcount(theirs[b])

    @njit(nogil=True, cache=True)
    def rows(  # type: ignore[no-untyped-def]
        task, tasks, x, y, z, low, high, country, block_first, block_low, block_high, filled, limits, cell_of,
        left, right, sums, found,
    ):  # fmt: skip  # pragma: no cover
        bins, draws, size = len(limits), left.shape[1], x.shape[1]
        near_by = np.zeros((bins, draws), dtype=right.dtype)
        used = np.zeros(bins, dtype=np.bool_)
        at = np.empty(3)
        blocks = len(block_first) - 1
        for one in range(task, len(filled), tasks):
            for i in range(filled[one]):
                at[0], at[1], at[2] = px, py, pz = x[one, i], y[one, i], z[one, i]
                mine = left[one * size + i]
                for block in range(blocks):
                    there = country[block_first[block]]
                    cell = cell_of[country[one], there]
                    if cell >= 0 and gap2(at, at, block_low[block], block_high[block]) <= limits[-1] * more:
                        for other in range(block_first[block], block_first[block + 1]):
                            k0 = bin_of(gap2(at, at, low[other], high[other]) * less, limits)
                            if k0 >= bins:
                                continue
                            k1 = bin_of(span2(at, at, low[other], high[other]) * more, limits)
                            if k0 == k1:
                                used[k0] = True
                                row, theirs = near_by[k0], sums[other]
                                for b in range(draws):
                                    row[b] += theirs[b]
                                continue
                            for j in range(filled[other]):
                                dx, dy, dz = x[other, j] - px, y[other, j] - py, z[other, j] - pz
                                squared = dx * dx + dy * dy + dz * dz
                                k = k0
                                while k < bins and squared > limits[k]:
                                    k += 1
                                if k < bins:
                                    used[k] = True
                                    row, theirs = near_by[k], right[other * size + j]
                                    for b in range(draws):
                                        row[b] += theirs[b]
                    if block + 1 == blocks or country[block_first[block + 1]] != there:
                        for k in range(bins):
                            if used[k]:
                                used[k] = False
                                row, total = near_by[k], found[cell, k]
                                for b in range(draws):
                                    total[b] += mine[b] * row[b]
                                    row[b] = 0

    @njit(nogil=True, cache=True)
    def weigh(  # type: ignore[no-untyped-def]
        task, tasks, x, y, z, low, high, country, block_first, block_low, block_high, filled, limits, cell_of,
        left, right, at_km, bandwidth, found,
    ):  # fmt: skip  # pragma: no cover
        draws, size, diameter = left.shape[1], x.shape[1], 2 * RADIUS_KM
        near_by = np.zeros((len(at_km), draws))
        at = np.empty(3)
        blocks = len(block_first) - 1
        for one in range(task, len(filled), tasks):
            for i in range(filled[one]):
                at[0], at[1], at[2] = px, py, pz = x[one, i], y[one, i], z[one, i]
                mine = left[one * size + i]
                used = False
                for block in range(blocks):
                    there = country[block_first[block]]
                    cell = cell_of[country[one], there]
                    if cell >= 0 and gap2(at, at, block_low[block], block_high[block]) <= limits[0] * more:
                        for other in range(block_first[block], block_first[block + 1]):
                            if gap2(at, at, low[other], high[other]) > limits[0] * more:
                                continue
                            for j in range(filled[other]):
                                dx, dy, dz = x[other, j] - px, y[other, j] - py, z[other, j] - pz
                                d = diameter * asin(min(1.0, sqrt(dx * dx + dy * dy + dz * dz) / diameter))
                                theirs = right[other * size + j]
                                for m in range(len(at_km)):
                                    u, v = (at_km[m] - d) / bandwidth, (at_km[m] + d) / bandwidth
                                    if abs(u) >= 1 and v >= 1:
                                        continue
                                    weight = 0.75 / bandwidth * (max(0.0, 1 - u * u) + max(0.0, 1 - v * v))
                                    used = True
                                    row = near_by[m]
                                    for b in range(draws):
                                        row[b] += weight * theirs[b]
                    if used and (block + 1 == blocks or country[block_first[block + 1]] != there):
                        used = False
                        for m in range(len(at_km)):
                            row, total = near_by[m], found[cell, m]
                            for b in range(draws):
                                total[b] += mine[b] * row[b]
                                row[b] = 0

    return {"near": near, "words": words, "rows": rows, "weigh": weigh}
