"""Do two kinds seek each other's company?"""

from geocluster.colocation.local import local_colocation_test
from geocluster.colocation.local_result import LocalColocationResult
from geocluster.colocation.matrix import colocation_matrix
from geocluster.colocation.matrix_result import ColocationMatrix
from geocluster.colocation.quotient import ColocationResult, colocation_test

__all__ = [
    "ColocationMatrix",
    "ColocationResult",
    "LocalColocationResult",
    "colocation_matrix",
    "colocation_test",
    "local_colocation_test",
]
