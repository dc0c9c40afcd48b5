"""Do like values stand together?"""

from geocluster.autocorrelation.global_result import GlobalResult
from geocluster.autocorrelation.globally import autocorrelation_test, is_number

__all__ = ["GlobalResult", "autocorrelation_test", "is_number"]
