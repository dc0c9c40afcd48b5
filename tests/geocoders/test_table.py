"""Where does each row of a table stand?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from geocluster.errors import OptionError
from geocluster.geocoders import Miss, Place, Query, geocode
from geocluster.geocoders.restored import COLUMNS
from geocluster.schema import check

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BASEL = Place(7.59, 47.56, "city", "Basel", "CH", 15.0, 3.5, 0.97, "exact", 2661604, "CH.BS", "GeoNames, CC BY 4.0")
KEHL = Place(7.82, 48.57, "city", "Kehl", "DE", 9.0, 1.8, 0.6, "exact", 2891951, "DE.01", "GeoNames, CC BY 4.0")
ANSWERS: dict[str, Place | Miss] = {
    "basel": BASEL,
    "many": Miss("ambiguous", "may be any", (KEHL, BASEL), "DE", 0.55),
    "torn": Miss("conflict", "is abroad", (BASEL,), "FR", 0.95),
    "country": Miss("coarse", "only the country is known", country="DE"),
    "region": Place(11.5, 48.9, "region", "Bayern", "DE", 180.0, 90.0, 1.0, "exact", None, "DE.02", "GeoNames"),
    "lost": Miss("not_found", "no such place"),
    "empty": Miss("bad_input", "nothing is given"),
}


class Scripted:
    """A geocoder with an answer to each city, which remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Query] = []

    def __call__(self, queries: Sequence[Query]) -> list[Place | Miss]:
        self.asked += queries
        return [ANSWERS[query.city] for query in queries]


def scripted(*cities: str, **options: Any) -> gpd.GeoDataFrame:
    return geocode(pd.DataFrame({"city": cities}), geocoder=Scripted(), **options)


def row(**fields: Any) -> Any:
    """The one row of a table, geocoded."""
    result = geocode(pd.DataFrame({name: [value] for name, value in fields.items()}, dtype=object))
    assert len(result) == 1
    return result.iloc[0]


# --- columns -----------------------------------------------------------------------------------------------------


def test_the_columns_are_those_of_the_specification_after_those_of_the_table() -> None:
    result = scripted("basel")
    added = "precision radius_km radius68_km reason geo_status geo_confidence geo_country geo_place geo_place_id"
    added += " geo_admin1 geo_method geo_candidates geo_conflict near_border geo_source"
    assert result.columns.tolist() == ["city", *added.split(), "geometry"]
    assert tuple(added.split()) == COLUMNS
    assert result.crs == "EPSG:4326"


def test_the_columns_have_one_type_whatever_they_hold() -> None:
    types = [scripted(*cities)[list(COLUMNS)].dtypes.to_dict() for cities in (("basel",), ("lost",), ())]
    assert types[0] == types[1] == types[2]
    assert types[0]["geo_place_id"] == "Int64"
    assert types[0]["near_border"] == "bool"
    assert types[0]["radius_km"] == types[0]["radius68_km"] == types[0]["geo_confidence"] == "float64"


def test_a_place_fills_its_columns() -> None:
    held = scripted("basel").iloc[0]
    assert (held.geometry.x, held.geometry.y) == (7.59, 47.56)
    assert held[["precision", "radius_km", "radius68_km", "geo_status"]].tolist() == ["city", 15.0, 3.5, "ok"]
    assert held[["geo_confidence", "geo_country", "geo_place"]].tolist() == [0.97, "CH", "Basel"]
    assert held[["geo_place_id", "geo_admin1", "geo_method"]].tolist() == [2661604, "CH.BS", "exact"]
    assert held["geo_source"] == "GeoNames, CC BY 4.0"
    assert held[["reason", "geo_candidates", "geo_conflict"]].isna().all()
    assert not held["near_border"]


@pytest.mark.parametrize(
    ("city", "status", "precision", "country"),
    [
        ("many", "ambiguous", "none", "DE"),
        ("torn", "conflict", "none", "FR"),
        ("country", "coarse", "country", "DE"),
        ("lost", "not_found", "none", None),
        ("empty", "bad_input", "none", None),
    ],
)
def test_a_row_without_a_point_says_why(city: str, status: str, precision: str, country: str | None) -> None:
    held = scripted(city).iloc[0]
    answer = ANSWERS[city]
    assert isinstance(answer, Miss)
    assert held.geometry is None
    assert held["geo_status"] == status
    assert held["precision"] == precision
    assert held["reason"] == answer.reason
    assert held["geo_country"] == country or (country is None and pd.isna(held["geo_country"]))
    assert held[["radius_km", "radius68_km", "geo_place", "geo_place_id", "geo_method"]].isna().all()


def test_a_conflict_is_told_in_a_column_of_its_own_with_its_candidates() -> None:
    held = scripted("torn").iloc[0]
    assert held["geo_conflict"] == "is abroad"
    assert held["geo_candidates"] == "Basel, CH.BS (47.5600, 7.5900) 0.97"
    assert held["geo_confidence"] == 0.95


