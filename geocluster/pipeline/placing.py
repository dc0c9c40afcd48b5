"""How does a table come to its points and countries, and which of its rows can be used?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.schema import check, split_placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geopandas import GeoDataFrame
    from pandas import DataFrame

_PLACES = ("city", "address", "postcode", "region", "country")
_TOLD = 5


def rows_placed(
    table: DataFrame | GeoDataFrame, *, max_radius_km: float, progress: Callable[..., Iterable[Any]] | None = None
) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Do what a table still lacks, and part the rows that can be used from the others.

    Returns
    -------
    placed, set_aside : GeoDataFrame

    Raises
    ------
    SchemaError
        With all faults of the table; or with the reasons why no row can be placed.

    Examples
    --------
    >>> import pandas as pd
    >>> rows_placed(pd.DataFrame({"name": ["Novartis"], "city": ["Nowhere"], "country": ["CH"]}), max_radius_km=30)
    Traceback (most recent call last):
    geocluster.errors.SchemaError: the only row cannot be placed: 1 fault
      1 row: no place in Switzerland is called 'Nowhere'.
    """
    assigned = assign(table, progress, "geocoding")
    placed, set_aside = split_placed(assigned, max_radius_km=max_radius_km)
    if placed.empty:
        raise nothing_placed(table, set_aside)
    return placed, set_aside


def assign(table: DataFrame | GeoDataFrame, progress: Any, what: str) -> GeoDataFrame:
    """Do what a table still lacks: geocode it, find its countries."""
    from geocluster.countries import assign_countries
    from geocluster.geocoders import geocode, postcode_geocoder
    from geocluster.geocoders.restored import restore_points

    table = restore_points(table)
    located = hasattr(table, "active_geometry_name") and table.active_geometry_name is not None
    if located and "border_km" in table.columns and "country" in table.columns:
        check(table, "assigned")
        return table  # type: ignore[return-value]
    if not located or "geo_status" not in table.columns:
        table = geocode(table, geocoder=postcode_geocoder(), progress=named(progress, what))
    return assign_countries(table)  # type: ignore[arg-type]


def named(progress: Callable[..., Iterable[Any]] | None, what: str) -> Callable[..., Iterable[Any]] | None:
    """Let what shows progress say of what."""
    if progress is None:
        return None

    def wrap(items: Iterable[Any]) -> Iterable[Any]:
        try:
            return progress(items, desc=what)
        except TypeError:  # a plain wrapper
            return progress(items)

    return wrap


def filled(placed: GeoDataFrame) -> GeoDataFrame:
    """Give what the map asks for to a table without it: the row's label for a name, 'other' for a kind."""
    if "kind" not in placed.columns:
        placed = placed.assign(kind="other")
    return placed if "name" in placed.columns else placed.assign(name=[str(label) for label in placed.index])


def nothing_placed(table: DataFrame | GeoDataFrame, set_aside: GeoDataFrame) -> SchemaError:
    """Say why there is no row to work with."""
    if not len(table):
        return SchemaError("the table has no rows")
    reasons = set_aside["reason"].value_counts()
    faults = [Fault(f"{n:,} row{'s' * (n > 1)}", f"{why}.", "") for why, n in reasons.head(_TOLD).items()]
    if len(reasons) > _TOLD:
        faults.append(Fault(f"{reasons[_TOLD:].sum():,} rows", "for other reasons.", ""))
    names = [str(name) for name in table.columns]
    if not set(_PLACES) & set(names) and not {"lat", "lon"} <= set(names):
        mend = f"Name city, country, or lat and lon; it has {', '.join(names[:20])}."
        faults.append(Fault("columns", "none tells a place.", mend))
    what = f"none of {len(table):,} rows can be placed" if len(table) > 1 else "the only row cannot be placed"
    return SchemaError(what, faults)


def check_value(table: DataFrame | GeoDataFrame, value: str | None) -> None:
    """Refuse a column that is not there or holds words, before anything is computed."""
    if value is None or not hasattr(table, "columns"):
        return
    if value not in table.columns:
        from difflib import get_close_matches

        names = [str(name) for name in table.columns]
        near = get_close_matches(value, names, n=1)
        hint = f" Is it {near[0]!r}?" if near else ""
        taken = getattr(table, "attrs", {}).get("read", {}).get("columns", {})
        if value in taken.values():  # the reader knows it by our name
            hint = f" It was read as {next(ours for ours, theirs in taken.items() if theirs == value)!r}."
        raise OptionError(f"value: the table has no column {value!r}.{hint} It has {', '.join(names)}.")
    from geocluster.autocorrelation import is_number

    is_number(table, value)  # type: ignore[arg-type]
