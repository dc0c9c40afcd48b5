"""Which rows can enter a statistic of neighbours, and with which weights?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import Fault, OptionError, SchemaError
from geocluster.graph import (
    Points,
    coordinates_of,
    distinct_points,
    is_row_standardised,
    shared_among,
    standardise_rows,
    to_sparse,
)
from geocluster.permutation import block_sizes
from geocluster.splitting.parts import FEWEST, Countries
from geocluster.surrogates import MAX_PLACES, NULLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from pandas import DataFrame, Series
    from scipy.sparse import csr_array


MUCH_SHARED = 0.2
"""From this share of rows on shared points on, the result warns."""
ONE_COUNTRY = "not defined: one country"
NO_EDGE = "not defined: no neighbours across a border"


def check_choices(
    statistic: str,
    statistics: Sequence[str],
    *,
    null: str,
    nulls: Sequence[str] = tuple(NULLS),
    permutations: int,
    faults: Sequence[str] = (),
) -> None:
    """Raise one error with all that is wrong with the options of a split statistic.

    Parameters
    ----------
    statistic, null : str
        What was given.
    statistics, nulls : sequence of str
        What there is.
    permutations : int
    faults : sequence of str
        Others, found before.

    Raises
    ------
    OptionError
    """
    faults = [
        *(
            f"{name} must be {' or '.join(map(repr, words))}, got {given!r}."
            for name, given, words in (("statistic", statistic, statistics), ("null", null, nulls))
            if given not in words
        ),
        *faults,
    ]
    try:
        block_sizes(permutations)
    except OptionError as error:
        faults.append(str(error))
    except TypeError:
        faults.append(f"permutations must be a whole number from 1 up, got {permutations!r}. 999 is usual.")
    if faults:
        raise OptionError("\n  ".join(faults))


def on_points(table: GeoDataFrame) -> GeoDataFrame:
    """Put areas on a point inside each: surrogates need points, the graph is the caller's.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> on_points(gpd.GeoDataFrame(geometry=[box(0, 0, 2, 2)], crs="EPSG:4326")).geometry.iloc[0].wkt
    'POINT (1 1)'
    """
    import shapely

    if getattr(table, "active_geometry_name", None) is None or table.crs is None:
        return table  # what is wrong is told by `check`
    areas = np.isin(shapely.get_type_id(np.asarray(table.geometry.array)), (3, 6))
    return table.set_geometry(table.representative_point()) if areas.any() else table


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that enter, and what is known of them.

    Attributes
    ----------
    keep : ndarray of bool, shape (rows of the table,)
    weights : csr_array, shape (n, n)
        Of the graph, cut to the rows that enter.
    countries : Countries
    table : GeoDataFrame
        With the rows set aside.
    shared : float
        Share of the rows that stand on a point with others.
    set_aside : DataFrame
        The other rows: reason.
    notes : tuple of str
    """

    keep: NDArray[np.bool_]
    weights: csr_array
    countries: Countries
    table: GeoDataFrame
    shared: float
    set_aside: DataFrame
    notes: tuple[str, ...]

    @cached_property
    def points(self) -> Points:
        """The distinct points, found when asked for: not every test needs them."""
        return distinct_points(*(each[self.keep] for each in coordinates_of(self.table, areas=True)))

    @property
    def n(self) -> int:
        """Rows that enter."""
        return int(self.keep.sum())

    @property
    def islands(self) -> int:
        """Rows that enter and have no neighbour."""
        return int((np.diff(self.weights.indptr) == 0).sum())

    def pairs_across(self) -> list[tuple[int, int]]:
        """List the pairs of countries that an edge joins, either way, as codes; the smaller one first."""
        from geocluster.splitting.row_kernels import joined_countries

        weights, countries = self.weights, self.countries
        joined = joined_countries(weights.indptr, weights.indices, countries.code, len(countries.names))
        return [(int(a), int(b)) for a, b in np.argwhere(np.triu(joined | joined.T, 1))]

    def undefined(self) -> str:
        """Say why there is no cross part: one country, or no edge across; empty if there is one."""
        if len(self.countries.names) < 2:
            return ONE_COUNTRY
        return "" if self.pairs_across() else NO_EDGE

    def refusal(self, held: int, redrawn: int) -> str:
        """Say why two countries cannot be tested against each other; empty if they can."""
        for country in (held, redrawn):
            if self.countries.count[country] < FEWEST:
                return f"not tested: {self.countries.names[country]} has fewer than {FEWEST} organisations"
        return ""

    def too_many_places(self, country: int) -> str:
        """Say that a country has too many places for surrogates; empty if it has not."""
        places = len(np.unique(self.points.of_row[self.countries.code == country]))
        if places <= MAX_PLACES:
            return ""
        name = self.countries.names[country]
        return f"not measured: {name} has {places:,} places, surrogates take {MAX_PLACES:,}; plain permutation is open"


def rows_that_enter(table: GeoDataFrame, graph: Graph, missing: NDArray[np.bool_], why: str) -> Rows:
    """Keep the rows with a country and a value, and cut the graph to them.

    Where rows are cut, a row-standardised graph is standardised again.

    Parameters
    ----------
    table : GeoDataFrame
        Assigned.
    graph : Graph
        On the table's index.
    missing : ndarray of bool, shape (rows,)
        Rows without a value.
    why : str
        The reason told for them.

    Raises
    ------
    SchemaError
        If no row is left, or rows lack a point.
    """
    import pandas as pd

    longitude, latitude = coordinates_of(table, areas=True)
    weights = to_sparse(graph, table.index)
    code, names = _coded(table["country"])
    keep = ~(missing | (code < 0))
    if not keep.any():
        told = " or ".join([*["no country"] * bool((code < 0).any()), *[why] * bool(missing.any())])
        raise SchemaError("nothing to measure", [Fault("table", f"no row is left of {len(table):,}.", f"({told})")])
    notes = []
    if keep.all():
        set_aside = pd.DataFrame({"reason": np.empty(0, dtype=object)}, index=table.index[:0])
    else:
        set_aside = pd.DataFrame({"reason": np.where(code < 0, "no country", why)[~keep]}, index=table.index[~keep])
        standard = is_row_standardised(weights)
        weights = weights[keep][:, keep]
        if standard:
            weights = standardise_rows(weights)
        notes.append(
            f"graph cut to the {keep.sum():,} rows that enter; build it on them to search their neighbours anew"
        )
        code, longitude, latitude = code[keep], longitude[keep], latitude[keep]
    countries = Countries.of_codes(code, names)
    shared = shared_among(longitude, latitude)
    few = [name for name, count in zip(countries.names, countries.count, strict=True) if count < FEWEST]
    if few:
        notes.append(f"fewer than {FEWEST} organisations, held fixed: {', '.join(few)}")
    if shared > MUCH_SHARED:
        notes.append(f"{shared:.0%} of the rows share a point with others: nearer than that nothing is resolved")
    return Rows(keep, weights, countries, table, shared, set_aside, tuple(notes))


def _coded(country: Series[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Read countries as codes of names; -1 where there is none."""
    import pandas as pd

    code, names = pd.factorize(country)
    told = np.asarray(names, dtype=object)
    blank = np.array([str(name) == "" for name in told], dtype=bool)
    if blank.any():
        code = np.where(blank[code], -1, code)
    return code.astype(np.int64), told
