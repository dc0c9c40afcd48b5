"""The command line's geocoding, from a file to a file."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from fake_service import FakeService, say, town

from geocluster import cli
from geocluster.cli import geocoding
from geocluster.geocoders import online

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fake_service import Answer

AGENT = "tests of geocluster, nobody@example.org"
FIRMS = """COMPANY;ORT;LAND;PLZ;lat;lon
Novartis;Bâle;Suisse;;;
=1+1;Frankfurt;DE;;;
Neustadt AG;Neustadt;DE;67433;;
Neustadt GmbH;Neustadt;DE;;;
Lost;Qwx001z;CH;;;
Found;Qwx002z;CH;;;
Given;;CH;;47,55;7,6
Abroad;Kehl;FR;;;
"""
COLUMNS = [word for pair in ("name=COMPANY", "city=ORT", "country=LAND", "postcode=PLZ") for word in ("--column", pair)]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command in this process: exit code, what it said, what it complained of."""

    def run(*words: object, command: str = "geocode") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["geocluster", command, *map(str, words)])
        before = signal.getsignal(signal.SIGTERM)
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
        finally:
            signal.signal(signal.SIGTERM, before)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def firms(tmp_path: Path) -> Path:
    path = tmp_path / "firms.csv"
    path.write_text(FIRMS, encoding="utf-8")
    return path


def test_every_row_comes_out_with_what_became_of_it(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path
) -> None:
    out = tmp_path / "clean.csv"
    code, said, complaint = call(firms, "--out", out, *COLUMNS)
    assert (code, complaint) == (0, "")
    table = pd.read_csv(out)
    assert len(table) == 8
    assert table["geo_status"].tolist() == ["ok", "ok", "ok", "ambiguous", "not_found", "not_found", "ok", "conflict"]
    assert table["name"].iloc[1] == "'=1+1"
    assert table["precision"].tolist()[:4] == ["city", "city", "postcode", "none"]
    assert table["country"].tolist()[:7] == ["CH", "DE", "DE", "DE", "CH", "CH", "CH"]
    assert table["lon"].notna().tolist() == [True, True, True, False, False, False, True, False]
    assert {"country_source", "border_km", "border_country", "near_border", "reason"} <= set(table.columns)
    lines = said.splitlines()
    assert lines[0].startswith("8 rows: 4 placed (50 %), 4 not: 1 ambiguous, 1 contradictory, 2 not found")
    assert any(line.startswith("    1 × Kehl, FR: contradictory") for line in lines)
    assert lines[-1] == f"8 rows in, 8 out: {out}"
    assert "  credit: GeoNames, CC BY 4.0" in lines
    assert len(lines) < 25


