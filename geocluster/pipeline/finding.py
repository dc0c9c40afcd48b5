"""Which options does each method of finding clusters take, and how sure is what it found?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.errors import Fault, GraphSizeError, SchemaError
from geocluster.pipeline.options import faults_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from geocluster.clusters import ClusterResult, DependenceResult
    from geocluster.permutation import Seed

DENSE = ("dbscan", "hdbscan", "chameleon")
"""Methods whose minimum is one of density."""
_DENSITY_MINIMUM = 5
_ALWAYS = ("max_diameter_km", "chains")


def finding_options(method: str, method_options: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """Give `find_clusters` what goes with a method.

    Parameters
    ----------
    method : str
    method_options : mapping
        Options of this method only.
    shared : mapping
        Options that other steps of an analysis use too; those that the method has no use for are left out.

    Examples
    --------
    >>> finding_options("hdbscan", {"samples": 3}, {"radius_km": 10, "minimum": 5, "alpha": 0.05})
    {'method': 'hdbscan', 'minimum': 5, 'samples': 3}
    """
    from geocluster.clusters.choices import ONLY_FOR

    own = {
        name: value for name, value in shared.items() if value is not None and method in ONLY_FOR.get(name, (method,))
    }
    return {"method": method, **own, **method_options}


def finding_faults(method: str, method_options: Mapping[str, Any], shared: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with the options of a method.

    Examples
    --------
    >>> finding_faults("dbscan", {"samples": 3}, {})
    ["samples goes with method 'hdbscan', not 'dbscan'."]
    """
    from geocluster.clusters.choices import MAX_DIAMETER_KM, ONLY_FOR, choose

    known = {*ONLY_FOR, *_ALWAYS} - set(shared)
    faults = [
        f"method_options has no option {name!r}. It takes {', '.join(sorted(known))}."
        for name in method_options
        if name not in known
    ]
    told = finding_options(method, {k: v for k, v in method_options.items() if k in known}, shared)
    always = {
        "method": method,
        "max_diameter_km": told.pop("max_diameter_km", MAX_DIAMETER_KM),
        "chains": told.pop("chains", "flag"),
        "workers": 1,
    }
    told.pop("method")
    return faults + [_own(fault) for fault in faults_of(choose, told, **always)]


def _own(fault: str) -> str:
    """Name options that other steps call the same as those of the method."""
    name = fault.partition(" ")[0]
    return fault.replace(name, f"method_options[{name!r}]", 1) if name in ("max_radius_km", "null") else fault


def other_options(
    other: str, method: str, method_options: Mapping[str, Any], shared: Mapping[str, Any]
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Give a second method what it can share with the first: its own options, and the minimum of density.

    Examples
    --------
    >>> other_options("scan", "hdbscan", {"samples": 3, "chains": "split"}, {"minimum": 8, "alpha": 0.05})
    ('scan', {'chains': 'split'}, {'alpha': 0.05})
    """
    from geocluster.clusters.choices import ONLY_FOR

    own = {name: value for name, value in method_options.items() if other in ONLY_FOR.get(name, (other,))}
    both = {other, method} <= set(DENSE)
    return other, own, {name: value for name, value in shared.items() if name != "minimum" or both}


def check_columns(table: DataFrame, columns: Iterable[tuple[str, object]]) -> None:
    """Refuse columns that are asked for and not there, all at once, before anything is computed.

    Parameters
    ----------
    table : DataFrame
    columns : iterable of (option, name)
        What is no text, or None, is passed over.

    Raises
    ------
    SchemaError
    """
    has = list(map(str, table.columns)) if hasattr(table, "columns") else []
    faults = [
        Fault(option, f"there is no column {name!r}.", f"The table has {', '.join(has[:20])}.")
        for option, name in columns
        if isinstance(name, str) and hasattr(table, "columns") and name not in table.columns
    ]
    if faults:
        raise SchemaError("the table lacks what is asked of it", faults)


def find_dependence(
    table: GeoDataFrame,
    clusters: ClusterResult,
    *,
    radius_km: float,
    resamples: int,
    rng: Seed,
    workers: int,
) -> tuple[DependenceResult | None, list[str]]:
    """Ask how much clusters in several countries hang on the border, with an interval; or say why not.

    Methods without a rule of density are asked by that of `radius_km` and five.
    """
    from geocluster.clusters import dependence_bootstrap

    made = clusters.provenance.parameters
    if not resamples or not any(" " in codes for codes in clusters.frame["countries"]):
        return None, []
    if "minimum_weight" in made:
        return None, ["no interval of border dependence: it is asked in organisations, the clusters in weights"]
    minimum = int(made["minimum"]) if made["method"] in DENSE else _DENSITY_MINIMUM
    try:
        found = dependence_bootstrap(
            table,
            clusters,
            radius_km=made.get("radius_km", radius_km),
            minimum=minimum,
            resamples=resamples,
            rng=rng,
            workers=workers,
        )
    except GraphSizeError as error:
        return None, [f"no interval of border dependence: {error}"]
    return found, []
