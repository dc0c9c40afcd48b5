"""What does theory expect of a local statistic, without any draw?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.autocorrelation.measures import Measure


def conditional_moments(measure: Measure, strata: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and sd of each row's statistic when its neighbours' values are redrawn from their strata.

    Drawing without replacement from N others of mean ȳ and variance s² (divisor N - 1):
    E = Σ W ȳ, Var = Σ s² (Σ w² - W²/N), summed over strata. With one stratum these are the
    conditional moments of I_i (Sokal, Oden & Thomson 1998, eq. A1-A4) and of G_i (Ord & Getis
    1995, eq. 5-6).

    Parameters
    ----------
    measure : Measure
    strata : ndarray of int, shape (n,)
        -1 is held fixed.

    Returns
    -------
    expected, sd : ndarray, shape (n,)
        NaN where nothing is redrawn.
    """
    weights, n = measure.weights, len(strata)
    row, column, w = np.repeat(np.arange(n), np.diff(weights.indptr)), weights.indices, weights.data
    held = (strata[column] < 0) | (column == row)
    worth = measure.near[column] if not measure.squared else (measure.own[row] - measure.near[column]) ** 2
    mean = np.zeros(n)
    np.add.at(mean, row[held], (w * worth)[held])
    variance, moved = np.zeros(n), np.zeros(n, dtype=bool)
    count = int(strata.max(initial=-1)) + 1
    key, at = np.unique(row[~held] * count + strata[column[~held]], return_inverse=True)
    total, squares = np.bincount(at, weights=w[~held]), np.bincount(at, weights=w[~held] ** 2)
    i, s = key // max(count, 1), key % max(count, 1)
    own = strata[i] == s
    of = strata >= 0
    others = np.bincount(strata[of], minlength=count)[s] - own

    def power(k: int) -> NDArray[np.float64]:
        sums = np.bincount(strata[of], weights=measure.near[of] ** k, minlength=count)[s]
        return np.asarray((sums - own * measure.near[i] ** k) / np.maximum(others, 1))

    first, second = power(1), power(2)
    if measure.squared:
        x = measure.own[i]
        third, fourth = power(3), power(4)
        first, second = (
            x**2 - 2 * x * first + second,
            x**4 - 4 * x**3 * first + 6 * x**2 * second - 4 * x * third + fourth,
        )
    spread = np.maximum(second - first**2, 0.0) * others / np.maximum(others - 1, 1)
    np.add.at(mean, i, total * first)
    np.add.at(variance, i, spread * np.maximum(squares - total**2 / np.maximum(others, 1), 0.0))
    moved[i] = True
    expected = measure.factor * (mean + measure.offset.sum(axis=1))
    sd = np.abs(measure.factor) * np.sqrt(variance)
    return np.where(moved, expected, np.nan), np.where(moved, sd, np.nan)


def total_moments(measure: Measure) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and sd of local Moran's I_i when all values, the row's own too, are shuffled (Anselin 1995, eq. 13-14)."""
    weights, n = measure.weights, len(measure.own)
    row = np.repeat(np.arange(n), np.diff(weights.indptr))
    total = np.bincount(row, weights=weights.data, minlength=n)
    squares = np.bincount(row, weights=weights.data**2, minlength=n)
    kurtosis = (measure.own**4).sum() / n / measure.square**2
    expected = -total / (n - 1)
    variance = (
        (n - kurtosis) / (n - 1) * squares
        + (2 * kurtosis - n) / ((n - 1) * (n - 2)) * (total**2 - squares)
        - expected**2
    )
    alone = np.diff(weights.indptr) == 0
    return np.where(alone, np.nan, expected), np.where(alone, np.nan, np.sqrt(np.maximum(variance, 0.0)))


def quadrants(measure: Measure) -> NDArray[np.object_]:
    """Name the quadrant of each row in the Moran scatter plot: itself, then its neighbours, about the overall mean."""
    lag = measure.weights @ measure.near
    words: NDArray[np.object_] = np.where(measure.own > 0, "high-", "low-").astype(object) + np.where(
        lag > 0, "high", "low"
    ).astype(object)
    words[np.diff(measure.weights.indptr) == 0] = ""
    return words
