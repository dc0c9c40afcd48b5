"""Does a postcode settle which city is meant, or contradict it?"""

from __future__ import annotations

import pytest

from geocluster.geocoders import Miss, Place, Query, offline_geocoder
from geocluster.geocoders.postcodes import postcode_geocoder


def ask(**fields: str) -> Place | Miss:
    (answer,) = postcode_geocoder()([Query(**fields)])
    return answer


def place(**fields: str) -> Place:
    answer = ask(**fields)
    assert isinstance(answer, Place), answer
    return answer


def miss(**fields: str) -> Miss:
    answer = ask(**fields)
    assert isinstance(answer, Miss), answer
    return answer


@pytest.mark.parametrize(
    ("city", "postcode", "country", "name"),
    [
        ("Neustadt", "67433", "DE", "Neustadt an der Weinstraße"),
        ("Neustadt", "23730", "DE", "Neustadt in Holstein"),
        ("Neustadt", "01844", "DE", "Neustadt in Sachsen"),
        ("Frankfurt", "15230", "DE", "Frankfurt (Oder)"),
        ("Springfield", "62701", "US", "Springfield"),
    ],
)
def test_a_postcode_tells_which_of_many_is_meant(city: str, postcode: str, country: str, name: str) -> None:
    found = place(city=city, postcode=postcode, country=country)
    assert found.name == name
    assert found.precision == found.method == "postcode"
    assert found.place_id is not None
    assert found.radius_km >= 5
    assert found.radius68_km == 2
    assert found.source == "GeoNames postal codes, CC BY 4.0"


def test_a_postcode_with_a_country_is_a_place_by_itself() -> None:
    found = place(postcode="67000", country="France")
    assert abs(found.longitude - 7.75) < 0.05
    assert (found.name, found.country, found.precision) == ("67000", "FR", "postcode")


def test_a_postcode_stands_in_for_a_city_that_nobody_knows() -> None:
    assert isinstance(offline_geocoder()([Query(city="Qwxyz", country="CH")])[0], Miss)
    assert place(city="Qwxyz", postcode="CH-4051", country="Schweiz").precision == "postcode"


def test_city_and_postcode_far_apart_are_a_conflict_with_both_told() -> None:
    told = miss(city="Bern", postcode="1200", country="CH")
    assert told.status == "conflict"
    assert told.reason == "postcode 1200 is 130 km from 'Bern'"
    assert [one.name for one in told.candidates] == ["Bern", "1200"]
    assert told.country == "CH"


@pytest.mark.parametrize(
    ("city", "postcode", "country"),
    [("Korla", "841000", "CN"), ("Chongqing", "400023", "CN"), ("Pemberton", "V0N 2K0", "CA")],
)
def test_beginnings_of_codes_that_reach_far_contradict_no_city(city: str, postcode: str, country: str) -> None:
    """The table has one point for each, 170 to 860 km from these."""
    found = place(city=city, postcode=postcode, country=country, region="BC" if country == "CA" else "")
    assert (found.name, found.precision) == (city, "city")


def test_how_far_a_code_reaches_is_told_by_its_spread_or_those_beside_it() -> None:
    rural = place(postcode="V0N 2K0", country="CA")
    assert rural.radius_km > 25
    assert rural.radius68_km == pytest.approx(rural.radius_km / 2)
    urban = place(postcode="M5V 2T6", country="CA")
    assert (urban.radius_km, urban.radius68_km) == (5, 2)
    assert miss(city="Vancouver", region="BC", postcode="M5V 2T6", country="CA").status == "conflict"
    assert place(postcode="8001", country="CH").radius68_km == 2


def test_region_and_postcode_far_apart_are_a_conflict() -> None:
    assert miss(region="Ticino", postcode="4051", country="CH").status == "conflict"
    assert place(region="Zürich", postcode="8001", country="CH").precision == "postcode"


@pytest.mark.parametrize(
    "fields",
    [
        {"city": "Basel", "postcode": "4051", "country": "CH"},
        {"city": "Basel", "country": "CH"},
        {"city": "Basel", "postcode": "n/a", "country": "CH"},
        {"city": "Basel", "postcode": "0000", "country": "CH"},
        {"city": "Neustadt", "postcode": "99999", "country": "DE"},
        {"city": "Neustadt", "postcode": "1234", "country": "DE"},
        {"postcode": "4051"},
        {"postcode": "4051", "country": "Atlantis"},
        {"city": "San Francisco", "postcode": "94105", "region": "CA", "country": "China"},
        {"city": "Hong Kong", "postcode": "999077", "country": "HK"},
        {},
    ],
)
def test_where_the_postcode_says_nothing_new_the_answer_stays(fields: dict[str, str]) -> None:
    assert ask(**fields) == offline_geocoder()([Query(**fields)])[0]


def test_another_geocoder_can_be_asked_first() -> None:
    far = Place(9.0, 47.0, "address", "Hauptstrasse 1", "CH", 0.5, 0.1, 0.9, "online:x")
    (answer,) = postcode_geocoder(lambda queries: [far] * len(queries))([Query(address="Hauptstr. 1", postcode="4051")])
    assert isinstance(answer, Miss)
    assert answer.status == "conflict"


def test_no_five_candidates_are_all_there_are() -> None:
    # the table has a place there, but of no such name; with a list that may be cut nothing is contradicted
    told = miss(city="Neustadt", postcode="17489", country="DE")
    assert told.status == "ambiguous"


def test_a_postcode_with_its_country_is_read_from_city_and_address() -> None:
    assert place(address="Univ. Straßburg, F-67000").name == "Strasbourg"
    assert place(city="D-67433 Neustadt").name == "Neustadt an der Weinstraße"
    assert miss(city="D-10115 München").status == "conflict"
    assert miss(address="Somewhere, F-67000 Somewhere", postcode="99999", country="FR").status != "conflict"
