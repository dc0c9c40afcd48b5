"""How long does a test of every place take, beside esda in the same run?

Writes a section of docs/benchmarks.md: `python benchmarks/hotspots_speed.py`.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from tables import write_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from libpysal.graph import Graph

CITIES, COUNTRIES, SPREAD_DEGREES, NEAREST = 300, 40, 0.3, 8
PERMUTATIONS, REPEATS = 999, 3


def draw(rows: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw rows around cities, the country that of the nearest capital, values and a kind at random."""
    from scipy.spatial import cKDTree

    cities = np.column_stack([rng.uniform(-10, 30, CITIES), rng.uniform(40, 60, CITIES)])
    capitals = np.column_stack([rng.uniform(-10, 30, COUNTRIES), rng.uniform(40, 60, COUNTRIES)])
    at = cities[rng.integers(CITIES, size=rows)] + rng.normal(0, SPREAD_DEGREES, (rows, 2))
    code = cKDTree(capitals).query(at)[1]
    values = rng.normal(10, 1, rows)  # above 0: esda's z of G turns its sign with that of the sum
    return gpd.GeoDataFrame(
        {"country": np.array([f"C{i:02d}" for i in range(COUNTRIES)])[code], "x": values, "one": values > 10.8},
        geometry=gpd.points_from_xy(*at.T), crs="EPSG:4326",
    )  # fmt: skip


def ways(table: gpd.GeoDataFrame, graph: Graph, workers: int) -> dict[str, tuple[Callable[[], Any], ...]]:
    """Give by statistic: our engine on arrays, `hotspot_test`, esda; each returns its values."""
    from esda.getisord import G_Local
    from esda.join_counts_local import Join_Counts_Local
    from esda.moran import Moran_Local

    from geocluster import hotspot_test
    from geocluster.autocorrelation.measures import measure
    from geocluster.graph import to_sparse
    from geocluster.splitting import Countries
    from geocluster.splitting.conditional import redraw_conditionally
    from geocluster.splitting.counts import count_exactly

    weights, x = to_sparse(graph, table.index), table["x"].to_numpy()
    one = table["one"].to_numpy(dtype=np.float64)
    country = Countries.of(table["country"]).code

    def engine(statistic: Any) -> Any:
        told = measure(statistic, weights, x, x, country, standardised=False)
        found = redraw_conditionally(
            told.weights, told.near, country, country, permutations=PERMUTATIONS, rng=np.random.default_rng(1),
            workers=workers,
        )  # fmt: skip
        return told.parts(found.observed)[:, 0]

    def whole(statistic: Any, column: str) -> Any:
        result = hotspot_test(
            table, graph, column=column, statistic=statistic, permutations=PERMUTATIONS, rng=1, workers=workers,
            surrogates=False,
        )  # fmt: skip
        return result.frame["value"].to_numpy()

    n = len(table)
    options: dict[str, Any] = {"permutations": PERMUTATIONS, "n_jobs": workers, "seed": 1}
    return {
        "local Moran": (
            lambda: engine("moran"),
            lambda: whole("moran", "x"),
            lambda: Moran_Local(x, graph, transformation="B", **options).Is * n / (n - 1),
        ),
        "G*": (
            lambda: engine("getis_ord_star"),
            lambda: whole("getis_ord_star", "x"),
            lambda: G_Local(x, graph, transform="B", star=True, **options).Zs,
        ),
        "local join count": (
            lambda: count_exactly(weights, one, country, country, asked=one > 0, workers=workers).observed[:, 0] * one,
            lambda: whole("join_count", "one"),
            lambda: Join_Counts_Local(connectivity=graph, **options).fit(one.astype(int)).LJC,
        ),
    }


def compare(rows: int, workers: int) -> dict[str, list[float]]:
    """Give median seconds by statistic: engine, whole, esda; with one worker seconds of the processor."""
    from geocluster import build_graph

    warnings.simplefilter("ignore")
    small = draw(2_000, np.random.default_rng(0))
    for each in ways(small, build_graph(small, nearest=NEAREST), workers).values():
        for way in each:
            way()  # compiles and warms all of them
    table = draw(rows, np.random.default_rng(1))
    graph = build_graph(table, nearest=NEAREST)
    clock = time.process_time if workers == 1 else time.perf_counter
    result = {}
    for name, each in ways(table, graph, workers).items():
        seconds: list[list[float]] = [[] for _ in each]
        answers: list[Any] = [None] * len(each)
        for _ in range(REPEATS):
            for k, way in enumerate(each):
                start = clock()
                answers[k] = way()
                seconds[k].append(clock() - start)
        np.testing.assert_allclose(answers[1], answers[0], rtol=1e-10)
        np.testing.assert_allclose(np.asarray(answers[2], dtype=float), answers[0], rtol=1e-8, atol=1e-9)
        result[name] = [statistics.median(spent) for spent in seconds]
        print(name, [round(s, 4) for s in result[name]], flush=True)
    return result


def memory(rows: int) -> tuple[float, float, float]:
    """Give MB: the graph, the peak of the engine, the peak of `hotspot_test`."""
    from geocluster import build_graph

    table = draw(rows, np.random.default_rng(1))
    graph = build_graph(table, nearest=NEAREST)
    adjacency = graph.adjacency
    size = adjacency.to_numpy().nbytes + sum(np.asarray(codes).nbytes for codes in adjacency.index.codes)
    peaks = []
    for way in ways(table, graph, 1)["local Moran"][:2]:
        way()
        tracemalloc.start()
        way()
        peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    return size / 1e6, peaks[0], peaks[1]


def main() -> None:
    """Time all, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=1, help="one: seconds of the processor, whatever else runs")
    chosen = parser.parse_args()
    found = compare(chosen.rows, chosen.workers)
    graph_mb, engine_mb, whole_mb = memory(chosen.rows)
    say = "one thread, one job, seconds of the processor"
    if chosen.workers > 1:
        say = f"{chosen.workers} threads, {chosen.workers} jobs, seconds of the clock"
    lines = [
        "## Hot spots",
        "",
        f"{chosen.rows:,} rows around {CITIES} cities in {COUNTRIES} countries, {NEAREST} nearest neighbours,",
        f"P = {PERMUTATIONS}; {say}. esda (with numba) redraws over all rows, we within countries, with the",
        "parts at home and abroad; join counts are exact here, drawn there. In every run the values are esda's.",
        f"Median of {REPEATS}, interleaved, compilation left out; in brackets: times faster than esda. *Engine*: from",
        "arrays to p; *whole*: `hotspot_test` from table and graph to the frame, with checks, adjustment and classes,",
        "without surrogates.",
        "",
        "| | engine | whole | esda |",
        "|---|---|---|---|",
    ]
    for name, (engine, whole, peer) in found.items():
        lines.append(
            f"| {name} | {engine:.4f} s ({peer / engine:,.0f}) | {whole:.2f} s ({peer / whole:,.0f}) | {peer:.1f} s |"
        )
    peaks = f"peak of the engine {engine_mb:.0f} MB, of the whole {whole_mb:.0f} MB."
    lines += ["", f"Memory, local Moran: graph {graph_mb:.0f} MB; {peaks}"]
    write_table("benchmarks.md", "hotspots", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
