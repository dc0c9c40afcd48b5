"""Every example runs as a script and leaves its map, or its table."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import geocluster as gc
from geocluster.export import FILES

FOLDER = Path(__file__).resolve().parents[1] / "examples"
MESSY = FOLDER / "messy_table.csv"
OTHERS = {"hotspots_cells": ("cells.geojson", "correlogram.csv", "correlogram.png")}
"""Examples that write no map of clusters, and what they write."""
EXAMPLES = sorted(path for path in FOLDER.glob("*.py") if path.stem != "messy_table")


def run(script: Path, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error::FutureWarning", str(script), str(folder)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs(script: Path, tmp_path: Path) -> None:
    said = run(script, tmp_path)
    assert "placed" in said
    left = {path.name for path in tmp_path.iterdir()}
    if script.stem in OTHERS:
        assert left == set(OTHERS[script.stem])
        assert all(path.stat().st_size > 1_000 for path in tmp_path.iterdir())
        return
    if script.stem.startswith("hotspots_"):
        assert "descriptive" in said
        assert (tmp_path / "map.png").stat().st_size > 30_000
        return
    if "write_folder" not in script.read_text(encoding="utf-8"):  # a question without a map leaves its figures
        figures = [path for path in tmp_path.iterdir() if path.suffix == ".png"]
        assert figures
        assert all(path.stat().st_size > 30_000 for path in figures)
        return
    assert set(FILES) <= left
    assert (tmp_path / "map.png").stat().st_size > 50_000
    assert (tmp_path / "clusters.csv").read_text(encoding="utf-8").startswith("cluster,name,verdict,reading,p,r_km")


def test_the_messy_table_comes_out_clean(tmp_path: Path) -> None:
    said = run(FOLDER / "messy_table.py", tmp_path)
    with MESSY.open(encoding="utf-8", newline="") as file:
        messy = list(csv.DictReader(file, delimiter=";"))
    assert all(None not in row and None not in row.values() for row in messy)
    clean = gc.read_table(tmp_path / "clean.csv")
    assert len(clean) == len(messy) >= 60
    assert clean["name"].fillna("").tolist() == [row["organisation"].strip() for row in messy]
    listed, wrong = said.partition("\n\n")[0].splitlines(), []
    for row, (label, found) in zip(messy, clean.iterrows(), strict=True):
        place = f"{found['geo_place']}, {found['country']}"
        held = pd.notna(found["radius_km"])
        good = {place, found["precision"]} if held else {found["geo_status"]}
        if held and found["geo_status"] == "coarse":
            good = {"coarse"}
        if row["expected"] not in good:
            wrong.append((label, row["expected"], place, found["geo_status"], found["reason"]))
        assert held == pd.isna(found["reason"])
        assert sum(line.split()[:1] == [str(label)] for line in listed) == 1
    assert wrong == []
    assert f"{len(messy)} rows: " in said
    assert "not placed, the most frequent first" in said
    assert said.endswith(f"{tmp_path / 'clean.csv'}\n")
