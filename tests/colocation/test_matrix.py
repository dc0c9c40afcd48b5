"""All pairs in one call: each is that of colocation_test; Dixon's table; figures."""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.spatial import cKDTree

from geocluster import (
    agglomeration_index,
    build_graph,
    clark_evans_test,
    colocation_matrix,
    colocation_test,
    dixon_test,
)
from geocluster.colocation.moments import label_moments
from geocluster.distance import to_ecef
from geocluster.errors import OptionError, SchemaError


def scene(seed: int, n: int = 150) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    kind = rng.choice(["firm", "university", "institute"], n, p=[0.5, 0.3, 0.2])
    return gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), "kind": kind}, geometry=gpd.points_from_xy(lon, lat), crs=4326
    )


@pytest.mark.parametrize("n", [150, 2_400])
def test_each_pair_is_that_of_the_single_test(n: int) -> None:
    table = scene(1, n)
    graph = build_graph(table, nearest=6)
    matrix = colocation_matrix(table, graph, null="permutation", permutations=199, rng=1)
    for kind, near_kind in (("firm", "university"), ("university", "firm"), ("institute", "institute")):
        single: Any = colocation_test(
            table, graph, kind=kind, near_kind=near_kind, null="permutation", permutations=199, rng=1
        ).parts
        chosen = (matrix.pairs["kind"] == kind) & (matrix.pairs["near_kind"] == near_kind)
        told: Any = matrix.pairs[chosen].set_index("part")
        for part in ("whole", "within", "across"):
            assert told.loc[part, "value"] == pytest.approx(single.loc[part, "value"], rel=1e-12)
            noise = 4 * single.loc[part, "sd"] * np.sqrt(2 / 199)
            assert told.loc[part, "expected"] == pytest.approx(single.loc[part, "expected"], abs=noise)
        assert told.loc["across", "ratio"] == pytest.approx(single.loc["across", "standard"], rel=1e-12)
        assert told.loc["across", "p"] == single.loc["across", "p"]  # the same redraws


def test_p_is_adjusted_over_all_pairs() -> None:
    from geocluster.splitting.discovery import adjust_for_discovery

    table = scene(2)
    pairs = colocation_matrix(table, build_graph(table, nearest=6), permutations=199, rng=1).pairs
    for part in ("whole", "within", "across"):
        told = pairs[pairs["part"] == part]
        assert told["p_adjusted"].to_numpy() == pytest.approx(adjust_for_discovery(told["p"]), nan_ok=True)


def test_independent_kinds_are_rejected_at_the_nominal_rate() -> None:
    rejected = []
    for seed in range(25):
        table = scene(100 + seed, n=90)
        graph = build_graph(table, nearest=6)
        pairs = colocation_matrix(table, graph, null="permutation", permutations=99, rng=seed).pairs
        rejected.append(pairs.groupby("part")["p"].apply(lambda p: (p <= 0.05).mean()))
    rate = pd.concat(rejected, axis=1).mean(axis=1)
    assert (rate < 0.10).all()


def test_too_few_of_a_kind_claim_nothing() -> None:
    table = scene(3)
    german = table.index[(table["country"] == "DE") & (table["kind"] == "institute")]
    table.loc[german[3:], "kind"] = "firm"
    matrix = colocation_matrix(table, build_graph(table, nearest=6), permutations=99, rng=1)
    across: Any = matrix.pairs[matrix.pairs["part"] == "across"].set_index(["kind", "near_kind"])
    assert np.isnan(across.loc[("institute", "institute"), "p"])
    assert across.loc[("institute", "institute"), "reason"].startswith("too few: DE has 3 of institute")


def test_seeds_and_threads() -> None:
    table = scene(4)
    graph = build_graph(table, nearest=6)
    one, two = (colocation_matrix(table, graph, permutations=99, rng=5, workers=w).pairs for w in (1, 3))
    pd.testing.assert_frame_equal(one, two)


