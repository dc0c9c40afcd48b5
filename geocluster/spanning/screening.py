"""Do at least two countries hold more than their share in one window?

The cross-screened partial conjunction: each country is tested only on the windows
that the other countries select, so the maximum over them pays for the search
(Benjamini & Heller 2008; after Bogomolov & Heller 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.spanning.redraw import CountryNull, log_likelihood_ratio, simulated_maxima

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from geocluster.spanning.fields import FieldRedraws
    from geocluster.spanning.windows import Windows

    Progress = Callable[[Iterable[Any]], Iterable[Any]]

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
        The u-th smallest tail probability: orders windows that are not claimed.
    tested : ndarray of bool, shape (K, centres, radii)
        F_c.
    draws : ndarray of int, shape (K,)
        Redraws made: P, fewer where no claim was left to be had, 0 where nothing was tested.
    """

    countries: tuple[int, ...]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    p_country: NDArray[np.float64]
    p: NDArray[np.float64]
    tail: NDArray[np.float64]
    tested: NDArray[np.bool_]
    draws: NDArray[np.int64]


def screen_windows(
    windows: Windows,
    counts: Mapping[int, NDArray[np.int64]],
    nulls: Mapping[int, CountryNull],
    *,
    permutations: int,
    rng: np.random.Generator,
    at_least: int = 2,
    workers: int = 1,
    hopeless_above: float | None = None,
    progress: Progress | None = None,
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
    hopeless_above : float, optional
        The largest p(z) that can be part of a claim: a country whose best window
        must end above it is drawn no further. None: all P redraws are made.
    progress : callable, optional
        Wraps the countries as tqdm does.

    Returns
    -------
    Screen or None
        None when fewer than two countries (or `at_least`) share any window: nothing to span.
    """
    base = measure_windows(windows, counts, nulls)
    if base is None or len(base.countries) < at_least:
        return None
    streams = rng.spawn(len(base.countries))
    tails, redraws = _tails(
        windows, base, nulls, permutations=permutations, rng=rng, workers=workers, progress=progress
    )
    return conjoin(
        windows,
        base,
        tails,
        nulls,
        redraws,
        permutations=permutations,
        streams=streams,
        at_least=at_least,
        workers=workers,
        hopeless_above=hopeless_above,
        progress=progress,
    )


def screen_deeper(
    windows: Windows,
    counts: Mapping[int, NDArray[np.int64]],
    nulls: Mapping[int, CountryNull],
    *,
    above: int,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
    hopeless_above: float | None = None,
) -> dict[int, Screen]:
    """Test "at least u countries" for each u above one already tested, up to all K.

    Parameters as those of `screen_windows`; each u has the level for itself.
    """
    base = measure_windows(windows, counts, nulls)
    if base is None or len(base.countries) <= above:
        return {}
    tails, redraws = _tails(windows, base, nulls, permutations=permutations, rng=rng, workers=workers)
    return {
        u: conjoin(
            windows,
            base,
            tails,
            nulls,
            redraws,
            permutations=permutations,
            streams=rng.spawn(len(base.countries)),
            at_least=u,
            workers=workers,
            hopeless_above=hopeless_above,
        )
        for u in range(above + 1, len(base.countries) + 1)
    }


@dataclass(frozen=True, slots=True)
class Measured:
    """What the windows hold, before any redraw: arrays of shape (K, centres, radii); kept (centres, radii)."""

    countries: tuple[int, ...]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    share: NDArray[np.float64]
    kept: NDArray[np.bool_]


def measure_windows(
    windows: Windows, counts: Mapping[int, NDArray[np.int64]], nulls: Mapping[int, CountryNull]
) -> Measured | None:
    """Count and expect; None when fewer than two countries share any window."""
    share = {c: np.minimum(windows.total(null.share), 1.0) for c, null in nulls.items()}
    kept = np.sum([s > 0 for s in share.values()], axis=0) >= 2 if share else np.zeros(windows.shape, dtype=bool)
    countries = tuple(c for c in nulls if bool((kept & (share[c] > 0)).any()))
    if len(countries) < 2:
        return None
    return Measured(
        countries,
        np.stack([windows.total(counts[c].astype(np.float64)) for c in countries]),
        np.stack([share[c] * nulls[c].organisations for c in countries]),
        np.stack([share[c] for c in countries]),
        kept,
    )


def _tails(
    windows: Windows,
    base: Measured,
    nulls: Mapping[int, CountryNull],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int,
    progress: Progress | None = None,
) -> tuple[NDArray[np.float64], dict[int, FieldRedraws]]:
    """π_c(z): exact, or a rank among redraws where the background clusters; those redraws, by country."""
    tails = np.ones_like(base.observed)
    redraws: dict[int, FieldRedraws] = {}
    turns = list(enumerate(base.countries))
    long = any(nulls[c].clustering is not None for c in base.countries)
    for k, c in progress(turns) if progress and long else turns:
        if nulls[c].clustering is None:
            tails[k] = _tail(windows, base.observed[k], base.share[k], nulls[c])
            continue
        from geocluster.spanning.fields import FieldRedraws, field_tails

        redraws[c] = FieldRedraws(nulls[c], windows, permutations, rng.spawn(1)[0], workers)
        tails[k] = field_tails(np.where(base.kept, base.observed[k], 0.0), base.expected[k], redraws[c])
    return tails, redraws


def conjoin(
    windows: Windows,
    base: Measured,
    tails: NDArray[np.float64],
    nulls: Mapping[int, CountryNull],
    redraws: Mapping[int, FieldRedraws],
    *,
    permutations: int,
    streams: list[np.random.Generator],
    at_least: int,
    workers: int,
    hopeless_above: float | None = None,
    progress: Progress | None = None,
) -> Screen:
    """Test each country where at least u - 1 others select, and take the u-th smallest p."""
    observed, expected, kept = base.observed, base.expected, base.kept
    selected = (tails <= SELECTION_LEVEL) & kept
    p_country = np.ones_like(observed)
    tested = np.zeros(observed.shape, dtype=bool)
    draws = np.zeros(len(base.countries), dtype=np.int64)
    limit = None if hopeless_above is None else hopeless_above / len(base.countries)
    turns = list(enumerate(zip(base.countries, streams, strict=True)))
    for k, (c, stream) in progress(turns) if progress else turns:
        others = selected.sum(axis=0) - selected[k]
        tested[k] = kept & (base.share[k] > 0) & (others >= at_least - 1)
        if not tested[k].any():
            continue
        height = log_likelihood_ratio(observed[k], expected[k], nulls[c].organisations)
        reach = height[tested[k]] * (1 - _TIE)
        maxima = simulated_maxima(
            windows,
            tested[k],
            nulls[c],
            permutations=permutations,
            rng=stream,
            workers=workers,
            height=float(reach.max()),
            limit=limit,
            redraws=redraws.get(c),
        )
        draws[k] = len(maxima)
        below = np.searchsorted(np.sort(maxima), reach, side="left")
        p_country[k][tested[k]] = (1 + len(maxima) - below) / (len(maxima) + 1)
    order = np.sort(p_country, axis=0)[at_least - 1]
    p = np.where(kept, np.minimum(1.0, len(base.countries) * order), np.nan)
    tail = np.where(kept, np.sort(tails, axis=0)[at_least - 1], np.nan)
    return Screen(base.countries, observed, expected, p_country, p, tail, tested, draws)


def _tail(
    windows: Windows, observed: NDArray[np.float64], share: NDArray[np.float64], null: CountryNull
) -> NDArray[np.float64]:
    """π_c(z) = P(at least as many as observed), exact, where there is an excess; else 1."""
    result = np.ones_like(observed)
    high = (observed > share * null.organisations) & (share > 0)
    units = None
    if null.units is not None:
        units = windows.total(np.where(null.share > 0, null.units, 0).astype(np.float64))[high]
    result[high] = chance_of_as_many(
        observed[high], share[high], null.organisations, units=units, total_units=null.total_units
    )
    return result


def chance_of_as_many(
    observed: NDArray[np.float64],
    share: NDArray[np.float64],
    organisations: int,
    *,
    units: NDArray[np.float64] | None = None,
    total_units: int = 0,
) -> NDArray[np.float64]:
    """P(at least as many as observed), exact.

    Parameters
    ----------
    observed, share : ndarray
        O, and the share of the background.
    organisations : int
        n_c: binomial trials.
    units : ndarray, optional
        With controls, cases and controls there, of `total_units`: hypergeometric.

    Examples
    --------
    >>> chance_of_as_many(np.array([2.0, 1.0]), np.array([0.1, 0.5]), 2).round(3).tolist()
    [0.01, 0.75]
    """
    from scipy import stats

    if units is None:
        return np.asarray(stats.binom.sf(observed - 1, organisations, share))
    return np.asarray(stats.hypergeom.sf(observed - 1, total_units, units.round(), organisations))


def least_permutations(families: int, countries: int, alpha: float) -> int:
    """P by default: the least of 999, 9,999, 99,999 with P + 1 ≥ 20K/α, or 4m/α with m borders.

    Examples
    --------
    >>> least_permutations(1, 2, 0.05), least_permutations(1, 3, 0.05), least_permutations(119, 2, 0.05)
    (999, 9999, 9999)
    """
    need = 20 * countries / alpha if families == 1 else 4 * families / alpha
    return next((choice for choice in (999, 9999) if choice + 1 >= need), 99_999)
