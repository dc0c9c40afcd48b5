"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import matplotlib as mpl
import pytest

mpl.use("Agg")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and reference results; the test skips where it is absent."""
    told = os.environ.get("GEOCLUSTER_SHARED")
    folder = Path(told) if told else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(f"no shared data: {folder / 'data'} is absent (set GEOCLUSTER_SHARED)")
    return folder
