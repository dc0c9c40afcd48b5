"""Where the clusters are, and what is known of each."""

from __future__ import annotations

import time
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from geocluster.clusters import density, find_clusters
from geocluster.clusters.density import find_dense
from geocluster.clusters.dependence import border_dependence
from geocluster.clusters.extent import centres, widest_km
from geocluster.clusters.naming import name_clusters
from geocluster.datasets import PlaceArrays
from geocluster.distance import distance_km, to_arc_km, to_ecef
from geocluster.errors import OptionError, SchemaError
from geocluster.graph import distinct_points, reach_km


def brute(lon: Any, lat: Any, radius_km: float, minimum: int) -> tuple[Any, Any]:
    """The definition of METHODS, row by row."""
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    d = distance_km(lon[:, None], lat[:, None], lon[None], lat[None])
    near = d <= radius_km + 1e-9
    core = near.sum(axis=1) >= minimum
    group = np.full(len(lon), -1)
    for start in np.flatnonzero(core):
        stack = [start] if group[start] < 0 else []
        while stack:
            i = stack.pop()
            fresh = np.flatnonzero(near[i] & core & (group < 0))
            group[i] = group[fresh] = start
            stack.extend(fresh)
    for i in np.flatnonzero(~core):
        hosts = np.flatnonzero(near[i] & core)
        if len(hosts):
            tied = hosts[d[i, hosts] <= d[i, hosts].min() + 1e-9]
            group[i] = group[min(tied, key=lambda j: (lon[j], lat[j]))]
    found = [g for g in np.unique(group) if g >= 0]
    first = {g: min(zip(lon[group == g], lat[group == g], strict=True)) for g in found}
    found.sort(key=lambda g: (-(group == g).sum(), first[g]))
    label = np.zeros(len(lon), dtype=int)
    for number, g in enumerate(found, start=1):
        label[group == g] = number
    return label, core


