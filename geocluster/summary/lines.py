"""Which lines make a summary, in which order?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocluster.summary.beside import comparison_lines, dependence_words, fragility_lines, interval_lines, scan_words
from geocluster.summary.claims import INDENT, alone_lines, circle_lines, depth_lines, spans, verdict_words
from geocluster.summary.methods import found_words

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pandas import DataFrame

    from geocluster.pipeline import Analysis
    from geocluster.spanning import SpanningResult


_COUNTRIES_TOLD = 8


def summary_lines(analysis: Analysis, *, most: int | None = None) -> list[str]:
    """Say what was found, line by line.

    Parameters
    ----------
    analysis : Analysis
    most : int, optional
        For a screen: so many clusters at most, those that span first, and no sources.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from geocluster.pipeline import analyse, load_example
    >>> print(summary_lines(analyse(load_example("oresund"), rng=1))[1])
    3 clusters (within 10 km, at least 5), all inside one country
    """
    frame = analysis.to_frame()
    parameters = analysis.provenance.parameters
    aside = len(analysis.set_aside)
    lines = [
        f"{analysis.title} · {_number(len(analysis.table), 'stakeholder')} placed, "
        + (f"{aside:,} set aside (set_aside.csv says why)" if aside else "none set aside"),
        f"{_number(len(frame), 'cluster')} ({found_words(parameters)})" + _abroad_words(frame),
        "",
    ]
    # what spans comes first, then what lies in several countries: they are what is asked about
    order = sorted(frame.index, key=lambda label: (not spans(frame, label), not _abroad(frame, label), label))
    shown = order if most is None else order[:most]
    widest_km = parameters["method_options"].get("max_diameter_km", 150.0)
    lines += _cluster_lines(frame.loc[shown], analysis.spanning, widest_km)
    if len(order) > len(shown):
        lines.append(f"{INDENT}… and {len(order) - len(shown):,} more (clusters.csv)")
    circles = circle_lines(analysis.spanning, frame, most=5 if most is not None else None)
    lines += circles if lines[-1] else circles[1:]
    lines += alone_lines(analysis.spanning)
    if lines[-1]:
        lines.append("")
    statistics = [] if analysis.autocorrelation is None else [analysis.autocorrelation.sentence()]
    if analysis.colocation is not None:
        statistics.append(f"Colocation quotient {analysis.colocation.sentence()}")
    if statistics:
        lines.append(" · ".join(statistics))
    lines += fragility_lines(analysis, most=most) + comparison_lines(analysis)
    lines += _vague_lines(analysis)
    lines += [f"Note: {note}" for note in dict.fromkeys((*analysis.notes, *analysis.clusters.notes))]
    if parameters["cases"]:
        lines.append(f"Cases: {parameters['cases']}")
    lines += _null_lines(analysis) + interval_lines(analysis)
    if most is None:
        lines.append("Data: " + "; ".join(analysis.provenance.sources))
    return lines


def _vague_lines(analysis: Analysis) -> list[str]:
    """Say how many rows have a point that is too uncertain for the statistics."""
    limit = analysis.provenance.parameters["max_radius_km"]
    aside = analysis.set_aside
    if "radius_km" not in aside.columns:
        return []
    import pandas as pd

    radius = pd.to_numeric(aside["radius_km"], errors="coerce")
    vague = int((~aside.geometry.isna() & ~aside.geometry.is_empty & (radius > limit)).sum())
    if not vague:
        return []
    return [
        f"Left out of the statistics: {_number(vague, 'row')} placed less certainly than {limit:g} km (95 % radius)"
    ]


def _number(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}" if n else f"no {word}s"


def _abroad(frame: DataFrame, label: Hashable) -> bool:
    return " " in str(frame.at[label, "countries"])


def _abroad_words(frame: DataFrame) -> str:
    abroad = sum(_abroad(frame, label) for label in frame.index)
    if not abroad:
        return ", all inside one country" if len(frame) > 1 else ", inside one country" if len(frame) else ""
    if abroad == len(frame):
        return ", all in more than one country" if abroad > 1 else ", in more than one country"
    return f", {abroad:,} of them in more than one country"


def _null_lines(analysis: Analysis) -> list[str]:
    """Say what the spanning test stands on, or why it had nothing to ask."""
    spanning = analysis.spanning
    lines = []
    if len(spanning.set_aside):
        told = spanning.set_aside["reason"].value_counts()
        lines += [f"Spanning test without {n:,} of them: {reason}" for reason, n in told.items()]
    chosen = "a chosen list is no sample"
    if spanning.families.empty:
        lines.append(f"Spanning test: {spanning.sentence()}{f'; {chosen}' * analysis.chosen}.")
        return lines
    lines.append(f"Null: {spanning.null}{f'; {chosen}' * analysis.chosen}.")
    lines.append(f"Study area: {spanning.study_area} · circles up to {analysis.provenance.parameters['r_max_km']:g} km")
    return lines + _exponent_lines(spanning)


def _cluster_lines(frame: DataFrame, spanning: SpanningResult, widest_km: float) -> list[str]:
    if frame.empty:
        return []
    counts = {
        label: " · ".join(
            f"{country} {n}"
            for country, n in zip(str(row["countries"]).split(), str(row["counts"]).split(), strict=True)
        )
        if " " in str(row["countries"])
        else str(row["countries"])
        for label, row in frame.iterrows()
    }
    width = max(len(str(name)) for name in frame["name"])
    width_counts = max(map(len, counts.values()))
    width_label = max(3, *(len(str(label)) for label in frame.index))
    width_n = max(len(f"{n:,}") for n in frame["n"])
    lines = []
    for label, row in frame.iterrows():
        chain = f" · chain: wider than {widest_km:g} km" if row["chain"] else ""
        name = f"{row['name']!s:<{width}}"
        head = f"{label!s:>{width_label}}  {name}   {row['n']:>{width_n},}   {counts[label]:<{width_counts}}   "
        lines.append((head + dependence_words(row) + chain).rstrip())
        if "scan_p" in row.index:
            lines.append(" " * (width_label + 2) + scan_words(row))
        if " " in str(row["countries"]):
            lines.append(" " * (width_label + 2) + verdict_words(int(label), spanning))  # type: ignore[call-overload]
            lines += depth_lines(int(label), spanning)  # type: ignore[call-overload]
    return lines


def _exponent_lines(spanning: SpanningResult) -> list[str]:
    rows = spanning.background[spanning.background["reading"] == "beyond city size"]
    if rows.empty:
        return []
    by_gamma: dict[str, list[str]] = {}
    for country, gamma in zip(rows["country"], rows["gamma"], strict=True):
        by_gamma.setdefault(f"{gamma:.2f}", []).append(str(country))
    words = ", ".join(f"{gamma} ({', '.join(countries)})" for gamma, countries in by_gamma.items())
    if len(rows) > _COUNTRIES_TOLD:
        words = f"{rows['gamma'].min():.2f} to {rows['gamma'].max():.2f} in {len(rows):,} countries"
    flag = (
        ", fitted on all places: too few organisations beyond 40 km of a border"
        if "all places" in set(rows["fitted_on"])
        else ""
    )
    return [f"Beyond city size: population to the power γ = {words}{flag}"]
