"""Texts of many languages in the encodings they come in."""

# ruff: noqa: RUF001, letters of many scripts are what these tests are about
from __future__ import annotations

import codecs
import random
from typing import TYPE_CHECKING

import pytest

from geocluster.errors import ReadError
from geocluster.readers import read_table

if TYPE_CHECKING:
    from pathlib import Path

GERMAN = ["Bäckerei Groß;Köln;DE", "Müller Söhne;Zürich;CH"]
FRENCH = ["Société Générale;Orléans;FR", "Électricité de l’Est;Besançon;FR"]
SPANISH = ["Compañía Española;Málaga;ES", "Industria São João;São Paulo;BR"]
POLISH = ["Politechnika Łódzka;Łódź;PL", "Uniwersytet Śląski;Częstochowa;PL"]
CZECH = ["Vysoké učení technické;Plzeň;CZ", "Škoda;Ústí nad Labem;CZ"]
HUNGARIAN = ["Győri Egyetem;Győr;HU", "Műszaki Főiskola;Székesfehérvár;HU"]
RUSSIAN = ["Московский завод;Москва;RU", "ООО «Ромашка»;Казань;RU"]
UKRAINIAN = ["Національний університет;Київ;UA", "Інститут фізики;Львів;UA"]
GREEK = ["Εθνικό Μετσόβιο Πολυτεχνείο;Αθήνα;GR", "Πανεπιστήμιο Πατρών;Πάτρα;GR"]
TURKISH = ["Boğaziçi Üniversitesi;İstanbul;TR", "Şişli Hastanesi;Beşiktaş;TR"]
HEBREW = ["האוניברסיטה העברית;ירושלים;IL", "מכון ויצמן;רחובות;IL"]
ARABIC = ["جامعة القاهرة;القاهرة;EG", "جامعة دمشق;دمشق;SY"]
THAI = ["จุฬาลงกรณ์มหาวิทยาลัย;กรุงเทพ;TH", "มหาวิทยาลัยเชียงใหม่;เชียงใหม่;TH"]
CHINESE = ["清华大学;北京;CN", "华为技术有限公司;深圳;CN", "兰州大学;兰州;CN"]
TAIWANESE = ["國立臺灣大學;臺北;TW", "台積電股份有限公司;新竹;TW"]
JAPANESE = ["東京大学;東京;JP", "トヨタ自動車株式会社;豊田;JP"]
KOREAN = ["서울대학교;서울;KR", "삼성전자;수원;KR"]
CASES = {
    "cp1252": (GERMAN, FRENCH, SPANISH),
    "latin-1": (GERMAN,),
    "cp1250": (POLISH, CZECH, HUNGARIAN),
    "iso8859-2": (POLISH, CZECH, HUNGARIAN),
    "cp1251": (RUSSIAN, UKRAINIAN),
    "koi8-r": (RUSSIAN,),
    "koi8-u": (UKRAINIAN,),
    "cp866": (RUSSIAN,),
    "cp1253": (GREEK,),
    "cp1254": (TURKISH,),
    "cp1255": (HEBREW,),
    "cp1256": (ARABIC,),
    "cp874": (THAI,),
    "cp850": (GERMAN, FRENCH),
    "mac-roman": (GERMAN, FRENCH),
    "gb18030": (CHINESE,),
    "gbk": (CHINESE,),
    "big5": (TAIWANESE,),
    "shift_jis": (JAPANESE,),
    "euc-jp": (JAPANESE,),
    "iso2022_jp": (JAPANESE,),
    "euc-kr": (KOREAN,),
    "utf-8": (GERMAN, RUSSIAN, CHINESE, ARABIC),
    "utf-8-sig": (RUSSIAN,),
    "utf-16": (GERMAN, CHINESE),
    "utf-16-le": (GERMAN, RUSSIAN, CHINESE),
    "utf-16-be": (FRENCH, JAPANESE),
    "utf-32": (KOREAN,),
}


@pytest.mark.parametrize(("encoding", "rows"), [(e, rows) for e, texts in CASES.items() for rows in texts])
def test_the_text_is_what_was_written(tmp_path: Path, encoding: str, rows: list[str]) -> None:
    if encoding in ("koi8-r", "koi8-u", "cp866", "cp850"):  # they have no such marks
        rows = [row.translate(str.maketrans("’", "'", "«»")) for row in rows]
    path = tmp_path / "firms.csv"
    path.write_bytes("\r\n".join(["name;city;country", *rows, "Plain;Bern;CH"]).encode(encoding))
    table = read_table(path)
    told = [";".join(row) for row in table[["name", "city", "country"]].to_numpy()]
    assert told == [*rows, "Plain;Bern;CH"]
    assert (table.attrs["read"]["encoding"] == "utf-8") == (encoding in ("utf-8", "utf-8-sig"))


def test_the_encoding_used_is_said(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes("name,city\nA,Zürich\n".encode("cp1252"))
    assert read_table(path).attrs["read"]["encoding"] == "cp1252"


def test_one_flaw_in_utf_8_is_no_other_encoding(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes("name,city\nÉcole,Zürich\nÖko,Köln\n".encode() + b"A,B\xfcrn\n")
    with pytest.raises(ReadError, match="not UTF-8: line 4 has the byte 0xfc"):
        read_table(path)


def test_a_letter_of_another_encoding_far_down_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes(b"name,city\n" + b"Plain,Bern\n" * 150_000 + "Müller,Zürich\n".encode("cp1252"))
    table = read_table(path)
    assert table["city"].iloc[-1] == "Zürich"
    assert table.attrs["read"]["encoding"] == "cp1252"


def test_utf_8_may_be_cut_anywhere_by_the_parts_it_is_read_in(tmp_path: Path) -> None:
    for shift in range(4):
        path = tmp_path / "firms.csv"
        path.write_text("name,city\n" + "x" * shift + "😀" * 300_000 + ",Bern\n", encoding="utf-8")
        with pytest.raises(ReadError, match=r"more than 131,072 letters"):
            read_table(path)


def test_noise_is_no_text(tmp_path: Path) -> None:
    for seed in range(8):
        path = tmp_path / "firms.csv"
        noise = bytes(b for b in random.Random(seed).randbytes(4000) if b not in (0, 10, 13, 34, 44))
        path.write_bytes(b"name,city\nA," + noise + b"\n")
        with pytest.raises(ReadError, match=r"is not UTF-8: line 2|NUL"):
            read_table(path)


def test_half_a_letter_at_the_end_of_utf_16_is_told(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes(codecs.BOM_UTF16_LE + "name,city\nA,Bern".encode("utf-16-le") + b"x")
    with pytest.raises(ReadError, match="is not UTF-16"):
        read_table(path)
