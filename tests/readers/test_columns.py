"""Headings in four languages, and those that could be two things."""

from __future__ import annotations

import pandas as pd
import pytest

from geocluster.errors import OptionError, ReadError
from geocluster.readers.columns import dress, name_columns
from geocluster.readers.headings import COLUMNS, heading_key, meaning_of

HEADERS = {
    "English": (
        "Organisation Name;Type;Street Address;Town;Post Code;State;Country Code;Latitude;Lng;Established;Employees",
        "name;kind;address;city;postcode;region;country;lat;lon;founded;weight",
    ),
    "American": ("Company;ZIP;City Name;country_name", "name;postcode;city;country"),
    "German": (
        "Firma;Typ;Straße;Ort;PLZ;Bundesland;Land;Breitengrad;Längengrad;Gründungsjahr;Mitarbeiter",
        "name;kind;address;city;postcode;region;country;lat;lon;founded;weight",
    ),
    "German without umlauts": (
        "UNTERNEHMEN;STADT;STRASSE;GRUENDUNGSJAHR;LAENGENGRAD;",
        "name;city;address;founded;lon",
    ),
    "French": (
        "Raison sociale;Adresse;Ville;Code postal;Région;Pays;Année de création;Effectifs",
        "name;address;city;postcode;region;country;founded;weight",
    ),
    "French, in capitals": ("SOCIETE;VILLE;CODE_POSTAL;PAYS", "name;city;postcode;country"),
    "Russian": (
        "Название;Тип;Адрес;Город;Индекс;Регион;Страна;Широта;Долгота;Год основания;Сотрудники",
        "name;kind;address;city;postcode;region;country;lat;lon;founded;weight",
    ),
    "Russian too": ("ОРГАНИЗАЦИЯ;Населенный пункт;Почтовый индекс", "name;city;postcode"),
}


@pytest.mark.parametrize(("header", "ours"), HEADERS.values(), ids=HEADERS)
def test_headings_of_four_languages(header: str, ours: str) -> None:
    cells = [cell for cell in header.split(";") if cell]
    assert name_columns("a.csv", cells) == ours.split(";")


AMBIGUOUS = {
    "Firma;Name;Ort": "'Firma' and 'Name' can both be name",
    "Firma;Ort;Stadt": "'Ort' and 'Stadt' can both be city",
    "name;Town;TOWN": "'Town' and 'TOWN' can both be city",
    "Nom;Société;Ville": "'Nom' and 'Société' can both be name",
    "name;Land;Staat;Pays": "'Land', 'Staat' and 'Pays' can all be country",
    "name;Название;Компания;Город": None,  # the column of exactly our name has it
}


@pytest.mark.parametrize(("header", "words"), AMBIGUOUS.items(), ids=AMBIGUOUS)
def test_two_that_could_be_one_are_a_fault_with_its_mend(header: str, words: str | None) -> None:
    cells = header.split(";")
    if words is None:
        assert name_columns("a.csv", cells) == ["name", "Название", "Компания", "city"]
        return
    with pytest.raises(ReadError, match=words) as told:
        name_columns("a.csv", cells)
    ours = words.rsplit(" ", 1)[1]
    first = words.split("'")[1]
    assert f"columns={{'{ours}': '{first}'}} (--column {ours}={first})" in str(told.value)
    mended = name_columns("a.csv", cells, {ours: first})
    assert mended[cells.index(first)] == ours
    assert sorted(cell for cell in mended if cell != ours) == sorted(
        {"Ort": "city", "Ville": "city"}.get(cell, cell) if ours == "name" else {"Firma": "name"}.get(cell, cell)
        for cell in cells
        if cell != first
    )


def test_all_doubts_are_told_at_once() -> None:
    with pytest.raises(ReadError, match=r"(?s)2 faults.*be name.*be city"):
        name_columns("a.csv", ["Firma", "Organisation", "Ort", "Stadt"])


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["name", "type"], ["name", "kind"]),
        (["name", "Typ"], ["name", "kind"]),
        (["name", "kind", "type"], ["name", "kind", "type_original"]),
    ],
)
def test_no_column_is_called_type(header: list[str], names: list[str]) -> None:
    assert name_columns("a.csv", header) == names


def test_a_word_means_one_thing_in_all_languages() -> None:
    from geocluster.readers import headings

    seen: dict[str, str] = {}
    for ours, words in headings._WORDS.items():
        for word in words.replace("\n", ",").split(","):
            if key := heading_key(word):
                assert seen.setdefault(key, ours) == ours, word
    assert set(headings._WORDS) == set(COLUMNS)
    assert meaning_of("") is None
    assert meaning_of("×") is None


def test_a_header_of_thousands_of_columns_is_named_at_once() -> None:
    cells = ["name", *[f"c{k}" for k in range(4000)]]
    assert name_columns("a.csv", cells) == cells


def test_decimal_commas_in_coordinates_only() -> None:
    table = dress(pd.DataFrame([["47,55", "-7,5", "1,5"], [None, "8", "2"]]), ["lat", "lon", "weight"])
    assert table["lat"].fillna(0).tolist() == [47.55, 0.0]
    assert table["lon"].tolist() == [-7.5, 8.0]
    assert table["weight"].tolist() == ["1,5", "2"]


def test_cells_of_other_kinds_become_text_where_text_is_meant() -> None:
    frame = pd.DataFrame({0: [1.0, "A", None], 1: [4051, 1067, 8000], 2: [True, False, True]})
    table = dress(frame, ["name", "postcode", "extra"])
    assert table["name"].fillna("").tolist() == ["1", "A", ""]
    assert table["postcode"].tolist() == ["4051", "1067", "8000"]
    assert table["extra"].tolist() == [True, False, True]


@pytest.mark.parametrize("columns", [["name"], "name=Firma"])
def test_columns_that_are_no_mapping_are_told(columns: object) -> None:
    with pytest.raises(OptionError, match="columns is a mapping of our name to the file's"):
        name_columns("firms.csv", ["Firma", "Ort"], columns)  # type: ignore[arg-type]
