"""Where does each organisation stand, and which countries have enough of them?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geocluster.background.nearness import near_abroad
from geocluster.background.places import (
    Places,
    StudyArea,
    area_polygon,
    clip_to_area,
    embedded_places,
    own_places,
    stand_on_places,
)
from geocluster.distance import to_chord_km, to_ecef
from geocluster.errors import OptionError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

LEAST_ORGANISATIONS = 5


@dataclass(frozen=True, slots=True)
class Ground:
    """Organisations standing on places, before any reading weighs the places.

    Attributes
    ----------
    places : Places
    codes : ndarray of str
        Countries, in the order of `country`.
    country : ndarray of int, shape (places,)
    stands : ndarray of int, shape (organisations,)
        The place of each organisation; -1: set aside.
    reason : ndarray of str, shape (organisations,)
    count : ndarray of int, shape (places,)
    enough : list of int
        Countries with at least five organisations on places.
    area : str
    units : ndarray of int, shape (places,) or None
        Cases and controls at each place, if there are controls.
    controls_outside : int
        Controls outside the study area.
    """

    places: Places
    codes: NDArray[np.str_]
    country: NDArray[np.int64]
    stands: NDArray[np.int64]
    reason: NDArray[np.object_]
    count: NDArray[np.int64]
    enough: list[int]
    area: str
    units: NDArray[np.int64] | None = None
    controls_outside: int = 0


def _coordinates(table: GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.str_]]:
    country = table["country"].astype("string").to_numpy(dtype=str) if len(table) else np.empty(0, dtype="<U2")
    return (
        np.asarray(table.geometry.x, dtype=np.float64),
        np.asarray(table.geometry.y, dtype=np.float64),
        np.asarray(country),
    )


def stand_on_background(placed: GeoDataFrame, background: GeoDataFrame | str | None, area: StudyArea) -> Ground:
    """Put organisations on the background's places inside the study area."""
    lon, lat, country = _coordinates(placed)
    wanted = sorted(set(country.tolist()))
    if background is None or isinstance(background, str):
        every = embedded_places(wanted, flat=isinstance(background, str))
    else:
        every = own_places(background)
        every = every.take(np.isin(every.country, wanted))
    places, inside, words = clip_to_area(every, lon, lat, country, area)
    stands = np.full(len(lon), -1, dtype=np.int64)
    if len(places.longitude):
        stands[inside] = stand_on_places(places, lon[inside], lat[inside], country[inside])
    bare = ~np.isin(country, places.country)
    reason = np.select(
        [stands >= 0, ~inside, bare],
        ["", "outside the study area", "its country has no place in the background: give controls"],
        "no place of the background within 20 km in its own country",
    ).astype(object)
    return _counted(places, stands, reason, words)


def stand_on_controls(placed: GeoDataFrame, controls: GeoDataFrame, area: StudyArea) -> Ground:
    """Let the places be the points of cases and controls themselves, all of which have one."""
    lon, lat, country = _coordinates(placed)
    lon_other, lat_other, country_other = _coordinates(controls)
    if not len(controls):
        raise OptionError("controls: no row has a point and a country. Run geocode and assign_countries on it.")
    inside, inside_other, words = (
        np.ones(len(lon), dtype=bool),
        np.ones(len(lon_other), dtype=bool),
        "the controls' own",
    )
    if not isinstance(area, str):
        import shapely

        polygon = area_polygon(area)
        inside = shapely.intersects_xy(polygon, lon, lat)
        inside_other = shapely.intersects_xy(polygon, lon_other, lat_other)
        words = "a given polygon"
    all_lon, all_lat = (
        np.concatenate([lon[inside], lon_other[inside_other]]),
        np.concatenate([lat[inside], lat_other[inside_other]]),
    )
    all_country = np.concatenate([country[inside], country_other[inside_other]])
    key = np.array([f"{c}|{x:.5f}|{y:.5f}" for c, x, y in zip(all_country, all_lon, all_lat, strict=True)])
    _, place = np.unique(key, return_inverse=True)
    units = np.bincount(place)
    # of points alike but for a metre the least stands for all, whatever the order of rows
    order = np.lexsort((all_lat, all_lon, place))
    first = order[np.searchsorted(place[order], np.arange(len(units)))]
    places = Places(all_lon[first], all_lat[first], all_country[first], units.astype(np.float64))
    stands = np.full(len(lon), -1, dtype=np.int64)
    stands[inside] = place[: int(inside.sum())]
    reason = np.where(stands >= 0, "", "outside the study area").astype(object)
    return replace(_counted(places, stands, reason, words, units), controls_outside=int((~inside_other).sum()))


def _counted(
    places: Places,
    stands: NDArray[np.int64],
    reason: NDArray[np.object_],
    words: str,
    units: NDArray[np.int64] | None = None,
) -> Ground:
    codes, country = np.unique(places.country, return_inverse=True)
    count = np.bincount(stands[stands >= 0], minlength=len(country))
    totals = np.bincount(country, weights=count, minlength=len(codes))
    enough = [int(c) for c in np.flatnonzero(totals >= LEAST_ORGANISATIONS)]
    return Ground(places, codes, country, stands, reason, count, enough, words, units)


def countries_in_reach(ground: Ground, r_max_km: float) -> list[int]:
    """Countries with enough organisations that have another such country within a circle's reach."""
    from scipy.spatial import KDTree

    counted = np.flatnonzero(np.isin(ground.country, ground.enough))
    xyz = to_ecef(ground.places.longitude[counted], ground.places.latitude[counted])
    reach = float(to_chord_km(2 * r_max_km))
    found = near_abroad(xyz, ground.country[counted], reach)
    near: set[int] = set()
    for c, d in found.pairs.tolist():
        if {c, d} <= near:
            continue
        gap, _ = KDTree(xyz[found.of(d, c)]).query(xyz[found.of(c, d)], distance_upper_bound=reach)
        if np.isfinite(gap).any():
            near |= {c, d}
    return sorted(near)
