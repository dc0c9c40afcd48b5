"""Global statistics, their parts and moments against R's spdep, esda, and every permutation of tiny tables."""

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
from geocluster.autocorrelation.global_moments import (
    WeightSums,
    geary_moments,
    join_moments,
    moran_moments,
)
from geocluster.autocorrelation.global_sums import geary_of, moran_of
from geocluster.autocorrelation.joins import Kinds
from geocluster.graph import to_sparse
from geocluster.splitting import Countries, PairSums, Workbench, permuted_parts

if TYPE_CHECKING:
    from pathlib import Path

EIGHT = [
    "columbus_gal_B", "columbus_gal_W", "dateline_band75_B", "dateline_knn3_W",
    "rhine_band25_B", "rhine_band25_W", "rhine_idw60_B", "rhine_knn4_W",
]  # fmt: skip
FOUR = ["columbus_gal_B", "columbus_gal_W", "dateline_knn3_W", "rhine_knn4_W"]
SPLIT = ["columbus_gal_W", "dateline_band75_B", "dateline_knn3_W", "rhine_band25_B", "rhine_knn4_W"]
JOINS = [f"{case}_{column}" for case in EIGHT for column in ("country", "kind")]
SHARP = 1e-8


def read_case(folder: Path) -> tuple[gpd.GeoDataFrame, Graph, dict[str, Any]]:
    rows = pd.read_csv(folder / "input.csv", keep_default_na=False)
    east, north = ("lon", "lat") if "lon" in rows else ("x", "y")
    metres = 1 if rows[north].abs().max() <= 90 else 1e-4  # weights are given: any place will do
    points = gpd.points_from_xy(rows[east] * metres, rows[north] * metres)
    table = gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326")
    weights = pd.read_csv(folder / "weights.csv")
    alone = np.setdiff1d(table.index, weights["i"])
    focal = np.concatenate([weights["i"], alone])
    order = np.argsort(focal, kind="stable")
    neighbour = np.concatenate([weights["j"], alone])[order]
    weight = np.concatenate([weights["w"], np.zeros(len(alone))])[order]
    graph = Graph.from_arrays(focal[order], neighbour, weight)
    return table, graph, json.loads((folder / "expected.json").read_text(encoding="utf-8"))["values"]


def ask(table: gpd.GeoDataFrame, graph: Graph, **options: Any) -> Any:
    usual: dict[str, Any] = {"column": "value", "cross_null": "permutation", "permutations": 1, "rng": 1}
    return autocorrelation_test(table, graph, **usual | options)


def check_moments(result: Any, told: dict[str, dict[str, float]], *, sign: float = 1.0) -> None:
    """Value and moments with islands counted in n: spdep's adjust.n=FALSE."""
    for assumption, row in result.moments.iterrows():
        reference = told[f"{assumption}_adjust_n_false"]
        assert result.parts.loc["whole", "value"] == pytest.approx(reference["statistic"], rel=SHARP)
        assert row["expected"] == pytest.approx(reference["expectation"], rel=SHARP)
        assert row["variance"] == pytest.approx(reference["variance"], rel=SHARP)
        assert sign * row["z"] == pytest.approx(reference["z"], rel=SHARP)
        assert row["p"] == pytest.approx(2 * min(reference["p_greater"], 1 - reference["p_greater"]), rel=1e-6)


def check_other_n(
    moments: Any, x: Any, graph: Graph, table: gpd.GeoDataFrame, told: dict[str, Any], factor: Any
) -> None:
    """The other convention, spdep's default: n without islands in the statistic and its moments."""
    matrix = to_sparse(graph, table.index)
    n = len(x) - int((np.diff(matrix.indptr) == 0).sum())
    for assumption, (mean, variance) in moments(x, WeightSums.of(matrix), n).items():
        assert mean == pytest.approx(told[assumption]["expectation"], rel=SHARP)
        assert variance == pytest.approx(told[assumption]["variance"], rel=SHARP)
        ours, theirs = told[f"{assumption}_adjust_n_false"]["statistic"], told[assumption]["statistic"]
        assert ours * factor(n) / factor(len(x)) == pytest.approx(theirs, rel=SHARP)


@pytest.mark.parametrize("case", EIGHT)
@pytest.mark.parametrize("column", ["value", "value2"])
def test_morans_i_and_its_moments_are_spdeps(shared: Path, case: str, column: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "moran" / case)
    told = told if column == "value" else told["value2"]
    check_moments(ask(table, graph, column=column), told)
    check_other_n(moran_moments, table[column].to_numpy(dtype=float), graph, table, told, lambda n: n)


