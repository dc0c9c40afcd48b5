"""Given where all stand, which kinds stand about a kind: M, m, Kd and mark connection?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from geocluster.cross.density import TAIL, Density
from geocluster.cross.measuring import Counter, Labelled, Measured, measure
from geocluster.cross.relative import Relative
from geocluster.errors import OptionError
from geocluster.graph import reach_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.cross.distances import Distances
    from geocluster.cross.scene import Kinds, Scene

LABELLED = get_args(Labelled)
KERNEL_CUT = 4.0
MOST_PAIRS = 1e13
"""Pairs in all redraws of Kd: some tens of minutes."""


def labelled_faults(
    function: str, *, null: str, planar: str | None, weight: str | None, correction: str | None
) -> list[str]:
    """List what is wrong with the options of these functions.

    Examples
    --------
    >>> labelled_faults("M", null="background", planar=None, weight=None, correction=None)
    ["function='M' compares with all rows that are there: take null='labelling' or 'controls'."]
    """
    told = []
    if null not in ("labelling", "controls"):
        told.append(
            f"function={function!r} compares with all rows that are there: take null='labelling' or 'controls'."
        )
    if planar is not None and function != "mark_connection":
        told.append(f"function={function!r} needs no edge correction: leave out planar.")
    if function == "mark_connection" and correction == "border":
        told.append("mark connection has no border correction: take 'translation' or 'none'.")
    if function == "mark_connection" and weight is not None:
        told.append("mark connection has no weight: leave it out, or ask for M.")
    return told


def measure_labelled(
    function: str,
    scene: Scene,
    xyz: NDArray[np.float64],
    distances: Distances,
    *,
    bandwidth_km: float | None,
    default_km: float,
    permutations: int,
    rng: np.random.Generator,
    workers: int,
) -> tuple[Measured, list[str]]:
    """Measure on the globe, and again with kinds permuted within countries.

    Parameters
    ----------
    function : {"M", "m", "Kd", "mark_connection"}
    scene : Scene
        Of labels.
    xyz : ndarray, shape (rows, 3)
    distances : Distances
    bandwidth_km : float, optional
    default_km : float
        Of mark connection.
    permutations : int
    rng : Generator
    workers : int

    Returns
    -------
    measured : Measured
    notes : list of str

    Raises
    ------
    OptionError
        If the distances between members are all 0, or there are too many of them.
    """
    kinds, at = scene.kinds, distances.at_km
    if function == "M":
        relative = Relative.of(kinds, xyz, np.array([reach_km(r) for r in at]), workers=workers)
        return relative.measure(permutations=permutations, rng=rng), _alone(relative, kinds)
    if function == "m":
        h = bandwidth_km or _of_all_pairs(kinds, xyz, at)
        ends = np.array([reach_km(float(at[-1]) + KERNEL_CUT * h)])
        relative = Relative.of(kinds, xyz, ends, at=at, bandwidth=h, workers=workers)
        note = f"Gaussian kernel, bandwidth {h:.3g} km, cut at {KERNEL_CUT:g} of them"
        return relative.measure(permutations=permutations, rng=rng), [note]
    if function == "Kd":
        rows = float(len(xyz))
        if rows * rows * permutations > MOST_PAIRS:
            raise OptionError(
                f"Kd counts every pair of rows in every redraw: {rows:,.0f} × {rows:,.0f} × {permutations:,} are "
                "too many. Ask for fewer permutations, or for K."
            )
        density = Density.of(kinds, xyz, at, bandwidth=bandwidth_km, workers=workers)
        measured, exact, h = density.measure(permutations=permutations, rng=rng)
        if h <= 0:
            raise OptionError("all distances between members are 0: there is no density of them.")
        own = "" if bandwidth_km else ", each redraw with its own"
        note = (
            f"Gaussian kernel reflected at 0, bandwidth {h:.3g} km{own}; beyond {TAIL:g} of them nothing counts; "
            "null_low and null_high are local bands, point by point: no test"
        )
        return replace(measured, exact=exact), [note, *density.notes(kinds.names)]
    h = bandwidth_km or default_km
    chords = np.array([reach_km(r) for r in at + h])
    counter = Counter(scene, "g", at, chords, bandwidth_km=h, workers=workers)
    measured = measure(counter, permutations=permutations, rng=rng)
    return share_of_all(measured, counter.everyone().sum(axis=0)), [f"bandwidth {h:.3g} km"]


def share_of_all(measured: Measured, whole: NDArray[np.float64], *, simulate: bool = False) -> Measured:
    """Divide pairs of the two kinds by all pairs at each distance: mark connection p_AB(r) (Stoyan & Stoyan 1994).

    Parameters
    ----------
    measured : Measured
    whole : ndarray, shape (distances,)
        Of pairs of any kinds.
    simulate : bool
        Take the mean of the redraws for the expectation.
    """
    below = np.where(whole > 0, whole, np.nan)
    simulated = measured.simulated / below
    return replace(
        measured,
        observed=measured.observed / below,
        expected=simulated.mean(axis=0) if simulate else measured.expected / below,
        simulated=simulated,
        held=measured.held / below,
    )


def _of_all_pairs(kinds: Kinds, xyz: NDArray[np.float64], at: NDArray[np.float64]) -> float:
    """Silverman's bandwidth of the distances between all rows, so that it does not hang on labels."""
    every = np.ones(len(xyz), dtype=bool)
    h = Density.of(replace(kinds, first=every, second=every, weight=None), xyz, at).own
    if h <= 0:
        raise OptionError("all distances between rows are 0: there is no density of them.")
    return h


def _alone(relative: Relative, kinds: Kinds) -> list[str]:
    """Say how many have nobody within the first distance, and are left out there."""
    nobody = int((relative.inverse[relative.leaves.slot[kinds.first], 0] == 0).sum())
    return [f"{nobody:,} of the first kind have nobody within the first distance, and are left out there"] * (
        nobody > 0
    )
