"""How does a file of ties become a table of who is tied to whom?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocluster.errors import ReadError
from geocluster.readers.tables import open_raw

if TYPE_CHECKING:
    from pathlib import Path

    from pandas import DataFrame

ENDS = ("origin", "destination")
_COLUMNS_TOLD = 20


def read_tie_table(path: str | Path, *, encoding: str | None = None) -> DataFrame:
    r"""Read ties from a file of any kind that `read_table` reads: a row a tie, with origin and destination.

    Parameters
    ----------
    path : str or Path
    encoding : str, optional
        Of text; found if not given.

    Returns
    -------
    DataFrame
        All columns, their names small; no row where the file has none.

    Raises
    ------
    MissingFileError
        If there is no such file.
    ReadError
        If it has no such columns, with those it has.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "ties.csv"
    >>> _ = file.write_text("Origin;Destination;year\nRoche;CNRS;2019\n")
    >>> read_tie_table(file).values.tolist()
    [['Roche', 'CNRS', '2019']]
    """
    import pandas as pd

    with open_raw(path, encoding=encoding) as raw:
        names = [str(name).strip().casefold() for name in raw.header]
        absent = [end for end in ENDS if names.count(end) != 1]
        if absent:
            has = ", ".join(map(str, raw.header[:_COLUMNS_TOLD]))
            raise ReadError(
                f"{raw.name} tells no ties: it needs one column {' and one '.join(absent)}. It has {has}. "
                "Rename the columns that name who is tied to whom."
            )
        parts = [*raw.batches]
    if not parts:
        return pd.DataFrame(columns=names, dtype=object)
    whole = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return whole.set_axis(names, axis=1)
