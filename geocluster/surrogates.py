"""What else could a country's values look like, with the same texture on the map?

Redraws of one country's values that know nothing of what stands across its border.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.distance import to_arc_km
from geocluster.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocluster.graph import Points

    Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]

Null = Literal["surrogate", "permutation"]
NULLS: dict[str, str] = {
    "surrogate": "spectral surrogates within country, on places (approximate)",
    "permutation": "permutation within country",
}
RANGE_KM = 20.0
"""Range of the exponential weights whose eigenvectors are used."""
MAX_PLACES = 3_000
"""The eigenvectors cost the cube of it."""


def spectral_draws(points: Points, rows: NDArray[np.int64], values: NDArray[np.float64]) -> Draw:
    """Redraw a country's values so that they keep their spatial autocorrelation.

    Moran spectral randomisation (Wagner & Dray 2015, singleton form) on places: with
    n_j rows at place j and q_j = √n_j, V holds the eigenvectors of H A H,
    A_jl = q_j q_l exp(-2 d_jl / 20 km), A_jj = n_j - 1, H = I - qq'/n; the place
    means are drawn as mean + V(ε ∘ V'z)/q, z = q (place mean - mean), ε = ±1 at random.
    What a row differs from its place's mean is permuted within the place. Mean and
    variance of the country stay as they are.

    Parameters
    ----------
    points : Points
        Of the whole table.
    rows : ndarray of int, shape (n,)
        The country's rows.
    values : ndarray, shape (n,)
        Theirs.

    Returns
    -------
    callable
        ``draw(generator, size)`` gives an array of shape (size, n).

    Raises
    ------
    OptionError
        If the country has more than 3,000 places.

    Examples
    --------
    >>> from geocluster.graph import distinct_points
    >>> points = distinct_points([7.5, 7.6, 7.7, 7.7], [47.5, 47.6, 47.5, 47.5])
    >>> draw = spectral_draws(points, np.arange(4), np.array([1.0, 2.0, 3.0, 6.0]))
    >>> draws = draw(np.random.default_rng(1), 2)
    >>> draws.mean(axis=1).round(9).tolist(), draws.var(axis=1).round(9).tolist()
    ([3.0, 3.0], [3.5, 3.5])
    """
    return SpectralBasis.of(points, rows).draws(values)


@dataclass(frozen=True, slots=True, eq=False)
class SpectralBasis:
    """What `spectral_draws` knows of a country's places before it sees a value: its costly part.

    Attributes
    ----------
    place : ndarray of int, shape (n,)
        The place of each row.
    count : ndarray, shape (places,)
    vectors : ndarray, shape (places, places)
    """

    place: NDArray[np.intp]
    count: NDArray[np.float64]
    vectors: NDArray[np.float64]

    @classmethod
    def of(cls, points: Points, rows: NDArray[np.int64]) -> SpectralBasis:
        """Find the eigenvectors of a country's places."""
        from scipy.spatial.distance import cdist

        place, local = np.unique(points.of_row[rows], return_inverse=True)
        if len(place) > MAX_PLACES:
            raise OptionError(
                f"surrogates are drawn for at most {MAX_PLACES:,} places a country, there are {len(place):,}. "
                "Give null='permutation'."
            )
        count = np.bincount(local).astype(np.float64)
        q = np.sqrt(count)
        affinity = np.exp(-2 * to_arc_km(cdist(points.xyz[place], points.xyz[place])) / RANGE_KM) * np.outer(q, q)
        np.fill_diagonal(affinity, count - 1)
        u = q / np.sqrt(count.sum())
        affinity -= np.outer(u, u @ affinity)
        affinity -= np.outer(affinity @ u, u)
        return cls(local, count, np.linalg.eigh((affinity + affinity.T) / 2)[1])

    def draws(self, values: NDArray[np.float64]) -> Draw:
        """Redraw values of these rows."""
        local, count, vectors = self.place, self.count, self.vectors
        q = np.sqrt(count)
        u = q / np.sqrt(count.sum())
        mean = values.mean()
        place_mean = np.bincount(local, weights=values) / count
        rest = values - place_mean[local]
        score = vectors.T @ (q * (place_mean - mean))
        of_place = [np.flatnonzero(local == j) for j in np.flatnonzero(count > 1) if np.ptp(rest[local == j]) > 0]

        def draw(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
            sign = rng.integers(0, 2, (size, len(count))) * 2.0 - 1
            redrawn = (sign * score) @ vectors.T
            redrawn -= np.outer(redrawn @ u, u)  # where eigenvalues are equal, a vector may lean towards u
            result: NDArray[np.float64] = (mean + redrawn / q)[:, local] + rest
            for at in of_place:
                result[:, at] += rng.permuted(np.broadcast_to(rest[at], (size, len(at))), axis=1) - rest[at]
            return result

        return draw


def permuted_draws(values: NDArray[np.float64], among: NDArray[np.intp] | None = None, *, fast: bool = False) -> Draw:
    """Redraw a country's values by shuffling them among its rows.

    Parameters
    ----------
    values : ndarray, shape (n,)
    among : ndarray of int, optional
        Rows whose redraws are wanted, ascending; they take fewer steps.
    fast : bool
        Whether compiled loops are worth their start.

    Examples
    --------
    >>> draw = permuted_draws(np.array([1.0, 2.0, 3.0]))
    >>> sorted(draw(np.random.default_rng(1), 1)[0].tolist())
    [1.0, 2.0, 3.0]
    >>> permuted_draws(np.array([1.0, 2.0, 3.0]), np.array([1, 2]))(np.random.default_rng(1), 5).shape
    (5, 2)
    """
    wanted = len(values) if among is None else len(among)

    def draw(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        if fast:
            chosen = _choose_loop()(rng.integers(1, 2**64, 4, np.uint64), len(values), wanted, size)
            redrawn: NDArray[np.float64] = values[chosen]
            return redrawn
        drawn = rng.permuted(np.broadcast_to(values, (size, len(values))), axis=1)
        return drawn if among is None else drawn[:, among]

    return draw


@cache
def _choose_loop() -> Any:
    """Compile the first steps of a shuffle (Fisher & Yates 1938): they choose without replacement, in random order.

    Random words are xoshiro256++ (Blackman & Vigna 2021), places Lemire's (2019), with rejection.
    """
    from numba import njit

    u = np.uint64

    @njit(cache=True, nogil=True)
    def choose(state, n, wanted, size):  # type: ignore[no-untyped-def]
        """Choose `wanted` of n, `size` times, each time going on from the last shuffle."""
        places = np.arange(n).astype(np.int32)
        result = np.empty((size, wanted), np.int32)
        s0, s1, s2, s3 = state
        mask = u(0xFFFFFFFF)
        for b in range(size):
            for i in range(wanted):
                bound = u(n - i)
                while True:
                    word = s0 + s3
                    word = ((word << u(23)) | (word >> u(41))) + s0
                    turned = s1 << u(17)
                    s2 ^= s0
                    s3 ^= s1
                    s1 ^= s2
                    s0 ^= s3
                    s2 ^= turned
                    s3 = (s3 << u(45)) | (s3 >> u(19))
                    a = (word >> u(32)) * bound
                    if (a & mask) >= bound or (a & mask) >= (u(0x100000000) - bound) % bound:
                        break
                j = i + np.int64(a >> u(32))
                places[i], places[j] = places[j], places[i]
                result[b, i] = places[i]
        return result

    return choose


def cut_draws(draw: Draw, ones: int) -> Draw:
    """Turn redraws of values into redraws of an indicator: 1 at the `ones` largest, ties at random.

    Examples
    --------
    >>> draw = cut_draws(permuted_draws(np.array([0.1, 0.5, 0.3, 0.2])), 2)
    >>> draw(np.random.default_rng(1), 3).sum(axis=1).tolist()
    [2.0, 2.0, 2.0]
    """

    def indicator(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        values = draw(rng, size)
        # rounding must not break ties
        order = np.lexsort((rng.random(values.shape), -values.round(12)), axis=1)
        result = np.zeros_like(values)
        np.put_along_axis(result, order[:, :ones], 1.0, axis=1)
        return result

    return indicator
