"""Why is a region claimed, or why is it not?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.distance import distance_km
from geocluster.results import Provenance, Result
from geocluster.spanning.claims import say_robust
from geocluster.spanning.evidence import reaching_in
from geocluster.spanning.families import AT_LEAST_A_SIDE
from geocluster.spanning.options import check_question
from geocluster.spanning.reach import WHOLE_COUNTRY, say_window
from geocluster.spanning.reasons import why_no_border, why_no_region, why_not, why_too_few
from geocluster.spanning.result import say_counts
from geocluster.spanning.rows import make_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame

    from geocluster.spanning.evidence import Evidence
    from geocluster.spanning.families import Family
    from geocluster.spanning.result import SpanningResult

FRAME = {
    "reading": "object",
    "family": "object",
    "claimed": "bool",
    "why": "object",
    "p": "float64",
    "p_adjusted": "float64",
    "level": "float64",
    "p_lgcp": "float64",
    "robust": "object",
    "r_km": "float64",
    "lon": "float64",
    "lat": "float64",
    "countries": "int64",
}
COUNT = {
    "of": "object",
    "number": "int64",
    "reading": "object",
    "family": "object",
    "country": "object",
    "observed": "float64",
    "expected": "float64",
    "ratio": "float64",
    "tail": "float64",
    "p": "float64",
    "tested": "bool",
}
REGION = {
    "reading": "object",
    "country": "object",
    "organisations": "int64",
    "observed": "float64",
    "expected": "float64",
    "ratio": "float64",
    "tail": "float64",
}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Explanation(Result):
    """What the spanning test says of one region.

    Attributes
    ----------
    frame : DataFrame
        One row a reading and family (a border, or all countries of the region): claimed; why not; p of the circle
        nearest to a claim among those centred in the region; p_adjusted of the border, the level at which its
        circles are claimed; the smallest p_lgcp there, if asked for, and whether both nulls agree (robust); r_km, lon,
        lat of that circle; countries: K.
    counts : DataFrame
        One row a reading, family and country in that circle: observed, expected, ratio, tail (π, its own share of
        chance), p (against the highest of all circles it is tested on), tested (screened by another country).
    region : DataFrame
        One row a reading and country in the region's own circle: organisations in the table, observed, expected,
        ratio, tail. It is described, not tested: only the circles laid beforehand are.
    reaching : DataFrame
        Claims of these countries whose circle is centred elsewhere and reaches in: rows of the result's `windows`;
        of its `conjunctions` where more countries are asked for than the test was.
    centre : (float, float)
    radius_km : float
    provenance : Provenance
    """

    frame: DataFrame
    counts: DataFrame
    region: DataFrame
    reaching: DataFrame
    centre: tuple[float, float]
    radius_km: float
    provenance: Provenance

    @property
    def claimed(self) -> list[str]:
        """Readings in which a circle centred here is claimed."""
        return list(dict.fromkeys(self.frame.loc[self.frame["claimed"], "reading"]))

    def to_frame(self) -> DataFrame:
        """One row a reading and family."""
        return self.frame

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw O/E of each country in the circles told, with 1 marked."""
        from geocluster.charts import plot_excess

        return plot_excess(self.counts.assign(number=self.counts["family"]), ax=ax)

    def sentence(self) -> str:
        """Say whether a circle here is claimed."""
        where = f"within {self.radius_km:g} km of {self.centre[1]:.2f}, {self.centre[0]:.2f}"
        if self.claimed:
            return f"{where}: claimed {' and '.join(self.claimed)}"
        return f"{where}: no circle centred here is claimed" + (
            ", one from beside reaches in" if len(self.reaching) else ""
        )

    def facts(self) -> list[str]:
        """Say each circle, what stands in the way, and what the region itself holds."""
        lines = []
        for row in self.frame.to_dict("records"):
            line = f"{row['reading']}, {row['family']}: "
            if np.isfinite(row["r_km"]):
                own = self.counts[(self.counts["reading"] == row["reading"]) & (self.counts["family"] == row["family"])]
                circle = f"circle of {row['r_km']:g} km at {row['lat']:.2f}, {row['lon']:.2f}"
                line += f"{circle}: {say_counts(own)}; p {row['p']:.2g}; "
            if np.isfinite(row["p_lgcp"]):
                agree = f": {row['robust']}" if row["robust"] else ""
                line += f"p {row['p_lgcp']:.2g} on a clustered background{agree}; "
            lines.append(line + ("claimed" if row["claimed"] else str(row["why"])))
        lines += [
            f"claimed beside, {row['reading']}: circle of {row['r_km']:g} km at {row['lat']:.2f}, {row['lon']:.2f} "
            f"({row['countries']}), p {row['p']:.2g}"
            for row in self.reaching.to_dict("records")
        ]
        for reading, rows in self.region.groupby("reading", sort=False):
            lines.append(f"the region itself, {reading}: {say_counts(rows)}")
        return lines + self.provenance.facts()


