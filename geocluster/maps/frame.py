"""Which projection, which part of the Earth, where on the page?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import distance_km
from geocluster.labels import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray
    from pyproj import CRS, Transformer
    from shapely.geometry.base import BaseGeometry

Bounds = tuple[float, float, float, float]

_ETRS_ZONES = range(28, 39)
_POLAR = 45.0
"""All round the Earth, but this far from the equator: seen from above the pole."""
_EQUAL_EARTH = {
    8857: (0.0, "equal_earth"),
    8858: (-90.0, "equal_earth_america"),
    8859: (150.0, "equal_earth_pacific"),
}
_EUROPE = (-25.0, 34.0, 45.0, 72.0)
_SLIT = 1e-6
MIN_M_PER_MM = 280.0
"""No map is larger than this scale."""


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A coordinate reference system, and the words for it by language.

    Examples
    --------
    >>> choose_projection((7.0, 47.3, 8.4, 49.1)).words("en")
    'ETRS89 / UTM 32N (EPSG:25832)'
    >>> choose_projection((-5.0, 40.0, 20.0, 60.0)).words("ru")
    'ETRS89 / LAEA Европа (EPSG:3035)'
    """

    crs: CRS
    key: str
    values: tuple[tuple[str, object], ...] = ()
    seam: float | None = None
    """The meridian where a map of the whole Earth is cut, in degrees."""

    def words(self, language: str) -> str:
        """Name it."""
        return text(self.key, language, **dict(self.values))

    def transformer(self) -> Transformer:
        """Give what takes degrees to metres."""
        return _transformer(self.crs)

    def project(self, geometry: BaseGeometry) -> BaseGeometry:
        """Take a geometry from degrees to metres."""
        from shapely import transform

        change = self.transformer().transform
        return transform(geometry, lambda xy: np.column_stack(change(xy[:, 0], xy[:, 1])))


@cache
def _transformer(crs: CRS) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def longitude_span(longitude: ArrayLike) -> tuple[float, float]:
    """Find the west and east end of points on a circle: all but the widest gap.

    Returns
    -------
    west, east : float
        East may be above 180.

    Examples
    --------
    >>> longitude_span([179.0, -178.0])
    (179.0, 182.0)
    """
    turned = np.sort(np.asarray(longitude, dtype=float) % 360)
    gaps = np.diff(turned, append=turned[0] + 360)
    west = float(turned[(int(gaps.argmax()) + 1) % len(turned)])
    east = west + 360 - float(gaps.max())
    return (west - 360, east - 360) if west >= 180 else (west, east)


