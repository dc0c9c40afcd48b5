"""One p for a whole curve."""

from __future__ import annotations

import numpy as np
import pytest

from geocluster.envelope import curve_p, global_envelope, rank_curves


def slow_rank(curves: np.ndarray) -> list[int]:
    """Count by hand the curves at least as extreme, itself included."""
    lengths = []
    for curve in curves:
        ranks = []
        for value, column in zip(curve, curves.T, strict=True):
            below, above, tied = (column < value).sum(), (column > value).sum(), (column == value).sum()
            ranks.append(min(below, above) + (tied + 1) / 2)
        lengths.append(tuple(sorted(ranks)))
    return [sum(other <= one for other in lengths) for one in lengths]


@pytest.mark.parametrize("seed", range(5))
def test_ranks_are_those_counted_by_hand(seed: int) -> None:
    curves = np.random.default_rng(seed).poisson(3, (40, 6)).astype(float)
    assert rank_curves(curves).tolist() == slow_rank(curves)


def test_p_is_uniform_where_the_curve_is_one_of_the_others() -> None:
    rng = np.random.default_rng(1)
    found = [curve_p(walks[0], walks[1:]) for walks in np.cumsum(rng.normal(size=(400, 100, 8)), axis=2)]
    assert abs(np.mean(np.array(found) <= 0.05) - 0.05) < 0.04
    assert min(found) >= 0.01
    assert max(found) <= 1


def test_a_curve_leaves_the_envelope_where_its_p_is_small_and_nowhere_else() -> None:
    rng = np.random.default_rng(2)
    for shift in (0.0, 1.0, 2.0, 3.0):
        for _ in range(20):
            walks = np.cumsum(rng.normal(size=(200, 8)), axis=1)
            walks[0] += shift
            low, high = global_envelope(walks[0], walks[1:], alpha=0.05)
            outside = ((walks[0] < low) | (walks[0] > high)).any()
            assert outside == (curve_p(walks[0], walks[1:]) <= 0.05)


def test_ties_count_as_extreme() -> None:
    assert curve_p([1.0, 1.0], np.ones((99, 2))) == 1.0
    assert curve_p([1.0, 1.0], np.ones((99, 2)), alternative="greater") == 1.0
    assert curve_p([1 + 1e-13, 1.0], np.ones((99, 2))) == 1.0


def test_greater_asks_for_more_only() -> None:
    low = np.zeros(3)
    simulated = np.random.default_rng(3).uniform(1, 2, (99, 3))
    assert curve_p(low, simulated) <= 0.02
    assert curve_p(low, simulated, alternative="greater") == 1.0
    assert curve_p(low + 3, simulated, alternative="greater") == 0.01
