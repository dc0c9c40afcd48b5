"""Rates smoothed by empirical Bayes, and location quotients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from geocluster.errors import OptionError, SchemaError
from geocluster.rates import add_location_quotients, add_rates

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(9)
BASE = RNG.integers(50, 5000, 60)
TABLE = pd.DataFrame({"x": RNG.binomial(BASE, RNG.uniform(0.01, 0.2, 60)), "n": BASE})


def test_the_global_form_is_esdas() -> None:
    from esda.smoothing import Empirical_Bayes

    ours = add_rates(TABLE, count="x", base="n")
    np.testing.assert_allclose(ours["rate_smoothed"], Empirical_Bayes(TABLE["x"], TABLE["n"]).r.ravel(), rtol=1e-12)
    np.testing.assert_allclose(ours["rate"], TABLE["x"] / TABLE["n"])
    assert "rate" not in TABLE.columns


@pytest.mark.filterwarnings("ignore")
def test_the_local_form_is_esdas_whatever_the_weights() -> None:
    from esda.smoothing import Spatial_Empirical_Bayes
    from libpysal.weights import W

    near = np.triu(RNG.random((60, 60)) < 0.1, 1)
    near |= near.T
    near[7] = near[:, 7] = False
    w = W({i: np.flatnonzero(near[i]).tolist() for i in range(60)}, id_order=list(range(60)), silence_warnings=True)
    theirs = Spatial_Empirical_Bayes(TABLE["x"].to_numpy(), TABLE["n"].to_numpy(), w).r.ravel()
    weights = sparse.csr_array(near * RNG.uniform(0.1, 2, near.shape))
    for graph in (w, weights):
        ours = add_rates(TABLE, count="x", base="n", graph=graph)
        others = np.arange(60) != 7
        np.testing.assert_allclose(ours["rate_smoothed"][others], theirs[others], rtol=1e-10)
        assert ours["rate_smoothed"][7] == ours["rate"][7]


def test_between_the_rate_and_the_mean() -> None:
    ours = add_rates(TABLE, count="x", base="n", per=1000)
    mean = 1000 * TABLE["x"].sum() / TABLE["n"].sum()
    low, high = np.minimum(ours["rate"], mean), np.maximum(ours["rate"], mean)
    assert ((ours["rate_smoothed"] >= low) & (ours["rate_smoothed"] <= high)).all()


def test_nothing_to_tell_apart() -> None:
    same = pd.DataFrame({"x": [1, 2, 0], "n": [100, 200, 0]})
    ours = add_rates(same, count="x", base="n")
    np.testing.assert_allclose(ours["rate_smoothed"], 0.01)
    assert np.isnan(ours["rate"][2])
    assert (add_rates(same.assign(x=0), count="x", base="n")["rate_smoothed"] == 0).all()
    assert add_rates(same.assign(x=0, n=0), count="x", base="n")["rate_smoothed"].isna().all()
    local = add_rates(same, count="x", base="n", graph=sparse.csr_array((3, 3)))
    np.testing.assert_allclose(local["rate_smoothed"], [0.01, 0.01, np.nan])


def test_faults_are_told_together() -> None:
    bad = pd.DataFrame({"x": [1, -1, 3], "n": [1.0, np.nan, 0.0], "rate": 0})
    with pytest.raises(
        SchemaError, match=r"(?s)rate: the table has it.*x: 1 row \(1\) below 0.*n: 1 row \(1\) without"
    ):
        add_rates(bad, count="x", base="n")
    with pytest.raises(SchemaError, match=r"1 row \(1\) with a count where n is 0"):
        add_rates(pd.DataFrame({"x": [1, 2], "n": [3, 0]}), count="x", base="n")
    with pytest.raises(SchemaError, match="people: there is no such column"):
        add_rates(TABLE, count="x", base="people")
    with pytest.raises(OptionError, match="per must be"):
        add_rates(TABLE, count="x", base="n", per=0)
    with pytest.raises(OptionError, match="two or more"):
        add_location_quotients(TABLE, columns=["x"])
    with pytest.raises(OptionError, match="two or more"):
        add_location_quotients(TABLE, columns=["x", "x"])


@pytest.mark.parametrize("case", ["table0", "table1", "table2"])
def test_location_quotients_are_the_oracles(shared: Path, case: str) -> None:
    folder = shared / "oracles" / "location_quotient" / case
    told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["values"]
    rows = pd.read_csv(folder / "input.csv", keep_default_na=False)
    wide = rows.pivot_table(index="region", columns="industry", values="employment", aggfunc="sum", fill_value=0)
    wide = wide.reindex(told["regions"])[told["industries"]]
    found = add_location_quotients(wide, columns=told["industries"])
    ours = found[[f"lq_{name}" for name in told["industries"]]].to_numpy()
    theirs = np.array(told["LQ"], dtype=float)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    shares = found[[f"share_{name}" for name in told["industries"]]].sum(axis=1)
    np.testing.assert_allclose(shares[wide.sum(axis=1) > 0], 1)
