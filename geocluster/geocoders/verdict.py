"""Which of a service's answers is meant, if any?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.country_names import INSIDE_OTHERS, country_name
from geocluster.datasets import load_countries
from geocluster.distance import distance_km
from geocluster.geocoders.answers import quote
from geocluster.geocoders.given import check_country
from geocluster.geocoders.normalise import states_country
from geocluster.geocoders.place import Miss, Place
from geocluster.spelling import is_nothing, spelling_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geocluster.geocoders.place import Precision, Query
    from geocluster.geocoders.services import Hit

APART_KM = 50.0
"""Answers farther apart than this, or than the radius told, contradict each other."""
SAME_PLACE_KM = 15.0
AGREED, ALONE = 0.95, 0.85
"""Confidence where the gazetteer agrees with the service, and where it says nothing: chosen, not measured."""
MOST = 5
_PRECISIONS: dict[str, Precision] = {
    "address": "address",
    "street": "address",
    "postcode": "postcode",
    "city": "city",
    "region": "region",
}
_EXACT = ("address", "street")


def judge(
    query: Query, hits: Sequence[Hit], *, service: str, stated: str | None, offline: Place | Miss
) -> Place | Miss:
    """Choose the answer of a service that is meant, or say why none is.

    Parameters
    ----------
    query : Query
        What was asked for.
    hits : sequence of Hit
        The answers, the best first.
    service : str
        Its name.
    stated : str or None
        The country stated, ISO alpha-2.
    offline : Place or Miss
        What the gazetteer says of the city, region and country of the query.

    Returns
    -------
    Place or Miss
        A conflict where all answers are in another country, or too far from
        where the gazetteer is sure that the city is; ambiguous where the service
        knows several such places, or none but a house or a street of that name.
    """
    what = quote(query.city or query.address or query.postcode or query.region)
    if not hits:
        return Miss("not_found", f"{service} knows no such place as {what}", country=stated)
    home = [hit for hit in hits if _is_in(hit, stated)]
    if not home:
        known = country_name(hits[0].country or "") if hits[0].country else "another country"
        reason = f"{what} is in {known} by {service}, but {country_name(stated or '')} is stated"
        return Miss("conflict", reason, _candidates(hits, service, None), stated)
    chosen = home[0]
    if is_nothing(query.address) and chosen.level in _EXACT:
        wider = [hit for hit in home if hit.level not in _EXACT]
        if not wider:
            reason = f"{service} knows only a house or a street of the name {what}"
            return Miss("ambiguous", reason, _candidates(home, service, stated), stated)
        chosen = wider[0]
    if chosen.level == "country":
        return Miss("coarse", "only the country is known", country=stated or chosen.country)
    alike = [hit for hit in home if hit.level == chosen.level]
    if isinstance(offline, Place) and chosen.level != "region":
        limit = max(APART_KM, offline.radius_km)
        near = [hit for hit in alike if _gap_km(hit, offline) <= limit]
        if not near:
            there = _make(chosen, service, stated, ALONE)
            reason = (
                f"{what} is {_gap_km(chosen, offline):.0f} km apart by {service} ({_point(there)}) "
                f"and by the gazetteer ({offline.name}, {_point(offline)})"
            )
            return Miss("conflict", reason, (there, offline), stated or chosen.country)
        return _dress(_make(near[0], service, stated, AGREED), offline)
    name = spelling_key(chosen.name.partition(",")[0])
    rivals = [
        hit
        for hit in alike
        if _gap_km(hit, chosen) > max(APART_KM, chosen.radius_km) and spelling_key(hit.name.partition(",")[0]) == name
    ]
    if rivals:
        reason = f"{what} may be any of {len(rivals) + 1} places by {service}"
        return Miss("ambiguous", reason, _candidates([chosen, *rivals], service, stated), stated)
    place = _make(chosen, service, stated, ALONE)
    candidates = offline.candidates if isinstance(offline, Miss) and offline.status == "ambiguous" else ()
    agreed = [one for one in candidates if _gap_km(one, place) <= SAME_PLACE_KM]
    return _dress(_make(chosen, service, stated, AGREED), agreed[0]) if agreed else place


def _is_in(hit: Hit, stated: str | None) -> bool:
    """Tell whether an answer is in the country stated; services count some territories to another."""
    if stated is None:
        return True
    if hit.country is None:
        return not check_country(np.array([hit.longitude]), np.array([hit.latitude]), [stated])[0][0]
    if hit.country == stated or INSIDE_OTHERS.get(hit.country) == stated or INSIDE_OTHERS.get(stated) == hit.country:
        return True
    return _sovereign(stated) == hit.country


def _sovereign(code: str) -> str:
    """Give the country that a territory belongs to."""
    countries = load_countries()
    found = countries.loc[countries["country"] == code, "sovereign"]
    return str(found.iloc[0]) if len(found) else code


def _gap_km(one: Hit | Place, other: Hit | Place) -> float:
    return float(distance_km(one.longitude, one.latitude, other.longitude, other.latitude))


def _point(place: Place) -> str:
    return f"{place.latitude:.4f}, {place.longitude:.4f}"


def _make(hit: Hit, service: str, stated: str | None, confidence: float) -> Place:
    """Make the answer; its country is the one stated, but for a territory that wins over it."""
    country = hit.country if hit.country and INSIDE_OTHERS.get(hit.country) == stated else stated or hit.country
    return Place(
        hit.longitude,
        hit.latitude,
        _PRECISIONS.get(hit.level, "region"),
        hit.name,
        country,
        hit.radius_km,
        hit.radius68_km,
        confidence,
        f"online:{service}",
        source=hit.source,
    )


def _dress(place: Place, known: Place) -> Place:
    """Add what the gazetteer knows of the city."""
    from dataclasses import replace

    place = replace(place, admin1=known.admin1)
    if place.precision == known.precision == "city" and _gap_km(place, known) <= SAME_PLACE_KM:
        return replace(place, place_id=known.place_id, radius_km=known.radius_km, radius68_km=known.radius68_km)
    return place


def _candidates(hits: Sequence[Hit], service: str, stated: str | None) -> tuple[Place, ...]:
    return tuple(_make(hit, service, stated, ALONE) for hit in hits[:MOST] if hit.level != "country")


def find_unaskable(query: Query, stated: str | None) -> Miss | None:
    """Say why a query is not worth a call, if it is not."""
    if stated is None and states_country(query.country):
        return Miss("conflict", f"no country is called {quote(query.country)}")
    if any(not is_nothing(text) for text in (query.address, query.city, query.region, query.postcode)):
        return None
    if stated is not None:
        return Miss("coarse", "only the country is known", country=stated)
    if is_nothing(query.name):
        return Miss("bad_input", "no address, city, region or country is given")
    return Miss("not_found", "only a name is given; names are not sent to a service")
