"""What does a quick look on given axes show?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from geocluster.maps import plot_groups
from geocluster.maps.base import Base


def groups(lon: float, lat: float) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    x = np.array([lon, lon + 0.02, lon + 0.01, lon + 0.05, lon - 0.3])
    points = gpd.GeoDataFrame(
        {
            "name": list("abcde"),
            "kind": ["firm", "university", "firm", "port", "firm"],
            "country": "FJ",
            "cluster": pd.array([1, 1, 1, 1, pd.NA], dtype="Int64"),
        },
        geometry=gpd.points_from_xy((x + 180) % 360 - 180, [lat, lat, lat + 0.02, lat, lat]),
        crs="EPSG:4326",
    )
    return points, pd.DataFrame({"verdict": ["in one country"]}, index=[1])


def test_it_draws_on_the_axes_given() -> None:
    ax = Figure().add_subplot()
    assert plot_groups(*groups(7.6, 47.5), ax=ax) is ax
    assert {"hull:1", "point:firm", "point:university", "point:other", "lone:firm", "border"} <= {
        str(artist.get_gid()) for artist in ax.collections
    }


def test_a_degree_is_as_wide_as_it_is_there() -> None:
    ax = plot_groups(*groups(7.6, 60.0), base=Base.empty())
    assert float(ax.get_aspect()) == pytest.approx(2.0, rel=0.01)
    assert float(plot_groups(*groups(7.6, 89.9), base=Base.empty()).get_aspect()) <= 20


def test_across_180_degrees_the_points_stay_together_and_have_their_land() -> None:
    points, clusters = groups(179.99, -16.6)
    windows = pd.DataFrame({"lon": [-179.99], "lat": [-16.6], "r_km": [5.0]})
    ax = plot_groups(points, clusters, windows=windows)
    low, high = ax.get_xlim()
    assert high - low < 1
    assert low < 180 < high
    for artist in ax.collections:
        if str(artist.get_gid()).startswith(("point:", "lone:")):
            x = np.asarray(artist.get_offsets(), dtype=float)[:, 0]
            assert ((x > low) & (x < high)).all()
    ring = np.asarray(ax.lines[0].get_xdata())
    assert low < ring.mean() < high


def test_land_across_180_degrees_is_drawn_beside_it() -> None:
    ax = plot_groups(*groups(180.1, -16.8))
    east = [
        path.get_extents().x1
        for artist in ax.collections
        if artist.get_gid() == "land:FJ"
        for path in artist.get_paths()
        if np.size(path.vertices)
    ]
    assert max(east) > 180


def test_an_empty_table_gives_empty_axes() -> None:
    points, clusters = groups(7.6, 47.5)
    assert not plot_groups(points.iloc[:0], clusters.iloc[:0]).collections


def test_the_hull_tells_the_verdict() -> None:
    points, clusters = groups(7.6, 47.5)
    for verdict, dashed in (("spans", False), ("in several countries, spanning not shown", True)):
        clusters["verdict"] = verdict
        ax = plot_groups(points, clusters, base=Base.empty())
        hull: Any = next(artist for artist in ax.collections if artist.get_gid() == "hull:1")
        assert (hull.get_linestyle()[0][1] is not None) == dashed


def test_the_study_area_is_a_thin_line() -> None:
    from shapely import box

    ax = plot_groups(*groups(7.6, 47.5), study_area=box(7.3, 47.4, 7.7, 47.6), base=Base.empty())
    assert any(artist.get_gid() == "study-area" for artist in ax.collections)
