"""Which words of an address or an affiliation name its city, its region and its country?"""

# ruff: noqa: RUF001, words of many scripts are what this module is about
from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from geocluster.country_names import INSIDE_OTHERS
from geocluster.geocoders.institutions import INSTITUTION, LITTLE, NAMED_AFTER, ORGANISATION
from geocluster.geocoders.unspaced import POSTCODE_CA, POSTCODE_GB, split_unspaced
from geocluster.spelling import spelling_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_TEXT = 500
MOST_SEGMENTS = 12
STEP = 0.55
"""How much less a segment weighs for each step that it is away from the country."""
WORDS_FACTOR = 0.1
"""How much less words within a segment weigh than a whole one."""
REGION_FACTOR = 0.3
"""How much less a region weighs as a city where another word stands before it."""
MOST_WORDS = 24
LONGEST_NAME = 4
"""Words of the longest name looked for within a segment."""
_MAIL = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
_SPLIT = re.compile(r"[,;|\n()\[\]{}，、；（）•·]| [-–—] ")
_POSTCODE = re.compile(
    r"\b(?:([A-Z]{1,3})[- ])?\d{3,6}(?:[- ]\d{3,4})?\b(?: ?[A-Z]{2}\b(?= [A-Z]))?|\b\d{3} \d{2}\b|〒\s*[\d-]+"
)
_DIGIT = re.compile(r"\d")
_CEDEX = re.compile(r"\bcedex\b(?: \d{1,2})?", re.IGNORECASE)
_STATE = re.compile(r"^([A-Z]{2,3})( +\d{4,5}(?:-\d{4})?)?$")
_LETTER_COUNTRIES = {
    "A": "AT",
    "B": "BE",
    "CH": "CH",
    "D": "DE",
    "DE": "DE",
    "DK": "DK",
    "F": "FR",
    "FR": "FR",
    "I": "IT",
    "IT": "IT",
    "L": "LU",
    "NL": "NL",
    "PL": "PL",
    "S": "SE",
    "SE": "SE",
    "FI": "FI",
    "CZ": "CZ",
    "SK": "SK",
    "SI": "SI",
    "HR": "HR",
    "NO": "NO",
    "N": "NO",
    "LT": "LT",
    "LV": "LV",
    "LI": "LI",
    "RO": "RO",
    "BG": "BG",
    "HU": "HU",
    "GR": "GR",
    "PT": "PT",
    "E": "ES",
    "ES": "ES",
}
"""Letters before a postcode, as on letters and cars."""  # fmt: skip
_ALSO_WORDS = ("island",)
"""Countries whose name is an English word too: Staten Island."""
FEDERAL = ("US", "CA", "AU")
"""Countries whose states are named where others name their country."""


_CODES = """
AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CL CN CO CR CS CT CZ EN FC FE FG FI FM FR GE GO GR
IM IS KR LC LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OR PA PC PD PE PG PI PN PO PR PT PU PV PZ RA RC RE RG RI RM
RN RO SA SI SO SP SR SS SU SV TA TE TN TO TP TR TS TV UD VA VB VC VE VI VR VS VT VV
"""
PROVINCES = frozenset(_CODES.split())
"""Of Italy, as they stand after the city: 53100 Siena (SI)."""
CITY_STATES = {
    "GI": "gibraltar",
    "HK": "hong kong",
    "LU": "luxembourg",
    "MC": "monaco",
    "MO": "macau",
    "SG": "singapore",
    "SM": "san marino",
    "VA": "vatican city",
}
"""Countries whose name is their city's too, by the key of the city."""  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guess:
    """Words of a text that may be its city."""

    key: str
    region: str
    """Words that may be its region; empty where none are."""
    factor: float
    within: bool = False
    """Only within an organisation's name, and not as the one that it is named after."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text understood."""

    country: str | None
    segments: tuple[str, ...]
    """What is left beside the country, the last first."""
    wholes: tuple[Guess, ...]
    regions: tuple[str, ...]
    """Words that may be regions, the last first."""
    tail: bool
    """The country stood at the end of the last segment: Universität Basel Schweiz."""

    def words(self) -> list[Guess]:
        """Find what may be a city within the segments."""
        guesses: list[Guess] = []
        beside = self.regions[0] if self.regions else ""
        for step, part in enumerate(self.segments):
            guesses += _find_words(part, beside, STEP**step, tail=self.tail and step == 0)
        if self.country in CITY_STATES:
            guesses.append(Guess(CITY_STATES[self.country], beside, WORDS_FACTOR))
        return guesses


