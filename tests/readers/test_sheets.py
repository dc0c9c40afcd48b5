"""Sheets of workbooks, whole and broken."""

from __future__ import annotations

import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
import xlwt  # type: ignore[import-untyped]
from workbooks import write_ods, write_xlsb, write_xlsx

from geocluster.errors import OptionError, ReadError
from geocluster.readers import read_batches, read_table, sheets, workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS: list[list[str | float | None]] = [
    ["Firma", "PLZ", "Ort", "Gründungsjahr", "Umsatz"],
    ["Müller & Söhne", "01067", "Dresden", 1990, 1.5],
    ["=1+1 😀", 4051, "Basel", None, None],
    [None, None, None, None, None],
    ["@SUM(A1)", None, "Genf", 2001, "-"],
]


def write_xls(path: Path, rows: Sequence[Sequence[str | float | None]]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("A")
    for at, row in enumerate(rows):
        for k, cell in enumerate(row):
            if cell is not None:
                sheet.write(at, k, cell)
    book.save(str(path))
    return path


@pytest.mark.parametrize("ending", ["xlsx", "xls", "xlsb"])
def test_cells_are_text_as_they_stand_and_numbers_numbers(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"firms.{ending}"
    if ending == "xlsx":
        write_xlsx(path, {"A": ROWS})
    else:
        (write_xls if ending == "xls" else write_xlsb)(path, ROWS)
    table = read_table(path)
    assert table["name"].tolist() == ["Müller & Söhne", "=1+1 😀", "@SUM(A1)"]
    assert table["postcode"].fillna("").tolist() == ["01067", "4051", ""]
    assert table["founded"].fillna(0).tolist() == [1990.0, 0.0, 2001.0]
    assert table["Umsatz"].fillna("").tolist() == ["1.5", "", "-"]
    assert table.attrs["read"]["sheet"] == "A"
    assert table.attrs["read"]["columns"]["postcode"] == "PLZ"


def test_an_ods_with_a_million_empty_rows_below(tmp_path: Path) -> None:
    empty = '<table:table-cell table:number-columns-repeated="1024"/>'
    path = write_ods(
        tmp_path / "firms.ods",
        [["Название", "Город"], ["Завод <Я>", "Пермь"]],
        after=f'<table:table-row table:number-rows-repeated="1048570">{empty}</table:table-row>',
    )
    assert read_table(path)[["name", "city"]].to_numpy().tolist() == [["Завод <Я>", "Пермь"]]


def test_the_sheet_with_names_is_taken_and_more_than_one_is_asked_about(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"Leer": [], "Notiz": [["Stand"], ["2024"]], "Daten": ROWS})
    assert read_table(path).attrs["read"]["sheet"] == "Daten"
    with pytest.raises(ReadError, match=r"no sheet 'daten'\. Is it 'Daten'\? It has 'Leer', 'Notiz', 'Daten'"):
        read_table(path, sheet="daten")
    with pytest.raises(ReadError, match=r"the sheet 'Leer' of a.xlsx is empty"):
        read_table(path, sheet="Leer")
    path = write_xlsx(tmp_path / "b.xlsx", {"Nord": ROWS, "Süd": ROWS[:2]})
    with pytest.raises(ReadError, match=r"2 sheets with rows\. Give sheet=\.\.\. .*'Nord', 'Süd'"):
        read_table(path)
    assert len(read_table(path, sheet="Süd")) == 1


def test_a_title_above_the_header_is_left_out_and_said(tmp_path: Path) -> None:
    table = read_table(write_xlsx(tmp_path / "a.xlsx", {"A": [["Firmen 2024"], [], *ROWS]}))
    assert len(table) == 3
    assert table.attrs["read"]["notes"] == ["1 row above the header left out"]


def test_batches_of_a_sheet(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": ROWS})
    assert [batch.index.tolist() for batch in read_batches(path, rows=2)] == [[0, 1], [2]]


FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
BROKEN_SHEETS = {
    "empty": ([], "is empty. It has the sheets 'A'"),
    "far cell": (FAR, "broken workbook, or too large"),
    "bad reference": ('<row r="abc"><c r="??"><v>x</v></c></row>', "cannot be read"),
    "cut XML": ("<row><c", "cannot be read"),
    "shared text that is not there": ('<row r="1"><c r="A1" t="s"><v>999</v></c></row>', "cannot be read"),
    "header only": ([["name", "city"]], "no rows"),
    "too wide": ([["name", *[f"c{k}" for k in range(5000)]], ["A"]], "5,001 columns; 4,096 can be read"),
    "columns doubled": ([["name", "city", "city"], ["A", "B", "C"]], "'city' stands 2 times"),
}


@pytest.mark.parametrize(("rows", "words"), BROKEN_SHEETS.values(), ids=BROKEN_SHEETS)
def test_a_broken_sheet_is_told_in_words(tmp_path: Path, rows: list[list[str]] | str, words: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": rows})
    with pytest.raises(ReadError, match=words):
        read_table(path)


@pytest.mark.parametrize("kept", [4, 100, 700, -30])
def test_half_a_workbook_is_told(tmp_path: Path, kept: int) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": ROWS})
    data = path.read_bytes()
    path.write_bytes(data[:kept])
    with pytest.raises(ReadError, match=r"Is the file whole"):
        read_table(path)
    path = write_xls(tmp_path / "a.xls", ROWS)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ReadError, match=r"no workbook|broken|cannot be read"):
        read_table(path)


def test_what_is_no_workbook_whatever_its_name(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    for name, data, words in (
        ("a.xls", b"<html><table><tr><td>name</td></tr></table></html>", "HTML or XML, whatever its name"),
        ("b.xls", ole, "Office document, but no workbook"),
        ("c.xlsx", ole + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        ("d.xlsx", b"", "is empty"),
        ("e.xlsx", b"hello", "not what its name says"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ReadError, match=words):
            read_table(tmp_path / name)


def test_an_encrypted_archive_is_called_so(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": ROWS})
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    data[start + 8] |= 1  # the flag of encryption in the directory's first entry
    path.write_bytes(bytes(data))
    with pytest.raises(ReadError, match=r"protected by a password"):
        read_table(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": ROWS}, {"xl/media/image1.png": bytes(40 << 20)})
    with pytest.raises(ReadError, match=r"unpacks to more than 250 times"):
        read_table(path)


def test_a_reader_that_hangs_or_dies_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": ROWS})
    monkeypatch.setattr(sheets, "_PATIENCE_S", 0.001)
    with pytest.raises(ReadError, match=r"takes more than"):
        read_table(path)
    monkeypatch.setattr(sheets, "_PATIENCE_S", 60.0)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ReadError, match=r"broken workbook, or too large"):
        read_table(path)


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": ROWS})
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(OptionError, match=r"pip install 'geocluster-borders\[excel\]'"):
        read_table(path)


def test_the_process_reads_what_the_library_gives(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": [["name"], ["A"]], "B": []})
    assert workbook.read_cells(str(path)) == ("", ["A", "B"], {"A": [["name"], ["A"]], "B": []})
    fault, names, held = workbook.read_cells(str(tmp_path / "no.xlsx"))
    assert fault
    assert (names, held) == ([], {})
