"""Points are counted by area: each once, and none lost."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, Polygon, box

from geocluster import autocorrelation_test, build_graph
from geocluster.areas import aggregate_points, build_cells
from geocluster.datasets import load_places
from geocluster.errors import GeoclusterWarning, SchemaError

RNG = np.random.default_rng(6)


def squares() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"country": ["FR", "FR", "DE"]},
        geometry=[box(6, 47, 7, 48), box(7, 47, 7.5, 48), box(7.5, 47, 8.5, 48)],
        index=["west", "middle", "east"], crs="EPSG:4326",
    )  # fmt: skip


def table(*points: Any, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(list(points)), crs="EPSG:4326")


def test_each_row_is_counted_once_whatever_the_order_of_areas() -> None:
    rows = table(Point(6.5, 47.5), Point(7, 47.5), Point(7.5, 47.5), Point(7, 48), Point(9, 47), None)
    areas = squares()
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        counted, aside = aggregate_points(rows, areas.iloc[order])
        assert counted.loc[["west", "middle", "east"], "n"].tolist() == [3, 1, 0]
        assert aside["reason"].to_dict() == {4: "in no area", 5: "no point"}
        assert counted.index.tolist() == areas.index[order].tolist()
    assert "n" not in areas.columns


def test_countries_decide_on_the_border_and_gainsay_off_it() -> None:
    rows = table(Point(7.5, 47.5), Point(7.5, 47.5), Point(8, 47.5), Point(8, 47.5), country=["DE", "FR", "FR", None])
    counted, aside = aggregate_points(rows, squares())
    assert counted["n"].tolist() == [0, 1, 2]
    assert aside["reason"].to_dict() == {2: "stands in east, which is in DE, not FR"}


def test_sums_kinds_and_areas() -> None:
    rows = table(
        Point(6.5, 47.5), Point(6.6, 47.5), Point(8, 47.5), Point(8, 47.6),
        jobs=[1, "2", None, 4], kind=["firm", "university", "firm", None], country=[None] * 4,
    )  # fmt: skip
    counted, aside = aggregate_points(rows, squares(), sums=["jobs"], kind="kind")
    assert counted["jobs"].tolist() == [3, 0, 4]
    assert counted[["n", "n_firm", "n_university"]].values.tolist() == [[2, 1, 1], [0, 0, 0], [1, 0, 0]]
    assert aside["reason"].tolist() == ["no number in jobs"]
    assert counted["area_km2"].tolist() == pytest.approx([8376.6, 4188.3, 8376.6], rel=1e-4)


def test_areas_without_a_country_are_given_one() -> None:
    areas = gpd.GeoDataFrame(geometry=[box(8.1, 46.9, 8.2, 47), box(-30, 30, -29, 31)], crs="EPSG:4326")
    counted, _ = aggregate_points(table(Point(8.15, 46.95)), areas)
    assert counted["country"].tolist() == ["CH", None]


def test_the_antimeridian_is_one_line() -> None:
    areas = gpd.GeoDataFrame(
        {"country": ["FJ", "FJ"]}, geometry=[box(-180, -17, -179, -16), box(178, -17, 179, -16)], crs="EPSG:4326"
    )
    counted, aside = aggregate_points(table(Point(180, -16.5), Point(-180, -16.5)), areas)
    assert counted["n"].tolist() == [2, 0]
    assert aside.empty


def test_overlaps_are_told() -> None:
    areas = gpd.GeoDataFrame(geometry=[box(6, 47, 7, 48), box(6.5, 47, 8, 48)], crs="EPSG:4326")
    with pytest.warns(GeoclusterWarning, match=r"1 row \(0\) in areas that overlap"):
        counted, _ = aggregate_points(table(Point(6.7, 47.5), Point(6.2, 47.5)), areas)
    assert counted["n"].tolist() == [2, 0]


def test_faults() -> None:
    rows = table(Point(6.5, 47.5), jobs=["many"], kind=["firm"])
    with pytest.raises(SchemaError, match=r"no numbers \('many'\)"):
        aggregate_points(rows, squares(), sums=["jobs"])
    with pytest.raises(SchemaError, match="staff: there is no such column"):
        aggregate_points(rows, squares(), sums=["staff"])
    with pytest.raises(SchemaError, match=r"(?s)n: the areas have.*n_firm: the areas have"):
        aggregate_points(rows, squares().assign(n=1, n_firm=2), kind="kind")
    with pytest.raises(SchemaError, match=r"1 row \(0\) not valid"):
        aggregate_points(rows, gpd.GeoDataFrame(geometry=[Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], crs=4326))
    with pytest.raises(SchemaError, match="EPSG:3035"):
        aggregate_points(rows, squares().to_crs(3035))
    with pytest.raises(SchemaError, match="holds Polygon"):
        aggregate_points(squares(), squares())
    with pytest.raises(SchemaError, match="there is no row"):
        aggregate_points(rows, squares().iloc[:0])


def test_no_row_at_all() -> None:
    counted, aside = aggregate_points(table(Point(1, 1)).iloc[:0], squares())
    assert counted["n"].tolist() == [0, 0, 0]
    assert aside.empty


def test_no_person_is_lost_and_the_test_takes_areas() -> None:
    area = box(7, 47.2, 8.2, 48.2)
    places = load_places().clip(area)
    cells = build_cells(area, side_km=15)
    counted, aside = aggregate_points(places, cells, sums=["population"])
    assert counted["n"].sum() + len(aside) == len(places)
    assert counted["population"].sum() + aside["population"].sum() == places["population"].sum()
    assert len(aside) / len(places) < 0.02
    counted["density"] = np.log1p(counted["population"] / counted["area_km2"])
    for graph in (build_graph(counted, contiguity="queen"), build_graph(counted, within_km=25)):
        result = autocorrelation_test(counted, graph, column="density", permutations=19, rng=1)
        parts = result.to_frame()["value"]
        assert parts["within"] + parts["across"] == pytest.approx(parts["whole"], rel=1e-12)
        assert {"CH-DE", "CH-FR", "DE-FR"} <= set(parts.index)
        assert np.isfinite(result.to_frame().loc["across", "p"])  # type: ignore[arg-type]
    points = counted.set_geometry(counted.representative_point())
    same = autocorrelation_test(points, build_graph(counted, within_km=25), column="density", permutations=19, rng=1)
    pd.testing.assert_frame_equal(same.to_frame(), result.to_frame())
