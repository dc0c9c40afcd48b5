"""How far does a cluster reach: regional, cross-border, transnational; and is a country itself the window?"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault, SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

REGIONAL, CROSS_BORDER, TRANSNATIONAL = "regional", "cross-border", "transnational"
WHOLE_COUNTRY = 0.9
MICROSTATE_KM2 = 1_000.0
_KM_PER_DEGREE = 111.195
_MANY = 5_000


def kind_of_reach(verdict: str, *, claimed: bool, tied: bool) -> str:
    """Name a cluster in the usual terms; what is not shown keeps the verdict's words.

    Examples
    --------
    >>> kind_of_reach("in one country", claimed=False, tied=False)
    'regional'
    >>> kind_of_reach("spans per head", claimed=True, tied=False)
    'cross-border'
    >>> kind_of_reach("in two countries, spanning not shown", claimed=False, tied=True)
    'transnational'
    """
    if claimed:
        return CROSS_BORDER
    if verdict == "in one country":
        return REGIONAL
    return TRANSNATIONAL if tied else verdict


def check_ties(ties: DataFrame, table: GeoDataFrame) -> dict[str, int]:
    """Refuse ties that cannot be read, with all faults at once; count those that name a row unknown.

    Returns
    -------
    dict
        "ties" used, "ties left out".
    """
    if not hasattr(ties, "columns"):
        raise SchemaError(f"ties are a DataFrame with origin and destination, not {type(ties).__name__}.")
    faults = [
        Fault(column, "is missing.", "A row a tie: origin and destination name rows of the table by its index.")
        for column in ("origin", "destination")
        if column not in ties.columns
    ]
    if not faults and not len(ties):
        faults.append(Fault("ties", "has no row.", "Leave ties out, or give them."))
    known = 0
    if not faults:
        known = int((ties["origin"].isin(table.index) & ties["destination"].isin(table.index)).sum())
        if not known:
            said = f"none of {len(ties):,} names two rows of the table."
            faults.append(Fault("ties", said, "origin and destination hold values of the table's index."))
    if faults:
        raise SchemaError("the ties cannot be used", faults)
    return {"ties": known, "ties left out": len(ties) - known}


def tied_across(members: GeoDataFrame, ties: DataFrame, *, apart_km: float) -> bool:
    """Say whether a tie joins two countries' members in parts of the cluster further apart than so many km.

    Parameters
    ----------
    members : GeoDataFrame
        The cluster's rows, with country.
    ties : DataFrame
        origin and destination, by the index of `members`; others are passed over.
    apart_km : float
        Members at most so far apart are of one part, and so are all whom a chain of such steps joins.
    """
    import pandas as pd

    part = find_parts(np.asarray(members.geometry.x), np.asarray(members.geometry.y), apart_km)
    first, second = (members.index.get_indexer(pd.Index(ties[end])) for end in ("origin", "destination"))
    both = (first >= 0) & (second >= 0)
    first, second = first[both], second[both]
    country = members["country"].to_numpy(dtype=str)
    return bool(((part[first] != part[second]) & (country[first] != country[second])).any())


def find_parts(longitude: NDArray[np.float64], latitude: NDArray[np.float64], apart_km: float) -> NDArray[np.int64]:
    """Give each point its part: steps of at most so many km join.

    Examples
    --------
    >>> find_parts(np.array([7.0, 7.1, 9.0]), np.full(3, 47.5), 10.0).tolist()
    [0, 0, 1]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    from geocluster.distance import to_chord_km, to_ecef

    point = np.column_stack([longitude, latitude])
    point, place = np.unique(point.round(2) if len(point) > _MANY else point, axis=0, return_inverse=True)
    pairs = KDTree(to_ecef(point[:, 0], point[:, 1])).query_pairs(float(to_chord_km(apart_km)), output_type="ndarray")
    edges = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(point), len(point)))
    _, part = connected_components(edges, directed=False)
    return np.asarray(part[np.ravel(place)], dtype=np.int64)


@lru_cache(maxsize=1)
def small_states() -> Mapping[str, str]:
    """Name the enclaves, and the countries and territories under 1,000 km² that touch another.

    Returns
    -------
    mapping of country to str
        From the map of `load_countries`, whose countries have their sea with them.

    Examples
    --------
    >>> states = small_states()
    >>> states["VA"], states["MC"], states["LS"], "PT" in states
    ('an enclave in IT', 'a microstate beside FR', 'an enclave in ZA', False)
    """
    import shapely

    from geocluster.datasets import load_borders, load_countries, load_land

    countries, borders, land = load_countries(), load_borders(), np.asarray(load_land().geometry.explode())
    shapes = dict(zip(countries["country"], countries.geometry, strict=True))
    beside: dict[str, set[str]] = {}
    for a, b in zip(borders["iso_a"], borders["iso_b"], strict=True):
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    found = {}
    for code, others in sorted(beside.items()):
        shape = shapes[code]
        point = shape.representative_point()
        area = shape.area * _KM_PER_DEGREE**2 * np.cos(np.radians(point.y))
        if len(others) == 1:
            (other,) = others
            rings = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(shapes[other])))
            if bool(shapely.contains(rings, point).any()) and _on_land(shape, land):
                found[code] = f"an enclave in {other}"
                continue
        if area < MICROSTATE_KM2:
            found[code] = f"a microstate beside {', '.join(sorted(others))}"
    return found


def _on_land(shape: Any, land: NDArray[np.object_]) -> bool:
    """Whether a country has no sea: land may come in several pieces."""
    import shapely

    near = land[shapely.intersects(land, shape)]
    return bool(shapely.area(shapely.intersection(near, shape)).sum() > 0.99 * shape.area)


def say_window(code: str, *, share: float) -> str:
    """Say that a country leaves no room for an excess, where that is so; else nothing.

    Parameters
    ----------
    code : str
    share : float
        Of the country's background in the circle; NaN if no circle was asked.

    Examples
    --------
    >>> say_window("VA", share=1.0)
    'VA, an enclave in IT: the country is the window, it can show no excess'
    >>> say_window("DE", share=0.1), say_window("MC", share=float("nan"))
    ('', 'MC is a microstate beside FR')
    """
    state = small_states().get(code, "")
    if share >= WHOLE_COUNTRY:
        return f"{code}{f', {state}' if state else ''}: the country is the window, it can show no excess"
    return f"{code} is {state}" if state else ""
