"""What is claimed, where, at which radius, and for which cluster?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.distance import to_chord_km
from geocluster.spanning.windows import near_pairs, snap_to_grid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from geocluster.spanning.families import Family, Pattern
    from geocluster.spanning.screening import Screen

NOT_ROBUST = "not robust to clustering of the background"


@dataclass(frozen=True, slots=True)
class Finding:
    """One window as it is told: of a claim, or the best one of a cluster.

    Attributes
    ----------
    family : str
    p : float
        The smallest over the claim, or over the cluster's windows.
    claimed : bool
    r_km, longitude, latitude : float
        The smallest claimed circle; where none is claimed, the one nearest to it.
    excess : tuple of str
        Countries shown in excess there.
    observed, expected, p_country : mapping of country to float
        Inside that circle.
    windows : int
        Claimed windows that the claim joins.
    at_least : int
        The largest number of countries shown in excess together, each number at its own level; 0: none.
    deeper : mapping of int to Finding
        The claims of "at least u countries" that stand here, for larger u.
    held : ndarray of int
        Places of the pattern inside the claimed windows.
    p_clustered : float
        The smallest p over the same windows where the background clusters by itself; NaN: not asked.
    clustered : bool
        Whether that, too, is a claim.
    """

    family: str
    p: float
    claimed: bool
    r_km: float
    longitude: float
    latitude: float
    excess: tuple[str, ...]
    observed: Mapping[str, float]
    expected: Mapping[str, float]
    p_country: Mapping[str, float]
    windows: int = 0
    at_least: int = 0
    deeper: Mapping[int, Finding] = field(default_factory=dict)
    held: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    p_clustered: float = np.nan
    clustered: bool = False

    @property
    def robust(self) -> str:
        """Say whether both nulls agree; nothing where the second was not asked."""
        return "" if np.isnan(self.p_clustered) else say_robust(claimed=self.claimed, clustered=self.clustered)


def say_robust(*, claimed: bool, clustered: bool) -> str:
    """Say whether a claim stands, or falls, where the background clusters by itself.

    Examples
    --------
    >>> say_robust(claimed=True, clustered=False)
    'not robust to clustering of the background'
    """
    if claimed != clustered:
        return NOT_ROBUST
    return "robust to clustering of the background" if claimed else ""


def find_claims(family: Family, pattern: Pattern, *, at_least: int) -> tuple[list[Finding], dict[int, list[Finding]]]:
    """Join claimed windows that overlap; tell each set by its smallest circle.

    Returns
    -------
    claims : list of Finding
        Each with the deeper claims that share a place with it.
    alone : dict of int to list of Finding
        Deeper claims, by u, that stand where nothing is claimed for `at_least`.
    """
    claims = _joined_claims(family, pattern, at_least=at_least)
    alone: dict[int, list[Finding]] = {}
    for u in sorted(family.deeper):
        for deep in _joined_claims(family.at(u), pattern, at_least=u):
            hit = [k for k, claim in enumerate(claims) if np.isin(deep.held, claim.held).any()]
            for k in hit:
                rival = claims[k].deeper.get(u)
                if rival is None or (deep.p, deep.r_km) < (rival.p, rival.r_km):
                    claims[k] = replace(claims[k], at_least=u, deeper={**claims[k].deeper, u: deep})
            if not hit:
                alone.setdefault(u, []).append(deep)
    return claims, alone


def _joined_claims(family: Family, pattern: Pattern, *, at_least: int) -> list[Finding]:
    claimed = family.claimed(at_least)
    if not claimed.any():
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    windows = family.windows
    radii = len(windows.radii_km)
    # nested circles share their places, so the largest claimed one of a centre stands for all of them
    largest = np.where(claimed.any(axis=1), radii - 1 - np.argmax(claimed[:, ::-1], axis=1), -1)
    inside = windows.entry_radius <= largest[windows.entry_centre]
    centres, places = windows.entry_centre[inside], windows.entry_place[inside]
    size = len(largest) + len(family.places)
    edges = coo_array((np.ones(len(centres), dtype=np.int8), (centres, places + len(largest))), shape=(size, size))
    _, component = connected_components(edges, directed=False)
    found = []
    for number in dict.fromkeys(component[np.flatnonzero(claimed.any(axis=1))]):
        mine = claimed & (component[: len(largest)] == number)[:, None]
        told = _tell(family, pattern, mine, claimed=True)
        held = family.places[component[len(largest) :] == number]
        found.append(replace(told, at_least=at_least, held=held, **_second_null(family, mine, at_least=at_least)))
    return sorted(found, key=lambda f: (f.p, f.r_km, f.longitude, f.latitude))


def cluster_findings(
    family: Family,
    pattern: Pattern,
    members: Mapping[int, NDArray[np.int64]],
    *,
    r_max_km: float,
    at_least: int,
    adjoin: Callable[[str, str], bool],
) -> dict[int, Finding]:
    """Find the best window centred in each cluster: on its places, or on midpoints between them.

    Parameters
    ----------
    family : Family
    pattern : Pattern
    members : mapping of cluster to ndarray of int
        The places of the pattern on which its organisations stand.
    r_max_km : float
    at_least : int
    adjoin : callable
        Whether two countries share a border, on land or at sea, as far as is known.

    Returns
    -------
    dict of cluster to Finding
        Without clusters about which no window of the family is centred.
    """
    if family.screen is None:
        return {}
    kept = ~np.isnan(family.screen.p)
    windows = family.windows
    position = np.full(len(pattern.xyz), -1, dtype=np.int64)
    position[family.places] = np.arange(len(family.places))
    found = {}
    for label, places in members.items():
        cells = _cells_between(pattern, places, r_max_km)
        local = position[places]
        about = np.isin(windows.place, local[local >= 0]) & (windows.place >= 0)
        about |= np.isin(windows.cell, cells) & (windows.cell >= 0)
        mine = kept & about[:, None]
        own = {int(c) for c in np.unique(pattern.country[places])}
        between = mine & (_held_by(family.screen, own) >= min(2, len(own)))
        if not between.any():  # a circle without two of its countries says nothing of it
            continue
        spans = _spanning(family, pattern, mine, own, adjoin, at_least=at_least)
        told = _tell(family, pattern, spans if spans.any() else between, claimed=bool(spans.any()))
        depth = at_least if spans.any() else 0
        for u in family.deeper:
            if _spanning(family.at(u), pattern, mine, own, adjoin, at_least=u).any():
                depth = u
        second = family.clustered
        if second is not None and second.screen is not None:
            again = _spanning(second, pattern, mine, own, adjoin, at_least=at_least)
            least = float(np.nanmin(second.screen.p[spans if spans.any() else between]))
            told = replace(told, p_clustered=least, clustered=bool(again.any()))
        found[label] = replace(told, at_least=depth)
    return found


def tell_family(family: Family, pattern: Pattern) -> Finding | None:
    """Choose the window nearest to a claim in a whole family, claimed or not."""
    if family.screen is None or np.isnan(family.screen.p).all():
        return None
    return _tell(family, pattern, ~np.isnan(family.screen.p), claimed=False)


def _held_by(screen: Screen, own: set[int]) -> NDArray[np.int64]:
    """How many of some countries have background in each window?"""
    mine = [k for k, c in enumerate(screen.countries) if c in own]
    held: NDArray[np.int64] = (screen.expected[mine] > 0).sum(axis=0)
    return held


def _second_null(family: Family, mask: NDArray[np.bool_], *, at_least: int) -> dict[str, Any]:
    second = family.clustered
    if second is None or second.screen is None:
        return {}
    return {
        "p_clustered": float(np.nanmin(second.screen.p[mask])),
        "clustered": bool((second.claimed(at_least) & mask).any()),
    }


def _spanning(
    family: Family,
    pattern: Pattern,
    about: NDArray[np.bool_],
    own: set[int],
    adjoin: Callable[[str, str], bool],
    *,
    at_least: int,
) -> NDArray[np.bool_]:
    """Windows about a cluster that are claimed, with so many countries of its own in excess, two of them adjoining."""
    claimed = family.claimed(at_least) & about
    if not claimed.any():
        return claimed
    assert family.screen is not None
    excess = family.in_excess()
    mine = [k for k, c in enumerate(family.screen.countries) if c in own]
    enough: NDArray[np.bool_] = excess[mine].sum(axis=0) >= at_least
    return claimed & enough & _spanned(family, pattern, excess, own, adjoin)


def _spanned(
    family: Family, pattern: Pattern, excess: NDArray[np.bool_], own: set[int], adjoin: Callable[[str, str], bool]
) -> NDArray[np.bool_]:
    """Windows where two adjoining countries of the cluster are both shown in excess."""
    assert family.screen is not None
    result = np.zeros(excess.shape[1:], dtype=bool)
    for k, m in combinations(range(len(family.screen.countries)), 2):
        c, d = family.screen.countries[k], family.screen.countries[m]
        if c in own and d in own and adjoin(pattern.codes[c], pattern.codes[d]):
            result |= excess[k] & excess[m]
    return result


def _cells_between(pattern: Pattern, places: NDArray[np.int64], r_max_km: float) -> NDArray[np.int64]:
    from scipy.spatial import KDTree

    country = pattern.country[places]
    cells = [np.empty(0, dtype=np.int64)]
    chord = float(to_chord_km(2 * r_max_km))
    for c, d in combinations(np.unique(country), 2):
        a, b = pattern.xyz[places[country == c]], pattern.xyz[places[country == d]]
        cells += [snap_to_grid((a[i] + b[j]) / 2) for i, j, _ in near_pairs(KDTree(a), KDTree(b), chord)]
    return np.unique(np.concatenate(cells))


def _tell(family: Family, pattern: Pattern, mask: NDArray[np.bool_], *, claimed: bool) -> Finding:
    """Choose the window that speaks for a set of them."""
    screen, windows = family.screen, family.windows
    assert screen is not None
    centre, radius = np.nonzero(mask)
    p, tail = screen.p[centre, radius], screen.tail[centre, radius]
    lon, lat = windows.longitude[centre], windows.latitude[centre]
    order = np.lexsort((lat, lon, tail, p, radius) if claimed else (lat, lon, radius, tail, p))
    z = (int(centre[order[0]]), int(radius[order[0]]))
    codes = [pattern.codes[c] for c in screen.countries]
    shown = family.in_excess()[:, z[0], z[1]] if family.level > 0 else np.zeros(len(codes), dtype=bool)
    return Finding(
        family=family.name,
        p=float(p.min()),
        claimed=claimed,
        r_km=float(windows.radii_km[z[1]]),
        longitude=float(windows.longitude[z[0]]),
        latitude=float(windows.latitude[z[0]]),
        excess=tuple(code for code, yes in zip(codes, shown, strict=True) if yes),
        observed={code: float(screen.observed[k][z]) for k, code in enumerate(codes)},
        expected={code: float(screen.expected[k][z]) for k, code in enumerate(codes)},
        p_country={code: float(screen.p_country[k][z]) for k, code in enumerate(codes)},
        windows=int(mask.sum()) if claimed else 0,
    )
