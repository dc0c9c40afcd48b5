"""Where is a place, by the gazetteer alone?"""

from __future__ import annotations

import numpy as np
import pytest

from geocluster.datasets import load_gazetteer, place_arrays
from geocluster.distance import distance_km
from geocluster.geocoders import Miss, Place, Query, offline_geocoder
from geocluster.geocoders.answers import MAX_CANDIDATES, SOURCE, quote, region_place
from geocluster.geocoders.gazetteer import GENERIC_CAP, SURE, SURE_ALONE


def ask(**fields: str) -> Place | Miss:
    (answer,) = offline_geocoder()([Query(**fields)])
    return answer


def place(**fields: str) -> Place:
    answer = ask(**fields)
    assert isinstance(answer, Place), answer
    return answer


def miss(**fields: str) -> Miss:
    answer = ask(**fields)
    assert isinstance(answer, Miss), answer
    return answer


# --- places that are found ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("city", "country", "geonames_id"),
    [
        ("Basel", "Switzerland", 2661604),
        ("BÂLE", "Schweiz", 2661604),
        ("Базель", "CH", 2661604),
        ("Koebenhavn", "DK", 2618425),
        ("København", "Danmark", 2618425),
        ("Aix-la-Chapelle", "Allemagne", 3247449),
        ("東京", "日本", 1850147),
        ("القاهرة", "مصر", 360630),
        ("St. Gallen", "CH", 2658822),
        ("Frankfurt (Oder)", "DE", 2925535),
        ("'s-Gravenhage", "NL", 2747373),
        ("Saint-Étienne", "FR", 2980291),
    ],
)
def test_a_city_is_found_by_any_of_its_names(city: str, country: str, geonames_id: int) -> None:
    found = place(city=city, country=country)
    assert found.place_id == geonames_id
    assert found.precision == "city"
    assert found.method == "exact"
    assert found.source == SOURCE == "GeoNames, CC BY 4.0"
    assert SURE <= found.confidence <= 1


def test_an_answer_says_all_that_is_known() -> None:
    found = place(city="Basel", country="CH")
    assert float(distance_km(found.longitude, found.latitude, 7.5886, 47.5596)) < 3
    assert (found.name, found.country, found.admin1) == ("Basel", "CH", "CH.BS")


@pytest.mark.parametrize(
    ("city", "country", "radii"),
    [
        ("Kaysersberg", "FR", (1.3, 5.0)),  # 3,000 people
        ("Rheinfelden", "CH", (1.8, 9.0)),  # 13,000
        ("Basel", "CH", (3.5, 15.0)),  # 180,000
        ("Strasbourg", "FR", (5.0, 18.0)),  # 290,000
        ("Berlin", "DE", (8.0, 27.0)),
    ],
)
def test_the_radius_is_that_of_the_size_of_the_city(city: str, country: str, radii: tuple[float, float]) -> None:
    found = place(city=city, country=country)
    assert (found.radius68_km, found.radius_km) == radii


def test_without_a_country_more_confidence_is_asked() -> None:
    assert (SURE, SURE_ALONE) == (0.80, 0.90)
    assert place(city="Strasbourg").country == "FR"
    assert place(city="Strasbourg").confidence >= SURE_ALONE
    assert miss(city="Valencia").status == "ambiguous"


@pytest.mark.parametrize(
    ("fields", "geonames_id"),
    [
        ({"city": "Portland", "region": "Maine", "country": "USA"}, 4975802),
        ({"city": "Portland", "region": "OR", "country": "USA"}, 5746545),
        ({"city": "Frankfurt", "region": "Brandenburg", "country": "DE"}, 2925535),
        ({"city": "London", "region": "Ontario", "country": "Canada"}, 6058560),
        ({"city": "Paris", "region": "Texas"}, 4717560),
        ({"city": "Milan", "region": "MI", "country": "Italy"}, 3173435),  # its province, not Michigan
    ],
)
def test_the_region_chooses_among_namesakes(fields: dict[str, str], geonames_id: int) -> None:
    assert place(**fields).place_id == geonames_id


def test_a_region_that_nobody_knows_tells_nothing() -> None:
    assert place(city="Basel", region="Dreiländereck", country="CH") == place(city="Basel", country="CH")


def test_a_city_that_is_not_in_its_region_is_not_answered() -> None:
    answer = miss(city="Basel", region="Geneva", country="CH")
    assert answer.status == "ambiguous"
    assert answer.reason == "no 'Basel' is in 'Geneva', but elsewhere"
    assert answer.candidates[0].place_id == 2661604
    assert answer.confidence < SURE


