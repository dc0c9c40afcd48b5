"""What else may a city's words mean, when no place bears them as they stand?"""

# ruff: noqa: RUF001, words of many scripts are what this module is about
from __future__ import annotations

import pytest

from geocluster.geocoders import Place, Query, offline_geocoder
from geocluster.geocoders.variants import QUALIFIED, make_variants


def keys(city: str) -> list[str]:
    return [variant.city for variant in make_variants(Query(city=city))]


@pytest.mark.parametrize(
    ("city", "key"),
    [
        ("75005 Paris", "paris"),
        ("CH-4056 Basel", "basel"),
        ("F-67000 Strasbourg", "strasbourg"),
        ("110 00 Praha", "praha"),
        ("Mulhouse cedex", "mulhouse"),
        ("Paris Cedex 05", "paris"),
        ("Paris 13e", "paris"),
        ("Lyon 3e arrondissement", "lyon"),
        ("Wien, 3. Bezirk", "wien"),
        ("Wien (Liesing)", "wien"),
        ("City of London", "london"),
        ("Ville de Montréal", "montreal"),
        ("Stadt Freiburg", "freiburg"),
        ("Hakusan Shi", "hakusan"),
        ("Yongin-si", "yongin"),
        ("Tromsø kommune", "tromso"),
        ("New York City", "new york"),
        ("横浜市", "横浜"),
        ("北京市海淀区", "北京"),
        ("愛知県名古屋市", "名古屋"),
        ("東京都文京区", "東京"),
        ("경기도 수원시", "수원"),
        ("London SW7 2AZ", "london"),
        ("OX1 2JD Oxford", "oxford"),
        ("Toronto M5S 1A1", "toronto"),
        ("1012 AB Amsterdam", "amsterdam"),
        ("Amsterdam 1012AB", "amsterdam"),
        ("г.Москва", "москва"),
        ("пгт. Яблоновский", "яблоновскии"),
        ("Frankfurt/Main", "frankfurt"),
        ("Biel | Bienne", "bienne"),
        ("Berlin-Adlershof", "berlin"),
        ("Duesseldorf", "dusseldorf"),
        ("Frankfurt a.M.", "frankfurt"),
        ("Freiburg i. Br.", "freiburg"),
        ("Staufen im Breisgau", "staufen"),
    ],
)
def test_words_that_are_no_name_are_taken_off(city: str, key: str) -> None:
    assert key in keys(city)


@pytest.mark.parametrize("city", ["", "-", "N/A", "12345", "Basel", "Saint-Louis"[:5], "True", "[1, 2]", "!!", "㍿㈱"])
def test_a_plain_name_or_none_has_no_variants_of_scraps(city: str) -> None:
    assert all(len(key) > 2 and not key.isdigit() for key in keys(city) if key.isascii())
    if city in ("", "-", "N/A", "12345", "Basel", "True"):
        assert keys(city) == []


def test_many_words_are_not_cut_at_a_hyphen() -> None:
    assert "wrangell" not in keys("Wrangell-Saint Elias National Park")
    assert "garmisch" in keys("Garmisch-Partenkirchen")


def test_words_beside_a_city_are_kept_as_its_region_and_country() -> None:
    first = make_variants(Query(city="Portland, OR, USA"))[0]
    assert (first.city, first.region, first.country) == ("portland", "OR", "USA")
    only = make_variants(Query(country="Munich, Germany"))[0]
    assert (only.city, only.country) == ("munich", "Germany")


def test_what_a_shortened_name_leaves_out_is_kept_as_a_hint() -> None:
    (short,) = [v for v in make_variants(Query(city="Frankfurt a.M.")) if v.group == QUALIFIED]
    assert short.hint == ("a", "m")


@pytest.mark.parametrize(
    ("fields", "geonames_id", "method"),
    [
        ({"city": "CH-4056 Basel", "country": "CH"}, 2661604, "variant"),
        ({"city": "Mulhouse cedex", "country": "France"}, 2991214, "variant"),
        ({"city": "Duesseldorf", "country": "DE"}, 2934246, "exact"),
        ({"city": "Mühlhausen/Thüringen", "country": "DE"}, 2867996, "exact"),
        ({"city": "Frankfurt a.M.", "country": "DE"}, 2925533, "variant"),
        ({"city": "Frankfurt a. d. Oder", "country": "DE"}, 2925535, "variant"),
        ({"city": "Berlin-Adlershof", "country": "DE"}, None, None),
        ({"city": "北京市海淀区", "country": "中国"}, None, None),
        ({"city": "Jakarta Selatan", "country": "Indonesia"}, 1642911, "variant"),
        ({"city": "South Jakarta", "country": "Indonesia"}, 1642911, "variant"),
        ({"city": "Coruña, A", "country": "Spain"}, 3119841, None),
        ({"city": "Lyon, France"}, 2996944, "variant"),
        ({"city": "Portland, OR"}, 5746545, "variant"),
        ({"city": "Portland, ME", "country": "USA"}, 4975802, "variant"),
        ({"city": "Newark, DE"}, 4143861, "variant"),
        ({"city": "Kiel, DE"}, 2891122, "variant"),
        ({"country": "Munich, Germany"}, 2867714, "variant"),
    ],
)
def test_a_variant_finds_its_city(fields: dict[str, str], geonames_id: int | None, method: str | None) -> None:
    (answer,) = offline_geocoder()([Query(**fields)])
    assert isinstance(answer, Place), answer
    assert geonames_id is None or answer.place_id == geonames_id
    assert method is None or answer.method == method


