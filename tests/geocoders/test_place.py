"""What is asked of a geocoder, and what does it answer?"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import pytest

import geocluster as gc
from geocluster.errors import OptionError
from geocluster.geocoders import Miss, Place, Query, chain_geocoders
from geocluster.geocoders.place import Precision, Status, ask

if TYPE_CHECKING:
    from collections.abc import Sequence

BASEL = Place(7.59, 47.56, "city", "Basel", "CH", 15.0, 3.5, 0.99, "exact")


class Known:
    """A geocoder that knows some cities, and remembers what it was asked."""

    def __init__(self, name: str, *cities: str) -> None:
        self.name, self.cities = name, cities
        self.asked: list[list[str]] = []

    def __call__(self, queries: Sequence[Query]) -> list[Place | Miss]:
        self.asked.append([query.city for query in queries])
        return [BASEL if query.city in self.cities else Miss("not_found", self.name) for query in queries]


def ask_for(*cities: str) -> list[Query]:
    return [Query(city=city) for city in cities]


def test_the_fields_are_those_of_the_specification() -> None:
    assert [field.name for field in fields(Query)] == ["address", "city", "region", "postcode", "country", "name"]
    assert get_args(Status) == ("ok", "ambiguous", "conflict", "coarse", "not_found", "bad_input")
    assert get_args(Precision) == ("given", "address", "postcode", "city", "region", "country", "none")


def test_a_query_is_empty_where_nothing_is_known_and_equal_to_its_like() -> None:
    assert Query() == Query("", "", "", "", "", "")
    assert len({Query(city="Basel"), Query(city="Basel"), Query(city="basel")}) == 2


@pytest.mark.parametrize("value", [Query(city="Basel"), BASEL, Miss("not_found", "nowhere")])
def test_questions_and_answers_do_not_change(value: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, fields(value)[0].name, "other")


def test_the_types_stand_at_the_front_door_or_in_their_room() -> None:
    assert gc.chain_geocoders is chain_geocoders


def test_a_chain_asks_the_later_only_for_what_is_missed() -> None:
    first, second, third = Known("first", "Basel"), Known("second", "Kehl"), Known("third")
    answers = chain_geocoders(first, second, third)(ask_for("Basel", "Kehl", "Ys"))
    assert answers == [BASEL, BASEL, Miss("not_found", "first")]
    assert first.asked == [["Basel", "Kehl", "Ys"]]
    assert second.asked == [["Kehl", "Ys"]]
    assert third.asked == [["Ys"]]


def test_a_chain_stops_when_nothing_is_missed() -> None:
    second = Known("second")
    assert chain_geocoders(Known("first", "Basel"), second)(ask_for("Basel")) == [BASEL]
    assert second.asked == []


def test_a_chain_of_a_chain_is_a_chain() -> None:
    inner = chain_geocoders(Known("a"), Known("b", "Kehl"))
    assert chain_geocoders(Known("c", "Basel"), inner)(ask_for("Kehl", "Basel", "Ys"))[:2] == [BASEL, BASEL]


def _say(answer: Place | Miss, _: Sequence[Query]) -> list[Place | Miss]:
    return [answer]


def chain_of(*answers: Place | Miss) -> Place | Miss:
    chain = chain_geocoders(*(partial(_say, answer) for answer in answers))
    return chain([Query(city="Basel")])[0]


CONFLICT = Miss("conflict", "said to be in France", (BASEL,), "FR")
AMBIGUOUS = Miss("ambiguous", "which", (BASEL, BASEL), "CH")
COARSE = Miss("coarse", "only the country", country="CH")
NOT_FOUND, BAD = Miss("not_found", "nowhere"), Miss("bad_input", "nothing")


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        *((miss, CONFLICT, CONFLICT) for miss in (AMBIGUOUS, COARSE, NOT_FOUND, BAD)),
        *((CONFLICT, miss, CONFLICT) for miss in (AMBIGUOUS, COARSE, NOT_FOUND, BAD)),
        (NOT_FOUND, AMBIGUOUS, AMBIGUOUS),
        (AMBIGUOUS, NOT_FOUND, AMBIGUOUS),
        (NOT_FOUND, COARSE, COARSE),
        (COARSE, NOT_FOUND, COARSE),
        (BAD, NOT_FOUND, NOT_FOUND),
        (NOT_FOUND, Miss("not_found", "nowhere either"), NOT_FOUND),
    ],
)
def test_of_two_misses_the_one_that_says_more_is_kept(first: Miss, second: Miss, kept: Miss) -> None:
    assert chain_of(first, second) is kept


@pytest.mark.parametrize("miss", [AMBIGUOUS, COARSE, NOT_FOUND, BAD, replace(CONFLICT, country="CH", candidates=())])
def test_a_later_place_wins_where_nothing_speaks_against_it(miss: Miss) -> None:
    assert chain_of(miss, BASEL) is BASEL


@pytest.mark.parametrize("miss", [AMBIGUOUS, COARSE, replace(NOT_FOUND, country="CH")])
def test_a_later_place_in_another_country_is_a_conflict(miss: Miss) -> None:
    kehl = replace(BASEL, name="Kehl", country="DE")
    answer = chain_of(miss, kehl)
    assert answer == Miss("conflict", "Kehl is in Germany, but Switzerland is stated", (kehl,), "CH")


def test_a_territory_is_not_another_country() -> None:
    kowloon = replace(BASEL, name="Kowloon", country="HK")
    assert chain_of(replace(NOT_FOUND, country="CN"), kowloon) is kowloon


def test_a_row_that_contradicts_itself_is_not_settled_by_a_third_party() -> None:
    unknown_country = Miss("conflict", "no country is called 'Atlantis'", (BASEL,))
    postcode_far_off = Miss("conflict", "postcode 4051 is 60 km from 'Bern'", (BASEL,), "CH")
    assert chain_of(unknown_country, BASEL) is unknown_country
    assert chain_of(postcode_far_off, BASEL) is postcode_far_off
    namesake = replace(BASEL, country="FR")  # found in the country stated after all
    assert chain_of(CONFLICT, namesake) is namesake
    assert chain_of(CONFLICT, BASEL) is CONFLICT


def test_a_chain_of_none_is_refused() -> None:
    with pytest.raises(OptionError, match="at least one geocoder"):
        chain_geocoders()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ([], "asked 2, answered 0"),
        ([BASEL], "asked 2, answered 1"),
        ([BASEL] * 3, "asked 2, answered 3"),
        ([BASEL, None], "must answer with Place or Miss, got NoneType"),
        ([(7.59, 47.56), BASEL], "must answer with Place or Miss, got tuple"),
        ([Place(7.59, 97.0, "city", "?", None, 1.0, 1.0, 1.0, "exact"), BASEL], "no point on the globe: lat=97.0"),
        ([Place(float("nan"), 1.0, "city", "?", None, 1.0, 1.0, 1.0, "exact"), BASEL], "lat=1.0, lon=nan"),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_geocoder_that_breaks_its_promise_is_told(answer: Any, problem: str, place: int) -> None:
    geocoders: list[Any] = [Known("honest")]
    geocoders.insert(place, lambda _: answer)
    with pytest.raises(OptionError, match=problem):
        chain_geocoders(*geocoders)(ask_for("Basel", "Kehl"))


@pytest.mark.parametrize("geocoder", ["nominatim", 5])
def test_a_geocoder_that_cannot_be_called_is_told(geocoder: object) -> None:
    with pytest.raises(OptionError, match=r"a geocoder is a callable, got .*online_geocoder"):
        ask(geocoder, [Query(city="Basel")])  # type: ignore[arg-type]
