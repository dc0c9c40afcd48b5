"""Cells of grids on the globe, cut at borders."""

from __future__ import annotations

import sys
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely import LineString, Point, box

from geocluster.areas import build_cells, cut_at_borders
from geocluster.areas.grids import cover_with_hexagons, cover_with_squares, on_the_map
from geocluster.countries import country_at
from geocluster.distance import area_km2, zone_km2
from geocluster.errors import OptionError, SchemaError

BASEL = box(7.3, 47.4, 7.9, 47.8)
GRIDS: list[dict[str, Any]] = [{"side_km": 12.0}, {"resolution": 6}]


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_no_cell_holds_two_countries_and_together_they_cover_the_area(grid: dict[str, Any]) -> None:
    cells = build_cells(BASEL, **grid)
    assert set(cells["country"]) == {"CH", "DE", "FR"}
    for code, part in cells.groupby("country"):
        surface = shapely.point_on_surface(part.geometry.to_numpy())
        assert set(country_at(shapely.get_x(surface), shapely.get_y(surface)).tolist()) == {code}
    whole = shapely.union_all(cells.geometry.to_numpy())
    assert shapely.area(shapely.difference(BASEL, whole)) < 1e-9
    assert cells["area_km2"].sum() == pytest.approx(area_km2([whole])[0], rel=1e-9)
    np.testing.assert_allclose(cells.groupby("cell")["share"].sum(), 1, rtol=1e-9)
    assert cells.index.is_unique
    assert cells.index[0] == f"{cells['cell'].iloc[0]}-{cells['country'].iloc[0]}"
    assert (cells["share"] < 0.999).any()


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_the_grid_is_the_same_for_another_area(grid: dict[str, Any]) -> None:
    cells, other = build_cells(BASEL, **grid), build_cells(box(7.5, 47.0, 9.0, 47.8), **grid)
    both = cells.index.intersection(other.index)
    assert len(both) > 10
    assert shapely.equals(cells.loc[both].geometry.to_numpy(), other.loc[both].geometry.to_numpy()).all()


@pytest.mark.parametrize("south", [-80.0, -1.0, 47.0, 70.0])
def test_squares_have_their_area_on_the_ellipsoid(south: float) -> None:
    _, cells = cover_with_squares(box(7, south, 8, south + 1), 25)
    size = area_km2(cells)
    assert (np.abs(size / 625 - 1) < 0.01).all()
    one = shapely.bounds(cells[0])
    assert size[0] == pytest.approx(float(zone_km2(one[1], one[3])) * (one[2] - one[0]) / 360, rel=1e-12)


def test_areas_are_the_literatures() -> None:
    assert float(zone_km2(-90, 90)) == pytest.approx(510_065_621.7, rel=1e-9)
    hole = shapely.difference(box(7, 47, 8, 48), box(7.4, 47.4, 7.6, 47.6))
    parts = area_km2([box(7, 47, 8, 48), box(7.4, 47.4, 7.6, 47.6), hole, hole.reverse()])
    assert parts[2] == pytest.approx(parts[0] - parts[1], rel=1e-9)
    assert parts[3] == pytest.approx(parts[2], rel=1e-12)
    assert np.isnan(area_km2([None])[0])
    geod = Geod(ellps="WGS84")
    for shape in (hole, shapely.union_all([hole, box(20, -60, 60, 70)]), Point(10, 60).buffer(3)):
        fine = shapely.orient_polygons(shapely.segmentize(shape, 0.01))
        assert area_km2([shape])[0] == pytest.approx(abs(geod.geometry_area_perimeter(fine)[0]) / 1e6, rel=1e-8)


def test_hexagons_are_h3s() -> None:
    import h3

    names, cells = cover_with_hexagons(BASEL, 6)
    assert names == sorted(names)
    for name, size in zip(names, area_km2(cells), strict=True):
        assert size == pytest.approx(h3.cell_area(name), rel=0.01)  # h3 measures on a sphere


def test_cells_at_the_antimeridian_and_at_a_pole() -> None:
    fiji = shapely.multipolygons([box(179, -17.5, 180, -16), box(-180, -17.5, -179.8, -16)])
    for grid in ({"side_km": 40.0}, {"resolution": 4}):
        cells = build_cells(fiji, sea=True, **grid)
        assert set(cells["country"]) == {"FJ"}
        bounds = shapely.bounds(cells.geometry.to_numpy())
        assert (np.abs(bounds) <= [180, 90, 180, 90]).all()
        assert (bounds[:, 2] - bounds[:, 0] <= 360).all()
        assert shapely.area(shapely.difference(fiji, shapely.union_all(cells.geometry.to_numpy()))) < 1e-9
        assert cells["area_km2"].max() < 2500
    ring = np.column_stack([np.arange(0, 360, 60.0) - 180, np.full(6, 89.0)])
    cap = on_the_map(ring)
    assert cap.is_valid
    assert cap.covers(Point(100, 89.9))
    _, top = cover_with_hexagons(box(-180, 89.99, 180, 90), 1)
    assert shapely.is_valid(top).all()
    assert any(one.covers(Point(30, 89.999)) for one in top)
    names, caps = cover_with_squares(box(-180, 89.9, 180, 90), 500)
    assert len(names) == 3
    assert area_km2(caps).sum() == pytest.approx(float(zone_km2(90 - 180 / 40, 90)), rel=1e-12)


def test_sea_is_left_out_unless_asked_for() -> None:
    area = box(12.2, 55.3, 13.2, 56.0)
    land, all_of_it = build_cells(area, side_km=10), build_cells(area, side_km=10, sea=True)
    assert set(land.index) < set(all_of_it.index)
    assert set(land["country"]) == {"DK", "SE"}
    assert build_cells(box(-40, 30, -39, 31), side_km=20).empty


def test_areas_of_ones_own_are_cut_too() -> None:
    areas = gpd.GeoDataFrame(geometry=[BASEL, box(8, 47, 8.1, 47.1)], index=[7, 9], crs="EPSG:4326")
    cut = cut_at_borders(areas)
    assert cut.index.tolist() == ["7-CH", "7-DE", "7-FR", "9-CH"]
    assert cut["area_km2"].sum() == pytest.approx(area_km2(areas.geometry.to_numpy()).sum(), rel=1e-4)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "give one of"),
        ({"side_km": 5, "resolution": 5}, "give one of"),
        ({"side_km": -5}, "side_km must be"),
        ({"side_km": float("nan")}, "side_km must be"),
        ({"resolution": 16}, "resolution must be"),
        ({"resolution": 5.5}, "resolution must be"),
        ({"side_km": 0.02}, "more than 1,000,000"),
        ({"resolution": 14}, "more than 1,000,000"),
    ],
)
def test_options(options: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        build_cells(BASEL, **options)


def test_what_is_no_area() -> None:
    for wrong in (Point(7, 47), LineString([(7, 47), (8, 48)]), "Basel", None):
        with pytest.raises(SchemaError, match="there is no area to cover"):
            build_cells(wrong, side_km=10)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="EPSG:3035"):
        build_cells(gpd.GeoSeries([BASEL], crs=4326).to_crs(3035), side_km=10)
    with pytest.raises(SchemaError, match="without a polygon"):
        build_cells(shapely.Polygon(), side_km=10)
    with pytest.raises(SchemaError, match="beyond ±180"):
        build_cells(box(170, 0, 190, 1), side_km=10)


def test_without_h3_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h3", None)
    with pytest.raises(OptionError, match=r"geocluster-borders\[cells\]"):
        build_cells(BASEL, resolution=5)
