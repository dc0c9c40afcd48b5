"""Which places bear these names, and how much does each weigh?"""

from __future__ import annotations

import numpy as np
import pytest

from geocluster.datasets import load_gazetteer, place_arrays, place_names
from geocluster.geocoders.candidates import (
    ALONE,
    CLASS_WEIGHTS,
    INSIDE,
    OUTSIDE,
    UNKNOWN_WEIGHT,
    Candidates,
    choose_best,
    find_candidates,
    know_regions,
    weigh,
    weigh_candidates,
)
from geocluster.geocoders.normalise import Reader
from geocluster.geocoders.place import Query
from geocluster.spelling import hash_key, spelling_key

GAZETTEER = load_gazetteer()


def position(geonames_id: int) -> int:
    (found,) = np.flatnonzero(place_arrays().geonames_id == geonames_id)
    return int(found)


BASEL, PORTLAND, MAINE, WEIL = position(2661604), position(5746545), position(4975802), position(2812636)
FREIBURG = position(2925177)  # 50 km from Basel


def made(*rows: tuple[int, int, float, bool, bool]) -> Candidates:
    """Candidates by query, place, weight, inside and primary."""
    query, place, weight, inside, primary = zip(*rows, strict=True) if rows else ((),) * 5
    return Candidates(
        np.array(query, dtype=np.int64),
        np.array(place, dtype=np.int64),
        np.array(weight, dtype=float),
        np.array(inside, dtype=bool),
        np.array(primary, dtype=bool),
    )


def test_all_places_of_a_name_are_found_and_no_others() -> None:
    names = ["Basel", "Neustadt", "no such town anywhere", "Bâle"]
    hashes = np.array([hash_key(spelling_key(name)) for name in names], dtype=np.uint64)
    query, place, kind = find_candidates(GAZETTEER, hashes)
    assert (np.diff(query) >= 0).all()
    assert 2 not in query
    all_names = place_names(np.arange(len(place_arrays().country)))
    neustadt = {i for i, name in enumerate(all_names) if spelling_key(name) == "neustadt"}
    assert len(neustadt) > 1
    assert set(place[(query == 1) & (kind == 0)].tolist()) == neustadt
    assert BASEL in place[(query == 0) & (kind == 0)]
    assert BASEL in place[(query == 3) & (kind == 1)]


def test_the_weight_is_that_of_the_people_and_the_kind_of_name() -> None:
    found = weigh_candidates(GAZETTEER, Reader().read([Query(city="Basel"), Query(city="Bâle")]))
    people = int(place_arrays().population[BASEL])
    expected = (people + 300) ** 0.9
    weights = found.weight[found.place == BASEL]
    np.testing.assert_allclose(weights, [expected, 0.45 * expected])
    assert found.primary[found.place == BASEL].tolist() == [True, False]


def test_the_kinds_of_names_weigh_as_specified() -> None:
    assert CLASS_WEIGHTS.tolist() == [1.0, 0.45, 0.04, 0.02]
    assert (INSIDE, OUTSIDE) == (30.0, 1 / 30)
    assert pytest.approx(300**0.9) == UNKNOWN_WEIGHT
    assert weigh(np.array([0.0, 700.0])).tolist() == pytest.approx([300**0.9, 1000**0.9])


@pytest.mark.parametrize("far", [PORTLAND, FREIBURG])
def test_the_confidence_is_the_share_within_15_km_beside_the_unknown_place(far: int) -> None:
    rows = ((0, BASEL, 1000.0, False, True), (0, WEIL, 400.0, False, True), (0, far, 600.0, False, True))
    found = choose_best(made(*rows), 1)
    assert found.pair.tolist() == [0]
    assert found.confidence[0] == pytest.approx(1400 / (2000 + UNKNOWN_WEIGHT))
    assert found.weight.tolist() == [1000.0]


def test_a_region_told_lifts_those_inside_and_sinks_the_others() -> None:
    found = choose_best(made((0, PORTLAND, 900.0, False, True), (0, MAINE, 90.0, True, True)), 1)
    assert found.pair.tolist() == [1]
    assert found.inside.tolist() == [True]
    assert found.confidence[0] == pytest.approx(2700 / (2700 + 30 + UNKNOWN_WEIGHT))


def test_a_region_that_holds_no_candidate_changes_no_weight() -> None:
    rows = ((0, PORTLAND, 900.0, False, True), (0, MAINE, 90.0, False, True))
    assert choose_best(made(*rows), 1).weight.tolist() == [900.0]


@pytest.mark.parametrize(
    ("rows", "trusted", "unknown"),
    [
        (((0, BASEL, 500.0, False, True),), True, ALONE),
        (((0, BASEL, 500.0, False, True),), False, 1.0),
        (((0, BASEL, 500.0, False, False),), True, 1.0),
        (((0, BASEL, 500.0, False, True), (0, PORTLAND, 20.0, False, False)), True, 1.0),
        (((0, BASEL, 500.0, False, True), (0, WEIL, 20.0, False, False)), True, ALONE),
    ],
)
def test_the_unknown_place_weighs_less_beside_the_only_bearer_of_a_name(
    rows: tuple[tuple[int, int, float, bool, bool], ...], *, trusted: bool, unknown: float
) -> None:
    found = choose_best(made(*rows), 1, trusted=np.array([trusted]))
    near = sum(weight for _, place, weight, _, _ in rows if place != PORTLAND)
    total = sum(row[2] for row in rows)
    assert found.confidence[0] == pytest.approx(near / (total + unknown * UNKNOWN_WEIGHT))


def test_of_equals_the_first_place_is_chosen_whatever_the_order() -> None:
    low, high = sorted((PORTLAND, MAINE))
    for rows in (((0, low), (0, high)), ((0, high), (0, low))):
        candidates = made(*((query, place, 100.0, False, True) for query, place in rows))
        assert candidates.place[choose_best(candidates, 1).pair[0]] == low


def test_a_query_without_candidates_has_no_best() -> None:
    found = choose_best(made((1, BASEL, 100.0, False, True)), 3)
    assert found.pair.tolist() == [-1, 0, -1]
    assert found.confidence[[0, 2]].tolist() == [0.0, 0.0]
    assert choose_best(made(), 2).pair.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("query", "known"),
    [
        (Query(region="Bavaria", country="DE"), True),
        (Query(region="Bavaria"), True),
        (Query(region="Bavaria", country="FR"), False),
        (Query(region="Middle-earth", country="DE"), False),
        (Query(region="", country="DE"), False),
    ],
)
def test_a_region_is_known_in_its_country(query: Query, *, known: bool) -> None:
    assert know_regions(GAZETTEER, Reader().read([query])).tolist() == [known]
