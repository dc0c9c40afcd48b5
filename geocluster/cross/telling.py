"""How do the counts become a result?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.cross.choices import ENOUGH_DRAWS
from geocluster.cross.parts import attraction_frames, curve_frames
from geocluster.cross.result import CurveResult
from geocluster.results import Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.cross.choices import Choices
    from geocluster.cross.distances import Distances
    from geocluster.cross.measuring import Measured
    from geocluster.cross.parts import Part
    from geocluster.cross.scene import Kinds


def tell_result(
    measured: Measured,
    parts: list[Part],
    kinds: Kinds,
    distances: Distances,
    choices: Choices,
    *,
    first_total: float | NDArray[np.float64],
    area: NDArray[np.float64],
    null: str,
    study_area: str,
    set_aside: DataFrame,
    shared: float,
    notes: Sequence[str],
    seed: str,
    sources: Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None,
) -> CurveResult:
    """Lay out the curves, test them, and say how it was done.

    Parameters
    ----------
    measured : Measured
    parts : list of Part
    kinds : Kinds
    distances : Distances
    choices : Choices
    first_total : float or ndarray, shape (distances,)
        N of the first kind.
    area : ndarray, shape (distances,)
        Of a disc of each radius, km².
    null, study_area : str
        In words.
    set_aside : DataFrame
    shared : float
    notes, sources : sequence of str
    seed : str
    parameters : mapping, optional
        Further ones.
    """
    curves, frame = curve_frames(measured, parts, distances, choices.function, first_total=first_total, area=area)
    cross, frame = attraction_frames(measured, parts, kinds, distances, frame)
    told = list(notes)
    if choices.permutations < ENOUGH_DRAWS:
        told.append(f"{choices.permutations} redraws: fewer than {ENOUGH_DRAWS} make a rough envelope")
    asked = {
        "function": choices.function, "kind": choices.kind, "near_kind": choices.near_kind, "null": choices.null,
        "study_area": study_area, "weight": choices.weight, "permutations": choices.permutations,
    }  # fmt: skip
    return CurveResult(
        label=f"{choices.kind} near {choices.near_kind}",
        function=choices.function,
        curves=curves,
        parts=frame,
        cross=cross,
        counts=_counts(kinds, choices),
        set_aside=set_aside,
        precision_km=distances.precision_km,
        shared=shared,
        null=null,
        notes=tuple(told),
        provenance=Provenance(asked | dict(parameters or {}), seed, sources),
    )


def _counts(kinds: Kinds, choices: Choices) -> DataFrame:
    import pandas as pd

    number = kinds.number()
    columns = {choices.kind: number[0]}
    if not kinds.same:
        columns[choices.near_kind] = number[1]
    return pd.DataFrame(columns, index=pd.Index(kinds.names, name="country"))
