"""CSV files and files of polygons, whole and broken."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
from shapely.geometry import Polygon, box

from geocluster.errors import GeoclusterError, MissingFileError, ReadError
from geocluster.readers import read_area, read_table

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
    with pytest.raises(ReadError, match="cannot be unpacked"):
        read_table(written(tmp_path, gzip.compress(b"name\nA\n" * 100)[:-10], "a.csv.gz"))


def test_missing_files_folders_and_other_endings(tmp_path: Path) -> None:
    written(tmp_path, "name\nA\n", "firms.csv")
    with pytest.raises(MissingFileError, match=r"firms\.csv"):
        read_table(tmp_path / "firm.csv")
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "firm.csv")
    with pytest.raises(ReadError, match="folder"):
        read_table(tmp_path)
    with pytest.raises(ReadError, match="Save the table as CSV"):
        read_table(written(tmp_path, b"PK", "firms.docx"))


def test_an_encoding_can_be_given(tmp_path: Path) -> None:
    path = written(tmp_path, "name,city\nA,Zürich\n".encode("cp1252"))
    assert read_table(path, encoding="cp1252")["city"].tolist() == ["Zürich"]
    with pytest.raises(GeoclusterError, match="no encoding"):
        read_table(path, encoding="klingon")


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", "map.csv", "a PNG picture"),
        (b"\x89PNG\r\n\x1a\n\x00", "map.png", "a PNG picture"),
        (b"%PDF-1.4\n1 0 obj\n", "firms.csv", "a PDF document"),
        (b"PK\x03\x04\x14\x00", "firms.csv", "xlsx"),
        (b'[{"name": "A"},\n{"name": "B"}]\n', "firms.csv", "JSON"),
        (b'{"type": "FeatureCollection"}\n', "firms.csv", "JSON"),
        (b"\n<!doctype html><p>404, not found\n", "firms.csv", "HTML"),
        (b"name\nA\n", "firms.csv.gz", "cannot be unpacked"),
        (gzip.compress(b"name\nA\n" * 100, mtime=0)[:20] + b"\xff\xff\xff", "firms.csv.gz", "cannot be unpacked"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, data: bytes, name: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_table(written(tmp_path, data, name))


@pytest.mark.parametrize("encoding", ["klingon", "", "base64", "idna", "a\0b"])
def test_encodings_that_give_no_text_are_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(GeoclusterError, match=r"no encoding|is not IDNA"):
        read_table(written(tmp_path, "name,city\nA,Zürich\n"), encoding=encoding)


def test_a_gzipped_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, gzip.compress(b"name\nA\n"), "firms.csv"))["name"].tolist() == ["A"]


def test_line_ends_of_every_system_and_blank_lines_before_the_header(tmp_path: Path) -> None:
    for text in (
        "name,city\nA,Basel\n",
        "name,city\r\nA,Basel\r\n",
        "name,city\rA,Basel\r",
        " \n\r\nname,city\nA,Basel",
    ):
        assert read_table(written(tmp_path, text))[["name", "city"]].to_numpy().tolist() == [["A", "Basel"]]


def test_a_mark_of_byte_order_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbfname,city\nA,Basel\n")
    for encoding in (None, "utf-8", "utf-8-sig"):
        assert list(read_table(path, encoding=encoding).columns)[:2] == ["name", "city"]


def test_a_separator_in_a_quoted_heading_is_none(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, '"name, official";city\nA;Basel\n'), columns={"name": "name, official"})
    assert table["city"].tolist() == ["Basel"]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("NAME,CITY,Country", ["name", "city", "country"]),
        ("name,City,city", ["name", "City", "city"]),
        ("name,Latitude,lat", ["name", "Latitude", "lat"]),
        ("name,,column_2", ["name", "column_2", "column_2_original"]),
        ("name,Extra,type", ["name", "Extra", "kind"]),
    ],
)
def test_no_column_is_lost_where_two_could_bear_one_name(tmp_path: Path, header: str, names: list[str]) -> None:
    table = read_table(written(tmp_path, f"{header}\nA,B,C\n"))
    assert [name for name in table.columns if name != "kind" or "type" in header] == names
    assert table.iloc[0, :3].tolist() == ["A", "B", "C"]


def test_one_column_cannot_be_given_twice_and_a_renamed_name_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "name,city\nA,Basel\n")
    with pytest.raises(ReadError, match="'name' is given for name and for kind"):
        read_table(path, columns={"name": "name", "kind": "name"})
    with pytest.raises(ReadError, match="no column 'name': it is given for nam"):
        read_table(path, columns={"nam": "name"})


def test_the_likely_name_column_is_offered_and_missing_places_told_with_it(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"(?s)2 faults.*'Title'\?.*no column tells a place.*Title, Where"):
        read_table(written(tmp_path, "Title,Where\nA,Basel\n"))


def test_numbers_become_numbers_only_where_none_is_lost(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "name,founded,weight,lat,lon\nA,1990,2,47.5,east\nB,about 1900,N/A,,7.5\n"))
    assert table["founded"].tolist() == ["1990", "about 1900"]
    assert table["weight"].tolist()[0] == 2.0
    assert table["weight"].isna().tolist() == [False, True]
    assert table["lat"].tolist()[0] == 47.5
    assert table["lon"].tolist() == ["east", "7.5"]


def test_an_area_of_several_polygons_is_one_in_degrees_whatever_its_crs(tmp_path: Path) -> None:
    squares = gpd.GeoDataFrame(geometry=[box(7, 47, 8, 48), box(7.5, 47.5, 9, 49), Polygon()], crs="EPSG:4326")
    squares.to_file(tmp_path / "degrees.geojson")
    squares.to_crs("EPSG:3035").to_file(tmp_path / "metres.gpkg")
    expected = box(7, 47, 8, 48).union(box(7.5, 47.5, 9, 49))
    for name in ("degrees.geojson", "metres.gpkg"):
        assert read_area(tmp_path / name).symmetric_difference(expected).area < 1e-6


def feature(geometry: str) -> str:
    one = f'{{"type": "Feature", "properties": {{}}, "geometry": {geometry}}}'
    return f'{{"type": "FeatureCollection", "features": [{one}]}}'


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("", "a.geojson", "cannot be read as polygons"),
        ("name,city\nA,Basel\n", "a.csv", "holds no polygon"),
        ('{"type": "FeatureCollection", "features": []}', "a.geojson", "holds no polygon"),
        (feature("null"), "a.geojson", "holds no polygon"),
        (feature('{"type": "LineString", "coordinates": [[7, 47], [8, 48]]}'), "a.geojson", "holds LineString"),
        (
            feature('{"type": "Polygon", "coordinates": [[[7, 47], [8, 48], [8, 47], [7, 48], [7, 47]]]}'),
            "a.geojson",
            "not valid: Self-intersection",
        ),
        (
            feature('{"type": "Polygon", "coordinates": [[[7e5, 4e6], [8e5, 4e6], [8e5, 5e6], [7e5, 4e6]]]}'),
            "a.geojson",
            "outside the globe",
        ),
    ],
)
def test_what_is_no_area_is_told(tmp_path: Path, text: str, name: str, words: str) -> None:
    with pytest.raises(ReadError, match=f"study area: .*{words}"):
        read_area(written(tmp_path, text, name))


def test_an_area_without_crs_that_is_a_folder_or_not_there_is_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        gpd.GeoDataFrame(geometry=[box(7, 47, 8, 48)]).to_file(tmp_path / "a.shp")
    with pytest.raises(ReadError, match="has no CRS"):
        read_area(tmp_path / "a.shp")
    with pytest.raises(ReadError, match="is a folder"):
        read_area(tmp_path)
    with pytest.raises(MissingFileError, match="Give extent, countries, or a file"):
        read_area("polygon")
