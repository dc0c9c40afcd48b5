"""How is the outcome put into tables and words?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.spanning.claims import NOT_ROBUST, Finding, cluster_findings, find_claims
from geocluster.spanning.evidence import keep_evidence
from geocluster.spanning.reach import kind_of_reach, say_window, tied_across
from geocluster.spanning.result import SpanningResult, empty_frame, verdict_of
from geocluster.spanning.rows import (
    BACKGROUND,
    CONJUNCTION,
    COUNT,
    FAMILY,
    READING,
    WINDOW,
    background_rows,
    conjunction_rows,
    count_rows,
    family_rows,
    make_frame,
    reading_row,
    window_row,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from geocluster.background.ground import Ground
    from geocluster.background.places import Exponent
    from geocluster.results import Provenance
    from geocluster.spanning.families import Family, Pattern


def tell_result(
    table: GeoDataFrame,
    placed: GeoDataFrame,
    aside: DataFrame,
    labels: Series[Any] | None,
    ground: Ground,
    found: Mapping[str, tuple[Pattern, list[Family]]],
    exponents: Mapping[str, Exponent],
    *,
    r_max_km: float,
    at_least: int,
    alpha: float,
    permutations: int,
    ties: DataFrame | None,
    apart_km: float,
    provenance: Provenance,
) -> SpanningResult:
    """Gather the families of all readings into one result."""
    members = members_of(placed, labels, ground)
    readings: list[dict[str, Any]] = []
    windows: list[dict[str, Any]] = []
    conjunctions: list[dict[str, Any]] = []
    alone: list[dict[str, Any]] = []
    counts: list[dict[str, Any]] = []
    best: dict[str, dict[int, tuple[Finding, float]]] = {}
    for reading, (pattern, families) in found.items():
        chosen = best[reading] = best_findings(pattern, families, members, r_max_km=r_max_km, at_least=at_least)
        for label, (finding, adjusted) in chosen.items():
            readings.append(reading_row(label, reading, finding, adjusted))
            counts += count_rows("cluster", label, reading, finding)
        claims = []
        for family in families:
            joined, apart = find_claims(family, pattern, at_least=at_least)
            claims += joined
            for u, others in apart.items():
                for deep in others:
                    alone += conjunction_rows(0, reading, u, deep)
        claims.sort(key=lambda claim: (claim.p, claim.r_km, claim.longitude, claim.latitude))
        for number, claim in enumerate(claims, start=1):
            inside = _clusters_inside(claim, pattern, members)
            windows.append(window_row(number, reading, claim, inside))
            conjunctions += conjunction_rows(number, reading, at_least, claim)
            counts += count_rows("window", number, reading, claim)
    clusters = _cluster_frame(table, placed, labels, members, ground, found, best, ties=ties, apart_km=apart_km)
    return SpanningResult(
        clusters=clusters,
        readings=make_frame(readings, READING),
        windows=make_frame(windows, WINDOW),
        conjunctions=make_frame(conjunctions + alone, CONJUNCTION),
        counts=make_frame(counts, COUNT),
        families=make_frame(family_rows(found), FAMILY),
        background=make_frame(background_rows(ground, found, exponents), BACKGROUND),
        set_aside=_set_aside(placed, aside, ground),
        null=_null_words(found, permutations),
        study_area=ground.area,
        alpha=alpha,
        permutations=permutations,
        provenance=provenance,
        evidence={reading: keep_evidence(pattern, families) for reading, (pattern, families) in found.items()},
    )


def members_of(placed: GeoDataFrame, labels: Series[Any] | None, ground: Ground) -> dict[int, NDArray[np.int64]]:
    """Give the places on which the organisations of each cluster stand."""
    if labels is None:
        return {}
    own = labels.reindex(placed.index)
    result = {}
    for label in sorted({int(value) for value in own.dropna().unique()}):
        stands = ground.stands[(own == label).fillna(value=False).to_numpy(dtype=bool)]
        result[label] = np.unique(stands[stands >= 0])
    return result


def best_findings(
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


def _clusters_inside(claim: Finding, pattern: Pattern, members: Mapping[int, NDArray[np.int64]]) -> list[int]:
    from geocluster.distance import distance_km

    gap = distance_km(pattern.longitude, pattern.latitude, claim.longitude, claim.latitude)
    return [
        label for label, places in members.items() if len(places) and bool((gap[places] <= claim.r_km + 1e-9).any())
    ]


def _cluster_frame(
    table: GeoDataFrame,
    placed: GeoDataFrame,
    labels: Series[Any] | None,
    members: Mapping[int, NDArray[np.int64]],
    ground: Ground,
    found: Mapping[str, tuple[Pattern, list[Family]]],
    best: Mapping[str, Mapping[int, tuple[Finding, float]]],
    *,
    ties: DataFrame | None,
    apart_km: float,
) -> DataFrame:
    import pandas as pd

    asked = list(found)
    few = {str(ground.codes[c]) for c in range(len(ground.codes)) if c not in ground.enough}
    totals = {str(code): int(ground.count[ground.country == c].sum()) for c, code in enumerate(ground.codes)}
    rows = []
    for label in members:
        assert labels is not None
        country = table["country"][(labels == label).fillna(value=False).to_numpy(dtype=bool)]
        tally = country.value_counts()
        passed = [reading for reading in asked if label in best[reading] and best[reading][label][0].claimed]
        verdict = verdict_of(passed, asked, countries=len(tally))
        reason = ""
        if verdict.endswith("not shown"):
            reason = _why_not(label, set(map(str, tally.index)), few, best, totals)
        doubts = [r for r in asked if label in best[r] and best[r][label][0].robust == NOT_ROBUST]
        if doubts:
            said = f"{NOT_ROBUST} ({', '.join(doubts)})"
            reason = f"{reason}; {said}" if reason else said
        tied = (
            ties is not None
            and len(tally) > 1
            and tied_across(_rows_of(placed, labels, label), ties, apart_km=apart_km)
        )
        rows.append(
            {
                "cluster": label,
                "verdict": verdict,
                "n": int(tally.sum()),
                "countries": " ".join(sorted(map(str, tally.index), key=lambda c: (-tally[c], c))),
                "reason": reason,
                "reach": kind_of_reach(verdict, claimed=bool(passed), tied=tied),
                "at_least": max((best[r][label][0].at_least for r in passed), default=0),
            }
        )
    columns = {
        "cluster": "int64",
        "verdict": "object",
        "n": "int64",
        "countries": "object",
        "reason": "object",
        "reach": "object",
        "at_least": "int64",
    }
    return (pd.DataFrame(rows, columns=list(columns)) if rows else empty_frame(columns)).set_index("cluster")


def _rows_of(placed: GeoDataFrame, labels: Series[Any] | None, label: int) -> GeoDataFrame:
    assert labels is not None
    return placed[(labels.reindex(placed.index) == label).fillna(value=False).to_numpy(dtype=bool)]


def _why_not(
    label: int,
    countries: set[str],
    few: set[str],
    best: Mapping[str, Mapping[int, tuple[Finding, float]]],
    totals: Mapping[str, int],
) -> str:
    """Say why a cluster in two countries is not shown to span."""
    reasons = [
        f"{code} has fewer than 5 organisations and does not count as abroad" for code in sorted(countries & few)
    ]
    findings = [found[label][0] for found in best.values() if label in found]
    if not findings and not reasons:
        reasons.append("no circle about it holds background of two of its countries")
    share = {}
    for finding in findings[:1]:
        share = {code: finding.expected[code] / totals[code] for code in countries & set(finding.expected)}
        inside = {code for code in countries if finding.expected.get(code, 0.0) > 0}
        absent = sorted(countries & set(finding.expected) - inside)
        if absent:
            nearest = f"the circle of {finding.r_km:g} km nearest to a claim"
            reasons.append(f"{nearest} holds no place of {', '.join(absent)}")
        short = [
            f"{code} {finding.observed[code]:.0f} ({finding.expected[code]:.1f} expected)"
            for code in sorted(inside)
            if finding.observed[code] <= finding.expected[code] * 1.5 or finding.observed[code] < 3
        ]
        if short:
            reasons.append("no clear excess of " + ", ".join(short))
    reasons += filter(None, (say_window(code, share=share.get(code, np.nan)) for code in sorted(countries)))
    return "; ".join(reasons) or "the excess on the second side could be chance"


def _set_aside(placed: GeoDataFrame, aside: DataFrame, ground: Ground) -> DataFrame:
    import pandas as pd

    out = ground.stands < 0
    return pd.concat(
        [
            aside,
            pd.DataFrame({"reason": ground.reason[out]}, index=placed.index[out], dtype=object),
        ]
    )


def _null_words(found: Mapping[str, tuple[Pattern, list[Family]]], permutations: int) -> str:
    stopped = any(
        family.screen is not None and bool(((family.screen.draws > 0) & (family.screen.draws < permutations)).any())
        for _, families in found.values()
        for family in families
    )
    many = f"{'up to ' if stopped else ''}{permutations:,}"
    if "controls" in found:
        words = f"{many} permutations of cases among cases and controls, inside each country"
    elif "flat" in found:
        words = f"{many} redraws on each country's own places, all alike, inside the study area"
    else:
        words = f"{many} redraws on each country's own population inside the study area"
    if any(pattern.clustering for pattern, _ in found.values()):
        words += "; beside it a log-Gaussian Cox process fitted to each country's interior"
    return words + ("; no more once nothing could be claimed" if stopped else "")
