"""Which places bear these names, and how much does each weigh?"""

from __future__ import annotations

import numpy as np
import pytest

from geocluster.datasets import load_gazetteer, place_arrays, place_names
from geocluster.geocoders.candidates import (
    ALONE,
    BESIDE_PRIMARY,
    CLASS_WEIGHTS,
    INSIDE,
    NAMESAKE_POWER,
    OUTSIDE,
    PEOPLE_POWER,
    RIGHT,
    SHARES,
    UNKNOWN_IN_COUNTRY,
    UNKNOWN_IN_REGION,
    Candidates,
    choose_best,
    compare,
    find_candidates,
    join_candidates,
    know_regions,
    unknown_weights,
    weigh,
    weigh_candidates,
    weigh_places,
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


def made(*rows: tuple[int, int, float, bool, int]) -> Candidates:
    """Candidates by query, place, weight, inside and kind of name."""
    query, place, weight, inside, named = zip(*rows, strict=True) if rows else ((),) * 5
    return Candidates(
        np.array(query, dtype=np.int64),
        np.array(place, dtype=np.int64),
        np.array(weight, dtype=float),
        np.array(inside, dtype=bool),
        np.array(named, dtype=np.int64),
    )


def told(share: float) -> float:
    """The confidence of a share of the weight."""
    return float(np.interp(share, SHARES, RIGHT))


def beside(namesakes: int) -> float:
    """The weight of the unknown place beside so many places of the name elsewhere."""
    return float(UNKNOWN_IN_COUNTRY * (1 + namesakes) ** NAMESAKE_POWER)


def unknown(size: int = 1) -> np.ndarray:
    """The weight of the unknown place where the country alone is stated."""
    return np.full(size, UNKNOWN_IN_COUNTRY)


def test_all_places_of_a_name_are_found_and_no_others() -> None:
    names = ["Basel", "Neustadt", "no such town anywhere", "Bâle"]
    hashes = np.array([hash_key(spelling_key(name)) for name in names], dtype=np.uint64)
    query, place, kind = find_candidates(GAZETTEER, hashes)
    assert (np.diff(query) >= 0).all()
    assert 2 not in query
    all_names = place_names(np.arange(len(place_arrays().country)))
    neustadt = {i for i, name in enumerate(all_names) if spelling_key(name) == "neustadt"}
    assert len(neustadt) > 1
    primary = set(place[(query == 1) & (kind == 0)].tolist())
    assert neustadt <= primary
    # the others bear it as the beginning of their name, and are larger
    people = place_arrays().population
    for i in primary - neustadt:
        assert spelling_key(all_names[i]).startswith("neustadt ")
        at_home = [j for j in neustadt if place_arrays().country[j] == place_arrays().country[i]]
        assert all(people[i] > people[j] for j in at_home)
    assert BASEL in place[(query == 0) & (kind == 0)]
    assert BASEL in place[(query == 3) & (kind == 1)]


def test_the_weight_is_that_of_the_place_and_the_kind_of_name() -> None:
    found = weigh_candidates(GAZETTEER, Reader().read([Query(city="Basel"), Query(city="Bâle")]))
    alone = float(weigh_places(GAZETTEER, np.array([BASEL]))[0])
    weights = found.weight[found.place == BASEL]
    np.testing.assert_allclose(weights, [alone, CLASS_WEIGHTS[1] * alone])
    assert found.primary[found.place == BASEL].tolist() == [True, False]


def test_a_factor_lowers_all_candidates_of_its_reading() -> None:
    readings = Reader().read([Query(city="Basel"), Query(city="Basel")])
    found = weigh_candidates(GAZETTEER, readings, np.array([1.0, 0.25]))
    first, second = (found.weight[found.query == i] for i in (0, 1))
    np.testing.assert_allclose(second, 0.25 * first)


def test_people_names_and_offices_add_to_the_weight() -> None:
    assert weigh(0.0) < weigh(700.0) < weigh(700.0, 3) < weigh(700.0, 3, 4)
    assert float(weigh(700.0) / weigh(0.0)) == pytest.approx((1000 / 300) ** PEOPLE_POWER)


def test_of_saint_louis_the_town_is_likelier_than_the_district_of_marseille() -> None:
    found = weigh_candidates(GAZETTEER, Reader().read([Query(city="Saint-Louis", country="FR")]))
    weight = dict(zip(found.place.tolist(), found.weight.tolist(), strict=True))
    town, district = position(2978742), position(2978738)
    assert place_arrays().district[district]
    assert weight[town] > 2 * weight[district]


@pytest.mark.parametrize("far", [PORTLAND, FREIBURG])
def test_the_confidence_is_the_share_within_15_km_beside_the_unknown_place(far: int) -> None:
    rows = ((0, BASEL, 1000.0, False, 0), (0, WEIL, 400.0, False, 0), (0, far, 600.0, False, 0))
    found = choose_best(made(*rows), unknown())
    assert found.pair.tolist() == [0]
    assert found.confidence[0] == pytest.approx(told(1400 / (2000 + beside(1))))
    assert found.weight.tolist() == [1000.0]


def test_a_region_told_lifts_those_inside_and_sinks_the_others() -> None:
    found = choose_best(made((0, PORTLAND, 900.0, False, 0), (0, MAINE, 90.0, True, 0)), unknown())
    assert found.pair.tolist() == [1]
    assert found.inside.tolist() == [True]
    weight, other = 90 * INSIDE, 900 * OUTSIDE
    nowhere = INSIDE * UNKNOWN_IN_REGION * 2**NAMESAKE_POWER
    assert found.confidence[0] == pytest.approx(told(weight / (weight + other + nowhere)))


def test_a_region_that_holds_no_candidate_changes_no_weight() -> None:
    rows = ((0, PORTLAND, 900.0, False, 0), (0, MAINE, 90.0, False, 0))
    assert choose_best(made(*rows), unknown()).weight.tolist() == [900.0]


@pytest.mark.parametrize("other", [MAINE, BASEL])
def test_an_alternate_name_counts_less_beside_a_place_of_that_primary_name(other: int) -> None:
    alternate = 9000.0 * CLASS_WEIGHTS[1]
    found = choose_best(made((0, other, 3000.0, False, 0), (0, PORTLAND, alternate, False, 1)), unknown())
    assert found.confidence[0] == pytest.approx(told(3000 / (3000 + alternate * BESIDE_PRIMARY + beside(1))))
    both = choose_best(made((0, other, 3000.0, False, 1), (0, PORTLAND, alternate, False, 1)), unknown())
    assert both.weight.tolist() == [alternate]


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        (((0, BASEL, 500.0, False, 0),), ALONE),
        (((0, BASEL, 500.0, False, 1),), 1.0),
        (((0, BASEL, 500.0, False, 0), (0, PORTLAND, 20.0, False, 0)), 2**NAMESAKE_POWER),
        (((0, BASEL, 500.0, False, 0), (0, WEIL, 20.0, False, 0)), ALONE),
        (((0, BASEL, 500.0, False, 0), (0, PORTLAND, 2.0, False, 0), (0, MAINE, 2.0, False, 0)), 3**NAMESAKE_POWER),
        (((0, BASEL, 500.0, True, 0),), UNKNOWN_IN_REGION * INSIDE / UNKNOWN_IN_COUNTRY),
    ],
)
def test_the_unknown_place_weighs_by_how_many_bear_the_name(
    rows: tuple[tuple[int, int, float, bool, int], ...], share: float
) -> None:
    weighed = compare(made(*rows), unknown())
    assert weighed.unknown[0] == pytest.approx(share * UNKNOWN_IN_COUNTRY)
    assert weighed.total[0] == pytest.approx(weighed.weight.sum())
    near = sum(weight for (_, place, *_), weight in zip(rows, weighed.weight, strict=True) if place in (BASEL, WEIL))
    assert weighed.together[0] == pytest.approx(near)


