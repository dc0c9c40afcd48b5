"""ROR's dump in both schemas, as JSON and CSV, packed and not."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from geocluster.errors import MissingFileError, ReadError
from geocluster.readers import read_ror

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BASEL, LAB, OLD, UNI = "02s6k3f65", "01aaaaa11", "03bbbbb22", "04ccccc33"


def url(one: str) -> str:
    return f"https://ror.org/{one}"


def v2(
    one: str, name: str, types: list[str], status: str = "active", ties: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    return {
        "id": url(one),
        "status": status,
        "types": types,
        "established": 1460,
        "names": [
            {"lang": "de", "types": ["label"], "value": f"{name} (de)"},
            {"lang": "en", "types": ["ror_display", "label"], "value": name},
        ],
        "locations": [
            {
                "geonames_id": 2661604,
                "geonames_details": {
                    "name": "Basel",
                    "country_code": "CH",
                    "country_name": "Switzerland",
                    "country_subdivision_name": "Basel-City",
                    "lat": 47.55839,
                    "lng": 7.57327,
                },
            }
        ],
        "relationships": [{"type": kind, "label": "x", "id": url(other)} for kind, other in ties],
    }


def v1(
    one: str, name: str, types: list[str], status: str = "active", ties: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    return {
        "id": url(one),
        "name": name,
        "status": status,
        "types": [word.capitalize() for word in types],
        "established": 1460,
        "labels": [{"label": f"{name} (de)", "iso639": "de"}],
        "country": {"country_code": "CH", "country_name": "Switzerland"},
        "addresses": [
            {
                "lat": 47.55839,
                "lng": 7.57327,
                "city": None,
                "geonames_city": {"id": 2661604, "city": "Basel", "geonames_admin1": {"name": "Basel-City"}},
            }
        ],
        "relationships": [{"type": kind.capitalize(), "label": "x", "id": url(other)} for kind, other in ties],
    }


RECORDS = [
    (BASEL, "University of Basel", ["funder", "education"], "active", [("child", LAB), ("related", UNI)]),
    (LAB, "Lab; of, Basel", ["facility"], "active", [("parent", BASEL), ("predecessor", OLD)]),
    (OLD, "Old Lab", ["facility"], "inactive", [("successor", LAB)]),
    (UNI, 'Some "Firm"', ["company"], "active", [("related", BASEL)]),
]


def as_csv(version: int) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    where = "addresses[0].geonames_city." if version == 1 else "locations.geonames_details."
    head = ["id", "name" if version == 1 else "names.types.ror_display", "types", "status", "established"]
    head += ["labels" if version == 1 else "names.types.label", "relationships"]
    head += [f"{where}name"]
    head += ["addresses[0].lat", "addresses[0].lng"] if version == 1 else [f"{where}lat", f"{where}lng"]
    head += [f"{where}geonames_admin1.name" if version == 1 else f"{where}country_subdivision_name"]
    head += ["country.country_code" if version == 1 else f"{where}country_code"]
    head += [f"{where}id" if version == 1 else "locations.geonames_id"]
    writer.writerow(head)
    for one, name, types, status, ties in RECORDS:
        told = "; ".join(f"{kind}: {url(other)}" for kind, other in ties)
        label = f"de: {name} (de)" if ";" not in name else ""
        words = "; ".join(types)
        row = [
            url(one),
            name,
            words,
            status,
            1460,
            label,
            told,
            "Basel",
            47.55839,
            7.57327,
            "Basel-City",
            "CH",
            2661604,
        ]
        writer.writerow(row)
    return out.getvalue().encode()


def as_json(version: int) -> bytes:
    make = v1 if version == 1 else v2
    return json.dumps([make(*record) for record in RECORDS], indent=1, ensure_ascii=version == 1).encode()


@pytest.mark.parametrize("packing", ["plain", "gz", "zip"])
@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("version", [1, 2])
def test_the_same_from_every_form(tmp_path: Path, version: int, form: str, packing: str) -> None:
    data = as_json(version) if form == "json" else as_csv(version)
    path = tmp_path / f"v1.63-ror-data.{form}"
    if packing == "gz":
        path = path.with_suffix(f".{form}.gz")
        path.write_bytes(gzip.compress(data))
    elif packing == "zip":
        path = path.with_suffix(".zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"v1.63-ror-data.{form}", data)
    else:
        path.write_bytes(data)
    ror = read_ror(path)
    told = ror.organisations
    assert told["ror_id"].tolist() == [BASEL, LAB, UNI]
    assert told["name"].tolist() == ["University of Basel", "Lab; of, Basel", 'Some "Firm"']
    assert told["kind"].tolist() == ["university", "institute", "firm"]
    assert told["types"].tolist() == ["funder|education", "facility", "company"]
    assert told[["city", "region", "country", "geonames_id"]].drop_duplicates().to_numpy().tolist() == [
        ["Basel", "Basel-City", "CH", "2661604"]
    ]
    assert (told["lat"] == 47.55839).all()
    assert (told["lon"] == 7.57327).all()
    assert (told["founded"] == 1460).all()
    assert told["local_names"].iloc[0] == "de:University of Basel (de)"
    assert ror.set_aside.to_numpy().tolist() == [[OLD, "Old Lab", "status inactive"]]
    assert sorted(ror.relationships.itertuples(index=False, name=None)) == sorted(
        [(LAB, BASEL, "parent"), (OLD, LAB, "successor"), (BASEL, UNI, "related")]
        if BASEL < UNI
        else [(LAB, BASEL, "parent"), (OLD, LAB, "successor"), (UNI, BASEL, "related")]
    )
    assert ror.stated == 6
    assert ror.statuses == {"active": 3, "inactive": 1}
    assert "1 parent, 1 related, 1 successor (6 stated" in ror.summary()


def test_of_a_whole_release_version_2_and_json_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "v1.63-2025-04-03-ror-data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("v1.63-2025-04-03-ror-data.csv", b"id,name\nx,wrong\n")
        archive.writestr("v1.63-2025-04-03-ror-data.json", b"[]")
        archive.writestr("v1.63-2025-04-03-ror-data_schema_v2.csv", b"id,name\nx,wrong\n")
        archive.writestr("v1.63-2025-04-03-ror-data_schema_v2.json", as_json(2))
    assert len(read_ror(path).organisations) == 3


def test_inactive_records_on_request_and_what_is_set_aside(tmp_path: Path) -> None:
    assert len(read_ror(written(tmp_path, as_json(2)), active_only=False).organisations) == 4
    twice = [v2(*RECORDS[0]), v2(*RECORDS[0]), {**v2(*RECORDS[1]), "id": None}, {**v2(*RECORDS[1]), "names": []}]
    ror = read_ror(written(tmp_path, json.dumps(twice).encode()))
    assert ror.set_aside["reason"].tolist() == [
        "the identifier stands twice; the first is kept",
        "no identifier",
        "no name",
    ]
    assert len(ror.organisations) + len(ror.set_aside) == 4


def test_relationships_that_cannot_be_are_counted(tmp_path: Path) -> None:
    ties = [("child", BASEL), ("cousin", LAB), ("parent", LAB), ("parent", LAB)]
    ror = read_ror(written(tmp_path, json.dumps([v2(BASEL, "A", [], "active", ties)]).encode()))
    assert (ror.stated, ror.unusable, len(ror.relationships)) == (4, 2, 1)


def test_flat_files_with_relationships_beside(tmp_path: Path) -> None:
    flat = written(tmp_path, f"ror_id,name,types\n{BASEL},A,education|funder\n{LAB},B,\n".encode(), "ror.csv")
    beside = written(tmp_path, f"ror_id,related_id,type\n{BASEL},{LAB},child\n{LAB},{BASEL},parent\n".encode(), "r.csv")
    ror = read_ror(flat, relationships=beside)
    assert ror.relationships.to_numpy().tolist() == [[LAB, BASEL, "parent"]]
    assert ror.organisations["kind"].tolist() == ["university", "other"]
    with pytest.raises(ReadError, match="no column related_id"):
        read_ror(flat, relationships=flat)


def written(folder: Path, data: bytes, name: str = "ror.json") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


BROKEN = {
    "cut": (as_json(2)[:-200], "ror.json", "is broken in record|Is the file whole"),
    "cut between": (as_json(2).rstrip().rstrip(b"]"), "ror.json", "before its end"),
    "another JSON": (b'[{"a": 1}]', "ror.json", "no dump of ROR: none of its records has an identifier"),
    "one object": (b'{"a": 1}', "ror.json", "none of its records has an identifier"),
    "numbers": (b"[1, 2]", "ror.json", "record 1 is no object"),
    "empty list": (b"[]", "ror.json", "has no records"),
    "names of another form": (b'[{"names": 5}]', "ror.json", "not in its schema"),
    "deep": (b"[" * 100_000, "ror.json", "is broken|no object"),
    "not UTF-8": (b'[{"id": "\xff"}]', "ror.json", "not UTF-8"),
    "another CSV": (b"name,city\nA,Basel\n", "ror.csv", "no column ror_id"),
    "empty": (b"", "ror.csv", "is empty"),
    "half a zip": (b"PK\x03\x04" + bytes(50), "ror.zip", "broken zip archive"),
    "half a gzip": (gzip.compress(as_json(2))[:-50], "ror.json.gz", "cannot be unpacked|before its end|broken"),
}


@pytest.mark.parametrize(("data", "name", "words"), BROKEN.values(), ids=BROKEN)
def test_broken_dumps_are_told_in_words(tmp_path: Path, data: bytes, name: str, words: str) -> None:
    path = written(tmp_path, data, name)
    with pytest.raises(ReadError, match=words):
        read_ror(path)


def test_no_dump_at_all(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_ror(tmp_path / "ror.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.md", "x")
    with pytest.raises(ReadError, match="no JSON and no CSV"):
        read_ror(tmp_path / "a.zip")