@pytest.mark.parametrize("case", EIGHT)
def test_gearys_c_and_its_moments_are_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "geary" / case)
    # our z is (C - E)/sd, as esda's; spdep's has the other sign
    check_moments(ask(table, graph, statistic="geary"), told, sign=-1.0)
    x, sums = table["value"].to_numpy(dtype=float), WeightSums.of(to_sparse(graph, table.index))
    # with islands and adjust.n=TRUE spdep's variance under randomisation takes n now with, now without them
    n, every = len(x) - len(graph.isolates), len(x)
    square = np.sum((x - x.mean()) ** 2)
    kurtosis = n * np.sum((x - x.mean()) ** 4) / square**2
    mixed = (n - 1) * sums.s1 * (n * n - 3 * every + 3 - kurtosis * (n - 1))
    mixed -= (n - 1) * sums.s2 * (n * n + 3 * every - 6 - kurtosis * (n * n - every + 2)) / 4
    mixed += sums.s0**2 * (n * n - 3 - kurtosis * (n - 1) ** 2)
    mixed /= every * (n - 2) * (n - 3) * sums.s0**2
    assert told["randomisation"]["variance"] == pytest.approx(mixed, rel=SHARP)
    if not len(graph.isolates):
        check_other_n(geary_moments, x, graph, table, told, lambda n: n - 1)
    else:
        mean, variance = geary_moments(x, sums, n)["normality"]
        variance *= (n + 1) / (every + 1)
        assert [mean, variance] == pytest.approx(
            [told["normality"][key] for key in ("expectation", "variance")], rel=SHARP
        )
        ours, theirs = (told[key]["statistic"] for key in ("normality_adjust_n_false", "normality"))
        assert ours * (n - 1) / (every - 1) == pytest.approx(theirs, rel=SHARP)


@pytest.mark.parametrize("case", EIGHT)
def test_general_g_and_its_moments_are_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "globalG" / case)
    for key in ("adjust_n_true", "adjust_n_false"):
        told[key] = {name: np.ravel(value)[0] for name, value in told[key].items()}
    result = ask(table, graph, statistic="getis_ord")
    x, islands = table["value"].to_numpy(dtype=float), graph.isolates
    if not len(islands):
        check_moments(result, {"randomisation_adjust_n_false": told["adjust_n_false"]})
        return
    # spdep's G leaves islands out of the denominator whatever adjust.n; ours and esda's counts them
    left = np.delete(x, islands)
    shrink = (left.sum() ** 2 - left @ left) / (x.sum() ** 2 - x @ x)
    assert result.parts.loc["whole", "value"] == pytest.approx(told["adjust_n_false"]["statistic"] * shrink, rel=SHARP)
    expected = result.moments.loc["randomisation", "expected"]
    assert expected == pytest.approx(told["adjust_n_false"]["expectation"], rel=SHARP)
    # without the islands all of it is spdep's
    without = table.drop(index=islands)
    cut = ask(without, Graph(graph.adjacency.drop(index=islands, level=0), is_sorted=True), statistic="getis_ord")
    check_moments(cut, {"randomisation_adjust_n_false": told["adjust_n_true"]})


def named(label: str) -> str:
    """Spdep's name of a pair of kinds, b:a, in our order; Jtot is ours unlike."""
    return "unlike" if label == "Jtot" else "-".join(sorted(label.split(":")))


@pytest.mark.parametrize("case", JOINS)
def test_join_counts_and_their_moments_are_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "joincount_multi" / case)
    result = ask(table, graph, column=case.rsplit("_", 1)[1], statistic="join_count")
    reference = (
        pd.DataFrame(told["adjust_n_false"]).assign(pair=lambda frame: frame["pair"].map(named)).set_index("pair")
    )
    ours = result.moments.xs("non-free", level="assumption")
    assert set(reference.index) == set(ours.index)
    value = result.to_frame().xs("whole", level="part")["value"]
    for name, row in reference.iterrows():
        assert value[name] == pytest.approx(row["joincount"], rel=SHARP)
        assert ours.loc[name, "expected"] == pytest.approx(row["expected"], rel=SHARP)
        assert ours.loc[name, "variance"] == pytest.approx(row["variance"], rel=SHARP)
        assert ours.loc[name, "z"] == pytest.approx(row["z"], rel=SHARP)


