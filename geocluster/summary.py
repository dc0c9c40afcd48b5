"""What should a person read first?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocluster.labels import p_value

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
        f"{_number(len(frame), 'cluster')} (within {parameters['radius_km']:g} km, at least {parameters['minimum']})"
        + _abroad_words(frame),
        "",
    ]
    # what spans comes first, then what lies in several countries: they are what is asked about
    order = sorted(frame.index, key=lambda label: (not _spans(frame, label), not _abroad(frame, label), label))
    shown = order if most is None else order[:most]
    lines += _cluster_lines(frame.loc[shown], analysis.spanning)
    if len(order) > len(shown):
        lines.append(f"     … and {len(order) - len(shown):,} more (clusters.csv)")
    lines += _circle_lines(analysis.spanning, frame, most=5 if most is not None else None)
    if lines[-1]:
        lines.append("")
    statistics = [result.sentence() for result in (analysis.autocorrelation, analysis.colocation) if result is not None]
    if statistics:
        lines.append(" · ".join(statistics))
    lines += _vague_lines(analysis)
    lines += [f"Note: {note}" for note in analysis.notes]
    lines += _null_lines(analysis)
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


def _spans(frame: DataFrame, label: Hashable) -> bool:
    return str(frame.at[label, "verdict"]).startswith("spans")


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


def _cluster_lines(frame: DataFrame, spanning: SpanningResult) -> list[str]:
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
        dependence = "" if row["dependence"] == "national" else str(row["dependence"])
        chain = " · chain: wider than 150 km" if row["chain"] else ""
        name = f"{row['name']!s:<{width}}"
        head = f"{label!s:>{width_label}}  {name}   {row['n']:>{width_n},}   {counts[label]:<{width_counts}}   "
        lines.append((head + dependence + chain).rstrip())
        if " " in str(row["countries"]):
            lines.append(" " * (width_label + 2) + _verdict_words(int(label), spanning))  # type: ignore[call-overload]
    return lines


def _verdict_words(label: int, spanning: SpanningResult) -> str:
    """Say the verdict of a cluster in several countries, with O and E of the circle that says most."""
    from geocluster.spanning.result import say_counts

    verdict, reason = (str(spanning.clusters.at[label, column]) for column in ("verdict", "reason"))
    rows = spanning.readings[spanning.readings["cluster"] == label]
    if rows.empty:
        return f"{verdict}: {reason}"
    best = rows[rows["claimed"]].iloc[0] if rows["claimed"].any() else rows.sort_values("p", kind="stable").iloc[0]
    counts = spanning.in_excess(label)
    counts = counts[counts["reading"] == best["reading"]]
    if best["claimed"]:  # who else is in the circle stands in clusters.csv
        counts = counts[counts["country"].isin(str(best["excess"]).split())]
    few = f"{reason.split(';')[0]}; " if "fewer than 5" in reason else ""
    if not best["claimed"] and int((counts["observed"] > counts["expected"]).sum()) < 2:
        return f"{verdict}: {few}in no circle about it do two countries hold more than their share"
    return f"{verdict}: {few}within {best['r_km']:g} km {say_counts(counts)}; {_p_words(rows)}"


def _p_words(rows: DataFrame) -> str:
    return "p " + ", ".join(f"{p_value(row['p'])} {_reading_words(row['reading'])}" for _, row in rows.iterrows())


def _reading_words(reading: str) -> str:
    return {"controls": "against the controls", "flat": "on a flat background"}.get(reading, reading)


def _circle_lines(spanning: SpanningResult, frame: DataFrame, *, most: int | None) -> list[str]:
    """Say the claimed circles that no cluster's verdict already told."""
    from geocluster.spanning.result import say_counts

    spans = {str(label) for label in frame.index if _spans(frame, label)}
    apart = spanning.windows[[not spans & set(str(row).split()) for row in spanning.windows["clusters"]]]
    if apart.empty:
        return []
    lines = [
        "",
        "Circles where at least two countries hold more than their share, though no cluster there is shown to span:",
    ]
    for _, row in (apart if most is None else apart.head(most)).iterrows():
        counts = spanning.counts[
            (spanning.counts["of"] == "window")
            & (spanning.counts["number"] == row["claim"])
            & (spanning.counts["reading"] == row["reading"])
            & spanning.counts["country"].isin(str(row["countries"]).split())
        ]
        beside = f" (clusters {row['clusters'].replace(' ', ', ')})" if row["clusters"] else ""
        lines.append(
            f"     within {row['r_km']:g} km of {row['lat']:.2f}, {row['lon']:.2f}{beside}: {say_counts(counts)}; "
            f"p {p_value(row['p'])} {_reading_words(row['reading'])}"
        )
    if most is not None and len(apart) > most:
        lines.append(f"     … and {len(apart) - most} more (circles.csv)")
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
