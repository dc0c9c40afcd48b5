"""Graphs of other makers pass the door."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from libpysal.weights import W
from scipy import sparse

from geocluster import autocorrelation_test
from geocluster.errors import OptionError
from geocluster.graph import build_graph, build_sparse, is_row_standardised, split_graph, to_sparse

RNG = np.random.default_rng(4)


def scene(n: int = 40) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"country": RNG.choice(["CH", "DE"], n), "x": RNG.normal(size=n)},
        geometry=gpd.points_from_xy(RNG.uniform(7, 8, n), RNG.uniform(47, 48, n)),
        crs="EPSG:4326", index=[f"row {i}" for i in RNG.permutation(n)],
    )  # fmt: skip


def test_the_matrix_of_a_graph_made_here_is_kept() -> None:
    table = scene()
    graph = build_graph(table, nearest=3)
    matrix = to_sparse(graph, table.index)
    assert to_sparse(graph, table.index) is matrix
    turned = table.index[::-1]
    np.testing.assert_array_equal(to_sparse(graph, turned).toarray(), matrix.toarray()[::-1, ::-1])
    standard = to_sparse(graph.transform("r"), table.index)
    np.testing.assert_allclose(standard.toarray(), matrix.toarray() / 3)
    np.testing.assert_array_equal(graph.sparse.toarray(), matrix.toarray())


def test_w_graph_and_matrix_say_the_same_whatever_their_order() -> None:
    table = scene()
    graph = build_graph(table, nearest=3)
    matrix = to_sparse(graph, table.index).toarray()
    order = RNG.permutation(len(table))
    labels = table.index[order].tolist()
    shuffled = matrix[np.ix_(order, order)]
    neighbours = {one: [labels[j] for j in np.flatnonzero(shuffled[i])] for i, one in enumerate(labels)}
    weights = {one: shuffled[i][shuffled[i] > 0].tolist() for i, one in enumerate(labels)}
    w = W(neighbours, weights, id_order=labels, silence_warnings=True)
    other = Graph.from_W(w)
    for given in (w, other, sparse.csr_matrix(matrix), sparse.coo_array(matrix), build_sparse(table, nearest=3)):
        np.testing.assert_array_equal(to_sparse(given, table.index).toarray(), matrix)
        result = autocorrelation_test(table, given, column="x", permutations=9, rng=1)
        first = autocorrelation_test(table, graph, column="x", permutations=9, rng=1)
        pd.testing.assert_frame_equal(result.to_frame(), first.to_frame())
    w.transform = "R"
    np.testing.assert_allclose(to_sparse(w, table.index).toarray(), matrix / 3)
    assert is_row_standardised(w)
    assert is_row_standardised(graph.transform("r"))
    assert not is_row_standardised(graph)
    for one, two in zip(split_graph(w, table["country"]), split_graph(graph, table["country"]), strict=True):
        np.testing.assert_allclose(
            to_sparse(one, table.index).toarray() * 3, to_sparse(two, table.index).toarray(), atol=1e-12
        )


def test_islands_of_a_w_stay() -> None:
    w = W({"a": ["b"], "b": ["a"], "c": []}, silence_warnings=True)
    assert to_sparse(w, pd.Index(["c", "a", "b"])).toarray().tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_other_rows_are_named() -> None:
    table = scene(6)
    told = r"2 rows \(.*\) of the graph not in the table.*build_graph"
    with pytest.raises(OptionError, match=told):
        to_sparse(build_graph(table, nearest=2), table.index[:4])
    w = W({0: [1], 1: [0]}, silence_warnings=True)
    with pytest.raises(OptionError, match=r"2 rows \(0, 1\) of the graph.*6 rows .* of the table not in the graph"):
        to_sparse(w, table.index)
    with pytest.raises(OptionError, match="3 × 3, the table has 6 rows"):
        to_sparse(sparse.csr_array((3, 3)), table.index)
    with pytest.raises(OptionError, match="got GeoDataFrame"):
        autocorrelation_test(table, table, column="x")


def test_negative_and_missing_weights_are_refused() -> None:
    index = pd.Index(["a", "b"])
    with pytest.raises(OptionError, match=r"1 weight is no finite number, of 1 row \(a\).*below 0, of 1 row \(b\)"):
        to_sparse(sparse.csr_array([[0, np.nan], [-1, 0]]), index)
    with pytest.raises(OptionError, match="below 0"):
        to_sparse(W({"a": ["b"], "b": ["a"]}, {"a": [-1.0], "b": [1.0]}, silence_warnings=True), index)
    with pytest.raises(OptionError, match="below 0"):
        to_sparse(Graph.from_arrays(["a", "b"], ["b", "a"], [-1.0, 1.0]), index)
