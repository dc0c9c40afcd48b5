"""Which areas adjoin, also where two national data sets do not quite meet?"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph.neighbours import MAX_EDGES, number_faults
from geocluster.graph.points import say_rows
from geocluster.schema import check

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

Contiguity = Literal["queen", "rook"]
DEGREE_KM = 111.195
"""A degree of latitude, to within half a per cent."""
_BAND_DEGREES = 0.5
"""A flat map of so much latitude is true to 1.5 % in longitude up to 60°, to 4 % up to 80°."""
_SPAN = 4.0
"""Two areas share an edge when it is longer than so many tolerances: at a corner it can be two."""
_WIDEST = 0.25


def contiguity_faults(contiguity: str, snap_km: float) -> list[str]:
    """Say what is wrong with the options of contiguity."""
    faults = [] if contiguity in ("queen", "rook") else [f"contiguity must be 'queen' or 'rook', got {contiguity!r}."]
    return faults + (number_faults(snap_km=snap_km) if snap_km != 0 else [])


def sparse_contiguity(areas: GeoDataFrame, *, contiguity: Contiguity, snap_km: float = 0.0) -> csr_array:
    """Join areas that adjoin, weight 1: `build_graph` with contiguity, as a sparse matrix.

    Parameters
    ----------
    areas : GeoDataFrame
        Polygons, EPSG:4326. Those that reach ±180° meet there.
    contiguity : {"queen", "rook"}
        Queen: they meet anywhere. Rook: along an edge; with a tolerance, for more
        than four tolerances' length.
    snap_km : float, default 0
        Gaps and overlaps up to so many kilometres count as meeting.

    Returns
    -------
    csr_array, shape (n, n)
        Symmetric, nothing on the diagonal; an area alone has an empty row.

    Raises
    ------
    SchemaError
        If rows lack a polygon, or have one that is not valid: it names them.
    OptionError
        If an option cannot be used, or the tolerance is wider than a quarter of the
        middling area's width.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> areas = gpd.GeoDataFrame(geometry=[box(7, 47, 8, 48), box(8.001, 47, 9, 48), box(8, 48, 9, 49)], crs=4326)
    >>> sparse_contiguity(areas, contiguity="queen").toarray()[0].tolist()
    [0.0, 0.0, 1.0]
    >>> sparse_contiguity(areas, contiguity="rook", snap_km=0.2).toarray()[0].tolist()
    [0.0, 1.0, 0.0]
    """
    import shapely
    from scipy import sparse

    faults = contiguity_faults(contiguity, snap_km)
    if faults:
        raise OptionError("\n".join(faults))
    polygons = polygons_of(areas)
    snap = snap_km / DEGREE_KM
    _refuse_wide(polygons, snap_km)
    total = len(polygons)
    at, shapes = _with_twins(polygons, snap)
    grown: Any = shapely.box(*_grown(shapely.bounds(shapes), snap).T) if total else np.array([], dtype=object)
    one, other = shapely.STRtree(grown).query(grown)
    keep = at[one] < at[other]
    one, other = one[keep], other[keep]
    met = _meet(shapes, one, other, contiguity, snap)
    if 2 * met.sum() > MAX_EDGES:
        raise OptionError(f"the areas overlap in {met.sum():,} pairs, more than half of {MAX_EDGES:,}: are they areas?")
    pairs = np.unique(np.column_stack([at[one[met]], at[other[met]]]), axis=0)
    row, column = np.concatenate([pairs, pairs[:, ::-1]]).T
    matrix = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(total, total))
    matrix.sort_indices()
    return matrix


def polygons_of(areas: GeoDataFrame) -> NDArray[np.object_]:
    """Take the polygons of a table.

    Raises
    ------
    SchemaError
        If there are none, or some cannot be used: it names them all.

    Examples
    --------
    >>> import geopandas as gpd
    >>> polygons_of(gpd.GeoDataFrame(geometry=gpd.points_from_xy([7], [47]), crs=4326))
    Traceback (most recent call last):
    geocluster.errors.SchemaError: there are no areas to use: 1 fault
      geometry: 1 row (0) holding Point. Give polygons.
    """
    import shapely

    check(areas, "located", areas=True)
    geometry = np.asarray(areas.geometry.array, dtype=object)
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    flat = ~empty & ~np.isin(shapely.get_type_id(geometry), (3, 6))
    broken = ~empty & ~flat & ~shapely.is_valid(geometry)
    bounds = np.nan_to_num(shapely.bounds(geometry))
    wild = ~empty & ~flat & (np.abs(bounds) > [180, 90, 180, 90]).any(axis=1)
    faults = []
    if not len(geometry):
        faults.append(Fault("geometry", "there is no row.", "Give polygons."))
    if empty.any():
        faults.append(Fault("geometry", f"{say_rows(areas.index[empty])} without a polygon.", "Drop them."))
    if flat.any():
        kinds = ", ".join(sorted({one.geom_type for one in geometry[flat]}))
        faults.append(Fault("geometry", f"{say_rows(areas.index[flat])} holding {kinds}.", "Give polygons."))
    if broken.any():
        why = shapely.is_valid_reason(geometry[broken][0])
        mend = "Set table.geometry = table.make_valid()."
        faults.append(Fault("geometry", f"{say_rows(areas.index[broken])} not valid ({why}).", mend))
    if wild.any():
        mend = "Cut polygons at ±180°; are latitude and longitude swapped?"
        faults.append(Fault("geometry", f"{say_rows(areas.index[wild])} beyond ±180, ±90 degrees.", mend))
    if faults:
        raise SchemaError("there are no areas to use", faults)
    return geometry


def _refuse_wide(polygons: NDArray[np.object_], snap_km: float) -> None:
    """Refuse a tolerance that would join areas which lie apart."""
    import shapely

    south, north = shapely.bounds(polygons)[:, [1, 3]].T
    cosine = np.cos(np.radians((south + north) / 2))
    width = np.sqrt(np.median(shapely.area(polygons) * np.maximum(cosine, 0.01))) * DEGREE_KM
    if snap_km > _WIDEST * width:
        raise OptionError(
            f"snap_km={snap_km:g} is too wide: the middling area is {width:.3g} km wide. "
            f"Give at most {_WIDEST * width:.2g}; gaps of national data sets are mostly below 1."
        )


def _with_twins(polygons: NDArray[np.object_], snap: float) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Repeat what reaches -180° on the other side of 180°."""
    import shapely

    west = np.flatnonzero(shapely.bounds(polygons)[:, 0] <= -180 + 100 * snap + 1e-9)
    twins = shapely.transform(polygons[west], lambda xy: xy + np.array([360.0, 0.0]))
    return np.concatenate([np.arange(len(polygons)), west]), np.concatenate([polygons, twins])


