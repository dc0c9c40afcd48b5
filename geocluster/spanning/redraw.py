"""How high would the best window rise by chance alone?

Only draws that fall in tested windows matter: their number is binomial (or
hypergeometric), their places follow from an alias table (or a partial shuffle).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geocluster.spanning.stopping import draw_until, until_settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocluster.background.clustering import Clustering
    from geocluster.spanning.fields import FieldRedraws, Order
    from geocluster.spanning.windows import Windows

    Drawn = tuple[NDArray[np.int32], NDArray[np.int64]]
    Drawer = Callable[[np.random.Generator, int], Drawn]
    Entries = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int8]]


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
    order : Order or None
        In which order the field is drawn over the places with a share, if it is known.
    """

    organisations: int
    share: NDArray[np.float64]
    units: NDArray[np.int64] | None = None
    total_units: int = 0
    clustering: Clustering | None = None
    xyz: NDArray[np.float64] | None = None
    order: Order | None = None

    def at(self, places: NDArray[np.int64]) -> CountryNull:
        """Look at some of the places only; shares stay those of the whole country."""
        units = None if self.units is None else self.units[places]
        xyz = None if self.xyz is None else self.xyz[places]
        return replace(self, share=self.share[places], units=units, xyz=xyz, order=None)


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
    redraws: FieldRedraws | None = None,
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
    redraws : FieldRedraws, optional
        Redraws where the background clusters by itself, taken in place of fresh ones.

    Returns
    -------
    ndarray, shape (permutations,), or shorter if stopped
    """
    used = np.flatnonzero(tested.any(axis=1))
    if not len(used):
        return np.zeros(permutations)
    expected = windows.total(null.share)[used] * null.organisations
    logs = np.log(np.maximum(np.arange(null.organisations + 1), 1))
    with np.errstate(divide="ignore"):
        log_expected = np.log(expected)
        log_rest = np.log(np.maximum(null.organisations - expected, 1e-300))
    # a window that is not tested can never be exceeded
    barrier = np.where(tested[used], expected * (1 + 1e-12), np.inf)
    from geocluster.spanning.loops import largest_ratios  # numba is slow to import

    def measure(drawn: NDArray[np.int32], amounts: NDArray[np.int64], entries: Entries) -> NDArray[np.float64]:
        maxima: NDArray[np.float64] = largest_ratios(drawn, amounts, *entries, barrier, log_expected, log_rest, logs)
        return maxima

    if redraws is not None:
        entries = redraws.entries(used)
        blocks = (measure(*block, entries) for block in redraws.blocks())
        return until_settled(blocks, permutations=permutations, height=height, limit=limit)
    places, pointer, entry_centre, entry_radius = index_places(windows, used, null)
    fresh = _units_of(null, places) if null.units is not None else _places_of(null, places)

    def draw(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        return measure(*fresh(generator, size), (pointer, entry_centre, entry_radius))

    return draw_until(draw, permutations=permutations, rng=rng, workers=workers, height=height, limit=limit)


def index_places(
    windows: Windows, used: NDArray[np.int64], null: CountryNull, places: NDArray[np.int32] | None = None
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], NDArray[np.int8]]:
    """Turn windows about some centres inside out: which windows does each place of the country lie in?

    Parameters
    ----------
    windows : Windows
    used : ndarray of int
        Centres.
    null : CountryNull
    places : ndarray of int, optional
        Sorted, all those that lie in these windows and maybe others; only those that do if not given.

    Returns
    -------
    places, pointer, entry_centre, entry_radius : ndarray
        Of place `places[k]`: entries pointer[k] to pointer[k + 1]; centres by position in `used`.
    """
    centre_of = np.full(windows.shape[0], -1, dtype=np.int32)
    centre_of[used] = np.arange(len(used), dtype=np.int32)
    mine = (centre_of[windows.entry_centre] >= 0) & (null.share[windows.entry_place] > 0)
    entry_centre = centre_of[windows.entry_centre[mine]]
    if places is None:
        places, entry_place = np.unique(windows.entry_place[mine], return_inverse=True)
    else:
        entry_place = np.searchsorted(places, windows.entry_place[mine])
    order = np.argsort(entry_place, kind="stable")
    pointer = np.concatenate([[0], np.cumsum(np.bincount(entry_place, minlength=len(places)))])
    return (
        places,
        pointer.astype(np.int64),
        np.ascontiguousarray(entry_centre[order]),
        np.ascontiguousarray(windows.entry_radius[mine][order]),
    )


def _places_of(null: CountryNull, places: NDArray[np.int32]) -> Drawer:
    """Draw so many organisations as fall on these places: a binomial number, then by an alias table."""
    from geocluster.spanning.loops import draw_by_alias

    share = null.share[places]
    inside = min(float(share.sum()), 1.0)
    threshold, alias = alias_table(share)

    def draw(generator: np.random.Generator, size: int) -> Drawn:
        amounts = generator.binomial(null.organisations, inside, size=size)
        return draw_by_alias(generator, amounts, threshold, alias), amounts

    return draw


def _units_of(null: CountryNull, places: NDArray[np.int32]) -> Drawer:
    """Draw so many cases as fall on units of these places: a hypergeometric number, then a partial shuffle."""
    from geocluster.spanning.loops import draw_units

    assert null.units is not None
    inside = np.repeat(np.arange(len(places), dtype=np.int32), null.units[places])
    outside = null.total_units - len(inside)

    def draw(generator: np.random.Generator, size: int) -> Drawn:
        amounts = generator.hypergeometric(len(inside), outside, null.organisations, size=size)
        return draw_units(generator, amounts, inside.copy()), amounts

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
