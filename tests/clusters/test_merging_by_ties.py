"""CHAMELEON's merging: bisections, RI and RC, ties that cannot be used."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import geocluster as gc
from geocluster.clusters import bisection
from geocluster.clusters.bisection import bisect
from geocluster.errors import OptionError, SchemaError


def least_cut(dense: Any) -> float:
    n = len(dense)
    return min(
        float(sum(dense[i, j] for i in half for j in range(n) if j not in half))
        for half in combinations(range(n), n // 2)
    )


def graph(seed: int, n: int, share: float) -> Any:
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.random((n, n)) < share, 1) * rng.integers(1, 5, (n, n))
    return (upper + upper.T).astype(float)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("exact", [0, 12])
def test_small_bisections_are_the_least_cut(seed: int, exact: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bisection, "EXACT", exact)
    dense = graph(seed, 8 + seed % 4, 0.3 + 0.05 * seed)
    cut, edges = bisect(csr_array(dense))
    assert cut == least_cut(dense)  # swaps find it too on graphs this small
    assert (edges > 0) == (cut > 0)


def test_two_communities_are_cut_between_them() -> None:
    dense = np.zeros((60, 60))
    dense[:30, :30] = dense[30:, 30:] = 1
    np.fill_diagonal(dense, 0)
    for i in range(3):
        dense[i, 59 - i] = dense[59 - i, i] = 2
    order = np.random.default_rng(1).permutation(60)
    assert bisect(csr_array(dense[np.ix_(order, order)])) == (6.0, 3)


def test_parts_that_deal_out_evenly_need_no_cut() -> None:
    dense = np.zeros((20, 20))
    for low, high in ((0, 6), (6, 10), (10, 20)):
        dense[low:high, low:high] = 1
    np.fill_diagonal(dense, 0)
    assert bisect(csr_array(dense)) == (0.0, 0)  # 6 + 4 = 10
    assert bisect(csr_array((1, 1))) == (0.0, 0)
    star = np.zeros((20, 20))
    star[0, 1:11] = star[1:11, 0] = 1
    assert bisect(csr_array(star))[0] == 1  # eleven on one side will not do


def scene() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Three triangles: two tied as firmly as each is, one hardly."""
    lon = [7.58, 7.59, 7.6, 7.85, 7.86, 7.87, 9.0, 9.01, 9.02]
    table = gpd.GeoDataFrame(
        {"country": ["CH"] * 3 + ["DE"] * 3 + ["AT"] * 3, "own": list("aaabbbccc")},
        geometry=gpd.points_from_xy(lon, [47.5] * 9), crs="EPSG:4326", index=[f"o{i}" for i in range(9)],
    )  # fmt: skip
    pairs = [(i + k, j + k) for k in (0, 3, 6) for i, j in ((0, 1), (1, 2), (0, 2))]
    pairs += [(0, 3), (1, 4), (2, 5), (5, 6)]
    ties = pd.DataFrame([(f"o{i}", f"o{j}") for i, j in pairs], columns=["origin", "destination"])
    return table, ties


def test_clusters_as_firmly_tied_as_each_is_become_one() -> None:
    table, ties = scene()
    found = gc.merge_by_ties(table, "own", ties)
    assert found.labels.tolist() == [1] * 6 + [2] * 3
    assert found.frame["merged"].tolist() == [2, 1]
    assert found.steps is not None
    step = found.steps.iloc[0]
    # EC(A,B) = 3, EC_A = EC_B = 2 (a triangle is cut through two sides); all ties weigh 1
    assert (step["RI"], step["RC"]) == (1.5, 1.0)
    assert len(found.steps) == 1
    assert not gc.merge_by_ties(table, "own", ties, least_interconnection=1.6).frame["merged"].gt(1).any()
    loose = gc.merge_by_ties(table, "own", ties, least_interconnection=0.2)
    assert loose.labels.tolist() == [1] * 9
    assert "2 merges by ties" in loose.summary()


def test_closeness_asks_for_ties_as_strong() -> None:
    table, ties = scene()
    weak = ties.assign(times=[10.0] * 9 + [5.0] * 3 + [1.0])
    told = gc.merge_by_ties(table, "own", weak, weight="times", least_interconnection=0.5, least_closeness=0.5)
    assert told.steps is not None
    assert told.steps[["RI", "RC"]].values.tolist()[0] == [15 / 20, 0.5]
    assert not len(gc.merge_by_ties(table, "own", weak, weight="times", least_interconnection=0.5).steps)  # type: ignore[arg-type]


