from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy import sparse

from geocluster.splitting import Countries, Edges, Strata, expected_products, expected_squares

CODE = np.array([0, 0, 0, 1, 1, 2])


def every_order() -> np.ndarray:
    return np.array([[*a, *(3 + np.array(b)), 5] for a in permutations(range(3)) for b in permutations(range(2))])


def test_means_are_those_of_every_permutation() -> None:
    rng = np.random.default_rng(1)
    edges = Edges.of(sparse.csr_array(np.ones((6, 6)) - np.eye(6)), Countries.of(CODE))
    x, y = rng.normal(size=6), rng.normal(size=6)
    strata, orders = Strata.of(CODE), every_order()
    product = np.mean([x[o][edges.row] * y[o][edges.neighbour] for o in orders], axis=0)
    assert expected_products(edges, strata, x, y) == pytest.approx(product, abs=1e-14)
    square = np.mean([(x[o][edges.row] - x[o][edges.neighbour]) ** 2 for o in orders], axis=0)
    assert expected_squares(edges, strata, x) == pytest.approx(square, abs=1e-14)


def test_a_lone_row_keeps_its_value() -> None:
    strata = Strata.of(np.array([4, 9, 9]))
    assert strata.mean(np.array([5.0, 1.0, 3.0])).tolist() == [5.0, 2.0, 2.0]
    assert strata.spread(np.array([5.0, 1.0, 3.0]), np.array([5.0, 1.0, 3.0])).tolist() == [0.0, 1.0, 1.0]
    assert strata.others().tolist() == [1, 1, 1]
