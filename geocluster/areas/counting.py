"""How many stand in each area, and what do they sum up to?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.countries import country_at
from geocluster.distance import area_km2
from geocluster.errors import Fault, GeoclusterWarning, SchemaError
from geocluster.graph import polygons_of, say_rows
from geocluster.schema import check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray


def aggregate_points(
    table: GeoDataFrame, areas: GeoDataFrame, *, sums: Sequence[str] = (), kind: str | None = None
) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Count stakeholders by area: your own polygons, or those of `build_cells`.

    A row is counted once. One that stands where areas meet, or overlap, goes to the
    area whose point on its surface has the smaller (longitude, latitude). Where table
    and areas both know the country, a row is only counted in an area of its country.

    Parameters
    ----------
    table : GeoDataFrame
        Located.
    areas : GeoDataFrame
        Polygons, EPSG:4326. Without a column `country` each has that of its point on
        the surface.
    sums : sequence of str
        Columns of numbers that are added up. Rows without a number in one of them are
        set aside.
    kind : str, optional
        A column of words: each gets a count of its own, n_<word>.

    Returns
    -------
    areas : GeoDataFrame
        All areas, also those in which nothing stands, with country, area_km2, n, and the
        sums and counts asked for: `autocorrelation_test` takes it as an assigned table.
    set_aside : GeoDataFrame
        The rows not counted, each with its `reason`.

    Raises
    ------
    SchemaError
        If columns lack, would be written over, or hold no numbers; if rows of `areas`
        have no valid polygon.

    Warns
    -----
    GeoclusterWarning
        If areas overlap where rows stand.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> points = gpd.points_from_xy([7.58, 7.6, 9.0], [47.55, 47.56, 47.0])
    >>> table = gpd.GeoDataFrame({"jobs": [10, 20, 5]}, geometry=points, crs="EPSG:4326")
    >>> areas = gpd.GeoDataFrame(geometry=[box(7, 47, 8, 48)], index=["west"], crs="EPSG:4326")
    >>> counted, set_aside = aggregate_points(table, areas, sums=["jobs"])
    >>> counted[["n", "jobs"]].values.tolist(), set_aside["reason"].tolist()
    ([[2.0, 30.0]], ['in no area'])
    """
    import pandas as pd

    polygons = polygons_of(areas)
    wanted = [*sums, *([kind] if kind is not None else [])]
    check(table, "located", columns=wanted)
    words = _words(table, kind)
    new = ["n", *sums, *(f"n_{word}" for word in sorted(set(words)) if word)]
    _refuse_overwriting(areas, new)
    numbers = {name: _numbers(table, name) for name in sums}
    result = areas.copy()
    if "country" not in areas.columns:
        result["country"] = _countries(polygons, result)
    if "area_km2" not in areas.columns:
        result["area_km2"] = area_km2(polygons)
    home, reasons = _place(table, result, polygons)
    for name, values in numbers.items():
        for i in np.flatnonzero((home >= 0) & ~np.isfinite(values)).tolist():
            home[i], reasons[i] = -1, f"no number in {name}"
    counted = home >= 0
    result["n"] = np.bincount(home[counted], minlength=len(areas))
    for name, values in numbers.items():
        result[name] = np.bincount(home[counted], weights=values[counted], minlength=len(areas))
    for word in sorted(set(words)):
        if word:
            held = counted & (words == word)
            result[f"n_{word}"] = np.bincount(home[held], minlength=len(areas))
    set_aside = table[~counted].copy()
    told = [reason for reason, held in zip(reasons, counted.tolist(), strict=True) if not held]
    set_aside["reason"] = pd.Series(told, index=set_aside.index, dtype="object")
    return result, set_aside