def choose_projection(bounds: Bounds) -> Projection:
    """Choose by the extent: one UTM zone if it fits, else an equal-area projection.

    Parameters
    ----------
    bounds : west, south, east, north in degrees; east may be above 180.

    Examples
    --------
    >>> choose_projection((-60.0, 70.0, 120.0, 89.0)).words("en")
    'Lambert azimuthal equal-area about 90° N 30° E, WGS 84 (from EPSG:4326)'
    >>> choose_projection((115.0, -40.0, 250.0, 60.0)).words("en")
    'Equal Earth Asia-Pacific (EPSG:8859)'
    """
    from pyproj import CRS

    west, south, east, north = bounds
    middle = ((west + east) / 2 + 180) % 360 - 180
    if east - west <= 6 and south > -80 and north < 84:
        zone = min(int((middle + 180) // 6) + 1, 60)
        half = "N" if south + north >= 0 else "S"
        if zone in _ETRS_ZONES and south > 34:
            code, key = 25800 + zone, "utm"
        else:
            code, key = (32600 if half == "N" else 32700) + zone, "utm_world"
        return Projection(CRS.from_epsg(code), key, (("zone", f"{zone}{half}"), ("epsg", code)))
    if west >= _EUROPE[0] and south >= _EUROPE[1] and east <= _EUROPE[2] and north <= _EUROPE[3]:
        return Projection(CRS.from_epsg(3035), "laea_europe")
    wide = east - west > 120
    polar = south >= _POLAR or north <= -_POLAR
    if wide and not polar:
        # of the three, the one whose seam is farthest; all round the Earth, Greenwich in the middle
        apart = {code: abs((middle - lon + 180) % 360 - 180) for code, (lon, _) in _EQUAL_EARTH.items()}
        code = 8857 if east - west > 300 else min(apart, key=apart.__getitem__)
        lon, key = _EQUAL_EARTH[code]
        return Projection(CRS.from_epsg(code), key, seam=(lon + 360) % 360 - 180)
    latitude = round((south + north) / 2) if not wide else 90 if south > 0 else -90
    place = f"{abs(latitude)}° {'N' if latitude >= 0 else 'S'} {abs(round(middle))}° {'E' if middle >= 0 else 'W'}"
    crs = CRS.from_proj4(f"+proj=laea +lat_0={latitude} +lon_0={round(middle)} +datum=WGS84 +units=m")
    return Projection(crs, "laea", (("place", place),))


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A window of the projected plane, and its place on the page.

    Parameters
    ----------
    projection : Projection
    x, y : float
        Lower left corner, m.
    m_per_mm : float
        Metres of the plane in a millimetre of the page.
    left, bottom, width, height : float
        On the page, mm.
    """

    projection: Projection
    x: float
    y: float
    m_per_mm: float
    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge on the page, mm."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """Upper edge on the page, mm."""
        return self.bottom + self.height

    @property
    def bounds_m(self) -> Bounds:
        """The window, m."""
        return self.x, self.y, self.x + self.width * self.m_per_mm, self.y + self.height * self.m_per_mm

    def to_mm(self, xy: ArrayLike) -> NDArray[np.float64]:
        """Take points of the plane, shape (n, 2), to the page."""
        place = np.asarray(xy, dtype=float).reshape(-1, 2)
        return (place - (self.x, self.y)) / self.m_per_mm + (self.left, self.bottom)

    def holds(self, place: tuple[float, float]) -> bool:
        """Tell whether a point of the plane lies in the window."""
        x0, y0, x1, y1 = self.bounds_m
        return x0 <= place[0] <= x1 and y0 <= place[1] <= y1

    def to_page(self, geometry: BaseGeometry) -> BaseGeometry:
        """Take a geometry of the plane to the page."""
        from shapely import transform

        return transform(geometry, self.to_mm)

    def boxes_degrees(self, margin: float = 0.05) -> Iterator[Bounds]:
        """Give the boxes in degrees that cover the window: two where it crosses 180°."""
        from pyproj import Transformer

        x0, y0, x1, y1 = self.bounds_m
        dx, dy = (x1 - x0) * margin, (y1 - y0) * margin
        back = Transformer.from_crs(self.projection.crs, "EPSG:4326", always_xy=True)
        west, south, east, north = back.transform_bounds(x0 - dx, y0 - dy, x1 + dx, y1 + dy, densify_pts=41)
        seam = self.projection.seam
        pole = self._pole_inside()
        if pole is not None:
            yield (-180.0, south, 180.0, 90.0) if pole > 0 else (-180.0, -90.0, 180.0, north)
        elif seam is not None and seam > -180:
            yield -180.0, -90.0, seam - _SLIT, 90.0
            yield seam + _SLIT, -90.0, 180.0, 90.0
        elif seam is not None or not np.isfinite([west, south, east, north]).all():
            yield -180.0, -90.0, 180.0, 90.0
        elif west <= east:
            yield west, south, east, north
        else:
            yield west, south, 180.0, north
            yield -180.0, south, east, north

    def _pole_inside(self) -> float | None:
        """Tell which pole lies in the window of a map seen from above."""
        if self.projection.seam is not None:
            return None
        for latitude in (90.0, -90.0):
            x, y = self.projection.transformer().transform(0.0, latitude)
            # elsewhere a pole is a line, or far away; here all meridians meet in one point
            x1, y1 = self.projection.transformer().transform(90.0, latitude)
            if np.isfinite([x, y, x1, y1]).all() and np.hypot(x - x1, y - y1) < 1.0 and self.holds((x, y)):
                return latitude
        return None

    def centre_degrees(self) -> tuple[float, float]:
        """Longitude and latitude of the middle."""
        return self._degrees(0.5, 0.5)

    def _degrees(self, across: float, up: float) -> tuple[float, float]:
        from pyproj import Transformer

        x0, y0, x1, y1 = self.bounds_m
        back = Transformer.from_crs(self.projection.crs, "EPSG:4326", always_xy=True)
        lon, lat = back.transform(x0 + across * (x1 - x0), y0 + up * (y1 - y0))
        return float(lon), float(lat)

    def km_per_mm(self) -> float:
        """Tell how many true kilometres lie in a millimetre of the page, along the middle of the window."""
        west, east = self._degrees(0.45, 0.5), self._degrees(0.55, 0.5)
        return float(distance_km(*west, *east)) / (self.width * 0.1)

    def north_degrees(self) -> float:
        """How far true north is turned from the page's top at the middle, clockwise."""
        lon, lat = self.centre_degrees()
        change = self.projection.transformer()
        x0, y0 = change.transform(lon, lat)
        x1, y1 = change.transform(lon, min(lat + 0.01, 90.0))
        return float(np.degrees(np.arctan2(x1 - x0, y1 - y0)))


def fit_frame(
    projection: Projection, xy: ArrayLike, *, left: float, bottom: float, width: float, height: float, pad_mm: float
) -> Frame:
    """Fit points of the plane into a rectangle of the page.

    Parameters
    ----------
    xy : array_like, shape (n, 2)
        m.
    left, bottom, width, height, pad_mm : float
        The rectangle, and what stays free inside its edge, mm.
    """
    place = np.asarray(xy, dtype=float).reshape(-1, 2)
    place = place[np.isfinite(place).all(axis=1)]
    low, high = place.min(axis=0), place.max(axis=0)
    span = high - low
    # a border is known to some hundred metres: nearer, towns would stand on its wrong side
    scale = float(max(MIN_M_PER_MM, span[0] / (width - 2 * pad_mm), span[1] / (height - 2 * pad_mm)))
    middle = (low + high) / 2
    corner = middle - scale * np.array([width, height]) / 2
    return Frame(projection, float(corner[0]), float(corner[1]), scale, left, bottom, width, height)
