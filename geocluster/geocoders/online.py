"""Who answers over the network, and how is it asked politely?

The only door to the network: it opens when `online_geocoder` is called.
"""

from __future__ import annotations

import json
import threading
import unicodedata
import warnings
from copy import copy
from typing import TYPE_CHECKING, Any

from geocluster.country_names import country_code
from geocluster.errors import GeoclusterWarning, OptionError
from geocluster.geocoders.answers import quote
from geocluster.geocoders.cache import FILE_NAME, AnswerCache
from geocluster.geocoders.gazetteer import offline_geocoder
from geocluster.geocoders.normalise import states_country
from geocluster.geocoders.pace import LONGEST_WAIT_S, Pace, TooLongError
from geocluster.geocoders.place import Miss, Place, Query
from geocluster.geocoders.services import read_hits, read_location, write_hits
from geocluster.geocoders.verdict import find_unaskable, judge
from geocluster.spelling import is_nothing

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence

    from geocluster.geocoders.place import Geocoder
    from geocluster.geocoders.services import Hit

SERVICES = ("nominatim", "photon")
PUBLIC = ("nominatim.openstreetmap.org", "photon.komoot.io")
"""Hosts that anybody may ask, once a second."""
PUBLIC_PAUSE_S = 1.0
TIMEOUT_S = 10.0
TRIES = 4
BACK_OFF_S = 1.0
"""Doubled with each try; more where `Retry-After` says so."""
FAILURES = 3
"""So many queries in a row without an answer, and the service is left alone."""
MOST_HITS = 5
_REFUSED = (401, 402, 403, 407, 451)
_GARBLED = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OSError)


