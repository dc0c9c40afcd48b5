"""Would the cluster be there with another radius, or another minimum?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.choices import MAX_DIAMETER_KM, RADIUS_KM
from geocluster.clusters.comparison import SAME, Overlap
from geocluster.clusters.density import find_dense
from geocluster.clusters.radii import compare_radii, suggest_radius
from geocluster.clusters.telling import rows_of
from geocluster.errors import OptionError
from geocluster.graph import to_number
from geocluster.results import Provenance, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    Spans = Callable[[Series[Any], float], Collection[int]]

RADII_KM = (4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0)
MINIMUMS = (3, 5, 8, 12)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FragilityResult(Result):
    """How long each cluster lasts while radius and minimum change.

    Attributes
    ----------
    frame : DataFrame
        One row a cluster of the reference: name, n, countries, stability (mean Jaccard
        similarity to its best match over all settings, Hennig 2007), exists (share of
        settings with a match of 0.5 or more), radius_low_km, radius_high_km (range about
        the reference over which it exists, the minimum held), minimum_low, minimum_high
        (likewise), two_low_km, two_high_km (over which that match has members of two
        countries; NaN if not at the reference), and where spanning was asked for: spans
        (share of settings), spans_with (largest circles, km, with which it spans at some
        setting), spans_low_km, spans_high_km, r_max_low_km, r_max_high_km.
    grid : DataFrame
        One row a cluster and setting: cluster, radius_km, minimum, r_max_km, jaccard,
        exists, in_two, spans (<NA> where not asked for).
    radii : DataFrame
        One row a radius, the minimum held: radius_km, clusters, widest_km, agreement (mean
        adjusted Rand index with the radii beside it).
    reference : tuple of float and int
        Radius and minimum.
    suggested_radius_km : float
        NaN if there is none.
    reason : str
        Why that one.
    provenance : Provenance
    """

    frame: DataFrame
    grid: DataFrame
    radii: DataFrame
    reference: tuple[float, int]
    suggested_radius_km: float
    reason: str
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a cluster of the reference."""
        return self.frame.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the range of radii of each cluster, on the given axes if any."""
        from geocluster.clusters.drawing import draw_fragility

        return draw_fragility(self.frame, self.grid, self.reference, self.suggested_radius_km, ax)

    def figure(self, *, language: str = "en") -> Figure:
        """Draw it on a page of its own."""
        from geocluster.clusters.drawing import draw_fragility, on_page

        def draw(ax: Axes) -> Axes:
            told = self.suggested_radius_km
            return draw_fragility(self.frame, self.grid, self.reference, told, ax, language=language)

        return on_page(draw, len(self.frame) + 2, language)

    def sentence(self) -> str:
        """Say how many clusters last, and which radius is suggested."""
        lasting = int((self.frame["stability"] >= 0.75).sum())
        radius = self.suggested_radius_km
        told = f"suggested radius {radius:g} km" if np.isfinite(radius) else "no radius can be suggested"
        return f"{lasting:,} of {len(self.frame):,} clusters are stable (mean Jaccard 0.75 or more); {told}"

    def facts(self) -> list[str]:
        """Say each cluster's range, then the reason of the suggestion."""
        lines = []
        for label, row in self.frame.head(20).iterrows():
            lines.append(f"{label} {say_range(row)}")
        return [*lines, self.reason, *self.provenance.facts()]


def say_range(row: Series[Any]) -> str:
    """Say over which settings one cluster exists, lies in two countries, and spans.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"name": "Basel", "stability": 0.8, "radius_low_km": 6.0, "radius_high_km": 12.0, "minimum_low": 3,
    ...     "minimum_high": 5, "two_low_km": 8.0, "two_high_km": 12.0, "spans": 0.0, "spans_low_km": float("nan")}
    >>> say_range(pd.Series(row))
    'Basel: stability 0.80, exists within 6 to 12 km, minimum 3 to 5; in two countries within 8 to 12 km, spans nowhere'
    """
    line = (
        f"{row['name']}: stability {row['stability']:.2f}, exists within "
        f"{_to(row, 'radius', '_km')} km, minimum {_to(row, 'minimum')}"
    )
    two = np.isfinite(row["two_low_km"])
    if two:
        line += f"; in two countries within {_to(row, 'two', '_km')} km"
    share = row.get("spans", np.nan)
    if not np.isfinite(share) or not (two or share):
        return line
    if np.isfinite(row["spans_low_km"]):
        line += f", spans within {_to(row, 'spans', '_km')} km, with circles up to {_to(row, 'r_max', '_km')} km"
    elif share:
        largest = ", ".join(row["spans_with"].split())
        line += f", spans at other settings only, with circles up to {largest} km"
    else:
        return f"{line}, spans nowhere"
    return f"{line} ({share:.0%} of the settings)"


