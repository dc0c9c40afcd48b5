"""Where is a place, by the gazetteer alone?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.country_names import country_name
from geocluster.datasets import load_gazetteer, place_arrays
from geocluster.geocoders.answers import MAX_CANDIDATES, METHODS, Maker, list_candidates, quote, region_place
from geocluster.geocoders.candidates import (
    EXACT,
    MISSPELT,
    choose_best,
    find_regions,
    find_twins,
    know_regions,
    unknown_weights,
    weigh_candidates,
)
from geocluster.geocoders.freetext import FEDERAL
from geocluster.geocoders.lookup import Lookup
from geocluster.geocoders.normalise import NO_COUNTRY, NO_REGION, UNKNOWN_COUNTRY, Reader
from geocluster.geocoders.place import Miss, Place
from geocluster.geocoders.search import Search
from geocluster.spelling import hash_key, is_nothing, region_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocluster.geocoders.candidates import Best
    from geocluster.geocoders.normalise import Readings
    from geocluster.geocoders.place import Geocoder, Query

SURE, SURE_ALONE = 0.80, 0.90
"""From these confidences on a city is answered: with its country stated, and without."""
REGION_MISSED = 0.25
"""Of names that no place bears in a region of the country, one in seven is right; a region unknown tells nothing."""
GENERIC_CAP = 0.5
MUCH_SMALLER = 30.0
"""A namesake so many times smaller than one abroad does not answer alone (at 10, 0.5 % of true answers went)."""
NICKNAMED = 2.0
"""As `MUCH_SMALLER`, where the word is an alternate name at home and the primary one abroad."""
SHORT_REGION = 3
"""Letters of the longest code of a region."""
GUESSED = 0.5
"""Below it a misspelt name is no name that is found."""
MISREAD = 30.0
"""A misspelt name is answered beside the same word abroad only if its place weighs so many times more."""


def offline_geocoder() -> Geocoder:
    """Make a geocoder that finds cities and regions by their names, without a network.

    Names in all scripts and of all languages that GeoNames knows; accents, case
    and points do not matter. Names with a postcode, a district or other words are
    understood, and misspelt ones where their country is stated. Where no city is
    stated, or none is found, the address is read as free text, and last the name.
    It has no streets.

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
    reader = Reader()
    tools = Lookup(load_gazetteer(), reader)

    def geocoder(queries: Sequence[Query]) -> list[Place | Miss]:
        return Batch(tools, queries, reader.read(queries)).answers()

    return geocoder


