"""What holds for the counts of any points in any areas, and for any table of rates."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from geocluster.areas import aggregate_points
from geocluster.graph import sparse_contiguity
from geocluster.rates import add_location_quotients, add_rates

# on a lattice, so that many points stand on the rims of areas
spots = st.tuples(st.integers(-2, 10), st.integers(-2, 10))
countries = st.sampled_from(["CH", "FR", None])
points = st.lists(st.tuples(spots, countries, st.integers(0, 9)), max_size=30)
boxes = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), countries), min_size=1, max_size=9, unique_by=lambda b: b[:2]
)


def made(rows: Any) -> gpd.GeoDataFrame:
    geometry = gpd.GeoSeries([Point(7 + x / 8, 47 + y / 8) for (x, y), _, _ in rows], dtype="geometry")
    columns = {"country": pd.Series([row[1] for row in rows], dtype=object), "jobs": [float(row[2]) for row in rows]}
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")


def laid(cells: Any) -> gpd.GeoDataFrame:
    shapes = [box(7 + i / 4, 47 + j / 4, 7.25 + i / 4, 47.25 + j / 4) for i, j, _ in cells]
    index = [f"{i}-{j}" for i, j, _ in cells]
    country = pd.Series([cell[2] for cell in cells], index=index, dtype=object)
    return gpd.GeoDataFrame({"country": country}, geometry=shapes, index=index, crs="EPSG:4326")


@settings(max_examples=30, deadline=None)
@given(points, boxes, st.randoms(use_true_random=False))
def test_each_row_is_counted_once_or_told_whatever_the_order(rows: Any, cells: Any, random: Any) -> None:
    table, areas = made(rows), laid(cells)
    counted, aside = aggregate_points(table, areas, sums=["jobs"])
    assert counted["n"].sum() + len(aside) == len(table)
    assert counted["jobs"].sum() + aside["jobs"].sum() == table["jobs"].sum()
    assert (aside["reason"] != "").all()
    order = list(range(len(areas)))
    random.shuffle(order)
    again, _ = aggregate_points(table.iloc[::-1], areas.iloc[order], sums=["jobs"])
    pd.testing.assert_series_equal(again["n"].reindex(areas.index), counted["n"])
    for (x, y), country, _ in rows:
        inside = [
            cell for cell in cells
            if cell[0] * 2 <= x <= cell[0] * 2 + 2 and cell[1] * 2 <= y <= cell[1] * 2 + 2
            and (country is None or cell[2] is None or cell[2] == country)
        ]  # fmt: skip
        if not inside:
            lost = table.index[[row[0] == (x, y) and row[1] == country for row in rows]]
            assert set(lost) <= set(aside.index)


@settings(max_examples=30, deadline=None)
@given(boxes)
def test_rook_is_part_of_queen_and_a_small_tolerance_changes_nothing(cells: Any) -> None:
    areas = laid(cells)
    queen, rook = (sparse_contiguity(areas, contiguity=one).toarray() for one in ("queen", "rook"))
    at = np.array([cell[:2] for cell in cells])
    gap = np.abs(at[:, None] - at[None])
    np.testing.assert_array_equal(queen, (gap.max(axis=2) == 1).astype(float))
    np.testing.assert_array_equal(rook, (gap.sum(axis=2) == 1).astype(float))
    for word, exact in (("queen", queen), ("rook", rook)):
        np.testing.assert_array_equal(sparse_contiguity(areas, contiguity=word, snap_km=0.1).toarray(), exact)  # type: ignore[arg-type]


counts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 500)), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(counts)
def test_smoothing_stays_between_the_rate_and_the_mean(rows: Any) -> None:
    table = pd.DataFrame([(min(x, n), n) for x, n in rows], columns=["x", "n"])
    found = add_rates(table, count="x", base="n")
    if table["n"].sum() == 0:
        assert found["rate_smoothed"].isna().all()
        return
    mean = table["x"].sum() / table["n"].sum()
    rate = found["rate"].fillna(mean)
    low, high = np.minimum(rate, mean) - 1e-12, np.maximum(rate, mean) + 1e-12
    assert ((found["rate_smoothed"] >= low) & (found["rate_smoothed"] <= high)).all()


@settings(max_examples=40, deadline=None)
@given(counts)
def test_quotients_weigh_up_to_one(rows: Any) -> None:
    table = pd.DataFrame(rows, columns=["a", "b"])
    found = add_location_quotients(table, columns=["a", "b"])
    total = table.sum(axis=1)
    for kind in ("a", "b"):
        if table[kind].sum():
            np.testing.assert_allclose((found[f"lq_{kind}"].fillna(0) * total).sum() / total.sum(), 1, rtol=1e-12)
        else:
            assert found[f"lq_{kind}"].isna().all()
