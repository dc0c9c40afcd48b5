"""At which distances is it asked, and which of them do the positions resolve?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.distance import to_arc_km
from geocluster.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

STEPS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """Distances asked.

    Attributes
    ----------
    at_km : ndarray, shape (distances,)
        Rising.
    precision_km : float
        Half of the rows are not known better; 0 where the table does not say.
    """

    at_km: NDArray[np.float64]
    precision_km: float

    @property
    def resolved(self) -> NDArray[np.bool_]:
        """Distances that are not below the precision of the positions."""
        return self.at_km >= self.precision_km * (1 - 1e-9)


def extent_km(xyz: NDArray[np.float64]) -> tuple[float, float]:
    """Length and width of a set of points: their spread along and across its main direction.

    Examples
    --------
    >>> [round(side, 2) for side in extent_km(np.array([[6371.0, -30, 0], [6371, 30, 0], [6371, 0, 10]]))]
    [60.0, 10.0]
    """
    if len(xyz) < 2:
        return 0.0, 0.0
    centred = xyz - xyz.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1]
    spread = np.sort(np.ptp(centred @ axes, axis=0))[::-1]
    length, width = to_arc_km(spread[:2]).round(6)
    return float(length), float(width)


def position_precision(table: GeoDataFrame) -> float:
    """Half of the rows are known no better than so many km (their 95 % radius); 0 if the table does not say."""
    import pandas as pd

    if "radius_km" not in table.columns:
        return 0.0
    radius = pd.to_numeric(table["radius_km"], errors="coerce").dropna()
    return float(radius.median()) if len(radius) else 0.0


def choose_distances(
    at_km: Sequence[float] | None, precision_km: float, extent: tuple[float, float]
) -> tuple[Distances | None, list[str]]:
    """Give the distances, or what is wrong with those asked.

    Parameters
    ----------
    at_km : sequence of float or None
        None: twenty, from the precision of the positions to a quarter of the width.
    precision_km : float
    extent : (float, float)
        Length and width of all points, km.

    Returns
    -------
    Distances or None
    faults : list of str

    Examples
    --------
    >>> choose_distances([5, 10, 10], 0.0, (90.0, 60.0))[1]
    ['at_km must rise from distance to distance, got 10 after 10.']
    >>> choose_distances(None, 5.0, (90.0, 60.0))[0].at_km[[0, -1]].tolist()
    [5.0, 15.0]
    """
    length, width = extent
    if length <= 0:
        return None, ["all points stand in one place: there is no distance to measure."]
    if at_km is None:
        last = (width if width > 0.1 * length else length) / 4
        first = precision_km or last / STEPS
        if first >= last:
            return None, [
                f"the positions are known to {precision_km:.3g} km, a quarter of the extent is {last:.3g}: give at_km."
            ]
        return Distances(np.linspace(first, last, STEPS), precision_km), []
    asked = np.atleast_1d(np.asarray(list(at_km) if not np.isscalar(at_km) else [at_km], dtype=object)).ravel()
    try:
        values: NDArray[np.float64] = asked.astype(np.float64)
    except (TypeError, ValueError):
        return None, [f"at_km must hold numbers (km), got {_first_word(asked)!r}."]
    faults = []
    if not len(values) or not np.isfinite(values).all() or (values <= 0).any():
        bad = values[~(np.isfinite(values) & (values > 0))]
        faults.append(f"at_km must hold distances above 0 km, got {f'{bad[0]:g}' if len(bad) else 'none'}.")
    elif (np.diff(values) <= 0).any():
        at = int(np.flatnonzero(np.diff(values) <= 0)[0])
        faults.append(f"at_km must rise from distance to distance, got {values[at + 1]:g} after {values[at]:g}.")
    # nothing can be farther apart than the diagonal of the box
    beyond = float(np.hypot(length, width)) * 1.001
    if not faults and values[-1] > beyond:
        faults.append(f"at_km goes to {values[-1]:g} km, but no two points are more than {beyond:.3g} km apart.")
    return (None, faults) if faults else (Distances(values, precision_km), [])


def _first_word(asked: NDArray[Any]) -> object:
    for one in asked:
        try:
            float(one)
        except (TypeError, ValueError):
            return one
    return asked[0]


def check_distances(at_km: Sequence[float] | None, precision_km: float, extent: tuple[float, float]) -> Distances:
    """Give the distances, or raise an OptionError with what is wrong."""
    found, faults = choose_distances(at_km, precision_km, extent)
    if found is None:
        raise OptionError("\n  ".join(faults))
    return found
