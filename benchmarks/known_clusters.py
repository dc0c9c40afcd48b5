"""Is a published cross-border region claimed among the research organisations of ROR, or is it said why not?

Laboratories are folded into the organisations they belong to. The regions are those of
known_clusters.csv and more of the same kind, written down before the test was run on them.
The data are looked for in $GEOCLUSTER_SHARED, else ../shared. Writes into docs/benchmarks.md.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from reference_run import shared_data
from tables import write_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geopandas import GeoDataFrame

    from geocluster.spanning import Explanation, SpanningResult

SEED, CORES, PERMUTATIONS, ALPHA = 1, 2, 9_999, 0.05
CUT_KM = 100.0
WORLD, COUNTRIES, WIDE, CUT = "world", "world, whole countries", "world, whole countries, r_max 40", "cut"
WORLDS: dict[str, dict[str, Any]] = {
    WORLD: {},
    COUNTRIES: {"study_area": "countries"},
    WIDE: {"study_area": "countries", "r_max_km": 40.0},
}
MEASURABLE, MOST = 5, 5


@dataclass(frozen=True)
class Region:
    """A place on the map, and what is known of it: `spans` or `not`."""

    name: str
    lon: float
    lat: float
    radius_km: float
    countries: tuple[str, ...]
    verdict: str


MORE = (
    Region("Basel–Mulhouse–Freiburg", 7.60, 47.58, 40, ("CH", "DE", "FR"), "spans"),
    Region("Meuse–Rhine: Maastricht–Aachen–Liège", 5.90, 50.78, 35, ("BE", "DE", "NL"), "spans"),
    Region("Geneva–Annemasse", 6.15, 46.20, 25, ("CH", "FR"), "spans"),
    Region("Lille–Kortrijk–Tournai", 3.17, 50.68, 30, ("BE", "FR"), "spans"),
    Region("Salzburg–Freilassing", 13.03, 47.81, 25, ("AT", "DE"), "spans"),
    Region("Lake Constance", 9.35, 47.60, 40, ("AT", "CH", "DE"), "spans"),
    Region("Trieste–Koper–Gorizia", 13.75, 45.75, 35, ("IT", "SI"), "spans"),
    Region("Detroit–Windsor", -83.04, 42.32, 30, ("CA", "US"), "spans"),
    Region("Buffalo–Niagara", -79.00, 43.00, 35, ("CA", "US"), "spans"),
    Region("El Paso–Ciudad Juárez", -106.46, 31.74, 25, ("MX", "US"), "spans"),
    Region("Hong Kong–Shenzhen", 114.10, 22.45, 35, ("CN", "HK"), "spans"),
    Region("Frankfurt (Oder)–Słubice", 14.56, 52.35, 25, ("DE", "PL"), "spans"),
    Region("Kinshasa–Brazzaville", 15.29, -4.30, 25, ("CD", "CG"), "spans"),
    Region("Jerusalem–Ramallah–Bethlehem", 35.21, 31.78, 25, ("IL", "PS"), "spans"),
    Region("Rome–Vatican", 12.47, 41.90, 25, ("IT", "VA"), "not"),
    Region("Milan–Lugano", 9.10, 45.65, 45, ("CH", "IT"), "not"),
    Region("Paris", 2.35, 48.86, 30, ("FR",), "not"),
    Region("London", -0.12, 51.51, 30, ("GB",), "not"),
    Region("Tokyo", 139.70, 35.68, 30, ("JP",), "not"),
    Region("Toronto", -79.38, 43.65, 30, ("CA",), "not"),
    Region("Prague", 14.42, 50.08, 30, ("CZ",), "not"),
    Region("Warsaw", 21.01, 52.23, 30, ("PL",), "not"),
)


def read_folded(folder: Path) -> GeoDataFrame:
    """Read the active organisations, laboratories folded into their parents, at their points and countries."""
    import geocluster as gc

    table = gc.read_table(folder / "ror_organisations.csv.gz", columns={"lon": "lng"})
    ties = pd.read_csv(folder / "ror_relationships.csv.gz", keep_default_na=False)
    folded = gc.fold_units(table[table["status"] == "active"], relationships=ties)
    return gc.assign_countries(gc.geocode(folded.table))


def read_regions(folder: Path) -> list[Region]:
    """Read the published list."""
    rows = pd.read_csv(folder / "known_clusters.csv", keep_default_na=False).to_dict("records")
    return [
        Region(
            str(row["name"]),
            float(row["lon"]),
            float(row["lat"]),
            float(row["radius_km"]),
            tuple(str(row["countries"]).split()),
            str(row["verdict"]),
        )
        for row in rows
    ]


def within(table: GeoDataFrame, region: Region, km: float) -> GeoDataFrame:
    """Keep the rows within so many km of a region's middle."""
    from geocluster.distance import distance_km

    gap = distance_km(np.asarray(table.geometry.x), np.asarray(table.geometry.y), region.lon, region.lat)
    return table[np.asarray(gap) <= km]


