"""How does the whole page come together?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.errors import Fault, SchemaError
from geocluster.labels import check_language, text
from geocluster.maps.base import Base
from geocluster.maps.frame import Frame, choose_projection, fit_frame, longitude_span
from geocluster.maps.furniture import draw_locator, draw_north, draw_scale_bar, draw_sources, draw_zoom
from geocluster.maps.key import draw_key, key_height
from geocluster.maps.page import clean, make_page, put, shorten, wrap
from geocluster.maps.panel import Content, Panel, draw_panel, label_panel, lay_out
from geocluster.maps.panels import build_rows, draw_table, fit_table, look_of, p_columns
from geocluster.schema import check
from geocluster.style import COLOUR, PAGE_HEIGHT_MM, PAGE_WIDTH_MM, TYPE_PT, drawn_kinds, parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from pandas import DataFrame
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.frame import Projection
    from geocluster.maps.page import MapFigure
    from geocluster.maps.places import Placer

MAP_WIDTH = 101.5
GAP = 4.2
HEAD_MM = 10.9
SCALE_MM = 7.0
LINE_MM = 3.1
INSET_MM = 46.5
MIN_INSET_MM = 38.0
KEY_MM = 36.0
LOCATOR_MM = 25.5
PAD_MM = 6.0
INSET_BELOW_MM = 22.0
MIN_MAP_MM = 78.0
COLUMNS = ("name", "n", "countries", "counts", "dependence", "chain", "verdict")


def draw_figure(
    points: GeoDataFrame,
    clusters: DataFrame,
    windows: DataFrame,
    *,
    study_area: BaseGeometry | None,
    title: str,
    subtitle: str,
    sources: Sequence[str],
    method: str,
    language: str,
    base: Base | None,
) -> MapFigure:
    """Draw the page; see `geocluster.maps.draw_map`."""
    import matplotlib as mpl

    check_language(language)
    _check(points, clusters)
    with mpl.rc_context(parameters()):
        content, projection = _gather(points, clusters, windows, study_area, base or Base.load(), language)
        return _compose(content, projection, p_columns(clusters), title, subtitle, sources, method)


def _check(points: GeoDataFrame, clusters: DataFrame) -> None:
    check(points, "located", columns=("name", "kind", "country", "cluster"))
    missing = [column for column in COLUMNS if column not in clusters.columns]
    if missing:
        raise SchemaError(
            "the table of clusters cannot be drawn",
            [Fault(column, "there is no such column.", "Give the clusters of an analysis.") for column in missing],
        )
    if not (~(points.geometry.isna() | points.geometry.is_empty)).any():
        raise SchemaError("there is nothing to draw", [Fault("geometry", "no row has a point.", "Run geocode(table).")])


def _gather(
    points: GeoDataFrame,
    clusters: DataFrame,
    windows: DataFrame,
    study_area: BaseGeometry | None,
    base: Base,
    language: str,
) -> tuple[Content, Projection]:
    """Put the tables into arrays, and choose the projection by their extent."""
    held = points[~(points.geometry.isna() | points.geometry.is_empty)]
    lon, lat = held.geometry.x.to_numpy(), held.geometry.y.to_numpy()
    west, east = longitude_span(lon)
    projection = choose_projection((west, float(lat.min()), east, float(lat.max())))
    xy = np.column_stack(projection.transformer().transform(lon, lat))
    labels = held["cluster"].fillna(0).to_numpy(dtype=np.int64)
    looks = {int(str(label)): look_of(verdict) for label, verdict in clusters["verdict"].items()}
    centres = {label: tuple(xy[labels == label].mean(axis=0).tolist()) for label in looks if (labels == label).any()}
    countries = held["country"].fillna("").astype(str).tolist()
    names = [clean(name) for name in held["name"]]
    content = Content(
        xy, drawn_kinds(held["kind"]), countries, labels, names, build_rows(clusters), looks, centres, windows,
        study_area, base, language,
    )  # fmt: skip
    return content, projection


def _compose(
    content: Content,
    projection: Projection,
    columns: Sequence[str],
    title: str,
    subtitle: str,
    sources: Sequence[str],
    method: str,
) -> MapFigure:
    """Choose the heights, lay out main map and inset, draw all."""
    from geocluster import __version__

    language = content.language
    foot = [
        text("sources", language, sources="; ".join(clean(source).rstrip(".;") for source in sources)),
        text("projection", language, name=projection.words(language)),
        f"{clean(method).rstrip('.;')}; geocluster {__version__}.",
    ]
    lines = _source_lines(foot)
    below = SCALE_MM + LINE_MM * len(lines) + 0.4
    tallest = PAGE_HEIGHT_MM - HEAD_MM - below
    low, high = content.xy.min(axis=0), content.xy.max(axis=0)
    span = np.maximum(high - low, 1.0)
    by_extent = (MAP_WIDTH - 2 * PAD_MM) * float(span[1] / span[0]) + 2 * PAD_MM
    full = fit_table(content.rows, 1e9).height
    wanted = full + KEY_MM + INSET_MM
    map_height = float(np.clip(max(by_extent, wanted), MIN_MAP_MM, tallest))
    frame = fit_frame(
        projection, content.xy, left=0.25, bottom=below, width=MAP_WIDTH, height=map_height, pad_mm=PAD_MM
    )
    height = below + map_height + HEAD_MM
    size = (PAGE_WIDTH_MM, height)
    figure, page = make_page(*size)
    x0, x1 = frame.right + GAP, PAGE_WIDTH_MM - 0.1
    words = shorten(clean(title), PAGE_WIDTH_MM - 1, TYPE_PT["title"], "bold")
    put(page, 0, height - 3.9, words, "title", gid="title", weight="bold")
    below_title = shorten(clean(subtitle), PAGE_WIDTH_MM - 1, TYPE_PT["subtitle"])
    put(page, 0, height - 8.0, below_title, "subtitle", gid="subtitle", colour=COLOUR["grey"])

    main = lay_out(content, frame)
    placer = draw_panel(figure, page, content, main, size, name="map")
    drawn = main.drawn
    room = map_height - key_height(drawn | {"key_crossed"}) - 4.0
    side = float(np.clip(room - full, MIN_INSET_MM, INSET_MM))
    inset_frame = _inset_frame(content, main, x0, below, side)
    zoomed, inset = None, None
    if inset_frame is not None:
        inset = lay_out(content, inset_frame)
        zoomed = draw_panel(figure, page, content, inset, size, name="inset", letter="A")
        drawn = drawn | inset.drawn
        _letter(page, frame, inset_frame, placer, zoomed)
        draw_scale_bar(page, inset_frame, language, prefix="A:")
    else:
        side = LOCATOR_MM
    table = fit_table(content.rows, map_height - key_height(drawn) - 4.0 - side)
    content.rows = table.rows
    label_panel(content, main, placer, zoomed=inset_frame)
    dropped = list(placer.dropped)
    if inset is not None and zoomed is not None:
        label_panel(content, inset, zoomed)
        dropped += [f"A: {name}" for name in zoomed.dropped]
    end = draw_table(page, table, columns, x0, x1, frame.top, language)
    draw_key(page, drawn, x0, x1, end - 2.0, language)
    draw_locator(
        figure, page, frame, content.base, content.focus(), (PAGE_WIDTH_MM - LOCATOR_MM - 0.3, below, LOCATOR_MM), size
    )
    draw_scale_bar(page, frame, language)
    draw_north(page, frame.right - 7.0, frame.bottom - 3.7, frame.north_degrees(), language)
    draw_sources(page, lines, below - SCALE_MM)
    figure.title_text = words
    figure.alt_text = _alt_text(content, words)
    figure.dropped_labels = tuple(dropped)
    return figure


def _source_lines(parts: Sequence[str]) -> list[str]:
    """Set the sources in as few lines as hold them."""
    limit = PAGE_WIDTH_MM - 1.0
    head = wrap(" ".join(parts[:2]), limit, TYPE_PT["source"], lines=3)
    return [*head, *wrap(parts[2], limit, TYPE_PT["source"], lines=2)]


def _letter(page: Axes, frame: Frame, inset: Frame, placer: Placer, zoomed: Placer) -> None:
    """Mark on the map where the inset lies, and both with their letter."""
    draw_zoom(page, frame, inset, "A")
    (right, _), (_, low) = frame.to_mm([inset.bounds_m[2:], inset.bounds_m[:2]])
    put(page, float(right) - 0.6, float(low) + 0.7, "A", "panel", gid="zoom:A:sign", weight="bold", ha="right")
    placer.block(float(right) - 3.0, float(low) + 0.2, float(right) - 0.2, float(low) + 3.3)
    put(page, inset.left + 1.2, inset.top - 3.4, "A", "panel", gid="inset:A:sign", weight="bold")
    zoomed.block(inset.left, inset.top - 4.2, inset.left + 4.0, inset.top)


def _inset_frame(content: Content, main: Panel, left: float, bottom: float, side: float) -> Frame | None:
    """Zoom to the first cluster in more than one country that is small on the main map."""
    for row in content.rows:
        hull = main.hulls.get(row.label)
        if row.look == "national" or hull is None:
            continue
        x0, y0, x1, y1 = hull.bounds
        if max(x1 - x0, y1 - y0) > INSET_BELOW_MM * main.frame.m_per_mm:
            continue
        held = content.xy[content.labels == row.label]
        frame = fit_frame(main.frame.projection, held, left=left, bottom=bottom, width=side, height=side, pad_mm=8.0)
        if frame.m_per_mm < main.frame.m_per_mm / 1.6:
            return frame
    return None


def _alt_text(content: Content, title: str) -> str:
    """Say in words what the map shows."""
    language = content.language
    said = [text("alt_map", language, title=title.rstrip("."), points=len(content.xy), clusters=len(content.looks))]
    for row in content.rows:
        held = ", ".join(f"{country} {count}" for country, count in zip(row.countries, row.counts, strict=False))
        verdict = text(row.verdict, language) if row.verdict else ""
        said.append(
            text("alt_cluster", language, badge=row.badge, name=row.name, n=row.n, countries=held, verdict=verdict)
        )
    return " ".join(said)
