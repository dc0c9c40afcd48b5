"""How does text with separators become rows?"""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from geocluster.errors import ReadError
from geocluster.readers.encodings import Encoding, find_encoding
from geocluster.readers.raw import Raw, check_width, text_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pandas import DataFrame

    from geocluster.readers.files import Source

_DELIMITERS = ",;\t|"
_LOOKED_AT = 200
_LOOKED_AT_LETTERS = 1 << 20
_FAULTS_TOLD = 10
_MOST_BLANK = 10_000


def read_delimited(source: Source, *, rows: int, encoding: str | None = None) -> Raw:
    """Read CSV, TSV or the like; encoding and delimiter are found.

    Parameters
    ----------
    source : Source
    rows : int
        Rows of a batch.
    encoding : str, optional
        Found if not given.

    Raises
    ------
    ReadError
        If it is empty, or no table; while batches are read, if a line is longer than
        the header or a quote stays open: all such lines of the rest at once.
    """
    found = find_encoding(source, encoding)
    with _text(source, found) as stream:
        blank, line, told = _begin(source, stream)
        some = line + stream.read(_LOOKED_AT_LETTERS)
        whole = not stream.read(1)
    if not some.strip():
        raise ReadError(f"{source.name} is empty.")
    delimiter = told or _delimiter(some, whole=whole)
    header = _header(source, some, delimiter)
    check_width(source.name, len(header))
    facts = {"format": "text", "encoding": found.name, "delimiter": delimiter}
    return Raw(source.name, header, _batches(source, found, delimiter, len(header), blank, rows), facts)


@contextmanager
def _text(source: Source, encoding: Encoding) -> Iterator[io.TextIOWrapper]:
    with (
        source.open() as stream,
        io.TextIOWrapper(stream, encoding=encoding.codec, newline=encoding.line_end) as text,
    ):
        yield text


def _begin(source: Source, stream: io.TextIOWrapper) -> tuple[int, str, str | None]:
    """Read the header's line, over blank lines and over Excel's own line that names the delimiter."""
    told = None
    for blank in range(_MOST_BLANK):
        line = stream.readline(_LOOKED_AT_LETTERS)
        bare = line.strip("\r\n\ufeff")
        if told is None and len(bare) == 5 and bare.lower().startswith("sep="):
            told = bare[-1]
        elif bare.strip() or not line:
            return blank, line, told
    raise ReadError(f"{source.name} begins with more than {_MOST_BLANK:,} empty lines. Take them away.")


def _delimiter(text: str, *, whole: bool) -> str:
    """Choose the delimiter that cuts most lines as it cuts the header, and the header into most cells."""
    best = (0.0, 0, ",")
    for delimiter in _DELIMITERS:
        widths = []
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            widths = [len(cells) for cells in islice(reader, _LOOKED_AT) if cells]
        except csv.Error:
            pass
        if not whole and len(widths) > 1 and len(widths) < _LOOKED_AT:
            widths.pop()  # it may be cut
        if widths and widths[0] > 1:
            even = sum(width == widths[0] for width in widths) / len(widths)
            best = max(best, (round(even, 1), widths[0], delimiter), key=lambda one: one[:2])
    return best[2]


def _header(source: Source, text: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ReadError(f"{source.name} is not a table: line 1: {_say(error)}.") from error
    return [cell.strip().removeprefix("\ufeff") for cell in cells]


def _batches(
    source: Source, encoding: Encoding, delimiter: str, width: int, blank: int, rows: int
) -> Iterator[DataFrame]:
    with _text(source, encoding) as stream:
        for _ in range(blank):
            stream.readline()
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        next(reader)
        while True:
            faults: list[str] = []
            count = 0
            batch: list[list[str]] = []
            try:
                for cells in reader:
                    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                        count += 1
                        if count <= _FAULTS_TOLD:
                            at = reader.line_num + blank
                            faults.append(f"line {at}: {len(cells)} cells, the header has {width}.")
                    elif cells and not count:  # after a fault only further faults are looked for
                        batch.append(cells)
                        if len(batch) == rows:
                            break
            except csv.Error as error:
                count += 1
                faults.append(f"line {reader.line_num + blank}: {_say(error)}.")
            if faults:
                raise _broken(source, faults, count)
            if not batch:
                return
            yield text_frame(batch, width)


def _broken(source: Source, faults: list[str], count: int) -> ReadError:
    more = [f"… and {count - len(faults)} more"] if count > len(faults) else []
    what = f"{source.name} is not a whole table: put cells with a separator in quotes"
    return ReadError("\n  ".join([what, *faults, *more]))


def _say(error: csv.Error) -> str:
    words = str(error)
    if words.startswith("new-line character"):
        return "a line end outside quotes"
    if words.startswith("field larger"):
        return f"a cell of more than {csv.field_size_limit():,} letters. Is a quote before it not closed?"
    return words
