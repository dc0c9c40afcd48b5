"""How much is what stands on two sides of a border redrawn, one side held?

A cross part in its standard form is linear in features of what the redrawn side holds; so each
test is one product with the weights that join the two sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.splitting.cross import CrossTest, Direction, cross_test
from geocluster.splitting.engine import FAST_FROM
from geocluster.surrogates import Null, SpectralBasis, cut_draws, permuted_draws

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geocluster.splitting.rows import Rows
    from geocluster.surrogates import Draw

    Features = Callable[[NDArray[np.float64]], Sequence[NDArray[np.float64]]]


def _itself(values: NDArray[np.float64]) -> Sequence[NDArray[np.float64]]:
    return (values,)


@dataclass(frozen=True, slots=True, eq=False)
class CrossForm:
    """A cross part: linear in features of the redrawn values.

    Attributes
    ----------
    values : ndarray, shape (n,)
        What is redrawn.
    pulls : list of csr_array, shape (k, n)
        How much each feature of a row counts beside each country.
    below : ndarray, shape (k, k)
        Denominators, [held, redrawn].
    held : ndarray, shape (k, k), optional
        What the held country adds to the numerator.
    features : callable
    flat : ndarray of bool, shape (2, k)
        Countries whose held, and whose redrawn values do not vary.
    cut : bool
        Whether values are 0 and 1, and surrogates are cut to them.
    reason : str
        Why surrogates cannot be had.
    refuse : callable, optional
        ``refuse(held, redrawn)`` says why a direction is not defined; empty if it is.
    """

    values: NDArray[np.float64]
    pulls: list[csr_array]
    below: NDArray[np.float64]
    flat: NDArray[np.bool_]
    held: NDArray[np.float64] | None = None
    features: Features = _itself
    cut: bool = False
    reason: str = ""
    refuse: Callable[[int, int], str] | None = None


def _crossing(weights: csr_array, code: NDArray[np.int64]) -> csr_array:
    """Keep the weights between two countries."""
    from scipy import sparse

    row = np.repeat(np.arange(len(code), dtype=np.int32), np.diff(weights.indptr))
    away = code[row] != code[weights.indices]
    return sparse.csr_array((weights.data[away], (row[away], weights.indices[away])), shape=weights.shape)


class Sides:
    """What the cross forms of one table share: the weights that cross a border.

    Parameters
    ----------
    rows : Rows
    null : {"surrogate", "permutation"}
    permutations : int
    rng : Generator
        Each test starts from numbers drawn here once: all see the same redraws of a country.
    workers : int
    weights : csr_array, optional
        Those of the rows if not given.
    """

    def __init__(
        self,
        rows: Rows,
        null: Null,
        *,
        permutations: int,
        rng: np.random.Generator,
        workers: int,
        weights: csr_array | None = None,
    ) -> None:
        from scipy import sparse

        self.rows, self.null, self.permutations, self.workers = rows, null, permutations, workers
        self.seed = rng.integers(0, 2**63, 4).tolist()
        self.countries = rows.countries
        self.weights = _crossing(rows.weights if weights is None else weights, rows.countries.code)
        k, n = len(self.countries.names), rows.n
        self.of_country = sparse.csr_array((np.ones(n), (self.countries.code, np.arange(n))), shape=(k, n))
        self.pairs = rows.pairs_across()
        self.basis = cache(self._basis)

    @property
    def both(self) -> csr_array:
        """Weights both ways."""
        both: csr_array = self.weights + self.weights.T
        return both

    def _basis(self, country: int) -> SpectralBasis:
        return SpectralBasis.of(self.rows.points, np.flatnonzero(self.countries.code == country))

    def beside(self, weights: csr_array, values: NDArray[np.float64] | float = 1.0) -> csr_array:
        """Sum what stands in each country over the weights: Σ_i w_ij v_i, shape (k, n)."""
        from scipy import sparse

        return sparse.csr_array((self.of_country * values) @ weights)

    def between(self, beside: csr_array, values: NDArray[np.float64] | float = 1.0) -> NDArray[np.float64]:
        """Sum that again over the countries of the other side: shape (k, k)."""
        found: Any = beside @ (self.of_country * values).T
        result: NDArray[np.float64] = found.toarray()
        return result

    def scores(self, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Standardise within countries; which of them are flat."""
        code, count = self.countries.code, self.countries.count
        largest = float(np.abs(x).max()) or 1.0
        v = x / largest
        away = v - (np.bincount(code, weights=v) / count)[code]
        sd = np.sqrt(np.bincount(code, weights=away**2) / count)
        flat = sd <= 1e-12 * np.sqrt(np.bincount(code, weights=v**2) / count)
        return np.where(flat[code], 0.0, away / np.where(flat, 1.0, sd)[code]), flat

    def test(self, form: CrossForm) -> CrossTest:
        """Test a form by direction."""
        names, code = self.countries.names, self.countries.code
        directions = []
        seen = form.features(form.values[None, :])
        above = np.sum([self.between(pull, one[0]) for pull, one in zip(form.pulls, seen, strict=True)], axis=0)
        if form.held is not None:
            above = above + form.held
        for pair in self.pairs:
            for held, redrawn in (pair, pair[::-1]):
                flat = [names[c] for c, side in ((held, 0), (redrawn, 1)) if form.flat[side, c]]
                below = 0.0 if flat else float(form.below[held, redrawn])
                reason = form.refuse(held, redrawn) if form.refuse else ""
                reason = reason or self.rows.refusal(held, redrawn)
                if not reason and self.null == "surrogate":
                    reason = form.reason or self.rows.too_many_places(redrawn)
                if not reason and flat:
                    reason = f"not defined: all values of {flat[0]} are equal"
                if not reason and below <= 0:
                    reason = f"not defined: nothing of {names[held]} has a neighbour in {names[redrawn]}"
                directions.append(Direction(held, redrawn, float(above[held, redrawn]), below, reason))

        def draws(country: int, among: NDArray[np.intp]) -> Draw:
            here = form.values[code == country]
            if self.null == "permutation":
                return permuted_draws(here, among, fast=self.rows.n >= FAST_FROM)
            whole = self.basis(country).draws(here)
            whole = cut_draws(whole, int(here.sum())) if form.cut else whole
            return lambda generator, size: whole(generator, size)[:, among]

        return cross_test(
            self.countries, directions, form.pulls, draws, features=form.features, held=form.held,
            permutations=self.permutations, rng=np.random.default_rng(self.seed), workers=self.workers,
        )  # fmt: skip

    def nothing(self, reason: str) -> CrossTest:
        """Give the directions of a statistic that has no test, with the reason."""
        directions = [Direction(a, b, 0.0, 0.0, reason) for pair in self.pairs for a, b in (pair, pair[::-1])]
        return cross_test(
            self.countries, directions, [], lambda *_: permuted_draws(np.zeros(0)),
            permutations=self.permutations, rng=np.random.default_rng(self.seed),
        )  # fmt: skip
