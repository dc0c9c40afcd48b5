from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
from matplotlib.figure import Figure
from shapely import box

from geocluster.errors import OptionError
from geocluster.labels import text
from geocluster.maps.base import Base
from geocluster.maps.hotspots import Told, draw_hotspots, plot_hotspots

if TYPE_CHECKING:
    from geocluster.maps.page import MapFigure

TOLD = Told(
    statistic="getis_ord_star", column="founded", other_column=None, seed="7", alpha=0.05, rule="bh", draws=999,
    null="stratified",
)  # fmt: skip
ROWS = [
    ("hot", "border-made"), ("hot", "joint"), ("hot", "national"), ("cold", "national"), ("high-low", "national"),
    ("not significant", ""), ("not tested", ""),
]  # fmt: skip


def places(*, areas: bool = False) -> gpd.GeoDataFrame:
    lon, lat = 7.4 + 0.08 * np.arange(len(ROWS)), 47.5 + 0.05 * (np.arange(len(ROWS)) % 3)
    shapes: Any = gpd.points_from_xy(lon, lat)
    if areas:
        shapes = [box(x - 0.03, y - 0.02, x + 0.03, y + 0.02) for x, y in zip(lon, lat, strict=True)]
    verdict, dependence = zip(*ROWS, strict=True)
    return gpd.GeoDataFrame(
        {"country": ["FR", "FR", "CH", "CH", "DE", "DE", "DE"], "verdict": verdict, "dependence": dependence},
        geometry=shapes,
        crs="EPSG:4326",
    )


def gids(figure: Any) -> list[str]:
    return [artist.get_gid() for artist in figure.findobj() if artist.get_gid()]


def words(figure: Any) -> str:
    from matplotlib.text import Text

    return "\n".join(artist.get_text() for artist in figure.findobj(Text))


@pytest.fixture(scope="module")
def page() -> MapFigure:
    return draw_hotspots(places(), TOLD)


def test_every_class_is_drawn_and_told_in_the_key(page: MapFigure) -> None:
    there = gids(page)
    for name in ("place:border-made:hot", "place:joint:hot", "place:national:hot", "place:national:cold"):
        assert name in there
        assert f"dot:{name}" in there or "national" in name
    assert "place:national:mixed" in there
    assert {"quiet:not significant", "quiet:not tested", "key:border-made", "key:not significant"} <= set(there)
    said = words(page)
    for told in ("Only with neighbours abroad", "Not significant", "Not tested", "The classes describe"):
        assert told in said
    assert any(name.startswith(("focus-border:", "border:")) for name in there)
    assert any(name.startswith("bar:abroad:FR") for name in there)


def test_the_page_says_statistic_rule_projection_and_seed(page: MapFigure) -> None:
    said = words(page)
    for told in (
        "Getis–Ord G* of founded",
        "5 of 6 places significant",
        "Benjamini–Hochberg",
        "999",
        "seed 7",
        "EPSG:",
    ):
        assert told in said
    assert page.alt_text.startswith("Map. Getis–Ord G* of founded. 5 of 6 places significant")
    width, height = page.get_size_inches() * 25.4
    assert width == pytest.approx(180)
    assert height <= 165.001


def test_what_is_not_there_is_not_in_the_key() -> None:
    quiet = places()
    quiet["verdict"], quiet["dependence"] = "not significant", ""
    there = gids(draw_hotspots(quiet, TOLD, base=Base.empty()))
    assert not [name for name in there if name.startswith(("place:", "key:border-made", "bar:"))]
    assert "key:not significant" in there


def test_areas_are_filled_and_hatched() -> None:
    figure = draw_hotspots(places(areas=True), TOLD, base=Base.empty())
    there = gids(figure)
    assert {"cell:border-made:hot", "cell:national:cold", "cell:not significant"} <= set(there)
    cold: Any = figure.findobj(lambda artist: artist.get_gid() == "cell:national:cold")[0]
    assert cold.get_hatch()


def test_russian_has_no_english_left() -> None:
    said = words(draw_hotspots(places(), TOLD, language="ru", base=Base.empty()))
    for english in ("neighbours", "Significant", "permutations", "place"):
        assert english not in said
    assert text("hot_border-made", "ru") in said


def test_the_quick_look_draws_on_given_axes() -> None:
    ax = Figure().add_subplot()
    assert plot_hotspots(places(), TOLD, ax=ax, base=Base.empty()) is ax
    assert {"place:border-made:hot", "key"} <= set(gids(ax))
    legend = ax.get_legend()
    assert legend is not None
    assert "The classes describe" in legend.get_title().get_text()
    plot_hotspots(places(areas=True), TOLD, base=Base.empty())


def test_two_runs_give_the_same_bytes() -> None:
    def render() -> bytes:
        out = io.BytesIO()
        draw_hotspots(places(), TOLD, base=Base.empty()).savefig(out, format="png", dpi=100)
        return out.getvalue()

    assert render() == render()


def test_there_is_no_third_language() -> None:
    with pytest.raises(OptionError, match="language must be"):
        draw_hotspots(places(), TOLD, language="la")
