"""Where is a postcode?"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geocluster.datasets import data_path
from geocluster.errors import PackageDataError
from geocluster.geocoders.postcode_table import POSTCODES_VARIABLE, load_postcodes, postcode_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("country", "text", "key"),
    [
        ("FR", "F-67000", "67000"),
        ("FR", "67081 CEDEX 9", "67081"),
        ("FR", "1000", "01000"),
        ("DE", "D 79100", "79100"),
        ("SE", "SE-111 22", "11122"),
        ("CZ", "190 00", "19000"),
        ("US", "02139-4307", "02139"),
        ("US", "501", "00501"),
        ("US", "1394307", ""),
        ("GB", "SW1A 1AA", "SW1"),
        ("GB", "ab101yg", "AB10"),
        ("GB", "M1 1AE", "M1"),
        ("GB", "AB10", "AB10"),
        ("CA", "V2T 6H1", "V2T"),
        ("IE", "D15 YN2P", "D15"),
        ("NL", "1011 AB", "1011"),
        ("AR", "C1425ABC", "1425"),
        ("LV", "LV-1010", "1010"),
        ("LU", "L-1111", "1111"),
        ("PT", "1000-001", "1000"),
        ("JP", "362-8550", "36285"),
        ("SG", "79903", "07"),
        ("CN", "518057", "5180"),
        ("MT", "VLT 1117", "VLT"),
        ("KR", "425 835", ""),
        ("DE", "12", ""),
        ("DE", "Berlin", ""),
        ("DE", "٦٧٠٠٠", "67000"),
        ("HK", "999077", ""),
        ("DE", "6" * 10_000, ""),
        ("DE", "", ""),
    ],
)
def test_a_postcode_is_read_as_its_country_writes_it(country: str, text: str, key: str) -> None:
    assert postcode_key(country, text) == key


@pytest.mark.parametrize(
    ("country", "text", "longitude", "latitude"),
    [
        ("CH", "4051", 7.59, 47.55),
        ("DE", "D-15230", 14.55, 52.34),
        ("FR", "67000", 7.75, 48.58),
        ("GB", "EC1A 1BB", -0.10, 51.52),
        ("JP", "100-0001", 139.75, 35.68),
        ("PT", "4000-123", -8.61, 41.15),
        ("SG", "238801", 103.83, 1.30),
        ("US", "02139", -71.10, 42.36),
    ],
)
def test_known_postcodes_are_where_they_are(country: str, text: str, longitude: float, latitude: float) -> None:
    table = load_postcodes()
    i = table.find(country, text)
    assert i >= 0
    assert abs(table.longitude[i] - longitude) < 0.06
    assert abs(table.latitude[i] - latitude) < 0.04


@pytest.mark.parametrize(
    ("country", "text"), [("CH", "0000"), ("ZZ", "1000"), ("", "1000"), ("AD", ""), ("ZA", "9999")]
)
def test_a_postcode_that_is_not_there_is_not_found(country: str, text: str) -> None:
    assert load_postcodes().find(country, text) == -1


def test_the_table_is_sorted_unique_and_on_the_globe() -> None:
    table = load_postcodes()
    assert (table.key[1:] > table.key[:-1]).all()
    assert np.abs(table.longitude).max() <= 180
    assert np.abs(table.latitude).max() <= 90
    assert table.spread_km.max() <= 25


def test_every_code_of_the_table_is_found_by_itself() -> None:
    table = load_postcodes()
    for i in range(0, len(table.key), 997):
        text = table.key[i].decode()
        assert table.find(text[:2], text[2:]) == i


@pytest.mark.parametrize("damage", ["cut", "other", "empty", "flipped"])
def test_a_broken_table_is_told_with_its_path(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "postcodes.npz"
    whole = data_path("postcodes/postcodes.npz").read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes(256) + whole[middle + 256 :]
    path.write_bytes({"cut": whole[:middle], "other": b"PK nonsense", "empty": b"", "flipped": flipped}[damage])
    with pytest.raises(PackageDataError, match=r"postcodes\.npz cannot be read"):
        load_postcodes(path)


def test_a_table_of_another_format_is_told(tmp_path: Path) -> None:
    path = tmp_path / "postcodes.npz"
    with np.load(data_path("postcodes/postcodes.npz")) as held:
        np.savez(path, **{**held, "format": np.array(99)})
    with pytest.raises(PackageDataError, match="is of format 99"):
        load_postcodes(path)


def test_the_variable_names_another_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.npz"
    monkeypatch.setenv(POSTCODES_VARIABLE, str(path))
    with pytest.raises(PackageDataError, match=f"own.npz is missing. Mend or unset {POSTCODES_VARIABLE}"):
        load_postcodes()
    shutil.copy(data_path("postcodes/postcodes.npz"), path)
    assert load_postcodes().find("CH", "4051") >= 0
