"""Which names were not placed most often, and what can be done about each?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import geocluster as gc


def advise(**row: Any) -> tuple[str, str]:
    """Geocode one row and give its name and advice."""
    table = pd.DataFrame([row])
    placed = gc.assign_countries(gc.geocode(table, geocoder=gc.postcode_geocoder()))
    told = gc.summarise_geocoding(placed).unplaced
    assert len(told) == 1, placed.iloc[0].to_dict()
    return told["name"].iloc[0], told["advice"].iloc[0]


@pytest.mark.parametrize(
    ("row", "name", "advice"),
    [
        ({"city": "Springfield"}, "Springfield", "add the country"),
        ({"city": "Neustadt", "country": "DE"}, "Neustadt, DE", "add the region or the postcode"),
        ({"city": "Neustadt", "country": "DE", "region": "Nix"}, "Neustadt, DE", "check the region, or add the postc"),
        ({"city": "Kehl", "country": "FR"}, "Kehl, FR", "check the country: is it Germany?"),
        (
            {"city": "Bern", "country": "Swizzerlandija"},
            "Bern, Swizzerlandija",
            "did you mean Switzerland?",
        ),
        ({"city": "Bern", "country": "Xq"}, "Bern, Xq", "check the country"),
        ({"city": "München", "country": "DE", "postcode": "10115"}, "München, DE", "check city and postcode: one"),
        ({"city": "Strazzbourgh", "country": "FR"}, "Strazzbourgh, FR", "did you mean Strasbourg?"),
        ({"city": "Qqqqzz", "country": "FR"}, "Qqqqzz, FR", "check the spelling, add the postcode or a larger place"),
        ({"city": "Strasborrgh"}, "Strasborrgh", "add the country: then misspelt names are understood too"),
        ({"country": "Suisse"}, "(no place), Suisse", "add the city"),
        ({"city": "N/A", "country": "-"}, "(no place)", "fill in city and country, or lat and lon"),
        ({"name": "Nothing Ltd", "city": ""}, "Nothing Ltd", "fill in city and country, or lat and lon"),
        ({"country": "CH", "lat": 40.7, "lon": -74.0}, "(no place), CH", "check lat, lon and country; take out what"),
        ({"country": "CH", "lat": 7.59, "lon": 47.56}, "(no place), CH", "swap lat and lon"),
    ],
)
def test_each_has_its_advice(row: dict[str, Any], name: str, advice: str) -> None:
    told = advise(**row)
    assert told[0] == name
    assert told[1].startswith(advice)


def test_spellings_of_one_name_are_counted_together() -> None:
    cities = ["Neustadt", "neustadt ", "NEUSTADT", "Springfield"]
    placed = gc.geocode(pd.DataFrame({"city": cities, "country": ["DE", "DE", "DE", "US"]}))
    told = gc.summarise_geocoding(placed).unplaced
    assert told[["name", "n"]].values.tolist() == [["Neustadt, DE", 3], ["Springfield, US", 1]]


def test_coordinates_that_differ_are_one_fault() -> None:
    rows = [{"country": "CH", "lat": 40.7 + i / 10, "lon": -74.0} for i in range(3)]
    told = gc.summarise_geocoding(gc.geocode(pd.DataFrame(rows))).unplaced
    assert told["n"].tolist() == [3]
    assert "lat=" not in told["reason"].iloc[0]
