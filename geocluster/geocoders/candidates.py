"""Which places bear these names, and how much does each weigh?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocluster.datasets import place_arrays
from geocluster.distance import to_chord_km, to_ecef
from geocluster.geocoders.normalise import NO_COUNTRY, NO_REGION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocluster.datasets import Gazetteer
    from geocluster.geocoders.normalise import Readings

CLASS_WEIGHTS = np.array([1.0, 0.45, 0.04, 0.02])
"""Primary name, alternate name, transliteration by machine, code."""
UNKNOWN_PEOPLE = 300.0
"""The people of the place of that name which no gazetteer has."""
ALONE = 1 / 8
"""How much less it weighs beside the only bearer of a name in the country stated."""
INSIDE, OUTSIDE = 30.0, 1 / 30
SAME_PLACE_KM = 15.0
_PLACE_BITS = 18


def weigh(people: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Weigh places by their people.

    Examples
    --------
    >>> float(weigh(0.0).round(1))
    169.6
    """
    return np.power(np.asarray(people, dtype=np.float64) + UNKNOWN_PEOPLE, 0.9)


UNKNOWN_WEIGHT = float(weigh(0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs of a query and a place that bears its city's name, in the order of the queries."""

    query: NDArray[np.int64]
    place: NDArray[np.int64]
    weight: NDArray[np.float64]
    """By people and kind of name, and by region where one was told."""
    inside: NDArray[np.bool_]
    """In the region told."""
    primary: NDArray[np.bool_]
    """By its primary name."""

    def take(self, chosen: NDArray[np.bool_]) -> Candidates:
        """Keep some of the pairs."""
        return Candidates(
            query=self.query[chosen],
            place=self.place[chosen],
            weight=self.weight[chosen],
            inside=self.inside[chosen],
            primary=self.primary[chosen],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """For each query the heaviest candidate, and how sure it is."""

    pair: NDArray[np.int64]
    """Its position among the candidates; -1 where there is none."""
    confidence: NDArray[np.float64]
    weight: NDArray[np.float64]
    inside: NDArray[np.bool_]


def find_candidates(
    gazetteer: Gazetteer, hashes: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Find all places of the hashed names: positions of the queries, of the places, and classes of the names."""
    offsets = gazetteer.array("pair_offsets")
    bucket = (hashes >> np.uint64(32)).astype(np.int64)
    first = offsets[bucket].astype(np.int64)
    count = offsets[bucket + 1].astype(np.int64) - first
    query = np.repeat(np.arange(len(hashes)), count)
    within = np.arange(len(query)) - np.repeat(np.cumsum(count) - count, count)
    position = first[query] + within
    wanted = (hashes & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    match = gazetteer.array("pair_remainders")[position] == wanted[query]
    packed = gazetteer.array("pair_places")[position[match]].astype(np.int64)
    return query[match], packed & ((1 << _PLACE_BITS) - 1), packed >> _PLACE_BITS


def find_regions(gazetteer: Gazetteer, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the first-level regions of the hashed names: positions of the queries, and of the regions."""
    keys = gazetteer.array("region_keys")
    first = np.searchsorted(keys, hashes, side="left")
    count = np.where(hashes == NO_REGION, 0, np.searchsorted(keys, hashes, side="right") - first)
    query = np.repeat(np.arange(len(hashes)), count)
    within = np.arange(len(query)) - np.repeat(np.cumsum(count) - count, count)
    return query, gazetteer.array("region_values")[first[query] + within].astype(np.int64)


def know_regions(gazetteer: Gazetteer, readings: Readings) -> NDArray[np.bool_]:
    """Tell which queries name a region that the gazetteer has in the country stated, in any if none is."""
    query, region = find_regions(gazetteer, readings.region_hash)
    position = {code: i for i, code in enumerate(gazetteer.table("countries"))}
    home = np.array([position[code.partition(".")[0]] for code in gazetteer.table("admin1")])
    stated = readings.country[query]
    known = np.zeros(len(readings.region_hash), dtype=bool)
    known[query[(stated == NO_COUNTRY) | (home[region] == stated)]] = True
    return known


def weigh_candidates(gazetteer: Gazetteer, readings: Readings) -> Candidates:
    """Find and weigh the candidates of a batch, in all countries."""
    query, place, kind = find_candidates(gazetteer, readings.city_hash)
    named = np.array([bool(city) for city in readings.city], dtype=bool)
    keep = named[query]
    query, place, kind = query[keep], place[keep], kind[keep]
    weight = weigh(place_arrays().population[place].astype(np.float64)) * CLASS_WEIGHTS[kind]
    region_query, region = find_regions(gazetteer, readings.region_hash)
    told = (region_query << 16) | region
    inside = np.isin((query << 16) | gazetteer.array("place_admin1")[place].astype(np.int64), told)
    return Candidates(query, place, weight, inside, kind == 0)


def choose_best(candidates: Candidates, size: int, *, trusted: NDArray[np.bool_] | None = None) -> Best:
    """Choose the heaviest candidate of each query.

    The confidence is the weight of the candidates within 15 km of it, over all
    weights and that of the unknown place. Where some candidates lie inside the
    region told, the others hardly count; where none does, the region does not.
    The unknown place weighs less where the query is `trusted` to name the right
    country and one place alone answers to it, by its primary name: of such
    places, even of villages, 95 of 100 are the right ones (organisations of ROR).
    """
    any_inside = np.zeros(size, dtype=bool)
    any_inside[candidates.query[candidates.inside]] = True
    factor = np.where(candidates.inside, INSIDE, np.where(any_inside[candidates.query], OUTSIDE, 1.0))
    weight = candidates.weight * factor
    # of equal weights the first place of the gazetteer
    order = np.lexsort((candidates.place, -weight, candidates.query))
    ordered = candidates.query[order]
    heads = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, dtype=np.int64)
    pair = np.full(size, -1)
    pair[ordered[heads]] = order[heads]
    total = np.bincount(candidates.query, weight, size)
    best = pair[candidates.query]
    places = place_arrays()
    near = np.ones(len(best), dtype=bool)
    others = np.flatnonzero(candidates.place != candidates.place[best])
    here, there = candidates.place[others], candidates.place[best[others]]
    gap = to_ecef(places.longitude[here], places.latitude[here]) - to_ecef(
        places.longitude[there], places.latitude[there]
    )
    near[others] = np.linalg.norm(gap, axis=-1) <= to_chord_km(SAME_PLACE_KM)
    together = np.bincount(candidates.query[near], weight[near], size)
    found = pair >= 0
    inside = np.zeros(size, dtype=bool)
    inside[found] = candidates.inside[pair[found]]
    heaviest = np.zeros(size)
    heaviest[found] = weight[pair[found]]
    unknown = np.full(size, UNKNOWN_WEIGHT)
    if trusted is not None:
        alone = found & trusted & (together >= total * (1 - 1e-12))
        alone[alone] = candidates.primary[pair[alone]]
        unknown[alone] *= ALONE
    return Best(pair, together / (total + unknown), heaviest, inside)
