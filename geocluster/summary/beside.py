"""What else was asked of clusters: how sure, how fragile, how like another method's?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.labels import p_value

if TYPE_CHECKING:
    from pandas import Series

    from geocluster.pipeline import Analysis

_TOLD = 5


def dependence_words(row: Series[Any]) -> str:
    """Say how a cluster hangs on the border, with its interval where there is one.

    Examples
    --------
    >>> import pandas as pd
    >>> told = {"dependence": "bridged", "delta": 0.4, "delta_low": 0.2, "delta_high": 0.75, "class_share": 0.9}
    >>> dependence_words(pd.Series(told))
    'bridged, δ 0.40 [0.20, 0.75], the same in 90% of the resamples'
    """
    word = str(row["dependence"])
    if word == "national":
        return ""
    if not np.isfinite(row.get("delta_low", np.nan)):
        return word
    interval = f"δ {row['delta']:.2f} [{row['delta_low']:.2f}, {row['delta_high']:.2f}]"
    return f"{word}, {interval}, the same in {row['class_share']:.0%} of the resamples"


def scan_words(row: Series[Any]) -> str:
    """Say what the scan found: that a circle holds more than its share, in one country or in several.

    Examples
    --------
    >>> import pandas as pd
    >>> told = {"n": 12, "scan_expected": 2.63, "scan_r_km": 45.1, "scan_p": 0.014, "scan_from_year": 1815.0,
    ...     "scan_to_year": 1854.0}
    >>> scan_words(pd.Series(told))
    'scan: 12 within 45.1 km, founded 1815 to 1854, where 2.6 are expected; p 0.014'
    """
    spell = f", founded {row['scan_from_year']:.0f} to {row['scan_to_year']:.0f}," if "scan_from_year" in row else ""
    circle = f"{int(row['n']):,} within {row['scan_r_km']:.1f} km{spell}"
    return f"scan: {circle} where {row['scan_expected']:.1f} are expected; p {p_value(row['scan_p'])}"


def fragility_lines(analysis: Analysis, *, most: int | None) -> list[str]:
    """Say over which settings clusters exist and span; on a screen those in two countries only."""
    from geocluster.clusters.settings import say_range

    found = analysis.fragility
    if found is None:
        return []
    frame = found.frame
    two = frame[frame["two_low_km"].notna() | (frame["spans"] > 0)]
    shown = frame if most is None else two.head(_TOLD)
    lines = [f"Fragility: {found.sentence()}", f"     {found.reason}"]
    lines += [f"     {label} {say_range(row)}" for label, row in shown.iterrows()]
    if len(shown) < len(frame):
        lines.append(f"     … and {len(frame) - len(shown):,} more (fragility.csv)")
    return lines


def comparison_lines(analysis: Analysis) -> list[str]:
    """Say how like the clusters of another method are."""
    found = analysis.comparison
    if found is None:
        return []
    other = analysis.provenance.parameters["compare"]
    return [f"Beside {other}: {found.sentence()}"]


def interval_lines(analysis: Analysis) -> list[str]:
    """Say where the intervals of border dependence come from."""
    found = analysis.dependence
    if found is None:
        return []
    made = found.provenance.parameters
    rule = f"within {made['radius_km']:g} km, at least {made['minimum']}"
    draws = f"{found.level:.0%} interval of {found.resamples:,} resamples inside each country"
    return [f"Border dependence δ: {rule}; {draws}"]
