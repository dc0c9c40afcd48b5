"""Which country is each row in, by its own words, by its place, by its point?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.countries.borders import measure_borders
from geocluster.countries.boundaries import read_boundaries
from geocluster.country_names import INSIDE_OTHERS, country_code, country_name, stated_countries
from geocluster.errors import Fault, SchemaError
from geocluster.schema import check
from geocluster.spelling import is_nothing

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from geocluster.countries.boundaries import Boundaries

NEAR_KM = 50.0
"""Given coordinates further than this from the country stated contradict it."""
_CLAIMED = frozenset({("EH", "MA"), ("MA", "EH"), ("PS", "IL"), ("TW", "CN"), ("XK", "RS")})
"""Disputes: a point whose polygon is the first's may be stated as the second's."""
_COLUMNS = (
    "country",
    "country_stated",
    "country_source",
    "border_km",
    "border_country",
    "near_border",
    "geo_conflict",
    "reason",
)
_TOLD = 60
_HOMELESS = "no country holds this point"


def assign_countries(table: GeoDataFrame, *, boundaries: GeoDataFrame | None = None) -> GeoDataFrame:
    """Find the country of each row, and how far its border is.

    The country stated comes first, always; then that of the place found by name; a
    point alone is looked up in the polygons. Where given coordinates lie more than
    50 km from the country stated, or the words name no country, the row contradicts
    itself: it gets neither country nor point, and a reason.

    Parameters
    ----------
    table : GeoDataFrame
        Points in EPSG:4326, some perhaps empty; country (code or name) where stated;
        the columns of `geocode` where it was run.
    boundaries : GeoDataFrame, optional
        Your own polygons in EPSG:4326, with a column country or iso_a2; neighbours
        must touch. The package's follow control on the ground in most disputes.

    Returns
    -------
    GeoDataFrame
        All rows in their order, on their index, with country (ISO alpha-2),
        country_stated (what stood there), country_source (stated, place, polygon),
        border_km (to the nearest border of the country, land or sea; empty where
        there is none), border_country (which country lies beyond it), near_border (the
        point lies in another country than its own, by as much as positions err),
        geo_conflict and reason.

    Raises
    ------
    SchemaError
        With all faults of the table, or of the boundaries.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([7.59, 7.62, 12.57], [47.56, 47.59, 55.68])
    >>> table = gpd.GeoDataFrame({"country": ["Suisse", None, "FR"]}, geometry=points, crs="EPSG:4326")
    >>> assigned = assign_countries(table)
    >>> assigned[["country", "country_source"]].values.tolist()
    [['CH', 'stated'], ['DE', 'polygon'], [nan, nan]]
    >>> assigned["reason"].iloc[2]
    'the coordinates lie in Denmark, 801 km from France, which is stated: lat=55.68, lon=12.57'
    """
    _check_table(table)
    lands = read_boundaries(boundaries)
    size = len(table)
    lon, lat, reasons = _read_points(table)
    held = np.isfinite(lon)
    words, stated = _read_stated(table)
    placed = _read_codes(table, "geo_country")
    # Hong Kong, China: of the two countries stated the inner one wins
    within = np.isin(placed, list(INSIDE_OTHERS)) & (stated == [INSIDE_OTHERS.get(code, "-") for code in placed])
    stated = np.where(within, placed, stated)
    polygon = lands.country_at(lon, lat)
    country = np.where(stated != "", stated, np.where(placed != "", placed, polygon))
    source = np.where(stated != "", "stated", np.where(placed != "", "place", np.where(polygon != "", "polygon", "")))
    conflicts = [""] * size
    for i in np.flatnonzero((stated == "") & (words != "")).tolist():
        conflicts[i] = f"not one country is named by {_quote(words[i])}"
    foreign = _find_foreign(lands, country, polygon, held)
    which = np.flatnonzero(foreign & _find_given(table) & (source == "stated"))
    found = _find_conflicts(lands, lon[which], lat[which], country[which], polygon[which])
    for i, conflict in zip(which.tolist(), found, strict=True):
        conflicts[i] = conflicts[i] or conflict
    torn = np.array([bool(conflict) for conflict in conflicts], dtype=bool)
    torn |= ~held & ((_read_texts(table, "geo_status") == "conflict") | (_read_texts(table, "geo_conflict") != ""))
    country[torn], source[torn] = "", ""
    near = foreign & ~torn
    if "near_border" in table.columns:
        near |= table["near_border"].astype("boolean").fillna(value=False).to_numpy(dtype=bool) & ~torn
    lost = torn & held
    lon[lost], lat[lost] = np.nan, np.nan
    held &= ~torn
    # a territory stated as its sovereign has the territory's border, not one an ocean away
    away = foreign | (polygon == "") | ~np.isin(country, lands.codes)
    border, beyond = measure_borders(lands, lon, lat, np.where(away, country, polygon))
    reasons = [conflict or reason for conflict, reason in zip(conflicts, reasons, strict=True)]
    return _assemble(table, country, source, border, beyond, near, held, conflicts, reasons)


def _check_table(table: GeoDataFrame) -> None:
    """Raise one error with all that keeps a table from being assigned."""
    faults: list[Fault] = []
    what = "countries cannot be assigned"
    try:
        check(table, "located")
    except SchemaError as error:
        if not error.faults:
            raise
        faults += error.faults
    names = [str(name) for name in table.columns]
    faults += [
        Fault(name, "this column stands twice.", "Give each column one name.")
        for name in (*_COLUMNS, "geo_country", "geo_status", "geo_method")
        if names.count(name) > 1
    ]
    if faults:
        raise SchemaError(what, faults)


def _read_points(table: GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Read longitude and latitude, NaN where there is no usable point, and each row's reason."""
    import shapely

    geometry = table.geometry.to_numpy()
    lon, lat = shapely.get_x(geometry), shapely.get_y(geometry)
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    faults = _read_texts(table, "reason").tolist()
    for i in np.flatnonzero(empty).tolist():
        faults[i] = faults[i] or "there is no point"
    wild = ~empty & ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    for i in np.flatnonzero(wild).tolist():
        swapped = abs(lon[i]) <= 90 and 90 < abs(lat[i]) <= 180
        nothing = np.isnan(lon[i]) or np.isnan(lat[i])
        word = "are no numbers" if nothing else "look swapped" if swapped else "are out of range"
        faults[i] = f"the coordinates {word}: lat={lat[i]:.7g}, lon={lon[i]:.7g}"
    zero = ~empty & (lon == 0) & (lat == 0)
    for i in np.flatnonzero(zero).tolist():
        faults[i] = "the coordinates stand for nothing: lat=0, lon=0"
    out = empty | wild | zero
    return np.where(out, np.nan, lon), np.where(out, np.nan, lat), faults


