"""Which numbers does a column hold?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault, SchemaError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import Series

LARGEST = 1e100
"""Larger ones overflow in squares and their sums."""
LARGEST_WHOLE = 2.0**53
"""Whole numbers beyond it are rounded."""


def read_numbers(table: GeoDataFrame, *columns: str) -> list[NDArray[np.float64]]:
    """Read columns as numbers; an empty cell, NaN or infinity is NaN.

    Parameters
    ----------
    table : GeoDataFrame
    *columns : str

    Raises
    ------
    SchemaError
        With every column that holds words or numbers too large to be squared.

    Examples
    --------
    >>> import geopandas as gpd
    >>> read_numbers(gpd.GeoDataFrame({"x": [True, False, None]}), "x")[0].tolist()
    [1.0, 0.0, nan]
    """
    faults: list[Fault] = []
    found = [_read(table, column, faults) for column in columns]
    if faults:
        raise SchemaError("the table cannot be measured", faults)
    return found


def _read(table: GeoDataFrame, column: str, faults: list[Fault]) -> NDArray[np.float64]:
    import pandas as pd

    series = table[column]
    if pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_complex_dtype(series):
        numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
        words = 0
        some = ""
    else:
        numbers = np.array([number_in(cell) for cell in series], dtype=np.float64)
        filled = series.notna() & (series.astype("string").str.strip().fillna("") != "")
        told = series[(np.isnan(numbers) & filled).to_numpy(dtype=bool)].astype(str)
        words, some = len(told), ", ".join(repr(word[:40]) for word in told.unique()[:3])
    if words:
        commas = all(np.isfinite(number_in(word.replace(",", "."))) for word in told)
        mend = "Write decimals with a point, not a comma." if commas else "Give a column of numbers."
        faults.append(Fault(column, f"{words:,} of its cells are no numbers ({some}).", mend))
    huge = int((np.abs(numbers[np.isfinite(numbers)]) > LARGEST).sum())
    if huge:
        faults.append(
            Fault(column, f"{huge:,} of its numbers are beyond {LARGEST:g}: squares overflow.", "Give a larger unit.")
        )
    elif not words and _collapse(series, numbers):
        told = "its whole numbers differ only beyond the 15th digit, which is not kept."
        faults.append(Fault(column, told, "Subtract a constant."))
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _width(numbers: NDArray[np.float64]) -> float:
    """From the least to the largest; 0 without any."""
    held = numbers[np.isfinite(numbers)]
    return float(np.ptp(held)) if len(held) else 0.0


def _collapse(series: Series[Any], numbers: NDArray[np.float64]) -> bool:
    """Say whether whole numbers that differ have become one."""
    held = numbers[np.isfinite(numbers)]
    if not len(held) or _width(numbers) or abs(held[0]) < LARGEST_WHOLE:
        return False
    return bool(series.dropna().nunique() > 1)


def number_in(cell: object) -> float:
    """Read one cell; NaN if it is no number. A whole number without end is beyond all limits, not a word."""
    if cell is None:
        return float("nan")
    try:
        return float(cell)  # type: ignore[arg-type]
    except OverflowError:
        return 2 * LARGEST
    except (TypeError, ValueError):
        return float("nan")
