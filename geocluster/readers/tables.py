"""How does a file of names and addresses become a table?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from geocluster.errors import OptionError, ReadError
from geocluster.readers.columns import dress, name_columns
from geocluster.readers.files import open_source
from geocluster.readers.headings import COLUMNS
from geocluster.readers.raw import Raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pandas import DataFrame

_ROWS = 20_000
"""Rows read at a time, so that their cells never stand in memory twice."""


def read_table(
    path: str | Path | DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    layer: str | None = None,
) -> DataFrame:
    r"""Read a table of stakeholders from a file, or take a frame for one.

    Parameters
    ----------
    path : str, Path, DataFrame or GeoDataFrame
        CSV, TSV or text with another delimiter; Excel .xlsx, .xls, .xlsb or .ods (extra
        ``excel``); GeoPackage, GeoJSON; Parquet, GeoParquet; these gzipped, or alone in
        a zip. A frame keeps its index.
    columns : mapping, optional
        Our name to the file's: ``{"name": "firm", "lon": "x"}``. The usual English,
        German, French and Russian headings need none.
    encoding : str, optional
        Of text; found if not given.
    sheet, layer : str, optional
        Of a workbook or GeoPackage, where several could be meant.

    Returns
    -------
    DataFrame
        All rows and columns of the file, text as it stands (formulas too), without
        spaces about it. weight, founded, lat and lon are numbers where all their cells
        are. Geometries in any CRS become lat and lon in degrees; a point inside stands
        for a polygon or a line. A missing `kind` becomes 'other'.
        ``table.attrs["read"]`` says the format, the encoding or sheet or layer used,
        which of the file's columns were taken for ours, and other notes.

    Raises
    ------
    MissingFileError
        If there is no such file.
    ReadError
        With all faults, the columns found, and the nearest right one.
    OptionError
        If there is no such encoding, or python-calamine is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "firms.csv"
    >>> _ = file.write_text("Firma;Ort;Land\nNovartis;Basel;CH\n")
    >>> table = read_table(file)
    >>> table[["name", "city", "country"]].to_numpy().tolist()
    [['Novartis', 'Basel', 'CH']]
    >>> table.attrs["read"]["delimiter"]
    ';'
    """
    import pandas as pd

    with _opened(path, _ROWS, columns, encoding, sheet, layer, limit=True) as (raw, names):
        parts = [*raw.batches]
        if not parts:
            raise ReadError(f"{raw.name} has a header but no rows.")
        table = dress(pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0], names)
        if isinstance(path, pd.DataFrame):
            table.index = path.index
        table.attrs["read"] = _facts(raw, names)
        return table


def read_batches(
    path: str | Path,
    *,
    rows: int = 50_000,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    layer: str | None = None,
) -> Iterator[DataFrame]:
    r"""Read a file larger than memory as tables of some rows each.

    Parameters
    ----------
    path : str or Path
        As `read_table` reads; workbooks and GeoJSON come into memory whole.
    rows : int, default 50,000
        Rows of a batch, at most.
    columns, encoding, sheet, layer
        As of `read_table`.

    Yields
    ------
    DataFrame
        As of `read_table`, with the same columns each; the index goes on. Whether a column
        holds numbers is decided batch by batch.

    Raises
    ------
    ReadError
        At once if the file or its columns cannot be used; at their batch if its lines cannot.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "firms.csv"
    >>> _ = file.write_text("name,city\nA,Basel\nB,Bern\nC,Genf\n")
    >>> [batch.index.tolist() for batch in read_batches(file, rows=2)]
    [[0, 1], [2]]
    """
    if type(rows) is not int or rows < 1:
        raise OptionError(f"rows must be a whole number from 1 up, got {rows!r}.")
    batches = _each(path, rows, columns, encoding, sheet, layer)
    next(batches)  # the file and its columns are looked at now, not when the first batch is asked for
    return batches  # type: ignore[return-value]


def _each(
    path: str | Path,
    rows: int,
    columns: Mapping[str, str] | None,
    encoding: str | None,
    sheet: str | None,
    layer: str | None,
) -> Iterator[DataFrame | None]:
    start = 0
    with _opened(path, rows, columns, encoding, sheet, layer, limit=False) as (raw, names):
        yield None
        for batch in raw.batches:
            table = dress(batch, names)
            table.index = table.index + start
            start += len(table)
            table.attrs["read"] = _facts(raw, names)
            yield table


def reading_notes(table: DataFrame) -> list[str]:
    """Say what a reader of the table should know of how it was read; nothing if all is plain.

    Examples
    --------
    >>> import pandas as pd
    >>> table = read_table(pd.DataFrame({"Firma": ["A"], "Ort": ["Basel"]}))
    >>> reading_notes(table)
    ["taken as name: 'Firma'; as city: 'Ort'"]
    """
    facts = table.attrs.get("read", {})
    notes = [*facts.get("notes", [])]
    if facts.get("encoding", "utf-8") != "utf-8":
        notes.insert(0, f"read as {facts['encoding']}")
    if "crs" in facts:
        notes.insert(0, f"positions given in {facts['crs']}")
    taken = {o: t for o, t in facts.get("columns", {}).items() if o in COLUMNS and o != t.casefold()}
    if taken:
        notes.append("taken as " + "; as ".join(f"{ours}: {theirs!r}" for ours, theirs in taken.items()))
    return notes


@contextmanager
def _opened(
    path: str | Path | DataFrame,
    rows: int,
    columns: Mapping[str, str] | None,
    encoding: str | None,
    sheet: str | None,
    layer: str | None,
    *,
    limit: bool,
) -> Iterator[tuple[Raw, list[str]]]:
    """Open a file of any kind, and name its columns."""
    if hasattr(path, "columns") and hasattr(path, "iloc"):
        raw = _of_frame(path)  # type: ignore[arg-type]
        yield raw, name_columns(raw.name, raw.header, columns)
        return
    with open_raw(path, rows=rows, encoding=encoding, sheet=sheet, layer=layer, limit=limit) as raw:
        yield raw, name_columns(raw.name, raw.header, columns)


@contextmanager
def open_raw(
    path: str | Path,
    *,
    rows: int = _ROWS,
    encoding: str | None = None,
    sheet: str | None = None,
    layer: str | None = None,
    limit: bool = True,
) -> Iterator[Raw]:
    """Open a file of any kind, its columns as they are called there."""
    with open_source(path, limit=limit) as source:
        for what, told, kinds in (("sheet", sheet, ("sheets",)), ("layer", layer, ("layers",))):
            if told is not None and source.kind not in kinds:
                raise OptionError(f"{source.name} has no {what}s: leave {what}={told!r} out.")
        if source.kind == "sheets":
            from geocluster.readers.sheets import read_sheet

            raw = read_sheet(source, rows=rows, sheet=sheet)
        elif source.kind == "parquet":
            from geocluster.readers.parquet import read_parquet

            raw = read_parquet(source, source.path, rows=rows)
        elif source.kind == "text":
            from geocluster.readers.delimited import read_delimited

            raw = read_delimited(source, rows=rows, encoding=encoding)
        else:
            from geocluster.readers.layers import check_geojson, read_layer

            if source.kind == "json":
                check_geojson(source)
            raw = read_layer(source, source.path, rows=rows, layer=layer)
        yield raw


def _of_frame(frame: DataFrame) -> Raw:
    """Take a frame for a table; the geometries of a GeoDataFrame give lat and lon."""
    import pandas as pd

    from geocluster.readers.shapes import NOT_POINTS, make_room, points_of

    header = [str(cell) for cell in frame.columns]
    facts: dict[str, Any] = {"format": "frame"}
    geometry = getattr(frame, "active_geometry_name", None)
    plain = pd.DataFrame(frame).set_axis(range(len(header)), axis=1).reset_index(drop=True)
    if geometry is not None:
        at = header.index(str(geometry))
        shapes = frame.geometry
        lat, lon, others = points_of("the frame", shapes.to_numpy(), shapes.crs)
        if others:
            facts["notes"] = [NOT_POINTS]
        plain = plain.drop(columns=at)
        header = make_room([*header[:at], *header[at + 1 :]])
        plain = plain.assign(lat=lat, lon=lon)
        header += ["lat", "lon"]
    return Raw("the frame", header, iter([plain] if len(plain) else []), facts)


def _facts(raw: Raw, names: list[str]) -> dict[str, Any]:
    taken = {ours: theirs for ours, theirs in zip(names, raw.header, strict=True) if ours != theirs and theirs}
    return {**raw.facts, "columns": taken}
