"""Which rows with the same key may be at a row's place?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import to_chord_km

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocluster.units.places import Places

_FEW = 32


@dataclass(frozen=True, slots=True, eq=False)
class _Arranged:
    """The rows of a key: those with a point and their first coordinate; by city, those without, and all."""

    located: NDArray[np.int64]
    along: NDArray[np.float64]
    pointless: dict[int, NDArray[np.int64]]
    by_city: dict[int, NDArray[np.int64]]


class Lookup:
    """The rows of each key, found by place: ten thousand of one name cost no more than their neighbours.

    Parameters
    ----------
    keys : sequence of str
        One a row; empty for none.
    places : Places
    placeless : bool, default False
        Whether rows whose place is not known are given too.
    """

    def __init__(self, keys: Sequence[str], places: Places, *, placeless: bool = False) -> None:
        self.keys = keys
        self._places = places
        self._placeless = placeless
        held: dict[str, list[int]] = {}
        for i, key in enumerate(keys):
            if key:
                held.setdefault(key, []).append(i)
        self._rows = {key: np.array(rows, dtype=np.int64) for key, rows in held.items()}
        self._held: dict[str, _Arranged] = {}

    def has_company(self, i: int) -> bool:
        """Tell whether another row has a row's key."""
        return bool(self.keys[i]) and len(self._rows[self.keys[i]]) > 1

    def rows(self, i: int, key: str) -> NDArray[np.int64]:
        """Give the rows of a key that may be where row i is; they are still to be compared."""
        rows = self._rows.get(key, np.empty(0, dtype=np.int64))
        places = self._places
        if len(rows) <= _FEW or places.within_km is None:
            return rows
        arranged = self._arranged(key)
        city = int(places.city[i])
        if places.located[i]:
            reach = float(to_chord_km(places.within_km)) + 1e-6
            low, high = np.searchsorted(arranged.along, [places.xyz[i, 0] - reach, places.xyz[i, 0] + reach])
            found, others = [arranged.located[low:high]], arranged.pointless
        else:
            found, others = [], arranged.by_city
        if city >= 0:
            found += [others[one] for one in (city, -1) if one in others and (one >= 0 or self._placeless)]
        elif self._placeless:
            found += others.values()
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def _arranged(self, key: str) -> _Arranged:
        """Arrange the rows of a key along the first axis, and by city."""
        if key not in self._held:
            rows, places = self._rows[key], self._places
            located = rows[places.located[rows]]
            located = located[np.argsort(places.xyz[located, 0], kind="stable")]
            pointless = _by_city(rows[~places.located[rows]], places.city)
            self._held[key] = _Arranged(located, places.xyz[located, 0], pointless, _by_city(rows, places.city))
        return self._held[key]


def _by_city(rows: NDArray[np.int64], cities: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """Part rows by the number of their city."""
    order = np.argsort(cities[rows], kind="stable")
    names, start = np.unique(cities[rows][order], return_index=True)
    groups = np.split(rows[order], start[1:])
    return {int(name): group for name, group in zip(names, groups, strict=False)}
