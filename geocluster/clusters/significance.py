"""Which windows of a scan are clusters?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.partition import Partition, rank_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocluster.clusters.circles import Circles

COLUMNS = ("llr", "p", "expected", "r_km", "at_lon", "at_lat")
"""What every scan knows of a window."""
_TIE = 1e-9


def apart(circles: Circles, ratio: NDArray[np.float64], least: float, *, places: int) -> list[int]:
    """Choose circles above `least`, the highest first, that share no place; equal ones by fewer places.

    Returns
    -------
    list of int
        Steps at which the circles end.
    """
    high = np.flatnonzero((ratio > 0) & (ratio >= least))
    centre = np.searchsorted(circles.start, high, side="right") - 1
    grown = high - circles.start[centre]
    # ratios that differ by rounding alone are equal: on maps that are symmetrical it must not decide
    order = np.lexsort((centre, grown, -ratio[high].round(9)))
    used, chosen = np.zeros(places, dtype=bool), []
    for step in high[order].tolist():
        members = circles.members(step)
        if not used[members].any():
            used[members] = True
            chosen.append(step)
    return chosen


def significant(
    circles: Circles, ratio: NDArray[np.float64], null: NDArray[np.float64], alpha: float, *, places: int
) -> tuple[list[int], list[float], str]:
    """Choose the windows with p <= alpha; secondary ones by the largest ratio of each draw (Kulldorff 1997).

    Returns
    -------
    chosen : list of int
    p : list of float
    words : str
        How many, or the most likely one's p.
    """
    ordered = np.sort(null)

    def p_of(value: float) -> float:
        extreme = len(null) - int(np.searchsorted(ordered, value * (1 - _TIE), side="left"))
        return (extreme + 1) / (len(null) + 1)

    allowed = int(np.floor(alpha * (len(null) + 1) * (1 + 1e-12))) - 1
    if allowed < 0:
        return [], [], f"{len(null):,} permutations cannot give p <= {alpha:g}: nothing could be claimed"
    least = ordered[len(null) - allowed - 1] if allowed < len(null) else 0.0
    chosen = [
        step for step in apart(circles, ratio, float(least) * (1 - _TIE), places=places) if p_of(ratio[step]) <= alpha
    ]
    if chosen:
        return chosen, [p_of(ratio[step]) for step in chosen], f"{len(chosen):,} with p <= {alpha:g}"
    top = float(ratio.max(initial=0.0))
    words = f"no circle has p <= {alpha:g}; the most likely one: log-likelihood ratio {top:.3g}, p {p_of(top):.3g}"
    return [], [], words if top > 0 else "no circle holds more than its share"


def gather_windows(
    windows: Sequence[tuple[NDArray[Any], tuple[Any, ...]]],
    names: Sequence[str],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    *,
    notes: Sequence[str],
    seed: str | None,
    sources: Sequence[str] = (),
) -> Partition:
    """Make the chosen windows a partition.

    Parameters
    ----------
    windows : sequence of (rows, values)
        The rows that each holds, as numbers or as a mask, and what is known of it.
    names : sequence of str
        Of the values.
    longitude, latitude : ndarray, shape (n,)
        Degrees, EPSG:4326.
    notes, sources, seed
        As in `Partition`.

    Examples
    --------
    >>> at = np.array([7.0, 7.0, 8.0])
    >>> windows = [(np.array([2]), (5.0,)), (np.array([0, 1]), (3.0,))]
    >>> found = gather_windows(windows, ["llr"], at, at, notes=(), seed="1")
    >>> found.label.tolist(), found.columns["llr"].tolist()
    ([1, 1, 2], [3.0, 5.0])
    """
    group = np.full(len(longitude), -1, dtype=np.int64)
    for number, (rows, _) in enumerate(windows):
        group[rows] = number
    label, given = rank_groups(group, longitude, latitude)
    values = np.array([found for _, found in windows], dtype=np.float64).reshape(len(windows), len(names))
    columns = {name: values[given, k] for k, name in enumerate(names)}
    return Partition(label, label > 0, columns=columns, notes=notes, sources=sources, seed=seed)
