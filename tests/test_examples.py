"""Every example runs as a script and leaves its map."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from geocluster.export import FILES

EXAMPLES = sorted((Path(__file__).resolve().parents[1] / "examples").glob("*.py"))


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs(script: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error::FutureWarning", str(script), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert "placed" in run.stdout
    assert set(FILES) <= {path.name for path in tmp_path.iterdir()}
    assert (tmp_path / "map.png").stat().st_size > 50_000
    assert (tmp_path / "clusters.csv").read_text(encoding="utf-8").startswith("cluster,name,verdict,reading,p,r_km")
