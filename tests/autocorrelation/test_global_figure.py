"""Are home and abroad told apart, and does each mark stand where its number is?"""

from __future__ import annotations

import io
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from geocluster import autocorrelation_test, build_graph
from geocluster.autocorrelation.global_figure import COLOURS, TINTS, NullDraws, plot_null
from geocluster.errors import OptionError
from geocluster.labels import p_value
from geocluster.style import COLOUR

CRIMSON = COLOUR["crimson"].lower()


def result(statistic: str = "moran", countries: int = 2, **options: Any) -> Any:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(7, 8, 80), rng.uniform(47, 47.6, 80)
    table = gpd.GeoDataFrame(
        {
            "country": np.array(["DE", "FR"])[:countries][np.minimum((lon > 7.5).astype(int), countries - 1)],
            "x$y$": rng.normal(size=80), "z": rng.normal(size=80),
        },
        geometry=gpd.points_from_xy(lon, lat), crs=4326,
    )  # fmt: skip
    graph = build_graph(table, nearest=5)
    usual: dict[str, Any] = {"column": "x$y$", "statistic": statistic, "permutations": 99, "rng": 1}
    return autocorrelation_test(table, graph, **usual | options)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("options", [{}, {"statistic": "bivariate_moran", "other_column": "z"}, {"countries": 1}])
def test_the_page_is_180_mm_wide_and_has_its_letters(language: str, options: dict[str, Any]) -> None:
    page = result(**options).figure(language=language)
    assert page.get_size_inches()[0] * 25.4 == pytest.approx(180)
    assert page.get_size_inches()[1] * 25.4 <= 165
    told = {words.get_gid() for words in page.texts}
    assert told == {"title", "subtitle", "panel:a", "panel:b", "source"}
    page.savefig(io.BytesIO(), dpi=50)  # a sign without a glyph would warn, and warnings are errors
    for words in page.texts:
        assert words.get_window_extent().x1 <= page.bbox.x1
        assert words.get_fontsize() >= 5


def test_points_and_lines_are_where_they_should() -> None:
    told = result()
    ax = told.plot_scatter()
    lines = {line.get_gid(): line for line in ax.lines}
    home, abroad = (told.scatter[[x, y]].dropna() for x, y in (("value", "within"), ("value_at_home", "across")))
    assert np.asarray(lines["points:within"].get_xydata()) == pytest.approx(home.to_numpy())
    assert np.asarray(lines["points:across"].get_xydata()) == pytest.approx(abroad.to_numpy())
    assert 0 < len(abroad) < len(home)
    x, y = np.asarray(lines["slope:across"].get_xydata())[1]
    assert y / x == pytest.approx(told.parts.loc["across", "standard"])
    x, y = np.asarray(lines["slope:within"].get_xydata())[1]
    within = told.parts.loc["within"]
    assert y / x == pytest.approx(within["value"] / within["share"])
    crimson = {gid for gid, line in lines.items() if gid and to_hex(line.get_color()) == CRIMSON}
    assert crimson == {"slope:across"}
    assert to_hex(lines["points:across"].get_markerfacecolor()) == CRIMSON
    assert not ax.xaxis.label.get_parse_math()


def test_the_scatter_holds_the_means_over_neighbours() -> None:
    rng = np.random.default_rng(2)
    lon = np.sort(rng.uniform(7, 8, 30))
    country = np.where(np.arange(30) < 15, "DE", "FR")
    x = rng.normal(size=30)
    table = gpd.GeoDataFrame({"country": country, "x": x}, geometry=gpd.points_from_xy(lon, [47] * 30), crs=4326)
    told = autocorrelation_test(table, build_graph(table, nearest=4), column="x", permutations=9, rng=1).scatter
    dense = build_graph(table, nearest=4).sparse.toarray()
    z = (x - x.mean()) / x.std()
    home = dense * (country[:, None] == country)
    assert told["within"].to_numpy() == pytest.approx(home @ z / home.sum(axis=1))
    z = np.r_[(x[:15] - x[:15].mean()) / x[:15].std(), (x[15:] - x[15:].mean()) / x[15:].std()]
    away = dense - home
    some = away.sum(axis=1) > 0
    assert told["across"].to_numpy()[some] == pytest.approx((away @ z)[some] / away.sum(axis=1)[some])
    assert told["across"].isna().to_numpy().tolist() == (~some).tolist()
    assert told["value_at_home"].to_numpy() == pytest.approx(z)


