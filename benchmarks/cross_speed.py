"""How fast is the cross-K, ten distances to 50 km, under 200 relabellings within countries?

Beside scipy's `cKDTree.count_neighbors`, called for each labelling (timed on some, scaled to
200); beside spatstat's `envelope(Kcross)` where Rscript is. Both kinds hold half of the rows.
Counts of every labelling that the peer counts are asserted to be the same.
Writes its tables into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tables import write_table

DRAWS, REPEATS, SPREAD_KM = 200, 3, 15.0
LARGE = 300_000
AT_KM = np.linspace(5, 50, 10)
CITIES, SHARE, CITY = 300, 0.9, 15_000


@dataclass(frozen=True)
class Rows:
    """Points and countries, and whether many share a point."""

    name: str
    longitude: Any
    latitude: Any
    country: Any
    calls: int


def draw(rng: np.random.Generator, n: int, *, centroids: bool, calls: int) -> Rows:
    """Scatter rows about cities drawn by population, or put them on the centroids of cities by population."""
    from scipy.spatial import cKDTree

    from geocluster.datasets import place_arrays
    from geocluster.distance import to_ecef

    places = place_arrays()
    share = places.population / places.population.sum()
    if centroids:
        cities = np.where(places.population >= CITY, share, 0.0)
        city = rng.choice(len(share), n, p=cities / cities.sum())
        name = f"{n:,}, {len(np.unique(city)):,} city centroids"
        return Rows(name, places.longitude[city], places.latitude[city], places.country[city], calls)
    city = rng.choice(len(share), CITIES, replace=False, p=share)
    centre = np.column_stack([places.longitude[city], places.latitude[city]])
    near = round(n * SHARE)
    at = centre[rng.integers(CITIES, size=near)]
    away = rng.normal(0, SPREAD_KM / 111.2, (near, 2))
    away[:, 0] /= np.cos(np.radians(at[:, 1]))
    low, high = np.sin(np.radians([-35, 65]))
    evenly = [rng.uniform(-180, 180, n - near), np.degrees(np.arcsin(rng.uniform(low, high, n - near)))]
    longitude, latitude = np.vstack([at + away, np.column_stack(evenly)]).T
    longitude = (longitude + 180) % 360 - 180
    own = cKDTree(to_ecef(*centre.T)).query(to_ecef(longitude, latitude))[1]
    return Rows(f"{n:,} about {CITIES} cities", longitude, latitude, places.country[city][own], calls)


def ours(rows: Rows, workers: int) -> tuple[Any, Any]:
    """Count: from coordinates to counts of every labelling; also the labels of the first ones."""
    from geocluster.cross.inference import label_scene
    from geocluster.cross.measuring import Counter
    from geocluster.cross.scene import Kinds
    from geocluster.distance import to_ecef
    from geocluster.graph import reach_km

    names, country = np.unique(rows.country, return_inverse=True)
    half = np.arange(len(country)) % 2 == 0
    kinds = Kinds(names.astype(str).tolist(), country, half, ~half, None)
    scene = label_scene(kinds, to_ecef(rows.longitude, rows.latitude), rows.longitude, rows.latitude, "K")
    counter = Counter(scene, "K", AT_KM, np.array([reach_km(r) for r in AT_KM]), workers=workers)
    left, right = scene.draw(np.random.default_rng(1), DRAWS)
    return counter.count(left, right).sum(axis=1), (scene, left, right)


def points_of(scene: Any, column: Any) -> Any:
    """Give the points of one labelling, each as often as it bears the label."""
    leaves = scene.leaves
    xyz = leaves.xyz.reshape(3, -1).T
    if column.dtype == np.uint64:
        bits = np.unpackbits(column.view(np.uint8), bitorder="little").astype(bool)
        return xyz[bits]
    return np.repeat(xyz, column, axis=0)


def scipy_seconds(found: Any, labelled: Any, calls: int) -> float:
    """Time some of the labellings and scale; assert that every count is ours."""
    from scipy.spatial import cKDTree

    from geocluster.graph import reach_km

    scene, left, right = labelled
    chords = [reach_km(r) for r in AT_KM]
    spent = []
    for b in range(calls):
        ones, others = points_of(scene, left[:, b].copy()), points_of(scene, right[:, b].copy())
        start = time.process_time()
        counts = cKDTree(ones).count_neighbors(cKDTree(others), chords)
        spent.append(time.process_time() - start)
        np.testing.assert_array_equal(found[b], counts)
    return statistics.mean(spent) * DRAWS


def spatstat_seconds(rows: Rows) -> float | None:
    """Time spatstat's envelope in the plane, 199 random labellings of all rows, if Rscript is there."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        scale = np.column_stack([rows.longitude * np.cos(np.radians(rows.latitude)), rows.latitude]) * 111.2
        np.savetxt(path, scale, delimiter=",")
        script = (
            f"suppressMessages(library(spatstat)); x <- read.csv('{path}', header=FALSE);"
            "p <- ppp(x$V1, x$V2, range(x$V1), range(x$V2),"
            " marks=factor(rep(c('a','b'), length.out=nrow(x))), check=FALSE);"
            "f <- function(p, ...) Kcross(p, 'a', 'b', r=seq(0, 50, length.out=513), correction='none');"
            "cat(system.time(envelope(p, f, nsim=199, simulate=expression(rlabel(p)), verbose=FALSE))[['elapsed']])"
        )
        told = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True)
        return float(told.stdout.split()[-1])


