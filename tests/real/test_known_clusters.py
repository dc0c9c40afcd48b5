"""Are published cross-border regions claimed, or is it said why not; and are the others refused?

Each as a user would: the table cut to the region, laboratories folded, all else the defaults.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geocluster.countries import assign_countries
from geocluster.distance import distance_km
from geocluster.spanning import Explanation, spanning_test
from geocluster.units import fold_units

if TYPE_CHECKING:
    from pathlib import Path

CUT_KM = 100.0


@cache
def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, dict[str, Any]]]:
    rows = pd.read_csv(folder / "ror_organisations.csv.gz", keep_default_na=False)
    ties = pd.read_csv(folder / "ror_relationships.csv.gz", keep_default_na=False)
    known = pd.read_csv(folder / "known_clusters.csv", keep_default_na=False)
    regions = {str(region["name"]): {str(k): v for k, v in region.items()} for region in known.to_dict("records")}
    return rows[rows["status"] == "active"].rename(columns={"lng": "lon"}), ties, regions


@pytest.fixture(scope="module")
def files(shared: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, dict[str, Any]]]:
    return read(shared / "data")


def gap_km(table: pd.DataFrame, region: dict[str, Any]) -> Any:
    lon, lat = table["lon"].astype(float).to_numpy(), table["lat"].astype(float).to_numpy()
    return np.asarray(distance_km(lon, lat, region["lon"], region["lat"]))


def cut(files: tuple[pd.DataFrame, pd.DataFrame, Any], region: dict[str, Any]) -> gpd.GeoDataFrame:
    rows, ties, _ = files
    near = fold_units(rows[gap_km(rows, region) <= CUT_KM + 30], relationships=ties).table
    near = near[gap_km(near, region) <= CUT_KM].drop(columns=["unit_count"], errors="ignore")
    points = gpd.points_from_xy(near["lon"].astype(float), near["lat"].astype(float), crs="EPSG:4326")
    return assign_countries(gpd.GeoDataFrame(pd.DataFrame(near), geometry=points))


def explain(table: gpd.GeoDataFrame, region: dict[str, Any]) -> Explanation:
    countries = str(region["countries"]).split()
    return spanning_test(table, rng=1).explain(
        (region["lon"], region["lat"]),
        radius_km=region["radius_km"],
        countries=countries if len(countries) > 1 else None,
    )


def test_no_place_known_to_be_none_is_claimed(files: Any) -> None:
    regions = [region for region in files[2].values() if region["verdict"] == "not"]
    assert len(regions) >= 4
    for region in regions:
        told = explain(cut(files, region), region)
        assert not told.claimed, region["name"]
        assert (told.frame["why"] != "").all()


def test_every_measurable_region_is_claimed_or_told_why(files: Any) -> None:
    regions = [region for region in files[2].values() if region["measurable"] == "yes" and region["verdict"] == "spans"]
    assert len(regions) >= 5
    for region in regions:
        table = cut(files, region)
        told = explain(table, region)
        inside = gap_km(table, region) <= region["radius_km"]
        for row in told.region.to_dict("records"):
            own = (table["country"] == row["country"]).to_numpy()
            assert abs(row["observed"] - (inside & own).sum()) <= 2  # rows stand at places up to 20 km away
        unclaimed = told.frame[~told.frame["claimed"]]
        assert (unclaimed["why"] != "").all()
        assert set(told.frame["reading"]) == {"per head", "beyond city size"}


def test_oresund_spans_beyond_city_size_only(files: Any) -> None:
    region = files[2]["Oresund (Copenhagen-Malmo-Lund)"]
    told = explain(cut(files, region), region)
    assert told.claimed == ["beyond city size"]
    counts = told.counts[told.counts["reading"] == "beyond city size"].set_index("country")
    assert set(counts.index) == {"DK", "SE"}
    assert (counts["observed"] > 2 * counts["expected"]).all()


def test_a_country_inside_the_circle_is_named_as_such(files: Any) -> None:
    region = files[2]["Macau-Zhuhai"]
    told = explain(cut(files, region), region)
    assert not told.claimed
    assert told.frame["why"].str.contains("MO, a microstate beside CN: the country is the window").all()
