"""What every figure keeps, checked on its artists: made-up maps and those of the embedded tables."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from shapely import LineString, MultiPoint, Point, Polygon, box

import geocluster as gc
from geocluster.maps import draw_map, save_figure
from geocluster.maps.base import Base
from geocluster.place_names import names_in
from geocluster.style import ZORDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.page import MapFigure

MM = 25.4
CROSSABLE = ("focus-border:", "sea-border:")
CRIMSON = "#b2182b"
METHOD = "density clusters within 10 km, at least 5; 999 permutations, seed 7"
SEVERAL = "in several countries, spanning not shown"
TWO = "in two countries, spanning not shown"


@dataclass(frozen=True, eq=False)
class Case:
    figure: MapFigure
    points: gpd.GeoDataFrame
    clusters: pd.DataFrame
    base: Base
    language: str
    overview: bool


def made_up_base() -> Base:
    """Two countries left and right of 7.6° E, a town in the middle of each cluster."""

    def table(geometry: list[Any], **columns: Any) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")

    line = LineString([(7.6, 46.0), (7.62, 47.5), (7.58, 48.0), (7.6, 50.0)])
    west = Polygon([(5, 46), *line.coords, (5, 50)])
    east = Polygon([(9, 46), *line.coords, (9, 50)])
    return Base(
        table([west, east], country=["FR", "DE"]),
        table([]),
        table([line], iso_a=["DE"], iso_b=["FR"]),
        table(
            [Point(7.55, 47.5), Point(7.66, 47.52), Point(7.58, 48.2), Point(8.1, 47.8), Point(7.2, 47.9)],
            name=["Westham", "Eastham", "Norham", "Midham", "Farham"],
            country=["FR", "DE", "FR", "DE", "FR"],
            population=[200_000, 50_000, 20_000, 120_000, 9_000],
        ),
    )


def made_up(verdict: str = "spans", names: list[str] | None = None) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """One cluster across the border, one there but not shown, one in one country, and lone points."""
    groups = [(7.55, 47.5, "FR", 9, 1), (7.66, 47.52, "DE", 7, 1), (7.57, 48.2, "FR", 6, 2), (7.63, 48.2, "DE", 2, 2)]
    groups += [(8.1, 47.8, "DE", 6, 3), (7.3, 47.7, "FR", 4, 0), (8.0, 48.0, "DE", 3, 0)]
    rows: list[tuple[float, float, str, Any]] = []
    for lon, lat, country, n, label in groups:
        for i in range(n):
            turn = 2.4 * i
            step = (0.012 if label else 0.12) * np.sqrt(i)
            rows.append((lon + step * np.cos(turn), lat + 0.7 * step * np.sin(turn), country, label or pd.NA))
    x, y, sides, labels = (list(part) for part in zip(*rows, strict=True))
    kinds = ["firm", "university", "institute", "public body", "other"]
    points = gpd.GeoDataFrame(
        {
            "name": names or [f"Org {i}" for i in range(len(rows))],
            "kind": [kinds[i % 5] for i in range(len(rows))],
            "country": sides,
            "cluster": pd.array(labels, dtype="Int64"),
        },
        geometry=gpd.points_from_xy(x, y),
        crs="EPSG:4326",
    )
    clusters = pd.DataFrame(
        {
            "name": ["Westham – Eastham", "Norham – Nowhere", "Midham"],
            "n": [16, 8, 6],
            "countries": ["FR DE", "FR DE", "DE"],
            "counts": ["9 7", "6 2", "6"],
            "dependence": ["bridged", "spill-over", "national"],
            "chain": [False, False, False],
            "verdict": [verdict, TWO, "in one country"],
            "p_per_head": [0.002, 0.31, np.nan],
            "p_beyond_city_size": [0.0125, 1.0, np.nan],
            "r_km": [10.0, np.nan, np.nan],
        },
        index=[1, 2, 3],
    )
    return points, clusters


def windows(clusters: pd.DataFrame, points: gpd.GeoDataFrame) -> pd.DataFrame:
    """A claimed circle in each reading about each cluster that spans, the second not borne out."""
    rows = []
    for number, label in enumerate(clusters.index[clusters["verdict"] == "spans"], start=1):
        centre = MultiPoint(list(points.geometry[(points["cluster"] == label).fillna(value=False)])).centroid
        for reading, robust in (("per head", ""), ("beyond city size", "not robust to clustering of the background")):
            rows.append(
                {
                    "claim": number, "reading": reading, "p": 0.002, "r_km": 10.0, "lon": centre.x, "lat": centre.y,
                    "countries": clusters.loc[label, "countries"], "clusters": str(label), "robust": robust,
                    "p_lgcp": 0.31 if robust else np.nan,
                }
            )  # fmt: skip
    return pd.DataFrame(
        rows, columns=["claim", "reading", "p", "r_km", "lon", "lat", "countries", "clusters", "robust", "p_lgcp"]
    )


def counts(clusters: pd.DataFrame, points: gpd.GeoDataFrame) -> pd.DataFrame:
    """What each country has in the claimed circles."""
    rows = [
        {"of": "window", "number": claim["claim"], "reading": claim["reading"], "country": country, "observed": 12.0,
         "expected": 3.21}
        for claim in windows(clusters, points).to_dict("records")
        for country in claim["countries"].split()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["of", "number", "reading", "country", "observed", "expected"])


def draw(points: gpd.GeoDataFrame, clusters: pd.DataFrame, base: Base, language: str, area: Any = None) -> MapFigure:
    return draw_map(
        points,
        clusters,
        windows(clusters, points),
        counts=counts(clusters, points),
        study_area=area,
        title="A title",
        subtitle="A subtitle",
        sources=["places GeoNames (CC BY 4.0)"],
        method=METHOD,
        language=language,
        base=base,
    )


def embedded(name: Any) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Clusters of an embedded table; the verdicts are given, so that every look is drawn."""
    placed, _ = gc.split_placed(gc.load_example(name))
    found = gc.find_clusters(placed, radius_km=10, minimum=5)
    clusters = found.frame.copy()
    sides = clusters["countries"].str.count(" ") + 1
    clusters["verdict"] = ["in one country" if n == 1 else TWO if n == 2 else SEVERAL for n in sides]
    across = clusters.index[sides > 1]
    clusters.loc[across[:1], "verdict"] = "spans"
    clusters["p_per_head"] = np.where(sides > 1, 0.004, np.nan)
    clusters["p_beyond_city_size"] = np.where(sides > 1, 0.31, np.nan)
    return placed.assign(cluster=found.labels), clusters


