"""Which rows name one organisation twice?"""

from __future__ import annotations

import time
from typing import Any

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from geocluster import find_duplicates
from geocluster.errors import OptionError, SchemaError


def named(*names: Any, **more: Any) -> pd.DataFrame:
    return pd.DataFrame({"name": list(names), "city": "Basel", "country": "CH", **more})


def why(*names: str, **more: Any) -> list[str]:
    return find_duplicates(named(*names), **more).frame["why"].tolist()


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Novartis", "NOVARTIS ", "same name"),
        ("Universität Basel", "Universitat Basel", "same name"),
        ("Novartis AG", "Novartis", "same name, legal form aside"),
        ("Nestlé S.A.", "Nestle", "same name, legal form aside"),
        ("Endress+Hauser GmbH & Co. KG", "Endress Hauser", "same name, legal form aside"),
        ("ООО «Ромашка»", "Ромашка", "same name, legal form aside"),  # noqa: RUF001
        ("株式会社トヨタ", "トヨタ", "same name, legal form aside"),
        ("Roche GmbH", "Roche AG", "same name, other legal form"),
        ("Acme Ltd.", "Acme Limited", "same words"),
        ("University of Basel", "Basel University", "same words"),
        ("Life Sciences Park", "LifeSciences Park", "same letters"),
        ("Novartis Pharma", "Novratis Pharma", "near name"),
        ("Universität Basel", "Universitaet Basel", "near name"),
        ("Pharmaceutical Institute", "Pharmacuetical Institute", "near name"),
    ],
)
def test_the_same_organisation_is_found_and_the_reason_told(one: str, other: str, reason: str) -> None:
    assert why(one, other) == [reason]
    assert why(other, one) == [reason]
    assert why(one, other, threshold=100) == ([] if reason == "near name" else [reason])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Novartis", "Novartis Pharma"),
        ("Institute of Physics 1", "Institute of Physics 2"),
        ("Congress 2021", "Congress 2022"),
        ("Unit CNRS7104", "Unit CNRS7105"),
        ("Université Paris VIII", "Université Paris XIII"),
        ("Institute of Biology", "Institute of Geology"),
        ("North Clinic", "South Clinic"),
        ("Roche", "Rocha"),
        ("Lab A", "Lab B"),
        ("AG", "SA"),
        ("", ""),
        ("n/a", "unknown"),
        ("!!!", "???"),
        ("a" * 201 + "b", "a" * 201 + "c"),
    ],
)
def test_others_are_not_taken_for_it(one: str, other: str) -> None:
    assert why(one, other) == []


def test_place_and_country_part_namesakes() -> None:
    table = named(*["Hospital"] * 6, city=["Basel", "BASEL", "Bern", None, "Basel", "Basel"])
    table["country"] = ["CH", "Schweiz", "CH", "CH", "DE", None]
    found = find_duplicates(table)
    assert found.labels.tolist() == [1, 1, pd.NA, pd.NA, pd.NA, 1]
    assert found.counts["rows without a place, not compared by name"] == 1
    assert find_duplicates(table, within_km=None).labels.notna().sum() == 5


def test_kilometres_say_where_there_are_points() -> None:
    lon = [7.59, 7.60, 7.80, np.nan]
    table = gpd.GeoDataFrame(
        named(*["Hospital"] * 4, city=["a", "b", "c", "b"]),
        geometry=gpd.points_from_xy(lon, [47.5] * 4),
        crs="EPSG:4326",
    )
    table.loc[3, "geometry"] = None
    found = find_duplicates(table)
    assert found.frame["into"].to_dict() == {1: 0}
    assert found.frame.loc[1, "km"] == pytest.approx(0.753, abs=0.01)
    assert find_duplicates(table, within_km=16).frame["into"].to_dict() == {1: 0, 2: 0}
    assert find_duplicates(table, within_km=0.5).frame["into"].to_dict() == {3: 1}


@pytest.mark.parametrize("lon", [0.0, 90.0, 179.99])
def test_of_many_namesakes_those_at_the_edge_are_found_too(lon: float) -> None:
    far = pd.DataFrame({"name": "Hospital", "lon": np.linspace(-170, 170, 60), "lat": -30.0})
    pair = pd.DataFrame(
        {"name": "Hospital", "lon": [lon, lon + 0.0897 if lon < 179 else lon - 360 + 0.0897], "lat": 0.0}
    )
    table = pd.concat([far, pair], ignore_index=True)  # the pair is 9.99 km apart
    assert find_duplicates(table).frame["into"].to_dict() == {61: 60}
    assert find_duplicates(table, within_km=9.98).frame.empty