def ask_cut(table: GeoDataFrame, region: Region) -> tuple[SpanningResult, str]:
    """Test what a user has who cuts the table to a region: the rows within 100 km, all else the defaults.

    Also say which clusters stand there, by country.
    """
    from geocluster.clusters import find_clusters
    from geocluster.spanning import spanning_test

    own = within(table, region, CUT_KM)
    clusters = find_clusters(own, radius_km=10)
    here = within(own, region, region.radius_km).index
    told = []
    for label in sorted(set(clusters.labels.loc[here].dropna())):
        members = own.loc[(clusters.labels == label).fillna(value=False), "country"].value_counts()
        told.append("+".join(f"{code} {n}" for code, n in members.items()))
    result = spanning_test(own, clusters.labels, null="lgcp", rng=SEED, workers=CORES)
    return result, ", ".join(told[:MOST] + [f"{len(told) - MOST} more"] * (len(told) > MOST)) or "none"


def explain(result: SpanningResult, region: Region) -> Explanation:
    """Ask of a region, its countries or, where it has one only, all in reach."""
    countries = region.countries if len(region.countries) > 1 else None
    return result.explain((region.lon, region.lat), radius_km=region.radius_km, countries=countries)


def best_rows(told: Explanation) -> list[dict[str, Any]]:
    """Choose the family that comes nearest to a claim, for each reading."""
    frame = told.frame.assign(order=~told.frame["claimed"], none=told.frame["p"].isna())
    weakest = told.counts.groupby(["reading", "family"])["tail"].apply(lambda tails: sorted(tails)[-2:][0])
    frame["weak"] = [weakest.get((row["reading"], row["family"]), 1.0) for row in frame.to_dict("records")]
    frame = frame.sort_values(["order", "none", "p", "weak"], kind="stable")
    return [dict(row) for row in frame.groupby("reading", sort=False).head(1).to_dict("records")]


def say_counts(told: Explanation, row: Mapping[str, Any]) -> str:
    """Say O/E of each country in a row's circle."""
    own = told.counts[(told.counts["reading"] == row["reading"]) & (told.counts["family"] == row["family"])]
    return ", ".join(f"{one['country']} {one['observed']:.0f}/{one['expected']:.1f}" for one in own.to_dict("records"))


def summary_line(region: Region, told: Mapping[str, Explanation], found: str, three: str) -> str:
    """Tell a region in one row."""
    whole = told[COUNTRIES].region
    whole = whole[whole["reading"] == whole["reading"].iloc[0]] if len(whole) else whole
    data = ", ".join(
        f"{row['country']} {row['observed']:.0f}/{row['expected']:.0f}".replace("nan", "–")
        for row in whole.to_dict("records")
    )
    claims, reasons, beside = [], [], []
    for setting, one in told.items():
        beside += [f"{setting}, {row['reading']}: {row['countries']}" for row in one.reaching.to_dict("records")]
        for row in best_rows(one):
            if row["claimed"]:
                clumps = "" if np.isnan(row["p_lgcp"]) else f", p_LGCP {row['p_lgcp']:.2g}"
                where = f"{row['r_km']:g} km about {row['lat']:.2f}, {row['lon']:.2f}"
                circle = f"{where}: {say_counts(one, row)}, p {row['p']:.2g}{clumps}"
                claims.append(f"**{setting}, {row['reading']}**: {circle}")
            else:
                reasons.append((setting, row, one))
    if claims:
        outcome, words = (
            ("claimed", "; ".join(claims)) if region.verdict == "spans" else ("**TRAP**", "; ".join(claims))
        )
    else:
        outcome = "explained" if region.verdict == "spans" else "refused"
        setting, row, one = min(
            reasons, key=lambda reason: (np.isnan(reason[1]["p"]), reason[1]["p"], reason[1]["weak"])
        )
        circle = "" if np.isnan(row["p"]) else f"{row['r_km']:g} km, {say_counts(one, row)}, p {row['p']:.2g}: "
        words = f"{setting}, {row['reading']}: {circle}{row['why']}"
    measurable = sum(row["observed"] >= MEASURABLE for row in whole.to_dict("records")) >= 2
    words += three + (f"; claimed beside, reaching in: {', '.join(beside)}" if beside and not claims else "")
    cells = [region.name, region.verdict, data, "yes" if measurable else "no", found, outcome, words]
    return f"| {' | '.join(cells)} |"


