"""Where are the hot spots, and which of them stand on neighbours across the border?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.labels import check_language, number, text
from geocluster.maps.base import Base, draw_globe, draw_ground
from geocluster.maps.frame import choose_projection, fit_frame, longitude_span
from geocluster.maps.furniture import MAP_MAX_KM, draw_locator, draw_north, draw_scale_bar, draw_sources, reach_km
from geocluster.maps.hotmarks import LOOKS, draw_cells, draw_places, signs_of
from geocluster.maps.marks import MAX_POINTS
from geocluster.maps.naming import label_panel
from geocluster.maps.page import add_map, make_page, put_frame
from geocluster.maps.panel import Content, lay_out
from geocluster.maps.places import Placer
from geocluster.maps.sheet import HEAD_MM, SCALE_MM, Words, foot_height
from geocluster.style import COLOUR, PAGE_HEIGHT_MM, PAGE_WIDTH_MM, parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geocluster.maps.frame import Frame, Projection
    from geocluster.maps.page import MapFigure

MAP_WIDTH = 112.0
GAP = 4.4
LOCATOR_MM = 28.0
PAD_MM = 5.0
MIN_MAP_MM = 92.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a hot-spot map says beside its places.

    Attributes
    ----------
    statistic, column, other_column : str
    seed : str
    alpha : float
    rule : str
        "bh" or "by".
    draws : int or None
        None: exact.
    null : str
        "stratified" or "complete".
    title : str or None
    sources : sequence of str
        Keys of the words for the data.
    """

    statistic: str
    column: str
    other_column: str | None
    seed: str
    alpha: float
    rule: str
    draws: int | None
    null: str
    title: str | None = None
    sources: Sequence[str] = ("source_borders", "source_coast", "source_places")

    def subject(self, language: str) -> str:
        """Name statistic and columns."""
        column = self.column
        if self.other_column is not None:
            column = text("near", language, column=column, other=self.other_column)
        return text(f"local_{self.statistic}", language, column=column)

    def rule_words(self, language: str) -> str:
        """Say the level, the rule of adjustment and the number of draws."""
        rule = {"bh": "Benjamini–Hochberg", "by": "Benjamini–Yekutieli"}[self.rule]
        draws = text("hot_exact", language)
        if self.draws is not None:
            draws = text("hot_draws", language, draws=number(self.draws, language))
        percent = 100 * self.alpha
        alpha = number(percent, language, decimals=0 if percent == round(percent) else 1)
        return text("hot_rule", language, alpha=alpha, rule=rule, draws=draws)

    def method(self, language: str) -> str:
        """Say how it was tested."""
        null = text(f"hot_{self.null}", language)
        return text("hot_method", language, rule=self.rule_words(language), null=null, seed=self.seed)


def plot_hotspots(
    places: GeoDataFrame, told: Told, *, language: str = "en", ax: Axes | None = None, base: Base | None = None
) -> Axes:
    """Draw a quick look in degrees: land, borders, places by verdict and dependence, a key.

    Parameters
    ----------
    places : GeoDataFrame
        EPSG:4326, points or areas; columns country, verdict, dependence.
    told : Told
    language : {"en", "ru"}
    ax : Axes, optional
        Drawn on if given, else made.
    base : Base, optional
        Land and borders; those of the package if not given.
    """
    from geocluster.maps.hotkey import draw_legend
    from geocluster.maps.quick import draw_under

    check_language(language)
    ax, shift = draw_under(places, ax=ax, base=base)
    shapes = places.geometry.geom_type != "Point"
    if shapes.any():
        draw_cells(ax, places)
    else:
        xy = np.column_stack([shift(places.geometry.x), places.geometry.y.to_numpy()])
        draw_places(ax, xy, places["verdict"], places["dependence"], scale=1.6 if len(places) <= MAX_POINTS else 1.0)
    draw_legend(ax, places, language)
    ax.set_title(told.subject(language), fontsize=7, loc="left", parse_math=False)
    return ax


def draw_hotspots(places: GeoDataFrame, told: Told, *, language: str = "en", base: Base | None = None) -> MapFigure:
    """Draw the page for print: map, key with counts, places by country, locator.

    Parameters
    ----------
    places : GeoDataFrame
        EPSG:4326, points or areas; columns country, verdict, dependence.
    told : Told
    language : {"en", "ru"}
    base : Base, optional
        Land, lakes, borders and places; those of the package if not given.
    """
    import matplotlib as mpl

    check_language(language)
    with mpl.rc_context(parameters() | {"hatch.linewidth": 0.5, "hatch.color": COLOUR["focus"]}):
        return _compose(places, told, base or Base.load(), language)


