"""How fast are graphs of 100,000 clustered points of the globe?

Nearest neighbours and a distance band, beside libpysal's ways to build them from
longitude and latitude, and beside scipy's k-d tree on earth-centred points, which
does the search alone; edges must be the same. Writes its table into docs/benchmarks.md.
"""

from __future__ import annotations

import os
import statistics
import time
import tracemalloc
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from dbscan import draw
from tables import write_table

if TYPE_CHECKING:
    from collections.abc import Callable

NEAREST, WITHIN_KM, REPEATS = 8, 10.0, 3
WARM = 5_000
CITIES, SHARE = 300, 0.9
OURS, BUILT, TREE = "geocluster, matrix", "geocluster, `build_graph`", "scipy k-d tree, search alone"
EARTH_KM = 6371.0088


def assert_same_neighbours(ours: Any, found: Any, xyz: Any) -> None:
    """Assert that each row's neighbours are as far as the tree's, to a micrometre; ties may fall either way."""
    from geocluster.graph.assembly import chords_of_edges

    told = np.sort(chords_of_edges(ours, xyz).reshape(-1, NEAREST), axis=1)
    np.testing.assert_allclose(told, found[:, 1:], rtol=0, atol=1e-9)


def assert_same_pairs(ours: Any, pairs: Any) -> None:
    """Assert that the band holds the tree's pairs, both ways."""
    one, other = pairs.T
    key = np.sort(np.concatenate([one * ours.shape[0] + other, other * ours.shape[0] + one]))
    row = np.repeat(np.arange(ours.shape[0]), np.diff(ours.indptr))
    np.testing.assert_array_equal(row * ours.shape[0] + ours.indices.astype(np.int64), key)


def share_in_common(ours: Any, theirs: Any) -> float:
    """Give the share of edges that a graph on a sphere has in common with ours."""
    both = ours.astype(bool).multiply(theirs.astype(bool)).nnz
    return both / max(ours.nnz, theirs.nnz)


def time_ways(ways: dict[str, Callable[[slice], Any]]) -> tuple[dict[str, float], dict[str, Any]]:
    """Give median seconds of each way, one after the other in every turn, and the last answers."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    answers: dict[str, Any] = {}
    for turn in range(REPEATS + 1):
        rows = slice(None) if turn else slice(WARM)  # the first is to compile and to warm all of them
        for name, way in ways.items():
            start = time.perf_counter()
            answers[name] = way(rows)
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(spent) for name, spent in seconds.items()}, answers


def peak_over_graph(build: Callable[[slice], Any]) -> float:
    """Give the peak of memory while building, in times of what the finished graph holds."""
    tracemalloc.start()
    graph = build(slice(None))
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert graph is not None
    return peak / held


def main() -> None:
    """Time all, compare the edges, and write the table."""
    from libpysal.graph import Graph
    from libpysal.weights import KNN, DistanceBand
    from scipy.spatial import cKDTree

    from geocluster.distance import to_ecef
    from geocluster.graph import build_graph, reach_km, sparse_neighbours

    warnings.simplefilter("ignore")  # libpysal tells of islands
    table = draw(np.random.default_rng(0), CITIES, SHARE)
    lon, lat = table.geometry.x.to_numpy().round(9), table.geometry.y.to_numpy().round(9)
    degrees, radians, xyz = np.column_stack([lon, lat]), np.radians(np.column_stack([lat, lon])), to_ecef(lon, lat)
    workers = min(os.cpu_count() or 1, 2)
    threads = f"geocluster, matrix, {workers} threads"
    nearest: dict[str, Callable[[slice], Any]] = {
        OURS: lambda rows: sparse_neighbours(lon[rows], lat[rows], nearest=NEAREST),
        threads: lambda rows: sparse_neighbours(lon[rows], lat[rows], nearest=NEAREST, workers=workers),
        BUILT: lambda rows: build_graph(table[rows], nearest=NEAREST),
        "libpysal `Graph.build_knn`, haversine": lambda rows: Graph.build_knn(
            radians[rows], NEAREST, metric="haversine"
        ),
        "libpysal `KNN`, arc": lambda rows: KNN(degrees[rows], NEAREST, distance_metric="arc", radius=EARTH_KM),
        TREE: lambda rows: cKDTree(xyz[rows]).query(xyz[rows], NEAREST + 1, workers=workers)[0],
    }
    band: dict[str, Callable[[slice], Any]] = {
        OURS: lambda rows: sparse_neighbours(lon[rows], lat[rows], within_km=WITHIN_KM),
        threads: lambda rows: sparse_neighbours(lon[rows], lat[rows], within_km=WITHIN_KM, workers=workers),
        BUILT: lambda rows: build_graph(table[rows], within_km=WITHIN_KM),
        "libpysal `DistanceBand`, arc": lambda rows: DistanceBand(
            degrees[rows], WITHIN_KM, distance_metric="arc", radius=EARTH_KM, silence_warnings=True
        ),
        TREE: lambda rows: cKDTree(xyz[rows]).query_pairs(reach_km(WITHIN_KM), output_type="ndarray"),
    }
    lines = [
        "## Graphs",
        "",
        f"{len(table):,} rows about {CITIES} cities, the scene of the first column above; `nearest={NEAREST}` and",
        f"`within_km={WITHIN_KM:g}`. Neighbours are those of scipy's k-d tree on earth-centred points in every run.",
        f"One thread unless told, the tree's search for the nearest on {workers}; median of {REPEATS}, interleaved,",
        "compilation left out. Last column: times our matrix.",
    ]
    for title, ways in ((f"{NEAREST} nearest", nearest), (f"within {WITHIN_KM:g} km", band)):
        seconds, answers = time_ways(ways)
        ours, two = answers[OURS], answers[threads]
        assert ours.indices.tobytes() == two.indices.tobytes()
        assert ours.data.tobytes() == two.data.tobytes()
        if ways is nearest:
            assert_same_neighbours(ours, answers[TREE], xyz)
        else:
            assert_same_pairs(ours, answers[TREE])
        peer = next(name for name in ways if name.startswith("libpysal"))
        common = share_in_common(ours, answers[peer].sparse.tocsr())
        lines += ["", f"| {title}, {ours.nnz:,} edges | seconds | |", "|---|--:|--:|"]
        lines += [f"| {name} | {spent:.3f} | {spent / seconds[OURS]:.1f} |" for name, spent in seconds.items()]
        peak = f"Peak memory of `build_graph` {peak_over_graph(ways[BUILT]):.1f} times what the graph holds;"
        shared = f"{common:.1%} of the edges are those of the first libpysal too, which measures on a sphere."
        lines += ["", peak, shared]
        del answers
    write_table("benchmarks.md", "graphs", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
