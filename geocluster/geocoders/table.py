"""Where does each row of a table stand?"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.country_names import country_code, stated_countries
from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.geocoders.answers import quote
from geocluster.geocoders.gazetteer import offline_geocoder
from geocluster.geocoders.given import check_country, find_faults, read_degrees
from geocluster.geocoders.normalise import states_country
from geocluster.geocoders.place import Miss, Place, Query, ask
from geocluster.geocoders.restored import COLUMNS, column_kind, find_located, restore_points
from geocluster.spelling import is_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.geocoders.place import Geocoder

FIELDS = ("address", "city", "region", "postcode", "country", "name")
"""What a query is made of."""
GIVEN_RADIUS_KM = 0.1
BATCH = 8192
_TEXT_LIMIT = 500


def geocode(
    table: DataFrame | GeoDataFrame,
    *,
    geocoder: Geocoder | None = None,
    on_ambiguous: Literal["refuse", "best"] = "refuse",
    progress: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> GeoDataFrame:
    """Place every row of a table, or say why it cannot be placed.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        With any of the columns city, region, postcode, country, address, name,
        lat and lon (degrees, EPSG:4326). Points that it has already are kept; of a
        table that was geocoded before, only the rows without a point are asked for.
    geocoder : Geocoder, optional
        Who is asked for the rows without coordinates; `offline_geocoder` if not given.
    on_ambiguous : {"refuse", "best"}, default "refuse"
        Whether a name of many places gets no point, or that of the likeliest.
    progress : callable, optional
        What wraps the batches, as tqdm does.

    Returns
    -------
    GeoDataFrame
        All rows in their order, on their index, in EPSG:4326, with geometry
        (empty where there is no point), precision, radius_km and radius68_km (the
        place is within them in 95 and 68 of 100 cases), reason (why no point) and
        the columns geo_status, geo_confidence, geo_country, geo_place,
        geo_place_id, geo_admin1, geo_method, geo_candidates, geo_conflict,
        near_border and geo_source.

    Raises
    ------
    SchemaError
        With all faults of the table.
    OptionError
        If an option cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"city": ["Bâle", "Neustadt"], "country": ["Suisse", "DE"]})
    >>> geocode(table)[["geo_place", "precision", "radius_km", "geo_status"]]
      geo_place precision  radius_km geo_status
    0     Basel      city       15.0         ok
    1       NaN      none        NaN  ambiguous
    """
    if on_ambiguous not in ("refuse", "best"):
        raise OptionError(f"on_ambiguous must be 'refuse' or 'best', got {on_ambiguous!r}.")
    _check_readable(table)
    table = restore_points(table)
    stated = table.assign(country=stated_countries(table)) if "country" in table.columns else table
    texts = {field: _read_texts(stated, field) for field in FIELDS}
    countries = [_stated_country(text) for text in texts["country"]]
    longitude, latitude, faults = _read_given(table)
    located = find_located(table)
    usable = ~np.isnan(longitude) & ~located
    unread = [
        i for i in np.flatnonzero(usable).tolist() if countries[i] is None and states_country(texts["country"][i])
    ]
    which = np.flatnonzero(usable)
    conflicts, near = check_country(longitude[which], latitude[which], [countries[i] for i in which])
    near_border = np.zeros(len(table), dtype=bool)
    near_border[which] = near
    radii = _read_radii(table)
    answers: list[Place | Miss | None] = [None] * len(table)
    for i, conflict in zip(which.tolist(), conflicts, strict=True):
        if conflict.startswith("coordinates look swapped"):
            faults[i], usable[i] = conflict, False
        elif conflict:
            answers[i] = Miss("conflict", conflict, country=countries[i])
        else:
            answers[i] = Place(
                float(longitude[i]), float(latitude[i]), "given", "", countries[i], *radii[i], 1.0, "given"
            )
    for i in unread:
        answers[i] = Miss("conflict", f"no country is called {quote(texts['country'][i])}")
    asked = np.flatnonzero(~usable & ~located).tolist()
    queries = [Query(*(texts[field][i] for field in FIELDS)) for i in asked]
    found = _ask(geocoder or offline_geocoder(), queries, progress)
    for i, answer in zip(asked, found, strict=True):
        answers[i] = answer
    rows = [_tell(answer, fault, best=on_ambiguous == "best") for answer, fault in zip(answers, faults, strict=True)]
    for i in np.flatnonzero(near_border).tolist():
        rows[i]["near_border"] = True
    return _assemble(table, rows, located)


def _check_readable(table: DataFrame) -> None:
    """Raise one error with all that keeps a table from being read."""
    if not hasattr(table, "columns"):
        raise SchemaError(
            f"a table is a DataFrame or a GeoDataFrame, not {type(table).__name__}. Run read_table(path)."
        )
    names = [str(name) for name in table.columns]
    faults = [
        Fault(name, "this column stands twice.", "Give each column one name.")
        for name in (*FIELDS, "lat", "lon", *COLUMNS)
        if names.count(name) > 1
    ]
    geometry = table.geometry if getattr(table, "active_geometry_name", None) is not None else None
    if not table.index.is_unique:
        faults.append(Fault("index", "some labels stand twice.", "Run table.reset_index(drop=True)."))
    if "lat" in names and "lon" not in names:
        faults.append(Fault("lon", "there is no such column beside lat.", _hint("lon", names)))
    if "lon" in names and "lat" not in names:
        faults.append(Fault("lat", "there is no such column beside lon.", _hint("lat", names)))
    if geometry is None and not {*FIELDS, "lat", "lon"} & set(names):
        has = f"It has {', '.join(names[:12]) or 'no columns'}."
        faults.append(
            Fault("city", "neither this nor any other column that tells a place.", f"{has} {_hint('city', names)}")
        )
    if "geometry" in names and getattr(table, "active_geometry_name", None) != "geometry":
        mend = "Run geopandas.GeoDataFrame(table, geometry=..., crs=...) or rename it."
        faults.append(Fault("geometry", "this column is not the geometry of the table.", mend))
    if geometry is not None:
        if geometry.crs is None:
            faults.append(Fault("geometry", "it has no CRS.", "Run table.set_crs('EPSG:4326') if it is in degrees."))
        shapes = sorted(set(geometry[~(geometry.isna() | geometry.is_empty)].geom_type) - {"Point"})
        if shapes:
            mend = "Use table.geometry.representative_point()."
            faults.append(Fault("geometry", f"it holds {', '.join(shapes)}.", mend))
    if faults:
        raise SchemaError("the table cannot be geocoded", faults)


def _hint(wanted: str, names: Sequence[str]) -> str:
    """Name the column that was perhaps meant."""
    from difflib import get_close_matches

    known = {"lon": ["lng", "long", "longitude", "x"], "lat": ["latitude", "y"], "city": ["town", "place", "locality"]}
    lower = {name.lower(): name for name in names}
    meant = next((lower[word] for word in known[wanted] if word in lower), None)
    close = get_close_matches(wanted, list(lower), n=1)
    meant = meant or (lower[close[0]] if close else None)
    return f"Is it {meant!r}? Rename it." if meant else "Name the columns as geocode expects them."


def _read_texts(table: DataFrame, field: str) -> list[str]:
    """Read a column as texts, empty where there is nothing."""
    if field not in table.columns:
        return [""] * len(table)
    column = table[field]
    texts = []
    for value, nothing in zip(column.astype(object).tolist(), column.isna().tolist(), strict=True):
        if nothing:
            texts.append("")
        elif isinstance(value, float) and value.is_integer():
            texts.append(str(int(value)))  # a postcode that went through a column with gaps
        else:
            texts.append(str(value)[:_TEXT_LIMIT])
    return texts


@lru_cache(maxsize=4096)
def _stated_country(text: str) -> str | None:
    return country_code(text) if states_country(text) else None


def _read_given(table: DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Read the points that a table has, NaN where it has none that is usable, and what is wrong with the others."""
    import pandas as pd

    size = len(table)
    longitude, latitude, faults = np.full(size, np.nan), np.full(size, np.nan), [""] * size
    if {"lat", "lon"} <= set(table.columns):
        texts = {name: [text.strip() for text in _read_texts(table, name)] for name in ("lon", "lat")}
        numbers = {
            name: pd.to_numeric(pd.Series(told, dtype="object"), errors="coerce").to_numpy(dtype=np.float64, copy=True)
            for name, told in texts.items()
        }
        for name, told in texts.items():
            for i in np.flatnonzero(np.isnan(numbers[name])).tolist():
                numbers[name][i] = read_degrees(told[i], "NS" if name == "lat" else "EW")
                told[i] = "" if is_nothing(told[i]) else told[i]
        which = [i for i in range(size) if texts["lon"][i] or texts["lat"][i]]
        for i, fault in zip(which, find_faults(numbers["lon"][which], numbers["lat"][which]), strict=True):
            faults[i] = fault
            for name, told in texts.items():
                if np.isnan(numbers[name][i]) and told[i]:
                    faults[i] = f"coordinates are no numbers: {name}={told[i][:40]!r}"
            if not faults[i]:
                longitude[i], latitude[i] = numbers["lon"][i], numbers["lat"][i]
    if getattr(table, "active_geometry_name", None) is not None:
        points = table.geometry
        if points.crs.to_epsg() != 4326:
            points = points.to_crs("EPSG:4326")
        held = np.flatnonzero(~(points.isna() | points.is_empty).to_numpy())
        x, y = points.iloc[held].x.to_numpy(), points.iloc[held].y.to_numpy()
        for i, lon, lat, fault in zip(held.tolist(), x, y, find_faults(x, y), strict=True):
            faults[i] = fault
            longitude[i], latitude[i] = (np.nan, np.nan) if fault else (lon, lat)
    return longitude, latitude, faults


