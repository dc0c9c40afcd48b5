"""How does one table become a file, whole or not at all?"""

from __future__ import annotations

import gzip
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import WriteError
from geocluster.export.sheets import DECIMALS, clean_text, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

ENDINGS = (".csv", ".csv.gz", ".gpkg", ".geojson", ".parquet")
"""What `write_table` can write."""
_CHUNK = 2_000
"""Rows that go to a GeoPackage at once: all at once would take much memory."""
_RESERVED = ("fid", "geom", "geometry")
"""Names that a GeoPackage or a GeoJSON has for itself."""


def find_out_faults(path: str | Path, *, inputs: Sequence[str | Path] = ()) -> list[str]:
    """Say, before anything is computed, why a table cannot be written there.

    Parameters
    ----------
    path : str or Path
    inputs : sequence of path, optional
        Files that must not be written over.

    Returns
    -------
    list of str
        Empty where it can.

    Examples
    --------
    >>> find_out_faults("clean.doc")
    ["--out 'clean.doc': its ending is not one of .csv, .csv.gz, .gpkg, .geojson, .parquet."]
    """
    path = Path(path)
    faults = []
    if not _ending(path):
        faults.append(f"its ending is not one of {', '.join(ENDINGS)}.")
    if path.is_dir():
        faults.append("it is a folder. Give a file in it.")
    elif not path.parent.is_dir():
        faults.append(f"there is no folder {path.parent}. Make it, or write elsewhere.")
    else:
        try:
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            faults.append(f"{path.parent} cannot be written in: {error.strerror or error}.")
    if any(one.exists() and path.exists() and path.samefile(one) for one in map(Path, inputs)):
        faults.append("it is the file that is read, which is never written over. Give another.")
    return [f"--out {str(path)!r}: {fault}" for fault in faults]


def write_table(table: GeoDataFrame, path: str | Path) -> Path:
    """Write a geocoded table to a file, by its ending.

    Parameters
    ----------
    table : GeoDataFrame
        Points in EPSG:4326, some perhaps empty.
    path : str or Path
        .csv, .csv.gz, .gpkg (GeoPackage), .geojson or .parquet (GeoParquet). A file
        that stands there is replaced when the new one is whole.

    Returns
    -------
    Path
        The file: all rows and columns, with lon and lat, and the points where the
        format knows them. In CSV a text that a spreadsheet would take for a formula
        has an apostrophe before it, which `read_table` takes away again, and a row
        without a point keeps the lon and lat it was given; elsewhere these
        stand in lon_original and lat_original.

    Raises
    ------
    WriteError
        If it cannot be written; what stood there before still stands.

    Examples
    --------
    >>> import pandas as pd
    >>> from geocluster.geocoders import geocode
    >>> table = geocode(pd.DataFrame({"name": ["Novartis"], "city": ["Basel"], "country": ["CH"]}))
    >>> file = write_table(table, Path(tempfile.mkdtemp()) / "clean.csv")
    >>> pd.read_csv(file)[["lon", "lat"]].round(1).values.tolist()
    [[7.6, 47.6]]
    """
    path = Path(path)
    faults = find_out_faults(path)
    if faults:
        raise WriteError(
            "\n  ".join(
                [f"the table cannot be written: {len(faults)} fault{'s' * (len(faults) > 1)}"]
                + [fault.removeprefix("--out ") for fault in faults]
            )
        )
    try:
        with _beside(path) as part:
            _WRITERS[_ending(path)](table, part)
            part.replace(path)
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {error.strerror or error}. Nothing was changed.") from error
    return path


