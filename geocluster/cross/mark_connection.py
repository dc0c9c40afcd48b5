"""Of all pairs at a distance, how many are of one kind and another: mark connection in the plane?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.cross.planar import epanechnikov, find_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.cross.choices import Correction
    from geocluster.cross.planar import Window


def estimate_mark_connection(
    window: Window,
    xy: NDArray[np.float64],
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    at: NDArray[np.float64],
    *,
    bandwidth: float,
    correction: Correction = "translation",
    farthest: float = np.inf,
) -> NDArray[np.float64]:
    """Estimate p_AB(r), the share of pairs A, B among all ordered pairs at r (Stoyan & Stoyan 1994).

    As spatstat's markconnect, not divided by p_A p_B; Epanechnikov's kernel, nothing reflected at 0.

    Parameters
    ----------
    window : Window
    xy : ndarray, shape (n, 2)
    first, second : ndarray of bool, shape (n,)
    at : ndarray, shape (distances,)
    bandwidth : float
        Half-width of the kernel.
    correction : {"none", "translation"}
    farthest : float
        Pairs farther apart are left out: spatstat does so at the end of its distances.

    Returns
    -------
    ndarray, shape (distances,)
        NaN where no pair is so far apart.

    Examples
    --------
    >>> from shapely import box
    >>> from geocluster.cross.planar import Window
    >>> xy, firm = np.array([[0.2, 0.5], [0.4, 0.5], [0.6, 0.5]]), np.array([True, False, True])
    >>> window, at = Window(box(0, 0, 1, 1)), np.array([0.2])
    >>> estimate_mark_connection(window, xy, firm, ~firm, at, bandwidth=0.1).round(3).tolist()
    [0.5]
    """
    pairs = find_pairs(window, xy, min(float(at[-1]) + bandwidth, farthest), correction)
    both = first[pairs.i] & second[pairs.j]
    result = np.full(len(at), np.nan)
    for m, r in enumerate(at):
        weight = pairs.weight * epanechnikov(r - pairs.distance, bandwidth)
        total = weight.sum()
        if total > 0:
            result[m] = weight[both].sum() / total
    return result
