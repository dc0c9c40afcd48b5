"""How often does each global test of autocorrelation reject a null that is true, and find a field that is there?

Writes docs/autocorrelation_size.md: `python benchmarks/autocorrelation_size.py --data-sets 1000`.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from scipy import stats
from tables import write_table

PERMUTATIONS = 199
ALPHA = 0.05
WIDTH_KM = 100.0
RANGE_KM = 20.0
NEAREST = 8
STATISTICS: dict[str, dict[str, Any]] = {
    "moran": {"column": "x"},
    "geary": {"column": "x"},
    "getis_ord": {"column": "positive"},
    "join_count": {"column": "half"},
    "bivariate_moran": {"column": "x", "other_column": "y"},
    "lee": {"column": "x", "other_column": "y"},
}
SCENES = {
    "independent": "independent values, one mean",
    "levels": "independent values, means three sd apart",
    "fields": "two independent fields, one a country",
    "border cluster": "a high patch at the border of one country, else independent",
    "one field": "one field over both countries: power",
}
METHODS = {
    ("fields", "both permuted"): 0.490,
    ("fields", "permutation, one held"): 0.323,
    ("fields", "both surrogates"): 0.100,
    ("fields", "surrogate, one held"): 0.067,
    ("border cluster", "both permuted"): 0.567,
    ("border cluster", "surrogate, one held"): 0.053,
    ("levels", "complete"): 0.507,
    ("levels", "permutation, one held"): 0.033,
    ("one field", "surrogate, one held"): 0.31,
}


def draw_scene(scene: str, n: int, rng: np.random.Generator) -> Any:
    """Draw n points a country in a square of 100 km with the border in its middle, and their values."""
    import geopandas as gpd

    east, north = rng.uniform(0, WIDTH_KM, 2 * n), rng.uniform(0, WIDTH_KM, 2 * n)
    east = np.where(np.arange(2 * n) < n, east / 2, WIDTH_KM / 2 + east / 2)
    country = np.where(np.arange(2 * n) < n, "FR", "DE")
    x, y = (_values(scene, east, north, n, rng) for _ in range(2))
    table = gpd.GeoDataFrame(
        {"country": country, "x": x, "y": y, "positive": np.exp(x / 2), "half": (x > np.median(x)).astype(int)},
        geometry=gpd.points_from_xy(7 + east / 76.0, 47 + north / 111.2), crs="EPSG:4326",
    )  # fmt: skip
    if scene == "levels":
        table["half"] = rng.random(2 * n) < np.where(country == "FR", 0.2, 0.8)
    return table


def _values(scene: str, east: Any, north: Any, n: int, rng: np.random.Generator) -> Any:
    x = rng.normal(size=2 * n)
    if scene == "levels":
        return x + 3 * (np.arange(2 * n) < n)
    if scene == "border cluster":
        inside = np.hypot(east - WIDTH_KM / 2, north - rng.uniform(20, 80)) < 15
        return x + 2.5 * (inside & (np.arange(2 * n) < n))
    if scene in ("fields", "one field"):
        gap = np.hypot(east[:, None] - east, north[:, None] - north)
        covariance = np.exp(-gap / RANGE_KM)
        if scene == "fields":
            covariance[:n, n:] = covariance[n:, :n] = 0
        return np.linalg.cholesky(covariance + 1e-9 * np.eye(2 * n)) @ x
    return x


NULLS = (("stratified", "surrogate"), ("complete", "permutation"))


def one_data_set(
    scene: str, n: int, statistics: tuple[str, ...], both: tuple[str, ...], seed: np.random.SeedSequence
) -> dict[str, float]:
    """Draw one data set and give the p of every test of it."""
    from geocluster import autocorrelation_test, build_graph

    rng = np.random.default_rng(seed)
    table = draw_scene(scene, n, rng)
    graph = build_graph(table, nearest=NEAREST)
    found = {}
    for statistic in statistics:
        for null, cross_null in NULLS if statistic in both else NULLS[:1]:
            parts = autocorrelation_test(
                table, graph, statistic=statistic, null=null, cross_null=cross_null, permutations=PERMUTATIONS, rng=rng,
                **STATISTICS[statistic],
            ).parts["p"]  # fmt: skip
            found[f"{statistic}: whole, {null}"] = parts["whole"]
            if null == "stratified":
                found[f"{statistic}: within, {null}"] = parts["within"]
            found[f"{statistic}: across, {cross_null}, one held"] = parts["across"]
    return found | _rivals(table, graph, rng) if "moran" in both else found


def _rivals(table: Any, graph: Any, rng: np.random.Generator) -> dict[str, float]:
    """Ask Moran's cross part in the ways that are not taken: both countries redrawn, or values over all."""
    from geocluster.graph import distinct_points, to_sparse
    from geocluster.permutation import p_value
    from geocluster.surrogates import permuted_draws, spectral_draws

    x, code = table["x"].to_numpy(), (table["country"] == "DE").to_numpy().astype(int)
    weights = to_sparse(graph, table.index)
    a, b = np.flatnonzero(code == 0), np.flatnonzero(code == 1)
    between = (weights + weights.T)[a][:, b]
    z = [(x[at] - x[at].mean()) / x[at].std() for at in (a, b)]
    points = distinct_points(table.geometry.x, table.geometry.y)
    observed = z[0] @ (between @ z[1])
    found = {}
    for name, draws in (
        ("both permuted", [permuted_draws(one) for one in z]),
        ("both surrogates", [spectral_draws(points, at, one) for at, one in zip((a, b), z, strict=True)]),
    ):
        left, right = (draw(rng, PERMUTATIONS) for draw in draws)
        simulated = np.einsum("bi,bi->b", left @ between, right)
        found[f"moran: across, {name}"] = float(p_value(observed, simulated))
    score = (x - x.mean()) / x.std()
    drawn = rng.permuted(np.broadcast_to(score, (PERMUTATIONS, len(score))), axis=1)
    simulated = np.einsum("bi,bi->b", drawn[:, a] @ between, drawn[:, b])
    found["moran: across, complete"] = float(p_value(score[a] @ (between @ score[b]), simulated))
    return found


