"""The log-Gaussian Cox null: its fit, its field, and what it says beside the plain redraw."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geocluster.background.clustering import count_pairs, fit_clustering
from geocluster.spanning import spanning_test
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
    for _ in range(5):
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


def towns(rng: np.random.Generator, *, sigma2: float, extra: int = 0) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Two states side by side; 300 organisations each on a background that clusters with σ², and more at the border."""
    xy = np.column_stack([rng.uniform(0, 300, 500), rng.uniform(-50, 50, 500)])
    population = 500 * (1 + rng.pareto(1.5, 500))
    code = np.where(xy[:, 0] < 150, "AA", "XX")
    gap = np.linalg.norm(xy[:, None] - xy[None], axis=-1)
    z = np.linalg.cholesky(np.exp(-gap / 10) + 1e-9 * np.eye(500)) @ rng.standard_normal(500)
    rows = []
    for side in ("AA", "XX"):
        own = np.flatnonzero(code == side)
        weight = population[own] * np.exp(np.sqrt(sigma2) * z[own])
        rows.append(rng.choice(own, 300, p=weight / weight.sum()))
        near = own[np.argsort(np.hypot(xy[own, 0] - 150, xy[own, 1]))[:4]]
        rows.append(rng.choice(near, extra))
    place = np.concatenate(rows)
    points = gpd.points_from_xy(xy[:, 0] / 111.195, xy[:, 1] / 111.195, crs="EPSG:4326")
    frame = gpd.GeoDataFrame({"country": code, "population": population}, geometry=points)
    frame["border_km"] = np.abs(xy[:, 0] - 150)
    return frame, gpd.GeoDataFrame({"country": code[place]}, geometry=points[place])


def ask(background: gpd.GeoDataFrame, table: gpd.GeoDataFrame, labels: Any = None, **options: Any) -> Any:
    chosen: dict[str, Any] = {"rng": 1, "null": "lgcp", "permutations": 499} | options
    return spanning_test(table, labels, background=background, study_area="countries", **chosen)


def test_a_clear_cluster_stands_on_both_nulls_and_says_so() -> None:
    background, table = towns(np.random.default_rng(2), sigma2=0.0, extra=40)
    result, plain = ask(background, table), ask(background, table, null="redraw")
    assert set(result.windows["robust"]) == {"robust to clustering of the background"}
    assert (result.windows["p_lgcp"] <= 0.05).all()
    assert (result.background["fitted_on"] == "interior").any()
    assert (result.background["clustering_fitted_on"] == "interior").all()
    assert "log-Gaussian Cox process" in result.null
    assert result.windows["p"].tolist() == plain.windows["p"].tolist()  # the first p does not hang on the second
    assert set(plain.windows["robust"]) == {""}
    assert plain.windows["p_lgcp"].isna().all()


def test_a_claim_that_a_clustered_background_explains_is_not_robust() -> None:
    background, table = towns(np.random.default_rng(8), sigma2=2.5, extra=10)
    labels = pd.Series(pd.NA, index=table.index, dtype="Int64")
    labels[np.abs(np.asarray(table.geometry.x) * 111.195 - 150) < 15] = 1
    result = ask(background, table, labels)
    assert result.background["sigma2"].iloc[0] > 0.5
    told = result.windows[result.windows["p_lgcp"] > 0.05]
    assert len(told)
    assert set(told["robust"]) == {"not robust to clustering of the background"}
    assert "not robust to clustering of the background" in result.summary()
    assert "not robust to clustering of the background" in result.clusters.loc[1, "reason"]


def test_the_second_null_gives_the_same_numbers_on_any_number_of_threads_and_border_by_border() -> None:
    background, table = towns(np.random.default_rng(2), sigma2=0.5, extra=20)
    one, two = ask(background, table, workers=1), ask(background, table, workers=2)
    for name in ("windows", "families"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    border = ask(background, table, unit="border")
    assert border.families["family"].tolist() == ["AA-XX", "AA-XX"]
    assert border.families["p_lgcp"].to_numpy() == pytest.approx(one.families["p_lgcp"].to_numpy(), abs=0.05)
    assert set(border.windows["robust"]) <= {
        "robust to clustering of the background",
        "not robust to clustering of the background",
    }


def test_redraws_too_many_to_keep_are_drawn_again_to_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    background, table = towns(np.random.default_rng(2), sigma2=0.5, extra=20)
    kept = ask(background, table)
    monkeypatch.setattr("geocluster.spanning.fields.MOST_KEPT", 100)
    again = ask(background, table, workers=2)
    pd.testing.assert_frame_equal(kept.windows, again.windows, check_exact=True)
    pd.testing.assert_frame_equal(kept.families, again.families, check_exact=True)


def test_a_second_null_shows_how_far_it_is() -> None:
    background, table = towns(np.random.default_rng(2), sigma2=0.5, extra=20)
    seen: list[int] = []

    def progress(steps: Any) -> Any:
        steps = list(steps)
        seen.append(len(steps))
        return steps

    ask(background, table, progress=progress, permutations=99)
    # of each reading: the plain test, the tails on the field, the test on it; two countries each
    assert seen == [2] * 6
