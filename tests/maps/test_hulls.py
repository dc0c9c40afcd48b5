"""What outline holds the members of a cluster?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, Point, box

from geocluster.maps.hulls import BUFFER_MM, build_hull

coordinates = st.tuples(st.floats(0, 50_000), st.floats(0, 50_000))


@settings(deadline=None, max_examples=60)
@given(st.lists(coordinates, min_size=1, max_size=30))
def test_a_hull_is_one_piece_and_holds_every_member(places: list[tuple[float, float]]) -> None:
    hull = build_hull(places, 500.0)
    assert hull.geom_type == "Polygon"
    assert hull.is_valid
    assert hull.covers(MultiPoint(places))


def test_one_place_has_a_round_hull() -> None:
    hull = build_hull([(0, 0)] * 5, 1000.0)
    assert hull.area == pytest.approx(np.pi * (BUFFER_MM * 1000) ** 2, rel=0.02)


def test_a_hull_leaves_out_the_land_of_a_country_without_members() -> None:
    places = [(0.0, 0.0), (0.0, 20_000.0), (20_000.0, 20_000.0)]
    elsewhere = box(9_000, -5_000, 40_000, 9_000)
    whole, cut = build_hull(places, 500.0), build_hull(places, 500.0, elsewhere=elsewhere)
    assert whole.intersection(elsewhere).area > 0
    assert cut.intersection(elsewhere).area < whole.intersection(elsewhere).area
    assert cut.covers(MultiPoint(places))


def test_a_hull_stays_whole_where_leaving_out_would_part_it() -> None:
    places = [(0.0, 0.0), (40_000.0, 0.0)]
    hull = build_hull(places, 500.0, elsewhere=box(15_000, -10_000, 25_000, 10_000))
    assert hull.geom_type == "Polygon"
    assert hull.covers(MultiPoint(places))


def test_a_disc_of_many_lies_inside_the_hull() -> None:
    hull = build_hull([(0, 0), (10_000, 0)], 500.0, radii=[2_500.0, 0.0])
    assert hull.covers(Point(0, 0).buffer(2_500))
