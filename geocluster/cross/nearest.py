"""Whose is the nearest of the second kind, and how far is it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
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
        from geocluster.cross.point_kernels import count_nearest

        found = np.zeros((cells, len(chords), left.shape[1]))
        ones = np.ascontiguousarray(left[self.slots].T, dtype=np.float64)
        others = np.ascontiguousarray(right[self.slots].T, dtype=np.float64)
        count_nearest(self._chord, self._near, self._xyz, self._country, ones, others, chords, cell_of, same, found)
        return found
