"""Which of a service's answers is meant, if any?"""

from __future__ import annotations

import pytest

from geocluster.geocoders import Miss, Place, Query
from geocluster.geocoders.services import Hit
from geocluster.geocoders.verdict import AGREED, ALONE, judge

NOTHING = Miss("not_found", "nobody knows")
QUERY = Query(city="Qwxyz", country="CH")


def hit(longitude: float = 7.5, country: str | None = "CH", level: str = "city", name: str = "Qwxyz, CH") -> Hit:
    return Hit(longitude, 46.5, name, country, level, 9.0, 1.8, "somebody")


def known(longitude: float, radius_km: float = 15.0, precision: str = "city") -> Place:
    return Place(longitude, 46.5, precision, "Qwxyz", "CH", radius_km, 3.5, 0.9, "exact", 7, "CH.BE")  # type: ignore[arg-type]


def decide(
    *hits: Hit, query: Query = QUERY, stated: str | None = "CH", offline: Place | Miss = NOTHING
) -> Place | Miss:
    return judge(query, hits, service="x", stated=stated, offline=offline)


def test_a_lone_answer_is_taken_at_its_word() -> None:
    found = decide(hit())
    assert isinstance(found, Place)
    assert (found.longitude, found.radius_km, found.confidence, found.method) == (7.5, 9.0, ALONE, "online:x")


def test_of_answers_alike_that_near_the_gazetteers_place_is_taken() -> None:
    found = decide(hit(9.0), hit(7.5), offline=known(7.51))
    assert isinstance(found, Place)
    assert (found.longitude, found.confidence, found.place_id, found.admin1) == (7.5, AGREED, 7, "CH.BE")


@pytest.mark.parametrize(("longitude", "conflict"), [(8.1, False), (8.2, True)])
def test_fifty_kilometres_from_the_gazetteers_place_are_a_conflict(longitude: float, conflict: bool) -> None:  # noqa: FBT001
    # at 46.5 degrees north 0.1 degrees of longitude are 7.7 km
    assert isinstance(decide(hit(longitude), offline=known(7.5)), Miss) is conflict


def test_a_radius_wider_than_that_is_the_measure() -> None:
    assert isinstance(decide(hit(8.5), offline=known(7.5, radius_km=90, precision="region")), Place)


def test_candidates_of_the_gazetteer_back_an_answer() -> None:
    open_question = Miss("ambiguous", "which?", (known(9.0), known(7.51)))
    found = decide(hit(), offline=open_question)
    assert isinstance(found, Place)
    assert (found.confidence, found.place_id) == (AGREED, 7)


def test_answers_of_other_names_or_levels_are_no_rivals() -> None:
    assert isinstance(decide(hit(), hit(9.0, name="Other, CH"), hit(9.0, level="street")), Place)
    rival = decide(hit(), hit(9.0))
    assert isinstance(rival, Miss)
    assert rival.status == "ambiguous"


def test_without_a_country_stated_a_namesake_abroad_is_a_rival() -> None:
    found = decide(hit(), hit(12.0, "IT"), stated=None)
    assert isinstance(found, Miss)
    assert found.status == "ambiguous"


def test_a_street_asked_for_is_an_address() -> None:
    found = decide(hit(level="street"), query=Query(address="Weg 1", city="Qwxyz", country="CH"))
    assert isinstance(found, Place)
    assert found.precision == "address"


def test_where_a_city_is_asked_for_streets_are_passed_over() -> None:
    found = decide(hit(level="street"), hit(7.6))
    assert isinstance(found, Place)
    assert (found.precision, found.longitude) == ("city", 7.6)
