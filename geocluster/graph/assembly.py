"""How do neighbours among many points become weights between rows?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.distance import RADIUS_KM
from geocluster.graph.pyramid import Pyramid
from geocluster.graph.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geocluster.graph.points import Points

    Check = Callable[[int], None]


MAX_LISTED = 100_000_000
"""Above it a list is not finished: whoever asked counts it, and refuses."""


def band_of_many(points: Points, reach: float, check: Check, *, workers: int = 1) -> csr_array:
    """Weight 1 between rows within a chord; `check` is told the number of edges before they are made.

    Examples
    --------
    >>> from geocluster.graph.points import distinct_points
    >>> band_of_many(distinct_points([0.0, 1.0, 1.0], [0.0, 0.0, 0.0]), 112.0, print).toarray().tolist()
    6
    [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    """
    from scipy import sparse

    pyramid = Pyramid.of(points, workers=workers)
    count = points.count[pyramid.order]
    start, at, around = _list_within(pyramid, np.full(len(count), reach), count, check)
    position = pyramid.position[points.of_row]
    first, rows = _rows_on(position, len(count))
    indptr = np.append(0, np.cumsum(around[position]))
    indices = np.empty(int(indptr[-1]), dtype=np.int32)
    _kernels()[0](position, start, at, first, rows, indptr[:-1].copy(), indices)
    total = len(position)
    return sparse.csr_array((np.ones(len(indices)), indices, indptr.astype(_size(indptr))), shape=(total, total))


def _list_within(
    pyramid: Pyramid, chord: NDArray[np.float64], count: NDArray[np.int64], check: Check
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """List what lies within a chord, unless it is too much: starts, positions, and other rows around each."""
    listed = pyramid.within(chord, MAX_LISTED)
    if listed is None or len(pyramid.xyz) < count.sum():
        around = pyramid.count_within(chord, count) - 1
        check(int(around @ count))
        listed = listed or pyramid.within(chord)
    else:
        around = np.diff(listed[0]) - 1
        check(int(around.sum()))
    assert listed is not None
    return *listed, around


def balls_of_many(points: Points, chord: NDArray[np.float64], check: Check, *, workers: int = 1) -> csr_array:
    """Weight 1 from each row to all within the chord of its point.

    Examples
    --------
    >>> from geocluster.graph.points import distinct_points
    >>> points = distinct_points([0.0, 1.0, 3.0], [0.0, 0.0, 0.0])
    >>> balls_of_many(points, np.array([112.0, 1.0, 1.0]), print).toarray()[:, 1].tolist()
    1
    [1.0, 0.0, 0.0]
    """
    pyramid = Pyramid.of(points, workers=workers)
    count = points.count[pyramid.order]
    more, beyond, listed = _list_within(pyramid, chord[pyramid.order], count, check)
    all_of_them = np.full(len(count), len(count), dtype=np.int32)
    lists = _Lists(np.empty((len(count), 0), dtype=np.int32), np.full(len(count), -1), more, beyond, all_of_them,
                   np.ones(len(count)), listed)  # fmt: skip
    return _filled(points, pyramid, lists, workers)


def nearest_of_many(points: Points, nearest: int, tie_km: float, check: Check, *, workers: int = 1) -> csr_array:
    """Weights of the nearest rows; those tied at the last distance share the last places.

    Examples
    --------
    >>> from geocluster.graph.points import distinct_points
    >>> nearest_of_many(distinct_points([0.0, 1.0, -1.0], [0.0, 0.0, 0.0]), 1, 1e-9, print).toarray()[0].tolist()
    3
    4
    [0.0, 0.5, 0.5]
    """
    check(nearest * len(points.of_row))
    pyramid = Pyramid.of(points, workers=workers)
    count = points.count[pyramid.order]
    lists = _list_nearest(pyramid, count, nearest, tie_km, check)
    check(int(lists.listed @ count))
    return _filled(points, pyramid, lists, workers)


@dataclass(frozen=True, slots=True, eq=False)
class _Lists:
    """What each position is joined to: itself and the first of `at`, or, where `ends` is -1, a stretch of `beyond`.

    The first `near` of a list have weight 1, the others `share`; `listed` counts rows.
    """

    at: NDArray[np.int32]
    ends: NDArray[np.int64]
    more: NDArray[np.int64]
    beyond: NDArray[np.int32]
    near: NDArray[np.int32]
    share: NDArray[np.float64]
    listed: NDArray[np.int64]


def _filled(points: Points, pyramid: Pyramid, lists: _Lists, workers: int) -> csr_array:
    """Make the matrix between rows."""
    from scipy import sparse

    position = pyramid.position[points.of_row]
    first, rows = _rows_on(position, len(lists.ends))
    indptr = np.append(0, np.cumsum(lists.listed[position]))
    indices, data = np.empty(int(indptr[-1]), dtype=np.int32), np.empty(int(indptr[-1]))
    given = (lists.at, lists.ends, lists.more, lists.beyond, lists.near, lists.share)
    in_threads(_kernels()[1], len(position), workers, position, *given, first, rows, indptr, indices, data)
    total = len(position)
    return sparse.csr_array((data, indices, indptr.astype(_size(indptr))), shape=(total, total))


def _list_nearest(pyramid: Pyramid, count: NDArray[np.int64], nearest: int, tie_km: float, check: Check) -> _Lists:
    """List the points that hold the nearest rows."""
    total = len(count)
    asked = min(nearest + 1, total - 1)
    chord, at = pyramid.nearest(asked)
    limit, ends = np.empty(total), np.empty(total, dtype=np.int64)
    _, _, cut, weigh, _ = _kernels()
    open_ended = cut(chord, at, count, nearest, tie_km, limit, ends)
    if open_ended and asked < total - 1:  # more may be tied than were asked for
        reach = np.where(ends < 0, limit + tie_km, 0.0)
        check(int(pyramid.count_within(reach, count) @ (ends < 0)))
        more, beyond, _ = _list_within(pyramid, reach, np.ones(total, dtype=np.int64), check)
    else:
        ends = np.where(ends < 0, asked, ends)
        more, beyond = np.zeros(total + 1, dtype=np.int64), np.empty(0, dtype=np.int32)
    near, share, listed = np.empty(total, dtype=np.int32), np.empty(total), np.empty(total, dtype=np.int64)
    weigh(pyramid.xyz, chord, at, more, beyond, count, nearest, tie_km, limit, ends, near, share, listed)
    return _Lists(at, ends, more, beyond, near, share, listed)


def _rows_on(position: NDArray[np.int64], total: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """List the rows on each position, in ascending order: starts and rows."""
    first = np.zeros(total + 1, dtype=np.int64)
    rows = np.empty(len(position), dtype=np.int32)
    _kernels()[4](position, first, rows)
    return first, rows


def _size(indptr: NDArray[np.int64]) -> type[np.signedinteger[Any]]:
    """Name the smallest type that scipy takes for indices of so many edges."""
    return np.int32 if indptr[-1] < np.iinfo(np.int32).max else np.int64


def chords_of_edges(matrix: csr_array, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chord of each stored edge, kilometres.

    Examples
    --------
    >>> from scipy import sparse
    >>> chords_of_edges(sparse.csr_array([[0.0, 1.0], [0.0, 0.0]]), np.array([[0.0, 0, 0], [3.0, 4.0, 0]])).tolist()
    [5.0]
    """
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    chord = np.empty(len(row))
    for low in range(0, len(row), 1 << 20):  # not to hold six numbers an edge
        part = slice(low, low + (1 << 20))
        chord[part] = np.sqrt(((xyz[row[part]] - xyz[matrix.indices[part]]) ** 2).sum(axis=1))
    result: NDArray[np.float64] = np.minimum(chord, 2 * RADIUS_KM)
    return result


@cache
def _kernels() -> tuple[Any, Any, Any, Any, Any]:
    """Compile the loops: numba is slow to import."""
    from numba import njit

    @njit(cache=True, nogil=True)
    def mirror(position, start, at, first, rows, cursor, indices):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Fill a symmetric graph: row by row it is told to its neighbours, so that their lists are sorted."""
        for row in range(len(position)):
            here = position[row]
            for k in range(start[here], start[here + 1]):
                there = at[k]
                for m in range(first[there], first[there + 1]):
                    other = rows[m]
                    if other != row:
                        indices[cursor[other]] = row
                        cursor[other] += 1

    @njit(cache=True, nogil=True)
    def fill(low_row, high_row, position, at, ends, more, beyond, near, share, first, rows, indptr, indices, data):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Fill row by row and sort each: short ones by insertion, long ones as numpy does."""
        for row in range(low_row, high_row):
            here = position[row]
            low = c = indptr[row]
            number = ends[here] + 1 if ends[here] >= 0 else more[here + 1] - more[here]
            for k in range(number):
                if ends[here] < 0:
                    there = beyond[more[here] + k]
                elif k == 0:
                    there = np.int32(here)
                else:
                    there = at[here, k - 1]
                for m in range(first[there], first[there + 1]):
                    if rows[m] != row:
                        indices[c], data[c] = rows[m], 1.0 if k < near[here] else share[here]
                        c += 1
            if c - low > 64:
                order = np.argsort(indices[low:c])
                index, value = indices[low:c][order], data[low:c][order]
                for k in range(c - low):
                    indices[low + k], data[low + k] = index[k], value[k]
                continue
            for k in range(low + 1, c):
                index, value = indices[k], data[k]
                m = k
                while m > low and indices[m - 1] > index:
                    indices[m], data[m] = indices[m - 1], data[m - 1]
                    m -= 1
                indices[m], data[m] = index, value

    @njit(cache=True, nogil=True)
    def cut(chord, at, count, nearest, tie, limit, ends):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Find how far the last place lies, and how many of those found are as near; -1 if more may be."""
        total, asked = chord.shape
        some = False
        for i in range(total):
            held, far, k = count[i] - 1, 0.0, 0
            while held < nearest:
                held, far = held + count[at[i, k]], chord[i, k]
                k += 1
            while k < asked and chord[i, k] <= far + tie:
                k += 1
            limit[i] = far
            ends[i] = k if k < asked else -1
            some |= k == asked
        return some

    @njit(cache=True, nogil=True)
    def weigh(xyz, chord, at, more, beyond, count, nearest, tie, limit, ends, near, share, listed):  # type: ignore[no-untyped-def]  # pragma: no cover
        """Tell how many of a list have weight 1, and the equal share of the last places that the others get."""
        for i in range(len(count)):
            number = ends[i] + 1 if ends[i] >= 0 else more[i + 1] - more[i]
            nearer, sharing, before = 0, 0, 0
            for k in range(number):
                if ends[i] < 0:
                    there = beyond[more[i] + k]
                    square = 0.0
                    for axis in range(3):
                        square += (xyz[i, axis] - xyz[there, axis]) ** 2
                    apart = np.sqrt(square)
                elif k == 0:
                    there, apart = np.int32(i), 0.0
                else:
                    there, apart = at[i, k - 1], chord[i, k - 1]
                held = count[there] - (1 if there == i else 0)
                if apart >= limit[i] - tie:
                    sharing += held
                    continue
                nearer += held
                if ends[i] < 0:  # those with weight 1 come first
                    other = more[i] + before
                    beyond[more[i] + k], beyond[other] = beyond[other], there
                before += 1
            near[i], listed[i] = before, nearer + sharing
            share[i] = (nearest - nearer) / max(sharing, 1)

    @njit(cache=True, nogil=True)
    def group(position, first, rows):  # type: ignore[no-untyped-def]  # pragma: no cover
        """List rows by position, ascending."""
        for row in range(len(position)):
            first[position[row] + 1] += 1
        for i in range(1, len(first)):
            first[i] += first[i - 1]
        cursor = first[:-1].copy()
        for row in range(len(position)):
            rows[cursor[position[row]]] = row
            cursor[position[row]] += 1

    return mirror, fill, cut, weigh, group
