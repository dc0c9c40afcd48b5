"""Do two kinds seek each other's company?"""

from geocluster.colocation.agglomeration import AgglomerationResult, agglomeration_index
from geocluster.colocation.dixon import NeighbourTable, dixon_test
from geocluster.colocation.local import local_colocation_test
from geocluster.colocation.local_result import LocalColocationResult
from geocluster.colocation.matrix import colocation_matrix
from geocluster.colocation.matrix_result import ColocationMatrix
from geocluster.colocation.quotient import ColocationResult, colocation_test

__all__ = [
    "AgglomerationResult",
    "ColocationMatrix",
    "ColocationResult",
    "LocalColocationResult",
    "NeighbourTable",
    "agglomeration_index",
    "colocation_matrix",
    "colocation_test",
    "dixon_test",
    "local_colocation_test",
]
