"""How does the command that finds clusters by any method run?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from geocluster.cli.asked import read_asked, whole_analysis
from geocluster.cli.options import (
    AtLeast,
    Cases,
    Column,
    Controls,
    Encoding,
    File,
    Language,
    Layer,
    MaxRadiusKm,
    Null,
    Out,
    Permutations,
    RMaxKm,
    Seed,
    Sheet,
    StudyArea,
    Ties,
    TiesBy,
    Title,
    given_only,
    language_faults,
    read_cases,
    read_columns,
    title_of,
)


def clusters(
    file: File,
    out: Out,
    column: Column = None,
    *,
    method: Annotated[
        str,
        typer.Option(
            help="dbscan: at least --minimum within --radius-km. hdbscan: no radius, clusters of different density. "
            "scan: circles with more than their share (SaTScan). space-time: circles and spells of years in which more "
            "were founded. column: clusters you found. chameleon: those of dbscan, merged by ties (CorText)."
        ),
    ] = "dbscan",
    radius_km: Annotated[
        float | None,
        typer.Option(
            help="dbscan, chameleon: how near is near, km; 10 if not given. Other methods: by which border dependence "
            "is asked."
        ),
    ] = None,
    minimum: Annotated[
        int | None,
        typer.Option(
            help="Organisations in a cluster, or around a dense one: dbscan, hdbscan, chameleon 5 if not given; "
            "scans 2, column 1."
        ),
    ] = None,
    weight: Annotated[
        str | None,
        typer.Option(help="dbscan, hdbscan, chameleon: a column of numbers, e.g. employees; with --minimum-weight."),
    ] = None,
    minimum_weight: Annotated[
        float | None,
        typer.Option(help="So many employees, besides so many organisations (--minimum, then 1; hdbscan 5)."),
    ] = None,
    samples: Annotated[
        int | None, typer.Option(help="hdbscan: organisations that make a place dense; --minimum if not given.")
    ] = None,
    labels: Annotated[str | None, typer.Option(help="column: the one that holds your clusters.")] = None,
    ties: Ties = None,
    ties_by: TiesBy = None,
    years: Annotated[
        str | None, typer.Option(help="space-time: the column of founding years; founded if not given.")
    ] = None,
    period_years: Annotated[
        int | None, typer.Option(help="space-time: steps of so many years; 5 if not given.")
    ] = None,
    scan_radius_km: Annotated[
        float | None, typer.Option(help="scan, space-time: no larger circles; up to half of all if not given.")
    ] = None,
    scan_null: Annotated[
        str | None,
        typer.Option(
            help="scan, space-time: countries (cases redrawn inside each, the default) or pooled (over all together)."
        ),
    ] = None,
    exponent: Annotated[
        float | None, typer.Option(help="scan: the power of population that a place weighs; fitted if not given.")
    ] = None,
    chains: Annotated[
        str | None,
        typer.Option(
            help="What is wider than --max-diameter-km: flag (say that it is a chain; the default) or split (cut it)."
        ),
    ] = None,
    max_diameter_km: Annotated[float | None, typer.Option(help="A wider cluster is a chain; 150 if not given.")] = None,
    r_max_km: RMaxKm = 25.0,
    study_area: StudyArea = "extent",
    cases: Cases = None,
    controls: Controls = None,
    background: Annotated[
        str | None,
        typer.Option(
            help="What stakeholders are measured against: a file of places with country and population, or flat (all "
            "places alike); the population of GeoNames if not given."
        ),
    ] = None,
    at_least: AtLeast = 2,
    unit: Annotated[
        str | None,
        typer.Option(
            help="Of the test: region (all countries together) or border (each by itself); region up to four "
            "countries if not given."
        ),
    ] = None,
    null: Null = "redraw",
    alpha: Annotated[float, typer.Option(help="The chance of a false claim that is accepted.")] = 0.05,
    permutations: Permutations = None,
    seed: Seed = 1,
    resamples: Annotated[int, typer.Option(help="For the interval of border dependence; 0 leaves it out.")] = 200,
    fragility: Annotated[
        bool, typer.Option("--fragility", help="dbscan: over which radius, minimum and largest circle is it so?")
    ] = False,
    compare: Annotated[str | None, typer.Option(help="Another method, to see how far its clusters agree.")] = None,
    max_radius_km: MaxRadiusKm = 30.0,
    value: Annotated[str | None, typer.Option(help="A column of numbers for Moran's I.")] = None,
    title: Title = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    layer: Layer = None,
    language: Language = "en",
) -> None:
    """Find clusters by the method of your choice, and test which span a border.

    Rows without coordinates are geocoded first. Every method's clusters go through the same test: within a circle,
    do at least two countries (and three, four …) hold more than their share? Beside it stand how far a cluster hangs
    on the border, with an interval; whether it is a chain; where asked, how fragile it is, and what another method
    finds.

    \b
    geocluster clusters firms.csv --out out
    geocluster clusters firms.csv --out out --method hdbscan --minimum 8 --compare dbscan
    geocluster clusters all.csv --out out --method scan --cases kind=firm
    geocluster clusters firms.csv --out out --method column --labels district
    geocluster clusters firms.csv --out out --method chameleon --ties projects.csv --ties-by name
    geocluster clusters firms.csv --out out --fragility
    """  # noqa: D301 (the mark keeps the lines apart)
    columns, faults = read_columns(column or [])
    told, more = read_cases(cases or [])
    own: dict[str, Any] = given_only(
        weight=weight, minimum_weight=minimum_weight, samples=samples, labels=labels, years=years,
        period_years=period_years, max_radius_km=scan_radius_km, null=scan_null, exponent=exponent, chains=chains,
        max_diameter_km=max_diameter_km,
    )  # fmt: skip
    asked: dict[str, Any] = {
        "radius_km": radius_km, "minimum": minimum, "method": method, "method_options": own, "r_max_km": r_max_km,
        "cases": told, "at_least": at_least, "unit": unit, "null": null, "alpha": alpha, "resamples": resamples,
        "fragility": fragility, "compare": compare, "max_radius_km": max_radius_km, "permutations": permutations,
        "value": value, "rng": seed,
    }  # fmt: skip
    files = read_asked(
        file, asked, columns=columns, study_area=study_area, controls=controls, background=background, ties=ties,
        ties_by=ties_by, encoding=encoding, sheet=sheet, layer=layer,
        more=[*faults, *more, *language_faults(language)],
    )  # fmt: skip
    whole_analysis(files, asked, out, title=title_of(title, file), language=language)
