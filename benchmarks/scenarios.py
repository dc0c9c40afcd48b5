"""Data sets with a known truth: a crooked border, towns, and clusters put where we choose.

400 x 300 km, border x = 200 + sines of up to 40 km; 2,000 places, 30 % of them about
25 centres (sd 10 km); population 500 (1 + Pareto 1.1), at most 1.5 million. 900 + 600
organisations in all, on places in proportion to population but for those of the clusters,
which are scattered normally about a point and moved to the nearest place of their own country:

(a) none; (b) 60 of one country at the border (sd 8 km); (c) 60 + 60 (sd 6), each 30 km from the
border on its own side; (e) none, but a twin city astride with 10 % of the population, half of it a side; (h) four of
60 (sd 5) at the border, 80 km apart, sides alternating; (near) eight of them 24 km apart, so that edges (2 sd) are
4 km apart; power m: m + m astride (sd 8). On request places weigh population^exponent · exp(Z), Z a Gaussian field
over both countries with covariance σ² exp(-r/12 km).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from scipy.linalg import cholesky
from scipy.spatial import KDTree, distance_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

KM_PER_DEGREE = 111.195
SCENARIOS = ("a", "b", "c", "e", "h", "power 5", "power 10", "power 20")
ORGANISATIONS = (900, 600)
TWIN_SD_KM, TWIN_SHARE = 4.0, 0.1
FIELD_KM = 12.0


@dataclass(frozen=True)
class Scene:
    """Places with population and country, organisations with country; points near (0, 0) of the globe."""

    places: gpd.GeoDataFrame
    organisations: gpd.GeoDataFrame


@dataclass(frozen=True)
class Cluster:
    """Organisations of one country that stand about a point."""

    country: int
    centre: NDArray[np.float64]
    number: int
    sd_km: float


@dataclass(frozen=True)
class Border:
    """x of the border at any y: three sines about x = 200."""

    phases: NDArray[np.float64]

    def at(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the border."""
        waves = sum(np.sin(2 * np.pi * y / length + p) for length, p in zip((300, 150, 75), self.phases, strict=True))
        return np.column_stack([200 + 40 * np.asarray(waves) / 3, y])

    def side(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """0 to the west of it, else 1."""
        return (xy[:, 0] >= self.at(xy[:, 1])[:, 0]).astype(np.int64)

    def distance_km(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Kilometres to the nearest point of it, within 0.1 km."""
        return np.asarray(KDTree(self.at(np.arange(0, 300.05, 0.1))).query(xy)[0])


def draw_scene(
    scenario: str, rng: np.random.Generator, *, exponent: float = 1.0, towns: int = 1, sigma2: float = 0.0
) -> Scene:
    """Draw one data set; a twin city has so many towns a side."""
    border = Border(rng.uniform(0, 2 * np.pi, 3))
    centres = rng.uniform([0, 0], [400, 300], (25, 2))
    clumped = centres[rng.integers(25, size=600)] + rng.normal(0, 10, (600, 2))
    xy = np.vstack([rng.uniform([0, 0], [400, 300], (1400, 2)), np.clip(clumped, [0, 0], [400, 300])])
    population = np.minimum(500 * (1 + rng.pareto(1.1, len(xy))), 1.5e6)
    if "e" in scenario.split():
        about = border.at(np.array([150.0])) + rng.normal(0, TWIN_SD_KM, (100 * towns, 2))
        beyond = border.side(about)
        xy = np.vstack([xy, about[beyond == 0][:towns], about[beyond == 1][:towns]])
        twin = population.sum() * TWIN_SHARE / (1 - TWIN_SHARE)
        population = np.append(population, np.full(2 * towns, twin / (2 * towns)))
    country = border.side(xy)
    attraction = population**exponent
    if sigma2:
        attraction = attraction * np.exp(_field(xy, rng, sigma2=sigma2))
    stands, left = [], list(ORGANISATIONS)
    for cluster in place_clusters(scenario, border):
        at = cluster.centre + rng.normal(0, cluster.sd_km, (cluster.number, 2))
        own = np.flatnonzero(country == cluster.country)
        stands.append(own[KDTree(xy[own]).query(at)[1]])
        left[cluster.country] -= cluster.number
    for c, number in enumerate(left):
        weight = np.where(country == c, attraction, 0.0)
        stands.append(rng.choice(len(xy), size=number, p=weight / weight.sum()))
    place = np.concatenate(stands)
    code = np.array(["AA", "BB"])[country]
    points = gpd.points_from_xy(xy[:, 0] / KM_PER_DEGREE, (xy[:, 1] - 150) / KM_PER_DEGREE, crs="EPSG:4326")
    columns = {"country": code, "population": population, "border_km": border.distance_km(xy)}
    return Scene(
        gpd.GeoDataFrame(columns, geometry=points), gpd.GeoDataFrame({"country": code[place]}, geometry=points[place])
    )


def _field(xy: NDArray[np.float64], rng: np.random.Generator, *, sigma2: float) -> NDArray[np.float64]:
    """Draw Z with covariance σ² exp(-r/ρ) at each place."""
    covariance = sigma2 * np.exp(-distance_matrix(xy, xy) / FIELD_KM)
    return np.asarray(cholesky(covariance + 1e-9 * np.eye(len(xy)), lower=True) @ rng.normal(size=len(xy)))


def place_clusters(scenario: str, border: Border) -> list[Cluster]:
    """Say which clusters a scenario has."""
    middle = border.at(np.array([150.0]))[0]
    if scenario == "b":
        return [Cluster(0, middle, 60, 8.0)]
    if scenario == "c":
        aside = np.array([30.0, 0.0])
        return [Cluster(0, middle - aside, 60, 6.0), Cluster(1, middle + aside, 60, 6.0)]
    if scenario == "h":
        points = border.at(np.array([30.0, 110.0, 190.0, 270.0]))
        return [Cluster(k % 2, point, 60, 5.0) for k, point in enumerate(points)]
    if scenario == "near":
        points = border.at(150.0 + 24.0 * (np.arange(8) - 3.5))
        return [Cluster(k % 2, point, 60, 5.0) for k, point in enumerate(points)]
    if "power" in scenario:
        m = int(scenario.split()[-1])
        return [Cluster(c, middle, m, 8.0) for c in (0, 1)]
    return []
