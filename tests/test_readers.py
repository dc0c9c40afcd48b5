"""CSV files, whole and broken."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from geocluster.errors import GeoclusterError, MissingFileError, ReadError
from geocluster.readers import read_table

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str | bytes, name: str = "firms.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_text_stays_text_and_namibia_stays_a_country(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "name,postcode,country,founded,code\nA,01067,NA,1990,007\nB,,DE,,8\n"))
    assert table["postcode"].tolist()[0] == "01067"
    assert table["country"].tolist() == ["NA", "DE"]
    assert table["code"].tolist() == ["007", "8"]
    assert table["founded"].tolist()[0] == 1990.0
    assert table["kind"].tolist() == ["other", "other"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_delimiter_is_found(tmp_path: Path, mark: str) -> None:
    table = read_table(written(tmp_path, f"name{mark}city\nA{mark}Basel\n"))
    assert table["city"].tolist() == ["Basel"]


def test_gzip_and_byte_order_marks(tmp_path: Path) -> None:
    plain = "name,city\nÉcole,Zürich\n"
    for name, data in {
        "a.csv.gz": gzip.compress(plain.encode()),
        "b.csv": b"\xef\xbb\xbf" + plain.encode(),
        "c.csv": plain.encode("utf-16"),
    }.items():
        assert read_table(written(tmp_path, data, name))["city"].tolist() == ["Zürich"]


def test_quoted_cells_may_hold_lines_and_separators(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, 'name,city\n"A, B\nC",Basel\n'))
    assert table["name"].tolist() == ["A, B\nC"]


def test_columns_are_renamed_and_the_others_kept(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "firm,Latitude,lng,extra\nA,47.5,7.6,x\n"), columns={"name": "firm"})
    assert list(table.columns) == ["name", "lat", "lon", "extra", "kind"]
    assert table["lat"].tolist() == [47.5]


def test_a_renamed_column_wins_over_one_of_that_name(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "name,official\nshort,long\n"), columns={"name": "official"})
    assert table["name"].tolist() == ["long"]
    assert table["name_original"].tolist() == ["short"]


def test_all_faults_of_the_columns_in_one_message(tmp_path: Path) -> None:
    path = written(tmp_path, "naem,city,city,town\nA,B,C,D\n")
    with pytest.raises(ReadError) as told:
        read_table(path, columns={"country": "contry"})
    words = str(told.value)
    for expected in ("3 faults", "'city' stands 2 times", "no column 'contry'", "no column 'name'", "naem", "It has"):
        assert expected in words


def test_long_lines_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, "name,city\nA,Basel\nB,Basel,CH\nC,Bern\nD,Bern,CH,x\n")
    with pytest.raises(ReadError, match=r"(?s)line 3: 3 cells, the header has 2.*line 5"):
        read_table(path)


def test_short_lines_get_empty_cells(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "name,city,country\nA,Basel\n"))
    assert table["country"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"name,city\n", "no rows"),
        (b"name,city\n\xff\xfeA,B\n", "not UTF-8: line 2"),
        (b"na\x00me,city\nA,B\n", "NUL"),
        (b'name\n"unclosed\n', "line 2: unexpected end of data"),
        (b"name\n" + b'"unclosed\n' * 3, "line 3: ',' expected after"),
    ],
)
def test_broken_files_are_told_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_table(written(tmp_path, data))


def test_a_broken_gzip_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be read"):
        read_table(written(tmp_path, gzip.compress(b"name\nA\n" * 100)[:-10], "a.csv.gz"))


def test_missing_files_folders_and_other_endings(tmp_path: Path) -> None:
    written(tmp_path, "name\nA\n", "firms.csv")
    with pytest.raises(MissingFileError, match=r"firms\.csv"):
        read_table(tmp_path / "firm.csv")
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "firm.csv")
    with pytest.raises(ReadError, match="folder"):
        read_table(tmp_path)
    with pytest.raises(ReadError, match="Save it as CSV"):
        read_table(written(tmp_path, b"PK", "firms.docx"))


def test_an_encoding_can_be_given(tmp_path: Path) -> None:
    path = written(tmp_path, "name,city\nA,Zürich\n".encode("cp1252"))
    assert read_table(path, encoding="cp1252")["city"].tolist() == ["Zürich"]
    with pytest.raises(GeoclusterError, match="no encoding"):
        read_table(path, encoding="klingon")
