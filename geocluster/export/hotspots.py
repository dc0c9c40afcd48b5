"""How does a test of every place become files?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocluster.export.place import results_folder, written_together
from geocluster.export.sheets import rows_sheet
from geocluster.export.writing import answer_beside, made_by, write_figure, write_run, write_sheet, write_words

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
    run: dict[str, Any] = {
        "label": result.label,
        "rows": {"placed": len(placed), "tested": int(result.frame["p"].notna().sum()), "set_aside": len(set_aside)},
        **made_by(result.provenance, null=result.null, inputs=inputs),
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
    without = "no number" if result.measure.kinds is None else "no kind"
    told = answer_beside(result.frame, placed, without=without)
    write_sheet(rows_sheet(told), beside / "places.csv")
    write_sheet(rows_sheet(set_aside), beside / "set_aside.csv")
    _write_package(told, beside / "places.gpkg")
    write_words(result.summary(), beside / "summary.txt")
    write_run(run, beside / "run.json")
    write_figure(result.figure(language=language, title=title), beside, "map")


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
