from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from numpy.testing import assert_allclose
from shapely import Point, box

from geocluster import build_graph, hotspot_test
from geocluster.autocorrelation.measures import NAMES
from geocluster.errors import OptionError, SchemaError
from geocluster.graph import to_sparse

if TYPE_CHECKING:
    from geocluster.autocorrelation import LocalResult

ALL: dict[str, dict[str, Any]] = {name: {} for name in NAMES} | {
    "bivariate_moran": {"other_column": "y"},
    "join_count": {"column": "one"},
}


def scene(seed: int, n: int = 160, *, bump: float = 0.0) -> gpd.GeoDataFrame:
    """Two countries side by side with means apart; a bump of values, if asked, astride the border."""
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    country = np.where(lon < 7.5, "FR", "DE")
    x = rng.normal(size=n) + 3 * (country == "DE") + bump * (np.hypot(lon - 7.5, (lat - 47.35) * 1.5) < 0.12)
    return gpd.GeoDataFrame(
        {"country": country, "x": x, "y": rng.normal(size=n), "one": x > 2},
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip


def ask(table: gpd.GeoDataFrame, **options: Any) -> LocalResult:
    graph = options.pop("graph", None)
    graph = build_graph(table, nearest=6) if graph is None else graph
    chosen: dict[str, Any] = {"column": "x", "rng": 1, "surrogates": False, "permutations": 199} | options
    return hotspot_test(table, graph, **chosen)


@pytest.mark.parametrize("statistic", NAMES)
@pytest.mark.parametrize("null", ["stratified", "complete"])
def test_parts_add_up_and_draws_agree_with_theory(statistic: str, null: str) -> None:
    result = ask(scene(1), statistic=statistic, null=null, permutations=2_999, **ALL[statistic])
    frame = result.frame
    assert_allclose(frame["within"] + frame["across"], frame["value"], rtol=1e-12)
    by_country = result.by_country().groupby("place")["value"].sum()
    assert_allclose(by_country, frame["value"], rtol=1e-9, atol=1e-12)
    moments, tested = result.moments(), frame["p"].notna()
    off = (frame["expected"] - moments["expected"]) / moments["sd"]
    assert off[tested].abs().max() < 5 / np.sqrt(2_999)
    ratio = frame["sd"][tested] / moments["sd"][tested]
    assert ratio.between(0.85, 1.15).all()
    assert frame["p"][tested].between(0, 1).all()
    assert (frame["p_adjusted"] >= frame["p"] * (1 - 1e-12))[tested].all()


@pytest.mark.parametrize("statistic", NAMES)
def test_same_seed_same_bytes_on_any_number_of_threads(statistic: str) -> None:
    table = scene(2)
    one, two = (
        ask(table, statistic=statistic, workers=workers, surrogates=True, **ALL[statistic]) for workers in (1, 2)
    )
    pd.testing.assert_frame_equal(one.frame, two.frame, check_exact=True)
    assert (one.frame["p_across_surrogate"].notna() == (one.frame["neighbours_abroad"] > 0)).all()


def test_a_bump_astride_the_border_needs_neighbours_abroad_and_one_inland_does_not() -> None:
    table = scene(3, n=400, bump=4.0)
    inland = np.hypot(table.geometry.x - 7.85, (table.geometry.y - 47.2) * 1.5) < 0.12
    table.loc[inland, "x"] += 4
    frame = ask(table, statistic="getis_ord_star", permutations=4_999, graph=build_graph(table, nearest=8)).frame
    hot = frame[frame["verdict"] == "hot"]
    assert set(hot.loc[inland[hot.index] & (hot["neighbours_abroad"] == 0), "dependence"]) == {"national"}
    needing = hot["dependence"].isin(["joint", "border-made"])
    assert needing.sum() >= 3
    assert (hot.loc[needing, "neighbours_abroad"] > 0).all()
    assert (hot.loc[needing, "p_across_adjusted"] <= 0.05).all()
    made = hot[hot["dependence"] == "border-made"]
    limit = frame.loc[frame["p_adjusted"] <= 0.05, "p"].max()
    assert (made["p_closed"] > limit).all()
    assert (hot.loc[hot["dependence"] == "joint", "p_closed"] <= limit).all()


def test_unequal_numbers_of_neighbours_do_not_make_a_class() -> None:
    """Neighbours abroad that are an average of their country leave a hot spot national, however few are at home."""
    rng = np.random.default_rng(4)
    n = 200
    country = np.repeat(["CH", "FR"], n // 2)
    x = rng.normal(size=n)
    x[:3] = 6.0
    average = np.argsort(np.abs(x[100:] - x[100:].mean()))[:7] + 100
    focal = np.concatenate([[0] * 9, np.arange(1, n)])
    neighbour = np.concatenate([[1, 2], average, [0], np.roll(np.arange(2, n), 1)])
    graph = Graph.from_arrays(focal, neighbour, np.ones(len(focal)))
    table = gpd.GeoDataFrame(
        {"country": country, "x": x}, geometry=gpd.points_from_xy(7 + np.arange(n) / n, np.full(n, 47.0)), crs=4326
    )
    row = ask(table, graph=graph, statistic="getis_ord_star", permutations=999, alpha=0.3).frame.loc[0]
    assert row["p"] < 0.05
    assert row["p_across"] > 0.5
    assert row["dependence"] in ("national", "")


def test_a_difference_in_level_between_countries_is_no_hot_spot() -> None:
    table = scene(5, n=300)
    quiet, loud = (ask(table, null=null, permutations=999).frame["p"] for null in ("stratified", "complete"))
    assert (quiet <= 0.05).mean() < 0.09
    assert (loud <= 0.05).mean() > 0.2


def test_one_country_has_no_part_abroad() -> None:
    result = ask(scene(6).assign(country="FR"))
    frame = result.frame
    assert (frame["value"] == frame["within"]).all()
    assert frame["p_across"].isna().all()
    assert result.undefined == "not defined: one country"
    assert "not defined: one country" in result.sentence()


def test_islands_are_kept_undefined_and_out_of_the_adjustment() -> None:
    table = scene(7)
    away = np.array([*range(20, 180, 10)] * 10)[: len(table)]
    lonely = np.isin(table.index, [0, 9])
    table = table.set_geometry(gpd.points_from_xy(np.where(lonely, away, table.geometry.x), table.geometry.y), crs=4326)
    result = ask(table, graph=build_graph(table, within_km=12))
    alone = result.frame.loc[[0, 9]]
    assert result.islands == 2
    assert alone[["value", "p", "p_adjusted"]].isna().all(axis=None)
    assert alone["reason"].tolist() == ["no neighbour"] * 2
    assert alone["verdict"].tolist() == ["not tested"] * 2
    joined = result.frame.drop(index=[0, 9])
    assert joined["value"].notna().all()
    first = joined.sort_values("p").iloc[0]
    assert first["p_adjusted"] <= first["p"] * len(joined)


def test_a_country_with_fewer_than_five_is_held_fixed() -> None:
    table = scene(8)
    table.loc[:3, "country"] = "CH"
    result = ask(table)
    assert any("held fixed: CH" in note for note in result.notes)
    assert (result.strata[:4] == -1).all()
    graph = build_graph(table, nearest=6)
    only = [
        i
        for i in table.index[4:]
        if {table.loc[j, "country"] for j in graph[i].index} - {table.loc[i, "country"]} == {"CH"}
    ]
    assert only
    assert result.frame.loc[only, "p_across"].isna().all()
    assert result.frame.loc[only, "p"].notna().all()


def test_a_row_whose_neighbours_are_all_held_fixed_has_no_p_and_says_why() -> None:
    table = scene(9, n=40)
    table.loc[:3, "country"] = "CH"
    focal = np.concatenate([[0, 0, 0], np.arange(1, 40)])
    neighbour = np.concatenate([[1, 2, 3], np.roll(np.arange(1, 40), 1)])
    result = ask(table, graph=Graph.from_arrays(focal, neighbour, np.ones(len(focal))))
    assert result.frame["p"].isna().iloc[0]
    assert "held fixed" in str(result.frame.loc[0, "reason"])
    assert result.frame.loc[0, "verdict"] == "not tested"


def test_rows_without_a_number_or_a_country_keep_their_place_and_reason() -> None:
    table = scene(10)
    table.loc[3, "x"], table.loc[5, "x"] = np.nan, np.inf
    table.loc[7, "country"] = None
    result = ask(table)
    frame = result.frame
    assert frame.index.equals(table.index)
    assert frame.loc[[3, 5, 7], "reason"].tolist() == ["no number in x", "no number in x", "no country"]
    assert frame.loc[[3, 5, 7], ["value", "p"]].isna().all(axis=None)
    assert result.n == len(table) - 3
    assert result.set_aside["reason"].to_dict() == {3: "no number in x", 5: "no number in x", 7: "no country"}


def test_equal_values_are_not_defined() -> None:
    for statistic in ("moran", "geary", "getis_ord", "getis_ord_star"):
        result = ask(scene(11).assign(x=4.0), statistic=statistic)
        assert result.frame["value"].isna().all()
        assert "all values are equal" in result.sentence()


def test_join_counts_of_others_than_the_kind_are_not_tested() -> None:
    table = scene(12)
    result = ask(table, column="one", statistic="join_count")
    frame = result.frame
    untold = frame.loc[table["one"] & frame["p"].isna(), "reason"]
    assert frame.loc[table["one"], "p"].notna().sum() > 40
    assert set(untold) <= {"the redraws do not vary"}
    assert frame.loc[~table["one"], "p"].isna().all()
    assert set(frame.loc[~table["one"], "reason"]) == {"not of the kind"}
    assert "exact, hypergeometric" in result.null
    assert result.provenance.parameters["permutations"] == "exact"
    # unequal weights have no such law: they are drawn
    graph = build_graph(table, nearest=6)
    uneven = Graph(graph.adjacency * np.linspace(1, 2, len(graph.adjacency)), transformation="C")
    assert "exact" not in ask(table, column="one", statistic="join_count", graph=uneven).null


def test_join_counts_and_their_exact_p_are_near_the_drawn() -> None:
    table = scene(13)
    graph = build_graph(table, nearest=6)
    nudged = Graph(graph.adjacency * (1 + 1e-13 * np.arange(len(graph.adjacency))), transformation="C")
    exact, drawn = (
        ask(table, column="one", statistic="join_count", graph=one, permutations=9_999).frame for one in (graph, nudged)
    )
    assert_allclose(exact["value"], drawn["value"], rtol=1e-9)
    assert (exact["p"] - drawn["p"]).abs().median() < 0.01


def test_the_standard_form_is_that_of_values_standardised_by_country() -> None:
    table = scene(14)
    graph = build_graph(table, nearest=6)
    frame = ask(table, graph=graph).frame
    group = table.groupby("country")["x"]
    z = (table["x"] - group.transform("mean")) / group.transform(lambda x: x.std(ddof=0))
    for i in frame.index[frame["neighbours_abroad"] > 0]:
        near = graph[i]
        abroad = near[[table.loc[j, "country"] != table.loc[i, "country"] for j in near.index]]
        expected = z[i] * (abroad * z[abroad.index]).sum() / abroad.sum()
        assert frame.loc[i, "across_standard"] == pytest.approx(expected, rel=1e-9)
    assert frame.loc[frame["neighbours_abroad"] == 0, "across_standard"].isna().all()


def test_g_takes_values_below_zero_and_does_not_mind_a_shift() -> None:
    table = scene(15)
    for statistic in ("getis_ord", "getis_ord_star"):
        low, high = (ask(table.assign(x=table["x"] + by), statistic=statistic).frame for by in (-50, 50))
        assert_allclose(low["value"], high["value"], rtol=1e-9)
        assert_allclose(low["p"], high["p"])


def test_areas_are_taken_as_points_are() -> None:
    table = scene(16)
    graph = build_graph(table, nearest=6)
    low = table.geometry.bounds.to_numpy() + np.array([-0.01, -0.01, 0.01, 0.01])
    cells = table.set_geometry([box(*side) for side in low], crs=4326)
    points, areas = ask(table, graph=graph), ask(cells, graph=graph)
    pd.testing.assert_frame_equal(points.frame, areas.frame)
    assert set(areas.places.geometry.geom_type) == {"Polygon"}


def test_surrogates_stand_beside_permutation_and_say_where_they_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    table = scene(17)
    frame = ask(table, surrogates=True).frame
    told = frame["neighbours_abroad"] > 0
    assert frame.loc[told, "p_across_surrogate"].between(1 / 200, 1).all()
    assert frame.loc[~told, "p_across_surrogate"].isna().all()
    monkeypatch.setattr("geocluster.splitting.rows.MAX_PLACES", 10)
    result = ask(table, surrogates=True)
    assert result.frame["p_across_surrogate"].isna().all()
    assert any("no surrogates of DE, FR" in note for note in result.notes)


def test_few_permutations_for_many_places_are_told() -> None:
    assert any("the smallest p, 1/20" in note for note in ask(scene(18), permutations=19).notes)


def test_the_result_says_itself() -> None:
    result = ask(scene(19, n=400, bump=5.0), statistic="getis_ord_star", permutations=1_999)
    assert repr(result).startswith("<local Getis–Ord G* (z) of x: ")
    assert "(descriptive)" in result.sentence()
    text = result.summary()
    assert "redrawn from their own country, the place held" in text
    assert "descriptive: permutation rejects too often" in text
    assert "Benjamini & Hochberg" in text
    assert "seed 1" in text
    assert "<b>local Getis" in result._repr_html_()
    assert int(result.counts().to_numpy().sum()) == int((result.frame["p_adjusted"] <= 0.05).sum())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"statistic": "lisa", "null": "free", "fdr": "holm"},
            "statistic must be(.|\n)*null must be(.|\n)*fdr must be",
        ),
        ({"permutations": 0}, "permutations must be a whole number from 1 up, got 0"),
        ({"permutations": 9.5}, "permutations must be"),
        ({"alpha": 1.0}, "alpha must lie between 0 and 1"),
        ({"workers": 0}, "workers must be"),
        ({"statistic": "bivariate_moran"}, "needs other_column"),
        ({"other_column": "y"}, "has no other_column"),
        ({"rng": "seven"}, "rng must be"),
    ],
)
def test_bad_options_are_told_in_words(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        ask(scene(20), **options)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["many", 1, 2], "1 of its cells are no numbers \\('many'\\)"),
        ([10**400, 1, 2], "beyond 1e\\+100"),
        ([1e200, 1, 2], "beyond 1e\\+100"),
        ([1j, 1, 2], "no numbers"),
        ([1, 2, 3], "3 rows with a country and a number"),
        ([None, None, None], "no row is left"),
    ],
)
def test_bad_values_are_told_in_words(cells: list[Any], words: str) -> None:
    table = scene(21, n=12)
    table["x"] = pd.Series(cells + [None] * 9, dtype=object)
    with pytest.raises(SchemaError, match=words):
        ask(table)