def test_bad_input() -> None:
    table = scene(5)
    graph = build_graph(table, nearest=6)
    with pytest.raises(OptionError, match="two kinds or more"):
        colocation_matrix(table, graph, kinds=["firm"])
    with pytest.raises(OptionError, match="no row has the kind 'farm'"):
        colocation_matrix(table, graph, kinds=["firm", "farm"])
    with pytest.raises(OptionError, match=r"(?s)null must be.*fdr must be.*alpha must"):
        colocation_matrix(table, graph, null="x", fdr="x", alpha=0)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="one kind only"):
        colocation_matrix(table.assign(kind="firm"), graph)
    with pytest.raises(SchemaError, match="kind"):
        colocation_matrix(table.drop(columns="kind"), graph)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_has_a_disc_or_a_dash_in_every_cell(language: str) -> None:
    table = scene(6)
    matrix = colocation_matrix(table, build_graph(table, nearest=6), permutations=99, rng=1)
    page = matrix.figure(language=language)
    gids = [str(artist.get_gid()) for ax in page.axes for artist in (*ax.patches, *ax.lines)]
    cells = [gid for gid in gids if gid.startswith(("disc:", "none:"))]
    assert len(cells) == len(set(cells)) == 18
    assert page.get_figwidth() == pytest.approx(180 / 25.4)
    assert matrix.plot().get_xlabel() == "across the border"


def test_numbers_serve_as_kinds_and_one_place_claims_nothing() -> None:
    table = scene(6)
    number = table.assign(kind=table["kind"].map({"firm": 1, "university": 2, "institute": 3}))
    graph = build_graph(table, nearest=4)
    one, other = (colocation_matrix(given, graph, permutations=19, rng=1) for given in (table, number))
    assert other.kinds == ("1", "2", "3")
    np.testing.assert_array_equal(one.pairs["p"], other.pairs["p"])
    still = table.set_geometry(gpd.points_from_xy(np.full(150, 7.5), np.full(150, 47.5)), crs=4326)
    told = colocation_matrix(still, build_graph(still, nearest=4), permutations=19, rng=1).pairs
    assert told["p"].isna().all()
    assert told["reason"].str.startswith("not defined: all points stand in one place").all()
    pair: dict[str, Any] = {"kind": "firm", "near_kind": "university", "permutations": 19, "rng": 1}
    single = colocation_test(still, build_graph(still, nearest=4), **pair)
    assert "all points stand in one place" in single.sentence()
    assert single.parts["p"].isna().all()