@pytest.mark.parametrize(
    ("city", "country", "geonames_id"),
    [
        ("Rheinfelden", "Schweiz", 2659060),
        ("Rheinfelden", "Deutschland", 2847639),
        ("Baarle-Hertog", "BE", 2802816),
        ("Valka", "LV", 454572),
    ],
)
def test_twins_on_a_border_are_told_apart_by_their_country(city: str, country: str, geonames_id: int) -> None:
    assert place(city=city, country=country).place_id == geonames_id


# --- misses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"city": "Springfield", "country": "US"}, "ambiguous", "may be any of 5 places or more; state its region"),
        ({"city": "Valencia"}, "ambiguous", "; state its country"),
        ({"city": "Chuo", "country": "JP"}, "ambiguous", "'Chuo' may be any of 2 places; state its region"),
        ({"city": "Strasbourg", "country": "DE"}, "conflict", "'Strasbourg' is in France, but Germany is stated"),
        ({"city": "Basel", "country": "France"}, "conflict", "'Basel' is in Switzerland, but France is stated"),
        ({"city": "San Francisco", "region": "CA", "country": "CN"}, "conflict", "is in United States, but China"),
        ({"city": "Berlin", "country": "Atlantis"}, "conflict", "no country is called 'Atlantis'"),
        ({"city": "Berlin", "country": "Kongo"}, "conflict", "no country is called 'Kongo'"),
        ({"country": "Germany"}, "coarse", "only the country is known"),
        ({"city": "Germany", "country": "Germany"}, "coarse", "only the country is known"),
        ({"city": "Germany"}, "coarse", "only the country is known"),
        ({"region": "Atlantis", "country": "DE"}, "coarse", "no region of Germany is called 'Atlantis'"),
        ({"region": "Atlantis"}, "not_found", "no region is called 'Atlantis'"),
        ({"city": "Qwxyz", "country": "Greece"}, "not_found", "no place in Greece is called 'Qwxyz'"),
        ({"city": "Qwxyz"}, "not_found", "no place is called 'Qwxyz'"),
        ({"address": "Petersgraben 4"}, "not_found", "no city is given, and none was found in the address"),
        ({"name": "Nanyang Technological University"}, "not_found", "no city is given"),
        ({}, "bad_input", "no city, region or country is given"),
        ({"city": "N/A", "country": "n/a", "name": "-"}, "bad_input", "no city, region or country is given"),
    ],
)
def test_a_miss_has_its_status_and_says_why(fields: dict[str, str], status: str, reason: str) -> None:
    answer = miss(**fields)
    assert answer.status == status
    assert reason in answer.reason


def test_a_city_across_the_border_is_named_as_the_candidate() -> None:
    answer = miss(city="Strasbourg", country="Germany")
    assert answer.country == "DE"
    assert answer.candidates[0].place_id == 2973783
    assert answer.confidence >= SURE_ALONE


def test_a_city_and_region_of_another_country_are_a_conflict_though_a_namesake_is_at_home() -> None:
    answer = miss(city="Paris", region="Texas", country="France")
    assert answer.status == "conflict"
    assert answer.candidates[0].admin1 == "US.TX"


def test_a_namesake_much_smaller_than_a_city_abroad_is_a_conflict_and_one_less_so_is_not() -> None:
    vienna = miss(city="Vienna", country="US")  # 16,000 people in Virginia
    assert (vienna.status, vienna.candidates[0].country) == ("conflict", "AT")
    dublin = ask(city="Dublin", country="US")  # 70,000 in California
    assert isinstance(dublin, Place) or dublin.status == "ambiguous"


def test_a_country_named_as_a_city_is_no_town_abroad_of_that_name() -> None:
    answer = ask(city="Brazil")  # one in Indiana
    assert isinstance(answer, Miss)
    assert answer.status == "ambiguous"
    assert answer.confidence <= GENERIC_CAP
    luxembourg, brazil = ask(city="Luxembourg"), ask(city="Brazil", country="US", region="Indiana")
    assert isinstance(luxembourg, Place)
    assert luxembourg.country == "LU"
    assert isinstance(brazil, Place)


def test_candidates_are_few_apart_and_the_best_first() -> None:
    found = miss(city="Springfield", country="US").candidates
    assert len(found) == MAX_CANDIDATES == 5
    assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)
    lon, lat = np.array([one.longitude for one in found]), np.array([one.latitude for one in found])
    gaps = distance_km(lon[:, None], lat[:, None], lon[None], lat[None])
    assert (gaps[~np.eye(5, dtype=bool)] > 15).all()
    assert {one.country for one in found} == {"US"}


