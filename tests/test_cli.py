"""The command line, from its words to its files."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geocluster import __version__, cli
from geocluster.cli import options
from geocluster.datasets import data_path
from geocluster.export import FILES
from geocluster.pipeline import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOWNS = {"Basel": "CH", "Lörrach": "DE", "Mulhouse": "FR", "Freiburg im Breisgau": "DE"}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: exit code, what it said, what it complained of."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["geocluster", *map(str, words)])
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


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demo as a user starts it."""
    folder = tmp_path_factory.mktemp("demo")
    told = subprocess.run(
        [sys.executable, "-W", "error", "-m", "geocluster", "demo", "--out", "out"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={"PYTHONIOENCODING": "utf-8", "PATH": ""},
    )
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    return folder / "out", told.stdout


def firms(each: int = 6) -> str:
    lines = [
        f"Firm {town} {k};{['firm', 'university'][k % 2]};{town};{state};{1900 + 7 * k}"
        for town, state in TOWNS.items()
        for k in range(each)
    ]
    return "\n".join(["COMPANY;what;ORT;LAND;year", *lines, "Lost;firm;Nowhere-on-Sea;DE;2000"]) + "\n"


COLUMNS = [word for pair in ("name=COMPANY", "kind=what", "city=ORT", "country=LAND") for word in ("--column", pair)]


def test_the_version_and_the_help_are_told(call: Callable[..., tuple[int, str, str]]) -> None:
    assert call("--version") == (0, f"geocluster {__version__}\n", "")
    code, said, _ = call("--help")
    assert code == 0
    for word in ("--version", "demo", "run", "geocluster demo --out out"):
        assert word in said
    code, said, _ = call("run", "--help")
    assert code == 0
    for option in (
        *("--out", "--column", "--value", "--radius-km", "--minimum", "--r-max-km", "--study-area"),
        *(
            "--max-radius-km",
            "--controls",
            "--seed",
            "--permutations",
            "--title",
            "--encoding",
            "--sheet",
            "--layer",
            "--language",
        ),
    ):
        assert option in said


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["walk"],
        ["run"],
        ["run", "firms.csv"],
        ["run", "firms.csv", "--out", "out", "--radius-km", "ten"],
        ["run", "firms.csv", "--out", "out", "--permutations", "1.5"],
        ["demo", "--fast"],
    ],
)
def test_wrong_usage_is_2_and_points_to_the_help(call: Callable[..., tuple[int, str, str]], words: list[str]) -> None:
    code, said, complaint = call(*words)
    assert code == 2
    assert said == ""
    assert "Usage: geocluster" in complaint
    assert "Traceback" not in complaint


def test_the_demo_leaves_its_files_and_no_others(demonstration: tuple[Path, str]) -> None:
    out, _ = demonstration
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert (out / "map.png").stat().st_size > 100_000
    assert "Upper Rhine" in (out / "map.svg").read_text(encoding="utf-8")


def test_the_demo_says_what_a_person_can_act_on(demonstration: tuple[Path, str]) -> None:
    out, said = demonstration
    lines = said.splitlines()
    rows = pd.read_csv(data_path("stakeholders/upper_rhine.csv"))
    counted = re.fullmatch(
        r"Upper Rhine · (\d+) stakeholders placed, (\d+) set aside \(set_aside\.csv says why\)", lines[0]
    )
    assert counted is not None
    assert sum(map(int, counted.groups())) == len(rows)
    sheet = pd.read_csv(out / "clusters.csv").drop_duplicates("cluster")
    abroad = sheet["countries"].str.contains(" ").sum()
    assert lines[1].startswith(f"{len(sheet)} clusters (within 10 km, at least 5), {abroad} of them in more")
    for row in sheet.itertuples():
        head = next(line for line in lines if re.match(rf"\s*{row.cluster}  {re.escape(str(row.name))}\s", line))
        assert f" {row.n}   " in head
        for country in str(row.countries).split():
            assert country in head
    assert sum(line.strip().startswith("spans") for line in lines) == sheet["verdict"].str.startswith("spans").sum()
    assert any(
        line.startswith("Moran's I of founded ") and " · Colocation quotient firm → university " in line
        for line in lines
    )
    assert any(
        re.match("Null: (up to )?9,999 redraws", line) and line.endswith("a chosen list is no sample.")
        for line in lines
    )
    assert lines[-1] == "Map: out/map.png, .pdf, .svg · Table: out/clusters.csv"
    assert max(map(len, lines)) < 160
    assert len(lines) < 30


