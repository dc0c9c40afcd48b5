"""Whose is the nearest of the second kind, and how far is it?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocluster.cross.leaves import Leaves

MOST_ENTRIES = 40_000_000
"""Neighbours remembered: sites · neighbours."""


class NearestSites:
    """For every site its nearest sites, in order, itself first.

    Parameters
    ----------
    leaves : Leaves
        Of sites.
    expected : float
        Share of the sites on which one of the second kind is expected.
    """

    def __init__(self, leaves: Leaves, expected: float) -> None:
        from scipy.spatial import KDTree

        slots = np.sort(leaves.slot)
        xyz = leaves.xyz.reshape(3, -1)[:, slots].T
        many = int(np.clip(np.ceil(6 / max(expected, 1e-9)), 16, 1024))
        many = min(many, len(slots), max(MOST_ENTRIES // max(len(slots), 1), 16))
        chord, near = KDTree(xyz).query(xyz, k=[*range(1, many + 1)])
        self.slots = slots
        self._chord = np.ascontiguousarray(chord)
        self._near = np.ascontiguousarray(near, dtype=np.int64)
        self._xyz = np.ascontiguousarray(xyz)
        self._country = np.repeat(leaves.country, leaves.size)[slots]

    def count(
        self, left: NDArray[Any], right: NDArray[Any], chords: NDArray[np.float64], cell_of: NDArray[np.int64],
        *, cells: int, same: bool,
    ) -> NDArray[np.float64]:  # fmt: skip
        """Count those of the first kind whose nearest of the second is so near, by whose it is.

        Nearest ones at the same distance (closer than a millimetre) share by their number.

        Parameters
        ----------
        left, right : ndarray, shape (slots, draws)
        chords : ndarray, shape (distances,)
        cell_of : ndarray of int, shape (k, k)
        cells : int
        same : bool
            Both kinds are one: nobody is nearest to itself.

        Returns
        -------
        ndarray, shape (cells, distances, draws)
            Beyond the last distance, up to this one.
        """
        found = np.zeros((cells, len(chords), left.shape[1]))
        ones = np.ascontiguousarray(left[self.slots].T, dtype=np.float64)
        others = np.ascontiguousarray(right[self.slots].T, dtype=np.float64)
        _kernel()(self._chord, self._near, self._xyz, self._country, ones, others, chords, cell_of, same, found)
        return found


@cache
def _kernel() -> Callable[..., Any]:
    """Compile the search when first needed."""
    from math import sqrt

    from numba import njit

    tie = 1e-6

    @njit(nogil=True, cache=True)
    def nearest(  # type: ignore[no-untyped-def]
        chord, near, xyz, country, left, right, chords, cell_of, same, found
    ):  # pragma: no cover
        k, sites, many = cell_of.shape[0], near.shape[0], near.shape[1]
        share = np.zeros(k)
        for b in range(left.shape[0]):
            for i in range(sites):
                number = left[b, i]
                if number == 0:
                    continue
                best = np.inf
                whole = 0.0
                for m in range(many):
                    j = near[i, m]
                    there = right[b, j] - (1.0 if same and j == i else 0.0)
                    if there > 0:
                        if best == np.inf:
                            best = chord[i, m]
                        if chord[i, m] > best + tie:
                            break
                        share[country[j]] += there
                        whole += there
                    elif chord[i, m] > min(best + tie, chords[-1]):
                        break
                else:  # the list ended first: look at all
                    if many < sites:
                        whole = 0.0
                        share[:] = 0.0
                        best = np.inf
                        for turn in range(2):
                            for j in range(sites):
                                there = right[b, j] - (1.0 if same and j == i else 0.0)
                                if there > 0:
                                    dx, dy = xyz[j, 0] - xyz[i, 0], xyz[j, 1] - xyz[i, 1]
                                    dz = xyz[j, 2] - xyz[i, 2]
                                    d = sqrt(dx * dx + dy * dy + dz * dz)
                                    if turn == 0:
                                        best = min(best, d)
                                    elif d <= best + tie:
                                        share[country[j]] += there
                                        whole += there
                bin_number = 0
                while bin_number < len(chords) and best > chords[bin_number]:
                    bin_number += 1
                for c in range(k):
                    if share[c] > 0:
                        if bin_number < len(chords):
                            cell = cell_of[country[i], c]
                            if cell >= 0:
                                found[cell, bin_number, b] += number * share[c] / whole
                        share[c] = 0.0

    kernel: Callable[..., Any] = nearest
    return kernel
