"""Files of an analysis: whole, safe, the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from geocluster import __version__
from geocluster.errors import MissingFileError, WriteError
from geocluster.export import FILES, folder, place, results_folder, write_folder
from geocluster.export.sheets import CLUSTER_COLUMNS, clusters_sheet, guard, rows_sheet, safe
from geocluster.pipeline import Analysis, analyse
from geocluster.readers import read_table

TOWNS = {"Basel": "CH", "Lörrach": "DE", "Mulhouse": "FR", "Freiburg im Breisgau": "DE"}
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "+1+2",
    "-2+3",
    "'=quoted",
    "'plain",
    '<script>alert("1")</script>',
    "line\nbreak",
    "../../etc/passwd",
    "a;b,c\td",
    "x" * 20_000,
    "Ω≈ç 東京 שלום",
]


def table() -> pd.DataFrame:
    names = iter(HOSTILE + [f"Firm {k}" for k in range(40)])
    rows = [
        {"name": next(names), "kind": ["firm", "university"][k % 2], "city": town, "country": country, "row": k}
        for town, country in TOWNS.items()
        for k in range(6)
    ]
    rows.append({"name": "=LOST()", "kind": "firm", "city": "Nowhere-on-Sea", "country": "DE", "row": 6})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse(table(), study_area=box(7, 47, 8.5, 48.5), rng=1, workers=1)


@pytest.fixture(scope="module")
def written(analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "new" / "out"
    paths = write_folder(analysis, out)
    assert paths == [out / name for name in FILES]
    return out


def test_all_files_are_there_and_nothing_else(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == sorted(FILES)
    assert (written / "map.png").read_bytes().startswith(b"\x89PNG")
    assert (written / "map.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (written / "map.svg").read_text(encoding="utf-8")[:2000]


def test_the_same_analysis_on_other_workers_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    again = analyse(table(), study_area=box(7, 47, 8.5, 48.5), rng=1, workers=3)
    for path in write_folder(again, tmp_path):
        assert path.read_bytes() == (written / path.name).read_bytes(), path.name


def test_rows_in_are_rows_placed_and_set_aside(written: Path, analysis: Analysis) -> None:
    placed, aside = (pd.read_csv(written / name) for name in ("stakeholders.csv", "set_aside.csv"))
    assert sorted([*placed["row"], *aside["row"]]) == table().index.tolist()
    told = json.loads((written / "run.json").read_text(encoding="utf-8"))["rows"]
    assert told == {"in": 25, "placed": 24, "set_aside": 1}
    assert aside["reason"].str.contains("Nowhere-on-Sea").all()
    assert placed["cluster"].tolist() == analysis.table["cluster"].tolist()


def test_points_are_written_to_the_metre_and_a_column_called_row_is_kept(written: Path, analysis: Analysis) -> None:
    placed = pd.read_csv(written / "stakeholders.csv")
    assert (placed["lon"] - analysis.table.geometry.x.to_numpy()).abs().max() <= 5e-7
    assert (placed["lat"] - analysis.table.geometry.y.to_numpy()).abs().max() <= 5e-7
    assert placed["row_original"].tolist() == analysis.table["row"].tolist()


def test_no_cell_can_be_taken_for_a_formula(written: Path) -> None:
    for name in FILES[:4]:
        cells = pd.read_csv(written / name, dtype=str, keep_default_na=False, header=None).to_numpy().ravel()
        for cell in cells:
            if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
                float(cell)  # a plain number


def test_names_of_strangers_come_back_as_they_were(written: Path) -> None:
    placed = read_table(written / "stakeholders.csv")
    assert placed["name"].tolist() == table()["name"].tolist()[:24]
    assert read_table(written / "set_aside.csv")["name"].tolist() == ["=LOST()"]


def test_what_was_written_can_be_analysed_again(written: Path, analysis: Analysis) -> None:
    again = analyse(read_table(written / "stakeholders.csv"), study_area=box(7, 47, 8.5, 48.5), rng=1)
    columns = ["name", "n", "countries", "verdict", "p_per_head"]
    pd.testing.assert_frame_equal(again.to_frame()[columns], analysis.to_frame()[columns])


def test_a_cluster_has_a_row_for_each_reading_with_o_and_e_by_country(analysis: Analysis) -> None:
    sheet = clusters_sheet(analysis)
    assert list(sheet.columns) == list(CLUSTER_COLUMNS)
    frame = analysis.to_frame()
    assert len(sheet) == len(frame) * 2
    for line in sheet.to_dict("records"):
        label, reading = line["cluster"], line["reading"]
        own = analysis.spanning.readings.set_index(["cluster", "reading"]).loc[(label, reading)]
        assert line["p"] == own["p"]
        assert line["circle_km"] == own["r_km"]
        assert (line["r_km"] == own["r_km"]) if own["claimed"] else pd.isna(line["r_km"])
        counts = analysis.spanning.in_excess(int(label))
        counts = counts[counts["reading"] == reading].set_index("country")
        for name, digits in (("observed", 0), ("expected", 2)):
            told = dict(word.split() for word in str(line[name]).split(" · "))
            assert {code: float(value) for code, value in told.items()} == {
                code: round(float(value), digits) for code, value in counts[name].items()
            }
        assert line["verdict"] == frame.at[label, "verdict"]
        members = dict(word.split() for word in str(line["members"]).split(" · "))
        assert sum(map(int, members.values())) == line["n"]
        assert list(members) == line["countries"].split()


def test_no_clusters_make_a_sheet_with_its_columns(tmp_path: Path) -> None:
    alone = analyse(table().head(1), rng=1)
    write_folder(alone, tmp_path)
    for name, first in (("clusters.csv", "cluster,name,verdict,reading,p,r_km,countries,n"), ("circles.csv", "claim,")):
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        assert len(lines) == 1
        assert lines[0].startswith(first)


def test_run_json_says_what_made_it(analysis: Analysis, tmp_path: Path) -> None:
    one, two = tmp_path / "a" / "firms.csv", tmp_path / "b" / "firms.csv"
    for path, text in ((one, "1"), (two, "2")):
        path.parent.mkdir()
        path.write_text(text)
    out = tmp_path / "out"
    write_folder(analysis, out, inputs=[one, two])
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["seed"] == "1"
    assert run["parameters"]["minimum"] == 5
    assert run["parameters"]["r_max_km"] == 25
    assert run["versions"]["geocluster"] == __version__
    assert set(run["inputs_sha256"]) == {str(one), str(two)}
    assert run["inputs_sha256"][str(two)] == hashlib.sha256(b"2").hexdigest()
    assert (out / "summary.txt").read_text(encoding="utf-8") == analysis.summary() + "\n"


def test_an_input_that_is_gone_is_told_before_anything_is_made(analysis: Analysis, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="checksum"):
        write_folder(analysis, tmp_path / "out", inputs=[tmp_path / "gone.csv"])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("a fault of the map")])
def test_a_failure_on_the_way_leaves_the_old_results_whole(
    analysis: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for name in FILES:
        (tmp_path / name).write_text("old")

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Analysis, "figure", fail)
    with pytest.raises(WriteError if isinstance(error, OSError) else RuntimeError, match=str(error.args[-1])):
        write_folder(analysis, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(FILES, "old")
    with pytest.raises((WriteError, RuntimeError)):
        write_folder(analysis, tmp_path / "new" / "out")
    assert not (tmp_path / "new").exists()


def test_folders_that_cannot_hold_results_are_told_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "blocked" / "map.png").mkdir(parents=True)
    for bad, words in (
        (tmp_path / "file", "is a file"),
        (tmp_path / "file" / "under", "cannot be written in"),
        (tmp_path / "blocked", r"holds a folder named map\.png"),
    ):
        with pytest.raises(WriteError, match=words), results_folder(bad):
            pass
    assert (tmp_path / "blocked" / "map.png").is_dir()

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(WriteError, match="Permission denied"), results_folder(tmp_path / "locked" / "out"):
        pass
    assert not (tmp_path / "locked").exists()


def test_a_folder_made_in_vain_is_taken_away_and_one_that_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()

    def interrupted(out: Path, *, note: bool = False) -> None:
        with results_folder(out):
            assert out.is_dir()
            if note:
                (out / "note.txt").write_text("mine")
            raise KeyboardInterrupt

    for out in (tmp_path / "old", tmp_path / "a" / "b", tmp_path / "kept"):
        with pytest.raises(KeyboardInterrupt):
            interrupted(out, note=out.name == "kept")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "old"]


def test_two_runs_into_one_folder_do_not_mix(
    analysis: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl", reason="this system cannot lock a folder")

    both = threading.Barrier(2, timeout=10)

    def write(_: Analysis, beside: Path, *__: Any, **___: Any) -> None:
        for name in FILES:
            (beside / name).write_text(threading.current_thread().name)
        both.wait()

    real = Path.replace

    def slowly(self: Path, target: Path) -> Path:
        # without a lock "a" would be last with the first file, and "b" with the last one
        thread = threading.current_thread().name
        time.sleep({("a", FILES[0]): 0.1, ("b", FILES[-1]): 0.3}.get((thread, target.name), 0))
        return real(self, target)

    monkeypatch.setattr(folder, "_write_all", write)
    monkeypatch.setattr(Path, "replace", slowly)
    threads = [threading.Thread(target=write_folder, args=(analysis, tmp_path), name=name) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)
    assert len({(tmp_path / name).read_text() for name in FILES}) == 1


def test_where_no_lock_can_be_had_the_files_are_moved_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="this system cannot lock a folder")

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with place.alone(tmp_path):
        (tmp_path / "moved").touch()
    assert (tmp_path / "moved").exists()


def test_numbers_of_the_table_are_not_rounded_and_odd_columns_do_no_harm() -> None:
    odd = gpd.GeoDataFrame(
        {
            "name": ["a\0b", "c\r\nd"],
            "turnover": [12345678.9, 0.1],
            "founded": [1900.0, float("nan")],
            "endless": [float("inf"), 1.0],
            0: [1, 2],
            "=1+1": ["=2", None],
            "list": [["=3"], {"=4"}],
            "day": pd.to_datetime(["2020-01-01", "2021-01-01"]),
            "sort": pd.Categorical(["=5", "b"]),
            "yes": [True, False],
        },
        geometry=[Point(7.123456789, 47.5), Point()],
        crs="EPSG:4326",
    )
    text = safe(rows_sheet(odd)).to_csv(index=False)
    assert text.splitlines()[0] == "row,name,turnover,founded,endless,0,'=1+1,list,day,sort,yes,lon,lat"
    assert ",1900,inf," in text
    for word in ("a\ufffdb", "12345678.9", "'=2", "2020-01-01", "'=5", "True", "7.123457", "c\nd"):
        assert word in text


def test_a_row_without_a_point_keeps_the_coordinates_it_was_given() -> None:
    rows = gpd.GeoDataFrame(
        {"lat": ["abc", "47.5"], "lon": ["7", "7.5"]}, geometry=[Point(), Point(7.5, 47.5)], crs=4326
    )
    sheet = rows_sheet(rows)
    assert sheet["lat"].tolist() == ["abc", 47.5]
    assert sheet["lon"].tolist() == ["7", 7.5]


@pytest.mark.parametrize("text", ["-5", "+5", "-5.25", "-5,25", "", "'tis", "a=b", "3-4"])
def test_plain_numbers_and_harmless_texts_stay_as_they_are(text: str) -> None:
    assert guard(text) == text


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20))
@example(" ")
@example("\t")
@example(" '=1")
@example("=1")
@example("'=1")
@example("''=1")
@example("-1")
@example("'-1")
@example("\t=1")
def test_a_guarded_text_is_no_formula_and_reading_gives_it_back(text: str) -> None:
    guarded = guard(text)
    assert not guarded.startswith(("=", "@", "\t"))
    if guarded.startswith(("+", "-")):
        float(guarded.replace(",", "."))
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "one.csv"
        pd.DataFrame({"name": ["first", guarded], "city": "Basel"}).to_csv(path, index=False, encoding="utf-8")
        told = read_table(path)["name"].fillna("").tolist()[-1]
    # a table's cells are read without the spaces about them
    assert told.strip() == text.strip()