def explain_region(
    result: SpanningResult,
    centre: tuple[float, float],
    *,
    radius_km: float,
    countries: Sequence[str] | None,
    at_least: int | None,
) -> Explanation:
    """Gather what the searched circles say of a region; see `SpanningResult.explain`."""
    parameters = result.provenance.parameters
    asked_first = int(parameters["at_least"])
    u = asked_first if at_least is None else at_least
    check_question(centre, radius_km, countries, u, asked_first, str(parameters["unit"]))
    frames: list[dict[str, Any]] = []
    counts: list[dict[str, Any]] = []
    regions: list[dict[str, Any]] = []
    for reading, evidence in result.evidence.items():
        gap = np.asarray(distance_km(evidence.longitude, evidence.latitude, centre[0], centre[1]))
        near = evidence.country[gap <= radius_km + float(parameters["r_max_km"])]
        asked = list(countries) if countries is not None else [evidence.codes[c] for c in np.unique(near)]
        regions += _region_rows(reading, evidence, gap <= radius_km, asked)
        told = [
            (family, names)
            for family in evidence.families
            if len(names := [n for n in _names(family, evidence) if n in asked]) >= u
        ]
        beside = _filled(evidence, gap <= min(radius_km, float(parameters["r_max_km"])), asked)
        if parameters["unit"] == "region":
            beside += filter(None, [why_too_few(evidence, asked)])
        for family, names in told:
            row, inside = _tell(family, evidence, names, (*centre, radius_km), u, asked_first, result.alpha)
            if not row["claimed"]:
                row["why"] = "; ".join(dict.fromkeys([*str(row["why"]).split("; "), *beside]))
            frames.append({"reading": reading} | row)
            counts += [{"of": "region", "number": len(frames), "reading": reading, "family": row["family"]} | one
                       for one in inside]  # fmt: skip
        if parameters["unit"] == "border":
            known = {family.name for family, _ in told}
            pairs = ["-".join(pair) for pair in combinations(sorted(asked), 2)]
            missing = [(pair, why_no_border(evidence, pair.split("-"))) for pair in pairs if pair not in known]
        else:
            missing = [] if told else [(" ".join(sorted(asked)) or "none", why_no_region(evidence, asked, u, gap))]
        if not told and not missing:
            missing = [(" ".join(asked) or "none", why_no_region(evidence, asked, u, gap))]
        frames += [_row(reading, name, why) for name, why in missing]
    deep = result.conjunctions["at_least"] == u
    claims = result.windows if u == asked_first else result.conjunctions[deep]
    return Explanation(
        make_frame(frames, FRAME),
        make_frame(counts, COUNT),
        make_frame(regions, REGION),
        reaching_in(claims, (*centre, radius_km), u, countries),
        (float(centre[0]), float(centre[1])),
        float(radius_km),
        replace(result.provenance, parameters={**parameters, "at_least": u}),
    )


def _names(family: Family, evidence: Evidence) -> list[str]:
    if family.screen is None:
        return family.name.replace("-", " ").split()
    return [evidence.codes[c] for c in family.screen.countries]


def _region_rows(reading: str, evidence: Evidence, inside: NDArray[np.bool_], asked: list[str]) -> list[dict[str, Any]]:
    """Count and expect in the region's own circle."""
    rows = []
    for c, code in enumerate(evidence.codes):
        own = evidence.country == c
        observed, share = float(evidence.count[own & inside].sum()), float(evidence.share[own & inside].sum())
        if code not in asked and not observed:
            continue
        n = int(evidence.count[own].sum())
        expected = n * share if c in evidence.organisations else np.nan
        tail = evidence.tail(c, np.array(observed), np.array(expected)) if c in evidence.organisations else np.nan
        rows.append(
            {
                "reading": reading,
                "country": code,
                "organisations": n,
                "observed": observed,
                "expected": expected,
                "ratio": observed / expected if expected > 0 else np.nan,
                "tail": float(tail),
            }
        )
    return sorted(rows, key=lambda row: (-row["observed"], row["country"]))


def _filled(evidence: Evidence, inside: NDArray[np.bool_], asked: list[str]) -> list[str]:
    """Name the countries that have nearly all their background in the largest circle about the middle."""
    shares = {
        evidence.codes[c]: float(evidence.share[inside & (evidence.country == c)].sum()) for c in evidence.organisations
    }
    return [say_window(code, share=shares[code]) for code in asked if shares.get(code, 0.0) >= WHOLE_COUNTRY]


