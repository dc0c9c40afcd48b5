"""Which words of an address or an affiliation name its city, its region and its country?"""

# ruff: noqa: RUF001, words of many scripts are what this module is about
from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from geocluster.spelling import hash_key, region_key, spelling_key

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_TEXT = 500
MOST_SEGMENTS = 12
STEP = 0.55
"""How much less a segment weighs for each step that it is away from the country."""
WORDS_FACTOR = 0.1
"""How much less words within a segment weigh than a whole one."""
LONGEST_NAME = 4
"""Words of the longest name looked for within a segment."""
_MAIL = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
_SPLIT = re.compile(r"[,;|\n()\[\]{}，、；（）•·]| [-–—] ")
_POSTCODE = re.compile(
    r"\b(?:([A-Z]{1,3})[- ])?\d{3,6}(?:[- ]\d{3,4})?\b(?: ?[A-Z]{2}\b(?= [A-Z]))?|\b\d{3} \d{2}\b|〒\s*[\d-]+"
)
_POSTCODE_GB = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_POSTCODE_CA = re.compile(r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b")
_CEDEX = re.compile(r"\bcedex\b(?: \d{1,2})?", re.IGNORECASE)
_STATE = re.compile(r"^([A-Z]{2,3})(?: +\d{4,5}(?:-\d{4})?)?$")
_LETTER_COUNTRIES = {"A": "AT", "B": "BE", "CH": "CH", "D": "DE", "DE": "DE", "DK": "DK", "F": "FR", "FR": "FR",
                     "I": "IT", "IT": "IT", "L": "LU", "NL": "NL", "PL": "PL", "S": "SE", "SE": "SE", "FI": "FI",
                     "CZ": "CZ", "SK": "SK", "SI": "SI", "HR": "HR", "NO": "NO", "N": "NO", "LT": "LT", "LV": "LV",
                     "LI": "LI", "RO": "RO", "BG": "BG", "HU": "HU", "GR": "GR", "PT": "PT", "E": "ES", "ES": "ES"}
"""Letters before a postcode, as on letters and cars."""  # fmt: skip
FEDERAL = ("US", "CA", "AU")
"""Countries whose states are named where others name their country."""
_INSTITUTION = frozenset(
    "academy academia agency association business campus cancer center centre centro centrum children clinic clinical"
    " college company corporation department dept division ecole education engineering escuela fachhochschule faculdade"
    " facultad faculte faculty federal foundation general group gmbh health higher hochschule hopital hospital inc"
    " institut institute instituto instytut international istituto klinik klinikum laboratory lab ltd limited medical"
    " medicine ministry museum national ospedale park physics polytechnic politecnico polytechnique recherche regional"
    " research road royal rue sa school science sciences section state street strasse studies technical technology"
    " technische the trust unit universidad universidade universita universitaet universitat universite university"
    " universitet uniwersytet of and for in at und der die das de la le les du des et a an y e il do da ag bv nv plc llc"
    " avenue boulevard square building floor room box po p o north south east west new old saint sankt san santa los las"
    " el al city main central first second third st great grand chemistry biology mathematics computer electrical"
    " mechanical civil surgery radiology neurology biochemistry energy environment environmental agriculture"
    " agricultural economics social law art arts music data information systems applied experimental theoretical".split()
)
"""Words that are no city within a segment, though villages bear some of them."""
_ORGANISATION = re.compile(
    r"\b(?:univ|uni|inst|hochschul|[ée]cole|acad|hospital|h[oô]pital|klini|clini|college|school|labor|cent(?:er|re|ro|rum)"
    r"|minist|gmbh|ltd|inc|corp|compan|f[ao]undation|soci|agency|museum|bank|group|consult|universit|faculty|dep(?:t|art)"
    r"|кафедр|институт|университет|大学|大學|研究|病院|医院|학교)",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(
    r"\b(?:universit(?:y|ies) of|universit[àé] (?:degli studi )?di|universit[éeè] de|universidad de|universidade d[eo]"
    r"|universit[äa]t(?:sklinikum|sspital)?|university hospitals? of|hospital of|city of|university hospital)\s+(?:the\s+)?"
    r"(?P<name>[^,;]+)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Guess:
    """Words of a text that may be its city."""

    key: str
    region: str
    """Words that may be its region; empty where none are."""
    factor: float
    group: int
    """Whole segments come first; words within segments only where those find nothing."""
    within: bool
    """Only within an organisation's name, and not as the one that it is named after."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text understood."""

    country: str | None
    guesses: tuple[Guess, ...]
    regions: tuple[str, ...]
    """Words that may be regions, the last first."""


class TextReader:
    """Reads addresses, told how to recognise a country and a region.

    Parameters
    ----------
    country_code : callable
        From words to ISO alpha-2 or None.
    region_homes : callable
        From the hash of a region's key to the countries that have it.
    """

    def __init__(
        self, country_code: Callable[[str], str | None], region_homes: Callable[[int], frozenset[str]]
    ) -> None:
        self._country_code, self._homes = country_code, region_homes

    def read(self, text: str, country: str | None = None) -> Reading:
        """Understand a text; a country known already is not looked for."""
        text = _MAIL.sub(" ", unescape(text[:LONGEST_TEXT]) if "&" in text else text[:LONGEST_TEXT])
        segments = [part for raw in _SPLIT.split(text) if (part := raw.strip(" .:\t\r'\""))]
        segments = segments[-MOST_SEGMENTS:]
        hint = _hint_country(text)
        segments, found, state = self._find_country(segments, country)
        country = country or found or hint
        cleaned = [_strip_postcode(part) for part in segments]
        regions = [state] if state else []
        guesses: list[Guess] = []
        beside = state
        for step, part in enumerate(reversed(cleaned)):
            key = spelling_key(part)
            if not key or key.isdigit():
                continue
            guesses.append(Guess(key, beside, STEP**step, 0, within=False))
            homes = self._homes(hash_key(region_key(part))) if len(key) > 3 else frozenset()
            if homes and (country in homes if country else not homes.isdisjoint(FEDERAL)):
                regions.append(part)
                beside = beside or part
        for step, part in enumerate(reversed(cleaned)):
            guesses += _find_words(part, beside, STEP**step)
        return Reading(country, tuple(guesses), tuple(regions))

    def _find_country(self, segments: list[str], stated: str | None) -> tuple[list[str], str | None, str]:
        """Split country and state off the end: what is left, the country, the words of the state."""
        country: str | None = None
        state = ""
        while segments:
            last = segments[-1]
            code = self._country_code(last) if not (len(last) <= 3 and not last.isupper()) else None
            is_state = _STATE.match(last)
            if is_state and (country or stated or "US") in FEDERAL and not state:
                homes = self._homes(hash_key(region_key(is_state.group(1))))
                federal = [home for home in FEDERAL if home in homes and home in (country or stated or home)]
                if federal and len(segments) > 1:
                    country, state = country or stated or federal[0], is_state.group(1)
                    segments = segments[:-1]
                    continue
            if code and country is None and not self._is_state_before(last, segments):
                country, segments = code, segments[:-1]
                continue
            if code and country and _belongs(code, country):
                # Hong Kong, China: the name may be the city's too
                country = code
            elif country is None and (named := self._last_words(last)):
                country, rest = named
                segments = [*segments[:-1], rest] if rest else segments[:-1]
                continue
            break
        return segments, country, state

    def _is_state_before(self, last: str, segments: list[str]) -> bool:
        """Tell a state that is called like a country: Atlanta, Georgia."""
        return len(segments) > 1 and "US" in self._homes(hash_key(region_key(last))) and len(last) > 3

    def _last_words(self, segment: str) -> tuple[str, str] | None:
        """Find a country in the last words of a segment, and what stands before it."""
        words = segment.split()
        for count in range(min(4, len(words) - 1), 0, -1):
            tail = " ".join(words[-count:])
            if len(tail) <= 3 and not tail.isupper():
                continue
            if (code := self._country_code(tail)) is not None and words[-count - 1].lower() not in ("of", "new", "de"):
                return code, " ".join(words[:-count])
        return None


def _belongs(inner: str, outer: str) -> bool:
    return (inner, outer) in {("HK", "CN"), ("MO", "CN"), ("TW", "CN"), ("PR", "US")}


def _hint_country(text: str) -> str | None:
    """Take the country from a postcode's form: letters before it, or those of Britain and Canada."""
    for match in _POSTCODE.finditer(text):
        if match.group(1) and "-" in match.group(0)[:4] and match.group(1) in _LETTER_COUNTRIES:
            return _LETTER_COUNTRIES[match.group(1)]
    if _POSTCODE_GB.search(text):
        return "GB"
    return "CA" if _POSTCODE_CA.search(text) else None


def _strip_postcode(part: str) -> str:
    if not any(c.isdigit() for c in part) and "edex" not in part and "EDEX" not in part:
        return part
    part = _POSTCODE_CA.sub(" ", _POSTCODE_GB.sub(" ", _CEDEX.sub(" ", part)))
    return " ".join(_POSTCODE.sub(" ", part).split())


def _find_words(part: str, region: str, factor: float) -> list[Guess]:
    """Find what may be a city within a segment: up to four words, the longest first."""
    named = _NAMED_AFTER.search(part)
    after = spelling_key(named.group("name")) if named else ""
    organisation = _ORGANISATION.search(part) is not None
    words = spelling_key(part).split()
    guesses = []
    if after:
        guesses.append(Guess(after, region, factor * WORDS_FACTOR * 2, 1, within=False))
    for count in range(min(LONGEST_NAME, len(words) - 1), 0, -1):
        for i in range(len(words) - count + 1):
            held = words[i : i + count]
            if held[0] in _INSTITUTION or held[-1] in _INSTITUTION or any(word.isdigit() for word in held):
                if count == 1 or all(word in _INSTITUTION or word.isdigit() for word in held):
                    continue
                if held[0] in _SMALL or held[-1] in _SMALL or any(word.isdigit() for word in held):
                    continue
            key = " ".join(held)
            if len(key) < 3 or key == after:
                continue
            guesses.append(Guess(key, region, factor * WORDS_FACTOR * count / LONGEST_NAME, 1, within=organisation))
    return guesses[:24]


_SMALL = frozenset("of and for in at und der die das de la le les du des et a an y e il do da the".split())
