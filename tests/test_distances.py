"""Kilometres on the globe: known lengths, and the ways there and back."""

from __future__ import annotations

import numpy as np
import pytest

from geocluster.distance import RADIUS_KM, distance_km, to_arc_km, to_chord_km, to_ecef


def test_the_axes_of_the_ellipsoid_are_those_of_wgs_84() -> None:
    corners = to_ecef([0, 90, 180, 0, 0], [0, 0, 0, 90, -90])
    a, b = 6378.137, 6356.752314245  # NIMA TR8350.2
    expected = [[a, 0, 0], [0, a, 0], [-a, 0, 0], [0, 0, b], [0, 0, -b]]
    np.testing.assert_allclose(corners, expected, atol=1e-9)


def test_both_sides_of_the_dateline_and_every_longitude_of_a_pole_are_one_point() -> None:
    assert distance_km(180, 10, -180, 10) == pytest.approx(0, abs=1e-9)
    assert distance_km(0, 90, 123, 90) == pytest.approx(0, abs=1e-9)
    assert distance_km(179.9, -16.8, -179.9, -16.8) == pytest.approx(distance_km(0.1, -16.8, -0.1, -16.8))


def test_a_degree_of_latitude_is_longer_at_the_pole_than_at_the_equator() -> None:
    equator, pole = distance_km(0, 0, 0, 1), distance_km(0, 89, 0, 90)
    assert equator == pytest.approx(110.574, abs=2e-3)  # of the meridian, WGS 84
    assert pole == pytest.approx(111.694, abs=2e-3)


def test_distance_is_symmetric_nought_at_home_and_broadcasts() -> None:
    lon, lat = np.array([7.6, 7.7, -70.0]), np.array([47.5, 48.5, -20.0])
    table = distance_km(lon[:, None], lat[:, None], lon, lat)
    assert table.shape == (3, 3)
    np.testing.assert_array_equal(table, table.T)
    np.testing.assert_array_equal(np.diag(table), 0)


def test_chord_and_arc_are_inverse_and_keep_order() -> None:
    arc = np.array([0, 1e-6, 0.1, 10, 500, 10_000, 20_000])
    chord = to_chord_km(arc)
    np.testing.assert_allclose(to_arc_km(chord), arc, rtol=1e-9)
    assert (np.diff(chord) > 0).all()
    assert (chord <= arc).all()


def test_no_chord_is_longer_than_the_globe_is_thick() -> None:
    assert to_chord_km(1e6) == pytest.approx(2 * RADIUS_KM)
    assert to_arc_km(1e6) == pytest.approx(np.pi * RADIUS_KM)
    assert np.isfinite(distance_km(0, 0, 180, 0))
