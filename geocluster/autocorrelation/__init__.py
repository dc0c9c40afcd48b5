"""Do like values stand together?"""

from geocluster.autocorrelation.correlograms import CorrelogramResult, correlogram
from geocluster.autocorrelation.global_result import GlobalResult
from geocluster.autocorrelation.globally import autocorrelation_test, is_number
from geocluster.autocorrelation.local_result import LocalResult
from geocluster.autocorrelation.locally import hotspot_test

__all__ = [
    "CorrelogramResult",
    "GlobalResult",
    "LocalResult",
    "autocorrelation_test",
    "correlogram",
    "hotspot_test",
    "is_number",
]
