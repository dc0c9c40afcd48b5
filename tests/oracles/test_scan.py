"""The log-likelihood ratio of the scan statistic, against a brute-force search."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geocluster.clusters.circles import lay_circles
from geocluster.clusters.scan import Cells, circle_ratios
from geocluster.clusters.significance import apart
from geocluster.distance import to_ecef
from geocluster.spanning.redraw import log_likelihood_ratio

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", ["rhine", "simborder", "simties"])
@pytest.mark.parametrize("asked", ["unconstrained", "two_country_points", "two_country_cases"])
def test_llr_of_the_members_listed(shared: Path, case: str, asked: str) -> None:
    folder = shared / "oracles" / "scan_poisson" / case
    with (folder / "input.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cases = np.array([float(row["cases"]) for row in rows])
    population = np.array([float(row["population"]) for row in rows])
    told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["values"][asked]
    assert told["clusters_non_overlapping"]
    for cluster in told["clusters_non_overlapping"]:
        members = cluster["members"]
        expected = cases.sum() * population[members].sum() / population.sum()
        found = log_likelihood_ratio(cases[members].sum(), expected, int(cases.sum()))
        assert float(found) == pytest.approx(cluster["llr"], rel=1e-9)


@pytest.mark.parametrize("model", ["scan_bernoulli", "scan_poisson"])
@pytest.mark.parametrize("case", ["rhine", "simborder", "simties"])
def test_the_search_finds_the_circles_listed(shared: Path, model: str, case: str) -> None:
    folder = shared / "oracles" / model / case
    with (folder / "input.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["values"]["unconstrained"]
    if case == "rhine":
        xyz = to_ecef([float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows])
    else:  # a plane; small, so that it stays one on the globe's chords
        xyz = np.array([[float(row["x"]) / 100, float(row["y"]) / 100, 0.0] for row in rows])
    if model == "scan_bernoulli":
        kind = "B" if case == "simties" else "university"
        cases, size = np.array([row["kind"] == kind for row in rows], dtype=np.int64), np.ones(len(rows))
    else:
        cases = np.array([int(row["cases"]) for row in rows])
        size = np.array([float(row["population"]) for row in rows])
    cells = Cells(xyz, np.zeros(len(rows), dtype=np.int64), size, cases, bernoulli=model == "scan_bernoulli")
    circles = lay_circles(xyz, size)
    ratio = circle_ratios(cells, circles, 1)
    chosen = apart(circles, ratio, 0.0, places=len(rows))
    listed = told["clusters_non_overlapping"]
    np.testing.assert_allclose(ratio[chosen[: len(listed)]], [one["llr"] for one in listed], rtol=1e-9)
    values = [round(one["llr"], 8) for one in listed]
    top = np.sort(np.unique(ratio[ratio > 0].round(8)))[::-1]
    for step, one, value in zip(chosen, listed, values, strict=False):
        if (ratio.round(8) == value).sum() == 1:  # else circles are equal, and the choice is free
            assert sorted(circles.members(step).tolist()) == one["members"]
    assert top[0] == pytest.approx(told["top_llr"][0], rel=1e-7)
    assert sorted(circles.members(chosen[0]).tolist()) == listed[0]["members"]
