"""Are the coordinates that a table brings along usable?"""

# ruff: noqa: RUF001 (marks of minutes are meant)
from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from geocluster.country_names import country_name
from geocluster.datasets import load_gazetteer, place_arrays, place_names
from geocluster.distance import to_chord_km, to_ecef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.spatial import cKDTree

    from geocluster.datasets import Gazetteer

NEAR_KM = 50.0
"""A country without a place of its own this near to a point does not hold it, if another's place is."""
_DEGREES = re.compile(
    r"([+-]?)\s*(\d{1,3}(?:[.,]\d+)?)\s*[°º]?"
    r"(?:\s*(\d{1,2}(?:[.,]\d+)?)\s*['′’])?(?:\s*(\d{1,2}(?:[.,]\d+)?)\s*(?:[\"″”]|''|′′))?\s*([NSEW])?"
)
_SOVEREIGNS = {
    "FR": "BL GF GP MF MQ NC PF PM RE TF WF YT",
    "US": "AS GU MP PR UM VI",
    "GB": "AI BM FK GG GI GS IM IO JE KY MS PN SH TC VG",
    "NL": "AW BQ CW SX",
    "DK": "FO GL",
    "NO": "BV SJ",
    "FI": "AX",
    "CN": "HK MO",
    "AU": "CC CX HM NF",
    "NZ": "CK NU TK",
}
"""Territories with a code of their own, which are often stated as the country they belong to."""


def read_degrees(text: str, sides: str) -> float:
    """Read an angle as people write it: with a decimal comma, a degree sign, a point of the compass; NaN if it is none.

    Parameters
    ----------
    text : str
    sides : {"NS", "EW"}
        The points of the compass that it may have. O is east in German and west in
        French: it is not read.

    Examples
    --------
    >>> read_degrees("47,5596", "NS"), read_degrees("7.5886° E", "EW"), read_degrees("74.006 W", "EW")
    (47.5596, 7.5886, -74.006)
    >>> read_degrees("47° 30' N", "NS"), read_degrees("7,588,600", "EW"), read_degrees("7.5 E", "NS")
    (47.5, nan, nan)
    """
    found = _DEGREES.fullmatch(text.strip().replace("\u2212", "-"))
    if not found:
        return float("nan")
    sign, degrees, minutes, seconds, side = found.groups()
    if side and (sign or side not in sides):
        return float("nan")
    parts = [float((part or "0").replace(",", ".")) for part in (degrees, minutes, seconds)]
    size = parts[0] + parts[1] / 60 + parts[2] / 3600
    return -size if sign == "-" or side in ("S", "W") else size


def find_faults(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> list[str]:
    """Say what is wrong with each pair of coordinates by itself; empty where nothing is.

    Examples
    --------
    >>> find_faults(np.array([7.6, 47.6, 200.0]), np.array([47.6, 107.6, 10.0]))
    ['', 'coordinates look swapped: lat=107.6, lon=47.6', 'coordinates out of range: lat=10, lon=200']
    """
    missing = np.isnan(longitude) | np.isnan(latitude)
    outside = ~(np.abs(latitude) <= 90) | ~(np.abs(longitude) <= 180)
    swapped = outside & (np.abs(longitude) <= 90) & (np.abs(latitude) <= 180)
    zero = (longitude == 0) & (latitude == 0)
    faults = [""] * len(longitude)
    for i in np.flatnonzero(outside | zero):
        pair = _pair(longitude[i], latitude[i])
        if missing[i]:
            faults[i] = f"coordinates incomplete: {pair}"
        elif swapped[i]:
            faults[i] = f"coordinates look swapped: {pair}"
        elif outside[i]:
            faults[i] = f"coordinates out of range: {pair}"
        else:
            faults[i] = f"coordinates stand for nothing: {pair}"
    return faults


def check_country(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], countries: Sequence[str | None]
) -> tuple[list[str], NDArray[np.bool_]]:
    """Compare points with the countries stated for them, by the places around.

    Parameters
    ----------
    longitude, latitude : ndarray, shape (n,)
        Valid degrees, EPSG:4326.
    countries : sequence of str or None
        ISO alpha-2, None where none is stated.

    Returns
    -------
    conflicts : list of str
        Why a point cannot be right; empty where it can.
    near_border : ndarray of bool, shape (n,)
        The nearest place is foreign, though one of the country is within 50 km.
    """
    gazetteer, places = load_gazetteer(), place_arrays()
    conflicts, near_border = [""] * len(countries), np.zeros(len(countries), dtype=bool)
    stated = [i for i, code in enumerate(countries) if code is not None]
    if not stated:
        return conflicts, near_border
    world = _tree(gazetteer, "")
    if world is None:
        return conflicts, near_border
    distance, nearest = map(np.asarray, world.query(to_ecef(longitude[stated], latitude[stated])))
    far_km = float(to_chord_km(NEAR_KM))
    for i, gap, place in zip(stated, distance.tolist(), nearest.tolist(), strict=True):
        code = str(countries[i])
        own = {code, *_SOVEREIGNS.get(code, "").split()}
        found = places.country_codes[places.country[place]]
        if found in own and gap <= far_km:
            continue
        tree = _tree(gazetteer, code)
        if tree is None:
            continue
        if float(tree.query(to_ecef(longitude[i], latitude[i]))[0]) <= far_km:
            near_border[i] = True
            continue
        pair = _pair(longitude[i], latitude[i])
        # the longitude is a latitude only within 90 degrees
        if abs(longitude[i]) <= 90 and float(tree.query(to_ecef(latitude[i], longitude[i]))[0]) <= far_km:
            conflicts[i] = f"coordinates look swapped: {pair}"
        elif gap <= far_km and found not in own:
            near = f"{place_names([place])[0]}, {country_name(found)}"
            conflicts[i] = f"coordinates lie near {near}, but {country_name(code)} is stated: {pair}"
    return conflicts, near_border


@cache
def _tree(gazetteer: Gazetteer, code: str) -> cKDTree | None:
    """Make the tree of a country's places, of all if none is named; None if there are none."""
    from scipy.spatial import cKDTree

    places = place_arrays()
    codes = gazetteer.table("countries")
    which = np.ones(len(places.country), dtype=bool)
    if code:
        which = places.country == (codes.index(code) if code in codes else len(codes))
    if not which.any():
        return None
    return cKDTree(to_ecef(places.longitude[which], places.latitude[which]), balanced_tree=False, compact_nodes=False)


def _pair(longitude: float, latitude: float) -> str:
    return f"lat={latitude:.7g}, lon={longitude:.7g}"
