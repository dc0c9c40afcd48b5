"""When may a service be asked again?"""

from __future__ import annotations

import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from geocluster.geocoders.pace import LONGEST_WAIT_S, Pace, TooLongError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def measure(*paces: Pace) -> float:
    """Take a turn each, and measure the seconds from the first start to the last."""
    moments = []
    for pace in paces:
        with pace.turn():
            moments.append(time.monotonic())
    return moments[-1] - moments[0]


def test_two_calls_are_a_pause_apart_whoever_makes_them() -> None:
    assert measure(Pace("x", 0.05), Pace("x", 0.05)) >= 0.049


def test_calls_of_two_services_do_not_wait_for_each_other() -> None:
    assert measure(Pace("x", 5.0), Pace("y", 5.0)) < 1.0


def test_the_pause_counts_from_the_end_of_a_call() -> None:
    pace = Pace("x", 0.05)
    with pace.turn():
        time.sleep(0.06)
        ended = time.monotonic()
    with pace.turn():
        assert time.monotonic() - ended >= 0.049


def test_a_hold_binds_other_processes_too_and_only_once() -> None:
    with Pace("x", 0.0).turn():
        pass
    pace = Pace("x", 0.0)
    with pace.turn():
        pace.hold(0.1)
        ended = time.monotonic()
    with Pace("x", 0.0).turn():
        assert time.monotonic() - ended >= 0.099
    assert measure(pace, pace) < 0.09


def test_who_has_to_wait_for_too_long_is_told_at_once() -> None:
    pace = Pace("x", 0.0)
    with pace.turn():
        pace.hold(LONGEST_WAIT_S + 60)
    with pytest.raises(TooLongError, match=r"it asks to wait 1[78]"), Pace("x", 0.0).turn():
        pass


def test_a_turn_that_fails_keeps_the_pause() -> None:
    with pytest.raises(KeyError), Pace("x", 0.05).turn():
        raise KeyError
    started = time.monotonic()
    with Pace("x", 0.05).turn():
        assert time.monotonic() - started >= 0.03


def test_without_a_lock_file_the_process_keeps_the_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    pace = Pace("x", 0.05)
    assert measure(pace, pace) >= 0.049


def test_a_lock_file_is_no_way_to_another_file(tmp_path: Path) -> None:
    pace = Pace("x", 0.0)
    (tmp_path / "precious").write_text("precious")
    pace.path.symlink_to(tmp_path / "precious")
    with pace.turn():
        pass
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.parametrize("text", ["9999999999.0", "garbage", "", "nan", "-inf"])
def test_a_lock_file_of_another_clock_or_of_nonsense_is_not_believed(text: str) -> None:
    pace = Pace("x", 0.0)
    pace.path.write_text(text)
    assert measure(pace, pace) < 1.0
