"""Three countries at one point, one sector against all others, stopping early, kinds of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geocluster.background.ground import stand_on_background
from geocluster.errors import OptionError, SchemaError
from geocluster.permutation import simulate
from geocluster.spanning import partial_conjunction, spanning_test
from geocluster.spanning.cases import divide_table
from geocluster.spanning.reach import find_parts, kind_of_reach, say_window, small_states, tied_across
from geocluster.spanning.stopping import allowed_exceedances, draw_until

if TYPE_CHECKING:
    from numpy.typing import NDArray

KM = 1 / 111.195
CODES = np.array(["AA", "XX", "ZZ"])  # on no map: they may all adjoin


def three(
    rng: np.random.Generator, extra: tuple[int, int, int], *, n: int = 250, places: int = 450
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Three sectors that meet at (100, 0) km; so many organisations more of each country at that point."""
    xy = np.column_stack([rng.uniform(0, 200, places), rng.uniform(-100, 100, places)])
    turn = (np.arctan2(xy[:, 1], xy[:, 0] - 100) + 2 * np.pi) % (2 * np.pi)
    country = (turn // (2 * np.pi / 3)).astype(int)
    population = 500 * (1 + rng.pareto(1.3, places))
    stands = []
    for c, more in enumerate(extra):
        own = np.flatnonzero(country == c)
        stands.append(rng.choice(own, n, p=population[own] / population[own].sum()))
        near = own[np.argsort(np.hypot(xy[own, 0] - 100, xy[own, 1]))[:3]]
        stands.append(rng.choice(near, more))
    place = np.concatenate(stands)
    points = gpd.points_from_xy(xy[:, 0] * KM, xy[:, 1] * KM, crs="EPSG:4326")
    frame = gpd.GeoDataFrame({"country": CODES[country], "population": population}, geometry=points)
    frame["border_km"] = 10.0
    return frame, gpd.GeoDataFrame({"country": CODES[country[place]]}, geometry=points[place])


def from_the_point(table: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.asarray(np.hypot(np.asarray(table.geometry.x) / KM - 100, np.asarray(table.geometry.y) / KM))


def ask(background: gpd.GeoDataFrame, table: gpd.GeoDataFrame, labels: Any = None, **options: Any) -> Any:
    return spanning_test(
        table, labels, background=background, study_area="countries", **({"rng": 1, "permutations": 999} | options)
    )


def test_three_countries_in_excess_are_a_claim_of_its_own() -> None:
    background, table = three(np.random.default_rng(1), (30, 30, 30))
    labels = pd.Series(pd.NA, index=table.index, dtype="Int64")
    labels[from_the_point(table) < 25] = 1
    result = ask(background, table, labels)
    assert (result.windows["at_least"] == 3).any()
    told = result.conjunctions[result.conjunctions["reading"] == "per head"]
    assert set(told["at_least"]) == {2, 3}
    assert told.loc[told["at_least"] == 3, "countries"].tolist() == ["AA XX ZZ"]
    assert told.loc[told["at_least"] == 3, "p"].iloc[0] <= 0.05
    assert result.clusters.loc[1, "at_least"] == 3
    assert "at least 3 countries (AA XX ZZ)" in result.summary()


def test_two_of_three_countries_are_not_three() -> None:
    background, table = three(np.random.default_rng(1), (30, 30, 0))
    result = ask(background, table)
    assert not result.windows.empty
    assert set(result.conjunctions["at_least"]) == {2}
    assert set(result.windows["at_least"]) == {2}


def test_at_least_three_may_be_all_that_is_asked() -> None:
    background, table = three(np.random.default_rng(1), (30, 30, 30))
    both, only = ask(background, table), ask(background, table, at_least=3)
    assert set(only.conjunctions["at_least"]) == {3}
    assert both.conjunctions.query("at_least == 3 and reading == 'per head'")["p"].iloc[0] == pytest.approx(
        only.windows.query("reading == 'per head'")["p"].iloc[0], abs=0.01
    )
    with pytest.raises(OptionError, match=r"at_least=4, but only 3 countries.*AA, XX, ZZ"):
        ask(background, table, at_least=4)


def test_families_tell_their_nearest_circle() -> None:
    background, table = three(np.random.default_rng(1), (0, 0, 0))
    families = ask(background, table).families
    assert families["r_km"].between(5, 25).all()
    for words in (*families["observed"], *families["expected"]):
        assert [part.split()[0] for part in words.split(", ")] == ["AA", "XX", "ZZ"]


def test_stopping_changes_no_claim_and_saves_draws() -> None:
    for extra in ((30, 30, 0), (0, 0, 0), (12, 6, 0)):
        background, table = three(np.random.default_rng(5), extra)
        whole, stopped = ask(background, table, sequential=False), ask(background, table)
        columns = ["claim", "reading", "p", "r_km", "lon", "lat", "countries"]
        pd.testing.assert_frame_equal(whole.windows[columns], stopped.windows[columns])
        assert (whole.families["draws"] % 999 == 0).all()
        assert (stopped.families["draws"] <= whole.families["draws"]).all()
    background, table = three(np.random.default_rng(5), (30, 3, 0))
    stopped = ask(background, table, permutations=9_999)
    assert (stopped.families["draws"] % 9_999 > 0).any()
    assert "up to 9,999 redraws" in stopped.null


def test_draws_stop_at_the_exceedance_that_settles_it_on_any_number_of_threads() -> None:
    def draw(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        return generator.random(size)

    every = simulate(draw, permutations=999, rng=np.random.default_rng(3))
    for limit, height in ((0.025, 0.9), (1 / 60, 0.7), (0.025, 0.999), (0.3, 0.2)):
        found = [
            draw_until(draw, permutations=999, rng=np.random.default_rng(3), workers=w, height=height, limit=limit)
            for w in (1, 2)
        ]
        np.testing.assert_array_equal(found[0], found[1])
        np.testing.assert_array_equal(found[0], every[: len(found[0])])
        p_whole = ((every >= height).sum() + 1) / 1000
        p = ((found[0] >= height).sum() + 1) / (len(found[0]) + 1)
        assert (p <= limit) == (p_whole <= limit)
        assert p == p_whole if p_whole <= limit else p > limit
        assert len(found[0]) == 999 or (found[0] >= height).sum() == allowed_exceedances(999, limit)


def test_p_of_a_stopped_search_is_uniform_or_larger() -> None:
    rng = np.random.default_rng(8)
    p = []
    for child in rng.spawn(1500):
        found = draw_until(lambda g, size: g.random(size), permutations=199, rng=child, height=rng.random(), limit=0.05)
        p.append(found)
    heights = np.random.default_rng(8)
    heights.spawn(1500)
    values = np.array([((f >= h).sum() + 1) / (len(f) + 1) for f, h in zip(p, heights.random(1500), strict=True)])
    for level in (0.05, 0.1, 0.2, 0.5):
        assert (values <= level).mean() <= level + 3 * np.sqrt(level * (1 - level) / 1500)


def test_one_sector_against_all_others_of_the_table() -> None:
    _, firms = three(np.random.default_rng(1), (30, 30, 0), n=150)
    _, others = three(np.random.default_rng(1), (0, 0, 0), n=900)
    table = pd.concat([firms.assign(kind="firm"), others.assign(kind="university")], ignore_index=True)
    unknown = table.iloc[:2].assign(kind=None)
    table = pd.concat([table, unknown], ignore_index=True)
    labels = pd.Series(1, index=table.index, dtype="Int64")
    result = spanning_test(table, labels, cases={"kind": "firm"}, rng=1, permutations=999)
    by_hand = spanning_test(firms, controls=others, rng=1, permutations=999)
    pd.testing.assert_frame_equal(result.families, by_hand.families)
    assert result.asked == ["controls"]
    assert not result.windows.empty
    assert result.clusters.loc[1, "n"] == len(firms)
    told = result.provenance.parameters["cases"]
    assert f"{len(table):,} rows = {len(firms)} cases + {len(others):,} controls + 2 unknown" in str(told)
    assert (result.set_aside["reason"] == "neither case nor control: the column is empty").sum() == 2
    masked = spanning_test(table, cases=table["kind"].map({"firm": True, "university": False}), rng=1, permutations=999)
    pd.testing.assert_frame_equal(result.families, masked.families)


def test_controls_of_the_table_that_cannot_be_used_are_accounted_for() -> None:
    _, firms = three(np.random.default_rng(1), (30, 30, 0), n=150)
    _, others = three(np.random.default_rng(1), (0, 0, 0), n=300)
    table = pd.concat([firms.assign(kind="firm"), others.assign(kind="university")], ignore_index=True)
    table.loc[len(table) - 1, "country"] = None
    result = spanning_test(table, cases={"kind": ["firm"]}, rng=1, permutations=999)
    assert result.set_aside["reason"].to_dict() == {len(table) - 1: "control: no country"}
    assert result.provenance.parameters["controls left out"] == 1


@pytest.mark.parametrize(
    ("cases", "error", "words"),
    [
        ({"branch": "firm"}, SchemaError, "branch.*no column"),
        ({"kind": "bank"}, SchemaError, "no row is one.*'firm' \\(2\\)"),
        ({"kind": ["firm", "school"]}, SchemaError, "every row is one"),
        ({}, SchemaError, "names no column"),
        ("firm", OptionError, "must be a mapping"),
        (pd.Series([True], index=["x"]), OptionError, "table's index"),
        (pd.Series(["a", "b", "c"]), OptionError, "Series of bool"),
    ],
)
def test_cases_that_cannot_be_told_are_refused(cases: Any, error: type[Exception], words: str) -> None:
    points = gpd.points_from_xy([7.0, 7.1, 7.2], [47.5] * 3, crs="EPSG:4326")
    table = gpd.GeoDataFrame({"kind": ["firm", "firm", "school"]}, geometry=points)
    with pytest.raises(error, match=words):
        divide_table(table, cases)


def test_options_that_exclude_each_other_are_told() -> None:
    background, table = three(np.random.default_rng(1), (0, 0, 0))
    options: dict[str, Any] = {"controls": table, "cases": {"country": "AA"}, "null": "cox", "apart_km": 0}
    with pytest.raises(OptionError, match=r"(?s)cases.*controls are given.*background.*null.*apart_km"):
        spanning_test(table, background=background, **options)
    with pytest.raises(OptionError, match="'lgcp' is for a fitted background"):
        spanning_test(table, controls=table, null="lgcp")
    with pytest.raises(SchemaError, match="none of 1 names two rows"):
        ask(background, table, ties=pd.DataFrame({"origin": ["x"], "destination": ["y"]}))
    with pytest.raises(SchemaError, match="has no row"):
        ask(background, table, ties=pd.DataFrame({"origin": [], "destination": []}))
    with pytest.raises(SchemaError, match=r"(?s)origin.*destination"):
        ask(background, table, ties=pd.DataFrame({"a": [1]}))


def test_reach_in_the_usual_terms() -> None:
    background, table = three(np.random.default_rng(1), (30, 30, 0))
    away = from_the_point(table)
    labels = pd.Series(pd.NA, index=table.index, dtype="Int64")
    labels[away < 25] = 1
    labels[(away > 30) & (table["country"] == "ZZ").to_numpy()] = 2
    far = [table.index[(away > 70) & (table["country"] == code).to_numpy()][0] for code in ("AA", "ZZ")]
    labels[far] = 3
    ties = pd.DataFrame({"origin": [far[0], "nobody"], "destination": [far[1], far[0]]})
    result = ask(background, table, labels, ties=ties)
    assert (result.provenance.parameters["ties"], result.provenance.parameters["ties left out"]) == (1, 1)
    assert result.clusters["reach"].to_dict() == {
        1: "cross-border",
        2: "regional",
        3: "transnational",
    }
    assert ask(background, table, labels).clusters.loc[3, "reach"] == "in two countries, spanning not shown"


def test_ties_inside_a_part_or_a_country_make_nothing_transnational() -> None:
    points = gpd.points_from_xy([7.0, 7.05, 9.0, 9.01], [47.5] * 4, crs="EPSG:4326")
    table = gpd.GeoDataFrame({"country": ["AA", "XX", "AA", "XX"]}, geometry=points)
    assert find_parts(points.x, points.y, 10).tolist() == [0, 0, 1, 1]
    for one, other, expected in ((0, 1, False), (0, 2, False), (0, 3, True), (1, 2, True)):
        assert tied_across(table, pd.DataFrame({"origin": [one], "destination": [other]}), apart_km=10) is expected
    assert kind_of_reach("in one country", claimed=False, tied=True) == "regional"


def test_enclaves_and_microstates_are_named() -> None:
    states = small_states()
    assert {"VA", "SM", "MC", "LI", "AD", "MO", "GI"} <= set(states)
    assert not {"LU", "PT", "DK", "BE", "IE"} & set(states)
    assert say_window("MO", share=1.0).startswith("MO, a microstate beside")
    assert say_window("XX", share=0.95) == "XX: the country is the window, it can show no excess"
    rome = gpd.points_from_xy([12.50, 12.453, 12.48], [41.90, 41.903, 41.89], crs="EPSG:4326").repeat(8)
    table = gpd.GeoDataFrame({"country": ["IT"] * 8 + ["VA"] * 8 + ["IT"] * 8}, geometry=rome)
    result = spanning_test(table, pd.Series(1, index=table.index, dtype="Int64"), study_area="countries", rng=1)
    assert "VA, an enclave in IT: the country is the window" in str(result.clusters.loc[1, "reason"])
    assert result.clusters.loc[1, "reach"] == "in two countries, spanning not shown"


def test_the_circle_told_of_a_cluster_holds_two_of_its_own_countries() -> None:
    """AA and ZZ members where AA and XX share every circle: no circle of AA and XX may speak for them."""
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.uniform(0, 20, 40), rng.uniform(20, 40, 40), rng.uniform(200, 220, 40)])
    points = gpd.points_from_xy(x * KM, rng.uniform(0, 20, 120) * KM, crs="EPSG:4326")
    code = np.repeat(CODES, 40)
    background = gpd.GeoDataFrame({"country": code, "population": rng.uniform(500, 900, 120)}, geometry=points)
    background["border_km"] = 5.0
    table = gpd.GeoDataFrame({"country": np.repeat(code, 2)}, geometry=np.repeat(points, 2))
    labels = pd.Series(pd.NA, index=table.index, dtype="Int64")
    labels[:40] = 1
    labels[200:] = 1
    result = ask(background, table, labels)
    assert result.clusters.loc[1, "reason"] == "no circle about it holds background of two of its countries"
    assert result.readings.empty


def test_a_circle_without_one_of_its_countries_says_so() -> None:
    """AA and XX stand side by side, ZZ is 160 km off: no circle holds all three."""
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.uniform(0, 20, 40), rng.uniform(20, 40, 40), rng.uniform(200, 220, 40)])
    x[-1] = 62  # a place near XX makes ZZ a country of the region
    points = gpd.points_from_xy(x * KM, rng.uniform(0, 20, 120) * KM, crs="EPSG:4326")
    code = np.repeat(CODES, 40)
    background = gpd.GeoDataFrame({"country": code, "population": rng.uniform(500, 900, 120)}, geometry=points)
    background["border_km"] = 5.0
    table = gpd.GeoDataFrame({"country": np.repeat(code, 2)}, geometry=np.repeat(points, 2))
    labels = pd.Series([1] * (len(table) - 2) + [None] * 2, index=table.index, dtype="Int64")
    reason = str(ask(background, table, labels).clusters.loc[1, "reason"])
    assert "nearest to a claim holds no place of ZZ" in reason
    assert "ZZ 0 (0.0 expected)" not in reason