def _read_radii(table: DataFrame) -> list[tuple[float, float]]:
    """Read the radii stated for given points, 95 % and 68 %."""
    import pandas as pd

    if "radius_km" not in table.columns:
        return [(GIVEN_RADIUS_KM, GIVEN_RADIUS_KM)] * len(table)
    wide = pd.to_numeric(table["radius_km"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return [(r, r) if np.isfinite(r) and r > 0 else (GIVEN_RADIUS_KM, GIVEN_RADIUS_KM) for r in wide.tolist()]


def _ask(
    geocoder: Geocoder, queries: list[Query], progress: Callable[[Iterable[Any]], Iterable[Any]] | None
) -> list[Place | Miss]:
    """Ask once for each distinct query."""
    distinct = list(dict.fromkeys(queries))
    batches: Iterable[list[Query]] = [distinct[i : i + BATCH] for i in range(0, len(distinct), BATCH)]
    answers: dict[Query, Place | Miss] = {}
    for batch in progress(batches) if progress else batches:
        answers.update(zip(batch, ask(geocoder, batch), strict=True))
    return [answers[query] for query in queries]


def _tell(answer: Place | Miss | None, fault: str, *, best: bool) -> dict[str, Any]:
    """Turn an answer into a row."""
    row: dict[str, Any] = dict.fromkeys(("longitude", "latitude", *COLUMNS))
    row |= {"precision": "none", "near_border": False}
    if isinstance(answer, Miss):
        row["geo_status"] = answer.status
        row["geo_confidence"] = answer.confidence or None
        row["geo_country"] = answer.country
        row["geo_candidates"] = " | ".join(map(_describe, answer.candidates)) or None
        row["reason"] = "; ".join(filter(None, [fault, answer.reason]))
        if answer.status == "conflict":
            row["geo_conflict"] = answer.reason
        if answer.status == "coarse":
            row["precision"] = "country"
        if answer.status == "bad_input" and fault:
            row["reason"] = fault
        if not (best and answer.status == "ambiguous" and answer.candidates):
            return row
        row["reason"], answer = None, replace(answer.candidates[0], confidence=answer.confidence)
    else:
        row["geo_status"] = "coarse" if isinstance(answer, Place) and answer.precision == "region" else "ok"
    if isinstance(answer, Place):
        row |= {
            "longitude": answer.longitude,
            "latitude": answer.latitude,
            "precision": answer.precision,
            "radius_km": answer.radius_km,
            "radius68_km": answer.radius68_km,
            "geo_confidence": answer.confidence,
            "geo_country": answer.country,
            "geo_place": answer.name or None,
            "geo_place_id": answer.place_id,
            "geo_admin1": answer.admin1,
            "geo_method": answer.method,
            "geo_conflict": fault or None,
            "geo_source": answer.source or None,
        }
    return row


def _describe(place: Place) -> str:
    """Say a candidate in a few words."""
    where = ", ".join(filter(None, [place.name, place.admin1 or place.country]))
    return f"{where} ({place.latitude:.4f}, {place.longitude:.4f}) {place.confidence:.2f}"


def _assemble(table: DataFrame, rows: list[dict[str, Any]], located: NDArray[np.bool_]) -> GeoDataFrame:
    """Put the answers beside the columns of the table; rows located before keep theirs."""
    import geopandas as gpd
    import pandas as pd

    result = pd.DataFrame(table).copy()
    points = gpd.GeoSeries(
        gpd.points_from_xy(*([row[name] for row in rows] for name in ("longitude", "latitude"))),
        index=table.index,
        crs="EPSG:4326",
    ).where(pd.Series([row["longitude"] is not None for row in rows], index=table.index, dtype=bool))
    if isinstance(table, gpd.GeoDataFrame) and table.active_geometry_name is not None:
        result = result.drop(columns=table.active_geometry_name)
        if located.any():
            old = table.geometry.to_crs("EPSG:4326")
            points = points.where(~located, old)
    for name in COLUMNS:
        values = pd.Series([row[name] for row in rows], index=table.index, dtype=column_kind(name))
        if located.any():
            values = values.where(~located, table[name]).astype(values.dtype)
        result[name] = values
    return gpd.GeoDataFrame(result.drop(columns="geometry", errors="ignore"), geometry=points, crs="EPSG:4326")
