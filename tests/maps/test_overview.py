"""How does a map look on which a cluster is smaller than its badge?"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Circle

from geocluster.maps import draw_map
from geocluster.maps.base import Base
from geocluster.maps.overview import LARGEST_MM, LEAST_MM, circle_mm, least_badge_mm
from geocluster.maps.rows import build_rows

TWO = "in two countries, spanning not shown"


def world(count: int, *, spread: float = 60.0) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-spread, spread, count), rng.uniform(-spread / 2, spread / 2, count)
    # four of them share one place on the page
    lon[:4], lat[:4] = 10 + rng.uniform(0, 0.2, 4), 50 + rng.uniform(0, 0.2, 4)
    n = np.sort(rng.integers(5, 200, count))[::-1]
    labels = np.repeat(np.arange(1, count + 1), n)
    points = gpd.GeoDataFrame(
        {"name": "x", "kind": "firm", "country": "CH", "cluster": pd.array(labels, dtype="Int64")},
        geometry=gpd.points_from_xy(lon[labels - 1], lat[labels - 1]),
        crs="EPSG:4326",
    )
    across = np.arange(count) % 3 == 0
    clusters = pd.DataFrame(
        {
            "name": [f"Town {i}" for i in range(1, count + 1)],
            "n": n,
            "countries": np.where(across, "CH DE", "CH"),
            "counts": [f"{k - 1} 1" if both else str(k) for k, both in zip(n, across, strict=True)],
            "dependence": np.where(across, "spill-over", "national"),
            "chain": False,
            "verdict": np.where(across, TWO, "in one country"),
            "p_per_head": 0.3,
        },
        index=range(1, count + 1),
    )
    return points, clusters


def circles(count: int) -> tuple[dict[str, Circle], pd.DataFrame, tuple[str, ...]]:
    points, clusters = world(count)
    figure = draw_map(
        points, clusters, pd.DataFrame(columns=["lon", "lat", "r_km"]), study_area=None, title="World", subtitle="",
        sources=["x"], method="x, seed 1", base=Base.empty(),
    )  # fmt: skip
    page = next(ax for ax in figure.axes if ax.get_label() == "page")
    held = {
        str(patch.get_gid()): patch
        for patch in page.patches
        if isinstance(patch, Circle) and str(patch.get_gid()).startswith(("circle:", "badge:"))
    }
    return held, clusters, figure.dropped_labels


def test_every_cluster_has_a_circle_or_a_badge() -> None:
    held, clusters, dropped = circles(60)
    assert not set(dropped) & {str(label) for label in clusters.index}
    assert len(held) == len(clusters)
    assert sum(name.startswith("badge:") for name in held) > 4


def test_the_area_is_in_proportion_to_the_members() -> None:
    held, clusters, _ = circles(60)
    largest = int(clusters["n"].max())
    checked = 0
    for name, patch in held.items():
        role, label = name.split(":")
        if role == "circle" and patch.radius > LEAST_MM:
            n = int(clusters["n"].loc[int(label)])
            assert patch.radius**2 / LARGEST_MM**2 == pytest.approx(n / largest)
            checked += 1
    assert checked > 20


def test_badges_are_pushed_apart_and_a_line_leads_to_the_true_place() -> None:
    points, clusters = world(60)
    figure = draw_map(
        points, clusters, pd.DataFrame(columns=["lon", "lat", "r_km"]), study_area=None, title="World", subtitle="",
        sources=["x"], method="x, seed 1", base=Base.empty(),
    )  # fmt: skip
    page = next(ax for ax in figure.axes if ax.get_label() == "page")
    badges = {
        str(patch.get_gid()).removeprefix("badge:"): patch
        for patch in page.patches
        if isinstance(patch, Circle) and str(patch.get_gid()).startswith("badge:")
    }
    for i, (one, first) in enumerate(badges.items()):
        for other, second in list(badges.items())[:i]:
            apart = np.hypot(*np.subtract(first.center, second.center))
            assert apart > first.radius + second.radius, (one, other)
    lines = {
        str(line.get_gid()).removeprefix("badge-leader:"): line
        for line in page.lines
        if "leader" in str(line.get_gid())
    }
    moved = {name for name in lines if name in badges}
    assert moved
    for name in moved:
        x, y = np.asarray(lines[name].get_xydata(), dtype=float)[-1]
        assert (x, y) == pytest.approx(badges[name].center)


def test_circles_with_a_number_have_one_least_size() -> None:
    _, clusters = world(30)
    rows = build_rows(clusters)
    least = least_badge_mm(rows)
    assert circle_mm(1, 10**6, least=least) == least
    assert least >= least_badge_mm(rows[:1])


def test_a_region_with_clusters_is_no_overview() -> None:
    points, clusters = world(30, spread=1.0)
    points = points[points["cluster"] > 4]
    clusters = clusters.iloc[4:]
    figure = draw_map(
        points, clusters, pd.DataFrame(columns=["lon", "lat", "r_km"]), study_area=None, title="Region", subtitle="",
        sources=["x"], method="x, seed 1", base=Base.empty(),
    )  # fmt: skip
    ax = next(ax for ax in figure.axes if ax.get_label() == "map")
    assert any(str(artist.get_gid()).startswith("hull:") for artist in ax.collections)


def test_without_clusters_a_world_map_shows_its_points() -> None:
    points, clusters = world(30)
    points["cluster"] = pd.array([pd.NA] * len(points), dtype="Int64")
    figure = draw_map(
        points, clusters.iloc[:0], pd.DataFrame(columns=["lon", "lat", "r_km"]), study_area=None, title="World",
        subtitle="", sources=["x"], method="x, seed 1", base=Base.empty(),
    )  # fmt: skip
    ax = next(ax for ax in figure.axes if ax.get_label() == "map")
    assert any(str(artist.get_gid()).startswith("lone:") for artist in ax.collections)
