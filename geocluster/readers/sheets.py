"""How does a sheet of a workbook become rows?"""

from __future__ import annotations

import importlib.util
import marshal
import os
import subprocess
import sys
import zipfile
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from geocluster.errors import OptionError, ReadError
from geocluster.readers.files import OLE, UNPACK_FAULTS, check_size
from geocluster.readers.headings import meaning_of
from geocluster.readers.raw import Raw, check_width, text_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pandas import DataFrame

    from geocluster.readers.files import Source

_SOME = 1 << 20
_TITLE_ROWS = 20
_PATIENCE_S = 120.0
_MEND = "Save it again as xlsx or CSV."
_Cells = list[list[str | None]]


def read_sheet(source: Source, *, rows: int, sheet: str | None = None) -> Raw:
    """Read one sheet of .xlsx, .xlsb, .xls or .ods; values, not formulas.

    Parameters
    ----------
    source : Source
    rows : int
        Rows of a batch.
    sheet : str, optional
        Its name; if not given, the one that has rows, or the one with a heading for
        names among several.

    Raises
    ------
    ReadError
        If it is broken, protected or empty, if there is no such sheet, or if several could be meant.
    OptionError
        If python-calamine is not installed.
    """
    _check(source)
    names, held = _unpack(source, sheet)
    if sheet is not None and sheet not in names:
        near = get_close_matches(sheet, names, n=1)
        hint = f" Is it {near[0]!r}?" if near else ""
        raise ReadError(f"{source.name} has no sheet {sheet!r}.{hint} It has {_told(names)}.")
    filled = {name: cells for name, cells in held.items() if cells}
    if not filled:
        what = f"the sheet {sheet!r} of {source.name} is empty" if sheet else f"{source.name} is empty"
        raise ReadError(f"{what}. It has the sheets {_told(names)}.")
    if len(filled) > 1:
        named = [name for name, cells in filled.items() if "name" in map(meaning_of, _header(cells)[0])]
        if len(named) != 1:
            raise ReadError(
                f"{source.name} has {len(filled)} sheets with rows. Give sheet=... (--sheet ...): "
                f"{_told(named or [*filled])}."
            )
        filled = {named[0]: filled[named[0]]}
    ((name, cells),) = filled.items()
    header, at = _header(cells)
    check_width(source.name, len(header))
    facts: dict[str, Any] = {"format": "workbook", "sheet": name}
    if above := sum(any(row) for row in cells[:at]):
        facts["notes"] = [f"{above} row{'s' * (above > 1)} above the header left out"]
    return Raw(source.name, header, _batches(cells, at + 1, len(header), rows), facts)


def _told(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:20])) + (" …" if len(names) > 20 else "")


def _check(source: Source) -> None:
    """Refuse what is protected, or would fill the memory, before anything is unpacked."""
    with source.open() as stream:
        head = stream.read(len(OLE))
    locked = _is_locked_ole(source) if head == OLE else _is_locked_zip(source)
    if locked:
        raise ReadError(f"{source.name} is protected by a password. Save it without one.")


def _is_locked_ole(source: Source) -> bool:
    with source.open() as stream:
        data = stream.read(1 << 26)
    if "EncryptedPackage".encode("utf-16-le") in data:
        return True
    if "Book".encode("utf-16-le") not in data and "Workbook".encode("utf-16-le") not in data:
        raise ReadError(f"{source.name} is an Office document, but no workbook, or half of one. {_MEND}")
    return False


def _is_locked_zip(source: Source) -> bool:
    """Unpack it once, keeping nothing: is it whole, is it open, does it stay within reason?"""
    size, packed = 0, source.path.stat().st_size
    try:
        with zipfile.ZipFile(source.path) as book:
            if any(info.flag_bits & 1 for info in book.infolist()):
                return True
            for info in book.infolist():
                with book.open(info) as stream:
                    while some := stream.read(_SOME):
                        size += len(some)
                        check_size(source.path, size, packed)
                        if info.filename == "META-INF/manifest.xml" and b"encryption-data" in some:
                            return True
    except UNPACK_FAULTS as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(
            f"{source.name} is a zip archive, such as xlsx or ods, and broken: {error}. Is the file whole?"
        ) from error
    return False


def _unpack(source: Source, sheet: str | None) -> tuple[list[str], dict[str, _Cells]]:
    """Let a process of its own read the workbook: broken ones can crash, hang or fill the memory."""
    if importlib.util.find_spec("python_calamine") is None:
        raise OptionError(
            "workbooks need python-calamine: pip install 'geocluster-borders[excel]'. Or save the table as CSV."
        )
    call = [sys.executable, "-P", "-m", "geocluster.readers.workbook", str(source.path.resolve())]
    try:
        told = subprocess.run(
            [*call, *([sheet] if sheet is not None else [])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ReadError(f"{source.name} takes more than {_PATIENCE_S:.0f} s to read. {_MEND}") from error
    except (OSError, ValueError) as error:
        raise ReadError(f"{source.name} cannot be read in a process of its own: {error}. Save it as CSV.") from error
    try:
        fault, names, held = marshal.loads(told.stdout)
    except (ValueError, EOFError, TypeError) as error:
        raise ReadError(f"{source.name} is a broken workbook, or too large for the memory. {_MEND}") from error
    if "password" in str(fault).lower():
        raise ReadError(f"{source.name} is protected by a password. Save it without one.")
    if fault:
        raise ReadError(f"{source.name} is a workbook that cannot be read: {fault}. Is the file whole? {_MEND}")
    return names, held


def _header(cells: _Cells) -> tuple[list[str], int]:
    """Find the header: the first row with two cells filled; above it stand titles."""
    filled = [sum(bool(cell and cell.strip()) for cell in row) for row in cells[:_TITLE_ROWS]]
    at = next((k for k, count in enumerate(filled) if count > 1), None)
    if at is None:
        at = next((k for k, count in enumerate(filled) if count), 0)
    header = [(cell or "").strip() for cell in cells[at]]
    while header and not header[-1] and all(row[len(header) - 1] is None for row in cells[at + 1 :]):
        header.pop()
    return header, at


def _batches(cells: _Cells, start: int, width: int, rows: int) -> Iterator[DataFrame]:
    held = [row for row in cells[start:] if any(row)]
    for at in range(0, len(held), rows):
        yield text_frame(held[at : at + rows], width)
