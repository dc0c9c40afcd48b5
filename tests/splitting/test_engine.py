from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from geocluster.distance import to_ecef
from geocluster.graph.neighbours import sparse_neighbours
from geocluster.splitting import Countries, Edges, PairSums, Workbench
from geocluster.splitting.engine import Layout, Shuffles, along_curve


def scene(n: int = 400, seed: int = 3) -> tuple[Any, Countries, Edges, Any]:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(0, 5, n), rng.uniform(45, 50, n)
    countries = Countries.of(np.array(["AT", "CH", "DE", "FR"])[np.minimum(lon.astype(int), 3)])
    weights = sparse_neighbours(lon, lat, nearest=6)
    return weights, countries, Edges.of(weights, countries), to_ecef(lon, lat)


def shuffles(*, merge: bool, permutations: int = 75, seed: int = 1, complete: bool = False) -> tuple[Shuffles, Any]:
    weights, countries, edges, xyz = scene()
    layout = Layout.of(weights, edges, countries, xyz, merge=merge)
    strata = np.zeros(len(xyz), dtype=np.int64) if complete else countries.strata()
    made = Shuffles.of(layout, strata, permutations=permutations, rng=np.random.default_rng(seed))
    return made, PairSums(weights, countries)


@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_sums_are_those_of_the_plain_engine_for_the_same_orders(*, merge: bool, workers: int) -> None:
    made, sums = shuffles(merge=merge)
    x = np.random.default_rng(2).normal(size=400)
    order = made.orders(np.arange(75))
    product = sums.of(x[order], x[order]).T
    assert made.sums(x, "product", workers=workers) == pytest.approx(product, abs=1e-4)
    ones = np.ones(order.shape)
    square = (sums.of(x[order] ** 2, ones) + sums.of(ones, x[order] ** 2)).T - 2 * product
    assert made.sums(x, "square", workers=workers) == pytest.approx(square, abs=1e-3)
    factors = sparse.csr_array(np.random.default_rng(4).normal(size=(2, 400)))
    assert made.dots(x, factors, workers=workers) == pytest.approx((factors @ x[order]).T, abs=1e-10)


def test_joins_are_exact_where_weights_have_a_unit() -> None:
    made, sums = shuffles(merge=False)
    assert made.layout.exact
    code = np.random.default_rng(2).integers(0, 3, 400)
    order = made.orders(np.arange(75))
    held = [(code[order] == kind).astype(float) for kind in range(3)]
    joins = [(0, 1), (2, 2), (1, 0), (0, 2)]
    found = made.sums(code, "joins", joins=joins)
    for position, (a, b) in enumerate(joins):
        assert (found[:, :, position] == sums.of(held[a], held[b]).T).all()


def test_threads_do_not_change_a_byte() -> None:
    made, _ = shuffles(merge=True, permutations=200)
    x = np.random.default_rng(2).normal(size=400)
    one, two, five = (made.sums(x, "product", workers=workers).tobytes() for workers in (1, 2, 5))
    assert one == two == five


def test_another_seed_gives_other_draws_and_fewer_draws_are_the_first_of_more() -> None:
    x = np.random.default_rng(2).normal(size=400)
    few, more, other = (
        shuffles(merge=True, permutations=size, seed=seed)[0].sums(x, "product")
        for size, seed in ((64, 1), (128, 1), (64, 2))
    )
    assert (few == more[:64]).all()
    assert not (few == other).any(axis=1).any()


def test_shuffles_stay_inside_their_strata_and_lose_no_row() -> None:
    weights, countries, edges, xyz = scene()
    made, _ = shuffles(merge=True)
    order = made.orders(np.array([0, 17, 63, 64, 74]))
    assert (np.sort(order, axis=0) == np.arange(400)[:, None]).all()
    assert (countries.code[order] == countries.code[:, None]).all()
    everywhere = shuffles(merge=True, complete=True)[0].orders(np.array([3]))[:, 0]
    assert (countries.code[everywhere] != countries.code).any()
    small = Countries.of(["AA"] * 4 + ["BB"] * 6)
    layout = Layout.of(
        sparse_neighbours(np.arange(10.0), np.zeros(10), nearest=2), Edges.of(weights[:10, :10], small), small,
        xyz[:10], merge=True,
    )  # fmt: skip
    held = Shuffles.of(layout, small.strata(), permutations=30, rng=np.random.default_rng(0)).orders(np.arange(30))
    assert (held[:4] == np.arange(4)[:, None]).all()
    assert len(edges.names) == made.sums(np.ones(400), "product").shape[1]


def test_every_shuffle_of_four_is_as_likely() -> None:
    countries = Countries.of(["AA"] * 4 + ["BB"] * 2)
    weights = sparse_neighbours(np.arange(6.0), np.zeros(6), nearest=2)
    layout = Layout.of(weights, Edges.of(weights, countries), countries, np.eye(6)[:, :3], merge=True)
    strata = np.array([0, 0, 0, 0, 1, 2])
    draws = 9_600
    made = Shuffles.of(layout, strata, permutations=draws, rng=np.random.default_rng(5)).orders(np.arange(draws))
    count = dict.fromkeys(permutations(range(4)), 0)
    for way in made[:4].T.tolist():
        count[tuple(way)] += 1
    far = sum((found - draws / 24) ** 2 / (draws / 24) for found in count.values())
    assert far < 49.7  # chi-square with 23 degrees of freedom, p = .001


def test_edges_are_merged_once() -> None:
    weights, countries, edges, xyz = scene(60)
    layout = Layout.of(weights, edges, countries, xyz, merge=True)
    both = (weights + weights.T).toarray()
    assert len(layout.weight) == (np.triu(both, 1) > 0).sum()
    assert layout.weight.sum() * layout.unit == pytest.approx(weights.sum())


def test_the_curve_keeps_near_points_near() -> None:
    rng = np.random.default_rng(1)
    xyz = rng.uniform(0, 100, (2_000, 3))
    sort = along_curve(xyz).argsort()
    along = np.linalg.norm(np.diff(xyz[sort], axis=0), axis=1)
    assert np.median(along) < 0.25 * np.median(np.linalg.norm(np.diff(xyz, axis=0), axis=1))
    assert len(along_curve(np.zeros((3, 3)))) == 3


@pytest.mark.parametrize("laid", [True, False])
def test_sums_of_weights_are_those_of_the_matrix(*, laid: bool) -> None:
    weights, countries, _, xyz = scene(60)
    bench = Workbench(weights, countries, xyz, permutations=1, rng=np.random.default_rng(1))
    if laid:
        bench.layout(merge=True)
    both = (weights + weights.T).toarray()
    told = [weights.sum(), (both**2).sum() / 2, (both.sum(axis=1) ** 2).sum()]
    assert bench.weight_sums() == pytest.approx(told, rel=1e-12)
