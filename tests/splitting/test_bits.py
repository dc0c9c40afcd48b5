"""Labels as bits: exact numbers, the law of a permutation, strata of one, threads."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from geocluster.splitting import Countries, Edges
from geocluster.splitting.bits import joins_by_bits, tables_by_bits, takes_bits
from geocluster.splitting.engine import Layout, Shuffles


def lay(weights: sparse.csr_array, names: list[str], *, permutations: int = 640, seed: int = 1) -> Shuffles:
    countries = Countries.of(names)
    xyz = np.random.default_rng(9).uniform(0, 100, (len(names), 3))
    layout = Layout.of(weights, Edges.of(weights, countries), countries, xyz, merge=False)
    rng = np.random.default_rng(seed)
    return Shuffles.of(layout, countries.strata(), permutations=permutations, rng=rng)


def test_every_labelling_has_its_numbers() -> None:
    # all of CH and FR point at one row of B that stands alone in its country: the count is N_A
    names = ["CH"] * 300 + ["FR"] * 7 + ["LI"]
    codes = np.array([1] * 120 + [2] * 180 + [1] * 7 + [2])
    weights = sparse.csr_array((np.ones(307), (np.arange(307), np.full(307, 307))), shape=(308, 308))
    made = lay(weights, names)
    found = joins_by_bits(made, codes, (1, 2))
    assert found.shape == (640, 2)
    np.testing.assert_array_equal(found, np.broadcast_to([120.0, 7.0], found.shape))
    np.testing.assert_array_equal(joins_by_bits(made, codes, (2, 2)), np.broadcast_to([180.0, 0.0], found.shape))


@pytest.mark.parametrize("join", [(1, 2), (2, 1), (1, 1)])
def test_the_law_is_that_of_a_permutation(join: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    n = 240
    column = np.concatenate([rng.choice(np.delete(np.arange(n), i), 4, replace=False) for i in range(n)])
    weights = sparse.csr_array((np.full(4 * n, 0.25), (np.repeat(np.arange(n), 4), column)), shape=(n, n))
    weights.sort_indices()
    names = ["CH"] * 150 + ["FR"] * 90
    codes = np.r_[rng.choice(3, 150, p=[0.2, 0.5, 0.3]), rng.choice(3, 90, p=[0.6, 0.1, 0.3])]
    made = lay(weights, names, permutations=6_400)
    assert takes_bits(made.layout)
    found = joins_by_bits(made, codes, join)
    tables = tables_by_bits(made, codes, [0, 1, 2])
    row, other, country = np.repeat(np.arange(n), 4), weights.indices, np.array([0] * 150 + [1] * 90)
    pair = country[row] + country[other]
    brute = np.empty((4_000, 3))
    for draw in range(len(brute)):
        label = codes.copy()
        for side in (0, 1):
            label[country == side] = rng.permutation(label[country == side])
        hit = (label[row] == join[0]) & (label[other] == join[1])
        brute[draw] = np.bincount(pair[hit], minlength=3) * 0.25
    error = brute.std(axis=0) * np.sqrt(1 / 4_000 + 1 / 6_400)
    for seen in (found, tables[:, join[0], join[1]]):
        assert (np.abs(seen.mean(axis=0) - brute.mean(axis=0)) < 4 * error).all()
        np.testing.assert_allclose(seen.std(axis=0), brute.std(axis=0), rtol=0.06)
    # all kinds are labelled together: every edge joins two of them, and every row of a kind has its neighbours
    np.testing.assert_allclose(tables.sum(axis=(1, 2)), np.tile(np.bincount(pair) * 0.25, (6_400, 1)), rtol=1e-12)
    number = np.bincount(codes, minlength=3).astype(float)
    np.testing.assert_allclose(tables.sum(axis=(2, 3)), np.tile(number, (6_400, 1)), rtol=1e-12)
    np.testing.assert_array_equal(tables, tables_by_bits(made, codes, [0, 1, 2], workers=3))


def test_threads_do_not_matter_and_seeds_do() -> None:
    ring = sparse.csr_array(np.roll(np.eye(60), 1, axis=1))
    codes = np.random.default_rng(3).integers(0, 3, 60)
    one, two, other = (
        joins_by_bits(lay(ring, ["CH"] * 40 + ["FR"] * 20, seed=seed), codes, (1, 2), workers=workers)
        for seed, workers in ((1, 1), (1, 3), (2, 1))
    )
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_other_weights_are_left_to_the_shuffles() -> None:
    ring = sparse.csr_array(np.roll(np.eye(8), 1, axis=1) + 0.3 * np.roll(np.eye(8), 2, axis=1))
    assert not takes_bits(lay(ring, ["CH"] * 8).layout)
