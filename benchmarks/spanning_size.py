"""How often does each test claim a cluster that is not there, and find one that is?

Writes the table of docs/spanning_size.md: `python benchmarks/spanning_size.py --draws 300`.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from scenarios import SCENARIOS, draw_scene
from tables import write_table

PERMUTATIONS = 199
TESTS: dict[str, dict[str, Any]] = {
    "cross-screened, circles about places, r_max 15, whole countries": {
        "r_max_km": 15,
        "study_area": "countries",
        "midpoints": False,
    },
    "the defaults (midpoints, r_max 25, extent 10 km)": {},
    "the defaults, r_max 15": {"r_max_km": 15},
}
DBSCAN = "DBSCAN (10 km, at least 5) and members of two countries"


def one_draw(scenario: str, seed: np.random.SeedSequence) -> dict[str, bool]:
    """Draw one scene and ask every test of it."""
    from geocluster.clusters import find_clusters

    from geocluster.spanning import spanning_test

    rng = np.random.default_rng(seed)
    scene = draw_scene(scenario, rng)
    table = scene.organisations
    clusters = find_clusters(table, radius_km=10, minimum=5).frame
    found = {DBSCAN: bool(clusters["countries"].astype(str).str.contains(" ").any())}
    for name, options in TESTS.items():
        result = spanning_test(table, background=scene.places, permutations=PERMUTATIONS, rng=rng, **options)
        for reading in result.asked:
            found[f"{name}, {reading}"] = bool((result.windows["reading"] == reading).any())
    return found


def main() -> None:
    """Draw all scenarios and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    start = time.perf_counter()
    shares: dict[str, dict[str, float]] = {}
    with ProcessPoolExecutor(chosen.workers) as pool:
        for number, scenario in enumerate(SCENARIOS):
            seeds = np.random.SeedSequence([chosen.seed, number]).spawn(chosen.draws)
            rows = list(pool.map(partial(one_draw, scenario), seeds, chunksize=5))
            for name in rows[0]:
                shares.setdefault(name, {})[scenario] = float(np.mean([row[name] for row in rows]))
            print(scenario, {name: round(value[scenario], 3) for name, value in shares.items()}, flush=True)
    head = ["(a) null", "(b) one country", "(c) two, 60 km apart", "(e) straddling city", "(h) four one-country"]
    head += [f"power, {scenario.split()[1]} extra a country" for scenario in SCENARIOS[5:]]
    lines = [
        f"{chosen.draws} data sets a column, P = {PERMUTATIONS}, nominal 0.05, seed {chosen.seed};",
        f"standard error at .05: {np.sqrt(0.05 * 0.95 / chosen.draws):.3f}.",
        f"`benchmarks/spanning_size.py`, {(time.perf_counter() - start) / 60:.0f} min on two cores.",
        "",
        "| share of data sets with a claim | " + " | ".join(head) + " |",
        "|---|" + "---|" * len(head),
    ]
    lines += [
        f"| {name} | " + " | ".join(f"{row[scenario]:.3f}".lstrip("0") for scenario in SCENARIOS) + " |"
        for name, row in shares.items()
    ]
    write_table("spanning_size.md", "spanning_size", lines)


if __name__ == "__main__":
    main()
