"""Who could be near another country: all who are, and few others."""

from __future__ import annotations

import numpy as np
import pytest

from geocluster.background.nearness import near_abroad
from geocluster.distance import to_ecef


@pytest.mark.parametrize("chord_km", [0.3, 20.0, 700.0])
def test_no_one_within_reach_is_left_out_and_no_one_far_is_listed(chord_km: float) -> None:
    rng = np.random.default_rng(1)
    degrees = rng.uniform([-180, -90], [180, 90], (300, 2))
    degrees = np.vstack([degrees, degrees + rng.normal(0, chord_km / 200, degrees.shape)])
    xyz, country = to_ecef(*degrees.T), rng.integers(0, 4, 600)
    found = near_abroad(xyz, country, chord_km)
    gap = np.linalg.norm(xyz[:, None] - xyz[None], axis=-1)
    side = max(chord_km, 1.0) * (1 + 1e-6)
    for own in range(4):
        for other in range(4):
            listed = found.of(own, other)
            assert (np.diff(listed) > 0).all()
            nearest = gap[:, country == other].min(axis=1)
            mine = country == own
            if own == other:
                assert not len(listed)
                continue
            assert set(np.flatnonzero(mine & (nearest <= chord_km))) <= set(listed.tolist())
            # adjacent cells are at most two diagonals apart
            assert (nearest[listed] <= 2 * np.sqrt(3) * side).all()
            assert mine[listed].all()
    assert len(found.place) > 0


def test_nobody_is_near_where_there_is_one_country_or_no_place() -> None:
    assert not len(near_abroad(to_ecef([7.0, 7.1], [47.0, 47.0]), np.zeros(2, dtype=np.int64), 50.0).pairs)
    assert not len(near_abroad(np.zeros((0, 3)), np.zeros(0, dtype=np.int64), 50.0).place)
