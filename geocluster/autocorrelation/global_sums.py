"""How is each global statistic written as a sum over edges, and what do permutations make of it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.autocorrelation.lee import lee_of, lee_parts
from geocluster.splitting import Strata, Workbench, expected_products, expected_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A statistic by part, and what permutations within strata make of it.

    Attributes
    ----------
    index : list of str
        Names of the parts: whole, within, across, then pairs of countries.
    value, exact : ndarray, shape (parts,)
        Observed; on average over all permutations.
    draws : ndarray, shape (permutations, parts)
    share : ndarray, shape (parts,)
        Of the weights.
    """

    index: list[str]
    value: NDArray[np.float64]
    exact: NDArray[np.float64]
    draws: NDArray[np.float64]
    share: NDArray[np.float64]


def standard_scores(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give (x - mean)/sd, divisor n; nought throughout where values are equal but for rounding.

    Examples
    --------
    >>> standard_scores(np.array([1e90, 3e90])).round(9).tolist(), standard_scores(np.array([0.1, 0.1])).tolist()
    ([-1.0, 1.0], [0.0, 0.0])
    """
    away = x - x.mean()
    widest = float(np.abs(away).max())
    if widest <= 1e-12 * float(np.abs(x).max()):
        return np.zeros_like(x)
    away = away / widest
    scores: NDArray[np.float64] = away / np.sqrt(np.mean(away**2))
    return scores


def moran_of(bench: Workbench, strata: NDArray[np.int64], x: NDArray[np.float64]) -> Measured:
    """Moran's I = Σ w_ij z_i z_j / S0, z standardised with the divisor n (Moran 1950)."""
    z = standard_scores(x)
    return _of_products(bench, strata, z, scale=1 / _total(bench) if z.any() else np.nan)


def getis_ord_of(bench: Workbench, strata: NDArray[np.int64], x: NDArray[np.float64]) -> Measured:
    """General G = Σ w_ij x_i x_j / Σ_{i≠j} x_i x_j, x ≥ 0 (Getis & Ord 1992)."""
    largest = float(x.max())
    v = x / largest if largest > 0 else x
    pairs = float(v.sum() ** 2 - v @ v)
    return _of_products(bench, strata, v, scale=1 / pairs if pairs > 1e-12 * len(v) else np.nan)


def geary_of(bench: Workbench, strata: NDArray[np.int64], x: NDArray[np.float64]) -> Measured:
    """Geary's C = (n-1)/(2n S0) Σ w_ij (z_i - z_j)², z standardised with the divisor n (Geary 1954)."""
    z, edges, n = standard_scores(x), bench.edges, len(x)
    scale = (n - 1) / (2 * n * _total(bench)) if z.any() else np.nan
    observed = edges.products(z, square=True)
    exact = edges.parts(edges.weight * expected_squares(edges, Strata.of(strata), z))

    def measure(order: NDArray[np.int64]) -> NDArray[np.float64]:
        v, ones = z[order], np.ones(order.shape)
        return bench.measure(v**2, ones) + bench.measure(ones, v**2) - 2 * bench.measure(v, v)

    draws = bench.draws(
        strata, measure, merge=True, fast=lambda shuffles: bench.fast_sums(shuffles, z, observed, square=True)
    )
    return Measured(bench.index, observed * scale, exact * scale, draws * scale, _share(bench))


def bivariate_of(
    bench: Workbench, strata: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> Measured:
    """Bivariate Moran's I = Σ w_ij z^x_i z^y_j / S0 (Wartenberg 1985); x is held, y permuted."""
    from scipy import sparse

    here, near, edges = standard_scores(x), standard_scores(y), bench.edges
    scale = 1 / _total(bench) if here.any() and near.any() else np.nan
    pull = edges.weight * here[edges.row]
    observed = edges.parts(pull * near[edges.neighbour])
    exact = edges.parts(pull * Strata.of(strata).mean(near)[edges.neighbour])
    k = len(edges.names)
    pulls = sparse.csr_array((pull, (edges.pair, edges.neighbour)), shape=(k, len(x)))
    own, pairs = edges.own.astype(np.float64), np.eye(k)
    parts = sparse.csr_array(np.vstack([np.ones(k), own, 1 - own, pairs]) @ pulls)

    draws = bench.draws(
        strata,
        lambda order: np.asarray(parts @ near[order]),
        fast=lambda shuffles: shuffles.dots(near, parts, workers=bench.workers),
    )
    return Measured(bench.index, observed * scale, exact * scale, draws * scale, _share(bench))


def lee_statistic_of(
    bench: Workbench, strata: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> Measured:
    """Lee's L (2001): see `lee`; pairs (x_i, y_i) are permuted together."""
    here, near = standard_scores(x), standard_scores(y)
    parts = lee_parts(bench)
    total = float((np.asarray(bench.weights.sum(axis=1)) ** 2).sum())
    scale = 1 / total if total > 0 and here.any() and near.any() else np.nan
    observed = lee_of(parts, here[:, None], near[:, None])[:, 0]
    draws = bench.draws(strata, lambda order: lee_of(parts, here[order], near[order]))
    exact = parts.expected(Strata.of(strata), here, near)
    return Measured(parts.index, observed * scale, exact * scale, draws * scale, np.full(len(observed), np.nan))


def _of_products(bench: Workbench, strata: NDArray[np.int64], v: NDArray[np.float64], *, scale: float) -> Measured:
    """Sum w_ij v_i v_j."""
    edges = bench.edges
    observed = edges.products(v)
    exact = edges.parts(edges.weight * expected_products(edges, Strata.of(strata), v, v))

    def measure(order: NDArray[np.int64]) -> NDArray[np.float64]:
        return bench.measure(v[order], v[order])

    draws = bench.draws(strata, measure, merge=True, fast=lambda shuffles: bench.fast_sums(shuffles, v, observed))
    return Measured(bench.index, observed * scale, exact * scale, draws * scale, _share(bench))


def _total(bench: Workbench) -> float:
    """S0; NaN where there is no edge."""
    total = float(bench.edges.weight.sum())
    return total if total > 0 else np.nan


def _share(bench: Workbench) -> NDArray[np.float64]:
    return bench.edges.parts(bench.edges.weight) / _total(bench)
