"""Scans as detectors: nulls inside countries, cylinders, what is said, what is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pytest

import geocluster as gc
from geocluster.clusters.circles import MAX_STEPS, lay_circles
from geocluster.clusters.scan import Cells, circle_ratios, draw_largest
from geocluster.clusters.space_time import cylinder_ratios, gather_events
from geocluster.distance import distance_km, to_ecef
from geocluster.errors import GraphSizeError, OptionError, SchemaError
from geocluster.permutation import permute_within


def table_of(lon: Any, lat: Any, country: Any, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"country": country, **columns}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def places(seed: int = 0, n: int = 60) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(7, 9, n), rng.uniform(47, 48, n)
    return table_of(lon, lat, np.where(lon < 8, "FR", "DE"), population=rng.integers(500, 50_000, n))


def brute_ratio(inside: Any, stratum: Any, size: Any, cases: Any, *, bernoulli: bool) -> float:
    """Kulldorff's ratio of one window, summed over strata in excess."""

    def xlnx(x: float) -> float:
        return x * np.log(x) if x > 0 else 0.0

    total = 0.0
    for c in np.unique(stratum):
        own = stratum == c
        o, cc = float(cases[own & inside].sum()), float(cases[own].sum())
        n, nn = float(size[own & inside].sum()), float(size[own].sum())
        if n == 0 or n == nn or o * nn <= cc * n:
            continue
        if bernoulli:
            total += xlnx(o) + xlnx(n - o) + xlnx(cc - o) + xlnx(nn - n - cc + o)
            total -= xlnx(n) + xlnx(nn - n) + xlnx(cc) + xlnx(nn - cc) - xlnx(nn)
        else:
            e = cc * n / nn
            total += o * np.log(o / e) + (0 if o == cc else (cc - o) * np.log((cc - o) / (cc - e)))
    return total


@pytest.mark.parametrize("bernoulli", [True, False])
@pytest.mark.parametrize("strata", [1, 3])
def test_every_circle_has_the_ratio_of_the_definition(*, bernoulli: bool, strata: int) -> None:
    rng = np.random.default_rng(strata)
    lon, lat = rng.integers(0, 8, 40) / 30 + 7, rng.integers(0, 8, 40) / 30 + 47  # many equal distances
    lon, lat = np.unique(np.column_stack([lon, lat]), axis=0).T
    n = len(lon)
    stratum, size = rng.integers(0, strata, n), rng.integers(1, 9, n).astype(float)
    cases = rng.binomial(size.astype(int), 0.4)
    cells = Cells(to_ecef(lon, lat), stratum, size, cases, bernoulli=bernoulli)
    circles = lay_circles(cells.xyz, size)
    ratio = circle_ratios(cells, circles, 2)
    d = distance_km(lon[:, None], lat[:, None], lon[None], lat[None])
    seen = 0
    for centre, (low, high) in enumerate(pairwise(circles.start.tolist())):
        limits = [r for r in np.unique(d[centre].round(8)) if size[d[centre] <= r + 1e-7].sum() <= size.sum() / 2]
        assert circles.closed[low:high].sum() == len(limits)
        for step, limit in zip(np.flatnonzero(circles.closed[low:high]) + low, limits, strict=True):
            inside = d[centre] <= limit + 1e-7
            assert sorted(circles.members(int(step)).tolist()) == np.flatnonzero(inside).tolist()
            wanted = brute_ratio(inside, stratum, size, cases, bernoulli=bernoulli) if cases[inside].sum() >= 2 else 0.0
            assert ratio[step] == pytest.approx(wanted, abs=1e-9)
            seen += wanted > 0
    assert seen > 20
    assert (ratio[~circles.closed] == 0).all()


def test_no_circle_is_larger_than_asked() -> None:
    lon, lat = np.random.default_rng(1).uniform(7, 9, (2, 50))
    every, small = (lay_circles(to_ecef(lon, lat), np.ones(50), max_radius_km=r) for r in (None, 40.0))
    assert small.km.max() <= 40 < every.km.max()
    assert max(np.diff(every.start)) == 25


def test_too_many_circles_are_refused_before_they_are_made() -> None:
    n = int(np.sqrt(2 * MAX_STEPS)) + 1
    with pytest.raises(GraphSizeError, match="max_radius_km"):
        lay_circles(np.zeros((n, 3)), np.ones(n))


