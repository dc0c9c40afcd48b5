"""Fragility, comparison of results, and the interval of δ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from sklearn.metrics import adjusted_rand_score, mutual_info_score

import geocluster as gc
from geocluster.clusters.comparison import Overlap
from geocluster.clusters.density import find_dense
from geocluster.errors import OptionError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Collection

partitions = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


@settings(max_examples=80, deadline=None)
@given(partitions)
def test_indices_are_those_of_scikit_learn_with_lone_rows_alone(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    alone = np.arange(len(one)) + 100
    peer_one, peer_other = np.where(one > 0, one, alone), np.where(other > 0, other, alone)
    overlap = Overlap.of(one, other)
    assert overlap.adjusted_rand() == pytest.approx(adjusted_rand_score(peer_one, peer_other), abs=1e-12)
    own = mutual_info_score(peer_one, peer_one) + mutual_info_score(peer_other, peer_other)
    variation = own - 2 * mutual_info_score(peer_one, peer_other)
    assert overlap.variation() == pytest.approx(variation, abs=1e-9)
    turned = Overlap.of(other, one)
    assert turned.variation() == pytest.approx(overlap.variation(), abs=1e-12)
    assert Overlap.of(one, one).variation() == pytest.approx(0, abs=1e-12)
    assert Overlap.of(one, one).adjusted_rand() == 1


def test_clusters_are_matched_one_to_one() -> None:
    a = pd.Series([1, 1, 1, 1, 2, 2, 3, 3, None, None], dtype="Int64")
    b = pd.Series([5, 5, 5, None, 5, 6, 7, 7, 7, None], dtype="Int64")
    told = gc.compare_clusters(a, b)
    assert told.frame[["a", "b", "n_both"]].dropna().values.tolist() == [[1, 5, 3], [2, 6, 1], [3, 7, 2]]
    assert told.frame["jaccard"].tolist() == [3 / 5, 1 / 2, 2 / 3]
    strict = gc.compare_clusters(a, b, least_jaccard=0.55)
    assert strict.frame["a"].isna().sum() == strict.frame["b"].isna().sum() == 1
    assert "2 clusters in both, of 3 and 3" in strict.sentence()
    same = gc.compare_clusters(a, a)
    assert (same.adjusted_rand, same.variation_of_information) == (1, 0)


def test_only_common_rows_are_compared() -> None:
    a, b = pd.Series([1, 1, 2], index=["x", "y", "z"]), pd.Series([1, 1], index=["y", "x"])
    told = gc.compare_clusters(a, b)
    assert (told.rows, told.only_a, told.only_b) == (2, 1, 0)
    assert told.adjusted_rand == 1
    assert "left out: 1 rows of the first only" in told.summary()
    with pytest.raises(SchemaError, match="no row is in both"):
        gc.compare_clusters(a, b.rename({"x": "p", "y": "q"}))
    with pytest.raises(SchemaError, match=r"2 faults.*(?s:.*)a list"):
        gc.compare_clusters(pd.Series([1, 1], index=[0, 0]), [1])  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="least_jaccard"):
        gc.compare_clusters(a, b, least_jaccard=0)


def town(lon: float, n: int, spread: float, rng: Any) -> Any:
    return np.column_stack([rng.normal(lon, spread, n), rng.normal(0, spread, n)])


def scene(seed: int = 0) -> gpd.GeoDataFrame:
    """One tight town, two loose ones 35 km apart on either side of a border, and noise."""
    rng = np.random.default_rng(seed)
    spots = np.vstack(
        [town(0, 40, 0.01, rng), town(2, 25, 0.05, rng), town(2.32, 25, 0.05, rng), rng.uniform(-3, 6, (30, 2))]
    )
    return gpd.GeoDataFrame(
        {"country": np.where(spots[:, 0] < 2.16, "GA", "CG"), "kind": "firm"},
        geometry=gpd.points_from_xy(*spots.T),
        crs="EPSG:4326",
    )


RADII = [2.0, 5, 8, 10, 15, 25, 40]


def test_fragility_by_its_definition() -> None:
    table = scene()
    told = gc.fragility(table, radii_km=RADII, minimums=[4, 6])
    reference = gc.find_clusters(table, radius_km=10, minimum=5)
    assert told.frame.index.equals(reference.frame.index)
    lon, lat = table.geometry.x.to_numpy(), table.geometry.y.to_numpy()
    assert len(told.grid) == len(reference.frame) * 7 * 3
    for row in told.grid.to_dict("records"):
        own = reference.labels == row["cluster"]
        label = find_dense(lon, lat, radius_km=row["radius_km"], minimum=row["minimum"]).label
        own = own.fillna(value=False).to_numpy(dtype=bool)
        shares = [(own & (label == k)).sum() / (own | (label == k)).sum() for k in range(1, label.max() + 1)]
        assert row["jaccard"] == max(shares, default=0)
        assert row["exists"] == (row["jaccard"] >= 0.5)
    first = told.grid[told.grid["cluster"] == 1]
    assert told.frame["stability"].iloc[0] == pytest.approx(first["jaccard"].mean())
    held = first[(first["minimum"] == 5) & first["exists"]]["radius_km"]
    assert (told.frame["radius_low_km"].iloc[0], told.frame["radius_high_km"].iloc[0]) == (held.min(), held.max())
    assert told.grid["spans"].isna().all()
    assert told.radii["radius_km"].tolist() == RADII
    assert told.suggested_radius_km in RADII
    assert told.radii["agreement"].round(9).max() == pytest.approx(
        told.radii.set_index("radius_km")["agreement"][told.suggested_radius_km]
    )


def test_fragility_asks_the_test_it_is_given() -> None:
    asked = []

    def spans(labels: Any, r_max_km: float) -> Collection[int]:
        asked.append(r_max_km)
        return labels.dropna().unique().tolist()[:1] if r_max_km > 20 else []

    told = gc.fragility(scene(), radii_km=RADII, minimums=[5], spans=spans, r_max_km=[25, 15])
    assert sorted(set(asked)) == [15, 25]
    assert len(asked) == 14
    assert told.frame["r_max_low_km"].iloc[0] == 25
    assert told.frame["spans_low_km"].notna().any()
    assert told.frame["spans"].max() <= 0.5
    assert "spans within" in told.summary()
    assert {"exists", "spans"} <= {line.get_gid() for line in told.plot(Figure().add_subplot()).lines}


def test_a_radius_is_suggested_with_its_reason() -> None:
    told = gc.fragility(scene(), radii_km=RADII, minimums=[5])
    assert "most like those of the radii beside it" in told.reason
    assert "a k-distance rule would give" in told.reason
    rows = pd.concat([scene()] * 6, ignore_index=True)
    city = gc.fragility(rows, radii_km=RADII, minimums=[5])
    assert "a k-distance rule would give 0 km: 100% of the rows share their point" in city.reason
    assert "it measures the gazetteer" in city.reason
    line = gpd.GeoDataFrame(
        {"country": "GA"}, index=range(300), geometry=gpd.points_from_xy(np.arange(300) / 60, np.zeros(300)), crs=4326
    )
    chain = gc.fragility(line, radii_km=[10, 20], minimums=[5])
    assert np.isnan(chain.suggested_radius_km)
    assert "none gives clusters that are no chains; from 10 km on" in chain.reason
    with pytest.raises(OptionError, match=r"(?s)radii_km must.*minimums must"):
        gc.fragility(scene(), radii_km=[0], minimums=[1.5])  # type: ignore[list-item]
    none = gc.fragility(scene().iloc[:3])
    assert none.frame.empty
    assert none.plot() is not None
    assert none.summary()


def border() -> gpd.GeoDataFrame:
    """One cluster of each class: spill-over, border-made, bridged, national."""
    rng = np.random.default_rng(4)
    counts = [(0, 12, 3), (1, 4, 4), (2, 9, 9), (3, 12, 0)]
    spots, country = [], []
    for at, left, right in counts:
        spots.append(town(at, left + right, 0.012, rng))
        country += ["GA"] * left + ["CG"] * right
    every = np.vstack(spots)
    return gpd.GeoDataFrame({"country": country}, geometry=gpd.points_from_xy(*every.T), crs="EPSG:4326")


def test_the_interval_of_dependence_holds_what_was_found() -> None:
    table = border()
    found = gc.find_clusters(table, minimum=6)
    told = gc.dependence_bootstrap(table, found, rng=1)
    frame = told.frame.set_index(found.frame["counts"])
    assert frame["dependence"].to_dict() == {
        "9 9": "bridged", "12 3": "spill-over", "12": "national", "4 4": "border-made"
    }  # fmt: skip
    np.testing.assert_allclose(told.frame["delta"], found.frame["delta"])
    assert (told.frame["low"] <= told.frame["delta"] + 1e-9).all()
    assert (told.frame["delta"] <= told.frame["high"] + 1e-9).all()
    told_of = dict(zip(frame.index, frame[["low", "high", "class_share"]].to_numpy(dtype=float).tolist(), strict=True))
    assert told_of["12"] == [0, 0, 1]
    assert told_of["12 3"][1] > 0.2 > told_of["12 3"][0]
    assert 0.5 < told_of["9 9"][2] <= 1
    two = gc.dependence_bootstrap(table, found, rng=1, workers=2)
    pd.testing.assert_frame_equal(told.frame, two.frame)
    assert "with δ above 0 at 95%" in told.sentence()
    assert told.plot(Figure().add_subplot()) is not None
    assert told.provenance.parameters["resamples"] == 200


def test_resamples_keep_each_country_and_follow_the_definition() -> None:
    """Brute force of one draw, row by row, from the same weights."""
    from geocluster.clusters.resampling import _deltas, _neighbours, _Sites
    from geocluster.distance import distance_km
    from geocluster.graph import reach_km

    table = border()
    table = table.iloc[np.random.default_rng(5).integers(0, len(table), 80)].reset_index(drop=True)
    found = gc.find_clusters(table, minimum=6)
    lon, lat = (np.asarray(axis, dtype=np.float64) for axis in (table.geometry.x, table.geometry.y))
    code = np.asarray(table["country"] == "GA", dtype=np.int64)
    label = found.labels.fillna(0).to_numpy(dtype=np.int64)
    sites = _Sites.of(lon, lat, code, label)
    every, own = _neighbours(sites, reach_km(10))
    total = int(label.max())
    told = _deltas(sites, every, own, 6, total, np.random.default_rng(8), 5)
    rng = np.random.default_rng(8)
    weight = np.zeros((len(sites.count), 5))
    for c in (0, 1):
        here = sites.country == c
        n = sites.count[here].sum()
        weight[here] = rng.multinomial(n, sites.count[here] / n, size=5).T
        assert (weight[here].sum(axis=0) == (code == c).sum()).all()
    from geocluster.distance import RADIUS_KM

    chord = np.sqrt(((sites.xyz[:, None] - sites.xyz[None]) ** 2).sum(axis=2))
    near = 2 * RADIUS_KM * np.arcsin(chord / 2 / RADIUS_KM) <= 10
    assert distance_km(0, 0, 1, 0) > 100
    for b in range(5):
        core = near @ weight[:, b] >= 6
        home = (near & (sites.country[:, None] == sites.country[None])) @ weight[:, b] >= 6
        for k in range(total):
            w = weight[:, b] * (sites.label == k + 1) * core
            assert told[b, 0, k] == pytest.approx(1 - (w * home).sum() / w.sum())


def test_without_a_rule_of_density_one_must_be_given() -> None:
    table = border()
    found = gc.find_clusters(table, method="hdbscan", minimum=6)
    with pytest.raises(OptionError, match="'hdbscan' has no radius"):
        gc.dependence_bootstrap(table, found)
    told = gc.dependence_bootstrap(table, found, radius_km=10, rng=1, resamples=20)
    assert len(told.frame) == len(found.frame)
    with pytest.raises(OptionError, match="another index"):
        gc.dependence_bootstrap(table.iloc[:5], found, radius_km=10)
    with pytest.raises(OptionError, match="what find_clusters returns, got int"):
        gc.dependence_bootstrap(table, 3)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"(?s)resamples must.*level must"):
        gc.dependence_bootstrap(table, found, radius_km=10, resamples=0, level=2)
    lone = gc.find_clusters(table.iloc[:2])
    assert gc.dependence_bootstrap(table.iloc[:2], lone, rng=1).frame.empty


@pytest.mark.parametrize("language", ["en", "ru"])
def test_figures_speak_both_languages(language: str) -> None:
    table = border()
    found = gc.find_clusters(table, minimum=6)
    results: list[Any] = [
        gc.compare_clusters(found, gc.find_clusters(table, minimum=12)),
        gc.dependence_bootstrap(table, found, rng=1, resamples=30),
        gc.fragility(table, radii_km=RADII, minimums=[5]),
    ]
    for result in results:
        page = result.figure(language=language)
        label = page.axes[0].get_xlabel()
        assert any(0x430 <= ord(letter) <= 0x44F for letter in label.lower()) == (language == "ru")
        assert result.to_frame().equals(result.frame)
        with pytest.raises(OptionError, match="language"):
            result.figure(language="la")


def test_density_in_weights_is_not_resampled_as_one_in_organisations() -> None:
    rng = np.random.default_rng(0)
    lon = 7 + rng.normal(0, 0.05, 60)
    table = gpd.GeoDataFrame(
        {"country": np.where(lon < 7.02, "AA", "BB"), "staff": 10}, crs="EPSG:4326",
        geometry=gpd.points_from_xy(lon, 47 + rng.normal(0, 0.05, 60)),
    )  # fmt: skip
    heavy = gc.find_clusters(table, radius_km=5, weight="staff", minimum_weight=50)
    with pytest.raises(OptionError, match="minimum must be given: the clusters are dense in weights"):
        gc.dependence_bootstrap(table, heavy, rng=1)
    # all weigh 10, so that five organisations are the same rule
    told = gc.dependence_bootstrap(table, heavy, minimum=5, rng=1, resamples=20)
    assert told.frame["delta"].tolist() == heavy.frame["delta"].tolist()
