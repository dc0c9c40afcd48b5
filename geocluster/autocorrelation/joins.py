"""How often do neighbours hold the same kind, how often different ones?

J_aa = ½ Σ w_ij 1[m_i = a] 1[m_j = a], J_ab = ½ Σ w_ij (1[m_i = a] 1[m_j = b] + 1[m_i = b] 1[m_j = a])
(Cliff & Ord 1981; spdep's joincount.multi). All unlike joins together are the headline: few of
them mean that like stands by like. Of 0 and 1 they are BW, and 1-1 and 0-0 are BB and WW.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.autocorrelation.global_sums import Measured
from geocluster.errors import Fault, SchemaError
from geocluster.splitting import Strata, Workbench, expected_products

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

UNLIKE = "unlike"
MOST_KINDS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """The kinds that rows hold, as codes.

    Attributes
    ----------
    names : list of str
        Sorted.
    code : ndarray of int, shape (n,)
    joins : list of (int, int)
        Pairs of kinds, the smaller code first: like ones, then unlike ones.
    """

    names: list[str]
    code: NDArray[np.int64]
    joins: list[tuple[int, int]]

    @classmethod
    def of(cls, words: NDArray[np.object_]) -> Kinds:
        """Make codes of words.

        Examples
        --------
        >>> kinds = Kinds.of(np.array(["firm", "museum", "firm"], dtype=object))
        >>> kinds.labels()
        ['firm-firm', 'museum-museum', 'firm-museum', 'unlike']
        """
        names, code = np.unique(words.astype(str), return_inverse=True)
        k = range(len(names))
        joins = [(a, a) for a in k] + [(a, b) for a in k for b in k if a < b]
        return cls(names.tolist(), code.astype(np.int64), joins)

    def labels(self) -> list[str]:
        """Name the pairs of kinds, and all unlike ones together."""
        return [*(f"{self.names[a]}-{self.names[b]}" for a, b in self.joins), UNLIKE]

    def indicators(self) -> NDArray[np.float64]:
        """Give 1 where a row holds a kind: shape (kinds, n)."""
        held: NDArray[np.float64] = (self.code == np.arange(len(self.names))[:, None]).astype(np.float64)
        return held


def read_kinds(table: GeoDataFrame, column: str) -> NDArray[np.object_]:
    """Read a column of words, or of 0 and 1, as words; None where a cell is empty.

    Raises
    ------
    SchemaError
        If it holds other numbers, or more than 20 words.

    Examples
    --------
    >>> import geopandas as gpd
    >>> read_kinds(gpd.GeoDataFrame({"x": [True, False, None]}), "x").tolist()
    ['1', '0', None]
    """
    import pandas as pd

    series = table[column]
    found = np.array([_word(cell) for cell in series], dtype=object)
    words: list[str] = [word for word in dict.fromkeys(found) if word is not None]
    faults = []
    numbers = pd.api.types.is_numeric_dtype(series) or all(isinstance(cell, (int, float)) for cell in series.dropna())
    if numbers and not set(words) <= {"0", "1"}:
        others = ", ".join(sorted(set(words) - {"0", "1"})[:3])
        faults.append(Fault(column, f"numbers other than 0 and 1 ({others}).", "Give words, e.g. with astype(str)."))
    elif len(words) > MOST_KINDS:
        some = ", ".join(repr(word[:40]) for word in words[:3])
        mend = f"Give at most {MOST_KINDS}, e.g. by joining rare ones."
        faults.append(Fault(column, f"{len(words):,} different words ({some}, …).", mend))
    if faults:
        raise SchemaError("the table cannot be counted", faults)
    return found


def _word(cell: Any) -> str | None:
    """Say what a cell holds; None if it is empty."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(cell, (int, np.integer, np.bool_)):  # a truth value is one of them
        return str(int(cell))
    if isinstance(cell, (float, np.floating)):
        return f"{cell:g}" if np.isfinite(cell) else None
    return " ".join(str(cell).split()) or None


def joins_of(bench: Workbench, strata: NDArray[np.int64], kinds: Kinds) -> dict[str, Measured]:
    """Count the joins of each pair of kinds, and all unlike ones, by part."""
    edges, code = bench.edges, kinds.code
    k = len(kinds.names)
    half = edges.weight / 2
    key = np.minimum(code[edges.row], code[edges.neighbour]) * k + np.maximum(code[edges.row], code[edges.neighbour])
    held = kinds.indicators()
    rows = list(held)
    groups = Strata.of(strata)
    value = np.stack([edges.parts(np.where(key == a * k + b, half, 0.0)) for a, b in kinds.joins], axis=-1)
    exact = np.stack([edges.parts(half * _expected(bench, groups, rows[a], rows[b])) for a, b in kinds.joins], -1)

    def measure(order: NDArray[np.int64]) -> NDArray[np.float64]:
        columns = held[:, order]  # (kinds, n, draws)
        near = [bench.sums.gather @ one for one in columns]
        own = [one[bench.sums.row] for one in columns]
        found = [bench.sums.add(own[a] * near[b] + (own[b] * near[a] if a != b else 0.0)) for a, b in kinds.joins]
        return np.concatenate([bench.sums.parts(one) for one in found])

    draws = bench.draws(
        strata,
        measure,
        fast=lambda shuffles: bench.fast_joins(shuffles, code, kinds.joins, measure, 2 * value.T.ravel()),
        merge=True,
    )
    draws = np.moveaxis(draws.reshape(len(draws), len(kinds.joins), -1), 1, 2) / 2
    value, exact, draws = (_and_unlike(one, k) for one in (value, exact, draws))
    total = float(edges.weight.sum())
    share = edges.parts(edges.weight) / (total if total > 0 else np.nan)
    return {
        label: Measured(bench.index, value[:, i], exact[:, i], draws[:, :, i], share)
        for i, label in enumerate(kinds.labels())
    }


def _and_unlike(found: NDArray[np.float64], kinds: int) -> NDArray[np.float64]:
    """Put the sum of the unlike joins, which stand behind the like ones, at the end of the last axis."""
    return np.concatenate([found, found[..., kinds:].sum(axis=-1, keepdims=True)], axis=-1)


def _expected(bench: Workbench, strata: Strata, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the mean of 1[m_i = a] 1[m_j = b], and of the other way round where they differ."""
    found = expected_products(bench.edges, strata, a, b)
    return found if a is b else found + expected_products(bench.edges, strata, b, a)
