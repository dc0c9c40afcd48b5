"""Local statistics against R's spdep, esda, statsmodels, and every permutation of tiny tables.

Ours is spdep's local Moran (m2 with the divisor n; esda's is (n - 1)/n of it), esda's local Geary
(spdep's is (n - 1)/n of it), spdep's local G and G* as z, and for two columns m2 with the divisor n
(spdep and esda: n - 1, so (n - 1)/n of ours). Quadrants are PySAL's; spdep's other rule, which
splits at the mean of the lags, is not had. Where spdep gives islands 0, ours are not defined.
"""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from numpy.testing import assert_allclose

from geocluster import hotspot_test
from geocluster.splitting.discovery import adjust_for_discovery

if TYPE_CHECKING:
    from pathlib import Path

EIGHT = [
    "columbus_gal_B", "columbus_gal_W", "dateline_band75_B", "dateline_knn3_W",
    "rhine_band25_B", "rhine_band25_W", "rhine_idw60_B", "rhine_knn4_W",
]  # fmt: skip
STAR = [case for case in EIGHT if case != "rhine_idw60_B"]
SPLIT = ["columbus_gal_W", "dateline_band75_B", "dateline_knn3_W", "rhine_band25_B", "rhine_knn4_W"]
TWO = ["columbus_gal_B", "columbus_gal_W", "dateline_knn3_W", "rhine_knn4_W"]
TIGHT: dict[str, Any] = {"rtol": 1e-8, "atol": 1e-10}


def read_case(folder: Path) -> tuple[gpd.GeoDataFrame, Graph, dict[str, Any]]:
    rows = pd.read_csv(folder / "input.csv", keep_default_na=False)
    east, north = ("lon", "lat") if "lon" in rows else ("x", "y")
    if "lon" not in rows:  # planar units of any size: only the weights matter
        rows[[east, north]] /= rows[[east, north]].abs().max() + 1
    table = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows[east], rows[north]), crs="EPSG:4326")
    weights = pd.read_csv(folder / "weights.csv")
    alone = np.setdiff1d(table.index, weights["i"])
    focal = np.concatenate([weights["i"], alone])
    order = np.argsort(focal, kind="stable")
    neighbour = np.concatenate([weights["j"], alone])[order]
    weight = np.concatenate([weights["w"], np.zeros(len(alone))])[order]
    told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return table, Graph.from_arrays(focal[order], neighbour, weight), told


def ask(table: gpd.GeoDataFrame, graph: Graph, statistic: Any, **options: Any) -> Any:
    chosen: dict[str, Any] = {"column": "value", "permutations": 9, "rng": 1, "surrogates": False} | options
    return hotspot_test(table, graph, statistic=statistic, **chosen)


def numbers(told: Any) -> np.ndarray[Any, Any]:
    return np.array(told, dtype=float)


@pytest.mark.parametrize("case", EIGHT)
def test_local_moran_and_its_moments_are_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "localmoran" / case)
    values, alone = told["values"], told["params"]["islands"]
    result = ask(table, graph, "moran")
    joined = np.setdiff1d(np.arange(len(table)), alone)
    assert result.islands == len(alone)
    assert result.frame["value"].iloc[alone].isna().all()
    assert_allclose(result.frame["value"].iloc[joined], numbers(values["conditional"]["Ii"])[joined], **TIGHT)
    moments = result.moments().iloc[joined]
    for suffix, key in (("complete", "conditional"), ("total", "total_randomisation")):
        reference = {name: numbers(column)[joined] for name, column in values[key].items()}
        assert_allclose(moments[f"expected_{suffix}"], reference["E"], **TIGHT)
        assert_allclose(moments[f"sd_{suffix}"] ** 2, reference["Var"], **TIGHT)
        assert_allclose(moments[f"z_{suffix}"], reference["Z"], **TIGHT)
    words = [word.lower() for word in values["quadrant_pysal"]]
    assert moments["quadrant"].tolist() == [words[i] for i in joined]
    if "cross_check" in told:  # esda divides by n - 1
        n = len(table)
        assert_allclose(result.frame["value"] * (n - 1) / n, told["cross_check"]["values"]["Is"], **TIGHT)


