"""The log-Gaussian Cox null: its fit, its field, and what it says beside the plain redraw."""

from __future__ import annotations

import numpy as np
import pytest

from geocluster.background.clustering import count_pairs, fit_clustering
from geocluster.spanning.fields import prepare_field


def test_the_field_has_the_covariance_asked_for() -> None:
    rng = np.random.default_rng(1)
    xyz = np.column_stack([rng.uniform(0, 60, (200, 2)), np.zeros(200)])
    field = prepare_field(xyz, sigma2=1.5, rho_km=15.0)
    n = len(xyz)
    lower = np.zeros((n, n))
    i, j = np.nonzero(field.neighbour >= 0)
    lower[i, field.neighbour[i, j]] = field.factor[i, j]
    root = np.linalg.solve(np.eye(n) - lower, np.diag(field.spread))
    ordered = xyz[field.order]
    wanted = 1.5 * np.exp(-np.linalg.norm(ordered[:, None] - ordered[None], axis=-1) / 15.0)
    assert np.abs(root @ root.T - wanted).max() < 0.04 * 1.5


def test_pairs_are_counted_as_by_hand() -> None:
    rng = np.random.default_rng(2)
    xyz = np.column_stack([rng.uniform(0, 80, (60, 2)), np.zeros(60)])
    count, weight = rng.integers(0, 4, 60), rng.uniform(1, 9, 60)
    observed, expected = count_pairs(count, weight, xyz)
    where = np.repeat(np.arange(60), count)
    gap = np.linalg.norm(xyz[where][:, None] - xyz[where][None], axis=-1)[~np.eye(len(where), dtype=bool)]
    by_hand = np.bincount(np.ceil(gap[gap <= 50]).astype(int), minlength=51)
    assert observed.tolist() == by_hand.tolist()
    assert expected[0] == pytest.approx(len(where) * (len(where) - 1) * ((weight / weight.sum()) ** 2).sum())


def test_the_fit_recovers_what_was_simulated_and_finds_nothing_where_nothing_is() -> None:
    rng = np.random.default_rng(3)
    xyz = np.column_stack([rng.uniform(0, 400, (1500, 2)), np.zeros(1500)])
    weight = 500 * (1 + rng.pareto(1.5, 1500))
    root = np.linalg.cholesky(np.exp(-np.linalg.norm(xyz[:, None] - xyz[None], axis=-1) / 20) + 1e-9 * np.eye(1500))
    country, border = np.full(1500, "AA"), np.full(1500, 100.0)
    found = []
    for _ in range(8):
        clumped = weight * np.exp(root @ rng.standard_normal(1500))
        count = rng.multinomial(4000, clumped / clumped.sum())
        fit = fit_clustering(count, weight, country, border, xyz)["AA"]
        found.append((fit.sigma2, fit.rho_km))
        assert (fit.fitted_on, fit.organisations) == ("interior", 4000)
    sigma2, rho = np.median(found, axis=0)
    assert 0.6 < sigma2 < 1.4
    assert 10 < rho < 40
    plain = fit_clustering(rng.multinomial(4000, weight / weight.sum()), weight, country, border, xyz)["AA"]
    assert plain.sigma2 < 0.1
