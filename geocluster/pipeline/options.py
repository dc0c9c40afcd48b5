"""Can an analysis be made with these options?"""

from __future__ import annotations

import operator
from math import isfinite
from typing import TYPE_CHECKING, Any

from geocluster.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NEIGHBOURS = 8
LEAST_PERMUTATIONS = 39
"""With fewer, p times two countries cannot reach 0.05."""
_LARGEST_CIRCLE_KM = 500.0
_HEAD = "the options cannot be used"


def check_options(
    *,
    radius_km: float | None = None,
    minimum: int | None = None,
    r_max_km: float = 25.0,
    study_area: Any = "extent",
    max_radius_km: float = 30.0,
    permutations: int | None = None,
    rng: Any = None,
    workers: int | None = None,
    at_least: int = 2,
    alpha: float = 0.05,
    resamples: int = 200,
    more: Sequence[str] = (),
) -> None:
    """Raise one error with every fault of the options, before anything is computed.

    Parameters
    ----------
    radius_km, minimum, r_max_km, study_area, max_radius_km, permutations, rng, workers, at_least, alpha, resamples
        As in `analyse`.
    more : sequence of str, optional
        Faults found elsewhere, told in the same error.

    Raises
    ------
    OptionError
        If there is a fault.

    Examples
    --------
    >>> check_options(radius_km=0, rng=-1)
    Traceback (most recent call last):
    geocluster.errors.OptionError: the options cannot be used: 2 faults
      radius_km must be a number of kilometres above 0, got 0. 10 is usual.
      the seed must be a whole number from 0 up, got -1.
    """
    faults = list(more)
    if radius_km is not None and not 0 < _number(radius_km) < float("inf"):
        faults.append(f"radius_km must be a number of kilometres above 0, got {radius_km!r}. 10 is usual.")
    if minimum is not None and _whole(minimum) < 1:
        faults.append(f"minimum must be a whole number from 1 up, got {minimum!r}. 5 is usual.")
    if not 0 < _number(r_max_km) <= _LARGEST_CIRCLE_KM:
        faults.append(f"r_max_km must lie above 0 and up to {_LARGEST_CIRCLE_KM:g}, got {r_max_km!r}. 25 is usual.")
    if isinstance(study_area, str) and study_area not in ("extent", "countries"):
        faults.append(f"study_area must be 'extent', 'countries' or a polygon, got {study_area!r}.")
    if not _number(max_radius_km) > 0:
        faults.append(f"max_radius_km must be a number of kilometres above 0, got {max_radius_km!r}. 30 is usual.")
    if permutations is not None and _whole(permutations) < LEAST_PERMUTATIONS:
        faults.append(
            f"permutations must be a whole number from {LEAST_PERMUTATIONS} up, got {permutations!r}: with fewer no p "
            "can be small enough for a claim. Leave it out: each test chooses its own."
        )
    if isinstance(rng, (int, float, str)) and _whole(rng) < 0:
        faults.append(f"the seed must be a whole number from 0 up, got {rng!r}.")
    if workers is not None and _whole(workers) < 1:
        faults.append(f"workers must be a whole number from 1 up, got {workers!r}.")
    if _whole(at_least) < 2:
        faults.append(f"at_least must be a whole number from 2 up, got {at_least!r}: 2 asks for any two countries.")
    if not 0 < _number(alpha) < 1:
        faults.append(f"alpha must be a number between 0 and 1, got {alpha!r}. 0.05 is usual.")
    if _whole(resamples) < 0:
        faults.append(f"resamples must be a whole number from 0 up, got {resamples!r}. 200 is usual, 0 leaves it out.")
    refuse(faults)


def refuse(faults: Sequence[str]) -> None:
    """Raise one error with all faults of the options, if there are any.

    Examples
    --------
    >>> refuse([])
    """
    faults = list(dict.fromkeys(faults))
    if faults:
        count = f"{len(faults)} fault{'s' * (len(faults) > 1)}"
        raise OptionError("\n  ".join([f"{_HEAD}: {count}", *faults]))


def faults_of(check: Callable[..., object], *given: Any, **options: Any) -> list[str]:
    """Collect what a check complains of, one fault a line, to be told beside other faults.

    Examples
    --------
    >>> faults_of(check_options, rng=-1)
    ['the seed must be a whole number from 0 up, got -1.']
    """
    try:
        check(*given, **options)
    except OptionError as error:
        first, *others = str(error).splitlines()
        return [line.strip() for line in ([] if first.startswith(_HEAD) else [first]) + others]
    return []


def neighbour_faults(*, within_km: float | None, nearest: int | None) -> list[str]:
    """Say what is wrong with the options of a graph of neighbours.

    Examples
    --------
    >>> neighbour_faults(within_km=None, nearest=0)
    ['nearest must be a whole number from 1 up, got 0. 8 is usual.']
    """
    from geocluster.graph.neighbours import check_options as check_graph

    return faults_of(check_graph, within_km, nearest)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return float("nan")
    return number


def _whole(value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        return int(value) if isinstance(value, float) and isfinite(value) and value.is_integer() else -1
