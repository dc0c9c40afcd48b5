"""How does a table become a matrix of kinds that seek each other, in one call?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocluster.errors import OptionError
from geocluster.pipeline.options import NEIGHBOURS, neighbour_faults
from geocluster.pipeline.placing import rows_placed
from geocluster.schema import MAX_RADIUS_KM, kind_word, kind_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from geocluster.colocation import ColocationMatrix, LocalColocationResult
    from geocluster.permutation import Seed


@dataclass(frozen=True, slots=True, eq=False)
class Colocation:
    """What was asked of a table, and what came out.

    Attributes
    ----------
    matrix : ColocationMatrix
    local : LocalColocationResult
        The first kind near the second.
    placed, set_aside : GeoDataFrame
    """

    matrix: ColocationMatrix
    local: LocalColocationResult
    placed: GeoDataFrame
    set_aside: GeoDataFrame


def check_colocation_options(
    *, kinds: Sequence[str], nearest: int | None, within_km: float | None, null: str, more: Sequence[str] = ()
) -> None:
    """Raise one error with every fault of the options of `find_colocation` that need no table.

    Raises
    ------
    OptionError

    Examples
    --------
    >>> check_colocation_options(kinds=["firm"], nearest=8, within_km=None, null="surrogate")
    Traceback (most recent call last):
    geocluster.errors.OptionError: give two kinds or more, got 1: firm.
    """
    from geocluster.colocation.pairs import MOST_KINDS
    from geocluster.surrogates import NULLS

    faults, distinct = list(more), len(dict.fromkeys(kinds))
    if distinct > MOST_KINDS:
        faults.append(f"give {MOST_KINDS} kinds at most, got {distinct}: more are no matrix that can be read.")
    if distinct < 2:
        words = ", ".join(dict.fromkeys(kinds)) or "none"
        faults.append(f"give two kinds or more, got {distinct}: {words}.")
    if null not in NULLS:
        faults.append(f"null must be {' or '.join(map(repr, NULLS))}, got {null!r}.")
    faults += neighbour_faults(within_km=within_km, nearest=nearest)
    if faults:
        raise OptionError("\n  ".join(faults))


def find_colocation(
    table: DataFrame | GeoDataFrame,
    *,
    kinds: Sequence[str],
    nearest: int | None = None,
    within_km: float | None = None,
    null: Any = "surrogate",
    max_radius_km: float = MAX_RADIUS_KM,
    permutations: int = 999,
    rng: Seed = None,
    workers: int = 1,
    progress: Callable[..., Iterable[Any]] | None = None,
) -> Colocation:
    """Geocode a table if need be, join neighbours, and ask which kinds seek which.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Read, located or assigned, with a column `kind`: what is missing is done first.
    kinds : sequence of str
        Two or more; the map is of the first near the second. Rows of other kinds stay as neighbours.
    nearest, within_km
        As in `build_graph`; the 8 nearest if neither is given.
    null : {"surrogate", "permutation"}
        Of the part across.
    max_radius_km : float, default 30
        Rows placed less certainly are set aside.
    permutations, rng, workers
        As in `colocation_matrix`.
    progress : callable, optional
        Wraps what lasts, as tqdm does.

    Returns
    -------
    Colocation

    Raises
    ------
    SchemaError
        With all faults of the table; or with the reasons why no row can be placed.
    OptionError
        If an option cannot be used, or a kind is not there.

    Examples
    --------
    >>> from geocluster.pipeline import load_example
    >>> found = find_colocation(load_example("oresund"), kinds=["firm", "public body"], permutations=99, rng=1)
    >>> found.matrix.matrix("within").shape
    (2, 2)
    """
    from geocluster.colocation import colocation_matrix, local_colocation_test
    from geocluster.colocation.enough import check_kinds
    from geocluster.errors import SchemaError
    from geocluster.graph import build_graph

    nearest = NEIGHBOURS if nearest is None and within_km is None else nearest
    kinds = [kind_word(kind) for kind in kinds]
    check_colocation_options(kinds=kinds, nearest=nearest, within_km=within_km, null=null)
    if "kind" in getattr(table, "columns", ()):
        check_kinds(kind_words(table["kind"]), kinds)
    placed, set_aside = rows_placed(table, max_radius_km=max_radius_km, progress=progress)
    told = placed[kind_words(placed["kind"]).notna()] if "kind" in placed.columns else placed
    if nearest is not None and len(told) <= nearest:
        raise SchemaError(
            f"{len(told)} of {len(placed)} rows placed have a kind; nearest={nearest} needs {nearest + 1} or more. "
            "Give fewer neighbours."
        )
    graph = build_graph(told, nearest=nearest, within_km=within_km)
    asked: dict[str, Any] = {"permutations": permutations, "rng": rng, "workers": workers}
    matrix = colocation_matrix(told, graph, kinds=list(dict.fromkeys(kinds)), null=null, **asked)
    local = local_colocation_test(told, graph, kind=kinds[0], near_kind=matrix.kinds[1], **asked)
    return Colocation(matrix, local, placed, set_aside)