def test_a_region_is_coarse_and_has_a_point() -> None:
    held = scripted("region").iloc[0]
    assert held[["geo_status", "precision", "radius_km"]].tolist() == ["coarse", "region", 180.0]
    assert held.geometry == Point(11.5, 48.9)


def test_the_likeliest_is_taken_only_where_it_is_asked_for_and_stays_marked() -> None:
    refused, taken = scripted("many").iloc[0], scripted("many", on_ambiguous="best").iloc[0]
    assert refused.geometry is None
    assert refused["geo_candidates"] == taken["geo_candidates"]
    assert taken.geometry == Point(7.82, 48.57)
    assert taken["geo_status"] == "ambiguous"
    assert taken["geo_confidence"] == 0.55  # of the answer, not the candidate's share among its rivals
    assert pd.isna(taken["reason"])
    assert scripted("torn", "lost", on_ambiguous="best").geometry.isna().all()


def test_another_word_for_ambiguous_is_refused() -> None:
    with pytest.raises(OptionError, match="on_ambiguous must be 'refuse' or 'best', got 'guess'"):
        scripted("basel", on_ambiguous="guess")


# --- rows --------------------------------------------------------------------------------------------------------


def test_every_row_comes_back_in_order_on_its_index() -> None:
    cities = ["lost", "basel", "empty", "many", "basel", "torn", "country"]
    index = pd.Index([7, "b", 3.5, "a", -1, "z", 0])
    result = geocode(pd.DataFrame({"city": cities, "n": range(7)}, index=index), geocoder=Scripted())
    assert result.index.equals(index)
    assert result["city"].tolist() == cities
    assert result["n"].tolist() == list(range(7))
    assert (result.geometry.isna() == result["reason"].notna()).all()


def test_the_table_given_is_not_changed() -> None:
    table = pd.DataFrame({"city": ["basel", "lost"]})
    before = table.copy(deep=True)
    geocode(table, geocoder=Scripted())
    pd.testing.assert_frame_equal(table, before)


def test_an_empty_table_stays_empty() -> None:
    result = geocode(pd.DataFrame({"city": []}))
    assert len(result) == 0
    check(result, "located")


def test_identical_queries_are_asked_once() -> None:
    geocoder = Scripted()
    geocode(pd.DataFrame({"city": ["basel", "lost"] * 5000, "country": ["CH", "FR"] * 5000}), geocoder=geocoder)
    assert geocoder.asked == [Query(city="basel", country="CH"), Query(city="lost", country="FR")]


def test_all_fields_are_asked_as_texts() -> None:
    geocoder = Scripted()
    table = pd.DataFrame({"city": ["basel"], "postcode": [4056.0], "region": [None], "name": [pd.NA], "address": ["x"]})
    geocode(table, geocoder=geocoder)
    assert geocoder.asked == [Query(city="basel", postcode="4056", address="x")]


def test_progress_sees_the_batches() -> None:
    seen = []

    def watch(batches: Iterable[Any]) -> Iterable[Any]:
        for batch in batches:
            seen.append(len(batch))
            yield batch

    names = [f"n{i}" for i in range(20_000)]
    geocode(pd.DataFrame({"city": "basel", "name": names}), geocoder=Scripted(), progress=watch)
    assert sum(seen) == 20_000
    assert len(seen) > 1


@pytest.mark.parametrize("answers", [[], [None], [BASEL, BASEL]])
def test_a_geocoder_that_breaks_its_promise_is_told(answers: Any) -> None:
    with pytest.raises(OptionError, match="a geocoder must answer"):
        geocode(pd.DataFrame({"city": ["basel"]}), geocoder=lambda _: answers)


def test_a_table_geocoded_again_stays_and_only_misses_are_asked_again() -> None:
    first = scripted("basel", "lost", "many")
    geocoder = Scripted()
    second = geocode(first, geocoder=geocoder)
    assert [query.city for query in geocoder.asked] == ["lost", "many"]
    pd.testing.assert_frame_equal(pd.DataFrame(second), pd.DataFrame(first))


# --- coordinates given -------------------------------------------------------------------------------------------


def test_good_coordinates_are_kept_and_not_asked_for() -> None:
    geocoder = Scripted()
    table = pd.DataFrame({"city": ["basel"], "country": ["CH"], "lat": [47.55], "lon": [7.6]})
    held = geocode(table, geocoder=geocoder).iloc[0]
    assert geocoder.asked == []
    assert held.geometry == Point(7.6, 47.55)
    assert held[["geo_method", "precision", "geo_status", "geo_country"]].tolist() == ["given", "given", "ok", "CH"]
    assert held[["radius_km", "radius68_km", "geo_confidence"]].tolist() == [0.1, 0.1, 1.0]
    assert held[["geo_place", "geo_place_id", "geo_source", "reason"]].isna().all()


