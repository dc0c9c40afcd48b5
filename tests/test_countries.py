"""Which country is each in, how far from its border?"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, box

from geocluster.countries import (
    assign_countries,
    border_distance_any_km,
    border_distance_km,
    border_lines,
    country_at,
    shared_border,
)
from geocluster.countries.boundaries import default_boundaries
from geocluster.countries.segments import SegmentTree, cut_edges
from geocluster.datasets import load_borders, load_countries, load_lakes, load_land
from geocluster.errors import OptionError, SchemaError
from geocluster.geocoders import geocode
from geocluster.schema import split_placed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BASEL, WEIL, COPENHAGEN = (7.5886, 47.5596), (7.6210, 47.5930), (12.5683, 55.6761)
ATLANTIC = (-30.0, 30.0)


def table(points: Sequence[tuple[float, float] | None], **columns: Any) -> gpd.GeoDataFrame:
    geometry: Any = [None if point is None else Point(point) for point in points]
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326", index=pd.RangeIndex(len(points)))


# --- which country holds a point ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("longitude", "latitude", "country"),
    [
        (8.69, 47.697, "DE"),  # Büsingen, inside Switzerland
        (8.971, 45.969, "IT"),  # Campione d'Italia, inside Switzerland
        (1.981, 42.464, "ES"),  # Llívia, inside France
        (4.93, 51.4405, "BE"),  # Baarle-Hertog, inside the Netherlands
        (4.929, 51.445, "NL"),  # Baarle-Nassau beside it
        (12.4534, 41.9033, "VA"),
        (12.447, 43.9355, "SM"),
        (28.25, -29.5, "LS"),
        (-5.316, 35.889, "ES"),  # Ceuta
    ],
)
def test_enclaves(longitude: float, latitude: float, country: str) -> None:
    assert country_at(longitude, latitude) == country


@pytest.mark.parametrize(
    ("longitude", "latitude", "country"),
    [(179.99, 66.0, "RU"), (-179.99, 66.0, "RU"), (180.0, 66.0, "RU"), (-180.0, 66.0, "RU"), (-179.99, -16.79, "FJ")],
)
def test_both_sides_of_180_degrees(longitude: float, latitude: float, country: str) -> None:
    assert country_at(longitude, latitude) == country


def test_sea_belongs_to_the_coast_near_it_and_to_none_far_out() -> None:
    # in the middle of the Øresund, west and east; the Atlantic; the pole
    found = country_at([12.65, 12.9, ATLANTIC[0], 0.0], [55.75, 55.75, ATLANTIC[1], 90.0])
    assert found.tolist() == ["DK", "SE", "", ""]


def test_a_point_that_is_none_has_no_country() -> None:
    assert country_at([np.nan, np.inf, 7.6], [47.0, 47.0, np.nan]).tolist() == ["", "", ""]
    assert country_at([], []).tolist() == []


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "country"),
    [
        ("Simferopol", 34.1, 44.95, "UA"),
        ("Kyrenia", 33.32, 35.33, "CY"),
        ("Akrotiri", 32.98, 34.59, "CY"),
        ("Laayoune", -13.2, 27.15, "MA"),
        ("Tifariti", -10.57, 26.16, "EH"),
        ("Ramallah", 35.2, 31.9, "PS"),
        ("Katzrin", 35.69, 32.99, "IL"),
        ("Pristina", 21.16, 42.66, "XK"),
        ("Taipei", 121.5, 25.04, "TW"),
        ("Srinagar", 74.8, 34.08, "IN"),
        ("Muzaffarabad", 73.47, 34.36, "PK"),
        ("Aksai Chin", 79.5, 35.2, "CN"),
        ("Sukhumi", 41.0, 43.0, "GE"),
        ("Tiraspol", 29.63, 46.84, "MD"),
        ("Hargeisa", 44.06, 9.56, "SO"),
        ("Bir Tawil", 33.7, 21.87, ""),
    ],
)
def test_disputes_are_as_the_data_page_says(place: str, longitude: float, latitude: float, country: str) -> None:
    assert country_at(longitude, latitude) == country, place


def test_the_layers_are_whole() -> None:
    countries, borders, land, lakes = load_countries(), load_borders(), load_land(), load_lakes()
    assert len(countries) == 250
    assert countries["country"].is_unique
    assert set(countries["sovereign"]) <= set(countries["country"])
    assert shapely.coverage_is_valid(countries.geometry.to_numpy())
    assert shapely.coverage_is_valid(land.geometry.to_numpy())
    assert set(land["country"]) == set(countries["country"])
    assert (borders["iso_a"] < borders["iso_b"]).all()
    assert not borders.duplicated(["iso_a", "iso_b"]).any()
    assert (lakes["area_km2"] > 50).all()
    for layer in (countries, borders, land, lakes):
        assert layer.crs == "EPSG:4326"
        assert layer.geometry.is_valid.all()


# --- how far is the border ---------------------------------------------------------------------------------------


def brute_force_km(lines: Any, longitude: float, latitude: float) -> float:
    """The least geodesic to points every 100 m or so along the lines, straight in longitude and latitude."""
    points = shapely.get_coordinates(shapely.segmentize(lines.to_numpy(), 0.0009))
    near = np.hypot((points[:, 0] - longitude) * np.cos(np.radians(latitude)), points[:, 1] - latitude)
    points = points[near < near.min() * 1.2 + 0.02]
    start = np.full(len(points), longitude), np.full(len(points), latitude)
    return float(Geod(ellps="WGS84").inv(*start, points[:, 0], points[:, 1])[2].min() / 1000)


@pytest.mark.parametrize("country", ["CH", "DK", "LU", "SE", "EC"])
def test_distance_is_that_of_brute_force_on_geodesics(country: str) -> None:
    borders = load_borders()
    lines: Any = borders.geometry[(borders["iso_a"] == country) | (borders["iso_b"] == country)]
    west, south, east, north = lines.total_bounds
    rng = np.random.default_rng(7)
    longitude, latitude = rng.uniform(west - 1, east + 1, 15), rng.uniform(south - 1, north + 1, 15)
    expected = [brute_force_km(lines, x, y) for x, y in zip(longitude, latitude, strict=True)]
    found = border_distance_km(longitude, latitude, country)
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=0.01)


def test_distance_on_the_line_is_nothing() -> None:
    line = load_borders().geometry.iloc[100]
    ends = shapely.get_coordinates(line)[:5]
    assert border_distance_any_km(*ends.T).max() < 0.001


def test_distance_is_the_same_seen_from_both_sides_of_180_degrees() -> None:
    east, west = border_distance_km([180.0, -180.0], [66.0, 66.0], "RU")
    assert east == pytest.approx(west, rel=1e-9)
    beside = border_distance_km([179.999, -179.999], [66.0, 66.0], "RU")
    assert beside == pytest.approx([east, east], abs=0.06)


def test_distance_to_any_border_is_the_least_over_countries() -> None:
    rng = np.random.default_rng(1)
    longitude, latitude = rng.uniform(3, 20, 200), rng.uniform(44, 56, 200)
    codes = np.unique(load_borders()[["iso_a", "iso_b"]].to_numpy())
    least = np.nanmin([border_distance_km(longitude, latitude, code) for code in codes], axis=0)
    np.testing.assert_allclose(border_distance_any_km(longitude, latitude), least, rtol=1e-12)


def test_no_border_no_distance() -> None:
    codes = np.array(["IS", "ZZ", None, "CH"], dtype=object)
    found = border_distance_km([-21.9, 7.6, 7.6, np.nan], [64.1, 47.6, 47.6, 47.6], codes)
    assert np.isnan(found).all()
    with pytest.raises(OptionError, match="equally long"):
        border_distance_km([1.0, 2.0], [1.0, 2.0], ["CH", "CH", "CH"])


def test_pieces_of_an_edge_join_to_it() -> None:
    edges = np.array([[7.0, 47.0, 8.3, 47.9], [1.0, 1.0, 1.0, 1.0]])
    pieces = cut_edges(edges, 0.25)
    assert pieces[0, :2].tolist() == [7.0, 47.0]
    assert pieces[-2, 2:].tolist() == [8.3, 47.9]
    np.testing.assert_allclose(pieces[:-2, 2:], pieces[1:-1, :2], atol=1e-12)
    assert (np.hypot(*(pieces[:, 2:] - pieces[:, :2]).T) <= 0.25).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_tree_finds_the_nearest_of_any_segments(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    start = np.column_stack([rng.uniform(-180, 180, size), rng.uniform(-89, 89, size)])
    edges = np.hstack([start, np.clip(start + rng.normal(0, 2, (size, 2)), -180, [180, 90])])
    longitude, latitude = rng.uniform(-180, 180, 20), rng.uniform(-90, 90, 20)
    each = [SegmentTree(edge[None]).distance_km(longitude, latitude) for edge in edges]
    np.testing.assert_allclose(SegmentTree(edges).distance_km(longitude, latitude), np.min(each, axis=0), rtol=1e-12)


# --- where the border runs ---------------------------------------------------------------------------------------


def test_countries_touch_on_land_or_at_sea() -> None:
    assert shared_border("DE", "FR")
    assert shared_border("FR", "DE")
    assert shared_border("DK", "SE")
    assert not shared_border("PT", "FR")
    assert not shared_border("CH", "CH")
    assert not shared_border("CH", "ZZ")


def test_lines_part_into_land_and_sea_and_add_up() -> None:
    lines = border_lines(["BE", "NL", "DE"])
    whole: Any = load_borders().set_index(["iso_a", "iso_b"]).geometry
    assert set(zip(lines["iso_a"], lines["iso_b"], strict=True)) == {("BE", "DE"), ("BE", "NL"), ("DE", "NL")}
    assert lines["maritime"].dtype == bool
    parts = {key: shapely.length(rows.geometry.to_numpy()).sum() for key, rows in lines.groupby(["iso_a", "iso_b"])}
    for key, length in parts.items():
        assert length == pytest.approx(whole[key].length, rel=1e-6)
    assert not lines.loc[(lines["iso_a"] == "BE") & (lines["iso_b"] == "DE"), "maritime"].any()
    # off the coast at 3.37 E, and a little of the Scheldt's mouth
    sea = lines[(lines["iso_a"] == "BE") & lines["maritime"]].geometry.iloc[0]
    assert sea.intersection(box(3.4, 51, 6, 52)).length < 0.1 * sea.length
    assert sea.bounds[0] < 3.3


def test_the_sound_is_all_sea_and_no_line_is_asked_for_one() -> None:
    assert border_lines(["DK", "SE"])["maritime"].tolist() == [True]
    assert len(border_lines(["CH"])) == 0
    assert list(border_lines([]).columns) == ["iso_a", "iso_b", "maritime", "geometry"]
    with pytest.raises(OptionError, match="several"):
        border_lines("CH")


# --- rows of a table ---------------------------------------------------------------------------------------------


def test_the_country_stated_wins_then_the_place_then_the_polygon() -> None:
    given_table = table(
        [WEIL, WEIL, WEIL, None, WEIL],
        country=["Schweiz", None, "", "FRA", "n/a"],
        geo_country=[None, "CH", None, None, None],
        geo_method=["given", "exact", "given", None, "given"],
    )
    result = assign_countries(given_table)
    assert result["country"].tolist() == ["CH", "CH", "DE", "FR", "DE"]
    assert result["country_source"].tolist() == ["stated", "place", "polygon", "stated", "polygon"]
    assert result["near_border"].tolist() == [True, True, False, False, False]
    assert result["country_stated"].iloc[0] == "Schweiz"
    assert result["country_stated"].iloc[4] == "n/a"
    assert result["border_km"].notna().tolist() == [True, True, True, False, True]
    assert result["reason"].iloc[3] == "there is no point"


def test_coordinates_far_from_the_country_stated_are_a_conflict_and_the_row_stays() -> None:
    given_table = table(
        [COPENHAGEN, BASEL], country=["FR", "CH"], geo_status=["ok", "ok"], precision=["given", "given"]
    )
    result = assign_countries(given_table)
    assert len(result) == 2
    first = result.iloc[0]
    assert first.geometry is None
    assert pd.isna(first["country"])
    assert pd.isna(first["country_source"])
    assert pd.isna(first["border_km"])
    assert first["country_stated"] == "FR"
    assert first["geo_status"] == "conflict"
    assert first["precision"] == "none"
    assert first["reason"] == first["geo_conflict"]
    assert "Denmark" in first["reason"]
    assert "801 km from France" in first["reason"]
    assert result["geo_status"].iloc[1] == "ok"
    placed, set_aside = split_placed(result)
    assert (len(placed), len(set_aside)) == (1, 1)
    assert set_aside["reason"].iloc[0] == first["reason"]


def test_a_place_found_by_name_is_not_held_against_the_polygon() -> None:
    result = assign_countries(table([COPENHAGEN], country=["FR"], geo_country=["FR"], geo_method=["exact"]))
    assert result["country"].tolist() == ["FR"]
    assert result["near_border"].tolist() == [True]


def test_swapped_coordinates_are_called_so() -> None:
    result = assign_countries(table([BASEL[::-1]], country=["CH"]))
    assert result["reason"].tolist() == ["the coordinates look swapped: lat=7.5886, lon=47.5596"]


def test_words_that_name_no_country_are_a_conflict_never_ignored() -> None:
    result = assign_countries(table([BASEL, None], country=["Atlantis\x1b[31m", "Atlantis"]))
    assert result["country"].isna().all()
    assert result.geometry.isna().all()
    assert "Atlantis" in result["reason"].iloc[0]
    assert "\x1b" not in result["reason"].iloc[0]


def test_a_conflict_of_the_geocoder_gets_no_country() -> None:
    given_table = table([None], country=["FR"], geo_country=["FR"], geo_status=["conflict"], reason=["Basel is in CH"])
    result = assign_countries(given_table)
    assert result["country"].isna().all()
    assert result["reason"].tolist() == ["Basel is in CH"]


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ((7.6, 207.6), "are out of range"),
        ((47.6, 107.6), "look swapped"),
        ((207.6, 47.6), "are out of range"),
        ((np.nan, 47.6), "are no numbers"),
        ((np.inf, 47.6), "are out of range"),
        ((0.0, 0.0), "stand for nothing"),
    ],
)
def test_coordinates_that_are_none_empty_the_point_and_say_why(point: tuple[float, float], words: str) -> None:
    result = assign_countries(table([point, BASEL], country=[None, None]))
    assert words in result["reason"].iloc[0]
    assert result.geometry.isna().tolist() == [True, False]
    assert result["country"].iloc[1] == "CH"


def test_high_seas_have_no_country_and_say_so() -> None:
    result = assign_countries(table([ATLANTIC]))
    assert result["country"].isna().all()
    assert result.geometry.notna().all()
    assert result["reason"].tolist() == ["no country holds this point"]


def test_territories_and_disputes_may_be_stated_as_either() -> None:
    points = [(-52.33, 4.94), (114.17, 22.28), (21.16, 42.66), (-13.2, 27.15), (-13.2, 27.15)]
    result = assign_countries(table(points, country=["France", "CN", "Serbia", "EH", "MA"]))
    assert result["country"].tolist() == ["FR", "CN", "RS", "EH", "MA"]
    assert not result["near_border"].any()
    # French Guiana's border, not one an ocean away
    assert result["border_km"].iloc[0] == pytest.approx(border_distance_km(-52.33, 4.94, "GF"))
    assert assign_countries(table([BASEL], country=["GP"]))["country"].isna().all()


def test_the_input_is_not_changed_and_twice_is_as_once() -> None:
    given_table = table([BASEL, COPENHAGEN, WEIL, None], country=["Suisse", "FR", None, "Atlantis"])
    before = given_table.copy(deep=True)
    once = assign_countries(given_table)
    pd.testing.assert_frame_equal(given_table, before)
    pd.testing.assert_frame_equal(assign_countries(once), once)


def test_an_empty_table_and_another_geometry_column() -> None:
    assert len(assign_countries(table([]))) == 0
    renamed = table([BASEL, (207.0, 47.0)]).rename_geometry("where")
    result = assign_countries(renamed)
    assert result.active_geometry_name == "where"
    assert result.geometry.isna().tolist() == [False, True]


rows = st.tuples(
    st.one_of(st.none(), st.tuples(st.floats(-200, 200), st.floats(-100, 100)), st.just(WEIL)),
    st.sampled_from([None, "", "CH", "Germany", "Atlantis", "FR"]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(rows, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_rows_index_and_order_are_kept_and_the_order_does_not_matter(
    given_rows: list[tuple[tuple[float, float] | None, str | None]], random: Any
) -> None:
    given_table = table([point for point, _ in given_rows], country=[word for _, word in given_rows])
    given_table.index = pd.Index([f"r{i}" for i in range(len(given_table))])
    result = assign_countries(given_table)
    assert result.index.equals(given_table.index)
    homeless = result["country"].isna() | result.geometry.isna()
    assert result.loc[homeless, "reason"].notna().all()
    assert set(result["country_source"].dropna()) <= {"stated", "place", "polygon"}
    order = list(result.index)
    random.shuffle(order)
    pd.testing.assert_frame_equal(assign_countries(given_table.loc[order]), result.loc[order])


def test_all_faults_of_a_table_are_told_at_once() -> None:
    crossed = gpd.GeoDataFrame({"country": ["CH", "CH"]}, geometry=[box(0, 0, 1, 1), Point(1, 1)], crs="EPSG:3035")
    crossed.index = pd.Index([1, 1])
    with pytest.raises(SchemaError) as caught:
        assign_countries(crossed)
    assert {fault.column for fault in caught.value.faults} == {"geometry", "index"}
    assert "to_crs('EPSG:4326')" in str(caught.value)
    with pytest.raises(SchemaError, match="no CRS"):
        assign_countries(gpd.GeoDataFrame(geometry=[Point(7.6, 47.6)]))
    with pytest.raises(SchemaError, match="no such column"):
        assign_countries(pd.DataFrame({"country": ["CH"]}))  # type: ignore[arg-type]
    twice = table([BASEL], country=["CH"], other=["CH"]).rename(columns={"other": "country"})
    with pytest.raises(SchemaError, match="stands twice"):
        assign_countries(twice)


# --- a user's own polygons ---------------------------------------------------------------------------------------


def own_lands() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"iso_a2": ["FR", "Germany"]}, geometry=[box(6, 47, 7.6, 49), box(7.6, 47, 9, 49)], crs="EPSG:4326"
    )


def test_own_polygons_replace_those_of_the_package() -> None:
    given_table = table([BASEL, WEIL, COPENHAGEN], country=[None, None, "DK"])
    result = assign_countries(given_table, boundaries=own_lands())
    assert result["country"].tolist() == ["FR", "DE", "DK"]
    line = SegmentTree(np.array([[7.6, 47.0, 7.6, 49.0]]))
    assert result["border_km"].iloc[:2].tolist() == pytest.approx(line.distance_km(*np.array([BASEL, WEIL]).T))
    assert np.isnan(result["border_km"].iloc[2])


def test_all_faults_of_own_polygons_are_told_at_once() -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    shapes: Any = [bow, box(0, 0, 1, 1), None, Point(1, 1)]
    broken = gpd.GeoDataFrame({"country": ["FR", "Atlantis", "DE", "IT"]}, geometry=shapes, crs="EPSG:3035")
    with pytest.raises(SchemaError) as caught:
        assign_countries(table([BASEL]), boundaries=broken)
    told = str(caught.value)
    for words in ("Atlantis", "EPSG:4326", "empty in 2", "it holds Point", "not valid in 0"):
        assert words in told
    with pytest.raises(SchemaError, match="no such column"):
        assign_countries(table([BASEL]), boundaries=own_lands().rename(columns={"iso_a2": "code"}))
    with pytest.raises(SchemaError, match="no row"):
        assign_countries(table([BASEL]), boundaries=own_lands().iloc[:0])
    with pytest.raises(SchemaError, match="GeoDataFrame"):
        assign_countries(table([BASEL]), boundaries=pd.DataFrame({"country": ["CH"]}))  # type: ignore[arg-type]


def test_found_borders_are_the_shipped_ones() -> None:
    lands = default_boundaries()
    again = type(lands)(lands.codes.tolist(), lands.polygons)
    shipped = {tuple(pair) for pair in lands.borders[1].tolist()}
    assert {tuple(pair) for pair in again.borders[1].tolist()} == shipped
    rng = np.random.default_rng(3)
    longitude, latitude = rng.uniform(-180, 180, 500), rng.uniform(-60, 80, 500)
    found = again.border_tree("").distance_km(longitude, latitude)
    np.testing.assert_allclose(found, border_distance_any_km(longitude, latitude), atol=0.001)


def test_the_country_beyond_the_nearest_border_is_named() -> None:
    places = {"Basel": (7.588, 47.56), "Kehl": (7.815, 48.573), "Malmö": (13.0, 55.605), "Reykjavík": (-21.9, 64.14)}
    table = gpd.GeoDataFrame(
        {"country": ["CH", "DE", "SE", "IS"]},
        geometry=gpd.points_from_xy(*zip(*places.values(), strict=True)),
        crs=4326,
    )
    beyond = assign_countries(table)["border_country"]
    assert beyond.iloc[0] in ("DE", "FR")
    assert beyond.iloc[1:3].tolist() == ["FR", "DK"]
    assert pd.isna(beyond.iloc[3])


def test_the_nearest_edge_is_that_of_a_plain_search() -> None:
    rng = np.random.default_rng(5)
    start = rng.uniform(0, 3, (60, 2))
    edges = np.hstack([start, start + rng.normal(0, 0.3, (60, 2))])
    points = rng.uniform(0, 3, (40, 2))
    found, edge = SegmentTree(edges).nearest(points[:, 0], points[:, 1])
    for point, km, which in zip(points, found, edge, strict=True):
        each = [SegmentTree(edges[[i]]).distance_km(*point) for i in range(60)]
        assert km == pytest.approx(min(each), abs=1e-9)
        assert each[which] == pytest.approx(km, abs=1e-9)
    assert SegmentTree(edges).nearest([np.nan], [1.0])[1].tolist() == [-1]


def test_of_two_countries_stated_the_inner_one_wins() -> None:
    frame = pd.DataFrame({"city": ["Hong Kong", "San Juan", "Beijing"], "country": ["China", "USA", "China"]})
    frame["region"] = ["", "Puerto Rico", ""]
    assigned = assign_countries(geocode(frame))
    assert assigned["country"].tolist() == ["HK", "PR", "CN"]
    assert assigned["country_source"].tolist() == ["stated"] * 3


def test_the_compiled_search_is_found_again_by_the_next_process(tmp_path: Path) -> None:
    """Numba takes a function that calls another compiled one for new in each process."""
    code = (
        "import numpy, geocluster.countries.segments as s\n"
        "s.SegmentTree(numpy.array([[0.0, -1.0, 0.0, 1.0]])).distance_km([1.0], [0.0])\n"
        "print(sum(s._kernel().stats.cache_hits.values()))\n"
    )
    own = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    hits = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=own).stdout.strip()
        for _ in range(2)
    ]
    assert hits == ["0", "1"]
