"""How high would the best window rise by chance alone?

Only draws that fall in tested windows matter: their number is binomial (or
hypergeometric), their places follow from an alias table (or a partial shuffle).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geocluster.spanning.stopping import draw_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocluster.background.clustering import Clustering
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
    clustering : Clustering or None
        How much the background clusters beyond its weights: a log-Gaussian field to be redrawn with it.
    xyz : ndarray, shape (places, 3) or None
        Where the places are, for that field.
    """

    organisations: int
    share: NDArray[np.float64]
    units: NDArray[np.int64] | None = None
    total_units: int = 0
    clustering: Clustering | None = None
    xyz: NDArray[np.float64] | None = None

    def at(self, places: NDArray[np.int64]) -> CountryNull:
        """Look at some of the places only; shares stay those of the whole country."""
        units = None if self.units is None else self.units[places]
        xyz = None if self.xyz is None else self.xyz[places]
        return replace(self, share=self.share[places], units=units, xyz=xyz)


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
    height: float = -np.inf,
    limit: float | None = None,
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
    height, limit : float
        Stop once `height` was reached so often that its p must pass `limit` (see `draw_until`).

    Returns
    -------
    ndarray, shape (permutations,), or shorter if stopped
    """
    used = np.flatnonzero(tested.any(axis=1))
    if not len(used):
        return np.zeros(permutations)
    places, pointer, entry_centre, entry_radius = index_places(windows, used, null)
    expected = windows.total(null.share)[used] * null.organisations
    logs = np.log(np.maximum(np.arange(null.organisations + 1), 1))
    with np.errstate(divide="ignore"):
        log_expected = np.log(expected)
        log_rest = np.log(np.maximum(null.organisations - expected, 1e-300))
    # a window that is not tested can never be exceeded
    barrier = np.where(tested[used], expected * (1 + 1e-12), np.inf)
    arrays = (
        pointer,
        entry_centre,
        entry_radius,
        barrier,
        log_expected,
        log_rest,
        logs,
    )
    if null.units is not None:
        draw = _redraw_units(null, places, arrays)
    elif null.clustering is not None:
        from geocluster.spanning.fields import redraw_field

        draw = redraw_field(null, places, arrays)
    else:
        draw = _redraw_places(null, places, arrays)
    return draw_until(draw, permutations=permutations, rng=rng, workers=workers, height=height, limit=limit)


def index_places(
    windows: Windows, used: NDArray[np.int64], null: CountryNull
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], NDArray[np.int8]]:
    """Turn windows about some centres inside out: which windows does each place of the country lie in?

    Returns
    -------
    places, pointer, entry_centre, entry_radius : ndarray
        Of place `places[k]`: entries pointer[k] to pointer[k + 1]; centres by position in `used`.
    """
    centre_of = np.full(windows.shape[0], -1, dtype=np.int32)
    centre_of[used] = np.arange(len(used), dtype=np.int32)
    mine = (centre_of[windows.entry_centre] >= 0) & (null.share[windows.entry_place] > 0)
    entry_centre = centre_of[windows.entry_centre[mine]]
    places, entry_place = np.unique(windows.entry_place[mine], return_inverse=True)
    order = np.argsort(entry_place, kind="stable")
    pointer = np.concatenate([[0], np.cumsum(np.bincount(entry_place, minlength=len(places)))])
    return (
        places,
        pointer.astype(np.int64),
        np.ascontiguousarray(entry_centre[order]),
        np.ascontiguousarray(windows.entry_radius[mine][order]),
    )


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
