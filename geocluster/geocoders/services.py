"""What does a service's answer say, and how precisely?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.country_names import country_code
from geocluster.distance import distance_km
from geocluster.geocoders.answers import PEOPLE, RADII_KM

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENSTREETMAP = "© OpenStreetMap contributors, ODbL 1.0"
_OF_OPENSTREETMAP = ("nominatim", "photon", "pickpoint")

_WORDS = {
    "address": "house building house_number housenumber address street_address streetaddress pointaddress subaddress "
    "premise subpremise rooftop amenity office shop tourism leisure craft man_made historic club emergency healthcare "
    "aeroway railway poi establishment point_of_interest venue",
    "street": "road street route streetname streetint highway intersection",
    "postcode": "postcode postal_code postalcode postal",
    "city": "city town village hamlet municipality suburb neighbourhood neighborhood quarter borough city_district "
    "district locality place isolated_dwelling postal_town sublocality",
    "region": "state region province county state_district island archipelago administrative_area_level_1 "
    "administrative_area_level_2",
    "country": "country",
}
_LEVELS = {word: level for level, words in _WORDS.items() for word in words.split()}
_USUAL_KM = {
    **dict.fromkeys(("village", "hamlet", "suburb", "neighbourhood", "neighborhood", "quarter"), (1.3, 5.0)),
    "town": (1.8, 9.0),
    "municipality": (1.8, 9.0),
}
_CITY_KM = (5.0, 18.0)
_REGION_KM = 100.0
"""Of a region whose extent the service does not tell."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that a service knows."""

    longitude: float
    """Degrees, EPSG:4326."""
    latitude: float
    name: str
    country: str | None
    """ISO alpha-2."""
    level: str
    """address, street, postcode, city, region or country."""
    radius_km: float
    radius68_km: float
    source: str


def city_radii_km(people: float) -> tuple[float, float]:
    """Give the 68 % and 95 % radius of a city.

    Examples
    --------
    >>> city_radii_km(175_000)
    (3.5, 15.0)
    """
    return RADII_KM[int(np.searchsorted(PEOPLE, people, side="right"))]


def write_hits(hits: list[Hit]) -> str:
    """Write answers as text."""
    return json.dumps([asdict(hit) for hit in hits], ensure_ascii=False, separators=(",", ":"))


def read_hits(text: str) -> list[Hit] | None:
    """Read them back; None where the text is none of `write_hits`.

    Examples
    --------
    >>> read_hits("[]"), read_hits("{")
    ([], None)
    """
    try:
        return [_checked(Hit(**one)) for one in json.loads(text)]
    except (ValueError, TypeError, RecursionError):
        return None


def _checked(hit: Hit) -> Hit:
    """Refuse what is no point, or of no level."""
    numbers = (hit.longitude, hit.latitude, hit.radius_km, hit.radius68_km)
    if not all(map(isfinite, numbers)) or not hasattr(hit.name, "split"):
        raise ValueError(f"no numbers, or no name: {hit}")
    if abs(hit.longitude) > 180 or abs(hit.latitude) > 90 or hit.level not in _WORDS:
        raise ValueError("not on the globe")
    return hit


def read_location(location: Any, service: str) -> Hit:
    """Read one location of geopy: where it is, in which country, and how precise.

    Parameters
    ----------
    location : geopy.location.Location
        With the raw answer of the service.
    service : str
        Its name.

    Raises
    ------
    ValueError
        If there is no point in it.
    """
    raw = location.raw if isinstance(location.raw, dict) else {}
    longitude, latitude = float(location.longitude), float(location.latitude)
    word, level = _find_level(raw)
    half = _half_extent_km(raw)
    near, far = 0.1, 0.5
    if level == "street":
        near, far = max(near, half / 2), max(far, half)
    elif level == "postcode":
        near, far = 2.0, max(5.0, half)
    elif level == "city":
        people = _find_people(raw)
        near, far = city_radii_km(people) if people else _USUAL_KM.get(word, _CITY_KM)
    elif level in ("region", "country"):
        far = half or _REGION_KM
        near = far * 0.6
    name = " ".join(str(location.address or "").split())[:200]
    hit = Hit(longitude, latitude, name, _find_country(raw), level, far, near, _find_source(raw, service))
    return _checked(hit)


def _inner(raw: dict[str, Any], *names: str) -> Any:
    """Follow names into an answer; None where they lead nowhere."""
    value: Any = raw
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _find_level(raw: dict[str, Any]) -> tuple[str, str]:
    """Find the word by which a service says what it found, and its level; a city where it says nothing."""
    if _inner(raw, "address", "house_number") or _inner(raw, "properties", "housenumber"):
        return "house", "address"
    for word in _find_words(raw):
        if word in _LEVELS:
            return word, _LEVELS[word]
    rank = raw.get("place_rank")
    if isinstance(rank, int):
        ends = ((4, "country"), (12, "region"), (25, "city"), (27, "street"), (30, "address"))
        return "", next((level for end, level in ends if rank <= end), "address")
    return "", "city"


def _find_words(raw: dict[str, Any]) -> Iterator[str]:
    """List the words, those of Nominatim, Photon, Google, OpenCage, Mapbox and ArcGIS."""
    places = (
        ("addresstype",),
        ("properties", "type"),
        ("types",),
        ("components", "_type"),
        ("place_type",),
        ("attributes", "Addr_type"),
        ("type",),
        ("class",),
    )
    for names in places:
        value = _inner(raw, *names)
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str):
                yield word.lower()


def _find_country(raw: dict[str, Any]) -> str | None:
    """Find the country of an answer."""
    places = (
        ("address", "country_code"),
        ("properties", "countrycode"),
        ("properties", "country_code"),
        ("components", "country_code"),
        ("address", "countryCode"),
        ("attributes", "Country"),
        ("country_code",),
        ("address", "country"),
        ("properties", "country"),
    )
    told = [_inner(raw, *names) for names in places]
    parts = raw.get("address_components")
    listed = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    told += [part.get("short_name") for part in listed if "country" in (part.get("types") or [])]
    for text in told:
        if isinstance(text, str) and (code := country_code(text)):
            return code
    return None


def _find_people(raw: dict[str, Any]) -> float:
    """Find the population of a place; 0 where it is not told."""
    told = _inner(raw, "extratags", "population")
    text = str(told or "").replace(",", "").replace(" ", "")
    return float(text) if text.isascii() and text.isdecimal() else 0.0


def _find_source(raw: dict[str, Any], service: str) -> str:
    """Say who is to be credited."""
    licence = raw.get("licence")
    if service in _OF_OPENSTREETMAP or "OpenStreetMap" in str(licence):
        return OPENSTREETMAP
    return " ".join(licence.split())[:200] if isinstance(licence, str) and licence.strip() else service


def _half_extent_km(raw: dict[str, Any]) -> float:
    """Measure how far the corners of the box around an answer are from its middle; 0 where there is none."""
    south_north_west_east = raw.get("boundingbox")
    west_north_east_south = _inner(raw, "properties", "extent")
    try:
        if isinstance(south_north_west_east, list):
            south, north, west, east = map(float, south_north_west_east)
        elif isinstance(west_north_east_south, list):
            west, north, east, south = map(float, west_north_east_south)
        else:
            return 0.0
        if max(abs(south), abs(north)) > 90 or not all(map(isfinite, (south, north, west, east))):
            return 0.0
        return float(distance_km(west, south, east, north)) / 2
    except (TypeError, ValueError):
        return 0.0
