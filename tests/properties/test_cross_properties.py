"""What holds of every curve of pairs, whatever the points."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geocluster import cross_test
from geocluster.errors import OptionError

FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def tables(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Rows anywhere on the globe, some on shared points, in up to three countries."""
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(2, 60))
    longitude, latitude = draw(st.floats(-180, 180)), draw(st.floats(-89, 89))
    rng = np.random.default_rng(seed)
    spread = draw(st.sampled_from([0.0, 0.01, 0.5, 30.0]))
    lon = (longitude + rng.normal(0, spread, n) + 180) % 360 - 180
    lat = np.clip(latitude + rng.normal(0, spread, n), -90, 90)
    if draw(st.booleans()):
        lon, lat = lon.round(1), lat.round(1)
    frame = {"country": rng.choice(["AA", "BB", "CC"], n), "kind": rng.choice(["a", "b", "c"], n)}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat), crs=4326)


def ask(table: gpd.GeoDataFrame, function: Any, near: str) -> Any:
    """Ask, or None where it cannot be asked: then in words."""
    try:
        return cross_test(table, kind="a", near_kind=near, function=function, null="labelling", permutations=19, rng=1)
    except OptionError as error:
        if "cannot be asked" not in str(error) and "one place" not in str(error):
            raise
        return None


@FEW
@given(tables(), st.sampled_from(["K", "g", "nearest"]), st.sampled_from(["a", "b"]))
def test_parts_add_up_p_is_a_p_and_row_order_does_not_matter(table: gpd.GeoDataFrame, function: str, near: str) -> None:
    result = ask(table, function, near)
    if result is None:
        return
    parts = result.curves.pivot(index="part", columns="distance_km", values="observed")
    pairs = parts.loc[[name for name in parts.index if "-" in name]].sum(skipna=False)
    np.testing.assert_allclose(parts.loc["within"] + parts.loc["across"], parts.loc["whole"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(pairs, parts.loc["whole"], rtol=1e-9, atol=1e-9)
    p = result.parts[["p", "p_attraction", "p_adjusted"]].to_numpy(dtype=float)
    assert ((p[np.isfinite(p)] > 0) & (p[np.isfinite(p)] <= 1)).all()
    assert not (np.isfinite(result.parts["p"]) & (result.parts["reason"] != "")).any()
    assert (np.isfinite(result.parts["p"]) | (result.parts["reason"] != "")).all()
    if function != "g":
        assert (np.diff(parts.to_numpy(), axis=1)[~parts.index.isin(["across/within"])] >= -1e-9).all()
    again = ask(table.sample(frac=1, random_state=1), function, near)
    pd.testing.assert_series_equal(result.curves["observed"], again.curves["observed"], rtol=1e-9, atol=1e-9)
    assert result.summary()


@FEW
@given(tables(), st.sampled_from(["a", "b"]))
def test_near_is_mutual(table: gpd.GeoDataFrame, near: str) -> None:
    one = ask(table, "K", near)
    if one is None:
        return
    at = one.curve("whole").index
    other = cross_test(table, kind=near, near_kind="a", at_km=list(at), null="labelling", permutations=1, rng=1)
    for part in ("whole", "within", "across"):
        pd.testing.assert_series_equal(one.curve(part)["observed"], other.curve(part)["observed"])
