"""What has a service answered before?"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geocluster.errors import GeoclusterWarning, OptionError
from geocluster.geocoders import cache as room
from geocluster.geocoders.cache import FILE_NAME, AnswerCache

if TYPE_CHECKING:
    from pathlib import Path

DAY_S = 86_400.0


def put(path: Path, query: str = "q", answer: str = "a", *, hit: bool = True) -> None:
    with AnswerCache(path).opened() as cache:
        cache.put("p", query, answer, hit=hit)


def get(path: Path, query: str = "q", provider: str = "p") -> str | None:
    with AnswerCache(path).opened() as cache:
        return cache.get(provider, query)


def test_an_answer_is_kept_by_provider_and_query(tmp_path: Path) -> None:
    put(tmp_path)
    assert (tmp_path / FILE_NAME).exists()
    assert (get(tmp_path), get(tmp_path, "other"), get(tmp_path, provider="other")) == ("a", None, None)


def test_a_later_answer_replaces_an_earlier(tmp_path: Path) -> None:
    put(tmp_path)
    put(tmp_path, answer="b")
    assert get(tmp_path) == "b"


def test_folders_are_made(tmp_path: Path) -> None:
    put(tmp_path / "a" / "b.sqlite")
    assert get(tmp_path / "a" / "b.sqlite") == "a"


def test_a_path_may_hold_any_sign(tmp_path: Path) -> None:
    put(tmp_path / "a?b#c%20 é.sqlite")
    assert (tmp_path / "a?b#c%20 é.sqlite").exists()


@pytest.mark.parametrize(
    ("days", "hit", "kept"),
    [(0, True, True), (364, True, True), (366, True, False), (29, False, True), (31, False, False), (-3, True, False)],
)
def test_places_are_kept_a_year_and_misses_a_month(tmp_path: Path, days: int, hit: bool, kept: bool) -> None:  # noqa: FBT001
    put(tmp_path, hit=hit)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as held, held:
        held.execute("UPDATE answers SET asked = ?", (time.time() - days * DAY_S,))
    assert (get(tmp_path) == "a") is kept


@pytest.mark.parametrize("damage", ["text", "cut", "flipped"])
def test_a_corrupt_file_is_told_with_its_remedy_and_left_as_it_is(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.sqlite"
    with AnswerCache(path).opened() as cache:
        for i in range(400):
            cache.put("p", str(i), "x" * 100, hit=True)
    whole = path.read_bytes()
    page = 4096
    broken = {
        "text": b"name,city\nKidoz,Anguilla\n" * 40,
        "cut": whole[: page * 3],
        "flipped": whole[:page] + b"\xff" * (page * 4) + whole[page * 5 :],
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(OptionError, match=r"a\.sqlite is corrupt: .*\. Delete it"):
        AnswerCache(path)
    assert path.read_bytes() == broken


def test_the_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as held, held:
        held.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(OptionError, match="is no file of answers"):
        AnswerCache(path)
    assert path.read_bytes() == before


def test_a_place_where_no_file_can_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match="cannot be opened"):
        AnswerCache(tmp_path / "file" / "a.sqlite")


def test_a_file_that_cannot_be_written_is_still_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.sqlite"
    put(path)
    connect = sqlite3.connect
    # as on a read-only disk, whoever asks
    read_only = f"{path.as_uri()}?mode=ro"
    monkeypatch.setattr(sqlite3, "connect", lambda _, **how: connect(read_only, uri=True, **how))
    with AnswerCache(path).opened() as cache:
        with pytest.warns(GeoclusterWarning, match=r"not remembered in .*a\.sqlite.*readonly.* goes on without"):
            cache.put("p", "new", "b", hit=True)
        assert (cache.get("p", "q"), cache.get("p", "new")) == ("a", None)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_file_is_still_read(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert get(tmp_path) == "a"
        with pytest.warns(GeoclusterWarning, match="goes on without"):
            put(tmp_path, "new")
    finally:
        tmp_path.chmod(0o755)


def test_a_full_disk_is_told_once_and_the_work_goes_on(tmp_path: Path) -> None:
    held = AnswerCache(tmp_path)
    with held.opened() as cache:
        cache.put("p", "first", "a", hit=True)
        assert held._connection is not None
        pages = held._connection.execute("PRAGMA page_count").fetchone()[0]
        held._connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own full disk
        with pytest.warns(GeoclusterWarning, match="disk is full"):
            cache.put("p", "large", "x" * 100_000, hit=True)
        cache.put("p", "another", "x" * 100_000, hit=True)
        assert cache.get("p", "first") == "a"
    assert get(tmp_path, "first") == "a"


def test_a_file_that_vanishes_or_breaks_in_the_middle_ends_no_run(tmp_path: Path) -> None:
    held = AnswerCache(tmp_path / "a.sqlite")
    (tmp_path / "a.sqlite").write_bytes(b"no database" * 1000)
    opened = held.opened()
    with pytest.warns(GeoclusterWarning, match="goes on without"):
        cache = opened.__enter__()
    cache.put("p", "q", "a", hit=True)
    assert cache.get("p", "q") is None
    opened.__exit__(None, None, None)


def test_a_file_that_another_process_holds_for_too_long_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BUSY_S", 0.05)
    held = AnswerCache(tmp_path)
    with held.opened() as cache, closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.warns(GeoclusterWarning, match="locked"):
            cache.put("p", "q", "a", hit=True)


def test_the_same_file_can_be_made_twice_at_once(tmp_path: Path) -> None:
    first, second = AnswerCache(tmp_path), AnswerCache(tmp_path)
    with first.opened() as one, second.opened() as other:
        one.put("p", "1", "a", hit=True)
        other.put("p", "2", "b", hit=True)
        assert (one.get("p", "2"), other.get("p", "1")) == ("b", "a")