def test_dixon_counts_each_nearest_once() -> None:
    table = scene(7)
    result = dixon_test(table, permutations=99, rng=1)
    cells = result.cells.pivot(index=["kind", "near_kind"], columns="side", values="observed")
    assert (cells["own"] + cells["foreign"]).to_numpy() == pytest.approx(cells["all"].to_numpy(), abs=1e-12)
    assert cells["all"].sum() == pytest.approx(len(table))
    xyz = to_ecef(table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
    found: Any = cKDTree(xyz).query(xyz, k=2)[1]
    near = found[:, 1]
    kind = table["kind"].to_numpy()
    expected = ((kind == "firm") & (kind[near] == "university")).sum()
    assert cells.loc[("firm", "university"), "all"] == pytest.approx(expected)
    assert result.table().shape == (9, 3)


def test_dixon_moments_are_those_of_all_labellings() -> None:
    xy = np.random.default_rng(1).random((7, 2))
    xy[2] = xy[1] = xy[0]  # equally near ones share
    gap = np.hypot(*(xy[:, None] - xy).T)
    np.fill_diagonal(gap, np.inf)
    near = (gap <= gap.min(axis=1, keepdims=True) + 1e-12).astype(float)
    near /= near.sum(axis=1, keepdims=True)
    labels = set(itertools.permutations([0, 0, 0, 1, 1, 2, 3]))
    counts = []
    for label in labels:
        bears = (np.array(label) == np.arange(3)[:, None]).astype(float)
        counts.append((bears @ near @ bears.T).ravel())
    mean, covariance = label_moments(sparse.csr_array(near), np.array([3, 2, 1]))
    np.testing.assert_allclose(mean, np.mean(counts, axis=0), atol=1e-12)
    np.testing.assert_allclose(covariance, np.cov(np.transpose(counts), bias=True), atol=1e-12)


def test_dixon_whole_table() -> None:
    # Dixon's own formula for one kind, R in mutual pairs, Q of shared nearest neighbours
    table = scene(8)
    result = dixon_test(table, permutations=199, rng=1)
    xyz = to_ecef(table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
    nearest = np.asarray(cKDTree(xyz).query(xyz, k=2)[1])[:, 1]
    n, firms = len(table), int((table["kind"] == "firm").sum())
    mutual = int((nearest[nearest] == np.arange(n)).sum())
    of = np.bincount(nearest, minlength=n)
    shared = int((of * (of - 1)).sum())
    two, three, four = (np.prod([(firms - i) / (n - i) for i in range(m)]) for m in (2, 3, 4))
    variance = (n + mutual) * two + (2 * n - 2 * mutual + shared) * three
    variance += (n * n - 3 * n - shared + mutual) * four - (n * two) ** 2
    own = (result.cells["kind"] == "firm") & (result.cells["near_kind"] == "firm") & (result.cells["side"] == "all")
    cell: Any = result.cells[own].iloc[0]
    assert cell["sd_complete"] == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert cell["expected_complete"] == pytest.approx(n * two, rel=1e-12)
    assert result.rows["df"].tolist() == [2, 2, 2, 6]
    assert result.rows["p"].between(1 / 200, 1).all()
    assert "whole table: χ²" in result.summary()
    # kinds that gather are far off, in the table and in their rows
    table["kind"] = np.where(table.geometry.y > 47.35, "firm", "university")
    gathered = dixon_test(table, permutations=199, rng=1).rows
    assert (gathered["p"] == 1 / 200).all()
    assert (gathered["p_complete"] < 1e-9).all()


def test_dixon_keeps_its_size_where_countries_differ() -> None:
    # firms are many in one country only: chance, if kinds are permuted within countries
    rejected, complete = 0, 0
    for seed in range(30):
        table = scene(100 + seed, 120)
        rng = np.random.default_rng(seed)
        many = np.where(table["country"] == "FR", 0.8, 0.2)
        table["kind"] = np.where(rng.random(120) < many, "firm", "university")
        rows: Any = dixon_test(table, permutations=39, rng=seed).rows
        rejected += rows.loc["all", "p"] <= 0.05
        complete += rows.loc["all", "p_complete"] <= 0.05
    assert rejected <= 5
    assert complete >= 15


def test_clark_evans_stands_side_by_side() -> None:
    table = scene(8)
    result = clark_evans_test(table, kind="firm", permutations=99, rng=1)
    frame = result.to_frame()
    assert frame.index.tolist() == ["whole", "own", "foreign", "DE own", "DE foreign", "FR own", "FR foreign"]
    mean_km = frame["mean_km"].astype(float)
    assert mean_km["whole"] <= min(mean_km["own"], mean_km["foreign"])
    assert frame["R"].to_numpy() == pytest.approx((frame["mean_km"] / frame["expected_km"]).to_numpy())
    few = table.copy()
    few.loc[few.index[(few["country"] == "DE") & (few["kind"] == "firm")][3:], "kind"] = "institute"
    told = clark_evans_test(few, kind="firm", permutations=19, rng=1).parts
    assert told.loc["DE own", "reason"] == "too few: 3 of the kind in DE"
    assert str(told.loc["foreign", "reason"]).startswith("too few")
    with pytest.raises(OptionError, match="one kind only"):
        clark_evans_test(table.assign(kind="firm"), kind="firm")


def test_clark_evans_below_the_precision_of_positions_claims_nothing() -> None:
    table = scene(9)
    sharp = clark_evans_test(table.assign(radius_km=0.5), kind="firm", permutations=19, rng=1)
    coarse = clark_evans_test(table.assign(radius_km=15.0), kind="firm", permutations=19, rng=1)
    assert sharp.parts.loc[["own", "foreign"], "p"].notna().all()
    assert coarse.parts.loc["own", "reason"] == "not resolved: half of the positions are known no better than 15 km"
    assert np.isnan(coarse.parts["p"]["own"])
    assert "half of the positions are known no better than 15 km" in coarse.summary()


def test_agglomeration_sets_aside_what_has_no_number_and_refuses_one_region() -> None:
    table = pd.DataFrame(
        {"country": ["CH"] * 12, "region": ["BS", "ZH"] * 6, "kind": ["firm"] * 7 + ["bank"] * 5, "n": [3] * 11 + [0]}
    )
    result = agglomeration_index(table, weight="n")
    assert result.set_aside["reason"].to_dict() == {11: "no n above 0"}
    bank = result.kinds[(result.kinds["kind"] == "bank") & (result.kinds["country"] == "whole")].iloc[0]
    assert bank["reason"] == "too few: 4 plants"
    assert np.isnan(bank["gamma"])
    with pytest.raises(OptionError, match="one region only"):
        agglomeration_index(table.assign(region="BS"))
    with pytest.raises(SchemaError, match="employees: there is no such column"):
        agglomeration_index(table, weight="employees")