def test_a_region_shows_how_far_it_is() -> None:
    background, table = three(np.random.default_rng(1), (0, 0, 0))
    seen: list[int] = []

    def progress(steps: Any) -> Any:
        seen.append(len(list(steps)))
        return steps

    ask(background, table, progress=progress)
    assert seen == [3, 3]


def test_a_background_without_a_place_in_one_country_sets_its_rows_aside() -> None:
    background, table = three(np.random.default_rng(1), (30, 30, 0))
    result = ask(background[background["country"] != "XX"], table)
    assert (result.set_aside["reason"] == "its country has no place in the background: give controls").sum() == 280
    assert "XX" not in set(result.background["country"])


def test_a_country_with_equal_weights_is_a_flat_background_too() -> None:
    background, table = three(np.random.default_rng(1), (0, 0, 0))
    background.loc[background["country"] == "XX", "population"] = 700.0
    with pytest.raises(SchemaError, match=r"flat background in XX"):
        stand_on_background(table, background, "countries")


def test_partial_conjunction_keeps_missing_p_and_refuses_what_is_none() -> None:
    found = partial_conjunction([[0.01, np.nan, 0.2], [0.01, 0.02, 0.2]], at_least=2, combination="bonferroni")
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(0.04)
    assert float(partial_conjunction([0.0, 0.0], at_least=1, combination="fisher")) == 0.0
    with pytest.raises(OptionError, match=r"(?s)between 0 and 1.*at_least.*combination"):
        partial_conjunction([0.2, 1.2], at_least=3, combination="tippett")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="holds no p-values"):
        partial_conjunction([])


def test_a_deeper_claim_keeps_its_level_where_nothing_is() -> None:
    """With nothing there no number of countries is shown: 30 scenes, each number at .05."""
    false = {2: 0, 3: 0}
    for child in np.random.default_rng(6).spawn(30):
        background, table = three(child, (0, 0, 0), n=120, places=200)
        told = ask(background, table, permutations=199, rng=child).conjunctions
        for u in false:
            false[u] += bool(((told["at_least"] == u) & (told["reading"] == "per head")).any())
    assert max(false.values()) <= 4  # P(Bin(30, .05) > 4) = .016
