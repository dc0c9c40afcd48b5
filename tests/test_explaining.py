"""Is it said rightly why a region is claimed, or is not?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
from scipy import stats

from geocluster.distance import distance_km
from geocluster.errors import OptionError
from geocluster.spanning import Explanation, SpanningResult, spanning_test
from geocluster.spanning.reasons import why_not

if TYPE_CHECKING:
    from numpy.typing import NDArray

KM = 1 / 111.195
CODES = np.array(["QM", "QN", "QO"])


def draw(extra: tuple[int, ...], *, n: int = 200, places: int = 150) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Strips of 60 km, one a country; so many organisations more of each within 4 km of where the first two meet."""
    rng = np.random.default_rng(5)
    xy = np.column_stack(
        [rng.uniform(0, 60 * len(extra), places * len(extra)), rng.uniform(-40, 40, places * len(extra))]
    )
    country = (xy[:, 0] // 60).astype(int)
    population = 500 * (1 + rng.pareto(1.5, len(xy)))
    stands = []
    for c, more in enumerate(extra):
        own = np.flatnonzero(country == c)
        stands.append(rng.choice(own, n, p=population[own] / population[own].sum()))
        stands.append(own[np.argsort(np.hypot(xy[own, 0] - 60, xy[own, 1]))[np.arange(more) % 3]])
    place = np.concatenate(stands)
    points = gpd.points_from_xy(xy[:, 0] * KM, xy[:, 1] * KM, crs="EPSG:4326")
    background = gpd.GeoDataFrame(
        {"country": CODES[country], "population": population, "border_km": 10.0}, geometry=points
    )
    return background, gpd.GeoDataFrame({"country": CODES[country[place]]}, geometry=points[place])


@cache
def searched(extra: tuple[int, ...], **options: Any) -> tuple[SpanningResult, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    background, table = draw(extra)
    chosen: dict[str, Any] = {"background": background, "study_area": "countries", "permutations": 999, "rng": 1}
    return spanning_test(table, r_max_km=15, **(chosen | options)), background, table


def rows(frame: Any, reading: str = "per head") -> list[dict[str, Any]]:
    """Rows of one reading, or of the only one."""
    chosen = frame[frame["reading"] == reading]
    return [dict(row) for row in (frame if chosen.empty else chosen).to_dict("records")]


def head(told: Explanation, column: str, reading: str = "per head") -> Any:
    return told.frame.loc[told.frame["reading"] == reading, column].iloc[0]


def test_a_claim_is_told_with_its_circle_and_its_figures() -> None:
    result, _, _ = searched((30, 30))
    claim = result.windows.iloc[0]
    told = result.explain((60 * KM, 0.0), radius_km=10)
    assert told.claimed == ["per head", "beyond city size"]
    row = told.frame[told.frame["reading"] == claim["reading"]].iloc[0]
    assert (row["r_km"], row["lon"], row["lat"], row["why"]) == (claim["r_km"], claim["lon"], claim["lat"], "")
    known = result.counts[(result.counts["of"] == "window") & (result.counts["reading"] == claim["reading"])]
    mine = told.counts[told.counts["reading"] == claim["reading"]]
    for column in ("observed", "expected", "p"):
        assert dict(zip(known["country"], known[column], strict=True)) == dict(
            zip(mine["country"], mine[column], strict=True)
        )
    assert mine["tested"].all()


def test_the_region_holds_what_the_table_holds_there() -> None:
    result, background, table = searched((30, 0))
    told = result.explain((62 * KM, 5 * KM), radius_km=20).region

    def inside(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        return np.asarray(distance_km(frame.geometry.x, frame.geometry.y, 62 * KM, 5 * KM) <= 20)

    for row in rows(told):
        own, places = (frame[frame["country"] == row["country"]] for frame in (table, background))
        share = places.loc[inside(places), "population"].sum() / places["population"].sum()
        assert (row["organisations"], row["observed"]) == (len(own), inside(own).sum())
        assert row["expected"] == pytest.approx(len(own) * share)
        assert row["tail"] == pytest.approx(stats.binom.sf(row["observed"] - 1, len(own), share))


def test_where_nothing_is_claimed_the_nearest_circle_of_all_is_told() -> None:
    result, _, _ = searched((0, 0))
    told = result.explain((60 * KM, 0.0), radius_km=500)
    families = result.families.set_index("reading")
    assert not told.claimed
    for reading in result.asked:
        assert head(told, "p", reading) == families.loc[reading, "p"]


def test_one_sided_excess_names_the_side_that_could_be_chance() -> None:
    result, _, _ = searched((30, 0))
    told = result.explain((60 * KM, 0.0), radius_km=10)
    why = str(head(told, "why"))
    counts = {row["country"]: row for row in rows(told.counts)}
    assert counts["QM"]["tail"] < 0.01 < counts["QN"]["tail"]
    assert "QN" in why
    assert "QM" not in why
    assert not counts["QM"]["tested"]  # the other side selects no such circle


def test_a_region_of_one_country_has_no_second() -> None:
    result, background, _ = searched((0, 0))
    alone = result.explain((10 * KM, 0.0), radius_km=10)
    abroad = background[background["country"] == "QN"]
    km = distance_km(abroad.geometry.x, abroad.geometry.y, 10 * KM, 0.0).min()
    said = f"no circle here reaches a second country; the nearest place of another is in QN, {km:.0f} km away"
    assert set(alone.frame["why"]) == {said}
    assert alone.counts.empty
    both = result.explain((10 * KM, 0.0), radius_km=10, countries=["QM", "QN"])
    assert head(both, "why") == "no circle centred within 10 km holds background of QM and QN"


def test_too_few_organisations_and_countries_unknown_are_named() -> None:
    background, table = draw((0, 0))
    few = table[(table["country"] != "QN") | (table.groupby("country").cumcount() < 3)]
    result = spanning_test(few, background=background, study_area="countries", rng=1, permutations=99)
    why = str(head(result.explain((60 * KM, 0.0), countries=["QM", "QN", "QZ"]), "why"))
    assert "QN has 3 organisations here: fewer than 5" in why
    assert "QZ has 0 organisations" in why
    enough, _, _ = searched((0, 0))
    assert "QZ has 0 organisations" in head(enough.explain((60 * KM, 0.0), countries=["QM", "QN", "QZ"]), "why")


def test_a_country_that_is_the_window_is_named() -> None:
    background, table = draw((0, 0))

    def kept(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        gap = distance_km(frame.geometry.x, frame.geometry.y, 65 * KM, 0.0)
        return frame[(frame["country"] == "QM") | (gap < 8)]

    places, chosen = kept(background), kept(table)
    result = spanning_test(chosen, background=places, study_area="countries", rng=1, permutations=99)
    told = result.explain((62 * KM, 0.0), radius_km=15)
    assert "QN: the country is the window" in head(told, "why")
    assert "QM: the country" not in head(told, "why")


def test_three_countries_are_asked_for_together_or_two_of_them() -> None:
    result, _, _ = searched((30, 30, 0))
    assert result.provenance.parameters["unit"] == "region"
    deep = result.explain((60 * KM, 0.0), radius_km=15, at_least=3)
    assert not deep.claimed
    assert not head(result.explain((60 * KM, 0.0), radius_km=15, countries=["QN", "QO"]), "claimed")
    pair = result.explain((60 * KM, 0.0), radius_km=15, countries=["QM", "QN"])
    assert "per head" in pair.claimed
    assert head(pair, "countries") == 3  # K stays: the search has paid for all
    assert pair.provenance.parameters["at_least"] == 2


def test_a_border_never_asked_about_says_so() -> None:
    result, _, _ = searched((30, 30, 0), unit="border")
    told = result.explain((60 * KM, 0.0), radius_km=15, countries=["QM", "QN", "QO"])
    pairs = {row["family"]: row for row in rows(told.frame)}
    assert pairs["QM-QN"]["claimed"]
    assert pairs["QM-QO"]["why"].startswith("not asked: fewer than 3 organisations expected")
    assert pairs["QN-QO"]["why"].startswith("no circle centred within 15 km")


def test_controls_give_a_hypergeometric_share_of_chance() -> None:
    background, table = draw((30, 30))
    others = background.loc[background.index.repeat(4), ["country", "geometry"]].reset_index(drop=True)
    result = spanning_test(table, controls=others, r_max_km=15, rng=1, permutations=199)
    told = result.explain((60 * KM, 0.0), radius_km=12)
    circle = told.frame.iloc[0]

    def units(frame: gpd.GeoDataFrame) -> int:
        gap = distance_km(frame.geometry.x, frame.geometry.y, circle["lon"], circle["lat"])
        return int((gap <= circle["r_km"] + 1e-9).sum())

    for row in rows(told.counts):
        cases, rest = (frame[frame["country"] == row["country"]] for frame in (table, others))
        inside = units(cases) + units(rest)
        assert row["observed"] == units(cases)
        chance = stats.hypergeom.sf(row["observed"] - 1, len(cases) + len(rest), inside, len(cases))
        assert row["tail"] == pytest.approx(chance)


def test_the_second_p_is_told_where_it_was_asked_for() -> None:
    plain, _, _ = searched((30, 30))
    both, _, _ = searched((30, 30), null="lgcp", permutations=199)
    assert np.isnan(head(plain.explain((60 * KM, 0.0)), "p_lgcp"))
    p = head(both.explain((60 * KM, 0.0), radius_km=500), "p_lgcp")
    assert p == both.families.set_index("reading").loc["per head", "p_lgcp"]


CIRCLE: dict[str, Any] = {"p": 0.004, "p_adjusted": 0.02, "level": 0.01, "countries": 2}


@pytest.mark.parametrize(
    ("row", "observed", "words"),
    [
        ({}, (12, 2), "fewer than 3 organisations on a side: QN 2"),
        ({"p": 0.02, "level": 0.01}, (12, 9), "p above 0.01, the level that Benjamini–Hochberg leaves"),
        ({"p": 0.03, "p_adjusted": 0.2, "level": 0.0}, (12, 9), "p 0.2 after Benjamini–Hochberg over the borders"),
        ({"p": 0.12, "p_adjusted": 0.12, "level": 0.05}, (12, 9), "times K = 2: QM (p 0.06), QN (p 0.06)"),
        ({"p": 1.0, "p_adjusted": 1.0, "level": 0.05}, (12, 1), "no excess of QN 1 (3.0 expected)"),
    ],
)
def test_the_first_thing_in_the_way_is_said(row: dict[str, Any], observed: tuple[int, int], words: str) -> None:
    inside = [
        {"country": code, "observed": o, "expected": 3.0, "tail": 0.001, "p": 0.06}
        for code, o in zip(("QM", "QN"), observed, strict=True)
    ]
    assert words in why_not(inside, CIRCLE | row, {"QM": 90, "QN": 90}, 2, 0.05)


def test_all_faults_of_the_question_are_told_at_once() -> None:
    result, _, _ = searched((0, 0))
    with pytest.raises(OptionError) as told:
        result.explain((700.0, 0.0), radius_km=0, countries=["QM"], at_least=1)
    for word in ("centre: must be longitude", "radius_km: must be above 0", "at_least: is 1"):
        assert word in str(told.value)
    with pytest.raises(OptionError, match="must name at least 2 countries"):
        result.explain((0.0, 0.0), countries="QM")
    for centre in ((1.0,), "QM", None, (np.nan, 0.0), ("east", "north")):
        with pytest.raises(OptionError, match="centre: must be longitude and latitude"):
            result.explain(centre)  # type: ignore[arg-type]
    borders, _, _ = searched((30, 30, 0), unit="border")
    with pytest.raises(OptionError, match="borders have two sides"):
        borders.explain((0.0, 0.0), at_least=3)


def test_a_claim_beside_that_reaches_in_is_told() -> None:
    result, _, _ = searched((30, 30))
    claim = result.windows.iloc[0]

    def at(km: float) -> Explanation:
        middle = (float(claim["lon"]) + 0.6 * km * KM, float(claim["lat"]) + 0.8 * km * KM)
        return result.explain(middle, radius_km=0.1)

    inside, outside = at(claim["r_km"] - 1), at(claim["r_km"] + 1)
    assert not inside.claimed
    assert "no circle centred here is claimed, one from beside reaches in" in repr(inside)
    assert claim["claim"] in set(inside.reaching["claim"])
    assert outside.reaching.empty
    assert result.explain((60 * KM, 0.0), radius_km=20).reaching.empty  # it is centred here


def test_it_says_itself() -> None:
    result, _, _ = searched((30, 30))
    told = result.explain((60 * KM, 0.0), radius_km=10)
    assert repr(told) == "<within 10 km of 0.00, 0.54: claimed per head and beyond city size>"
    assert "circle of" in told.summary()
    assert "the region itself, per head: " in told.summary()
    assert "<table" in told._repr_html_()
    labels = [words.get_text() for words in told.plot().get_yticklabels()]
    assert labels == ["QM QN, per head", "QM QN, beyond city size"]


def test_words_of_the_second_null_stand_beside_its_p() -> None:
    both, _, _ = searched((30, 30), null="lgcp", permutations=199)
    told = both.explain((60 * KM, 0.0), radius_km=10)
    claims = both.windows.groupby("reading").first()
    for row in told.frame.to_dict("records"):
        assert row["robust"] == claims.loc[row["reading"], "robust"] != ""
        assert f"p {row['p_lgcp']:.2g} on a clustered background: {row['robust']}" in told.summary()
    plain, _, _ = searched((30, 30))
    assert set(plain.explain((60 * KM, 0.0), radius_km=10).frame["robust"]) == {""}


def test_a_claim_of_other_countries_does_not_reach_in() -> None:
    result, _, _ = searched((30, 30, 0))
    claim = result.windows.iloc[0]
    middle = (float(claim["lon"]) + 0.6 * KM, float(claim["lat"]) + 0.8 * KM)
    for asked, found in ((["QM", "QN"], True), (["QN", "QO"], False)):
        assert bool(len(result.explain(middle, radius_km=0.1, countries=asked).reaching)) == found
    assert result.explain(middle, radius_km=0.1, at_least=3).reaching.empty  # two are shown there, not three


def test_more_countries_than_are_here_are_not_called_a_lack_of_neighbours() -> None:
    result, _, _ = searched((30, 30))
    told = result.explain((60 * KM, 0.0), radius_km=10, at_least=3)
    assert set(told.frame["why"]) == {"no circle here reaches 3 countries, only QM and QN"}


def test_a_border_that_the_choice_left_out_names_the_weak_side_alone() -> None:
    sides = (("QM", 0.0001), ("QN", 0.2))
    inside = [{"country": c, "observed": 12, "expected": 3.0, "tail": 0.001, "p": p} for c, p in sides]
    row = CIRCLE | {"p": 0.4, "p_adjusted": 0.8, "level": 0.0}
    said = why_not(inside, row, {"QM": 90, "QN": 90}, 2, 0.05)
    assert said.endswith("times K = 2: QN (p 0.2)")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"at_least": "2"}, "at_least: must be a whole number"),
        ({"at_least": 2.5}, "at_least: must be a whole number"),
        ({"countries": [1, 2]}, "countries: must name"),
        ({"countries": [["QM"], "QN"]}, "countries: must name"),
    ],
)
def test_strange_questions_are_refused(asked: dict[str, Any], words: str) -> None:
    result, _, _ = searched((0, 0))
    with pytest.raises(OptionError, match=words):
        result.explain((60 * KM, 0.0), **asked)