def test_a_radius_stated_is_kept() -> None:
    table = pd.DataFrame({"lat": [47.55] * 4, "lon": [7.6] * 4, "radius_km": [2.5, np.nan, -1.0, np.inf]})
    assert geocode(table)["radius_km"].tolist() == [2.5, 0.1, 0.1, 0.1]


@pytest.mark.parametrize(
    ("lat", "lon", "reason"),
    [
        (107.6, 47.55, "look swapped: lat=107.6, lon=47.55"),
        (7.59, 47.56, "look swapped: lat=7.59, lon=47.56"),
        (147.55, 207.6, "out of range"),
        (float("inf"), 7.6, "out of range: lat=inf"),
        (0, 0, "stand for nothing"),
        (None, 7.6, "incomplete: lat=nan, lon=7.6"),
        ("N/A", 7.6, "incomplete"),
        (47.55, float("nan"), "incomplete"),
        ("47.55, 7.6", "7,6", "are no numbers: "),
        ("47°33'E", "7.6", 'are no numbers: lat="47°33\'E"'),
    ],
)
def test_bad_coordinates_are_told_and_the_row_is_found_by_its_city_if_it_has_one(
    lat: Any, lon: Any, reason: str
) -> None:
    alone, with_city = row(lat=lat, lon=lon, country="CH"), row(lat=lat, lon=lon, country="CH", city="Basel")
    assert alone.geometry is None
    assert reason in alone["reason"]
    assert with_city["geo_place"] == "Basel"
    assert with_city["geo_status"] == "ok"
    assert reason in with_city["geo_conflict"]


@pytest.mark.parametrize(
    ("lat", "lon"),
    [("47,55", "7,6"), ("47.55°", "7.6 °"), ("47.55 N", "7.6° E"), ("47°33'N", "7° 36' 0\" E"), ("+47,55", "7.6")],
)
def test_coordinates_are_read_as_people_write_them(lat: str, lon: str) -> None:
    held = row(lat=lat, lon=lon, country="CH")
    assert (held["geo_method"], held["geo_status"]) == ("given", "ok")
    assert pd.isna(held["geo_conflict"])
    assert (held.geometry.x, held.geometry.y) == pytest.approx((7.6, 47.55))


def test_south_and_west_are_negative() -> None:
    held = row(lat="33,9 S", lon="70° W", country="CL")
    assert (held.geometry.x, held.geometry.y) == pytest.approx((-70, -33.9))


@pytest.mark.parametrize("nothing", [None, float("nan"), "", " ", "N/A", "-", "null"])
def test_no_coordinates_are_no_fault(nothing: Any) -> None:
    held = row(lat=nothing, lon=nothing, city="Basel", country="CH")
    assert held["geo_place"] == "Basel"
    assert pd.isna(held["geo_conflict"])
    assert row(lat=nothing, lon=nothing)["reason"] == "no city, region or country is given"


def test_coordinates_far_from_the_country_stated_are_a_conflict() -> None:
    held = row(lat=48.85, lon=2.35, country="Germany", city="Berlin")
    assert held.geometry is None
    assert held[["geo_status", "geo_country"]].tolist() == ["conflict", "DE"]
    assert "Germany is stated: lat=48.85, lon=2.35" in held["reason"]
    assert held["geo_conflict"] == held["reason"]


@pytest.mark.parametrize("country", ["Atlantis", "Kongo", "Worldwide"])
def test_coordinates_with_words_that_are_no_country_are_a_conflict(country: str) -> None:
    held = row(lat=47.55, lon=7.6, country=country)
    assert held.geometry is None
    assert held["geo_status"] == "conflict"
    assert held["reason"] == f"no country is called {country!r}"


@pytest.mark.parametrize("country", [None, "n/a", "na", "unknown"])
def test_coordinates_alone_leave_the_country_open(country: Any) -> None:
    held = row(lat=47.55, lon=7.6, country=country)
    assert held["geo_status"] == "ok"
    assert pd.isna(held["geo_country"])


def test_a_point_nearer_to_a_foreign_place_is_marked() -> None:
    assert row(lat=47.5535, lon=7.594, country="DE")["near_border"]
    assert row(lat=47.5535, lon=7.594, country="DE")["geo_status"] == "ok"
    assert not row(lat=47.5535, lon=7.594, country="CH")["near_border"]


def test_points_of_a_geodataframe_are_kept_in_degrees() -> None:
    points: Any = gpd.GeoSeries(np.array([Point(7.6, 47.55), None, Point()], dtype=object), crs="EPSG:4326")
    table = gpd.GeoDataFrame({"city": ["lost", "basel", "lost"]}, geometry=points).to_crs("EPSG:3035")
    result = geocode(table.rename_geometry("here"), geocoder=Scripted())
    assert result.crs == "EPSG:4326"
    assert result.geometry.name == "geometry"
    assert result["geo_method"].tolist()[:2] == ["given", "exact"]
    assert result.geometry.iloc[0].distance(Point(7.6, 47.55)) < 1e-7
    assert result.geometry.iloc[2] is None
    assert table.crs == "EPSG:3035"
