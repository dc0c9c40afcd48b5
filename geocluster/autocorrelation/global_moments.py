"""What do theory and a map without countries expect of a global statistic?

Expectation and variance over all permutations of the values (randomisation), and for values drawn
from one normal distribution (normality); for join counts over permutations (non-free sampling) and
independent draws (free sampling). n counts islands, as esda does and spdep with adjust.n=FALSE; a
function given another `n` follows spdep's default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame
    from scipy.sparse import csr_array

TOLD = 1e-12
"""A sd of general G below so much of its mean is rounding."""
Moments = dict[str, tuple[float, float]]
"""Assumption → expectation, variance."""


@dataclass(frozen=True, slots=True)
class WeightSums:
    """The sums of weights that moments hang on; weights need not be symmetric.

    S0 = Σ w_ij, S1 = ½ Σ (w_ij + w_ji)², S2 = Σ_i (Σ_j w_ij + Σ_j w_ji)² (Cliff & Ord 1981).

    Examples
    --------
    >>> from scipy import sparse
    >>> WeightSums.of(sparse.csr_array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    WeightSums(s0=4.0, s1=8.0, s2=24.0)
    """

    s0: float
    s1: float
    s2: float

    @classmethod
    def of(cls, weights: csr_array) -> WeightSums:
        """Sum the weights of a matrix."""
        both: Any = weights + weights.T
        around = np.asarray(weights.sum(axis=1)).ravel() + np.asarray(weights.sum(axis=0)).ravel()
        return cls(float(weights.sum()), float((both.data**2).sum()) / 2, float((around**2).sum()))


def moran_moments(x: NDArray[np.float64], sums: WeightSums, n: int) -> Moments:
    """Give the moments of Moran's I (Cliff & Ord 1981, eq. 1.37 to 1.39).

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 4.0, 8.0, 9.0])
    >>> found = moran_moments(x, WeightSums(8.0, 16.0, 56.0), 5)
    >>> [round(number, 6) for number in found["randomisation"]]
    [-0.25, 0.203444]
    """
    if n < 4 or sums.s0 == 0:
        return dict.fromkeys(("randomisation", "normality"), (np.nan, np.nan))
    z = x - x.mean()
    kurtosis = float(np.mean(z**4) / np.mean(z**2) ** 2) if z.any() else np.nan
    s02, s1, s2 = sums.s0**2, sums.s1, sums.s2
    mean = -1 / (n - 1)
    free = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s02)
    tied = kurtosis * (n * (n - 1) * s1 - 2 * n * s2 + 6 * s02)
    randomised = (free - tied) / ((n - 1) * (n - 2) * (n - 3) * s02) - mean**2
    normal = (n * n * s1 - n * s2 + 3 * s02) / (s02 * (n * n - 1)) - mean**2
    return {"randomisation": (mean, randomised), "normality": (mean, normal)}


def geary_moments(x: NDArray[np.float64], sums: WeightSums, n: int) -> Moments:
    """Give the moments of Geary's C (Cliff & Ord 1981, eq. 1.40 to 1.41)."""
    if n < 4 or sums.s0 == 0:
        return dict.fromkeys(("randomisation", "normality"), (np.nan, np.nan))
    z = x - x.mean()
    kurtosis = float(np.mean(z**4) / np.mean(z**2) ** 2) if z.any() else np.nan
    s02, s1, s2 = sums.s0**2, sums.s1, sums.s2
    randomised = (n - 1) * s1 * (n * n - 3 * n + 3 - kurtosis * (n - 1))
    randomised -= (n - 1) * s2 * (n * n + 3 * n - 6 - kurtosis * (n * n - n + 2)) / 4
    randomised += s02 * (n * n - 3 - kurtosis * (n - 1) ** 2)
    randomised /= n * (n - 2) * (n - 3) * s02
    normal = ((2 * s1 + s2) * (n - 1) - 4 * s02) / (2 * (n + 1) * s02)
    return {"randomisation": (1.0, randomised), "normality": (1.0, normal)}


def getis_ord_moments(x: NDArray[np.float64], sums: WeightSums, n: int) -> Moments:
    """Give the moments of general G (Getis & Ord 1992, eq. 8 to 11).

    Their variance is the difference of two near equal numbers, lost in rounding from a coefficient
    of variation of 1e-4 down. So it is summed about the mean: with x = x̄ + z the sum Σ w_ij x_i x_j
    is a constant + x̄ Σ_i z_i (Σ_j w_ij + Σ_j w_ji) + Σ w_ij z_i z_j. Not defined where G itself is not
    told from its expectation in double precision.

    Examples
    --------
    >>> sums = WeightSums(8.0, 16.0, 56.0)  # of a path of five
    >>> for level in (0.0, 1e6):
    ...     mean, variance = getis_ord_moments(level + np.array([1.0, 2.0, 4.0, 8.0, 9.0]), sums, 5)["randomisation"]
    ...     print(round(mean, 6), f"{variance:.4g}")
    0.4 0.01568
    0.4 1.524e-13
    """
    s0, s2 = sums.s0, sums.s2
    if n < 4 or s0 == 0 or not x.any():
        return {"randomisation": (np.nan, np.nan)}
    v = x / np.abs(x).max()
    level, mean = float(v.mean()), s0 / (n * (n - 1))
    z = v - level
    square, cube = float(z @ z), float((z**3).sum())
    if square == 0:
        return {"randomisation": (mean, np.nan)}
    linear = (s2 - 4 * s0**2 / n) * square / (n - 1)
    quadratic = moran_moments(z, sums, n)["randomisation"][1] * (s0 * square / n) ** 2
    both = cube / (n * (n - 1)) * (2 * (2 * s0**2 - s2) / (n - 2) - s2)
    pairs = float(v.sum() ** 2 - v @ v)
    variance = (level**2 * linear + 2 * level * both + quadratic) / pairs**2
    return {"randomisation": (mean, variance if variance > (TOLD * mean) ** 2 else np.nan)}


