"""Which rows are one organisation?

`fold_units` folds laboratories into the organisation they belong to;
`find_duplicates` finds the rows that name one organisation twice, and
`merge_duplicates` makes one row of them.
"""

from geocluster.units.duplicates import find_duplicates
from geocluster.units.folding import fold_units
from geocluster.units.merging import merge_duplicates
from geocluster.units.result import DuplicatesResult, MergeResult, UnitsResult

__all__ = ["DuplicatesResult", "MergeResult", "UnitsResult", "find_duplicates", "fold_units", "merge_duplicates"]