def compare(rows: Rows, workers: int) -> tuple[float, float, float | None]:
    """Give median seconds: ours, scipy's, spatstat's; interleaved, the first turn to warm."""
    mine, peer = [], []
    ours(rows, workers)
    for _ in range(REPEATS if len(rows.country) < LARGE else 1):
        start = time.process_time()
        found, labelled = ours(rows, workers)
        mine.append(time.process_time() - start)
        peer.append(scipy_seconds(found, labelled, rows.calls))
    spatstat = spatstat_seconds(rows) if len(rows.country) <= 10_000 else None
    return statistics.median(mine), statistics.median(peer), spatstat


def whole_seconds(rows: Rows, workers: int) -> float:
    """Time `cross_test` itself, once."""
    import geopandas as gpd

    from geocluster import cross_test

    kind = np.where(np.arange(len(rows.country)) % 2 == 0, "a", "b")
    points = gpd.points_from_xy(rows.longitude, rows.latitude)
    table = gpd.GeoDataFrame({"country": rows.country.astype(str), "kind": kind}, geometry=points, crs="EPSG:4326")
    start = time.process_time()
    cross_test(table, kind="a", near_kind="b", at_km=AT_KM, null="labelling", permutations=199, rng=1, workers=workers)
    return time.process_time() - start


def main() -> None:
    """Time all and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--largest", type=int, default=1_000_000)
    chosen = parser.parse_args()
    plan = [(10_000, False, 10), (30_000, False, 5), (100_000, False, 2), (100_000, True, 2), (1_000_000, True, 1)]
    plan += [(300_000, False, 1), (1_000_000, False, 1)]
    threads = f"{chosen.workers} thread{'s' if chosen.workers > 1 else ''}"
    lines = [
        "## Cross-K under relabelling",
        "",
        f"Ten distances to 50 km, {DRAWS} relabellings of two kinds (half and half) within countries, from coordinates",
        f"to counts; {threads}. {SHARE:.0%} of the rows lie about {CITIES} cities drawn by population (sd 15 km),",
        f"the rest anywhere between 35° S and 65° N; or all on centroids of cities of {CITY:,} people. Peer: scipy's",
        "`cKDTree.count_neighbors`, building its trees included, timed on some labellings and scaled to 200 (`~`).",
        f"Its counts are asserted to be ours. CPU seconds, for the machine was shared; median of {REPEATS}",
        f"(from {LARGE:,} rows on once), interleaved, compilation left out. `cross_test` does more: E, envelopes, and",
        "both directions of attraction, 199 redraws.",
        "",
        "| rows | geocluster | scipy | times as long | whole of `cross_test` | peak memory so far |",
        "|---|---|---|---|---|---|",
    ]
    spatstat: float | None = None
    for n, centroids, calls in plan:
        if n > chosen.largest:
            continue
        rows = draw(np.random.default_rng(n + centroids), n, centroids=centroids, calls=calls)
        mine, peer, third = compare(rows, chosen.workers)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cells = [
            rows.name,
            f"{mine:.3f} s",
            f"~{peer:.4g} s",
            f"{peer / mine:.0f}",
            f"{whole_seconds(rows, chosen.workers):.2f} s",
        ]
        lines.append(f"| {' | '.join(cells)} | {peak:,.0f} MiB |")
        print(lines[-1], flush=True)
        if third is not None:
            spatstat = third / mine
    lines.append("")
    lines.append(
        f"spatstat's `envelope(Kcross)`, 199 labellings of 10,000 rows: {spatstat:.0f} times as long."
        if spatstat
        else "spatstat's `envelope(Kcross)` was not timed: there was no Rscript."
    )
    write_table("benchmarks.md", "cross", lines)


if __name__ == "__main__":
    main()
