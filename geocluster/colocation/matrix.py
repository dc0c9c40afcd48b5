"""Which kinds seek which, all pairs in one call, at home and across the border?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.colocation.enough import level_faults, worker_faults
from geocluster.colocation.matrix_result import ColocationMatrix
from geocluster.colocation.pairs import PARTS, choose_kinds, counts_frame, measure_pairs
from geocluster.results import Provenance
from geocluster.schema import check
from geocluster.splitting import check_choices
from geocluster.splitting.discovery import FDRS, Fdr, adjust_for_discovery
from geocluster.surrogates import NULLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from libpysal.graph import Graph

    from geocluster.permutation import Seed
    from geocluster.surrogates import Null


def colocation_matrix(
    table: GeoDataFrame,
    graph: Graph,
    *,
    kinds: Sequence[str] | None = None,
    null: Null = "surrogate",
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
    fdr: Fdr = "bh",
    alpha: float = 0.05,
) -> ColocationMatrix:
    """Give the colocation quotient of every ordered pair of kinds, within countries and across.

    Each pair is that of `colocation_test` (Leslie & Kronenfeld 2011): within + across = whole over
    one denominator. *Within* is compared with kinds permuted within countries; *across* in its
    standard form, the number of B among foreign neighbours over that of an average of their
    countries, with A's country held and B redrawn abroad. False discoveries are counted over all
    pairs, each part for itself. Where a country has fewer than five of a kind, nothing is claimed.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, every row with a point; see `split_placed`. Rows without a kind are set aside.
    graph : Graph
        On the table's index; its rows are standardised here.
    kinds : sequence of str, optional
        Default: all of the table, the most frequent first. Rows of other kinds stay as neighbours.
    null : {"surrogate", "permutation"}
        Of the cross part; see `colocation_test`.
    permutations : int, default 999
    rng : Generator, int or None
        Seed.
    workers : int, default 1
        Threads. Results do not depend on it.
    fdr : {"bh", "by"}
        Benjamini & Hochberg (1995) or Benjamini & Yekutieli (2001).
    alpha : float, default 0.05

    Returns
    -------
    ColocationMatrix

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
    >>> result = colocation_matrix(table, build_graph(table, nearest=3), permutations=99, rng=1)
    >>> result.matrix("whole").shape
    (2, 2)
    """
    faults = [*level_faults(fdr, alpha), *worker_faults(workers)]
    check_choices("quotient", ["quotient"], null=null, permutations=permutations, faults=faults)
    check(table, "assigned", columns=["kind"])
    chosen = choose_kinds(table, kinds)
    found = measure_pairs(table, graph, chosen, null=null, permutations=permutations, rng=rng, workers=workers)
    frame, per = found.count, np.repeat(found.average, len(PARTS))
    expected = frame["expected"] / per
    ratio = np.divide(frame["value"], frame["expected"], out=np.full(len(frame), np.nan), where=frame["expected"] > 0)
    across = (frame["part"] == "across").to_numpy()
    pairs = frame[["kind", "near_kind", "part"]].assign(
        value=frame["value"] / per,
        expected=expected,
        sd=frame["sd"] / per,
        ratio=np.where(across, frame["standard"], ratio),
        z=frame["z"],
        p=frame["p"],
        p_adjusted=np.nan,
        reason=frame["reason"],
    )
    for part in PARTS:
        mine = pairs["part"] == part
        pairs.loc[mine, "p_adjusted"] = adjust_for_discovery(pairs.loc[mine, "p"], fdr=fdr)
    rows, notes = found.rows, list(found.notes)
    tested = int(pairs.loc[across, "p"].notna().sum())
    if tested / (permutations + 1) > alpha:
        notes.append(f"the smallest p, 1/{permutations + 1:,}, holds over {tested:,} pairs only if several reach it")
    return ColocationMatrix(
        kinds=tuple(chosen),
        pairs=pairs,
        counts=counts_frame(chosen, found.number, rows.countries.names),
        undefined=rows.undefined(),
        set_aside=rows.set_aside,
        n=rows.n,
        islands=rows.islands,
        shared=rows.points.shared,
        null=f"kinds permuted within countries; across: {NULLS[null]}, the country of the first kind held",
        fdr=FDRS[fdr],
        alpha=alpha,
        notes=tuple(notes),
        provenance=Provenance(
            {"statistic": "quotient", "kinds": ", ".join(chosen), "edges": rows.weights.nnz, "null": null,
             "permutations": permutations, "fdr": fdr, "alpha": alpha}, found.seed,
        ),
    )  # fmt: skip
