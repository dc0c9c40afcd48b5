"""`geocluster clusters`, from its words to its files; bad input, by the command and by `analyse`."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

import geocluster as gc
from geocluster.errors import GeoclusterError, OptionError, SchemaError
from geocluster.export import FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOWNS = {"Basel": "CH", "Lörrach": "DE", "Freiburg im Breisgau": "DE", "Zürich": "CH"}


@pytest.fixture
def call(command: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, str, str]]:
    return partial(command, "clusters")


def firms(each: int = 7, **columns: Any) -> pd.DataFrame:
    rows = [
        {
            "name": f"{town} {k}",
            "kind": ["firm", "university"][k % 2],
            "city": town,
            "country": country,
            "founded": 1950 + 5 * k,
            "employees": 10 * (k + 1),
            "district": town[:1],
        }
        for town, country in TOWNS.items()
        for k in range(each)
    ]
    return pd.DataFrame(rows).assign(**columns)


def ties() -> pd.DataFrame:
    """A ring inside each town, and one between Basel and Lörrach."""
    ends = [(f"{town} {k}", f"{town} {(k + step) % 7}") for town in TOWNS for k in range(7) for step in (1, 2, 3)]
    ends += [(f"Basel {k}", f"Lörrach {j}") for k in range(7) for j in range(7)]
    return pd.DataFrame(ends, columns=["origin", "destination"])


def written(folder: Path, table: pd.DataFrame, name: str = "firms.csv") -> Path:
    path = folder / name
    table.to_csv(path, index=False)
    return path


QUICK = ("--permutations", 99, "--resamples", 20)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty map: what is asked here stands in tables, words and charts."""
    monkeypatch.setattr("geocluster.pipeline.Analysis.figure", lambda *_, **__: Figure(figsize=(1, 1)))


def test_it_leaves_a_map_in_russian(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    out = tmp_path / "out"
    file = written(tmp_path, firms())
    code, _, _ = call(file, "--out", out, *QUICK, "--method", "hdbscan", "--language", "ru", "--title", "Базель")
    assert code == 0
    assert (out / "map.png").stat().st_size > 30_000
    drawn = (out / "map.svg").read_text(encoding="utf-8")
    assert "HDBSCAN, не менее 5" in drawn
    assert "Базель" in drawn


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--method", "hdbscan", "--minimum", 4, "--samples", 3), "(HDBSCAN, at least 4)"),
        (("--method", "scan", "--cases", "kind=firm", "--scan-radius-km", 50), "kind is 'firm': 28 rows = 16 cases"),
        (("--method", "space-time", "--period-years", 10), "space-time permutation"),
        (("--method", "column", "--labels", "district"), "clusters given in column district"),
        (("--method", "dbscan", "--weight", "employees", "--minimum-weight", 200), "at least 1 and 200 of weight"),
    ],
)
def test_every_method_goes_the_whole_way(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, words: tuple[object, ...], told: str
) -> None:
    out = tmp_path / "out"
    code, said, complaint = call(written(tmp_path, firms()), "--out", out, *QUICK, *words)
    assert (code, complaint) == (0, "")
    assert told in said
    assert {path.name for path in out.iterdir()} == set(FILES)
    made = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert made["parameters"]["method"] == words[1]
    assert made["rows"] == {"in": 28, "placed": 28, "set_aside": 0}
    members = pd.read_csv(out / "stakeholders.csv")["cluster"].dropna()
    sheet = pd.read_csv(out / "clusters.csv")
    assert members.value_counts().to_dict() == sheet.drop_duplicates("cluster").set_index("cluster")["n"].to_dict()


