"""What do the parts of a statistic come to when rows exchange what they hold?"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geocluster.permutation import permute_within, simulate
from geocluster.splitting.edges import Edges, with_parts
from geocluster.splitting.engine import FAST_FROM, Layout, Shuffles
from geocluster.splitting.parts import PairSums
from geocluster.splitting.ties import reach_of, settle_ties

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geocluster.splitting.parts import Countries

    Measure = Callable[[NDArray[np.int64]], NDArray[np.float64]]
    Fast = Callable[[Shuffles], NDArray[np.float64]]

FLAT = 0.01
"""Values that vary less about their mean, as a share of it, are summed as differences from it."""


class Workbench:
    """Edges, and the two ways to sum over them: plain ones for few rows, compiled ones for many.

    Parameters
    ----------
    weights : csr_array, shape (n, n)
    countries : Countries
    xyz : ndarray, shape (n, 3)
        Where the rows stand.
    permutations : int
    rng : Generator
        Each statistic that is simulated gets a child of it.
    workers : int
    """

    def __init__(
        self,
        weights: csr_array,
        countries: Countries,
        xyz: NDArray[np.float64],
        *,
        permutations: int,
        rng: np.random.Generator,
        workers: int = 1,
    ) -> None:
        self.weights, self.countries, self.xyz = weights, countries, xyz
        self.permutations, self.rng, self.workers = permutations, rng, workers
        self.edges = Edges.of(weights, countries)
        self._layouts: dict[bool, Layout] = {}

    @property
    def n(self) -> int:
        """Rows."""
        return int(self.weights.shape[0])

    @property
    def index(self) -> list[str]:
        """Names of the parts and of the pairs of countries."""
        return ["whole", "within", "across", *self.edges.names]

    @cached_property
    def sums(self) -> PairSums:
        """Sums by pair for a few columns at a time."""
        return PairSums(self.weights, self.countries)

    def layout(self, *, merge: bool) -> Layout:
        """Lay rows and edges out for the compiled loops, once."""
        if merge not in self._layouts:
            self._layouts[merge] = Layout.of(self.weights, self.edges, self.countries, self.xyz, merge=merge)
        return self._layouts[merge]

    def weight_sums(self) -> tuple[float, float, float]:
        """S0 = Σ w_ij, S1 = ½ Σ (w_ij + w_ji)², S2 = Σ_i (Σ_j w_ij + Σ_j w_ji)² (Cliff & Ord 1981)."""
        around = np.bincount(self.edges.neighbour, weights=self.edges.weight, minlength=self.n)
        around += np.bincount(self.edges.row, weights=self.edges.weight, minlength=self.n)
        if True in self._layouts:  # there both ways are one edge already
            layout = self._layouts[True]
            squares = float((layout.weight**2).sum()) * layout.unit**2
        else:
            squares = float(((self.weights + self.weights.T).data ** 2).sum()) / 2
        return float(self.edges.weight.sum()), squares, float((around**2).sum())

    def measure(self, left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum Σ w_ij a_i b_j for columns of values: shape (3 + pairs, draws)."""
        return self.sums.parts(self.sums.of(left, right))

    def draws(
        self, strata: NDArray[np.int64], measure: Measure, *, fast: Fast | None = None, merge: bool = False
    ) -> NDArray[np.float64]:
        """Draw the parts with what the rows hold shuffled within strata.

        Parameters
        ----------
        strata : ndarray of int, shape (n,)
        measure : callable
            ``measure(order)`` with `order` of shape (n, draws) gives the parts, shape (slots, draws).
        fast : callable, optional
            Gives all draws at once, shape (permutations, slots), from shuffles of a layout.
        merge : bool
            Whether the layout may take w_ij and w_ji as one edge.

        Returns
        -------
        ndarray, shape (permutations, slots)
        """
        (rng,) = self.rng.spawn(1)
        if fast is not None and self.n >= FAST_FROM and len(self.edges.weight):
            return fast(Shuffles.of(self.layout(merge=merge), strata, permutations=self.permutations, rng=rng))

        def draw(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
            return measure(np.ascontiguousarray(permute_within(strata, generator, size).T)).T

        return simulate(draw, permutations=self.permutations, rng=rng, workers=self.workers)

    def fast_sums(
        self,
        shuffles: Shuffles,
        values: NDArray[np.float64],
        observed: NDArray[np.float64],
        *,
        square: bool = False,
    ) -> NDArray[np.float64]:
        """Sum products, or squared differences, in compiled loops; what single precision leaves open is settled."""
        edges = self.edges

        def again(which: NDArray[np.int64]) -> NDArray[np.float64]:
            return np.stack([edges.products(values[order], square=square) for order in shuffles.orders(which).T])

        level = float(values.mean())
        # single precision would lose small differences at a high level: they are summed by themselves
        level = 0.0 if square or float(values.std()) > FLAT * abs(level) else level
        found = shuffles.sums(values - level, "square" if square else "product", workers=self.workers)
        if level:
            alone = self._single_values
            found = found + level * (
                shuffles.dots(values - level, alone, workers=self.workers) + level * alone.sum(axis=1) / 2
            )
        draws = with_parts(found.T, edges.own).T
        reach = reach_of(edges, values - level) * (4 if square else 1)
        return settle_ties(observed, draws, reach, again)

    @property
    def _single_values(self) -> csr_array:
        """Weigh each row by its edges, either way, in each pair of countries: shape (pairs, n)."""
        from scipy import sparse

        edges = self.edges
        weight, pair = np.tile(edges.weight, 2), np.tile(edges.pair, 2)
        row = np.concatenate([edges.row, edges.neighbour])
        return sparse.csr_array((weight, (pair, row)), shape=(len(edges.names), self.n))

    def fast_joins(
        self,
        shuffles: Shuffles,
        codes: NDArray[np.int64],
        joins: Sequence[tuple[int, int]],
        measure: Measure,
        observed: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Count joins in compiled loops: shape (permutations, joins · parts), the parts of one pair of kinds together.

        With both ways of an edge as one, the two orders of a pair of kinds are added.
        """
        merged = shuffles.layout.merged
        turned = [(b, a) for a, b in joins if a != b] if merged else []
        found = shuffles.sums(codes, "joins", joins=[*joins, *turned], workers=self.workers)
        result = found[:, :, : len(joins)]
        if turned:
            result[:, :, [a != b for a, b in joins]] += found[:, :, len(joins) :]
        parts = np.stack([with_parts(result[:, :, i].T, self.edges.own).T for i in range(len(joins))], axis=1)
        draws = parts.reshape(len(parts), -1)
        if shuffles.layout.exact:
            return draws
        reach = np.tile(reach_of(self.edges, np.ones(1)), len(joins))
        return settle_ties(observed, draws, reach, lambda which: measure(shuffles.orders(which)).T)
