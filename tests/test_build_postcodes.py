"""Is the table of postcodes built as it is said to be?"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geocluster.geocoders.postcode_table import load_postcodes

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "tools" / "build_postcodes.py"
    spec = importlib.util.spec_from_file_location("build_postcodes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_postcodes"] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def rows(tool: ModuleType, *told: tuple[str, str, str, float, float], estimated: bool = False) -> Any:
    key, region, name, longitude, latitude = zip(*told, strict=True)
    flags = np.full(len(told), estimated)
    return tool.Rows(list(key), list(region), list(name), np.array(longitude), np.array(latitude), flags)


BERNE = ("CH3000", "CH.BE", "Bern", 7.45, 46.95)
THUN = ("CH3600", "CH.BE", "Thun", 7.63, 46.75)


def test_a_code_is_the_median_of_its_places_with_their_spread(tool: ModuleType) -> None:
    table = rows(tool, ("CH3000", "", "", 7.40, 46.9), ("CH3000", "", "", 7.45, 46.9), ("CH3000", "", "", 7.60, 46.9))
    arrays, wide = tool.make_arrays(table, np.zeros(3, dtype=bool))
    assert (arrays["key"].tolist(), wide) == ([b"CH3000"], 0)
    assert arrays["longitude_steps"].tolist() == [745]
    assert arrays["spread_km"].tolist() == [12]  # 0.15 degrees at 46.9 north are 11.4 km


def test_codes_that_spread_too_wide_are_left_out(tool: ModuleType) -> None:
    table = rows(tool, ("CH1", "", "", 7.0, 46.9), ("CH1", "", "", 8.0, 46.9), ("CH2", "", "", 8.0, 46.9))
    arrays, wide = tool.make_arrays(table, np.zeros(3, dtype=bool))
    assert (arrays["key"].tolist(), wide) == ([b"CH2"], 1)


def test_a_town_of_the_gazetteer_far_from_its_row_contradicts_it(tool: ModuleType) -> None:
    wrong = ("CH3600", "CH.BE", "Thun", 7.30, 47.25)  # in the canton, but 60 km off
    assert tool.find_misplaced(rows(tool, BERNE, THUN, wrong)).tolist() == [False, False, True]


def test_a_row_far_from_its_region_is_contradicted(tool: ModuleType) -> None:
    wrong = ("CH3999", "CH.BE", "Qwxyz", 9.5, 46.8)
    assert tool.find_misplaced(rows(tool, BERNE, THUN, wrong)).tolist() == [False, False, True]


def test_where_many_estimates_are_wrong_none_is_believed(tool: ModuleType) -> None:
    wrong = ("CH3999", "CH.BE", "Qwxyz", 9.5, 46.8)
    assert tool.find_misplaced(rows(tool, BERNE, THUN, wrong, estimated=True)).all()


def test_the_same_rows_give_the_same_bytes_and_can_be_read(tool: ModuleType, tmp_path: Path) -> None:
    arrays, _ = tool.make_arrays(rows(tool, THUN, BERNE), np.zeros(2, dtype=bool))
    for name in ("a.npz", "b.npz"):
        tool.write_arrays(arrays, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    table = load_postcodes(tmp_path / "a.npz")
    i = table.find("CH", "3600")
    assert (table.longitude[i], table.latitude[i]) == (7.63, 46.75)


def test_another_source_is_refused(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / tool.WHEEL).write_bytes(b"other")
    with pytest.raises(SystemExit, match="another file than the one pinned"):
        tool.read_source(tmp_path / tool.WHEEL)
