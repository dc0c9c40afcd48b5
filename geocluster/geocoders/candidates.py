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

CLASS_WEIGHTS = np.array([1.0, 0.52, 0.04, 0.02])
"""Primary name, alternate name, transliteration by machine, code."""
BESIDE_PRIMARY = 0.082
"""How much less a name of another class weighs where it is the primary name of another candidate."""
PEOPLE_POWER, FAME_POWER = 0.647, 0.538
"""Of the people, and of the names that a place has in the world's languages."""
SEAT_WEIGHTS = np.array([1.0, 1.62, 1.47, 1.84, 2.36])
"""No seat of an administration; the country's, and those of its first, second and third level."""
UNKNOWN_PEOPLE = 300.0
"""Added to all people: most places without a number are villages."""
UNKNOWN_IN_COUNTRY, UNKNOWN_ANYWHERE, UNKNOWN_IN_REGION = 53.5, 61.6, 6.0
"""Weight of the place of that name that no gazetteer has, by what is stated beside it."""
ALONE = 0.35
"""How much less it weighs beside the only bearer of a name, if that is its primary one and no region is told."""
NAMESAKE_POWER = 0.755
"""Of one and the places elsewhere that bear the name: where many do, so do many that no gazetteer has."""
VARIANT, FUZZY, FREE = 4.25, 22.0, 4.0
"""How much more it weighs beside a name that was altered to fit, one that is misspelt, and one of free text."""
INSIDE, OUTSIDE = 30.0, 1 / 300
"""Of the region told; the others where some are inside."""
SHARES = [0.0, 0.25, 0.5, 0.75, 0.9, 0.97, 1.0]
RIGHT = [0.0, 0.28, 0.5, 0.815, 0.91, 0.974, 0.996]
"""How often the heaviest candidate is right, by its share of the weight: a line with few bends, fitted too."""
SAME_PLACE_KM = 15.0
TWIN = 0.1
"""Share of a place's weight from which its namesake across the border may be meant as well."""
_PLACE_BITS = 18
EXACT, VARIED, MISSPELT, TEXT = range(4)
"""How a name was read."""


def weigh(
    people: NDArray[np.float64] | float, fame: NDArray[np.uint8] | int = 0, seat: NDArray[np.uint8] | int = 0
) -> NDArray[np.float64]:
    """Weigh places by their people, their names in the world's languages, and their office.

    Of n people, f names besides its own, and an office of weight s:
    ``(n + 300)^0.647 (f + 1)^0.538 s``. Powers and offices are those that make the
    organisations of ROR whose id hashes to an even number likeliest, each name once
    (benchmarks/fit_geocoder.py; benchmarks/geocoding.py reports the others).

    Examples
    --------
    >>> weigh(np.array([0.0, 200_000.0])).round().tolist()
    [40.0, 2693.0]
    >>> float(weigh(200_000.0, 60, 2).round())
    36142.0
    """
    by_people = np.power(np.asarray(people, dtype=np.float64) + UNKNOWN_PEOPLE, PEOPLE_POWER)
    by_fame = np.power(np.asarray(fame, dtype=np.float64) + 1.0, FAME_POWER)
    return np.asarray(by_people * by_fame * SEAT_WEIGHTS[seat])


