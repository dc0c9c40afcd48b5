"""Does a postcode settle which city is meant, or contradict it?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from geocluster.country_names import country_code
from geocluster.datasets import place_arrays, place_names
from geocluster.distance import distance_km, to_arc_km, to_ecef
from geocluster.geocoders.answers import quote
from geocluster.geocoders.gazetteer import offline_geocoder
from geocluster.geocoders.normalise import read_plate
from geocluster.geocoders.place import Miss, Place, ask
from geocluster.geocoders.postcode_table import PARTIAL, load_postcodes
from geocluster.spelling import is_nothing, spelling_key

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.spatial import cKDTree

    from geocluster.geocoders.place import Geocoder, Query
    from geocluster.geocoders.postcode_table import Postcodes

SOURCE = "GeoNames postal codes, CC BY 4.0"
RADIUS_KM, RADIUS68_KM = 5.0, 2.0
APART_KM = 50.0
"""City and postcode farther apart than this contradict each other."""
NEAR_KM = 25.0
"""A place of the city's name this near to the postcode is the one meant."""
SURE = 0.97
"""Confidence where city and postcode speak for each other."""
SURE_ALONE = 0.9
"""Confidence on a postcode by itself."""
WIDEST_KM = 25.0
"""A code that reaches farther contradicts no city."""
BESIDE = 3
"""A beginning of codes reaches as far as so many others beside it lie."""
ONE_POINT = 0.95
"""Where so many of a country's beginnings are one point each, the table does not tell how far they reach."""
MANY = 5
"""A list of candidates as long as this may be cut."""


def postcode_geocoder(geocoder: Geocoder | None = None, *, path: str | os.PathLike[str] | None = None) -> Geocoder:
    """Let postcodes settle what a geocoder leaves open, and contradict what it answers.

    A postcode near one of the candidates of an ambiguous city tells which is
    meant; one with a country is an answer where no city is found; one more than
    50 km from the city found is a conflict, unless a place of the city's name is
    near it. One that stands in the city or the address is read where the letters of
    number plates come before it (F-67000). Without a postcode the answer stays as it is.

    Parameters
    ----------
    geocoder : Geocoder, optional
        Who is asked first; `offline_geocoder` if not given.
    path : path, optional
        Another table of postcodes, made by ``tools/build_postcodes.py``.

    Returns
    -------
    Geocoder

    Raises
    ------
    PackageDataError
        If the table is missing or broken.

    Notes
    -----
    The table: GeoNames postal codes, CC BY 4.0; 100 countries, not all codes of each.
    Of Brazil, Canada, China and Ireland it knows beginnings of codes, at one point
    each: they reach as far as the third nearest other one, and where that is more
    than 25 km they contradict no city.

    Examples
    --------
    >>> from geocluster.geocoders.place import Query
    >>> geocoder = postcode_geocoder()
    >>> which, apart = geocoder(
    ...     [Query(city="Frankfurt", postcode="15230", country="DE"), Query(city="Bern", postcode="1200", country="CH")]
    ... )
    >>> which.name, which.method, apart.status
    ('Frankfurt (Oder)', 'postcode', 'conflict')
    """
    inner = offline_geocoder() if geocoder is None else geocoder
    table = load_postcodes(path)
    codes: dict[str, str | None] = {}

    def asked(queries: Sequence[Query]) -> list[Place | Miss]:
        answers = ask(inner, queries)
        for i, query in enumerate(queries):
            plate = ""
            if is_nothing(query.postcode):
                plate, code = read_plate(query.city) if query.city else read_plate(query.address)
                if not code:
                    continue
                query = replace(query, postcode=code)
            if query.country not in codes:
                codes[query.country] = country_code(query.country)
            answer, stated = answers[i], codes[query.country] or plate or None
            if isinstance(answer, Place):
                answers[i] = _check(table, query, answer, stated)
            else:
                answers[i] = _resolve(table, query, answer, stated)
        return answers

    return asked


def _check(table: Postcodes, query: Query, place: Place, stated: str | None) -> Place | Miss:
    """Hold an answer against the postcode."""
    i = table.find(place.country or stated or "", query.postcode)
    if i < 0 or place.precision == "country":
        return place
    gap = _gaps_km(table, i, [place])[0]
    if gap <= max(APART_KM, place.radius_km):
        return _make(table, i, None, SURE) if place.precision == "region" else place
    if _reach_km(table, i) > WIDEST_KM:
        return place
    return _find_namesake(table, i, query) or _contradict(table, i, query, (place,), gap)


