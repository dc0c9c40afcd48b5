"""Do the options of a search for clusters go together?"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from geocluster.errors import OptionError
from geocluster.graph import to_number

if TYPE_CHECKING:
    from geocluster.permutation import Seed

Method = Literal["dbscan", "hdbscan", "scan", "space-time", "column", "chameleon"]
Chains = Literal["flag", "split"]
Null = Literal["countries", "pooled"]

RADIUS_KM = 10.0
MAX_DIAMETER_KM = 150.0
"""A wider cluster is a chain."""
_MINIMUM = {"dbscan": 5, "hdbscan": 5, "chameleon": 5, "scan": 2, "space-time": 2, "column": 1}
_SCANS = ("scan", "space-time")
_DENSE = ("dbscan", "hdbscan", "chameleon")
ONLY_FOR: dict[str, tuple[str, ...]] = {
    "radius_km": ("dbscan", "chameleon"),
    "weight": _DENSE,
    "minimum_weight": _DENSE,
    "samples": ("hdbscan",),
    "labels": ("column",),
    "ties": ("chameleon",),
    "controls": ("scan",),
    "background": ("scan",),
    "exponent": ("scan",),
    "study_area": ("scan",),
    "years": ("space-time",),
    "period_years": ("space-time",),
    "max_radius_km": _SCANS,
    "null": _SCANS,
    "alpha": _SCANS,
    "permutations": _SCANS,
    "rng": _SCANS,
}


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """The options of `find_clusters`, checked; see there."""

    method: Method
    radius_km: float
    minimum: int
    weight: str | None
    minimum_weight: float
    samples: int | None
    labels: Any
    ties: Any
    max_diameter_km: float
    chains: Chains
    controls: Any
    background: Any
    exponent: float | Literal["fitted"]
    study_area: Any
    years: str
    period_years: int
    max_radius_km: float | None
    null: Null
    alpha: float
    permutations: int
    rng: Seed
    workers: int


def choose(given: dict[str, Any], *, max_diameter_km: float, chains: str, method: str, workers: int) -> Choices:
    """Fill in what is not given, or raise one error with all that is wrong.

    Parameters
    ----------
    given : dict
        The other options of `find_clusters`; None where not given.
    max_diameter_km, chains, method, workers
        As there.

    Raises
    ------
    OptionError

    Examples
    --------
    >>> choose({"rng": 1}, max_diameter_km=150, chains="flag", method="scan", workers=1).minimum
    2
    """
    methods = get_args(Method)
    got = {name: given.get(name) for name in ("minimum", *ONLY_FOR)}
    heavy = to_number(got["minimum_weight"]) if got["minimum_weight"] is not None else 0.0
    fewest = 1 if got["minimum_weight"] is not None and method != "hdbscan" else _MINIMUM.get(method, 5)
    radius = to_number(RADIUS_KM if got["radius_km"] is None else got["radius_km"])
    minimum = _whole(fewest if got["minimum"] is None else got["minimum"])
    least = 2 if method == "hdbscan" else 1
    samples = None if got["samples"] is None else _whole(got["samples"])
    period = _whole(5 if got["period_years"] is None else got["period_years"])
    permutations = _whole(999 if got["permutations"] is None else got["permutations"])
    alpha = to_number(0.05 if got["alpha"] is None else got["alpha"])
    exponent = "fitted" if got["exponent"] is None else got["exponent"]
    null = "countries" if got["null"] is None else got["null"]
    wide, widest = to_number(max_diameter_km), to_number(got["max_radius_km"])
    table_given = hasattr(got["background"], "columns")
    tests = [
        (0 < radius < np.inf, "radius_km", "a number of kilometres above 0", got["radius_km"], "10 is usual."),
        (minimum >= least, "minimum", f"a whole number from {least} up", got["minimum"], "5 is usual."),
        (samples is None or samples >= 1, "samples", "a whole number from 1 up", got["samples"], ""),
        (heavy >= 0 and heavy < np.inf, "minimum_weight", "a number from 0 up", got["minimum_weight"], ""),
        (wide > 0, "max_diameter_km", "a number of kilometres above 0", max_diameter_km, "150 is usual."),
        (chains in get_args(Chains), "chains", "'flag' or 'split'", chains, ""),
        (period >= 1, "period_years", "a whole number from 1 up", got["period_years"], "5 is usual."),
        (permutations >= 1, "permutations", "a whole number from 1 up", got["permutations"], "999 is usual."),
        (0 < alpha < 1, "alpha", "a number between 0 and 1", got["alpha"], "0.05 is usual."),
        (exponent == "fitted" or 0 <= to_number(exponent) < 10, "exponent", "'fitted' or a number from 0 up",
         exponent, ""),
        (null in get_args(Null), "null", "'countries' or 'pooled'", null, ""),
        (got["max_radius_km"] is None or 0 < widest < np.inf, "max_radius_km", "a number of kilometres above 0",
         got["max_radius_km"], ""),
        (got["background"] is None or table_given or got["background"] == "flat", "background",
         "a table of places, or 'flat'", got["background"], ""),
        (got["controls"] is None or hasattr(got["controls"], "columns"), "controls", "a table", got["controls"], ""),
        (_whole(workers) >= 1, "workers", "a whole number from 1 up", workers, ""),
    ]  # fmt: skip
    faults = [
        f"{name} must be {what}, got {value!r}. {hint}".rstrip() for good, name, what, value, hint in tests if not good
    ]
    if method not in methods:
        faults.append(f"method must be one of {', '.join(map(repr, methods))}, got {method!r}.")
    else:
        faults += [
            f"{name} goes with method {' or '.join(map(repr, allowed))}, not {method!r}."
            for name, allowed in ONLY_FOR.items()
            if given.get(name) is not None and method not in allowed
        ]
    if (got["weight"] is None) != (got["minimum_weight"] is None):
        faults.append("weight and minimum_weight go together: the column, and how much of it.")
    if got["controls"] is not None and got["background"] is not None:
        faults.append("give controls, or a background, not both.")
    if method == "column" and got["labels"] is None:
        faults.append("method 'column' needs labels: the column that holds the clusters.")
    if method == "chameleon" and got["ties"] is None:
        faults.append("method 'chameleon' needs ties: a table with origin and destination.")
    if faults:
        raise OptionError("\n".join(faults))
    return Choices(
        method=method,  # type: ignore[arg-type]
        radius_km=radius,
        minimum=minimum,
        weight=got["weight"],
        minimum_weight=heavy,
        samples=samples,
        labels=got["labels"],
        ties=got["ties"],
        max_diameter_km=wide,
        chains=chains,  # type: ignore[arg-type]
        controls=got["controls"],
        background=got["background"],
        exponent="fitted" if exponent == "fitted" else to_number(exponent),
        study_area="extent" if got["study_area"] is None else got["study_area"],
        years="founded" if got["years"] is None else str(got["years"]),
        period_years=period,
        max_radius_km=None if got["max_radius_km"] is None else widest,
        null=null,  # type: ignore[arg-type]
        alpha=alpha,
        permutations=permutations,
        rng=got["rng"],
        workers=_whole(workers),
    )


def said(choices: Choices, given: dict[str, Any]) -> dict[str, Any]:
    """Give the options that made a result: those of the method that matter, and those that were given.

    Examples
    --------
    >>> given = {"radius_km": None, "minimum": 3}
    >>> said(choose(given, max_diameter_km=150, chains="flag", method="dbscan", workers=1), given)
    {'method': 'dbscan', 'radius_km': 10.0, 'minimum': 3}
    """
    told: dict[str, Any] = {"method": choices.method}
    always = {"minimum", *(("null", "alpha", "permutations") if choices.method in _SCANS else ())}
    for name in ("radius_km", "minimum", *(name for name in ONLY_FOR if name not in ("radius_km", "rng"))):
        asked = given.get(name) is not None
        if asked or name in always or (name == "radius_km" and choices.method in ONLY_FOR[name]):
            value = getattr(choices, name)
            if hasattr(value, "geom_type") and not hasattr(value, "columns"):
                value = "a polygon"
            told[name] = f"{len(value):,} rows" if hasattr(value, "shape") else value
    if choices.max_diameter_km != MAX_DIAMETER_KM:
        told["max_diameter_km"] = choices.max_diameter_km
    if choices.chains != "flag":
        told["chains"] = choices.chains
    return told


def _whole(value: object) -> int:
    """Read a whole number; -1 if it is none."""
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return -1
