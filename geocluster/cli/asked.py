"""How do the commands that make an analysis read what is asked, and leave what was found?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocluster.cli.options import show_progress
from geocluster.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame

    from geocluster.pipeline import Analysis

MOST_ON_SCREEN = 12
_FLAGS = {"method_options['max_radius_km']": "scan_radius_km", "method_options['null']": "scan_null"}
"""What the command line calls options of a method that others share the name of."""


@dataclass(frozen=True, slots=True, eq=False)
class Files:
    """What was read for one analysis.

    Attributes
    ----------
    table : DataFrame
    read : dict
        Options of `analyse` that came from files.
    inputs : list of Path
    """

    table: DataFrame
    read: dict[str, Any]
    inputs: list[Path]


def read_asked(
    file: Path,
    asked: Mapping[str, Any],
    *,
    columns: Mapping[str, str],
    study_area: str,
    controls: Path | None,
    background: str | None,
    ties: Path | None,
    ties_by: str | None,
    encoding: str | None,
    sheet: str | None,
    layer: str | None,
    more: Sequence[str],
) -> Files:
    """Check all options at once, then read the files.

    Raises
    ------
    OptionError
        With all faults of the options.
    ReadError
        If a file cannot be used.
    """
    from geocluster.readers import read_area, read_table, read_tie_table

    _check(asked, controls=controls, background=background, ties=ties, ties_by=ties_by, more=more)
    table = read_table(file, columns=columns, encoding=encoding, sheet=sheet, layer=layer)
    read: dict[str, Any] = {"study_area": study_area, "background": background}
    inputs = [file]
    if controls is not None:
        read["controls"] = read_table(controls, columns=columns, encoding=encoding)
        inputs.append(controls)
    if background is not None and background != "flat":
        read["background"] = read_table(background, encoding=encoding)
        inputs.append(Path(background))
    if study_area not in ("extent", "countries"):
        read["study_area"] = read_area(study_area)
        inputs.append(Path(study_area))
    if ties is not None:
        read |= {"ties": read_tie_table(ties, encoding=encoding), "ties_by": ties_by or "name"}
        inputs.append(ties)
    return Files(table, read, inputs)


def _check(
    asked: Mapping[str, Any],
    *,
    controls: Path | None,
    background: str | None,
    ties: Path | None,
    ties_by: str | None,
    more: Sequence[str],
) -> None:
    import pandas as pd

    from geocluster.pipeline import check_asked

    unread = pd.DataFrame()
    given = {
        **asked,
        "controls": None if controls is None else unread,
        "background": "flat" if background == "flat" else None if background is None else unread,
        "ties": None if ties is None else unread,
        "ties_by": ties_by,
    }
    given.pop("value", None)
    try:
        check_asked(given, more=more)
    except OptionError as error:
        words = str(error)
        for name, flag in _FLAGS.items():
            words = words.replace(name, flag)
        raise OptionError(words) from None


def whole_analysis(files: Files, asked: Mapping[str, Any], out: Path, *, title: str, language: str) -> None:
    """Analyse, write the folder, and say what was found."""
    from geocluster.export import results_folder
    from geocluster.pipeline import analyse
    from geocluster.readers import reading_notes

    told = named_ours(files.table, asked)
    with results_folder(out):
        analysis = analyse(files.table, **told, **files.read, title=title, progress=show_progress)
        finish(analysis, out, files.inputs, language)
        if notes := reading_notes(files.table):
            print(f"{files.inputs[0].name}: {' · '.join(notes)}")


def named_ours(table: DataFrame, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Give options our names for columns that the reader took for ours: weight for employees, founded for Gründung.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"weight": [3]})
    >>> table.attrs["read"] = {"columns": {"weight": "employees"}}
    >>> named_ours(table, {"value": "employees", "cases": None, "method_options": {"weight": "employees"}})
    {'value': 'weight', 'cases': None, 'method_options': {'weight': 'weight'}}
    >>> named_ours(table, {"value": "employees=9", "other_value": "employees"})
    {'value': 'weight=9', 'other_value': 'weight'}
    """
    taken = table.attrs.get("read", {}).get("columns", {})
    ours = {theirs: name for name, theirs in taken.items() if theirs not in table.columns}

    def name(column: Any) -> Any:
        return ours.get(column, column) if isinstance(column, str) else column

    told = dict(asked)
    for option in ("value", "other_value"):
        if isinstance(given := told.get(option), str):
            column, equals, word = given.partition("=")
            told[option] = ours[given] if given in ours else name(column) + equals + word
    if told.get("cases"):
        told["cases"] = {name(column): words for column, words in told["cases"].items()}
    own = dict(told.get("method_options") or {})
    columns = {option: name(own[option]) for option in ("weight", "labels", "years") if option in own}
    if own:
        told["method_options"] = own | columns
    return told


def finish(analysis: Analysis, out: Path, inputs: Sequence[Path], language: str, *, title: str | None = None) -> None:
    """Write the folder and say what it holds."""
    from geocluster.export import write_folder
    from geocluster.summary import summary_lines

    written = write_folder(analysis, out, inputs=inputs, language=language, title=title, progress=show_progress)
    print("\n".join(summary_lines(analysis, most=MOST_ON_SCREEN)))
    print(f"Map: {out / 'map.png'}, .pdf, .svg · Table: {out / 'clusters.csv'}")
    charts = [path for path in written if path.name in ("fragility.png", "comparison.png")]
    if charts:
        print(f"Charts: {', '.join(map(str, charts))}")