def _place(
    table: GeoDataFrame, areas: GeoDataFrame, polygons: NDArray[np.object_]
) -> tuple[NDArray[np.int64], list[str]]:
    """Find the area of each row, -1 where there is none, and say why."""
    import shapely

    geometry = np.asarray(table.geometry.array, dtype=object)
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    told = table["reason"].astype("string").fillna("").tolist() if "reason" in table.columns else [""] * len(table)
    reasons = [str(word or "no point") if none else "in no area" for word, none in zip(told, empty, strict=True)]
    row, area = _hits(geometry, polygons)
    if "country" in table.columns:
        own = table["country"].astype("string").fillna("").to_numpy(dtype=object)
        theirs = areas["country"].astype("string").fillna("").to_numpy(dtype=object)
        foreign = (own[row] != "") & (theirs[area] != "") & (own[row] != theirs[area])
        for i, k in zip(row[foreign].tolist(), area[foreign].tolist(), strict=True):
            reasons[i] = f"stands in {areas.index[k]}, which is in {theirs[k]}, not {own[i]}"
        row, area = row[~foreign], area[~foreign]
    surface = shapely.point_on_surface(polygons)
    rank = np.empty(len(polygons), dtype=np.int64)
    rank[np.lexsort((shapely.get_y(surface), shapely.get_x(surface)))] = np.arange(len(polygons))
    order = np.lexsort((rank[area], row))
    row, area = row[order], area[order]
    first = np.append(True, row[1:] != row[:-1])[: len(row)]
    _warn_of_overlaps(table, geometry, polygons, row, area, first)
    home = np.full(len(table), -1, dtype=np.int64)
    home[row[first]] = area[first]
    return home, reasons


def _hits(geometry: NDArray[np.object_], polygons: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List which row stands in, or on the rim of, which area; ±180° are one meridian."""
    import shapely

    tree = shapely.STRtree(polygons)
    row, area = tree.query(geometry, predicate="intersects")
    longitude = shapely.get_x(geometry)
    seam = np.flatnonzero(np.abs(longitude) == 180)
    if len(seam):
        twins: Any = shapely.points(-longitude[seam], shapely.get_y(geometry[seam]))
        more, beyond = tree.query(twins, predicate="intersects")
        both = np.unique(np.column_stack([np.append(row, seam[more]), np.append(area, beyond)]), axis=0)
        row, area = both.T
    return row.astype(np.int64), area.astype(np.int64)


def _warn_of_overlaps(
    table: GeoDataFrame,
    geometry: NDArray[np.object_],
    polygons: NDArray[np.object_],
    row: NDArray[np.int64],
    area: NDArray[np.int64],
    first: NDArray[np.bool_],
) -> None:
    """Warn of rows that stand well inside two areas."""
    import warnings

    import shapely

    several = np.flatnonzero(np.bincount(row, minlength=len(table))[row] > 1) if not first.all() else np.array([], int)
    inside = shapely.contains_properly(polygons[area[several]], geometry[row[several]])
    twice = np.flatnonzero(np.bincount(row[several][inside], minlength=1) > 1)
    if len(twice):
        warnings.warn(
            f"{say_rows(table.index[twice])} in areas that overlap: each is counted in one of them. "
            "Give areas that do not overlap.",
            GeoclusterWarning,
            stacklevel=4,
        )


def _refuse_overwriting(areas: GeoDataFrame, new: Sequence[str]) -> None:
    faults = [
        Fault(name, "the areas have such a column already.", "Rename or drop it.")
        for name in new
        if name in areas.columns
    ]
    if faults:
        raise SchemaError("the areas cannot take the counts", faults)


def _countries(polygons: NDArray[np.object_], areas: GeoDataFrame) -> Any:
    """Look up the country of a point in each area."""
    import pandas as pd
    import shapely

    surface = shapely.point_on_surface(polygons)
    codes = country_at(shapely.get_x(surface), shapely.get_y(surface)).tolist()
    return pd.Series([code or None for code in codes], index=areas.index, dtype="object")


def _words(table: GeoDataFrame, kind: str | None) -> NDArray[np.object_]:
    """Read the kinds as words, empty where there is none."""
    if kind is None:
        return np.full(len(table), "", dtype=object)
    words: NDArray[np.object_] = table[kind].astype("string").fillna("").to_numpy(dtype=object)
    return words


def _numbers(table: GeoDataFrame, name: str) -> NDArray[np.float64]:
    """Read a column of numbers; words in it are a fault."""
    import pandas as pd

    series = table[name]
    numbers = pd.to_numeric(series, errors="coerce")
    wrong = numbers.isna() & series.notna() & (series.astype("string").str.strip().fillna("") != "")
    if wrong.any():
        some = ", ".join(repr(word) for word in series[wrong].astype(str).unique()[:3])
        fault = Fault(name, f"{wrong.sum():,} of its cells are no numbers ({some}).", "Give a column of numbers.")
        raise SchemaError("the table cannot be added up", [fault])
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)
