"""Autocorrelation over distances, split at the border."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geocluster import autocorrelation_test, correlogram
from geocluster.envelope import curve_p, global_envelope, rank_curves
from geocluster.errors import GraphSizeError, OptionError, SchemaError
from geocluster.graph import build_graph, build_sparse

RNG = np.random.default_rng(12)


def scene(n: int = 120, *, trend: float = 1.0) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 48, n)
    x = trend * np.sin(6 * lat) + 0.5 * rng.normal(size=n)
    return gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), "x": x}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326"
    )


@pytest.mark.parametrize(
    ("by", "steps"), [("within_km", [10, 20, 40]), ("bins_km", [10, 20.5, 40]), ("nearest", [2, 5, 11])]
)
def test_each_step_is_the_test_of_its_graph(by: str, steps: Any) -> None:
    table = scene()
    result = correlogram(table, column="x", permutations=99, rng=3, null="permutation", **{by: steps})
    frame = result.to_frame().set_index(["at", "part"])
    for low, at in zip([None, *steps[:-1]], steps, strict=True):
        options = {"nearest": at} if by == "nearest" else {"within_km": at}
        if by == "bins_km":
            options["beyond_km"] = low
        graph = build_graph(table, **options)
        parts = autocorrelation_test(table, graph, column="x", permutations=9, rng=1, null="permutation").parts
        for part in ("whole", "within", "across"):
            assert frame.loc[(at, part), "value"] == pytest.approx(parts.loc[part, "value"], rel=1e-12)
        value = frame.loc[at, "value"]
        assert value["within"] + value["across"] == pytest.approx(value["whole"], rel=1e-12)
        share = frame.loc[at, "share"]
        assert share["within"] + share["across"] == pytest.approx(1)
        mixed = (share * frame.loc[at, "over_pairs"])[["within", "across"]].sum()
        assert mixed == pytest.approx(value["whole"], rel=1e-12)
    assert result.provenance.seed == "3"


def test_rings_part_the_band_among_them() -> None:
    table = scene()
    rings = [build_sparse(table, within_km=10), build_sparse(table, within_km=25, beyond_km=10)]
    assert (rings[0] + rings[1] != build_sparse(table, within_km=25)).nnz == 0
    assert rings[0].multiply(rings[1]).nnz == 0


def test_the_same_permutations_come_at_every_step() -> None:
    table = scene()
    near = [correlogram(table, column="x", within_km=[a, b], permutations=99, rng=3, null="permutation")
            for a, b in ((10, 10.000001), (10, 40))]  # fmt: skip
    steps = near[0].to_frame()
    first, second = (steps[steps["at"] == at].reset_index(drop=True) for at in steps["at"].unique())
    pd.testing.assert_frame_equal(first.drop(columns="at"), second.drop(columns="at"))
    again = correlogram(table, column="x", within_km=[10, 40], permutations=99, rng=3, null="permutation", workers=2)
    pd.testing.assert_frame_equal(near[1].to_frame(), again.to_frame())


def test_p_by_step_are_holms_and_the_envelope_agrees_with_the_curves_p() -> None:
    result = correlogram(scene(), column="x", within_km=[10, 20, 40], permutations=199, rng=1)
    frame = result.to_frame()
    for _, rows in frame.groupby("part"):
        assert (rows["p_adjusted"] >= rows["p"]).all()
        assert rows["p_adjusted"].min() == pytest.approx(min(1, 3 * rows["p"].min()))
    whole = frame[frame["part"] == "whole"]
    outside = bool(((whole["value"] < whole["low"]) | (whole["value"] > whole["high"])).any())
    assert outside == (result.p_curve["whole"] <= 0.05)
    assert result.p_curve["whole"] == 1 / 200
    flat = correlogram(scene(trend=0), column="x", within_km=[10, 20, 40], permutations=199, rng=1)
    assert flat.p_curve["whole"] > 0.05


def test_rows_without_value_or_country_are_told_and_neighbours_searched_without_them() -> None:
    table = scene(40)
    table.loc[3, "x"] = np.nan
    table.loc[5, "country"] = None
    result = correlogram(table, column="x", nearest=[2, 4], permutations=9, rng=1, null="permutation")
    assert result.set_aside["reason"].to_dict() == {3: "no number in x", 5: "no country"}
    same = correlogram(table.drop([3, 5]), column="x", nearest=[2, 4], permutations=9, rng=1, null="permutation")
    pd.testing.assert_frame_equal(result.to_frame(), same.to_frame())
    assert "set aside 1: no country" in result.summary()


def test_areas_will_do() -> None:
    cells = [box(7 + i / 10, 47 + j / 10, 7.1 + i / 10, 47.1 + j / 10) for i in range(6) for j in range(6)]
    table = gpd.GeoDataFrame(
        {"country": ["FR"] * 18 + ["DE"] * 18, "x": np.arange(36.0)}, geometry=cells, crs="EPSG:4326"
    )
    result = correlogram(table, column="x", bins_km=[12, 25], permutations=19, rng=1)
    assert result.n == 36


def test_steps_without_pairs_and_one_country() -> None:
    table = scene(30)
    result = correlogram(table, column="x", within_km=[0.001, 30], permutations=19, rng=1, null="permutation")
    first = result.to_frame().iloc[:3]
    assert first["value"].isna().all()
    assert (first["islands"] == 30).all()
    home = correlogram(table.assign(country="FR"), column="x", within_km=[10, 30], permutations=19, rng=1)
    assert "nothing is measured" in home.sentence()
    for one in (result, home):
        one.plot()
        one.figure()
        assert one.summary().startswith("Moran")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "give one of within_km, bins_km, nearest, got none"),
        ({"within_km": [1, 2], "nearest": [1, 2]}, "got within_km, nearest"),
        ({"within_km": [5]}, "two or more kilometres"),
        ({"within_km": [5, 5]}, "that rise"),
        ({"within_km": [5, "far"]}, "that rise"),
        ({"within_km": 5}, "two or more"),
        ({"bins_km": [0, 5]}, "from above 0"),
        ({"within_km": [5, np.inf]}, "that rise"),
        ({"nearest": [1, 2.5]}, "whole numbers"),
        ({"nearest": [2, 300]}, "rows in all"),
        ({"within_km": [5, 10], "statistic": "mean"}, "statistic must be"),
    ],
)
def test_options(options: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        correlogram(scene(20), column="x", **options)


def test_faults_of_the_table() -> None:
    with pytest.raises(SchemaError, match="y: there is no such column"):
        correlogram(scene(20), column="y", within_km=[1, 2])
    crowd = gpd.GeoDataFrame(
        {"country": ["FR"] * 11_000, "x": 1.0},
        geometry=gpd.points_from_xy(np.full(11_000, 7.0), np.full(11_000, 47.0)),
        crs=4326,
    )
    with pytest.raises(GraphSizeError):
        correlogram(crowd, column="x", within_km=[1, 2])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_figure_tells_the_parts_apart(language: str) -> None:
    result = correlogram(scene(), column="x", within_km=[10, 20, 40], permutations=99, rng=1)
    page = result.figure(language=language)
    left, right = page.axes
    gids = {artist.get_gid() for artist in (*left.lines, *left.collections)}
    assert {"curve:whole", "curve:within", "curve:across", "envelope:whole"} <= gids
    crimson = [line for line in left.lines if line.get_gid() == "curve:across"]
    assert mpl.colors.to_hex(crimson[0].get_color()).upper() == "#B2182B"
    assert [patch.get_gid() for patch in right.patches] == ["bar:within"] * 3 + ["bar:across"] * 3
    assert page.get_size_inches()[0] * 25.4 == pytest.approx(180)
    page.canvas.draw()
    wide = page.bbox.width
    legend = right.get_legend()
    assert legend is not None
    boxes = [legend.get_window_extent(), *(words.get_window_extent() for words in (*left.texts, *page.texts))]
    for one in boxes:
        assert one.x0 >= 0
        assert one.x1 <= wide


def test_ranks_of_curves() -> None:
    assert rank_curves([[0, 0], [1, 1], [2, 2]]).tolist() == [2, 3, 2]
    flat = np.zeros((20, 3))
    assert curve_p([0, 0, 0], flat) == 1
    low, high = global_envelope([0, 0, 0], flat)
    assert low.tolist() == high.tolist() == [0, 0, 0]


def test_the_envelope_keeps_its_level() -> None:
    p = [curve_p(*(lambda draws: (draws[0], draws[1:]))(RNG.normal(size=(100, 5)).cumsum(axis=1))) for _ in range(400)]
    rejected = np.mean(np.array(p) <= 0.05)
    assert 0.02 <= rejected <= 0.085  # 400 draws of .05: 4 standard errors are .044


def with_holes(n: int = 60) -> gpd.GeoDataFrame:
    table = scene(n)
    table["y"] = np.random.default_rng(4).normal(size=n)
    table["kind"] = np.where(table["x"] > table["x"].median(), "firm", "institute")
    table.loc[:6, ["y", "kind"]] = None
    table.loc[55:, "x"] = np.nan
    return table


@pytest.mark.parametrize("statistic", ["bivariate_moran", "lee"])
def test_rows_without_the_second_column_are_set_aside_before_neighbours_are_searched(statistic: Any) -> None:
    table = with_holes()
    options: dict[str, Any] = {"column": "x", "other_column": "y", "statistic": statistic, "permutations": 19, "rng": 1}
    result = correlogram(table, nearest=[3, 6], **options)
    assert result.n == 48
    assert result.set_aside["reason"].tolist() == ["no number in x or y"] * 12
    held = table.dropna(subset=["x", "y"])
    parts = autocorrelation_test(held, build_graph(held, nearest=3), **options).parts
    first = result.curve[result.curve["at"] == 3].set_index("part")
    for part in first.index:
        assert first.loc[part, "value"] == pytest.approx(parts.loc[part, "value"], rel=1e-12)


def test_the_parts_of_lees_l_add_up_with_the_mixed_one_and_are_drawn() -> None:
    result = correlogram(
        with_holes(), column="x", other_column="y", statistic="lee", within_km=[15, 30], permutations=19, rng=1
    )
    value = result.curve.pivot(index="at", columns="part", values="value")
    assert (value["within"] + value["across"] + value["mixed"]).to_numpy() == pytest.approx(value["whole"], rel=1e-12)
    assert (value["mixed"] != 0).all()
    assert "mixed" in result.summary()
    for language in ("en", "ru"):
        left, right = result.figure(language=language).axes
        assert "curve:mixed" in [line.get_gid() for line in left.lines]
        tops = {1: np.zeros(2), -1: np.zeros(2)}
        bar: Any
        for bar in right.patches:
            tops[1 if bar.get_height() > 0 else -1][round(bar.get_x() + bar.get_width() / 2)] += bar.get_height()
        assert tops[1] + tops[-1] == pytest.approx(value["whole"].to_numpy())


def test_join_counts_take_words() -> None:
    result = correlogram(
        with_holes(), column="kind", statistic="join_count", nearest=[3, 6], permutations=19, rng=1,
        null="permutation",
    )  # fmt: skip
    assert result.n == 53
    assert result.set_aside["reason"].tolist() == ["nothing in kind"] * 7


def test_ticks_of_small_statistics_are_told_apart_and_titles_stay_on_the_page() -> None:
    table = scene(60)
    long = "number of people employed in research and development, by site and year, all branches together"
    table[long] = np.exp(table["x"])
    result = correlogram(table, column=long, statistic="getis_ord", nearest=[3, 6], permutations=19, rng=1)
    for language, name in (("en", "Getis–Ord G"), ("ru", "G Гетиса – Орда")):
        page = result.figure(language=language)
        page.canvas.draw()
        for ax in page.axes:
            shown = [float(tick.get_text().replace(",", ".").replace("\u2212", "-")) for tick in ax.get_yticklabels()]
            assert shown == pytest.approx(ax.get_yticks(), abs=1e-9)
            assert name in ax.get_ylabel()
        right = max(words.get_window_extent().x1 for words in page.texts)
        assert right <= page.bbox.x1
