"""Would the cluster stand without its neighbours abroad?

The density rule is run again, each country by itself: neighbours abroad no
longer count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.clusters.density import Density, find_dense
from geocluster.clusters.partition import distinct_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

BORDER_MADE, BRIDGED, SPILL_OVER, NATIONAL = "border-made", "bridged", "spill-over", "national"
UNDEFINED = "not defined"
"""The word where a method has no rule of density to run again."""


@dataclass(frozen=True, slots=True, eq=False)
class Dependence:
    """Border dependence, cluster by cluster.

    Attributes
    ----------
    word : list of str, one a cluster
    delta : ndarray, shape (clusters,)
        1 - (cores that stay core)/(cores), counted in rows.
    """

    word: list[str]
    delta: NDArray[np.float64]


def border_dependence(
    found: Density,
    country: NDArray[np.int64],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    *,
    radius_km: float,
    minimum: int,
) -> Dependence:
    """Tell how much of each cluster's density stays when only own-country neighbours count.

    *National*: no foreign member. Else, by the countries that keep at least one
    core, a national cluster each: none, *border-made* (delta = 1); one, *spill-over*,
    the others join it only across the border; two or more, *bridged*.

    Parameters
    ----------
    found : Density
        What `find_dense` found with the same radius and minimum.
    country : ndarray of int, shape (n,)
        Country codes from 0 up.
    longitude, latitude : ndarray, shape (n,)
        Degrees, EPSG:4326.
    radius_km, minimum
        As in `find_dense`.

    Examples
    --------
    >>> lon, lat = np.array([7.58, 7.59, 7.57, 7.59]), np.array([47.5, 47.5, 47.51, 47.51])
    >>> found = find_dense(lon, lat, radius_km=10, minimum=3)
    >>> told = border_dependence(found, np.array([0, 0, 0, 1]), lon, lat, radius_km=10, minimum=3)
    >>> told.word, told.delta.tolist()
    (['spill-over'], [0.25])
    """
    stays = stay_core(found, country, longitude, latitude, radius_km=radius_km, minimum=minimum)
    return tell_dependence(found.label, found.core, stays, country)


def stay_core(
    found: Density,
    country: NDArray[np.int64],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    *,
    radius_km: float,
    minimum: int,
    weight: NDArray[np.float64] | None = None,
    least_weight: float = 0.0,
) -> NDArray[np.bool_]:
    """Tell which cores stay cores when only neighbours of their own country count.

    Parameters
    ----------
    found, country, longitude, latitude, radius_km, minimum
        As in `border_dependence`.
    weight, least_weight
        As in `find_dense`.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    stays = np.zeros(len(found.label), dtype=bool)
    order = np.argsort(country, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(country[order])) + 1):
        if len(rows) < minimum or not found.core[rows].any():
            continue
        own = None if weight is None else weight[rows]
        stays[rows] = find_dense(
            longitude[rows], latitude[rows], radius_km=radius_km, minimum=minimum, weight=own, least_weight=least_weight
        ).core
    return stays & found.core


def tell_dependence(
    label: NDArray[np.int64],
    core: NDArray[np.bool_],
    stays: NDArray[np.bool_] | None,
    country: NDArray[np.int64],
) -> Dependence:
    """Class each cluster by the countries that keep a core; 'not defined' without a rule of density.

    Examples
    --------
    >>> one = np.ones(3, dtype=np.int64)
    >>> tell_dependence(one, one > 0, np.array([True, True, False]), np.array([0, 0, 1])).word
    ['spill-over']
    """
    clusters = int(label.max(initial=0))
    members = _countries_of(label, country, clusters)
    if stays is None:
        words = [NATIONAL if m < 2 else UNDEFINED for m in members.tolist()]
        return Dependence(words, np.full(clusters, np.nan))
    cores = np.bincount(label[core], minlength=clusters + 1)[1:]
    left = np.bincount(label[stays], minlength=clusters + 1)[1:]
    national = _countries_of(np.where(stays, label, 0), country, clusters)
    words = [
        NATIONAL if m < 2 else (BORDER_MADE, SPILL_OVER, BRIDGED)[min(n, 2)]
        for m, n in zip(members.tolist(), national.tolist(), strict=True)
    ]
    return Dependence(words, 1 - left / np.maximum(cores, 1))


def _countries_of(label: NDArray[np.int64], country: NDArray[np.int64], clusters: int) -> NDArray[np.int64]:
    """Count the countries among the rows of each cluster."""
    inside, countries = label > 0, int(country.max(initial=0)) + 1
    pairs = distinct_keys(label[inside] * countries + country[inside])
    return np.bincount(pairs // countries, minlength=clusters + 1)[1:]
