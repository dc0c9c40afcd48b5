"""The local colocation quotient with kernel weights, and planar cases of the global one, against brute force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from geocluster import build_graph, colocation_test, local_colocation_test
from geocluster.graph import to_graph

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CASES = ("benelux", "mekong", "simborder", "simties")


def load(folder: Path) -> tuple[gpd.GeoDataFrame, dict[str, Any], NDArray[np.float64]]:
    """Give table, values and all distances as the case measures them: geodesics, or in the plane."""
    rows = pd.read_csv(folder / "input.csv", keep_default_na=False)
    told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    n = len(rows)
    if "lon" in rows:
        from pyproj import Geod

        lon, lat = rows["lon"].to_numpy(float), rows["lat"].to_numpy(float)
        i, j = (side.ravel() for side in np.indices((n, n)))
        distance = np.asarray(Geod(ellps="WGS84").inv(lon[i], lat[i], lon[j], lat[j])[2]).reshape(n, n) / 1000
        distance = np.maximum(distance, distance.T)
    else:
        x, y = rows["x"].to_numpy(float), rows["y"].to_numpy(float)
        distance = np.hypot(x[:, None] - x, y[:, None] - y)
        lon, lat = 7 + x / 1e6, 47 + y / 1e6  # where it stands does not matter: weights are given
    table = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    return table, told, distance


def bandwidth(distance: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    return np.asarray(np.sort(distance + np.diag(np.full(len(distance), np.inf)), axis=1)[:, k - 1])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("k", [3, 8])
@pytest.mark.parametrize("reach", ["all_points", "within_bandwidth"])
def test_kernel_quotients_are_the_reference(shared: Path, case: str, k: int, reach: str) -> None:
    table, told, distance = load(shared / "oracles" / "colocation_quotient_local" / case)
    values, tolerance = told["values"][f"gaussian_bw_k{k}"], told["tolerance"]
    members = table.index[table["kind"] == told["params"]["A"]]
    width = bandwidth(distance, k)
    # the reference's distances at places far apart agree to rounding only
    np.testing.assert_allclose(width[members], values["bandwidth"], rtol=1e-9)
    weights = np.exp(-0.5 * (distance / width[:, None]) ** 2)
    if reach == "within_bandwidth":
        weights[distance > width[:, None] * (1 + 1e-12)] = 0
    np.fill_diagonal(weights, 0)
    given = to_graph(sparse.csr_array(weights), table.index)
    built = None
    if "lon" in table and case != "simties":
        built = build_graph(table, kernel="gaussian", nearest=k, cut=np.inf if reach == "all_points" else 1.0)
    for near_kind in told["params"]["B"]:
        expected = values[f"{reach}:{told['params']['A']}->{near_kind}"]
        asked: dict[str, Any] = {"kind": told["params"]["A"], "near_kind": near_kind, "permutations": 1, "rng": 1}
        frame = local_colocation_test(table, given, **asked).to_frame()
        np.testing.assert_allclose(frame["value"], expected["LCLQ"], rtol=tolerance["rel"], atol=tolerance["abs"])
        np.testing.assert_allclose(frame["within"] + frame["across"], frame["value"], rtol=1e-12, atol=1e-15)
        if built is not None:
            # our arcs are within 1.2e-7 of the geodesic below 100 km and 1.1e-5 below 1,000 (METHODS.md §1), which the
            # kernel's exponent multiplies; so the graph that is built agrees less closely than the given weights
            own = local_colocation_test(table, built, **asked).to_frame()
            np.testing.assert_allclose(own["value"], expected["LCLQ"], rtol=2e-5, atol=1e-9)


@pytest.mark.parametrize("case", ["simborder", "simties"])
@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("ties", ["ties_share_last_places", "ties_all_in"])
def test_planar_quotients_are_the_reference(shared: Path, case: str, k: int, ties: str) -> None:
    table, told, distance = load(shared / "oracles" / "colocation_quotient_global" / case)
    far = distance + np.diag(np.full(len(distance), np.inf))
    limit = bandwidth(distance, k)[:, None]
    nearer, tied = far < limit, far == limit
    rest = (k - nearer.sum(axis=1, keepdims=True)) / tied.sum(axis=1, keepdims=True)
    weights = nearer + tied * rest if ties == "ties_share_last_places" else (nearer | tied).astype(float)
    graph = to_graph(sparse.csr_array(weights), table.index)
    for ways, values in told["values"][f"k{k}"][ties].items():
        if "->" not in ways:
            continue
        kind, near_kind = ways.split("->")
        asked: dict[str, Any] = {"null": "permutation", "permutations": 1, "rng": 1}
        value = colocation_test(table, graph, kind=kind, near_kind=near_kind, **asked).parts["value"]
        assert value["whole"] == pytest.approx(values["CLQ"], rel=1e-9)
        scale = values["CLQ"] / values["C"] if values["C"] else 0.0
        assert value["within"] == pytest.approx(values["C_same_country"] * scale, rel=1e-9, abs=1e-12)
        assert value["across"] == pytest.approx(values["C_cross_country"] * scale, rel=1e-9, abs=1e-12)
