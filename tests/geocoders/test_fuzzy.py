"""Which names does a country have that are a letter or two from this one?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from geocluster.datasets import load_gazetteer
from geocluster.geocoders import Miss, Place, Query, offline_geocoder
from geocluster.geocoders.fuzzy import _ONES, Spellings, _count_ones, _Shelf, weigh_edits

GAZETTEER = load_gazetteer()
SPELLINGS = Spellings(GAZETTEER)
COUNTRIES = GAZETTEER.table("countries")


def ask(city: str, country: str, region: str = "") -> Place | Miss:
    (answer,) = offline_geocoder()([Query(city=city, region=region, country=country)])
    return answer


@pytest.mark.parametrize(
    ("city", "country", "geonames_id"),
    [
        ("Karlsrhue", "Germany", 2892794),
        ("Eindhofen", "Netherlands", 2756253),
        ("Gotheburg", "Sweden", 2711537),
        ("Mastricht", "NL", 2751283),
        ("Мюнхэн", "DE", 2867714),
        ("Θεσσαλονίκι", "GR", 734077),
        ("75005 Pariss", "FR", 2988507),
    ],
)
def test_a_misspelt_city_is_found_in_its_country(city: str, country: str, geonames_id: int) -> None:
    found = ask(city, country)
    assert isinstance(found, Place), found
    assert (found.place_id, found.method) == (geonames_id, "fuzzy")


def test_a_misspelling_needs_its_country() -> None:
    answer = ask("Karlsrhue", "")
    assert isinstance(answer, Miss)
    assert answer.status == "not_found"


@pytest.mark.parametrize(
    ("city", "country"), [("Bsl", "CH"), ("1234", "CH"), ("Kanagawaa"[:8], "JP"), ("Kerala", "IN")]
)
def test_short_words_numbers_and_regions_are_no_misspelt_cities(city: str, country: str) -> None:
    answer = ask(city, country)
    assert isinstance(answer, Miss) or answer.method != "fuzzy"


def test_a_doubtful_misspelling_is_not_found_and_names_the_nearest() -> None:
    answer = ask("Waldbronn", "Germany")
    assert isinstance(answer, Miss)
    assert answer.status == "not_found"
    assert "nearest name is" in answer.reason


def test_the_same_word_abroad_comes_before_a_misspelling_at_home() -> None:
    answer = ask("Strasbourg", "Germany")  # Strasburg is in Germany
    assert isinstance(answer, Miss)
    assert answer.status == "conflict"


@pytest.mark.parametrize("country", ["LU", "MT", "IS"])
def test_all_names_within_the_edits_are_found_and_no_others(country: str) -> None:
    shelf = SPELLINGS._shelf(COUNTRIES.index(country))
    names = shelf.text.splitlines()
    for key in [*names[:: len(names) // 40], "nowhere at all", "reykjavic", "esch sur alzett"]:
        for edits in (1, 2):
            expected = sorted((name, OSA.distance(key, name)) for name in names if OSA.distance(key, name) <= edits)
            assert shelf._within(key, edits) == expected


@given(st.text(max_size=30))
def test_any_text_has_neighbours_or_none(text: str) -> None:
    for name, edits in SPELLINGS.find(text, COUNTRIES.index("LU")):
        assert OSA.distance(text, name) == edits <= 2


def test_a_country_without_names_has_no_neighbours() -> None:
    assert _Shelf("").find("anything") == []
    assert SPELLINGS.find("anything", COUNTRIES.index("BV")) == []


def test_ones_are_counted_alike_with_and_without_numpy_2(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.array([0, 1, 3, 2**31, 2**32 - 1, 0xF0F0], dtype=np.uint32)
    expected = [bin(value).count("1") for value in values.tolist()]
    assert _count_ones(values).tolist() == expected
    monkeypatch.delattr(np, "bitwise_count", raising=False)
    assert _count_ones(values).tolist() == expected
    assert len(_ONES) == 65536


def test_more_edits_another_first_letter_and_short_names_weigh_less() -> None:
    plain = weigh_edits("mastricht", "maastricht", 1)
    assert plain == 1
    assert weigh_edits("mastricht", "maastrichd", 2) == pytest.approx(0.03)
    assert weigh_edits("nastricht", "mastricht", 1) == pytest.approx(0.1)
    assert weigh_edits("kiell", "kiel", 1) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("key", "country", "name"),
    [
        ("mulhhausen stadd", "DE", ""),
        ("strazzbourgh", "FR", "strasborgh"),
        ("friburrgimbreisgau", "DE", "freiburg im breisgau"),
        ("qqqqzzzz", "FR", ""),
        ("bas", "CH", ""),
        ("12345", "CH", ""),
    ],
)
def test_a_suggestion_is_the_name_most_like_it(key: str, country: str, name: str) -> None:
    assert SPELLINGS.suggest(key, COUNTRIES.index(country)) == name