def test_options_change_what_is_placed(call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean.gpkg"
    code, _, _ = call(firms, "--out", out, *COLUMNS, "--on-ambiguous", "best", "--no-postcodes")
    assert code == 0
    table = gpd.read_file(out)
    assert table["geo_status"].tolist()[2:4] == ["ambiguous", "ambiguous"]
    assert table["precision"].tolist()[2:4] == ["city", "city"]
    assert table.geometry.notna().sum() == 5


def test_run_takes_the_result_and_geocodes_nothing_again(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geocluster import geocoders

    out = tmp_path / "clean.csv"
    call(firms, "--out", out, *COLUMNS)
    asked: list[Any] = []
    monkeypatch.setattr(geocoders, "geocode", lambda *_, **__: asked.append(1))
    code, said, complaint = call(out, "--out", tmp_path / "results", "--permutations", "39", command="run")
    assert (code, complaint, asked) == (0, "", [])
    assert said.startswith("clean · 4 stakeholders placed, 4 set aside")
    before, after = pd.read_csv(out), pd.read_csv(tmp_path / "results" / "stakeholders.csv")
    held = before[before["radius_km"].notna()].reset_index(drop=True)
    kept = ["lon", "lat", "radius_km", "precision", "geo_method", "geo_place_id", "country", "border_km"]
    pd.testing.assert_frame_equal(after[kept], held[kept])
    aside = pd.read_csv(tmp_path / "results" / "set_aside.csv")
    assert aside["reason"].tolist() == before["reason"].dropna().tolist()


def test_a_second_run_asks_only_for_what_is_left(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path
) -> None:
    once, twice = tmp_path / "once.csv", tmp_path / "twice.csv"
    call(firms, "--out", once, *COLUMNS)
    mended = once.read_text(encoding="utf-8").replace("Qwx001z", "Basel")
    once.write_text(mended, encoding="utf-8")
    assert call(once, "--out", twice)[1].startswith("8 rows: 5 placed")
    assert pd.read_csv(twice)["geo_place"].iloc[4] == "Basel"


# The network: a service on the loopback.


@pytest.fixture
def nominatim(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[FakeService], None]:
    def take(service: FakeService) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        monkeypatch.setattr(online, "BACK_OFF_S", 0.01)
        make = online.online_geocoder

        def local(name: str, **options: Any) -> Any:
            assert name == "nominatim"
            return make(service.nominatim(), pause_s=0.0, **options)

        monkeypatch.setattr("geocluster.geocoders.online_geocoder", local)

    return take


def answer(words: dict[str, str]) -> Answer:
    return say([town("Qwx002z", 46.5, 7.5, "ch")] if words.get("city") == "Qwx002z" else [])


ONLINE = ("--online", "nominatim", "--user-agent", AGENT, "--cache")


def test_a_service_is_asked_for_unresolved_rows_only_and_once(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path, nominatim: Callable[[FakeService], None]
) -> None:
    out, cache = tmp_path / "clean.csv", tmp_path / "answers.sqlite"
    with FakeService(answer) as service:
        nominatim(service)
        code, said, complaint = call(firms, "--out", out, *COLUMNS, *ONLINE, cache)
        assert (code, complaint) == (0, "")
        assert sorted(words["city"] for words in service.asked) == ["Kehl", "Neustadt", "Qwx001z", "Qwx002z"]
        assert set(service.agents) == {AGENT}
        table = pd.read_csv(out)
        assert table["geo_method"].iloc[5] == "online:nominatim"
        assert table["geo_status"].iloc[7] == "conflict"
        assert "OpenStreetMap" in said
        assert call(firms, "--out", out, *COLUMNS, *ONLINE, cache)[0] == 0
        assert len(service.asked) == 4
    pd.testing.assert_frame_equal(pd.read_csv(out), table)


def test_what_is_not_answered_is_said_and_the_rest_is_written(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path, nominatim: Callable[[FakeService], None]
) -> None:
    out = tmp_path / "clean.csv"
    with FakeService(answer) as service:
        nominatim(service)
        code, _, complaint = call(firms, "--out", out, *COLUMNS, *ONLINE, tmp_path / "a.sqlite", "--max-requests", 1)
        assert len(service.asked) == 1
    assert code == 0
    assert complaint.startswith("note: 3 of 4 queries have no answer: nominatim was not asked: max_requests=1 are made")
    assert "Traceback" not in complaint
    assert len(pd.read_csv(out)) == 8


def test_a_dead_service_costs_no_row(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path, nominatim: Callable[[FakeService], None]
) -> None:
    with FakeService(say("<html>busy</html>", 503)) as service:
        nominatim(service)
        code, said, complaint = call(firms, "--out", tmp_path / "o.csv", *COLUMNS, *ONLINE, tmp_path / "a.sqlite")
    assert code == 0
    assert "8 rows: 4 placed" in said
    assert re.fullmatch(r"note: 4 of 4 queries have no answer: .*status 503.*\n", complaint)


def test_progress_of_the_service_is_shown_on_a_terminal(
    call: Callable[..., tuple[int, str, str]],
    firms: Path,
    tmp_path: Path,
    nominatim: Callable[[FakeService], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[str, int]] = []

    def watch(items: Any, *, desc: str = "") -> Any:
        items = list(items)
        seen.append((desc, len(items)))
        return items

    monkeypatch.setattr(geocoding, "show_progress", watch)
    with FakeService(answer) as service:
        nominatim(service)
        call(firms, "--out", tmp_path / "o.csv", *COLUMNS, *ONLINE, tmp_path / "a.sqlite")
    assert seen == [("geocoding", 1), ("asking nominatim", 4)]


# Bad input.


def test_all_faults_are_told_at_once_before_anything_is_read(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    code, said, complaint = call(
        *("missing.csv", "--out", tmp_path / "none" / "out.doc", "--column", "x", "--on-ambiguous", "guess"),
        *("--online", "bing", "--max-requests", "-1"),
    )
    assert (code, said) == (2, "")
    assert complaint.splitlines()[0] == "error: the options cannot be used: 7 faults"
    for fault in ("--column 'x'", "ending", "no folder", "on_ambiguous", "'bing'", "user_agent must", "max_requests"):
        assert sum(fault in line for line in complaint.splitlines()[1:]) == 1, fault


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--online", "nominatim"], "user_agent must name you to the service"),
        (["--online", "photon", "--user-agent", " "], "user_agent must name you to the service"),
        (["--user-agent", "me", "--cache", "a"], "user_agent, cache: for online geocoders only"),
        (["--column", "name=a", "--column", "name=b"], "--column name is given as 'a' and as 'b'"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path, words: list[str], fault: str
) -> None:
    code, _, complaint = call(firms, "--out", tmp_path / "out.csv", *words)
    assert code == 2
    assert fault in complaint
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "firms.csv is empty"),
        ("name;city\n", "has a header but no rows"),
        ("name;city;city\na;b;c\n", "the column 'city' stands 2 times"),
        ("name;what;when\na;b;c\n", "no column tells a place: city, address, postcode, region, country, or lat and"),
        ("name;city;lat\na;b;1\n", "lon: there is no such column beside lat"),
        ("\x00\x01\x02", "line 1 holds NUL"),
    ],
)
def test_a_file_that_cannot_be_geocoded_is_told_in_words(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path, content: str, fault: str
) -> None:
    firms.write_text(content, encoding="utf-8")
    code, said, complaint = call(firms, "--out", tmp_path / "out.csv")
    assert (code, said) == (2, "")
    assert fault in complaint
    assert complaint.startswith("error: ")
    assert not (tmp_path / "out.csv").exists()


def test_the_input_is_never_written_over(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path
) -> None:
    (tmp_path / "link.csv").symlink_to(firms)
    for out in (firms, tmp_path / "link.csv", tmp_path / "." / "firms.csv"):
        code, _, complaint = call(firms, "--out", out, *COLUMNS)
        assert code == 2
        assert "never written over" in complaint
    assert firms.read_text(encoding="utf-8") == FIRMS


def test_a_table_of_which_nothing_can_be_placed_is_written_and_said(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path
) -> None:
    firms.write_text("name;city;country\na;Qwxyz;CH\nb;Qwxyz;CH\nc;;\n", encoding="utf-8")
    code, said, _ = call(firms, "--out", tmp_path / "out.csv")
    assert code == 0
    assert said.startswith("3 rows: 0 placed (0 %), 3 not: 3 not found")
    assert "    2 × Qwxyz, CH: not found" in said
    assert len(pd.read_csv(tmp_path / "out.csv")) == 3


def test_a_full_disk_is_told_in_words(
    call: Callable[..., tuple[int, str, str]], firms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geocluster.export import table as room

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(room._WRITERS, ".csv", full)
    before = {path.name for path in tmp_path.iterdir()}
    code, _, complaint = call(firms, "--out", tmp_path / "out.csv", *COLUMNS)
    assert code == 2
    assert complaint.endswith("out.csv cannot be written: No space left on device. Nothing was changed.\n")
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.usefixtures("firms")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_command_that_is_killed_leaves_no_half_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "out.csv").write_text("old")
    code = (
        "import sys, time, geocluster.cli\n"
        "from geocluster.export import table\n"
        "def write(frame, path):\n"
        "    path.write_text('half'); print('writing', flush=True); time.sleep(60)\n"
        "table._WRITERS['.csv'] = write\n"
        f"sys.argv = ['geocluster', 'geocode', 'firms.csv', '--out', 'out.csv', *{COLUMNS!r}]\n"
        "geocluster.cli.main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(getattr(signal, name))
        _, complaint = process.communicate(timeout=30)
    assert process.returncode not in (0, 2)
    assert "Traceback" not in complaint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["firms.csv", "out.csv"]
    assert (tmp_path / "out.csv").read_text() == "old"


def test_a_killed_command_goes_on_where_it_was(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, nominatim: Callable[[FakeService], None]
) -> None:
    """Killed while it asks; what was answered is remembered, and asked no second time."""
    many = tmp_path / "many.csv"
    many.write_text("name;city;country\n" + "".join(f"f;Qwx{i:03d}z;CH\n" for i in range(40)), encoding="utf-8")

    def place(words: dict[str, str]) -> Answer:
        number = int(re.sub(r"\D", "", words["city"]))
        return say([town(words["city"], 46 + number / 1000, 7.5, "ch")])

    cache = tmp_path / "answers.sqlite"
    child = (
        "import json, sys, geocluster.geocoders, geocluster.cli\n"
        "from functools import partial\n"
        "from geopy.geocoders import Nominatim\n"
        "make = geocluster.geocoders.online_geocoder\n"
        "domain, words = sys.argv[1], json.loads(sys.argv[2])\n"
        "service = Nominatim(domain=domain, scheme='http', proxies={}, user_agent='x', timeout=5)\n"
        "geocluster.geocoders.online_geocoder = lambda name, **options: make(service, pause_s=0.05, **options)\n"
        "sys.argv = ['geocluster', 'geocode', *words]\n"
        "geocluster.cli.main()\n"
    )
    words = [str(word) for word in (many, "--out", tmp_path / "out.csv", *ONLINE, cache)]
    with FakeService(place, limit=42) as service:
        process = subprocess.Popen([sys.executable, "-c", child, service.domain, json.dumps(words)], cwd=tmp_path)
        while len(service.asked) < 5 and process.poll() is None:
            pass
        process.kill()
        process.wait()
        before = len(service.asked)
        assert 5 <= before < 40
        assert not (tmp_path / "out.csv").exists()
        nominatim(service)
        code, said, _ = call(*words)
        assert len(service.asked) <= 41  # the one on its way when the first was killed
    assert code == 0
    assert said.startswith("40 rows: 40 placed (100 %)")
    assert pd.read_csv(tmp_path / "out.csv")["lat"].tolist() == [46 + i / 1000 for i in range(40)]
