"""How does a file of names and addresses become a table?"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from geocluster.errors import MissingFileError, OptionError, ReadError
from geocluster.spelling import is_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame

COLUMNS = ("name", "kind", "weight", "address", "city", "region", "postcode", "country", "lat", "lon")
"""Columns with a meaning; all others are kept as they are."""
_ALIASES = {
    "latitude": "lat",
    "longitude": "lon",
    "lng": "lon",
    "zip": "postcode",
    "zipcode": "postcode",
    "town": "city",
}
_NUMBERS = ("weight", "lat", "lon", "founded")
_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
_OTHER_FORMATS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive, such as xlsx or ods",
    b"\xd0\xcf\x11\xe0": "an Office document, such as xls",
    b"SQLite format 3": "a database, such as a GeoPackage",
    b"PAR1": "a Parquet file",
}
_GZIP = b"\x1f\x8b"
_MARKS_16 = (b"\xff\xfe", b"\xfe\xff")
_NAMES = ("company", "firm", "organisation", "organization", "institution", "title")
_PLACES = ("city", "address", "postcode", "region", "country")
_GUARDED = r"^'(?='*[=+\-@\t\r])"
"""The apostrophe that `write_folder` puts before what a spreadsheet would take for a formula."""
_FAULTS_TOLD = 10
_COLUMNS_TOLD = 40


def read_table(path: str | Path, *, columns: Mapping[str, str] | None = None, encoding: str | None = None) -> DataFrame:
    r"""Read a CSV file of stakeholders, gzipped or not.

    Parameters
    ----------
    path : str or Path
        Separated by comma, semicolon or tab.
    columns : mapping, optional
        Our name to the file's: ``{"name": "firm", "lon": "lng"}``.
    encoding : str, optional
        UTF-8, or UTF-16 with a mark of byte order, if not given.

    Returns
    -------
    DataFrame
        All rows and columns of the file, text as it stands, without spaces about it
        and without the apostrophe that keeps a spreadsheet from taking it for a
        formula. weight, lat, lon and founded are numbers where all their cells are.
        A missing `kind` becomes 'other'.

    Raises
    ------
    MissingFileError
        If there is no such file.
    ReadError
        With all faults, the columns found, and the nearest right one.
    OptionError
        If there is no such encoding.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "firms.csv"
    >>> _ = file.write_text("firm;city;country\nNovartis;Basel;CH\n")
    >>> read_table(file, columns={"name": "firm"})[["name", "city"]].values.tolist()
    [['Novartis', 'Basel']]
    """
    import pandas as pd

    path = Path(path)
    text = _text(path, encoding)
    header, delimiter = _header(path, text)
    names = _names(path, header, dict(columns or {}))
    _check_lines(path, text, delimiter, len(header))
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            header=0,
            names=names,
            skip_blank_lines=True,
            index_col=False,
        )
    except ValueError as error:  # pandas tells a broken table so
        raise ReadError(f"{path.name} is not a whole table: {error}. Save it as CSV again.") from error
    if table.empty:
        raise ReadError(f"{path.name} has a header but no rows.")
    for column in table.columns:
        table[column] = table[column].str.replace(_GUARDED, "", regex=True).str.strip()
    for column in _NUMBERS:
        if column in table.columns:
            number = pd.to_numeric(table[column], errors="coerce")
            words = table[column][number.isna() & table[column].notna()]
            if all(map(is_nothing, words)):  # else the words stay: whoever needs numbers names them
                table[column] = number
    if "kind" not in table.columns:
        table["kind"] = "other"
    table["kind"] = table["kind"].fillna("other")
    return table


def _text(path: Path, encoding: str | None) -> str:
    if path.is_dir():
        raise ReadError(f"{path} is a folder, not a file. Give a CSV file in it.")
    if not path.exists():
        beside = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
        near = get_close_matches(path.name, beside, n=1, cutoff=0.75)
        raise MissingFileError(f"there is no file {path}." + (f" Is it {near[0]}?" if near else ""))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    other = next((what for mark, what in _OTHER_FORMATS.items() if data.startswith(mark)), None)
    if other or not path.name.lower().endswith(_ENDINGS):
        raise ReadError(
            f"{path.name} is {other or 'no table of a kind that can be read'}. Save the table as CSV "
            f"({', '.join(_ENDINGS)})."
        )
    if data.startswith(_GZIP) or path.name.lower().endswith(".gz"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise ReadError(f"{path.name} cannot be unpacked: {error}. Is the file whole?") from error
    text = _decode(path, data, encoding)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    text = re.sub(r"\A(?:[ \t]*\r?\n)+", "", text)
    if not text.strip():
        raise ReadError(f"{path.name} is empty.")
    if text.startswith(("<", "{", "[{", "[\n")):
        raise ReadError(f"{path.name} holds {'HTML or XML' if text[0] == '<' else 'JSON'}. Save the table as CSV.")
    return text


def _decode(path: Path, data: bytes, encoding: str | None) -> str:
    """Turn bytes into text, or say which byte cannot be."""
    if encoding is None:
        encoding = "utf-16" if data[:2] in _MARKS_16 else "utf-8-sig"
        if encoding == "utf-8-sig" and b"\x00" in data:
            raise ReadError(
                f"{path.name} is not a table: it holds NUL bytes. Save it as CSV in UTF-8, or give "
                "encoding='utf-16-le' (--encoding utf-16-le) if it is that."
            )
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ReadError(
            f"{path.name} is not {encoding.removesuffix('-sig').upper()}: line {line} has the byte "
            f"0x{data[error.start]:02x}. Save it as UTF-8, or give encoding='cp1252' (--encoding cp1252) or what it is."
        ) from error
    except (LookupError, ValueError) as error:
        raise OptionError(f"there is no encoding {encoding!r}. 'utf-8', 'cp1252' and 'utf-16' are usual.") from error
    if "\x00" in text:
        raise ReadError(f"{path.name} is not {encoding.upper()}, or not a table: it holds NUL. Save it as CSV.")
    return text.removeprefix("\ufeff")


def _header(path: Path, text: str) -> tuple[list[str], str]:
    """Give the first line's cells and the delimiter that cuts it into most of them."""
    best: tuple[list[str], str] = ([], ",")
    try:
        for delimiter in ",;\t":
            cells = next(csv.reader(io.StringIO(text), delimiter=delimiter))
            best = max(best, (cells, delimiter), key=lambda one: len(one[0]))
    except csv.Error as error:
        raise ReadError(f"{path.name} is not a table: line 1: {_say(error)}.") from error
    return [cell.strip() for cell in best[0]], best[1]


