"""How is the outcome put into tables and words?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.spanning.claims import Finding, cluster_findings, find_claims
from geocluster.spanning.result import SpanningResult, empty_frame, verdict_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from geocluster.background.ground import Ground
    from geocluster.background.places import Exponent
    from geocluster.results import Provenance
    from geocluster.spanning.families import Family, Pattern

WHOLE_COUNTRY = 0.9
_READING = {
    "cluster": "int64",
    "reading": "object",
    "p": "float64",
    "claimed": "bool",
    "r_km": "float64",
    "lon": "float64",
    "lat": "float64",
    "excess": "object",
    "family": "object",
    "p_adjusted": "float64",
}
_WINDOW = {
    "claim": "int64",
    "reading": "object",
    "p": "float64",
    "r_km": "float64",
    "lon": "float64",
    "lat": "float64",
    "countries": "object",
    "family": "object",
    "clusters": "object",
    "circles": "int64",
}
_COUNT = {
    "of": "object",
    "number": "int64",
    "reading": "object",
    "country": "object",
    "observed": "float64",
    "expected": "float64",
    "ratio": "float64",
    "p": "float64",
}
_FAMILY = {
    "reading": "object",
    "family": "object",
    "p": "float64",
    "p_adjusted": "float64",
    "level": "float64",
    "countries": "int64",
    "circles": "int64",
}
_BACKGROUND = {
    "reading": "object",
    "country": "object",
    "organisations": "int64",
    "places": "int64",
    "gamma": "float64",
    "fitted_on": "object",
    "fitted_organisations": "int64",
}


def tell_result(
    table: GeoDataFrame,
    placed: GeoDataFrame,
    aside: GeoDataFrame,
    labels: Series[Any] | None,
    ground: Ground,
    found: Mapping[str, tuple[Pattern, list[Family]]],
    exponents: Mapping[str, Exponent],
    *,
    r_max_km: float,
    at_least: int,
    alpha: float,
    permutations: int,
    provenance: Provenance,
) -> SpanningResult:
    """Gather the families of all readings into one result."""
    members = _members(placed, labels, ground)
    readings: list[dict[str, Any]] = []
    windows: list[dict[str, Any]] = []
    counts: list[dict[str, Any]] = []
    best: dict[str, dict[int, tuple[Finding, float]]] = {}
    for reading, (pattern, families) in found.items():
        chosen = best[reading] = _best_findings(pattern, families, members, r_max_km=r_max_km, at_least=at_least)
        for label, (finding, adjusted) in chosen.items():
            readings.append(_reading_row(label, reading, finding, adjusted))
            counts += _count_rows("cluster", label, reading, finding)
        claims = [claim for family in families for claim in find_claims(family, pattern, at_least=at_least)]
        claims.sort(key=lambda claim: (claim.p, claim.r_km, claim.longitude, claim.latitude))
        for number, claim in enumerate(claims, start=1):
            inside = _clusters_inside(claim, pattern, members)
            windows.append(_window_row(number, reading, claim, inside))
            counts += _count_rows("window", number, reading, claim)
    clusters = _cluster_frame(table, labels, members, ground, found, best)
    return SpanningResult(
        clusters=clusters,
        readings=_frame(readings, _READING),
        windows=_frame(windows, _WINDOW),
        counts=_frame(counts, _COUNT),
        families=_frame(_family_rows(found), _FAMILY),
        background=_frame(_background_rows(ground, found, exponents), _BACKGROUND),
        set_aside=_set_aside(placed, aside, ground),
        null=_null_words(found, permutations),
        study_area=ground.area,
        alpha=alpha,
        permutations=permutations,
        provenance=provenance,
    )


def _frame(rows: list[dict[str, Any]], columns: dict[str, Any]) -> DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns)).astype(columns) if rows else empty_frame(columns)


def _members(placed: GeoDataFrame, labels: Series[Any] | None, ground: Ground) -> dict[int, NDArray[np.int64]]:
    """Give the places on which the organisations of each cluster stand."""
    if labels is None:
        return {}
    own = labels.reindex(placed.index)
    result = {}
    for label in sorted({int(value) for value in own.dropna().unique()}):
        stands = ground.stands[(own == label).fillna(value=False).to_numpy(dtype=bool)]
        result[label] = np.unique(stands[stands >= 0])
    return result


def _best_findings(
    pattern: Pattern,
    families: list[Family],
    members: Mapping[int, NDArray[np.int64]],
    *,
    r_max_km: float,
    at_least: int,
) -> dict[int, tuple[Finding, float]]:
    """Choose for each cluster the family that says most, with that family's adjusted p."""
    if not members:
        return {}
    from geocluster.countries import may_share_border

    chosen: dict[int, tuple[Finding, float]] = {}
    for family in families:
        found = cluster_findings(
            family, pattern, members, r_max_km=r_max_km, at_least=at_least, adjoin=may_share_border
        )
        for label, finding in found.items():
            rival = chosen.get(label)
            if rival is None or (not finding.claimed, finding.p) < (not rival[0].claimed, rival[0].p):
                chosen[label] = (finding, family.p_adjusted)
    return dict(sorted(chosen.items()))


def _reading_row(label: int, reading: str, finding: Finding, adjusted: float) -> dict[str, Any]:
    return {
        "cluster": label,
        "reading": reading,
        "p": finding.p,
        "claimed": finding.claimed,
        "r_km": finding.r_km,
        "lon": finding.longitude,
        "lat": finding.latitude,
        "excess": " ".join(finding.excess),
        "family": finding.family,
        "p_adjusted": adjusted,
    }


