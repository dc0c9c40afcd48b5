from __future__ import annotations

from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse, stats

from geocluster.permutation import p_value
from geocluster.splitting.conditional import redraw_conditionally
from geocluster.splitting.tables import draw_tables, row_plan

Weights = sparse.csr_array


def scene(seed: int, *, equal: bool = False) -> tuple[Weights, Any, Any, Any]:
    """Three countries, the last too small to be redrawn; a row on its own, one with a weight on itself."""
    rng = np.random.default_rng(seed)
    country = np.repeat([0, 1, 2], [14, 9, 4])
    strata = np.where(country == 2, -1, country)
    n = len(country)
    joined = rng.random((n, n)) < 0.2
    weights = joined * (rng.integers(1, 4, (n, 1)) if equal else rng.random((n, n)))
    np.fill_diagonal(weights, 0)
    weights[3] = 0
    weights[4, 4] = 0.5
    weights[5:10, 14:] = 0  # neighbours at home only: these are answered by sorted sums
    return sparse.csr_array(weights), rng.normal(size=n), strata, country


def redrawn(weights: Weights, values: Any, strata: Any, country: Any, draws: int, focal: Any) -> np.ndarray[Any, Any]:
    """Read the same tables the slow way: shape (n, 3, draws)."""
    rng = np.random.default_rng(7)
    plan = row_plan(weights, strata, country, fast=focal is None)
    tables = draw_tables(plan, values, strata, permutations=draws, rng=rng)
    out = np.zeros((len(values), 3, draws))
    dense = weights.toarray()
    for i in range(len(values)):
        at = slice(tables.inverse[i], tables.inverse[i + 1])
        place = dict(zip(tables.draw[at].tolist(), tables.place[at].tolist(), strict=True))
        for b in range(draws):
            met = np.zeros(strata.max() + 1, dtype=int)
            mine = sum(strata[j] == strata[i] and j != i for j in np.flatnonzero(dense[i]))
            for j in np.flatnonzero(dense[i]):
                s = strata[j]
                if s < 0 or i == j:
                    y = values[j]
                else:
                    q = met[s]
                    met[s] += 1
                    if s == strata[i] and place.get(b, -1) == q:
                        q = mine
                    y = tables.table[tables.start[s] + q * draws + b]
                worth = y if focal is None else (focal[i] - y) ** 2
                out[i, 1 + (country[i] != country[j]), b] += dense[i, j] * worth
    out[:, 0] = out[:, 1] + out[:, 2]
    return out


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("equal", [False, True])
def test_rows_are_judged_as_if_each_draw_were_read_by_itself(*, squared: bool, equal: bool) -> None:
    weights, values, strata, country = scene(1, equal=equal)
    focal = values if squared else None
    found = redraw_conditionally(
        weights, values, strata, country, focal=focal, permutations=99, rng=np.random.default_rng(7)
    )
    draws = redrawn(weights, values, strata, country, 99, focal)
    varies = draws.std(axis=2) > 1e-9
    assert varies[:, 0].sum() > 20
    assert_allclose(found.expected[varies], draws.mean(axis=2)[varies], rtol=1e-9, atol=1e-12)
    assert_allclose(found.sd[varies], draws.std(axis=2)[varies], rtol=1e-9)
    expected = p_value(found.observed, draws.transpose(2, 0, 1))
    assert_allclose(found.p[varies], expected[varies], rtol=1e-12)
    assert np.isnan(found.p[~varies]).all()
    closed = found.observed[:, 1] + np.where(np.isnan(found.expected[:, 2]), found.observed[:, 2], found.expected[:, 2])
    told = p_value(closed, draws[:, 0].T)
    assert_allclose(found.p_closed[varies[:, 0]], told[varies[:, 0]], rtol=1e-12)


def test_sorted_sums_and_single_draws_tell_the_same() -> None:
    weights, values, strata, country = scene(2, equal=True)
    plan = row_plan(weights, strata, country)
    assert (plan.row >= 0).any()
    quick = redraw_conditionally(weights, values, strata, country, permutations=499, rng=np.random.default_rng(3))
    # weights that differ by nothing that matters, but differ
    nudged = weights.copy()
    nudged.data = nudged.data * (1 + 1e-13 * np.arange(nudged.nnz))
    assert (row_plan(nudged, strata, country).row < 0).sum() > (plan.row < 0).sum()
    slow = redraw_conditionally(nudged, values, strata, country, permutations=499, rng=np.random.default_rng(3))
    both = np.isfinite(quick.p)
    assert_array_equal(both, np.isfinite(slow.p))
    assert_allclose(quick.p[both], slow.p[both], rtol=1e-9)
    assert_allclose(quick.sd[both], slow.sd[both], rtol=1e-8)


def test_the_held_row_is_never_drawn_and_all_others_are_equally_likely() -> None:
    n, draws = 9, 60_000
    weights = np.zeros((n, n))
    weights[2, [0, 5]] = 1
    zero = np.zeros(n, dtype=np.int64)
    for marked in range(n):
        values = (np.arange(n) == marked).astype(float)
        found = redraw_conditionally(
            sparse.csr_array(weights), values, zero, zero, permutations=draws, rng=np.random.default_rng(marked)
        )
        share = found.expected[2, 0] / 2  # both neighbours draw it with the same chance
        if marked == 2:
            assert share == 0
        else:
            assert abs(share - 1 / 8) < 4 * np.sqrt(1 / 8 * 7 / 8 / (2 * draws))