def test_row_order_and_direction_do_not_matter() -> None:
    rng = np.random.default_rng(3)
    lon = np.repeat(np.arange(8) / 4, 10) + rng.normal(0, 0.01, 80)
    table = gpd.GeoDataFrame(
        {"country": "CH", "own": np.repeat(list("abcdefgh"), 10)}, geometry=gpd.points_from_xy(lon, np.zeros(80)),
        crs="EPSG:4326",
    )  # fmt: skip
    one, other = rng.integers(0, 80, (2, 700))
    near = (one // 10 == other // 10) | (rng.random(700) < 0.3)
    ties = pd.DataFrame({"origin": one[near], "destination": other[near]})
    options: dict[str, Any] = {"least_interconnection": 0.2, "least_closeness": 0.2}
    told = gc.merge_by_ties(table, "own", ties, **options)
    order = rng.permutation(80)
    turned = ties.iloc[::-1].rename(columns={"origin": "destination", "destination": "origin"})
    again = gc.merge_by_ties(table.iloc[order], "own", turned, **options)
    assert again.labels.reindex(table.index).equals(told.labels)
    assert (told.frame["merged"] > 1).any()


def test_the_method_merges_what_density_found() -> None:
    table, ties = scene()
    found = gc.find_clusters(table, method="chameleon", ties=ties, minimum=3, radius_km=5)
    assert found.frame["n"].tolist() == [6, 3]
    assert found.frame["countries"].tolist() == ["CH DE", "AT"]
    assert found.frame["dependence"].tolist() == ["bridged", "national"]
    with pytest.raises(OptionError, match="needs ties"):
        gc.find_clusters(table, method="chameleon")


def test_ties_that_cannot_be_used_are_set_aside_or_refused() -> None:
    table, ties = scene()
    odd = pd.DataFrame({"origin": ["o0", "x", "o1"], "destination": ["o0", "o1", None]})
    told = gc.merge_by_ties(table, "own", pd.concat([ties, odd]))
    text = told.summary()
    assert "13 ties used" in text
    assert "1 ties set aside: a tie with itself" in text
    assert "2 ties set aside: an organisation that is not in the table" in text
    with pytest.raises(SchemaError, match="there are none"):
        gc.merge_by_ties(table, "own", ties.iloc[:0])
    with pytest.raises(SchemaError, match=r"none of 3 is usable: .*itself \(1\).*not in the table \(2\)"):
        gc.merge_by_ties(table, "own", odd)
    with pytest.raises(SchemaError, match=r"(?s)origin: there is no such column.*destination: there is no"):
        gc.merge_by_ties(table, "own", ties.rename(columns={"origin": "a", "destination": "b"}))
    with pytest.raises(SchemaError, match="stands twice: CH"):
        gc.merge_by_ties(table, "own", ties, identifier="country")
    with pytest.raises(OptionError, match=r"(?s)least_interconnection.*alpha"):
        gc.merge_by_ties(table, "own", ties, least_interconnection=-1, alpha=float("nan"))
    inside = ties.iloc[:3]
    assert "all ties are inside CH" in gc.merge_by_ties(table, "own", inside).summary()
    assert "no tie crosses a border" in gc.merge_by_ties(table, "own", ties.iloc[:9]).summary()


def test_a_cluster_of_one_merges_with_nobody() -> None:
    table, ties = scene()
    lone = table.assign(own=list("aaabbbccd"))
    told = gc.merge_by_ties(lone, "own", ties, least_interconnection=0, least_closeness=0)
    assert told.labels.iloc[-1] != told.labels.iloc[-2]
    assert "fall into halves without cutting a tie" in told.summary()
    assert "1 cluster has one member" in told.summary()


def test_identifiers_of_the_table_name_its_rows() -> None:
    table, ties = scene()
    numbered = table.reset_index(names="id")
    told = gc.merge_by_ties(numbered, "own", ties, identifier="id")
    assert told.labels.tolist() == gc.merge_by_ties(table, "own", ties).labels.tolist()