def _read_stated(table: GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.str_]]:
    """Read what the table states of countries, empty where nothing: its words, and their codes."""
    words = _texts(_stated_column(table))
    codes = {text: "" if text != "NA" and is_nothing(text) else country_code(text) for text in set(words)}
    said = np.array(["" if codes[text] == "" else text for text in words], dtype=object)
    return said, np.array([codes[text] or "" for text in words], dtype="<U2")


def _stated_column(table: GeoDataFrame) -> pd.Series:
    """Find the column of the countries stated: a table assigned before has put them aside."""
    import pandas as pd

    if "country" in table.columns:
        return stated_countries(table)
    if {"country_stated", "country_source"} <= set(table.columns):
        return table["country_stated"]
    return pd.Series([None] * len(table), index=table.index, dtype="str" if _has_str() else "object")


def _read_codes(table: GeoDataFrame, name: str) -> NDArray[np.str_]:
    """Read a column of countries as codes, empty where there is none."""
    texts = _read_texts(table, name).tolist()
    codes = {text: (country_code(text) or "") if text else "" for text in set(texts)}
    return np.array([codes[text] for text in texts], dtype="<U2")


def _read_texts(table: GeoDataFrame, name: str) -> NDArray[np.object_]:
    """Read a column as texts, empty where there is nothing, or no such column."""
    return np.array(_texts(table[name]) if name in table.columns else [""] * len(table), dtype=object)


def _find_given(table: GeoDataFrame) -> NDArray[np.bool_]:
    """Tell whose coordinates were brought along, not found by name."""
    method = _read_texts(table, "geo_method")
    given: NDArray[np.bool_] = (method == "") | (method == "given")
    return given


