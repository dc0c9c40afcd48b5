"""The colocation quotient and its parts against a brute-force reference on exact geodesics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

from geocluster import build_graph, colocation_test

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("nearest", [1, 3, 5])
@pytest.mark.parametrize("case", ["benelux", "mekong"])  # the planar ones: test_local_quotient
def test_quotient_and_parts_are_the_reference(shared: Path, case: str, nearest: int) -> None:
    folder = shared / "oracles" / "colocation_quotient_global" / case
    rows = pd.read_csv(folder / "input.csv", keep_default_na=False)
    told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["values"]
    table = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs="EPSG:4326")
    graph = build_graph(table, nearest=nearest)
    shares = told[f"k{nearest}"]["ties_share_last_places"]
    asked = {ways: values for ways, values in shares.items() if "->" in ways}
    assert asked
    for ways, values in asked.items():
        kind, near_kind = ways.split("->")
        result = colocation_test(
            table, graph, kind=kind, near_kind=near_kind, null="permutation", permutations=1, rng=1
        )
        value = result.parts["value"]
        assert value["whole"] == pytest.approx(values["CLQ"], rel=1e-9)
        scale = values["CLQ"] / values["C"] if values["C"] else 0.0
        assert value["within"] == pytest.approx(values["C_same_country"] * scale, rel=1e-9, abs=1e-12)
        assert value["across"] == pytest.approx(values["C_cross_country"] * scale, rel=1e-9, abs=1e-12)