@pytest.mark.parametrize("case", EIGHT)
def test_local_geary_is_esdas_and_in_proportion_to_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "localgeary" / case)
    n, joined = len(table), np.setdiff1d(np.arange(len(table)), told["params"]["islands"])
    value = ask(table, graph, "geary").frame["value"]
    assert_allclose(value.iloc[joined] * (n - 1) / n, numbers(told["values"]["C"])[joined], **TIGHT)


@pytest.mark.parametrize("case", EIGHT)
def test_local_g_is_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "localG" / case)
    result = ask(table, graph, "getis_ord", null="complete")
    z = numbers(told["values"]["z"])
    assert_allclose(result.frame["value"], z, **TIGHT)
    joined = np.isfinite(z)
    # theory's mean and variance of G, held i: those by which it is made a z
    moments = result.moments()[joined]
    assert_allclose(moments["expected_complete"], 0, atol=1e-9)
    assert_allclose(moments["sd_complete"], 1, rtol=1e-8)


@pytest.mark.parametrize("case", STAR)
def test_local_g_star_is_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "localGstar" / case)
    value = ask(table, graph, "getis_ord_star").frame["value"]
    assert_allclose(value, numbers(told["values"]["z"]), **TIGHT)


@pytest.mark.parametrize("case", [case for case in STAR if "band" not in case])
def test_a_graph_without_self_pairs_gets_them_before_it_is_standardised(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "localGstar" / case)
    plain = graph.assign_self_weight(0)
    plain = Graph(plain.adjacency[plain.adjacency > 0], transformation="O")
    binary = ask(table, plain.transform("B"), "getis_ord_star").frame["value"]
    standardised = ask(table, plain.transform("R"), "getis_ord_star").frame["value"]
    assert_allclose(binary, numbers(told["values"]["z"]), **TIGHT)
    assert_allclose(standardised, numbers(told["values"]["z"]), **TIGHT)


@pytest.mark.parametrize("case", SPLIT)
def test_the_parts_of_local_moran_are_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "split_localmoran" / case)
    frame = ask(table, graph, "moran").frame
    joined = frame["value"].notna().to_numpy()
    for column, key in (("value", "total"), ("within", "within"), ("across", "cross")):
        assert_allclose(frame[column][joined], numbers(told["values"][key])[joined], **TIGHT)
    assert_allclose(frame["within"] + frame["across"], frame["value"], rtol=1e-12)


@pytest.mark.parametrize("case", SPLIT)
def test_the_parts_of_local_g_star_are_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "split_localGstar" / case)
    frame = ask(table, graph, "getis_ord_star").frame
    for column, key in (("value", "z_total"), ("within", "z_within"), ("across", "z_cross")):
        assert_allclose(frame[column], numbers(told["values"][key]), **TIGHT)


@pytest.mark.parametrize("case", TWO)
def test_the_bivariate_is_in_proportion_to_spdeps_and_esdas(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "moran_bv" / case)
    n = len(table)
    value = ask(table, graph, "bivariate_moran", other_column="value2").frame["value"]
    assert_allclose(value * (n - 1) / n, numbers(told["values"]["local"]), **TIGHT)


def test_local_join_counts_are_spdeps(shared: Path) -> None:
    table, graph, told = read_case(shared / "oracles" / "local_joincount" / "columbus_gal_B")
    for level, counts in told["values"]["uni"].items():
        value = ask(table.assign(one=table["kind"] == level), graph, "join_count", column="one").frame["value"]
        assert value.tolist() == counts
    # co-location clusters: the count of those that are both
    both = (table["kind"] == table["kind"].iloc[0]) & (table["value"] > table["value"].median())
    value = ask(table.assign(both=both), graph, "join_count", column="both").frame["value"]
    assert value.tolist() == told["values"]["clc"]


