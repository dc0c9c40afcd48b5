"""How alike are two ways of cutting the same rows into clusters?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.result import ClusterResult
from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph import to_number
from geocluster.results import Provenance, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

SAME = 0.5
"""Clusters that share half of their joint rows are one and the same (Hennig 2007)."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """Rows that clusters of two partitions share.

    Attributes
    ----------
    one, other, both : ndarray of int, shape (pairs,)
        A cluster of each, from 1 up, and the rows they share; only pairs that share some.
    size_one, size_other : ndarray of int, shape (clusters + 1,)
        By label; 0 counts the rows outside.
    """

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    both: NDArray[np.int64]
    size_one: NDArray[np.int64]
    size_other: NDArray[np.int64]

    @classmethod
    def of(cls, one: NDArray[np.int64], other: NDArray[np.int64]) -> Overlap:
        """Count them; 0 is outside.

        Examples
        --------
        >>> Overlap.of(np.array([1, 1, 2, 0]), np.array([1, 1, 1, 0])).both.tolist()
        [2, 1]
        """
        wide = int(other.max(initial=0)) + 1
        held = (one > 0) & (other > 0)
        key, both = np.unique(one[held] * wide + other[held], return_counts=True)
        sizes = (np.bincount(one, minlength=1).astype(np.int64), np.bincount(other, minlength=1).astype(np.int64))
        return cls(key // wide, key % wide, both.astype(np.int64), *sizes)

    def jaccard(self) -> NDArray[np.float64]:
        """Shared rows of each pair over the rows of both together."""
        return self.both / (self.size_one[self.one] + self.size_other[self.other] - self.both)

    def adjusted_rand(self) -> float:
        """Give the adjusted Rand index (Hubert & Arabie 1985); rows outside are clusters of one.

        Examples
        --------
        >>> Overlap.of(np.array([1, 1, 2, 2]), np.array([2, 2, 1, 1])).adjusted_rand()
        1.0
        """

        def pairs(count: NDArray[np.int64]) -> float:
            return float((count * (count - 1) // 2).sum())

        together = pairs(np.array([self.size_one.sum()]))
        shared, first, second = pairs(self.both), pairs(self.size_one[1:]), pairs(self.size_other[1:])
        expected = first * second / together if together else 0.0
        most = (first + second) / 2
        return 1.0 if most == expected else (shared - expected) / (most - expected)

    def variation(self) -> float:
        """Variation of information (Meilă 2007), nats; rows outside are clusters of one.

        Examples
        --------
        >>> round(Overlap.of(np.array([1, 1, 1, 1]), np.array([1, 1, 2, 2])).variation(), 4)
        0.6931
        """
        total = int(self.size_one.sum())
        if not total:
            return 0.0

        def entropy(count: NDArray[np.int64]) -> float:
            share = count[count > 0] / total
            alone = (total - int(count.sum())) / total
            return float(-(np.sort(share * np.log(share)).sum()) + alone * np.log(total))

        joint, first, second = entropy(self.both), entropy(self.size_one[1:]), entropy(self.size_other[1:])
        return max(0.0, 2 * joint - first - second)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class ComparisonResult(Result):
    """Two results side by side.

    Attributes
    ----------
    frame : DataFrame
        One row a cluster of the first, then those of the second that no cluster of the
        first matches: a, b (labels, <NA> if none), name_a, name_b, n_a, n_b, n_both, jaccard.
    adjusted_rand : float
        1 if both are the same, about 0 if they agree as by chance; NaN without common rows.
    variation_of_information : float
        Nats; 0 if both are the same.
    rows, only_a, only_b : int
        Common rows, which all numbers are of; rows of one table only.
    provenance : Provenance
    """

    frame: DataFrame
    adjusted_rand: float
    variation_of_information: float
    rows: int
    only_a: int
    only_b: int
    provenance: Provenance

    def to_frame(self) -> DataFrame:
        """One row a pair of matched clusters, or a cluster without a match."""
        return self.frame.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how much each pair shares, on the given axes if any."""
        from geocluster.clusters.drawing import draw_matches

        return draw_matches(self.frame, ax)

    def figure(self, *, language: str = "en") -> Figure:
        """Draw it on a page of its own."""
        from geocluster.clusters.drawing import draw_matches, on_page

        return on_page(lambda ax: draw_matches(self.frame, ax, language=language), len(self.frame), language)

    def sentence(self) -> str:
        """Say how many clusters match, and how alike the results are."""
        matched = int((self.frame["a"].notna() & self.frame["b"].notna()).sum())
        first, second = int(self.frame["a"].notna().sum()), int(self.frame["b"].notna().sum())
        both = f"{matched or 'no'} cluster{'' if matched == 1 else 's'} in both, of {first:,} and {second:,}"
        return (
            f"{both}; adjusted Rand index {self.adjusted_rand:.2f}, "
            f"variation of information {self.variation_of_information:.2f} nats"
        )

    def facts(self) -> list[str]:
        """Say what was compared."""
        lines = [f"{self.rows:,} common rows; those in no cluster count as clusters of one"]
        if self.only_a or self.only_b:
            lines.append(f"left out: {self.only_a:,} rows of the first only, {self.only_b:,} of the second only")
        return lines + self.provenance.facts()