# --- regions -----------------------------------------------------------------------------------------------------


def test_a_region_alone_is_placed_at_the_centre_of_its_people() -> None:
    found = place(region="Bavaria", country="Germany")
    assert (found.precision, found.name, found.country, found.admin1) == ("region", "Bayern", "DE", "DE.02")
    arrays = place_arrays()
    inside = load_gazetteer().array("place_admin1") == load_gazetteer().table("admin1").index("DE.02")
    inside &= ~arrays.district
    gaps = distance_km(found.longitude, found.latitude, arrays.longitude[inside], arrays.latitude[inside])
    people = arrays.population[inside]
    assert people[gaps <= found.radius_km].sum() / people.sum() == pytest.approx(0.95, abs=0.01)
    assert people[gaps <= found.radius68_km].sum() / people.sum() == pytest.approx(0.68, abs=0.02)


def test_a_region_whose_places_are_all_districts_is_placed_too() -> None:
    found = place(region="Kowloon City", country="HK")
    assert found.precision == "region"
    assert float(distance_km(found.longitude, found.latitude, 114.19, 22.33)) < 10


def test_each_region_has_a_centre_within_its_radius_of_some_place() -> None:
    names = load_gazetteer().table("admin1")
    chosen = [code for code in names if code.startswith(("FJ.", "RU.", "HK.", "MT.", "SG.", "NZ."))]
    for code in chosen:
        found = region_place(load_gazetteer(), names.index(code))
        assert -180 <= found.longitude <= 180
        assert found.radius_km >= found.radius68_km > 0
        assert found.radius_km < 2500


def test_a_region_that_several_countries_have_needs_its_country() -> None:
    answer = miss(region="Punjab")
    assert answer.status == "ambiguous"
    assert answer.reason == "2 regions are called 'Punjab'"
    assert place(region="Punjab", country="IN").country == "IN"
    assert place(region="Punjab", country="PK").country == "PK"


# --- batches and odd text ----------------------------------------------------------------------------------------


def test_a_batch_answers_each_query_as_alone() -> None:
    queries = [
        Query(city="Basel", country="CH"),
        Query(),
        Query(city="Springfield", country="US"),
        Query(region="Bavaria", country="DE"),
        Query(city="Basel", country="FR"),
        Query(city="Kehl", country="DE"),
    ]
    together = offline_geocoder()(queries)
    assert together == [offline_geocoder()([query])[0] for query in queries]


def test_a_batch_of_none_has_no_answers() -> None:
    assert offline_geocoder()([]) == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert('Basel')</script>",
        '=HYPERLINK("http://x","Basel")',
        "Basel\x00; DROP TABLE places",
        "\x1b[31mBasel",
        "%00%0a",
        "A" * 1_000_000,
        "\u202eleseB",
        "🙂" * 500,
        "\ud800",
        "ﷺ" * 300,
        "́" * 1000,
    ],
)
@pytest.mark.parametrize("field", ["city", "region", "country"])
def test_hostile_text_is_a_miss_with_a_short_plain_reason(field: str, text: str) -> None:
    answer = ask(**{field: text})
    if isinstance(answer, Place):  # a city among other words is a city
        assert (field, answer.name, "Basel" in text) == ("city", "Basel", True)
        return
    assert len(answer.reason) < 200
    assert answer.reason.isprintable()


def test_a_quoted_text_is_on_one_line_and_short() -> None:
    assert quote("a\nb\x00c") == "'a b c'"
    assert len(quote("x" * 10_000)) <= 62


@pytest.mark.parametrize("city", ["Rheinfelden", "Laufenburg", "Niagara Falls", "Nogales"])
def test_a_town_with_a_twin_across_the_border_needs_its_country(city: str) -> None:
    (answer,) = offline_geocoder()([Query(city=city)])
    assert isinstance(answer, Miss)
    assert answer.status == "ambiguous"
    assert "its twin across the border; state its country" in answer.reason


@pytest.mark.parametrize(("city", "country"), [("Görlitz", "DE"), ("Basel", "CH"), ("Kehl", "DE"), ("El Paso", "US")])
def test_a_neighbour_of_another_name_is_no_twin(city: str, country: str) -> None:
    (answer,) = offline_geocoder()([Query(city=city)])
    assert isinstance(answer, Place)
    assert answer.country == country
