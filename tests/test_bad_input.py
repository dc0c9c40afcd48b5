"""Bad input: a clear error with exit code 2, or a clear result; nothing half-written, no row lost."""

from __future__ import annotations

import gzip
import json
import re
import signal
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geocluster import cli
from geocluster.readers import read_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = "name,kind,city,country,founded\n" + "".join(
    f"Firm {town} {k},{['firm', 'university'][k % 2]},{town},{country},{1900 + k}\n"
    for town, country in {"Basel": "CH", "Lörrach": "DE"}.items()
    for k in range(6)
)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: exit code, what it said, what it complained of."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["geocluster", *map(str, words)])
        before = signal.getsignal(signal.SIGTERM)
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        finally:
            signal.signal(signal.SIGTERM, before)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def lay(folder: Path, data: str | bytes, name: str = "firms.csv") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


BAD_FILES = {
    "a picture": (PNG, "firms.csv", "is a PNG picture"),
    "a picture by its name": (PNG, "firms.png", "is a PNG picture"),
    "a document": (b"%PDF-1.4\n1 0 obj\n", "firms.csv", "is a PDF document"),
    "a workbook": (b"PK\x03\x04" + bytes(40), "firms.csv", "zip archive, such as xlsx"),
    "JSON": (b'[{"name": "A"}]\n', "firms.csv", "holds JSON"),
    "a file of another kind": (b"\x00\x01", "firms.dat", "no table of a kind that can be read"),
    "empty": (b"", "firms.csv", "is empty"),
    "a header only": (b"name,city\n", "firms.csv", "no rows"),
    "rows without a cell filled": (b"name,city\n,\n,\n", "firms.csv", "none of 2 rows can be placed"),
    "no encoding": (b"name,city\nA,\xff\xfe\x81\n", "firms.csv", "line 2 has the byte 0xff"),
    "NUL": (b"name,city\nA\x00,Bern\n", "firms.csv", "NUL"),
    "half an archive": (gzip.compress(GOOD.encode(), mtime=0)[:-20], "firms.csv.gz", "cannot be unpacked"),
    "a spoilt archive": (
        gzip.compress(GOOD.encode(), mtime=0)[:30] + b"\xff" * 9,
        "firms.csv.gz",
        "cannot be unpacked",
    ),
    "no archive": (GOOD.encode(), "firms.csv.gz", "cannot be unpacked"),
    "an open quote": (b'name,city\n"A,Bern\n', "firms.csv", "line 2"),
    "long lines": (b"name,city\nA,Bern,x\nB,Bern\nC,Bern,y\n", "firms.csv", r"line 2: 3 cells[\s\S]*line 4"),
    "columns missing and doubled": (
        b"naem,city,city\nA,B,C\n",
        "firms.csv",
        r"2 faults[\s\S]*'city' stands 2 times[\s\S]*no column 'name'. Is it 'naem'\?[\s\S]*It has naem, city, city",
    ),
    "no column with a place": (
        b"name,founded\nA,1900\n",
        "firms.csv",
        r"none tells a place[\s\S]*it has name, founded",
    ),
    "lat without lon": (b"name,lat,lng_east\nA,47,7\n", "firms.csv", "lon: there is no such column"),
    "one row that has no place": (
        b"name,city,country\nA,Nowhere-on-Sea,CH\n",
        "firms.csv",
        "only row cannot be placed",
    ),
    "all coordinates wrong": (
        b"name,lat,lon\nA,191,7\nB,0,0\nC,nan,7\n",
        "firms.csv",
        r"none of 3 rows[\s\S]*out of range",
    ),
}


