"""What would be expected without any cluster?

Places that carry weight, by country, and the organisations that stand on them.
"""

from geocluster.background.clustering import Clustering, fit_clustering
from geocluster.background.ground import LEAST_ORGANISATIONS, Ground, stand_on_background, stand_on_controls
from geocluster.background.places import Exponent, Places, StudyArea, area_polygon, fit_exponents

__all__ = [
    "LEAST_ORGANISATIONS",
    "Clustering",
    "Exponent",
    "Ground",
    "Places",
    "StudyArea",
    "area_polygon",
    "fit_clustering",
    "fit_exponents",
    "stand_on_background",
    "stand_on_controls",
]
