"""The command line: from a file, or from the embedded data, to tested clusters on a map.

Exit codes: 0 done, 2 bad input.
"""

from __future__ import annotations

import signal
import sys
import warnings
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geocluster.errors import GeoclusterError, GeoclusterWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geocluster.pipeline import Analysis

MOST_ON_SCREEN = 12
PROGRESS_AFTER_S = 2.0

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="First: geocluster demo --out out. Then: geocluster run firms.csv --out out --column name=COMPANY.",
)

Out = Annotated[Path, typer.Option("--out", help="Folder for tables, map and summary; made if it is not there.")]
RadiusKm = Annotated[float, typer.Option(help="Density clusters: how near is near, km.")]
Minimum = Annotated[int, typer.Option(help="Density clusters: stakeholders around a dense one, itself counted.")]
RMaxKm = Annotated[float, typer.Option(help="Spanning test: the largest circle, km.")]
MaxRadiusKm = Annotated[
    float, typer.Option(help="Stakeholders whose position is less certain than this (95 % radius, km) are set aside.")
]
Seed = Annotated[int, typer.Option(help="Same seed, same results.")]
Permutations = Annotated[
    int | None, typer.Option(help="Redraws of every test, at least 39; each chooses its own if not given.")
]
Sheet = Annotated[str | None, typer.Option(help="Of a workbook, where several sheets could be meant.")]
Layer = Annotated[str | None, typer.Option(help="Of a GeoPackage with several layers.")]
Column = Annotated[
    list[str] | None,
    typer.Option(
        help="Our name for a column of the file, e.g. name=COMPANY; repeatable. Ours are name, kind, address, city, "
        "region, postcode, country, lat and lon."
    ),
]
Encoding = Annotated[str | None, typer.Option(help="Of text, e.g. cp1252; found if not given.")]
Language = Annotated[str, typer.Option(help="Of the map: en or ru.")]


def _say_version(asked: bool) -> None:  # noqa: FBT001 (typer calls it so)
    if asked:
        from geocluster import __version__

        print(f"geocluster {__version__}")
        raise typer.Exit


@app.callback()
def start(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Say the version and exit.")
    ] = False,
) -> None:
    """Find, test and map the clusters of stakeholders that span national borders."""


@app.command()
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

    faults = _language_faults(language)
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
            progress=_progress,
        )
        inputs = [data_path(f"{stem}.csv"), data_path(f"{stem}_area.geojson")]
        _finish(analysis, out, inputs, language, title=text(f"title_{region}", language))


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="Names and places: CSV, Excel, GeoPackage, GeoJSON, Parquet.")],
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

    columns, faults = _columns(column or [])
    check_options(
        radius_km=radius_km,
        minimum=minimum,
        r_max_km=r_max_km,
        max_radius_km=max_radius_km,
        permutations=permutations,
        rng=seed,
        more=[*faults, *_language_faults(language)],
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
            progress=_progress,
        )
        inputs = [file, *([controls] if controls else []), *([] if isinstance(area, str) else [Path(study_area)])]
        _finish(analysis, out, inputs, language)
        if notes := reading_notes(table):
            print(f"{file.name}: {' · '.join(notes)}")


@app.command()
def geocode(
    file: Annotated[Path, typer.Argument(help="Names and places: CSV, Excel, GeoPackage, GeoJSON, Parquet.")],
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

    columns, faults = _columns(column or [])
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
        progress=partial(_progress, desc=f"asking {online}"),
    )
    del table  # large: not kept beside what is made of it
    with _notes():
        placed = place_rows(
            hand_over.pop(),
            geocoder=geocoder,
            on_ambiguous=on_ambiguous,  # type: ignore[arg-type]
            progress=partial(_progress, desc="geocoding"),
        )
    write_table(placed, out)
    print(summarise_geocoding(placed).summary())
    print(f"{rows:,} rows in, {len(placed):,} out: {out}")


