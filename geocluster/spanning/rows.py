"""Which columns does each table of the outcome have, and what stands in a row?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.spanning.result import empty_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandas import DataFrame

    from geocluster.background.clustering import Clustering
    from geocluster.background.ground import Ground
    from geocluster.background.places import Exponent
    from geocluster.spanning.claims import Finding
    from geocluster.spanning.families import Family, Pattern

READING = {
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
    "at_least": "int64",
    "p_lgcp": "float64",
    "robust": "object",
}
WINDOW = {
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
    "at_least": "int64",
    "p_lgcp": "float64",
    "robust": "object",
}
CONJUNCTION = {
    "claim": "int64",
    "reading": "object",
    "at_least": "int64",
    "p": "float64",
    "r_km": "float64",
    "lon": "float64",
    "lat": "float64",
    "countries": "object",
    "family": "object",
}
COUNT = {
    "of": "object",
    "number": "int64",
    "reading": "object",
    "country": "object",
    "observed": "float64",
    "expected": "float64",
    "ratio": "float64",
    "p": "float64",
}
FAMILY = {
    "reading": "object",
    "family": "object",
    "p": "float64",
    "p_adjusted": "float64",
    "level": "float64",
    "countries": "int64",
    "circles": "int64",
    "r_km": "float64",
    "lon": "float64",
    "lat": "float64",
    "observed": "object",
    "expected": "object",
    "draws": "int64",
    "p_lgcp": "float64",
}
BACKGROUND = {
    "reading": "object",
    "country": "object",
    "organisations": "int64",
    "places": "int64",
    "gamma": "float64",
    "fitted_on": "object",
    "fitted_organisations": "int64",
    "sigma2": "float64",
    "rho_km": "float64",
    "clustering_fitted_on": "object",
}


def make_frame(rows: list[dict[str, Any]], columns: dict[str, Any]) -> DataFrame:
    """Make a table of rows; its columns and their kinds stand fast."""
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns)).astype(columns) if rows else empty_frame(columns)


def reading_row(label: int, reading: str, finding: Finding, adjusted: float) -> dict[str, Any]:
    """Tell one cluster in one reading."""
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
        "at_least": finding.at_least,
        "p_lgcp": finding.p_clustered,
        "robust": finding.robust,
    }


def window_row(number: int, reading: str, claim: Finding, clusters: list[int]) -> dict[str, Any]:
    """Tell one claim."""
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
        "at_least": claim.at_least,
        "p_lgcp": claim.p_clustered,
        "robust": claim.robust,
    }


def conjunction_rows(number: int, reading: str, at_least: int, claim: Finding) -> list[dict[str, Any]]:
    """Tell a claim for each number of countries shown."""
    return [
        {
            "claim": number,
            "reading": reading,
            "at_least": u,
            "p": found.p,
            "r_km": found.r_km,
            "lon": found.longitude,
            "lat": found.latitude,
            "countries": " ".join(found.excess),
            "family": found.family,
        }
        for u, found in {at_least: claim, **claim.deeper}.items()
    ]


def count_rows(of: str, number: int, reading: str, finding: Finding) -> list[dict[str, Any]]:
    """Tell O, E and p of each country."""
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


def family_rows(found: Mapping[str, tuple[Pattern, list[Family]]]) -> list[dict[str, Any]]:
    """Tell each family with the window that comes nearest to a claim, or is one at the smallest radius."""
    from geocluster.spanning.claims import tell_family

    rows = []
    for reading, (pattern, families) in found.items():
        for family in families:
            best = tell_family(family, pattern)
            rows.append(
                {
                    "reading": reading,
                    "family": family.name,
                    "p": family.p,
                    "p_adjusted": family.p_adjusted,
                    "level": family.level,
                    "countries": 0 if family.screen is None else len(family.screen.countries),
                    "circles": 0
                    if family.screen is None
                    else family.windows.count_distinct(~np.isnan(family.screen.p)),
                    "r_km": np.nan if best is None else best.r_km,
                    "lon": np.nan if best is None else best.longitude,
                    "lat": np.nan if best is None else best.latitude,
                    "observed": "" if best is None else _say_each(best.observed, ".0f"),
                    "expected": "" if best is None else _say_each(best.expected, ".1f"),
                    "draws": 0 if family.screen is None else int(family.screen.draws.sum()),
                    "p_lgcp": np.nan if family.clustered is None else family.clustered.p,
                }
            )
    return rows


def _say_each(numbers: Mapping[str, float], form: str) -> str:
    return ", ".join(f"{code} {number:{form}}" for code, number in sorted(numbers.items()))


def background_rows(
    ground: Ground, found: Mapping[str, tuple[Pattern, list[Family]]], exponents: Mapping[str, Exponent]
) -> list[dict[str, Any]]:
    """Tell what each country was compared with, by reading."""
    rows = []
    for reading, (pattern, _) in found.items():
        for c, code in enumerate(map(str, ground.codes)):
            own = ground.country == c
            fit = exponents.get(code) if reading == "beyond city size" else None
            clumps: Clustering | None = pattern.clustering.get(c)
            rows.append(
                {
                    "reading": reading,
                    "country": code,
                    "organisations": int(ground.count[own].sum()),
                    "places": int(own.sum()),
                    "gamma": fit.gamma if fit else 1.0,
                    "fitted_on": fit.fitted_on if fit else "",
                    "fitted_organisations": fit.organisations if fit else 0,
                    "sigma2": clumps.sigma2 if clumps else np.nan,
                    "rho_km": clumps.rho_km if clumps else np.nan,
                    "clustering_fitted_on": clumps.fitted_on if clumps else "",
                }
            )
    return rows
