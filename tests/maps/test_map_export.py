"""How is a figure written, the same bytes each time and never half of them?"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure

from geocluster.errors import OptionError, WriteError
from geocluster.maps import save_figure
from geocluster.maps.page import MapFigure


def figure() -> MapFigure:
    made = MapFigure(figsize=(2, 1))
    made.text(0.1, 0.5, "Zürich & <b>")
    made.title_text, made.alt_text = "A & B", "Words with <tags> & signs"
    return made


@pytest.mark.parametrize("suffix", [".png", ".PDF", ".svg"])
def test_each_form_is_written_whole_and_nothing_stays_beside(suffix: str, tmp_path: Path) -> None:
    path = save_figure(figure(), tmp_path / f"map{suffix}")
    assert path.read_bytes()[:4] in (b"\x89PNG", b"%PDF", b"<?xm")
    assert [held.name for held in tmp_path.iterdir()] == [f"map{suffix}"]


def test_a_png_has_300_dots_an_inch_and_the_words(tmp_path: Path) -> None:
    from PIL import Image

    with Image.open(save_figure(figure(), tmp_path / "map.png")) as image:
        assert image.size == (600, 300)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        assert image.info["Description"] == "Words with <tags> & signs"


def test_an_svg_tells_its_title_and_words_and_is_well_formed(tmp_path: Path) -> None:
    root = ET.parse(save_figure(figure(), tmp_path / "map.svg")).getroot()
    space = {"s": "http://www.w3.org/2000/svg"}
    assert [held.text for held in root.findall("s:title", space)] == ["A & B"]
    assert [held.text for held in root.findall("s:desc", space)] == ["Words with <tags> & signs"]
    assert "Zürich & <b>" in {"".join(held.itertext()) for held in root.iter("{http://www.w3.org/2000/svg}text")}


@pytest.mark.parametrize("name", ["map.jpg", "map", "map.png.txt"])
def test_another_form_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"\.png, \.pdf or \.svg"):
        save_figure(Figure(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="Choose a folder"):
        save_figure(figure(), tmp_path / "none" / "map.png")


def test_what_stood_there_stays_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "map.svg"
    path.write_text("before", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(WriteError, match="No space left"):
        save_figure(figure(), path)
    assert path.read_text(encoding="utf-8") == "before"
    assert [held.name for held in tmp_path.iterdir()] == ["map.svg"]
