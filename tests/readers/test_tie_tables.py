"""Files of ties."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geocluster.errors import MissingFileError, ReadError
from geocluster.readers import read_tie_table

if TYPE_CHECKING:
    from pathlib import Path


def test_ties_of_any_encoding_and_delimiter_are_read(tmp_path: Path) -> None:
    file = tmp_path / "ties.csv"
    file.write_bytes("ORIGIN;Destination;Jahr\nZürich;Malmö;2019\n".encode("cp1252"))
    told = read_tie_table(file)
    assert told.columns.tolist() == ["origin", "destination", "jahr"]
    assert told.values.tolist() == [["Zürich", "Malmö", "2019"]]


def test_parquet_keeps_its_numbers_and_a_file_without_rows_has_none(tmp_path: Path) -> None:
    pd.DataFrame({"origin": [1], "destination": [2]}).to_parquet(tmp_path / "ties.parquet")
    assert read_tie_table(tmp_path / "ties.parquet").astype(int).values.tolist() == [[1, 2]]
    (tmp_path / "ties.csv").write_text("origin,destination\n", encoding="utf-8")
    empty = read_tie_table(tmp_path / "ties.csv")
    assert (len(empty), list(empty.columns)) == (0, ["origin", "destination"])


def test_a_file_without_ends_is_told_with_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("name,city\nA,Basel\n", encoding="utf-8")
    with pytest.raises(ReadError, match=r"one column origin and one destination\. It has name, city"):
        read_tie_table(tmp_path / "firms.csv")
    with pytest.raises(MissingFileError):
        read_tie_table(tmp_path / "absent.csv")
