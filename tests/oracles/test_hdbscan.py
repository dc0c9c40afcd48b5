"""HDBSCAN against scikit-learn on exact geodesics.

Mutual reachability is full of ties (a core distance is the length of many edges), which
scikit-learn breaks by row order: each case says that its own partition hangs on it. So
the reference is met strictly where there are no ties, and with ties as closely as it
meets itself in another order.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import HDBSCAN
from sklearn.metrics import adjusted_rand_score

from geocluster.clusters import hierarchy, reachability
from geocluster.clusters.hierarchy import find_hierarchy
from geocluster.distance import distance_km

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
    told = json.loads((folder / "expected.json").read_text())
    reference, params = np.array(told["values"]["labels"]), told["params"]
    table = pd.read_csv(folder / "input.csv", keep_default_na=False)
    lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
    minimum, samples = params["min_cluster_size"], params["min_samples"]
    apart = distance_km(lon[:, None], lat[:, None], lon[None], lat[None])

    # with samples = 1 reachability is distance, and no two are equal
    peer = HDBSCAN(min_cluster_size=minimum, min_samples=1, metric="precomputed", copy=True).fit(apart)
    found = find_hierarchy(lon, lat, minimum=minimum, samples=1)
    pairs = np.unique(np.column_stack([found.label, peer.labels_]), axis=0)
    assert len(pairs) == len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1])) > 2
    np.testing.assert_array_equal(found.label > 0, peer.labels_ >= 0)
    np.testing.assert_allclose(found.strength, peer.probabilities_, rtol=1e-9)

    ours = find_hierarchy(lon, lat, minimum=minimum, samples=samples).label
    assert not told["values"]["independent_of_row_order"]
    rng = np.random.default_rng(0)
    orders = [rng.permutation(len(lon)) for _ in range(30)]
    theirs = [reference]
    for order in orders:
        again = HDBSCAN(min_cluster_size=minimum, min_samples=samples, metric="precomputed", copy=True)
        labels = np.empty_like(reference)
        labels[order] = again.fit(apart[np.ix_(order, order)]).labels_
        theirs.append(labels)
    assert max(adjusted_rand_score(labels, ours) for labels in theirs) > 0.93
    both = (ours > 0) & (reference >= 0)
    assert both.sum() > 0.8 * max((ours > 0).sum(), (reference >= 0).sum())