def clumped(n: int, seed: int, *, doubled: float = 0.3) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    centre = np.column_stack([rng.uniform(5, 11, max(n // 40, 1)), rng.uniform(45, 50, max(n // 40, 1))])
    spots = np.vstack(
        [
            centre[rng.integers(len(centre), size=n // 2)] + rng.normal(0, 0.12, (n // 2, 2)),
            np.column_stack([rng.uniform(5, 11, n - n // 2), rng.uniform(45, 50, n - n // 2)]),
        ]
    )
    again = rng.random(n) < doubled
    spots[again] = spots[rng.integers(n, size=again.sum())]
    return spots[:, 0], spots[:, 1]


def table_of(lon: Any, lat: Any, country: Any = "CH", **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"country": country, **columns}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326", index=range(len(lon))
    )


@pytest.fixture(params=["tree", "cells"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(density, "FEW_POINTS", 10**9 if request.param == "tree" else 0)
    return str(request.param)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("radius_km", "minimum"), [(10, 5), (3, 2), (25, 12), (60, 40), (0.001, 3), (400, 5), (8, 1)])
def test_clusters_are_those_of_the_definition(radius_km: float, minimum: int) -> None:
    for seed in range(3):
        lon, lat = clumped(400, seed)
        label, core = brute(lon, lat, radius_km, minimum)
        found = find_dense(lon, lat, radius_km=radius_km, minimum=minimum)
        np.testing.assert_array_equal(found.core, core)
        np.testing.assert_array_equal(found.label, label)


@pytest.mark.parametrize("radius_km", [0.0005, 1.0, 10.0, 300.0, 30_000.0])
def test_both_ways_agree_on_many_points(radius_km: float) -> None:
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(-180, 180, 5000), np.degrees(np.arcsin(rng.uniform(-1, 1, 5000)))
    lon[:4000], lat[:4000] = clumped(4000, 4)
    points = distinct_points(lon, lat)
    results = [way(points, reach_km(radius_km), 4) for way in (density._by_tree, density._by_cells)]
    np.testing.assert_array_equal(results[0][0], results[1][0])
    labels = [density.rank_components(points, component) for _, component in results]
    np.testing.assert_array_equal(labels[0], labels[1])
    assert labels[0].any()


def test_equal_to_scikit_learn_on_earth_centred_points() -> None:
    from sklearn.cluster import DBSCAN

    lon, lat = clumped(6000, 5)
    found = find_dense(lon, lat, radius_km=4, minimum=6)
    peer = DBSCAN(eps=reach_km(4), min_samples=6).fit(to_ecef(lon, lat))
    core = np.zeros(len(lon), dtype=bool)
    core[peer.core_sample_indices_] = True
    np.testing.assert_array_equal(found.core, core)
    np.testing.assert_array_equal(found.label > 0, peer.labels_ >= 0)
    pairs = np.unique(np.column_stack([found.label, peer.labels_])[core], axis=0)
    assert len(pairs) == len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1])) > 20


@pytest.mark.usefixtures("way")
def test_a_border_point_goes_to_its_nearest_core_and_ties_to_the_smaller_one() -> None:
    # two knots of eight, 16 km apart on the equator, and one point in the middle that sees two of each
    km = np.array([*[-5] * 6, 0, 0, 16, 16, *[21] * 6, 8]) / 111.3195
    tied = find_dense(10 + km, np.zeros(17), radius_km=9, minimum=8)
    assert tied.core.tolist() == [True] * 16 + [False]
    assert tied.label.tolist() == [1] * 8 + [2] * 8 + [1]
    km[-1] += 1e-5
    nearer_east = find_dense(10 + km, np.zeros(17), radius_km=9, minimum=8)
    assert nearer_east.label.tolist() == [2] * 8 + [1] * 9


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("turn", [-180.0, 179.9, 0.0])
def test_the_antimeridian_changes_nothing(turn: float) -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.normal(0, 0.2, 300), rng.normal(-17, 0.2, 300)
    plain = find_dense(lon, lat, radius_km=8, minimum=6)
    turned = find_dense((lon + turn + 180) % 360 - 180, lat, radius_km=8, minimum=6)
    np.testing.assert_array_equal(plain.core, turned.core)
    assert plain.label.max() > 1
    same = plain.label[:, None] == plain.label[None]
    np.testing.assert_array_equal(
        same[plain.core][:, plain.core], (turned.label[:, None] == turned.label)[plain.core][:, plain.core]
    )


@pytest.mark.usefixtures("way")
def test_a_cluster_may_stand_about_a_pole() -> None:
    lon = np.linspace(-180, 150, 12)
    assert find_dense(lon, np.full(12, 89.99), radius_km=3, minimum=12).label.tolist() == [1] * 12
    assert find_dense(lon, np.full(12, 90.0), radius_km=0.001, minimum=12).label.tolist() == [1] * 12


def danube() -> gpd.GeoDataFrame:
    """Basel with three sides, one alone, Strasbourg, and Freiburg as a national cluster."""
    rows = [
        *[(7.588, 47.558, "CH", "firm")] * 6,
        *[(7.6, 47.56, "CH", "university")] * 3,
        *[(7.66, 47.615, "DE", "firm")] * 3,
        *[(7.56, 47.585, "FR", "public body")] * 2,
        *[(7.85, 47.995, "DE", "institute")] * 5,
        (8.6, 47.0, "CH", "firm"),
    ]
    lon, lat, country, kind = zip(*rows, strict=True)
    return table_of(lon, lat, list(country), kind=list(kind)).set_index(pd.Index([f"r{i}" for i in range(len(rows))]))


def test_the_frame_says_what_is_known_of_each_cluster() -> None:
    table = danube()
    result = find_clusters(table)
    frame = result.frame
    assert frame.index.name == "cluster"
    assert frame.index.tolist() == [1, 2]
    assert frame["name"].tolist() == ["Basel – Lörrach – Saint-Louis", "Freiburg"]
    first = frame.loc[1]
    assert (first["n"], first["countries"], first["counts"]) == (14, "CH DE FR", "9 3 2")
    assert first["largest_share"] == 9 / 14
    assert [first[f"n_{kind}"] for kind in ("firm", "university", "public_body", "institute")] == [9, 3, 2, 0]
    own = table.iloc[:14]
    d = distance_km(
        own.geometry.x.to_numpy()[:, None], own.geometry.y.to_numpy()[:, None], own.geometry.x, own.geometry.y
    )
    assert first["extent_km"] == pytest.approx(d.max(), rel=1e-12)
    assert distance_km(first["lon"], first["lat"], own.geometry.x.mean(), own.geometry.y.mean()) < 0.01
    assert not frame["chain"].any()
    assert frame["dependence"].tolist() == ["spill-over", "national"]
    assert result.labels.dtype == "Int64"
    assert result.labels.index.equals(table.index)
    assert result.labels.isna().tolist() == [False] * 19 + [True]
    assert frame["n_core"].tolist() == result.core.groupby(result.labels).sum().tolist()
    assert result.by_country().values.tolist() == [[1, "CH", 9], [1, "DE", 3], [1, "FR", 2], [2, "DE", 5]]
    assert "cluster" not in table.columns


def test_the_result_speaks() -> None:
    result = find_clusters(danube())
    assert repr(result) == "<2 clusters of 19 stakeholders, 1 in more than one country>"
    assert result.to_frame().equals(result.frame)
    text = result.summary()
    assert "1 Basel – Lörrach – Saint-Louis: 14 (CH 9 · DE 3 · FR 2)" in text
    assert "1 of 20 in no cluster" in text
    assert "95% of the rows share a point" in text
    assert "radius_km 10" in text
    assert result.provenance.parameters == {"method": "dbscan", "radius_km": 10.0, "minimum": 5}
    spread = table_of(np.linspace(7, 7.1, 20), np.full(20, 47.0))
    assert "warning" not in find_clusters(spread).summary()
    with pytest.raises(AttributeError):
        result.frame = None  # type: ignore[misc, assignment]


def test_plot_draws_hulls_on_given_axes_and_claims_no_spanning() -> None:
    ax = Figure().add_subplot()
    assert find_clusters(danube()).plot(ax) is ax
    assert {"hull:1", "hull:2"} <= {artist.get_gid() for artist in ax.get_children()}


def test_a_chain_is_flagged() -> None:
    lon = np.arange(0, 3, 0.02)
    frame = find_clusters(table_of(lon, np.zeros(len(lon)))).frame
    assert frame["chain"].tolist() == [True]
    assert frame["extent_km"].iloc[0] == pytest.approx(distance_km(lon[0], 0, lon[-1], 0), rel=1e-9)


def dependence(counts: list[tuple[float, str, int]], minimum: int = 4) -> tuple[list[str], Any]:
    """Clusters along the equator: (degrees east, country, rows)."""
    lon = np.repeat([at for at, _, _ in counts], [n for *_, n in counts])
    code = np.unique(np.repeat([c for _, c, _ in counts], [n for *_, n in counts]), return_inverse=True)[1]
    found = find_dense(lon, np.zeros(len(lon)), radius_km=10, minimum=minimum)
    told = border_dependence(found, code, lon, np.zeros(len(lon)), radius_km=10, minimum=minimum)
    return told.word, pytest.approx(told.delta.tolist())


def test_border_dependence_by_its_definition() -> None:
    assert dependence([(0, "A", 2), (0.05, "B", 2)]) == (["border-made"], [1.0])
    assert dependence([(0, "A", 4), (0.05, "B", 4)]) == (["bridged"], [0.0])
    assert dependence([(0, "A", 4), (0.05, "B", 3)]) == (["spill-over"], [3 / 7])
    assert dependence([(0, "A", 4)]) == (["national"], [0.0])
    # three sides: two stand alone, the third only with them
    assert dependence([(0, "A", 4), (0.05, "B", 4), (0.08, "C", 1)]) == (["bridged"], [1 / 9])
    # two national clusters of one country, joined through another: still one country only
    assert dependence([(0, "A", 4), (0.08, "B", 3), (0.16, "A", 4)]) == (["spill-over"], [3 / 11])
    # the neighbour abroad makes the core but stands in another cluster: no foreign member, no core left
    far = [(-5, "A", 3), (0, "A", 1), (9, "B", 1), (12, "B", 1), (21, "B", 4)]
    assert dependence([(km / 111.32, side, n) for km, side, n in far], 5) == (["national", "national"], [0.0, 1.0])


PLACES = PlaceArrays(
    longitude=np.array([7.588, 7.6, 7.56, 7.66, 7.62, 9.0]),
    latitude=np.array([47.558, 47.559, 47.585, 47.615, 47.59, 48.0]),
    country=np.array([0, 0, 2, 1, 1, 1], dtype=np.uint8),
    country_codes=["CH", "DE", "FR"],
    population=np.array([170_000, 500_000, 20_000, 49_000, 30_000, 80_000]),
    geonames_id=np.arange(6),
    district=np.array([False, True, False, False, False, False]),
)
NAMES = ["Basel", "Gundeldingen", "Saint-Louis", "Lörrach", "Weil", "Ulm"]


def named(sides: list[list[str]], rows: list[tuple[int, str, float, float]]) -> list[str]:
    label, country, lon, lat = zip(*rows, strict=True)
    return name_clusters(
        sides, np.array(label), list(country), np.array(lon), np.array(lat), places=PLACES,
        names=lambda positions: [NAMES[i] for i in positions],
    )  # fmt: skip


def test_names_take_the_largest_place_of_each_side() -> None:
    near = [(1, "CH", 7.59, 47.56), (1, "DE", 7.66, 47.61), (1, "DE", 7.62, 47.59), (1, "FR", 7.561, 47.585)]
    assert named([["CH", "DE", "FR"]], near) == ["Basel – Lörrach – Saint-Louis"]
    assert named([["DE", "CH"]], near[:3]) == ["Lörrach – Basel"]
    assert named([["DE"]], [(1, "DE", 8.5, 47.9)]) == ["Ulm"]  # none within 2 km: the nearest
    assert named([["LI", "CH"]], [(1, "LI", 9.5, 47.1), (1, "CH", 7.59, 47.56)]) == ["LI – Basel"]
    assert named([["LI"]], [(1, "LI", 9.5, 47.1)]) == ["LI"]


def test_no_two_clusters_share_a_name() -> None:
    one = (7.66, 47.61)
    rows = [(1, "DE", *one), (1, "DE", 7.62, 47.59), (2, "DE", *one), (2, "DE", 7.62, 47.59), (3, "DE", *one)]
    assert named([["DE"]] * 3, rows) == ["Lörrach", "Lörrach – Weil", "Lörrach (2)"]
    assert named([["CH"]] * 2, [(1, "CH", 7.59, 47.56), (2, "CH", 7.58, 47.55)]) == ["Basel", "Basel (2)"]


def test_clusters_are_named_in_russian_where_their_places_are() -> None:
    result = find_clusters(danube(), radius_km=25, minimum=3)
    told = result.names(language="ru")
    assert told.index.equals(result.frame.index)
    assert result.names().tolist() == result.frame["name"].tolist()
    assert told.iloc[0] == "Базель – Лёррах – Сен-Луи"
    assert find_clusters(danube().iloc[:1]).names(language="ru").empty


def test_the_widest_pair_is_exact_on_many_points() -> None:
    rng = np.random.default_rng(1)
    for scale in (0.1, 5.0, 60.0):
        xyz = to_ecef(rng.normal(10, scale, 1500), np.clip(rng.normal(40, scale / 2, 1500), -90, 90))
        chord = np.sqrt(((xyz[:, None] - xyz[None]) ** 2).sum(axis=2).max())
        assert widest_km(xyz) == pytest.approx(float(to_arc_km(chord)), rel=1e-12)
    assert widest_km(to_ecef([7.0], [47.0])) == 0


def test_the_centre_of_one_point_is_that_point() -> None:
    lon, lat = np.array([7.588, -179.5, 30.0]), np.array([47.558, -80.0, 90.0])
    at = centres(to_ecef(lon, lat), np.array([1, 2, 3]), 3)
    np.testing.assert_allclose(at[1], lat, atol=1e-9)
    np.testing.assert_allclose(at[0][:2], lon[:2], atol=1e-9)


def test_small_tables_give_results() -> None:
    for table in (danube().iloc[:0], danube().iloc[:1], danube().iloc[:4]):
        result = find_clusters(table)
        assert result.frame.empty
        assert result.labels.isna().all()
        assert not result.core.any()
        assert len(result.labels) == len(table)
        assert result.by_country().empty
        assert repr(result).startswith("<no clusters among")
        assert result.summary()
        assert result.plot().axes is not None
        assert list(result.frame.columns) == list(find_clusters(danube()).frame.columns.drop(
            [c for c in ("n_firm", "n_institute", "n_public_body", "n_university") if c not in result.frame.columns]
        ))  # fmt: skip
    alone = find_clusters(danube(), minimum=1)
    assert not alone.labels.isna().any()
    assert alone.core.all()
    national = find_clusters(danube().assign(country="CH"))
    assert set(national.frame["dependence"]) == {"national"}
    assert (national.frame["delta"] == 0).all()
    assert repr(national).endswith("none in more than one country>")


def test_a_hundred_thousand_rows_in_one_city_come_quickly() -> None:
    n = 100_000
    table = table_of(np.full(n, 7.588), np.full(n, 47.558), np.where(np.arange(n) % 3, "CH", "FR"), kind="firm")
    start = time.perf_counter()
    result = find_clusters(table)
    assert time.perf_counter() - start < 10
    assert result.frame[["n", "extent_km", "dependence"]].values.tolist() == [[n, 0.0, "bridged"]]


def test_all_faults_of_the_options_are_told_at_once() -> None:
    with pytest.raises(OptionError, match=r"(?s)radius_km must.*got 0.*minimum must.*got 0.*method must.*'kmeans'"):
        find_clusters(danube(), radius_km=0, minimum=0, method="kmeans")  # type: ignore[arg-type]
    for wrong in (-1, float("nan"), float("inf"), "ten"):
        with pytest.raises(OptionError, match="radius_km"):
            find_clusters(danube(), radius_km=wrong)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"minimum.*2\.5"):
        find_clusters(danube(), minimum=2.5)  # type: ignore[arg-type]


def test_rows_without_a_country_or_a_point_are_named() -> None:
    table = danube()
    table.loc[["r3", "r5"], "country"] = [None, " "]
    with pytest.raises(SchemaError, match=r"2 rows \(r3, r5\) without one.*split_placed"):
        find_clusters(table)
    table = danube()
    table.loc["r4", "geometry"] = None
    with pytest.raises(SchemaError, match=r"1 row \(r4\) without a point"):
        find_clusters(table)
    with pytest.raises(SchemaError, match="assign_countries"):
        find_clusters(danube().drop(columns="country"))


def test_kinds_keep_their_word_and_odd_ones_do_no_harm() -> None:
    table = danube()
    table["kind"] = ["core", None, "", "public  body", "public_body", "=1+1", *["firm"] * 14]
    frame = find_clusters(table).frame
    columns = ["n_core_kind", "n_unstated", "n_public_body", "n_=1+1", "n_firm"]
    assert frame[columns].to_numpy()[0].tolist() == [1, 2, 2, 1, 8]
    assert frame.loc[1, "n_core"] == 14
    without = find_clusters(danube().drop(columns="kind"))
    assert not [column for column in without.frame.columns if column.startswith("n_") and column != "n_core"]


def test_no_bit_of_the_frame_hangs_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(0)
    lon, lat = 7 + rng.normal(0, 0.1, 60), 47 + rng.normal(0, 0.1, 60)
    lon[:10], lat[:10] = lon[10:20], lat[10:20]
    table = gpd.GeoDataFrame(
        {"country": np.where(lon < 7, "AA", "BB")}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326"
    )
    frame = find_clusters(table, radius_km=10).frame
    for _ in range(5):
        assert find_clusters(table.iloc[rng.permutation(60)], radius_km=10).frame.equals(frame)
