"""Does data/README.md list every file, with its checksum?"""

from __future__ import annotations

import importlib.util
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
ROW = re.compile(r"^\| (\S+) \| ([\d,]+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("checksums", ROOT / "tools" / "checksums.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path, tool: ModuleType) -> Path:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "b.txt").write_bytes(b"b")
    (tmp_path / "README.md").write_text(f"# Data\n{tool.START}\n{tool.END}\nend\n", "utf-8")
    assert tool.main([], data=tmp_path) == 0
    return tmp_path


def test_every_file_is_listed_with_its_size_and_checksum() -> None:
    rows = ROW.findall((DATA / "README.md").read_text("utf-8"))
    files = [path for path in DATA.rglob("*") if path.is_file() and path != DATA / "README.md"]
    listed = {name: (int(size.replace(",", "")), digest) for name, size, digest in rows}
    held = {
        path.relative_to(DATA).as_posix(): (path.stat().st_size, sha256(path.read_bytes()).hexdigest())
        for path in files
    }
    assert listed == held, "run python tools/checksums.py"
    assert len(rows) == len(listed)


def test_every_folder_has_a_section_with_licence_and_faults() -> None:
    text = (DATA / "README.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    for path in DATA.iterdir():
        if path.is_dir() and path.name != "LICENSES":
            assert "nown faults" in sections[path.name]
            assert re.search(rf"^\| {path.name}\b", text, re.MULTILINE), "no row in the table of licences"


def test_the_tool_finds_its_own_table_right(folder: Path, tool: ModuleType) -> None:
    assert tool.main(["--check"], data=folder) == 0
    text = (folder / "README.md").read_text("utf-8")
    assert ROW.findall(text) == [("inner/b.txt", "1", sha256(b"b").hexdigest())]
    assert text.startswith("# Data\n")
    assert text.endswith("end\n")


@pytest.mark.parametrize("change", ["other bytes", "one file more", "one file less"])
def test_the_check_fails_after_a_change_and_writes_nothing(folder: Path, tool: ModuleType, change: str) -> None:
    before = (folder / "README.md").read_bytes()
    if change == "other bytes":
        (folder / "inner" / "b.txt").write_bytes(b"c")
    elif change == "one file more":
        (folder / "c.txt").write_bytes(b"c")
    else:
        (folder / "inner" / "b.txt").unlink()
    assert tool.main(["--check"], data=folder) == 1
    assert (folder / "README.md").read_bytes() == before


def test_a_readme_without_the_marks_is_told(folder: Path, tool: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "README.md").write_text("# Data\n", "utf-8")
    assert tool.main([], data=folder) == 2
    assert "the two marks must stand once each" in capsys.readouterr().err
