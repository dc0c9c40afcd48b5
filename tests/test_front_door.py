"""The front door opens rooms on demand, and keeps its names in order."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import geocluster


def test_names_are_sorted_and_all_open() -> None:
    assert geocluster.__all__[1:] == sorted(geocluster.__all__[1:])
    for name in geocluster.__all__:
        assert getattr(geocluster, name) is not None
        assert name in dir(geocluster)


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, geocluster; print(' '.join(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    heavy = {
        "numpy",
        "pandas",
        "geopandas",
        "shapely",
        "scipy",
        "numba",
        "libpysal",
        "esda",
        "matplotlib",
        "typer",
        "pyarrow",
    }
    assert not heavy & loaded


def test_the_command_line_says_help_without_loading_the_rooms() -> None:
    code = "import sys, geocluster.cli; print(' '.join(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not {"numpy", "pandas", "geopandas", "scipy", "numba", "libpysal", "matplotlib"} & loaded


def test_no_public_function_has_a_modules_name() -> None:
    for name in geocluster.__all__:
        with pytest.raises(ModuleNotFoundError):
            import_module(f"geocluster.{name}")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        geocluster.nothing  # noqa: B018


def test_import_takes_less_than_a_third_of_a_second() -> None:
    code = "import time; start = time.perf_counter(); import geocluster; print(time.perf_counter() - start)"
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(runs) < 0.3


def test_help_is_there_at_once() -> None:
    """Nothing slow is loaded for it; its seconds are told by benchmarks/start.py."""
    code = "import sys; from geocluster.cli import app\n"
    code += "try: app(['run', '--help'])\nfinally: print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "--study-area" in told
    assert not {"numpy", "pandas", "geopandas", "matplotlib", "numba"} & set(told.splitlines()[-1].split())


def test_the_package_is_started_as_a_module() -> None:
    told = subprocess.run([sys.executable, "-m", "geocluster", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout == f"geocluster {geocluster.__version__}\n"
