"""Where is a cluster's middle, and how wide is it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import to_arc_km, to_ecef

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PAIRS_AT_ONCE = 2_000_000
_FEW = 256
_DIRECTIONS = np.array([(x, y, z) for x in (0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) > (0, 0, 0)])


def widest_km(xyz: NDArray[np.float64]) -> float:
    """Largest distance between points, km: exact, most pairs left out by their boxes.

    Parameters
    ----------
    xyz : ndarray, shape (n, 3)
        Earth-centred kilometres.

    Examples
    --------
    >>> from geocluster.distance import to_ecef
    >>> round(widest_km(to_ecef([7.588, 7.6, 7.752], [47.56, 48.0, 48.573])), 1)
    113.3
    """
    if len(xyz) < 2:
        return 0.0
    if len(xyz) <= _FEW:
        return float(to_arc_km(np.sqrt(_farthest2(xyz, xyz))))
    xyz = _outer(xyz)
    if len(xyz) <= _FEW:
        return float(to_arc_km(np.sqrt(_farthest2(xyz, xyz))))
    ordered = _in_leaves(xyz, max(32, len(xyz) // 1000))
    low, high = (np.stack([bound(leaf, axis=0) for leaf in ordered]) for bound in (np.min, np.max))
    one, other = np.triu_indices(len(ordered))
    reach2 = np.zeros(len(one))
    for axis in range(3):
        span = np.maximum(high[one, axis] - low[other, axis], high[other, axis] - low[one, axis])
        reach2 += span**2
    best2 = 0.0
    for pair in np.argsort(-reach2):
        if reach2[pair] <= best2:
            break
        best2 = max(best2, _farthest2(ordered[one[pair]], ordered[other[pair]]))
    return float(to_arc_km(np.sqrt(best2)))


def _outer(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out points so far inside that no other can be farther from them than some pair is."""
    along = xyz @ _DIRECTIONS.T
    ends = xyz[np.unique(np.append(along.argmin(axis=0), along.argmax(axis=0)))]
    low, high = xyz.min(axis=0), xyz.max(axis=0)
    corner2 = (np.maximum(xyz - low, high - xyz) ** 2).sum(axis=1)
    outer: NDArray[np.float64] = xyz[corner2 >= _farthest2(ends, ends) * (1 - 1e-12)]
    return outer


def _in_leaves(xyz: NDArray[np.float64], size: int) -> list[NDArray[np.float64]]:
    """Halve the points along their longest side until leaves are small."""
    if len(xyz) <= size:
        return [xyz]
    axis = int(np.argmax(np.ptp(xyz, axis=0)))
    middle = len(xyz) // 2
    order = np.argpartition(xyz[:, axis], middle)
    return [*_in_leaves(xyz[order[:middle]], size), *_in_leaves(xyz[order[middle:]], size)]


def _farthest2(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Squared chord of the farthest pair between two leaves, in blocks that fit."""
    block = max(1, _PAIRS_AT_ONCE // len(other))
    return max(
        float(((one[i : i + block, None] - other[None]) ** 2).sum(axis=2).max()) for i in range(0, len(one), block)
    )


def centres(
    xyz: NDArray[np.float64], label: NDArray[np.int64], clusters: int, *, count: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude under the mean of each cluster's members.

    Parameters
    ----------
    xyz : ndarray, shape (n, 3)
        Earth-centred kilometres of the members.
    label : ndarray of int, shape (n,)
        From 1 to `clusters`.
    clusters : int
    count : ndarray of int, shape (n,), optional
        How many stand there; one if not given.

    Examples
    --------
    >>> from geocluster.distance import to_ecef
    >>> longitude, latitude = centres(to_ecef([179.0, -179.0], [0.0, 0.0]), np.array([1, 1]), 1)
    >>> abs(float(longitude[0].round(6))), float(latitude[0])
    (180.0, 0.0)
    """
    many = np.ones(len(label), dtype=np.int64) if count is None else count
    size = np.maximum(np.bincount(label, weights=many, minlength=clusters + 1)[1:], 1)
    x, y, z = (np.bincount(label, weights=axis * many, minlength=clusters + 1)[1:] / size for axis in xyz.T)
    equator, pole = to_ecef([0.0, 0.0], [0.0, 90.0])
    flat = (pole[2] / equator[0]) ** 2  # from the middle outwards to the ellipsoid, then along its normal
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, flat * np.hypot(x, y)))
