"""What do pairs in a window of the plane estimate, its edges corrected for?

As spatstat defines them (Baddeley, Rubak & Turner 2015): pairs are counted with d < r,
translation weights are capped at 100, the border correction divides by n_j.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.cross.choices import Correction

MOST_WEIGHT = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A polygon of the plane; whatever its unit of length is, all here is in it.

    Attributes
    ----------
    polygon : shapely geometry
    """

    polygon: Any

    @property
    def area(self) -> float:
        """Its area."""
        return float(self.polygon.area)

    @property
    def rectangle(self) -> tuple[float, float, float, float] | None:
        """Its bounds, if it is a rectangle along the axes."""
        low_x, low_y, high_x, high_y = (float(bound) for bound in self.polygon.bounds)
        full = (high_x - low_x) * (high_y - low_y)
        return (low_x, low_y, high_x, high_y) if abs(full - self.area) <= 1e-9 * full else None

    def edge_distance(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance of points to the edge."""
        import shapely

        box = self.rectangle
        if box is not None:
            gaps = np.column_stack([xy[:, 0] - box[0], xy[:, 1] - box[1], box[2] - xy[:, 0], box[3] - xy[:, 1]])
            return np.asarray(np.maximum(gaps.min(axis=1), 0.0))
        return np.asarray(shapely.distance(shapely.points(xy), self.polygon.boundary), dtype=np.float64)

    def translation_weight(self, shift: NDArray[np.float64]) -> NDArray[np.float64]:
        """|W| / |W ∩ (W + shift)|, at most 100 (Ohser 1983).

        Examples
        --------
        >>> from shapely import box
        >>> Window(box(0, 0, 2, 1)).translation_weight(np.array([[1.0, 0.0], [0.0, 0.5]])).tolist()
        [2.0, 2.0]
        """
        box = self.rectangle
        if box is not None:
            wide, high = box[2] - box[0], box[3] - box[1]
            left = np.maximum(wide - np.abs(shift[:, 0]), 0) * np.maximum(high - np.abs(shift[:, 1]), 0)
        else:
            import shapely
            import shapely.affinity

            # the overlap of a shift and of its opposite is the same
            turned = np.where((shift[:, :1] < 0) | ((shift[:, :1] == 0) & (shift[:, 1:] < 0)), -shift, shift)
            distinct, which = np.unique(turned, axis=0, return_inverse=True)
            moved = [shapely.affinity.translate(self.polygon, *by) for by in distinct]
            left = np.asarray(shapely.area(shapely.intersection(self.polygon, moved)))[which.ravel()]
        with np.errstate(divide="ignore"):
            return np.minimum(np.where(left > 0, self.area / left, np.inf), MOST_WEIGHT)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Ordered pairs of points nearer than a limit, none with itself.

    Attributes
    ----------
    i, j : ndarray of int, shape (pairs,)
    distance, weight : ndarray, shape (pairs,)
    """

    i: NDArray[np.int64]
    j: NDArray[np.int64]
    distance: NDArray[np.float64]
    weight: NDArray[np.float64]


def find_pairs(
    window: Window,
    xy: NDArray[np.float64],
    limit: float,
    correction: Correction,
    other: NDArray[np.float64] | None = None,
) -> Pairs:
    """Find the pairs nearer than `limit` and weigh them for the edge.

    Parameters
    ----------
    window : Window
    xy : ndarray, shape (n, 2)
    limit : float
    correction : {"none", "border", "translation"}
    other : ndarray, shape (m, 2), optional
        The second ends; else the points themselves.
    """
    from scipy.spatial import KDTree

    there = xy if other is None else other
    found = KDTree(xy).sparse_distance_matrix(KDTree(there), limit, output_type="ndarray")
    i, j = found["i"].astype(np.int64), found["j"].astype(np.int64)
    if other is None:
        i, j = i[i != j], j[i != j]
    shift = there[j] - xy[i]
    distance = np.hypot(shift[:, 0], shift[:, 1])
    weight = window.translation_weight(shift) if correction == "translation" and len(i) else np.ones(len(i))
    return Pairs(i, j, distance, weight)


def estimate_k(
    window: Window,
    xy: NDArray[np.float64],
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    at: NDArray[np.float64],
    *,
    correction: Correction = "translation",
    intensity: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
    renormalise: bool = False,
) -> NDArray[np.float64]:
    """Estimate Ripley's K of one set of points about another (Ripley 1977; Lotwick & Silverman 1982).

    Parameters
    ----------
    window : Window
    xy : ndarray, shape (n, 2)
    first, second : ndarray of bool, shape (n,)
        The same set: K of one kind; the second all points: spatstat's Kdot.
    at : ndarray, shape (distances,)
    correction : {"none", "border", "translation"}
    intensity : (ndarray, ndarray), optional
        Of the first and of the second kind at every point: the inhomogeneous K (Baddeley,
        Møller & Waagepetersen 2000).
    renormalise : bool
        Multiply the inhomogeneous K by |W| / Σ 1/λ over the second points.

    Returns
    -------
    ndarray, shape (distances,)
        Squared units of length; NaN where the border correction has no point left.

    Examples
    --------
    >>> from shapely import box
    >>> xy = np.array([[0.2, 0.5], [0.4, 0.5], [0.9, 0.5]])
    >>> both = np.ones(3, dtype=bool)
    >>> estimate_k(Window(box(0, 0, 1, 1)), xy, both, both, np.array([0.3]), correction="none").round(3).tolist()
    [0.333]
    """
    pairs = find_pairs(window, xy, float(at[-1]), correction)
    kept = first[pairs.i] & second[pairs.j]
    i, distance = pairs.i[kept], pairs.distance[kept]
    mark = [np.ones(len(xy))] * 2 if intensity is None else [1 / values for values in intensity]
    product = pairs.weight[kept] * mark[0][i] * mark[1][pairs.j[kept]]
    edge = window.edge_distance(xy)
    scale = window.area / mark[1][second].sum() if renormalise else 1.0
    result = np.empty(len(at))
    same = bool((first == second).all())
    n1, n2 = int(first.sum()), int(second.sum())
    for m, r in enumerate(at):
        near = distance < r
        if correction == "border":
            inner = edge >= r
            total = product[near & inner[i]].sum()
            base = mark[0][first & inner].sum() * (n2 / window.area if intensity is None else 1.0)
            result[m] = total / base if base > 0 else np.nan
        elif intensity is not None:
            result[m] = product[near].sum() / window.area
        else:
            result[m] = window.area * product[near].sum() / (n1 * (n1 - 1) if same else n1 * n2)
    return result * scale


def estimate_g(
    window: Window,
    xy: NDArray[np.float64],
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    at: NDArray[np.float64],
    *,
    correction: Correction = "translation",
    bandwidth: float | None = None,
) -> NDArray[np.float64]:
    """Estimate the pair correlation g with Epanechnikov's kernel and divisor r (Stoyan & Stoyan 1994).

    Parameters
    ----------
    window, xy, first, second, at
        As in `estimate_k`.
    correction : {"none", "translation"}
    bandwidth : float, optional
        Half-width of the kernel. Default 0.15 / sqrt(n_2 / |W|).

    Returns
    -------
    ndarray, shape (distances,)
        NaN at r = 0. Nothing is reflected there, as in spatstat.
    """
    h = bandwidth or stoyan_bandwidth(window.area, int(second.sum()))
    pairs = find_pairs(window, xy, float(at[-1]) + h, correction)
    kept = first[pairs.i] & second[pairs.j]
    same = bool((first == second).all())
    n1, n2 = int(first.sum()), int(second.sum())
    number = n1 * (n1 - 1) if same else n1 * n2
    distance, weight = pairs.distance[kept], pairs.weight[kept]
    total = np.array([(weight * epanechnikov(r - distance, h)).sum() for r in at])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(at > 0, window.area * total / (2 * np.pi * at * number), np.nan)


def estimate_nearest(
    window: Window,
    xy: NDArray[np.float64],
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    at: NDArray[np.float64],
    *,
    correction: Correction = "border",
) -> NDArray[np.float64]:
    """Estimate G, the share of first points whose nearest second point is within r (Diggle 2003).

    Parameters
    ----------
    window, xy, first, second, at
        As in `estimate_k`.
    correction : {"none", "border"}
        Border: first points nearer to the edge than r are left out (reduced sample).

    Returns
    -------
    ndarray, shape (distances,)
    """
    from scipy.spatial import KDTree

    same = bool((first == second).all())
    gap = np.asarray(KDTree(xy[second]).query(xy[first], k=[2] if same else [1])[0])
    edge = window.edge_distance(xy[first])
    result = np.empty(len(at))
    for m, r in enumerate(at):
        inner = edge >= r if correction == "border" else np.ones(len(edge), dtype=bool)
        result[m] = (gap[inner, 0] <= r).mean() if inner.any() else np.nan
    return result


def stoyan_bandwidth(area: float, number: int) -> float:
    """0.15 · sqrt(area / n) (Stoyan & Stoyan 1994)."""
    return 0.15 * float(np.sqrt(area / max(number, 1)))


def epanechnikov(gap: NDArray[np.float64], h: float) -> NDArray[np.float64]:
    """Kernel of half-width h, per unit of length."""
    return np.asarray(0.75 / h * np.maximum(0.0, 1 - (gap / h) ** 2))
