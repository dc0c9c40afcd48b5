"""Which tables cannot be geocoded, and what of odd cells?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from geocluster.errors import SchemaError
from geocluster.geocoders import geocode

# --- tables that cannot be read ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "faults"),
    [
        (pd.DataFrame({"firm": ["a"]}), ["city: neither this nor any other"]),
        (pd.DataFrame({"firm": ["a"], "town": ["Basel"]}), ["Is it 'town'? Rename it."]),
        (
            pd.DataFrame({"lat": [1.0], "longitude": [1.0]}),
            ["lon: there is no such column beside lat. Is it 'longitude'"],
        ),
        (pd.DataFrame({"lon": [1.0]}), ["lat: there is no such column beside lon."]),
        (pd.DataFrame([["a", "b"]], columns=["city", "city"]), ["city: this column stands twice."]),
        (pd.DataFrame({"city": ["a", "b"]}, index=[1, 1]), ["index: some labels stand twice."]),
        (pd.DataFrame({"city": ["a"], "geometry": ["POINT (1 1)"]}), ["geometry: this column is not the geometry"]),
        (gpd.GeoDataFrame({"city": ["a"]}, geometry=[Point(1, 1)]), ["geometry: it has no CRS."]),
        (gpd.GeoDataFrame({"city": ["a"]}, geometry=[box(0, 0, 1, 1)], crs=4326), ["geometry: it holds Polygon."]),
        (
            pd.DataFrame([["a", "b", 1.0], ["c", "d", 2.0]], columns=["city", "city", "lat"], index=[0, 0]),
            ["city: this column stands twice.", "index: some labels", "lon: there is no such column"],
        ),
    ],
)
def test_all_faults_of_a_table_are_told_at_once_with_how_to_mend_them(table: Any, faults: list[str]) -> None:
    with pytest.raises(SchemaError) as told:
        geocode(table)
    assert len(told.value.faults) == len(faults)
    for fault in faults:
        assert fault in str(told.value)


@pytest.mark.parametrize("table", [None, "firms.csv", [1, 2], {"city": ["Basel"]}])
def test_what_is_no_table_is_told(table: Any) -> None:
    with pytest.raises(SchemaError, match="a table is a DataFrame or a GeoDataFrame, not"):
        geocode(table)


# --- hostile text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        '=cmd|"/c calc"!A0',
        "Basel\x00\x1b[31m",
        "x" * 5_000_000,
        "\ud800",
        "\u202e\u2066",
    ],
)
def test_hostile_text_comes_back_untouched_with_a_plain_short_reason(text: str) -> None:
    table = pd.DataFrame({field: [text] for field in ("city", "country", "name", "address")}, dtype=object)
    held = geocode(table).iloc[0]
    assert held["city"] == text
    assert held.geometry is None
    assert len(held["reason"]) < 200
    assert held["reason"].isprintable()


def test_odd_objects_in_cells_are_texts() -> None:
    result = geocode(pd.DataFrame({"city": [{"a": 1}, b"Basel", 12345, True, object()]}, dtype=object))
    assert result["geo_status"].tolist()[:3] == ["not_found"] * 3
    assert (result.geometry.isna() == result["reason"].notna()).all()