def _compose(places: GeoDataFrame, told: Told, base: Base, language: str) -> MapFigure:
    from geocluster.maps.hotkey import draw_side

    shapes = bool((places.geometry.geom_type != "Point").any())
    west, south, east, north = (float(edge) for edge in places.total_bounds)
    if not shapes:
        west, east = longitude_span(places.geometry.x)
    projection = choose_projection((west, south, east, north))
    plane = places.to_crs(projection.crs)
    at = plane.geometry.representative_point() if shapes else plane.geometry
    xy = np.column_stack([at.x, at.y])
    content = _content(xy, places, base, language)
    found, tested = int((signs_of(places["verdict"]) != "").sum()), int((places["verdict"] != "not tested").sum())
    words = Words(
        told.title or told.subject(language),
        text("hot_subtitle", language, found=number(found, language), tested=number(tested, language))
        + f" · {told.rule_words(language)}",
        [text(key, language) for key in told.sources],
        told.method(language),
    )
    lines = words.foot(projection, language)
    below = SCALE_MM + foot_height(lines)
    x0, y0, x1, y1 = plane.total_bounds
    outline = np.array([(x0, y0), (x1, y1)])
    frame = _frame(projection, outline, below)
    height = below + frame.height + HEAD_MM
    figure, page = make_page(PAGE_WIDTH_MM, height)
    title = words.write_head(page, height)
    size = (PAGE_WIDTH_MM, height)
    dropped, drawn = _draw_map(figure, page, content, frame, size, places, plane if shapes else None)
    side = (frame.right + GAP, PAGE_WIDTH_MM - 0.3)
    draw_side(page, places, frame.top, below, side, language, cells=shapes, drawn=drawn, locator_mm=LOCATOR_MM)
    if reach_km(frame) < MAP_MAX_KM:
        draw_locator(figure, page, frame, base, content.focus(), (side[0], below, LOCATOR_MM), size)
    draw_scale_bar(page, frame, language)
    draw_north(page, frame.right - 7.0, frame.bottom - 3.7, frame.north_degrees(), language)
    draw_sources(page, lines, below - SCALE_MM)
    figure.title_text = title
    counts = places["dependence"].value_counts()
    classes = ", ".join(f"{text(f'hot_{look}', language)} {int(counts.get(look, 0))}" for look in LOOKS)
    figure.alt_text = text("hot_alt", language, title=title.rstrip("."), found=found, tested=tested, classes=classes)
    figure.dropped_labels = tuple(dropped)
    return figure


def _frame(projection: Projection, outline: NDArray[np.float64], below: float) -> Frame:
    """Fit the places into the left part of the page, as tall as they ask."""
    span = np.maximum(np.ptp(outline, axis=0), 1.0)
    tallest = PAGE_HEIGHT_MM - HEAD_MM - below
    by_extent = (MAP_WIDTH - 2 * PAD_MM) * float(span[1] / span[0]) + 2 * PAD_MM
    height = float(np.clip(by_extent, MIN_MAP_MM, tallest))
    return fit_frame(projection, outline, left=0.25, bottom=below, width=MAP_WIDTH, height=height, pad_mm=PAD_MM)


def _content(xy: NDArray[np.float64], places: GeoDataFrame, base: Base, language: str) -> Content:
    """Put the places into what the other rooms of the map ask for: no clusters."""
    n = len(places)
    countries = places["country"].astype(str).tolist()
    return Content(
        xy, ["other"] * n, countries, np.zeros(n, dtype=np.int64), [""] * n, [], [], {}, {}, [], None, base,
        language,
    )  # fmt: skip


def _draw_map(
    figure: MapFigure,
    page: Axes,
    content: Content,
    frame: Frame,
    size: tuple[float, float],
    places: GeoDataFrame,
    cells: GeoDataFrame | None,
) -> tuple[list[str], set[str]]:
    """Draw ground, places and names; return the names that found no place, and the keys of the borders drawn."""
    from shapely.geometry import GeometryCollection

    ax = add_map(figure, frame, label="map", width=size[0], height=size[1])
    panel = lay_out(content, frame)
    drawn = draw_ground(ax, panel.ground, content.focus())
    draw_globe(ax, frame)
    points = np.zeros((0, 2))
    if cells is not None:
        draw_cells(ax, cells)
        panel.show[:] = False
    else:
        shown = panel.show
        plane = (panel.spread.xy - (frame.left, frame.bottom)) * frame.m_per_mm + (frame.x, frame.y)
        scale = 0.62 if shown.sum() > MAX_POINTS else 1.0
        draw_places(ax, plane[shown], places["verdict"][shown], places["dependence"][shown], scale=scale)
        points = panel.spread.xy[shown]
    put_frame(page, frame, gid="frame:map")
    placer = Placer(page, frame, frame.to_page(panel.ground.all_borders()), GeometryCollection(), points)
    label_panel(content, panel, placer)
    return list(placer.dropped), drawn
