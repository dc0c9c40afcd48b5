"""What holds for the folding and merging of any table."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geocluster.distance import distance_km
from geocluster.units import find_duplicates, fold_units, merge_duplicates

ids = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h", "gone", ""])
statements = st.lists(st.tuples(ids, ids, st.sampled_from(["parent", "child", "related"])), max_size=20)
spots = st.sampled_from([7.0, 7.1, 7.2, 7.3, 9.0, None])
rows = st.lists(st.tuples(spots, st.sampled_from(["X", "Y", ""]), st.sampled_from(["CH", "FR", ""])), max_size=8)
names = st.sampled_from(
    [
        "Novartis",
        "Novartis AG",
        "NOVARTIS",
        "Novratis",
        "Roche",
        "Roche GmbH",
        "La Roche",
        "Rocche",
        "",
        "Uni 1",
        "Uni 2",
    ]
)
firms = st.lists(
    st.tuples(names, spots, st.sampled_from(["X", "Y", ""]), st.sampled_from(["v1", "v2", ""])), max_size=12
)
radii = st.sampled_from([0.0, 8.0, 25.0, None])


def table_of(rows: Any, keys: str = "abcdefgh") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ror_id": list(keys[: len(rows)]),
            "name": [key.upper() for key in keys[: len(rows)]],
            "lon": [float("nan") if row[0] is None else row[0] for row in rows],
            "lat": 47.5,
            "city": [row[1] for row in rows],
            "country": [row[2] for row in rows],
            "weight": [1 << i for i in range(len(rows))],
        }
    )


def firms_of(rows: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [row[0] for row in rows],
            "lon": [float("nan") if row[1] is None else row[1] for row in rows],
            "lat": 47.5,
            "city": [row[2] for row in rows],
            "country": "CH",
            "vat": [row[3] for row in rows],
            "weight": [1 << i for i in range(len(rows))],
        }
    )


def says(statements: Any) -> pd.DataFrame:
    return pd.DataFrame(statements, columns=["ror_id", "related_id", "type"])


@settings(max_examples=50, deadline=None)
@given(rows, statements, radii)
def test_no_row_is_lost_and_weights_add_up(rows: Any, statements: Any, within_km: Any) -> None:
    table = table_of(rows)
    result = fold_units(table, relationships=says(statements), within_km=within_km, weights="weight")
    assert sorted([*result.table.index, *result.set_aside.index]) == list(range(len(table)))
    assert result.table["weight"].sum() == table["weight"].sum()
    assert result.table["unit_count"].sum() == len(result.set_aside)
    assert result.set_aside["into"].isin(result.table.index).all()
    pd.testing.assert_frame_equal(result.set_aside[table.columns], table.loc[result.set_aside.index])


@settings(max_examples=50, deadline=None)
@given(rows, statements, radii, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_twice_is_once(rows: Any, statements: Any, within_km: Any, random: Any) -> None:
    table = table_of(rows)
    result = fold_units(table, relationships=says(statements), within_km=within_km)
    again = fold_units(result.table, relationships=says(statements), within_km=within_km)
    pd.testing.assert_frame_equal(again.table, result.table)
    assert again.set_aside.empty
    order = random.sample(range(len(table)), len(table))
    turned = fold_units(
        table.iloc[order], relationships=says(random.sample(statements, len(statements))), within_km=within_km
    )
    pd.testing.assert_frame_equal(turned.table.sort_index(), result.table)
    pd.testing.assert_frame_equal(turned.frame.sort_index(), result.frame)
    assert turned.counts == result.counts


@settings(max_examples=50, deadline=None)
@given(rows, statements, radii)
def test_a_unit_goes_up_at_its_own_place_or_not_at_all(rows: Any, statements: Any, within_km: Any) -> None:
    table = table_of(rows)
    result = fold_units(table, relationships=says(statements), within_km=within_km)
    keys = dict(zip(table["ror_id"], table.index, strict=True))
    up: dict[str, set[str]] = {}
    for one, other, what in statements:
        if what != "related" and one and other and one != other:
            child, parent = (one, other) if what == "parent" else (other, one)
            up.setdefault(child, set()).add(parent)
    for label, unit in result.set_aside.iterrows():
        reached: set[str] = set()
        front = {unit["ror_id"]}
        while front:
            front = {above for key in front for above in up.get(key, ())} - reached
            reached |= front
        whole = table.loc[unit["into"]]
        assert unit["into"] in {keys[key] for key in reached if key in keys}
        assert label != unit["into"]
        assert "" in (unit["country"], whole["country"]) or unit["country"] == whole["country"]
        if within_km is None:
            continue
        if pd.notna(unit["lon"]) and pd.notna(whole["lon"]):
            assert distance_km(unit["lon"], 47.5, whole["lon"], 47.5) <= within_km
        else:
            assert unit["city"] == whole["city"] != ""


@settings(max_examples=50, deadline=None)
@given(firms, radii, st.randoms(use_true_random=False))
def test_duplicates_do_not_depend_on_the_order_of_rows(rows: Any, within_km: Any, random: Any) -> None:
    table = firms_of(rows)
    found = find_duplicates(table, within_km=within_km, ids="vat")
    order = random.sample(range(len(table)), len(table))
    turned = find_duplicates(table.iloc[order], within_km=within_km, ids="vat")
    pd.testing.assert_series_equal(turned.labels.sort_index(), found.labels)
    pd.testing.assert_frame_equal(turned.frame, found.frame)


@settings(max_examples=50, deadline=None)
@given(firms, radii)
def test_the_lookup_by_place_finds_what_each_with_each_finds(rows: Any, within_km: Any) -> None:
    from geocluster.units import lookup

    table = firms_of(rows)
    found = find_duplicates(table, within_km=within_km, ids="vat")
    few, lookup._FEW = lookup._FEW, 0
    try:
        narrow = find_duplicates(table, within_km=within_km, ids="vat")
    finally:
        lookup._FEW = few
    pd.testing.assert_frame_equal(narrow.frame, found.frame)


@settings(max_examples=50, deadline=None)
@given(firms, radii, st.sampled_from(["fullest", "first"]))
def test_merging_keeps_all_rows_and_all_weight(rows: Any, within_km: Any, keep: Any) -> None:
    table = firms_of(rows)
    found = find_duplicates(table, within_km=within_km, ids="vat")
    merged = merge_duplicates(table, found, keep=keep, least_score=0, weights="weight", combine="sum")
    assert sorted([*merged.table.index, *merged.set_aside.index]) == list(range(len(table)))
    assert merged.table["weight"].sum() == table["weight"].sum()
    assert merged.table["duplicate_count"].sum() == len(merged.set_aside) == len(found.frame)
    filled = merged.table.replace("", pd.NA).notna().sum().sum()
    assert filled >= table.loc[merged.table.index].replace("", pd.NA).notna().sum().sum()
    again = merge_duplicates(merged.table, pd.Series(pd.NA, index=merged.table.index, dtype="Int64"))
    pd.testing.assert_frame_equal(again.table, merged.table)


@settings(max_examples=50, deadline=None)
@given(st.lists(names, max_size=12))
def test_once_merged_there_is_nothing_left_to_merge(told: Any) -> None:
    table = pd.DataFrame({"name": told, "city": "Basel", "country": "CH"})
    merged = merge_duplicates(table, find_duplicates(table, threshold=100)).table
    assert find_duplicates(merged, threshold=100).frame.empty
