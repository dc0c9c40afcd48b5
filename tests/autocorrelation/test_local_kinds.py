"""Join counts of several kinds at every place."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from numpy.testing import assert_allclose
from scipy import stats

from geocluster import build_graph, hotspot_test
from geocluster.errors import OptionError, SchemaError

COLUMNS = ["value", "within", "across", "expected", "sd", "p", "p_within", "p_across", "p_closed"]
WORDS = ["firm", "university", "institute"]


def scene(seed: int, n: int = 150) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    return gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), "kind": rng.choice(WORDS, n, p=[0.5, 0.3, 0.2])},
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip


def ask(table: gpd.GeoDataFrame, graph: Graph | None = None, **options: Any) -> Any:
    chosen: dict[str, Any] = {"column": "kind", "statistic": "join_count", "rng": 1, "surrogates": False} | options
    return hotspot_test(table, build_graph(table, nearest=6) if graph is None else graph, **chosen)


def test_each_place_is_answered_as_if_its_kind_alone_were_asked_for() -> None:
    table = scene(1)
    together = ask(table)
    assert "exact, hypergeometric" in together.null
    assert together.frame["p"].notna().sum() > 140
    for word in WORDS:
        alone = ask(table.assign(one=table["kind"] == word), column="one").frame
        held = table["kind"] == word
        assert_allclose(together.frame.loc[held, COLUMNS], alone.loc[held, COLUMNS], rtol=1e-12)
    assert_allclose(together.frame["within"] + together.frame["across"], together.frame["value"], rtol=1e-12)


def test_false_discoveries_are_counted_over_all_kinds() -> None:
    table = scene(2)
    frame = ask(table).frame
    assert_allclose(frame["p_adjusted"], stats.false_discovery_control(frame["p"]))


def test_a_quarter_of_one_kind_is_alike_and_a_stranger_in_it_unlike() -> None:
    table = scene(3, n=900)
    away = pd.Series(np.hypot(table.geometry.x - 7.25, (table.geometry.y - 47.35) * 1.5), index=table.index)
    table.loc[away < 0.2, "kind"] = "institute"
    stranger = away.idxmin()
    table.loc[stranger, "kind"] = "firm"
    frame = ask(table, build_graph(table, nearest=8)).frame
    called = frame.loc[(away < 0.12) & (table["kind"] == "institute"), "verdict"]
    assert len(called) > 5
    assert (called == "alike").mean() > 0.8
    assert frame.loc[stranger, "value"] < frame.loc[stranger, "expected"]
    assert not set(frame["verdict"]) & {"hot", "cold"}


def test_pairs_of_kinds_add_up_to_all_neighbours_and_hold_each_place_s_own() -> None:
    table = scene(4)
    result = ask(table)
    pairs = result.by_kind()
    assert len(pairs) == len(table) * len(WORDS)
    assert_allclose(pairs["within"] + pairs["across"], pairs["value"], rtol=1e-12)
    assert_allclose(pairs.groupby("place")["value"].sum(), result.frame["neighbours"])
    own = pairs[pairs["kind"] == pairs["neighbour_kind"]].set_index("place").loc[table.index]
    same = ["value", "within", "across", "expected", "sd", "p", "p_across"]
    assert_allclose(own[same], result.frame[same], rtol=1e-12)
    # neighbours of another kind: a place takes none of them away, but stands itself among its country's others
    other = pairs[(pairs["kind"] == "firm") & (pairs["neighbour_kind"] == "institute")].set_index("place")
    inland = other.index[result.frame.loc[other.index, "neighbours_abroad"] == 0]
    for place in inland[:5]:
        home = table["country"] == table.loc[place, "country"]
        law = stats.hypergeom(int(home.sum()) - 1, int((table.loc[home, "kind"] == "institute").sum()), 6)
        k = np.arange(7)
        far = np.abs(k - law.mean()) >= abs(other.loc[place, "value"] - law.mean()) - 1e-9
        assert other.loc[place, "p"] == pytest.approx(law.pmf(k[far]).sum(), rel=1e-9)
    assert_allclose(pairs["p_adjusted"], stats.false_discovery_control(pairs["p"]))


def test_unequal_weights_are_drawn_and_come_near() -> None:
    table = scene(5)
    graph = build_graph(table, nearest=6)
    nudged = Graph(graph.adjacency * (1 + 1e-13 * np.arange(len(graph.adjacency))), transformation="C")
    exact = ask(table, graph)
    drawn = ask(table, nudged, permutations=4_999)
    assert "exact" not in drawn.null
    assert (exact.frame["p"] - drawn.frame["p"]).abs().median() < 0.02
    assert_allclose(exact.frame["expected"], drawn.frame["expected"], atol=0.1)
    pairs = drawn.by_kind(permutations=499, rng=2)
    pd.testing.assert_frame_equal(pairs, drawn.by_kind(permutations=499, rng=2, workers=2))
    assert (pairs["p"] - exact.by_kind()["p"]).abs().median() < 0.05


def test_places_parts_by_country_and_moments_speak_of_the_place_s_own_kind() -> None:
    result = ask(scene(6))
    assert_allclose(result.by_country().groupby("place")["value"].sum(), result.frame["value"])
    moments = result.moments()
    assert_allclose(moments["expected"], result.frame["expected"], rtol=1e-9)
    assert_allclose(moments["sd"], result.frame["sd"], rtol=1e-9)
    assert "kinds: firm" in result.summary()


def test_surrogates_of_a_kind_are_those_of_the_place_s_own() -> None:
    table = scene(7)
    frame = ask(table, surrogates=True, permutations=199).frame
    assert (frame["p_across_surrogate"].notna() == (frame["neighbours_abroad"] > 0)).all()
    told = frame["p_across_surrogate"].dropna()
    assert told.between(1 / 200, 1).all()
    again = ask(table, surrogates=True, permutations=199, workers=2).frame
    pd.testing.assert_frame_equal(frame, again, check_exact=True)


def test_empty_cells_are_set_aside_and_one_kind_alone_tells_nothing() -> None:
    table = scene(8)
    table.loc[3, "kind"], table.loc[5, "kind"] = None, "  "
    result = ask(table)
    assert result.set_aside["reason"].to_dict() == {3: "no kind in kind", 5: "no kind in kind"}
    alone = ask(table.assign(kind="firm"))
    assert set(alone.frame["reason"]) == {"the redraws do not vary"}
    assert "no place could be tested" in alone.sentence()


def test_codes_written_as_text_are_kinds_as_in_the_global_test() -> None:
    table = scene(10)
    coded = table.assign(kind=table["kind"].map({"firm": "62", "institute": "72", "university": "85.4"}))
    assert_allclose(ask(coded).frame[COLUMNS], ask(table).frame[COLUMNS])
    with pytest.raises(SchemaError, match=r"join counts take .*astype\(str\)"):
        ask(table.assign(kind=np.arange(len(table)) % 3))


def test_nought_and_one_written_as_text_are_numbers() -> None:
    table = scene(11)
    ones = table["kind"] == "firm"
    assert_allclose(
        ask(table.assign(kind=np.where(ones, "1", "0"))).frame[COLUMNS], ask(table.assign(kind=ones)).frame[COLUMNS]
    )


def test_bad_kinds_are_told_in_words() -> None:
    table = scene(9)
    with pytest.raises(SchemaError, match="150 different words"):
        ask(table.assign(kind=[f"kind {i}" for i in range(len(table))]))
    with pytest.raises(OptionError, match="take no other_column"):
        ask(table.assign(one=1), other_column="one")
    with pytest.raises(OptionError, match="by_kind is for"):
        ask(table.assign(one=table["kind"] == "firm"), column="one").by_kind()
    with pytest.raises(OptionError, match=r"permutations must be(.|\n)*workers must be"):
        ask(table).by_kind(permutations=0, workers=0.5)
