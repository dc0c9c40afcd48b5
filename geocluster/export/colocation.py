"""How does a matrix of kinds become files?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from geocluster.export.folder import checksums_of
from geocluster.export.place import results_folder, written_together
from geocluster.export.sheets import rows_sheet, safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geocluster.pipeline.colocation import Colocation

FIGURES = ("matrix", "map")
COLOCATION_FILES = (
    "pairs.csv", "places.csv", "set_aside.csv", "summary.txt", "run.json",
    *(f"{name}.{suffix}" for name in FIGURES for suffix in ("png", "pdf", "svg")),
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
    made = found.matrix.provenance
    run: dict[str, Any] = {
        "kinds": list(found.matrix.kinds),
        "rows": {"placed": len(found.placed), "entered": found.matrix.n, "set_aside": len(found.set_aside)},
        "parameters": dict(made.parameters),
        "null": found.matrix.null,
        "seed": made.seed,
        "versions": dict(made.versions),
        "inputs_sha256": checksums_of(inputs),
    }
    with results_folder(folder) as folder:
        with written_together(folder, COLOCATION_FILES) as beside:
            _write_all(found, beside, run, language=language, title=title)
        return [folder / name for name in COLOCATION_FILES]


def _write_all(found: Colocation, beside: Path, run: dict[str, Any], *, language: str, title: str | None) -> None:
    from geocluster.maps import save_figure

    answer = found.local.frame.drop(columns="country")
    for column in ("verdict", "dependence", "reason"):
        answer[column] = answer[column].astype(object)
    members = found.placed.loc[answer.index]
    taken = {name: f"{name}_original" for name in members.columns if name in answer.columns}
    for name, sheet in (
        ("pairs.csv", found.matrix.pairs),
        ("places.csv", rows_sheet(members.rename(columns=taken).join(answer))),
        ("set_aside.csv", rows_sheet(found.set_aside)),
    ):
        safe(sheet).to_csv(beside / name, index=False, lineterminator="\n", encoding="utf-8")
    for name, words in (
        ("summary.txt", f"{found.matrix.summary()}\n{found.local.summary()}"),
        ("run.json", json.dumps(run, indent=2, ensure_ascii=False, default=str)),
    ):
        (beside / name).write_text(words + "\n", encoding="utf-8", errors="replace", newline="\n")
    figures = (found.matrix.figure(language=language, title=title), found.local.figure(language=language))
    for name, figure in zip(FIGURES, figures, strict=True):
        for suffix in ("png", "pdf", "svg"):
            save_figure(figure, beside / f"{name}.{suffix}")
