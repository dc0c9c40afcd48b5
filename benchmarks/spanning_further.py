"""How often is a claim false with three countries, many borders, controls, a clustered background, a table cut out?

Adds its table to docs/spanning_size.md: `python benchmarks/spanning_further.py --draws 500`.
Scenes of two countries are those of `scenarios.py`. Three countries: a plane of 400 x 300 km in
three sectors that meet in its middle; six: strips of 100 x 300 km; 400 organisations a country,
places and populations as there, 60 organisations in a cluster (sd 8 km) where one is put.
"""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from kept import draws_parser
from scenarios import KM_PER_DEGREE, Scene, draw_scene
from scipy.spatial import KDTree
from shapely.geometry import box
from spanning_size import ALPHA, PERMUTATIONS, judge_level, say_share
from tables import write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geocluster.spanning import SpanningResult

EACH, CLUSTER, SD_KM, CONTROLS = 400, 60, 8.0, 5
CUT_KM = (100.0, 50.0, 300.0, 250.0)  # a box about the border of scenarios.py
FITTED = ("beyond city size", "beyond city size, LGCP")
Claims = dict[str, bool]


def draw_many(
    rng: np.random.Generator,
    countries: int,
    clustered: tuple[int, ...],
    *,
    numbers: tuple[int, ...] = (EACH,) * 6,
    cluster: int = CLUSTER,
) -> Scene:
    """Draw three sectors or six strips; some countries have a cluster at the point or border they share."""
    size = np.array([400.0, 300.0]) if countries == 3 else np.array([600.0, 300.0])
    number = 2000 if countries == 3 else 3000
    centres = rng.uniform([0, 0], size, (25, 2))
    clumped = centres[rng.integers(25, size=number * 3 // 10)]
    clumped = np.clip(clumped + rng.normal(0, 10, clumped.shape), [0, 0], size)
    xy = np.vstack([rng.uniform([0, 0], size, (number - len(clumped), 2)), clumped])
    population = np.minimum(500 * (1 + rng.pareto(1.1, number)), 1.5e6)
    if countries == 3:
        middle = size / 2
        turn = np.arctan2(xy[:, 1] - middle[1], xy[:, 0] - middle[0]) % (2 * np.pi)
        country = (turn // (2 * np.pi / 3)).astype(np.int64)
    else:
        middle = np.array([300.0, 150.0])
        country = (xy[:, 0] // 100).astype(np.int64).clip(0, 5)
    stands = []
    for c in range(countries):
        own, left = np.flatnonzero(country == c), numbers[c]
        if c in clustered:
            at = middle + rng.normal(0, SD_KM, (cluster, 2))
            stands.append(own[KDTree(xy[own]).query(at)[1]])
            left -= cluster
        stands.append(rng.choice(own, left, p=population[own] / population[own].sum()))
    place = np.concatenate(stands)
    code = np.array(["QM", "QN", "QO", "QP", "QQ", "QR"])[country]
    points = gpd.points_from_xy(xy[:, 0] / KM_PER_DEGREE, (xy[:, 1] - 150) / KM_PER_DEGREE, crs="EPSG:4326")
    frame = gpd.GeoDataFrame({"country": code, "population": population, "border_km": 10.0}, geometry=points)
    return Scene(frame, gpd.GeoDataFrame({"country": code[place]}, geometry=points[place]))


def _test(scene: Scene, rng: np.random.Generator, **options: Any) -> SpanningResult:
    from geocluster.spanning import spanning_test

    chosen: dict[str, Any] = {"background": scene.places, "permutations": PERMUTATIONS, "alpha": ALPHA} | options
    return spanning_test(scene.organisations, rng=rng, **chosen)


def three(clustered: tuple[int, ...], rng: np.random.Generator) -> Claims:
    """Ask for two, and for three countries."""
    told = _test(draw_many(rng, 3, clustered), rng).conjunctions
    told = told[told["reading"] == "per head"]
    return {"at least 2": bool((told["at_least"] == 2).any()), "at least 3": bool((told["at_least"] == 3).any())}


def borders(clustered: tuple[int, ...], rng: np.random.Generator) -> Claims:
    """Ask border by border."""
    result = _test(draw_many(rng, 6, clustered), rng, permutations=999)
    assert result.provenance.parameters["unit"] == "border"
    return {"any border": bool((result.windows["reading"] == "per head").any())}


def controls(scenario: str, rng: np.random.Generator, **options: Any) -> Claims:
    """Organisations follow population^1.3, and so do five times as many controls without the clusters."""
    scene = draw_scene(scenario, rng, exponent=1.3)
    weight = scene.places["population"].to_numpy() ** 1.3
    place = []
    for code, n in scene.organisations["country"].value_counts().sort_index().items():
        own = np.where(scene.places["country"] == code, weight, 0.0)
        place.append(rng.choice(len(weight), CONTROLS * n, p=own / own.sum()))
    others = scene.places.iloc[np.concatenate(place)][["country", "geometry"]].assign(kind="other")
    table = pd.concat([scene.organisations.assign(kind="case"), others], ignore_index=True)
    result = _test(Scene(scene.places, table), rng, background=None, cases={"kind": "case"}, **options)
    return {"controls": not result.windows.empty}


def clustered(scenario: str, exponent: float, towns: int, rng: np.random.Generator, **options: Any) -> Claims:
    """Ask both nulls of a scene."""
    return ask_both_nulls(draw_scene(scenario, rng, exponent=exponent, towns=towns), rng, **options)


def ask_both_nulls(scene: Scene, rng: np.random.Generator, **options: Any) -> Claims:
    """Ask both readings with both nulls."""
    result = _test(scene, rng, null="lgcp", **options)
    found = {}
    for reading in ("per head", "beyond city size"):
        rows = result.families[result.families["reading"] == reading]
        found[reading] = bool((rows["p"] <= ALPHA).any())
        found[f"{reading}, LGCP"] = bool((rows["p_lgcp"] <= ALPHA).any())
    return found


def cut(scenario: str, rng: np.random.Generator, **options: Any) -> Claims:
    """Keep the rows in a box only; the background is told by the extent, by the box, or wrongly by the countries."""
    scene = draw_scene(scenario, rng)
    west, south, east, north = np.array(CUT_KM) / KM_PER_DEGREE - np.array([0, 150, 0, 150]) / KM_PER_DEGREE
    area = box(west, south, east, north)
    inside = Scene(scene.places, scene.organisations[scene.organisations.geometry.intersects(area)])
    found = {}
    for words, chosen in {"extent": "extent", "the box": area, "whole countries (wrong)": "countries"}.items():
        windows = _test(inside, rng, study_area=chosen, **options).windows
        found[words] = bool((windows["reading"] == "per head").any())
    return found


# scene: (how to draw and ask, which claims would be false)
CASES: Mapping[str, tuple[Callable[[np.random.Generator], Claims], tuple[str, ...]]] = {
    "three countries, none": (partial(three, ()), ("at least 2", "at least 3")),
    "three countries, one in excess": (partial(three, (0,)), ("at least 2", "at least 3")),
    "three countries, two in excess": (partial(three, (0, 1)), ("at least 3",)),
    "three countries, all in excess": (partial(three, (0, 1, 2)), ()),
    "six strips, none": (partial(borders, ()), ("any border",)),
    "six strips, one in excess": (partial(borders, (2,)), ("any border",)),
    "six strips, both sides of one border": (partial(borders, (2, 3)), ()),
    "controls, (a)": (partial(controls, "a"), ("controls",)),
    "controls, (b)": (partial(controls, "b"), ("controls",)),
    "controls, (e) twin city, population^1.3": (partial(controls, "e"), ("controls",)),
    "controls, (h)": (partial(controls, "h"), ("controls",)),
    "controls, power 10": (partial(controls, "power 10"), ()),
    "controls, power 20": (partial(controls, "power 20"), ()),
    "LGCP, (a)": (partial(clustered, "a", 1.0, 1), ("per head", "per head, LGCP", *FITTED)),
    "LGCP, twin city of 1 town a side, population^1.3": (partial(clustered, "e", 1.3, 1), ("per head, LGCP", *FITTED)),
    "LGCP, twin city of 5 towns a side, population^1.3": (partial(clustered, "e", 1.3, 5), ("per head, LGCP", *FITTED)),
    "LGCP, power 10": (partial(clustered, "power 10", 1.0, 1), ()),
    "LGCP, power 20": (partial(clustered, "power 20", 1.0, 1), ()),
    "cut to a box, (a)": (partial(cut, "a"), ("extent", "the box")),
    "cut to a box, (b)": (partial(cut, "b"), ("extent", "the box")),
    "cut to a box, (h)": (partial(cut, "h"), ("extent", "the box")),
    "cut to a box, power 20": (partial(cut, "power 20"), ()),
}


def one_draw(name: str, seed: np.random.SeedSequence) -> Claims:
    """Draw one scene and ask."""
    return CASES[name][0](np.random.default_rng(seed))


def main() -> None:
    """Draw all scenes and write the table."""
    parser = draws_parser(__doc__, seed=21)
    parser.add_argument("--only", default="", help="cases that begin so")
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    lines = ["| scene | question | claimed | level .05 held? |", "|---|---|---|---|"]
    start = time.perf_counter()
    with ProcessPoolExecutor(chosen.workers) as pool:
        for number, (name, (_, false)) in enumerate(CASES.items()):
            if not name.startswith(chosen.only):
                continue
            seeds = np.random.SeedSequence([chosen.seed, number]).spawn(chosen.draws)
            rows = list(pool.map(partial(one_draw, name), seeds, chunksize=5))
            for question in rows[0]:
                count = sum(row[question] for row in rows)
                held = judge_level(count, chosen.draws) if question in false else "–"
                lines.append(f"| {name} | {question} | {say_share(count, chosen.draws)} | {held} |")
                print(lines[-1], flush=True)
    minutes = (time.perf_counter() - start) / 60
    if chosen.dry or chosen.only:
        return
    write_table(
        "spanning_size.md",
        "spanning_further",
        [
            "## More countries, borders, controls, a clustered background, a table cut out",
            "",
            f"{chosen.draws:,} data sets a scene, P = {PERMUTATIONS} (999 border by border), α = {ALPHA}, r_max 25,",
            f"seed {chosen.seed}; `benchmarks/spanning_further.py`, {minutes:.0f} minutes; per head if not told. The",
            "share of data sets with any claim, and its exact 95 % interval. '–': the claim is true, or the question",
            "is known to be put wrongly. Each number of countries has the level for itself.",
            "",
            *lines,
        ],
    )


if __name__ == "__main__":
    main()
