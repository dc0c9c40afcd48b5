"""Which places could lie near another country?

Cells as wide as the reach: who is near stands in the same or an adjacent one. Few
places do, so that distances need not be asked of the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOM = 2
_LEAST_KM = 1.0  # smaller cells would be too many to number


@dataclass(frozen=True, slots=True, eq=False)
class Nearness:
    """Places that stand in or beside a cell of another country, by (own, other country).

    Attributes
    ----------
    pairs : ndarray of int, shape (pairs, 2)
        Own and other, both ways, sorted.
    start : ndarray of int, shape (pairs + 1,)
    place : ndarray of int
        Those of pair k: place[start[k]:start[k + 1]], ascending.
    """

    pairs: NDArray[np.int64]
    start: NDArray[np.int64]
    place: NDArray[np.int64]

    def of(self, own: int, other: int) -> NDArray[np.int64]:
        """Places of one country that could be near the other; none are within reach beside them."""
        k = np.flatnonzero((self.pairs[:, 0] == own) & (self.pairs[:, 1] == other))
        return self.place[self.start[k[0]] : self.start[k[0] + 1]] if len(k) else self.place[:0]


def near_abroad(xyz: NDArray[np.float64], country: NDArray[np.int64], chord_km: float) -> Nearness:
    """List the places of each country that could be within a chord of one of another country.

    Parameters
    ----------
    xyz : ndarray, shape (places, 3)
        Earth-centred kilometres.
    country : ndarray of int, shape (places,)
        From 0 up.
    chord_km : float

    Examples
    --------
    >>> xyz = np.array([[0.0, 0, 0], [90, 0, 0], [4, 0, 0], [95, 0, 0]])
    >>> found = near_abroad(xyz, np.array([0, 0, 1, 2]), 10.0)
    >>> found.pairs.tolist(), found.of(0, 1).tolist(), found.of(0, 2).tolist(), found.of(1, 2).tolist()
    ([[0, 1], [0, 2], [1, 0], [2, 0]], [0], [1], [])
    """
    step = np.floor(xyz / max(chord_km * (1 + 1e-9), _LEAST_KM)).astype(np.int64)
    step -= step.min(axis=0, initial=0)
    wide = step.max(axis=0, initial=0) + 2 * _ROOM
    cell = ((step[:, 0] + _ROOM) * wide[1] + step[:, 1] + _ROOM) * wide[2] + step[:, 2] + _ROOM
    countries = int(country.max(initial=0)) + 1
    # a hold: a cell and a country with places in it
    hold, of_place = np.unique(cell * countries + country, return_inverse=True)
    at, whose = hold // countries, hold % countries
    own, other = [], []
    for shift in product((-1, 0, 1), repeat=3):
        beside = at + (shift[0] * wide[1] + shift[1]) * wide[2] + shift[2]
        first = np.searchsorted(at, beside, side="left")
        many = np.searchsorted(at, beside, side="right") - first
        row = np.repeat(np.arange(len(at)), many)
        found = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many) + first[row]
        abroad = whose[row] != whose[found]
        own.append(row[abroad])
        other.append(whose[found[abroad]])
    asked = np.unique(np.concatenate(own) * countries + np.concatenate(other))
    held, foreign = asked // countries, asked % countries
    order = np.argsort(of_place, kind="stable")
    begin = np.searchsorted(of_place[order], np.arange(len(hold) + 1))
    many = begin[held + 1] - begin[held]
    row = np.repeat(np.arange(len(asked)), many)
    place = order[np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many) + begin[held][row]]
    pair = whose[held[row]] * countries + foreign[row]
    order = np.lexsort((place, pair))
    names, start = np.unique(pair[order], return_index=True)
    return Nearness(
        np.column_stack([names // countries, names % countries]), np.append(start, len(place)), place[order]
    )
