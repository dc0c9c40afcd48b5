"""What a redraw's largest window is must not hang on how it is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geocluster.clusters.circles import lay_circles
from geocluster.clusters.scan import Cells, circle_ratios, draw_largest
from geocluster.clusters.scan_kernels import largest_in_circles as kernel
from geocluster.clusters.space_time import cylinder_ratios, gather_events
from geocluster.clusters.space_time import draw_largest as draw_largest_cylinder
from geocluster.distance import to_ecef
from geocluster.permutation import permute_within

if TYPE_CHECKING:
    from numpy.typing import NDArray


def lattice(side: int) -> NDArray[np.float64]:
    """Many places equally far from each other."""
    x, y = np.meshgrid(np.arange(side) * 0.1, np.arange(side) * 0.1)
    return to_ecef(x.ravel(), y.ravel())


@pytest.mark.parametrize("minimum", [1, 4])
@pytest.mark.parametrize("bernoulli", [True, False])
def test_circles_where_no_case_enters_need_no_look(
    *, bernoulli: bool, minimum: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    xyz, stratum = lattice(7), rng.integers(0, 3, 49)
    size = rng.integers(1, 9, 49).astype(float)
    cells = Cells(xyz, stratum, size, rng.integers(0, 2, 49), bernoulli)
    circles = lay_circles(xyz, size)
    assert not circles.closed.all()
    met: list[tuple[Any, ...]] = []

    def watched(*arguments: Any) -> Any:
        met.append(arguments[-4:])
        return kernel(*arguments)

    monkeypatch.setattr("geocluster.clusters.scan_kernels.largest_in_circles", watched)
    largest = draw_largest(cells, circles, minimum=minimum, permutations=100, rng=np.random.default_rng(2))
    by_hand = []
    for first, draw, number, draws in met:
        for b in range(draws):
            cases = np.zeros(49, dtype=np.int64)
            np.add.at(cases, np.repeat(np.arange(49), np.diff(first))[draw == b], number[draw == b])
            redrawn = Cells(xyz, stratum, size, cases, bernoulli)
            assert redrawn.totals()[1].tolist() == cells.totals()[1].tolist()
            by_hand.append(circle_ratios(redrawn, circles, minimum).max())
    np.testing.assert_allclose(largest, by_hand, rtol=1e-12)
    assert largest.max() > 1


@pytest.mark.parametrize("minimum", [1, 4])
def test_spells_without_the_case_that_entered_need_no_look(minimum: int) -> None:
    rng = np.random.default_rng(3)
    xyz = lattice(4)
    place = np.sort(rng.integers(0, 16, 60))
    stratum = rng.integers(0, 3, 60)
    events = gather_events(place, stratum, rng.integers(0, 12, 60))
    circles = lay_circles(xyz, np.bincount(place, minlength=16).astype(float))
    options: dict[str, Any] = {"longest": 5, "minimum": minimum}
    largest = draw_largest_cylinder(events, circles, **options, permutations=70, rng=np.random.default_rng(4))
    by_hand = []
    for stream, size in zip(np.random.default_rng(4).spawn(2), (64, 6), strict=True):
        for period in events.period[permute_within(events.stratum, stream, size)]:
            redrawn = gather_events(place, stratum, period)
            by_hand.append(cylinder_ratios(redrawn, circles, **options)[0].max())
    np.testing.assert_allclose(largest, by_hand, rtol=1e-12)
