"""Are real places found where they are?

Of right answers the goals are asked for. A third of the wrong ones and more are the
registry's: its point is the middle of a district or province, the answer the town
of that name (docs/geocoding.md). So wrong answers are also counted where the
registry means a place that the gazetteer has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from geocluster.datasets import place_arrays
from geocluster.distance import distance_km
from geocluster.geocoders import Miss, Place, Query, geocode, offline_geocoder
from geocluster.geocoders.gazetteer import SURE, SURE_ALONE

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = ["address", "city", "region", "postcode", "country", "name"]


@pytest.fixture(scope="module")
def cases(shared: Path) -> pd.DataFrame:
    table = pd.read_csv(shared / "data" / "geocoding_cases.csv", dtype=str, keep_default_na=False)
    return table.set_index("case")


@pytest.fixture(scope="module")
def registry(shared: Path) -> pd.DataFrame:
    table = pd.read_csv(shared / "data" / "ror_organisations.csv.gz", dtype=str, keep_default_na=False)
    return table[table["status"] == "active"].rename(columns={"lat": "true_lat", "lng": "true_lon"})


def test_every_case_has_its_right_answer(cases: pd.DataFrame) -> None:
    held = cases
    assert len(held) == 91
    result = geocode(held[FIELDS])
    wrong = {}
    for case, row in zip(held.index.astype(str), held.to_dict("records"), strict=True):
        found: Any = result.loc[case]
        right = found["geo_status"] in row["expected_status"].split("|")
        if found["geo_status"] == "ok":
            gap = distance_km(
                found.geometry.x, found.geometry.y, float(row["expected_lon"]), float(row["expected_lat"])
            )
            right &= found["geo_country"] == row["expected_country"] and float(gap) <= float(row["tol_km"])
        if found["geo_status"] == "coarse":
            right &= (found["precision"], found["geo_country"]) == (row["expected_precision"], row["expected_country"])
        if not right:
            wrong[case] = (found["geo_status"], found["geo_place"], found["reason"])
    assert wrong == {}


def test_no_case_of_any_kind_has_a_wrong_point(cases: pd.DataFrame) -> None:
    result = geocode(cases[FIELDS])
    placed = result[result["geo_status"] == "ok"]
    told = cases.loc[placed.index]
    assert (told["expected_lat"] != "").all()
    gap = distance_km(
        placed.geometry.x, placed.geometry.y, told["expected_lon"].astype(float), told["expected_lat"].astype(float)
    )
    assert (gap <= told["tol_km"].astype(float)).all()


def ask(registry: pd.DataFrame, fields: list[str]) -> pd.DataFrame:
    """Confidence, distance from the truth and whether it was answered, of each row with a likeliest place."""
    queries = [Query(**dict(zip(fields, row, strict=True))) for row in registry[fields].itertuples(index=False)]
    distinct = list(dict.fromkeys(queries))
    answers: dict[Query, Place | Miss] = dict(zip(distinct, offline_geocoder()(distinct), strict=True))
    rows = []
    for query in queries:
        answer = answers[query]
        best: Place | None = None
        if isinstance(answer, Place):
            best = answer if answer.precision == "city" else None
        elif answer.status == "ambiguous":
            best = answer.candidates[0]
        rows.append(
            (isinstance(answer, Place) and best is not None, answer.confidence, best.longitude, best.latitude)
            if best is not None
            else (False, np.nan, np.nan, np.nan)
        )
    found = pd.DataFrame(rows, columns=["answered", "confidence", "lon", "lat"], index=registry.index)
    gap = distance_km(
        found["lon"], found["lat"], registry["true_lon"].astype(float), registry["true_lat"].astype(float)
    )
    return found.assign(right=np.asarray(gap) <= 25)


@pytest.mark.parametrize(
    ("fields", "placed", "wrong", "wrong_of_known"),
    [
        (["city", "country"], 0.91, 0.007, 0.002),  # prototype .887, .0043; goal .91, .004
        (["city", "region", "country"], 0.965, 0.0035, 0.0006),  # .952, .0018; goal .965, .0015
        (["city"], 0.79, 0.0075, 0.0036),  # .755, .0063; goal .77, .005
    ],
)
def test_organisations_of_the_registry_are_placed_within_25_km(
    registry: pd.DataFrame, fields: list[str], placed: float, wrong: float, wrong_of_known: float
) -> None:
    found = ask(registry, fields)
    answered = found["answered"]
    assert (found["right"] & answered).mean() >= placed
    assert (~found.loc[answered, "right"]).mean() <= wrong
    known = registry["geonames_id"].isin(place_arrays().geonames_id.astype(str))
    assert known.mean() > 0.9
    assert (~found.loc[answered & known, "right"]).mean() <= wrong_of_known
    floor = SURE if "country" in fields else SURE_ALONE
    assert found.loc[answered, "confidence"].min() >= floor
    assert found.loc[~answered, "confidence"].max() < floor


def test_misspelt_organisations_are_placed_where_their_region_is_told(registry: pd.DataFrame) -> None:
    """One letter left out behind the first."""
    held = registry[(registry["city"].str.len() >= 6) & (registry["region"] != "")].iloc[::20]
    cut = [city[: 2 + i % (len(city) - 3)] + city[3 + i % (len(city) - 3) :] for i, city in enumerate(held["city"])]
    found = ask(held.assign(city=cut), ["city", "region", "country"])
    assert len(held) > 1500
    assert (found["right"] & found["answered"]).mean() >= 0.9
    assert (~found.loc[found["answered"], "right"]).mean() <= 0.005


@pytest.mark.parametrize("fields", [["city"], ["city", "country"], ["city", "region", "country"]])
def test_the_confidence_is_about_the_share_that_is_right(registry: pd.DataFrame, fields: list[str]) -> None:
    found = ask(registry, fields).dropna(subset=["confidence"])
    # each name once: of 1,441 rows in one bin 530 are Washington's
    once = found.groupby([registry.loc[found.index, field] for field in fields]).agg(
        right=("right", "mean"), confidence=("confidence", "first")
    )
    bins = once.groupby((once["confidence"] * 10).astype(int).clip(upper=9))
    table = bins.agg(rows=("right", "size"), right=("right", "mean"), confidence=("confidence", "mean"))
    table = table[table["rows"] >= 100]
    assert {8, 9} <= set(table.index) or "region" in fields
    assert (table["right"] - table["confidence"]).abs().max() <= 0.05  # the prototype 0.14


def test_a_false_country_gets_seldom_an_answer(registry: pd.DataFrame) -> None:
    """Each organisation of three countries stated in the next."""
    other = {"CH": "Germany", "FR": "Switzerland", "DK": "Sweden"}
    held = registry[registry["country"].isin(list(other))].drop_duplicates(["city", "country"])
    result = geocode(held[["city"]].assign(country=held["country"].map(other)))
    lon, lat = held["true_lon"].astype(float), held["true_lat"].astype(float)
    placed = result["geo_status"] == "ok"
    # a twin town across the border is no error
    far = np.asarray(distance_km(result.geometry.x, result.geometry.y, lon, lat)) > 25
    assert len(held) > 500
    assert (placed & far).mean() <= 0.03
    assert (result["geo_status"] == "conflict").mean() >= 0.5
