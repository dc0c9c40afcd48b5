"""Which radius do the rows themselves speak for?

Not the k-distance rule (Ester et al. 1996): on the points of a gazetteer it measures
the gazetteer, and is often 0. But where a little more or less changes little.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geocluster.clusters.comparison import Overlap
from geocluster.clusters.extent import widest_km
from geocluster.clusters.reachability import core_distances
from geocluster.distance import to_ecef
from geocluster.graph import distinct_points

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame


def compare_radii(
    found: dict[tuple[float, int], NDArray[np.int64]],
    radii: list[float],
    minimum: int,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
) -> DataFrame:
    """Say of each radius how many clusters there are, how wide, and how like those of the radii beside it."""
    import pandas as pd

    xyz = to_ecef(longitude, latitude)
    labels = [found[radius, minimum] for radius in radii]
    beside = [Overlap.of(a, b).adjusted_rand() for a, b in pairwise(labels)]
    lines = []
    for k, (radius, label) in enumerate(zip(radii, labels, strict=True)):
        near = beside[max(k - 1, 0) : k + 1]
        widths = [
            widest_km(np.unique(xyz[label == number], axis=0)) for number in range(1, int(label.max(initial=0)) + 1)
        ]
        widest = max(widths, default=0.0)
        lines.append((radius, int(label.max(initial=0)), widest, float(np.mean(near)) if near else np.nan))
    return pd.DataFrame(lines, columns=["radius_km", "clusters", "widest_km", "agreement"])


def suggest_radius(
    radii: DataFrame,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    minimum: int,
    max_diameter_km: float,
) -> tuple[float, str]:
    """Suggest the radius whose clusters are most like those of the radii beside it."""
    points = distinct_points(longitude, latitude)
    reach = core_distances(points, minimum)[points.of_row] if len(points.of_row) else np.zeros(0)
    finite = np.where(np.isinf(reach), np.nan, reach)
    half = float(np.nanmedian(finite)) if np.isfinite(finite).any() else float("nan")
    crowded = float((reach == 0).mean()) if len(reach) else 0.0
    rule = f"a k-distance rule would give {half:.2g} km"
    if crowded > 0:
        rule += f": {crowded:.0%} of the rows share their point with {minimum - 1} others or more"
    if half == 0:
        rule += ", it measures the gazetteer"
    whole = radii[(radii["widest_km"] <= max_diameter_km) & (radii["clusters"] > 0) & radii["agreement"].notna()]
    wide = radii.loc[radii["widest_km"] > max_diameter_km, "radius_km"]
    chains = f"; from {wide.min():g} km on a cluster is a chain, wider than {max_diameter_km:g} km" if len(wide) else ""
    if whole.empty:
        return float("nan"), f"no radius is suggested: none gives clusters that are no chains{chains}; {rule}"
    best = whole.iloc[int(np.argmax(whole["agreement"].to_numpy().round(9)))]
    return float(best["radius_km"]), (
        f"radius {best['radius_km']:g} km: its clusters are most like those of the radii beside it "
        f"(adjusted Rand index {best['agreement']:.2f}){chains}; {rule}"
    )
