"""How much of a statistic lies within countries, how much across their borders?

The engine that statistics of neighbours share: sums over edges by pair of
countries, their permutations within countries, and the test of the cross part.
"""

from geocluster.splitting.cross import Direction, cross_frame, holm, join_cross
from geocluster.splitting.parts import FEWEST, Countries, PairSums, parts_frame, permuted_parts
from geocluster.splitting.result import SplitResult, say_p
from geocluster.splitting.rows import Rows, check_choices, rows_that_enter, standardise

__all__ = [
    "FEWEST",
    "Countries",
    "Direction",
    "PairSums",
    "Rows",
    "SplitResult",
    "check_choices",
    "cross_frame",
    "holm",
    "join_cross",
    "parts_frame",
    "permuted_parts",
    "rows_that_enter",
    "say_p",
    "standardise",
]
