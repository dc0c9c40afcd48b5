"""Chance: blocks, seeds, p-values."""

from __future__ import annotations

from itertools import permutations, product
from math import factorial

import numpy as np
import pytest

from geocluster.errors import OptionError
from geocluster.permutation import BLOCK, block_sizes, make_generator, p_value, permute_within, simulate


def test_the_words_of_a_seed_give_the_same_generator_again() -> None:
    for rng in (0, 7, np.int64(7), None):
        generator, words = make_generator(rng)  # type: ignore[arg-type]
        assert generator.random() == np.random.default_rng(int(words)).random()


def test_a_fresh_seed_is_fresh() -> None:
    assert make_generator(None)[1] != make_generator(None)[1]


def test_a_generator_is_used_as_it_is_and_named_by_its_seed() -> None:
    own = np.random.default_rng(5)
    assert make_generator(own) == (own, "generator 5")
    assert make_generator(own.spawn(2)[1])[1] == "generator 5 (1,)"


@pytest.mark.parametrize("bad", [-1, 1.5, "7", [1], float("nan")])
def test_other_seeds_are_refused_with_their_value(bad: object) -> None:
    with pytest.raises(OptionError, match=r"rng must be.*got"):
        make_generator(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("draws", [1, 63, 64, 65, 128, 999])
def test_blocks_add_up_and_only_the_last_is_short(draws: int) -> None:
    sizes = block_sizes(draws)
    assert sum(sizes) == draws
    assert set(sizes[:-1]) <= {BLOCK}
    assert 0 < sizes[-1] <= BLOCK


@pytest.mark.parametrize("bad", [0, -5])
def test_no_draws_are_refused(bad: int) -> None:
    with pytest.raises(OptionError, match=f"at least 1, got {bad}"):
        block_sizes(bad)


def test_draws_do_not_depend_on_the_workers_nor_the_first_ones_on_how_many_follow() -> None:
    def drawn(count: int, workers: int) -> np.ndarray:
        return simulate(
            lambda rng, size: rng.random((size, 3)), permutations=count, rng=np.random.default_rng(3), workers=workers
        )

    one = drawn(300, 1)
    assert one.shape == (300, 3)
    for workers in (2, 5):
        np.testing.assert_array_equal(drawn(300, workers), one)
    np.testing.assert_array_equal(drawn(128, 1), one[:128])
    assert len(np.unique(one)) == one.size  # no block repeats another


def test_an_error_of_a_draw_is_not_swallowed_by_threads() -> None:
    def fail(rng: np.random.Generator, size: int) -> np.ndarray:
        raise ZeroDivisionError(f"{rng} {size}")

    with pytest.raises(ZeroDivisionError):
        simulate(fail, permutations=200, rng=np.random.default_rng(1), workers=3)


@pytest.mark.parametrize(
    ("observed", "draws", "alternative", "expected"),
    [
        (9.0, [0.0, 1.0, 2.0], "greater", 1 / 4),
        (9.0, [0.0, 1.0, 2.0], "less", 4 / 4),
        (1.0, [0.0, 1.0, 2.0], "greater", 3 / 4),  # a tie counts
        (1.0, [0.0, 1.0, 2.0], "less", 3 / 4),
        (3.0, [0.0, 1.0, 2.0], "two-sided", 1 / 4),  # 2 from the mean 1; the others at most 1
        (2.0, [0.0, 1.0, 2.0], "two-sided", 3 / 4),  # 1 from the mean, as two of the draws
        (5.0, [5.0, 5.0], "two-sided", 1.0),
        (float("nan"), [0.0, 1.0], "greater", float("nan")),
        (1.0, [0.0, float("nan")], "greater", float("nan")),
    ],
)
def test_p_counts_draws_as_extreme_and_itself(
    observed: float, draws: list[float], alternative: str, expected: float
) -> None:
    p = p_value(observed, draws, alternative=alternative)  # type: ignore[arg-type]
    np.testing.assert_allclose(p, expected, rtol=1e-15)


def test_a_sum_rounded_otherwise_is_still_a_tie() -> None:
    values = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    sums = np.array([sum(order) for order in permutations(values)])
    assert len(np.unique(sums)) > 1  # the same numbers, another rounding
    for tail in ("greater", "less"):
        assert p_value(values.sum(), sums, alternative=tail) == 1


def test_p_is_told_for_each_statistic_of_its_own_draws() -> None:
    draws = np.array([[0.0, 5.0], [1.0, 6.0], [2.0, 7.0]])
    np.testing.assert_allclose(p_value([2.0, 2.0], draws, alternative="greater"), [2 / 4, 4 / 4])


def test_an_unknown_alternative_and_no_draws_are_refused() -> None:
    with pytest.raises(OptionError, match="'bigger'"):
        p_value(1.0, [1.0], alternative="bigger")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="at least one draw"):
        p_value(1.0, np.empty(0))


def test_every_shuffle_within_strata_comes_equally_often() -> None:
    strata = np.array([0, 1, 0, 1, 0])
    size = 24_000
    orders = permute_within(strata, np.random.default_rng(2), size)
    seen, count = np.unique(orders, axis=0, return_counts=True)
    possible = {
        tuple(np.array(order))
        for evens, odds in product(permutations([0, 2, 4]), permutations([1, 3]))
        for order in [[evens[0], odds[0], evens[1], odds[1], evens[2]]]
    }
    assert {tuple(order) for order in seen.tolist()} == possible
    assert len(possible) == factorial(3) * factorial(2)
    expected = size / len(possible)
    chi_square = ((count - expected) ** 2 / expected).sum()
    assert chi_square < 31.3  # the 0.999 quantile with 11 degrees of freedom
