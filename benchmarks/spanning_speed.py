"""How fast is the spanning test at 50,000 organisations?

60,000 places, r_max 15, P = 999, beside numpy's multinomial draws and a sparse
windows x places product, which is what one would write first. Then, where the shared
data are found ($GEOCLUSTER_SHARED, else ../shared), ROR with every border of the world,
P = 9,999. One and two threads must give the same numbers.
Writes its tables into docs/benchmarks.md; `--only world` or `--only plain` runs one part.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scenarios import KM_PER_DEGREE
from scipy import sparse
from tables import write_table

PLACES, ORGANISATIONS, PERMUTATIONS, REPEATS = 60_000, 50_000, 999, 3


def draw(rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Lay clumped places over 2,000 x 1,500 km with a border in the middle, and organisations on them."""
    size = np.array([2000.0, 1500.0])
    centres = rng.uniform([0, 0], size, (700, 2))
    clumped = centres[rng.integers(700, size=PLACES * 3 // 10)]
    clumped = np.clip(clumped + rng.normal(0, 10, clumped.shape), [0, 0], size)
    xy = np.vstack([rng.uniform([0, 0], size, (PLACES - len(clumped), 2)), clumped])
    population = np.minimum(500 * (1 + rng.pareto(1.1, PLACES)), 1.5e6)
    country = np.where(xy[:, 0] < 1000 + 40 * np.sin(xy[:, 1] / 40), 0, 1)
    own = [np.flatnonzero(country == c) for c in (0, 1)]
    at = [np.array([1000 + 40 * np.sin(y / 40), y]) for y in np.arange(12.5, 1500, 25)]
    near = [rows[np.argsort(((xy[rows] - point) ** 2).sum(1))[:8]] for rows in own for point in at]
    place = np.concatenate(
        [rng.choice(rows, 40) for rows in near]
        + [
            rng.choice(np.flatnonzero(country == c), n, p=population[country == c] / population[country == c].sum())
            for c, n in ((0, ORGANISATIONS * 6 // 10 - 2400), (1, ORGANISATIONS * 4 // 10 - 2400))
        ]
    )
    code = np.array(["AA", "BB"])[country]
    points = gpd.points_from_xy(xy[:, 0] / KM_PER_DEGREE, (xy[:, 1] - 750) / KM_PER_DEGREE, crs="EPSG:4326")
    frame = gpd.GeoDataFrame({"country": code, "population": population}, geometry=points)
    frame["border_km"] = np.abs(xy[:, 0] - 1000)
    return frame, gpd.GeoDataFrame({"country": code[place]}, geometry=points[place])


def peer_seconds(places: gpd.GeoDataFrame, table: gpd.GeoDataFrame, permutations: int) -> float:
    """Time the plain way on one reading: multinomial draws times a sparse matrix of all kept windows."""
    from geocluster.distance import to_ecef
    from geocluster.spanning.windows import build_windows

    lon, lat = np.asarray(places.geometry.x), np.asarray(places.geometry.y)
    country = (places["country"] == "BB").to_numpy().astype(np.int64)
    windows = build_windows(to_ecef(lon, lat), lon, lat, country, r_max_km=15, among=[0, 1])
    centres, radii = windows.shape
    rows, columns = [], []
    for r in range(radii):
        inside = windows.entry_radius <= r
        rows.append(windows.entry_centre[inside].astype(np.int64) * radii + r)
        columns.append(windows.entry_place[inside])
    matrix = sparse.csr_array(
        (np.ones(sum(map(len, rows))), (np.concatenate(rows), np.concatenate(columns))),
        shape=(centres * radii, len(lon)),
    )
    population = places["population"].to_numpy()
    rng = np.random.default_rng(1)
    start = time.perf_counter()
    for c in (0, 1):
        share = np.where(country == c, population, 0) / population[country == c].sum()
        n = int((table["country"] == ("AA", "BB")[c]).sum())
        expected = n * (matrix @ share)
        for _ in range(permutations):
            observed = matrix @ rng.multinomial(n, share)
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = observed * np.log(observed / expected) + (n - observed) * np.log(
                    (n - observed) / (n - expected)
                )
            np.nanmax(np.where(observed > expected, ratio, 0))
    return time.perf_counter() - start


def load_world() -> gpd.GeoDataFrame | None:
    """Read the active organisations of ROR, with the country they state; None without the shared data."""
    shared = Path(os.environ.get("GEOCLUSTER_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    path = shared / "data" / "ror_organisations.csv.gz"
    if not path.exists():
        return None
    rows = pd.read_csv(path, keep_default_na=False)
    rows = rows[(rows["status"] == "active") & (rows["lat"].astype(str) != "") & (rows["country"] != "")]
    points = gpd.points_from_xy(rows["lng"].astype(float), rows["lat"].astype(float), crs="EPSG:4326")
    return gpd.GeoDataFrame({"country": rows["country"].to_numpy()}, geometry=points)


def run_world() -> None:
    """Test all borders of the world, stopping early and not, on one thread and on two."""
    from geocluster.spanning import spanning_test

    table = load_world()
    if table is None:
        print("no shared data: the world is left out")
        return
    spanning_test(table[table["country"].isin(["DK", "SE"])], rng=1)  # compile
    lines, results = [], {}
    runs: dict[str, dict[str, Any]] = {
        "one thread": {},
        "two threads": {"workers": 2},
        "one thread, every redraw made": {"sequential": False},
        "one thread, whole countries": {"study_area": "countries"},
    }
    for words, options in runs.items():
        start, cpu = time.perf_counter(), time.process_time()
        found = results[words] = spanning_test(table, permutations=9_999, rng=1, **options)
        seconds, used = time.perf_counter() - start, time.process_time() - cpu
        draws, borders = int(found.families["draws"].sum()), len(found.families) // 2
        lines.append(f"| {words} | {borders} | {draws:,} | {len(found.windows)} | {seconds:.1f} | {used:.1f} |")
        print(lines[-1], flush=True)
    one, two, every = (results[w] for w in ("one thread", "two threads", "one thread, every redraw made"))
    for name in ("windows", "families", "counts", "conjunctions"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    pd.testing.assert_frame_equal(one.windows, every.windows, check_exact=True)
    write_table(
        "benchmarks.md",
        "spanning_world",
        [
            "## Spanning test of the world",
            "",
            f"{len(table):,} organisations of ROR, every border, both readings, P = 9,999. The",
            "same numbers on one and two threads and the same claims with and without stopping early: asserted.",
            "",
            "| | borders | redraws of a country | claims | seconds | seconds of processor |",
            "|---|---|---|---|---|---|",
            *lines,
        ],
    )


def run_plain() -> None:
    """Time both and write the table."""
    from geocluster.spanning import spanning_test

    places, table = draw(np.random.default_rng(1))
    small = table.sample(500, random_state=1)
    spanning_test(small, background=places, study_area="countries", r_max_km=15, rng=1)  # compile
    ours, peers = [], []
    for _ in range(REPEATS):
        start = time.perf_counter()
        spanning_test(table, background=places, study_area="countries", r_max_km=15, permutations=PERMUTATIONS, rng=1)
        ours.append((time.perf_counter() - start) / 2)  # two readings
        peers.append(peer_seconds(places, table, 20) * PERMUTATIONS / 20)
    mine, peer = statistics.median(ours), statistics.median(peers)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write_table(
        "benchmarks.md",
        "spanning",
        [
            "## Spanning test",
            "",
            f"n = {ORGANISATIONS:,}, {PLACES:,} places, r_max 15 km, P = {PERMUTATIONS}, clusters all along the border",
            "so that most circles near it are tested; one core; one of the two readings, everything included;",
            f"median of {REPEATS}, interleaved; peak memory {peak:.0f} MiB.",
            "",
            "| | seconds | ratio |",
            "|---|---|---|",
            f"| geocluster | {mine:.2f} | 1 |",
            f"| numpy multinomial + scipy sparse (redraws only; 20 draws, scaled) | {peer:.0f} | {peer / mine:.0f} |",
        ],
    )
    print(f"{mine:.2f} s, peer {peer:.0f} s")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["plain", "world"])
    chosen = parser.parse_args()
    if chosen.only != "world":
        run_plain()
    if chosen.only != "plain":
        run_world()


if __name__ == "__main__":
    main()