def _to(row: Series[Any], what: str, unit: str = "") -> str:
    low, high = row[f"{what}_low{unit}"], row[f"{what}_high{unit}"]
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def fragility(
    table: GeoDataFrame,
    *,
    radii_km: Sequence[float] = RADII_KM,
    minimums: Sequence[int] = MINIMUMS,
    radius_km: float = RADIUS_KM,
    minimum: int = 5,
    spans: Spans | None = None,
    r_max_km: Sequence[float] = (25.0,),
    max_diameter_km: float = MAX_DIAMETER_KM,
) -> FragilityResult:
    """Find for each cluster the radii and minimums over which it exists, and spans.

    The rule of density (DBSCAN) is run at every radius with every minimum. A cluster of
    the reference exists at a setting where some cluster shares half of their joint rows
    (Hennig 2007, Computational Statistics & Data Analysis 52:258-271).

    Parameters
    ----------
    table : GeoDataFrame
        An assigned table.
    radii_km : sequence of float
    minimums : sequence of int
    radius_km, minimum : float, int
        The reference; added to the others where it is not among them.
    spans : callable, optional
        ``spans(labels, r_max_km)`` gives the labels that span: `spanning_test`, wrapped.
    r_max_km : sequence of float, default (25,)
        What it is asked with; the first is that of the reference.
    max_diameter_km : float, default 150
        Where a cluster is wider, the radius percolates and is not suggested.

    Returns
    -------
    FragilityResult

    Raises
    ------
    OptionError
        With all faults of the options.
    SchemaError
        If the table is not assigned.

    Examples
    --------
    >>> import geopandas as gpd
    >>> lon = [7.5, 7.52, 7.54, 8.5, 8.51, 8.52]
    >>> table = gpd.GeoDataFrame(
    ...     {"country": ["CH"] * 6}, geometry=gpd.points_from_xy(lon, [47.5] * 6), crs="EPSG:4326"
    ... )
    >>> told = fragility(table, radii_km=[1, 2, 5, 10], minimums=[3], radius_km=5, minimum=3)
    >>> told.frame[["stability", "radius_low_km", "radius_high_km"]].values.tolist()
    [[0.75, 2.0, 10.0], [1.0, 1.0, 10.0]]
    """
    import pandas as pd

    from geocluster.clusters import find_clusters

    check_settings(radii_km, minimums, radius_km, minimum, r_max_km, max_diameter_km)
    radii = sorted({float(radius_km), *map(float, radii_km)})
    counts = sorted({int(minimum), *map(int, minimums)})
    longitude, latitude, _, code = rows_of(table)
    reference = find_clusters(table, radius_km=radius_km, minimum=minimum, max_diameter_km=max_diameter_km)
    own = reference.labels.fillna(0).to_numpy(dtype=np.int64)
    total = len(reference.frame)
    found = {
        (radius, count): find_dense(longitude, latitude, radius_km=radius, minimum=count).label
        for radius in radii
        for count in counts
    }
    pieces = []
    for (radius, count), label in found.items():
        overlap = Overlap.of(own, label)
        jaccard, match = _best(overlap, total)
        exists = jaccard >= SAME
        two = _in_two(label, code)[match] & exists
        for r_max in r_max_km if spans is not None else [np.nan]:
            claimed = None
            if spans is not None:
                told = pd.Series(label, index=table.index, name="cluster", dtype="Int64").mask(label == 0)
                claimed = np.isin(match, [int(one) for one in spans(told, float(r_max))]) & exists
            pieces.append(
                pd.DataFrame(
                    {
                        "cluster": np.arange(1, total + 1), "radius_km": radius, "minimum": count,
                        "r_max_km": float(r_max), "jaccard": jaccard, "exists": exists, "in_two": two,
                        "spans": pd.array([pd.NA] * total if claimed is None else claimed.tolist(), dtype="boolean"),
                    }
                )
            )  # fmt: skip
    grid = pd.concat(pieces, ignore_index=True)
    frame = reference.frame[["name", "n", "countries"]].copy()
    setting = (float(radius_km), int(minimum), float(r_max_km[0]) if spans is not None else float("nan"))
    for name, values in _ranges(grid, setting, asked=spans is not None).items():
        frame[name] = values
    by_radius = compare_radii(found, radii, int(minimum), longitude, latitude)
    suggested, reason = suggest_radius(by_radius, longitude, latitude, int(minimum), max_diameter_km)
    parameters = {
        "radii_km": radii,
        "minimums": counts,
        "radius_km": radius_km,
        "minimum": minimum,
        "max_diameter_km": max_diameter_km,
    }
    if spans is not None:
        parameters["r_max_km"] = list(r_max_km)
    return FragilityResult(
        frame, grid, by_radius, (float(radius_km), int(minimum)), suggested, reason, Provenance(parameters)
    )


