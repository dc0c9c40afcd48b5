"""Both engines count what brute force counts; a relabelling is exact and uniform."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from geocluster.cross.counting import count_rows, count_words, find_reach
from geocluster.cross.leaves import grow_leaves
from geocluster.cross.measuring import Counter, Measured, measure
from geocluster.cross.scene import BackgroundScene, Kinds, LabelScene, Scene, kernel
from geocluster.cross.words import count_ranges, pack, relabel
from geocluster.distance import to_arc_km, to_chord_km, to_ecef
from geocluster.graph import reach_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_KM = np.array([3.0, 8.0, 20.0, 45.0])


class Town:
    """Rows on a coarse grid, so that many share a point, in two or three countries."""

    def __init__(self, seed: int, n: int = 300, *, same: bool = False, weighted: bool = False, digits: int = 1) -> None:
        rng = np.random.default_rng(seed)
        longitude, latitude = rng.normal(7, 0.5, n).round(digits), rng.normal(47, 0.4, n).round(digits)
        country = (longitude > 7).astype(np.int64) + (latitude > 47.4)
        first = rng.random(n) < 0.4
        second = first if same else ~first & (rng.random(n) < 0.5)
        weight = rng.uniform(0, 9, n) if weighted else None
        self.kinds = Kinds(["AA", "BB", "CC"], country, first, second, weight)
        self.xyz = to_ecef(longitude, latitude)
        self.distance = to_arc_km(np.linalg.norm(self.xyz[:, None] - self.xyz, axis=-1))
        points, self.site = np.unique(np.column_stack([country, longitude, latitude]), axis=0, return_inverse=True)
        self.site_country = points[:, 0].astype(np.int64)
        self.sites = grow_leaves(to_ecef(points[:, 1], points[:, 2]), self.site_country, countries=3, size=8)
        share = rng.random(len(points))
        self.share = share / np.bincount(self.site_country, weights=share)[self.site_country]

    def scene(self, name: str) -> Scene:
        if name == "bits":
            return LabelScene.of(self.kinds, grow_leaves(self.xyz, self.kinds.country, countries=3, size=64))
        if name == "sites":
            return LabelScene.of(self.kinds, self.sites, self.site)
        return BackgroundScene(self.kinds, self.sites, self.site, self.share, self.site_country)

    def measure(self, name: str, function: Any, permutations: int = 130, workers: int = 1) -> Measured:
        h = 4.0 if function == "g" else 0.0
        chords = np.array([reach_km(r + h) for r in AT_KM])
        counter = Counter(self.scene(name), function, AT_KM, chords, bandwidth_km=h, workers=workers)
        return measure(counter, permutations=permutations, rng=np.random.default_rng(5))

    def by_hand(self, function: str, cell: tuple[int, int]) -> NDArray[np.float64]:
        kinds = self.kinds
        weight = np.ones(len(self.xyz)) if kinds.weight is None else kinds.weight
        one = weight * (kinds.first & (kinds.country == cell[0]))
        other = weight * (kinds.second & (kinds.country == cell[1]))
        pairs = np.outer(one, other)
        if kinds.same:
            np.fill_diagonal(pairs, 0)
        if function == "K":
            return np.array([pairs[self.distance <= r + 1e-6].sum() for r in AT_KM])
        if function == "g":
            return np.array([(pairs * kernel(np.full(pairs.shape, r), self.distance, 4.0)).sum() for r in AT_KM])
        gap = np.where(kinds.second, self.distance, np.inf)
        if kinds.same:
            np.fill_diagonal(gap, np.inf)
        least = gap.min(axis=1)
        tied = gap <= least[:, None] + 1e-6
        share = (tied & (kinds.country == cell[1])).sum(axis=1) / tied.sum(axis=1)
        return np.array([((one > 0) & (least <= r)) @ share for r in AT_KM])


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize(
    ("name", "function", "weighted"),
    [
        ("bits", "K", False),
        *((name, function, False) for name in ("sites", "background") for function in ("K", "g", "nearest")),
        *((name, function, True) for name in ("sites", "background") for function in ("K", "g")),
    ],
)
def test_counts_are_those_of_brute_force(name: str, function: str, *, weighted: bool, same: bool) -> None:
    town = Town(1, same=same, weighted=weighted)
    measured = town.measure(name, function, permutations=1)
    assert len(measured.cells) >= 7
    for number, cell in enumerate(measured.cells):
        np.testing.assert_allclose(measured.observed[number], town.by_hand(function, cell), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("name", ["bits", "sites", "background"])
def test_the_expectation_is_the_mean_of_the_redraws(name: str, *, same: bool) -> None:
    town = Town(2, same=same)
    for function in ("K", "g") if name != "bits" else ("K",):
        measured = town.measure(name, function, permutations=640)
        error = measured.simulated.std(axis=0) / np.sqrt(640)
        sound = [
            c
            for c, (a, b) in enumerate(measured.cells)
            # against the background E is of redrawn places even where rows are held
            if name != "background" or not town.kinds.held()[[0, 1], [a, b]].any()
        ]
        z = (measured.simulated.mean(axis=0) - measured.expected)[sound] / np.maximum(error[sound], 1e-9)
        assert np.abs(z).max() < 4.5
        assert error[sound].max() > 0


def test_bits_and_rows_count_the_same_labels() -> None:
    town = Town(3, digits=3)
    words = grow_leaves(town.xyz, town.kinds.country, countries=3, size=64)
    rows = grow_leaves(town.xyz, town.kinds.country, countries=3, size=8)
    keys = np.random.default_rng(1).integers(0, 2**64, 70, dtype=np.uint64)
    labels = relabel(keys, pack(words.slot, len(words)), words.first_leaf, town.kinds.number())
    limits = to_chord_km(AT_KM) ** 2
    by_row = []
    for label in labels:
        column = np.zeros((len(rows) * 8, 70), dtype=np.int32)
        column[rows.slot] = label[words.slot // 64] >> (words.slot % 64).astype(np.uint64)[:, None] & np.uint64(1)
        by_row.append(column)
    reach = find_reach(words, limits)
    bits = count_words(words, reach, *labels)
    np.testing.assert_array_equal(bits, count_rows(rows, find_reach(rows, limits), *by_row))
    crossing = count_words(words, reach.crossing(), *labels, workers=2)
    across = np.array([a != b for a, b in reach.cells])
    np.testing.assert_array_equal(crossing[across], bits[across])
    assert not crossing[~across].any()


def test_every_subset_is_as_likely() -> None:
    free = np.array([0b1011101], dtype=np.uint64)  # five slots, one of them never
    keys = np.random.default_rng(4).integers(0, 2**64, 30_000, dtype=np.uint64)
    words = relabel(keys, free, np.array([0, 1]), np.array([[2], [1]]))
    seen = np.unique(words[0] * np.uint64(256) + words[1], return_counts=True)[1]
    assert len(seen) == len(list(combinations(range(5), 2))) * 3
    assert stats.chisquare(seen).pvalue > 1e-4


@pytest.mark.parametrize("share", [0.001, 0.3, 0.5, 0.97, 1.0])
def test_every_country_keeps_its_number(share: float) -> None:
    rng = np.random.default_rng(6)
    country = np.sort(rng.integers(0, 3, 2000))
    leaves = grow_leaves(rng.normal(size=(2000, 3)), country, countries=3, size=64)
    number = np.bincount(country)
    wanted = np.array([np.round(number * share), (number - np.round(number * share)) // 2]).astype(np.int64)
    labels = relabel(
        rng.integers(0, 2**64, 65, dtype=np.uint64), pack(leaves.slot, len(leaves)), leaves.first_leaf, wanted
    )
    assert not (labels[0] & labels[1]).any()
    ends = np.stack([leaves.first_leaf[:-1], leaves.first_leaf[1:]]) * 64
    for kind in (0, 1):
        assert (count_ranges(labels[kind], ends) == wanted[kind][:, None]).all()


def test_the_same_numbers_on_any_number_of_threads() -> None:
    for name, function in (("bits", "K"), ("sites", "g"), ("background", "K")):
        one, two = (Town(7, weighted=name == "background").measure(name, function, workers=w) for w in (1, 3))
        np.testing.assert_array_equal(one.simulated, two.simulated)
        np.testing.assert_array_equal(one.held, two.held)


@pytest.mark.parametrize("name", ["bits", "sites", "background"])
def test_one_side_is_held_while_the_other_is_redrawn(name: str) -> None:
    town = Town(8)
    scene = town.scene(name)
    measured = town.measure(name, "K", permutations=64)
    left, right = scene.draw(np.random.default_rng(5).spawn(1)[0], 64)
    first, second = scene.observed()
    counter = Counter(scene, "K", AT_KM, np.array([reach_km(r) for r in AT_KM]))
    own = (scene.leaves.country if left.dtype == np.uint64 else np.repeat(scene.leaves.country, 8))[:, None]
    a, b = measured.cells[1]
    assert a != b
    mixed = counter.count(np.where(own == b, left, first), np.where(own == b, right, second))
    np.testing.assert_array_equal(measured.held[0][:, 1], mixed[:, 1])
    mixed = counter.count(np.where(own == a, left, first), np.where(own == a, right, second))
    np.testing.assert_array_equal(measured.held[1][:, 1], mixed[:, 1])


def test_kinds_with_fewer_than_five_are_held_fixed() -> None:
    town = Town(9)
    kinds = town.kinds
    rare = np.flatnonzero(kinds.second & (kinds.country == 1))
    kinds.second[rare[3:]] = False
    for name in ("bits", "sites", "background"):
        scene = town.scene(name)
        right = scene.draw(np.random.default_rng(1), 40)[1]
        own = scene.leaves.country == 1 if right.dtype == np.uint64 else np.repeat(scene.leaves.country, 8) == 1
        assert (right[own] == scene.observed()[1][own]).all()
        assert (right[~own] != scene.observed()[1][~own]).any()


def test_points_at_the_pole_the_antimeridian_and_in_one_place_are_counted() -> None:
    longitude = np.array([179.99, -179.99, 0.0, 90.0, 5.0, 5.0, 5.0])
    latitude = np.array([0.0, 0.0, 89.99, 89.99, 50.0, 50.0, 50.0])
    xyz, country = to_ecef(longitude, latitude), np.zeros(7, dtype=np.int64)
    everyone = np.ones(7, dtype=bool)
    kinds = Kinds(["AA"], country, everyone, everyone, None)
    scene = LabelScene.of(kinds, grow_leaves(xyz, country, countries=1, size=64))
    counter = Counter(scene, "K", np.array([1.0, 3.0]), np.array([reach_km(1.0), reach_km(3.0)]))
    assert counter.count(*scene.observed())[0, 0].tolist() == [6.0, 10.0]
