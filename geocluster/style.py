"""Which colours, sizes and widths do the figures have?

Crimson means "crosses a border" and nothing else. Sizes of type and widths of
lines are in points, all else in millimetres of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

PAGE_WIDTH_MM = 180.0
PAGE_HEIGHT_MM = 165.0
MM_PER_INCH = 25.4
POINT_MM = MM_PER_INCH / 72
FONTS = ("Noto Sans", "DejaVu Sans")
"""Families, first choice first; a glyph that the first lacks is taken from the next."""

COLOUR: Mapping[str, str] = {
    "sea": "#DFE8EE",
    "land": "#F4F1EA",
    "focus": "#FBFAF6",
    "coast": "#9FB3BF",
    "ink": "#222222",
    "grey": "#5E5E5A",
    "rule": "#C9C7C0",
    "country": "#8B887F",
    "border": "#8A8A85",
    "focus_border": "#4A4A47",
    "crimson": "#B2182B",
    "national": "#8A8A85",
    "locator": "#CFC9BE",
    "disc": "#BDBBB5",
    "null_disc": "#B7B7B4",
    "crimson_tint": "#E3A3AB",
    "crimson_pale": "#E9C3C8",
    "hot": "#8380B8",
    "crimson_edge": "#6E0D1A",
    "cell": "#E6E2D8",
    "white": "#FFFFFF",
    "null": "#C9C7C0",
}

TYPE_PT: Mapping[str, float] = {
    "title": 9.5,
    "subtitle": 7.0,
    "big_town": 7.0,
    "town": 6.2,
    "member": 5.9,
    "country": 7.5,
    "country_small": 5.6,
    "table": 6.6,
    "table_small": 6.0,
    "table_header": 5.4,
    "key": 6.3,
    "axis": 6.5,
    "scale": 6.3,
    "panel": 8.5,
    "source": 5.4,
    "badge": 6.6,
    "badge_national": 6.0,
}

WIDTH_PT: Mapping[str, float] = {
    "border": 0.55,
    "focus_border": 1.0,
    "focus_casing": 2.6,
    "hull": 1.0,
    "crossed": 1.7,
    "crossed_casing": 3.4,
    "national": 0.8,
    "leader": 0.45,
    "ring": 0.75,
    "frame": 0.6,
    "coast": 0.45,
    "window": 1.0,
    "area": 0.5,
    "edge": 0.35,
    "hollow": 0.5,
}
DASH_SEA = (5.0, 2.2)
DASH_NATIONAL = (3.2, 1.4)
DASH_UNSHOWN = (3.2, 1.4)
DASH_AREA = (1.5, 2.5)
DOTS_WINDOW = (0.1, 2.0)
"""Dots with round caps: a length of next to nothing, then the gap, in line widths."""

ZORDER: Mapping[str, float] = {
    "sea": 0,
    "land": 1,
    "focus": 1.1,
    "coast": 1.2,
    "lake": 1.3,
    "area": 2.9,
    "border": 3,
    "country": 3.5,
    "national": 3.8,
    "hull": 4,
    "hollow": 4.8,
    "point": 5,
    "crossed": 6,
    "window": 6.5,
    "zoom": 22,
    "ring": 23,
    "leader": 24,
    "halo": 24.9,
    "label": 25,
    "badge": 30,
    "frame": 60,
}

BADGE_MM = 1.95
BADGE_NATIONAL_MM = 1.58
RING_MM = 0.42
POINT_STEP_MM = 1.18
"""How far apart two points stand that share one place."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a kind is drawn: colour, marker, width of the marker, a darker colour for its words."""

    colour: str
    marker: str
    size_mm: float
    dark: str


KIND: Mapping[str, Mark] = {
    "firm": Mark("#332288", "o", 1.1, "#2B1D73"),
    "university": Mark("#D99000", "s", 1.0, "#8A5200"),
    "institute": Mark("#44AA99", "^", 1.2, "#1F6B5E"),
    "public body": Mark("#222222", "D", 0.9, "#222222"),
    "other": Mark("#6F7F8F", "P", 1.4, "#4A5866"),
}


def drawn_kind(kind: object) -> str:
    """Tell as which kind a word is drawn: its own if it has a mark, else 'other'.

    Examples
    --------
    >>> drawn_kind("firm"), drawn_kind("port"), drawn_kind(None)
    ('firm', 'other', 'other')
    """
    return kind if isinstance(kind, str) and kind in KIND else "other"


def drawn_kinds(kinds: Iterable[object]) -> list[str]:
    """Tell the same of many.

    Examples
    --------
    >>> drawn_kinds(["firm", "museum"])
    ['firm', 'other']
    """
    return [drawn_kind(kind) for kind in kinds]


def parameters() -> Any:  # a dict; matplotlib's hints ask for literal keys
    """Give matplotlib's settings for a figure of the house; use them in ``rc_context``.

    Examples
    --------
    >>> parameters()["pdf.fonttype"]
    42
    """
    return {
        "font.family": list(FONTS),
        "font.size": TYPE_PT["axis"],
        "text.color": COLOUR["ink"],
        "text.parse_math": False,
        "text.usetex": False,
        "axes.edgecolor": COLOUR["ink"],
        "axes.labelcolor": COLOUR["ink"],
        "axes.linewidth": WIDTH_PT["frame"],
        "axes.unicode_minus": True,
        "xtick.color": COLOUR["ink"],
        "ytick.color": COLOUR["ink"],
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "savefig.bbox": None,
        "path.simplify": False,
        "pdf.fonttype": 42,
        "pdf.compression": 6,
        "svg.fonttype": "none",
        "svg.hashsalt": "geocluster",
    }


def register_fonts(folder: Path | None = None) -> tuple[str, ...]:
    """Make the fonts in a folder known to matplotlib; return the families that can be had, in order.

    Parameters
    ----------
    folder : Path, optional
        With .ttf files.

    Examples
    --------
    >>> "DejaVu Sans" in register_fonts()
    True
    """
    from matplotlib import font_manager

    manager = font_manager.fontManager
    known = {entry.fname for entry in manager.ttflist}
    for path in sorted(folder.glob("*.ttf")) if folder is not None and folder.is_dir() else ():
        if str(path) not in known:
            manager.addfont(path)
    families = {entry.name for entry in manager.ttflist}
    return tuple(family for family in FONTS if family in families)
