"""Do like values stand together, over the whole map, within countries and across borders?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.autocorrelation import global_cross, global_moments, global_sums, joins
from geocluster.autocorrelation.global_checks import (
    GLOBAL_NULLS,
    GlobalNull,
    Statistic,
    check_options,
    check_rows,
    check_weights,
)
from geocluster.autocorrelation.global_result import GlobalResult
from geocluster.autocorrelation.values import read_numbers
from geocluster.permutation import Seed, make_generator
from geocluster.schema import check
from geocluster.splitting import (
    Rows,
    Sides,
    Workbench,
    build_split,
    join_cross,
    lay_out,
    on_points,
    rows_that_enter,
)
from geocluster.surrogates import NULLS, Null

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.autocorrelation.joins import Kinds
    from geocluster.splitting import CrossTest

NAMES: dict[str, str] = {
    "moran": "Moran's I of {x}",
    "geary": "Geary's C of {x}",
    "getis_ord": "Getis–Ord G of {x}",
    "join_count": "unlike joins of {x}",
    "bivariate_moran": "bivariate Moran's I of {x} with {y} nearby",
    "lee": "Lee's L of {x} and {y}",
}
PERMUTED = {"join_count": "kinds", "bivariate_moran": "values of {y}", "lee": "values of {x} and {y}, together,"}


def autocorrelation_test(
    table: GeoDataFrame,
    graph: Graph,
    *,
    column: str,
    other_column: str | None = None,
    statistic: Statistic = "moran",
    null: GlobalNull = "stratified",
    cross_null: Null = "surrogate",
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
) -> GlobalResult:
    """Test whether like values stand together, and how much of it crosses borders.

    With z = x - mean and S0 = Σ w_ij: Moran's I = (n/S0) Σ w_ij z_i z_j / Σ z² (Moran 1950);
    Geary's C = (n-1)/(2 S0) Σ w_ij (x_i - x_j)² / Σ z² (Geary 1954); general G = Σ w_ij x_i x_j /
    Σ_{i≠j} x_i x_j (Getis & Ord 1992); join counts ½ Σ w_ij over neighbours of two kinds (Cliff &
    Ord 1981); bivariate I, z^y_j for z_j: x here with y nearby (Wartenberg 1985); Lee's L, of
    smoothed values (Lee 2001). Each part puts its own edges into the numerator over the same
    denominator, so within + across = whole (Lee's L, quadratic in the weights: + mixed).

    Whole and within: values are permuted within countries (bivariate I: y only; Lee's L: both
    values of a row together). Across: the standard form on values measured within each country
    (see `global_cross`); one country is held, the other redrawn, and p is the larger of the two
    directions (more than two countries: by pair, Holm).

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, points or areas; see `split_placed`.
    graph : Graph
        On the table's index. Weights from 0 up are taken as they are; they need not be symmetric.
        Rows without neighbours stay, and count in n (as in esda; spdep's adjust.n=FALSE).
    column : str
        Numbers; from 0 up for general G; words, or 0 and 1, for join counts. Rows without one are
        set aside, with the reason.
    other_column : str, optional
        y, for "bivariate_moran" and "lee".
    statistic : {"moran", "geary", "getis_ord", "join_count", "bivariate_moran", "lee"}
    null : {"stratified", "complete"}
        Of whole and within: values exchangeable within each country, or over all of them, as in
        other programs. ("surrogate" and "permutation" are taken as `cross_null`.)
    cross_null : {"surrogate", "permutation"}
        Of the cross part. Surrogates keep each country's own autocorrelation (Moran
        spectral randomisation, Wagner & Dray 2015): nearly level, at most 3,000 places
        a country. Permutation is level only for values that are independent within
        their country; it rejects too often where these have trends of their own.
    permutations : int, default 999
    rng : Generator, int or None
        Seed.
    workers : int, default 1
        Threads. Results do not depend on it.

    Returns
    -------
    GlobalResult

    Raises
    ------
    SchemaError
        If the table is not assigned, a column is not there or does not hold what the statistic
        takes, or fewer than 4 rows have a value.
    OptionError
        If an option cannot be used, or the graph stands on other rows, has weights below 0, or
        weights of rows on themselves.

    Examples
    --------
    >>> import geopandas as gpd
    >>> x = np.arange(12.0)
    >>> table = gpd.GeoDataFrame(
    ...     {"country": ["CH", "FR"] * 6, "founded": 1900 + x},
    ...     geometry=gpd.points_from_xy(7.5 + x / 100, 47.5 + x % 2 / 100),
    ...     crs="EPSG:4326",
    ... )
    >>> from geocluster.graph import build_graph
    >>> result = autocorrelation_test(table, build_graph(table, nearest=3), column="founded", rng=1)
    >>> value = result.to_frame()["value"]
    >>> bool(abs(value["within"] + value["across"] - value["whole"]) < 1e-12)
    True
    >>> round(float(result.moments.loc["randomisation", "expected"]), 4)
    -0.0909
    """
    if null in NULLS:
        null, cross_null = "stratified", null  # type: ignore[assignment]
    check_options(statistic, null, cross_null, other_column=other_column, permutations=permutations, workers=workers)
    asked = [column] if other_column is None else [column, other_column]
    check(table, "assigned", columns=asked, areas=True)
    table = on_points(table)
    words, numbers, missing = _read(table, asked, statistic)
    generator, seed = make_generator(rng)
    for_parts, for_cross = generator.spawn(2)
    rows = rows_that_enter(table, graph, missing, say_missing(statistic, asked))
    check_weights(rows)
    entered = [values[rows.keep] for values in numbers]
    check_rows(rows, asked, entered, statistic)
    bench = Workbench(
        rows.weights, rows.countries, rows.points.xyz[rows.points.of_row],
        permutations=permutations, rng=for_parts, workers=workers,
    )  # fmt: skip
    strata = np.zeros(rows.n, dtype=np.int64) if null == "complete" else rows.countries.strata()
    sides = Sides(rows, cross_null, permutations=permutations, rng=for_cross, workers=workers)
    kinds = joins.Kinds.of(words[rows.keep]) if statistic == "join_count" else None
    found = _measured(statistic, bench, sides, strata, entered, kinds)
    measured, cross, moments = found.pop(joins.UNLIKE)
    parts = lay_out(measured.index, measured.value, measured.draws, exact=measured.exact, share=measured.share)
    return build_split(
        GlobalResult,
        rows,
        parts,
        cross,
        label=NAMES[statistic].format(x=column, y=other_column),
        simulated=measured.draws[:, :3],
        null=_say_null(statistic, null, cross_null, column, other_column),
        notes=_notes(rows, asked, entered, kinds, float(measured.value[0])) + _flat_notes(statistic, parts, rows),
        parameters={
            "statistic": statistic, "column": column, **({"other_column": other_column} if other_column else {}),
            "null": null, "cross_null": cross_null, "permutations": permutations,
        },
        seed=seed,
        statistic=statistic,
        scatter=_scatter(statistic, bench, sides, entered, table.index[rows.keep]),
        **_frames(found, measured, cross, moments, kinds),
    )  # fmt: skip


Found = tuple[global_sums.Measured, "CrossTest", global_moments.Moments]


def _measured(
    statistic: str,
    bench: Workbench,
    sides: Sides,
    strata: NDArray[np.int64],
    values: list[NDArray[np.float64]],
    kinds: Kinds | None,
) -> dict[str, Found]:
    """Measure the parts, the cross part and the moments: of one statistic, or of each pair of kinds."""
    n = bench.n
    if kinds is not None:
        counted = joins.joins_of(bench, strata, kinds)
        forms = global_cross.join_forms(sides, kinds)
        weights = global_moments.WeightSums(*bench.weight_sums())
        moments = global_moments.join_moments(np.bincount(kinds.code), kinds.joins, weights, n)
        return {
            label: (counted[label], sides.test(forms[label]), one)
            for label, one in zip(kinds.labels(), moments, strict=True)
        }
    x, y = values[0], values[-1]
    if statistic == "lee":
        return {
            joins.UNLIKE: (global_sums.lee_statistic_of(bench, strata, x, y), sides.nothing(global_cross.NO_TEST), {})
        }
    if statistic == "bivariate_moran":
        here, near = (global_sums.standard_scores(one) for one in (x, y))
        both = global_sums.bivariate_of(bench, strata, x, y)
        known = global_moments.bivariate_moments(here, near, bench.weights)
        return {joins.UNLIKE: (both, sides.test(global_cross.bivariate_form(sides, x, y)), known)}
    measure, form, theory = {
        "moran": (global_sums.moran_of, global_cross.moran_form, global_moments.moran_moments),
        "geary": (global_sums.geary_of, global_cross.geary_form, global_moments.geary_moments),
        "getis_ord": (global_sums.getis_ord_of, global_cross.getis_ord_form, global_moments.getis_ord_moments),
    }[statistic]
    scaled = x if statistic == "getis_ord" else global_sums.standard_scores(x)
    measured = measure(bench, strata, x)
    weights = global_moments.WeightSums(*bench.weight_sums())
    return {joins.UNLIKE: (measured, sides.test(form(sides, x)), theory(scaled, weights, n))}


def _frames(
    found: dict[str, Found],
    measured: global_sums.Measured,
    cross: CrossTest,
    moments: global_moments.Moments,
    kinds: Kinds | None,
) -> dict[str, DataFrame]:
    """Lay out the moments, and the joins of each pair of kinds."""
    import pandas as pd

    of_whole = global_moments.moments_frame(float(measured.value[0]), moments)
    if kinds is None:
        return {"moments": of_whole, "joins": pd.DataFrame(), "cross_joins": pd.DataFrame()}
    every = {**found, joins.UNLIKE: (measured, cross, moments)}
    laid = {
        label: join_cross(
            lay_out(one.index, one.value, one.draws, exact=one.exact, share=one.share), test.frame, test.standard
        )
        for label, (one, test, _) in every.items()
    }
    theory = {
        label: global_moments.moments_frame(float(one.value[0]), given) for label, (one, _, given) in every.items()
    }
    frames = {label: test.frame for label, (_, test, _) in every.items()}
    return {
        "moments": pd.concat(theory, names=["kinds"]),
        "joins": pd.concat(laid, names=["kinds"]),
        "cross_joins": pd.concat(frames, names=["kinds"]).reset_index("kinds").reset_index(drop=True),
    }


def _scatter(
    statistic: str, bench: Workbench, sides: Sides, values: list[NDArray[np.float64]], index: Any
) -> DataFrame:
    """Give each row beside the mean of its neighbours at home and abroad."""
    import pandas as pd

    if "moran" not in statistic:
        return pd.DataFrame()
    edges, n = bench.edges, bench.n
    home = edges.own[edges.pair]
    columns = {}
    for name, told, at, scores in (
        ("within", "value", home, [global_sums.standard_scores(one) for one in values]),
        ("across", "value_at_home", ~home, [sides.scores(one)[0] for one in values]),
    ):
        row, weight = edges.row[at], edges.weight[at]
        total = np.bincount(row, weights=weight, minlength=n)
        near = np.bincount(row, weights=weight * scores[-1][edges.neighbour[at]], minlength=n)
        columns[told] = scores[0]
        columns[name] = np.divide(near, total, out=np.full(n, np.nan), where=total > 0)
    return pd.DataFrame(columns, index=index)


def _say_null(statistic: str, null: str, cross_null: str, column: str, other: str | None) -> str:
    """Say what was redrawn."""
    what = PERMUTED.get(statistic, "values").format(x=column, y=other)
    across = global_cross.NO_TEST if statistic == "lee" else f"{NULLS[cross_null]}, one country held"
    return f"{GLOBAL_NULLS[null].format(what=what)}; across: {across}"


def _notes(
    rows: Rows, asked: list[str], values: list[NDArray[np.float64]], kinds: Kinds | None, value: float
) -> list[str]:
    """Say why there is no number, last; and what a reader should know of the joins."""
    notes = []
    if kinds is not None:
        notes.append(f"kinds: {', '.join(kinds.names)}; unlike joins, fewer than expected where like stands by like")
        if len(kinds.names) == 1:
            notes.append("all values are equal")
    if not (rows.weights.data > 0).any():
        return [*notes, "no row has a neighbour"]
    if np.isfinite(value):
        return notes
    flat = [name for name, one in zip(asked, values, strict=False) if not global_sums.standard_scores(one).any()]
    return [*notes, "all values are equal" if len(asked) == 1 else f"all values of {' and '.join(flat)} are equal"]


def _flat_notes(statistic: str, parts: DataFrame, rows: Rows) -> list[str]:
    """Say that values are too near each other for general G."""
    if statistic != "getis_ord" or not (rows.weights.data > 0).any() or not np.isnan(parts["p"].iloc[0]):
        return []
    if np.isnan(parts["value"].iloc[0]):  # the other notes say why
        return []
    told = (
        "permutations change G by less than 1e-8 of it, which is not told from rounding: the values differ too little"
    )
    return [f"no p: {told}. Ask for 'moran', which does not hang on their level"]


def _read(
    table: GeoDataFrame, asked: list[str], statistic: str
) -> tuple[NDArray[np.object_], list[NDArray[np.float64]], NDArray[np.bool_]]:
    """Read kinds or numbers, and say which rows have none."""
    if statistic == "join_count":
        words = joins.read_kinds(table, asked[0])
        return words, [], np.array([word is None for word in words], dtype=bool)
    numbers = read_numbers(table, *asked)
    return np.empty(0, dtype=object), numbers, ~np.isfinite(np.sum(numbers, axis=0))


def rows_without(table: GeoDataFrame, asked: list[str], statistic: str) -> NDArray[np.bool_]:
    """Say which rows lack what a statistic is measured of.

    Raises
    ------
    SchemaError
        If a column does not hold what the statistic takes.
    """
    return _read(table, asked, statistic)[2]


def say_missing(statistic: str, asked: list[str]) -> str:
    """Say what a row lacks that is set aside."""
    return f"{'nothing' if statistic == 'join_count' else 'no number'} in {' or '.join(asked)}"


def is_number(table: GeoDataFrame, column: str) -> NDArray[np.bool_]:
    """Say which rows hold a number in a column.

    Raises
    ------
    SchemaError
        If some hold words.
    """
    return np.isfinite(read_numbers(table, column)[0])