class TextReader:
    """Reads addresses, told how to recognise countries and regions, and how much places weigh.

    Parameters
    ----------
    country_code : callable
        From words to ISO alpha-2 or None.
    region_homes : callable
        From words to the countries that have a region of that name.
    weigh : callable
        From the key of a city and a country to the weight of the places of that name there.
    weigh_inside : callable
        From the key of a city and the words of a region to that weight by country.
    """

    def __init__(
        self,
        country_code: Callable[[str], str | None],
        region_homes: Callable[[str], frozenset[str]],
        weigh: Callable[[str, str], float],
        weigh_inside: Callable[[str, str], Mapping[str, float]],
    ) -> None:
        self._country_code, self._homes = country_code, region_homes
        self._weigh, self._weigh_inside = weigh, weigh_inside

    def read(self, text: str, country: str | None = None) -> Reading:
        """Understand a text; a country known already is not looked for."""
        text = text[:LONGEST_TEXT]
        if "&" in text:
            text = unescape(text)
        if "@" in text or "www" in text or "://" in text:
            text = _MAIL.sub(" ", text)
        segments = [part for raw in _SPLIT.split(text) if (part := raw.strip(" .:\t\r'\""))]
        segments, found, state, tail = self._find_country(segments[-MOST_SEGMENTS:], country)
        country = country or found or _hint_country(text)
        parts = [part for raw in reversed(segments) if (part := _strip_postcode(raw))]
        regions = [state] if state else []
        wholes: list[Guess] = []
        beside = state
        for step, part in enumerate(parts):
            key = spelling_key(part)
            if not key or key.isdigit():
                continue
            factor = STEP**step
            homes = self._homes(part) if len(key) > 3 else frozenset()
            if homes and (country in homes if country else not homes.isdisjoint(FEDERAL)):
                before = parts[step + 1] if step + 1 < len(parts) else ""
                if before and not ORGANISATION.search(before) and not _DIGIT.search(before):
                    factor *= REGION_FACTOR
                wholes.append(Guess(key, beside, factor))
                regions.append(part)
                beside = beside or part
            else:
                wholes.append(Guess(key, beside, factor))
        return Reading(country, tuple(parts), tuple(wholes), tuple(regions), tail)

    def _find_country(self, segments: list[str], stated: str | None) -> tuple[list[str], str | None, str, bool]:
        """Split country and state off the end; tell whether the country shared its segment with other words."""
        country, state, tail = stated, "", False
        named = False
        while segments:
            last = segments[-1]
            short = len(last) <= 3
            code = None if short and not last.isupper() else self._country_code(last)
            if not state and len(segments) > 1 and (match := _STATE.match(last)):
                home = self._state_home(segments[-2], match[1], match[2] or "", None if named else code, country)
                if home:
                    country, state, segments = home, match[1], segments[:-1]
                    continue
            if code and state and not named and code != country:
                before = spelling_key(_strip_postcode(segments[-2])) if len(segments) > 1 else ""
                if stated or self._weigh(before, code) == 0:
                    break  # Lebanon, NH is no country, but Accra, Ghana, WA is in one
                country, state = None, ""
            if code and not named and not (len(segments) > 1 and not short and "US" in self._homes(last)):
                named = True
                if stated is None:
                    country = code
                if (code, country) != (stated, stated) and stated is not None:
                    break
                segments = segments[:-1]
                continue
            if code and country and INSIDE_OTHERS.get(code) == country:
                country = code  # Hong Kong, China: the name may be the city's too
            elif not named and (words_found := self._last_words(last, country)):
                code, rest, within = words_found
                if country in (None, code):
                    country, state, named, tail = code, state or within, True, True
                    segments = [*segments[:-1], rest]
                    continue
            break
        return segments, country, state, tail

    def _state_home(self, before: str, state: str, zipped: str, code: str | None, country: str | None) -> str | None:
        """Find whose state or province some letters after a city are, where they are no country's: Newark, DE."""
        key = spelling_key(_strip_postcode(before))
        homes = self._homes(state)
        inside = self._weigh_inside(key, state) if homes else {}
        weights = {home: inside.get(home, 0.0) for home in FEDERAL if home in homes and country in (None, home)}
        if weights:
            home = max(weights, key=lambda one: weights[one])
            if len(zipped.strip()) == 4 and "AU" in weights:
                home = "AU"
            if zipped or country or weights[home] > (self._weigh(key, code) if code else 0):
                return home
        if country or (code and self._weigh(key, code) > 0):
            return None
        if not inside and state in PROVINCES and self._weigh(key, "IT") > 0:
            return "IT"
        return max(inside, key=lambda one: inside[one]) if inside else None if code else next(iter(weights), None)

    def _last_words(self, segment: str, country: str | None) -> tuple[str, str, str] | None:
        """Find a country in the last words of a segment, what stands before it, and a state instead of it."""
        words = segment.split()
        for count in range(min(4, len(words) - 1), 0, -1):
            tail = " ".join(words[-count:])
            if len(tail) <= 3 and not tail.isupper():
                continue
            if words[-count - 1].lower() in ("of", "new", "de", "in", "for"):
                continue
            if (code := self._country_code(tail)) is None:
                continue
            rest = " ".join(words[:-count])
            if len(tail) <= 3:
                home = self._state_home(rest, tail, "", code, country)
                return (home, rest, tail) if home else (code, rest, "")
            if self._is_region(words, count, code):
                return None
            return code, rest, ""
        return None

    def _is_region(self, words: list[str], count: int, code: str) -> bool:
        """Tell whether the last words are a region's name or its end, not a country's: Rhode Island, Inner Mongolia."""
        longer = range(count + 1, min(count + LONGEST_NAME, len(words)) + 1)
        if any(self._homes(" ".join(words[-many:])) for many in longer):
            return True
        tail = " ".join(words[-count:])
        states = self._homes(tail).intersection(FEDERAL) - {code}
        if tail.lower() not in _ALSO_WORDS and not states:
            return False
        befores = [spelling_key(" ".join(words[-count - many : -count])) for many in (1, 2, 3)]
        if any(self._weigh(key, code) > 0 for key in befores if key):
            return False
        if tail.lower() in _ALSO_WORDS:
            return True
        return any(not states.isdisjoint(self._weigh_inside(key, tail)) for key in befores if key)


