"""How does one table become a file, whole or not at all?"""

from __future__ import annotations

import errno
import gzip
import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

import geocluster as gc
from geocluster.errors import WriteError
from geocluster.export import ENDINGS, find_out_faults
from geocluster.export import table as room

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def table() -> gpd.GeoDataFrame:
    frame = pd.DataFrame(
        {
            "name": ["=1+1", "Ünï\ncode 🚀", "c\x00d", None],
            "City": ["Basel", "Kehl", "", "x"],
            "city": ["a", "b", "c", "d"],
            "lat": ["47.5", "n", "40,1", None],
            "lon": ["7.5", "n", "-74", None],
            "fid": [1, 2, 3, 4],
            "founded": [1900.0, np.nan, 2000.0, 1.5],
            "yes": [True, False, True, True],
            "when": pd.to_datetime(["2020-01-01", "NaT", "2021-05-06", "NaT"]),
            "mixed": [1, "two", None, [3]],
            "radius_km": [0.1, 5, np.nan, np.inf],
        }
    )
    points = np.array([Point(7.123456789, 47.5), Point(7.8, 48.6), None, Point()], dtype=object)
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")


@pytest.mark.parametrize("ending", ENDINGS)
def test_all_rows_come_back(table: gpd.GeoDataFrame, tmp_path: Path, ending: str) -> None:
    path = gc.write_table(table, tmp_path / f"out{ending}")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    if ".csv" in ending:
        back = pd.read_csv(path)
        assert back["lon"].tolist()[:3] == [7.123457, 7.8, -74]  # what was given stays where there is no point
    else:
        back = gpd.read_parquet(path) if ending == ".parquet" else gpd.read_file(path)
        assert back.crs == "EPSG:4326"
        assert (back.geometry.isna() | back.geometry.is_empty).tolist() == [False, False, True, True]
        assert back.geometry.x.iloc[0] == pytest.approx(7.123457, abs=1e-6)
        assert back["lon_original"].tolist()[2] == "-74"
        assert back["lat_original"].tolist()[2] == "40,1"
        assert back["lat"].isna().tolist() == [False, False, True, True]
        assert back["yes"].tolist() == [True, False, True, True]
        assert back["mixed"].fillna("").tolist() == ["1", "two", "", "[3]"]
        assert back["name"].tolist()[:3] == ["=1+1", "Ünï\ncode 🚀", "c\ufffdd"]
    assert len(back) == 4
    assert back["City"].fillna("").tolist()[0] == "Basel"


def test_a_csv_is_guarded_against_spreadsheets_and_read_again(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = gc.write_table(table, tmp_path / "out.csv")
    assert path.read_text(encoding="utf-8").splitlines()[1].startswith("'=1+1,Basel,")
    back = gc.read_table(path)
    assert back["name"].iloc[0] == "=1+1"
    assert not any(name.startswith("row") for name in back.columns)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".geojson", ".parquet"])
def test_the_same_table_gives_the_same_bytes(table: gpd.GeoDataFrame, tmp_path: Path, ending: str) -> None:
    one, two = tmp_path / f"one{ending}", tmp_path / f"two{ending}"
    assert gc.write_table(table, one).read_bytes() == gc.write_table(table, two).read_bytes()


def test_a_geojson_is_plain_json(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = gc.write_table(table, tmp_path / "out.geojson")
    told = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda word: pytest.fail(word))
    assert [feature["geometry"] and feature["geometry"]["coordinates"] for feature in told["features"]] == [
        [7.123457, 47.5],
        [7.8, 48.6],
        None,
        None,
    ]
    assert told["features"][3]["properties"]["radius_km"] is None


def test_names_that_are_one_in_a_database_are_parted(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    back = gpd.read_file(gc.write_table(table, tmp_path / "out.gpkg"))
    assert {"City", "city_original", "fid_original"} <= set(back.columns)
    assert back["fid_original"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_rows_are_a_table_too(table: gpd.GeoDataFrame, tmp_path: Path, ending: str) -> None:
    path = gc.write_table(table.iloc[:0], tmp_path / f"none{ending}")
    if ".csv" in ending:
        assert pd.read_csv(path).empty
    elif ending == ".parquet":
        assert gpd.read_parquet(path).empty
    else:
        assert gpd.read_file(path).empty


@pytest.mark.parametrize("ending", [".gpkg", ".geojson"])
def test_many_rows_are_written_in_parts(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_CHUNK", 7)
    many = gpd.GeoDataFrame(
        {"n": range(20), "lat": [None] * 15 + ["x"] * 5},
        geometry=np.array([Point(i, i) if i < 15 else None for i in range(20)], dtype=object),
        crs="EPSG:4326",
    )
    back = gpd.read_file(gc.write_table(many, tmp_path / f"many{ending}"))
    assert back["n"].tolist() == list(range(20))
    assert back["lat_original"].tolist()[15:] == ["x"] * 5
    assert back.geometry.x.dropna().tolist() == list(range(15))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_leaves_what_stood_there(
    table: gpd.GeoDataFrame, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"out{ending}"
    path.write_text("old")

    def full(_: Any, part: Path) -> None:
        part.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(room._WRITERS, ending, full)
    with pytest.raises(WriteError, match=r"No space left on device\. Nothing was changed\."):
        gc.write_table(table, path)
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {path.name: "old"}


def test_a_fault_of_a_library_below_is_told_in_words(
    table: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa
    import pyogrio

    def broken(error: Exception) -> Any:
        def fail(*_: Any, **__: Any) -> None:
            raise error

        return fail

    monkeypatch.setattr(pyogrio, "write_dataframe", broken(pyogrio.errors.DataSourceError("disk I/O error")))
    with pytest.raises(WriteError, match="disk I/O error"):
        gc.write_table(table, tmp_path / "out.gpkg")
    monkeypatch.setattr(gpd.GeoDataFrame, "to_parquet", broken(pa.ArrowInvalid("no")))
    with pytest.raises(WriteError, match=r"out\.parquet cannot be written: no"):
        gc.write_table(table, tmp_path / "out.parquet")
    assert list(tmp_path.iterdir()) == []


def test_where_it_cannot_be_written_is_said_before(tmp_path: Path, table: gpd.GeoDataFrame) -> None:
    source = tmp_path / "in.csv"
    source.write_text("name\n")
    link = tmp_path / "link.csv"
    link.symlink_to(source)
    (tmp_path / "folder.csv").mkdir()
    for path, fault in (
        ("out.doc", "its ending is not one of .csv, .csv.gz"),
        ("csv", "its ending is not one of"),
        ("none/out.csv", "there is no folder"),
        ("in.csv/out.csv", "there is no folder"),
        ("folder.csv", "it is a folder"),
        ("in.csv", "never written over"),
        ("link.csv", "never written over"),
    ):
        (told,) = find_out_faults(tmp_path / path, inputs=[source])
        assert fault in told
        if "over" not in fault:
            with pytest.raises(WriteError, match="cannot be written"):
                gc.write_table(table, tmp_path / path)
    assert find_out_faults(tmp_path / "OUT.CSV", inputs=[source]) == []
    assert len(find_out_faults(tmp_path / "none" / "out.doc")) == 2


def test_a_gzip_holds_neither_time_nor_name(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    packed = gc.write_table(table, tmp_path / "out.csv.gz").read_bytes()
    assert packed[3] == 0
    assert packed[4:8] == b"\0\0\0\0"
    assert gzip.decompress(packed) == gc.write_table(table, tmp_path / "out.csv").read_bytes()
