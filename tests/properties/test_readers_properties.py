"""What is written is read again, whatever it is."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from workbooks import write_xlsx

from geocluster.errors import GeoclusterError
from geocluster.readers import read_batches, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufeff"), max_size=20)
WORDS = TEXT.map(str.strip)
ROWS = st.lists(st.tuples(st.text("abcÄж北", min_size=1), WORDS, WORDS), min_size=1, max_size=8)


def told(table: pd.DataFrame) -> list[tuple[str, ...]]:
    return [tuple(row) for row in table[["name", "city", "note"]].fillna("").to_numpy()]


def expected(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Give the rows as promised: without the apostrophe that guards a formula."""
    return [tuple(cell[1:] if is_guarded(cell) else cell for cell in row) for row in rows]


def is_guarded(cell: str) -> bool:
    return cell.startswith("'") and cell.lstrip("'")[:1] in ("=", "+", "-", "@")


@pytest.fixture(scope="module")
def folder() -> Path:
    return Path(tempfile.mkdtemp())


@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    size=st.integers(1, 9),
)
@example(rows=[("a", "'=1", "''-2")], delimiter=",", encoding="utf-8", end="\n", size=1)
def test_text_comes_back(
    folder: Path, rows: list[tuple[str, ...]], delimiter: str, encoding: str, end: str, size: int
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [("name", "city", "note"), *rows]
    )
    (folder / "a.csv").write_bytes(out.getvalue().encode(encoding))
    table = read_table(folder / "a.csv")
    assert told(table) == expected(rows)
    parts = pd.concat(read_batches(folder / "a.csv", rows=size))
    assert told(parts) == told(table)
    assert parts.index.tolist() == table.index.tolist()


@given(rows=ROWS)
@settings(max_examples=10, deadline=None)  # each starts a process
def test_cells_of_a_workbook_come_back(folder: Path, rows: list[tuple[str, ...]]) -> None:
    write_xlsx(folder / "a.xlsx", {"A": [["name", "city", "note"], *([cell or None for cell in row] for row in rows)]})
    assert told(read_table(folder / "a.xlsx")) == expected(rows)


def outcome(path: Path) -> str:
    """Read a file that may be anything: 'table', or what the one clear error says."""
    try:
        return "table" if "name" in read_table(path).columns else ""
    except GeoclusterError as error:
        return str(error)


@given(data=st.binary(max_size=300), ending=st.sampled_from(["csv", "zip", "gpkg", "parquet", "json", "csv.gz"]))
@example(data=b"PK\x03\x04", ending="zip")
@example(data=b"\x1f\x8b\x08\x00", ending="csv.gz")
def test_any_bytes_give_a_table_or_one_clear_error(folder: Path, data: bytes, ending: str) -> None:
    path = folder / f"x.{ending}"
    path.write_bytes(data)
    assert outcome(path)


BEGINNINGS = ["SQLite format 3\0", "PAR1", '{"type": "FeatureCollection", ', "name,city\n"]


@given(start=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=200))
def test_what_only_begins_as_a_format_gives_one_clear_error(folder: Path, start: str, rest: bytes) -> None:
    path = folder / ("y.json" if start.startswith("{") else "y.csv")
    path.write_bytes(start.encode() + rest)
    assert outcome(path)
