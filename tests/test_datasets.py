"""What data come along?"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geocluster import datasets
from geocluster.country_names import country_code, country_name
from geocluster.datasets import (
    GAZETTEER_VARIABLE,
    Gazetteer,
    data_folder,
    data_path,
    load_gazetteer,
    load_places,
    place_arrays,
    place_names,
)
from geocluster.errors import GeoclusterError, PackageDataError
from geocluster.geocoders import Query, offline_geocoder
from geocluster.geocoders.place import Place

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = data_folder() / "gazetteer"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A gazetteer of its own, of links to the files of the package's."""
    folder = tmp_path / "gazetteer"
    folder.mkdir()
    for path in SOURCE.iterdir():
        (folder / path.name).symlink_to(path)
    return folder


def replace(path: Path, data: bytes, *, known: bool = False) -> None:
    """Put other bytes in a file's place, and in the header their checksum if it is to be known."""
    path.unlink()
    path.write_bytes(data)
    if known:
        header = json.loads((path.parent / "header.json").read_text("utf-8"))
        header["sha256"][path.name] = sha256(data).hexdigest()
        replace(path.parent / "header.json", json.dumps(header).encode())


# --- a broken gazetteer ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("header.json", b"", "cannot be read"),
        ("header.json", b"[1, 2]", "cannot be read"),
        ("header.json", b"\xff\xfe{}", "cannot be read"),
        ("header.json", b"{}", "cannot be read"),
        ("header.json", b'{"format": 99, "sha256": {}}', "is of format 99"),
        ("header.json", b'{"format": 2, "sha256": []}', "is of format 2"),
        ("place_country.npy", b"", "corrupt"),
        ("place_country.npy", b"\x93NUMPY", "corrupt"),
        ("pair_places.npy", b"<html>404</html>", "corrupt"),
        ("tables.json", b"{}", "corrupt"),
    ],
)
def test_a_broken_gazetteer_is_told_with_its_path_and_the_remedy(
    copy: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, problem: str
) -> None:
    replace(copy / name, data)
    monkeypatch.setenv(GAZETTEER_VARIABLE, str(copy))
    with pytest.raises(PackageDataError, match=problem) as told:
        offline_geocoder()([Query(city="Basel", country="CH")])
    assert str(copy / name) in str(told.value)
    assert f"Mend or unset {GAZETTEER_VARIABLE}={copy}" in str(told.value)


def test_the_remedy_for_the_packages_own_gazetteer_is_to_install_again(copy: Path) -> None:
    (copy / "place_latitude.npy").unlink()
    with pytest.raises(PackageDataError, match=r"place_latitude\.npy is missing\. Install geocluster-borders again"):
        Gazetteer(copy).array("place_latitude")


def test_a_folder_in_a_files_place_cannot_be_read(copy: Path) -> None:
    (copy / "place_latitude.npy").unlink()
    (copy / "place_latitude.npy").mkdir()
    with pytest.raises(PackageDataError, match=r"place_latitude\.npy cannot be read\."):
        Gazetteer(copy).array("place_latitude")


def test_a_file_with_its_last_byte_changed_is_corrupt(copy: Path) -> None:
    data = bytearray((SOURCE / "place_country.npy").read_bytes())
    data[-1] ^= 1
    replace(copy / "place_country.npy", bytes(data))
    with pytest.raises(PackageDataError, match="checksum"):
        Gazetteer(copy).array("place_country")


def test_a_file_that_the_header_knows_but_is_no_array_is_told(copy: Path) -> None:
    replace(copy / "place_country.npy", b"no array", known=True)
    with pytest.raises(PackageDataError, match=r"place_country\.npy is not an array"):
        Gazetteer(copy).array("place_country")


