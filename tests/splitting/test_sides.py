from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from geocluster import build_graph
from geocluster.graph import to_sparse
from geocluster.splitting import CrossForm, Sides, rows_that_enter


def sides(null: Any = "permutation", seed: int = 1) -> tuple[Sides, np.ndarray]:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 8, 90), rng.uniform(47, 48, 90)
    country = np.where(lon < 7.5, "FR", "DE")
    table = gpd.GeoDataFrame({"country": country}, geometry=gpd.points_from_xy(lon, lat), crs=4326)
    graph = build_graph(table, nearest=5)
    rows = rows_that_enter(table, graph, np.zeros(90, dtype=bool), "")
    made = Sides(rows, null, permutations=199, rng=np.random.default_rng(2), workers=1)
    return made, to_sparse(graph, table.index).toarray()


def test_only_weights_that_cross_are_kept() -> None:
    made, dense = sides()
    code = made.countries.code
    assert made.weights.toarray() == pytest.approx(dense * (code[:, None] != code))
    between = made.between(made.beside(made.both))
    de, fr = code == 0, code == 1
    assert between[0, 1] == pytest.approx(dense[np.ix_(de, fr)].sum() + dense[np.ix_(fr, de)].sum())
    assert between[0, 0] == 0


def test_a_form_of_two_features_is_summed_with_what_is_held() -> None:
    made, dense = sides()
    x = np.random.default_rng(3).normal(size=90)
    both, none = made.both, np.zeros((2, 2), dtype=bool)
    around = made.beside(both)
    form = CrossForm(
        x, [around, -2 * made.beside(both, x)], made.between(around), none,
        held=made.between(made.beside(both, x**2)), features=lambda values: (values**2, values),
    )  # fmt: skip
    found = made.test(form)
    code = made.countries.code
    cross = (dense + dense.T) * (code[:, None] != code) / 2
    told = (cross * (x[:, None] - x) ** 2).sum() / cross.sum()
    assert found.frame["value"].tolist() == pytest.approx([told, told])
    assert found.standard["across"] == pytest.approx(told)
    assert found.simulated.shape == (199, 2)
    assert found.simulated.mean(axis=0) == pytest.approx(found.frame["expected"].tolist())


def test_the_same_redraws_serve_every_form() -> None:
    made, _ = sides("surrogate")
    x = np.random.default_rng(3).normal(size=90)
    form = CrossForm(x, [made.beside(made.both, x)], made.between(made.beside(made.both)), np.zeros((2, 2), dtype=bool))
    one, two = made.test(form), made.test(form)
    assert (one.simulated == two.simulated).all()


def test_scores_have_mean_nought_and_sd_one_in_each_country_and_flat_ones_are_told() -> None:
    made, _ = sides()
    code = made.countries.code
    x = np.where(code == 0, 1e-30 * np.random.default_rng(3).normal(size=90), 7.0)
    z, flat = made.scores(x * 1e30)
    assert flat.tolist() == [False, True]
    assert z[code == 0].mean() == pytest.approx(0, abs=1e-12)
    assert z[code == 0].std() == pytest.approx(1)
    assert (z[code == 1] == 0).all()


def test_a_statistic_without_a_test_gives_its_reason_for_every_direction() -> None:
    made, _ = sides()
    found = made.nothing("not defined: because")
    assert found.frame["reason"].tolist() == ["not defined: because"] * 2
    assert found.frame["p"].isna().all()
    assert found.standard == {}
