"""Is a cluster one place, or a chain of many?

A rule of density walks along any corridor. What is wider than it should be is cut again
by HDBSCAN, until it is not, or cannot be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.clusters.extent import widest_km
from geocluster.clusters.hierarchy import find_hierarchy, own_country_cores
from geocluster.clusters.partition import Partition, rank_groups
from geocluster.distance import to_ecef

if TYPE_CHECKING:
    from numpy.typing import NDArray


def split_chains(
    found: Partition,
    country: NDArray[np.int64],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    *,
    max_diameter_km: float,
    minimum: int,
) -> Partition:
    """Cut clusters wider than `max_diameter_km` by HDBSCAN, each by itself, again and again.

    A chain that HDBSCAN cannot part stays whole. Members that are in no part are in no
    cluster; a note counts them.

    Parameters
    ----------
    found : Partition
    country : ndarray of int, shape (n,)
    longitude, latitude : ndarray, shape (n,)
        Degrees, EPSG:4326.
    max_diameter_km : float
    minimum : int
        Rows of the smallest part.

    Returns
    -------
    Partition
        With the column `cut_from`: the number that the chain had, 0 for whole clusters.

    Examples
    --------
    >>> lon = np.array([0.0, 0.01, 0.02, 0.5, 0.51, 0.52])
    >>> chain = Partition(np.ones(6, dtype=np.int64), np.ones(6, dtype=bool))
    >>> cut = split_chains(chain, np.zeros(6, int), lon, np.zeros(6), max_diameter_km=30, minimum=3)
    >>> cut.label.tolist(), cut.notes
    ([1, 1, 1, 2, 2, 2], ['cluster 1, a chain of 6 rows in 1 country, 58 km wide: cut into 2, 0 rows in none'])
    """
    rows_of = [np.flatnonzero(found.label == number + 1) for number in range(int(found.label.max(initial=0)))]
    group, core = np.full(len(found.label), -1, dtype=np.int64), found.core.copy()
    stays = None if found.stays is None else found.stays.copy()
    strength = None if found.strength is None else found.strength.copy()
    origin: list[int] = []
    cut: list[int] = []
    notes = list(found.notes)
    minimum = max(minimum, 2)
    for number, rows in enumerate(rows_of):
        wide = _width(longitude[rows], latitude[rows])
        if wide <= max_diameter_km:
            group[rows] = len(origin)
            origin.append(number)
            cut.append(0)
            continue
        own = None if stays is None else own_country_cores(longitude[rows], latitude[rows], country[rows], minimum)
        parts, waiting = [], [rows]
        while waiting:
            piece = waiting.pop()
            tree = find_hierarchy(longitude[piece], latitude[piece], minimum=minimum)
            if not tree.label.any():
                parts.append(piece)
                continue
            for k in range(int(tree.label.max())):
                inside = piece[tree.label == k + 1]
                core[inside] = True
                if stays is not None and own is not None:
                    stays[inside] = own[np.searchsorted(rows, inside)] <= tree.birth_km[k]
                if strength is not None:
                    strength[inside] = tree.strength[tree.label == k + 1]
                if _width(longitude[inside], latitude[inside]) > max_diameter_km:
                    waiting.append(inside)
                else:
                    parts.append(inside)
        for part in parts:
            group[part] = len(origin)
            origin.append(number)
            cut.append(number + 1)
        lost = len(rows) - sum(map(len, parts))
        lands = len(np.unique(country[rows]))
        outcome = "cannot be cut" if len(parts) == 1 and not lost else f"cut into {len(parts)}, {lost:,} rows in none"
        notes.append(
            f"cluster {number + 1}, a chain of {len(rows):,} rows in {lands} countr{'y' if lands == 1 else 'ies'}, "
            f"{wide:,.0f} km wide: {outcome}"
        )
    outside = group < 0
    core[outside] = False
    if stays is not None:
        stays[outside] = False
    if strength is not None:
        strength[outside] = 0
    label, given = rank_groups(group, longitude, latitude)
    columns = {
        name: np.asarray(values)[np.array(origin, dtype=np.int64)[given]] for name, values in found.columns.items()
    }
    columns["cut_from"] = np.array(cut, dtype=np.int64)[given]
    return Partition(label, core, stays, columns, strength, notes, found.sources, found.seed, found.steps)


def _width(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> float:
    return widest_km(np.unique(to_ecef(longitude, latitude), axis=0))
