"""What would be expected without any cluster?

Places with a weight (population, population to a fitted power, or the places of
control organisations), inside the study area, and the organisations on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocluster.distance import to_chord_km, to_ecef
from geocluster.errors import Fault, OptionError, SchemaError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

EXTENT_KM = 10.0
STAND_KM = 20.0
INTERIOR_KM = 40.0
ENOUGH_INTERIOR = 100
FLAT_PLACES = 5  # fewer may be alike by chance
StudyArea = Any  # 'extent', 'countries', or a polygon (shapely geometry or GeoDataFrame)
Reading = Literal["per head", "beyond city size", "controls", "flat"]


@dataclass(frozen=True, slots=True)
class Places:
    """Places of the background, by country.

    Attributes
    ----------
    longitude, latitude : ndarray, shape (places,)
    country : ndarray of str, shape (places,)
    population : ndarray, shape (places,)
    border_km : ndarray, shape (places,) or None
        Distance to the nearest border, if known beforehand.
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    country: NDArray[np.str_]
    population: NDArray[np.float64]
    border_km: NDArray[np.float64] | None = None

    def take(self, rows: NDArray[Any]) -> Places:
        """Keep some of the places."""
        border = None if self.border_km is None else self.border_km[rows]
        return Places(self.longitude[rows], self.latitude[rows], self.country[rows], self.population[rows], border)


def embedded_places(countries: list[str], *, flat: bool = False) -> Places:
    """Give the gazetteer's inhabited places in some countries, without districts of cities."""
    from geocluster.datasets import place_arrays

    data = place_arrays()
    codes = np.asarray(data.country_codes)
    wanted = np.isin(codes, countries)[data.country] & (data.population > 0) & ~data.district
    return Places(
        data.longitude[wanted],
        data.latitude[wanted],
        codes[data.country[wanted]],
        np.ones(int(wanted.sum())) if flat else data.population[wanted].astype(np.float64),
    )


def own_places(frame: GeoDataFrame) -> Places:
    """Read a background that the user gives: points with country and population.

    Raises
    ------
    SchemaError
        With all faults of the table.
    """
    import pandas as pd

    from geocluster.schema import check

    check(frame, "assigned", columns=["population"])
    population = pd.to_numeric(frame["population"], errors="coerce").to_numpy(dtype=np.float64)
    faults = []
    if np.isnan(population).any() or (population < 0).any():
        bad = int((np.isnan(population) | (population < 0)).sum())
        faults.append(Fault("population", f"{bad} values are missing or below 0.", "Drop those rows."))
    elif len(population) > 1 and np.ptp(population) == 0:
        faults.append(Fault("population", "all values are equal: a flat background.", "Ask for it: background='flat'."))
    else:
        faults += _flat_countries(frame["country"].to_numpy(dtype=str), population)
    if faults:
        raise SchemaError("the background cannot be used", faults)
    border = None
    if "border_km" in frame.columns:
        border = pd.to_numeric(frame["border_km"], errors="coerce").fillna(np.inf).to_numpy(dtype=np.float64)
    every = Places(
        np.asarray(frame.geometry.x, dtype=np.float64),
        np.asarray(frame.geometry.y, dtype=np.float64),
        frame["country"].to_numpy(dtype=str),
        population,
        border,
    )
    return every.take(population > 0)


def _flat_countries(country: NDArray[np.str_], population: NDArray[np.float64]) -> list[Fault]:
    """Find countries of several places that all weigh alike."""
    flat = []
    for code in np.unique(country):
        own = population[(country == code) & (population > 0)]
        if len(own) >= FLAT_PLACES and np.ptp(own) == 0:
            flat.append(str(code))
    if not flat:
        return []
    said = f"all values are equal: a flat background in {', '.join(flat)}."
    return [Fault("population", said, "Give populations, or ask for background='flat'.")]


def clip_to_area(
    places: Places,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    country: NDArray[np.str_],
    area: StudyArea,
) -> tuple[Places, NDArray[np.bool_], str]:
    """Keep the places that the table covers.

    Returns
    -------
    places : Places
        Those inside.
    inside : ndarray of bool, shape (organisations,)
        Which organisations are.
    words : str
        The area in words.
    """
    from scipy.spatial import KDTree

    everyone = np.ones(len(longitude), dtype=bool)
    if isinstance(area, str):
        if area == "countries":
            return places, everyone, "whole countries"
        if area != "extent":
            raise OptionError(f"study_area must be 'extent', 'countries' or a polygon, got {area!r}.")
        xyz, own = to_ecef(places.longitude, places.latitude), to_ecef(longitude, latitude)
        near = np.zeros(len(xyz), dtype=bool)
        for c in np.unique(country):
            rows = np.flatnonzero(places.country == c)
            gap, _ = KDTree(own[country == c]).query(xyz[rows], distance_upper_bound=float(to_chord_km(EXTENT_KM)))
            near[rows] = np.isfinite(gap)
        return places.take(near), everyone, f"places within {EXTENT_KM:g} km of an organisation of their country"
    import shapely

    polygon = area_polygon(area)
    shapely.prepare(polygon)
    covered = shapely.intersects_xy(polygon, places.longitude, places.latitude)
    inside = shapely.intersects_xy(polygon, longitude, latitude)
    return places.take(covered), inside, "a given polygon"


