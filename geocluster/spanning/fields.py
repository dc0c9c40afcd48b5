"""What could the background of a country look like, if it clustered by itself?

A log-Gaussian Cox process with as many organisations as observed: places weigh
b · exp(Z), Z a Gaussian field with covariance σ² exp(-r/ρ) (Møller, Syversveen &
Waagepetersen 1998). Z is drawn place by place, each given its nearest earlier
neighbours (Vecchia 1988; order after Guinness 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.spanning.redraw import CountryNull, index_places
from geocluster.spanning.stopping import draw_in_waves

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocluster.spanning.windows import Windows

NEIGHBOURS = 20
_NUGGET = 1e-9
_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Field:
    """A Gaussian field on places, ready to be drawn one place after the other.

    Attributes
    ----------
    order : ndarray of int, shape (places,)
        The place drawn as the i-th.
    neighbour : ndarray of int, shape (places, neighbours)
        Earlier ones on which it depends, by rank in the order; -1 beyond them.
    factor : ndarray, shape (places, neighbours)
    spread : ndarray, shape (places,)
        Its standard deviation given them.
    """

    order: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    factor: NDArray[np.float64]
    spread: NDArray[np.float64]


def prepare_field(xyz: NDArray[np.float64], *, sigma2: float, rho_km: float) -> Field:
    """Prepare draws of a Gaussian field with covariance σ² exp(-r/ρ).

    Parameters
    ----------
    xyz : ndarray, shape (places, 3)
        Earth-centred kilometres; r is the chord.
    sigma2 : float
    rho_km : float

    Examples
    --------
    >>> field = prepare_field(np.array([[0.0, 0, 0], [5.0, 0, 0]]), sigma2=2.0, rho_km=5.0)
    >>> field.spread.round(3).tolist(), field.factor[1, 0].round(3).item()
    ([1.414, 1.315], 0.368)
    """
    from scipy.spatial import KDTree

    n = len(xyz)
    order = np.random.default_rng(0).permutation(n)  # a fixed order: early places stand far apart
    xyz = xyz[order]
    neighbour = np.full((n, NEIGHBOURS), -1, dtype=np.int32)
    start = 1
    while start < n:
        stop = min(2 * start, n)
        rows = np.arange(start, stop)
        _, found = KDTree(xyz[:stop]).query(xyz[rows], k=np.arange(1, min(3 * NEIGHBOURS, stop) + 1))
        near = np.asarray(found)
        earlier = near < rows[:, None]
        rank = np.cumsum(earlier, axis=1) - 1
        i, j = np.nonzero(earlier & (rank < NEIGHBOURS))
        neighbour[rows[i], rank[i, j]] = near[i, j]
        start = stop
    factor, explained = np.zeros((n, NEIGHBOURS)), np.zeros(n)
    for begin in range(0, n, _CHUNK):
        part = slice(begin, begin + _CHUNK)
        known = neighbour[part] >= 0
        at = xyz[np.maximum(neighbour[part], 0)]
        between = np.exp(-np.linalg.norm(at[:, :, None] - at[:, None], axis=-1) / rho_km)
        between *= known[:, :, None] & known[:, None]
        between += np.eye(NEIGHBOURS) * np.where(known, _NUGGET, 1.0)[:, :, None]
        towards = np.exp(-np.linalg.norm(at - xyz[part, None], axis=-1) / rho_km) * known
        factor[part] = np.linalg.solve(between, towards[:, :, None])[:, :, 0]
        explained[part] = (factor[part] * towards).sum(axis=1)
    return Field(order, neighbour, factor, np.sqrt(sigma2 * np.clip(1.0 - explained, 0.0, 1.0)))


def _field_arrays(null: CountryNull, places: NDArray[np.int32]) -> tuple[object, ...]:
    """Put a country's places in the order of the field; say which of them lie in windows."""
    assert null.clustering is not None
    assert null.xyz is not None
    own = np.flatnonzero(null.share > 0)
    field = prepare_field(null.xyz[own], sigma2=null.clustering.sigma2, rho_km=null.clustering.rho_km)
    own = own[field.order]
    position = np.full(len(null.share), -1, dtype=np.int64)
    position[places] = np.arange(len(places))
    # the rest of the country, where only a part is looked at, is many places: its mean stands for it
    outside = max(1.0 - float(null.share[own].sum()), 0.0) * float(np.exp(null.clustering.sigma2 / 2))
    return (
        null.organisations,
        null.share[own],
        field.neighbour,
        field.factor,
        field.spread,
        position[own],
        outside if outside > _NUGGET else 0.0,
        len(places),
    )


def redraw_field(
    null: CountryNull, places: NDArray[np.int32], arrays: tuple[NDArray[np.generic], ...]
) -> Callable[[np.random.Generator, int], NDArray[np.float64]]:
    """Give the function that draws the largest LLR of a country on a fresh field each time."""
    from geocluster.spanning.loops import from_field

    ready = _field_arrays(null, places)

    def draw(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        maxima: NDArray[np.float64] = from_field(generator, size, *ready, *arrays)
        return maxima

    return draw


def field_tails(
    windows: Windows,
    observed: NDArray[np.float64],
    expected: NDArray[np.float64],
    null: CountryNull,
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> NDArray[np.float64]:
    """π_c(z) as a rank among redraws on the field, where there is an excess; else 1.

    Returns
    -------
    ndarray, shape (centres, radii)
        (1 + #{b : O_b ≥ O})/(P + 1).
    """
    from geocluster.spanning.loops import reach_on_field

    tail = np.ones_like(observed)
    high = observed > expected * (1 + 1e-12)
    used = np.flatnonzero(high.any(axis=1))
    if not len(used):
        return tail
    places, pointer, entry_centre, entry_radius = index_places(windows, used, null)
    target = np.where(high[used], np.round(observed[used]), np.inf)
    ready = _field_arrays(null, places)

    def draw(generator: np.random.Generator, size: int) -> NDArray[np.int64]:
        counted: NDArray[np.int64] = reach_on_field(
            generator, size, *ready, pointer, entry_centre, entry_radius, target
        )
        return counted[None]

    reached = np.zeros(target.shape)
    for wave in draw_in_waves(draw, permutations=permutations, rng=rng, workers=workers):
        reached += np.asarray(wave).sum(axis=0)
    tail[used] = np.where(high[used], (1 + reached) / (permutations + 1), 1.0)
    return tail
