"""Which windows are searched together, and at which level is one claimed?

One region with K countries is one family. With many borders each pair of
countries is a family of its own, and Benjamini–Hochberg chooses among the pairs
(Benjamini & Bogomolov 2014).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.background.nearness import Nearness, near_abroad
from geocluster.distance import to_chord_km
from geocluster.spanning.screening import Screen, screen_deeper, screen_windows
from geocluster.spanning.windows import SNAP_KM, Windows, build_windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from geocluster.background.clustering import Clustering
    from geocluster.spanning.fields import Order
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
    clustering : mapping of int to Clustering
        For the second null, where it is asked for.
    """

    xyz: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    country: NDArray[np.int64]
    count: NDArray[np.int64]
    codes: tuple[str, ...]
    nulls: Mapping[int, CountryNull]
    clustering: Mapping[int, Clustering] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """How a family is searched: the options of `spanning_test` that its windows and draws need."""

    r_max_km: float
    permutations: int
    alpha: float = 0.05
    at_least: int = 2
    midpoints: bool = True
    sequential: bool = True
    workers: int = 1
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None
    laid: dict[tuple[int, ...], Windows] = field(default_factory=dict)
    """Windows by their countries: all readings ask the same circles."""
    ordered: dict[tuple[tuple[int, ...], int], Order] = field(default_factory=dict)
    """Orders of fields by the countries of the windows, and the one they are of: likewise."""


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
    deeper : mapping of int to Screen
        "At least u countries" for each u above the one asked for.
    clustered : Family or None
        The same windows where the background clusters by itself (log-Gaussian Cox null).
    """

    name: str
    places: NDArray[np.int64]
    windows: Windows
    screen: Screen | None
    p: float
    p_adjusted: float
    level: float
    deeper: Mapping[int, Screen] = field(default_factory=dict)
    clustered: Family | None = None

    def at(self, at_least: int) -> Family:
        """Look at one of the deeper questions."""
        return replace(self, screen=self.deeper[at_least], deeper={}, clustered=None)

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


def search_region(pattern: Pattern, search: Search, *, rng: np.random.Generator) -> list[Family]:
    """Search all windows of a region as one family."""
    among = list(pattern.nulls)
    windows = search.laid.get(tuple(among))
    if windows is None:
        windows = search.laid[tuple(among)] = build_windows(
            pattern.xyz,
            pattern.longitude,
            pattern.latitude,
            pattern.country,
            r_max_km=search.r_max_km,
            among=among,
            midpoints=search.midpoints,
        )
    counts = {c: np.where(pattern.country == c, pattern.count, 0) for c in among}
    hopeless = search.alpha if search.sequential else None
    screen = screen_windows(
        windows,
        counts,
        pattern.nulls,
        permutations=search.permutations,
        rng=rng,
        at_least=search.at_least,
        workers=search.workers,
        hopeless_above=hopeless,
        progress=search.progress,
    )
    deeper = (
        screen_deeper(
            windows,
            counts,
            pattern.nulls,
            above=search.at_least,
            permutations=search.permutations,
            rng=rng,
            workers=search.workers,
            hopeless_above=hopeless,
        )
        if screen
        else {}
    )
    p = _smallest(screen)
    name = " ".join(pattern.codes[c] for c in (screen.countries if screen else among))
    places = np.arange(len(pattern.xyz))
    family = Family(name, places, windows, screen, p, p, search.alpha, deeper)
    if not pattern.clustering or screen is None:
        return [family]
    second = screen_windows(
        windows,
        counts,
        _clustered(pattern, search),
        permutations=search.permutations,
        rng=rng,
        at_least=search.at_least,
        workers=search.workers,
        hopeless_above=hopeless,
        progress=search.progress,
    )
    p = _smallest(second)
    return [replace(family, clustered=Family(name, places, windows, second, p, p, search.alpha))]


def _clustered(pattern: Pattern, search: Search) -> dict[int, CountryNull]:
    """Give the nulls with the field of each country; its order is the same for all readings."""
    from geocluster.spanning.fields import order_places

    among, nulls = tuple(pattern.nulls), {}
    for c, null in pattern.nulls.items():
        if (among, c) not in search.ordered:
            search.ordered[among, c] = order_places(pattern.xyz[null.share > 0])
        nulls[c] = replace(null, clustering=pattern.clustering[c], xyz=pattern.xyz, order=search.ordered[among, c])
    return nulls


def border_pairs(pattern: Pattern, *, r_max_km: float) -> list[tuple[int, int]]:
    """Pairs of countries that expect at least three organisations near each other, on both sides.

    Near is within 2 r_max of a place of the other. The choice hangs on the
    background and on n_c only, not on where organisations are.
    """
    chord = float(to_chord_km(2 * r_max_km))
    found = _near(pattern, chord)
    near = set(map(tuple, found.pairs.tolist()))
    pairs = []
    for c, d in combinations(pattern.nulls, 2):
        if (c, d) not in near:
            continue
        expected = []
        for own, other in ((c, d), (d, c)):
            null = pattern.nulls[own]
            places = _within(pattern, found, own, other, chord)
            expected.append(null.organisations * float(null.share[places].sum()))
            if expected[-1] < ENOUGH_EXPECTED:
                break
        if min(expected) >= ENOUGH_EXPECTED:
            pairs.append((c, d))
    return pairs


def _near(pattern: Pattern, chord_km: float) -> Nearness:
    """List the places of the countries with enough organisations that could be so near another of them."""
    country = np.where(np.isin(pattern.country, list(pattern.nulls)), pattern.country, -1)
    counted = np.flatnonzero(country >= 0)
    found = near_abroad(pattern.xyz[counted], country[counted], chord_km)
    return replace(found, place=counted[found.place])


def _within(pattern: Pattern, found: Nearness, own: int, other: int, chord_km: float) -> NDArray[np.int64]:
    """Places of one country that are so near a place of another."""
    from scipy.spatial import KDTree

    mine, foreign = found.of(own, other), found.of(other, own)
    gap, _ = KDTree(pattern.xyz[foreign]).query(pattern.xyz[mine], distance_upper_bound=chord_km)
    return mine[np.isfinite(gap)]


def search_borders(
    pattern: Pattern, pairs: list[tuple[int, int]], search: Search, *, rng: np.random.Generator
) -> list[Family]:
    """Search each border as a family of its own, then choose among the borders."""
    reach = float(to_chord_km(2 * search.r_max_km + 2 * SNAP_KM))
    near = _near(pattern, reach)
    children = dict(zip(pairs, rng.spawn(len(pairs)), strict=True))
    raw: list[Family] = []
    second: list[Family] = []
    for c, d in search.progress(pairs) if search.progress else pairs:
        sides = [_within(pattern, near, own, other, reach) for own, other in ((c, d), (d, c))]
        places = np.sort(np.concatenate(sides))
        part = replace(
            pattern,
            xyz=pattern.xyz[places],
            longitude=pattern.longitude[places],
            latitude=pattern.latitude[places],
            country=pattern.country[places],
            count=pattern.count[places],
            nulls={k: pattern.nulls[k].at(places) for k in (c, d)},
        )
        found = search_region(part, replace(search, at_least=2, progress=None), rng=children[c, d])[0]
        name = "-".join(sorted((pattern.codes[c], pattern.codes[d])))
        raw.append(replace(found, name=name, places=places, clustered=None))
        if pattern.clustering:
            second.append(replace(found.clustered or found, name=name, places=places, clustered=None))
    families = choose_families(raw, search.alpha)
    if not second:
        return families
    return [
        replace(family, clustered=other)
        for family, other in zip(families, choose_families(second, search.alpha), strict=True)
    ]


def choose_families(families: list[Family], alpha: float) -> list[Family]:
    """Choose among families; inside a chosen one windows are claimed at the level that is left."""
    adjusted = adjust_bh(np.array([family.p for family in families]))
    level = alpha * int((adjusted <= alpha).sum()) / max(len(families), 1)
    return [
        replace(family, p_adjusted=float(padj), level=level if padj <= alpha else 0.0)
        for family, padj in zip(families, adjusted, strict=True)
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
