"""How does a test of every place become files?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from geocluster.export.folder import checksums_of
from geocluster.export.place import results_folder, written_together
from geocluster.export.sheets import rows_sheet, safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame

    from geocluster.autocorrelation import LocalResult

HOTSPOT_FILES = (
    "places.csv", "places.gpkg", "set_aside.csv", "summary.txt", "run.json", "map.png", "map.pdf", "map.svg",
)  # fmt: skip
_DAY = "2000-01-01T00:00:00Z"
"""A GeoPackage tells when it was written; the same input gives the same bytes."""


def write_hotspots(
    result: LocalResult,
    placed: GeoDataFrame,
    set_aside: GeoDataFrame,
    folder: str | Path,
    *,
    inputs: Sequence[str | Path] = (),
    language: str = "en",
    title: str | None = None,
) -> list[Path]:
    """Write the places as CSV and GeoPackage, map, summary and what made them into a folder.

    Parameters
    ----------
    result : LocalResult
    placed : GeoDataFrame
        The rows placed, with all their columns; one of a name of the result's gets `_original`.
    set_aside : GeoDataFrame
        The rows not placed.
    folder : str or Path
        Made if it is not there; files of the same names are replaced.
    inputs : sequence of path, optional
        Files whose checksums go into run.json.
    language : {"en", "ru"}
        Of the map.
    title : str, optional
        Of the map.

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
    made = result.provenance
    run: dict[str, Any] = {
        "label": result.label,
        "rows": {"placed": len(placed), "tested": int(result.frame["p"].notna().sum()), "set_aside": len(set_aside)},
        "parameters": dict(made.parameters),
        "null": result.null,
        "seed": made.seed,
        "versions": dict(made.versions),
        "inputs_sha256": checksums_of(inputs),
    }
    with results_folder(folder) as folder:
        with written_together(folder, HOTSPOT_FILES) as beside:
            _write_all(result, placed, set_aside, beside, run, language=language, title=title)
        return [folder / name for name in HOTSPOT_FILES]


def _write_all(
    result: LocalResult,
    placed: GeoDataFrame,
    set_aside: GeoDataFrame,
    beside: Path,
    run: dict[str, Any],
    *,
    language: str,
    title: str | None,
) -> None:
    from geocluster.maps import save_figure

    told = _joined(result, placed)
    safe(rows_sheet(told)).to_csv(beside / "places.csv", index=False, lineterminator="\n", encoding="utf-8")
    safe(rows_sheet(set_aside)).to_csv(beside / "set_aside.csv", index=False, lineterminator="\n", encoding="utf-8")
    _write_package(told, beside / "places.gpkg")
    for name, words in (
        ("summary.txt", result.summary()),
        ("run.json", json.dumps(run, indent=2, ensure_ascii=False, default=str)),
    ):
        (beside / name).write_text(words + "\n", encoding="utf-8", errors="replace", newline="\n")
    figure = result.figure(language=language, title=title)
    for name in ("map.png", "map.pdf", "map.svg"):
        save_figure(figure, beside / name)


def _joined(result: LocalResult, placed: GeoDataFrame) -> GeoDataFrame:
    """Put the answer beside the columns of the table; rows that were not asked have none."""
    answer = result.frame.drop(columns="country").reindex(placed.index)
    for column in ("verdict", "dependence", "reason"):
        answer[column] = answer[column].astype(object)
    without = "no number" if result.measure.kinds is None else "no kind"
    absent = ~placed.index.isin(result.frame.index)
    answer.loc[absent, "verdict"], answer.loc[absent, "reason"] = "not tested", without
    taken = {name: f"{name}_original" for name in placed.columns if name in answer.columns}
    return placed.rename(columns=taken).join(answer)


def _write_package(table: GeoDataFrame, path: Path) -> None:
    """Write a GeoPackage: texts as texts, no two columns that differ in case only."""
    import pandas as pd
    import pyogrio

    frame, seen = table.copy(), {"fid"}
    names = {}
    for column in frame.columns:
        name = str(column)
        while name.casefold() in seen:
            name += "_"
        seen.add(name.casefold())
        names[column] = name
        series = frame[column]
        if column != frame.geometry.name and not (
            pd.api.types.is_numeric_dtype(series) or pd.api.types.is_datetime64_any_dtype(series)
        ):
            texts = [None if pd.isna(cell) is True else str(cell).replace("\x00", "\ufffd") for cell in series]
            frame[column] = pd.Series(texts, index=frame.index, dtype=object)
    frame = frame.rename(columns=names).rename_geometry("geom")
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _DAY})
    try:
        pyogrio.write_dataframe(frame, path, driver="GPKG", layer="places")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
