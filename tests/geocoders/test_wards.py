"""Which city of Japan has a ward of this name?"""

from __future__ import annotations

import pytest

from geocluster.geocoders import Miss, Place, Query, offline_geocoder
from geocluster.geocoders.wards import _cities, ward_cities


def test_each_city_with_wards_is_one_of_the_twenty_and_tokyo() -> None:
    cities = {city for where in _cities().values() for city, _ in where}
    assert len(cities) == 21
    queries = [Query(city=city, country="JP", region=region) for where in _cities().values() for city, region in where]
    assert all(isinstance(answer, Place) for answer in offline_geocoder()(queries))


@pytest.mark.parametrize(
    ("city", "region", "found"),
    [
        ("Yodogawa Ku", "", "Osaka"),
        ("Chūō-ku", "Osaka", "Osaka"),
        ("Chuo-ku", "Hyōgo", "Kobe"),
        ("Kita", "Osaka", "Osaka"),
        ("Wakamatsu Ku", "Fukuoka", "Kitakyushu"),
    ],
)
def test_a_ward_is_placed_at_its_city(city: str, region: str, found: str) -> None:
    (answer,) = offline_geocoder()([Query(city=city, region=region, country="Japan")])
    assert isinstance(answer, Place), answer
    assert answer.name.replace("ō", "o").replace("Ō", "O").replace("ū", "u").startswith(found)
    assert answer.method == "variant"


def test_a_ward_that_many_cities_have_needs_its_region() -> None:
    assert len(ward_cities("chuo ku")) > 5
    (answer,) = offline_geocoder()([Query(city="Chuo-ku", country="Japan")])
    assert isinstance(answer, Miss)
    assert answer.status in ("ambiguous", "not_found")
