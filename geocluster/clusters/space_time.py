"""Where and when were more founded than elsewhere and at other times?

The space-time permutation scan (Kulldorff, Heffernan, Hartman, Assunção & Mostashari
2005): cylinders, a circle times a spell of years. Years are permuted inside each
country: that a nation's foundings had their boom is no cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.circles import Circles, lay_circles
from geocluster.clusters.partition import Partition
from geocluster.clusters.significance import COLUMNS, gather_windows, significant
from geocluster.errors import Fault, GraphSizeError, SchemaError
from geocluster.graph import distinct_points, say_rows
from geocluster.permutation import make_generator, permute_within, simulate

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from geocluster.clusters.choices import Choices

MAX_CYLINDERS = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Rows with a place, a stratum and a period.

    Attributes
    ----------
    first, of_row : ndarray of int
        The rows of each place, as in a sparse matrix.
    stratum, period : ndarray of int, shape (rows,)
    by_period : ndarray of int, shape (strata, periods + 1)
        Rows of each stratum up to each period.
    """

    first: NDArray[np.int64]
    of_row: NDArray[np.int64]
    stratum: NDArray[np.int64]
    period: NDArray[np.int64]
    by_period: NDArray[np.int64]


def gather_events(place: NDArray[np.int64], stratum: NDArray[np.int64], period: NDArray[np.int64]) -> Events:
    """Order rows by place and count them by period.

    Examples
    --------
    >>> gather_events(np.array([1, 0, 1]), np.zeros(3, int), np.array([0, 2, 2])).by_period.tolist()
    [[0, 1, 1, 3]]
    """
    strata, periods = int(stratum.max(initial=-1)) + 1, int(period.max(initial=-1)) + 1
    table = np.bincount(stratum * periods + period, minlength=strata * periods).reshape(strata, periods)
    until = np.column_stack([np.zeros(strata, dtype=np.int64), np.cumsum(table, axis=1)])
    order = np.argsort(place, kind="stable").astype(np.int64)
    first = np.append(0, np.cumsum(np.bincount(place))).astype(np.int64)
    return Events(first, order, stratum.astype(np.int64), period.astype(np.int64), until.astype(np.int64))


