"""How does the whole page come together?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.errors import Fault, SchemaError
from geocluster.labels import check_language
from geocluster.maps.base import Base
from geocluster.maps.claims import circle_ring, draw_claims, fit_claims, read_claims
from geocluster.maps.frame import Frame, choose_projection, fit_frame, longitude_span
from geocluster.maps.furniture import (
    MAP_MAX_KM,
    draw_locator,
    draw_north,
    draw_scale_bar,
    draw_sources,
    draw_zoom,
    reach_km,
)
from geocluster.maps.key import draw_key, key_height
from geocluster.maps.naming import label_panel, local_names
from geocluster.maps.overview import compose_overview, is_overview
from geocluster.maps.page import make_page, put
from geocluster.maps.panel import Content, Panel, draw_panel, lay_out
from geocluster.maps.panels import draw_table
from geocluster.maps.rows import SIDE_MM, build_rows, fit_table, look_of, p_columns
from geocluster.maps.sheet import HEAD_MM, SCALE_MM, Words, foot_height, tell_figure
from geocluster.schema import check
from geocluster.style import PAGE_HEIGHT_MM, PAGE_WIDTH_MM, drawn_kinds, parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.claims import Claim
    from geocluster.maps.frame import Projection
    from geocluster.maps.page import MapFigure
    from geocluster.maps.places import Placer
    from geocluster.maps.rows import Row

MAP_WIDTH = 101.5
GAP = 4.2
INSET_MM = 46.5
MIN_INSET_MM = 38.0
KEY_MM = 36.0
LOCATOR_MM = 25.5
PAD_MM = 6.0
INSET_BELOW_MM = 22.0
MIN_MAP_MM = 78.0
CLAIMS_SHARE = 0.3
"""Of the height of the map, for what is said of the claimed circles."""
COLUMNS = ("name", "n", "countries", "counts", "dependence", "chain", "verdict")


def draw_figure(
    points: GeoDataFrame,
    clusters: DataFrame,
    windows: DataFrame,
    *,
    counts: DataFrame | None,
    conjunctions: DataFrame | None,
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
        claims = read_claims(windows, counts, conjunctions)
        content, projection = _gather(points, clusters, claims, study_area, base or Base.load(), language)
        return _compose(content, projection, p_columns(clusters), Words(title, subtitle, sources, method))


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
    claims: Sequence[Claim],
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
    names = held["name"].fillna("").astype(str).tolist()
    middle = {label: (lon[labels == label].mean(), lat[labels == label].mean()) for label in centres}
    rows = build_rows(clusters.assign(name=local_names(clusters["name"], middle, base.places, language)), language)
    content = Content(
        xy, drawn_kinds(held["kind"]), countries, labels, names, rows, rows, looks, centres, claims,
        study_area, base, language,
    )  # fmt: skip
    return content, projection


def _compose(content: Content, projection: Projection, columns: Sequence[str], words: Words) -> MapFigure:
    """Choose the heights, lay out main map and inset, draw all."""
    language = content.language
    lines = words.foot(projection, language)
    below = SCALE_MM + foot_height(lines)
    tallest = PAGE_HEIGHT_MM - HEAD_MM - below
    held = content.xy[np.isfinite(content.xy).all(axis=1)]
    shown = np.vstack([held, *_rings(content, projection)])
    span = np.maximum(np.ptp(shown, axis=0), 1.0)
    by_extent = (MAP_WIDTH - 2 * PAD_MM) * float(span[1] / span[0]) + 2 * PAD_MM
    told = fit_claims(content.claims, content.rows, CLAIMS_SHARE * tallest, SIDE_MM, language)
    content.told = told
    full = fit_table(content.rows, 1e9).height + told.height
    wanted = full + KEY_MM + INSET_MM
    map_height = float(np.clip(max(by_extent, wanted), MIN_MAP_MM, tallest))
    frame = fit_frame(projection, shown, left=0.25, bottom=below, width=MAP_WIDTH, height=map_height, pad_mm=PAD_MM)
    if is_overview(frame, content.rows):
        return compose_overview(content, projection, columns, words)
    height = below + map_height + HEAD_MM
    size = (PAGE_WIDTH_MM, height)
    figure, page = make_page(*size)
    title = words.write_head(page, height)
    x0, x1 = frame.right + GAP, PAGE_WIDTH_MM - 0.1

    main = lay_out(content, frame)
    if any(row.interval for row in content.rows):
        main.drawn.add("key_delta")
    placer = draw_panel(figure, page, content, main, size, name="map")
    drawn = main.drawn
    room = map_height - key_height(drawn | {"key_crossed"}) - 4.0
    side = float(np.clip(room - full, MIN_INSET_MM, INSET_MM))
    inside = {label for claim in content.claims for label in claim.clusters}
    likely = fit_table(content.rows, room - side - told.height, keep=inside).rows
    inset_frame = _inset_frame(content, likely, main, x0, below, side)
    zoomed, inset = None, None
    if inset_frame is not None:
        inset = lay_out(content, inset_frame)
        zoomed = draw_panel(figure, page, content, inset, size, name="inset", letter="A")
        drawn = drawn | inset.drawn
        _letter(page, frame, inset_frame, placer, zoomed)
        draw_scale_bar(page, inset_frame, language, prefix="A:")
    else:
        side = LOCATOR_MM
    table = fit_table(content.rows, map_height - key_height(drawn) - 4.0 - side - told.height, keep=inside)
    # only what has a row is named by its badge
    told = fit_claims(content.claims, table.rows, CLAIMS_SHARE * tallest, SIDE_MM, language)
    content.rows = table.rows
    label_panel(content, main, placer, zoomed=inset_frame)
    dropped = list(placer.dropped)
    if inset is not None and zoomed is not None:
        label_panel(content, inset, zoomed)
        dropped += [f"A: {name}" for name in zoomed.dropped]
    end = draw_table(page, table, columns, x0, x1, frame.top, language)
    if columns or content.claims:
        end = draw_claims(page, told, columns, x0, x1, end, language)
    draw_key(page, drawn, x0, x1, end - 2.0, language)
    if reach_km(frame) < MAP_MAX_KM:
        place = (PAGE_WIDTH_MM - LOCATOR_MM - 0.3, below, LOCATOR_MM)
        draw_locator(figure, page, frame, content.base, content.focus(), place, size)
    draw_scale_bar(page, frame, language)
    draw_north(page, frame.right - 7.0, frame.bottom - 3.7, frame.north_degrees(), language)
    draw_sources(page, lines, below - SCALE_MM)
    return tell_figure(figure, content, title, dropped)


def _rings(content: Content, projection: Projection) -> list[NDArray[np.float64]]:
    """Give the claimed circles in the plane, so that the map shows them whole: those about the middle of members."""
    change = projection.transformer()
    rings = [circle_ring(claim.longitude, claim.latitude, claim.r_km) for claim in content.claims]
    plane = [np.column_stack(change.transform(ring[:, 0], ring[:, 1])) for ring in rings]
    return [ring for ring in plane if np.isfinite(ring).all()]


def _letter(page: Axes, frame: Frame, inset: Frame, placer: Placer, zoomed: Placer) -> None:
    """Mark on the map where the inset lies, and both with their letter."""
    placer.edges.append(draw_zoom(page, frame, inset, "A"))
    (right, _), (_, low) = frame.to_mm([inset.bounds_m[2:], inset.bounds_m[:2]])
    # inside the rectangle if there is room, else beside it
    x = float(right) - 0.6 if inset.height * inset.m_per_mm / frame.m_per_mm > 12 else float(right) + 2.8
    put(page, x, float(low) + 0.7, "A", "panel", gid="zoom:A:sign", weight="bold", ha="right")
    placer.block(x - 2.4, float(low) + 0.2, x + 0.3, float(low) + 3.3)
    put(page, inset.left + 1.2, inset.top - 3.4, "A", "panel", gid="inset:A:sign", weight="bold")
    zoomed.block(inset.left, inset.top - 4.2, inset.left + 4.0, inset.top)


def _inset_frame(
    content: Content, rows: Sequence[Row], main: Panel, left: float, bottom: float, side: float
) -> Frame | None:
    """Zoom to the first cluster in more than one country that is small on the main map, else to such a circle."""
    small: list[tuple[BaseGeometry, NDArray[np.float64]]] = []
    for row in rows:
        hull = main.hulls.get(row.label)
        if row.look != "national" and hull is not None:
            small.append((hull, content.xy[content.labels == row.label]))
    for claim in content.claims:
        circle = main.circles.get(claim.sign)
        if circle is not None:
            inside = content.xy[np.isin(content.labels, claim.clusters)]
            small.append((circle, np.vstack([np.asarray(circle.coords), inside])))
    for shape, held in small:
        x0, y0, x1, y1 = shape.bounds
        if max(x1 - x0, y1 - y0) > INSET_BELOW_MM * main.frame.m_per_mm:
            continue
        frame = fit_frame(main.frame.projection, held, left=left, bottom=bottom, width=side, height=side, pad_mm=8.0)
        if frame.m_per_mm < main.frame.m_per_mm / 1.6:
            return frame
    return None
