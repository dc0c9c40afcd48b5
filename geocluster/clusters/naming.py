"""What is a cluster called?

After the largest place of the gazetteer on each side: "Basel – Saint-Louis – Lörrach".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.datasets import place_arrays
from geocluster.distance import to_chord_km, to_ecef
from geocluster.graph import distinct_points
from geocluster.place_names import places_called

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from geocluster.datasets import PlaceArrays

NEAR_KM = 2.0
"""A place this near to a member's point is part of the cluster."""
MAX_SIDES = 4
"""Countries named; the column `countries` has them all."""
_CHOICES = 6

Side = tuple[int, str]


def name_clusters(
    sides: Sequence[Sequence[str]],
    label: NDArray[np.int64],
    country: Sequence[str],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    *,
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
    choices = _choices(label, np.asarray(country, dtype=object), longitude, latitude, places or place_arrays())
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
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    places: PlaceArrays,
) -> dict[Side, list[int]]:
    """Places of each cluster and country, the best name first."""
    from scipy.spatial import cKDTree

    code_of = {code: position for position, code in enumerate(places.country_codes)}
    code = np.array([code_of.get(str(word), -1) for word in country], dtype=np.int64)
    usable = np.flatnonzero(~places.district & np.isin(places.country, np.unique(code[code >= 0])))
    if not len(usable):
        return {}
    points = distinct_points(longitude, latitude)
    spots = np.unique(np.column_stack([label, code, points.of_row])[code >= 0], axis=0)
    xyz = to_ecef(places.longitude[usable], places.latitude[usable])
    tree = cKDTree(xyz)
    near = tree.query_ball_point(points.xyz, float(to_chord_km(NEAR_KM)))
    around = [near[point] for point in spots[:, 2]]
    row = np.repeat(np.arange(len(spots)), [len(found) for found in around])
    place = usable[np.concatenate([np.asarray(found, dtype=np.int64) for found in around])] if len(row) else usable[:0]
    own = places.country[place] == spots[row, 1]
    triples = np.unique(np.column_stack([spots[row[own], 0], spots[row[own], 1], place[own]]), axis=0)
    best = np.lexsort((places.geonames_id[triples[:, 2]], -places.population[triples[:, 2]]))
    found: dict[Side, list[int]] = {}
    for number, own_code, position in triples[best].tolist():
        chosen = found.setdefault((number, places.country_codes[own_code]), [])
        if len(chosen) < _CHOICES:
            chosen.append(position)
    lacking = [
        (number, own_code)
        for number, own_code in np.unique(spots[:, :2], axis=0).tolist()
        if (number, places.country_codes[own_code]) not in found
    ]
    for own_code in sorted({own_code for _, own_code in lacking}):
        mine = np.flatnonzero(places.country[usable] == own_code)
        if not len(mine):
            continue
        own_tree, abroad = cKDTree(xyz[mine]), spots[spots[:, 1] == own_code]
        for number in (number for number, code in lacking if code == own_code):
            members = points.xyz[abroad[abroad[:, 0] == number, 2]]
            apart, which = own_tree.query(members, k=min(_CHOICES, len(mine)))
            order = np.argsort(np.ravel(apart), kind="stable")
            nearest = dict.fromkeys(usable[mine[np.ravel(which)[order]]].tolist())
            found[number, places.country_codes[own_code]] = list(nearest)[:_CHOICES]
    return found
