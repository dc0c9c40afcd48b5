"""Every global statistic: its parts, nulls, cross test, and what it refuses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from shapely import box

from geocluster import autocorrelation_test, build_graph
from geocluster.autocorrelation import is_number
from geocluster.errors import OptionError, SchemaError
from geocluster.graph import to_sparse
from geocluster.splitting import workbench

ALL: dict[str, dict[str, Any]] = {
    "moran": {"column": "x"},
    "geary": {"column": "x"},
    "getis_ord": {"column": "size"},
    "join_count": {"column": "kind"},
    "bivariate_moran": {"column": "x", "other_column": "y"},
    "lee": {"column": "x", "other_column": "y"},
}
EVERY = pytest.mark.parametrize("statistic", ALL)


def scene(seed: int = 1, n: int = 90, countries: tuple[str, ...] = ("CH", "DE", "FR")) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    x = rng.normal(size=n)
    return gpd.GeoDataFrame(
        {
            "country": np.array(countries)[np.minimum(((lon - 7) * len(countries)).astype(int), len(countries) - 1)],
            "x": x, "y": x + rng.normal(size=n), "size": np.exp(x), "kind": rng.choice(["firm", "lab", "school"], n),
            "yes": rng.integers(0, 2, n).astype(bool),
        },
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip


def ask(table: gpd.GeoDataFrame, statistic: str = "moran", **options: Any) -> Any:
    graph = options.pop("graph", None)
    graph = build_graph(table, nearest=5) if graph is None else graph
    usual: dict[str, Any] = {"permutations": 49, "rng": 1, "cross_null": "permutation"}
    return autocorrelation_test(table, graph, **{"statistic": statistic} | ALL[statistic] | usual | options)


@EVERY
@pytest.mark.parametrize("null", ["stratified", "complete"])
def test_parts_and_pairs_add_up_and_so_do_means(statistic: str, null: str) -> None:
    frame = ask(scene(), statistic, null=null).to_frame()
    groups = (
        [one.droplevel("kinds") for _, one in frame.groupby(level="kinds")] if statistic == "join_count" else [frame]
    )
    for group in groups:
        parts = [name for name in ("within", "across", "mixed") if name in group.index]
        for column in ("value", "expected", "exact"):
            whole = group.loc["whole", column]
            assert group.loc[parts, column].sum() == pytest.approx(whole, rel=1e-12, abs=1e-14)
            pairs = group[column].drop(["whole", *parts])
            assert pairs.sum() == pytest.approx(whole, rel=1e-12, abs=1e-13)


@EVERY
@pytest.mark.parametrize("null", ["stratified", "complete"])
@pytest.mark.parametrize("fast", [True, False])
def test_simulated_means_agree_with_the_exact_ones(
    *, statistic: str, null: str, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbench, "FAST_FROM", 0 if fast else 10**9)
    frame = ask(scene(2), statistic, null=null, permutations=999).to_frame()
    moves = frame[frame["sd"] > 1e-9 * frame["value"].abs().max()]
    off = (moves["expected"] - moves["exact"]) / (moves["sd"] / np.sqrt(999))
    assert len(off) > 3
    assert off.abs().max() < 4.5


@EVERY
def test_the_two_engines_give_the_same_value_and_spread(statistic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = build_graph(scene(3), within_km=14).transform("R")
    found = []
    for limit in (0, 10**9):
        monkeypatch.setattr(workbench, "FAST_FROM", limit)
        found.append(ask(scene(3), statistic, graph=graph, permutations=999).to_frame())
    fast, plain = found
    assert fast["value"].to_numpy() == pytest.approx(plain["value"].to_numpy(), rel=1e-12)
    moves = plain["sd"] > 1e-9 * plain["value"].abs().max()
    assert (fast["sd"] / plain["sd"])[moves].to_numpy() == pytest.approx(1, abs=0.15)
    assert (moves == (fast["sd"] > 1e-9 * fast["value"].abs().max())).all()


@EVERY
def test_many_rows_same_seed_same_bytes_on_any_number_of_threads(statistic: str) -> None:
    table = scene(4, n=2_100)
    graph = build_graph(table, nearest=5)
    one, two = (ask(table, statistic, graph=graph, permutations=130, workers=w) for w in (1, 2))
    pd.testing.assert_frame_equal(one.to_frame(), two.to_frame(), check_exact=True)
    assert one.simulated.tobytes() == two.simulated.tobytes()
    pd.testing.assert_frame_equal(one.cross, two.cross, check_exact=True)


def test_a_difference_in_level_counts_only_in_the_complete_null() -> None:
    table = scene(5).assign(x=lambda frame: frame["x"] + 4 * (frame["country"] == "FR"))
    stratified, complete = (
        ask(table, null=null, permutations=199).parts.loc["whole"] for null in ("stratified", "complete")
    )
    assert complete["p"] == pytest.approx(1 / 200)
    assert stratified["p"] > 0.05
    assert stratified["exact"] > 0.4
    assert complete["exact"] == pytest.approx(-1 / (len(table) - 1), rel=1e-12)


def test_the_words_of_the_cross_null_are_taken_as_null_too() -> None:
    table = scene(6)
    old, new = ask(table, null="permutation"), ask(table, cross_null="permutation")
    pd.testing.assert_frame_equal(old.parts, new.parts)
    assert old.provenance.parameters["null"] == "stratified"
    assert "values permuted within countries; across: permutation within country" in old.null


@pytest.mark.parametrize("statistic", [word for word in ALL if word != "lee"])
@pytest.mark.parametrize("cross_null", ["surrogate", "permutation"])
def test_the_cross_part_feels_likeness_and_not_level(statistic: str, cross_null: str) -> None:
    rng = np.random.default_rng(7)  # a strip of 10 km along 110 km of border, one field with a range of 5 km
    east, north = rng.uniform(-5, 5, 400), rng.uniform(0, 110, 400)
    gap = np.hypot(east[:, None] - east, north[:, None] - north)
    field = np.linalg.cholesky(np.exp(-gap / 5) + 1e-9 * np.eye(400)) @ rng.normal(size=400)
    table = gpd.GeoDataFrame(
        {
            "country": np.where(east < 0, "DE", "FR"), "x": field, "y": field,
            "size": 1 + 9 * (np.abs(north - 50) < 10) + rng.random(400),  # G counts high by high: one stretch
            "kind": np.where(field > 0, "firm", "lab"),
        },
        geometry=gpd.points_from_xy(7.5 + east / 75, 47 + north / 111), crs=4326,
    )  # fmt: skip
    options: dict[str, Any] = {"cross_null": cross_null, "permutations": 199}
    found = ask(table, statistic, graph=build_graph(table, nearest=8), **options)
    assert found.parts.loc["across", "p"] < 0.05
    moved = table.assign(
        x=table["x"] + 5 * (table["country"] == "FR"), y=table["y"] - 3 * (table["country"] == "FR"),
        size=table["size"] * np.where(table["country"] == "FR", 10.0, 1.0),
    )  # fmt: skip
    shifted = ask(moved, statistic, graph=build_graph(table, nearest=8), **options)
    if statistic != "join_count":
        assert shifted.parts.loc["across", "standard"] == pytest.approx(found.parts.loc["across", "standard"])
    neutral = {"geary": 1.0, "getis_ord": 1.0, "join_count": 1.0}.get(statistic, 0.0)
    sign = -1 if statistic in ("geary", "join_count") else 1
    assert sign * (found.parts.loc["across", "standard"] - neutral) > 0.2


def test_lees_cross_part_has_no_test_and_says_why() -> None:
    result = ask(scene(8), "lee")
    assert result.cross["reason"].str.contains("smooths both values abroad").all()
    assert result.parts.loc[["across"], "p"].isna().all()
    assert np.isfinite(result.parts.loc["mixed", "p"])
    assert "mixed" in result.sentence()
    assert "\n  mixed: " in result.summary()


def test_bivariate_moran_is_x_here_with_y_nearby() -> None:
    table = scene(9)
    forth, back = ask(table, "bivariate_moran"), ask(table, "bivariate_moran", column="y", other_column="x")
    assert forth.parts.loc["whole", "value"] != pytest.approx(back.parts.loc["whole", "value"], rel=1e-3)
    same = ask(table, "bivariate_moran", column="x", other_column="x")
    assert same.parts["value"].tolist() == pytest.approx(ask(table).parts["value"].tolist())


def test_one_country_has_all_within() -> None:
    for statistic in ALL:
        result = ask(scene(10, countries=("CH",)), statistic)
        value = result.parts["value"]
        assert value["within"] == value["whole"]
        assert result.undefined == "not defined: one country"
        assert "not defined: one country" in result.sentence()


def test_a_country_of_one_is_held_fixed() -> None:
    table = scene(11)
    table.loc[0, "country"] = "LI"
    result = ask(table, permutations=99)
    assert any("held fixed: LI" in note for note in result.notes)
    with_li = result.cross[result.cross["pair"].str.contains("LI")]
    assert with_li["reason"].str.contains("fewer than 5").all()


@EVERY
def test_no_neighbours_at_all_is_told(statistic: str) -> None:
    table = scene(12, n=12)
    nothing = Graph.from_arrays(table.index, table.index, np.zeros(12))
    result = ask(table, statistic, graph=nothing)
    assert result.islands == 12
    if statistic == "join_count":
        assert result.parts["value"].tolist() == [0.0, 0.0, 0.0]
    elif statistic == "getis_ord":
        assert result.parts.loc["whole", "value"] == 0
    else:
        assert result.sentence().endswith("is not defined: no row has a neighbour")
    assert result.summary()


@pytest.mark.parametrize("statistic", [word for word in ALL if word != "join_count"])
@pytest.mark.parametrize("constant", [0.0, 1.0, 0.1, 1e15])
def test_equal_values_have_no_number_but_a_reason(statistic: str, constant: float) -> None:
    table = scene(13).assign(x=constant, size=constant)
    result = ask(table, statistic)
    if statistic == "getis_ord" and constant:
        assert result.parts["p"].dropna().empty
        assert result.parts.loc["whole", "value"] == pytest.approx(result.moments["expected"].iloc[0])
    else:
        assert "equal" in result.sentence()
        assert result.parts["value"].isna().all()


@EVERY
def test_rows_without_a_value_are_set_aside(statistic: str) -> None:
    table = scene(14)
    column = ALL[statistic].get("other_column", ALL[statistic]["column"])
    values = table[column].astype(object)
    values.loc[3] = None
    if statistic != "join_count":
        values.loc[[5, 7]] = [np.inf, -np.inf]
        table[column] = pd.to_numeric(values)
        lost = [3, 5, 7]
    else:
        values.loc[[5, 7]] = ["", np.nan]
        table[column] = values
        lost = [3, 5, 7]
    result = ask(table, statistic)
    assert result.set_aside.index.tolist() == lost
    assert result.n == len(table) - 3


@pytest.mark.parametrize("factor", [1e-200, 1e-12, 1e12, 1e95])
@pytest.mark.parametrize("statistic", ["moran", "geary", "getis_ord", "bivariate_moran", "lee"])
def test_the_unit_does_not_matter(statistic: str, factor: float) -> None:
    table = scene(15)
    other = table.assign(x=table["x"] * factor, size=table["size"] * factor, y=table["y"] / 7)
    one, scaled = ask(table, statistic), ask(other, statistic)
    for column in ("value", "p", "standard"):
        assert scaled.parts[column].to_numpy() == pytest.approx(one.parts[column].to_numpy(), rel=1e-6, nan_ok=True)
    assert scaled.moments["variance"].to_numpy() == pytest.approx(one.moments["variance"].to_numpy(), rel=1e-6)


def test_huge_whole_numbers_are_numbers() -> None:
    table = scene(16)
    table["x"] = pd.Series([10**25 + int(1e24 * x) for x in table["x"]], dtype=object)
    assert np.isfinite(ask(table).parts.loc["whole", "value"])


def test_text_that_reads_as_numbers_is_read() -> None:
    table = scene(17)
    spelt = table.assign(x=table["x"].round(3).astype(str))
    assert ask(spelt).parts.loc["whole", "value"] == pytest.approx(
        ask(table.assign(x=table["x"].round(3))).parts.loc["whole", "value"]
    )


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({"size": -1.0}, {"statistic": "getis_ord"}, "size: 90 of its values are below 0, which G does not know"),
        ({"x": "many"}, {}, "x: 90 of its cells are no numbers"),
        ({"x": 1e200}, {}, "squares overflow"),
        ({"kind": 7}, {"statistic": "join_count"}, r"kind: numbers other than 0 and 1 \(7\)"),
        ({"country": None}, {}, "no row is left"),
    ],
)
def test_a_column_that_will_not_do_is_refused(change: dict[str, Any], options: dict[str, Any], words: str) -> None:
    table = scene(18)
    graph = build_graph(table, nearest=3)
    with pytest.raises(SchemaError, match=words):
        ask(table.assign(**change), graph=graph, **options)


def test_too_many_kinds_are_refused() -> None:
    table = scene(19).assign(kind=[f"kind {i}" for i in range(90)])
    with pytest.raises(SchemaError, match="90 different words"):
        ask(table, "join_count")


@EVERY
def test_fewer_than_four_rows_are_refused(statistic: str) -> None:
    table = scene(20, n=3, countries=("CH",))
    with pytest.raises(SchemaError, match=r"3 rows with a country and a value\. Give at least 4"):
        ask(table, statistic, graph=build_graph(table, nearest=1))
    assert np.isfinite(ask(scene(21, n=5), graph=build_graph(scene(21, n=5), nearest=2)).moments["variance"]).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"statistic": "lee", "other_column": None}, "takes two columns"),
        ({"other_column": "y"}, "other_column is for"),
        ({"cross_null": "none"}, "cross_null must be"),
        ({"null": "none"}, "null must be"),
        ({"workers": 0}, "workers must be"),
        ({"permutations": 2.5}, "permutations must be"),
        ({"null": "none", "workers": -1, "permutations": 0}, r"(?s)null must be.*workers must be.*permutations"),
    ],
)
def test_bad_options_are_told_at_once(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        ask(scene(22), **options)


def test_weights_that_are_none_are_refused() -> None:
    table = scene(23)
    graph = build_graph(table, nearest=3)
    negative = Graph(graph.adjacency * np.where(np.arange(len(graph.adjacency)) == 4, -1.0, 1.0))
    with pytest.raises(OptionError, match="below 0, of 1 row"):
        ask(table, graph=negative)
    with pytest.raises(OptionError, match="assign_self_weight"):
        ask(table, graph=graph.assign_self_weight(1))
    with pytest.raises(OptionError, match="other rows"):
        ask(table, graph=build_graph(table.set_index(table.index + 5), nearest=3))


def test_weights_need_not_be_symmetric() -> None:
    table = scene(24)
    graph = build_graph(table, nearest=3)
    dense = graph.sparse.toarray()
    turned = Graph.from_arrays(*(np.nonzero(dense.T)), dense.T[np.nonzero(dense.T)])
    for statistic in ("moran", "geary", "getis_ord", "join_count"):
        one, other = ask(table, statistic, graph=graph), ask(table, statistic, graph=turned)
        assert one.parts["value"].to_numpy() == pytest.approx(other.parts["value"].to_numpy(), rel=1e-12)
        assert one.moments["variance"].to_numpy() == pytest.approx(other.moments["variance"].to_numpy(), rel=1e-12)


def test_areas_stand_on_a_point_inside_each() -> None:
    table = scene(25)
    graph = build_graph(table, nearest=4)
    areas = table.set_geometry(
        gpd.GeoSeries(
            [box(p.x - 0.01, p.y - 0.01, p.x + 0.01, p.y + 0.01) for p in np.asarray(table.geometry)], crs=4326
        )
    )
    one, other = ask(table, graph=graph), ask(areas, graph=graph)
    assert other.parts["value"].tolist() == pytest.approx(one.parts["value"].tolist(), rel=1e-12)


def test_nought_is_never_said_with_a_minus() -> None:
    table = scene(26, countries=("CH", "DE"))
    for seed in range(12):
        table["x"] = np.random.default_rng(seed).normal(size=90)
        assert "-0.00 " not in ask(table, permutations=9).sentence()


def test_is_number_tells_rows_with_one() -> None:
    table = scene(27, n=4).assign(x=pd.Series(["1", "", None, "2.5"], dtype=object))
    assert is_number(table, "x").tolist() == [True, False, False, True]


def test_general_g_of_many_rows_holds_small_differences_at_a_high_level() -> None:
    rng = np.random.default_rng(8)
    n = 2_100  # from 2,000 on sums are in single precision
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 48, n)
    table = gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), "x": 1e5 + rng.gamma(2, size=n)},
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip
    graph = build_graph(table, nearest=5)
    result = autocorrelation_test(
        table, graph, column="x", statistic="getis_ord", null="complete", cross_null="permutation", permutations=199,
        rng=1,
    )  # fmt: skip
    weights, x = to_sparse(graph, table.index), table["x"].to_numpy()
    pairs = x.sum() ** 2 - x @ x
    plain = np.array([(weights @ drawn) @ drawn for drawn in (rng.permutation(x) for _ in range(400))]) / pairs
    whole = result.parts.loc["whole"]
    assert 0.8 < whole["sd"] / plain.std() < 1.25
    assert abs(whole["expected"] - plain.mean()) < 5 * whole["sd"] / np.sqrt(199)
    p = np.mean(np.abs(plain - plain.mean()) >= abs(whole["value"] - plain.mean()))
    assert whole["p"] == pytest.approx(p, abs=0.15)
    assert np.allclose(result.simulated[:, 1] + result.simulated[:, 2], result.simulated[:, 0], rtol=1e-12)


@pytest.mark.parametrize("spread", [1.0, 1e-3, 1e-5])
def test_moments_of_g_hold_where_values_hardly_differ(spread: float) -> None:
    """Getis & Ord (1992), eq. 8 to 11, in whole fractions, which do not round."""
    table = scene(3, n=40)
    table["size"] = 1 + spread * np.abs(table["x"])
    graph = build_graph(table, nearest=4)
    weights = to_sparse(graph, table.index).toarray()
    n, held = len(table), [Fraction(float(value)) for value in table["size"]]
    both = weights + weights.T
    s0, s1, s2 = (Fraction(float(sum_)) for sum_ in (weights.sum(), (both**2).sum() / 2, (both.sum(axis=1) ** 2).sum()))
    m1, m2, m3, m4 = (sum(value**power for value in held) for power in (1, 2, 3, 4))
    square = ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) * m2**2
    square -= (n * (n - 1) * s1 - 2 * n * s2 + 6 * s0**2) * m4 + (2 * n * s1 - (n + 3) * s2 + 6 * s0**2) * m1**2 * m2
    square += (4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2) * m1 * m3 + (s1 - s2 + s0**2) * m1**4
    square /= (m1**2 - m2) ** 2 * n * (n - 1) * (n - 2) * (n - 3)
    expected = float(square - (s0 / (n * (n - 1))) ** 2)
    moments = ask(table, "getis_ord", graph=graph).moments.loc["randomisation"]
    assert moments["variance"] == pytest.approx(expected, rel=1e-9)
    assert moments["p"] > 0


def test_g_of_values_that_do_not_differ_has_no_p_and_says_why() -> None:
    table = scene(4)
    for values in (1 + 1e-11 * table["x"], np.full(len(table), 3.0)):
        result = ask(table.assign(size=values), "getis_ord")
        assert result.parts.loc[["whole", "within"], "p"].isna().all()
        assert any("values differ too little" in note for note in result.notes)
    fine = ask(table.assign(size=1 + 1e-5 * table["x"]), "getis_ord")
    assert fine.parts.loc["whole", "p"] <= 1
    assert not any("differ too little" in note for note in fine.notes)
