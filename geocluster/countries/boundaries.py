"""Which lands belong to which country, and where do two of them meet?"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.countries.segments import SegmentTree, cut_edges
from geocluster.country_names import country_code
from geocluster.errors import Fault, SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import ArrayLike, NDArray

CODE_COLUMNS = ("country", "iso_a2", "ISO_A2")
EDGE_DEGREES = 0.25
SIDE_DEGREES = 2e-4
"""How far beside an edge its countries are looked up: neighbours may gape 40 m."""
_SHOWN = 5


class Boundaries:
    """Countries as polygons, and the lines between them.

    Parameters
    ----------
    codes : sequence of str
        ISO alpha-2; a country may have several rows.
    polygons : sequence of Polygon or MultiPolygon
        EPSG:4326.
    sovereigns : mapping of str to str, optional
        Territory → the country it belongs to.
    edges : ndarray, shape (n, 4), and pairs : ndarray, shape (n, 2), optional
        The borders and their countries where they are known; else they are found.

    Examples
    --------
    >>> from shapely import box
    >>> two = Boundaries(["DE", "FR"], [box(7, 48, 8, 49), box(6, 48, 7, 49)])
    >>> two.country_at([6.5, 7.5, 9.0], [48.5, 48.5, 48.5]).tolist()
    ['FR', 'DE', '']
    >>> two.border_tree("FR").distance_km([6.5], [48.5]).round(1).tolist()
    [37.0]
    """

    def __init__(
        self,
        codes: Sequence[str],
        polygons: Any,
        *,
        sovereigns: Mapping[str, str] | None = None,
        edges: tuple[NDArray[np.float64], NDArray[np.str_]] | None = None,
    ) -> None:
        self.codes = np.asarray(codes, dtype="<U2")
        self.polygons = np.asarray(polygons, dtype=object)
        self.sovereigns = dict(sovereigns or {})
        self._edges = edges
        self._trees: dict[tuple[str, str], SegmentTree] = {}

    def country_at(self, longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.str_]:
        """Look up the country of each point; empty where there is none."""
        import shapely

        lon, lat = np.broadcast_arrays(np.asarray(longitude, np.float64), np.asarray(latitude, np.float64))
        found = np.full(lon.size, "", dtype="<U2")
        usable = np.flatnonzero(np.isfinite(lon.ravel()) & np.isfinite(lat.ravel()))
        # a tree over the points, asked with each polygon: a polygon's box is large, a point's is not
        points: Any = shapely.points(lon.ravel()[usable], lat.ravel()[usable])
        tree = shapely.STRtree(points)
        for code, polygon in zip(self.codes[::-1], self.polygons[::-1], strict=True):
            shapely.prepare(polygon)
            found[usable[tree.query(polygon, predicate="intersects")]] = code  # on a line, the first row has it
        return found.reshape(lon.shape)

    @cached_property
    def borders(self) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
        """Edges between two countries, and their two codes in the order of the alphabet."""
        return self._edges if self._edges is not None else find_borders(self)

    def border_tree(self, code: str) -> SegmentTree:
        """Make the tree of a country's borders; of all if no country is named."""
        if ("border", code) not in self._trees:
            edges, pairs = self.borders
            held = (pairs == code).any(axis=1) if code else np.ones(len(pairs), dtype=bool)
            self._trees["border", code] = SegmentTree(edges[held])
        return self._trees["border", code]

    def beyond(self, code: str, edge: NDArray[np.int64]) -> NDArray[np.str_]:
        """Name the country on the other side of edges of `border_tree(code)`; empty for -1."""
        pairs = self.borders[1]
        pairs = pairs[(pairs == code).any(axis=1)]
        found = np.full(edge.shape, "", dtype="<U2")
        held = edge >= 0
        own = pairs[edge[held]]
        found[held] = np.where(own[:, 0] == code, own[:, 1], own[:, 0])
        return found

    def outline_tree(self, code: str) -> SegmentTree:
        """Make the tree of a country's outline, its coasts too."""
        if ("outline", code) not in self._trees:
            self._trees["outline", code] = SegmentTree(ring_edges(self.polygons[self.codes == code]))
        return self._trees["outline", code]

    def belongs(self, territory: str, country: str) -> bool:
        """Say whether a territory's code may be stated as the country's."""
        return territory == country or self.sovereigns.get(territory) == country


