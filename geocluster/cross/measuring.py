"""What is counted, as it is and under the null, by pair of countries and distance?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from geocluster.cross.counting import Reach, count_rows, count_words, find_reach, weigh_rows
from geocluster.cross.nearest import NearestSites
from geocluster.cross.scene import LabelScene, kernel
from geocluster.permutation import block_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geocluster.cross.scene import Scene

Labelled = Literal["M", "m", "Kd", "mark_connection"]
Function = Literal["K", "L", "g", "nearest"] | Labelled
FUNCTIONS = ("K", "L", "g", "nearest", *get_args(Labelled))
AT_ONCE = 4
"""Blocks of 64 draws that are counted together."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Counts by ordered pair of countries and distance.

    Attributes
    ----------
    cells : list of (int, int)
        Country of the first kind, country of the second.
    observed, expected : ndarray, shape (cells, distances)
        Expected is NaN where only redraws tell it.
    simulated : ndarray, shape (P, cells, distances)
        Both kinds redrawn everywhere.
    held : ndarray, shape (2, P, cells, distances)
        Across borders: only the second kind's country redrawn; only the first kind's.
        NaN within countries.
    exact : ndarray, shape (cells, distances), optional
        What is observed, where redraws are compared with a coarser measure of it.
    """

    cells: list[tuple[int, int]]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    simulated: NDArray[np.float64]
    held: NDArray[np.float64]
    exact: NDArray[np.float64] | None = None


class Counter:
    """Counts a scene's columns by one function.

    Parameters
    ----------
    scene : Scene
    function : {"K", "L", "g", "nearest"}
    at_km, chords : ndarray, shape (distances,)
        Distances asked, and the chords below them.
    bandwidth_km : float
        Of the pair correlation; else 0.
    workers : int
    """

    def __init__(
        self,
        scene: Scene,
        function: Function,
        at_km: NDArray[np.float64],
        chords: NDArray[np.float64],
        *,
        bandwidth_km: float = 0.0,
        workers: int = 1,
    ) -> None:
        self.scene, self.function, self.at_km, self.workers = scene, function, at_km, workers
        self.bandwidth_km = bandwidth_km
        self._chords = chords
        limits = chords[-1:] if function == "g" else chords
        self.reach: Reach = find_reach(scene.leaves, limits**2)
        self._sites: NearestSites | None = None
        if function == "nearest":
            _, right = scene.observed()
            share = float((right > 0).sum() / max(len(scene.leaves.slot), 1))
            self._sites = NearestSites(scene.leaves, share)

    def count(self, left: NDArray[Any], right: NDArray[Any], reach: Reach | None = None) -> NDArray[np.float64]:
        """Count up to each distance (the pair correlation: at it), shape (draws, cells, distances)."""
        asked = reach or self.reach
        if self._sites is not None:
            found = self._sites.count(
                left, right, self._chords, asked.cell_of, cells=len(asked.cells), same=self.scene.kinds.same
            )
        elif self.function == "g":
            found = self.scene.count(
                left, right, asked, at_km=self.at_km, bandwidth_km=self.bandwidth_km, workers=self.workers
            )
        else:
            found = self.scene.count(left, right, asked, workers=self.workers)
        if self.function != "g":
            found = np.cumsum(found, axis=1)
        return np.moveaxis(found, 2, 0).astype(np.float64)

    def expected(self) -> NDArray[np.float64]:
        """Give E by cell and distance; NaN for nearest neighbours.

        Background: E = n_a n_b Σ β_j β_l 1[d ≤ r]. Labels: the pairs of rows so near, times
        the chance that they bear the two labels; rows that are held bear theirs.
        """
        shape = (len(self.reach.cells), len(self.at_km))
        if self.function == "nearest" or not shape[0]:
            return np.full(shape, np.nan)
        kinds, scene = self.scene.kinds, self.scene
        ends = np.array(self.reach.cells).T
        own = ends[0] == ends[1]
        if not isinstance(scene, LabelScene):
            total, squares = kinds.total(), kinds.squares()
            pairs = total[0, ends[0]] * total[1, ends[1]] - np.where(own, squares[ends[0]], 0.0)
            return self.everyone() * np.asarray(pairs, dtype=np.float64)[:, None]
        k, (first, second) = len(kinds.names), scene.fixed()
        weight = np.ones(len(first)) if kinds.weight is None else kinds.weight
        free = ~(first | second)

        def total_of(values: NDArray[Any]) -> NDArray[np.float64]:
            return np.bincount(kinds.country, weights=free * values, minlength=k).astype(np.float64)

        number, one, other = (total_of(v) for v in (np.ones(len(free)), weight * kinds.first, weight * kinds.second))
        both = total_of(weight**2 * (kinds.first & kinds.second))
        pairs = one[ends[0]] * other[ends[1]] - np.where(own, both[ends[0]], 0.0)
        result: NDArray[np.float64] = self.between(free, free) * _share(
            pairs, number[ends[0]] * (number[ends[1]] - own)
        )
        if not free.all():
            left, right = (weight * rows if kinds.weight is not None else rows for rows in (first, second))
            result += self.between(left, right)
            result += self.between(left, free) * _share(other, number)[ends[1]]
            result += self.between(free, right) * _share(one, number)[ends[0]]
        return result

    def everyone(self) -> NDArray[np.float64]:
        """Count pairs of all rows, none with itself; of a background sum the shares of all pairs of places."""
        if isinstance(self.scene, LabelScene):
            every = np.ones(len(self.scene.kinds.country), dtype=bool)
            return self.between(every, every)
        column = self.scene.everyone()
        return self._sum(column, column)

    def between(self, left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float64]:
        """Count pairs of two sets of rows that are relabelled, none of a row with itself: (cells, distances)."""
        scene = self.scene
        assert isinstance(scene, LabelScene)
        if not left.any() or not right.any():
            return np.zeros((len(self.reach.cells), len(self.at_km)))
        ones, others = scene.column(left), scene.column(right)
        result = self._sum(ones, others)
        if ones.dtype != np.uint64:
            # a row with itself is at distance 0
            itself = kernel(self.at_km, 0.0, self.bandwidth_km) if self.function == "g" else np.ones(len(self.at_km))
            twice = np.bincount(scene.kinds.country, weights=left * right * 1.0, minlength=len(scene.kinds.names))
            for c, n in enumerate(twice):
                cell = self.reach.cell_of[c, c]
                if cell >= 0:
                    result[cell] -= n * itself
        return result

    def _sum(self, left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float64]:
        """Sum two columns up to each distance; of g, at it."""
        leaves = self.scene.leaves
        if left.dtype == np.uint64:
            found: NDArray[Any] = count_words(leaves, self.reach, left, right, workers=self.workers)
        elif self.function == "g":
            ones, others = left.astype(np.float64), right.astype(np.float64)
            found = weigh_rows(
                leaves, self.reach, ones, others, at_km=self.at_km, bandwidth_km=self.bandwidth_km,
                workers=self.workers,
            )  # fmt: skip
        else:
            found = count_rows(leaves, self.reach, left, right, workers=self.workers)
        result = found[:, :, 0].astype(np.float64)
        return result if self.function == "g" else np.cumsum(result, axis=1)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)[:, None]


def measure(counter: Counter, *, permutations: int, rng: np.random.Generator) -> Measured:
    """Count what is there, and what the null puts there.

    Parameters
    ----------
    counter : Counter
    permutations : int
    rng : Generator
        Each block of 64 draws gets a child of it.
    """
    scene, reach = counter.scene, counter.reach
    cells = len(reach.cells)
    first, second = scene.observed()
    observed = counter.count(first, second)[0]
    simulated = np.empty((permutations, cells, len(counter.at_km)))
    held = np.full((2, *simulated.shape), np.nan)
    crossing = reach.crossing()
    across = np.array([a != b for a, b in reach.cells], dtype=bool)
    done = 0
    for left, right in _columns(scene, permutations, rng):
        size = left.shape[1]
        now = slice(done, done + size)
        simulated[now] = counter.count(left, right)
        if across.any():
            ways = (_hold(counter, first, right, crossing, 1), _hold(counter, left, second, crossing, 0))
            for way, found in enumerate(ways):
                held[way, now][:, across] = found[:, across]
        done += size
    expected = counter.expected()
    if counter.function == "nearest" and cells:
        expected = simulated.mean(axis=0)
    return Measured(reach.cells, observed, expected, simulated, held)


def _columns(scene: Scene, permutations: int, rng: np.random.Generator) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Draw in blocks of 64, each with a generator of its own, several blocks at once."""
    sizes = block_sizes(permutations)
    blocks = list(zip(rng.spawn(len(sizes)), sizes, strict=True))
    for start in range(0, len(blocks), AT_ONCE):
        drawn = [scene.draw(generator, size) for generator, size in blocks[start : start + AT_ONCE]]
        yield (
            np.concatenate([left for left, _ in drawn], axis=1),
            np.concatenate([right for _, right in drawn], axis=1),
        )