@pytest.mark.parametrize(("data", "name", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_of_which_nothing_can_come(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, data: bytes, name: str, words: str
) -> None:
    out = tmp_path / "new" / "out"
    code, said, complaint = call("run", lay(tmp_path, data, name), "--out", out)
    assert (code, said) == (2, "")
    assert complaint.startswith("error: ")
    assert re.search(words, complaint)
    assert "Traceback" not in complaint
    assert not out.parent.exists()


BAD_OPTIONS = {
    "radius nought": (["--radius-km", "0"], "radius_km must be"),
    "radius below nought": (["--radius-km", "-3"], "got -3.0"),
    "radius no number": (["--radius-km", "nan"], "got nan"),
    "radius endless": (["--radius-km", "inf"], "got inf"),
    "minimum nought": (["--minimum", "0"], "minimum must be a whole number from 1 up"),
    "circles nought": (["--r-max-km", "0"], "r_max_km must lie above 0"),
    "circles too large": (["--r-max-km", "501"], "r_max_km must lie above 0 and up to 500"),
    "permutations too few": (["--permutations", "1"], "from 39 up, got 1: with fewer no p can be small enough"),
    "permutations nought": (["--permutations", "0"], "from 39 up, got 0"),
    "seed below nought": (["--seed", "-1"], "seed must be a whole number from 0 up"),
    "no such language": (["--language", "xx"], "language must be en or ru, got 'xx'"),
    "several at once": (
        ["--radius-km", "0", "--seed", "-1", "--language", "xx", "--column", "name"],
        r"4 faults[\s\S]*OURS=THEIRS[\s\S]*language[\s\S]*radius_km[\s\S]*seed",
    ),
    "column without a sign": (["--column", "name"], "'name' is not OURS=THEIRS"),
    "column without ours": (["--column", "=name"], "'=name' is not OURS=THEIRS"),
    "column without theirs": (["--column", "name="], "'name=' is not OURS=THEIRS"),
    "column given two ways": (["--column", "name=a", "--column", "name=b"], "name is given as 'a' and as 'b'"),
    "column that is not there": (["--column", "name=NAME"], r"no column 'NAME' for name[\s\S]*It has name, kind"),
    "value that is not there": (["--value", "foundd"], r"no column 'foundd'. Is it 'founded'\?"),
    "value of words": (["--value", "city"], "city: 12 of its cells are no numbers"),
    "no such encoding": (["--encoding", "klingon"], "no encoding 'klingon'"),
    "no such area": (["--study-area", "polygon"], "there is no file polygon"),
    "no such controls": (["--controls", "others.csv"], "there is no file others.csv"),
}


@pytest.mark.parametrize(("words", "expected"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_an_option_that_cannot_be_used(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, words: list[str], expected: str
) -> None:
    code, said, complaint = call("run", lay(tmp_path, GOOD), "--out", tmp_path / "out", *words)
    assert (code, said) == (2, "")
    assert re.search(expected, complaint)
    assert "Traceback" not in complaint
    assert not (tmp_path / "out").exists()


def test_files_that_are_not_there_or_folders(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    lay(tmp_path, GOOD)
    for path, words in ((tmp_path / "firm.csv", r"Is it firms\.csv\?"), (tmp_path, "is a folder")):
        code, said, complaint = call("run", path, "--out", tmp_path / "out")
        assert (code, said) == (2, "")
        assert re.search(words, complaint)
    assert not (tmp_path / "out").exists()


def test_an_out_that_cannot_be_is_told_and_left_as_it_was(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    firms = lay(tmp_path, GOOD)
    for command in (("run", firms), ("demo",)):
        code, _, complaint = call(*command, "--out", firms)
        assert (code, complaint) == (2, f"error: {firms} is a file. Give a folder for the results.\n")
        code, _, complaint = call(*command, "--out", firms / "under")
        assert code == 2
        assert "cannot be written in" in complaint
    assert firms.read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"type": "FeatureCollection", "features": []}', "holds no polygon"),
        ('{"type": "LineString", "coordinates": [[7, 47], [8, 48]]}', "holds LineString"),
        ('{"type": "Polygon", "coordinates": [[[7, 47], [8, 48], [8, 47], [7, 48], [7, 47]]]}', "not valid"),
        ('{"type": "Polygon", "coordinates": [[[17, 47], [18, 47], [18, 48], [17, 47]]]}', "holds none of the 12"),
        ("", "cannot be read as polygons"),
    ],
)
def test_a_study_area_that_cannot_be(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, text: str, words: str
) -> None:
    area = lay(tmp_path, text, "area.geojson")
    code, _, complaint = call("run", lay(tmp_path, GOOD), "--out", tmp_path / "out", "--study-area", area)
    assert code == 2
    assert words in complaint
    assert "Traceback" not in complaint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("naem,city\nA,Basel\n", "no column 'name'"),
        ("name,founded\nA,1900\n", "controls: no row has a point"),
        ("name,city,country\nA,Nowhere-on-Sea,CH\n", "controls: no row has a point"),
    ],
)
def test_controls_that_cannot_be(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, text: str, words: str
) -> None:
    others = lay(tmp_path, text, "others.csv")
    code, _, complaint = call("run", lay(tmp_path, GOOD), "--out", tmp_path / "out", "--controls", others)
    assert code == 2
    assert words in complaint
    assert not (tmp_path / "out").exists()


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "+1+2",
    "<script>alert(1)</script>",
    "$\\frac{$ {0} %s",
    "line\nbreak",
    "../../etc/passwd",
    "x" * 20_000,
]
ODD_TABLES: dict[str, tuple[str | bytes, int, int]] = {
    "one row": ("name,city,country\nA,Basel,CH\n", 1, 0),
    "one country only": ("name,kind,city,country\n" + "".join(f"A{k},firm,Basel,CH\n" for k in range(9)), 9, 0),
    "coordinates swapped, out of range, no numbers, missing": (
        "name,lat,lon,country\n"
        + "".join(f"G{k},47.5{k},7.5{k},CH\n" for k in range(6))
        + "A,7.5,47.5,CH\nB,147.5,7.5,\nC,abc,7.5,\nD,47.5,,\nE,0,0,\nF,inf,3,\nG,nan,nan,\n",
        6,
        7,
    ),
    "kinds unknown, the same twice, names of strangers": (
        "name,kind,city,country\n"
        + "".join('"' + name.replace('"', '""') + f'","kind {k} <b>",Basel,CH\n' for k, name in enumerate(HOSTILE))
        + "Twin,firm,Basel,CH\nTwin,firm,Basel,CH\n",
        len(HOSTILE) + 2,
        0,
    ),
    "columns of names that we use too": (
        "name,city,country,row,cluster,reason,precision,radius_km,geo_status,near_border,border_km,country_stated\n"
        + "A,Basel,CH,1,2,because,x,y,z,maybe,u,v\n" * 6,
        6,
        0,
    ),
    "another encoding": ("name;city;country\nA;Zürich;CH\nBäckerei;Köln;DE\n".encode("cp1252"), 2, 0),
    "UTF-16 without a mark": ("name,city,country\nÉ,Bern,CH\n".encode("utf-16-le"), 1, 0),
    "semicolons, a mark and quotes": ('\ufeffname;city;country\n"A ""B""; C";Basel;CH\n', 1, 0),
}