def _resolve(table: Postcodes, query: Query, miss: Miss, stated: str | None) -> Place | Miss:
    """Settle what was missed, if the postcode can."""
    if miss.status not in ("ambiguous", "not_found", "coarse"):
        return miss
    country = stated or miss.country
    if miss.status != "ambiguous" or not miss.candidates:
        i = table.find(country or "", query.postcode)
        return miss if i < 0 else _make(table, i, None, SURE_ALONE)
    near: dict[str, tuple[float, int, Place]] = {}
    for place in miss.candidates:
        i = table.find(place.country or "", query.postcode)
        if i >= 0:
            found = (_gaps_km(table, i, [place])[0], i, place)
            near[str(place.country)] = min(found, near.get(str(place.country), found), key=lambda one: one[0])
    good = [found for found in near.values() if found[0] <= NEAR_KM]
    if len(good) == 1:
        return _make(table, good[0][1], good[0][2], SURE)
    i = table.find(country or "", query.postcode)
    if good or i < 0:
        return miss
    namesake = _find_namesake(table, i, query)
    if namesake is not None:
        return namesake
    gap = min(_gaps_km(table, i, miss.candidates))
    # five candidates may not be all
    if gap <= APART_KM or len(miss.candidates) >= MANY or _reach_km(table, i) > WIDEST_KM:
        return miss
    return _contradict(table, i, query, miss.candidates, gap)


def _gaps_km(table: Postcodes, i: int, places: Sequence[Place]) -> list[float]:
    """Measure how far places are from a postcode."""
    longitude, latitude = [place.longitude for place in places], [place.latitude for place in places]
    gaps: list[float] = distance_km(table.longitude[i], table.latitude[i], longitude, latitude).tolist()
    return gaps


def _reach_km(table: Postcodes, i: int) -> float:
    """Tell how far a code reaches."""
    found = _partial_reaches(table, _code(table, i)[0])
    return float(table.spread_km[i]) if found is None else found[i]


@cache
def _partial_reaches(table: Postcodes, country: str) -> dict[int, float] | None:
    """Measure how far the beginnings of a country's codes reach; None where the table's spread tells."""
    from scipy.spatial import cKDTree

    if country not in PARTIAL:
        return None
    low, high = np.searchsorted(table.key, [np.bytes_(country.encode()), np.bytes_(f"{country}~".encode())])
    if (table.spread_km[low:high] <= 1).mean() < ONE_POINT:
        return None
    points = to_ecef(table.longitude[low:high], table.latitude[low:high])
    known = cKDTree(np.unique(points, axis=0))
    gaps = np.asarray(known.query(points, k=[min(BESIDE + 1, known.n)])[0]).ravel()
    return dict(zip(range(int(low), int(high)), to_arc_km(gaps).tolist(), strict=True))


def _code(table: Postcodes, i: int) -> tuple[str, str]:
    """Give country and code."""
    text = table.key[i].decode("ascii")
    return text[:2], text[2:]


def _make(table: Postcodes, i: int, place: Place | None, confidence: float) -> Place:
    """Make the answer of a postcode, with the name of the place that it settled on, if any."""
    country, code = _code(table, i)
    reach = _reach_km(table, i)
    return Place(
        float(table.longitude[i]),
        float(table.latitude[i]),
        "postcode",
        place.name if place else code,
        country,
        max(RADIUS_KM, reach),
        RADIUS68_KM if _partial_reaches(table, country) is None else max(RADIUS68_KM, reach / 2),
        confidence,
        "postcode",
        place.place_id if place else None,
        place.admin1 if place else None,
        SOURCE,
    )


def _contradict(table: Postcodes, i: int, query: Query, places: tuple[Place, ...], gap_km: float) -> Miss:
    """Say that city and postcode are not of the same place."""
    country, code = _code(table, i)
    lone = _make(table, i, None, SURE_ALONE)
    reason = f"postcode {code} is {gap_km:.0f} km from {quote(query.city or places[0].name)}"
    return Miss("conflict", reason, (*places, lone)[:MANY], country)


@cache
def _tree(country: str) -> tuple[cKDTree, NDArray[np.int64]]:
    """Make the tree of a country's places, and their positions."""
    from scipy.spatial import cKDTree

    places = place_arrays()
    which = np.flatnonzero(np.array(places.country_codes)[places.country] == country)
    points = to_ecef(places.longitude[which], places.latitude[which])
    return cKDTree(points, balanced_tree=False, compact_nodes=False), which


def _find_namesake(table: Postcodes, i: int, query: Query) -> Place | None:
    """Find a place of the city's name near the postcode."""
    wanted = spelling_key(query.city)
    if not wanted:
        return None
    tree, which = _tree(_code(table, i)[0])
    around = which[sorted(tree.query_ball_point(to_ecef(table.longitude[i], table.latitude[i]), NEAR_KM))]
    arrays = place_arrays()
    bearers = [
        (spelling_key(name) != wanted, -int(arrays.population[position]), position, name)
        for position, name in zip(around.tolist(), place_names(around), strict=True)
        if f"{spelling_key(name)} ".startswith(f"{wanted} ")  # Frankfurt (Oder) is called Frankfurt
    ]
    if not bearers:
        return None
    *_, position, name = min(bearers)
    return replace(_make(table, i, None, SURE), name=name, place_id=int(arrays.geonames_id[position]))
