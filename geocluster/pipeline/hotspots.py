"""How does a table become a map of hot spots, in one call?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import OptionError, SchemaError
from geocluster.pipeline.options import NEIGHBOURS, faults_of, neighbour_faults
from geocluster.pipeline.placing import check_value, rows_placed
from geocluster.schema import MAX_RADIUS_KM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from geocluster.autocorrelation import LocalResult
    from geocluster.permutation import Seed


def check_hotspot_options(
    *,
    statistic: str,
    nearest: int | None,
    within_km: float | None,
    permutations: int = 999,
    fdr: str = "bh",
    other_value: str | None = None,
    more: Sequence[str] = (),
) -> None:
    """Raise one error with every fault of the options of `find_hotspots` that need no table.

    Raises
    ------
    OptionError

    Examples
    --------
    >>> check_hotspot_options(statistic="moran", nearest=0, within_km=None)
    Traceback (most recent call last):
    geocluster.errors.OptionError: nearest must be a whole number from 1 up, got 0. 8 is usual.
    """
    from geocluster.autocorrelation import locally

    found = faults_of(
        locally.check_options, statistic, null="stratified", permutations=permutations, fdr=fdr, alpha=0.05,
        other_column=other_value, workers=1,
    )  # fmt: skip
    faults = [*more, *(fault.replace("other_column", "other_value") for fault in found)]
    faults += neighbour_faults(within_km=within_km, nearest=nearest)
    if faults:
        raise OptionError("\n  ".join(faults))


def find_hotspots(
    table: DataFrame | GeoDataFrame,
    *,
    value: str,
    other_value: str | None = None,
    statistic: Any = "getis_ord_star",
    nearest: int | None = None,
    within_km: float | None = None,
    max_radius_km: float = MAX_RADIUS_KM,
    permutations: int = 999,
    fdr: Any = "bh",
    rng: Seed = None,
    workers: int = 1,
    progress: Callable[..., Iterable[Any]] | None = None,
) -> tuple[LocalResult, GeoDataFrame, GeoDataFrame]:
    """Geocode a table if need be, join neighbours, and test each place.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Read, located or assigned: what is missing is done first.
    value, other_value : str
        Columns of numbers; or COLUMN=WORD, true where the column holds the word. For join counts
        `value` may hold words: each place's neighbours of its own kind are counted.
    statistic : str, default "getis_ord_star"
        As in `hotspot_test`.
    nearest, within_km
        As in `build_graph`; the 8 nearest if neither is given.
    max_radius_km : float, default 30
        Rows placed less certainly are set aside.
    permutations, fdr, rng, workers
        As in `hotspot_test`.
    progress : callable, optional
        Wraps what lasts, as tqdm does.

    Returns
    -------
    result : LocalResult
    placed, set_aside : GeoDataFrame

    Raises
    ------
    SchemaError
        With all faults of the table; or with the reasons why no row can be placed.
    OptionError
        If an option cannot be used.

    Examples
    --------
    >>> from geocluster.pipeline import load_example
    >>> result, placed, set_aside = find_hotspots(load_example("oresund"), value="kind=firm", statistic="join_count")
    >>> result.frame["within"].notna().all()
    np.True_
    """
    from geocluster.autocorrelation import hotspot_test
    from geocluster.autocorrelation.local_kinds import holds_words, read_own_kinds
    from geocluster.autocorrelation.values import read_numbers
    from geocluster.graph import build_graph

    nearest = NEIGHBOURS if nearest is None and within_km is None else nearest
    check_hotspot_options(
        statistic=statistic, nearest=nearest, within_km=within_km, permutations=permutations, fdr=fdr,
        other_value=other_value,
    )  # fmt: skip
    asked = [value] if other_value is None else [value, other_value]
    for column in asked:
        table = _told_by_word(table, column)
    kinds = statistic == "join_count" and value in getattr(table, "columns", ()) and holds_words(table, value)
    if kinds:
        read_own_kinds(table, value, other_value)  # type: ignore[arg-type]
    else:
        for column in asked:
            check_value(table, column)
    placed, set_aside = rows_placed(table, max_radius_km=max_radius_km, progress=progress)
    # neighbours are searched among those that have a value
    if kinds:
        words = read_own_kinds(placed, value, other_value)
        told = placed if words is None else placed[[word is not None for word in words]]
    else:
        told = placed[np.isfinite(np.sum(read_numbers(placed, *asked), axis=0))]
    if nearest is not None and len(told) <= nearest:
        raise SchemaError(
            f"{len(told)} of {len(placed)} rows placed have a value in {' and '.join(asked)}; "
            f"nearest={nearest} needs {nearest + 1} or more. Give fewer neighbours."
        )
    graph = build_graph(told, nearest=nearest, within_km=within_km)
    result = hotspot_test(
        told, graph, column=value, other_column=other_value, statistic=statistic, permutations=permutations, fdr=fdr,
        rng=rng, workers=workers,
    )  # fmt: skip
    without = len(placed) - len(told)
    if without:
        lacking = f"{without:,} row{'s' * (without > 1)} placed without a {'kind' if kinds else 'number'}"
        result = replace(result, notes=(f"{lacking} in {' or '.join(asked)}: not among the neighbours", *result.notes))
    return result, placed, set_aside


def _told_by_word(table: Any, value: str) -> Any:
    """Read COLUMN=WORD as a column of truth values."""
    from pandas.api.types import is_numeric_dtype

    from geocluster.autocorrelation.values import number_in

    column, equals, word = value.partition("=")
    if not equals or not hasattr(table, "columns") or value in table.columns or column not in table.columns:
        return table
    held = table[column].astype("string").str.strip()
    same = held.str.casefold() == word.strip().casefold()
    if is_numeric_dtype(table[column]):  # 3 is 3.0
        same |= (table[column] == number_in(word)).astype("boolean")
    if len(table) and not same.any():
        some = ", ".join(repr(one[:40]) for one in held.dropna().unique()[:5])
        raise SchemaError(f"value: no row has {word!r} in {column}. It holds {some or 'nothing'}.")
    return table.assign(**{value: same.fillna(value=False).astype(bool)})
