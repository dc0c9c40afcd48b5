"""Which rows are one organisation?

`fold_units` folds laboratories into the organisation they belong to;
`find_duplicates` finds the rows that name one organisation twice, and
`merge_duplicates` makes one row of them.
"""

from geocluster.units.folding import fold_units
from geocluster.units.result import UnitsResult

__all__ = ["UnitsResult", "fold_units"]
