"""What holds for the graph of any table."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocluster.graph import build_graph, distinct_points, split_graph, to_sparse

spots = st.tuples(st.integers(-6, 6), st.integers(-6, 6)).map(lambda at: (at[0] / 20 + 180, at[1] / 20))
tables = st.lists(st.tuples(spots, st.sampled_from(["FJ", "TV", "WF"])), min_size=5, max_size=40)
options = st.sampled_from([{"within_km": 0.1}, {"within_km": 12.0}, {"nearest": 1}, {"nearest": 4}])


def made(rows: list[tuple[tuple[float, float], str]]) -> gpd.GeoDataFrame:
    longitude = np.array([row[0][0] for row in rows])
    longitude = np.where(longitude > 180, longitude - 360, longitude)
    return gpd.GeoDataFrame(
        {"country": [row[1] for row in rows]},
        geometry=gpd.points_from_xy(longitude, [row[0][1] for row in rows]),
        crs="EPSG:4326",
    )


@settings(max_examples=60, deadline=None)
@given(tables, options, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(rows: Any, option: Any, random: Any) -> None:
    table = made(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    straight = to_sparse(build_graph(table, **option), table.index).toarray()
    shuffled = to_sparse(build_graph(table.iloc[order], **option), table.index).toarray()
    np.testing.assert_array_equal(straight, shuffled)


@settings(max_examples=60, deadline=None)
@given(tables, options)
def test_index_kept_rows_sum_and_parts_add_up(rows: Any, option: Any) -> None:
    table = made(rows)
    graph = build_graph(table, **option)
    assert list(graph.unique_ids) == list(table.index)
    weights = to_sparse(graph, table.index).toarray()
    assert not weights.diagonal().any()
    if "nearest" in option:
        np.testing.assert_allclose(weights.sum(axis=1), option["nearest"], rtol=1e-12)
    else:
        np.testing.assert_array_equal(weights, weights.T)
    within, across = split_graph(graph, table["country"])
    parts = [to_sparse(part, table.index).toarray() for part in (within, across)]
    np.testing.assert_array_equal(parts[0] + parts[1], weights)
    points = distinct_points(table.geometry.x, table.geometry.y)
    assert points.count.sum() == len(rows)
    assert len(points.count) == len({row[0] for row in rows})
    np.testing.assert_allclose(np.abs(points.longitude[points.of_row]), table.geometry.x.abs(), atol=1e-9)


@given(tables)
@settings(max_examples=20, deadline=None)
def test_twins_have_the_same_neighbours_but_themselves(rows: Any) -> None:
    table = made([*rows, rows[0]])
    weights = to_sparse(build_graph(table, nearest=3), table.index).toarray()
    first, last = weights[0].copy(), weights[-1].copy()
    assert first[-1] == pytest.approx(last[0])
    first[[0, -1]] = last[[0, -1]] = 0
    np.testing.assert_allclose(first, last)
