"""Of several kinds, how many of a place's neighbours are of its own, and how many of each?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.autocorrelation.joins import read_kinds
from geocluster.autocorrelation.local_surrogates import surrogate_p
from geocluster.autocorrelation.measures import Measure
from geocluster.autocorrelation.values import number_in
from geocluster.errors import OptionError
from geocluster.splitting.conditional import Conditional, redraw_conditionally
from geocluster.splitting.counts import count_exactly, is_countable
from geocluster.splitting.discovery import Fdr, adjust_for_discovery

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Index
    from scipy.sparse import csr_array

    from geocluster.autocorrelation.joins import Kinds
    from geocluster.splitting import Rows
    from geocluster.surrogates import SpectralBasis


def holds_words(table: DataFrame, column: str) -> bool:
    """Tell whether a column holds kinds in words, not numbers or truth values.

    Numbers written as text are words too ("62", "72": classes of an industry), but for 0 and 1.

    Examples
    --------
    >>> import geopandas as gpd
    >>> table = gpd.GeoDataFrame({"kind": ["firm", None], "nace": ["62", "72"], "flag": ["0", "1"]})
    >>> [holds_words(table, column) for column in table]
    [True, True, False]
    """
    import pandas as pd

    series = table[column]
    if pd.api.types.is_numeric_dtype(series):
        return False
    return any(
        isinstance(cell, str) and bool(cell.strip()) and number_in(cell) not in (0, 1) for cell in series.dropna()
    )


def read_own_kinds(table: GeoDataFrame, column: str, other_column: str | None) -> NDArray[np.object_] | None:
    """Read the kinds of a column of words; None if join counts are of 0 and 1.

    Raises
    ------
    SchemaError
        If it holds more than 20 words.
    OptionError
        If there is another column.
    """
    if not holds_words(table, column):
        return None
    if other_column is not None:
        raise OptionError(
            f"{column!r} holds words: join counts of several kinds take no other_column. LocalResult.by_kind counts "
            "each kind by each; or give two columns of 0 and 1, e.g. table.assign(firm=table.kind == 'firm')."
        )
    return read_kinds(table, column)


def say_kinds(kinds: Kinds) -> str:
    """Say how many places each kind has."""
    count = np.bincount(kinds.code, minlength=len(kinds.names))
    told = ", ".join(f"{name} {number:,}" for name, number in zip(kinds.names, count, strict=True))
    return f"neighbours of a place's own kind are counted; kinds: {told}"


def measure_kinds(weights: csr_array, kinds: Kinds) -> Measure:
    """Write Σ_j w_ij 1[m_j = m_i] as a `Measure`."""
    n = len(kinds.code)
    one = np.ones(n)
    return Measure("join_count", weights, one, one, one, np.broadcast_to(np.zeros(2), (n, 2)), 0.0, kinds)


def one_kind(measured: Measure, kind: int) -> Measure:
    """Give the join count of one kind: its places' own and their neighbours'."""
    assert measured.kinds is not None
    held = (measured.kinds.code == kind).astype(np.float64)
    return replace(measured, own=held, near=held, factor=held, kinds=None)


def redraw_kinds(
    measured: Measure,
    strata: NDArray[np.int64],
    country: NDArray[np.int64],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> tuple[Conditional, bool]:
    """Hold each place and its kind, and redraw its neighbours' kinds from their strata.

    A kind at a time, as if it alone were asked for: so each place's answer is that of the join
    count of its kind.

    Parameters
    ----------
    measured : Measure
        Of `measure_kinds`.
    strata, country, permutations, rng, workers
        As in `redraw_conditionally`; each kind gets a child of `rng`.

    Returns
    -------
    found : Conditional
    exact : bool
        Whether p is exact, hypergeometric.
    """
    from scipy import sparse

    kinds, weights = measured.kinds, measured.weights
    assert kinds is not None
    exact = is_countable(weights, measured.own)
    out = np.full((13, len(country)), np.nan).T
    told = Conditional(out[:, 0:3], out[:, 3:6], out[:, 6:9], out[:, 9:12], out[:, 12])
    for kind, child in enumerate(rng.spawn(len(kinds.names))):
        asked = kinds.code == kind
        held = asked.astype(np.float64)
        if exact:
            found = count_exactly(weights, held, strata, country, asked=asked, workers=workers)
        else:
            edge = np.repeat(asked, np.diff(weights.indptr))
            first = np.append(0, np.cumsum(np.where(asked, np.diff(weights.indptr), 0)))
            own = sparse.csr_array((weights.data[edge], weights.indices[edge], first), shape=weights.shape)
            found = redraw_conditionally(
                own, held, strata, country, permutations=permutations, rng=child, workers=workers
            )
        for name in ("observed", "expected", "sd", "p", "p_closed"):
            getattr(told, name)[asked] = getattr(found, name)[asked]
    return told, exact


def surrogates_of_kinds(
    rows: Rows,
    measured: Measure,
    observed: NDArray[np.float64],
    *,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> tuple[NDArray[np.float64], list[str]]:
    """Test each place's neighbours of its kind abroad against surrogates, a kind at a time; see `surrogate_p`."""
    assert measured.kinds is not None
    p, notes = np.full(rows.n, np.nan), list[str]()
    bases: dict[int, SpectralBasis] = {}  # what costs most is the same for all kinds
    for kind, child in enumerate(rng.spawn(len(measured.kinds.names))):
        asked = measured.kinds.code == kind
        found, notes = surrogate_p(
            rows, one_kind(measured, kind), observed, permutations=permutations, rng=child, workers=workers,
            only=asked, bases=bases,
        )  # fmt: skip
        p[asked] = found[asked]
    return p, notes


def pairs_of_kinds(
    measured: Measure,
    strata: NDArray[np.int64],
    country: NDArray[np.int64],
    index: Index[Any],
    *,
    fdr: Fdr,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> DataFrame:
    """Count each place's neighbours of each kind, a row for both: see `LocalResult.by_kind`."""
    import pandas as pd

    kinds, weights = measured.kinds, measured.weights
    assert kinds is not None
    names = np.array(kinds.names, dtype=object)
    exact, own = is_countable(weights, measured.own), names[kinds.code]
    parts = []
    for kind, child in enumerate(rng.spawn(len(names))):
        held = (kinds.code == kind).astype(np.float64)
        if exact:
            found = count_exactly(weights, held, strata, country, workers=workers)
        else:
            found = redraw_conditionally(
                weights, held, strata, country, permutations=permutations, rng=child, workers=workers
            )
        columns = {"place": index, "kind": own, "neighbour_kind": names[kind]}
        columns |= dict(zip(("value", "within", "across"), found.observed.T, strict=True))
        columns |= {"expected": found.expected[:, 0], "sd": found.sd[:, 0]}
        parts.append(pd.DataFrame(columns | dict(zip(("p", "p_within", "p_across"), found.p.T, strict=True))))
    frame = pd.concat(parts, ignore_index=True)
    frame["p_adjusted"] = adjust_for_discovery(frame["p"].to_numpy(), fdr=fdr)
    return frame
