"""HDBSCAN against the reference labels of scikit-learn on exact geodesics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from geocluster.clusters import hierarchy, reachability
from geocluster.clusters.hierarchy import find_hierarchy

if TYPE_CHECKING:
    from pathlib import Path

CASES = [f"{place}_mcs{n}" for place in ("benelux", "dateline", "mekong", "rhine") for n in ("4_ms3", "5_ms5")]


@pytest.mark.parametrize("few_points", [0, 10**9])
@pytest.mark.parametrize("case", CASES)
def test_partition_and_strength_are_the_reference(
    shared: Path, case: str, few_points: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hierarchy, "FEW_POINTS", few_points)
    monkeypatch.setattr(reachability, "FEW_POINTS", few_points)
    folder = shared / "oracles" / "hdbscan" / case
    expected = json.loads((folder / "expected.json").read_text())
    values, params = expected["values"], expected["params"]
    table = pd.read_csv(folder / "input.csv", keep_default_na=False)
    found = find_hierarchy(
        table["lon"], table["lat"], minimum=params["min_cluster_size"], samples=params["min_samples"]
    )
    labels = np.array(values["labels"])
    assert values["independent_of_row_order"]
    np.testing.assert_array_equal(found.label > 0, labels >= 0)
    pairs = np.unique(np.column_stack([found.label, labels]), axis=0)
    assert len(pairs) == len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1])) > 2
    np.testing.assert_allclose(found.strength, values["probabilities"], rtol=1e-4)
