"""What do all formats give before columns have their meaning?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geocluster.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from pandas import DataFrame

MOST_COLUMNS = 4096
"""Wider is no table of stakeholders, and would take minutes."""
_GUARDED = r"^'+[=+\-@\t\r]"
"""Text that `write_folder` kept from being taken for a formula, by an apostrophe before it."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A header and batches of rows; their columns stand in the header's order.

    `facts` are what a reader of the table should know: encoding, sheet, layer.
    """

    name: str
    header: Sequence[str]
    batches: Iterator[DataFrame]
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_width(self.name, len(self.header))


def check_width(name: str, width: int) -> None:
    """Refuse a table that is too wide."""
    if width > MOST_COLUMNS:
        raise ReadError(
            f"{name} has {width:,} columns; {MOST_COLUMNS:,} can be read. Do its rows stand where columns should?"
        )


def text_frame(rows: Sequence[Sequence[str | None]], width: int) -> DataFrame:
    """Make a frame of text from rows, each cut or filled to the width.

    Examples
    --------
    >>> text_frame([[" A ", "'=1"], ["B"]], 2).fillna("").to_numpy().tolist()
    [['A', '=1'], ['B', '']]
    """
    import pandas as pd
    import pyarrow as pa

    even = [row if len(row) == width else [*row[:width], *[None] * (width - len(row))] for row in rows]
    columns = zip(*even, strict=True) if even else [()] * width
    arrays = (tidy(_unguarded(pa.array(column, pa.large_string()))) for column in columns)
    return pd.DataFrame({at: cells.to_pandas() for at, cells in enumerate(arrays)})


def _unguarded(cells: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    guarded = pc.match_substring_regex(cells, _GUARDED)
    if not pc.any(guarded).as_py():
        return cells
    return pc.if_else(guarded, pc.utf8_slice_codeunits(cells, 1), cells)


def tidy(cells: pa.Array) -> pa.Array:
    """Take away the spaces about text; empty text is none.

    Examples
    --------
    >>> import pyarrow as pa
    >>> tidy(pa.array([" Basel ", "", "=SUM(A1)"])).to_pylist()
    ['Basel', None, '=SUM(A1)']
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, cells.type), cells)


def cell_text(cell: Any) -> str | None:
    """Write a cell of any kind as text: whole numbers without a point, days as ISO 8601.

    Examples
    --------
    >>> [cell_text(cell) for cell in (4051.0, 1.5, True, "x", None, float("nan"))]
    ['4051', '1.5', 'True', 'x', None, None]
    """
    if cell is None or (isinstance(cell, float) and cell != cell):  # NaN alone is not itself
        return None
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode() if not cell.isascii() else cell  # no lone surrogates
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat()
    return str(cell)
