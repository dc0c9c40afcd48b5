"""Where do points stand that share one place?"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from shapely import box

from geocluster.maps.marks import MAX_POINTS, MAX_RADIUS_MM, MAX_SIDE_BY_SIDE, spread_points
from geocluster.style import POINT_STEP_MM


@settings(deadline=None, max_examples=30)
@given(st.integers(2, MAX_SIDE_BY_SIDE))
def test_points_of_one_place_stand_apart_and_near(count: int) -> None:
    spread = spread_points(np.full((count, 2), 30.0), np.zeros(count), ["CH"] * count, {})
    assert pdist(spread.xy).min() > 0.8 * POINT_STEP_MM
    assert np.hypot(*(spread.xy - 30.0).T).max() <= MAX_RADIUS_MM + POINT_STEP_MM
    assert spread.moved


def test_single_points_stay_where_they_are() -> None:
    places = np.array([(1.0, 1.0), (9.0, 9.0), (4.0, 7.0)])
    spread = spread_points(places, [0, 0, 0], ["CH"] * 3, {})
    assert np.array_equal(spread.xy, places)
    assert not spread.moved


def test_more_than_sixty_become_one_disc_with_their_number() -> None:
    count = MAX_SIDE_BY_SIDE + 1
    spread = spread_points(np.full((count, 2), 30.0), np.zeros(count), ["CH"] * count, {})
    ((x, y, number, radius),) = spread.discs
    assert (x, y, number) == (30.0, 30.0, count)
    assert 1 < radius < 5
    assert (spread.disc == 0).all()


def test_points_do_not_leave_their_country() -> None:
    land = {"CH": box(0, 0, 30.8, 60)}
    spread = spread_points(np.full((20, 2), 30.0), np.zeros(20), ["CH"] * 20, land)
    assert (spread.xy[:, 0] < 30.8).all()


def test_two_towns_side_by_side_do_not_share_places() -> None:
    places = np.repeat([(30.0, 30.0), (31.5, 30.0)], 8, axis=0)
    spread = spread_points(places, np.zeros(16), ["CH"] * 16, {})
    assert pdist(spread.xy).min() > 0.8 * POINT_STEP_MM


def test_the_order_decides_who_stands_next_to_the_place() -> None:
    spread = spread_points(np.full((12, 2), 30.0), np.arange(12)[::-1], ["CH"] * 12, {})
    away = np.hypot(*(spread.xy - 30.0).T)
    assert away.argmin() == 11
    assert away.argmax() == 0


def test_points_outside_the_frame_and_unknown_ones_stay() -> None:
    places = np.array([(1.0, 1.0), (1.0, 1.0), (np.nan, np.nan)])
    spread = spread_points(places, [0, 0, 0], ["CH"] * 3, {}, apart=[False, False, True])
    assert np.array_equal(spread.xy, places, equal_nan=True)


def test_in_a_crowd_no_point_is_moved() -> None:
    places = np.repeat(np.random.default_rng(1).uniform(0, 100, (MAX_POINTS, 2)), 2, axis=0)
    assert not spread_points(places, np.zeros(len(places)), ["CH"] * len(places), {}).moved
