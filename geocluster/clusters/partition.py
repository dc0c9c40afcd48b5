"""What does every detector hand over?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.graph import distinct_points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Clusters of rows, before anything is told of them.

    Attributes
    ----------
    label : ndarray of int, shape (n,)
        1 for the largest cluster; 0 outside.
    core : ndarray of bool, shape (n,)
        Rows that are dense by the rule of the method; all members where it has none.
    stays : ndarray of bool, shape (n,), or None
        Cores that stay cores when only neighbours of their own country count; None where
        the method has no rule of density.
    columns : mapping of str to array, shape (clusters,)
        What the method knows of each cluster.
    strength : ndarray, shape (n,), or None
        How firmly each row belongs to its cluster, 0 to 1.
    notes : sequence of str
        What a reader should know.
    sources : sequence of str
        Data of others that were used.
    seed : str or None
    steps : DataFrame or None
        What was merged.
    """

    label: NDArray[np.int64]
    core: NDArray[np.bool_]
    stays: NDArray[np.bool_] | None = None
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    strength: NDArray[np.float64] | None = None
    notes: Sequence[str] = ()
    sources: Sequence[str] = ()
    seed: str | None = None
    steps: DataFrame | None = None


def rank_groups(
    group: NDArray[np.int64], longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rank groups by rows, then by their smallest (longitude, latitude), then as given.

    Parameters
    ----------
    group : ndarray of int, shape (n,)
        From 0 up; -1 outside.
    longitude, latitude : ndarray, shape (n,)
        Degrees, EPSG:4326.

    Returns
    -------
    label : ndarray of int, shape (n,)
        From 1 up; 0 outside.
    given : ndarray of int, shape (clusters,)
        The group that each label had been.

    Examples
    --------
    >>> at = np.array([9.0, 8.0, 7.0, 6.0])
    >>> label, given = rank_groups(np.array([3, 5, 5, -1]), at, at)
    >>> label.tolist(), given.tolist()
    ([2, 1, 1, 0], [5, 3])
    """
    inside = np.flatnonzero(group >= 0)
    label = np.zeros(len(group), dtype=np.int64)
    given, of_row = np.unique(group[inside], return_inverse=True)
    first = np.full(len(given), len(group), dtype=np.int64)
    np.minimum.at(first, of_row, distinct_points(longitude, latitude).of_row[inside])
    order = np.lexsort((given, first, -np.bincount(of_row, minlength=len(given))))
    rank = np.empty(len(given), dtype=np.int64)
    rank[order] = np.arange(1, len(given) + 1)
    label[inside] = rank[of_row]
    return label, given[order].astype(np.int64)


def distinct_keys(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort whole numbers and drop the repeated: `np.unique` hashes, ten times as slow where most differ.

    Examples
    --------
    >>> distinct_keys(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(key)
    fresh = np.ones(len(ordered), dtype=bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    return ordered[fresh]