@pytest.mark.parametrize("case", JOINS)
def test_join_moments_without_islands_are_spdeps_default(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "joincount_multi" / case)
    kinds = Kinds.of(table[case.rsplit("_", 1)[1]].to_numpy(dtype=object))
    matrix = to_sparse(graph, table.index)
    n = len(table) - int((np.diff(matrix.indptr) == 0).sum())
    found = join_moments(np.bincount(kinds.code), kinds.joins, WeightSums.of(matrix), n)
    ours = dict(zip(kinds.labels(), (one["non-free"] for one in found), strict=True))
    reference = pd.DataFrame(told["adjust_n_true"])
    for name, mean, variance in zip(reference["pair"], reference["expected"], reference["variance"], strict=True):
        assert ours[named(name)][0] == pytest.approx(mean, rel=SHARP)
        if name != "Jtot" or n == len(table):  # spdep's variance of Jtot mixes n with and without islands
            assert ours[named(name)][1] == pytest.approx(variance, rel=SHARP)


@pytest.mark.parametrize("case", SPLIT)
def test_the_parts_of_join_counts_are_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "split_joincount" / case)
    value = ask(table, graph, column="kind", statistic="join_count").to_frame()["value"]
    for part, key in (("whole", "total"), ("within", "within"), ("across", "cross")):
        for name, count in zip(told[key]["pair"], told[key]["joincount"], strict=True):
            assert value[named(name), part] == pytest.approx(count, rel=SHARP, abs=1e-12)


@pytest.mark.parametrize("case", FOUR)
def test_lees_l_is_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "lee" / case)
    result = ask(table, graph, statistic="lee", other_column="value2")
    assert result.parts.loc["whole", "value"] == pytest.approx(told["L"], rel=SHARP)


@pytest.mark.parametrize("case", FOUR)
def test_bivariate_moran_is_spdeps_times_n_over_s0(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "moran_bv" / case)
    result = ask(table, graph, statistic="bivariate_moran", other_column="value2")
    # spdep and esda leave out n/S0, and divide by n - 1 where sd has n - 1 throughout
    n, total = len(table), float(to_sparse(graph, table.index).sum())
    assert result.parts.loc["whole", "value"] == pytest.approx(told["global"] * n / total, rel=SHARP)


@pytest.mark.parametrize("case", SPLIT)
def test_the_parts_are_spdeps(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "split_moran" / case)
    parts = ask(table, graph).parts["value"]
    assert parts["whole"] == pytest.approx(told["total"]["I"], rel=SHARP)
    assert parts["within"] == pytest.approx(told["within"]["contribution"], rel=SHARP)
    assert parts["across"] == pytest.approx(told["cross"]["contribution"], rel=SHARP)
    assert parts["within"] + parts["across"] == pytest.approx(parts["whole"], rel=1e-12)
    pairs: dict[str, float] = {}
    for ways, value in told["by_country_pair_contribution"].items():
        name = "-".join(sorted(ways.split("->")))
        pairs[name] = pairs.get(name, 0.0) + value
    for name, value in pairs.items():
        assert parts[name] == pytest.approx(value, rel=SHARP, abs=1e-12)


TINY = pytest.mark.parametrize("case", ["tiny0", "tiny1", "tiny2"])


@TINY
def test_exact_means_are_those_of_the_full_enumeration(shared: Path, case: str) -> None:
    table, graph, told = read_case(shared / "oracles" / "permutation_exact" / case)
    bench = Workbench(
        to_sparse(graph, table.index), Countries.of(table["country"]), np.zeros((len(table), 3)),
        permutations=1, rng=np.random.default_rng(1),
    )  # fmt: skip
    x, complete = table["value"].to_numpy(dtype=float), np.zeros(len(table), dtype=np.int64)
    within = moran_of(bench, bench.countries.code, x).exact
    free = moran_of(bench, complete, x).exact
    assert within[0] == pytest.approx(told["moran_within_country_permutation"]["mean"], rel=SHARP)
    assert within[2] == pytest.approx(told["moran_cross_part_within_country_permutation"]["mean"], rel=SHARP)
    assert free[0] == pytest.approx(told["moran_free"]["mean"], rel=SHARP)
    assert free[2] == pytest.approx(told["moran_cross_part_free"]["mean"], rel=SHARP)
    assert geary_of(bench, complete, x).exact[0] == pytest.approx(told["geary_free"]["mean"], rel=SHARP)
    result = ask(table, graph)
    assert result.moments.loc["randomisation", "variance"] == pytest.approx(told["moran_free"]["variance"], rel=SHARP)
    geary = ask(table, graph, statistic="geary").moments
    assert geary.loc["randomisation", "variance"] == pytest.approx(told["geary_free"]["variance"], rel=SHARP)
    kinds = table.rename(columns={"kind": "what"})
    joins = ask(kinds, graph, column="what", statistic="join_count")
    theory = joins.moments.xs("non-free", level="assumption")
    for name, key, ordered in (("a-a", "joins_aa_ordered", 2), ("b-b", "joins_bb_ordered", 2)):
        assert theory.loc[name, "expected"] * ordered == pytest.approx(told[key]["mean"], rel=SHARP)
        assert theory.loc[name, "variance"] * ordered**2 == pytest.approx(told[key]["variance"], rel=SHARP)
    ways = told["joins_ab_ordered"]["observed"] + told["joins_ba_ordered"]["observed"]
    assert joins.to_frame().loc[("a-b", "whole"), "value"] == pytest.approx(ways / 2, rel=SHARP)


