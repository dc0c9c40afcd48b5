"""What does a service's answer say, and how precisely?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from geocluster.geocoders.services import Hit, city_radii_km, read_hits, read_location, write_hits

BOX = ["46.0", "46.2", "7.0", "7.2"]


def read(raw: Any, service: str = "other", **more: Any) -> Hit:
    return read_location(
        SimpleNamespace(**{"longitude": 7, "latitude": 46, "address": "A, B", "raw": raw, **more}), service
    )


@pytest.mark.parametrize(
    ("raw", "level", "radius_km"),
    [
        ({"addresstype": "building"}, "address", 0.5),
        ({"addresstype": "road", "address": {"house_number": "1"}}, "address", 0.5),
        ({"addresstype": "amenity"}, "address", 0.5),
        ({"addresstype": "road"}, "street", 0.5),
        ({"addresstype": "postcode"}, "postcode", 5.0),
        ({"addresstype": "village"}, "city", 5.0),
        ({"addresstype": "town"}, "city", 9.0),
        ({"addresstype": "city"}, "city", 18.0),
        ({"addresstype": "city", "extratags": {"population": "1,900,000"}}, "city", 27.0),
        ({"addresstype": "city", "extratags": {"population": "120000"}}, "city", 15.0),
        ({"addresstype": "city", "extratags": {"population": "many"}}, "city", 18.0),
        ({"addresstype": "state"}, "region", 100.0),
        ({"addresstype": "country"}, "country", 100.0),
        ({"place_rank": 8}, "region", 100.0),
        ({"place_rank": 30, "type": "yes"}, "address", 0.5),
        ({"properties": {"type": "house"}}, "address", 0.5),
        ({"properties": {"type": "street", "housenumber": "7"}}, "address", 0.5),
        ({"properties": {"type": "county"}}, "region", 100.0),
        ({"types": ["locality", "political"]}, "city", 18.0),
        ({"types": ["premise"]}, "address", 0.5),
        ({"components": {"_type": "road"}}, "street", 0.5),
        ({"place_type": ["postcode"]}, "postcode", 5.0),
        ({"attributes": {"Addr_type": "PointAddress"}}, "address", 0.5),
        ({}, "city", 18.0),
        ({"type": 7, "types": [None]}, "city", 18.0),
        ([], "city", 18.0),
    ],
)
def test_the_words_of_a_service_tell_the_precision(raw: Any, level: str, radius_km: float) -> None:
    hit = read(raw)
    assert (hit.level, hit.radius_km) == (level, radius_km)
    assert 0 < hit.radius68_km <= hit.radius_km


@pytest.mark.parametrize("word", ["road", "postcode", "state"])
def test_the_box_around_an_answer_widens_its_radius(word: str) -> None:
    assert 13 < read({"addresstype": word, "boundingbox": BOX}).radius_km < 14


def test_a_box_across_the_180th_meridian_is_no_wider_than_it_is() -> None:
    assert read({"addresstype": "state", "boundingbox": ["-17", "-16", "179.5", "-179.5"]}).radius_km < 80


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        ({"address": {"country_code": "ch"}}, "CH"),
        ({"properties": {"countrycode": "FR"}}, "FR"),
        ({"properties": {"country": "Deutschland"}}, "DE"),
        ({"components": {"country_code": "gb"}}, "GB"),
        ({"attributes": {"Country": "CHE"}}, "CH"),
        ({"address_components": [{"types": ["country", "political"], "short_name": "IT"}]}, "IT"),
        ({"address_components": [7, {"types": None}]}, None),
        ({"address": {"country_code": 7}}, None),
        ({}, None),
    ],
)
def test_the_country_is_found_where_services_put_it(raw: Any, country: str | None) -> None:
    assert read(raw).country == country


def test_openstreetmap_is_credited_whoever_serves_it() -> None:
    assert "OpenStreetMap" in read({}, "nominatim").source
    assert "OpenStreetMap" in read({"licence": "Data (c) OpenStreetMap contributors"}).source
    assert read({"licence": "Mine"}).source == "Mine"
    assert read({}).source == "other"


@pytest.mark.parametrize("point", [{"longitude": float("nan")}, {"latitude": 91}, {"longitude": "x"}])
def test_what_is_no_point_is_refused(point: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"globe|no numbers|could not convert"):
        read({}, **point)


def test_answers_come_back_from_text_as_they_went() -> None:
    hits = [read({"addresstype": "town"}, address="Zürich, 瑞士")]
    assert read_hits(write_hits(hits)) == hits
    assert read_hits(write_hits([])) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[",
        "7",
        "[7]",
        "[{}]",
        '[{"longitude": 1}]',
        "[" * 99_999,
        write_hits([read({})]).replace("46.0", "96.0"),
        write_hits([read({})]).replace('"city"', '"moon"'),
        write_hits([read({})]).replace("46.0", '"46"'),
        write_hits([read({})]).replace('"A, B"', "7"),
    ],
)
def test_a_text_that_is_no_answer_is_none(text: str) -> None:
    assert read_hits(text) is None


def test_the_radii_of_cities_are_those_of_the_specification() -> None:
    people = (0, 9_999, 10_000, 50_000, 200_000, 1_000_000)
    assert [city_radii_km(p) for p in people] == [(1.3, 5), (1.3, 5), (1.8, 9), (3.5, 15), (5, 18), (8, 27)]