def bivariate_moments(x: NDArray[np.float64], y: NDArray[np.float64], weights: csr_array) -> Moments:
    """Give the moments of bivariate Moran's I with y permuted, x held (Hoeffding 1951, of Σ q_j y_j).

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Standard scores.
    weights : csr_array, shape (n, n)
    """
    total = float(weights.sum())
    if total == 0 or len(x) < 2:
        return {"randomisation": (np.nan, np.nan)}
    pull = np.asarray(weights.T @ x) / total
    variance = float(np.var(pull) * np.var(y) * len(x) ** 2 / (len(x) - 1))
    return {"randomisation": (0.0, variance)}  # the scores y have the mean 0


def join_moments(count: NDArray[np.int64], joins: Sequence[tuple[int, int]], sums: WeightSums, n: int) -> list[Moments]:
    """Give the moments of the joins of each pair of kinds, and of all unlike ones (Cliff & Ord 1981, ch. 1).

    Parameters
    ----------
    count : ndarray of int, shape (kinds,)
        Rows of each kind.
    joins : sequence of (int, int)
        Pairs of kinds.
    sums : WeightSums
    n : int

    Examples
    --------
    >>> found = join_moments(np.array([2, 3]), [(0, 0), (1, 1), (0, 1)], WeightSums(8.0, 16.0, 56.0), 5)
    >>> [round(one["non-free"][0], 6) for one in found]
    [0.4, 1.2, 2.4, 2.4]
    """
    total = int(count.sum())
    found: list[Moments] = []
    for a, b in joins:
        one: Moments = {}
        for assumption in ("non-free", "free"):
            several = _several(count, total if assumption == "free" else n, free=assumption == "free")
            one[assumption] = _of_join(a, b, several, sums)
        found.append(one)
    unlike = {assumption: _of_unlike(count, n, sums, free=assumption == "free") for assumption in ("non-free", "free")}
    return [*found, unlike]


def _of_unlike(count: NDArray[np.int64], n: int, sums: WeightSums, *, free: bool) -> tuple[float, float]:
    """Give mean and variance of all unlike joins: of two, three or four rows chosen, how many pairs are unlike?"""
    total = int(count.sum())
    like, like3, like4 = (_falling(count, power, free=free) for power in (2, 3, 4))
    two, three, four = (_falling(np.array([total]), power, free=free).sum() for power in (2, 3, 4))
    others = total - (0 if free else 2)
    pair = two - like.sum()
    bent = three - 2 * like.sum() * others + like3.sum()
    apart = four - 2 * like.sum() * others * (others - (0 if free else 1)) + like.sum() ** 2
    if not free:  # two pairs of one kind hold four different rows
        apart += like4.sum() - (like**2).sum()
    ways = [_falling(np.array([total if free else n]), power, free=free).sum() for power in (2, 3, 4)]
    if not all(ways):
        return np.nan, np.nan
    one, none = sums.s2 - 2 * sums.s1, sums.s0**2 + sums.s1 - sums.s2
    mean = sums.s0 * pair / ways[0] / 2
    square = (sums.s1 * pair / ways[0] + one * bent / ways[1] + none * apart / ways[2]) / 4
    return float(mean), float(square - mean**2)


def _falling(count: NDArray[np.int64], power: int, *, free: bool) -> NDArray[np.float64]:
    """Give n(n-1)(n-2)…, or n^power."""
    result = np.ones(len(count))
    for step in range(power):
        result *= count - (0 if free else step)
    return result


def _several(count: NDArray[np.int64], n: int, *, free: bool) -> Any:
    """Give the chance that rows chosen one after the other hold given numbers of kinds."""

    def chance(wanted: dict[int, int]) -> float:
        result, chosen = 1.0, 0
        for kind, times in wanted.items():
            for step in range(times):
                below = n if free else n - chosen
                result *= (count[kind] - (0 if free else step)) / below if below > 0 else np.nan
                chosen += 1
        return float(result)

    return chance


def _of_join(a: int, b: int, several: Any, sums: WeightSums) -> tuple[float, float]:
    """Give mean and variance of one join count: pairs of edges that share two rows, one, or none."""
    one, none = sums.s2 - 2 * sums.s1, sums.s0**2 + sums.s1 - sums.s2
    if a == b:
        mean = sums.s0 * several({a: 2}) / 2
        square = sums.s1 * several({a: 2}) + one * several({a: 3}) + none * several({a: 4})
    else:
        mean = sums.s0 * several({a: 1, b: 1})
        square = 2 * sums.s1 * several({a: 1, b: 1}) + one * (several({a: 2, b: 1}) + several({a: 1, b: 2}))
        square += 4 * none * several({a: 2, b: 2})
    return float(mean), float(square / 4 - mean**2)


def moments_frame(value: float, moments: Moments) -> DataFrame:
    """Lay out the moments of a whole: expected, variance, z and two-sided p, one row an assumption.

    Examples
    --------
    >>> moments_frame(0.5, {"normality": (0.0, 0.0625)}).loc["normality", ["z", "p"]].round(4).tolist()
    [2.0, 0.0455]
    """
    import pandas as pd
    from scipy.stats import norm

    frame = pd.DataFrame(moments, index=["expected", "variance"]).T.rename_axis("assumption")
    spread = np.sqrt(frame["variance"].where(frame["variance"] > 0))
    frame["z"] = (value - frame["expected"]) / spread
    frame["p"] = 2 * norm.sf(np.abs(frame["z"]))
    return frame
