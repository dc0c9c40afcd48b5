"""How is each local statistic written as a sum over neighbours?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geocluster.autocorrelation.joins import Kinds

LocalStatistic = Literal["moran", "geary", "getis_ord", "getis_ord_star", "join_count", "bivariate_moran"]
NAMES: dict[str, str] = {
    "moran": "local Moran's I",
    "geary": "local Geary's C",
    "getis_ord": "local Getis–Ord G (z)",
    "getis_ord_star": "local Getis–Ord G* (z)",
    "join_count": "local join count",
    "bivariate_moran": "local bivariate Moran's I",
}


EQUAL = 1e-12
"""Values no further from their mean than so much of the largest are equal but for rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A local statistic as factor_i · (Σ_j w_ij y_j + offset_i), or with (x_i - y_j)² for y_j.

    Attributes
    ----------
    statistic : str
    weights : csr_array, shape (n, n)
    own : ndarray, shape (n,)
        What the row holds: x less its mean; for join counts 0 or 1.
    near : ndarray, shape (n,)
        y, what neighbours hold.
    factor : ndarray, shape (n,)
        NaN where the statistic is not defined.
    offset : ndarray, shape (n, 2)
        Of the parts within and across; for G* the row's own term, within. Not to be written into.
    square : float
        m2 = Σ (x - mean)²/n.
    kinds : Kinds, optional
        For join counts of several kinds: y_j is 1 where the neighbour is of the row's kind.
    """

    statistic: str
    weights: csr_array
    own: NDArray[np.float64]
    near: NDArray[np.float64]
    factor: NDArray[np.float64]
    offset: NDArray[np.float64]
    square: float
    kinds: Kinds | None = None

    @property
    def squared(self) -> bool:
        """Whether it sums squared differences."""
        return self.statistic == "geary"

    def parts(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn sums over neighbours, whole, within and across, into the statistic: shape (n, 3)."""
        offset = np.column_stack([self.offset.sum(axis=1), self.offset])
        values: NDArray[np.float64] = self.factor[:, None] * (sums + offset)
        values[:, 0] = values[:, 1] + values[:, 2]
        return values


def measure(
    statistic: LocalStatistic,
    weights: csr_array,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    country: NDArray[np.int64],
    *,
    standardised: bool,
) -> Measure:
    """Write a statistic as a sum over neighbours.

    Moran I_i = (z_i/m2) Σ w_ij z_j and Geary C_i = Σ w_ij (x_i - x_j)²/m2 (Anselin 1995, eq. 12,
    28); G_i and G_i* as z (Ord & Getis 1995, eq. 7, 14); join count b_i Σ w_ij b_j (Anselin & Li
    2019, eq. 3); bivariate z^x_i Σ w_ij z^y_j/√(m2x m2y) (after Wartenberg 1985). m2 has the divisor n.

    Parameters
    ----------
    statistic : str
    weights : csr_array, shape (n, n)
    x, y : ndarray, shape (n,)
        Of the row, of its neighbours: the same but for two columns.
    country : ndarray of int, shape (n,)
    standardised : bool
        The rows of the weights are standardised: in G* a row then weighs as much as its heaviest
        neighbour; else 1.
    """
    n = len(x)
    z = x - x.mean()
    zy = z if y is x else y - y.mean()
    m2, m2y = float((z * z).mean()), float((zy * zy).mean())
    none = np.broadcast_to(np.zeros(2), (n, 2))
    if statistic == "join_count":
        return Measure(statistic, weights, x, y, x, none, m2)
    if any(np.abs(away).max() <= EQUAL * np.abs(values).max() for away, values in ((z, x), (zy, y))):
        return Measure(statistic, weights, 0 * z, 0 * zy, np.full(n, np.nan), none, m2)
    if statistic == "moran":
        return Measure(statistic, weights, z, z, z / m2, none, m2)
    if statistic == "geary":
        return Measure(statistic, weights, z, z, np.full(n, 1 / m2), none, m2)
    if statistic == "bivariate_moran":
        return Measure(statistic, weights, z, zy, z / np.sqrt(m2 * m2y), none, m2)
    factor, offset = _ord_getis(weights, z, m2, country, star=statistic == "getis_ord_star", standardised=standardised)
    return Measure(statistic, weights, z, z, factor, offset, m2)


def _ord_getis(
    weights: csr_array,
    z: NDArray[np.float64],
    m2: float,
    country: NDArray[np.int64],
    *,
    star: bool,
    standardised: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Factor and offset of G_i and G_i*; a row without neighbours has no weight on itself."""
    from geocluster.splitting.row_kernels import weigh_neighbours

    n, offset = len(z), np.zeros((len(z), 2))
    parts, squares, heaviest, given = weigh_neighbours(weights.indptr, weights.indices, weights.data, country)
    total = parts.sum(axis=1)
    if star:
        own = np.where((given == 0) & (np.diff(weights.indptr) > 0), heaviest if standardised else 1.0, 0.0)
        offset[:, 0] = own * z
        total, squares = total + own, squares + own**2
        spread = (n * squares - total**2) / (n - 1)
        scale = np.where(spread > 1e-12 * squares, np.sqrt(m2 * np.maximum(spread, 0)), np.nan)
        return 1 / scale, offset
    others = n - 1
    mean = -z / others
    variance = (n * m2 - z**2) / others - mean**2
    spread = (others * squares - total**2) / (others - 1)
    fit = (spread > 1e-12 * squares) & (variance > 1e-12 * m2)
    scale = np.where(fit, np.sqrt(np.maximum(variance * spread, 0)), np.nan)
    return 1 / scale, -mean[:, None] * parts