def _window_row(number: int, reading: str, claim: Finding, clusters: list[int]) -> dict[str, Any]:
    return {
        "claim": number,
        "reading": reading,
        "p": claim.p,
        "r_km": claim.r_km,
        "lon": claim.longitude,
        "lat": claim.latitude,
        "countries": " ".join(claim.excess),
        "family": claim.family,
        "clusters": " ".join(map(str, clusters)),
        "circles": claim.windows,
    }


def _count_rows(of: str, number: int, reading: str, finding: Finding) -> list[dict[str, Any]]:
    rows = []
    for country, observed in sorted(finding.observed.items(), key=lambda item: (-item[1], item[0])):
        expected = finding.expected[country]
        if observed == 0 and expected == 0:
            continue
        rows.append(
            {
                "of": of,
                "number": number,
                "reading": reading,
                "country": country,
                "observed": observed,
                "expected": expected,
                "ratio": observed / expected if expected > 0 else np.nan,
                "p": finding.p_country[country],
            }
        )
    return rows


def _clusters_inside(claim: Finding, pattern: Pattern, members: Mapping[int, NDArray[np.int64]]) -> list[int]:
    from geocluster.distance import distance_km

    gap = distance_km(pattern.longitude, pattern.latitude, claim.longitude, claim.latitude)
    return [
        label for label, places in members.items() if len(places) and bool((gap[places] <= claim.r_km + 1e-9).any())
    ]


def _cluster_frame(
    table: GeoDataFrame,
    labels: Series[Any] | None,
    members: Mapping[int, NDArray[np.int64]],
    ground: Ground,
    found: Mapping[str, tuple[Pattern, list[Family]]],
    best: Mapping[str, Mapping[int, tuple[Finding, float]]],
) -> DataFrame:
    import pandas as pd

    asked = list(found)
    few = {str(ground.codes[c]) for c in range(len(ground.codes)) if c not in ground.enough}
    rows = []
    for label in members:
        assert labels is not None
        country = table["country"][(labels == label).fillna(value=False).to_numpy(dtype=bool)]
        tally = country.value_counts()
        passed = [reading for reading in asked if label in best[reading] and best[reading][label][0].claimed]
        verdict = verdict_of(passed, asked, countries=len(tally))
        reason = ""
        if verdict.endswith("not shown"):
            reason = _why_not(label, set(map(str, tally.index)), few, best)
        rows.append(
            {
                "cluster": label,
                "verdict": verdict,
                "n": int(tally.sum()),
                "countries": " ".join(sorted(map(str, tally.index), key=lambda c: (-tally[c], c))),
                "reason": reason,
            }
        )
    columns = {"cluster": "int64", "verdict": "object", "n": "int64", "countries": "object", "reason": "object"}
    return (pd.DataFrame(rows, columns=list(columns)) if rows else empty_frame(columns)).set_index("cluster")


def _why_not(
    label: int, countries: set[str], few: set[str], best: Mapping[str, Mapping[int, tuple[Finding, float]]]
) -> str:
    """Say why a cluster in two countries is not shown to span."""
    reasons = [
        f"{code} has fewer than 5 organisations and does not count as abroad" for code in sorted(countries & few)
    ]
    findings = [found[label][0] for found in best.values() if label in found]
    if not findings and not reasons:
        reasons.append("no circle about it holds background of two countries")
    for finding in findings[:1]:
        short = [
            f"{code} {finding.observed[code]:.0f} ({finding.expected[code]:.1f} expected)"
            for code in sorted(countries & set(finding.observed))
            if finding.observed[code] <= finding.expected[code] * 1.5 or finding.observed[code] < 3
        ]
        if short:
            reasons.append("no clear excess of " + ", ".join(short))
    return "; ".join(reasons) or "the excess on the second side could be chance"


def _family_rows(found: Mapping[str, tuple[Pattern, list[Family]]]) -> list[dict[str, Any]]:
    return [
        {
            "reading": reading,
            "family": family.name,
            "p": family.p,
            "p_adjusted": family.p_adjusted,
            "level": family.level,
            "countries": 0 if family.screen is None else len(family.screen.countries),
            "circles": 0 if family.screen is None else family.windows.count_distinct(~np.isnan(family.screen.p)),
        }
        for reading, (_, families) in found.items()
        for family in families
    ]


def _background_rows(
    ground: Ground, found: Mapping[str, tuple[Pattern, list[Family]]], exponents: Mapping[str, Exponent]
) -> list[dict[str, Any]]:
    rows = []
    for reading in found:
        for c, code in enumerate(map(str, ground.codes)):
            own = ground.country == c
            fit = exponents.get(code) if reading == "beyond city size" else None
            rows.append(
                {
                    "reading": reading,
                    "country": code,
                    "organisations": int(ground.count[own].sum()),
                    "places": int(own.sum()),
                    "gamma": fit.gamma if fit else 1.0,
                    "fitted_on": fit.fitted_on if fit else "",
                    "fitted_organisations": fit.organisations if fit else 0,
                }
            )
    return rows


def _set_aside(placed: GeoDataFrame, aside: GeoDataFrame, ground: Ground) -> DataFrame:
    import pandas as pd

    out = ground.stands < 0
    return pd.concat(
        [
            aside[["reason"]].astype(object),
            pd.DataFrame({"reason": ground.reason[out]}, index=placed.index[out], dtype=object),
        ]
    )


def _null_words(found: Mapping[str, Any], permutations: int) -> str:
    if "controls" in found:
        return f"{permutations:,} permutations of cases among cases and controls, inside each country"
    if "flat" in found:
        return f"{permutations:,} redraws on each country's own places, all alike, inside the study area"
    return f"{permutations:,} redraws on each country's own population inside the study area"
