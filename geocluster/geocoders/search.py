"""Where else may a query's city be found, when its own words name none in the country stated?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geocluster.datasets import place_names
from geocluster.geocoders.candidates import (
    MISSPELT,
    TEXT,
    VARIED,
    Candidates,
    join_candidates,
    weigh_candidates,
)
from geocluster.geocoders.freetext import PROVINCES
from geocluster.geocoders.fuzzy import weigh_edits
from geocluster.geocoders.normalise import (
    NO_COUNTRY,
    NO_REGION,
    UNKNOWN_COUNTRY,
    Readings,
    is_generic,
    read_plate,
)
from geocluster.geocoders.variants import PIECES, UMLAUT_COUNTRIES, UMLAUTS, Variant, make_variants
from geocluster.geocoders.wards import ward_cities
from geocluster.spelling import hash_key, is_nothing, region_key, spelling_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from geocluster.geocoders.freetext import Guess
    from geocluster.geocoders.lookup import Lookup
    from geocluster.geocoders.place import Query

WARD_CAP = 0.5
"""A ward's name is no answer without its region."""
WITHIN_CAP = 0.7
"""A city only inside an organisation's name is no answer: Nanyang Technological University is in Singapore."""
_WORDS, _WITHIN = range(2)


@dataclass
class Attempts:
    """Further readings of some queries, a row each."""

    owner: list[int] = field(default_factory=list)
    city: list[str] = field(default_factory=list)
    region: list[int] = field(default_factory=list)
    country: list[int] = field(default_factory=list)
    factor: list[float] = field(default_factory=list)
    group: list[int] = field(default_factory=list)
    hint: list[tuple[str, ...]] = field(default_factory=list)

    def add(
        self,
        owner: int,
        city: str,
        region: int,
        country: int,
        factor: float,
        *,
        group: int = 0,
        hint: tuple[str, ...] = (),
    ) -> None:
        """Add one reading."""
        self.owner.append(owner)
        self.city.append(city)
        self.region.append(region)
        self.country.append(country)
        self.factor.append(factor)
        self.group.append(group)
        self.hint.append(hint)


