"""Which options, weights and rows can a global statistic not take?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.splitting import Rows, check_choices
from geocluster.surrogates import NULLS

if TYPE_CHECKING:
    from numpy.typing import NDArray

Statistic = Literal["moran", "geary", "getis_ord", "join_count", "bivariate_moran", "lee"]
GlobalNull = Literal["stratified", "complete", "surrogate", "permutation"]
TWO = ("bivariate_moran", "lee")
GLOBAL_NULLS: dict[str, str] = {
    "stratified": "{what} permuted within countries",
    "complete": "{what} permuted over all countries: a difference in level between them counts",
}
LEAST_ROWS = 4


def check_options(
    statistic: str, null: str, cross_null: str, *, other_column: str | None, permutations: int, workers: int
) -> None:
    """Raise one error with all that is wrong with the options."""
    faults = []
    if cross_null not in NULLS:
        faults.append(f"cross_null must be {' or '.join(map(repr, NULLS))}, got {cross_null!r}.")
    if statistic in TWO and other_column is None:
        faults.append(f"statistic={statistic!r} takes two columns. Give other_column.")
    if statistic in get_args(Statistic) and statistic not in TWO and other_column is not None:
        faults.append(f"other_column is for {' and '.join(TWO)}, not for statistic={statistic!r}.")
    if isinstance(workers, bool) or not isinstance(workers, (int, np.integer)) or workers < 1:  # type: ignore[redundant-expr]
        faults.append(f"workers must be a whole number from 1 up, got {workers!r}.")
    check_choices(
        statistic, get_args(Statistic), null=null, nulls=tuple(GLOBAL_NULLS), permutations=permutations, faults=faults
    )


def check_weights(rows: Rows) -> None:
    """Refuse weights of rows on themselves."""
    if rows.weights.diagonal().any():
        raise OptionError(
            "the graph gives rows a weight on themselves, which no global statistic knows. "
            "Run graph.assign_self_weight(0)."
        )


def check_rows(rows: Rows, asked: list[str], values: list[NDArray[np.float64]], statistic: str) -> None:
    """Refuse too few rows, and negative values where a statistic knows none."""
    faults = []
    if rows.n < LEAST_ROWS:
        told = f"{rows.n} row{'s' * (rows.n != 1)} with a country and a value."
        faults.append(Fault(" and ".join(asked), told, f"Give at least {LEAST_ROWS}."))
    if statistic == "getis_ord" and (values[0] < 0).any():
        told = f"{int((values[0] < 0).sum()):,} of its values are below 0, which G does not know."
        faults.append(Fault(asked[0], told, "Ask for 'moran', or measure from a natural nought."))
    if faults:
        raise SchemaError("the table cannot be measured", faults)
