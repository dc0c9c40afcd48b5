"""What does a query say, once its words are understood?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.country_names import INSIDE_OTHERS, country_code
from geocluster.datasets import load_gazetteer
from geocluster.spelling import NOTHING, hash_key, is_nothing, region_key, spelling_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocluster.geocoders.place import Query

_GENERIC = frozenset(
    [
        *(
            "centre",
            "center",
            "centro",
            "centrum",
            "zentrum",
            "mitte",
            "central",
            "downtown",
            "city",
            "town",
            "village",
        ),
        *("nord", "north", "sud", "south", "ost", "east", "est", "west", "ouest", "altstadt", "old town"),
        *("chuo", "higashi", "kita", "minami", "minato", "naka", "nishi"),
    ]
)
"""Names of many wards; the last seven of Japan's, without their -ku."""
REMEMBERED = 100_000
"""Words whose meaning is kept at hand."""
NO_COUNTRY = -1
UNKNOWN_COUNTRY = -2
NO_REGION = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """A batch of queries understood, a position each."""

    city: list[str]
    """Keys of the cities; empty where none is named."""
    city_hash: NDArray[np.uint64]
    region_hash: NDArray[np.uint64]
    """`NO_REGION` where none is named."""
    country: NDArray[np.int64]
    """Positions in the gazetteer's list; `NO_COUNTRY` where none is stated, `UNKNOWN_COUNTRY` where none is meant."""
    city_country: NDArray[np.int64]
    """The country that the words of the city name; `NO_COUNTRY` where they name none."""
    generic: NDArray[np.bool_]
    """Names of many wards: nothing without their region."""


_PLATES = {
    "A": ("AT", 4),
    "B": ("BE", 4),
    "CH": ("CH", 4),
    "D": ("DE", 5),
    "DK": ("DK", 4),
    "E": ("ES", 5),
    "F": ("FR", 5),
    "FIN": ("FI", 5),
    "FL": ("LI", 4),
    "H": ("HU", 4),
    "I": ("IT", 5),
    "L": ("LU", 4),
    "N": ("NO", 4),
    "NL": ("NL", 4),
    "S": ("SE", 5),
}
"""Letters of number plates, as people put them before a postcode, and the digits of such a code."""
_PLATE = re.compile(rf"(?:^|[,;\n(])\s*({'|'.join(_PLATES)})\s?[-–]\s?(\d{{4,5}}|\d{{3}} \d\d)\b")


def is_generic(key: str) -> bool:
    """Tell the names that many wards bear.

    Examples
    --------
    >>> is_generic("chuo ku"), is_generic("centre"), is_generic("basel")
    (True, True, False)
    """
    return key in _GENERIC or key.endswith(" ku")


def states_country(text: str) -> bool:
    """Tell whether a text means to state a country: NA is Namibia, "n/a" and "na" are nothing.

    Examples
    --------
    >>> states_country("NA"), states_country("na"), states_country("Atlantis")
    (True, False, True)
    """
    return text.strip() == "NA" or not is_nothing(text)


def read_plate(text: str) -> tuple[str, str]:
    """Read country and postcode where the letters of number plates stand before it; empty where they do not.

    Examples
    --------
    >>> read_plate("F-67000 Straßburg"), read_plate("Univ. Wien, A-1010"), read_plate("Room B-1050, Boston")
    (('FR', '67000'), ('AT', '1010'), ('', ''))
    """
    found = _PLATE.search(text)
    if not found:
        return "", ""
    code, digits = _PLATES[found[1]]
    postcode = found[2].replace(" ", "")
    return (code, postcode) if len(postcode) == digits else ("", "")


class Reader:
    """Reads queries; the countries and regions that it has read it remembers."""

    def __init__(self) -> None:
        self._gazetteer = load_gazetteer()
        codes = self._gazetteer.table("countries")
        self._position = {code: i for i, code in enumerate(codes)}
        self._inside = {self._position[inner]: self._position[outer] for inner, outer in INSIDE_OTHERS.items()}
        self._countries: dict[str, int] = {"": NO_COUNTRY}
        self._words: dict[str, int] = {}
        self._regions: dict[str, int] = {"": int(NO_REGION)}
        self._cities: dict[str, tuple[str, int, bool]] = {}

    def country(self, text: str) -> int:
        """Find the position of a stated country, a misspelt one too."""
        known = self._countries.get(text)
        if known is None:
            known = self._countries[text] = self._read_country(text, corrected=True)
        return known

    def country_word(self, text: str) -> int:
        """Find the position of a country among other words, where a misspelt one may be anything."""
        known = self._words.get(text)
        if known is None:
            if len(self._words) > REMEMBERED:
                self._words.clear()
            known = self._words[text] = self._read_country(text, corrected=False)
        return known

    def _read_country(self, text: str, *, corrected: bool) -> int:
        if not states_country(text):
            return NO_COUNTRY
        code = country_code(text, corrected=corrected)
        return UNKNOWN_COUNTRY if code is None else self._position[code]

    def region(self, text: str) -> int:
        """Find the hash of a stated region."""
        known = self._regions.get(text)
        if known is None:
            known = int(NO_REGION) if is_nothing(text) else hash_key(region_key(text))
            self._regions[text] = known
        return known

    def city(self, text: str) -> tuple[str, int, bool]:
        """Find the key of a city (empty where none is named), its hash, and whether many wards bear it."""
        known = self._cities.get(text)
        if known is None:
            if len(self._cities) > REMEMBERED:
                self._cities.clear()
            key = spelling_key(text)
            key = "" if key in NOTHING else key
            known = self._cities[text] = key, hash_key(key), is_generic(key)
        return known

    def read(self, queries: Sequence[Query]) -> Readings:
        """Understand a batch of queries."""
        read = [self.city(query.city) for query in queries]
        cities = [key for key, _, _ in read]
        city_hash = np.array([hashed for _, hashed, _ in read], dtype=np.uint64)
        region_hash = np.array([self.region(query.region) for query in queries], dtype=np.uint64)
        country = np.array([self.country(query.country) for query in queries], dtype=np.int64)
        for i in np.flatnonzero(country == NO_COUNTRY).tolist():
            plate = read_plate(queries[i].postcode)[0] or read_plate(queries[i].city)[0]
            if plate:
                country[i] = self._position[plate]
        city_country = self._name_countries(city_hash)
        city_country[[not city for city in cities]] = NO_COUNTRY
        for inner, outer in self._inside.items():
            for i in np.flatnonzero(country == outer).tolist():
                if city_country[i] == inner or self.country_word(queries[i].region) == inner:
                    country[i] = inner
        generic = np.array([generic for _, _, generic in read], dtype=bool)
        return Readings(cities, city_hash, region_hash, country, city_country, generic)

    def _name_countries(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        keys = self._gazetteer.array("country_keys")
        at = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
        return np.where(keys[at] == hashes, self._gazetteer.array("country_values")[at].astype(np.int64), NO_COUNTRY)
