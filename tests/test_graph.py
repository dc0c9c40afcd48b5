"""Who is near whom."""

from __future__ import annotations

import time
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geocluster.distance import distance_km
from geocluster.errors import GraphSizeError, OptionError, SchemaError
from geocluster.graph import (
    build_graph,
    distinct_points,
    share_of_shared_points,
    sparse_neighbours,
    split_graph,
    to_graph,
    to_sparse,
)


def scene(n: int = 120, seed: int = 1, *, doubled: bool = True) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 9, n), rng.uniform(47, 48.5, n)
    if doubled:
        lon[: n // 4], lat[: n // 4] = lon[n // 4 : 2 * (n // 4)], lat[n // 4 : 2 * (n // 4)]
        lon[1:6], lat[1:6] = lon[:1].repeat(len(lon[1:6])), lat[:1].repeat(len(lat[1:6]))
    return gpd.GeoDataFrame(
        {"country": rng.choice(["CH", "DE", "FR"], n)},
        geometry=gpd.points_from_xy(lon, lat),
        crs="EPSG:4326",
        index=[f"row {i}" for i in rng.permutation(n)],
    )


def distances(table: gpd.GeoDataFrame) -> Any:
    lon, lat = table.geometry.x.to_numpy(), table.geometry.y.to_numpy()
    return distance_km(lon[:, None], lat[:, None], lon[None], lat[None])


def brute_nearest(d: Any, k: int) -> Any:
    weights = np.zeros_like(d)
    for i in range(len(d)):
        others = np.delete(np.arange(len(d)), i)
        last = np.sort(d[i, others])[k - 1]
        nearer = others[d[i, others] < last - 1e-9]
        tied = others[np.abs(d[i, others] - last) <= 1e-9]
        weights[i, nearer] = 1
        weights[i, tied] = (k - len(nearer)) / len(tied)
    return weights


@pytest.mark.parametrize("within_km", [0.5, 12, 60, 500])
def test_the_band_holds_all_pairs_up_to_its_width_and_no_other(within_km: float) -> None:
    table = scene()
    d = distances(table)
    expected = (d <= within_km) & ~np.eye(len(table), dtype=bool)
    graph = build_graph(table, within_km=within_km)
    np.testing.assert_array_equal(to_sparse(graph, table.index).toarray(), expected.astype(float))
    assert graph.n_edges == expected.sum()
    assert list(graph.unique_ids) == list(table.index)


@pytest.mark.parametrize("nearest", [1, 3, 5, 8, 40, 119])
def test_the_nearest_share_the_last_places(nearest: int) -> None:
    table = scene()
    weights = to_sparse(build_graph(table, nearest=nearest), table.index).toarray()
    np.testing.assert_allclose(weights, brute_nearest(distances(table), nearest), rtol=1e-12, atol=0)
    np.testing.assert_allclose(weights.sum(axis=1), nearest, rtol=1e-12)


def test_ties_beyond_the_first_answer_of_the_tree_are_found() -> None:
    # a ring: 40 points all 11 km from the pole
    longitude = np.append(np.arange(40) * 9.0 - 180, 0)
    latitude = np.append(np.full(40, 89.9), 90)
    weights = sparse_neighbours(longitude, latitude, nearest=3).toarray()
    np.testing.assert_allclose(weights[40, :40], 3 / 40, rtol=1e-12)
    d = distance_km(longitude[:, None], latitude[:, None], longitude[None], latitude[None])
    np.testing.assert_allclose(weights, brute_nearest(d, 3), rtol=1e-12)


def test_matrix_and_graph_agree_with_libpysal_in_form() -> None:
    from libpysal.graph import Graph

    table = scene()
    matrix = sparse_neighbours(table.geometry.x, table.geometry.y, within_km=12)
    ours, theirs = to_graph(matrix, table.index), Graph.from_sparse(matrix, ids=table.index)
    pd.testing.assert_series_equal(ours.adjacency, theirs.adjacency, check_index_type=False)
    assert list(ours.isolates) == list(theirs.isolates)
    np.testing.assert_array_equal(ours.sparse.toarray(), matrix.toarray())
    pd.testing.assert_series_equal(
        ours.transform("r").adjacency, theirs.transform("r").adjacency, check_index_type=False
    )
    lag = pd.Series(np.arange(len(table), dtype=float), index=table.index)
    np.testing.assert_allclose(ours.lag(lag), matrix @ lag.to_numpy())


@pytest.mark.parametrize("options", [{"within_km": 12}, {"nearest": 4}])
def test_the_parts_of_a_graph_add_up_to_it(options: dict[str, Any]) -> None:
    table = scene()
    graph = build_graph(table, **options).transform("r")
    within, across = split_graph(graph, table["country"])
    whole, inner, outer = (to_sparse(part, table.index).toarray() for part in (graph, within, across))
    np.testing.assert_array_equal(inner + outer, whole)
    same = table["country"].to_numpy()[:, None] == table["country"].to_numpy()[None]
    assert not inner[~same].any()
    assert not outer[same].any()
    assert inner.any()
    assert outer.any()
    assert list(within.unique_ids) == list(across.unique_ids) == list(table.index)
    assert within.n_edges + across.n_edges == graph.n_edges


def test_a_graph_of_another_maker_is_split_too_own_weights_within() -> None:
    from libpysal.graph import Graph

    graph = Graph.from_arrays(["a", "a", "b", "c"], ["a", "b", "a", "c"], [2.0, 1.0, 1.0, 0.0])
    within, across = split_graph(graph, pd.Series(["FR", "DE", "DE"], index=["a", "b", "c"]))
    assert within["a"].to_dict() == {"a": 2.0}
    assert across["a"].to_dict() == {"b": 1.0}
    assert list(across.isolates) == ["c"]


def test_rows_without_a_country_are_named() -> None:
    table = scene()
    table.loc["row 7", "country"] = None
    table.loc["row 9", "country"] = ""
    with pytest.raises(OptionError, match=r"2 rows \(row \d, row \d\) of the graph without a country.*split_placed"):
        split_graph(build_graph(table, nearest=2), table["country"])
    with pytest.raises(OptionError, match="1 row"):
        split_graph(build_graph(table.iloc[:3], nearest=2), scene()["country"].iloc[:2])


def test_exactly_one_option_is_asked_for_and_all_faults_told() -> None:
    table = scene(10)
    with pytest.raises(OptionError, match="give one of within_km and nearest"):
        build_graph(table)
    with pytest.raises(OptionError, match=r"(?s)give one of.*within_km must.*nearest must"):
        build_graph(table, within_km=-1, nearest=0)
    with pytest.raises(OptionError, match="above 0, got nan"):
        build_graph(table, within_km=float("nan"))
    for wrong in (float("nan"), float("inf"), 2.5, "eight", "8", True):
        with pytest.raises(OptionError, match="nearest must be a whole number"):
            build_graph(table, nearest=wrong)  # type: ignore[arg-type]
    for word in ("near", "5", True):
        with pytest.raises(OptionError, match="within_km must be a number of kilometres above 0"):
            build_graph(table, within_km=word)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"(?s)workers must be.*nearest must be.*cut must be"):
        build_graph(table, kernel="gaussian", nearest=0, cut="wide", workers=0)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="10 rows in all"):
        build_graph(table, nearest=10)