def cylinder_ratios(
    events: Events, circles: Circles, *, longest: int, minimum: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give of each circle the largest ratio over spells, and its spell: first period, and the one after the last."""
    from geocluster.clusters import scan_kernels  # numba is slow to import

    laid = _laid(events, circles, longest, minimum)
    found: tuple[NDArray[np.float64], NDArray[np.int64]] = scan_kernels.cylinder_ratios(*laid, events.period)
    return found


def _laid(events: Events, circles: Circles, longest: int, minimum: int) -> tuple[Any, ...]:
    """Give what all scans of these cylinders need."""
    return (
        circles.start, circles.place, circles.closed, events.first, events.of_row, events.stratum, events.by_period,
        longest, minimum,
    )  # fmt: skip


def draw_largest(
    events: Events,
    circles: Circles,
    *,
    longest: int,
    minimum: int,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> NDArray[np.float64]:
    """Draw the largest ratio under the null: periods permuted inside each stratum.

    Returns
    -------
    ndarray, shape (permutations,)
    """
    from geocluster.clusters.scan_kernels import largest_in_cylinders

    laid = _laid(events, circles, longest, minimum)

    def draw(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        shuffled = events.period[permute_within(events.stratum, generator, size)]
        largest: NDArray[np.float64] = largest_in_cylinders(*laid, shuffled)
        return largest

    return simulate(draw, permutations=permutations, rng=rng, workers=workers)


def find_by_cylinders(
    table: GeoDataFrame,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    country: NDArray[np.object_],
    choices: Choices,
) -> Partition:
    """Find the cylinders that hold significantly more foundings than place and time alone would give.

    Parameters
    ----------
    table : GeoDataFrame
        With the column `choices.years`; rows without a year are set aside.
    longitude, latitude, country : ndarray, shape (n,)
    choices : Choices
    """
    rows = len(table)
    year = _years(table, choices.years)
    dated = np.flatnonzero(np.isfinite(year))
    notes = []
    if len(dated) < rows:
        notes.append(f"set aside, no year in {choices.years}: {say_rows(table.index[~np.isfinite(year)])}")
    rng, seed = make_generator(choices.rng)
    if not len(dated):
        return Partition(np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=bool), notes=notes, seed=seed)
    slot = np.floor_divide(year[dated], choices.period_years).astype(np.int64)
    since = int(slot.min())
    points = distinct_points(longitude[dated], latitude[dated])
    pooled = choices.null == "pooled"
    code = np.unique(country[dated].astype(str), return_inverse=True)[1].astype(np.int64)
    stratum = np.zeros(len(dated), dtype=np.int64) if pooled else code
    # rows in an order of their own, or the same seed would permute another table's rows
    own = np.lexsort((slot, stratum, points.of_row))
    events = gather_events(points.of_row[own], stratum[own], slot[own] - since)
    periods = events.by_period.shape[1] - 1
    longest = max(1, periods // 2)
    circles = lay_circles(points.xyz, points.count.astype(np.float64), max_radius_km=choices.max_radius_km)
    filled = np.flatnonzero(np.diff(events.by_period.sum(axis=0)))
    spells = int((np.searchsorted(filled, filled + longest) - np.arange(len(filled))).sum())
    cylinders = int(circles.closed.sum()) * spells
    if cylinders > MAX_CYLINDERS:
        raise GraphSizeError(
            f"a scan of {cylinders:,} cylinders, more than {MAX_CYLINDERS:,}. "
            f"Give max_radius_km, or period_years above {choices.period_years}."
        )
    notes.append(
        f"space-time permutation: spells of up to {longest * choices.period_years:g} years in steps of "
        f"{choices.period_years:g}; null: years permuted {'over all countries' if pooled else 'inside each country'}"
    )
    ratio, spell = cylinder_ratios(events, circles, longest=longest, minimum=choices.minimum)
    null = draw_largest(
        events, circles, longest=longest, minimum=choices.minimum, permutations=choices.permutations, rng=rng,
        workers=choices.workers,
    )  # fmt: skip
    chosen, p, word = significant(circles, ratio, null, choices.alpha, places=len(points.count))
    notes.append(word.replace("circle", "cylinder"))
    windows = []
    for step, chance in zip(chosen, p, strict=True):
        members, centre = circles.members(step), circles.centre(step)
        start, end = (int(at) for at in spell[step])
        inside = np.isin(points.of_row, members)
        here = np.bincount(stratum[inside], minlength=len(events.by_period))
        of_time = (events.by_period[:, end] - events.by_period[:, start]) / events.by_period[:, -1]
        values = (
            ratio[step], chance, float((here * of_time).sum()), circles.km[step], points.longitude[centre],
            points.latitude[centre], (since + start) * choices.period_years,
            (since + end) * choices.period_years - 1,
        )  # fmt: skip
        windows.append((dated[inside & (slot - since >= start) & (slot - since < end)], values))
    names = (*COLUMNS, "from_year", "to_year")
    return gather_windows(windows, names, longitude, latitude, notes=notes, seed=seed)


def _years(table: GeoDataFrame, column: str) -> NDArray[np.float64]:
    """Read years: numbers, or dates; NaN where there is none."""
    import pandas as pd

    if column not in table.columns:
        fault = Fault(column, "there is no such column.", "Name the one with years: years='founded'.")
        raise SchemaError("the table cannot be scanned in time", [fault])
    values = table[column]
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.year
    year = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    year = np.where(np.isfinite(year) & (year >= 1) & (year < 3000), np.floor(year), np.nan)
    if len(year) and not np.isfinite(year).any():
        fault = Fault(column, "no row has a year.", "Years are whole numbers, e.g. 1998.")
        raise SchemaError("the table cannot be scanned in time", [fault])
    return year
