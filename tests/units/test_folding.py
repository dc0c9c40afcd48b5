"""Which rows are units of another, at the same place?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from geocluster import UnitsResult, fold_units
from geocluster.errors import OptionError, SchemaError

STRASBOURG, PARIS, ILLKIRCH = (7.75, 48.58), (2.35, 48.86), (7.71, 48.53)


def institutes(**more: Any) -> pd.DataFrame:
    """A university, its institute and laboratory, an agency far away and its laboratory beside them."""
    columns: dict[str, Any] = {
        "ror_id": ["uni", "inst", "lab", "cnrs", "umr", "far"],
        "name": ["Université", "Institut", "Labo", "CNRS", "UMR 7", "Station marine"],
        "city": ["Strasbourg", "Strasbourg", "Strasbourg", "Paris", "Strasbourg", "Roscoff"],
        "country": "FR",
        **more,
    }
    return pd.DataFrame(columns, index=list("uilcmf"))


def says(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["ror_id", "related_id", "type"])


STATED = says(
    ("inst", "uni", "parent"),
    ("uni", "inst", "child"),
    ("inst", "lab", "child"),
    ("umr", "cnrs", "parent"),
    ("umr", "uni", "parent"),
    ("far", "cnrs", "parent"),
    ("uni", "cnrs", "related"),
)


def into(result: UnitsResult) -> dict[Any, Any]:
    return result.set_aside["into"].to_dict()


def test_chains_fold_into_the_one_that_remains_and_an_agency_far_away_takes_none() -> None:
    table = institutes()
    before = table.copy()
    result = fold_units(table, relationships=STATED)
    assert into(result) == {"i": "u", "l": "u", "m": "u"}
    assert result.table.index.tolist() == ["u", "c", "f"]
    assert result.table["unit_count"].tolist() == [3, 0, 0]
    assert result.set_aside["reason"].tolist() == ["unit of Université"] * 3
    assert result.frame.loc["l", "steps"] == 2
    assert result.frame.loc["f", "reason"] == "the parent is at another place"
    assert result.counts["statements of a parent"] == 5
    assert result.counts["stated from one end only"] == 4
    assert result.counts["statements of other kinds, not used"] == 1
    assert result.counts["rows with several parents"] == 1
    pd.testing.assert_frame_equal(table, before)


def test_none_folds_across_the_country_and_never_abroad() -> None:
    table = institutes()
    assert into(fold_units(table, relationships=STATED, within_km=None))["f"] == "c"
    abroad = institutes(country=["FR", "FR", "DE", "FR", "FR", "FR"], city="Strasbourg")
    result = fold_units(abroad, relationships=STATED, within_km=None)
    assert "l" not in into(result)
    assert result.frame.loc["l", "reason"] == "the parent is in another country"


def test_countries_are_compared_by_meaning() -> None:
    table = institutes(country=["France", "FR", "Frankreich", "FRA", "", "Франция"])
    assert set(into(fold_units(table, relationships=STATED))) == {"i", "l", "m"}


def test_kilometres_say_where_there_are_points() -> None:
    at = [STRASBOURG, ILLKIRCH, ILLKIRCH, PARIS, STRASBOURG, (-3.98, 48.73)]
    points = gpd.GeoDataFrame(
        institutes(city=["a", "b", "c", "d", "e", "f"]),
        geometry=gpd.points_from_xy([lon for lon, _ in at], [lat for _, lat in at]),
        crs="EPSG:4326",
    )
    result = fold_units(points, relationships=STATED)
    assert into(result) == {"i": "u", "l": "u", "m": "u"}
    assert isinstance(result.table, gpd.GeoDataFrame)
    assert isinstance(result.set_aside, gpd.GeoDataFrame)
    assert result.frame.loc["i", "km"] == pytest.approx(6.29, abs=0.05)
    # at 3 km the institute is a place of its own, and takes its laboratory
    assert into(fold_units(points, relationships=STATED, within_km=3)) == {"l": "i", "m": "u"}
    numbers = institutes(city="", lon=[lon for lon, _ in at], lat=[lat for _, lat in at])
    assert into(fold_units(numbers, relationships=STATED)) == {"i": "u", "l": "u", "m": "u"}


def test_a_unit_never_moves_farther_than_told() -> None:
    table = pd.DataFrame(
        {"id": [1, 2, 3], "name": list("abc"), "parent": [None, 1.0, 2.0], "lon": [7.0, 7.2, 7.4], "lat": 48.0}
    )
    result = fold_units(table, within_km=20)  # 15 km apart each
    assert into(result) == {1: 0}
    assert result.frame.loc[2, "reason"] == "the parent went into an organisation at another place"


def test_points_withheld_by_the_geocoder_leave_the_city() -> None:
    table = gpd.GeoDataFrame(institutes(lat=1.0, lon=1.0), geometry=np.full(6, None, dtype=object), crs="EPSG:4326")
    assert into(fold_units(table, relationships=STATED)) == {"i": "u", "l": "u", "m": "u"}


def test_what_contradicts_itself_is_not_used_and_counted() -> None:
    stated = says(
        ("inst", "lab", "parent"),
        ("lab", "inst", "parent"),
        ("uni", "uni", "parent"),
        ("umr", "gone", "parent"),
        ("umr", "", "parent"),
        ("far", "lab", "parent"),
    )
    result = fold_units(institutes(city="Brest"), relationships=stated)
    assert into(result) == {"f": "l"}
    assert result.frame["reason"].to_dict() == {
        "i": "its parents stand in a cycle",
        "l": "its parents stand in a cycle",
        "m": "the parent is no row of the table",
        "f": "unit of Labo",
    }
    assert result.counts["rows in a cycle of parents"] == 2
    assert result.counts["organisations stated as their own parent"] == 1
    assert result.counts["parents that are no rows of the table"] == 1
    assert result.counts["statements with an empty end, not used"] == 1


def test_a_cycle_under_one_that_is_none_folds_into_it() -> None:
    stated = says(("inst", "lab", "parent"), ("lab", "inst", "parent"), ("lab", "uni", "parent"))
    assert into(fold_units(institutes(), relationships=stated)) == {"i": "u", "l": "u"}


def test_a_chain_goes_through_those_that_are_not_in_the_table() -> None:
    table = institutes().drop(index=["i"])
    assert into(fold_units(table, relationships=STATED))["l"] == "u"


def test_of_several_parents_the_one_with_most_units_is_taken() -> None:
    stated = says(
        ("lab", "umr", "parent"), ("lab", "uni", "parent"), ("inst", "uni", "parent"), ("cnrs", "umr", "related")
    )
    assert into(fold_units(institutes(), relationships=stated)) == {"i": "u", "l": "u"}
    nearer = says(("lab", "umr", "parent"), ("lab", "inst", "parent"), ("inst", "uni", "parent"))
    assert into(fold_units(institutes(), relationships=nearer))["l"] == "m"


def test_rows_told_to_remain_remain_and_take_their_units() -> None:
    stated = says(("uni", "inst", "parent"), ("lab", "uni", "parent"))
    table = institutes()
    assert into(fold_units(table, relationships=stated)) == {"u": "i", "l": "i"}
    result = fold_units(table, relationships=stated, keep=table["name"] == "Université")
    assert into(result) == {"l": "u"}
    assert result.frame.loc["u", "reason"] == "kept as told"
    for bad in ([True], "all", pd.Series([True] * 6), ["yes"] * 6, 3):
        with pytest.raises(OptionError, match="keep"):
            fold_units(table, relationships=stated, keep=bad)  # type: ignore[arg-type]


def test_identifiers_are_read_in_any_form_and_rows_without_one_remain() -> None:
    table = institutes(ror_id=["https://ror.org/uni", "INST", " lab ", None, "umr", np.nan])
    result = fold_units(table, relationships=STATED)
    assert into(result) == {"i": "u", "l": "u", "m": "u"}
    assert result.counts["rows without an identifier"] == 2
    turned = STATED.rename(columns={"type": "relation"})
    assert into(fold_units(table, relationships=turned)) == into(result)


@pytest.mark.parametrize(
    ("parents", "folded"),
    [
        ([None, "Universite", "INSTITUT", None, "CNRS|Université", None], {"i": "u", "l": "u", "m": "u"}),
        (["", "uni", "inst", "n/a", "cnrs; uni", "cnrs"], {"i": "u", "l": "u", "m": "u"}),
        (["Université", None, None, None, "Nobody", None], {}),
    ],
)
def test_a_column_of_parents_holds_names_or_identifiers(parents: list[Any], folded: dict[str, str]) -> None:
    result = fold_units(institutes(parent=parents))
    assert into(result) == folded
    assert into(fold_units(institutes(boss=parents), parent="boss")) == folded


def test_a_name_with_a_bar_is_read_whole_first_and_namesakes_by_place() -> None:
    table = pd.DataFrame(
        {
            "name": ["A | B", "lab", "Hospital", "Hospital", "ward"],
            "parent": [None, "A | B", None, None, "Hospital"],
            "city": ["Basel", "Basel", "Bern", "Basel", "Basel"],
        }
    )
    result = fold_units(table)
    assert into(result) == {1: 0, 4: 3}
    assert result.counts["parents named like several rows"] == 1


def test_numbers_stay_or_are_combined_as_told() -> None:
    table = institutes(weight=[100.0, 10.0, np.nan, 5.0, 1.0, np.nan])
    assert fold_units(table, relationships=STATED).table["weight"].tolist()[:2] == [100, 5]
    summed = fold_units(table, relationships=STATED, weights="weight").table["weight"]
    assert summed.tolist()[:2] == [111, 5]
    assert np.isnan(summed["f"])
    assert fold_units(table, relationships=STATED, weights=["weight"], combine="max").table.loc["u", "weight"] == 100


def test_an_unknown_place_is_no_reason_to_fold() -> None:
    result = fold_units(institutes(city=["Strasbourg", None, *["Strasbourg"] * 4]), relationships=STATED)
    assert result.frame.loc["i", "reason"] == "a place is not known"
    assert into(result)["l"] == "u"


def test_a_long_chain_costs_no_square() -> None:
    n = 20_000
    table = pd.DataFrame({"id": range(n), "name": "x", "parent": [None, *range(n - 1)], "city": "Wien"})
    result = fold_units(table.iloc[::-1])
    assert len(result.table) == 1
    assert result.table["unit_count"].tolist() == [n - 1]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SchemaError) as told:
        fold_units(
            pd.DataFrame({"a": [1, 2], "into": 1, "unit_count": ["x", "y"], "w": ["1", "2"]}, index=[0, 0]), weights="w"
        )
    words = str(told.value)
    for part in (
        "'parent': there is no",
        "index: some labels",
        "name: there is no",
        "'into'",
        "'unit_count'",
        "place:",
    ):
        assert part in words
    assert "'w': it holds" in words
    with pytest.raises(SchemaError, match=r"'ror_id': 'uni' stands in the rows u, i and 1 more"):
        fold_units(institutes(ror_id=["uni", "uni", "lab", "lab", "a", "b"]), relationships=STATED)
    with pytest.raises(SchemaError, match="no row has an identifier"):
        fold_units(institutes(ror_id=None), relationships=STATED)
    with pytest.raises(SchemaError, match=r"relationships\['related_id'\](.|\n)*relationships\['type'\]"):
        fold_units(institutes(), relationships=pd.DataFrame({"ror_id": []}))
    with pytest.raises(SchemaError, match="identifier: the table has no column"):
        fold_units(institutes().drop(columns="ror_id"), relationships=STATED)
    with pytest.raises(SchemaError, match="not a DataFrame"):
        fold_units([1])  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="relationships: it is a list"):
        fold_units(institutes(), relationships=[])  # type: ignore[arg-type]
    twice = pd.concat([institutes(), institutes()[["city", "ror_id"]]], axis=1)
    with pytest.raises(SchemaError, match=r"'city': it stands more than once(.|\n)*'ror_id': it stands more than once"):
        fold_units(twice, relationships=STATED, weights="city")
    with pytest.raises(SchemaError, match="EPSG:3035"):
        fold_units(
            gpd.GeoDataFrame(institutes(), geometry=gpd.points_from_xy([1] * 6, [1] * 6), crs="EPSG:3035"),
            relationships=STATED,
        )


@pytest.mark.parametrize("bad", [-1, float("nan"), float("inf"), "far", [1]])
def test_a_distance_is_a_number_from_nought(bad: Any) -> None:
    with pytest.raises(OptionError, match="within_km"):
        fold_units(institutes(), relationships=STATED, within_km=bad)


def test_an_unknown_way_to_combine_is_told() -> None:
    with pytest.raises(OptionError, match="combine"):
        fold_units(institutes(), relationships=STATED, combine="mean")  # type: ignore[arg-type]


def test_an_empty_table_and_hostile_cells_do_no_harm() -> None:
    assert len(fold_units(institutes().iloc[:0], relationships=STATED).table) == 0
    assert fold_units(institutes().iloc[:0].assign(parent="")).sentence() == "no units to fold among 0 rows"
    hostile = ["=1+1", "\x00", "💥" * 1000, ["a"], {"b": 1}, "|;|;\n" * 50]
    result = fold_units(institutes(parent=hostile, name=hostile[::-1]))
    assert len(result.table) + len(result.set_aside) == 6
    assert "<script>" not in fold_units(institutes(name="<script>"), relationships=STATED)._repr_html_()


def test_the_result_says_draws_and_carries_what_made_it() -> None:
    result = fold_units(institutes(), relationships=STATED)
    assert repr(result) == "<3 of 6 rows folded into 1 organisation they are units of; 3 remain>"
    words = result.summary()
    assert "most units: Université 3" in words
    assert "1 with a parent stand on their own: the parent is at another place" in words
    assert "within_km 25.0" in words
    ax = plt.figure().add_subplot()
    assert result.plot(ax) is ax
    assert [bar.get_width() for bar in ax.patches] == [3]  # type: ignore[attr-defined]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Université"]
    plt.close("all")
    assert result.to_frame() is not result.frame
