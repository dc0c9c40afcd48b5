"""What does a quick look on given axes show?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from geocluster.maps.base import Base
from geocluster.maps.claims import circle_ring, read_claims
from geocluster.maps.frame import longitude_span
from geocluster.maps.rows import look_of
from geocluster.maps.telling import say_values
from geocluster.style import (
    COLOUR,
    DASH_AREA,
    DASH_NATIONAL,
    DASH_UNSHOWN,
    KIND,
    TYPE_PT,
    WIDTH_PT,
    ZORDER,
    drawn_kinds,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.claims import Claim

_KM_PER_DEGREE = 111.2


def plot_quick(
    points: GeoDataFrame,
    clusters: DataFrame,
    *,
    windows: DataFrame | None,
    study_area: BaseGeometry | None,
    ax: Axes | None,
    base: Base | None,
) -> Axes:
    """Draw on axes in degrees; see `geocluster.maps.plot_groups`."""
    from matplotlib.colors import to_rgba
    from shapely import MultiPoint, concave_hull, transform

    from geocluster.maps.shapes import add_area, add_line

    held = points[~(points.geometry.isna() | points.geometry.is_empty)]
    ax, shift = draw_under(held, ax=ax, base=base)
    if not len(held):
        return ax
    xy = np.column_stack([shift(held.geometry.x), held.geometry.y.to_numpy()])
    labels = held["cluster"].fillna(0).to_numpy(dtype=np.int64)
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    squeeze = shift.squeeze
    span_km = float(max((x1 - x0) * squeeze, y1 - y0)) * _KM_PER_DEGREE
    room = span_km * 0.012
    stretch = np.array([squeeze, 1.0]) * _KM_PER_DEGREE
    for label, verdict in clusters["verdict"].items() if "verdict" in clusters.columns else ():
        members = xy[labels == int(str(label))]
        if not len(members):
            continue
        look = look_of(verdict)
        hull = concave_hull(MultiPoint(np.unique(members, axis=0) * stretch), ratio=0.45).buffer(room)
        colour = COLOUR["national"] if look == "national" else COLOUR["crimson"]
        area = add_area(
            ax, transform(hull, lambda place: place / stretch), gid=f"hull:{label}", edgecolor=colour,
            facecolor=to_rgba(colour, 0.09 if look == "spans" else 0.04), linewidth=WIDTH_PT["hull"],
            zorder=ZORDER["hull"],
        )  # fmt: skip
        if look != "spans":
            area.set_linestyle((0, DASH_NATIONAL if look == "national" else DASH_UNSHOWN))
    kinds = np.asarray(drawn_kinds(held["kind"]), dtype=object)
    for kind, mark in KIND.items():
        for inside in (True, False):
            chosen = xy[(kinds == kind) & ((labels > 0) == inside)]
            if len(chosen):
                dots = ax.scatter(
                    chosen[:, 0], chosen[:, 1], s=14 if inside else 9, marker=mark.marker,
                    facecolors=mark.colour if inside else "none", edgecolors="white" if inside else mark.colour,
                    linewidths=0.4 if inside else 0.6,
                    zorder=ZORDER["point" if inside else "hollow"], label=kind if inside else None,
                )  # fmt: skip
                dots.set_gid(f"{'point' if inside else 'lone'}:{kind}")
    if windows is not None:
        _draw_claims(ax, read_claims(windows), shift)
    if study_area is not None and not study_area.is_empty:
        add_line(
            ax,
            study_area.boundary,
            gid="study-area",
            color=COLOUR["grey"],
            linewidth=WIDTH_PT["area"],
            zorder=ZORDER["area"],
            dashes=DASH_AREA,
        )
    return ax


def _draw_claims(ax: Axes, claims: Sequence[Claim], shift: Shift) -> None:
    """Draw claimed circles, with their radius and p beside the top of each."""
    for claim in claims:
        ring = circle_ring(claim.longitude, claim.latitude, claim.r_km)
        # about its own middle, which is drawn once, so that no circle is torn at the edge
        middle = shift.west + (claim.longitude - shift.west + 180) % 360 - 180
        x = middle + (ring[:, 0] - claim.longitude + 180) % 360 - 180
        line = ax.plot(
            x, ring[:, 1], color=COLOUR["crimson"], linewidth=WIDTH_PT["window"], linestyle=":", zorder=ZORDER["window"]
        )[0]
        line.set_gid(f"window:{claim.sign}")
        top = int(ring[:, 1].argmax())
        words = f"{claim.r_km:g} km" + (f": p {say_values(claim.p, 'en')}" if claim.p else "")
        note = ax.annotate(
            words, (x[top], ring[top, 1]), xytext=(0, 2), textcoords="offset points", ha="center", va="bottom",
            color=COLOUR["crimson"], fontsize=TYPE_PT["key"], zorder=ZORDER["label"], annotation_clip=True,
            clip_on=True,
        )  # fmt: skip
        note.set_gid(f"claim:{claim.sign}")


@dataclass(frozen=True, slots=True)
class Shift:
    """Takes longitudes to the axes: across 180° these run on to 181 and more.

    Attributes
    ----------
    west : float
        The westernmost longitude.
    squeeze : float
        How wide a degree of longitude is against one of latitude.
    """

    west: float
    squeeze: float

    def __call__(self, longitude: ArrayLike) -> NDArray[np.float64]:
        """Give the longitudes as drawn."""
        return self.west + (np.asarray(longitude, dtype=np.float64) - self.west) % 360


def draw_under(places: GeoDataFrame, *, ax: Axes | None, base: Base | None) -> tuple[Axes, Shift]:
    """Draw land and borders under places, on axes in degrees, and set their limits.

    Parameters
    ----------
    places : GeoDataFrame
        EPSG:4326, each with a geometry; column country.
    ax : Axes, optional
        Made if not given.
    base : Base, optional
    """
    from matplotlib.figure import Figure

    from geocluster.maps.shapes import add_area, add_line

    if ax is None:
        ax = Figure(figsize=(6, 5), layout="constrained").add_subplot()
    ground = base if base is not None else Base.load()
    if not len(places):
        ax.set_axis_off()
        return ax, Shift(0.0, 1.0)
    bounds = places.geometry.bounds
    west, _ = longitude_span(np.concatenate([bounds["minx"], bounds["maxx"]]))
    shift = Shift(west, 1.0)
    x = np.concatenate([shift(bounds["minx"].to_numpy()), shift(bounds["maxx"].to_numpy())])
    low, high = np.array([x.min(), bounds["miny"].min()]), np.array([x.max(), bounds["maxy"].max()])
    pad = np.maximum((high - low) * 0.07, 0.04)
    low, high = low - pad, high + pad
    squeeze = max(float(np.cos(np.radians((low[1] + high[1]) / 2))), 0.05)
    ax.set_facecolor(COLOUR["sea"] if len(ground.land) else COLOUR["focus"])
    focus = set(places["country"].dropna().astype(str))
    for i, shape in _cut(ground.land, low, high):
        country = str(ground.land["country"].iloc[i])
        role = "focus" if country in focus else "land"
        add_area(ax, shape, gid=f"land:{country}", facecolor=COLOUR[role], edgecolor="none", zorder=ZORDER[role])
    for _, shape in _cut(ground.borders, low, high):
        add_line(
            ax, shape, gid="border", color=COLOUR["focus_border"], linewidth=WIDTH_PT["focus_border"],
            zorder=ZORDER["border"],
        )  # fmt: skip
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    ax.set_aspect(1 / squeeze)
    ax.set_xlabel("longitude, °")
    ax.set_ylabel("latitude, °")
    return ax, Shift(west, squeeze)


def _cut(
    table: GeoDataFrame, low: NDArray[np.float64], high: NDArray[np.float64]
) -> Iterator[tuple[int, BaseGeometry]]:
    """Cut a layer to the window; what lies east of 180° is moved there."""
    from shapely import box, clip_by_rect, transform

    for turn in (0.0, 360.0, -360.0) if len(table) else ():
        west, east = float(low[0]) - turn, float(high[0]) - turn
        for i in sorted(table.sindex.query(box(west, low[1], east, high[1])).tolist()):
            shape = clip_by_rect(table.geometry.iloc[i], west, float(low[1]), east, float(high[1]))
            if not shape.is_empty:
                yield i, transform(shape, partial(np.add, (turn, 0.0)))
