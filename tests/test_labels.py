"""Which words do the figures show, in English and in Russian?"""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocluster.errors import OptionError
from geocluster.labels import LANGUAGES, WORDS, country_name, number, p_value, text
from geocluster.labels.chart_words import CHART_WORDS
from geocluster.labels.map_words import MAP_WORDS
from geocluster.labels.method_words import METHOD_WORDS
from geocluster.labels.neighbour_words import NEIGHBOUR_WORDS
from geocluster.pipeline import EXAMPLES
from geocluster.spanning.result import verdict_of

PACKAGE = Path(__file__).resolve().parents[1] / "geocluster"


def fields(words: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(words) if name is not None}


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_are_there_and_have_the_same_gaps(key: str) -> None:
    words = WORDS[key]
    assert len(words) == len(LANGUAGES)
    assert all(words)
    assert fields(words[0]) == fields(words[1])


def test_every_key_is_used_somewhere() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.parent.name != "labels"
    )
    # put together from parts, or given by the test
    made = (
        "hot_",
        "local_",
        "group_",
        "key_",
        "p_",
        "spans",
        "in ",
        "equal_earth",
        "title_",
        "outcome_",
        "scatter_",
        "part_",
        "drawn_",
        "countries_",
        "method_",
    )
    unused = [
        key for key in WORDS if not key.startswith(made) and not re.search(rf"[\"']{re.escape(key)}[\"']", source)
    ]
    assert not unused


def test_no_key_stands_in_two_tables() -> None:
    assert len(WORDS) == len(MAP_WORDS) + len(METHOD_WORDS) + len(NEIGHBOUR_WORDS) + len(CHART_WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_of_the_test_has_its_words(language: str) -> None:
    for asked in (["per head", "beyond city size"], ["controls"], ["flat"]):
        for passed in ([], asked, *([one] for one in asked)):
            for countries in (1, 2, 3, 7):
                assert text(verdict_of(passed, asked, countries=countries), language)


def test_values_are_filled_in_as_they_are() -> None:
    assert text("sources", sources="a {b} $c$ %s") == "Sources: a {b} $c$ %s."


def test_unknown_keys_and_languages_are_told() -> None:
    with pytest.raises(OptionError, match="'nothing'"):
        text("nothing")
    with pytest.raises(OptionError, match="'la'"):
        text("firm", "la")
    with pytest.raises(OptionError, match="'fr'"):
        country_name("FR", "fr", english="France")


def test_a_russian_number_has_a_comma_and_both_have_thin_spaces() -> None:
    assert number(1234567.5, "ru", decimals=1) == "1\u202f234\u202f567,5"
    assert number(1234567.5, decimals=1) == "1\u202f234\u202f567.5"


@pytest.mark.parametrize("permutations", [999, 9_999, 99_999, 9_999_999])
@pytest.mark.parametrize("countries", range(1, 10))
def test_a_p_at_the_floor_is_written_as_it_is(countries: int, permutations: int) -> None:
    assert float(p_value(countries / (permutations + 1))) == countries / (permutations + 1)


@given(st.floats(1e-9, 1.0))
def test_a_p_is_never_written_as_less_than_something_nor_as_nought(p: float) -> None:
    words = p_value(p)
    assert 0 < float(words) <= 1
    assert abs(float(words) - p) <= 0.5000001 * 10.0 ** -len(words.partition(".")[2]) or words == "1"


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.002, "0.002"), (0.0001, "0.0001"), (0.00002, "0.00002"), (0.05, "0.050"), (0.31, "0.31"), (1.0, "1")],
)
def test_a_p_has_the_digits_that_it_has(p: float, words: str) -> None:
    assert p_value(p) == words
    assert p_value(p, "ru") == words.replace(".", ",")


def test_where_there_is_no_p_a_dash_stands() -> None:
    assert p_value(float("nan")) == "–"


def test_a_country_without_a_russian_name_keeps_its_own() -> None:
    assert country_name("FJ", "ru", english="Fiji") == "Fiji"
    assert country_name("DE", "ru", english="Germany").isalpha()
    assert not country_name("DE", "ru", english="Germany").isascii()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_has_a_title(name: str) -> None:
    assert WORDS[f"title_{name}"][0].startswith(EXAMPLES[name][0].split("-")[0])
