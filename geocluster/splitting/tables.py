"""Which values are drawn from each stratum, once for all rows that ask for some?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What rows ask of the tables.

    Attributes
    ----------
    width : ndarray of int, shape (strata,)
        Most neighbours of any row in the stratum, with one to spare for its own rows.
    row : ndarray of int, shape (n,)
        Which sorted sums answer the row; -1: its neighbours lie in several strata or weigh differently.
    asked : ndarray of int, shape (sums, 2)
        Stratum and number of neighbours of each sorted sum.
    """

    width: NDArray[np.int64]
    row: NDArray[np.int64]
    asked: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Draws of all strata.

    Attributes
    ----------
    size : int
        Draws, P.
    table : ndarray, shape (Σ width · P,)
        By stratum, place in the draw, draw: the value.
    start : ndarray of int, shape (strata,)
        Where a stratum begins in `table`.
    sums, raw : ndarray, shape (sums, P)
        Sums of the first m places for each pair that was asked: sorted, and by draw.
    centre, square : ndarray, shape (sums,)
        Their mean, and the sum of squares about it.
    inverse : ndarray of int, shape (n + 1,)
        Where a row begins in `draw` and `place`, which tell the draws that hold it, and where.
    """

    size: int
    table: NDArray[np.float64]
    start: NDArray[np.int64]
    sums: NDArray[np.float64]
    raw: NDArray[np.float64]
    centre: NDArray[np.float64]
    square: NDArray[np.float64]
    inverse: NDArray[np.int64]
    draw: NDArray[np.int32]
    place: NDArray[np.int32]

    def arrays(self) -> tuple[Any, ...]:
        """Give all of it, in order."""
        return (
            self.size, self.table, self.start, self.sums, self.raw, self.centre, self.square,
            self.inverse, self.draw, self.place,
        )  # fmt: skip


def row_plan(weights: csr_array, strata: NDArray[np.int64], country: NDArray[np.int64], *, fast: bool = True) -> Plan:
    """Count what each row asks of each stratum.

    Parameters
    ----------
    weights, strata, country
        As in `redraw_conditionally`.
    fast : bool
        Look for rows that sorted sums can answer.
    """
    from geocluster.splitting.table_kernels import measure

    strata_count = int(strata.max(initial=-1)) + 1
    width, most, equal = measure(weights.indptr, weights.indices, weights.data, strata, country, strata_count)
    row = np.full(len(strata), -1, dtype=np.int64)
    asked = np.zeros((0, 2), dtype=np.int64)
    if fast and (equal & (most > 0)).any():
        rows = np.flatnonzero(equal & (most > 0))
        span = int(most.max()) + 1
        asks = strata[rows] * span + most[rows]
        there = np.zeros(strata_count * span, dtype=bool)
        there[asks] = True
        key = np.flatnonzero(there)
        row[rows] = (np.cumsum(there) - 1)[asks]
        asked = np.column_stack([key // span, key % span])
    return Plan(width, row, asked)


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
    from geocluster.splitting.table_kernels import add_up, invert, shuffle

    count, size, n = len(plan.width), permutations, len(values)
    order = np.argsort(strata, kind="stable")
    begin = np.searchsorted(strata[order], np.arange(count + 1))
    start = np.concatenate([[0], np.cumsum(plan.width)[:-1]]).astype(np.int64) * size if count else np.zeros(0, int)
    table = np.empty(int(plan.width.sum()) * size)
    held = np.empty(len(table), dtype=np.int32)
    for s, child in enumerate(rng.spawn(count)):
        k, rows = int(plan.width[s]), order[begin[s] : begin[s + 1]]
        if k:
            # the first k steps of a shuffle (Fisher & Yates 1938): place q takes one of those from q on
            step = child.integers(np.arange(k), len(rows), size=(size, k))
            end = start[s] + k * size
            shuffle(step, rows, values, table[start[s] : end], held[start[s] : end])
    holders = np.bincount(held, minlength=n)
    inverse = np.concatenate([[0], np.cumsum(holders)])
    draw, place = np.empty(len(held), dtype=np.int32), np.empty(len(held), dtype=np.int32)
    invert(held, plan.width, start, size, inverse[:-1].copy(), draw, place)
    sums, raw = (np.empty((len(plan.asked), size)) for _ in range(2))
    centre, square = np.empty(len(sums)), np.empty(len(sums))

    def fill(part: slice) -> None:
        add_up(plan.asked[part], table, start, sums[part], raw[part], centre[part], square[part])

    parts = [slice(first, first + 16) for first in range(0, len(sums), 16)]
    if workers > 1 and len(parts) > 1:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(fill, parts))
    else:
        for part in parts:
            fill(part)
    return Tables(size, table, start, sums, raw, centre, square, inverse, draw, place)
