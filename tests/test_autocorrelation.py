from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from geocluster import autocorrelation_test, build_graph
from geocluster.errors import OptionError, SchemaError


def scene(rng: np.random.Generator, n: int = 120, field: float | None = None) -> gpd.GeoDataFrame:
    """Two countries side by side; values independent, or two independent fields of a range in degrees."""
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    country = np.where(lon < 7.5, "FR", "DE")
    x = rng.normal(size=n) + 3 * (country == "DE")
    if field:
        for code in ("FR", "DE"):
            here = country == code
            gap = np.hypot(lon[here, None] - lon[here], (lat[here, None] - lat[here]) * 1.5)
            x[here] = np.linalg.cholesky(np.exp(-gap / field) + 1e-9 * np.eye(here.sum())) @ rng.normal(size=here.sum())
    return gpd.GeoDataFrame({"country": country, "x": x}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def ask(table: gpd.GeoDataFrame, **options: Any) -> Any:
    graph = options.pop("graph", None) or build_graph(table, nearest=6)
    return autocorrelation_test(table, graph, column=options.pop("column", "x"), **{"rng": 1} | options)


def test_the_parts_add_up_exactly_and_the_pairs_too() -> None:
    value = ask(scene(np.random.default_rng(1))).parts["value"]
    assert value["within"] + value["across"] == pytest.approx(value["whole"], rel=1e-12)
    assert value.drop(["whole", "within", "across"]).sum() == pytest.approx(value["whole"], rel=1e-12)


def test_a_difference_in_level_between_countries_is_no_cluster() -> None:
    result = ask(scene(np.random.default_rng(2)))
    assert result.parts.loc["whole", "value"] > 0.3  # means differ by three standard deviations
    assert result.parts.loc["whole", "expected"] > 0.3
    assert result.parts.loc["whole", "p"] > 0.05


@pytest.mark.parametrize("null", ["surrogate", "permutation"])
def test_same_seed_same_numbers_on_any_number_of_threads(null: str) -> None:
    table = scene(np.random.default_rng(3))
    one, two = (ask(table, null=null, workers=w, permutations=199) for w in (1, 3))
    pd.testing.assert_frame_equal(one.parts, two.parts)
    pd.testing.assert_frame_equal(one.cross, two.cross)


def test_independent_values_are_rejected_at_the_nominal_rate() -> None:
    rng = np.random.default_rng(4)
    found = []
    for _ in range(80):
        table = scene(rng, n=60)
        parts = ask(table, permutations=99, rng=rng).parts
        found.append([parts.loc[part, "p"] <= 0.05 for part in ("whole", "across")])
    whole, across = np.mean(found, axis=0)
    assert whole < 0.125  # 0.05 + 3 standard errors
    assert across < 0.125


def test_surrogates_hold_their_size_where_permutation_does_not() -> None:
    rng = np.random.default_rng(5)
    found = []
    for _ in range(50):
        table = scene(rng, n=240, field=0.3)
        graph = build_graph(table, nearest=8)
        found.append(
            [
                ask(table, graph=graph, null=null, permutations=99, rng=rng).parts.loc["across", "p"] <= 0.05
                for null in ("surrogate", "permutation")
            ]
        )
    surrogate, permutation = np.mean(found, axis=0)
    assert surrogate <= 0.14  # 0.05 + 3 standard errors
    assert permutation > surrogate + 0.1


def test_a_field_across_the_border_is_found() -> None:
    rng = np.random.default_rng(6)
    table = scene(rng, n=500)
    wave = np.sin(table.geometry.y * 40) * np.cos((table.geometry.x - 7.5) * 20)
    table["x"] = wave + 0.2 * rng.normal(size=500)
    result = ask(table, graph=build_graph(table, within_km=5))
    assert result.parts.loc["across", "standard"] > 0.3
    assert result.parts.loc["across", "p"] < 0.05


def test_one_country_has_no_cross_part() -> None:
    table = scene(np.random.default_rng(7)).assign(country="FR")
    result = ask(table)
    value = result.parts["value"]
    assert value["within"] == value["whole"]
    assert np.isnan(result.parts.loc["across", "p"])
    assert result.undefined == "not defined: one country"
    assert "not defined: one country" in result.sentence()


def test_countries_out_of_reach_have_no_cross_part() -> None:
    table = scene(np.random.default_rng(8))
    graph = build_graph(table[table["country"] == "FR"], nearest=3)
    far = table.copy()
    far.loc[far["country"] == "DE", "geometry"] = far.geometry.translate(xoff=60)
    result = ask(far, graph=build_graph(far, nearest=3))
    assert result.undefined == "not defined: no neighbours across a border"
    assert graph.n > 0


def test_a_country_with_fewer_than_five_is_held_fixed_and_not_tested() -> None:
    table = scene(np.random.default_rng(9))
    table["country"] = np.where(np.arange(len(table)) < 4, "CH", "FR")
    result = ask(table)
    assert result.cross["reason"].str.contains("CH has fewer than 5").all()
    assert np.isnan(result.parts.loc["across", "p"])
    assert any("held fixed: CH" in note for note in result.notes)


def test_rows_without_a_number_are_set_aside_with_the_reason() -> None:
    table = scene(np.random.default_rng(10))
    table.loc[[3, 5], "x"] = np.nan
    table.loc[7, "country"] = None
    result = ask(table)
    assert result.set_aside["reason"].to_dict() == {3: "no number in x", 5: "no number in x", 7: "no country"}
    assert result.n + len(result.set_aside) == len(table)


def test_equal_values_give_no_number_but_a_reason() -> None:
    table = scene(np.random.default_rng(11)).assign(x=1.0)
    result = ask(table)
    assert np.isnan(result.parts.loc["whole", "value"])
    assert "all values are equal" in result.sentence()


def test_islands_are_kept_and_counted() -> None:
    table = scene(np.random.default_rng(12))
    table = table.set_geometry(table.geometry.where(table.index > 0, Point(30, 10)))
    result = ask(table, graph=build_graph(table, within_km=15))
    assert result.islands >= 1
    assert result.n == len(table)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"statistic": "gini"}, "statistic must be"),
        ({"null": "none"}, "null must be"),
        ({"cross_null": "none"}, "cross_null must be"),
        ({"permutations": 0}, "permutations"),
        ({"rng": "seven"}, "rng must be"),
    ],
)
def test_bad_options_are_told_in_words(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        ask(scene(np.random.default_rng(13)), **options)


def test_words_in_the_column_are_told() -> None:
    table = scene(np.random.default_rng(14))
    table["x"] = table["x"].astype(object)
    table.loc[2, "x"] = "many"
    with pytest.raises(SchemaError, match="no numbers \\('many'\\)"):
        ask(table, graph=build_graph(table, nearest=3))
    with pytest.raises(SchemaError, match="there is no such column"):
        ask(table, column="size", graph=build_graph(table, nearest=3))


def test_a_graph_of_other_rows_is_refused() -> None:
    table = scene(np.random.default_rng(15))
    with pytest.raises(OptionError, match="other rows"):
        ask(table, graph=build_graph(table.iloc[:50], nearest=3))


def test_the_result_says_itself() -> None:
    result = ask(scene(np.random.default_rng(16)))
    assert repr(result).startswith("<Moran's I of x ")
    assert " within " in result.sentence()
    text = result.summary()
    assert "null: values permuted within countries" in text
    assert "approximate" in text
    assert "seed 1" in text
    assert "<b>Moran&#x27;s I of x" in result._repr_html_()
    ax = result.plot()
    assert {line.get_gid() for line in ax.lines} >= {"value:whole", "value:within", "value:across", "value:DE-FR"}
