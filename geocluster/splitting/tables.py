"""Which values are drawn from each stratum, once for all rows that ask for some?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.graph.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array


WORTH = 24
"""Rows that ask for a sum before it is sorted: to sort it takes as long as to count it so many times."""
MANY = 20
"""From one row in so many on, values are kept beside their sums."""
ROWS_A_SUM = 128
"""Rows of the table for each sorted sum at most, lest sums outgrow the graph."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What rows ask of the tables.

    Attributes
    ----------
    width : ndarray of int, shape (strata,)
        Most neighbours of any row in the stratum, with one to spare for its own rows.
    row : ndarray of int, shape (n,)
        How a row is answered: 0, its neighbours weigh alike and are of its stratum and country;
        1, they weigh alike and are of several strata; -1, draw by draw.
    single : bool
        Whether many rows are answered draw by draw.
    sum_of : ndarray of int, shape (strata, neighbours)
        Which sorted sum answers so many neighbours in a stratum; -1: none.
    asked : ndarray of int, shape (sums, 2)
        Stratum and number of neighbours of each sorted sum.
    """

    width: NDArray[np.int64]
    row: NDArray[np.int8]
    single: bool
    sum_of: NDArray[np.int32]
    asked: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Draws of all strata.

    Attributes
    ----------
    size : int
        Draws, P.
    table, prefix : ndarray, shape (Σ width · P,)
        By stratum, place in the draw, draw: the value, and the sum of those up to the place. Either is
        empty if few rows ask for it.
    start : ndarray of int, shape (strata,)
        Where a stratum begins in `table`.
    sums : ndarray, shape (sums, P)
        Sums that many rows ask for, sorted.
    centre, square : ndarray, shape (sums,)
        Their mean, and the sum of squares about it.
    inverse : ndarray of int, shape (n + 1,)
        Where a row begins in `draw` and `place`, which tell the draws that hold it, and where.
    """

    size: int
    table: NDArray[np.float64]
    prefix: NDArray[np.float64]
    start: NDArray[np.int64]
    sums: NDArray[np.float64]
    centre: NDArray[np.float64]
    square: NDArray[np.float64]
    inverse: NDArray[np.signedinteger[Any]]
    draw: NDArray[np.signedinteger[Any]]
    place: NDArray[np.signedinteger[Any]]

    def arrays(self) -> tuple[Any, ...]:
        """Give all of it, in order."""
        return (
            self.size, self.table, self.prefix, self.start, self.sums, self.centre, self.square,
            self.inverse, self.draw, self.place,
        )  # fmt: skip


def row_plan(
    weights: csr_array,
    strata: NDArray[np.int64],
    country: NDArray[np.int64],
    *,
    fast: bool = True,
    workers: int = 1,
) -> Plan:
    """Count what each row asks of each stratum.

    Parameters
    ----------
    weights, strata, country
        As in `redraw_conditionally`.
    fast : bool
        Look for rows that sums can answer.
    workers : int
    """
    from geocluster.splitting.table_kernels import measure

    strata_count = int(strata.max(initial=-1)) + 1
    longest = int(np.diff(weights.indptr).max(initial=0))
    row = np.full(len(strata), -1, dtype=np.int8)
    given = (weights.indptr, weights.indices, weights.data, strata, country, longest, row, strata_count)
    wide, asked = zip(*in_threads(measure, len(strata), workers, *given), strict=True)
    width, asks = np.max(wide, axis=0), np.sum(asked, axis=0)
    if not fast:
        row[:] = -1
        asks[:] = 0
    worth = np.flatnonzero(asks.ravel() >= WORTH)
    most = max(256, len(strata) // ROWS_A_SUM)
    if len(worth) > most:
        worth = np.sort(worth[np.argsort(-asks.ravel()[worth], kind="stable")[:most]])
    sum_of = np.full(asks.shape, -1, dtype=np.int32)
    sum_of.ravel()[worth] = np.arange(len(worth))
    single = bool(np.count_nonzero((row < 0) & (np.diff(weights.indptr) > 0)) > len(row) // MANY)
    return Plan(width, row, single, sum_of, np.column_stack(np.divmod(worth, asks.shape[1])))


def draw_tables(
    plan: Plan,
    values: NDArray[np.float64],
    strata: NDArray[np.int64],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> Tables:
    """Draw from each stratum, without replacement inside a draw, as many as any row asks.

    Parameters
    ----------
    plan : Plan
    values : ndarray, shape (n,)
    strata : ndarray of int, shape (n,)
    permutations : int
    rng : Generator
        Each stratum gets a child of it.
    workers : int
    """
    from geocluster.splitting.table_kernels import add_up, group, invert, shuffle

    count, size, n = len(plan.width), permutations, len(values)
    begin, order = group(strata, count)
    start = np.concatenate([[0], np.cumsum(plan.width)[:-1]]).astype(np.int64) * size if count else np.zeros(0, int)
    table = np.empty(int(plan.width.sum()) * size)
    held = np.empty(len(table), dtype=np.int32)

    def fill(s: int, child: np.random.Generator) -> None:
        k, rows = int(plan.width[s]), order[begin[s] : begin[s + 1]]
        if k:
            # the first k steps of a shuffle (Fisher & Yates 1938): place q takes one of those from q on
            step = child.integers(np.arange(k), len(rows), size=(size, k))
            end = start[s] + k * size
            shuffle(step, rows, values, table[start[s] : end], held[start[s] : end])

    _each(fill, enumerate(rng.spawn(count)), workers)
    inverse: NDArray[Any] = np.zeros(n + 1, dtype=np.int32 if len(held) < np.iinfo(np.int32).max else np.int64)
    np.cumsum(np.bincount(held, minlength=n), out=inverse[1:])
    short: type[np.signedinteger[Any]] = (
        np.int16 if max(size, plan.width.max(initial=0)) < np.iinfo(np.int16).max else np.int32
    )
    draw, place = np.empty(len(held), dtype=short), np.empty(len(held), dtype=short)
    invert(held, plan.width, start, size, inverse[:-1].copy(), draw, place)
    prefix = table[:0]
    if (plan.row >= 0).any():
        table, prefix = table.copy() if plan.single else table[:0], table
        add_up(plan.width, start, size, prefix)
    sums = np.empty((len(plan.asked), size))
    centre, square = np.empty(len(sums)), np.empty(len(sums))

    def order_sum(r: int, ask: NDArray[np.int64]) -> None:
        at = start[ask[0]] + (ask[1] - 1) * size
        sums[r] = np.sort(prefix[at : at + size])
        centre[r] = sums[r].mean()
        square[r] = ((sums[r] - centre[r]) ** 2).sum()

    _each(order_sum, enumerate(plan.asked), workers)
    return Tables(size, table, prefix, start, sums, centre, square, inverse, draw, place)


def _each(work: Callable[..., None], tasks: Iterable[tuple[Any, ...]], workers: int) -> None:
    """Do the tasks one by one, or in threads."""
    if workers <= 1:
        for task in tasks:
            work(*task)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda task: work(*task), tasks))
