"""Moran's I and its parts against R's spdep, esda, and every permutation of tiny tables."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy.sparse import csr_array

from geocluster import autocorrelation_test, build_graph
from geocluster.graph import to_sparse
from geocluster.splitting import Countries, PairSums, permuted_parts

if TYPE_CHECKING:
    from pathlib import Path

MORAN = [
    "columbus_gal_B", "columbus_gal_W", "dateline_band75_B", "dateline_knn3_W",
    "rhine_band25_B", "rhine_band25_W", "rhine_idw60_B", "rhine_knn4_W",
]  # fmt: skip
SPLIT = ["columbus_gal_W", "dateline_band75_B", "dateline_knn3_W", "rhine_band25_B", "rhine_knn4_W"]


def read_case(folder: Path) -> tuple[gpd.GeoDataFrame, Graph, dict[str, Any]]:
    rows = pd.read_csv(folder / "input.csv", keep_default_na=False)
    east, north = ("lon", "lat") if "lon" in rows else ("x", "y")
    points = gpd.points_from_xy(rows[east], rows[north])
    table = gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326")
    weights = pd.read_csv(folder / "weights.csv")
    alone = np.setdiff1d(table.index, weights["i"])
    focal = np.concatenate([weights["i"], alone])
    order = np.argsort(focal, kind="stable")
    neighbour = np.concatenate([weights["j"], alone])[order]
    weight = np.concatenate([weights["w"], np.zeros(len(alone))])[order]
    graph = Graph.from_arrays(focal[order], neighbour, weight)
    return table, graph, json.loads((folder / "expected.json").read_text(encoding="utf-8"))["values"]


@pytest.mark.parametrize("case", MORAN)
@pytest.mark.parametrize("column", ["value", "value2"])
def test_morans_i_is_spdeps(shared: Path, case: str, column: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "moran" / case)
    told = told if column == "value" else told["value2"]
    result = autocorrelation_test(table, graph, column=column, null="permutation", permutations=1, rng=1)
    # islands stay in n, as in esda; spdep calls that adjust.n=FALSE
    reference = told.get("randomisation_adjust_n_false", told["randomisation"])
    assert result.parts.loc["whole", "value"] == pytest.approx(reference["statistic"], rel=1e-9)


@pytest.mark.parametrize("case", SPLIT)
def test_the_parts_are_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "split_moran" / case)
    parts = autocorrelation_test(table, graph, column="value", null="permutation", permutations=1, rng=1).parts["value"]
    assert parts["whole"] == pytest.approx(told["total"]["I"], rel=1e-9)
    assert parts["within"] == pytest.approx(told["within"]["contribution"], rel=1e-9)
    assert parts["across"] == pytest.approx(told["cross"]["contribution"], rel=1e-9)
    assert parts["within"] + parts["across"] == pytest.approx(parts["whole"], rel=1e-12)
    pairs: dict[str, float] = {}
    for ways, value in told["by_country_pair_contribution"].items():
        name = "-".join(sorted(ways.split("->")))
        pairs[name] = pairs.get(name, 0.0) + value
    for name, value in pairs.items():
        assert parts[name] == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("case", ["tiny0", "tiny1", "tiny2"])
def test_permutations_within_countries_approach_the_full_enumeration(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "permutation_exact" / case)
    countries = Countries.of(table["country"])
    matrix = to_sparse(graph, table.index)
    sums = PairSums(matrix, countries)
    x = table["value"].to_numpy(dtype=float)
    z = x - x.mean()
    scale = len(z) / matrix.sum() / (z @ z)
    draws = scale * permuted_parts(
        sums, countries.code, lambda order: (z[order], z[order]), permutations=9_999, rng=np.random.default_rng(1)
    )
    for part, key in ((0, "moran_within_country_permutation"), (2, "moran_cross_part_within_country_permutation")):
        reference = told[key]
        null = draws[:, part]
        error = np.sqrt(reference["variance"] / len(null))
        assert abs(null.mean() - reference["mean"]) < 4 * error
        assert null.var() == pytest.approx(reference["variance"], rel=0.06)
        far = np.abs(null - reference["mean"]) >= abs(reference["observed"] - reference["mean"]) - 1e-10
        p = reference["p_two_sided_abs_from_mean"]
        assert abs(far.mean() - p) < 4 * np.sqrt(p * (1 - p) / len(null)) + 1e-4


def test_every_permutation_of_a_stratum_is_drawn() -> None:
    code = np.array([0, 0, 0, 1])
    sums = PairSums(csr_array(np.ones((4, 4)) - np.eye(4)), Countries.of(code))
    seen: set[tuple[float, ...]] = set()

    def columns(order: Any) -> Any:
        seen.update(map(tuple, order.T.tolist()))
        return np.ones(order.shape), np.ones(order.shape)

    permuted_parts(sums, code, columns, permutations=200, rng=np.random.default_rng(0))
    assert seen == {(*p, 3) for p in permutations(range(3))}


@pytest.mark.filterwarnings("ignore")
def test_the_whole_is_esdas() -> None:
    from esda.moran import Moran

    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(7, 8, 80), rng.uniform(47, 48, 80)
    table = gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), "x": rng.normal(size=80)},
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip
    graph = build_graph(table, within_km=15)
    ours = autocorrelation_test(table, graph, column="x", null="permutation", permutations=1, rng=1)
    theirs = Moran(table["x"].to_numpy(), graph, transformation="O", permutations=0)
    assert ours.parts.loc["whole", "value"] == pytest.approx(theirs.I, rel=1e-12)