def _grown(bounds: NDArray[np.float64], snap: float) -> NDArray[np.float64]:
    """Widen boxes by the tolerance, degrees of latitude."""
    grown = bounds + np.array([-1.0, -1.0, 1.0, 1.0]) * snap
    stretch = 1 / np.cos(np.radians(np.minimum(np.abs(grown[:, [1, 3]]).max(axis=1), 89)))
    grown[:, 0], grown[:, 2] = bounds[:, 0] - snap * stretch, bounds[:, 2] + snap * stretch
    return grown


def _meet(
    shapes: NDArray[np.object_], one: NDArray[np.int64], other: NDArray[np.int64], contiguity: str, snap: float
) -> NDArray[np.bool_]:
    """Say which pairs of areas meet."""
    import shapely

    if snap == 0:
        met: NDArray[np.bool_] = shapely.intersects(shapes[one], shapes[other])
        if contiguity == "rook":
            common = shapely.intersection(shapes[one[met]], shapes[other[met]])
            met[met] = shapely.length(common) > 0
        return met
    bounds = shapely.bounds(shapes)
    pairs = zip(one.tolist(), other.tolist(), strict=True)
    near = [_meet_nearly(shapes[i], shapes[j], bounds[i], bounds[j], contiguity, snap) for i, j in pairs]
    return np.array(near, dtype=bool)


def _meet_nearly(
    one: Any, other: Any, box: NDArray[np.float64], beside: NDArray[np.float64], contiguity: str, snap: float
) -> bool:
    """Say whether two areas come within the tolerance, for long enough: in bands of latitude, each on a flat map."""
    import shapely

    grown, around = _grown(box[None], snap)[0], _grown(beside[None], snap)[0]
    west, south = np.maximum(grown[:2], around[:2])
    east, north = np.minimum(grown[2:], around[2:])
    cuts = np.linspace(south, north, int(np.ceil((north - south) / _BAND_DEGREES)) + 1)
    length = 0.0
    for low, high in pairwise(cuts.tolist()):
        scale = max(float(np.cos(np.radians((low + high) / 2))), 0.01)
        # wider than the band, so that what nearly meets at its rim is seen in it
        window = (west - 2 * snap / scale, low - 2 * snap, east + 2 * snap / scale, high + 2 * snap)
        near = shapely.clip_by_rect(np.array([one, other]), *window)
        if shapely.is_empty(near).any():
            continue
        flat = shapely.transform(near, lambda xy, scale=scale: xy * [scale, 1.0])  # type: ignore[misc]
        if contiguity == "queen":
            if shapely.dwithin(flat[0], flat[1], snap):
                return True
            continue
        rim = shapely.boundary(shapely.transform(np.array([one, other]), lambda xy, scale=scale: xy * [scale, 1.0]))  # type: ignore[misc]
        rim = shapely.clip_by_rect(rim, window[0] * scale, low, window[2] * scale, high)
        for mine, theirs in ((rim[0], flat[1]), (rim[1], flat[0])):
            length += shapely.length(shapely.intersection(mine, shapely.buffer(theirs, snap, quad_segs=8))) / 2
        if length > _SPAN * snap:
            return True
    return False