@pytest.mark.parametrize("case", ["p0", "p1", "p2"])
@pytest.mark.parametrize("fdr", ["bh", "by"])
def test_adjusted_p_values_are_statsmodels(shared: Path, case: str, fdr: Any) -> None:
    folder = shared / "oracles" / "multiple_testing" / case
    told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["values"][f"fdr_{fdr}"]
    found = adjust_for_discovery(pd.read_csv(folder / "input.csv")["p"], fdr=fdr)
    assert_allclose(found, told["adjusted"], rtol=1e-9)
    assert (found <= 0.05).tolist() == told["reject_0_05"]


@pytest.mark.parametrize("case", ["tiny0", "tiny1", "tiny2"])
def test_conditional_permutation_approaches_the_full_enumeration(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "permutation_exact" / case)
    draws = 19_999
    result = ask(table, graph, "moran", null="complete", permutations=draws)
    frame, moments = result.frame, result.moments()
    for i, reference in enumerate(told["values"]["local_moran_conditional"]):
        assert frame.loc[i, "value"] == pytest.approx(reference["observed"], rel=1e-8)
        assert moments.loc[i, "expected"] == pytest.approx(reference["mean"], rel=1e-8)
        assert moments.loc[i, "sd"] ** 2 == pytest.approx(reference["variance"], rel=1e-8)
        assert abs(frame.loc[i, "expected"] - reference["mean"]) < 4 * np.sqrt(reference["variance"] / draws)
        p = reference["p_two_sided_abs_from_mean"]
        # where two sums lie equally far from the mean, its own chance decides which counts: those steps are left out
        if abs(frame.loc[i, "p"] - p) > 4 * np.sqrt(p * (1 - p) / draws) + 1e-4:
            assert near_tie(table, graph, i, reference["mean"])


def near_tie(table: gpd.GeoDataFrame, graph: Graph, i: int, mean: float) -> bool:
    """Whether some rearrangement gives a value as far from the mean as the observed one, on its other side."""
    x = table["value"].to_numpy(dtype=float)
    z = x - x.mean()
    near = graph[i]
    others = [z[j] for j in range(len(z)) if j != i]
    weight = near[near > 0].to_numpy()
    sums = {float(np.dot(weight, drawn)) for drawn in permutations(others, len(weight))}
    scale = z[i] / (z @ z / len(z))
    observed = scale * float(np.dot(weight, z[near[near > 0].index]))
    return any(abs(scale * one - (2 * mean - observed)) < 0.03 * abs(observed - mean) for one in sums)


@pytest.mark.filterwarnings("ignore")
def test_whole_statistics_are_esdas_for_the_same_graph() -> None:
    from esda.geary_local import Geary_Local
    from esda.getisord import G_Local
    from esda.moran import Moran_Local

    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(7, 8, 80), rng.uniform(47, 48, 80)
    table = gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), "value": rng.normal(size=80) + 9},
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip
    from geocluster import build_graph

    graph = build_graph(table, nearest=6)
    y = table["value"].to_numpy()
    moran = Moran_Local(y, graph, transformation="O", permutations=0).Is
    assert_allclose(ask(table, graph, "moran").frame["value"] * 79 / 80, moran, rtol=1e-9)
    geary = Geary_Local(graph.transform("R"), permutations=0).fit(y).localG
    assert_allclose(ask(table, graph.transform("R"), "geary").frame["value"], geary, rtol=1e-9)
    for star, word in ((None, "getis_ord"), (True, "getis_ord_star")):
        theirs = G_Local(y, graph, transform="B", permutations=0, star=star).Zs
        assert_allclose(ask(table, graph, word).frame["value"], theirs, rtol=1e-8)