def test_the_confidence_rises_with_the_share_and_stays_below_certainty() -> None:
    assert SHARES[0] == RIGHT[0] == 0
    assert (np.diff(SHARES) > 0).all()
    assert (np.diff(RIGHT) > 0).all()
    assert (SHARES[-1], RIGHT[-1]) == (1.0, max(RIGHT))
    assert RIGHT[-1] < 1


def test_the_unknown_place_weighs_more_the_less_the_name_was_taken_as_it_stands() -> None:
    readings = Reader().read([Query(city="Basel", country="CH")] * 3)
    exact, varied, misspelt = unknown_weights(readings, np.array([0, 1, 2])).tolist()
    assert exact < varied < misspelt
    alone = unknown_weights(Reader().read([Query(city="Basel")]), np.array([0]))
    assert alone[0] > exact


def test_of_equals_the_first_place_is_chosen_whatever_the_order() -> None:
    low, high = sorted((PORTLAND, MAINE))
    for rows in (((0, low), (0, high)), ((0, high), (0, low))):
        candidates = made(*((query, place, 100.0, False, 0) for query, place in rows))
        assert candidates.place[choose_best(candidates, unknown()).pair[0]] == low


def test_a_query_without_candidates_has_no_best() -> None:
    found = choose_best(made((1, BASEL, 100.0, False, 0)), unknown(3))
    assert found.pair.tolist() == [-1, 0, -1]
    assert found.confidence[[0, 2]].tolist() == [0.0, 0.0]
    assert choose_best(made(), unknown(2)).pair.tolist() == [-1, -1]


def test_joined_candidates_come_to_their_owners_in_order() -> None:
    first = made((0, BASEL, 1.0, False, 0), (2, WEIL, 2.0, False, 0))
    second = made((0, PORTLAND, 3.0, True, 1), (1, MAINE, 4.0, False, 0))
    joined = join_candidates(first, second, np.array([2, 1]))
    assert joined.query.tolist() == [0, 1, 2, 2]
    assert joined.place.tolist() == [BASEL, MAINE, WEIL, PORTLAND]
    assert joined.inside.tolist() == [False, False, False, True]
    assert joined.named.tolist() == [0, 0, 0, 1]


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
