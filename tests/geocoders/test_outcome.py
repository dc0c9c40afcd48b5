"""What became of the rows of a table, and what can be done about the rest?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from matplotlib.patches import Rectangle

import geocluster as gc
from geocluster.errors import OptionError, SchemaError
from geocluster.geocoders.outcome import PRECISIONS, STATUSES, _share
from geocluster.labels import LANGUAGES, text
from geocluster.results import Result

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

CITIES = [
    *[("Basel", "CH")] * 3,
    ("Delémont", "CH"),
    *[("Neustadt", "DE")] * 4,
    *[("Kehl", "FR")] * 2,
    ("", "AT"),
    ("Xyzzyq", "CH"),
    ("N/A", ""),
]


@pytest.fixture(scope="module")
def table() -> GeoDataFrame:
    rows = [
        *({"city": city, "country": country} for city, country in CITIES),
        {"country": "CH", "lat": 47.5, "lon": 7.6},
        {"city": "Genf", "country": "CH", "lat": 6.14, "lon": 46.2},
        {"country": "DE", "region": "Bayern"},
    ]
    frame = pd.DataFrame(rows)
    return gc.assign_countries(gc.geocode(frame))


@pytest.fixture(scope="module")
def summary(table: GeoDataFrame) -> gc.GeocodingSummary:
    return gc.summarise_geocoding(table)


def test_every_row_is_counted_once(summary: gc.GeocodingSummary, table: GeoDataFrame) -> None:
    frame = summary.to_frame()
    assert isinstance(summary, Result)
    assert frame["n"].sum() == summary.rows == len(table) == 16
    assert frame["share"].sum() == pytest.approx(1)
    counted = {(row.status, row.precision): row.n for row in frame.itertuples()}
    assert counted == {
        ("ok", "given"): 1,
        ("ok", "city"): 5,
        ("coarse", "region"): 1,
        ("coarse", "country"): 1,
        ("ambiguous", "none"): 4,
        ("conflict", "none"): 2,
        ("not_found", "none"): 1,
        ("bad_input", "none"): 1,
    }
    assert summary.placed == table.geometry.notna().sum() == 7
    frame["n"] = 0
    assert summary.to_frame()["n"].sum() == 16


def test_it_says_what_a_person_can_act_on(summary: gc.GeocodingSummary) -> None:
    assert summary.sentence() == (
        "16 rows: 7 placed (44 %), 9 not: 4 ambiguous, 2 contradictory, 1 known by their country only, 1 not found, "
        "1 with nothing usable"
    )
    facts = summary.facts()
    assert facts[0] == "coordinates given: 1 (6 %), radius 0.1 km"
    assert facts[1].startswith("by city: 5 (31 %), radius typically 15 km, at most 18 km")
    assert facts[2].startswith("by region only: 1 (6 %), radius ")
    assert "wide: 1 known to more than 30 km only; statistics leave them out" in facts
    assert "coordinates not used: 1 placed by name instead (geo_conflict says why)" in facts
    assert "credit: GeoNames, CC BY 4.0" in facts
    first = next(i for i, fact in enumerate(facts) if fact.startswith("not placed")) + 1
    assert facts[first].startswith("  4 × Neustadt, DE: ambiguous, 'Neustadt' may be any of 5 places or more · best: ")
    assert facts[first].endswith("→ add the region or the postcode")
    assert facts[first + 1].endswith("· best: Kehl, DE.01 → check the country: is it Germany?")
    assert repr(summary) == f"<{summary.sentence()}>"
    assert summary.summary().count("\n") == len(facts)


def test_names_are_cut_where_told_and_the_rest_is_said(table: GeoDataFrame) -> None:
    short = gc.summarise_geocoding(table, most=1)
    assert short.unplaced["n"].tolist() == [4]
    assert any(fact == "not placed, the most frequent first (4 of 9 rows):" for fact in short.facts())
    none = gc.summarise_geocoding(table, most=0)
    assert none.unplaced.empty
    assert none.rows == 16


def test_best_guesses_count_as_placed() -> None:
    frame = pd.DataFrame({"city": ["Neustadt"], "country": ["DE"]})
    best = gc.summarise_geocoding(gc.geocode(frame, on_ambiguous="best"))
    assert best.placed == 1
    assert best.doubted == 1
    assert "less sure: 1 placed with a confidence below 0.9 (geo_confidence)" in best.facts()


def test_bars_are_of_each_outcome(summary: gc.GeocodingSummary) -> None:
    ax = summary.plot()
    assert [words.get_text() for words in ax.get_yticklabels()] == [
        *("coordinates given", "placed: city", "placed: region only"),
        *("ambiguous", "contradictory", "country only", "not found", "nothing usable"),
    ]
    assert [bar.get_width() for bar in ax.patches if isinstance(bar, Rectangle)] == [1, 5, 1, 4, 2, 1, 1, 1]
    drawn = summary.figure(language="ru").axes[0]
    assert drawn.get_xlabel() == "строк"
    assert len({bar.get_facecolor() for bar in drawn.patches}) == 2


def test_hostile_names_stay_on_their_line_and_out_of_the_html() -> None:
    hostile = ["<script>alert(1)</script>\nx", "a\u202eb", "=cmd|'/c calc'!A0", "x" * 5_000]
    told = gc.summarise_geocoding(gc.geocode(pd.DataFrame({"city": hostile, "country": "DE"})))
    assert len(told.unplaced) == 4
    assert all("\n" not in fact and "\u202e" not in fact and len(fact) < 400 for fact in told.facts())
    assert "<script" not in told._repr_html_()


def test_an_empty_table_has_nothing_to_say() -> None:
    frame = pd.DataFrame({"city": ["Basel"], "country": ["CH"]})
    none = gc.summarise_geocoding(gc.geocode(frame).iloc[:0])
    assert none.sentence() == "0 rows: 0 placed (0 %)"
    assert none.facts() == []
    assert none.plot() is not None


def test_a_table_that_is_not_geocoded_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"geometry: .*\n.*geo_status"):
        gc.summarise_geocoding(pd.DataFrame({"city": ["Basel"]}))  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="most must be"):
        gc.summarise_geocoding(gc.geocode(pd.DataFrame({"city": ["Basel"]})), most=-1)


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 0, "0 %"), (0, 5, "0 %"), (5, 5, "100 %"), (1, 100_000, "0.1 %"), (99_999, 100_000, "99.9 %"), (1, 2, "50 %")],
)
def test_a_share_never_says_all_or_nothing_of_nearly_so(part: int, whole: int, told: str) -> None:
    assert _share(part, whole) == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_has_its_words(language: str) -> None:
    for outcome in (*PRECISIONS[:5], *STATUSES[1:]):
        assert text(f"outcome_{outcome}", language)
