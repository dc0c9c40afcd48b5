"""Does what is asked of a table in one call go together?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.pipeline.finding import finding_faults, other_options
from geocluster.pipeline.options import faults_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def asking_faults(
    *,
    method: str = "dbscan",
    method_options: Mapping[str, Any] | None = None,
    shared: Mapping[str, Any] | None = None,
    cases: object = None,
    unit: object = None,
    null: object = "redraw",
    ties_by: str | None = None,
    fragile: bool = False,
    compare_with: str | None = None,
) -> list[str]:
    r"""Say what does not go together, of finding clusters, testing them, and what is asked beside it.

    Parameters
    ----------
    method, method_options, cases, unit, null, ties_by, fragile, compare_with
        As in `analyse`.
    shared : mapping
        Options of `analyse` that methods use too: radius_km, minimum, controls, background, ties, alpha.

    Examples
    --------
    >>> print(*asking_faults(method="hdbscan", fragile=True, ties_by="name"), sep="\n")
    fragile goes with method 'dbscan', whose radius and minimum it varies, not 'hdbscan'.
    ties_by needs ties.
    """
    from geocluster.spanning.options import check_options as check_spanning

    own, shared = dict(method_options or {}), dict(shared or {})
    faults = finding_faults(method, own, shared)
    controls, background = shared.get("controls"), shared.get("background")
    faults += faults_of(check_spanning, 25.0, 2, unit, 0.05, None, controls, cases, background, null, 1, 10.0)
    if fragile and (method != "dbscan" or "weight" in own):
        what = "clusters by weight" if method == "dbscan" else repr(method)
        faults.append(f"fragile goes with method 'dbscan', whose radius and minimum it varies, not {what}.")
    if compare_with is not None:
        if compare_with == method:
            faults.append(f"compare_with is the method itself, {method!r}. Name another.")
        else:
            told = finding_faults(*other_options(compare_with, method, own, shared))
            faults += [f"compare_with={compare_with!r}: {fault}" for fault in told]
    if ties_by is not None and shared.get("ties") is None:
        faults.append("ties_by needs ties.")
    return faults
