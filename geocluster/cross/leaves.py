"""In which order do the points stand, so that near ones lie together?

Points of one country are halved along their longest side until a leaf holds at
most `size` of them; a block gathers sixteen leaves. Boxes bound them all, so that
whole leaves are passed by, or counted at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK_LEAVES = 16
FAR_KM = 1e9
"""Where an empty slot stands: farther than any distance asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """Points in leaves of one country each; a leaf that is not full ends in empty slots.

    Attributes
    ----------
    size : int
        Slots a leaf.
    slot : ndarray of int, shape (points,)
        Where each point stands: leaf · size + its place in the leaf.
    xyz : ndarray, shape (3, leaves, size)
        Earth-centred kilometres.
    filled : ndarray of int, shape (leaves,)
    country : ndarray of int, shape (leaves,)
    first_leaf : ndarray of int, shape (k + 1,)
        Leaves of country c: ``first_leaf[c]`` to ``first_leaf[c + 1]``.
    low, high : ndarray, shape (leaves, 3)
        Boxes.
    block_first : ndarray of int, shape (blocks + 1,)
    block_low, block_high : ndarray, shape (blocks, 3)
    """

    size: int
    slot: NDArray[np.int64]
    xyz: NDArray[np.float64]
    filled: NDArray[np.int64]
    country: NDArray[np.int64]
    first_leaf: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    block_first: NDArray[np.int64]
    block_low: NDArray[np.float64]
    block_high: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.filled)


def grow_leaves(xyz: NDArray[np.float64], country: NDArray[np.int64], *, countries: int, size: int) -> Leaves:
    """Put points into leaves.

    Parameters
    ----------
    xyz : ndarray, shape (points, 3)
    country : ndarray of int, shape (points,)
        Codes below `countries`.
    countries : int
    size : int
        Slots a leaf.

    Examples
    --------
    >>> leaves = grow_leaves(np.arange(15.0).reshape(5, 3), np.array([0, 1, 0, 0, 1]), countries=2, size=2)
    >>> leaves.filled.tolist(), leaves.country.tolist()
    ([2, 1, 2], [0, 0, 1])
    """
    from geocluster.cross.point_kernels import split_points

    order = np.argsort(country, kind="stable").astype(np.int64)
    number = np.bincount(country, minlength=countries)
    start = np.concatenate([[0], np.cumsum(number)])
    points = np.ascontiguousarray(xyz, dtype=np.float64)
    for c in range(countries):
        split_points(points, order, start[c], start[c + 1], size)
    per_country = -(-number // size)
    first_leaf = np.concatenate([[0], np.cumsum(per_country)]).astype(np.int64)
    of_leaf = np.repeat(np.arange(countries), per_country)
    sorted_country = country[order]
    rank = np.arange(len(order)) - start[sorted_country]
    slot = np.empty(len(order), dtype=np.int64)
    slot[order] = first_leaf[sorted_country] * size + rank
    total = int(first_leaf[-1])
    filled = np.bincount(slot // size, minlength=total).astype(np.int64)
    flat = np.full((3, total * size), FAR_KM)
    flat[:, slot] = points.T
    stood = flat.reshape(3, total, size)
    low = stood.min(axis=2).T
    high = np.where(stood < FAR_KM / 2, stood, -FAR_KM).max(axis=2).T
    first: list[int] = []
    for c in range(countries):
        first += range(int(first_leaf[c]), int(first_leaf[c + 1]), BLOCK_LEAVES)
    at = np.array(first, dtype=np.int64)
    bounds = (np.minimum.reduceat(low, at, axis=0), np.maximum.reduceat(high, at, axis=0)) if total else (low, high)
    return Leaves(
        size, slot, stood, filled, of_leaf.astype(np.int64), first_leaf, np.ascontiguousarray(low),
        np.ascontiguousarray(high), np.append(at, total), *bounds,
    )  # fmt: skip
