"""How does a Parquet or GeoParquet file become rows?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from geocluster.errors import ReadError
from geocluster.readers.raw import Raw
from geocluster.readers.shapes import NOT_POINTS, make_room, points_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pandas import DataFrame

    from geocluster.readers.files import Source


def read_parquet(source: Source, path: Path, *, rows: int) -> Raw:
    """Read Parquet; a GeoParquet's geometries give lat and lon, whatever the CRS.

    Parameters
    ----------
    source : Source
    path : Path
        Where the unpacked file lies.
    rows : int
        Rows of a batch.

    Raises
    ------
    ReadError
        If it is broken, or its geometries are in a form that cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        schema, about = file.schema_arrow, _geo(source, file.schema_arrow.metadata or {})
    except (pa.ArrowException, OSError) as error:
        raise _broken(source, error) from error
    others = [str(name) for name in schema.names if name not in about["columns"]]
    others = [name for name in others if not name.startswith("__index_level_")]
    located = about["primary_column"] is not None
    facts: dict[str, Any] = {"format": "GeoParquet" if located else "Parquet"}
    header = [*make_room(others), "lat", "lon"] if located else others
    return Raw(source.name, header, _batches(source, file, rows, others, about, facts), facts)


def _geo(source: Source, metadata: dict[bytes, bytes]) -> dict[str, Any]:
    """Read what GeoParquet says of its geometries."""
    if b"geo" not in metadata:
        return {"primary_column": None, "columns": {}}
    try:
        about = json.loads(metadata[b"geo"])
        primary = about["columns"][about["primary_column"]]
        encoding = str(primary["encoding"]).lower()
    except (ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{source.name} is no valid GeoParquet: its 'geo' entry is broken. Save it again.") from error
    if encoding not in ("wkb", "point"):
        raise ReadError(f"{source.name} holds geometries as {encoding}. Save it with encoding 'WKB'.")
    crs = primary.get("crs", "OGC:CRS84")  # so says the format; null is no CRS
    return {**about, "crs": crs, "encoding": encoding}


def _broken(source: Source, error: Exception) -> ReadError:
    words = str(error).splitlines()[0].rstrip(".")
    return ReadError(f"{source.name} is a Parquet file that cannot be read: {words}. Is the file whole?")


def _batches(
    source: Source, file: Any, rows: int, others: list[str], about: dict[str, Any], facts: dict[str, Any]
) -> Iterator[DataFrame]:
    import pandas as pd
    import pyarrow as pa
    import shapely

    primary = about["primary_column"]
    try:
        for batch in file.iter_batches(batch_size=rows, columns=[*others, *([primary] if primary else [])]):
            held = [batch.column(batch.schema.get_field_index(name)) for name in others]
            frame = pd.DataFrame({at: _plain(cells).to_pandas() for at, cells in enumerate(held)})
            if primary:
                cells = batch.column(batch.schema.get_field_index(primary))
                shapes = (
                    shapely.from_wkb(cells.to_numpy(zero_copy_only=False))
                    if about["encoding"] == "wkb"
                    else [None if p is None else shapely.Point(p["x"], p["y"]) for p in cells.to_pylist()]
                )
                lat, lon, odd = points_of(source.name, shapes, about["crs"])
                if odd:
                    facts["notes"] = [NOT_POINTS]
                frame[len(others)], frame[len(others) + 1] = lat, lon
            if len(frame):
                yield frame
    except (pa.ArrowException, OSError, shapely.errors.ShapelyError) as error:
        raise _broken(source, error) from error
    finally:
        file.close()


def _plain(cells: Any) -> Any:
    """Decode what Arrow keeps in a dictionary."""
    import pyarrow as pa

    return cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells
