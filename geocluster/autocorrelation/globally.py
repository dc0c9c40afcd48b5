"""Do like values stand together, over the whole map, within countries and across borders?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from geocluster.errors import Fault, SchemaError
from geocluster.permutation import Seed, make_generator
from geocluster.results import Provenance
from geocluster.schema import check
from geocluster.splitting import (
    Direction,
    PairSums,
    Rows,
    SplitResult,
    check_choices,
    cross_frame,
    join_cross,
    parts_frame,
    permuted_parts,
    rows_that_enter,
)
from geocluster.surrogates import NULLS, Null, permuted_draws, spectral_draws

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from pandas import DataFrame

Statistic = Literal["moran"]
NAMES = {"moran": "Moran's I"}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class GlobalResult(SplitResult):
    """A global statistic of autocorrelation and its parts, which add up to it.

    See `SplitResult` for its attributes.
    """

    def sentence(self) -> str:
        """Say the whole, its parts, and the p of the cross part."""
        whole, within, across = self.parts["value"].iloc[:3]
        if not np.isfinite(whole):
            return f"{self.label} is not defined: {self.notes[-1]}"
        return f"{self.label} {whole:.2f} = {within:.2f} within + {across:.2f} across ({self.cross_words()})"


def autocorrelation_test(
    table: GeoDataFrame,
    graph: Graph,
    *,
    column: str,
    statistic: Statistic = "moran",
    null: Null = "surrogate",
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
) -> GlobalResult:
    """Test whether like values stand together, and how much of it crosses borders.

    Moran's I = (n/S0) Σ w_ij z_i z_j / Σ z² (Moran 1950), z = x - mean. Each part puts
    its own edges into the numerator over the same denominator, so within + across =
    whole. Whole and within: values are permuted within countries. Across: the standard
    form Σ w_ij z^c_i z^c_j / Σ w_ij over the cross edges, z^c standardised within its
    country; one country is held, the other redrawn, and p is the larger of the two
    directions (more than two countries: by pair, Holm).

    Parameters
    ----------
    table : GeoDataFrame
        Assigned, every row with a point; see `split_placed`.
    graph : Graph
        On the table's index; weights are taken as they are.
    column : str
        Numbers. Rows without one are set aside, with the reason.
    statistic : {"moran"}
    null : {"surrogate", "permutation"}
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
        If the table is not assigned, the column is not there or holds no numbers.
    OptionError
        If an option cannot be used, or the graph stands on other rows.

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
    """
    check_choices(statistic, get_args(Statistic), null=null, permutations=permutations)
    check(table, "assigned", columns=[column])
    values = _numbers(table, column)
    generator, seed = make_generator(rng)
    for_parts, for_cross = generator.spawn(2)
    rows = rows_that_enter(table, graph, ~np.isfinite(values), f"no number in {column}")
    x = values[rows.keep]
    sums = PairSums(rows.weights, rows.countries)
    parts, simulated = _moran(rows, sums, x, permutations=permutations, rng=for_parts, workers=workers)
    cross, standard = _cross(rows, x, null, permutations=permutations, rng=for_cross, workers=workers)
    notes = list(rows.notes)
    if np.ptp(x) == 0:
        notes.append("all values are equal")
    return GlobalResult(
        label=f"{NAMES[statistic]} of {column}",
        parts=join_cross(parts, cross, standard),
        cross=cross,
        undefined=rows.undefined(),
        simulated=simulated,
        set_aside=rows.set_aside,
        n=rows.n,
        islands=rows.islands,
        shared=rows.points.shared,
        null=f"values permuted within countries; across: {NULLS[null]}, one country held",
        notes=tuple(notes),
        provenance=Provenance(
            {"statistic": statistic, "column": column, "edges": rows.weights.nnz, "null": null,
             "permutations": permutations}, seed,
        ),
    )  # fmt: skip


def _numbers(table: GeoDataFrame, column: str) -> NDArray[np.float64]:
    """Read a column as numbers; words in it are a fault, empty cells are not."""
    import pandas as pd

    series = table[column]
    if pd.api.types.is_bool_dtype(series):
        series = series.astype(float)
    numbers = pd.to_numeric(series, errors="coerce")
    filled = series.notna() & (series.astype("string").str.strip().fillna("") != "")
    words = series[(numbers.isna() & filled).to_numpy(dtype=bool)]
    if len(words):
        some = ", ".join(repr(word) for word in words.astype(str).unique()[:3])
        raise SchemaError(
            "the table cannot be measured",
            [Fault(column, f"{len(words):,} of its cells are no numbers ({some}).", "Give a column of numbers.")],
        )
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def is_number(table: GeoDataFrame, column: str) -> NDArray[np.bool_]:
    """Say which rows hold a number in a column.

    Raises
    ------
    SchemaError
        If some hold words.
    """
    return np.isfinite(_numbers(table, column))


def _moran(
    rows: Rows, sums: PairSums, x: NDArray[np.float64], *, permutations: int, rng: np.random.Generator, workers: int
) -> tuple[DataFrame, NDArray[np.float64]]:
    """Give the parts of Moran's I and the whole of each permutation."""
    z = x - x.mean()
    total, square = float(rows.weights.sum()), float(z @ z)
    scale = len(x) / (total * square) if total > 0 and np.ptp(x) > 0 else np.nan
    value = sums.parts(sums.of(z[:, None], z[:, None]))[:, 0] * scale
    draws = permuted_parts(
        sums, rows.countries.strata(), lambda order: (z[order], z[order]),
        permutations=permutations, rng=rng, workers=workers,
    )  # fmt: skip
    return parts_frame(sums, value, draws * scale), draws[:, 0] * scale


