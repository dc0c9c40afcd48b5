"""At which distances from each other do the members of a kind stand: Duranton and Overman's Kd?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.cross.measuring import Measured
from geocluster.cross.pair_bins import PairBins
from geocluster.cross.relative import labellings
from geocluster.cross.words import WORD
from geocluster.distance import to_arc_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.cross.scene import Kinds

LATTICE = 4_096
"""Points of a lattice of distances, on which redraws are smoothed."""
MANY = 3_000_000
"""From so many pairs on, what is observed is smoothed on the lattice too."""
TAIL = 6.0
"""Bandwidths beyond which the Gaussian adds less than rounding."""
MOST_LATTICE = 2**25
"""Numbers of lattices held at once (256 MB): beyond, pairs of countries are counted in turn."""
NAMED = 8
"""Pairs of countries left out that are named."""


def silverman_bandwidth(distance: NDArray[np.float64]) -> float:
    """0.9 · min(sd, IQR/1.34) · N^(-1/5), N the number of pairs (Silverman 1986, eq. 3.31).

    Parameters
    ----------
    distance : ndarray, shape (pairs,)
        Each pair once.

    Returns
    -------
    float
        sd alone where the quartiles are one; 0 where all distances are.

    Examples
    --------
    >>> round(silverman_bandwidth(np.arange(32.0)), 3)
    4.221
    """
    if len(distance) < 2:
        return 0.0
    low, high = np.quantile(distance, (0.25, 0.75))
    return _silverman(float(distance.std(ddof=1)), float(high - low), len(distance))


def _silverman(sd: float, spread: float, pairs: int) -> float:
    return float(0.9 * (min(sd, spread / 1.34) if spread > 0 else sd) * float(pairs) ** -0.2)


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """Rows of both kinds, and the pairs of countries that are told apart.

    Attributes
    ----------
    kinds : Kinds
        Every row that takes part, of whatever kind.
    xyz : ndarray, shape (rows, 3)
    at : ndarray, shape (distances,)
    there : ndarray of bool, shape (k, k)
        Countries of which one has the first kind, the other the second.
    cells : list of (int, int)
        Of those, the ones within reach.
    reach : float
        The last distance and six bandwidths.
    step : float
        Of the lattice.
    bandwidth : float or None
        None: Silverman's, of each draw's own distances.
    own : float
        The bandwidth of what is observed.
    flat : bool
        Distances are those of a plane.
    """

    kinds: Kinds
    xyz: NDArray[np.float64]
    at: NDArray[np.float64]
    there: NDArray[np.bool_]
    cells: list[tuple[int, int]]
    reach: float
    step: float
    bandwidth: float | None
    own: float
    flat: bool
    workers: int

    @classmethod
    def of(
        cls,
        kinds: Kinds,
        xyz: NDArray[np.float64],
        at: NDArray[np.float64],
        *,
        bandwidth: float | None = None,
        flat: bool = False,
        workers: int = 1,
    ) -> Density:
        """Lay out the rows.

        Parameters
        ----------
        kinds : Kinds
        xyz : ndarray, shape (rows, 3)
        at : ndarray, shape (distances,)
        bandwidth : float, optional
        flat : bool
            Whether distances are those of a plane, not arcs of the globe.
        workers : int
        """
        number = kinds.number() > 0
        there = number[0][:, None] & number[1]
        widest = float(np.sqrt((np.ptp(xyz, axis=0) ** 2).sum()))
        widest = widest if flat else float(to_arc_km(min(widest, 2 * 6371.0)))
        points = np.ascontiguousarray(xyz, dtype=np.float64)
        step = widest / (LATTICE - 1)
        whole = cls(kinds, points, at, there, [], np.inf, step, bandwidth, bandwidth or 0.0, flat, workers)
        own = bandwidth if bandwidth is not None else whole.silverman()
        reach = float(at[-1]) + TAIL * own
        near = there & (_gaps(points, kinds.country, len(kinds.names), flat=flat) <= reach)
        cells = [(int(a), int(b)) for a, b in np.argwhere(near)]
        return replace(whole, cells=cells, reach=reach, own=own)

    def notes(self, names: list[str]) -> list[str]:
        """Say which pairs of countries are left out, if any."""
        far = sorted({(min(a, b), max(a, b)) for a, b in np.argwhere(self.there).tolist()} - set(self._unordered()))
        if not far:
            return []
        words = ", ".join(f"{names[a]}-{names[b]}" for a, b in far[:NAMED])
        more = f" and {len(far) - NAMED:,} more" if len(far) > NAMED else ""
        beyond = f"{self.reach:.3g} km (the last distance and {TAIL:g} bandwidths)"
        return [f"left out, for they stand farther apart than {beyond}: {words}{more}"]

    def _unordered(self) -> list[tuple[int, int]]:
        return [(min(cell), max(cell)) for cell in self.cells]

    def observed(self) -> tuple[NDArray[np.float64], float]:
        """Kd of each cell, exactly, and the bandwidth: shape (cells, distances)."""
        from geocluster.cross.density_kernels import exact_density

        first, second = np.flatnonzero(self.kinds.first), np.flatnonzero(self.kinds.second)
        same, found = self.kinds.same, np.zeros((len(self.cells), len(self.at)))
        pairs = len(first) * (len(first) - 1) // 2 if same else len(first) * len(second)
        if pairs > MANY:
            return self._once()
        h = self.own
        if h <= 0:
            return np.full_like(found, np.nan), h
        weight = self._weight()
        cell_of = self._numbered(np.arange(len(self.cells)))
        cell_of[cell_of == len(self.cells)] = -1
        total = exact_density(
            self.xyz, self.kinds.country, weight, first, second, same, self.flat, self.at, h, cell_of, found
        )
        return found / total if total > 0 else np.full_like(found, np.nan), h

    def silverman(self) -> float:
        """Give the bandwidth of the distances as they are."""
        from geocluster.cross.density_kernels import list_distances

        first, second = np.flatnonzero(self.kinds.first), np.flatnonzero(self.kinds.second)
        pairs = len(first) * (len(first) - 1) // 2 if self.kinds.same else len(first) * len(second)
        if pairs > MANY:
            return self._once()[1]
        distance = np.empty(pairs)
        count = list_distances(self.xyz, first, second, self.kinds.same, self.flat, distance)
        return silverman_bandwidth(distance[:count])

    def _once(self) -> tuple[NDArray[np.float64], float]:
        """Give what is there, on the lattice."""
        found, h = self.smoothed(self.kinds.first[:, None], self.kinds.second[:, None])
        return found[0], float(h[0])

    def _numbered(self, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the cells that are wanted numbers; what else there is bears the number after them, -1 what is not."""
        result = np.where(self.there, len(wanted), -1)
        for number, cell in enumerate(wanted.tolist()):
            result[self.cells[cell]] = number
        return result

    def _bins(self, rows: NDArray[Any]) -> PairBins:
        kinds = self.kinds
        return PairBins.of(
            self.xyz[rows], kinds.country[rows], None if kinds.weight is None else kinds.weight[rows],
            np.where(self.there, 0, -1), bins=LATTICE, step=self.step, flat=self.flat, workers=self.workers,
        )  # fmt: skip

    def smoothed(
        self,
        left: NDArray[np.bool_],
        right: NDArray[np.bool_],
        bins: PairBins | None = None,
        *,
        wanted: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the same with distances on a lattice: what redraws are compared on.

        Parameters
        ----------
        left, right : ndarray of bool, shape (rows, draws)
        bins : PairBins, optional
            Of all rows.
        wanted : ndarray of int, optional
            Of the cells; default all.

        Returns
        -------
        density : ndarray, shape (draws, wanted cells, distances)
        bandwidth : ndarray, shape (draws,)
        """
        if bins is None:
            rows = np.flatnonzero(left.sum(axis=1) + right.sum(axis=1))
            bins, left, right = self._bins(rows), left[rows], right[rows]
        if wanted is None:
            wanted = np.arange(len(self.cells))
        wide, same = -(-left.shape[1] // WORD) * WORD, self.kinds.same
        # one more for all that is not wanted: it counts in the total and for the bandwidth
        most = max(MOST_LATTICE // (LATTICE * wide) - 1, 1)
        if len(wanted) <= most:
            cell_of = self._numbered(wanted)
            sums, number = replace(bins, cell_of=cell_of, cells=int(cell_of.max()) + 1).count(left, right, same=same)
            total, h = sums.sum(axis=(1, 2)), self._bandwidths(number)
            return self._smooth(sums[:, : len(wanted)], total, h), h
        whole, number = bins.count(left, right, same=same)
        total, h = whole.sum(axis=(1, 2)), self._bandwidths(number)
        parts = []
        for at in range(0, len(wanted), most):
            some = wanted[at : at + most]
            cell_of = self._numbered(some)
            cell_of[cell_of == len(some)] = -1
            sums, _ = replace(bins, cell_of=cell_of, cells=len(some)).count(left, right, same=same)
            parts.append(self._smooth(sums, total, h))
        return np.concatenate(parts, axis=1), h

    def _bandwidths(self, number: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.bandwidth is not None:
            return np.full(len(number), self.bandwidth)
        where = np.arange(LATTICE, dtype=np.float64) * self.step
        return np.array([_lattice_bandwidth(where, one) for one in number])

    def _smooth(
        self, sums: NDArray[np.float64], total: NDArray[np.float64], bandwidth: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        from geocluster.cross.density_kernels import smooth_lattice

        result = np.full((*sums.shape[:2], len(self.at)), np.nan)
        for draw, (weight, h) in enumerate(zip(total, bandwidth, strict=True)):
            if h > 0 and weight > 0:
                into = np.zeros(result.shape[1:])
                smooth_lattice(sums[draw], self.step, self.at, h, TAIL, into)
                result[draw] = into / weight
        return result

    def measure(self, *, permutations: int, rng: np.random.Generator) -> tuple[Measured, NDArray[np.float64], float]:
        """Measure, and again with kinds permuted within countries; weights stay where they are.

        Returns
        -------
        measured : Measured
            On the lattice, as the redraws are.
        exact : ndarray, shape (cells, distances)
            What is observed, exactly.
        bandwidth : float
        """
        kinds = self.kinds
        exact, h = self.observed()
        first, second = kinds.first[:, None], kinds.second[:, None]
        seen = self.smoothed(first, second)[0][0]
        simulated = np.empty((permutations, *seen.shape))
        held = np.full((2, *simulated.shape), np.nan)
        ends = np.array(self.cells).reshape(-1, 2).T
        across = ends[0] != ends[1]
        bins, done = self._bins(np.ones(len(first), dtype=bool)), 0
        for left, right in labellings(kinds, permutations, rng):
            now = slice(done, done + left.shape[1])
            done += left.shape[1]
            simulated[now] = self.smoothed(left, right, bins)[0]
            if not across.any():
                continue
            if not kinds.same:
                ones, others = np.broadcast_to(first, left.shape), np.broadcast_to(second, right.shape)
                crossing = np.flatnonzero(across)
                for way, (a, b) in enumerate(((ones, right), (left, others))):
                    held[way, now][:, across] = self.smoothed(a, b, bins, wanted=crossing)[0]
                continue
            for c in range(len(kinds.names)):
                mine = [np.flatnonzero(across & (ends[1 - way] == c)) for way in (0, 1)]
                wanted = np.unique(np.concatenate(mine))
                if not len(wanted):
                    continue
                # both ends are one set: only the country that is redrawn changes
                mixed = np.where((kinds.country == c)[:, None], right, first)
                found = self.smoothed(mixed, mixed, bins, wanted=wanted)[0]
                for way in (0, 1):
                    held[way, now][:, mine[way]] = found[:, np.searchsorted(wanted, mine[way])]
        return Measured(self.cells, seen, simulated.mean(axis=0), simulated, held), exact, h

    def _weight(self) -> NDArray[np.float64]:
        weight = self.kinds.weight
        return np.ones(len(self.xyz)) if weight is None else np.asarray(weight, dtype=np.float64)


def _gaps(xyz: NDArray[np.float64], country: NDArray[np.int64], k: int, *, flat: bool) -> NDArray[np.float64]:
    """Give the least distance at which rows of two countries can stand: that of the boxes about them, (k, k)."""
    low, high = np.full((k, 3), np.inf), np.full((k, 3), -np.inf)
    np.minimum.at(low, country, np.pad(xyz, ((0, 0), (0, 3 - xyz.shape[1]))))
    np.maximum.at(high, country, np.pad(xyz, ((0, 0), (0, 3 - xyz.shape[1]))))
    beside = np.maximum(low[:, None] - high, low - high[:, None])
    chord = np.sqrt((np.maximum(beside, 0.0) ** 2).sum(axis=2))
    return chord if flat else np.asarray(to_arc_km(np.minimum(chord, 2 * 6371.0)))


def _lattice_bandwidth(where: NDArray[np.float64], number: NDArray[np.float64]) -> float:
    """Give Silverman's bandwidth of distances on a lattice."""
    pairs = int(number.sum())
    if pairs < 2:
        return 0.0
    mean = float(number @ where) / pairs
    sd = float(np.sqrt(number @ (where - mean) ** 2 / (pairs - 1)))
    low, high = where[np.searchsorted(np.cumsum(number), np.array([0.25, 0.75]) * pairs)]
    return _silverman(sd, float(high - low), pairs)
