"""How do neighbours pass the door: a sparse matrix inside, a libpysal `Graph` or `W` outside?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from geocluster.errors import OptionError
from geocluster.graph.points import say_rows

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from libpysal.weights import W
    from numpy.typing import NDArray
    from pandas import Index, Series
    from scipy.sparse import csr_array

    Neighbours: TypeAlias = Graph | W | csr_array
    """What is taken where neighbours are asked for."""

_MADE = "_made_of"
"""Where a graph keeps the index and matrix it was made of or read into: to read them costs thrice the search."""
_MEND = "Run build_graph(table, ...) on this table."


def to_graph(matrix: csr_array, index: Index[Any], *, row_standardised: bool = False) -> Graph:
    """Turn a sparse matrix of weights into a `Graph` on an index, isolates kept.

    Several times faster than ``Graph.from_sparse``: positions are already known, and
    the matrix is kept for `to_sparse`.

    Examples
    --------
    >>> import pandas as pd
    >>> from geocluster.graph import sparse_neighbours
    >>> graph = to_graph(sparse_neighbours([0, 1, 90], [0, 0, 0], within_km=200), pd.Index(["a", "b", "c"]))
    >>> graph["a"].to_dict(), graph.isolates.tolist()
    ({'b': 1.0}, ['c'])
    """
    degree = np.diff(matrix.indptr)
    word = "R" if row_standardised else "O"
    graph = _assemble(np.repeat(np.arange(len(degree)), degree), matrix.indices, matrix.data, index, word)
    graph.__dict__[_MADE] = (index, matrix)
    return graph


def _assemble(
    focal: NDArray[Any], neighbour: NDArray[Any], weight: NDArray[Any], index: Index[Any], transformation: str
) -> Graph:
    """Make a Graph of positions sorted by focal; a focal without any gets libpysal's mark of an isolate."""
    import pandas as pd
    from libpysal.graph import Graph

    alone = np.flatnonzero(np.bincount(focal, minlength=len(index)) == 0)
    if len(alone):
        where = np.searchsorted(focal, alone)
        focal, neighbour = np.insert(focal, where, alone), np.insert(neighbour, where, alone)
        weight = np.insert(weight, where, 0)
    parts: Any = {"levels": [index, index], "codes": [focal, neighbour], "names": ["focal", "neighbor"]}
    levels = pd.MultiIndex(**parts, verify_integrity=False)
    adjacency = pd.Series(np.asarray(weight, dtype=np.float64), index=levels, name="weight")
    return Graph(adjacency, transformation=transformation, is_sorted=True)


def to_sparse(graph: Neighbours, index: Index[Any]) -> csr_array:
    """Weights of a graph as a sparse matrix in the order of an index.

    Parameters
    ----------
    graph : Graph, W or sparse matrix
        libpysal's `Graph` or `W`, on the labels of the index in any order; or a sparse
        matrix in the order of its rows (do not write into what comes back).
    index : Index

    Returns
    -------
    csr_array, shape (n, n)

    Raises
    ------
    OptionError
        If graph and index do not hold the same labels, or a weight is negative or no
        number.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.weights import W
    >>> weights = W({"b": ["a"], "a": ["b"]}, {"b": [2.0], "a": [1.0]}, silence_warnings=True)
    >>> to_sparse(weights, pd.Index(["a", "b"])).toarray().tolist()
    [[0.0, 1.0], [2.0, 0.0]]
    """
    from scipy import sparse

    given: Any = graph
    matrix: csr_array
    if not hasattr(graph, "adjacency") and not hasattr(graph, "id_order") and not _is_sparse(graph):
        raise OptionError(
            f"graph must be a libpysal Graph or W, or a scipy sparse matrix; got {type(graph).__name__}. {_MEND}"
        )
    known = graph.__dict__.get(_MADE) if hasattr(graph, "adjacency") else None
    if known is not None and known[0].equals(index):
        matrix = known[1]
        return matrix
    if _is_sparse(given):
        if given.shape != (len(index), len(index)):
            size = " × ".join(map(str, given.shape))
            raise OptionError(f"the graph is {size}, the table has {len(index)} rows. {_MEND}")
        matrix = sparse.csr_array(given, dtype=np.float64)
    elif hasattr(given, "adjacency"):
        _match(given.unique_ids, index)
        focal, neighbour, weight = _positions(given, index)
        matrix = sparse.csr_array((weight, (focal, neighbour)), shape=(len(index), len(index)))
    else:
        matrix = _from_weights(given, index)
    _refuse_odd(matrix, index)
    if hasattr(given, "adjacency"):  # which does not change: a next call reads nothing
        given.__dict__[_MADE] = (index, matrix)
    return matrix


def _is_sparse(graph: object) -> bool:
    from scipy import sparse

    return bool(sparse.issparse(graph))


