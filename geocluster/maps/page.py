"""How is anything put on a page measured in millimetres?"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from matplotlib.figure import Figure

from geocluster.style import COLOUR, DOTS_WINDOW, FONTS, MM_PER_INCH, POINT_MM, TYPE_PT, ZORDER, register_fonts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text

    from geocluster.maps.frame import Frame

Style = Literal["normal", "italic"]
CAP = 0.357
"""Half the height of a capital, in em: what centres a digit on a badge."""
SMALLEST_PT = 5.0
"""No type is smaller."""
_UNKNOWN = "·"


class MapFigure(Figure):
    """A figure that knows its words for those who cannot see it, and the labels that found no place."""

    alt_text: str = ""
    title_text: str = ""
    dropped_labels: tuple[str, ...] = ()


@cache
def families() -> tuple[str, ...]:
    """Register the fonts that come with the package, once; return the families to be had."""
    from geocluster.datasets import data_folder

    return register_fonts(data_folder() / "fonts") or FONTS[-1:]


@cache
def font(size: float, weight: str = "normal", style: Style = "normal") -> FontProperties:
    """Make the properties of a font of the house."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=list(families()), size=size, weight=weight, style=style)


@cache
def _known_characters(*, italic: bool) -> frozenset[int]:
    """Which characters has the house upright, plain and bold, or in italics?"""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    faces: tuple[tuple[str, Style], ...] = (
        (("normal", "italic"),) if italic else (("normal", "normal"), ("bold", "normal"))
    )
    held = [
        frozenset().union(
            *(
                get_font(findfont(FontProperties(family=family, weight=weight, style=style))).get_charmap()
                for family in families()
            )
        )
        for weight, style in faces
    ]
    return frozenset.intersection(*held)


def clean(words: object, *, italic: bool = False) -> str:
    r"""Make hostile text safe to draw: one line, no control signs, no glyph that no font has.

    Examples
    --------
    >>> clean("Bäle\n\u202eInc.\x07  $1")
    'Bäle Inc. $1'
    """
    known = _known_characters(italic=italic)
    out: list[str] = []
    held = "".join(sign for sign in str(words) if sign.isspace() or unicodedata.category(sign)[0] != "C")
    for sign in " ".join(held.split()):
        if ord(sign) in known:
            out.append(sign)
        elif not out or out[-1] != _UNKNOWN:
            out.append(_UNKNOWN)
    return "".join(out)


@cache
def width_mm(words: str, size: float, weight: str = "normal", style: Style = "normal") -> float:
    """Measure how wide words are, mm."""
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(words, font(size, weight, style), ismath=False)
    return float(width) * POINT_MM


def shorten(words: str, limit_mm: float, size: float, weight: str = "normal", style: Style = "normal") -> str:
    """Cut words to a width, with an ellipsis if anything was lost."""
    if width_mm(words, size, weight, style) <= limit_mm:
        return words
    for end in range(len(words) - 1, 0, -1):
        short = words[:end].rstrip(" –-,·") + "…"
        if width_mm(short, size, weight, style) <= limit_mm:
            return short
    return "…"


def wrap(words: str, limit_mm: float, size: float, *, weight: str = "normal", lines: int = 2) -> list[str]:
    """Break words into at most so many lines; the last is cut if need be.

    A word too long for a line is broken after its hyphens.
    """
    out: list[str] = []
    line = ""
    pieces = [
        (glue, part)
        for piece in words.split(" ")
        for glue, part in _parts(piece, whole=width_mm(piece, size, weight) <= limit_mm)
    ]
    for i, (glue, piece) in enumerate(pieces):
        longer = f"{line}{glue}{piece}" if line else piece
        if not line or width_mm(longer, size, weight) <= limit_mm:
            line = longer
        elif len(out) + 1 == lines:
            line += "".join(f"{glue}{piece}" for glue, piece in pieces[i:])
            break
        else:
            out.append(line)
            line = piece
    return [shorten(part, limit_mm, size, weight) for part in [*out, line]]


def _parts(piece: str, *, whole: bool) -> list[tuple[str, str]]:
    """Cut a word after its hyphens, unless it can stay whole; each part with what stands before it."""
    if whole:
        return [(" ", piece)]
    return [("" if i else " ", part) for i, part in enumerate(re.split(r"(?<=-)(?=.)", piece))]


def make_page(width: float, height: float) -> tuple[MapFigure, Axes]:
    """Make a figure of so many millimetres, and the axes over all of it, in millimetres."""
    figure = MapFigure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH))
    page = figure.add_axes((0, 0, 1, 1), zorder=10, label="page")
    page.set_xlim(0, width)
    page.set_ylim(0, height)
    page.set_axis_off()
    page.patch.set_visible(False)
    page.set_gid("page")
    return figure, page


def add_map(figure: Figure, frame: Frame, *, label: str, width: float, height: float) -> Axes:
    """Make axes in metres that lie where the frame says."""
    position = (frame.left / width, frame.bottom / height, frame.width / width, frame.height / height)
    ax = figure.add_axes(position, zorder=1, label=label)
    x0, y0, x1, y1 = frame.bounds_m
    ax.set_xlim(x0, x1)
    ax.set_ylim(y0, y1)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_gid(label)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


