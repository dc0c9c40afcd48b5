"""How fast is DBSCAN on 100,000 clustered points of the globe, and on a million?

Beside scikit-learn's: with the haversine ball tree that one would take, and on
earth-centred points, where cores and clusters must be the same.
Writes its table into docs/benchmarks.md.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from typing import Any

import geopandas as gpd
import numpy as np
from tables import write_table

ROWS, RADIUS_KM, MINIMUM, REPEATS = 100_000, 10.0, 5, 3
SPREAD_KM = 15.0
LARGE, CITIES_OF_LARGE, SHARE_OF_LARGE = (250_000, 500_000, 1_000_000), 3_000, 0.9
SCENES = {"300 cities, 90 % of the rows": (300, 0.9), "1,000 towns, 70 % of the rows": (1000, 0.7)}


def draw(rng: np.random.Generator, cities: int, share: float, rows: int = ROWS) -> gpd.GeoDataFrame:
    """Scatter a share of the rows normally about cities of the gazetteer, the rest evenly between 35° S and 65° N.

    Cities are drawn by population; a row is of the country of the nearest one.
    """
    from scipy.spatial import cKDTree

    from geocluster.datasets import place_arrays
    from geocluster.distance import to_ecef

    places = place_arrays()
    city = rng.choice(len(places.population), cities, replace=False, p=places.population / places.population.sum())
    centre = np.column_stack([places.longitude[city], places.latitude[city]])
    near = round(rows * share)
    at = centre[rng.integers(cities, size=near)]
    away = rng.normal(0, SPREAD_KM / 111.2, (near, 2))
    away[:, 0] /= np.cos(np.radians(at[:, 1]))
    low, high = np.sin(np.radians([-35, 65]))
    evenly = [rng.uniform(-180, 180, rows - near), np.degrees(np.arcsin(rng.uniform(low, high, rows - near)))]
    longitude, latitude = np.vstack([at + away, np.column_stack(evenly)]).T
    longitude = (longitude + 180) % 360 - 180
    own = cKDTree(to_ecef(*centre.T)).query(to_ecef(longitude, latitude))[1]
    code = np.array(places.country_codes, dtype=object)[places.country[city]]
    points = gpd.points_from_xy(longitude, latitude)
    return gpd.GeoDataFrame({"country": code[own], "kind": "firm"}, geometry=points, crs="EPSG:4326")


def assert_same(found: Any, peer: Any) -> None:
    """Assert that cores, clusters of cores, and noise are the same."""
    core = np.zeros(ROWS, dtype=bool)
    core[peer.core_sample_indices_] = True
    np.testing.assert_array_equal(found.core, core)
    np.testing.assert_array_equal(found.label > 0, peer.labels_ >= 0)
    pairs = np.unique(np.column_stack([found.label, peer.labels_])[core], axis=0)
    assert len(pairs) == found.label.max() == peer.labels_.max() + 1


def compare(table: gpd.GeoDataFrame) -> list[float]:
    """Give median seconds: ours, the whole of `find_clusters`, haversine ball tree, earth-centred k-d tree."""
    from sklearn.cluster import DBSCAN

    from geocluster.clusters import find_clusters
    from geocluster.clusters.density import find_dense
    from geocluster.distance import RADIUS_KM as EARTH_KM
    from geocluster.distance import to_ecef
    from geocluster.graph import reach_km

    longitude, latitude = table.geometry.x.to_numpy(), table.geometry.y.to_numpy()
    angles = np.radians(np.column_stack([latitude, longitude]))
    haversine = DBSCAN(eps=RADIUS_KM / EARTH_KM, min_samples=MINIMUM, metric="haversine", algorithm="ball_tree")
    chords = DBSCAN(eps=reach_km(RADIUS_KM), min_samples=MINIMUM)
    ways = [
        lambda: find_dense(longitude, latitude, radius_km=RADIUS_KM, minimum=MINIMUM),
        lambda: find_clusters(table, radius_km=RADIUS_KM, minimum=MINIMUM),
        lambda: haversine.fit(angles),
        lambda: chords.fit(to_ecef(longitude, latitude)),
    ]
    seconds: list[list[float]] = [[] for _ in ways]
    for turn in range(REPEATS + 1):  # the first is to compile and to warm all of them
        for way, spent in zip(ways, seconds, strict=True):
            start = time.perf_counter()
            answer = way()
            if turn:
                spent.append(time.perf_counter() - start)
            if way is ways[0]:
                found = answer
        assert_same(found, chords)
    return [statistics.median(spent) for spent in seconds]


def grow(rows: int) -> str:
    """Give a row of the table of growth: seconds, and the peak of memory beyond the table."""
    from geocluster.clusters import find_clusters
    from geocluster.clusters.density import find_dense

    table = draw(np.random.default_rng(rows), CITIES_OF_LARGE, SHARE_OF_LARGE, rows)
    longitude, latitude = table.geometry.x.to_numpy(), table.geometry.y.to_numpy()
    cells = []
    for way in (
        lambda: find_dense(longitude, latitude, radius_km=RADIUS_KM, minimum=MINIMUM),
        lambda: find_clusters(table, radius_km=RADIUS_KM, minimum=MINIMUM),
    ):
        way()  # compiled, and memory touched
        spent = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            way()
            spent.append(time.perf_counter() - start)
        tracemalloc.start()
        way()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        cells += [f"{statistics.median(spent):.2f}", f"{peak / 2**20:,.0f}", f"{peak / rows:,.0f}"]
    return f"| {rows:,} | " + " | ".join(cells) + " |"


def main() -> None:
    """Time all on each scene and write the table."""
    lines = [
        "## Density clusters",
        "",
        f"DBSCAN of {ROWS:,} rows, within {RADIUS_KM:g} km, at least {MINIMUM}; cities of the gazetteer, spread by",
        f"{SPREAD_KM:g} km, the rest evenly over the globe; one core. In every run cores, clusters and noise are",
        f"those of scikit-learn on earth-centred points. Median of {REPEATS}, interleaved, compilation left out.",
        "In brackets: times our labels and cores.",
        "",
        "| | " + " | ".join(SCENES) + " |",
        "|---|" + "---|" * len(SCENES),
    ]
    results = [compare(draw(np.random.default_rng(seed), *scene)) for seed, scene in enumerate(SCENES.values())]
    names = [
        "geocluster, labels and cores",
        "geocluster, `find_clusters` (names, extents, border dependence too)",
        "scikit-learn, haversine ball tree",
        "scikit-learn, earth-centred k-d tree",
    ]
    for i, name in enumerate(names):
        cells = [f"{result[i]:.3f} s ({result[i] / result[0]:.1f})" for result in results]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += [
        "",
        f"More rows about {CITIES_OF_LARGE:,} cities, {SHARE_OF_LARGE:.0%} of them; scikit-learn lists all neighbours",
        "and runs out of memory. Memory: the peak of what Python and numpy hold beyond the table.",
        "",
        "| rows | labels, s | MiB | bytes a row | `find_clusters`, s | MiB | bytes a row |",
        "|--:|--:|--:|--:|--:|--:|--:|",
        *map(grow, LARGE),
    ]
    write_table("benchmarks.md", "dbscan", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
