from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from geocluster.permutation import p_value
from geocluster.splitting import Countries, Edges
from geocluster.splitting.ties import MOST, reach_of, settle_ties


def test_a_tie_that_single_precision_broke_counts_again() -> None:
    exact = np.random.default_rng(1).normal(size=(99, 1))
    observed = np.array([exact[7, 0]])  # a draw is the identity
    rough = exact + np.where(np.arange(99)[:, None] == 7, -1e-7 * np.sign(exact), 0.0)
    assert float(p_value(observed, rough)[0]) != float(p_value(observed, exact)[0])
    asked: list[int] = []

    def again(which: Any) -> Any:
        asked.extend(which.tolist())
        return exact[which]

    settled = settle_ties(observed, rough, np.array([1e-6]), again)
    assert p_value(observed, settled) == p_value(observed, exact)
    assert asked == [7]


def test_many_near_ties_are_ties_on_their_side() -> None:
    rng = np.random.default_rng(2)
    exact = rng.integers(-1, 2, (300, 1)).astype(float)
    rough = exact + rng.normal(scale=1e-8, size=exact.shape)
    settled = settle_ties(np.array([1.0]), rough, np.array([1e-6 + 0.5]), lambda which: pytest.fail(str(which)))
    assert (np.abs(settled - rough.mean()) >= 1 - rough.mean() - 1e-9).sum() > MOST
    narrow = settle_ties(np.array([1.0]), rough, np.array([1e-6]), lambda which: exact[which])
    assert np.abs(narrow - exact).max() < 1e-6


def test_the_reach_grows_with_weights_and_values() -> None:
    edges = Edges.of(sparse.csr_array(np.ones((6, 6)) - np.eye(6)), Countries.of(["AA"] * 3 + ["BB"] * 3))
    x = np.arange(6.0)
    assert reach_of(edges, 2 * x) == pytest.approx(4 * reach_of(edges, x))
    assert (reach_of(edges, x) > 0).all()
