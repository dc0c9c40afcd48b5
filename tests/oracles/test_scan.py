"""The log-likelihood ratio of the scan statistic, against a brute-force search."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

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
