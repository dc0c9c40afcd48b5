"""Which circles does a scan lay over the places?

Closed circles about every place, through every other, with at most half of the
population (Kulldorff 1997); places equally far enter together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import to_arc_km, to_chord_km
from geocluster.errors import GraphSizeError
from geocluster.graph import TIE_KM

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_STEPS = 50_000_000
"""Circles times their growth that are held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Circles:
    """The places about each centre, nearest first.

    Attributes
    ----------
    start : ndarray of int, shape (places + 1,)
        Where the list of each centre begins.
    place : ndarray of int32, shape (steps,)
    closed : ndarray of bool, shape (steps,)
        Whether a circle ends here: the next place is farther.
    km : ndarray of float32, shape (steps,)
        Distance from the centre.
    """

    start: NDArray[np.int64]
    place: NDArray[np.int32]
    closed: NDArray[np.bool_]
    km: NDArray[np.float32]

    def members(self, step: int) -> NDArray[np.int32]:
        """Places of the circle that ends at a step."""
        return self.place[self.start[self.centre(step)] : step + 1]

    def centre(self, step: int) -> int:
        """Place about which the circle that ends at a step is drawn."""
        return int(np.searchsorted(self.start, step, side="right")) - 1


def lay_circles(
    xyz: NDArray[np.float64], population: NDArray[np.float64], *, max_radius_km: float | None = None
) -> Circles:
    """List the places about each place, while they hold at most half of the population.

    Parameters
    ----------
    xyz : ndarray, shape (places, 3)
        Earth-centred kilometres.
    population : ndarray, shape (places,)
        From 0 up.
    max_radius_km : float, optional
        No larger circles than this.

    Raises
    ------
    GraphSizeError
        If there are too many circles to hold.

    Examples
    --------
    >>> from geocluster.distance import to_ecef
    >>> circles = lay_circles(to_ecef([7.0, 7.1, 7.3, 9.0], [47.0] * 4), np.ones(4))
    >>> [circles.place[a:b].tolist() for a, b in zip(circles.start, circles.start[1:])]
    [[0, 1], [1, 0], [2, 1], [3, 2]]
    """
    from scipy.spatial import cKDTree

    total = len(xyz)
    tree, reach = None, np.inf
    if max_radius_km is not None:
        reach = float(to_chord_km(max_radius_km + TIE_KM))
        tree = cKDTree(xyz)
        steps = int(np.sum(tree.query_ball_point(xyz, reach, return_length=True))) if total else 0
    else:
        steps = total * total
    if steps > 2 * MAX_STEPS:
        raise GraphSizeError(
            f"a scan of {total:,} places holds up to {steps:,} circles, more than {2 * MAX_STEPS:,}. "
            f"Give max_radius_km{'' if max_radius_km is None else f' below {max_radius_km:g}'}."
        )
    half = population.sum() / 2 * (1 + 1e-12)
    starts, places, ends, lengths = [0], [], [], []
    for centre in range(total):
        near = np.arange(total) if tree is None else np.sort(tree.query_ball_point(xyz[centre], reach))
        km = to_arc_km(np.sqrt(((xyz[near] - xyz[centre]) ** 2).sum(axis=1)))
        order = np.argsort(km, kind="stable")
        near, km = near[order], km[order]
        closed = np.append(np.diff(km) > TIE_KM, True)
        allowed = np.flatnonzero(closed & (np.cumsum(population[near]) <= half))
        count = int(allowed[-1]) + 1 if len(allowed) else 0
        starts.append(starts[-1] + count)
        places.append(near[:count].astype(np.int32))
        ends.append(closed[:count])
        lengths.append(km[:count].astype(np.float32))
    if not total:
        return Circles(
            np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=bool), np.zeros(0, np.float32)
        )
    return Circles(
        np.array(starts, dtype=np.int64), np.concatenate(places), np.concatenate(ends), np.concatenate(lengths)
    )
