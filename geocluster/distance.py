"""How many kilometres apart? The one place that measures the Earth.

Points become earth-centred coordinates on the WGS 84 ellipsoid; distance is the
chord between them, bent to an arc of the mean radius. Against the exact geodesic
the relative error is at most 1.2e-7 below 100 km and 1.1e-5 below 1,000 km.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

RADIUS_KM = 6371.0088
"""Mean radius of the Earth, km (IUGG)."""
_A_KM = 6378.137
_F = 1 / 298.257223563
_E2 = _F * (2 - _F)


def to_ecef(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.float64]:
    """Earth-centred coordinates of points on the WGS 84 ellipsoid.

    Parameters
    ----------
    longitude, latitude : array_like, shape (n,)
        Degrees, EPSG:4326.

    Returns
    -------
    ndarray, shape (n, 3)
        Kilometres.

    Examples
    --------
    >>> to_ecef([0.0], [0.0]).round(3).tolist()
    [[6378.137, 0.0, 0.0]]
    """
    lam = np.radians(np.asarray(longitude, dtype=np.float64))
    phi = np.radians(np.asarray(latitude, dtype=np.float64))
    sin_phi, cos_phi = np.sin(phi), np.cos(phi)
    normal = _A_KM / np.sqrt(1 - _E2 * sin_phi**2)
    return np.stack([normal * cos_phi * np.cos(lam), normal * cos_phi * np.sin(lam), normal * (1 - _E2) * sin_phi], -1)


def to_arc_km(chord_km: ArrayLike) -> NDArray[np.float64]:
    """Bend a straight chord to kilometres along the globe.

    Examples
    --------
    >>> float(to_arc_km(2 * RADIUS_KM).round(2))
    20015.11
    """
    chord = np.asarray(chord_km, dtype=np.float64)
    return 2 * RADIUS_KM * np.arcsin(np.minimum(chord / (2 * RADIUS_KM), 1.0))


def to_chord_km(arc_km: ArrayLike) -> NDArray[np.float64]:
    """Measure the straight chord below an arc: what a k-d tree is asked with.

    Examples
    --------
    >>> float(to_chord_km(100.0).round(4))
    99.999
    """
    arc = np.minimum(np.asarray(arc_km, dtype=np.float64), np.pi * RADIUS_KM)
    return 2 * RADIUS_KM * np.sin(arc / (2 * RADIUS_KM))


def distance_km(
    longitude: ArrayLike, latitude: ArrayLike, other_longitude: ArrayLike, other_latitude: ArrayLike
) -> NDArray[np.float64]:
    """Geodesic kilometres between points, pair by pair (arrays broadcast).

    Examples
    --------
    >>> float(distance_km(7.588, 47.56, 7.752, 48.573).round(1))  # Basel to Strasbourg
    113.3
    """
    chord = np.linalg.norm(to_ecef(longitude, latitude) - to_ecef(other_longitude, other_latitude), axis=-1)
    return to_arc_km(chord)
