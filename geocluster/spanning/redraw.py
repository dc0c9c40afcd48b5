"""How high would the best window rise by chance alone?

Only draws that fall in tested windows matter: their number is binomial (or
hypergeometric), their places follow from an alias table (or a partial shuffle).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.permutation import simulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocluster.spanning.windows import Windows


@dataclass(frozen=True, slots=True)
class CountryNull:
    """One country under the null: what is redrawn, and over what.

    Attributes
    ----------
    organisations : int
        n_c.
    share : ndarray, shape (places,)
        The share of the country's background at each place; 0 abroad.
    units : ndarray of int, shape (places,) or None
        With controls: cases and controls at each place; then labels are permuted.
    total_units : int
        Cases and controls of the whole country, places left out included.
    """

    organisations: int
    share: NDArray[np.float64]
    units: NDArray[np.int64] | None = None
    total_units: int = 0

    def at(self, places: NDArray[np.int64]) -> CountryNull:
        """Look at some of the places only; shares stay those of the whole country."""
        units = None if self.units is None else self.units[places]
        return CountryNull(self.organisations, self.share[places], units, self.total_units)


def log_likelihood_ratio(
    observed: NDArray[np.float64], expected: NDArray[np.float64], organisations: int
) -> NDArray[np.float64]:
    """LLR = O ln(O/E) + (n - O) ln((n - O)/(n - E)) where O > E, else 0 (Kulldorff 1997).

    Examples
    --------
    >>> log_likelihood_ratio(np.array([0.0, 8.0]), np.array([2.0, 2.0]), 10).round(3).tolist()
    [0.0, 8.318]
    """
    result = np.zeros(np.broadcast_shapes(np.shape(observed), np.shape(expected)))
    observed, expected = np.broadcast_to(observed, result.shape), np.broadcast_to(expected, result.shape)
    high = (observed > expected * (1 + 1e-12)) & (expected > 0)
    o, e = observed[high], expected[high]
    rest, rest_expected = organisations - o, np.maximum(organisations - e, 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        second = np.where(rest > 0, rest * np.log(rest / rest_expected), 0.0)
    result[high] = o * np.log(o / e) + second
    return result


def simulated_maxima(
    windows: Windows,
    tested: NDArray[np.bool_],
    null: CountryNull,
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> NDArray[np.float64]:
    """Largest LLR of a country over its tested windows, in each redraw.

    Parameters
    ----------
    windows : Windows
    tested : ndarray of bool, shape (centres, radii)
        F_c.
    null : CountryNull
    permutations : int
    rng : Generator
    workers : int
        Threads; the numbers do not depend on it.

    Returns
    -------
    ndarray, shape (permutations,)
    """
    used = np.flatnonzero(tested.any(axis=1))
    if not len(used):
        return np.zeros(permutations)
    centre_of = np.full(len(tested), -1, dtype=np.int32)
    centre_of[used] = np.arange(len(used), dtype=np.int32)
    mine = (centre_of[windows.entry_centre] >= 0) & (null.share[windows.entry_place] > 0)
    entry_centre = centre_of[windows.entry_centre[mine]]
    places, entry_place = np.unique(windows.entry_place[mine], return_inverse=True)
    order = np.argsort(entry_place, kind="stable")
    pointer = np.concatenate([[0], np.cumsum(np.bincount(entry_place, minlength=len(places)))])
    expected = windows.total(null.share)[used] * null.organisations
    logs = np.log(np.maximum(np.arange(null.organisations + 1), 1))
    with np.errstate(divide="ignore"):
        log_expected = np.log(expected)
        log_rest = np.log(np.maximum(null.organisations - expected, 1e-300))
    # a window that is not tested can never be exceeded
    barrier = np.where(tested[used], expected * (1 + 1e-12), np.inf)
    arrays = (
        pointer.astype(np.int64),
        np.ascontiguousarray(entry_centre[order]),
        np.ascontiguousarray(windows.entry_radius[mine][order]),
        barrier,
        log_expected,
        log_rest,
        logs,
    )
    draw = _redraw_units(null, places, arrays) if null.units is not None else _redraw_places(null, places, arrays)
    return simulate(draw, permutations=permutations, rng=rng, workers=workers)


def _redraw_places(
    null: CountryNull, places: NDArray[np.int32], arrays: tuple[NDArray[np.generic], ...]
) -> Callable[[np.random.Generator, int], NDArray[np.float64]]:
    from geocluster.spanning.loops import from_alias  # numba is slow to import

    share = null.share[places]
    inside = min(float(share.sum()), 1.0)
    threshold, alias = alias_table(share)

    def draw(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        amounts = generator.binomial(null.organisations, inside, size=size)
        maxima: NDArray[np.float64] = from_alias(generator, amounts, threshold, alias, *arrays)
        return maxima

    return draw


def _redraw_units(
    null: CountryNull, places: NDArray[np.int32], arrays: tuple[NDArray[np.generic], ...]
) -> Callable[[np.random.Generator, int], NDArray[np.float64]]:
    from geocluster.spanning.loops import from_units

    assert null.units is not None
    inside = np.repeat(np.arange(len(places), dtype=np.int32), null.units[places])
    outside = null.total_units - len(inside)

    def draw(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        amounts = generator.hypergeometric(len(inside), outside, null.organisations, size=size)
        maxima: NDArray[np.float64] = from_units(generator, amounts, inside.copy(), len(places), *arrays)
        return maxima

    return draw


def alias_table(weight: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Prepare draws proportional to weights in constant time (Walker 1977; Vose 1991).

    Examples
    --------
    >>> threshold, alias = alias_table(np.array([1.0, 3.0]))
    >>> threshold.tolist(), alias.tolist()
    ([0.5, 1.0], [1, 1])
    """
    scaled = weight * (len(weight) / weight.sum())
    threshold = np.ones(len(weight))
    alias = np.arange(len(weight), dtype=np.int32)
    small, large = list(np.flatnonzero(scaled < 1)), list(np.flatnonzero(scaled >= 1))
    while small and large:
        low, high = small.pop(), large[-1]
        threshold[low], alias[low] = scaled[low], high
        scaled[high] -= 1 - scaled[low]
        if scaled[high] < 1:
            small.append(large.pop())
    return threshold, alias
