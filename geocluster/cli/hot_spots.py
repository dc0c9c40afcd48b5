"""How does the command that maps hot spots run?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from geocluster.cli.options import (
    Column,
    Encoding,
    File,
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


def hotspots(
    file: File,
    value: Annotated[
        str,
        typer.Option(help="A column of numbers; COLUMN=WORD, e.g. kind=firm; for join_count also a column of words."),
    ],
    out: Out,
    column: Column = None,
    other_value: Annotated[
        str | None, typer.Option(help="What neighbours hold, for bivariate_moran and join_count.")
    ] = None,
    statistic: Annotated[
        str, typer.Option(help="moran, geary, getis_ord, getis_ord_star, join_count or bivariate_moran.")
    ] = "getis_ord_star",
    nearest: Nearest = None,
    within_km: WithinKm = None,
    permutations: Annotated[int, typer.Option(help="Redraws of each place's neighbours.")] = 999,
    fdr: Annotated[str, typer.Option(help="False discoveries: bh or by.")] = "bh",
    seed: Seed = 1,
    title: Annotated[str | None, typer.Option(help="Of the map.")] = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    layer: Layer = None,
    language: Language = "en",
) -> None:
    """Map where high and low values stand together, and which hot spots need neighbours abroad."""
    from geocluster.cli.asked import named_ours
    from geocluster.export import results_folder, write_hotspots
    from geocluster.pipeline import check_hotspot_options, find_hotspots
    from geocluster.readers import read_table

    columns, faults = read_columns(column or [])
    graph: dict[str, Any] = {"nearest": nearest, "within_km": within_km}
    if nearest is None and within_km is None:
        graph["nearest"] = 8
    more = [*faults, *language_faults(language), *seed_faults(seed)]
    check_hotspot_options(
        statistic=statistic, permutations=permutations, fdr=fdr, other_value=other_value, more=more, **graph
    )
    table = read_table(file, columns=columns, encoding=encoding, sheet=sheet, layer=layer)
    columns_asked = named_ours(table, {"value": value, "other_value": other_value})
    with results_folder(out):
        result, placed, set_aside = find_hotspots(
            table, **columns_asked, statistic=statistic, permutations=permutations, fdr=fdr, rng=seed,
            progress=show_progress, **graph,
        )  # fmt: skip
        write_hotspots(result, placed, set_aside, out, inputs=[file], language=language, title=title)
    print(f"{len(placed):,} placed, {len(set_aside):,} set aside")
    print(result.summary())
    print(f"Map: {out / 'map.png'}, .pdf, .svg · Table: {out / 'places.csv'}, .gpkg")