def test_the_demo_records_what_made_it(demonstration: tuple[Path, str]) -> None:
    out, _ = demonstration
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["seed"] == "1"
    assert run["parameters"]["radius_km"] == 10
    inputs = {path.name: path for path in data_path("stakeholders/upper_rhine.csv").parent.glob("upper_rhine*")}
    assert set(inputs) == set(run["inputs_sha256"])
    for name, checksum in run["inputs_sha256"].items():
        assert hashlib.sha256(inputs[name].read_bytes()).hexdigest() == checksum
    columns = (out / "clusters.csv").read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    wanted = "name verdict reading p r_km countries n observed expected dependence lon lat"
    assert set(wanted.split()) <= set(columns)


def test_the_same_seed_writes_the_same_bytes_again_over_old_results(
    demonstration: tuple[Path, str], call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    out, said = demonstration
    (tmp_path / "map.png").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    code, again, _ = call("demo", "upper-rhine", "--out", tmp_path, "--seed", 1)
    assert code == 0
    assert again.splitlines()[:-1] == said.splitlines()[:-1]
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes(), name
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_table_of_ones_own_with_every_option(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    path = tmp_path / "my_firms.csv.gz"
    path.write_bytes(gzip.compress(firms().encode("cp1252")))
    area = tmp_path / "area.geojson"
    area.write_text('{"type": "Polygon", "coordinates": [[[7, 47], [8.5, 47], [8.5, 48.5], [7, 48.5], [7, 47]]]}')
    code, said, complaint = call(
        *("run", path, "--out", tmp_path / "out", *COLUMNS, "--encoding", "cp1252", "--value", "year"),
        *("--radius-km", 12, "--minimum", 4, "--r-max-km", 15, "--study-area", area, "--seed", 5),
        *("--max-radius-km", 40),
        *("--permutations", 199, "--title", "Mine", "--language", "ru"),
    )
    assert (code, complaint) == (0, "")
    lines = said.splitlines()
    assert lines[0] == "Mine · 24 stakeholders placed, 1 set aside (set_aside.csv says why)"
    assert lines[1].startswith("3 clusters (within 12 km, at least 4), 1 of them")
    null = next(line for line in lines if line.startswith("Null: "))
    assert "199 redraws on each country's own population inside the study area" in null
    assert "Study area: a given polygon · circles up to 15 km" in lines
    assert any(line.startswith("Moran's I of year") for line in lines)
    run = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert run["seed"] == "5"
    told = {"radius_km": 12.0, "minimum": 4, "r_max_km": 15.0, "permutations": 199, "value": "year"}
    told |= {"max_radius_km": 40.0}
    assert {name: run["parameters"][name] for name in told} == told
    assert set(run["inputs_sha256"]) == {"my_firms.csv.gz", "area.geojson"}
    assert re.search("[\u0430-\u044f]{4}", (tmp_path / "out" / "map.svg").read_text(encoding="utf-8"))
    placed = pd.read_csv(tmp_path / "out" / "stakeholders.csv")
    assert placed["year"].tolist() == [1900 + 7 * k for _ in TOWNS for k in range(6)]


def test_rows_placed_less_surely_than_told_are_left_out(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "my_firms.csv"
    path.write_text(firms(), encoding="utf-8")
    code, said, _ = call("run", path, "--out", tmp_path / "out", *COLUMNS, "--max-radius-km", 10)
    assert code == 0
    aside = pd.read_csv(tmp_path / "out" / "set_aside.csv")
    vague = aside["reason"].str.startswith("position known to").sum()
    assert vague
    assert f"Left out of the statistics: {vague} rows placed less certainly than 10 km (95 % radius)" in said
    code, _, complaint = call("run", path, "--out", tmp_path / "out", *COLUMNS, "--max-radius-km", 0)
    assert code == 2
    assert "max_radius_km must be" in complaint


def test_controls_take_the_place_of_population(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    path, others = tmp_path / "my_firms.csv", tmp_path / "all.csv"
    path.write_text(firms(), encoding="utf-8")
    others.write_text(firms(30), encoding="utf-8")
    code, said, _ = call("run", path, "--out", tmp_path / "out", *COLUMNS, "--controls", others)
    assert code == 0
    assert said.startswith("my firms · 24 stakeholders placed")
    assert "permutations of cases among cases and controls" in said
    assert "in no circle about it do two countries hold more than their share" in said
    assert set(pd.read_csv(tmp_path / "out" / "clusters.csv")["reading"]) == {"controls"}


def test_20_000_rows_in_one_city_have_clusters_and_no_graph(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "city.csv"
    kinds = ["firm", "university"]
    lines = (f"Firm {k},{kinds[k % 2]},Basel,CH,{1900 + k % 100}" for k in range(20_000))
    path.write_text("\n".join(["name,kind,city,country,founded", *lines]), encoding="utf-8")
    code, said, complaint = call("run", path, "--out", tmp_path / "out", "--value", "founded")
    assert (code, complaint) == (0, "")
    assert "20,000 stakeholders placed" in said
    assert re.search(r"1  Basel   20,000   CH", said)
    assert re.search(r"Note: no statistics of neighbours: .* 399,980,000 edges, more than 100,000,000", said)
    assert len(pd.read_csv(tmp_path / "out" / "stakeholders.csv")) == 20_000


def test_a_screen_without_the_letters_gets_marks_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("name,city,country\nA,Basel,CH\n", encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "geocluster", "run", "firms.csv", "--out", "out"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(b"firms ? 1 stakeholder placed")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_run_that_is_killed_leaves_nothing_half_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "firms.csv").write_text("name,city,country\nA,Basel,CH\n", encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / "clusters.csv").write_text("old")
    code = (
        "import sys, time, geocluster.maps, geocluster.cli\n"
        "def save(figure, path):\n"
        "    path.write_text('half'); print('drawing', flush=True); time.sleep(60)\n"
        "geocluster.maps.save_figure = save\n"
        "sys.argv = ['geocluster', 'run', 'firms.csv', '--out', 'out']\n"
        "geocluster.cli.main()\n"
    )
    # a shell's background job ignores SIGINT; a terminal's does not
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
        assert process.stdout.readline() == "drawing\n"
        assert len(list(out.iterdir())) == 2
        process.send_signal(getattr(signal, name))
        _, complaint = process.communicate(timeout=30)
    assert process.returncode not in (0, 2)
    assert "Traceback" not in complaint
    assert {path.name: path.read_text() for path in out.iterdir()} == {"clusters.csv": "old"}


def test_the_demo_knows_the_examples_there_are(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, _, complaint = call("demo", "atlantis", "--out", tmp_path / "out")
    assert code == 2
    for region in EXAMPLES:
        assert region in complaint
    assert not (tmp_path / "out").exists()


def test_progress_is_shown_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "PROGRESS_AFTER_S", 0)
    assert list(options.show_progress([1, 2, 3], desc="geocoding")) == [1, 2, 3]
    assert capsys.readouterr() == ("", "")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert list(options.show_progress([1, 2, 3], desc="geocoding")) == [1, 2, 3]
    assert "geocoding: " in terminal.getvalue()
