"""How does a sheet of a workbook become rows?"""

from __future__ import annotations

import re
import zipfile
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from geocluster.errors import OptionError, ReadError
from geocluster.readers.files import OLE, UNPACK_FAULTS, ZIP, check_size
from geocluster.readers.headings import meaning_of
from geocluster.readers.raw import Raw, cell_text, check_width, text_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pandas import DataFrame

    from geocluster.readers.files import Source

_SOME = 1 << 20
_TITLE_ROWS = 20
_MOST_CELLS = 100_000_000
_FAR_CELL = re.compile(rb'<(?:\w+:)?(?:c|dimension) [^>]{0,80}?r(?:ef)?="(?:[A-Z]+\d+:)?([A-Z]{1,3})(\d{1,7})"')
_REPEATED = re.compile(rb'table:number-(columns|rows)-repeated="(\d{1,9})"[^>]*(office:value|calcext:value)')
_MEND = "Save it again as xlsx or CSV."


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
    head = _check(source)
    book = _open(source, head)
    try:
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            near = get_close_matches(sheet, names, n=1)
            hint = f" Is it {near[0]!r}?" if near else ""
            raise ReadError(f"{source.name} has no sheet {sheet!r}.{hint} It has {_told(names)}.")
        filled = {name: cells for name in ([sheet] if sheet else names) if (cells := _cells(source, book, name))}
    finally:
        book.close()
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
    if above := sum(any(cell not in ("", None) for cell in row) for row in cells[:at]):
        facts["notes"] = [f"{above} row{'s' * (above > 1)} above the header left out"]
    return Raw(source.name, header, _batches(cells, at + 1, len(header), rows), facts)


def _told(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:20])) + (" …" if len(names) > 20 else "")


def _check(source: Source) -> bytes:
    """Refuse what is protected, or would fill the memory, before anything is unpacked."""
    with source.open() as stream:
        head = stream.read(8)
        if head.startswith(OLE):
            stream.seek(0)
            data = stream.read(1 << 26)
            if "EncryptedPackage".encode("utf-16-le") in data:
                raise ReadError(f"{source.name} is protected by a password. Save it without one.")
            if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
                raise ReadError(f"{source.name} is an Office document, but no workbook. {_MEND}")
            return head
    size, packed, far = 0, source.path.stat().st_size, 0
    try:
        with zipfile.ZipFile(source.path) as book:
            if any(info.flag_bits & 1 for info in book.infolist()):
                raise ReadError(f"{source.name} is protected by a password. Save it without one.")
            manifest = "META-INF/manifest.xml"
            if manifest in book.namelist():
                with book.open(manifest) as stream:
                    if b"encryption-data" in stream.read(_SOME):
                        raise ReadError(f"{source.name} is protected by a password. Save it without one.")
            for info in book.infolist():
                with book.open(info) as stream:
                    while some := stream.read(_SOME):
                        size += len(some)
                        check_size(source.path, size, packed)
                        if info.filename.startswith("xl/worksheets/") or info.filename == "content.xml":
                            far = max(far, _farthest(some))
    except ReadError:
        raise
    except UNPACK_FAULTS as error:
        raise ReadError(
            f"{source.name} is a zip archive, such as xlsx or ods, and broken: {error}. Is the file whole?"
        ) from error
    if far > _MOST_CELLS:
        raise ReadError(f"{source.name} has cells so far out that the sheet would hold {far:,}. Delete them. {_MEND}")
    return head


def _farthest(xml: bytes) -> int:
    """Count the cells of a sheet that reaches as far as the farthest cell in a part of its XML."""
    column = row = 0
    for letters, digits in _FAR_CELL.findall(xml):
        number = 0
        for letter in letters:
            number = number * 26 + letter - 64
        column, row = max(column, number), max(row, int(digits))
    repeated = {b"columns": 1, b"rows": 1}
    for what, count, _ in _REPEATED.findall(xml):
        repeated[what] = max(repeated[what], int(count))
    return max(column * row, repeated[b"columns"] * repeated[b"rows"])


def _open(source: Source, head: bytes) -> Any:
    try:
        from python_calamine import CalamineWorkbook
    except ImportError as error:
        raise OptionError(
            "workbooks need python-calamine: pip install 'geocluster-borders[excel]'. Or save the table as CSV."
        ) from error
    what = "a zip archive, such as xlsx or ods," if head.startswith(ZIP) else "a workbook"
    with _calamine(source, f"is {what} and cannot be read"):
        return CalamineWorkbook.from_path(str(source.path))


def _cells(source: Source, book: Any, name: str) -> list[list[Any]]:
    with _calamine(source, f"has a sheet {name!r} that cannot be read"):
        sheet = book.get_sheet_by_name(name)
        if sheet.height * max(sheet.width, 1) > _MOST_CELLS:
            raise ReadError(f"{source.name}: the sheet {name!r} has {sheet.height * sheet.width:,} cells: too many.")
        cells: list[list[Any]] = sheet.to_python(skip_empty_area=True)
    return cells if any(cell not in ("", None) for row in cells for cell in row) else []


class _calamine:  # noqa: N801, used as a with-statement
    """Tell in words what the reader of workbooks throws, its panics too."""

    def __init__(self, source: Source, what: str) -> None:
        self.source, self.what = source, what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, (ReadError, KeyboardInterrupt, SystemExit)):
            return
        if "password" in f"{type(error).__name__} {error}".lower():
            raise ReadError(f"{self.source.name} is protected by a password. Save it without one.") from error
        raise ReadError(f"{self.source.name} {self.what}: {error}. Is the file whole? {_MEND}") from error


def _header(cells: list[list[Any]]) -> tuple[list[str], int]:
    """Find the header: the first row with two cells filled; above it stand titles."""
    filled = [[str(cell).strip() for cell in row if cell not in ("", None)] for row in cells[:_TITLE_ROWS]]
    at = next((k for k, row in enumerate(filled) if len(row) > 1), None)
    if at is None:
        at = next((k for k, row in enumerate(filled) if row), 0)
    header = [(cell_text(cell) or "").strip() for cell in cells[at]]
    while header and not header[-1] and all(row[len(header) - 1] in ("", None) for row in cells[at + 1 :]):
        header.pop()
    return header, at


def _batches(cells: list[list[Any]], start: int, width: int, rows: int) -> Iterator[DataFrame]:
    held = [row for row in cells[start:] if any(cell not in ("", None) for cell in row)]
    for at in range(0, len(held), rows):
        yield text_frame([[cell_text(cell) for cell in row] for row in held[at : at + rows]], width)
