"""What is said of the circles that were shown to span?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod
from shapely import Polygon

from geocluster.maps import draw_map, plot_groups
from geocluster.maps.base import Base
from geocluster.maps.claims import circle_ring, claim_lines, fit_claims, read_claims, roman
from geocluster.maps.naming import local_names
from geocluster.maps.rows import build_rows, fit_table
from geocluster.maps.telling import say_notes
from geocluster.spanning.reach import say_window

PER_HEAD, SIZE = "per head", "beyond city size"
DISPUTED = "not robust to clustering of the background"


def windows(**changes: Any) -> pd.DataFrame:
    told = {
        "claim": [1, 1, 2],
        "reading": [PER_HEAD, SIZE, SIZE],
        "p": [0.002, 0.012, 0.04],
        "r_km": [10.0, 10.0, 25.0],
        "lon": [7.6, 7.6, 7.9],
        "lat": [47.5, 47.5, 48.2],
        "countries": ["CH DE", "CH DE", "DE FR"],
        "clusters": ["1 2", "1 2", "3"],
        "at_least": [3, 2, 2],
        "p_lgcp": [np.nan, 0.3, np.nan],
        "robust": ["", DISPUTED, ""],
    }
    return pd.DataFrame(told | changes)


COUNTS = pd.DataFrame(
    {
        "of": ["window"] * 4 + ["cluster"],
        "number": [1, 1, 1, 1, 1],
        "reading": [PER_HEAD, PER_HEAD, PER_HEAD, SIZE, PER_HEAD],
        "country": ["CH", "DE", "FR", "CH", "CH"],
        "observed": [33.0, 15.0, 1.0, 33.0, 99.0],
        "expected": [14.2, 4.13, 2.0, 20.0, 9.0],
    }
)
DEEPER = pd.DataFrame(
    {"claim": [1, 1], "reading": [PER_HEAD] * 2, "at_least": [2, 3], "p": [0.002, 0.003], "r_km": [10.0, 15.0]}
)


def made_up() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Two national clusters 4 km apart, one on each side."""
    rng = np.random.default_rng(1)
    lon = np.concatenate([7.57 + rng.normal(0, 0.004, 9), 7.63 + rng.normal(0, 0.004, 9), [7.0, 8.2]])
    lat = np.concatenate([47.5 + rng.normal(0, 0.003, 18), [47.0, 48.0]])
    points = gpd.GeoDataFrame(
        {
            "name": [f"Org {i}" for i in range(20)],
            "kind": "firm",
            "country": ["CH"] * 9 + ["DE"] * 9 + ["CH", "DE"],
            "cluster": pd.array([1] * 9 + [2] * 9 + [pd.NA] * 2, dtype="Int64"),
        },
        geometry=gpd.points_from_xy(lon, lat),
        crs="EPSG:4326",
    )
    clusters = pd.DataFrame(
        {
            "name": ["Westham", "Eastham"], "n": 9, "countries": ["CH", "DE"], "counts": "9", "dependence": "national",
            "chain": False, "verdict": "in one country", "p_per_head": np.nan, "p_beyond_city_size": np.nan,
        },
        index=[1, 2],
    )  # fmt: skip
    return points, clusters


def words(figure: Any, start: str) -> list[str]:
    page = next(ax for ax in figure.axes if ax.get_label() == "page")
    return [one.get_text() for one in page.texts if str(one.get_gid()).startswith(start)]


@pytest.mark.parametrize("value", [1, 3, 4, 9, 14, 40, 399])
def test_numerals_are_those_of_rome(value: int) -> None:
    worth = dict(zip("IVXLCDM", (1, 5, 10, 50, 100, 500, 1000), strict=True))
    signs = [worth[sign] for sign in roman(value)]
    assert sum(-a if a < b else a for a, b in zip(signs, [*signs[1:], 0], strict=True)) == value


