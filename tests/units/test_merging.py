"""How do several rows of one organisation become one?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from geocluster import find_duplicates, fold_units, merge_duplicates
from geocluster.errors import OptionError, SchemaError


def firms() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["Novartis AG", "NOVARTIS", "Roche", "Novratis"],
            "city": "Basel",
            "country": "CH",
            "kind": ["firm", "Firm", "firm", None],
            "site": [None, "novartis.com", None, None],
            "founded": [1996.0, 1997.0, np.nan, np.nan],
            "weight": [10, 40, 7, 5],
        },
        index=[10, 20, 30, 40],
    )


def test_gaps_are_filled_and_conflicts_told() -> None:
    table = firms()
    before = table.copy()
    merged = merge_duplicates(table, find_duplicates(table), keep="first")
    assert merged.table.index.tolist() == [10, 30, 40]
    row: Any = merged.table.to_dict("index")[10]
    assert [row[name] for name in ("name", "site", "founded", "weight")] == ["Novartis AG", "novartis.com", 1996, 10]
    assert merged.table["duplicate_count"].tolist() == [1, 0, 0]
    assert merged.set_aside["into"].to_dict() == {20: 10}
    assert merged.set_aside["reason"].tolist() == ["merged into Novartis AG"]
    assert merged.filled.to_numpy().tolist() == [[10, "site", "novartis.com", 20]]
    assert merged.conflicts[["column", "kept", "other"]].to_numpy().tolist() == [
        ["name", "Novartis AG", "NOVARTIS"],
        ["founded", 1996.0, 1997.0],
        ["weight", 10, 40],
    ]
    assert [merged.table[name].dtype for name in before] == [before[name].dtype for name in before]
    pd.testing.assert_frame_equal(table, before)


def test_near_names_are_left_to_a_person_unless_asked() -> None:
    table = firms()
    found = find_duplicates(table)
    assert found.labels.loc[40] == 1
    merged = merge_duplicates(table, found)
    assert merged.table.index.tolist() == [20, 30, 40]
    assert "left unmerged below that score 1" in merged.summary()
    assert merge_duplicates(table, found, least_score=80).table.index.tolist() == [20, 30]


def test_numbers_are_the_largest_or_the_sum() -> None:
    table = firms()
    found = find_duplicates(table)
    for combine, number in (("max", 40), ("sum", 55)):
        merged = merge_duplicates(table, found, least_score=0, weights="weight", combine=combine)  # type: ignore[arg-type]
        assert merged.table.loc[20, "weight"] == number
        assert "weight" not in set(merged.conflicts["column"])


def test_labels_of_ones_own_are_merged_as_they_are() -> None:
    table = firms()
    labels = pd.Series(["a", None, "a", None], index=table.index)
    merged = merge_duplicates(table, labels, keep="first")
    assert merged.set_aside["into"].to_dict() == {30: 10}
    shuffled = merge_duplicates(table, labels.iloc[::-1], keep="first")
    pd.testing.assert_frame_equal(merged.table, shuffled.table)


def test_a_point_comes_from_one_row_with_all_that_goes_with_it() -> None:
    table = gpd.GeoDataFrame(
        {
            "name": ["A", "A", "A"],
            "city": "Basel",
            "note": ["x", "y", None],
            "precision": [None, "city", "postcode"],
            "radius_km": [np.nan, 15.0, 5.0],
            "reason": ["not found", None, None],
            "geo_place": [None, "Basel", "4051"],
        },
        geometry=[None, *gpd.points_from_xy([7.59, 7.58], [47.55, 47.56])],
        crs="EPSG:4326",
    )
    merged = merge_duplicates(table, pd.Series([1, 1, 1]), keep="first")
    row = merged.table.loc[0]
    assert (row["precision"], row["radius_km"], row["geo_place"]) == ("city", 15.0, "Basel")
    assert pd.isna(row["reason"])
    assert (row.geometry.x, row.geometry.y) == (7.59, 47.55)
    assert isinstance(merged.table, gpd.GeoDataFrame)
    assert merged.table.crs == table.crs
    assert "radius_km" not in set(merged.conflicts["column"])
    # the fullest has a point
    assert merge_duplicates(table, pd.Series([1, 1, 1])).table.index.tolist() == [1]


def test_columns_of_any_name_are_filled() -> None:
    table = firms().rename(columns={"site": 7})
    merged = merge_duplicates(table, find_duplicates(table), keep="first")
    assert merged.table.loc[10, 7] == "novartis.com"
    assert repr(merge_duplicates(table.rename(columns={7: None}), find_duplicates(table)))


def test_units_of_both_are_counted_together() -> None:
    table = pd.DataFrame(
        {"name": ["Uni", "lab", "Uni", "clinic"], "id": list("abcd"), "parent": [None, "a", None, "c"], "city": "Bern"}
    )
    folded = fold_units(table).table
    merged = merge_duplicates(folded, find_duplicates(folded))
    assert merged.table["unit_count"].tolist() == [2]


def test_all_faults_are_told_at_once() -> None:
    table = firms()
    found = find_duplicates(table)
    with pytest.raises(SchemaError, match=r"'duplicate_count'(.|\n)*'into'"):
        merge_duplicates(table.assign(into=1, duplicate_count="x"), found)
    with pytest.raises(SchemaError, match="'site': it holds"):
        merge_duplicates(table, found, weights="site")
    with pytest.raises(SchemaError, match="'staff': there is no such column"):
        merge_duplicates(table, found, weights="staff")
    with pytest.raises(OptionError, match="another table"):
        merge_duplicates(table.reset_index(drop=True), found)
    bad: Any
    options: dict[str, Any]
    for bad in ([1, 1, 2, 3], None, "labels"):
        with pytest.raises(OptionError, match="a Series of labels"):
            merge_duplicates(table, bad)
    for options in ({"keep": "last"}, {"combine": "mean"}, {"least_score": 101}, {"least_score": "all"}):
        with pytest.raises(OptionError, match=next(iter(options))):
            merge_duplicates(table, found, **options)


def test_nothing_to_merge_leaves_all() -> None:
    table = firms().loc[[30]]
    merged = merge_duplicates(table, find_duplicates(table))
    assert merged.sentence() == "nothing to merge among 1 row"
    assert merged.set_aside.empty
    pd.testing.assert_frame_equal(merged.table.drop(columns="duplicate_count"), table)
    assert len(merge_duplicates(table.iloc[:0], find_duplicates(table.iloc[:0])).table) == 0


def test_the_result_says_and_draws() -> None:
    table = firms()
    merged = merge_duplicates(table, find_duplicates(table), keep="first")
    assert repr(merged) == "<1 of 4 rows merged into 1 that names the same organisation>"
    assert "1 gaps filled in site" in merged.summary()
    assert "1 cells of founded say otherwise than the row kept" in merged.summary()
    ax = plt.figure().add_subplot()
    merged.plot(ax)
    assert len(ax.patches) == 3
    plt.close("all")
    assert merged.to_frame().columns.tolist() == ["into", "into_name", "reason"]
