"""What is a place called in Russian?"""

# ruff: noqa: RUF001 (Cyrillic letters are meant)
from __future__ import annotations

import csv
import importlib.util
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geocluster.datasets import data_path, place_arrays, place_names
from geocluster.errors import OptionError
from geocluster.place_names import names_in, places_called

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="module")
def tool(request: pytest.FixtureRequest) -> ModuleType:
    path = request.config.rootpath / "tools" / "build_russian_names.py"
    spec = importlib.util.spec_from_file_location("build_russian_names", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("cyrillic", "name", "country", "wanted"),
    [
        (["Малме", "Малмьо", "Мальмё"], "Malmö", "SE", "Мальмё"),
        (["Бругэ", "Бриж", "Брюгге", "Брюге"], "Brugge", "BE", "Брюгге"),
        (["Харденберге"], "Hardenberg", "NL", None),
        (["Кале"], "Calais", "FR", "Кале"),
        (["Енгелхолм"], "Ängelholm", "SE", None),
        (["Хьойор"], "Höör", "SE", None),
        (["Київ"], "Kyiv", "UA", None),
        ([], "Nowhere", "CH", None),
    ],
)
def test_of_cyrillic_names_the_russian_one_is_taken_or_none(
    tool: ModuleType, cyrillic: list[str], name: str, country: str, wanted: str | None
) -> None:
    assert tool.choose(cyrillic, name, country) == wanted
    assert tool.choose(cyrillic[::-1], name, country) == wanted


def test_every_name_is_in_the_letters_of_russian_and_of_one_place() -> None:
    with np.load(data_path("russian/names.npz")) as held:
        ids, names = held["geonames_id"], held["text"].tobytes().decode().split("\n")
    assert len(ids) == len(names)
    assert (np.diff(ids.astype(np.int64)) > 0).all()
    assert np.isin(ids, place_arrays().geonames_id).mean() > 0.999
    assert not [name for name in names if not re.fullmatch(r"[А-ЯЁ][А-ЯЁа-яё -]*", name)]


def test_names_written_by_hand_are_those_shown() -> None:
    places = place_arrays()
    country = np.array(places.country_codes)[places.country]
    names = np.array(place_names(np.arange(len(country))))
    with data_path("russian/by_hand.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == sorted(rows, key=lambda row: row["country"])
    for row in rows:
        at = np.flatnonzero((country == row["country"]) & (names == row["name"]))
        assert places_called(at[[places.population[at].argmax()]].tolist(), "ru") == [row["russian"]], row


def test_what_has_no_russian_name_keeps_its_own() -> None:
    assert names_in("ru", [1, 2], ["Here", "There"]) == ["Here", "There"]
    assert names_in("en", [2661604], ["Basel"]) == ["Basel"]
    assert names_in("ru", [], []) == []


def test_there_is_no_third_language() -> None:
    with pytest.raises(OptionError, match="'la'"):
        names_in("la", [1], ["Here"])
