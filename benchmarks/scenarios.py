"""Data sets with a known truth: a crooked border, towns, and clusters put where we choose.

400 x 300 km, border x = 200 + sines of up to 40 km; 2,000 places, 30 % of them about
25 centres (sd 10 km); population 500 (1 + Pareto 1.1), at most 1.5 million; 900 + 600
organisations on places in proportion to population.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

KM_PER_DEGREE = 111.195
SCENARIOS = ("a", "b", "c", "e", "h", "power 5", "power 10", "power 20")


@dataclass(frozen=True)
class Scene:
    """Places with population and country, organisations with country; points near (0, 0) of the globe."""

    places: gpd.GeoDataFrame
    organisations: gpd.GeoDataFrame


def draw_scene(scenario: str, rng: np.random.Generator) -> Scene:
    """Draw one data set of a scenario of docs/methods.md."""
    phases = rng.uniform(0, 2 * np.pi, 3)

    def border(y: NDArray[np.float64]) -> NDArray[np.float64]:
        waves = sum(np.sin(2 * np.pi * y / length + p) for length, p in zip((300, 150, 75), phases, strict=True))
        return 200 + 40 * np.asarray(waves) / 3

    centres = rng.uniform([0, 0], [400, 300], (25, 2))
    clumped = centres[rng.integers(25, size=600)] + rng.normal(0, 10, (600, 2))
    xy = np.vstack([rng.uniform([0, 0], [400, 300], (1400, 2)), np.clip(clumped, [0, 0], [400, 300])])
    population = np.minimum(500 * (1 + rng.pareto(1.1, len(xy))), 1.5e6)
    country = np.where(xy[:, 0] < border(xy[:, 1]), 0, 1)
    middle = np.array([border(np.array([150.0]))[0], 150.0])
    if scenario == "e":
        # a twin city astride the border with 10 % of all weight
        twin = middle + rng.normal(0, 4, (10, 2))
        xy = np.vstack([xy, twin])
        share = rng.dirichlet(np.full(10, 5.0))
        population = np.append(population, share * population.sum() / 9)
        country = np.where(xy[:, 0] < border(xy[:, 1]), 0, 1)
    stands = [_redraw(population, country == c, n, rng) for c, n in ((0, 900), (1, 600))]
    for c, at, n, sd in _clusters(scenario, middle, border):
        stands.append(_snap(xy, country == c, at + rng.normal(0, sd, (n, 2))))
    place = np.concatenate(stands)
    code = np.array(["AA", "BB"])[country]
    points = gpd.points_from_xy(xy[:, 0] / KM_PER_DEGREE, (xy[:, 1] - 150) / KM_PER_DEGREE, crs="EPSG:4326")
    gap = np.abs(xy[:, 0] - border(xy[:, 1]))
    places = gpd.GeoDataFrame({"country": code, "population": population, "border_km": gap}, geometry=points)
    organisations = gpd.GeoDataFrame({"country": code[place]}, geometry=points[place])
    return Scene(places, organisations)


def _clusters(
    scenario: str, middle: NDArray[np.float64], border: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> list[tuple[int, NDArray[np.float64], int, float]]:
    """Give the extra organisations: country, centre, number, spread."""
    if scenario == "b":
        return [(0, middle, 60, 8.0)]
    if scenario == "c":
        aside = np.array([30.0, 0.0])
        return [(0, middle - aside, 60, 6.0), (1, middle + aside, 60, 6.0)]
    if scenario == "h":
        rows = [30.0, 110.0, 190.0, 270.0]
        at = [np.array([border(np.array([y]))[0], y]) for y in rows]
        return [(k % 2, point, 60, 5.0) for k, point in enumerate(at)]
    if scenario.startswith("power"):
        m = int(scenario.split()[1])
        return [(0, middle, m, 8.0), (1, middle, m, 8.0)]
    return []


def _redraw(
    population: NDArray[np.float64], own: NDArray[np.bool_], n: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    rows = np.flatnonzero(own)
    return rng.choice(rows, size=n, p=population[rows] / population[rows].sum())


def _snap(xy: NDArray[np.float64], own: NDArray[np.bool_], points: NDArray[np.float64]) -> NDArray[np.int64]:
    rows = np.flatnonzero(own)
    gap = ((xy[rows][None] - points[:, None]) ** 2).sum(-1)
    return rows[gap.argmin(axis=1)]