@TINY
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


def two_countries(seed: int = 5, n: int = 80) -> tuple[gpd.GeoDataFrame, Graph]:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 48, n)
    table = gpd.GeoDataFrame(
        {
            "country": np.where(lon < 7.5, "FR", "DE"), "x": rng.gamma(2, size=n), "y": rng.normal(size=n),
            "b": rng.integers(0, 2, n),
        },
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip
    return table, build_graph(table, within_km=15)


@pytest.mark.filterwarnings("ignore")
def test_values_are_esdas_for_the_same_weights() -> None:
    from esda import G, Geary, Join_Counts, Moran, Moran_BV, Spatial_Pearson

    table, graph = two_countries()
    assert len(graph.isolates)
    x, y, b = (table[name].to_numpy(dtype=float) for name in ("x", "y", "b"))
    moran = Moran(x, graph, transformation="O", permutations=0)
    geary = Geary(x, graph.to_W(), transformation="O", permutations=0)  # its Graph trips over islands
    general = G(x, graph, permutations=0)
    joins = Join_Counts(b, graph, permutations=0)
    ours = {
        word: ask(table, graph, column="b" if word == "join_count" else "x", statistic=word, **options)
        for word, options in (
            ("moran", {}), ("geary", {}), ("getis_ord", {}), ("join_count", {}),
            ("bivariate_moran", {"other_column": "y"}), ("lee", {"other_column": "y"}),
        )
    }  # fmt: skip
    value = {word: result.parts.loc["whole", "value"] for word, result in ours.items()}
    n, total = len(table), float(to_sparse(graph, table.index).sum())
    assert value["moran"] == pytest.approx(moran.I, rel=1e-12)
    assert value["geary"] == pytest.approx(geary.C, rel=1e-12)
    assert value["getis_ord"] == pytest.approx(general.G, rel=1e-12)
    assert value["bivariate_moran"] == pytest.approx(
        Moran_BV(x, y, graph, transformation="O", permutations=0).I * n / total, rel=1e-12
    )
    theory = {word: result.moments for word, result in ours.items()}
    assert theory["moran"].loc["randomisation", "variance"] == pytest.approx(moran.VI_rand, rel=1e-10)
    assert theory["moran"].loc["normality", "z"] == pytest.approx(moran.z_norm, rel=1e-10)
    assert theory["geary"].loc["randomisation", "z"] == pytest.approx(geary.z_rand, rel=1e-10)
    assert theory["getis_ord"].loc["randomisation", "z"] == pytest.approx(general.z_norm, rel=1e-9)
    counts = ours["join_count"].to_frame()["value"].xs("whole", level="part")
    assert counts[["1-1", "0-1", "0-0"]].tolist() == pytest.approx([joins.bb, joins.bw, joins.ww], rel=1e-12)
    # esda's Lee standardises rows and wants them to have neighbours
    connected = table.drop(index=graph.isolates)
    rows = build_graph(connected, within_km=15).transform("R")
    lee = Spatial_Pearson(rows.sparse, permutations=0).fit(
        connected["x"].to_numpy()[:, None], connected["y"].to_numpy()[:, None]
    )
    smooth = ask(connected, rows, column="x", statistic="lee", other_column="y")
    assert smooth.parts.loc["whole", "value"] == pytest.approx(lee.association_[0, 1], rel=1e-12)
