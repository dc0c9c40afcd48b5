"""Partial conjunction against the reference by brute force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from geocluster.spanning import partial_conjunction

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", ["k3", "k5", "k8"])
def test_every_combination_for_every_u_is_the_reference(shared: Path, case: str) -> None:
    folder = shared / "oracles" / "partial_conjunction" / case
    values = json.loads((folder / "expected.json").read_text())["values"]
    p = pd.read_csv(folder / "input.csv").drop(columns="id").to_numpy()
    seen = 0
    for u in range(1, p.shape[1] + 1):
        for combination in ("fisher", "simes", "bonferroni", "stouffer"):
            found = partial_conjunction(p, at_least=u, combination=combination)
            np.testing.assert_allclose(found, values[f"u{u}"][combination], rtol=1e-8, atol=1e-12)
            seen += 1
    assert seen == 4 * p.shape[1]