def _find_foreign(
    lands: Boundaries, country: NDArray[np.str_], polygon: NDArray[np.str_], held: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell whose point lies outside the country it is said to be in."""
    outside: NDArray[np.bool_] = held & (country != "") & (country != polygon) & np.isin(country, lands.codes)
    for i in np.flatnonzero(outside).tolist():
        found, said = str(polygon[i]), str(country[i])
        outside[i] = not (lands.belongs(found, said) or (found, said) in _CLAIMED)
    return outside


def _find_conflicts(
    lands: Boundaries,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    country: NDArray[np.str_],
    polygon: NDArray[np.str_],
) -> list[str]:
    """Say why points cannot be in the countries stated; nothing where they are near enough."""
    gap = np.zeros(len(lon))
    for code in set(country.tolist()):
        held = country == code
        gap[held] = lands.outline_tree(code).distance_km(lon[held], lat[held])
    turned = lands.country_at(np.where(np.abs(lon) <= 90, lat, np.nan), lon)
    conflicts = [""] * len(lon)
    for i in np.flatnonzero(gap > NEAR_KM).tolist():
        pair = f"lat={lat[i]:.7g}, lon={lon[i]:.7g}"
        said, found = str(country[i]), str(polygon[i])
        if lands.belongs(str(turned[i]), said):
            conflicts[i] = f"the coordinates look swapped: {pair}"
            continue
        where = country_name(found) if found else "no country"
        away = f"{gap[i]:.0f} km from {country_name(said)}, which is stated"
        conflicts[i] = f"the coordinates lie in {where}, {away}: {pair}"
    return conflicts


def _assemble(
    table: GeoDataFrame,
    country: NDArray[np.str_],
    source: NDArray[np.str_],
    border: NDArray[np.float64],
    beyond: NDArray[np.str_],
    near: NDArray[np.bool_],
    held: NDArray[np.bool_],
    conflicts: list[str],
    reasons: list[str],
) -> GeoDataFrame:
    """Put what was found beside the columns of the table."""
    import pandas as pd

    def texts(values: list[str] | NDArray[np.str_]) -> pd.Series:
        told = [str(value) or None for value in values]
        return pd.Series(told, index=table.index, dtype="str" if _has_str() else "object")

    result = table.copy()
    result["country_stated"] = _stated_column(table)
    result["country"] = texts(country)
    result["country_source"] = texts(source)
    result["border_km"] = border
    result["border_country"] = texts(beyond)
    result["near_border"] = near
    old = _read_texts(table, "geo_conflict").tolist()
    result["geo_conflict"] = texts([new or kept for new, kept in zip(conflicts, old, strict=True)])
    had = ~(table.geometry.isna() | table.geometry.is_empty).to_numpy()
    lost = had & ~held
    homeless = held & (country == "")
    kept = ["" if reason == _HOMELESS else reason for reason in reasons]
    result["reason"] = texts(
        [reason or (_HOMELESS if none else "") for reason, none in zip(kept, homeless, strict=True)]
    )
    if lost.any():
        result[result.active_geometry_name] = table.geometry.where(~lost)
        for name in {"radius_km", "radius68_km"} & set(table.columns):
            result[name] = pd.to_numeric(table[name], errors="coerce").mask(lost)
        if "precision" in table.columns:
            result["precision"] = texts(np.where(lost, "none", _texts(table["precision"])))
        if "geo_status" in table.columns:
            status = np.where([bool(conflict) for conflict in conflicts], "conflict", "bad_input")
            result["geo_status"] = texts(np.where(lost, status, _texts(table["geo_status"])))
    return result


def _texts(column: pd.Series) -> list[str]:
    """Read a column as texts, empty where there is nothing."""
    return [
        "" if nothing else str(value).strip()
        for value, nothing in zip(column.astype(object).tolist(), column.isna().tolist(), strict=True)
    ]


def _quote(text: object) -> str:
    told = str(text)
    return repr(told if len(told) <= _TOLD else f"{told[:_TOLD]}…")


def _has_str() -> bool:
    """Tell whether pandas keeps texts in a type of their own."""
    import pandas as pd

    return int(pd.__version__.partition(".")[0]) >= 3
