"""Was this table geocoded before, and written to a file since?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from geopandas import GeoDataFrame

import geocluster as gc
from geocluster.geocoders import Miss, Place, Query
from geocluster.geocoders.restored import COLUMNS, restore_points

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS = {
    "name": ["a", "b", "c", "d", "e", "f"],
    "kind": ["firm"] * 6,
    "city": ["Basel", "Neustadt", "Kehl", "Genf", "Xyzzyq", "Bern"],
    "country": ["Schweiz", "DE", "FR", "CH", "CH", "Atlantis"],
    "lat": [None, None, None, 6.14, None, None],
    "lon": [None, None, None, 46.2, None, None],
}


@pytest.fixture
def placed() -> GeoDataFrame:
    return gc.assign_countries(gc.geocode(pd.DataFrame(ROWS)))


@pytest.fixture
def read(placed: GeoDataFrame, tmp_path: Path) -> pd.DataFrame:
    return gc.read_table(gc.write_table(placed, tmp_path / "placed.csv"))


class Watching:
    """A geocoder that remembers what it is asked, and knows nothing."""

    def __init__(self) -> None:
        self.asked: list[Query] = []

    def __call__(self, queries: Sequence[Query]) -> list[Place | Miss]:
        self.asked += queries
        return [Miss("not_found", "nowhere")] * len(queries)


def test_points_and_dtypes_come_back(placed: GeoDataFrame, read: pd.DataFrame) -> None:
    back = restore_points(read)
    assert isinstance(back, GeoDataFrame)
    assert back.crs == placed.crs
    for name in (*COLUMNS, "border_km"):
        assert back[name].dtype == placed[name].dtype, name
    assert (back.geometry.isna() == placed.geometry.isna()).all()
    assert back.geometry.notna().sum() == 2
    held = placed.geometry.notna()
    for axis in ("x", "y"):  # degrees of six decimals
        assert (getattr(back[held].geometry, axis) - getattr(placed[held].geometry, axis)).abs().max() < 1e-6
    assert back["near_border"].tolist() == placed["near_border"].tolist()


def test_only_rows_without_a_point_are_asked_again_with_the_country_they_stated(read: pd.DataFrame) -> None:
    watching = Watching()
    again = gc.geocode(read, geocoder=watching)
    assert [(query.city, query.country) for query in watching.asked] == [
        ("Neustadt", "DE"),
        ("Kehl", "FR"),
        ("Xyzzyq", "CH"),
        ("Bern", "Atlantis"),
    ]
    assert again["geo_place"].iloc[[0, 3]].tolist() == ["Basel", "Geneva"]


def test_geocoding_again_changes_nothing(placed: GeoDataFrame, read: pd.DataFrame, tmp_path: Path) -> None:
    again = gc.assign_countries(gc.geocode(read))
    gc.write_table(again, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "placed.csv").read_bytes()
    assert placed["country"].isna().tolist() == again["country"].isna().tolist()


def test_what_was_written_over_since_is_taken(read: pd.DataFrame) -> None:
    read.loc[1, "region"] = "Rheinland-Pfalz"
    read.loc[[2, 5], "country"] = ["Germany", "CH"]
    read.loc[4, ["city", "country"]] = ["Lyon", "FR"]
    again = gc.assign_countries(gc.geocode(read))
    assert again["geo_place"].tolist()[2:] == ["Kehl", "Geneva", "Lyon", "Bern"]
    assert again["country"].tolist()[2:] == ["DE", "CH", "FR", "CH"]


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop(columns="geo_method"),
        lambda table: table.drop(columns="lon"),
        lambda table: table.assign(geo_status="fine"),
        lambda table: table.assign(precision="3 m"),
        lambda table: table.assign(geometry="POINT (7 47)"),
        lambda table: pd.concat([table, table[["geo_place"]]], axis=1),
    ],
)
def test_other_tables_stay_as_they_are(read: pd.DataFrame, change: Any) -> None:
    other = change(read)
    assert restore_points(other) is other


def test_a_table_with_points_stays_as_it_is(placed: GeoDataFrame) -> None:
    assert restore_points(placed) is placed


def test_an_analysis_geocodes_nothing_again(read: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    from geocluster import geocoders

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("geocoded again")

    monkeypatch.setattr(geocoders, "geocode", never)
    analysis = gc.analyse(read, rng=1, permutations=39)
    assert analysis.table["name"].tolist() == ["a", "d"]
    assert analysis.set_aside["reason"].str.contains("Neustadt").any()


def test_the_table_given_is_not_changed(read: pd.DataFrame) -> None:
    before = read.copy()
    restore_points(read)
    pd.testing.assert_frame_equal(read, before)


def test_an_empty_table_is_restored(placed: GeoDataFrame) -> None:
    none = pd.DataFrame(placed.iloc[:0].drop(columns="geometry")).assign(lon=[], lat=[])
    back = restore_points(none)
    assert isinstance(back, GeoDataFrame)
    assert back.empty
    assert back.crs == placed.crs