def ring_edges(polygons: Any) -> NDArray[np.float64]:
    """Give all edges of all rings of polygons.

    Returns
    -------
    ndarray, shape (n, 4)
        Longitude and latitude of both ends.
    """
    import shapely

    rings = shapely.get_rings(shapely.get_parts(np.asarray(polygons, dtype=object)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    edges: NDArray[np.float64] = np.hstack([points[:-1], points[1:]])
    kept: NDArray[np.bool_] = (ring[:-1] == ring[1:]) & (points[:-1] != points[1:]).any(axis=1)
    return edges[kept]


def find_borders(boundaries: Boundaries) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Find the edges that have another country on either side.

    Parameters
    ----------
    boundaries : Boundaries

    Returns
    -------
    edges : ndarray, shape (n, 4)
        Pieces of at most 0.25°: longitude and latitude of both ends.
    pairs : ndarray, shape (n, 2)
        The two countries in the order of the alphabet.
    """
    edges = ring_edges(boundaries.polygons)
    back = (edges[:, 0] > edges[:, 2]) | ((edges[:, 0] == edges[:, 2]) & (edges[:, 1] > edges[:, 3]))
    # turned one way, the edge that two neighbours share is one
    edges = cut_edges(np.unique(np.where(back[:, None], edges[:, [2, 3, 0, 1]], edges), axis=0), EDGE_DEGREES)
    middle, along = (edges[:, :2] + edges[:, 2:]) / 2, edges[:, 2:] - edges[:, :2]
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(along[:, 0], along[:, 1])[:, None] * SIDE_DEGREES
    left, right = (boundaries.country_at(*(middle + side * normal).T) for side in (1, -1))
    two = (left != right) & (left != "") & (right != "")
    return edges[two], np.sort(np.column_stack([left, right])[two], axis=1)


@cache
def default_boundaries() -> Boundaries:
    """Give the boundaries that come with the package, made once."""
    import shapely

    from geocluster.datasets import load_borders, load_countries

    countries, lines = load_countries(), load_borders()
    parts, row = shapely.get_parts(lines.geometry.to_numpy(), return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    inside = part[:-1] == part[1:]
    edges = np.hstack([points[:-1], points[1:]])[inside]
    pairs = lines[["iso_a", "iso_b"]].to_numpy(dtype="<U2")[row[part[:-1][inside]]]
    return Boundaries(
        countries["country"].tolist(),
        countries.geometry.to_numpy(),
        sovereigns=dict(zip(countries["country"], countries["sovereign"], strict=True)),
        edges=(edges, pairs),
    )


def read_boundaries(table: GeoDataFrame | None) -> Boundaries:
    """Read a user's own polygons, the package's if none are given.

    Parameters
    ----------
    table : GeoDataFrame or None
        Polygons in EPSG:4326 with a column country or iso_a2 (codes or names).

    Raises
    ------
    SchemaError
        With all faults.
    """
    if table is None:
        return default_boundaries()
    if not hasattr(table, "active_geometry_name") or table.active_geometry_name is None:
        raise SchemaError(
            f"boundaries must be a GeoDataFrame of polygons, not {type(table).__name__}. Read them "
            "with geopandas.read_file(path)."
        )
    faults: list[Fault] = []
    column = next((name for name in CODE_COLUMNS if name in table.columns), None)
    codes: list[str | None] = []
    if column is None:
        has = ", ".join(map(str, table.columns))
        faults.append(
            Fault("country", f"there is no such column. The boundaries have {has}.", "Rename the one with ISO codes.")
        )
    elif list(table.columns).count(column) > 1:
        faults.append(Fault(column, "this column stands twice.", "Give each column one name."))
    else:
        codes = [country_code(str(text)) for text in table[column].astype(object)]
        unknown = [
            f"{label}: {text!r}"
            for label, text, code in zip(table.index, table[column], codes, strict=True)
            if code is None
        ]
        if unknown:
            faults.append(
                Fault(
                    column, f"no country is named by {_some(unknown)}.", "Give ISO alpha-2 codes, or drop these rows."
                )
            )
    if not len(table):
        faults.append(Fault("geometry", "there is no row.", "Give at least one country."))
    faults += _polygon_faults(table)
    if faults:
        raise SchemaError("the boundaries cannot be used", faults)
    sovereigns = default_boundaries().sovereigns
    return Boundaries([str(code) for code in codes], table.geometry.to_numpy(), sovereigns=sovereigns)


def _polygon_faults(table: GeoDataFrame) -> list[Fault]:
    """Find what is wrong with a user's polygons."""
    faults = []
    geometry: Any = table.geometry
    if geometry.crs is None:
        faults.append(Fault("geometry", "it has no CRS.", "Run boundaries.set_crs('EPSG:4326') if it is in degrees."))
    elif geometry.crs.to_epsg() != 4326:
        faults.append(
            Fault("geometry", f"in {geometry.crs.name}, not EPSG:4326.", "Run boundaries.to_crs('EPSG:4326').")
        )
    missing = geometry.isna() | geometry.is_empty
    if missing.any():
        faults.append(Fault("geometry", f"empty in {_some(table.index[missing])}.", "Drop these rows."))
    held = geometry[~missing]
    shapes = sorted(set(held.geom_type) - {"Polygon", "MultiPolygon"})
    if shapes:
        faults.append(Fault("geometry", f"it holds {', '.join(shapes)}.", "Give polygons."))
    if len(held) and not (held.total_bounds[0] >= -180 and held.total_bounds[2] <= 180):
        faults.append(Fault("geometry", "it reaches beyond 180°.", "Cut it there and shift the rest by 360°."))
    if not held.is_valid.all():
        crossed = held.index[~held.is_valid]
        faults.append(Fault("geometry", f"not valid in {_some(crossed)}.", "Run boundaries.make_valid()."))
    return faults


def _some(items: Any) -> str:
    """Tell the first few of many."""
    told = [str(item)[:60] for item in items]
    return ", ".join(told[:_SHOWN]) + (f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else "")