def test_bad_tables_and_graphs_are_told_in_words() -> None:
    table = scene(22)
    graph = build_graph(table, nearest=6)
    with pytest.raises(SchemaError, match="there is no such column"):
        ask(table, column="size")
    with pytest.raises(SchemaError, match="join counts take 0 and 1"):
        ask(table, statistic="join_count")
    with pytest.raises(OptionError, match="other rows"):
        ask(table, graph=build_graph(table.iloc[:50], nearest=3))
    with pytest.raises(OptionError, match="weights are below 0"):
        ask(table, graph=Graph(graph.adjacency * -1, transformation="C"))
    with pytest.raises(OptionError, match="weight on themselves"):
        ask(table, graph=graph.assign_self_weight(1))
    with pytest.raises(SchemaError, match="country: there is no such column"):
        ask(table.drop(columns="country"), graph=graph)
    with pytest.raises(SchemaError, match="not EPSG:4326"):
        ask(table.to_crs(3035), graph=graph)


def test_no_neighbours_at_all_is_a_documented_answer() -> None:
    table = scene(23, n=8)
    table = table.set_geometry([Point(10 * i, 0) for i in range(8)], crs=4326)
    result = ask(table, graph=build_graph(table, within_km=1))
    assert result.frame["p"].isna().all()
    assert result.islands == 8
    assert result.sentence().endswith("no place could be tested (no neighbour)")