def test_a_graph_too_large_is_refused_before_it_is_built() -> None:
    city = gpd.GeoDataFrame(geometry=gpd.points_from_xy(np.full(100_000, 7.6), np.full(100_000, 47.6)), crs=4326)
    start = time.perf_counter()
    with pytest.raises(GraphSizeError, match=r"9,999,900,000 edges.*within_km"):
        build_graph(city, within_km=5)
    with pytest.raises(GraphSizeError, match=r"9,999,900,000 edges.*gather rows by point"):
        build_graph(city, nearest=8)
    with pytest.raises(GraphSizeError, match="Give fewer"):
        build_graph(city, nearest=5_000)
    assert time.perf_counter() - start < 10


def test_rows_without_a_point_or_off_the_globe_are_named() -> None:
    table = gpd.GeoDataFrame(geometry=gpd.points_from_xy([7.6, 47.6, 190], [47.6, 97.6, 10]), crs="EPSG:4326")
    table.loc[3, "geometry"] = None
    with pytest.raises(SchemaError, match=r"(?s)1 row \(3\) without a point.*2 rows \(1, 2\) beyond.*swapped"):
        build_graph(table, nearest=1)
    with pytest.raises(SchemaError, match="one"):
        build_graph(scene(4).set_index("country", append=True), nearest=1)


def test_small_tables() -> None:
    empty = scene(0)
    assert build_graph(empty, within_km=10).n_edges == 0
    assert np.isnan(share_of_shared_points(empty))
    with pytest.raises(OptionError, match="0 rows in all"):
        build_graph(empty, nearest=1)
    assert list(build_graph(scene(1), within_km=10).isolates) == ["row 0"]


def test_the_antimeridian_and_the_poles_need_nothing_special() -> None:
    matrix = sparse_neighbours([179.99, -179.99, 0, 180], [0, 0, 89.99, 89.99], within_km=3).toarray()
    assert matrix.sum() == 4
    assert matrix[0, 1] == matrix[2, 3] == 1
    assert distinct_points([180.0, -180.0, 3.0, 50.0, -0.0, 0.0], [1.0, 1.0, 90.0, 90.0, 0.0, -0.0]).count.tolist() == [
        2,
        2,
        2,
    ]
    assert sparse_neighbours([0, 180], [0, 0], within_km=20_100).sum() == 2


def test_the_share_of_rows_on_shared_points() -> None:
    assert share_of_shared_points(scene(doubled=False)) == 0
    assert share_of_shared_points(scene()) == pytest.approx(0.5, abs=0.05)
