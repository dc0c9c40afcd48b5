"""How much of a statistic lies within countries, how much across their borders?

The engine that statistics of neighbours share: sums over edges by pair of
countries, their permutations within countries, and the test of the cross part.
"""

from geocluster.graph import standardise_rows as standardise
from geocluster.splitting.cross import CrossTest, Direction, cross_frame, cross_test, holm, join_cross
from geocluster.splitting.edges import Edges
from geocluster.splitting.expected import Strata, expected_products, expected_squares
from geocluster.splitting.parts import FEWEST, Countries, PairSums, lay_out, parts_frame, permuted_parts
from geocluster.splitting.result import SplitResult, build_split, say_p, say_sum
from geocluster.splitting.rows import Rows, check_choices, on_points, rows_that_enter
from geocluster.splitting.sides import CrossForm, Sides
from geocluster.splitting.workbench import Workbench

__all__ = [
    "FEWEST",
    "Countries",
    "CrossForm",
    "CrossTest",
    "Direction",
    "Edges",
    "PairSums",
    "Rows",
    "Sides",
    "SplitResult",
    "Strata",
    "Workbench",
    "build_split",
    "check_choices",
    "cross_frame",
    "cross_test",
    "expected_products",
    "expected_squares",
    "holm",
    "join_cross",
    "lay_out",
    "on_points",
    "parts_frame",
    "permuted_parts",
    "rows_that_enter",
    "say_p",
    "say_sum",
    "standardise",
]
