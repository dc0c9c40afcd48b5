"""Where do like values stand together, and does a hot spot need its neighbours abroad?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.autocorrelation.joins import Kinds
from geocluster.autocorrelation.local_frame import lay_out, whole_table
from geocluster.autocorrelation.local_kinds import (
    measure_kinds,
    read_own_kinds,
    redraw_kinds,
    say_kinds,
    surrogates_of_kinds,
)
from geocluster.autocorrelation.local_result import LocalResult
from geocluster.autocorrelation.local_surrogates import surrogate_p
from geocluster.autocorrelation.measures import NAMES, LocalStatistic, measure
from geocluster.autocorrelation.values import read_numbers
from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph import is_row_standardised
from geocluster.permutation import Seed, make_generator, whole_number_faults
from geocluster.results import Provenance
from geocluster.schema import check
from geocluster.splitting import FEWEST, Rows, on_points, rows_that_enter
from geocluster.splitting.conditional import redraw_conditionally
from geocluster.splitting.counts import count_exactly, is_countable
from geocluster.splitting.discovery import FDRS, Fdr

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

LocalNull = Literal["stratified", "complete"]
LOCAL_NULLS: dict[str, str] = {
    "stratified": "neighbours' values redrawn from their own country, the place held",
    "complete": "neighbours' values redrawn from all countries, the place held: differences between countries count",
}
LEAST_ROWS = 4
SMALLEST = 1e-100
"""Smaller differences are lost in squares and their sums."""
_MEND_KINDS = "E.g. table.assign(firm=table.kind == 'firm'); codes of kinds as text, with astype(str)."


def hotspot_test(
    table: GeoDataFrame,
    graph: Graph,
    *,
    column: str,
    other_column: str | None = None,
    statistic: LocalStatistic = "moran",
    null: LocalNull = "stratified",
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
    fdr: Fdr = "bh",
    alpha: float = 0.05,
    surrogates: bool = True,
) -> LocalResult:
    """Test each place against its neighbours, and ask whether it needs those abroad.

    Each statistic splits into neighbours at home and abroad, value = within + across:
    Moran I_i = (z_i/m2) Σ w_ij z_j, Geary C_i = Σ w_ij (x_i - x_j)²/m2 (Anselin 1995), m2 with the
    divisor n (esda's I_i and C_i: times (n-1)/n and 1; spdep's: 1 and (n-1)/n); G_i and G_i* as z
    (Ord & Getis 1995; the row's own weight is 1, or its heaviest neighbour's where each row
    sums to 1), of any sign; join count b_i Σ w_ij b_j (Anselin & Li 2019); bivariate
    z^x_i Σ w_ij z^y_j/√(m2x m2y). The place is held and its neighbours' values are redrawn from
    their own country, so that a difference in level between countries is no cluster. Join
    counts with equal weights in each row have exact p (hypergeometric), without draws.

    A column of words gives join counts of several kinds, Σ w_ij 1[m_j = m_i]: every place is held
    with its kind, and asked how many of its neighbours are of that kind, more (*alike*) or fewer
    (*unlike*) than kinds redrawn within countries give. It is the join count of each kind at the
    places of that kind, adjusted over all of them; `LocalResult.by_kind` tells the other kinds.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, points or areas; see `split_placed`.
    graph : Graph
        On the table's index; weights are taken as they are, 0 or more.
    column : str
        Numbers; for join counts 0 and 1, truth values, or words: kinds. Rows without one are set aside.
    other_column : str, optional
        What neighbours hold: for "bivariate_moran", and for join counts of two kinds.
    statistic : {"moran", "geary", "getis_ord", "getis_ord_star", "join_count", "bivariate_moran"}
    null : {"stratified", "complete"}
        Stratified by country, or over all rows as esda does.
    permutations : int, default 999
    rng : Generator, int or None
        Seed.
    workers : int, default 1
        Threads. Results do not depend on it.
    fdr : {"bh", "by"}
        Benjamini & Hochberg (1995) or Benjamini & Yekutieli (2001), over all places tested.
    alpha : float, default 0.05
    surrogates : bool, default True
        Also test the part abroad against spectral surrogates of the countries there, at most
        3,000 places each. They take the cube of it.

    Returns
    -------
    LocalResult

    Raises
    ------
    SchemaError
        If the table is not assigned, has fewer than 4 rows with a number, or a column holds words.
    OptionError
        If an option cannot be used, or the graph stands on other rows or has weights below 0.

    Examples
    --------
    >>> import geopandas as gpd
    >>> x = np.arange(24.0)
    >>> table = gpd.GeoDataFrame(
    ...     {"country": np.where(x < 12, "FR", "CH"), "founded": 1900 + 10 * (abs(x - 12) < 4)},
    ...     geometry=gpd.points_from_xy(7.5 + x / 100, 47.5 + x % 2 / 100),
    ...     crs="EPSG:4326",
    ... )
    >>> from geocluster.graph import build_graph
    >>> result = hotspot_test(table, build_graph(table, nearest=3), column="founded", statistic="getis_ord_star", rng=1)
    >>> frame = result.to_frame()
    >>> bool(np.allclose(frame["within"] + frame["across"], frame["value"]))
    True
    """
    check_options(
        statistic,
        null=null,
        permutations=permutations,
        fdr=fdr,
        alpha=alpha,
        other_column=other_column,
        workers=workers,
        surrogates=surrogates,
    )
    asked = [column] if other_column is None else [column, other_column]
    check(table, "assigned", columns=asked, areas=True)
    shapes, table = table, on_points(table)
    words = read_own_kinds(table, column, other_column) if statistic == "join_count" else None
    numbers = read_numbers(table, *asked) if words is None else [np.where(words == None, np.nan, 1.0)]  # noqa: E711
    generator, seed = make_generator(rng)
    for_redraws, for_surrogates = generator.spawn(2)
    missing = np.isnan(numbers[0]) | np.isnan(numbers[-1])
    rows = rows_that_enter(
        table, graph, missing, f"no number in {' or '.join(asked)}" if words is None else f"no kind in {column}"
    )
    weights = _checked(rows, statistic)
    numbers = numbers if rows.keep.all() else [values[rows.keep] for values in numbers]
    x, y = numbers[0], numbers[-1]
    _check_values(statistic, asked, x, y)
    country = rows.countries.code
    standardised = statistic == "getis_ord_star" and is_row_standardised(weights)
    if words is None:
        measured = measure(statistic, weights, x, y, country, standardised=standardised)
    else:
        measured = measure_kinds(weights, Kinds.of(words[rows.keep]))
    strata = np.zeros(rows.n, dtype=np.int64)
    if null == "stratified":
        small = rows.countries.count < FEWEST
        strata = np.where(small[country], -1, country) if small.any() else country
    exact = words is None and statistic == "join_count" and is_countable(measured.weights, y)
    if measured.kinds is not None:
        found, exact = redraw_kinds(
            measured, strata, country, permutations=permutations, rng=for_redraws, workers=workers
        )
    elif exact:
        found = count_exactly(measured.weights, y, strata, country, asked=x > 0, workers=workers)
    else:
        found = redraw_conditionally(
            measured.weights, measured.near, strata, country, focal=measured.own if measured.squared else None,
            permutations=permutations, rng=for_redraws, workers=workers,
        )  # fmt: skip
    notes, undefined, by_surrogates = list(rows.notes), rows.undefined(), None
    if surrogates and null == "stratified" and not undefined:
        by_surrogates, more = (surrogate_p if words is None else surrogates_of_kinds)(
            rows, measured, found.observed[:, 2], permutations=permutations, rng=for_surrogates, workers=workers
        )
        notes += more
    frame = lay_out(rows, measured, found, strata, x, surrogate=by_surrogates, fdr=fdr, alpha=alpha)
    tested = int(frame["p"].notna().sum())
    if not exact and tested / (permutations + 1) > alpha:
        notes.append(
            f"the smallest p, 1/{permutations + 1:,}, holds over {tested:,} places only if at least "
            f"{int(np.ceil(tested / (permutations + 1) / alpha)):,} of them reach it"
        )
    if measured.kinds is not None:
        notes.append(say_kinds(measured.kinds))
    places = shapes[["country", shapes.geometry.name]]
    return LocalResult(
        label=f"{NAMES[statistic]} of {' near '.join(asked)}",
        frame=whole_table(frame, table.index, rows),
        undefined=undefined,
        places=places if rows.keep.all() else places[rows.keep],
        set_aside=rows.set_aside,
        n=rows.n,
        islands=rows.islands,
        shared=rows.shared,
        null="exact, hypergeometric: " * exact + LOCAL_NULLS[null],
        fdr=FDRS[fdr],
        alpha=alpha,
        measure=measured,
        countries=rows.countries,
        strata=strata,
        notes=tuple(notes),
        provenance=Provenance(
            {"statistic": statistic, "column": column, "other_column": other_column, "edges": weights.nnz,
             "null": null, "permutations": "exact" if exact else permutations, "fdr": fdr, "alpha": alpha}, seed,
        ),
    )  # fmt: skip


def check_options(
    statistic: str,
    *,
    null: str,
    permutations: Any,
    fdr: str,
    alpha: Any,
    other_column: str | None,
    workers: Any,
    surrogates: Any = True,
) -> None:
    """Raise one error with all that is wrong with the options of `hotspot_test`."""
    choices = {"statistic": (statistic, NAMES), "null": (null, LOCAL_NULLS), "fdr": (fdr, FDRS)}
    faults = [
        f"{name} must be {' or '.join(map(repr, words))}, got {given!r}."
        for name, (given, words) in choices.items()
        if given not in tuple(words)
    ]
    if statistic == "bivariate_moran" and other_column is None:
        faults.append("statistic='bivariate_moran' needs other_column, what neighbours hold.")
    if other_column is not None and statistic in tuple(NAMES) and statistic not in ("bivariate_moran", "join_count"):
        faults.append(f"statistic={statistic!r} has no other_column. Leave it out, or ask for 'bivariate_moran'.")
    if not isinstance(surrogates, (bool, np.bool_)):
        faults.append(f"surrogates must be True or False, got {surrogates!r}.")
    faults += whole_number_faults(permutations=permutations, workers=workers)
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float, np.floating)) or not 0 < alpha < 1:
        faults.append(f"alpha must lie between 0 and 1, got {alpha!r}. 0.05 is usual.")
    if faults:
        raise OptionError("\n  ".join(faults))


def _checked(rows: Rows, statistic: str) -> csr_array:
    """Give the weights, without noughts; refuse what is no weight."""
    weights = rows.weights
    if statistic != "getis_ord_star" and weights.diagonal().any():
        raise OptionError(
            f"the graph gives rows a weight on themselves, which statistic={statistic!r} does not know. "
            "Run graph.assign_self_weight(0), or ask for 'getis_ord_star'."
        )
    if not (weights.data > 0).all():
        weights = weights.copy()
        weights.eliminate_zeros()
    return weights


def _check_values(statistic: str, asked: list[str], x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Refuse too few rows, and join counts of anything but 0 and 1."""
    faults = []
    if len(x) < LEAST_ROWS:
        mend = f"Give at least {LEAST_ROWS}."
        faults.append(
            Fault(" and ".join(asked), f"{len(x)} row{'s' * (len(x) != 1)} with a country and a number.", mend)
        )
    if statistic == "join_count":
        faults += [
            Fault(column, "join counts take 0 and 1, truth values, or words.", _MEND_KINDS)
            for column, values in zip(asked, (x, y), strict=False)
            if not np.isin(values, (0.0, 1.0)).all()
        ]
    for column, values in zip(asked, (x, y), strict=False):
        if len(values) and 0 < np.ptp(values) < SMALLEST:
            told = f"its numbers differ by less than {SMALLEST:g}, whose squares are 0."
            faults.append(Fault(column, told, "Give a smaller unit."))
    if faults:
        raise SchemaError("the table cannot be measured", faults)
