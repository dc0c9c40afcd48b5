"""Two countries whose kinds are known to seek each other or not, and every test of co-location asked of them."""

from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import numpy as np

NEAREST, EACH = 8, 300
PERMUTATIONS, OF_PAIRS = 99, 199
"""Of one test; of nine pairs of kinds together, where the smallest p must stay below .05/9."""
WIDTH_KM, RANGE_KM, PATCH_KM, LIFT, CELL_KM, BAND_KM = 100.0, 20.0, 15.0, 2.5, 25.0, 15.0
AT_KM = (4.0, 8.0, 12.0, 16.0, 20.0)
MEMBERS, FIRMS = (0.3, 0.4), (0.55, 0.35)
"""Share of the two kinds in all rows, and of firms in the two kinds, by country: the levels differ."""
ALPHA = 0.05
CURVES: dict[Any, str] = {"M": "university", "m": "university", "Kd": "firm", "mark_connection": "university"}
"""Near which kind firms are sought."""
PARTS = ("whole", "within", "across")
POWER = ("patch astride", "one field")
"""Scenes with something to be found across."""
INDEX = ("independent", "patch astride")
Found = dict[str, tuple[float, float]]


def draw_table(scene: str, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw 300 rows a country, and give the upper part of what each country has of x the two kinds."""
    n = 2 * EACH
    east, north = rng.uniform(0, WIDTH_KM / 2, n), rng.uniform(0, WIDTH_KM, n)
    second = np.arange(n) >= EACH
    east[second] += WIDTH_KM / 2
    x = rng.normal(size=n)
    if "patch" in scene:
        inside = np.hypot(east - WIDTH_KM / 2, north - rng.uniform(20, 80)) < PATCH_KM
        x += LIFT * (inside & ~second if scene == "border patch" else inside)
    elif "field" in scene:
        spread = np.exp(-np.hypot(east[:, None] - east, north[:, None] - north) / RANGE_KM)
        if scene == "fields":
            spread *= second[:, None] == second
        x = np.linalg.cholesky(spread + 1e-9 * np.eye(n)) @ x
    kind = np.full(n, "other", dtype=object)
    for c, (members, firms) in enumerate(zip(MEMBERS, FIRMS, strict=True)):
        here = np.flatnonzero(second == c)
        top = here[np.argsort(-x[here])[: round(members * EACH)]]
        kind[top] = np.where(rng.random(len(top)) < firms, "firm", "university")
    region = [f"{a:.0f} {b:.0f}" for a, b in zip(east // CELL_KM, north // CELL_KM, strict=True)]
    return gpd.GeoDataFrame(
        {"country": np.where(second, "DE", "FR"), "kind": kind, "region": region},
        geometry=gpd.points_from_xy(7 + east / 76.0, 47 + north / 111.2), crs="EPSG:4326",
    )  # fmt: skip


def one_draw(scene: str, seed: np.random.SeedSequence) -> Found:
    """Draw one data set and ask every test of it: how many rejected of how many."""
    from geocluster import build_graph

    warnings.simplefilter("ignore")
    rng = np.random.default_rng(seed)
    table = draw_table(scene, rng)
    graph = build_graph(table, nearest=NEAREST)
    found = quotients(table, graph, rng) | local_quotients(table, graph, rng)
    found |= curves(table, rng) | nearest(table, rng)
    if scene not in POWER:
        found |= matrix(table, graph, rng)
    if scene == "independent":
        found |= curves(table[table["kind"] != "other"], rng, controls=table[table["kind"] == "other"])
    found |= other_readings(table, graph, rng)
    return found | (agglomeration(table) if scene in INDEX else {})


def count(p: Any) -> tuple[float, float]:
    """Count p at most alpha, and p."""
    told = np.atleast_1d(np.asarray(p, dtype=np.float64))
    told = told[np.isfinite(told)]
    return float((told <= ALPHA).sum()), float(len(told))


def any_of(p: Any) -> tuple[float, float]:
    """Say whether any of several p is at most alpha."""
    found, tested = count(p)
    return float(found > 0), float(tested > 0)


def quotients(table: gpd.GeoDataFrame, graph: Any, rng: np.random.Generator) -> Found:
    """Ask the quotient of two kinds and of one, its cross part by both nulls, and each way across by itself."""
    from geocluster import build_graph, colocation_test

    found: Found = {}
    for kinds, near_kind in (("quotient", "university"), ("quotient of one kind", "firm")):
        for null in ("surrogate", "permutation"):
            result = colocation_test(
                table, graph, kind="firm", near_kind=near_kind, null=null, permutations=PERMUTATIONS, rng=rng
            )  # fmt: skip
            if null == "surrogate":
                found |= {f"{kinds}, {part}": count(result.parts["p"][part]) for part in ("whole", "within")}
            found[f"{kinds}, across, {null}"] = count(result.parts["p"]["across"])
            if kinds == "quotient":
                found[f"quotient, one way across, {null}"] = count(result.cross["p"])
    band = build_graph(table, within_km=BAND_KM)
    result = colocation_test(table, band, kind="firm", near_kind="university", permutations=PERMUTATIONS, rng=rng)
    found["quotient in a band, across, surrogate"] = count(result.parts["p"]["across"])
    found["quotient in a band, one way across, surrogate"] = count(result.cross["p"])
    return found


def other_readings(table: gpd.GeoDataFrame, graph: Any, rng: np.random.Generator) -> Found:
    """Ask the cross part in ways that are not offered, on one statistic of both ways together.

    Labels of both kinds permuted in one country, the other held, the larger p; or over both countries.
    """
    from geocluster.graph import to_sparse
    from geocluster.permutation import p_value

    weights = to_sparse(graph, table.index).tocoo()
    kind, second = table["kind"].to_numpy(), (table["country"] == "DE").to_numpy()
    row, column = weights.coords
    away = second[row] != second[column]
    row, column, weight = row[away], column[away], weights.data[away]

    def quotient(order: Any) -> float:
        first, near = kind[order] == "firm", kind[order] == "university"
        share = np.array([near[~second].mean(), near[second].mean()])[second[column].astype(int)]
        return float((weight * first[row] * near[column]).sum() / (weight * first[row] * share).sum())

    def p_of(rows: Any) -> float:
        drawn = []
        for _ in range(PERMUTATIONS):
            order = np.arange(len(kind))
            order[rows] = rng.permutation(order[rows])
            drawn.append(quotient(order))
        return float(p_value(quotient(np.arange(len(kind))), drawn))

    one_held = max(p_of(np.flatnonzero(second == c)) for c in (False, True))
    return {
        "quotient, both ways in one, permutation": count(one_held),
        "quotient, both ways in one, pooled labels": count(p_of(np.arange(len(kind)))),
    }


def local_quotients(table: gpd.GeoDataFrame, graph: Any, rng: np.random.Generator) -> Found:
    """Ask the quotient at every firm: exactly with equal weights, by redraws with a kernel."""
    from geocluster import build_graph, local_colocation_test

    asked: dict[str, Any] = {"kind": "firm", "near_kind": "university", "permutations": PERMUTATIONS, "rng": rng}
    exact = local_colocation_test(table, graph, **asked).frame
    kernel = build_graph(table, kernel="bisquare", bandwidth_km=12.0)
    drawn = local_colocation_test(table, kernel, **asked).frame
    return {
        "local quotient, whole": count(exact["p"]),
        "local quotient, at home": count(exact["p_within"]),
        "local quotient, abroad": count(exact["p_across"]),
        "local quotient, kernel, whole": count(drawn["p"]),
        "local quotient, kernel, abroad": count(drawn["p_across"]),
        "any member": any_of(exact["p_adjusted"]),
        "any member abroad": any_of(exact["p_across_adjusted"]),
        "any member needs abroad": (float(exact["dependence"].isin(["joint", "border-made"]).any()), 1.0),
    }


def curves(table: gpd.GeoDataFrame, rng: np.random.Generator, *, controls: gpd.GeoDataFrame | None = None) -> Found:
    """Ask the curves that need labels; given controls, labels are permuted among cases and them."""
    from geocluster import cross_test

    null: Any = "labelling" if controls is None else "controls"
    found: Found = {}
    for function, near_kind in CURVES.items():
        result = cross_test(
            table, kind="firm", near_kind=near_kind, at_km=AT_KM, function=function, null=null, controls=controls,
            permutations=PERMUTATIONS, rng=rng,
        ).parts  # fmt: skip
        name = function.replace("_", " ") + (", controls" if controls is not None else "")
        found |= {f"{name}, {part}": count(result["p"][part]) for part in PARTS}
        found[f"{name}, attraction"] = count(result["p_adjusted"]["across"])
    return found


def nearest(table: gpd.GeoDataFrame, rng: np.random.Generator) -> Found:
    """Ask Clark and Evans of firms, and Dixon of firms near universities."""
    from geocluster import clark_evans_test, dixon_test

    p = clark_evans_test(table, kind="firm", permutations=PERMUTATIONS, rng=rng).parts["p"]
    found = {f"Clark–Evans, {part}": count(p[part]) for part in ("whole", "own", "foreign")}
    cells = dixon_test(table, permutations=OF_PAIRS, rng=rng).cells.set_index(["kind", "near_kind", "side"])
    for side in ("all", "own", "foreign"):
        found[f"Dixon, firm → university, {side}"] = count(cells["p"]["firm", "university", side])
        found[f"Dixon, any pair, {side}"] = any_of(cells["p_adjusted"].xs(side, level="side"))
    return found


def matrix(table: gpd.GeoDataFrame, graph: Any, rng: np.random.Generator) -> Found:
    """Ask all pairs of the three kinds, after false discoveries are counted."""
    from geocluster import colocation_matrix

    p = colocation_matrix(table, graph, permutations=OF_PAIRS, rng=rng).pairs.set_index("part")["p_adjusted"]
    return {f"matrix, any pair, {part}": any_of(p[part]) for part in PARTS}


def agglomeration(table: gpd.GeoDataFrame) -> Found:
    """Give Ellison and Glaeser's index of firms, and of firms with universities."""
    from geocluster import agglomeration_index

    result = agglomeration_index(table)
    kinds, pairs = result.kinds.set_index(["country", "kind"]), result.pairs.set_index(["country", "kind", "near_kind"])
    both = pairs["coagglomeration"]["whole", "firm", "university"]
    return {
        "γ of firms": (float(kinds["gamma"]["whole", "firm"]), 1.0),
        "coagglomeration, firms and universities": (float(both), 1.0),
    }
