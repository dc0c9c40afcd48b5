"""Who is near whom?

Inside, neighbours are a sparse matrix built on distinct points with counts; at
the door it becomes a libpysal `Graph` on the table's index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph.contiguity import Contiguity, contiguity_faults, polygons_of, sparse_contiguity
from geocluster.graph.conversion import is_row_standardised, split_graph, standardise_rows, to_graph, to_sparse
from geocluster.graph.kernels import CUT, KERNELS, Kernel, sparse_kernel
from geocluster.graph.links import graph_from_table
from geocluster.graph.neighbours import TIE_KM, distance_faults, number_faults, reach_km, sparse_neighbours, to_number
from geocluster.graph.points import (
    Points,
    coordinates_of,
    distinct_points,
    say_rows,
    share_of_shared_points,
    shared_among,
)
from geocluster.permutation import whole_number_faults

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph
    from scipy.sparse import csr_array

    from geocluster.graph.conversion import Neighbours as Neighbours

__all__ = [
    "CUT",
    "TIE_KM",
    "Points",
    "build_graph",
    "build_sparse",
    "coordinates_of",
    "distinct_points",
    "graph_from_table",
    "is_row_standardised",
    "polygons_of",
    "reach_km",
    "say_rows",
    "share_of_shared_points",
    "shared_among",
    "sparse_contiguity",
    "sparse_kernel",
    "sparse_neighbours",
    "split_graph",
    "standardise_rows",
    "to_graph",
    "to_number",
    "to_sparse",
]


def build_graph(
    table: GeoDataFrame,
    *,
    within_km: float | None = None,
    beyond_km: float | None = None,
    nearest: int | None = None,
    kernel: Kernel | None = None,
    bandwidth_km: float | None = None,
    cut: float = CUT,
    contiguity: Contiguity | None = None,
    snap_km: float = 0.0,
    row_standardise: bool = False,
    workers: int = 1,
) -> Graph:
    """Join each stakeholder or area with its neighbours, in true kilometres.

    Give exactly one of: `within_km`, `nearest`, `kernel` with `bandwidth_km`, `kernel`
    with `nearest`, `contiguity`.

    Parameters
    ----------
    table : GeoDataFrame
        A located table, every row with a point; or areas, every row with a polygon.
        Except for `contiguity` a polygon stands for a point that lies in it.
    within_km : float, optional
        Distance band: weight 1 where 0 <= d <= within_km.
    beyond_km : float, optional
        With `within_km`, a ring: weight 1 where beyond_km < d <= within_km.
    nearest : int, optional
        The so many nearest others, weight 1 each; all those tied at the last
        distance share the remaining places equally, so that every row sums to
        `nearest` and row order does not matter.
    kernel : {"triangular", "epanechnikov", "gaussian", "bisquare"}, optional
        Weights K(d/h): 1 - u, ¾(1 - u²), exp(-u²/2), (1 - u²)². h is `bandwidth_km`, or
        for each row the distance to its `nearest`-th neighbour, at least 1 m.
    bandwidth_km : float, optional
    cut : float, default 3
        Where the Gaussian ends, in bandwidths; ``inf`` for nowhere.
    contiguity : {"queen", "rook"}, optional
        Areas that meet anywhere, or along an edge; weight 1.
    snap_km : float, default 0
        With `contiguity`: gaps up to so many kilometres count as meeting.
    row_standardise : bool, default False
        Whether each row is made to sum to 1.
    workers : int, default 1
        Threads. The graph does not depend on it.

    Returns
    -------
    Graph
        On the table's index; who has no neighbour stays, as an isolate.

    Raises
    ------
    OptionError
        If the options do not go together, or one cannot be used.
    SchemaError
        If rows lack a point, or a polygon.
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
    >>> build_graph(table, kernel="triangular", bandwidth_km=10)["Basel"].round(2).to_dict()
    {'Saint-Louis': 0.65, 'Lörrach': 0.18}
    """
    matrix = build_sparse(
        table, within_km=within_km, beyond_km=beyond_km, nearest=nearest, kernel=kernel, bandwidth_km=bandwidth_km,
        cut=cut, contiguity=contiguity, snap_km=snap_km, row_standardise=row_standardise, workers=workers,
    )  # fmt: skip
    return to_graph(matrix, table.index, row_standardised=row_standardise)


def build_sparse(
    table: GeoDataFrame,
    *,
    within_km: float | None = None,
    beyond_km: float | None = None,
    nearest: int | None = None,
    kernel: Kernel | None = None,
    bandwidth_km: float | None = None,
    cut: float = CUT,
    contiguity: Contiguity | None = None,
    snap_km: float = 0.0,
    row_standardise: bool = False,
    workers: int = 1,
) -> csr_array:
    """Build the same as a sparse matrix in the order of the table: whatever takes a graph takes it too.

    For large tables: to make a `Graph` of it takes longer than the search.

    Parameters
    ----------
    table, within_km, beyond_km, nearest, kernel, bandwidth_km, cut, contiguity, snap_km, row_standardise, workers
        As in `build_graph`.

    Returns
    -------
    csr_array, shape (n, n)

    Examples
    --------
    >>> import geopandas as gpd
    >>> table = gpd.GeoDataFrame(geometry=gpd.points_from_xy([7.588, 7.56], [47.56, 47.585]), crs=4326)
    >>> build_sparse(table, nearest=1).toarray().tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    _check_choice(within_km, beyond_km, nearest, kernel, bandwidth_km, cut, contiguity, snap_km, workers)
    if contiguity is not None:
        matrix = sparse_contiguity(table, contiguity=contiguity, snap_km=snap_km)
    else:
        longitude, latitude = coordinates_of(table, areas=True)
        if kernel is not None:
            matrix = sparse_kernel(
                longitude, latitude, kernel=kernel, bandwidth_km=bandwidth_km, nearest=nearest, cut=cut, workers=workers
            )
        else:
            matrix = sparse_neighbours(
                longitude, latitude, within_km=within_km, beyond_km=beyond_km, nearest=nearest, workers=workers
            )
    if table.index.nlevels > 1:
        raise SchemaError(
            "the table's index has several levels", [Fault("index", "a graph needs one.", "Run table.reset_index().")]
        )
    return standardise_rows(matrix) if row_standardise else matrix