def test_a_country_beside_the_city_that_is_not_the_one_stated_is_a_conflict() -> None:
    (answer,) = offline_geocoder()([Query(city="Qwxyz, France", country="Germany")])
    assert not isinstance(answer, Place)
    assert answer.status == "conflict"
    assert answer.reason == "'Qwxyz, France' names France, but Germany is stated"


@pytest.mark.parametrize(("city", "wrong"), [("Clermont-l'Herault", 3024635), ("Villeneuve-sur-Qwxyz", None)])
def test_a_part_of_a_name_is_not_another_name_that_begins_so(city: str, wrong: int | None) -> None:
    (answer,) = offline_geocoder()([Query(city=city, country="France")])
    assert not isinstance(answer, Place) or (wrong is not None and answer.place_id != wrong)


def test_ue_is_no_umlaut_where_there_are_none() -> None:
    german, spanish = offline_geocoder()([Query(city="Muelheim", country="DE"), Query(city="Muelaa", country="ES")])
    assert isinstance(german, Place) or german.status == "ambiguous"
    assert not isinstance(spanish, Place) or spanish.name != "Mula"


@pytest.mark.parametrize(
    ("city", "name"),
    [
        ("Frankfurt/O.", "Frankfurt (Oder)"),
        ("Frankfurt (O)", "Frankfurt (Oder)"),
        ("15230 Frankfurt (O.)", "Frankfurt (Oder)"),
        ("Frankfurt/M.", "Frankfurt am Main"),
        ("Frankfurt/Main", "Frankfurt am Main"),
        ("Halle/S.", "Halle (Saale)"),
        ("Neustadt/Weinstr.", "Neustadt an der Weinstraße"),
        ("<b>Basel</b>", None),
    ],
)
def test_a_word_cut_short_beside_the_name_tells_which_is_meant(city: str, name: str | None) -> None:
    (answer,) = offline_geocoder()([Query(city=city, country="DE" if name else "CH")])
    assert isinstance(answer, Place), answer
    assert answer.name == (name or "Basel")


def test_a_state_after_a_slash_is_no_word_cut_short() -> None:
    oregon, maine = offline_geocoder()([Query(city=city, country="US") for city in ("Portland/OR", "Portland/ME")])
    assert isinstance(oregon, Place)
    assert isinstance(maine, Place)
    assert (oregon.admin1, maine.admin1) == ("US.OR", "US.ME")


@pytest.mark.parametrize(
    ("city", "country", "region"),
    [
        ("Laufenburg (AG)", "", "CH.AG"),
        ("Brugg AG", "CH", "CH.AG"),
        ("Freiburg (CH)", "", "CH.FR"),
        ("Freiburg, CH", "", "CH.FR"),
        ("Cambridge, MA 02139", "", "US.MA"),
        ("Newark, DE 19711", "", "US.DE"),
        ("Bremen, DE", "", "DE.03"),
        ("Sydney NSW 2006", "", "AU.02"),
        ("Roma (RM)", "", "IT.07"),
        ("20133 Milano MI", "", "IT.09"),
        ("神奈川県横浜市港北区", "", "JP.19"),
        ("广东省深圳市南山区", "", "CN.30"),
    ],
)
def test_a_state_or_country_beside_the_city_tells_which_is_meant(city: str, country: str, region: str) -> None:
    (answer,) = offline_geocoder()([Query(city=city, country=country)])
    assert isinstance(answer, Place), answer
    assert answer.admin1 == region


@pytest.mark.parametrize("city", ["Novartis AG", "Sanofi SA", "Foo PL"])
def test_letters_of_a_company_name_no_country(city: str) -> None:
    (answer,) = offline_geocoder()([Query(city=city)])
    assert not isinstance(answer, Place)
    assert (answer.status, answer.country) == ("not_found", None)