def test_stratified_redraws_approach_the_full_enumeration() -> None:
    country = np.repeat([0, 1], [6, 5])
    values = np.array([0.3, 1.9, -0.7, 2.6, 0.2, -1.4, 0.8, 3.1, -2.2, 1.2, 0.4])
    weights = np.zeros((11, 11))
    weights[0, [1, 2, 6, 7]] = [0.7, 0.4, 1.1, 0.25]
    own = [values[j] for j in range(1, 6)]
    whole, across = [], []
    for a, b in product(permutations(own, 2), permutations(values[6:], 2)):
        home, abroad = 0.7 * a[0] + 0.4 * a[1], 1.1 * b[0] + 0.25 * b[1]
        whole.append(home + abroad)
        across.append(abroad)
    draws = 40_000
    found = redraw_conditionally(
        sparse.csr_array(weights), values, country, country, permutations=draws, rng=np.random.default_rng(1)
    )
    for part, null in ((0, np.array(whole)), (2, np.array(across))):
        observed = found.observed[0, part]
        p = float((np.abs(null - null.mean()) >= abs(observed - null.mean()) - 1e-12).mean())
        assert abs(found.p[0, part] - p) < 4 * np.sqrt(p * (1 - p) / draws)
        assert abs(found.expected[0, part] - null.mean()) < 4 * null.std() / np.sqrt(draws)
        assert found.sd[0, part] == pytest.approx(null.std(), rel=0.02)


def test_one_thread_and_three_give_the_same_bytes() -> None:
    rng = np.random.default_rng(4)
    n = 5_000
    country = rng.integers(0, 4, n)
    near = sparse.csr_array((np.ones(6 * n), (np.repeat(np.arange(n), 6), rng.integers(0, n, 6 * n))), shape=(n, n))
    values = rng.normal(size=n)
    one, three = (
        redraw_conditionally(
            near, values, country, country, permutations=99, rng=np.random.default_rng(1), workers=workers
        )
        for workers in (1, 3)
    )
    for name in ("observed", "expected", "sd", "p", "p_closed"):
        assert getattr(one, name).tobytes() == getattr(three, name).tobytes()


def test_p_is_uniform_where_values_know_nothing_of_places() -> None:
    rng = np.random.default_rng(5)
    n = 60
    country = np.repeat([0, 1], n // 2)
    near = sparse.csr_array((np.ones(5 * n), (np.repeat(np.arange(n), 5), rng.integers(0, n, 5 * n))), shape=(n, n))
    near.setdiag(0)
    near.eliminate_zeros()
    found = []
    for _ in range(400):
        values = rng.normal(size=n) + 5 * country  # countries differ in level
        p = redraw_conditionally(near, values, country, country, permutations=99, rng=rng).p
        found.append([p[7, 0], p[41, 0], p[7, 2]])
    for column in np.array(found).T:
        assert stats.kstest(column, stats.uniform.cdf).pvalue > 1e-3
        assert (column <= 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_permuting_over_all_countries_takes_a_difference_in_level_for_a_cluster() -> None:
    rng = np.random.default_rng(6)
    n = 60
    country = np.repeat([0, 1], n // 2)
    column = np.array([(i // 30) * 30 + (i + k) % 30 for i in range(n) for k in range(1, 6)])
    near = sparse.csr_array((np.ones(5 * n), (np.repeat(np.arange(n), 5), column)), shape=(n, n))
    rejected = np.zeros(2)
    for _ in range(40):
        values = rng.normal(size=n) + 2 * country
        for k, strata in enumerate((country, np.zeros(n, dtype=np.int64))):
            p = redraw_conditionally(near, values, strata, country, permutations=99, rng=rng).p[:, 0]
            rejected[k] += (p <= 0.05).mean() / 40
    assert rejected[0] < 0.06
    assert rejected[1] > 0.2


def test_sums_that_many_rows_ask_for_are_sorted_and_tell_the_same() -> None:
    rng = np.random.default_rng(8)
    n, k = 900, 6
    country = np.sort(rng.integers(0, 3, n))
    column = (np.arange(n)[:, None] + rng.permuted(np.tile(np.arange(1, 40), (n, 1)), axis=1)[:, :k]) % n
    weights = sparse.csr_array((np.full(n * k, 0.5), (np.repeat(np.arange(n), k), column.ravel())), shape=(n, n))
    plan = row_plan(weights, country, country)
    assert (plan.sum_of >= 0).sum() == len(plan.asked) > 2
    assert (plan.row == 1).sum() > 60
    nudged = weights.copy()
    nudged.data = nudged.data * (1 + 1e-13 * np.arange(nudged.nnz))
    values = rng.normal(size=n)
    quick, slow = (
        redraw_conditionally(each, values, country, country, permutations=199, rng=np.random.default_rng(3))
        for each in (weights, nudged)
    )
    for name in ("observed", "expected", "sd", "p", "p_closed"):
        assert_allclose(getattr(quick, name), getattr(slow, name), rtol=1e-8, atol=1e-10)
