"""Which column of the file is which of ours?"""

from __future__ import annotations

from collections import Counter, defaultdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from geocluster.errors import OptionError, ReadError
from geocluster.readers.headings import COLUMNS, meaning_of
from geocluster.readers.raw import cell_text, tidy
from geocluster.spelling import is_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame, Series

_NUMBERS = ("weight", "founded", "lat", "lon")
_PLACES = ("city", "address", "postcode", "region", "country")
_NEAR_NAMES = ("title", "label", "bezeichnung", "titel", "libelle", "intitule")
_COLUMNS_TOLD = 40


def name_columns(file: str, header: Sequence[str], columns: Mapping[str, str] | None = None) -> list[str]:
    """Give our name for every column of a file.

    A column is ours by `columns`, by being called exactly so, or by a word for it in
    English, German, French or Russian. Two that could be the same are a fault.

    Parameters
    ----------
    file : str
        What faults call the file.
    header : sequence of str
        Its columns.
    columns : mapping, optional
        Our name to the file's.

    Returns
    -------
    list of str
        In the header's order, each once; never 'type'.

    Raises
    ------
    ReadError
        With all faults, and how to mend each.

    Examples
    --------
    >>> name_columns("firms.csv", ["Firma", "PLZ", "Ort", "Umsatz"])
    ['name', 'postcode', 'city', 'Umsatz']
    >>> name_columns("firms.csv", ["Firma", "Name", "Ort"])
    Traceback (most recent call last):
    geocluster.errors.ReadError: firms.csv cannot be used: 1 fault
      'Firma' and 'Name' can both be name. Give columns={'name': 'Firma'} (--column name=Firma) or the other.
      It has Firma, Name, Ort.
    """
    if columns is not None and not hasattr(columns, "keys"):
        raise OptionError(f"columns is a mapping of our name to the file's, {{'name': 'Firma'}}, not {columns!r:.60}.")
    columns = dict(columns or {})
    faults = [
        f"the column {cell!r} stands {count} times. Rename or drop one."
        for cell, count in sorted(Counter(header).items())
        if count > 1 and cell
    ]
    given: dict[str, str] = {}
    held = set(header)
    for ours, theirs in columns.items():
        if theirs in given:
            faults.append(f"the column {theirs!r} is given for {given[theirs]} and for {ours}. Give it for one.")
        if theirs not in held:
            near = get_close_matches(theirs, header, n=1)
            faults.append(f"no column {theirs!r} for {ours}." + (f" Is it {near[0]!r}?" if near else ""))
        given.setdefault(theirs, ours)
    meant, doubtful = _meanings(header, columns, given)
    faults += doubtful
    names: list[str] = []
    used = set(columns)
    for position, cell in enumerate(header):
        name = given.get(cell) or meant.get(cell) or cell or f"column_{position + 1}"
        if cell not in given:
            if name != cell and name in held:  # the column of exactly that name has it
                name = cell or name
            while name in used or name == "type":
                name += "_original"
        used.add(name)
        names.append(name)
    faults += _missing(header, names, columns)
    if faults:
        told = ", ".join(cell or "(empty)" for cell in header[:_COLUMNS_TOLD])
        found = f"It has {told}{' …' if len(header) > _COLUMNS_TOLD else ''}."
        count = f"{len(faults)} fault{'s' * (len(faults) > 1)}"
        raise ReadError("\n  ".join([f"{file} cannot be used: {count}", *faults, found]))
    return names


def _meanings(
    header: Sequence[str], columns: Mapping[str, str], given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Find the one column for each of ours; where two could be it, say so."""
    could: dict[str, list[str]] = defaultdict(list)
    for cell in dict.fromkeys(header):
        ours = meaning_of(cell)
        if ours and ours not in columns and cell not in given:
            could[ours].append(cell)
    meant: dict[str, str] = {}
    faults = []
    for ours in COLUMNS:
        cells = could.get(ours, [])
        if ours in cells:
            cells = [ours]
        if len(cells) > 1:
            both = f"{', '.join(map(repr, cells[:-1]))} and {cells[-1]!r} can {'both' if len(cells) == 2 else 'all'}"
            give = f"Give columns={{{ours!r}: {cells[0]!r}}} (--column {ours}={cells[0]})"
            faults.append(f"{both} be {ours}. {give} or {'the other' if len(cells) == 2 else 'another'}.")
        meant |= dict.fromkeys(cells[:1], ours)
    return meant, faults


def _missing(header: Sequence[str], names: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """Name the columns without which no row can be read."""
    if "name" in names or "name" in columns:
        return []
    if "name" in columns.values():
        return [f"no column 'name': it is given for {next(o for o, t in columns.items() if t == 'name')}."]
    lower = {cell.casefold(): cell for cell in header}
    near = [lower[word] for word in (*_NEAR_NAMES, *get_close_matches("name", lower, n=1, cutoff=0.5)) if word in lower]
    hint = f" Is it {near[0]!r}?" if near else ""
    faults = [f"no column 'name'.{hint} Give columns={{'name': ...}} (--column name=...)."]
    if not set(_PLACES) & {*names, *columns} and not {"lat", "lon"} <= {*names, *columns}:
        faults.append("no column tells a place: city, address, postcode, region, country, or lat and lon.")
    return faults


def dress(frame: DataFrame, names: Sequence[str]) -> DataFrame:
    """Give the columns their names and kinds: text as text, numbers as numbers.

    weight, founded, lat and lon are numbers where all their cells are, and lat and
    lon may have a decimal comma. A missing `kind` becomes 'other'.

    Examples
    --------
    >>> import pandas as pd
    >>> dress(pd.DataFrame({0: ["A"], 1: ["47,5"]}), ["name", "lat"]).to_numpy().tolist()
    [['A', 47.5, 'other']]
    """
    import pandas as pd

    made: dict[str, Series[Any]] = {}
    for at, name in enumerate(names):
        cells = frame.iloc[:, at]
        if name in COLUMNS and not (name in _NUMBERS and pd.api.types.is_numeric_dtype(cells.dtype)):
            cells = _text(cells)
        if name in _NUMBERS:
            cells = _numbers(cells, comma=name in ("lat", "lon"))
        made[name] = cells
    table = pd.DataFrame(made, index=frame.index)
    if "kind" not in table.columns:
        table["kind"] = "other"
    table["kind"] = table["kind"].fillna("other")
    return table


def _text(cells: Series[Any]) -> Series[Any]:
    """Make tidy text of a column of any kind."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(cells.dtype, pd.StringDtype):
        values = pa.array(cells, pa.large_string(), from_pandas=True)
    else:
        words = [cell_text(cell) if pd.api.types.is_scalar(cell) and not pd.isna(cell) else None for cell in cells]
        values = pa.array(words, pa.large_string())
    series: Series[Any] = tidy(values).to_pandas()
    series.index = cells.index
    return series


def _numbers(cells: Series[Any], *, comma: bool) -> Series[Any]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(cells.dtype):
        return cells.astype("float64")
    number = pd.to_numeric(cells, errors="coerce")
    words = cells[number.isna() & cells.notna()]
    if comma and len(words):
        number = number.fillna(
            pd.to_numeric(words.str.replace(r"^([-+]?\d{1,3}),(\d+)$", r"\1.\2", regex=True), errors="coerce")
        )
        words = cells[number.isna() & cells.notna()]
    # else the words stay: whoever needs numbers names them
    return number.astype("float64") if all(map(is_nothing, words)) else cells