def _check_choice(
    within_km: float | None,
    beyond_km: float | None,
    nearest: int | None,
    kernel: str | None,
    bandwidth_km: float | None,
    cut: float,
    contiguity: str | None,
    snap_km: float,
    workers: int,
) -> None:
    """Raise one error with all that is wrong with the options of a graph."""
    faults = whole_number_faults(workers=workers)
    if contiguity is None and snap_km != 0:
        faults.append(f"snap_km={snap_km!r} goes with contiguity, which is not given.")
    if kernel is None and bandwidth_km is not None:
        faults.append(f"bandwidth_km={bandwidth_km!r} goes with kernel, which is not given.")
    if kernel is not None or contiguity is not None:
        if beyond_km is not None:
            faults.append(f"beyond_km={beyond_km!r} goes with within_km alone.")
    elif beyond_km is not None and within_km is None:
        faults.append(f"beyond_km={beyond_km!r} goes with within_km, which is not given.")
        beyond_km = None
    if kernel is not None:
        if kernel not in KERNELS:
            faults.append(f"kernel must be {', '.join(map(repr, KERNELS))}, got {kernel!r}.")
        if within_km is not None or contiguity is not None or (bandwidth_km is None) == (nearest is None):
            faults.append("with kernel give one of bandwidth_km and nearest, and nothing else. 20 km is usual.")
        faults += number_faults(bandwidth_km=bandwidth_km)
        if nearest is not None:
            faults += distance_faults(None, nearest)
        if not to_number(cut) > 0:
            faults.append(f"cut must be a number of bandwidths above 0, got {cut!r}. 3 is usual.")
    elif contiguity is not None:
        if within_km is not None or nearest is not None:
            faults.append("contiguity goes with no distance: leave out within_km and nearest.")
        faults += contiguity_faults(contiguity, snap_km)
    elif not (within_km is None and nearest is None and faults):
        faults += distance_faults(within_km, nearest, beyond_km)
    if faults:
        raise OptionError("\n".join(faults))