@pytest.mark.parametrize(("lon", "lat", "r_km"), [(7.6, 47.6, 25.0), (179.99, -17.0, 40.0), (10.0, 80.0, 5.0)])
def test_a_circle_is_as_wide_as_it_says_on_the_globe(lon: float, lat: float, r_km: float) -> None:
    ring = circle_ring(lon, lat, r_km)
    _, _, apart = Geod(ellps="WGS84").inv(np.full(len(ring), lon), np.full(len(ring), lat), *ring.T)
    np.testing.assert_allclose(apart, r_km * 1000, rtol=1e-9)


def test_the_same_circle_of_two_readings_is_one_claim() -> None:
    first, second = read_claims(windows(), COUNTS, DEEPER)
    assert first.p == {PER_HEAD: 0.002, SIZE: 0.012}
    assert first.counts[PER_HEAD] == (("CH", 33.0, 14.2), ("DE", 15.0, 4.13), ("FR", 1.0, 2.0))
    assert first.at_least == {(3, 15.0): {PER_HEAD: 0.003}}
    assert first.disputed == {SIZE: 0.3}
    assert (second.sign, second.r_km, second.clusters, second.disputed) == ("II", 25.0, (3,), {})
    assert read_claims(windows()[:0]) == []
    assert [claim.r_km for claim in read_claims(windows()[["lon", "lat", "r_km"]])] == [10.0, 25.0]


def test_a_claim_says_what_each_country_has_there_what_is_in_it_and_what_one_must_doubt() -> None:
    claim = read_claims(windows(), COUNTS, DEEPER)[0]
    assert claim_lines(claim, {1: "a", 2: "b"}, "en") == [
        "observed/expected per head: CH\u00a033/14.2, DE\u00a015/4.1",
        "observed/expected beyond city size: CH\u00a033/20.0",
        "clusters inside: a, b",
        "three countries within 15 km: p 0.003 per head",
        "not robust to clustering of the background: p 0.30 beyond city size",
    ]
    assert claim_lines(claim, {}, "ru")[0] == "наблюдается/ожидается на жителя: CH\u00a033/14,2, DE\u00a015/4,1"


def test_claims_that_find_no_room_are_counted() -> None:
    claims = read_claims(windows(), COUNTS, DEEPER)
    assert fit_claims(claims, [], 1e9, 70.0, "en").further == 0
    little = fit_claims(claims, [], 12.0, 70.0, "en")
    assert (len(little.claims), little.further) == (0, 2)
    assert fit_claims([], [], 1e9, 70.0, "en").claims == ()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_two_national_clusters_in_one_circle_are_both_seen(language: str) -> None:
    points, clusters = made_up()
    figure = draw_map(
        points, clusters, windows(countries=["CH DE"] * 3)[:2], counts=COUNTS, study_area=None, title="t", subtitle="",
        sources=["made up"], method="999 permutations, seed 1", language=language, base=Base.empty(),
    )  # fmt: skip
    assert len(words(figure, "claim-row:I:name")) == 1
    assert words(figure, "claim-row:I:p") == (["0.002", "0.012"] if language == "en" else ["0,002", "0,012"])
    assert words(figure, "claim-row:I:countries") == ["CH · DE"]
    said = " ".join(words(figure, "claim-row:I:"))
    assert ": a, b" in said
    assert "CH\u00a033/14" in said
    gids = [str(artist.get_gid()) for ax in figure.axes for artist in (*ax.collections, *ax.patches)]
    assert {"hull:1", "hull:2", "window:I", "table-claim:I"} <= set(gids)
    assert {"claim:I", "A:claim:I"} & set(gids)  # its numeral is on the map, or in the inset that holds the circle
    assert "CH, DE" in figure.alt_text


def test_where_no_circle_is_claimed_the_map_says_so() -> None:
    points, clusters = made_up()
    options: dict[str, Any] = {
        "study_area": None, "title": "t", "subtitle": "", "sources": ["made up"], "method": "seed 1",
        "base": Base.empty(),
    }  # fmt: skip
    assert words(draw_map(points, clusters, windows()[:0], **options), "claims:none") == ["No circle is shown to span."]
    untested = clusters.drop(columns=["p_per_head", "p_beyond_city_size"])
    assert words(draw_map(points, untested, windows()[:0], **options), "claims:") == []


