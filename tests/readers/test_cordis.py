"""CORDIS's participants: one row an organisation, and who works with whom."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from geocluster.errors import OptionError, ReadError
from geocluster.readers import read_cordis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pandas import DataFrame

HEAD = (
    "projectID;projectAcronym;organisationID;vatNumber;name;shortName;SME;activityType;street;postCode;city;country;"
    "nutsCode;geolocation;organizationURL;contactForm;contentUpdateDate;rcn;order;role;ecContribution;"
    "netEcContribution;totalCost;endOfParticipation;active"
)


def line(
    project: str, number: str, name: str, country: str = "CH", place: str = "47.55,7.58", kind: str = "HES"
) -> list[str]:
    row = dict.fromkeys(HEAD.split(";"), "")
    row |= {"projectID": project, "organisationID": number, "name": name, "country": country, "geolocation": place}
    row |= {"activityType": kind, "street": 'Gasse "1"; Hof', "postCode": "04051", "city": "BASEL", "nutsCode": "CH031"}
    return [*row.values()]


def write(path: Path, lines: Sequence[Sequence[str]]) -> Path:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([HEAD.split(";"), *lines])
    data = "\ufeff".encode() + out.getvalue().encode()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("project.csv", "id;title\n1;A\n")
            archive.writestr("organization.csv", data)
    else:
        path.write_bytes(data)
    return path


LINES = [
    line("1", "10", "UNIVERSITAT BASEL"),
    line("1", "20", "ATHENS LAB", "EL", "37.98,23.73", "REC"),
    line("1", "30", "FIRM LTD", "UK", "", "PRC"),
    line("2", "10", "UNIVERSITY OF BASEL"),
    line("2", "20", "ATHENS LAB", "EL", "[37.99, 23.73]", "REC"),
    line("3", "10", "UNIVERSITY OF BASEL", place="95,200"),
    line("3", "10", "UNIVERSITY OF BASEL", place="0,0"),
    line("4", "", "Büro Zwei"),
    line("5", "", "BURO ZWEI"),
    line("5", "", "BURO ZWEI", "DE"),
    line("", "40", "NOWHERE"),
    line("6", "50", "  "),
]


def cells(table: DataFrame, row: str, columns: list[str]) -> list[object]:
    return [*table[columns].loc[[row]].to_numpy()[0]]


@pytest.mark.parametrize("name", ["organization.csv", "cordis-HORIZONprojects-csv.zip"])
def test_organisations_are_merged_and_ties_counted(tmp_path: Path, name: str) -> None:
    cordis = read_cordis(write(tmp_path / name, LINES), projects=True)
    told = cordis.organisations.set_index("organisation_id")
    assert told.index.is_unique
    assert cells(told, "10", ["name", "kind", "country", "projects", "names", "postcode"]) == [
        "UNIVERSITY OF BASEL",
        "university",
        "CH",
        3,
        2,
        "04051",
    ]
    assert cells(told, "10", ["lat", "lon"]) == [47.55, 7.58]
    assert cells(told, "20", ["country", "lat", "positions"]) == ["GR", 37.99, 2]
    assert cells(told, "30", ["country", "kind"]) == ["GB", "firm"]
    assert told[["lat", "lon"]].loc[["30"]].isna().all(axis=None)
    assert told["address"].tolist()[0] == 'Gasse "1"; Hof'
    assert len(told) == 5
    assert cordis.ties.to_numpy().tolist()[:3] == [["10", "20", 2, "1|2"], ["10", "30", 1, "1"], ["20", "30", 1, "1"]]
    assert len(cordis.ties) == 4
    assert cordis.set_aside["reason"].tolist() == ["no projectID", "no name"]
    assert cordis.participations == 9
    assert "5 organisations in CORDIS projects, 4 pairs" in cordis.summary()


def test_a_project_of_hundreds_makes_no_ties_but_is_named(tmp_path: Path) -> None:
    lines = [line("BIG", str(k), f"ORG {k}") for k in range(150)] + [
        line("SMALL", str(k), f"ORG {k}") for k in range(3)
    ]
    path = write(tmp_path / "organization.csv", lines)
    cordis = read_cordis(path)
    assert len(cordis.ties) == 3
    assert cordis.large_projects.to_numpy().tolist() == [["BIG", 150]]
    assert "no ties from 1 projects of more than 100 participants (up to 150)" in cordis.summary()
    whole = read_cordis(path, max_participants=150)
    assert len(whole.ties) == 150 * 149 // 2
    assert whole.ties["weight"].max() == 2
    assert whole.large_projects.empty


def test_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "organization.csv"
    path.write_text("name;city\nA;Basel\n")
    with pytest.raises(ReadError, match="no column projectID and no organisationID"):
        read_cordis(path)
    path.write_text(HEAD + "\n")
    with pytest.raises(ReadError, match="no rows"):
        read_cordis(path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("project.csv", "id\n")
    with pytest.raises(ReadError, match=r"holds no organization\.csv among project\.csv"):
        read_cordis(tmp_path / "a.zip")
    path.write_bytes(b"PAR1" + bytes(20))
    with pytest.raises(ReadError, match=r"is no CSV"):
        read_cordis(path)
    for bad in (1, 2.5, True):
        with pytest.raises(OptionError, match="max_participants must be"):
            read_cordis(write(tmp_path / "o.csv", LINES), max_participants=bad)  # type: ignore[arg-type]