@pytest.mark.parametrize("bernoulli", [True, False])
def test_the_null_keeps_the_cases_of_each_country_and_threads_change_nothing(*, bernoulli: bool) -> None:
    rng = np.random.default_rng(4)
    cells = Cells(
        to_ecef(rng.uniform(7, 9, 30), rng.uniform(47, 48, 30)),
        np.arange(30) % 2,
        np.full(30, 10.0),
        np.where(np.arange(30) % 2, 4, 1),
        bernoulli=bernoulli,
    )
    circles = lay_circles(cells.xyz, cells.size)
    one, two = (
        draw_largest(cells, circles, minimum=1, permutations=150, rng=np.random.default_rng(3), workers=w)
        for w in (1, 2)
    )
    assert one.tobytes() == two.tobytes()
    # a difference between countries alone: of the two nulls only the pooled one is astonished
    pooled = Cells(cells.xyz, np.zeros(30, dtype=np.int64), cells.size, cells.cases, bernoulli=bernoulli)
    other = draw_largest(pooled, circles, minimum=1, permutations=150, rng=np.random.default_rng(3))
    assert (one >= circle_ratios(cells, circles, 1).max()).mean() > 0.05
    assert one.std() > 0
    assert not np.array_equal(one, other)


def test_a_national_difference_is_a_cluster_only_under_the_pooled_null() -> None:
    ground = places()
    rng = np.random.default_rng(2)
    weight = ground["population"].to_numpy() * np.where(ground["country"] == "FR", 8.0, 1.0)
    at = rng.choice(len(ground), 300, p=weight / weight.sum())
    table = ground.iloc[at].drop(columns="population").reset_index(drop=True)
    options: dict[str, Any] = {"background": ground, "exponent": 1, "study_area": "countries", "rng": 1}
    inside = gc.find_clusters(table, method="scan", permutations=199, **options)
    pooled = gc.find_clusters(table, method="scan", permutations=199, null="pooled", **options)
    assert inside.frame.empty
    assert len(pooled.frame) >= 1
    assert any("inside each country" in note for note in inside.notes)
    assert any("over all countries together" in note for note in pooled.notes)
    assert inside.provenance.parameters["null"] == "countries"
    assert inside.provenance.seed == "1"


def planted() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    ground = places(3)
    rng = np.random.default_rng(5)
    weight = ground["population"].to_numpy(dtype=float)
    at = rng.choice(len(ground), 150, p=weight / weight.sum())
    hub = int(np.argmin(ground["population"]))
    table = ground.iloc[[*at, *[hub] * 30]].drop(columns="population").reset_index(drop=True)
    return ground, table


def test_a_planted_cluster_is_found_and_told() -> None:
    ground, table = planted()
    options: dict[str, Any] = {"background": ground, "study_area": "countries", "permutations": 199, "rng": 1}
    found = gc.find_clusters(table, method="scan", exponent=1, **options)
    first = found.frame.iloc[0]
    assert found.labels.iloc[-30:].nunique() == 1
    assert first["p"] == 1 / 200
    assert first["n"] >= 30 > 5 * first["expected"]
    assert found.frame["n"].tolist() == found.labels.value_counts().sort_index().tolist()
    assert first["dependence"] in ("national", "not defined")
    assert "log-likelihood ratio" in found.summary()
    assert np.isnan(first["delta"])
    fitted = gc.find_clusters(table, method="scan", **options)
    assert any("γ fitted on" in note for note in fitted.notes)
    controls = ground.loc[ground.index.repeat(5)].reset_index(drop=True)
    against = gc.find_clusters(table, method="scan", controls=controls, permutations=199, rng=1)
    assert against.labels.iloc[-30:].nunique() == 1
    assert any(note.startswith("Bernoulli") for note in against.notes)


@pytest.mark.parametrize("model", ["background", "controls"])
def test_row_order_does_not_matter(model: str) -> None:
    ground, table = planted()
    order = np.random.default_rng(9).permutation(len(table))
    many = ground.loc[ground.index.repeat(5)].iloc[::-1].reset_index(drop=True)
    options: dict[str, Any] = {model: many if model == "controls" else ground, "permutations": 99, "rng": 4}
    if model == "background":
        options["exponent"] = 1
    one = gc.find_clusters(table, method="scan", **options)
    other = gc.find_clusters(table.iloc[order], method="scan", **options)
    assert len(one.frame)
    assert one.labels.equals(other.labels.reindex(table.index))
    np.testing.assert_allclose(one.frame[["llr", "p"]], other.frame[["llr", "p"]], rtol=1e-9)


def test_a_country_without_a_place_is_said() -> None:
    ground, table = planted()
    lone = table_of([20.0] * 3, [50.0] * 3, ["PL"] * 3)
    import pandas as pd

    both = pd.concat([table, lone], ignore_index=True)
    found = gc.find_clusters(both, method="scan", background=ground, exponent=1, permutations=19, rng=1, alpha=0.1)
    assert any("no place in the background" in note and note.endswith(": 3") for note in found.notes)
    assert found.labels.iloc[-3:].isna().all()
    only = gc.find_clusters(lone, method="scan", background=ground, permutations=19, rng=1)
    assert only.frame.empty
    with pytest.raises(SchemaError, match="flat"):
        gc.find_clusters(table, method="scan", background=ground.assign(population=7))


