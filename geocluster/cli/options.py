"""Which options do the commands share?"""

from __future__ import annotations

import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geocluster.errors import GeoclusterWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PROGRESS_AFTER_S = 2.0

File = Annotated[Path, typer.Argument(help="Names and places: CSV, Excel, GeoPackage, GeoJSON, Parquet.")]
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
Nearest = Annotated[int | None, typer.Option(help="Neighbours: so many nearest; 8 if nothing is said.")]
WithinKm = Annotated[float | None, typer.Option(help="Neighbours: all within so many km.")]
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

StudyArea = Annotated[
    str,
    typer.Option(help="What the table covers: extent (within 10 km of its rows), countries, or a file with polygons."),
]
Controls = Annotated[Path | None, typer.Option(help="A file of all other stakeholders, as controls.")]
Cases = Annotated[
    list[str] | None,
    typer.Option(
        help="One sector against all others of the table, e.g. kind=firm or kind=firm,institute; repeatable: all must "
        "hold."
    ),
]
AtLeast = Annotated[int, typer.Option(help="Countries that must hold more than their share in one circle.")]
Null = Annotated[
    str,
    typer.Option(help="redraw; or lgcp: beside it a background that clusters by itself, and where both disagree."),
]
Ties = Annotated[Path | None, typer.Option(help="A file of ties between rows: columns origin and destination.")]
TiesBy = Annotated[
    str | None, typer.Option(help="The column of the table by which ties name its rows; name if not given.")
]
Title = Annotated[str | None, typer.Option(help="Of summary and map; the file's name if not given.")]


def title_of(title: str | None, file: Path) -> str:
    """Give the title, or the file's name as one.

    Examples
    --------
    >>> title_of(None, Path("my_firms.csv.gz"))
    'my firms'
    """
    return title or file.name.split(".")[0].replace("_", " ") or file.name


def given_only(**options: Any) -> dict[str, Any]:
    """Keep the options that were given.

    Examples
    --------
    >>> given_only(weight="employees", samples=None)
    {'weight': 'employees'}
    """
    return {name: value for name, value in options.items() if value is not None}


def read_cases(pairs: Sequence[str]) -> tuple[dict[str, Any] | None, list[str]]:
    """Read COLUMN=WORD or COLUMN=WORD,WORD, and what is wrong with it.

    Examples
    --------
    >>> read_cases(["kind=firm,institute", "sector=27"])
    ({'kind': ['firm', 'institute'], 'sector': '27'}, [])
    """
    cases: dict[str, Any] = {}
    faults = []
    for pair in pairs:
        column, _, words = pair.partition("=")
        values = [word.strip() for word in words.split(",") if word.strip()]
        if not column.strip() or not values:
            faults.append(f"--cases {pair!r} is not COLUMN=WORD, e.g. kind=firm.")
        elif column.strip() in cases:
            faults.append(f"--cases {column.strip()} is given twice. Give its words with commas: kind=firm,institute.")
        else:
            cases[column.strip()] = values if len(values) > 1 else values[0]
    return cases or None, faults


def read_columns(pairs: Sequence[str]) -> tuple[dict[str, str], list[str]]:
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


def language_faults(language: str) -> list[str]:
    """Say that a language is none of ours."""
    return [] if language in ("en", "ru") else [f"language must be en or ru, got {language!r}."]


def show_progress(items: Iterable[Any], *, desc: str = "writing") -> Iterable[Any]:
    """Show a bar on a terminal, once something lasts."""
    from tqdm import tqdm

    return tqdm(items, desc=desc, delay=PROGRESS_AFTER_S, leave=False, file=sys.stderr, disable=None)


def seed_faults(seed: int) -> list[str]:
    """Say that a seed is none."""
    return [f"the seed must be 0 or more, got {seed}."] if seed < 0 else []


@contextmanager
def told_notes() -> Iterator[None]:
    """Tell warnings in words, one a line."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", GeoclusterWarning)
        yield
    for warning in told:
        print(f"note: {warning.message}", file=sys.stderr)
