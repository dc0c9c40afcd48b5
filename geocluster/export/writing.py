"""How do tables, words and figures of a result reach their files, and what is told of what made it?"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocluster.errors import MissingFileError
from geocluster.export.sheets import safe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from geocluster.results import Provenance

SUFFIXES = ("png", "pdf", "svg")
"""The forms in which a figure for print is written."""


def made_by(made: Provenance, *, null: str, inputs: Sequence[str | Path]) -> dict[str, Any]:
    """Give what made a result, for run.json.

    Raises
    ------
    MissingFileError
        If an input cannot be read.

    Examples
    --------
    >>> from geocluster.results import Provenance
    >>> list(made_by(Provenance({"radius_km": 10}, "1"), null="", inputs=[]))
    ['parameters', 'null', 'seed', 'versions', 'sources', 'inputs_sha256']
    """
    return {
        "parameters": dict(made.parameters),
        "null": null,
        "seed": made.seed,
        "versions": dict(made.versions),
        "sources": list(made.sources),
        "inputs_sha256": checksums_of(inputs),
    }


def checksums_of(inputs: Sequence[str | Path]) -> dict[str, str]:
    """Give the SHA-256 of files, by name where names differ.

    Raises
    ------
    MissingFileError
        If one cannot be read.
    """
    paths = [Path(item) for item in inputs]
    names = [path.name for path in paths]
    checksums = {}
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise MissingFileError(f"{path} cannot be read for its checksum: {error.strerror or error}.") from error
        checksums[path.name if names.count(path.name) == 1 else str(path)] = hashlib.sha256(data).hexdigest()
    return checksums


def write_sheet(frame: DataFrame, path: Path) -> None:
    """Write a table such as any spreadsheet opens, safely."""
    safe(frame).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def write_words(words: str, path: Path) -> None:
    """Write a text; what UTF-8 cannot hold is a question mark."""
    path.write_text(words + "\n", encoding="utf-8", errors="replace", newline="\n")


def write_run(run: Mapping[str, Any], path: Path) -> None:
    """Write what made a result."""
    write_words(json.dumps(run, indent=2, ensure_ascii=False, default=str), path)


def write_figure(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure for print in every form."""
    from geocluster.maps import save_figure

    for suffix in SUFFIXES:
        save_figure(figure, folder / f"{name}.{suffix}")


def answer_beside(frame: DataFrame, rows: GeoDataFrame, *, without: str = "no number") -> GeoDataFrame:
    """Put a local answer beside the columns of the table; rows that were not asked have none.

    Parameters
    ----------
    frame : DataFrame
        Of a local result, on the index of rows that were asked.
    rows : GeoDataFrame
        A column of a name of the answer's gets `_original`.
    without : str, default "no number"
        Why a row was not asked.
    """
    answer = frame.drop(columns="country").reindex(rows.index)
    for column in ("verdict", "dependence", "reason"):
        answer[column] = answer[column].astype(object)
    absent = ~rows.index.isin(frame.index)
    answer.loc[absent, "verdict"], answer.loc[absent, "reason"] = "not tested", without
    taken = {name: f"{name}_original" for name in rows.columns if name in answer.columns}
    return rows.rename(columns=taken).join(answer)
