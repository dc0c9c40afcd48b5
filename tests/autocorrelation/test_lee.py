from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy import sparse

from geocluster.autocorrelation.lee import THREE, lee_of, lee_parts
from geocluster.splitting import Countries, Strata, Workbench


def bench(code: np.ndarray, seed: int = 1) -> Workbench:
    rng = np.random.default_rng(seed)
    n = len(code)
    dense = rng.random((n, n)) * (rng.random((n, n)) < 0.6)
    np.fill_diagonal(dense, 0)
    countries = Countries.of(np.array(["AT", "CZ", "SK"])[code])
    return Workbench(sparse.csr_array(dense), countries, np.zeros((n, 3)), permutations=1, rng=np.random.default_rng(0))


def test_parts_are_those_of_a_triple_loop() -> None:
    code = np.random.default_rng(2).integers(0, 3, 14)
    made = bench(code)
    parts = lee_parts(made)
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=14), rng.normal(size=14)
    told = dict.fromkeys(parts.index, 0.0)
    dense, names = made.weights.toarray(), made.countries.names
    for i in range(14):
        for j in range(14):
            for k in range(14):
                term = dense[i, j] * dense[i, k] * x[j] * y[k]
                home = [code[j] == code[i], code[k] == code[i]]
                abroad = {int(c) for c in (code[j], code[k])} - {int(code[i])}
                told["whole"] += term
                told["within" if all(home) else "mixed" if any(home) else "across"] += term
                if len(abroad) == 2:
                    told[THREE] += term
                else:
                    pair = sorted([code[i], *abroad] if abroad else [code[i]] * 2)
                    told[f"{names[pair[0]]}-{names[pair[1]]}" + " mixed" * int(sum(home) == 1)] += term
    found = dict(zip(parts.index, lee_of(parts, x[:, None], y[:, None])[:, 0], strict=True))
    assert found == pytest.approx(told)


@pytest.mark.parametrize("strata", [[0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 2]])
def test_the_mean_is_that_of_every_permutation(strata: list[int]) -> None:
    made = bench(np.array([0, 0, 0, 1, 1, 2]))
    parts = lee_parts(made)
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=6), rng.normal(size=6)
    orders = [np.array(o) for o in permutations(range(6)) if all(strata[a] == strata[b] for a, b in enumerate(o))]
    every = np.mean([lee_of(parts, x[o][:, None], y[o][:, None])[:, 0] for o in orders], axis=0)
    assert parts.expected(Strata.of(np.array(strata)), x, y) == pytest.approx(every, abs=1e-12)
