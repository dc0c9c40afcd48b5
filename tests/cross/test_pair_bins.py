"""Pairs by distance under every labelling: brute force, tiles, threads; smoothing on the lattice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geocluster.cross import pair_bins
from geocluster.cross.density_kernels import smooth_lattice
from geocluster.cross.pair_bins import PairBins

BINS, STEP, N, DRAWS = 300, 0.1, 90, 70


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("tile", [7, 64, 2_048])
def test_counts_are_those_of_brute_force(
    tile: int, monkeypatch: pytest.MonkeyPatch, *, weighted: bool, same: bool
) -> None:
    monkeypatch.setattr(pair_bins, "TILE", tile)
    rng = np.random.default_rng(1)
    xyz, country = rng.uniform(0, 15, (N, 3)), rng.integers(0, 3, N)
    xyz[:9] = xyz[9:18]
    weight = rng.uniform(1, 9, N) if weighted else None
    left = rng.random((N, DRAWS)) < 0.4
    right = left if same else ~left & (rng.random((N, DRAWS)) < 0.5)
    cell_of = np.arange(9).reshape(3, 3)
    asked: dict[str, Any] = {"bins": BINS, "step": STEP, "flat": True}
    bins = PairBins.of(xyz, country, weight, cell_of, **asked, workers=1)
    sums, number = bins.count(left, right, same=same)
    at = (np.sqrt(((xyz[:, None] - xyz) ** 2).sum(axis=2)) / STEP + 0.5).astype(int)
    both = np.ones((N, N)) if weight is None else np.outer(weight, weight)
    np.fill_diagonal(both, 0.0)
    for draw in (0, 63, 64, DRAWS - 1):
        pairs = np.outer(left[:, draw], right[:, draw]) & ~np.eye(N, dtype=bool)
        for cell in range(9):
            mine = pairs & np.outer(country == cell // 3, country == cell % 3)
            expected = np.bincount(at[mine], weights=both[mine], minlength=BINS)
            np.testing.assert_allclose(sums[draw, cell], expected, rtol=1e-12)
        every = np.bincount(at[pairs], minlength=BINS) / (2 if same else 1)
        np.testing.assert_array_equal(number[draw], every)
    threads = PairBins.of(xyz, country, weight, cell_of, **asked, workers=3)
    for one, other in zip(threads.count(left, right, same=same), (sums, number), strict=True):
        np.testing.assert_array_equal(one, other)
    again = bins.count(left, right, same=same)[0]  # tiles that were kept
    np.testing.assert_array_equal(again, sums)


@pytest.mark.parametrize("h", [0.004, 0.7, 12.0])
def test_the_lattice_is_smoothed_as_by_hand(h: float) -> None:
    rng = np.random.default_rng(2)
    sums, at = rng.uniform(0, 5, (3, 400)), np.array([0.02, 3.013, 19.99, 30.0])
    found = np.zeros((3, 4))
    smooth_lattice(sums, 0.05, at, h, 6.0, found)
    where = np.arange(400) * 0.05
    for sign in (-1, 1):
        u = (where[None, :] + sign * at[:, None]) / h
        kernel = np.where(np.abs(u) <= 6, np.exp(-u * u / 2), 0.0) / (h * np.sqrt(2 * np.pi))
        found -= sums @ kernel.T
    np.testing.assert_allclose(found, 0.0, atol=1e-9)