def online_geocoder(
    service: str | Any,
    *,
    user_agent: str,
    remember_in: str | os.PathLike[str] | None = None,
    pause_s: float = 1.0,
    max_requests: int = 200,
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> Geocoder:
    """Make a geocoder that asks a service on the network; answers are remembered.

    Meant for what is missed offline: ``chain_geocoders(offline_geocoder(),
    online_geocoder("nominatim", user_agent=...))``. The name of an organisation is
    never sent. Calls are made one at a time on a machine, with a pause between
    them; after 429 and faults of the service with a longer one, or the one that it
    asks for; after 403 there are no more. What was not asked, or not answered, is
    a `Miss` with its reason and never remembered: run again to go on.

    Parameters
    ----------
    service : str or geopy geocoder
        "nominatim", "photon", or any synchronous geocoder of geopy.
    user_agent : str
        What the service is to know you by; name your project and how to reach you.
    remember_in : path, optional
        SQLite file of the answers, or a folder for it; in the user's cache folder
        if not given. Places are kept for 365 days, misses for 30.
    pause_s : float, default 1.0
        Between two calls, seconds; at least 1 for public services.
    max_requests : int, default 200
        How many calls this geocoder may make, repeated ones counted.
    progress : callable, optional
        What wraps the queries, as tqdm does.

    Returns
    -------
    Geocoder
        Its places carry the credit that the service asks for as their source. An
        answer outside the country stated, or more than 50 km (or its radius) from
        where the gazetteer finds the city, is a conflict.

    Raises
    ------
    OptionError
        If an option cannot be used, the extra is not installed, or the file of
        answers is corrupt.

    Warns
    -----
    GeoclusterWarning
        If some queries were not answered, with the reason; if answers cannot be
        written.

    Notes
    -----
    Public Nominatim allows one request a second, discourages bulk use, and requires
    that answers are kept and OpenStreetMap is credited (ODbL):
    https://operations.osmfoundation.org/policies/nominatim/

    Examples
    --------
    >>> geocoder = online_geocoder("nominatim", user_agent="")
    Traceback (most recent call last):
    geocluster.errors.OptionError: user_agent must name you to the service ("project, mail@example.org"), got ''.
    """
    agent = str(user_agent or "").strip()
    if not agent or not agent.isascii() or not agent.isprintable():
        form = 'user_agent must name you to the service ("project, mail@example.org")'
        raise OptionError(f"{form}, got {user_agent!r}.")
    if not 0 <= pause_s <= LONGEST_WAIT_S:
        raise OptionError(f"pause_s must lie between 0 and {LONGEST_WAIT_S:.0f} seconds, got {pause_s!r}.")
    if not (max_requests >= 0 and max_requests % 1 == 0):
        raise OptionError(f"max_requests must be a whole number, at least 0, got {max_requests!r}.")
    asked = _make_service(service, agent)
    domain = str(getattr(asked, "domain", "") or "")
    if domain in PUBLIC and pause_s < PUBLIC_PAUSE_S:
        raise OptionError(f"pause_s must be at least {PUBLIC_PAUSE_S:g} for {domain}, got {pause_s!r}.")
    return _OnlineGeocoder(asked, domain, AnswerCache(remember_in or _cache_path()), pause_s, max_requests, progress)


def _missing() -> OptionError:
    return OptionError("online geocoders need geopy. Run pip install 'geocluster-borders[online]'.")


def _cache_path() -> str:
    """Give the file of answers in the user's cache folder."""
    try:
        from platformdirs import user_cache_path
    except ImportError:
        raise _missing() from None
    return str(user_cache_path("geocluster", appauthor=False) / FILE_NAME)


def _make_service(service: Any, agent: str) -> Any:
    """Make a service by its name, or ready one that was given; that one stays as it is."""
    try:
        from geopy import adapters, exc, geocoders
    except ImportError:
        raise _missing() from None
    if isinstance(service, str):
        if service.lower() not in SERVICES:
            raise OptionError(f"service must be {' or '.join(SERVICES)}, or a geocoder of geopy, got {service!r}.")
        make = {"nominatim": geocoders.Nominatim, "photon": geocoders.Photon}[service.lower()]
        try:
            # not requests: it would repeat calls by itself, unseen and uncounted
            return make(user_agent=agent, timeout=TIMEOUT_S, adapter_factory=adapters.URLLibAdapter)
        except exc.ConfigurationError as fault:
            raise OptionError(f"user_agent={agent!r}: {fault}") from fault
    known = hasattr(service, "adapter") and hasattr(service, "headers") and callable(getattr(service, "geocode", None))
    if not known or isinstance(service.adapter, adapters.BaseAsyncAdapter):
        kind = type(service).__name__
        raise OptionError(f"service must be {', '.join(SERVICES)}, or a synchronous geocoder of geopy, got {kind}.")
    ready = copy(service)
    ready.headers = {**service.headers, "User-Agent": agent}
    if isinstance(service.adapter, adapters.RequestsAdapter):
        ready.adapter = adapters.URLLibAdapter(proxies=service.proxies, ssl_context=service.ssl_context)
    if ready.timeout is None:
        ready.timeout = TIMEOUT_S
    return ready


class _NotAskedError(Exception):
    """A query was not asked, or not answered.

    `left` says that no other will be, in this call; `for_good`, nor in later ones.
    """

    def __init__(self, reason: str, *, left: bool = False, for_good: bool = False) -> None:
        self.left, self.for_good = left or for_good, for_good
        super().__init__(reason)


class _OnlineGeocoder:
    """Asks a service, query by query."""

    def __init__(
        self, service: Any, domain: str, cache: AnswerCache, pause_s: float, max_requests: int, progress: Any
    ) -> None:
        self.name = type(service).__name__.lower()
        self.requests = 0
        self._service, self._cache, self._max_requests = service, cache, max_requests
        self._provider = f"{self.name}:{domain}"
        self._pause_s, self._progress = pause_s, progress or iter
        self._pace = Pace(self._provider, pause_s)
        self._offline = offline_geocoder()
        self._known: dict[str, list[Hit]] = {}
        self._refused = ""
        self._one_at_a_time = threading.Lock()

    def __call__(self, queries: Sequence[Query]) -> list[Place | Miss]:
        """Answer a batch."""
        # the gazetteer is told what the service is told, but for the street
        plain = [Query(city=query.city, region=query.region, country=query.country) for query in queries]
        checks = self._offline(plain)
        answers: list[Place | Miss] = []
        left, failures, silent, told = self._refused, 0, 0, ""
        with self._one_at_a_time, self._cache.opened():
            for query, check in self._progress(list(zip(queries, checks, strict=True))):
                stated = country_code(query.country) if states_country(query.country) else None
                miss = find_unaskable(query, stated)
                if miss is not None:
                    answers.append(miss)
                    continue
                try:
                    hits, asked = self._find(query, stated, left)
                except _NotAskedError as fault:
                    silent, told = silent + 1, str(fault)
                    failures += 1
                    if fault.for_good:
                        self._refused = told
                    if fault.left or failures == FAILURES:
                        left = told
                    answers.append(Miss("not_found", told, country=stated))
                    continue
                failures = 0 if asked else failures
                answers.append(judge(query, hits, service=self.name, stated=stated, offline=check))
        if silent:
            what = f"{silent} of {len(queries)} queries have no answer: {left or told}."
            mend = "Run again to go on: the answers so far are remembered."
            warnings.warn(f"{what} {mend}", GeoclusterWarning, stacklevel=2)
        return answers

    def _remember(self, key: str) -> list[Hit] | None:
        """Give the answers that are remembered."""
        text = self._cache.get(self._provider, key)
        return None if text is None else read_hits(text)

    def _find(self, query: Query, stated: str | None, left: str) -> tuple[list[Hit], bool]:
        """Find the answers to a query where they are remembered, else at the service."""
        key = _key(query, stated)
        hits = self._known.get(key)
        if hits is None:
            hits = self._remember(key)
        asked = hits is None
        if hits is None:
            if left:
                raise _NotAskedError(left)
            hits = self._ask(query, key)
        self._known[key] = hits
        return hits, asked

    def _ask(self, query: Query, key: str) -> list[Hit]:
        """Ask the service, again if it was too busy, and remember what it answers."""
        reason, left = "", False
        for attempt in range(TRIES):
            if self.requests >= self._max_requests:
                raise _NotAskedError(
                    f"{self.name} was not asked: max_requests={self._max_requests} are made", left=True
                )
            try:
                with self._pace.turn():
                    # another process may have asked while this one waited
                    hits = self._remember(key)
                    if hits is not None:
                        return hits
                    self.requests += 1
                    try:
                        hits = self._call(query)
                    except Exception as fault:  # noqa: BLE001, what geopy raises is sorted below
                        reason, wait_s, left = self._sort_out(fault, attempt)
                        self._pace.hold(wait_s)
                    else:
                        self._cache.put(self._provider, key, write_hits(hits), hit=bool(hits))
                        return hits
            except TooLongError as fault:
                told = f"{self.name} was not asked: {reason + ', and ' if reason else ''}{fault}"
                raise _NotAskedError(told, left=True) from None
        raise _NotAskedError(f"{self.name} did not answer: {reason}", left=left)

    def _call(self, query: Query) -> list[Hit]:
        """Make one call."""
        from geopy import geocoders

        parts = {field: " ".join(getattr(query, field).split()) for field in ("address", "city", "region", "postcode")}
        parts = {field: "" if is_nothing(text) else text for field, text in parts.items()}
        country = " ".join(query.country.split()) if states_country(query.country) else ""
        town = " ".join(filter(None, [parts["postcode"], parts["city"]]))
        words: Any = ", ".join(filter(None, [parts["address"], town, parts["region"], country]))
        more: dict[str, Any] = {}
        if isinstance(self._service, geocoders.Nominatim):
            more = {"limit": MOST_HITS, "addressdetails": True, "extratags": True, "language": "en"}
            if parts["city"] or not parts["address"]:
                named = (parts["address"], parts["city"], parts["region"], parts["postcode"], country)
                fields = ("street", "city", "state", "postalcode", "country")
                words = {field: text for field, text in zip(fields, named, strict=True) if text}
        elif isinstance(self._service, geocoders.Photon):
            more = {"limit": MOST_HITS, "language": "en"}
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Latitude normalization")  # the error that follows is enough
            found = self._service.geocode(words, exactly_one=False, **more)
        if found is None:
            return []
        return [read_location(location, self.name) for location in list(found)[:MOST_HITS]]

    def _sort_out(self, fault: Exception, attempt: int) -> tuple[str, float, bool]:
        """Tell why a call failed, how long to wait, and whether others will fail too.

        Raises
        ------
        _NotAskedError
            Where the call is not worth another.
        """
        from geopy import adapters, exc

        http = fault.__cause__ if isinstance(fault.__cause__, adapters.AdapterHTTPError) else None
        status = http.status_code if http else None
        refusals = (exc.GeocoderInsufficientPrivileges, exc.GeocoderAuthenticationFailure)
        said = f"status {status}" if status else quote(str(fault) or type(fault).__name__)
        if status in _REFUSED or isinstance(fault, refusals):
            raise _NotAskedError(f"{self.name} refuses to answer: {said}", for_good=True) from fault
        limited = status == 429 or isinstance(fault, exc.GeocoderRateLimited)
        late = status in (408, 425) or (status is None and isinstance(fault, exc.GeocoderTimedOut))
        unread = (exc.GeocoderParseError, exc.GeocoderQueryError)
        dead = status is None and isinstance(fault, exc.GeocoderServiceError) and not isinstance(fault, unread)
        if limited or late or dead or (status is not None and status >= 500):
            asked_for = adapters.get_retry_after(http.headers) if http else getattr(fault, "retry_after", None)
            wait_s: float = max(asked_for or 0.0, max(self._pause_s, BACK_OFF_S) * 2**attempt)
            return said, wait_s, limited or (dead and not late)
        if not isinstance(fault, (exc.GeopyError, *_GARBLED)):
            raise fault
        raise _NotAskedError(
            f"{self.name} did not answer: {said if status else 'its answer cannot be read'}"
        ) from fault


def _key(query: Query, stated: str | None) -> str:
    """Fold a query to what is sent of it, so that spellings that differ in case or spaces are one."""
    texts = [query.address, query.city, query.region, query.postcode]
    folded = [" ".join(unicodedata.normalize("NFC", text).casefold().split()) for text in texts]
    return json.dumps([*folded, stated or ""], ensure_ascii=False, separators=(",", ":"))
