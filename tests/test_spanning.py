"""The spanning test on scenes whose truth is known."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geocluster.background.places import fit_exponents
from geocluster.distance import distance_km, to_ecef
from geocluster.errors import OptionError, SchemaError
from geocluster.permutation import simulate
from geocluster.spanning import search_spanning, spanning_test
from geocluster.spanning.families import adjust_bh
from geocluster.spanning.redraw import CountryNull, alias_table, log_likelihood_ratio, simulated_maxima
from geocluster.spanning.screening import least_permutations
from geocluster.spanning.windows import build_windows, cell_centre, snap_to_grid, window_radii

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

KM = 1 / 111.195


def scene(
    rng: np.random.Generator, *, extra: int = 0, countries: int = 2, n: int = 300, places: int = 400
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """States side by side, 100 km wide each; `extra` organisations a side of the first border."""
    xy = np.column_stack([rng.uniform(0, 100 * countries, places), rng.uniform(-50, 50, places)])
    population = 500 * (1 + rng.pareto(1.3, places))
    code = np.array(["AA", "BB", "CC", "DD", "EE", "FF"])[(xy[:, 0] // 100).astype(int)]
    rows = [
        rng.choice(np.flatnonzero(code == c), n, p=population[code == c] / population[code == c].sum())
        for c in np.unique(code)
    ]
    for side in ("AA", "BB"):
        own = np.flatnonzero(code == side)
        near = own[np.argsort(np.hypot(xy[own, 0] - 100, xy[own, 1]))[:4]]
        rows.append(rng.choice(near, extra))
    place = np.concatenate(rows)
    points = gpd.points_from_xy(xy[:, 0] * KM, xy[:, 1] * KM, crs="EPSG:4326")
    border = np.abs((xy[:, 0] + 50) % 100 - 50)
    background = gpd.GeoDataFrame({"country": code, "population": population, "border_km": border}, geometry=points)
    table = gpd.GeoDataFrame({"country": code[place]}, geometry=points[place])
    return background, table


def coordinates(table: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.asarray(table.geometry.x, dtype=np.float64), np.asarray(table.geometry.y, dtype=np.float64)


def brute_force_p(background: gpd.GeoDataFrame, table: gpd.GeoDataFrame, draws: dict[str, NDArray[np.int64]]) -> float:
    """p of the whole region by the definition, windows × draws in full, circles about places and no midpoints."""
    from scipy import stats

    lon, lat = coordinates(background)
    code, population = background["country"].to_numpy(), background["population"].to_numpy()
    gap = distance_km(lon[:, None], lat[:, None], lon[None], lat[None])
    windows = np.concatenate([gap <= radius for radius in window_radii(15)])
    place = pd.Series(range(len(lon)), index=[p.wkt for p in background.geometry])
    count = np.bincount(place[[p.wkt for p in table.geometry]], minlength=len(lon))
    tails, shares, totals = {}, {}, {}
    for c in ("AA", "BB"):
        own = code == c
        beta = np.where(own, population, 0) / population[own].sum()
        shares[c], totals[c] = windows @ beta, int(count[own].sum())
        observed = windows @ np.where(own, count, 0)
        tails[c] = np.where(
            observed > totals[c] * shares[c], stats.binom.sf(observed - 1, totals[c], np.minimum(shares[c], 1)), 1.0
        )
    kept = (shares["AA"] > 0) & (shares["BB"] > 0)
    ps = []
    for c, other in (("AA", "BB"), ("BB", "AA")):
        tested = kept & (tails[other] <= 0.01)
        p = np.ones(len(windows))
        if tested.any():
            own = code == c
            expected = totals[c] * shares[c][tested]
            observed = log_likelihood_ratio(windows[tested] @ np.where(own, count, 0), expected, totals[c])
            maxima = np.array(
                [log_likelihood_ratio(windows[tested] @ draw, expected, totals[c]).max() for draw in draws[c]]
            )
            p[tested] = (1 + (maxima[None] >= observed[:, None] * (1 - 1e-9)).sum(1)) / (len(maxima) + 1)
        ps.append(p)
    return float(np.minimum(1, 2 * np.maximum(*ps)).min())


def test_a_cluster_on_both_sides_is_claimed_with_its_figures() -> None:
    background, table = scene(np.random.default_rng(1), extra=25)
    result = spanning_test(table, background=background, study_area="countries", r_max_km=15, rng=1)
    assert set(result.windows["reading"]) == {"per head", "beyond city size"}
    claim = result.windows[result.windows["reading"] == "per head"].iloc[0]
    assert claim["countries"] == "AA BB"
    assert claim["p"] <= 0.05
    assert distance_km(claim["lon"], claim["lat"], 100 * KM, 0.0) < 25
    counts = result.counts[(result.counts["number"] == claim["claim"]) & (result.counts["reading"] == "per head")]
    assert (counts["observed"] > counts["expected"]).all()
    assert (counts["p"] <= 0.025).all()  # K p_c <= alpha


def test_counts_in_the_claimed_circle_are_those_of_the_table() -> None:
    background, table = scene(np.random.default_rng(1), extra=25)
    result = spanning_test(table, background=background, study_area="countries", r_max_km=15, rng=1)
    claim = result.windows.iloc[0]
    gap = distance_km(table.geometry.x, table.geometry.y, claim["lon"], claim["lat"])
    inside = table["country"][gap <= claim["r_km"] + 1e-9].value_counts()
    told = result.counts[
        (result.counts["of"] == "window")
        & (result.counts["number"] == claim["claim"])
        & (result.counts["reading"] == claim["reading"])
    ].set_index("country")["observed"]
    assert inside.to_dict() == told.astype(int).to_dict()


def test_an_excess_on_one_side_only_is_not_claimed() -> None:
    background, table = scene(np.random.default_rng(2), extra=40)
    one_sided = table[:640]  # the extra ones of AA only
    result = spanning_test(one_sided, background=background, study_area="countries", r_max_km=15, rng=1)
    assert result.windows.empty


def test_the_p_of_the_region_equals_its_definition() -> None:
    """Against windows × draws in full: same selection, and p within Monte-Carlo error."""
    rng = np.random.default_rng(7)
    background, table = scene(rng, extra=12, places=150, n=150)
    code, population = background["country"].to_numpy(), background["population"].to_numpy()
    draws = {}
    for c in ("AA", "BB"):
        beta = np.where(code == c, population, 0) / population[code == c].sum()
        draws[c] = rng.multinomial(162, beta, size=4000)
    expected = brute_force_p(background, table, draws)
    from geocluster.background.ground import stand_on_background
    from geocluster.spanning.families import Pattern
    from geocluster.spanning.screening import screen_windows

    ground = stand_on_background(table, background, "countries")
    xyz = to_ecef(ground.places.longitude, ground.places.latitude)
    windows = build_windows(
        xyz, ground.places.longitude, ground.places.latitude, ground.country, r_max_km=15, among=[0, 1], midpoints=False
    )
    nulls = {
        c: CountryNull(
            162,
            np.where(ground.country == c, ground.places.population, 0)
            / ground.places.population[ground.country == c].sum(),
        )
        for c in (0, 1)
    }
    pattern = Pattern(
        xyz, ground.places.longitude, ground.places.latitude, ground.country, ground.count, ("AA", "BB"), nulls
    )
    screen = screen_windows(
        windows,
        {c: np.where(pattern.country == c, pattern.count, 0) for c in (0, 1)},
        nulls,
        permutations=3999,
        rng=np.random.default_rng(3),
    )
    assert screen is not None
    assert 0.005 < expected < 0.1  # else the comparison would say nothing
    assert float(np.nanmin(screen.p)) == pytest.approx(expected, abs=2 * 4 * np.sqrt(expected / 2 * 2 / 4000))


def test_maxima_follow_the_same_law_as_full_redraws() -> None:
    rng = np.random.default_rng(4)
    background, _ = scene(rng, places=120)
    lon, lat = coordinates(background)
    country = (background["country"] == "BB").to_numpy().astype(np.int64)
    windows = build_windows(to_ecef(lon, lat), lon, lat, country, r_max_km=25, among=[0, 1])
    share = np.where(country == 0, background["population"], 0.0)
    null = CountryNull(80, share / share.sum())
    tested = (windows.total(null.share) > 0) & (rng.random(windows.shape) < 0.5)
    fast = simulated_maxima(windows, tested, null, permutations=2000, rng=np.random.default_rng(1))
    expected = windows.total(null.share) * 80

    def full(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        draws = generator.multinomial(80, null.share, size=size)
        return np.array(
            [log_likelihood_ratio(windows.total(d.astype(float)), expected, 80)[tested].max() for d in draws]
        )

    slow = simulate(full, permutations=2000, rng=np.random.default_rng(2))
    from scipy.stats import ks_2samp

    assert ks_2samp(fast.round(9), np.round(slow, 9)).pvalue > 0.001  # rounding parts equal values


def test_permuted_labels_follow_the_same_law_as_full_permutations() -> None:
    rng = np.random.default_rng(4)
    background, _ = scene(rng, places=120)
    lon, lat = coordinates(background)
    country = (background["country"] == "BB").to_numpy().astype(np.int64)
    windows = build_windows(to_ecef(lon, lat), lon, lat, country, r_max_km=25, among=[0, 1])
    units = np.where(country == 0, rng.integers(1, 9, 120), 0)
    null = CountryNull(40, units / units.sum(), units, int(units.sum()))
    tested = windows.total(null.share) > 0
    fast = simulated_maxima(windows, tested, null, permutations=2000, rng=np.random.default_rng(1))
    expected = windows.total(null.share) * 40
    generator = np.random.default_rng(2)
    draws = generator.multivariate_hypergeometric(units, 40, size=2000)
    slow = [log_likelihood_ratio(windows.total(d.astype(float)), expected, 40)[tested].max() for d in draws]
    from scipy.stats import ks_2samp

    assert ks_2samp(fast.round(9), np.round(slow, 9)).pvalue > 0.001  # rounding parts equal values


def test_alias_table_draws_in_proportion() -> None:
    weight = np.array([1.0, 0.0, 5.0, 2.5])
    threshold, alias = alias_table(weight)
    share = threshold.copy()
    np.add.at(share, alias, 1 - threshold)
    assert share / 4 == pytest.approx(weight / weight.sum())


def test_windows_hold_places_of_two_countries_within_their_radius() -> None:
    background, _ = scene(np.random.default_rng(7), places=200)
    lon, lat = coordinates(background)
    country = (background["country"] == "BB").to_numpy().astype(np.int64)
    windows = build_windows(to_ecef(lon, lat), lon, lat, country, r_max_km=18, among=[0, 1])
    gap = distance_km(
        windows.longitude[windows.entry_centre],
        windows.latitude[windows.entry_centre],
        lon[windows.entry_place],
        lat[windows.entry_place],
    )
    assert (gap <= windows.radii_km[windows.entry_radius] + 1e-6).all()
    first = windows.entry_radius == 0
    assert (gap[~first] > windows.radii_km[windows.entry_radius[~first] - 1] - 1e-6).all()
    assert (windows.cell >= 0).any()
    assert (windows.place >= 0).any()


def test_a_midpoint_stands_within_half_a_cube_of_its_circle() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-180, 180, 5000), np.degrees(np.arcsin(rng.uniform(-1, 1, 5000)))
    centre = cell_centre(snap_to_grid(to_ecef(lon, lat)))
    assert distance_km(lon, lat, *centre).max() <= 2 * np.sqrt(3)
    assert distance_km(lon, lat, *centre).max() > 2.5  # the grid is 4 km, no finer


def test_circles_are_laid_across_the_date_line_and_about_the_poles() -> None:
    for lon, lat in ((180.0, 10.0), (0.0, 90.0), (0.0, -90.0)):
        turn = np.linspace(0, 2 * np.pi, 9)[:-1]
        ring = to_ecef(lon, lat) + 3 * np.column_stack([np.cos(turn), np.sin(turn), np.sin(turn)])
        centre = cell_centre(snap_to_grid(ring))
        assert (distance_km(lon, lat, *centre) < 3 * np.sqrt(2) + 2 * np.sqrt(3)).all()


def test_the_circle_of_oresund_is_among_those_laid(shared: Path) -> None:
    """ROR without rows that have a parent, all places: the published circle of 25 km (DK 15/5.0, SE 17/7.9; p .10)."""
    from unittest.mock import patch

    from geocluster.datasets import load_places
    from geocluster.spanning.telling import tell_result

    rows = pd.read_csv(shared / "data/ror_organisations.csv.gz", keep_default_na=False)
    ties = pd.read_csv(shared / "data/ror_relationships.csv.gz", keep_default_na=False)
    parented = set(ties.loc[ties["type"] == "parent", "ror_id"]) | set(ties.loc[ties["type"] == "child", "related_id"])
    rows = rows[(rows["status"] == "active") & rows["country"].isin(["DK", "SE"]) & ~rows["ror_id"].isin(parented)]
    points = gpd.points_from_xy(rows["lng"].astype(float), rows["lat"].astype(float), crs="EPSG:4326")
    places = load_places()
    places = places[places["country"].isin(["DK", "SE"])]
    with patch("geocluster.spanning.searched.tell_result", wraps=tell_result) as told:
        spanning_test(
            gpd.GeoDataFrame({"country": rows["country"].to_numpy()}, geometry=points),
            background=places,
            study_area="countries",
            r_max_km=40,
            permutations=9_999,
            rng=1,
        )
    _, (family,) = told.call_args.args[5]["per head"]
    assert family.p == pytest.approx(0.10, abs=0.02)  # three standard errors of two estimates, and a little
    z = np.unravel_index(np.nanargmin(family.screen.p), family.screen.p.shape)
    assert family.windows.radii_km[z[1]] == 25
    assert family.screen.observed[:, z[0], z[1]].tolist() == [15, 17]
    assert family.screen.expected[:, z[0], z[1]] == pytest.approx([5.0, 7.9], abs=0.06)


def test_same_seed_same_numbers_on_any_number_of_threads() -> None:
    background, table = scene(np.random.default_rng(1), extra=15)
    one = spanning_test(table, background=background, rng=11, workers=1)
    two = spanning_test(table, background=background, rng=11, workers=2)
    pd.testing.assert_frame_equal(one.windows, two.windows)
    pd.testing.assert_frame_equal(one.counts, two.counts)


def test_row_order_does_not_matter() -> None:
    background, table = scene(np.random.default_rng(1), extra=15)
    shuffled = table.sample(frac=1, random_state=3)
    one = spanning_test(table, background=background, rng=11)
    other = spanning_test(shuffled, background=background, rng=11)
    pd.testing.assert_frame_equal(one.windows, other.windows)


def test_clusters_get_verdicts_and_rows_are_accounted_for() -> None:
    background, table = scene(np.random.default_rng(1), extra=25)
    labels = pd.Series(pd.NA, index=table.index, dtype="Int64")
    labels[600:] = 1  # the extra ones on both sides
    far = table.index[(table.geometry.x < 30 * KM).to_numpy()][:20]
    labels[far] = 2
    result = spanning_test(table, labels, background=background, study_area="countries", rng=1)
    assert result.clusters.loc[1, "verdict"] == "spans"
    assert result.clusters.loc[2, "verdict"] == "in one country"
    assert set(result.readings["cluster"]) <= {1, 2}
    assert result.set_aside.empty


def test_rows_are_set_aside_with_a_reason() -> None:
    background, table = scene(np.random.default_rng(1), extra=25)
    extra = gpd.GeoDataFrame(
        {"country": ["AA", "ZZ", "AA", None]},
        geometry=gpd.points_from_xy([0.1, 0.2, 40.0, 0.3], [0.0, 0.0, 40.0, 0.0]),
        crs="EPSG:4326",
        index=[9001, 9002, 9003, 9004],
    )
    extra.loc[9001, "geometry"] = None
    result = spanning_test(pd.concat([table, extra]), background=background, study_area="countries", rng=1)
    assert result.set_aside["reason"].to_dict() == {
        9001: "no point",
        9002: "its country has no place in the background: give controls",
        9003: "no place of the background within 20 km in its own country",
        9004: "no country",
    }


def test_a_polygon_clips_places_and_organisations() -> None:
    background, table = scene(np.random.default_rng(1), extra=25)
    area = box(60 * KM, -50 * KM, 140 * KM, 50 * KM)
    result = spanning_test(table, background=background, study_area=area, rng=1)
    outside = int((~table.geometry.intersects(area)).sum())
    assert (result.set_aside["reason"] == "outside the study area").sum() == outside
    assert result.background["places"].max() < background["country"].value_counts().max()


def test_borders_are_families_beyond_four_countries() -> None:
    background, table = scene(np.random.default_rng(3), extra=30, countries=6, places=1200)
    result = spanning_test(table, background=background, study_area="countries", rng=1)
    assert result.provenance.parameters["unit"] == "border"
    assert set(result.families["family"]) == {"AA-BB", "BB-CC", "CC-DD", "DD-EE", "EE-FF"}
    assert set(result.windows["family"]) == {"AA-BB"}
    per_head = result.families[result.families["reading"] == "per head"]
    assert per_head["p_adjusted"].to_numpy() == pytest.approx(adjust_bh(per_head["p"].to_numpy()))


def test_controls_take_the_place_of_population() -> None:
    rng = np.random.default_rng(1)
    _, table = scene(rng, extra=25)
    _, others = scene(np.random.default_rng(1), extra=0, n=1500)
    result = spanning_test(table, controls=others, rng=1)
    assert result.asked == ["controls"]
    assert not result.windows.empty
    assert "cases and controls" in result.null


def test_rows_and_controls_placed_less_surely_than_told_are_left_out() -> None:
    _, table = scene(np.random.default_rng(1), extra=25)
    _, others = scene(np.random.default_rng(1), extra=0, n=1500)
    table, others = (rows.assign(radius_km=np.where(np.arange(len(rows)) < 3, 40.0, 5.0)) for rows in (table, others))
    for limit, left_out in ((30.0, 3), (50.0, 0)):
        result = spanning_test(table, controls=others, max_radius_km=limit, rng=1)
        assert len(result.set_aside) == left_out
        told = result.provenance.parameters
        assert (told["controls"], told["controls left out"]) == (len(others) - left_out, left_out)
        assert told["max_radius_km"] == limit


def test_five_organisations_make_a_country() -> None:
    background, table = scene(np.random.default_rng(1), extra=25)
    few = pd.concat([table[table["country"] == "AA"], table[table["country"] == "BB"][:4]])
    labels = pd.Series(1, index=few.index, dtype="Int64")
    result = spanning_test(few, labels, background=background, study_area="countries", rng=1)
    assert result.families.empty
    assert "BB has fewer than 5 organisations" in str(result.clusters.loc[1, "reason"])
    assert "nothing to span" in result.sentence()


def test_one_country_has_nothing_to_span() -> None:
    background, table = scene(np.random.default_rng(1), extra=25)
    own = table[table["country"] == "AA"]
    result = spanning_test(own, background=background, study_area="countries", rng=1)
    assert result.windows.empty
    assert "nothing to span" in result.sentence()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"r_max_km": 0}, "r_max_km"),
        ({"unit": "planet"}, "unit"),
        ({"alpha": 2}, "alpha"),
        ({"at_least": 1}, "at_least"),
        ({"at_least": 2.5}, "at_least: must be a whole number"),
        ({"r_max_km": "25", "alpha": "x", "apart_km": None}, r"(?s)r_max_km.*alpha.*apart_km"),
        ({"workers": None, "permutations": 999.0}, r"(?s)permutations: must be a whole.*workers: must be a whole"),
        ({"permutations": 19}, "nothing could be claimed"),
        ({"study_area": "town"}, "study_area"),
        ({"background": "round"}, "background"),
        ({"rng": "x"}, "rng"),
    ],
)
def test_bad_options_are_told(options: dict[str, Any], words: str) -> None:
    background, table = scene(np.random.default_rng(1))
    with pytest.raises(OptionError, match=words):
        spanning_test(table, **({"background": background} | options))


def test_all_faults_of_the_options_are_told_at_once() -> None:
    _, table = scene(np.random.default_rng(1))
    with pytest.raises(OptionError, match=r"(?s)r_max_km.*alpha"):
        spanning_test(table, r_max_km=-1, alpha=7)


def test_a_flat_background_must_be_asked_for() -> None:
    background, table = scene(np.random.default_rng(1))
    with pytest.raises(SchemaError, match="flat background"):
        spanning_test(table, background=background.assign(population=1.0))


def test_labels_must_stand_on_the_index() -> None:
    background, table = scene(np.random.default_rng(1))
    with pytest.raises(OptionError, match="labels"):
        spanning_test(table, pd.Series([1], index=["x"], dtype="Int64"), background=background)


@pytest.mark.parametrize("strange", [["1", "2"], [1.5, 1.0], [True, False], [-1, 1]])
def test_labels_must_be_numbers_of_clusters(strange: list[Any]) -> None:
    background, table = scene(np.random.default_rng(1))
    labels = pd.Series([strange[k % 2] for k in range(len(table))], index=table.index)
    with pytest.raises(OptionError, match="labels must be whole numbers from 0 up"):
        spanning_test(table, labels, background=background)
    with pytest.raises(OptionError, match="labels must be a Series"):
        spanning_test(table, labels.tolist(), background=background)  # type: ignore[arg-type]


def test_controls_that_differ_by_less_than_a_metre_stand_as_one_whatever_the_order() -> None:
    from geocluster.background.ground import stand_on_controls

    rng = np.random.default_rng(2)
    near = gpd.GeoDataFrame(
        {"country": ["AA"] * 30}, crs="EPSG:4326",
        geometry=gpd.points_from_xy(7 + rng.integers(0, 3, 30) + rng.normal(0, 1e-7, 30), np.full(30, 47.0)),
    )  # fmt: skip
    order = rng.permutation(20)
    one, two = (stand_on_controls(cases, near[20:], "extent") for cases in (near[:20], near[:20].iloc[order]))
    assert len(one.places.longitude) < 10
    assert one.places.longitude.tolist() == two.places.longitude.tolist()
    assert one.stands[order].tolist() == two.stands.tolist()


def test_a_place_on_the_largest_circle_is_inside() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        lon, lat = 7 + rng.uniform(-0.1, 0.1, 2), 47 + rng.uniform(-0.1, 0.1, 2)
        apart = float(distance_km(lon[0], lat[0], lon[1], lat[1]))
        country = np.array([0, 1])
        laid = build_windows(to_ecef(lon, lat), lon, lat, country, r_max_km=apart, among=[0, 1], midpoints=False)
        assert laid.total(np.ones(2))[:, -1].tolist() == [2.0, 2.0]


def test_the_exponent_is_recovered() -> None:
    rng = np.random.default_rng(8)
    population = 500 * (1 + rng.pareto(1.1, 3000))
    country = np.where(np.arange(3000) < 1500, "AA", "BB")
    weight = population**1.3
    count = np.zeros(3000, dtype=np.int64)
    for c in ("AA", "BB"):
        own = country == c
        count[own] = rng.multinomial(4000, weight[own] / weight[own].sum())
    border = np.where(np.arange(3000) % 2 == 0, 100.0, 5.0)
    found = fit_exponents(count, population, country, border)
    assert found["AA"].fitted_on == "interior"
    assert found["AA"].gamma == pytest.approx(1.3, abs=0.05)
    near = fit_exponents(count, population, country, np.full(3000, 5.0))
    assert near["BB"].fitted_on == "all places"
    assert near["BB"].gamma == pytest.approx(1.3, abs=0.05)


def test_permutations_chosen_can_show_a_claim() -> None:
    assert least_permutations(1, 2, 0.05) == 999
    assert least_permutations(1, 3, 0.05) == 9_999
    assert least_permutations(278, 2, 0.05) == 99_999


def test_results_carry_what_made_them() -> None:
    background, table = scene(np.random.default_rng(1), extra=25)
    result = spanning_test(table, background=background, rng=5)
    assert result.provenance.seed == "5"
    words = result.summary()
    for expected in ("seed 5", "r_max_km 25", "redraws", "geocluster", "γ of AA"):
        assert expected in words
    assert "<li>" in result._repr_html_()


def test_the_search_has_the_options_and_defaults_of_the_test() -> None:
    assert signature(search_spanning).parameters == signature(spanning_test).parameters
