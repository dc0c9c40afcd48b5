"""What a person reads first."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from shapely.geometry import box

from geocluster.pipeline import Analysis, analyse
from geocluster.summary import summary_lines

TOWNS = {"Basel": "CH", "Lörrach": "DE", "Mulhouse": "FR", "Freiburg im Breisgau": "DE"}


def rows(towns: dict[str, str], each: int = 6) -> pd.DataFrame:
    kinds = ["firm", "university", "institute"] * each
    return pd.DataFrame(
        [
            {"name": f"{town} {k}", "kind": kinds[k], "city": town, "country": country, "founded": 1900 + 7 * k}
            for town, country in towns.items()
            for k in range(each)
        ]
    )


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    table = pd.concat([rows(TOWNS), rows({"Nowhere-on-Sea": "CH"}, 1)], ignore_index=True)
    return analyse(table, study_area=box(7, 47, 8.5, 48.5), value="founded", rng=1, title="Three corners", chosen=True)


@pytest.fixture(scope="module")
def unshown() -> Analysis:
    """Many in Basel, one in Lörrach: two countries, and no excess on the second side."""
    table = pd.concat([rows({"Basel": "CH"}, 20), rows({"Lörrach": "DE"}, 1), rows({"Freiburg im Breisgau": "DE"}, 20)])
    return analyse(table.reset_index(drop=True), rng=1)


def lone(**towns: int) -> Analysis:
    table = pd.concat([rows({town: "CH"}, n) for town, n in towns.items()], ignore_index=True)
    return analyse(table, rng=1)


def test_the_first_lines_count_rows_and_clusters(analysis: Analysis) -> None:
    lines = summary_lines(analysis)
    assert lines[0] == "Three corners · 24 stakeholders placed, 1 set aside (set_aside.csv says why)"
    assert lines[1] == "3 clusters (within 10 km, at least 5), 1 of them in more than one country"
    assert lines[2] == ""


@pytest.mark.parametrize(
    ("towns", "first", "second"),
    [
        ({"Basel": 1}, "1 stakeholder placed, none set aside", "no clusters (within 10 km, at least 5)"),
        ({"Basel": 5}, "5 stakeholders placed", "1 cluster (within 10 km, at least 5), inside one country"),
        (
            {"Basel": 5, "Bern": 6},
            "11 stakeholders placed",
            "2 clusters (within 10 km, at least 5), all inside one country",
        ),
    ],
)
def test_one_is_singular_and_none_is_said(towns: dict[str, int], first: str, second: str) -> None:
    lines = summary_lines(lone(**towns))
    assert first in lines[0]
    assert lines[1] == second
    assert any(line.startswith("Spanning test: nothing to span: no two countries of 5 organisations") for line in lines)
    assert not [line for line in lines if line.startswith(("Null:", "Beyond city size"))]


def test_that_no_circle_is_shown_is_said_once(analysis: Analysis, unshown: Analysis) -> None:
    words = "In no circle is it shown, at 0.05, that at least two countries hold more than their share."
    assert summary_lines(unshown).count(words) == 1
    assert words not in summary_lines(analysis)


def test_a_cluster_that_spans_tells_radius_counts_and_both_p(analysis: Analysis) -> None:
    lines = summary_lines(analysis)
    at = next(k for k, line in enumerate(lines) if "Lörrach" in line)
    own = analysis.spanning.readings.set_index(["cluster", "reading"]).loc[1]
    line = own.loc["per head"]
    counts = analysis.spanning.in_excess(1)
    counts = counts[(counts["reading"] == "per head") & counts["country"].isin(line["excess"].split())]
    told = ", ".join(
        f"{row.country} {row.observed:.0f} ({row.expected:.1f}{' expected' if k == 0 else ''})"
        for k, row in enumerate(counts.itertuples())
    )
    assert lines[at + 1].startswith(f"     spans per head (cross-border): within {line['r_km']:g} km {told}; p ")
    told_p = re.fullmatch(r".*; p (\S+) per head, (\S+) beyond city size", lines[at + 1])
    assert told_p is not None
    for word, reading in zip(told_p.groups(), ("per head", "beyond city size"), strict=True):
        assert float(word) == pytest.approx(own.at[reading, "p"], abs=5e-4)


def test_spanning_is_said_of_no_cluster_but_those_where_it_is_shown(analysis: Analysis, unshown: Analysis) -> None:
    assert sum(line.strip().startswith("spans") for line in summary_lines(analysis)) == 1
    words = unshown.summary()
    assert "spans" not in words
    assert "cross-border" not in words
    assert "in two countries, spanning not shown: " in words


def test_what_is_not_shown_tells_why(unshown: Analysis) -> None:
    line = next(line for line in summary_lines(unshown) if "not shown" in line)
    assert line.endswith("in no circle about it do two countries hold more than their share")
    few = analyse(pd.concat([rows({"Basel": "CH"}, 20), rows({"Lörrach": "DE"}, 1)], ignore_index=True), rng=1)
    line = next(line for line in summary_lines(few) if "not shown" in line)
    assert "DE has fewer than 5 organisations" in line


def test_columns_stand_below_each_other(analysis: Analysis) -> None:
    heads = [line for line in summary_lines(analysis) if re.match(r"\s+\d+  \S", line)]
    frame = analysis.to_frame()
    assert len(heads) == len(frame)
    assert len({line.index(name) for line, name in zip(heads, frame["name"], strict=True)}) == 1
    after = [re.search(r"   ([A-Z]{2})\b", line) for line in heads]
    assert len({found.start(1) for found in after if found}) == 1
    assert all(after)
    ends = {
        line.index(f"{n}   {c[:2]}") + len(str(n))
        for line, n, c in zip(heads, frame["n"], frame["countries"], strict=True)
    }
    assert len(ends) == 1


def test_what_spans_comes_first_then_what_lies_in_several_countries() -> None:
    towns = {"Zürich": "CH", "Basel": "CH", "Lörrach": "DE"}
    table = pd.concat([rows({town: country}, n) for (town, country), n in zip(towns.items(), (40, 8, 8), strict=True)])
    found = analyse(table.reset_index(drop=True), study_area="countries", rng=1)
    frame = found.to_frame()
    assert frame["countries"].tolist() == ["CH", "CH DE"]
    heads = [int(line.split()[0]) for line in summary_lines(found) if re.match(r"\s+\d+  \S", line)]
    assert heads == [2, 1]


def test_a_screen_gets_the_first_clusters_and_no_sources(analysis: Analysis) -> None:
    full, short = summary_lines(analysis), summary_lines(analysis, most=1)
    assert "     … and 2 more (clusters.csv)" in short
    assert sum(bool(re.match(r"\s+\d+  \S", line)) for line in short) == 1
    assert full[-1].startswith("Data: ")
    assert "GeoNames" in full[-1]
    assert not [line for line in short if line.startswith("Data: ")]


def test_statistics_null_and_area_are_told(analysis: Analysis) -> None:
    lines = summary_lines(analysis)
    assert analysis.autocorrelation is not None
    assert analysis.colocation is not None
    assert f"{analysis.autocorrelation.sentence()} · Colocation quotient {analysis.colocation.sentence()}" in lines
    null = next(line for line in lines if line.startswith("Null: "))
    assert null == f"Null: {analysis.spanning.null}; a chosen list is no sample."
    assert "Study area: a given polygon · circles up to 25 km" in lines
    gamma = next(line for line in lines if line.startswith("Beyond city size: population to the power γ = "))
    assert gamma.endswith("(CH, DE, FR), fitted on all places: too few organisations beyond 40 km of a border")


def test_a_list_that_is_no_chosen_one_is_not_called_so(unshown: Analysis) -> None:
    assert "chosen" not in unshown.summary()


def test_circles_apart_from_clusters_that_span_are_told(analysis: Analysis) -> None:
    assert not any("Circles where" in line for line in summary_lines(analysis))
    assert len(analysis.spanning.windows)
    # the same circles, had no cluster been shown to span
    mute = replace(
        analysis.spanning,
        clusters=analysis.spanning.clusters.assign(verdict="in two countries, spanning not shown"),
    )
    lines = summary_lines(replace(analysis, spanning=mute))
    at = next(k for k, line in enumerate(lines) if line.startswith("Circles where"))
    first: Any = analysis.spanning.windows.iloc[0]
    assert lines[at + 1].startswith(
        f"     within {first['r_km']:g} km of {first['lat']:.2f}, {first['lon']:.2f} (clusters 1"
    )
    for country in first["countries"].split():
        assert f"{country} 6 (" in lines[at + 1]


def test_no_line_is_broken_by_the_words_of_strangers() -> None:
    table = rows(TOWNS).assign(kind=["lab\nof\r\n<b>"] * 24, name="=A\nB")
    lines = analyse(table, rng=1, title="A\nB").summary().splitlines()
    assert lines[0].startswith("A B · ")
    assert any("lab of <b> (24)" in line for line in lines)
    assert any("=A B" in line for line in lines)


def test_many_countries_share_a_line(analysis: Analysis) -> None:
    gammas = analysis.spanning.background.copy()
    many = pd.concat([gammas.assign(country=gammas["country"] + str(k), gamma=1 + k / 10) for k in range(4)])
    lines = summary_lines(replace(analysis, spanning=replace(analysis.spanning, background=many)))
    gamma = next(line for line in lines if line.startswith("Beyond city size"))
    assert "γ = 1.00 to 1.30 in 12 countries" in gamma
