"""What holds for the geocoding of any table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geocluster.geocoders import Place, Query, geocode, offline_geocoder
from geocluster.geocoders.restored import COLUMNS
from geocluster.spelling import spelling_key

words = st.sampled_from(
    [
        "",
        "Basel",
        "bâle",
        "Kehl",
        "Neustadt",
        "Springfield",
        "Portland",
        "Paris",
        "Valencia",
        "Rheinfelden",
        "Chuo-ku",
        "N/A",
        "Qwxyz",
        "Germany",
        "Maine",
        "Bavaria",
        "CA",
        "=1+1",
        "東京",
        "Nogales",
    ]
)
countries = st.sampled_from(
    ["", "CH", "Suisse", "Deutschland", "US", "FR", "China", "Atlantis", "NA", "na", "Hong Kong"]
)
degrees = st.one_of(st.none(), st.floats(-200, 200), st.sampled_from([0.0, 7.59, 47.56, float("nan"), float("inf")]))
rows = st.tuples(st.one_of(words, st.text(max_size=20)), words, countries, degrees, degrees)
tables = st.lists(rows, max_size=25)
STATUSES = {"ok", "ambiguous", "conflict", "coarse", "not_found", "bad_input"}


def made(held: list[Any]) -> pd.DataFrame:
    table = pd.DataFrame(held, columns=["city", "region", "country", "lat", "lon"])
    table.index = pd.Index([f"row {i}" for i in range(len(held))], dtype=object)
    return table.astype({"lat": float, "lon": float})


@settings(max_examples=80, deadline=None)
@given(tables)
def test_every_row_is_kept_and_has_a_point_or_a_reason(held: list[Any]) -> None:
    table = made(held)
    result = geocode(table)
    assert result.index.equals(table.index)
    pd.testing.assert_frame_equal(pd.DataFrame(result[table.columns]), table)
    empty = result.geometry.isna()
    assert (empty == result["reason"].notna()).all()
    assert set(result["geo_status"]) <= STATUSES
    assert (empty == result["radius_km"].isna()).all()
    assert (empty == result["precision"].isin(["none", "country"])).all()
    sure = result["geo_status"] == "ok"
    assert not empty[sure].any()
    assert (result.loc[sure, "geo_confidence"] >= 0.8).all()
    assert empty[~sure & (result["geo_status"] != "coarse")].all()
    assert (result.geometry.x[~empty].abs() <= 180).all()
    assert (result.geometry.y[~empty].abs() <= 90).all()


@settings(max_examples=60, deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(held: list[Any], random: Any) -> None:
    table = made(held)
    order = list(range(len(held)))
    random.shuffle(order)
    straight, shuffled = geocode(table), geocode(table.iloc[order]).loc[table.index]
    pd.testing.assert_frame_equal(pd.DataFrame(straight), pd.DataFrame(shuffled))


@settings(max_examples=60, deadline=None)
@given(tables, st.integers(0, 25))
def test_a_row_is_placed_as_it_would_be_alone(held: list[Any], which: int) -> None:
    table = made(held)
    chosen = table.iloc[which : which + 1]
    together, alone = geocode(table).loc[chosen.index], geocode(chosen)
    pd.testing.assert_frame_equal(pd.DataFrame(together), pd.DataFrame(alone))


@settings(max_examples=60, deadline=None)
@given(tables)
def test_geocoding_twice_changes_nothing(held: list[Any]) -> None:
    once = geocode(made(held))
    pd.testing.assert_frame_equal(pd.DataFrame(geocode(once)), pd.DataFrame(once))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(words, countries), max_size=20))
def test_the_spelling_does_not_matter_but_its_key(held: list[Any]) -> None:
    table = pd.DataFrame(held, columns=["city", "country"], dtype=object)
    folded = table.assign(city=[spelling_key(city) for city in table["city"]])
    told = ["geo_status", "geo_place_id", "geo_confidence"]
    pd.testing.assert_frame_equal(pd.DataFrame(geocode(table)[told]), pd.DataFrame(geocode(folded)[told]))


@settings(max_examples=40, deadline=None)
@given(tables)
def test_taking_the_likeliest_changes_ambiguous_rows_only(held: list[Any]) -> None:
    table = made(held)
    refused, taken = geocode(table), geocode(table, on_ambiguous="best")
    ambiguous = (refused["geo_status"] == "ambiguous").to_numpy()
    pd.testing.assert_frame_equal(pd.DataFrame(refused[~ambiguous]), pd.DataFrame(taken[~ambiguous]))
    np.testing.assert_array_equal(refused["geo_status"], taken["geo_status"])
    named = ambiguous & refused["geo_candidates"].notna().to_numpy()
    assert taken.geometry[named].notna().all()
    assert list(taken.columns) == [*table.columns, *COLUMNS, "geometry"]


scraps = st.sampled_from(
    [
        *("Univ. Basel, 4056 Basel, Switzerland", "Karlsrhue", "Frankfurt a.M.", "75005 Paris Cedex 05", "Newark, DE"),
        *(
            "Lyon, France",
            "Munich, Germany",
            "Nanyang Technological University",
            "Chūō Ku",
            "北京市海淀区",
            "(",
            "-",
            "a.b.",
        ),
    ]
)
anything = st.one_of(words, scraps, st.text(max_size=40))
queries = st.builds(
    Query, address=anything, city=anything, region=words, postcode=anything, country=anything, name=anything
)


@settings(max_examples=100, deadline=None)
@given(st.lists(queries, max_size=12))
def test_any_text_in_any_field_has_an_answer_that_neither_order_nor_company_changes(held: list[Query]) -> None:
    geocoder = offline_geocoder()
    answers = list(geocoder(held))
    assert len(answers) == len(held)
    for answer in answers:
        assert 0 <= answer.confidence <= 1
        assert isinstance(answer, Place) or (answer.status in STATUSES and answer.reason.isprintable())
    assert list(geocoder(held[::-1])) == answers[::-1]
    assert list(geocoder([*held, *held])) == [*answers, *answers]
    assert [geocoder([query])[0] for query in held] == answers