def test_an_array_of_objects_is_not_unpickled(copy: Path) -> None:
    np.save(copy.parent / "evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    replace(copy / "place_country.npy", (copy.parent / "evil.npy").read_bytes(), known=True)
    with pytest.raises(PackageDataError, match="is not an array"):
        Gazetteer(copy).array("place_country")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GAZETTEER_VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(PackageDataError, match=r"header\.json is missing\. Mend or unset") as told:
        load_gazetteer()
    assert isinstance(told.value, GeoclusterError)
    assert told.value.__cause__ is None


# --- another gazetteer -------------------------------------------------------------------------------------------


def test_another_gazetteer_is_used_where_the_variable_points(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = json.loads((SOURCE / "tables.json").read_text("utf-8"))
    tables["country_names"][tables["countries"].index("CH")] = "Helvetia"
    replace(copy / "tables.json", json.dumps(tables).encode(), known=True)
    assert country_name("CH") == "Switzerland"
    monkeypatch.setenv(GAZETTEER_VARIABLE, str(copy))
    assert country_name("CH") == "Helvetia"
    assert load_gazetteer().folder == copy
    (answer,) = offline_geocoder()([Query(city="Basel", country="CH")])
    assert isinstance(answer, Place)
    monkeypatch.delenv(GAZETTEER_VARIABLE)
    assert country_name("CH") == "Switzerland"


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GAZETTEER_VARIABLE, "")
    assert load_gazetteer().folder == SOURCE


# --- the gazetteer that comes along ------------------------------------------------------------------------------


def test_every_file_is_the_one_of_the_header() -> None:
    header = json.loads((SOURCE / "header.json").read_text("utf-8"))
    held = {path.name: sha256(path.read_bytes()).hexdigest() for path in SOURCE.iterdir() if path.name != "header.json"}
    assert header["sha256"] == held
    assert header["bytes"] == {path.name: path.stat().st_size for path in SOURCE.iterdir() if path.name in held}


def test_the_arrays_hold_what_the_header_counts() -> None:
    gazetteer = load_gazetteer()
    counts = gazetteer.header["counts"]
    for name in ("latitude", "longitude", "country", "admin1", "population", "geonames_id", "name_length"):
        assert len(gazetteer.array(f"place_{name}")) == counts["places"]
    assert len(gazetteer.array("pair_places")) == len(gazetteer.array("pair_remainders")) == counts["pairs"]
    assert len(gazetteer.array("country_keys")) == len(gazetteer.array("country_values")) == counts["country_names"]
    assert len(gazetteer.array("region_keys")) == len(gazetteer.array("region_values")) == counts["region_names"]
    assert len(gazetteer.array("place_districts")) == counts["districts"]


def test_the_arrays_are_little_endian_and_mapped_as_they_are() -> None:
    gazetteer = load_gazetteer()
    for name in gazetteer.header["sha256"]:
        if name.endswith(".npy"):
            assert gazetteer.array(name[:-4]).dtype.newbyteorder("<") == gazetteer.array(name[:-4]).dtype


def test_the_buckets_hold_each_pair_once() -> None:
    gazetteer = load_gazetteer()
    offsets = gazetteer.array("pair_offsets").astype(np.int64)
    assert len(offsets) == 2**16 + 1
    assert offsets[0] == 0
    assert offsets[-1] == gazetteer.header["counts"]["pairs"]
    assert (np.diff(offsets) >= 0).all()
    places = gazetteer.array("pair_places") & (2**18 - 1)
    assert places.max() < gazetteer.header["counts"]["places"]
    keys = np.repeat(np.arange(2**16), np.diff(offsets)).astype(np.uint64) << np.uint64(32)
    pairs = np.column_stack([keys | gazetteer.array("pair_remainders"), places])
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_all_places_are_on_the_globe_and_have_a_name() -> None:
    places = place_arrays()
    assert (np.abs(places.latitude) <= 90).all()
    assert (np.abs(places.longitude) <= 180).all()
    assert len(np.unique(places.geonames_id)) == len(places.geonames_id)
    assert all(place_names(np.arange(len(places.latitude))))


def test_districts_are_kept_as_names_but_marked() -> None:
    places = load_places().set_index("geonames_id")
    paris = places.index == 2988507
    arrondissements = (places["country"] == "FR") & places["name"].str.match(r"Paris \d\d")
    assert arrondissements.sum() >= 15
    assert places.loc[arrondissements, "district"].all()
    assert not places.loc[paris, "district"].any()


def test_the_frame_and_the_arrays_are_the_same_places() -> None:
    frame, places = load_places(), place_arrays()
    i = 123_456
    assert frame["geonames_id"].iloc[i] == places.geonames_id[i]
    assert frame["name"].iloc[i] == place_names([i])[0]
    assert frame.geometry.x.iloc[i] == places.longitude[i]
    assert frame["country"].iloc[i] == places.country_codes[places.country[i]]
    assert str(frame["admin1"].iloc[i]).startswith(str(frame["country"].iloc[i]) + ".")


def test_countries_are_read_through_the_same_key_as_they_were_written() -> None:
    assert country_code("Suisse") == "CH"


# --- where the data are ------------------------------------------------------------------------------------------


def test_a_missing_file_is_told_with_its_path() -> None:
    with pytest.raises(PackageDataError, match=r"no_such\.file is missing\. Install"):
        data_path("no_such.file")


def test_a_package_without_data_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "__file__", str(tmp_path / "geocluster" / "datasets.py"))
    data_folder.cache_clear()
    try:
        with pytest.raises(PackageDataError, match="no data folder"):
            data_folder()
    finally:
        data_folder.cache_clear()


@pytest.mark.parametrize("name", ["countries", "borders", "land", "lakes"])
def test_a_broken_layer_is_told_with_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "borders").mkdir()
    (tmp_path / "borders" / f"{name}.parquet").write_bytes(b"no parquet")
    monkeypatch.setattr(datasets, "data_folder", lambda: tmp_path)
    with pytest.raises(PackageDataError, match=rf"{name}\.parquet cannot be read\. Install"):
        getattr(datasets, f"load_{name}")()