def test_too_few_permutations_for_alpha_claim_nothing() -> None:
    ground, table = planted()
    found = gc.find_clusters(table, method="scan", background=ground, exponent=1, permutations=9, rng=1)
    assert found.frame.empty
    assert any("nothing could be claimed" in note for note in found.notes)


def events(seed: int = 0) -> gpd.GeoDataFrame:
    """A national boom everywhere, and one of its own at one point."""
    rng = np.random.default_rng(seed)
    spots = np.column_stack([rng.uniform(7, 9, 25), rng.uniform(47, 48, 25)])
    at = rng.integers(25, size=200)
    year = np.where(rng.random(200) < 0.5, rng.integers(1990, 1995, 200), rng.integers(1950, 2020, 200))
    at, year = np.append(at, np.full(15, 3)), np.append(year, rng.integers(1970, 1975, 15))
    return table_of(spots[at, 0], spots[at, 1], np.where(spots[at, 0] < 8, "FR", "DE"), founded=year)


def test_cylinders_have_the_ratio_of_the_definition() -> None:
    rng = np.random.default_rng(6)
    place, stratum, period = rng.integers(0, 9, 80), rng.integers(0, 2, 80), rng.integers(0, 6, 80)
    lon, lat = rng.uniform(7, 8, 9), rng.uniform(47, 48, 9)
    told = gather_events(place, stratum, period)
    circles = lay_circles(to_ecef(lon, lat), np.bincount(place, minlength=9).astype(float))
    keep, spell = cylinder_ratios(told, circles, longest=3, minimum=2)
    for step in np.flatnonzero(circles.closed):
        inside = np.isin(place, circles.members(int(step)))
        best = 0.0
        for a in range(6):
            for z in range(a + 1, min(a + 3, 6) + 1):
                when = (period >= a) & (period < z)
                ratio = 0.0
                if (inside & when).sum() < 2:
                    continue
                for c in (0, 1):
                    own = stratum == c
                    n, o = own.sum(), (own & inside & when).sum()
                    e = (own & inside).sum() * (own & when).sum() / n
                    if o > e * (1 + 1e-12):
                        ratio += o * np.log(o / e) + (0 if o == n else (n - o) * np.log((n - o) / (n - e)))
                best = max(best, ratio)
        assert keep[step] == pytest.approx(best, abs=1e-9)
        assert 0 <= spell[step, 0] <= spell[step, 1] <= 6
    assert keep.max() > 0
    assert permute_within(stratum, rng, 1).shape == (1, 80)


def test_a_boom_of_one_place_is_found_and_that_of_a_nation_is_not() -> None:
    table = events()
    found = gc.find_clusters(table, method="space-time", permutations=199, rng=1)
    assert found.labels.iloc[-15:].notna().sum() >= 12
    first = found.frame.loc[found.labels.iloc[-1]]
    assert first["from_year"] == 1970
    assert first["to_year"] in (1974, 1979)
    boom = table.iloc[:-15]
    assert gc.find_clusters(boom, method="space-time", permutations=199, rng=1).frame.empty
    order = np.random.default_rng(1).permutation(len(table))
    again = gc.find_clusters(table.iloc[order], method="space-time", permutations=199, rng=1)
    assert again.labels.reindex(table.index).equals(found.labels)
    np.testing.assert_allclose(again.frame["p"], found.frame["p"])
    threads = gc.find_clusters(table, method="space-time", permutations=199, rng=1, workers=2)
    assert threads.frame["p"].tolist() == found.frame["p"].tolist()


def test_years_that_lack_are_said_or_refused() -> None:
    table = events()
    table["founded"] = table["founded"].astype(object)
    table.loc[[0, 1], "founded"] = ["unknown", None]
    found = gc.find_clusters(table, method="space-time", permutations=19, rng=1)
    assert any("2 rows (0, 1)" in note for note in found.notes)
    assert found.labels.loc[[0, 1]].isna().all()
    with pytest.raises(SchemaError, match="no row has a year"):
        gc.find_clusters(table.assign(founded="?"), method="space-time")
    with pytest.raises(SchemaError, match="opened: there is no such column"):
        gc.find_clusters(table, method="space-time", years="opened")


def test_options_of_other_methods_are_refused_all_at_once() -> None:
    with pytest.raises(OptionError, match=r"(?s)null must be.*radius_km goes with.*years goes with"):
        gc.find_clusters(events(), method="scan", radius_km=3, years="founded", null="none")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="weight and minimum_weight go together"):
        gc.find_clusters(events(), weight="founded")
    with pytest.raises(OptionError, match="not both"):
        gc.find_clusters(events(), method="scan", controls=events(), background="flat")
