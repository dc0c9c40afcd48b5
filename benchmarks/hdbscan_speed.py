"""How fast is HDBSCAN on 100,000 clustered points of the globe?

Beside fast_hdbscan on earth-centred points (`pip install fast_hdbscan`; left out where
it is not there), and once beside scikit-learn, which needs minutes. Writes its table
into docs/benchmarks.md.
"""

from __future__ import annotations

import os
import statistics
import time
from importlib.util import find_spec
from typing import Any

import dbscan as scenes
import numpy as np
from tables import write_table

MINIMUM, REPEATS = 10, 3


def clock(way: Any) -> tuple[float, Any]:
    """Time one call."""
    start = time.perf_counter()
    answer = way()
    return time.perf_counter() - start, answer


def main() -> None:
    """Time all and write the table."""
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import adjusted_rand_score

    from geocluster.clusters.hierarchy import find_hierarchy
    from geocluster.distance import to_ecef

    table = scenes.draw(np.random.default_rng(0), *next(iter(scenes.SCENES.values())))
    longitude, latitude = table.geometry.x.to_numpy(), table.geometry.y.to_numpy()
    xyz = to_ecef(longitude, latitude)

    def ours(samples: int = MINIMUM) -> Any:
        return find_hierarchy(longitude, latitude, minimum=MINIMUM, samples=samples)

    ways: dict[str, Any] = {"geocluster": ours}
    agree = ""
    if find_spec("fast_hdbscan") is not None:
        import fast_hdbscan
        import numba

        # it does not count the point itself
        peer = fast_hdbscan.HDBSCAN(min_cluster_size=MINIMUM, min_samples=MINIMUM - 1)
        ways[f"fast_hdbscan on earth-centred points, {numba.get_num_threads()} threads"] = lambda: peer.fit(xyz)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(REPEATS + 1):  # the first is to compile and to warm all of them
        for name, way in ways.items():
            spent, _ = clock(way)
            if turn:
                seconds[name].append(spent)
    base = statistics.median(seconds["geocluster"])
    lines = [f"| {name} | {statistics.median(spent):.2f} | {statistics.median(spent) / base:.1f} |"
             for name, spent in seconds.items()]  # fmt: skip
    if len(ways) > 1:
        score = adjusted_rand_score(ours().label, peer.labels_)
        agree = f" Adjusted Rand index with fast_hdbscan {score:.3f}: the rest are ties, which it breaks by row order."
    if not os.environ.get("WITHOUT_SKLEARN"):
        slow = HDBSCAN(min_cluster_size=MINIMUM, min_samples=MINIMUM, copy=True)
        spent, fitted = clock(lambda: slow.fit(xyz))
        again, found = clock(ours)
        score = adjusted_rand_score(found.label, fitted.labels_)
        lines.append(f"| scikit-learn on earth-centred points, one run | {spent:.0f} | {spent / again:.0f} |")
        agree += f" With scikit-learn {score:.3f}."
    head = [
        "## HDBSCAN",
        "",
        f"{len(table):,} rows, 300 cities of the gazetteer with 90 % of them, clusters of at least {MINIMUM};",
        f"the whole, labels and strengths. Median of {REPEATS}, interleaved, compilation left out;",
        f"ours on one thread.{agree}",
        "",
        "| | seconds | ratio |",
        "|---|---|---|",
    ]
    write_table("benchmarks.md", "hdbscan", [*head, *lines])
    print("\n".join([*head, *lines]))


if __name__ == "__main__":
    main()