def _row(reading: str, family: str, why: str) -> dict[str, Any]:
    blank = dict.fromkeys(("p", "p_adjusted", "level", "p_lgcp", "r_km", "lon", "lat"), np.nan)
    return {"reading": reading, "family": family, "claimed": False, "why": why, "robust": "", "countries": 0} | blank


def _tell(
    family: Family,
    evidence: Evidence,
    names: list[str],
    near: tuple[float, float, float],
    at_least: int,
    asked_first: int,
    alpha: float,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Tell the circle nearest to a claim of one family: its row, and what each country has there."""
    row = _row("", family.name, "")
    del row["reading"]
    row |= {"p_adjusted": family.p_adjusted, "level": family.level}
    if at_least > asked_first:
        if at_least not in family.deeper:
            return row | {"why": f"fewer than {at_least} countries share its circles"}, []
        family = family.at(at_least)
    screen, windows = family.screen, family.windows
    if screen is None:
        return row | {"why": "no circle holds background of two of its countries"}, []
    mine = [k for k, c in enumerate(screen.countries) if evidence.codes[c] in names]
    held = (screen.expected[mine] > 0).sum(axis=0) >= at_least
    gap = distance_km(windows.longitude, windows.latitude, near[0], near[1])
    candidate = ~np.isnan(screen.p) & held & (np.asarray(gap) <= near[2])[:, None]
    if not candidate.any():
        said = f"no circle centred within {near[2]:g} km holds background of {_join(names, at_least)}"
        return row | {"why": said, "countries": len(screen.countries)}, []
    centre, radius = np.nonzero(candidate)
    observed, expected, p_country = (
        array[mine][:, centre, radius] for array in (screen.observed, screen.expected, screen.p_country)
    )
    tails = np.stack([evidence.tail(screen.countries[k], observed[i], expected[i]) for i, k in enumerate(mine)])
    k_all = len(screen.countries)
    p = np.minimum(1.0, k_all * np.sort(p_country, axis=0)[at_least - 1])
    full = ((k_all * p_country <= family.level) & (observed >= AT_LEAST_A_SIDE)).sum(axis=0) >= at_least
    claimed = (p <= family.level) & full
    tail = np.sort(tails, axis=0)[at_least - 1]
    keys = (windows.latitude[centre], windows.longitude[centre])
    # where a side has nothing at all, the other side's excess chooses
    other = np.where(tail < 1, 0.0, tails.min(axis=0))
    order = np.lexsort((*keys, radius, other, tail, p, ~claimed))
    if claimed.any():  # the smallest circle speaks for a claim
        order = np.lexsort((*keys, tail, p, radius, ~claimed))
    best = int(order[0])
    z = (int(centre[best]), int(radius[best]))
    inside: list[dict[str, Any]] = [
        {
            "country": evidence.codes[screen.countries[k]],
            "observed": float(observed[i, best]),
            "expected": float(expected[i, best]),
            "ratio": float(observed[i, best] / expected[i, best]) if expected[i, best] > 0 else np.nan,
            "tail": float(tails[i, best]),
            "p": float(p_country[i, best]),
            "tested": bool(screen.tested[k][z]),
        }
        for i, k in enumerate(mine)
        if expected[i, best] > 0 or observed[i, best] > 0
    ]
    inside.sort(key=lambda one: (-one["observed"], one["country"]))
    row |= {
        "claimed": bool(claimed[best]),
        "p": float(p[best]),
        "r_km": float(windows.radii_km[z[1]]),
        "lon": float(windows.longitude[z[0]]),
        "lat": float(windows.latitude[z[0]]),
        "countries": k_all,
    }
    row |= _clustered(family, mine, candidate, at_least, claimed=row["claimed"])
    if not row["claimed"]:
        totals = {evidence.codes[c]: evidence.organisations[c] for c in screen.countries}
        row["why"] = why_not(inside, row, totals, at_least, alpha)
    return row, inside


def _clustered(
    family: Family, mine: list[int], candidate: NDArray[np.bool_], at_least: int, *, claimed: bool
) -> dict[str, Any]:
    """Give the smallest p of the region's circles where the background clusters by itself, and whether both agree."""
    second = family.clustered
    if second is None or second.screen is None:
        return {"p_lgcp": np.nan, "robust": ""}
    paid = len(second.screen.countries) * second.screen.p_country[mine][:, candidate]
    p = np.minimum(1.0, np.sort(paid, axis=0)[at_least - 1])
    held = second.screen.observed[mine][:, candidate] >= AT_LEAST_A_SIDE
    again = (p <= second.level) & (((paid <= second.level) & held).sum(axis=0) >= at_least)
    return {"p_lgcp": float(p.min()), "robust": say_robust(claimed=claimed, clustered=bool(again.any()))}


def _join(names: list[str], at_least: int) -> str:
    return " and ".join(names) if len(names) == at_least else f"{at_least} of {', '.join(names)}"
