from __future__ import annotations

import numpy as np
import pytest

from geocluster.errors import OptionError
from geocluster.graph import distinct_points
from geocluster.surrogates import MAX_PLACES, cut_draws, permuted_draws, spectral_draws


def towns(rng: np.random.Generator, rows: int = 60, places: int = 25) -> tuple[np.ndarray, np.ndarray]:
    lon, lat = rng.uniform(7, 8, places), rng.uniform(47, 48, places)
    at = rng.integers(places, size=rows)
    return lon[at], lat[at]


def test_mean_and_variance_of_the_country_are_kept_with_many_rows_on_a_point() -> None:
    rng = np.random.default_rng(1)
    points = distinct_points(*towns(rng))
    values = rng.gamma(2, size=60)
    draws = spectral_draws(points, np.arange(60), values)(rng, 200)
    assert draws.mean(axis=1) == pytest.approx(values.mean(), rel=1e-9)
    assert draws.var(axis=1) == pytest.approx(values.var(), rel=1e-9)
    assert np.ptp(draws, axis=0).min() > 0


def test_texture_is_kept_where_permutation_loses_it() -> None:
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(7, 8, 150), rng.uniform(47, 48, 150)
    points = distinct_points(lon, lat)
    gap = np.hypot(lon[:, None] - lon, lat[:, None] - lat)
    near = (gap < 0.1) & (gap > 0)
    values = np.linalg.cholesky(np.exp(-gap / 0.2) + 1e-9 * np.eye(150)) @ rng.normal(size=150)

    def likeness(x: np.ndarray) -> float:
        z = x - x.mean()
        return float((near * np.outer(z, z)).sum() / near.sum() / z.var())

    own = likeness(values)
    surrogate = np.mean([likeness(x) for x in spectral_draws(points, np.arange(150), values)(rng, 50)])
    shuffled = np.mean([likeness(x) for x in permuted_draws(values)(rng, 50)])
    assert surrogate == pytest.approx(own, abs=0.1)
    assert abs(shuffled) < 0.1 < own


def test_row_order_does_not_change_the_draws() -> None:
    rng = np.random.default_rng(3)
    lon, lat = towns(rng)
    values, order = rng.normal(size=60), rng.permutation(60)
    one = spectral_draws(distinct_points(lon, lat), np.arange(60), values)
    other = spectral_draws(distinct_points(lon[order], lat[order]), np.arange(60), values[order])
    # place means do not depend on row order; what a row differs from its place is shuffled inside the place
    of_row = distinct_points(lon, lat).of_row
    a, b = one(np.random.default_rng(4), 5), other(np.random.default_rng(4), 5)
    for draw, shuffled in zip(a, b, strict=True):
        back = np.empty(60)
        back[order] = shuffled
        assert np.bincount(of_row, draw) == pytest.approx(np.bincount(of_row, back), abs=1e-9)


def test_a_cut_holds_exactly_so_many_ones_and_breaks_ties_at_random() -> None:
    points = distinct_points([7.0] * 10, [47.0] * 10)
    draw = cut_draws(spectral_draws(points, np.arange(10), np.r_[np.ones(3), np.zeros(7)]), 3)
    drawn = draw(np.random.default_rng(5), 400)
    assert (drawn.sum(axis=1) == 3).all()
    assert drawn.mean(axis=0) == pytest.approx(0.3, abs=0.1)


def test_too_many_places_are_refused() -> None:
    rng = np.random.default_rng(6)
    n = MAX_PLACES + 1
    points = distinct_points(rng.uniform(0, 9, n), rng.uniform(40, 50, n))
    with pytest.raises(OptionError, match="null='permutation'"):
        spectral_draws(points, np.arange(n), np.arange(n, dtype=float))
