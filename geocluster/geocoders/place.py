"""What is asked of a geocoder, and what does it answer?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from geocluster.country_names import INSIDE_OTHERS, country_name
from geocluster.errors import OptionError

Precision = Literal["given", "address", "postcode", "city", "region", "country", "none"]
Status = Literal["ok", "ambiguous", "conflict", "coarse", "not_found", "bad_input"]
_TELLING: tuple[Status, ...] = ("ok", "conflict", "ambiguous", "coarse", "not_found", "bad_input")
"""A miss that stands earlier says more."""


@dataclass(frozen=True, slots=True)
class Query:
    """One place asked for, by what is known of it; empty text is what is not known.

    Examples
    --------
    >>> Query(city="Basel", country="Suisse").region
    ''
    """

    address: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """An answer with a point."""

    longitude: float
    """Degrees, EPSG:4326."""
    latitude: float
    precision: Precision
    name: str
    country: str | None
    """ISO alpha-2."""
    radius_km: float
    """The true place is within it in 95 of 100 cases."""
    radius68_km: float
    confidence: float
    """Between 0 and 1."""
    method: str
    """given, exact, variant, fuzzy, text, postcode, or online:<name>."""
    place_id: int | None = None
    """GeoNames id."""
    admin1: str | None = None
    """GeoNames code of the first-level region."""
    source: str = ""
    """Who is to be credited."""


@dataclass(frozen=True, slots=True)
class Miss:
    """An answer without a point, and why."""

    status: Status
    reason: str
    candidates: tuple[Place, ...] = ()
    """At most five, the best first."""
    country: str | None = None
    """What is known of the country all the same."""
    confidence: float = 0.0


Geocoder: TypeAlias = Callable[[Sequence[Query]], Sequence[Place | Miss]]


def ask(geocoder: Geocoder, queries: Sequence[Query]) -> list[Place | Miss]:
    """Ask a geocoder, and hold it to what one promises: as many answers, each with a point on the globe or a reason.

    Raises
    ------
    OptionError
        If it breaks its promise.

    Examples
    --------
    >>> ask(lambda queries: [], [Query(city="Basel")])
    Traceback (most recent call last):
    geocluster.errors.OptionError: a geocoder must answer each query: asked 1, answered 0.
    """
    if not callable(geocoder):
        mend = "Give offline_geocoder(), postcode_geocoder() or online_geocoder(...)."
        raise OptionError(f"a geocoder is a callable, got {geocoder!r:.60}. {mend}")
    answers = list(geocoder(queries))
    if len(answers) != len(queries):
        raise OptionError(f"a geocoder must answer each query: asked {len(queries)}, answered {len(answers)}.")
    for query, answer in zip(queries, answers, strict=True):
        if isinstance(answer, Place):
            if not (-180 <= answer.longitude <= 180 and -90 <= answer.latitude <= 90):
                point = f"lat={answer.latitude}, lon={answer.longitude}"
                raise OptionError(f"a geocoder answered with no point on the globe: {point} for {query}.")
        elif not isinstance(answer, Miss):
            raise OptionError(f"a geocoder must answer with Place or Miss, got {type(answer).__name__} for {query}.")
    return answers


def chain_geocoders(*geocoders: Geocoder) -> Geocoder:
    """Ask one geocoder after the other, the later ones only for what is still missed.

    A later `Place` is taken, unless the row contradicts itself, or the place lies in
    another country than the one known: that is a conflict. Of two misses the one that
    says more is kept: a conflict, then what is ambiguous, coarse, not found, bad input;
    the earlier of two alike.

    Parameters
    ----------
    *geocoders : Geocoder
        At least one.

    Returns
    -------
    Geocoder
        Gives the first `Place` that does not contradict what is known, else the `Miss`
        that says most.

    Raises
    ------
    OptionError
        If there is none; when called, if one does not answer each query.

    Examples
    --------
    >>> nowhere = lambda queries: [Miss("not_found", "nowhere")] * len(queries)
    >>> abroad = lambda queries: [Miss("conflict", "Basel is in Switzerland, but France is stated")] * len(queries)
    >>> chain_geocoders(nowhere, abroad)([Query(city="Basel", country="FR")])[0].status
    'conflict'
    """
    if not geocoders:
        raise OptionError("chain_geocoders needs at least one geocoder, got none. offline_geocoder() is usual.")

    def chained(queries: Sequence[Query]) -> list[Place | Miss]:
        answers = ask(geocoders[0], queries)
        for geocoder in geocoders[1:]:
            missed = [(i, answer) for i, answer in enumerate(answers) if isinstance(answer, Miss)]
            if not missed:
                break
            later = ask(geocoder, [queries[i] for i, _ in missed])
            for (i, miss), answer in zip(missed, later, strict=True):
                answers[i] = _weigh_up(miss, answer)
        return answers

    return chained


def _weigh_up(miss: Miss, answer: Place | Miss) -> Place | Miss:
    """Choose between what one geocoder missed and what the next one answers."""
    if isinstance(answer, Miss):
        return answer if _TELLING.index(answer.status) < _TELLING.index(miss.status) else miss
    at_odds = miss.country and answer.country and not _is_within(answer.country, miss.country)
    if miss.status == "conflict":
        # a country that is no country, or two words of one row that name two places: no third party settles that
        torn = miss.country is None or any(_is_within(one.country or "", miss.country) for one in miss.candidates)
        return miss if torn or at_odds else answer
    if at_odds:
        reason = f"{answer.name or 'the place found'} is in {country_name(str(answer.country))}"
        stated = country_name(str(miss.country))
        return Miss("conflict", f"{reason}, but {stated} is stated", (answer,), miss.country)
    return answer


def _is_within(code: str, country: str) -> bool:
    """Tell whether two codes are of one country, or of one and its territory."""
    return code == country or INSIDE_OTHERS.get(code) == country or INSIDE_OTHERS.get(country) == code
