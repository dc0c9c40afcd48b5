"""Where is a place, by the gazetteer alone?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from geocluster.country_names import country_name
from geocluster.datasets import load_gazetteer, place_arrays, place_names
from geocluster.distance import distance_km, to_ecef
from geocluster.geocoders.candidates import (
    SAME_PLACE_KM,
    Best,
    Candidates,
    choose_best,
    find_regions,
    know_regions,
    weigh_candidates,
)
from geocluster.geocoders.normalise import NO_COUNTRY, NO_REGION, UNKNOWN_COUNTRY, Reader
from geocluster.geocoders.place import Miss, Place
from geocluster.spelling import is_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocluster.datasets import Gazetteer
    from geocluster.geocoders.normalise import Readings
    from geocluster.geocoders.place import Geocoder, Query

SOURCE = "GeoNames, CC BY 4.0"
SURE, SURE_ALONE = 0.80, 0.90
"""From these confidences on a city is answered: with its country stated, and without."""
REGION_MISSED = 0.25
"""Of names that no place bears in a region of the country, one in seven is right; a region unknown tells nothing."""
GENERIC_CAP = 0.5
MUCH_SMALLER = 30.0
"""A namesake so many times smaller than one abroad does not answer alone (at 10, 0.5 % of true answers went)."""
MAX_CANDIDATES = 5
_PEOPLE = np.array([10_000, 50_000, 200_000, 1_000_000])
_RADII_KM = ((1.3, 5.0), (1.8, 9.0), (3.5, 15.0), (5.0, 18.0), (8.0, 27.0))
"""68 % and 95 % radius of a city by its people."""


def offline_geocoder() -> Geocoder:
    """Make a geocoder that finds cities and regions by their names, without a network.

    Names in all scripts and of all languages that GeoNames knows; accents, case
    and points do not matter. It has no streets: addresses and names of
    organisations are not read.

    Returns
    -------
    Geocoder

    Raises
    ------
    PackageDataError
        If the gazetteer is missing or broken.

    Examples
    --------
    >>> from geocluster.geocoders.place import Query
    >>> geocoder = offline_geocoder()
    >>> place, miss = geocoder([Query(city="Bâle", country="Suisse"), Query(city="Frankfurt", region="Bayern")])
    >>> place.name, place.country, place.radius_km
    ('Basel', 'CH', 15.0)
    >>> miss.status
    'ambiguous'
    """
    gazetteer = load_gazetteer()
    reader = Reader()

    def geocoder(queries: Sequence[Query]) -> list[Place | Miss]:
        return _Batch(gazetteer, queries, reader.read(queries)).answers()

    return geocoder


class _Maker:
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
            np.searchsorted(_PEOPLE, arrays.population[which], side="right").tolist(),
            strict=True,
        )
        self._facts = {
            place: (lon, lat, name, countries[c], *_RADII_KM[k], ident, regions[r])
            for place, name, lon, lat, c, r, ident, k in facts
        }

    def make(self, place: int, confidence: float) -> Place:
        """Make the answer of one place."""
        lon, lat, name, country, radius68, radius, ident, region = self._facts[place]
        return Place(lon, lat, "city", name, country, radius, radius68, confidence, "exact", ident, region, SOURCE)


class _Batch:
    """A batch of queries on its way to its answers."""

    def __init__(self, gazetteer: Gazetteer, queries: Sequence[Query], readings: Readings) -> None:
        self.gazetteer, self.queries, self.readings = gazetteer, queries, readings
        size = len(queries)
        self.codes = gazetteer.table("countries")
        candidates = weigh_candidates(gazetteer, readings)
        stated = readings.country[candidates.query]
        at_home = (stated == NO_COUNTRY) | (gazetteer.array("place_country")[candidates.place] == stated)
        self.home = candidates.take(at_home)
        self.abroad = candidates.take(~at_home)
        self.best = choose_best(self.home, size, trusted=readings.country >= 0)
        self.best_abroad = choose_best(self.abroad, size)
        self.missed = know_regions(gazetteer, readings) & ~self.best.inside
        self.confidence = self._judge(self.best)
        self.contradicted = self._find_contradicted()

    def _judge(self, best: Best) -> list[float]:
        """Lower the confidence where the region is missed, and of names that many wards bear."""
        confidence = np.where(self.missed, best.confidence * REGION_MISSED, best.confidence)
        capped = self.readings.generic & ~best.inside
        return [float(c) for c in np.where(capped, np.minimum(confidence, GENERIC_CAP), confidence)]

    def answers(self) -> list[Place | Miss]:
        """Answer every query."""
        pair, country = self.best.pair, self.readings.country
        sure = np.asarray(self.confidence) >= np.where(country == NO_COUNTRY, SURE_ALONE, SURE)
        plain = (sure & (pair >= 0) & (country != UNKNOWN_COUNTRY) & ~self.contradicted).tolist()
        found = self.home.place[pair].tolist() if len(self.home.place) else [0] * len(plain)
        maker = _Maker(self.gazetteer, sorted({found[i] for i, good in enumerate(plain) if good}))
        return [maker.make(found[i], self.confidence[i]) if good else self._explain(i) for i, good in enumerate(plain)]

    def _find_contradicted(self) -> NDArray[np.bool_]:
        """Tell where a place of another country answers to the words much better."""
        home, abroad = self.best, self.best_abroad
        people = place_arrays().population
        larger = np.zeros(len(home.pair), dtype=bool)
        both = np.flatnonzero((home.pair >= 0) & (abroad.pair >= 0))
        here = people[self.home.place[home.pair[both]]]
        there = people[self.abroad.place[abroad.pair[both]]]
        larger[both] = there >= MUCH_SMALLER * np.maximum(here, 1)
        unique = (abroad.confidence >= SURE_ALONE) & ~home.inside & ~self.readings.generic
        return unique & ((home.pair < 0) | larger | abroad.inside)

    def _explain(self, i: int) -> Place | Miss:
        """Say why a query has no sure answer."""
        query, readings = self.queries[i], self.readings
        stated = int(readings.country[i])
        code = self.codes[stated] if stated >= 0 else None
        region_told = bool(readings.region_hash[i] != NO_REGION)
        if stated == UNKNOWN_COUNTRY:
            candidates = self._list(self.home, i) or self._list(self.abroad, i)
            return Miss("conflict", f"no country is called {quote(query.country)}", candidates)
        if not readings.city[i]:
            return self._without_city(i, code, region_told=region_told)
        if self.contradicted[i]:
            candidates = self._list(self.abroad, i)
            rival = candidates[0]
            where = f"{quote(query.city)} is in {country_name(rival.country or '')}"
            return Miss(
                "conflict",
                f"{where}, but {country_name(code or '')} is stated",
                candidates,
                code,
                float(self.best_abroad.confidence[i]),
            )
        if self.best.pair[i] < 0:
            named = int(readings.city_country[i])
            if named != NO_COUNTRY and named == (stated if code else named):
                return Miss("coarse", "only the country is known", country=self.codes[named])
            inside = f" in {country_name(code)}" if code else ""
            return Miss("not_found", f"no place{inside} is called {quote(query.city)}", country=code)
        candidates = self._list(self.home, i)
        more = " or more" if len(candidates) == MAX_CANDIDATES else ""
        reason = f"{quote(query.city)} may be any of {len(candidates)} places{more}"
        if self.missed[i]:
            reason = f"no {quote(query.city)} is in {quote(query.region)}, but elsewhere"
        elif len(candidates) == 1:
            reason = f"{quote(query.city)} may be {candidates[0].name}, {candidates[0].country}, but that is not sure"
        mend = "" if region_told else "; state its region" if code else "; state its country"
        return Miss("ambiguous", reason + mend, candidates, code, self.confidence[i])

    def _without_city(self, i: int, code: str | None, *, region_told: bool) -> Place | Miss:
        """Answer with the region, if one is named that is one."""
        query = self.queries[i]
        if region_told:
            regions = find_regions(self.gazetteer, self.readings.region_hash[i : i + 1])[1].tolist()
            table = self.gazetteer.table("admin1")
            regions = [r for r in regions if code is None or table[r].startswith(f"{code}.")]
            if len(regions) == 1:
                return _region_place(self.gazetteer, regions[0])
            told = f"no region {'of ' + country_name(code) + ' ' if code else ''}is called {quote(query.region)}"
            if regions:
                told = f"{len(regions)} regions are called {quote(query.region)}"
            if code is None:
                return Miss("ambiguous" if regions else "not_found", told)
            return Miss("coarse", f"only the country is known: {told}", country=code)
        if code is not None:
            return Miss("coarse", "only the country is known", country=code)
        if is_nothing(query.address) and is_nothing(query.name) and is_nothing(query.postcode):
            return Miss("bad_input", "no city, region or country is given")
        return Miss("not_found", "no city is given; addresses, postcodes and names alone are not looked up")

    def _list(self, candidates: Candidates, i: int) -> tuple[Place, ...]:
        """List the best candidates of a query, one for each place on the ground."""
        first, last = np.searchsorted(candidates.query, [i, i + 1])
        weight, which = candidates.weight[first:last], candidates.place[first:last]
        inside = candidates.inside[first:last]
        weight = np.where(inside, weight, weight / 900.0 if inside.any() else weight)
        total = float(weight.sum())
        chosen: list[int] = []
        arrays = place_arrays()
        for k in np.argsort(-weight, kind="stable")[:40].tolist():
            place = int(which[k])
            taken = which[chosen]
            gaps = distance_km(
                arrays.longitude[place], arrays.latitude[place], arrays.longitude[taken], arrays.latitude[taken]
            )
            if (gaps > SAME_PLACE_KM).all():
                chosen.append(k)
            if len(chosen) == MAX_CANDIDATES:
                break
        maker = _Maker(self.gazetteer, which[chosen].tolist())
        return tuple(maker.make(int(which[k]), float(weight[k]) / total) for k in chosen)


@cache
def _region_place(gazetteer: Gazetteer, region: int) -> Place:
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
    words = " ".join("".join(c if c.isprintable() else " " for c in text[:200]).split())
    return repr(words if len(words) <= 60 else words[:57] + "...")