def weigh_places(gazetteer: Gazetteer, place: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weigh places of the gazetteer, whatever they were called."""
    return weigh(
        place_arrays().population[place].astype(np.float64),
        gazetteer.array("place_fame")[place],
        gazetteer.array("place_seat")[place],
    )


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs of a query and a place that bears its city's name, in the order of the queries."""

    query: NDArray[np.int64]
    place: NDArray[np.int64]
    weight: NDArray[np.float64]
    """By people and kind of name, and by region where one was told."""
    inside: NDArray[np.bool_]
    """In the region told."""
    named: NDArray[np.int64]
    """The kind of name, as in `CLASS_WEIGHTS`."""

    @property
    def primary(self) -> NDArray[np.bool_]:
        """By its primary name."""
        return np.asarray(self.named == 0)

    def take(self, chosen: NDArray[np.bool_]) -> Candidates:
        """Keep some of the pairs."""
        return Candidates(
            query=self.query[chosen],
            place=self.place[chosen],
            weight=self.weight[chosen],
            inside=self.inside[chosen],
            named=self.named[chosen],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """For each query the heaviest candidate, and how sure it is."""

    pair: NDArray[np.int64]
    """Its position among the candidates; -1 where there is none."""
    confidence: NDArray[np.float64]
    weight: NDArray[np.float64]
    inside: NDArray[np.bool_]


def list_ranges(first: NDArray[np.int64], count: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the members of ranges: for each the position of its range, and itself.

    Examples
    --------
    >>> owner, member = list_ranges(np.array([7, 3, 5]), np.array([2, 0, 3]))
    >>> owner.tolist(), member.tolist()
    ([0, 0, 2, 2, 2], [7, 8, 5, 6, 7])
    """
    owner = np.repeat(np.arange(len(count)), count)
    return owner, np.arange(len(owner)) + np.repeat(first - (np.cumsum(count) - count), count)


def find_candidates(
    gazetteer: Gazetteer, hashes: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Find all places of the hashed names: positions of the queries, of the places, and classes of the names."""
    offsets = gazetteer.array("pair_offsets")
    bucket = (hashes >> np.uint64(32)).astype(np.int64)
    first = offsets[bucket].astype(np.int64)
    count = offsets[bucket + 1].astype(np.int64) - first
    query, position = list_ranges(first, count)
    wanted = (hashes & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    match = gazetteer.array("pair_remainders")[position] == wanted[query]
    packed = gazetteer.array("pair_places")[position[match]].astype(np.int64)
    return query[match], packed & ((1 << _PLACE_BITS) - 1), packed >> _PLACE_BITS


def find_regions(gazetteer: Gazetteer, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the first-level regions of the hashed names: positions of the queries, and of the regions."""
    keys = gazetteer.array("region_keys")
    first = np.searchsorted(keys, hashes, side="left")
    count = np.where(hashes == NO_REGION, 0, np.searchsorted(keys, hashes, side="right") - first)
    query, position = list_ranges(first, count)
    return query, gazetteer.array("region_values")[position].astype(np.int64)


def know_regions(gazetteer: Gazetteer, readings: Readings) -> NDArray[np.bool_]:
    """Tell which queries name a region that the gazetteer has in the country stated, in any if none is."""
    query, region = find_regions(gazetteer, readings.region_hash)
    position = {code: i for i, code in enumerate(gazetteer.table("countries"))}
    home = np.array([position[code.partition(".")[0]] for code in gazetteer.table("admin1")])
    stated = readings.country[query]
    known = np.zeros(len(readings.region_hash), dtype=bool)
    known[query[(stated == NO_COUNTRY) | (home[region] == stated)]] = True
    return known


def weigh_candidates(gazetteer: Gazetteer, readings: Readings, factor: NDArray[np.float64] | None = None) -> Candidates:
    """Find and weigh the candidates of a batch, in all countries; a factor for each reading lowers them."""
    query, place, kind = find_candidates(gazetteer, readings.city_hash)
    named = np.array([bool(city) for city in readings.city], dtype=bool)
    keep = named[query]
    query, place, kind = query[keep], place[keep], kind[keep]
    weight = weigh_places(gazetteer, place) * CLASS_WEIGHTS[kind]
    if factor is not None:
        weight *= factor[query]
    region_query, region = find_regions(gazetteer, readings.region_hash)
    told = (region_query << 16) | region
    inside = np.isin((query << 16) | gazetteer.array("place_admin1")[place].astype(np.int64), told)
    return Candidates(query, place, weight, inside, kind)


def join_candidates(first: Candidates, second: Candidates, owner: NDArray[np.int64]) -> Candidates:
    """Put further candidates beside the first; they come to the queries that own them."""
    query = np.concatenate([first.query, owner[second.query]])
    order = np.argsort(query, kind="stable")
    return Candidates(
        query=query[order],
        place=np.concatenate([first.place, second.place])[order],
        weight=np.concatenate([first.weight, second.weight])[order],
        inside=np.concatenate([first.inside, second.inside])[order],
        named=np.concatenate([first.named, second.named])[order],
    )


def unknown_weights(readings: Readings, kind: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weigh, for each query, the place of that name that no gazetteer has; by the way its name was read."""
    plain = np.where(readings.country >= 0, UNKNOWN_IN_COUNTRY, UNKNOWN_ANYWHERE)
    return np.asarray(plain * np.array([1.0, VARIANT, FUZZY, FREE])[kind])


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Candidates weighed against each other and against the place that no gazetteer has."""

    weight: NDArray[np.float64]
    """Of each candidate, by all that is told."""
    pair: NDArray[np.int64]
    """For each query the position of its heaviest candidate; -1 where there is none."""
    together: NDArray[np.float64]
    """For each query the weight of the candidates within 15 km of the heaviest."""
    total: NDArray[np.float64]
    """For each query the weight of all its candidates."""
    unknown: NDArray[np.float64]
    """For each query the weight of the unknown place."""


def compare(candidates: Candidates, unknown: NDArray[np.float64]) -> Weighed:
    """Weigh the candidates of each query against each other.

    Where some candidates lie inside the region told, the others hardly count; where
    none does, the region does not. Where a place bears the name as its primary one,
    others that have it as an alternate one count less. The unknown place weighs more
    the more places bear the name, and less where one place alone answers.

    Parameters
    ----------
    candidates : Candidates
        Of the countries stated.
    unknown : ndarray, shape (n,)
        Weights of the unknown places, see `unknown_weights`.
    """
    size = len(unknown)
    query, place = candidates.query, candidates.place
    any_inside = np.zeros(size, dtype=bool)
    any_inside[query[candidates.inside]] = True
    factor = np.where(candidates.inside, INSIDE, np.where(any_inside[query], OUTSIDE, 1.0))
    factor *= weigh_alternates(candidates)
    weight = candidates.weight * factor
    # of equal weights the first place of the gazetteer
    order = np.lexsort((place, -weight, query))
    ordered = query[order]
    heads = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, dtype=np.int64)
    pair = np.full(size, -1)
    pair[ordered[heads]] = order[heads]
    best = pair[query]
    near = np.ones(len(best), dtype=bool)
    others = np.flatnonzero(place != place[best])
    near[others] = _stand_together(place[others], place[best[others]])
    namesakes = np.bincount(query[~near], minlength=size)
    alone = (pair >= 0) & (namesakes == 0) & ~any_inside
    alone[alone] = candidates.primary[pair[alone]]
    plain = np.where(any_inside, INSIDE * UNKNOWN_IN_REGION / UNKNOWN_IN_COUNTRY, 1.0) * unknown
    return Weighed(
        weight=weight,
        pair=pair,
        together=np.bincount(query[near], weight[near], size).astype(np.float64),
        total=np.bincount(query, weight, size).astype(np.float64),
        unknown=plain * np.where(alone, ALONE, 1.0) * np.power(1.0 + namesakes, NAMESAKE_POWER),
    )


def choose_best(candidates: Candidates, unknown: NDArray[np.float64]) -> Best:
    """Choose the heaviest candidate of each query.

    Its share is the weight of the candidates within 15 km of it, over all weights
    and that of the unknown place, see `compare`; its confidence, how often
    candidates of such a share were right.

    Parameters
    ----------
    candidates : Candidates
        Of the countries stated.
    unknown : ndarray, shape (n,)
        Weights of the unknown places, see `unknown_weights`.
    """
    weighed = compare(candidates, unknown)
    pair = weighed.pair
    found = pair >= 0
    inside, heaviest = np.zeros(len(pair), dtype=bool), np.zeros(len(pair))
    inside[found] = candidates.inside[pair[found]]
    heaviest[found] = weighed.weight[pair[found]]
    share = np.where(found, weighed.together / (weighed.total + weighed.unknown), 0.0)
    return Best(pair, np.interp(share, SHARES, RIGHT), heaviest, inside)


def find_twins(candidates: Candidates, pair: NDArray[np.int64], country: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which queries have a candidate of the same name across the border from the chosen one: Rheinfelden.

    Parameters
    ----------
    candidates : Candidates
    pair : ndarray, shape (n,)
        Position of the candidate chosen for each query; -1 for none.
    country : ndarray
        Of each place of the gazetteer.
    """
    query, place = candidates.query, candidates.place
    best = pair[query]
    rivals = np.flatnonzero(
        candidates.primary
        & (best >= 0)
        & (country[place] != country[place[best]])
        & (candidates.weight >= TWIN * candidates.weight[best])
    )
    twins = np.zeros(len(pair), dtype=bool)
    twins[query[rivals[_stand_together(place[rivals], place[best[rivals]])]]] = True
    return twins


def weigh_alternates(candidates: Candidates) -> NDArray[np.float64]:
    """Lower alternate names which are the primary names of other candidates: a factor each."""
    query, primary = candidates.query, candidates.primary
    rivalled = np.zeros(int(query.max(initial=-1)) + 1, dtype=bool)
    rivalled[query[primary]] = True
    return np.where(rivalled[query] & ~primary, BESIDE_PRIMARY, 1.0)


def _stand_together(here: NDArray[np.int64], there: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which pairs of places are one place on the ground."""
    places = place_arrays()
    gap = to_ecef(places.longitude[here], places.latitude[here]) - to_ecef(
        places.longitude[there], places.latitude[there]
    )
    return np.asarray(np.linalg.norm(gap, axis=-1) <= to_chord_km(SAME_PLACE_KM))
