"""What is claimed, where, at which radius, and for which cluster?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import to_chord_km
from geocluster.spanning.windows import near_pairs, snap_to_grid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from geocluster.spanning.families import Family, Pattern


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


def find_claims(family: Family, pattern: Pattern, *, at_least: int) -> list[Finding]:
    """Join claimed windows that overlap; tell each set by its smallest circle."""
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
        found.append(_tell(family, pattern, mine, claimed=True))
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
    claimed = family.claimed(at_least)
    excess = family.in_excess() if claimed.any() else np.zeros(family.screen.observed.shape, dtype=bool)
    position = np.full(len(pattern.xyz), -1, dtype=np.int64)
    position[family.places] = np.arange(len(family.places))
    found = {}
    for label, places in members.items():
        cells = _cells_between(pattern, places, r_max_km)
        local = position[places]
        about = np.isin(family.windows.place, local[local >= 0]) & (family.windows.place >= 0)
        about |= np.isin(family.windows.cell, cells) & (family.windows.cell >= 0)
        if not (kept & about[:, None]).any():
            continue
        own = {int(c) for c in np.unique(pattern.country[places])}
        spans = claimed & about[:, None] & _spanned(family, pattern, excess, own, adjoin)
        if spans.any():
            found[label] = _tell(family, pattern, spans, claimed=True)
        else:
            found[label] = _tell(family, pattern, kept & about[:, None], claimed=False)
    return found


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
