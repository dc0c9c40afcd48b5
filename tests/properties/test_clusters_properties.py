"""What holds for the clusters of any table."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geocluster.clusters import density, find_clusters
from geocluster.clusters.density import find_dense
from geocluster.clusters.hierarchy import find_hierarchy
from geocluster.distance import distance_km
from geocluster.graph import distinct_points, reach_km

# a coarse lattice about the antimeridian: many duplicates, many ties
spots = st.tuples(st.integers(-8, 8), st.integers(-8, 8)).map(
    lambda at: ((at[0] / 25 + 360) % 360 - 180, at[1] / 25 - 17)
)
rows = st.lists(st.tuples(spots, st.sampled_from(["FJ", "TV", "WF"])), min_size=0, max_size=60)
radii = st.sampled_from([0.01, 4.5, 9.0, 30.0])
minima = st.integers(1, 7)


def split(rows: Any) -> tuple[Any, Any, Any]:
    return (
        np.array([row[0][0] for row in rows], dtype=float),
        np.array([row[0][1] for row in rows], dtype=float),
        np.array([row[1] for row in rows], dtype=object),
    )


@settings(max_examples=80, deadline=None)
@given(rows, radii, minima, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(rows: Any, radius_km: float, minimum: int, random: Any) -> None:
    lon, lat, _ = split(rows)
    order = np.array(random.sample(range(len(rows)), len(rows)), dtype=np.int64)
    straight = find_dense(lon, lat, radius_km=radius_km, minimum=minimum)
    shuffled = find_dense(lon[order], lat[order], radius_km=radius_km, minimum=minimum)
    np.testing.assert_array_equal(straight.label[order], shuffled.label)
    np.testing.assert_array_equal(straight.core[order], shuffled.core)


@settings(max_examples=80, deadline=None)
@given(rows, radii, minima)
def test_cells_and_tree_agree(rows: Any, radius_km: float, minimum: int) -> None:
    lon, lat, _ = split(rows)
    points = distinct_points(lon, lat)
    if not len(points.count):
        return
    reach = reach_km(radius_km)
    tree, cells = (way(points, reach, minimum) for way in (density._by_tree, density._by_cells))
    np.testing.assert_array_equal(tree[0], cells[0])
    np.testing.assert_array_equal(density.rank_components(points, tree[1]), density.rank_components(points, cells[1]))


@settings(max_examples=80, deadline=None)
@given(rows, radii, minima)
def test_duplicates_count_one_by_one(rows: Any, radius_km: float, minimum: int) -> None:
    lon, lat, _ = split(rows)
    found = find_dense(lon, lat, radius_km=radius_km, minimum=minimum)
    near = distance_km(lon[:, None], lat[:, None], lon[None], lat[None]) <= radius_km
    np.testing.assert_array_equal(found.core, near.sum(axis=1) >= minimum)
    np.testing.assert_array_equal(found.label > 0, (near & found.core[None]).any(axis=1))
    sizes = np.bincount(found.label, minlength=1)[1:]
    assert (np.diff(sizes) <= 0).all()
    assert (found.label[found.core] > 0).all()


@settings(max_examples=25, deadline=None)
@given(rows, radii, minima, st.randoms(use_true_random=False))
def test_tables_keep_their_index_and_the_frame_adds_up(rows: Any, radius_km: float, minimum: int, random: Any) -> None:
    lon, lat, country = split(rows)
    table = gpd.GeoDataFrame(
        {"country": country, "kind": "firm"},
        geometry=gpd.points_from_xy(lon, lat),
        crs="EPSG:4326",
        index=random.sample(range(1000), len(rows)),
    )
    order = random.sample(range(len(rows)), len(rows))
    result = find_clusters(table, radius_km=radius_km, minimum=minimum)
    again = find_clusters(table.iloc[order], radius_km=radius_km, minimum=minimum)
    assert result.labels.index.equals(table.index)
    pd.testing.assert_series_equal(again.labels.reindex(table.index), result.labels)
    pd.testing.assert_frame_equal(again.frame, result.frame, rtol=1e-9)
    assert result.frame["n"].sum() == result.labels.notna().sum()
    assert result.by_country()["n"].sum() == result.frame["n"].sum()
    assert result.frame["name"].is_unique
    assert result.frame["delta"].between(0, 1).all()
    alone = [len(codes.split()) == 1 for codes in result.frame["countries"]]
    assert (result.frame["dependence"] == "national").tolist() == alone
    made = result.frame["dependence"] == "border-made"
    assert (result.frame.loc[made, "delta"] == 1).all()


def table_of(rows: Any) -> gpd.GeoDataFrame:
    lon, lat, country = split(rows)
    return gpd.GeoDataFrame(
        {"country": country, "founded": 1990 + (np.arange(len(rows)) * 7) % 30},
        geometry=gpd.points_from_xy(lon, lat),
        crs="EPSG:4326",
    )


@settings(max_examples=80, deadline=None)
@given(rows, st.integers(2, 6), st.integers(1, 6), st.randoms(use_true_random=False))
def test_the_hierarchy_does_not_hang_on_row_order(rows: Any, minimum: int, samples: int, random: Any) -> None:
    lon, lat, _ = split(rows)
    order = np.array(random.sample(range(len(rows)), len(rows)), dtype=np.int64)
    straight = find_hierarchy(lon, lat, minimum=minimum, samples=samples)
    shuffled = find_hierarchy(lon[order], lat[order], minimum=minimum, samples=samples)
    np.testing.assert_array_equal(straight.label[order], shuffled.label)
    np.testing.assert_array_equal(straight.strength[order], shuffled.strength)
    assert (np.bincount(straight.label)[1:] >= minimum).all()
    assert ((straight.strength > 0) == (straight.label > 0)).all()
    assert straight.strength.max(initial=0) <= 1


@settings(max_examples=40, deadline=None)
@given(rows, st.integers(2, 5), st.integers(1, 4))
def test_a_mirrored_map_has_the_mirrored_hierarchy(rows: Any, minimum: int, samples: int) -> None:
    """Equal distances are one merge: a lattice turned about its axis keeps its parts."""
    lon, lat, _ = split(rows)
    straight = find_hierarchy(lon, lat, minimum=minimum, samples=samples).label
    mirrored = find_hierarchy(-lon, lat, minimum=minimum, samples=samples).label
    together = (straight[:, None] == straight[None]) & (straight > 0)[:, None] & (straight > 0)[None]
    np.testing.assert_array_equal(
        together, (mirrored[:, None] == mirrored[None]) & (mirrored > 0)[:, None] & (mirrored > 0)[None]
    )


@settings(max_examples=12, deadline=None)
@given(rows, st.sampled_from(["hdbscan", "scan", "space-time"]), st.randoms(use_true_random=False))
def test_no_detector_hangs_on_row_order(rows: Any, method: Any, random: Any) -> None:
    table = table_of(rows)
    order = random.sample(range(len(rows)), len(rows))
    options: dict[str, Any] = {"method": method, "chains": "split", "max_diameter_km": 20}
    if method != "hdbscan":
        options |= {"permutations": 19, "rng": 1, "alpha": 0.4}
    if method == "scan":
        options["controls"] = table.iloc[::-1].reset_index(drop=True)
        if table.empty:
            return
    result = find_clusters(table, **options)
    again = find_clusters(table.iloc[order], **options)
    pd.testing.assert_series_equal(again.labels.reindex(table.index), result.labels)
    pd.testing.assert_frame_equal(again.frame, result.frame, rtol=1e-9)
    assert result.frame["n"].sum() == result.labels.notna().sum()