def test_everybodys_neighbour_is_no_hot_spot() -> None:
    table = scene(24, n=12)
    result = ask(table, graph=build_graph(table, nearest=11), statistic="getis_ord_star")
    assert result.frame["p"].isna().all()
    assert set(result.frame["reason"]) == {"not defined: all other rows are its neighbours"}
    moran = ask(table, graph=build_graph(table, nearest=11))
    assert set(moran.frame["reason"]) == {"the redraws do not vary"}


@pytest.mark.parametrize("statistic", NAMES)
@pytest.mark.parametrize("standardised", [False, True])
def test_older_weights_and_matrices_answer_as_the_graph_does(statistic: str, *, standardised: bool) -> None:
    table = scene(5, 40)
    table.index = pd.Index([f"r{i}" for i in range(len(table))])
    graph = build_graph(table, within_km=12)
    graph = graph.transform("R") if standardised else graph
    asked = {"statistic": statistic, "permutations": 49, **ALL[statistic]}
    frame = ask(table, graph=graph, **asked).frame
    for other in (graph.to_W(), to_sparse(graph, table.index)):
        pd.testing.assert_frame_equal(ask(table, graph=other, **asked).frame, frame)


def test_weights_that_were_standardised_are_so_again_where_rows_are_cut_in_whatever_form_they_come() -> None:
    table = scene(6, 40)
    table.loc[::5, "x"] = np.nan
    graph = build_graph(table, nearest=4).transform("R")
    frame = ask(table, graph=graph).frame
    for other in (graph.to_W(), to_sparse(graph, table.index)):
        pd.testing.assert_frame_equal(ask(table, graph=other).frame, frame)


