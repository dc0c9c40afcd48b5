"""`geocluster hotspots`, from its words to its files."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

from geocluster.datasets import data_path
from geocluster.export import HOTSPOT_FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def call(command: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, str, str]]:
    return partial(command, "hotspots")


def firms(folder: Path) -> Path:
    table = pd.read_csv(data_path("stakeholders/oresund.csv"), keep_default_na=False)
    path = folder / "firms.csv"
    table[table["kind"] == "firm"].to_csv(path, index=False)
    return path


def test_it_writes_places_map_and_summary(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    file, out = firms(tmp_path), tmp_path / "out"
    words = (file, "--value", "founded", "--out", out, "--permutations", 1999, "--language", "ru")
    code, said, complaint = call(*words)
    assert (code, complaint) == (0, "")
    assert "places significant" in said
    assert "descriptive" in said
    assert {path.name for path in out.iterdir()} == set(HOTSPOT_FILES)
    places = pd.read_csv(out / "places.csv")
    assert len(places) == len(pd.read_csv(file))
    assert {"hot", "not significant", "not tested"} <= set(places["verdict"])
    assert (places.loc[places["founded"].isna(), "reason"] == "no number").all()
    package = gpd.read_file(out / "places.gpkg")
    assert package.crs == "EPSG:4326"
    assert package["verdict"].tolist() == places["verdict"].tolist()
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert told["parameters"]["statistic"] == "getis_ord_star"
    assert list(told["inputs_sha256"]) == ["firms.csv"]
    assert (out / "map.png").stat().st_size > 30_000
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert call(*words)[0] == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_kind_is_counted_by_its_word(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    file = data_path("stakeholders/upper_rhine.csv")
    code, said, _ = call(
        file, "--value", "kind=Firm", "--out", tmp_path / "out", "--statistic", "join_count", "--within-km", 15
    )
    assert code == 0
    assert "local join count of kind=Firm" in said
    assert "exact, hypergeometric" in said


def test_kinds_in_words_are_counted_each_by_its_own(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    file, out = data_path("stakeholders/upper_rhine.csv"), tmp_path / "out"
    code, said, _ = call(file, "--value", "kind", "--out", out, "--statistic", "join_count", "--within-km", 15)
    assert code == 0
    assert "neighbours of a place's own kind are counted" in said
    places = pd.read_csv(out / "places.csv")
    assert places.loc[places["p"].notna(), "kind"].nunique() > 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--statistic", "lisa", "--nearest", "0", "--language", "la"], ["statistic must be", "nearest", "language"]),
        (["--nearest", "8", "--within-km", "5"], ["give one of within_km and nearest"]),
        (["--fdr", "holm"], ["fdr must be"]),
        (["--seed", "-1"], ["seed must be"]),
        (["--permutations", "0"], ["permutations must be"]),
        (["--nearest", "500"], ["Give fewer neighbours"]),
    ],
)
def test_bad_options_are_told_and_leave_nothing(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, words: list[str], told: list[str]
) -> None:
    out = tmp_path / "out"
    code, _, complaint = call(firms(tmp_path), "--value", "founded", "--out", out, *words)
    assert code == 2
    assert complaint.startswith("error: ")
    for part in told:
        assert part in complaint
    assert not out.exists()


@pytest.mark.parametrize(("value", "told"), [("size", "no column 'size'"), ("name", "are no numbers")])
def test_bad_columns_are_told(call: Callable[..., tuple[int, str, str]], tmp_path: Path, value: str, told: str) -> None:
    code, _, complaint = call(firms(tmp_path), "--value", value, "--out", tmp_path / "out")
    assert code == 2
    assert told in complaint


@pytest.mark.parametrize("value", ["employees", "employees=3"])
def test_a_value_goes_by_the_heading_of_the_file(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, value: str
) -> None:
    table = pd.read_csv(data_path("stakeholders/upper_rhine.csv"))
    file = tmp_path / "firms.csv"
    table.assign(employees=pd.Series(range(len(table) - 1)).reindex(table.index)).to_csv(file, index=False)
    code, said, complaint = call(file, "--value", value, "--out", tmp_path / "out", "--permutations", 99)
    assert (code, complaint) == (0, "")
    assert value.replace("employees", "weight") in said


def test_rows_without_a_number_are_told(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, said, _ = call(firms(tmp_path), "--value", "founded", "--out", tmp_path / "out")
    places = pd.read_csv(tmp_path / "out" / "places.csv")
    lacking = places["founded"].isna().sum()
    assert code == 0
    assert lacking > 0
    assert f"{lacking} rows placed without a number in founded" in said


def test_a_column_of_kinds_takes_no_other(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    file = data_path("stakeholders/upper_rhine.csv")
    words = ("--value", "kind", "--other-value", "name", "--statistic", "join_count", "--out", tmp_path / "out")
    code, _, complaint = call(file, *words)
    assert code == 2
    assert "'kind' holds words: join counts of several kinds take no other" in complaint


def test_all_options_at_fault_are_told_at_once(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    words = ("--statistic", "bivariate_moran", "--fdr", "holm", "--permutations", 0, "--nearest", 0, "--seed", -1)
    code, _, complaint = call(firms(tmp_path), "--value", "founded", "--out", tmp_path / "out", *words)
    assert code == 2
    for told in ("needs other_value", "fdr must be", "permutations must be", "nearest must be", "the seed must be"):
        assert told in complaint
    assert not (tmp_path / "out").exists()


def test_a_word_that_no_row_holds_is_told(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, _, complaint = call(firms(tmp_path), "--value", "kind=frim", "--out", tmp_path / "out")
    assert code == 2
    assert "no row has 'frim' in kind. It holds 'firm'." in complaint
