"""The local quotient: against brute force, its exact p, too few, bad input, figures."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from geocluster import build_graph, colocation_test, local_colocation_test
from geocluster.errors import OptionError


def scene(seed: int, n: int = 120) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 8, n), rng.uniform(47, 47.7, n)
    kind = rng.choice(["firm", "university", "institute"], n, p=[0.5, 0.25, 0.25])
    return gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "FR", "DE"), "kind": kind}, geometry=gpd.points_from_xy(lon, lat), crs=4326
    )


def ask(table: gpd.GeoDataFrame, graph: Any = None, **options: Any) -> Any:
    chosen: dict[str, Any] = {"kind": "firm", "near_kind": "university", "rng": 1} | options
    return local_colocation_test(table, build_graph(table, nearest=6) if graph is None else graph, **chosen)


@pytest.mark.parametrize("near_kind", ["university", "firm"])
def test_members_average_to_the_global_quotient(near_kind: str) -> None:
    table = scene(1)
    frame = ask(table, near_kind=near_kind).to_frame()
    whole = colocation_test(
        table,
        build_graph(table, nearest=6),
        kind="firm",
        near_kind=near_kind,
        null="permutation",
        permutations=9,
        rng=1,
    )
    for part in ("within", "across"):
        assert frame[part].mean() == pytest.approx(whole.parts.loc[part, "value"], rel=1e-12)
    assert frame.index.tolist() == table.index[table["kind"] == "firm"].tolist()


def test_exact_p_is_what_redraws_converge_to() -> None:
    table = scene(2)
    graph = build_graph(table, nearest=6)
    exact = ask(table, graph).to_frame()
    row, firm = exact.index[0], (table["kind"] == "university").to_numpy()
    rng, code = np.random.default_rng(3), (table["country"] == "FR").to_numpy()
    others = np.arange(len(table)) != row
    neighbours = graph[row].index.to_numpy()
    seen, draws = firm[neighbours].sum(), []
    for _ in range(4_000):
        label = firm.copy()
        for side in (True, False):
            here = np.flatnonzero(others & (code == side))
            label[here] = rng.permutation(label[here])
        draws.append(label[neighbours].sum())
    drawn = np.array(draws)
    far = np.abs(drawn - drawn.mean()) >= abs(seen - drawn.mean()) - 1e-9
    assert exact.loc[row, "p"] == pytest.approx(far.mean(), abs=0.035)
    assert "exact" in ask(table, graph).null


def test_kernel_weights_are_redrawn() -> None:
    table = scene(4)
    result = ask(table, build_graph(table, kernel="gaussian", nearest=6), permutations=199)
    assert "199 redraws" in result.null
    frame = result.to_frame()
    assert (frame["within"] + frame["across"]).to_numpy() == pytest.approx(frame["value"].to_numpy(), rel=1e-12)
    other = ask(table, build_graph(table, kernel="gaussian", nearest=6), permutations=199, workers=3).to_frame()
    assert frame["p"].to_numpy() == pytest.approx(other["p"].to_numpy(), nan_ok=True)


def test_a_kind_gathered_at_the_border_is_found_and_needs_those_abroad() -> None:
    table = scene(5, n=900)
    near = (table.geometry.x - 7.5).abs() < 0.06
    table["kind"] = np.where(near & (table["country"] == "DE"), "university", "institute")
    table.loc[near & (table["country"] == "FR"), "kind"] = "firm"
    table.loc[table.index[::9], "kind"] = "firm"
    frame = ask(table, build_graph(table, nearest=10)).to_frame()
    french = frame[(frame["country"] == "FR") & near[frame.index]]
    assert (french["verdict"] == "hot").any()
    assert set(frame.loc[frame["verdict"] == "hot", "dependence"]) & {"joint", "border-made"}


def test_too_few_claim_nothing() -> None:
    table = scene(6)
    table.loc[table["country"] == "DE", "kind"] = "institute"
    table.loc[table.index[table["country"] == "DE"][:3], "kind"] = "firm"
    frame = ask(table).to_frame()
    few = frame[frame["country"] == "DE"]
    assert few["p"].isna().all()
    assert few["reason"].str.startswith("too few").all()
    assert (few["verdict"] == "not tested").all()


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({}, {"kind": "farm"}, "no row has the kind 'farm'"),
        ({"kind": "firm"}, {"near_kind": "firm"}, "there is one kind only, 'firm'"),
        (
            {},
            {"permutations": 0, "alpha": 2, "fdr": "holm", "workers": 0},
            r"fdr must(.|\n)*alpha(.|\n)*permutations(.|\n)*workers",
        ),
    ],
)
def test_bad_input_is_told_in_words(change: dict[str, Any], options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        ask(scene(7).assign(**change), **options)


def test_all_points_in_one_place_claim_nothing() -> None:
    table = scene(8, n=12)
    table = table.set_geometry(gpd.points_from_xy(np.full(12, 7.0), np.full(12, 47.0)), crs=4326)
    graph = build_graph(table, nearest=3)
    for result in (ask(table, graph), colocation_test(table, graph, kind="firm", near_kind="university", rng=1)):
        assert "all points stand in one place" in result.summary()
        assert result.to_frame()["p"].isna().all()


def test_it_draws_and_says_itself() -> None:
    result = ask(scene(9))
    assert result.plot().get_title(loc="left") == "Local colocation quotient: firm near university"
    assert "firm near university" in repr(result)
    assert "hypergeometric" in result.summary()
