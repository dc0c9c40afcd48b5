"""How often do two kinds join when labels are permuted, 64 labellings a word?

Labels are drawn within strata without a shuffle, and counted along edges by carry-save addition.
For graphs whose weights are all one unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from geocluster.splitting.engine import Layout, Shuffles

WORD = 64
FULL = np.uint64(0xFFFFFFFFFFFFFFFF)


def takes_bits(layout: Layout) -> bool:
    """Tell whether all weights are one unit, and each edge has its two ways."""
    return not layout.merged and layout.exact and bool((layout.weight.round() == 1).all())


def joins_by_bits(
    shuffles: Shuffles, codes: NDArray[np.int64], join: tuple[int, int], *, workers: int = 1
) -> NDArray[np.float64]:
    """Sum Σ w_ij 1[i of A] 1[j of B] by pair of countries with kinds permuted within strata.

    Parameters
    ----------
    shuffles : Shuffles
        Of a layout that `takes_bits`; its streams seed the labels.
    codes : ndarray of int, shape (n,)
        Kinds of the rows.
    join : (int, int)
        A and B; may be one.
    workers : int
        Threads; the numbers do not depend on it.

    Returns
    -------
    ndarray, shape (permutations, pairs)

    Examples
    --------
    >>> from scipy import sparse
    >>> from geocluster.splitting import Countries, Edges
    >>> from geocluster.splitting.engine import Layout, Shuffles
    >>> ring = sparse.csr_array(np.roll(np.eye(8), 1, axis=1))
    >>> countries = Countries.of(["CH"] * 8)
    >>> xyz = np.column_stack([np.arange(8.0), np.zeros(8), np.zeros(8)])
    >>> layout = Layout.of(ring, Edges.of(ring, countries), countries, xyz, merge=False)
    >>> made = Shuffles.of(layout, countries.code, permutations=9_999, rng=np.random.default_rng(1))
    >>> joins = joins_by_bits(made, np.array([1, 1, 1, 2, 2, 0, 0, 0]), (1, 2))
    >>> abs(joins.mean() - 3 * 2 / 7) < 0.03  # each of 3 has one neighbour: 2 of the other 7
    np.True_
    """
    from geocluster.splitting.bit_kernels import count_joins

    layout, (a, b) = shuffles.layout, join
    number, stays, fixed = _laid_out(shuffles, codes, [a, b])
    none = np.zeros(len(stays), dtype=np.uint64)

    def one(block: int) -> NDArray[np.float64]:
        found = np.zeros((len(layout.names), WORD), dtype=np.int64)
        count_joins(
            shuffles.states[block][:, 0].copy(), shuffles.low, shuffles.high, *number, a == b, fixed[0].copy(),
            fixed[1].copy(), none, layout.of_run, layout.first, layout.neighbour, layout.slot, found,
        )  # fmt: skip
        return np.asarray(found[:, : shuffles.sizes[block]].T * layout.unit)

    return _by_block(one, len(shuffles.sizes), workers)


def tables_by_bits(
    shuffles: Shuffles, codes: NDArray[np.int64], kinds: Sequence[int], *, workers: int = 1
) -> NDArray[np.float64]:
    """Do `joins_by_bits` for every ordered pair of kinds, all labelled together.

    Parameters
    ----------
    shuffles : Shuffles
        Of a layout that `takes_bits`.
    codes : ndarray of int, shape (n,)
    kinds : sequence of int
    workers : int

    Returns
    -------
    ndarray, shape (permutations, kinds, kinds, pairs)
        First the kind of the row.
    """
    from geocluster.splitting.bit_kernels import count_tables

    layout, k = shuffles.layout, len(kinds)
    number, stays, fixed = _laid_out(shuffles, codes, kinds)
    by_stratum, words = np.ascontiguousarray(np.transpose(number)), np.ascontiguousarray(np.transpose(fixed))
    held = np.where(stays, FULL, np.uint64(0))

    def one(block: int) -> NDArray[np.float64]:
        found = np.zeros((len(layout.names), k, k, WORD), dtype=np.int64)
        count_tables(
            shuffles.states[block][:, 0].copy(), shuffles.low, shuffles.high, by_stratum, words.copy(), held,
            layout.of_run, layout.first, layout.neighbour, layout.slot, found,
        )  # fmt: skip
        return np.asarray(np.moveaxis(found[..., : shuffles.sizes[block]], (3, 0), (0, 3)) * layout.unit)

    return _by_block(one, len(shuffles.sizes), workers)


def _laid_out(
    shuffles: Shuffles, codes: NDArray[np.int64], kinds: Sequence[int]
) -> tuple[list[NDArray[np.int64]], NDArray[np.bool_], list[NDArray[np.uint64]]]:
    """Count the labels of each kind by stratum; say which places stay, and lay out the labels they bear."""
    there = codes[shuffles.layout.order]
    low, high = shuffles.low, shuffles.high
    bears = [there == kind for kind in kinds]
    number = [
        np.array([int(kind[one:end].sum()) for one, end in zip(low, high, strict=True)], dtype=np.int64)
        for kind in bears
    ]
    drawn = np.zeros(len(there) + 1, dtype=np.int64)
    np.add.at(drawn, low, 1)
    np.add.at(drawn, high, -1)
    stays = np.cumsum(drawn)[:-1] == 0
    return number, stays, [np.where(kind & stays, FULL, np.uint64(0)) for kind in bears]


def _by_block(one: Callable[[int], NDArray[np.float64]], number: int, workers: int) -> NDArray[np.float64]:
    if workers < 2 or number < 2:
        return np.concatenate([one(block) for block in range(number)])
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(one, range(number))))
