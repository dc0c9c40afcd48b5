"""How does a matrix of kinds become files?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.export.place import results_folder, written_together
from geocluster.export.sheets import rows_sheet
from geocluster.export.writing import (
    SUFFIXES,
    answer_beside,
    made_by,
    write_figure,
    write_run,
    write_sheet,
    write_words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geocluster.pipeline.colocation import Colocation

FIGURES = ("matrix", "map")
COLOCATION_FILES = (
    "pairs.csv", "places.csv", "set_aside.csv", "summary.txt", "run.json",
    *(f"{name}.{suffix}" for name in FIGURES for suffix in SUFFIXES),
)  # fmt: skip


def write_colocation(
    found: Colocation,
    folder: str | Path,
    *,
    inputs: Sequence[str | Path] = (),
    language: str = "en",
    title: str | None = None,
) -> list[Path]:
    """Write all pairs, the members of the first kind, matrix, map, summary and what made them into a folder.

    Parameters
    ----------
    found : Colocation
    folder : str or Path
        Made if it is not there; files of the same names are replaced.
    inputs : sequence of path, optional
        Files whose checksums go into run.json.
    language : {"en", "ru"}
        Of the figures.
    title : str, optional
        Of the matrix.

    Returns
    -------
    list of Path

    Raises
    ------
    WriteError
        If the folder cannot be written; what stood there before still stands.
    MissingFileError
        If an input is not there.
    """
    run: dict[str, Any] = {
        "kinds": list(found.matrix.kinds),
        "rows": {"placed": len(found.placed), "entered": found.matrix.n, "set_aside": len(found.set_aside)},
        **made_by(found.matrix.provenance, null=found.matrix.null, inputs=inputs),
    }
    with results_folder(folder) as folder:
        with written_together(folder, COLOCATION_FILES) as beside:
            _write_all(found, beside, run, language=language, title=title)
        return [folder / name for name in COLOCATION_FILES]


def _write_all(found: Colocation, beside: Path, run: dict[str, Any], *, language: str, title: str | None) -> None:
    write_sheet(found.matrix.pairs, beside / "pairs.csv")
    members = found.placed.loc[found.local.frame.index]
    write_sheet(rows_sheet(answer_beside(found.local.frame, members)), beside / "places.csv")
    write_sheet(rows_sheet(found.set_aside), beside / "set_aside.csv")
    write_words(f"{found.matrix.summary()}\n{found.local.summary()}", beside / "summary.txt")
    write_run(run, beside / "run.json")
    figures = (found.matrix.figure(language=language, title=title), found.local.figure(language=language))
    for name, figure in zip(FIGURES, figures, strict=True):
        write_figure(figure, beside, name)
