"""How often does each test claim a cluster that is not there, and find one that is?

Writes docs/spanning_size.md: `python benchmarks/spanning_size.py --draws 500`.
"""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from kept import draws_parser
from scenarios import SCENARIOS, draw_scene
from scipy import stats
from tables import write_table

if TYPE_CHECKING:
    import argparse

PERMUTATIONS = 199
ALPHA = 0.05
READINGS = ("per head", "beyond city size")
EITHER = "either"
CIRCLES, DEFAULTS, NARROW = "cross-screened", "defaults", "defaults, r_max 15"
TESTS: dict[str, dict[str, Any]] = {
    CIRCLES: {"r_max_km": 15, "study_area": "countries", "midpoints": False},
    DEFAULTS: {},
    NARROW: {"r_max_km": 15},
}
DBSCAN, DENSE = "DBSCAN, 5, any two", "DBSCAN, 10, three each"
TOYS = {DBSCAN: (5, 1), DENSE: (10, 3)}  # at least so many within 10 km; of each of two countries
HEAD = {
    "a": "(a) null",
    "b": "(b) one country",
    "c": "(c) two, 60 km apart",
    "e": "(e) twin city astride",
    "h": "(h) four one-country",
    "power 5": "power, 5 a country",
    "power 10": "power, 10 a country",
    "power 20": "power, 20 a country",
}
# what a prototype of the same rules gave on seeds and code of its own, per head
PROTOTYPE: dict[str, tuple[float, ...]] = {
    DBSCAN: (0.48, 0.59, 0.50, 1.00, 0.81),
    DENSE: (0.48, 0.59, 0.50, 1.00, 0.81),
    CIRCLES: (0.000, 0.010, 0.024, 0.000, 0.035, 0.19, 0.79, 0.99),
    DEFAULTS: (0.000, 0.023, 0.59, 0.007, 0.003, 0.29, 0.89, 1.00),
    NARROW: (0.000, 0.020, 0.017, 0.003, 0.013, 0.30, 0.89, 1.00),
}
PROTOTYPE_DRAWS = 300
PROTOTYPE_DRAWS_FEW = 150  # its upper rows for (h) and power: 139 to 200


def one_draw(scenario: str, seed: np.random.SeedSequence) -> dict[tuple[str, str], bool]:
    """Draw one scene and ask every test of it."""
    from geocluster.clusters import find_clusters
    from geocluster.spanning import spanning_test

    rng = np.random.default_rng(seed)
    scene = draw_scene(scenario, rng)
    table = scene.organisations
    found = {}
    for name, (minimum, each) in TOYS.items():
        labels = find_clusters(table, radius_km=10, minimum=minimum).labels
        counts = table.groupby([labels, "country"]).size().unstack(fill_value=0)
        found[name, ""] = bool(((counts >= each).sum(axis=1) > 1).any())
    for name, options in TESTS.items():
        result = spanning_test(
            table, background=scene.places, permutations=PERMUTATIONS, alpha=ALPHA, rng=rng, **options
        )
        assert result.asked == list(READINGS)
        claimed = set(result.windows["reading"])
        found |= {(name, reading): reading in claimed for reading in READINGS} | {(name, EITHER): bool(claimed)}
    return found


def say_share(count: int, draws: int) -> str:
    """Say a share with its exact 95 % interval (Clopper & Pearson 1934)."""
    low, high = stats.binomtest(count, draws).proportion_ci(0.95)
    return f"{say_short(count / draws)} ({say_short(low)}–{say_short(high)})"


def say_short(share: float) -> str:
    """Say a share with three decimals and no zero before the point."""
    return f"{share:.3f}".replace("0.", ".", 1) if share < 0.9995 else "1.000"


def size_lines(counts: dict[str, dict[tuple[str, str], int]], draws: int) -> list[str]:
    """Rows: tests and readings; columns: scenarios."""
    columns = [HEAD[scenario] for scenario in SCENARIOS]
    lines = [f"| | reading | {' | '.join(columns)} |", "|---|---|" + "---|" * len(columns)]
    for test, reading in counts["a"]:
        row = [say_share(counts[scenario][test, reading], draws) for scenario in SCENARIOS]
        lines.append(f"| {test} | {reading} | {' | '.join(row)} |")
    return lines


