"""Who stands where, and what else could stand there?

A scene holds the two kinds on sites of known countries. It gives the observed
columns and redraws of them, in the form that one of the counting engines takes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.cross.counting import Reach, count_rows, count_words, weigh_rows
from geocluster.cross.words import WORD, count_ranges, pack, relabel
from geocluster.permutation import permute_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.cross.leaves import Leaves

FEWEST = 5
"""A kind with fewer rows in a country is held fixed there, and nothing is claimed of it."""
ROW_LEAF = 8
FEW_PLACES = 0.27
"""With fewer sites than this share of the rows, rows of numbers count faster than bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """The rows of both kinds, by country.

    Attributes
    ----------
    names : list of str
        Countries.
    country : ndarray of int, shape (rows,)
    first, second : ndarray of bool, shape (rows,)
        Of the first kind, near the second; the same rows where both are one kind.
    weight : ndarray, shape (rows,) or None
    """

    names: list[str]
    country: NDArray[np.int64]
    first: NDArray[np.bool_]
    second: NDArray[np.bool_]
    weight: NDArray[np.float64] | None

    @property
    def same(self) -> bool:
        """Whether both kinds are one."""
        return bool((self.first == self.second).all())

    def number(self) -> NDArray[np.int64]:
        """Rows by kind and country, shape (2, k)."""
        k = len(self.names)
        return np.array([np.bincount(self.country[rows], minlength=k) for rows in (self.first, self.second)])

    def total(self) -> NDArray[np.float64]:
        """Weight (rows, if there is none) by kind and country, shape (2, k)."""
        return self._sum(np.ones(len(self.country)) if self.weight is None else self.weight)

    def squares(self) -> NDArray[np.float64]:
        """Squared weight of rows that are of both kinds, by country, shape (k,): pairs of a row with itself."""
        both = self.first & self.second
        weight = np.ones(len(both)) if self.weight is None else self.weight**2
        return np.bincount(self.country[both], weights=weight[both], minlength=len(self.names)).astype(np.float64)

    def held(self) -> NDArray[np.bool_]:
        """Kinds of which a country has some, yet fewer than five: held fixed, shape (2, k)."""
        number = self.number()
        return (number > 0) & (number < FEWEST)

    def _sum(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        k = len(self.names)
        return np.array(
            [np.bincount(self.country[r], weights=weight[r], minlength=k) for r in (self.first, self.second)]
        )


class Scene(ABC):
    """Both kinds on sites, and their redraws.

    Attributes
    ----------
    kinds : Kinds
    leaves : Leaves
        Of sites, or of rows.
    """

    kinds: Kinds
    leaves: Leaves

    @abstractmethod
    def observed(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Columns of both kinds as they are."""

    @abstractmethod
    def draw(self, generator: np.random.Generator, size: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Columns of both kinds, redrawn."""

    @abstractmethod
    def everyone(self) -> NDArray[Any]:
        """Give a column of what E is made of: all rows, or the shares of the background."""

    def count(
        self,
        left: NDArray[Any],
        right: NDArray[Any],
        reach: Reach,
        *,
        at_km: NDArray[np.float64] | None = None,
        bandwidth_km: float = 0.0,
        workers: int = 1,
    ) -> NDArray[Any]:
        """Count pairs by cell and distance; with a bandwidth, their density at each distance."""
        if left.dtype == np.uint64:
            return count_words(self.leaves, reach, left, right, workers=workers)
        if at_km is None:
            found = count_rows(self.leaves, reach, left, right, workers=workers)
        else:
            found = weigh_rows(
                self.leaves, reach, left.astype(np.float64), right.astype(np.float64), at_km=at_km,
                bandwidth_km=bandwidth_km, workers=workers,
            )  # fmt: skip
        self._leave_out_self(found, reach, at_km, bandwidth_km)
        return found

    def _leave_out_self(
        self, found: NDArray[Any], reach: Reach, at_km: NDArray[np.float64] | None, bandwidth_km: float
    ) -> None:
        squares = self.kinds.squares()
        for c, square in enumerate(squares):
            cell = reach.cell_of[c, c]
            if cell >= 0 and square:
                if at_km is None:
                    found[cell, 0] -= square.astype(found.dtype)
                else:
                    found[cell] -= square * kernel(at_km, 0.0, bandwidth_km)[:, None]


def kernel(at_km: NDArray[np.float64], distance_km: Any, bandwidth_km: float) -> NDArray[np.float64]:
    """Epanechnikov's kernel about each distance asked, reflected at 0, per km.

    Examples
    --------
    >>> kernel(np.array([0.0, 2.0]), 0.0, 1.0).tolist()
    [1.5, 0.0]
    """
    u = (at_km - np.asarray(distance_km)) / bandwidth_km
    v = (at_km + np.asarray(distance_km)) / bandwidth_km
    return np.asarray(0.75 / bandwidth_km * (np.maximum(0, 1 - u * u) + np.maximum(0, 1 - v * v)))


@dataclass(frozen=True, slots=True, eq=False)
class LabelScene(Scene):
    """Kinds are relabelled among the rows of their country.

    Attributes
    ----------
    kinds : Kinds
        Every row that takes part, of whatever kind.
    leaves : Leaves
        Of rows, 64 a leaf, if `site` is None; else of sites.
    site : ndarray of int, shape (rows,) or None
        The site of each row.
    """

    kinds: Kinds
    leaves: Leaves
    site: NDArray[np.int64] | None
    _slot: NDArray[np.int64]
    _first_leaf: NDArray[np.int64]
    _ends: NDArray[np.int64]

    @classmethod
    def of(cls, kinds: Kinds, leaves: Leaves, site: NDArray[np.int64] | None = None) -> LabelScene:
        """Lay the rows out in words: by leaf, or by site where many rows share one."""
        if site is None:
            return cls(kinds, leaves, None, leaves.slot, leaves.first_leaf, np.empty((2, 0), dtype=np.int64))
        k = len(kinds.names)
        order = np.lexsort((leaves.slot[site], kinds.country))
        number = np.bincount(kinds.country, minlength=k)
        first_leaf = np.concatenate([[0], np.cumsum(-(-number // WORD))])
        start = np.concatenate([[0], np.cumsum(number)])[:-1]
        sorted_country = kinds.country[order]
        slot = np.empty(len(order), dtype=np.int64)
        slot[order] = first_leaf[sorted_country] * WORD + np.arange(len(order)) - start[sorted_country]
        sites = len(leaves.slot)
        first = np.full(sites, np.iinfo(np.int64).max)
        np.minimum.at(first, site, slot)
        return cls(kinds, leaves, site, slot, first_leaf, np.stack([first, first + np.bincount(site, minlength=sites)]))

    def observed(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Columns of both kinds as they are."""
        rows = (self.kinds.first, self.kinds.second)
        if self.kinds.weight is not None:
            first, second = (self._sites((self.kinds.weight * r)[:, None]) for r in rows)
            return first, second
        return self.column(rows[0]), self.column(rows[1])

    def draw(self, generator: np.random.Generator, size: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Relabel within countries; kinds held fixed stay where they are."""
        kinds, held, fixed = self.kinds, self.kinds.held(), self.fixed()
        if kinds.weight is not None:
            still = fixed[0] | fixed[1]
            order = permute_within(
                np.where(still, len(kinds.names) + np.arange(len(still)), kinds.country), generator, size
            )
            first, second = (self._sites((kinds.weight * r)[order].T) for r in (kinds.first, kinds.second))
            return first, second
        keys = generator.integers(0, 2**64, size=size, dtype=np.uint64)
        leaves = int(self._first_leaf[-1])
        every = pack(self._slot, leaves)
        kept = [pack(self._slot[rows], leaves) for rows in fixed]
        wanted = np.where(held, 0, kinds.number())
        used = wanted[:1] if kinds.same else wanted
        words = relabel(keys, every & ~(kept[0] | kept[1]), self._first_leaf, used)
        first = self._columns(words[0] | kept[0][:, None])
        return first, first if kinds.same else self._columns(words[1] | kept[1][:, None])

    def everyone(self) -> NDArray[Any]:
        """Give a column of all rows."""
        return self.column(np.ones(len(self.kinds.country), dtype=bool))

    def column(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Give a column of some rows; numbers, not a choice of rows, count as weights."""
        if rows.dtype == bool and self.kinds.weight is None:
            return self._columns(pack(self._slot[rows], int(self._first_leaf[-1]))[:, None])
        return self._sites(rows.astype(np.float64)[:, None])

    def fixed(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Rows of each kind that stay: fewer than five in their country."""
        held, kinds = self.kinds.held(), self.kinds
        return kinds.first & held[0, kinds.country], kinds.second & held[1, kinds.country]

    def _columns(self, words: NDArray[np.uint64]) -> NDArray[Any]:
        if self.site is None:
            return words
        column = np.zeros((len(self.leaves) * self.leaves.size, words.shape[1]), dtype=np.int32)
        column[self.leaves.slot] = count_ranges(words, self._ends)
        return column

    def _sites(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up rows of values by site, in the order of slots."""
        from scipy import sparse

        assert self.site is not None
        shape = (len(self.leaves) * self.leaves.size, len(self.site))
        add = sparse.csr_array(
            (np.ones(len(self.site)), (self.leaves.slot[self.site], np.arange(shape[1]))), shape=shape
        )
        return np.asarray(add @ values)


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundScene(Scene):
    """Both kinds are redrawn over the places of their country's background.

    Attributes
    ----------
    kinds : Kinds
    leaves : Leaves
        Of places.
    site : ndarray of int, shape (rows,)
        The place of each row.
    share : ndarray, shape (places,)
        β: of each country's background.
    place_country : ndarray of int, shape (places,)
    """

    kinds: Kinds
    leaves: Leaves
    site: NDArray[np.int64]
    share: NDArray[np.float64]
    place_country: NDArray[np.int64]

    def observed(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Columns of both kinds as they are."""
        first, second = (self._column(rows) for rows in (self.kinds.first, self.kinds.second))
        return first, second

    def draw(self, generator: np.random.Generator, size: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Redraw the places of both kinds within countries; kinds held fixed stay where they are."""
        first = self._redraw(generator, size, 0)
        return first, first if self.kinds.same else self._redraw(generator, size, 1)

    def everyone(self) -> NDArray[np.float64]:
        """Give the background's shares."""
        column = np.zeros((len(self.leaves) * self.leaves.size, 1))
        column[self.leaves.slot, 0] = self.share
        return column

    def _redraw(self, generator: np.random.Generator, size: int, kind: int) -> NDArray[Any]:
        kinds = self.kinds
        mine = (kinds.first, kinds.second)[kind]
        held = kinds.held()[kind]
        country, stands = kinds.country[mine], self.site[mine]
        weight = None if kinds.weight is None else kinds.weight[mine]
        column = np.zeros((len(self.leaves) * self.leaves.size, size), dtype=np.int32 if weight is None else np.float64)
        for c in range(len(kinds.names)):
            here = np.flatnonzero(country == c)
            if not len(here):
                continue
            places = np.flatnonzero(self.place_country == c)
            slots, own = self.leaves.slot[places], None if weight is None else weight[here]
            if held[c]:
                at = np.searchsorted(places, stands[here])
                column[slots] = np.bincount(at, weights=own, minlength=len(places))[:, None]
            elif own is None and len(here) >= len(places):
                share = self.share[places] / self.share[places].sum()
                column[slots] = generator.multinomial(len(here), share, size=size).T
            else:
                cumulated = np.cumsum(self.share[places])
                for draw in range(size):
                    at = np.searchsorted(cumulated, generator.random(len(here)) * cumulated[-1], side="right")
                    at = np.minimum(at, len(places) - 1)
                    column[slots, draw] = np.bincount(at, weights=own, minlength=len(places))
        return column

    def _column(self, rows: NDArray[np.bool_]) -> NDArray[Any]:
        """Put rows on their places, as one column."""
        weight = None if self.kinds.weight is None else self.kinds.weight[rows]
        slots = len(self.leaves) * self.leaves.size
        number = np.bincount(self.leaves.slot[self.site[rows]], weights=weight, minlength=slots)
        return number.astype(np.int32 if weight is None else np.float64)[:, None]
