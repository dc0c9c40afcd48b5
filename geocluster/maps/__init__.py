"""Where on the map do the clusters lie, and which borders do they cross?

`plot_groups` is a quick look on given axes, `draw_map` the page for print,
`save_figure` writes it as PNG, PDF or SVG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocluster.maps.export import save_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from pandas import DataFrame
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.base import Base
    from geocluster.maps.page import MapFigure

__all__ = ["draw_map", "plot_groups", "save_figure"]


def plot_groups(
    points: GeoDataFrame,
    clusters: DataFrame,
    *,
    windows: DataFrame | None = None,
    study_area: BaseGeometry | None = None,
    ax: Axes | None = None,
    base: Base | None = None,
) -> Axes:
    """Draw a quick look: borders, points by kind, hulls of the clusters.

    Parameters
    ----------
    points : GeoDataFrame
        EPSG:4326, columns kind, country, cluster (<NA> = in none).
    clusters : DataFrame
        One row a cluster, index = label; column `verdict`, if there, tells the hulls apart.
    windows : DataFrame, optional
        Claimed windows: lon, lat, r_km; reading and p, where known, are written beside.
    study_area : geometry, optional
        EPSG:4326.
    ax : Axes, optional
        Drawn on if given, else made.
    base : Base, optional
        Land and borders; those of the package if not given.

    Returns
    -------
    Axes
        In degrees; a degree of longitude is drawn as wide as it is at the middle latitude.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> from geocluster.maps.base import Base
    >>> points = gpd.GeoDataFrame(
    ...     {"name": list("abc"), "kind": "firm", "country": ["CH", "CH", "DE"], "cluster": pd.array([1] * 3, "Int64")},
    ...     geometry=gpd.points_from_xy([7.58, 7.59, 7.62], [47.56, 47.56, 47.59]),
    ...     crs="EPSG:4326",
    ... )
    >>> clusters = pd.DataFrame({"verdict": ["in two countries, spanning not shown"]}, index=[1])
    >>> ax = plot_groups(points, clusters, base=Base.empty())
    >>> sorted(artist.get_gid() for artist in ax.collections)
    ['hull:1', 'point:firm']
    """
    from geocluster.maps.quick import plot_quick

    return plot_quick(points, clusters, windows=windows, study_area=study_area, ax=ax, base=base)


def draw_map(
    points: GeoDataFrame,
    clusters: DataFrame,
    windows: DataFrame,
    *,
    counts: DataFrame | None = None,
    conjunctions: DataFrame | None = None,
    study_area: BaseGeometry | None,
    title: str,
    subtitle: str,
    sources: Sequence[str],
    method: str,
    language: str = "en",
    base: Base | None = None,
) -> MapFigure:
    """Draw the map of the clusters for print: 180 mm wide, at most 165 mm tall.

    Parameters
    ----------
    points : GeoDataFrame
        EPSG:4326, columns name, kind, country, cluster (Int64, <NA> = in no cluster).
    clusters : DataFrame
        Index = label, 1 the largest; columns name, n, countries, counts, dependence, chain, verdict, and
        p_per_head and p_beyond_city_size, or p_controls, or p_flat; where known reach, at_least,
        robust and reason (of the spanning test), delta with delta_low and delta_high (its interval).
    windows : DataFrame
        Claimed windows: claim, reading, lon, lat, r_km, p, countries, clusters, robust, p_lgcp. May be empty.
    counts, conjunctions : DataFrame, optional
        What each country has in the claimed windows, and how many countries are shown there together: those
        of a `SpanningResult`.
    study_area : geometry or None
        EPSG:4326.
    title, subtitle, method : str
    sources : sequence of str
        Of the data, with their licences.
    language : {"en", "ru"}
    base : Base, optional
        Land, lakes, borders and places; those of the package if not given.

    Returns
    -------
    MapFigure
        With `alt_text` and `dropped_labels`.

    Raises
    ------
    SchemaError
        If a column is missing.
    OptionError
        If there is no such language.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> from geocluster.maps.base import Base
    >>> points = gpd.GeoDataFrame(
    ...     {"name": list("abc"), "kind": "firm", "country": ["CH", "CH", "DE"], "cluster": pd.array([1] * 3, "Int64")},
    ...     geometry=gpd.points_from_xy([7.58, 7.59, 7.62], [47.56, 47.56, 47.59]),
    ...     crs="EPSG:4326",
    ... )
    >>> clusters = pd.DataFrame(
    ...     {
    ...         "name": ["Basel – Weil am Rhein"], "n": [3], "countries": ["CH DE"], "counts": ["2 1"],
    ...         "dependence": ["spill-over"], "chain": [False], "verdict": ["in two countries, spanning not shown"],
    ...         "p_per_head": [0.4], "p_beyond_city_size": [0.7], "r_km": [float("nan")], "lon": [7.6], "lat": [47.57],
    ...     },
    ...     index=[1],
    ... )
    >>> figure = draw_map(
    ...     points, clusters, pd.DataFrame(columns=["lon", "lat", "r_km"]), study_area=None, title="Basel",
    ...     subtitle="", sources=["made up"], method="none, seed 1", base=Base.empty(),
    ... )
    >>> figure.alt_text
    'Map. Basel. 3 organisations, 1 clusters. 1: Basel – Weil am Rhein, 3 organisations (CH 2, DE 1), ...'
    """
    from geocluster.maps.figure import draw_figure

    return draw_figure(
        points,
        clusters,
        windows,
        counts=counts,
        conjunctions=conjunctions,
        study_area=study_area,
        title=title,
        subtitle=subtitle,
        sources=sources,
        method=method,
        language=language,
        base=base,
    )
