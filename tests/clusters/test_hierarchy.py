"""HDBSCAN with equal distances as one merge, by its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from geocluster.clusters import find_clusters, hierarchy, reachability
from geocluster.clusters.hierarchy import RESOLUTION_KM, find_hierarchy, own_country_cores
from geocluster.clusters.reachability import core_distances, spanning_tree
from geocluster.distance import distance_km, to_arc_km
from geocluster.graph import distinct_points

TIE = 1e-9


def brute(lon: Any, lat: Any, minimum: int, samples: int) -> tuple[set[frozenset[int]], dict[int, float]]:
    """Cut the whole matrix at every length, downwards; choose by excess of mass. Row by row."""
    n = len(lon)
    d = np.maximum(distance_km(lon[:, None], lat[:, None], lon[None], lat[None]), RESOLUTION_KM)
    core = np.sort(d, axis=1)[:, samples - 1]
    reach = np.maximum(d, np.maximum(core[:, None], core[None]))
    np.fill_diagonal(reach, core)
    left: dict[int, float] = {}

    def parts(rows: list[int], below: float) -> list[list[int]]:
        inside = reach[np.ix_(rows, rows)] < below - TIE
        _, label = connected_components(inside, directed=False)
        return [[rows[i] for i in np.flatnonzero(label == k)] for k in range(label.max() + 1)]

    def height(rows: list[int]) -> float:
        """The largest length that holds the rows together."""
        lengths = np.unique(reach[np.ix_(rows, rows)])
        low, high = 0, len(lengths) - 1
        while low < high:
            middle = (low + high) // 2
            joined = (
                connected_components(reach[np.ix_(rows, rows)] <= lengths[middle] + TIE / 2, directed=False)[0] == 1
            )
            low, high = (low, middle) if joined else (middle + 1, high)
        return float(lengths[low])

    def mass(rows: list[int], birth: float) -> tuple[float, list[frozenset[int]]]:
        """Stability of the best choice below here, and the choice."""
        everyone, total, now = frozenset(rows), 0.0, rows
        while True:
            h = height(now)
            pieces = parts(now, h)
            large = [piece for piece in pieces if len(piece) >= minimum]
            gone = [i for piece in pieces if len(piece) < minimum for i in piece]
            for i in gone:
                left[i] = h
            total += len(gone) * (1 / h - 1 / birth)
            if not large:
                return total, [everyone]
            if len(large) > 1:
                total += sum(map(len, large)) * (1 / h - 1 / birth)
                below = [mass(piece, h) for piece in large]
                if sum(value for value, _ in below) > total * (1 + 1e-9):
                    return sum(value for value, _ in below), [one for _, own in below for one in own]
                return total, [everyone]
            now = large[0]

    now = list(range(n))
    if n < minimum or n < samples:
        return set(), {}
    while True:  # the whole table is never a cluster
        h = height(now)
        large = [piece for piece in parts(now, h) if len(piece) >= minimum]
        if not large:
            return set(), left
        if len(large) > 1:
            return {one for piece in large for one in mass(piece, h)[1]}, left
        now = large[0]


def groups(label: Any) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(label == k).tolist()) for k in range(1, int(label.max(initial=0)) + 1)}


def scene(seed: int, n: int, *, lattice: bool) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    if lattice:  # many duplicates, many equal distances
        return rng.integers(0, 12, n) / 20 + 7.0, rng.integers(0, 6, n) / 20.0
    centre = rng.uniform(6, 9, (5, 2))
    spots = centre[rng.integers(5, size=n)] + rng.normal(0, 0.1, (n, 2))
    again = rng.random(n) < 0.3
    spots[again] = spots[rng.integers(n, size=int(again.sum()))]
    return spots[:, 0], spots[:, 1]


@pytest.mark.parametrize("few_points", [0, 10**9])
@pytest.mark.parametrize("lattice", [True, False])
@pytest.mark.parametrize(("minimum", "samples"), [(5, 5), (4, 2), (2, 1), (8, 3)])
def test_clusters_are_those_of_the_definition(
    few_points: int, *, lattice: bool, minimum: int, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hierarchy, "FEW_POINTS", few_points)
    monkeypatch.setattr(reachability, "FEW_POINTS", few_points)
    several = 0
    for seed in range(4):
        lon, lat = scene(seed, 90, lattice=lattice)
        wanted, _ = brute(lon, lat, minimum, samples)
        found = find_hierarchy(lon, lat, minimum=minimum, samples=samples)
        assert groups(found.label) == wanted
        several += len(wanted) > 1
    assert several > 1


def test_both_trees_are_as_short_and_every_edge_is_a_reachability() -> None:
    lon, lat = scene(3, 2500, lattice=False)
    points = distinct_points(lon, lat)
    assert len(points.count) > reachability.FEW_POINTS
    many = spanning_tree(points, 6, floor_km=RESOLUTION_KM)
    one, other, apart2 = reachability._prim(
        points.xyz, np.maximum(reachability._core2(points, None, 6), (RESOLUTION_KM) ** 2)
    )
    assert len(one) == len(other) == len(many.one) == len(points.count) - 1
    np.testing.assert_allclose(
        np.sort(many.km), np.sort(np.maximum(to_arc_km(np.sqrt(apart2)), RESOLUTION_KM)), rtol=1e-9
    )
    d = distance_km(points.longitude[many.one], points.latitude[many.one], points.longitude[many.other],
                    points.latitude[many.other])  # fmt: skip
    np.testing.assert_allclose(many.km, np.maximum(d, np.maximum(many.core_km[many.one], many.core_km[many.other])))


def test_core_distance_counts_the_row_and_all_on_its_point() -> None:
    lon, lat = scene(5, 300, lattice=True)
    points = distinct_points(lon, lat)
    d = np.sort(distance_km(lon[:, None], lat[:, None], lon[None], lat[None]), axis=1)
    for samples in (1, 2, 7, 40, 300):
        np.testing.assert_allclose(core_distances(points, samples)[points.of_row], d[:, samples - 1], atol=1e-9)
    assert np.isinf(core_distances(points, 301)).all()


def test_a_square_lattice_with_every_length_equal_is_no_cluster() -> None:
    lon, lat = (axis.ravel() / 100 for axis in np.meshgrid(np.arange(10), np.zeros(1)))
    assert not find_hierarchy(lon, lat, minimum=3, samples=2).label.any()


def test_weights_ask_for_more_than_rows() -> None:
    lon = np.array([7, 7.01, 7.02, 7.5, 7.51, 7.52, 9, 9.01, 9.02])
    plain = find_hierarchy(lon, np.zeros(9), minimum=3, samples=1)
    assert plain.label.max() == 3
    heavy = np.array([50.0, 1, 1, 1, 1, 1, 50, 1, 1])
    held = find_hierarchy(lon, np.zeros(9), minimum=3, samples=1, weight=heavy, least_weight=50)
    # the middle one is too light to part from its neighbour
    assert groups(held.label) == {frozenset(range(6)), frozenset([6, 7, 8])}


def test_own_country_cores_ask_only_at_home() -> None:
    lon, lat = scene(8, 120, lattice=False)
    country = np.random.default_rng(1).integers(0, 3, 120)
    own = own_country_cores(lon, lat, country, 4)
    for i in range(120):
        home = country == country[i]
        d = np.sort(distance_km(lon[i], lat[i], lon[home], lat[home]))
        assert own[i] == pytest.approx(max(d[3], RESOLUTION_KM), abs=1e-6)  # 1e-9 degrees are no difference


def test_the_result_tells_birth_strength_and_dependence() -> None:
    import geopandas as gpd

    lon = [7.58, 7.581, 7.582, 7.59, 7.6, 9.0, 9.001, 9.002, 9.003, 12.0]
    country = ["CH", "CH", "CH", "DE", "DE", "AT", "AT", "AT", "AT", "AT"]
    table = gpd.GeoDataFrame({"country": country}, geometry=gpd.points_from_xy(lon, [47.5] * 10), crs="EPSG:4326")
    result = find_clusters(table, method="hdbscan", minimum=3)
    frame = result.frame
    assert frame["n"].tolist() == [5, 4]
    assert frame["dependence"].tolist() == ["spill-over", "national"]
    assert frame["delta"].tolist() == [0.4, 0.0]
    assert (frame["birth_km"] > 1).all()
    assert result.points["strength"].between(0, 1).all()
    assert result.points["strength"].iloc[-1] == 0
    assert result.provenance.parameters == {"method": "hdbscan", "minimum": 3}
    alone = find_clusters(table.iloc[:4], method="hdbscan", minimum=5)
    assert alone.frame.empty
    assert any("more than the 4 rows" in note for note in alone.notes)
