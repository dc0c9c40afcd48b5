"""DBSCAN against the reference labels of scikit-learn on exact geodesics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from geocluster.clusters import density
from geocluster.clusters.density import find_dense
from geocluster.distance import distance_km

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("few_points", [0, 10**9])
@pytest.mark.parametrize("case", ["benelux", "dateline", "mekong", "rhine"])
def test_cores_clusters_and_noise_are_the_reference(
    shared: Path, case: str, few_points: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(density, "FEW_POINTS", few_points)
    folder = shared / "oracles" / "dbscan" / case
    expected = json.loads((folder / "expected.json").read_text())
    values, params = expected["values"], expected["params"]
    table = pd.read_csv(folder / "input.csv", keep_default_na=False)
    lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
    found = find_dense(lon, lat, radius_km=params["eps_km"], minimum=params["min_samples"])
    assert np.flatnonzero(found.core).tolist() == values["core_ids"]
    assert np.flatnonzero(found.label == 0).tolist() == values["noise_ids"]
    label_of = [set(found.label[component].tolist()) for component in values["core_components"]]
    assert all(len(labels) == 1 for labels in label_of)
    assert len(set.union(*label_of)) == len(label_of) == found.label.max()
    for member, candidates in values["border_candidates"].items():
        assert {int(found.label[int(member)])} <= set.union(*(label_of[c] for c in candidates))
        cores = np.array(values["core_ids"])  # ours, beyond scikit-learn: the nearest core decides
        nearest = cores[np.argmin(distance_km(lon[int(member)], lat[int(member)], lon[cores], lat[cores]))]
        assert found.label[int(member)] == found.label[nearest]
    for component, countries in zip(values["core_components"], values["countries_of_core_components"], strict=True):
        assert sorted(set(table["country"].iloc[component])) == countries