def _names(path: Path, header: list[str], columns: dict[str, str]) -> list[str]:
    """Translate the file's columns to ours; collect every fault."""
    faults = [
        f"the column {cell!r} stands {header.count(cell)} times. Rename or drop one."
        for cell in sorted({cell for cell in header if header.count(cell) > 1 and cell})
    ]
    used: dict[str, str] = {}
    for ours, theirs in columns.items():
        if theirs in used:
            faults.append(f"the column {theirs!r} is given for {used[theirs]} and for {ours}. Give it for one.")
        if theirs not in header:
            near = get_close_matches(theirs, header, n=1)
            faults.append(f"no column {theirs!r} for {ours}." + (f" Is it {near[0]!r}?" if near else ""))
        used.setdefault(theirs, ours)
    names: list[str] = []
    for position, cell in enumerate(header):
        name = used.get(cell) or _meaning(cell, header) or f"column_{position + 1}"
        if cell not in used:
            if name != cell and name in header:  # the column of exactly that name has it
                name = cell or name
            while name in names or name in columns:
                name += "_original"
        names.append(name)
    if "type" in names and "kind" not in names:
        names[names.index("type")] = "kind"
    faults += _missing(header, names, columns)
    if faults:
        told = ", ".join(cell or "(empty)" for cell in header[:_COLUMNS_TOLD])
        found = f"It has {told}{' …' if len(header) > _COLUMNS_TOLD else ''}."
        raise ReadError(
            "\n  ".join([f"{path.name} cannot be used: {len(faults)} fault{'s' * (len(faults) > 1)}", *faults, found])
        )
    return names


def _meaning(cell: str, header: Sequence[str]) -> str:
    """Give our name for a column of the file, however its letters are; else its own."""
    plain = cell.casefold()
    ours = _ALIASES.get(plain, plain)
    if ours not in COLUMNS or (ours != plain and ours in [other.casefold() for other in header]):
        return cell
    return ours


def _missing(header: Sequence[str], names: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """Name the columns without which no row can be read."""
    if "name" in names or "name" in columns:
        return []
    if "name" in columns.values():
        return [f"no column 'name': it is given for {next(o for o, t in columns.items() if t == 'name')}."]
    lower = {cell.casefold(): cell for cell in header}
    near = [lower[word] for word in (*_NAMES, *get_close_matches("name", lower, n=1, cutoff=0.5)) if word in lower]
    hint = f" Is it {near[0]!r}?" if near else ""
    faults = [f"no column 'name'.{hint} Give columns={{'name': ...}} (--column name=...)."]
    if not set(_PLACES) & {*names, *columns} and not {"lat", "lon"} <= {*names, *columns}:
        faults.append("no column tells a place: city, address, postcode, region, country, or lat and lon.")
    return faults


def _say(error: csv.Error) -> str:
    words = str(error)
    return "a line end outside quotes" if words.startswith("new-line character") else words


def _check_lines(path: Path, text: str, delimiter: str, width: int) -> None:
    """Name the lines that have more cells than the header."""
    faults: list[str] = []
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        faults.extend(
            f"line {reader.line_num}: {len(cells)} cells, the header has {width}."
            for cells in reader
            if len(cells) > width and any(cell.strip() for cell in cells[width:])
        )
    except csv.Error as error:
        faults.append(f"line {reader.line_num}: {_say(error)}.")
    if faults:
        more = [f"… and {len(faults) - _FAULTS_TOLD} more"] if len(faults) > _FAULTS_TOLD else []
        raise ReadError(
            "\n  ".join(
                [
                    f"{path.name} is not a whole table: put cells with a separator in quotes",
                    *faults[:_FAULTS_TOLD],
                    *more,
                ]
            )
        )
