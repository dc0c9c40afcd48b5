"""What lies under the clusters: which land, lakes, borders and places?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from geocluster.style import COLOUR, DASH_SEA, WIDTH_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Collection

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

    from geocluster.maps.frame import Frame

CRS = "EPSG:4326"
Corners = Literal["round", "mitre"]
COARSE_M_PER_MM = 3_000.0
FINEST_MM = 0.05
SPECK_MM = 0.12
"""Islands smaller than a square of that side are left out of a small-scale map."""
WIDE_DEGREES = 6.0
M_PER_DEGREE = 111_200.0


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The data under a map, EPSG:4326.

    Parameters
    ----------
    land : GeoDataFrame
        Column country (ISO alpha-2).
    lakes : GeoDataFrame
    borders : GeoDataFrame
        Columns iso_a, iso_b; lines on land and at sea.
    places : GeoDataFrame
        Columns name, country, population.
    """

    land: GeoDataFrame
    lakes: GeoDataFrame
    borders: GeoDataFrame
    places: GeoDataFrame

    @classmethod
    def empty(cls) -> Base:
        """Make a base that holds nothing.

        Examples
        --------
        >>> len(Base.empty().land)
        0
        """
        import geopandas as gpd

        def table(*columns: str) -> GeoDataFrame:
            return gpd.GeoDataFrame({column: [] for column in columns}, geometry=[], crs=CRS)

        return cls(table("country"), table(), table("iso_a", "iso_b"), table("name", "country", "population"))

    @classmethod
    def load(cls) -> Base:
        """Load what comes with the package."""
        from geocluster import datasets

        return cls(datasets.load_land(), datasets.load_lakes(), datasets.load_borders(), datasets.load_places())


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The base inside one frame, in metres of its projection.

    Parameters
    ----------
    land : dict
        Country → its land.
    coast : geometry
    lakes : geometry
    borders : list of (iso_a, iso_b, on land, at sea)
    """

    land: dict[str, BaseGeometry]
    coast: BaseGeometry
    lakes: BaseGeometry
    borders: list[tuple[str, str, BaseGeometry, BaseGeometry]]

    def between(self, countries: Collection[str]) -> BaseGeometry:
        """Unite the borders between countries, on land and at sea."""
        from shapely import line_merge, union_all

        held = [
            part
            for iso_a, iso_b, dry, wet in self.borders
            if iso_a in countries and iso_b in countries
            for part in (dry, wet)
        ]
        joined = union_all([part for part in held if not part.is_empty])
        return line_merge(joined) if joined.geom_type == "MultiLineString" else joined

    def all_borders(self) -> BaseGeometry:
        """Unite all borders."""
        from shapely import union_all

        return union_all([part for _, _, dry, wet in self.borders for part in (dry, wet) if not part.is_empty])


def cut_ground(base: Base, frame: Frame) -> Ground:
    """Cut the base to a frame and project it."""
    from shapely import box, get_parts, union_all
    from shapely.geometry import GeometryCollection

    window = box(*frame.bounds_m)
    wide = window.buffer(3 * frame.m_per_mm, join_style="mitre")
    land: dict[str, BaseGeometry] = {}
    speck = (SPECK_MM * frame.m_per_mm) ** 2 if frame.m_per_mm > COARSE_M_PER_MM else 0.0
    for country, part in _cut(base.land, frame, wide, "country"):
        shape = union_all([piece for piece in get_parts(part) if piece.area > speck])
        if shape.is_empty:
            continue
        land[country] = shape if country not in land else union_all([land[country], shape])
    all_land = union_all(list(land.values())) if land else GeometryCollection()
    # closes the slits between countries; what is drawn small needs no round corners, which take long
    close = 0.02 * frame.m_per_mm
    corners: Corners = "round" if frame.m_per_mm < COARSE_M_PER_MM else "mitre"
    solid = all_land.buffer(close, join_style=corners).buffer(-close, join_style=corners)
    coast = solid.boundary.intersection(wide.buffer(-frame.m_per_mm)) if not solid.is_empty else solid
    lakes = [shape for _, shape in _cut(base.lakes, frame, wide, None) if shape.area > (0.4 * frame.m_per_mm) ** 2]
    dry_land = solid.buffer(0.25 * frame.m_per_mm, join_style=corners)
    merged: dict[tuple[str, str], list[BaseGeometry]] = {}
    for pair, shape in _cut(base.borders, frame, wide, "pair"):
        iso_a, iso_b = pair.split("|")
        merged.setdefault((iso_a, iso_b), []).append(shape)
    borders = []
    for (iso_a, iso_b), shapes in sorted(merged.items()):
        line = union_all(shapes)
        # without land to tell by, a border is taken to be dry
        dry, wet = (
            (line.intersection(dry_land), line.difference(dry_land)) if land else (line, _lines(line.difference(line)))
        )
        borders.append((iso_a, iso_b, _lines(dry), _lines(wet)))
    return Ground(land, coast, union_all(lakes) if lakes else GeometryCollection(), borders)


def _cut(table: GeoDataFrame, frame: Frame, window: BaseGeometry, column: str | None) -> list[tuple[str, BaseGeometry]]:
    """Cut a layer to the frame in degrees, then project, then cut again."""
    from shapely import box, clip_by_rect, make_valid

    found: list[tuple[str, BaseGeometry]] = []
    if not len(table):
        return found
    # finer than a twentieth of a millimetre nobody sees; near a border nothing is left out
    finest = FINEST_MM * frame.m_per_mm / M_PER_DEGREE if frame.m_per_mm > COARSE_M_PER_MM else 0.0
    for bounds in frame.boxes_degrees():
        for i in sorted(table.sindex.query(box(*bounds), predicate="intersects").tolist()):
            shape = clip_by_rect(table.geometry.iloc[i].simplify(finest), *bounds)
            if shape.is_empty:
                continue
            row = table.iloc[i]
            name = "" if column is None else f"{row['iso_a']}|{row['iso_b']}" if column == "pair" else str(row[column])
            if bounds[2] - bounds[0] > WIDE_DEGREES:  # a parallel is no straight line there
                shape = shape.segmentize(WIDE_DEGREES / 6)
            plane = frame.projection.project(shape)
            if not plane.is_valid:
                plane = make_valid(plane)
            plane = plane.intersection(window)
            if not plane.is_empty:
                found.append((name, plane))
    return found


def _lines(geometry: BaseGeometry) -> BaseGeometry:
    """Join pieces of line end to end, so that dashes run on; drop what is no line."""
    from shapely import MultiLineString, get_parts, line_merge

    parts = [
        part for part in get_parts(geometry, return_index=False) if part.geom_type == "LineString" and not part.is_empty
    ]
    return line_merge(MultiLineString(parts)) if parts else MultiLineString()


def draw_globe(ax: Axes, frame: Frame) -> None:
    """Where a map shows the whole Earth, leave white what lies outside it."""
    import numpy as np
    from shapely import Polygon, box

    from geocluster.maps.shapes import add_area, add_line

    seam = frame.projection.seam
    if seam is None:
        return
    up = np.linspace(-90, 90, 181)
    across = np.linspace(seam + 1e-6, seam + 360 - 1e-6, 361)
    lon = np.concatenate([np.full(181, across[-1]), across[::-1], np.full(181, across[0]), across])
    lat = np.concatenate([up, np.full(361, 90.0), up[::-1], np.full(361, -90.0)])
    globe = Polygon(np.column_stack(frame.projection.transformer().transform((lon + 180) % 360 - 180, lat))).buffer(0)
    outside = box(*frame.bounds_m).difference(globe)
    add_area(ax, outside, gid="outside", facecolor="white", edgecolor="none", zorder=ZORDER["coast"])
    add_line(
        ax, globe.boundary, gid="globe", color=COLOUR["coast"], linewidth=WIDTH_PT["coast"], zorder=ZORDER["coast"]
    )


def draw_ground(ax: Axes, ground: Ground, focus: Collection[str], *, strong: bool = True) -> set[str]:
    """Draw sea, land, lakes, coast and borders; return the keys of what was drawn.

    Parameters
    ----------
    ax : Axes
        In metres, its limits set.
    ground : Ground
    focus : collection of str
        Countries that hold points: lighter land, stronger borders.
    strong : bool, default True
        Draw the borders between focus countries stronger, and those at sea at all.
    """
    from geocluster.maps.shapes import add_area, add_line

    ax.set_facecolor(COLOUR["sea"])
    drawn: set[str] = set()
    for country, shape in sorted(ground.land.items()):
        inside = country in focus
        role = "focus" if inside else "land"
        add_area(
            ax,
            shape,
            gid=f"land:{country}",
            facecolor=COLOUR[role],
            edgecolor=COLOUR[role],
            linewidth=0.3,
            zorder=ZORDER[role],
        )
    if not ground.lakes.is_empty:
        add_area(
            ax,
            ground.lakes,
            gid="lake",
            facecolor=COLOUR["sea"],
            edgecolor=COLOUR["coast"],
            linewidth=WIDTH_PT["coast"],
            zorder=ZORDER["lake"],
        )
    if not ground.coast.is_empty:
        add_line(
            ax, ground.coast, gid="coast", color=COLOUR["coast"], linewidth=WIDTH_PT["coast"], zorder=ZORDER["coast"]
        )
    for iso_a, iso_b, dry, wet in ground.borders:
        name = f"{iso_a}-{iso_b}"
        if not strong or iso_a not in focus or iso_b not in focus:
            for line, dashes in ((dry, None), (wet, DASH_SEA)):
                if not line.is_empty and (strong or dashes is None):
                    drawn.add("key_border" if dashes is None else "key_sea_border")
                    add_line(
                        ax,
                        line,
                        gid=f"border:{name}",
                        color=COLOUR["border"],
                        linewidth=WIDTH_PT["border"],
                        zorder=ZORDER["border"],
                        dashes=dashes,
                    )
            continue
        for line, dashes, gid in ((dry, None, f"focus-border:{name}"), (wet, DASH_SEA, f"sea-border:{name}")):
            if line.is_empty:
                continue
            drawn.add("key_focus_border" if dashes is None else "key_sea_border")
            add_line(
                ax,
                line,
                gid=f"casing:{name}",
                color="white",
                linewidth=WIDTH_PT["focus_casing"],
                zorder=ZORDER["border"] + 0.1,
                round_ends=dashes is None,
            )
            add_line(
                ax,
                line,
                gid=gid,
                color=COLOUR["focus_border"],
                linewidth=WIDTH_PT["focus_border"],
                zorder=ZORDER["border"] + 0.2,
                dashes=dashes,
            )
    return drawn