def compare_clusters(
    a: ClusterResult | Series[Any], b: ClusterResult | Series[Any], *, least_jaccard: float = SAME
) -> ComparisonResult:
    """Compare two results, of two methods, options or years, on the rows they have in common.

    Parameters
    ----------
    a, b : ClusterResult or Series
        Labels; missing: in no cluster. Rows are the same where their index labels are.
    least_jaccard : float, default 0.5
        Clusters match that share so much of their joint rows (Hennig 2007), the most alike
        first; each at most once.

    Returns
    -------
    ComparisonResult
        With the adjusted Rand index (Hubert & Arabie 1985, Journal of Classification
        2:193-218, eq. 5) and the variation of information (Meilă 2007, Journal of
        Multivariate Analysis 98:873-895, eq. 16).

    Raises
    ------
    SchemaError
        If index labels stand twice, or none is in both.
    OptionError
        If `least_jaccard` is not in (0, 1].

    Examples
    --------
    >>> import pandas as pd
    >>> one = pd.Series([1, 1, 1, 2, 2], dtype="Int64")
    >>> compare_clusters(one, pd.Series([2, 2, 2, None, 1], dtype="Int64"))
    <2 clusters in both, of 2 and 2; adjusted Rand index 0.78, variation of information 0.28 nats>
    """
    import pandas as pd

    if not 0 < to_number(least_jaccard) <= 1:
        raise OptionError(f"least_jaccard must be a number above 0 and up to 1, got {least_jaccard!r}. 0.5 is usual.")
    series, frames = [], []
    faults = []
    for name, given in (("a", a), ("b", b)):
        result = isinstance(given, ClusterResult)
        if not result and not isinstance(given, pd.Series):
            faults.append(Fault(name, f"a {type(given).__name__}.", "Give a ClusterResult, or its labels."))
            continue
        own = given.labels if isinstance(given, ClusterResult) else given
        if not own.index.is_unique:
            faults.append(Fault(name, "some labels stand twice in its index.", "Give one cluster a row."))
        series.append(own)
        frames.append(given.frame if isinstance(given, ClusterResult) else None)
    if not faults and len(series[0]) and len(series[1]) and not series[0].index.isin(series[1].index).any():
        faults.append(Fault("index", "no row is in both.", "Give both tables the same identifiers as index."))
    if faults:
        raise SchemaError("the results cannot be compared", faults)
    common = series[0].index[series[0].index.isin(series[1].index)]
    (one, words_one), (other, words_other) = (_numbers(own.reindex(common)) for own in series)
    overlap = Overlap.of(one, other)
    table = _matches(overlap, least_jaccard, (words_one, words_other), frames)
    return ComparisonResult(
        table,
        overlap.adjusted_rand() if len(common) else float("nan"),
        overlap.variation(),
        len(common),
        len(series[0]) - len(common),
        len(series[1]) - len(common),
        Provenance({"least_jaccard": least_jaccard}),
    )


def _numbers(labels: Series[Any]) -> tuple[NDArray[np.int64], list[Any]]:
    """Give labels numbers from 1 up; 0 where missing."""
    import pandas as pd

    code, words = pd.factorize(labels, sort=True)
    return (code + 1).astype(np.int64), list(words)


def _matches(
    overlap: Overlap, least: float, words: tuple[list[Any], list[Any]], frames: list[DataFrame | None]
) -> DataFrame:
    import pandas as pd

    jaccard = overlap.jaccard()
    order = np.lexsort((overlap.other, overlap.one, -jaccard))
    taken_one: dict[int, int] = {}
    taken_other: set[int] = set()
    for pair in order[jaccard[order] >= least].tolist():
        i, j = int(overlap.one[pair]), int(overlap.other[pair])
        if i not in taken_one and j not in taken_other:
            taken_one[i] = pair
            taken_other.add(j)

    def name_of(side: int, number: int) -> str:
        frame, label = frames[side], words[side][number - 1]
        return str(frame["name"].get(label, label)) if frame is not None else str(label)

    rows: list[tuple[Any, ...]] = []
    for i in range(1, len(words[0]) + 1):
        n = int(overlap.size_one[i])
        if i in taken_one:
            pair = taken_one[i]
            j = int(overlap.other[pair])
            rows.append((words[0][i - 1], words[1][j - 1], name_of(0, i), name_of(1, j), n,
                         int(overlap.size_other[j]), int(overlap.both[pair]), float(jaccard[pair])))  # fmt: skip
        else:
            rows.append((words[0][i - 1], pd.NA, name_of(0, i), "", n, 0, 0, 0.0))
    rows += [
        (pd.NA, words[1][j - 1], "", name_of(1, j), 0, int(overlap.size_other[j]), 0, 0.0)
        for j in range(1, len(words[1]) + 1)
        if j not in taken_other
    ]
    columns = ["a", "b", "name_a", "name_b", "n_a", "n_b", "n_both", "jaccard"]
    return pd.DataFrame(rows, columns=columns).astype({"a": "object", "b": "object", "jaccard": "float64"})