def _from_weights(weights: W, index: Index[Any]) -> csr_array:
    """Read libpysal's older class, whose order may be another."""
    import pandas as pd
    from scipy import sparse

    labels = pd.Index(list(weights.id_order))
    _match(labels, index)
    at = labels.get_indexer(index)
    matrix: csr_array = sparse.csr_array(weights.sparse, dtype=np.float64)[at][:, at]
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def _match(labels: Index[Any], index: Index[Any]) -> None:
    """Refuse a graph on other labels, and say which."""
    unknown, lacking = labels[~labels.isin(index)], index[~index.isin(labels)]
    if len(labels) == len(index) and not len(unknown) and not len(lacking):
        return
    told = [f"{say_rows(unknown)} of the graph not in the table"] * bool(len(unknown))
    told += [f"{say_rows(lacking)} of the table not in the graph"] * bool(len(lacking))
    raise OptionError(
        f"the graph stands on other rows than the table: {'; '.join(told) or 'labels stand twice'}. {_MEND}"
    )


def _refuse_odd(matrix: csr_array, index: Index[Any]) -> None:
    """Refuse weights that no statistic is defined for."""
    faults = []
    for wrong, word in ((~np.isfinite(matrix.data), "no finite number"), (matrix.data < 0, "below 0")):
        if wrong.any():
            row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[wrong]
            many = f"{wrong.sum():,} weights are" if wrong.sum() > 1 else "1 weight is"
            faults.append(f"{many} {word}, of {say_rows(index[np.unique(row)])}")
    if faults:
        raise OptionError(f"the graph cannot be used: {'; '.join(faults)}. Give weights from 0 up.")


def _positions(graph: Graph, index: Index[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]]:
    """Focal, neighbour and weight of every edge as positions in an index, without the marks of isolates."""
    adjacency = graph.adjacency
    focal, neighbour = (
        index.get_indexer(level)[np.asarray(codes)]
        for level, codes in zip(adjacency.index.levels, adjacency.index.codes, strict=True)
    )
    weight = adjacency.to_numpy(dtype=np.float64)
    edge = (focal != neighbour) | (weight != 0)
    return focal[edge], neighbour[edge], weight[edge]


def is_row_standardised(graph: Neighbours) -> bool:
    """Say whether each row of a graph that has neighbours sums to 1.

    Examples
    --------
    >>> from scipy import sparse
    >>> is_row_standardised(sparse.csr_array([[0.0, 1.0], [0.0, 0.0]]))
    True
    """
    given: Any = graph
    if _is_sparse(given):
        sums = np.asarray(given.sum(axis=1)).ravel()
        return bool((np.abs(sums[sums != 0] - 1) <= 1e-9).all())
    word = given.transformation if hasattr(given, "adjacency") else given.transform
    return str(word).upper() == "R"


def standardise_rows(matrix: csr_array) -> csr_array:
    """Make each row sum to 1; a row without neighbours stays empty.

    Examples
    --------
    >>> from scipy import sparse
    >>> standardise_rows(sparse.csr_array([[0.0, 2.0, 2.0], [0, 0, 0], [1, 0, 0]])).toarray().tolist()
    [[0.0, 0.5, 0.5], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    from scipy import sparse

    total = np.asarray(matrix.sum(axis=1)).ravel()
    data = matrix.data / np.repeat(np.where(total > 0, total, 1.0), np.diff(matrix.indptr))
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def split_graph(graph: Neighbours, countries: Series[Any]) -> tuple[Graph, Graph]:
    """Part a graph into edges within a country and edges across: w = w·1[c_i = c_j] + w·1[c_i ≠ c_j].

    Weights pass through as they are: standardise rows before.

    Parameters
    ----------
    graph : Graph, W or sparse matrix
        As in `to_sparse`.
    countries : Series
        The country of each of its labels.

    Returns
    -------
    within, across : Graph
        Each on all labels of `graph`; together they are it.

    Raises
    ------
    OptionError
        If rows have no country: it names them.

    Examples
    --------
    >>> import pandas as pd
    >>> from geocluster.graph import sparse_neighbours
    >>> countries = pd.Series(["CH", "CH", "FR"])
    >>> graph = to_graph(sparse_neighbours([7.5, 7.6, 7.4], [47.6, 47.6, 47.6], within_km=20), countries.index)
    >>> within, across = split_graph(graph, countries)
    >>> graph.n_edges, within.n_edges, across.n_edges
    (6, 2, 4)
    """
    import pandas as pd

    given: Any = graph
    if _is_sparse(given):
        given = to_graph(to_sparse(given, countries.index), countries.index)
    index = given.unique_ids if hasattr(given, "adjacency") else pd.Index(list(given.id_order))
    if not countries.index.is_unique:
        raise OptionError("countries: some labels stand twice. Give one country for each row of the graph.")
    own = countries.reindex(index)
    missing = (own.isna() | (own.astype("string").fillna("") == "")).to_numpy(dtype=bool)
    if missing.any():
        raise OptionError(
            f"countries: {say_rows(index[missing])} of the graph without a country. "
            "Run split_placed(table) and build the graph on the rows placed."
        )
    code = pd.factorize(own)[0]
    if hasattr(given, "adjacency"):
        focal, neighbour, weight = _positions(given, index)
        word = "O" if given.transformation == "O" else "C"
    else:
        matrix = to_sparse(given, index)
        focal, neighbour, weight = np.repeat(np.arange(len(index)), np.diff(matrix.indptr)), matrix.indices, matrix.data
        word = "O" if str(given.transform).upper() == "O" else "C"
    same = code[focal] == code[neighbour]
    within, across = (_assemble(focal[m], neighbour[m], weight[m], index, word) for m in (same, ~same))
    return within, across
