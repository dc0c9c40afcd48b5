"""How do points become areas, none of which holds two countries?"""

from geocluster.areas.cells import build_cells, cut_at_borders
from geocluster.areas.counting import aggregate_points

__all__ = ["aggregate_points", "build_cells", "cut_at_borders"]
