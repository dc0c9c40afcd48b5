"""Distances and neighbour sets against reference numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from geocluster.distance import distance_km
from geocluster.graph import sparse_neighbours

if TYPE_CHECKING:
    from pathlib import Path


def test_distances_keep_the_error_they_state(shared: Path) -> None:
    folder = shared / "oracles" / "distance_greatcircle" / "pairs"
    pairs = pd.read_csv(folder / "input.csv", keep_default_na=False)
    exact = np.array(json.loads((folder / "expected.json").read_text())["values"]["geodesic_wgs84_km"])
    ours = distance_km(pairs["lon1"], pairs["lat1"], pairs["lon2"], pairs["lat2"])
    assert (ours[exact == 0] == 0).all()
    error = np.abs(ours / np.where(exact == 0, 1, exact) - (exact > 0))
    assert error[exact < 100].max() <= 1.2e-7
    assert error[exact < 1000].max() <= 1.1e-5


def test_distances_against_the_geodesics_of_proj() -> None:
    from pyproj import Geod

    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-180, 180, 20_000), np.degrees(np.arcsin(rng.uniform(-1, 1, 20_000)))
    away = 10 ** rng.uniform(-3, 3, 20_000)
    far_lon, far_lat, _ = Geod(ellps="WGS84").fwd(lon, lat, rng.uniform(0, 360, 20_000), away * 1000)
    error = np.abs(distance_km(lon, lat, far_lon, far_lat) / away - 1)
    assert error[(away > 1) & (away < 100)].max() <= 1.2e-7
    # north-south at the equator is the worst: 1.15e-5 at 1,000 km
    assert error[away > 1].max() <= 1.2e-5


@pytest.mark.parametrize(
    ("case", "option"),
    [
        ("rhine_band25_B", {"within_km": 25}),
        ("dateline_band75_B", {"within_km": 75}),
        ("rhine_knn4_W", {"nearest": 4}),
        ("dateline_knn3_W", {"nearest": 3}),
    ],
)
def test_neighbours_are_those_of_spdep(shared: Path, case: str, option: dict[str, float]) -> None:
    folder = shared / "oracles" / "moran" / case
    table = pd.read_csv(folder / "input.csv", keep_default_na=False)
    weights = pd.read_csv(folder / "weights.csv")
    expected = np.zeros((len(table), len(table)))
    expected[weights["i"], weights["j"]] = weights["w"]
    ours = sparse_neighbours(table["lon"], table["lat"], **option).toarray()  # type: ignore[arg-type]
    np.testing.assert_allclose(ours / option.get("nearest", 1), expected, rtol=1e-9)
