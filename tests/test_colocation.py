from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geocluster import build_graph, colocation_test
from geocluster.errors import OptionError, SchemaError


def scene(rng: np.random.Generator, n: int = 120) -> gpd.GeoDataFrame:
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    kind = rng.choice(["firm", "university", "institute"], n, p=[0.5, 0.25, 0.25])
    return gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), "kind": kind}, geometry=gpd.points_from_xy(lon, lat), crs=4326
    )


def ask(table: gpd.GeoDataFrame, **options: Any) -> Any:
    graph = options.pop("graph", None) or build_graph(table, nearest=6)
    chosen: dict[str, Any] = {"kind": "firm", "near_kind": "university", "rng": 1} | options
    return colocation_test(table, graph, **chosen)


@pytest.mark.parametrize("near_kind", ["university", "firm"])
def test_the_parts_add_up_exactly(near_kind: str) -> None:
    value = ask(scene(np.random.default_rng(1)), near_kind=near_kind).parts["value"]
    assert value["within"] + value["across"] == pytest.approx(value["whole"], rel=1e-12)
    assert value.drop(["whole", "within", "across"]).sum() == pytest.approx(value["whole"], rel=1e-12)


def test_the_standard_form_is_one_where_neighbours_abroad_are_an_average() -> None:
    # every row has all rows abroad as its neighbours
    table = scene(np.random.default_rng(2), n=40)
    french, german = table["country"] == "FR", table["country"] == "DE"
    from libpysal.graph import Graph

    focal = np.concatenate([np.repeat(table.index[a], b.sum()) for a, b in ((french, german), (german, french))])
    other = np.concatenate([np.tile(table.index[b], a.sum()) for a, b in ((french, german), (german, french))])
    graph = Graph.from_arrays(focal, other, np.ones(len(focal)))
    result = ask(table, graph=graph)
    assert result.parts.loc["across", "standard"] == pytest.approx(1.0, rel=1e-12)
    assert result.cross["value"].to_numpy(dtype=float) == pytest.approx(1.0, rel=1e-12)


def test_independent_labels_are_rejected_at_the_nominal_rate() -> None:
    rng = np.random.default_rng(3)
    rejected = [ask(scene(rng, n=60), permutations=99, rng=rng).parts.loc["across", "p"] <= 0.05 for _ in range(80)]
    assert np.mean(rejected) < 0.125  # 0.05 + 3 standard errors


def test_attraction_across_the_border_is_found() -> None:
    rng = np.random.default_rng(4)
    table = scene(rng, n=600)
    near_border = (table.geometry.x - 7.5).abs() < 0.12
    stripe = np.sin(table.geometry.y.to_numpy() * 12) > 0
    table.loc[near_border & stripe, "kind"] = rng.choice(["firm", "university"], int((near_border & stripe).sum()))
    table.loc[near_border & ~stripe, "kind"] = "institute"
    result = ask(table, graph=build_graph(table, within_km=8), null="permutation")
    assert result.parts.loc["across", "standard"] > 1.1
    assert result.parts.loc["across", "p"] < 0.05


def test_same_seed_same_numbers_on_any_number_of_threads() -> None:
    table = scene(np.random.default_rng(5))
    one, two = (ask(table, workers=w, permutations=199) for w in (1, 3))
    pd.testing.assert_frame_equal(one.parts, two.parts)
    pd.testing.assert_frame_equal(one.cross, two.cross)


def test_a_kind_absent_abroad_is_not_defined_rather_than_nought() -> None:
    table = scene(np.random.default_rng(6))
    table.loc[(table["country"] == "DE") & (table["kind"] == "university"), "kind"] = "institute"
    result = ask(table)
    told = result.cross.set_index("held")
    assert "DE has none" in told.loc["FR", "reason"]
    assert np.isnan(told.loc["FR", "p"])
    assert np.isfinite(told.loc["DE", "p"])


def test_one_country_has_no_cross_part() -> None:
    result = ask(scene(np.random.default_rng(7)).assign(country="FR"))
    assert result.undefined == "not defined: one country"
    assert np.isnan(result.parts.loc["across", "standard"])
    assert "(across not defined: one country)" in result.sentence()


def test_rows_without_a_kind_are_set_aside() -> None:
    table = scene(np.random.default_rng(8))
    table.loc[3, "kind"] = None
    result = ask(table)
    assert result.set_aside["reason"].to_dict() == {3: "no kind"}


def test_row_order_does_not_matter_to_the_quotient() -> None:
    table = scene(np.random.default_rng(9))
    shuffled = table.sample(frac=1, random_state=1)
    a, b = ask(table).parts["value"], ask(shuffled).parts["value"]
    assert a.to_numpy() == pytest.approx(b[a.index].to_numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "farm"}, "no row has the kind 'farm'. There are 'firm', 'institute', 'university'"),
        ({"statistic": "K"}, "statistic must be"),
        ({"null": "complete"}, "null must be"),
        ({"permutations": -1}, "permutations"),
    ],
)
def test_bad_options_are_told_in_words(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        ask(scene(np.random.default_rng(10)), **options)


def test_a_table_without_kinds_is_refused() -> None:
    table = scene(np.random.default_rng(11)).drop(columns="kind")
    with pytest.raises(SchemaError, match="kind: there is no such column"):
        ask(table)


def test_the_result_says_itself() -> None:
    result = ask(scene(np.random.default_rng(12)))
    assert repr(result).startswith("<firm → university ")
    assert "kinds permuted within countries" in result.summary()
    assert result.to_frame().index[:3].tolist() == ["whole", "within", "across"]
