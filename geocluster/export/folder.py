"""How does an analysis become files?

All files are written beside the folder first, and moved in when all are whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.export.place import ASKED_FILES, FILES, results_folder, written_together
from geocluster.export.sheets import circles_sheet, clusters_sheet, conjunctions_sheet, rows_sheet
from geocluster.export.writing import made_by, write_run, write_sheet, write_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure
    from pandas import DataFrame

    from geocluster.pipeline import Analysis


def write_folder(
    analysis: Analysis,
    folder: str | Path,
    *,
    inputs: Sequence[str | Path] = (),
    language: str = "en",
    title: str | None = None,
    progress: Callable[..., Iterable[Any]] | None = None,
) -> list[Path]:
    """Write tables, map, summary and what made them into a folder.

    Parameters
    ----------
    analysis : Analysis
    folder : str or Path
        Made if it is not there; files of the same names are replaced.
    inputs : sequence of path, optional
        Files whose checksums go into run.json.
    language : str, default "en"
        Of the map.
    title : str, optional
        Of the map; the analysis's own if not given.
    progress : callable, optional
        Wraps the files as tqdm does.

    Returns
    -------
    list of Path
        The files: clusters.csv, circles.csv, conjunctions.csv, stakeholders.csv,
        set_aside.csv, summary.txt, run.json, map.png, map.pdf, map.svg; where asked for,
        fragility.csv, fragility_grid.csv, fragility.png, comparison.csv, comparison.png.

    Raises
    ------
    WriteError
        If the folder cannot be written; what stood there before still stands.
    MissingFileError
        If an input is not there.
    """
    run = _run(analysis, inputs)
    with results_folder(folder) as folder:
        asked = asked_files(analysis)
        names = [*FILES, *asked]
        with written_together(folder, names, stale=[name for name in ASKED_FILES if name not in asked]) as beside:
            _write_all(analysis, beside, run, names, language=language, title=title, progress=progress)
        return [folder / name for name in names]


def asked_files(analysis: Analysis) -> list[str]:
    """Name the files that this analysis leaves beside those of every one."""
    held = {"fragility": analysis.fragility, "comparison": analysis.comparison}
    return [name for name in ASKED_FILES if held[name.partition(".")[0].partition("_")[0]] is not None]


def _write_all(
    analysis: Analysis,
    beside: Path,
    run: dict[str, Any],
    names: Sequence[str],
    *,
    language: str,
    title: str | None,
    progress: Callable[..., Iterable[Any]] | None,
) -> None:
    from geocluster.maps import save_figure

    sheets: dict[str, Callable[[], DataFrame]] = {
        "clusters.csv": lambda: clusters_sheet(analysis),
        "circles.csv": lambda: circles_sheet(analysis),
        "conjunctions.csv": lambda: conjunctions_sheet(analysis),
        "stakeholders.csv": lambda: rows_sheet(analysis.table),
        "set_aside.csv": lambda: rows_sheet(analysis.set_aside),
    }
    figures: dict[str, Callable[[], Figure]] = {}
    if analysis.fragility is not None:
        found = analysis.fragility
        sheets["fragility.csv"] = lambda: found.frame.reset_index(names="cluster")
        sheets["fragility_grid.csv"] = lambda: found.grid
        figures["fragility.png"] = lambda: found.figure(language=language)
    if analysis.comparison is not None:
        compared = analysis.comparison
        sheets["comparison.csv"] = lambda: compared.frame
        figures["comparison.png"] = lambda: compared.figure(language=language)
    chart: Figure | None = None
    for name in progress(names) if progress else names:
        if name in sheets:
            write_sheet(sheets[name](), beside / name)
        elif name == "summary.txt":
            write_words(analysis.summary(), beside / name)
        elif name == "run.json":
            write_run(run, beside / name)
        elif name in figures:
            save_figure(figures[name](), beside / name)
        else:
            chart = chart or analysis.figure(language=language, title=title)
            save_figure(chart, beside / name)


def _run(analysis: Analysis, inputs: Sequence[str | Path]) -> dict[str, Any]:
    """Say what made the results."""
    return {
        "title": analysis.title,
        "rows": {
            "in": len(analysis.table) + len(analysis.set_aside),
            "placed": len(analysis.table),
            "set_aside": len(analysis.set_aside),
        },
        **made_by(analysis.provenance, null=analysis.spanning.null, inputs=inputs),
    }