def peer_lines(counts: dict[str, dict[tuple[str, str], int]], draws: int) -> list[str]:
    """Put the prototype's figures beside ours, per head."""
    lines = [
        "| | scenario | here | prototype | p of a difference | agree? | level .05 held? |",
        "|---|---|---|---|---|---|---|",
    ]
    for test, shares in PROTOTYPE.items():
        reading = "" if test in TOYS else READINGS[0]
        for scenario, share in zip(SCENARIOS, shares, strict=False):
            few = scenario == "h" or scenario.startswith("power")
            peer_draws = PROTOTYPE_DRAWS_FEW if few and test in (*TOYS, CIRCLES) else PROTOTYPE_DRAWS
            count = counts[scenario][test, reading]
            held = "power" if scenario.startswith("power") else judge_level(count, draws)
            if (test, scenario) == (DEFAULTS, "c"):
                held = "true: one circle holds both"
            cells = [test, HEAD[scenario], say_share(count, draws), *beside_peer(count, draws, share, peer_draws)]
            lines.append(f"| {' | '.join([*cells, held])} |")
    return lines


def beside_peer(count: int, draws: int, share: float, peer_draws: int) -> list[str]:
    """Say another's share, p of Fisher's exact test that both are equal, and whether they agree."""
    peer = round(share * peer_draws)
    p = float(stats.fisher_exact(np.array([[count, draws - count], [peer, peer_draws - peer]])).pvalue)
    return [say_short(share), f"{p:.2g}", "yes" if p >= 0.01 else "**no**"]


def judge_level(count: int, draws: int) -> str:
    """Judge the level by the interval."""
    low, high = stats.binomtest(count, draws).proportion_ci(0.95)
    return "yes" if high <= ALPHA else ("**no**" if low > ALPHA else "not refuted")


def page_lines(counts: dict[str, dict[tuple[str, str], int]], chosen: argparse.Namespace, minutes: float) -> list[str]:
    """Write the page."""
    return [
        "Share of data sets in which anything is claimed, with its exact 95 % interval: an error in (a) to (h), power",
        f"after that. {chosen.draws:,} data sets a column, P = {PERMUTATIONS}, α = {ALPHA}, seed {chosen.seed};",
        f"`benchmarks/spanning_size.py`, {minutes:.0f} minutes, {chosen.workers} processes. The scenes are told in",
        "`benchmarks/scenarios.py`. Each reading has the level α for itself; 'either' is a claim by one at least.",
        "",
        f"- *{DBSCAN}*, *{DENSE}*: what one would do without a test: call a",
        "  cluster (within 10 km, at least 5 or 10) spanning when one or three of its members are of each country.",
        f"- *{CIRCLES}*: r_max 15, circles about places only, whole countries.",
        f"- *{DEFAULTS}*: midpoints too, r_max 25, study area 'extent'. In (c) a circle of 25 km between the two",
        "  clusters holds the inner fringes of both: what is claimed is true of that circle, and the radius is part of",
        "  the claim.",
        "",
        *size_lines(counts, chosen.draws),
        "",
        "## Beside a prototype",
        "",
        "The rules were first tried in a prototype: other code, other seeds, about 300 data sets a column",
        "(some of the first tests' columns 139 to 200, taken as 150 here). Its scenes are known from a short",
        "description only. Per head. p: Fisher's exact test of equal shares; below .01 is called a difference.",
        "",
        "- What its DBSCAN asked for is not known. With the defaults of `find_clusters` its row is *not* reproduced:",
        f"  the toy errs far more often here. *{DENSE}* was picked out of 40 settings (radius, minimum,",
        "  members of each) for lying near that row: that it agrees is no evidence, and (e) differs even so. Sure is",
        "  only that both err far beyond .05.",
        "- Power at 5 extra a country is higher here in two of three tests. Neither the form of the border nor the",
        "  number of waves explains it; how organisations were moved to places is not known.",
        "- Near (0°, 0°) the cubes to which midpoints are snapped form a flat grid; elsewhere they lie closer. The",
        "  level does not hang on the grid: circles are laid before organisations are counted.",
        "",
        *peer_lines(counts, chosen.draws),
    ]


def main() -> None:
    """Draw all scenes and write the tables."""
    chosen = draws_parser(__doc__, seed=20).parse_args()
    counts: dict[str, dict[tuple[str, str], int]] = {}
    start = time.perf_counter()
    with ProcessPoolExecutor(chosen.workers) as pool:
        for number, name in enumerate(SCENARIOS):
            seeds = np.random.SeedSequence([chosen.seed, number]).spawn(chosen.draws)
            rows = list(pool.map(partial(one_draw, name), seeds, chunksize=5))
            counts[name] = {key: sum(row[key] for row in rows) for key in rows[0]}
            print(name, {" ".join(key): round(n / chosen.draws, 3) for key, n in counts[name].items()}, flush=True)
    minutes = (time.perf_counter() - start) / 60
    lines = page_lines(counts, chosen, minutes)
    write_table("spanning_size.md", "spanning_size", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
