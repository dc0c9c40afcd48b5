"""What lies under the clusters?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
from matplotlib.figure import Figure
from shapely import LineString, Polygon, box

from geocluster.maps.base import Base, cut_ground, draw_globe, draw_ground
from geocluster.maps.frame import Frame, choose_projection


def table(geometry: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")


def two_shores() -> Base:
    """Two countries with a strait between them, and a border from the land of both into the water."""
    border = LineString([(7.5, 48.6), (7.5, 48.0), (7.5, 47.5)])
    return Base(
        table([box(7, 48.2, 7.5, 48.6), box(7.5, 48.2, 8, 48.6), box(7, 47, 8, 47.3)], country=["FR", "DE", "CH"]),
        table([box(7.1, 48.3, 7.2, 48.4)]),
        table([border], iso_a=["DE"], iso_b=["FR"]),
        table([], name=[], country=[], population=[]),
    )


def frame() -> Frame:
    projection = choose_projection((7, 47, 8, 49))
    x, y = projection.transformer().transform(7.0, 47.3)
    return Frame(projection, x, y, 1000.0, 0, 0, 80, 145)


def test_a_border_is_parted_where_the_coast_is() -> None:
    ((_, _, dry, wet),) = cut_ground(two_shores(), frame()).borders
    # 0.4° of latitude on land, 0.7° in the water; a quarter of a millimetre is given to the land
    assert dry.length == pytest.approx(44_500, abs=600)
    assert wet.length == pytest.approx(77_800, abs=600)
    assert dry.intersection(wet).length < 1


def test_without_land_a_border_is_dry() -> None:
    base = two_shores()
    ((_, _, dry, wet),) = cut_ground(Base(base.land.iloc[:0], base.lakes, base.borders, base.places), frame()).borders
    assert wet.is_empty
    assert dry.length > 120_000


def test_borders_between_others_are_not_those_of_a_cluster() -> None:
    ground = cut_ground(two_shores(), frame())
    assert ground.between({"DE", "CH"}).is_empty
    assert ground.between({"DE", "FR", "CH"}).length == pytest.approx(ground.all_borders().length)


def test_a_strait_border_is_drawn_dashed_and_told() -> None:
    ax = Figure().add_subplot()
    drawn = draw_ground(ax, cut_ground(two_shores(), frame()), {"DE", "FR"})
    assert drawn == {"key_focus_border", "key_sea_border"}
    held: dict[str, Any] = {str(artist.get_gid()): artist for artist in ax.collections}
    assert held["sea-border:DE-FR"].get_linestyle()[0][1] is not None
    assert held["focus-border:DE-FR"].get_linestyle()[0][1] is None
    assert {"lake", "coast", "land:CH", "land:DE", "land:FR"} <= set(held)


def test_a_border_of_others_is_thin() -> None:
    ax = Figure().add_subplot()
    assert draw_ground(ax, cut_ground(two_shores(), frame()), {"CH"}) == {"key_border", "key_sea_border"}


def test_an_overview_shows_no_borders_at_sea() -> None:
    ax = Figure().add_subplot()
    draw_ground(ax, cut_ground(two_shores(), frame()), {"DE", "FR"}, strong=False)
    borders = [artist for artist in ax.collections if str(artist.get_gid()).startswith("border:")]
    assert len(borders) == 1
    assert not any(str(artist.get_gid()).startswith("sea-border") for artist in ax.collections)


def test_land_round_a_pole_keeps_its_area() -> None:
    ring = Polygon([(lon, -75.0) for lon in range(-180, 181, 5)] + [(180, -90), (-180, -90)])
    base = Base(
        table([ring], country=["AQ"]),
        *(getattr(two_shores(), name).iloc[:0] for name in ("lakes", "borders", "places")),
    )
    projection = choose_projection((-170, -90, 170, -75))
    view = Frame(projection, -2e6, -2e6, 40_000.0, 0, 0, 100, 100)
    # the cap beyond 75°: a zone of the sphere of the same area, 2 π R² times one less sin 75°
    assert cut_ground(base, view).land["AQ"].area == pytest.approx(8.69e12, rel=0.01)
    assert not cut_ground(base, Frame(projection, -1e5, -1e5, 2000.0, 0, 0, 100, 100)).land["AQ"].is_empty


def test_outside_the_globe_a_world_map_is_white() -> None:
    projection = choose_projection((-175, -60, 175, 75))
    ax = Figure().add_subplot()
    draw_globe(ax, Frame(projection, -1.8e7, -9e6, 1e5, 0, 0, 360, 180))
    assert {artist.get_gid() for artist in ax.collections} == {"outside", "globe"}
    other = Figure().add_subplot()
    draw_globe(other, frame())
    assert not other.collections


def test_the_embedded_base_holds_land_lakes_borders_and_places() -> None:
    base = Base.load()
    assert min(len(base.land), len(base.lakes), len(base.borders), len(base.places)) > 200
