"""Curves in a window of the plane."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import Polygon, affinity, box, transform

from geocluster import cross_test
from geocluster.cross.planar import Window, estimate_g, estimate_k, estimate_nearest, stoyan_bandwidth
from geocluster.errors import OptionError

CRS = "EPSG:32632"
FRAME = box(400, 5200, 480, 5260)  # km of the plane


def on_the_globe(shape: Any) -> Any:
    return gpd.GeoSeries([transform(shape, lambda at: at * 1000)], crs=CRS).to_crs(4326).iloc[0]


def scene(rng: np.random.Generator, n: int = 90) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    xy = rng.uniform([401, 5201], [479, 5259], (n, 2))
    frame = {"country": np.where(xy[:, 0] < 440, "FR", "DE"), "kind": rng.choice(["a", "b", "c"], n)}
    points = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*(xy * 1000).T), crs=CRS).to_crs(4326)
    return points, xy


@pytest.mark.parametrize(("function", "corrections"), [
    ("K", ("none", "translation", "border")), ("g", ("none", "translation")), ("nearest", ("none", "border")),
])  # fmt: skip
def test_the_front_door_gives_what_the_estimators_give(function: str, corrections: tuple[Any, ...]) -> None:
    table, xy = scene(np.random.default_rng(1))
    window, at = Window(FRAME), np.array([4.0, 8.0, 14.0])
    first, second = (np.asarray(table["kind"] == kind) for kind in "ab")
    french = np.asarray(table["country"] == "FR")
    estimate: Any = {"K": estimate_k, "g": estimate_g, "nearest": estimate_nearest}[function]
    for correction in corrections:
        result = cross_test(
            table, kind="a", near_kind="b", at_km=at, function=function, planar=CRS,  # type: ignore[arg-type]
            study_area=on_the_globe(FRAME), correction=correction, permutations=19, rng=1,
        )  # fmt: skip
        tolerance: Any = {"rtol": 1e-5, "atol": 1e-5}  # the frame's sides are chords of the projected ones
        if correction != "border" or function == "nearest":
            found = result.curve("whole")["value"]
            np.testing.assert_allclose(
                found, estimate(window, xy, first, second, at, correction=correction), **tolerance
            )
        if function != "nearest":
            given: Any = {"bandwidth": stoyan_bandwidth(window.area, second.sum())} if function == "g" else {}
            across = estimate(window, xy, first & french, second & ~french, at, correction=correction, **given)
            area = np.pi * at**2 if function == "K" else 1.0
            np.testing.assert_allclose(result.curve("FR→DE")["ratio"] * area, across, **tolerance)


def test_the_weight_of_a_translation_is_the_overlap_left() -> None:
    corner = Polygon([(0, 0), (4, 0), (4, 1), (1, 1), (1, 3), (0, 3)])
    shifts = np.array([[0.5, 0.2], [-0.5, -0.2], [2.0, -0.5], [3.99, 0.99], [9.0, 0.0]])
    left = [corner.intersection(affinity.translate(corner, *by)).area for by in shifts]
    expected = [min(corner.area / one, 100.0) if one else 100.0 for one in left]
    np.testing.assert_allclose(Window(corner).translation_weight(shifts), expected)
    assert Window(corner).rectangle is None
    np.testing.assert_allclose(Window(corner).edge_distance(np.array([[0.5, 2.0], [2.0, 0.25]])), [0.5, 0.25])


@pytest.mark.parametrize("function", ["K", "g", "nearest"])
def test_a_shift_tests_the_whole_only(function: Any) -> None:
    table, _ = scene(np.random.default_rng(2))
    result = cross_test(
        table, kind="a", near_kind="b", at_km=[4, 8], function=function, planar=CRS, null="shift",
        study_area=on_the_globe(FRAME.buffer(0)), permutations=99, rng=1,
    )  # fmt: skip
    assert 0 < result.parts["p"]["whole"] <= 1
    assert result.parts["p"].notna().sum() == 1
    assert result.parts.loc["across", "reason"] == "not tested: a shifted pattern leaves its country"
    assert "torus" in result.null


def test_a_shift_keeps_its_size_where_both_patterns_are_clustered() -> None:
    rng = np.random.default_rng(3)
    small, rejected = [], 0
    for _ in range(60):
        centres = np.repeat(rng.uniform([402, 5202], [478, 5258], (12, 2)), 8, axis=0)
        xy = centres + rng.normal(0, 0.4, (96, 2))
        table = gpd.GeoDataFrame(
            {"country": "FR", "kind": ["a"] * 48 + ["b"] * 48}, geometry=gpd.points_from_xy(*(xy * 1000).T), crs=CRS
        ).to_crs(4326)
        options: dict[str, Any] = {"kind": "a", "near_kind": "b", "at_km": [3, 8], "planar": CRS, "rng": rng}
        options |= {"study_area": on_the_globe(FRAME), "permutations": 39}
        small.append(cross_test(table, null="shift", **options).parts.loc["whole", "p"])
        rejected += float(str(cross_test(table, **options).parts.loc["whole", "p"])) <= 0.05
    assert np.mean(np.array(small, dtype=float) <= 0.05) <= 0.15
    assert rejected / 60 > 0.3  # relabelling calls the same independent clusters apart


def test_a_shift_needs_a_rectangle_and_two_kinds() -> None:
    table, _ = scene(np.random.default_rng(4))
    options: dict[str, Any] = {"kind": "a", "at_km": [5], "planar": CRS, "null": "shift", "permutations": 9}
    with pytest.raises(OptionError, match="needs a study area that is a rectangle"):
        cross_test(table, near_kind="b", study_area=on_the_globe(FRAME.buffer(5)), **options)
    with pytest.raises(OptionError, match="needs two kinds"):
        cross_test(table, study_area=on_the_globe(FRAME), **options)


def test_the_nearest_of_one_kind_is_another_point() -> None:
    table, xy = scene(np.random.default_rng(5))
    first = np.asarray(table["kind"] == "a")
    result = cross_test(
        table, kind="a", at_km=[4, 8], function="nearest", planar=CRS, correction="none",
        study_area=on_the_globe(FRAME), permutations=9, rng=1,
    )  # fmt: skip
    gap = np.linalg.norm(xy[first][:, None] - xy[first], axis=-1) + np.diag(np.full(first.sum(), np.inf))
    np.testing.assert_allclose(result.curve("whole")["value"], [(gap.min(axis=1) <= r).mean() for r in (4, 8)])