def test_the_quick_look_writes_radius_and_p_beside_the_circle() -> None:
    points, clusters = made_up()
    ax = plot_groups(points, clusters, windows=windows(), base=Base.empty())
    told = {str(one.get_gid()): one.get_text() for one in ax.texts}
    assert told == {
        "claim:I": "10 km: p 0.002 per head, 0.012 beyond city size",
        "claim:II": "25 km: p 0.040 beyond city size",
    }
    ring = next(line for line in ax.lines if line.get_gid() == "window:II")
    assert Polygon(np.asarray(ring.get_xydata())).contains(Polygon(circle_ring(7.9, 48.2, 24.99)))


def test_rows_of_a_claimed_circle_stay_in_the_table() -> None:
    _, clusters = made_up()
    more = pd.concat([clusters.assign(n=20)] + [clusters] * 3, ignore_index=True)
    rows = build_rows(more.set_index(more.index + 1))
    kept = fit_table(rows, 30.0, keep={7, 8})
    assert {7, 8} <= {row.label for row in kept.rows}
    assert kept.further_national > 0


@pytest.mark.parametrize(
    ("row", "notes"),
    [
        ({"reason": say_window("VA", share=1.0)}, ("VA: an enclave in IT",)),
        ({"reason": say_window("MC", share=np.nan)}, ("MC: a microstate beside FR",)),
        ({"reach": "transnational"}, ("transnational: ties join its parts",)),
        ({"at_least": 3}, ("three countries shown together",)),
        ({"at_least": 2, "chain": False, "reach": "regional"}, ()),
        ({"reason": f"x; {DISPUTED} (per head)"}, (DISPUTED,)),
        ({"robust": DISPUTED, "at_least": np.nan, "reason": np.nan}, (DISPUTED,)),
        ({"robust": "robust to clustering of the background"}, ()),
    ],
)
def test_a_cluster_says_how_far_it_reaches_and_what_one_must_doubt(row: dict[str, Any], notes: tuple[str, ...]) -> None:
    assert say_notes(row, "en") == notes
    assert all(note not in notes for note in say_notes(row, "ru"))


@pytest.mark.parametrize(("counts", "beside"), [("35 4 4", True), ("1350 400 400 200", False)])
def test_the_interval_of_the_dependence_has_a_place(counts: str, beside: bool) -> None:  # noqa: FBT001
    _, clusters = made_up()
    told: dict[str, Any] = {
        "dependence": "bridged",
        "counts": counts,
        "countries": "CH DE FR",
        "delta": 0.2,
        "delta_low": 0.1,
    }
    across = clusters.iloc[:1].assign(**told, delta_high=0.5, verdict="spans")
    (row,) = build_rows(across)
    assert row.interval == "δ 0.20 (0.10–0.50)"
    assert row.beside() == beside
    assert row.further_lines() == ([] if beside else [row.interval])
    (unknown,) = build_rows(across.assign(delta_low=np.nan))
    assert (unknown.interval, unknown.beside(), unknown.further_lines()) == ("", False, [])


def test_clusters_are_named_in_russian_after_the_place_next_to_them() -> None:
    places = gpd.GeoDataFrame(
        {"name": ["Basel", "Basel", "Here"], "geonames_id": [1, 2661604, 2]},
        geometry=gpd.points_from_xy([9.0, 7.6, 7.6], [40.0, 47.56, 47.5]),
        crs="EPSG:4326",
    )
    names = pd.Series(["Basel – Here (2)", "Basel", "Basel"], index=[1, 2, 3])
    centres = {1: (7.6, 47.5), 2: (20.0, 20.0)}
    assert local_names(names, centres, places, "ru") == ["Базель – Here (2)", "Basel", "Basel"]
    assert local_names(names, centres, places, "en") == names.tolist()
