"""Over which settings does a cluster exist, and span: the test behind `fragility`."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

import geocluster as gc
from geocluster.errors import OptionError
from geocluster.spanning import search_spanning


def ground() -> gpd.GeoDataFrame:
    """Places of two countries left and right of a border at 7 degrees."""
    lon = np.linspace(5.5, 8.5, 60)
    return gpd.GeoDataFrame(
        {"country": np.where(lon < 7, "FR", "DE"), "population": 2000 + 10 * np.arange(60)},
        geometry=gpd.points_from_xy(lon, np.full(60, 49.0)),
        crs="EPSG:4326",
    )


def firms() -> gpd.GeoDataFrame:
    """Firms on both sides of the border, 9 km apart; a national cluster; and some in the country."""
    lon = np.r_[np.full(12, 6.94), np.full(12, 7.06), np.full(6, 8.2), np.linspace(5.6, 8.4, 14)]
    return gpd.GeoDataFrame(
        {"country": np.where(lon < 7, "FR", "DE"), "kind": ["firm"] * 30 + ["university"] * 14},
        geometry=gpd.points_from_xy(lon, np.full(len(lon), 49.0)),
        crs="EPSG:4326",
    )


ASKED: dict[str, Any] = {"background": ground(), "study_area": "countries", "permutations": 199}


def test_it_says_over_which_settings_a_cluster_exists_and_spans() -> None:
    told = gc.spanning_fragility(
        firms(), radii_km=[5, 10, 15], minimums=[5], radius_km=10, r_max_km=[15, 5], rng=1, **ASKED
    )
    across, national = told.frame.iloc[0], told.frame.iloc[1]
    assert across["countries"].split() == ["DE", "FR"]
    assert (across["spans_low_km"], across["spans_high_km"]) == (10, 15)
    assert (across["r_max_low_km"], across["spans_with"]) == (15, "15")
    assert national["spans"] == 0
    assert (national["radius_low_km"], national["radius_high_km"]) == (5, 15)
    assert "spans within 10 to 15 km, with circles up to 15 km" in told.summary()
    assert told.provenance.seed == "1"
    assert told.provenance.parameters["study_area"] == "whole countries"
    grid = told.grid
    assert not grid.loc[grid["radius_km"] == 5, "spans"].any()


def test_every_setting_tells_what_the_test_by_itself_tells() -> None:
    table = firms()
    told = gc.spanning_fragility(table, radii_km=[5, 10], minimums=[5, 8], r_max_km=[15], rng=1, **ASKED)
    reference = gc.find_clusters(table, radius_km=10, minimum=5)
    for radius, minimum in ((5.0, 5), (5.0, 8), (10.0, 5), (10.0, 8)):
        part = told.grid[(told.grid["radius_km"] == radius) & (told.grid["minimum"] == minimum)]
        assert len(part) == len(reference.frame)
        found = gc.find_clusters(table, radius_km=radius, minimum=minimum)
        alone = gc.spanning_test(table, found.labels, r_max_km=15, rng=1, **ASKED)
        spans = [label for label, word in alone.clusters["verdict"].items() if word.startswith("spans")]
        inside = found.labels.isin(spans).to_numpy()
        for row in part.itertuples():
            members = (reference.labels == row.cluster).fillna(value=False).to_numpy(dtype=bool)
            assert row.spans == (row.exists and bool(inside[members].mean() >= 0.5))


def test_one_search_answers_for_any_labels() -> None:
    table = firms()
    search = search_spanning(table, r_max_km=15, rng=1, **ASKED)
    for radius in (5, 10):
        labels = gc.find_clusters(table, radius_km=radius).labels
        told = search.tell(labels)
        again = gc.spanning_test(table, labels, r_max_km=15, rng=1, **ASKED)
        assert told.readings.equals(again.readings)
        assert told.clusters.equals(again.clusters)
        shown = [label for label, word in told.clusters["verdict"].items() if word.startswith("spans")]
        assert search.spanning_labels(labels) == shown
    with pytest.raises(OptionError, match="index"):
        search.tell(labels.iloc[1:])


def test_cases_are_clustered_alone() -> None:
    told = gc.spanning_fragility(
        firms(), radii_km=[10], minimums=[5], r_max_km=[15], cases={"kind": "firm"}, study_area="countries",
        permutations=99, rng=1,
    )  # fmt: skip
    assert told.frame["n"].tolist() == [24, 6]
    assert "kind is 'firm'" in told.summary()


def test_all_faults_are_told_before_anything_is_computed() -> None:
    with pytest.raises(OptionError) as told:
        gc.spanning_fragility(firms(), radii_km=[], minimums=[0], r_max_km=[-5])
    for word in ("minimums", "r_max_km"):
        assert word in str(told.value)
