"""Which rows are near each other, as a sparse matrix?

Neighbours are searched among distinct points with counts, edges are counted
before they are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import RADIUS_KM, to_chord_km
from geocluster.errors import GraphSizeError, OptionError
from geocluster.graph.assembly import band_of_many, nearest_of_many
from geocluster.graph.points import Points, distinct_points

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array

MAX_EDGES = 100_000_000
MANY_POINTS = 3_000
"""From so many distinct points on compiled code is faster, in spite of its start."""
TIE_KM = 1e-9
"""A micrometre: distances no further apart are equal. Rounding of coordinates stays below it."""


def check_options(within_km: float | None, nearest: int | None, beyond_km: float | None = None) -> None:
    """Raise one error with all that is wrong with the options of a graph of distances."""
    faults = distance_faults(within_km, nearest, beyond_km)
    if faults:
        raise OptionError("\n".join(faults))


def distance_faults(within_km: float | None, nearest: int | None, beyond_km: float | None = None) -> list[str]:
    """Say what is wrong with the options of a graph of distances."""
    faults = []
    if (within_km is None) == (nearest is None):
        faults.append(
            f"give one of within_km and nearest, got within_km={within_km!r} and nearest={nearest!r}. 50 km is usual."
        )
    faults += number_faults(within_km=within_km)
    if nearest is not None and not (to_number(nearest) >= 1 and float(nearest).is_integer()):
        faults.append(f"nearest must be a whole number from 1 up, got {nearest!r}. 8 is usual.")
    if beyond_km is not None and not 0 < to_number(beyond_km) < to_number(within_km):
        faults.append(f"beyond_km must be above 0 and below within_km={within_km!r}, got {beyond_km!r}.")
    return faults


def number_faults(**lengths: float | None) -> list[str]:
    """Say which lengths are given and no kilometres above 0."""
    return [
        f"{name} must be a number of kilometres above 0, got {given!r}."
        for name, given in lengths.items()
        if given is not None and not 0 < to_number(given) < np.inf
    ]


def to_number(value: object) -> float:
    """Read an option as a number; NaN if it is none: a truth value and a word are none.

    Examples
    --------
    >>> to_number(8), to_number("8"), to_number(None)
    (8.0, nan, nan)
    """
    if isinstance(value, (bool, np.bool_, str, bytes)):
        return float("nan")
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def sparse_neighbours(
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    within_km: float | None = None,
    beyond_km: float | None = None,
    nearest: int | None = None,
    workers: int = 1,
) -> csr_array:
    """Weights between rows as a sparse matrix: `build_graph` without the table.

    Parameters
    ----------
    longitude, latitude : array_like, shape (n,)
        Degrees, EPSG:4326.
    within_km, beyond_km, nearest, workers
        As in `build_graph`.

    Returns
    -------
    csr_array, shape (n, n)
        Sorted indices, nothing on the diagonal.

    Examples
    --------
    >>> sparse_neighbours([0.0, 0.1, 0.1, -0.1], [0.0, 0.0, 0.0, 0.0], nearest=2).toarray()[0].round(3).tolist()
    [0.0, 0.667, 0.667, 0.667]
    """
    from scipy import sparse

    check_options(within_km, nearest, beyond_km)
    points = distinct_points(longitude, latitude)
    rows = len(points.of_row)
    if nearest is not None and nearest >= rows:
        raise OptionError(f"nearest={nearest} asks for {nearest} others of each row, and there are {rows} rows in all.")
    if rows == 0:
        return sparse.csr_array((0, 0))
    if within_km is None:
        return _nearest(points, int(nearest or 1), workers)
    matrix = _band(points, float(within_km), workers)
    if beyond_km is None:
        return matrix
    ring: csr_array = matrix - _band(points, float(beyond_km), workers)
    ring.eliminate_zeros()
    return ring


def on_rows(between: csr_array, points: Points) -> csr_array:
    """Carry weights between points over to the rows on them; no row is its own neighbour."""
    from scipy import sparse

    rows = len(points.of_row)
    if len(points.count) == rows:  # a permutation is enough
        matrix = between[points.of_row][:, points.of_row]
    else:
        ones = np.ones(rows)
        on = sparse.csr_array((ones, points.of_row, np.arange(rows + 1)), shape=(rows, len(points.count)))
        matrix = on @ between @ on.T
    matrix.sort_indices()
    own = matrix.indices == np.repeat(np.arange(rows), np.diff(matrix.indptr))
    starts = np.concatenate([[0], np.cumsum(~own)])[matrix.indptr]
    return sparse.csr_array((matrix.data[~own], matrix.indices[~own], starts), shape=(rows, rows))


def reach_km(radius_km: float) -> float:
    """Chord within which a k-d tree finds all at most so far away, the limit included.

    Half way round and further, it is more than the ellipsoid is wide.
    """
    return 3 * RADIUS_KM if radius_km >= np.pi * RADIUS_KM else float(to_chord_km(radius_km)) + TIE_KM


def _band(points: Points, within_km: float, workers: int) -> csr_array:
    """Weight 1 between rows at most so far apart."""
    from scipy import sparse
    from scipy.spatial import cKDTree

    chord = reach_km(within_km)

    def check(edges: int) -> None:
        check_size(edges, points, f"within_km={within_km:g}", "Give a smaller within_km, or nearest=8.")

    if len(points.count) >= MANY_POINTS:
        return band_of_many(points, chord, check, workers=workers)
    tree = cKDTree(points.xyz)
    weight = points.count.astype(np.float64)
    edges = round(float(tree.count_neighbors(tree, chord, weights=(weight, weight)))) - len(points.of_row)
    check(edges)
    pairs = tree.query_pairs(chord, output_type="ndarray")
    here = np.arange(len(points.count))
    row = np.concatenate([pairs[:, 0], pairs[:, 1], here])
    column = np.concatenate([pairs[:, 1], pairs[:, 0], here])
    return on_rows(sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(here), len(here))), points)


def _nearest(points: Points, nearest: int, workers: int) -> csr_array:
    """Weights of the nearest rows, the same for all rows on a point."""
    from scipy import sparse
    from scipy.spatial import cKDTree

    label = f"nearest={nearest}"
    remedy = "Too many rows share a point or a distance: gather rows by point, or geocode more finely."
    if len(points.count) >= MANY_POINTS:
        return nearest_of_many(
            points, nearest, TIE_KM, lambda edges: check_size(edges, points, label, remedy), workers=workers
        )
    check_size(nearest * len(points.of_row), points, label, "Give fewer.")
    tree, total = cKDTree(points.xyz), len(points.count)
    asked = min(nearest + 2, total)
    chord: NDArray[np.float64]
    chord, at = tree.query(points.xyz, k=np.arange(1, asked + 1))  # type: ignore[assignment]
    held = points.count[at] - (at == np.arange(total)[:, None])
    last = np.argmax(np.cumsum(held, axis=1) >= nearest, axis=1)
    limit = chord[np.arange(total), last]
    open_ended = (chord[:, -1] <= limit + TIE_KM) & (asked < total)  # more may be tied
    row, column = (array.ravel() for array in np.broadcast_arrays(np.arange(total)[:, None], at))
    length = chord.ravel()
    if open_ended.any():
        which = np.flatnonzero(open_ended)
        radius = limit[which] + TIE_KM
        sizes = tree.query_ball_point(points.xyz[which], radius, return_length=True)
        check_size(int(sizes @ points.count[which]), points, label, remedy)
        found = tree.query_ball_point(points.xyz[which], radius)
        more = np.concatenate([np.asarray(one, dtype=np.int64) for one in found])
        keep, again = ~open_ended[row], np.repeat(which, sizes)
        row, column = np.concatenate([row[keep], again]), np.concatenate([column[keep], more])
        apart = np.sqrt(((points.xyz[again] - points.xyz[more]) ** 2).sum(axis=1))
        length = np.concatenate([length[keep], apart])
    inside = length <= limit[row] + TIE_KM
    row, column, length = row[inside], column[inside], length[inside]
    held = points.count[column] - (row == column)
    check_size(int((held * points.count[row]).sum()), points, label, remedy)
    tied = length >= limit[row] - TIE_KM
    nearer = np.bincount(row[~tied], weights=held[~tied], minlength=total)
    sharing = np.bincount(row[tied], weights=held[tied], minlength=total)
    weight = np.where(tied, ((nearest - nearer) / np.maximum(sharing, 1))[row], 1.0)
    some = held > 0
    return on_rows(sparse.csr_array((weight[some], (row[some], column[some])), shape=(total, total)), points)


def check_size(edges: int, points: Points, label: str, remedy: str) -> None:
    """Refuse a graph that would not fit."""
    if edges > MAX_EDGES:
        fullest = int(points.count.max())
        raise GraphSizeError(
            f"a graph with {label} would hold {edges:,} edges, more than {MAX_EDGES:,} "
            f"({len(points.of_row):,} rows on {len(points.count):,} points, {fullest:,} on the fullest). {remedy}"
        )
