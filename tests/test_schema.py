"""Stages of a table, and the parting of rows."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, Polygon

from geocluster.errors import OptionError, SchemaError
from geocluster.schema import check, split_placed


def table(**columns: object) -> gpd.GeoDataFrame:
    points: Any = [Point(7.6, 47.6), None, Point(7.7, 47.7)]
    return gpd.GeoDataFrame(
        {"name": ["a", "b", "c"], "country": ["CH", "DE", None]} | columns,
        geometry=points,
        crs="EPSG:4326",
    )


def test_all_faults_are_told_at_once() -> None:
    bad = gpd.GeoDataFrame({"x": [1]}, geometry=[Polygon([(0, 0), (1, 0), (1, 1)])], crs="EPSG:3857")
    with pytest.raises(SchemaError) as told:
        check(bad, "assigned", columns=["founded"])
    words = str(told.value)
    for expected in ("EPSG:3857", "Polygon", "country", "founded", "4 faults"):
        assert expected in words
    assert len(told.value.faults) == 4


def test_labels_that_stand_twice_are_a_fault() -> None:
    double = table()
    double.index = pd.Index([1, 1, 2])
    with pytest.raises(SchemaError, match="stand twice"):
        check(double, "assigned")


def test_an_unknown_stage_is_told() -> None:
    with pytest.raises(OptionError, match="stage"):
        check(table(), "cooked")  # type: ignore[arg-type]


def test_a_list_is_no_table() -> None:
    with pytest.raises(SchemaError, match="not list"):
        check([1], "read")  # type: ignore[arg-type]


def test_no_row_is_lost() -> None:
    whole = table(radius_km=[5.0, 5.0, 5.0], reason=[None, "no such town", None])
    placed, aside = split_placed(whole)
    assert sorted([*placed.index, *aside.index]) == [0, 1, 2]
    assert aside["reason"].to_dict() == {1: "no such town", 2: "no country"}
    assert "reason" in whole.columns
    assert whole["reason"].isna().tolist() == [True, False, True]


def test_vague_rows_are_set_aside_by_their_radius() -> None:
    placed, aside = split_placed(table(radius_km=[31.0, 5.0, 5.0]))
    assert aside.loc[0, "reason"] == "position known to 31 km only (more than 30 km)"
    assert len(split_placed(table(radius_km=[31.0, 5.0, 5.0]), max_radius_km=50)[0]) == 1
    assert placed.empty


@pytest.mark.parametrize("bad", [0, -5, float("nan"), "wide", None])
def test_a_radius_that_is_none_is_told(bad: Any) -> None:
    with pytest.raises(OptionError, match="max_radius_km must be"):
        split_placed(table(), max_radius_km=bad)
