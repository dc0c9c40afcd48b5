"""How often does each kind stand beside each other kind, at home and abroad, and under the null?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.colocation.enough import (
    check_kinds,
    claim_nothing,
    count_kinds,
    one_place,
    place_notes,
    reasons_of,
)
from geocluster.colocation.quotient import cross_form, expected_count
from geocluster.errors import OptionError
from geocluster.permutation import make_generator
from geocluster.schema import kind_word, kind_words
from geocluster.splitting import Sides, Workbench, join_cross, lay_out, rows_that_enter, standardise
from geocluster.splitting.bits import tables_by_bits, takes_bits
from geocluster.splitting.edges import with_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from pandas import DataFrame
    from scipy.sparse import csr_array

    from geocluster.permutation import Seed
    from geocluster.splitting import Rows
    from geocluster.splitting.engine import Shuffles
    from geocluster.surrogates import Null

PARTS = ("whole", "within", "across")
MOST_KINDS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """All ordered pairs of kinds.

    Attributes
    ----------
    kinds : list of str
    rows : Rows
    number : ndarray of int, shape (kinds, k)
        Rows of each kind by country.
    count : DataFrame
        One row a pair and part (kind, near_kind, part): C_AB against its null as `lay_out` has
        it; across, `standard` and p of the test of the cross part; `reason`.
    average : ndarray, shape (pairs,)
        C_AB if neighbours were an average of all others.
    drawn : ndarray, shape (P, pairs)
        C_AB of the whole with kinds permuted within countries.
    weights : csr_array, shape (n, n)
        Rows summing to 1.
    notes : tuple of str
    seed : str
    """

    kinds: list[str]
    rows: Rows
    number: NDArray[np.int64]
    count: DataFrame
    average: NDArray[np.float64]
    drawn: NDArray[np.float64]
    weights: csr_array
    notes: tuple[str, ...]
    seed: str


def choose_kinds(table: GeoDataFrame, kinds: Sequence[str] | None) -> list[str]:
    """Give the kinds asked for, or all of the table, the most frequent first.

    Raises
    ------
    OptionError
        If one is not there, there are fewer than two, or too many.
    """
    there = kind_words(table["kind"])
    counts = there.dropna().value_counts(sort=True)
    if isinstance(kinds, str) or not isinstance(kinds, Iterable | None):
        raise OptionError(f"kinds must be a list of words, got {kinds!r}. E.g. kinds=['firm', 'university'].")
    if kinds is not None:
        chosen = list(dict.fromkeys(kind_word(kind) for kind in kinds))
    else:
        chosen = sorted(counts.index, key=lambda k: (-counts[k], k))
    check_kinds(there, chosen)
    if len(chosen) < 2:
        raise OptionError("a matrix needs two kinds or more; for one kind use colocation_test.")
    if len(chosen) > MOST_KINDS:
        raise OptionError(f"there are {len(chosen)} kinds; name those you mean, at most {MOST_KINDS}: kinds=[...].")
    return chosen


def measure_pairs(
    table: GeoDataFrame,
    graph: Graph,
    kinds: list[str],
    *,
    null: Null,
    permutations: int,
    rng: Seed,
    workers: int,
) -> Pairs:
    """Count all ordered pairs of kinds among neighbours, and again under the null.

    Whole and within: kinds are permuted within countries, all pairs in one pass. Across: as in
    `colocation_test`, the same redraws of a country for all pairs.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned.
    graph : Graph
        Its rows are standardised here.
    kinds : list of str
    null : {"surrogate", "permutation"}
    permutations, rng, workers
    """
    import pandas as pd

    generator, seed = make_generator(rng)
    for_parts, for_cross = generator.spawn(2)
    column = kind_words(table["kind"])
    rows = rows_that_enter(table, graph, column.isna().to_numpy(dtype=bool), "no kind")
    entered = column[rows.keep].to_numpy(dtype=object)
    of = [(entered == word).astype(np.float64) for word in kinds]
    weights = standardise(rows.weights)
    bench = Workbench(
        weights, rows.countries, rows.points.xyz[rows.points.of_row],
        permutations=permutations, rng=for_parts, workers=workers,
    )  # fmt: skip
    asked = [(a, b) for a in range(len(kinds)) for b in range(len(kinds))]
    value, draws = _sums(bench, of, asked)
    sides = Sides(rows, null, permutations=permutations, rng=for_cross, workers=workers, weights=weights)
    number = count_kinds(rows.countries, [one > 0 for one in of])
    told = []
    for at, (a, b) in enumerate(asked):
        said = (kinds[a], kinds[b])
        reasons = reasons_of(rows, bench.edges.pairs, number[[a, b]], said)
        frame = claim_nothing(lay_out(bench.index, value[at], draws[:, at]), reasons)
        cross = sides.test(cross_form(sides, of[a], of[b], said=said))
        frame = join_cross(frame, cross.frame, cross.standard).iloc[:3]
        reason = frame["reason"].tolist()
        if not np.isfinite(frame["p"].iloc[2]) and not one_place(rows):
            ways = cross.frame["reason"].unique().tolist()
            reason[2] = rows.undefined() or next(iter(ways), "") or reason[2]
        told.append(frame.assign(kind=kinds[a], near_kind=kinds[b], reason=reason).reset_index())
    notes = (*rows.notes, *place_notes(table, rows))
    average = np.array([expected_count(of[a], of[b], same=a == b) for a, b in asked])
    count = pd.concat(told, ignore_index=True)
    return Pairs(kinds, rows, number, count, average, draws[:, :, 0], weights, notes, seed)


def _sums(
    bench: Workbench, of: list[NDArray[np.float64]], asked: list[tuple[int, int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum C_AB by pair of kinds and part, and again with kinds permuted: (pairs, parts), (P, pairs, parts)."""
    edges, sums = bench.edges, bench.sums
    value = np.stack([edges.parts(edges.weight * of[a][edges.row] * of[b][edges.neighbour]) for a, b in asked])

    def measure(order: NDArray[np.int64]) -> NDArray[np.float64]:
        columns = [one[order] for one in of]
        beside = [sums.gather @ one for one in columns]
        return np.concatenate([sums.parts(sums.add(columns[a][sums.row] * beside[b])) for a, b in asked])

    codes = np.zeros(bench.n, dtype=np.int64)
    for code, one in enumerate(of, start=1):
        codes[one > 0] = code
    joins = [(a + 1, b + 1) for a, b in asked]

    def fast(shuffles: Shuffles) -> NDArray[np.float64]:
        if takes_bits(shuffles.layout):
            tables = tables_by_bits(shuffles, codes, range(1, len(of) + 1), workers=bench.workers)
            parts = with_parts(np.moveaxis(tables.reshape(len(tables), len(asked), -1), 2, 0), edges.own)
            return np.moveaxis(parts, 0, 2).reshape(len(tables), -1)
        return bench.fast_joins(shuffles, codes, joins, measure, value.ravel())

    draws = bench.draws(bench.countries.strata(), measure, fast=fast)
    return value, draws.reshape(len(draws), len(asked), -1)


def counts_frame(kinds: Sequence[str], number: NDArray[np.int64], countries: Sequence[str]) -> DataFrame:
    """Lay out the rows of each kind by country.

    Examples
    --------
    >>> counts_frame(["firm"], np.array([[2, 3]]), ["CH", "FR"]).loc["FR", "firm"]
    np.int64(3)
    """
    import pandas as pd

    return pd.DataFrame(number.T, columns=list(kinds), index=pd.Index(list(countries), name="country"))