def continent() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Clusters all over Europe: some share their place on the page."""
    towns = [(2.3, 48.9, "FR"), (3.1, 50.6, "FR BE"), (3.2, 50.65, "FR BE"), (7.6, 47.6, "CH DE"), (18.1, 59.3, "SE")]
    towns += [(-9.1, 38.7, "PT"), (23.7, 38.0, "GR"), (12.5, 55.7, "DK SE"), (7.7, 48.6, "FR DE"), (13.4, 52.5, "DE")]
    rows, told = [], []
    for label, (lon, lat, countries) in enumerate(towns, start=1):
        sides = countries.split()
        n = 64 // label + 5
        rows += [(lon + 0.01 * (i % 4), lat, sides[i % len(sides)], label) for i in range(n)]
        own = [sum(i % len(sides) == k for i in range(n)) for k in range(len(sides))]
        told.append((f"Town {label}", n, countries, " ".join(map(str, own)), "spans" if label == 4 else TWO))
    x, y, country, labels = (list(part) for part in zip(*rows, strict=True))
    points = gpd.GeoDataFrame(
        {"name": "x", "kind": "firm", "country": country, "cluster": pd.array(labels, dtype="Int64")},
        geometry=gpd.points_from_xy(x, y),
        crs="EPSG:4326",
    )
    clusters = pd.DataFrame(
        told, columns=["name", "n", "countries", "counts", "verdict"], index=range(1, len(told) + 1)
    ).assign(dependence="bridged", chain=False, p_per_head=0.01, p_beyond_city_size=0.2)
    national = ~clusters["countries"].str.contains(" ")
    clusters.loc[national, ["dependence", "verdict"]] = ["national", "in one country"]
    return points, clusters


@cache
def case(name: str, language: str) -> Case:
    area = None
    if name == "made up":
        base, (points, clusters) = made_up_base(), made_up()
    elif name == "continent":
        base, (points, clusters) = Base.load(), continent()
    else:
        base, (points, clusters) = Base.load(), embedded(name)
        area = gc.load_study_area(name)  # type: ignore[arg-type]
    figure = draw(points, clusters, base, language, area)
    return Case(figure, points, clusters, base, language, overview=name == "continent")


CASES = [
    ("made up", "en"),
    ("made up", "ru"),
    ("upper-rhine", "en"),
    ("oresund", "ru"),
    ("meuse-rhine", "en"),
    ("continent", "en"),
    ("continent", "ru"),
]


@pytest.fixture(params=CASES, ids=lambda pair: "-".join(pair))
def drawn(request: pytest.FixtureRequest) -> Case:
    return case(*request.param)


# --- how artists are read ----------------------------------------------------------------------------------------


def gid(artist: Artist) -> str:
    return str(artist.get_gid() or "")


def all_artists(figure: MapFigure) -> Iterator[tuple[Axes, Artist]]:
    for ax in figure.axes:
        for artist in (*ax.collections, *ax.lines, *ax.patches, *ax.texts):
            yield ax, artist


def page_of(figure: MapFigure) -> Axes:
    return next(ax for ax in figure.axes if ax.get_label() == "page")


def map_of(figure: MapFigure, name: str = "map") -> Axes:
    return next(ax for ax in figure.axes if ax.get_label() == name)


def ink(words: Text) -> BaseGeometry:
    """The rectangle of the glyphs, mm of the page."""
    path: Any = TextPath((0, 0), words.get_text(), prop=words.get_fontproperties())
    extent = path.get_extents()
    x, y = words.get_position()
    scale = MM / 72
    shift = {"left": 0.0, "center": 0.5, "right": 1.0}[words.get_horizontalalignment()] * extent.x1
    rectangle: BaseGeometry = box(
        x + (extent.x0 - shift) * scale,
        y + extent.y0 * scale,
        x + (extent.x1 - shift) * scale,
        y + extent.y1 * scale,
    )
    return rectangle


def labels(figure: MapFigure, prefix: str) -> dict[str, BaseGeometry]:
    start = (f"{prefix}label:", f"{prefix}country:")
    return {gid(words): ink(words) for words in page_of(figure).texts if gid(words).startswith(start)}


def circles(figure: MapFigure, start: str) -> dict[str, BaseGeometry]:
    return {
        gid(patch): Point(*patch.center).buffer(patch.radius)
        for patch in page_of(figure).patches
        if isinstance(patch, Circle) and gid(patch).startswith(start)
    }


def frame_of(figure: MapFigure, name: str) -> BaseGeometry | None:
    for patch in page_of(figure).patches:
        if isinstance(patch, Rectangle) and gid(patch) == f"frame:{name}":
            return box(
                patch.get_x(), patch.get_y(), patch.get_x() + patch.get_width(), patch.get_y() + patch.get_height()
            )
    return None


def panels(figure: MapFigure) -> list[tuple[str, str]]:
    return [("map", "")] + ([("inset", "A:")] if frame_of(figure, "inset") is not None else [])


def to_page(figure: MapFigure, ax: Axes, geometry: BaseGeometry) -> BaseGeometry:
    change = ax.transData - page_of(figure).transData
    return shapely.transform(geometry, change.transform)


def lines_of(ax: Axes, start: tuple[str, ...]) -> BaseGeometry:
    parts = [
        LineString(part)
        for artist in ax.collections
        if isinstance(artist, LineCollection) and gid(artist).startswith(start)
        for part in artist.get_segments()
    ]
    return shapely.union_all(parts) if parts else LineString()


def area_of(artist: PathCollection) -> BaseGeometry:
    return shapely.union_all([Polygon(np.asarray(ring)) for path in artist.get_paths() for ring in path.to_polygons()])


def hulls_of(ax: Axes) -> dict[int, BaseGeometry]:
    return {
        int(gid(artist).split(":")[1]): area_of(artist)
        for artist in ax.collections
        if isinstance(artist, PathCollection) and gid(artist).startswith("hull:")
    }


def words_of(figure: MapFigure, start: str) -> list[str]:
    return [words.get_text() for words in page_of(figure).texts if gid(words).startswith(start)]


# --- page --------------------------------------------------------------------------------------------------------


def test_the_page_is_180_mm_wide_and_at_most_165_tall(drawn: Case) -> None:
    width, height = drawn.figure.get_size_inches() * MM
    assert width == pytest.approx(180)
    assert height <= 165 + 1e-9


def test_no_type_is_smaller_than_5_points(drawn: Case) -> None:
    sizes = [float(artist.get_fontsize()) for _, artist in all_artists(drawn.figure) if isinstance(artist, Text)]
    assert min(sizes) >= 5.0


def test_all_words_stay_on_the_page(drawn: Case) -> None:
    width, height = drawn.figure.get_size_inches() * MM
    page = box(-0.1, -0.1, width + 0.1, height + 0.1)
    for words in page_of(drawn.figure).texts:
        assert page.covers(ink(words)), words.get_text()


def test_words_of_the_side_do_not_lie_on_each_other(drawn: Case) -> None:
    page = page_of(drawn.figure)
    start = ("table", "row:", "key:", "source", "title", "subtitle")
    held = [(words.get_text(), ink(words)) for words in page.texts if gid(words).startswith(start) and words.get_text()]
    for i, (one, first) in enumerate(held):
        for other, second in held[:i]:
            assert first.intersection(second).area < 1e-6, (one, other)


def test_every_glyph_has_a_font(drawn: Case) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph that is missing
        drawn.figure.savefig(io.BytesIO(), format="png", dpi=50)
    assert not any("\u25a1" in words for words in words_of(drawn.figure, ""))


def test_the_source_line_tells_projection_permutations_seed_and_version(drawn: Case) -> None:
    told = " ".join(words_of(drawn.figure, "source"))
    for needed in (
        r"EPSG:\d{4,5}",
        "seed 7",
        "999 permutations",
        re.escape(f"geocluster {gc.__version__}"),
        "GeoNames",
    ):
        assert re.search(needed, told), needed


# --- layers ------------------------------------------------------------------------------------------------------


LAYERS = {
    "land": ("land", "focus"), "coast": ("coast",), "border": ("border",), "focus-border": ("border",),
    "sea-border": ("border",), "country": ("country",), "hull": ("hull", "national"), "point": ("point",),
    "lone": ("hollow",), "crossed-border": ("crossed",), "window": ("window", "badge"), "zoom": ("zoom", "label"),
    "ring": ("ring",), "leader": ("leader",), "label": ("label",), "badge": ("badge",), "frame": ("frame",),
}  # fmt: skip


def test_each_artist_lies_in_its_layer(drawn: Case) -> None:
    seen = set()
    for _, artist in all_artists(drawn.figure):
        role = gid(artist).removeprefix("A:").split(":")[0]
        if role in LAYERS:
            seen.add(role)
            # pieces that belong together lie less than a layer apart
            nearest = min(abs(artist.get_zorder() - ZORDER[layer]) for layer in LAYERS[role])
            assert nearest < (1.01 if role == "badge" else 0.25), gid(artist)
    assert {"land", "badge", "label", "frame"} <= seen


def test_the_order_of_layers_is_that_of_the_house() -> None:
    order = "sea land focus coast border country national hull hollow point crossed zoom ring leader label badge frame"
    values = [ZORDER[layer] for layer in order.split()]
    assert values == sorted(values)
    assert len(set(values)) == len(values)


def test_every_artist_has_a_gid(drawn: Case) -> None:
    for ax in drawn.figure.axes:
        assert all(artist.get_gid() for artist in (*ax.collections, *ax.lines, *ax.patches, *ax.texts))


# --- clusters ----------------------------------------------------------------------------------------------------


def test_each_badge_has_a_row_of_the_table_and_each_row_a_badge(drawn: Case) -> None:
    on_map = {name.removeprefix("badge:") for name in circles(drawn.figure, "badge:")}
    in_table = {name.removeprefix("table-badge:") for name in circles(drawn.figure, "table-badge:")}
    rows = {gid(words).split(":")[1] for words in page_of(drawn.figure).texts if gid(words).startswith("row:")}
    assert on_map == in_table == rows
    assert on_map


def test_n_is_the_number_of_points_of_each_cluster(drawn: Case) -> None:
    page = page_of(drawn.figure)
    told = {gid(words).split(":")[1]: words.get_text() for words in page.texts if gid(words).endswith(":n")}
    counts = drawn.points["cluster"].value_counts().to_dict()
    letters: dict[str, int] = {}
    for badge in told:
        if badge.isdigit():
            assert told[badge] == str(counts[int(badge)])
        else:
            letters[badge] = int(told[badge])
    national = drawn.clusters[drawn.clusters["verdict"] == "in one country"]
    wanted = [int(counts[label]) for label in national.index]
    assert [letters[badge] for badge in sorted(letters)] == wanted[: len(letters)]


def test_all_points_are_drawn_once_members_filled_and_others_hollow(drawn: Case) -> None:
    if drawn.overview:
        assert not any(gid(artist).startswith("point:") for _, artist in all_artists(drawn.figure))
        return
    ax = map_of(drawn.figure)
    counts = {"point": 0, "lone": 0}
    for artist in ax.collections:
        role = gid(artist).split(":")[0]
        if role in counts:
            counts[role] += len(np.asarray(artist.get_offsets()))
            assert (len(artist.get_facecolor()) > 0) == (role == "point")
    stacked = sum(int(words) for words in words_of(drawn.figure, "stack:"))
    members = int(drawn.points["cluster"].notna().sum())
    assert counts["point"] + stacked == members
    assert counts["lone"] == len(drawn.points) - members


def test_a_hull_holds_the_points_of_its_cluster(drawn: Case) -> None:
    ax = map_of(drawn.figure)
    members = [
        tuple(place)
        for artist in ax.collections
        if gid(artist).startswith("point:")
        for place in np.asarray(artist.get_offsets()).tolist()
    ]
    hulls = hulls_of(ax)
    assert set(hulls) == (set() if drawn.overview else set(drawn.clusters.index))
    if hulls:
        everywhere = shapely.union_all(list(hulls.values()))
        assert all(everywhere.covers(Point(place)) for place in members)


def test_the_crossed_border_is_the_border_inside_the_hull(drawn: Case) -> None:
    for name, _ in panels(drawn.figure):
        ax = map_of(drawn.figure, name)
        pairs = {gid(artist).split(":")[1] for artist in ax.collections if gid(artist).startswith(CROSSABLE)}
        border = {pair: lines_of(ax, tuple(f"{start}{pair}" for start in CROSSABLE)) for pair in sorted(pairs)}
        seen = 0
        for label, hull in hulls_of(ax).items():
            sides = set(str(drawn.clusters.at[label, "countries"]).split())
            wanted = [line for pair, line in border.items() if set(pair.split("-")) <= sides]
            expected = shapely.union_all(wanted).intersection(hull) if wanted and len(sides) > 1 else LineString()
            found = lines_of(ax, (f"crossed-border:{label}",))
            assert expected.is_empty == found.is_empty, label
            if not found.is_empty:
                seen += 1
                assert expected.hausdorff_distance(found) < 1.0
        if drawn.language == "en" and name == "map" and not drawn.overview:
            assert seen


def test_crimson_means_that_a_border_is_crossed_and_nothing_else(drawn: Case) -> None:
    across = {str(label) for label in drawn.clusters.index[drawn.clusters["verdict"] != "in one country"]}
    free: tuple[str, ...] = (
        "crossed-border:",
        "window:",
        "claim:",
        "table-claim:",
        "pictogram:",
        "locator:frame",
        "sample:",
    )
    free += ("key:disc:", "label:Town")
    for _, artist in all_artists(drawn.figure):
        colours = [
            getattr(artist, f"get_{part}")()
            for part in ("edgecolor", "facecolor", "color")
            if hasattr(artist, f"get_{part}")
        ]
        shown = {to_hex(one) for value in colours if value is not None for one in _rgba(value)}
        if CRIMSON not in shown:
            continue
        name = gid(artist).removeprefix("A:")
        role, _, rest = name.partition(":")
        if role in ("hull", "badge", "table-badge", "circle"):
            assert rest.split(":")[0] in across, name
        else:
            assert name.startswith(free), name


def _rgba(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [] if value == "none" else [value]
    array = np.atleast_2d(np.asarray(value, dtype=float))
    return [tuple(row) for row in array if array.shape[1] >= 3 and (array.shape[1] == 3 or row[3] > 0)]


# --- labels ------------------------------------------------------------------------------------------------------


def test_labels_lie_inside_their_frame(drawn: Case) -> None:
    for name, prefix in panels(drawn.figure):
        frame = frame_of(drawn.figure, name)
        assert frame is not None
        for label, rectangle in labels(drawn.figure, prefix).items():
            assert frame.buffer(-0.5).covers(rectangle), label
        for badge, disc in circles(drawn.figure, f"{prefix}badge:").items():
            assert frame.covers(disc), badge


def test_no_label_lies_on_a_label_a_badge_or_a_ring(drawn: Case) -> None:
    for _, prefix in panels(drawn.figure):
        held = list(labels(drawn.figure, prefix).items())
        assert held
        for i, (one, first) in enumerate(held):
            for other, second in held[:i]:
                assert not first.intersects(second), (one, other)
            for start in ("badge:", "ring:"):
                for other, disc in circles(drawn.figure, prefix + start).items():
                    assert not first.intersects(disc), (one, other)


def test_no_badge_lies_on_a_badge_or_on_the_ring_of_a_town(drawn: Case) -> None:
    for _, prefix in panels(drawn.figure):
        held = [*circles(drawn.figure, f"{prefix}badge:").items(), *circles(drawn.figure, f"{prefix}ring:").items()]
        for i, (one, first) in enumerate(held):
            for other, second in held[:i]:
                assert first.intersection(second).area < 1e-6, (one, other)


def test_no_label_and_no_leader_lies_on_a_border(drawn: Case) -> None:
    if drawn.overview:
        return  # there labels may cross borders
    for name, prefix in panels(drawn.figure):
        ax = map_of(drawn.figure, name)
        borders = to_page(drawn.figure, ax, lines_of(ax, ("border:", "focus-border:", "sea-border:")))
        for label, rectangle in labels(drawn.figure, prefix).items():
            assert not borders.intersects(rectangle), label
        for leader, line in leaders(drawn.figure, prefix).items():
            assert not borders.intersects(line), leader


def leaders(figure: MapFigure, prefix: str) -> dict[str, BaseGeometry]:
    return {
        gid(line): LineString(np.asarray(line.get_xydata()))
        for line in page_of(figure).lines
        if gid(line).startswith(f"{prefix}leader:")
    }


def test_leaders_are_3_mm_at_most_and_8_to_a_town_that_names_a_cluster(drawn: Case) -> None:
    naming = {part for name in drawn.clusters["name"] for part in str(name).split(" – ")}
    if drawn.language != "en" and "geonames_id" in drawn.base.places.columns:
        places = drawn.base.places[drawn.base.places["name"].isin(naming)]
        naming |= set(names_in(drawn.language, places["geonames_id"], places["name"].tolist()))
    for _, prefix in panels(drawn.figure):
        for name, line in leaders(drawn.figure, prefix).items():
            limit = 8.0 if name.removeprefix(f"{prefix}leader:") in naming else 3.0
            assert 0.8 < line.length <= limit + 1e-6, name


def test_a_ring_has_its_label_and_a_label_that_was_dropped_has_none(drawn: Case) -> None:
    for _, prefix in panels(drawn.figure):
        rings = {name.removeprefix(f"{prefix}ring:") for name in circles(drawn.figure, f"{prefix}ring:")}
        named = {name.removeprefix(f"{prefix}label:") for name in labels(drawn.figure, prefix)}
        assert rings <= named
        dropped = {
            name.removeprefix("A: ") for name in drawn.figure.dropped_labels if name.startswith("A: ") == bool(prefix)
        }
        assert not dropped & named


# --- key, words --------------------------------------------------------------------------------------------------


def test_the_key_explains_what_is_drawn_and_nothing_else(drawn: Case) -> None:
    if drawn.overview:
        return
    told = {gid(words).removeprefix("key:") for words in page_of(drawn.figure).texts if gid(words).startswith("key:")}
    roles = {gid(artist) for ax in drawn.figure.axes if ax.get_label() in ("map", "inset") for artist in ax.collections}
    kinds = {role.split(":")[1] for role in roles if role.startswith(("point:", "lone:"))}
    assert told & {"firm", "university", "institute", "public body", "other"} == kinds
    for key, start in {
        "in_no_cluster": "lone:", "key_window": "window:", "key_crossed": "crossed-border:", "key_area": "study-area",
        "key_focus_border": "focus-border:", "key_sea_border": "sea-border:",
    }.items():  # fmt: skip
        if key != "key_sea_border" or not any(role.startswith("border:") for role in roles):
            assert (key in told) == any(role.startswith(start) for role in roles), key
    verdicts = set(drawn.clusters["verdict"])
    assert ("key_spans" in told) == ("spans" in verdicts)
    assert bool(told & {"key_not_shown", "key_not_shown_many"}) == bool(verdicts & {TWO, SEVERAL})
    assert ("key_national" in told) == ("in one country" in verdicts)


def test_a_cluster_not_shown_to_span_is_dashed_hollow_and_in_a_group_of_its_own() -> None:
    figure = case("made up", "en").figure
    hulls: dict[str, Any] = {
        gid(artist): artist for artist in map_of(figure).collections if gid(artist).startswith("hull:")
    }
    badges = {gid(patch): patch for patch in page_of(figure).patches if gid(patch).startswith("badge:")}
    assert len(hulls["hull:2"].get_facecolor()) == 0
    assert hulls["hull:2"].get_linestyle()[0][1] is not None
    assert hulls["hull:1"].get_linestyle()[0][1] is None
    assert hulls["hull:1"].get_facecolor()[0][3] == pytest.approx(0.09)
    assert to_hex(badges["badge:1"].get_facecolor()) == CRIMSON
    assert to_hex(badges["badge:2"].get_facecolor()) == "#ffffff"
    assert words_of(figure, "table:group:") == [
        "Cross-border: shown to span",
        "In two countries, spanning not shown",
        "Regional: within one country",
    ]


def test_p_stands_in_two_columns_as_it_is_and_a_dash_for_national_clusters() -> None:
    for language, wanted in (("en", ["0.002", "0.013"]), ("ru", ["0,002", "0,013"])):
        figure = case("made up", language).figure
        assert words_of(figure, "row:1:p") == wanted
        assert words_of(figure, "row:a:p") == ["–", "–"]


def test_a_russian_figure_has_no_english_word_of_the_house() -> None:
    from geocluster.labels import WORDS

    for name in ("made up", "oresund"):
        told = set(words_of(case(name, "ru").figure, ""))
        english = {en for en, ru in WORDS.values() if en != ru}
        assert not told & english
        assert {"Кластер", "Страны", "Фирма"} <= told


def test_the_words_for_those_who_cannot_see_it_tell_every_row(drawn: Case) -> None:
    alt = drawn.figure.alt_text
    for words in words_of(drawn.figure, "table-badge:"):
        assert f" {words}: " in alt
    assert str(len(drawn.points)) in alt


# --- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_two_runs_give_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    held = []
    for run in ("one", "two"):
        points, clusters = made_up()
        figure = draw(points, clusters, made_up_base(), "en")
        held.append(save_figure(figure, tmp_path / f"{run}{suffix}").read_bytes())
    assert held[0] == held[1]


def test_an_svg_has_its_words_as_text_and_keeps_the_gids(tmp_path: Path) -> None:
    words = save_figure(case("made up", "ru").figure, tmp_path / "map.svg").read_text(encoding="utf-8")
    assert len(re.findall(r"<text\b", words)) > 40
    for needed in ("Westham", "Кластер", 'id="hull:1"', 'id="crossed-border:1"', 'id="badge:1"', 'role="img"'):
        assert needed in words
    assert "<dc:date>" not in words


def test_a_pdf_has_its_fonts_as_truetype_and_no_date(tmp_path: Path) -> None:
    words = save_figure(case("made up", "en").figure, tmp_path / "map.pdf").read_bytes()
    assert b"/FontFile2" in words
    assert b"/Type3" not in words
    assert b"/CreationDate" not in words


HOSTILE = [
    "<script>alert(1)</script>",
    "$\\frac{1}{2}$", "a\nb\tc", "X" * 400, "جامعة", "東京大学", "🏭 Co", "&amp; \\LaTeX_^",
    "\u202eright to left", "\x07bell", "", "%s {0}",
]  # fmt: skip


def test_hostile_names_are_drawn_as_text(tmp_path: Path) -> None:
    points, clusters = made_up()
    points["kind"] = "university"
    points["name"] = [HOSTILE[i % len(HOSTILE)] for i in range(len(points))]
    for i in range(0, len(HOSTILE), 3):
        clusters["name"] = HOSTILE[i : i + 3]
        figure = draw(points, clusters, made_up_base(), "en")
        save_figure(figure, tmp_path / "map.png")
        assert "<script>" not in save_figure(figure, tmp_path / "map.svg").read_text(encoding="utf-8")
        assert not any(artist.get_parse_math() for _, artist in all_artists(figure) if isinstance(artist, Text))
    clusters["name"] = ["$\\frac{1}{2}$", "a\nb", "x"]
    figure = draw(points, clusters, made_up_base(), "en")
    assert words_of(figure, "row:1:name") == ["$\\frac{1}{2}$"]
    assert words_of(figure, "row:2:name") == ["a b"]
