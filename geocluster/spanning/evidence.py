"""What remains of a search, so that one may ask later why a region is claimed, or not?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geocluster.distance import distance_km
from geocluster.spanning.screening import chance_of_as_many

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.spanning.families import Family, Pattern


@dataclass(frozen=True, slots=True)
class Evidence:
    """Places and searched circles of one reading, without the lists of what each circle holds.

    Attributes
    ----------
    longitude, latitude : ndarray, shape (places,)
    country, count : ndarray of int, shape (places,)
    share : ndarray, shape (places,)
        Of its own country's background; 0 in countries with too few organisations.
    codes : tuple of str
    organisations : mapping of int to int
        n_c of the countries with enough of them.
    total_units : mapping of int to int
        Cases and controls of the country; 0 without controls.
    families : tuple of Family
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    country: NDArray[np.int64]
    count: NDArray[np.int64]
    share: NDArray[np.float64]
    codes: tuple[str, ...]
    organisations: Mapping[int, int]
    total_units: Mapping[int, int]
    families: tuple[Family, ...]

    def tail(self, c: int, observed: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """π_c: the share of chance with at least as many organisations of a country."""
        n, total = self.organisations[c], self.total_units[c]
        share = np.minimum(expected / n, 1.0)
        return chance_of_as_many(observed, share, n, units=share * total if total else None, total_units=total)


def keep_evidence(pattern: Pattern, families: list[Family]) -> Evidence:
    """Keep what the circles say, and let go of which places they hold."""
    share = np.zeros(len(pattern.country))
    for null in pattern.nulls.values():
        held = null.share > 0
        share[held] = null.share[held]
    return Evidence(
        pattern.longitude,
        pattern.latitude,
        pattern.country,
        pattern.count,
        share,
        pattern.codes,
        {c: null.organisations for c, null in pattern.nulls.items()},
        {c: null.total_units for c, null in pattern.nulls.items()},
        tuple(_bare(family) for family in families),
    )


def _bare(family: Family) -> Family:
    none = np.empty(0, dtype=np.int64)
    few = none.astype(np.int32)
    windows = replace(family.windows, entry_centre=few, entry_place=few, entry_radius=none.astype(np.int8))
    clustered = None if family.clustered is None else replace(family.clustered, places=none, windows=windows)
    return replace(family, places=none, windows=windows, clustered=clustered)


def reaching_in(
    claims: DataFrame, near: tuple[float, float, float], at_least: int, countries: Sequence[str] | None
) -> DataFrame:
    """Find the claims, of so many of these countries, that are centred elsewhere and reach in.

    Parameters
    ----------
    claims : DataFrame
        lon, lat, r_km, countries.
    near : (float, float, float)
        Longitude, latitude and radius, km, of the region.
    at_least : int
    countries : sequence of str, optional
        All if not given.
    """
    if countries is not None:
        mine = [len(set(shown.split()) & set(countries)) >= at_least for shown in claims["countries"]]
        claims = claims[np.array(mine, dtype=bool)]
    gap = np.asarray(distance_km(claims["lon"].to_numpy(), claims["lat"].to_numpy(), near[0], near[1]))
    return claims[(gap > near[2]) & (gap <= near[2] + claims["r_km"].to_numpy())].reset_index(drop=True)