class Search:
    """One batch's further search: candidates and how they were found."""

    def __init__(self, tools: Lookup, queries: Sequence[Query], readings: Readings, home: Candidates) -> None:
        self.tools, self.queries, self.readings, self.home = tools, queries, readings, home
        size = len(queries)
        self.kind = np.zeros(size, dtype=np.int64)
        self.cap = np.ones(size)
        self.told_region = np.zeros(size, dtype=bool)
        self.by_name = np.zeros(size, dtype=bool)
        """Found only within the organisation's name."""
        self.text_regions: dict[int, tuple[str, ...]] = {}
        self._wards: set[tuple[int, int]] = set()
        """Queries and groups of variants that are names of wards."""
        self.contradiction: dict[int, int] = {}
        """Countries named within the city's words beside another one stated."""

    def missing(self) -> list[int]:
        """Give the queries that have no candidate."""
        found = np.zeros(len(self.queries), dtype=bool)
        found[self.home.query] = True
        return np.flatnonzero(~found & (self.readings.country != UNKNOWN_COUNTRY)).tolist()

    def run(self) -> None:
        """Search by variants, then by misspellings, then in free text."""
        self._try_variants()
        self._try_misspellings()
        self._try_texts()

    def _try_variants(self) -> None:
        attempts, readings = Attempts(), self.readings
        found = np.zeros(len(self.queries), dtype=bool)
        found[self.home.query] = True
        for i in np.flatnonzero(~found).tolist():
            query = self.queries[i]
            if not readings.city[i] and (query.address or readings.country[i] == NO_COUNTRY):
                continue
            if readings.city[i] and readings.country[i] == UNKNOWN_COUNTRY:
                continue
            if int(readings.city_country[i]) != NO_COUNTRY:
                continue  # the city's words are a country's
            stated = int(readings.country[i])
            umlauts = stated < 0 or self.tools.codes[stated] in UMLAUT_COUNTRIES
            for variant in make_variants(query):
                if umlauts or variant.group != UMLAUTS:
                    self._resolve(attempts, i, variant)
        self._try_wards(attempts)
        for i, group in self._take(attempts, VARIED).items():
            if (i, group) in self._wards:
                self.cap[i] = WARD_CAP

    def _try_wards(self, attempts: Attempts) -> None:
        """Read wards of Japan as their cities, where no place of that name is in the region told."""
        readings = self.readings
        japan = self.tools.codes.index("JP") if "JP" in self.tools.codes else None
        settled = np.zeros(len(self.queries), dtype=bool)
        settled[self.home.query[self.home.inside]] = True
        regional = readings.region_hash != NO_REGION
        settled[self.home.query] |= ~regional[self.home.query] & ~readings.generic[self.home.query]
        for i in np.flatnonzero(~settled & (readings.country == japan)).tolist():
            region = int(readings.region_hash[i])
            cities = ward_cities(readings.city[i])
            if regional[i]:
                cities = tuple(one for one in cities if hash_key(one[1]) == region)
            elif len(cities) > 1 or not readings.city[i].endswith(" ku"):
                continue
            for city, prefecture in cities:
                attempts.add(i, city, hash_key(prefecture), int(readings.country[i]), 1.0, group=-1)
            if cities:
                readings.generic[i] = False

    def _resolve(self, attempts: Attempts, i: int, variant: Variant) -> None:
        """Find out which of the words beside a city are a country, and which a region."""
        readings, tools = self.readings, self.tools
        stated, region = int(readings.country[i]), int(readings.region_hash[i])
        if (variant.ward or is_generic(variant.city)) and variant.factor == 1.0:
            self._wards.add((i, variant.group))
        if variant.region and region == int(NO_REGION):
            region = tools.reader.region(variant.region)
        country, within = NO_COUNTRY, int(NO_REGION)
        if variant.country:
            country = tools.reader.country_word(variant.country)
            homes = tools.homes(hash_key(region_key(variant.country)))
            if homes and (stated < 0 or tools.codes[stated] in homes) and country != stated:
                within = tools.reader.region(variant.country)
            if within != int(NO_REGION) and stated < 0 <= country and self._is_country(variant, country):
                within = int(NO_REGION)
            elif self._is_in_italy(variant, stated):
                country, within = tools.codes.index("IT"), int(NO_REGION)
        if stated >= 0 and country >= 0 and country != stated and within == int(NO_REGION):
            self.contradiction[i] = country
        if within != int(NO_REGION):
            self.told_region[i] = country < 0 or stated >= 0
            attempts.add(i, variant.city, within, stated, variant.factor, group=variant.group, hint=variant.hint)
        if within == int(NO_REGION) or (country >= 0 and stated < 0):
            if stated < 0 and country >= 0 and within == int(NO_REGION):
                readings.country[i] = stated = country
            attempts.add(
                i,
                variant.city,
                region,
                max(stated, country) if stated < 0 else stated,
                variant.factor,
                group=variant.group,
                hint=variant.hint,
            )

    def _is_country(self, variant: Variant, country: int) -> bool:
        """Tell whether letters that could be both are a country's: Freiburg, CH."""
        tools = self.tools
        held = tools.weigh(variant.city, tools.codes[country]) > 0
        return held and not tools.weigh_inside(variant.city, variant.country)

    def _is_in_italy(self, variant: Variant, stated: int) -> bool:
        """Tell whether letters after a city are its Italian province: Roma (RM)."""
        tools = self.tools
        if variant.country not in PROVINCES or (stated >= 0 and tools.codes[stated] != "IT"):
            return False
        return tools.weigh(variant.city, "IT") > 0 and not tools.weigh_inside(variant.city, variant.country)

    def _names_region(self, key: str, country: int) -> bool:
        """Tell whether a key names a region of the country."""
        return self.tools.codes[country] in self.tools.homes(hash_key(region_key(key)))

    def _try_misspellings(self) -> None:
        attempts, readings = Attempts(), self.readings
        for i in self.missing():
            country = int(readings.country[i])
            if not readings.city[i] or country < 0 or int(readings.city_country[i]) == country:
                continue
            keys = [readings.city[i]]
            if self._names_region(keys[0], country):
                continue  # a region of the country is no misspelt city
            if not keys[0].isalpha():
                keys += [v.city for v in make_variants(self.queries[i]) if v.group <= 1 and v.factor == 1.0][:2]
            for group, key in enumerate(keys):
                for name, edits in self.tools.spellings.find(key, country):
                    factor = weigh_edits(key, name, edits)
                    attempts.add(i, name, int(readings.region_hash[i]), country, factor, group=group)
        self._take(attempts, MISSPELT)

    def _try_texts(self) -> None:
        """Read addresses where the fields name no city, first whole segments, then words within; names come last."""
        readings, queries, codes = self.readings, self.queries, self.tools.codes
        attempts, texts = Attempts(), {}
        for i in self.missing():
            if is_nothing(queries[i].address):
                continue
            stated = int(readings.country[i])
            read = texts[i] = self.tools.texts.read(queries[i].address, codes[stated] if stated >= 0 else None)
            if stated == NO_COUNTRY and (told := read.country or read_plate(queries[i].address)[0]):
                readings.country[i] = self.tools.reader.country(told)
            if read.regions:
                self.text_regions[i] = read.regions
            self._guess(attempts, i, read.wholes)
        self._take(attempts, TEXT)
        attempts = Attempts()
        for i in self.missing():
            if i in texts:
                self._guess(attempts, i, texts[i].words())
        self._cap_within(self._take(attempts, TEXT))
        attempts = Attempts()
        for i in self.missing():
            if i not in self.text_regions and not readings.city[i] and not is_nothing(queries[i].name):
                stated = int(readings.country[i])
                read = self.tools.texts.read(queries[i].name, codes[stated] if stated >= 0 else None)
                self._guess(attempts, i, read.words())
        found = self._take(attempts, TEXT)
        self._cap_within(found)
        self.by_name[list(found)] = True

    def _guess(self, attempts: Attempts, i: int, guesses: Iterable[Guess]) -> None:
        """Turn guesses into attempts; names of many wards are none without their region."""
        stated, own = int(self.readings.country[i]), int(self.readings.region_hash[i])
        for guess in guesses:
            region = self.tools.reader.region(guess.region) if guess.region else own
            city, group = guess.key, _WITHIN if guess.within else _WORDS
            wards = ward_cities(city) if region != int(NO_REGION) else ()
            for ward_city, prefecture in wards:
                if hash_key(prefecture) == region:
                    attempts.add(i, ward_city, region, stated, guess.factor, group=group)
            if not is_generic(city):
                attempts.add(i, city, region, stated, guess.factor, group=group)

    def _cap_within(self, groups: dict[int, int]) -> None:
        for i, group in groups.items():
            if group == _WITHIN:
                self.cap[i] = min(self.cap[i], WITHIN_CAP)
                self.by_name[i] = self.readings.country[i] == NO_COUNTRY

    def _take(self, attempts: Attempts, kind: int) -> dict[int, int]:
        """Weigh the candidates of attempts; of each query take those of the first group that has any."""
        if not attempts.owner:
            return {}
        size = len(attempts.owner)
        owner, group = np.array(attempts.owner), np.array(attempts.group)
        country = np.array(attempts.country, dtype=np.int64)
        extra = Readings(
            city=attempts.city,
            city_hash=np.array([hash_key(key) for key in attempts.city], dtype=np.uint64),
            region_hash=np.array(attempts.region, dtype=np.uint64),
            country=country,
            city_country=np.full(size, NO_COUNTRY),
            generic=np.zeros(size, dtype=bool),
        )
        found = weigh_candidates(self.tools.gazetteer, extra, np.array(attempts.factor))
        stated = country[found.query]
        at_home = (stated == NO_COUNTRY) | (self.tools.gazetteer.array("place_country")[found.place] == stated)
        if kind == MISSPELT:
            at_home &= found.named <= 1
        found = found.take(at_home)
        first = np.full(len(self.queries), np.iinfo(np.int64).max)
        np.minimum.at(first, owner[found.query], group[found.query])
        chosen = group[found.query] == first[owner[found.query]]
        if kind == VARIED and attempts.group and max(attempts.group) >= PIECES:
            chosen &= self._follow_hints(attempts, found, owner)
        found = found.take(chosen)
        owners = np.unique(owner[found.query])
        self.kind[owners] = kind
        self.home = join_candidates(self.home, found, owner)
        return dict(zip(owners.tolist(), first[owners].tolist(), strict=True))

    def _follow_hints(self, attempts: Attempts, found: Candidates, owner: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Leave, of the bearers of a shortened name, those whose own name goes on as the one asked for.

        Frankfurt a. M. is Frankfurt am Main; where none goes on so, those whose name
        does not go on: Clermont-l'Hérault is not Clermont-Ferrand.
        """
        keep = np.ones(len(found.query), dtype=bool)
        short = np.flatnonzero(np.array(attempts.group)[found.query] >= PIECES)
        holder = owner[found.query[short]]
        for i in np.unique(holder).tolist():
            rows = short[holder == i]
            follows, ends = [], []
            for row, name in zip(rows.tolist(), place_names(found.place[rows]), strict=True):
                at = int(found.query[row])
                key, city = spelling_key(name), attempts.city[at]
                rest = key[len(city) :].split() if key.startswith(f"{city} ") else []
                follows.append(bool(rest) and _begin(rest, attempts.hint[at]))
                ends.append(not rest)
            keep[rows] = follows if any(follows) else ends
        return keep


def _begin(words: list[str], hint: tuple[str, ...]) -> bool:
    """Tell whether words begin, one by one, with the hints; little words may be left out of them."""
    long = [word for word in words if len(word) > 3] or words
    told = [word for word in hint if len(word) > 3] or [hint[-1]] if hint else []
    return bool(told) and any(word.startswith(one) for word in long for one in told)