def test_a_list_of_columns_or_statistics_is_refused_in_words() -> None:
    with pytest.raises(OptionError, match=r"statistic must be .* got \['moran'\]"):
        ask(scene(1, 20), statistic=["moran"])
    with pytest.raises(SchemaError, match=r"\['x'\]: there is no such column"):
        ask(scene(1, 20), column=["x"])


@pytest.mark.parametrize("kind", ["int64", object])
def test_whole_numbers_that_become_one_are_refused(kind: Any) -> None:
    table = scene(1, 20)
    table["x"] = pd.Series([2**62 + i % 7 for i in range(20)], dtype=kind)
    with pytest.raises(SchemaError, match=r"x: its whole numbers differ only beyond the 15th digit"):
        ask(table)
    table["x"] = pd.Series([2**62] * 20, dtype=kind)
    assert "all values are equal" in ask(table).sentence()


def test_further_bad_input_is_told_in_words() -> None:
    table = scene(23)
    with pytest.raises(SchemaError, match="x: several columns have this name"):
        ask(gpd.GeoDataFrame(pd.concat([table, table[["x"]]], axis=1), crs=4326), graph=build_graph(table, nearest=6))
    with pytest.raises(SchemaError, match="differ by less than 1e-100"):
        ask(table.assign(x=table["x"] * 1e-200))
    with pytest.raises(SchemaError, match=r"no row is left of 160. \(no country\)"):
        ask(table.assign(country=""))
    with pytest.raises(OptionError, match="surrogates must be True or False"):
        ask(table, surrogates="no")
    with pytest.raises(SchemaError, match="are no numbers"):
        ask(table.assign(one=pd.Series([[1]] * len(table), dtype=object)), column="one", statistic="join_count")
    rounded = ask(table.assign(x=[0.1 + 0.2, 0.3] * 80))
    assert rounded.frame["value"].isna().all()
    assert set(rounded.frame["reason"]) == {"all values are equal"}


def test_a_decimal_comma_is_named() -> None:
    with pytest.raises(SchemaError, match="point, not a comma"):
        ask(scene(1).assign(x=["431,5"] * len(scene(1))), column="x")
