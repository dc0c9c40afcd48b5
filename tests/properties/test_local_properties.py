"""What holds of every local statistic."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geocluster import build_graph, hotspot_test
from geocluster.autocorrelation.measures import NAMES
from geocluster.splitting.discovery import adjust_for_discovery


@st.composite
def tables(draw: st.DrawFn) -> gpd.GeoDataFrame:
    n = draw(st.integers(8, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.0, 0.01, 0.5]))
    lon, lat = rng.normal(7.5, spread, n).round(2), rng.normal(47.5, spread, n).round(2)
    x = rng.integers(0, draw(st.integers(1, 5)), n).astype(float)
    return gpd.GeoDataFrame(
        {"country": rng.choice(["CH", "DE", "FR"][: draw(st.integers(1, 3))], n), "x": x, "one": x > 1},
        geometry=gpd.points_from_xy(lon, lat),
        crs="EPSG:4326",
    )


def ask(table: gpd.GeoDataFrame, statistic: Any, **options: Any) -> Any:
    column = "one" if statistic == "join_count" else "x"
    more: dict[str, Any] = {"other_column": "x"} if statistic == "bivariate_moran" else {}
    graph = build_graph(table, nearest=3)
    return hotspot_test(table, graph, column=column, statistic=statistic, permutations=19, rng=1, **more, **options)


@settings(max_examples=40, deadline=None)
@given(tables(), st.sampled_from(list(NAMES)), st.sampled_from(["stratified", "complete"]))
def test_parts_add_up_p_lies_in_its_range_and_reasons_stand_where_it_does_not(
    table: gpd.GeoDataFrame, statistic: str, null: str
) -> None:
    result = ask(table, statistic, null=null)
    frame = result.frame
    held = frame["value"].notna()
    assert_allclose((frame["within"] + frame["across"])[held], frame["value"][held], rtol=1e-12, atol=1e-14)
    for column in ("p", "p_within", "p_across", "p_closed", "p_adjusted", "p_across_surrogate"):
        told = frame[column].dropna()
        assert told.between(0, 1 + 1e-12).all()
        assert (told > 0).all()
    assert ((frame["reason"] == "") == frame["p"].notna()).all()
    assert ((frame["verdict"] == "not tested") == frame["p"].isna()).all()
    assert ((frame["dependence"] == "") == ~(frame["p_adjusted"] <= 0.05)).all()
    assert frame.loc[frame["neighbours_abroad"] == 0, "p_across"].isna().all()
    assert result.summary()


@settings(max_examples=20, deadline=None)
@given(tables(), st.sampled_from(list(NAMES)), st.integers(0, 10**6))
def test_row_order_does_not_change_the_values(table: gpd.GeoDataFrame, statistic: str, seed: int) -> None:
    one = ask(table, statistic).frame
    other = ask(table.sample(frac=1, random_state=seed), statistic).frame.loc[one.index]
    for column in ("value", "within", "across"):
        assert_allclose(other[column], one[column], rtol=1e-9, atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.001, 1) | st.just(float("nan")), max_size=30), st.sampled_from(["bh", "by"]))
def test_adjusted_p_values_keep_the_order_and_never_fall(p: list[float], fdr: Any) -> None:
    found = adjust_for_discovery(p, fdr=fdr)
    given_p = np.array(p)
    held = ~np.isnan(given_p)
    assert (np.isnan(found) == ~held).all()
    assert (found[held] >= given_p[held] - 1e-15).all()
    order = np.argsort(given_p[held])
    assert (np.diff(found[held][order]) >= -1e-15).all()


def test_local_moran_sums_to_the_global() -> None:
    from geocluster import autocorrelation_test

    rng = np.random.default_rng(1)
    table = gpd.GeoDataFrame(
        {"country": rng.choice(["CH", "DE"], 50), "x": rng.normal(size=50)},
        geometry=gpd.points_from_xy(rng.uniform(7, 8, 50), rng.uniform(47, 48, 50)), crs="EPSG:4326",
    )  # fmt: skip
    graph = build_graph(table, nearest=4)
    frame = hotspot_test(table, graph, column="x", permutations=1, rng=1).frame
    parts = autocorrelation_test(table, graph, column="x", null="permutation", permutations=1, rng=1).parts["value"]
    for column, part in (("value", "whole"), ("within", "within"), ("across", "across")):
        assert frame[column].sum() / 200 == pytest.approx(parts[part], rel=1e-9)
