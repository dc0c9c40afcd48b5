"""Are two rows at the same place?

Where both have a point, kilometres say; else the name of the city. Rows of two
countries never are: a country's count is what is tested at a border.
"""

from __future__ import annotations

from math import dist
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.country_names import country_code
from geocluster.distance import to_arc_km, to_chord_km, to_ecef
from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.schema import check
from geocluster.spelling import spelling_key
from geocluster.units.cells import cell_texts, is_plain

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame

    Rows = int | NDArray[np.int64]

SAME, ELSEWHERE, ABROAD, UNKNOWN = 0, 1, 2, 3
"""What is known of two places."""


def check_within(within_km: float | None) -> float | None:
    """Return the distance, or say what is wrong with it."""
    if within_km is None:
        return None
    try:
        distance = float(within_km)
    except (TypeError, ValueError):
        distance = float("nan")
    if not 0 <= distance < float("inf"):
        raise OptionError(
            f"within_km must be a number of kilometres from 0 up, or None for any place of the country, "
            f"got {within_km!r}."
        )
    return distance


def place_faults(table: Any, within_km: float | None) -> list[Fault]:
    """Say what is wrong with the points, or what is missing if no row tells where it is."""
    if not is_plain(table):
        return []
    if getattr(table, "active_geometry_name", None):
        try:
            check(table, "located")
        except SchemaError as error:
            return [fault for fault in error.faults if fault.column == "geometry"]
    if within_km is None:
        return []
    names = set(map(str, table.columns))
    if getattr(table, "active_geometry_name", None) or "city" in names or {"lat", "lon"} <= names:
        return []
    mend = "Run geocode(table), name the column city, or give within_km=None for any place of the country."
    return [Fault("place", "no column tells where a row is.", mend)]


class Places:
    """Where the rows of a table are.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        geometry, else lat and lon, else city; country, else geo_country.
    within_km : float or None
        How near is the same place; None for any place of the country.
    """

    def __init__(self, table: DataFrame, within_km: float | None) -> None:
        self.within_km = within_km
        self.country = _countries(table)
        self.city = _codes(table, "city")
        lon, lat = _coordinates(table)
        self.located = np.isfinite(lon) & np.isfinite(lat)
        self.xyz = np.full((len(table), 3), np.nan)
        self.xyz[self.located] = to_ecef(lon[self.located], lat[self.located])
        points = [point if at else None for point, at in zip(self.xyz.tolist(), self.located.tolist(), strict=True)]
        self._lists = self.country.tolist(), self.city.tolist(), points
        self._chord_km = 0.0 if within_km is None else float(to_chord_km(within_km))

    def km(self, i: Rows, others: Rows) -> NDArray[np.float64]:
        """Kilometres from rows to others, pair by pair; NaN where either has no point."""
        return to_arc_km(np.linalg.norm(self.xyz[others] - self.xyz[i], axis=-1))

    def compare_one(self, i: int, j: int) -> int:
        """Say of two rows what `compare` says of many."""
        country, city = self._lists[0], self._lists[1]
        if country[i] != country[j] and country[i] >= 0 and country[j] >= 0:
            return ABROAD
        if self.within_km is None:
            return SAME
        one, other = self._lists[2][i], self._lists[2][j]
        if one is not None and other is not None:
            return SAME if dist(one, other) <= self._chord_km else ELSEWHERE
        if city[i] < 0 or city[j] < 0:
            return UNKNOWN
        return SAME if city[i] == city[j] else ELSEWHERE

    def compare(self, i: Rows, others: Rows) -> NDArray[np.int64]:
        """Say, pair by pair, whether two rows are at one place: SAME, ELSEWHERE, ABROAD or UNKNOWN."""
        abroad = (self.country[others] != self.country[i]) & (self.country[others] >= 0) & (self.country[i] >= 0)
        if self.within_km is None:
            return np.where(abroad, ABROAD, SAME)
        cities = (self.city[others] >= 0) & (self.city[i] >= 0)
        by_city = np.where(cities, np.where(self.city[others] == self.city[i], SAME, ELSEWHERE), UNKNOWN)
        chord_km = np.linalg.norm(self.xyz[others] - self.xyz[i], axis=-1)
        near = np.where(chord_km <= self._chord_km, SAME, ELSEWHERE)
        return np.where(abroad, ABROAD, np.where(np.isnan(chord_km), by_city, near))


def _coordinates(table: DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees of each row; NaN where it has no point."""
    import pandas as pd

    lon, lat = np.full(len(table), np.nan), np.full(len(table), np.nan)
    if {"lat", "lon"} <= set(table.columns):
        lon, lat = (pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
                    for name in ("lon", "lat"))  # fmt: skip
        wrong = ~((np.abs(lat) <= 90) & (np.abs(lon) <= 360))
        lon[wrong], lat[wrong] = np.nan, np.nan
    if getattr(table, "active_geometry_name", None):
        points = table.geometry
        held = (~(points.isna() | points.is_empty)).to_numpy()
        lon[:], lat[:] = np.nan, np.nan  # a point that the geocoder withheld is not to be had by its numbers
        lon[held], lat[held] = points[held].x.to_numpy(), points[held].y.to_numpy()
    return lon, lat


def _codes(table: DataFrame, name: str) -> NDArray[np.int64]:
    """Give each spelling of a column a number; -1 where it says nothing."""
    if name not in table.columns:
        return np.full(len(table), -1)
    known: dict[str, int] = {"": -1}
    spelt: dict[str, int] = {}
    for text in cell_texts(table[name]):
        if text not in spelt:
            spelt[text] = known.setdefault(spelling_key(text), len(known))
    return np.array([spelt[text] for text in cell_texts(table[name])], dtype=np.int64)


def _countries(table: DataFrame) -> NDArray[np.int64]:
    """Give each country a number; -1 where none is stated, and where the words name none."""
    known: dict[str, int] = {}
    found = np.full(len(table), -1)
    for column in ("country", "geo_country"):
        if column not in table.columns:
            continue
        texts = cell_texts(table[column])
        codes = {text: country_code(text) for text in set(texts)}
        told = [codes[text] for text in texts]
        here = np.array([-1 if code is None else known.setdefault(code, len(known)) for code in told], dtype=np.int64)
        found = np.where(found >= 0, found, here)
    return found
