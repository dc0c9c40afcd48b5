"""Which country do these words name?"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocluster.country_names import country_code, country_name, stated_countries, suggest_country
from geocluster.datasets import load_gazetteer

CODES = load_gazetteer().table("countries")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Allemagne", "DE"),
        ("Saksa", "DE"),
        ("Германия", "DE"),
        ("ドイツ", "DE"),
        ("Svizzera", "CH"),
        ("Confoederatio Helvetica", "CH"),
        ("日本", "JP"),
        ("대한민국", "KR"),
        ("مصر", "EG"),
        ("ישראל", "IL"),
        ("Ελλάδα", "GR"),
        ("საქართველო", "GE"),
        ("भारत", "IN"),
        ("Österreich", "AT"),
        ("Osterreich", "AT"),
        ("  the   NETHERLANDS ", "NL"),
    ],
)
def test_names_in_any_language_are_known(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("Scotland", "GB"),
        ("U.S.A.", "US"),
        ("PR China", "CN"),
        ("P.R. China", "CN"),
        ("KSA", "SA"),
        ("Korea", "KR"),
        ("Korea (South)", "KR"),
        ("DPRK", "KP"),
        ("Holland", "NL"),
        ("Czech Republic", "CZ"),
        ("Ivory Coast", "CI"),
        ("Viet Nam", "VN"),
        ("Türkiye", "TR"),
        ("Burma", "MM"),
        ("Georgia", "GE"),
        ("Kosovo", "XK"),
        ("DR Congo", "CD"),
        ("Congo-Brazzaville", "CG"),
    ],
)
def test_names_people_use_are_known(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hong Kong, China", "HK"),
        ("China, Hong Kong", "HK"),
        ("Macao (China)", "MO"),
        ("Taiwan, Province of China", "TW"),
        ("Taiwan, R.O.C.", "TW"),
        ("Puerto Rico, USA", "PR"),
    ],
)
def test_the_inner_of_two_countries_wins(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "Kongo",
        "Atlantis",
        "Worldwide",
        "Germany, France",
        "Hong Kong, USA",
        "China; France",
        "Europe",
        "ZZ",
        "AA",
    ],
)
def test_words_that_name_not_one_country_name_none(text: str) -> None:
    assert country_code(text) is None


def test_names_claimed_by_two_countries_name_none() -> None:
    contested = load_gazetteer().header["country_names_contested"]
    assert len(contested) >= 10
    assert [name for name in contested if country_code(name) is not None] == []


@pytest.mark.parametrize("code", CODES)
def test_each_country_is_found_by_its_code_and_by_its_name(code: str) -> None:
    assert country_code(code) == code
    assert country_code(code.lower()) == code
    assert country_code(country_name(code)) == code


def test_the_countries_are_those_of_iso_3166_and_kosovo() -> None:
    assert len(CODES) == len(set(CODES)) == 250
    assert {"XK", "GF", "HK", "SJ"} <= set(CODES)
    assert not {"AN", "CS", "UK", "EU"} & set(CODES)


@pytest.mark.parametrize("code", ["", "??", "Switzerland"])
def test_an_unknown_code_stays_as_it_is(code: str) -> None:
    assert country_name(code) == code


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_a_code_or_none(text: str) -> None:
    assert country_code(text) in {None, *CODES}


@pytest.mark.parametrize(
    "text", ["=1+1", "<script>alert(1)</script>", "Germany" * 100_000, ",;|()[]" * 10_000, "\x00DE\x00x"]
)
def test_hostile_text_names_no_country(text: str) -> None:
    assert country_code(text) is None


@pytest.mark.parametrize(
    ("text", "code"), [("Jermany", "DE"), ("Germanistan", "DE"), ("Nederlandd", "NL"), ("Xyzzy", None), ("", None)]
)
def test_a_suggestion_is_the_country_most_like_it(text: str, code: str | None) -> None:
    assert suggest_country(text) == code


def test_the_country_stated_is_that_put_aside_unless_it_was_written_over() -> None:
    table = pd.DataFrame(
        {
            "country": ["CH", None, "DE", "FR", ""],
            "country_stated": ["Suisse", "Atlantis", "Suisse", None, "Ys"],
            "country_source": ["stated", None, "stated", "polygon", None],
        }
    )
    assert stated_countries(table).fillna("").tolist() == ["Suisse", "Atlantis", "DE", "", "Ys"]
    assert stated_countries(table[["country"]]) is not None
    assert stated_countries(table[["country"]]).fillna("").tolist() == ["CH", "", "DE", "FR", ""]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Schweiz / Suisse", "CH"),
        ("Belgique/België", "BE"),
        ("CH/DE", None),
        ("D", "DE"),
        ("F", "FR"),
        ("A", "AT"),
        ("X", None),
        ("f", None),
    ],
)
def test_two_names_of_one_country_and_number_plates_are_read(text: str, code: str | None) -> None:
    assert country_code(text) == code


def test_a_letter_among_other_words_is_no_country() -> None:
    assert country_code("D", corrected=False) is None
