"""Which rows with the same key may be at a row's place?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import to_chord_km

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocluster.units.places import Places

_FEW = 32


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
        self._rows: dict[str, NDArray[np.int64]] = {}
        held: dict[str, list[int]] = {}
        for i, key in enumerate(keys):
            if key:
                held.setdefault(key, []).append(i)
        self._rows = {key: np.array(rows, dtype=np.int64) for key, rows in held.items()}
        self._sorted: dict[str, tuple[NDArray[np.int64], NDArray[np.float64], dict[int, NDArray[np.int64]]]] = {}

    def has_company(self, i: int) -> bool:
        """Tell whether another row has a row's key."""
        return bool(self.keys[i]) and len(self._rows[self.keys[i]]) > 1

    def rows(self, i: int, key: str) -> NDArray[np.int64]:
        """Give the rows of a key that may be where row i is; they are still to be compared."""
        rows = self._rows.get(key, np.empty(0, dtype=np.int64))
        places = self._places
        if len(rows) <= _FEW or places.within_km is None:
            return rows
        located, along, by_city = self._arranged(key)
        city = int(places.city[i])
        found = [by_city[city]] if city in by_city else []
        if places.located[i]:
            reach = float(to_chord_km(places.within_km)) + 1e-6
            low, high = np.searchsorted(along, [places.xyz[i, 0] - reach, places.xyz[i, 0] + reach])
            found.append(located[low:high])
        elif city < 0 and self._placeless:
            return rows
        if self._placeless and city != -1 and -1 in by_city:
            found.append(by_city[-1])
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def _arranged(self, key: str) -> tuple[NDArray[np.int64], NDArray[np.float64], dict[int, NDArray[np.int64]]]:
        """Arrange the rows of a key along the first axis, and by city those without a point or beside such."""
        if key not in self._sorted:
            rows, places = self._rows[key], self._places
            located = rows[places.located[rows]]
            located = located[np.argsort(places.xyz[located, 0], kind="stable")]
            cities = places.city[rows]
            order = np.argsort(cities, kind="stable")
            names, start = np.unique(cities[order], return_index=True)
            groups = np.split(rows[order], start[1:])
            by_city = {int(name): group for name, group in zip(names, groups, strict=True)}
            self._sorted[key] = located, places.xyz[located, 0], by_city
        return self._sorted[key]
