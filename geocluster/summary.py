"""What should a person read first?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

    from geocluster.pipeline import Analysis
    from geocluster.spanning import SpanningResult


def summary_lines(analysis: Analysis, *, most: int | None = None) -> list[str]:
    """Say what was found, line by line.

    Parameters
    ----------
    analysis : Analysis
    most : int, optional
        Clusters told at most; all if not given.

    Returns
    -------
    list of str
    """
    frame = analysis.to_frame()
    parameters = analysis.provenance.parameters
    aside = len(analysis.set_aside)
    abroad = int(frame["countries"].astype(str).str.contains(" ").sum())
    lines = [
        f"{analysis.title} · {len(analysis.table):,} stakeholders placed"
        + (f", {aside:,} set aside (set_aside.csv says why)" if aside else ", none set aside"),
        f"{_number(len(frame), 'cluster')} (within {parameters['radius_km']:g} km, at least {parameters['minimum']})"
        + (
            f", {abroad} of them in more than one country"
            if abroad
            else ", all inside one country"
            if len(frame)
            else ""
        ),
        "",
    ]
    # those in several countries come first: they are what is asked about
    order = sorted(frame.index, key=lambda label: (" " not in str(frame.at[label, "countries"]), label))
    shown = order if most is None else order[:most]
    lines += _cluster_lines(frame.loc[shown], analysis.spanning)
    if len(order) > len(shown):
        lines.append(f"  … and {len(order) - len(shown)} more (clusters.csv)")
    lines += _circle_lines(analysis.spanning, frame, most=5 if most is not None else None)
    if lines[-1]:
        lines.append("")
    statistics = [result.sentence() for result in (analysis.autocorrelation, analysis.colocation) if result is not None]
    if statistics:
        lines.append(" · ".join(statistics))
    if len(analysis.spanning.set_aside):
        told = analysis.spanning.set_aside["reason"].value_counts()
        lines += [f"Spanning test without {n}: {reason}" for reason, n in told.items()]
    lines += [f"Note: {note}" for note in analysis.notes]
    chosen = "; a chosen list is no sample" if analysis.chosen else ""
    lines.append(f"Null: {analysis.spanning.null}{chosen}.")
    lines.append(f"Study area: {analysis.spanning.study_area} · circles up to {parameters['r_max_km']:g} km")
    lines += _exponent_lines(analysis.spanning)
    lines.append("Data: " + "; ".join(analysis.provenance.sources))
    return lines


def _number(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}" if n else f"no {word}s"


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
    lines = []
    for label, row in frame.iterrows():
        dependence = "" if row["dependence"] == "national" else str(row["dependence"])
        chain = " · chain: wider than 150 km" if row["chain"] else ""
        name = f"{row['name']!s:<{width}}"
        head = f"{label!s:>3}  {name}  {row['n']:>4}   {counts[label]:<{width_counts}}   {dependence}{chain}"
        lines.append(head.rstrip())
        if " " in str(row["countries"]):
            lines.append("     " + _verdict_words(int(label), spanning))  # type: ignore[call-overload]
    return lines


def _verdict_words(label: int, spanning: SpanningResult) -> str:
    """Say the verdict of a cluster in several countries, with O and E."""
    verdict = str(spanning.clusters.at[label, "verdict"])
    rows = spanning.readings[spanning.readings["cluster"] == label]
    if not verdict.startswith("spans"):
        ps = _p_words(rows)
        return f"{verdict}: {spanning.clusters.at[label, 'reason']!s}" + (f"; {ps}" if ps else "")
    best = rows[rows["claimed"]].iloc[0]
    counts = spanning.in_excess(label)
    counts = counts[counts["reading"] == best["reading"]]
    from geocluster.spanning.result import say_counts

    return f"{verdict}: within {best['r_km']:g} km {say_counts(counts)}; {_p_words(rows)}"


def _p_words(rows: DataFrame) -> str:
    words = [f"{_p(row['p'])} {row['reading']}" for _, row in rows.iterrows()]
    return "p " + ", ".join(words) if words else ""


def _p(value: Any) -> str:
    return f"{float(value):.3f}" if float(value) >= 0.001 else f"{float(value):.1g}"


def _circle_lines(spanning: SpanningResult, frame: DataFrame, *, most: int | None) -> list[str]:
    """Say the claimed circles that no cluster's verdict already told."""
    from geocluster.spanning.result import say_counts

    spans = {str(label) for label in frame.index if str(frame.at[label, "verdict"]).startswith("spans")}
    apart = spanning.windows[[not spans & set(str(row).split()) for row in spanning.windows["clusters"]]]
    if apart.empty:
        return []
    lines = ["", "Circles that hold more than their share on both sides, apart from a cluster that spans:"]
    for _, row in (apart if most is None else apart.head(most)).iterrows():
        counts = spanning.counts[
            (spanning.counts["of"] == "window")
            & (spanning.counts["number"] == row["claim"])
            & (spanning.counts["reading"] == row["reading"])
        ]
        beside = f" (clusters {row['clusters'].replace(' ', ', ')})" if row["clusters"] else ""
        lines.append(
            f"     within {row['r_km']:g} km of {row['lat']:.2f}, {row['lon']:.2f}{beside}: {say_counts(counts)}; "
            f"p {_p(row['p'])} {row['reading']}"
        )
    if most is not None and len(apart) > most:
        lines.append(f"     … and {len(apart) - most} more (circles.csv)")
    return lines


def _exponent_lines(spanning: SpanningResult) -> list[str]:
    rows = spanning.background[spanning.background["reading"] == "beyond city size"]
    if rows.empty:
        return []
    words = [f"{country} {gamma:.2f}" for country, gamma in zip(rows["country"], rows["gamma"], strict=True)][:8]
    more = " …" if len(rows) > len(words) else ""
    flag = (
        ", fitted on all places: too few organisations beyond 40 km of a border"
        if "all places" in set(rows["fitted_on"])
        else ""
    )
    return [f"Beyond city size: population to the power γ = {', '.join(words)}{more}{flag}"]
