"""What do these words name: a country, a region, a place, and how much does it weigh?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from geocluster.geocoders.candidates import CLASS_WEIGHTS, find_candidates, find_regions, weigh_places
from geocluster.geocoders.freetext import TextReader
from geocluster.geocoders.fuzzy import Spellings
from geocluster.geocoders.normalise import REMEMBERED
from geocluster.spelling import hash_key, region_key

if TYPE_CHECKING:
    from geocluster.datasets import Gazetteer
    from geocluster.geocoders.normalise import Reader

_NOWHERE: frozenset[str] = frozenset()


class Lookup:
    """What words name: countries, regions, misspelt cities, and what a free text says."""

    def __init__(self, gazetteer: Gazetteer, reader: Reader) -> None:
        self.gazetteer, self.reader = gazetteer, reader
        self.spellings = Spellings(gazetteer)
        self.codes = gazetteer.table("countries")
        self.texts = TextReader(self._code, self._region_homes, self.weigh, self.weigh_inside)
        self._words: dict[str, frozenset[str]] = {}
        self._weights: dict[tuple[str, str], dict[str, float]] = {}

    def _code(self, words: str) -> str | None:
        country = self.reader.country_word(words)
        return self.codes[country] if country >= 0 else None

    def _region_homes(self, words: str) -> frozenset[str]:
        known = self._words.get(words)
        if known is None:
            if len(self._words) > REMEMBERED:
                self._words.clear()
            known = self._words[words] = self.homes(hash_key(region_key(words)))
        return known

    def weigh(self, key: str, code: str) -> float:
        """Weigh the places of a name in a country."""
        return self._weigh(key, "").get(code, 0.0)

    def weigh_inside(self, key: str, region: str) -> dict[str, float]:
        """Weigh the places of a name in the regions of another name, by their countries."""
        return self._weigh(key, region)

    def _weigh(self, key: str, region: str) -> dict[str, float]:
        """Weigh the places of a name by country: all, or those inside a region."""
        known = self._weights.get((key, region))
        if known is None:
            if len(self._weights) > REMEMBERED:
                self._weights.clear()
            _, place, kind = find_candidates(self.gazetteer, np.array([hash_key(key)], dtype=np.uint64))
            if region:
                inside = find_regions(self.gazetteer, np.array([self.reader.region(region)], dtype=np.uint64))[1]
                held = np.isin(self.gazetteer.array("place_admin1")[place], inside)
                place, kind = place[held], kind[held]
            known = self._weights[key, region] = {}
            weights = (weigh_places(self.gazetteer, place) * CLASS_WEIGHTS[kind]).tolist()
            for home, weight in zip(self.gazetteer.array("place_country")[place].tolist(), weights, strict=True):
                known[self.codes[home]] = known.get(self.codes[home], 0.0) + weight
        return known

    def homes(self, region: int) -> frozenset[str]:
        """Give the countries that have a region of this hash."""
        return _region_homes(self.gazetteer).get(region, _NOWHERE)


@cache
def _region_homes(gazetteer: Gazetteer) -> dict[int, frozenset[str]]:
    """Countries by the hashes of their regions' names."""
    table = gazetteer.table("admin1")
    found: dict[int, set[str]] = {}
    values = gazetteer.array("region_values").tolist()
    for key, region in zip(gazetteer.array("region_keys").tolist(), values, strict=True):
        found.setdefault(key, set()).add(table[region].partition(".")[0])
    return {key: frozenset(homes) for key, homes in found.items()}
