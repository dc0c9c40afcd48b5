"""Who is near whom?

Inside, neighbours are a sparse matrix built on distinct points with counts; at
the door it becomes a libpysal `Graph` on the table's index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph.neighbours import TIE_KM, check_options, reach_km, sparse_neighbours
from geocluster.graph.points import Points, coordinates_of, distinct_points, say_rows, share_of_shared_points

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from pandas import Index, Series
    from scipy.sparse import csr_array

__all__ = [
    "TIE_KM",
    "Points",
    "build_graph",
    "coordinates_of",
    "distinct_points",
    "reach_km",
    "say_rows",
    "share_of_shared_points",
    "sparse_neighbours",
    "split_graph",
    "to_graph",
    "to_sparse",
]


def build_graph(table: GeoDataFrame, *, within_km: float | None = None, nearest: int | None = None) -> Graph:
    """Join each stakeholder with its neighbours, in true kilometres.

    Give exactly one of the two options.

    Parameters
    ----------
    table : GeoDataFrame
        A located table, every row with a point.
    within_km : float, optional
        Distance band: weight 1 where 0 <= d <= within_km.
    nearest : int, optional
        The so many nearest others, weight 1 each; all those tied at the last
        distance share the remaining places equally, so that every row sums to
        `nearest` and row order does not matter.

    Returns
    -------
    Graph
        On the table's index; who has no neighbour stays, as an isolate.

    Raises
    ------
    OptionError
        If not exactly one option is given, or it cannot be used.
    SchemaError
        If rows lack a point.
    GraphSizeError
        If the graph would hold more than 1e8 edges; they are counted beforehand.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.points_from_xy([7.588, 7.56, 7.66, 7.752], [47.56, 47.585, 47.615, 48.573])
    >>> table = gpd.GeoDataFrame(geometry=points, index=["Basel", "Saint-Louis", "Lörrach", "Strasbourg"], crs=4326)
    >>> graph = build_graph(table, within_km=10)
    >>> graph.n_edges, graph.isolates.tolist()
    (6, ['Strasbourg'])
    """
    check_options(within_km, nearest)
    longitude, latitude = coordinates_of(table)
    if table.index.nlevels > 1:
        raise SchemaError(
            "the table's index has several levels", [Fault("index", "a graph needs one.", "Run table.reset_index().")]
        )
    return to_graph(sparse_neighbours(longitude, latitude, within_km=within_km, nearest=nearest), table.index)


def to_graph(matrix: csr_array, index: Index[Any]) -> Graph:
    """Turn a sparse matrix of weights into a `Graph` on an index, isolates kept.

    Several times faster than ``Graph.from_sparse``: positions are already known.

    Examples
    --------
    >>> import pandas as pd
    >>> graph = to_graph(sparse_neighbours([0, 1, 90], [0, 0, 0], within_km=200), pd.Index(["a", "b", "c"]))
    >>> graph["a"].to_dict(), graph.isolates.tolist()
    ({'b': 1.0}, ['c'])
    """
    degree = np.diff(matrix.indptr)
    return _assemble(np.repeat(np.arange(len(degree)), degree), matrix.indices, matrix.data, index, "O")


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


def to_sparse(graph: Graph, index: Index[Any]) -> csr_array:
    """Weights of a graph as a sparse matrix in the order of an index.

    Raises
    ------
    OptionError
        If graph and index do not hold the same labels.

    Examples
    --------
    >>> import pandas as pd
    >>> index = pd.Index(["a", "b"])
    >>> to_sparse(to_graph(sparse_neighbours([0, 1], [0, 0], nearest=1), index), index).toarray().tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    from scipy import sparse

    if len(graph.unique_ids) != len(index) or not graph.unique_ids.isin(index).all():
        raise OptionError("the graph stands on other rows than the table. Run build_graph(table, ...) on this table.")
    focal, neighbour, weight = _positions(graph, index)
    return sparse.csr_array((weight, (focal, neighbour)), shape=(len(index), len(index)))


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


def split_graph(graph: Graph, countries: Series[Any]) -> tuple[Graph, Graph]:
    """Part a graph into edges within a country and edges across: w = w·1[c_i = c_j] + w·1[c_i ≠ c_j].

    Weights pass through as they are: standardise rows before.

    Parameters
    ----------
    graph : Graph
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
    >>> countries = pd.Series(["CH", "CH", "FR"])
    >>> graph = to_graph(sparse_neighbours([7.5, 7.6, 7.4], [47.6, 47.6, 47.6], within_km=20), countries.index)
    >>> within, across = split_graph(graph, countries)
    >>> graph.n_edges, within.n_edges, across.n_edges
    (6, 2, 4)
    """
    import pandas as pd

    index = graph.unique_ids
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
    focal, neighbour, weight = _positions(graph, index)
    same = code[focal] == code[neighbour]
    word = "O" if graph.transformation == "O" else "C"
    within, across = (_assemble(focal[m], neighbour[m], weight[m], index, word) for m in (same, ~same))
    return within, across
