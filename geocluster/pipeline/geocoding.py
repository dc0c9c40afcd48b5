"""How is a table placed, in one call, by the geocoders that were asked for?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from geocluster.errors import Fault, SchemaError
from geocluster.pipeline.options import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from geocluster.geocoders import Geocoder

MAX_REQUESTS = 200
_PLACES = ("city", "address", "postcode", "region", "country")
_TOLD = 40


def check_geocoding(
    *,
    on_ambiguous: str = "refuse",
    online: str | None = None,
    user_agent: str | None = None,
    remember_in: str | Path | None = None,
    max_requests: int | None = None,
    more: Sequence[str] = (),
) -> None:
    """Raise one error with every fault of the options, before anything is read.

    Parameters
    ----------
    on_ambiguous, online, user_agent, remember_in, max_requests
        As in `geocode` and `online_geocoder`.
    more : sequence of str, optional
        Faults found elsewhere, told in the same error.

    Raises
    ------
    OptionError
        If there is a fault.

    Examples
    --------
    >>> check_geocoding(online="bing", max_requests=-1)
    Traceback (most recent call last):
    geocluster.errors.OptionError: the options cannot be used: 3 faults
      online must be nominatim or photon, got 'bing'.
      user_agent must name you to the service ("project, mail@example.org"), got ''.
      max_requests must be a whole number, at least 0, got -1.
    """
    from geocluster.geocoders.online import SERVICES

    faults = list(more)
    if on_ambiguous not in ("refuse", "best"):
        faults.append(f"on_ambiguous must be refuse or best, got {on_ambiguous!r}.")
    if online is not None:
        from importlib.util import find_spec

        if online.lower() not in SERVICES:
            faults.append(f"online must be {' or '.join(SERVICES)}, got {online!r}.")
        agent = (user_agent or "").strip()
        if not agent or not agent.isascii() or not agent.isprintable():
            faults.append(f'user_agent must name you to the service ("project, mail@example.org"), got {agent!r}.')
        if find_spec("geopy") is None:
            faults.append("online geocoders need geopy. Run pip install 'geocluster-borders[online]'.")
    else:
        told = {"user_agent": user_agent, "cache": remember_in, "max_requests": max_requests}
        given = [name for name, value in told.items() if value is not None]
        if given:
            faults.append(f"{', '.join(given)}: for online geocoders only. Give online too, or leave it out.")
    if max_requests is not None and max_requests < 0:
        faults.append(f"max_requests must be a whole number, at least 0, got {max_requests!r}.")
    refuse(faults)


def choose_geocoder(
    *,
    postcodes: bool = True,
    online: str | None = None,
    user_agent: str | None = None,
    remember_in: str | Path | None = None,
    max_requests: int | None = None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> Geocoder:
    """Make the geocoder that was asked for: the gazetteer, postcodes, and a service for what they miss.

    Parameters
    ----------
    postcodes : bool, default True
        Whether postcodes settle which city is meant, see `postcode_geocoder`.
    online : {"nominatim", "photon"}, optional
        Who is asked for the rows that are still without a point.
    user_agent, remember_in, max_requests
        As in `online_geocoder`; 200 requests if not told.
    progress : callable, optional
        Wraps what the service is asked, as tqdm does.

    Returns
    -------
    Geocoder

    Raises
    ------
    OptionError
        With all faults of the options.

    Examples
    --------
    >>> from geocluster.geocoders import Query
    >>> choose_geocoder()([Query(city="Neustadt", postcode="67433", country="DE")])[0].precision
    'postcode'
    """
    from geocluster.geocoders import chain_geocoders, offline_geocoder, online_geocoder, postcode_geocoder

    check_geocoding(online=online, user_agent=user_agent, remember_in=remember_in, max_requests=max_requests)
    geocoder = postcode_geocoder() if postcodes else offline_geocoder()
    if online is None:
        return geocoder
    service = online_geocoder(
        online,
        user_agent=user_agent or "",
        remember_in=remember_in,
        max_requests=MAX_REQUESTS if max_requests is None else max_requests,
        progress=progress,
    )
    return chain_geocoders(geocoder, service)


def place_rows(
    table: DataFrame | GeoDataFrame,
    *,
    geocoder: Geocoder | None = None,
    on_ambiguous: Literal["refuse", "best"] = "refuse",
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> GeoDataFrame:
    """Geocode every row and find its country and border: what `geocode` and `assign_countries` do.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        With a column that tells a place; a name alone is not enough here.
    geocoder, on_ambiguous, progress
        As in `geocode`.

    Returns
    -------
    GeoDataFrame
        All rows in their order.

    Raises
    ------
    SchemaError
        With all faults of the table.

    Examples
    --------
    >>> import pandas as pd
    >>> place_rows(pd.DataFrame({"name": ["Novartis"]}))
    Traceback (most recent call last):
    geocluster.errors.SchemaError: the table cannot be geocoded: 1 fault
      city: no column tells a place: city, address, postcode, region, country, or lat and lon. It has name.
    """
    from geocluster.countries import assign_countries
    from geocluster.geocoders import geocode

    names = [str(name) for name in table.columns]
    pointed = getattr(table, "active_geometry_name", None) is not None or {"lat", "lon"} <= set(names)
    if not pointed and not set(_PLACES) & set(names):
        has = ", ".join(names[:_TOLD]) + (" …" if len(names) > _TOLD else "")
        wanted = f"no column tells a place: {', '.join(_PLACES)}, or lat and lon."
        raise SchemaError("the table cannot be geocoded", [Fault("city", wanted, f"It has {has}.")])
    located = geocode(table, geocoder=geocoder, on_ambiguous=on_ambiguous, progress=progress)
    del table  # large, and perhaps held by nobody else
    return assign_countries(located)