def _hold(
    counter: Counter, left: NDArray[Any], right: NDArray[Any], crossing: Reach, redrawn: int
) -> NDArray[np.float64]:
    """Count across borders with one end held as it is and the other redrawn."""
    draws = max(left.shape[1], right.shape[1])
    if counter.function != "nearest":
        ones, others = (np.ascontiguousarray(np.broadcast_to(one, (one.shape[0], draws))) for one in (left, right))
        return counter.count(ones, others, crossing)
    # a nearest neighbour may be of any country: hold all countries but the one redrawn
    scene = counter.scene
    slots = np.repeat(scene.leaves.country, scene.leaves.size)
    result = np.full((draws, len(crossing.cells), len(counter.at_km)), np.nan)
    first, second = scene.observed()
    for c in {cell[redrawn] for cell in crossing.cells if cell[0] != cell[1]}:
        own = (slots == c)[:, None]
        mine = np.where(own, left, first) if redrawn == 0 else np.broadcast_to(first, (len(slots), draws))
        theirs = np.where(own, right, second) if redrawn == 1 else np.broadcast_to(second, (len(slots), draws))
        found = counter.count(np.ascontiguousarray(mine), np.ascontiguousarray(theirs), crossing)
        for number, cell in enumerate(crossing.cells):
            if cell[redrawn] == c and cell[0] != cell[1]:
                result[:, number] = found[:, number]
    return result
