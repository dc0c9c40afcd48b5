"""What stands beside the map: the table and the key."""

from __future__ import annotations

import pandas as pd
import pytest

from geocluster.maps.key import draw_key, key_height
from geocluster.maps.page import make_page, width_mm
from geocluster.maps.panels import draw_table
from geocluster.maps.rows import build_rows, fit_table, heading, look_of, p_columns, split_table
from geocluster.spanning.result import verdict_of

TWO = "in two countries, spanning not shown"


def clusters(verdicts: list[str]) -> pd.DataFrame:
    national = [verdict == "in one country" for verdict in verdicts]
    return pd.DataFrame(
        {
            "name": [f"Town {i}" for i in range(1, len(verdicts) + 1)],
            "n": [100 - i for i in range(len(verdicts))],
            "countries": ["CH" if one else "CH DE" for one in national],
            "counts": ["9" if one else "6 3" for one in national],
            "dependence": ["national" if one else "bridged" for one in national],
            "chain": False,
            "verdict": verdicts,
            "p_per_head": 0.01,
            "p_beyond_city_size": 0.5,
        },
        index=range(1, len(verdicts) + 1),
    )


@pytest.mark.parametrize("countries", [1, 2, 3])
@pytest.mark.parametrize(
    ("passed", "asked"),
    [
        ([], ["per head", "beyond city size"]),
        (["per head"], ["per head", "beyond city size"]),
        (["beyond city size"], ["per head", "beyond city size"]),
        (["per head", "beyond city size"], ["per head", "beyond city size"]),
        (["controls"], ["controls"]),
        (["flat"], ["flat"]),
    ],
)
def test_every_verdict_of_the_test_has_its_look(countries: int, passed: list[str], asked: list[str]) -> None:
    wanted = "national" if countries == 1 else "spans" if passed else "not_shown"
    assert look_of(verdict_of(passed, asked, countries=countries)) == wanted


def test_an_unknown_verdict_never_spans() -> None:
    assert look_of("spans everything") == "not_shown"
    assert look_of(None) == "not_shown"


def test_rows_come_by_verdict_and_national_ones_are_lettered() -> None:
    rows = build_rows(clusters(["in one country", TWO, "spans", "in one country", "spans per head"]))
    assert [(row.label, row.badge, row.look) for row in rows] == [
        (3, "3", "spans"),
        (5, "5", "spans"),
        (2, "2", "not_shown"),
        (1, "a", "national"),
        (4, "b", "national"),
    ]


def test_one_cluster_in_more_than_two_countries_changes_the_heading() -> None:
    table = clusters([TWO, TWO])
    assert heading("not_shown", build_rows(table)) == "group_not_shown"
    table.loc[2, ["countries", "counts", "verdict"]] = ["CH DE FR", "3 2 1", TWO.replace("two", "several")]
    assert heading("not_shown", build_rows(table)) == "group_not_shown_many"
    assert heading("national", build_rows(table)) == "group_national"


def test_with_controls_there_is_one_p() -> None:
    assert p_columns(clusters([TWO])) == ["p_per_head", "p_beyond_city_size"]
    assert p_columns(clusters([TWO]).assign(p_controls=0.1)) == ["p_controls"]


def test_national_rows_go_first_and_those_that_span_last() -> None:
    rows = build_rows(clusters(["in one country"] * 5 + [TWO] * 5 + ["spans"] * 5))
    full = fit_table(rows, 1e9)
    assert (len(full.rows), full.further, full.further_national) == (15, 0, 0)
    for room in range(10, int(full.height)):
        table = fit_table(rows, room)
        assert table.height <= room or not table.rows
        assert len(table.rows) + table.further + table.further_national == 15
        looks = [row.look for row in table.rows]
        if "national" in looks:
            assert looks.count("not_shown") == looks.count("spans") == 5
        elif "not_shown" in looks:
            assert looks.count("spans") == 5


def test_columns_are_filled_in_order_and_the_rest_is_told() -> None:
    rows = build_rows(clusters([TWO] * 20 + ["in one country"] * 3))
    left, right = split_table(rows, (50.0, 50.0))
    assert [row.label for row in (*left.rows, *right.rows)] == [row.label for row in rows][
        : len(left.rows) + len(right.rows)
    ]
    assert left.height <= 50
    assert right.height <= 50
    assert left.further == left.further_national == 0
    assert len(left.rows) + len(right.rows) + right.further + right.further_national == 23


def test_a_table_ends_where_its_height_says() -> None:
    for verdicts in ([], ["spans", TWO, "in one country", "in one country"], ["in one country"] * 40):
        table = fit_table(build_rows(clusters(verdicts)), 90.0)
        _, page = make_page(180, 160)
        end = draw_table(page, table, ["p_per_head", "p_beyond_city_size"], 100.0, 174.0, 150.0, "en")
        assert 150.0 - end == pytest.approx(table.height, abs=0.7)


def test_without_a_cluster_the_table_says_so() -> None:
    _, page = make_page(180, 160)
    draw_table(page, fit_table([], 90.0), ["p_per_head"], 100.0, 174.0, 150.0, "en")
    assert "No cluster was found." in [words.get_text() for words in page.texts]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_key_needs_the_room_it_says_and_stays_in_it(language: str) -> None:
    drawn = {
        "firm",
        "lone:other",
        "stack",
        "key_spread",
        "key_delta",
        "key_spans",
        "key_not_shown_many",
        "key_national",
        "key_window",
    }
    drawn |= {"key_crossed", "key_focus_border", "key_border", "key_sea_border", "key_area"}
    _, page = make_page(180, 160)
    draw_key(page, drawn, 105.8, 179.9, 100.0, language)
    lowest = min(words.get_position()[1] for words in page.texts)
    assert 100.0 - key_height(drawn) - 1.0 < lowest
    gids = [words.get_gid() for words in page.texts]
    assert "key:key_border" not in gids  # the stronger one is there
    assert not any("…" in words.get_text() for words in page.texts)
    ends = [
        words.get_position()[0] + width_mm(words.get_text(), words.get_fontsize())
        for words in page.texts
        if words.get_horizontalalignment() == "left"
    ]
    assert max(ends) < 179.9
    assert key_height({"firm"}) < key_height(drawn)
