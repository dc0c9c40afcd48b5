"""Areas that adjoin."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import MultiPolygon, Point, Polygon, affinity, box

from geocluster.errors import OptionError, SchemaError
from geocluster.graph import build_graph, sparse_contiguity, to_sparse


def lattice(side: int = 5, step: float = 0.2, west: float = 7.0, south: float = 47.0) -> gpd.GeoDataFrame:
    cells = [box(west + i * step, south + j * step, west + (i + 1) * step, south + (j + 1) * step)
             for j in range(side) for i in range(side)]  # fmt: skip
    return gpd.GeoDataFrame(geometry=cells, crs="EPSG:4326")


@pytest.mark.parametrize("contiguity", ["queen", "rook"])
def test_a_chessboard_is_libpysals(contiguity: str) -> None:
    from libpysal.graph import Graph

    areas = lattice()
    ours = sparse_contiguity(areas, contiguity=contiguity).toarray()  # type: ignore[arg-type]
    theirs = Graph.build_contiguity(areas, rook=contiguity == "rook").sparse.toarray()
    np.testing.assert_array_equal(ours, theirs)
    assert ours[12].sum() == (8 if contiguity == "queen" else 4)


@pytest.mark.parametrize("contiguity", ["queen", "rook"])
@pytest.mark.parametrize("gap_km", [-0.3, 0.3])
def test_two_data_sets_that_do_not_quite_meet(contiguity: str, gap_km: float) -> None:
    # the eastern half is moved off, or onto, the western one; also north, so that no corner meets
    areas = lattice(6)
    exact = sparse_contiguity(areas, contiguity=contiguity)  # type: ignore[arg-type]
    moved = areas.geometry.tolist()
    for at in np.flatnonzero(areas.bounds["minx"] > 7.5).tolist():
        moved[at] = affinity.translate(moved[at], gap_km / (111.2 * np.cos(np.radians(47.6))), 0.0005)
    areas = gpd.GeoDataFrame(geometry=moved, crs="EPSG:4326")
    snapped = sparse_contiguity(areas, contiguity=contiguity, snap_km=0.5)  # type: ignore[arg-type]
    np.testing.assert_array_equal(snapped.toarray(), exact.toarray())
    if gap_km > 0:
        assert sparse_contiguity(areas, contiguity=contiguity).nnz < exact.nnz  # type: ignore[arg-type]
        narrow = sparse_contiguity(areas, contiguity=contiguity, snap_km=0.2)  # type: ignore[arg-type]
        assert narrow.nnz < exact.nnz


@pytest.mark.parametrize("latitude", [0.0, 60.0, -75.0])
def test_the_tolerance_is_in_kilometres_everywhere(latitude: float) -> None:
    stretch = np.cos(np.radians(latitude + 0.25))
    for gap_km, meets in ((0.9, True), (1.1, False)):
        east = 20 + gap_km / 111.3 / stretch
        pair = [box(19, latitude, 20, latitude + 0.5), box(east, latitude, east + 1, latitude + 0.5)]
        areas = gpd.GeoDataFrame(geometry=pair, crs="EPSG:4326")
        for contiguity in ("queen", "rook"):
            assert sparse_contiguity(areas, contiguity=contiguity, snap_km=1).nnz == 2 * meets


def test_areas_meet_at_the_antimeridian() -> None:
    split = MultiPolygon([box(179, -17, 180, -16), box(-180, -17, -179, -16)])
    areas = gpd.GeoDataFrame(
        geometry=[box(178, -16, 180, -15), box(-180, -16, -178, -15), split, box(-179.999, -18, -178, -17.2)],
        crs="EPSG:4326",
    )
    assert sparse_contiguity(areas, contiguity="rook").toarray()[0].tolist() == [0, 1, 1, 0]
    assert sparse_contiguity(areas, contiguity="queen", snap_km=0.2)[3].nnz == 0
    assert sparse_contiguity(areas, contiguity="queen", snap_km=25)[3].sum() == 1


def test_islands_stay() -> None:
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(5, 0, 6, 1)], index=list("abc"), crs=4326)
    graph = build_graph(areas, contiguity="rook", row_standardise=True)
    assert graph.isolates.tolist() == ["c"]
    assert to_sparse(graph, areas.index).toarray()[0].tolist() == [0, 1, 0]


def test_one_area() -> None:
    assert sparse_contiguity(lattice(1), contiguity="queen").nnz == 0


def test_all_faults_of_areas_at_once() -> None:
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    given: Any = [box(0, 0, 1, 1), None, bow, box(179, 0, 181, 1), Polygon()]
    areas = gpd.GeoDataFrame(geometry=gpd.GeoSeries(given), crs="EPSG:4326")
    told = r"(?s)2 rows \(1, 4\) without a polygon.*1 row \(2\) not valid.*make_valid.*1 row \(3\) beyond"
    with pytest.raises(SchemaError, match=told):
        build_graph(areas, contiguity="queen")
    points = gpd.GeoDataFrame(geometry=[Point(7, 47)], crs="EPSG:4326")
    with pytest.raises(SchemaError, match="holding Point"):
        build_graph(points, contiguity="queen")
    mixed = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), Point(7, 47)], crs="EPSG:4326")
    with pytest.raises(SchemaError, match="points and polygons"):
        build_graph(mixed, contiguity="queen")
    with pytest.raises(SchemaError, match="EPSG:3035"):
        build_graph(lattice().to_crs(3035), contiguity="queen")
    with pytest.raises(SchemaError, match="no CRS"):
        build_graph(gpd.GeoDataFrame(geometry=lattice().geometry.to_list()), contiguity="queen")
    with pytest.raises(SchemaError, match="there is no row"):
        build_graph(lattice().iloc[:0], contiguity="queen")


def test_an_absurd_tolerance_is_refused() -> None:
    with pytest.raises(OptionError, match=r"snap_km=30 is too wide.*middling area is 18"):
        build_graph(lattice(), contiguity="queen", snap_km=30)
    for wrong in (-1, float("nan"), "wide"):
        with pytest.raises(OptionError, match="snap_km must be"):
            build_graph(lattice(), contiguity="queen", snap_km=wrong)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="queen"):
        build_graph(lattice(), contiguity="bishop")  # type: ignore[arg-type]


def test_areas_stand_for_a_point_in_distance_graphs() -> None:
    areas = lattice(3)
    points = areas.set_geometry(areas.representative_point())
    for options in ({"nearest": 2}, {"within_km": 30}, {"kernel": "gaussian", "bandwidth_km": 20}):
        one, other = (to_sparse(build_graph(one, **options), areas.index) for one in (areas, points))
        np.testing.assert_array_equal(one.toarray(), other.toarray())


def test_empty_areas_and_points_are_named_in_distance_graphs() -> None:
    for shape in (Polygon(), Point()):
        whole: Any = [box(0, 0, 1, 1), shape] if isinstance(shape, Polygon) else [Point(0, 0), shape]
        with pytest.raises(SchemaError, match=r"1 row \(1\) without a point"):
            build_graph(gpd.GeoDataFrame(geometry=gpd.GeoSeries(whole), crs="EPSG:4326"), nearest=1)
