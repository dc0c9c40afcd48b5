"""How far, which way is north, where on the continent?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import Polygon, Rectangle

from geocluster.maps.base import Base
from geocluster.maps.frame import Frame, choose_projection
from geocluster.maps.furniture import MAX_BAR_MM, bar_length_km, draw_locator, draw_north, draw_scale_bar, draw_zoom
from geocluster.maps.page import make_page


def frame(m_per_mm: float = 700.0) -> Frame:
    projection = choose_projection((7, 47, 8, 48))
    x, y = projection.transformer().transform(7.5, 47.5)
    return Frame(projection, x, y, m_per_mm, 1, 30, 100, 100)


@given(st.floats(0.01, 200))
def test_the_bar_is_the_longest_round_length_that_fits(km_per_mm: float) -> None:
    km = bar_length_km(km_per_mm)
    assert f"{km:.0e}"[0] in "125"
    assert MAX_BAR_MM / 2.51 < km / km_per_mm <= MAX_BAR_MM * (1 + 1e-9)


@pytest.mark.parametrize(("language", "unit"), [("en", "20 km"), ("ru", "20 км")])
def test_the_bar_is_as_long_as_it_says(language: str, unit: str) -> None:
    _, page = make_page(180, 160)
    draw_scale_bar(page, frame(), language)
    parts = [patch for patch in page.patches if isinstance(patch, Rectangle)]
    assert len(parts) == 4
    wide = sum(part.get_width() for part in parts)
    assert wide * frame().km_per_mm() == pytest.approx(20)
    assert [words.get_text() for words in page.texts] == ["0", "10", unit]


def test_the_arrow_turns_to_north() -> None:
    _, page = make_page(180, 160)
    draw_north(page, 50, 50, 30.0, "ru")
    left, right = (half.get_xy() for half in page.patches if isinstance(half, Polygon))
    shared = {tuple(place) for place in np.round(left, 6)} & {tuple(place) for place in np.round(right, 6)}
    tip = max(shared, key=lambda place: float(np.hypot(place[0] - 50, place[1] - 50)))
    assert np.degrees(np.arctan2(tip[0] - 50, tip[1] - 50)) == pytest.approx(30, abs=1e-3)
    assert page.texts[0].get_text() == "С"  # noqa: RUF001


def test_the_locator_frames_the_map() -> None:
    figure, page = make_page(180, 160)
    draw_locator(figure, page, frame(), Base.load(), {"CH"}, (150, 20, 25), (180, 160))
    here = next(patch for patch in page.patches if patch.get_gid() == "locator:frame")
    assert isinstance(here, Rectangle)
    x, y = here.get_x() + here.get_width() / 2, here.get_y() + here.get_height() / 2
    assert (x, y) == pytest.approx((162.5, 32.5), abs=0.3)
    small = next(ax for ax in figure.axes if ax.get_label() == "locator")
    assert {"locator:CH", "locator:FR", "locator:DE"} <= {str(artist.get_gid()) for artist in small.collections}


def test_the_zoom_frame_lies_where_the_inset_looks() -> None:
    _, page = make_page(180, 160)
    whole = frame()
    inset = Frame(whole.projection, whole.x + 7_000, whole.y + 14_000, 300.0, 120, 10, 50, 50)
    edge = draw_zoom(page, whole, inset, "A")
    assert edge.bounds == pytest.approx((11, 50, 11 + 15_000 / 700, 50 + 15_000 / 700))
