"""Which clusters are one by their ties?

Merging by relative interconnection and relative closeness, after CHAMELEON (Karypis,
Han & Kumar 1999, equations 1 and 2): two clusters become one where the ties between
them are as many, and as strong, as those that hold each of them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.clusters.bisection import bisect
from geocluster.graph import distinct_points

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

_EQUAL = 1e-9


def merge_clusters(
    label: NDArray[np.int64],
    weights: csr_array,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    *,
    names: NDArray[Any],
    least_interconnection: float,
    least_closeness: float,
    alpha: float,
) -> tuple[NDArray[np.int64], list[dict[str, Any]], int]:
    """Merge the pair with the largest RI·RC^alpha, again and again, while both are large enough.

    RI = EC(A,B)/(½(EC_A + EC_B)), RC = S̄(A,B)/(|A|/(|A|+|B|)·S̄_A + |B|/(|A|+|B|)·S̄_B);
    EC(A,B) sums the ties between A and B, EC_A those cut by the min-cut bisection of A, S̄ are
    their means. Where EC_A = 0 nothing is merged with A.

    Parameters
    ----------
    label : ndarray of int, shape (n,)
        From 1 up; 0 outside.
    weights : csr_array, shape (n, n)
        Ties, symmetrical.
    longitude, latitude, names : ndarray, shape (n,)
        They order members, so that the order of rows does not matter.
    least_interconnection, least_closeness, alpha : float

    Returns
    -------
    group : ndarray of int, shape (n,)
        The smallest label in each merged cluster; 0 outside.
    steps : list of dict
        one, other, RI, RC, one a merge.
    loose : int
        Clusters with EC = 0 at the end.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> ring = csr_array(np.roll(np.eye(4), 1, axis=1) + np.roll(np.eye(4), -1, axis=1))
    >>> at = np.arange(4.0)
    >>> group, steps, _ = merge_clusters(
    ...     np.array([1, 1, 2, 2]), ring, at, at, names=at, least_interconnection=1, least_closeness=1, alpha=2
    ... )
    >>> group.tolist(), steps
    ([1, 1, 1, 1], [{'one': 1, 'other': 2, 'RI': 2.0, 'RC': 1.0}])
    """
    group = label.copy()
    place = distinct_points(longitude, latitude).of_row
    rank = np.unique(np.asarray(names).astype(str), return_inverse=True)[1]
    own = np.lexsort((rank, place))
    rows = {c: own[label[own] == c] for c in range(1, int(label.max(initial=0)) + 1)}
    inner = {c: bisect(weights[members][:, members]) for c, members in rows.items()}
    between = _between(label, weights)
    steps: list[dict[str, Any]] = []
    while True:
        best: tuple[float, int, int, float, float] | None = None
        for (a, b), (tie, edges) in sorted(between.items()):
            if a not in rows or b not in rows or inner[a][0] <= 0 or inner[b][0] <= 0:
                continue
            n_a, n_b = len(rows[a]), len(rows[b])
            mean_a, mean_b = (inner[c][0] / inner[c][1] for c in (a, b))
            ri = tie / (0.5 * (inner[a][0] + inner[b][0]))
            rc = (tie / edges) / ((n_a * mean_a + n_b * mean_b) / (n_a + n_b))
            if ri < least_interconnection * (1 - _EQUAL) or rc < least_closeness * (1 - _EQUAL):
                continue
            score = ri * rc**alpha
            if best is None or score > best[0] * (1 + _EQUAL):
                best = (score, a, b, ri, rc)
        if best is None:
            return group, steps, sum(cut <= 0 for c, (cut, _) in inner.items() if c in rows)
        _, a, b, ri, rc = best
        steps.append({"one": a, "other": b, "RI": ri, "RC": rc})
        group[rows[b]] = a
        rows[a] = own[group[own] == a]
        inner[a] = bisect(weights[rows[a]][:, rows[a]])
        del rows[b]
        for (c, d), (tie, edges) in list(between.items()):
            if b in (c, d):
                del between[c, d]
                other = d if c == b else c
                if other == a:
                    continue
                pair = (min(a, other), max(a, other))
                held = between.get(pair, (0.0, 0))
                between[pair] = (held[0] + tie, held[1] + edges)


def _between(label: NDArray[np.int64], weights: csr_array) -> dict[tuple[int, int], tuple[float, int]]:
    """Sum and count the ties between each pair of clusters."""
    edges = weights.tocoo()
    one, other = label[edges.coords[0]], label[edges.coords[1]]
    held = (one > 0) & (one < other)
    one, other, value = one[held], other[held], edges.data[held]
    order = np.lexsort((value, other, one))
    pairs, of_edge = np.unique(np.column_stack([one, other])[order], axis=0, return_inverse=True)
    tie = np.bincount(of_edge.ravel(), weights=value[order], minlength=len(pairs))
    count = np.bincount(of_edge.ravel(), minlength=len(pairs))
    return {
        (int(a), int(b)): (float(t), int(n))
        for (a, b), t, n in zip(pairs.tolist(), tie.tolist(), count.tolist(), strict=True)
    }
