"""Are the units of ROR folded as the registry says?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geocluster.units import UnitsResult, find_duplicates, fold_units

if TYPE_CHECKING:
    from pathlib import Path

STRASBOURG, CNRS = "00pg6eq24", "02feahw73"


@pytest.fixture(scope="module")
def registry(shared: Path) -> pd.DataFrame:
    table = pd.read_csv(shared / "data" / "ror_organisations.csv.gz", dtype=str, keep_default_na=False)
    return table[table["status"] == "active"].rename(columns={"lng": "lon"})


@pytest.fixture(scope="module")
def relationships(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "data" / "ror_relationships.csv.gz", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def folded(registry: pd.DataFrame, relationships: pd.DataFrame) -> UnitsResult:
    return fold_units(registry, relationships=relationships)


def in_strasbourg(table: pd.DataFrame) -> pd.Series[bool]:
    return (table["city"] == "Strasbourg") & (table["country"] == "FR")


def test_64_of_strasbourgs_95_belong_to_its_university(
    registry: pd.DataFrame, relationships: pd.DataFrame, folded: UnitsResult
) -> None:
    town = registry[in_strasbourg(registry)]
    assert len(town) == 95
    alone = (fold_units(table, relationships=relationships) for table in (town, town.drop(columns=["lat", "lon"])))
    for result in (folded, *alone):
        units = result.set_aside[in_strasbourg(result.set_aside)]
        into = registry.loc[units["into"], "ror_id"]
        assert int((into == STRASBOURG).sum()) == 64
        assert len(units) == 65  # one belongs to the school of water engineering


def test_the_registry_is_folded_and_no_agency_swallows_what_is_elsewhere(
    registry: pd.DataFrame, relationships: pd.DataFrame, folded: UnitsResult
) -> None:
    result = folded
    assert len(result.table) + len(result.set_aside) == len(registry) == 48_750
    assert result.frame.loc[result.frame["folded"], "km"].max() <= 25
    aside = result.set_aside
    whole = registry.loc[aside["into"]]
    assert (aside["country"].to_numpy() == whole["country"].to_numpy()).all()
    of_cnrs = aside[(whole["ror_id"] == CNRS).to_numpy()]
    assert len(of_cnrs) > 100
    assert not of_cnrs["city"].isin(["Strasbourg", "Grenoble", "Toulouse", "Lyon", "Marseille"]).any()
    again = fold_units(result.table, relationships=relationships)
    pd.testing.assert_frame_equal(again.table, result.table)


def test_the_registry_holds_few_duplicates(registry: pd.DataFrame) -> None:
    found = find_duplicates(registry)
    same = found.frame[found.frame["score"] == 100]
    assert 10 <= len(same) <= 40  # a curated registry: most near names in it are others' names
    assert "Swiss Re Foundation" in set(same["name"])
