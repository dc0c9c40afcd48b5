"""How much do organisations cluster beyond their background, far from any border?

The pair correlation of each country's interior, and the log-Gaussian Cox process
that fits it: g(r) = exp(σ² exp(-r/ρ)) (Møller, Syversveen & Waagepetersen 1998).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from geocluster.background.places import ENOUGH_INTERIOR, INTERIOR_KM
from geocluster.distance import to_chord_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

REACH_KM = 50
STEP_KM = 5
RHO_KM = (1.0, 100.0)
SIGMA2_MOST = 8.0
_POWER = 0.25  # the usual one for pair correlations (Diggle 2014, section 6.1)
_CHUNK = 4096
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Clustering:
    """A fitted log-Gaussian Cox process.

    Attributes
    ----------
    sigma2, rho_km : float
        C(r) = σ² exp(-r/ρ); σ² 0: no clustering beyond the background.
    fitted_on : {"interior", "interior of all countries", "all places"}
    organisations : int
        On which it was fitted.
    """

    sigma2: float
    rho_km: float
    fitted_on: Literal["interior", "interior of all countries", "all places"]
    organisations: int


def fit_clustering(
    count: NDArray[np.int64],
    weight: NDArray[np.float64],
    country: NDArray[np.str_],
    border_km: NDArray[np.float64],
    xyz: NDArray[np.float64],
) -> dict[str, Clustering]:
    """Fit C(r) = σ² exp(-r/ρ) by minimum contrast to pairs away from the borders.

    Pairs of organisations up to 50 km apart, those at one place included, in rings
    of 5 km, over the pairs that the background gives: ĝ. Minimised is
    Σ (ĝ^¼ - g^¼)². Which places are taken, and when countries are pooled, is the
    rule of `fit_exponents`: 100 organisations more than 40 km from a border.

    Parameters
    ----------
    count : ndarray of int, shape (places,)
    weight : ndarray, shape (places,)
        Background, in any unit.
    country : ndarray of str, shape (places,)
    border_km : ndarray, shape (places,)
    xyz : ndarray, shape (places, 3)
        Earth-centred kilometres.

    Returns
    -------
    dict of country to Clustering
    """
    codes = [str(c) for c in np.unique(country)]
    interior = border_km > INTERIOR_KM
    amounts = {c: int(count[interior & (country == c)].sum()) for c in codes}
    enough = sum(amounts.values()) >= ENOUGH_INTERIOR
    shared: Clustering | None = None
    result = {}
    for c in codes:
        if amounts[c] >= ENOUGH_INTERIOR:
            rows = interior & (country == c)
            sigma2, rho = _fit(*count_pairs(count[rows], weight[rows], xyz[rows]))
            result[c] = Clustering(sigma2, rho, "interior", amounts[c])
            continue
        if shared is None:
            rows = interior if enough else np.ones(len(count), dtype=bool)
            parts = [count_pairs(count[own], weight[own], xyz[own]) for own in (rows & (country == d) for d in codes)]
            sigma2, rho = _fit(sum(part[0] for part in parts), sum(part[1] for part in parts))  # type: ignore[arg-type]
            shared = Clustering(
                sigma2, rho, "interior of all countries" if enough else "all places", int(count[rows].sum())
            )
        result[c] = shared
    return result


def count_pairs(
    count: NDArray[np.int64], weight: NDArray[np.float64], xyz: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count ordered pairs of organisations by distance, and those the background gives.

    Returns
    -------
    observed : ndarray, shape (51,)
        At one place; then by whole kilometres of chord, (0, 1], (1, 2] … (49, 50].
    expected : ndarray, shape (51,)
        n (n - 1) Σ β_j β_l.

    Examples
    --------
    >>> observed, expected = count_pairs(np.array([2, 1]), np.ones(2), np.array([[0.0, 0, 0], [3.5, 0, 0]]))
    >>> observed[:5].tolist(), expected[:5].tolist()
    ([2.0, 0.0, 0.0, 0.0, 4.0], [3.0, 0.0, 0.0, 0.0, 3.0])
    """
    from scipy.spatial import KDTree

    observed, expected = np.zeros(REACH_KM + 1), np.zeros(REACH_KM + 1)
    n = int(count.sum())
    if n < 2 or weight.sum() <= 0:
        return observed, expected
    share, amount = weight / weight.sum(), count.astype(np.float64)
    tree = KDTree(xyz)
    for start in range(0, len(xyz), _CHUNK):
        part = KDTree(xyz[start : start + _CHUNK])
        found = part.sparse_distance_matrix(tree, float(to_chord_km(REACH_KM)), output_type="ndarray")
        i, j, gap = found["i"] + start, found["j"], found["v"]
        ring = np.where(gap < _SAME, 0, np.minimum(np.ceil(gap), REACH_KM)).astype(np.int64)
        observed += np.bincount(ring, weights=amount[i] * (amount[j] - (i == j)), minlength=REACH_KM + 1)
        expected += np.bincount(ring, weights=share[i] * share[j], minlength=REACH_KM + 1)
    return observed, n * (n - 1) * expected


def _fit(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> tuple[float, float]:
    """Minimise the contrast: σ² by line search on a grid of ρ."""
    from scipy.optimize import minimize_scalar

    ring = np.concatenate([[0], np.arange(REACH_KM) // STEP_KM])
    middle = np.concatenate([[0.0], np.arange(REACH_KM) + 0.5])
    whole = np.bincount(ring, weights=expected)
    known = whole > 0
    if not known.any():
        return 0.0, RHO_KM[0]
    found = (np.bincount(ring, weights=observed)[known] / whole[known]) ** _POWER

    def contrast(sigma2: float, rho: float) -> float:
        pairs = np.bincount(ring, weights=expected * np.exp(sigma2 * np.exp(-middle / rho)))
        return float((((pairs[known] / whole[known]) ** _POWER - found) ** 2).sum())

    best = (contrast(0.0, 1.0), 0.0, RHO_KM[0])
    for rho in np.geomspace(*RHO_KM, 60):
        fit = minimize_scalar(contrast, bounds=(0.0, SIGMA2_MOST), args=(float(rho),), method="bounded")
        best = min(best, (float(fit.fun), float(fit.x), float(rho)))
    return best[1], best[2]