@contextmanager
def _notes() -> Iterator[None]:
    """Tell warnings in words, one a line."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", GeoclusterWarning)
        yield
    for warning in told:
        print(f"note: {warning.message}", file=sys.stderr)


@app.command()
def hotspots(
    file: Annotated[Path, typer.Argument(help="A CSV file, gzipped or not, of names and places.")],
    value: Annotated[str, typer.Option(help="A column of numbers; or COLUMN=WORD, e.g. kind=firm.")],
    out: Out,
    column: Column = None,
    other_value: Annotated[str | None, typer.Option(help="What neighbours hold, for bivariate_moran.")] = None,
    statistic: Annotated[
        str, typer.Option(help="moran, geary, getis_ord, getis_ord_star, join_count or bivariate_moran.")
    ] = "getis_ord_star",
    nearest: Annotated[int | None, typer.Option(help="Neighbours: so many nearest; 8 if nothing is said.")] = None,
    within_km: Annotated[float | None, typer.Option(help="Neighbours: all within so many km.")] = None,
    permutations: Annotated[int, typer.Option(help="Redraws of each place's neighbours.")] = 999,
    fdr: Annotated[str, typer.Option(help="False discoveries: bh or by.")] = "bh",
    seed: Seed = 1,
    title: Annotated[str | None, typer.Option(help="Of the map.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the file, if not UTF-8, e.g. cp1252.")] = None,
    language: Language = "en",
) -> None:
    """Map where high and low values stand together, and which hot spots need neighbours abroad."""
    from geocluster.export import results_folder, write_hotspots
    from geocluster.pipeline import check_hotspot_options, find_hotspots
    from geocluster.readers import read_table

    columns, faults = _columns(column or [])
    graph: dict[str, Any] = {"nearest": nearest, "within_km": within_km}
    if nearest is None and within_km is None:
        graph["nearest"] = 8
    more = [*faults, *_language_faults(language), *([f"the seed must be 0 or more, got {seed}."] if seed < 0 else [])]
    check_hotspot_options(statistic=statistic, more=more, **graph)
    table = read_table(file, columns=columns, encoding=encoding)
    with results_folder(out):
        result, placed, set_aside = find_hotspots(
            table, value=value, other_value=other_value, statistic=statistic, permutations=permutations, fdr=fdr,
            rng=seed, progress=_progress, **graph,
        )  # fmt: skip
        write_hotspots(result, placed, set_aside, out, inputs=[file], language=language, title=title)
    print(f"{len(placed):,} placed, {len(set_aside):,} set aside")
    print(result.summary())
    print(f"Map: {out / 'map.png'}, .pdf, .svg · Table: {out / 'places.csv'}, .gpkg")


@app.command()
def colocation(
    file: Annotated[Path, typer.Argument(help="Names, kinds and places: CSV, Excel, GeoPackage, GeoJSON, Parquet.")],
    kinds: Annotated[str, typer.Option(help="Two kinds or more, e.g. firm,university; the map is of the first two.")],
    out: Out,
    column: Column = None,
    nearest: Annotated[int | None, typer.Option(help="Neighbours: so many nearest; 8 if nothing is said.")] = None,
    within_km: Annotated[float | None, typer.Option(help="Neighbours: all within so many km.")] = None,
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

    columns, faults = _columns(column or [])
    words = [word.strip() for word in kinds.split(",") if word.strip()]
    graph: dict[str, Any] = {"nearest": 8 if within_km is None and nearest is None else nearest, "within_km": within_km}
    more = [*faults, *_language_faults(language), *([f"the seed must be 0 or more, got {seed}."] if seed < 0 else [])]
    check_colocation_options(kinds=words, null=null, more=more, **graph)
    table = read_table(file, columns=columns, encoding=encoding, sheet=sheet, layer=layer)
    with results_folder(out):
        asked: dict[str, Any] = {"permutations": permutations, "rng": seed, "progress": _progress}
        found = find_colocation(table, kinds=words, null=null, **asked, **graph)
        write_colocation(found, out, inputs=[file], language=language, title=title)
    print(f"{len(found.placed):,} placed, {len(found.set_aside):,} set aside")
    print(f"{found.matrix.summary()}\n{found.local.sentence()}")
    print(f"Matrix: {out / 'matrix.png'}, .pdf, .svg · Map: {out / 'map.png'} · Table: {out / 'pairs.csv'}")


def _finish(analysis: Analysis, out: Path, inputs: Sequence[Path], language: str, *, title: str | None = None) -> None:
    from geocluster.export import write_folder
    from geocluster.summary import summary_lines

    write_folder(analysis, out, inputs=inputs, language=language, title=title, progress=_progress)
    print("\n".join(summary_lines(analysis, most=MOST_ON_SCREEN)))
    print(f"Map: {out / 'map.png'}, .pdf, .svg · Table: {out / 'clusters.csv'}")


def _columns(pairs: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Read ours=THEIRS, and what is wrong with it."""
    columns: dict[str, str] = {}
    faults = []
    for pair in pairs:
        ours, _, theirs = (part.strip() for part in pair.partition("="))
        if not ours or not theirs:
            faults.append(f"--column {pair!r} is not OURS=THEIRS, e.g. name=COMPANY.")
        elif columns.setdefault(ours, theirs) != theirs:
            faults.append(f"--column {ours} is given as {columns[ours]!r} and as {theirs!r}.")
    return columns, faults


def _language_faults(language: str) -> list[str]:
    return [] if language in ("en", "ru") else [f"language must be en or ru, got {language!r}."]


def _progress(items: Iterable[Any], *, desc: str = "writing") -> Iterable[Any]:
    """Show a bar on a terminal, once something lasts."""
    from tqdm import tqdm

    return tqdm(items, desc=desc, delay=PROGRESS_AFTER_S, leave=False, file=sys.stderr, disable=None)


def _stop(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)  # an exit, so that what was begun is cleared away


def main() -> None:
    """Run the command line; tell faults in words, never as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without some letter shows '?' in its place
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, _stop)
    try:
        app(prog_name="geocluster")
    except GeoclusterError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
