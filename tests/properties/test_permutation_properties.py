"""What holds of every p-value, and of every shuffle."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from geocluster.permutation import block_sizes, p_value, permute_within, simulate

numbers = st.floats(-1e6, 1e6, allow_nan=False)
draws = hnp.arrays(np.float64, st.integers(1, 60), elements=numbers)
tails = st.sampled_from(["two-sided", "greater", "less"])


@settings(deadline=None)
@given(numbers, draws, tails)
def test_p_lies_above_0_and_up_to_1_on_the_grid_of_its_draws(observed: float, drawn: np.ndarray, tail: str) -> None:
    p = float(p_value(observed, drawn, alternative=tail))  # type: ignore[arg-type]
    assert 1 / (len(drawn) + 1) <= p <= 1
    rank = p * (len(drawn) + 1)
    assert abs(rank - round(rank)) < 1e-9


@settings(deadline=None)
@given(numbers, draws, tails, st.randoms())
def test_the_order_of_the_draws_is_of_no_matter(observed: float, drawn: np.ndarray, tail: str, chance: object) -> None:
    order = list(range(len(drawn)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    # the mean of two-sided draws is rounded in their order: whole numbers have none of that
    drawn, observed = drawn.round(), round(observed)
    assert p_value(observed, drawn, alternative=tail) == p_value(observed, drawn[order], alternative=tail)  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.integers(-1000, 1000), hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(-1000, 1000)))
def test_the_two_tails_share_only_the_ties(observed: int, drawn: np.ndarray) -> None:
    greater = p_value(observed, drawn, alternative="greater")
    less = p_value(observed, drawn, alternative="less")
    total = (greater + less) * (len(drawn) + 1)
    assert round(float(total)) == len(drawn) + 2 + (drawn == observed).sum()
    assert p_value(-observed, -drawn, alternative="greater") == less


@settings(deadline=None)
@given(st.integers(-1000, 1000), hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(-1000, 1000)))
def test_a_larger_value_is_never_less_extreme_above(observed: int, drawn: np.ndarray) -> None:
    nearer, farther = (p_value(value, drawn, alternative="greater") for value in (observed, observed + 1))
    assert farther <= nearer


@settings(deadline=None)
@given(hnp.arrays(np.int64, st.integers(1, 40), elements=st.integers(0, 4)), st.integers(0, 2**32 - 1))
def test_a_shuffle_is_a_permutation_that_leaves_every_stratum_in_place(strata: np.ndarray, seed: int) -> None:
    orders = permute_within(strata, np.random.default_rng(seed), 5)
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(len(strata)), (5, 1)))
    np.testing.assert_array_equal(strata[orders], np.tile(strata, (5, 1)))


@settings(deadline=None)
@given(st.integers(1, 5000))
def test_blocks_always_add_up(count: int) -> None:
    assert sum(block_sizes(count)) == count


def products(values: np.ndarray) -> np.ndarray:
    """Sum the products of neighbours."""
    return np.asarray((values[..., :-1] * values[..., 1:]).sum(axis=-1))


def test_p_is_uniform_where_the_null_is_true() -> None:
    rng = np.random.default_rng(11)
    strata = np.repeat([0, 1], 10)
    ps = []
    for _ in range(400):
        x = rng.normal(size=20) + 3 * strata  # countries differ in their means: only shuffles within are fair

        def draw(child: np.random.Generator, size: int, x: np.ndarray = x) -> np.ndarray:
            return products(x[permute_within(strata, child, size)])

        shuffled = simulate(draw, permutations=99, rng=rng)
        ps.append(float(p_value(products(x), shuffled, alternative="greater")))
    # p has 100 steps; spread within its step it is uniform
    spread = np.array(ps) - rng.random(len(ps)) / 100
    assert stats.kstest(spread, "uniform").pvalue > 1e-3
    assert np.mean(np.array(ps) <= 0.05) <= 0.05 + 3.5 * np.sqrt(0.05 * 0.95 / len(ps))
