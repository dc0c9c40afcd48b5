"""Weights that fall with distance."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from geocluster.distance import distance_km
from geocluster.errors import OptionError
from geocluster.graph import build_graph, sparse_kernel, to_sparse
from geocluster.graph.kernels import kernel_weight

RNG = np.random.default_rng(8)
LON, LAT = np.append(RNG.uniform(7, 8, 60), [7.5] * 4), np.append(RNG.uniform(47, 48, 60), [47.5] * 4)
LON, LAT = LON.round(6), LAT.round(6)  # points are told apart to a tenth of a millimetre
APART = distance_km(LON[:, None], LAT[:, None], LON, LAT)
FORMULA: dict[str, Any] = {
    "triangular": lambda u: np.where(u <= 1, 1 - u, 0),
    "epanechnikov": lambda u: np.where(u <= 1, 0.75 * (1 - u**2), 0),
    "bisquare": lambda u: np.where(u <= 1, (1 - u**2) ** 2, 0),
    "gaussian": lambda u: np.where(u <= 3, np.exp(-(u**2) / 2), 0),
}


@pytest.mark.parametrize("kernel", FORMULA)
def test_a_fixed_width(kernel: Any) -> None:
    found = sparse_kernel(LON, LAT, kernel=kernel, bandwidth_km=20).toarray()
    expected = FORMULA[kernel](APART / 20)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kernel", FORMULA)
@pytest.mark.parametrize("nearest", [3, 7])
def test_a_width_that_follows_the_neighbours(kernel: Any, nearest: int) -> None:
    found = sparse_kernel(LON, LAT, kernel=kernel, nearest=nearest).toarray()
    others = APART + np.diag(np.full(len(LON), np.inf))
    width = np.maximum(np.sort(others, axis=1)[:, nearest - 1], 0.001)
    expected = FORMULA[kernel](APART / width[:, None])
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert (width == 0.001).sum() == (4 if nearest == 3 else 0)


def test_the_gaussian_is_cut_where_one_says() -> None:
    whole = sparse_kernel(LON, LAT, kernel="gaussian", bandwidth_km=20, cut=np.inf)
    assert whole.nnz == len(LON) * (len(LON) - 1)
    short = sparse_kernel(LON, LAT, kernel="gaussian", bandwidth_km=20, cut=1).toarray()
    np.testing.assert_array_equal(short > 0, (APART <= 20) & ~np.eye(len(LON), dtype=bool))


def test_libpysal_says_the_same_on_a_plane() -> None:
    from libpysal.graph import Graph

    lon, lat = RNG.uniform(0, 0.5, 40), RNG.uniform(-0.25, 0.25, 40)
    metres = np.column_stack([lon, lat]) * np.array([111_319.49, 110_574.28])
    ours = sparse_kernel(lon, lat, kernel="bisquare", bandwidth_km=15).toarray()
    points = gpd.GeoSeries(gpd.points_from_xy(*metres.T))
    theirs = Graph.build_kernel(points, kernel="bisquare", bandwidth=15_000).sparse.toarray()
    np.fill_diagonal(theirs, 0)
    np.testing.assert_allclose(ours / 1, theirs / (15 / 16), rtol=0.01, atol=1e-3)


def test_a_row_without_neighbours_stays() -> None:
    table = gpd.GeoDataFrame(geometry=gpd.points_from_xy([7, 7.01, 9], [47, 47, 47]), index=list("abc"), crs=4326)
    graph = build_graph(table, kernel="triangular", bandwidth_km=5, row_standardise=True)
    assert graph.isolates.tolist() == ["c"]
    assert graph.transformation == "R"
    np.testing.assert_array_equal(to_sparse(graph, table.index).sum(axis=1), [1, 1, 0])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kernel": "cosine", "bandwidth_km": 2}, "kernel must be 'triangular'"),
        ({"kernel": "gaussian"}, "give one of bandwidth_km and nearest"),
        ({"kernel": "gaussian", "bandwidth_km": 2, "nearest": 2}, "give one of bandwidth_km and nearest"),
        ({"kernel": "gaussian", "bandwidth_km": -2}, "bandwidth_km must be"),
        ({"kernel": "gaussian", "bandwidth_km": 2, "cut": 0}, "cut must be"),
        ({"kernel": "gaussian", "nearest": 2.5}, "nearest must be a whole number"),
        ({"kernel": "gaussian", "within_km": 3}, "nothing else"),
        ({"bandwidth_km": 3, "nearest": 1}, "goes with kernel"),
        ({"beyond_km": 3, "nearest": 1}, "goes with within_km"),
        ({"within_km": 3, "beyond_km": 3}, "below within_km"),
        ({"nearest": 1, "workers": 0}, "workers must be"),
        ({"nearest": 1, "snap_km": 1}, "goes with contiguity"),
        ({"contiguity": "queen", "nearest": 1}, "goes with no distance"),
    ],
)
def test_options_that_do_not_go_together(options: Any, words: str) -> None:
    table = gpd.GeoDataFrame(geometry=gpd.points_from_xy(LON, LAT), crs=4326)
    with pytest.raises(OptionError, match=words):
        build_graph(table, **options)


def test_kernels_at_their_ends() -> None:
    for kernel in ("triangular", "epanechnikov", "bisquare"):
        assert kernel_weight(1.0, kernel) == 0
