"""How do the main job's commands run, on the embedded data or on a file?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geocluster.cli.options import (
    Column,
    Encoding,
    File,
    Language,
    Layer,
    MaxRadiusKm,
    Minimum,
    Out,
    Permutations,
    RadiusKm,
    RMaxKm,
    Seed,
    Sheet,
    language_faults,
    read_columns,
    show_progress,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geocluster.pipeline import Analysis

MOST_ON_SCREEN = 12


def demo(
    region: Annotated[str, typer.Argument(help="upper-rhine, oresund or meuse-rhine.")] = "upper-rhine",
    out: Out = Path("out"),
    radius_km: RadiusKm = 10.0,
    minimum: Minimum = 5,
    r_max_km: RMaxKm = 25.0,
    seed: Seed = 1,
    permutations: Permutations = None,
    language: Language = "en",
) -> None:
    """Run the main job on an embedded table of real organisations."""
    from geocluster.datasets import data_path
    from geocluster.export import results_folder
    from geocluster.labels import text
    from geocluster.pipeline import EXAMPLES, analyse, check_options, load_example, load_study_area

    faults = language_faults(language)
    if region not in EXAMPLES:
        faults.append(f"there is no region {region!r}. There are {', '.join(EXAMPLES)}.")
    check_options(
        radius_km=radius_km,
        minimum=minimum,
        r_max_km=r_max_km,
        permutations=permutations,
        rng=seed,
        more=faults,
    )
    stem = f"stakeholders/{region.replace('-', '_')}"
    with results_folder(out):
        analysis = analyse(
            load_example(region),  # type: ignore[arg-type]
            radius_km=radius_km,
            minimum=minimum,
            r_max_km=r_max_km,
            study_area=load_study_area(region),  # type: ignore[arg-type]
            value="founded",
            permutations=permutations,
            rng=seed,
            title=EXAMPLES[region][0],
            chosen=True,
            progress=show_progress,
        )
        inputs = [data_path(f"{stem}.csv"), data_path(f"{stem}_area.geojson")]
        _finish(analysis, out, inputs, language, title=text(f"title_{region}", language))


def run(
    file: File,
    out: Out,
    column: Column = None,
    value: Annotated[str | None, typer.Option(help="A column of numbers for Moran's I.")] = None,
    radius_km: RadiusKm = 10.0,
    minimum: Minimum = 5,
    r_max_km: RMaxKm = 25.0,
    max_radius_km: MaxRadiusKm = 30.0,
    study_area: Annotated[
        str,
        typer.Option(
            help="What the table covers: extent (within 10 km of its rows), countries, or a file with polygons."
        ),
    ] = "extent",
    controls: Annotated[Path | None, typer.Option(help="A file of all other stakeholders, as controls.")] = None,
    seed: Seed = 1,
    permutations: Permutations = None,
    title: Annotated[str | None, typer.Option(help="Of summary and map; the file's name if not given.")] = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    layer: Layer = None,
    language: Language = "en",
) -> None:
    """Find, test and map the clusters of a table of your own."""
    from geocluster.export import results_folder
    from geocluster.pipeline import analyse, check_options
    from geocluster.readers import read_area, read_table, reading_notes

    columns, faults = read_columns(column or [])
    check_options(
        radius_km=radius_km,
        minimum=minimum,
        r_max_km=r_max_km,
        max_radius_km=max_radius_km,
        permutations=permutations,
        rng=seed,
        more=[*faults, *language_faults(language)],
    )
    table = read_table(file, columns=columns, encoding=encoding, sheet=sheet, layer=layer)
    others = None if controls is None else read_table(controls, columns=columns, encoding=encoding)
    area = study_area if study_area in ("extent", "countries") else read_area(study_area)
    with results_folder(out):
        analysis = analyse(
            table,
            radius_km=radius_km,
            minimum=minimum,
            r_max_km=r_max_km,
            max_radius_km=max_radius_km,
            study_area=area,
            controls=others,
            value=value,
            permutations=permutations,
            rng=seed,
            title=title or file.name.split(".")[0].replace("_", " ") or file.name,
            progress=show_progress,
        )
        inputs = [file, *([controls] if controls else []), *([] if isinstance(area, str) else [Path(study_area)])]
        _finish(analysis, out, inputs, language)
        if notes := reading_notes(table):
            print(f"{file.name}: {' · '.join(notes)}")


def _finish(analysis: Analysis, out: Path, inputs: Sequence[Path], language: str, *, title: str | None = None) -> None:
    from geocluster.export import write_folder
    from geocluster.summary import summary_lines

    write_folder(analysis, out, inputs=inputs, language=language, title=title, progress=show_progress)
    print("\n".join(summary_lines(analysis, most=MOST_ON_SCREEN)))
    print(f"Map: {out / 'map.png'}, .pdf, .svg · Table: {out / 'clusters.csv'}")