@pytest.mark.parametrize("part", ["whole", "within", "across"])
def test_the_observed_value_stands_among_its_draws(part: str) -> None:
    told = result()
    ax = told.plot_null(part=part)
    observed = next(line for line in ax.lines if line.get_gid() == "observed")
    row = told.parts.loc[part]
    expected = row["standard"] if part == "across" else row["value"] / row["share"]
    assert float(np.asarray(observed.get_xdata())[0]) == pytest.approx(expected)
    bars = [bar for bar in ax.patches if bar.get_gid() == "null"]
    assert sum(bar.get_height() for bar in bars) == 99
    assert {to_hex(bar.get_facecolor()) for bar in bars} == {TINTS[part].lower()}
    assert to_hex(observed.get_color()) == COLOURS[part].lower()


def test_with_several_pairs_the_p_shown_is_that_of_the_draws_shown() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(7, 8, 120), rng.uniform(47, 47.6, 120)
    country = np.array(["CH", "DE", "FR"])[np.minimum(((lon - 7) * 3).astype(int), 2)]
    table = gpd.GeoDataFrame(
        {"country": country, "x": rng.normal(size=120)}, geometry=gpd.points_from_xy(lon, lat), crs=4326
    )
    told = autocorrelation_test(table, build_graph(table, nearest=5), column="x", permutations=99, rng=1)
    words = {one.get_gid(): one.get_text() for one in told.plot_null(part="across").texts}
    pair = told.parts.loc[["CH-DE", "DE-FR"], "p"].min()
    assert f"p = {p_value(float(pair))}" in words["value"]
    assert f"(Holm over 2 pairs: {p_value(float(told.parts['p'].loc['across']))})" in words["words"]


def test_given_axes_are_drawn_on() -> None:
    told = result()
    for draw in (told.plot_scatter, told.plot_null, told.plot):
        ax = Figure().add_subplot()
        assert draw(ax) is ax


@pytest.mark.parametrize("draws", [[], [0.3] * 9, [np.nan]])
def test_few_or_equal_draws_are_no_fault(draws: list[float]) -> None:
    ax = plot_null(NullDraws("across", 0.3, float("nan"), np.array(draws), 0.1, "not tested"), label="I")
    assert [line.get_gid() for line in ax.lines] == ["observed"]


def test_what_cannot_be_drawn_is_told() -> None:
    geary = result("geary")
    with pytest.raises(OptionError, match="has no scatter"):
        geary.plot_scatter()
    with pytest.raises(OptionError, match="part must be"):
        geary.plot_null(part="DE-FR")
    with pytest.raises(OptionError, match="language"):
        result().figure(language="la")
    assert geary.figure().axes
    assert geary.plot_null(part="across").texts


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("other", [None, "y"])
def test_long_names_are_cut_to_the_page(language: str, other: str | None) -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(7, 8, 60), rng.uniform(47, 48, 60)
    long = "number of people employed in research and development, by site and year, all branches together"
    table = gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), long: lat + rng.normal(size=60), "y": lon},
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip
    statistic: Any = "moran" if other is None else "bivariate_moran"
    result = autocorrelation_test(
        table,
        build_graph(table, nearest=4),
        column=long,
        other_column=other,
        statistic=statistic,
        permutations=19,
        rng=1,
    )
    page = result.figure(language=language)
    page.canvas.draw()
    page.savefig(io.BytesIO(), dpi=page.dpi)
    words = [*page.texts, *(one for ax in page.axes for one in (ax.xaxis.label, ax.yaxis.label))]
    held = [one.get_window_extent() for one in words if one.get_text()]
    assert min(one.x0 for one in held) >= 0
    assert max(one.x1 for one in held) <= page.bbox.x1
    # what stands on the left is clear of the bars
    null = page.axes[2]
    told = next(one for one in null.texts if one.get_gid() == "words").get_window_extent()
    bars = [bar.get_window_extent() for bar in null.patches if bar.get_gid() == "null"]
    assert all(bar.x0 > told.x1 or bar.y1 < told.y0 for bar in bars if bar.height > 0)