def detail_lines(region: Region, told: Mapping[str, Explanation]) -> list[str]:
    """Tell a region setting by setting and reading by reading."""
    lines = []
    for setting, one in told.items():
        for row in best_rows(one):
            if np.isnan(row["p"]):
                shown = ["", "", "", ""]
            else:
                clumps = "" if np.isnan(row["p_lgcp"]) else f"{row['p_lgcp']:.2g}"
                shown = [f"{row['p']:.2g}", clumps, f"{row['r_km']:g}", say_counts(one, row)]
            cells = [region.name, setting, row["reading"], *shown, "**claimed**" if row["claimed"] else row["why"]]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def say_three(result: SpanningResult, region: Region) -> str:
    """Say of three countries whether all of them are shown in excess together."""
    if len(region.countries) < 3 or result.provenance.parameters["unit"] != "region":
        return ""
    told = result.explain((region.lon, region.lat), radius_km=region.radius_km, countries=region.countries, at_least=3)
    row = best_rows(told)[0]
    if row["claimed"]:
        return f"; at least three ({row['reading']}): {row['r_km']:g} km, {say_counts(told, row)}, p {row['p']:.2g}"
    return f"; at least three: no ({row['reading']}: {say_counts(told, row)}; {row['why']})"


def main() -> None:
    """Run all and write the tables."""
    from geocluster.spanning import spanning_test

    start = time.perf_counter()
    table = read_folded(shared_data())
    listed = read_regions(shared_data())
    worlds = {
        name: spanning_test(table, unit="border", permutations=PERMUTATIONS, rng=SEED, workers=CORES, **options)
        for name, options in WORLDS.items()
    }
    summary, details = {}, []
    for region in (*listed, *MORE):
        own, found = ask_cut(table, region)
        told = {name: explain(result, region) for name, result in (worlds | {CUT: own}).items()}
        summary[region.name] = summary_line(region, told, found, say_three(own, region))
        print(summary[region.name], flush=True)
        if region in listed:
            details += detail_lines(region, told)
    write_table("benchmarks.md", "known_clusters", page_lines(table, worlds, summary, details, listed))
    print(f"{time.perf_counter() - start:.0f} s")


def page_lines(
    table: GeoDataFrame,
    worlds: Mapping[str, SpanningResult],
    summary: Mapping[str, str],
    details: list[str],
    listed: list[Region],
) -> list[str]:
    """Write the page."""
    claims = {
        name: "; ".join(
            f"{reading}: {' '.join(sorted(set(rows['family'])))}" for reading, rows in one.windows.groupby("reading")
        )
        or "none"
        for name, one in worlds.items()
    }
    borders = {name: one.families["reading"].value_counts().max() for name, one in worlds.items()}
    head = ["| region | known as | O/E within its radius | measurable | clusters there | outcome | told |"]
    head.append("|---|" + "---|" * 6)
    return [
        "## Known cross-border regions, laboratories folded",
        "",
        f"{len(table):,} active organisations of ROR, laboratories folded into their parents (`fold_units`).",
        f"`benchmarks/known_clusters.py`, seed {SEED}, P = {PERMUTATIONS:,} for the world; the same for every region:",
        "",
        f"- *{WORLD}*: the defaults, every border a family (study area 'extent', circles up to 25 km);",
        f"  {borders[WORLD]} borders; claims: {claims[WORLD]}.",
        f"- *{COUNTRIES}*: ROR lists whole countries, so this area is right; {borders[COUNTRIES]} borders; claims:",
        f"  {claims[COUNTRIES]}.",
        f"- *{WIDE}*: as the reference run above; {borders[WIDE]} borders; claims: {claims[WIDE]}.",
        f"- *{CUT}*: what a user has who cuts the table to a region: the rows within {CUT_KM:g} km (the widest region",
        "  and its circles), else the defaults, with the second p on a clustered background.",
        "",
        "Circles up to 25 km, γ, P and α are the defaults, the same for all; 40 km is the reference run's and was not",
        "chosen by these regions. *O/E within its radius*: per head, whole countries; described, not tested.",
        "*Measurable*: at least 5 of each of two countries, laboratories folded. *Clusters there*: DBSCAN, 5 within",
        "10 km, of the cut table; + joins countries in one cluster. *Outcome*: *claimed* by one setting at least;",
        "*explained*: the circle nearest to a claim, of all settings, and what stands in its way; *refused*: a place",
        "known to be none, and none claimed. π: chance of as many in that circle alone. Each setting has the level for",
        "itself: four of them together err more often, and a claim at 40 km only is one about a wide circle.",
        "",
        *head,
        *(summary[region.name] for region in listed),
        "",
        "More of the kind, not of that list, written down beforehand:",
        "",
        *head,
        *(summary[region.name] for region in MORE),
        "",
        "The list setting by setting:",
        "",
        "| region | setting | reading | p | p LGCP | r, km | O/E | why not |",
        "|---|" + "---|" * 7,
        *details,
    ]


if __name__ == "__main__":
    main()
