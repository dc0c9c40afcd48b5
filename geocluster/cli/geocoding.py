"""How does the command that places a table's rows run?"""

from __future__ import annotations

from functools import partial
from pathlib import Path  # noqa: TC003 (typer reads the annotations)
from typing import Annotated, Any

import typer

from geocluster.cli.options import (
    Column,
    Encoding,
    File,
    Layer,
    Sheet,
    read_columns,
    show_progress,
    told_notes,
)


def geocode(
    file: File,
    out: Annotated[Path, typer.Option("--out", help="File: .csv, .csv.gz, .gpkg, .geojson or .parquet.")],
    column: Column = None,
    *,
    on_ambiguous: Annotated[
        str, typer.Option(help="A name of many places: refuse (no point), or best (that of the likeliest).")
    ] = "refuse",
    postcodes: Annotated[
        bool, typer.Option("--postcodes/--no-postcodes", help="Let postcodes settle which city is meant.")
    ] = True,
    online: Annotated[
        str | None, typer.Option(help="A service to ask for the rows that are left: nominatim or photon.")
    ] = None,
    user_agent: Annotated[
        str | None, typer.Option(help="Names you to the service, e.g. 'project, mail@example.org'.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="SQLite file of the answers of the service; in your cache folder if not given.")
    ] = None,
    max_requests: Annotated[int | None, typer.Option(help="Calls to the service; 200 if not given.")] = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    layer: Layer = None,
) -> None:
    """Place every row of a table, or say why it cannot be placed.

    All rows and columns are kept; coordinates, precision, radius, country and border, status and reason are added.
    `geocluster run` takes the result as it is; `geocluster geocode` asks again only for its rows without a point.
    """
    from geocluster.export import find_out_faults, write_table
    from geocluster.geocoders import summarise_geocoding
    from geocluster.pipeline import check_geocoding, choose_geocoder, place_rows
    from geocluster.readers import read_table

    columns, faults = read_columns(column or [])
    asked: dict[str, Any] = {
        "online": online,
        "user_agent": user_agent,
        "remember_in": cache,
        "max_requests": max_requests,
    }
    more = [*faults, *find_out_faults(out, inputs=[file])]
    check_geocoding(on_ambiguous=on_ambiguous, **asked, more=more)
    table = read_table(file, columns=columns, encoding=encoding, sheet=sheet, layer=layer)
    rows, hand_over = len(table), [table]
    geocoder = choose_geocoder(
        postcodes=postcodes,
        **asked,
        progress=partial(show_progress, desc=f"asking {online}"),
    )
    del table  # large: not kept beside what is made of it
    with told_notes():
        placed = place_rows(
            hand_over.pop(),
            geocoder=geocoder,
            on_ambiguous=on_ambiguous,  # type: ignore[arg-type]
            progress=partial(show_progress, desc="geocoding"),
        )
    write_table(placed, out)
    print(summarise_geocoding(placed).summary())
    print(f"{rows:,} rows in, {len(placed):,} out: {out}")
