"""How does an analysis become files?

All files are written beside the folder first, and moved in when all are whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocluster.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from geocluster.pipeline import Analysis

FILES = (
    "clusters.csv",
    "circles.csv",
    "stakeholders.csv",
    "set_aside.csv",
    "summary.txt",
    "run.json",
    "map.png",
    "map.pdf",
    "map.svg",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def prepare_folder(folder: str | Path) -> Path:
    """Make the folder, and say early when it cannot be written in.

    Raises
    ------
    WriteError
        If it is a file, or may not be written.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise WriteError(f"{folder} is a file. Give a folder for the results.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise WriteError(f"{folder} cannot be written in: {error.strerror or error}. Give another folder.") from error
    return folder


def write_folder(
    analysis: Analysis,
    folder: str | Path,
    *,
    inputs: Sequence[str | Path] = (),
    language: str = "en",
    title: str | None = None,
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

    Returns
    -------
    list of Path
        The files: clusters.csv, circles.csv, stakeholders.csv, set_aside.csv,
        summary.txt, run.json, map.png, map.pdf, map.svg.

    Raises
    ------
    WriteError
        If the folder cannot be written; nothing is then half-written.
    """
    from geocluster.maps import save_figure

    folder = prepare_folder(folder)
    try:
        beside = Path(tempfile.mkdtemp(prefix=".geocluster-", dir=folder))
        try:
            for name, frame in _tables(analysis).items():
                _safe(frame).to_csv(beside / name, index=False, lineterminator="\n", float_format="%.6g")
            (beside / "summary.txt").write_text(analysis.summary() + "\n", encoding="utf-8")
            (beside / "run.json").write_text(
                json.dumps(_run(analysis, inputs), indent=2, ensure_ascii=False) + "\n", "utf-8"
            )
            figure = analysis.figure(language=language, title=title)
            for ending in ("png", "pdf", "svg"):
                save_figure(figure, beside / f"map.{ending}")
            for name in FILES:
                (beside / name).replace(folder / name)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise WriteError(f"{folder} cannot be written in: {error.strerror or error}.") from error
    return [folder / name for name in FILES]


def _tables(analysis: Analysis) -> dict[str, DataFrame]:
    return {
        "clusters.csv": clusters_sheet(analysis),
        "circles.csv": _circles_sheet(analysis),
        "stakeholders.csv": _rows_sheet(analysis.table),
        "set_aside.csv": _rows_sheet(analysis.set_aside),
    }


def clusters_sheet(analysis: Analysis) -> DataFrame:
    """Give one row a cluster and reading: verdict, p, radius, O and E by country."""
    import pandas as pd

    spanning = analysis.spanning
    rows = []
    for label, cluster in analysis.to_frame().iterrows():
        own = spanning.readings[spanning.readings["cluster"] == label].set_index("reading")
        for reading in spanning.asked or [""]:
            told: dict[str, Any] = {
                "p": None,
                "r_km": None,
                "observed": "",
                "expected": "",
                "p_by_country": "",
                "excess": "",
            }
            if reading in own.index:
                line = own.loc[reading]
                counts = spanning.in_excess(int(label))  # type: ignore[call-overload]
                counts = counts[counts["reading"] == reading]
                told = {
                    "p": line["p"],
                    "r_km": line["r_km"] if line["claimed"] else None,
                    "observed": " · ".join(f"{r.country} {r.observed:.0f}" for r in counts.itertuples()),
                    "expected": " · ".join(f"{r.country} {r.expected:.2f}" for r in counts.itertuples()),
                    "p_by_country": " · ".join(f"{r.country} {r.p:.2g}" for r in counts.itertuples()),
                    "excess": line["excess"],
                }
            rows.append(
                {
                    "cluster": label,
                    "name": cluster["name"],
                    "verdict": cluster["verdict"],
                    "reading": reading,
                    "p": told["p"],
                    "r_km": told["r_km"],
                    "countries": cluster["countries"],
                    "n": cluster["n"],
                    "members": " · ".join(
                        f"{c} {k}"
                        for c, k in zip(str(cluster["countries"]).split(), str(cluster["counts"]).split(), strict=True)
                    ),
                    "observed": told["observed"],
                    "expected": told["expected"],
                    "p_by_country": told["p_by_country"],
                    "excess": told["excess"],
                    "dependence": cluster["dependence"],
                    "delta": cluster["delta"],
                    "chain": cluster["chain"],
                    "extent_km": cluster["extent_km"],
                    "lon": cluster["lon"],
                    "lat": cluster["lat"],
                }
            )
    columns = [
        "cluster",
        "name",
        "verdict",
        "reading",
        "p",
        "r_km",
        "countries",
        "n",
        "members",
        "observed",
        "expected",
        "p_by_country",
        "excess",
        "dependence",
        "delta",
        "chain",
        "extent_km",
        "lon",
        "lat",
    ]
    return pd.DataFrame(rows, columns=columns)


def _circles_sheet(analysis: Analysis) -> DataFrame:
    spanning = analysis.spanning
    frame = spanning.windows.copy()
    for column in ("observed", "expected"):
        words = []
        for row in spanning.windows.itertuples(index=False):
            counts = spanning.counts[
                (spanning.counts["of"] == "window")
                & (spanning.counts["number"] == row.claim)
                & (spanning.counts["reading"] == row.reading)
            ]
            words.append(" · ".join(f"{r.country} {getattr(r, column):.4g}" for r in counts.itertuples()))
        frame[column] = words
    return frame


def _rows_sheet(table: GeoDataFrame) -> DataFrame:
    """Give the rows with lon and lat in place of the geometry."""
    import pandas as pd

    frame = pd.DataFrame(table.drop(columns=table.geometry.name))
    frame.insert(0, "row", table.index)
    held = ~(table.geometry.isna() | table.geometry.is_empty)
    frame["lon"] = table.geometry.x.where(held)
    frame["lat"] = table.geometry.y.where(held)
    return frame


def _safe(frame: DataFrame) -> DataFrame:
    """Keep a spreadsheet from taking a name for a formula: an apostrophe goes before it."""
    import pandas as pd

    result = frame.copy()
    for column in result.columns:
        if not pd.api.types.is_numeric_dtype(result[column]) and not pd.api.types.is_bool_dtype(result[column]):
            result[column] = [
                f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
                for value in result[column]
            ]
    return result


def _run(analysis: Analysis, inputs: Sequence[str | Path]) -> dict[str, Any]:
    checksums = {}
    for item in inputs:
        path = Path(item)
        checksums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    made = analysis.provenance
    return {
        "title": analysis.title,
        "rows": {
            "in": len(analysis.table) + len(analysis.set_aside),
            "placed": len(analysis.table),
            "set_aside": len(analysis.set_aside),
        },
        "parameters": dict(made.parameters),
        "null": analysis.spanning.null,
        "seed": made.seed,
        "versions": dict(made.versions),
        "sources": list(made.sources),
        "inputs_sha256": checksums,
    }