@pytest.mark.usefixtures("undrawn")
def test_what_a_scan_says_of_its_circle_is_told_apart_from_the_spanning_test(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    file = written(tmp_path, pd.concat([firms(3).query("city != 'Zürich'"), firms(30).tail(30)]))
    status, said, _ = call(file, "--out", tmp_path / "out", "--method", "scan", "--scan-radius-km", 15, *QUICK)
    assert status == 0
    assert "\n     scan: " in said
    sheet = pd.read_csv(tmp_path / "out" / "clusters.csv")
    assert (sheet["p"] != sheet["scan_p"]).all()
    # those of the spanning test are told country by country
    assert sheet["expected"].dropna().astype(str).str.fullmatch(r"[A-Z]{2} [\d.]+( · [A-Z]{2} [\d.]+)*").all()
    assert (sheet["scan_p"] <= 0.05).all()
    assert sheet["scan_expected"].between(0, sheet["n"]).all()


@pytest.mark.usefixtures("undrawn")
def test_ties_merge_and_fragility_and_comparison_leave_their_files_and_a_later_run_takes_them_away(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    file, out = written(tmp_path, firms()), tmp_path / "out"
    asked = ("--radius-km", 5, "--fragility", "--compare", "chameleon", "--ties", written(tmp_path, ties(), "t.csv"))
    code, said, complaint = call(file, "--out", out, *QUICK, *asked, "--seed", 3)
    assert (code, complaint) == (0, "")
    extra = {"fragility.csv", "fragility_grid.csv", "fragility.png", "comparison.csv", "comparison.png"}
    assert {path.name for path in out.iterdir()} == {*FILES, *extra}
    assert "Fragility: " in said
    assert "Beside chameleon: " in said
    assert "133 ties used" in said
    assert f"Charts: {out / 'fragility.png'}" in said
    spans = pd.read_csv(out / "fragility_grid.csv")["spans"]
    assert set(spans) <= {True, False}
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert call(file, "--out", out, *QUICK, *asked, "--seed", 3)[0] == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert call(file, "--out", out, *QUICK)[0] == 0
    assert {path.name for path in out.iterdir()} == set(FILES)


@pytest.mark.usefixtures("undrawn")
def test_the_second_null_and_depth_are_told(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, said, _ = call(written(tmp_path, firms()), "--out", out, *QUICK, "--null", "lgcp", "--unit", "region")
    assert code == 0
    assert "on a background that clusters" in said
    assert "log-Gaussian Cox" in said
    sheet = pd.read_csv(out / "clusters.csv")
    assert sheet.loc[sheet["countries"].str.contains(" "), "p_lgcp"].notna().all()
    assert {"reach", "at_least", "robust", "delta_low", "delta_high", "class_share"} <= set(sheet.columns)
    claims = pd.read_csv(out / "conjunctions.csv")
    assert set(claims["at_least"]) <= {2}


def test_all_options_at_fault_are_told_at_once(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, _, complaint = call(
        tmp_path / "absent.csv", "--out", tmp_path / "out", "--method", "chameleon", "--samples", 3, "--r-max-km", -1,
        "--at-least", 1, "--null", "poisson", "--fragility", "--compare", "column", "--cases", "kind",
        "--background", "population", "--controls", "x.csv", "--scan-null", "all", "--seed", -1, "--language", "la",
        "--ties-by", "id", "--unit", "town", "--alpha", 2, "--resamples", -1, "--column", "name",
    )  # fmt: skip
    assert code == 2
    for told in (
        *("'chameleon' needs ties", "samples goes with", "r_max_km must", "at_least must", "null must be 'redraw'"),
        *("fragility goes with method 'dbscan'", "compare='column': method 'column' needs labels", "--cases 'kind'"),
        *("background is not used beside controls", "scan_null", "the seed must", "language must", "ties_by needs"),
        *("unit must be", "alpha must", "resamples must", "--column 'name'"),
    ):
        assert told in complaint.replace("null: must", "null must").replace("background: is", "background is").replace(
            "unit: must", "unit must"
        ), told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--method", "space-time", "--years", "born"), "years: there is no column 'born'"),
        (("--method", "column", "--labels", "own"), "labels: there is no column 'own'"),
        (("--cases", "sort=firm"), "cases: there is no column 'sort'"),
        (("--cases", "kind=frim"), "no row is one (kind is 'frim')"),
        (("--weight", "staff", "--minimum-weight", 3), "weight: there is no column 'staff'"),
    ],
)
def test_columns_and_words_that_are_not_there_are_told(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, words: tuple[object, ...], told: str
) -> None:
    code, _, complaint = call(written(tmp_path, firms()), "--out", tmp_path / "out", *QUICK, *words)
    assert code == 2
    assert told in complaint
    assert not (tmp_path / "out").exists()


# bad input, through the library and through the command line


def both(
    call: Callable[..., tuple[int, str, str]], folder: Path, table: pd.DataFrame, **asked: Any
) -> tuple[GeoclusterError | str, str]:
    """Ask analyse and the command: its error, or its summary; and what the command said."""
    words: list[object] = []
    for name, value in asked.items():
        given = written(folder, value, f"{name}.csv") if isinstance(value, pd.DataFrame) else value
        words += [f"--{name.replace('_', '-')}", given]
    code, said, complaint = call(written(folder, table), "--out", folder / "out", *QUICK, *words)
    own: dict[str, Any] = {name: asked.pop(name) for name in ("labels", "years") if name in asked}
    if "ties" in asked:
        asked["ties_by"] = "name"
    try:
        told: GeoclusterError | str = gc.analyse(
            table, permutations=99, resamples=20, rng=1, method_options=own, **asked
        ).summary()
    except GeoclusterError as error:
        told = error
    assert "Traceback" not in complaint
    assert code == (2 if isinstance(told, GeoclusterError) else 0)
    assert (folder / "out").exists() == (code == 0)
    return told, said + complaint


@pytest.mark.usefixtures("undrawn")
def test_no_ties_although_asked_for(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    told, said = both(call, tmp_path, firms(), method="chameleon")
    assert isinstance(told, OptionError)
    assert "method 'chameleon' needs ties" in str(told)
    assert "method 'chameleon' needs ties" in said
    told, said = both(call, tmp_path, firms(), ties=ties().iloc[:0])
    assert isinstance(told, SchemaError)
    assert "ties: there are none." in str(told)
    assert "ties: there are none." in said


@pytest.mark.usefixtures("undrawn")
def test_ties_to_unknown_organisations(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    strange = ties().assign(destination=lambda rows: rows["destination"].where(rows.index > 2, "Nobody"))
    for words in (str(both(call, tmp_path, firms(), ties=strange)[k]) for k in (0, 1)):
        assert "130 ties used" in words
        assert "3 ties set aside: an organisation that is not in the table" in words
    (tmp_path / "new").mkdir()
    told, said = both(call, tmp_path / "new", firms(), ties=ties().assign(destination="Nobody"))
    assert isinstance(told, SchemaError)
    assert "none of 133 is usable: an organisation that is not in the table (133)" in str(told)
    assert "none of 133 is usable" in said


@pytest.mark.usefixtures("undrawn")
def test_a_name_that_several_rows_bear_is_no_end_of_a_tie(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    told, said = both(call, tmp_path, firms(name="Roche"), ties=ties().assign(origin="Roche"))
    assert isinstance(told, SchemaError)
    assert "several rows are called 'Roche'" in str(told)
    assert "several rows are called 'Roche'" in said


@pytest.mark.usefixtures("undrawn")
def test_all_ties_inside_one_country(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    inside = ties()
    inside = inside[inside["origin"].str.startswith("Basel") & inside["destination"].str.startswith("Basel")]
    for words in both(call, tmp_path, firms(), ties=inside):
        assert "all ties are inside CH: they say nothing about other countries" in str(words)


@pytest.mark.usefixtures("undrawn")
def test_clusters_of_one_member(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    table = firms().assign(own=lambda rows: rows["name"].where(rows.index < 2))
    for words in both(call, tmp_path, table, method="column", labels="own"):
        assert "2 clusters have one member" in str(words)


@pytest.mark.usefixtures("undrawn")
def test_a_minimum_larger_than_the_table(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    for words in both(call, tmp_path, firms(), minimum=500):
        assert "no clusters (within 10 km, at least 500)" in str(words)
        assert "minimum 500 is more than the 28 rows: there can be no cluster" in str(words)


def background(**population: int) -> pd.DataFrame:
    towns = {"CH": [("Basel", 47.56, 7.59), ("Zürich", 47.37, 8.54)], "DE": [("Lörrach", 47.61, 7.66)]}
    towns["DE"].append(("Freiburg", 48.0, 7.85))
    rows = [
        {"name": name, "country": code, "lat": lat, "lon": lon, "population": population[code] * (k + 1)}
        for code in population
        for k, (name, lat, lon) in enumerate(towns[code])
    ]
    return pd.DataFrame(rows)


@pytest.mark.usefixtures("undrawn")
def test_a_background_with_no_place_in_one_country(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    for words in both(call, tmp_path, firms(), background=background(CH=1000)):
        assert "14 of them: its country has no place in the background: give controls" in str(words)
        assert "shown to span" not in str(words)


@pytest.mark.usefixtures("undrawn")
def test_time_missing(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    told, said = both(call, tmp_path, firms().drop(columns="founded"), method="space-time")
    assert isinstance(told, SchemaError)
    assert "years: there is no column 'founded'" in str(told)
    assert "years: there is no column 'founded'" in said
    told, said = both(call, tmp_path, firms(founded=None), method="space-time")
    assert isinstance(told, SchemaError)
    assert "no row has a year" in str(told)
    assert "no row has a year" in said
    some = firms().assign(founded=lambda rows: rows["founded"].where(rows.index != 3))
    for words in both(call, tmp_path, some, method="space-time"):
        assert "set aside, no year in founded: " in str(words)


@pytest.mark.usefixtures("undrawn")
def test_a_flat_background_must_be_asked_for_by_name(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    flat = background(CH=1000, DE=1000).assign(population=1)
    told, said = both(call, tmp_path, firms(), background=flat)
    assert isinstance(told, SchemaError)
    assert "a flat background. Ask for it: background='flat'." in str(told)
    assert "a flat background" in said
    for words in both(call, tmp_path, firms(), background="flat"):
        assert "on a flat background" in str(words)
