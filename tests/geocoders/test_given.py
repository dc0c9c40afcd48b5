"""Are the coordinates that a table brings along usable?"""

from __future__ import annotations

import numpy as np
import pytest

from geocluster.geocoders.given import check_country, find_faults

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("lat", "lon", "fault"),
    [
        (47.56, 7.59, ""),
        (90.0, 180.0, ""),
        (-90.0, -180.0, ""),
        (0.0, 10.0, ""),
        (107.6, 47.6, "look swapped: lat=107.6, lon=47.6"),
        (-120.0, 80.0, "look swapped"),
        (47.6, 200.0, "out of range: lat=47.6, lon=200"),
        (95.0, 185.0, "out of range"),
        (4756.0, 759.0, "out of range"),
        (INF, 7.0, "out of range: lat=inf"),
        (47.0, -INF, "out of range"),
        (0.0, 0.0, "stand for nothing"),
        (NAN, 7.59, "incomplete: lat=nan, lon=7.59"),
        (47.56, NAN, "incomplete"),
        (NAN, NAN, "incomplete"),
    ],
)
def test_each_fault_of_a_pair_is_told(lat: float, lon: float, fault: str) -> None:
    (told,) = find_faults(np.array([lon]), np.array([lat]))
    assert (told == "") == (fault == "")
    assert fault in told


@pytest.mark.parametrize(
    ("lon", "lat", "country", "conflict", "near"),
    [
        (7.59, 47.56, "CH", "", False),
        (7.59, 47.56, None, "", False),
        (7.59, 47.56, "DE", "", True),  # Basel stated as German: Weil am Rhein is 5 km off
        (12.57, 55.68, "SE", "", True),  # Copenhagen: Malmö is 28 km off
        (2.35, 48.85, "DE", "coordinates lie near", False),
        (2.35, 48.85, "CH", "but Switzerland is stated: lat=48.85, lon=2.35", False),
        (55.45, -20.88, "FR", "", False),  # Réunion
        (-66.1, 18.4, "US", "", False),  # Puerto Rico
        (114.17, 22.3, "CN", "", False),  # Hong Kong
        (-30.0, 30.0, "CH", "", False),  # the Atlantic: nobody's place is near
    ],
)
def test_a_point_is_compared_with_the_places_around(
    lon: float, lat: float, country: str | None, conflict: str, *, near: bool
) -> None:
    conflicts, near_border = check_country(np.array([lon]), np.array([lat]), [country])
    assert (conflicts[0] == "") == (conflict == "")
    assert conflict in conflicts[0]
    assert near_border.tolist() == [near]


def test_swapped_coordinates_are_seen_where_a_country_is_stated() -> None:
    conflicts, near = check_country(np.array([48.85, 48.85]), np.array([2.35, 2.35]), ["FR", None])
    assert conflicts == ["coordinates look swapped: lat=2.35, lon=48.85", ""]
    assert not near.any()


def test_no_points_have_no_conflicts() -> None:
    conflicts, near = check_country(np.zeros(0), np.zeros(0), [])
    assert conflicts == []
    assert len(near) == 0
