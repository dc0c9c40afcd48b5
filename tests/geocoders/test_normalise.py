"""What does a query say, once its words are understood?"""

from __future__ import annotations

import numpy as np
import pytest

from geocluster.datasets import load_gazetteer
from geocluster.geocoders.normalise import NO_COUNTRY, NO_REGION, UNKNOWN_COUNTRY, Reader
from geocluster.geocoders.place import Query

CODES = load_gazetteer().table("countries")


def country_of(**fields: str) -> str | int:
    position = int(Reader().read([Query(**fields)]).country[0])
    return CODES[position] if position >= 0 else position


@pytest.mark.parametrize("text", ["", "N/A", "na", "unknown", "-", "  "])
def test_words_for_nothing_state_no_country(text: str) -> None:
    assert country_of(city="Basel", country=text) == NO_COUNTRY


def test_na_in_capitals_is_namibia() -> None:
    assert country_of(city="Windhoek", country="NA") == "NA"


@pytest.mark.parametrize("text", ["Atlantis", "Worldwide", "Kongo", "=1+1", "<b>CH</b>x"])
def test_words_that_are_no_country_are_not_ignored(text: str) -> None:
    assert country_of(city="Basel", country=text) == UNKNOWN_COUNTRY


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"city": "Hong Kong", "country": "China"}, "HK"),
        ({"city": "Macau", "country": "CN"}, "MO"),
        ({"city": "Kowloon", "region": "Hong Kong", "country": "PR China"}, "HK"),
        ({"city": "San Juan", "region": "Puerto Rico", "country": "USA"}, "PR"),
        ({"city": "San Juan", "region": "PR", "country": "US"}, "PR"),
        ({"city": "Taipei", "region": "Taiwan", "country": "China"}, "TW"),
        ({"city": "Beijing", "country": "China"}, "CN"),
        ({"city": "Hong Kong", "country": "US"}, "US"),
        ({"city": "Hong Kong"}, NO_COUNTRY),
    ],
)
def test_a_country_inside_another_wins_where_both_are_stated(fields: dict[str, str], code: str | int) -> None:
    assert country_of(**fields) == code


@pytest.mark.parametrize("text", ["", "n/a", "-", "none"])
def test_words_for_nothing_are_no_city_and_no_region(text: str) -> None:
    readings = Reader().read([Query(city=text, region=text)])
    assert readings.city == [""]
    assert readings.region_hash[0] == NO_REGION


@pytest.mark.parametrize("city", ["Kita-ku", "Chuo-ku", "Centre", "NORD", "Zentrum"])
def test_names_of_wards_are_marked(city: str) -> None:
    assert Reader().read([Query(city=city)]).generic.tolist() == [True]


@pytest.mark.parametrize("city", ["Basel", "Norden", "Kyoto", "Central City"])
def test_names_of_towns_are_not_marked_as_wards(city: str) -> None:
    assert Reader().read([Query(city=city)]).generic.tolist() == [False]


def test_a_batch_of_none_is_read() -> None:
    readings = Reader().read([])
    assert readings.city == []
    assert readings.city_hash.dtype == np.uint64
    assert len(readings.country) == 0


def test_spellings_of_one_region_are_one() -> None:
    words = ["Bavaria", "bavaria", "State of Bavaria"]
    assert len(set(Reader().read([Query(region=word) for word in words]).region_hash.tolist())) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"city": "F-67000 Straßburg"}, "FR"),
        ({"city": "Neustadt", "postcode": "D-67433"}, "DE"),
        ({"city": "Wien", "postcode": "A – 1010"}, "AT"),
        ({"city": "Göteborg", "postcode": "S-412 96"}, "SE"),
        ({"city": "Basel", "postcode": "CH-4056", "country": "Schweiz"}, "CH"),
        ({"city": "Strasbourg", "postcode": "F-67000", "country": "Deutschland"}, "DE"),  # what is stated goes first
    ],
)
def test_letters_of_number_plates_state_the_country(fields: dict[str, str], code: str) -> None:
    assert country_of(**fields) == code


@pytest.mark.parametrize("postcode", ["D-1234", "F-670000", "X-12345", "d-67433", "D67433", "12-67433", "B-1050A"])
def test_other_letters_state_none(postcode: str) -> None:
    assert country_of(city="Qwxyz", postcode=postcode) == NO_COUNTRY
