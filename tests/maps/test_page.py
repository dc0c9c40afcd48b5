"""How is anything put on a page measured in millimetres?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocluster.maps.frame import Frame, choose_projection
from geocluster.maps.page import add_map, badge_mm, clean, make_page, put, put_badge, put_disc, shorten, width_mm, wrap


@settings(deadline=None)
@given(st.text(max_size=60))
def test_cleaned_words_are_one_line_without_control_signs_and_stay_clean(words: str) -> None:
    told = clean(words)
    assert told.isprintable()
    assert "\n" not in told
    assert clean(told) == told


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("a\nb\t c", "a b c"),
        ("東京", "·"),
        ("x🏭y", "x·y"),
        ("\u202eabc", "abc"),
        ("Żółć $5$", "Żółć $5$"),
        (None, "None"),
    ],
)
def test_signs_without_a_glyph_become_one_dot(words: object, wanted: str) -> None:
    assert clean(words) == wanted


def test_italics_lack_signs_that_upright_type_has() -> None:
    assert "·" not in clean("جامعة")
    assert clean("جامعة", italic=True) == "·"


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet="abc d–", max_size=60), st.floats(3, 40))
def test_shortened_words_fit(words: str, limit: float) -> None:
    told = shorten(words, limit, 6.0)
    assert width_mm(told, 6.0) <= limit or told == "…"
    if width_mm(words, 6.0) <= limit:
        assert told == words


def test_wrapped_words_lose_nothing_but_what_the_last_line_cannot_hold() -> None:
    words = "one two three four five six"
    lines = wrap(words, 12.0, 6.0, lines=9)
    assert " ".join(lines) == words
    assert all(width_mm(line, 6.0) <= 12 for line in lines)
    few = wrap(words, 12.0, 6.0, lines=2)
    assert len(few) == 2
    assert few[1].endswith("…")


def test_a_word_too_long_for_a_line_is_broken_after_its_hyphen() -> None:
    assert wrap("Illkirch-Graffenstaden – Offenburg", 20.0, 6.6, lines=3) == [
        "Illkirch-",
        "Graffenstaden –",
        "Offenburg",
    ]
    assert wrap("Saint-Louis – Kehl", 24.0, 6.6) == ["Saint-Louis – Kehl"]
    assert wrap("Unterschweinbach", 10.0, 6.6)[0].endswith("…")


def test_a_page_is_measured_in_millimetres() -> None:
    figure, page = make_page(180, 100)
    assert figure.get_size_inches() * 25.4 == pytest.approx([180, 100])
    to_inch = (page.transData - figure.dpi_scale_trans).transform((90, 50))
    assert to_inch * 25.4 == pytest.approx([90, 50])


def test_a_map_lies_where_its_frame_says_and_in_metres() -> None:
    figure, page = make_page(180, 100)
    frame = Frame(choose_projection((7, 47, 8, 48)), 4e5, 5e6, 500.0, 20, 10, 100, 80)
    ax = add_map(figure, frame, label="map", width=180, height=100)
    corner = (ax.transData - page.transData).transform((4e5, 5e6))
    other = (ax.transData - page.transData).transform((4e5 + 50_000, 5e6 + 40_000))
    assert corner == pytest.approx([20, 10])
    assert other == pytest.approx([120, 90])


def test_words_are_never_read_as_mathematics_and_their_halo_lies_under_them() -> None:
    _, page = make_page(180, 100)
    put(page, 5, 5, "$x$", "town", gid="label:x", halo="white")
    assert [artist.get_gid() for artist in page.texts] == ["halo:label:x", "label:x"]
    under, over = page.texts
    assert under.get_zorder() < over.get_zorder()
    assert not over.get_path_effects()
    assert not over.get_parse_math()


@pytest.mark.parametrize("words", ["1", "12", "aa", "137", "1236"])
def test_the_digits_of_a_badge_fit_into_it(words: str) -> None:
    _, page = make_page(180, 100)
    radius = badge_mm(words, 1.95)
    put_badge(page, 50, 50, words, look="spans", radius=radius, gid="badge")
    sign = page.texts[0]
    size = float(sign.get_fontsize())
    assert size >= 5.0
    assert width_mm(words, size, "bold") < 2 * radius


def test_a_disc_of_the_key_is_an_outline_only() -> None:
    _, page = make_page(180, 100)
    put_disc(page, 5, 5, look="size", radius=2, gid="key:size:10")
    disc: Any = page.patches[0]
    assert disc.get_facecolor()[3] == 0
