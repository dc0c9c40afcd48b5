"""Which windows are searched together, and at which level is one claimed?

One region with K countries is one family. With many borders each pair of
countries is a family of its own, and Benjamini–Hochberg chooses among the pairs
(Benjamini & Bogomolov 2014).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import to_chord_km
from geocluster.spanning.screening import Screen, screen_windows
from geocluster.spanning.windows import SNAP_KM, Windows, build_windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray
    from scipy.spatial import KDTree

    from geocluster.spanning.redraw import CountryNull

AT_LEAST_A_SIDE = 3
ENOUGH_EXPECTED = 3.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """Organisations on places, and each country's null.

    Attributes
    ----------
    xyz : ndarray, shape (places, 3)
    longitude, latitude : ndarray, shape (places,)
    country : ndarray of int, shape (places,)
        Position in `codes`.
    count : ndarray of int, shape (places,)
        Organisations standing there.
    codes : tuple of str
    nulls : mapping of int to CountryNull
        Of the countries with enough organisations.
    """

    xyz: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    country: NDArray[np.int64]
    count: NDArray[np.int64]
    codes: tuple[str, ...]
    nulls: Mapping[int, CountryNull]


@dataclass(frozen=True, slots=True)
class Family:
    """One family of windows after its test.

    Attributes
    ----------
    name : str
        'DE-FR', or all countries of the region.
    places : ndarray of int
        The places of the pattern that the windows speak of.
    windows : Windows
    screen : Screen or None
        None: nothing to span.
    p : float
        The smallest p of the family; 1 without a screen.
    p_adjusted, level : float
        After Benjamini–Hochberg, and the level at which its windows are claimed; a lone family keeps p and α.
    """

    name: str
    places: NDArray[np.int64]
    windows: Windows
    screen: Screen | None
    p: float
    p_adjusted: float
    level: float

    def claimed(self, at_least: int) -> NDArray[np.bool_]:
        """Which windows are claimed: p at most the level, enough countries in excess with three or more."""
        if self.screen is None:
            return np.zeros(self.windows.shape, dtype=bool)
        full = (self.in_excess() & (self.screen.observed >= AT_LEAST_A_SIDE)).sum(axis=0)
        claimed: NDArray[np.bool_] = (np.nan_to_num(self.screen.p, nan=1.0) <= self.level) & (full >= at_least)
        return claimed

    def in_excess(self) -> NDArray[np.bool_]:
        """Countries shown in excess in each window: K · p_c at most the level."""
        assert self.screen is not None
        shown: NDArray[np.bool_] = len(self.screen.countries) * self.screen.p_country <= self.level
        return shown


def search_region(
    pattern: Pattern,
    *,
    r_max_km: float,
    midpoints: bool = True,
    permutations: int,
    rng: np.random.Generator,
    alpha: float,
    at_least: int,
    workers: int,
) -> list[Family]:
    """Search all windows of a region as one family."""
    among = list(pattern.nulls)
    windows = build_windows(
        pattern.xyz,
        pattern.longitude,
        pattern.latitude,
        pattern.country,
        r_max_km=r_max_km,
        among=among,
        midpoints=midpoints,
    )
    counts = {c: np.where(pattern.country == c, pattern.count, 0) for c in among}
    screen = screen_windows(
        windows, counts, pattern.nulls, permutations=permutations, rng=rng, at_least=at_least, workers=workers
    )
    p = _smallest(screen)
    name = " ".join(pattern.codes[c] for c in (screen.countries if screen else among))
    return [Family(name, np.arange(len(pattern.xyz)), windows, screen, p, p, alpha)]


def border_pairs(pattern: Pattern, *, r_max_km: float) -> list[tuple[int, int]]:
    """Pairs of countries that expect at least three organisations near each other, on both sides.

    Near is within 2 r_max of a place of the other. The choice hangs on the
    background and on n_c only, not on where organisations are.
    """
    trees, members = _trees(pattern)
    chord = float(to_chord_km(2 * r_max_km))
    pairs = []
    for c, d in combinations(pattern.nulls, 2):
        if c not in trees or d not in trees:
            continue
        expected = []
        for own, other in ((c, d), (d, c)):
            gap, _ = trees[other].query(pattern.xyz[members[own]], distance_upper_bound=chord)
            null = pattern.nulls[own]
            expected.append(null.organisations * float(null.share[members[own][np.isfinite(gap)]].sum()))
            if expected[-1] < ENOUGH_EXPECTED:
                break
        if min(expected) >= ENOUGH_EXPECTED:
            pairs.append((c, d))
    return pairs


def search_borders(
    pattern: Pattern,
    pairs: list[tuple[int, int]],
    *,
    r_max_km: float,
    midpoints: bool = True,
    permutations: int,
    rng: np.random.Generator,
    alpha: float,
    workers: int,
    progress: Callable[[Iterable[tuple[int, int]]], Iterable[tuple[int, int]]] | None = None,
) -> list[Family]:
    """Search each border as a family of its own, then choose among the borders."""
    trees, members = _trees(pattern)
    reach = float(to_chord_km(2 * r_max_km + 2 * SNAP_KM))
    children = dict(zip(pairs, rng.spawn(len(pairs)), strict=True))
    raw = []
    for c, d in progress(pairs) if progress else pairs:
        near = []
        for own, other in ((c, d), (d, c)):
            gap, _ = trees[other].query(pattern.xyz[members[own]], distance_upper_bound=reach)
            near.append(members[own][np.isfinite(gap)])
        places = np.sort(np.concatenate(near))
        country = pattern.country[places]
        windows = build_windows(
            pattern.xyz[places],
            pattern.longitude[places],
            pattern.latitude[places],
            country,
            r_max_km=r_max_km,
            among=(c, d),
            midpoints=midpoints,
        )
        screen = screen_windows(
            windows,
            {k: np.where(country == k, pattern.count[places], 0) for k in (c, d)},
            {k: pattern.nulls[k].at(places) for k in (c, d)},
            permutations=permutations,
            rng=children[c, d],
            workers=workers,
        )
        raw.append(("-".join(sorted((pattern.codes[c], pattern.codes[d]))), places, windows, screen, _smallest(screen)))
    p = np.array([row[-1] for row in raw])
    adjusted = adjust_bh(p)
    level = alpha * int((adjusted <= alpha).sum()) / max(len(p), 1)
    return [
        Family(name, places, windows, screen, least, float(padj), level if padj <= alpha else 0.0)
        for (name, places, windows, screen, least), padj in zip(raw, adjusted, strict=True)
    ]


def adjust_bh(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p-values for false discoveries (Benjamini & Hochberg 1995).

    Examples
    --------
    >>> adjust_bh(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p)) if len(p) else p


def _smallest(screen: Screen | None) -> float:
    if screen is None or np.isnan(screen.p).all():
        return 1.0
    return float(np.nanmin(screen.p))


def _trees(pattern: Pattern) -> tuple[dict[int, KDTree], dict[int, NDArray[np.int64]]]:
    from scipy.spatial import KDTree

    members = {c: np.flatnonzero(pattern.country == c) for c in pattern.nulls}
    return {c: KDTree(pattern.xyz[rows]) for c, rows in members.items() if len(rows)}, members
