"""Which circles are asked about?

Closed circles about places near a border and about midpoints of pairs of places
in different countries, fixed before any organisation is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import to_arc_km, to_chord_km

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from scipy.spatial import KDTree

RADIUS_STEP_KM = 5.0
SNAP_KM = 4.0
_HALF = 2**20
_CHUNK = 4096
_CLOSED_KM = 1e-9
"""Circles are closed: what lies on them is inside, whatever the last bits of its distance."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Circles, and which places each of them holds.

    A centre carries nested circles, one a radius, so a place is stored once a
    centre, with the first radius that reaches it.

    Attributes
    ----------
    longitude, latitude : ndarray, shape (centres,)
    place : ndarray of int, shape (centres,)
        The place a circle stands about; -1 for a midpoint.
    cell : ndarray of int, shape (centres,)
        The grid cell of a midpoint; -1 for a place.
    radii_km : ndarray, shape (radii,)
    entry_centre, entry_place, entry_radius : ndarray of int, shape (entries,)
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    place: NDArray[np.int64]
    cell: NDArray[np.int64]
    radii_km: NDArray[np.float64]
    entry_centre: NDArray[np.int32]
    entry_place: NDArray[np.int32]
    entry_radius: NDArray[np.int8]

    @property
    def shape(self) -> tuple[int, int]:
        """Centres and radii."""
        return len(self.longitude), len(self.radii_km)

    def total(self, per_place: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up a number of the places over each window: shape (centres, radii)."""
        centres, radii = self.shape
        flat = self.entry_centre.astype(np.int64) * radii + self.entry_radius
        sums = np.bincount(flat, weights=per_place[self.entry_place], minlength=centres * radii)
        totals: NDArray[np.float64] = np.cumsum(sums.reshape(centres, radii), axis=1)
        return totals

    def count_distinct(self, kept: NDArray[np.bool_]) -> int:
        """Count windows with different sets of places."""
        if not len(self.entry_place):
            return 0
        # exact sums of whole numbers below 2^53 serve as names of the sets
        mark = np.random.default_rng(0).integers(1, 2**40, size=int(self.entry_place.max()) + 1).astype(np.float64)
        return len(np.unique(self.total(mark)[kept]))


def window_radii(r_max_km: float) -> NDArray[np.float64]:
    """Give the radii asked about: 5, 10, 15 km … r_max.

    Examples
    --------
    >>> window_radii(18).tolist()
    [5.0, 10.0, 15.0, 18.0]
    """
    steps = np.arange(RADIUS_STEP_KM, r_max_km + 1e-9, RADIUS_STEP_KM)
    return steps if len(steps) and np.isclose(steps[-1], r_max_km) else np.append(steps, r_max_km)


def snap_to_grid(xyz: NDArray[np.float64]) -> NDArray[np.int64]:
    """Name the 4 km cube in which each earth-centred point lies.

    Cubes have no poles and no date line, and on a slope of the globe they lie
    closer than a flat grid, so that fewer circles are missed.
    """
    step = np.round(xyz / SNAP_KM).astype(np.int64) + _HALF
    return np.asarray((step[:, 0] * (2 * _HALF) + step[:, 1]) * (2 * _HALF) + step[:, 2])


def cell_centre(cell: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude (WGS 84, degrees) of the ground above or below the middle of cells."""
    step = np.stack([cell // (2 * _HALF) ** 2, cell // (2 * _HALF) % (2 * _HALF), cell % (2 * _HALF)]) - _HALF
    x, y, z = step * SNAP_KM
    geocentric = z / np.maximum(np.hypot(x, y), 1e-9)
    flattening = 1 / 298.257223563
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan(geocentric / (1 - flattening) ** 2))


def near_pairs(
    tree: KDTree, other: KDTree, chord_km: float
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """Pairs of two sets of points at most so far apart, in chunks: i, j, chord."""
    from scipy.spatial import KDTree

    for start in range(0, tree.n, _CHUNK):
        part = KDTree(tree.data[start : start + _CHUNK])
        found = part.sparse_distance_matrix(other, chord_km, output_type="ndarray")
        yield found["i"].astype(np.int64) + start, found["j"].astype(np.int64), found["v"]


def midpoint_cells(
    xyz: NDArray[np.float64], country: NDArray[np.int64], r_max_km: float, *, among: Sequence[int]
) -> NDArray[np.int64]:
    """Cells of the midpoints of pairs of places in different countries, at most 2 r_max apart."""
    from scipy.spatial import KDTree

    positions = {c: np.flatnonzero(country == c) for c in among}
    trees = {c: KDTree(xyz[rows]) for c, rows in positions.items() if len(rows)}
    chord = float(to_chord_km(2 * r_max_km))
    cells: list[NDArray[np.int64]] = []
    for c in trees:
        for d in trees:
            if c >= d:
                continue
            for i, j, _ in near_pairs(trees[c], trees[d], chord):
                middle = (xyz[positions[c][i]] + xyz[positions[d][j]]) / 2
                cells.append(np.unique(snap_to_grid(middle)))
    return np.unique(np.concatenate(cells)) if cells else np.empty(0, dtype=np.int64)


def build_windows(
    xyz: NDArray[np.float64],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    country: NDArray[np.int64],
    *,
    r_max_km: float,
    among: Sequence[int],
    midpoints: bool = True,
) -> Windows:
    """Lay all circles that can hold places of two countries.

    Parameters
    ----------
    xyz : ndarray, shape (places, 3)
        Earth-centred kilometres.
    longitude, latitude : ndarray, shape (places,)
    country : ndarray of int, shape (places,)
    r_max_km : float
        Largest radius.
    among : sequence of int
        The countries that count as abroad for each other.
    midpoints : bool, default True
        Also circles about midpoints between places of two countries.
    """
    from scipy.spatial import KDTree

    from geocluster.distance import to_ecef

    counted = np.flatnonzero(np.isin(country, among))
    chord = float(to_chord_km(r_max_km + _CLOSED_KM))
    about: list[NDArray[np.int64]] = []
    for c in among:
        own, foreign = counted[country[counted] == c], counted[country[counted] != c]
        if len(own) and len(foreign):
            gap, _ = KDTree(xyz[foreign]).query(xyz[own], distance_upper_bound=chord)
            about.append(own[np.isfinite(gap)])
    place = np.sort(np.concatenate(about)) if about else np.empty(0, dtype=np.int64)
    cell = midpoint_cells(xyz, country, r_max_km, among=among) if midpoints else np.empty(0, dtype=np.int64)
    cell_longitude, cell_latitude = cell_centre(cell)
    lon = np.concatenate([longitude[place], cell_longitude])
    lat = np.concatenate([latitude[place], cell_latitude])
    radii = window_radii(r_max_km)
    centre_parts, place_parts, radius_parts = [], [], []
    if len(lon):
        for i, j, gap in near_pairs(KDTree(to_ecef(lon, lat)), KDTree(xyz[counted]), chord):
            centre_parts.append(i.astype(np.int32))
            place_parts.append(counted[j].astype(np.int32))
            radius_parts.append(np.searchsorted(radii, to_arc_km(gap) - _CLOSED_KM).astype(np.int8))
    return Windows(
        longitude=lon,
        latitude=lat,
        place=np.concatenate([place, np.full(len(cell), -1)]),
        cell=np.concatenate([np.full(len(place), -1), cell]),
        radii_km=radii,
        entry_centre=_joined(centre_parts, np.int32),
        entry_place=_joined(place_parts, np.int32),
        entry_radius=np.minimum(_joined(radius_parts, np.int8), len(radii) - 1).astype(np.int8),
    )


def _joined(parts: list[NDArray[np.int32]] | list[NDArray[np.int8]], dtype: type) -> NDArray[np.int32]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
