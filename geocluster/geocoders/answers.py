"""How do places of the gazetteer become answers?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from geocluster.datasets import place_arrays, place_names
from geocluster.distance import distance_km, to_chord_km, to_ecef
from geocluster.geocoders.candidates import (
    INSIDE,
    OUTSIDE,
    SAME_PLACE_KM,
    weigh_alternates,
)
from geocluster.geocoders.place import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocluster.datasets import Gazetteer
    from geocluster.geocoders.candidates import Candidates

SOURCE = "GeoNames, CC BY 4.0"
MAX_CANDIDATES = 5
_LOOKED_AT = 40
METHODS = ("exact", "variant", "fuzzy", "text")
"""Their names by the way a name was read, see `candidates`."""
PEOPLE = np.array([10_000, 50_000, 200_000, 1_000_000])
RADII_KM = ((1.3, 5.0), (1.8, 9.0), (3.5, 15.0), (5.0, 18.0), (8.0, 27.0))
"""68 % and 95 % radius of a city by its people."""


class Maker:
    """Makes the answers of some places, whose facts it has read at once."""

    def __init__(self, gazetteer: Gazetteer, places: list[int]) -> None:
        arrays, which = place_arrays(), np.array(places, dtype=np.int64)
        countries, regions = gazetteer.table("countries"), gazetteer.table("admin1")
        facts = zip(
            places,
            place_names(which),
            arrays.longitude[which].tolist(),
            arrays.latitude[which].tolist(),
            arrays.country[which].tolist(),
            gazetteer.array("place_admin1")[which].tolist(),
            arrays.geonames_id[which].tolist(),
            np.searchsorted(PEOPLE, arrays.population[which], side="right").tolist(),
            strict=True,
        )
        self._facts = {
            place: (lon, lat, name, countries[c], *RADII_KM[k], ident, regions[r])
            for place, name, lon, lat, c, r, ident, k in facts
        }

    def make(self, place: int, confidence: float, method: str = "exact") -> Place:
        """Make the answer of one place, found by one of the methods."""
        lon, lat, name, country, radius68, radius, ident, region = self._facts[place]
        return Place(lon, lat, "city", name, country, radius, radius68, confidence, method, ident, region, SOURCE)


def list_candidates(
    gazetteer: Gazetteer, candidates: Candidates, queries: NDArray[np.int64], methods: Sequence[str]
) -> dict[int, tuple[Place, ...]]:
    """List the best candidates of some queries, one for each place on the ground; the method is that of each query."""
    size = len(methods)
    asked, inside = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    asked[queries] = True
    held = candidates.take(asked[candidates.query])
    inside[held.query[held.inside]] = True
    weight = held.weight * np.where(~held.inside & inside[held.query], OUTSIDE / INSIDE, 1.0)
    weight *= weigh_alternates(held)
    total = np.bincount(held.query, weight, size).tolist()
    order = np.lexsort((held.place, -weight, held.query))
    query, place = held.query[order], held.place[order]
    rank = np.arange(len(query)) - np.searchsorted(query, query)
    few = rank < _LOOKED_AT
    arrays = place_arrays()
    which = place[few]
    points = to_ecef(arrays.longitude[which], arrays.latitude[which]).tolist()
    chosen: dict[int, list[tuple[int, float, list[float]]]] = {}
    apart = float(to_chord_km(SAME_PLACE_KM)) ** 2
    for i, k, share, point in zip(
        query[few].tolist(), which.tolist(), weight[order][few].tolist(), points, strict=True
    ):
        taken = chosen.setdefault(i, [])
        if len(taken) < MAX_CANDIDATES and all(_square(point, other) > apart for _, _, other in taken):
            taken.append((k, share / total[i], point))
    maker = Maker(gazetteer, sorted({k for taken in chosen.values() for k, _, _ in taken}))
    return {i: tuple(maker.make(k, share, methods[i]) for k, share, _ in taken) for i, taken in chosen.items()}


def _square(here: list[float], there: list[float]) -> float:
    return (here[0] - there[0]) ** 2 + (here[1] - there[1]) ** 2 + (here[2] - there[2]) ** 2


@cache
def region_place(gazetteer: Gazetteer, region: int) -> Place:
    """Make the place of a region: the centre of its people, and how far they spread."""
    arrays = place_arrays()
    which = np.flatnonzero(gazetteer.array("place_admin1") == region)
    if not arrays.district[which].all():  # some regions are districts of a city and nothing else
        which = which[~arrays.district[which]]
    people = arrays.population[which] + 1.0
    xyz = to_ecef(arrays.longitude[which], arrays.latitude[which])
    x, y, z = np.average(xyz, axis=0, weights=people)
    longitude = float(np.degrees(np.arctan2(y, x)))
    # of the ellipsoid: the centre lies below the ground, where this latitude is good to a few kilometres
    latitude = float(np.degrees(np.arctan2(z / (1 - 0.00669438), np.hypot(x, y))))
    gaps = distance_km(longitude, latitude, arrays.longitude[which], arrays.latitude[which])
    order = np.argsort(gaps)
    share = np.cumsum(people[order]) / people.sum()
    radius68, radius95 = (float(gaps[order][np.searchsorted(share, q)]) for q in (0.68, 0.95))
    code = gazetteer.table("admin1")[region]
    name = gazetteer.table("admin1_names")[region] or code
    country = code.partition(".")[0]
    return Place(
        longitude,
        latitude,
        "region",
        name,
        country,
        max(radius95, 5.0),
        max(radius68, 1.3),
        1.0,
        "exact",
        None,
        code,
        SOURCE,
    )


def quote(text: str) -> str:
    """Quote a text of a user, on one line and no longer than one can read."""
    text = text[:200]
    if not text.isprintable():
        text = "".join([c if c.isprintable() else " " for c in text])
    words = " ".join(text.split())
    return repr(words if len(words) <= 60 else words[:57] + "...")
