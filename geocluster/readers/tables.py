"""How does a file of names and addresses become a table?"""

from __future__ import annotations

import csv
import gzip
import io
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from geocluster.errors import MissingFileError, OptionError, ReadError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_FAULTS_TOLD = 10


def read_table(path: str | Path, *, columns: Mapping[str, str] | None = None, encoding: str | None = None) -> DataFrame:
    r"""Read a CSV file of stakeholders, gzipped or not.

    Parameters
    ----------
    path : str or Path
        Separated by comma, semicolon or tab.
    columns : mapping, optional
        Our name to the file's: ``{"name": "firm", "lon": "lng"}``.
    encoding : str, optional
        UTF-8 or UTF-16 with a mark of byte order if not given.

    Returns
    -------
    DataFrame
        All rows and columns of the file, text as it stands; numbers in weight,
        lat, lon and founded where they are numbers. A missing `kind` becomes 'other'.

    Raises
    ------
    MissingFileError
        If there is no such file.
    ReadError
        With all faults, the columns found, and the nearest right one.

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
    if table.empty:
        raise ReadError(f"{path.name} has a header but no rows.")
    for column in table.columns:
        table[column] = table[column].str.strip()
    for column in _NUMBERS:
        if column in table.columns:
            number = pd.to_numeric(table[column], errors="coerce")
            # text among coordinates is told by geocode, row by row, so it stays
            if column not in ("lat", "lon") or number.notna().equals(table[column].notna()):
                table[column] = number
    if "kind" not in table.columns:
        table["kind"] = "other"
    table["kind"] = table["kind"].fillna("other")
    return table


def _text(path: Path, encoding: str | None) -> str:
    if path.is_dir():
        raise ReadError(f"{path} is a folder, not a file. Give a CSV file in it.")
    if not path.exists():
        near = get_close_matches(
            path.name, [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else [], n=1
        )
        raise MissingFileError(f"there is no file {path}." + (f" Is it {near[0]}?" if near else ""))
    if not path.name.lower().endswith(_ENDINGS):
        raise ReadError(f"{path.name} is not a table that can be read. Save it as CSV ({', '.join(_ENDINGS)}).")
    try:
        data = gzip.decompress(path.read_bytes()) if path.name.lower().endswith(".gz") else path.read_bytes()
    except (OSError, EOFError) as error:
        raise ReadError(f"{path.name} cannot be read: {error}. Is the file whole?") from error
    if encoding is None:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except LookupError as error:
        raise OptionError(f"there is no encoding {encoding!r}. 'utf-8', 'cp1252' and 'utf-16' are usual.") from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ReadError(
            f"{path.name} is not {encoding.removesuffix('-sig').upper()}: line {line} has the byte "
            f"0x{data[error.start]:02x}. Save it as UTF-8, or give encoding='cp1252' or what it is."
        ) from error
    if "\x00" in text:
        raise ReadError(f"{path.name} is not a table: it holds NUL bytes. Save it as CSV.")
    if not text.strip():
        raise ReadError(f"{path.name} is empty.")
    return text


def _header(path: Path, text: str) -> tuple[list[str], str]:
    """Give the first line's cells and the delimiter that cuts it into most of them."""
    first = text.lstrip("\n\r").split("\n", 1)[0]
    delimiter = max(",;\t", key=lambda mark: first.count(mark))
    try:
        cells = next(csv.reader(io.StringIO(text.lstrip("\n\r")), delimiter=delimiter))
    except csv.Error as error:
        raise ReadError(f"{path.name} is not a table: {error}.") from error
    return [cell.strip() for cell in cells], delimiter


def _names(path: Path, header: list[str], columns: dict[str, str]) -> list[str]:
    """Translate the file's columns to ours; collect every fault."""
    faults = []
    twice = sorted({cell for cell in header if header.count(cell) > 1 and cell})
    faults += [f"the column {cell!r} stands {header.count(cell)} times. Rename or drop one." for cell in twice]
    used = {}
    for ours, theirs in columns.items():
        if theirs not in header:
            near = get_close_matches(theirs, header, n=1)
            faults.append(f"no column {theirs!r} for {ours}." + (f" Is it {near[0]!r}?" if near else ""))
        used[theirs] = ours
    names = []
    for position, cell in enumerate(header):
        plain = cell.casefold()
        ours = _ALIASES.get(plain, plain)
        free = ours in COLUMNS and ours not in columns and ours not in names
        name = used.get(cell) or (
            ours if free and (ours == plain or ours not in [h.casefold() for h in header]) else cell
        )
        if not used.get(cell) and name in columns:
            name = f"{cell}_original"
        names.append(name or f"column_{position + 1}")
    if "type" in names and "kind" not in names:
        names[names.index("type")] = "kind"
    if "name" not in names and not any("for name." in fault for fault in faults):
        near = get_close_matches("name", [cell.casefold() for cell in header], n=1, cutoff=0.5)
        faults.append("no column 'name'." + (f" Is it {near[0]!r}?" if near else "") + " Give columns={'name': ...}.")
    if faults:
        found = f"It has {', '.join(cell or '(empty)' for cell in header[:40])}{' …' if len(header) > 40 else ''}."
        raise ReadError(
            "\n  ".join([f"{path.name} cannot be used: {len(faults)} fault{'s' * (len(faults) > 1)}", *faults, found])
        )
    return names


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
        faults.append(f"line {reader.line_num}: {error}.")
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
