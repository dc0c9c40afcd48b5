"""Are there enough of each kind to ask, and what must be refused?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import OptionError
from geocluster.splitting import FEWEST
from geocluster.splitting.discovery import FDRS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from geocluster.splitting import Countries, Rows


def check_kinds(kinds: Series, wanted: Iterable[str]) -> None:
    """Raise one error if kinds are not there, or if there is one kind only.

    Raises
    ------
    OptionError

    Examples
    --------
    >>> import pandas as pd
    >>> check_kinds(pd.Series(["firm", "firm"]), ["firm"])
    Traceback (most recent call last):
    geocluster.errors.OptionError: there is one kind only, 'firm': its labels cannot be changed. Give others too.
    """
    there = sorted(kinds.dropna().astype(str).unique())
    absent = [f"{word!r}" for word in dict.fromkeys(wanted) if not (kinds == word).any()]
    faults = []
    if absent:
        words = ", ".join(map(repr, there[:8])) or "none"
        faults.append(f"no row has the kind {' or '.join(absent)}. There are {words}.")
    if len(there) == 1:
        faults.append(f"there is one kind only, {there[0]!r}: its labels cannot be changed. Give others too.")
    if faults:
        raise OptionError("\n  ".join(faults))


def level_faults(fdr: str, alpha: Any) -> list[str]:
    """List what is wrong with the rule of adjustment and the level.

    Examples
    --------
    >>> level_faults("holm", 0.05)
    ["fdr must be 'bh' or 'by', got 'holm'."]
    """
    faults = [] if fdr in FDRS else [f"fdr must be {' or '.join(map(repr, FDRS))}, got {fdr!r}."]
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float, np.floating)) or not 0 < alpha < 1:
        faults.append(f"alpha must lie between 0 and 1, got {alpha!r}. 0.05 is usual.")
    return faults


def worker_faults(workers: Any) -> list[str]:
    """List what is wrong with the number of threads.

    Examples
    --------
    >>> worker_faults(0)
    ['workers must be a whole number from 1 up, got 0.']
    """
    whole = isinstance(workers, (int, np.integer)) and not isinstance(workers, bool)
    return [] if whole and workers >= 1 else [f"workers must be a whole number from 1 up, got {workers!r}."]


def coarse_note(table: GeoDataFrame, keep: NDArray[np.bool_]) -> list[str]:
    """Say how well half of the positions are known, where the table tells and it is not exactly.

    Examples
    --------
    >>> import geopandas as gpd
    >>> coarse_note(gpd.GeoDataFrame({"radius_km": [0.0, 15.0, 15.0]}), np.ones(3, dtype=bool))
    ['half of the positions are known no better than 15 km: who is nearer within that is not resolved']
    """
    import pandas as pd

    if "radius_km" not in table.columns:
        return []
    radius = pd.to_numeric(table.loc[keep, "radius_km"], errors="coerce").dropna()
    middle = float(radius.median()) if len(radius) else 0.0
    words = f"half of the positions are known no better than {middle:.3g} km: who is nearer within that is not resolved"
    return [words] if middle > 0 else []


def place_notes(table: GeoDataFrame, rows: Rows) -> list[str]:
    """Say how well positions are known, unless all rows stand in one place."""
    return [] if one_place(rows) else coarse_note(table, rows.keep)


def one_place(rows: Rows) -> str:
    """Say that all rows stand in one place; empty if they do not."""
    if rows.n > 1 and len(rows.points.count) == 1:
        return "not defined: all points stand in one place, where nobody is nearer than others"
    return ""


def count_kinds(countries: Countries, kinds: Sequence[NDArray[np.bool_]]) -> NDArray[np.int64]:
    """Count the rows of each kind by country, shape (kinds, k).

    Examples
    --------
    >>> from geocluster.splitting import Countries
    >>> count_kinds(Countries.of(["CH", "FR", "FR"]), [np.array([True, True, False])]).tolist()
    [[1, 1]]
    """
    k = len(countries.names)
    return np.array([np.bincount(countries.code[rows], minlength=k) for rows in kinds])


def few_words(names: Sequence[str], number: NDArray[np.int64], said: tuple[str, str], here: int, there: int) -> str:
    """Say which end of a pair has too few: the first kind here, the second there; empty if neither has.

    Examples
    --------
    >>> few_words(["CH", "FR"], np.array([[9, 9], [9, 2]]), ("firm", "university"), 0, 1)
    'too few: FR has 2 of university'
    """
    told = []
    for kind, country in dict.fromkeys((0 if said[0] == said[1] else kind, c) for kind, c in ((0, here), (1, there))):
        if number[kind, country] < FEWEST:
            told.append(f"{names[country]} has {number[kind, country]} of {said[kind]}")
    return f"too few: {', '.join(told)}" if told else ""


def reasons_of(
    rows: Rows, pairs: Sequence[tuple[int, int]], number: NDArray[np.int64], said: tuple[str, str]
) -> list[str]:
    """Do `part_reasons`; where all rows stand in one place nothing is claimed of any part."""
    told = part_reasons(pairs, rows.countries.names, number, said)
    return [one_place(rows) or words for words in told]


def part_reasons(
    pairs: Sequence[tuple[int, int]], names: Sequence[str], number: NDArray[np.int64], said: tuple[str, str]
) -> list[str]:
    """Say of whole, within, across and each pair of countries why nothing is claimed; empty if something is.

    A sum over several pairs is claimed if one of them has enough at both ends.

    Parameters
    ----------
    pairs : sequence of (int, int)
        Countries that an edge joins.
    names : sequence of str
    number : ndarray of int, shape (2, k)
    said : (str, str)
        The two kinds.

    Examples
    --------
    >>> part_reasons([(0, 0), (0, 1)], ["CH", "FR"], np.array([[9, 9], [9, 2]]), ("firm", "university"))
    ['', '', '', '', '']
    """
    ways = [dict.fromkeys([(a, b), (b, a)]) for a, b in pairs]
    told = [[few_words(names, number, said, *way) for way in both] for both in ways]

    def of(chosen: list[list[str]]) -> str:
        flat = [words for both in chosen for words in both]
        return "" if not flat or "" in flat else flat[0]

    own = [a == b for a, b in pairs]
    within = [both for both, same in zip(told, own, strict=True) if same]
    across = [both for both, same in zip(told, own, strict=True) if not same]
    return [of(told), of(within), of(across), *(of([both]) for both in told)]


def claim_nothing(frame: DataFrame, reasons: Sequence[str]) -> DataFrame:
    """Take z and p from parts that have a reason, and write it beside them."""
    told = frame.assign(reason=list(reasons))
    names = [name for name in ("z", "p", "p_adjusted") if name in told.columns]
    told.loc[told["reason"] != "", names] = np.nan
    return told
