from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from geocluster import autocorrelation_test
from geocluster.autocorrelation.joins import Kinds, read_kinds


def square() -> tuple[gpd.GeoDataFrame, Graph]:
    """Six places in a ring, two countries."""
    table = gpd.GeoDataFrame(
        {"country": ["CH"] * 3 + ["FR"] * 3, "kind": ["a", "a", "b", "b", "c", "a"], "one": [1, 1, 0, 0, 0, 1]},
        geometry=gpd.points_from_xy(7 + np.arange(6) / 10, [47.0] * 6), crs=4326,
    )  # fmt: skip
    i = np.arange(6)
    ring = Graph.from_arrays(np.r_[i, i], np.r_[(i + 1) % 6, (i - 1) % 6], np.ones(12))
    return table, ring


def count(column: str) -> Any:
    table, ring = square()
    return autocorrelation_test(
        table, ring, column=column, statistic="join_count", cross_null="permutation", permutations=99, rng=1
    ).to_frame()


def test_each_link_counts_once() -> None:
    value = count("kind")["value"]
    whole = value.xs("whole", level="part").to_dict()
    # a-a-b-b-c-a round the ring
    assert whole == {"a-a": 2, "b-b": 1, "c-c": 0, "a-b": 1, "a-c": 1, "b-c": 1, "unlike": 3}
    across = value.xs("across", level="part").to_dict()  # 2-3 and 5-0
    assert across == {"a-a": 1, "b-b": 1, "c-c": 0, "a-b": 0, "a-c": 0, "b-c": 0, "unlike": 0}


def test_nought_and_one_are_white_and_black() -> None:
    value = count("one")["value"].xs("whole", level="part")
    assert value.to_dict() == {"0-0": 2, "1-1": 2, "0-1": 2, "unlike": 2}


def test_the_headline_is_all_unlike_joins() -> None:
    table, ring = square()
    result = autocorrelation_test(table, ring, column="kind", statistic="join_count", permutations=9, rng=1)
    assert result.parts["value"].to_dict() == result.joins["value"].xs("unlike", level="kinds").to_dict()
    assert result.sentence().startswith("unlike joins of kind 3.00 = 3.00 within + 0.00 across")
    assert set(result.moments.index.get_level_values("assumption")) == {"non-free", "free"}
    assert any(note.startswith("kinds: a, b, c") for note in result.notes)


def test_moments_are_those_of_every_permutation_and_of_every_draw() -> None:
    from itertools import permutations, product

    table, ring = square()
    kinds = Kinds.of(table["kind"].to_numpy(dtype=object))
    dense = ring.sparse.toarray()

    def unlike(codes: np.ndarray) -> float:
        return float((dense * (codes[:, None] != codes)).sum() / 2)

    every = [unlike(np.array(codes)) for codes in set(permutations(kinds.code.tolist()))]
    theory: Any = autocorrelation_test(
        table, ring, column="kind", statistic="join_count", permutations=9, rng=1, cross_null="permutation"
    ).moments.xs("unlike", level="kinds")
    assert theory.loc["non-free", ["expected", "variance"]].tolist() == pytest.approx([np.mean(every), np.var(every)])
    share = np.bincount(kinds.code) / 6
    mean = square_mean = 0.0
    for codes in product(range(3), repeat=6):
        chance = share[list(codes)].prod()
        value = unlike(np.array(codes))
        mean, square_mean = mean + chance * value, square_mean + chance * value**2
    assert theory.loc["free", ["expected", "variance"]].tolist() == pytest.approx([mean, square_mean - mean**2])


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([True, False, None], ["1", "0", None]),
        ([1.0, 0.0, np.nan], ["1", "0", None]),
        (["a ", "", pd.NA], ["a", None, None]),
        (["1", "2", "x"], ["1", "2", "x"]),
    ],
)
@pytest.mark.parametrize("dtype", [None, object])
def test_cells_are_read_as_kinds(cells: list[object], told: list[object], dtype: Any) -> None:
    assert read_kinds(gpd.GeoDataFrame({"k": pd.Series(cells, dtype=dtype)}), "k").tolist() == told


def test_surrogates_of_three_kinds_test_like_joins_only() -> None:
    rng = np.random.default_rng(1)
    n = 60
    lon = rng.uniform(7, 8, n)
    table = gpd.GeoDataFrame(
        {"country": np.where(lon < 7.5, "CH", "FR"), "kind": rng.choice(["a", "b", "c"], n)},
        geometry=gpd.points_from_xy(lon, rng.uniform(47, 47.5, n)), crs=4326,
    )  # fmt: skip
    from geocluster import build_graph

    result = autocorrelation_test(
        table, build_graph(table, nearest=5), column="kind", statistic="join_count", permutations=49, rng=1
    )
    p = result.joins["p"].xs("across", level="part")
    assert p[["a-a", "b-b", "c-c"]].notna().all()
    assert p[["a-b", "a-c", "b-c", "unlike"]].isna().all()
    reasons = result.cross_joins.set_index("kinds")["reason"]
    assert reasons["a-b"].str.contains("one kind at a time").all()
