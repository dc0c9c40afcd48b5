"""`geocluster colocation`, from its words to its files."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from geocluster.datasets import data_path
from geocluster.export import COLOCATION_FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = data_path("stakeholders/oresund.csv")


@pytest.fixture
def call(command: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, str, str]]:
    return partial(command, "colocation")


def test_it_writes_pairs_figures_and_summary(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = (FILE, "--kinds", "firm,public body,university", "--out", out, "--within-km", 40, "--permutations", 199)
    code, said, complaint = call(*words, "--language", "ru")
    assert (code, complaint) == (0, "")
    assert "3 kinds, 9 pairs" in said
    assert {path.name for path in out.iterdir()} == set(COLOCATION_FILES)
    pairs = pd.read_csv(out / "pairs.csv")
    assert len(pairs) == 27
    wide = pairs.pivot(index=["kind", "near_kind"], columns="part", values="value")
    np.testing.assert_allclose(wide["within"] + wide["across"], wide["whole"], rtol=1e-12)
    few = pairs[(pairs["kind"] == "university") & (pairs["near_kind"] == "university") & (pairs["part"] == "across")]
    assert few["reason"].str.contains("too few: SE has 4 of university").all()
    assert few["p"].isna().all()
    places = pd.read_csv(out / "places.csv")
    assert (places["kind"] == "firm").all()
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert told["kinds"] == ["firm", "public body", "university"]
    assert list(told["inputs_sha256"]) == ["oresund.csv"]
    assert "surrogates" in (out / "summary.txt").read_text(encoding="utf-8")
    assert (out / "matrix.png").stat().st_size > 20_000
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert call(*words, "--language", "ru")[0] == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--kinds", "firm", "--language", "la", "--null", "none"], ["two kinds or more", "language", "null must be"]),
        (["--kinds", ",".join(f"kind {i}" for i in range(40))], ["give 30 kinds at most, got 40"]),
        (["--kinds", "firm", "--kinds", "farm"], ["no row has the kind 'farm'"]),
        (["--kinds", "firm,university", "--nearest", "5", "--within-km", "5"], ["give one of within_km and nearest"]),
        (["--kinds", "firm,university", "--nearest", "500"], ["Give fewer neighbours"]),
        (["--kinds", "firm,university", "--seed", "-1"], ["seed must be"]),
        (["--kinds", "firm,university", "--permutations", "0"], ["permutations must be"]),
    ],
)
def test_bad_options_are_told_and_leave_nothing(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, words: list[str], told: list[str]
) -> None:
    out = tmp_path / "out"
    code, _, complaint = call(FILE, "--out", out, *words)
    assert code == 2
    assert complaint.startswith("error: ")
    for part in told:
        assert part in complaint
    assert not out.exists()
