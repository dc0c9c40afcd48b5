"""How long do 999 permutations of global Moran's I take, beside esda?

Writes its table into docs/benchmarks.md: `python benchmarks/autocorrelation_speed.py`.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from tables import write_table

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 5
NEAREST = 8
PERMUTATIONS = 999


def make_table(n: int, rng: np.random.Generator) -> Any:
    """Draw points about 300 towns of Europe, in 35 countries of five by nine degrees, and a value with a trend."""
    import geopandas as gpd

    east, north = rng.uniform(-10, 40, 300), rng.uniform(35, 60, 300)
    town = rng.integers(0, 300, n)
    lon, lat = east[town] + rng.normal(0, 0.3, n), north[town] + rng.normal(0, 0.2, n)
    code = (np.floor((east + 10) / 5) * 3 + np.floor((north - 35) / 9)).astype(int)[town]
    x = rng.normal(size=n) + 0.2 * np.sin(lon)
    return gpd.GeoDataFrame(
        {"country": [f"{chr(65 + k // 26)}{chr(65 + k % 26)}" for k in code], "x": x},
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip


def spend(work: Callable[[], Any]) -> tuple[float, Any]:
    """Give seconds of the processor and what came of them: others may use the machine."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def main() -> None:
    """Time all in turns, compare, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000)
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    from esda.moran import Moran

    from geocluster import autocorrelation_test, build_graph
    from geocluster.splitting import Workbench, rows_that_enter

    table = make_table(given.n, np.random.default_rng(3))
    graph = build_graph(table, nearest=NEAREST)
    rows = rows_that_enter(table, graph, np.zeros(len(table), dtype=bool), "")
    x = table["x"].to_numpy()
    z = (x - x.mean()) / x.std()
    places = rows.points.xyz[rows.points.of_row]

    def ours(workers: int, permutations: int = PERMUTATIONS) -> Any:
        return autocorrelation_test(
            table, graph, column="x", cross_null="permutation", permutations=permutations, rng=1, workers=workers
        )

    def loops(workers: int) -> Any:
        bench = Workbench(
            rows.weights, rows.countries, places, permutations=PERMUTATIONS, rng=np.random.default_rng(1),
            workers=workers,
        )  # fmt: skip
        observed = bench.edges.products(z)
        draws = bench.draws(
            rows.countries.strata(), lambda order: bench.measure(z[order], z[order]), merge=True,
            fast=lambda shuffles: bench.fast_sums(shuffles, z, observed),
        )  # fmt: skip
        return observed, draws

    peer = "esda `Moran`, numba, values permuted over all rows"
    work: dict[str, Callable[[], Any]] = {
        peer: lambda: Moran(x, graph, transformation="O", permutations=PERMUTATIONS),
        "geocluster, whole, within, across and pairs, permuted in their countries": lambda: loops(1),
        "`autocorrelation_test`, with moments, cross test by direction, checks": lambda: ours(1),
    }
    for warm in (lambda: ours(1, 64), lambda: Moran(x, graph, transformation="O", permutations=9)):
        warm()
    seconds: dict[str, list[float]] = {name: [] for name in work}
    found: dict[str, Any] = {}
    for _ in range(REPEATS):
        for name, do in work.items():
            spent, found[name] = spend(do)
            seconds[name].append(spent)
    names = list(work)
    total = float(rows.weights.sum())
    assert abs(found[peer].I - found[names[1]][0][0] / total) < 1e-12
    parts = found[names[2]].parts
    assert abs(found[peer].I - parts.loc["whole", "value"]) < 1e-12
    assert found[names[1]][1].tobytes() == loops(2)[1].tobytes()
    off = (parts["expected"] - parts["exact"]) / parts["sd"]
    assert float(off.abs().max()) * PERMUTATIONS**0.5 < 5
    middle = {name: statistics.median(spent) for name, spent in seconds.items()}
    graph_bytes = rows.weights.data.nbytes + rows.weights.indices.nbytes + rows.weights.indptr.nbytes
    held = int(graph.adjacency.memory_usage(index=True))
    peak = {}
    for workers in (1, 2):
        tracemalloc.start()
        loops(workers)
        peak[workers] = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
    lines = [
        "## Global Moran's I",
        "",
        f"{given.n:,} points about 300 towns, {len(rows.countries.names)} countries, {NEAREST} nearest neighbours,",
        f"{PERMUTATIONS} permutations; one thread, seconds of the processor, median of {REPEATS}, interleaved,",
        "compilation left out. The value is esda's to 1e-12, one and two threads give the same bytes, and",
        "simulated means lie within five standard errors of the exact ones.",
        "",
        "| | seconds | times as fast as esda |",
        "|---|---|---|",
        *(f"| {name} | {spent:.2f} | {middle[peer] / spent:.1f} |" for name, spent in middle.items()),
        "",
        f"Peak memory of the sums {peak[1]:.0f} MiB with one thread, {peak[2]:.0f} MiB with two; the graph takes",
        f"{held / 2**20:.0f} MiB as a libpysal `Graph`, {graph_bytes / 2**20:.0f} MiB as sparse matrix.",
    ]
    write_table("benchmarks.md", "moran", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
