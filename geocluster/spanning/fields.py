"""What could the background of a country look like, if it clustered by itself?

A log-Gaussian Cox process with as many organisations as observed: places weigh
b · exp(Z), Z a Gaussian field with covariance σ² exp(-r/ρ) (Møller, Syversveen &
Waagepetersen 1998). Z is drawn place by place, each given its nearest earlier
neighbours (Vecchia 1988; order after Guinness 2018).
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geocluster.spanning.redraw import index_places
from geocluster.spanning.stopping import draw_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geocluster.spanning.redraw import CountryNull, Drawn, Entries
    from geocluster.spanning.windows import Windows

NEIGHBOURS = 20
MOST_KEPT = 25_000_000
"""Organisations of all redraws that are kept between the two questions; more are drawn twice."""
_NUGGET = 1e-9


@dataclass(frozen=True, slots=True)
class Order:
    """In which order a field is drawn over places.

    Attributes
    ----------
    place : ndarray of int, shape (places,)
        The place drawn as the i-th.
    neighbour : ndarray of int, shape (places, neighbours)
        Earlier ones on which it depends, by rank in the order; -1 beyond them.
    """

    place: NDArray[np.int64]
    neighbour: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Field:
    """A Gaussian field on places, ready to be drawn one place after the other.

    Attributes
    ----------
    order : ndarray of int, shape (places,)
        As `Order.place`.
    neighbour : ndarray of int, shape (places, neighbours)
        As `Order.neighbour`.
    factor : ndarray, shape (places, neighbours)
    spread : ndarray, shape (places,)
        Its standard deviation given them.
    """

    order: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    factor: NDArray[np.float64]
    spread: NDArray[np.float64]


def order_places(xyz: NDArray[np.float64]) -> Order:
    """Order places for a field, and find for each its nearest earlier ones.

    Parameters
    ----------
    xyz : ndarray, shape (places, 3)
        Earth-centred kilometres.

    Examples
    --------
    >>> order_places(np.array([[0.0, 0, 0], [5.0, 0, 0]])).neighbour[:, 0].tolist()
    [-1, 0]
    """
    from scipy.spatial import cKDTree

    n = len(xyz)
    order = np.random.default_rng(0).permutation(n)  # a fixed order: early places stand far apart
    xyz = xyz[order]
    neighbour = np.full((n, NEIGHBOURS), -1, dtype=np.int32)
    start = 1
    while start < n:
        stop = min(2 * start, n)
        rows = np.arange(start, stop)
        _, found = cKDTree(xyz[:stop]).query(xyz[rows], k=np.arange(1, min(3 * NEIGHBOURS, stop) + 1))
        near = np.asarray(found)
        earlier = near < rows[:, None]
        rank = np.cumsum(earlier, axis=1) - 1
        i, j = np.nonzero(earlier & (rank < NEIGHBOURS))
        neighbour[rows[i], rank[i, j]] = near[i, j]
        start = stop
    return Order(order, neighbour)


def prepare_field(xyz: NDArray[np.float64], *, sigma2: float, rho_km: float, order: Order | None = None) -> Field:
    """Prepare draws of a Gaussian field with covariance σ² exp(-r/ρ).

    Parameters
    ----------
    xyz : ndarray, shape (places, 3)
        Earth-centred kilometres; r is the chord.
    sigma2 : float
    rho_km : float
    order : Order, optional
        That of `order_places`, if it is known.

    Examples
    --------
    >>> field = prepare_field(np.array([[0.0, 0, 0], [5.0, 0, 0]]), sigma2=2.0, rho_km=5.0)
    >>> field.spread.round(3).tolist(), field.factor[1, 0].round(3).item()
    ([1.414, 1.315], 0.368)
    """
    from geocluster.spanning.field_loops import explain  # numba is slow to import

    order = order or order_places(xyz)
    factor, explained = explain(xyz[order.place], order.neighbour, float(rho_km), _NUGGET)
    return Field(order.place, order.neighbour, factor, np.sqrt(sigma2 * np.clip(1.0 - explained, 0.0, 1.0)))


@dataclass(slots=True)
class FieldRedraws:
    """Redraws of one country on fields of its own: the same ones as often as they are asked for.

    Its tail probabilities choose where *others* are tested, so that the same redraws may
    serve for its own test.

    Attributes
    ----------
    null : CountryNull
        With clustering and xyz.
    windows : Windows
    permutations : int
    rng : Generator
    workers : int
    """

    null: CountryNull
    windows: Windows
    permutations: int
    rng: np.random.Generator
    workers: int = 1
    places: NDArray[np.int32] = field(init=False)
    """Places of the country that lie in any window: what is drawn are positions among them."""
    _ready: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64], NDArray[np.int32]] = field(init=False)
    _weight: NDArray[np.float64] = field(init=False)
    _outside: float = field(init=False)
    _kept: list[Drawn] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Prepare the field on the country's places."""
        null = self.null
        assert null.clustering is not None
        assert null.xyz is not None
        own = np.flatnonzero(null.share > 0)
        prepared = prepare_field(
            null.xyz[own], sigma2=null.clustering.sigma2, rho_km=null.clustering.rho_km, order=null.order
        )
        self.places = np.unique(self.windows.entry_place[null.share[self.windows.entry_place] > 0])
        rank = np.empty(len(null.share), dtype=np.int64)
        rank[own[prepared.order]] = np.arange(len(own))
        self._weight = null.share[own[prepared.order]]
        self._ready = (
            prepared.factor.astype(np.float32),
            prepared.spread.astype(np.float32),
            rank[self.places],
            prepared.neighbour,
        )
        # the rest of the country, where only a part is looked at, is many places: its mean stands for it
        outside = max(1.0 - float(self._weight.sum()), 0.0) * float(np.exp(null.clustering.sigma2 / 2))
        self._outside = outside if outside > _NUGGET else 0.0

    def blocks(self) -> Iterator[Drawn]:
        """Give the redraws block by block: the place of each organisation drawn, and how many a redraw."""
        if self._kept:
            yield from self._kept
            return
        kept: list[Drawn] = []
        held = 0
        for drawn in draw_blocks(
            self._draw, permutations=self.permutations, rng=deepcopy(self.rng), workers=self.workers
        ):
            held += len(drawn[0])
            if held <= MOST_KEPT:
                kept.append(drawn)
            else:
                kept.clear()
            yield drawn
        if held <= MOST_KEPT:
            self._kept = kept

    def _draw(self, generator: np.random.Generator, size: int) -> Drawn:
        from geocluster.spanning.field_loops import correlate, cumulate
        from geocluster.spanning.loops import draw_by_totals

        factor, spread, tested, neighbour = self._ready
        lift = generator.standard_normal((len(self._weight), size), dtype=np.float32)
        correlate(lift, neighbour, factor, spread)
        np.exp(lift, out=lift)
        total, mass = cumulate(lift, self._weight, tested, self._outside)
        inside = np.minimum(total[:, -1] / mass, 1.0)
        amounts = generator.binomial(self.null.organisations, inside)
        return draw_by_totals(generator, amounts, total), amounts

    def entries(self, used: NDArray[np.int64]) -> Entries:
        """Index the windows about some centres by these places."""
        return index_places(self.windows, used, self.null, self.places)[1:]


def field_tails(
    observed: NDArray[np.float64], expected: NDArray[np.float64], redraws: FieldRedraws
) -> NDArray[np.float64]:
    """π_c(z) as a rank among redraws on the field, where there is an excess; else 1.

    Parameters
    ----------
    observed, expected : ndarray, shape (centres, radii)
    redraws : FieldRedraws

    Returns
    -------
    ndarray, shape (centres, radii)
        (1 + #{b : O_b ≥ O})/(P + 1).
    """
    from geocluster.spanning.loops import count_reached

    tail = np.ones_like(observed)
    high = observed > expected * (1 + 1e-12)
    used = np.flatnonzero(high.any(axis=1))
    if not len(used):
        return tail
    entries = redraws.entries(used)
    target = np.where(high[used], np.round(observed[used]), np.inf)
    often = np.zeros(target.shape)
    for drawn, amounts in redraws.blocks():
        often += count_reached(drawn, amounts, *entries, target)
    tail[used] = np.where(high[used], (1 + often) / (redraws.permutations + 1), 1.0)
    return tail