def check_settings(
    radii_km: Any, minimums: Any, radius_km: Any, minimum: Any, r_max_km: Any, max_diameter_km: Any
) -> None:
    """Raise one error with all that is wrong with the settings of `fragility`.

    Raises
    ------
    OptionError
    """
    faults = []
    lists = {
        "radii_km": (radii_km, radius_km),
        "r_max_km": (r_max_km, 1.0),
        "max_diameter_km": ([max_diameter_km], 1.0),
    }
    for name, (many, one) in lists.items():
        values = [*many, one] if isinstance(many, (list, tuple, np.ndarray, range)) else [np.nan]
        if len(values) < 2 or not all(0 < to_number(value) < np.inf for value in values):
            faults.append(f"{name} must be numbers of kilometres above 0, got {many!r}.")
    values = [*minimums, minimum] if isinstance(minimums, (list, tuple, np.ndarray, range)) else [np.nan]
    if not all(to_number(value) >= 1 and float(value).is_integer() for value in values):
        faults.append(f"minimums must be whole numbers from 1 up, got {minimums!r} and {minimum!r}.")
    if faults:
        raise OptionError("\n".join(faults))


def _best(overlap: Overlap, total: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Jaccard similarity of each cluster to its best match, and which that is; 0 if none."""
    jaccard, match = np.zeros(total), np.zeros(total, dtype=np.int64)
    share = overlap.jaccard()
    for pair in np.lexsort((-overlap.other, share)).tolist():  # the last one written is the best, then the larger
        jaccard[overlap.one[pair] - 1], match[overlap.one[pair] - 1] = share[pair], overlap.other[pair]
    return jaccard, match


def _in_two(label: NDArray[np.int64], code: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which labels have members of two countries."""
    pairs = np.unique(np.column_stack([label, code])[label > 0], axis=0)
    return np.bincount(pairs[:, 0], minlength=int(label.max(initial=0)) + 1) > 1


def _ranges(
    grid: DataFrame, setting: tuple[float, int, float], *, asked: bool
) -> dict[str, list[float] | NDArray[np.float64]]:
    """Reduce the grid to a line a cluster."""
    radius, minimum, r_max = setting
    by_cluster = grid.groupby("cluster")
    result: dict[str, Any] = {
        "stability": by_cluster["jaccard"].mean().to_numpy(),
        "exists": by_cluster["exists"].mean().to_numpy(),
    }
    if asked:
        grid = grid.assign(claimed=grid["spans"].fillna(value=False).astype(bool))
        result["spans"] = grid.groupby("cluster")["claimed"].mean().to_numpy()
        shown = grid[grid["claimed"]].groupby("cluster")["r_max_km"].unique()
        result["spans_with"] = [
            " ".join(f"{r:g}" for r in sorted(shown.get(label, []))) for label in range(1, len(by_cluster) + 1)
        ]
    first = grid[grid["r_max_km"] == r_max] if asked else grid
    held = {
        ("radius_low_km", "radius_high_km"): (first[first["minimum"] == minimum], "radius_km", radius, "exists"),
        ("minimum_low", "minimum_high"): (first[first["radius_km"] == radius], "minimum", minimum, "exists"),
        ("two_low_km", "two_high_km"): (first[first["minimum"] == minimum], "radius_km", radius, "in_two"),
    }
    if asked:
        at = (grid["minimum"] == minimum) & (grid["radius_km"] == radius)
        held["spans_low_km", "spans_high_km"] = (first[first["minimum"] == minimum], "radius_km", radius, "claimed")
        held["r_max_low_km", "r_max_high_km"] = (grid[at], "r_max_km", r_max, "claimed")
    for names, (part, along, here, what) in held.items():
        ends = [
            _range(own[along].to_numpy(), own[what].to_numpy(dtype=bool), here) for _, own in part.groupby("cluster")
        ]
        for name, values in zip(names, zip(*ends, strict=True) if ends else ((), ()), strict=True):
            result[name] = list(values)
    return result


def _range(values: NDArray[Any], holds: NDArray[np.bool_], here: float) -> tuple[float, float]:
    """Follow a property from the reference to both sides, while it holds."""
    order = np.argsort(values)
    values, holds = values[order], holds[order]
    at = int(np.searchsorted(values, here))
    if not holds[at]:
        return float("nan"), float("nan")
    low = high = at
    while low > 0 and holds[low - 1]:
        low -= 1
    while high + 1 < len(values) and holds[high + 1]:
        high += 1
    return float(values[low]), float(values[high])
