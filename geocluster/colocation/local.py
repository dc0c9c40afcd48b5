"""Which members of one kind have more of another about them than chance gives, and does it need those abroad?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.colocation.enough import check_kinds, count_kinds, level_faults, one_place, place_notes, worker_faults
from geocluster.colocation.local_result import LocalColocationResult
from geocluster.colocation.quotient import expected_count
from geocluster.errors import OptionError
from geocluster.permutation import Seed, block_sizes, make_generator
from geocluster.results import Provenance
from geocluster.schema import check, kind_word, kind_words
from geocluster.splitting import FEWEST, rows_that_enter, standardise
from geocluster.splitting.conditional import redraw_conditionally
from geocluster.splitting.counts import count_exactly, is_countable
from geocluster.splitting.dependence import DEPENDENCE, dependence
from geocluster.splitting.discovery import FDRS, Fdr, adjust_for_discovery

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from pandas import DataFrame
    from scipy.sparse import csr_array

    from geocluster.splitting import Rows
    from geocluster.splitting.conditional import Conditional

VERDICTS = ("hot", "cold", "not significant", "not tested")
REASONS = (
    "",
    "no neighbour",
    "the redraws do not vary",
    f"too few: all its neighbours are in countries with fewer than {FEWEST} of the kind near it",
    f"too few: its country has fewer than {FEWEST} of its kind",
)


def local_colocation_test(
    table: GeoDataFrame,
    graph: Graph,
    *,
    kind: str,
    near_kind: str,
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
    fdr: Fdr = "bh",
    alpha: float = 0.05,
) -> LocalColocationResult:
    """Test at each member of one kind whether another is about it more than chance, at home and abroad.

    CLQ_i = Σ_j w_ij 1[j of B] / (N'_B/(N - 1)) at i of kind A, N'_B = N_B - 1[A = B], rows of w
    summing to 1 (Cromley, Hanink & Bentley 2014); with a graph of kernel weights the
    geographically weighted form (Wang, Hu, Wang & Li 2017, eq. 2-4, who divide by N_B also where
    A = B). Neighbours at home and abroad stand over the same denominator: within + across = value.
    Each i is held and its neighbours' kinds are redrawn from their own country, so that a kind
    that is frequent in a country is no co-location. With equal weights in each row p is exact:
    hypergeometric by country, convolved. A country with fewer than five organisations, or fewer
    than five of B, is held as it is; at members of A in a country with fewer than five of A
    nothing is claimed.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, every row with a point; see `split_placed`. Rows without a kind are set aside.
    graph : Graph
        On the table's index, `build_graph(table, nearest=8)` or with a kernel; standardised here.
    kind, near_kind : str
        A and B.
    permutations : int, default 999
        Where p is not exact.
    rng : Generator, int or None
        Seed.
    workers : int, default 1
        Threads. Results do not depend on it.
    fdr : {"bh", "by"}
        Benjamini & Hochberg (1995) or Benjamini & Yekutieli (2001), over all members tested.
    alpha : float, default 0.05

    Returns
    -------
    LocalColocationResult

    Raises
    ------
    SchemaError
        If the table is not assigned or has no column `kind`.
    OptionError
        If an option cannot be used, a kind is not there or the only one, or the graph stands on other rows.

    Examples
    --------
    >>> import geopandas as gpd
    >>> x = np.arange(24.0)
    >>> table = gpd.GeoDataFrame(
    ...     {"country": ["CH"] * 12 + ["FR"] * 12, "kind": ["firm", "university"] * 12},
    ...     geometry=gpd.points_from_xy(7.5 + x / 100, 47.5 + x % 3 / 100),
    ...     crs="EPSG:4326",
    ... )
    >>> from geocluster.graph import build_graph
    >>> result = local_colocation_test(table, build_graph(table, nearest=3), kind="firm", near_kind="university")
    >>> frame = result.to_frame()
    >>> bool(np.allclose(frame["within"] + frame["across"], frame["value"]))
    True
    """
    _check_options(permutations=permutations, workers=workers, fdr=fdr, alpha=alpha)
    check(table, "assigned", columns=["kind"])
    kinds, kind, near_kind = kind_words(table["kind"]), kind_word(kind), kind_word(near_kind)
    check_kinds(kinds, [kind, near_kind])
    generator, seed = make_generator(rng)
    rows = rows_that_enter(table, graph, kinds.isna().to_numpy(dtype=bool), "no kind")
    entered = kinds[rows.keep].to_numpy(dtype=object)
    mine, near = entered == kind, (entered == near_kind).astype(np.float64)
    weights = _of_members(standardise(rows.weights), mine)
    country, number = rows.countries.code, count_kinds(rows.countries, [mine, near > 0])
    held = (rows.countries.count < FEWEST) | (number[1] < FEWEST)
    strata = np.where(held[country], -1, country)
    exact = is_countable(weights, near)
    if exact:
        found = count_exactly(weights, near, strata, country)
    else:
        found = redraw_conditionally(
            weights, near, strata, country, permutations=permutations, rng=generator, workers=workers
        )
    per = expected_count(np.ones(len(near)), near, same=False) / len(near)
    if kind == near_kind:
        per = (near.sum() - 1) / (len(near) - 1) if near.sum() > 1 else float("nan")
    frame = _lay_out(rows, weights, mine, near, found, strata, number, per, fdr=fdr, alpha=alpha)
    drawn = "exact, hypergeometric" if exact else f"{permutations:,} redraws"
    return LocalColocationResult(
        label=f"{kind} near {near_kind}",
        frame=frame.set_index(table.index[rows.keep][mine]),
        undefined=rows.undefined(),
        places=table.loc[rows.keep, ["country", table.geometry.name]][mine],
        set_aside=rows.set_aside,
        n=rows.n,
        shared=rows.points.shared,
        null=f"neighbours' kinds redrawn from their own country, the member held ({drawn})",
        fdr=FDRS[fdr],
        alpha=alpha,
        notes=(*rows.notes, *place_notes(table, rows), *([one_place(rows)] if one_place(rows) else [])),
        provenance=Provenance(
            {"statistic": "local_quotient", "kind": kind, "near_kind": near_kind, "edges": weights.nnz,
             "permutations": "exact" if exact else permutations, "fdr": fdr, "alpha": alpha}, seed,
        ),
    )  # fmt: skip


def _check_options(*, permutations: Any, workers: Any, fdr: str, alpha: Any) -> None:
    """Raise one error with all that is wrong with the options."""
    faults = level_faults(fdr, alpha)
    try:
        block_sizes(permutations)
    except OptionError as error:
        faults.append(str(error))
    faults += worker_faults(workers)
    if faults:
        raise OptionError("\n  ".join(faults))


def _of_members(weights: csr_array, mine: NDArray[np.bool_]) -> csr_array:
    """Empty the rows that are not asked, and leave out a row's weight on itself and weights of 0."""
    from scipy import sparse

    row = np.repeat(np.arange(len(mine)), np.diff(weights.indptr))
    kept = mine[row] & (weights.indices != row) & (weights.data != 0)
    start = np.append(0, np.cumsum(np.bincount(row[kept], minlength=len(mine))))
    return standardise(sparse.csr_array((weights.data[kept], weights.indices[kept], start), shape=weights.shape))


def _lay_out(
    rows: Rows,
    weights: csr_array,
    mine: NDArray[np.bool_],
    near: NDArray[np.float64],
    found: Conditional,
    strata: NDArray[np.int64],
    number: NDArray[np.int64],
    per: float,
    *,
    fdr: Fdr,
    alpha: float,
) -> DataFrame:
    """Lay out the answer, one row a member of the first kind."""
    import pandas as pd

    n, code = rows.n, rows.countries.code
    row = np.repeat(np.arange(n), np.diff(weights.indptr))
    there, weight = weights.indices, weights.data
    abroad = code[row] != code[there]
    degree, foreign = np.bincount(row, minlength=n), np.bincount(row[abroad], minlength=n)
    free = np.bincount(row[strata[there] >= 0], minlength=n) > 0
    reason = np.where(np.isnan(found.p[:, 0]), 2, 0)
    reason[~free] = 3
    reason[number[0][code] < FEWEST] = 4
    reason[degree == 0] = 1
    p = np.where((reason == 0)[:, None], np.column_stack([found.p, found.p_closed]), np.nan)[mine]
    observed = np.where((degree == 0)[:, None], np.nan, found.observed)[mine]
    expected, sd = found.expected[mine], found.sd[mine]
    adjusted, across = (adjust_for_discovery(p[:, part], fdr=fdr) for part in (0, 2))
    excess = observed - expected
    verdict = np.where(excess[:, 0] > 0, 0, 1)
    verdict[~(adjusted <= alpha)] = 2
    verdict[np.isnan(adjusted)] = 3
    share = number[1] / rows.countries.count
    above = np.bincount(row[abroad], weights=(weight * near[there])[abroad], minlength=n)
    below = np.bincount(row[abroad], weights=(weight * share[code[there]])[abroad], minlength=n)
    standard = np.divide(above, below, out=np.full(n, np.nan), where=below > 0)
    needs = dependence(p[:, 0], adjusted, across, p[:, 3], excess[:, 0], excess[:, 2], alpha=alpha)
    return pd.DataFrame(
        {
            "country": pd.Categorical.from_codes(code[mine], categories=pd.Index(rows.countries.names)),
            "neighbours": degree[mine],
            "neighbours_abroad": foreign[mine],
            "value": observed[:, 0] / per,
            "within": observed[:, 1] / per,
            "across": observed[:, 2] / per,
            "expected": expected[:, 0] / per,
            "sd": sd[:, 0] / per,
            "z": np.divide(excess[:, 0], sd[:, 0], out=np.full(len(sd), np.nan), where=sd[:, 0] > 0),
            "p": p[:, 0],
            "p_adjusted": adjusted,
            "verdict": pd.Categorical.from_codes(verdict, categories=pd.Index(VERDICTS)),
            "p_within": p[:, 1],
            "p_across": p[:, 2],
            "p_across_adjusted": across,
            "p_closed": p[:, 3],
            "dependence": pd.Categorical(needs.tolist(), categories=["", *DEPENDENCE]),
            "across_standard": standard[mine],
            "reason": pd.Categorical.from_codes(reason[mine], categories=pd.Index(REASONS)),
        }
    )