def _hint_country(text: str) -> str | None:
    """Take the country from a postcode's form: letters before it, or those of Britain and Canada."""
    for match in _POSTCODE.finditer(text):
        if match.group(1) and "-" in match.group(0)[:4] and match.group(1) in _LETTER_COUNTRIES:
            return _LETTER_COUNTRIES[match.group(1)]
    if POSTCODE_GB.search(text):
        return "GB"
    return "CA" if POSTCODE_CA.search(text) else None


def _strip_postcode(part: str) -> str:
    if not _DIGIT.search(part) and "edex" not in part and "EDEX" not in part:
        return part
    part = POSTCODE_CA.sub(" ", POSTCODE_GB.sub(" ", _CEDEX.sub(" ", part)))
    return " ".join(_POSTCODE.sub(" ", part).split())


def _find_words(part: str, region: str, factor: float, *, tail: bool) -> list[Guess]:
    """Find what may be a city within a segment: up to four words, the longest first."""
    named = NAMED_AFTER.search(part)
    after = spelling_key(named.group("name")) if named else ""
    organisation = ORGANISATION.search(part) is not None
    words = spelling_key(part).split()
    guesses = []
    if not part.isascii():
        guesses += _find_unspaced(part, region, factor)
    if after:
        guesses.append(Guess(after, region, factor * WORDS_FACTOR * 2))
    for count in range(min(LONGEST_NAME, len(words) - 1), 0, -1):
        for i in range(len(words) - count, -1, -1):
            held = words[i : i + count]
            if held[0] in LITTLE or held[-1] in LITTLE or any(word.isdigit() for word in held):
                continue
            if all(word in INSTITUTION for word in held) or (count > 1 and held[-1] in INSTITUTION):
                continue
            key = " ".join(held)
            if len(key) >= 3 and key != after:
                last = tail and i == len(words) - count
                guesses.append(
                    Guess(key, region, factor * WORDS_FACTOR * count / LONGEST_NAME, organisation and not last)
                )
    return guesses[:MOST_WORDS]


def _find_unspaced(part: str, region: str, factor: float) -> list[Guess]:
    """Find what may be a city in an address written without spaces: the largest first, as they stand."""
    guesses = []
    for word in part.split():
        told, pieces = split_unspaced(word)
        within = ORGANISATION.search(word) is not None
        for i, piece in enumerate(pieces if told or len(pieces) > 1 else ()):
            if len(key := spelling_key(piece)) > 1:
                guesses.append(Guess(key, told or region, factor * (1.0 if i == 0 else WORDS_FACTOR), within))
    return guesses
