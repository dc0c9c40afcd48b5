"""What is a cluster called?

After the largest place of the gazetteer on each side: "Basel – Saint-Louis – Lörrach".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.partition import distinct_keys
from geocluster.datasets import place_arrays
from geocluster.distance import to_chord_km, to_ecef
from geocluster.graph import distinct_points
from geocluster.place_names import places_called

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from geocluster.datasets import PlaceArrays
    from geocluster.graph import Points

NEAR_KM = 2.0
"""A place this near to a member's point is part of the cluster."""
MAX_SIDES = 4
"""Countries named; the column `countries` has them all."""
_CHOICES = 6
_PAIRS_BY_HAND = 20_000

Side = tuple[int, str]


def name_clusters(
    sides: Sequence[Sequence[str]],
    label: NDArray[np.int64],
    country: Sequence[str] | NDArray[np.object_],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    *,
    points: Points | None = None,
    places: PlaceArrays | None = None,
    names: Callable[[Sequence[int]], list[str]] | None = None,
    language: str = "en",
) -> list[str]:
    """Name clusters after their largest places, each differently.

    For each country with members, most members first: of its places within 2 km of
    one of them the most populous, no district of a city that is listed too; if there
    is none, the place nearest to them. Where two clusters would share a name, the
    smaller one adds its next place, or a number.

    Parameters
    ----------
    sides : sequence of sequences of str
        Countries of each cluster, most members first.
    label : ndarray of int, shape (n,)
        Cluster of each member, from 1 up.
    country : sequence of str, length n
        ISO alpha-2.
    longitude, latitude : ndarray, shape (n,)
        Degrees, EPSG:4326.
    points : Points, optional
        The distinct points of these rows, and maybe others, if they are known.
    places : PlaceArrays, optional
        Those of the gazetteer if not given.
    names : callable, optional
        Names of places by their positions; those of the gazetteer in the language if not given.
    language : {"en", "ru"}

    Examples
    --------
    >>> name_clusters([["CH"]], np.array([1]), ["CH"], np.array([7.59]), np.array([47.56]))
    ['Basel']
    """
    if not sides:
        return []
    points = points or distinct_points(longitude, latitude)
    choices = _choices(label, np.asarray(country, dtype=object), points, places or place_arrays())
    wanted = sorted({place for found in choices.values() for place in found})
    told_names = places_called(wanted, language) if names is None else names(wanted)
    name_of = dict(zip(wanted, told_names, strict=True))
    taken: set[str] = set()
    told = []
    for number, countries in enumerate(sides, start=1):
        ranked = [[name_of[place] for place in choices.get((number, code), [])] for code in countries[:MAX_SIDES]]
        parts = [own[0] if own else code for code, own in zip(countries, ranked, strict=False)]
        more = [name for own in ranked for name in own[1:] if name not in parts]
        name = " – ".join(parts)
        while name in taken and more:
            name = f"{name} – {more.pop(0)}"
        plain, copy = name, 1
        while name in taken:
            copy += 1
            name = f"{plain} ({copy})"
        taken.add(name)
        told.append(name)
    return told


def _choices(
    label: NDArray[np.int64],
    country: NDArray[np.object_],
    points: Points,
    places: PlaceArrays,
) -> dict[Side, list[int]]:
    """Places of each cluster and country, the best name first."""
    import pandas as pd
    from scipy.spatial import cKDTree

    code_of = {code: position for position, code in enumerate(places.country_codes)}
    of_row, words = pd.factorize(country)
    code = np.array([code_of.get(str(word), -1) for word in words], dtype=np.int64)[of_row]
    usable = np.flatnonzero(~places.district & np.isin(places.country, np.unique(code[code >= 0])))
    if not len(usable):
        return {}
    xyz = to_ecef(places.longitude, places.latitude)
    own_places = {int(own): usable[places.country[usable] == own] for own in np.unique(places.country[usable])}
    trees = {own: cKDTree(xyz[mine]) for own, mine in own_places.items()}
    found: dict[Side, list[int]] = {}
    for number, own, members in _sides(label, code, points):
        if own not in trees:
            continue
        mine = own_places[own]
        near = mine[_places_near(members, trees[own])]
        if len(near):
            best = np.lexsort((places.geonames_id[near], -places.population[near]))
            chosen = near[best][:_CHOICES]
        else:
            apart, which = trees[own].query(members, k=min(_CHOICES, len(mine)))
            order = np.argsort(np.ravel(apart), kind="stable")
            chosen = mine[list(dict.fromkeys(np.ravel(which)[order].tolist()))[:_CHOICES]]
        found[number, places.country_codes[own]] = chosen.tolist()
    return found


def _sides(
    label: NDArray[np.int64], code: NDArray[np.int64], points: Points
) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
    """Give cluster, country and distinct points of each side, in that order; members of no known country are left."""
    total, countries = len(points.count), int(code.max(initial=0)) + 1
    known = code >= 0
    spots = distinct_keys((label[known] * countries + code[known]) * total + points.of_row[known])
    sides, first = np.unique(spots // max(total, 1), return_index=True)
    for side, rows in zip(sides.tolist(), np.split(spots % max(total, 1), first[1:]), strict=False):
        yield side // countries, side % countries, points.xyz[rows]


def _places_near(members: NDArray[np.float64], tree: Any) -> NDArray[np.int64]:
    """Find the places of a tree within 2 km of any member: few lie in a cluster, many members do."""
    from scipy.spatial import cKDTree

    reach = float(to_chord_km(NEAR_KM))
    low, high = members.min(axis=0), members.max(axis=0)
    around = float(np.linalg.norm(high - low) / 2 + reach) * (1 + 1e-9)
    near: NDArray[np.int64] = np.array(sorted(tree.query_ball_point((low + high) / 2, around)), dtype=np.int64)
    at: NDArray[np.float64] = np.asarray(tree.data)[near]
    inside: NDArray[np.bool_] = ((at >= low - reach) & (at <= high + reach)).all(axis=1)
    near, at = near[inside], at[inside]
    if not len(near):
        return near
    if len(near) * len(members) <= _PAIRS_BY_HAND:
        gap = np.sqrt(((at[:, None] - members[None]) ** 2).sum(axis=2).min(axis=1))
    else:
        gap, _ = cKDTree(members, balanced_tree=False, compact_nodes=False).query(at)
    found: NDArray[np.int64] = near[gap <= reach]
    return found
