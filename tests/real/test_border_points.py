"""Every town of the shared table of border towns is in its country."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from geocluster.countries import border_distance_km, country_at
from geocluster.datasets import load_countries, place_arrays

if TYPE_CHECKING:
    from pathlib import Path

MENDED = "Tornio"  # the one town that the source has wrong; tools/build_borders.py says how it was mended


@pytest.fixture(scope="module")
def towns(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "data" / "border_points.csv", keep_default_na=False)


def test_each_town_is_in_its_country(towns: pd.DataFrame) -> None:
    found = country_at(towns["lon"], towns["lat"])
    wrong = {
        name: (str(code), country)
        for name, code, country in zip(towns["name"], found, towns["country"], strict=True)
        if code != country
    }
    assert len(towns) == 116
    assert wrong == {}


def test_the_mended_town_is_among_them_and_its_neighbour_did_not_move(towns: pd.DataFrame) -> None:
    held = towns[towns["name"].isin([MENDED, "Haparanda"])].set_index("name")
    assert country_at(held["lon"], held["lat"]).tolist() == held["country"].tolist()
    assert sorted(held["country"]) == ["FI", "SE"]


def test_each_town_is_near_its_border_unless_it_lies_at_180_degrees_or_on_an_island(towns: pd.DataFrame) -> None:
    distance = border_distance_km(towns["lon"], towns["lat"], towns["country"])
    far = set(towns["name"][~(distance < 90)])
    assert far == {"Murmansk", "Anadyr", "Suva", "Taveuni Waiyevo", "Longyearbyen", "Saint-Denis"}


@pytest.mark.parametrize(("name", "km"), [("Copenhagen", 15.8), ("Malmo", 7.9), ("Aachen", 4.0)])
def test_known_distances(towns: pd.DataFrame, name: str, km: float) -> None:
    town = towns.set_index("name").loc[name]
    assert border_distance_km(town["lon"], town["lat"], town["country"]) == pytest.approx(km, abs=0.2)


def test_places_of_the_gazetteer_fall_into_their_countries() -> None:
    places = place_arrays()
    large = places.population >= 5000
    stated = np.array(places.country_codes)[places.country[large]]
    found = country_at(places.longitude[large], places.latitude[large])
    countries = load_countries()
    sovereign = dict(zip(countries["country"], countries["sovereign"], strict=True))
    territory = np.array(
        [sovereign.get(str(a)) == b or sovereign.get(str(b)) == a for a, b in zip(found, stated, strict=True)]
    )
    assert (found == "").sum() == 0
    assert ((found != stated) & ~territory).sum() <= 55