def _ending(path: Path) -> str:
    """Give the ending that says what kind of file it is; empty where none does."""
    return next((ending for ending in ENDINGS[::-1] if path.name.lower().endswith(ending)), "")


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a place beside the file for what is not yet whole; it is cleared away in any case."""
    folder = Path(tempfile.mkdtemp(prefix=".geocluster-", dir=path.parent))
    try:
        yield folder / f"part{_ending(path)}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_csv(table: GeoDataFrame, path: Path) -> None:
    options: dict[str, Any] = {"index": False, "lineterminator": "\n"}
    sheet = safe(_sheet(table, keep=True))
    if path.name.endswith(".gz"):
        # without its time and name in the head, the same table gives the same bytes
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            sheet.to_csv(packed, encoding="utf-8", **options)
    else:
        sheet.to_csv(path, encoding="utf-8", **options)


def _write_package(table: GeoDataFrame, path: Path) -> None:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

    try:
        for number, part in enumerate(_parts(table, _CHUNK)):
            part = part.rename_geometry("geom")
            pyogrio.write_dataframe(part, path, driver="GPKG", layer="table", geometry_type="Point", append=number > 0)
    except (DataLayerError, DataSourceError, FieldError, GeometryError) as error:
        raise WriteError(str(error)) from error


def _write_geojson(table: GeoDataFrame, path: Path) -> None:
    """Write as RFC 7946 has it, a row a line."""
    import json

    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        between = "\n"
        for part in _parts(table, _CHUNK):
            names = [name for name in part.columns if name != part.geometry.name]
            cells = zip(*(_jsonable(part[name]) for name in names), strict=True)
            points = zip(
                part["lon"].round(DECIMALS["lon"]).tolist(), part["lat"].round(DECIMALS["lat"]).tolist(), strict=True
            )
            for row, (lon, lat) in zip(cells, points, strict=True):
                point = {"type": "Point", "coordinates": [lon, lat]} if lon == lon else None
                feature = {"type": "Feature", "geometry": point, "properties": dict(zip(names, row, strict=True))}
                file.write(between + json.dumps(feature, ensure_ascii=False, allow_nan=False))
                between = ",\n"
        file.write("\n]}\n")


def _jsonable(column: Series[Any]) -> list[Any]:
    """Give cells as JSON has them: no number that is none, dates as text."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.astype("string")
    nothing = column.isna().to_numpy() | (column.isin([np.inf, -np.inf]).to_numpy())
    return [None if none else cell for cell, none in zip(column.tolist(), nothing.tolist(), strict=True)]


def _write_parquet(table: GeoDataFrame, path: Path) -> None:
    import pyarrow as pa

    try:
        next(_parts(table, max(len(table), 1))).to_parquet(path, index=False)
    except pa.ArrowException as error:
        raise WriteError(str(error)) from error


_WRITERS = {
    ".csv": _write_csv,
    ".csv.gz": _write_csv,
    ".gpkg": _write_package,
    ".geojson": _write_geojson,
    ".parquet": _write_parquet,
}


def _sheet(table: GeoDataFrame, *, keep: bool) -> DataFrame:
    """Give the columns with lon and lat in place of the geometry; a row without a point keeps what it was given."""
    import pandas as pd

    frame = pd.DataFrame(table.drop(columns=table.geometry.name))
    held = (~(table.geometry.isna() | table.geometry.is_empty)).to_numpy()
    for name, values in (("lon", table.geometry.x), ("lat", table.geometry.y)):
        if name in frame.columns and not held.all():
            given = frame[name].mask(held)
            if keep:
                values = values.round(DECIMALS[name]).astype(object).where(held, given)
            elif given.notna().any():
                frame[f"{name}_original"] = given
        frame[name] = values
    return frame


def _parts(table: GeoDataFrame, size: int) -> Iterator[GeoDataFrame]:
    """Give the rows in parts, with names and cells such as every format of places can hold: no name twice."""
    import geopandas as gpd
    import pandas as pd

    frame = _sheet(table, keep=False)
    taken = set(_RESERVED)
    names = []
    for name in map(clean_text, map(str, frame.columns)):
        new = name or "column"
        while new.casefold() in taken:
            new += "_original"
        taken.add(new.casefold())
        names.append(new)
    frame.columns = pd.Index(names)
    points = table.geometry.to_numpy()
    for start in range(0, max(len(frame), 1), size):
        part = frame.iloc[start : start + size]
        typed = pd.DataFrame({name: _typed(part[name]) for name in names}, index=part.index)
        yield gpd.GeoDataFrame(typed, geometry=points[start : start + size], crs=table.crs)


def _typed(column: Series[Any]) -> Series[Any]:
    """Keep numbers, yes and no, and dates; all else becomes text."""
    import pandas as pd

    kinds = pd.api.types
    if kinds.is_numeric_dtype(column) or kinds.is_bool_dtype(column) or kinds.is_datetime64_any_dtype(column):
        return column
    cells = [None if nothing else clean_text(str(cell)) for cell, nothing in zip(column, column.isna(), strict=True)]
    return pd.Series(cells, index=column.index, dtype="str" if int(pd.__version__.partition(".")[0]) >= 3 else "object")
