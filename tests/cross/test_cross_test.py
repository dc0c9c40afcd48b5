"""Who is near whom, asked through the front door."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geocluster import cross_test
from geocluster.errors import OptionError, SchemaError


def scene(rng: np.random.Generator, n: int = 160, *, shared: bool = False) -> gpd.GeoDataFrame:
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    if shared:
        lon, lat = lon.round(1), lat.round(1)
    kind = rng.choice(["firm", "university", "institute"], n, p=[0.4, 0.35, 0.25])
    frame = {"country": np.where(lon < 7.5, "FR", "DE"), "kind": kind, "jobs": rng.integers(1, 90, n)}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat), crs=4326)


def towns(rng: np.random.Generator, n: int = 200) -> gpd.GeoDataFrame:
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    frame = {"country": np.where(lon < 7.5, "FR", "DE"), "population": 500 * (1 + rng.pareto(1.3, n))}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat), crs=4326)


def ask(table: gpd.GeoDataFrame, **options: Any) -> Any:
    chosen: dict[str, Any] = {"kind": "firm", "near_kind": "university", "null": "labelling", "permutations": 99}
    return cross_test(table, **(chosen | {"at_km": [5, 10, 20], "rng": 1} | options))


def value_of(result: Any, column: str = "value") -> pd.DataFrame:
    frame: pd.DataFrame = result.to_frame().pivot(index="part", columns="distance_km", values=column)
    return frame


FUNCTIONS = ("K", "L", "g", "nearest")


@pytest.mark.parametrize("near_kind", ["university", "firm"])
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("null", ["labelling", "background", "plane"])
def test_parts_add_up_exactly_where_the_statistic_is_a_sum(null: str, function: str, near_kind: str) -> None:
    rng = np.random.default_rng(1)
    options: dict[str, Any] = {"function": function, "near_kind": near_kind}
    if null == "background":
        options |= {"null": null, "background": towns(rng), "study_area": "countries"}
    if null == "plane":
        options |= {"planar": "EPSG:32632", "study_area": box(6.9, 46.9, 8.1, 47.8)}
    result = ask(scene(rng, shared=null != "plane"), **options)
    for column in ("observed", "expected", *(["value"] if function != "L" else [])):
        value = value_of(result, column)
        np.testing.assert_allclose(value.loc["within"] + value.loc["across"], value.loc["whole"], rtol=1e-12)
        pairs = value.loc[[name for name in value.index if "-" in name]].sum(skipna=False)
        np.testing.assert_allclose(pairs, value.loc["whole"], rtol=1e-12)
        ways = value.loc[[name for name in value.index if "→" in name]].sum(skipna=False)
        if near_kind != "firm":
            np.testing.assert_allclose(ways, value.loc["across"], rtol=1e-12)
    ratio = value_of(result, "ratio")
    np.testing.assert_allclose(ratio.loc["across/within"], ratio.loc["across"] / ratio.loc["within"], rtol=1e-12)
    p = result.parts["p"].dropna()
    assert len(p) >= 4
    assert ((p > 0) & (p <= 1)).all()


def test_l_stands_side_by_side_and_is_the_root_of_k() -> None:
    rng = np.random.default_rng(2)
    table = scene(rng)
    l_value, k_value = (value_of(ask(table, function=f)) for f in ("L", "K"))
    np.testing.assert_allclose(l_value.loc["whole"] ** 2 * np.pi, k_value.loc["whole"], rtol=1e-12)
    ratio = value_of(ask(table), "ratio").loc["across"]
    area = k_value.loc["whole"] / value_of(ask(table), "ratio").loc["whole"]
    np.testing.assert_allclose(l_value.loc["across"], np.sqrt(ratio * area / np.pi), rtol=1e-12)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_row_order_does_not_matter_to_what_is_there(function: str) -> None:
    table = scene(np.random.default_rng(3), shared=True)
    one, two = (ask(t, function=function).curves for t in (table, table.sample(frac=1, random_state=1)))
    columns = ["observed"] if function == "nearest" else ["observed", "expected", "ratio"]
    pd.testing.assert_frame_equal(one[["part", *columns]], two[["part", *columns]], rtol=1e-12)


def test_same_seed_same_numbers_on_any_number_of_threads() -> None:
    table = scene(np.random.default_rng(4))
    one, two = (ask(table, workers=w, permutations=199) for w in (1, 3))
    pd.testing.assert_frame_equal(one.to_frame(), two.to_frame(), check_exact=True)
    pd.testing.assert_frame_equal(one.cross, two.cross)


def test_attraction_is_the_larger_p_of_two_directions_and_holm_over_pairs() -> None:
    rng = np.random.default_rng(5)
    table = scene(rng, n=240)
    table.loc[table.geometry.y > 47.4, "country"] = "CH"
    result = ask(table)
    pairs = result.cross[result.cross["part"].str.contains("-")]
    assert set(pairs["part"]) == {"CH-DE", "CH-FR", "DE-FR"}
    assert (pairs.groupby("part").size() == 2).all()
    largest = pairs.groupby("part")["p"].max()
    told = result.parts.loc[largest.index]
    np.testing.assert_array_equal(told["p_attraction"], largest)
    assert (told["p_adjusted"] >= told["p_attraction"]).all()
    assert told["p_adjusted"].min() == min(1.0, 3 * largest.min())
    assert result.parts.loc["across", "p_adjusted"] == told["p_adjusted"].min()
    assert result.parts.loc["within", "p_attraction"] != result.parts.loc["within", "p_attraction"]


def test_a_planted_attraction_is_found_and_one_sided_clusters_are_not() -> None:
    rng = np.random.default_rng(6)
    table = scene(rng, n=500)
    at = gpd.points_from_xy(7.5 + rng.normal(0, 0.02, 60), 47.35 + rng.normal(0, 0.02, 60))
    cluster = gpd.GeoDataFrame({"kind": rng.choice(["firm", "university"], 60)}, geometry=at, crs=4326)
    options: dict[str, Any] = {"null": "background", "background": towns(rng, 800), "study_area": "countries"}
    options |= {"permutations": 199, "at_km": [3, 6, 10]}
    astride = cluster.assign(country=np.where(cluster.geometry.x < 7.5, "FR", "DE"))
    astride.loc[:, "jobs"] = 1
    both = pd.concat([table, astride], ignore_index=True)
    assert ask(both, **options).parts.loc["across", "p_adjusted"] <= 0.05
    west = cluster.geometry.x < 7.5
    alone = pd.concat([table, cluster[west].assign(country="FR", jobs=1)], ignore_index=True)
    assert ask(alone, **options).parts.loc["across", "p_adjusted"] > 0.05


def test_weights_count_as_so_many_rows() -> None:
    table = scene(np.random.default_rng(7), n=60)
    table["jobs"] = np.random.default_rng(8).integers(1, 4, 60)
    many = table.loc[table.index.repeat(table["jobs"])].reset_index(drop=True)
    weighted, repeated = ask(table, weight="jobs").curves, ask(many).curves
    np.testing.assert_allclose(weighted["observed"], repeated["observed"], rtol=1e-12)


def test_controls_keep_their_places() -> None:
    rng = np.random.default_rng(9)
    table, others = scene(rng, n=120), scene(rng, n=300).drop(columns="kind")
    result = ask(table[table["kind"] != "institute"], null="controls", controls=others)
    assert "cases and controls" in result.null
    assert result.counts["firm"].sum() == (table["kind"] == "firm").sum()
    with pytest.raises(OptionError, match="null='controls' needs a table"):
        ask(table, null="controls")


@pytest.mark.parametrize("near_kind", ["university", "firm"])
@pytest.mark.parametrize("weight", [None, "jobs"])
def test_expected_under_relabelling_is_the_mean_where_some_are_held(weight: str | None, near_kind: str) -> None:
    table = scene(np.random.default_rng(11), n=90, shared=True)
    few = table.index[(table["country"] == "FR") & (table["kind"] == "university")][3:]
    table.loc[few, "kind"] = "institute"
    table.loc[table.index[(table["country"] == "DE") & (table["kind"] == "firm")][4:], "kind"] = "institute"
    curves = ask(table, weight=weight, near_kind=near_kind, permutations=640).curves
    told = curves[np.isfinite(curves["ratio"]) & (curves["part"] != "across/within")]
    error = told["null_sd"] / np.sqrt(640)
    assert len(told) >= 9
    assert (error > 0).any()
    assert ((told["null_mean"] - 1).abs() < 4.5 * error + 1e-9).all()


def test_weights_of_controls_count_where_they_stay() -> None:
    rng = np.random.default_rng(12)
    table, others = scene(rng, n=120), scene(rng, n=200)
    cases = table[table["kind"] != "institute"]
    asked = {"null": "controls", "function": "M", "weight": "jobs"}
    result = ask(cases, controls=others.drop(columns="kind"), **asked)
    together = pd.concat([cases, others.assign(kind="other")], ignore_index=True)
    # labels permuted among cases and controls: the same as among all rows of one table
    same = ask(together, null="labelling", function="M", weight="jobs")
    np.testing.assert_allclose(result.curves["value"], same.curves["value"], rtol=1e-12)
    assert "jobs stays at its place" in result.null
    with pytest.raises(OptionError, match="controls has no column 'jobs'"):
        ask(cases, controls=others.drop(columns=["kind", "jobs"]), **asked)
    kept = ask(cases, controls=others.drop(columns=["kind", "jobs"]), **(asked | {"function": "K"}))
    assert "each row keeps its jobs" in kept.null


def test_what_lies_outside_is_told_by_the_labels_of_the_table_with_controls_too() -> None:
    rng = np.random.default_rng(13)
    table, others = scene(rng, n=120).set_index(np.arange(500, 620)), scene(rng, n=80)
    cases = table[table["kind"] != "institute"]
    others.loc[0, "country"] = None
    inner = box(7, 47, 7.95, 47.7)
    result = ask(cases, null="controls", controls=others, study_area=inner)
    outside = cases.index[~cases.within(inner)]
    assert result.set_aside.index.tolist() == outside.tolist()
    away = int((~others.iloc[1:].within(inner)).sum())
    assert f"{79 - away} controls; {away} outside the study area" in result.notes
    assert any(words.startswith("controls set aside 1") for words in result.notes)


def test_kinds_are_words_whatever_they_are_written_in() -> None:
    table = scene(np.random.default_rng(14))
    number = table.assign(kind=table["kind"].map({"firm": 1, "university": 2, "institute": 3}))
    broken = table.assign(kind=" " + table["kind"] + "\n")
    plain = ask(table).curves
    for given, names in ((number, (1, "2")), (broken, ("firm", "university"))):
        curves = ask(given, kind=names[0], near_kind=names[1]).curves
        pd.testing.assert_frame_equal(curves, plain)
    blank = ask(table.assign(kind=table["kind"].replace("institute", " ")))
    assert blank.set_aside["reason"].unique().tolist() == ["no kind"]


def test_distances_below_the_precision_of_positions_claim_nothing() -> None:
    table = scene(np.random.default_rng(10)).assign(radius_km=9.0)
    result = ask(table)
    assert result.curve("whole")["resolved"].tolist() == [False, True, True]
    assert result.curve("whole").loc[5, ["low", "high"]].isna().all()
    assert "1 distances below that are not resolved" in result.summary()
    blurred = ask(table, at_km=[2, 4])
    assert blurred.parts["p"].isna().all()
    assert "nothing is expected at any distance that is resolved" in blurred.parts.loc["whole", "reason"]
    grid = ask(table, at_km=None).curve("whole").index
    assert grid[0] == 9.0
    assert len(grid) == 20


def test_too_few_of_a_kind_in_a_country_claim_nothing() -> None:
    table = scene(np.random.default_rng(11))
    german = table.index[(table["country"] == "DE") & (table["kind"] == "university")]
    table.loc[german[3:], "kind"] = "institute"
    result = ask(table)
    told = result.parts["reason"]
    assert told["DE-FR"] == "too few: DE has 3 of university"
    assert told["FR→DE"] == told["DE-FR"]
    assert told["DE→FR"] == ""
    assert told["across"] == ""
    assert np.isnan(result.parts.loc["DE-FR", ["p", "p_attraction"]].to_numpy(dtype=float)).all()
    assert np.isfinite(result.parts.loc["DE→FR", "p_attraction"])
    table.loc[german, "kind"] = "institute"
    absent = ask(table)
    assert absent.parts.loc["DE-FR", "reason"] == ""  # firms in DE, universities in FR are left
    assert absent.parts.loc["FR→DE", "reason"] == "too few: DE has 0 of university"


def test_one_country_has_no_part_across() -> None:
    result = ask(scene(np.random.default_rng(12)).assign(country="FR"))
    assert result.parts.loc["across", "reason"] == "not defined: one country"
    assert "across the border not defined: one country" in result.sentence()
    value = value_of(result)
    np.testing.assert_array_equal(value.loc["whole"], value.loc["within"])
    assert result.figure() is not None


def test_countries_far_apart_have_no_part_across() -> None:
    table = scene(np.random.default_rng(13))
    table.loc[table["country"] == "DE", "geometry"] = table.geometry.translate(40, 0)
    result = ask(table)
    assert result.parts.loc["across", "reason"] == "not defined: nobody comes so near"
    assert np.isfinite(result.parts.loc["within", "p"])


def test_rows_that_cannot_enter_are_set_aside_with_a_reason() -> None:
    table = scene(np.random.default_rng(14))
    table.loc[3, "kind"] = None
    table.loc[4, "country"] = None
    table.loc[5, "jobs"] = -1
    told = ask(table, weight="jobs").set_aside["reason"].to_dict()
    assert told == {3: "no kind", 4: "no country", 5: "jobs is missing, below 0 or no number"}
    assert (
        ask(table, study_area=box(7, 47, 7.6, 47.4)).set_aside["reason"].value_counts()["outside the study area"] > 10
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "farm"}, "no row has the kind 'farm'. There are 'firm', 'institute', 'university'"),
        ({"at_km": [5, 4]}, "at_km must rise from distance to distance, got 4 after 5"),
        ({"at_km": [5, 5]}, "got 5 after 5"),
        ({"at_km": [0, 5]}, "above 0 km, got 0"),
        ({"at_km": [np.nan]}, "above 0 km, got nan"),
        ({"at_km": []}, "above 0 km, got none"),
        ({"at_km": ["near"]}, "must hold numbers"),
        ({"at_km": [5, 400]}, "goes to 400 km, but no two points are more than"),
        (
            {"function": "Q"},
            "function must be 'K' or 'L' or 'g' or 'nearest' or 'M' or",
        ),
        ({"null": "complete"}, "null must be"),
        ({"null": "shift"}, "carries a pattern out of its country"),
        ({"correction": "border"}, "no edge correction: the background ends where the data end"),
        ({"permutations": 0}, "permutations must be at least 1"),
        ({"permutations": "many"}, "permutations must be a whole number from 1 up, got 'many'"),
        ({"workers": None}, "workers must be a whole number from 1 up, got None"),
        ({"function": "g", "bandwidth_km": "wide"}, "bandwidth_km must be a number above 0, got 'wide'"),
        ({"study_area": "nearby"}, "study_area must be 'extent'"),
        ({"workers": 0}, "workers must be a whole number from 1 up"),
        ({"function": "nearest", "weight": "jobs"}, "nearest neighbours have no weight"),
        ({"bandwidth_km": 3.0}, "bandwidth_km is of the pair correlation"),
        ({"planar": "EPSG:32632"}, "planar needs a polygon as study_area"),
        ({"planar": "EPSG:4326", "study_area": box(7, 47, 8, 48)}, "is not projected"),
        ({"planar": "moon", "study_area": box(7, 47, 8, 48)}, "must be a projected CRS"),
        ({"planar": "EPSG:32632", "study_area": box(7, 47, 8, 48), "null": "background"}, "is for the globe"),
        ({"planar": "EPSG:32632", "study_area": box(7, 47, 8, 48), "weight": "jobs"}, "weight is for the globe"),
        ({"planar": "EPSG:32632", "study_area": box(7, 47, 8, 48), "correction": "iso"}, "correction must be"),
        ({"study_area": "nearby", "null": "background"}, "study_area must be 'extent'"),
    ],
)
def test_bad_options_are_told_in_words(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        ask(scene(np.random.default_rng(15)), **options)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(OptionError) as told:
        ask(scene(np.random.default_rng(16)), kind="farm", function="Q", null="shift", workers=0)
    for words in ("'farm'", "function must be", "carries a pattern", "workers"):
        assert words in str(told.value)


def test_a_table_with_one_kind_or_one_place_is_refused_in_words() -> None:
    table = scene(np.random.default_rng(17))
    with pytest.raises(OptionError, match="there is one kind only, 'firm'"):
        ask(table.assign(kind="firm"), near_kind=None)
    with pytest.raises(OptionError, match="all points stand in one place"):
        ask(table.set_geometry(gpd.points_from_xy([7.6] * len(table), [47.5] * len(table), crs=4326)))
    with pytest.raises(SchemaError, match="kind: there is no such column"):
        ask(table.drop(columns="kind"))
    with pytest.raises(SchemaError, match="pay: there is no such column"):
        ask(table, weight="pay")
    with pytest.raises(OptionError, match="give at_km"):
        ask(table.assign(radius_km=29.0), at_km=None)


def test_the_result_says_itself() -> None:
    result = ask(scene(np.random.default_rng(18), shared=True))
    assert repr(result).startswith("<firm near university: across the border ")
    told = result.summary()
    for words in ("kinds permuted among all rows of their country", "share a point", "fewer than 999", "seed 1"):
        assert words in told
    assert result._repr_html_().startswith("<p><b>")
    assert list(result.to_frame().columns[:8]) == [
        "part", "distance_km", "observed", "expected", "ratio", "low", "high", "value",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_figure_keeps_crimson_for_what_crosses(language: str) -> None:
    from matplotlib.colors import to_hex

    from geocluster.style import COLOUR

    page = ask(scene(np.random.default_rng(19))).figure(language=language)
    lines = {line.get_gid(): to_hex(line.get_color()) for ax in page.axes for line in ax.lines}
    assert lines["curve:across"].upper() == COLOUR["crimson"]
    assert lines["curve:within"].upper() != COLOUR["crimson"]
    assert lines["curve:across/within"].upper() == COLOUR["crimson"]
    assert page.axes[0].get_ylim() == page.axes[1].get_ylim()
    assert {"envelope:across/within", "local:across"} <= {one.get_gid() for ax in page.axes for one in ax.collections}
    assert page.get_size_inches()[0] * 25.4 == pytest.approx(180)
    with pytest.raises(OptionError, match="language"):
        ask(scene(np.random.default_rng(19))).figure(language="la")
