from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse, stats

from geocluster.splitting.conditional import redraw_conditionally
from geocluster.splitting.counts import count_exactly, is_countable


def enumerate_counts(pools: list[tuple[list[float], int]]) -> np.ndarray[Any, Any]:
    """All sums of so many out of each pool."""
    ways = [[sum(chosen) for chosen in combinations(pool, m)] for pool, m in pools]
    return np.array([sum(each) for each in product(*ways)])


def test_p_is_that_of_the_full_enumeration() -> None:
    country = np.repeat([0, 1, 2], [7, 6, 3])
    strata = np.where(country == 2, -1, country)
    kind = np.array([1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], dtype=float)
    weights = np.zeros((16, 16))
    weights[0, [1, 3, 7, 8, 9, 13]] = 0.5
    found = count_exactly(sparse.csr_array(weights), kind, strata, country)
    home, abroad = list(kind[1:7]), list(kind[7:13])
    nulls = [
        enumerate_counts([(home, 2), (abroad, 3)]) + kind[13],
        enumerate_counts([(home, 2)]),
        enumerate_counts([(abroad, 3)]) + kind[13],
    ]
    for part, null in enumerate(nulls):
        observed = found.observed[0, part] / 0.5
        p = (np.abs(null - null.mean()) >= abs(observed - null.mean()) - 1e-9).mean()
        assert found.p[0, part] == pytest.approx(p, rel=1e-12)
        assert found.expected[0, part] == pytest.approx(0.5 * null.mean(), rel=1e-12)
        assert found.sd[0, part] == pytest.approx(0.5 * null.std(), rel=1e-12)
    closed = found.observed[0, 1] / 0.5 + nulls[2].mean()
    p = (np.abs(nulls[0] - nulls[0].mean()) >= abs(closed - nulls[0].mean()) - 1e-9).mean()
    assert found.p_closed[0] == pytest.approx(p, rel=1e-12)


@pytest.mark.parametrize("complete", [False, True])
def test_draws_approach_the_exact_law(*, complete: bool) -> None:
    rng = np.random.default_rng(1)
    country = np.repeat([0, 1], [30, 20])
    strata = np.zeros(50, dtype=np.int64) if complete else country
    weights = sparse.csr_array(((rng.random((50, 50)) < 0.15) & ~np.eye(50, dtype=bool)).astype(float))
    kind = (rng.random(50) < 0.35).astype(float)
    exact = count_exactly(weights, kind, strata, country)
    drawn = redraw_conditionally(weights, kind, strata, country, permutations=20_000, rng=rng)
    assert_allclose(drawn.expected, exact.expected, atol=0.06)
    assert_allclose(drawn.sd, exact.sd, atol=0.05)
    # where a count as far on the other side of the mean exists, the drawn mean's own chance leaves it out or not
    mirror = 2 * exact.expected - exact.observed
    tied = np.abs(mirror - np.round(mirror)) < 1e-9
    apart = np.abs(drawn.p - exact.p)[~tied & np.isfinite(exact.p)]
    assert len(apart) > 60
    assert apart.max() < 0.015


def test_many_neighbours_neither_overflow_nor_underflow() -> None:
    n, m = 40_000, 6_000
    kind = np.zeros(n)
    kind[:8_000] = 1
    weights = sparse.csr_array((np.ones(m), (np.full(m, n - 1), np.arange(4_000, 4_000 + m))), shape=(n, n))
    zero = np.zeros(n, dtype=np.int64)
    found = count_exactly(weights, kind, zero, zero)
    law = stats.hypergeom(n - 1, 8_000, m)
    assert found.observed[-1, 0] == 4_000
    assert found.expected[-1, 0] == pytest.approx(law.mean(), rel=1e-9)
    assert found.sd[-1, 0] == pytest.approx(law.std(), rel=1e-6)
    assert 0 <= found.p[-1, 0] < 1e-200


def test_answers_kept_are_those_worked_out_anew() -> None:
    rng = np.random.default_rng(3)
    country = np.repeat([0, 1], 200)
    column = np.array([(i // 200) * 200 + j for i in range(400) for j in rng.choice(200, 5, replace=False)])
    weights = sparse.csr_array((np.ones(2_000), (np.repeat(np.arange(400), 5), column)), shape=(400, 400))
    weights.setdiag(0)
    weights.eliminate_zeros()
    kind = (rng.random(400) < 0.3).astype(float)
    found = count_exactly(weights, kind, country, country)
    for i in range(0, 400, 37):
        here = (country == country[i]) & (np.arange(400) != i)
        law = stats.hypergeom(int(here.sum()), int(kind[here].sum()), int(np.diff(weights.indptr)[i]))
        far = abs(found.observed[i, 0] - law.mean())
        k = np.arange(6)
        assert found.p[i, 0] == pytest.approx(law.pmf(k)[np.abs(k - law.mean()) >= far - 1e-9].sum(), rel=1e-9)


def test_what_is_no_count_is_told() -> None:
    pair = sparse.csr_array(np.array([[0, 1.0, 1.0], [0, 0, 0], [2.0, 2.0, 0]]))
    uneven = sparse.csr_array(np.array([[0, 1.0, 2.0], [0, 0, 0], [0, 0, 0]]))
    assert is_countable(pair, np.array([0.0, 1.0, 1.0]))
    assert not is_countable(pair, np.array([0.0, 1.0, 2.0]))
    assert not is_countable(uneven, np.zeros(3))
    assert is_countable(sparse.csr_array(np.zeros((3, 3))), np.zeros(3))