def test_a_row_with_a_point_comes_before_a_fuller_one_without() -> None:
    table = gpd.GeoDataFrame(
        named("Roche", "Roche", site=["roche.com", None], note=["x", None]),
        geometry=gpd.points_from_xy([np.nan, 7.6], [np.nan, 47.5]),
        crs="EPSG:4326",
    )
    table.loc[0, "geometry"] = None
    assert find_duplicates(table).frame["into"].to_dict() == {0: 1}


def test_there_are_no_chains() -> None:
    table = pd.DataFrame({"name": "Hospital", "country": "CH", "lon": 7 + 0.1 * np.arange(6), "lat": 47.5})  # 7.5 km
    found = find_duplicates(table)
    assert found.frame["into"].to_dict() == {1: 0, 3: 2, 5: 4}


def test_the_fullest_is_the_one_the_others_go_into() -> None:
    table = named("Novartis", "Novartis AG", "Novartis", site=[None, "novartis.com", ""])
    found = find_duplicates(table)
    assert found.frame["into"].to_dict() == {0: 1, 2: 1}
    assert found.frame["group"].tolist() == [1, 1]


def test_shared_identifiers_tie_unless_the_place_differs() -> None:
    table = named(
        "Roche", "Hoffmann", "La Roche", "F. Hoffmann", "Other", city=["Basel", "Basel", "Bern", None, "Basel"]
    )
    table["site"] = ["https://www.roche.com/", "ROCHE.com", "roche.com", "http://roche.com", None]
    found = find_duplicates(table, ids="site")
    assert found.frame["into"].to_dict() == {1: 0, 3: 0}
    assert set(found.frame["why"]) == {"same site"}
    assert find_duplicates(table).frame.empty


def test_many_rows_of_one_name_cost_no_square() -> None:
    n = 10_000
    drawn = np.random.default_rng(1).random((2, n)) / 50
    start = time.perf_counter()
    for table in (
        pd.DataFrame({"name": "Hospital", "city": "Wien", "country": "AT"}, index=range(n)),
        pd.DataFrame({"name": "Hospital", "lon": 16 + drawn[0], "lat": 48 + drawn[1], "country": "AT"}),
    ):
        found = find_duplicates(table)
        assert found.labels.eq(1).all()
        assert len(found.frame) == n - 1
    towns = pd.DataFrame({"name": "Hospital", "city": [f"c{i}" for i in range(n)], "country": "AT"})
    assert find_duplicates(towns).frame.empty
    assert time.perf_counter() - start < 20


def test_a_series_of_near_names_costs_no_square() -> None:
    letters = np.array(list("abcd"))
    words = np.random.default_rng(1).choice(letters, (10_000, 8))
    start = time.perf_counter()
    find_duplicates(pd.DataFrame({"name": [f"firm {''.join(word)}" for word in words], "city": "Wien"}))
    assert time.perf_counter() - start < 20


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SchemaError) as told:
        find_duplicates(pd.DataFrame({"firm": ["a", "b"]}, index=[0, 0]), ids=["vat"])
    for part in ("'name'", "'vat'", "index", "place"):
        assert part in str(told.value)
    with pytest.raises(SchemaError, match="a name is no identifier"):
        find_duplicates(named("a"), ids="name")
    with pytest.raises(SchemaError, match="not a DataFrame"):
        find_duplicates("table.csv")  # type: ignore[arg-type]
    for bad in (0, 101, "high", float("nan")):
        with pytest.raises(OptionError, match="threshold"):
            find_duplicates(named("a"), threshold=bad)  # type: ignore[arg-type]


def test_hostile_names_do_no_harm() -> None:
    names: list[Any] = [
        "=cmd()",
        "\x00" * 9,
        "💥",
        None,
        np.nan,
        3.5,
        ["a"],
        {"b": 2},
        "x" * 10_000_000,
        "AG AG AG",
        "S S",
    ]
    found = find_duplicates(named(*names))
    assert found.frame.empty
    assert find_duplicates(named(*names).iloc[:0]).sentence() == "no duplicates among 0 rows"
    words = " ".join(f"w{i}" for i in range(90))
    assert why(words, words + "x") == []


def test_the_result_says_and_draws() -> None:
    found = find_duplicates(named("Novartis AG", "Novartis", "Novratis", "Roche", ""))
    assert repr(found) == "<3 of 5 rows name 1 organisation more than once; 2 could be merged>"
    words = found.summary()
    assert "1: same name, legal form aside" in words
    assert "least sure: Novratis – Novartis" in words
    assert "1 rows without a name" in words
    ax = plt.figure().add_subplot()
    found.plot(ax)
    assert {tick.get_text() for tick in ax.get_yticklabels()} == {"near name", "same name, legal form aside"}
    plt.close("all")
