"""What was shown of a cluster, or of a circle, in words with its figures?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.labels import p_value

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from geocluster.spanning import SpanningResult

INDENT = "     "
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def spans(frame: DataFrame, label: Any) -> bool:
    """Whether a cluster is shown to span."""
    return str(frame.at[label, "verdict"]).startswith("spans")


def verdict_words(label: int, spanning: SpanningResult) -> str:
    """Say the verdict of a cluster in several countries, with O and E of the circle that says most."""
    from geocluster.spanning.result import say_counts

    verdict, reason, reach = (str(spanning.clusters.at[label, column]) for column in ("verdict", "reason", "reach"))
    told = {"cross-border": f"{verdict} (cross-border)", "transnational": f"{verdict}; transnational by its ties"}
    verdict = told.get(reach, verdict)
    rows = spanning.readings[spanning.readings["cluster"] == label]
    if rows.empty:
        return f"{verdict}: {reason}"
    best = rows[rows["claimed"]].iloc[0] if rows["claimed"].any() else rows.sort_values("p", kind="stable").iloc[0]
    counts = spanning.in_excess(label)
    counts = counts[counts["reading"] == best["reading"]]
    if best["claimed"]:  # who else is in the circle stands in clusters.csv
        counts = counts[counts["country"].isin(str(best["excess"]).split())]
    few = f"{reason.split(';')[0]}; " if "fewer than 5" in reason else ""
    least = int(spanning.provenance.parameters["at_least"])
    if not best["claimed"] and int((counts["observed"] > counts["expected"]).sum()) < least:
        many = _NUMBERS.get(least, least)
        return f"{verdict}: {few}in no circle about it do {many} countries hold more than their share"
    return f"{verdict}: {few}within {best['r_km']:g} km {say_counts(counts)}; {p_words(rows)}"


def depth_lines(label: int, spanning: SpanningResult) -> list[str]:
    """Say of a cluster in three countries or more which of "at least u countries" are shown, one u a line.

    Nothing where it is not shown to span, or where borders are asked two by two.
    """
    cluster: Any = spanning.clusters.loc[label]
    least, parameters = int(cluster["at_least"]), spanning.provenance.parameters
    deepest = len(str(cluster["countries"]).split())
    if least < 2 or parameters["unit"] != "region":
        return []
    here = _claims_of(label, spanning)
    lines = []
    for u in range(int(parameters["at_least"]) + 1, deepest + 1):
        rows = here[here["at_least"] == u]
        if u > least or rows.empty:
            lines.append(f"{INDENT}at least {_NUMBERS.get(u, u)} countries: not shown")
            continue
        said = "; ".join(
            f"{', '.join(row['countries'].split())} within {row['r_km']:g} km, p {p_value(row['p'])} "
            f"{reading_words(row['reading'])}"
            for _, row in rows.iterrows()
        )
        lines.append(f"{INDENT}at least {_NUMBERS.get(u, u)} countries: shown, at a level of its own: {said}")
    return lines


def _claims_of(label: int, spanning: SpanningResult) -> DataFrame:
    """Conjunctions of the claims that meet a cluster."""
    meets = spanning.windows[[str(label) in str(row).split() for row in spanning.windows["clusters"]]]
    return spanning.conjunctions.merge(meets[["claim", "reading"]], on=["claim", "reading"])


def circle_lines(spanning: SpanningResult, frame: DataFrame, *, most: int | None) -> list[str]:
    """Say the claimed circles that no cluster's verdict already told."""
    from geocluster.spanning.result import say_counts

    told = {str(label) for label in frame.index if spans(frame, label)}
    apart = spanning.windows[[not told & set(str(row).split()) for row in spanning.windows["clusters"]]]
    least = int(spanning.provenance.parameters["at_least"])
    if spanning.windows.empty and not spanning.families.empty:
        level = float(spanning.provenance.parameters["alpha"])
        many = _NUMBERS.get(least, least)
        return [
            "",
            f"In no circle is it shown, at {level:g}, that at least {many} countries hold more than their share.",
        ]
    if apart.empty:
        return []
    shown = f"Circles where at least {_NUMBERS.get(least, least)} countries hold more than their share"
    lines = ["", f"{shown}, though no cluster there is shown to span:"]
    for _, row in (apart if most is None else apart.head(most)).iterrows():
        counts = spanning.counts[
            (spanning.counts["of"] == "window")
            & (spanning.counts["number"] == row["claim"])
            & (spanning.counts["reading"] == row["reading"])
            & spanning.counts["country"].isin(str(row["countries"]).split())
        ]
        beside = f" (clusters {row['clusters'].replace(' ', ', ')})" if row["clusters"] else ""
        deep = int(row["at_least"])
        more = f"; at least {_NUMBERS.get(deep, deep)} countries, at a level of its own" if deep > least else ""
        lines.append(
            f"{INDENT}within {row['r_km']:g} km of {row['lat']:.2f}, {row['lon']:.2f}{beside}: {say_counts(counts)}; "
            f"p {_p_of(row)}{more}"
        )
    if most is not None and len(apart) > most:
        lines.append(f"{INDENT}… and {len(apart) - most} more (circles.csv)")
    return lines


def alone_lines(spanning: SpanningResult) -> list[str]:
    """Say the claims of more countries than asked for that stand where fewer are not shown."""
    rows = spanning.conjunctions[spanning.conjunctions["claim"] == 0]
    return [
        f"{INDENT}within {row['r_km']:g} km of {row['lat']:.2f}, {row['lon']:.2f}: at least "
        f"{_NUMBERS.get(row['at_least'], row['at_least'])} countries ({', '.join(row['countries'].split())}), "
        f"p {p_value(row['p'])} {reading_words(row['reading'])}, at a level of its own"
        for _, row in rows.iterrows()
    ]


def p_words(rows: DataFrame) -> str:
    """Say p of each reading, and what a background that clusters makes of it."""
    return "p " + ", ".join(_p_of(row) for _, row in rows.iterrows())


def _p_of(row: Series[Any]) -> str:
    words = f"{p_value(row['p'])} {reading_words(row['reading'])}"
    if not np.isfinite(row["p_lgcp"]):
        return words
    robust = f": {row['robust']}" if row["robust"] else ""
    return f"{words} ({p_value(row['p_lgcp'])} on a background that clusters{robust})"


def reading_words(reading: str) -> str:
    """Say a reading inside a sentence.

    Examples
    --------
    >>> reading_words("flat"), reading_words("per head")
    ('on a flat background', 'per head')
    """
    return {"controls": "against the controls", "flat": "on a flat background"}.get(reading, reading)