def area_polygon(area: StudyArea) -> Any:
    """Read a polygon: a shapely geometry, or a GeoDataFrame or GeoSeries in EPSG:4326."""
    shape = area
    if hasattr(area, "union_all"):
        if area.crs is None or area.crs.to_epsg() != 4326:
            raise OptionError("study_area is not in EPSG:4326. Run study_area.to_crs('EPSG:4326').")
        shape = area.union_all()
    if getattr(shape, "geom_type", None) not in ("Polygon", "MultiPolygon") or shape.is_empty or not shape.is_valid:
        raise OptionError("study_area must be 'extent', 'countries' or a valid, non-empty polygon in EPSG:4326.")
    return shape


def stand_on_places(
    places: Places, longitude: NDArray[np.float64], latitude: NDArray[np.float64], country: NDArray[np.str_]
) -> NDArray[np.int64]:
    """Put each organisation on the nearest place of its own country; -1 beyond 20 km."""
    from scipy.spatial import KDTree

    xyz, own = to_ecef(places.longitude, places.latitude), to_ecef(longitude, latitude)
    place = np.full(len(own), -1, dtype=np.int64)
    for c in np.unique(country):
        rows, here = np.flatnonzero(places.country == c), np.flatnonzero(country == c)
        if len(rows):
            gap, nearest = KDTree(xyz[rows]).query(own[here], distance_upper_bound=float(to_chord_km(STAND_KM)))
            found = np.isfinite(gap)
            place[here[found]] = rows[np.asarray(nearest)[found]]
    return place


@dataclass(frozen=True, slots=True)
class Exponent:
    """The fitted power of population, and on what it was fitted."""

    gamma: float
    fitted_on: Literal["interior", "interior of all countries", "all places"]
    organisations: int


def fit_exponents(
    count: NDArray[np.int64], population: NDArray[np.float64], country: NDArray[np.str_], border_km: NDArray[np.float64]
) -> dict[str, Exponent]:
    """Fit γ in b = population^γ by multinomial likelihood, away from the borders.

    Countries with fewer than 100 organisations more than 40 km from a border share
    one γ; where even together they have fewer, it is fitted on all places.

    Parameters
    ----------
    count, population, country, border_km : ndarray, shape (places,)

    Returns
    -------
    dict of country to Exponent
    """
    codes = [str(c) for c in np.unique(country)]
    interior = border_km > INTERIOR_KM
    amounts = {c: int(count[interior & (country == c)].sum()) for c in codes}
    together = sum(amounts.values())
    shared: Exponent | None = None
    result = {}
    for c in codes:
        if amounts[c] >= ENOUGH_INTERIOR:
            rows = interior & (country == c)
            result[c] = Exponent(_fit(count[rows], population[rows], country[rows]), "interior", amounts[c])
            continue
        if shared is None:
            rows = interior if together >= ENOUGH_INTERIOR else np.ones(len(count), dtype=bool)
            shared = Exponent(
                _fit(count[rows], population[rows], country[rows]),
                "interior of all countries" if together >= ENOUGH_INTERIOR else "all places",
                int(count[rows].sum()),
            )
        result[c] = shared
    return result


def _fit(count: NDArray[np.int64], population: NDArray[np.float64], country: NDArray[np.str_]) -> float:
    """Maximise Σ O ln b - Σ_c n_c ln Σ b: concave, so the slope has one root."""
    from scipy.optimize import brentq

    groups = [country == c for c in np.unique(country) if count[country == c].sum() > 0]
    if not groups:
        return 1.0
    log_population = [np.log(population[rows]) for rows in groups]
    counts = [count[rows].astype(np.float64) for rows in groups]

    def slope(gamma: float) -> float:
        total = 0.0
        for x, o in zip(log_population, counts, strict=True):
            weight = np.exp(gamma * (x - x.max()))
            total += float(o @ x - o.sum() * (weight @ x) / weight.sum())
        return total

    low, high = 0.0, 5.0
    if slope(low) <= 0:
        return low
    return high if slope(high) >= 0 else float(brentq(slope, low, high, xtol=1e-10))
