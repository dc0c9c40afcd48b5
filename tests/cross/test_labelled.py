"""M, m, Kd and mark connection through cross_test: parts, nulls, threads, faults."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geocluster import cross_test
from geocluster.distance import to_arc_km, to_ecef
from geocluster.errors import OptionError

FUNCTIONS = ("M", "m", "Kd", "mark_connection")


def scene(seed: int, n: int = 160) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    kind = rng.choice(["firm", "university", "institute"], n, p=[0.4, 0.3, 0.3])
    return gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), "kind": kind, "employees": rng.integers(1, 50, n)},
        geometry=gpd.points_from_xy(lon, lat),
        crs=4326,
    )


def ask(table: gpd.GeoDataFrame, **options: Any) -> Any:
    chosen: dict[str, Any] = {"kind": "firm", "near_kind": "university", "at_km": [5, 10, 20], "permutations": 99}
    return cross_test(table, **(chosen | {"rng": 1} | options))


@pytest.mark.parametrize("near_kind", ["university", "firm"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_within_and_across_add_up_and_threads_do_not_matter(function: str, near_kind: str) -> None:
    table = scene(1)
    one = ask(table, function=function, near_kind=near_kind)
    value = one.curves.pivot(index="part", columns="distance_km", values="value")
    np.testing.assert_allclose(value.loc["within"] + value.loc["across"], value.loc["whole"], rtol=1e-12)
    pairs = value.loc[["DE-DE", "DE-FR", "FR-FR"]].sum()
    np.testing.assert_allclose(pairs, value.loc["whole"], rtol=1e-12)
    other = ask(table, function=function, near_kind=near_kind, workers=3)
    np.testing.assert_array_equal(one.curves["low"], other.curves["low"])
    assert np.isfinite(one.parts.loc[["whole", "within", "across"], "p"]).all()
    assert 0 < one.parts.loc["DE-FR", "p_attraction"] <= 1


def test_mark_connection_is_the_share_of_all_ordered_pairs() -> None:
    table = scene(2, n=60)
    total = 0.0
    for near_kind in ("firm", "university", "institute"):
        curve = ask(table, function="mark_connection", near_kind=near_kind, bandwidth_km=6, at_km=[15])
        total += float(curve.curve("whole")["value"].iloc[0])
    share = (table["kind"] == "firm").mean()
    xyz = to_ecef(table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
    d = to_arc_km(np.sqrt(((xyz[:, None] - xyz) ** 2).sum(axis=2)))
    k = np.maximum(0, 1 - ((15 - d) / 6) ** 2)
    np.fill_diagonal(k, 0)
    firm = (table["kind"] == "firm").to_numpy()
    assert total == pytest.approx(k[firm].sum() / k.sum(), rel=1e-9)
    assert total == pytest.approx(share, abs=0.1)


def test_m_is_brute_force_and_weights_count() -> None:
    table = scene(3, n=70)
    xyz = to_ecef(table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
    d = to_arc_km(np.sqrt(((xyz[:, None] - xyz) ** 2).sum(axis=2)))
    np.fill_diagonal(d, np.inf)
    v, a, b = (table["employees"].to_numpy(float), table["kind"] == "firm", table["kind"] == "university")
    h = 4.0
    kernel = np.exp(-(((10 - d) / h) ** 2) / 2) * (np.abs(10 - d) <= 4 * h)
    mirror = np.exp(-(((10 + d) / h) ** 2) / 2) * (10 + d <= 4 * h)
    for function, w, more in (("M", (d <= 10).astype(float), {}), ("m", kernel + mirror, {"bandwidth_km": h})):
        total, near = w @ v, w @ (v * b)
        some = a & (total > 0)
        expected = (near[some] / total[some]).sum() / ((v[b].sum()) / (v.sum() - v[some])).sum()
        found = ask(table, function=function, weight="employees", at_km=[10], permutations=19, **more)
        assert found.curve("whole")["value"].iloc[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("near_kind", ["university", "firm"])
def test_kd_leaves_out_countries_beyond_reach_yet_counts_their_pairs(near_kind: str) -> None:
    table = scene(3, n=90)
    far = table.iloc[::3].set_geometry(gpd.points_from_xy(table.geometry.x[::3] + 30, table.geometry.y[::3]), crs=4326)
    table = gpd.GeoDataFrame(pd.concat([table, far.assign(country="PL")], ignore_index=True), crs=4326)
    result = ask(table, function="Kd", near_kind=near_kind, bandwidth_km=4, permutations=19)
    assert {"DE-FR", "PL-PL"} <= set(result.parts.index)
    assert not {"DE-PL", "FR-PL", "DE→PL"} & set(result.parts.index)
    assert any("left out" in line and "DE-PL, FR-PL" in line and "44 km" in line for line in result.facts())
    assert result.parts.loc["DE-FR", "p_adjusted"] == result.parts.loc["DE-FR", "p_attraction"]
    # the density is over all pairs, those beyond reach too
    xyz = to_ecef(table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
    d = to_arc_km(np.sqrt(((xyz[:, None] - xyz) ** 2).sum(axis=2)))
    both = np.outer(table["kind"] == "firm", table["kind"] == near_kind)
    np.fill_diagonal(both, 0)
    r, gap = np.array([5.0, 10.0, 20.0]), d[both > 0][:, None]
    k = np.exp(-(((r - gap) / 4) ** 2) / 2) + np.exp(-(((r + gap) / 4) ** 2) / 2)
    wanted = k.sum(axis=0) / (4 * np.sqrt(2 * np.pi)) / both.sum()
    np.testing.assert_allclose(result.curve("whole")["value"], wanted, rtol=1e-6)


@pytest.mark.parametrize("near_kind", ["university", "firm"])
def test_kd_does_not_hang_on_how_many_lattices_are_held(monkeypatch: pytest.MonkeyPatch, near_kind: str) -> None:
    from geocluster.cross import density

    asked: dict[str, Any] = {"function": "Kd", "near_kind": near_kind, "weight": "employees", "permutations": 99}
    one = ask(scene(4, n=60), **asked)
    monkeypatch.setattr(density, "MOST_LATTICE", 1)
    other = ask(scene(4, n=60), **asked)
    pd.testing.assert_frame_equal(one.curves, other.curves, rtol=1e-12)
    pd.testing.assert_frame_equal(one.cross, other.cross)


def test_m_does_not_hang_on_how_many_labellings_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    from geocluster.cross import relative

    one = ask(scene(5, n=60), function="M", permutations=199)
    monkeypatch.setattr(relative, "MANY_ROWS", 10)
    pd.testing.assert_frame_equal(one.curves, ask(scene(5, n=60), function="M", permutations=199).curves)


def test_kd_integrates_to_one() -> None:
    table = scene(4)
    curve = ask(table, function="Kd", near_kind="firm", at_km=np.linspace(0.25, 100, 400), permutations=1)
    assert curve.curve("whole")["value"].sum() * 0.25 == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_independent_labels_are_rejected_at_the_nominal_rate(function: str) -> None:
    p = [ask(scene(50 + seed, n=60), function=function, permutations=39, rng=seed).parts["p"] for seed in range(40)]
    for part in ("within", "across"):
        assert np.mean([one[part] <= 0.05 for one in p]) < 0.16  # 0.05 + 3 standard errors


@pytest.mark.parametrize("function", ["M", "Kd"])
def test_attraction_across_the_border_is_found(function: str) -> None:
    table = scene(6, n=500)
    lon, lat = table.geometry.x.to_numpy(), table.geometry.y.to_numpy()
    stripe = (np.abs(lon - 7.5) < 0.1) & (np.sin(lat * 30) > 0.2)
    table["kind"] = np.where(stripe, np.where(lon < 7.5, "firm", "university"), "institute")
    others = np.random.default_rng(7).random(len(table)) < 0.12
    table.loc[others & ~stripe, "kind"] = np.where(np.arange(int((others & ~stripe).sum())) % 2, "firm", "university")
    result = ask(table, function=function, permutations=199)
    assert result.curve("across")["ratio"].iloc[0] > 1.2
    assert result.parts.loc["FR→DE", "p_attraction"] <= 0.05


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"function": "M", "null": "background"}, "take null='labelling' or 'controls'"),
        ({"function": "Kd", "planar": "EPSG:32632", "study_area": box(6, 46, 9, 49)}, "leave out planar"),
        ({"function": "mark_connection", "weight": "employees"}, "mark connection has no weight"),
        ({"function": "M", "bandwidth_km": 3}, "bandwidth_km is of the pair correlation"),
    ],
)
def test_what_does_not_go_together_is_told(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        ask(scene(8), **options)


def test_mark_connection_in_the_plane() -> None:
    table = scene(9)
    result = ask(
        table, function="mark_connection", planar="EPSG:32632", study_area=box(6.9, 46.9, 8.1, 47.8), bandwidth_km=5
    )
    value = result.curves.pivot(index="part", columns="distance_km", values="value")
    np.testing.assert_allclose(value.loc["within"] + value.loc["across"], value.loc["whole"], rtol=1e-12)
    assert ((value.loc["whole"] > 0) & (value.loc["whole"] < 1)).all()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_it_draws_and_says_itself(function: str) -> None:
    result = ask(scene(10), function=function)
    assert result.figure(language="ru").axes
    assert "firm near university" in result.summary()