def say_share(count: int, draws: int) -> str:
    """Say a share with its exact 95 % interval (Clopper & Pearson 1934)."""
    if draws == 0:
        return "–"
    low, high = stats.binomtest(count, draws).proportion_ci(0.95)
    return f"{_short(count / draws)} ({_short(low)}–{_short(high)})"


def _short(share: float) -> str:
    return f"{share:.3f}".replace("0.", ".", 1) if share < 0.9995 else "1.000"


def table_lines(found: dict[str, list[dict[str, float]]]) -> list[str]:
    """Rows: tests; columns: scenes."""
    tests = list(dict.fromkeys(test for draws in found.values() for test in draws[0]))
    lines = ["| test | " + " | ".join(SCENES[scene] for scene in found) + " |", "|---|" + "---|" * len(found)]
    for test in tests:
        cells = []
        for draws in found.values():
            p = np.array([one.get(test, np.nan) for one in draws])
            told = p[np.isfinite(p)]
            cells.append(say_share(int((told <= ALPHA).sum()), len(told)) if test in draws[0] else "")
        if any(cell.strip("–") for cell in cells):
            lines.append(f"| {test} | {' | '.join(cells)} |")
    return lines


def method_lines(found: dict[str, list[dict[str, float]]]) -> list[str]:
    """Put what a prototype gave on scenes of its own beside ours."""
    lines = ["| scene | Moran's I across | prototype | here |", "|---|---|---|---|"]
    for (scene, test), told in METHODS.items():
        draws = found.get(scene, [])
        p = np.array([one.get(f"moran: across, {test}", np.nan) for one in draws])
        if len(p):
            lines.append(
                f"| {SCENES[scene]} | {test} | {_short(told)} | {say_share(int((p <= ALPHA).sum()), len(p))} |"
            )
    return lines


def main() -> None:
    """Draw, ask, count, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-sets", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--page", default="autocorrelation_size.md")
    given = parser.parse_args()
    start = time.perf_counter()
    small: dict[str, Any] = {}
    large: dict[str, Any] = {}
    power: dict[str, Any] = {}
    with ProcessPoolExecutor(given.workers) as pool:
        for kept, n, scenes, statistics, both in (
            (small, 100, ("independent", "fields"), tuple(STATISTICS), tuple(STATISTICS)),
            (small, 100, ("levels",), tuple(STATISTICS), ("moran",)),
            (large, 300, ("fields", "border cluster", "levels", "one field"), ("moran",), ("moran",)),
            (power, 100, ("one field",), tuple(STATISTICS), ()),
        ):
            for number, scene in enumerate(scenes):
                seeds = np.random.SeedSequence([given.seed, n, number, len(both)]).spawn(given.data_sets)
                kept[scene] = list(pool.map(partial(one_data_set, scene, n, statistics, both), seeds, chunksize=8))
                print(n, scene, f"{time.perf_counter() - start:.0f} s", flush=True)
    about = f"{given.data_sets:,} data sets a column, seed {given.seed}, P = {PERMUTATIONS}"
    size = [
        "## Shares rejected at .05, every statistic",
        "",
        f"{about}; two countries of 100 points in a square of {WIDTH_KM:.0f} km, the border in its",
        f"middle, {NEAREST} nearest neighbours, fields with correlation exp(-d/{RANGE_KM:.0f} km); exact 95 %",
        "intervals. *stratified*, *complete*: `null`; *surrogate*, *permutation*: `cross_null`. General G is asked of",
        "exp(x/2), join counts of x above its median (levels: shares .2, .8), two columns of two draws of the scene.",
        "",
        *table_lines(small),
        "",
        "Read: whole and within keep their level; of autocorrelated values they say so: no error, but no news of",
        "the border. With a difference in level *complete* rejects without any likeness of neighbours. Across, where",
        "nothing joins the countries, permutation of autocorrelated values rejects too often, and surrogates do not:",
        "with the larger of two directions' p they stay below the level, and have the less power.",
    ]
    methods = [
        "## The figures the method rests on",
        "",
        f"Moran's I across the border, 300 points a country; {about}. Other seeds, code and scenes than the",
        "prototype's, whose extent and graph are not known. Sizes; the last row is power.",
        "",
        *method_lines(large),
    ]
    write_table(given.page, "size", size)
    write_table(given.page, "methods", methods)
    power_lines = [
        "## Power",
        "",
        f"{about}, as in the first table: few pairs cross the border, so that little can be shown.",
        "",
        *table_lines(power),
        "",
        "Geary's C across has next to none: its values under the null have a long upper tail, so that a small one is",
        "never far out on both sides. Ask Moran's I across the border, and many places near it.",
    ]
    write_table(given.page, "power", power_lines)


if __name__ == "__main__":
    main()
