from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from geocluster.errors import OptionError
from geocluster.splitting import (
    Countries,
    Direction,
    PairSums,
    check_choices,
    cross_frame,
    holm,
    join_cross,
    parts_frame,
    standardise,
)
from geocluster.surrogates import permuted_draws


def test_sums_by_pair_are_those_of_a_double_loop() -> None:
    rng = np.random.default_rng(1)
    n = 30
    dense = rng.random((n, n)) * (rng.random((n, n)) < 0.3)
    np.fill_diagonal(dense, 0)
    countries = Countries.of(rng.choice(["AT", "CZ", "SK"], n))
    left, right = rng.normal(size=(n, 2)), rng.normal(size=(n, 2))
    sums = PairSums(sparse.csr_array(dense), countries)
    found = pd.DataFrame(sums.of(left, right), index=sums.names)
    for a in range(3):
        for b in range(a, 3):
            i, j = countries.code == a, countries.code == b
            told = np.einsum("ij,im,jm->m", dense[np.ix_(i, j)], left[i], right[j])
            if a != b:
                told += np.einsum("ij,im,jm->m", dense[np.ix_(j, i)], left[j], right[i])
            name = f"{countries.names[a]}-{countries.names[b]}"
            assert found.loc[name].to_numpy(dtype=float) == pytest.approx(told)
    parts = sums.parts(sums.of(left, right))
    assert parts[0] == pytest.approx(np.einsum("ij,im,jm->m", dense, left, right))
    assert parts[1] + parts[2] == pytest.approx(parts[0])


def test_small_countries_are_strata_of_single_rows() -> None:
    countries = Countries.of(["CH"] * 5 + ["FR"] * 4)
    strata = countries.strata()
    assert len(set(strata[:5])) == 1
    assert len(set(strata[5:])) == 4


def test_a_part_that_cannot_vary_has_no_p() -> None:
    sums = PairSums(sparse.csr_array(np.array([[0.0, 1], [1, 0]])), Countries.of(["CH", "CH"]))
    frame = parts_frame(sums, np.array([1.0, 1.0, 0.0, 1.0]), np.ones((9, 4)) * [1, 1, 0, 1])
    assert frame["p"].isna().all()
    assert frame["z"].isna().all()


def test_standardise_leaves_islands_empty() -> None:
    matrix = sparse.csr_array(np.array([[0, 2.0, 6], [0, 0, 0], [3, 0, 0]]))
    assert standardise(matrix).sum(axis=1).tolist() == [1, 0, 1]


def cross_of(value: float, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    countries = Countries.of(["CH"] * 20 + ["FR"] * 20)
    x = rng.normal(size=40)
    pull = np.zeros((2, 40))
    pull[0, 20:], pull[1, :20] = rng.random(20), rng.random(20)
    directions = [Direction(0, 1, value, 2.0), Direction(1, 0, 0.0, 2.0)]
    draws = {0: permuted_draws(x[:20]), 1: permuted_draws(x[20:])}
    return cross_frame(
        countries, directions, sparse.csr_array(pull), draws, permutations=199, rng=np.random.default_rng(7)
    )


def test_the_larger_p_of_two_directions_decides() -> None:
    cross = cross_of(1e6)
    assert cross.loc[0, "p"] == pytest.approx(1 / 200)
    index = pd.Index(["whole", "within", "across", "CH-CH", "CH-FR", "FR-FR"])
    parts = pd.DataFrame({"value": 0.0, "z": 0.0, "p": 0.5, "standard": np.nan}, index=index)
    joined = join_cross(parts, cross, {"across": 2.0})
    assert joined.loc[["across", "CH-FR"], "p"].tolist() == [cross["p"].max()] * 2
    assert cross["p"].max() > 1 / 200
    assert joined.loc["across", "standard"] == 2.0


def test_a_direction_with_a_reason_has_no_numbers() -> None:
    countries = Countries.of(["CH"] * 5 + ["FR"])
    pull = sparse.csr_array((2, 6))
    cross = cross_frame(
        countries, [Direction(0, 1, 1.0, 2.0, "too few")], pull, {}, permutations=9, rng=np.random.default_rng(0)
    )
    assert cross["reason"].tolist() == ["too few"]
    assert cross["p"].isna().all()


def test_holm_is_that_of_statsmodels_rule() -> None:
    p = np.array([0.01, 0.02, 0.03, 0.9])
    assert holm(p).tolist() == pytest.approx([0.04, 0.06, 0.06, 0.9])
    assert holm(p[::-1])[::-1].tolist() == holm(p).tolist()


def test_redraws_that_do_not_vary_count_as_ties() -> None:
    countries = Countries.of(["CH"] * 5 + ["FR"] * 5)
    pull = sparse.csr_array(np.vstack([np.r_[np.zeros(5), np.ones(5)], np.zeros(10)]))
    constant = {1: permuted_draws(np.ones(5))}
    cross = cross_frame(
        countries, [Direction(0, 1, 5.0, 5.0)], pull, constant, permutations=19, rng=np.random.default_rng(0)
    )
    assert cross["p"].tolist() == [1.0]
    assert cross["reason"].tolist() == ["the redraws of FR do not vary"]


def test_a_truth_value_is_no_number_of_permutations() -> None:
    with pytest.raises(OptionError, match="permutations must be a whole number from 1 up, got True"):
        check_choices("moran", ("moran",), null="permutation", permutations=True)
