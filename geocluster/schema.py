"""What does a table hold at each stage?

``read`` → ``located`` (+ geometry, precision, radius_km, reason) → ``assigned``
(+ country, border_km). A stage asks only for what it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame, GeoSeries
    from pandas import DataFrame, Series

Stage = Literal["read", "located", "assigned"]

KINDS = ("firm", "university", "institute", "public body")
"""Kinds with a colour of their own; any other word is kept, and drawn as 'other'."""
CRS = "EPSG:4326"
MAX_RADIUS_KM = 30.0
"""Positions less certain than this (95 % radius) stay out of the statistics."""


def check(table: DataFrame | GeoDataFrame, stage: Stage, *, columns: Sequence[str] = (), areas: bool = False) -> None:
    """Raise one error with every reason why a table has not reached a stage.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
    stage : {"read", "located", "assigned"}
    columns : sequence of str
        Further columns that must be there.
    areas : bool, default False
        Whether polygons will do as well as points: they do for what asks a graph who
        is near whom.

    Raises
    ------
    SchemaError
        With all faults, and how to mend each.
    OptionError
        If there is no such stage.

    Examples
    --------
    >>> import pandas as pd
    >>> check(pd.DataFrame({"name": ["Novartis"]}), "read")
    >>> check(pd.DataFrame({"name": ["Novartis"]}), "assigned")
    Traceback (most recent call last):
    geocluster.errors.SchemaError: the table is not yet 'assigned': 2 faults
      geometry: there is no such column. Run geocode(table).
      country: there is no such column. Run assign_countries(table).
    """
    if stage not in ("read", "located", "assigned"):
        raise OptionError(f"stage must be 'read', 'located' or 'assigned', got {stage!r}.")
    faults: list[Fault] = []
    if not hasattr(table, "columns"):
        raise SchemaError(
            f"a table is a DataFrame or a GeoDataFrame, not {type(table).__name__}. Run read_table(path)."
        )
    if stage == "read" and "name" not in table.columns:
        faults.append(Fault("name", "there is no such column.", "Give columns={'name': ...} to read_table."))
    if stage in ("located", "assigned"):
        faults += _geometry_faults(table, areas=areas)
    if stage == "assigned" and "country" not in table.columns:
        faults.append(Fault("country", "there is no such column.", "Run assign_countries(table)."))
    faults += [
        Fault(column, "there is no such column.", f"The table has {', '.join(map(str, table.columns))}.")
        for column in columns
        if column not in list(table.columns)  # which takes what no index can hold, as a list
    ]
    faults += [
        Fault(column, "several columns have this name.", "Rename all but one.")
        for column in columns
        if list(table.columns).count(column) > 1
    ]
    if not table.index.is_unique:
        faults.append(Fault("index", "some labels stand twice.", "Run table.reset_index(drop=True)."))
    if faults:
        raise SchemaError(f"the table is not yet {stage!r}", faults)


def _geometry_faults(table: DataFrame, *, areas: bool) -> list[Fault]:
    """Find what is wrong with the points, or areas, of a table."""
    geometry = getattr(table, "geometry", None) if hasattr(table, "active_geometry_name") else None
    if geometry is None:
        return [Fault("geometry", "there is no such column.", "Run geocode(table).")]
    faults = []
    if geometry.crs is None:
        faults.append(Fault("geometry", "it has no CRS.", "Run table.set_crs('EPSG:4326') if it is in degrees."))
    elif geometry.crs.to_epsg() != 4326:
        name = f"EPSG:{geometry.crs.to_epsg()}" if geometry.crs.to_epsg() else geometry.crs.name
        faults.append(Fault("geometry", f"in {name}, not EPSG:4326.", "Run table.to_crs('EPSG:4326')."))
    if not _other_than_points(geometry):
        return faults
    held = geometry[~(geometry.isna() | geometry.is_empty)]
    found = set(held.geom_type.unique())
    polygons = found & {"Polygon", "MultiPolygon"}
    shapes = sorted(found - {"Point"} - (polygons if areas else set()))
    if shapes:
        faults.append(Fault("geometry", f"it holds {', '.join(shapes)}.", "Use table.geometry.representative_point()."))
    elif polygons and "Point" in found:
        faults.append(Fault("geometry", "it holds points and polygons.", "Give points, or areas."))
    return faults


def _other_than_points(geometry: GeoSeries) -> bool:
    """Whether any cell is neither a point nor missing: quicker than to name what is there."""
    import shapely

    return bool((shapely.get_type_id(np.asarray(geometry.array)) > 0).any())


def kind_words(kinds: Series) -> Series:
    r"""Give kinds as words, without needless spaces and line breaks; None where there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> kind_words(pd.Series(["public\nbody", 1, " ", None])).tolist()
    ['public body', '1', None, None]
    """
    import pandas as pd

    code, found = pd.factorize(kinds)
    words = np.array([*(kind_word(one) or None for one in found), None], dtype=object)
    return pd.Series(words[code], index=kinds.index, name=kinds.name, dtype=object)


def kind_word(kind: object) -> str:
    """Give one kind as `kind_words` does.

    Examples
    --------
    >>> kind_word(" public  body")
    'public body'
    """
    return " ".join(str(kind).split())


def split_placed(table: GeoDataFrame, *, max_radius_km: float = MAX_RADIUS_KM) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Part the rows that can enter statistics from those that cannot.

    Parameters
    ----------
    table : GeoDataFrame
        An assigned table.
    max_radius_km : float, default 30
        Rows whose 95 % radius is larger are set aside.

    Returns
    -------
    placed, set_aside : GeoDataFrame
        Together all rows; each row set aside has its `reason`.

    Raises
    ------
    SchemaError
        If the table is not assigned.
    OptionError
        If `max_radius_km` is no number above 0.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> table = gpd.GeoDataFrame(
    ...     {"name": ["a", "b"], "country": ["CH", None]}, geometry=[Point(7.6, 47.6), None], crs="EPSG:4326"
    ... )
    >>> placed, set_aside = split_placed(table)
    >>> len(placed), set_aside["reason"].tolist()
    (1, ['no point and no country'])
    """
    import pandas as pd

    try:
        usable = float(max_radius_km) > 0
    except (TypeError, ValueError):
        usable = False
    if not usable:
        raise OptionError(f"max_radius_km must be a number of kilometres above 0, got {max_radius_km!r}. 30 is usual.")
    check(table, "assigned")
    empty = (table.geometry.isna() | table.geometry.is_empty).to_numpy()
    country = table["country"]
    homeless = (country.isna() | (country.astype("string").fillna("") == "")).to_numpy()
    radius = np.zeros(len(table))
    if "radius_km" in table.columns:
        radius = pd.to_numeric(table["radius_km"], errors="coerce").fillna(0.0).to_numpy(dtype=float)
    vague = ~empty & ~homeless & (radius > max_radius_km)
    out = empty | homeless | vague
    told = (
        table["reason"].astype("string").fillna("") if "reason" in table.columns else pd.Series("", index=table.index)
    )
    words = np.where(empty & homeless, "no point and no country", np.where(empty, "no point", "no country"))
    reasons = [
        f"position known to {width:.0f} km only (more than {max_radius_km:g} km)" if wide else str(said or word)
        for said, word, wide, width in zip(told, words, vague, radius, strict=True)
    ]
    set_aside = table[out].copy()
    set_aside["reason"] = pd.Series(reasons, index=table.index, dtype="object")[out]
    return table[~out].copy(), set_aside
