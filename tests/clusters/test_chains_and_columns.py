"""Chains are never one cluster in silence; clusters of the user; weights."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import geocluster as gc
from geocluster.clusters.density import find_dense
from geocluster.errors import OptionError, SchemaError


def table_of(lon: Any, lat: Any, country: Any = "CH", **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"country": np.broadcast_to(np.asarray(country, dtype=object), len(lon)), **columns},
        geometry=gpd.points_from_xy(lon, np.broadcast_to(lat, len(lon))),
        crs="EPSG:4326",
    )


def corridor(seed: int = 0) -> gpd.GeoDataFrame:
    """Ten towns along the equator, joined by farms: one chain of 330 km."""
    rng = np.random.default_rng(seed)
    towns = np.repeat(np.arange(10) / 3, 12) + rng.normal(0, 0.01, 120)
    farms = np.arange(0, 3, 0.03)
    lon = np.concatenate([towns, farms, [20, 20.01, 20.02, 20.03, 20.04]])
    return table_of(lon, 0.0, np.where(lon < 1.5, "GA", "CG"))


def test_a_chain_is_said_and_drawn_as_one() -> None:
    found = gc.find_clusters(corridor())
    assert found.frame["chain"].tolist() == [True, False]
    assert "1 a chain" in found.sentence()
    assert "a chain: not one place" in found.summary()
    assert not gc.find_clusters(corridor(), max_diameter_km=1000).frame["chain"].any()


def test_a_chain_is_cut_until_no_part_is_too_wide() -> None:
    table = corridor()
    found = gc.find_clusters(table, chains="split")
    assert not found.frame["chain"].any()
    assert len(found.frame) >= 6
    assert (found.frame["extent_km"] <= 150).all()
    assert set(found.frame["cut_from"]) == {0, 1}
    note = next(note for note in found.notes if note.startswith("cluster 1, a chain"))
    lost = int(found.labels.isna().sum())
    assert f"{lost:,} rows in none" in note
    assert "2 countries" in note
    assert found.frame["delta"].between(0, 1).all()
    assert found.core.equals(found.labels.notna() & found.core)
    order = np.random.default_rng(2).permutation(len(table))
    assert gc.find_clusters(table.iloc[order], chains="split").labels.reindex(table.index).equals(found.labels)


def test_a_chain_that_cannot_be_cut_stays_one_and_says_so() -> None:
    table = table_of(np.arange(0, 3, 0.02), 0.0)
    found = gc.find_clusters(table, chains="split")
    assert found.frame["chain"].tolist() == [True]
    assert found.labels.notna().all()
    assert any("cannot be cut" in note for note in found.notes)


def test_a_column_is_taken_as_it_is() -> None:
    table = table_of([7.0, 7.1, 7.2, 8.0, 8.1, 9.0], 47.0, own=["x", "x", "x", "<b>$y$</b>", "<b>$y$</b>", None])
    found = gc.find_clusters(table, method="column", labels="own")
    assert found.labels.tolist()[:5] == [1, 1, 1, 2, 2]
    assert found.labels.isna().tolist() == [False] * 5 + [True]
    assert found.frame["given"].tolist() == ["x", "<b>$y$</b>"]
    assert found.frame["delta"].isna().all()
    assert "<b>" not in found._repr_html_().replace("<b>2 clusters", "")
    series = pd.Series([2.0, 2.0, np.nan, 1.0, 1.0, 1.0])
    by_series = gc.find_clusters(table, method="column", labels=series)
    assert by_series.frame["given"].tolist() == ["1", "2"]
    small = gc.find_clusters(table, method="column", labels="own", minimum=3)
    assert len(small.frame) == 1
    assert any("1 clusters with fewer than 3 rows left out, 2 rows" in note for note in small.notes)
    alone = gc.find_clusters(table, method="column", labels=pd.Series(["a", "b", "b", "c", "c", ""]))
    assert any("1 cluster has one member" in note for note in alone.notes)


def test_clusters_that_cannot_be_used_are_refused() -> None:
    table = table_of([7.0, 7.1], 47.0, own=[None, " "])
    with pytest.raises(SchemaError, match="no row has a cluster"):
        gc.find_clusters(table, method="column", labels="own")
    with pytest.raises(SchemaError, match="theirs: there is no such column"):
        gc.find_clusters(table, method="column", labels="theirs")
    with pytest.raises(SchemaError, match=r"(?s)2 faults.*not in the table.*lacking"):
        gc.find_clusters(table, method="column", labels=pd.Series([1, 2], index=[1, 5]))
    with pytest.raises(OptionError, match="needs labels"):
        gc.find_clusters(table, method="column")
    empty = table.iloc[:0]
    assert gc.find_clusters(empty, method="column", labels="own").frame.empty


@pytest.mark.parametrize("few_points", [0, 10**9])
def test_employees_make_a_core(few_points: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from geocluster.clusters import density

    monkeypatch.setattr(density, "FEW_POINTS", few_points)
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(7, 7.6, 300), rng.uniform(47, 47.4, 300)
    lon[200:], lat[200:] = lon[:100], lat[:100]
    staff = rng.pareto(1.2, 300) * 10
    from geocluster.distance import distance_km

    near = distance_km(lon[:, None], lat[:, None], lon[None], lat[None]) <= 4
    wanted = (near.sum(axis=1) >= 3) & (near @ staff >= 400)
    found = find_dense(lon, lat, radius_km=4, minimum=3, weight=staff, least_weight=400)
    np.testing.assert_array_equal(found.core, wanted)
    assert 20 < wanted.sum() < 280
    table = table_of(lon, lat, employees=staff)
    result = gc.find_clusters(table, radius_km=4, weight="employees", minimum_weight=400)
    assert result.provenance.parameters["minimum"] == 1
    np.testing.assert_allclose(
        result.frame["weight"],
        [staff[(result.labels == k).fillna(value=False).to_numpy(dtype=bool)].sum() for k in result.frame.index],
    )


def test_weights_that_are_none_are_named() -> None:
    table = table_of([7.0, 7.1, 7.2], 47.0, employees=["many", -1, 3])
    with pytest.raises(SchemaError, match=r"2 rows \(0, 1\) without a number"):
        gc.find_clusters(table, weight="employees", minimum_weight=5)
    with pytest.raises(SchemaError, match="staff: there is no such column"):
        gc.find_clusters(table, weight="staff", minimum_weight=5)


def test_a_minimum_above_the_table_is_said() -> None:
    found = gc.find_clusters(table_of([7.0, 7.1], 47.0), minimum=50)
    assert found.frame.empty
    assert "minimum 50 is more than the 2 rows: there can be no cluster" in found.summary()


def test_a_hull_about_a_city_on_one_point_is_quick() -> None:
    import time

    from geocluster.maps.hulls import build_hull

    xy = np.vstack([np.zeros((200_000, 2)), [[4000.0, 0.0], [0.0, 4000.0]]])
    start = time.perf_counter()
    hull = build_hull(xy, 1000.0, radii=np.append(np.zeros(200_000), [3000.0, 0.0]))
    assert time.perf_counter() - start < 2
    assert hull.equals(build_hull([(0, 0), (4000, 0), (0, 4000)], 1000.0, radii=[0.0, 3000.0, 0.0]))
