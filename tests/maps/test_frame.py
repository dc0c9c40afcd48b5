"""Which projection, which part of the Earth, where on the page?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import box

from geocluster.maps.frame import MIN_M_PER_MM, Frame, choose_projection, fit_frame, longitude_span

BASEL = (7.59, 47.56)


def frame_about(lon: float, lat: float, *, m_per_mm: float = 500.0) -> Frame:
    projection = choose_projection((lon - 1, lat - 1, lon + 1, lat + 1))
    x, y = projection.transformer().transform(lon, lat)
    return Frame(projection, x - 50 * m_per_mm, y - 40 * m_per_mm, m_per_mm, 10.0, 20.0, 100.0, 80.0)


@pytest.mark.parametrize(
    ("bounds", "epsg"),
    [
        ((7.0, 47.0, 8.4, 49.0), 25832),
        ((-73.0, 40.0, -72.0, 41.0), 32618),
        ((150.0, -34.0, 152.0, -33.0), 32756),
        ((27.0, 5.0, 29.0, 6.0), 32635),
        ((-9.0, 37.0, 25.0, 60.0), 3035),
        ((-170.0, -50.0, 170.0, 70.0), 8857),
        ((-130.0, -40.0, -5.0, 60.0), 8858),
        ((100.0, -40.0, 230.0, 50.0), 8859),
    ],
)
def test_the_extent_chooses_the_projection(bounds: tuple[float, float, float, float], epsg: int) -> None:
    assert choose_projection(bounds).crs.to_epsg() == epsg


@pytest.mark.parametrize("lon", [-179.9, -3.0, 0.0, 2.999, 177.0, 179.9])
def test_a_narrow_extent_lies_in_its_own_zone(lon: float) -> None:
    projection = choose_projection((lon - 0.5, 50.0, lon + 0.5, 51.0))
    x, _ = projection.transformer().transform(lon, 50.5)
    assert abs(x - 500_000) < 260_000
    assert f"EPSG:{projection.crs.to_epsg()}" in projection.words("en")


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_round_a_pole_the_map_looks_from_above(pole: float) -> None:
    south, north = (70.0, 90.0) if pole > 0 else (-90.0, -70.0)
    projection = choose_projection((-100.0, south, 100.0, north))
    assert np.allclose(projection.transformer().transform(0.0, pole), 0.0, atol=1e-6)
    points = np.column_stack(projection.transformer().transform([0.0, 90.0, 180.0], [pole * 0.95] * 3))
    frame = fit_frame(projection, points, left=0, bottom=0, width=100, height=100, pad_mm=5)
    ((west, low, east, high),) = frame.boxes_degrees()
    assert (west, east) == (-180.0, 180.0)
    assert pole in (low, high)


def test_a_map_of_the_pacific_is_cut_where_the_map_ends() -> None:
    projection = choose_projection((100.0, -40.0, 230.0, 50.0))
    points = np.column_stack(projection.transformer().transform([101.0, -131.0], [0.0, 0.0]))
    assert points[0, 0] < points[1, 0]
    frame = fit_frame(projection, points, left=0, bottom=0, width=100, height=60, pad_mm=5)
    (west, _, seam, _), (other, _, east, _) = frame.boxes_degrees()
    assert (west, east) == (-180.0, 180.0)
    assert seam == pytest.approx(-30.0, abs=1e-3)
    assert other > seam


@given(st.lists(st.floats(-180, 180), min_size=1, max_size=20))
def test_the_span_of_longitudes_holds_all_of_them_and_its_ends_are_among_them(longitudes: list[float]) -> None:
    west, east = longitude_span(longitudes)
    turned = np.array(longitudes) % 360
    assert all((value - west) % 360 <= east - west + 1e-6 or (west - value) % 360 < 1e-6 for value in turned)
    for end in (west, east):
        assert min(abs((value - end + 180) % 360 - 180) for value in turned) < 1e-6
    assert east - west <= 360


@settings(deadline=None)
@given(st.floats(-170, 170), st.floats(-75, 75))
def test_kilometres_on_the_page_are_true(lon: float, lat: float) -> None:
    frame = frame_about(lon, lat)
    (x0, y0), (x1, _) = (frame.bounds_m[0], frame.bounds_m[1]), (frame.bounds_m[2], frame.bounds_m[3])
    middle = (y0 + frame.bounds_m[3]) / 2
    from pyproj import Transformer

    back = Transformer.from_crs(frame.projection.crs, "EPSG:4326", always_xy=True)
    a, b = back.transform(x0, middle), back.transform(x1, middle)
    metres = Geod(ellps="WGS84").line_length([a[0], b[0]], [a[1], b[1]])
    # within what UTM itself and the earth's flattening leave
    assert frame.km_per_mm() * frame.width == pytest.approx(metres / 1000, rel=4e-3)


def test_points_fit_into_the_frame_with_their_padding() -> None:
    projection = choose_projection((7, 47, 8, 49))
    points = np.array([(400_000.0, 5_300_000.0), (420_000.0, 5_400_000.0), (np.inf, np.nan)])
    frame = fit_frame(projection, points, left=3, bottom=4, width=100, height=120, pad_mm=6)
    place = frame.to_mm(points[:2])
    assert (place >= np.array([9, 10]) - 1e-9).all()
    assert (place <= np.array([97, 118]) + 1e-9).all()
    assert np.ptp(place[:, 1]) == pytest.approx(108)


def test_no_map_is_larger_than_the_borders_are_known() -> None:
    frame = fit_frame(
        choose_projection((7, 47, 8, 49)), [(4e5, 5.3e6)], left=0, bottom=0, width=50, height=50, pad_mm=5
    )
    assert frame.m_per_mm == MIN_M_PER_MM


def test_north_is_up_at_the_middle_meridian_and_turns_beside_it() -> None:
    assert frame_about(9.0, 47.0).north_degrees() == pytest.approx(0.0, abs=0.01)
    projection = choose_projection((-9.0, 37.0, 25.0, 60.0))
    x, y = projection.transformer().transform(-5.0, 45.0)
    frame = Frame(projection, x - 1e5, y - 1e5, 2000.0, 0, 0, 100, 100)
    # west of the middle meridian it leans to the right
    assert 5 < frame.north_degrees() < 15


def test_the_boxes_cover_the_frame_across_180_degrees() -> None:
    frame = frame_about(179.9, -17.0)
    boxes = list(frame.boxes_degrees())
    assert len(boxes) == 2
    assert boxes[0][2] == 180.0
    assert boxes[1][0] == -180.0


def test_geometry_comes_to_the_page_where_the_frame_says() -> None:
    frame = frame_about(*BASEL)
    shape = frame.to_page(box(*frame.bounds_m))
    assert np.allclose(shape.bounds, (10, 20, 110, 100))
    assert frame.holds((frame.x + 1, frame.y + 1))
    assert not frame.holds((frame.x - 1, frame.y + 1))
