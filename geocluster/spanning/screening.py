"""Do at least two countries hold more than their share in one window?

The cross-screened partial conjunction: each country is tested only on the windows
that the other countries select, so the maximum over them pays for the search
(Benjamini & Heller 2008; after Bogomolov & Heller 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.spanning.redraw import CountryNull, log_likelihood_ratio, simulated_maxima

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geocluster.spanning.windows import Windows

SELECTION_LEVEL = 0.01
_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Screen:
    """What the windows of one family say, country by country.

    Attributes
    ----------
    countries : tuple of int
        The K countries, in the order of the first axis below.
    observed, expected, p_country : ndarray, shape (K, centres, radii)
    p : ndarray, shape (centres, radii)
        min(1, K · u-th smallest p of the countries); NaN where the window is not kept.
    tail : ndarray, shape (centres, radii)
        The u-th smallest exact tail probability: orders windows that are not claimed.
    """

    countries: tuple[int, ...]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    p_country: NDArray[np.float64]
    p: NDArray[np.float64]
    tail: NDArray[np.float64]
    tested: NDArray[np.bool_]


def screen_windows(
    windows: Windows,
    counts: Mapping[int, NDArray[np.int64]],
    nulls: Mapping[int, CountryNull],
    *,
    permutations: int,
    rng: np.random.Generator,
    at_least: int = 2,
    workers: int = 1,
) -> Screen | None:
    """Test every window of a family.

    Parameters
    ----------
    windows : Windows
    counts : mapping of country to ndarray of int, shape (places,)
        Organisations of the country at each place.
    nulls : mapping of country to CountryNull
    permutations : int
        P.
    rng : Generator
    at_least : int, default 2
        u: countries that must be in excess.
    workers : int, default 1

    Returns
    -------
    Screen or None
        None when fewer than two countries share any window: nothing to span.
    """
    share = {c: np.minimum(windows.total(null.share), 1.0) for c, null in nulls.items()}
    kept = sum((s > 0).astype(np.int64) for s in share.values()) >= 2
    countries = tuple(c for c in nulls if bool((kept & (share[c] > 0)).any()))
    if len(countries) < max(2, at_least):
        return None
    observed = np.stack([windows.total(counts[c].astype(np.float64)) for c in countries])
    expected = np.stack([share[c] * nulls[c].organisations for c in countries])
    tails = np.stack([_tail(windows, observed[k], share[c], nulls[c]) for k, c in enumerate(countries)])
    selected = (tails <= SELECTION_LEVEL) & kept
    p_country = np.ones_like(observed)
    tested = np.zeros(observed.shape, dtype=bool)
    for k, (c, child) in enumerate(zip(countries, rng.spawn(len(countries)), strict=True)):
        others = selected.sum(axis=0) - selected[k]
        tested[k] = kept & (share[c] > 0) & (others >= at_least - 1)
        if not tested[k].any():
            continue
        maxima = np.sort(
            simulated_maxima(windows, tested[k], nulls[c], permutations=permutations, rng=child, workers=workers)
        )
        height = log_likelihood_ratio(observed[k], expected[k], nulls[c].organisations)
        below = np.searchsorted(maxima, height[tested[k]] * (1 - _TIE), side="left")
        p_country[k][tested[k]] = (1 + permutations - below) / (permutations + 1)
    order = np.sort(p_country, axis=0)[at_least - 1]
    p = np.where(kept, np.minimum(1.0, len(countries) * order), np.nan)
    tail = np.where(kept, np.sort(tails, axis=0)[at_least - 1], np.nan)
    return Screen(countries, observed, expected, p_country, p, tail, tested)


def _tail(
    windows: Windows, observed: NDArray[np.float64], share: NDArray[np.float64], null: CountryNull
) -> NDArray[np.float64]:
    """π_c(z) = P(at least as many as observed), exact, where there is an excess; else 1."""
    from scipy import stats

    result = np.ones_like(observed)
    high = (observed > share * null.organisations) & (share > 0)
    if null.units is None:
        result[high] = stats.binom.sf(observed[high] - 1, null.organisations, share[high])
    else:
        units = windows.total(np.where(null.share > 0, null.units, 0).astype(np.float64))
        result[high] = stats.hypergeom.sf(observed[high] - 1, null.total_units, units[high].round(), null.organisations)
    return result


def least_permutations(families: int, countries: int, alpha: float) -> int:
    """P by default: the least of 999, 9,999, 99,999 with P + 1 ≥ 20K/α, or 4m/α with m borders.

    Examples
    --------
    >>> least_permutations(1, 2, 0.05), least_permutations(1, 3, 0.05), least_permutations(119, 2, 0.05)
    (999, 9999, 9999)
    """
    need = 20 * countries / alpha if families == 1 else 4 * families / alpha
    return next((choice for choice in (999, 9999) if choice + 1 >= need), 99_999)
