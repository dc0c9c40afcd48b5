"""Where does each badge and each label go?"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.geometry import GeometryCollection

from geocluster.maps.country_labels import place_country
from geocluster.maps.frame import Frame, choose_projection
from geocluster.maps.marks import Spread
from geocluster.maps.naming import _put_town
from geocluster.maps.page import make_page, width_mm
from geocluster.maps.places import FAR_GAPS_MM, GAPS_MM, Placer
from geocluster.style import RING_MM, TYPE_PT

NOTHING = GeometryCollection()


def placer(*, borders: object = NOTHING, points: object = (), width: float = 60.0, height: float = 60.0) -> Placer:
    _, page = make_page(180, 100)
    frame = Frame(choose_projection((7, 47, 8, 48)), 0, 0, 100.0, 10.0, 10.0, width, height)
    return Placer(page, frame, borders, NOTHING, np.asarray(points, dtype=float).reshape(-1, 2))  # type: ignore[arg-type]


def test_the_right_side_is_liked_best() -> None:
    one = placer()
    assert one.place_label("Basel", 40, 40, "town")
    ((x0, y0, x1, y1),) = one.boxes
    assert x0 > 40
    assert y0 < 40 < y1
    assert x1 - x0 == pytest.approx(width_mm("Basel", TYPE_PT["town"]))
    assert not one.leaders


def test_a_label_goes_to_the_other_side_of_a_border() -> None:
    line = LineString([(42, 0), (42, 100)])
    one = placer(borders=line)
    assert one.place_label("Basel", 40, 40, "town")
    assert not line.intersects(box(*one.boxes[0]))
    assert one.boxes[0][2] < 42


def test_a_label_without_room_is_dropped_with_its_ring_and_told() -> None:
    one = placer(width=6, height=6)
    assert not one.place_label("Villingen-Schwenningen", 13, 13, "town")
    assert one.dropped == ["Villingen-Schwenningen"]
    assert not one.page.texts
    assert not one.page.patches


def test_a_town_whose_organisations_are_one_disc_is_named_beside_it() -> None:
    one = placer()
    one.discs.append((40.0, 40.0, 4.0))
    panel = SimpleNamespace(
        spread=Spread(np.empty((0, 2)), np.empty(0, dtype=np.int64), [(40.0, 40.0, 192, 4.0)], moved=False),
        show=np.empty(0, dtype=bool),
    )
    assert _put_town(one, panel, ("Zürich", 40.1, 40.0, 4e5))  # type: ignore[arg-type]
    assert 4.0 < Point(40, 40).distance(box(*one.boxes[0])) < 5.5
    assert not [shape for shape in one.page.patches if str(shape.get_gid()).startswith("ring:")]
    assert not _put_town(one, panel, ("Oerlikon", 43.0, 40.0, 2e4))  # type: ignore[arg-type]


def test_a_town_under_a_badge_is_dropped() -> None:
    one = placer()
    one.discs.append((40.0, 40.0, 2.0))
    assert not one.place_label("Basel", 41, 40, "town")
    assert one.dropped == ["Basel"]


def test_a_label_hides_no_more_points_than_it_may() -> None:
    crowd = [(x, y) for x in np.arange(30, 51, 0.8) for y in np.arange(30, 51, 0.8)]
    assert not placer(points=crowd).place_label("Basel", 40, 40, "town", may_hide=0.5)
    assert placer(points=crowd).place_label("Basel", 40, 40, "town")


def test_a_town_that_names_a_cluster_may_stand_further_off() -> None:
    for far in (False, True):
        one = placer()
        one.block(34, 34, 39.2, 46)
        one.block(40.8, 34, 46, 46)
        assert one.place_label("Ulm", 40, 40, "town", far=far) == far
        if far:
            assert 3.0 < Point(40, 40).distance(box(*one.boxes[-1])) <= max(FAR_GAPS_MM) + RING_MM + 0.3


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(10, 70), st.floats(10, 70)), min_size=1, max_size=25))
def test_no_label_lies_on_another_or_leaves_the_frame(places: list[tuple[float, float]]) -> None:
    one = placer(borders=LineString([(10, 10), (70, 70)]))
    for i, (x, y) in enumerate(places):
        one.place_label(f"Town {i}", x, y, "town")
    shapes = [box(*rectangle) for rectangle in one.boxes]
    assert len(shapes) + len(one.dropped) == len(places)
    for i, shape in enumerate(shapes):
        assert box(10.7, 10.7, 69.3, 69.3).covers(shape)
        assert not shape.intersects(one.borders)
        assert not any(shape.intersects(other) for other in shapes[:i])
        assert not any(shape.intersects(Point(x, y).buffer(r)) for x, y, r in one.discs)
    for leader in one.leaders:
        assert 0.8 < leader.length <= max(GAPS_MM) + 1e-9
        assert not leader.intersects(one.borders)


def test_a_badge_sits_on_the_outline_where_it_hides_fewest_points() -> None:
    hull = box(20, 20, 60, 60)
    left = [(20.0, float(y)) for y in range(20, 61)]
    level = [(float(x), y) for x in range(20, 61) for y in (20.0, 60.0)]
    one = placer(points=left + level)
    assert one.place_badge(hull, "1", look="spans", radius=1.95)
    ((x, y, radius),) = one.discs
    assert hull.exterior.distance(Point(x, y)) <= 1.1 * radius + 1e-9
    assert x > 55
    assert min(np.hypot(x - px, y - py) for px, py in left + level) > radius


def test_badges_keep_apart_and_off_the_town() -> None:
    hull = Point(40, 40).buffer(4)
    one = placer()
    for i in range(4):
        assert one.place_badge(hull, str(i), look="national", radius=1.6, keep=[(44.0, 40.0)])
    for i, (x, y, radius) in enumerate(one.discs):
        assert np.hypot(x - 44, y - 40) > radius + RING_MM
        assert all(np.hypot(x - x1, y - y1) > radius + r for x1, y1, r in one.discs[:i])


def test_a_country_is_named_on_its_own_land_off_the_hulls() -> None:
    ground, hull = box(12, 12, 68, 40), box(12, 12, 40, 40)
    one = placer()
    assert place_country(one, "Chad", ground, hull)
    shape = box(*one.boxes[0])
    assert ground.covers(shape)
    assert not hull.intersects(shape)
    assert not place_country(placer(), "Liechtenstein", box(12, 12, 15, 15), NOTHING)


def test_a_country_is_named_where_its_points_are_fewest() -> None:
    ground = box(12, 12, 68, 68)
    rng = np.random.default_rng(2)
    crowd = np.column_stack([rng.uniform(14, 66, 300), rng.uniform(30, 66, 300)])
    one = placer(points=crowd)
    assert place_country(one, "Chad", ground, NOTHING)
    x0, y0, x1, y1 = one.boxes[0]
    assert not ((crowd > (x0, y0)) & (crowd < (x1, y1))).all(axis=1).any()
    assert y1 < 30
