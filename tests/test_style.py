"""Which colours, sizes and widths do the figures have?"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb

from geocluster import datasets
from geocluster.maps.page import families
from geocluster.schema import KINDS
from geocluster.style import COLOUR, FONTS, KIND, TYPE_PT, ZORDER, drawn_kind, parameters, register_fonts

ROOT = Path(__file__).resolve().parents[1]


def luminance(colour: str) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_nothing_is_set_under_5_points() -> None:
    assert min(TYPE_PT.values()) >= 5


@pytest.mark.parametrize("name", ["ink", "grey", "crimson"])
def test_words_stand_out_from_the_paper(name: str) -> None:
    assert contrast(COLOUR[name], "white") >= 4.5
    assert contrast(COLOUR[name], COLOUR["focus"]) >= 4.5


@pytest.mark.parametrize("kind", KIND)
def test_the_words_of_a_kind_stand_out(kind: str) -> None:
    assert contrast(KIND[kind].dark, COLOUR["focus"]) >= 4.5


def test_every_kind_of_the_schema_has_its_own_mark() -> None:
    assert set(KINDS) <= set(KIND)
    assert len({mark.marker for mark in KIND.values()}) == len(KIND)
    assert len({mark.colour for mark in KIND.values()}) == len(KIND)


def test_no_kind_is_crimson() -> None:
    for mark in KIND.values():
        red, green, blue = to_rgb(mark.colour)
        assert not (red > 0.6 and green < 0.25 and blue < 0.3)


def test_kinds_can_be_told_in_grey_by_shade_or_by_shape() -> None:
    for one, other in combinations(KIND.values(), 2):
        assert one.marker != other.marker or abs(luminance(one.colour) - luminance(other.colour)) > 0.1


def test_other_words_for_a_kind_are_drawn_as_other() -> None:
    for word in ("port", "", None, float("nan"), 7, ["firm"]):
        assert drawn_kind(word) == "other"
    for kind in KIND:
        assert drawn_kind(kind) == kind


def test_colours_are_written_in_one_place_only() -> None:
    for path in (ROOT / "geocluster").rglob("*.py"):
        if path.name != "style.py":
            assert not re.findall(r"[\"']#[0-9A-Fa-f]{6}[\"']", path.read_text(encoding="utf-8")), path.name


def test_the_layers_are_numbers_below_the_frame() -> None:
    assert max(ZORDER.values()) == ZORDER["frame"]


def test_the_settings_are_those_of_matplotlib() -> None:
    with mpl.rc_context(parameters()):
        assert mpl.rcParams["pdf.fonttype"] == 42
        assert mpl.rcParams["svg.fonttype"] == "none"
        assert mpl.rcParams["svg.hashsalt"] == "geocluster"
        assert not mpl.rcParams["text.parse_math"]


def test_the_fonts_that_come_along_are_found_first() -> None:
    assert families() == FONTS
    assert register_fonts(datasets.data_folder() / "fonts") == FONTS
    assert register_fonts(Path("no such folder"))[-1] == "DejaVu Sans"


def test_the_fonts_that_come_along_have_the_signs_of_the_tables() -> None:
    from matplotlib.font_manager import get_font

    from geocluster.labels import WORDS

    needed = {ord(sign) for pair in WORDS.values() for words in pair for sign in words if sign != "\n"}
    for path in sorted((datasets.data_folder() / "fonts").glob("*.ttf")):
        assert not {chr(code) for code in needed - set(get_font(path).get_charmap())}, path.name
