"""What holds of every statistic that is split at the border."""

from __future__ import annotations

from typing import Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocluster import autocorrelation_test, build_graph, colocation_test
from geocluster.splitting import workbench
from geocluster.surrogates import Null


@st.composite
def tables(draw: st.DrawFn) -> gpd.GeoDataFrame:
    n = draw(st.integers(8, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.0, 0.01, 0.5]))
    lon, lat = rng.normal(7.5, spread, n).round(2), rng.normal(47.5, spread, n).round(2)
    return gpd.GeoDataFrame(
        {
            "country": rng.choice(["CH", "DE", "FR"][: draw(st.integers(1, 3))], n),
            "kind": np.r_[["firm", "university"], rng.choice(["firm", "university"], n - 2)],
            "x": rng.integers(0, draw(st.integers(1, 5)), n).astype(float),
        },
        geometry=gpd.points_from_xy(lon, lat),
        crs="EPSG:4326",
    )


@settings(max_examples=30, deadline=None)
@given(tables(), st.sampled_from(get_args(Null)))
def test_parts_add_up_p_lies_in_its_range_and_reasons_stand_where_it_does_not(
    table: gpd.GeoDataFrame, null: Null
) -> None:
    graph = build_graph(table, nearest=3)
    for result in (
        autocorrelation_test(table, graph, column="x", null=null, permutations=19, rng=1),
        colocation_test(
            table,
            graph,
            kind="firm",
            near_kind="university",
            null=null,
            permutations=19,
            rng=1,
        ),
    ):
        value, p = result.parts["value"], pd.concat([result.parts["p"], result.cross["p"]])
        if np.isfinite(value["whole"]):
            assert value["within"] + value["across"] == pytest.approx(value["whole"], rel=1e-12, abs=1e-14)
        told = p.dropna().to_numpy(dtype=float)
        assert ((told >= 1 / 20) & (told <= 1)).all()
        assert (result.cross["p"].notna() | (result.cross["reason"] != "")).all()
        assert result.n + len(result.set_aside) == len(table)
        assert result.summary()


@settings(max_examples=40, deadline=None)
@given(
    tables(),
    st.sampled_from(["moran", "geary", "getis_ord", "join_count", "bivariate_moran", "lee"]),
    st.sampled_from(["stratified", "complete"]),
    st.sampled_from([0, 10**9]),
)
def test_every_global_statistic_adds_up_whatever_the_values_and_the_engine(
    table: gpd.GeoDataFrame, statistic: Any, null: Any, fast_from: int
) -> None:
    table["y"] = np.arange(len(table)) % 3
    two = statistic in ("bivariate_moran", "lee")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbench, "FAST_FROM", fast_from)
        result = autocorrelation_test(
            table, build_graph(table, nearest=3), column="kind" if statistic == "join_count" else "x",
            other_column="y" if two else None, statistic=statistic, null=null, cross_null="permutation",
            permutations=19, rng=1,
        )  # fmt: skip
    frame = result.to_frame()
    groups = [one.droplevel(0) for _, one in frame.groupby(level=0)] if statistic == "join_count" else [frame]
    for group in groups:
        value = group["value"]
        parts = [name for name in ("within", "across", "mixed") if name in group.index]
        if np.isfinite(value["whole"]):
            assert value[parts].sum() == pytest.approx(value["whole"], rel=1e-12, abs=1e-13)
            assert value.drop(["whole", *parts]).sum() == pytest.approx(value["whole"], rel=1e-12, abs=1e-13)
            assert group["exact"].drop(["whole", *parts]).sum() == pytest.approx(group["exact"]["whole"], abs=1e-9)
        p = group["p"].dropna().to_numpy(dtype=float)
        assert ((p >= 1 / 20) & (p <= 1)).all()
    assert (result.cross["p"].notna() | (result.cross["reason"] != "")).all()
    assert result.n + len(result.set_aside) == len(table)
    assert result.summary()
    assert "-0.00 " not in result.sentence()


@settings(max_examples=15, deadline=None)
@given(tables(), st.integers(0, 10**6))
def test_row_order_does_not_change_the_parts(table: gpd.GeoDataFrame, seed: int) -> None:
    shuffled = table.sample(frac=1, random_state=seed)
    one, other = (
        autocorrelation_test(t, build_graph(t, nearest=3), column="x", null="permutation", permutations=1, rng=1).parts
        for t in (table, shuffled)
    )
    assert other.loc[one.index, "value"].to_numpy() == pytest.approx(one["value"].to_numpy(), abs=1e-12, nan_ok=True)