def _cross(
    rows: Rows, x: NDArray[np.float64], null: Null, *, permutations: int, rng: np.random.Generator, workers: int
) -> tuple[DataFrame, dict[str, float]]:
    """Test the standard form of the cross part, and give it by pair and over all."""
    from scipy import sparse

    countries, n = rows.countries, rows.n
    names, code, k = countries.names, countries.code, len(countries.names)
    pairs = rows.pairs_across()
    mean = np.bincount(code, weights=x) / countries.count
    sd = np.sqrt(np.bincount(code, weights=(x - mean[code]) ** 2) / countries.count)
    flat = sd <= 1e-12 * np.maximum(1.0, np.abs(mean))
    z = np.where(flat[code], 0.0, (x - mean[code]) / np.where(flat, 1.0, sd)[code])
    of_country = sparse.csr_array((np.ones(n), (code, np.arange(n))), shape=(k, n))
    both = rows.weights + rows.weights.T
    pull = (of_country * z) @ both
    between = (of_country @ both @ of_country.T).toarray()
    joint = (pull @ (of_country * z).T).toarray()
    directions = []
    refused = {c: rows.too_many_places(c) if null == "surrogate" else "" for c in {c for pair in pairs for c in pair}}
    for a, b in pairs:
        for held, redrawn in ((a, b), (b, a)):
            reason = rows.refusal(held, redrawn) or refused[redrawn]
            level = [names[c] for c in (a, b) if flat[c]]
            reason = reason or (f"not defined: all values of {level[0]} are equal" if level else "")
            denominator = 0.0 if level else float(between[a, b])
            directions.append(Direction(held, redrawn, float(joint[a, b]), denominator, reason))
    asked = {one.redrawn for one in directions if not one.reason}
    draws = {}
    for country in asked:
        at = np.flatnonzero(code == country)
        draws[country] = spectral_draws(rows.points, at, z[at]) if null == "surrogate" else permuted_draws(z[at])
    cross = cross_frame(
        countries, directions, sparse.csr_array(pull), draws, permutations=permutations, rng=rng, workers=workers
    )
    standard = {f"{names[a]}-{names[b]}": joint[a, b] / between[a, b] for a, b in pairs}
    if pairs:
        standard["across"] = sum(joint[a, b] for a, b in pairs) / sum(between[a, b] for a, b in pairs)
    return cross, standard
