"""Which rows name one organisation twice?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.results import Provenance
from geocluster.units.cells import cell_texts, identifier, rank_rows, table_faults
from geocluster.units.lookup import Lookup
from geocluster.units.misspellings import near_names
from geocluster.units.names import read_name, say_why
from geocluster.units.places import SAME, UNKNOWN, Places, check_within, place_faults
from geocluster.units.result import WHY, DuplicatesResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.units.names import Name

WITHIN_KM = 10.0
"""How near two rows of one name are one organisation: two centres of a great city are no farther apart."""
THRESHOLD = 85.0
"""Least likeness of a misspelt name: one letter wrong in seven."""


def find_duplicates(
    table: DataFrame | GeoDataFrame,
    *,
    threshold: float = THRESHOLD,
    within_km: float | None = WITHIN_KM,
    ids: str | Sequence[str] = (),
) -> DuplicatesResult:
    """Find the rows that name one organisation, at one place, more than once.

    Names are compared by `spelling_key`, without legal form (GmbH, S.A., Ltd …) and
    little words, in any order; near ones differ by one misspelt word: one edit from four
    letters on, two from eight, the same first letter, no digits. Each row is tied to the
    fullest of its group, and every member is like that one and at its place: no chains.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Read, located or assigned, with `name`. The place of a row is its point (geometry,
        else lat and lon), else its city; rows of two countries are never one.
    threshold : float, default 85
        Least likeness of near names, 0 to 100; 100 for the same names only.
    within_km : float or None, default 10
        How near is the same place, along the globe; None for any place of the country.
    ids : str or sequence of str, optional
        Columns whose value names one organisation (a VAT number, a website): rows that
        share it are duplicates whatever their name, unless their places are known to
        differ.

    Returns
    -------
    DuplicatesResult

    Raises
    ------
    SchemaError
        With all that the table lacks.
    OptionError
        If an option cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {
    ...         "name": ["Novartis AG", "NOVARTIS", "Novratis", "Roche", "Novartis AG"],
    ...         "city": ["Basel", "Basel", "Basel", "Basel", "Wien"],
    ...         "country": ["CH", "CH", "CH", "CH", "AT"],
    ...     }
    ... )
    >>> found = find_duplicates(table)
    >>> found
    <3 of 5 rows name 1 organisation more than once; 2 could be merged>
    >>> found.to_frame()[["name", "into", "score", "why"]].values.tolist()
    [['NOVARTIS', 0, 100.0, 'same name, legal form aside'], ['Novratis', 0, 87.5, 'near name']]
    >>> found.labels.tolist()
    [1, 1, 1, <NA>, <NA>]
    """
    within_km = check_within(within_km)
    columns = [ids] if isinstance(ids, str) else [str(name) for name in ids]
    try:
        least = float(threshold)
    except (TypeError, ValueError):
        least = float("nan")
    if not 0 < least <= 100:
        raise OptionError(f"threshold must lie above 0 and up to 100, got {threshold!r}. {THRESHOLD:g} is usual.")
    faults = table_faults(table, ["name", *columns]) + place_faults(table, within_km)
    if "name" in columns:
        faults.append(Fault("ids", "a name is no identifier.", "Names are compared anyhow."))
    if faults:
        raise SchemaError("duplicates cannot be found", faults)
    places = Places(table, within_km)
    known = {text: read_name(text) for text in dict.fromkeys(cell_texts(table["name"]))}
    names = [known[text] for text in cell_texts(table["name"])]
    rank = rank_rows(table)
    marks = {column: [identifier(text) for text in cell_texts(table[column])] for column in columns}
    into, score, why = _tie(names, marks, places, rank, least)
    nowhere = ~places.located & (places.city < 0) if within_km is not None else np.zeros(len(table), dtype=bool)
    counts = {
        "rows without a name, not compared by it": sum(not name.whole for name in names),
        "rows without a place, not compared by name": int(nowhere.sum()),
    }
    told = ", ".join(columns) or None
    provenance = Provenance({"threshold": least, "within_km": within_km, "ids": told})
    return _result(table, places, (into, score, why), rank, counts, provenance)


def _tie(
    names: list[Name], marks: dict[str, list[str]], places: Places, rank: NDArray[np.int64], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], list[str]]:
    """Tie each row to the best row that is the same organisation: itself, if there is none."""
    from rapidfuzz.fuzz import ratio

    n = len(names)
    words = Lookup([name.words for name in names], places)
    spelt: dict[str, set[str]] = {}
    for name in names:
        spelt.setdefault(name.letters, set()).add(name.words)
    letters = Lookup([name.letters if len(spelt[name.letters]) > 1 else "" for name in names], places)
    shared = {column: Lookup(keys, places, placeless=True) for column, keys in marks.items()}
    distinct = [key for key in dict.fromkeys(words.keys) if key]
    near = near_names(distinct, threshold=threshold) if threshold < 100 else {}
    into, score, why = np.arange(n), np.full(n, np.nan), [""] * n
    free = np.ones(n, dtype=bool)

    def tie(i: int, rows: NDArray[np.int64], fit: tuple[int, ...], reason: str = "") -> None:
        rows = rows[free[rows]]
        rows = rows[np.isin(places.compare(i, rows), fit)] if len(rows) else rows
        for row in rows.tolist():
            into[row], free[row] = i, False
            why[row] = reason or say_why(names[i], names[row])
            score[row] = ratio(names[i].words, names[row].words) if why[row] == "near name" else 100.0

    for i in np.argsort(rank, kind="stable").tolist():
        if not free[i]:
            continue
        free[i] = False
        for column, lookup in shared.items():
            if lookup.has_company(i):
                tie(i, lookup.rows(i, lookup.keys[i]), (SAME, UNKNOWN), f"same {column}")
        for lookup in (words, letters):
            if lookup.has_company(i):
                tie(i, lookup.rows(i, lookup.keys[i]), (SAME,))
        for key in near.get(words.keys[i], ()):
            tie(i, words.rows(i, key), (SAME,))
    return into, score, why


def _result(
    table: DataFrame,
    places: Places,
    ties: tuple[NDArray[np.int64], NDArray[np.float64], list[str]],
    rank: NDArray[np.int64],
    counts: dict[str, int],
    provenance: Provenance,
) -> DuplicatesResult:
    import pandas as pd

    into, score, why = ties
    again = np.flatnonzero(into != np.arange(len(table)))
    size = np.bincount(into, minlength=len(table))
    leaders = np.flatnonzero(size > 1)
    leaders = leaders[np.lexsort((rank[leaders], -size[leaders]))]
    number = np.zeros(len(table), dtype=np.int64)
    number[leaders] = np.arange(1, len(leaders) + 1)
    group = number[into]
    labels = pd.Series(group, index=table.index, name="group").astype("Int64").mask(group == 0)
    names = cell_texts(table["name"])
    at = into[again]
    frame = pd.DataFrame(
        {
            "name": pd.Series([names[i] for i in again], dtype="object"),
            "into": pd.Series(table.index[at]),
            "into_name": pd.Series([names[i] for i in at], dtype="object"),
            "group": group[again],
            "score": score[again],
            "why": pd.Series([why[i] for i in again], dtype="object"),
            "km": places.km(again, at),
        }
    ).set_axis(table.index[again])
    sure = np.array([WHY.index(why[i]) if why[i] in WHY else -1 for i in again], dtype=np.int64)
    order = np.lexsort((rank[again], sure, group[again]))
    return DuplicatesResult(labels=labels, frame=frame.iloc[order], counts=counts, provenance=provenance)
