"""Do two kinds seek each other's company, at home and across the border?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from geocluster.colocation.enough import (
    check_kinds,
    claim_nothing,
    count_kinds,
    few_words,
    one_place,
    place_notes,
    reasons_of,
    worker_faults,
)
from geocluster.permutation import Seed, make_generator
from geocluster.schema import check, kind_word, kind_words
from geocluster.splitting import (
    CrossForm,
    Rows,
    Sides,
    SplitResult,
    Workbench,
    build_split,
    check_choices,
    lay_out,
    rows_that_enter,
    standardise,
)
from geocluster.splitting.bits import joins_by_bits, takes_bits
from geocluster.splitting.edges import with_parts
from geocluster.surrogates import NULLS, Null

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geocluster.splitting.engine import Shuffles

Statistic = Literal["quotient"]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ColocationResult(SplitResult):
    """A colocation quotient and its parts, which add up to it.

    See `SplitResult` for its attributes. `parts` has a further column, `reason`: why nothing is
    claimed of a part, such as fewer than five of a kind in a country.
    """

    def facts(self) -> list[str]:
        """Say the null, the parts, each direction of the cross test, and of what nothing is claimed."""
        told = self.parts[self.parts["reason"] != ""]
        return [*SplitResult.facts(self), *(f"{part}: {row['reason']}" for part, row in told.to_dict("index").items())]

    def sentence(self) -> str:
        """Say the quotient, and the standard form of its cross part with p."""
        whole = float(self.parts["value"].iloc[0])
        across = float(self.parts["standard"].loc["across"])
        if not np.isfinite(whole):
            return f"{self.label} is not defined: {self.notes[-1]}"
        if self.parts["reason"].str.startswith("not defined: all points").all():
            return f"{self.label} is {self.parts['reason'].iloc[0]}"
        words = f"{across:.2f}, {self.cross_words()}" if np.isfinite(across) else self.cross_words()
        return f"{self.label} {whole:.2f} (across {words})"


def colocation_test(
    table: GeoDataFrame,
    graph: Graph,
    *,
    kind: str,
    near_kind: str,
    statistic: Statistic = "quotient",
    null: Null = "surrogate",
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
) -> ColocationResult:
    """Test whether one kind is found near another more than by chance, and how much of it across borders.

    The colocation quotient A → B = (C_AB/N_A) / (N'_B/(N - 1)), C_AB = Σ w_ij over i of A
    and j of B with rows of w that sum to 1, N'_B = N_B - 1[A = B] (Leslie & Kronenfeld
    2011, eq. 1-4); it is not symmetric. Each part puts its own edges into the numerator
    over the same denominator, so within + across = whole. Whole and within: kinds are
    permuted within countries. Across: the standard form Σ w_ij 1[j of B] / Σ w_ij π_B(c_j)
    over i of A and j abroad, π_B the share of B in a country: 1 where the neighbours
    abroad are an average of their own country. A's country is held, B redrawn in the
    other; p is the larger of the two directions (more than two countries: by pair, Holm).

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, every row with a point; see `split_placed`. Rows without a kind are set aside.
    graph : Graph
        On the table's index; its rows are standardised here.
    kind, near_kind : str
        A and B.
    statistic : {"quotient"}
    null : {"surrogate", "permutation"}
        Of the cross part: Moran spectral surrogates of the other country's indicator, cut
        at its N_B-th largest value (Wagner & Dray 2015), or its labels permuted (after
        Kronenfeld & Leslie 2015).
    permutations : int, default 999
    rng : Generator, int or None
        Seed.
    workers : int, default 1
        Threads. Results do not depend on it.

    Returns
    -------
    ColocationResult

    Raises
    ------
    SchemaError
        If the table is not assigned or has no column `kind`.
    OptionError
        If an option cannot be used, a kind is not there or the only one, or the graph stands on other rows.

    Examples
    --------
    >>> import geopandas as gpd
    >>> x = np.arange(12.0)
    >>> table = gpd.GeoDataFrame(
    ...     {"country": ["CH"] * 6 + ["FR"] * 6, "kind": ["firm", "university"] * 6},
    ...     geometry=gpd.points_from_xy(7.5 + x / 100, 47.5 + x % 3 / 100),
    ...     crs="EPSG:4326",
    ... )
    >>> from geocluster.graph import build_graph
    >>> graph = build_graph(table, nearest=3)
    >>> result = colocation_test(table, graph, kind="firm", near_kind="university", rng=1)
    >>> value = result.to_frame()["value"]
    >>> bool(abs(value["within"] + value["across"] - value["whole"]) < 1e-12)
    True
    """
    check_choices(statistic, get_args(Statistic), null=null, permutations=permutations, faults=worker_faults(workers))
    check(table, "assigned", columns=["kind"])
    kinds, kind, near_kind = kind_words(table["kind"]), kind_word(kind), kind_word(near_kind)
    check_kinds(kinds, [kind, near_kind])
    generator, seed = make_generator(rng)
    for_parts, for_cross = generator.spawn(2)
    rows = rows_that_enter(table, graph, kinds.isna().to_numpy(dtype=bool), "no kind")
    entered = kinds[rows.keep].to_numpy(dtype=object)
    mine, near = ((entered == word).astype(np.float64) for word in (kind, near_kind))
    weights = standardise(rows.weights)
    bench = Workbench(
        weights, rows.countries, rows.points.xyz[rows.points.of_row],
        permutations=permutations, rng=for_parts, workers=workers,
    )  # fmt: skip
    value, draws = _parts(bench, mine, near)
    expected = expected_count(mine, near, same=kind == near_kind)
    sides = Sides(rows, null, permutations=permutations, rng=for_cross, workers=workers, weights=weights)
    said = (kind, near_kind)
    cross = sides.test(cross_form(sides, mine, near, said=said))
    notes = [] if np.isfinite(expected) else [f"too few rows of {kind} and {near_kind}"]
    notes = [*place_notes(table, rows), *notes]
    number = count_kinds(rows.countries, [mine > 0, near > 0])
    reasons = reasons_of(rows, bench.edges.pairs, number, said)
    return build_split(
        ColocationResult,
        rows,
        claim_nothing(lay_out(bench.index, value / expected, draws / expected), reasons),
        cross,
        label=f"{kind} → {near_kind}",
        simulated=draws[:, :3] / expected,
        null=f"kinds permuted within countries; across: {NULLS[null]}, the country of {kind} held",
        notes=notes,
        parameters={
            "statistic": statistic, "kind": kind, "near_kind": near_kind, "null": null, "permutations": permutations,
        },
        seed=seed,
    )  # fmt: skip


def _parts(
    bench: Workbench, mine: NDArray[np.float64], near: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum C_AB by part, and again with kinds permuted within countries."""
    edges = bench.edges
    value = edges.parts(edges.weight * mine[edges.row] * near[edges.neighbour])
    same = bool((mine == near).all())
    codes = (mine + 2 * near * (mine == 0)).astype(np.int64)

    def measure(order: NDArray[np.int64]) -> NDArray[np.float64]:
        return bench.measure(mine[order], near[order])

    join = (1, 1 if same else 2)

    def fast(shuffles: Shuffles) -> NDArray[np.float64]:
        if takes_bits(shuffles.layout):
            return with_parts(joins_by_bits(shuffles, codes, join, workers=bench.workers).T, edges.own).T
        return bench.fast_joins(shuffles, codes, [join], measure, value)

    draws = bench.draws(bench.countries.strata(), measure, fast=fast)
    return value, draws


