"""Many points are searched by compiled code: it must say what the k-d tree says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geocluster.errors import GraphSizeError
from geocluster.graph import neighbours, sparse_kernel, sparse_neighbours

RNG = np.random.default_rng(3)
CITIES = RNG.normal(0, 0.1, (900, 2)) + RNG.uniform([-179.9, -60], [179.9, 60], (9, 2)).repeat(100, axis=0)
SCENES = {
    "scattered": CITIES,
    "centroids": CITIES.round(1),
    "lattice": np.stack(np.meshgrid(np.arange(30) / 20, np.arange(30) / 20), -1).reshape(-1, 2),
    "dateline": np.column_stack([(RNG.normal(180, 0.2, 900) + 180) % 360 - 180, RNG.normal(0, 0.2, 900)]),
}
OPTIONS = [{"nearest": 1}, {"nearest": 8}, {"within_km": 8.0}, {"within_km": 30.0, "beyond_km": 8.0}]


def both_ways(monkeypatch: pytest.MonkeyPatch, make: Any) -> tuple[Any, Any]:
    """Build with the k-d tree, then with the pyramid."""
    results = []
    for many in (10**9, 1):
        for room in ("neighbours", "kernels"):
            monkeypatch.setattr(f"geocluster.graph.{room}.MANY_POINTS", many)
        results.append(make())
    return results[0], results[1]


def assert_same(one: Any, other: Any) -> None:
    np.testing.assert_array_equal(one.indptr, other.indptr)
    np.testing.assert_array_equal(one.indices, other.indices)
    np.testing.assert_array_equal(one.data, other.data)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_both_ways_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch, scene: str, options: Any) -> None:
    tree, pyramid = both_ways(monkeypatch, lambda: sparse_neighbours(*SCENES[scene].T, **options))
    assert pyramid.nnz
    assert pyramid.has_canonical_format
    assert_same(tree, pyramid)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize(
    "options", [{"nearest": 4}, {"nearest": 4, "kernel": "gaussian"}, {"bandwidth_km": 9.0}], ids=str
)
def test_kernels_too(monkeypatch: pytest.MonkeyPatch, scene: str, options: Any) -> None:
    given = {"kernel": "triangular", **options}
    tree, pyramid = both_ways(monkeypatch, lambda: sparse_kernel(*SCENES[scene].T, **given))
    np.testing.assert_array_equal(tree.indptr, pyramid.indptr)
    np.testing.assert_array_equal(tree.indices, pyramid.indices)
    np.testing.assert_allclose(tree.data, pyramid.data, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("options", OPTIONS[1:3], ids=str)
def test_threads_and_row_order_change_no_byte(options: Any) -> None:
    points = np.vstack([RNG.normal([7, 48], 0.5, (9000, 2)), np.tile([[7.5, 47.5]], (5, 1))])
    assert len(points) > neighbours.MANY_POINTS
    one = sparse_neighbours(*points.T, **options)
    assert_same(one, sparse_neighbours(*points.T, **options, workers=2))
    order = RNG.permutation(len(points))
    shuffled = sparse_neighbours(*points[order].T, **options)
    assert_same(one[order][:, order].tocoo().tocsr(), shuffled)


def test_a_large_graph_is_refused_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.tile(RNG.uniform(0, 0.5, (4, 2)), (6000, 1))
    monkeypatch.setattr(neighbours, "MANY_POINTS", 1)
    for options in ({"nearest": 8}, {"within_km": 1.0}):
        with pytest.raises(GraphSizeError, match="edges"):
            sparse_neighbours(*points.T, **options)


def test_a_handful_of_points(monkeypatch: pytest.MonkeyPatch) -> None:
    for n in (2, 3, 8, 9, 17):
        points = RNG.uniform(0, 1, (n, 2))
        for options in ({"nearest": 1}, {"nearest": n - 1}, {"within_km": 60.0}):
            assert_same(*both_ways(monkeypatch, lambda p=points, o=options: sparse_neighbours(*p.T, **o)))


def test_a_list_that_grew_too_long_is_counted_before_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    points = RNG.uniform(0, 0.1, (300, 2))
    monkeypatch.setattr(neighbours, "MANY_POINTS", 1)
    whole = sparse_neighbours(*points.T, within_km=50)
    assert whole.nnz == 300 * 299
    monkeypatch.setattr("geocluster.graph.assembly.MAX_LISTED", 1_000)
    assert_same(sparse_neighbours(*points.T, within_km=50), whole)
    monkeypatch.setattr(neighbours, "MAX_EDGES", 1_000)
    with pytest.raises(GraphSizeError, match="89,700 edges"):
        sparse_neighbours(*points.T, within_km=50)