@pytest.mark.parametrize(("text", "placed", "aside"), ODD_TABLES.values(), ids=ODD_TABLES)
def test_an_odd_table_comes_to_a_result_and_loses_no_row(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path, text: str | bytes, placed: int, aside: int
) -> None:
    out = tmp_path / "out"
    firms = lay(tmp_path, text)
    code, said, complaint = call("run", firms, "--out", out)
    assert (code, complaint) == (0, "")
    assert said.startswith(f"firms · {placed} stakeholder")
    rows = json.loads((out / "run.json").read_text(encoding="utf-8"))["rows"]
    assert rows == {"in": placed + aside, "placed": placed, "set_aside": aside}
    given = read_table(firms)["name"].tolist()
    told = [*read_table(out / "stakeholders.csv")["name"]]
    if aside:
        gone = read_table(out / "set_aside.csv")
        assert gone["reason"].notna().all()
        told += [*gone["name"]]
    assert sorted(told) == sorted(given)


def test_swapped_coordinates_are_called_so(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    call("run", lay(tmp_path, ODD_TABLES[[*ODD_TABLES][2]][0]), "--out", tmp_path / "out")
    reasons = pd.read_csv(tmp_path / "out" / "set_aside.csv").set_index("name")["reason"]
    for name, words in {"A": "swapped", "B": "swapped", "C": "no numbers", "E": "stand for nothing"}.items():
        assert words in str(reasons[name])
    assert "out of range" in str(reasons["F"])


def test_unknown_kinds_and_twins_are_told_on_the_screen(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    _, said, _ = call("run", lay(tmp_path, ODD_TABLES[[*ODD_TABLES][3]][0]), "--out", tmp_path / "out")
    assert "8 other words for kind, drawn as 'other': kind 0 <b> (1)" in said
    assert "2 rows name an organisation more than once (same name, city, country), all kept: Twin" in said
    picture = (tmp_path / "out" / "map.svg").read_text(encoding="utf-8")
    assert "<script>" not in picture