def expected_count(mine: NDArray[np.float64], near: NDArray[np.float64], *, same: bool) -> float:
    """C_AB if neighbours were an average of all others; NaN where that is nothing."""
    others = near.sum() - same
    count = mine.sum() * others / (len(mine) - 1) if len(mine) > 1 else 0.0
    return float(count) if count > 0 else float("nan")


def cross_form(
    sides: Sides, mine: NDArray[np.float64], near: NDArray[np.float64], *, said: tuple[str, str]
) -> CrossForm:
    """Σ w_ij 1[j of B] / Σ w_ij π_B(c_j) over i of A, held, and j abroad, redrawn."""
    countries = sides.countries
    share = np.bincount(countries.code, weights=near, minlength=len(countries.names)) / countries.count
    pull = sides.beside(sides.weights, mine)
    none = np.zeros((2, len(countries.names)), dtype=bool)
    number = count_kinds(countries, [mine > 0, near > 0])
    return CrossForm(
        near, [pull], sides.between(pull) * share, none, cut=True,
        refuse=lambda held, redrawn: _reason(sides.rows, pull, share, number, said, held, redrawn),
    )  # fmt: skip


def _reason(
    rows: Rows,
    pull: csr_array,
    share: NDArray[np.float64],
    number: NDArray[np.int64],
    said: tuple[str, str],
    held: int,
    redrawn: int,
) -> str:
    """Say why a direction has no quotient; empty if it has."""
    names = rows.countries.names
    if one_place(rows):
        return one_place(rows)
    if share[redrawn] == 0:
        return f"not defined: {names[redrawn]} has none of {said[1]}"
    beside = pull[[held]][:, np.flatnonzero(rows.countries.code == redrawn)]
    if not beside.nnz:
        return f"not defined: no {said[0]} of {names[held]} has a neighbour in {names[redrawn]}"
    if share[redrawn] == 1:
        return f"not defined: {names[redrawn]} has only {said[1]}"
    return rows.refusal(held, redrawn) or few_words(names, number, said, held, redrawn)
