"""Over which radius, minimum and largest circle does each cluster exist, and span?"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from geocluster.clusters.choices import MAX_DIAMETER_KM, RADIUS_KM
from geocluster.clusters.settings import MINIMUMS, RADII_KM
from geocluster.permutation import Seed, make_generator
from geocluster.pipeline.placing import named
from geocluster.results import Provenance
from geocluster.schema import MAX_RADIUS_KM

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from geopandas import GeoDataFrame
    from pandas import Series

    from geocluster.background import StudyArea
    from geocluster.clusters import FragilityResult
    from geocluster.spanning import Searched

R_MAX_KM = (25.0, 15.0, 40.0)
"""Largest circles that are asked; the first is that of the reference."""


def spanning_fragility(
    table: GeoDataFrame,
    *,
    radii_km: Sequence[float] = RADII_KM,
    minimums: Sequence[int] = MINIMUMS,
    radius_km: float = RADIUS_KM,
    minimum: int = 5,
    r_max_km: Sequence[float] = R_MAX_KM,
    max_diameter_km: float = MAX_DIAMETER_KM,
    study_area: StudyArea = "extent",
    controls: GeoDataFrame | None = None,
    cases: Mapping[str, Any] | Series[Any] | None = None,
    background: GeoDataFrame | Literal["flat"] | None = None,
    at_least: int = 2,
    unit: Literal["region", "border"] | None = None,
    null: Literal["redraw", "lgcp"] = "redraw",
    alpha: float = 0.05,
    max_radius_km: float = MAX_RADIUS_KM,
    permutations: int | None = None,
    rng: Seed = None,
    workers: int = 1,
    progress: Callable[..., Iterable[Any]] | None = None,
) -> FragilityResult:
    """Say of each cluster over which radius, minimum and largest circle it exists *and* spans.

    `fragility` with `spanning_test` behind it, in one call. The test looks for its circles
    once for each `r_max_km`, whatever the clusters: all settings share its redraws, so that
    no difference between them is one of chance. A setting is no test of its own: where a
    cluster spans at some and not at others, that is told as a range, not as a p-value.

    Parameters
    ----------
    table : GeoDataFrame
        An assigned table, every row with a point and a country.
    radii_km, minimums, radius_km, minimum, max_diameter_km
        As in `fragility`; radius_km and minimum are the reference.
    r_max_km : sequence of float, default (25, 15, 40)
        Largest circles; the first is that of the reference.
    study_area, controls, cases, background, at_least, unit, null, alpha, max_radius_km, permutations
        As in `spanning_test`. With `cases` the clusters are those of the cases.
    rng : Generator, int or None
        Seed; the same for each `r_max_km`.
    workers : int, default 1
        Threads; results do not depend on it.
    progress : callable, optional
        Wraps the search of each `r_max_km`, as tqdm does.

    Returns
    -------
    FragilityResult
        With `spans` in grid and frame, a stability score, a suggested radius and its reason.

    Raises
    ------
    OptionError
        With all faults of the options.
    SchemaError
        If the table is not assigned, or rows lack a point or a country.

    Examples
    --------
    >>> from geocluster.pipeline import load_example
    >>> told = spanning_fragility(load_example("oresund"), radii_km=[8, 10], minimums=[5], r_max_km=[25], rng=1)
    >>> told.grid["spans"].any()
    np.False_
    """
    from geocluster.clusters import fragility
    from geocluster.clusters.settings import check_settings
    from geocluster.spanning import search_spanning
    from geocluster.spanning.cases import divide_table

    check_settings(radii_km, minimums, radius_km, minimum, r_max_km, max_diameter_km)
    generator, seed = make_generator(rng)
    searches: dict[float, Searched] = {}
    clustered = table if cases is None else divide_table(table, cases).cases

    def spans(labels: Series[Any], largest: float) -> Collection[int]:
        if largest not in searches:
            searches[largest] = search_spanning(
                table, r_max_km=largest, study_area=study_area, controls=controls, cases=cases, background=background,
                at_least=at_least, unit=unit, null=null, alpha=alpha, max_radius_km=max_radius_km,
                permutations=permutations, rng=deepcopy(generator), workers=workers,
                progress=named(progress, f"circles up to {largest:g} km"),
            )  # fmt: skip
        return searches[largest].spanning_labels(labels)

    found = fragility(
        clustered, radii_km=radii_km, minimums=minimums, radius_km=radius_km, minimum=minimum, spans=spans,
        r_max_km=r_max_km, max_diameter_km=max_diameter_km,
    )  # fmt: skip
    told = dict(found.provenance.parameters)
    sources: list[str] = []
    if searches:
        made = searches[float(r_max_km[0])].provenance
        told |= {name: value for name, value in made.parameters.items() if name not in told}
        sources = list(made.sources)
    return replace(found, provenance=Provenance(told, seed, sources))
