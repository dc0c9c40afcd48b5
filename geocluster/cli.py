"""The command line: from a file, or from the embedded data, to tested clusters on a map.

Exit codes: 0 done, 2 bad input.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geocluster.errors import GeoclusterError, MissingFileError, OptionError, ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geocluster.pipeline import Analysis

MOST_ON_SCREEN = 12
PROGRESS_AFTER_S = 2.0

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Find, test and map the clusters of stakeholders that span national borders.",
)

Out = Annotated[Path, typer.Option("--out", help="Folder for the results; made if it is not there.")]
RadiusKm = Annotated[float, typer.Option(help="Density clusters: how near is near, km.")]
Minimum = Annotated[int, typer.Option(help="Density clusters: stakeholders around a dense one, itself counted.")]
RMaxKm = Annotated[float, typer.Option(help="Spanning test: the largest circle, km.")]
Seed = Annotated[int, typer.Option(help="Same seed, same results.")]
Permutations = Annotated[int | None, typer.Option(help="Redraws of every test; each chooses its own if not given.")]
Language = Annotated[str, typer.Option(help="Of the map: en or ru.")]


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
    from geocluster.export import prepare_folder
    from geocluster.labels import text
    from geocluster.pipeline import EXAMPLES, analyse, load_example, load_study_area

    _check_language(language)
    if region not in EXAMPLES:
        raise OptionError(f"there is no region {region!r}. There are {', '.join(EXAMPLES)}.")
    prepare_folder(out)
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
        progress=_progress("spanning test"),
    )
    title = text(f"title_{region}", language)
    _finish(analysis, out, [data_path(f"stakeholders/{region.replace('-', '_')}.csv")], language, title=title)


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="A CSV file, gzipped or not, of names and addresses.")],
    out: Out,
    column: Annotated[
        list[str] | None, typer.Option(help="Our name for a column of the file, e.g. name=COMPANY; repeatable.")
    ] = None,
    value: Annotated[str | None, typer.Option(help="A column of numbers for Moran's I.")] = None,
    radius_km: RadiusKm = 10.0,
    minimum: Minimum = 5,
    r_max_km: RMaxKm = 25.0,
    study_area: Annotated[
        str, typer.Option(help="What the table covers: extent, countries, or a file with a polygon.")
    ] = "extent",
    controls: Annotated[Path | None, typer.Option(help="A CSV file of all other stakeholders, as controls.")] = None,
    seed: Seed = 1,
    permutations: Permutations = None,
    title: Annotated[str | None, typer.Option(help="Of summary and map; the file's name if not given.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the files, if not UTF-8, e.g. cp1252.")] = None,
    language: Language = "en",
) -> None:
    """Find, test and map the clusters of a table of your own."""
    from geocluster.export import prepare_folder
    from geocluster.pipeline import analyse
    from geocluster.readers import read_table

    _check_language(language)
    columns = _columns(column or [])
    table = read_table(file, columns=columns, encoding=encoding)
    if value is not None and value not in table.columns:
        raise OptionError(f"--value: {file.name} has no column {value!r}. It has {', '.join(map(str, table.columns))}.")
    others = None if controls is None else read_table(controls, columns=columns, encoding=encoding)
    area = study_area if study_area in ("extent", "countries") else _polygon(Path(study_area))
    prepare_folder(out)
    analysis = analyse(
        table,
        radius_km=radius_km,
        minimum=minimum,
        r_max_km=r_max_km,
        study_area=area,
        controls=others,
        value=value,
        permutations=permutations,
        rng=seed,
        title=title or file.name.split(".")[0].replace("_", " "),
        progress=_progress("spanning test"),
    )
    inputs = [file, *([controls] if controls else []), *([Path(study_area)] if not isinstance(area, str) else [])]
    _finish(analysis, out, inputs, language)


def _finish(analysis: Analysis, out: Path, inputs: Sequence[Path], language: str, *, title: str | None = None) -> None:
    from geocluster.export import write_folder
    from geocluster.summary import summary_lines

    write_folder(analysis, out, inputs=inputs, language=language, title=title)
    print("\n".join(summary_lines(analysis, most=MOST_ON_SCREEN)))
    print(f"Map: {out / 'map.png'}, .pdf, .svg · Table: {out / 'clusters.csv'}")


def _columns(pairs: Sequence[str]) -> dict[str, str]:
    columns = {}
    faults = []
    for pair in pairs:
        ours, sign, theirs = pair.partition("=")
        if not sign or not ours.strip() or not theirs.strip():
            faults.append(f"--column {pair!r} is not OURS=THEIRS, e.g. name=COMPANY.")
        elif ours.strip() in columns:
            faults.append(f"--column {ours.strip()} is given twice.")
        columns[ours.strip()] = theirs.strip()
    if faults:
        raise OptionError("\n  ".join(faults))
    return columns


def _check_language(language: str) -> None:
    if language not in ("en", "ru"):
        raise OptionError(f"--language must be en or ru, got {language!r}.")


def _polygon(path: Path) -> Any:
    """Read the study area from any vector file."""
    if not path.exists():
        raise MissingFileError(
            f"--study-area: there is no file {path}. Give extent, countries, or a file with a polygon."
        )
    import geopandas as gpd
    from pyogrio.errors import DataSourceError

    try:
        frame = gpd.read_file(path)
    except (DataSourceError, ValueError) as error:
        raise ReadError(
            f"--study-area: {path.name} cannot be read as polygons ({error}). Save it as GeoJSON."
        ) from error
    if frame.empty or frame.crs is None:
        raise ReadError(f"--study-area: {path.name} holds no polygon with a CRS.")
    return frame.to_crs("EPSG:4326").union_all()


def _progress(what: str) -> Callable[[Iterable[Any]], Iterable[Any]]:
    from tqdm import tqdm

    return partial(tqdm, desc=what, delay=PROGRESS_AFTER_S, leave=False, file=sys.stderr)


def main() -> None:
    """Run the command line; tell faults in words, never as a traceback."""
    try:
        app()
    except GeoclusterError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
