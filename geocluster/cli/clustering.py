"""How do the main job's commands run, on the embedded data or on a file?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from geocluster.cli.asked import finish, read_asked, whole_analysis
from geocluster.cli.options import (
    AtLeast,
    Cases,
    Column,
    Controls,
    Encoding,
    File,
    Language,
    Layer,
    MaxRadiusKm,
    Minimum,
    Null,
    Out,
    Permutations,
    RadiusKm,
    RMaxKm,
    Seed,
    Sheet,
    StudyArea,
    Ties,
    TiesBy,
    Title,
    language_faults,
    read_cases,
    read_columns,
    show_progress,
    title_of,
)


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
        finish(analysis, out, inputs, language, title=text(f"title_{region}", language))


def run(
    file: File,
    out: Out,
    column: Column = None,
    value: Annotated[str | None, typer.Option(help="A column of numbers for Moran's I.")] = None,
    radius_km: RadiusKm = 10.0,
    minimum: Minimum = 5,
    r_max_km: RMaxKm = 25.0,
    max_radius_km: MaxRadiusKm = 30.0,
    study_area: StudyArea = "extent",
    controls: Controls = None,
    cases: Cases = None,
    at_least: AtLeast = 2,
    null: Null = "redraw",
    ties: Ties = None,
    ties_by: TiesBy = None,
    seed: Seed = 1,
    permutations: Permutations = None,
    title: Title = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    layer: Layer = None,
    language: Language = "en",
) -> None:
    """Find, test and map the clusters of a table of your own. Other methods: geocluster clusters."""
    columns, faults = read_columns(column or [])
    told, more = read_cases(cases or [])
    asked: dict[str, Any] = {
        "radius_km": radius_km, "minimum": minimum, "r_max_km": r_max_km, "max_radius_km": max_radius_km,
        "cases": told, "at_least": at_least, "null": null, "value": value, "permutations": permutations, "rng": seed,
    }  # fmt: skip
    files = read_asked(
        file, asked, columns=columns, study_area=study_area, controls=controls, background=None, ties=ties,
        ties_by=ties_by, encoding=encoding, sheet=sheet, layer=layer,
        more=[*faults, *more, *language_faults(language)],
    )  # fmt: skip
    whole_analysis(files, asked, out, title=title_of(title, file), language=language)
