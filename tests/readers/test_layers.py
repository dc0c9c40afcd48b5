"""GeoPackage, GeoJSON, Parquet and frames: geometries give lat and lon."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely import LineString, Point, box

from geocluster.errors import OptionError, ReadError
from geocluster.readers import read_batches, read_table

if TYPE_CHECKING:
    from pathlib import Path


def firms(crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"Firma": ["A", "=B()", None], "PLZ": ["01067", "4051", None], "Umsatz": [1, 2, 3]},
        geometry=gpd.GeoSeries([Point(13.7, 51.05), Point(7.6, 47.55), None]),  # type: ignore[arg-type]
        crs="EPSG:4326",
    )
    return frame.to_crs(crs)


def write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


@pytest.mark.parametrize(
    ("ending", "crs"),
    [("geojson", "EPSG:4326"), *((e, f"EPSG:{n}") for e in ("gpkg", "parquet") for n in (4326, 3035, 2056))],
)
def test_points_of_any_crs_become_degrees(tmp_path: Path, ending: str, crs: str) -> None:
    table = read_table(write(firms(crs), tmp_path / f"a.{ending}"))
    assert [name for name in table.columns if name != "kind"] == ["name", "postcode", "Umsatz", "lat", "lon"]
    assert table["name"].fillna("").tolist() == ["A", "=B()", ""]
    assert table["postcode"].fillna("").tolist() == ["01067", "4051", ""]
    assert table["Umsatz"].tolist() == [1, 2, 3]
    # the centimetre is what transforming there and back keeps
    np.testing.assert_allclose(table["lat"], [51.05, 47.55, np.nan], atol=1e-7)
    np.testing.assert_allclose(table["lon"], [13.7, 7.6, np.nan], atol=1e-7)


def test_a_frame_is_a_table_and_keeps_its_index() -> None:
    frame = firms("EPSG:3035").set_index(pd.Index([10, 20, 30]))
    before = frame.copy()
    table = read_table(frame)
    assert table.index.tolist() == [10, 20, 30]
    np.testing.assert_allclose(table["lat"], [51.05, 47.55, np.nan], atol=1e-7)
    assert "geometry" not in table.columns
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))
    plain = read_table(pd.DataFrame({"Firma": ["A"], "Stadt": ["Basel"], 7: [1]}))
    assert list(plain.columns) == ["name", "city", "7", "kind"]
    with pytest.raises(ReadError, match=r"the frame has no CRS"):
        read_table(gpd.GeoDataFrame({"name": ["A"]}, geometry=[Point(1, 2)]))
    with pytest.raises(ReadError, match=r"the frame has a header but no rows"):
        read_table(pd.DataFrame({"name": [], "city": []}))


def test_a_point_inside_stands_for_polygons_and_lines_and_that_is_said(tmp_path: Path) -> None:
    shapes = [box(7, 47, 8, 48), LineString([(7, 47), (8, 47)]), Point(7.5, 47.5)]
    frame = gpd.GeoDataFrame({"name": list("abc")}, geometry=shapes, crs="EPSG:4326")
    for given in (frame, write(frame, tmp_path / "a.gpkg"), write(frame, tmp_path / "a.parquet")):
        table = read_table(given)
        points = [Point(lon, lat) for lon, lat in zip(table["lon"], table["lat"], strict=True)]
        assert all(shape.distance(point) < 1e-9 for shape, point in zip(shapes, points, strict=True))
        assert table.attrs["read"]["notes"] == ["polygons and lines stand for a point inside them"]


def test_columns_called_lat_and_lon_make_room_for_the_geometry(tmp_path: Path) -> None:
    frame = firms().assign(lat=[1.0, 2.0, 3.0])
    table = read_table(write(frame, tmp_path / "a.gpkg"))
    assert table["lat_original"].tolist() == [1.0, 2.0, 3.0]
    assert table["lat"].tolist()[0] == pytest.approx(51.05)


def test_a_layer_is_named_where_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    for layer in ("firms", "schools"):
        firms().to_file(path, layer=layer)
    with pytest.raises(ReadError, match=r"has 2 layers\. Give layer=\.\.\. .*'firms', 'schools'"):
        read_table(path)
    with pytest.raises(ReadError, match=r"no layer 'firm'\. Is it 'firms'\? It has 'firms', 'schools'"):
        read_table(path, layer="firm")
    assert read_table(path, layer="schools").attrs["read"]["layer"] == "schools"


def test_a_table_without_geometry_in_a_geopackage(tmp_path: Path) -> None:
    import pyogrio

    pyogrio.write_dataframe(pd.DataFrame({"name": ["A"], "city": ["Basel"]}), tmp_path / "a.gpkg")
    table = read_table(tmp_path / "a.gpkg")
    assert list(table.columns) == ["name", "city", "kind"]


def test_sheet_and_layer_where_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,city\nA,Basel\n")
    for what in ("sheet", "layer"):
        with pytest.raises(OptionError, match=f"has no {what}s: leave {what}='x' out"):
            read_table(tmp_path / "a.csv", **{what: "x"})  # type: ignore[arg-type]


@pytest.mark.parametrize("ending", ["gpkg", "parquet", "csv"])
def test_batches_are_the_whole_table_in_parts(tmp_path: Path, ending: str) -> None:
    frame = gpd.GeoDataFrame(
        {"Firma": [f"F{k}" for k in range(1234)], "PLZ": [f"{k:05d}" for k in range(1234)]},
        geometry=[Point(k / 100, 47) for k in range(1234)],
        crs="EPSG:4326",
    ).to_crs("EPSG:3035")
    path = tmp_path / f"a.{ending}"
    if ending == "csv":
        pd.DataFrame(frame.drop(columns="geometry")).to_csv(path, index=False)
    else:
        write(frame, path)
    whole = read_table(path)
    parts = [*read_batches(path, rows=100)]
    assert [len(part) for part in parts] == [100] * 12 + [34]
    assert all(list(part.columns) == list(whole.columns) for part in parts)
    pd.testing.assert_frame_equal(pd.concat(parts), whole)


def test_batches_tell_faults_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("nom_de,ville\nA,Bern\n")
    with pytest.raises(ReadError, match=r"no column 'name'"):
        read_batches(tmp_path / "a.csv")
    with pytest.raises(OptionError, match=r"rows must be a whole number from 1 up, got 0"):
        read_batches(tmp_path / "a.csv", rows=0)
    (tmp_path / "b.csv").write_text("name,city\nA,Bern\nB,Bern,x\nC,Bern\n")
    batches = read_batches(tmp_path / "b.csv", rows=1)
    assert next(batches)["name"].tolist() == ["A"]
    with pytest.raises(ReadError, match=r"line 3: 3 cells"):
        next(batches)


def test_parquet_of_plain_and_odd_columns(tmp_path: Path) -> None:
    table = pa.table(
        {
            "name": pa.array(["A", "B"]).dictionary_encode(),
            "postcode": [4051, 8000],
            "founded": pa.array([1990, None]),
            "list": [[1, 2], None],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    read = read_table(tmp_path / "a.parquet")
    assert read["name"].tolist() == ["A", "B"]
    assert read["postcode"].tolist() == ["4051", "8000"]
    assert read["founded"].fillna(0).tolist() == [1990.0, 0.0]
    assert list(read["list"][0]) == [1, 2]


def test_a_geoparquet_says_its_crs_and_encoding(tmp_path: Path) -> None:
    frame = firms("EPSG:3035")
    frame.to_parquet(tmp_path / "point.parquet", geometry_encoding="geoarrow")
    np.testing.assert_allclose(read_table(tmp_path / "point.parquet")["lat"], [51.05, 47.55, np.nan], atol=1e-7)
    frame.to_parquet(tmp_path / "a.parquet")
    whole = pq.read_table(tmp_path / "a.parquet")
    about = json.loads(whole.schema.metadata[b"geo"])
    for change, words in (
        ({"encoding": "polygon"}, "holds geometries as polygon"),
        ({"crs": None}, "has no CRS"),
        ({"crs": "EPSG:99999"}, "has a CRS that cannot be used"),
    ):
        column = {**about["columns"]["geometry"], **change}
        geo = json.dumps({**about, "columns": {"geometry": column}}).encode()
        pq.write_table(whole.replace_schema_metadata({b"geo": geo}), tmp_path / "b.parquet")
        with pytest.raises(ReadError, match=words):
            read_table(tmp_path / "b.parquet")
    pq.write_table(whole.replace_schema_metadata({b"geo": b"{"}), tmp_path / "b.parquet")
    with pytest.raises(ReadError, match=r"no valid GeoParquet"):
        read_table(tmp_path / "b.parquet")


def test_broken_layers_are_told_in_words(tmp_path: Path) -> None:
    good = write(firms(), tmp_path / "good.gpkg").read_bytes()
    empty = tmp_path / "empty.gpkg"
    base = sqlite3.connect(empty)
    base.execute("PRAGMA application_id = 0x47504B47")
    base.execute("CREATE TABLE bare (a)")
    base.close()
    parquet = write(firms(), tmp_path / "good.parquet").read_bytes()
    for name, data, words in (
        ("cut.gpkg", good[: len(good) // 2], "cannot be read|no layers"),
        ("head.gpkg", good[:100], "cannot be read|no layers"),
        ("no.gpkg", b"", "is empty"),
        ("text.gpkg", b"hello", "not what its name says"),
        ("cut.parquet", parquet[:-100], "Parquet file that cannot be read"),
        ("head.parquet", parquet[:10], "Parquet file that cannot be read"),
        ("a.json", b'{"a": 1}', "JSON that is not GeoJSON"),
        ("b.json", b'[{"name": "A"}]', "JSON that is not GeoJSON"),
        (
            "c.geojson",
            b'{"type": "FeatureCollection", "features": [{"type":',
            "cannot be read|no layers|no rows|1 fault",
        ),
        ("d.geojson", b'{"type": "FeatureCollection", "features": []}', "no layers|no rows|fault"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ReadError, match=words):
            read_table(tmp_path / name)
    with pytest.raises(ReadError, match=r"no layers|cannot be read"):
        read_table(empty)