class Batch:
    """A batch of queries on its way to its answers."""

    def __init__(self, tools: Lookup, queries: Sequence[Query], readings: Readings) -> None:
        gazetteer = tools.gazetteer
        self.gazetteer, self.queries, self.readings = gazetteer, queries, readings
        size = len(queries)
        self.codes = gazetteer.table("countries")
        candidates = weigh_candidates(gazetteer, readings)
        stated = readings.country[candidates.query]
        at_home = (stated == NO_COUNTRY) | (gazetteer.array("place_country")[candidates.place] == stated)
        self.abroad = candidates.take(~at_home)
        self.search = Search(tools, queries, readings, candidates.take(at_home))
        self.search.run()
        self.home = self.search.home
        self.best = choose_best(self.home, unknown_weights(readings, self.search.kind))
        self.best_abroad = choose_best(self.abroad, unknown_weights(readings, np.full(size, EXACT)))
        known = know_regions(gazetteer, readings) | self.search.told_region
        self.twins = find_twins(self.home, self.best.pair, gazetteer.array("place_country"))
        self.twins &= (readings.country == NO_COUNTRY) & ~self.best.inside
        self.missed = known & (self.best.pair >= 0) & ~self.best.inside
        self.confidence = self._judge(self.best)
        self.contradicted = self._find_contradicted()

    def _judge(self, best: Best) -> list[float]:
        """Lower the confidence where the region is missed, and of names that many wards bear."""
        confidence = np.where(self.missed, best.confidence * REGION_MISSED, best.confidence)
        cap = np.where(self.readings.generic | self.twins | self._find_countries(best), GENERIC_CAP, self.search.cap)
        capped = np.where((cap > GENERIC_CAP) | ~best.inside, cap, 1.0)
        return [float(c) for c in np.minimum(confidence, capped)]

    def _find_countries(self, best: Best) -> NDArray[np.bool_]:
        """Tell where the city's words are the name of another country than its best candidate's: Brazil, in Indiana."""
        named, found = self.readings.city_country, np.zeros(len(best.pair), dtype=bool)
        which = np.flatnonzero((named != NO_COUNTRY) & (self.readings.country == NO_COUNTRY) & (best.pair >= 0))
        found[which] = self.gazetteer.array("place_country")[self.home.place[best.pair[which]]] != named[which]
        found &= np.array([len(city) > SHORT_REGION for city in self.readings.city], dtype=bool)
        return found

    def answers(self) -> list[Place | Miss]:
        """Answer every query."""
        pair, country = self.best.pair, self.readings.country
        sure = np.asarray(self.confidence) >= np.where(country == NO_COUNTRY, SURE_ALONE, SURE)
        plain = sure & (pair >= 0) & (country != UNKNOWN_COUNTRY) & ~self.contradicted
        methods = [METHODS[k] for k in self.search.kind.tolist()]
        self.near = list_candidates(self.gazetteer, self.home, np.flatnonzero(~plain), methods)
        doubted = np.flatnonzero(self.contradicted | (country == UNKNOWN_COUNTRY))
        self.far = list_candidates(self.gazetteer, self.abroad, doubted, [METHODS[EXACT]] * len(methods))
        answered = np.flatnonzero(plain)
        found = self.home.place[pair[answered]].tolist() if len(answered) else []
        maker = Maker(self.gazetteer, sorted(set(found)))
        answers: dict[int, Place | Miss] = {
            i: maker.make(place, self.confidence[i], methods[i])
            for i, place in zip(answered.tolist(), found, strict=True)
        }
        return [answers[i] if i in answers else self._explain(i) for i in range(len(methods))]

    def _find_contradicted(self) -> NDArray[np.bool_]:
        """Tell where a place of another country answers to the words much better."""
        home, abroad = self.best, self.best_abroad
        people = place_arrays().population
        larger = np.zeros(len(home.pair), dtype=bool)
        both = np.flatnonzero((home.pair >= 0) & (abroad.pair >= 0))
        here = people[self.home.place[home.pair[both]]]
        there = people[self.abroad.place[abroad.pair[both]]]
        larger[both] = there >= MUCH_SMALLER * np.maximum(here, 1)
        # New Britain is seldom meant by Québec, its nickname
        by_alternate = ~self.home.primary[home.pair[both]] & self.abroad.primary[abroad.pair[both]]
        larger[both] |= by_alternate & (there >= NICKNAMED * np.maximum(here, 1))
        unique = (abroad.confidence >= SURE_ALONE) & ~home.inside & ~self.readings.generic
        misread = (self.search.kind == MISSPELT) & (home.weight < MISREAD * abroad.weight)
        # MI is Michigan and Milan's province: letters alone do not gainsay a sure answer at home
        letters = np.array([len(query.region.strip()) <= SHORT_REGION for query in self.queries], dtype=bool)
        elsewhere = abroad.inside & ~(letters & (home.confidence >= SURE))
        contradicted: NDArray[np.bool_] = unique & ((home.pair < 0) | larger | misread | elsewhere)
        return contradicted

    def _explain(self, i: int) -> Place | Miss:
        """Say why a query has no sure answer."""
        query, readings = self.queries[i], self.readings
        stated = int(readings.country[i])
        code = self.codes[stated] if stated >= 0 else None
        region_told = bool(readings.region_hash[i] != NO_REGION)
        if stated == UNKNOWN_COUNTRY:
            candidates = self.near.get(i) or self.far.get(i, ())
            return Miss("conflict", f"no country is called {quote(query.country)}", candidates)
        rival_country = self.search.contradiction.get(i)
        if rival_country is not None and self.best.pair[i] < 0:
            told = f"{quote(query.city)} names {country_name(self.codes[rival_country])}"
            return Miss("conflict", f"{told}, but {country_name(code or '')} is stated", (), code)
        if self.search.by_name[i] and self.confidence[i] < SURE:
            told = "no city is given, and that of the name may be another: "
            near = self.near[i]
            return Miss("not_found", told + ", ".join(place.name for place in near[:2]), near, code)
        if not readings.city[i] and self.best.pair[i] < 0:
            return self._without_city(i, code, region_told=region_told)
        if self.contradicted[i]:
            candidates = self.far[i]
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
        if self.search.kind[i] == MISSPELT and self.confidence[i] < GUESSED:
            inside, near = country_name(code or ""), self.near[i]
            told = f"no place in {inside} is called {quote(query.city)}; the nearest name is {near[0].name}"
            return Miss("not_found", told, near, code)
        candidates, words = self.near[i], quote(query.city or query.address or query.country)
        more = " or more" if len(candidates) == MAX_CANDIDATES else ""
        reason = f"{words} may be any of {len(candidates)} places{more}"
        if self.missed[i]:
            reason = f"no {words} is in {quote(query.region or query.city)}, but elsewhere"
        elif self.twins[i]:
            reason = f"{words} may be {candidates[0].name}, {candidates[0].country}, or its twin across the border"
        elif len(candidates) == 1:
            reason = f"{words} may be {candidates[0].name}, {candidates[0].country}, but that is not sure"
        mend = "" if region_told else "; state its region" if code else "; state its country"
        return Miss("ambiguous", reason + mend, candidates, code, self.confidence[i])

    def _without_city(self, i: int, code: str | None, *, region_told: bool) -> Place | Miss:
        """Answer with the region, if one is named that is one."""
        query = self.queries[i]
        table = self.gazetteer.table("admin1")
        for words in self.search.text_regions.get(i, ()):
            found = find_regions(self.gazetteer, np.array([hash_key(region_key(words))], dtype=np.uint64))[1].tolist()
            inside = [r for r in found if table[r].partition(".")[0] in ((code,) if code else FEDERAL)]
            if len(inside) == 1:
                return region_place(self.gazetteer, inside[0])
        if region_told:
            regions = find_regions(self.gazetteer, self.readings.region_hash[i : i + 1])[1].tolist()
            regions = [r for r in regions if code is None or table[r].startswith(f"{code}.")]
            if len(regions) == 1:
                return region_place(self.gazetteer, regions[0])
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
        read = " or ".join(word for word in ("address", "name") if not is_nothing(getattr(query, word)))
        return Miss("not_found", f"no city is given{f', and none was found in the {read}' if read else ''}")
