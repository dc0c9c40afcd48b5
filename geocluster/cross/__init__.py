"""Who is near whom across the border, by how much more than chance, at which distance?"""

from geocluster.cross.clark_evans import NearestResult, clark_evans_test
from geocluster.cross.inference import cross_test
from geocluster.cross.result import CurveResult

__all__ = ["CurveResult", "NearestResult", "clark_evans_test", "cross_test"]