def put(
    page: Axes,
    x: float,
    y: float,
    words: str,
    role: str,
    *,
    gid: str,
    colour: str = COLOUR["ink"],
    weight: str = "normal",
    style: Style = "normal",
    ha: str = "left",
    zorder: float = ZORDER["label"],
    halo: str | None = None,
    rotation: float = 0.0,
) -> Text:
    """Write words at a place of the page, mm, on the baseline; a halo is a stroked copy under them."""
    options: dict[str, Any] = {
        "fontproperties": font(TYPE_PT[role], weight, style),
        "ha": ha,
        "va": "baseline",
        "parse_math": False,
        "rotation": rotation,
    }
    if halo is not None:
        from matplotlib.patheffects import Stroke

        under = page.text(x, y, words, color=halo, zorder=ZORDER["halo"], **options)
        under.set_path_effects([Stroke(linewidth=1.7, foreground=halo, alpha=0.85)])
        under.set_gid(f"halo:{gid}")
    artist = page.text(x, y, words, color=colour, zorder=zorder, **options)
    artist.set_gid(gid)
    return artist


def put_rule(page: Axes, x0: float, x1: float, y: float, width_pt: float, colour: str = COLOUR["ink"]) -> None:
    """Draw a level line."""
    from matplotlib.lines import Line2D

    line = Line2D([x0, x1], [y, y], color=colour, linewidth=width_pt, solid_capstyle="butt", zorder=ZORDER["label"])
    line.set_gid("rule")
    page.add_line(line)


def put_frame(page: Axes, frame: Frame, *, gid: str) -> None:
    """Draw the edge of a map."""
    from matplotlib.patches import Rectangle

    edge = Rectangle(
        (frame.left, frame.bottom),
        frame.width,
        frame.height,
        fill=False,
        edgecolor=COLOUR["focus_border"],
        linewidth=0.6,
        zorder=ZORDER["frame"],
    )
    edge.set_gid(gid)
    page.add_patch(edge)


def badge_mm(words: str, radius: float) -> float:
    """Give the radius of a badge: as told, or as its words at 5 pt need."""
    needed = width_mm(words, SMALLEST_PT, "bold") / 2 + 0.35
    return max(radius, needed) if len(words) > 2 else radius


def put_badge(page: Axes, x: float, y: float, words: str, *, look: str, radius: float, gid: str) -> None:
    """Draw a badge: 'spans' filled crimson, 'not_shown' hollow, 'claim' hollow and dotted, 'national' grey."""
    from matplotlib.patches import Circle

    hollow = look in ("not_shown", "claim")
    fill = {"spans": COLOUR["crimson"], "national": COLOUR["national"]}.get(look, "white")
    ink = COLOUR["crimson"] if hollow else "white"
    edge = COLOUR["crimson"] if hollow else "white"
    inner = radius - (0.13 if hollow else 0.0)
    if hollow:
        under = Circle((x, y), radius + 0.16, facecolor="white", edgecolor="none", zorder=ZORDER["badge"])
        under.set_gid(f"casing:{gid}")
        page.add_patch(under)
    disc = Circle(
        (x, y),
        inner,
        facecolor=fill,
        edgecolor=edge,
        linewidth=0.9 if hollow else 0.6,
        zorder=ZORDER["badge"],
    )
    if look == "claim":
        disc.set_linestyle((0, DOTS_WINDOW))
        disc.set_capstyle("round")
    disc.set_gid(gid)
    page.add_patch(disc)
    role = "badge_national" if look == "national" else "badge"
    size = TYPE_PT[role]
    while size > SMALLEST_PT and width_mm(words, size, "bold") > 2 * radius - 0.7:
        size = max(size - 0.2, SMALLEST_PT)
    sign = page.text(
        x, y - CAP * size * POINT_MM, words, color=ink, ha="center", va="baseline", parse_math=False,
        fontproperties=font(size, "bold"), zorder=ZORDER["badge"] + 1,
    )  # fmt: skip
    sign.set_gid(f"{gid}:sign")


def put_disc(page: Axes, x: float, y: float, *, look: str, radius: float, gid: str) -> None:
    """Draw a cluster of an overview that has no sign: 'size' is for the key."""
    from matplotlib.patches import Circle

    fill, edge, layer = {
        "spans": (COLOUR["crimson"], "white", "ring"),
        "not_shown": ("white", COLOUR["crimson"], "ring"),
        "national": (COLOUR["disc"], COLOUR["national"], "point"),
        "size": ("none", COLOUR["ink"], "label"),
    }[look]
    disc = Circle(
        (x, y), radius, facecolor=fill, edgecolor=edge, linewidth=0.8 if look == "not_shown" else 0.35,
        zorder=ZORDER[layer],
    )  # fmt: skip
    disc.set_gid(gid)
    page.add_patch(disc)


def join(parts: Sequence[str]) -> str:
    """Join with the middle dot of the house."""
    return " · ".join(parts)
