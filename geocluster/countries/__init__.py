"""Which country is each in, how far from its border?"""

from geocluster.countries.assignment import assign_countries
from geocluster.countries.borders import (
    border_distance_any_km,
    border_distance_km,
    border_lines,
    country_at,
    may_share_border,
    shared_border,
)

__all__ = [
    "assign_countries",
    "border_distance_any_km",
    "border_distance_km",
    "border_lines",
    "country_at",
    "may_share_border",
    "shared_border",
]
