"""How does the command that asks which kinds stand near which run?"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (typer reads the annotations)
from typing import Annotated, Any

import typer

from geocluster.cli.options import (
    Column,
    Encoding,
    Language,
    Layer,
    Nearest,
    Out,
    Seed,
    Sheet,
    WithinKm,
    language_faults,
    read_columns,
    seed_faults,
    show_progress,
)


def colocation(
    file: Annotated[Path, typer.Argument(help="Names, kinds and places: CSV, Excel, GeoPackage, GeoJSON, Parquet.")],
    kinds: Annotated[
        list[str], typer.Option(help="Two or more, e.g. firm,university; repeatable. The map is of the first two.")
    ],
    out: Out,
    column: Column = None,
    nearest: Nearest = None,
    within_km: WithinKm = None,
    null: Annotated[str, typer.Option(help="Of the part across: surrogate or permutation.")] = "surrogate",
    permutations: Annotated[int, typer.Option(help="Redraws inside countries.")] = 999,
    seed: Seed = 1,
    title: Annotated[str | None, typer.Option(help="Of the matrix.")] = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    layer: Layer = None,
    language: Language = "en",
) -> None:
    """Ask which kinds stand near which more than by chance, within countries and across the border."""
    from geocluster.export import results_folder, write_colocation
    from geocluster.pipeline import check_colocation_options, find_colocation
    from geocluster.readers import read_table

    columns, faults = read_columns(column or [])
    words = [word.strip() for given in kinds for word in given.split(",") if word.strip()]
    graph: dict[str, Any] = {"nearest": 8 if within_km is None and nearest is None else nearest, "within_km": within_km}
    more = [*faults, *language_faults(language), *seed_faults(seed)]
    check_colocation_options(kinds=words, null=null, more=more, **graph)
    table = read_table(file, columns=columns, encoding=encoding, sheet=sheet, layer=layer)
    with results_folder(out):
        asked: dict[str, Any] = {"permutations": permutations, "rng": seed, "progress": show_progress}
        found = find_colocation(table, kinds=words, null=null, **asked, **graph)
        write_colocation(found, out, inputs=[file], language=language, title=title)
    print(f"{len(found.placed):,} placed, {len(found.set_aside):,} set aside")
    print(f"{found.matrix.summary()}\n{found.local.sentence()}")
    print(f"Matrix: {out / 'matrix.png'}, .pdf, .svg · Map: {out / 'map.png'} · Table: {out / 'pairs.csv'}")
