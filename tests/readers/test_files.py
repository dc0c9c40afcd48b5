"""Archives, bombs, and files that are not what they seem."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point
from workbooks import write_xlsx

from geocluster.errors import ReadError
from geocluster.readers import files, read_batches, read_table
from geocluster.readers.files import find_file

CSV = b"name,city\nA,Basel\nB,Bern\n"


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def packed_tables(folder: Path) -> dict[str, bytes]:
    """One small table in every format that is read through an archive."""
    frame = gpd.GeoDataFrame({"name": ["A", "B"]}, geometry=[Point(7, 47), Point(8, 48)], crs="EPSG:4326")
    frame.to_file(folder / "a.gpkg")
    frame.to_file(folder / "a.geojson")
    frame.to_parquet(folder / "a.parquet")
    write_xlsx(folder / "a.xlsx", {"A": [["name", "city"], ["A", "Basel"], ["B", "Bern"]]})
    (folder / "a.csv").write_bytes(CSV)
    return {path.name: path.read_bytes() for path in folder.glob("a.*")}


def test_a_table_of_every_format_alone_in_a_zip(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, data in packed_tables(tmp_path / "in").items():
        path = zipped(tmp_path / "a.zip", {"readme": b"", "data/": b"", f"data/{name}": data, f"__MACOSX/{name}": b"x"})
        assert read_table(path)["name"].tolist() == ["A", "B"], name
        if name != "a.xlsx":
            gz = tmp_path / f"{name}.gz"
            gz.write_bytes(gzip.compress(data))
            assert read_table(gz)["name"].tolist() == ["A", "B"], name
            assert len([*read_batches(gz, rows=1)]) >= 1


def test_unpacked_files_are_cleared_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "in").mkdir()
    tables = packed_tables(tmp_path / "in")
    path = zipped(tmp_path / "a.zip", {"a.gpkg": tables["a.gpkg"]})
    read_table(path)
    batches = read_batches(path, rows=1)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    with pytest.raises(ReadError):
        read_table(path, columns={"name": "nobody"})
    assert not list(tmp_path.glob("geocluster-*"))


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": CSV, "b.csv": CSV}, r"holds 2 tables \(a.csv, b.csv\)"),
        ({"a.txt.bak": CSV}, r"holds no tables \(a.txt.bak\)"),
        ({}, r"holds no tables \(nothing\)"),
        ({"a.csv": zipped(Path(tempfile.mkdtemp()) / "x.zip", {"a.csv": CSV}).read_bytes()}, "packed twice"),
        ({"a.csv": b""}, "is empty"),
        ({"../../evil.csv": CSV}, None),
    ],
)
def test_what_a_zip_holds(tmp_path: Path, members: dict[str, bytes], words: str | None) -> None:
    path = zipped(tmp_path / "a.zip", members)
    if words is None:
        assert len(read_table(path)) == 2
        assert [p.name for p in tmp_path.parent.glob("evil.csv")] == []
        return
    with pytest.raises(ReadError, match=words):
        read_table(path)


@pytest.mark.parametrize("ending", ["csv.gz", "zip"])
def test_a_bomb_is_stopped_within_seconds(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    data = b"name,city\n" + b"A,Basel\n" * (6 << 20)
    if ending == "zip":
        zipped(path, {"a.csv": data})
    else:
        path.write_bytes(gzip.compress(data))
    start = time.perf_counter()
    for read in (read_table, read_batches):
        with pytest.raises(ReadError, match=r"unpacks to more than 250 times its size"):
            read(path)
    assert time.perf_counter() - start < 5


def test_what_unpacks_beyond_memory_is_for_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 20)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(CSV))
    with pytest.raises(ReadError, match=r"Unpack it, or use read_batches\(path\)"):
        read_table(path)
    assert sum(len(batch) for batch in read_batches(path, rows=1)) == 2


def test_a_cut_or_spoilt_zip(tmp_path: Path) -> None:
    data = zipped(tmp_path / "a.zip", {"a.csv": os.urandom(3000).hex().encode()}).read_bytes()
    for broken in (data[:1000], data[:40] + b"\xff" * 40 + data[80:]):
        (tmp_path / "b.zip").write_bytes(broken)
        with pytest.raises(ReadError, match=r"Is the file whole"):
            read_table(tmp_path / "b.zip")


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"cannot be read|no file"):
        read_table("a\0b.csv")
    with pytest.raises(ReadError, match=r"cannot be read|no file"):
        read_table("x" * 5000 + ".csv")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ReadError, match=r"a pipe or a device"):
        read_table(tmp_path / "pipe.csv")


def test_a_table_too_wide_is_refused_at_once(tmp_path: Path) -> None:
    wide = tmp_path / "a.csv"
    wide.write_text(",".join(["name", *(f"c{k}" for k in range(100_000))]) + "\n" + "x," * 100_000 + "x\n")
    start = time.perf_counter()
    with pytest.raises(ReadError, match=r"100,001 columns; 4,096 can be read"):
        read_table(wide)
    assert time.perf_counter() - start < 3


def test_a_cell_of_ten_megabytes_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,city\nA,Basel\nB," + "x" * 10_000_000 + "\n")
    with pytest.raises(ReadError, match=r"line 3: a cell of more than 131,072 letters"):
        read_table(path)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("name|city\nA|Basel\n", ["A", "Basel"]),
        ('sep=;\nname;city\n"A; B";Basel\n', ["A; B", "Basel"]),
        ("name;city;lat\nA;Basel;47,5\nB, C;Bern;46,9\n", ["A", "Basel"]),
        ("name, official;city\nA;Basel\nB;Bern\n", None),
        ('name\n"A\n\nB"\n', ["A\n\nB"]),
        ("\n\nname\tcity\nA, B, C, D\tBasel\n", ["A, B, C, D", "Basel"]),
    ],
)
def test_the_delimiter_that_cuts_evenly(tmp_path: Path, text: str, cells: list[str] | None) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    if cells is None:
        assert read_table(path, columns={"name": "name, official"})["city"].tolist() == ["Basel", "Bern"]
    else:
        assert read_table(path).iloc[0, : len(cells)].tolist() == cells


def test_lines_are_counted_from_the_files_first(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\nsep=,\nname,city\nA,Basel\nB,Basel,x\n")
    with pytest.raises(ReadError, match=r"line 5: 3 cells"):
        read_table(path)


def test_a_stream_of_a_zip_closes_what_it_opened(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": CSV})
    with files.open_member(path, "a.csv") as stream:
        assert isinstance(stream, io.BufferedIOBase)
        assert stream.read() == CSV
    assert stream.closed


def test_empty_lines_without_end_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\n" * 5_000_000)
    start = time.perf_counter()
    with pytest.raises(ReadError, match="begins with more than 10,000 empty lines"):
        read_table(path)
    assert time.perf_counter() - start < 3


def test_what_is_no_path_is_told() -> None:
    with pytest.raises(ReadError, match="a file is given by its path, not by int"):
        find_file(5)  # type: ignore[arg-type]
