"""Does what is asked of a table in one call go together?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.pipeline.finding import finding_faults, other_options
from geocluster.pipeline.options import check_options, faults_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHARED = ("radius_km", "minimum", "controls", "background", "ties", "alpha")
_TOGETHER = ("method", "method_options", "cases", "unit", "null", "ties_by", "fragility", "compare")


def check_asked(given: Mapping[str, Any], *, more: Sequence[str] = ()) -> None:
    """Raise one error with every fault of the options of `analyse`, before anything is read or computed.

    Parameters
    ----------
    given : mapping
        Options of `analyse`; for tables that are not read yet any table stands in.
    more : sequence of str
        Faults found elsewhere.

    Raises
    ------
    OptionError

    Examples
    --------
    >>> check_asked({"method": "column", "radius_km": 0})
    Traceback (most recent call last):
    geocluster.errors.OptionError: the options cannot be used: 2 faults
      method 'column' needs labels: the column that holds the clusters.
      radius_km must be a number of kilometres above 0, got 0. 10 is usual.
    """
    together = {name: given[name] for name in _TOGETHER if name in given}
    shared = {name: given[name] for name in _SHARED if name in given}
    single = {name: value for name, value in given.items() if name not in ("controls", "background", "ties")}
    single = {name: value for name, value in single.items() if name not in _TOGETHER}
    check_options(**single, more=[*more, *asking_faults(**together, shared=shared)])


def asking_faults(
    *,
    method: str = "dbscan",
    method_options: Mapping[str, Any] | None = None,
    shared: Mapping[str, Any] | None = None,
    cases: object = None,
    unit: object = None,
    null: object = "redraw",
    ties_by: str | None = None,
    fragility: bool = False,
    compare: str | None = None,
) -> list[str]:
    r"""Say what does not go together, of finding clusters, testing them, and what is asked beside it.

    Parameters
    ----------
    method, method_options, cases, unit, null, ties_by, fragility, compare
        As in `analyse`.
    shared : mapping
        Options of `analyse` that methods use too: radius_km, minimum, controls, background, ties, alpha.

    Examples
    --------
    >>> print(*asking_faults(method="hdbscan", fragility=True, ties_by="name"), sep="\n")
    fragility goes with method 'dbscan', whose radius and minimum it varies, not 'hdbscan'.
    ties_by needs ties.
    """
    from geocluster.spanning.options import check_options as check_spanning

    own, shared = dict(method_options or {}), dict(shared or {})
    faults = finding_faults(method, own, shared)
    controls, background = shared.get("controls"), shared.get("background")
    faults += faults_of(check_spanning, 25.0, 2, unit, 0.05, None, controls, cases, background, null, 1, 10.0)
    if fragility and (method != "dbscan" or "weight" in own):
        what = "clusters by weight" if method == "dbscan" else repr(method)
        faults.append(f"fragility goes with method 'dbscan', whose radius and minimum it varies, not {what}.")
    if compare is not None:
        if compare == method:
            faults.append(f"compare is the method itself, {method!r}. Name another.")
        else:
            told = finding_faults(*other_options(compare, method, own, shared))
            faults += [f"compare={compare!r}: {fault}" for fault in told]
    if ties_by is not None and shared.get("ties") is None:
        faults.append("ties_by needs ties.")
    return faults
